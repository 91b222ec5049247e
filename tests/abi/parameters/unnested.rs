//! Arrays of parameters that are inserted together as one text of JSON.

use std::time::Duration;

use scripted_trino::{Answer, Fault, QueryError, Server, columns};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::arrays::sets;
use super::{Bound, INSERT, number, row_count, submitted, text};
use crate::application::*;

const COUNT: usize = 400;
const HEAD: &str = "INSERT INTO t SELECT * FROM UNNEST(";
const LITERALS: &str = "INSERT INTO t VALUES ";

/// A server that inserts rows of both forms, into columns of these types.
fn scripted(server: Server, text: &'static str) -> Server {
    server.on_matching(|sql| {
        let rows = if sql.starts_with(HEAD) {
            let (json, _) = sql.split_once("JSON '[")?.1.split_once("]' AS")?;
            json.matches("[\"").count()
        } else {
            sql.strip_prefix(LITERALS)?.matches('(').count()
        };
        Some(Answer::update("INSERT", rows as u64))
    });
    server.on(
        "SELECT * FROM t LIMIT 0",
        Answer::rows(columns![("a", "integer"), ("b", text)], Vec::new()),
    );
    server
}

/// An application that inserts numbers and words of three letters, all of them `abc` at first.
struct Inserting {
    application: Application,
    numbers: Vec<i32>,
    words: Vec<u8>,
    status: Vec<u16>,
    processed: Box<usize>,
}

impl Inserting {
    fn new(server: Server, count: usize) -> Self {
        Self::with(server, count, "")
    }

    fn with(server: Server, count: usize, keywords: &str) -> Self {
        let mut it = Self {
            application: Application::connected(scripted(server, "varchar(3)"), keywords),
            numbers: (1..).take(count).collect(),
            words: b"abc\0".repeat(count),
            status: vec![9; count],
            processed: Box::new(9),
        };
        sets(&it.application, count, &mut it.status, &mut it.processed);
        number(&it.numbers, &[]).bind(&it.application, 1);
        text(&it.words, 4, &[]).bind(&it.application, 2);
        it
    }

    fn word(&mut self, set: usize, word: &[u8; 3]) {
        self.words[set * 4..set * 4 + 3].copy_from_slice(word);
    }

    /// Refuses what has one of these words in it.
    fn refuse(&self, word: &'static str, name: &'static str, message: &'static str) {
        self.application.server.on_matching(move |sql| {
            let is_insert = sql.starts_with("INSERT") && sql.contains(word);
            is_insert.then(|| Answer::error(QueryError::new(name, 7, message)))
        });
    }

    /// The inserts that were sent.
    fn sent(&self) -> Vec<String> {
        let mut sent = submitted(&self.application);
        sent.retain(|sql| sql.starts_with("INSERT"));
        sent
    }

    /// Whether every set but these succeeded, and only these failed.
    fn failed(&self, sets: &[usize]) {
        for (set, status) in self.status.iter().enumerate() {
            let expected = match sets.contains(&set) {
                true => SQL_PARAM_ERROR,
                false => SQL_PARAM_SUCCESS,
            };
            assert_eq!(*status, expected, "set {set}");
        }
        assert_eq!(*self.processed, self.status.len());
        let succeeded = self.status.len() - sets.len();
        assert_eq!(row_count(&self.application), succeeded as isize);
    }

    /// Whether each number of these sets was in one statement without `refused`.
    fn inserted_once(&self, sent: &[String], refused: &str, failed: &[usize]) {
        let inserted: String = sent
            .iter()
            .filter(|sql| !sql.contains(refused))
            .map(String::as_str)
            .collect();
        for (set, number) in self.numbers.iter().enumerate() {
            let times = inserted.matches(&format!("[\"{number}\",")).count()
                + inserted.matches(&format!("(INTEGER '{number}',")).count();
            assert_eq!(times, usize::from(!failed.contains(&set)), "{number}");
        }
    }
}

#[test]
fn many_sets_are_one_text() {
    let it = Inserting::new(Server::start(), 60);
    assert_eq!(it.application.execute(INSERT), SQL_SUCCESS);
    it.failed(&[]);
    let sent = it.sent();
    let rows: Vec<_> = (1..=60).map(|n| format!("[\"{n}\",\"abc\"]")).collect();
    let expected = format!(
        "{HEAD}transform(CAST(CAST(JSON '[{}]' AS ARRAY(ROW(varchar, varchar))) AS ARRAY(ROW(integer, varchar(3)))), \
         trino_odbc -> ROW(trino_odbc[1], trino_odbc[2])))",
        rows.join(",")
    );
    assert_eq!(sent, [expected]);
}

#[test]
fn few_sets_and_older_servers_get_literals() {
    for (server, count) in [
        (Server::start(), 49),
        (Server::builder().version("475").start(), 60),
        (Server::builder().version("head").start(), 60),
    ] {
        let it = Inserting::new(server, count);
        assert_eq!(it.application.execute(INSERT), SQL_SUCCESS);
        it.failed(&[]);
        let sent = it.sent();
        assert_eq!(sent.len(), 1);
        assert!(sent[0].starts_with(LITERALS));
    }
}

#[test]
fn columns_are_looked_up_once() {
    let it = Inserting::new(Server::start(), 60);
    for _ in 0..3 {
        assert_eq!(it.application.execute(INSERT), SQL_SUCCESS);
    }
    let looks = submitted(&it.application);
    assert_eq!(
        looks.iter().filter(|sql| sql.ends_with("LIMIT 0")).count(),
        1
    );
}

#[test]
fn columns_without_read_privilege_get_literals() {
    let it = Inserting::new(Server::start(), 60);
    let denied = QueryError::new("PERMISSION_DENIED", 4, "Access Denied");
    let server = &it.application.server;
    server.on("SELECT * FROM t LIMIT 0", Answer::error(denied));
    assert_eq!(it.application.execute(INSERT), SQL_SUCCESS);
    it.failed(&[]);
    assert!(it.sent()[0].starts_with(LITERALS));
}

#[test]
fn a_bad_set_is_found_wherever_it_stands() {
    for bad in [0, COUNT / 2, COUNT - 1] {
        let mut it = Inserting::new(Server::start(), COUNT);
        it.word(bad, b"bad");
        it.refuse("bad", "INVALID_CAST_ARGUMENT", "Cannot cast 'bad' to date");
        assert_eq!(it.application.execute(INSERT), SQL_SUCCESS_WITH_INFO);
        let place = format!("Parameter set {}: Cannot", bad + 1);
        assert!(it.application.message().contains(&place));
        it.failed(&[bad]);
        let sent = it.sent();
        it.inserted_once(&sent, "bad", &[bad]);
        assert!(sent.len() < 25, "{}", sent.len());
    }
}

#[test]
fn text_that_its_column_does_not_take_stands_aside() {
    let mut it = Inserting::new(Server::start(), COUNT);
    let words = b"abc\0\0\0\0\0".repeat(COUNT);
    it.words = words;
    for bad in [0, 7, COUNT - 1] {
        it.words[bad * 8..bad * 8 + 5].copy_from_slice(b"bader");
    }
    text(&it.words, 8, &[]).bind(&it.application, 2);
    it.refuse(
        "bader",
        "INVALID_CAST_ARGUMENT",
        "Cannot truncate non-space characters when casting from varchar(5) to varchar(3) on INSERT",
    );
    assert_eq!(it.application.execute(INSERT), SQL_SUCCESS_WITH_INFO);
    it.failed(&[0, 7, COUNT - 1]);
    let sent = it.sent();
    it.inserted_once(&sent, "bader", &[0, 7, COUNT - 1]);
    let texts: Vec<_> = sent.iter().filter(|sql| sql.starts_with(HEAD)).collect();
    assert_eq!(texts.len(), 1);
    assert!(!texts[0].contains("bader"));
}

#[test]
fn what_failed_while_it_was_stored_is_not_sent_again() {
    let mut it = Inserting::new(Server::start(), COUNT);
    it.word(5, b"bad");
    // As after a change of the table.
    let message =
        "Cannot truncate non-space characters when casting from varchar(3) to varchar(2) on INSERT";
    it.refuse("bad", "INVALID_CAST_ARGUMENT", message);
    assert_eq!(it.application.execute(INSERT), SQL_ERROR);
    let place = format!("Parameter sets 1 to {COUNT} failed together");
    assert!(it.application.message().contains(&place));
    assert!(it.status.iter().all(|status| *status == SQL_PARAM_ERROR));
    assert_eq!(it.sent().len(), 1);
}

#[test]
fn a_form_that_is_refused_is_left() {
    let it = Inserting::with(Server::start(), COUNT, "QueryMaxLength=5000");
    it.refuse("UNNEST", "SYNTAX_ERROR", "line 1:30: mismatched input");
    assert_eq!(it.application.execute(INSERT), SQL_SUCCESS);
    it.failed(&[]);
    let sent = it.sent();
    it.inserted_once(&sent, "UNNEST", &[]);
    assert_eq!(sent.iter().filter(|sql| sql.contains("UNNEST")).count(), 2);
}

#[test]
fn a_statement_that_is_wrong_in_both_forms_is_not_tried_set_by_set() {
    let it = Inserting::new(Server::start(), COUNT);
    it.refuse(
        "INSERT",
        "FUNCTION_NOT_FOUND",
        "line 1:30: Function 'f' not registered",
    );
    assert_eq!(it.application.execute(INSERT), SQL_ERROR);
    assert!(it.status.iter().all(|status| *status == SQL_PARAM_ERROR));
    let sent = it.sent();
    // Once more after the types were looked up, and a few in the other form.
    assert!(sent.len() <= 4, "{}", sent.len());
}

#[test]
fn the_next_statement_waits_for_the_one_before() {
    let it = Inserting::with(Server::start(), COUNT, "QueryMaxLength=1500");
    assert_eq!(it.application.execute(INSERT), SQL_SUCCESS);
    it.failed(&[]);
    let mut running = 0_usize;
    let mut statements = 0;
    for request in it.application.server.requests() {
        if request.method == "POST" && request.body.starts_with(HEAD) {
            assert_eq!(running, 0, "one statement at a time");
            assert!(request.body.len() <= 1500);
            running += 1;
            statements += 1;
        } else if request.method == "GET" && request.path.contains("executing") {
            running = running.saturating_sub(1);
        }
    }
    assert!(statements > 3);
}

#[test]
fn sets_after_a_cancelled_statement_are_not_sent() {
    let mut it = Inserting::with(Server::start(), COUNT, "QueryMaxLength=1500");
    it.word(COUNT / 2, b"two");
    it.application.server.on_matching(|sql| {
        let slow = || Answer::update("INSERT", 1).runs_for(Duration::from_secs(30));
        (sql.starts_with("INSERT") && sql.contains("two")).then(slow)
    });
    let statement = it.application.statement.expose_provenance();
    let cancelling = std::thread::spawn(move || {
        std::thread::sleep(Duration::from_secs(1));
        // SAFETY: the statement outlives the thread.
        unsafe { SQLCancel(std::ptr::with_exposed_provenance_mut(statement)) }
    });
    assert_eq!(it.application.execute(INSERT), SQL_ERROR);
    assert_eq!(it.application.state(), "HY008");
    assert_eq!(cancelling.join().unwrap(), SQL_SUCCESS);
    assert_eq!(it.status[0], SQL_PARAM_SUCCESS);
    assert_eq!(it.status[COUNT / 2], SQL_PARAM_ERROR);
    assert_eq!(it.status[COUNT - 1], SQL_PARAM_UNUSED);
    let sent = it.sent();
    let last = sent.last().unwrap();
    assert!(last.contains("two"));
    let inserted = it.status.iter().filter(|it| **it == SQL_PARAM_SUCCESS);
    let first_failed = it.status.iter().position(|it| *it == SQL_PARAM_ERROR);
    assert_eq!(inserted.count(), first_failed.unwrap());
    let server = &it.application.server;
    assert!(server.wait_until(Duration::from_secs(10), |it| {
        it.running_queries().is_empty()
    }));
}

#[test]
fn a_front_that_takes_less_gets_less() {
    for (fault, bytes) in [
        (Fault::Status(413), 1000),
        (Fault::Status(400), 80_000),
        (Fault::Status(403), 80_000),
        (Fault::ResetAfter(0), 80_000),
    ] {
        let server = Server::builder().body_limit(bytes, fault.clone()).start();
        let count = bytes / 8;
        let it = Inserting::new(server, count);
        assert_eq!(it.application.execute(INSERT), SQL_SUCCESS, "{fault:?}");
        it.failed(&[]);
        let (taken, refused): (Vec<_>, Vec<_>) =
            it.sent().into_iter().partition(|sql| sql.len() <= bytes);
        it.inserted_once(&taken, "refused", &[]);
        assert!(
            (1..5).contains(&refused.len()) || refused.len() < 20 && fault == Fault::ResetAfter(0)
        );
        // The connection knows the size.
        assert_eq!(it.application.execute(INSERT), SQL_SUCCESS);
        assert!(it.sent().iter().all(|sql| sql.len() <= bytes));
    }
}

#[test]
fn a_row_that_no_front_takes_names_the_limit() {
    let server = Server::builder()
        .body_limit(1000, Fault::Status(413))
        .start();
    let mut it = Inserting::new(scripted(server, "varchar"), 60);
    let server = &it.application.server;
    let columns = columns![("a", "integer"), ("b", "varchar")];
    server.on("SELECT * FROM t LIMIT 0", Answer::rows(columns, Vec::new()));
    it.words = vec![0; 60 * 1200];
    it.words[30 * 1200..31 * 1200 - 1].fill(b'x');
    text(&it.words, 1200, &[]).bind(&it.application, 2);
    assert_eq!(it.application.execute(INSERT), SQL_SUCCESS_WITH_INFO);
    let message = it.application.message();
    it.failed(&[30]);
    assert!(message.contains("Parameter set 31"), "{message}");
    assert!(message.contains("HTTP status 413"), "{message}");
    assert!(message.contains("The statement has 12"), "{message}");
    assert!(message.contains("client_max_body_size"), "{message}");
}

/// A value of each C type, as it is cast in a statement of many sets.
#[test]
fn values_of_each_c_type_are_cast_to_the_type_of_their_literal() {
    let numeric = [10_u8, 2, 0, 57, 48].into_iter().chain([0; 14]);
    let stamp = [228_u8, 7, 2, 0, 29, 0, 23, 0, 59, 0, 58, 0]
        .into_iter()
        .chain(123_456_700_u32.to_ne_bytes());
    let months = [0_u8; 28];
    for (c_type, sql_type, value, cast, json, made) in [
        (
            SQL_C_SBIGINT,
            SQL_BIGINT,
            i64::MIN.to_ne_bytes().to_vec(),
            "bigint",
            "-9223372036854775808",
            SET_VALUE,
        ),
        (
            SQL_C_DOUBLE,
            SQL_DOUBLE,
            (-0.0_f64).to_ne_bytes().to_vec(),
            "double",
            "-0.0",
            SET_VALUE,
        ),
        (
            SQL_C_FLOAT,
            SQL_REAL,
            f32::NAN.to_ne_bytes().to_vec(),
            "real",
            "NaN",
            SET_VALUE,
        ),
        (SQL_C_BIT, SQL_BIT, vec![1], "boolean", "true", SET_VALUE),
        (
            SQL_C_NUMERIC,
            SQL_DECIMAL,
            numeric.collect(),
            "decimal(5, 2)",
            "-123.45",
            SET_VALUE,
        ),
        (
            SQL_C_TYPE_TIMESTAMP,
            SQL_TYPE_TIMESTAMP,
            stamp.collect(),
            "timestamp(7)",
            "2020-02-29 23:59:58.1234567",
            SET_VALUE,
        ),
        (
            SQL_C_TYPE_DATE,
            SQL_TYPE_DATE,
            vec![231, 3, 1, 0, 2, 0],
            "date",
            "0999-01-02",
            SET_VALUE,
        ),
        (
            SQL_C_BINARY,
            SQL_VARBINARY,
            vec![0, 255],
            "varchar",
            "AP8=",
            "from_base64(trino_odbc[1])",
        ),
        (
            SQL_C_INTERVAL_YEAR,
            SQL_C_INTERVAL_YEAR,
            months.to_vec(),
            "bigint",
            "0",
            "(INTERVAL '1' MONTH * trino_odbc[1])",
        ),
    ] {
        let application = Application::with(Server::start());
        application.server.on_matching(|sql| {
            let rows = sql.starts_with(HEAD).then(|| sql.matches("[\"").count())?;
            Some(Answer::update("INSERT", rows as u64))
        });
        let (mut status, mut processed) = (vec![9; 60], 9);
        sets(&application, 60, &mut status, &mut processed);
        let width = value.len() as isize;
        let (data, lengths) = (value.repeat(60), [width; 60]);
        let bound = Bound {
            c_type,
            sql_type,
            data: &data,
            width,
            lengths: &lengths,
        };
        assert_eq!(bound.bind(&application, 1), SQL_SUCCESS, "{cast}");
        let executed = application.execute("INSERT INTO t VALUES (?)");
        assert_eq!(executed, SQL_SUCCESS, "{cast}");
        let row = format!("[\"{json}\"]");
        let expected = format!(
            "{HEAD}transform(CAST(CAST(JSON '[{}]' AS ARRAY(ROW(varchar))) AS ARRAY(ROW({cast}))), trino_odbc -> ROW({made})))",
            vec![row; 60].join(",")
        );
        assert_eq!(submitted(&application), [expected]);
        assert_eq!(status, [SQL_PARAM_SUCCESS; 60]);
    }
}

const SET_VALUE: &str = "trino_odbc[1]";
