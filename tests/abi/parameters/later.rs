//! Data at execution.

use std::ptr::null_mut;

use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::{INSERT, application, prepare, row_count, run, submitted};
use crate::application::*;

pub fn parameter_data(application: &Application) -> (SqlReturn, usize) {
    let mut token = null_mut();
    // SAFETY: a place for an address.
    let code = unsafe { SQLParamData(application.statement, &mut token) };
    (code, token.addr())
}

pub fn put(application: &Application, data: &[u8], length: isize) -> SqlReturn {
    // SAFETY: the data have the stated length.
    unsafe {
        SQLPutData(
            application.statement,
            data.as_ptr().cast_mut().cast(),
            length,
        )
    }
}

/// Binds two parameters with data at execution, of text and of a number, by the addresses 11 and 22.
fn bind_for_later(application: &Application, lengths: &[isize; 2]) {
    for (number, c_type, sql_type) in [(1, C_CHAR, SQL_VARCHAR), (2, C_SLONG, SQL_INTEGER)] {
        let token = std::ptr::without_provenance_mut(usize::from(number) * 11);
        let length = &lengths[usize::from(number) - 1];
        // SAFETY: the lengths outlive the executions of the test.
        let code = unsafe {
            SQLBindParameter(
                application.statement,
                number,
                SQL_PARAM_INPUT,
                c_type,
                sql_type,
                0,
                0,
                token,
                0,
                std::ptr::from_ref(length).cast_mut(),
            )
        };
        assert_eq!(code, SQL_SUCCESS);
    }
}

#[test]
fn data_come_in_parts_while_executing() {
    let application = application();
    let lengths = [SQL_DATA_AT_EXEC, SQL_LEN_DATA_AT_EXEC_OFFSET - 4];
    bind_for_later(&application, &lengths);
    assert_eq!(application.execute(INSERT), SQL_NEED_DATA);
    assert_eq!(parameter_data(&application), (SQL_NEED_DATA, 11));
    // The é is cut in two.
    for part in [&b"it's caf\xc3"[..], b"\xa9", b""] {
        let length = part.len() as isize;
        assert_eq!(put(&application, part, length), SQL_SUCCESS);
    }
    assert_eq!(parameter_data(&application), (SQL_NEED_DATA, 22));
    let seven = 7_i32.to_ne_bytes();
    assert_eq!(put(&application, &seven, 0), SQL_SUCCESS);
    assert_eq!(put(&application, &seven, 0), SQL_ERROR);
    assert_eq!(application.state(), "HY019");
    assert_eq!(parameter_data(&application).0, SQL_SUCCESS);
    assert_eq!(row_count(&application), 1);
    assert_eq!(
        submitted(&application),
        ["EXECUTE IMMEDIATE 'INSERT INTO t VALUES (?, ?)' USING 'it''s café', INTEGER '7'"]
    );
}

#[test]
fn null_comes_whole() {
    let application = application();
    let lengths = [SQL_DATA_AT_EXEC, SQL_DATA_AT_EXEC];
    bind_for_later(&application, &lengths);
    assert_eq!(prepare(&application, INSERT), SQL_SUCCESS);
    assert_eq!(run(&application), SQL_NEED_DATA);
    assert_eq!(parameter_data(&application), (SQL_NEED_DATA, 11));
    assert_eq!(put(&application, b"a", 1), SQL_SUCCESS);
    assert_eq!(put(&application, b"", SQL_NULL_DATA), SQL_ERROR);
    assert_eq!(application.state(), "HY020");
    assert_eq!(parameter_data(&application), (SQL_NEED_DATA, 22));
    assert_eq!(put(&application, b"", SQL_NULL_DATA), SQL_SUCCESS);
    assert_eq!(parameter_data(&application).0, SQL_SUCCESS);
    assert_eq!(
        submitted(&application),
        ["EXECUTE IMMEDIATE 'INSERT INTO t VALUES (?, ?)' USING 'a', NULL"]
    );
    // It is prepared still.
    assert_eq!(run(&application), SQL_NEED_DATA);
}

#[test]
fn while_data_are_awaited_nothing_else_is_done() {
    let application = application();
    let statement = application.statement;
    let lengths = [SQL_DATA_AT_EXEC, SQL_DATA_AT_EXEC];
    bind_for_later(&application, &lengths);
    for prepared in [false, true] {
        let begin = || {
            if prepared {
                assert_eq!(prepare(&application, INSERT), SQL_SUCCESS);
                run(&application)
            } else {
                application.execute(INSERT)
            }
        };
        // S8: SQLParamData comes first. S9: data. S10: more of them.
        for calls in 0..3 {
            assert_eq!(begin(), SQL_NEED_DATA);
            if calls > 0 {
                assert_eq!(parameter_data(&application).0, SQL_NEED_DATA);
                assert_eq!(parameter_data(&application).0, SQL_ERROR);
                assert_eq!(application.state(), "HY010");
            } else {
                assert_eq!(put(&application, b"a", 1), SQL_ERROR);
                assert_eq!(application.state(), "HY010");
            }
            if calls > 1 {
                assert_eq!(put(&application, b"a", 1), SQL_SUCCESS);
            }
            // SAFETY: places for numbers, or null.
            let refused = unsafe {
                [
                    SQLExecute(statement),
                    SQLFetch(statement),
                    SQLCloseCursor(statement),
                    SQLFreeStmt(statement, SQL_CLOSE),
                    SQLFreeStmt(statement, SQL_RESET_PARAMS),
                    SQLRowCount(statement, &mut 0),
                    SQLNumResultCols(statement, &mut 0),
                    SQLNumParams(statement, &mut 0),
                    SQLMoreResults(statement),
                    application.set(SQL_ATTR_QUERY_TIMEOUT, 7),
                    SQLGetTypeInfoW(statement, SQL_ALL_TYPES),
                    SQLFreeHandle(SQL_HANDLE_STMT, statement),
                ]
            };
            assert_eq!(refused, [SQL_ERROR; 12]);
            assert_eq!(application.state(), "HY010");
            // SAFETY: the handle is ours.
            assert_eq!(unsafe { SQLDisconnect(application.connection) }, SQL_ERROR);
            assert_eq!(state(SQL_HANDLE_DBC, application.connection), "HY010");
            // SAFETY: the handle is ours.
            assert_eq!(unsafe { SQLCancel(statement) }, SQL_SUCCESS);
            let code = run(&application);
            if prepared {
                assert_eq!(code, SQL_NEED_DATA);
                // SAFETY: the handle is ours.
                unsafe { SQLCancelHandle(SQL_HANDLE_STMT, statement) };
            } else {
                assert_eq!(code, SQL_ERROR);
                assert_eq!(application.state(), "HY010");
            }
        }
    }
    assert_eq!(submitted(&application), [""; 0]);
}
