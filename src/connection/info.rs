//! SQLGetInfo.

use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use trino_client::runtime::Wait;

use super::Connection;
use crate::diagnostics::{Error, SqlState};
use crate::info::{self, Facts, Value};

impl Connection {
    /// SQLGetInfo.
    ///
    /// <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlgetinfo-function>
    pub fn info(&self, info_type: u16, cancel: &CancellationToken) -> Result<Value, Error> {
        if self.is_browsing() || !info::is_known_before_connecting(info_type) {
            self.session()?;
        }
        let session = self.session().ok();
        let wait = || Wait {
            deadline: Some(Instant::now() + LIMIT),
            cancel: cancel.clone(),
        };
        let facts = Facts {
            data_source: self.data_source(),
            server: session
                .map(|session| session.endpoint())
                .unwrap_or_default(),
            user: session
                .and_then(|session| session.user())
                .unwrap_or_default(),
            catalog: self.catalog(),
            read_only: self.is_read_only(),
            transactions: self.offers_transactions(),
            version: &|| session?.server_version(&wait()).ok(),
            release: &|| session?.server_release(&wait()),
        };
        info::lookup(info_type, &facts).ok_or_else(|| {
            Error::new(
                SqlState::INVALID_INFORMATION_TYPE,
                format!("Unknown information type {info_type}."),
            )
        })
    }
}

/// SQLGetInfo may query the server for its version; it does not wait longer than this.
const LIMIT: Duration = Duration::from_secs(10);
