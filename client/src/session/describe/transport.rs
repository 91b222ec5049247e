//! How the text of a statement reaches the server to be described.
//!
//! The cheapest method that all versions support is a prepared statement, whose text is a header. But
//! headers are limited: a text that would make them larger than gateways usually accept, or that one
//! has refused, travels in the body.
//!
//! | Method | Text in | Versions | Statements | Describes |
//! |---|---|---|---|---|
//! | `DESCRIBE OUTPUT name` | header | all | all | names, types, tables, aliases |
//! | `DESCRIBE OUTPUT (query)` | body | since 481 | queries without `WITH SESSION` | the same |
//! | `SELECT * FROM (query) LIMIT 0` | body | all; with markers since 418 | queries without `WITH SESSION` and `WITH FUNCTION` | names, types |
//! | `DESCRIBE INPUT name` | header | all | all | types of markers |
//!
//! Names and types are the same by each method: columns without a name are `_col0` and so on by their
//! position, duplicate names stay, and markers are NULL. `LIMIT 0` does not name the tables of columns.
//! EXPLAIN returns a plan whatever it explains. For all other statements, and for markers, the header
//! is the only method.

use std::sync::{Arc, OnceLock};

use serde_json::value::RawValue;
use tokio_util::sync::CancellationToken;

use super::{Output, Subject, plan, read, read_types};
use crate::columns::{BaseColumn, Type};
use crate::protocol::{
    Delivery, Error, Page, PageData, Place, SessionState, Side, syntax_error_in_header,
};
use crate::session::parameters::IMMEDIATE;
use crate::session::query::Query;
use crate::session::version::{is_before, is_since};
use crate::session::{Session, Shared};
use crate::sql::{self, Explain, Subquery};

/// The description of a statement, by the method that gets its text to the server.
pub(super) async fn output(
    session: &Session,
    subject: Subject<'_>,
    id: &OnceLock<String>,
) -> Result<Output, Error> {
    let mut output = Output::default();
    let mut keep = |rows: &RawValue| read(rows, &mut output);
    let mut by_name = async |name, state: &SessionState, is_replaceable| {
        let side = Side::Output;
        prepared(
            &session.shared,
            side,
            name,
            state,
            is_replaceable,
            id,
            &mut keep,
        )
        .await
    };
    let sql = match subject {
        Subject::Statement(sql) => sql,
        Subject::Prepared(name) => {
            let state = session.shared.internal_state();
            by_name(name, &state, false).await?;
            return Ok(output);
        }
    };
    let coordinator = &session.shared.coordinator;
    let (state, size) = with_own(&session.shared, Side::Output, sql).await?;
    let otherwise = Otherwise::new(sql);
    let name = SessionState::OWN_STATEMENT;
    let mut refused = None;
    if coordinator.takes_headers_of(size) {
        let is_replaceable = otherwise.is_some();
        match by_name(name, &state, is_replaceable).await {
            Err(error @ Error::HeadersTooLarge { .. }) if is_replaceable => refused = Some(error),
            described => return described.map(|()| output),
        }
    }
    if let Some(otherwise) = otherwise {
        if let Some(error) = &refused {
            tracing::info!(%error, "describing the statement without a header");
        }
        let id = if refused.is_some() {
            &OnceLock::new()
        } else {
            id
        };
        if let Some(output) = otherwise.output(session, id).await? {
            if refused.is_some() {
                coordinator.note_refused_headers_of(size);
            }
            return Ok(output);
        }
    }
    if let Some(error) = refused {
        return Err(error);
    }
    by_name(name, &state, false).await?;
    Ok(output)
}

/// The types of the markers of a statement, with their positions.
pub(super) async fn input(
    session: &Session,
    subject: Subject<'_>,
    id: &OnceLock<String>,
) -> Result<Vec<(u64, Type)>, Error> {
    let mut types = Vec::new();
    let mut keep = |rows: &RawValue| read_types(rows, &mut types);
    let shared = &session.shared;
    let side = Side::Input;
    match subject {
        Subject::Statement(sql) => {
            let (state, _) = with_own(shared, side, sql).await?;
            let name = SessionState::OWN_STATEMENT;
            prepared(shared, side, name, &state, true, id, &mut keep).await?;
        }
        Subject::Prepared(name) => {
            let state = shared.internal_state();
            prepared(shared, side, name, &state, false, id, &mut keep).await?;
        }
    }
    Ok(types)
}

/// The session's state with `sql` as a prepared statement, and the bytes of the headers that
/// describe it.
async fn with_own(shared: &Shared, side: Side, sql: &str) -> Result<(SessionState, usize), Error> {
    let mut state = shared.internal_state();
    state.prepare_own(sql);
    let coordinator = &shared.coordinator;
    let size = coordinator.size_of_description(side, SessionState::OWN_STATEMENT, &state);
    let size = size.await?;
    Ok((state, size))
}

/// Has the server describe a side of the prepared statement `name`.
async fn prepared(
    shared: &Arc<Shared>,
    side: Side,
    name: &str,
    state: &SessionState,
    is_replaceable: bool,
    id: &OnceLock<String>,
    keep: &mut impl FnMut(&RawValue) -> Result<(), Error>,
) -> Result<(), Error> {
    let described = shared
        .coordinator
        .describe(side, name, state, is_replaceable);
    let page = described.await.map_err(in_query_words)?;
    rows(shared, page, id, keep).await
}

/// Keeps the rows of a description.
async fn rows(
    shared: &Arc<Shared>,
    page: Page,
    id: &OnceLock<String>,
    keep: &mut impl FnMut(&RawValue) -> Result<(), Error>,
) -> Result<(), Error> {
    let (mut query, mut data) = Query::accept(shared, page, id)?;
    loop {
        if let PageData::Direct(rows) = &data {
            keep(rows)?;
        }
        if query.is_over() {
            break;
        }
        data = query.advance().await?;
    }
    query.finish();
    Ok(())
}

/// A statement whose columns can be had without its text in a header.
enum Otherwise<'a> {
    Plan(Explain<'a>),
    Query(&'a str, Subquery<'a>),
}

impl<'a> Otherwise<'a> {
    fn new(sql: &'a str) -> Option<Self> {
        let query = Subquery::parse(sql).map(|query| Self::Query(sql, query));
        query.or_else(|| Explain::parse(sql).map(Self::Plan))
    }

    /// The description; `None` if the server does not support the method.
    async fn output(
        &self,
        session: &Session,
        id: &OnceLock<String>,
    ) -> Result<Option<Output>, Error> {
        let (sql, query) = match self {
            Self::Plan(explain) => return Ok(Some(plan(*explain))),
            Self::Query(sql, query) => (sql, query),
        };
        let shared = &session.shared;
        let version = session.version.get(&shared.coordinator).await;
        let version = version.unwrap_or_default();
        if is_since(DESCRIBES_QUERIES, &version) {
            let mut output = Output::default();
            let page = submit(shared, &query.description()).await?;
            let described = rows(shared, page, id, &mut |rows| read(rows, &mut output)).await;
            return described.map(|()| Some(output)).map_err(in_own_lines);
        }
        let Some(text) = query.without_rows() else {
            return Ok(None);
        };
        let values = sql::nulls(sql);
        let sent = match values.is_empty() {
            true => text,
            false if is_before(IMMEDIATE, &version) => return Ok(None),
            false => sql::execute_immediate(&text, &values),
        };
        let page = submit(shared, &sent).await?;
        columns(shared, page, id)
            .await
            .map(Some)
            .map_err(in_own_lines)
    }
}

/// Submits a statement of the driver's own whose few rows are wanted here and now.
async fn submit(shared: &Shared, sql: &str) -> Result<Page, Error> {
    let state = shared.internal_state();
    let given_up = CancellationToken::new();
    let coordinator = &shared.coordinator;
    coordinator
        .submit(sql, &state, Delivery::Direct, None, &given_up)
        .await
}

/// The columns of a query without rows.
async fn columns(shared: &Arc<Shared>, page: Page, id: &OnceLock<String>) -> Result<Output, Error> {
    let (mut query, _) = Query::accept(shared, page, id)?;
    while !query.is_over() {
        query.advance().await?;
    }
    query.finish();
    let columns = query.columns();
    Ok(Output {
        bases: vec![BaseColumn::default(); columns.len()],
        columns,
    })
}

/// The error of a statement that begins on the second line of what was sent, with its place in the
/// statement.
fn in_own_lines(error: Error) -> Error {
    let Error::Query(mut error) = error else {
        return error;
    };
    if let Some(Place { line, column }) = error.place()
        && line > 1
    {
        let line = line - 1;
        error.set_place(Some(Place { line, column }));
    }
    Error::Query(error)
}

/// The error of a description, with a statement that the server cannot parse as the query's
/// failure.
fn in_query_words(error: Error) -> Error {
    match &error {
        Error::Status {
            status: 400,
            message,
            ..
        } => match syntax_error_in_header(message) {
            Some(failure) => Error::Query(Box::new(failure)),
            None => error,
        },
        _ => error,
    }
}

/// The first version that describes a query in its own text.
const DESCRIBES_QUERIES: u32 = 481;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::protocol::QueryError;

    #[test]
    fn a_statement_that_cannot_be_parsed_is_a_syntax_error() {
        let error = in_query_words(Error::Status {
            endpoint: "c:80".to_owned(),
            status: 400,
            message:
                "Invalid X-Trino-Prepared-Statement header: line 1:1: mismatched input 'SELEC'"
                    .to_owned(),
        });
        assert!(matches!(error, Error::Query(error)
            if error.name == "SYNTAX_ERROR" && error.message == "line 1:1: mismatched input 'SELEC'"));
    }

    #[test]
    fn the_place_of_an_error_is_that_in_the_statement() {
        let place = |message: &str| {
            let error = QueryError {
                message: message.to_owned(),
                ..QueryError::default()
            };
            in_own_lines(Error::Query(Box::new(error))).to_string()
        };
        assert_eq!(place("line 2:8: Column 'a'"), "line 1:8: Column 'a'");
        assert_eq!(place("line 12:1: a: b"), "line 11:1: a: b");
        for message in ["line 1:1: a", "line: a", "Division by zero"] {
            assert_eq!(place(message), message);
        }
    }
}
