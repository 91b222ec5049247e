//! Cells as text.

use trino_client::columns::{Chunk, Column, Type};
use trinoodbc::abi::CType;
use trinoodbc::convert::{self, Form, Format, SessionZone};

use crate::Stop;

/// The text of a cell; empty for NULL.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cell {
    pub text: String,
    pub null: bool,
}

impl Cell {
    /// The text, or that of NULL.
    pub fn or<'a>(&'a self, null: &'a str) -> &'a str {
        if self.null { null } else { &self.text }
    }
}

/// Converts rows, in the place of the former row.
pub struct Cells {
    format: Format,
    part: Vec<u8>,
    text: Vec<u8>,
    row: Vec<Cell>,
}

impl Cells {
    pub fn new(zone: Option<String>) -> Self {
        Self {
            format: Format {
                zone: zone.map_or_else(SessionZone::unknown, |zone| SessionZone::named(&zone)),
                ..Format::default()
            },
            part: vec![0; PART],
            text: Vec::new(),
            row: Vec::new(),
        }
    }

    pub fn row(&mut self, chunk: &Chunk, row: usize) -> Result<&[Cell], Stop> {
        self.row.resize_with(chunk.columns().len(), Cell::default);
        for (index, column) in chunk.columns().iter().enumerate() {
            self.text.clear();
            let null = column.is_null(row);
            if !null {
                self.convert(column, row)?;
            }
            let text = String::from_utf8_lossy(&self.text);
            let cell = &mut self.row[index];
            cell.null = null;
            cell.text.clear();
            cell.text.push_str(&text);
        }
        Ok(&self.row)
    }

    fn convert(&mut self, column: &Column, row: usize) -> Result<(), Stop> {
        let mut progress = convert::Progress::default();
        while !progress.finished() {
            let part = convert::part(
                column,
                row,
                Form::from(CType::Char),
                &self.format,
                &mut progress,
                &mut self.part,
            );
            let part = part.map_err(Stop::failed)?;
            let part = self.part.get(..part.written).unwrap_or_default();
            self.text.extend_from_slice(part);
        }
        Ok(())
    }
}

/// Whether values of the type are aligned to the right.
pub fn is_number(kind: &Type) -> bool {
    matches!(
        kind,
        Type::TinyInt
            | Type::SmallInt
            | Type::Integer
            | Type::BigInt
            | Type::Real
            | Type::Double
            | Type::Decimal { .. }
            | Type::Number
    )
}

/// Bytes that are converted at a time.
const PART: usize = 1 << 12;

#[cfg(test)]
pub mod tests {
    use trino_client::columns::ColumnInfo;

    use super::super::printer::Printer;
    use super::*;

    pub fn cells(texts: &[Option<&str>]) -> Vec<Cell> {
        let cell = |text: &Option<&str>| Cell {
            text: text.unwrap_or_default().to_owned(),
            null: text.is_none(),
        };
        texts.iter().map(cell).collect()
    }

    pub fn columns(columns: &[(&str, Type)]) -> Vec<ColumnInfo> {
        let column = |(name, kind): &(&str, Type)| ColumnInfo {
            name: (*name).to_owned(),
            kind: kind.clone(),
        };
        columns.iter().map(column).collect()
    }

    /// What is printed of the rows.
    pub fn printed(mut printer: impl Printer, rows: &[Vec<Cell>]) -> String {
        let mut out = Vec::new();
        for row in rows {
            printer.row(row, &mut out).unwrap();
        }
        printer.end(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}
