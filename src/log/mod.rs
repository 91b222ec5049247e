//! The log: the driver's own events, one a line, in files that connections request.
//!
//! The process has one subscriber, set when the first log is requested. Each file takes the events of the whole process
//! up to its own level. Events of libraries are left out: what they print is not ours to vouch for, and may be secret.

mod file;
mod line;

use std::fmt;
use std::io::{self, Write};
use std::path::PathBuf;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use parking_lot::Mutex;
use thiserror::Error;
use tracing::level_filters::LevelFilter;
use tracing::{Level, Metadata, Subscriber, callsite, subscriber};
use tracing_subscriber::fmt::MakeWriter;
use tracing_subscriber::fmt::format::DefaultFields;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use self::file::{LogFile, Room};
use self::line::Line;
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
    #[error("Cannot start the log: the process has another tracing subscriber.")]
    Taken,
}

/// What the environment decides about the log against the connection's options.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overridden {
    keywords: Vec<(&'static str, &'static str)>,
}

impl fmt::Display for Overridden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (keyword, variable)) in self.keywords.iter().enumerate() {
            let and = if index == 0 { "" } else { " " };
            write!(
                f,
                "{and}{keyword} does not count: the environment's {variable} does."
            )?;
        }
        Ok(())
    }
}

/// Starts the log that the options or the environment request, beside those that run already. Returns which of the
/// connection's keywords the environment overrides.
pub fn start(options: &LogOptions) -> Result<Option<Overridden>, Error> {
    start_as(options, |name| std::env::var(name).ok())
}

/// Whether any file takes events of that level.
#[inline]
pub fn is_at(level: Level) -> bool {
    level <= LevelFilter::current()
}

/// Closes all files. A log that is requested afterwards starts again.
pub fn stop() {
    FILES.lock().clear();
    raise_to(LevelFilter::OFF);
}

fn start_as(
    options: &LogOptions,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<Option<Overridden>, Error> {
    let given = |name| environment(name).filter(|value| !value.is_empty());
    let mut origin = match options.driver_wide {
        true => "the driver's settings".to_owned(),
        false => "the connection".to_owned(),
    };
    let mut overridden = Vec::new();
    let level = match given(LEVEL) {
        Some(text) => {
            LEVEL.clone_into(&mut origin);
            let level = LogOptions::level_from_name(&text).ok_or(Error::Level(text))?;
            if options.level.is_some_and(|asked| asked != level) {
                overridden.push(("LogLevel", LEVEL));
            }
            level
        }
        None => options.level.unwrap_or(LevelFilter::OFF),
    };
    let path = match given(PATH).map(PathBuf::from) {
        Some(path) => {
            origin.push_str(" and ");
            origin.push_str(PATH);
            if level != LevelFilter::OFF
                && options
                    .path
                    .as_ref()
                    .is_some_and(|configured| *configured != path)
            {
                overridden.push(("LogPath", PATH));
            }
            Some(path)
        }
        None => options.path.clone(),
    };
    let overridden = Some(Overridden {
        keywords: overridden,
    })
    .filter(|overridden| !overridden.keywords.is_empty());
    let Some(level) = level.into_level() else {
        return Ok(overridden);
    };
    let configured = path.unwrap_or_else(std::env::temp_dir);
    let room = Room {
        size: options.file_size,
        files: options.files,
    };
    let mut files = FILES.lock();
    let highest = files.iter().map(|file| file.level).fold(level, Level::max);
    if let Some(file) = files.iter_mut().find(|file| file.is_at(&configured)) {
        file.level = file.level.max(level);
    } else {
        let file = LogFile::open(configured, level, room, &origin)?;
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
    Ok(overridden)
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
        .split("::")
        .next()
        .is_some_and(|name| OURS.contains(&name))
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
            file.write(line);
        }
        Ok(line.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
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

/// The variables of the environment that win over keywords.
const LEVEL: &str = "TRINO_ODBC_LOG_LEVEL";
const PATH: &str = "TRINO_ODBC_LOG_PATH";

/// The first parts of the targets of our events: the driver and its client.
const OURS: [&str; 2] = ["trinoodbc", "trino_client"];

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use super::*;

    /// One test, since the log is the process's.
    #[test]
    fn each_file_takes_the_drivers_events_up_to_its_level() {
        let folder = tempfile::tempdir().unwrap();
        let loud = folder.path().join("loud.log");
        let quiet = folder.path().join("new/quiet.log");
        let options = |path: &Path, level| LogOptions {
            level: Some(LevelFilter::from_level(level)),
            path: Some(path.to_owned()),
            ..LogOptions::default()
        };
        let unset = |_: &str| None;
        start_as(&options(&quiet, Level::WARN), unset).unwrap();
        tracing::debug!("nobody listens");
        start_as(&options(&loud, Level::DEBUG), unset).unwrap();
        let span = tracing::info_span!("SQLFetch", statement = 7);
        span.in_scope(|| tracing::debug!(rows = 3, "two\nlines"));
        tracing::warn!("both");
        tracing::warn!(target: "trino_client", "of the client, for log::tests");
        tracing::error!(target: "h2::codec", "not ours");
        tracing::error!(target: "trinoodbcx", "not ours");

        // Other tests of this process may log as well.
        let ours = |line: &&str| line.contains("log::tests") || line.contains("log opened");
        let text = fs::read_to_string(&loud).unwrap();
        let lines: Vec<_> = text.lines().filter(ours).collect();
        assert_eq!(lines.len(), 4, "{text}");
        assert!(lines[0].contains("log opened"), "{text}");
        assert!(lines[1].contains("DEBUG"), "{text}");
        assert!(
            lines[1].contains("trinoodbc::log::tests: two\\nlines rows=3"),
            "{text}"
        );
        assert!(lines[1].ends_with("[SQLFetch statement=7]"), "{text}");
        let text = fs::read_to_string(&quiet).unwrap();
        assert_eq!(text.lines().filter(ours).count(), 3, "{text}");

        // A folder gives a new file, and the environment wins.
        let environment = |name: &str| match name {
            "TRINO_ODBC_LOG_LEVEL" => Some("6".to_owned()),
            _ => Some(folder.path().to_str().unwrap().to_owned()),
        };
        for _ in 0..2 {
            let overridden = start_as(&LogOptions::default(), environment).unwrap();
            assert_eq!(overridden, None);
        }
        let configured = options(&loud, Level::ERROR);
        let overridden = start_as(&configured, environment)
            .unwrap()
            .unwrap()
            .to_string();
        for variable in [LEVEL, PATH] {
            assert!(overridden.contains(variable), "{overridden}");
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
