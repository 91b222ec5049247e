use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};

use super::*;
use crate::columns::ChunkSource;
use crate::http::ClientPool;
use crate::protocol::PageData;
use crate::runtime::{Interrupted, Lease};

/// A request as a server sees it.
#[derive(Debug, Clone)]
struct Request {
    line: String,
    headers: String,
    body: String,
}

/// A coordinator that answers as a function says: status, headers and body of each request.
struct Server {
    port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
}

type Answer = (u16, String, String);

impl Server {
    fn start(answer: impl Fn(&Request, &str) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let seen = Arc::clone(&requests);
        let answer = Arc::new(answer);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, answer) = (Arc::clone(&seen), Arc::clone(&answer));
                let base = format!("http://127.0.0.1:{port}");
                std::thread::spawn(move || {
                    let mut reader = BufReader::new(stream.unwrap());
                    while let Some(request) = read(&mut reader) {
                        seen.lock().push(request.clone());
                        let (status, headers, body) = answer(&request, &base);
                        let length = body.len();
                        let text = format!(
                            "HTTP/1.1 {status} X\r\n{headers}Content-Length: {length}\r\n\r\n"
                        );
                        let body = if request.line.starts_with("HEAD") {
                            ""
                        } else {
                            &body
                        };
                        let stream = reader.get_mut();
                        if stream.write_all((text + body).as_bytes()).is_err() {
                            return;
                        }
                    }
                });
            }
        });
        Self { port, requests }
    }

    /// A server that runs one query: `pages[0]` answers the POST, `pages[n]` the GET of page n.
    fn of_pages(pages: &'static [&'static str]) -> Self {
        Self::start(move |request, base| {
            let page = match request.line.split(' ').next() {
                Some("POST") => 0,
                Some("GET") => page_number(request),
                _ => return (204, String::new(), String::new()),
            };
            // A page that is never ready.
            if pages[page] == "wait" {
                std::thread::sleep(Duration::from_secs(3));
            }
            (200, String::new(), pages[page].replace("BASE", base))
        })
    }

    fn options(&self) -> Options {
        Options {
            host: "127.0.0.1".to_owned(),
            port: self.port,
            user: Some("alice".to_owned()),
            validate_connection: false,
            ..Options::default()
        }
    }

    fn open(&self) -> Arc<Session> {
        Session::open(
            self.options(),
            lease(),
            &ClientPool::default(),
            &Arc::default(),
            &Wait::default(),
        )
        .unwrap()
    }

    fn lines(&self) -> Vec<String> {
        self.requests
            .lock()
            .iter()
            .map(|request| request.line.clone())
            .collect()
    }
}

fn page_number(request: &Request) -> usize {
    let path = request.line.split(' ').nth(1).unwrap();
    path.rsplit('/').next().unwrap().parse().unwrap()
}

fn read(reader: &mut BufReader<TcpStream>) -> Option<Request> {
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let mut headers = String::new();
    while !headers.ends_with("\r\n\r\n") && headers != "\r\n" {
        reader.read_line(&mut headers).ok()?;
    }
    let length = headers
        .lines()
        .find_map(|header| {
            header
                .to_lowercase()
                .strip_prefix("content-length: ")?
                .parse()
                .ok()
        })
        .unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let words: Vec<_> = line.split(' ').take(2).collect();
    Some(Request {
        line: words.join(" "),
        headers: headers.to_lowercase(),
        body: String::from_utf8(body).unwrap(),
    })
}

fn lease() -> SharedLease {
    Arc::new(Lease::take().unwrap())
}

fn rows(execution: Execution) -> Results {
    match execution.outcome {
        Outcome::Rows(results) => results,
        Outcome::Updated(count) => panic!("no rows but {count:?}"),
    }
}

fn count(results: &mut Results) -> Result<usize, Error> {
    let mut count = 0;
    while let Some(chunk) = results.next(&Wait::default())? {
        count += chunk.rows();
    }
    Ok(count)
}

const COLUMN: &str = r#""columns":[{"name":"_col0","type":"integer"}]"#;

/// What a page is: id, next page (if any) and the rest.
macro_rules! page {
    ($rest:literal) => {
        concat!(r#"{"id":"q1","#, $rest, r#""stats":{"state":"RUNNING"}}"#)
    };
    ($next:literal, $rest:literal) => {
        concat!(
            r#"{"id":"q1","nextUri":"BASE/v1/statement/x/"#,
            $next,
            r#"","#,
            $rest,
            r#""stats":{"state":"RUNNING"}}"#
        )
    };
}

#[test]
fn rows_come_page_by_page_until_a_page_names_no_next() {
    let server = Server::of_pages(&[
        page!("1", ""),
        page!("2", r#""columns":[{"name":"_col0","type":"integer"}],"#),
        page!(
            "3",
            r#""columns":[{"name":"_col0","type":"integer"}],"data":[[1],[2]],"#
        ),
        page!(r#""columns":[{"name":"_col0","type":"integer"}],"data":[[3]],"#),
    ]);
    let session = server.open();
    let execution = session.run("SELECT 1", &Wait::default()).unwrap();
    assert_eq!(execution.query_id, "q1");
    assert_eq!(execution.columns[0].name, "_col0");
    let mut results = rows(execution);
    assert_eq!(count(&mut results).unwrap(), 3);
    drop(results);
    session.close(Duration::from_secs(5));
    assert_eq!(
        server.lines(),
        [
            "POST /v1/statement",
            "GET /v1/statement/x/1",
            "GET /v1/statement/x/2",
            "GET /v1/statement/x/3"
        ]
    );
    let post = server.requests.lock()[0].clone();
    assert_eq!(post.body, "SELECT 1");
    assert!(post.headers.contains("x-trino-user: alice"));
    assert!(!post.headers.contains("\nauthorization:"));
}

#[test]
fn the_next_query_requests_first_what_the_last_ones_showed_to_be_best() {
    use super::encoding::tests::{decoder_bound, link_bound};
    let server = Server::of_pages(&[page!(
        r#""columns":[{"name":"_col0","type":"integer"}],"data":[[1]],"#
    )]);
    let memory = Arc::<Memory>::default();
    let open = |options| {
        let (clients, wait) = (ClientPool::default(), Wait::default());
        Session::open(options, lease(), &clients, &memory, &wait).unwrap()
    };
    let requested = |session: &Arc<Session>| {
        let execution = session.run("SELECT 1", &Wait::default()).unwrap();
        assert_eq!(count(&mut rows(execution)).unwrap(), 1);
        let post = server.requests.lock().last().unwrap().clone();
        let mut headers = post.headers.lines();
        let offer = headers.find_map(|line| line.strip_prefix("x-trino-query-data-encoding: "));
        offer.unwrap().to_owned()
    };
    let session = open(server.options());
    assert_eq!(requested(&session), "json+zstd,json+lz4,json");
    // The result of one row showed nothing.
    assert_eq!(requested(&session), "json+zstd,json+lz4,json");
    session.shared.encodings.learn("q1", &decoder_bound());
    assert_eq!(requested(&session), "json+lz4,json+zstd,json");
    // So it is for the next connection, unless a person chose.
    assert_eq!(
        requested(&open(server.options())),
        "json+lz4,json+zstd,json"
    );
    let mut given = server.options();
    given.spooling.adaptive = false;
    assert_eq!(requested(&open(given)), "json+zstd,json+lz4,json");
    // One slow result may be chance. Two are not.
    session.shared.encodings.learn("q2", &link_bound());
    assert_eq!(requested(&session), "json+lz4,json+zstd,json");
    session.shared.encodings.learn("q3", &link_bound());
    assert_eq!(requested(&session), "json+zstd,json+lz4,json");
}

#[test]
fn a_count_is_no_result_set() {
    let server = Server::of_pages(&[
        page!("1", r#""updateType":"INSERT","#),
        page!(
            "2",
            r#""updateType":"INSERT","columns":[{"name":"rows","type":"bigint"}],"data":[[7]],"#
        ),
        page!(r#""updateType":"INSERT","columns":[{"name":"rows","type":"bigint"}],"#),
    ]);
    let session = server.open();
    let execution = session.run("INSERT", &Wait::default()).unwrap();
    assert!(matches!(execution.outcome, Outcome::Updated(Some(7))));
    assert_eq!(execution.update_type.as_deref(), Some("INSERT"));
    assert_eq!(server.lines().len(), 3);
}

#[test]
fn what_a_statement_changes_goes_with_the_next() {
    let server = Server::start(|_, _| {
        let headers =
            "X-Trino-Set-Catalog: hive\r\nX-Trino-Set-Session: time_zone_id=Asia%2FTokyo\r\n";
        (
            200,
            headers.to_owned(),
            page!(r#""updateType":"USE","#).to_owned(),
        )
    });
    let session = server.open();
    for _ in 0..2 {
        session.run("USE hive.web", &Wait::default()).unwrap();
    }
    assert_eq!(session.catalog().as_deref(), Some("hive"));
    assert_eq!(session.time_zone().as_deref(), Some("Asia/Tokyo"));
    let requests = server.requests.lock();
    assert!(!requests[0].headers.contains("x-trino-catalog"));
    assert!(requests[1].headers.contains("x-trino-catalog: hive"));
    assert!(
        requests[1]
            .headers
            .contains("x-trino-session: time_zone_id=asia%2ftokyo")
    );
}

#[test]
fn a_failed_query_reports_its_id_and_the_reason() {
    let server = Server::of_pages(&[
        page!("1", ""),
        page!(
            r#""error":{"message":"line 1:8: no such column","errorCode":47,"errorName":"COLUMN_NOT_FOUND"},"#
        ),
    ]);
    let error = server.open().run("SELECT x", &Wait::default()).unwrap_err();
    assert_eq!(error.query_id(), Some("q1"));
    assert!(matches!(error, Error::Server(error) if error.code == 47));
}

#[test]
fn an_error_after_rows_is_an_error_and_not_the_end() {
    let server = Server::start(|request, base| {
        let first = format!(r#"{{"id":"q1","nextUri":"{base}/v1/x/1",{COLUMN},"data":[[1]]}}"#);
        match request.line.split(' ').next() {
            Some("POST") => (200, String::new(), first),
            _ => (404, String::new(), "Query not found".to_owned()),
        }
    });
    let session = server.open();
    let mut results = rows(session.run("SELECT 1", &Wait::default()).unwrap());
    let error = count(&mut results).unwrap_err();
    assert_eq!(error.query_id(), Some("q1"));
    assert!(error.to_string().contains("Query not found"), "{error}");
}

#[test]
fn rows_left_unread_end_the_query_on_the_server() {
    let server = Server::of_pages(&[
        page!(
            "1",
            r#""columns":[{"name":"_col0","type":"integer"}],"data":[[1]],"#
        ),
        "wait",
    ]);
    let session = server.open();
    drop(rows(session.run("SELECT 1", &Wait::default()).unwrap()));
    let begun = Instant::now();
    session.close(Duration::from_secs(5));
    assert!(begun.elapsed() < Duration::from_secs(2));
    assert!(
        server
            .lines()
            .contains(&"DELETE /v1/statement/x/1".to_owned())
    );
}

#[test]
fn closing_ends_queries_that_are_being_read() {
    let server = Server::of_pages(&[
        page!(
            "1",
            r#""columns":[{"name":"_col0","type":"integer"}],"data":[[1]],"#
        ),
        "wait",
    ]);
    let session = server.open();
    let mut results = rows(session.run("SELECT 1", &Wait::default()).unwrap());
    session.close(Duration::from_secs(5));
    assert!(
        server
            .lines()
            .contains(&"DELETE /v1/statement/x/1".to_owned())
    );
    assert!(count(&mut results).is_err());
    assert!(matches!(
        session.run("SELECT 1", &Wait::default()),
        Err(Error::Closed)
    ));
}

#[test]
fn a_cancelled_run_ends_the_query_on_the_server() {
    let server = Server::of_pages(&[page!("1", ""), "wait"]);
    let session = server.open();
    let wait = Wait::default();
    let cancel = wait.cancel.clone();
    std::thread::spawn(move || {
        std::thread::sleep(Duration::from_millis(100));
        cancel.cancel();
    });
    let error = session.run("SELECT 1", &wait).unwrap_err();
    assert!(matches!(
        error,
        Error::Interrupted {
            cause: Interrupted::Cancelled,
            ..
        }
    ));
    assert_eq!(error.query_id(), Some("q1"));
    session.close(Duration::from_secs(5));
    assert!(
        server
            .lines()
            .contains(&"DELETE /v1/statement/x/1".to_owned())
    );
}

#[test]
fn requests_to_a_busy_gateway_are_retried() {
    let attempts = AtomicUsize::new(0);
    let server = Server::start(move |_, _| match attempts.fetch_add(1, Ordering::SeqCst) {
        0 | 1 => (503, String::new(), "busy".to_owned()),
        _ => (
            200,
            String::new(),
            page!(r#""updateType":"USE","#).to_owned(),
        ),
    });
    assert!(server.open().run("USE a.b", &Wait::default()).is_ok());
    assert_eq!(server.lines().len(), 3);
}

#[test]
fn refused_credentials_fail_the_connection() {
    let server = Server::start(|_, _| (401, String::new(), String::new()));
    let options = Options {
        validate_connection: true,
        ..server.options()
    };
    let error = Session::open(
        options,
        lease(),
        &ClientPool::default(),
        &Arc::default(),
        &Wait::default(),
    )
    .unwrap_err();
    assert!(matches!(error, Error::Authentication(_)));
    assert_eq!(server.lines(), ["HEAD /v1/statement"]);
}

#[test]
fn a_server_without_a_probe_is_accepted() {
    for status in [200, 404, 405] {
        let server = Server::start(move |_, _| (status, String::new(), String::new()));
        let options = Options {
            validate_connection: true,
            ..server.options()
        };
        assert!(
            Session::open(
                options,
                lease(),
                &ClientPool::default(),
                &Arc::default(),
                &Wait::default()
            )
            .is_ok()
        );
    }
}

#[test]
fn a_port_without_a_listener_fails_at_once() {
    let port = TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let options = Options {
        host: "127.0.0.1".to_owned(),
        port,
        ..Options::default()
    };
    let begun = Instant::now();
    let error = Session::open(
        options,
        lease(),
        &ClientPool::default(),
        &Arc::default(),
        &Wait::default(),
    )
    .unwrap_err();
    assert!(matches!(&error, Error::Connect(error) if error.kind() == crate::http::Kind::Refused));
    assert!(error.to_string().contains(&port.to_string()));
    assert!(begun.elapsed() < Duration::from_secs(2));
}

/// Rows that are read slowly: how many came, from a server that gives up a query after a fraction
/// of a second.
fn read_with_a_pause(
    heartbeat: Duration,
    pause: Duration,
    faults: Vec<scripted_trino::Planned>,
) -> Result<usize, Error> {
    let server = scripted_trino::Server::builder()
        .client_timeout(LONG_PAUSE / 2)
        .start();
    for fault in faults {
        server.fault(scripted_trino::Endpoint::Heartbeat, fault);
    }
    let answer = scripted_trino::Answer::generated(&["varchar"], 20_000, 1)
        .direct()
        .repeat(20);
    server.on("SELECT many", answer);
    let mut options = Options {
        host: server.host().to_owned(),
        port: server.port(),
        user: Some("alice".to_owned()),
        heartbeat,
        ..Options::default()
    };
    options.spooling.memory = Some(1 << 20);
    let session = Session::open(
        options,
        lease(),
        &ClientPool::default(),
        &Arc::default(),
        &Wait::default(),
    )?;
    let mut results = rows(session.run("SELECT many", &Wait::default())?);
    let first = results
        .next(&Wait::default())?
        .map_or(0, |chunk| chunk.rows());
    std::thread::sleep(pause);
    count(&mut results).map(|rest| first + rest)
}

#[test]
fn a_reader_may_pause_longer_than_the_server_waits_for_a_client() {
    let read = read_with_a_pause(Duration::from_millis(30), LONG_PAUSE, Vec::new());
    assert_eq!(read.unwrap(), 400_000);
}

#[test]
fn without_heartbeats_the_server_gives_up_a_query_whose_reader_pauses() {
    // The query is idle only once memory is full, which takes a while on a busy computer.
    let pause = LONG_PAUSE * 2;
    let error = read_with_a_pause(Duration::from_secs(60), pause, Vec::new()).unwrap_err();
    assert!(matches!(&error, Error::Server(error) if error.name == "ABANDONED_QUERY"));
}

#[test]
fn heartbeats_continue_after_some_fail() {
    use scripted_trino::Fault;
    let faults = vec![
        Fault::Status(404).times(2),
        Fault::FirstByteDelay(Duration::ZERO).times(1),
        Fault::Status(405).times(1),
        Fault::Status(503).times(1),
        Fault::Refuse.times(1),
        Fault::Status(404).times(1),
    ];
    let read = read_with_a_pause(Duration::from_millis(30), LONG_PAUSE, faults);
    assert_eq!(read.unwrap(), 400_000);
}

#[test]
fn the_count_of_an_update_is_its_only_cell() {
    let data = |text: &str| {
        PageData::Direct(serde_json::value::RawValue::from_string(text.to_owned()).unwrap())
    };
    assert_eq!(data("[[5]]").count(), Some(5));
    assert_eq!(data("[[null]]").count(), None);
    assert_eq!(data("[]").count(), None);
    assert_eq!(data(r#"[["x"]]"#).count(), None);
    assert_eq!(PageData::None.count(), None);
}

/// Twice as long as the server of the test waits for a client.
const LONG_PAUSE: Duration = Duration::from_millis(800);
