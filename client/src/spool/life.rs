//! How long the URI of a segment works.
//!
//! What is said about it is a hint and may be read with a wrong clock or in a wrong zone, so it can
//! only make a segment urgent sooner than the server's defaults would.

use std::time::Duration;

use jiff::{Timestamp, civil};
use url::Url;

/// The time after which a segment that came just now should have been fetched: three quarters of
/// the life of its URI, counted from its writing.
pub(super) fn urgent_after(
    uri: &Url,
    in_cluster: bool,
    expires_at: Option<&str>,
    now: Timestamp,
) -> Duration {
    let usual = if in_cluster {
        SEGMENT_LIFE
    } else {
        SIGNED_LIFE
    };
    let signed = (!in_cluster).then(|| Signature::of(uri)).flatten();
    let by_signature = signed.map(|signed| {
        let from = signed.from.unwrap_or(now);
        let life = since(from, signed.end).min(LONGEST_LIFE) * 3 / 4;
        life.saturating_sub(since(from, now))
    });
    // Without a zone: read as UTC, and passed over when that makes it past.
    let by_segment = expires_at
        .and_then(|text| text.parse::<civil::DateTime>().ok())
        .and_then(|time| time.to_zoned(jiff::tz::TimeZone::UTC).ok())
        .map(|end| since(now, end.timestamp()))
        .filter(|left| !left.is_zero())
        .map(|left| left * 3 / 4);
    [by_signature, by_segment]
        .into_iter()
        .flatten()
        .fold(usual * 3 / 4, Duration::min)
}

/// The time in which a signed URI works.
#[derive(Debug, Clone, Copy)]
pub(super) struct Signature {
    pub(super) from: Option<Timestamp>,
    pub(super) end: Timestamp,
}

impl Signature {
    /// The life of a URI that was signed by S3, by Google, by Azure, or by S3 and Google in their
    /// older form.
    pub(super) fn of(uri: &Url) -> Option<Self> {
        let find = |names: &[&str]| {
            uri.query_pairs()
                .find(|(name, _)| names.iter().any(|known| name.eq_ignore_ascii_case(known)))
                .map(|(_, value)| value)
        };
        if let Some(life) = find(&["X-Amz-Expires", "X-Goog-Expires"]) {
            let from = find(&["X-Amz-Date", "X-Goog-Date"])?;
            let from = civil::DateTime::strptime("%Y%m%dT%H%M%SZ", &*from).ok()?;
            let from = from.to_zoned(jiff::tz::TimeZone::UTC).ok()?.timestamp();
            let life = life.parse::<u64>().ok()?.min(LONGEST_LIFE.as_secs());
            let end = from.checked_add(Duration::from_secs(life)).ok()?;
            let from = Some(from);
            return Some(Self { from, end });
        }
        if let Some(end) = find(&["se"]) {
            let end = end.parse().ok()?;
            let from = find(&["st"]).and_then(|from| from.parse().ok());
            return Some(Self { from, end });
        }
        let end = find(&["Expires"])?.parse().ok()?;
        let end = Timestamp::from_second(end).ok()?;
        Some(Self { from: None, end })
    }
}

/// The time from one moment to the other; zero when the other is earlier.
fn since(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

/// `fs.segment.direct.ttl` by default.
const SIGNED_LIFE: Duration = Duration::from_secs(3600);

/// `fs.segment.ttl` by default.
const SEGMENT_LIFE: Duration = Duration::from_secs(12 * 3600);

/// Storage signs nothing for longer.
const LONGEST_LIFE: Duration = Duration::from_secs(7 * 24 * 3600);

#[cfg(test)]
mod tests {
    use super::*;

    fn after(uri: &str, in_cluster: bool, expires_at: Option<&str>) -> u64 {
        let now = "2026-01-02T03:04:05Z".parse().unwrap();
        let uri = Url::parse(uri).unwrap();
        urgent_after(&uri, in_cluster, expires_at, now).as_secs()
    }

    #[test]
    fn a_uri_is_urgent_at_three_quarters_of_its_life() {
        let signed = "https://s/x?X-Amz-Date=20260102T030405Z&X-Amz-Expires=1200";
        assert_eq!(after(signed, false, None), 900);
        let older = "https://s/x?X-Goog-Date=20260102T025405Z&X-Goog-Expires=1200";
        assert_eq!(after(older, false, None), 300);
        let azure = "https://s/x?st=2026-01-02T03%3A04%3A05Z&se=2026-01-02T03%3A44%3A05Z";
        assert_eq!(after(azure, false, None), 1800);
        let without_start = "https://s/x?se=2026-01-02T03%3A44%3A05Z";
        assert_eq!(after(without_start, false, None), 1800);
        // 03:44:05, in seconds since 1970.
        let older = "https://s/x?Expires=1767325445&Signature=x";
        assert_eq!(after(older, false, None), 1800);
        assert_eq!(after("https://s/x", false, None), 45 * 60);
        assert_eq!(after("https://c/v1/spooled/x", true, None), 9 * 3600);
    }

    #[test]
    fn what_is_said_of_a_uri_can_only_hurry_it() {
        let long = "https://s/x?X-Amz-Date=20260102T030405Z&X-Amz-Expires=99999";
        assert_eq!(after(long, false, None), 45 * 60);
        // A clock that is behind does not make it last longer than its life.
        let ahead = "https://s/x?X-Amz-Date=20260102T050405Z&X-Amz-Expires=1200";
        assert_eq!(after(ahead, false, None), 900);
        for nonsense in ["soon", "", "2025-01-01T00:00:00", "2026-01-02T23:04:05"] {
            assert_eq!(after("https://s/x", false, Some(nonsense)), 45 * 60);
        }
        let soon = Some("2026-01-02T03:14:05.5");
        assert_eq!(after("https://s/x", false, soon), 450);
        assert_eq!(after("https://s/x?X-Amz-Expires=x", false, None), 45 * 60);
    }
}
