//! A test of a connection before it is saved or opened: it connects, reads a small result and one that the server spools,
//! and reports what happened. `trino-odbc doctor` examines more.

use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use trino_client::columns::ChunkSource as _;
use trino_client::runtime::Wait;
use trino_client::session::{Error, Outcome, Pool, Session};

use crate::config::{self, ConnectionString, Options, Warning};
use crate::platform::InstalledDataSources;

/// What a test found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report {
    pub works: bool,
    /// One sentence, and below it one line for each finding.
    pub lines: Vec<String>,
}

/// Tests the connection of these keywords; `cancel` ends the test early.
pub fn test(connection: &ConnectionString, cancel: CancellationToken) -> Report {
    let (options, warnings) = match config::parse(connection, &InstalledDataSources) {
        Ok((settings, warnings)) => (settings.client, warnings),
        Err(refusal) => return failed(Vec::new(), &refusal.to_string()),
    };
    let mut lines = vec![server(&options)];
    lines.extend(warnings.iter().map(Warning::to_string));
    let wait = Wait {
        deadline: Some(Instant::now() + LIMIT),
        cancel,
    };
    match examine(options, &wait, &mut lines) {
        Ok(()) => {
            lines.insert(0, "The connection works.".to_owned());
            Report { works: true, lines }
        }
        Err(problem) => failed(lines, &problem),
    }
}

fn failed(mut lines: Vec<String>, problem: &str) -> Report {
    lines.insert(0, problem.to_owned());
    Report {
        works: false,
        lines,
    }
}

fn server(options: &Options) -> String {
    let scheme = if options.tls { "https" } else { "http" };
    let (host, port) = (&options.host, options.port);
    match &options.user {
        Some(user) => format!("Server: {scheme}://{host}:{port}, as {user}"),
        None => format!("Server: {scheme}://{host}:{port}"),
    }
}

fn examine(mut options: Options, wait: &Wait, lines: &mut Vec<String>) -> Result<(), String> {
    options.validate_connection = true;
    let pool = Pool::of_process().map_err(|error| error.to_string())?;
    let started = Instant::now();
    let session = pool
        .open(None, options, wait)
        .map_err(|error| error.to_string())?;
    lines.push(format!("Connected in {}", seconds(started)));
    let read = read_samples(&session, wait, lines);
    session.close(CLOSE_LIMIT);
    read.map_err(|error| error.to_string())
}

fn read_samples(session: &Arc<Session>, wait: &Wait, lines: &mut Vec<String>) -> Result<(), Error> {
    if let Ok(version) = session.server_version(wait) {
        lines.push(format!("Version: Trino {version}, driver {DRIVER_VERSION}"));
    }
    let started = Instant::now();
    read(session, "SELECT 1", wait)?;
    lines.push(format!("SELECT 1: {}", seconds(started)));
    let started = Instant::now();
    let (rows, mode, notice) = read(session, SAMPLE, wait)?;
    lines.push(format!("{rows} rows: {} ({mode})", seconds(started)));
    lines.extend(notice);
    Ok(())
}

/// Reads a result to its end: its rows, how they came, and what went wrong on the way.
fn read(
    session: &Arc<Session>,
    sql: &str,
    wait: &Wait,
) -> Result<(u64, &'static str, Option<String>), Error> {
    let Outcome::Rows(mut results) = session.run(sql, wait)?.outcome else {
        return Ok((0, "", None));
    };
    let status = results.status();
    let mut rows = 0;
    while let Some(chunk) = results.next(wait)? {
        rows += chunk.rows() as u64;
    }
    Ok((rows, status.statistics().mode(), status.take_notice()))
}

fn seconds(since: Instant) -> String {
    format!("{:.2} s", since.elapsed().as_secs_f64())
}

/// A few megabytes that do not compress, without a table: more than the server sends inline.
pub const SAMPLE: &str = "\
    SELECT a.n * 1000 + b.n AS n, to_hex(sha256(to_utf8(CAST(a.n * 1000 + b.n AS varchar)))) AS digest \
    FROM UNNEST(sequence(0, 99)) AS a(n) CROSS JOIN UNNEST(sequence(0, 999)) AS b(n)";

/// The rows of [`SAMPLE`].
pub const SAMPLE_ROWS: u64 = 100_000;

const DRIVER_VERSION: &str = env!("CARGO_PKG_VERSION");
const LIMIT: Duration = Duration::from_secs(180);
const CLOSE_LIMIT: Duration = Duration::from_secs(2);
