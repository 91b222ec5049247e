//! What a statement has from its connection, when that changes after the statement was allocated.

use std::ptr::null_mut;

use scripted_trino::{Answer, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

/// The hour of the next row's timestamp, in the session's zone.
fn hour(statement: Handle) -> u16 {
    let mut stamp = [0_u16; 8];
    let place = stamp.as_mut_ptr().cast();
    // SAFETY: a place for a timestamp; nothing is bound.
    unsafe {
        assert_eq!(SQLFetch(statement), SQL_SUCCESS);
        let code = SQLGetData(statement, 1, C_TIMESTAMP, place, 16, null_mut());
        assert_eq!(code, SQL_SUCCESS);
    }
    stamp[3]
}

#[test]
fn timestamps_follow_the_zone_that_the_session_is_set_to() {
    let application = Application::start();
    let set = |sql: &str, zone: &str| {
        let answer = Answer::done("SET TIME ZONE");
        let zone = format!("time_zone_id={zone}");
        let answer = answer.header("X-Trino-Set-Session", &zone);
        application.server.on(sql, answer);
        assert_eq!(application.execute(sql), SQL_SUCCESS, "{sql}");
    };
    let noon = json!("2024-01-01 12:00:00.000 UTC");
    let columns = columns![("t", "timestamp(3) with time zone")];
    let answer = Answer::rows(columns, vec![vec![noon]; 2]);
    application.server.on("SELECT t", answer.direct());
    let other = allocate(SQL_HANDLE_STMT, application.connection);
    let close = |statement| {
        // SAFETY: the handle is ours.
        assert_eq!(unsafe { SQLFreeStmt(statement, SQL_CLOSE) }, SQL_SUCCESS);
    };

    assert_eq!(execute(other, "SELECT t"), SQL_SUCCESS);
    assert_eq!(hour(other), 12);
    set("SET TIME ZONE 'Europe/Berlin'", "Europe%2FBerlin");
    assert_eq!(application.execute("SELECT t"), SQL_SUCCESS);
    assert_eq!(hour(application.statement), 13);
    close(application.statement);
    // Rows of one result are all in one zone.
    assert_eq!(hour(other), 12);
    close(other);
    assert_eq!(execute(other, "SELECT t"), SQL_SUCCESS);
    assert_eq!(hour(other), 13);
    close(other);
    set("SET TIME ZONE 'Asia/Tokyo'", "Asia%2FTokyo");
    assert_eq!(execute(other, "SELECT t"), SQL_SUCCESS);
    assert_eq!(hour(other), 21);
    close(other);
    assert_eq!(
        application.execute("RESET SESSION time_zone_id"),
        SQL_SUCCESS
    );
    assert_eq!(execute(other, "SELECT t"), SQL_SUCCESS);
    assert_eq!(hour(other), 12);
}

#[test]
fn a_pooled_connection_gives_its_statements_the_zone_that_it_was_opened_with() {
    let server = scripted_trino::Server::start();
    let application = Application::connected(server, "TimeZone=America/New_York");
    let noon = json!("2024-01-01 12:00:00.000 UTC");
    let columns = columns![("t", "timestamp(3) with time zone")];
    let answer = Answer::rows(columns, vec![vec![noon]]);
    application.server.on("SELECT t", answer.direct());
    let sql = "SET SESSION time_zone_id = 'Asia/Tokyo'";
    assert_eq!(application.execute(sql), SQL_SUCCESS);
    for hours in [21, 7] {
        assert_eq!(application.execute("SELECT t"), SQL_SUCCESS);
        assert_eq!(hour(application.statement), hours);
        let yes = std::ptr::without_provenance_mut(SQL_RESET_CONNECTION_YES);
        let connection = application.connection;
        // SAFETY: the value of the attribute is a number.
        let code = unsafe { SQLSetConnectAttrW(connection, SQL_ATTR_RESET_CONNECTION, yes, 0) };
        assert_eq!(code, SQL_SUCCESS);
    }
}

#[test]
fn wide_characters_are_as_wide_as_the_manager_says_last() {
    let application = Application::start();
    let (connection, statement) = (application.connection, application.statement);
    let explicit = allocate(SQL_HANDLE_DESC, connection);
    let mut own = null_mut::<std::ffi::c_void>();
    // SAFETY: a place for a handle.
    unsafe {
        let place = (&raw mut own).cast();
        SQLGetStmtAttrW(statement, SQL_ATTR_IMP_PARAM_DESC, place, 8, null_mut());
    }
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    for (kind, size, of_value) in [(SQL_DM_CP_UCS4, 4, b'n'), (SQL_DM_CP_UTF16, 2, b'w')] {
        let kind = std::ptr::without_provenance_mut(kind as usize);
        let mut text = [0_u8; 64];
        let place = text.as_mut_ptr();
        let second = || {
            // SAFETY: within the buffer.
            unsafe { place.add(size).read() }
        };
        let name: Vec<u8> = "name\0"
            .bytes()
            .flat_map(|byte| [byte].into_iter().chain(std::iter::repeat_n(0, size - 1)))
            .collect();
        let name = name.as_ptr().cast_mut().cast();
        // SAFETY: the buffer is longer than any text, and the name ends with a 0 as wide as its characters.
        unsafe {
            let code = SQLSetConnectAttrW(connection, SQL_ATTR_APP_WCHAR_TYPE, kind, 0);
            assert_eq!(code, SQL_SUCCESS);
            assert_eq!(SQLFetch(statement), SQL_SUCCESS);
            SQLGetData(statement, 2, C_WCHAR, place.cast(), 64, null_mut());
            assert_eq!(second(), of_value);
            let code = SQLSetDescFieldW(own, 1, SQL_DESC_NAME, name, SQL_NTS as i32);
            assert_eq!(code, SQL_SUCCESS);
            let mut length = 0;
            SQLGetDescFieldW(own, 1, SQL_DESC_NAME, place.cast(), 64, &mut length);
            assert_eq!((second(), length as usize), (b'a', 4 * size));
            // An explicit one has no text but its diagnostics'.
            SQLSetDescFieldW(explicit, 1, 30_000, null_mut(), 0);
            let (text, native) = (null_mut(), null_mut());
            let state = place.cast();
            SQLGetDiagRecW(
                SQL_HANDLE_DESC,
                explicit,
                1,
                state,
                native,
                text,
                0,
                null_mut(),
            );
            assert_eq!(second(), b'Y');
        }
    }
}

/// SQL_C_TYPE_TIMESTAMP.
const C_TIMESTAMP: i16 = 93;
