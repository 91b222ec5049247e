//! Return codes, special lengths, handle kinds and the other small numbers of `sql.h`.

/// Width of one `SQLWCHAR`, and with it the encoding of wide text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum WideUnit {
    /// Two bytes: UTF-16. Windows, unixODBC.
    #[default]
    Utf16,
    /// Four bytes: UTF-32. iODBC.
    Utf32,
}

impl WideUnit {
    /// Bytes of one unit.
    pub fn size(self) -> usize {
        match self {
            Self::Utf16 => 2,
            Self::Utf32 => 4,
        }
    }
}

/// SQLSETPOSIROW: a row of a rowset. The headers make it as wide as a length where that has 64 bits, and leave it the
/// SQLUSMALLINT of ODBC 2 elsewhere.
#[cfg(target_pointer_width = "64")]
pub type SqlSetPosIRow = usize;
#[cfg(not(target_pointer_width = "64"))]
pub type SqlSetPosIRow = u16;

/// SQLRETURN: what an exported function returns.
pub type SqlReturn = i16;

pub const SQL_SUCCESS: SqlReturn = 0;
pub const SQL_SUCCESS_WITH_INFO: SqlReturn = 1;
pub const SQL_STILL_EXECUTING: SqlReturn = 2;
pub const SQL_ERROR: SqlReturn = -1;
pub const SQL_INVALID_HANDLE: SqlReturn = -2;
pub const SQL_NEED_DATA: SqlReturn = 99;
pub const SQL_NO_DATA: SqlReturn = 100;
pub const SQL_PARAM_DATA_AVAILABLE: SqlReturn = 101;

pub const SQL_HANDLE_ENV: i16 = 1;
pub const SQL_HANDLE_DBC: i16 = 2;
pub const SQL_HANDLE_STMT: i16 = 3;
pub const SQL_HANDLE_DESC: i16 = 4;

pub const SQL_NTS: isize = -3;
pub const SQL_NULL_DATA: isize = -1;
pub const SQL_DATA_AT_EXEC: isize = -2;
pub const SQL_NO_TOTAL: isize = -4;
pub const SQL_DEFAULT_PARAM: isize = -5;
pub const SQL_COLUMN_IGNORE: isize = -6;
pub const SQL_LEN_DATA_AT_EXEC_OFFSET: isize = -100;

pub const SQL_NO_NULLS: i16 = 0;
pub const SQL_NULLABLE: i16 = 1;
pub const SQL_NULLABLE_UNKNOWN: i16 = 2;

pub const SQL_FETCH_NEXT: i16 = 1;
pub const SQL_FETCH_FIRST: i16 = 2;
pub const SQL_FETCH_LAST: i16 = 3;
pub const SQL_FETCH_PRIOR: i16 = 4;
pub const SQL_FETCH_ABSOLUTE: i16 = 5;
pub const SQL_FETCH_RELATIVE: i16 = 6;
pub const SQL_FETCH_BOOKMARK: i16 = 8;

pub const SQL_ROW_SUCCESS: u16 = 0;
pub const SQL_ROW_NOROW: u16 = 3;
pub const SQL_ROW_ERROR: u16 = 5;
pub const SQL_ROW_SUCCESS_WITH_INFO: u16 = 6;

pub const SQL_CLOSE: u16 = 0;
pub const SQL_DROP: u16 = 1;
pub const SQL_UNBIND: u16 = 2;
pub const SQL_RESET_PARAMS: u16 = 3;

pub const SQL_TRUE: i32 = 1;
pub const SQL_FALSE: i32 = 0;

pub const SQL_OV_ODBC2: usize = 2;
pub const SQL_OV_ODBC3: usize = 3;
pub const SQL_OV_ODBC3_80: usize = 380;

pub const SQL_DRIVER_NOPROMPT: u16 = 0;
pub const SQL_DRIVER_COMPLETE: u16 = 1;
pub const SQL_DRIVER_PROMPT: u16 = 2;
pub const SQL_DRIVER_COMPLETE_REQUIRED: u16 = 3;
