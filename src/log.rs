//! The log: the driver's own events, one a line, in files that connections ask for.
//!
//! The process has one subscriber, set when the first log is asked for. Each file takes the events of the whole process
//! up to its own level. Events of libraries are left out: what they print is not ours to vouch for, and may be secret.

use std::fmt::{self, Write as _};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use thiserror::Error;
use tracing::level_filters::LevelFilter;
use tracing::{Event, Level, Metadata, Subscriber, callsite, subscriber};
use tracing_subscriber::fmt::format::{DefaultFields, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};
use tracing_subscriber::registry::LookupSpan;

use crate::config::LogOptions;

/// Why there is no log. It does not keep a connection from being made.
#[derive(Debug, Error)]
pub enum Error {
    #[error(
        "TRINO_ODBC_LOG_LEVEL={0} is not valid. It must be one of off, error, warn, info, debug, trace, or 0 to 6."
    )]
    Level(String),
    #[error("The log {path} cannot be written: {cause}.", path = path.display())]
    File { path: PathBuf, cause: io::Error },
    #[error("Another part of the process takes the driver's log.")]
    Taken,
}

/// Starts the log that the options or the environment ask for, beside those that run already.
pub fn start(options: &LogOptions) -> Result<(), Error> {
    start_as(options, |name| std::env::var(name).ok())
}

/// Closes all files. A log that is asked for afterwards begins anew.
pub fn stop() {
    FILES.lock().clear();
    raise_to(LevelFilter::OFF);
}

fn start_as(
    options: &LogOptions,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<(), Error> {
    let given = |name| environment(name).filter(|value| !value.is_empty());
    let mut origin = "the connection".to_owned();
    let level = match given("TRINO_ODBC_LOG_LEVEL") {
        Some(text) => {
            origin = "TRINO_ODBC_LOG_LEVEL".to_owned();
            LogOptions::level_from_name(&text).ok_or(Error::Level(text))?
        }
        None => options.level,
    };
    let Some(level) = level else {
        return Ok(());
    };
    let path = match given("TRINO_ODBC_LOG_PATH") {
        Some(text) => {
            origin.push_str(" and TRINO_ODBC_LOG_PATH");
            Some(PathBuf::from(text))
        }
        None => options.path.clone(),
    };
    let asked = path.unwrap_or_else(std::env::temp_dir);
    let mut files = FILES.lock();
    let highest = files.iter().map(|file| file.level).fold(level, Level::max);
    if let Some(file) = files.iter_mut().find(|file| file.asked == asked) {
        file.level = file.level.max(level);
    } else {
        let file = LogFile::open(asked, level, &origin)?;
        files.push(file);
    }
    // Writing an event locks the files; nothing below may find them locked.
    drop(files);
    SUBSCRIBER
        .get_or_init(|| {
            let lines = tracing_subscriber::fmt::layer()
                .fmt_fields(DefaultFields::new())
                .event_format(Line)
                .with_writer(Files);
            subscriber::set_global_default(tracing_subscriber::registry().with(Gate).with(lines))
                .is_ok()
        })
        .then_some(())
        .ok_or(Error::Taken)?;
    raise_to(LevelFilter::from_level(highest));
    Ok(())
}

/// A file that is being written.
struct LogFile {
    /// What was asked for: a file, or a folder for one.
    asked: PathBuf,
    level: Level,
    file: File,
}

impl LogFile {
    fn open(asked: PathBuf, level: Level, origin: &str) -> Result<Self, Error> {
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |cause| Error::File { path, cause }
        };
        let mut file = if asked.is_dir() {
            create_in(&asked).map_err(failed(&asked))?
        } else {
            if let Some(folder) = asked.parent() {
                fs::create_dir_all(folder).map_err(failed(folder))?;
            }
            let mut how = private();
            how.create(true);
            how.open(&asked).map_err(failed(&asked))?
        };
        let header = format!(
            "{} {level} trino-odbc {}, process {}: log opened, level from {origin}\n",
            Time(SystemTime::now()),
            env!("CARGO_PKG_VERSION"),
            std::process::id()
        );
        file.write_all(header.as_bytes()).map_err(failed(&asked))?;
        Ok(Self { asked, level, file })
    }
}

/// Creates a new file in a folder that others may write to, such as the one of temporary files.
///
/// A file or link that is there already may have been put there to catch the log: it is left alone.
fn create_in(folder: &Path) -> io::Result<File> {
    let process = std::process::id();
    let mut how = private();
    how.create_new(true);
    let mut number = 1;
    loop {
        let name = match number {
            1 => format!("trino-odbc-{process}.log"),
            _ => format!("trino-odbc-{process}-{number}.log"),
        };
        match how.open(folder.join(name)) {
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists && number < 1000 => {
                number += 1;
            }
            result => return result,
        }
    }
}

/// How files are opened: for appending, and for their owner only.
fn private() -> OpenOptions {
    let mut how = OpenOptions::new();
    how.append(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut how, 0o600);
    how
}

/// Lets the driver's own events through, up to the highest level of any file.
struct Gate;

impl<S: Subscriber> Layer<S> for Gate {
    fn enabled(&self, metadata: &Metadata<'_>, _: Context<'_, S>) -> bool {
        is_ours(metadata.target()) && *metadata.level() <= highest()
    }

    fn max_level_hint(&self) -> Option<LevelFilter> {
        Some(highest())
    }
}

fn is_ours(target: &str) -> bool {
    target
        .strip_prefix(OURS)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with("::"))
}

fn highest() -> LevelFilter {
    LEVELS
        .get(HIGHEST.load(Ordering::Relaxed))
        .copied()
        .unwrap_or(LevelFilter::OFF)
}

fn raise_to(level: LevelFilter) {
    let index = LEVELS.iter().position(|known| *known == level);
    HIGHEST.store(index.unwrap_or(0), Ordering::Relaxed);
    // Events that are off cost one comparison with a number that this renews.
    callsite::rebuild_interest_cache();
}

/// Writes a line to each file whose level admits it.
struct Files;

/// The writer of one event.
struct FilesAt(Level);

impl<'a> MakeWriter<'a> for Files {
    type Writer = FilesAt;

    fn make_writer(&'a self) -> FilesAt {
        FilesAt(Level::ERROR)
    }

    fn make_writer_for(&'a self, metadata: &Metadata<'_>) -> FilesAt {
        FilesAt(*metadata.level())
    }
}

impl Write for FilesAt {
    fn write(&mut self, line: &[u8]) -> io::Result<usize> {
        for file in FILES.lock().iter_mut().filter(|file| self.0 <= file.level) {
            // A full disk must not disturb the application.
            let _ = file.file.write_all(line);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// Time, level, thread, target, message and fields; then the spans around, innermost last.
struct Line;

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
struct Time(SystemTime);

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

static FILES: Mutex<Vec<LogFile>> = Mutex::new(Vec::new());

/// Whether the process has our subscriber.
static SUBSCRIBER: OnceLock<bool> = OnceLock::new();

/// The highest level of any file, as an index of [`LEVELS`].
static HIGHEST: AtomicUsize = AtomicUsize::new(0);

const LEVELS: [LevelFilter; 6] = [
    LevelFilter::OFF,
    LevelFilter::ERROR,
    LevelFilter::WARN,
    LevelFilter::INFO,
    LevelFilter::DEBUG,
    LevelFilter::TRACE,
];

/// The first part of the targets of our events.
const OURS: &str = "trinoodbc";

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;

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

    /// One test, since the log is the process's.
    #[test]
    fn each_file_takes_the_drivers_events_up_to_its_level() {
        let folder = tempfile::tempdir().unwrap();
        let loud = folder.path().join("loud.log");
        let quiet = folder.path().join("new/quiet.log");
        let options = |path: &Path, level| LogOptions {
            level: Some(level),
            path: Some(path.to_owned()),
        };
        let unset = |_: &str| None;
        start_as(&options(&quiet, Level::WARN), unset).unwrap();
        tracing::debug!("nobody listens");
        start_as(&options(&loud, Level::DEBUG), unset).unwrap();
        let span = tracing::info_span!("SQLFetch", statement = 7);
        span.in_scope(|| tracing::debug!(rows = 3, "two\nlines"));
        tracing::warn!("both");
        tracing::error!(target: "h2::codec", "not ours");
        tracing::error!(target: "trinoodbcx", "not ours");

        // Other tests of this process may log as well.
        let ours = |line: &&str| line.contains("log::tests") || line.contains("log opened");
        let text = fs::read_to_string(&loud).unwrap();
        let lines: Vec<_> = text.lines().filter(ours).collect();
        assert_eq!(lines.len(), 3, "{text}");
        assert!(lines[0].contains("log opened"), "{text}");
        assert!(lines[1].contains("DEBUG"), "{text}");
        assert!(
            lines[1].contains("trinoodbc::log::tests: two\\nlines rows=3"),
            "{text}"
        );
        assert!(lines[1].ends_with("[SQLFetch statement=7]"), "{text}");
        let text = fs::read_to_string(&quiet).unwrap();
        assert_eq!(text.lines().filter(ours).count(), 2, "{text}");

        // A folder gives a file of its own, and the environment wins.
        let environment = |name: &str| match name {
            "TRINO_ODBC_LOG_LEVEL" => Some("6".to_owned()),
            _ => Some(folder.path().to_str().unwrap().to_owned()),
        };
        for _ in 0..2 {
            start_as(&LogOptions::default(), environment).unwrap();
        }
        let own = folder
            .path()
            .join(format!("trino-odbc-{}.log", std::process::id()));
        let text = fs::read_to_string(&own).unwrap();
        assert!(
            text.contains("TRINO_ODBC_LOG_LEVEL and TRINO_ODBC_LOG_PATH"),
            "{text}"
        );
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(&own).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }

        stop();
        tracing::error!("after the end");
        assert!(!fs::read_to_string(&own).unwrap().contains("after the end"));
        assert!(matches!(
            start_as(&LogOptions::default(), |_| Some("loud".to_owned())),
            Err(Error::Level(_))
        ));
    }
}
