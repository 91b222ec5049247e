//! Statements with another inside: EXPLAIN and EXECUTE.

use std::ptr::null_mut;

use scripted_trino::{Answer, Server, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::{number, prepare, run, submitted};
use crate::application::*;

/// Name, SQL type and column size of each column of what is prepared.
fn described(application: &Application) -> Vec<(String, i16, usize)> {
    let mut count = 0;
    // SAFETY: a place for a number.
    let code = unsafe { SQLNumResultCols(application.statement, &mut count) };
    assert_eq!(code, SQL_SUCCESS, "{}", application.message());
    (1..=count as u16)
        .map(|column| {
            let mut name = [0_u16; 32];
            let (mut length, mut sql_type, mut size) = (0, 0, 0);
            // SAFETY: places for a name of 31 characters and for numbers.
            let code = unsafe {
                SQLDescribeColW(
                    application.statement,
                    column,
                    name.as_mut_ptr(),
                    32,
                    &mut length,
                    &mut sql_type,
                    &mut size,
                    null_mut(),
                    null_mut(),
                )
            };
            assert_eq!(code, SQL_SUCCESS);
            let name = String::from_utf16(&name[..length as usize]).unwrap();
            (name, sql_type, size)
        })
        .collect()
}

fn column_of(name: &str, kind: &str) -> Answer {
    let columns = columns![
        ("Column Name", "varchar"),
        ("Catalog", "varchar"),
        ("Schema", "varchar"),
        ("Table", "varchar"),
        ("Type", "varchar"),
        ("Type Size", "integer"),
        ("Aliased", "boolean"),
    ];
    let row = vec![
        json!(name),
        json!(""),
        json!(""),
        json!(""),
        json!(kind),
        json!(8),
        json!(false),
    ];
    Answer::rows(columns, vec![row]).direct()
}

/// The text that was described last.
fn prepared_header(application: &Application) -> String {
    let requests = application.server.requests();
    let last = requests.iter().rfind(|it| it.method == "POST").unwrap();
    last.header("x-trino-prepared-statement")
        .unwrap_or_default()
        .to_owned()
}

#[test]
fn a_plan_is_described_and_made_with_values() {
    let server = Server::start();
    server.on_matching(|sql| {
        let plan = || {
            Answer::rows(
                columns![("Query Plan", "varchar(3)")],
                vec![vec![json!("abc")]],
            )
        };
        sql.starts_with("EXPLAIN").then(plan)
    });
    let columns = columns![("Position", "integer"), ("Type", "varchar")];
    let rows = vec![vec![json!(0), json!("bigint")]];
    server.on(
        "DESCRIBE INPUT trino_odbc",
        Answer::rows(columns, rows).direct(),
    );
    let application = Application::with(server);
    let sql = "EXPLAIN (TYPE LOGICAL) SELECT a FROM t WHERE b = ?";
    assert_eq!(prepare(&application, sql), SQL_SUCCESS);
    let plan = ("Query Plan".to_owned(), SQL_WVARCHAR, 32_767);
    assert_eq!(described(&application), [plan]);
    assert!(submitted(&application).is_empty());
    let mut sql_type = 0;
    // SAFETY: a place for a number; the others may be null.
    let code = unsafe {
        SQLDescribeParam(
            application.statement,
            1,
            &mut sql_type,
            null_mut(),
            null_mut(),
            null_mut(),
        )
    };
    assert_eq!((code, sql_type), (SQL_SUCCESS, SQL_BIGINT));
    assert_eq!(
        prepared_header(&application),
        "trino_odbc=SELECT+a+FROM+t+WHERE+b+%3D+%3F"
    );
    number(&[7], &[]).bind(&application, 1);
    assert_eq!(run(&application), SQL_SUCCESS);
    assert_eq!(
        submitted(&application)[1..],
        [
            "EXPLAIN (TYPE LOGICAL) EXECUTE IMMEDIATE 'SELECT a FROM t WHERE b = ?' USING INTEGER '7'"
        ]
    );
}

#[test]
fn whether_a_statement_is_valid_is_a_boolean() {
    let application = Application::start();
    let sql = "EXPLAIN (TYPE VALIDATE) SELECT a FROM t WHERE b = ?";
    assert_eq!(prepare(&application, sql), SQL_SUCCESS);
    assert_eq!(described(&application), [("Valid".to_owned(), SQL_BIT, 1)]);
}

#[test]
fn what_is_executed_is_described() {
    let application = Application::start();
    let server = &application.server;
    server.on("DESCRIBE OUTPUT trino_odbc", column_of("a", "bigint"));
    server.on("DESCRIBE OUTPUT p", column_of("b", "date"));
    for (sql, column) in [
        (
            "EXECUTE IMMEDIATE 'SELECT ''x'', ? AS a' USING 1",
            ("a", SQL_BIGINT, 19),
        ),
        ("EXECUTE p USING 1", ("b", SQL_TYPE_DATE, 10)),
    ] {
        assert_eq!(prepare(&application, sql), SQL_SUCCESS);
        let (name, sql_type, size) = column;
        assert_eq!(described(&application), [(name.to_owned(), sql_type, size)]);
        if sql.contains("IMMEDIATE") {
            let header = prepared_header(&application);
            assert_eq!(header, "trino_odbc=SELECT+%27x%27%2C+%3F+AS+a");
        }
    }
}

#[test]
fn a_change_that_is_executed_has_no_columns() {
    let application = Application::start();
    let rows = column_of("rows", "bigint");
    application.server.on("DESCRIBE OUTPUT trino_odbc", rows);
    let sql = "EXECUTE IMMEDIATE 'INSERT INTO t VALUES (?)' USING 1";
    assert_eq!(prepare(&application, sql), SQL_SUCCESS);
    assert_eq!(described(&application), []);
}

#[test]
fn values_of_a_table_that_is_made_are_described_by_its_query() {
    let application = Application::start();
    let columns = columns![("Position", "integer"), ("Type", "varchar")];
    let rows = vec![
        vec![json!(0), json!("unknown")],
        vec![json!(1), json!("date")],
    ];
    let answer = Answer::rows(columns, rows).direct();
    application.server.on("DESCRIBE INPUT trino_odbc", answer);
    let sql = "CREATE TABLE u AS SELECT ? AS a FROM t WHERE b = ?";
    assert_eq!(prepare(&application, sql), SQL_SUCCESS);
    let mut sql_type = 0;
    // SAFETY: a place for a number; the others may be null.
    let code = unsafe {
        SQLDescribeParam(
            application.statement,
            2,
            &mut sql_type,
            null_mut(),
            null_mut(),
            null_mut(),
        )
    };
    assert_eq!((code, sql_type), (SQL_SUCCESS, SQL_TYPE_DATE));
    assert_eq!(
        prepared_header(&application),
        "trino_odbc=SELECT+%3F+AS+a+FROM+t+WHERE+b+%3D+%3F"
    );
}
