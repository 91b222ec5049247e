//! Diagnostic records and the area of them that each handle has.

use std::sync::Arc;

use super::SqlState;

/// One record of a diagnostics area.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Record {
    pub state: SqlState,
    /// Trino's error number; 0 when the driver itself speaks.
    pub native: i32,
    pub message: String,
    /// Row of the rowset, from 1; `None` when the record is not about a row.
    pub row: Option<usize>,
    /// Column of the result, from 1; `None` when the record is not about a column.
    pub column: Option<usize>,
}

/// Why a call failed: the record that it leaves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Error(Box<Record>);

/// The diagnostics area of a handle: the records of its last call.
#[derive(Debug, Clone, Default)]
pub struct Diagnostics {
    records: Vec<Record>,
    /// SQL_DIAG_RETURNCODE.
    pub return_code: i16,
    /// SQL_DIAG_ROW_COUNT.
    pub row_count: i64,
    /// SQL_DIAG_SERVER_NAME: the data source that the handle belongs to, where there is one.
    pub server: Arc<str>,
    /// SQL_DIAG_DYNAMIC_FUNCTION and its code: what was executed.
    pub dynamic_function: (&'static str, i32),
}

impl Record {
    /// A record in the driver's words. The prefix that names vendor and component is added when it
    /// is read.
    pub fn new(state: SqlState, message: impl Into<String>) -> Self {
        Self {
            state,
            native: 0,
            message: message.into(),
            row: None,
            column: None,
        }
    }

    /// The message as an application gets it: not longer than SQLGetDiagRec can say, and with its
    /// end, where the query is named. In C a null would end it: one that it quotes is written out.
    pub fn text(&self) -> String {
        let message = self.message.replace('\0', "\\u0000");
        shortened(format!("{PREFIX}{message}"))
    }

    /// Whether the record is a warning.
    pub fn is_warning(&self) -> bool {
        self.state.as_str().starts_with("01")
    }

    /// Its place among others: those about no row first, then row by row; of a row, the most
    /// important first.
    fn rank(&self) -> (usize, Importance) {
        let state = self.state.as_str();
        let importance = match state.get(..2) {
            // A transaction that ended, or whose outcome is unknown.
            Some("40") => Importance::Transaction,
            _ if matches!(state, "08007" | "25S01" | "25S02" | "25S03") => Importance::Transaction,
            Some("02") => Importance::NoData,
            Some("01") => Importance::Warning,
            _ => Importance::Error,
        };
        (self.row.unwrap_or(0), importance)
    }
}

impl Error {
    /// An error in the driver's words.
    pub fn new(state: SqlState, message: impl Into<String>) -> Self {
        Self(Box::new(Record::new(state, message)))
    }

    /// The same with the server's number.
    #[must_use]
    pub fn with_native(mut self, native: i32) -> Self {
        self.0.native = native;
        self
    }

    /// The same, with more sentences behind the message.
    #[must_use]
    pub fn followed_by(mut self, more: &str) -> Self {
        let message = &mut self.0.message;
        if !more.is_empty() && message.ends_with(char::is_alphanumeric) {
            message.push('.');
        }
        message.push_str(more);
        self
    }

    /// The same, ending in the query that failed.
    #[must_use]
    pub fn with_query(mut self, query_id: Option<&str>) -> Self {
        if let Some(query_id) = query_id {
            let end = format!(" (query {query_id})");
            let message = &mut self.0.message;
            // In the middle of a long message it would be left out.
            let is_named =
                message.ends_with(&end) || message.len() <= HEAD && message.contains(query_id);
            if !is_named {
                message.push_str(&end);
            }
        }
        self
    }

    /// The record that it leaves.
    pub fn record(&self) -> &Record {
        &self.0
    }

    /// Its SQLSTATE.
    pub fn state(&self) -> SqlState {
        self.0.state
    }
}

impl From<Record> for Error {
    fn from(record: Record) -> Self {
        Self(Box::new(record))
    }
}

impl From<Error> for Record {
    fn from(error: Error) -> Self {
        *error.0
    }
}

impl Diagnostics {
    /// The empty area of a handle that belongs to a data source.
    pub fn about(server: &Arc<str>) -> Self {
        Self {
            server: Arc::clone(server),
            ..Self::default()
        }
    }

    /// Clears the records of the last call.
    pub fn clear(&mut self) {
        self.records.clear();
        self.return_code = 0;
        self.row_count = -1;
        self.dynamic_function = ("", 0);
    }

    /// Adds a record where the standard's order has it, behind those of the same rank.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/develop-app/sequence-of-status-records>
    pub fn push(&mut self, record: Record) {
        let rank = record.rank();
        let at = self.records.partition_point(|other| other.rank() <= rank);
        self.records.insert(at, record);
    }

    /// Adds many records, each where [`Self::push`] would have it.
    pub fn extend(&mut self, records: impl IntoIterator<Item = Record>) {
        self.records.extend(records);
        // A stable sort: those of the same rank stay as they came.
        self.records.sort_by_cached_key(Record::rank);
    }

    /// Adds a warning.
    pub fn warn(&mut self, state: SqlState, message: impl Into<String>) {
        self.push(Record::new(state, message));
    }

    /// Takes the first error out, for a call that fails with it.
    pub fn take_error(&mut self) -> Option<Record> {
        let at = self.records.iter().position(|it| !it.is_warning())?;
        Some(self.records.remove(at))
    }

    /// The records, in the standard's order.
    pub fn records(&self) -> &[Record] {
        &self.records
    }
}

/// The text without its middle, if it is too long.
fn shortened(text: String) -> String {
    if text.len() <= LONGEST {
        return text;
    }
    let units = text.encode_utf16().count();
    if units <= LONGEST {
        return text;
    }
    let head = text.char_indices().take_while(fits(HEAD)).last();
    let tail = text.char_indices().rev().take_while(fits(TAIL)).last();
    let head = head.map_or("", |(at, c)| &text[..at + c.len_utf8()]);
    let tail = tail.map_or("", |(at, _)| &text[at..]);
    let left_out = units - head.encode_utf16().count() - tail.encode_utf16().count();
    format!("{head} [… {left_out} characters are left out …] {tail}")
}

/// Whether a character and those before it have at most `most` UTF-16 units.
fn fits(most: usize) -> impl FnMut(&(usize, char)) -> bool {
    let mut units = 0;
    move |(_, c)| {
        units += c.len_utf16();
        units <= most
    }
}

/// UTF-16 units of a message. SQLGetDiagField returns its length in bytes, of which a character may
/// have four and an SQLSMALLINT 32,767.
const LONGEST: usize = 8_190;
const HEAD: usize = 6_100;
const TAIL: usize = 2_000;

/// How much a record matters, the most first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Importance {
    Transaction,
    Error,
    NoData,
    Warning,
}

const PREFIX: &str = "[Trino][ODBC] ";

#[cfg(test)]
mod tests {
    use super::{Diagnostics, Error, LONGEST, Record, SqlState};

    #[test]
    fn errors_come_before_warnings() {
        let mut area = Diagnostics::default();
        area.warn(SqlState::GENERAL_WARNING, "first");
        area.push(Error::new(SqlState::GENERAL_ERROR, "second").into());
        area.warn(SqlState::GENERAL_WARNING, "third");
        let messages: Vec<_> = area
            .records()
            .iter()
            .map(|record| record.message.as_str())
            .collect();
        assert_eq!(messages, ["second", "first", "third"]);
    }

    #[test]
    fn records_go_row_by_row_and_those_about_no_row_come_first() {
        let record = |state, row, message: &str| Record {
            row,
            ..Record::new(state, message)
        };
        let mut area = Diagnostics::default();
        area.push(record(SqlState::ERROR_IN_ROW, Some(2), "2, warning"));
        area.push(record(SqlState::GENERAL_ERROR, Some(3), "3, error"));
        area.push(record(
            SqlState::NUMERIC_VALUE_OUT_OF_RANGE,
            Some(2),
            "2, error",
        ));
        area.push(record(
            SqlState::FRACTIONAL_TRUNCATION,
            Some(1),
            "1, warning",
        ));
        area.push(record(SqlState::GENERAL_WARNING, None, "warning"));
        area.push(record(SqlState::GENERAL_ERROR, None, "error"));
        area.push(record(SqlState::SERIALIZATION_FAILURE, None, "transaction"));
        let messages = area.records().iter().map(|record| record.message.as_str());
        let expected = [
            "transaction",
            "error",
            "warning",
            "1, warning",
            "2, error",
            "2, warning",
            "3, error",
        ];
        assert_eq!(messages.collect::<Vec<_>>(), expected);
        assert_eq!(area.take_error().unwrap().message, "transaction");
    }

    #[test]
    fn a_long_message_loses_its_middle_and_keeps_the_query() {
        for filling in ["x", "ö", "名", "😀"] {
            for odd in ["", "a"] {
                let message = format!("{odd}begin{}end", filling.repeat(100_000));
                let error = Error::new(SqlState::GENERAL_ERROR, message);
                let text = Record::from(error.with_query(Some("20260101_q"))).text();
                assert!(text.starts_with("[Trino][ODBC] "), "{filling}");
                assert!(text.ends_with("end (query 20260101_q)"), "{filling}");
                let units = text.encode_utf16().count();
                assert!((8_000..=LONGEST).contains(&units), "{units}");
                assert!(text.len() <= 32_767 && units * 4 <= 32_767, "{filling}");
            }
        }
        let whole = "😀".repeat(4_000);
        let text = Record::new(SqlState::GENERAL_ERROR, whole.clone()).text();
        assert_eq!(text, format!("[Trino][ODBC] {whole}"));
    }

    #[test]
    fn many_records_have_the_places_of_single_ones() {
        let states = [
            SqlState::GENERAL_ERROR,
            SqlState::ERROR_IN_ROW,
            SqlState::SERIALIZATION_FAILURE,
        ];
        let record = |number: usize| Record {
            row: (!number.is_multiple_of(5)).then_some(number * 7 % 11),
            ..Record::new(states[number % 3], number.to_string())
        };
        let (mut single, mut many) = (Diagnostics::default(), Diagnostics::default());
        for half in [0..20, 20..50] {
            half.clone().for_each(|number| single.push(record(number)));
            many.extend(half.map(record));
            assert_eq!(many.records(), single.records());
        }
    }

    #[test]
    fn a_null_does_not_end_a_message() {
        let record = Record::new(SqlState::GENERAL_ERROR, "Cannot cast 'a\0b' to date");
        assert_eq!(
            record.text(),
            "[Trino][ODBC] Cannot cast 'a\\u0000b' to date"
        );
    }

    #[test]
    fn a_query_is_named_once() {
        let error = Error::new(SqlState::GENERAL_ERROR, "failed").with_query(Some("q1"));
        let twice = error.with_query(Some("q1"));
        assert_eq!(
            Record::from(twice).text(),
            "[Trino][ODBC] failed (query q1)"
        );
    }
}
