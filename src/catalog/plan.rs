//! Plans for catalog functions: fixed rows, or queries and the shape of their rows.

use std::borrow::Cow;

use trino_client::columns::{Chunk, ColumnInfo, Type};
use trino_client::sql::{identifier, literal};

use super::column_rows::{Describer, odbc_columns};
use super::pattern::{Matcher, Reading, where_clause};

/// The arguments of a catalog function. `None` is a null pointer.
#[derive(Debug, Clone, Copy, Default)]
pub struct Request<'a> {
    pub catalog: Option<&'a str>,
    pub schema: Option<&'a str>,
    pub table: Option<&'a str>,
    /// SQLTables: a list of table types. Other functions: a column name.
    pub types_or_column: Option<&'a str>,
    pub reading: Reading,
    /// The connection's catalog: used when the application passes an empty one.
    pub current_catalog: Option<&'a str>,
    /// Whether to use it also when the application passes none.
    pub null_catalog_is_current: bool,
    /// Whether to add comments to lists of tables.
    pub table_remarks: bool,
    /// Whether the application uses ODBC 2, with other numbers for dates and times.
    pub odbc2: bool,
    /// The server's release number, if known and needed.
    pub release: Option<u32>,
}

/// How to produce the result of a catalog function.
#[derive(Debug, Clone, PartialEq)]
pub enum Plan {
    /// Run this query; its chunks become the answer's by [`Shape::map`].
    Query { query: Query, shape: Shape },
    /// Run a query in each of several catalogs, and concatenate their rows.
    EachCatalog { query: Privileges, shape: Shape },
    /// The answer itself.
    Fixed(Vec<ColumnInfo>, Chunk),
}

/// A query that the server answers from all catalogs that its condition leaves.
#[derive(Debug, Clone, PartialEq)]
pub struct Query {
    /// Everything before WHERE.
    pub(super) select: Cow<'static, str>,
    /// The same without optional columns, which the server may refuse.
    pub(super) plain: Option<&'static str>,
    /// The column of catalog names; `None` if the query reads no catalog.
    pub(super) catalog_column: Option<&'static str>,
    pub(super) catalog: Matcher,
    /// Conditions on other columns.
    pub(super) conditions: Vec<Option<String>>,
    /// The columns that the answer is sorted by.
    pub(super) order: &'static str,
}

impl Query {
    /// Its text. Excludes the catalogs in `without`; the server does not contact them.
    pub fn sql(&self, without: &[String]) -> String {
        let names: Vec<_> = without.iter().map(|name| literal(name)).collect();
        let conditions = self.catalog_column.map(|column| {
            let others = match names.as_slice() {
                [] => None,
                [name] => Some(format!("{column} <> {name}")),
                names => Some(format!("{column} NOT IN ({})", names.join(", "))),
            };
            [self.catalog.condition(column), others]
        });
        let conditions = conditions.into_iter().flatten();
        let conditions = where_clause(conditions.chain(self.conditions.clone()));
        format!("{}{conditions} ORDER BY {}", self.select, self.order)
    }

    /// Whether the query may read more than one catalog.
    pub fn spans_catalogs(&self) -> bool {
        self.catalog_column.is_some() && self.catalog.as_name().is_none()
    }

    /// The query without optional columns; `None` if it has none.
    pub fn plainer(&self) -> Option<Self> {
        Some(Self {
            select: self.plain?.into(),
            plain: None,
            ..self.clone()
        })
    }
}

/// A query for the privileges in a catalog.
#[derive(Debug, Clone, PartialEq)]
pub struct Privileges {
    pub(super) catalog: Matcher,
    /// Whether it lists the privileges of columns.
    pub(super) of_columns: bool,
    /// With a blank before it, or empty.
    pub(super) conditions: String,
}

impl Privileges {
    /// The only catalog to query, if the application names one.
    pub fn named(&self) -> Option<&str> {
        self.catalog.as_name()
    }

    /// The query that lists the catalogs to query, in order.
    pub fn catalogs(&self) -> String {
        let condition = where_clause([self.catalog.condition("table_cat")]);
        format!("SELECT table_cat FROM system.jdbc.catalogs{condition} ORDER BY table_cat")
    }

    /// The query to run for a catalog.
    pub fn sql(&self, catalog: &str) -> String {
        let schema = format!("{}.information_schema", identifier(catalog));
        let Self { conditions, .. } = self;
        if self.of_columns {
            format!(
                "SELECT p.table_catalog, p.table_schema, p.table_name, c.column_name, p.grantor, p.grantee, \
                 p.privilege_type, p.is_grantable FROM {schema}.table_privileges AS p \
                 JOIN {schema}.columns AS c ON c.table_schema = p.table_schema AND c.table_name = p.table_name\
                 {conditions} ORDER BY p.table_schema, p.table_name, c.column_name, p.privilege_type, p.grantee"
            )
        } else {
            format!(
                "SELECT table_catalog, table_schema, table_name, grantor, grantee, privilege_type, is_grantable \
                 FROM {schema}.table_privileges{conditions} \
                 ORDER BY table_schema, table_name, privilege_type, grantee"
            )
        }
    }
}

/// The shape of the result's rows.
#[derive(Debug, Clone, PartialEq)]
pub enum Shape {
    /// They stay; only names and types of the columns are ODBC's.
    Same(Vec<ColumnInfo>),
    /// They describe columns by Trino's type names, and become rows of SQLColumns.
    Columns(Describer),
}

impl Shape {
    /// The columns of the result, whatever the server calls them.
    pub fn columns(&self) -> Vec<ColumnInfo> {
        match self {
            Self::Same(columns) => columns.clone(),
            Self::Columns(_) => odbc_columns(),
        }
    }

    /// The chunk of the answer in the place of the server's; `None` where that stays as it is.
    /// `parse` reads a type from Trino's display name.
    pub fn map(&mut self, chunk: &Chunk, parse: impl Fn(&str) -> Type) -> Option<Chunk> {
        match self {
            Self::Same(_) => None,
            Self::Columns(describer) => Some(describer.rows(chunk, parse)),
        }
    }
}

impl Request<'_> {
    /// The catalogs that an ordinary argument names. `%` is not a catalog name and means any.
    pub(super) fn catalog(&self) -> Matcher {
        match self.catalog {
            Some("%") if !self.reading.identifiers => Matcher::Any,
            argument => self.or_current(self.reading.ordinary(argument)),
        }
    }

    /// Which catalogs a pattern names.
    pub(super) fn catalog_pattern(&self) -> Matcher {
        self.or_current(self.reading.pattern(self.catalog))
    }

    /// Replaces an empty catalog by the current one, and also a missing one if configured; any if
    /// there is no current one.
    fn or_current(&self, catalog: Matcher) -> Matcher {
        let is_current = match self.catalog {
            None => self.null_catalog_is_current,
            Some(_) => catalog.as_name() == Some(""),
        };
        if is_current { self.current() } else { catalog }
    }

    /// The connection's catalog; any when it has none.
    pub(super) fn current(&self) -> Matcher {
        self.current_catalog.map_or(Matcher::Any, Matcher::name)
    }
}

#[cfg(test)]
mod tests {
    use super::Query;
    use crate::catalog::pattern::Matcher;

    fn query(catalog: Matcher) -> Query {
        Query {
            select: "SELECT a FROM t".into(),
            plain: None,
            catalog_column: Some("c"),
            catalog,
            conditions: vec![None, Some("b = 1".to_owned())],
            order: "a",
        }
    }

    #[test]
    fn catalogs_are_left_out_by_name() {
        let query = query(Matcher::Any);
        assert!(query.spans_catalogs());
        assert_eq!(query.sql(&[]), "SELECT a FROM t WHERE b = 1 ORDER BY a");
        let one = ["it's".to_owned()];
        assert_eq!(
            query.sql(&one),
            "SELECT a FROM t WHERE c <> 'it''s' AND b = 1 ORDER BY a"
        );
        let two = ["x".to_owned(), "y".to_owned()];
        assert_eq!(
            query.sql(&two),
            "SELECT a FROM t WHERE c NOT IN ('x', 'y') AND b = 1 ORDER BY a"
        );
    }

    #[test]
    fn a_named_catalog_stands_alone() {
        let query = query(Matcher::name("TPCH"));
        assert!(!query.spans_catalogs());
        assert_eq!(
            query.sql(&[]),
            "SELECT a FROM t WHERE c = 'tpch' AND b = 1 ORDER BY a"
        );
    }
}
