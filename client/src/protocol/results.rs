//! `QueryResults`: one answer of `/v1/statement`, in the server's own terms.
//!
//! The parts that rows depend on must be there and well-formed: the address of the next page, the
//! rows or segments, an error. Everything else is read in any form or passed over: a statement that
//! has run must not fail by a figure for show.

use serde_json::value::RawValue;

use super::object::{self, Object};
use super::{Error, QueryError, from_display, from_signature, wording};
use crate::columns::{ColumnInfo, Type};
use crate::options::Secret;

/// One answer to a submitted statement or to a request of its next page.
#[derive(Debug)]
pub struct QueryResults {
    /// Empty if the server does not state it.
    pub id: String,
    /// The address that stops the server from producing further rows.
    pub partial_cancel_uri: Option<String>,
    /// Where the next page is; absent at the end.
    pub next_uri: Option<String>,
    /// Unread: each page repeats them.
    columns: Option<Box<RawValue>>,
    data: Option<Box<RawValue>>,
    /// How far the query is.
    pub stats: StatementStats,
    error: Option<Box<QueryError>>,
    /// All warnings so far.
    pub warnings: Vec<Warning>,
    /// The kind of change that the statement makes; absent for a query.
    pub update_type: Option<String>,
    /// The number of rows that the statement changed, if the server counts them.
    pub update_count: Option<u64>,
}

/// How far a query is.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct StatementStats {
    /// QUEUED, PLANNING, RUNNING, FINISHED, ...: to show, never to decide by.
    pub state: String,
    /// 0 to 100, once the server knows.
    pub progress_percentage: Option<f64>,
}

/// Something the server wants to be known, short of a failure.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Warning {
    /// Trino's number of the warning.
    pub code: i32,
    /// Trino's name of the warning.
    pub name: String,
    /// The text for people.
    pub message: String,
}

/// The part of the result that a page has.
#[derive(Debug)]
pub enum PageData {
    /// Nothing.
    None,
    /// Rows, as a JSON array of arrays.
    Direct(Box<RawValue>),
    /// Segments, in the order of their rows.
    Spooled {
        /// The name of the encoding that all segments have.
        encoding: String,
        /// The segments, in the order of the result.
        segments: Vec<Segment>,
    },
}

/// Some consecutive rows of a spooled result.
#[derive(Debug)]
pub enum Segment {
    /// Rows that came along, encoded and then in base64.
    Inline {
        /// The base64 text.
        data: String,
        /// Sizes and place in the result.
        attributes: DataAttributes,
    },
    /// Rows to be fetched.
    Spooled {
        /// Byte for byte as sent: it may be signed.
        uri: String,
        /// Asked for once the rows are here, so that the server may forget them.
        ack_uri: Option<String>,
        /// Sent along with both, and with nothing else.
        headers: Vec<(String, Secret)>,
        /// Sizes and place in the result.
        attributes: DataAttributes,
    },
}

/// The metadata of a segment. Each part may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataAttributes {
    /// Number of the first row within the whole result.
    pub row_offset: Option<u64>,
    /// Number of its rows.
    pub rows_count: Option<u64>,
    /// Bytes as transferred.
    pub segment_size: Option<u64>,
    /// Bytes once decompressed; absent when they are not compressed.
    pub uncompressed_size: Option<u64>,
    /// A hint: it names no zone.
    pub expires_at: Option<String>,
}

impl QueryResults {
    /// The message in `body`.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        // Text in a result may be broken UTF-8, which the server does not repair.
        let text = String::from_utf8_lossy(body);
        match Object::parse(&text) {
            Ok(page) => Self::read(&page),
            Err(error) => {
                let text = object::with_quoted_numbers(&text);
                let page = Object::parse(&text).map_err(|_| Error::malformed(&error))?;
                Self::read(&page)
            }
        }
    }

    fn read(page: &Object<'_>) -> Result<Self, Error> {
        let next_uri = match page.get("nextUri") {
            None => None,
            Some(uri) => {
                Some(object::text(uri).ok_or_else(|| malformed("its nextUri is no text"))?)
            }
        };
        if page.repeats("data") {
            return Err(malformed("it brings data twice"));
        }
        let id = page.get("id").and_then(object::scalar);
        let stats = page.object("stats");
        let id = match (id, &next_uri) {
            (Some(id), _) => id,
            (None, Some(uri)) => id_in(uri).unwrap_or_default().to_owned(),
            (None, None) if stats.is_some() || page.array("columns").is_some() => String::new(),
            // A gateway's own JSON must not pass for the end of a statement.
            (None, None) => return Err(malformed("it is no message of a Trino coordinator")),
        };
        let warnings = page.array("warnings").unwrap_or_default();
        Ok(Self {
            partial_cancel_uri: page.text("partialCancelUri"),
            next_uri,
            columns: page.get("columns").map(ToOwned::to_owned),
            data: page.get("data").map(ToOwned::to_owned),
            stats: stats.as_ref().map(StatementStats::read).unwrap_or_default(),
            error: page
                .get("error")
                .map(|error| Box::new(QueryError::read(error, &id))),
            warnings: warnings.into_iter().filter_map(Warning::read).collect(),
            update_type: page.shown("updateType"),
            update_count: page.count("updateCount"),
            id,
        })
    }

    /// Takes out what the page brings of the result.
    pub fn take_data(&mut self) -> Result<PageData, Error> {
        let Some(data) = self.data.take() else {
            return Ok(PageData::None);
        };
        match data.get().as_bytes().first() {
            Some(b'[') => Ok(PageData::Direct(data)),
            Some(b'{') => spooled(&data),
            _ => Err(malformed("its data is neither rows nor segments")),
        }
    }

    /// Takes out why the query failed, if it did.
    pub fn take_error(&mut self) -> Option<Box<QueryError>> {
        self.error.take()
    }

    /// The columns, once the server knows them.
    pub fn column_infos(&self) -> Option<Vec<ColumnInfo>> {
        let columns = object::array(self.columns.as_deref()?)?;
        Some(columns.into_iter().enumerate().map(column).collect())
    }
}

impl QueryError {
    /// The error of query `id`, in whatever form: there is no success beside it.
    fn read(error: &RawValue, id: &str) -> Self {
        let query_id = Some(id).filter(|id| !id.is_empty()).map(str::to_owned);
        let Some(fields) = Object::of(error) else {
            return Self {
                message: object::shown(error),
                query_id,
                ..Self::default()
            };
        };
        let cause = || fields.object("failureInfo")?.shown("message");
        let name = fields.shown("errorName");
        Self {
            message: fields
                .shown("message")
                .or_else(cause)
                .or_else(|| name.clone())
                .unwrap_or_else(|| "The server gave no reason.".to_owned()),
            code: fields.get("errorCode").map_or(0, code),
            name: name.unwrap_or_default(),
            error_type: fields.shown("errorType").unwrap_or_default(),
            query_id,
            in_spooling: fails_in_spooling(&fields),
        }
    }
}

/// Whether an error is the server's own and arose in what only spooled results go through, by the
/// stack of the failure or, where the server sends none, by its words.
fn fails_in_spooling(error: &Object<'_>) -> bool {
    let kind = error.text("errorType");
    if !matches!(kind.as_deref(), Some("INTERNAL_ERROR" | "EXTERNAL")) {
        return false;
    }
    let message = error.text("message").unwrap_or_default();
    if wording::is_about_partition_size(&message) {
        return true;
    }
    let mut failure = error.object("failureInfo");
    for _ in 0..DEEPEST_CAUSE {
        let Some(info) = &failure else {
            return false;
        };
        let frames = info.array("stack").unwrap_or_default();
        let mut frames = frames.into_iter().filter_map(object::text);
        if frames.any(|frame| SPOOLING_FRAMES.iter().any(|place| frame.starts_with(place))) {
            return true;
        }
        failure = info.object("cause");
    }
    false
}

/// Where a server is while it writes segments.
const SPOOLING_FRAMES: [&str; 3] = [
    "io.trino.operator.OutputSpoolingOperatorFactory",
    "io.trino.operator.SpoolingPagePartitioner",
    "io.trino.server.protocol.spooling.",
];

/// Causes of causes that are looked at.
const DEEPEST_CAUSE: usize = 8;

impl StatementStats {
    fn read(fields: &Object<'_>) -> Self {
        Self {
            state: fields.text("state").unwrap_or_default(),
            progress_percentage: fields.get("progressPercentage").and_then(object::number),
        }
    }
}

impl Warning {
    /// None when it says nothing.
    fn read(warning: &RawValue) -> Option<Self> {
        let fields = Object::of(warning)?;
        let kind = fields.object("warningCode");
        Some(Self {
            code: kind
                .as_ref()
                .and_then(|kind| kind.get("code"))
                .map_or(0, code),
            name: kind
                .and_then(|kind| kind.shown("name"))
                .unwrap_or_else(|| "WARNING".to_owned()),
            message: fields.shown("message")?,
        })
    }
}

impl DataAttributes {
    fn read(fields: &Object<'_>) -> Self {
        Self {
            row_offset: fields.count("rowOffset"),
            rows_count: fields.count("rowsCount"),
            segment_size: fields.count("segmentSize"),
            uncompressed_size: fields.count("uncompressedSize"),
            expires_at: fields.text("expiresAt"),
        }
    }
}

impl Segment {
    fn read(segment: &RawValue) -> Result<Self, Error> {
        let fields =
            Object::of(segment).ok_or_else(|| malformed("a segment of it is no object"))?;
        let metadata = fields.object("metadata");
        let attributes = metadata
            .as_ref()
            .map(DataAttributes::read)
            .unwrap_or_default();
        let kind = fields.text("type");
        let is_inline = match kind.as_deref() {
            Some(kind) if kind.eq_ignore_ascii_case("inline") => true,
            Some(kind) if kind.eq_ignore_ascii_case("spooled") => false,
            Some(kind) => return Err(Error::SegmentKind(kind.to_owned())),
            None => fields.get("uri").is_none(),
        };
        if is_inline {
            let data = match fields.get("data") {
                None if attributes.rows_count == Some(0) => Some(String::new()),
                data => data.and_then(object::text),
            };
            return Ok(Self::Inline {
                data: data.ok_or_else(|| malformed("a segment of it lacks its data"))?,
                attributes,
            });
        }
        let uri = fields.text("uri");
        Ok(Self::Spooled {
            uri: uri.ok_or_else(|| malformed("a segment of it lacks its URI"))?,
            ack_uri: fields.text("ackUri"),
            headers: fields.object("headers").map(headers).unwrap_or_default(),
            attributes,
        })
    }
}

impl PageData {
    /// Whether the page brings nothing.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// The count in the only row of an update's only column.
    pub fn count(&self) -> Option<u64> {
        let Self::Direct(rows) = self else {
            return None;
        };
        let row = *object::array(rows)?.first()?;
        let cell = *object::array(row)?.first()?;
        object::count(cell)
    }
}

/// The segments of a page.
fn spooled(data: &RawValue) -> Result<PageData, Error> {
    let fields = Object::parse(data.get()).map_err(|error| Error::malformed(&error))?;
    let encoding = fields.text("encoding");
    let segments = fields.array("segments");
    Ok(PageData::Spooled {
        encoding: encoding
            .ok_or_else(|| malformed("it does not say how its segments are encoded"))?,
        segments: segments
            .ok_or_else(|| malformed("it lists no segments"))?
            .into_iter()
            .map(Segment::read)
            .collect::<Result<_, _>>()?,
    })
}

/// A column in the driver's terms. A missing name is the one that Trino makes up, or is text.
fn column((index, column): (usize, &RawValue)) -> ColumnInfo {
    let fields = Object::of(column);
    let field = |name| fields.as_ref().and_then(|fields| fields.get(name));
    let display = field("type").and_then(object::text).unwrap_or_default();
    let kind: Type = match field("typeSignature") {
        Some(signature) => from_signature(signature.get(), &display),
        None => from_display(&display),
    };
    ColumnInfo {
        name: match field("name") {
            Some(name) => object::shown(name),
            None => format!("_col{index}"),
        },
        kind,
    }
}

/// Headers by name: a list of values each, or one.
fn headers(fields: Object<'_>) -> Vec<(String, Secret)> {
    let mut headers = Vec::new();
    for (name, values) in fields.into_fields() {
        for value in object::array(values).unwrap_or_else(|| vec![values]) {
            headers.extend(object::scalar(value).map(|value| (name.clone(), Secret::new(value))));
        }
    }
    headers
}

/// The number of an error, in 31 bits.
fn code(field: &RawValue) -> i32 {
    let code = object::number(field).unwrap_or_default();
    let code: i64 = format!("{code:.0}").parse().unwrap_or_default();
    let least = code.clamp(i32::MIN.into(), i32::MAX.into());
    i32::try_from(least).unwrap_or_default()
}

/// The query that a page's URI belongs to: `.../v1/statement/executing/{id}/...`.
fn id_in(uri: &str) -> Option<&str> {
    let (_, path) = uri.split_once("/v1/statement/")?;
    path.split('/').nth(1)
}

/// The error of a page that violates the protocol.
fn malformed(what: &str) -> Error {
    Error::Malformed(what.to_owned())
}

#[cfg(test)]
mod tests;
