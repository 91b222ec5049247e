//! Whole results as texts that compare: what the driver gave, and what it should have given.

use odbc_api::buffers::TextRowSet;
use odbc_api::handles::{AsStatementRef, Statement};
use odbc_api::{ConnectionOptions, Cursor};
use scripted_trino::Signature;
use serde_json::value::RawValue;

use crate::lab::Table;
use crate::odbc::{Handle, SQL_SUCCESS, SQLGetStmtAttrW};
use crate::value::{canonical, expected};
use crate::{client, driver};

/// Columns of texts, as they compare.
pub type Rows = Vec<Vec<Option<String>>>;

/// A result through unixODBC, whole, and what the driver reports about it.
#[derive(Debug)]
pub struct Fetched {
    pub rows: Rows,
    /// SQL_ATTR_TRINO_RETRIEVAL_MODE.
    pub mode: String,
    /// SQL_ATTR_TRINO_SEGMENTS_SPOOLED.
    pub segments: u64,
}

/// The rows that the direct protocol gave.
pub fn rows_of(table: &Table) -> Rows {
    let row = |row: &Vec<Box<RawValue>>| {
        let cells = row.iter().zip(&table.columns);
        cells
            .map(|(cell, (_, signature))| expected(signature, cell.get()))
            .collect()
    };
    table.rows.iter().map(row).collect()
}

/// The rows through unixODBC, in rowsets of 1000.
pub fn fetched(text: &str, sql: &str, columns: &[(String, Signature)]) -> Rows {
    fetched_and_told(text, sql, columns).rows
}

/// The rows through unixODBC, in rowsets of 1000, and how they came.
pub fn fetched_and_told(text: &str, sql: &str, columns: &[(String, Signature)]) -> Fetched {
    driver::register();
    let connection = odbc_api::environment()
        .unwrap()
        .connect_with_connection_string(text, ConnectionOptions::default())
        .unwrap();
    let cursor = connection.execute(sql, (), None).unwrap().expect("rows");
    let widths = columns.iter().map(|_| 200);
    let buffer = TextRowSet::from_max_str_lens(1000, widths).unwrap();
    let mut cursor = cursor.bind_buffer(buffer).unwrap();
    let mut rows = Vec::new();
    while let Some(batch) = cursor.fetch_with_truncation_check(true).unwrap() {
        for row in 0..batch.num_rows() {
            let cells = columns.iter().enumerate().map(|(at, (_, signature))| {
                let text = batch.at_as_str(at, row).expect("UTF-8")?;
                Some(canonical(signature, text))
            });
            rows.push(cells.collect());
        }
    }
    let (mut cursor, _) = cursor.unbind().unwrap();
    let statement = cursor.as_stmt_ref().as_sys();
    let statement: Handle = statement.0.cast();
    let mut mode = [0_u16; 64];
    let mut length = 0;
    let place = mode.as_mut_ptr().cast();
    let size = size_of_val(&mode) as i32;
    // SAFETY: the buffer is as long as said, in bytes.
    let code =
        unsafe { SQLGetStmtAttrW(statement, client::RETRIEVAL_MODE, place, size, &mut length) };
    assert_eq!(code, SQL_SUCCESS);
    let mut segments = 0_u64;
    let place = (&raw mut segments).cast();
    // SAFETY: `segments` is a place for 8 bytes.
    let code = unsafe {
        SQLGetStmtAttrW(
            statement,
            client::SEGMENTS_SPOOLED,
            place,
            8,
            std::ptr::null_mut(),
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    Fetched {
        rows,
        mode: String::from_utf16_lossy(&mode[..length as usize / 2]),
        segments,
    }
}

/// Panics with the first row that differs.
pub fn assert_same(context: &str, rows: &Rows, wanted: &Rows) {
    assert_eq!(rows.len(), wanted.len(), "{context}");
    for (number, (row, wanted)) in rows.iter().zip(wanted).enumerate() {
        assert_eq!(row, wanted, "{context}, row {number}");
    }
}
