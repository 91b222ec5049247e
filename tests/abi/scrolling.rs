//! Static cursors: SQLFetchScroll and SQLExtendedFetch in every direction, and the attributes that choose a cursor.

use std::ptr::null_mut;
use std::time::Duration;

use scripted_trino::{Answer, Endpoint, Fault, Server, Spooling, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

const QUERY: &str = "SELECT n, text FROM scrolled";

/// Rows from 1 on, with a text that tells them apart.
fn rows(count: i64) -> Answer {
    let rows = (1..=count).map(|n| vec![json!(n), json!(format!("row {n}"))]);
    Answer::rows(
        columns![("n", "bigint"), ("text", "varchar")],
        rows.collect(),
    )
}

/// An application with a static cursor on that many rows, of which the first column is bound.
struct Scroller {
    application: Application,
    numbers: Box<[i64; 10]>,
    lengths: Box<[isize; 10]>,
    status: Box<[u16; 10]>,
    fetched: Box<usize>,
}

impl Scroller {
    fn start(count: i64) -> Self {
        Self::on(rows(count))
    }

    fn on(answer: Answer) -> Self {
        Self::connected(answer, "")
    }

    fn connected(answer: Answer, keywords: &str) -> Self {
        let scroller = Self::idle(answer, keywords);
        assert_eq!(scroller.application.execute(QUERY), SQL_SUCCESS);
        scroller
    }

    /// Before the query is run.
    fn idle(answer: Answer, keywords: &str) -> Self {
        let mut scroller = Self {
            application: Application::connected(Server::start(), keywords),
            numbers: Box::new([0; 10]),
            lengths: Box::new([0; 10]),
            status: Box::new([0; 10]),
            fetched: Box::new(0),
        };
        let application = &scroller.application;
        application.server.on(QUERY, answer);
        let chosen = application.set(SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC);
        assert_eq!(chosen, SQL_SUCCESS);
        let status = scroller.status.as_mut_ptr().expose_provenance();
        let fetched = (&raw mut *scroller.fetched).expose_provenance();
        application.set(SQL_ATTR_ROW_STATUS_PTR, status);
        application.set(SQL_ATTR_ROWS_FETCHED_PTR, fetched);
        let numbers = scroller.numbers.as_mut_slice();
        application.bind(1, C_SBIGINT, numbers, 8, scroller.lengths.as_mut_slice());
        scroller
    }

    fn size(&self, rows: usize) {
        assert_eq!(
            self.application.set(SQL_ATTR_ROW_ARRAY_SIZE, rows),
            SQL_SUCCESS
        );
    }

    fn scroll(&self, orientation: i16, offset: isize) -> SqlReturn {
        // SAFETY: what is bound lives as long as the test.
        unsafe { SQLFetchScroll(self.application.statement, orientation, offset) }
    }

    /// The numbers of the rowset that a scroll gives: none where it gives no data.
    fn at(&self, orientation: i16, offset: isize) -> Vec<i64> {
        let code = self.scroll(orientation, offset);
        self.given(code)
    }

    fn given(&self, code: SqlReturn) -> Vec<i64> {
        let rows = self.read(&*self.fetched);
        match code {
            SQL_SUCCESS | SQL_SUCCESS_WITH_INFO => assert!(rows > 0),
            SQL_NO_DATA => assert_eq!(rows, 0),
            code => panic!(
                "{code}: {} {}",
                self.application.state(),
                self.application.message()
            ),
        }
        let size = self.application.get(SQL_ATTR_ROW_ARRAY_SIZE);
        for row in 0..size {
            let wanted = if row < rows {
                SQL_ROW_SUCCESS
            } else {
                SQL_ROW_NOROW
            };
            assert_eq!(self.read(&self.status[row]), wanted);
        }
        (0..rows).map(|row| self.read(&self.numbers[row])).collect()
    }

    /// What the driver wrote through its own pointer.
    fn read<T: Copy>(&self, place: &T) -> T {
        // SAFETY: a reference is valid.
        unsafe { std::ptr::from_ref(place).read_volatile() }
    }

    #[track_caller]
    fn refused(&self, code: SqlReturn, state: &str) {
        assert_eq!(
            (code, self.application.state().as_str()),
            (SQL_ERROR, state)
        );
    }
}

#[test]
fn every_rowset_is_reached_from_every_other() {
    let scroller = Scroller::start(9);
    scroller.size(4);
    assert_eq!(scroller.at(SQL_FETCH_FIRST, 0), [1, 2, 3, 4]);
    assert_eq!(scroller.at(SQL_FETCH_NEXT, 0), [5, 6, 7, 8]);
    assert_eq!(scroller.at(SQL_FETCH_NEXT, 0), [9]);
    assert_eq!(scroller.at(SQL_FETCH_NEXT, 0), NONE);
    assert_eq!(scroller.at(SQL_FETCH_PRIOR, 0), [6, 7, 8, 9]);
    assert_eq!(scroller.at(SQL_FETCH_PRIOR, 0), [2, 3, 4, 5]);
    assert_eq!(scroller.scroll(SQL_FETCH_PRIOR, 0), SQL_SUCCESS_WITH_INFO);
    assert_eq!(scroller.application.state(), "01S06");
    assert_eq!(scroller.given(SQL_SUCCESS), [1, 2, 3, 4]);
    assert_eq!(scroller.at(SQL_FETCH_PRIOR, 0), NONE);
    assert_eq!(scroller.at(SQL_FETCH_LAST, 0), [6, 7, 8, 9]);
    assert_eq!(scroller.at(SQL_FETCH_ABSOLUTE, 3), [3, 4, 5, 6]);
    assert_eq!(scroller.at(SQL_FETCH_ABSOLUTE, -2), [8, 9]);
    assert_eq!(scroller.at(SQL_FETCH_RELATIVE, -3), [5, 6, 7, 8]);
    assert_eq!(scroller.at(SQL_FETCH_RELATIVE, 0), [5, 6, 7, 8]);
    assert_eq!(scroller.at(SQL_FETCH_RELATIVE, 2), [7, 8, 9]);
    assert_eq!(scroller.at(SQL_FETCH_ABSOLUTE, 10), NONE);
    assert_eq!(scroller.at(SQL_FETCH_RELATIVE, -9), [1, 2, 3, 4]);
    assert_eq!(scroller.at(SQL_FETCH_ABSOLUTE, 0), NONE);
    assert_eq!(scroller.at(SQL_FETCH_RELATIVE, 2), [2, 3, 4, 5]);
    assert_eq!(
        scroller.scroll(SQL_FETCH_RELATIVE, -4),
        SQL_SUCCESS_WITH_INFO
    );
    assert_eq!(scroller.application.state(), "01S06");
}

#[test]
fn sqlfetch_continues_after_a_scroll() {
    let scroller = Scroller::start(9);
    scroller.size(2);
    let next = || scroller.given(scroller.application.fetch());
    assert_eq!(next(), [1, 2]);
    assert_eq!(scroller.at(SQL_FETCH_ABSOLUTE, 6), [6, 7]);
    assert_eq!(next(), [8, 9]);
    assert_eq!(next(), NONE);
    assert_eq!(scroller.at(SQL_FETCH_PRIOR, 0), [8, 9]);
    scroller.size(3);
    assert_eq!(scroller.at(SQL_FETCH_PRIOR, 0), [5, 6, 7]);
    scroller.size(1);
    // From the end of the rowset as it was fetched, not as the next one will be.
    assert_eq!(next(), [8]);
}

#[test]
fn each_row_of_a_scroll_has_its_number_and_its_data() {
    let scroller = Scroller::start(9);
    let application = &scroller.application;
    scroller.size(3);
    assert_eq!(scroller.at(SQL_FETCH_LAST, 0), [7, 8, 9]);
    for row in [3_u8, 1, 2] {
        // SAFETY: what is bound lives as long as the test.
        let code = unsafe {
            SQLSetPos(
                application.statement,
                row.into(),
                SQL_POSITION,
                SQL_LOCK_NO_CHANGE,
            )
        };
        assert_eq!(code, SQL_SUCCESS);
        assert_eq!(application.get(SQL_ATTR_ROW_NUMBER), 6 + usize::from(row));
        assert_eq!(application.number(), 6 + i64::from(row));
        let (mut text, mut length) = ([0_u8; 10], 0);
        let place = text.as_mut_ptr().cast();
        // SAFETY: the text has the stated size.
        let code = unsafe { SQLGetData(application.statement, 2, C_CHAR, place, 10, &mut length) };
        assert_eq!(code, SQL_SUCCESS);
        assert_eq!(&text[..5], format!("row {}", 6 + row).as_bytes());
    }
    assert_eq!(scroller.at(SQL_FETCH_ABSOLUTE, 2), [2, 3, 4]);
    let place = scroller.numbers.as_ptr().expose_provenance();
    let place = std::ptr::with_exposed_provenance_mut::<i64>(place);
    // SAFETY: the second of ten numbers; what is bound lives as long as the test.
    let code = unsafe {
        place.add(1).write_volatile(0);
        SQLSetPos(application.statement, 2, SQL_REFRESH, SQL_LOCK_NO_CHANGE)
    };
    assert_eq!(code, SQL_SUCCESS);
    assert_eq!(scroller.read(&scroller.numbers[1]), 3);
    assert_eq!(application.number(), 3);
    assert_eq!(application.get(SQL_ATTR_ROW_NUMBER), 3);
}

#[test]
fn a_limit_of_rows_is_the_end_in_every_direction() {
    let scroller = Scroller::idle(rows(9), "");
    scroller.application.set(SQL_ATTR_MAX_ROWS, 5);
    assert_eq!(scroller.application.execute(QUERY), SQL_SUCCESS);
    scroller.size(2);
    assert_eq!(scroller.at(SQL_FETCH_LAST, 0), [4, 5]);
    assert_eq!(scroller.at(SQL_FETCH_NEXT, 0), NONE);
    assert_eq!(scroller.at(SQL_FETCH_ABSOLUTE, 6), NONE);
    assert_eq!(scroller.at(SQL_FETCH_ABSOLUTE, -5), [1, 2]);
}

#[test]
fn the_rowset_of_odbc_2_scrolls_with_a_separate_size() {
    let scroller = Scroller::start(9);
    let application = &scroller.application;
    application.set(SQL_ROWSET_SIZE, 4);
    let (mut fetched, mut status) = (0_usize, [9_u16; 4]);
    let (rows, status) = (&raw mut fetched, &raw mut status);
    let at = |orientation: i16, offset: isize| {
        // SAFETY: what is bound lives as long as the test.
        let code = unsafe {
            let orientation = orientation.cast_unsigned();
            SQLExtendedFetch(
                application.statement,
                orientation,
                offset,
                rows,
                status.cast(),
            )
        };
        // SAFETY: the place that was told.
        let rows = unsafe { rows.read_volatile() };
        let numbers = scroller.numbers[..rows].iter();
        let numbers: Vec<_> = numbers.map(|number| scroller.read(number)).collect();
        (code, numbers)
    };
    assert_eq!(at(SQL_FETCH_LAST, 0), (SQL_SUCCESS, vec![6, 7, 8, 9]));
    assert_eq!(at(SQL_FETCH_PRIOR, 0), (SQL_SUCCESS, vec![2, 3, 4, 5]));
    assert_eq!(
        at(SQL_FETCH_PRIOR, 0),
        (SQL_SUCCESS_WITH_INFO, vec![1, 2, 3, 4])
    );
    assert_eq!(application.state(), "01S06");
    assert_eq!(at(SQL_FETCH_ABSOLUTE, 8), (SQL_SUCCESS, vec![8, 9]));
    assert_eq!(at(SQL_FETCH_ABSOLUTE, 0), (SQL_NO_DATA, vec![]));
    assert_eq!(at(SQL_FETCH_ABSOLUTE, -9), (SQL_SUCCESS, vec![1, 2, 3, 4]));
    assert_eq!(at(SQL_FETCH_RELATIVE, 7), (SQL_SUCCESS, vec![8, 9]));
    // SAFETY: the array that was told.
    let status = unsafe { status.read_volatile() };
    assert_eq!(status, [0, 0, SQL_ROW_NOROW, SQL_ROW_NOROW]);
    scroller.refused(at(SQL_FETCH_BOOKMARK, 0).0, "HY106");
    scroller.refused(scroller.scroll(SQL_FETCH_FIRST, 0), "HY010");
}

#[test]
fn bookmarks_and_unknown_orientations_are_refused() {
    let scroller = Scroller::start(3);
    for orientation in [SQL_FETCH_BOOKMARK, 0, 7, 77, -1] {
        scroller.refused(scroller.scroll(orientation, 1), "HY106");
    }
    assert_eq!(scroller.at(SQL_FETCH_NEXT, 0), [1]);
}

#[test]
fn rows_that_no_fetch_writes_are_counted_all_the_same() {
    let scroller = Scroller::start(9);
    scroller.size(2);
    scroller.application.set(SQL_ATTR_RETRIEVE_DATA, SQL_RD_OFF);
    assert_eq!(scroller.at(SQL_FETCH_ABSOLUTE, 5), [0, 0]);
    assert_eq!(scroller.application.get(SQL_ATTR_ROW_NUMBER), 5);
    assert_eq!(scroller.application.number(), 5);
}

#[test]
fn what_catalog_functions_give_scrolls_too() {
    let scroller = Scroller::idle(rows(1), "");
    let statement = scroller.application.statement;
    // SAFETY: nothing is bound after this.
    let code = unsafe { SQLFreeStmt(statement, SQL_UNBIND) };
    assert_eq!(code, SQL_SUCCESS);
    // SAFETY: numbers only.
    assert_eq!(unsafe { SQLGetTypeInfoW(statement, 0) }, SQL_SUCCESS);
    assert_eq!(scroller.scroll(SQL_FETCH_LAST, 0), SQL_SUCCESS);
    let last = scroller.application.get(SQL_ATTR_ROW_NUMBER);
    assert!(last > 10);
    let second = 1 - last as isize;
    assert_eq!(scroller.scroll(SQL_FETCH_ABSOLUTE, second), SQL_SUCCESS);
    assert_eq!(scroller.application.get(SQL_ATTR_ROW_NUMBER), 2);
    assert_eq!(scroller.scroll(SQL_FETCH_PRIOR, 0), SQL_SUCCESS);
    assert_eq!(scroller.application.get(SQL_ATTR_ROW_NUMBER), 1);
    assert_eq!(scroller.scroll(SQL_FETCH_PRIOR, 0), SQL_NO_DATA);
}

#[test]
fn rows_that_were_read_stay_when_a_fetch_runs_out_of_time() {
    let answer = rows(10).direct().rows_per_page(2).fault(
        Endpoint::Page(2),
        Fault::FirstByteDelay(Duration::from_secs(20)),
    );
    let scroller = Scroller::on(answer);
    scroller.size(2);
    assert_eq!(scroller.at(SQL_FETCH_NEXT, 0), [1, 2]);
    scroller.application.set(SQL_ATTR_QUERY_TIMEOUT, 1);
    scroller.refused(scroller.scroll(SQL_FETCH_LAST, 0), "HYT00");
    assert_eq!(scroller.application.get(SQL_ATTR_ROW_NUMBER), 1);
    assert_eq!(scroller.at(SQL_FETCH_RELATIVE, 1), [2, 3]);
    assert_eq!(scroller.at(SQL_FETCH_ABSOLUTE, 3), [3, 4]);
    assert_eq!(scroller.at(SQL_FETCH_FIRST, 0), [1, 2]);
}

/// The cursor as its attributes say: type, scrollable, sensitivity, concurrency.
fn cursor(application: &Application) -> [usize; 4] {
    [
        SQL_ATTR_CURSOR_TYPE,
        SQL_ATTR_CURSOR_SCROLLABLE,
        SQL_ATTR_CURSOR_SENSITIVITY,
        SQL_ATTR_CONCURRENCY,
    ]
    .map(|attribute| application.get(attribute))
}

#[test]
fn what_characterizes_a_cursor_changes_together() {
    const FORWARD: [usize; 4] = [
        SQL_CURSOR_FORWARD_ONLY,
        SQL_NONSCROLLABLE,
        SQL_UNSPECIFIED,
        SQL_CONCUR_READ_ONLY,
    ];
    const STATIC: [usize; 4] = [
        SQL_CURSOR_STATIC,
        SQL_SCROLLABLE,
        SQL_INSENSITIVE,
        SQL_CONCUR_READ_ONLY,
    ];
    const INSENSITIVE: [usize; 4] = [
        SQL_CURSOR_FORWARD_ONLY,
        SQL_NONSCROLLABLE,
        SQL_INSENSITIVE,
        SQL_CONCUR_READ_ONLY,
    ];
    const CHANGED: &str = "01S02";
    for (attribute, value, after, state) in [
        (SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_FORWARD_ONLY, FORWARD, ""),
        (SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_STATIC, STATIC, ""),
        (
            SQL_ATTR_CURSOR_TYPE,
            SQL_CURSOR_KEYSET_DRIVEN,
            STATIC,
            CHANGED,
        ),
        (SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_DYNAMIC, STATIC, CHANGED),
        (SQL_ATTR_CURSOR_TYPE, 4, FORWARD, "HY024"),
        (SQL_ATTR_CURSOR_SCROLLABLE, SQL_SCROLLABLE, STATIC, ""),
        (SQL_ATTR_CURSOR_SCROLLABLE, SQL_NONSCROLLABLE, FORWARD, ""),
        (SQL_ATTR_CURSOR_SCROLLABLE, 2, FORWARD, "HY024"),
        (SQL_ATTR_CURSOR_SENSITIVITY, SQL_INSENSITIVE, STATIC, ""),
        (SQL_ATTR_CURSOR_SENSITIVITY, SQL_UNSPECIFIED, FORWARD, ""),
        (SQL_ATTR_CURSOR_SENSITIVITY, SQL_SENSITIVE, FORWARD, CHANGED),
        (SQL_ATTR_CURSOR_SENSITIVITY, 3, FORWARD, "HY024"),
        (SQL_ATTR_CONCURRENCY, SQL_CONCUR_READ_ONLY, INSENSITIVE, ""),
        (SQL_ATTR_CONCURRENCY, SQL_CONCUR_LOCK, FORWARD, CHANGED),
        (SQL_ATTR_CONCURRENCY, SQL_CONCUR_ROWVER, FORWARD, CHANGED),
        (SQL_ATTR_CONCURRENCY, SQL_CONCUR_VALUES, FORWARD, CHANGED),
        (SQL_ATTR_CONCURRENCY, 5, FORWARD, "HY024"),
    ] {
        let application = Application::start();
        assert_eq!(cursor(&application), FORWARD);
        let code = application.set(attribute, value);
        let wanted = match state {
            "" => SQL_SUCCESS,
            CHANGED => SQL_SUCCESS_WITH_INFO,
            _ => SQL_ERROR,
        };
        assert_eq!((code, application.state().as_str()), (wanted, state));
        assert_eq!(cursor(&application), after, "{attribute} {value}");
        if after == STATIC && attribute != SQL_ATTR_CURSOR_TYPE {
            application.set(SQL_ATTR_CURSOR_TYPE, SQL_CURSOR_FORWARD_ONLY);
            assert_eq!(cursor(&application)[..2], FORWARD[..2]);
        }
    }
}

#[test]
fn statements_inherit_the_cursor_type_of_their_connection() {
    let application = Application::start();
    let connection = application.connection;
    let value = std::ptr::without_provenance_mut(SQL_CURSOR_STATIC);
    // SAFETY: a number.
    let code = unsafe { SQLSetConnectAttrW(connection, SQL_ATTR_CURSOR_TYPE, value, 0) };
    assert_eq!(code, SQL_SUCCESS);
    assert_eq!(
        application.get(SQL_ATTR_CURSOR_TYPE),
        SQL_CURSOR_FORWARD_ONLY
    );
    let statement = allocate(SQL_HANDLE_STMT, connection);
    let mut chosen = 0_usize;
    // SAFETY: a place for a number; the handle is freed once.
    unsafe {
        let place = (&raw mut chosen).cast();
        SQLGetStmtAttrW(statement, SQL_ATTR_CURSOR_TYPE, place, 8, null_mut());
        SQLFreeHandle(SQL_HANDLE_STMT, statement);
    }
    assert_eq!(chosen, SQL_CURSOR_STATIC);
}

/// About 4 MB of JSON in segments of 200 KB.
fn long() -> Answer {
    let text = "a text that is as long as texts are, ".repeat(5);
    let rows = (1..=LONG).map(|n| format!("[{n},\"{n}: {text}\"]"));
    Answer::raw_rows(
        columns![("n", "bigint"), ("text", "varchar")],
        rows.collect(),
    )
    .spooled(Spooling {
        rows_per_segment: 1000,
        inline_first: 0,
        ..Spooling::default()
    })
}

const LONG: i64 = 20_000;

#[test]
fn a_result_larger_than_memory_is_the_same_in_every_direction() {
    let scroller = Scroller::connected(long(), "MemoryLimit=1MB;");
    scroller.size(10);
    let mut next = 1;
    while scroller.application.fetch() == SQL_SUCCESS {
        let wanted: Vec<_> = (next..next + 10).collect();
        assert_eq!(scroller.given(SQL_SUCCESS), wanted);
        next += 10;
    }
    assert_eq!(next, LONG + 1);
    for first in (1..=LONG - 9).rev().step_by(10) {
        let wanted: Vec<_> = (first..first + 10).collect();
        assert_eq!(scroller.at(SQL_FETCH_PRIOR, 0), wanted);
    }
    let mut row = 1;
    for _ in 0..300 {
        row = row * 7919 % LONG + 1;
        let wanted: Vec<_> = (row..(row + 10).min(LONG + 1)).collect();
        assert_eq!(scroller.at(SQL_FETCH_ABSOLUTE, row as isize), wanted);
    }
}

#[test]
fn without_a_temporary_file_rows_beyond_memory_are_an_error_that_names_the_setting() {
    let scroller = Scroller::connected(long(), "MemoryLimit=1MB;Spill=false;");
    assert_eq!(scroller.at(SQL_FETCH_NEXT, 0), [1]);
    for _ in 0..2 {
        scroller.refused(scroller.scroll(SQL_FETCH_LAST, 0), "HY001");
        let message = scroller.application.message();
        assert!(message.contains("Spill") && message.contains("MemoryLimit"));
    }
    assert_eq!(scroller.application.get(SQL_ATTR_ROW_NUMBER), 1);
    assert_eq!(scroller.at(SQL_FETCH_ABSOLUTE, 1000), [1000]);

    let scroller = Scroller::connected(long(), "MemoryLimit=1MB;SpillLimit=1MB;");
    scroller.refused(scroller.scroll(SQL_FETCH_LAST, 0), "HY001");
    assert!(scroller.application.message().contains("SpillLimit"));
    let scroller = Scroller::connected(long(), "MemoryLimit=1MB;SpillPath=/no/such/folder;");
    scroller.refused(scroller.scroll(SQL_FETCH_LAST, 0), "HY000");
    assert!(scroller.application.message().contains("SpillPath"));
}

const NONE: [i64; 0] = [];
