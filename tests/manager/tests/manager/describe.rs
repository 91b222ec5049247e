//! Columns, counts and the life of a statement.

use client_tests::client::Connection;
use client_tests::driver;
use scripted_trino::{Answer, Server, columns};
use serde_json::json;

const SQL: &str = "SELECT id, name, price, at FROM things";

fn server() -> Server {
    let server = Server::start();
    let columns = columns![
        ("id", "bigint"),
        ("Größe", "varchar(20)"),
        ("price", "decimal(12,2)"),
        ("at", "timestamp(6)"),
    ];
    let row = vec![
        json!(7),
        json!("ä"),
        json!("12.50"),
        json!("2024-02-29 01:02:03.000004"),
    ];
    server.on(SQL, Answer::rows(columns, vec![row]));
    server.on("INSERT INTO things", Answer::update("INSERT", 3));
    server.on("CREATE TABLE things", Answer::done("CREATE TABLE"));
    server
}

#[test]
fn columns_are_described_between_prepare_and_execute() {
    let server = server();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.statement();
    statement.prepare(SQL).unwrap();
    assert_eq!(statement.column_count().unwrap(), 4);
    let before: Vec<_> = (1..=4)
        .map(|column| statement.describe(column).unwrap())
        .collect();
    let ran = server.queries().iter().any(|query| query.sql == SQL);
    assert!(!ran, "describing ran the query");

    statement.execute_prepared().unwrap();
    let after: Vec<_> = (1..=4)
        .map(|column| statement.describe(column).unwrap())
        .collect();
    assert_eq!(before, after);
    let names: Vec<_> = after.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["id", "Größe", "price", "at"]);
    let types: Vec<_> = after.iter().map(|column| column.sql_type).collect();
    // SQL_BIGINT, SQL_WVARCHAR, SQL_DECIMAL, SQL_TYPE_TIMESTAMP.
    assert_eq!(types, [-5, -9, 3, 93]);
    let sizes: Vec<_> = after
        .iter()
        .map(|column| (column.size, column.digits))
        .collect();
    assert_eq!(sizes, [(19, 0), (40, 0), (12, 2), (26, 6)]);
    assert_eq!(statement.rest().unwrap().len(), 1);
}

#[test]
fn a_prepared_statement_runs_as_often_as_asked() {
    let server = server();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.statement();
    statement.prepare(SQL).unwrap();
    for _ in 0..3 {
        statement.execute_prepared().unwrap();
        assert_eq!(statement.rest().unwrap().len(), 1);
        statement.close_cursor().unwrap();
    }
}

#[test]
fn a_prepared_statement_that_changes_rows_has_no_columns() {
    let server = server();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.statement();
    statement.prepare("INSERT INTO things").unwrap();
    assert_eq!(statement.column_count().unwrap(), 0);
    assert!(
        !server
            .queries()
            .iter()
            .any(|query| query.sql == "INSERT INTO things"),
        "describing ran the statement"
    );
    statement.execute_prepared().unwrap();
    assert_eq!(statement.row_count().unwrap(), 3);
}

#[test]
fn an_insert_is_an_update_count_and_no_result_set() {
    let server = server();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.run("INSERT INTO things").unwrap();
    assert_eq!(statement.column_count().unwrap(), 0);
    assert_eq!(statement.row_count().unwrap(), 3);
    assert_eq!(statement.fetch().unwrap_err().state(), "24000");
    assert!(!statement.more_results().unwrap());
}

#[test]
fn a_statement_without_rows_or_count_has_neither() {
    let server = server();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.run("CREATE TABLE things").unwrap();
    assert_eq!(statement.column_count().unwrap(), 0);
    assert!(statement.row_count().unwrap() <= 0);
}

#[test]
fn a_query_has_one_result_and_the_statement_is_free_after_it() {
    let server = server();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.run(SQL).unwrap();
    assert_eq!(statement.execute(SQL).unwrap_err().state(), "24000");
    assert!(!statement.more_results().unwrap());
    statement.execute(SQL).unwrap();
    assert!(statement.fetch().unwrap());
    assert!(!statement.fetch().unwrap());
    assert!(!statement.fetch().unwrap());
    statement.close().unwrap();
    statement.execute(SQL).unwrap();
}

#[test]
fn a_result_without_rows_still_has_columns() {
    let server = Server::start();
    server.on(
        "SELECT none",
        Answer::rows(columns![("a", "bigint"), ("b", "varchar")], vec![]),
    );
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.run("SELECT none").unwrap();
    assert_eq!(statement.column_count().unwrap(), 2);
    assert!(!statement.fetch().unwrap());
}

#[test]
fn a_semicolon_at_the_end_is_not_the_servers_business() {
    let server = server();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    assert_eq!(connection.rows(&format!("{SQL} ;\n")).unwrap().len(), 1);
    let posts = server.requests();
    let post = posts
        .iter()
        .find(|request| request.method == "POST")
        .unwrap();
    assert!(!post.body.contains(';'), "{}", post.body);
}

#[test]
fn types_of_the_server_are_listed() {
    let server = Server::start();
    let connection = Connection::open(&driver::string(&server)).unwrap();
    let mut statement = connection.statement();
    statement.type_info(0).unwrap();
    assert_eq!(statement.column_count().unwrap(), 19);
    let rows = statement.rest().unwrap();
    let names: Vec<_> = rows.iter().filter_map(|row| row[0].as_deref()).collect();
    for name in ["bigint", "varchar", "timestamp", "decimal", "uuid"] {
        assert!(names.contains(&name), "{names:?}");
    }
    assert!(server.queries().is_empty());
}
