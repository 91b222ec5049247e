//! SQLColumns: the columns of tables, described as a query's columns are.
//!
//! The server's own `data_type` and sizes are JDBC's and partly missing. Only the name of the type is taken from it;
//! the rest comes from [`describe`], so that it equals what a query on the table says.
//!
//! NULLABLE and IS_NULLABLE say the same: what the server says of a constraint, and that nothing is known where it is
//! silent, as it is of a query's columns.

use std::borrow::Cow;
use std::collections::HashMap;

use super::described::{Described, Limits, describe};
use super::pattern::where_clause;
use super::plan::{Plan, Query, Request, Shape, odbc2_type};
use super::rows::{
    chunk, integer, integers, name, small, smalls, texts, unbounded, varchar, whole,
};
use crate::abi::*;
use crate::columns::{Chunk, Column, ColumnInfo, Type, Values};
use crate::sql::identifier;

/// How SQLColumns is answered; `limits` as for the columns of queries.
pub fn columns(request: &Request<'_>, limits: &Limits) -> Plan {
    let pattern = |argument| request.reading.pattern(argument);
    let table = pattern(request.table);
    if table.is_hopeless() {
        let columns = odbc_columns();
        let chunk = chunk(&columns, &[]);
        return Plan::Fixed(columns, chunk);
    }
    let schema = pattern(request.schema).or_any_when_empty();
    let column = pattern(request.types_or_column).or_any_when_empty();
    let catalog = request.catalog();
    let defaults = match catalog.as_name() {
        Some(catalog) if has_defaults(request.release) && table.is_narrow() => {
            let tables = [
                schema.condition("table_schema"),
                table.condition("table_name"),
            ];
            Some(with_defaults(catalog, &where_clause(tables)))
        }
        _ => None,
    };
    Plan::Query {
        query: Query {
            plain: defaults.is_some().then_some(SELECT),
            select: defaults.map_or(Cow::Borrowed(SELECT), Cow::Owned),
            catalog_column: Some("table_cat"),
            catalog,
            conditions: vec![
                schema.condition("table_schem"),
                table.condition("table_name"),
                column.condition("column_name"),
            ],
            order: "table_cat, table_schem, table_name, ordinal_position",
        },
        shape: Shape::Columns(Describer::new(*limits, request.odbc2)),
    }
}

/// Whether a server knows the defaults of columns.
fn has_defaults(release: Option<u32>) -> bool {
    release.is_some_and(|number| number >= 477)
}

/// The query that finds the defaults too, which the server keeps in a table of each catalog alone. `tables` is the condition
/// on them. The standard has the word NULL for a default of NULL.
fn with_defaults(catalog: &str, tables: &str) -> String {
    let catalog = identifier(catalog);
    let default = "coalesce(column_def, if(lower(default_text) = 'null', 'NULL', default_text))";
    let select = SELECT.replacen("column_def", &format!("{default} AS column_def"), 1);
    format!(
        "{select} LEFT JOIN (SELECT table_schema AS default_schema, table_name AS default_table, \
         column_name AS default_column, column_default AS default_text \
         FROM {catalog}.information_schema.columns{tables}) \
         ON default_schema = table_schem AND default_table = table_name AND default_column = column_name"
    )
}

/// Makes rows of SQLColumns of the query's. What the server says already is taken over column by column, and each type
/// is described once for all rows of an answer.
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

    /// The rows of SQLColumns for rows of the query; `parse` reads a type from Trino's display name.
    pub(super) fn rows(&mut self, chunk: &Chunk, parse: impl Fn(&str) -> Type) -> Chunk {
        let source = Source(chunk);
        let places = self.places(source, parse);
        let types = &self.types;
        let described = || places.iter().filter_map(|place| types.get(*place));
        let small = |value: &dyn Fn(&Described) -> Option<i16>| {
            let values: Vec<_> = types.iter().map(value).collect();
            smalls(places.iter().map(|place| values.get(*place).copied()?))
        };
        let size = |value: &dyn Fn(&Described) -> Option<i32>| {
            let values: Vec<_> = types.iter().map(value).collect();
            integers(places.iter().map(|place| values.get(*place).copied()?))
        };
        let nullable = || source.texts(IS_NULLABLE).map(nullability);
        let columns = vec![
            source.text(0),
            source.text(1),
            source.text(2),
            source.text(3),
            small(&|it| {
                Some(if self.odbc2 {
                    odbc2_type(it.sql_type)
                } else {
                    it.sql_type
                })
            }),
            texts(described().map(|it| Some(it.type_name.as_str()))),
            size(&|it| Some(whole(it.column_size))),
            size(&|it| Some(whole(it.octet_length))),
            small(&|it| it.has_decimal_digits().then_some(it.decimal_digits)),
            small(&|it| (it.radix != 0).then_some(it.radix)),
            smalls(nullable().map(|(nullable, _)| Some(nullable))),
            source.text(REMARKS),
            source.text(COLUMN_DEF),
            small(&|it| Some(it.verbose_type)),
            small(&|it| (it.datetime_code != 0).then_some(it.datetime_code)),
            size(&|it| it.has_octets().then(|| whole(it.octet_length))),
            source.integer(ORDINAL_POSITION),
            texts(nullable().map(|(_, is_nullable)| Some(is_nullable))),
        ];
        // Every column was made with one value a row.
        Chunk::new(chunk.rows(), columns).unwrap_or_default()
    }

    /// For each row the place of its type, which is described now if it is new.
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

/// NULLABLE and IS_NULLABLE, by the server's word for it.
fn nullability(answer: Option<&str>) -> (i16, &'static str) {
    match answer {
        Some("YES") => (SQL_NULLABLE, "YES"),
        Some("NO") => (SQL_NO_NULLS, "NO"),
        _ => (SQL_NULLABLE_UNKNOWN, ""),
    }
}

/// The query's columns. Where the server does not keep to their types, all is NULL.
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

    /// A column of text as it is.
    fn text(&self, column: usize) -> Column {
        match self.column(column) {
            Some(text) if matches!(text.values, Values::Text(_)) => text.clone(),
            _ => texts((0..self.0.rows()).map(|_| None)),
        }
    }

    /// A column of INTEGER as it is.
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

const SELECT: &str = "SELECT table_cat, table_schem, table_name, column_name, type_name, remarks, column_def, \
    CAST(ordinal_position AS integer) AS ordinal_position, is_nullable FROM system.jdbc.columns";

/// Descriptions that are kept at a time; what follows in one chunk of rows is kept beside them.
const MOST_TYPES: usize = 1000;

const TYPE_NAME: usize = 4;
const REMARKS: usize = 5;
const COLUMN_DEF: usize = 6;
const ORDINAL_POSITION: usize = 7;
const IS_NULLABLE: usize = 8;

#[cfg(test)]
mod tests {
    use super::{Describer, MOST_TYPES, columns};
    use crate::catalog::rows::shown;
    use crate::catalog::{Limits, Plan, Request};
    use crate::columns::{Bitmap, Bytes, Chunk, Column, Type, Values};

    fn sql(request: Request<'_>) -> String {
        match columns(&request, &Limits::default()) {
            Plan::Query { query, .. } => query.sql(&[]),
            _ => panic!("no query for {request:?}"),
        }
    }

    #[test]
    fn an_empty_catalog_is_the_connections() {
        for (catalog, condition) in [
            (None, "WHERE table_name = 'orders' ORDER"),
            (Some("%"), "WHERE table_name = 'orders' ORDER"),
            (
                Some(""),
                "WHERE table_cat = 'tpch' AND table_name = 'orders' ORDER",
            ),
        ] {
            let sql = sql(Request {
                catalog,
                table: Some("orders"),
                current_catalog: Some("tpch"),
                ..Request::default()
            });
            assert!(sql.contains(condition), "{sql}");
        }
    }

    #[test]
    fn the_catalog_is_no_pattern() {
        let sql = sql(Request {
            catalog: Some("my_catalog"),
            schema: Some("a\\_b"),
            table: Some("t_"),
            types_or_column: Some("%"),
            ..Request::default()
        });
        assert!(sql.contains(
            "WHERE table_cat = 'my_catalog' AND table_schem = 'a_b' \
             AND table_name LIKE 't_' ESCAPE '\\' ORDER"
        ));
    }

    #[test]
    fn defaults_are_looked_up_of_a_table_in_a_catalog_of_a_server_that_knows_them() {
        let request = |catalog, table, release| Request {
            catalog,
            schema: Some("s%"),
            table: Some(table),
            release,
            ..Request::default()
        };
        let found = sql(request(Some("My"), "t", Some(477)));
        assert!(
            found.contains(
                "FROM \"my\".information_schema.columns \
                 WHERE table_schema LIKE 's%' ESCAPE '\\' AND table_name = 't') ON"
            ),
            "{found}"
        );
        assert!(found.contains("AS column_def, CAST"), "{found}");
        for request in [
            request(Some("my"), "t", Some(476)),
            request(Some("my"), "t", None),
            request(Some("my"), "t%", Some(483)),
            request(None, "t", Some(483)),
        ] {
            let plain = sql(request);
            assert!(!plain.contains("information_schema"), "{plain}");
        }
    }

    #[test]
    fn a_table_without_a_name_has_no_columns() {
        let request = Request {
            table: Some(""),
            ..Request::default()
        };
        let plan = columns(&request, &Limits::default());
        assert!(matches!(plan, Plan::Fixed(_, chunk) if chunk.rows() == 0));
    }

    #[test]
    fn types_are_told_as_for_queries() {
        let request = Request {
            table: Some("t"),
            odbc2: false,
            ..Request::default()
        };
        let Plan::Query { mut shape, .. } = columns(&request, &Limits::default()) else {
            panic!("no query");
        };
        let text = |values: [&str; 2]| Column {
            values: Values::Text(values.iter().collect::<Bytes>()),
            nulls: None,
        };
        let mut all = Bitmap::default();
        all.set(0);
        all.set(1);
        let nulls = Column {
            nulls: Some(all),
            ..text(["", ""])
        };
        let answer = Chunk::new(
            2,
            vec![
                text(["tpch", "tpch"]),
                text(["sf1", "sf1"]),
                text(["t", "t"]),
                text(["price", "day"]),
                text(["decimal(12,2)", "date"]),
                nulls.clone(),
                nulls,
                Column {
                    values: Values::Int32(vec![1, 2]),
                    nulls: None,
                },
                text(["NO", "YES"]),
            ],
        )
        .expect("columns of one length");
        let parse = |name: &str| match name {
            "date" => Type::Date,
            _ => Type::Decimal {
                precision: 12,
                scale: 2,
            },
        };
        let mapped = shape.map(&answer, parse).expect("rows of another shape");
        let columns = shape.columns();
        assert_eq!((columns.len(), mapped.columns().len()), (18, 18));
        let row = |row| -> Vec<Option<String>> {
            (0..18).map(|column| shown(&mapped, column, row)).collect()
        };
        let expected = |cells: [&str; 18]| -> Vec<Option<String>> {
            cells
                .iter()
                .map(|cell| (*cell != "-").then(|| (*cell).to_owned()))
                .collect()
        };
        assert_eq!(
            row(0),
            expected([
                "tpch", "sf1", "t", "price", "3", "decimal", "12", "14", "2", "10", "0", "-", "-",
                "3", "-", "-", "1", "NO"
            ])
        );
        assert_eq!(
            row(1),
            expected([
                "tpch", "sf1", "t", "day", "91", "date", "10", "6", "-", "-", "1", "-", "-", "9",
                "1", "-", "2", "YES"
            ])
        );
    }

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
