//! SQLBindCol, SQLFetch, SQLFetchScroll, SQLExtendedFetch: rowsets into bound buffers.

use std::ops::Range;

use trino_client::columns::{AsText, Type};
use trino_client::session;

use super::{Outcome, Position, State, Statement};
use crate::abi::{self, CType};
use crate::bind::{self, Address, Layout, RowState, Target};
use crate::convert::{self, Form, Issue};
use crate::cursor::{Motion, Moved};
use crate::descriptor::{self, Descriptor};
use crate::diagnostics::{Error, Record, SqlState};
use crate::handle::Waiting;

/// The motion for a fetch orientation and offset.
pub fn motion(orientation: i16, offset: isize) -> Result<Motion, Error> {
    let offset = offset as i64;
    Ok(match orientation {
        abi::SQL_FETCH_NEXT => Motion::Next,
        abi::SQL_FETCH_FIRST => Motion::First,
        abi::SQL_FETCH_LAST => Motion::Last,
        abi::SQL_FETCH_PRIOR => Motion::Prior,
        abi::SQL_FETCH_ABSOLUTE => Motion::Absolute(offset),
        abi::SQL_FETCH_RELATIVE => Motion::Relative(offset),
        abi::SQL_FETCH_BOOKMARK => {
            return Err(Error::new(
                SqlState::FETCH_TYPE_OUT_OF_RANGE,
                "SQL_FETCH_BOOKMARK is not supported.",
            ));
        }
        _ => {
            return Err(Error::new(
                SqlState::FETCH_TYPE_OUT_OF_RANGE,
                format!("Unknown fetch orientation {orientation}."),
            ));
        }
    })
}

/// Where a fetch reports its row counts and states. Addresses of the application, or 0.
struct FetchReport {
    position: Position,
    rows_fetched: Address,
    status: Address,
    /// The rowset size, if it is not the ARD's.
    size: Option<usize>,
}

impl Statement {
    /// SQLBindCol. `data` of 0 with `length` of 0 unbinds the column.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlbindcol-function>
    pub fn bind_column(
        &mut self,
        column: u16,
        c_type: i16,
        data: Address,
        capacity: isize,
        length: Address,
    ) -> Result<Outcome, Error> {
        if column == 0 {
            return Err(Error::bookmark());
        }
        if capacity < 0 {
            return Err(Error::negative_length());
        }
        if c_type != abi::SQL_C_DEFAULT && CType::from_raw(c_type).is_none() {
            return Err(Error::unknown_c_type(c_type));
        }
        let mut ard = self.ard.descriptor.lock();
        if data.is_null() && length.is_null() {
            if ard.record(usize::from(column)).is_some() {
                *ard.record_mut(usize::from(column))? = Default::default();
            }
            ard.trim();
            return Ok(Outcome::Done);
        }
        let record = ard.record_mut(usize::from(column))?;
        record.set_type(c_type);
        record.octet_length = capacity;
        record.data = data;
        record.octet_length_ptr = length;
        record.indicator = length;
        Ok(Outcome::Done)
    }

    /// Whether a fetch might have to wait for rows.
    pub fn fetch_waits(&self) -> bool {
        let State::Open { open, .. } = &self.state else {
            return false;
        };
        // Another statement that waits may be using an explicit ARD.
        let Some(ard) = self.ard.descriptor.try_lock() else {
            return true;
        };
        !open
            .cursor
            .is_ready(ard.array_size.max(self.attributes.rowset_size()))
    }

    /// SQLFetch.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlfetch-function>
    pub fn fetch(&mut self, waiting: &Waiting<'_>) -> Result<Outcome, Error> {
        let report = self.report();
        self.fetch_rowset(Motion::Next, &report, waiting)
    }

    /// SQLFetchScroll.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlfetchscroll-function>
    pub fn fetch_scroll(
        &mut self,
        motion: Motion,
        waiting: &Waiting<'_>,
    ) -> Result<Outcome, Error> {
        let report = self.report();
        self.scroll(motion, &report, waiting)
    }

    /// SQLExtendedFetch: the rowset of ODBC 2, with a size and addresses separate from the ARD's.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlextendedfetch-function>
    pub fn extended_fetch(
        &mut self,
        motion: Motion,
        rows_fetched: Address,
        status: Address,
        waiting: &Waiting<'_>,
    ) -> Result<Outcome, Error> {
        let size = self.attributes.rowset_size();
        let report = FetchReport {
            position: Position::ExtendedFetched,
            rows_fetched,
            status,
            size: Some(size),
        };
        let outcome = self.scroll(motion, &report, waiting);
        if let State::Open { open, .. } = &mut self.state
            && open.position == Position::ExtendedFetched
        {
            open.extended_status = status;
        }
        outcome
    }

    fn report(&self) -> FetchReport {
        let ird = self.own.ird.descriptor.lock();
        FetchReport {
            position: Position::Fetched,
            rows_fetched: ird.rows_processed,
            status: ird.array_status,
            size: None,
        }
    }

    fn scroll(
        &mut self,
        motion: Motion,
        report: &FetchReport,
        waiting: &Waiting<'_>,
    ) -> Result<Outcome, Error> {
        self.fetch_rowset(motion, report, waiting)
    }

    // Inlined: SQLFetch is compiled for `Motion::Next` alone.
    #[inline(always)]
    fn fetch_rowset(
        &mut self,
        motion: Motion,
        report: &FetchReport,
        waiting: &Waiting<'_>,
    ) -> Result<Outcome, Error> {
        self.check_process()?;
        let timeout = self.attributes.query_timeout();
        self.get_data.reset();
        let ard_token = self.ard.token;
        let open = self.state.open_to(report.position)?;
        open.row = 0;
        let ard = self.ard.descriptor.lock();
        let size = report.size.unwrap_or(ard.array_size);
        let targets = &mut self.targets;
        if targets.made_for != Some((ard_token, ard.version())) {
            make_targets(&ard, open, self.format.as_text, &mut targets.targets)?;
            targets.made_for = Some((ard_token, ard.version()));
        }
        let mut waited = false;
        let wait = || {
            waited = true;
            super::wait(timeout, waiting.token())
        };
        let Moved { rows, cut_at_start } = match motion {
            Motion::Next => Moved {
                rows: open.cursor.advance(size, wait)?,
                cut_at_start: false,
            },
            motion => open.cursor.scroll(motion, size, wait)?,
        };
        open.position = report.position;
        if waited && let Some(notice) = self.query.as_ref().and_then(session::Status::take_notice) {
            self.diagnostics.warn(SqlState::GENERAL_WARNING, notice);
        }
        if cut_at_start {
            self.diagnostics.warn(
                SqlState::FETCH_BEFORE_START,
                "The rowset would begin before the first row; the first rowset was fetched instead.",
            );
        }
        report.rows_fetched.write_usize(rows);
        if rows == 0 {
            report.status.fill_status(0..size, abi::SQL_ROW_NOROW);
            return Ok(Outcome::NoData);
        }
        report.status.fill_status(0..rows, abi::SQL_ROW_SUCCESS);
        report.status.fill_status(rows..size, abi::SQL_ROW_NOROW);
        if targets.targets.is_empty() || !self.attributes.retrieves_data() {
            return Ok(Outcome::Done);
        }

        let layout = layout(&ard);
        let issues = &mut self.issues;
        issues.clear();
        let mut first = 0;
        for run in open.cursor.rowset().runs() {
            bind::fill(
                &run.chunk,
                run.rows.clone(),
                first,
                &targets.targets,
                &layout,
                &self.format,
                issues,
            );
            first += run.rows.len();
        }
        drop(ard);
        if self.issues.is_empty() {
            return Ok(Outcome::Done);
        }
        self.report_issues(0..rows, rows, report.status)
    }

    /// SQLSetPos(SQL_REFRESH): writes `rows` of the rowset to the bound columns again, in `bulk`
    /// without those that the row operation array excludes.
    pub(super) fn refill(&mut self, rows: Range<usize>, bulk: bool) -> Result<Outcome, Error> {
        let ard = self.ard.descriptor.clone();
        let ard = ard.lock();
        let open = self.state.open_mut()?;
        // The array that the fetch filled.
        let status = match open.position {
            Position::ExtendedFetched => open.extended_status,
            _ => self.own.ird.descriptor.lock().array_status,
        };
        let targets = &mut self.targets;
        make_targets(&ard, open, self.format.as_text, &mut targets.targets)?;
        targets.made_for = Some((self.ard.token, ard.version()));
        self.issues.clear();
        let layout = layout(&ard);
        let mut given = 0;
        for row in rows.clone() {
            if bulk && ard.array_status.read_u16(row) == abi::SQL_ROW_IGNORE {
                continue;
            }
            given += 1;
            let found = open.cursor.rowset().locate(row);
            let (chunk, at) = found.expect("the rowset has the row");
            bind::fill(
                chunk,
                at..at + 1,
                row,
                &targets.targets,
                &layout,
                &self.format,
                &mut self.issues,
            );
            status.fill_status(row..row + 1, abi::SQL_ROW_SUCCESS);
        }
        drop(ard);
        if self.issues.is_empty() {
            return Ok(Outcome::Done);
        }
        self.report_issues(rows, given, status)
    }

    /// Reports the warnings and errors of `rows`, of which `given` were written. The call fails
    /// only if all of them failed. SQLExtendedFetch never fails because of its rows, but reports
    /// which did.
    fn report_issues(
        &mut self,
        rows: Range<usize>,
        given: usize,
        status: Address,
    ) -> Result<Outcome, Error> {
        let open = self.state.open_mut()?;
        let extended = open.position == Position::ExtendedFetched;
        let issues = &self.issues;
        let mut records = Vec::new();
        for cell in issues.cells() {
            let (row, column) = (cell.row + 1, cell.column + 1);
            let mut record = Record::of_value(cell.issue, Some(row), column);
            if cell.issue == Issue::Error(convert::Error::RestrictedType) {
                let info = &open.columns[cell.column];
                let ard = self.ard.descriptor.lock();
                let bound = ard.record(column).map_or(0, |bound| bound.concise_type);
                let why = no_conversion(column, &info.kind, bound);
                record.message = format!("Row {row}: {why}");
            }
            records.push(record);
        }
        for row in rows {
            let state = match issues.state(row) {
                RowState::Success => continue,
                RowState::Warned => abi::SQL_ROW_SUCCESS_WITH_INFO,
                RowState::Failed => abi::SQL_ROW_ERROR,
            };
            status.fill_status(row..row + 1, state);
            // For a block, the standard requires a record for each failed row besides those of its
            // cells.
            if (extended || given > 1) && state == abi::SQL_ROW_ERROR {
                let message = format!("Row {} has errors.", row + 1);
                records.push(Record {
                    row: Some(row + 1),
                    ..Record::new(SqlState::ERROR_IN_ROW, message)
                });
            }
        }
        self.diagnostics.extend(records);
        if issues.omitted() > 0 {
            self.diagnostics.warn(
                SqlState::GENERAL_WARNING,
                format!(
                    "{} further values have warnings or errors.",
                    issues.omitted()
                ),
            );
        }
        let failed = !extended && issues.failed_rows() == given;
        match if failed {
            self.diagnostics.take_error()
        } else {
            None
        } {
            Some(record) => Err(record.into()),
            None => Ok(Outcome::Done),
        }
    }
}

/// The current layout of the rows in the application's memory.
fn layout(ard: &Descriptor) -> Layout {
    Layout {
        row_size: ard.bind_type,
        offset: ard.bind_offset.read_isize(),
    }
}

/// A C type for a column, with the precision and scale that the application has set in the column's
/// record.
///
/// The standard's defaults are ignored: they would drop the fraction of numbers (SQL_C_NUMERIC has
/// a scale of 0) and refuse intervals of 100 days (leading fields have two digits).
pub(super) fn form(
    kind: &Type,
    c_type: CType,
    as_text: AsText,
    record: Option<&descriptor::Record>,
) -> Form {
    let own = convert::own_form(kind, c_type, as_text);
    let Some(record) = record.filter(|record| is_of(record, c_type)) else {
        return own;
    };
    let precision = record.has_precision.then_some(record.precision);
    let scale = match c_type {
        CType::Numeric => record.has_scale.then_some(record.scale),
        CType::Interval(_) => {
            let leading = i16::try_from(record.interval_precision);
            record.sized.then(|| leading.unwrap_or(Form::UNSET))
        }
        _ => return own,
    };
    Form {
        c_type,
        precision: match (precision, scale) {
            (Some(precision), _) => precision,
            // The column's precision has no room for another scale.
            (None, Some(_)) => Form::UNSET,
            (None, None) => own.precision,
        },
        scale: scale.unwrap_or(own.scale),
    }
}

/// Whether a record's precision and scale apply to a C type.
fn is_of(record: &descriptor::Record, c_type: CType) -> bool {
    record.concise_type == abi::SQL_C_DEFAULT
        || CType::from_raw(record.concise_type) == Some(c_type)
}

/// The message for a column that does not convert to a C type.
pub(super) fn no_conversion(column: usize, kind: &Type, c_type: i16) -> String {
    format!("Column {column} of type {kind} cannot be converted to C type {c_type}.")
}

/// The bound columns with SQL_C_DEFAULT resolved. A column that does not convert to its C type is
/// no error here: NULLs fit any type, and other values fail by row.
fn make_targets(
    ard: &Descriptor,
    open: &super::Open,
    as_text: AsText,
    targets: &mut Vec<Target>,
) -> Result<(), Error> {
    targets.clear();
    for (column, record) in ard.records().iter().enumerate() {
        if !record.is_bound() {
            continue;
        }
        let info = open.columns.get(column).ok_or_else(|| {
            Error::new(
                SqlState::INVALID_DESCRIPTOR_INDEX,
                format!(
                    "Column {} is bound, but the result has {} columns.",
                    column + 1,
                    open.columns.len()
                ),
            )
        })?;
        let c_type = match CType::from_raw(record.concise_type) {
            Some(c_type) => c_type,
            None => convert::default_c_type(&info.kind, as_text),
        };
        let form = form(&info.kind, c_type, as_text, Some(record));
        targets.push(Target {
            column,
            c_type,
            precision: form.precision,
            scale: form.scale,
            data: record.data,
            capacity: record.octet_length,
            length: record.octet_length_ptr,
            indicator: record.indicator,
        });
    }
    Ok(())
}
