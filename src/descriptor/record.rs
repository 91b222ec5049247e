//! One record of a descriptor: a column or a parameter.

use trino_client::columns::{BaseColumn, ColumnInfo};

use super::consistency::has_seconds;
use crate::abi;
use crate::bind::Address;
use crate::catalog::{self, Described, Limits};
use crate::diagnostics::{Error, SqlState};

/// SQL_DESC_NULLABLE of a result's columns. The server does not say which have NULLs, and SQLColumns reports most columns of
/// tables as nullable: linked servers of SQL Server require both to be the same.
pub const COLUMN_NULLABLE: i16 = abi::SQL_NULLABLE;

/// The fields of a record.
#[derive(Debug, Clone)]
pub struct Record {
    /// SQL_DESC_CONCISE_TYPE: a C type in application descriptors, an SQL type in implementation
    /// ones.
    pub concise_type: i16,
    /// SQL_DESC_LENGTH.
    pub length: usize,
    /// SQL_DESC_OCTET_LENGTH.
    pub octet_length: isize,
    /// SQL_DESC_PRECISION.
    pub precision: i16,
    /// SQL_DESC_SCALE.
    pub scale: i16,
    /// SQL_DESC_DATETIME_INTERVAL_PRECISION.
    pub interval_precision: i32,
    /// Whether the application has set the length or the interval's leading precision; otherwise
    /// they are the type's defaults.
    pub sized: bool,
    /// Whether the application has set the precision; otherwise it is the type's default.
    pub has_precision: bool,
    /// The same of the scale.
    pub has_scale: bool,
    /// SQL_DESC_DATA_PTR.
    pub data: Address,
    /// SQL_DESC_INDICATOR_PTR.
    pub indicator: Address,
    /// SQL_DESC_OCTET_LENGTH_PTR.
    pub octet_length_ptr: Address,
    /// SQL_DESC_NUM_PREC_RADIX.
    pub radix: i32,
    /// SQL_DESC_PARAMETER_TYPE.
    pub parameter_type: i16,
    /// SQL_DESC_NAME of a parameter; a column's is in its implementation.
    pub name: Option<Box<str>>,
    /// What only implementation descriptors have.
    pub implementation: Option<Box<Implementation>>,
}

/// A column of a result as ODBC describes it.
#[derive(Debug, Clone)]
pub struct Implementation {
    pub name: String,
    pub described: Described,
    pub base: BaseColumn,
}

impl Default for Record {
    fn default() -> Self {
        Self {
            concise_type: abi::SQL_C_DEFAULT,
            length: 0,
            octet_length: 0,
            precision: 0,
            scale: 0,
            interval_precision: 0,
            sized: false,
            has_precision: false,
            has_scale: false,
            data: Address::NULL,
            indicator: Address::NULL,
            octet_length_ptr: Address::NULL,
            radix: 0,
            parameter_type: abi::SQL_PARAM_INPUT,
            name: None,
            implementation: None,
        }
    }
}

impl Record {
    /// The record of a result's column, and of the table's that it is when that is known.
    pub fn of_column(column: &ColumnInfo, base: Option<BaseColumn>, limits: &Limits) -> Self {
        let described = catalog::describe(&column.kind, limits);
        Self {
            concise_type: described.sql_type,
            length: described.length,
            octet_length: isize::try_from(described.octet_length).unwrap_or(isize::MAX),
            precision: described.precision,
            scale: described.scale,
            radix: i32::from(described.radix),
            interval_precision: i32::from(described.interval_precision),
            implementation: Some(Box::new(Implementation {
                name: column.name.clone(),
                described,
                base: base.unwrap_or_default(),
            })),
            ..Self::default()
        }
    }

    /// Whether the application gave anything to write to: a column with only a length is bound too.
    pub fn is_bound(&self) -> bool {
        [self.data, self.indicator, self.octet_length_ptr]
            .iter()
            .any(|address| !address.is_null())
    }

    /// Sets the type, and the defaults that the standard derives from it.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetdescfield-function>
    pub fn set_type(&mut self, concise: i16) {
        // Dates and times of ODBC 2 have the same structures.
        self.concise_type = match concise {
            abi::SQL_C_DATE => abi::SQL_C_TYPE_DATE,
            abi::SQL_C_TIME => abi::SQL_C_TYPE_TIME,
            abi::SQL_C_TIMESTAMP => abi::SQL_C_TYPE_TIMESTAMP,
            other => other,
        };
        self.sized = false;
        self.has_precision = false;
        self.has_scale = false;
        match self.concise_type {
            abi::SQL_CHAR | abi::SQL_VARCHAR | abi::SQL_WCHAR | abi::SQL_WVARCHAR => {
                self.length = 1;
                self.precision = 0;
            }
            abi::SQL_NUMERIC | abi::SQL_DECIMAL => {
                self.precision = 38;
                self.scale = 0;
            }
            abi::SQL_FLOAT | abi::SQL_DOUBLE => self.precision = 53,
            abi::SQL_REAL => self.precision = 24,
            abi::SQL_C_TYPE_DATE | abi::SQL_C_TYPE_TIME => self.precision = 0,
            abi::SQL_C_TYPE_TIMESTAMP => self.precision = 6,
            concise @ abi::SQL_C_INTERVAL_YEAR..=abi::SQL_C_INTERVAL_MINUTE_TO_SECOND => {
                self.interval_precision = 2;
                self.precision = if has_seconds(concise) { 6 } else { 0 };
            }
            _ => {}
        }
    }

    /// Sets SQL_DESC_TYPE: the verbose type of dates, times and intervals, to which a code belongs.
    /// HY021 for a concise one of those, and for a code that the type does not have.
    pub fn set_verbose_type(&mut self, kind: i16, code: Option<i16>) -> Result<(), Error> {
        let concise = match (kind, code) {
            // The code follows.
            (abi::SQL_DATETIME | abi::SQL_INTERVAL, None) => {
                self.concise_type = kind;
                return Ok(());
            }
            (abi::SQL_DATETIME, Some(code @ 1..=3)) => 90 + code,
            (abi::SQL_INTERVAL, Some(code @ 1..=13)) => 100 + code,
            (abi::SQL_DATETIME | abi::SQL_INTERVAL, Some(code)) => {
                return Err(inconsistent(format!("Type {kind} has no code {code}.")));
            }
            (abi::SQL_C_TIMESTAMP | 91..=93 | 101..=113, _) => {
                return Err(inconsistent(format!(
                    "{kind} is a concise type; SQL_DESC_TYPE takes SQL_DATETIME or SQL_INTERVAL."
                )));
            }
            (kind, _) => kind,
        };
        self.set_type(concise);
        Ok(())
    }

    /// SQL_DESC_TYPE: the verbose type of the concise one.
    pub fn verbose_type(&self) -> i16 {
        match self.concise_type {
            91..=93 => abi::SQL_DATETIME,
            101..=113 => abi::SQL_INTERVAL,
            concise => concise,
        }
    }

    /// SQL_DESC_NAME of a column or a parameter.
    pub fn name(&self) -> &str {
        match &self.implementation {
            Some(column) => &column.name,
            None => self.name.as_deref().unwrap_or_default(),
        }
    }

    /// SQL_DESC_NULLABLE.
    pub fn nullable(&self) -> i16 {
        match self.implementation {
            Some(_) => COLUMN_NULLABLE,
            None => abi::SQL_NULLABLE_UNKNOWN,
        }
    }

    /// SQL_DESC_DATETIME_INTERVAL_CODE.
    pub fn datetime_code(&self) -> i16 {
        match self.concise_type {
            concise @ 91..=93 => concise - 90,
            concise @ 101..=113 => concise - 100,
            _ => 0,
        }
    }
}

fn inconsistent(message: String) -> Error {
    Error::new(SqlState::INCONSISTENT_DESCRIPTOR, message)
}
