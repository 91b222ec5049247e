//! Parameters: what the server is told, and what the application is.

mod arrays;
mod deletions;
mod fitting;
mod later;
mod no_rows;
mod sizes;
mod together;
mod unnested;
mod wrapped;

use std::ptr::null_mut;

use scripted_trino::{Answer, QueryError, Server, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

const ASKS: &str = "SELECT '?', a FROM t WHERE a = ? AND b < ?";
const INSERT: &str = "INSERT INTO t VALUES (?, ?)";

/// An application whose server answers each statement with parameters: queries with a row, others with one row changed.
/// Whatever has the word `bad` in it fails.
fn application() -> Application {
    on(Server::start())
}

/// As [`application`], with each row of parameters in its own statement.
fn one_by_one() -> Application {
    connected(Server::start(), "FastInserts=0")
}

fn on(server: Server) -> Application {
    connected(server, "")
}

fn connected(server: Server, keywords: &str) -> Application {
    server.on_matching(|sql| {
        if !sql.starts_with("EXECUTE") {
            return None;
        }
        if sql.contains("bad") {
            let message = "line 1:27: Column 'bad' cannot be resolved";
            return Some(Answer::error(QueryError::new(
                "COLUMN_NOT_FOUND",
                47,
                message,
            )));
        }
        Some(if sql.contains("INSERT") {
            Answer::update("INSERT", 1)
        } else {
            Answer::rows(columns![("n", "integer")], vec![vec![json!(5)]])
        })
    });
    Application::connected(server, keywords)
}

/// A bound parameter.
struct Bound<'a, T> {
    c_type: i16,
    sql_type: i16,
    data: &'a [T],
    width: isize,
    lengths: &'a [isize],
}

impl<T> Bound<'_, T> {
    fn bind(&self, application: &Application, number: u16) -> SqlReturn {
        // SAFETY: what is bound outlives the executions of the test.
        unsafe {
            SQLBindParameter(
                application.statement,
                number,
                SQL_PARAM_INPUT,
                self.c_type,
                self.sql_type,
                0,
                0,
                self.data.as_ptr().cast_mut().cast(),
                self.width,
                if self.lengths.is_empty() {
                    null_mut()
                } else {
                    self.lengths.as_ptr().cast_mut()
                },
            )
        }
    }
}

fn number<'a>(data: &'a [i32], lengths: &'a [isize]) -> Bound<'a, i32> {
    Bound {
        c_type: C_SLONG,
        sql_type: SQL_INTEGER,
        data,
        width: 0,
        lengths,
    }
}

fn text<'a>(data: &'a [u8], width: isize, lengths: &'a [isize]) -> Bound<'a, u8> {
    Bound {
        c_type: C_CHAR,
        sql_type: SQL_VARCHAR,
        data,
        width,
        lengths,
    }
}

fn prepare(application: &Application, sql: &str) -> SqlReturn {
    let sql = wide(sql);
    // SAFETY: the string ends with 0.
    unsafe { SQLPrepareW(application.statement, sql.as_ptr(), SQL_NTS as i32) }
}

fn run(application: &Application) -> SqlReturn {
    // SAFETY: what is bound outlives the test's executions.
    unsafe { SQLExecute(application.statement) }
}

fn close(application: &Application) {
    // SAFETY: the handle is ours.
    assert_eq!(
        unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) },
        SQL_SUCCESS
    );
}

fn row_count(application: &Application) -> isize {
    let mut count = 0;
    // SAFETY: a place for a number.
    assert_eq!(
        unsafe { SQLRowCount(application.statement, &mut count) },
        SQL_SUCCESS
    );
    count
}

/// What was submitted since the last call.
fn submitted(application: &Application) -> Vec<String> {
    let requests = application.server.requests();
    application.server.forget_requests();
    requests
        .into_iter()
        .filter(|request| request.method == "POST")
        .map(|request| request.body)
        .collect()
}

#[test]
fn values_travel_beside_the_text() {
    let application = application();
    let (numbers, name) = ([7], *b"it's ?\0");
    assert_eq!(number(&numbers, &[]).bind(&application, 1), SQL_SUCCESS);
    assert_eq!(text(&name, 7, &[]).bind(&application, 2), SQL_SUCCESS);
    assert_eq!(application.execute(ASKS), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(application.number(), 5);
    assert_eq!(
        submitted(&application),
        [
            "EXECUTE IMMEDIATE 'SELECT ''?'', a FROM t WHERE a = ? AND b < ?' USING INTEGER '7', 'it''s ?'"
        ]
    );
}

#[test]
fn older_servers_get_the_text_in_a_header() {
    let application = on(Server::builder().version("417").start());
    let numbers = [7, 8];
    assert_eq!(number(&numbers, &[]).bind(&application, 1), SQL_SUCCESS);
    assert_eq!(
        number(&numbers[1..], &[]).bind(&application, 2),
        SQL_SUCCESS
    );
    assert_eq!(application.execute(ASKS), SQL_SUCCESS);
    let requests = application.server.requests();
    let post = requests.iter().find(|it| it.method == "POST").unwrap();
    assert_eq!(
        post.body,
        "EXECUTE trino_odbc USING INTEGER '7', INTEGER '8'"
    );
    let prepared = post.header("x-trino-prepared-statement").unwrap();
    assert_eq!(
        prepared,
        "trino_odbc=SELECT+%27%3F%27%2C+a+FROM+t+WHERE+a+%3D+%3F+AND+b+%3C+%3F"
    );
    close(&application);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    let requests = application.server.requests();
    let last = requests.iter().rfind(|it| it.method == "POST").unwrap();
    assert_eq!(last.header("x-trino-prepared-statement"), None);
}

#[test]
fn values_are_read_when_the_statement_is_executed() {
    let application = application();
    assert_eq!(prepare(&application, "SELECT ?"), SQL_SUCCESS);
    let (data, lengths) = (&mut [1], &mut [0_isize]);
    let places = (data.as_mut_ptr(), lengths.as_mut_ptr());
    assert_eq!(number(data, lengths).bind(&application, 1), SQL_SUCCESS);
    for (value, length) in [(1, 0), (2, 0), (3, SQL_NULL_DATA)] {
        // SAFETY: the places are the test's own.
        unsafe {
            *places.0 = value;
            *places.1 = length;
        }
        assert_eq!(run(&application), SQL_SUCCESS);
        close(&application);
    }
    assert_eq!(
        submitted(&application),
        [
            "EXECUTE IMMEDIATE 'SELECT ?' USING INTEGER '1'",
            "EXECUTE IMMEDIATE 'SELECT ?' USING INTEGER '2'",
            "EXECUTE IMMEDIATE 'SELECT ?' USING CAST(NULL AS integer)",
        ]
    );
}

#[test]
fn every_parameter_must_be_bound() {
    let application = application();
    let numbers = [7];
    assert_eq!(number(&numbers, &[]).bind(&application, 2), SQL_SUCCESS);
    assert_eq!(application.execute(ASKS), SQL_ERROR);
    assert_eq!(application.state(), "07002");
    assert_eq!(number(&numbers, &[]).bind(&application, 1), SQL_SUCCESS);
    assert_eq!(application.execute(ASKS), SQL_SUCCESS);
    close(&application);
    // SAFETY: the handle is ours.
    assert_eq!(
        unsafe { SQLFreeStmt(application.statement, SQL_RESET_PARAMS) },
        SQL_SUCCESS
    );
    assert_eq!(application.execute(ASKS), SQL_ERROR);
    assert_eq!(application.state(), "07002");
    // What is bound beyond the statement's parameters is nobody's business.
    assert_eq!(number(&numbers, &[]).bind(&application, 1), SQL_SUCCESS);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
}

#[test]
fn impossible_bindings_are_refused() {
    let application = application();
    let mut value = 0_i32;
    let data = (&raw mut value).cast();
    for (state, number, direction, c_type, sql_type, data, capacity) in [
        ("07009", 0, SQL_PARAM_INPUT, C_SLONG, SQL_INTEGER, data, 4),
        ("HYC00", 1, SQL_PARAM_OUTPUT, C_SLONG, SQL_INTEGER, data, 4),
        ("HY105", 1, 77, C_SLONG, SQL_INTEGER, data, 4),
        ("HY003", 1, SQL_PARAM_INPUT, 77, SQL_INTEGER, data, 4),
        ("HY004", 1, SQL_PARAM_INPUT, C_SLONG, 77, data, 4),
        ("HY090", 1, SQL_PARAM_INPUT, C_CHAR, SQL_VARCHAR, data, -1),
        (
            "HY009",
            1,
            SQL_PARAM_INPUT,
            C_SLONG,
            SQL_INTEGER,
            null_mut(),
            4,
        ),
    ] {
        // SAFETY: a place for a number.
        let code = unsafe {
            SQLBindParameter(
                application.statement,
                number,
                direction,
                c_type,
                sql_type,
                0,
                0,
                data,
                capacity,
                null_mut(),
            )
        };
        assert_eq!((code, application.state().as_str()), (SQL_ERROR, state));
    }
}

#[test]
fn a_value_that_does_not_fit_is_reported_with_its_parameter() {
    let application = application();
    let (name, numbers) = (*b"four\0", [7]);
    let wrong = Bound {
        sql_type: SQL_INTEGER,
        ..text(&name, 5, &[])
    };
    assert_eq!(number(&numbers, &[]).bind(&application, 1), SQL_SUCCESS);
    assert_eq!(wrong.bind(&application, 2), SQL_SUCCESS);
    assert_eq!(application.execute(ASKS), SQL_ERROR);
    assert_eq!(application.state(), "22018");
    assert!(application.message().contains("Parameter 2"));
    assert!(!application.message().contains("four"));
    assert_eq!(submitted(&application), [""; 0]);
}

#[test]
fn an_error_is_placed_in_the_applications_text() {
    let application = application();
    assert_eq!(number(&[1], &[]).bind(&application, 1), SQL_SUCCESS);
    assert_eq!(application.execute("SELECT bad, ?"), SQL_ERROR);
    assert_eq!(application.state(), "42S22");
    assert!(application.message().contains("line 1:8: Column 'bad'"));
}

#[test]
fn parameters_are_counted_and_described() {
    let application = application();
    let statement = application.statement;
    let described = Answer::rows(
        columns![("Position", "integer"), ("Type", "varchar")],
        vec![
            vec![json!(0), json!("decimal(10,2)")],
            vec![json!(1), json!("unknown")],
        ],
    );
    application
        .server
        .on("DESCRIBE INPUT trino_odbc", described.direct());
    assert_eq!(prepare(&application, ASKS), SQL_SUCCESS);
    let mut count = 0;
    // SAFETY: a place for a number.
    assert_eq!(unsafe { SQLNumParams(statement, &mut count) }, SQL_SUCCESS);
    assert_eq!(count, 2);
    let describe = |number| {
        let (mut sql_type, mut size, mut digits, mut nullable) = (0, 0, 0, 0);
        // SAFETY: places for numbers.
        let code = unsafe {
            SQLDescribeParam(
                statement,
                number,
                &mut sql_type,
                &mut size,
                &mut digits,
                &mut nullable,
            )
        };
        (code, sql_type, size, digits, nullable)
    };
    let unknown = SQL_NULLABLE_UNKNOWN;
    assert_eq!(describe(1), (SQL_SUCCESS, SQL_DECIMAL, 10, 2, unknown));
    assert_eq!(describe(2), (SQL_SUCCESS, SQL_WVARCHAR, 32_767, 0, unknown));
    assert_eq!(describe(3).0, SQL_ERROR);
    assert_eq!(application.state(), "07009");
    assert_eq!(submitted(&application), ["DESCRIBE INPUT trino_odbc"]);
}

#[test]
fn values_to_insert_are_described_as_their_columns() {
    let application = application();
    let columns = columns![("b", "date"), ("a", "bigint")];
    application
        .server
        .on("SELECT b, a FROM t", Answer::rows(columns, Vec::new()));
    let mut types = [0_i16; 3];
    assert_eq!(
        prepare(&application, "INSERT INTO t (b, a) VALUES (?, ? + ?)"),
        SQL_SUCCESS
    );
    for (number, sql_type) in (1..).zip(&mut types) {
        // SAFETY: places for numbers, or null.
        let code = unsafe {
            SQLDescribeParam(
                application.statement,
                number,
                sql_type,
                null_mut(),
                null_mut(),
                null_mut(),
            )
        };
        assert_eq!(code, SQL_SUCCESS);
    }
    assert_eq!(types, [SQL_TYPE_DATE, SQL_WVARCHAR, SQL_WVARCHAR]);
    assert_eq!(
        submitted(&application),
        ["DESCRIBE INPUT trino_odbc", "DESCRIBE OUTPUT trino_odbc"]
    );
}
