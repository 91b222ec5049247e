//! SQL types: what a column, parameter or type list is said to be.

pub const SQL_UNKNOWN_TYPE: i16 = 0;
pub const SQL_CHAR: i16 = 1;
pub const SQL_NUMERIC: i16 = 2;
pub const SQL_DECIMAL: i16 = 3;
pub const SQL_INTEGER: i16 = 4;
pub const SQL_SMALLINT: i16 = 5;
pub const SQL_FLOAT: i16 = 6;
pub const SQL_REAL: i16 = 7;
pub const SQL_DOUBLE: i16 = 8;
/// The verbose type of dates, times and timestamps.
pub const SQL_DATETIME: i16 = 9;
/// The verbose type of intervals.
pub const SQL_INTERVAL: i16 = 10;
pub const SQL_VARCHAR: i16 = 12;
pub const SQL_TYPE_DATE: i16 = 91;
pub const SQL_TYPE_TIME: i16 = 92;
pub const SQL_TYPE_TIMESTAMP: i16 = 93;
pub const SQL_INTERVAL_YEAR_TO_MONTH: i16 = 107;
pub const SQL_INTERVAL_DAY_TO_SECOND: i16 = 110;
pub const SQL_LONGVARCHAR: i16 = -1;
pub const SQL_BINARY: i16 = -2;
pub const SQL_VARBINARY: i16 = -3;
pub const SQL_LONGVARBINARY: i16 = -4;
pub const SQL_BIGINT: i16 = -5;
pub const SQL_TINYINT: i16 = -6;
pub const SQL_BIT: i16 = -7;
pub const SQL_WCHAR: i16 = -8;
pub const SQL_WVARCHAR: i16 = -9;
pub const SQL_WLONGVARCHAR: i16 = -10;
pub const SQL_GUID: i16 = -11;
/// SQLGetTypeInfo: every type. The same number as [`SQL_UNKNOWN_TYPE`].
pub const SQL_ALL_TYPES: i16 = 0;

pub const SQL_CODE_DATE: i16 = 1;
pub const SQL_CODE_TIME: i16 = 2;
pub const SQL_CODE_TIMESTAMP: i16 = 3;
pub const SQL_CODE_YEAR_TO_MONTH: i16 = 7;
pub const SQL_CODE_DAY_TO_SECOND: i16 = 10;
