//! SQLBindParameter, SQLNumParams, SQLDescribeParam: binds and describes parameters.

use std::cell::OnceCell;
use std::sync::Arc;

use tokio_util::sync::CancellationToken;
use trino_client::columns::Type;
use trino_client::runtime::Wait;
use trino_client::session::{self, Session};
use trino_client::sql;

use super::markers::{Markers, is_decimal};
use super::{Outcome, Prepared, State, Statement};
use crate::abi::{self, CType, WideUnit};
use crate::bind::{Address, Parameter};
use crate::catalog::{self, Limits};
use crate::convert::{Form, ParameterType, default_parameter_type, parameter_supported};
use crate::descriptor::{Record, is_sql_type};
use crate::diagnostics::{Error, SqlState};

/// The arguments of SQLBindParameter. Addresses are of the application, or 0.
#[derive(Debug, Clone, Copy)]
pub struct ParameterBinding {
    /// SQL_PARAM_INPUT and its like.
    pub direction: i16,
    pub c_type: i16,
    pub sql_type: i16,
    pub size: usize,
    pub digits: i16,
    pub data: Address,
    pub capacity: isize,
    pub length: Address,
}

impl Statement {
    /// SQLBindParameter.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlbindparameter-function>
    pub fn bind_parameter(
        &mut self,
        number: u16,
        binding: &ParameterBinding,
    ) -> Result<Outcome, Error> {
        binding.check(number)?;
        let number = usize::from(number);
        let mut apd = self.apd.descriptor.lock();
        let record = apd.record_mut(number)?;
        record.set_type(binding.c_type);
        record.octet_length = binding.width(self.format.wide);
        record.data = binding.data;
        record.octet_length_ptr = binding.length;
        record.indicator = binding.length;
        drop(apd);
        let mut ipd = self.own.ipd.descriptor.lock();
        let record = ipd.record_mut(number)?;
        record.set_type(binding.sql_type);
        record.parameter_type = binding.direction;
        let size = i16::try_from(binding.size).unwrap_or(i16::MAX);
        match record.concise_type {
            abi::SQL_DECIMAL | abi::SQL_NUMERIC => {
                record.precision = size;
                record.scale = binding.digits;
            }
            abi::SQL_TYPE_TIME | abi::SQL_TYPE_TIMESTAMP => {
                record.precision = binding.digits;
                record.length = binding.size;
            }
            abi::SQL_C_INTERVAL_YEAR..=abi::SQL_C_INTERVAL_MINUTE_TO_SECOND => {
                record.interval_precision = i32::from(size);
                record.precision = binding.digits;
            }
            _ => record.length = binding.size,
        }
        record.sized = true;
        Ok(Outcome::Done)
    }

    /// Whether the server must describe the parameters first.
    pub fn parameters_wait(&self) -> bool {
        self.state
            .prepared()
            .is_some_and(|prepared| prepared.parameters.is_none())
    }

    /// SQLNumParams: how many parameters the prepared statement has.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlnumparams-function>
    pub fn parameter_count(&self) -> Result<usize, Error> {
        let prepared = self.state.prepared().ok_or_else(Error::not_prepared)?;
        Ok(prepared.sql.parameters())
    }

    /// SQLDescribeParam: SQL type, column size and decimal digits of a parameter, from 1. The
    /// server describes all of them once, without running the statement. Inserted values have the
    /// types of their columns; a parameter of unknown type is text.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqldescribeparam-function>
    pub fn describe_parameter(
        &mut self,
        number: u16,
        cancel: CancellationToken,
    ) -> Result<(i16, usize, i16), Error> {
        let prepared = self.state.prepared().ok_or_else(Error::not_prepared)?;
        let index = usize::from(number).checked_sub(1);
        let Some(index) = index.filter(|index| *index < prepared.sql.parameters()) else {
            return Err(Error::new(
                SqlState::INVALID_DESCRIPTOR_INDEX,
                format!("The statement has no parameter {number}."),
            ));
        };
        let types = match &prepared.parameters {
            Some(markers) => Arc::clone(&markers.types),
            None => {
                self.check_process()?;
                let wait = self.wait(cancel);
                let types = match types(&self.session, &prepared.sql, &wait) {
                    Err(error) if error.is_about_headers() => {
                        let mut types = vec![Type::Unknown; prepared.sql.parameters()];
                        infer(&self.session, &prepared.sql, &mut types, &wait)?;
                        let warning = format!("The server does not see the parameters: {error}");
                        self.diagnostics.warn(SqlState::GENERAL_WARNING, warning);
                        types.into()
                    }
                    types => types?,
                };
                if let Some(prepared) = self.state.prepared_mut() {
                    prepared.parameters = Some(Markers::described(Arc::clone(&types)));
                }
                types
            }
        };
        let kind = match types.get(index) {
            // Trino describes an untyped NULL as text of length 0.
            None
            | Some(Type::Unknown | Type::Varchar { length: Some(0) } | Type::Char { length: 0 }) => {
                &Type::Varchar { length: None }
            }
            Some(kind) => kind,
        };
        let described = catalog::describe(kind, &self.limits());
        Ok((
            described.sql_type,
            described.column_size,
            described.decimal_digits,
        ))
    }

    /// The first `count` bound parameters; 07002 when there are fewer.
    pub(super) fn bound_parameters(
        &self,
        count: usize,
    ) -> Result<Vec<(Parameter, ParameterType)>, Error> {
        let apd = self.apd.descriptor.lock();
        let ipd = self.own.ipd.descriptor.lock();
        let sizes = Sizes::new(self.state.prepared(), self.limits());
        let bound = |number| {
            let application = apd.record(number).filter(|record| record.is_bound());
            let implementation = ipd.record(number).filter(|record| is_typed(record));
            let Some((application, implementation)) = application.zip(implementation) else {
                return Err(Error::new(
                    SqlState::WRONG_NUMBER_OF_PARAMETERS,
                    format!("The statement has {count} parameters, and {number} is not bound."),
                ));
            };
            check_direction(implementation.parameter_type)?;
            let (parameter, mut kind) = parameter(application, implementation)?;
            if sizes.are_hints(number, &kind) {
                kind.size = 0;
            }
            Ok((parameter, kind))
        };
        (1..=count).map(bound).collect()
    }

    /// Refuses all calls but those that supply data while an execution waits for data.
    #[inline]
    pub fn check_needs_no_data(&self) -> Result<(), Error> {
        if matches!(self.state, State::NeedData(_)) {
            return Err(needs_data());
        }
        Ok(())
    }
}

#[cold]
fn needs_data() -> Error {
    Error::new(
        SqlState::FUNCTION_SEQUENCE,
        "The statement waits for data of its parameters: call SQLParamData, SQLPutData or SQLCancel.",
    )
}

/// Decides which bound sizes merely repeat the driver's descriptions and are no limits.
struct Sizes<'a> {
    prepared: Option<&'a Prepared>,
    limits: Limits,
    /// The sizes in the descriptions of types without a size.
    made_up: [usize; 9],
    /// Which parameters are stored unchanged in a column, computed when first needed.
    stored: OnceCell<Vec<bool>>,
}

impl<'a> Sizes<'a> {
    fn new(prepared: Option<&'a Prepared>, limits: Limits) -> Self {
        let kinds = [Type::Varchar { length: None }, Type::Json, Type::Varbinary];
        let mut made_up = [0; 9];
        for (place, kind) in made_up.chunks_mut(3).zip(kinds) {
            let described = catalog::describe(&kind, &limits);
            let lengths = [described.octet_length, described.display_size];
            let lengths =
                lengths.map(|length| usize::try_from(length).expect("no length is negative"));
            place.copy_from_slice(&[described.column_size, lengths[0], lengths[1]]);
        }
        Self {
            prepared,
            limits,
            made_up,
            stored: OnceCell::new(),
        }
    }

    /// Whether values may be longer than the bound size: it comes from the driver's description,
    /// and no column limits it. Compared values may have any length.
    fn are_hints(&self, number: usize, kind: &ParameterType) -> bool {
        let index = number.saturating_sub(1);
        if is_decimal(kind) {
            return self.is_number(index, kind);
        }
        if kind.size == 0 || !holds_size(kind.sql_type) {
            return false;
        }
        let Some((sql, taken)) = self.prepared.and_then(|prepared| {
            let types = &prepared.parameters.as_ref()?.types;
            Some((&prepared.sql, types.get(index)?))
        }) else {
            return self.made_up.contains(&kind.size);
        };
        if catalog::describe(taken, &self.limits).column_size != kind.size {
            return self.made_up.contains(&kind.size);
        }
        let has_size = matches!(
            taken,
            Type::Varchar { length: Some(1..) } | Type::Char { length: 1.. }
        );
        !(has_size && self.stored.get_or_init(|| stored(sql)).get(index) == Some(&true))
    }
}

impl Sizes<'_> {
    /// Whether a decimal has the digits of the driver's description of NUMBER, which can have more.
    fn is_number(&self, index: usize, kind: &ParameterType) -> bool {
        let parameters = self.prepared.and_then(|it| it.parameters.as_ref());
        let taken = parameters.and_then(|markers| markers.types.get(index));
        taken == Some(&Type::Number) && {
            let described = catalog::describe(&Type::Number, &self.limits);
            (described.column_size, described.decimal_digits) == (kind.size, kind.digits)
        }
    }
}

/// For each parameter of an INSERT, whether its value is stored unchanged in a column.
fn stored(sql: &sql::Statement) -> Vec<bool> {
    let places = sql::Insert::parse(sql.explained()).map(|insert| insert.places);
    let places = places.unwrap_or_default().into_iter();
    places.map(|place| place.is_some()).collect()
}

/// Whether values of a type are limited by its size in characters or bytes.
fn holds_size(sql_type: i16) -> bool {
    matches!(
        sql_type,
        abi::SQL_CHAR
            | abi::SQL_VARCHAR
            | abi::SQL_LONGVARCHAR
            | abi::SQL_WCHAR
            | abi::SQL_WVARCHAR
            | abi::SQL_WLONGVARCHAR
            | abi::SQL_BINARY
            | abi::SQL_VARBINARY
            | abi::SQL_LONGVARBINARY
    )
}

impl ParameterBinding {
    fn check(&self, number: u16) -> Result<(), Error> {
        if number == 0 {
            return Err(Error::new(
                SqlState::INVALID_DESCRIPTOR_INDEX,
                "Parameter numbers start at 1.",
            ));
        }
        check_direction(self.direction)?;
        if self.c_type != abi::SQL_C_DEFAULT && CType::from_raw(self.c_type).is_none() {
            return Err(Error::unknown_c_type(self.c_type));
        }
        // ODBC 2 has other numbers for dates and times.
        let old = matches!(self.sql_type, abi::SQL_C_DATE..=abi::SQL_C_TIMESTAMP);
        if !old && !is_sql_type(self.sql_type) {
            return Err(Error::unknown_sql_type(self.sql_type));
        }
        let sql_type = match self.sql_type {
            abi::SQL_C_DATE => abi::SQL_TYPE_DATE,
            abi::SQL_C_TIME => abi::SQL_TYPE_TIME,
            abi::SQL_C_TIMESTAMP => abi::SQL_TYPE_TIMESTAMP,
            sql_type => sql_type,
        };
        let c_type = CType::from_raw(self.c_type);
        if c_type.is_some_and(|c_type| !parameter_supported(c_type, sql_type)) {
            return Err(Error::new(
                SqlState::RESTRICTED_DATA_TYPE,
                format!(
                    "Parameter {number}: cannot convert C type {} to SQL type {}.",
                    self.c_type, self.sql_type
                ),
            ));
        }
        if self.capacity < 0 && !self.is_of_set_param() {
            return Err(Error::negative_length());
        }
        if self.data.is_null() && self.length.is_null() {
            return Err(Error::new(
                SqlState::INVALID_NULL_POINTER,
                format!("Parameter {number} has neither a data nor a length pointer."),
            ));
        }
        Ok(())
    }

    /// Whether a Driver Manager mapped SQLSetParam to it, which has neither a direction nor a
    /// length.
    fn is_of_set_param(&self) -> bool {
        self.direction == abi::SQL_PARAM_INPUT_OUTPUT
            && self.capacity == abi::SQL_SETPARAM_VALUE_MAX
    }

    /// Bytes from one value to the next.
    fn width(&self, wide: WideUnit) -> isize {
        if !self.is_of_set_param() {
            return self.capacity;
        }
        let unit = match CType::from_raw(self.c_type) {
            Some(CType::WChar) => wide.size(),
            _ => 1,
        };
        isize::try_from(self.size.saturating_mul(unit)).unwrap_or(isize::MAX)
    }
}

/// The types that the server expects for the markers of `sql`.
pub(super) fn types(
    session: &Arc<Session>,
    sql: &sql::Statement,
    wait: &Wait,
) -> Result<Arc<[Type]>, session::Error> {
    let mut types = session.parameters(sql, wait)?;
    infer(session, sql, &mut types, wait)?;
    Ok(types.into())
}

/// Fills in the types of inserted values, which Trino does not describe: those of the table's
/// columns.
fn infer(
    session: &Arc<Session>,
    sql: &sql::Statement,
    types: &mut [Type],
    wait: &Wait,
) -> Result<(), session::Error> {
    if !types.contains(&Type::Unknown) {
        return Ok(());
    }
    let Some(insert) = sql::Insert::parse(sql.explained()) else {
        return Ok(());
    };
    let columns = match session.describe(&sql::Statement::parse(&insert.query()), wait) {
        Ok(output) => output.columns,
        // INSERT privilege does not imply SELECT.
        Err(session::Error::Server(_)) => return Ok(()),
        Err(error) => return Err(error),
    };
    for (kind, place) in types.iter_mut().zip(insert.places) {
        if *kind == Type::Unknown
            && let Some(column) = place.and_then(|place| columns.get(place))
        {
            *kind = column.kind.clone();
        }
    }
    Ok(())
}

/// Trino's statements have no output parameters: the application's output buffers stay unchanged.
fn check_direction(direction: i16) -> Result<(), Error> {
    match direction {
        abi::SQL_PARAM_INPUT | abi::SQL_PARAM_INPUT_OUTPUT => Ok(()),
        abi::SQL_PARAM_OUTPUT
        | abi::SQL_PARAM_INPUT_OUTPUT_STREAM
        | abi::SQL_PARAM_OUTPUT_STREAM => Err(Error::new(
            SqlState::NOT_IMPLEMENTED,
            "Only input parameters are supported.",
        )),
        _ => Err(Error::unknown_parameter_type(direction)),
    }
}

fn is_typed(record: &Record) -> bool {
    is_sql_type(record.concise_type)
}

/// A parameter by its APD and IPD records.
fn parameter(
    application: &Record,
    implementation: &Record,
) -> Result<(Parameter, ParameterType), Error> {
    let sql_type = implementation.concise_type;
    let c_type = match application.concise_type {
        abi::SQL_C_DEFAULT => default_parameter_type(sql_type),
        concise => CType::from_raw(concise).ok_or_else(|| Error::unknown_c_type(concise))?,
    };
    let form = Form {
        c_type,
        precision: application.precision,
        scale: application.scale,
    };
    let (size, digits) = match sql_type {
        abi::SQL_DECIMAL | abi::SQL_NUMERIC => {
            let size = usize::try_from(implementation.precision).unwrap_or_default();
            (size, implementation.scale)
        }
        _ if implementation.sized => (implementation.length, implementation.precision),
        _ => (0, implementation.precision),
    };
    Ok((
        Parameter {
            form,
            data: application.data,
            capacity: application.octet_length,
            length: application.octet_length_ptr,
            indicator: application.indicator,
        },
        ParameterType {
            sql_type,
            size,
            digits,
        },
    ))
}
