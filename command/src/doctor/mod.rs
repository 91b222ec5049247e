//! `doctor`: connects step by step, and reports what works and what to change.
//!
//! Each step is separate from the driver's own code, so that the report names the first problem and
//! not its consequences: name, connection, certificate, server, sign-in, the way of results, each
//! host of segments, and finally a result read the way an application reads it.

mod advice;
mod front;
mod host;
mod report;
mod server;

use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use host::Host;
use report::{Report, State};
use trino_client::columns::ChunkSource as _;
use trino_client::http::{ClientPool, Domain, Handshake, Settings};
use trino_client::protocol;
use trino_client::runtime::{Lease, SharedLease, Wait};
use trino_client::session::{self, Outcome, Session};
use trino_client::spool::{self, Hop, Role, Trace};
use trinoodbc::config::{Authentication, Options, TokenSource};
use trinoodbc::setup::{SAMPLE, SAMPLE_ROWS};
use url::Url;

use crate::Stop;
use crate::arguments::Diagnose;
use crate::progress::{self, Progress};

/// Runs `doctor`.
pub fn run(arguments: Diagnose) -> Result<ExitCode, Stop> {
    let mut report = Report::default();
    match arguments.target.options() {
        Ok((options, warnings)) => {
            let state = if warnings.is_empty() {
                State::Good
            } else {
                State::Fair
            };
            let step = report.add("Configuration", state, summary(&options));
            for warning in warnings {
                step.fact("warning", warning.to_string());
            }
            let lease = Arc::new(Lease::take().map_err(Stop::failed)?);
            Examination {
                options,
                lease,
                clients: ClientPool::default(),
                progress: Progress::start(),
            }
            .run(&mut report);
        }
        Err(Stop::Failed(why)) => {
            let cure = format!("{why} `trino-odbc check` shows how each keyword is read.");
            report.fail("Configuration", why, cure);
        }
        Err(usage) => return Err(usage),
    }
    if arguments.json {
        println!("{}", report.json());
    } else {
        if progress::is_dumb() {
            // Otherwise the variable CI would stand for a terminal with colours.
            anstream::ColorChoice::Never.write_global();
        }
        anstream::print!("{}", report.text());
    }
    Ok(if report.works() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn summary(options: &Options) -> String {
    let scheme = if options.tls { "https" } else { "http" };
    let user = options.user.as_deref().unwrap_or("the token's owner");
    format!("{scheme}://{}:{} as {user}", options.host, options.port)
}

struct Examination {
    options: Options,
    lease: SharedLease,
    clients: ClientPool,
    progress: Progress,
}

impl Examination {
    /// Takes the steps up to the first failure.
    fn run(&self, report: &mut Report) {
        self.progress.step("connecting to the coordinator");
        let greeted = self.coordinator(report) && self.server(report);
        if !greeted {
            return;
        }
        self.progress.step("signing in");
        let Some(session) = self.sign_in(report) else {
            return;
        };
        self.progress.step("fetching a segment");
        if self.spooling(&session, report) {
            self.result(&session, report);
        }
        if report.works() {
            self.progress.step("examining limits on requests");
            self.limits(&session, report);
        }
        session.close(CLOSE_LIMIT);
        self.progress.end();
    }

    fn wait(&self) -> Wait {
        Wait {
            deadline: Some(Instant::now() + LIMIT),
            ..Wait::default()
        }
    }

    fn base(&self) -> Option<Url> {
        let scheme = if self.options.tls { "https" } else { "http" };
        Url::parse(&format!(
            "{scheme}://{}:{}/",
            self.options.host, self.options.port
        ))
        .ok()
    }

    /// Name, connection and certificate of the coordinator.
    fn coordinator(&self, report: &mut Report) -> bool {
        let options = &self.options;
        let settings = Settings::of(options, Domain::Coordinator);
        if let Some(proxy) = self.base().and_then(|base| settings.proxy_before(&base)) {
            report.add(
                COORDINATOR,
                State::Good,
                format!(
                    "through the proxy {} (set by {}); its certificate is not examined",
                    proxy.address, proxy.set_by
                ),
            );
            return true;
        }
        let Ok(host) = Host::reach(
            &options.host,
            options.port,
            options.tls,
            &options.trust,
            Domain::Coordinator,
            options.connect_timeout.unwrap_or(LIMIT),
        )
        .map_err(|error| {
            report.fail(
                COORDINATOR,
                error.to_string(),
                advice::coordinator(&error, options.tls, None),
            );
        }) else {
            return false;
        };
        match host.fault() {
            Some(error) => {
                let cure = advice::coordinator(error, options.tls, host.handshake.as_ref());
                let found = error.to_string();
                let step = report.add(COORDINATOR, State::Bad, found);
                host.tell(step, Domain::Coordinator);
                report.advise(cure);
                false
            }
            None => {
                let step = report.add(COORDINATOR, State::Good, host.connected());
                host.tell(step, Domain::Coordinator);
                true
            }
        }
    }

    fn sign_in(&self, report: &mut Report) -> Option<Arc<Session>> {
        let mut options = self.options.clone();
        options.validate_connection = false;
        let started = Instant::now();
        let opened = Session::open(
            options,
            Arc::clone(&self.lease),
            &self.clients,
            &Arc::default(),
            &self.wait(),
        );
        let proven = opened.and_then(|session| {
            let refused = session.prove(&self.wait())?;
            Ok((session, refused))
        });
        match proven {
            Ok((session, refused)) => {
                let found = format!("accepted in {}", milliseconds(started.elapsed()));
                match refused {
                    None => {
                        report.add(SIGN_IN, State::Good, found);
                    }
                    Some(error) => {
                        let step = report.add(SIGN_IN, State::Fair, found);
                        step.fact("HEAD", error.to_string());
                        report.remark(front::of_head(&self.endpoint()));
                    }
                }
                Some(session)
            }
            Err(error) => {
                let cure = self.sign_in_cure(&error);
                report.fail(SIGN_IN, error.to_string(), cure);
                None
            }
        }
    }

    fn sign_in_cure(&self, error: &session::Error) -> String {
        let what = match &self.options.authentication {
            Authentication::Password(_) => "correct UID and PWD",
            Authentication::Token(TokenSource::Text(_)) => "get a new AccessToken",
            _ if self.options.identity.is_some() => {
                "configure the server to trust the authority of SSLClientCertificate"
            }
            _ => "set UID and PWD, or AccessToken, as the server requires",
        };
        let exchange = match error {
            session::Error::Protocol { error, .. } | session::Error::Authentication(error) => {
                Some(error)
            }
            _ => None,
        };
        let keeps_cookies = self.options.cookies;
        if let Some(error) = exchange
            && let Some(cure) = front::of_statement(error, &self.endpoint(), keeps_cookies)
        {
            return cure;
        }
        match error {
            session::Error::Authentication(protocol::Error::Authentication { .. }) => {
                format!("The server does not accept the credentials: {what}.")
            }
            session::Error::Authentication(_) if !self.options.tls => {
                "The server does not accept requests without TLS: set SSL=true, and Port to its https port.".to_owned()
            }
            session::Error::Authentication(_) => format!(
                "The server accepts the credentials and refuses the user {}: ask its administrator to let you in, or \
                 set UID to the name that the credentials belong to.",
                self.options.user.as_deref().unwrap_or_default()
            ),
            session::Error::Connect(error) => advice::coordinator(error, self.options.tls, None),
            error => error.to_string(),
        }
    }

    /// How results are delivered, and whether each host of segments delivers them.
    fn spooling(&self, session: &Arc<Session>, report: &mut Report) -> bool {
        let probe = match session.probe_spooling(SAMPLE, &self.wait()) {
            Ok(probe) => probe,
            Err(error) => {
                let cure = self.sign_in_cure(&error);
                report.fail(SPOOLING, error.to_string(), cure);
                return false;
            }
        };
        for warning in &probe.warnings {
            report.remark(warning.message.clone());
        }
        let Some(encoding) = &probe.encoding else {
            let (found, advice) = if self.options.spooling.encodings.is_empty() {
                (
                    "rows come through the coordinator (Encoding=none)",
                    "Leave Encoding out for faster results.",
                )
            } else {
                (
                    "the server does not spool: rows come through the coordinator",
                    "Large results would be faster if your administrator enabled spooling \
                     (protocol.spooling.enabled=true and a spooling manager).",
                )
            };
            report.add(SPOOLING, State::Fair, found);
            report.advise(advice);
            return true;
        };
        let Some(trace) = &probe.trace else {
            let found = format!("{encoding}; this result arrived inline");
            report.add(SPOOLING, State::Good, found);
            return true;
        };
        let step = report.add(
            SPOOLING,
            if trace.failure.is_some() {
                State::Bad
            } else {
                State::Good
            },
            format!("{encoding}, retrieval mode {}", trace.retrieval.name()),
        );
        step.fact(
            "encrypted",
            if trace.encrypted {
                "yes, each segment with its key"
            } else {
                "no"
            },
        );
        if let Some(first) = probe.first_data {
            step.fact("first rows after", milliseconds(first));
        }
        let hands = self.hops(trace, report);
        if let Some(error) = &trace.failure {
            if let Some(step) = report.steps.iter_mut().find(|step| step.name == SPOOLING) {
                step.fact("failure", error.to_string());
            }
            report.advise(cure_of(error, trace, hands.as_ref(), session.endpoint()));
            if self.options.spooling.fallback {
                self.fallback(session, report);
            }
            return false;
        }
        if let Some(unacknowledged) = &trace.unacknowledged {
            if let Some(step) = report.steps.iter_mut().find(|step| step.name == SPOOLING) {
                step.state = State::Fair;
                step.fact("acknowledged", "no");
            }
            report.remark(unacknowledged.to_string());
        }
        if let Some(remark) = advice::mode(trace.retrieval) {
            report.remark(remark);
        }
        true
    }

    /// Each host that was requested for the segment, and the handshake with the last one.
    fn hops(&self, trace: &Trace, report: &mut Report) -> Option<Handshake> {
        let mut last = None;
        for (index, hop) in trace.hops.iter().enumerate() {
            let domain = match hop.role {
                Role::Storage => Domain::Storage,
                Role::Coordinator | Role::Worker => Domain::Coordinator,
            };
            let failed = trace.failure.is_some() && index + 1 == trace.hops.len();
            let state = match (failed, hop.clock) {
                (true, _) => State::Bad,
                (_, Some(ahead)) if ahead.abs() > CLOCKS_APART => State::Fair,
                _ => State::Good,
            };
            let settings = Settings::of(&self.options, domain);
            let scheme = if hop.tls { "https" } else { "http" };
            let Ok(uri) = Url::parse(&format!("{scheme}://{}:{}/", hop.host, hop.port)) else {
                continue;
            };
            let name = capitalised(hop.role.name());
            if let Some(proxy) = settings.proxy_before(&uri) {
                let found = format!(
                    "{}:{} through the proxy {} (set by {})",
                    hop.host, hop.port, proxy.address, proxy.set_by
                );
                tell_hop(report.add(&name, state, found), hop);
                continue;
            }
            let trust = settings.trust_at(&uri);
            let limit = settings.connect_timeout.unwrap_or(LIMIT);
            match Host::reach(&hop.host, hop.port, hop.tls, &trust, domain, limit) {
                Ok(host) => {
                    let step = report.add(&name, state, host.connected());
                    host.tell(step, domain);
                    tell_hop(step, hop);
                    last = host.handshake;
                }
                Err(error) => {
                    report.add(&name, state, error.to_string());
                }
            }
        }
        last
    }

    /// How queries run in spite of it.
    fn fallback(&self, session: &Arc<Session>, report: &mut Report) {
        if let Ok((rows, statistics, notice)) = read(session, &self.progress, &self.wait())
            && notice.is_some()
        {
            let how = if statistics.mode() == "DIRECT" {
                "through the coordinator"
            } else {
                "in uncompressed segments"
            };
            report.add(
                RESULT,
                State::Fair,
                format!("{rows} rows {how} instead (SpoolingFallback)"),
            );
        }
    }

    /// A result as an application reads it.
    fn result(&self, session: &Arc<Session>, report: &mut Report) {
        let started = Instant::now();
        match read(session, &self.progress, &self.wait()) {
            Ok((rows, statistics, _)) if rows == SAMPLE_ROWS => {
                let seconds = started.elapsed().as_secs_f64();
                let step = report.add(
                    RESULT,
                    State::Good,
                    format!(
                        "{rows} rows in {seconds:.2} s ({:.0} rows/s)",
                        rows as f64 / seconds
                    ),
                );
                step.fact("came", statistics.mode())
                    .fact(
                        "segments",
                        format!(
                            "{} inline, {} spooled",
                            statistics.inline, statistics.spooled
                        ),
                    )
                    .fact("downloaded", megabytes(statistics.downloaded as f64))
                    .fact("repeated requests", statistics.retries.to_string());
            }
            Ok((rows, ..)) => {
                let found = format!("{rows} rows of {SAMPLE_ROWS}");
                report.fail(
                    RESULT,
                    found,
                    "A result had the wrong number of rows; please report this as a bug.",
                );
            }
            Err(error) => report.fail(RESULT, error.to_string(), error.to_string()),
        }
    }
}

/// Reads the sample to its end.
fn read(
    session: &Arc<Session>,
    progress: &Progress,
    wait: &Wait,
) -> Result<(u64, spool::Statistics, Option<String>), session::Error> {
    let execution = session.run(SAMPLE, wait)?;
    let Outcome::Rows(mut results) = execution.outcome else {
        return Ok((0, spool::Statistics::default(), None));
    };
    let status = results.status();
    progress.query(&status);
    let mut rows = 0;
    while let Some(chunk) = results.next(wait)? {
        rows += chunk.rows() as u64;
        progress.rows(rows);
    }
    Ok((rows, status.statistics(), status.take_notice()))
}

/// The advice for a segment that could not be fetched.
fn cure_of(
    error: &spool::Error,
    trace: &Trace,
    handshake: Option<&Handshake>,
    coordinator: &str,
) -> String {
    let Some(hop) = trace.hops.last() else {
        return error.to_string();
    };
    if error.endpoint() == Some(coordinator)
        && let Some(cure) = front::of_segment(error, coordinator)
    {
        return cure;
    }
    match error {
        spool::Error::Unreachable { cause, .. } => {
            advice::segments(cause, hop.role, trace.retrieval, handshake)
        }
        spool::Error::ClockSkew { seconds, .. } => clocks(&hop.host, seconds.unwrap_or_default()),
        spool::Error::Expired { .. }
            if hop.clock.is_some_and(|ahead| ahead.abs() > CLOCKS_APART) =>
        {
            clocks(&hop.host, hop.clock.unwrap_or_default())
        }
        spool::Error::Refused { status: 403, .. } => format!(
            "{error} The signature or the key of the segment is rejected: something in between changes requests, or \
             the server's credentials for the storage lack permissions."
        ),
        error => error.to_string(),
    }
}

fn tell_hop(step: &mut report::Step, hop: &Hop) {
    if let Some(status) = hop.status {
        step.fact(
            "answer",
            format!("HTTP {status} after {}", milliseconds(hop.latency)),
        );
    }
    if let Some(speed) = hop.speed() {
        let size = megabytes(hop.bytes as f64);
        step.fact(
            "speed",
            format!("{}/s ({size}, one connection)", megabytes(speed)),
        );
    }
    if let Some(ahead) = hop.clock {
        step.fact("clock", apart(ahead));
    }
}

fn clocks(host: &str, ahead: i64) -> String {
    format!(
        "The clocks disagree: that of {host} is {}. Set this computer's clock, or the other one: certificates \
         and signed URLs depend on the time.",
        apart(ahead)
    )
}

fn apart(ahead: i64) -> String {
    let by = match ahead.unsigned_abs() {
        seconds @ 0..=119 => format!("{seconds} s"),
        seconds @ 120..=7199 => format!("{} min", seconds / 60),
        seconds => format!("{} h {} min", seconds / 3600, seconds % 3600 / 60),
    };
    match ahead {
        -1..=1 => "the same as this computer's".to_owned(),
        2.. => format!("{by} ahead of this computer's"),
        _ => format!("{by} behind this computer's"),
    }
}

fn milliseconds(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1000.0)
}

fn megabytes(bytes: f64) -> String {
    format!("{:.1} MB", bytes / 1e6)
}

fn capitalised(name: &str) -> String {
    let mut characters = name.chars();
    let first = characters.next().map(|first| first.to_ascii_uppercase());
    first.into_iter().chain(characters).collect()
}

const COORDINATOR: &str = "Coordinator";
const SERVER: &str = "Server";
const SIGN_IN: &str = "Sign-in";
const SPOOLING: &str = "Spooling";
const RESULT: &str = "Result";

/// How long a step may take.
const LIMIT: Duration = Duration::from_secs(120);

/// How long a server may take for a handshake.
const SHORT: Duration = Duration::from_secs(10);

/// Seconds between two clocks that storage does not tolerate.
const CLOCKS_APART: i64 = 300;

/// How long to wait for the server at the end.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);
