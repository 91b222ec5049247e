//! Statements with parameters: how values reach a server.
//!
//! Since version 418 one statement takes text and values (`EXECUTE IMMEDIATE … USING …`). For
//! servers before, the text travels in a header, as a prepared statement that lives for one
//! request.

use std::borrow::Cow;

use super::version::{self, is_before};
use super::{Error, Session, Shared};
use crate::protocol::{Place, SessionState};
use crate::runtime::Wait;
use crate::sql::{self, Statement};

/// A statement as it is submitted.
#[derive(Debug)]
pub(super) struct Text<'a> {
    /// The application's own, by which it is known what kind of statement it is.
    pub(super) own: &'a Statement,
    /// The text that is sent to the server.
    pub(super) sent: Cow<'a, str>,
    /// A text that needs a header to travel in.
    pub(super) in_header: Option<&'a str>,
    /// Whether the statement is the driver's own, not the application's.
    pub(super) is_internal: bool,
}

impl<'a> Text<'a> {
    /// A statement that is sent as it is.
    pub(super) fn plain(sql: &'a Statement) -> Self {
        Self {
            own: sql,
            sent: Cow::Borrowed(sql.text()),
            in_header: None,
            is_internal: false,
        }
    }

    /// A query of the driver's own.
    pub(super) fn internal(sql: &'a Statement) -> Self {
        Self {
            is_internal: true,
            ..Self::plain(sql)
        }
    }

    /// The session's state as the statement takes it along.
    pub(super) fn state(&self, shared: &Shared) -> SessionState {
        if self.is_internal {
            return shared.internal_state();
        }
        let mut state = shared.state.lock().clone();
        if let Some(text) = self.in_header {
            state.prepare_own(text);
        }
        state
    }

    /// Whether the text stands in the statement that is sent.
    fn is_immediate(&self) -> bool {
        matches!(self.sent, Cow::Owned(_)) && self.in_header.is_none()
    }

    /// A statement with values for its parameters.
    fn with(sql: &'a Statement, values: &[impl AsRef<str>], in_header: bool) -> Self {
        // EXPLAIN takes no values; what it explains may be an EXECUTE that has them.
        let (head, text) = match sql.explain() {
            Some(explain) => (explain.head, explain.statement),
            None => ("", &**sql.text()),
        };
        let execute = if in_header {
            sql::execute(SessionState::OWN_STATEMENT, values)
        } else {
            sql::execute_immediate(text, values)
        };
        Self {
            own: sql,
            sent: Cow::Owned([head, &execute].concat()),
            in_header: in_header.then_some(text),
            is_internal: false,
        }
    }
}

impl Session {
    /// How `sql` is submitted with these values, which may need to know the server's version.
    pub(super) fn text<'a>(
        &self,
        sql: &'a Statement,
        values: &[impl AsRef<str>],
        wait: &Wait,
    ) -> Result<Text<'a>, Error> {
        if values.is_empty() {
            return Ok(Text::plain(sql));
        }
        // A server that does not state its version is taken for a current one.
        let version = self.known_version(wait)?;
        let is_old = version.is_some_and(|version| is_before(IMMEDIATE, &version));
        Ok(Text::with(sql, values, is_old))
    }

    /// Whether rows to insert may travel as one text of JSON: the server is known to be one that
    /// does with it what it does with VALUES.
    pub fn unnests_rows(&self, wait: &Wait) -> Result<bool, Error> {
        let version = self.known_version(wait)?;
        let number = version.and_then(|version| version::number(&version));
        Ok(number.is_some_and(|number| number >= UNNESTED))
    }

    /// The server's version, if it states one.
    fn known_version(&self, wait: &Wait) -> Result<Option<String>, Error> {
        match self.server_version(wait) {
            Err(error @ (Error::Interrupted { .. } | Error::Closed | Error::Forked)) => Err(error),
            version => Ok(version.ok()),
        }
    }
}

/// The error of a statement with values, with the place in the application's text: that of EXECUTE
/// IMMEDIATE counts what stands before it on its first line.
pub(super) fn placed(error: Error, text: &Text<'_>) -> Error {
    let Error::Server(mut error) = error else {
        return error;
    };
    let first_line = text.own.text().lines().next().unwrap_or_default();
    let length = first_line.chars().count();
    if text.is_immediate()
        && let Some(Place { line: 1, column }) = error.place()
        && let Some(column) = column.checked_sub(BEFORE_TEXT)
        // The values stand after the text.
        && (1..=length + 1).contains(&column)
    {
        error.set_place(Some(Place { line: 1, column }));
    }
    Error::Server(error)
}

/// Characters before the application's text: `EXECUTE IMMEDIATE '`.
const BEFORE_TEXT: usize = 19;

/// The first version on which rows in JSON were compared with those of VALUES.
const UNNESTED: u32 = 476;

/// The first version that knows EXECUTE IMMEDIATE.
pub(super) const IMMEDIATE: u32 = 418;

#[cfg(test)]
mod tests {
    use super::{Error, Statement, Text, placed};
    use crate::protocol::QueryError;

    fn message(message: &str, text: &Text<'_>) -> String {
        let error = Error::Server(Box::new(QueryError {
            message: message.to_owned(),
            code: 47,
            name: "COLUMN_NOT_FOUND".to_owned(),
            error_type: "USER_ERROR".to_owned(),
            ..QueryError::default()
        }));
        placed(error, text).to_string()
    }

    #[test]
    fn the_place_of_an_error_is_that_in_the_applications_text() {
        let values = ["'x'".to_owned()];
        let sql = Statement::parse("SELECT a, ?\nFROM t");
        let text = Text::with(&sql, &values, false);
        for (told, expected) in [
            ("line 1:27: Column", "line 1:8: Column"),
            ("line 2:6: Table", "line 2:6: Table"),
            ("line 1:45: Value", "line 1:45: Value"),
            ("line 1:5: odd", "line 1:5: odd"),
            ("Division by zero", "Division by zero"),
        ] {
            assert!(message(told, &text).contains(expected), "{told}");
        }
        let sql = Statement::parse("SELECT a, b, c, d, e, f, g");
        let text = Text::plain(&sql);
        assert!(message("line 1:27: x", &text).contains("line 1:27: x"));
    }

    #[test]
    fn values_of_what_is_explained_belong_to_it() {
        let values = ["'x'".to_owned()];
        let sql = Statement::parse("EXPLAIN (TYPE IO) SELECT ?");
        let text = Text::with(&sql, &values, false);
        assert_eq!(
            text.sent,
            "EXPLAIN (TYPE IO) EXECUTE IMMEDIATE 'SELECT ?' USING 'x'"
        );
        assert!(message("line 1:44: x", &text).contains("line 1:25: x"));
        let text = Text::with(&sql, &values, true);
        assert_eq!(text.sent, "EXPLAIN (TYPE IO) EXECUTE trino_odbc USING 'x'");
        assert_eq!(text.in_header, Some("SELECT ?"));
        let sql = Statement::parse("EXPLAIN ANALYZE SELECT ?");
        let text = Text::with(&sql, &values, false);
        assert_eq!(
            text.sent,
            "EXECUTE IMMEDIATE 'EXPLAIN ANALYZE SELECT ?' USING 'x'"
        );
    }

    #[test]
    fn values_follow_the_text_and_never_become_part_of_it() {
        let values = ["'x'".to_owned()];
        let sql = Statement::parse("SELECT ?");
        let text = Text::with(&sql, &values, false);
        assert_eq!(text.sent, "EXECUTE IMMEDIATE 'SELECT ?' USING 'x'");
        let text = Text::with(&sql, &values, true);
        assert_eq!(text.sent, "EXECUTE trino_odbc USING 'x'");
        assert_eq!(text.in_header, Some("SELECT ?"));
    }
}
