//! Bound columns: arrays, row-wise structures, offsets, status, truncation.

use scripted_trino::{Answer, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

#[test]
fn columns_of_a_rowset_are_filled_with_lengths_and_status() {
    let application = Application::start();
    let (mut ids, mut id_lengths) = ([0_i32; 5], [9; 5]);
    let (mut names, mut name_lengths) = ([[0_u8; 32]; 5], [9; 5]);
    let (mut xs, mut x_lengths) = ([0_f64; 5], [9; 5]);
    let (mut status, mut fetched) = ([9_u16; 5], 0_usize);
    application.bind(1, C_SLONG, &mut ids, 4, &mut id_lengths);
    application.bind(2, C_CHAR, &mut names, 32, &mut name_lengths);
    application.bind(3, C_DOUBLE, &mut xs, 8, &mut x_lengths);
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 5);
    application.set(
        SQL_ATTR_ROW_STATUS_PTR,
        status.as_mut_ptr().expose_provenance(),
    );
    application.set(
        SQL_ATTR_ROWS_FETCHED_PTR,
        (&raw mut fetched).expose_provenance(),
    );
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(fetched, 3);
    assert_eq!(status, [0, 0, 0, SQL_ROW_NOROW, SQL_ROW_NOROW]);
    assert_eq!(ids[..3], [1, 2, 3]);
    assert_eq!(id_lengths[..3], [4, 4, 4]);
    assert_eq!(name_lengths[..3], [3, 18, SQL_NULL_DATA]);
    assert_eq!(&names[0][..4], b"one\0");
    assert_eq!(&names[1][..19], b"two, which is long\0");
    assert_eq!(x_lengths[..3], [8, SQL_NULL_DATA, 8]);
    assert_eq!((xs[0], xs[2]), (1.5, -3.75));
    assert_eq!(application.fetch(), SQL_NO_DATA);
    assert_eq!(fetched, 0);
}

#[repr(C)]
#[derive(Clone, Copy, Debug)]
struct Row {
    id: i32,
    id_length: isize,
    name: [u8; 10],
    name_length: isize,
}

#[test]
fn rows_are_filled_as_structures_at_an_offset() {
    let application = Application::start();
    let empty = Row {
        id: -1,
        id_length: 9,
        name: [0xEE; 10],
        name_length: 9,
    };
    let mut rows = [empty; 4];
    let size = size_of::<Row>();
    let mut offset = size as isize;
    application.set(SQL_ATTR_ROW_BIND_TYPE, size);
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 3);
    application.set(
        SQL_ATTR_ROW_BIND_OFFSET_PTR,
        (&raw mut offset).expose_provenance(),
    );
    let base = rows.as_mut_ptr();
    // SAFETY: the fields lie within the array, also one row further.
    unsafe {
        let (id, id_length) = (&raw mut (*base).id, &raw mut (*base).id_length);
        let (name, name_length) = (&raw mut (*base).name, &raw mut (*base).name_length);
        let statement = application.statement;
        assert_eq!(
            SQLBindCol(statement, 1, C_SLONG, id.cast(), 4, id_length),
            SQL_SUCCESS
        );
        assert_eq!(
            SQLBindCol(statement, 2, C_CHAR, name.cast(), 10, name_length),
            SQL_SUCCESS
        );
    }
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS_WITH_INFO);
    assert_eq!(application.state(), "01004");
    assert_eq!(
        (rows[0].id, rows[0].id_length, rows[0].name_length),
        (-1, 9, 9)
    );
    let ids: Vec<_> = rows[1..].iter().map(|row| row.id).collect();
    assert_eq!(ids, [1, 2, 3]);
    let lengths: Vec<_> = rows[1..].iter().map(|row| row.name_length).collect();
    assert_eq!(lengths, [3, 18, SQL_NULL_DATA]);
    assert_eq!(&rows[2].name, b"two, whic\0");
}

#[test]
fn an_offset_may_change_between_fetches() {
    let application = Application::start();
    let mut ids = [0_i32; 3];
    let mut offset = 0_isize;
    application.set(
        SQL_ATTR_ROW_BIND_OFFSET_PTR,
        (&raw mut offset).expose_provenance(),
    );
    // Values only: a length is wider than a value, and the offset is the same for both.
    // SAFETY: the buffer outlives the fetches.
    let code = unsafe {
        SQLBindCol(
            application.statement,
            1,
            C_SLONG,
            ids.as_mut_ptr().cast(),
            4,
            std::ptr::null_mut(),
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    for row in 0..3 {
        // SAFETY: the driver reads it at each fetch.
        unsafe { (&raw mut offset).write_volatile(row * 4) };
        assert_eq!(application.fetch(), SQL_SUCCESS);
    }
    assert_eq!(ids, [1, 2, 3]);
}

#[test]
fn text_that_is_cut_has_01004_its_full_length_and_a_terminator() {
    let application = Application::start();
    let (mut names, mut lengths) = ([[0xEEEE_u16; 6]; 3], [9; 3]);
    let mut status = [9_u16; 3];
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 3);
    application.set(
        SQL_ATTR_ROW_STATUS_PTR,
        status.as_mut_ptr().expose_provenance(),
    );
    application.bind(2, C_WCHAR, &mut names, 12, &mut lengths);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS_WITH_INFO);
    assert_eq!(application.state(), "01004");
    assert_eq!(
        status,
        [SQL_ROW_SUCCESS, SQL_ROW_SUCCESS_WITH_INFO, SQL_ROW_SUCCESS]
    );
    assert_eq!(lengths, [6, 36, SQL_NULL_DATA]);
    assert_eq!(String::from_utf16_lossy(&names[1]), "two, \0");
}

#[test]
fn a_fraction_that_is_cut_is_01s07_and_a_digit_that_is_lost_22003() {
    let application = Application::start();
    let (mut xs, mut lengths) = ([0_i32; 1], [0; 1]);
    application.bind(3, C_SLONG, &mut xs, 4, &mut lengths);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS_WITH_INFO);
    assert_eq!(application.state(), "01S07");
    assert_eq!((xs[0], lengths[0]), (1, 4));
    // SAFETY: the handle is ours.
    unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
    // SAFETY: as above.
    unsafe { SQLFreeStmt(application.statement, SQL_UNBIND) };
    let (mut text, mut lengths) = ([[0_u8; 2]; 1], [0; 1]);
    application.bind(3, C_CHAR, &mut text, 2, &mut lengths);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS_WITH_INFO);
    assert_eq!(application.state(), "01004");
    assert_eq!(&text[0], b"1\0");
}

#[test]
fn a_null_without_an_indicator_is_22002() {
    let application = Application::start();
    let mut x = 0_f64;
    // SAFETY: the buffer outlives the fetches.
    let code = unsafe {
        SQLBindCol(
            application.statement,
            3,
            C_DOUBLE,
            (&raw mut x).cast(),
            8,
            std::ptr::null_mut(),
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_ERROR);
    assert_eq!(application.state(), "22002");
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(x, -3.75);
}

#[test]
fn a_column_that_the_result_lacks_is_07009_and_an_impossible_type_07006() {
    let application = Application::start();
    let (mut x, mut length) = ([0_i32; 1], [0; 1]);
    application.bind(9, C_SLONG, &mut x, 4, &mut length);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_ERROR);
    assert_eq!(application.state(), "07009");
    // SAFETY: the handle is ours.
    unsafe { SQLFreeStmt(application.statement, SQL_UNBIND) };
    let mut guid = [0_u8; 16];
    application.bind(1, -11, &mut guid, 16, &mut length);
    assert_eq!(application.fetch(), SQL_ERROR);
    assert_eq!(application.state(), "07006");
}

#[test]
fn unbound_columns_are_left_alone() {
    let application = Application::start();
    let (mut ids, mut lengths) = ([0_i32; 1], [0; 1]);
    application.bind(1, C_SLONG, &mut ids, 4, &mut lengths);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    let null = std::ptr::null_mut();
    // SAFETY: null unbinds.
    let code = unsafe {
        SQLBindCol(
            application.statement,
            1,
            C_SLONG,
            null,
            0,
            std::ptr::null_mut(),
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(ids, [1]);
}

#[test]
fn the_rowset_of_odbc_2_has_its_own_size() {
    let application = Application::start();
    let (mut ids, mut lengths) = ([0_i32; 2], [0; 2]);
    let (mut status, mut fetched) = ([9_u16; 2], 0_usize);
    application.bind(1, C_SLONG, &mut ids, 4, &mut lengths);
    assert_eq!(application.set(SQL_ROWSET_SIZE, 2), SQL_SUCCESS);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    // SAFETY: the buffers are as long as the rowset.
    let code = unsafe {
        SQLExtendedFetch(
            application.statement,
            1,
            0,
            &mut fetched,
            status.as_mut_ptr(),
        )
    };
    assert_eq!(
        (code, fetched, status, ids),
        (SQL_SUCCESS, 2, [0, 0], [1, 2])
    );
}

#[test]
fn data_is_got_from_the_first_row_of_a_rowset() {
    let application = Application::start();
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 2);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    for wanted in [1, 3] {
        assert_eq!(application.fetch(), SQL_SUCCESS);
        let (mut value, mut length) = (0_i32, 0);
        // SAFETY: places of the right size.
        let code = unsafe {
            SQLGetData(
                application.statement,
                1,
                C_SLONG,
                (&raw mut value).cast(),
                4,
                &mut length,
            )
        };
        assert_eq!((code, value), (SQL_SUCCESS, wanted));
    }
}

/// Three rows of a bigint, of which those that are told fit into 32 bits.
fn small(application: &Application, fits: [bool; 3]) -> &'static str {
    let rows = fits.map(|fits| vec![json!(if fits { 1 } else { 5_000_000_000_i64 })]);
    let answer = Answer::rows(columns![("n", "bigint")], rows.into());
    application.server.on("SELECT small", answer);
    "SELECT small"
}

#[test]
fn a_rowset_fails_when_each_of_its_rows_does() {
    const GOOD: u16 = SQL_ROW_SUCCESS;
    const BAD: u16 = SQL_ROW_ERROR;
    for (fits, wanted, code) in [
        ([true; 3], [GOOD; 3], SQL_SUCCESS),
        (
            [true, false, true],
            [GOOD, BAD, GOOD],
            SQL_SUCCESS_WITH_INFO,
        ),
        (
            [false, true, false],
            [BAD, GOOD, BAD],
            SQL_SUCCESS_WITH_INFO,
        ),
        ([false; 3], [BAD; 3], SQL_ERROR),
    ] {
        let application = Application::start();
        let (mut numbers, mut lengths, mut status) = ([0_i32; 5], [0; 5], [9_u16; 5]);
        let mut fetched = 0_usize;
        application.set(SQL_ATTR_ROW_ARRAY_SIZE, 5);
        let place = status.as_mut_ptr().expose_provenance();
        application.set(SQL_ATTR_ROW_STATUS_PTR, place);
        let place = (&raw mut fetched).expose_provenance();
        application.set(SQL_ATTR_ROWS_FETCHED_PTR, place);
        application.bind(1, C_SLONG, &mut numbers, 4, &mut lengths);
        let sql = small(&application, fits);
        assert_eq!(application.execute(sql), SQL_SUCCESS);
        assert_eq!(application.fetch(), code, "{fits:?}");
        let state = if code == SQL_SUCCESS { "" } else { "22003" };
        assert_eq!(application.state(), state);
        assert_eq!(status[..3], wanted);
        assert_eq!(status[3..], [SQL_ROW_NOROW; 2]);
        assert_eq!(fetched, 3);
        // SAFETY: what is bound outlives the call.
        let refreshed =
            unsafe { SQLSetPos(application.statement, 0, SQL_REFRESH, SQL_LOCK_NO_CHANGE) };
        assert_eq!(refreshed, code, "{fits:?}");
        assert_eq!(status[..3], wanted);
        assert_eq!(application.fetch(), SQL_NO_DATA);
    }
}

#[test]
fn the_rowset_of_odbc_2_reports_failed_rows_and_never_fails_for_them() {
    let application = Application::start();
    let (mut numbers, mut lengths, mut status) = ([0_i32; 2], [0; 2], [9_u16; 2]);
    let mut fetched = 0_usize;
    application.set(SQL_ROWSET_SIZE, 2);
    application.bind(1, C_SLONG, &mut numbers, 4, &mut lengths);
    let sql = small(&application, [false; 3]);
    assert_eq!(application.execute(sql), SQL_SUCCESS);
    for rows in [2, 1] {
        let status = status.as_mut_ptr();
        // SAFETY: what is bound, and the places that are told, outlive the call.
        let code = unsafe { SQLExtendedFetch(application.statement, 1, 0, &mut fetched, status) };
        assert_eq!((code, fetched), (SQL_SUCCESS_WITH_INFO, rows));
        let mut states = Vec::new();
        for record in 1..=2 * rows as i16 {
            let mut state = [0_u16; 6];
            let place = state.as_mut_ptr().cast();
            let statement = application.statement;
            // SAFETY: a place for five characters and a 0.
            unsafe {
                SQLGetDiagFieldW(
                    SQL_HANDLE_STMT,
                    statement,
                    record,
                    SQL_DIAG_SQLSTATE,
                    place,
                    12,
                    std::ptr::null_mut(),
                );
            }
            states.push(String::from_utf16_lossy(&state[..5]));
        }
        let wanted = ["22003", "01S01"].repeat(rows);
        assert_eq!(states, wanted);
    }
    assert_eq!(status, [SQL_ROW_ERROR, SQL_ROW_NOROW]);
}

/// SQLGetData as it comes: code and length.
fn get(application: &Application, column: u16, c_type: i16, out: &mut [u8]) -> (SqlReturn, isize) {
    let capacity = out.len() as isize;
    let place = match capacity {
        0 => std::ptr::null_mut(),
        _ => out.as_mut_ptr().cast(),
    };
    let mut length = -99;
    // SAFETY: the buffer is as long as said.
    let code = unsafe {
        SQLGetData(
            application.statement,
            column,
            c_type,
            place,
            capacity,
            &mut length,
        )
    };
    (code, length)
}

#[test]
fn a_value_without_room_returns_its_length_and_is_not_lost() {
    let application = Application::start();
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    application.fetch();
    assert_eq!(application.fetch(), SQL_SUCCESS);
    let mut one = [7_u8; 1];
    for (c_type, length) in [(C_CHAR, 18), (C_WCHAR, 36)] {
        for room in [&mut [][..], &mut one] {
            assert_eq!(
                get(&application, 2, c_type, room),
                (SQL_SUCCESS_WITH_INFO, length)
            );
            assert_eq!(application.state(), "01004");
        }
    }
    let mut text = [0_u8; 40];
    assert_eq!(get(&application, 2, C_CHAR, &mut text), (SQL_SUCCESS, 18));
    assert_eq!(&text[..19], b"two, which is long\0");
    assert_eq!(get(&application, 2, C_CHAR, &mut text).0, SQL_NO_DATA);
    assert_eq!(get(&application, 1, C_CHAR, &mut text), (SQL_SUCCESS, 1));
    assert_eq!(get(&application, 1, C_SLONG, &mut []).0, SQL_NO_DATA);
    assert_eq!(get(&application, 3, C_SLONG, &mut []), (SQL_SUCCESS, -1));
    // A value of fixed length needs a place, whatever the length of it that is told.
    assert_eq!(get(&application, 1, C_SLONG, &mut []).0, SQL_ERROR);
    assert_eq!(application.state(), "HY009");
    assert_eq!(get(&application, 1, C_SLONG, &mut text), (SQL_SUCCESS, 4));
}

#[test]
fn columns_are_got_in_any_order_also_when_they_are_bound() {
    let application = Application::start();
    let (mut ids, mut lengths) = ([0_i32; 1], [0; 1]);
    application.bind(1, C_SLONG, &mut ids, 4, &mut lengths);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    let mut text = [0_u8; 10];
    for column in [3, 1, 2, 1, 3] {
        assert_eq!(get(&application, column, C_CHAR, &mut text).0, SQL_SUCCESS);
        let wanted: &[u8] = [&b"1\0"[..], b"one\0", b"1.5\0"][usize::from(column) - 1];
        assert_eq!(&text[..wanted.len()], wanted);
    }
    assert_eq!(ids, [1]);
}

#[test]
fn lengths_may_be_bound_without_data() {
    let application = Application::start();
    let mut lengths = [9_isize; 3];
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 3);
    let null = std::ptr::null_mut();
    // SAFETY: the lengths outlive the fetch.
    let code = unsafe {
        SQLBindCol(
            application.statement,
            2,
            C_CHAR,
            null,
            0,
            lengths.as_mut_ptr(),
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(lengths, [3, 18, SQL_NULL_DATA]);
}
