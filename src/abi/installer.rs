//! Numbers of the setup functions: `odbcinst.h`.

pub const ODBC_ADD_DSN: u16 = 1;
pub const ODBC_CONFIG_DSN: u16 = 2;
pub const ODBC_REMOVE_DSN: u16 = 3;

pub const ODBC_INSTALL_DRIVER: u16 = 1;
pub const ODBC_REMOVE_DRIVER: u16 = 2;
pub const ODBC_CONFIG_DRIVER: u16 = 3;

pub const ODBC_ERROR_GENERAL_ERR: u32 = 1;
pub const ODBC_ERROR_INVALID_BUFF_LEN: u32 = 2;
pub const ODBC_ERROR_INVALID_HWND: u32 = 3;
pub const ODBC_ERROR_INVALID_REQUEST_TYPE: u32 = 5;
pub const ODBC_ERROR_INVALID_NAME: u32 = 7;
pub const ODBC_ERROR_INVALID_KEYWORD_VALUE: u32 = 8;
pub const ODBC_ERROR_INVALID_DSN: u32 = 9;
pub const ODBC_ERROR_REQUEST_FAILED: u32 = 11;
pub const ODBC_ERROR_USER_CANCELED: u32 = 16;
pub const ODBC_ERROR_OUTPUT_STRING_TRUNCATED: u32 = 22;

/// The longest name of a data source, in characters.
pub const SQL_MAX_DSN_LENGTH: usize = 32;
