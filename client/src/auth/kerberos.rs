//! Kerberos: an SPNEGO token for each request, made by the system's library.
//!
//! Every request has its own token, because a server may refuse one that it has seen. The library caches tickets: one
//! for the coordinator is obtained once, and again when it expires.
//! <https://datatracker.ietf.org/doc/html/rfc4559>

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use reqwest::header::HeaderValue;

use super::Error;
use crate::options::{self, Options};
use crate::os::{self, Means, Negotiation};

/// Tokens for one coordinator.
#[derive(Debug)]
pub struct Kerberos {
    negotiation: Arc<Negotiation>,
}

impl Kerberos {
    pub(super) fn new(options: &Options, settings: &options::Kerberos) -> Self {
        Self {
            negotiation: Arc::new(Negotiation {
                target: target(&options.host, settings),
                principal: settings.principal.clone(),
                means: means(settings),
                delegate: settings.delegate,
            }),
        }
    }

    pub(super) async fn authorization(&self) -> Result<HeaderValue, Error> {
        let negotiation = Arc::clone(&self.negotiation);
        // The library contacts a KDC, which may be slow.
        let token = tokio::task::spawn_blocking(move || os::negotiate(&negotiation)).await;
        let failed = |cause: String| Error::Kerberos {
            service: self.negotiation.target.clone(),
            cause: cause.trim_end_matches('.').to_owned(),
        };
        let token = token
            .map_err(|_| failed("getting a token was interrupted".to_owned()))?
            .map_err(|error| failed(error.to_string()))?;
        let value = HeaderValue::try_from(format!("Negotiate {}", STANDARD.encode(token)));
        let mut value = value.map_err(|_| Error::InvalidToken)?;
        value.set_sensitive(true);
        Ok(value)
    }
}

/// The name of the coordinator's service. A complete principal is used literally; a name without a
/// slash is completed by the library, which may look up the host's canonical name.
fn target(host: &str, settings: &options::Kerberos) -> String {
    // Principals have no final dot.
    let host = host.trim_end_matches('.').to_ascii_lowercase();
    let target = settings
        .pattern
        .replace("${SERVICE}", &settings.service)
        .replace("${HOST}", &host);
    if settings.canonical {
        target
    } else {
        // A principal is not looked up.
        target.replacen('@', "/", usize::from(!target.contains('/')))
    }
}

fn means(settings: &options::Kerberos) -> Means {
    /// Caches of this process.
    static CACHES: AtomicU64 = AtomicU64::new(0);
    match (&settings.password, &settings.keytab, &settings.cache) {
        (Some(password), _, _) => Means::Password(password.clone()),
        (None, Some(file), cache) => Means::Keytab {
            file: file.clone(),
            cache: cache.clone().unwrap_or_else(|| {
                let number = CACHES.fetch_add(1, Ordering::Relaxed);
                format!("MEMORY:trino-odbc-{number}")
            }),
        },
        (None, None, Some(cache)) => Means::Cache(cache.clone()),
        (None, None, None) => Means::System,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(pattern: &str, canonical: bool) -> options::Kerberos {
        options::Kerberos {
            service: "HTTP".to_owned(),
            pattern: pattern.to_owned(),
            canonical,
            ..options::Kerberos::default()
        }
    }

    #[test]
    fn the_service_is_named_by_its_pattern() {
        let of = |pattern, canonical| target("Trino.Example.ORG.", &settings(pattern, canonical));
        assert_eq!(of("${SERVICE}@${HOST}", true), "HTTP@trino.example.org");
        assert_eq!(of("${SERVICE}@${HOST}", false), "HTTP/trino.example.org");
        assert_eq!(
            of("${SERVICE}/${HOST}@A.B", true),
            "HTTP/trino.example.org@A.B"
        );
        assert_eq!(
            of("${SERVICE}/${HOST}@A.B", false),
            "HTTP/trino.example.org@A.B"
        );
        assert_eq!(of("trino@gateway", true), "trino@gateway");
    }

    #[test]
    fn each_keytab_has_a_cache_of_its_own() {
        let mut settings = settings("", true);
        settings.keytab = Some("/a.keytab".into());
        let cache = |settings: &options::Kerberos| match means(settings) {
            Means::Keytab { cache, .. } => cache,
            other => panic!("{other:?}"),
        };
        assert_ne!(cache(&settings), cache(&settings));
        settings.cache = Some("FILE:/b".to_owned());
        assert_eq!(cache(&settings), "FILE:/b");
    }
}
