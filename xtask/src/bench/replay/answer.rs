//! What each request is answered: messages of the protocol around the recorded data.

use std::sync::atomic::Ordering;

use anyhow::{Context, Result};
use serde_json::json;

use super::tape::{Cut, Data, Shared, Sheet, Tape};
use super::{Kind, Replay};
use crate::bench::workload::{Encoding, Workload};
use crate::lab;

/// A request, as far as the replay looks at it.
#[derive(Debug, Default)]
pub struct Request {
    pub method: String,
    pub target: String,
    /// `http://127.0.0.1:1234`, as the client sees this server.
    pub base: String,
    /// Encodings of spooled results that the client takes, best first.
    pub encodings: String,
    pub body: String,
    pub last: bool,
}

/// An answer: the status, and a body in pieces.
pub struct Answer {
    pub status: &'static str,
    pub kind: &'static str,
    pub body: Vec<Piece>,
    /// Whether it comes from storage, whose speed is shaped.
    pub storage: bool,
}

pub enum Piece {
    Text(String),
    Shared(Shared),
}

impl Piece {
    pub fn bytes(&self) -> &[u8] {
        match self {
            Self::Text(text) => text.as_bytes(),
            Self::Shared(bytes) => bytes,
        }
    }
}

impl Answer {
    fn json(text: String) -> Self {
        Self::pieces(vec![Piece::Text(text)])
    }

    fn pieces(body: Vec<Piece>) -> Self {
        Self {
            status: "200 OK",
            kind: "application/json",
            body,
            storage: false,
        }
    }

    fn empty(status: &'static str) -> Self {
        Self {
            status,
            ..Self::pieces(Vec::new())
        }
    }
}

/// Answers one request.
pub fn answer(replay: &Replay, request: &Request) -> Answer {
    let path = request.target.trim_start_matches('/');
    let parts: Vec<&str> = path.split('/').collect();
    let (kind, answer) = match (request.method.as_str(), parts.as_slice()) {
        ("GET", ["v1", "info"]) => (Kind::Info, Ok(info())),
        ("HEAD", ["v1", "statement"]) => (Kind::Validation, Ok(Answer::empty("200 OK"))),
        ("POST", ["v1", "statement"]) => (Kind::Statement, submit(replay, request)),
        ("GET", ["v1", "statement", "executing", rest @ ..]) => {
            (Kind::Page, page(replay, request, rest))
        }
        ("HEAD", ["v1", "statement", ..]) => (Kind::Other, Ok(Answer::empty("200 OK"))),
        ("DELETE", ["v1", "statement", ..]) => {
            (Kind::Cancellation, Ok(Answer::empty("204 No Content")))
        }
        ("GET", ["segment", rest @ ..]) => (Kind::Segment, segment(replay, rest)),
        ("GET", ["v1", "spooled", "ack", ..]) => {
            (Kind::Acknowledgement, Ok(Answer::empty("200 OK")))
        }
        ("GET", ["counts"]) => return counts(replay),
        _ => (Kind::Other, Ok(Answer::empty("404 Not Found"))),
    };
    replay.count(kind);
    answer.unwrap_or_else(|error| Answer {
        status: "400 Bad Request",
        kind: "text/plain",
        ..Answer::json(format!("{error:#}"))
    })
}

fn info() -> Answer {
    let info = json!({
        "nodeVersion": {"version": lab::VERSION.to_string()},
        "environment": "replay",
        "coordinator": true,
        "starting": false,
        "uptime": "1.00h",
    });
    Answer::json(info.to_string())
}

fn counts(replay: &Replay) -> Answer {
    let counts: serde_json::Map<_, _> = Kind::ALL
        .iter()
        .zip(&replay.counts)
        .map(|(kind, count)| (kind.name().to_owned(), json!(count.load(Ordering::Relaxed))))
        .collect();
    Answer::json(serde_json::Value::from(counts).to_string())
}

/// A query under way: everything about it stands in its URI.
struct Query<'a> {
    id: &'a str,
    workload: &'static Workload,
    encoding: Encoding,
    times: u64,
}

impl Query<'_> {
    fn uri(&self, base: &str, token: u64) -> String {
        format!(
            "{base}/v1/statement/executing/{}/{}/{}/{}/{token}",
            self.id,
            self.workload.name,
            self.encoding.name(),
            self.times
        )
    }

    /// The beginning of every message about the query.
    fn head(&self, base: &str) -> String {
        format!(
            r#"{{"id":"{id}","infoUri":"{base}/ui/query.html?{id}""#,
            id = self.id
        )
    }
}

fn submit(replay: &Replay, request: &Request) -> Result<Answer> {
    let wanted = request
        .body
        .trim_end_matches(|c: char| c.is_whitespace() || c == ';')
        .rsplit(|c: char| c.is_whitespace() || c == '.' || c == '"')
        .next()
        .unwrap_or_default();
    let (name, times) = wanted.rsplit_once("_x").unwrap_or((wanted, "1"));
    let encoding = match request.encodings.split(',').map(str::trim).next() {
        None | Some("") => Encoding::Direct,
        Some(name) => Encoding::find(name).context("no such encoding")?,
    };
    let number = replay.queries.fetch_add(1, Ordering::Relaxed);
    let query = Query {
        id: &format!("20260101_000000_{number:05}_bench"),
        workload: Workload::find(name).with_context(|| format!("nothing is called {name}"))?,
        encoding,
        times: times.parse().context("how many times?")?,
    };
    let tape = replay.tape(query.workload, encoding)?;
    Ok(Answer::json(format!(
        r#"{},"nextUri":"{}","stats":{},"warnings":[]}}"#,
        query.head(&request.base),
        query.uri(&request.base, 0),
        tape.stats
    )))
}

fn page(replay: &Replay, request: &Request, parts: &[&str]) -> Result<Answer> {
    let [id, name, encoding, times, token] = parts else {
        return Ok(Answer::empty("404 Not Found"));
    };
    let query = Query {
        id,
        workload: Workload::find(name).context("no such workload")?,
        encoding: Encoding::find(encoding).context("no such encoding")?,
        times: times.parse()?,
    };
    let token: u64 = token.parse()?;
    let tape = replay.tape(query.workload, query.encoding)?;
    let base = &request.base;
    let mut head = query.head(base);
    let pages = tape.pages.len() as u64;
    let round = token / pages.max(1);
    if round >= query.times {
        return Ok(Answer::json(format!(
            r#"{head},"columns":{},"stats":{},"warnings":[]}}"#,
            tape.columns,
            tape.stats.replacen("RUNNING", "FINISHED", 1)
        )));
    }
    let sheet = usize::try_from(token % pages)
        .ok()
        .and_then(|at| tape.pages.get(at))
        .context("no such page")?;
    let next = query.uri(base, token + 1);
    head += &format!(r#","nextUri":"{next}","columns":{}"#, tape.columns);
    let mut pieces = vec![Piece::Text(head)];
    match sheet {
        Sheet::Rows(rows) => {
            pieces.push(Piece::Text(r#","data":"#.to_owned()));
            pieces.push(Piece::Shared(rows.clone()));
        }
        Sheet::Segments(cuts) => {
            let encoding = tape.encoding.name();
            pieces.push(Piece::Text(format!(
                r#","data":{{"encoding":"{encoding}","segments":["#
            )));
            for (number, cut) in cuts.iter().enumerate() {
                if number > 0 {
                    pieces.push(Piece::Text(",".to_owned()));
                }
                describe(cut, &tape, round, base, query.workload.name, &mut pieces);
            }
            pieces.push(Piece::Text("]}".to_owned()));
        }
    }
    let tail = format!(r#","stats":{},"warnings":[]}}"#, tape.stats);
    pieces.push(Piece::Text(tail));
    Ok(Answer::pieces(pieces))
}

/// A segment in a page of that time over.
fn describe(cut: &Cut, tape: &Tape, round: u64, base: &str, name: &str, pieces: &mut Vec<Piece>) {
    let offset = round * tape.rows + cut.before;
    let plain = cut
        .plain
        .map(|plain| format!(r#","uncompressedSize":{plain}"#))
        .unwrap_or_default();
    let metadata = format!(
        r#""metadata":{{"rowOffset":{offset},"rowsCount":{},"segmentSize":{}{plain}}}}}"#,
        cut.rows, cut.size
    );
    match &cut.data {
        Data::Inline(data) => {
            pieces.push(Piece::Text(r#"{"type":"inline","data":""#.to_owned()));
            pieces.push(Piece::Shared(data.clone()));
            pieces.push(Piece::Text(format!(r#"",{metadata}"#)));
        }
        Data::Spooled(number) => pieces.push(Piece::Text(format!(
            r#"{{"type":"spooled","uri":"{base}/segment/{name}/{}/{number}","ackUri":"{base}/v1/spooled/ack/{round}-{number}",{metadata}"#,
            tape.encoding.name()
        ))),
    }
}

fn segment(replay: &Replay, parts: &[&str]) -> Result<Answer> {
    let [name, encoding, number] = parts else {
        return Ok(Answer::empty("404 Not Found"));
    };
    let workload = Workload::find(name).context("no such workload")?;
    let encoding = Encoding::find(encoding).context("no such encoding")?;
    let tape = replay.tape(workload, encoding)?;
    let bytes = tape
        .spooled
        .get(number.parse::<usize>()?)
        .context("no such segment")?;
    Ok(Answer {
        kind: "application/octet-stream",
        storage: true,
        ..Answer::pieces(vec![Piece::Shared(bytes.clone())])
    })
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use serde_json::Value;

    use super::*;

    /// A replay of `narrow` with one inline and one spooled segment of two rows each, and of three rows directly.
    fn replay() -> Replay {
        let cut = |before, data| Cut {
            before,
            rows: 2,
            size: 4,
            plain: Some(9),
            data,
        };
        let tape = |encoding, pages| {
            let workload = Workload::find("narrow").unwrap();
            let tape = Tape {
                encoding,
                columns: r#"[{"name":"orderkey"}]"#.to_owned(),
                stats: r#"{"state":"RUNNING"}"#.to_owned(),
                pages,
                rows: 4,
                spooled: vec![Arc::from(*b"data")],
            };
            ((workload.name, encoding), Arc::new(tape))
        };
        let inline = cut(0, Data::Inline(Arc::from(*b"aW5s")));
        let spooled = cut(2, Data::Spooled(0));
        let tapes = [
            tape(Encoding::Zstd, vec![Sheet::Segments(vec![inline, spooled])]),
            tape(
                Encoding::Direct,
                vec![Sheet::Rows(Arc::from(*b"[[1],[2],[3]]"))],
            ),
        ];
        Replay {
            tapes: std::sync::Mutex::new(tapes.into()),
            ..Replay::default()
        }
    }

    fn ask(replay: &Replay, method: &str, target: &str, encodings: &str, body: &str) -> Vec<u8> {
        let request = Request {
            method: method.to_owned(),
            target: target.to_owned(),
            base: "http://h".to_owned(),
            encodings: encodings.to_owned(),
            body: body.to_owned(),
            last: false,
        };
        let answer = answer(replay, &request);
        assert_eq!(answer.status, "200 OK");
        answer.body.iter().flat_map(Piece::bytes).copied().collect()
    }

    /// All pages of a statement.
    fn pages(replay: &Replay, encodings: &str, sql: &str) -> Vec<Value> {
        let parse = |bytes: Vec<u8>| serde_json::from_slice::<Value>(&bytes).unwrap();
        let mut pages = vec![parse(ask(replay, "POST", "/v1/statement", encodings, sql))];
        while let Some(next) = pages.last().and_then(|page| page["nextUri"].as_str()) {
            let target = next.strip_prefix("http://h").unwrap().to_owned();
            pages.push(parse(ask(replay, "GET", &target, "", "")));
        }
        pages
    }

    #[test]
    fn a_result_several_times_over_carries_its_row_offsets_on() {
        let replay = replay();
        let pages = pages(
            &replay,
            "json+zstd,json",
            "SELECT * FROM replay.bench.narrow_x3",
        );
        let offsets: Vec<_> = pages
            .iter()
            .flat_map(|page| {
                page["data"]["segments"]
                    .as_array()
                    .cloned()
                    .unwrap_or_default()
            })
            .map(|segment| segment["metadata"]["rowOffset"].as_u64().unwrap())
            .collect();
        assert_eq!(offsets, [0, 2, 4, 6, 8, 10]);
        assert_eq!(pages.last().unwrap()["stats"]["state"], "FINISHED");
    }

    #[test]
    fn a_spooled_segment_is_where_its_page_says() {
        let replay = replay();
        let pages = pages(&replay, "json+zstd", "SELECT * FROM narrow");
        let segments = &pages[1]["data"]["segments"];
        assert_eq!(segments[0]["data"], "aW5s");
        let uri = segments[1]["uri"].as_str().unwrap();
        let target = uri.strip_prefix("http://h").unwrap();
        assert_eq!(ask(&replay, "GET", target, "", ""), b"data");
    }

    #[test]
    fn who_names_no_encoding_gets_rows_directly() {
        let pages = pages(&replay(), "", "SELECT * FROM narrow_x2;");
        let rows = |page: &Value| page["data"].as_array().map_or(0, Vec::len);
        assert_eq!(pages.iter().map(rows).collect::<Vec<_>>(), [0, 3, 3, 0]);
    }
}
