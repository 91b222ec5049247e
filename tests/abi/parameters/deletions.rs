//! Arrays of parameters that delete together, and queries of one row that are inserted so.

use std::collections::BTreeSet;
use std::sync::Mutex;

use scripted_trino::{Answer, QueryError, Server};
use trinoodbc::abi::*;

use super::arrays::sets;
use super::{number, row_count, submitted, text};
use crate::application::*;

const DELETE: &str = "DELETE FROM t WHERE k = ?";

/// The numbers that a statement names.
fn numbers(sql: &str) -> Vec<i32> {
    let after = sql.split("INTEGER '").skip(1);
    after
        .filter_map(|rest| rest.split('\'').next()?.parse().ok())
        .collect()
}

/// An application whose server deletes from a table with the keys 0 to 999, unless `refusal` says why it does not.
fn application(refusal: fn(&str) -> Option<QueryError>) -> Application {
    let server = Server::start();
    let keys = Mutex::new((0..1000).collect::<BTreeSet<i32>>());
    server.on_matching(move |sql| {
        if !sql.contains("DELETE FROM t") {
            return None;
        }
        if let Some(error) = refusal(sql) {
            return Some(Answer::error(error));
        }
        let mut keys = keys.lock().unwrap();
        let deleted = numbers(sql).iter().filter(|key| keys.remove(key)).count();
        Some(Answer::update("DELETE", deleted as u64))
    });
    let begun = Answer::done("START TRANSACTION").header("X-Trino-Started-Transaction-Id", "t1");
    server.on("START TRANSACTION", begun);
    Application::with(server)
}

/// Deletes by these keys: the code, how each set fared, and the statements that were sent.
fn delete(application: &Application, keys: &[i32]) -> (SqlReturn, Vec<u16>, Vec<String>) {
    let (mut status, mut processed) = (vec![9; keys.len()], 9);
    sets(application, keys.len(), &mut status, &mut processed);
    number(keys, &[]).bind(application, 1);
    let code = application.execute(DELETE);
    assert_eq!(processed, keys.len());
    let mut sent = submitted(application);
    sent.retain(|sql| sql.contains("DELETE"));
    (code, status, sent)
}

#[test]
fn an_array_of_deletions_is_few_statements_and_counts_each_row_once() {
    let application = application(|_| None);
    // Some twice, in one statement and in two, and some that are not there.
    let mut keys: Vec<_> = (0..450).collect();
    keys.extend([0, 449, 449, 5000, -1]);
    let (code, status, sent) = delete(&application, &keys);
    assert_eq!((code, row_count(&application)), (SQL_SUCCESS, 450));
    assert!(status.iter().all(|status| *status == SQL_PARAM_SUCCESS));
    assert_eq!(sent.len(), 3);
    assert!(
        sent[0].starts_with("DELETE FROM t WHERE k = INTEGER '0' OR k = INTEGER '1' OR"),
        "{}",
        sent[0]
    );
    // All of them are gone.
    let (code, _, sent) = delete(&application, &keys);
    assert_eq!((code, row_count(&application)), (SQL_NO_DATA, 0));
    assert_eq!(sent.len(), 3);
}

#[test]
fn a_connector_that_takes_one_at_a_time_gets_so() {
    let application = application(|sql| {
        let message = "This connector does not support modifying table rows";
        sql.contains(" OR ")
            .then(|| QueryError::new("NOT_SUPPORTED", 13, message))
    });
    let keys: Vec<_> = (0..300).chain([7, 8]).collect();
    let (code, status, sent) = delete(&application, &keys);
    assert_eq!((code, row_count(&application)), (SQL_SUCCESS, 300));
    assert!(status.iter().all(|status| *status == SQL_PARAM_SUCCESS));
    // Two were tried together at most before it showed.
    let together = sent.iter().filter(|sql| sql.contains(" OR ")).count();
    assert!((1..=2).contains(&together), "{together}");
    assert_eq!(sent.len(), 302 + together);
}

#[test]
fn a_deletion_that_fails_for_its_value_fails_alone() {
    let application = application(|sql| {
        let message = "Cannot cast 'bad' to date";
        numbers(sql)
            .contains(&13)
            .then(|| QueryError::new("INVALID_CAST_ARGUMENT", 10, message))
    });
    let keys: Vec<_> = (0..100).collect();
    let (code, status, _) = delete(&application, &keys);
    let message = application.message();
    assert!(message.contains("Parameter set 14: "), "{message}");
    assert_eq!((code, row_count(&application)), (SQL_SUCCESS_WITH_INFO, 99));
    for (key, status) in status.iter().enumerate() {
        let failed = *status == SQL_PARAM_ERROR;
        assert_eq!(failed, key == 13, "{key}");
    }
}

#[test]
fn a_refusal_must_not_take_changes_with_it() {
    let application = application(|_| None);
    assert_eq!(application.execute("START TRANSACTION"), SQL_SUCCESS);
    assert_eq!(application.execute(UPDATE), SQL_SUCCESS);
    let keys: Vec<_> = (0..5).collect();
    let (code, _, sent) = delete(&application, &keys);
    assert_eq!((code, row_count(&application)), (SQL_SUCCESS, 5));
    assert_eq!(sent.len(), 5);
}

#[test]
fn a_query_of_parameters_is_inserted_as_rows_are() {
    let server = Server::start();
    let head = "INSERT INTO t (a, b) VALUES ";
    server.on_matching(move |sql| {
        let rows = sql
            .starts_with(head)
            .then(|| sql.matches("(INTEGER").count())?;
        Some(Answer::update("INSERT", rows as u64))
    });
    let application = Application::with(server);
    let (mut status, mut processed) = ([9; 3], 9);
    sets(&application, 3, &mut status, &mut processed);
    number(&[1, 2, 3], &[]).bind(&application, 1);
    text(b"onetwosix", 3, &[3, SQL_NULL_DATA, 3]).bind(&application, 2);
    let sql = "INSERT INTO t (a, b) SELECT ? AS a, ?";
    assert_eq!(application.execute(sql), SQL_SUCCESS);
    assert_eq!((row_count(&application), processed), (3, 3));
    assert_eq!(
        submitted(&application),
        [format!(
            "{head}(INTEGER '1', 'one'), (INTEGER '2', NULL), (INTEGER '3', 'six')"
        )]
    );
}
