//! `QueryResults`: the JSON of each response, with its rows or its segments.

use base64::{Engine, engine::general_purpose::STANDARD};
use bytes::Bytes;
use hyper::Response;
use serde_json::{Map, Value, json};

use crate::answer::{QueryError, Retrieval};
use crate::body::Body;
use crate::clock::local_text;
use crate::latin1;
use crate::query::{Item, Query, Turn};
use crate::record::QueryState;
use crate::server::State;
use crate::storage::signed_uri;

/// The response to a `POST` (`next_token` 1) or to a queued URI.
pub(crate) fn queued(query: &Query, base: &str, next_token: u64) -> Value {
    let dispatched = next_token > query.answer.pacing.queued_polls + 1;
    let (stage, token) = if dispatched {
        ("executing", 0)
    } else {
        ("queued", next_token)
    };
    let mut page = envelope(
        query,
        base,
        if dispatched { "DISPATCHING" } else { "QUEUED" },
    );
    if query.record().state == QueryState::Cancelled {
        page["error"] = QueryError::new("USER_CANCELED", 3, "Query was canceled").json();
        return page;
    }
    page["nextUri"] = json!(uri(query, base, stage, token));
    page
}

/// The response to the executing URI with `token`.
pub(crate) fn executing(
    state: &State,
    query: &Query,
    base: &str,
    token: u64,
    turn: &Turn,
) -> Response<Body> {
    let answer = &query.answer;
    let mut rows = None;
    let mut is_last = true;
    let mut page = envelope(query, base, "RUNNING");
    match turn {
        Turn::Waiting => is_last = false,
        Turn::Cancelled => {
            page["error"] = QueryError::new("USER_CANCELED", 3, "Query was canceled").json();
        }
        Turn::Abandoned => {
            let message = format!("Query {} was abandoned by the client", query.id);
            let error = QueryError::new("ABANDONED_QUERY", 2, &message);
            page["error"] = error.json();
        }
        Turn::Page(item) => {
            is_last = item.is_last;
            if item.has_columns {
                page["columns"] = answer.columns.iter().map(|column| column.json()).collect();
            }
            if !item.units.is_empty() {
                match query.encoding {
                    Some(_) => page["data"] = spooled(state, query, base, item),
                    None => rows = query.unit(item.units.start).map(|(piece, _)| &piece.bytes),
                }
            }
            if let Some((update_type, count)) = &answer.update {
                page["updateType"] = json!(update_type);
                if let (true, Some(count)) = (is_last, count) {
                    page["updateCount"] = json!(count);
                }
            }
            if let (true, Some(error)) = (is_last, &answer.error) {
                page["error"] = error.json();
            }
        }
    }
    if !is_last {
        page["nextUri"] = json!(uri(query, base, "executing", token + 1));
        page["partialCancelUri"] = json!(format!(
            "{base}/v1/statement/executing/partialCancel/{}/0/{}/{token}",
            query.id, query.slug
        ));
    } else {
        let failed = page.get("error").is_some();
        page["stats"]["state"] = json!(if failed { "FAILED" } else { "FINISHED" });
    }
    answer.edit_page_json(token, &mut page);
    let mut response = Response::builder().header("Content-Type", "application/json");
    if let Some(encoding) = query.encoding {
        response = response.header("X-Trino-Query-Data-Encoding", encoding.name());
    }
    if is_last && page.get("error").is_none() {
        for (name, value) in &answer.headers {
            response = response.header(name, latin1::value(value));
        }
    }
    response.body(body(page, rows)).expect("a valid response")
}

/// The envelope with its direct rows, which are not copied.
fn body(page: Value, rows: Option<&Bytes>) -> Body {
    let mut text = page.to_string();
    match rows {
        None => Body::text(text),
        Some(rows) => {
            text.pop();
            text.push_str(",\"data\":");
            let (head, tail) = (Bytes::from(text), Bytes::from_static(b"}"));
            Body::of(vec![head, rows.clone(), tail])
        }
    }
}

fn envelope(query: &Query, base: &str, state: &str) -> Value {
    json!({
        "id": query.id,
        "infoUri": format!("{base}/ui/query.html?{}", query.id),
        "stats": {
            "state": state,
            "queued": state == "QUEUED",
            "scheduled": state != "QUEUED",
            "progressPercentage": 50.0,
            "nodes": 1,
            "totalSplits": 2,
            "queuedSplits": 0,
            "runningSplits": 1,
            "completedSplits": 1,
            "cpuTimeMillis": 1,
            "wallTimeMillis": 1,
            "queuedTimeMillis": 1,
            "elapsedTimeMillis": 2,
            "processedRows": query.answer.content.len(),
            "processedBytes": 0,
            "peakMemoryBytes": 0,
            "spilledBytes": 0,
        },
        "warnings": query.answer.warnings,
    })
}

fn uri(query: &Query, base: &str, stage: &str, token: u64) -> String {
    format!(
        "{base}/v1/statement/{stage}/{}/{}/{token}",
        query.id, query.slug
    )
}

fn spooled(state: &State, query: &Query, base: &str, item: &Item) -> Value {
    let segments: Vec<Value> = item
        .units
        .clone()
        .filter_map(|unit| segment(state, query, base, unit))
        .collect();
    let encoding = query.encoding.map(|encoding| encoding.name());
    json!({"encoding": encoding, "metadata": {}, "segments": segments})
}

fn segment(state: &State, query: &Query, base: &str, unit: usize) -> Option<Value> {
    let (piece, row_offset) = query.unit(unit)?;
    let mut metadata = json!({
        "rowOffset": row_offset,
        "rowsCount": piece.rows,
        "segmentSize": piece.bytes.len(),
    });
    if let Some(size) = piece.uncompressed_size {
        metadata["uncompressedSize"] = json!(size);
    }
    let mut segment = if query.is_inline(unit) {
        let bytes = query.segment_bytes(unit)?;
        json!({"type": "inline", "data": STANDARD.encode(bytes), "metadata": metadata})
    } else {
        let expires = query.written + std::time::Duration::from_secs(12 * 3600);
        metadata["expiresAt"] = json!(local_text(expires));
        let id = query.segment_id(unit);
        let uri = match query.retrieval {
            Retrieval::Storage => signed_uri(&state.storage_base(), query, unit, query.written),
            _ => format!("{base}/v1/spooled/download/{id}"),
        };
        let mut segment = json!({
            "type": "spooled",
            "uri": uri,
            "ackUri": format!("{base}/v1/spooled/ack/{id}"),
            "metadata": metadata,
        });
        let headers: Map<String, Value> = query
            .segment_headers()
            .into_iter()
            .map(|(name, value)| (name.to_owned(), json!([value])))
            .collect();
        if !headers.is_empty() {
            segment["headers"] = headers.into();
        }
        segment
    };
    query.answer.edit_segment_json(unit, &mut segment);
    Some(segment)
}
