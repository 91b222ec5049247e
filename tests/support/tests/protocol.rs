//! The scripted server as an ordinary HTTP client sees it.

use std::time::{Duration, Instant};

use base64::{Engine, engine::general_purpose::STANDARD};
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, Method, Response, StatusCode};
use scripted_trino::{
    Answer, EVERY_TYPE, Endpoint, Fault, Generated, Identity, QueryError, QueryState, Retrieval,
    Server, Spooling, columns,
};
use serde_json::{Value, json};

const ALL_ENCODINGS: &str = "json+zstd,json+lz4,json";

#[tokio::test]
async fn every_encoding_and_retrieval_mode_gives_the_same_rows_as_the_direct_protocol() {
    let expected = Generated::new(EVERY_TYPE, 300, 9);
    for retrieval in [
        Retrieval::Storage,
        Retrieval::CoordinatorRedirect,
        Retrieval::CoordinatorProxy,
        Retrieval::WorkerProxy,
    ] {
        let server = Server::builder()
            .retrieval(retrieval)
            .storage_tls(true)
            .start();
        let spooling = Spooling {
            rows_per_segment: 37,
            ..Spooling::default()
        };
        server.on(
            "SELECT t",
            Answer::generated(EVERY_TYPE, 300, 9).spooled(spooling),
        );
        for encodings in ["json+zstd", "json+lz4", "json", "avro"] {
            let rows = Run::new(&server)
                .encodings(encodings)
                .rows("SELECT t")
                .await;
            assert_eq!(rows.len(), 300);
            for (row, cells) in rows.iter().enumerate() {
                for (column, cell) in cells.as_array().unwrap().iter().enumerate() {
                    assert_eq!(
                        *cell,
                        expected.cell(row, column),
                        "{retrieval:?} {encodings}"
                    );
                }
            }
        }
        assert_eq!(server.leaks().len(), 0);
        assert_eq!(server.running_queries(), [""; 0]);
        let spooled_per_query = 300_usize.div_ceil(37) - 2;
        assert_eq!(server.acknowledged().len(), 3 * spooled_per_query);
    }
}

#[tokio::test]
async fn repeated_rows_have_increasing_offsets() {
    let server = Server::start();
    let spooling = Spooling {
        rows_per_segment: 4,
        segments_per_page: 2,
        ..Spooling::default()
    };
    server.on(
        "SELECT r",
        Answer::generated(&["bigint"], 10, 1)
            .spooled(spooling)
            .repeat(3),
    );
    let run = Run::new(&server);
    let mut offsets = Vec::new();
    for page in run.pages("SELECT r").await {
        for segment in page["data"]["segments"].as_array().into_iter().flatten() {
            let metadata = &segment["metadata"];
            offsets.push((
                metadata["rowOffset"].as_u64(),
                metadata["rowsCount"].as_u64(),
            ));
        }
    }
    let pairs = [
        (0, 4),
        (4, 4),
        (8, 2),
        (10, 4),
        (14, 4),
        (18, 2),
        (20, 4),
        (24, 4),
        (28, 2),
    ];
    assert_eq!(
        offsets,
        pairs.map(|(offset, count)| (Some(offset), Some(count)))
    );
}

#[tokio::test]
async fn the_last_token_may_be_asked_again_and_an_older_one_is_gone() {
    let server = Server::start();
    server.on(
        "SELECT t",
        Answer::generated(&["bigint"], 10, 1)
            .direct()
            .rows_per_page(2),
    );
    let run = Run::new(&server);
    let queued = json(run.post("SELECT t").await).await;
    let first_uri = json(run.get(text(&queued["nextUri"])).await).await;
    let first = json(run.get(text(&first_uri["nextUri"])).await).await;
    let again = json(run.get(text(&first_uri["nextUri"])).await).await;
    assert_eq!(first, again);
    let second = json(run.get(text(&first["nextUri"])).await).await;
    assert_ne!(first["data"], second["data"]);
    assert_eq!(
        run.get(text(&first_uri["nextUri"])).await.status(),
        StatusCode::GONE
    );
    let beyond = text(&second["nextUri"]).replace("/2", "/9");
    assert_eq!(run.get(&beyond).await.status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_cancelled_query_stops_at_once_and_says_so() {
    let server = Server::builder().long_poll(Duration::from_secs(20)).start();
    server.on(
        "SELECT slow",
        Answer::rows(vec![], vec![]).runs_for(Duration::from_secs(60)),
    );
    let run = Run::new(&server);
    let queued = json(run.post("SELECT slow").await).await;
    let page = json(run.get(text(&queued["nextUri"])).await).await;
    let uri = text(&page["nextUri"]).to_owned();
    assert_eq!(server.running_queries().len(), 1);
    let start = Instant::now();
    let cancel = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        run.send(Method::HEAD, &uri).await;
        run.send(Method::DELETE, &uri).await.status()
    };
    let (page, status) = tokio::join!(run.get(&uri), cancel);
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(json(page).await["error"]["errorName"], "USER_CANCELED");
    assert!(start.elapsed() < Duration::from_secs(5));
    let [query] = &server.queries()[..] else {
        panic!("one query")
    };
    assert_eq!((query.state, query.heartbeats), (QueryState::Cancelled, 1));
}

#[tokio::test]
async fn storage_refuses_what_s3_refuses() {
    let server = Server::start();
    let spooling = Spooling {
        inline_first: 0,
        direct_ttl: Duration::from_millis(400),
        ..Spooling::default()
    };
    server.on(
        "SELECT t",
        Answer::generated(&["varchar"], 900, 1).spooled(spooling),
    );
    let run = Run::new(&server);
    let (segment, _) = run.first_segment("SELECT t").await;
    let uri = text(&segment["uri"]);
    let headers = headers_of(&segment);
    let fetch = async |uri: &str, headers: HeaderMap| {
        run.client
            .get(uri)
            .headers(headers)
            .send()
            .await
            .unwrap()
            .status()
    };
    assert_eq!(fetch(uri, headers.clone()).await, StatusCode::OK);
    assert_eq!(fetch(uri, HeaderMap::new()).await, StatusCode::BAD_REQUEST);
    let mut wrong = headers.clone();
    wrong.insert(
        "x-amz-server-side-encryption-customer-key",
        HeaderValue::from_static("no"),
    );
    assert_eq!(fetch(uri, wrong).await, StatusCode::FORBIDDEN);
    let mut authorized = headers.clone();
    authorized.insert("authorization", HeaderValue::from_static("Bearer x"));
    assert_eq!(fetch(uri, authorized).await, StatusCode::BAD_REQUEST);
    let decoded = uri.replace("%2F", "/");
    assert_eq!(
        fetch(&decoded, headers.clone()).await,
        StatusCode::FORBIDDEN
    );
    let mut ranged = headers.clone();
    ranged.insert("range", HeaderValue::from_static("bytes=5-9"));
    let part = run.client.get(uri).headers(ranged).send().await.unwrap();
    assert_eq!(part.status(), StatusCode::PARTIAL_CONTENT);
    assert_eq!(part.bytes().await.unwrap().len(), 5);
    tokio::time::sleep(Duration::from_millis(450)).await;
    assert_eq!(fetch(uri, headers).await, StatusCode::FORBIDDEN);
    assert_eq!(server.leaks().len(), 1);
}

#[tokio::test]
async fn an_acknowledgement_needs_the_key_and_deletes_the_segment() {
    let server = Server::start();
    let spooling = Spooling {
        inline_first: 0,
        ..Spooling::default()
    };
    server.on(
        "SELECT t",
        Answer::generated(&["varchar"], 9, 1).spooled(spooling),
    );
    let run = Run::new(&server);
    let (segment, _) = run.first_segment("SELECT t").await;
    let (uri, ack) = (text(&segment["uri"]), text(&segment["ackUri"]));
    assert_eq!(
        run.get(ack).await.status(),
        StatusCode::INTERNAL_SERVER_ERROR
    );
    let posted = run.send(Method::POST, ack).await;
    assert_eq!(posted.status(), StatusCode::METHOD_NOT_ALLOWED);
    for _ in 0..2 {
        let response = run
            .client
            .get(ack)
            .headers(headers_of(&segment))
            .send()
            .await
            .unwrap();
        assert_eq!(response.status(), StatusCode::OK);
    }
    let response = run
        .client
        .get(uri)
        .headers(headers_of(&segment))
        .send()
        .await
        .unwrap();
    assert_eq!(response.status(), StatusCode::NOT_FOUND);
    assert_eq!(server.acknowledged().len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_meet_the_segment_they_are_meant_for_as_often_as_planned() {
    let server = Server::start();
    let spooling = Spooling {
        inline_first: 0,
        rows_per_segment: 5,
        ..Spooling::default()
    };
    let answer = Answer::generated(&["varchar"], 10, 1)
        .spooled(spooling)
        .fault(Endpoint::Segment(0), Fault::RetryAfter(503, 7).times(1))
        .fault(Endpoint::Segment(0), Fault::ResetAfter(10).times(1))
        .fault(Endpoint::Segment(0), Fault::CloseAfter(10).times(1))
        .fault(Endpoint::Segment(0), Fault::Refuse.times(1))
        .fault(Endpoint::Segment(0), Fault::Truncate(3).times(1))
        .fault(Endpoint::Segment(0), Fault::Extra(3).times(1))
        .fault(Endpoint::Segment(0), Fault::StallAfter(3).times(1));
    server.on("SELECT t", answer);
    let run = Run::new(&server);
    let (segment, _) = run.first_segment("SELECT t").await;
    let size = segment["metadata"]["segmentSize"].as_u64().unwrap() as usize;
    let headers = headers_of(&segment);
    let fetch = async || {
        let request = run
            .client
            .get(text(&segment["uri"]))
            .headers(headers.clone());
        request.timeout(Duration::from_millis(500)).send().await
    };
    let refused = fetch().await.unwrap();
    assert_eq!(refused.status(), StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(refused.headers()["retry-after"], "7");
    for _ in 0..2 {
        let mut cut = fetch().await.unwrap();
        assert_eq!(cut.content_length(), Some(size as u64));
        let mut got = 0;
        let ending = loop {
            match cut.chunk().await {
                Ok(Some(bytes)) => got += bytes.len(),
                ending => break ending,
            }
        };
        assert!(ending.is_err() && got == 10, "{got}");
    }
    assert!(fetch().await.is_err());
    assert_eq!(fetch().await.unwrap().bytes().await.unwrap().len(), 3);
    assert_eq!(
        fetch().await.unwrap().bytes().await.unwrap().len(),
        size + 3
    );
    assert!(
        fetch()
            .await
            .unwrap()
            .bytes()
            .await
            .unwrap_err()
            .is_timeout()
    );
    assert!(
        server.wait_until(Duration::from_secs(2), |server| server.concurrent_now()
            == 0)
    );
    assert_eq!(fetch().await.unwrap().bytes().await.unwrap().len(), size);
}

#[tokio::test]
async fn edits_reach_pages_segments_and_bytes() {
    let server = Server::start();
    let answer = Answer::generated(&["bigint"], 10, 1)
        .edit_bytes(0, |mut bytes| {
            bytes.truncate(1);
            bytes
        })
        .edit_segment(0, |segment| segment["metadata"]["rowsCount"] = json!("11"))
        .edit_page(0, |page| page["data"]["encoding"] = json!("json+brotli"));
    server.on("SELECT t", answer);
    let pages = Run::new(&server).pages("SELECT t").await;
    let data = pages.iter().find_map(|page| page.get("data")).unwrap();
    assert_eq!(data["encoding"], "json+brotli");
    assert_eq!(data["segments"][0]["metadata"]["rowsCount"], "11");
    assert_eq!(data["segments"][0]["data"], STANDARD.encode("["));
}

#[tokio::test]
async fn credentials_are_checked_where_a_coordinator_checks_them() {
    let server = Server::builder()
        .password("user", "secret")
        .coordinator_tls(true)
        .start();
    let run = Run::new(&server);
    let statement = format!("{}/v1/statement", server.url());
    let refused = run.send(Method::HEAD, &statement).await;
    assert_eq!(refused.status(), StatusCode::UNAUTHORIZED);
    assert_eq!(
        refused.headers()["www-authenticate"],
        "Basic realm=\"Trino\""
    );
    let accepted = run
        .client
        .head(&statement)
        .basic_auth("user", Some("secret"));
    assert_eq!(accepted.send().await.unwrap().status(), StatusCode::OK);
    let info = run.get(&format!("{}/v1/info", server.url())).await;
    assert_eq!(json(info).await["nodeVersion"]["version"], "476");
}

#[tokio::test]
async fn each_domain_has_its_own_authority() {
    let server = Server::builder()
        .coordinator_tls(true)
        .storage_tls(true)
        .start();
    let coordinator = client(&[server.coordinator_ca_pem_path()]);
    let info = format!("{}/v1/info", server.url());
    assert!(coordinator.get(&info).send().await.is_ok());
    assert!(coordinator.get(server.storage_url()).send().await.is_err());
    let storage = client(&[server.storage_ca_pem_path()]);
    assert!(storage.get(&info).send().await.is_err());
    assert!(storage.get(server.storage_url()).send().await.is_ok());
    for identity in [Identity::WrongName, Identity::Expired] {
        let server = Server::builder().storage_identity(Some(identity)).start();
        let storage = client(&[server.storage_ca_pem_path()]);
        assert!(storage.get(server.storage_url()).send().await.is_err());
    }
}

#[tokio::test]
async fn statements_that_are_no_query_go_direct() {
    let server = Server::start();
    server.on("INSERT INTO t VALUES 1", Answer::update("INSERT", 3));
    server.on(
        "SHOW CATALOGS",
        Answer::rows(columns![("Catalog", "varchar")], vec![vec![json!("tpch")]]),
    );
    let run = Run::new(&server);
    let pages = run.pages("INSERT INTO t VALUES 1").await;
    let last = pages.last().unwrap();
    assert_eq!(
        (&last["updateType"], &last["updateCount"]),
        (&json!("INSERT"), &json!(3))
    );
    assert!(pages.iter().any(|page| page["data"] == json!([[3]])));
    assert_eq!(run.rows("SHOW CATALOGS").await, [json!(["tpch"])]);
}

#[tokio::test]
async fn errors_come_before_or_after_rows() {
    let server = Server::start();
    let error = QueryError::new("DIVISION_BY_ZERO", 8, "Division by zero");
    server.on("SELECT 1/0", Answer::error(error.clone()));
    server.on(
        "SELECT late",
        Answer::generated(&["bigint"], 3, 1).then_error(error),
    );
    let run = Run::new(&server);
    for sql in ["SELECT 1/0", "SELECT late"] {
        let pages = run.pages(sql).await;
        let last = pages.last().unwrap();
        assert_eq!(last["error"]["errorName"], "DIVISION_BY_ZERO");
        assert_eq!(
            pages.iter().any(|page| page.get("data").is_some()),
            sql == "SELECT late"
        );
    }
}

#[tokio::test]
async fn prepared_statements_live_in_headers() {
    let server = Server::start();
    let run = Run::new(&server).header("X-Trino-Prepared-Statement", "s=SELECT+*+FROM+sequence+3");
    assert_eq!(run.rows("EXECUTE s").await.len(), 3);
    assert_eq!(
        run.rows("EXECUTE IMMEDIATE 'SELECT * FROM sequence 4'")
            .await
            .len(),
        4
    );
    let described = run.rows("DESCRIBE OUTPUT s").await;
    assert_eq!(described, [json!(["n", "", "", "", "bigint", 0, false])]);
    let missing = run.pages("EXECUTE other").await;
    assert_eq!(missing.last().unwrap()["error"]["errorName"], "NOT_FOUND");
}

#[tokio::test]
async fn a_failed_submission_leaves_no_query() {
    let server = Server::start();
    server.fault(Endpoint::Submit, Fault::Status(503).times(1));
    let run = Run::new(&server);
    assert_eq!(
        run.post("SELECT 1").await.status(),
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(server.queries().len(), 0);
    assert_eq!(run.rows("SELECT 1").await, [json!([1])]);
}

#[tokio::test]
async fn a_neglected_query_is_abandoned() {
    let server = Server::builder()
        .client_timeout(Duration::from_millis(150))
        .start();
    let run = Run::new(&server);
    server.on(
        "SELECT t",
        Answer::generated(&["bigint"], 10, 1)
            .direct()
            .rows_per_page(2),
    );
    let queued = json(run.post("SELECT t").await).await;
    let page = json(run.get(text(&queued["nextUri"])).await).await;
    let uri = text(&page["nextUri"]);
    let page = json(run.get(uri).await).await;
    for _ in 0..4 {
        tokio::time::sleep(Duration::from_millis(80)).await;
        run.send(Method::HEAD, uri).await;
    }
    let page = json(run.get(text(&page["nextUri"])).await).await;
    assert!(page.get("data").is_some());
    tokio::time::sleep(Duration::from_millis(250)).await;
    let page = json(run.get(text(&page["nextUri"])).await).await;
    assert_eq!(page["error"]["errorName"], "ABANDONED_QUERY");
}

#[test]
fn a_dropped_server_frees_its_port() {
    let server = Server::start();
    let address = (server.host(), server.port());
    assert!(std::net::TcpStream::connect(address).is_ok());
    drop(server);
    assert!(std::net::TcpStream::connect(address).is_err());
}

/// A client of one server.
struct Run {
    client: Client,
    url: String,
    encodings: String,
    headers: HeaderMap,
}

impl Run {
    fn new(server: &Server) -> Self {
        let roots = [
            server.coordinator_ca_pem_path(),
            server.storage_ca_pem_path(),
        ];
        Self {
            client: client(&roots),
            url: server.url(),
            encodings: ALL_ENCODINGS.to_owned(),
            headers: HeaderMap::new(),
        }
    }

    fn encodings(mut self, encodings: &str) -> Self {
        self.encodings = encodings.to_owned();
        self
    }

    fn header(mut self, name: &'static str, value: &'static str) -> Self {
        let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
        self.headers.insert(name, HeaderValue::from_static(value));
        self
    }

    async fn post(&self, sql: &str) -> Response {
        let request = self.client.post(format!("{}/v1/statement", self.url));
        let request = request
            .header("X-Trino-User", "test")
            .header("X-Trino-Query-Data-Encoding", &self.encodings)
            .headers(self.headers.clone())
            .body(sql.to_owned());
        request.send().await.unwrap()
    }

    async fn get(&self, uri: &str) -> Response {
        self.send(Method::GET, uri).await
    }

    async fn send(&self, method: Method, uri: &str) -> Response {
        self.client.request(method, uri).send().await.unwrap()
    }

    async fn pages(&self, sql: &str) -> Vec<Value> {
        let mut pages = vec![json(self.post(sql).await).await];
        while let Some(next) = pages[pages.len() - 1]["nextUri"].as_str() {
            let page = json(self.get(next).await).await;
            pages.push(page);
        }
        pages
    }

    async fn first_segment(&self, sql: &str) -> (Value, Vec<Value>) {
        let pages = self.pages(sql).await;
        let data = pages.iter().find_map(|page| page.get("data")).unwrap();
        (data["segments"][0].clone(), pages)
    }

    /// Reads a statement's rows to the end, and acknowledges every segment.
    async fn rows(&self, sql: &str) -> Vec<Value> {
        let mut rows = Vec::new();
        for page in self.pages(sql).await {
            if let Some(error) = page.get("error") {
                panic!("{error}");
            }
            match page.get("data") {
                Some(Value::Array(direct)) => rows.extend(direct.iter().cloned()),
                Some(data) => {
                    let encoding = text(&data["encoding"]);
                    for segment in data["segments"].as_array().unwrap() {
                        assert_eq!(segment["metadata"]["rowOffset"], json!(rows.len()));
                        rows.extend(self.segment(encoding, segment).await);
                    }
                }
                None => {}
            }
        }
        rows
    }

    async fn segment(&self, encoding: &str, segment: &Value) -> Vec<Value> {
        let bytes = match segment["type"].as_str() {
            Some("inline") => STANDARD.decode(text(&segment["data"])).unwrap(),
            _ => self.download(segment).await,
        };
        let metadata = &segment["metadata"];
        assert_eq!(metadata["segmentSize"], json!(bytes.len()));
        let plain = match metadata["uncompressedSize"].as_u64() {
            None => bytes,
            Some(size) => match encoding {
                "json+zstd" => zstd::bulk::decompress(&bytes, size as usize).unwrap(),
                "json+lz4" => lz4_flex::block::decompress(&bytes, size as usize).unwrap(),
                other => panic!("{other} is not compressed"),
            },
        };
        serde_json::from_slice(&plain).unwrap()
    }

    async fn download(&self, segment: &Value) -> Vec<u8> {
        let mut uri = text(&segment["uri"]).to_owned();
        loop {
            let request = self.client.get(&uri).headers(headers_of(segment));
            let response = request.send().await.unwrap();
            if response.status() == StatusCode::SEE_OTHER {
                uri = response.headers()["location"].to_str().unwrap().to_owned();
                continue;
            }
            assert_eq!(response.status(), StatusCode::OK);
            let bytes = response.bytes().await.unwrap().to_vec();
            let ack = self
                .client
                .get(text(&segment["ackUri"]))
                .headers(headers_of(segment));
            assert_eq!(ack.send().await.unwrap().status(), StatusCode::OK);
            return bytes;
        }
    }
}

fn client(roots: &[&std::path::Path]) -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let roots = roots.iter().map(|path| {
        let pem = std::fs::read(path).unwrap();
        reqwest::Certificate::from_pem(&pem).unwrap()
    });
    Client::builder()
        .tls_certs_only(roots)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .retry(reqwest::retry::never())
        .build()
        .unwrap()
}

fn headers_of(segment: &Value) -> HeaderMap {
    let headers = segment["headers"].as_object().into_iter().flatten();
    headers
        .map(|(name, values)| {
            let name = HeaderName::from_bytes(name.as_bytes()).unwrap();
            (name, text(&values[0]).parse().unwrap())
        })
        .collect()
}

async fn json(response: Response) -> Value {
    assert_eq!(response.status(), StatusCode::OK);
    serde_json::from_slice(&response.bytes().await.unwrap()).unwrap()
}

fn text(value: &Value) -> &str {
    value
        .as_str()
        .unwrap_or_else(|| panic!("not text: {value}"))
}
