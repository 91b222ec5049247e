//! The session's time zone, in which structures show timestamps with time zone.
//!
//! `SQL_TIMESTAMP_STRUCT` has no zone, so that all values of a column must be in the same one. The change of zone
//! loses nothing of the instant, and is no 01S07.
//!
//! The server sends a value as a wall clock time and the name of its zone, which is an instant but for one hour a
//! year. Of a time that a zone has twice, as clocks go back, the first is taken: the server does not say. A time that a
//! zone has not, as clocks go forward, is one of another zone database than ours; it counts from the offset before.
//! Values in the session's own zone, in UTC or with an offset need no such choice. In the other direction every instant
//! has one wall clock time, though in the hour that comes twice two instants have the same.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};
use jiff::{SignedDuration, Timestamp};
use parking_lot::Mutex;

/// The zone of a session.
#[derive(Default)]
pub struct SessionZone {
    name: Option<Box<str>>,
    zone: Option<TimeZone>,
    /// What a zone of the result's values means here; one entry for each name that was seen.
    shifts: Mutex<BTreeMap<Box<str>, Shift>>,
}

/// What makes a wall clock time of one zone one of the session's.
#[derive(Clone)]
pub(super) enum Shift {
    /// Nothing: the zones are the same, or one of them is not known.
    None,
    /// Both zones have a constant offset.
    Constant { micros: i64 },
    /// The database knows.
    Zones(Arc<Zones>),
}

/// Two zones of which at least one changes its offset, and what is known of them already.
pub(super) struct Zones {
    from: TimeZone,
    to: TimeZone,
    /// Spans of time in which neither zone changes, so that one difference holds for all of a span. Each has one place,
    /// by its number; it keeps the place, and another span of that place is looked up each time.
    spans: Box<[AtomicI64]>,
}

impl SessionZone {
    /// The zone of this name or offset. One that the zone database does not have leaves values as they are.
    pub fn named(name: &str) -> Self {
        Self {
            name: Some(name.into()),
            zone: find(name),
            shifts: Mutex::default(),
        }
    }

    /// An unknown zone: values keep theirs.
    pub fn unknown() -> Self {
        Self::default()
    }

    /// Its name; `None` if it is unknown.
    pub fn name(&self) -> Option<&str> {
        self.name.as_deref()
    }

    /// The current date, as days since 1970-01-01.
    pub(super) fn today(&self) -> i64 {
        let zone = self.zone.clone().unwrap_or_else(TimeZone::system);
        let now = Timestamp::now();
        let seconds = now.as_second() + i64::from(zone.to_offset(now).seconds());
        seconds.div_euclid(86_400)
    }

    /// What makes wall clock times of the zone `name` the session's.
    pub(super) fn shift(&self, name: &str) -> Shift {
        if self.name.as_deref() == Some(name) {
            return Shift::None;
        }
        let mut shifts = self.shifts.lock();
        if let Some(shift) = shifts.get(name) {
            return shift.clone();
        }
        let shift = match (find(name), &self.zone) {
            (Some(from), Some(to)) => Shift::between(from, to),
            _ => Shift::None,
        };
        shifts.insert(name.into(), shift.clone());
        shift
    }

    /// What makes wall clock times of the zone that a text names the session's; `None` where it names none.
    pub(super) fn shift_of_text(&self, name: &str) -> Option<Shift> {
        if self.name.as_deref() == Some(name) {
            return Some(Shift::None);
        }
        let from = find(name)?;
        Some(match &self.zone {
            Some(to) => Shift::between(from, to),
            None => Shift::None,
        })
    }
}

impl fmt::Debug for SessionZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("SessionZone").field(&self.name).finish()
    }
}

impl Shift {
    fn between(from: TimeZone, to: &TimeZone) -> Self {
        match (from.to_fixed_offset(), to.to_fixed_offset()) {
            (Ok(from), Ok(to)) => Self::Constant {
                micros: micros(to) - micros(from),
            },
            _ => Self::Zones(Arc::new(Zones::new(from, to.clone()))),
        }
    }

    /// The session's wall clock time for one of the value's zone, in microseconds since 1970-01-01 00:00:00.
    #[inline]
    pub(super) fn apply(&self, wall: i64) -> i64 {
        match self {
            Self::None => wall,
            Self::Constant { micros } => wall.saturating_add(*micros),
            Self::Zones(zones) => zones.apply(wall),
        }
    }
}

impl Zones {
    fn new(from: TimeZone, to: TimeZone) -> Self {
        Self {
            from,
            to,
            spans: (0..SPANS).map(|_| AtomicI64::new(UNKNOWN)).collect(),
        }
    }

    /// The wall clock time of `to` when that of `from` is `wall`.
    #[inline]
    fn apply(&self, wall: i64) -> i64 {
        let span = wall >> SPAN_BITS;
        let place = span.rem_euclid(SPANS as i64) as usize;
        if let Some(known) = self.spans.get(place) {
            let known = known.load(Ordering::Relaxed);
            let seconds = known as i32;
            if known >> 32 == span && seconds != CHANGES {
                return wall.saturating_add(i64::from(seconds) * 1_000_000);
            }
        }
        self.look_up(wall, span, place)
    }

    /// As [`Self::apply`], of a span that is not known or in which a zone changes.
    #[inline(never)]
    fn look_up(&self, wall: i64, span: i64, place: usize) -> i64 {
        let shifted = between(wall, &self.from, &self.to);
        if let Some(known) = self.spans.get(place)
            && known.load(Ordering::Relaxed) == UNKNOWN
        {
            let seconds = match i32::try_from((shifted - wall) / 1_000_000) {
                Ok(seconds) if self.is_constant(span) => seconds,
                _ => CHANGES,
            };
            let entry = span << 32 | i64::from(seconds.cast_unsigned());
            // Whichever thread is first, both know the same of a span.
            known.store(entry, Ordering::Relaxed);
        }
        shifted
    }

    /// Whether neither zone changes its offset within the span, or near it.
    fn is_constant(&self, span: i64) -> bool {
        // Wall clock times are at most this far from their instants.
        const MOST: i64 = 26 * 3600;
        let [first, last] = [span, span + 1].map(|span| (span << SPAN_BITS) / 1_000_000);
        let (first, last) = (first - MOST, last + MOST);
        let (Ok(first), Ok(last)) = (Timestamp::from_second(first), Timestamp::from_second(last))
        else {
            return false;
        };
        [&self.from, &self.to].iter().all(|zone| {
            let next = zone.following(first).next();
            next.is_none_or(|next| next.timestamp() > last)
        })
    }
}

/// The wall clock time of `to` when that of `from` is `wall`.
fn between(wall: i64, from: &TimeZone, to: &TimeZone) -> i64 {
    // The database ends at the year 9999. Zone rules repeat with the calendar, every 400 years.
    let cycles = if wall.unsigned_abs() > LIMIT_MICROS.unsigned_abs() {
        (wall - wall.signum() * LIMIT_MICROS) / CYCLE_MICROS + wall.signum()
    } else {
        0
    };
    let near = wall - cycles * CYCLE_MICROS;
    let civil =
        DateTime::constant(1970, 1, 1, 0, 0, 0, 0).checked_add(SignedDuration::from_micros(near));
    let instant = civil.and_then(|civil| from.to_ambiguous_timestamp(civil).compatible());
    let Ok(instant) = instant else {
        return wall;
    };
    // The last days of 64 bits may pass them by their offset.
    (instant.as_microsecond() + micros(to.to_offset(instant))).saturating_add(cycles * CYCLE_MICROS)
}

/// Whether a text is an offset, as a time of day may have.
pub(super) fn is_offset(name: &str) -> bool {
    find(name).is_some_and(|zone| zone.to_fixed_offset().is_ok())
}

fn digit(byte: &u8) -> Option<i32> {
    byte.is_ascii_digit().then(|| i32::from(byte - b'0'))
}

fn micros(offset: Offset) -> i64 {
    i64::from(offset.seconds()) * 1_000_000
}

/// A zone by its name, or by an offset as in `+05:30`.
fn find(name: &str) -> Option<TimeZone> {
    match name.as_bytes() {
        [sign @ (b'+' | b'-'), a, b, b':', c, d] => {
            let hours = digit(a)? * 10 + digit(b)?;
            let minutes = digit(c)? * 10 + digit(d)?;
            let seconds = (hours * 60 + minutes) * 60;
            let seconds = if *sign == b'-' { -seconds } else { seconds };
            Offset::from_seconds(seconds).ok().map(TimeZone::fixed)
        }
        b"Z" => Some(TimeZone::UTC),
        _ => TimeZone::get(name).ok(),
    }
}

/// A span is 2^39 microseconds, a little more than six days, of which few have a change.
const SPAN_BITS: u32 = 39;
/// So many spans are 35 years.
const SPANS: usize = 2048;
/// A place that no span has taken; the number of none.
const UNKNOWN: i64 = i64::MIN;
/// In the place of the seconds between two wall clocks, when they are not the same all over the span.
const CHANGES: i32 = i32::MIN;
/// 400 years.
const CYCLE_MICROS: i64 = 146_097 * 86_400_000_000;
/// Nearly 8,000 years: within what the database covers on both sides of 1970.
const LIMIT_MICROS: i64 = 7_900 * 365 * 86_400_000_000;

#[cfg(test)]
mod tests {
    use super::{CYCLE_MICROS, SessionZone, Shift};

    /// 2024-07-01 12:00:00.
    const SUMMER: i64 = 1_719_835_200_000_000;
    /// 2024-01-15 12:00:00.
    const WINTER: i64 = 1_705_320_000_000_000;
    const HOUR: i64 = 3_600_000_000;

    #[test]
    fn values_are_shown_in_the_sessions_zone() {
        let berlin = SessionZone::named("Europe/Berlin");
        for (zone, wall, hours) in [
            ("UTC", SUMMER, 2),
            ("UTC", WINTER, 1),
            ("America/New_York", SUMMER, 6),
            ("+05:30", WINTER, -4),
            ("Europe/Berlin", WINTER, 0),
        ] {
            let half = if zone == "+05:30" { -HOUR / 2 } else { 0 };
            let shifted = berlin.shift(zone).apply(wall);
            assert_eq!(shifted - wall, hours * HOUR + half, "{zone}");
        }
    }

    #[test]
    fn constant_offsets_need_no_database() {
        let session = SessionZone::named("-08:00");
        assert!(matches!(
            session.shift("UTC"),
            Shift::Constant { micros } if micros == -8 * HOUR
        ));
    }

    #[test]
    fn an_unknown_zone_leaves_values_as_they_are() {
        assert_eq!(SessionZone::unknown().shift("UTC").apply(SUMMER), SUMMER);
        let session = SessionZone::named("UTC");
        assert_eq!(session.shift("Middle/Earth").apply(SUMMER), SUMMER);
        assert_eq!(session.shift("").apply(SUMMER), SUMMER);
        assert_eq!(session.shift("+99:99").apply(SUMMER), SUMMER);
    }

    #[test]
    fn hours_around_a_change_are_those_of_the_database() {
        let names = [
            "Europe/Berlin",
            "America/New_York",
            "Australia/Lord_Howe",
            "Asia/Tokyo",
        ];
        let zones = names.map(|name| (name, super::find(name).unwrap()));
        for (_, to) in &zones {
            for (_, from) in &zones {
                let shift = Shift::between(from.clone(), to);
                // 22 years each way in steps of seven hours and a bit, so that spans of one place differ.
                let expected: Vec<_> = (-28_000..28_000)
                    .map(|step| step * (7 * HOUR + 1_234_567))
                    .map(|wall| (wall, super::between(wall, from, to)))
                    .collect();
                // Twice: first each is looked up, then it may be known.
                for (wall, expected) in expected.iter().chain(&expected) {
                    assert_eq!(shift.apply(*wall), *expected, "{wall}");
                }
            }
        }
    }

    #[test]
    fn far_years_follow_the_calendars_cycle() {
        let berlin = SessionZone::named("Europe/Berlin");
        let shift = berlin.shift("America/New_York");
        // Whenever both ways are possible, directly and through cycles, the answer is the same.
        let far = SUMMER + 50 * CYCLE_MICROS;
        assert_eq!(shift.apply(far) - far, 6 * HOUR);
        for wall in [i64::MAX, i64::MIN, -50 * CYCLE_MICROS] {
            let _ = shift.apply(wall);
        }
    }
}
