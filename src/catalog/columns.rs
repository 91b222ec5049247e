//! SQLColumns: the columns of tables, described as a query's columns are.
//!
//! The server's own `data_type` and sizes are JDBC's and partly missing. Only the name of the type is taken from it;
//! the rest comes from [`describe`], so that it equals what a query on the table says.

use std::collections::HashMap;

use super::described::{Described, Limits, describe};
use super::pattern::{Matcher, where_clause};
use super::plan::{Plan, Request, Shape, odbc2_type};
use super::rows::{Cell, chunk, integer, name, small, varchar};
use crate::abi::*;
use crate::columns::{Chunk, Column, ColumnInfo, Type, Values};

/// How SQLColumns is answered; `limits` as for the columns of queries.
pub fn columns(request: &Request<'_>, limits: &Limits) -> Plan {
    let (plain, argument): (Argument, Argument) = if request.metadata_id {
        (Matcher::identifier, Matcher::identifier)
    } else {
        (Matcher::ordinary, Matcher::pattern)
    };
    // `%` is no name of a catalog: who passes it means any.
    let asked = request.catalog.filter(|catalog| *catalog != "%");
    let catalog = match plain(asked).or_any_when_empty() {
        Matcher::Any => Matcher::ordinary(request.current_catalog),
        other => other,
    };
    let schema = argument(request.schema).or_any_when_empty();
    let table = argument(request.table);
    let column = argument(request.types_or_column).or_any_when_empty();
    if table.is_hopeless() {
        let columns = odbc_columns();
        let chunk = chunk(&columns, &[]);
        return Plan::Fixed(columns, chunk);
    }
    let conditions = where_clause([
        catalog.condition("table_cat"),
        schema.condition("table_schem"),
        table.condition("table_name"),
        column.condition("column_name"),
    ]);
    Plan::Query {
        sql: format!(
            "SELECT table_cat, table_schem, table_name, column_name, type_name, remarks, column_def, \
             CAST(ordinal_position AS integer) AS ordinal_position, is_nullable \
             FROM system.jdbc.columns{conditions} \
             ORDER BY table_cat, table_schem, table_name, ordinal_position"
        ),
        shape: Shape::Columns {
            odbc2: request.odbc2,
            limits: *limits,
        },
    }
}

/// Makes rows of SQLColumns of the query's.
pub(super) fn describe_rows(
    chunk: &Chunk,
    limits: &Limits,
    odbc2: bool,
    parse: impl Fn(&str) -> Type,
) -> Chunk {
    let source = Source(chunk.columns());
    let mut known: HashMap<&str, Described> = HashMap::new();
    let rows: Vec<Vec<Cell>> = (0..chunk.rows())
        .map(|row| {
            let type_name = source.text(TYPE_NAME, row).unwrap_or_default();
            let told = known
                .entry(type_name)
                .or_insert_with(|| describe(&parse(type_name), limits));
            let data_type = if odbc2 {
                odbc2_type(told.sql_type)
            } else {
                told.sql_type
            };
            let (nullable, is_nullable) = match source.text(IS_NULLABLE, row) {
                Some("YES") => (SQL_NULLABLE, "YES"),
                Some("NO") => (SQL_NO_NULLS, "NO"),
                _ => (SQL_NULLABLE_UNKNOWN, ""),
            };
            vec![
                source.cell(0, row),
                source.cell(1, row),
                source.cell(2, row),
                source.cell(3, row),
                Cell::Small(data_type),
                Cell::Text(told.type_name.clone().into()),
                Cell::size(told.column_size),
                Cell::size(told.octet_length),
                Cell::small_if(told.has_decimal_digits(), told.decimal_digits),
                Cell::small_if(told.radix != 0, told.radix),
                Cell::Small(nullable),
                source.cell(REMARKS, row),
                source.cell(COLUMN_DEF, row),
                Cell::Small(told.verbose_type),
                Cell::small_if(told.datetime_code != 0, told.datetime_code),
                if told.has_octets() {
                    Cell::size(told.octet_length)
                } else {
                    Cell::Null
                },
                source.integer(ORDINAL_POSITION, row),
                Cell::Text(is_nullable.into()),
            ]
        })
        .collect();
    super::rows::chunk(&odbc_columns(), &rows)
}

type Argument = fn(Option<&str>) -> Matcher;

/// The query's columns, as far as the server keeps to their types.
struct Source<'a>(&'a [Column]);

impl<'a> Source<'a> {
    fn text(&self, column: usize, row: usize) -> Option<&'a str> {
        let column = self.0.get(column).filter(|column| !column.is_null(row))?;
        match &column.values {
            Values::Text(bytes) => std::str::from_utf8(bytes.get(row)).ok(),
            _ => None,
        }
    }

    fn cell(&self, column: usize, row: usize) -> Cell {
        self.text(column, row)
            .map_or(Cell::Null, |text| Cell::Text(text.to_owned().into()))
    }

    fn integer(&self, column: usize, row: usize) -> Cell {
        let value = self
            .0
            .get(column)
            .filter(|column| !column.is_null(row))
            .and_then(|column| match &column.values {
                Values::Int32(values) => values.get(row).copied(),
                Values::Int64(values) => values.get(row).and_then(|value| (*value).try_into().ok()),
                _ => None,
            });
        value.map_or(Cell::Null, Cell::Integer)
    }
}

pub(super) fn odbc_columns() -> Vec<ColumnInfo> {
    vec![
        name("TABLE_CAT"),
        name("TABLE_SCHEM"),
        name("TABLE_NAME"),
        name("COLUMN_NAME"),
        small("DATA_TYPE"),
        name("TYPE_NAME"),
        integer("COLUMN_SIZE"),
        integer("BUFFER_LENGTH"),
        small("DECIMAL_DIGITS"),
        small("NUM_PREC_RADIX"),
        small("NULLABLE"),
        varchar("REMARKS", 254),
        varchar("COLUMN_DEF", 254),
        small("SQL_DATA_TYPE"),
        small("SQL_DATETIME_SUB"),
        integer("CHAR_OCTET_LENGTH"),
        integer("ORDINAL_POSITION"),
        varchar("IS_NULLABLE", 254),
    ]
}

const TYPE_NAME: usize = 4;
const REMARKS: usize = 5;
const COLUMN_DEF: usize = 6;
const ORDINAL_POSITION: usize = 7;
const IS_NULLABLE: usize = 8;

#[cfg(test)]
mod tests {
    use super::columns;
    use crate::catalog::rows::shown;
    use crate::catalog::{Limits, Plan, Request};
    use crate::columns::{Bitmap, Bytes, Chunk, Column, Type, Values};

    fn sql(request: Request<'_>) -> String {
        match columns(&request, &Limits::default()) {
            Plan::Query { sql, .. } => sql,
            Plan::Fixed(..) => panic!("no query for {request:?}"),
        }
    }

    #[test]
    fn a_catalog_is_always_named_when_one_is_known() {
        for catalog in [None, Some(""), Some("%")] {
            let sql = sql(Request {
                catalog,
                table: Some("orders"),
                current_catalog: Some("tpch"),
                ..Request::default()
            });
            assert!(sql.contains("WHERE table_cat = 'tpch' AND table_name = 'orders' ORDER"));
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
    fn types_are_told_as_for_queries() {
        let request = Request {
            table: Some("t"),
            odbc2: false,
            ..Request::default()
        };
        let Plan::Query { shape, .. } = columns(&request, &Limits::default()) else {
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
        let mapped = shape.map(answer, |name| match name {
            "date" => Type::Date,
            _ => Type::Decimal {
                precision: 12,
                scale: 2,
            },
        });
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
}
