//! Arrays of parameters that are inserted together.

use std::time::Duration;

use scripted_trino::{Answer, QueryError, Server};
use trinoodbc::abi::*;

use super::arrays::sets;
use super::later::{parameter_data, put};
use super::{INSERT, number, row_count, submitted, text};
use crate::application::*;

const EIGHT: [i32; 8] = [1, 2, 3, 4, 5, 6, 7, 8];
const HEAD: &str = "INSERT INTO t VALUES ";

/// An application whose server inserts as many rows as a statement has, unless one of them is `bad`, as the error says.
fn application(keywords: &str, error: &'static str, message: &'static str) -> Application {
    let server = Server::start();
    server.on_matching(move |sql| {
        if sql.contains("bad") {
            return Some(Answer::error(QueryError::new(error, 7, message)));
        }
        let rows = sql.starts_with(HEAD).then(|| sql.matches('(').count())?;
        Some(Answer::update("INSERT", rows as u64))
    });
    Application::connected(server, keywords)
}

fn any(keywords: &str) -> Application {
    application(
        keywords,
        "INVALID_CAST_ARGUMENT",
        "Cannot cast 'bad' to date",
    )
}

#[test]
fn an_array_of_rows_is_one_statement() {
    let application = any("");
    let (mut status, mut processed) = ([9; 4], 9);
    sets(&application, 4, &mut status, &mut processed);
    let operations = [0, SQL_PARAM_IGNORE, 0, 0];
    let place = operations.as_ptr().expose_provenance();
    application.set(SQL_ATTR_PARAM_OPERATION_PTR, place);
    let (numbers, words) = ([1, 2, 3, 4], *b"one\0two\0it's\0\0\0\0");
    let lengths = [SQL_NTS, SQL_NTS, 4, SQL_NULL_DATA];
    number(&numbers, &[]).bind(&application, 1);
    text(&words, 4, &lengths).bind(&application, 2);
    assert_eq!(application.execute(INSERT), SQL_SUCCESS);
    assert_eq!((row_count(&application), processed), (3, 4));
    let done = SQL_PARAM_SUCCESS;
    assert_eq!(status, [done, SQL_PARAM_UNUSED, done, done]);
    assert_eq!(
        submitted(&application),
        ["INSERT INTO t VALUES (INTEGER '1', 'one'), (INTEGER '3', 'it''s'), (INTEGER '4', NULL)"]
    );
}

#[test]
fn a_statement_has_no_more_text_than_the_server_takes() {
    let application = any("QueryMaxLength=1000");
    let count = 200;
    let (mut status, mut processed) = (vec![9; count], 9);
    sets(&application, count, &mut status, &mut processed);
    let numbers: Vec<_> = (0..200).collect();
    number(&numbers, &[]).bind(&application, 1);
    let (words, lengths) = (vec![b'x'; count], vec![1; count]);
    text(&words, 1, &lengths).bind(&application, 2);
    assert_eq!(application.execute(INSERT), SQL_SUCCESS);
    assert_eq!((row_count(&application), processed), (200, 200));
    assert!(status.iter().all(|status| *status == SQL_PARAM_SUCCESS));
    let mut sent = submitted(&application);
    sent.retain(|sql| sql.starts_with(HEAD));
    assert!(sent.iter().all(|sql| sql.len() <= 1000));
    assert!(sent.iter().rev().skip(1).all(|sql| sql.len() > 950));
    let rows: Vec<_> = sent
        .iter()
        .flat_map(|sql| sql[HEAD.len()..].split_inclusive("')"))
        .map(|row| row.trim_start_matches(", ").to_owned())
        .collect();
    let expected: Vec<_> = (0..200).map(|n| format!("(INTEGER '{n}', 'x')")).collect();
    assert_eq!(rows, expected);
}

#[test]
fn a_lower_limit_is_learned_from_the_server() {
    let application = any("");
    application.server.on_matching(|sql| {
        let message = format!(
            "Query text length ({}) exceeds the maximum length (100)",
            sql.len()
        );
        let error = QueryError::new("QUERY_TEXT_TOO_LARGE", 40, &message);
        (sql.len() > 100).then(|| Answer::error(error))
    });
    let (mut status, mut processed) = ([9; 8], 9);
    sets(&application, 8, &mut status, &mut processed);
    let words = *b"aabbccddeeffgghh";
    let lengths = [2; 8];
    number(&EIGHT, &[]).bind(&application, 1);
    text(&words, 2, &lengths).bind(&application, 2);
    assert_eq!(application.execute(INSERT), SQL_SUCCESS);
    assert_eq!((row_count(&application), processed), (8, 8));
    submitted(&application);
    assert_eq!(application.execute(INSERT), SQL_SUCCESS);
    assert!(submitted(&application).iter().all(|sql| sql.len() <= 100));
}

#[test]
fn a_value_that_cannot_be_sent_fails_its_set_alone() {
    let application = any("");
    let (mut status, mut processed) = ([9; 3], 9);
    sets(&application, 3, &mut status, &mut processed);
    let words = *b"one\0\xff\xff\xff\0two\0";
    number(&[1, 2, 3], &[]).bind(&application, 1);
    text(&words, 4, &[]).bind(&application, 2);
    assert_eq!(application.execute(INSERT), SQL_SUCCESS_WITH_INFO);
    assert_eq!(application.state(), "22018");
    assert!(application.message().contains("Parameter set 2"));
    assert_eq!((row_count(&application), processed), (2, 3));
    let done = SQL_PARAM_SUCCESS;
    assert_eq!(status, [done, SQL_PARAM_ERROR, done]);
    assert_eq!(submitted(&application).len(), 1);
}

#[test]
fn a_set_that_the_server_refuses_is_found_and_the_others_are_inserted() {
    let application = any("");
    let (mut status, mut processed) = ([9; 8], 9);
    sets(&application, 8, &mut status, &mut processed);
    let words = *b"aaa\0bbb\0ccc\0ddd\0eee\0bad\0ggg\0hhh\0";
    number(&EIGHT, &[]).bind(&application, 1);
    text(&words, 4, &[]).bind(&application, 2);
    assert_eq!(application.execute(INSERT), SQL_SUCCESS_WITH_INFO);
    assert_eq!(application.state(), "22018");
    assert!(application.message().contains("Parameter set 6: Cannot"));
    assert_eq!((row_count(&application), processed), (7, 8));
    let mut expected = [SQL_PARAM_SUCCESS; 8];
    expected[5] = SQL_PARAM_ERROR;
    assert_eq!(status, expected);
    // No row was in two statements that succeeded.
    let sent = submitted(&application);
    let succeeded: Vec<_> = sent.iter().filter(|sql| !sql.contains("bad")).collect();
    for word in ["aaa", "bbb", "ccc", "ddd", "eee", "ggg", "hhh"] {
        let times = succeeded.iter().filter(|sql| sql.contains(word)).count();
        assert_eq!(times, 1, "{word}");
    }
}

#[test]
fn what_may_have_been_written_is_not_sent_again() {
    let application = application("", "JDBC_ERROR", "broken pipe");
    let (mut status, mut processed) = ([9; 3], 9);
    sets(&application, 3, &mut status, &mut processed);
    let words = *b"aaa\0bad\0ccc\0";
    number(&[1, 2, 3], &[]).bind(&application, 1);
    text(&words, 4, &[]).bind(&application, 2);
    assert_eq!(application.execute(INSERT), SQL_ERROR);
    assert!(application.message().contains("Parameter sets 1 to 3"));
    assert_eq!((status, processed), ([SQL_PARAM_ERROR; 3], 3));
    assert_eq!(submitted(&application).len(), 1);
}

#[test]
fn an_array_of_bad_rows_ends_before_each_was_tried() {
    let application = any("");
    let count = 5000;
    let (mut status, mut processed) = (vec![9; count], 9);
    sets(&application, count, &mut status, &mut processed);
    let (numbers, words) = (vec![1; count], b"bad\0".repeat(count));
    number(&numbers, &[]).bind(&application, 1);
    text(&words, 4, &[]).bind(&application, 2);
    assert_eq!(application.execute(INSERT), SQL_ERROR);
    assert_eq!(processed, count);
    assert!(status.iter().all(|status| *status == SQL_PARAM_ERROR));
    assert!(submitted(&application).len() < 150);
}

#[test]
fn a_timeout_ends_an_array() {
    let application = any("QueryMaxLength=1000");
    let count = 100;
    let (mut status, mut processed) = (vec![9; count], 9);
    sets(&application, count, &mut status, &mut processed);
    let mut words = b"aaa\0".repeat(count);
    words[60 * 4..60 * 4 + 3].copy_from_slice(b"two");
    let numbers = vec![1; count];
    number(&numbers, &[]).bind(&application, 1);
    text(&words, 4, &[]).bind(&application, 2);
    application.set(SQL_ATTR_QUERY_TIMEOUT, 1);
    application.server.on_matching(|sql| {
        let slow = || Answer::update("INSERT", 1).runs_for(Duration::from_secs(30));
        sql.contains("'two'").then(slow)
    });
    assert_eq!(application.execute(INSERT), SQL_ERROR);
    assert_eq!(application.state(), "HYT00");
    assert_eq!(status[0], SQL_PARAM_SUCCESS);
    assert_eq!(status[60], SQL_PARAM_ERROR);
    assert_eq!(status[99], SQL_PARAM_UNUSED);
    assert!((61..100).contains(&processed));
}

#[test]
fn sets_before_one_that_waits_for_data_are_inserted_first() {
    let application = any("");
    application.server.on_matching(|sql| {
        let one = sql.starts_with("EXECUTE");
        one.then(|| Answer::update("INSERT", 1))
    });
    let (mut status, mut processed) = ([9; 4], 9);
    sets(&application, 4, &mut status, &mut processed);
    let lengths = [1, 1, SQL_DATA_AT_EXEC, 1];
    let numbers = [1, 2, 3, 4];
    number(&numbers, &[]).bind(&application, 1);
    text(b"abcd", 1, &lengths).bind(&application, 2);
    assert_eq!(application.execute(INSERT), SQL_NEED_DATA);
    assert_eq!(processed, 2);
    assert_eq!(parameter_data(&application).0, SQL_NEED_DATA);
    assert_eq!(put(&application, b"z", 1), SQL_SUCCESS);
    assert_eq!(parameter_data(&application).0, SQL_SUCCESS);
    assert_eq!((row_count(&application), processed), (4, 4));
    assert_eq!(status, [SQL_PARAM_SUCCESS; 4]);
    assert_eq!(
        submitted(&application),
        [
            "INSERT INTO t VALUES (INTEGER '1', 'a'), (INTEGER '2', 'b')",
            "EXECUTE IMMEDIATE 'INSERT INTO t VALUES (?, ?)' USING INTEGER '3', 'z'",
            "INSERT INTO t VALUES (INTEGER '4', 'd')",
        ]
    );
}
