//! SQLGetCursorName, SQLSetCursorName.
//!
//! Trino has no positioned statements, in which alone such names could be used; applications set and ask them all the
//! same. Names are unique within a connection, and without quotes they are in any case.

use super::{Outcome, Statement};
use crate::diagnostics::{Error, SqlState};

impl Statement {
    /// SQLGetCursorName: a name of the driver's own until the application gives one.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetcursorname-function>
    pub fn cursor_name(&mut self) -> &str {
        if self.cursor_name.is_none() {
            // The handle of a descriptor of the statement's own is as unique as the statement.
            let number = self.own.ard.token.as_ptr().addr();
            self.cursor_name = Some(format!("{GENERATED}{number:X}"));
        }
        self.cursor_name.as_deref().unwrap_or_default()
    }

    /// SQLSetCursorName.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetcursorname-function>
    pub fn set_cursor_name(&mut self, given: &str) -> Result<Outcome, Error> {
        self.state.check_cursor_can_be_named()?;
        let name = normal(given);
        let invalid = |why: &str| Error::new(SqlState::INVALID_CURSOR_NAME, why);
        if name.is_empty() {
            return Err(invalid("The name of a cursor cannot be empty."));
        }
        if name.chars().count() > LONGEST {
            return Err(invalid("The name of a cursor has 128 characters at most."));
        }
        if RESERVED.iter().any(|reserved| name.starts_with(reserved)) {
            return Err(invalid(
                "Names of cursors that begin with SQLCUR or SQL_CUR are the driver's own.",
            ));
        }
        if self.cursor_name.as_deref() == Some(name.as_str()) {
            return Ok(Outcome::Done);
        }
        if !self.children.claim_cursor_name(&name) {
            return Err(Error::new(
                SqlState::DUPLICATE_CURSOR_NAME,
                format!("Another statement of the connection has a cursor named {given}."),
            ));
        }
        if let Some(old) = self.cursor_name.replace(name) {
            self.children.release_cursor_name(&old);
        }
        Ok(Outcome::Done)
    }
}

/// The name as it is compared: in upper case, or as it stands in quotes.
fn normal(given: &str) -> String {
    let given = given.trim();
    let quoted = given
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    quoted.map_or_else(|| given.to_uppercase(), str::to_owned)
}

/// What the driver's own names begin with.
const GENERATED: &str = "SQL_CUR";

const RESERVED: [&str; 2] = ["SQLCUR", GENERATED];

/// SQL_MAX_CURSOR_NAME_LEN.
const LONGEST: usize = 128;
