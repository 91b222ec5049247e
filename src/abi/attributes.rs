//! Attributes of environments, connections and statements, fields of descriptors and diagnostics, and their values.
//!
//! Attribute numbers are `i32` (SQLINTEGER), attribute values `usize` (SQLULEN), fields `i16` (SQLSMALLINT).

// Environment attributes.

pub const SQL_ATTR_ODBC_VERSION: i32 = 200;
pub const SQL_ATTR_CONNECTION_POOLING: i32 = 201;
pub const SQL_ATTR_CP_MATCH: i32 = 202;
pub const SQL_ATTR_APPLICATION_KEY: i32 = 203;
pub const SQL_ATTR_OUTPUT_NTS: i32 = 10_001;

// What iODBC's manager settles with a driver: how wide characters are encoded. It asks the environment for the driver's
// way, and tells the connection the application's.

pub const SQL_ATTR_DRIVER_UNICODE_TYPE: i32 = 1065;
pub const SQL_ATTR_APP_WCHAR_TYPE: i32 = 1061;

// Their values.

pub const SQL_DM_CP_UTF16: i32 = 1;
pub const SQL_DM_CP_UTF8: i32 = 2;
pub const SQL_DM_CP_UCS4: i32 = 3;
pub const SQL_CP_OFF: usize = 0;
pub const SQL_CP_ONE_PER_DRIVER: usize = 1;
pub const SQL_CP_ONE_PER_HENV: usize = 2;
pub const SQL_CP_STRICT_MATCH: usize = 0;
pub const SQL_CP_RELAXED_MATCH: usize = 1;

// Connection attributes.

pub const SQL_ATTR_ACCESS_MODE: i32 = 101;
pub const SQL_ATTR_AUTOCOMMIT: i32 = 102;
pub const SQL_ATTR_LOGIN_TIMEOUT: i32 = 103;
pub const SQL_ATTR_TRACE: i32 = 104;
pub const SQL_ATTR_TRACEFILE: i32 = 105;
pub const SQL_ATTR_TRANSLATE_LIB: i32 = 106;
pub const SQL_ATTR_TRANSLATE_OPTION: i32 = 107;
pub const SQL_ATTR_TXN_ISOLATION: i32 = 108;
pub const SQL_ATTR_CURRENT_CATALOG: i32 = 109;
pub const SQL_ATTR_ODBC_CURSORS: i32 = 110;
pub const SQL_ATTR_QUIET_MODE: i32 = 111;
pub const SQL_ATTR_PACKET_SIZE: i32 = 112;
pub const SQL_ATTR_CONNECTION_TIMEOUT: i32 = 113;
pub const SQL_ATTR_DISCONNECT_BEHAVIOR: i32 = 114;
pub const SQL_ATTR_ANSI_APP: i32 = 115;
pub const SQL_ATTR_RESET_CONNECTION: i32 = 116;
pub const SQL_ATTR_ASYNC_DBC_FUNCTIONS_ENABLE: i32 = 117;
pub const SQL_ATTR_DBC_INFO_TOKEN: i32 = 118;
pub const SQL_ATTR_ASYNC_DBC_EVENT: i32 = 119;
pub const SQL_ATTR_ASYNC_DBC_PCALLBACK: i32 = 120;
pub const SQL_ATTR_ASYNC_DBC_PCONTEXT: i32 = 121;
pub const SQL_ATTR_ENLIST_IN_DTC: i32 = 1207;
pub const SQL_ATTR_ENLIST_IN_XA: i32 = 1208;
pub const SQL_ATTR_CONNECTION_DEAD: i32 = 1209;
pub const SQL_ATTR_AUTO_IPD: i32 = 10_001;
pub const SQL_ATTR_METADATA_ID: i32 = 10_014;

// Their values.

pub const SQL_MODE_READ_WRITE: usize = 0;
pub const SQL_MODE_READ_ONLY: usize = 1;
pub const SQL_AUTOCOMMIT_OFF: usize = 0;
pub const SQL_AUTOCOMMIT_ON: usize = 1;
pub const SQL_OPT_TRACE_OFF: usize = 0;
pub const SQL_OPT_TRACE_ON: usize = 1;
pub const SQL_CUR_USE_IF_NEEDED: usize = 0;
pub const SQL_CUR_USE_ODBC: usize = 1;
pub const SQL_CUR_USE_DRIVER: usize = 2;
pub const SQL_DB_RETURN_TO_POOL: usize = 0;
pub const SQL_DB_DISCONNECT: usize = 1;
pub const SQL_DTC_DONE: usize = 0;
pub const SQL_CD_FALSE: usize = 0;
pub const SQL_CD_TRUE: usize = 1;
pub const SQL_AA_FALSE: usize = 0;
pub const SQL_AA_TRUE: usize = 1;
pub const SQL_RESET_CONNECTION_YES: usize = 1;
pub const SQL_ASYNC_DBC_ENABLE_OFF: usize = 0;
pub const SQL_ASYNC_DBC_ENABLE_ON: usize = 1;

// Statement attributes.

pub const SQL_ATTR_QUERY_TIMEOUT: i32 = 0;
pub const SQL_ATTR_MAX_ROWS: i32 = 1;
pub const SQL_ATTR_NOSCAN: i32 = 2;
pub const SQL_ATTR_MAX_LENGTH: i32 = 3;
pub const SQL_ATTR_ASYNC_ENABLE: i32 = 4;
pub const SQL_ATTR_ROW_BIND_TYPE: i32 = 5;
pub const SQL_ATTR_CURSOR_TYPE: i32 = 6;
pub const SQL_ATTR_CONCURRENCY: i32 = 7;
pub const SQL_ATTR_KEYSET_SIZE: i32 = 8;
pub const SQL_ROWSET_SIZE: i32 = 9;
pub const SQL_ATTR_SIMULATE_CURSOR: i32 = 10;
pub const SQL_ATTR_RETRIEVE_DATA: i32 = 11;
pub const SQL_ATTR_USE_BOOKMARKS: i32 = 12;
pub const SQL_GET_BOOKMARK: i32 = 13;
pub const SQL_ATTR_ROW_NUMBER: i32 = 14;
pub const SQL_ATTR_ENABLE_AUTO_IPD: i32 = 15;
pub const SQL_ATTR_FETCH_BOOKMARK_PTR: i32 = 16;
pub const SQL_ATTR_PARAM_BIND_OFFSET_PTR: i32 = 17;
pub const SQL_ATTR_PARAM_BIND_TYPE: i32 = 18;
pub const SQL_ATTR_PARAM_OPERATION_PTR: i32 = 19;
pub const SQL_ATTR_PARAM_STATUS_PTR: i32 = 20;
pub const SQL_ATTR_PARAMS_PROCESSED_PTR: i32 = 21;
pub const SQL_ATTR_PARAMSET_SIZE: i32 = 22;
pub const SQL_ATTR_ROW_BIND_OFFSET_PTR: i32 = 23;
pub const SQL_ATTR_ROW_OPERATION_PTR: i32 = 24;
pub const SQL_ATTR_ROW_STATUS_PTR: i32 = 25;
pub const SQL_ATTR_ROWS_FETCHED_PTR: i32 = 26;
pub const SQL_ATTR_ROW_ARRAY_SIZE: i32 = 27;
pub const SQL_ATTR_ASYNC_STMT_EVENT: i32 = 29;
pub const SQL_ATTR_ASYNC_STMT_PCALLBACK: i32 = 30;
pub const SQL_ATTR_ASYNC_STMT_PCONTEXT: i32 = 31;
pub const SQL_ATTR_APP_ROW_DESC: i32 = 10_010;
pub const SQL_ATTR_APP_PARAM_DESC: i32 = 10_011;
pub const SQL_ATTR_IMP_ROW_DESC: i32 = 10_012;
pub const SQL_ATTR_IMP_PARAM_DESC: i32 = 10_013;
pub const SQL_ATTR_CURSOR_SCROLLABLE: i32 = -1;
pub const SQL_ATTR_CURSOR_SENSITIVITY: i32 = -2;

// Their values.

pub const SQL_NOSCAN_OFF: usize = 0;
pub const SQL_NOSCAN_ON: usize = 1;
pub const SQL_ASYNC_ENABLE_OFF: usize = 0;
pub const SQL_ASYNC_ENABLE_ON: usize = 1;
pub const SQL_BIND_BY_COLUMN: usize = 0;
pub const SQL_PARAM_BIND_BY_COLUMN: usize = 0;
pub const SQL_CONCUR_READ_ONLY: usize = 1;
pub const SQL_CONCUR_LOCK: usize = 2;
pub const SQL_CONCUR_ROWVER: usize = 3;
pub const SQL_CONCUR_VALUES: usize = 4;
pub const SQL_CURSOR_FORWARD_ONLY: usize = 0;
pub const SQL_CURSOR_KEYSET_DRIVEN: usize = 1;
pub const SQL_CURSOR_DYNAMIC: usize = 2;
pub const SQL_CURSOR_STATIC: usize = 3;
pub const SQL_SC_NON_UNIQUE: usize = 0;
pub const SQL_SC_TRY_UNIQUE: usize = 1;
pub const SQL_SC_UNIQUE: usize = 2;
pub const SQL_RD_OFF: usize = 0;
pub const SQL_RD_ON: usize = 1;
pub const SQL_UB_OFF: usize = 0;
pub const SQL_UB_FIXED: usize = 1;
pub const SQL_UB_VARIABLE: usize = 2;
pub const SQL_NONSCROLLABLE: usize = 0;
pub const SQL_SCROLLABLE: usize = 1;
pub const SQL_UNSPECIFIED: usize = 0;
pub const SQL_INSENSITIVE: usize = 1;
pub const SQL_SENSITIVE: usize = 2;

// How long an attribute value is, where it is no string: StringLength of SQLSetConnectAttr and its kin.

pub const SQL_IS_POINTER: i32 = -4;
pub const SQL_IS_UINTEGER: i32 = -5;
pub const SQL_IS_INTEGER: i32 = -6;
pub const SQL_IS_USMALLINT: i32 = -7;
pub const SQL_IS_SMALLINT: i32 = -8;
pub const SQL_LEN_BINARY_ATTR_OFFSET: i32 = -100;

// Descriptor fields of the header.

pub const SQL_DESC_ALLOC_TYPE: i16 = 1099;
pub const SQL_DESC_ARRAY_SIZE: i16 = 20;
pub const SQL_DESC_ARRAY_STATUS_PTR: i16 = 21;
pub const SQL_DESC_BIND_OFFSET_PTR: i16 = 24;
pub const SQL_DESC_BIND_TYPE: i16 = 25;
pub const SQL_DESC_COUNT: i16 = 1001;
pub const SQL_DESC_ROWS_PROCESSED_PTR: i16 = 34;

// Descriptor fields of a record; SQLColAttribute asks for them too.

pub const SQL_DESC_CONCISE_TYPE: i16 = 2;
pub const SQL_DESC_DISPLAY_SIZE: i16 = 6;
pub const SQL_DESC_UNSIGNED: i16 = 8;
pub const SQL_DESC_FIXED_PREC_SCALE: i16 = 9;
pub const SQL_DESC_UPDATABLE: i16 = 10;
pub const SQL_DESC_AUTO_UNIQUE_VALUE: i16 = 11;
pub const SQL_DESC_CASE_SENSITIVE: i16 = 12;
pub const SQL_DESC_SEARCHABLE: i16 = 13;
pub const SQL_DESC_TYPE_NAME: i16 = 14;
pub const SQL_DESC_TABLE_NAME: i16 = 15;
pub const SQL_DESC_SCHEMA_NAME: i16 = 16;
pub const SQL_DESC_CATALOG_NAME: i16 = 17;
pub const SQL_DESC_LABEL: i16 = 18;
pub const SQL_DESC_BASE_COLUMN_NAME: i16 = 22;
pub const SQL_DESC_BASE_TABLE_NAME: i16 = 23;
pub const SQL_DESC_DATETIME_INTERVAL_PRECISION: i16 = 26;
pub const SQL_DESC_LITERAL_PREFIX: i16 = 27;
pub const SQL_DESC_LITERAL_SUFFIX: i16 = 28;
pub const SQL_DESC_LOCAL_TYPE_NAME: i16 = 29;
pub const SQL_DESC_MAXIMUM_SCALE: i16 = 30;
pub const SQL_DESC_MINIMUM_SCALE: i16 = 31;
pub const SQL_DESC_NUM_PREC_RADIX: i16 = 32;
pub const SQL_DESC_PARAMETER_TYPE: i16 = 33;
pub const SQL_DESC_ROWVER: i16 = 35;
pub const SQL_DESC_TYPE: i16 = 1002;
pub const SQL_DESC_LENGTH: i16 = 1003;
pub const SQL_DESC_OCTET_LENGTH_PTR: i16 = 1004;
pub const SQL_DESC_PRECISION: i16 = 1005;
pub const SQL_DESC_SCALE: i16 = 1006;
pub const SQL_DESC_DATETIME_INTERVAL_CODE: i16 = 1007;
pub const SQL_DESC_NULLABLE: i16 = 1008;
pub const SQL_DESC_INDICATOR_PTR: i16 = 1009;
pub const SQL_DESC_DATA_PTR: i16 = 1010;
pub const SQL_DESC_NAME: i16 = 1011;
pub const SQL_DESC_UNNAMED: i16 = 1012;
pub const SQL_DESC_OCTET_LENGTH: i16 = 1013;

// What SQLColAttributes of ODBC 2 asked for. Numbers without a twin among the descriptor fields mean the ODBC 2
// length, precision and scale.

pub const SQL_COLUMN_COUNT: i16 = 0;
pub const SQL_COLUMN_NAME: i16 = 1;
pub const SQL_COLUMN_TYPE: i16 = 2;
pub const SQL_COLUMN_LENGTH: i16 = 3;
pub const SQL_COLUMN_PRECISION: i16 = 4;
pub const SQL_COLUMN_SCALE: i16 = 5;
pub const SQL_COLUMN_DISPLAY_SIZE: i16 = 6;
pub const SQL_COLUMN_NULLABLE: i16 = 7;
pub const SQL_COLUMN_UNSIGNED: i16 = 8;
pub const SQL_COLUMN_MONEY: i16 = 9;
pub const SQL_COLUMN_UPDATABLE: i16 = 10;
pub const SQL_COLUMN_AUTO_INCREMENT: i16 = 11;
pub const SQL_COLUMN_CASE_SENSITIVE: i16 = 12;
pub const SQL_COLUMN_SEARCHABLE: i16 = 13;
pub const SQL_COLUMN_TYPE_NAME: i16 = 14;
pub const SQL_COLUMN_TABLE_NAME: i16 = 15;
pub const SQL_COLUMN_OWNER_NAME: i16 = 16;
pub const SQL_COLUMN_QUALIFIER_NAME: i16 = 17;
pub const SQL_COLUMN_LABEL: i16 = 18;

// Values of descriptor fields.

pub const SQL_DESC_ALLOC_AUTO: i16 = 1;
pub const SQL_DESC_ALLOC_USER: i16 = 2;
pub const SQL_NAMED: i16 = 0;
pub const SQL_UNNAMED: i16 = 1;
pub const SQL_ATTR_READONLY: i16 = 0;
pub const SQL_ATTR_WRITE: i16 = 1;
pub const SQL_ATTR_READWRITE_UNKNOWN: i16 = 2;
pub const SQL_PRED_NONE: i16 = 0;
pub const SQL_PRED_CHAR: i16 = 1;
pub const SQL_PRED_BASIC: i16 = 2;
pub const SQL_PRED_SEARCHABLE: i16 = 3;
pub const SQL_PARAM_TYPE_UNKNOWN: i16 = 0;
pub const SQL_PARAM_INPUT: i16 = 1;
pub const SQL_PARAM_INPUT_OUTPUT: i16 = 2;
pub const SQL_PARAM_OUTPUT: i16 = 4;
pub const SQL_PARAM_INPUT_OUTPUT_STREAM: i16 = 8;
pub const SQL_PARAM_OUTPUT_STREAM: i16 = 16;

// The length of a buffer that a Driver Manager gives in the place of SQLSetParam's, which has none.

pub const SQL_SETPARAM_VALUE_MAX: isize = -1;

// Values in the arrays of parameter sets.

pub const SQL_PARAM_SUCCESS: u16 = 0;
pub const SQL_PARAM_SUCCESS_WITH_INFO: u16 = 6;
pub const SQL_PARAM_ERROR: u16 = 5;
pub const SQL_PARAM_UNUSED: u16 = 7;
pub const SQL_PARAM_DIAG_UNAVAILABLE: u16 = 1;
pub const SQL_PARAM_PROCEED: u16 = 0;
pub const SQL_PARAM_IGNORE: u16 = 1;
pub const SQL_ROW_PROCEED: u16 = 0;
pub const SQL_ROW_IGNORE: u16 = 1;

// Diagnostic fields.

pub const SQL_DIAG_RETURNCODE: i16 = 1;
pub const SQL_DIAG_NUMBER: i16 = 2;
pub const SQL_DIAG_ROW_COUNT: i16 = 3;
pub const SQL_DIAG_SQLSTATE: i16 = 4;
pub const SQL_DIAG_NATIVE: i16 = 5;
pub const SQL_DIAG_MESSAGE_TEXT: i16 = 6;
pub const SQL_DIAG_DYNAMIC_FUNCTION: i16 = 7;
pub const SQL_DIAG_CLASS_ORIGIN: i16 = 8;
pub const SQL_DIAG_SUBCLASS_ORIGIN: i16 = 9;
pub const SQL_DIAG_CONNECTION_NAME: i16 = 10;
pub const SQL_DIAG_SERVER_NAME: i16 = 11;
pub const SQL_DIAG_DYNAMIC_FUNCTION_CODE: i16 = 12;
pub const SQL_DIAG_CURSOR_ROW_COUNT: i16 = -1249;
pub const SQL_DIAG_ROW_NUMBER: i16 = -1248;
pub const SQL_DIAG_COLUMN_NUMBER: i16 = -1247;

// Values of diagnostic fields: rows and columns.

pub const SQL_NO_ROW_NUMBER: isize = -1;
pub const SQL_NO_COLUMN_NUMBER: isize = -1;
pub const SQL_ROW_NUMBER_UNKNOWN: isize = -2;
pub const SQL_COLUMN_NUMBER_UNKNOWN: isize = -2;

// Values of diagnostic fields: SQL_DIAG_DYNAMIC_FUNCTION_CODE.

pub const SQL_DIAG_UNKNOWN_STATEMENT: i32 = 0;
pub const SQL_DIAG_ALTER_DOMAIN: i32 = 3;
pub const SQL_DIAG_ALTER_TABLE: i32 = 4;
pub const SQL_DIAG_CALL: i32 = 7;
pub const SQL_DIAG_CREATE_SCHEMA: i32 = 64;
pub const SQL_DIAG_CREATE_TABLE: i32 = 77;
pub const SQL_DIAG_CREATE_VIEW: i32 = 84;
pub const SQL_DIAG_DELETE_WHERE: i32 = 19;
pub const SQL_DIAG_DROP_SCHEMA: i32 = 31;
pub const SQL_DIAG_DROP_TABLE: i32 = 32;
pub const SQL_DIAG_DROP_VIEW: i32 = 36;
pub const SQL_DIAG_GRANT: i32 = 48;
pub const SQL_DIAG_INSERT: i32 = 50;
pub const SQL_DIAG_REVOKE: i32 = 59;
pub const SQL_DIAG_SELECT_CURSOR: i32 = 85;
pub const SQL_DIAG_UPDATE_WHERE: i32 = 82;

// Where the ranges for a driver's own attributes, fields and types begin.

pub const SQL_DRIVER_CONN_ATTR_BASE: i32 = 16_384;
pub const SQL_DRIVER_STMT_ATTR_BASE: i32 = 16_384;
pub const SQL_DRIVER_DESC_FIELD_BASE: i32 = 16_384;
pub const SQL_DRIVER_DIAG_FIELD_BASE: i32 = 16_384;
pub const SQL_DRIVER_INFO_TYPE_BASE: i32 = 16_384;

// SQLEndTran.

pub const SQL_COMMIT: i16 = 0;
pub const SQL_ROLLBACK: i16 = 1;

// SQLSetPos and SQLBulkOperations.

pub const SQL_POSITION: u16 = 0;
pub const SQL_REFRESH: u16 = 1;
pub const SQL_UPDATE: u16 = 2;
pub const SQL_DELETE: u16 = 3;
pub const SQL_ADD: u16 = 4;
pub const SQL_UPDATE_BY_BOOKMARK: u16 = 5;
pub const SQL_DELETE_BY_BOOKMARK: u16 = 6;
pub const SQL_FETCH_BY_BOOKMARK: u16 = 7;
pub const SQL_LOCK_NO_CHANGE: u16 = 0;
pub const SQL_LOCK_EXCLUSIVE: u16 = 1;
pub const SQL_LOCK_UNLOCK: u16 = 2;

// Arguments and columns of catalog functions.

pub const SQL_BEST_ROWID: u16 = 1;
pub const SQL_ROWVER: u16 = 2;
pub const SQL_SCOPE_CURROW: u16 = 0;
pub const SQL_SCOPE_TRANSACTION: u16 = 1;
pub const SQL_SCOPE_SESSION: u16 = 2;
pub const SQL_INDEX_UNIQUE: u16 = 0;
pub const SQL_INDEX_ALL: u16 = 1;
pub const SQL_QUICK: u16 = 0;
pub const SQL_ENSURE: u16 = 1;
