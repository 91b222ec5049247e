//! How large the headers of a request are, and which options make them so.
//!
//! Servers, gateways and balancers take from 8 KB (nginx, Apache, IIS) to 64 KB of headers, and add
//! some of their own on the way. They refuse more by 431, 494, 413, by 400 with a page or without a
//! word, or by closing the connection; and one that hands a request on to another that closes it
//! says 502 or 504.

use reqwest::header::{HeaderMap, HeaderName};

use super::{SessionState, headers};

/// The bytes of a request's headers, by their origin.
#[derive(Debug, Default)]
pub(super) struct HeaderSize {
    total: usize,
    /// The largest first.
    parts: Vec<(&'static str, usize)>,
}

impl HeaderSize {
    /// The size of `headers`.
    pub(super) fn of(headers: &HeaderMap) -> Self {
        let mut size = Self::default();
        for (name, value) in headers {
            let bytes = line(name, value.len());
            size.total += bytes;
            let Some(source) = source(name, value.as_bytes()) else {
                continue;
            };
            match size.parts.iter_mut().find(|(known, _)| *known == source) {
                Some((_, sum)) => *sum += bytes,
                None => size.parts.push((source, bytes)),
            }
        }
        size.parts
            .sort_by_key(|(_, bytes)| std::cmp::Reverse(*bytes));
        size
    }

    /// Whether so much is refused in places.
    pub(super) fn is_large(&self) -> bool {
        self.total >= LARGE
    }

    /// Bytes of all headers.
    pub(super) fn total(&self) -> usize {
        self.total
    }

    /// Bytes of all headers and what has most of them.
    pub(super) fn summary(&self) -> String {
        let least = self.total / 10;
        let large = self.parts.iter().enumerate();
        let large = large.filter(|(index, (_, bytes))| *index == 0 || *bytes >= least);
        let parts: Vec<_> = large
            .map(|(_, (source, bytes))| format!("{source} {bytes}"))
            .collect();
        format!(
            "{} bytes, most of them for {}",
            self.total,
            parts.join(", ")
        )
    }
}

/// Bytes of `headers`.
pub(super) fn total(headers: &HeaderMap) -> usize {
    let lines = headers.iter();
    lines.map(|(name, value)| line(name, value.len())).sum()
}

/// Whether a gateway says in `words` that it refuses a request for its headers. What Trino says of
/// a header names it.
pub(super) fn is_said(words: &str) -> bool {
    let words = words.to_ascii_lowercase();
    let has = |any: &[&str]| any.iter().any(|word| words.contains(word));
    !words.contains("x-trino-")
        && (words.contains("request too long")
            || words.contains("header") && has(&["large", "long", "exceed", "too big"]))
}

/// Bytes of a header on its line.
fn line(name: &HeaderName, value: usize) -> usize {
    name.as_str().len() + ": \r\n".len() + value
}

/// Which option or statement a header comes from; `None` for those of the driver.
fn source(name: &HeaderName, value: &[u8]) -> Option<&'static str> {
    let own = SessionState::OWN_STATEMENT.as_bytes();
    Some(match name.as_str() {
        "x-trino-prepared-statement" if value.starts_with(own) => "the statement",
        "x-trino-prepared-statement" => "statements that PREPARE named",
        "x-trino-session" => "SessionProperties and SET SESSION",
        "x-trino-role" | "x-trino-original-roles" => "Roles and SET ROLE",
        "x-trino-client-tags" => "ClientTags",
        "x-trino-client-info" => "ClientInfo",
        "x-trino-extra-credential" => "ExtraCredentials",
        "x-trino-resource-estimate" => "ResourceEstimates",
        "x-trino-trace-token" => "TraceToken",
        "x-trino-source" => "Source",
        "x-trino-path" => "Path",
        "x-trino-catalog" => "Catalog",
        "x-trino-schema" => "Schema",
        "x-trino-user" | "x-trino-original-user" => "UID",
        "x-trino-routing-group" => "RoutingGroup",
        "x-trino-time-zone" => "TimeZone",
        "x-trino-language" => "Language",
        "authorization" => "the credentials",
        "cookie" => "cookies (Cookies)",
        name if headers::is_drivers_own(name) => return None,
        _ => "ExtraHeaders",
    })
}

/// Bytes of headers that are refused in places.
pub(super) const LARGE: usize = 4 << 10;

/// Bytes of headers that usual fronts take, with room for what others add on the way.
pub(super) const USUAL: usize = 6 << 10;

#[cfg(test)]
mod tests {
    use reqwest::header::HeaderValue;

    use super::*;

    fn size(headers: &[(&'static str, usize)]) -> HeaderSize {
        let pairs = headers.iter().map(|(name, length)| {
            let value = HeaderValue::try_from("x".repeat(*length)).unwrap();
            (HeaderName::from_static(name), value)
        });
        let mut map = HeaderMap::new();
        for (name, value) in pairs {
            map.append(name, value);
        }
        assert_eq!(total(&map), HeaderSize::of(&map).total());
        HeaderSize::of(&map)
    }

    #[test]
    fn what_is_large_is_named_by_its_keyword() {
        let size = size(&[
            ("x-trino-session", 4000),
            ("x-trino-session", 3000),
            ("x-trino-client-tags", 2000),
            ("x-api-key", 1500),
            ("x-trino-source", 10),
            ("content-type", 2500),
        ]);
        assert!(size.is_large());
        assert_eq!(
            size.summary(),
            "13118 bytes, most of them for SessionProperties and SET SESSION 7038, ClientTags 2023, ExtraHeaders 1513"
        );
    }

    #[test]
    fn a_statement_is_known_from_those_of_the_application() {
        let mut map = HeaderMap::new();
        let prepared = HeaderName::from_static("x-trino-prepared-statement");
        map.append(
            prepared.clone(),
            HeaderValue::from_static("trino_odbc=SELECT+1"),
        );
        map.append(prepared, HeaderValue::from_static("p=SELECT+2"));
        let summary = HeaderSize::of(&map).summary();
        assert!(summary.contains("the statement 49"), "{summary}");
        assert!(summary.contains("PREPARE named 40"), "{summary}");
    }

    #[test]
    fn gateways_say_it_in_many_ways_and_trino_says_other_things() {
        for words in [
            "400 Request Header Or Cookie Too Large nginx",
            "Bad Request Your browser sent a request that this server could not understand. Size of a request header \
             field exceeds server limit.",
            "Bad Request - Request Too Long HTTP Error 400. The size of the request headers is too long.",
        ] {
            assert!(is_said(words), "{words}");
        }
        for words in [
            "Error 400 Bad Request: Invalid X-Trino-Prepared-Statement header: line 1:8: mismatched input 'too_large'",
            "Bad Request Your browser sent an invalid request.",
            "SQL statement is empty",
        ] {
            assert!(!is_said(words), "{words}");
        }
    }
}
