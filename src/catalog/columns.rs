//! SQLColumns: the columns of tables, described as a query's columns are.
//!
//! The server's `data_type` and sizes are JDBC's and partly missing. The driver uses only the type
//! name and takes the rest from [`describe`], so the result agrees with queries on the table.
//!
//! NULLABLE and IS_NULLABLE agree: they report a constraint that the server knows, else "unknown",
//! as for the columns of queries.

use std::borrow::Cow;

use trino_client::sql::identifier;

use super::column_rows::{Describer, odbc_columns};
use super::described::Limits;
use super::pattern::where_clause;
use super::plan::{Plan, Query, Request, Shape};
use super::rows::chunk;

/// Plans SQLColumns; `limits` as for the columns of queries.
pub fn columns(request: &Request<'_>, limits: &Limits) -> Plan {
    let reading = request.reading;
    let table = reading.pattern(request.table);
    if table.is_hopeless() {
        let columns = odbc_columns();
        let chunk = chunk(&columns, &[]);
        return Plan::Fixed(columns, chunk);
    }
    let schema = reading.pattern(request.schema).or_any_when_empty();
    let column = reading.pattern(request.types_or_column).or_any_when_empty();
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

/// Whether a server exposes the defaults of columns.
fn has_defaults(release: Option<u32>) -> bool {
    release.is_some_and(|number| number >= 477)
}

/// The query with column defaults, which only a table of each catalog has. `tables` is the
/// condition on tables. ODBC represents a default of NULL by the word NULL.
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

const SELECT: &str = "SELECT table_cat, table_schem, table_name, column_name, type_name, remarks, column_def, \
    CAST(ordinal_position AS integer) AS ordinal_position, is_nullable FROM system.jdbc.columns";

#[cfg(test)]
mod tests {
    use trino_client::columns::{Bitmap, Bytes, Chunk, Column, Type, Values};

    use super::columns;
    use crate::catalog::rows::shown;
    use crate::catalog::{Limits, Plan, Request};

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
    fn types_are_described_as_for_queries() {
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
}
