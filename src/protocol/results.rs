//! `QueryResults`: one answer of `/v1/statement`, in the server's own terms.
//!
//! Servers of many versions speak here, so that unknown fields are passed over, absent and null are the same, and
//! numbers may come as strings. `data` stays text: whether it is rows or segments shows in its first byte.

use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use super::{Error, TypeSignature, from_display, from_signature};
use crate::columns::{ColumnInfo, Type};
use crate::config::Secret;

/// One answer to a submitted statement or to a request of its next page.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QueryResults {
    pub id: String,
    pub info_uri: Option<String>,
    pub partial_cancel_uri: Option<String>,
    /// Where the next page is; absent at the end.
    pub next_uri: Option<String>,
    pub columns: Option<Vec<Column>>,
    data: Option<Box<RawValue>>,
    #[serde(default, deserialize_with = "or_default")]
    pub stats: StatementStats,
    error: Option<QueryFailure>,
    #[serde(default, deserialize_with = "or_default")]
    pub warnings: Vec<Warning>,
    /// What kind of change the statement makes; absent for a query.
    pub update_type: Option<String>,
    #[serde(default, deserialize_with = "lenient")]
    pub update_count: Option<u64>,
}

/// A column as the server describes it.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Column {
    pub name: String,
    #[serde(rename = "type")]
    pub display: String,
    pub type_signature: Option<TypeSignature>,
}

/// How far a query is.
#[derive(Debug, Clone, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct StatementStats {
    /// QUEUED, PLANNING, RUNNING, FINISHED, ...: to show, never to decide by.
    #[serde(deserialize_with = "or_default")]
    pub state: String,
    pub progress_percentage: Option<f64>,
    #[serde(deserialize_with = "lenient")]
    pub total_splits: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub completed_splits: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub processed_rows: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub processed_bytes: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub elapsed_time_millis: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub peak_memory_bytes: Option<u64>,
}

/// Something the server wants to be known, short of a failure.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Deserialize)]
#[serde(from = "RawWarning")]
pub struct Warning {
    pub code: i32,
    pub name: String,
    pub message: String,
}

/// What a page brings of the result.
#[derive(Debug)]
pub enum PageData {
    /// Nothing.
    None,
    /// Rows, as a JSON array of arrays.
    Direct(Box<RawValue>),
    /// Segments, in the order of their rows.
    Spooled {
        encoding: String,
        segments: Vec<Segment>,
    },
}

/// Some consecutive rows of a spooled result.
#[derive(Debug)]
pub enum Segment {
    /// Rows that came along, encoded and then in base64.
    Inline {
        data: String,
        attributes: DataAttributes,
    },
    /// Rows to be fetched.
    Spooled {
        /// Byte for byte as sent: it may be signed.
        uri: String,
        /// Asked for once the rows are here, so that the server may forget them.
        ack_uri: String,
        /// Sent along with both, and with nothing else.
        headers: Vec<(String, Secret)>,
        attributes: DataAttributes,
    },
}

/// What the server tells about a segment. Any of it may be missing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct DataAttributes {
    /// Number of the first row within the whole result.
    #[serde(deserialize_with = "lenient")]
    pub row_offset: Option<u64>,
    #[serde(deserialize_with = "lenient")]
    pub rows_count: Option<u64>,
    /// Bytes as transferred.
    #[serde(deserialize_with = "lenient")]
    pub segment_size: Option<u64>,
    /// Bytes once decompressed; absent when they are not compressed.
    #[serde(deserialize_with = "lenient")]
    pub uncompressed_size: Option<u64>,
    /// A hint: it names no zone.
    pub expires_at: Option<String>,
}

impl QueryResults {
    /// The message in `body`.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        // Text in a result may be broken UTF-8, which the server does not repair.
        let text = String::from_utf8_lossy(body);
        serde_json::from_str(&text).map_err(|error| Error::malformed(&error))
    }

    /// Takes out what the page brings of the result.
    pub fn take_data(&mut self) -> Result<PageData, Error> {
        let Some(data) = self.data.take() else {
            return Ok(PageData::None);
        };
        match data.get().as_bytes().first() {
            Some(b'[') => Ok(PageData::Direct(data)),
            Some(b'{') => serde_json::from_str::<SpooledData>(data.get())
                .map_err(|error| Error::malformed(&error))
                .map(PageData::from),
            _ => Ok(PageData::None),
        }
    }

    /// Takes out why the query failed, if it did.
    pub fn take_error(&mut self) -> Option<Box<super::QueryError>> {
        let failure = self.error.take()?;
        Some(Box::new(super::QueryError {
            message: failure
                .message
                .unwrap_or_else(|| "The server gave no reason.".to_owned()),
            code: failure.error_code.unwrap_or_default(),
            name: failure.error_name.unwrap_or_default(),
            error_type: failure.error_type.unwrap_or_default(),
            query_id: Some(self.id.clone()),
        }))
    }

    /// The columns, once the server knows them.
    pub fn column_infos(&self) -> Option<Vec<ColumnInfo>> {
        let columns = self.columns.as_ref()?;
        Some(columns.iter().map(Column::info).collect())
    }
}

impl Column {
    /// The column in the driver's terms.
    pub fn info(&self) -> ColumnInfo {
        let kind: Type = match &self.type_signature {
            Some(signature) => from_signature(signature, &self.display),
            None => from_display(&self.display),
        };
        ColumnInfo {
            name: self.name.clone(),
            kind,
        }
    }
}

impl PageData {
    /// Whether the page brings nothing.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }

    /// Whether all of it is here, and little enough to be decoded on the spot.
    pub fn is_small(&self) -> bool {
        let size: usize = match self {
            Self::None => 0,
            Self::Direct(rows) => rows.get().len(),
            Self::Spooled { segments, .. } => segments
                .iter()
                .map(|segment| match segment {
                    Segment::Inline { data, .. } => data.len(),
                    Segment::Spooled { .. } => SMALL,
                })
                .sum(),
        };
        size < SMALL
    }
}

impl From<SpooledData> for PageData {
    fn from(data: SpooledData) -> Self {
        Self::Spooled {
            encoding: data.encoding,
            segments: data.segments.into_iter().map(Segment::from).collect(),
        }
    }
}

impl From<RawSegment> for Segment {
    fn from(segment: RawSegment) -> Self {
        match segment {
            RawSegment::Inline { data, metadata } => Self::Inline {
                data,
                attributes: metadata,
            },
            RawSegment::Spooled {
                uri,
                ack_uri,
                headers,
                metadata,
            } => Self::Spooled {
                uri,
                ack_uri,
                headers: headers
                    .unwrap_or_default()
                    .into_iter()
                    .flat_map(|(name, values)| {
                        let pair = move |value| (name.clone(), Secret::new(value));
                        values.into_iter().map(pair)
                    })
                    .collect(),
                attributes: metadata,
            },
        }
    }
}

impl From<RawWarning> for Warning {
    fn from(warning: RawWarning) -> Self {
        Self {
            code: warning.warning_code.code,
            name: warning.warning_code.name,
            message: warning.message,
        }
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct QueryFailure {
    message: Option<String>,
    error_code: Option<i32>,
    error_name: Option<String>,
    error_type: Option<String>,
}

#[derive(Deserialize)]
struct SpooledData {
    encoding: String,
    #[serde(default, deserialize_with = "or_default")]
    segments: Vec<RawSegment>,
}

#[derive(Deserialize)]
#[serde(tag = "type", rename_all = "lowercase")]
enum RawSegment {
    Inline {
        data: String,
        #[serde(default, deserialize_with = "or_default")]
        metadata: DataAttributes,
    },
    #[serde(rename_all = "camelCase")]
    Spooled {
        uri: String,
        ack_uri: String,
        headers: Option<BTreeMap<String, Vec<String>>>,
        #[serde(default, deserialize_with = "or_default")]
        metadata: DataAttributes,
    },
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawWarning {
    #[serde(default, deserialize_with = "or_default")]
    warning_code: RawWarningCode,
    #[serde(default, deserialize_with = "or_default")]
    message: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct RawWarningCode {
    #[serde(deserialize_with = "or_default")]
    code: i32,
    #[serde(deserialize_with = "or_default")]
    name: String,
}

/// A value whose absence may also be written as null.
fn or_default<'de, D, T>(deserializer: D) -> Result<T, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de> + Default,
{
    Option::<T>::deserialize(deserializer).map(Option::unwrap_or_default)
}

/// A count that may come as a number or as a string; anything else counts as absent.
fn lenient<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Count {
        Number(u64),
        Text(String),
        Other(serde::de::IgnoredAny),
    }
    Ok(match Option::<Count>::deserialize(deserializer)? {
        Some(Count::Number(count)) => Some(count),
        Some(Count::Text(text)) => text.trim().parse().ok(),
        Some(Count::Other(_)) | None => None,
    })
}

/// Bytes up to which handing work to another task costs more than the work.
const SMALL: usize = 64 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> QueryResults {
        QueryResults::parse(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_queued_statement_has_an_id_and_a_next_page() {
        let mut results = parse(
            r#"{"id":"20261122_1","infoUri":"http://c/ui","nextUri":"http://c/v1/statement/queued/1",
                "stats":{"state":"QUEUED","queued":true,"rootStage":null},"warnings":[],"brandNew":{"a":[1]}}"#,
        );
        assert_eq!(results.id, "20261122_1");
        assert_eq!(results.stats.state, "QUEUED");
        assert!(results.next_uri.is_some() && results.columns.is_none());
        assert!(results.take_data().unwrap().is_none() && results.take_error().is_none());
    }

    #[test]
    fn null_is_absent() {
        let mut results = parse(
            r#"{"id":"1","nextUri":null,"columns":null,"data":null,"stats":null,"error":null,"warnings":null,
                "updateType":null,"updateCount":null}"#,
        );
        assert!(results.next_uri.is_none() && results.update_count.is_none());
        assert!(results.take_data().unwrap().is_none());
    }

    #[test]
    fn an_array_is_rows_and_an_object_is_segments() {
        let mut direct = parse(r#"{"id":"1","data":[[1],[2]]}"#);
        assert!(
            matches!(direct.take_data(), Ok(PageData::Direct(rows)) if rows.get() == "[[1],[2]]")
        );
        let mut spooled = parse(
            r#"{"id":"1","data":{"encoding":"json+zstd","metadata":{},"segments":[
                {"type":"inline","data":"QQ==","metadata":{"rowOffset":0,"rowsCount":"2","segmentSize":1}},
                {"type":"spooled","uri":"https://s/a?X-Sig=b%2F","ackUri":"https://c/ack/1",
                 "headers":{"x-key":["k"]},
                 "metadata":{"rowOffset":2,"rowsCount":3,"segmentSize":9,"uncompressedSize":99,
                             "expiresAt":"2026-11-22T10:15:30.123"}}]}}"#,
        );
        let PageData::Spooled { encoding, segments } = spooled.take_data().unwrap() else {
            panic!("not spooled");
        };
        assert_eq!(encoding, "json+zstd");
        assert!(matches!(&segments[0], Segment::Inline { data, attributes }
            if data == "QQ==" && attributes.rows_count == Some(2) && attributes.uncompressed_size.is_none()));
        assert!(
            matches!(&segments[1], Segment::Spooled { uri, headers, attributes, .. }
            if uri == "https://s/a?X-Sig=b%2F" && headers[0].1.reveal() == "k"
                && attributes.uncompressed_size == Some(99))
        );
        assert!(!format!("{segments:?}").contains("\"k\""));
    }

    #[test]
    fn segments_without_attributes_are_read() {
        let mut spooled = parse(
            r#"{"id":"1","data":{"encoding":"json","segments":[
                {"type":"spooled","uri":"https://s","ackUri":"https://c","headers":null,"metadata":null}]}}"#,
        );
        assert!(
            matches!(spooled.take_data().unwrap(), PageData::Spooled { segments, .. }
            if matches!(&segments[0], Segment::Spooled { attributes, .. } if *attributes == DataAttributes::default()))
        );
    }

    #[test]
    fn a_failure_carries_its_query_id() {
        let mut results = parse(
            r#"{"id":"20261122_7","error":{"message":"line 1:8: Column 'x' cannot be resolved","sqlState":null,
                "errorCode":47,"errorName":"COLUMN_NOT_FOUND","errorType":"USER_ERROR",
                "failureInfo":{"type":"io.trino.X","stack":["a"]}}}"#,
        );
        let error = results.take_error().unwrap();
        assert_eq!((error.code, error.name.as_str()), (47, "COLUMN_NOT_FOUND"));
        assert_eq!(error.query_id.as_deref(), Some("20261122_7"));
    }

    #[test]
    fn warnings_have_a_number_a_name_and_a_text() {
        let results = parse(
            r#"{"id":"1","warnings":[{"warningCode":{"code":3,"name":"DEPRECATED"},"message":"old"}],
                "updateType":"INSERT","updateCount":5}"#,
        );
        assert_eq!(results.warnings[0].name, "DEPRECATED");
        assert_eq!(results.update_count, Some(5));
    }

    #[test]
    fn broken_utf_8_is_replaced() {
        let mut body = br#"{"id":"1","data":[[""#.to_vec();
        body.extend([0xff]);
        body.extend(br#""]]}"#);
        let data = QueryResults::parse(&body).unwrap().take_data().unwrap();
        assert!(matches!(data, PageData::Direct(rows) if rows.get() == "[[\"\u{fffd}\"]]"));
    }

    #[test]
    fn what_is_no_message_is_an_error() {
        for text in ["", "<html>", "[]", "{}", r#"{"id":"1""#] {
            assert!(QueryResults::parse(text.as_bytes()).is_err());
        }
    }
}
