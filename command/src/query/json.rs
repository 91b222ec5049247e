//! An object of JSON per line.

use std::collections::HashSet;
use std::io::{self, Write};

use serde_json::value::RawValue;
use trino_client::columns::{ColumnInfo, Type};

use super::cells::Cell;
use super::printer::Printer;

/// Values that JSON has are printed as such where that loses nothing; decimals are strings, because
/// most readers of JSON make doubles of numbers.
pub struct Json {
    /// Names as strings of JSON, no two of them alike.
    names: Vec<String>,
    forms: Vec<Form>,
}

/// How the values of a column are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Form {
    String,
    Boolean,
    /// A number, but for NaN and the infinities.
    Number,
    /// Text that is JSON.
    Json,
}

impl Form {
    fn of(kind: &Type) -> Self {
        match kind {
            Type::Boolean => Self::Boolean,
            Type::TinyInt | Type::SmallInt | Type::Integer | Type::BigInt => Self::Number,
            Type::Real | Type::Double => Self::Number,
            Type::Json | Type::Variant | Type::Array(_) | Type::Map(..) | Type::Row(_) => {
                Self::Json
            }
            _ => Self::String,
        }
    }
}

impl Json {
    pub fn new(columns: &[ColumnInfo]) -> Self {
        Self {
            names: unique(columns.iter().map(|column| column.name.as_str()))
                .iter()
                .map(|name| string(name))
                .collect(),
            forms: columns
                .iter()
                .map(|column| Form::of(&column.kind))
                .collect(),
        }
    }
}

impl Printer for Json {
    fn row(&mut self, row: &[Cell], out: &mut dyn Write) -> io::Result<()> {
        for (index, (name, cell)) in self.names.iter().zip(row).enumerate() {
            out.write_all(if index == 0 { b"{" } else { b"," })?;
            out.write_all(name.as_bytes())?;
            out.write_all(b":")?;
            let form = self.forms.get(index).copied().unwrap_or(Form::String);
            match (cell.null, form) {
                (true, _) => out.write_all(b"null")?,
                (_, Form::Boolean) => {
                    let is_true = matches!(cell.text.as_str(), "1" | "true");
                    write!(out, "{is_true}")?;
                }
                (_, Form::Number | Form::Json) if is_json(&cell.text) => {
                    out.write_all(cell.text.as_bytes())?;
                }
                _ => out.write_all(string(&cell.text).as_bytes())?,
            }
        }
        out.write_all(b"}\n")
    }

    fn end(&mut self, _: &mut dyn Write) -> io::Result<()> {
        Ok(())
    }
}

/// The names, those that are taken with a number at the end: an object has each name once.
fn unique<'a>(names: impl Iterator<Item = &'a str> + Clone) -> Vec<String> {
    let mut taken: HashSet<String> = HashSet::new();
    let first: HashSet<&str> = names.clone().collect();
    let mut given = Vec::new();
    for name in names {
        let numbered = (2..).map(|number| format!("{name}_{number}"));
        let mut free = numbered
            .filter(|numbered| !taken.contains(numbered) && !first.contains(numbered.as_str()));
        let name = match taken.contains(name) {
            true => free.next().unwrap_or_default(),
            false => name.to_owned(),
        };
        taken.insert(name.clone());
        given.push(name);
    }
    given
}

/// Whether the text is one value of JSON on one line.
fn is_json(text: &str) -> bool {
    !text.contains(['\n', '\r']) && serde_json::from_str::<&RawValue>(text).is_ok()
}

fn string(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests {
    use super::super::cells::tests::{cells, columns, printed};
    use super::*;

    #[test]
    fn values_are_json_where_that_loses_nothing() {
        let columns = columns(&[
            ("b", Type::Boolean),
            ("i", Type::BigInt),
            ("d", Type::Double),
            ("a", Type::Array(Box::new(Type::BigInt))),
            (
                "n",
                Type::Decimal {
                    precision: 38,
                    scale: 2,
                },
            ),
            ("s", Type::Varchar { length: None }),
        ]);
        let rows = [
            cells(&[
                Some("1"),
                Some("9223372036854775807"),
                Some("NaN"),
                Some("[1,null]"),
                Some("0.10"),
                Some("a \"quote\"\nand more"),
            ]),
            cells(&[None, None, Some("1.5E300"), None, None, Some("")]),
        ];
        assert_eq!(
            printed(Json::new(&columns), &rows),
            "{\"b\":true,\"i\":9223372036854775807,\"d\":\"NaN\",\"a\":[1,null],\"n\":\"0.10\",\
             \"s\":\"a \\\"quote\\\"\\nand more\"}\n\
             {\"b\":null,\"i\":null,\"d\":1.5E300,\"a\":null,\"n\":null,\"s\":\"\"}\n"
        );
    }

    #[test]
    fn columns_of_one_name_keep_their_values() {
        let names = unique(["x", "x", "x_2", "x"].into_iter());
        assert_eq!(names, ["x", "x_3", "x_2", "x_4"]);
    }
}
