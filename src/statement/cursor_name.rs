//! SQLGetCursorName, SQLSetCursorName.
//!
//! Only positioned statements use cursor names, and Trino has none; applications set and read the
//! names anyway. Names are unique within a connection, and case-insensitive unless quoted.

use super::{Outcome, Statement};
use crate::diagnostics::{Error, SqlState};

impl Statement {
    /// SQLGetCursorName: a generated name unless the application has set one.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetcursorname-function>
    pub fn cursor_name(&mut self) -> &str {
        self.cursor_name.get_or_insert_with(|| {
            // The handle of the statement's own ARD is as unique as the statement.
            let number = self.own.ard.token.as_ptr().addr();
            format!("{GENERATED}{number:X}")
        })
    }

    /// SQLSetCursorName.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetcursorname-function>
    pub fn set_cursor_name(&mut self, given: &str) -> Result<Outcome, Error> {
        self.state.check_cursor_can_be_named()?;
        let name = normal(given);
        if name.is_empty() {
            return Err(invalid("A cursor name cannot be empty."));
        }
        if name.chars().count() > LONGEST {
            return Err(invalid("A cursor name can have at most 128 characters."));
        }
        if RESERVED.iter().any(|reserved| name.starts_with(reserved)) {
            return Err(invalid(
                "Cursor names that begin with SQLCUR or SQL_CUR are reserved for the driver.",
            ));
        }
        if self.cursor_name.as_deref() == Some(name.as_str()) {
            return Ok(Outcome::Done);
        }
        if !self.children.claim_cursor_name(&name) {
            return Err(Error::new(
                SqlState::DUPLICATE_CURSOR_NAME,
                format!(
                    "Another statement of the connection already uses the cursor name {given}."
                ),
            ));
        }
        if let Some(old) = self.cursor_name.replace(name) {
            self.children.release_cursor_name(&old);
        }
        Ok(Outcome::Done)
    }
}

fn invalid(why: &str) -> Error {
    Error::new(SqlState::INVALID_CURSOR_NAME, why)
}

/// The name for comparison: in upper case, or unchanged if quoted.
fn normal(given: &str) -> String {
    let given = given.trim();
    let quoted = given
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'));
    quoted.map_or_else(|| given.to_uppercase(), str::to_owned)
}

/// The prefix of generated names.
const GENERATED: &str = "SQL_CUR";

const RESERVED: [&str; 2] = ["SQLCUR", GENERATED];

/// SQL_MAX_CURSOR_NAME_LEN.
const LONGEST: usize = 128;
