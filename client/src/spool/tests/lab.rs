//! A small server that misbehaves as a test says, and results that are read from it.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, combinators::BoxBody};
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use tokio::runtime::Runtime;
use url::Url;

use super::super::*;
use crate::columns::{Chunk, Values};
use crate::http::Settings;
use crate::options::{Secret, Spooling, Trust};
use crate::protocol::{DataAttributes, PageData, Segment};

/// What the server does with one request of a path; the last one stands for all further.
#[derive(Debug, Clone)]
pub(super) enum Act {
    Body(Vec<u8>),
    /// As `Body`, after that time.
    Late(Duration, Vec<u8>),
    /// As `Body`, and a range is honoured.
    Ranged(Vec<u8>),
    /// That many bytes of a longer body, then the connection breaks.
    Cut(Vec<u8>, usize),
    Status(u16, &'static str),
    RetryAfter(u16, u64),
    Redirect(String),
    NoLocation,
    Stall,
}

#[derive(Debug, Clone)]
pub(super) struct Seen {
    pub(super) path: String,
    pub(super) headers: hyper::HeaderMap,
}

#[derive(Default)]
pub(super) struct Script {
    pub(super) acts: Mutex<HashMap<String, Vec<Act>>>,
    pub(super) seen: Mutex<Vec<Seen>>,
}

/// Two origins: one stands for the coordinator, one for storage.
pub(super) struct Lab {
    pub(super) runtime: Runtime,
    pub(super) script: Arc<Script>,
    pub(super) coordinator: SocketAddr,
    pub(super) storage: SocketAddr,
    pub(super) budget: Arc<Budget>,
}

impl Lab {
    pub(super) fn new() -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let script = Arc::new(Script::default());
        let coordinator = runtime.block_on(listen(&script));
        let storage = runtime.block_on(listen(&script));
        Self {
            runtime,
            script,
            coordinator,
            storage,
            budget: Budget::new(u64::MAX, 2),
        }
    }

    pub(super) fn on(&self, path: &str, acts: Vec<Act>) {
        self.script.acts.lock().insert(path.to_owned(), acts);
    }

    pub(super) fn count(&self, path: &str) -> usize {
        self.script
            .seen
            .lock()
            .iter()
            .filter(|seen| seen.path == path)
            .count()
    }

    pub(super) fn spool(&self, options: &Spooling) -> Arc<Spool> {
        let client = || {
            Client::new(&Settings {
                trust: Trust {
                    system: false,
                    verification: options::Verification::None,
                    ..Trust::default()
                },
                connect_timeout: Some(Duration::from_secs(5)),
                read_timeout: Some(Duration::from_millis(300)),
                compression: false,
                ..Settings::default()
            })
            .unwrap()
        };
        let base = Url::parse(&format!("http://{}", self.coordinator)).unwrap();
        let own = Arc::new(OwnOrigin::new(
            base,
            reqwest::header::HeaderMap::new(),
            true,
        ));
        let budget = Arc::clone(&self.budget);
        let pause = Duration::from_millis(2);
        Spool::with_first_pause(client(), client(), own, options, budget, pause)
    }

    /// A segment in storage of rows `from..to`, and the bytes for storage.
    pub(super) fn segment(&self, name: &str, rows: std::ops::Range<i64>) -> (Segment, Vec<u8>) {
        let (bytes, attributes) = encode(rows);
        let segment = Segment::Spooled {
            uri: format!("http://{}/{name}?signature=a%2Fb", self.storage),
            ack_uri: Some(format!("http://{}/v1/spooled/ack/{name}", self.coordinator)),
            headers: vec![("x-key".to_owned(), Secret::new("k3y"))],
            attributes,
        };
        (segment, bytes)
    }

    pub(super) fn read(&self, segments: Vec<Segment>) -> (Vec<i64>, Result<(), Error>, Statistics) {
        self.read_with(
            segments,
            &Spooling {
                retry_timeout: Some(PATIENCE),
                ..Spooling::default()
            },
        )
    }

    pub(super) fn read_with(
        &self,
        segments: Vec<Segment>,
        options: &Spooling,
    ) -> (Vec<i64>, Result<(), Error>, Statistics) {
        let spool = self.spool(options);
        let handle = self.runtime.handle();
        let (mut sender, mut feed) = open(&spool, handle, vec![Type::BigInt].into(), "q");
        handle.spawn(async move {
            for segment in segments {
                let page = PageData::Spooled {
                    encoding: "json+lz4".to_owned(),
                    segments: vec![segment],
                };
                if sender.send(page).await.is_err() {
                    return;
                }
            }
            sender.finish();
        });
        self.runtime.block_on(async {
            let (rows, result) = drain(&mut feed).await;
            let statistics = feed.statistics();
            drop(feed);
            spool.idle().await;
            (rows, result, statistics)
        })
    }
}

/// Long enough for six attempts.
pub(super) const PATIENCE: Duration = Duration::from_millis(800);

pub(super) async fn drain(feed: &mut Feed) -> (Vec<i64>, Result<(), Error>) {
    let mut rows = Vec::new();
    loop {
        match tokio::time::timeout(Duration::from_secs(20), feed.next())
            .await
            .expect("hangs")
        {
            Ok(Some(chunk)) => rows.extend(numbers(&chunk)),
            Ok(None) => return (rows, Ok(())),
            Err(error) => return (rows, Err(error)),
        }
    }
}

pub(super) fn numbers(chunk: &Chunk) -> Vec<i64> {
    match &chunk.columns()[0].values {
        Values::Int64(values) => values.clone(),
        other => panic!("{other:?}"),
    }
}

pub(super) fn json(rows: std::ops::Range<i64>) -> String {
    let rows: Vec<String> = rows.map(|row| format!("[{row}]")).collect();
    format!("[{}]", rows.join(","))
}

pub(super) fn encode(rows: std::ops::Range<i64>) -> (Vec<u8>, DataAttributes) {
    let text = json(rows.clone());
    let bytes = lz4_flex::block::compress(text.as_bytes());
    let attributes = DataAttributes {
        row_offset: Some(rows.start as u64),
        rows_count: Some((rows.end - rows.start) as u64),
        segment_size: Some(bytes.len() as u64),
        uncompressed_size: Some(text.len() as u64),
        expires_at: None,
    };
    (bytes, attributes)
}

pub(super) fn attributes(segment: &mut Segment) -> &mut DataAttributes {
    match segment {
        Segment::Inline { attributes, .. } | Segment::Spooled { attributes, .. } => attributes,
    }
}

async fn listen(script: &Arc<Script>) -> SocketAddr {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let script = Arc::clone(script);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let script = Arc::clone(&script);
            tokio::spawn(async move {
                let service = service_fn(move |request| answer(Arc::clone(&script), request));
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service)
                    .await;
            });
        }
    });
    address
}

type Answer = Response<BoxBody<Bytes, std::io::Error>>;

async fn answer(script: Arc<Script>, request: Request<Incoming>) -> Result<Answer, Infallible> {
    let path = request.uri().path().to_owned();
    script.seen.lock().push(Seen {
        path: path.clone(),
        headers: request.headers().clone(),
    });
    let act = {
        let mut acts = script.acts.lock();
        match acts.get_mut(&path) {
            Some(acts) if acts.len() > 1 => acts.remove(0),
            Some(acts) => acts[0].clone(),
            None if path.starts_with("/v1/spooled/ack/") => Act::Body(Vec::new()),
            None => Act::Status(404, ""),
        }
    };
    let full = |body: Vec<u8>| {
        Full::new(Bytes::from(body))
            .map_err(|never| match never {})
            .boxed()
    };
    let range = request.headers().get("range").map(|range| {
        let text = range.to_str().unwrap();
        text["bytes=".len()..text.len() - 1]
            .parse::<usize>()
            .unwrap()
    });
    let builder = Response::builder();
    let response = match act {
        Act::Ranged(body) if range.is_some() => {
            let start = range.unwrap();
            builder
                .status(206)
                .header(
                    "content-range",
                    format!("bytes {start}-{}/{}", body.len() - 1, body.len()),
                )
                .body(full(body[start..].to_vec()))
        }
        Act::Body(body) | Act::Ranged(body) => builder.body(full(body)),
        Act::Late(time, body) => {
            tokio::time::sleep(time).await;
            builder.body(full(body))
        }
        Act::Cut(body, at) => {
            let (sender, receiver) = tokio::sync::mpsc::channel(2);
            sender
                .send(Ok(Frame::data(Bytes::copy_from_slice(&body[..at]))))
                .await
                .unwrap();
            tokio::spawn(async move {
                tokio::time::sleep(Duration::from_millis(30)).await;
                let _ = sender.send(Err(std::io::Error::other("cut"))).await;
            });
            builder
                .header("content-length", body.len())
                .body(Pieces(receiver).boxed())
        }
        Act::Status(status, text) => builder.status(status).body(full(text.as_bytes().to_vec())),
        Act::RetryAfter(status, seconds) => builder
            .status(status)
            .header("retry-after", seconds)
            .body(full(Vec::new())),
        Act::Redirect(to) => builder
            .status(303)
            .header("location", to)
            .body(full(Vec::new())),
        Act::NoLocation => builder.status(303).body(full(Vec::new())),
        Act::Stall => std::future::pending().await,
    };
    Ok(response.unwrap())
}

/// A body whose pieces come from elsewhere, and which may break.
struct Pieces(tokio::sync::mpsc::Receiver<std::io::Result<Frame<Bytes>>>);

impl Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: std::pin::Pin<&mut Self>,
        context: &mut std::task::Context<'_>,
    ) -> std::task::Poll<Option<std::io::Result<Frame<Bytes>>>> {
        self.0.poll_recv(context)
    }
}
