//! SQLTables: tables and views, and the three enumerations hidden in its arguments.
//!
//! `system.jdbc.tables` has no comments. They are in `system.metadata.table_comments`, for which
//! some connectors open each table: the driver joins the two for a table given by name, and for
//! lists if configured.

use trino_client::columns::ColumnInfo;
use trino_client::sql::literal;

use super::pattern::Matcher;
use super::plan::{Plan, Query, Request, Shape};
use super::rows::{Cell, chunk, name, unbounded};

/// Plans SQLTables.
pub fn tables(request: &Request<'_>) -> Plan {
    if !request.reading.identifiers
        && let Some(plan) = enumeration(request)
    {
        return plan;
    }
    let schema = request.reading.pattern(request.schema).or_any_when_empty();
    let table = request.reading.pattern(request.table);
    let condition = match table_types(request.types_or_column) {
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
    let with_comments = request.table_remarks || table.is_narrow();
    query(Query {
        select: if with_comments { COMMENTED } else { PLAIN }.into(),
        plain: with_comments.then_some(PLAIN),
        catalog_column: Some("table_cat"),
        catalog: request.catalog_pattern(),
        conditions: vec![
            schema.condition("table_schem"),
            table.condition("table_name"),
            condition,
        ],
        order: "table_type, table_cat, table_schem, table_name",
    })
}

/// The plan if the arguments enumerate catalogs, schemas or table types instead of tables.
fn enumeration(request: &Request<'_>) -> Option<Plan> {
    const ALL: Option<&str> = Some("%");
    const EMPTY: Option<&str> = Some("");
    if request.table != EMPTY {
        return None;
    }
    if request.catalog == ALL && request.schema == EMPTY {
        return Some(query(Query {
            select: CATALOGS.into(),
            plain: None,
            catalog_column: None,
            catalog: Matcher::Any,
            conditions: Vec::new(),
            order: "table_cat",
        }));
    }
    if request.schema == ALL {
        // The standard has an empty catalog here. No table has an empty name, so a named catalog
        // can only mean its schemas.
        return Some(query(Query {
            select: SCHEMAS.into(),
            plain: None,
            catalog_column: Some("table_catalog"),
            catalog: request.catalog_pattern(),
            conditions: Vec::new(),
            order: "table_schem",
        }));
    }
    if request.types_or_column == ALL && request.catalog == EMPTY && request.schema == EMPTY {
        let rows = TABLE_TYPES.map(|kind| {
            let kind = Cell::Text(kind.into());
            vec![Cell::Null, Cell::Null, Cell::Null, kind, Cell::Null]
        });
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

fn query(query: Query) -> Plan {
    Plan::Query {
        query,
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
        unbounded("REMARKS"),
    ]
}

const PLAIN: &str =
    "SELECT table_cat, table_schem, table_name, table_type, remarks FROM system.jdbc.tables";

/// Conditions on the tables hold for the comments too: the server sees that by the join.
const COMMENTED: &str = "SELECT table_cat, table_schem, table_name, table_type, coalesce(comment, remarks) AS remarks \
    FROM system.jdbc.tables LEFT JOIN (SELECT catalog_name AS c, schema_name AS s, table_name AS t, comment \
    FROM system.metadata.table_comments) ON c = table_cat AND s = table_schem AND t = table_name";

const CATALOGS: &str = "SELECT table_cat, CAST(NULL AS varchar) AS table_schem, \
    CAST(NULL AS varchar) AS table_name, CAST(NULL AS varchar) AS table_type, CAST(NULL AS varchar) AS remarks \
    FROM system.jdbc.catalogs";

const SCHEMAS: &str = "SELECT DISTINCT CAST(NULL AS varchar) AS table_cat, table_schem, \
    CAST(NULL AS varchar) AS table_name, CAST(NULL AS varchar) AS table_type, CAST(NULL AS varchar) AS remarks \
    FROM system.jdbc.schemas";

/// The types of tables, sorted. Materialized views are views to `system.jdbc`.
const TABLE_TYPES: [&str; 2] = ["TABLE", "VIEW"];

#[cfg(test)]
mod tests {
    use super::tables;
    use crate::catalog::pattern::Reading;
    use crate::catalog::rows::shown;
    use crate::catalog::{Plan, Request};

    fn sql(request: Request<'_>) -> String {
        match tables(&request) {
            Plan::Query { query, shape } => {
                assert_eq!(shape.columns().len(), 5);
                query.sql(&[])
            }
            _ => panic!("no query for {request:?}"),
        }
    }

    #[test]
    fn arguments_become_conditions() {
        assert_eq!(
            sql(Request {
                catalog: Some("tpch"),
                schema: Some("sf1"),
                table: Some("ord%"),
                types_or_column: Some("'TABLE'"),
                ..Request::default()
            }),
            "SELECT table_cat, table_schem, table_name, table_type, remarks FROM system.jdbc.tables \
             WHERE table_cat = 'tpch' AND table_schem = 'sf1' AND table_name LIKE 'ord%' ESCAPE '\\' \
             AND table_type IN ('TABLE') ORDER BY table_type, table_cat, table_schem, table_name"
        );
    }

    #[test]
    fn comments_come_with_one_table_or_on_demand() {
        let one = Request {
            table: Some("orders"),
            ..Request::default()
        };
        assert!(sql(one).contains("system.metadata.table_comments"));
        let list = Request {
            table: Some("o%"),
            ..Request::default()
        };
        assert!(!sql(list).contains("system.metadata.table_comments"));
        let demanded = Request {
            table_remarks: true,
            ..list
        };
        assert!(sql(demanded).contains("system.metadata.table_comments"));
        let Plan::Query { query, .. } = tables(&demanded) else {
            panic!("no query");
        };
        let plainer = query.plainer().expect("comments only adorn");
        assert_eq!(plainer.sql(&[]), sql(list));
        assert!(plainer.plainer().is_none());
    }

    #[test]
    fn no_catalog_is_all_of_them_and_an_empty_one_the_connections() {
        let request = Request {
            current_catalog: Some("tpch"),
            ..Request::default()
        };
        let all = Request {
            catalog: Some("%"),
            ..request
        };
        for request in [request, all] {
            assert!(!sql(request).contains("WHERE"));
        }
        let empty = Request {
            catalog: Some(""),
            schema: Some(""),
            ..request
        };
        let current = Request {
            null_catalog_is_current: true,
            ..request
        };
        for request in [empty, current] {
            assert!(sql(request).contains("WHERE table_cat = 'tpch' ORDER"));
        }
        let pattern = Request {
            catalog: Some("tp%"),
            ..request
        };
        assert!(sql(pattern).contains("WHERE table_cat LIKE 'tp%' ESCAPE '\\' ORDER"));
    }

    #[test]
    fn enumerating_catalogs_reads_none_of_them() {
        let Plan::Query { query, .. } = tables(&Request {
            catalog: Some("%"),
            schema: Some(""),
            table: Some(""),
            ..Request::default()
        }) else {
            panic!("no query");
        };
        let sql = query.sql(&["broken".to_owned()]);
        assert!(sql.ends_with("FROM system.jdbc.catalogs ORDER BY table_cat"));
        assert!(!query.spans_catalogs());
    }

    #[test]
    fn schemas_are_enumerated_in_the_connections_catalog_or_the_named_one() {
        for (catalog, condition) in [
            (Some(""), " WHERE table_catalog = 'tpch'"),
            (Some("memory"), " WHERE table_catalog = 'memory'"),
            (Some("%"), ""),
            (None, ""),
        ] {
            let sql = sql(Request {
                catalog,
                schema: Some("%"),
                table: Some(""),
                current_catalog: Some("tpch"),
                ..Request::default()
            });
            let end = format!("FROM system.jdbc.schemas{condition} ORDER BY table_schem");
            assert!(sql.ends_with(&end), "{sql}");
        }
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
            reading: Reading {
                identifiers: true,
                ..Reading::default()
            },
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
