//! SQL to C: each value in each C type, bound and by SQLGetData.

use std::ffi::c_void;
use std::fmt;

use scripted_trino::{Answer, Column};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::to_c::{BINARY, CHAR, DEFAULT, Expected, TODAY, WCHAR, expect};
use super::values::{Meaning, Sql, values, zoned};
use super::{Day, date_struct};
use crate::application::*;

/// Every C type, those of ODBC 2 as well.
pub const C_TYPES: &[i16] = &[
    1, -8, -2, 99, -7, -26, -28, -6, -15, -17, 5, -16, -18, 4, -25, -27, 7, 8, 2, 91, 92, 93, 9,
    10, 11, -11, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112, 113,
];

/// Bytes behind a buffer that nobody may touch.
const GUARD: usize = 8;
const FILL: u8 = 0xAA;
/// What a length is before the call.
const UNTOUCHED: isize = -77;

#[test]
fn every_value_converts_to_every_c_type_as_appendix_d_says() {
    let mut cells = 0;
    let mut wrong = Vec::new();
    let keywords = "TimeZone=UTC;Interval=Interval";
    let application = Application::connected(scripted_trino::Server::start(), keywords);
    for (number, sql) in values().iter().chain(&zoned()).enumerate() {
        let all = cells_of(sql);
        let rows = all.iter().map(|_| vec![sql.json.clone(), sql.json.clone()]);
        let columns = vec![Column::new("a", sql.kind), Column::new("b", sql.kind)];
        let query = format!("SELECT a, b FROM t{number}");
        application
            .server
            .on(&query, Answer::rows(columns, rows.collect()));
        assert_eq!(application.execute(&query), SQL_SUCCESS);
        for (c_type, capacity) in all {
            cells += 1;
            let days = [today(), today()];
            let bound = Seen::bound(&application, c_type, capacity);
            let got = Seen::got(&application, c_type, capacity);
            for (way, seen, fills) in [("bound", bound, false), ("got", got, true)] {
                let expected = expect(sql, c_type, capacity, fills);
                if !days.into_iter().any(|day| seen.is(&expected, day)) {
                    wrong.push(format!(
                        "{} {} as {c_type} in {capacity}, {way}: {seen:?}, not {expected:?}",
                        sql.kind, sql.shown
                    ));
                }
            }
        }
        application.close_cursor();
    }
    let count = wrong.len();
    wrong.truncate(40);
    assert!(
        wrong.is_empty(),
        "{count} of {cells} cells:\n{}",
        wrong.join("\n")
    );
    assert!(cells >= 8000, "{cells} cells");
}

/// C types and capacities worth a look.
fn cells_of(sql: &Sql) -> Vec<(i16, usize)> {
    let mut cells = Vec::new();
    for c_type in C_TYPES {
        let unit = match *c_type {
            CHAR => 1,
            WCHAR => 2,
            DEFAULT => {
                let length = 2 * sql.shown.encode_utf16().count();
                cells.extend([0, length, length + 2].map(|size| (DEFAULT, size)));
                continue;
            }
            BINARY => {
                let length = match &sql.meaning {
                    Meaning::Text(_) => sql.shown.len(),
                    Meaning::Bytes(bytes) => bytes.len(),
                    _ => 28,
                };
                cells.extend(
                    [0, 1, length.saturating_sub(1), length, 40].map(|size| (BINARY, size)),
                );
                continue;
            }
            _ => {
                // No buffer's length counts.
                cells.extend([(*c_type, 0)]);
                continue;
            }
        };
        let length = match unit {
            1 => sql.shown.len(),
            _ => sql.shown.encode_utf16().count(),
        };
        let point = sql.shown.find('.').unwrap_or(length);
        let mut sizes: Vec<usize> = [0, 1, 2, 3, point, point + 1, length / 2, length, length + 1]
            .iter()
            .map(|units| units * unit)
            .collect();
        if unit == 2 {
            // Half a unit is no room.
            sizes.extend([
                1,
                length * 2 - length.min(1),
                length * 2 + 1,
                length * 2 + 3,
            ]);
        }
        sizes.sort_unstable();
        sizes.dedup();
        cells.extend(sizes.into_iter().map(|size| (*c_type, size)));
    }
    cells
}

/// What a call left.
#[derive(PartialEq)]
pub struct Seen {
    pub code: SqlReturn,
    pub state: String,
    c_type: i16,
    data: Vec<u8>,
    pub length: isize,
    capacity: usize,
}

impl fmt::Debug for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let end = self.data.iter().rposition(|byte| *byte != FILL);
        let data = &self.data[..end.map_or(0, |end| end + 1)];
        write!(f, "{} {:?} {} {data:?}", self.code, self.state, self.length)
    }
}

impl Seen {
    /// Of the first column, bound for one row.
    pub fn bound(application: &Application, c_type: i16, capacity: usize) -> Self {
        let mut seen = Self::before(c_type, capacity);
        // SAFETY: `seen` outlives the fetch, after which nothing is bound.
        let code = unsafe {
            SQLBindCol(
                application.statement,
                1,
                c_type,
                seen.data.as_mut_ptr().cast::<c_void>(),
                capacity as isize,
                &mut seen.length,
            )
        };
        assert_eq!(code, SQL_SUCCESS);
        seen.code = application.fetch();
        seen.state = application.state();
        // SAFETY: the handle is ours.
        unsafe { SQLFreeStmt(application.statement, SQL_UNBIND) };
        seen
    }

    /// Of the second column, by SQLGetData.
    pub fn got(application: &Application, c_type: i16, capacity: usize) -> Self {
        let mut seen = Self::before(c_type, capacity);
        // SAFETY: `seen` has the stated size, or that of the C type.
        seen.code = unsafe {
            SQLGetData(
                application.statement,
                2,
                c_type,
                seen.data.as_mut_ptr().cast::<c_void>(),
                capacity as isize,
                &mut seen.length,
            )
        };
        seen.state = application.state();
        seen
    }

    fn before(c_type: i16, capacity: usize) -> Self {
        Self {
            code: SQL_SUCCESS,
            state: String::new(),
            c_type,
            data: vec![FILL; capacity.max(34) + GUARD],
            length: UNTOUCHED,
            capacity,
        }
    }

    fn is(&self, expected: &Expected, today: Day) -> bool {
        let code = match expected.state {
            "" => SQL_SUCCESS,
            state if state.starts_with("01") => SQL_SUCCESS_WITH_INFO,
            _ => SQL_ERROR,
        };
        if self.code != code || self.state != expected.state {
            return false;
        }
        let Some(data) = &expected.data else {
            return true;
        };
        let mut data = data.clone();
        if data.starts_with(&date_struct(TODAY)) && data.len() == 16 {
            data.splice(..6, date_struct(today));
        }
        let written = data.len();
        let unit = match self.c_type {
            CHAR => 1,
            WCHAR => 2,
            _ => 0,
        };
        let terminated = unit == 0
            || self.capacity < written + unit
            || self.data[written..written + unit]
                .iter()
                .all(|byte| *byte == 0);
        // Buffers of fixed length may be as long as the type.
        let end = if unit > 0 {
            self.capacity
        } else {
            self.capacity.max(written)
        };
        let guarded = unit == 0 || self.data[end..].iter().all(|byte| *byte == FILL);
        self.data[..written] == data
            && terminated
            && guarded
            && Some(self.length) == expected.length
    }
}

/// The date in UTC.
pub fn today() -> Day {
    let now = jiff::Timestamp::now().to_zoned(jiff::tz::TimeZone::UTC);
    Day(i32::from(now.year()), now.month() as u16, now.day() as u16)
}
