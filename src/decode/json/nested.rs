//! Arrays, maps and rows as JSON text: as they are on the wire, but rows have the names of their fields.
//!
//! The server sends a row as an array of its fields. Leaves stay as they are on the wire (decimals are strings there, so
//! nothing is rounded), without white space between tokens.

use super::Fault;
use super::scanner::Scanner;
use crate::columns::Type;

/// How a value is rewritten.
#[derive(Debug)]
pub enum Shape {
    Leaf,
    Array(Box<Shape>),
    Map(Box<Shape>),
    /// Each field with its name as it is written: `"name":`.
    Row(Vec<(Box<[u8]>, Shape)>),
}

impl Shape {
    /// The shape of values of `kind`.
    pub fn of(kind: &Type) -> Self {
        match kind {
            Type::Array(element) => Self::Array(Box::new(Self::of(element))),
            Type::Map(_, value) => Self::Map(Box::new(Self::of(value))),
            Type::Row(fields) => Self::Row(
                fields
                    .iter()
                    .enumerate()
                    .map(|(position, field)| {
                        let name =
                            field.name.clone().unwrap_or_else(|| format!("field{position}"));
                        let mut written = serde_json::to_vec(&name).unwrap_or_default();
                        written.push(b':');
                        (written.into(), Self::of(&field.kind))
                    })
                    .collect(),
            ),
            _ => Self::Leaf,
        }
    }

    /// Reads a value and appends its text. Recursion follows the type, whose depth is limited.
    pub fn rewrite(&self, scanner: &mut Scanner<'_>, out: &mut Vec<u8>) -> Result<(), Fault> {
        if scanner.null() {
            out.extend_from_slice(b"null");
            return Ok(());
        }
        match self {
            Self::Leaf => out.extend_from_slice(scanner.raw()?),
            Self::Array(element) => {
                scanner.expect(b'[', "an array")?;
                out.push(b'[');
                let mut first = true;
                while scanner.peek() != b']' {
                    separate(&mut first, scanner, out)?;
                    element.rewrite(scanner, out)?;
                }
                scanner.bump();
                out.push(b']');
            }
            Self::Map(value) => {
                scanner.expect(b'{', "a map")?;
                out.push(b'{');
                let mut first = true;
                while scanner.peek() != b'}' {
                    separate(&mut first, scanner, out)?;
                    out.push(b'"');
                    out.extend_from_slice(scanner.string()?.as_written());
                    out.extend_from_slice(b"\":");
                    scanner.expect(b':', "a map")?;
                    value.rewrite(scanner, out)?;
                }
                scanner.bump();
                out.push(b'}');
            }
            Self::Row(fields) => {
                scanner.expect(b'[', "a row")?;
                out.push(b'{');
                let mut first = true;
                for (name, field) in fields {
                    separate(&mut first, scanner, out)?;
                    out.extend_from_slice(name);
                    field.rewrite(scanner, out)?;
                }
                scanner.expect(b']', "a row of as many fields as its type has")?;
                out.push(b'}');
            }
        }
        Ok(())
    }
}

fn separate(
    first: &mut bool,
    scanner: &mut Scanner<'_>,
    out: &mut Vec<u8>,
) -> Result<(), Fault> {
    if !std::mem::replace(first, false) {
        scanner.expect(b',', "a comma")?;
        out.push(b',');
    }
    Ok(())
}
