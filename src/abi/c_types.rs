//! C types: how an application asks for a value.

pub const SQL_C_CHAR: i16 = 1;
pub const SQL_C_NUMERIC: i16 = 2;
pub const SQL_C_LONG: i16 = 4;
pub const SQL_C_SHORT: i16 = 5;
pub const SQL_C_FLOAT: i16 = 7;
pub const SQL_C_DOUBLE: i16 = 8;
pub const SQL_C_DATE: i16 = 9;
pub const SQL_C_TIME: i16 = 10;
pub const SQL_C_TIMESTAMP: i16 = 11;
pub const SQL_C_TYPE_DATE: i16 = 91;
pub const SQL_C_TYPE_TIME: i16 = 92;
pub const SQL_C_TYPE_TIMESTAMP: i16 = 93;
pub const SQL_C_DEFAULT: i16 = 99;
pub const SQL_ARD_TYPE: i16 = -99;
pub const SQL_APD_TYPE: i16 = -100;
pub const SQL_C_INTERVAL_YEAR: i16 = 101;
pub const SQL_C_INTERVAL_MONTH: i16 = 102;
pub const SQL_C_INTERVAL_DAY: i16 = 103;
pub const SQL_C_INTERVAL_HOUR: i16 = 104;
pub const SQL_C_INTERVAL_MINUTE: i16 = 105;
pub const SQL_C_INTERVAL_SECOND: i16 = 106;
pub const SQL_C_INTERVAL_YEAR_TO_MONTH: i16 = 107;
pub const SQL_C_INTERVAL_DAY_TO_HOUR: i16 = 108;
pub const SQL_C_INTERVAL_DAY_TO_MINUTE: i16 = 109;
pub const SQL_C_INTERVAL_DAY_TO_SECOND: i16 = 110;
pub const SQL_C_INTERVAL_HOUR_TO_MINUTE: i16 = 111;
pub const SQL_C_INTERVAL_HOUR_TO_SECOND: i16 = 112;
pub const SQL_C_INTERVAL_MINUTE_TO_SECOND: i16 = 113;
pub const SQL_C_BINARY: i16 = -2;
pub const SQL_C_BIT: i16 = -7;
pub const SQL_C_TINYINT: i16 = -6;
pub const SQL_C_WCHAR: i16 = -8;
pub const SQL_C_GUID: i16 = -11;
pub const SQL_C_SSHORT: i16 = -15;
pub const SQL_C_SLONG: i16 = -16;
pub const SQL_C_USHORT: i16 = -17;
pub const SQL_C_ULONG: i16 = -18;
pub const SQL_C_SBIGINT: i16 = -25;
pub const SQL_C_STINYINT: i16 = -26;
pub const SQL_C_UBIGINT: i16 = -27;
pub const SQL_C_UTINYINT: i16 = -28;

/// The fields that an interval C type has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Interval {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    YearToMonth,
    DayToHour,
    DayToMinute,
    DayToSecond,
    HourToMinute,
    HourToSecond,
    MinuteToSecond,
}

/// A C type that a value can be converted to. `SQL_C_DEFAULT` and `SQL_ARD_TYPE` are not among them: code
/// that knows the SQL type or the descriptor has replaced them before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum CType {
    Char,
    WChar,
    Binary,
    Bit,
    STinyInt,
    UTinyInt,
    SShort,
    UShort,
    SLong,
    ULong,
    SBigInt,
    UBigInt,
    Float,
    Double,
    Numeric,
    Date,
    Time,
    Timestamp,
    Guid,
    Interval(Interval),
}

impl CType {
    /// The type of an application's number; `None` for one that ODBC does not know (HY003).
    #[inline(always)]
    pub fn from_raw(raw: i16) -> Option<Self> {
        Some(match raw {
            SQL_C_CHAR => Self::Char,
            SQL_C_WCHAR => Self::WChar,
            SQL_C_BINARY => Self::Binary,
            SQL_C_BIT => Self::Bit,
            SQL_C_TINYINT | SQL_C_STINYINT => Self::STinyInt,
            SQL_C_UTINYINT => Self::UTinyInt,
            SQL_C_SHORT | SQL_C_SSHORT => Self::SShort,
            SQL_C_USHORT => Self::UShort,
            SQL_C_LONG | SQL_C_SLONG => Self::SLong,
            SQL_C_ULONG => Self::ULong,
            SQL_C_SBIGINT => Self::SBigInt,
            SQL_C_UBIGINT => Self::UBigInt,
            SQL_C_FLOAT => Self::Float,
            SQL_C_DOUBLE => Self::Double,
            SQL_C_NUMERIC => Self::Numeric,
            SQL_C_DATE | SQL_C_TYPE_DATE => Self::Date,
            SQL_C_TIME | SQL_C_TYPE_TIME => Self::Time,
            SQL_C_TIMESTAMP | SQL_C_TYPE_TIMESTAMP => Self::Timestamp,
            SQL_C_GUID => Self::Guid,
            SQL_C_INTERVAL_YEAR => Self::Interval(Interval::Year),
            SQL_C_INTERVAL_MONTH => Self::Interval(Interval::Month),
            SQL_C_INTERVAL_DAY => Self::Interval(Interval::Day),
            SQL_C_INTERVAL_HOUR => Self::Interval(Interval::Hour),
            SQL_C_INTERVAL_MINUTE => Self::Interval(Interval::Minute),
            SQL_C_INTERVAL_SECOND => Self::Interval(Interval::Second),
            SQL_C_INTERVAL_YEAR_TO_MONTH => Self::Interval(Interval::YearToMonth),
            SQL_C_INTERVAL_DAY_TO_HOUR => Self::Interval(Interval::DayToHour),
            SQL_C_INTERVAL_DAY_TO_MINUTE => Self::Interval(Interval::DayToMinute),
            SQL_C_INTERVAL_DAY_TO_SECOND => Self::Interval(Interval::DayToSecond),
            SQL_C_INTERVAL_HOUR_TO_MINUTE => Self::Interval(Interval::HourToMinute),
            SQL_C_INTERVAL_HOUR_TO_SECOND => Self::Interval(Interval::HourToSecond),
            SQL_C_INTERVAL_MINUTE_TO_SECOND => Self::Interval(Interval::MinuteToSecond),
            _ => return None,
        })
    }

    /// Bytes of one value; `None` for types of variable length.
    #[inline(always)]
    pub fn size(self) -> Option<usize> {
        Some(match self {
            Self::Char | Self::WChar | Self::Binary => return None,
            Self::Bit | Self::STinyInt | Self::UTinyInt => 1,
            Self::SShort | Self::UShort => 2,
            Self::SLong | Self::ULong | Self::Float => 4,
            Self::SBigInt | Self::UBigInt | Self::Double => 8,
            // The structs of `sqltypes.h`; `tests/headers.rs` compares them.
            Self::Numeric => 19,
            Self::Date | Self::Time => 6,
            Self::Timestamp | Self::Guid => 16,
            Self::Interval(_) => 28,
        })
    }
}
