//! Builds chunks of fixed rows.

use std::borrow::Cow;

use trino_client::columns::{Bitmap, Bytes, Chunk, Column, ColumnInfo, Type, Values};

/// One value of a catalog function's answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Cell {
    Null,
    Small(i16),
    Integer(i32),
    Text(Cow<'static, str>),
}

impl Cell {
    /// The number where `applies`, else NULL.
    pub(super) fn small_if(applies: bool, value: i16) -> Self {
        if applies {
            Self::Small(value)
        } else {
            Self::Null
        }
    }

    /// The size as ODBC's INTEGER.
    pub(super) fn size(size: impl TryInto<i32>) -> Self {
        Self::Integer(whole(size))
    }

    /// The text, or NULL where it is empty.
    pub(super) fn text_if_any(text: &'static str) -> Self {
        if text.is_empty() {
            Self::Null
        } else {
            Self::Text(Cow::Borrowed(text))
        }
    }
}

/// A size as ODBC's INTEGER, capped.
pub(super) fn whole(size: impl TryInto<i32>) -> i32 {
    size.try_into().unwrap_or(i32::MAX)
}

/// A column of SMALLINT.
pub(super) fn small(name: &str) -> ColumnInfo {
    column(name, Type::SmallInt)
}

/// A column of INTEGER.
pub(super) fn integer(name: &str) -> ColumnInfo {
    column(name, Type::Integer)
}

/// A column of names, which Trino does not limit.
pub(super) fn name(name: &str) -> ColumnInfo {
    unbounded(name)
}

/// A column of text of any length.
pub(super) fn unbounded(name: &str) -> ColumnInfo {
    column(name, Type::Varchar { length: None })
}

/// A column of keywords of up to `length` characters.
pub(super) fn varchar(name: &str, length: u32) -> ColumnInfo {
    column(
        name,
        Type::Varchar {
            length: Some(length),
        },
    )
}

fn column(name: &str, kind: Type) -> ColumnInfo {
    ColumnInfo {
        name: name.to_owned(),
        kind,
    }
}

/// The rows as a chunk with these columns. A cell that is missing or of another type than its
/// column is NULL.
pub(super) fn chunk(columns: &[ColumnInfo], rows: &[Vec<Cell>]) -> Chunk {
    let columns = columns
        .iter()
        .enumerate()
        .map(|(index, info)| {
            let cells = rows.iter().map(|row| row.get(index).unwrap_or(&Cell::Null));
            match info.kind {
                Type::SmallInt => smalls(cells.map(|cell| match cell {
                    Cell::Small(value) => Some(*value),
                    _ => None,
                })),
                Type::Integer => integers(cells.map(|cell| match cell {
                    Cell::Integer(value) => Some(*value),
                    Cell::Small(value) => Some(i32::from(*value)),
                    _ => None,
                })),
                _ => texts(cells.map(|cell| match cell {
                    Cell::Text(text) => Some(text.as_ref()),
                    _ => None,
                })),
            }
        })
        .collect();
    Chunk::new(rows.len(), columns).expect("every column has one value a row")
}

/// Values of a column of SMALLINT.
pub(super) fn smalls(values: impl Iterator<Item = Option<i16>>) -> Column {
    fill(values, Values::Int16)
}

/// Values of a column of INTEGER.
pub(super) fn integers(values: impl Iterator<Item = Option<i32>>) -> Column {
    fill(values, Values::Int32)
}

/// Values of a column of text.
pub(super) fn texts<'a>(values: impl Iterator<Item = Option<&'a str>>) -> Column {
    fill(values, |texts: Vec<&str>| {
        Values::Text(texts.into_iter().collect::<Bytes>())
    })
}

fn fill<T: Default>(
    values: impl Iterator<Item = Option<T>>,
    column: impl FnOnce(Vec<T>) -> Values,
) -> Column {
    let mut nulls = None;
    let filled = values
        .enumerate()
        .map(|(row, value)| {
            value.unwrap_or_else(|| {
                nulls.get_or_insert_with(Bitmap::default).set(row);
                T::default()
            })
        })
        .collect();
    Column {
        values: column(filled),
        nulls,
    }
}

/// The text of a cell, for tests: NULL is `None`.
#[cfg(test)]
pub(super) fn shown(chunk: &Chunk, column: usize, row: usize) -> Option<String> {
    let column = &chunk.columns()[column];
    if column.is_null(row) {
        return None;
    }
    Some(match &column.values {
        Values::Int16(values) => values[row].to_string(),
        Values::Int32(values) => values[row].to_string(),
        Values::Text(bytes) => String::from_utf8(bytes.get(row).to_vec()).expect("text is UTF-8"),
        other => panic!("no catalog function has {other:?}"),
    })
}
