//! Results from end to end, against a small server that misbehaves as it is told.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use base64::Engine as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, combinators::BoxBody};
use hyper::body::{Body, Frame, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use parking_lot::Mutex;
use serde_json::value::RawValue;
use tokio::runtime::Runtime;
use url::Url;

use super::*;
use crate::columns::{Chunk, Values};
use crate::http::Settings;
use crate::options::{Secret, Spooling, Trust};
use crate::protocol::{DataAttributes, PageData, Segment};

/// What the server does with one request of a path; the last one stands for all further.
#[derive(Debug, Clone)]
enum Act {
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
struct Seen {
    path: String,
    headers: hyper::HeaderMap,
}

#[derive(Default)]
struct Script {
    acts: Mutex<HashMap<String, Vec<Act>>>,
    seen: Mutex<Vec<Seen>>,
}

/// Two origins: one stands for the coordinator, one for storage.
struct Lab {
    runtime: Runtime,
    script: Arc<Script>,
    coordinator: SocketAddr,
    storage: SocketAddr,
    budget: Arc<Budget>,
}

impl Lab {
    fn new() -> Self {
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

    fn on(&self, path: &str, acts: Vec<Act>) {
        self.script.acts.lock().insert(path.to_owned(), acts);
    }

    fn count(&self, path: &str) -> usize {
        self.script
            .seen
            .lock()
            .iter()
            .filter(|seen| seen.path == path)
            .count()
    }

    fn spool(&self, options: &Spooling) -> Arc<Spool> {
        let client = || {
            Client::new(&Settings {
                trust: Trust {
                    system: false,
                    verification: crate::options::Verification::None,
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

    /// A segment in storage of rows `from..to`, and the bytes that storage shall have.
    fn segment(&self, name: &str, rows: std::ops::Range<i64>) -> (Segment, Vec<u8>) {
        let (bytes, attributes) = encode(rows);
        let segment = Segment::Spooled {
            uri: format!("http://{}/{name}?signature=a%2Fb", self.storage),
            ack_uri: Some(format!("http://{}/v1/spooled/ack/{name}", self.coordinator)),
            headers: vec![("x-key".to_owned(), Secret::new("k3y"))],
            attributes,
        };
        (segment, bytes)
    }

    fn read(&self, segments: Vec<Segment>) -> (Vec<i64>, Result<(), Error>, Statistics) {
        self.read_with(
            segments,
            &Spooling {
                retry_timeout: Some(PATIENCE),
                ..Spooling::default()
            },
        )
    }

    fn read_with(
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
const PATIENCE: Duration = Duration::from_millis(800);

async fn drain(feed: &mut Feed) -> (Vec<i64>, Result<(), Error>) {
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

fn numbers(chunk: &Chunk) -> Vec<i64> {
    match &chunk.columns()[0].values {
        Values::Int64(values) => values.clone(),
        other => panic!("{other:?}"),
    }
}

fn json(rows: std::ops::Range<i64>) -> String {
    let rows: Vec<String> = rows.map(|row| format!("[{row}]")).collect();
    format!("[{}]", rows.join(","))
}

fn encode(rows: std::ops::Range<i64>) -> (Vec<u8>, DataAttributes) {
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

fn attributes(segment: &mut Segment) -> &mut DataAttributes {
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

#[test]
fn segments_are_read_in_order_and_acknowledged_with_their_headers() {
    let lab = Lab::new();
    let mut segments = Vec::new();
    for index in 0..20 {
        let name = format!("/s{index}");
        let (segment, bytes) = lab.segment(&name[1..], index * 1000..(index + 1) * 1000);
        lab.on(&name, vec![Act::Body(bytes)]);
        segments.push(segment);
    }
    let (rows, result, statistics) = lab.read(segments);
    result.unwrap();
    assert_eq!(rows, (0..20_000).collect::<Vec<_>>());
    assert_eq!((statistics.spooled, statistics.rows), (20, 20_000));
    assert_eq!(statistics.retrieval, Some(Retrieval::Storage));
    let seen = lab.script.seen.lock();
    assert_eq!(seen.len(), 40);
    for seen in seen.iter() {
        assert_eq!(seen.headers["x-key"], "k3y", "{}", seen.path);
        assert!(!seen.headers.contains_key("authorization"));
    }
    for index in 0..20 {
        let acknowledged = format!("/v1/spooled/ack/s{index}");
        assert_eq!(
            seen.iter().filter(|seen| seen.path == acknowledged).count(),
            1
        );
    }
}

#[test]
fn direct_rows_and_inline_segments_need_no_other_thread() {
    let lab = Lab::new();
    let spool = lab.spool(&Spooling::default());
    let idle = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (mut sender, mut feed) = open(&spool, idle.handle(), vec![Type::BigInt].into(), "q");
    idle.block_on(async {
        let rows = serde_json::value::RawValue::from_string(json(0..3)).unwrap();
        sender.send(PageData::Direct(rows)).await.unwrap();
        let (bytes, mut attributes) = encode(3..6);
        attributes.row_offset = Some(3);
        let data = base64::engine::general_purpose::STANDARD.encode(bytes);
        let segments = vec![Segment::Inline { data, attributes }];
        let encoding = "json+lz4".to_owned();
        sender
            .send(PageData::Spooled { encoding, segments })
            .await
            .unwrap();
        sender.finish();
        let (rows, result) = drain(&mut feed).await;
        result.unwrap();
        assert_eq!(rows, [0, 1, 2, 3, 4, 5]);
        let statistics = feed.statistics();
        assert_eq!((statistics.inline, statistics.direct), (2, 1));
        assert_eq!(statistics.mode(), "DIRECT");
    });
}

#[test]
fn transient_failures_are_retried() {
    let lab = Lab::new();
    let (segment, bytes) = lab.segment("s", 0..5000);
    let acts = vec![
        Act::Status(503, ""),
        Act::RetryAfter(429, 0),
        Act::Cut(bytes.clone(), 100),
        Act::Stall,
        Act::Body(bytes[..bytes.len() - 1].to_vec()),
        Act::Body(bytes),
    ];
    lab.on("/s", acts);
    let (rows, result, statistics) = lab.read(vec![segment]);
    result.unwrap();
    assert_eq!(rows.len(), 5000);
    assert_eq!(statistics.retries, 5);
    assert_eq!(lab.count("/s"), 6);
}

#[test]
fn a_broken_download_resumes_where_the_server_honours_it() {
    let lab = Lab::new();
    let (segment, bytes) = lab.segment("s", 0..5000);
    let length = bytes.len() as u64;
    lab.on(
        "/s",
        vec![Act::Cut(bytes.clone(), 1000), Act::Ranged(bytes)],
    );
    let (rows, result, statistics) = lab.read(vec![segment]);
    result.unwrap();
    assert_eq!(rows, (0..5000).collect::<Vec<_>>());
    assert_eq!(statistics.downloaded, length, "no byte came twice");
}

#[test]
fn a_segment_that_turns_out_damaged_late_is_fetched_again_and_repeats_no_row() {
    let good = json(0..400_000).into_bytes();
    let mut damaged = good.clone();
    let place = damaged.len() - 100;
    damaged[place] = b'x';
    for times in [1, 2, 3] {
        let lab = Lab::new();
        let (mut segment, _) = lab.segment("s", 0..1);
        *attributes(&mut segment) = DataAttributes {
            rows_count: Some(400_000),
            segment_size: Some(good.len() as u64),
            ..DataAttributes::default()
        };
        let mut acts = vec![Act::Body(damaged.clone()); times];
        acts.push(Act::Body(good.clone()));
        lab.on("/s", acts);
        let (rows, result, statistics) = lab.read(vec![segment]);
        assert!(rows.iter().copied().eq(0..rows.len() as i64), "{times}");
        if times < 3 {
            result.unwrap();
            assert_eq!(rows.len(), 400_000);
            assert_eq!(statistics.rows, 400_000);
        } else {
            assert!(matches!(result, Err(Error::Decode { .. })), "{result:?}");
            assert!(rows.len() < 400_000);
        }
        assert_eq!(statistics.retries, times.min(2) as u64);
    }
}

#[test]
fn a_segment_that_comes_with_fewer_rows_than_were_read_of_it_is_an_error() {
    let first = json(0..400_000).into_bytes();
    let mut damaged = first.clone();
    let place = damaged.len() - 100;
    damaged[place] = b'x';
    // On a busy computer the damage may show before the reader came to take a row.
    for _ in 0..20 {
        let lab = Lab::new();
        let (mut segment, _) = lab.segment("s", 0..1);
        *attributes(&mut segment) = DataAttributes::default();
        let short = json(0..1).into_bytes();
        lab.on("/s", vec![Act::Body(damaged.clone()), Act::Body(short)]);
        let (rows, result, _) = lab.read(vec![segment]);
        assert!(rows.iter().copied().eq(0..rows.len() as i64));
        if rows.len() > 1 {
            assert!(matches!(result, Err(Error::Changed { .. })), "{result:?}");
            return;
        }
    }
    panic!("the reader never came in time");
}

#[test]
fn a_segment_that_is_there_is_known_to_be_even_without_room_to_decode_it() {
    let lab = Lab::new();
    let spool = lab.spool(&Spooling {
        memory: Some(200_000),
        ..Spooling::default()
    });
    let text = format!("[{}[1]]", "[1],".repeat(50_000));
    let bytes = lz4_flex::block::compress(text.as_bytes());
    let attributes = DataAttributes {
        segment_size: Some(bytes.len() as u64),
        uncompressed_size: Some(text.len() as u64),
        ..DataAttributes::default()
    };
    let (mut segment, _) = lab.segment("s", 0..1);
    *self::attributes(&mut segment) = attributes;
    // Long enough for the rows before it to be decoded.
    let late = Act::Late(Duration::from_millis(100), bytes);
    lab.on("/s", vec![late]);
    let (mut sender, mut feed) = open(&spool, lab.runtime.handle(), vec![Type::BigInt].into(), "q");
    lab.runtime.block_on(async {
        let inline = Segment::Inline {
            data: base64::engine::general_purpose::STANDARD.encode(json(0..10_000)),
            attributes: DataAttributes::default(),
        };
        let page = PageData::Spooled {
            encoding: "json+lz4".to_owned(),
            segments: vec![inline],
        };
        sender.send(page).await.unwrap();
        let page = PageData::Spooled {
            encoding: "json+lz4".to_owned(),
            segments: vec![segment],
        };
        sender.send(page).await.unwrap();
        sender.finish();
        let known = feed.availability(Duration::from_secs(60));
        let known = tokio::time::timeout(Duration::from_secs(10), known).await;
        known.expect("hangs");
        let (rows, result) = drain(&mut feed).await;
        result.unwrap();
        assert_eq!(rows.len(), 10_000 + 50_001);
    });
}

#[test]
fn rows_of_the_direct_protocol_are_not_held_back_for_segments() {
    let lab = Lab::new();
    let spool = lab.spool(&Spooling::default());
    let (mut sender, mut feed) = open(&spool, lab.runtime.handle(), vec![Type::BigInt].into(), "q");
    lab.runtime.block_on(async {
        let hour = Duration::from_secs(3600);
        let early = tokio::time::timeout(Duration::from_millis(20), feed.availability(hour)).await;
        assert!(early.is_err(), "nothing is known before rows came");
        let rows = RawValue::from_string(json(0..10)).unwrap();
        sender.send(PageData::Direct(rows)).await.unwrap();
        let known = tokio::time::timeout(Duration::from_secs(10), feed.availability(hour)).await;
        known.expect("the rows are held back");
    });
}

#[test]
fn an_urgent_segment_that_cannot_be_fetched_for_a_while_is_tried_again() {
    let lab = Lab::new();
    let (first, one) = lab.segment("a", 0..5000);
    let (mut second, two) = lab.segment("b", 5000..9000);
    if let Segment::Spooled { uri, .. } = &mut second {
        uri.push_str("&X-Amz-Date=20260102T030405Z&X-Amz-Expires=0");
    }
    lab.on("/a", vec![Act::Body(one)]);
    let mut acts = vec![Act::Status(503, ""); 6];
    acts.extend([Act::Body(two), Act::Status(404, "")]);
    lab.on("/b", acts);
    // Over before the failures are.
    let spool = lab.spool(&Spooling {
        memory: Some(1),
        retry_timeout: Some(Duration::from_millis(10)),
        ..Spooling::default()
    });
    let (mut sender, mut feed) = open(&spool, lab.runtime.handle(), vec![Type::BigInt].into(), "q");
    lab.runtime.block_on(async {
        let page = PageData::Spooled {
            encoding: "json+lz4".to_owned(),
            segments: vec![first, second],
        };
        sender.send(page).await.unwrap();
        sender.finish();
        let started = Instant::now();
        while feed.statistics().spilled == 0 {
            assert!(started.elapsed() < Duration::from_secs(10));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let (rows, result) = drain(&mut feed).await;
        result.unwrap();
        assert_eq!(rows, (0..9000).collect::<Vec<_>>());
    });
    assert_eq!(lab.count("/b"), 7);
}

#[test]
fn a_segment_that_cannot_be_had_fails_after_the_rows_before_it() {
    let expired = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
    let skewed = "<Error><Code>RequestTimeTooSkewed</Code></Error>";
    type Check = fn(&Error) -> bool;
    // Tries, where they are counted.
    let cases: [(Act, Option<usize>, Check); 7] = [
        (Act::Status(403, expired), Some(1), |error| {
            matches!(error, Error::Expired { .. })
        }),
        (Act::Status(403, skewed), Some(1), |error| {
            matches!(error, Error::ClockSkew { .. })
        }),
        (Act::Status(403, ""), Some(1), |error| {
            matches!(error, Error::Refused { status: 403, .. })
        }),
        (Act::Status(404, ""), Some(1), |error| {
            matches!(error, Error::Gone { .. })
        }),
        (Act::Status(503, ""), None, |error| {
            matches!(error, Error::Refused { status: 503, .. })
        }),
        (Act::Body(vec![b'x'; 100_000]), Some(3), |error| {
            matches!(error, Error::Length { .. })
        }),
        (Act::NoLocation, Some(1), |error| {
            matches!(
                error,
                Error::Redirect {
                    fault: RedirectFault::NoLocation,
                    ..
                }
            )
        }),
    ];
    for (act, tries, check) in cases {
        let lab = Lab::new();
        let (first, bytes) = lab.segment("a", 0..100);
        let (second, _) = lab.segment("b", 100..200);
        lab.on("/a", vec![Act::Body(bytes)]);
        lab.on("/b", vec![act.clone()]);
        let (rows, result, _) = lab.read(vec![first, second]);
        let error = result.expect_err("a short result");
        assert!(check(&error), "{act:?}: {error:?}");
        assert!(!error.to_string().contains("signature"), "{error}");
        assert_eq!(rows, (0..100).collect::<Vec<_>>(), "{act:?}");
        match tries {
            Some(tries) => assert_eq!(lab.count("/b"), tries, "{act:?}"),
            None => assert!(lab.count("/b") > 2, "{act:?}"),
        }
    }
}

#[test]
fn redirects_keep_the_headers_and_tell_the_retrieval_mode() {
    let lab = Lab::new();
    let (_, bytes) = lab.segment("s", 0..10);
    let through = |name: &str| {
        let (_, attributes) = encode(0..10);
        Segment::Spooled {
            uri: format!("http://{}/v1/spooled/download/{name}", lab.coordinator),
            ack_uri: Some(format!("http://{}/v1/spooled/ack/{name}", lab.coordinator)),
            headers: vec![("x-key".to_owned(), Secret::new("k3y"))],
            attributes,
        }
    };
    let path = |name: &str| format!("/v1/spooled/download/{name}");
    lab.on("/object", vec![Act::Body(bytes.clone())]);
    lab.on(
        &path("redirect"),
        vec![Act::Redirect(format!(
            "http://{}/object?signature=1",
            lab.storage
        ))],
    );
    lab.on(
        &path("worker"),
        vec![
            Act::Redirect(format!("http://{}{}", lab.storage, path("worker"))),
            Act::Body(bytes.clone()),
        ],
    );
    lab.on(&path("proxy"), vec![Act::Body(bytes)]);
    lab.on(&path("loop"), vec![Act::Redirect(path("loop"))]);
    for (name, mode) in [
        ("redirect", Retrieval::CoordinatorStorageRedirect),
        ("worker", Retrieval::WorkerProxy),
        ("proxy", Retrieval::CoordinatorProxy),
    ] {
        let (rows, result, statistics) = lab.read(vec![through(name)]);
        result.unwrap();
        assert_eq!(rows.len(), 10);
        assert_eq!(statistics.retrieval, Some(mode));
    }
    let (_, result, _) = lab.read(vec![through("loop")]);
    let fault = RedirectFault::TooMany;
    assert!(matches!(result, Err(Error::Redirect { fault: found, .. }) if found == fault));
    assert_eq!(lab.count(&path("loop")), 6);
    assert!(
        lab.script
            .seen
            .lock()
            .iter()
            .all(|seen| seen.headers["x-key"] == "k3y")
    );
}

#[test]
fn what_a_segment_says_of_itself_is_checked() {
    type Lie = fn(&mut DataAttributes);
    type Check = fn(&Error) -> bool;
    let lies: [(Lie, Check); 5] = [
        (
            |facts| facts.rows_count = Some(99),
            |error| matches!(error, Error::RowCount { .. }),
        ),
        (
            |facts| facts.rows_count = Some(101),
            |error| matches!(error, Error::RowCount { .. }),
        ),
        (
            |facts| facts.row_offset = Some(101),
            |error| matches!(error, Error::RowOffset { .. }),
        ),
        (
            |facts| facts.row_offset = Some(99),
            |error| matches!(error, Error::RowOffset { .. }),
        ),
        (
            |facts| facts.uncompressed_size = Some(9),
            |error| matches!(error, Error::Decode { .. }),
        ),
    ];
    for (lie, check) in lies {
        let lab = Lab::new();
        let (first, one) = lab.segment("a", 0..100);
        let (mut second, two) = lab.segment("b", 100..200);
        lie(attributes(&mut second));
        lab.on("/a", vec![Act::Body(one)]);
        lab.on("/b", vec![Act::Body(two)]);
        let (rows, result, _) = lab.read(vec![first, second]);
        let error = result.expect_err("a wrong result");
        assert!(check(&error), "{error:?}");
        // Rows that came before the lie is found may be read; they are the right ones.
        assert!((100..=200).contains(&rows.len()), "{error}");
        assert!(rows.iter().copied().eq(0..rows.len() as i64), "{error}");
    }
}

#[test]
fn a_segment_that_says_nothing_of_itself_is_read() {
    let lab = Lab::new();
    let (mut segment, _) = lab.segment("s", 0..100);
    *attributes(&mut segment) = DataAttributes::default();
    lab.on("/s", vec![Act::Body(json(0..100).into_bytes())]);
    let (rows, result, _) = lab.read(vec![segment]);
    result.unwrap();
    assert_eq!(rows.len(), 100);
}

#[test]
fn failing_acknowledgements_are_no_error() {
    let lab = Lab::new();
    let (segment, bytes) = lab.segment("s", 0..10);
    lab.on("/s", vec![Act::Body(bytes)]);
    lab.on("/v1/spooled/ack/s", vec![Act::Status(500, "")]);
    let (rows, result, _) = lab.read(vec![segment]);
    result.unwrap();
    assert_eq!(rows.len(), 10);
    assert_eq!(lab.count("/v1/spooled/ack/s"), 2);
}

#[test]
fn failing_acknowledgements_hold_no_others_up() {
    let lab = Lab::new();
    let segments = (0..60).map(|index| {
        let (segment, bytes) = lab.segment(&format!("s{index}"), index..index + 1);
        lab.on(&format!("/s{index}"), vec![Act::Body(bytes)]);
        let failing = vec![Act::Status(500, "")];
        lab.on(&format!("/v1/spooled/ack/s{index}"), failing);
        segment
    });
    let segments = segments.collect();
    let started = Instant::now();
    let (rows, result, _) = lab.read(segments);
    result.unwrap();
    assert_eq!(rows.len(), 60);
    // Four at a time, each with its pauses, would take three seconds.
    assert!(started.elapsed() < Duration::from_secs(2));
    for index in 0..60 {
        assert_eq!(lab.count(&format!("/v1/spooled/ack/s{index}")), 2);
    }
}

#[test]
fn dropping_the_feed_is_quick_stops_the_pager_and_acknowledges_what_is_unread() {
    let lab = Lab::new();
    let spool = lab.spool(&Spooling {
        downloads: Some(64),
        ..Spooling::default()
    });
    let handle = lab.runtime.handle();
    let (mut sender, feed) = open(&spool, handle, vec![Type::BigInt].into(), "q");
    let segments = (0..64)
        .map(|index| {
            lab.on(&format!("/s{index}"), vec![Act::Stall]);
            lab.segment(&format!("s{index}"), index..index + 1).0
        })
        .collect();
    let encoding = "json+lz4".to_owned();
    lab.runtime.block_on(async {
        sender
            .send(PageData::Spooled { encoding, segments })
            .await
            .unwrap();
    });
    std::thread::sleep(Duration::from_millis(50));
    let started = Instant::now();
    drop(feed);
    assert!(started.elapsed() < Duration::from_millis(200));
    lab.runtime.block_on(async {
        sender.stopped().await;
        assert!(sender.send(PageData::None).await.is_err());
        spool.idle().await;
    });
    for index in 0..64 {
        assert_eq!(lab.count(&format!("/v1/spooled/ack/s{index}")), 1);
    }
}

#[test]
fn an_inlet_dropped_without_a_word_is_an_error() {
    let lab = Lab::new();
    let spool = lab.spool(&Spooling::default());
    let (sender, mut feed) = open(&spool, lab.runtime.handle(), vec![Type::BigInt].into(), "q");
    drop(sender);
    lab.runtime.block_on(async {
        assert!(matches!(feed.next().await, Err(Error::Abandoned)));
        assert!(matches!(feed.next().await, Err(Error::Over)));
    });
}

#[test]
fn an_unknown_encoding_is_an_error() {
    let lab = Lab::new();
    let spool = lab.spool(&Spooling::default());
    let (mut sender, mut feed) = open(&spool, lab.runtime.handle(), vec![Type::BigInt].into(), "q");
    lab.runtime.block_on(async {
        let encoding = "arrow".to_owned();
        let page = PageData::Spooled {
            encoding,
            segments: Vec::new(),
        };
        assert!(sender.send(page).await.is_err());
        assert!(matches!(feed.next().await, Err(Error::Encoding { .. })));
    });
}

#[test]
fn storage_that_refuses_connections_is_told_from_the_cluster() {
    let lab = Lab::new();
    let (mut segment, _) = lab.segment("s", 0..1);
    if let Segment::Spooled { uri, .. } = &mut segment {
        *uri = "http://127.0.0.1:1/s?signature=1".to_owned();
    }
    let (_, result, statistics) = lab.read(vec![segment]);
    let error = result.expect_err("nobody listens");
    assert!(error.is_about_segment("coordinator:8080"), "{error:?}");
    assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
    assert!(!error.to_string().contains("signature"), "{error}");
    assert_eq!(statistics.retries, 2);
}

#[test]
fn storage_that_is_away_for_a_while_is_waited_for_once_it_gave_something() {
    let lab = Lab::new();
    let (first, one) = lab.segment("a", 0..100);
    let (second, two) = lab.segment("b", 100..5000);
    lab.on("/a", vec![Act::Body(one)]);
    let mut acts = vec![Act::Status(503, ""); 4];
    acts.extend(vec![Act::RetryAfter(503, 0); 3]);
    acts.push(Act::Cut(two.clone(), 50));
    acts.push(Act::Body(two));
    lab.on("/b", acts);
    let spool = lab.spool(&Spooling::default());
    let (mut sender, mut feed) = open(&spool, lab.runtime.handle(), vec![Type::BigInt].into(), "q");
    lab.runtime.block_on(async {
        let page = |segment| PageData::Spooled {
            encoding: "json+lz4".to_owned(),
            segments: vec![segment],
        };
        sender.send(page(first)).await.unwrap();
        assert_eq!(feed.next().await.unwrap().unwrap().rows(), 100);
        sender.send(page(second)).await.unwrap();
        sender.finish();
        let (rows, result) = drain(&mut feed).await;
        result.unwrap();
        assert_eq!(rows, (100..5000).collect::<Vec<_>>());
        assert_eq!(feed.trouble(), None);
    });
    assert_eq!(lab.count("/b"), 9);
}

#[test]
fn what_is_tried_again_can_be_told() {
    let lab = Lab::new();
    let (segment, _) = lab.segment("a", 0..100);
    lab.on("/a", vec![Act::Status(503, "")]);
    let spool = lab.spool(&Spooling::default());
    let (mut sender, feed) = open(&spool, lab.runtime.handle(), vec![Type::BigInt].into(), "q");
    feed.rely_on_segments();
    lab.runtime.block_on(async {
        let page = PageData::Spooled {
            encoding: "json+lz4".to_owned(),
            segments: vec![segment],
        };
        sender.send(page).await.unwrap();
        while feed.trouble().is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let trouble = feed.trouble().unwrap();
    assert!(trouble.contains("HTTP status 503"), "{trouble}");
    drop(feed);
}

#[test]
fn what_nobody_says_is_the_usual_capacity_of_the_computer() {
    let lab = Lab {
        budget: Budget::new(1 << 30, 4),
        ..Lab::new()
    };
    let usual = Capacity::usual(4, 1 << 30);
    assert_eq!(lab.spool(&Spooling::default()).capacity(), usual);
    let said = lab.spool(&Spooling {
        downloads: Some(3),
        decode_threads: Some(2),
        memory: Some(1 << 20),
        ..Spooling::default()
    });
    let expected = Capacity {
        memory: 1 << 20,
        decoders: 2,
        downloads: 3,
        first_downloads: 3,
    };
    assert_eq!(said.capacity(), expected);
}

#[test]
fn a_small_segment_takes_no_memory_of_a_large_one() {
    let lab = Lab::new();
    let mut segments = Vec::new();
    let mut start = 0;
    for (index, rows) in [300_000, 10].into_iter().cycle().take(8).enumerate() {
        let (segment, bytes) = lab.segment(&format!("s{index}"), start..start + rows);
        lab.on(&format!("/s{index}"), vec![Act::Body(bytes)]);
        segments.push(segment);
        start += rows;
    }
    let spool = lab.spool(&Spooling {
        decode_threads: Some(1),
        ..Spooling::default()
    });
    let handle = lab.runtime.handle();
    let (mut sender, mut feed) = open(&spool, handle, vec![Type::BigInt].into(), "q");
    handle.spawn(async move {
        let encoding = "json+lz4".to_owned();
        let page = PageData::Spooled { encoding, segments };
        if sender.send(page).await.is_ok() {
            sender.finish();
        }
    });
    let (mut rows, mut small) = (0, 0);
    while let Some(chunk) = lab.runtime.block_on(feed.next()).unwrap() {
        rows += chunk.rows() as i64;
        if chunk.rows() == 10 {
            assert!(chunk.size() < 64 << 10, "{} bytes", chunk.size());
            small += 1;
        }
    }
    assert_eq!((rows, small), (start, 4));
}

#[test]
fn a_slow_reader_keeps_memory_within_the_budget() {
    let lab = Lab::new();
    let mut segments = Vec::new();
    for index in 0..40 {
        let (segment, bytes) = lab.segment(&format!("s{index}"), index * 5000..(index + 1) * 5000);
        lab.on(&format!("/s{index}"), vec![Act::Body(bytes)]);
        segments.push(segment);
    }
    let memory = 1 << 20;
    let options = Spooling {
        memory: Some(memory),
        ..Spooling::default()
    };
    let (rows, result, statistics) = lab.read_with(segments, &options);
    result.unwrap();
    assert_eq!(rows, (0..200_000).collect::<Vec<_>>());
    assert!(
        statistics.peak_memory <= memory + (300 << 10),
        "{statistics:?}"
    );
}

/// Results of that many segments of 2,000 rows each, in the same lab.
fn results(lab: &Lab, count: i64, segments: i64) -> Vec<Vec<Segment>> {
    let result = |result: i64| {
        let segment = |index: i64| {
            let rows = index * 2000..(index + 1) * 2000;
            let (segment, bytes) = lab.segment(&format!("r{result}-{index}"), rows);
            lab.on(&format!("/r{result}-{index}"), vec![Act::Body(bytes)]);
            segment
        };
        (0..segments).map(segment).collect()
    };
    (0..count).map(result).collect()
}

impl Lab {
    /// The reader's end of a result of these segments.
    fn feed(&self, spool: &Arc<Spool>, segments: Vec<Segment>) -> Feed {
        let handle = self.runtime.handle();
        let (mut sender, feed) = open(spool, handle, vec![Type::BigInt].into(), "q");
        handle.spawn(async move {
            let page = PageData::Spooled {
                encoding: "json+lz4".to_owned(),
                segments,
            };
            if sender.send(page).await.is_ok() {
                sender.finish();
            }
        });
        feed
    }

    /// The rows that come next; none at the end.
    fn next(&self, feed: &mut Feed) -> Vec<i64> {
        let chunk = self.runtime.block_on(async {
            let next = feed.next();
            tokio::time::timeout(Duration::from_secs(20), next).await
        });
        chunk
            .expect("hangs")
            .unwrap()
            .map_or_else(Vec::new, |chunk| numbers(&chunk))
    }
}

#[test]
fn results_that_one_thread_reads_in_turn_all_end_in_a_memory_that_has_room_for_none() {
    let lab = Lab::new();
    lab.budget.set_memory(1000);
    let spool = lab.spool(&Spooling::default());
    let mut feeds: Vec<_> = results(&lab, 20, 4)
        .into_iter()
        .map(|segments| (lab.feed(&spool, segments), Vec::new()))
        .collect();
    let mut most = 0;
    while feeds.iter().any(|(_, rows)| rows.len() < 8000) {
        for (feed, rows) in &mut feeds {
            rows.extend(lab.next(feed));
            most = most.max(lab.budget.held());
        }
    }
    for (feed, rows) in &mut feeds {
        assert_eq!(*rows, (0..8000).collect::<Vec<_>>());
        assert!(lab.next(feed).is_empty());
    }
    // Of each a segment: its bytes, its text and its rows, while it is decoded.
    assert!(most < 20 * 60_000, "{most}");
}

#[test]
fn what_a_result_holds_is_given_back_when_it_ends_fails_or_is_closed() {
    let lab = Lab::new();
    let spool = lab.spool(&Spooling {
        retry_timeout: Some(Duration::ZERO),
        ..Spooling::default()
    });
    let mut given = results(&lab, 3, 4);
    lab.on("/r1-1", vec![Act::Status(404, "")]);
    let mut feeds: Vec<_> = given
        .drain(..)
        .map(|segments| lab.feed(&spool, segments))
        .collect();
    for feed in &mut feeds {
        assert_eq!(lab.next(feed).len(), 2000);
    }
    let mut closed = feeds.remove(0);
    assert_eq!(lab.next(&mut closed).len(), 2000);
    drop(closed);
    let (_, result) = lab.runtime.block_on(drain(&mut feeds[0]));
    assert!(matches!(result, Err(Error::Gone { .. })), "{result:?}");
    drop(feeds.remove(0));
    let (rows, result) = lab.runtime.block_on(drain(&mut feeds[0]));
    assert_eq!((rows.len(), result.is_ok()), (6000, true));
    let deadline = Instant::now() + Duration::from_secs(5);
    while lab.budget.held() > 0 {
        assert!(Instant::now() < deadline, "{} held", lab.budget.held());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_result_that_is_left_gives_its_memory_to_one_that_is_read_and_goes_on_where_it_was() {
    let lab = Lab::new();
    let spool = lab.spool(&Spooling::default());
    let mut given = results(&lab, 2, 4);
    let (read, left) = (given.remove(0), given.remove(0));
    let mut left = lab.feed(&spool, left);
    let mut rows = lab.next(&mut left);
    // It has all its segments by now.
    while left.statistics().rows < 8000 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let held = lab.budget.held();
    lab.budget.skip(Duration::from_millis(3100));
    lab.budget.set_memory(1000);
    let mut read = lab.feed(&spool, read);
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut others = lab.next(&mut read);
    while lab.budget.held() > held / 2 {
        assert!(Instant::now() < deadline, "{} held", lab.budget.held());
        std::thread::sleep(Duration::from_millis(5));
    }
    others.extend(lab.runtime.block_on(drain(&mut read)).0);
    assert_eq!(others, (0..8000).collect::<Vec<_>>());
    assert_eq!(lab.count("/v1/spooled/ack/r1-1"), 0);
    rows.extend(lab.runtime.block_on(drain(&mut left)).0);
    assert_eq!(rows, (0..8000).collect::<Vec<_>>());
    assert!(lab.count("/r1-1") > 1, "it was fetched again");
    drop(left);
    lab.runtime.block_on(spool.idle());
    assert_eq!(lab.count("/v1/spooled/ack/r1-1"), 1);
}

#[test]
fn segments_that_are_slow_to_come_starve_the_decoders() {
    let lab = Lab::new();
    let late = Duration::from_millis(150);
    let segments = (0..3).map(|n| {
        let name = format!("late-{n}");
        let (segment, bytes) = lab.segment(&name, n * 1000..(n + 1) * 1000);
        lab.on(&format!("/{name}"), vec![Act::Late(late, bytes)]);
        segment
    });
    let (rows, result, statistics) = lab.read(segments.collect());
    result.unwrap();
    assert_eq!(rows.len(), 3000);
    assert_eq!(statistics.encoding, Some(options::Encoding::JsonLz4));
    let load = statistics.load;
    assert_eq!(load.text, statistics.decoded);
    assert_eq!(
        (load.wire, load.received),
        (statistics.downloaded, statistics.downloaded)
    );
    assert!(load.downloading >= late, "{load:?}");
    assert!(load.starved > load.elapsed / 2, "{load:?}");
    assert!(load.decoding > load.unpacking, "{load:?}");
}
