//! Opening a connection: SQLConnect and SQLDriverConnect at once, SQLBrowseConnect step by step.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use tracing::{Span, error_span};
use trino_client::runtime::Wait;

use super::{Connection, NO_TRANSACTIONS, in_use};
use crate::config::{
    self, Authentication, ConnectionString, Refusal, Settings, Show, SignInCallback, Warning,
};
use crate::diagnostics::{Error, SqlState};
use crate::handle::Token;
use crate::log;
use crate::platform::InstalledDataSources;

/// One attempt to open a connection.
#[derive(Clone)]
pub struct Attempt {
    /// The connection's handle, for the log.
    pub connection: Token,
    /// The application's function that shows where to sign in.
    pub sign_in: Option<SignInCallback>,
    pub cancel: CancellationToken,
}

/// A step of SQLBrowseConnect.
pub enum Browse {
    /// Attributes are missing: the string that requests them.
    Needs(String),
    /// The connection is open: its connection string.
    Open(String),
}

impl Connection {
    /// Opens the connection; `source` names its data source, if it has one.
    pub fn open(
        &mut self,
        source: &str,
        (mut settings, warnings): (Settings, Vec<Warning>),
        attempt: Attempt,
    ) -> Result<(), Error> {
        let notice = match log::start(&settings.log) {
            Ok(overridden) => overridden.map(|overridden| overridden.to_string()),
            Err(error) => Some(error.to_string()),
        };
        if let Some(notice) = notice {
            self.diagnostics.warn(SqlState::GENERAL_WARNING, notice);
        }
        // The call began before the log did.
        let _connecting = Span::current().is_none().then(|| {
            error_span!("connecting", connection = ?attempt.connection.as_ptr()).entered()
        });
        if let Authentication::OAuth2(oauth2) = &mut settings.client.authentication
            && let Some(callback) = attempt.sign_in
        {
            oauth2.show = Show {
                callback: Some(callback),
                ..Show::default()
            };
        }
        self.start_session(settings, attempt.cancel)
            .map_err(|error| error.followed_by(&config::unknown_keywords(&warnings)))?;
        self.data_source = source.into();
        self.diagnostics.server = Arc::clone(&self.data_source);
        for warning in warnings {
            self.diagnostics.push(warning.into());
        }
        Ok(())
    }

    /// Adds `given` to what earlier steps brought, and opens the connection once that is enough.
    pub fn browse(&mut self, given: ConnectionString, attempt: Attempt) -> Result<Browse, Error> {
        let mut known = self.browsing.take().unwrap_or_default();
        known.extend(given);
        match config::parse(&known, &InstalledDataSources) {
            Err(Refusal {
                error: config::Error::Missing { keyword, .. },
                ..
            }) => {
                let request = config::browse_request(&known, keyword);
                self.browsing = Some(known);
                Ok(Browse::Needs(request))
            }
            Err(refusal) => Err(refusal.into()),
            Ok(settings) => {
                self.open(known.data_source().unwrap_or_default(), settings, attempt)?;
                Ok(Browse::Open(known.completed()))
            }
        }
    }

    fn start_session(
        &mut self,
        settings: Settings,
        cancel: CancellationToken,
    ) -> Result<(), Error> {
        self.check_closed()?;
        if !self.pool.is_ours() {
            return Err(Error::forked());
        }
        let limit = match self.login_timeout {
            None => settings.client.patience(),
            Some(0) => None,
            Some(seconds) => Some(Duration::from_secs(seconds.min(LONGEST_LOGIN) as u64)),
        };
        let wait = Wait {
            deadline: limit.map(|limit| Instant::now() + limit),
            cancel,
        };
        let group = self.routing_group.as_deref();
        let session = self.pool.open(group, settings.client, &wait)?;
        session.limit_silence(self.connection_timeout);
        if let Some(catalog) = &self.catalog {
            session.set_catalog(catalog);
        }
        self.session = Some(session);
        self.presentation = settings.presentation;
        if self.transactions.manual && !self.offers_transactions() {
            self.transactions.manual = false;
            self.diagnostics
                .warn(SqlState::OPTION_VALUE_CHANGED, NO_TRANSACTIONS);
        }
        self.apply_transactions();
        Ok(())
    }

    /// Refuses to connect what is connected, or half connected by SQLBrowseConnect.
    pub fn check_closed(&self) -> Result<(), Error> {
        if self.is_browsing() {
            return Err(in_use());
        }
        self.check_not_connected()
    }

    /// Refuses to connect what is connected: 08002.
    pub fn check_not_connected(&self) -> Result<(), Error> {
        if self.is_connected() {
            return Err(in_use());
        }
        Ok(())
    }

    /// Whether SQLBrowseConnect needs more.
    pub fn is_browsing(&self) -> bool {
        self.browsing.is_some()
    }

    /// Refuses what cannot be done between two steps of SQLBrowseConnect.
    pub(super) fn check_not_browsing(&self) -> Result<(), Error> {
        if self.is_browsing() {
            return Err(Error::new(
                SqlState::FUNCTION_SEQUENCE,
                "SQLBrowseConnect has not finished.",
            ));
        }
        Ok(())
    }
}

/// A day.
const LONGEST_LOGIN: usize = 86_400;
