//! The rows of SQLColumns, made from the server's descriptions of columns.

use std::collections::HashMap;

use trino_client::columns::{Chunk, Column, ColumnInfo, Type, Values};

use super::described::{Described, Limits, describe};
use super::rows::{integer, integers, name, small, smalls, texts, unbounded, varchar, whole};
use crate::abi;

/// Turns rows of the query into rows of SQLColumns. Copies whole columns where the server's fit,
/// and describes each type once for all rows.
#[derive(Debug, Clone, PartialEq)]
pub struct Describer {
    limits: Limits,
    odbc2: bool,
    types: Vec<Described>,
    /// The place in `types` of each type's name.
    places: HashMap<Box<str>, usize>,
}

impl Describer {
    pub(super) fn new(limits: Limits, odbc2: bool) -> Self {
        Self {
            limits,
            odbc2,
            types: Vec::new(),
            places: HashMap::new(),
        }
    }

    /// The rows of SQLColumns for rows of the query; `parse` reads a type from Trino's display
    /// name.
    pub(super) fn rows(&mut self, chunk: &Chunk, parse: impl Fn(&str) -> Type) -> Chunk {
        let source = Source(chunk);
        let places = self.places(source, parse);
        let types = RowTypes {
            types: &self.types,
            places: &places,
        };
        let nullable = source.texts(IS_NULLABLE).map(nullability);
        let (nullable, is_nullable): (Vec<_>, Vec<_>) = nullable.unzip();
        let columns = vec![
            source.text(0),
            source.text(1),
            source.text(2),
            source.text(3),
            types.smalls(|it| Some(data_type(it.sql_type, self.odbc2))),
            texts(types.iter().map(|it| Some(it.type_name.as_str()))),
            types.integers(|it| Some(whole(it.column_size))),
            types.integers(|it| Some(whole(it.octet_length))),
            types.smalls(|it| it.has_decimal_digits().then_some(it.decimal_digits)),
            types.smalls(|it| (it.radix != 0).then_some(it.radix)),
            smalls(nullable.into_iter().map(Some)),
            source.text(REMARKS),
            source.text(COLUMN_DEF),
            types.smalls(|it| Some(it.verbose_type)),
            types.smalls(|it| (it.datetime_code != 0).then_some(it.datetime_code)),
            types.integers(|it| it.has_octets().then(|| whole(it.octet_length))),
            source.integer(ORDINAL_POSITION),
            texts(is_nullable.into_iter().map(Some)),
        ];
        Chunk::new(chunk.rows(), columns).expect("every column has one value a row")
    }

    /// For each row the place of its type. Describes new types.
    fn places(&mut self, source: Source<'_>, parse: impl Fn(&str) -> Type) -> Vec<usize> {
        if self.types.len() > MOST_TYPES {
            self.types.clear();
            self.places.clear();
        }
        let mut last = None;
        source
            .texts(TYPE_NAME)
            .map(|name| {
                let name = name.unwrap_or_default();
                if let Some((known, place)) = last
                    && known == name
                {
                    return place;
                }
                let place = self.places.get(name).copied().unwrap_or_else(|| {
                    let place = self.types.len();
                    self.types.push(describe(&parse(name), &self.limits));
                    self.places.insert(name.into(), place);
                    place
                });
                last = Some((name, place));
                place
            })
            .collect()
    }
}

/// The type of each row.
struct RowTypes<'a> {
    types: &'a [Described],
    /// For each row, the place of its type.
    places: &'a [usize],
}

impl RowTypes<'_> {
    fn iter(&self) -> impl Iterator<Item = &Described> {
        self.places.iter().map(|place| &self.types[*place])
    }

    fn smalls(&self, value: impl Fn(&Described) -> Option<i16>) -> Column {
        smalls(self.iter().map(value))
    }

    fn integers(&self, value: impl Fn(&Described) -> Option<i32>) -> Column {
        integers(self.iter().map(value))
    }
}

/// NULLABLE and IS_NULLABLE for the server's value.
fn nullability(answer: Option<&str>) -> (i16, &'static str) {
    match answer {
        Some("YES") => (abi::SQL_NULLABLE, "YES"),
        Some("NO") => (abi::SQL_NO_NULLS, "NO"),
        _ => (abi::SQL_NULLABLE_UNKNOWN, ""),
    }
}

/// The query's columns. A column of an unexpected type is all NULL.
#[derive(Clone, Copy)]
struct Source<'a>(&'a Chunk);

impl<'a> Source<'a> {
    fn column(&self, column: usize) -> Option<&'a Column> {
        self.0.columns().get(column)
    }

    /// The texts of a column, one a row.
    fn texts(&self, column: usize) -> impl Iterator<Item = Option<&'a str>> + use<'a> {
        let column = self.column(column);
        (0..self.0.rows()).map(move |row| {
            let column = column.filter(|column| !column.is_null(row))?;
            match &column.values {
                Values::Text(bytes) => std::str::from_utf8(bytes.get(row)).ok(),
                _ => None,
            }
        })
    }

    /// A text column, unchanged.
    fn text(&self, column: usize) -> Column {
        match self.column(column) {
            Some(text) if matches!(text.values, Values::Text(_)) => text.clone(),
            _ => texts((0..self.0.rows()).map(|_| None)),
        }
    }

    /// An INTEGER column, unchanged.
    fn integer(&self, column: usize) -> Column {
        match self.column(column) {
            Some(numbers) if matches!(numbers.values, Values::Int32(_)) => numbers.clone(),
            _ => integers((0..self.0.rows()).map(|_| None)),
        }
    }
}

pub(super) fn odbc_columns() -> Vec<ColumnInfo> {
    vec![
        name("TABLE_CAT"),
        name("TABLE_SCHEM"),
        name("TABLE_NAME"),
        name("COLUMN_NAME"),
        small("DATA_TYPE"),
        unbounded("TYPE_NAME"),
        integer("COLUMN_SIZE"),
        integer("BUFFER_LENGTH"),
        small("DECIMAL_DIGITS"),
        small("NUM_PREC_RADIX"),
        small("NULLABLE"),
        unbounded("REMARKS"),
        unbounded("COLUMN_DEF"),
        small("SQL_DATA_TYPE"),
        small("SQL_DATETIME_SUB"),
        integer("CHAR_OCTET_LENGTH"),
        integer("ORDINAL_POSITION"),
        varchar("IS_NULLABLE", 3),
    ]
}

/// DATA_TYPE of a concise type. ODBC 2 has other numbers for dates and times.
pub(super) fn data_type(sql_type: i16, odbc2: bool) -> i16 {
    match sql_type {
        abi::SQL_TYPE_DATE if odbc2 => abi::SQL_C_DATE,
        abi::SQL_TYPE_TIME if odbc2 => abi::SQL_C_TIME,
        abi::SQL_TYPE_TIMESTAMP if odbc2 => abi::SQL_C_TIMESTAMP,
        other => other,
    }
}

/// Descriptions to cache. New types in the same chunk of rows may exceed it.
const MOST_TYPES: usize = 1000;

const TYPE_NAME: usize = 4;
const REMARKS: usize = 5;
const COLUMN_DEF: usize = 6;
const ORDINAL_POSITION: usize = 7;
const IS_NULLABLE: usize = 8;

#[cfg(test)]
mod tests {
    use trino_client::columns::{Bytes, Chunk, Column, Type, Values};

    use super::{Describer, MOST_TYPES};
    use crate::catalog::Limits;
    use crate::catalog::rows::shown;

    #[test]
    fn a_type_is_read_once_for_all_rows_of_an_answer() {
        let read = std::cell::Cell::new(0);
        let parse = |name: &str| {
            read.set(read.get() + 1);
            Type::Other(name.to_owned())
        };
        let answer = |names: &[String]| {
            let text = |values: Vec<&str>| Column {
                values: Values::Text(values.into_iter().collect::<Bytes>()),
                nulls: None,
            };
            let blank = || text(vec![""; names.len()]);
            let names_ = text(names.iter().map(String::as_str).collect());
            let columns = vec![blank(), blank(), blank(), blank(), names_];
            Chunk::new(names.len(), columns).expect("columns of one length")
        };
        let name = |number| format!("t{number}");
        let mut describer = Describer::new(Limits::default(), false);
        let few: Vec<_> = (0..500).map(|row| name(row % 20)).collect();
        for _ in 0..100 {
            let rows = describer.rows(&answer(&few), parse);
            assert_eq!(rows.rows(), 500);
            assert_eq!(shown(&rows, 5, 499).as_deref(), Some("t19"));
        }
        assert_eq!(read.get(), 20);
        for first in 0..20 {
            let others: Vec<_> = (0..500).map(|row| name(first * 500 + row)).collect();
            let rows = describer.rows(&answer(&others), parse);
            assert_eq!(shown(&rows, 5, 7), Some(name(first * 500 + 7)));
            assert!(describer.types.len() <= MOST_TYPES + 500);
        }
    }
}
