//! Statement states.
//!
//! A cell with a bar differs by whether something is prepared: before the bar for a statement that was executed
//! directly, after it for one that was prepared.

use std::ptr::{null, null_mut};

use scripted_trino::{Answer, QueryError, columns};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::{answer, compare};
use crate::application::*;

/// A row: what is called, how, and what it does in S1 (allocated), S2 (prepared, no result), S3 (prepared), S4 (executed,
/// no result), S5 (opened), S6 (fetched) and S7 (fetched by SQLExtendedFetch).
pub type Row = (
    &'static str,
    fn(&Application) -> super::Answer,
    [&'static str; 7],
);

const ALWAYS: [&str; 7] = ["--"; 7];
const CATALOG: [&str; 7] = ["S5", "S5", "S5", "S5", "24000", "24000", "24000"];
const CONNECTED: [&str; 7] = ["08002"; 7];
/// Where Appendix B has HY010 in S1, the pages of the functions have HY007.
const OF_IRD: [&str; 7] = ["HY007", "nf", "--", "24000", "--", "--", "--"];

#[rustfmt::skip]
pub const ROWS: &[Row] = &[
    // On the statement.
    ("SQLBindCol", bind_column, ALWAYS),
    ("SQLBindParameter", bind_parameter, ALWAYS),
    ("SQLBulkOperations", |a| on(a, |s| unsafe { SQLBulkOperations(s, SQL_ADD) }),
        ["HY010", "HY010", "HY010", "24000", "HYC00", "HYC00", "HY010"]),
    ("SQLCancel", |a| on(a, |s| unsafe { SQLCancel(s) }), ALWAYS),
    ("SQLCancelHandle", |a| on(a, |s| unsafe { SQLCancelHandle(SQL_HANDLE_STMT, s) }), ALWAYS),
    ("SQLCloseCursor", |a| on(a, |s| unsafe { SQLCloseCursor(s) }),
        ["24000", "24000", "24000", "24000", "S1|S3", "S1|S3", "S1|S3"]),
    ("SQLColAttribute of a column", |a| column_attribute(a, SQL_DESC_NAME),
        ["HY010", "07005", "--", "24000", "--", "--", "--"]),
    ("SQLColAttribute of the count", |a| column_attribute(a, SQL_DESC_COUNT),
        ["HY010", "--", "--", "24000", "--", "--", "--"]),
    ("SQLColumnPrivileges", |a| on(a, |s| unsafe { SQLColumnPrivilegesW(s, null(), 0, null(), 0, T, 1, null(), 0) }), CATALOG),
    ("SQLColumns", |a| on(a, |s| unsafe { SQLColumnsW(s, T, 1, T, 1, T, 1, null(), 0) }), CATALOG),
    ("SQLForeignKeys", |a| on(a, |s| unsafe { SQLForeignKeysW(s, null(), 0, null(), 0, T, 1, null(), 0, null(), 0, null(), 0) }), CATALOG),
    ("SQLGetTypeInfo", |a| on(a, |s| unsafe { SQLGetTypeInfoW(s, SQL_ALL_TYPES) }), CATALOG),
    ("SQLPrimaryKeys", |a| on(a, |s| unsafe { SQLPrimaryKeysW(s, null(), 0, null(), 0, T, 1) }), CATALOG),
    ("SQLProcedureColumns", |a| on(a, |s| unsafe { SQLProcedureColumnsW(s, null(), 0, null(), 0, null(), 0, null(), 0) }), CATALOG),
    ("SQLProcedures", |a| on(a, |s| unsafe { SQLProceduresW(s, null(), 0, null(), 0, null(), 0) }), CATALOG),
    ("SQLSpecialColumns", |a| on(a, |s| unsafe { SQLSpecialColumnsW(s, SQL_BEST_ROWID, null(), 0, null(), 0, T, 1, 0, 0) }), CATALOG),
    ("SQLStatistics", |a| on(a, |s| unsafe { SQLStatisticsW(s, null(), 0, null(), 0, T, 1, 0, 0) }), CATALOG),
    ("SQLTablePrivileges", |a| on(a, |s| unsafe { SQLTablePrivilegesW(s, null(), 0, null(), 0, null(), 0) }), CATALOG),
    ("SQLTables", |a| on(a, |s| unsafe { SQLTablesW(s, T, 1, T, 1, T, 1, null(), 0) }), CATALOG),
    ("SQLDescribeCol", describe_column, ["HY010", "07005", "--", "24000", "--", "--", "--"]),
    ("SQLExecDirect of an update", |a| on(a, |s| execute(s, UPDATE)),
        ["S4", "S4", "S4", "S4", "24000", "24000", "24000"]),
    ("SQLExecDirect of a query", |a| on(a, |s| execute(s, THREE)),
        ["S5", "S5", "S5", "S5", "24000", "24000", "24000"]),
    ("SQLExecDirect that fails", |a| on(a, |s| execute(s, MISSING)),
        ["42S02", "42S02 S1", "42S02 S1", "42S02 S1", "24000", "24000", "24000"]),
    ("SQLExecDirect of nothing", |a| on(a, |s| execute(s, ";")),
        ["42000", "42000 S1", "42000 S1", "42000 S1", "24000", "24000", "24000"]),
    ("SQLExecute", |a| on(a, |s| unsafe { SQLExecute(s) }),
        ["HY010", "S4", "S5", "HY010|S4", "HY010|24000", "HY010|24000", "HY010|24000"]),
    ("SQLExtendedFetch", |a| on(a, |s| unsafe { SQLExtendedFetch(s, 1, 0, null_mut(), null_mut()) }),
        ["HY010", "HY010", "HY010", "24000", "S7", "HY010", "--"]),
    ("SQLFetch", |a| on(a, |s| unsafe { SQLFetch(s) }),
        ["HY010", "HY010", "HY010", "24000", "S6", "--", "HY010"]),
    ("SQLFetchScroll", |a| on(a, |s| unsafe { SQLFetchScroll(s, SQL_FETCH_NEXT, 0) }),
        ["HY010", "HY010", "HY010", "24000", "S6", "--", "HY010"]),
    ("SQLFreeHandle of the statement", |a| on(a, |s| unsafe { SQLFreeHandle(SQL_HANDLE_STMT, s) }), ["S0"; 7]),
    ("SQLFreeStmt to close", |a| on(a, |s| unsafe { SQLFreeStmt(s, SQL_CLOSE) }),
        ["--", "--", "--", "S1|S2", "S1|S3", "S1|S3", "S1|S3"]),
    ("SQLFreeStmt to unbind", |a| on(a, |s| unsafe { SQLFreeStmt(s, SQL_UNBIND) }), ALWAYS),
    ("SQLFreeStmt to reset", |a| on(a, |s| unsafe { SQLFreeStmt(s, SQL_RESET_PARAMS) }), ALWAYS),
    ("SQLFreeStmt to drop", |a| on(a, |s| unsafe { SQLFreeStmt(s, SQL_DROP) }), ["S0"; 7]),
    ("SQLGetCursorName", |a| on(a, |s| unsafe { SQLGetCursorNameW(s, null_mut(), 0, null_mut()) }), ALWAYS),
    ("SQLGetData", get_data, ["HY010", "HY010", "HY010", "24000", "24000", "--", "--"]),
    ("SQLGetDiagField of the row count", row_count_field, ["err", "err", "err", "--", "--", "--", "--"]),
    ("SQLGetDiagRec", |a| on(a, |s| unsafe {
        SQLGetDiagRecW(SQL_HANDLE_STMT, s, 1, null_mut(), null_mut(), null_mut(), 0, null_mut())
    }), ["nf"; 7]),
    ("SQLGetStmtAttr", |a| get_attribute(a, SQL_ATTR_QUERY_TIMEOUT), ALWAYS),
    ("SQLGetStmtAttr of the row's number", |a| get_attribute(a, SQL_ATTR_ROW_NUMBER),
        ["24000", "24000", "24000", "24000", "24000", "--", "--"]),
    ("SQLMoreResults", |a| on(a, |s| unsafe { SQLMoreResults(s) }),
        ["nf", "nf", "nf", "nf S1|nf S2", "nf S1|nf S3", "nf S1|nf S3", "nf S1|nf S3"]),
    ("SQLNumResultCols", |a| on(a, |s| unsafe { SQLNumResultCols(s, &mut 0) }),
        ["HY010", "--", "--", "--", "--", "--", "--"]),
    ("SQLNumParams", |a| on(a, |s| unsafe { SQLNumParams(s, &mut 0) }),
        ["HY010", "--", "--", "HY010|--", "HY010|--", "HY010|--", "HY010|--"]),
    ("SQLDescribeParam of none", |a| on(a, |s| unsafe {
        SQLDescribeParam(s, 1, null_mut(), null_mut(), null_mut(), null_mut())
    }), ["HY010", "07009", "07009", "HY010|07009", "HY010|07009", "HY010|07009", "HY010|07009"]),
    ("SQLParamData", |a| on(a, |s| unsafe { SQLParamData(s, null_mut()) }), ["HY010"; 7]),
    ("SQLPutData", |a| on(a, |s| unsafe { SQLPutData(s, null_mut(), 0) }), ["HY010"; 7]),
    ("SQLPrepare of an update", |a| on(a, |s| prepare(s, UPDATE)),
        ["S2", "--", "S2", "S2", "24000", "24000", "24000"]),
    ("SQLPrepare of a query", |a| on(a, |s| prepare(s, THREE)),
        ["S3", "S3", "--", "S3", "24000", "24000", "24000"]),
    ("SQLPrepare of nothing", |a| on(a, |s| prepare(s, ";")),
        ["42000", "42000 S1", "42000 S1", "42000 S1", "24000", "24000", "24000"]),
    ("SQLRowCount", |a| on(a, |s| unsafe { SQLRowCount(s, &mut 0) }),
        ["HY010", "HY010", "HY010", "--", "--", "--", "--"]),
    ("SQLSetCursorName", |a| on(a, |s| {
        let name = wide("C1");
        unsafe { SQLSetCursorNameW(s, name.as_ptr(), SQL_NTS as i16) }
    }), ["--", "--", "--", "24000", "24000", "24000", "24000"]),
    ("SQLSetPos", |a| on(a, |s| unsafe { SQLSetPos(s, 1, SQL_POSITION, SQL_LOCK_NO_CHANGE) }),
        ["HY010", "HY010", "HY010", "24000", "24000", "--", "--"]),
    ("SQLSetStmtAttr", |a| on(a, |_| a.set(SQL_ATTR_QUERY_TIMEOUT, 7)), ALWAYS),
    ("SQLSetStmtAttr of the cursor's type", |a| on(a, |_| a.set(SQL_ATTR_CURSOR_TYPE, 0)),
        ["--", "HY011", "HY011", "24000", "24000", "24000", "24000"]),

    // On its descriptors.
    ("SQLCopyDesc of the ARD", |a| on_descriptor(a, SQL_ATTR_APP_PARAM_DESC, |apd| unsafe {
        SQLCopyDesc(descriptor(a, SQL_ATTR_APP_ROW_DESC), apd)
    }), ALWAYS),
    ("SQLCopyDesc of the IRD", |a| on_descriptor(a, SQL_ATTR_APP_PARAM_DESC, |apd| unsafe {
        SQLCopyDesc(descriptor(a, SQL_ATTR_IMP_ROW_DESC), apd)
    }), ["HY007", "24000", "--", "24000", "--", "--", "--"]),
    ("SQLGetDescField of the ARD", |a| on_descriptor(a, SQL_ATTR_APP_ROW_DESC, |d| get_field(d, 0, SQL_DESC_COUNT)), ALWAYS),
    ("SQLGetDescField of the IPD", |a| on_descriptor(a, SQL_ATTR_IMP_PARAM_DESC, |d| get_field(d, 0, SQL_DESC_COUNT)), ALWAYS),
    ("SQLGetDescField of the IRD", |a| on_descriptor(a, SQL_ATTR_IMP_ROW_DESC, |d| get_field(d, 1, SQL_DESC_TYPE)), OF_IRD),
    ("SQLGetDescRec of the ARD", |a| on_descriptor(a, SQL_ATTR_APP_ROW_DESC, get_record), ["nf"; 7]),
    ("SQLGetDescRec of the IRD", |a| on_descriptor(a, SQL_ATTR_IMP_ROW_DESC, get_record), OF_IRD),
    ("SQLSetDescField of the ARD", |a| on_descriptor(a, SQL_ATTR_APP_ROW_DESC, |d| unsafe {
        SQLSetDescFieldW(d, 0, SQL_DESC_ARRAY_SIZE, std::ptr::without_provenance_mut(1), 0)
    }), ALWAYS),
    ("SQLSetDescField of the IRD", |a| on_descriptor(a, SQL_ATTR_IMP_ROW_DESC, |d| unsafe {
        SQLSetDescFieldW(d, 1, SQL_DESC_TYPE, std::ptr::without_provenance_mut(1), 0)
    }), ["HY016"; 7]),
    ("SQLSetDescField of the IRD's row status", |a| on_descriptor(a, SQL_ATTR_IMP_ROW_DESC, |d| unsafe {
        SQLSetDescFieldW(d, 0, SQL_DESC_ARRAY_STATUS_PTR, null_mut(), 0)
    }), ALWAYS),
    ("SQLSetDescRec of the ARD", |a| on_descriptor(a, SQL_ATTR_APP_ROW_DESC, |d| unsafe {
        SQLSetDescRec(d, 1, C_SLONG, 0, 4, 0, 0, null_mut(), null_mut(), null_mut())
    }), ALWAYS),

    // On its connection and environment.
    ("SQLBrowseConnect", |a| on_connection(a, |c| unsafe { SQLBrowseConnectW(c, T, 0, null_mut(), 0, null_mut()) }), CONNECTED),
    ("SQLConnect", |a| on_connection(a, |c| unsafe { SQLConnectW(c, T, 1, null(), 0, null(), 0) }), CONNECTED),
    ("SQLDriverConnect", |a| on_connection(a, |c| connect(c, &a.server)), CONNECTED),
    ("SQLDisconnect", |a| on_connection(a, |c| unsafe { SQLDisconnect(c) }), ["S0"; 7]),
    ("SQLEndTran", |a| on_connection(a, |c| unsafe { SQLEndTran(SQL_HANDLE_DBC, c, SQL_COMMIT) }),
        ["--", "--", "--", "--", "S1|S3", "S1|S3", "S1|S3"]),
    ("SQLFreeHandle of the connection", |a| on_connection(a, |c| unsafe { SQLFreeHandle(SQL_HANDLE_DBC, c) }), ["HY010"; 7]),
    ("SQLGetConnectAttr", |a| on_connection(a, |c| unsafe {
        SQLGetConnectAttrW(c, SQL_ATTR_AUTOCOMMIT, null_mut(), 0, null_mut())
    }), ALWAYS),
    ("SQLGetFunctions", |a| on_connection(a, |c| unsafe { SQLGetFunctions(c, 13, &mut 0) }), ALWAYS),
    ("SQLGetInfo", |a| on_connection(a, |c| unsafe { SQLGetInfoW(c, SQL_DBMS_NAME, null_mut(), 0, null_mut()) }), ALWAYS),
    ("SQLNativeSql", |a| on_connection(a, |c| unsafe { SQLNativeSqlW(c, T, 1, null_mut(), 0, null_mut()) }), ALWAYS),
    ("SQLSetConnectAttr", |a| on_connection(a, |c| unsafe {
        SQLSetConnectAttrW(c, SQL_ATTR_CONNECTION_TIMEOUT, null_mut(), 0)
    }), ALWAYS),
    ("SQLSetConnectAttr of the catalog", |a| on_connection(a, |c| unsafe {
        SQLSetConnectAttrW(c, SQL_ATTR_CURRENT_CATALOG, T.cast_mut().cast(), 2)
    }), ["--", "--", "--", "--", "24000", "24000", "24000"]),
    ("SQLAllocHandle", |a| on_connection(a, |c| try_allocate(SQL_HANDLE_STMT, c).0), ALWAYS),
    ("SQLGetEnvAttr", |a| on_environment(a, |e| unsafe {
        SQLGetEnvAttr(e, SQL_ATTR_ODBC_VERSION, null_mut(), 4, null_mut())
    }), ALWAYS),
    ("SQLSetEnvAttr", |a| on_environment(a, |e| unsafe {
        SQLSetEnvAttr(e, SQL_ATTR_ODBC_VERSION, std::ptr::without_provenance_mut(SQL_OV_ODBC2), 0)
    }), ["HY011"; 7]),
    ("SQLFreeHandle of the environment", |a| on_environment(a, |e| unsafe { SQLFreeHandle(SQL_HANDLE_ENV, e) }), ["HY010"; 7]),
];

#[test]
fn each_function_answers_in_each_statement_state_as_appendix_b_says() {
    let mut wrong = Vec::new();
    for (label, call, cells) in ROWS {
        for (state, column) in STATES {
            let application = Application::start();
            let missing = QueryError::new("TABLE_NOT_FOUND", 46, "Table 'a.b.c' does not exist");
            application.server.on(MISSING, Answer::error(missing));
            application.server.on_matching(|sql| {
                let empty = || Answer::rows(columns![("a", "varchar")], Vec::new());
                sql.contains("system.jdbc").then(empty)
            });
            bring_to(&application, state);
            let cell = cells[*column];
            let cell = match cell.split_once('|') {
                Some((direct, _)) if !is_prepared(state) => direct,
                Some((_, prepared)) => prepared,
                None => cell,
            };
            let answer = call(&application);
            let after = state_of(application.statement);
            if let Some(difference) = compare(cell, &answer, state, &after) {
                wrong.push(format!("{label} in {difference}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Each state, those from S4 on also with something prepared, and its column in the table.
const STATES: &[(&str, usize)] = &[
    ("S1", 0),
    ("S2p", 1),
    ("S3p", 2),
    ("S4", 3),
    ("S4p", 3),
    ("S5", 4),
    ("S5p", 4),
    ("S6", 5),
    ("S6p", 5),
    ("S7", 6),
    ("S7p", 6),
];

fn is_prepared(state: &str) -> bool {
    state.ends_with('p')
}

fn bring_to(application: &Application, state: &str) {
    let statement = application.statement;
    let sql = match &state[..2] {
        "S1" => return,
        "S2" | "S4" => UPDATE,
        _ => THREE,
    };
    if is_prepared(state) {
        assert_eq!(prepare(statement, sql), SQL_SUCCESS);
        if state >= "S4" {
            // SAFETY: the handle is the application's.
            assert_eq!(unsafe { SQLExecute(statement) }, SQL_SUCCESS);
        }
    } else {
        assert_eq!(execute(statement, sql), SQL_SUCCESS);
    }
    // SAFETY: nothing is bound.
    let moved = match &state[..2] {
        "S6" => unsafe { SQLFetch(statement) },
        "S7" => unsafe { SQLExtendedFetch(statement, 1, 0, null_mut(), null_mut()) },
        _ => SQL_SUCCESS,
    };
    assert_eq!(moved, SQL_SUCCESS);
}

/// Where a statement stands, as far as its answers tell. It does not stand there any more afterwards.
fn state_of(statement: Handle) -> String {
    let columns = || {
        let mut count = 0;
        // SAFETY: a place for a number.
        let code = unsafe { SQLNumResultCols(statement, &mut count) };
        (code, count)
    };
    let executed = || {
        // SAFETY: a place for a number.
        let code = unsafe { SQLRowCount(statement, &mut 0) };
        code == SQL_SUCCESS
    };
    let state = match columns() {
        (SQL_INVALID_HANDLE, _) => return "S0".to_owned(),
        (SQL_ERROR, _) => return "S1".to_owned(),
        (_, 0) if !executed() => return "S2p".to_owned(),
        (_, 0) => "S4",
        _ if !executed() => return "S3p".to_owned(),
        _ => {
            let mut number = 0_usize;
            let place = (&raw mut number).cast();
            // SAFETY: a place for a number.
            let row =
                unsafe { SQLGetStmtAttrW(statement, SQL_ATTR_ROW_NUMBER, place, 8, null_mut()) };
            // SAFETY: what is bound has no memory.
            let fetched = unsafe { SQLFetch(statement) };
            match (row, fetched) {
                (SQL_ERROR, _) => "S5",
                (_, SQL_ERROR) => "S7",
                _ => "S6",
            }
        }
    };
    // SAFETY: the handle is the application's.
    unsafe { SQLFreeStmt(statement, SQL_CLOSE) };
    let prepared = if columns().0 == SQL_ERROR { "" } else { "p" };
    format!("{state}{prepared}")
}

fn on(application: &Application, call: impl FnOnce(Handle) -> SqlReturn) -> super::Answer {
    let code = call(application.statement);
    answer(SQL_HANDLE_STMT, application.statement, code)
}

fn on_connection(
    application: &Application,
    call: impl FnOnce(Handle) -> SqlReturn,
) -> super::Answer {
    let code = call(application.connection);
    answer(SQL_HANDLE_DBC, application.connection, code)
}

fn on_environment(
    application: &Application,
    call: impl FnOnce(Handle) -> SqlReturn,
) -> super::Answer {
    let code = call(application.environment);
    answer(SQL_HANDLE_ENV, application.environment, code)
}

fn on_descriptor(
    application: &Application,
    attribute: i32,
    call: impl FnOnce(Handle) -> SqlReturn,
) -> super::Answer {
    let handle = descriptor(application, attribute);
    let code = call(handle);
    answer(SQL_HANDLE_DESC, handle, code)
}

fn descriptor(application: &Application, attribute: i32) -> Handle {
    std::ptr::with_exposed_provenance_mut(application.get(attribute))
}

fn prepare(statement: Handle, sql: &str) -> SqlReturn {
    let sql = wide(sql);
    // SAFETY: the string ends with 0.
    unsafe { SQLPrepareW(statement, sql.as_ptr(), SQL_NTS as i32) }
}

fn bind_column(application: &Application) -> super::Answer {
    // SAFETY: unbinds.
    on(application, |statement| unsafe {
        SQLBindCol(statement, 1, C_SLONG, null_mut(), 0, null_mut())
    })
}

fn bind_parameter(application: &Application) -> super::Answer {
    let mut length = SQL_NULL_DATA;
    // SAFETY: what is bound is not used.
    on(application, |statement| unsafe {
        SQLBindParameter(
            statement,
            1,
            SQL_PARAM_INPUT,
            C_SLONG,
            SQL_INTEGER,
            0,
            0,
            null_mut(),
            0,
            &mut length,
        )
    })
}

fn column_attribute(application: &Application, field: i16) -> super::Answer {
    // SAFETY: the places may be null.
    on(application, |statement| unsafe {
        SQLColAttributeW(
            statement,
            1,
            field as u16,
            null_mut(),
            0,
            null_mut(),
            null_mut(),
        )
    })
}

fn describe_column(application: &Application) -> super::Answer {
    let n = null_mut();
    // SAFETY: the places may be null.
    on(application, |statement| unsafe {
        SQLDescribeColW(
            statement,
            1,
            n,
            0,
            null_mut(),
            null_mut(),
            null_mut(),
            null_mut(),
            null_mut(),
        )
    })
}

fn get_data(application: &Application) -> super::Answer {
    let (mut number, mut length) = (0_i32, 0);
    let place = (&raw mut number).cast();
    // SAFETY: places of the right size.
    on(application, |statement| unsafe {
        SQLGetData(statement, 1, C_SLONG, place, 4, &mut length)
    })
}

fn get_attribute(application: &Application, attribute: i32) -> super::Answer {
    let mut number = 0_usize;
    let place = (&raw mut number).cast();
    // SAFETY: a place for a number.
    on(application, |statement| unsafe {
        SQLGetStmtAttrW(statement, attribute, place, 8, null_mut())
    })
}

fn row_count_field(application: &Application) -> super::Answer {
    let mut count = 0_isize;
    let place = (&raw mut count).cast();
    // SAFETY: a place for a number.
    on(application, |statement| unsafe {
        SQLGetDiagFieldW(
            SQL_HANDLE_STMT,
            statement,
            0,
            SQL_DIAG_ROW_COUNT,
            place,
            0,
            null_mut(),
        )
    })
}

fn get_field(descriptor: Handle, record: i16, field: i16) -> SqlReturn {
    let mut number = 0_i16;
    let place = (&raw mut number).cast();
    // SAFETY: a place for a number of 16 bits, as these fields have them.
    unsafe { SQLGetDescFieldW(descriptor, record, field, place, 2, null_mut()) }
}

fn get_record(descriptor: Handle) -> SqlReturn {
    let n = null_mut();
    // SAFETY: the places may be null.
    unsafe { SQLGetDescRecW(descriptor, 1, null_mut(), 0, n, n, n, null_mut(), n, n, n) }
}

const MISSING: &str = "SELECT missing";
/// A name of one character.
const T: *const u16 = [b't' as u16].as_ptr();
