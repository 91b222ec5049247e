//! The narrow forms of the functions that take or give text, in the order of [`super::exports`].
//!
//! unixODBC would serve applications that use narrow strings by the wide forms. It recodes their text by the C library's
//! locale, and as UCS-2: in the locale `C` each byte of UTF-8 becomes a character of its own, in any locale a statement with
//! a character beyond the Basic Multilingual Plane does, and nobody is told. Here text is UTF-8, whatever the locale.
//!
//! Windows has no use for them: its Driver Manager calls the wide forms of a driver that has any.

use std::ffi::c_void;

use super::exports::export;
use super::{catalog, connection, descriptor, diagnostics, statement};
use crate::abi::{self, SqlReturn};

type Handle = *mut c_void;

export! {
    NARROW_EXPORTS:

    SQL_API_SQLCONNECT
    fn SQLConnect(connection: Handle, source: *const u8, source_length: i16, user: *const u8, user_length: i16, password: *const u8, password_length: i16) -> connection::connect;
    SQL_API_SQLDRIVERCONNECT
    fn SQLDriverConnect(connection: Handle, window: Handle, text: *const u8, length: i16, out: *mut u8, capacity: i16, out_length: *mut i16, completion: u16) -> connection::driver_connect;
    SQL_API_SQLBROWSECONNECT
    fn SQLBrowseConnect(connection: Handle, text: *const u8, length: i16, out: *mut u8, capacity: i16, out_length: *mut i16) -> connection::browse_connect;
    SQL_API_SQLSETCONNECTATTR
    fn SQLSetConnectAttr(connection: Handle, attribute: i32, value: *mut c_void, length: i32) -> connection::set_attribute::<u8>;
    SQL_API_SQLGETCONNECTATTR
    fn SQLGetConnectAttr(connection: Handle, attribute: i32, value: *mut c_void, capacity: i32, length: *mut i32) -> connection::get_attribute::<u8>;
    SQL_API_SQLGETINFO
    fn SQLGetInfo(connection: Handle, info_type: u16, value: *mut c_void, capacity: i16, length: *mut i16) -> connection::get_info::<u8>;
    SQL_API_SQLGETTYPEINFO
    fn SQLGetTypeInfo(statement: Handle, data_type: i16) -> catalog::type_info;
    SQL_API_SQLSETSTMTATTR
    fn SQLSetStmtAttr(statement: Handle, attribute: i32, value: *mut c_void, length: i32) -> statement::set_attribute;
    SQL_API_SQLGETSTMTATTR
    fn SQLGetStmtAttr(statement: Handle, attribute: i32, value: *mut c_void, capacity: i32, length: *mut i32) -> statement::get_attribute::<u8>;
    SQL_API_SQLGETCURSORNAME
    fn SQLGetCursorName(statement: Handle, name: *mut u8, capacity: i16, length: *mut i16) -> statement::get_cursor_name;
    SQL_API_SQLSETCURSORNAME
    fn SQLSetCursorName(statement: Handle, name: *const u8, length: i16) -> statement::set_cursor_name;
    SQL_API_SQLGETDESCFIELD
    fn SQLGetDescField(descriptor: Handle, record: i16, field: i16, value: *mut c_void, capacity: i32, length: *mut i32) -> descriptor::get_field::<u8>;
    SQL_API_SQLSETDESCFIELD
    fn SQLSetDescField(descriptor: Handle, record: i16, field: i16, value: *mut c_void, length: i32) -> descriptor::set_field::<u8>;
    SQL_API_SQLGETDESCREC
    fn SQLGetDescRec(descriptor: Handle, record: i16, name: *mut u8, capacity: i16, name_length: *mut i16, kind: *mut i16, sub_type: *mut i16, length: *mut isize, precision: *mut i16, scale: *mut i16, nullable: *mut i16) -> descriptor::get_record;
    SQL_API_SQLPREPARE
    fn SQLPrepare(statement: Handle, text: *const u8, length: i32) -> statement::prepare;
    SQL_API_SQLEXECDIRECT
    fn SQLExecDirect(statement: Handle, text: *const u8, length: i32) -> statement::execute_direct;
    SQL_API_SQLNATIVESQL
    fn SQLNativeSql(connection: Handle, text: *const u8, length: i32, out: *mut u8, capacity: i32, out_length: *mut i32) -> connection::native_sql;
    SQL_API_SQLDESCRIBECOL
    fn SQLDescribeCol(statement: Handle, column: u16, name: *mut u8, capacity: i16, name_length: *mut i16, sql_type: *mut i16, size: *mut usize, digits: *mut i16, nullable: *mut i16) -> statement::describe_column;
    SQL_API_SQLCOLATTRIBUTE
    fn SQLColAttribute(statement: Handle, column: u16, field: u16, text: *mut c_void, capacity: i16, length: *mut i16, number: *mut isize) -> statement::column_attribute::<u8>;
    SQL_API_SQLGETDIAGFIELD
    fn SQLGetDiagField(kind: i16, handle: Handle, record: i16, field: i16, value: *mut c_void, capacity: i16, length: *mut i16) -> diagnostics::get_field::<u8>;
    SQL_API_SQLGETDIAGREC
    fn SQLGetDiagRec(kind: i16, handle: Handle, record: i16, state: *mut u8, native: *mut i32, text: *mut u8, capacity: i16, length: *mut i16) -> diagnostics::get_record;
    SQL_API_SQLTABLES
    fn SQLTables(statement: Handle, catalog: *const u8, catalog_length: i16, schema: *const u8, schema_length: i16, table: *const u8, table_length: i16, types: *const u8, types_length: i16) -> catalog::tables,
        with (statement, [(catalog, catalog_length), (schema, schema_length), (table, table_length), (types, types_length)]);
    SQL_API_SQLCOLUMNS
    fn SQLColumns(statement: Handle, catalog: *const u8, catalog_length: i16, schema: *const u8, schema_length: i16, table: *const u8, table_length: i16, column: *const u8, column_length: i16) -> catalog::columns,
        with (statement, [(catalog, catalog_length), (schema, schema_length), (table, table_length), (column, column_length)]);
    SQL_API_SQLPRIMARYKEYS
    fn SQLPrimaryKeys(statement: Handle, catalog: *const u8, catalog_length: i16, schema: *const u8, schema_length: i16, table: *const u8, table_length: i16) -> catalog::primary_keys,
        with (statement, [(catalog, catalog_length), (schema, schema_length), (table, table_length)]);
    SQL_API_SQLFOREIGNKEYS
    fn SQLForeignKeys(statement: Handle, pk_catalog: *const u8, pk_catalog_length: i16, pk_schema: *const u8, pk_schema_length: i16, pk_table: *const u8, pk_table_length: i16, fk_catalog: *const u8, fk_catalog_length: i16, fk_schema: *const u8, fk_schema_length: i16, fk_table: *const u8, fk_table_length: i16) -> catalog::foreign_keys,
        with (statement, [(pk_catalog, pk_catalog_length), (pk_schema, pk_schema_length), (pk_table, pk_table_length)], [(fk_catalog, fk_catalog_length), (fk_schema, fk_schema_length), (fk_table, fk_table_length)]);
    SQL_API_SQLSTATISTICS
    fn SQLStatistics(statement: Handle, catalog: *const u8, catalog_length: i16, schema: *const u8, schema_length: i16, table: *const u8, table_length: i16, unique: u16, accuracy: u16) -> catalog::statistics,
        with (statement, [(catalog, catalog_length), (schema, schema_length), (table, table_length)], unique, accuracy);
    SQL_API_SQLSPECIALCOLUMNS
    fn SQLSpecialColumns(statement: Handle, kind: u16, catalog: *const u8, catalog_length: i16, schema: *const u8, schema_length: i16, table: *const u8, table_length: i16, scope: u16, nullable: u16) -> catalog::special_columns,
        with (statement, kind, [(catalog, catalog_length), (schema, schema_length), (table, table_length)], scope, nullable);
    SQL_API_SQLTABLEPRIVILEGES
    fn SQLTablePrivileges(statement: Handle, catalog: *const u8, catalog_length: i16, schema: *const u8, schema_length: i16, table: *const u8, table_length: i16) -> catalog::table_privileges,
        with (statement, [(catalog, catalog_length), (schema, schema_length), (table, table_length)]);
    SQL_API_SQLCOLUMNPRIVILEGES
    fn SQLColumnPrivileges(statement: Handle, catalog: *const u8, catalog_length: i16, schema: *const u8, schema_length: i16, table: *const u8, table_length: i16, column: *const u8, column_length: i16) -> catalog::column_privileges,
        with (statement, [(catalog, catalog_length), (schema, schema_length), (table, table_length), (column, column_length)]);
    SQL_API_SQLPROCEDURES
    fn SQLProcedures(statement: Handle, catalog: *const u8, catalog_length: i16, schema: *const u8, schema_length: i16, procedure: *const u8, procedure_length: i16) -> catalog::procedures,
        with (statement, [(catalog, catalog_length), (schema, schema_length), (procedure, procedure_length)]);
    SQL_API_SQLPROCEDURECOLUMNS
    fn SQLProcedureColumns(statement: Handle, catalog: *const u8, catalog_length: i16, schema: *const u8, schema_length: i16, procedure: *const u8, procedure_length: i16, column: *const u8, column_length: i16) -> catalog::procedure_columns,
        with (statement, [(catalog, catalog_length), (schema, schema_length), (procedure, procedure_length), (column, column_length)]);
}
