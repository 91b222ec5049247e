//! What the server says to one statement.
//!
//! An answer is rows, an update count or an error, and how they are delivered. Whether rows go
//! spooled or direct is settled as by a real coordinator: the client must offer an encoding, the
//! session must not refuse, and the statement must be a query.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bytes::Bytes;
use serde_json::{Value, json};

use crate::column::Column;
use crate::encode::{Content, Encoded, Encoding};
use crate::fault::{Endpoint, Planned};
use crate::generate::Generated;

/// How the client gets at a segment's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Retrieval {
    #[default]
    Storage,
    CoordinatorRedirect,
    CoordinatorProxy,
    WorkerProxy,
}

/// How rows are cut into segments and handed out.
#[derive(Debug, Clone)]
pub struct Spooling {
    pub rows_per_segment: usize,
    /// So many segments come inline before the first spooled one.
    pub inline_first: usize,
    pub segments_per_page: usize,
    /// A segment smaller than this is not compressed.
    pub compression_threshold: usize,
    /// How long a pre-signed URI of retrieval mode STORAGE lives, from the start of the query.
    pub direct_ttl: Duration,
    /// What the coordinator has enabled; the server's own list when `None`.
    pub encodings: Option<Vec<Encoding>>,
    /// The server's own mode when `None`.
    pub retrieval: Option<Retrieval>,
    /// Whether segments are encrypted with a key that the client must send; the server's own
    /// setting when `None`.
    pub sse_c: Option<bool>,
}

impl Default for Spooling {
    fn default() -> Self {
        Self {
            rows_per_segment: 1000,
            inline_first: 2,
            segments_per_page: 4,
            compression_threshold: 8 * 1024,
            direct_ttl: Duration::from_secs(3600),
            encodings: None,
            retrieval: None,
            sse_c: None,
        }
    }
}

/// A Trino error.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryError {
    pub message: String,
    pub code: i64,
    pub name: String,
    pub kind: String,
    /// Another `failureInfo`; null is none.
    pub failure: Option<Value>,
}

impl QueryError {
    /// A `USER_ERROR` unless [`Self::kind`] says otherwise.
    pub fn new(name: &str, code: i64, message: &str) -> Self {
        Self {
            message: message.to_owned(),
            code,
            name: name.to_owned(),
            kind: "USER_ERROR".to_owned(),
            failure: None,
        }
    }

    pub fn kind(mut self, kind: &str) -> Self {
        self.kind = kind.to_owned();
        self
    }

    /// With this in the place of its `failureInfo`.
    pub fn failure(mut self, failure: Value) -> Self {
        self.failure = Some(failure);
        self
    }

    pub(crate) fn json(&self) -> Value {
        let kind = format!("io.trino.spi.{}", self.name);
        let failure = self.failure.clone().unwrap_or_else(|| {
            json!({
                "type": kind,
                "message": self.message,
                "suppressed": [],
                "stack": ["io.trino.Scripted.answer(Scripted.java:1)"],
                "errorInfo": {"code": self.code, "name": self.name, "type": self.kind},
            })
        });
        json!({
            "message": self.message,
            "errorCode": self.code,
            "errorName": self.name,
            "errorType": self.kind,
            "failureInfo": failure,
        })
    }
}

type EditJson = Arc<dyn Fn(&mut Value) + Send + Sync>;
type EditBytes = Arc<dyn Fn(Vec<u8>) -> Vec<u8> + Send + Sync>;

/// Everything about the answer to one statement.
#[derive(Clone)]
pub struct Answer {
    pub(crate) columns: Vec<Column>,
    pub(crate) content: Arc<Content>,
    pub(crate) repeat: usize,
    pub(crate) update: Option<(String, Option<u64>)>,
    pub(crate) error: Option<QueryError>,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) warnings: Vec<Value>,
    pub(crate) direct: bool,
    pub(crate) spooling: Spooling,
    pub(crate) pacing: Pacing,
    pub(crate) faults: Vec<(Endpoint, Planned)>,
    pub(crate) repeated_page: Option<usize>,
    page_edits: Vec<(u64, EditJson)>,
    segment_edits: Vec<(usize, EditJson)>,
    byte_edits: Vec<(usize, EditBytes)>,
    encoded: Arc<Mutex<HashMap<Option<Encoding>, Pieces>>>,
}

type Pieces = Arc<Vec<Encoded>>;

/// How an answer's pages follow each other.
#[derive(Debug, Clone)]
pub(crate) struct Pacing {
    pub(crate) rows_per_page: usize,
    pub(crate) queued_polls: u64,
    pub(crate) empty_pages: usize,
    pub(crate) page_delay: Duration,
    pub(crate) runs_for: Duration,
    pub(crate) ends_with_data: bool,
}

impl Answer {
    /// Rows of JSON values, in the wire's form for each type.
    pub fn rows(columns: Vec<Column>, rows: Vec<Vec<Value>>) -> Self {
        Self::with(columns, Content::from_values(rows))
    }

    /// Rows as JSON text, sent as they are, valid or not.
    pub fn raw_rows<T: Into<Bytes>>(columns: Vec<Column>, rows: Vec<T>) -> Self {
        let rows = rows.into_iter().map(Into::into).collect();
        Self::with(columns, Content::Rows(rows))
    }

    /// Rows computed from `seed`; [`Generated`] says what each cell is.
    pub fn generated(types: &[&str], rows: usize, seed: u64) -> Self {
        Self::from_generated(Generated::new(types, rows, seed))
    }

    pub fn from_generated(generated: Generated) -> Self {
        Self::with(generated.columns.clone(), Content::Generated(generated))
    }

    /// A statement that fails before it has any rows.
    pub fn error(error: QueryError) -> Self {
        Self {
            error: Some(error),
            ..Self::with(Vec::new(), Content::Rows(Vec::new()))
        }
    }

    /// A statement that changed `count` rows; Trino says so as an update count and as a row.
    pub fn update(update_type: &str, count: u64) -> Self {
        let rows = vec![vec![json!(count)]];
        Self {
            update: Some((update_type.to_owned(), Some(count))),
            ..Self::rows(vec![Column::new("rows", "bigint")], rows)
        }
    }

    /// A statement without rows or count, such as `CREATE TABLE`.
    pub fn done(update_type: &str) -> Self {
        Self {
            update: Some((update_type.to_owned(), None)),
            ..Self::with(Vec::new(), Content::Rows(Vec::new()))
        }
    }

    /// Rows go direct even when the client offers encodings.
    pub fn direct(mut self) -> Self {
        self.direct = true;
        self
    }

    pub fn spooled(mut self, spooling: Spooling) -> Self {
        self.spooling = spooling;
        self.encoded = Arc::default();
        self
    }

    /// The rows come `count` times over, from the same bytes.
    pub fn repeat(mut self, count: usize) -> Self {
        self.repeat = count;
        self
    }

    /// After the rows, this error instead of the end.
    pub fn then_error(mut self, error: QueryError) -> Self {
        self.error = Some(error);
        self
    }

    /// A header of the last executing response, such as `X-Trino-Set-Catalog`.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// A warning, on each page.
    pub fn warning(mut self, code: i64, name: &str, message: &str) -> Self {
        let code = json!({"code": code, "name": name});
        self.warnings
            .push(json!({"warningCode": code, "message": message}));
        self
    }

    /// Rows on one page of the direct protocol.
    pub fn rows_per_page(mut self, rows: usize) -> Self {
        self.pacing.rows_per_page = rows;
        self.encoded = Arc::default();
        self
    }

    /// So many queued responses before the query runs.
    pub fn queued_polls(mut self, count: u64) -> Self {
        self.pacing.queued_polls = count;
        self
    }

    /// So many pages without columns or data come first.
    pub fn empty_pages(mut self, count: usize) -> Self {
        self.pacing.empty_pages = count;
        self
    }

    /// Each executing response takes this long.
    pub fn page_delay(mut self, delay: Duration) -> Self {
        self.pacing.page_delay = delay;
        self
    }

    /// The query runs for this long before its first page; polls meanwhile return nothing.
    pub fn runs_for(mut self, time: Duration) -> Self {
        self.pacing.runs_for = time;
        self
    }

    /// The page with the last rows is the last page.
    pub fn ends_with_data(mut self) -> Self {
        self.pacing.ends_with_data = true;
        self
    }

    pub fn fault(mut self, endpoint: Endpoint, fault: impl Into<Planned>) -> Self {
        self.faults.push((endpoint, fault.into()));
        self
    }

    /// The rows of data page `page` come a second time, on a further page.
    pub fn repeat_page(mut self, page: usize) -> Self {
        self.repeated_page = Some(page);
        self
    }

    /// Changes the JSON of the executing response with this token. Rows of the direct protocol are
    /// not in it.
    pub fn edit_page(
        mut self,
        token: u64,
        edit: impl Fn(&mut Value) + Send + Sync + 'static,
    ) -> Self {
        self.page_edits.push((token, Arc::new(edit)));
        self
    }

    /// Changes the JSON object that describes a segment: `uri`, `headers`, `metadata`, all of it.
    pub fn edit_segment(
        mut self,
        segment: usize,
        edit: impl Fn(&mut Value) + Send + Sync + 'static,
    ) -> Self {
        self.segment_edits.push((segment, Arc::new(edit)));
        self
    }

    /// Changes a segment's encoded bytes, inline or spooled; its metadata stay as they were.
    pub fn edit_bytes(
        mut self,
        segment: usize,
        edit: impl Fn(Vec<u8>) -> Vec<u8> + Send + Sync + 'static,
    ) -> Self {
        self.byte_edits.push((segment, Arc::new(edit)));
        self
    }

    /// The rows in their pieces: segments in `encoding`, or pages of the direct protocol. Encoded
    /// at the first call.
    pub(crate) fn pieces(&self, encoding: Option<Encoding>) -> Pieces {
        let mut encoded = self.encoded.lock().unwrap();
        let pieces = encoded.entry(encoding).or_insert_with(|| {
            let rows = match encoding {
                Some(_) => self.spooling.rows_per_segment,
                None => self.pacing.rows_per_page,
            };
            let encoding = encoding.unwrap_or(Encoding::Json);
            Arc::new(
                self.content
                    .encode(encoding, rows, self.spooling.compression_threshold),
            )
        });
        Arc::clone(pieces)
    }

    pub(crate) fn edited_bytes(&self, segment: usize, bytes: &Bytes) -> Bytes {
        let mut edited = bytes.clone();
        for (_, edit) in self.byte_edits.iter().filter(|(at, _)| *at == segment) {
            edited = edit(edited.to_vec()).into();
        }
        edited
    }

    pub(crate) fn edit_segment_json(&self, segment: usize, json: &mut Value) {
        for (_, edit) in self.segment_edits.iter().filter(|(at, _)| *at == segment) {
            edit(json);
        }
    }

    pub(crate) fn edit_page_json(&self, token: u64, json: &mut Value) {
        for (_, edit) in self.page_edits.iter().filter(|(at, _)| *at == token) {
            edit(json);
        }
    }

    fn with(columns: Vec<Column>, content: Content) -> Self {
        Self {
            columns,
            content: Arc::new(content),
            repeat: 1,
            update: None,
            error: None,
            headers: Vec::new(),
            warnings: Vec::new(),
            direct: false,
            spooling: Spooling::default(),
            pacing: Pacing {
                rows_per_page: 1000,
                queued_polls: 0,
                empty_pages: 0,
                page_delay: Duration::ZERO,
                runs_for: Duration::ZERO,
                ends_with_data: false,
            },
            faults: Vec::new(),
            repeated_page: None,
            page_edits: Vec::new(),
            segment_edits: Vec::new(),
            byte_edits: Vec::new(),
            encoded: Arc::default(),
        }
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Answer")
            .field("columns", &self.columns)
            .field("rows", &self.content.len())
            .field("error", &self.error)
            .finish_non_exhaustive()
    }
}
