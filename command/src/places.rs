//! Where the Driver Manager keeps drivers and data sources on this system.

#[cfg(not(windows))]
mod files;
#[cfg(windows)]
mod keys;
#[cfg(any(windows, test))]
mod width;

#[cfg(not(windows))]
pub use files::{Place, places};
#[cfg(windows)]
pub use keys::{Place, places};

use crate::Stop;

/// The users that a registration is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    User,
    System,
}

/// What is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Drivers,
    DataSources,
}

/// The value of an entry, whose name may be written in any case.
pub fn entry(entries: &[(String, String)], name: &str) -> Option<String> {
    let found = entries
        .iter()
        .find(|(key, _)| key.eq_ignore_ascii_case(name));
    found.map(|(_, value)| value.clone())
}

/// The places of one scope, or of both, the user's first.
pub fn of_scopes(kind: Kind, scope: Option<Scope>) -> Result<Vec<Place>, Stop> {
    let scopes = match scope {
        Some(scope) => vec![scope],
        None => vec![Scope::User, Scope::System],
    };
    let mut found = Vec::new();
    for scope in scopes {
        found.extend(places(kind, scope)?);
    }
    Ok(found)
}
