//! SQLGetDescField, SQLSetDescField: fields by number.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetdescfield-function>

use super::{Descriptor, Record, Role};
use crate::abi;
use crate::diagnostics::{Error, SqlState};

/// A field's value, in the width that the application gets or gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    I16(i16),
    I32(i32),
    U32(u32),
    U64(u64),
    Length(isize),
    ULength(usize),
    Pointer(usize),
    Text(String),
}

impl Descriptor {
    /// The value of a field; `number` is ignored for fields of the header.
    pub fn field(&self, number: usize, field: i16) -> Result<Value, Error> {
        Ok(match field {
            abi::SQL_DESC_ALLOC_TYPE if self.explicit => Value::I16(abi::SQL_DESC_ALLOC_USER),
            abi::SQL_DESC_ALLOC_TYPE => Value::I16(abi::SQL_DESC_ALLOC_AUTO),
            abi::SQL_DESC_ARRAY_SIZE => Value::ULength(self.array_size),
            abi::SQL_DESC_ARRAY_STATUS_PTR => Value::Pointer(self.array_status),
            abi::SQL_DESC_BIND_OFFSET_PTR => Value::Pointer(self.bind_offset),
            abi::SQL_DESC_BIND_TYPE => {
                Value::I32(i32::try_from(self.bind_type).unwrap_or(i32::MAX))
            }
            abi::SQL_DESC_COUNT => {
                Value::I16(i16::try_from(self.records().len()).unwrap_or(i16::MAX))
            }
            abi::SQL_DESC_ROWS_PROCESSED_PTR => Value::Pointer(self.rows_processed),
            _ => {
                let record = self.record(number).ok_or_else(|| no_record(number))?;
                record.field(field).ok_or_else(|| no_field(field))?
            }
        })
    }

    /// Sets a field; `number` is ignored for fields of the header.
    pub fn set_field(&mut self, number: usize, field: i16, value: usize) -> Result<(), Error> {
        let read_only = self.role == Role::ImplementationRow
            && !matches!(
                field,
                abi::SQL_DESC_ARRAY_STATUS_PTR | abi::SQL_DESC_ROWS_PROCESSED_PTR
            );
        if read_only {
            return Err(Error::new(
                SqlState::CANNOT_MODIFY_IRD,
                "The descriptor of a result's columns cannot be changed.",
            ));
        }
        // The application passes small integers in a pointer-sized argument; only the low bits count.
        let small = value as u16 as i16;
        match field {
            abi::SQL_DESC_ARRAY_SIZE if value == 0 => {
                return Err(Error::new(
                    SqlState::INVALID_ATTRIBUTE_VALUE,
                    "An array has at least one row.",
                ));
            }
            abi::SQL_DESC_ARRAY_SIZE => self.array_size = value,
            abi::SQL_DESC_ARRAY_STATUS_PTR => self.array_status = value,
            abi::SQL_DESC_BIND_OFFSET_PTR => self.bind_offset = value,
            abi::SQL_DESC_BIND_TYPE => self.bind_type = value as u32 as usize,
            abi::SQL_DESC_COUNT => self.set_count(usize::try_from(small).unwrap_or(0)),
            abi::SQL_DESC_ROWS_PROCESSED_PTR => self.rows_processed = value,
            _ => {
                let record = self.record_mut(number).ok_or_else(|| no_record(number))?;
                record.set_field(field, value)?;
                // Any change but of the deferred fields unbinds the column.
                if !matches!(
                    field,
                    abi::SQL_DESC_DATA_PTR
                        | abi::SQL_DESC_INDICATOR_PTR
                        | abi::SQL_DESC_OCTET_LENGTH_PTR
                        | abi::SQL_DESC_OCTET_LENGTH
                ) {
                    record.data = 0;
                }
            }
        }
        Ok(())
    }
}

impl Record {
    fn field(&self, field: i16) -> Option<Value> {
        Some(match field {
            abi::SQL_DESC_CONCISE_TYPE => Value::I16(self.concise_type),
            abi::SQL_DESC_TYPE => Value::I16(self.verbose_type()),
            abi::SQL_DESC_DATETIME_INTERVAL_CODE => Value::I16(self.datetime_code()),
            abi::SQL_DESC_DATETIME_INTERVAL_PRECISION => Value::I32(self.interval_precision),
            abi::SQL_DESC_LENGTH => Value::ULength(self.length),
            abi::SQL_DESC_OCTET_LENGTH => Value::Length(self.octet_length),
            abi::SQL_DESC_PRECISION => Value::I16(self.precision),
            abi::SQL_DESC_SCALE => Value::I16(self.scale),
            abi::SQL_DESC_DATA_PTR => Value::Pointer(self.data),
            abi::SQL_DESC_INDICATOR_PTR => Value::Pointer(self.indicator),
            abi::SQL_DESC_OCTET_LENGTH_PTR => Value::Pointer(self.octet_length_ptr),
            abi::SQL_DESC_PARAMETER_TYPE => Value::I16(self.parameter_type),
            _ => return self.implementation.as_ref()?.field(field),
        })
    }

    fn set_field(&mut self, field: i16, value: usize) -> Result<(), Error> {
        let small = value as u16 as i16;
        match field {
            abi::SQL_DESC_CONCISE_TYPE => self.set_type(small),
            abi::SQL_DESC_TYPE => match small {
                abi::SQL_DATETIME | abi::SQL_INTERVAL => self.concise_type = small,
                _ => self.set_type(small),
            },
            abi::SQL_DESC_DATETIME_INTERVAL_CODE => {
                let base = if self.concise_type == abi::SQL_INTERVAL
                    || (101..=113).contains(&self.concise_type)
                {
                    100
                } else {
                    90
                };
                self.set_type(base + small);
            }
            abi::SQL_DESC_DATETIME_INTERVAL_PRECISION => {
                self.interval_precision = value as u32 as i32;
            }
            abi::SQL_DESC_LENGTH => self.length = value,
            abi::SQL_DESC_OCTET_LENGTH => self.octet_length = value as isize,
            abi::SQL_DESC_PRECISION => self.precision = small,
            abi::SQL_DESC_SCALE => self.scale = small,
            abi::SQL_DESC_DATA_PTR => self.data = value,
            abi::SQL_DESC_INDICATOR_PTR => self.indicator = value,
            abi::SQL_DESC_OCTET_LENGTH_PTR => self.octet_length_ptr = value,
            abi::SQL_DESC_PARAMETER_TYPE => self.parameter_type = small,
            abi::SQL_DESC_NUM_PREC_RADIX | abi::SQL_DESC_UNNAMED => {}
            _ => return Err(no_field(field)),
        }
        Ok(())
    }
}

impl super::Implementation {
    /// A field of a result's column. SQLColAttribute answers from here too.
    pub fn field(&self, field: i16) -> Option<Value> {
        let described = &self.described;
        Some(match field {
            abi::SQL_DESC_NAME | abi::SQL_DESC_LABEL | abi::SQL_COLUMN_NAME => {
                Value::Text(self.name.clone())
            }
            abi::SQL_DESC_BASE_COLUMN_NAME
            | abi::SQL_DESC_BASE_TABLE_NAME
            | abi::SQL_DESC_TABLE_NAME
            | abi::SQL_DESC_SCHEMA_NAME
            | abi::SQL_DESC_CATALOG_NAME => Value::Text(String::new()),
            abi::SQL_DESC_TYPE_NAME | abi::SQL_DESC_LOCAL_TYPE_NAME => {
                Value::Text(described.type_name.clone())
            }
            abi::SQL_DESC_LITERAL_PREFIX => Value::Text(described.literal_prefix.to_owned()),
            abi::SQL_DESC_LITERAL_SUFFIX => Value::Text(described.literal_suffix.to_owned()),
            abi::SQL_DESC_UNNAMED if self.name.is_empty() => Value::I16(abi::SQL_UNNAMED),
            abi::SQL_DESC_UNNAMED => Value::I16(abi::SQL_NAMED),
            abi::SQL_DESC_NULLABLE | abi::SQL_COLUMN_NULLABLE => Value::I16(abi::SQL_NULLABLE),
            abi::SQL_DESC_DISPLAY_SIZE => {
                Value::Length(isize::try_from(described.display_size).unwrap_or(isize::MAX))
            }
            abi::SQL_DESC_UNSIGNED => Value::I16(i16::from(described.unsigned)),
            abi::SQL_DESC_CASE_SENSITIVE => Value::I32(i32::from(described.case_sensitive)),
            abi::SQL_DESC_SEARCHABLE => Value::I16(described.searchable),
            abi::SQL_DESC_FIXED_PREC_SCALE => Value::I16(i16::from(described.fixed_prec_scale)),
            abi::SQL_DESC_AUTO_UNIQUE_VALUE => Value::I32(abi::SQL_FALSE),
            abi::SQL_DESC_UPDATABLE => Value::I16(abi::SQL_ATTR_READONLY),
            abi::SQL_DESC_NUM_PREC_RADIX => Value::I32(i32::from(described.radix)),
            abi::SQL_DESC_ROWVER => Value::I16(0),
            // ODBC 2 asks for length, precision and scale by other numbers than ODBC 3.
            abi::SQL_COLUMN_LENGTH => {
                Value::Length(isize::try_from(described.octet_length).unwrap_or(isize::MAX))
            }
            abi::SQL_COLUMN_PRECISION => {
                Value::Length(isize::try_from(described.column_size).unwrap_or(isize::MAX))
            }
            abi::SQL_COLUMN_SCALE => Value::Length(isize::from(described.decimal_digits)),
            _ => return None,
        })
    }
}

fn no_record(number: usize) -> Error {
    Error::new(
        SqlState::INVALID_DESCRIPTOR_INDEX,
        format!("There is no column {number}."),
    )
}

fn no_field(field: i16) -> Error {
    Error::new(
        SqlState::INVALID_DESCRIPTOR_FIELD,
        format!("Descriptors of this kind have no field {field}."),
    )
}
