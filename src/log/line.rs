//! One event as one line of text.

use std::fmt::{self, Write as _};
use std::time::{SystemTime, UNIX_EPOCH};

use tracing::{Event, Subscriber};
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields};
use tracing_subscriber::registry::LookupSpan;

/// Time, level, thread, target, message and fields; then the spans around, innermost last.
pub struct Line;

impl<S, N> FormatEvent<S, N> for Line
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(
        &self,
        context: &FmtContext<'_, S, N>,
        mut writer: Writer<'_>,
        event: &Event<'_>,
    ) -> fmt::Result {
        let metadata = event.metadata();
        let thread = std::thread::current();
        let mut line = format!("{} {:5} ", Time(SystemTime::now()), metadata.level());
        match thread.name() {
            Some(name) => write!(line, "{name}")?,
            None => write!(line, "{:?}", thread.id())?,
        }
        write!(line, " {}: ", metadata.target())?;
        context.format_fields(Writer::new(&mut line), event)?;
        for span in context
            .event_scope()
            .into_iter()
            .flat_map(|scope| scope.from_root())
        {
            write!(line, " [{}", span.name())?;
            if let Some(fields) = span
                .extensions()
                .get::<tracing_subscriber::fmt::FormattedFields<N>>()
                .filter(|fields| !fields.is_empty())
            {
                write!(line, " {fields}")?;
            }
            line.push(']');
        }
        // One line is one event, whatever a message holds.
        for part in line.split_inclusive(char::is_control) {
            match part.char_indices().next_back() {
                Some((end, control)) if control.is_control() => {
                    writer.write_str(part.get(..end).unwrap_or_default())?;
                    write!(writer, "{}", control.escape_default())?;
                }
                _ => writer.write_str(part)?,
            }
        }
        writer.write_char('\n')
    }
}

/// A time that prints as RFC 3339 in UTC, to the microsecond.
pub struct Time(pub SystemTime);

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let since = self.0.duration_since(UNIX_EPOCH).unwrap_or_default();
        let (days, second) = (since.as_secs() / 86400, since.as_secs() % 86400);
        // Years begin in March here, so that the leap day is the last of its year.
        let days = days + 719_468;
        let (era, day) = (days / 146_097, days % 146_097);
        let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
        let day = day - (365 * year + year / 4 - year / 100);
        let month = (5 * day + 2) / 153;
        let day = day - (153 * month + 2) / 5 + 1;
        let month = if month < 10 { month + 3 } else { month - 9 };
        let year = year + era * 400 + u64::from(month <= 2);
        write!(
            f,
            "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}.{:06}Z",
            second / 3600,
            second / 60 % 60,
            second % 60,
            since.subsec_micros()
        )
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::Time;

    #[test]
    fn times_print_in_utc() {
        let at = |seconds, micros: u32| {
            Time(UNIX_EPOCH + Duration::new(seconds, micros * 1000)).to_string()
        };
        assert_eq!(at(0, 0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(at(951_782_400, 0), "2000-02-29T00:00:00.000000Z");
        assert_eq!(at(1_795_387_296, 12), "2026-11-22T22:41:36.000012Z");
        assert_eq!(at(4_107_542_399, 999_999), "2100-02-28T23:59:59.999999Z");
    }
}
