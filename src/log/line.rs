//! One event as one line of text.

use std::fmt::{self, Write as _};

use jiff::Timestamp;
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
        let mut line = format!("{} {:5} ", now(), metadata.level());
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

/// The time in UTC as RFC 3339 has it, to the microsecond.
pub(super) fn now() -> impl fmt::Display {
    rfc3339(Timestamp::now())
}

fn rfc3339(time: Timestamp) -> impl fmt::Display {
    fmt::from_fn(move |f| write!(f, "{time:.6}"))
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;

    use super::rfc3339;

    #[test]
    fn times_have_six_digits_after_the_second() {
        let at = |micros| rfc3339(Timestamp::from_microsecond(micros).unwrap()).to_string();
        assert_eq!(at(0), "1970-01-01T00:00:00.000000Z");
        assert_eq!(at(1_795_387_296_000_012), "2026-11-22T22:41:36.000012Z");
    }
}
