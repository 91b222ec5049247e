//! Times and pauses in HTTP headers.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};

/// The time in an HTTP header.
pub(crate) fn http_date(value: &HeaderValue) -> Option<Timestamp> {
    let text = value.to_str().ok()?.trim();
    jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()
}

/// The pause that `Retry-After` requests, in seconds or as a date. A date is compared with the
/// server's own `Date` header, or with `now` if there is none.
pub(crate) fn retry_after(headers: &HeaderMap, now: Timestamp) -> Option<Duration> {
    let value = headers.get(RETRY_AFTER)?;
    let seconds = value.to_str().ok()?.trim().parse().ok();
    seconds.map(Duration::from_secs).or_else(|| {
        let now = headers.get(DATE).and_then(http_date).unwrap_or(now);
        let left = http_date(value)?.duration_since(now);
        Some(Duration::try_from(left).unwrap_or_default())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        let mut headers = HeaderMap::new();
        assert_eq!(retry_after(&headers, now), None);
        let mut pause = |text| {
            headers.insert(RETRY_AFTER, HeaderValue::from_static(text));
            retry_after(&headers, now)
        };
        assert_eq!(pause("7"), Some(Duration::from_secs(7)));
        let date = "Fri, 02 Jan 2026 03:04:35 GMT";
        assert_eq!(pause(date), Some(Duration::from_secs(30)));
        let past = "Fri, 02 Jan 2026 03:04:00 GMT";
        assert_eq!(pause(past), Some(Duration::ZERO));
        assert_eq!(pause("later"), None);
        assert_eq!(pause("-1"), None);
    }

    #[test]
    fn a_date_is_that_of_the_servers_clock() {
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        let mut headers = HeaderMap::new();
        let header = HeaderValue::from_static;
        headers.insert(RETRY_AFTER, header("Fri, 02 Jan 2026 04:00:03 GMT"));
        headers.insert(DATE, header("Fri, 02 Jan 2026 04:00:00 GMT"));
        assert_eq!(retry_after(&headers, now), Some(Duration::from_secs(3)));
    }
}
