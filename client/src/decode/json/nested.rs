//! Arrays, maps and rows as JSON text with names.
//!
//! | Type | On the wire | Here |
//! |---|---|---|
//! | `array(integer)` | `[1,2]` | `[1,2]` |
//! | `map(varchar, integer)` | `{"a":1}` | `{"a":1}` |
//! | `row(x integer, integer)` | `[1,2]` | `{"x":1,"field1":2}` |
//! | `decimal(3,1)` within | `"1.5"` | `"1.5"` |
//! | NUMBER within | `"1.5"`, `"NaN"` | `1.5`, `"NaN"` |
//!
//! On the wire a row is a bare array; here its fields have names. Leaves stay as the server wrote
//! them (decimals are strings there, so nothing is rounded), and whitespace between tokens goes.

use super::super::Problem;
use super::scanner::Scanner;
use crate::columns::Type;

/// How a nested value is made up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Shape {
    /// Any JSON value, as it is.
    Plain,
    /// A NUMBER: a JSON number where it is one, and text where it is NaN or an infinity.
    Number,
    Array(Box<Self>),
    /// By the shape of its values.
    Map(Box<Self>),
    /// Each field: `"name":` as JSON, and its shape.
    Row(Vec<(Box<[u8]>, Self)>),
}

impl Shape {
    /// The shape of a type's values.
    pub(super) fn new(kind: &Type) -> Self {
        match kind {
            Type::Array(element) => Self::Array(Box::new(Self::new(element))),
            Type::Map(_, value) => Self::Map(Box::new(Self::new(value))),
            Type::Number => Self::Number,
            Type::Row(fields) => Self::Row(
                fields
                    .iter()
                    .enumerate()
                    .map(|(index, field)| {
                        let name = match &field.name {
                            Some(name) => serde_json::Value::from(name.as_str()).to_string(),
                            None => format!("\"field{index}\""),
                        };
                        let name = format!("{name}:").into_bytes().into_boxed_slice();
                        (name, Self::new(&field.kind))
                    })
                    .collect(),
            ),
            _ => Self::Plain,
        }
    }

    /// Takes a value of this shape and appends its text.
    pub(super) fn render(
        &self,
        scanner: &mut Scanner<'_>,
        out: &mut Vec<u8>,
        depth: usize,
    ) -> Result<(), Problem> {
        let inner = depth.checked_sub(1).ok_or(Problem::TooDeep)?;
        if !matches!(self, Self::Plain) && scanner.null()? {
            out.extend_from_slice(b"null");
            return Ok(());
        }
        match self {
            Self::Plain => plain(scanner, out, depth),
            Self::Number => number(scanner, out, depth),
            Self::Array(element) => elements(scanner, out, |scanner, out| {
                element.render(scanner, out, inner)
            }),
            Self::Map(value) => members(scanner, out, |scanner, out| {
                value.render(scanner, out, inner)
            }),
            Self::Row(fields) => {
                scanner.expect(b'[', "a row")?;
                out.push(b'{');
                for (index, (name, shape)) in fields.iter().enumerate() {
                    if index > 0 {
                        scanner.expect(b',', "a value for each field of the row")?;
                        out.push(b',');
                    }
                    out.extend_from_slice(name);
                    shape.render(scanner, out, inner)?;
                }
                scanner.expect(b']', "the end of the row's fields")?;
                out.push(b'}');
                Ok(())
            }
        }
    }
}

/// How deep values may be nested.
pub(super) const DEPTH: usize = 200;

/// Takes a NUMBER, which the server writes as a string, and appends it.
fn number(scanner: &mut Scanner<'_>, out: &mut Vec<u8>, depth: usize) -> Result<(), Problem> {
    let start = out.len();
    plain(scanner, out, depth)?;
    if let Some([b'"', text @ .., b'"']) = out.get(start..)
        && is_number(text)
    {
        out.pop();
        out.remove(start);
    }
    Ok(())
}

/// Whether a text is a number of JSON.
fn is_number(text: &[u8]) -> bool {
    let text = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, text) = digits(text);
    let (fraction, text) = match text.strip_prefix(b".") {
        Some(text) => digits(text),
        None => (b"0".as_slice(), text),
    };
    let (exponent, text) = match text {
        [b'e' | b'E', b'+' | b'-', text @ ..] | [b'e' | b'E', text @ ..] => digits(text),
        _ => (b"0".as_slice(), text),
    };
    let plain = !matches!(whole, [] | [b'0', _, ..]);
    plain && !fraction.is_empty() && !exponent.is_empty() && text.is_empty()
}

/// The digits that a text begins with, and what follows.
fn digits(text: &[u8]) -> (&[u8], &[u8]) {
    let end = text.iter().position(|byte| !byte.is_ascii_digit());
    text.split_at(end.unwrap_or(text.len()))
}

/// Takes any JSON value and appends it.
fn plain(scanner: &mut Scanner<'_>, out: &mut Vec<u8>, depth: usize) -> Result<(), Problem> {
    let inner = depth.checked_sub(1).ok_or(Problem::TooDeep)?;
    match scanner.peek()? {
        b'"' => scanner.raw_string_into(out)?,
        b'[' => elements(scanner, out, |scanner, out| plain(scanner, out, inner))?,
        b'{' => members(scanner, out, |scanner, out| plain(scanner, out, inner))?,
        b'-' | b'0'..=b'9' => out.extend_from_slice(scanner.number("a number")?),
        _ => out.extend_from_slice(scanner.literal()?),
    }
    Ok(())
}

/// Takes an array, each element by `element`.
fn elements(
    scanner: &mut Scanner<'_>,
    out: &mut Vec<u8>,
    mut element: impl FnMut(&mut Scanner<'_>, &mut Vec<u8>) -> Result<(), Problem>,
) -> Result<(), Problem> {
    scanner.expect(b'[', "an array")?;
    out.push(b'[');
    if !scanner.take(b']')? {
        loop {
            element(scanner, out)?;
            if scanner.take(b']')? {
                break;
            }
            scanner.expect(b',', "a comma between elements")?;
            out.push(b',');
        }
    }
    out.push(b']');
    Ok(())
}

/// Takes an object, each value by `value`.
fn members(
    scanner: &mut Scanner<'_>,
    out: &mut Vec<u8>,
    mut value: impl FnMut(&mut Scanner<'_>, &mut Vec<u8>) -> Result<(), Problem>,
) -> Result<(), Problem> {
    scanner.expect(b'{', "a map")?;
    out.push(b'{');
    if !scanner.take(b'}')? {
        loop {
            scanner.raw_string_into(out)?;
            scanner.expect(b':', "a colon after a key")?;
            out.push(b':');
            value(scanner, out)?;
            if scanner.take(b'}')? {
                break;
            }
            scanner.expect(b',', "a comma between entries")?;
            out.push(b',');
        }
    }
    out.push(b'}');
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::is_number;

    #[test]
    fn a_number_of_json_is_one_by_its_grammar() {
        for text in [
            "0",
            "-0.5",
            "1E+2",
            "1.50e-30",
            "12345678901234567890.1",
            "10",
        ] {
            assert!(is_number(text.as_bytes()), "{text}");
        }
        for text in [
            "",
            "-",
            "NaN",
            "+1",
            "+Infinity",
            "-Infinity",
            "01",
            ".5",
            "5.",
            "1E",
            "1E+",
            "1 ",
            "0x1",
        ] {
            assert!(!is_number(text.as_bytes()), "{text}");
        }
    }
}
