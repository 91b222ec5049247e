//! Reading rows that are there allocates nothing: neither for a rowset, nor for a row, nor for a cell.
//!
//! In its own process, for its allocator; what other threads allocate does not count.

#[path = "abi/application.rs"]
#[allow(dead_code, reason = "the tests of the interface use all of it")]
mod application;

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::sync::Arc;

use application::*;
use scripted_trino::{Answer, Spooling};
use trino_client::columns::Type;
use trino_client::decode::RowDecoder;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

/// Counts what each thread allocates.
struct Counting;

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
}

// SAFETY: everything is passed on to the system's allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as the caller promised.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        // SAFETY: as the caller promised.
        unsafe { System.dealloc(block, layout) }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ALLOCATIONS.set(ALLOCATIONS.get() + 1);
        // SAFETY: as the caller promised.
        unsafe { System.realloc(block, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// How much this thread allocates in `work`.
fn allocations(work: impl FnOnce()) -> usize {
    let before = ALLOCATIONS.get();
    work();
    ALLOCATIONS.get() - before
}

const QUERY: &str = "SELECT * FROM one_chunk";

/// Few enough for one chunk.
const ROWS: usize = 2000;

/// Types of which every value can be had in every style of reading.
const TYPES: &[&str] = &[
    "boolean",
    "integer",
    "bigint",
    "real",
    "double",
    "decimal(18,2)",
    "decimal(38,10)",
    "varchar(7)",
    "varbinary",
    "date",
    "time(0)",
    "timestamp(3)",
    "timestamp(9)",
    "timestamp(3) with time zone",
    "interval day to second",
    "uuid",
    "array(integer)",
];

/// An application that has executed a query for one chunk of rows.
fn executed(array: usize) -> Application {
    let application = Application::start();
    let answer = Answer::generated(TYPES, ROWS, 7).spooled(Spooling {
        rows_per_segment: ROWS,
        ..Spooling::default()
    });
    application.server.on(QUERY, answer);
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, array);
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    application
}

/// Reads the whole result in rowsets with every column bound, and returns what the fetches allocated when it was read again:
/// time zones are looked up when they are first met.
fn read(array: usize, c_type: i16, width: usize) -> usize {
    let application = executed(array);
    let mut cells = vec![vec![0_u8; width * array]; TYPES.len()];
    let mut lengths = vec![vec![0_isize; array]; TYPES.len()];
    for (column, (cells, lengths)) in cells.iter_mut().zip(&mut lengths).enumerate() {
        application.bind(column as u16 + 1, c_type, cells, width, lengths);
    }
    let rowsets = || {
        // The first one waits for the rows.
        assert_eq!(application.fetch(), SQL_SUCCESS);
        allocations(|| {
            for _ in 1..ROWS / array {
                assert_eq!(
                    application.fetch(),
                    SQL_SUCCESS,
                    "{}",
                    application.message()
                );
            }
        })
    };
    rowsets();
    again(&application);
    rowsets()
}

/// Executes the query once more.
fn again(application: &Application) {
    assert_eq!(application.fetch(), SQL_NO_DATA);
    // SAFETY: the handle is the application's own.
    let closed = unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
    assert_eq!(closed, SQL_SUCCESS);
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
}

#[test]
fn rowsets_allocate_nothing_as_what_they_are() {
    assert_eq!(read(100, SQL_C_DEFAULT, 400), 0);
}

#[test]
fn rowsets_allocate_nothing_as_text() {
    assert_eq!(read(100, C_CHAR, 400), 0);
}

#[test]
fn rowsets_allocate_nothing_as_wide_text() {
    assert_eq!(read(100, C_WCHAR, 800), 0);
}

#[test]
fn single_rows_allocate_nothing() {
    assert_eq!(read(1, C_CHAR, 400), 0);
}

#[test]
fn getting_cells_one_by_one_allocates_nothing() {
    let application = executed(1);
    let mut cell = [0_u8; 800];
    let mut rows = || {
        assert_eq!(application.fetch(), SQL_SUCCESS);
        allocations(|| {
            for _ in 1..ROWS {
                for c_type in [SQL_C_DEFAULT, C_CHAR, C_WCHAR] {
                    for column in 1..=TYPES.len() {
                        get(&application, column as u16, c_type, &mut cell);
                    }
                }
                assert_eq!(application.fetch(), SQL_SUCCESS);
            }
        })
    };
    rows();
    again(&application);
    assert_eq!(rows(), 0);
}

#[test]
fn decoding_allocates_for_columns_and_not_for_rows() {
    let types: Arc<[Type]> = Arc::new([
        Type::BigInt,
        Type::Varchar { length: None },
        Type::Date,
        Type::Decimal {
            precision: 38,
            scale: 2,
        },
    ]);
    let text = |rows: usize| {
        let row = r#"[1,"a \"text\"","2020-01-01","1.50"]"#;
        format!("[{}]", vec![row; rows].join(","))
    };
    let (few, many) = (text(100), text(1000));
    let mut decoder = RowDecoder::new(types);
    let mut count =
        |text: &str, rows| allocations(|| drop(decoder.decode(text.as_bytes(), rows).unwrap()));
    // The first time it is not known yet how long texts are.
    count(&few, 100);
    assert_eq!(count(&few, 100), count(&many, 1000));
}

/// SQLGetData of a cell that fits.
fn get(application: &Application, column: u16, c_type: i16, cell: &mut [u8]) {
    let mut length = 0;
    // SAFETY: the cell has the stated size.
    let code = unsafe {
        SQLGetData(
            application.statement,
            column,
            c_type,
            cell.as_mut_ptr().cast(),
            cell.len() as isize,
            &mut length,
        )
    };
    assert_eq!(code, SQL_SUCCESS, "{}", application.message());
}
