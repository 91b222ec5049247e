//! The exported functions, in the order of the ODBC reference's groups.
//!
//! Each is one entry: its number, its C signature, and the function behind it, which gets the same arguments unless the
//! entry says otherwise. `export!` also lists them, and SQLGetFunctions answers from that list.
//!
//! Functions with text have two names: the wide form, where `U` is [`WChar`], and off Windows the narrow form, where it is a
//! byte of UTF-8. unixODBC would serve applications with narrow strings by the wide forms, but it recodes their text by
//! the C library's locale, and as UCS-2: in the locale `C` each byte of UTF-8 becomes a character, and in any locale a
//! character beyond the Basic Multilingual Plane does, silently. Windows' Driver Manager calls the wide forms of a driver
//! that has any.

use std::ffi::c_void;

use super::text::WChar;
use super::{catalog, connection, descriptor, diagnostics, environment, parameter, statement};
use crate::abi::{self, SqlReturn, SqlSetPosIRow};
use crate::bind::Address;
use crate::statement::ParameterBinding;

type Handle = *mut c_void;

macro_rules! export {
    ($(
        $api:ident
        fn $name:ident $(/ $wide:ident)? ($($arguments:tt)*) -> $behind:path
            $(, with ($($given:tt)*))?;
    )*) => {
        mod wide {
            use super::*;

            type U = WChar;

            $(export! { @wide $name $($wide)? ($($arguments)*) $behind, $(($($given)*))? })*
        }

        #[cfg(any(not(windows), feature = "narrow-exports"))]
        mod narrow {
            use super::*;

            type U = u8;

            $(export! { @narrow $name $($wide)? ($($arguments)*) $behind, $(($($given)*))? })*
        }

        /// Functions that the driver exports, the wide form of those with text: their SQL_API_* numbers and their names.
        pub const EXPORTS: &[(u16, &str)] = &[$((abi::$api, export!(@name $name $($wide)?))),*];

        /// The narrow forms.
        #[cfg(any(not(windows), feature = "narrow-exports"))]
        pub const NARROW_EXPORTS: &[(u16, &str)] =
            &[$($((export!(@number abi::$api, $wide), stringify!($name)),)?)*];
    };
    (@name $name:ident) => { stringify!($name) };
    (@name $name:ident $wide:ident) => { stringify!($wide) };
    (@number $number:expr, $wide:ident) => { $number };
    (@wide $name:ident $wide:ident $($rest:tt)*) => { export! { @function $wide $($rest)* } };
    (@wide $($function:tt)*) => { export! { @function $($function)* } };
    (@narrow $name:ident $wide:ident $($rest:tt)*) => { export! { @function $name $($rest)* } };
    (@narrow $($function:tt)*) => {};
    (@function $name:ident ($($argument:ident: $kind:ty),* $(,)?) $behind:path, $($given:tt)?) => {
        /// # Safety
        /// Pointers are as the ODBC reference requires of this function.
        #[unsafe(no_mangle)]
        pub unsafe extern "system" fn $name($($argument: $kind),*) -> SqlReturn {
            if crate::log::is_at(tracing::Level::TRACE) {
                crate::ffi::trace::log(stringify!($name), &[$((stringify!($argument), $argument.into())),*]);
            }
            // SAFETY: the application's promises, passed on.
            unsafe { export!(@call $behind, ($($argument),*) $(, $given)?) }
        }
    };
    (@call $behind:path, ($($argument:expr),*)) => { $behind($($argument),*) };
    (@call $behind:path, $arguments:tt, ($($given:expr),* $(,)?)) => { $behind($($given),*) };
}

#[cfg(any(not(windows), feature = "narrow-exports"))]
pub use narrow::*;
pub use wide::*;

/// The numbers of all functions that the driver has, whatever their form.
pub const FUNCTIONS: &[u16] = &{
    let mut numbers = [0; EXPORTS.len()];
    let mut index = 0;
    while index < numbers.len() {
        numbers[index] = EXPORTS[index].0;
        index += 1;
    }
    numbers
};

export! {
    // Handles and attributes of the environment.
    SQL_API_SQLALLOCHANDLE
    fn SQLAllocHandle(kind: i16, parent: Handle, out: *mut Handle) -> environment::alloc_handle;
    SQL_API_SQLFREEHANDLE
    fn SQLFreeHandle(kind: i16, handle: Handle) -> environment::free_handle;
    SQL_API_SQLSETENVATTR
    fn SQLSetEnvAttr(
        environment: Handle, attribute: i32, value: *mut c_void, length: i32,
    ) -> environment::set_attribute;
    SQL_API_SQLGETENVATTR
    fn SQLGetEnvAttr(
        environment: Handle, attribute: i32, value: *mut c_void, capacity: i32, length: *mut i32,
    ) -> environment::get_attribute;

    // Connecting.
    SQL_API_SQLCONNECT
    fn SQLConnect / SQLConnectW(
        connection: Handle, source: *const U, source_length: i16, user: *const U, user_length: i16,
        password: *const U, password_length: i16,
    ) -> connection::connect;
    SQL_API_SQLDRIVERCONNECT
    fn SQLDriverConnect / SQLDriverConnectW(
        connection: Handle, window: Handle, text: *const U, length: i16, out: *mut U, capacity: i16,
        out_length: *mut i16, completion: u16,
    ) -> connection::driver_connect;
    SQL_API_SQLBROWSECONNECT
    fn SQLBrowseConnect / SQLBrowseConnectW(
        connection: Handle, text: *const U, length: i16, out: *mut U, capacity: i16,
        out_length: *mut i16,
    ) -> connection::browse_connect;
    SQL_API_SQLDISCONNECT
    fn SQLDisconnect(connection: Handle) -> connection::disconnect;
    SQL_API_SQLSETCONNECTATTR
    fn SQLSetConnectAttr / SQLSetConnectAttrW(
        connection: Handle, attribute: i32, value: *mut c_void, length: i32,
    ) -> connection::set_attribute::<U>;
    SQL_API_SQLGETCONNECTATTR
    fn SQLGetConnectAttr / SQLGetConnectAttrW(
        connection: Handle, attribute: i32, value: *mut c_void, capacity: i32, length: *mut i32,
    ) -> connection::get_attribute::<U>;
    SQL_API_SQLENDTRAN
    fn SQLEndTran(kind: i16, handle: Handle, completion: i16) -> connection::end_transaction;

    // Information.
    SQL_API_SQLGETINFO
    fn SQLGetInfo / SQLGetInfoW(
        connection: Handle, info_type: u16, value: *mut c_void, capacity: i16, length: *mut i16,
    ) -> connection::get_info::<U>;
    SQL_API_SQLGETFUNCTIONS
    fn SQLGetFunctions(
        connection: Handle, function: u16, supported: *mut u16,
    ) -> connection::get_functions;
    SQL_API_SQLGETTYPEINFO
    fn SQLGetTypeInfo / SQLGetTypeInfoW(statement: Handle, data_type: i16) -> catalog::type_info;

    // Attributes of statements.
    SQL_API_SQLSETSTMTATTR
    fn SQLSetStmtAttr / SQLSetStmtAttrW(
        statement: Handle, attribute: i32, value: *mut c_void, length: i32,
    ) -> statement::set_attribute;
    SQL_API_SQLGETSTMTATTR
    fn SQLGetStmtAttr / SQLGetStmtAttrW(
        statement: Handle, attribute: i32, value: *mut c_void, capacity: i32, length: *mut i32,
    ) -> statement::get_attribute::<U>;

    SQL_API_SQLGETCURSORNAME
    fn SQLGetCursorName / SQLGetCursorNameW(
        statement: Handle, name: *mut U, capacity: i16, length: *mut i16,
    ) -> statement::get_cursor_name;
    SQL_API_SQLSETCURSORNAME
    fn SQLSetCursorName / SQLSetCursorNameW(
        statement: Handle, name: *const U, length: i16,
    ) -> statement::set_cursor_name;

    // Descriptors.
    SQL_API_SQLGETDESCFIELD
    fn SQLGetDescField / SQLGetDescFieldW(
        descriptor: Handle, record: i16, field: i16, value: *mut c_void, capacity: i32,
        length: *mut i32,
    ) -> descriptor::get_field::<U>;
    SQL_API_SQLSETDESCFIELD
    fn SQLSetDescField / SQLSetDescFieldW(
        descriptor: Handle, record: i16, field: i16, value: *mut c_void, length: i32,
    ) -> descriptor::set_field::<U>;
    SQL_API_SQLGETDESCREC
    fn SQLGetDescRec / SQLGetDescRecW(
        descriptor: Handle, record: i16, name: *mut U, capacity: i16, name_length: *mut i16,
        kind: *mut i16, sub_type: *mut i16, length: *mut isize, precision: *mut i16,
        scale: *mut i16, nullable: *mut i16,
    ) -> descriptor::get_record;
    SQL_API_SQLSETDESCREC
    fn SQLSetDescRec(
        descriptor: Handle, record: i16, kind: i16, sub_type: i16, length: isize, precision: i16,
        scale: i16, data: *mut c_void, octet_length: *mut isize, indicator: *mut isize,
    ) -> descriptor::set_record;
    SQL_API_SQLCOPYDESC
    fn SQLCopyDesc(source: Handle, target: Handle) -> descriptor::copy;

    // Preparing and executing.
    SQL_API_SQLPREPARE
    fn SQLPrepare / SQLPrepareW(
        statement: Handle, text: *const U, length: i32,
    ) -> statement::prepare;
    SQL_API_SQLEXECUTE
    fn SQLExecute(statement: Handle) -> statement::execute;
    SQL_API_SQLEXECDIRECT
    fn SQLExecDirect / SQLExecDirectW(
        statement: Handle, text: *const U, length: i32,
    ) -> statement::execute_direct;
    SQL_API_SQLNATIVESQL
    fn SQLNativeSql / SQLNativeSqlW(
        connection: Handle, text: *const U, length: i32, out: *mut U, capacity: i32,
        out_length: *mut i32,
    ) -> connection::native_sql;
    SQL_API_SQLROWCOUNT
    fn SQLRowCount(statement: Handle, count: *mut isize) -> statement::row_count;

    // Parameters.
    SQL_API_SQLBINDPARAMETER
    fn SQLBindParameter(
        statement: Handle, number: u16, direction: i16, c_type: i16, sql_type: i16, size: usize,
        digits: i16, data: *mut c_void, capacity: isize, length: *mut isize,
    ) -> parameter::bind,
        with (
            statement, number, ParameterBinding { direction, c_type, sql_type, size, digits,
            data: Address::of(data), capacity, length: Address::of(length) }
        );
    SQL_API_SQLNUMPARAMS
    fn SQLNumParams(statement: Handle, count: *mut i16) -> parameter::count;
    SQL_API_SQLDESCRIBEPARAM
    fn SQLDescribeParam(
        statement: Handle, number: u16, sql_type: *mut i16, size: *mut usize, digits: *mut i16,
        nullable: *mut i16,
    ) -> parameter::describe;
    SQL_API_SQLPARAMDATA
    fn SQLParamData(statement: Handle, value: *mut *mut c_void) -> parameter::data;
    SQL_API_SQLPUTDATA
    fn SQLPutData(statement: Handle, data: *mut c_void, length: isize) -> parameter::put_data;

    // Results.
    SQL_API_SQLNUMRESULTCOLS
    fn SQLNumResultCols(statement: Handle, count: *mut i16) -> statement::column_count;
    SQL_API_SQLDESCRIBECOL
    fn SQLDescribeCol / SQLDescribeColW(
        statement: Handle, column: u16, name: *mut U, capacity: i16, name_length: *mut i16,
        sql_type: *mut i16, size: *mut usize, digits: *mut i16, nullable: *mut i16,
    ) -> statement::describe_column;
    SQL_API_SQLCOLATTRIBUTE
    fn SQLColAttribute / SQLColAttributeW(
        statement: Handle, column: u16, field: u16, text: *mut c_void, capacity: i16,
        length: *mut i16, number: *mut isize,
    ) -> statement::column_attribute::<U>;
    SQL_API_SQLBINDCOL
    fn SQLBindCol(
        statement: Handle, column: u16, c_type: i16, data: *mut c_void, capacity: isize,
        length: *mut isize,
    ) -> statement::bind_column;
    SQL_API_SQLFETCH
    fn SQLFetch(statement: Handle) -> statement::fetch;
    SQL_API_SQLFETCHSCROLL
    fn SQLFetchScroll(
        statement: Handle, orientation: i16, offset: isize,
    ) -> statement::fetch_scroll;
    SQL_API_SQLEXTENDEDFETCH
    fn SQLExtendedFetch(
        statement: Handle, orientation: u16, offset: isize, rows: *mut usize, status: *mut u16,
    ) -> statement::extended_fetch;
    SQL_API_SQLGETDATA
    fn SQLGetData(
        statement: Handle, column: u16, c_type: i16, data: *mut c_void, capacity: isize,
        length: *mut isize,
    ) -> statement::get_data;
    SQL_API_SQLSETPOS
    fn SQLSetPos(
        statement: Handle, row: SqlSetPosIRow, operation: u16, lock: u16,
    ) -> statement::set_position;
    SQL_API_SQLBULKOPERATIONS
    fn SQLBulkOperations(statement: Handle, operation: u16) -> statement::bulk_operation;
    SQL_API_SQLMORERESULTS
    fn SQLMoreResults(statement: Handle) -> statement::more_results;

    // Diagnostics.
    SQL_API_SQLGETDIAGFIELD
    fn SQLGetDiagField / SQLGetDiagFieldW(
        kind: i16, handle: Handle, record: i16, field: i16, value: *mut c_void, capacity: i16,
        length: *mut i16,
    ) -> diagnostics::get_field::<U>;
    SQL_API_SQLGETDIAGREC
    fn SQLGetDiagRec / SQLGetDiagRecW(
        kind: i16, handle: Handle, record: i16, state: *mut U, native: *mut i32, text: *mut U,
        capacity: i16, length: *mut i16,
    ) -> diagnostics::get_record;

    // Catalog.
    SQL_API_SQLTABLES
    fn SQLTables / SQLTablesW(
        statement: Handle, catalog: *const U, catalog_length: i16, schema: *const U,
        schema_length: i16, table: *const U, table_length: i16, types: *const U, types_length: i16,
    ) -> catalog::tables,
        with (
            statement,
            [(catalog, catalog_length), (schema, schema_length), (table, table_length),
             (types, types_length)]
        );
    SQL_API_SQLCOLUMNS
    fn SQLColumns / SQLColumnsW(
        statement: Handle, catalog: *const U, catalog_length: i16, schema: *const U,
        schema_length: i16, table: *const U, table_length: i16, column: *const U,
        column_length: i16,
    ) -> catalog::columns,
        with (
            statement,
            [(catalog, catalog_length), (schema, schema_length), (table, table_length),
             (column, column_length)]
        );
    SQL_API_SQLPRIMARYKEYS
    fn SQLPrimaryKeys / SQLPrimaryKeysW(
        statement: Handle, catalog: *const U, catalog_length: i16, schema: *const U,
        schema_length: i16, table: *const U, table_length: i16,
    ) -> catalog::primary_keys,
        with (
            statement, [(catalog, catalog_length), (schema, schema_length), (table, table_length)]
        );
    SQL_API_SQLFOREIGNKEYS
    fn SQLForeignKeys / SQLForeignKeysW(
        statement: Handle, pk_catalog: *const U, pk_catalog_length: i16, pk_schema: *const U,
        pk_schema_length: i16, pk_table: *const U, pk_table_length: i16, fk_catalog: *const U,
        fk_catalog_length: i16, fk_schema: *const U, fk_schema_length: i16, fk_table: *const U,
        fk_table_length: i16,
    ) -> catalog::foreign_keys,
        with (
            statement,
            [(pk_catalog, pk_catalog_length), (pk_schema, pk_schema_length),
             (pk_table, pk_table_length)],
            [(fk_catalog, fk_catalog_length), (fk_schema, fk_schema_length),
             (fk_table, fk_table_length)]
        );
    SQL_API_SQLSTATISTICS
    fn SQLStatistics / SQLStatisticsW(
        statement: Handle, catalog: *const U, catalog_length: i16, schema: *const U,
        schema_length: i16, table: *const U, table_length: i16, unique: u16, accuracy: u16,
    ) -> catalog::statistics,
        with (
            statement, [(catalog, catalog_length), (schema, schema_length), (table, table_length)],
            unique, accuracy
        );
    SQL_API_SQLSPECIALCOLUMNS
    fn SQLSpecialColumns / SQLSpecialColumnsW(
        statement: Handle, kind: u16, catalog: *const U, catalog_length: i16, schema: *const U,
        schema_length: i16, table: *const U, table_length: i16, scope: u16, nullable: u16,
    ) -> catalog::special_columns,
        with (
            statement, kind,
            [(catalog, catalog_length), (schema, schema_length), (table, table_length)], scope,
            nullable
        );
    SQL_API_SQLTABLEPRIVILEGES
    fn SQLTablePrivileges / SQLTablePrivilegesW(
        statement: Handle, catalog: *const U, catalog_length: i16, schema: *const U,
        schema_length: i16, table: *const U, table_length: i16,
    ) -> catalog::table_privileges,
        with (
            statement, [(catalog, catalog_length), (schema, schema_length), (table, table_length)]
        );
    SQL_API_SQLCOLUMNPRIVILEGES
    fn SQLColumnPrivileges / SQLColumnPrivilegesW(
        statement: Handle, catalog: *const U, catalog_length: i16, schema: *const U,
        schema_length: i16, table: *const U, table_length: i16, column: *const U,
        column_length: i16,
    ) -> catalog::column_privileges,
        with (
            statement,
            [(catalog, catalog_length), (schema, schema_length), (table, table_length),
             (column, column_length)]
        );
    SQL_API_SQLPROCEDURES
    fn SQLProcedures / SQLProceduresW(
        statement: Handle, catalog: *const U, catalog_length: i16, schema: *const U,
        schema_length: i16, procedure: *const U, procedure_length: i16,
    ) -> catalog::procedures,
        with (
            statement,
            [(catalog, catalog_length), (schema, schema_length), (procedure, procedure_length)]
        );
    SQL_API_SQLPROCEDURECOLUMNS
    fn SQLProcedureColumns / SQLProcedureColumnsW(
        statement: Handle, catalog: *const U, catalog_length: i16, schema: *const U,
        schema_length: i16, procedure: *const U, procedure_length: i16, column: *const U,
        column_length: i16,
    ) -> catalog::procedure_columns,
        with (
            statement,
            [(catalog, catalog_length), (schema, schema_length), (procedure, procedure_length),
             (column, column_length)]
        );

    // Ending.
    SQL_API_SQLFREESTMT
    fn SQLFreeStmt(statement: Handle, option: u16) -> statement::free_stmt;
    SQL_API_SQLCLOSECURSOR
    fn SQLCloseCursor(statement: Handle) -> statement::close_cursor;
    SQL_API_SQLCANCEL
    fn SQLCancel(statement: Handle) -> statement::cancel;
    SQL_API_SQLCANCELHANDLE
    fn SQLCancelHandle(kind: i16, handle: Handle) -> statement::cancel_handle;
}
