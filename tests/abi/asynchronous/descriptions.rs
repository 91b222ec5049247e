//! Columns and parameters that the server describes, and catalog functions.

use std::ptr::{null, null_mut};
use std::time::Duration;

use scripted_trino::{Answer, columns};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::*;

/// An application with a statement prepared, of which the server takes its time to tell anything.
fn prepared() -> Application {
    let application = application();
    application.server.on_matching(|sql| {
        let slow = |answer: Answer| Some(answer.runs_for(Duration::from_millis(200)));
        if sql.starts_with("DESCRIBE OUTPUT") {
            slow(described())
        } else if sql.starts_with("DESCRIBE INPUT") {
            let row = vec![serde_json::json!(0), serde_json::json!("bigint")];
            let columns = columns![("Position", "bigint"), ("Type", "varchar")];
            slow(Answer::rows(columns, vec![row]))
        } else {
            None
        }
    });
    let sql = wide("SELECT n FROM t WHERE n > ?");
    // SAFETY: the string ends with 0.
    let code = unsafe { SQLPrepareW(application.statement, sql.as_ptr(), SQL_NTS as i32) };
    assert_eq!(code, SQL_SUCCESS);
    application
}

fn described() -> Answer {
    let columns = columns![
        ("Column Name", "varchar"),
        ("Catalog", "varchar"),
        ("Schema", "varchar"),
        ("Table", "varchar"),
        ("Type", "varchar"),
        ("Type Size", "bigint"),
        ("Aliased", "boolean"),
    ];
    let row = serde_json::json!(["n", "c", "s", "t", "bigint", 8, false]);
    Answer::rows(columns, vec![row.as_array().unwrap().clone()])
}

#[test]
fn columns_are_described_once_for_all_functions() {
    let application = prepared();
    let statement = application.statement;
    let mut count = 0;
    // SAFETY: a place for a number.
    let (code, times) = poll(|| unsafe { SQLNumResultCols(statement, &mut count) });
    assert_eq!((code, count), (SQL_SUCCESS, 1), "{}", application.message());
    assert!(times > 0);
    // SAFETY: the places may be null.
    let at_once = unsafe {
        SQLColAttributeW(
            statement,
            1,
            SQL_DESC_NAME as u16,
            null_mut(),
            0,
            null_mut(),
            null_mut(),
        )
    };
    assert_eq!(at_once, SQL_SUCCESS);
}

#[test]
fn a_column_is_described_into_the_buffers_of_the_call_that_has_the_answer() {
    let application = prepared();
    let describe = |name: *mut u16, kind: *mut i16| {
        let n = null_mut();
        let capacity = if name.is_null() { 0 } else { 8 };
        // SAFETY: a buffer of eight characters and a place for a number, or null.
        unsafe {
            SQLDescribeColW(
                application.statement,
                1,
                name,
                capacity,
                n,
                kind,
                null_mut(),
                null_mut(),
                null_mut(),
            )
        }
    };
    // Driver Managers free their own buffers after the call.
    let mut gone = vec![0_u16; 8];
    assert_eq!(describe(gone.as_mut_ptr(), null_mut()), SQL_STILL_EXECUTING);
    drop(gone);
    let mut name = [0_u16; 8];
    let mut kind = 0_i16;
    let (place, number) = (name.as_mut_ptr(), &raw mut kind);
    assert_eq!(answer(|| describe(place, number)), SQL_SUCCESS);
    assert_eq!((name[0], name[1], kind), (b'n'.into(), 0, SQL_BIGINT));
}

#[test]
fn a_parameter_is_described() {
    let application = prepared();
    let mut kind = 0_i16;
    let place = &raw mut kind;
    // SAFETY: a place for a number; the others may be null.
    let (code, times) = poll(|| unsafe {
        SQLDescribeParam(
            application.statement,
            1,
            place,
            null_mut(),
            null_mut(),
            null_mut(),
        )
    });
    assert_eq!((code, kind), (SQL_SUCCESS, SQL_BIGINT));
    assert!(times > 0);
}

#[test]
fn a_descriptor_of_columns_is_read() {
    let application = prepared();
    let ird = std::ptr::with_exposed_provenance_mut(application.get(SQL_ATTR_IMP_ROW_DESC));
    let ard = std::ptr::with_exposed_provenance_mut(application.get(SQL_ATTR_APP_ROW_DESC));
    let count = |descriptor, count: *mut i16| {
        // SAFETY: a place for a number of 16 bits.
        unsafe { SQLGetDescFieldW(descriptor, 0, SQL_DESC_COUNT, count.cast(), 2, null_mut()) }
    };
    let mut columns = 0;
    assert_eq!(count(ird, &mut columns), SQL_STILL_EXECUTING);
    // Another descriptor of the statement, and another function, have to wait.
    assert_eq!(count(ard, null_mut()), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DESC, ard), "HY010");
    assert_eq!(application.fetch(), SQL_ERROR);
    assert_eq!(application.state(), "HY010");
    let n = null_mut();
    // SAFETY: the places may be null.
    let record = unsafe { SQLGetDescRecW(ird, 1, null_mut(), 0, n, n, n, null_mut(), n, n, n) };
    assert_eq!(record, SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DESC, ird), "HY010");
    let code = answer(|| count(ird, &mut columns));
    assert_eq!((code, columns), (SQL_SUCCESS, 1));
}

#[test]
fn a_description_that_fails_is_told_on_the_descriptor() {
    let application = application();
    let sql = wide("SELECT nothing");
    // SAFETY: the string ends with 0.
    unsafe { SQLPrepareW(application.statement, sql.as_ptr(), SQL_NTS as i32) };
    let ird = std::ptr::with_exposed_provenance_mut(application.get(SQL_ATTR_IMP_ROW_DESC));
    let n = null_mut();
    // SAFETY: the places may be null.
    let read = || unsafe { SQLGetDescRecW(ird, 1, null_mut(), 0, n, n, n, null_mut(), n, n, n) };
    assert_eq!(answer(read), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DESC, ird), "42000");
}

#[test]
fn catalog_functions_go_on() {
    let application = application();
    application.server.on_matching(|sql| {
        let empty = || Answer::rows(columns![("a", "varchar")], Vec::new());
        let slow = || empty().runs_for(Duration::from_millis(200));
        sql.contains("system.jdbc").then(slow)
    });
    let name = wide("t");
    // SAFETY: the string has one character.
    let tables = || unsafe {
        let statement = application.statement;
        let t = name.as_ptr();
        SQLTablesW(statement, t, 1, t, 1, t, 1, null(), 0)
    };
    let (code, times) = poll(tables);
    assert_eq!(code, SQL_SUCCESS, "{}", application.message());
    assert!(times > 0);
    assert_eq!(answer(|| application.fetch()), SQL_NO_DATA);
    // SAFETY: the handle is ours.
    unsafe { SQLCloseCursor(application.statement) };
    // SAFETY: what needs no server answers at once.
    let code = unsafe { SQLGetTypeInfoW(application.statement, SQL_ALL_TYPES) };
    assert_eq!(code, SQL_SUCCESS);
}
