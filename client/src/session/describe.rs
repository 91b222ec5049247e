//! Descriptions of statements: the columns that they would return and their parameters, without
//! running them.

mod transport;

use std::sync::OnceLock;

use serde_json::value::RawValue;

use super::Session;
use super::query::returns_rows;
use crate::columns::{BaseColumn, ColumnInfo, Type};
use crate::protocol::{Error, from_display};
use crate::sql::{self, Executed, Explain, Statement, Verb};

/// The description of a statement's result.
#[derive(Debug, Default)]
pub struct Output {
    /// The columns; none for a statement without a result.
    pub columns: Vec<ColumnInfo>,
    /// Of each column, which one of a table it is.
    pub bases: Vec<BaseColumn>,
}

/// The columns that `sql` would return; none if it returns no rows.
pub(super) async fn describe(
    session: &Session,
    sql: &Statement,
    id: &OnceLock<String>,
) -> Result<Output, Error> {
    // The server cannot describe an EXPLAIN of a statement with parameters.
    if let Some(explain) = sql.explain().filter(|_| sql.parameters() > 0) {
        return Ok(plan(explain));
    }
    let executed = match sql.verb() {
        Verb::Execute => Executed::parse(sql.text()),
        _ => None,
    };
    let subject = Subject::of(sql.text(), executed.as_ref());
    let mut output = with_typed_markers(subject, id, async |subject, id| {
        transport::output(session, subject, id).await
    })
    .await?;
    let changes = match subject {
        Subject::Statement(_) if executed.is_none() => sql.counts_changes(),
        Subject::Statement(executed) => Statement::parse(executed).counts_changes(),
        // Which kind it is was said when it was prepared.
        Subject::Prepared(_) => true,
    };
    if !returns_rows(&output.columns, changes) {
        output = Output::default();
    }
    Ok(output)
}

/// The subject of a description.
#[derive(Debug, Clone, Copy)]
enum Subject<'a> {
    Statement(&'a str),
    /// A statement that the session has prepared, by its name.
    Prepared(&'a str),
}

impl<'a> Subject<'a> {
    /// The statement whose columns `sql` returns: an EXECUTE, which the server would describe
    /// without columns, has those of what it runs.
    fn of(sql: &'a str, executed: Option<&'a Executed>) -> Self {
        match executed {
            Some(Executed::Statement(sql)) => Self::Statement(sql),
            Some(Executed::Name(name)) => Self::Prepared(name),
            None => Self::Statement(sql),
        }
    }
}

/// The columns of an EXPLAIN.
fn plan(explain: Explain<'_>) -> Output {
    let (name, kind) = if explain.validates {
        ("Valid", Type::Boolean)
    } else {
        ("Query Plan", Type::Varchar { length: None })
    };
    let column = ColumnInfo {
        name: name.to_owned(),
        kind,
    };
    Output {
        columns: vec![column],
        bases: vec![BaseColumn::default()],
    }
}

/// The types of the parameters of `sql`, in order; [`Type::Unknown`] where the server does not
/// know.
pub(super) async fn parameters(
    session: &Session,
    sql: &Statement,
    id: &OnceLock<String>,
) -> Result<Vec<Type>, Error> {
    // Neither what is explained nor what a table is made of can be described together with what is
    // around it.
    let explained = sql.explained();
    let subject = Subject::Statement(sql::table_query(explained).unwrap_or(explained));
    let described = with_typed_markers(subject, id, async |subject, id| {
        transport::input(session, subject, id).await
    });
    let mut types = match described.await {
        Err(error) if is_about_markers(&error) => {
            return Ok(vec![Type::Unknown; sql.parameters()]);
        }
        described => described?,
    };
    types.sort_by_key(|(position, _)| *position);
    Ok(types.into_iter().map(|(_, kind)| kind).collect())
}

/// What `described` says of a statement. To the server a marker is NULL then; where that makes no
/// sense to it, markers that are text as a rule are described as text.
async fn with_typed_markers<T>(
    subject: Subject<'_>,
    id: &OnceLock<String>,
    described: impl AsyncFn(Subject<'_>, &OnceLock<String>) -> Result<T, Error>,
) -> Result<T, Error> {
    let error = match described(subject, id).await {
        Err(error) if is_about_markers(&error) => error,
        described => return described,
    };
    let Subject::Statement(sql) = subject else {
        return Err(error);
    };
    for arguments in [false, true] {
        let Some(text) = sql::with_text_markers(sql, arguments) else {
            continue;
        };
        match described(Subject::Statement(&text), &OnceLock::new()).await {
            Err(error) if is_about_markers(&error) => {}
            described => return described,
        }
    }
    Err(error)
}

/// Whether a statement cannot be described because of its markers, which have no type yet.
fn is_about_markers(error: &Error) -> bool {
    matches!(error, Error::Query(error) if matches!(
        error.name.as_str(),
        "AMBIGUOUS_FUNCTION_CALL"
            | "COLUMN_TYPE_UNKNOWN"
            | "FUNCTION_NOT_FOUND"
            | "INVALID_ARGUMENTS"
            | "TYPE_MISMATCH"
    ))
}

/// Appends the rows of `DESCRIBE INPUT`: a position and the type there.
fn read_types(rows: &RawValue, types: &mut Vec<(u64, Type)>) -> Result<(), Error> {
    let rows: Vec<(u64, String)> = serde_json::from_str(rows.get()).map_err(unreadable)?;
    types.extend(
        rows.into_iter()
            .map(|(position, kind)| (position, from_display(&kind))),
    );
    Ok(())
}

fn unreadable(_: serde_json::Error) -> Error {
    Error::Malformed("it describes a statement in another form".to_owned())
}

/// Appends the columns that rows of `DESCRIBE OUTPUT` describe: name, catalog, schema, table, type,
/// its size, and whether the name is an alias.
fn read(rows: &RawValue, output: &mut Output) -> Result<(), Error> {
    let rows: Vec<Vec<&RawValue>> = serde_json::from_str(rows.get()).map_err(unreadable)?;
    for row in rows {
        let text = |index: usize| -> Result<String, Error> {
            let value = row.get(index).map_or("null", |value| value.get());
            let text: Option<String> = serde_json::from_str(value).map_err(unreadable)?;
            Ok(text.unwrap_or_default())
        };
        let name = text(0)?;
        let mut base = BaseColumn {
            catalog: text(1)?,
            schema: text(2)?,
            table: text(3)?,
            column: String::new(),
        };
        // The column behind an alias is not described.
        let is_alias = row.get(6).is_none_or(|alias| alias.get() != "false");
        if !base.table.is_empty() && !is_alias {
            base.column.clone_from(&name);
        }
        output.bases.push(base);
        output.columns.push(ColumnInfo {
            name,
            kind: from_display(&text(4)?),
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_description_is_read_by_position() {
        let rows = RawValue::from_string(
            r#"[["a\"b","c","s","t","bigint",8,true,"later"],["_col1",null,null,null,"integer",4,false],
                ["k","c","s","t","bigint",8,false]]"#
                .to_owned(),
        )
        .unwrap();
        let mut output = Output::default();
        read(&rows, &mut output).unwrap();
        assert_eq!(output.columns[0].name, "a\"b");
        assert_eq!(output.columns[0].kind, Type::BigInt);
        assert_eq!(output.columns[1].kind, Type::Integer);
        let table = |column: &str| BaseColumn {
            catalog: "c".to_owned(),
            schema: "s".to_owned(),
            table: "t".to_owned(),
            column: column.to_owned(),
        };
        assert_eq!(output.bases, [table(""), BaseColumn::default(), table("k")]);
    }

    #[test]
    fn parameters_have_a_position_and_a_type() {
        let rows = r#"[[0,"decimal(10,2)"],[1,"unknown"]]"#;
        let rows = RawValue::from_string(rows.to_owned()).unwrap();
        let mut types = Vec::new();
        read_types(&rows, &mut types).unwrap();
        let (precision, scale) = (10, 2);
        assert_eq!(types[0], (0, Type::Decimal { precision, scale }));
        assert_eq!(types[1], (1, Type::Unknown));
    }

    #[test]
    fn a_description_in_another_form_is_an_error() {
        for rows in ["[[1,2,3,4,5]]", r#"["a"]"#, "{}"] {
            let rows = RawValue::from_string(rows.to_owned()).unwrap();
            assert!(read(&rows, &mut Output::default()).is_err());
            assert!(read_types(&rows, &mut Vec::new()).is_err());
        }
    }
}
