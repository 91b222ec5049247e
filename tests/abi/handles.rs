//! Handles that are none.

use std::ptr::{null, null_mut};

use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

/// Each export that takes a handle, called on `handle` with otherwise harmless arguments.
fn answers(handle: Handle) -> Vec<(&'static str, SqlReturn)> {
    let mut out = null_mut();
    let mut small = 0_i16;
    let mut word = 0_u16;
    let mut number = 0_i32;
    let mut length = 0_isize;
    let (text, none) = (wide("x"), null());
    let text = text.as_ptr().cast();
    let n = null_mut();
    macro_rules! call {
        ($($name:ident($($argument:expr),* $(,)?);)*) => {
            vec![$((
                stringify!($name),
                // SAFETY: the pointers are null or places of the right size.
                unsafe { $name($($argument),*) },
            )),*]
        };
    }
    call! {
        SQLAllocHandle(SQL_HANDLE_DBC, handle, &mut out);
        SQLAllocHandle(SQL_HANDLE_STMT, handle, &mut out);
        SQLAllocHandle(SQL_HANDLE_DESC, handle, &mut out);
        SQLFreeHandle(SQL_HANDLE_ENV, handle);
        SQLFreeHandle(SQL_HANDLE_DBC, handle);
        SQLFreeHandle(SQL_HANDLE_STMT, handle);
        SQLFreeHandle(SQL_HANDLE_DESC, handle);
        SQLSetEnvAttr(handle, SQL_ATTR_ODBC_VERSION, n, 0);
        SQLGetEnvAttr(handle, SQL_ATTR_ODBC_VERSION, (&raw mut number).cast(), 4, null_mut());
        SQLConnectW(handle, text, 1, none, 0, none, 0);
        SQLDriverConnectW(handle, n, text, 1, null_mut(), 0, null_mut(), 0);
        SQLBrowseConnectW(handle, text, 1, null_mut(), 0, null_mut());
        SQLDisconnect(handle);
        SQLSetConnectAttrW(handle, SQL_ATTR_LOGIN_TIMEOUT, n, 0);
        SQLGetConnectAttrW(handle, SQL_ATTR_LOGIN_TIMEOUT, (&raw mut number).cast(), 4, null_mut());
        SQLEndTran(SQL_HANDLE_ENV, handle, 0);
        SQLEndTran(SQL_HANDLE_DBC, handle, 0);
        SQLGetInfoW(handle, 17, n, 0, &mut small);
        SQLGetFunctions(handle, 13, &mut word);
        SQLGetTypeInfoW(handle, 0);
        SQLSetStmtAttrW(handle, SQL_ATTR_QUERY_TIMEOUT, n, 0);
        SQLGetStmtAttrW(handle, SQL_ATTR_QUERY_TIMEOUT, (&raw mut length).cast(), 8, null_mut());
        SQLGetDescFieldW(handle, 0, SQL_DESC_COUNT, (&raw mut length).cast(), 8, null_mut());
        SQLSetDescFieldW(handle, 0, SQL_DESC_COUNT, n, 0);
        SQLGetDescRecW(
            handle, 1, null_mut(), 0, null_mut(), null_mut(), null_mut(), null_mut(), null_mut(),
            null_mut(), null_mut(),
        );
        SQLSetDescRec(handle, 1, 4, 0, 4, 0, 0, n, null_mut(), null_mut());
        SQLCopyDesc(handle, handle);
        SQLPrepareW(handle, text, 1);
        SQLExecute(handle);
        SQLExecDirectW(handle, text, 1);
        SQLNativeSqlW(handle, text, 1, null_mut(), 0, &mut number);
        SQLRowCount(handle, &mut length);
        SQLBindParameter(
            handle, 1, SQL_PARAM_INPUT, C_SLONG, SQL_INTEGER, 0, 0, (&raw mut number).cast(), 4, &mut length,
        );
        SQLNumParams(handle, &mut small);
        SQLDescribeParam(handle, 1, &mut small, null_mut(), null_mut(), null_mut());
        SQLParamData(handle, null_mut());
        SQLPutData(handle, n, 0);
        SQLNumResultCols(handle, &mut small);
        SQLDescribeColW(
            handle, 1, null_mut(), 0, null_mut(), null_mut(), null_mut(), null_mut(), null_mut(),
        );
        SQLColAttributeW(handle, 1, 1, n, 0, null_mut(), &mut length);
        SQLBindCol(handle, 1, C_SLONG, (&raw mut number).cast(), 4, &mut length);
        SQLFetch(handle);
        SQLFetchScroll(handle, SQL_FETCH_NEXT, 0);
        SQLExtendedFetch(handle, 1, 0, null_mut(), null_mut());
        SQLGetData(handle, 1, C_SLONG, (&raw mut number).cast(), 4, &mut length);
        SQLSetPos(handle, 1, SQL_POSITION, SQL_LOCK_NO_CHANGE);
        SQLBulkOperations(handle, SQL_ADD);
        SQLMoreResults(handle);
        SQLGetCursorNameW(handle, null_mut(), 0, null_mut());
        SQLSetCursorNameW(handle, text, 1);
        SQLGetDiagFieldW(SQL_HANDLE_STMT, handle, 1, 4, n, 0, null_mut());
        SQLGetDiagRecW(
            SQL_HANDLE_ENV, handle, 1, null_mut(), null_mut(), null_mut(), 0, null_mut(),
        );
        SQLGetDiagRecW(
            SQL_HANDLE_DBC, handle, 1, null_mut(), null_mut(), null_mut(), 0, null_mut(),
        );
        SQLGetDiagRecW(
            SQL_HANDLE_STMT, handle, 1, null_mut(), null_mut(), null_mut(), 0, null_mut(),
        );
        SQLGetDiagRecW(
            SQL_HANDLE_DESC, handle, 1, null_mut(), null_mut(), null_mut(), 0, null_mut(),
        );
        SQLTablesW(handle, none, 0, none, 0, none, 0, none, 0);
        SQLColumnsW(handle, none, 0, none, 0, none, 0, none, 0);
        SQLPrimaryKeysW(handle, none, 0, none, 0, text, 1);
        SQLForeignKeysW(handle, none, 0, none, 0, text, 1, none, 0, none, 0, none, 0);
        SQLStatisticsW(handle, none, 0, none, 0, text, 1, 0, 0);
        SQLSpecialColumnsW(handle, 1, none, 0, none, 0, text, 1, 0, 0);
        SQLTablePrivilegesW(handle, none, 0, none, 0, text, 1);
        SQLColumnPrivilegesW(handle, none, 0, none, 0, text, 1, none, 0);
        SQLProceduresW(handle, none, 0, none, 0, text, 1);
        SQLProcedureColumnsW(handle, none, 0, none, 0, text, 1, none, 0);
        SQLFreeStmt(handle, SQL_CLOSE);
        SQLFreeStmt(handle, SQL_DROP);
        SQLCloseCursor(handle);
        SQLCancel(handle);
        SQLCancelHandle(SQL_HANDLE_STMT, handle);
        SQLCancelHandle(SQL_HANDLE_DBC, handle);
    }
}

#[test]
fn every_export_is_called_with_bad_handles() {
    let called = answers(null_mut());
    for (_, name) in EXPORTS {
        assert!(called.iter().any(|(it, _)| it == name), "{name}");
    }
}

fn all_refuse(what: &str, handle: Handle) {
    for (name, code) in answers(handle) {
        assert_eq!(code, SQL_INVALID_HANDLE, "{name} on {what}");
    }
}

#[test]
fn a_null_handle_is_invalid_everywhere() {
    all_refuse("null", null_mut());
}

#[test]
fn a_handle_of_nobody_is_invalid_everywhere() {
    let local = [0_usize; 8];
    all_refuse(
        "an address of the application",
        local.as_ptr().cast_mut().cast(),
    );
    for value in [
        1,
        0x1000,
        usize::MAX,
        usize::MAX >> 1,
        0xDEAD_BEEF_0BAD_F00D_u64 as usize,
    ] {
        all_refuse("a number", std::ptr::without_provenance_mut(value));
    }
}

#[test]
fn a_freed_handle_is_invalid_everywhere() {
    let application = Application::start();
    let (environment, connection, statement) = (
        application.environment,
        application.connection,
        application.statement,
    );
    let descriptor = allocate(SQL_HANDLE_DESC, connection);
    drop(application);
    for handle in [environment, connection, statement, descriptor] {
        all_refuse("a freed handle", handle);
    }
}

#[test]
fn a_freed_handle_stays_invalid_when_its_place_is_used_again() {
    let application = Application::start();
    let freed = allocate(SQL_HANDLE_STMT, application.connection);
    // SAFETY: freed once.
    assert_eq!(
        unsafe { SQLFreeHandle(SQL_HANDLE_STMT, freed) },
        SQL_SUCCESS
    );
    let next: Vec<_> = (0..50)
        .map(|_| allocate(SQL_HANDLE_STMT, application.connection))
        .collect();
    assert!(!next.contains(&freed));
    all_refuse("a freed handle", freed);
}

#[test]
fn a_handle_of_another_kind_is_invalid() {
    let application = Application::start();
    let statement = application.statement;
    let mut out = null_mut();
    let mut count = 0;
    // SAFETY: places of the right size.
    unsafe {
        assert_eq!(SQLDisconnect(statement), SQL_INVALID_HANDLE);
        assert_eq!(SQLFetch(application.connection), SQL_INVALID_HANDLE);
        assert_eq!(
            SQLNumResultCols(application.environment, &mut count),
            SQL_INVALID_HANDLE
        );
        assert_eq!(
            SQLAllocHandle(SQL_HANDLE_STMT, statement, &mut out),
            SQL_INVALID_HANDLE
        );
        assert_eq!(SQLFreeHandle(SQL_HANDLE_DBC, statement), SQL_INVALID_HANDLE);
    }
    assert_eq!(application.execute("SELECT 1"), SQL_SUCCESS);
}

#[test]
fn disconnecting_frees_statements_and_descriptors() {
    let application = Application::start();
    let descriptor = allocate(SQL_HANDLE_DESC, application.connection);
    // SAFETY: the handle is ours.
    assert_eq!(
        unsafe { SQLDisconnect(application.connection) },
        SQL_SUCCESS
    );
    all_refuse("a statement of a closed connection", application.statement);
    all_refuse("a descriptor of a closed connection", descriptor);
    // SAFETY: the handle is ours.
    assert_eq!(unsafe { SQLDisconnect(application.connection) }, SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DBC, application.connection), "08003");
    assert_eq!(
        connect(application.connection, &application.server),
        SQL_SUCCESS
    );
}

#[test]
fn what_still_has_children_is_not_freed() {
    let application = Application::start();
    // SAFETY: the handles are ours.
    unsafe {
        assert_eq!(
            SQLFreeHandle(SQL_HANDLE_DBC, application.connection),
            SQL_ERROR
        );
        assert_eq!(
            SQLFreeHandle(SQL_HANDLE_ENV, application.environment),
            SQL_ERROR
        );
    }
    assert_eq!(state(SQL_HANDLE_DBC, application.connection), "HY010");
    assert_eq!(state(SQL_HANDLE_ENV, application.environment), "HY010");
    assert_eq!(application.execute("SELECT 1"), SQL_SUCCESS);
}

#[test]
fn a_statement_needs_an_open_connection() {
    let environment = environment();
    let connection = allocate(SQL_HANDLE_DBC, environment);
    assert_eq!(try_allocate(SQL_HANDLE_STMT, connection).0, SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DBC, connection), "08003");
    // SAFETY: each handle is freed once.
    unsafe {
        assert_eq!(SQLFreeHandle(SQL_HANDLE_DBC, connection), SQL_SUCCESS);
        assert_eq!(SQLFreeHandle(SQL_HANDLE_ENV, environment), SQL_SUCCESS);
    }
}

#[test]
fn handles_are_allocated_and_freed_by_many_threads_at_once() {
    let application = Application::start();
    let connection = application.connection.expose_provenance();
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(move || {
                let connection = std::ptr::with_exposed_provenance_mut(connection);
                for _ in 0..200 {
                    let statement = allocate(SQL_HANDLE_STMT, connection);
                    // SAFETY: freed once.
                    let code = unsafe { SQLFreeHandle(SQL_HANDLE_STMT, statement) };
                    assert_eq!(code, SQL_SUCCESS);
                    // SAFETY: a freed handle is refused.
                    let code = unsafe { SQLFetch(statement) };
                    assert_eq!(code, SQL_INVALID_HANDLE);
                }
            });
        }
    });
}
