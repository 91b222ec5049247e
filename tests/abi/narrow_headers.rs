//! Fronts that take few bytes of headers: a statement that is described travels in the body, and what cannot is named.

use std::time::{Duration, Instant};

use scripted_trino::{Answer, Server, columns};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;
use crate::front::{Does, Front, page};

/// A query of 20 KB that cannot be compressed to a third, ending with `end`.
fn long_query(end: &str) -> String {
    let mut state = 7_u64;
    let mut texts = String::new();
    while texts.len() < 20_000 {
        state = state
            .wrapping_mul(6364136223846793005)
            .wrapping_add(1442695040888963407);
        texts.push_str(&format!("'{:016x}', ", state ^ (state >> 29)));
    }
    format!("SELECT id, name FROM t WHERE name IN ({texts}'') {end}")
}

fn server(version: &str) -> Server {
    let server = Server::builder().version(version).start();
    server.on_matching(|sql| {
        let answer = Answer::rows(columns![("id", "bigint"), ("name", "varchar(9)")], vec![]);
        sql.starts_with("SELECT id, name FROM t").then_some(answer)
    });
    server
}

/// An application before a scripted server, with a front between.
struct Fronted {
    front: Front,
    application: Application,
}

impl Fronted {
    fn new(version: &str, front: impl FnOnce(u16) -> Front, keywords: &str) -> Self {
        let server = server(version);
        let front = front(server.port());
        Self {
            application: Application::behind(server, front.port, keywords),
            front,
        }
    }

    fn prepare(&self, sql: &str) {
        let text = wide(sql);
        let statement = self.application.statement;
        // SAFETY: the string ends with 0.
        let code = unsafe { SQLPrepareW(statement, text.as_ptr().cast(), SQL_NTS as i32) };
        assert_eq!(code, SQL_SUCCESS);
    }

    fn count(&self) -> (SqlReturn, i16) {
        let mut count = -1;
        // SAFETY: a place for a number.
        let code = unsafe { SQLNumResultCols(self.application.statement, &mut count) };
        (code, count)
    }

    /// Name, SQL type and size of a column.
    fn column(&self, number: u16) -> (String, i16, usize) {
        let (mut name, mut length, mut kind) = ([0_u16; 32], 0_i16, 0_i16);
        let (mut size, mut digits, mut nullable) = (0_usize, 0_i16, 0_i16);
        // SAFETY: the buffers have the stated sizes.
        let code = unsafe {
            SQLDescribeColW(
                self.application.statement,
                number,
                name.as_mut_ptr().cast(),
                32,
                &mut length,
                &mut kind,
                &mut size,
                &mut digits,
                &mut nullable,
            )
        };
        assert_eq!(code, SQL_SUCCESS);
        let name = String::from_utf16(&name[..length as usize]).unwrap();
        (name, kind, size)
    }

    /// The statements that reached the front, by how they begin.
    fn statements(&self) -> Vec<String> {
        let requests = self.front.requests();
        let posts = requests.iter().filter(|it| it.is("POST", "/v1/statement"));
        posts
            .map(|it| String::from_utf8_lossy(&it.body).chars().take(22).collect())
            .collect()
    }
}

/// The ways in which fronts refuse large headers.
fn refusals() -> [Does; 8] {
    [
        page("400 Bad Request", "400 Request Header Or Cookie Too Large"),
        page("400 Bad Request", "400 Bad request"),
        Does::Answer("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n".to_owned()),
        page("413 Payload Too Large", "413 Error"),
        Does::Answer("HTTP/1.1 431 Too Large\r\nContent-Length: 0\r\n\r\n".to_owned()),
        page("494 Header", "494"),
        page("502 Bad Gateway", "502 Bad Gateway"),
        Does::Close,
    ]
}

#[test]
fn a_long_statement_is_described_without_a_header_of_its_text() {
    for (version, begins) in [
        ("476", "SELECT * FROM (\nSELECT"),
        ("483", "DESCRIBE OUTPUT (\nSELE"),
    ] {
        let sides = Fronted::new(version, |port| Front::narrow(port, 4096, Does::Close), "");
        sides.prepare(&long_query(""));
        assert_eq!(sides.count(), (SQL_SUCCESS, 2), "{version}");
        assert_eq!(sides.column(1), ("id".to_owned(), SQL_BIGINT, 19));
        assert_eq!(sides.column(2).0, "name");
        // Not one request was too large.
        assert_eq!(sides.statements(), [begins]);
    }
}

#[test]
fn markers_of_a_long_statement_are_null_while_it_is_described() {
    let sides = Fronted::new("476", |port| Front::narrow(port, 4096, Does::Close), "");
    sides.prepare(&long_query("AND id = ? LIMIT ?"));
    assert_eq!(sides.count(), (SQL_SUCCESS, 2));
    let requests = sides.front.requests();
    let posted = requests.iter().find(|it| it.is("POST", "/"));
    let text = String::from_utf8(posted.unwrap().body.clone()).unwrap();
    assert!(
        text.starts_with("EXECUTE IMMEDIATE 'SELECT * FROM (\nSELECT"),
        "{text}"
    );
    assert!(
        text.ends_with("LIMIT ?\n) LIMIT 0' USING NULL, 1"),
        "{text}"
    );
}

#[test]
fn short_statements_are_described_by_the_header() {
    let sides = Fronted::new("483", |port| Front::new(port, |_| Does::Pass), "");
    sides.prepare("SELECT id, name FROM t");
    assert_eq!(sides.count(), (SQL_SUCCESS, 2));
    assert_eq!(sides.statements(), ["DESCRIBE OUTPUT trino_"]);
}

/// A statement whose headers have 4 to 6 KB.
fn medium_query() -> String {
    let long = long_query("");
    let (texts, _) = long.split_at(8000);
    format!("{texts}')")
}

#[test]
fn a_front_narrower_than_usual_is_met_once_and_remembered() {
    for refusal in refusals() {
        let narrow = refusal.clone();
        let sides = Fronted::new("476", |port| Front::narrow(port, 4000, narrow), "");
        let started = Instant::now();
        for number in 0..3 {
            sides.prepare(&medium_query());
            assert_eq!(sides.count(), (SQL_SUCCESS, 2), "{refusal:?}");
            if number == 0 {
                assert!(started.elapsed() < Duration::from_secs(2), "{refusal:?}");
            }
        }
        let statements = sides.statements();
        let by_header = statements
            .iter()
            .filter(|it| it.starts_with("DESCRIBE"))
            .count();
        assert!((1..=2).contains(&by_header), "{refusal:?}: {statements:?}");
        assert_eq!(
            statements.len(),
            by_header + 3,
            "{refusal:?}: {statements:?}"
        );
    }
}

#[test]
fn a_statement_that_has_no_other_way_names_itself_at_once() {
    for refusal in refusals() {
        let narrow = refusal.clone();
        let sides = Fronted::new("476", |port| Front::narrow(port, 8000, narrow), "");
        sides.prepare(&format!("SHOW TABLES FROM a LIKE '{}'", long_query("")));
        let started = Instant::now();
        assert_eq!(sides.count().0, SQL_ERROR, "{refusal:?}");
        assert!(started.elapsed() < Duration::from_secs(2), "{refusal:?}");
        let message = sides.application.message();
        assert!(message.contains("for the statement 1"), "{message}");
        assert!(message.contains("large_client_header_buffers"), "{message}");
        assert_eq!(sides.application.state(), "HY000");
    }
}

#[test]
fn markers_that_cannot_be_described_are_text_and_a_warning() {
    let refusal = page("400 Bad Request", "Request Header Or Cookie Too Large");
    let sides = Fronted::new("483", |port| Front::narrow(port, 8000, refusal), "");
    sides.prepare(&long_query("AND id = ?"));
    let (mut kind, mut size, mut digits, mut nullable) = (0, 0, 0, 0);
    let statement = sides.application.statement;
    // SAFETY: places for numbers.
    let code = unsafe {
        SQLDescribeParam(
            statement,
            1,
            &mut kind,
            &mut size,
            &mut digits,
            &mut nullable,
        )
    };
    assert_eq!((code, kind), (SQL_SUCCESS_WITH_INFO, SQL_WVARCHAR));
    let message = sides.application.message();
    assert!(message.contains("the statement"), "{message}");
}

#[test]
fn options_that_are_too_large_are_named_by_their_keyword() {
    let large = "x".repeat(5000);
    for (keywords, named) in [
        (
            format!("SessionProperties={{a:{large}}}"),
            "SessionProperties",
        ),
        (format!("ClientTags={large}"), "ClientTags"),
        (
            format!("ExtraCredentials={{a:{large}}}"),
            "ExtraCredentials",
        ),
        (format!("ExtraHeaders={{X-Big:{large}}}"), "ExtraHeaders"),
        (format!("Roles={{a:{large}}}"), "Roles"),
        (format!("ClientInfo={large}"), "ClientInfo"),
    ] {
        for refusal in refusals().into_iter().take(6) {
            let sides = Fronted::new("476", |port| Front::narrow(port, 4000, refusal), &keywords);
            assert_eq!(sides.application.execute("SELECT 1"), SQL_ERROR);
            let message = sides.application.message();
            assert!(message.contains(&format!("for {named}")), "{message}");
            assert!(!message.contains("xxxx"), "{message}");
        }
    }
}

#[test]
fn what_set_session_made_too_large_is_named() {
    let refusal = page("400 Bad Request", "400 Request Header Or Cookie Too Large");
    let sides = Fronted::new("476", |port| Front::narrow(port, 2000, refusal), "");
    let set = format!("SET SESSION a = '{}'", "x".repeat(2000));
    assert_eq!(sides.application.execute(&set), SQL_SUCCESS);
    assert_eq!(sides.application.execute("SELECT 1"), SQL_ERROR);
    let message = sides.application.message();
    assert!(message.contains("SET SESSION 20"), "{message}");
}

#[test]
fn a_long_prepared_statement_burdens_only_those_that_name_it() {
    let refusal = page("400 Bad Request", "400 Request Header Or Cookie Too Large");
    let sides = Fronted::new("476", |port| Front::narrow(port, 4000, refusal), "");
    let application = &sides.application;
    let prepare = format!("PREPARE report FROM {}", long_query(""));
    assert_eq!(application.execute(&prepare), SQL_SUCCESS);
    assert_eq!(application.execute("SELECT 1"), SQL_SUCCESS);
    // SAFETY: the handle is ours.
    unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
    assert_eq!(application.execute("EXECUTE report"), SQL_ERROR);
    let message = application.message();
    assert!(
        message.contains("statements that PREPARE named"),
        "{message}"
    );
}

#[test]
fn an_error_in_a_statement_keeps_its_place_and_its_words() {
    for version in ["476", "483"] {
        let sides = Fronted::new(version, |port| Front::narrow(port, 4096, Does::Close), "");
        let sql = long_query("").replace("FROM t", "FROM nowhere");
        sides.application.server.on(
            &sql,
            Answer::error(scripted_trino::QueryError::new(
                "TABLE_NOT_FOUND",
                46,
                "line 2:22: Table 'nowhere' does not exist",
            )),
        );
        sides.prepare(&sql);
        assert_eq!(sides.count().0, SQL_ERROR);
        assert_eq!(sides.application.state(), "42S02");
        let message = sides.application.message();
        assert!(message.contains("line 1:22: Table"), "{message}");
    }
}
