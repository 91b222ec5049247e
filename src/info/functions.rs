//! SQLGetFunctions, and the driver's support for each function of ODBC 3.8.

use crate::abi::*;

/// A function of ODBC: its number, if any, its name without `W`, and its support.
#[derive(Debug, Clone, Copy)]
pub struct Function(pub Option<u16>, pub &'static str, pub Support);

/// What becomes of a call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Support {
    /// Works as the standard says.
    Whole,
    /// Works in part: what is missing, with its SQLSTATE.
    Partly(&'static str),
    /// Drivers of ODBC 3 do not have it: the Driver Manager answers, or calls this instead.
    Manager(&'static str),
}

use Support::{Manager, Partly, Whole};

/// Every function of ODBC 3.8.
pub const FUNCTIONS: &[Function] = &[
    // Handles and connections.
    Function(Some(SQL_API_SQLALLOCHANDLE), "SQLAllocHandle", Whole),
    Function(Some(SQL_API_SQLFREEHANDLE), "SQLFreeHandle", Whole),
    Function(Some(SQL_API_SQLCONNECT), "SQLConnect", Whole),
    Function(
        Some(SQL_API_SQLDRIVERCONNECT),
        "SQLDriverConnect",
        Partly(
            "prompts on Windows only; elsewhere what is missing is an error, and SQL_DRIVER_PROMPT is IM008",
        ),
    ),
    Function(Some(SQL_API_SQLBROWSECONNECT), "SQLBrowseConnect", Whole),
    Function(Some(SQL_API_SQLDISCONNECT), "SQLDisconnect", Whole),
    Function(
        Some(SQL_API_SQLENDTRAN),
        "SQLEndTran",
        Partly("closes the cursors of the connection, with autocommit too"),
    ),
    // Attributes.
    Function(Some(SQL_API_SQLSETENVATTR), "SQLSetEnvAttr", Whole),
    Function(Some(SQL_API_SQLGETENVATTR), "SQLGetEnvAttr", Whole),
    Function(
        Some(SQL_API_SQLSETCONNECTATTR),
        "SQLSetConnectAttr",
        Partly("translation, DTC: HYC00"),
    ),
    Function(Some(SQL_API_SQLGETCONNECTATTR), "SQLGetConnectAttr", Whole),
    Function(
        Some(SQL_API_SQLSETSTMTATTR),
        "SQLSetStmtAttr",
        Partly("cursors that see changes, bookmarks: 01S02"),
    ),
    Function(Some(SQL_API_SQLGETSTMTATTR), "SQLGetStmtAttr", Whole),
    // Information.
    Function(Some(SQL_API_SQLGETINFO), "SQLGetInfo", Whole),
    Function(Some(SQL_API_SQLGETFUNCTIONS), "SQLGetFunctions", Whole),
    Function(Some(SQL_API_SQLGETTYPEINFO), "SQLGetTypeInfo", Whole),
    // Descriptors.
    Function(Some(SQL_API_SQLGETDESCFIELD), "SQLGetDescField", Whole),
    Function(Some(SQL_API_SQLGETDESCREC), "SQLGetDescRec", Whole),
    Function(Some(SQL_API_SQLSETDESCFIELD), "SQLSetDescField", Whole),
    Function(Some(SQL_API_SQLSETDESCREC), "SQLSetDescRec", Whole),
    Function(Some(SQL_API_SQLCOPYDESC), "SQLCopyDesc", Whole),
    // Statements.
    Function(Some(SQL_API_SQLPREPARE), "SQLPrepare", Whole),
    Function(Some(SQL_API_SQLEXECUTE), "SQLExecute", Whole),
    Function(Some(SQL_API_SQLEXECDIRECT), "SQLExecDirect", Whole),
    Function(Some(SQL_API_SQLNATIVESQL), "SQLNativeSql", Whole),
    Function(Some(SQL_API_SQLROWCOUNT), "SQLRowCount", Whole),
    Function(Some(SQL_API_SQLGETCURSORNAME), "SQLGetCursorName", Whole),
    Function(Some(SQL_API_SQLSETCURSORNAME), "SQLSetCursorName", Whole),
    // Parameters.
    Function(
        Some(SQL_API_SQLBINDPARAMETER),
        "SQLBindParameter",
        Partly(
            "parameters whose values go in, which may be bound as input and output; output ones and streams: HYC00",
        ),
    ),
    Function(Some(SQL_API_SQLNUMPARAMS), "SQLNumParams", Whole),
    Function(Some(SQL_API_SQLDESCRIBEPARAM), "SQLDescribeParam", Whole),
    Function(Some(SQL_API_SQLPARAMDATA), "SQLParamData", Whole),
    Function(Some(SQL_API_SQLPUTDATA), "SQLPutData", Whole),
    // Results.
    Function(Some(SQL_API_SQLNUMRESULTCOLS), "SQLNumResultCols", Whole),
    Function(Some(SQL_API_SQLDESCRIBECOL), "SQLDescribeCol", Whole),
    Function(Some(SQL_API_SQLCOLATTRIBUTE), "SQLColAttribute", Whole),
    Function(
        Some(SQL_API_SQLBINDCOL),
        "SQLBindCol",
        Partly("bookmarks: 07009"),
    ),
    Function(Some(SQL_API_SQLFETCH), "SQLFetch", Whole),
    Function(
        Some(SQL_API_SQLFETCHSCROLL),
        "SQLFetchScroll",
        Partly("bookmarks: HY106"),
    ),
    Function(
        Some(SQL_API_SQLEXTENDEDFETCH),
        "SQLExtendedFetch",
        Partly("bookmarks: HY106"),
    ),
    Function(Some(SQL_API_SQLGETDATA), "SQLGetData", Whole),
    Function(
        Some(SQL_API_SQLSETPOS),
        "SQLSetPos",
        Partly("SQL_POSITION and SQL_REFRESH; changes and locks: HYC00"),
    ),
    Function(
        Some(SQL_API_SQLBULKOPERATIONS),
        "SQLBulkOperations",
        Partly("results are read-only and without bookmarks: always HYC00"),
    ),
    Function(Some(SQL_API_SQLMORERESULTS), "SQLMoreResults", Whole),
    // Diagnostics.
    Function(Some(SQL_API_SQLGETDIAGFIELD), "SQLGetDiagField", Whole),
    Function(Some(SQL_API_SQLGETDIAGREC), "SQLGetDiagRec", Whole),
    // Catalog.
    Function(Some(SQL_API_SQLTABLES), "SQLTables", Whole),
    Function(Some(SQL_API_SQLCOLUMNS), "SQLColumns", Whole),
    Function(
        Some(SQL_API_SQLPRIMARYKEYS),
        "SQLPrimaryKeys",
        Partly(EMPTY),
    ),
    Function(
        Some(SQL_API_SQLFOREIGNKEYS),
        "SQLForeignKeys",
        Partly(EMPTY),
    ),
    Function(Some(SQL_API_SQLSTATISTICS), "SQLStatistics", Partly(EMPTY)),
    Function(
        Some(SQL_API_SQLSPECIALCOLUMNS),
        "SQLSpecialColumns",
        Partly(EMPTY),
    ),
    Function(
        Some(SQL_API_SQLTABLEPRIVILEGES),
        "SQLTablePrivileges",
        Whole,
    ),
    Function(
        Some(SQL_API_SQLCOLUMNPRIVILEGES),
        "SQLColumnPrivileges",
        Whole,
    ),
    Function(Some(SQL_API_SQLPROCEDURES), "SQLProcedures", Partly(EMPTY)),
    Function(
        Some(SQL_API_SQLPROCEDURECOLUMNS),
        "SQLProcedureColumns",
        Partly(EMPTY),
    ),
    // Ending.
    Function(Some(SQL_API_SQLFREESTMT), "SQLFreeStmt", Whole),
    Function(Some(SQL_API_SQLCLOSECURSOR), "SQLCloseCursor", Whole),
    Function(Some(SQL_API_SQLCANCEL), "SQLCancel", Whole),
    Function(Some(SQL_API_SQLCANCELHANDLE), "SQLCancelHandle", Whole),
    // The Driver Manager's own.
    Function(None, "SQLCompleteAsync", Manager("")),
    Function(Some(SQL_API_SQLDATASOURCES), "SQLDataSources", Manager("")),
    Function(Some(SQL_API_SQLDRIVERS), "SQLDrivers", Manager("")),
    // Of ODBC 2 and of ISO.
    Function(
        Some(SQL_API_SQLALLOCENV),
        "SQLAllocEnv",
        Manager("SQLAllocHandle"),
    ),
    Function(
        Some(SQL_API_SQLALLOCCONNECT),
        "SQLAllocConnect",
        Manager("SQLAllocHandle"),
    ),
    Function(
        Some(SQL_API_SQLALLOCSTMT),
        "SQLAllocStmt",
        Manager("SQLAllocHandle"),
    ),
    Function(
        Some(SQL_API_SQLFREEENV),
        "SQLFreeEnv",
        Manager("SQLFreeHandle"),
    ),
    Function(
        Some(SQL_API_SQLFREECONNECT),
        "SQLFreeConnect",
        Manager("SQLFreeHandle"),
    ),
    Function(Some(SQL_API_SQLERROR), "SQLError", Manager("SQLGetDiagRec")),
    Function(
        Some(SQL_API_SQLTRANSACT),
        "SQLTransact",
        Manager("SQLEndTran"),
    ),
    Function(
        Some(SQL_API_SQLCOLATTRIBUTES),
        "SQLColAttributes",
        Manager("SQLColAttribute"),
    ),
    Function(
        Some(SQL_API_SQLGETCONNECTOPTION),
        "SQLGetConnectOption",
        Manager("SQLGetConnectAttr"),
    ),
    Function(
        Some(SQL_API_SQLSETCONNECTOPTION),
        "SQLSetConnectOption",
        Manager("SQLSetConnectAttr"),
    ),
    Function(
        Some(SQL_API_SQLGETSTMTOPTION),
        "SQLGetStmtOption",
        Manager("SQLGetStmtAttr"),
    ),
    Function(
        Some(SQL_API_SQLSETSTMTOPTION),
        "SQLSetStmtOption",
        Manager("SQLSetStmtAttr"),
    ),
    Function(
        Some(SQL_API_SQLSETSCROLLOPTIONS),
        "SQLSetScrollOptions",
        Manager("SQLSetStmtAttr"),
    ),
    Function(
        Some(SQL_API_SQLPARAMOPTIONS),
        "SQLParamOptions",
        Manager("SQLSetStmtAttr"),
    ),
    Function(
        Some(SQL_API_SQLSETPARAM),
        "SQLSetParam",
        Manager("SQLBindParameter"),
    ),
    Function(
        Some(SQL_API_SQLBINDPARAM),
        "SQLBindParam",
        Manager("SQLBindParameter"),
    ),
];

const EMPTY: &str = "Trino has none: the standard's columns and no row";

/// The answer to SQL_API_ODBC3_ALL_FUNCTIONS: one bit a function, by number.
pub fn bitmap(exports: &[u16]) -> [u16; SQL_API_ODBC3_ALL_FUNCTIONS_SIZE] {
    let mut words = [0; SQL_API_ODBC3_ALL_FUNCTIONS_SIZE];
    for function in exports {
        if let Some(word) = words.get_mut(usize::from(function >> 4)) {
            *word |= 1 << (function & 0xf);
        }
    }
    words
}
