//! What a unit of work costs at sizes 1, 4 and 16: the time for each stays, or something grows with the square.
//!
//! The work without a server is also counted, by the benchmark `instructions`.

mod workload;

use std::ffi::c_void;
use std::ptr::null_mut;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use scripted_trino::{Answer, Column, Server};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;
use workload::growth::{self, SIZES, Work};
use workload::opened;

/// Work without a server.
fn alone(criterion: &mut Criterion) {
    for growth in growth::all() {
        measure(criterion, growth.name, |size| growth.of_size(size));
    }
}

/// Makes the work of a size for a statement.
type Prepare = fn(*mut c_void, usize) -> Work;

/// Work that a scripted server takes part in.
fn served(criterion: &mut Criterion) {
    let server = Server::start();
    server.on_matching(answer);
    let all: [(&str, Prepare); 4] = [
        ("served-pages", pages),
        ("served-columns", columns),
        ("served-failures", failures),
        ("served-inserts", inserts),
    ];
    for (name, prepare) in all {
        measure(criterion, name, |size| {
            let connection = opened::connection_to(server.port());
            prepare(opened::allocate(SQL_HANDLE_STMT, connection), size)
        });
    }
}

/// Time for each unit.
fn measure(criterion: &mut Criterion, name: &str, work: impl Fn(usize) -> Work) {
    let mut group = criterion.benchmark_group(format!("growth/{name}"));
    group.sample_size(10);
    for size in SIZES {
        let Work { units, mut run } = work(size);
        group.throughput(Throughput::Elements(units as u64));
        group.bench_function(size.to_string(), |bencher| bencher.iter(&mut run));
    }
    group.finish();
}

/// `SELECT ROWS n`, `SELECT COLUMNS n` and inserts.
fn answer(sql: &str) -> Option<Answer> {
    let number = |prefix| sql.strip_prefix(prefix)?.parse::<usize>().ok();
    if let Some(rows) = number("SELECT ROWS ") {
        let rows = vec![vec![json!("text")]; rows];
        return Some(Answer::rows(vec![Column::new("a", "varchar")], rows));
    }
    if let Some(pages) = number("SELECT PAGES ") {
        let rows = vec![vec![json!("text")]; pages];
        let answer = Answer::rows(vec![Column::new("a", "varchar")], rows);
        return Some(answer.direct().rows_per_page(1));
    }
    if let Some(count) = number("SELECT COLUMNS ") {
        let columns = (0..count).map(|index| Column::new(&format!("c{index}"), "bigint"));
        let row = (0..count).map(|index| json!(index)).collect();
        return Some(Answer::rows(columns.collect(), vec![row]).direct());
    }
    sql.starts_with("INSERT ")
        .then(|| Answer::update("INSERT", 1))
}

/// Pages of a row each; the unit is a page.
fn pages(statement: *mut c_void, size: usize) -> Work {
    let count = size * 100;
    let sql = format!("SELECT PAGES {count}");
    let run = move || {
        execute(statement, &sql);
        let mut rows = 0;
        // SAFETY: nothing is bound.
        while unsafe { SQLFetch(statement) } == SQL_SUCCESS {
            rows += 1;
        }
        assert_eq!(rows, count);
        close(statement);
    };
    Work {
        units: count,
        run: Box::new(run),
    }
}

/// A row of many columns, each described and got; the unit is a column.
fn columns(statement: *mut c_void, size: usize) -> Work {
    let count = size * 200;
    let sql = format!("SELECT COLUMNS {count}");
    let run = move || {
        execute(statement, &sql);
        // SAFETY: nothing is bound.
        assert_eq!(unsafe { SQLFetch(statement) }, SQL_SUCCESS);
        let (mut value, mut length, mut kind) = (0_i64, 0_isize, 0_isize);
        for number in 1..=count as u16 {
            // SAFETY: the places are of the stated types; others may be null.
            unsafe {
                let n = null_mut();
                let code =
                    SQLDescribeColW(statement, number, null_mut(), 0, n, n, null_mut(), n, n);
                assert_eq!(code, SQL_SUCCESS);
                let field = SQL_DESC_CONCISE_TYPE as u16;
                let place = null_mut();
                let code = SQLColAttributeW(statement, number, field, place, 0, n, &mut kind);
                assert_eq!(code, SQL_SUCCESS);
                let place = (&raw mut value).cast();
                let code = SQLGetData(statement, number, SQL_C_SBIGINT, place, 8, &mut length);
                assert_eq!(code, SQL_SUCCESS);
            }
        }
        close(statement);
    };
    Work {
        units: count,
        run: Box::new(run),
    }
}

/// A rowset in which every row fails, and the records of it; the unit is a row.
fn failures(statement: *mut c_void, size: usize) -> Work {
    let count = size * 1000;
    let sql = format!("SELECT ROWS {count}");
    let mut numbers = vec![0_i32; count];
    let rows = std::ptr::without_provenance_mut(count);
    // SAFETY: a number, and a buffer that lives as long as the work.
    unsafe {
        SQLSetStmtAttrW(statement, SQL_ATTR_ROW_ARRAY_SIZE, rows, 0);
        let place = numbers.as_mut_ptr().cast();
        SQLBindCol(statement, 1, SQL_C_SLONG, place, 4, null_mut());
    }
    let run = move || {
        let _ = &numbers;
        execute(statement, &sql);
        // SAFETY: the buffer is there.
        assert_eq!(unsafe { SQLFetch(statement) }, SQL_ERROR);
        let (mut state, mut number) = ([0_u16; 6], 0_i16);
        loop {
            number += 1;
            let place = state.as_mut_ptr().cast();
            // SAFETY: the state has room for five characters and a 0.
            let code = unsafe {
                SQLGetDiagRecW(
                    SQL_HANDLE_STMT,
                    statement,
                    number,
                    place,
                    null_mut(),
                    null_mut(),
                    0,
                    null_mut(),
                )
            };
            if code == SQL_NO_DATA {
                break;
            }
        }
        assert!(usize::try_from(number).is_ok_and(|number| number > count));
        close(statement);
    };
    Work {
        units: count,
        run: Box::new(run),
    }
}

/// Rows that are inserted together; the unit is a set of parameters.
fn inserts(statement: *mut c_void, size: usize) -> Work {
    let count = size * 1000;
    let mut numbers: Vec<i32> = (0..count as i32).collect();
    let sets = std::ptr::without_provenance_mut(count);
    // SAFETY: a number, and a buffer that lives as long as the work.
    unsafe {
        SQLSetStmtAttrW(statement, SQL_ATTR_PARAMSET_SIZE, sets, 0);
        let place = numbers.as_mut_ptr().cast();
        let code = SQLBindParameter(
            statement,
            1,
            SQL_PARAM_INPUT,
            SQL_C_SLONG,
            SQL_INTEGER,
            0,
            0,
            place,
            0,
            null_mut(),
        );
        assert_eq!(code, SQL_SUCCESS);
    }
    let run = move || {
        let _ = &numbers;
        execute(statement, "INSERT INTO t VALUES (?)");
    };
    Work {
        units: count,
        run: Box::new(run),
    }
}

fn execute(statement: *mut c_void, sql: &str) {
    let text: Vec<u16> = sql.encode_utf16().chain([0]).collect();
    // SAFETY: the text ends with 0.
    let code = unsafe { SQLExecDirectW(statement, text.as_ptr().cast(), SQL_NTS as i32) };
    assert_eq!(code, SQL_SUCCESS);
}

fn close(statement: *mut c_void) {
    // SAFETY: a handle and a number.
    unsafe { SQLFreeStmt(statement, SQL_CLOSE) };
}

criterion_group!(benches, alone, served);
criterion_main!(benches);
