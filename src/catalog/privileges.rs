//! SQLTablePrivileges, SQLColumnPrivileges: privileges as far as the connector exposes them.
//!
//! Only the `information_schema` of each catalog lists privileges, so the driver queries each
//! catalog separately. Trino grants privileges on tables; a column has those of its table that
//! apply to columns.

use trino_client::columns::ColumnInfo;

use super::pattern::where_clause;
use super::plan::{Plan, Privileges, Request, Shape};
use super::rows::{name, varchar};

/// Plans SQLTablePrivileges.
pub fn table_privileges(request: &Request<'_>) -> Plan {
    let schema = request.reading.pattern(request.schema);
    let table = request.reading.pattern(request.table);
    Plan::EachCatalog {
        query: Privileges {
            catalog: request.catalog(),
            of_columns: false,
            conditions: where_clause([
                schema.or_any_when_empty().condition("table_schema"),
                table.or_any_when_empty().condition("table_name"),
            ]),
        },
        shape: Shape::Same(table_columns()),
    }
}

/// Plans SQLColumnPrivileges.
pub fn column_privileges(request: &Request<'_>) -> Plan {
    let schema = request.reading.ordinary(request.schema);
    let table = request.reading.ordinary(request.table);
    let column = request.reading.pattern(request.types_or_column);
    Plan::EachCatalog {
        query: Privileges {
            catalog: request.catalog(),
            of_columns: true,
            conditions: where_clause([
                schema.or_any_when_empty().condition("p.table_schema"),
                table.condition("p.table_name"),
                column.or_any_when_empty().condition("c.column_name"),
                Some(format!("p.privilege_type IN ({OF_COLUMNS})")),
            ]),
        },
        shape: Shape::Same(column_columns()),
    }
}

fn table_columns() -> Vec<ColumnInfo> {
    vec![
        name("TABLE_CAT"),
        name("TABLE_SCHEM"),
        name("TABLE_NAME"),
        name("GRANTOR"),
        name("GRANTEE"),
        name("PRIVILEGE"),
        varchar("IS_GRANTABLE", 3),
    ]
}

fn column_columns() -> Vec<ColumnInfo> {
    let mut columns = table_columns();
    columns.insert(3, name("COLUMN_NAME"));
    columns
}

/// The privileges that a column can have by the standard.
const OF_COLUMNS: &str = "'SELECT', 'INSERT', 'UPDATE', 'REFERENCES'";

#[cfg(test)]
mod tests {
    use super::{column_privileges, table_privileges};
    use crate::catalog::{Plan, Privileges, Request};

    fn query(plan: Plan) -> Privileges {
        match plan {
            Plan::EachCatalog { query, .. } => query,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn a_named_catalog_is_queried_alone() {
        let asked = query(table_privileges(&Request {
            catalog: Some("Hive"),
            schema: Some("w"),
            table: Some("t%"),
            ..Request::default()
        }));
        assert_eq!(asked.named(), Some("hive"));
        assert_eq!(
            asked.sql("hive"),
            "SELECT table_catalog, table_schema, table_name, grantor, grantee, privilege_type, is_grantable \
             FROM \"hive\".information_schema.table_privileges \
             WHERE table_schema = 'w' AND table_name LIKE 't%' ESCAPE '\\' \
             ORDER BY table_schema, table_name, privilege_type, grantee"
        );
    }

    #[test]
    fn without_a_catalog_all_are_queried() {
        let asked = query(table_privileges(&Request::default()));
        assert_eq!(asked.named(), None);
        assert_eq!(
            asked.catalogs(),
            "SELECT table_cat FROM system.jdbc.catalogs ORDER BY table_cat"
        );
        assert!(!asked.sql("a").contains("WHERE"));
    }

    #[test]
    fn a_column_has_privileges_of_its_table() {
        let asked = query(column_privileges(&Request {
            catalog: Some("hive"),
            schema: Some("w_"),
            table: Some("t%"),
            types_or_column: Some("c"),
            ..Request::default()
        }));
        assert!(asked.sql("hive").contains(
            "JOIN \"hive\".information_schema.columns AS c \
             ON c.table_schema = p.table_schema AND c.table_name = p.table_name \
             WHERE p.table_schema = 'w_' AND p.table_name = 't%' AND c.column_name = 'c' \
             AND p.privilege_type IN ('SELECT', 'INSERT', 'UPDATE', 'REFERENCES') ORDER BY"
        ));
    }
}
