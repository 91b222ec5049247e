//! The server's version, looked up once. A look-up that fails is not repeated for each statement
//! that would like to know.

use std::time::Duration;

use tokio::time::{Instant, timeout};

use super::{Error, Session};
use crate::http;
use crate::protocol::{self, Coordinator};
use crate::runtime::{self, Wait};

/// The server's version, as far as a session knows it. Locked by the call that looks it up, so that
/// others wait for the answer.
#[derive(Debug, Default)]
pub(super) struct Version(tokio::sync::Mutex<Known>);

#[derive(Debug, Default)]
enum Known {
    #[default]
    Nothing,
    Version(String),
    /// It could not be looked up, and is not looked up again before then, if ever.
    Unavailable(protocol::Error, Option<Instant>),
}

impl Session {
    /// The server's version, such as `476`.
    pub fn server_version(&self, wait: &Wait) -> Result<String, Error> {
        let version = &self.version;
        self.call(wait, None, version.get(&self.shared.coordinator))
    }
}

impl Session {
    /// The number of the server's release, which its version begins with; `None` where it has none
    /// or cannot be looked up.
    pub fn server_release(&self, wait: &Wait) -> Option<u32> {
        number(&self.server_version(wait).ok()?)
    }
}

/// The number that a version begins with, such as 476 in `476-e.3`.
pub(super) fn number(version: &str) -> Option<u32> {
    let digits = version.find(|c: char| !c.is_ascii_digit());
    let digits = version.get(..digits.unwrap_or(version.len()))?;
    digits.parse().ok()
}

impl Version {
    /// The version, looked up when that was not done before.
    pub(super) async fn get(&self, coordinator: &Coordinator) -> Result<String, protocol::Error> {
        let mut known = self.0.lock().await;
        match &*known {
            Known::Version(version) => return Ok(version.clone()),
            Known::Unavailable(error, until)
                if until.is_none_or(|until| Instant::now() < until) =>
            {
                return Err(error.clone());
            }
            Known::Nothing | Known::Unavailable(..) => {}
        }
        let looked_up = timeout(limit(), coordinator.info())
            .await
            .unwrap_or_else(|_| Err(http::Error::silent(coordinator.endpoint()).into()));
        match looked_up {
            Ok(info) => {
                let version = info.version().to_owned();
                *known = Known::Version(version.clone());
                Ok(version)
            }
            Err(error) => {
                tracing::debug!(%error, "the server's version is unknown");
                let until = passes(&error).then(|| Instant::now() + PAUSE);
                *known = Known::Unavailable(error.clone(), until);
                Err(error)
            }
        }
    }
}

/// Whether `version` is an earlier one than `other`. One without a number is none.
pub(super) fn is_before(other: u32, version: &str) -> bool {
    number(version).is_some_and(|own| own < other)
}

/// Whether `version` is `other` or a later one. One without a number is none.
pub(super) fn is_since(other: u32, version: &str) -> bool {
    number(version).is_some_and(|own| own >= other)
}

/// The time for a look-up: the statement that it is for needs most of what the application gives
/// it.
fn limit() -> Duration {
    let left =
        runtime::deadline().map(|end| end.saturating_duration_since(std::time::Instant::now()));
    left.map_or(LIMIT, |left| LIMIT.min(left / 4))
}

/// Whether another look-up may end otherwise.
fn passes(error: &protocol::Error) -> bool {
    match error {
        protocol::Error::Http(_) => true,
        protocol::Error::Status { status, .. } => matches!(status, 408 | 429 | 500..),
        _ => false,
    }
}

/// How long a look at the version may take.
const LIMIT: Duration = Duration::from_secs(3);

/// How long a version stays unknown that could not be looked up.
const PAUSE: Duration = Duration::from_secs(60);

#[cfg(test)]
mod tests {
    use super::{is_before, is_since};

    #[test]
    fn versions_are_compared_by_their_number() {
        for old in ["351", "417", "413-e.5"] {
            assert!(is_before(418, old) && !is_since(418, old), "{old}");
        }
        for new in ["418", "476", "476-e.3"] {
            assert!(is_since(418, new) && !is_before(418, new), "{new}");
        }
        for unknown in ["dev", "", "testversion"] {
            assert!(
                !is_since(418, unknown) && !is_before(418, unknown),
                "{unknown}"
            );
        }
    }
}
