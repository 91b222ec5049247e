//! Descriptors: those of a statement, and explicit ones.

use std::ptr::null_mut;

use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

fn handle_of(application: &Application, attribute: i32) -> Handle {
    std::ptr::with_exposed_provenance_mut(application.get(attribute))
}

fn number(descriptor: Handle, record: i16, field: i16) -> (SqlReturn, i16) {
    let mut value = 0_i16;
    let place = (&raw mut value).cast();
    // SAFETY: a place for a number of 16 bits, which is what the fields asked for have.
    let code = unsafe { SQLGetDescFieldW(descriptor, record, field, place, 2, null_mut()) };
    (code, value)
}

#[test]
fn a_statement_has_four_descriptors_of_its_own() {
    let application = Application::start();
    let handles = [
        SQL_ATTR_APP_ROW_DESC,
        SQL_ATTR_APP_PARAM_DESC,
        SQL_ATTR_IMP_ROW_DESC,
        SQL_ATTR_IMP_PARAM_DESC,
    ]
    .map(|attribute| handle_of(&application, attribute));
    for (at, handle) in handles.iter().enumerate() {
        assert!(!handle.is_null());
        assert!(!handles[..at].contains(handle));
        assert_eq!(
            number(*handle, 0, SQL_DESC_ALLOC_TYPE),
            (SQL_SUCCESS, SQL_DESC_ALLOC_AUTO)
        );
        // SAFETY: refused.
        let code = unsafe { SQLFreeHandle(SQL_HANDLE_DESC, *handle) };
        assert_eq!(code, SQL_ERROR);
        assert_eq!(state(SQL_HANDLE_DESC, *handle), "HY017");
    }
}

#[test]
fn the_rows_descriptor_tells_the_columns_of_the_result() {
    let application = Application::start();
    let ird = handle_of(&application, SQL_ATTR_IMP_ROW_DESC);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(number(ird, 0, SQL_DESC_COUNT), (SQL_SUCCESS, 3));
    // SQL_INTEGER, SQL_WVARCHAR, SQL_DOUBLE.
    let types = [1, 2, 3].map(|record| number(ird, record, SQL_DESC_CONCISE_TYPE).1);
    assert_eq!(types, [4, -9, 8]);
    assert_eq!(number(ird, 4, SQL_DESC_CONCISE_TYPE).0, SQL_NO_DATA);
    let value = std::ptr::without_provenance_mut(4);
    // SAFETY: refused.
    let code = unsafe { SQLSetDescFieldW(ird, 1, SQL_DESC_CONCISE_TYPE, value, 0) };
    assert_eq!(code, SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DESC, ird), "HY016");
}

#[test]
fn binding_a_column_is_seen_in_the_applications_descriptor() {
    let application = Application::start();
    let ard = handle_of(&application, SQL_ATTR_APP_ROW_DESC);
    let (mut value, mut length) = ([0_i32; 1], [0; 1]);
    application.bind(2, C_SLONG, &mut value, 4, &mut length);
    assert_eq!(number(ard, 0, SQL_DESC_COUNT), (SQL_SUCCESS, 2));
    assert_eq!(
        number(ard, 2, SQL_DESC_CONCISE_TYPE),
        (SQL_SUCCESS, C_SLONG)
    );
    // SAFETY: the handle is ours.
    unsafe { SQLFreeStmt(application.statement, SQL_UNBIND) };
    assert_eq!(number(ard, 0, SQL_DESC_COUNT), (SQL_SUCCESS, 0));
}

#[test]
fn a_column_is_bound_through_the_descriptor() {
    let application = Application::start();
    let ard = handle_of(&application, SQL_ATTR_APP_ROW_DESC);
    let (mut value, mut length) = (0_i32, 0_isize);
    let length_place = &raw mut length;
    // SAFETY: the places outlive the fetches.
    let code = unsafe {
        SQLSetDescRec(
            ard,
            1,
            C_SLONG,
            0,
            4,
            0,
            0,
            (&raw mut value).cast(),
            length_place,
            length_place,
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    for wanted in 1..=3 {
        assert_eq!(application.fetch(), SQL_SUCCESS);
        assert_eq!((value, length), (wanted, 4));
    }
}

#[test]
fn an_explicit_descriptor_serves_two_statements_until_it_is_freed() {
    let application = Application::start();
    let own = handle_of(&application, SQL_ATTR_APP_ROW_DESC);
    let explicit = allocate(SQL_HANDLE_DESC, application.connection);
    assert_eq!(
        number(explicit, 0, SQL_DESC_ALLOC_TYPE),
        (SQL_SUCCESS, SQL_DESC_ALLOC_USER)
    );
    assert_eq!(
        application.set(SQL_ATTR_APP_ROW_DESC, explicit.expose_provenance()),
        SQL_SUCCESS
    );
    assert_eq!(handle_of(&application, SQL_ATTR_APP_ROW_DESC), explicit);
    let (mut ids, mut lengths) = ([0_i32; 1], [0; 1]);
    application.bind(1, C_SLONG, &mut ids, 4, &mut lengths);

    let second = allocate(SQL_HANDLE_STMT, application.connection);
    // SAFETY: a descriptor of this connection.
    let code = unsafe { SQLSetStmtAttrW(second, SQL_ATTR_APP_ROW_DESC, explicit, 0) };
    assert_eq!(code, SQL_SUCCESS);
    assert_eq!(execute(second, THREE), SQL_SUCCESS);
    // SAFETY: what is bound lives as long as the test.
    assert_eq!(unsafe { SQLFetch(second) }, SQL_SUCCESS);
    assert_eq!(ids, [1]);

    // SAFETY: freed once.
    assert_eq!(
        unsafe { SQLFreeHandle(SQL_HANDLE_DESC, explicit) },
        SQL_SUCCESS
    );
    assert_eq!(handle_of(&application, SQL_ATTR_APP_ROW_DESC), own);
    // SAFETY: nothing is bound any more.
    assert_eq!(unsafe { SQLFetch(second) }, SQL_SUCCESS);
    assert_eq!(ids, [1]);
}

#[test]
fn a_descriptor_of_another_connection_is_refused() {
    let application = Application::start();
    let other = Application::start();
    let foreign = allocate(SQL_HANDLE_DESC, other.connection);
    let code = application.set(SQL_ATTR_APP_ROW_DESC, foreign.expose_provenance());
    assert_eq!(code, SQL_ERROR);
    assert_eq!(application.state(), "HY024");
}

#[test]
fn bindings_are_copied_between_descriptors() {
    let application = Application::start();
    let own = handle_of(&application, SQL_ATTR_APP_ROW_DESC);
    let (mut ids, mut lengths) = ([0_i32; 1], [0; 1]);
    application.bind(1, C_SLONG, &mut ids, 4, &mut lengths);
    let copy = allocate(SQL_HANDLE_DESC, application.connection);
    // SAFETY: both handles are ours.
    assert_eq!(unsafe { SQLCopyDesc(own, copy) }, SQL_SUCCESS);
    assert_eq!(number(copy, 0, SQL_DESC_COUNT), (SQL_SUCCESS, 1));
    assert_eq!(
        number(copy, 1, SQL_DESC_CONCISE_TYPE),
        (SQL_SUCCESS, C_SLONG)
    );
    assert_eq!(
        number(copy, 0, SQL_DESC_ALLOC_TYPE),
        (SQL_SUCCESS, SQL_DESC_ALLOC_USER)
    );
    let second = allocate(SQL_HANDLE_STMT, application.connection);
    // SAFETY: a descriptor of this connection.
    unsafe { SQLSetStmtAttrW(second, SQL_ATTR_APP_ROW_DESC, copy, 0) };
    assert_eq!(execute(second, THREE), SQL_SUCCESS);
    // SAFETY: what is bound lives as long as the test.
    assert_eq!(unsafe { SQLFetch(second) }, SQL_SUCCESS);
    assert_eq!(ids, [1]);
}

#[test]
fn rowsets_are_controlled_by_the_descriptors_headers() {
    let application = Application::start();
    let ard = handle_of(&application, SQL_ATTR_APP_ROW_DESC);
    let value = std::ptr::without_provenance_mut(2);
    // SAFETY: a number.
    let code = unsafe { SQLSetDescFieldW(ard, 0, SQL_DESC_ARRAY_SIZE, value, 0) };
    assert_eq!(code, SQL_SUCCESS);
    assert_eq!(application.get(SQL_ATTR_ROW_ARRAY_SIZE), 2);
    let mut fetched = 0_usize;
    let ird = handle_of(&application, SQL_ATTR_IMP_ROW_DESC);
    // SAFETY: the place outlives the fetches.
    let code = unsafe {
        SQLSetDescFieldW(
            ird,
            0,
            SQL_DESC_ROWS_PROCESSED_PTR,
            (&raw mut fetched).cast(),
            0,
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(fetched, 2);
}
