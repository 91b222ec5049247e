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
fn a_statement_has_four_implicit_descriptors() {
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
fn the_ird_describes_the_columns_of_the_result() {
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

#[test]
fn length_and_indicator_are_kept_apart() {
    let application = Application::start();
    let ard = handle_of(&application, SQL_ATTR_APP_ROW_DESC);
    let (mut names, mut lengths, mut indicators) = ([[0_u8; 32]; 3], [77_isize; 3], [88_isize; 3]);
    // SAFETY: the places outlive the fetches.
    let code = unsafe {
        SQLSetDescRec(
            ard,
            2,
            C_CHAR,
            0,
            32,
            0,
            0,
            names.as_mut_ptr().cast(),
            lengths.as_mut_ptr(),
            indicators.as_mut_ptr(),
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 3);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    // A NULL sets its indicator and leaves its length; a value has an indicator of 0.
    assert_eq!(lengths, [3, 18, 77]);
    assert_eq!(indicators, [0, 0, SQL_NULL_DATA]);
}

#[test]
fn a_record_is_read_as_it_was_set() {
    let application = Application::start();
    let ard = handle_of(&application, SQL_ATTR_APP_ROW_DESC);
    let (mut value, mut length) = ([0_u8; 19], 0_isize);
    let place = value.as_mut_ptr().cast();
    // SAFETY: the places outlive the test's calls.
    unsafe {
        let code = SQLSetDescRec(
            ard,
            3,
            SQL_C_NUMERIC,
            0,
            19,
            12,
            4,
            place,
            &mut length,
            &mut length,
        );
        assert_eq!(code, SQL_SUCCESS);
        let (mut kind, mut code, mut octets) = (0, 9, 0);
        let (mut precision, mut scale, mut nullable, mut name_length) = (0, 0, 0, 9);
        let got = SQLGetDescRecW(
            ard,
            3,
            null_mut(),
            0,
            &mut name_length,
            &mut kind,
            &mut code,
            &mut octets,
            &mut precision,
            &mut scale,
            &mut nullable,
        );
        assert_eq!(got, SQL_SUCCESS);
        let found = (kind, code, octets, precision, scale, name_length);
        assert_eq!(found, (SQL_C_NUMERIC, 0, 19, 12, 4, 0));
        for (record, wanted) in [(0, SQL_ERROR), (4, SQL_NO_DATA)] {
            let n = null_mut();
            let got = SQLGetDescRecW(ard, record, null_mut(), 0, n, n, n, null_mut(), n, n, n);
            assert_eq!(got, wanted, "{record}");
        }
        for (kind, code, wanted) in [
            (SQL_DATETIME, 3, ""),
            (SQL_DATETIME, 0, "HY021"),
            (SQL_INTERVAL, 14, "HY021"),
            (SQL_C_TYPE_DATE, 0, "HY021"),
            (1000, 0, "HY021"),
        ] {
            SQLSetDescRec(ard, 1, kind, code, 16, 0, 0, place, null_mut(), null_mut());
            assert_eq!(state(SQL_HANDLE_DESC, ard), wanted, "{kind} {code}");
        }
    }
    assert_eq!(number(ard, 0, SQL_DESC_COUNT), (SQL_SUCCESS, 3));
}

#[test]
fn the_name_of_a_column_is_cut_to_the_buffer() {
    let application = Application::start();
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    let ird = handle_of(&application, SQL_ATTR_IMP_ROW_DESC);
    let (mut name, mut length) = ([7_u16; 4], 0);
    let n = null_mut();
    // SAFETY: the buffer has the stated size.
    let code = unsafe {
        SQLGetDescRecW(
            ird,
            2,
            name.as_mut_ptr(),
            4,
            &mut length,
            n,
            n,
            null_mut(),
            n,
            n,
            n,
        )
    };
    assert_eq!((code, length), (SQL_SUCCESS_WITH_INFO, 4));
    assert_eq!(state(SQL_HANDLE_DESC, ird), "01004");
    assert_eq!(String::from_utf16(&name[..3]).unwrap(), "nam");
}

#[test]
fn a_smaller_count_unbinds_what_is_beyond_it() {
    let application = Application::start();
    let ard = handle_of(&application, SQL_ATTR_APP_ROW_DESC);
    let (mut ids, mut doubles, mut lengths) = ([0_i32; 1], [0_f64; 1], [0; 1]);
    application.bind(1, C_SLONG, &mut ids, 4, &mut lengths);
    application.bind(3, C_DOUBLE, &mut doubles, 8, &mut lengths);
    let count = std::ptr::without_provenance_mut(1);
    // SAFETY: a number.
    let code = unsafe { SQLSetDescFieldW(ard, 0, SQL_DESC_COUNT, count, 0) };
    assert_eq!(code, SQL_SUCCESS);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!((ids[0], doubles[0]), (1, 0.0));
}

#[test]
fn the_count_is_that_of_the_highest_column_that_is_bound() {
    let application = Application::start();
    let ard = handle_of(&application, SQL_ATTR_APP_ROW_DESC);
    let count = || number(ard, 0, SQL_DESC_COUNT).1;
    let (mut ids, mut lengths) = ([0_i32; 1], [0; 1]);
    for column in [1, 2, 5] {
        application.bind(column, C_SLONG, &mut ids, 4, &mut lengths);
    }
    // SAFETY: null pointers unbind.
    let unbind = |column| unsafe {
        SQLBindCol(
            application.statement,
            column,
            C_SLONG,
            null_mut(),
            0,
            null_mut(),
        )
    };
    assert_eq!(count(), 5);
    assert_eq!((unbind(1), count()), (SQL_SUCCESS, 5));
    assert_eq!((unbind(5), count()), (SQL_SUCCESS, 2));
    assert_eq!((unbind(9), count()), (SQL_SUCCESS, 2));
    // SAFETY: a null pointer unbinds.
    unsafe {
        SQLSetDescFieldW(ard, 2, SQL_DESC_INDICATOR_PTR, null_mut(), 0);
        SQLSetDescFieldW(ard, 2, SQL_DESC_OCTET_LENGTH_PTR, null_mut(), 0);
        SQLSetDescFieldW(ard, 2, SQL_DESC_DATA_PTR, null_mut(), 0);
    }
    assert_eq!(count(), 0);
}

#[test]
fn a_descriptor_that_came_with_a_statement_serves_in_its_own_place_only() {
    let application = Application::start();
    let second = allocate(SQL_HANDLE_STMT, application.connection);
    let own = application.get(SQL_ATTR_APP_ROW_DESC);
    let parameters = application.get(SQL_ATTR_APP_PARAM_DESC);
    let foreign = std::ptr::with_exposed_provenance_mut(own);
    // SAFETY: refused.
    let code = unsafe { SQLSetStmtAttrW(second, SQL_ATTR_APP_ROW_DESC, foreign, 0) };
    assert_eq!(
        (code, state(SQL_HANDLE_STMT, second).as_str()),
        (SQL_ERROR, "HY017")
    );
    assert_eq!(
        application.set(SQL_ATTR_APP_ROW_DESC, parameters),
        SQL_ERROR
    );
    assert_eq!(application.state(), "HY017");
    for attribute in [SQL_ATTR_IMP_ROW_DESC, SQL_ATTR_IMP_PARAM_DESC] {
        assert_eq!(application.set(attribute, own), SQL_ERROR);
        assert_eq!(application.state(), "HY017");
    }
    assert_eq!(application.set(SQL_ATTR_APP_ROW_DESC, own), SQL_SUCCESS);
    let explicit = allocate(SQL_HANDLE_DESC, application.connection).expose_provenance();
    for attribute in [SQL_ATTR_APP_ROW_DESC, SQL_ATTR_APP_PARAM_DESC] {
        assert_eq!(application.set(attribute, explicit), SQL_SUCCESS);
    }
    assert_eq!(application.get(SQL_ATTR_APP_PARAM_DESC), explicit);
    // The null handle puts the statement's own back.
    assert_eq!(application.set(SQL_ATTR_APP_ROW_DESC, 0), SQL_SUCCESS);
    assert_eq!(application.get(SQL_ATTR_APP_ROW_DESC), own);
}

#[test]
fn a_copy_has_all_but_how_it_was_allocated() {
    let application = Application::start();
    let own = handle_of(&application, SQL_ATTR_APP_ROW_DESC);
    let (mut ids, mut lengths) = ([0_i32; 1], [0; 1]);
    application.bind(2, C_SLONG, &mut ids, 4, &mut lengths);
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 7);
    application.set(SQL_ATTR_ROW_BIND_TYPE, 48);
    application.set(SQL_ATTR_ROW_BIND_OFFSET_PTR, 0x100);
    application.set(SQL_ATTR_ROW_OPERATION_PTR, 0x200);
    let copy = allocate(SQL_HANDLE_DESC, application.connection);
    // SAFETY: both handles are ours.
    assert_eq!(unsafe { SQLCopyDesc(own, copy) }, SQL_SUCCESS);
    let field = |descriptor, record, field| {
        let mut value = 0_usize;
        let place = (&raw mut value).cast();
        // SAFETY: a place for any number.
        let code = unsafe { SQLGetDescFieldW(descriptor, record, field, place, 8, null_mut()) };
        assert_eq!(code, SQL_SUCCESS);
        value
    };
    for (record, number) in [
        (0, SQL_DESC_ARRAY_SIZE),
        (0, SQL_DESC_ARRAY_STATUS_PTR),
        (0, SQL_DESC_BIND_OFFSET_PTR),
        (0, SQL_DESC_BIND_TYPE),
        (0, SQL_DESC_COUNT),
        (2, SQL_DESC_CONCISE_TYPE),
        (2, SQL_DESC_OCTET_LENGTH),
        (2, SQL_DESC_DATA_PTR),
        (2, SQL_DESC_INDICATOR_PTR),
        (2, SQL_DESC_OCTET_LENGTH_PTR),
    ] {
        let copied = field(copy, record, number);
        assert_eq!(copied, field(own, record, number), "{number}");
        assert_ne!(copied, 0, "{number}");
    }
    assert_ne!(
        field(copy, 0, SQL_DESC_ALLOC_TYPE),
        field(own, 0, SQL_DESC_ALLOC_TYPE)
    );

    // The columns of a result can be copied to describe parameters.
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    let ird = handle_of(&application, SQL_ATTR_IMP_ROW_DESC);
    let ipd = handle_of(&application, SQL_ATTR_IMP_PARAM_DESC);
    // SAFETY: both handles are ours.
    assert_eq!(unsafe { SQLCopyDesc(ird, ipd) }, SQL_SUCCESS);
    assert_eq!(number(ipd, 0, SQL_DESC_COUNT), (SQL_SUCCESS, 3));
    assert_eq!(
        number(ipd, 3, SQL_DESC_CONCISE_TYPE),
        (SQL_SUCCESS, SQL_DOUBLE)
    );
    // SAFETY: refused.
    assert_eq!(unsafe { SQLCopyDesc(copy, ird) }, SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DESC, ird), "HY016");
}

#[test]
fn reading_the_ird_describes_the_columns_of_a_prepared_statement() {
    let application = Application::start();
    let sql = wide(THREE);
    // SAFETY: the string ends with 0.
    let code = unsafe { SQLPrepareW(application.statement, sql.as_ptr(), SQL_NTS as i32) };
    assert_eq!(code, SQL_SUCCESS);
    let ird = handle_of(&application, SQL_ATTR_IMP_ROW_DESC);
    assert_eq!(number(ird, 0, SQL_DESC_COUNT), (SQL_SUCCESS, 3));
    assert_eq!(number(ird, 2, SQL_DESC_TYPE), (SQL_SUCCESS, SQL_WVARCHAR));
}
