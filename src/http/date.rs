//! Moments and pauses that headers tell.

use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderValue;

/// The moment that a header of HTTP tells.
pub(crate) fn http_date(value: &HeaderValue) -> Option<Timestamp> {
    let text = value.to_str().ok()?.trim();
    jiff::fmt::rfc2822::DateTimeParser::new()
        .parse_timestamp(text)
        .ok()
}

/// The pause that `Retry-After` asks for, in seconds or as a date.
pub(crate) fn retry_after(value: &HeaderValue, now: Timestamp) -> Option<Duration> {
    let seconds = value.to_str().ok()?.trim().parse().ok();
    seconds.map(Duration::from_secs).or_else(|| {
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
        let pause = |text| retry_after(&HeaderValue::from_static(text), now);
        assert_eq!(pause("7"), Some(Duration::from_secs(7)));
        let date = "Fri, 02 Jan 2026 03:04:35 GMT";
        assert_eq!(pause(date), Some(Duration::from_secs(30)));
        let past = "Fri, 02 Jan 2026 03:04:00 GMT";
        assert_eq!(pause(past), Some(Duration::ZERO));
        assert_eq!(pause("later"), None);
    }
}
