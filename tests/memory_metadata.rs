//! Answers of catalog functions stream: a million columns take no more memory than a few, the first row is there while
//! the server has nearly all to give, and what is too large is not kept.
//!
//! It runs in a separate process, since memory that other tests hold would count too.
#![cfg(target_os = "linux")]

#[path = "abi/application.rs"]
#[allow(dead_code, reason = "the tests of the interface use all of it")]
mod application;

#[path = "memory/long.rs"]
#[allow(dead_code, reason = "the tests of results use all of it")]
mod long;

use std::ptr::null;

use parking_lot::Mutex;
use scripted_trino::{Answer, Server, columns_of_jdbc_columns};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use application::*;
use long::resident;

/// One at a time: they look at the whole process.
static ALONE: Mutex<()> = Mutex::new(());

/// Columns of all tables.
const ROWS: usize = 1_000_000;

/// Rows that the server holds; they come over and over.
const HELD: usize = 20_000;

/// About one megabyte.
const ON_PAGE: usize = 5000;

/// A server that has a million columns, in tables of a hundred.
fn server() -> Server {
    let types = [
        "bigint",
        "varchar",
        "decimal(18,2)",
        "timestamp(6) with time zone",
        "array(row(a bigint, b varchar(20)))",
    ];
    let row = |number: usize| {
        let (table, position, kind) = (number / 100, number % 100, types[number % types.len()]);
        format!(
            "[\"some_catalog\",\"the_schema_{}\",\"a_table_with_a_name_{table}\",\"the_column_of_number_{position}\",\
             \"{kind}\",null,null,{},\"YES\"]",
            table / 20,
            position + 1
        )
    };
    let columns = columns_of_jdbc_columns();
    let answer = Answer::raw_rows(columns, (0..HELD).map(row).collect())
        .rows_per_page(ON_PAGE)
        .repeat(ROWS / HELD);
    let server = Server::start();
    server.on_matching(move |sql| {
        sql.contains("FROM system.jdbc.columns")
            .then(|| answer.clone())
    });
    server
}

/// SQLColumns of everything.
fn ask(statement: Handle) {
    // SAFETY: null pointers are no names.
    let code = unsafe { SQLColumnsW(statement, null(), 0, null(), 0, null(), 0, null(), 0) };
    assert_eq!(code, SQL_SUCCESS);
}

/// Pages that the server was asked for.
fn pages(server: &Server) -> usize {
    let requests = server.requests();
    let is_page = |path: &str| path.contains("/executing/");
    requests.iter().filter(|it| is_page(&it.path)).count()
}

/// Reads all columns; gives the pages that the server had been asked for when the first row was there, and the most memory
/// that was taken meanwhile beyond `before`.
fn read(application: &Application, before: usize) -> (usize, usize) {
    let (mut positions, mut lengths) = (vec![0_i32; 1000], vec![0; 1000]);
    let mut fetched = 0_usize;
    application.bind(17, C_SLONG, &mut positions, 4, &mut lengths);
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 1000);
    application.set(
        SQL_ATTR_ROWS_FETCHED_PTR,
        (&raw mut fetched).expose_provenance(),
    );
    ask(application.statement);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    let at_first = pages(&application.server);
    let (mut rows, mut peak) = (0, 0);
    loop {
        for position in &positions[..fetched] {
            assert_eq!(*position, (rows % 100) as i32 + 1);
            rows += 1;
        }
        if rows % 20_000 == 0 {
            peak = peak.max(resident());
            // What the server remembers does not count.
            application.server.forget_requests();
        }
        if application.fetch() != SQL_SUCCESS {
            break;
        }
    }
    assert_eq!(rows, ROWS, "{}", application.state());
    // SAFETY: the handle is the application's own.
    unsafe {
        SQLFreeStmt(application.statement, SQL_CLOSE);
        SQLFreeStmt(application.statement, SQL_UNBIND);
    }
    (at_first, peak.saturating_sub(before))
}

/// Has the server encode its pages, which it keeps.
fn warm(application: &Application) {
    ask(application.statement);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    // SAFETY: the handle is the application's own.
    unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
    application.server.forget_requests();
}

#[test]
fn a_million_columns_take_no_more_memory_than_a_few() {
    let _alone = ALONE.lock();
    let application = Application::with(server());
    warm(&application);
    let (pages, taken) = read(&application, resident());
    println!("{pages} pages before the first row, {taken} bytes taken");
    assert!(pages < ROWS / ON_PAGE / 4, "{pages}");
    assert!(taken < 32 << 20, "{taken}");
}

#[test]
fn a_cache_does_not_keep_a_million_columns() {
    let _alone = ALONE.lock();
    let application = Application::connected(server(), "MetadataCache=600;");
    warm(&application);
    let before = resident();
    // What was gathered until it showed how large the answer is was for nothing, so that the server has to answer again.
    for _ in 0..2 {
        let (pages, taken) = read(&application, before);
        println!("{pages} pages before the first row, {taken} bytes taken");
        assert!((1..ROWS / ON_PAGE / 4).contains(&pages), "{pages}");
        assert!(taken < 80 << 20, "{taken}");
    }
}

#[test]
fn two_readers_of_a_large_answer_each_get_all_of_it() {
    let _alone = ALONE.lock();
    let application = Application::connected(server(), "MetadataCache=600;");
    let second = allocate(SQL_HANDLE_STMT, application.connection);
    ask(second);
    // SAFETY: the handle is the test's own.
    assert_eq!(unsafe { SQLFetch(second) }, SQL_SUCCESS);
    read(&application, 0);
    let mut rows = 1;
    // SAFETY: as above.
    while unsafe { SQLFetch(second) } == SQL_SUCCESS {
        rows += 1;
    }
    assert_eq!(rows, ROWS);
    // SAFETY: as above.
    unsafe { SQLFreeHandle(SQL_HANDLE_STMT, second) };
}

const C_SLONG: i16 = -16;
