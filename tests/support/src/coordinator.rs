//! The coordinator's resources, and the one that a worker has.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::SystemTime;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use bytes::Bytes;
use hyper::header::SET_COOKIE;
use hyper::{Response, StatusCode};

use crate::answer::Retrieval;
use crate::body::{Body, redirect};
use crate::fault::{Endpoint, Fault};
use crate::latin1;
use crate::listen::Incoming;
use crate::page;
use crate::query::{Query, Terms, parse_segment_id};
use crate::record::Party;
use crate::script::is_query;
use crate::server::State;
use crate::storage;

/// A response, and the fault that meets it.
pub(crate) type Reply = (Response<Body>, Option<Fault>);

pub(crate) async fn respond(state: &Arc<State>, request: &Incoming) -> Reply {
    if !state.options.sticky || request.party == Party::Worker {
        return answer(state, request).await;
    }
    let is_bound = request
        .list("Cookie")
        .any(|cookies| cookies.contains(AFFINITY));
    if is_bound {
        return answer(state, request).await;
    }
    let begins = matches!(request.target.as_str(), "/v1/statement" | "/v1/info");
    let (mut response, fault) = if begins {
        answer(state, request).await
    } else {
        (text(StatusCode::NOT_FOUND, "Query not found"), None)
    };
    let cookie = format!("{AFFINITY}; Path=/; HttpOnly");
    let cookie = cookie.parse().expect("it is ASCII");
    response.headers_mut().append(SET_COOKIE, cookie);
    (response, fault)
}

/// The cookie of a balancer.
const AFFINITY: &str = "NODE=a1b2";

async fn answer(state: &Arc<State>, request: &Incoming) -> Reply {
    let path = request.target.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    if request.party == Party::Worker {
        return match parts[..] {
            ["v1", "spooled", "download", id] => download(state, request, id),
            _ => (status(StatusCode::NOT_FOUND), None),
        };
    }
    match (request.method.as_str(), &parts[..]) {
        ("POST", ["v1", "statement"]) => {
            let limit = state.options.body_limit.as_ref();
            let oversized = limit.filter(|(bytes, _)| request.body.len() > *bytes);
            let fault = match oversized {
                Some((_, fault)) => Some(fault.clone()),
                None => state.fault_at(None, Endpoint::Submit),
            };
            // What fails outright reached no dispatcher.
            let response = match &fault {
                Some(fault) if fault.replaces_response() => status(StatusCode::OK),
                _ => submit(state, request).await,
            };
            (response, fault)
        }
        ("HEAD", ["v1", "statement"]) => {
            let refusal = refuse_stranger(state, request).err();
            let response = refusal.map_or_else(|| status(StatusCode::OK), |refusal| *refusal);
            (response, state.fault_at(None, Endpoint::Validate))
        }
        ("GET", ["oauth2", "token", id]) => {
            let response = state.sign_ins.token(request, id).await;
            (response, state.fault_at(None, Endpoint::Token))
        }
        ("DELETE", ["oauth2", "token", _]) => (status(StatusCode::NO_CONTENT), None),
        ("GET", ["v1", "info"]) => (info(state), state.fault_at(None, Endpoint::Info)),
        (
            _,
            [
                "v1",
                "statement",
                "queued" | "executing",
                "partialCancel",
                ..,
            ],
        ) => (status(StatusCode::NO_CONTENT), None),
        (method, ["v1", "statement", stage, id, slug, token]) => {
            let token = token.parse().ok();
            let query = state.query(id).filter(|query| query.slug == *slug);
            match (query, token) {
                (Some(query), Some(token)) => {
                    follow(state, request, method, stage, &query, token).await
                }
                _ => (text(StatusCode::NOT_FOUND, "Query not found"), None),
            }
        }
        ("GET", ["v1", "spooled", "download", id]) => download(state, request, id),
        ("GET", ["v1", "spooled", "ack", id]) => acknowledge(state, request, id),
        (_, ["v1", "spooled", ..] | ["v1", "statement"]) => {
            (status(StatusCode::METHOD_NOT_ALLOWED), None)
        }
        _ => (status(StatusCode::NOT_FOUND), None),
    }
}

async fn submit(state: &Arc<State>, request: &Incoming) -> Response<Body> {
    if let Err(refusal) = refuse_stranger(state, request) {
        return *refusal;
    }
    if request.body.trim().is_empty() {
        return text(StatusCode::BAD_REQUEST, "SQL statement is empty");
    }
    if request.header("X-Trino-Schema").is_some() && request.header("X-Trino-Catalog").is_none() {
        return text(StatusCode::BAD_REQUEST, "Schema is set but catalog is not");
    }
    let prepared: HashMap<String, String> = request
        .list("X-Trino-Prepared-Statement")
        .flat_map(|pair| form_urlencoded::parse(pair.as_bytes()).into_owned())
        .map(|(name, text)| (name, uncompressed(text)))
        .collect();
    let answer = state.script.answer(&request.body, &prepared);
    let terms = Terms {
        id: state.next_query_id(),
        sql: request.body.clone(),
        encoding: negotiate(state, request, &answer),
        retrieval: answer.spooling.retrieval.unwrap_or(state.options.retrieval),
        encrypted: answer.spooling.sse_c.unwrap_or(state.options.sse_c),
        answer,
    };
    // Encoding the rows takes long the first time.
    let query = tokio::task::spawn_blocking(|| Query::new(terms))
        .await
        .expect("rows encode");
    let query = Arc::new(query);
    state.add_query(Arc::clone(&query));
    json(page::queued(&query, &request.base(), 1).to_string().into())
}

/// The text of a prepared statement, which clients compress when it is long.
fn uncompressed(text: String) -> String {
    let Some(frame) = text.strip_prefix("$zstd:") else {
        return text;
    };
    let frame = URL_SAFE.decode(frame).expect("it is base64");
    let bytes = zstd::decode_all(frame.as_slice()).expect("it is a frame");
    String::from_utf8(bytes).expect("it is text")
}

/// The encoding in which the rows are to be spooled.
fn negotiate(state: &State, request: &Incoming, answer: &crate::Answer) -> Option<crate::Encoding> {
    let refused = request
        .list("X-Trino-Session")
        .any(|pair| pair == "spooling_enabled=false");
    if answer.direct || refused || !state.options.spooling || !is_query(&request.body) {
        return None;
    }
    if answer.update.is_some() {
        return None;
    }
    let enabled = answer
        .spooling
        .encodings
        .as_ref()
        .unwrap_or(&state.options.encodings);
    request
        .list("X-Trino-Query-Data-Encoding")
        .filter_map(crate::Encoding::from_name)
        .find(|encoding| enabled.contains(encoding))
}

async fn follow(
    state: &Arc<State>,
    request: &Incoming,
    method: &str,
    stage: &str,
    query: &Arc<Query>,
    token: u64,
) -> Reply {
    let fault = |endpoint| state.fault_at(Some(query), endpoint);
    match (method, stage) {
        ("DELETE", "queued" | "executing") => {
            query.cancel();
            (status(StatusCode::NO_CONTENT), fault(Endpoint::Cancel))
        }
        ("GET", "queued") => {
            let response = page::queued(query, &request.base(), token + 1);
            (json(response.to_string().into()), fault(Endpoint::Queued))
        }
        ("HEAD", "executing") => {
            query.heartbeat();
            (status(StatusCode::OK), fault(Endpoint::Heartbeat))
        }
        ("GET", "executing") => {
            let options = &state.options;
            match query
                .turn(token, options.long_poll, options.client_timeout)
                .await
            {
                Ok(turn) => {
                    let page = page::executing(state, query, &request.base(), token, &turn);
                    (page, fault(Endpoint::Page(token)))
                }
                Err(refusal) => (status(refusal), None),
            }
        }
        _ => (status(StatusCode::METHOD_NOT_ALLOWED), None),
    }
}

fn download(state: &State, request: &Incoming, id: &str) -> Reply {
    let Some((query, segment)) = segment(state, id) else {
        return (text(StatusCode::INTERNAL_SERVER_ERROR, GONE), None);
    };
    if query.retrieval == Retrieval::Storage {
        let message = "Segments are to be retrieved from storage";
        return (text(StatusCode::SERVICE_UNAVAILABLE, message), None);
    }
    if query.lacks_key(&request.headers).is_some() {
        return (text(StatusCode::INTERNAL_SERVER_ERROR, KEYLESS), None);
    }
    let fault = |endpoint| state.fault_at(Some(&query), endpoint);
    let hop = |location: String| {
        (
            redirect(Some(&location)),
            fault(Endpoint::Download(segment)),
        )
    };
    match (query.retrieval, request.party) {
        (Retrieval::CoordinatorRedirect, _) => {
            let base = state.storage_base();
            hop(storage::signed_uri(
                &base,
                &query,
                segment,
                SystemTime::now(),
            ))
        }
        (Retrieval::WorkerProxy, Party::Coordinator) => hop(format!(
            "{}{}",
            state.worker_base(request.scheme),
            request.target
        )),
        _ if query.is_deleted(segment) => (text(StatusCode::INTERNAL_SERVER_ERROR, GONE), None),
        _ => match query.segment_bytes(segment) {
            Some(bytes) => {
                let response = storage::content(bytes, &request.headers, false);
                let response = response.unwrap_or_else(status);
                (response, fault(Endpoint::Segment(segment)))
            }
            None => (text(StatusCode::INTERNAL_SERVER_ERROR, GONE), None),
        },
    }
}

fn acknowledge(state: &State, request: &Incoming, id: &str) -> Reply {
    let Some((query, segment)) = segment(state, id) else {
        return (text(StatusCode::INTERNAL_SERVER_ERROR, GONE), None);
    };
    if query.lacks_key(&request.headers).is_some() {
        return (text(StatusCode::INTERNAL_SERVER_ERROR, KEYLESS), None);
    }
    query.delete_segment(segment);
    state.acknowledge(&query.id, segment);
    (
        status(StatusCode::OK),
        state.fault_at(Some(&query), Endpoint::Ack(segment)),
    )
}

fn segment(state: &State, id: &str) -> Option<(Arc<Query>, usize)> {
    let (query, segment) = parse_segment_id(id)?;
    Some((state.query(&query)?, segment))
}

/// Refuses who does not say who they are, or says so wrongly.
fn refuse_stranger(state: &State, request: &Incoming) -> Result<(), Box<Response<Body>>> {
    let authorization = request.header("Authorization");
    let refusal = |challenge: &str, message: &str| {
        let mut response = text(StatusCode::UNAUTHORIZED, message);
        let challenge = challenge.parse().expect("a valid challenge");
        response.headers_mut().insert("WWW-Authenticate", challenge);
        Err(Box::new(response))
    };
    if state.options.oauth2 {
        return match state.sign_ins.challenge(request) {
            None => Ok(()),
            Some(challenge) => refusal(&challenge, "Unauthorized"),
        };
    }
    if let Some(token) = &state.options.token {
        return match authorization.and_then(|value| value.strip_prefix("Bearer ")) {
            Some(sent) if sent == token => Ok(()),
            _ => refusal("Bearer realm=\"Trino\"", "Invalid credentials"),
        };
    }
    if let Some((user, password)) = &state.options.password {
        let expected = STANDARD.encode(latin1::encode(&format!("{user}:{password}")));
        return match authorization.and_then(|value| value.strip_prefix("Basic ")) {
            Some(sent) if sent == expected => Ok(()),
            Some(_) => refusal("Basic realm=\"Trino\"", "Invalid credentials"),
            None => refusal("Basic realm=\"Trino\"", "Unauthorized"),
        };
    }
    let named = ["X-Trino-User", "X-Trino-Original-User", "Authorization"];
    if named.iter().any(|name| request.header(name).is_some()) {
        return Ok(());
    }
    let message = "Basic authentication or X-Trino-Original-User or X-Trino-User must be sent";
    refusal("Basic realm=\"Trino\"", message)
}

fn info(state: &State) -> Response<Body> {
    let info = serde_json::json!({
        "nodeVersion": {"version": state.options.version},
        "environment": "scripted",
        "coordinator": true,
        "starting": false,
        "uptime": "1.00m",
    });
    json(info.to_string().into())
}

fn json(body: Bytes) -> Response<Body> {
    Response::builder()
        .header("Content-Type", "application/json")
        .body(Body::of(vec![body]))
        .expect("a valid response")
}

fn text(status: StatusCode, message: &str) -> Response<Body> {
    Response::builder()
        .status(status)
        .header("Content-Type", "text/plain")
        .body(Body::text(message))
        .expect("a valid response")
}

fn status(status: StatusCode) -> Response<Body> {
    Response::builder()
        .status(status)
        .body(Body::empty())
        .expect("a valid response")
}

const GONE: &str = "Segment not found or expired";
const KEYLESS: &str = "Required header x-amz-server-side-encryption-customer-key was not found";
