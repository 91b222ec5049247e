//! The manager's C interface with plain numbers, and the numbers that the tests use.

use std::ffi::c_void;

pub type Handle = *mut c_void;

#[cfg_attr(windows, link(name = "odbc32"))]
#[cfg_attr(not(windows), link(name = "odbc"))]
unsafe extern "system" {
    pub fn SQLAllocHandle(kind: i16, parent: Handle, out: *mut Handle) -> i16;
    pub fn SQLFreeHandle(kind: i16, handle: Handle) -> i16;
    pub fn SQLSetEnvAttr(env: Handle, attribute: i32, value: Handle, length: i32) -> i16;
    pub fn SQLConnectW(
        connection: Handle,
        source: *const u16,
        source_length: i16,
        user: *const u16,
        user_length: i16,
        password: *const u16,
        password_length: i16,
    ) -> i16;
    pub fn SQLDriverConnectW(
        connection: Handle,
        window: Handle,
        text: *const u16,
        length: i16,
        out: *mut u16,
        capacity: i16,
        out_length: *mut i16,
        completion: u16,
    ) -> i16;
    pub fn SQLDisconnect(connection: Handle) -> i16;
    pub fn SQLGetInfoW(
        connection: Handle,
        kind: u16,
        value: *mut c_void,
        capacity: i16,
        length: *mut i16,
    ) -> i16;
    pub fn SQLGetDiagRecW(
        kind: i16,
        handle: Handle,
        record: i16,
        state: *mut u16,
        native: *mut i32,
        text: *mut u16,
        capacity: i16,
        length: *mut i16,
    ) -> i16;
    pub fn SQLExecDirectW(statement: Handle, text: *const u16, length: i32) -> i16;
    pub fn SQLExecDirect(statement: Handle, text: *const u8, length: i32) -> i16;
    pub fn SQLPrepareW(statement: Handle, text: *const u16, length: i32) -> i16;
    pub fn SQLExecute(statement: Handle) -> i16;
    pub fn SQLNumResultCols(statement: Handle, count: *mut i16) -> i16;
    pub fn SQLRowCount(statement: Handle, count: *mut isize) -> i16;
    pub fn SQLDescribeColW(
        statement: Handle,
        column: u16,
        name: *mut u16,
        capacity: i16,
        name_length: *mut i16,
        sql_type: *mut i16,
        size: *mut usize,
        digits: *mut i16,
        nullable: *mut i16,
    ) -> i16;
    pub fn SQLFetch(statement: Handle) -> i16;
    pub fn SQLFetchScroll(statement: Handle, orientation: i16, offset: isize) -> i16;
    pub fn SQLGetData(
        statement: Handle,
        column: u16,
        c_type: i16,
        data: Handle,
        capacity: isize,
        length: *mut isize,
    ) -> i16;
    pub fn SQLBindCol(
        statement: Handle,
        column: u16,
        c_type: i16,
        data: Handle,
        capacity: isize,
        length: *mut isize,
    ) -> i16;
    pub fn SQLMoreResults(statement: Handle) -> i16;
    pub fn SQLCloseCursor(statement: Handle) -> i16;
    pub fn SQLFreeStmt(statement: Handle, option: u16) -> i16;
    pub fn SQLCancel(statement: Handle) -> i16;
    pub fn SQLSetStmtAttrW(statement: Handle, attribute: i32, value: Handle, length: i32) -> i16;
    pub fn SQLGetStmtAttrW(
        statement: Handle,
        attribute: i32,
        value: Handle,
        capacity: i32,
        length: *mut i32,
    ) -> i16;
    pub fn SQLTablesW(
        statement: Handle,
        catalog: *const u16,
        catalog_length: i16,
        schema: *const u16,
        schema_length: i16,
        table: *const u16,
        table_length: i16,
        types: *const u16,
        types_length: i16,
    ) -> i16;
    pub fn SQLColumnsW(
        statement: Handle,
        catalog: *const u16,
        catalog_length: i16,
        schema: *const u16,
        schema_length: i16,
        table: *const u16,
        table_length: i16,
        column: *const u16,
        column_length: i16,
    ) -> i16;
    pub fn SQLColAttributeW(
        statement: Handle,
        column: u16,
        field: u16,
        text: Handle,
        capacity: i16,
        length: *mut i16,
        number: *mut isize,
    ) -> i16;
    pub fn SQLSetConnectAttrW(
        connection: Handle,
        attribute: i32,
        value: Handle,
        length: i32,
    ) -> i16;
    pub fn SQLGetConnectAttrW(
        connection: Handle,
        attribute: i32,
        value: Handle,
        capacity: i32,
        length: *mut i32,
    ) -> i16;
    pub fn SQLGetTypeInfoW(statement: Handle, data_type: i16) -> i16;
}

pub const SQL_DRIVER_HSTMT: u16 = 5;
pub const SQL_SUCCESS: i16 = 0;
pub const SQL_SUCCESS_WITH_INFO: i16 = 1;
pub const SQL_STILL_EXECUTING: i16 = 2;
pub const SQL_NO_DATA: i16 = 100;
pub const SQL_ERROR: i16 = -1;
pub const SQL_INVALID_HANDLE: i16 = -2;
pub const SQL_NTS: i16 = -3;
pub const SQL_NULL_DATA: isize = -1;

pub const SQL_HANDLE_ENV: i16 = 1;
pub const SQL_HANDLE_DBC: i16 = 2;
pub const SQL_HANDLE_STMT: i16 = 3;

pub const SQL_ATTR_ODBC_VERSION: i32 = 200;
pub const SQL_OV_ODBC3_80: usize = 380;
pub const SQL_CLOSE: u16 = 0;
pub const SQL_ATTR_QUERY_TIMEOUT: i32 = 0;
pub const SQL_ATTR_CURSOR_TYPE: i32 = 6;
pub const SQL_CURSOR_STATIC: usize = 3;
pub const SQL_FETCH_NEXT: i16 = 1;
pub const SQL_FETCH_FIRST: i16 = 2;
pub const SQL_FETCH_LAST: i16 = 3;
pub const SQL_FETCH_PRIOR: i16 = 4;
pub const SQL_FETCH_ABSOLUTE: i16 = 5;
pub const SQL_FETCH_RELATIVE: i16 = 6;
pub const SQL_ATTR_ASYNC_ENABLE: i32 = 4;
pub const SQL_ASYNC_ENABLE_ON: usize = 1;

pub const SQL_C_CHAR: i16 = 1;
pub const SQL_C_WCHAR: i16 = -8;
pub const SQL_C_BINARY: i16 = -2;
pub const SQL_C_BIT: i16 = -7;
pub const SQL_C_STINYINT: i16 = -26;
pub const SQL_C_SSHORT: i16 = -15;
pub const SQL_C_SLONG: i16 = -16;
pub const SQL_C_SBIGINT: i16 = -25;
pub const SQL_C_FLOAT: i16 = 7;
pub const SQL_C_DOUBLE: i16 = 8;
pub const SQL_C_NUMERIC: i16 = 2;
pub const SQL_C_TYPE_DATE: i16 = 91;
pub const SQL_C_TYPE_TIME: i16 = 92;
pub const SQL_C_TYPE_TIMESTAMP: i16 = 93;
pub const SQL_C_INTERVAL_YEAR_TO_MONTH: i16 = 107;
pub const SQL_C_INTERVAL_DAY_TO_SECOND: i16 = 110;
pub const SQL_C_GUID: i16 = -11;
