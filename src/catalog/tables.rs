//! SQLTables: tables and views, and the three enumerations hidden in its arguments.

use super::pattern::{Matcher, where_clause};
use super::plan::{Plan, Request, Shape};
use super::rows::{Cell, chunk, name, varchar};
use crate::columns::ColumnInfo;
use crate::sql::literal;

/// How SQLTables is answered.
pub fn tables(request: &Request<'_>) -> Plan {
    if !request.metadata_id
        && let Some(plan) = enumeration(request)
    {
        return plan;
    }
    let argument = if request.metadata_id {
        Matcher::identifier
    } else {
        Matcher::pattern
    };
    let catalog = match argument(request.catalog).or_any_when_empty() {
        // Without a catalog, the connection's own: asking all of them takes minutes where one is slow. `%` means all.
        Matcher::Any if request.catalog.is_none_or(str::is_empty) => {
            Matcher::ordinary(request.current_catalog)
        }
        other => other,
    };
    let schema = argument(request.schema).or_any_when_empty();
    let table = argument(request.table);
    let types = table_types(request.types_or_column);
    let condition = match &types {
        Types::All => None,
        Types::Some(types) => {
            let list: Vec<_> = types.iter().map(|kind| literal(kind)).collect();
            Some(format!("table_type IN ({})", list.join(", ")))
        }
        Types::None => return nothing(),
    };
    if table.is_hopeless() {
        return nothing();
    }
    let conditions = where_clause([
        catalog.condition("table_cat"),
        schema.condition("table_schem"),
        table.condition("table_name"),
        condition,
    ]);
    query(format!(
        "SELECT table_cat, table_schem, table_name, table_type, remarks FROM system.jdbc.tables{conditions} \
         ORDER BY table_type, table_cat, table_schem, table_name"
    ))
}

/// The plan when the arguments ask for the catalogs, the schemas or the table types instead of tables.
fn enumeration(request: &Request<'_>) -> Option<Plan> {
    let all = |argument: Option<&str>| argument == Some("%");
    let said_empty = |argument: Option<&str>| argument == Some("");
    if all(request.catalog) && said_empty(request.schema) && said_empty(request.table) {
        return Some(query(
            "SELECT table_cat, CAST(NULL AS varchar) AS table_schem, CAST(NULL AS varchar) AS table_name, \
             CAST(NULL AS varchar) AS table_type, CAST(NULL AS varchar) AS remarks \
             FROM system.jdbc.catalogs ORDER BY table_cat"
                .to_owned(),
        ));
    }
    if all(request.schema) && said_empty(request.catalog) && said_empty(request.table) {
        let conditions =
            where_clause([Matcher::ordinary(request.current_catalog).condition("table_catalog")]);
        return Some(query(format!(
            "SELECT DISTINCT CAST(NULL AS varchar) AS table_cat, table_schem, CAST(NULL AS varchar) AS table_name, \
             CAST(NULL AS varchar) AS table_type, CAST(NULL AS varchar) AS remarks \
             FROM system.jdbc.schemas{conditions} ORDER BY table_schem"
        )));
    }
    if all(request.types_or_column)
        && [request.catalog, request.schema, request.table]
            .into_iter()
            .all(said_empty)
    {
        let rows: Vec<_> = TABLE_TYPES
            .iter()
            .map(|kind| {
                vec![
                    Cell::Null,
                    Cell::Null,
                    Cell::Null,
                    Cell::Text((*kind).into()),
                    Cell::Null,
                ]
            })
            .collect();
        let columns = columns();
        let chunk = chunk(&columns, &rows);
        return Some(Plan::Fixed(columns, chunk));
    }
    None
}

enum Types {
    All,
    Some(Vec<&'static str>),
    None,
}

/// The table types of a list such as `TABLE,VIEW` or `'TABLE', 'VIEW'` that Trino has.
fn table_types(list: Option<&str>) -> Types {
    let Some(list) = list.map(str::trim).filter(|list| !list.is_empty()) else {
        return Types::All;
    };
    let asked: Vec<&str> = list
        .split(',')
        .map(|kind| kind.trim().trim_matches('\'').trim())
        .collect();
    if asked.contains(&"%") {
        return Types::All;
    }
    let found: Vec<_> = TABLE_TYPES
        .into_iter()
        .filter(|kind| asked.iter().any(|asked| asked.eq_ignore_ascii_case(kind)))
        .collect();
    match found.len() {
        0 => Types::None,
        n if n == TABLE_TYPES.len() => Types::All,
        _ => Types::Some(found),
    }
}

fn query(sql: String) -> Plan {
    Plan::Query {
        sql,
        shape: Shape::Same(columns()),
    }
}

fn nothing() -> Plan {
    let columns = columns();
    let chunk = chunk(&columns, &[]);
    Plan::Fixed(columns, chunk)
}

fn columns() -> Vec<ColumnInfo> {
    vec![
        name("TABLE_CAT"),
        name("TABLE_SCHEM"),
        name("TABLE_NAME"),
        name("TABLE_TYPE"),
        varchar("REMARKS", 254),
    ]
}

/// The types of tables, sorted. Materialized views are views to `system.jdbc`.
const TABLE_TYPES: [&str; 2] = ["TABLE", "VIEW"];

#[cfg(test)]
mod tests {
    use super::tables;
    use crate::catalog::rows::shown;
    use crate::catalog::{Plan, Request};

    fn sql(request: Request<'_>) -> String {
        match tables(&request) {
            Plan::Query { sql, shape } => {
                assert_eq!(shape.columns().len(), 5);
                sql
            }
            Plan::Fixed(..) => panic!("no query for {request:?}"),
        }
    }

    #[test]
    fn arguments_become_conditions() {
        assert_eq!(
            sql(Request {
                catalog: Some("tpch"),
                schema: Some("sf%"),
                table: Some("orders"),
                types_or_column: Some("'TABLE'"),
                ..Request::default()
            }),
            "SELECT table_cat, table_schem, table_name, table_type, remarks FROM system.jdbc.tables \
             WHERE table_cat = 'tpch' AND table_schem LIKE 'sf%' ESCAPE '\\' AND table_name = 'orders' \
             AND table_type IN ('TABLE') ORDER BY table_type, table_cat, table_schem, table_name"
        );
    }

    #[test]
    fn no_catalog_is_the_connections() {
        let request = Request {
            current_catalog: Some("tpch"),
            ..Request::default()
        };
        assert!(sql(request).contains("WHERE table_cat = 'tpch' ORDER"));
        let all = Request {
            catalog: Some("%"),
            ..request
        };
        assert!(!sql(all).contains("WHERE"));
        let empty = Request {
            catalog: Some(""),
            schema: Some(""),
            ..request
        };
        assert!(sql(empty).contains("WHERE table_cat = 'tpch' ORDER"));
    }

    #[test]
    fn catalogs_are_enumerated() {
        let sql = sql(Request {
            catalog: Some("%"),
            schema: Some(""),
            table: Some(""),
            ..Request::default()
        });
        assert!(sql.contains("FROM system.jdbc.catalogs ORDER BY table_cat"));
    }

    #[test]
    fn schemas_are_enumerated_in_the_connections_catalog() {
        let sql = sql(Request {
            catalog: Some(""),
            schema: Some("%"),
            table: Some(""),
            current_catalog: Some("tpch"),
            ..Request::default()
        });
        assert!(sql.contains("FROM system.jdbc.schemas WHERE table_catalog = 'tpch' ORDER BY"));
    }

    #[test]
    fn table_types_need_no_query() {
        let plan = tables(&Request {
            catalog: Some(""),
            schema: Some(""),
            table: Some(""),
            types_or_column: Some("%"),
            ..Request::default()
        });
        let Plan::Fixed(columns, chunk) = plan else {
            panic!("a query");
        };
        assert_eq!((columns.len(), chunk.rows()), (5, 2));
        assert_eq!(shown(&chunk, 3, 0).as_deref(), Some("TABLE"));
        assert_eq!(shown(&chunk, 3, 1).as_deref(), Some("VIEW"));
        assert_eq!(shown(&chunk, 2, 0), None);
    }

    #[test]
    fn identifiers_enumerate_nothing() {
        let sql = sql(Request {
            catalog: Some("\"TPCH\""),
            schema: Some("Sf_1"),
            table: Some("%"),
            metadata_id: true,
            ..Request::default()
        });
        assert!(
            sql.contains("WHERE table_cat = 'tpch' AND table_schem = 'sf_1' AND table_name = '%'")
        );
    }

    #[test]
    fn types_that_trino_lacks_have_no_tables() {
        let request = Request {
            types_or_column: Some("SYSTEM TABLE, SYNONYM"),
            ..Request::default()
        };
        assert!(matches!(tables(&request), Plan::Fixed(_, chunk) if chunk.rows() == 0));
    }

    #[test]
    fn all_types_need_no_condition() {
        for types in [None, Some(""), Some("%"), Some("TABLE,VIEW,SYSTEM TABLE")] {
            let request = Request {
                types_or_column: types,
                ..Request::default()
            };
            assert!(!sql(request).contains("table_type IN"));
        }
    }
}
