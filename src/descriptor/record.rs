//! One record of a descriptor: a column or a parameter.

use crate::abi;
use crate::catalog::{self, Described, Limits};
use crate::columns::ColumnInfo;

/// The fields of a record. Addresses are of the application, or 0.
#[derive(Debug, Clone)]
pub struct Record {
    /// SQL_DESC_CONCISE_TYPE: a C type in application descriptors, an SQL type in implementation ones.
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
    /// SQL_DESC_DATA_PTR.
    pub data: usize,
    /// SQL_DESC_INDICATOR_PTR.
    pub indicator: usize,
    /// SQL_DESC_OCTET_LENGTH_PTR.
    pub octet_length_ptr: usize,
    /// SQL_DESC_PARAMETER_TYPE.
    pub parameter_type: i16,
    /// What only implementation descriptors say.
    pub implementation: Option<Box<Implementation>>,
}

/// A column of a result as ODBC describes it.
#[derive(Debug, Clone)]
pub struct Implementation {
    pub name: String,
    pub described: Described,
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
            data: 0,
            indicator: 0,
            octet_length_ptr: 0,
            parameter_type: abi::SQL_PARAM_INPUT,
            implementation: None,
        }
    }
}

impl Record {
    /// The record of a result's column.
    pub fn of_column(column: &ColumnInfo) -> Self {
        let described = catalog::describe(&column.kind, &Limits::default());
        Self {
            concise_type: described.sql_type,
            length: described.length,
            octet_length: isize::try_from(described.octet_length).unwrap_or(isize::MAX),
            precision: described.precision,
            scale: described.scale,
            implementation: Some(Box::new(Implementation {
                name: column.name.clone(),
                described,
            })),
            ..Self::default()
        }
    }

    /// Whether the application gave anything to write to: a column with only a length is bound too.
    pub fn is_bound(&self) -> bool {
        self.data != 0 || self.indicator != 0 || self.octet_length_ptr != 0
    }

    /// Sets the type, and with it what the standard says follows from a type.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetdescfield-function>
    pub fn set_type(&mut self, concise: i16) {
        self.concise_type = concise;
        match concise {
            abi::SQL_C_NUMERIC => {
                self.precision = 38;
                self.scale = 0;
            }
            abi::SQL_C_TYPE_TIMESTAMP | abi::SQL_C_TIMESTAMP => self.precision = 6,
            abi::SQL_C_INTERVAL_YEAR..=abi::SQL_C_INTERVAL_MINUTE_TO_SECOND => {
                self.interval_precision = 2;
                self.precision = 6;
            }
            _ => {}
        }
    }

    /// SQL_DESC_TYPE: the verbose type of the concise one.
    pub fn verbose_type(&self) -> i16 {
        match self.concise_type {
            91..=93 => abi::SQL_DATETIME,
            101..=113 => abi::SQL_INTERVAL,
            concise => concise,
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
