//! Values that are written as in other drivers, or that the driver can only approximate.

use super::super::keywords::{KEYWORDS, Kind};
use super::super::{Secret, Warning, values};
use super::{Id, KeywordValues, warn};

impl KeywordValues {
    /// Brings values into the form that is read further, and warns where the driver can only do
    /// something else.
    pub(in crate::config) fn fit(&mut self, warnings: &mut Vec<Warning>) {
        for keyword in KEYWORDS {
            let Some(text) = self.text(keyword.id) else {
                continue;
            };
            let fitted = match keyword.kind {
                Kind::Integer { min, max } => within(values::integer(text), min, max),
                Kind::Bytes { min, max } => within(values::bytes(text), min, max),
                Kind::Seconds { min, max } => within(values::seconds(text), min, max),
                Kind::Choice(_) => choice_in_other_words(keyword.id, text),
                _ => None,
            };
            let text = match fitted {
                // Another port is another server.
                None | Some(Fitted::Other(_)) if matches!(keyword.id, Id::Port | Id::ProxyPort) => {
                    continue;
                }
                None => continue,
                Some(Fitted::Same(text)) => text,
                Some(Fitted::Other(instead)) => {
                    let warning = Warning::Replaced {
                        keyword: self.name(keyword.id),
                        value: text.escape_debug().to_string(),
                        instead: instead.clone(),
                    };
                    warn(warnings, warning);
                    instead
                }
            };
            if let Some(value) = self.place(keyword.id) {
                value.text = Secret::new(text);
            }
        }
    }
}

/// The largest number of a level of the log.
const FINEST: u64 = 6;

/// A value in the form that is read further.
enum Fitted {
    /// Which means the same.
    Same(String),
    /// The nearest that there is.
    Other(String),
}

/// The value of a choice that other drivers write differently.
fn choice_in_other_words(id: Id, text: &str) -> Option<Fitted> {
    let same = |name: &str| Some(Fitted::Same(name.to_owned()));
    match id {
        Id::SslMinVersion | Id::StorageSslMinVersion => match values::tls_version(text)? {
            13 => same("1.3"),
            12 => same("1.2"),
            _ => Some(Fitted::Other("1.2".to_owned())),
        },
        Id::SslVerification | Id::StorageSslVerification => same(if values::boolean(text)? {
            "Full"
        } else {
            "None"
        }),
        // Starburst's cacheAccessToken is a boolean; SYSTEM is a value of Trino's JDBC driver.
        Id::OAuth2TokenCache if text.eq_ignore_ascii_case("system") => same("File"),
        Id::OAuth2TokenCache => same(if values::boolean(text)? {
            "Memory"
        } else {
            "None"
        }),
        Id::LogLevel => values::integer(text)
            .filter(|level| *level > FINEST)
            .map(|_| Fitted::Other("trace".to_owned())),
        _ => None,
    }
}

/// The number within its bounds. 0 is the default where nothing so small makes sense, as in other
/// drivers' manuals.
fn within(number: Option<u64>, min: u64, max: u64) -> Option<Fitted> {
    let number = number?;
    Some(match number {
        0 if min > 0 => Fitted::Same(String::new()),
        _ if number < min => Fitted::Other(min.to_string()),
        _ if number > max => Fitted::Other(max.to_string()),
        _ => Fitted::Same(number.to_string()),
    })
}
