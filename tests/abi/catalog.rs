//! Catalog functions: what they ask the server, how often, and what they make of the answers.

use std::ptr::null;
use std::time::Duration;

use scripted_trino::{
    Answer, Column, QueryError, Server, columns, columns_of_jdbc_columns, columns_of_jdbc_tables,
};
use serde_json::{Value, json};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

/// A name as a catalog function takes it; `None` is a null pointer.
pub(crate) type Name = Option<&'static str>;

/// A catalog function and its names.
#[derive(Debug, Clone)]
pub(crate) enum Call {
    Tables([Name; 4]),
    Columns([Name; 4]),
    TablePrivileges([Name; 3]),
    ColumnPrivileges([Name; 4]),
    PrimaryKeys([Name; 3]),
    ForeignKeys([Name; 3], [Name; 3]),
    Statistics([Name; 3], u16, u16),
    SpecialColumns(u16, [Name; 3], u16, u16),
    Procedures([Name; 3]),
    ProcedureColumns([Name; 4]),
}

fn given<const N: usize>(names: [Name; N]) -> [Option<Vec<u16>>; N] {
    names.map(|name| name.map(wide))
}

/// Calls on `statement`.
pub(crate) fn call(statement: Handle, call: &Call) -> SqlReturn {
    const NTS: i16 = SQL_NTS as i16;
    let at = |name: &Option<Vec<u16>>| name.as_ref().map_or(null(), |name| name.as_ptr());
    // SAFETY: names are null or end with 0.
    unsafe {
        match call.clone() {
            Call::Tables(names) => {
                let names = given(names);
                let [a, b, c, d] = names.each_ref().map(at);
                SQLTablesW(statement, a, NTS, b, NTS, c, NTS, d, NTS)
            }
            Call::Columns(names) => {
                let names = given(names);
                let [a, b, c, d] = names.each_ref().map(at);
                SQLColumnsW(statement, a, NTS, b, NTS, c, NTS, d, NTS)
            }
            Call::TablePrivileges(names) => {
                let names = given(names);
                let [a, b, c] = names.each_ref().map(at);
                SQLTablePrivilegesW(statement, a, NTS, b, NTS, c, NTS)
            }
            Call::ColumnPrivileges(names) => {
                let names = given(names);
                let [a, b, c, d] = names.each_ref().map(at);
                SQLColumnPrivilegesW(statement, a, NTS, b, NTS, c, NTS, d, NTS)
            }
            Call::PrimaryKeys(names) => {
                let names = given(names);
                let [a, b, c] = names.each_ref().map(at);
                SQLPrimaryKeysW(statement, a, NTS, b, NTS, c, NTS)
            }
            Call::ForeignKeys(primary, foreign) => {
                let (primary, foreign) = (given(primary), given(foreign));
                let [a, b, c] = primary.each_ref().map(at);
                let [d, e, f] = foreign.each_ref().map(at);
                SQLForeignKeysW(statement, a, NTS, b, NTS, c, NTS, d, NTS, e, NTS, f, NTS)
            }
            Call::Statistics(names, unique, accuracy) => {
                let names = given(names);
                let [a, b, c] = names.each_ref().map(at);
                SQLStatisticsW(statement, a, NTS, b, NTS, c, NTS, unique, accuracy)
            }
            Call::SpecialColumns(kind, names, scope, nullable) => {
                let names = given(names);
                let [a, b, c] = names.each_ref().map(at);
                SQLSpecialColumnsW(statement, kind, a, NTS, b, NTS, c, NTS, scope, nullable)
            }
            Call::Procedures(names) => {
                let names = given(names);
                let [a, b, c] = names.each_ref().map(at);
                SQLProceduresW(statement, a, NTS, b, NTS, c, NTS)
            }
            Call::ProcedureColumns(names) => {
                let names = given(names);
                let [a, b, c, d] = names.each_ref().map(at);
                SQLProcedureColumnsW(statement, a, NTS, b, NTS, c, NTS, d, NTS)
            }
        }
    }
}

/// The text of a column of the row that was fetched last; empty for NULL.
pub(crate) fn text(statement: Handle, column: u16) -> String {
    let mut text = [0_u16; 128];
    let mut length = 0_isize;
    let place = text.as_mut_ptr().cast();
    // SAFETY: the buffer is as long as said.
    let code = unsafe { SQLGetData(statement, column, C_WCHAR, place, 256, &mut length) };
    assert_eq!(code, SQL_SUCCESS);
    let units = usize::try_from(length).unwrap_or(0) / 2;
    String::from_utf16(&text[..units]).unwrap()
}

/// The rest of a column's texts; closes the cursor.
pub(crate) fn texts(application: &Application, column: u16) -> Vec<String> {
    let mut texts = Vec::new();
    while application.fetch() == SQL_SUCCESS {
        texts.push(text(application.statement, column));
    }
    // SAFETY: the handle is ours.
    let code = unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
    assert_eq!(code, SQL_SUCCESS);
    texts
}

/// What was asked of the server since the last time.
pub(crate) fn asked(server: &Server) -> Vec<String> {
    let posts: Vec<_> = server
        .requests()
        .into_iter()
        .filter(|request| request.method == "POST")
        .map(|request| request.body)
        .collect();
    server.forget_requests();
    posts
}

fn catalogs(names: &[&str]) -> Answer {
    let rows = names.iter().map(|name| vec![json!(name)]).collect();
    Answer::rows(columns![("table_cat", "varchar")], rows)
}

fn unlisted(catalog: &str) -> Answer {
    let message = format!("Error listing tables for catalog {catalog}: Connection to h:1 refused.");
    Answer::error(QueryError::new("JDBC_ERROR", 67_108_864, &message).kind("EXTERNAL"))
}

/// A server with tables `c.s.t` and `d.s.t`, one column each, and privileges in the first of its catalogs.
fn server() -> Server {
    let server = Server::start();
    server.on_matching(|sql| {
        if sql.contains("FROM system.jdbc.tables") {
            let row = |catalog: &str| -> Vec<Value> {
                vec![
                    json!(catalog),
                    json!("s"),
                    json!("t"),
                    json!("TABLE"),
                    json!(null),
                ]
            };
            let rows = ["c", "d"].into_iter().filter(|name| listed(sql, name));
            return Some(Answer::rows(
                columns_of_jdbc_tables(),
                rows.map(row).collect(),
            ));
        }
        if sql.contains("FROM system.jdbc.columns") {
            let row = vec![
                json!("c"),
                json!("s"),
                json!("t"),
                json!("x"),
                json!("timestamp(3)"),
                json!("a remark"),
                json!(null),
                json!(1),
                json!("NO"),
            ];
            return Some(Answer::rows(columns_of_jdbc_columns(), vec![row]));
        }
        if sql.contains("FROM system.jdbc.schemas") {
            return Some(Answer::rows(columns_of_jdbc_tables(), Vec::new()));
        }
        if sql.contains("FROM system.jdbc.catalogs") {
            return Some(catalogs(&["c", "d", "gone"]));
        }
        if sql.contains("\"c\".information_schema.table_privileges") {
            let of_columns = sql.contains("c.column_name");
            let mut row = ["c", "s", "t", "owner", "ann", "SELECT", "YES"].map(|name| json!(name));
            let mut row = row.iter_mut().map(Value::take).collect::<Vec<_>>();
            let names =
                "table_catalog table_schema table_name grantor grantee privilege_type is_grantable";
            let mut names: Vec<_> = names.split(' ').collect();
            if of_columns {
                row.insert(3, json!("x"));
                names.insert(3, "column_name");
            }
            let columns = names.iter().map(|name| Column::new(name, "varchar"));
            return Some(Answer::rows(columns.collect(), vec![row]));
        }
        sql.contains("information_schema.table_privileges")
            .then(|| {
                let (name, message) = if sql.contains("\"gone\"") {
                    ("CATALOG_NOT_FOUND", "line 1:115: Catalog 'gone' not found")
                } else {
                    ("HIVE_METASTORE_ERROR", "no metastore")
                };
                Answer::error(QueryError::new(name, 44, message))
            })
    });
    server
}

/// Whether the conditions of `sql` leave a catalog in.
fn listed(sql: &str, catalog: &str) -> bool {
    !sql.contains(&format!("table_cat <> '{catalog}'"))
}

#[test]
fn each_function_takes_the_number_of_queries_that_is_documented() {
    let application = Application::with(server());
    let (named, all) = ([Some("c"), Some("s"), Some("t")], [None, None, None]);
    let with = |names: [Name; 3], last: Name| [names[0], names[1], names[2], last];
    for (function, queries, columns) in [
        (Call::Tables(with(named, None)), 1, 5),
        (Call::Tables(with(all, Some("TABLE"))), 1, 5),
        (Call::Tables([Some("%"), Some(""), Some(""), None]), 1, 5),
        (Call::Tables([Some(""), Some("%"), Some(""), None]), 1, 5),
        (
            Call::Tables([Some(""), Some(""), Some(""), Some("%")]),
            0,
            5,
        ),
        (Call::Columns(with(named, Some("x"))), 1, 18),
        (Call::Columns(with(all, None)), 1, 18),
        (Call::TablePrivileges(named), 1, 7),
        (Call::TablePrivileges(all), 4, 7),
        (Call::ColumnPrivileges(with(named, None)), 1, 8),
        (Call::ColumnPrivileges([None, None, Some("t"), None]), 4, 8),
        (Call::PrimaryKeys(named), 0, 6),
        (Call::ForeignKeys(named, all), 0, 14),
        (Call::ForeignKeys(all, named), 0, 14),
        (Call::Statistics(named, SQL_INDEX_ALL, SQL_QUICK), 0, 13),
        (
            Call::SpecialColumns(SQL_BEST_ROWID, named, SQL_SCOPE_SESSION, 1),
            0,
            8,
        ),
        (Call::Procedures(all), 0, 8),
        (Call::ProcedureColumns(with(all, None)), 0, 19),
    ] {
        let code = call(application.statement, &function);
        assert!(
            matches!(code, SQL_SUCCESS | SQL_SUCCESS_WITH_INFO),
            "{function:?}: {}",
            application.message()
        );
        let mut count = 0;
        // SAFETY: `count` is a place for a number.
        unsafe { SQLNumResultCols(application.statement, &mut count) };
        assert_eq!(count, columns, "{function:?}");
        texts(&application, 1);
        let asked = asked(&application.server);
        assert_eq!(asked.len(), queries, "{function:?}: {asked:#?}");
    }
}

#[test]
fn a_catalog_that_cannot_be_listed_is_left_out_with_a_warning_and_not_tried_again_at_once() {
    let server = server();
    server.on_matching(|sql| {
        let listing = sql.contains("FROM system.jdbc.tables");
        (listing && listed(sql, "d")).then(|| unlisted("d"))
    });
    let application = Application::with(server);
    let all = Call::Tables([None; 4]);
    for queries in [2, 1] {
        assert_eq!(call(application.statement, &all), SQL_SUCCESS_WITH_INFO);
        assert_eq!(application.state(), "01000");
        let message = application.message();
        assert!(
            message.contains("Catalog d is left out") && message.contains("Connection to h:1"),
            "{message}"
        );
        assert_eq!(texts(&application, 1), ["c"]);
        assert_eq!(asked(&application.server).len(), queries);
    }
    // Who asks for that catalog by name wants to know.
    let named = Call::Tables([Some("d"), None, Some("%"), None]);
    assert_eq!(call(application.statement, &named), SQL_ERROR);
    assert!(application.message().contains("Connection to h:1 refused"));
}

#[test]
fn a_catalog_that_fails_again_fails_the_call() {
    let server = Server::start();
    server.on_matching(|sql| sql.contains("FROM system.jdbc").then(|| unlisted("d")));
    let application = Application::with(server);
    let all = Call::Columns([None; 4]);
    assert_eq!(call(application.statement, &all), SQL_ERROR);
    assert_eq!(asked(&application.server).len(), 2);
    assert!(application.message().contains("Connection to h:1 refused"));
}

#[test]
fn a_table_is_listed_when_its_comment_cannot_be_read() {
    let server = server();
    server.on_matching(|sql| {
        sql.contains("system.metadata.table_comments").then(|| {
            let message = "Access Denied: Cannot select from table system.metadata.table_comments";
            Answer::error(QueryError::new("PERMISSION_DENIED", 4, message))
        })
    });
    let application = Application::with(server);
    let one = Call::Tables([Some("c"), Some("s"), Some("t"), None]);
    assert_eq!(call(application.statement, &one), SQL_SUCCESS);
    assert_eq!(texts(&application, 3), ["t", "t"]);
    assert_eq!(asked(&application.server).len(), 2);
}

#[test]
fn privileges_come_from_each_catalog_that_lists_any() {
    let application = Application::with(server());
    let statement = application.statement;
    let all = Call::TablePrivileges([None; 3]);
    assert_eq!(call(statement, &all), SQL_SUCCESS_WITH_INFO);
    assert!(application.message().contains("Catalog d is left out"));
    assert_eq!(texts(&application, 6), ["SELECT"]);
    asked(&application.server);

    let columns = Call::ColumnPrivileges([Some("C"), None, Some("t"), Some("x")]);
    assert_eq!(call(statement, &columns), SQL_SUCCESS);
    assert_eq!(texts(&application, 4), ["x"]);
    assert!(asked(&application.server)[0].contains("c.column_name = 'x'"));

    let gone = Call::TablePrivileges([Some("gone"), None, None]);
    assert_eq!(call(statement, &gone), SQL_SUCCESS);
    assert!(texts(&application, 1).is_empty());
    let failing = Call::TablePrivileges([Some("d"), None, None]);
    assert_eq!(call(statement, &failing), SQL_ERROR);
}

#[test]
fn a_cache_answers_until_this_connection_changes_a_table() {
    let server = server();
    server.on("CREATE TABLE u", Answer::done("CREATE TABLE"));
    let application = Application::connected(server, "MetadataCache=600;");
    let tables = Call::Tables([Some("c"), None, None, None]);
    let queries = |function: &Call| {
        assert_eq!(call(application.statement, function), SQL_SUCCESS);
        texts(&application, 1);
        asked(&application.server).len()
    };
    assert_eq!(queries(&tables), 1);
    assert_eq!(queries(&tables), 0);
    assert_eq!(queries(&Call::Columns([None; 4])), 1);
    assert_eq!(application.execute(UPDATE), SQL_SUCCESS);
    asked(&application.server);
    assert_eq!(queries(&tables), 0);
    assert_eq!(application.execute("CREATE TABLE u"), SQL_SUCCESS);
    asked(&application.server);
    assert_eq!(queries(&tables), 1);
    assert_eq!(queries(&Call::Columns([None; 4])), 1);
}

#[test]
fn without_a_cache_each_call_runs_a_query() {
    let application = Application::with(server());
    let columns = Call::Columns([Some("c"), None, None, None]);
    for _ in 0..2 {
        assert_eq!(call(application.statement, &columns), SQL_SUCCESS);
        assert_eq!(texts(&application, 4), ["x"]);
        assert_eq!(asked(&application.server).len(), 1);
    }
}

#[test]
fn concurrent_calls_for_the_same_metadata_share_one_query() {
    let server = Server::start();
    server.on_matching(|sql| {
        let row = ["c", "s", "t", "TABLE", ""]
            .map(|text| json!(text))
            .to_vec();
        let answer = Answer::rows(columns_of_jdbc_tables(), vec![row]);
        let slow = answer.queued_polls(3).page_delay(Duration::from_millis(50));
        sql.contains("FROM system.jdbc.tables").then_some(slow)
    });
    let application = Application::connected(server, "MetadataCache=600;");
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let statement = allocate(SQL_HANDLE_STMT, application.connection).expose_provenance();
            std::thread::spawn(move || {
                let statement = std::ptr::with_exposed_provenance_mut(statement);
                assert_eq!(call(statement, &Call::Tables([None; 4])), SQL_SUCCESS);
                // SAFETY: the handle is this thread's.
                assert_eq!(unsafe { SQLFetch(statement) }, SQL_SUCCESS);
                text(statement, 3)
            })
        })
        .collect();
    for thread in threads {
        assert_eq!(thread.join().unwrap(), "t");
    }
    assert_eq!(asked(&application.server).len(), 1);
}

#[test]
fn a_wait_for_a_shared_query_can_be_cancelled() {
    let server = Server::start();
    server.on_matching(|sql| {
        let slow =
            Answer::rows(columns_of_jdbc_tables(), Vec::new()).runs_for(Duration::from_secs(3));
        sql.contains("FROM system.jdbc.tables").then_some(slow)
    });
    let application = Application::connected(server, "MetadataCache=600;");
    let first = allocate(SQL_HANDLE_STMT, application.connection).expose_provenance();
    let asking = std::thread::spawn(move || {
        let statement = std::ptr::with_exposed_provenance_mut(first);
        call(statement, &Call::Tables([None; 4]))
    });
    let is_asked = |server: &Server| !server.queries().is_empty();
    assert!(
        application
            .server
            .wait_until(Duration::from_secs(5), is_asked)
    );
    assert_eq!(application.set(SQL_ATTR_QUERY_TIMEOUT, 1), SQL_SUCCESS);
    let code = call(application.statement, &Call::Tables([None; 4]));
    assert_eq!((code, application.state().as_str()), (SQL_ERROR, "HYT00"));
    assert_eq!(asking.join().unwrap(), SQL_SUCCESS);
    assert_eq!(asked(&application.server).len(), 1);
}

#[test]
fn a_catalog_function_is_cancelled_on_the_server_when_its_time_is_over() {
    let server = Server::start();
    server.on_matching(|sql| {
        let slow =
            Answer::rows(columns_of_jdbc_columns(), Vec::new()).runs_for(Duration::from_secs(30));
        sql.contains("FROM system.jdbc.columns").then_some(slow)
    });
    let application = Application::with(server);
    assert_eq!(application.set(SQL_ATTR_QUERY_TIMEOUT, 1), SQL_SUCCESS);
    let code = call(application.statement, &Call::Columns([None; 4]));
    assert_eq!((code, application.state().as_str()), (SQL_ERROR, "HYT00"));
    let is_over = |server: &Server| server.running_queries().is_empty();
    assert!(
        application
            .server
            .wait_until(Duration::from_secs(5), is_over)
    );
}

#[test]
fn browsing_needs_no_storage_and_no_transaction() {
    let server = server();
    let begun = Answer::done("START TRANSACTION").header("X-Trino-Started-Transaction-Id", "t1");
    server.on("START TRANSACTION", begun);
    let application = Application::with(server);
    assert_eq!(application.execute("START TRANSACTION"), SQL_SUCCESS);
    let tables = Call::Tables([Some("c"), None, None, None]);
    assert_eq!(call(application.statement, &tables), SQL_SUCCESS);
    let requests = application.server.requests();
    let post = |sql: &str| {
        let mut posts = requests.iter().filter(|request| request.method == "POST");
        posts.find(|post| post.body.contains(sql)).unwrap()
    };
    let browsing = post("system.jdbc.tables");
    assert_eq!(browsing.header("x-trino-query-data-encoding"), None);
    // Trino takes NONE for a client that could speak of transactions and is in none.
    assert_eq!(
        browsing.header("x-trino-transaction-id"),
        post("START").header("x-trino-transaction-id")
    );
}

#[test]
fn identifiers_must_not_be_null_pointers() {
    let application = Application::with(server());
    let whole = [Some("c"), Some("s"), Some("t")];
    let with = |names: [Name; 3], last: Name| [names[0], names[1], names[2], last];
    let refused = |call_: Call| {
        assert_eq!(call(application.statement, &call_), SQL_ERROR, "{call_:?}");
        assert_eq!(application.state(), "HY009", "{call_:?}");
    };
    // A table must always be named where there is one only.
    let no_table = [Some("c"), Some("s"), None];
    refused(Call::PrimaryKeys(no_table));
    refused(Call::ForeignKeys(no_table, no_table));
    refused(Call::Statistics(no_table, SQL_INDEX_ALL, SQL_QUICK));
    refused(Call::SpecialColumns(SQL_ROWVER, no_table, 0, 0));
    refused(Call::ColumnPrivileges(with(no_table, None)));

    assert_eq!(application.set(SQL_ATTR_METADATA_ID, 1), SQL_SUCCESS);
    for missing in 0..3 {
        let mut names = whole;
        names[missing] = None;
        refused(Call::Tables(with(names, None)));
        refused(Call::Columns(with(names, Some("x"))));
        refused(Call::TablePrivileges(names));
        refused(Call::ColumnPrivileges(with(names, Some("x"))));
        refused(Call::PrimaryKeys(names));
        refused(Call::Statistics(names, SQL_INDEX_ALL, SQL_QUICK));
        refused(Call::SpecialColumns(SQL_ROWVER, names, 0, 0));
        refused(Call::Procedures(names));
        refused(Call::ProcedureColumns(with(names, Some("x"))));
    }
    refused(Call::Columns(with(whole, None)));
    refused(Call::ColumnPrivileges(with(whole, None)));
    refused(Call::ProcedureColumns(with(whole, None)));
    refused(Call::ForeignKeys([None, Some("s"), Some("t")], [None; 3]));
    assert!(asked(&application.server).is_empty());

    let quoted = Call::Tables([Some("\"C\""), Some(" S "), Some("T% "), None]);
    assert_eq!(call(application.statement, &quoted), SQL_SUCCESS);
    let sql = &asked(&application.server)[0];
    let condition = "table_cat = 'c' AND table_schem = ' s' AND table_name = 't%'";
    assert!(sql.contains(condition), "{sql}");
}

#[test]
fn options_out_of_range_have_states_of_their_own() {
    let application = Application::with(server());
    let names = [None, None, Some("t")];
    for (function, state) in [
        (Call::SpecialColumns(3, names, 0, 0), "HY097"),
        (Call::SpecialColumns(SQL_ROWVER, names, 3, 0), "HY098"),
        (Call::SpecialColumns(SQL_ROWVER, names, 0, 2), "HY099"),
        (Call::Statistics(names, 2, SQL_QUICK), "HY100"),
        (Call::Statistics(names, SQL_INDEX_ALL, 2), "HY101"),
    ] {
        assert_eq!(call(application.statement, &function), SQL_ERROR);
        assert_eq!(application.state(), state, "{function:?}");
    }
}

#[test]
fn names_are_as_long_as_the_application_says() {
    let application = Application::with(server());
    let statement = application.statement;
    let name = wide("table and more");
    // SAFETY: the name is longer than said.
    let code = unsafe { SQLColumnsW(statement, null(), 0, null(), 0, name.as_ptr(), 5, null(), 0) };
    assert_eq!(code, SQL_SUCCESS);
    assert!(asked(&application.server)[0].contains("table_name = 'table'"));
    texts(&application, 1);
    // SAFETY: a negative length is refused before the name is read.
    let code = unsafe { SQLPrimaryKeysW(statement, null(), 0, null(), 0, name.as_ptr(), -5) };
    assert_eq!(code, SQL_ERROR);
    assert_eq!(application.state(), "HY090");
}

#[test]
fn a_column_of_a_table_is_described_as_one_of_a_query() {
    let server = server();
    let rows = Answer::rows(columns![("x", "timestamp(3)")], Vec::new());
    server.on("SELECT x FROM t", rows);
    let application = Application::with(server);
    let statement = application.statement;
    assert_eq!(application.execute("SELECT x FROM t"), SQL_SUCCESS);
    let (mut kind, mut size, mut digits) = (0_i16, 0_usize, 0_i16);
    // SAFETY: the places are for numbers.
    let code = unsafe {
        let (none, at) = (std::ptr::null_mut(), std::ptr::null_mut());
        SQLDescribeColW(
            statement,
            1,
            none,
            0,
            at,
            &mut kind,
            &mut size,
            &mut digits,
            std::ptr::null_mut(),
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    texts(&application, 1);

    let columns = Call::Columns([Some("c"), Some("s"), Some("t"), None]);
    assert_eq!(call(statement, &columns), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    let told: Vec<_> = (4..=18).map(|column| text(statement, column)).collect();
    let described = [kind.to_string(), size.to_string(), digits.to_string()];
    assert_eq!([&told[1], &told[3], &told[5]], described.each_ref());
    let expected = [
        "x",
        "93",
        "timestamp",
        "23",
        "16",
        "3",
        "",
        "0",
        "a remark",
        "",
        "9",
        "3",
        "",
        "1",
        "NO",
    ];
    assert_eq!(told, expected);
}
