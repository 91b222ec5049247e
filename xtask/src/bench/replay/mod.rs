//! A server that answers with recordings, in its own process, at next to no cost.
//!
//! It keeps no state of a query: the URIs it gives out say which page of which recording comes next. A
//! statement names what it wants by its last word, `lineitem_x3`: the recording, read three times over with
//! the row offsets carried on. Everything is sent from memory by one blocking thread a connection.
//!
//! There are four addresses: plain and TLS, each also shaped like object storage, where a segment's first byte
//! takes a while and each connection has a limited speed. Behind a further one for each of [`LINKS`], all connections
//! share a link of that speed.

mod answer;
mod connection;
mod link;
mod process;
mod tape;

use std::collections::HashMap;
use std::io::{self, Read as _, Write as _};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

use super::workload::{Encoding, Workload};
use crate::lab::{Certificate, client};
pub use connection::{FIRST_BYTE, SPEED};
use link::Link;
pub use process::Process;
use tape::Tape;

/// Where a replay listens.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Addresses {
    pub plain: u16,
    pub tls: u16,
    pub shaped: u16,
    pub shaped_tls: u16,
    /// For each of [`LINKS`].
    pub links: Vec<u16>,
    /// The authority of its certificate.
    pub authority: PathBuf,
}

/// Megabits a second of the links there are.
pub const LINKS: [u32; 2] = [10, 1000];

impl Addresses {
    /// The port behind the link of so many megabits a second.
    pub fn link(&self, megabits: u32) -> Result<u16> {
        let at = LINKS.iter().position(|link| *link == megabits);
        let port = at.and_then(|at| self.links.get(at));
        port.copied().context("there is no such link")
    }
}

/// How an address delivers.
#[derive(Clone)]
enum Shape {
    /// As fast as the client reads.
    Free,
    /// Segments as object storage does.
    Storage,
    /// Everything over one link.
    Link(Arc<Link>),
}

/// What all connections share.
#[derive(Default)]
struct Replay {
    tapes: Mutex<HashMap<(&'static str, Encoding), Arc<Tape>>>,
    /// Requests so far, by what they asked for.
    counts: [AtomicU64; Kind::COUNT],
    queries: AtomicU64,
}

/// What a request asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Connection,
    Info,
    Statement,
    Validation,
    Page,
    Segment,
    Acknowledgement,
    Cancellation,
    Other,
}

impl Kind {
    const ALL: [Self; Self::COUNT] = [
        Self::Connection,
        Self::Info,
        Self::Statement,
        Self::Validation,
        Self::Page,
        Self::Segment,
        Self::Acknowledgement,
        Self::Cancellation,
        Self::Other,
    ];
    const COUNT: usize = 9;

    fn name(self) -> &'static str {
        match self {
            Self::Connection => "connections",
            Self::Info => "info",
            Self::Statement => "statements",
            Self::Validation => "validations",
            Self::Page => "pages",
            Self::Segment => "segments",
            Self::Acknowledgement => "acknowledgements",
            Self::Cancellation => "cancellations",
            Self::Other => "other",
        }
    }
}

impl Replay {
    fn count(&self, kind: Kind) {
        if let Some(count) = self.counts.get(kind as usize) {
            count.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// The recording, loaded when it is first asked for.
    fn tape(&self, workload: &'static Workload, encoding: Encoding) -> Result<Arc<Tape>> {
        let mut tapes = self.tapes.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(tape) = tapes.get(&(workload.name, encoding)) {
            return Ok(Arc::clone(tape));
        }
        let tape = Arc::new(Tape::load(workload, encoding)?);
        tapes.insert((workload.name, encoding), Arc::clone(&tape));
        Ok(tape)
    }
}

/// Serves until the end of standard input; the first line of output says where, as JSON.
pub fn serve() -> Result<()> {
    let folder = tempfile::Builder::new().prefix("trino-replay-").tempdir()?;
    let certificate = Certificate::make("replay", folder.path())?;
    let tls = Arc::new(client::server_config(&certificate)?);
    let replay = Arc::new(Replay::default());
    let listen = |tls: Option<&Arc<rustls::ServerConfig>>, shape: Shape| -> Result<u16> {
        let listener = TcpListener::bind("127.0.0.1:0").context("no port")?;
        let port = listener.local_addr()?.port();
        let replay = Arc::clone(&replay);
        let tls = tls.cloned();
        thread::spawn(move || {
            for socket in listener.incoming().flatten() {
                let (replay, tls, shape) = (Arc::clone(&replay), tls.clone(), shape.clone());
                thread::spawn(move || connection::serve(&replay, socket, tls, &shape));
            }
        });
        Ok(port)
    };
    let addresses = Addresses {
        plain: listen(None, Shape::Free)?,
        tls: listen(Some(&tls), Shape::Free)?,
        shaped: listen(None, Shape::Storage)?,
        shaped_tls: listen(Some(&tls), Shape::Storage)?,
        links: LINKS
            .into_iter()
            .map(|megabits| listen(None, Shape::Link(Arc::new(Link::new(megabits)))))
            .collect::<Result<_>>()?,
        authority: certificate.authority,
    };
    let mut output = io::stdout().lock();
    writeln!(output, "{}", serde_json::to_string(&addresses)?)?;
    output.flush()?;
    io::stdin().lock().read_to_end(&mut Vec::new())?;
    Ok(())
}
