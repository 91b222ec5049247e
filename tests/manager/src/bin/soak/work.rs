//! One thread's connections and statements, and what is asserted of each.
//!
//! Whatever happens, the rows that come are the first of the result, in order and right; a result
//! ends without an error only after its last row; and without faults it does not end otherwise.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::AddAssign;
use std::thread;
use std::time::{Duration, Instant};

use client_tests::client::{Connection, Failure, Statement};
use client_tests::driver;
use client_tests::odbc::SQL_ATTR_QUERY_TIMEOUT;
use scripted_trino::Server;

use crate::chance::{Chance, SHAPES, Shape, statement};

/// What came of many statements.
#[derive(Debug, Default)]
pub struct Tally {
    statements: usize,
    rows: usize,
    complete: usize,
    left_early: usize,
    cancelled: usize,
    /// Errors by SQLSTATE.
    failed: BTreeMap<String, usize>,
    /// What must not be.
    pub wrong: Vec<String>,
}

impl Tally {
    pub fn of_wrong(what: String) -> Self {
        Self {
            wrong: vec![what],
            ..Self::default()
        }
    }
}

impl AddAssign for Tally {
    fn add_assign(&mut self, other: Self) {
        self.statements += other.statements;
        self.rows += other.rows;
        self.complete += other.complete;
        self.left_early += other.left_early;
        self.cancelled += other.cancelled;
        for (state, count) in other.failed {
            *self.failed.entry(state).or_default() += count;
        }
        self.wrong.extend(other.wrong);
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            statements,
            rows,
            complete,
            left_early,
            cancelled,
            failed,
            ..
        } = self;
        write!(
            f,
            "{statements} statements, {rows} rows; {complete} complete, {left_early} left early, \
             {cancelled} cancelled or timed out, failed {failed:?}"
        )
    }
}

/// How a result is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Reader {
    Whole,
    /// With pauses.
    Slow,
    /// So many rows, and no more.
    Part(usize),
    /// Somebody else cancels after so long.
    Cancelled(Duration),
    /// Until the time that a query may take is over.
    Limited,
}

/// One thread of the soak.
pub struct Worker<'s> {
    server: &'s Server,
    chance: Chance,
    tally: Tally,
}

impl<'s> Worker<'s> {
    pub fn new(server: &'s Server, chance: Chance) -> Self {
        Self {
            server,
            chance,
            tally: Tally::default(),
        }
    }

    /// Works until then, and returns what came of it.
    pub fn run(mut self, end: Instant) -> Tally {
        while Instant::now() < end {
            let text = self.connection_string();
            let connection = match Connection::open(&text) {
                Ok(connection) => connection,
                Err(failure) => {
                    self.tally.wrong.push(format!("no connection: {failure}"));
                    return self.tally;
                }
            };
            for _ in 0..=self.chance.below(5) {
                if Instant::now() >= end {
                    break;
                }
                self.statement(&connection);
            }
            let start = Instant::now();
            if let Err(failure) = connection.close() {
                self.tally.wrong.push(format!("disconnecting: {failure}"));
            }
            if start.elapsed() > LONGEST_CLOSE {
                let time = start.elapsed();
                self.tally
                    .wrong
                    .push(format!("disconnecting took {time:?}"));
            }
        }
        self.tally
    }

    fn connection_string(&mut self) -> String {
        let encoding = self.chance.of(&["json+zstd", "json+lz4", "json", "none"]);
        let parallel = self.chance.of(&[1, 2, 8, 64]);
        let memory = self.chance.of(&["1MB", "4MB", "256MB"]);
        format!(
            "{}Encoding={encoding};ParallelDownloads={parallel};MemoryLimit={memory};ReadTimeout=4;",
            driver::string(self.server)
        )
    }

    fn statement(&mut self, connection: &Connection) {
        let number = self.chance.below(SHAPES.len());
        let shape = SHAPES[number];
        let seed = match self.chance.one_in(3) {
            true => 0,
            false => 1 + self.chance.below(1 << 40) as u64,
        };
        let reader = match self.chance.below(10) {
            0..=3 => Reader::Whole,
            4 => Reader::Slow,
            5 | 6 => Reader::Part(self.chance.below(shape.rows + 1)),
            7 | 8 => Reader::Cancelled(Duration::from_millis(self.chance.below(600) as u64)),
            _ => Reader::Limited,
        };
        let sql = statement(number, seed);
        let mut statement = connection.statement();
        if reader == Reader::Limited
            && let Err(failure) = statement.set_attribute(SQL_ATTR_QUERY_TIMEOUT, 1)
        {
            self.tally
                .wrong
                .push(format!("SQL_ATTR_QUERY_TIMEOUT: {failure}"));
        }
        let mut rows = 0;
        let read = match reader {
            Reader::Cancelled(after) => {
                let handle = statement.driver_handle();
                thread::scope(|scope| {
                    scope.spawn(move || {
                        thread::sleep(after);
                        driver::cancel(handle);
                    });
                    self.read(&mut statement, &sql, shape, reader, &mut rows)
                })
            }
            _ => self.read(&mut statement, &sql, shape, reader, &mut rows),
        };
        self.tally.statements += 1;
        self.tally.rows += rows;
        let context = format!("{sql}, {reader:?}, after {rows} rows");
        match read {
            Ok(true) if rows == shape.rows => self.tally.complete += 1,
            Ok(true) => {
                let wrong = format!("{context}: a short result of {}", shape.rows);
                self.tally.wrong.push(wrong);
            }
            Ok(false) => self.tally.left_early += 1,
            Err(failure) => self.failed(&failure, reader, seed, &context),
        }
        self.leave(statement, &context);
    }

    /// Executes and fetches; whether the end was reached.
    fn read(
        &mut self,
        statement: &mut Statement<'_>,
        sql: &str,
        shape: Shape,
        reader: Reader,
        rows: &mut usize,
    ) -> Result<bool, Failure> {
        statement.execute(sql)?;
        loop {
            if reader == Reader::Part(*rows) {
                return Ok(false);
            }
            if !statement.fetch()? {
                return Ok(true);
            }
            // The first and the last, and some between: SQLGetData is what takes the time.
            if rows.is_multiple_of(7) || *rows + 1 == shape.rows {
                let number = statement.text(1)?;
                let text = statement.text(2)?;
                if number.as_deref() != Some(&rows.to_string())
                    || text.as_deref() != Some(&shape.text(*rows))
                {
                    let wrong = format!("{sql}: row {rows} is {number:?}, {text:?}");
                    self.tally.wrong.push(wrong);
                }
            }
            *rows += 1;
            if reader == Reader::Slow && rows.is_multiple_of(shape.per_segment / 2) {
                thread::sleep(Duration::from_millis(self.chance.below(60) as u64));
            }
        }
    }

    fn failed(&mut self, failure: &Failure, reader: Reader, seed: u64, context: &str) {
        let expected = match reader {
            // Cancelling between two calls, the manager itself may close the cursor.
            Reader::Cancelled(_) => matches!(failure.state(), "HY008" | "HY010" | "24000"),
            Reader::Limited => failure.state() == "HYT00",
            _ => false,
        };
        if expected {
            self.tally.cancelled += 1;
            return;
        }
        *self
            .tally
            .failed
            .entry(failure.state().to_owned())
            .or_default() += 1;
        if seed == 0 {
            self.tally.wrong.push(format!("{context}: {failure}"));
        }
        if failure.message().is_empty() {
            self.tally
                .wrong
                .push(format!("{context}: an error without words"));
        }
    }

    /// Ends the statement in one of the ways in which applications do.
    fn leave(&mut self, mut statement: Statement<'_>, context: &str) {
        let start = Instant::now();
        match self.chance.below(4) {
            0 => drop(statement.close_cursor()),
            1 => drop(statement.close()),
            // The handle is the manager's to free, when the connection ends.
            2 => return std::mem::forget(statement),
            _ => {}
        }
        drop(statement);
        let time = start.elapsed();
        if time > LONGEST_CLOSE {
            self.tally
                .wrong
                .push(format!("{context}: closing took {time:?}"));
        }
    }
}

/// Generous: the machine is busy.
const LONGEST_CLOSE: Duration = Duration::from_secs(5);
