//! SQL_HANDLE_STMT: one statement, its cursor, its descriptors.

mod attributes;
mod bulk;
mod bulk_insert;
mod catalog;
mod column_sizes;
mod cursor_name;
mod data_at_execution;
mod describe;
mod dynamic_function;
mod execute;
mod fetch;
mod fitting;
mod get_data;
mod markers;
mod options;
mod parameter;
mod parameter_execution;
mod parameter_sets;
mod position;
mod prepared;
mod state;
mod tally;

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;

use trino_client::columns::Type;
use trino_client::runtime::{SharedLease, Wait};
use trino_client::session::{self, Session};

use crate::abi::WideUnit;
use crate::bind::Target;
use crate::catalog::Limits;
use crate::config::Presentation;
use crate::convert::{Format, SessionZone};
use crate::descriptor::{self, DESCRIPTORS, Origin, Role};
use crate::diagnostics::{Diagnostics, Error, SqlState};
use crate::handle::{Children, Kind, Notification, Table, Token};

use markers::Markers;

pub use attributes::Attributes;
pub use catalog::{CatalogFunction, Names};
pub use fetch::motion;
pub use parameter::ParameterBinding;
pub use prepared::Prepared;
pub use state::{Open, Position, State};

/// All statements.
pub static STATEMENTS: Table<Statement> = Table::new(Kind::Statement);

/// What a connection passes to the statements allocated on it.
#[derive(Debug)]
pub struct Context {
    pub session: Arc<Session>,
    pub lease: SharedLease,
    pub connection: Token,
    pub children: Arc<Children>,
    pub attributes: Attributes,
    /// Whether the application speaks ODBC 2.
    pub odbc2: bool,
    /// The width of the application's wide characters.
    pub wide: WideUnit,
    /// SQL_DATA_SOURCE_NAME.
    pub data_source: Arc<str>,
    pub presentation: Presentation,
}

/// A statement.
#[derive(Debug)]
pub struct Statement {
    pub diagnostics: Diagnostics,
    pub attributes: Attributes,
    /// The Driver Manager's callback for completed asynchronous functions.
    pub notification: Notification,
    session: Arc<Session>,
    presentation: Presentation,
    lease: SharedLease,
    connection: Token,
    children: Arc<Children>,
    state: State,
    /// The ARD and APD in use: implicit, or explicitly allocated by the application.
    ard: descriptor::Described,
    apd: descriptor::Described,
    /// The four descriptors that were allocated with the statement.
    own: Own,
    get_data: get_data::GetData,
    targets: Targets,
    format: Format,
    /// Whether the application speaks ODBC 2.
    odbc2: bool,
    /// The cursor name, once set or generated.
    cursor_name: Option<String>,
    /// The last query, also after its cursor was closed.
    query: Option<session::Status>,
    /// The text and the marker types of the statement executed last, if learned.
    learned: Option<(Arc<str>, Markers)>,
    /// The text and the target column types of the last bulk insert.
    stored: Option<(Arc<str>, Arc<[Type]>)>,
    issues: crate::bind::Issues,
}

/// The outcome of a call that did not fail.
///
/// Word-sized on purpose: a narrow write that a wider read follows would stall the processor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(usize)]
pub enum Outcome {
    /// SQL_SUCCESS, or SQL_SUCCESS_WITH_INFO when the call left warnings.
    Done,
    /// SQL_NO_DATA.
    NoData,
    /// SQL_NEED_DATA.
    NeedData,
}

#[derive(Debug)]
struct Own {
    ard: descriptor::Described,
    apd: descriptor::Described,
    ird: descriptor::Described,
    ipd: descriptor::Described,
}

/// The bound columns, prepared for fetching. Valid while neither the ARD nor the result changes.
#[derive(Debug, Default)]
struct Targets {
    made_for: Option<(Token, u64)>,
    targets: Vec<Target>,
}

impl Statement {
    /// A statement with its four implicit descriptors.
    pub fn new(context: Context) -> Result<Self, Error> {
        let allocate = |role| {
            let origin = Origin::Statement(None);
            descriptor::Described::allocate(role, origin, context.wide, &context.data_source)
                .ok_or_else(Error::too_many_handles)
        };
        let own = Own {
            ard: allocate(Role::Application)?,
            apd: allocate(Role::Application)?,
            ird: allocate(Role::ImplementationRow)?,
            ipd: allocate(Role::ImplementationParameter)?,
        };
        Ok(Self {
            diagnostics: Diagnostics::about(&context.data_source),
            attributes: context.attributes,
            notification: Notification::default(),
            format: Format {
                zone: SessionZone::unknown(),
                wide: context.wide,
                as_text: context.presentation.as_text,
            },
            odbc2: context.odbc2,
            cursor_name: None,
            query: None,
            learned: None,
            stored: None,
            session: context.session,
            presentation: context.presentation,
            lease: context.lease,
            connection: context.connection,
            children: context.children,
            state: State::Allocated,
            ard: own.ard.clone(),
            apd: own.apd.clone(),
            own,
            get_data: get_data::GetData::default(),
            targets: Targets::default(),
            issues: crate::bind::Issues::default(),
        })
    }

    /// The id of its last query, if any.
    pub fn query_id(&self) -> Option<String> {
        self.query.as_ref().map(session::Status::query_id)
    }

    /// The same while the result is open.
    pub fn open_query_id(&self) -> Option<String> {
        match self.state {
            State::Open { .. } => self.query_id(),
            _ => None,
        }
    }

    /// The connection on which it was allocated.
    pub fn connection(&self) -> Token {
        self.connection
    }

    /// The width of the application's wide characters.
    pub fn wide(&self) -> WideUnit {
        self.format.wide
    }

    /// Sets the width of wide characters, for its descriptors too.
    pub fn set_wide(&mut self, wide: WideUnit) {
        self.format.wide = wide;
        for descriptor in self.own_descriptors() {
            if let Some(mut descriptor) = DESCRIPTORS.lock(descriptor) {
                descriptor.wide = wide;
            }
        }
    }

    /// Adopts the session's time zone, which another statement may have changed. A result keeps the
    /// zone that it was computed in.
    fn follow_zone(&mut self) {
        let zone = self.session.time_zone();
        if self.format.zone.name() != zone.as_deref() {
            self.format.zone =
                zone.map_or_else(SessionZone::unknown, |zone| SessionZone::named(&zone));
        }
    }

    /// The connection's list of open cursors and cursor names.
    pub fn children(&self) -> &Arc<Children> {
        &self.children
    }

    /// Its share of the runtime.
    pub fn lease(&self) -> &SharedLease {
        &self.lease
    }

    /// Its ARD, APD, IRD and IPD.
    pub fn descriptors(&self) -> [&descriptor::Described; 4] {
        [&self.ard, &self.apd, &self.own.ird, &self.own.ipd]
    }

    /// Replaces the ARD by an explicit descriptor; `None` restores the implicit one.
    pub fn set_ard(&mut self, descriptor: Option<descriptor::Described>) {
        self.ard = descriptor.unwrap_or_else(|| self.own.ard.clone());
        self.targets.made_for = None;
    }

    /// Replaces the APD by an explicit descriptor; `None` restores the implicit one.
    pub fn set_apd(&mut self, descriptor: Option<descriptor::Described>) {
        self.apd = descriptor.unwrap_or_else(|| self.own.apd.clone());
    }

    /// The tokens of the descriptors that were allocated with the statement.
    pub fn own_descriptors(&self) -> [Token; 4] {
        [
            self.own.ard.token,
            self.own.apd.token,
            self.own.ird.token,
            self.own.ipd.token,
        ]
    }

    /// Its state.
    pub fn state(&self) -> &State {
        &self.state
    }

    /// Makes it unusable after a panic interrupted a call.
    pub fn poison(&mut self) {
        self.state = State::Poisoned;
    }

    /// Whether an execution would send a request.
    pub fn execution_waits(&self) -> bool {
        self.state.check_no_cursor().is_ok()
    }

    /// SQLCloseCursor: 24000 when no cursor is open.
    pub fn close_cursor(&mut self) -> Result<Outcome, Error> {
        if !matches!(self.state, State::Open { .. }) {
            return Err(Error::new(
                SqlState::INVALID_CURSOR_STATE,
                "No cursor is open.",
            ));
        }
        self.close();
        Ok(Outcome::Done)
    }

    /// SQLFreeStmt(SQL_CLOSE): closes the cursor, if any.
    pub fn close(&mut self) {
        self.state.close();
        self.get_data.reset();
        self.targets.made_for = None;
    }

    /// Closes the cursor because its transaction ended. The row count of a statement without a
    /// cursor stays.
    pub fn end_cursor(&mut self) {
        if matches!(self.state, State::Open { .. }) {
            self.close();
        }
    }

    /// SQLFreeStmt(SQL_UNBIND).
    pub fn unbind(&mut self) {
        self.ard.descriptor.lock().set_count(0);
    }

    /// SQLFreeStmt(SQL_RESET_PARAMS).
    pub fn reset_parameters(&mut self) {
        self.apd.descriptor.lock().set_count(0);
        self.own.ipd.descriptor.lock().set_count(0);
    }

    /// The limits for describing columns of results.
    fn limits(&self) -> Limits {
        let lengths = self.presentation.lengths;
        Limits {
            text: lengths.text,
            complex: lengths.complex,
            as_text: self.format.as_text,
            ..Limits::default()
        }
    }

    /// How long the calls of this statement wait: until the query timeout or SQLCancel.
    fn wait(&self, cancel: CancellationToken) -> Wait {
        wait(self.attributes.query_timeout(), cancel)
    }

    /// Refuses calls in a process that inherited the connection through a fork.
    #[inline]
    fn check_process(&self) -> Result<(), Error> {
        if self.lease.is_ours() {
            return Ok(());
        }
        Err(Error::forked())
    }
}

impl Drop for Statement {
    fn drop(&mut self) {
        if !self.lease.is_ours() {
            // Cancelling the query would write to a socket that the parent still uses.
            std::mem::forget(std::mem::replace(&mut self.state, State::Allocated));
        }
        if let Some(name) = &self.cursor_name {
            self.children.release_cursor_name(name);
        }
        for descriptor in [&self.own.ard, &self.own.apd, &self.own.ird, &self.own.ipd] {
            descriptor.free();
        }
    }
}

/// A wait of that many seconds, 0 for no limit.
fn wait(timeout: usize, cancel: CancellationToken) -> Wait {
    let deadline =
        (timeout > 0).then(|| Instant::now() + Duration::from_secs(timeout.min(1 << 31) as u64));
    Wait { deadline, cancel }
}
