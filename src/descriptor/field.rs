//! SQLGetDescField, SQLSetDescField: which descriptor has which field, and its value.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetdescfield-function>

use super::{COLUMN_NULLABLE, Descriptor, Record, Role, consistency};
use crate::abi;
use crate::bind::Address;
use crate::diagnostics::{Error, SqlState};

/// A field's value, in the width that the application reads or sets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    I16(i16),
    I32(i32),
    U64(u64),
    Length(isize),
    ULength(usize),
    Pointer(usize),
    Text(String),
}

/// How a field may be accessed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Access {
    Unused,
    Read,
    Write,
}

/// A field: its number, and its access in application descriptors, in IRDs and in IPDs.
struct Field(i16, [Access; 3]);

/// Fields of the header.
const HEADER: &[Field] = &[
    Field(abi::SQL_DESC_ALLOC_TYPE, [R, R, R]),
    Field(abi::SQL_DESC_ARRAY_SIZE, [W, U, U]),
    Field(abi::SQL_DESC_ARRAY_STATUS_PTR, [W, W, W]),
    Field(abi::SQL_DESC_BIND_OFFSET_PTR, [W, U, U]),
    Field(abi::SQL_DESC_BIND_TYPE, [W, U, U]),
    Field(abi::SQL_DESC_COUNT, [W, R, W]),
    Field(abi::SQL_DESC_ROWS_PROCESSED_PTR, [U, W, W]),
];

/// Fields of each record.
const RECORD: &[Field] = &[
    Field(abi::SQL_DESC_AUTO_UNIQUE_VALUE, [U, R, U]),
    Field(abi::SQL_DESC_BASE_COLUMN_NAME, [U, R, U]),
    Field(abi::SQL_DESC_BASE_TABLE_NAME, [U, R, U]),
    Field(abi::SQL_DESC_CASE_SENSITIVE, [U, R, R]),
    Field(abi::SQL_DESC_CATALOG_NAME, [U, R, U]),
    Field(abi::SQL_DESC_CONCISE_TYPE, [W, R, W]),
    Field(abi::SQL_DESC_DATA_PTR, [W, U, W]),
    Field(abi::SQL_DESC_DATETIME_INTERVAL_CODE, [W, R, W]),
    Field(abi::SQL_DESC_DATETIME_INTERVAL_PRECISION, [W, R, W]),
    Field(abi::SQL_DESC_DISPLAY_SIZE, [U, R, U]),
    Field(abi::SQL_DESC_FIXED_PREC_SCALE, [U, R, R]),
    Field(abi::SQL_DESC_INDICATOR_PTR, [W, U, U]),
    Field(abi::SQL_DESC_LABEL, [U, R, U]),
    Field(abi::SQL_DESC_LENGTH, [W, R, W]),
    Field(abi::SQL_DESC_LITERAL_PREFIX, [U, R, U]),
    Field(abi::SQL_DESC_LITERAL_SUFFIX, [U, R, U]),
    Field(abi::SQL_DESC_LOCAL_TYPE_NAME, [U, R, R]),
    Field(abi::SQL_DESC_NAME, [U, R, W]),
    Field(abi::SQL_DESC_NULLABLE, [U, R, R]),
    Field(abi::SQL_DESC_NUM_PREC_RADIX, [W, R, W]),
    Field(abi::SQL_DESC_OCTET_LENGTH, [W, R, W]),
    Field(abi::SQL_DESC_OCTET_LENGTH_PTR, [W, U, U]),
    Field(abi::SQL_DESC_PARAMETER_TYPE, [U, U, W]),
    Field(abi::SQL_DESC_PRECISION, [W, R, W]),
    Field(abi::SQL_DESC_ROWVER, [U, R, R]),
    Field(abi::SQL_DESC_SCALE, [W, R, W]),
    Field(abi::SQL_DESC_SCHEMA_NAME, [U, R, U]),
    Field(abi::SQL_DESC_SEARCHABLE, [U, R, U]),
    Field(abi::SQL_DESC_TABLE_NAME, [U, R, U]),
    Field(abi::SQL_DESC_TYPE, [W, R, W]),
    Field(abi::SQL_DESC_TYPE_NAME, [U, R, R]),
    Field(abi::SQL_DESC_UNNAMED, [U, R, W]),
    Field(abi::SQL_DESC_UNSIGNED, [U, R, R]),
    Field(abi::SQL_DESC_UPDATABLE, [U, R, U]),
];

use Access::{Read as R, Unused as U, Write as W};

impl Role {
    fn access(self, fields: &[Field], number: i16) -> Option<Access> {
        let field = fields.iter().find(|field| field.0 == number)?;
        let [application, row, parameter] = field.1;
        Some(match self {
            Self::Application => application,
            Self::ImplementationRow => row,
            Self::ImplementationParameter => parameter,
        })
    }

    fn can_read(self, fields: &[Field], number: i16) -> bool {
        matches!(self.access(fields, number), Some(R | W))
    }
}

impl Descriptor {
    /// Whether a field stands in the header, so that the record's number is ignored.
    pub fn is_header(field: i16) -> bool {
        HEADER.iter().any(|known| known.0 == field)
    }

    /// The value of a field; `None` when there is no such record.
    pub fn field(&self, number: usize, field: i16) -> Result<Option<Value>, Error> {
        if self.role.can_read(HEADER, field) {
            return self.header(field).map(Some);
        }
        if !self.role.can_read(RECORD, field) {
            return Err(no_field(field));
        }
        if number == 0 {
            return Err(Error::bookmark());
        }
        match self.record(number) {
            None => Ok(None),
            Some(record) => record.field(field).map(Some).ok_or_else(|| no_field(field)),
        }
    }

    /// The value of SQLColAttribute: a field of the IRD, also by the numbers of ODBC 2.
    pub fn column_attribute(&self, number: usize, field: i16) -> Result<Value, Error> {
        let record = self
            .record(number)
            .ok_or_else(|| Error::no_column(number))?;
        let value = match self.role.access(RECORD, field) {
            Some(R | W) => record.field(field),
            Some(U) => None,
            None => record
                .implementation
                .as_ref()
                .and_then(|column| column.odbc2_field(field)),
        };
        value.ok_or_else(|| no_field(field))
    }

    fn header(&self, field: i16) -> Result<Value, Error> {
        Ok(match field {
            abi::SQL_DESC_ALLOC_TYPE if self.explicit => Value::I16(abi::SQL_DESC_ALLOC_USER),
            abi::SQL_DESC_ALLOC_TYPE => Value::I16(abi::SQL_DESC_ALLOC_AUTO),
            abi::SQL_DESC_ARRAY_SIZE => Value::ULength(self.array_size),
            abi::SQL_DESC_ARRAY_STATUS_PTR => Value::Pointer(self.array_status.get()),
            abi::SQL_DESC_BIND_OFFSET_PTR => Value::Pointer(self.bind_offset.get()),
            abi::SQL_DESC_BIND_TYPE => {
                Value::I32(i32::try_from(self.bind_type).unwrap_or(i32::MAX))
            }
            abi::SQL_DESC_COUNT => {
                Value::I16(i16::try_from(self.records().len()).unwrap_or(i16::MAX))
            }
            abi::SQL_DESC_ROWS_PROCESSED_PTR => Value::Pointer(self.rows_processed.get()),
            _ => return Err(no_field(field)),
        })
    }

    /// Refuses to set a field that cannot be: HY016 in IRDs, HY091 elsewhere.
    pub fn check_writable(&self, field: i16) -> Result<(), Error> {
        let access = self.role.access(HEADER, field);
        match access.or_else(|| self.role.access(RECORD, field)) {
            Some(W) => Ok(()),
            Some(_) if self.role == Role::ImplementationRow => Err(cannot_modify()),
            Some(R) => Err(Error::new(
                SqlState::INVALID_DESCRIPTOR_FIELD,
                format!("Descriptor field {field} is read-only."),
            )),
            Some(U) | None => Err(no_field(field)),
        }
    }

    /// Sets a field of integer value or one that holds an address; `number` is ignored for fields
    /// of the header.
    pub fn set_field(&mut self, number: usize, field: i16, value: usize) -> Result<(), Error> {
        self.check_writable(field)?;
        // The application passes small integers in a pointer-sized argument; only the low bits
        // count.
        let small = value as u16 as i16;
        match field {
            abi::SQL_DESC_ARRAY_SIZE if value == 0 => {
                return Err(Error::new(
                    SqlState::INVALID_ATTRIBUTE_VALUE,
                    "SQL_DESC_ARRAY_SIZE must be at least 1.",
                ));
            }
            abi::SQL_DESC_ARRAY_SIZE => self.array_size = value,
            abi::SQL_DESC_ARRAY_STATUS_PTR => self.array_status = Address::new(value),
            abi::SQL_DESC_BIND_OFFSET_PTR => self.bind_offset = Address::new(value),
            abi::SQL_DESC_BIND_TYPE => self.bind_type = value as u32 as usize,
            abi::SQL_DESC_COUNT => {
                let count = usize::try_from(small).map_err(|_| {
                    Error::new(
                        SqlState::INVALID_DESCRIPTOR_INDEX,
                        "SQL_DESC_COUNT cannot be negative.",
                    )
                })?;
                self.set_count(count);
            }
            abi::SQL_DESC_ROWS_PROCESSED_PTR => self.rows_processed = Address::new(value),
            _ => {
                let role = self.role;
                let record = self.record_mut(number)?;
                match field {
                    abi::SQL_DESC_DATA_PTR => {
                        consistency::check(record, role)?;
                        // In an IPD it only requests the check.
                        if role == Role::Application {
                            record.data = Address::new(value);
                        }
                    }
                    abi::SQL_DESC_INDICATOR_PTR => record.indicator = Address::new(value),
                    abi::SQL_DESC_OCTET_LENGTH_PTR => record.octet_length_ptr = Address::new(value),
                    _ => {
                        record.set_field(field, value)?;
                        // Any change but of the deferred fields unbinds the column.
                        record.data = Address::NULL;
                    }
                }
                let unbinds =
                    role == Role::Application && field == abi::SQL_DESC_DATA_PTR && value == 0;
                if unbinds && number == self.records().len() {
                    self.trim();
                }
            }
        }
        Ok(())
    }

    /// Sets SQL_DESC_NAME, which parameters have.
    pub fn set_name(&mut self, number: usize, name: &str) -> Result<(), Error> {
        self.check_writable(abi::SQL_DESC_NAME)?;
        let record = self.record_mut(number)?;
        record.name = Some(name.into());
        Ok(())
    }

    /// SQLSetDescRec.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetdescrec-function>
    pub fn set_record(&mut self, number: usize, fields: &RecordFields) -> Result<(), Error> {
        if self.role == Role::ImplementationRow {
            return Err(cannot_modify());
        }
        let role = self.role;
        let record = self.record_mut(number)?;
        record.set_verbose_type(fields.kind, Some(fields.sub_type))?;
        record.octet_length = fields.octet_length;
        record.precision = fields.precision;
        record.has_precision = true;
        record.scale = fields.scale;
        record.has_scale = true;
        consistency::check(record, role)?;
        if role == Role::Application {
            record.data = fields.data;
            record.octet_length_ptr = fields.octet_length_ptr;
            record.indicator = fields.indicator;
        }
        Ok(())
    }
}

/// The arguments of SQLSetDescRec.
#[derive(Debug, Clone, Copy)]
pub struct RecordFields {
    pub kind: i16,
    pub sub_type: i16,
    pub octet_length: isize,
    pub precision: i16,
    pub scale: i16,
    pub data: Address,
    pub octet_length_ptr: Address,
    pub indicator: Address,
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
            abi::SQL_DESC_NUM_PREC_RADIX => Value::I32(self.radix),
            abi::SQL_DESC_DATA_PTR => Value::Pointer(self.data.get()),
            abi::SQL_DESC_INDICATOR_PTR => Value::Pointer(self.indicator.get()),
            abi::SQL_DESC_OCTET_LENGTH_PTR => Value::Pointer(self.octet_length_ptr.get()),
            abi::SQL_DESC_PARAMETER_TYPE => Value::I16(self.parameter_type),
            _ => match &self.implementation {
                Some(column) => return column.field(field),
                None => return self.parameter_field(field),
            },
        })
    }

    /// A field of a parameter that has not been described.
    fn parameter_field(&self, field: i16) -> Option<Value> {
        Some(match field {
            abi::SQL_DESC_NAME => Value::Text(self.name.as_deref().unwrap_or_default().to_owned()),
            abi::SQL_DESC_UNNAMED if self.name.is_some() => Value::I16(abi::SQL_NAMED),
            abi::SQL_DESC_UNNAMED => Value::I16(abi::SQL_UNNAMED),
            abi::SQL_DESC_NULLABLE => Value::I16(abi::SQL_NULLABLE_UNKNOWN),
            abi::SQL_DESC_TYPE_NAME | abi::SQL_DESC_LOCAL_TYPE_NAME => Value::Text(String::new()),
            abi::SQL_DESC_CASE_SENSITIVE => Value::I32(abi::SQL_FALSE),
            abi::SQL_DESC_FIXED_PREC_SCALE | abi::SQL_DESC_UNSIGNED | abi::SQL_DESC_ROWVER => {
                Value::I16(0)
            }
            _ => return None,
        })
    }

    fn set_field(&mut self, field: i16, value: usize) -> Result<(), Error> {
        let small = value as u16 as i16;
        match field {
            abi::SQL_DESC_CONCISE_TYPE => self.set_type(small),
            abi::SQL_DESC_TYPE => self.set_verbose_type(small, None)?,
            abi::SQL_DESC_DATETIME_INTERVAL_CODE => {
                self.set_verbose_type(self.verbose_type(), Some(small))?;
            }
            abi::SQL_DESC_DATETIME_INTERVAL_PRECISION => {
                self.interval_precision = value as u32 as i32;
                self.sized = true;
            }
            abi::SQL_DESC_LENGTH => {
                self.length = value;
                self.sized = true;
            }
            abi::SQL_DESC_OCTET_LENGTH => self.octet_length = value as isize,
            abi::SQL_DESC_PRECISION => {
                self.precision = small;
                self.has_precision = true;
            }
            abi::SQL_DESC_SCALE => {
                self.scale = small;
                self.has_scale = true;
            }
            abi::SQL_DESC_NUM_PREC_RADIX => self.radix = value as u32 as i32,
            abi::SQL_DESC_PARAMETER_TYPE => {
                let known = matches!(
                    small,
                    abi::SQL_PARAM_INPUT | abi::SQL_PARAM_INPUT_OUTPUT | abi::SQL_PARAM_OUTPUT
                );
                if !known {
                    return Err(Error::unknown_parameter_type(small));
                }
                self.parameter_type = small;
            }
            abi::SQL_DESC_UNNAMED if small == abi::SQL_UNNAMED => self.name = None,
            abi::SQL_DESC_UNNAMED => {
                return Err(Error::new(
                    SqlState::INVALID_DESCRIPTOR_FIELD,
                    "Set SQL_DESC_NAME to name a parameter.",
                ));
            }
            _ => return Err(no_field(field)),
        }
        Ok(())
    }
}

impl super::Implementation {
    /// A field of a result's column.
    fn field(&self, field: i16) -> Option<Value> {
        let described = &self.described;
        Some(match field {
            abi::SQL_DESC_NAME | abi::SQL_DESC_LABEL => Value::Text(self.name.clone()),
            abi::SQL_DESC_BASE_COLUMN_NAME => Value::Text(self.base.column.clone()),
            abi::SQL_DESC_BASE_TABLE_NAME | abi::SQL_DESC_TABLE_NAME => {
                Value::Text(self.base.table.clone())
            }
            abi::SQL_DESC_SCHEMA_NAME => Value::Text(self.base.schema.clone()),
            abi::SQL_DESC_CATALOG_NAME => Value::Text(self.base.catalog.clone()),
            abi::SQL_DESC_TYPE_NAME | abi::SQL_DESC_LOCAL_TYPE_NAME => {
                Value::Text(described.type_name.clone())
            }
            abi::SQL_DESC_LITERAL_PREFIX => Value::Text(described.literal_prefix.to_owned()),
            abi::SQL_DESC_LITERAL_SUFFIX => Value::Text(described.literal_suffix.to_owned()),
            abi::SQL_DESC_UNNAMED if self.name.is_empty() => Value::I16(abi::SQL_UNNAMED),
            abi::SQL_DESC_UNNAMED => Value::I16(abi::SQL_NAMED),
            abi::SQL_DESC_NULLABLE => Value::I16(COLUMN_NULLABLE),
            abi::SQL_DESC_DISPLAY_SIZE => {
                Value::Length(isize::try_from(described.display_size).unwrap_or(isize::MAX))
            }
            abi::SQL_DESC_UNSIGNED => Value::I16(i16::from(described.unsigned)),
            abi::SQL_DESC_CASE_SENSITIVE => Value::I32(i32::from(described.case_sensitive)),
            abi::SQL_DESC_SEARCHABLE => Value::I16(described.searchable),
            abi::SQL_DESC_FIXED_PREC_SCALE => Value::I16(i16::from(described.fixed_prec_scale)),
            abi::SQL_DESC_AUTO_UNIQUE_VALUE => Value::I32(abi::SQL_FALSE),
            abi::SQL_DESC_UPDATABLE => Value::I16(abi::SQL_ATTR_READONLY),
            abi::SQL_DESC_ROWVER => Value::I16(0),
            _ => return None,
        })
    }

    /// A field by its ODBC 2 number: length, precision and scale differ from those of ODBC 3.
    fn odbc2_field(&self, field: i16) -> Option<Value> {
        let described = &self.described;
        Some(match field {
            abi::SQL_COLUMN_NAME => Value::Text(self.name.clone()),
            abi::SQL_COLUMN_NULLABLE => Value::I16(COLUMN_NULLABLE),
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

/// HY016.
pub(super) fn cannot_modify() -> Error {
    Error::new(
        SqlState::CANNOT_MODIFY_IRD,
        "An implementation row descriptor cannot be modified.",
    )
}

fn no_field(field: i16) -> Error {
    Error::new(
        SqlState::INVALID_DESCRIPTOR_FIELD,
        format!("This kind of descriptor has no field {field}."),
    )
}
