//! The literals of a statement's parameter markers.
//!
//! Applications that do not know a parameter's type bind text, and NULL with any type, but Trino
//! does not convert text. If the types are known (after SQLDescribeParam), values are written as
//! those types. Otherwise the statement is sent with its values as bound. Only if the server
//! refuses their types, which it does before running anything, does the driver have it describe the
//! parameters: statements with matching types cost no extra request.

use std::cell::OnceCell;
use std::sync::Arc;

use trino_client::columns::Type;
use trino_client::sql::{self, Output, Place};

use crate::abi;
use crate::convert::{
    ParameterType, expected_literal, is_text_parameter, number_literal, typed_null,
};
use crate::diagnostics::{Error, Record, SqlState};

/// The types that the server expects for a statement's parameter markers.
#[derive(Debug, Clone)]
pub struct Markers {
    pub types: Arc<[Type]>,
    /// Whether the server refused the values as bound. Only then do the types of function arguments
    /// apply: they are one choice of several.
    refused: bool,
}

impl Markers {
    /// The types from SQLDescribeParam.
    pub fn described(types: Arc<[Type]>) -> Self {
        Self {
            types,
            refused: false,
        }
    }
}

/// A literal and the kind of value it was made from.
#[derive(Debug)]
pub(super) struct Value {
    literal: String,
    origin: Origin,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Origin {
    /// Not supplied yet.
    Later,
    Null,
    /// Text, bound as such.
    Text,
    /// A REAL or DOUBLE.
    Floating,
    Other,
}

impl Value {
    /// A value that SQLPutData will supply.
    pub(super) fn later() -> Self {
        Self {
            literal: String::new(),
            origin: Origin::Later,
        }
    }

    pub(super) fn null() -> Self {
        Self {
            literal: NULL.to_owned(),
            origin: Origin::Null,
        }
    }

    pub(super) fn is_null(&self) -> bool {
        self.origin == Origin::Null
    }

    /// A value bound as `to`, as its literal.
    pub(super) fn new(literal: String, to: &ParameterType) -> Self {
        let origin = if is_text_parameter(to) {
            Origin::Text
        } else if is_floating(to) {
            Origin::Floating
        } else {
            Origin::Other
        };
        Self { literal, origin }
    }
}

impl AsRef<str> for Value {
    fn as_ref(&self) -> &str {
        &self.literal
    }
}

/// How to write the values of an execution.
#[derive(Debug)]
pub(super) struct Fitting {
    sql: Arc<str>,
    /// The places of the markers, computed when first needed.
    places: OnceCell<Vec<Place>>,
    pub(super) markers: Option<Markers>,
    /// Whether an untyped NULL makes a function call ambiguous.
    ambiguous: bool,
    /// Whether every NULL is untyped.
    plain: bool,
    /// Increases whenever the driver learns something.
    revision: usize,
}

impl Fitting {
    pub(super) fn new(sql: &Arc<str>, markers: Option<Markers>) -> Self {
        Self {
            sql: Arc::clone(sql),
            places: OnceCell::new(),
            markers,
            ambiguous: false,
            plain: false,
            revision: 0,
        }
    }

    /// Rewrites the value of marker `index`, bound as `to`, as the type that the server expects.
    /// Returns whether it changed.
    pub(super) fn fit(
        &self,
        index: usize,
        to: &ParameterType,
        value: &mut Value,
    ) -> Result<bool, Error> {
        let literal = match value.origin {
            Origin::Null if self.needs_type(index, to) => Some(typed_null(to)),
            Origin::Null => (value.literal != NULL).then(|| NULL.to_owned()),
            Origin::Text => self.text(index, to, &value.literal)?,
            Origin::Floating => self.floating(index, &value.literal),
            Origin::Later | Origin::Other => None,
        };
        let Some(literal) = literal.filter(|literal| *literal != value.literal) else {
            return Ok(false);
        };
        value.literal = literal;
        Ok(true)
    }

    /// Whether a value may have the wrong type because the expected types are unknown.
    pub(super) fn is_unsure<'a>(&self, mut values: impl Iterator<Item = &'a Value>) -> bool {
        self.markers.is_none()
            && values.any(|value| match value.origin {
                Origin::Text | Origin::Floating => true,
                Origin::Null => value.literal != NULL,
                Origin::Later | Origin::Other => false,
            })
    }

    /// Increases whenever the driver learns something.
    pub(super) fn revision(&self) -> usize {
        self.revision
    }

    /// Notes the types that the server expects.
    pub(super) fn note_types(&mut self, types: Arc<[Type]>) {
        self.markers = Some(Markers::described(types));
        self.revision += 1;
    }

    /// Whether the server refused values of the types that it described.
    pub(super) fn is_refused(&self) -> bool {
        self.markers.as_ref().is_some_and(|markers| markers.refused)
    }

    /// Notes that the server refused the values: from the first refusal on, the types of function
    /// arguments apply; from the second on, NULLs are untyped.
    pub(super) fn note_refusal(&mut self, values: &[Value]) {
        let Some(markers) = &mut self.markers else {
            return;
        };
        let is_typed = |value: &Value| value.is_null() && value.literal != NULL;
        let is_news = !std::mem::replace(&mut markers.refused, true)
            || values.iter().any(is_typed) && !std::mem::replace(&mut self.plain, true);
        self.revision += usize::from(is_news);
    }

    /// Notes that NULLs need a type.
    pub(super) fn note_ambiguity(&mut self) {
        if !std::mem::replace(&mut self.ambiguous, true) {
            self.revision += 1;
        }
    }

    /// The type of a marker by its place, if known.
    fn expected(&self, index: usize) -> Option<&Type> {
        let markers = self.markers.as_ref()?;
        let kind = markers.types.get(index)?;
        let stands = markers.refused || !self.place(index).argument;
        (stands && *kind != Type::Unknown).then_some(kind)
    }

    fn place(&self, index: usize) -> Place {
        let places = self.places.get_or_init(|| sql::places(&self.sql));
        places.get(index).copied().unwrap_or_default()
    }

    /// Whether NULL must be typed. An untyped NULL adapts to its context, but in the output of a
    /// query there is none.
    fn needs_type(&self, index: usize, to: &ParameterType) -> bool {
        let untyped = is_text_parameter(to) || is_decimal(to);
        match self.place(index).output {
            _ if self.plain || self.expected(index).is_some() => false,
            _ if self.ambiguous && !untyped => true,
            Output::Whole => true,
            // Applications that do not know a type bind text.
            Output::Part => !untyped,
            Output::None => false,
        }
    }

    /// The server neither stores nor compares a DOUBLE as a NUMBER.
    fn floating(&self, index: usize, literal: &str) -> Option<String> {
        let is_number = self.expected(index) == Some(&Type::Number);
        let (_, quoted) = literal.split_once(' ').filter(|_| is_number)?;
        Some(format!("NUMBER {quoted}"))
    }

    fn text(
        &self,
        index: usize,
        to: &ParameterType,
        literal: &str,
    ) -> Result<Option<String>, Error> {
        let Some(kind) = self.expected(index) else {
            return Ok(None);
        };
        match kind {
            Type::Varchar { .. } => return Ok(None),
            // A CHAR column is described as SQL_WCHAR, and values to compare with it have no
            // trailing blanks.
            Type::Char { length: 1.. } => {
                let is_char = matches!(to.sql_type, abi::SQL_WCHAR | abi::SQL_CHAR)
                    && literal.starts_with('\'')
                    && literal.len() <= LONGEST_CHAR;
                return Ok(is_char.then(|| format!("CHAR {literal}")));
            }
            _ => {}
        }
        let Some(text) = sql::unquoted(literal) else {
            return Ok(None);
        };
        match expected_literal(&text, kind) {
            Ok(literal) => Ok(literal),
            Err(_) => {
                let is_argument = self.place(index).argument && is_number(kind);
                let number = is_argument.then(|| number_literal(&text)).flatten();
                number.map(Some).ok_or_else(|| not_taken(index, kind))
            }
        }
    }
}

pub(super) fn is_floating(to: &ParameterType) -> bool {
    matches!(
        to.sql_type,
        abi::SQL_REAL | abi::SQL_FLOAT | abi::SQL_DOUBLE
    )
}

pub(super) fn is_decimal(to: &ParameterType) -> bool {
    matches!(to.sql_type, abi::SQL_DECIMAL | abi::SQL_NUMERIC)
}

fn is_number(kind: &Type) -> bool {
    matches!(
        kind,
        Type::TinyInt
            | Type::SmallInt
            | Type::Integer
            | Type::BigInt
            | Type::Decimal { .. }
            | Type::Number
    )
}

fn not_taken(index: usize, kind: &Type) -> Error {
    let number = index + 1;
    let message = format!(
        "Parameter {number}: the server takes it for {kind}, and its text is not a literal of that type."
    );
    Record {
        column: Some(number),
        ..Record::new(SqlState::INVALID_CHARACTER_VALUE, message)
    }
    .into()
}

const NULL: &str = "NULL";

/// A literal of at most this many bytes fits Trino's longest CHAR.
const LONGEST_CHAR: usize = 65_536;
