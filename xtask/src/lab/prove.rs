//! Shows that a lab's storage is as strict as a real one, with a segment of a real query.

use anyhow::{Context, Result, bail, ensure};
use hyper::header::{AUTHORIZATION, LOCATION};
use hyper::{Method, StatusCode};
use serde_json::Value;

use super::client::{credentials, query, send};
use super::{Facts, Mode};

/// Fetches one spooled segment as its client may, and then in each way that must be refused.
pub async fn prove(facts: &Facts) -> Result<String> {
    let encoding = [("X-Trino-Query-Data-Encoding", "json+zstd")];
    let pages = query(
        facts,
        "SELECT * FROM tpch.tiny.orders CROSS JOIN tpch.tiny.nation",
        &encoding,
    )
    .await?;
    let segments: Vec<&Value> = pages
        .iter()
        .filter_map(|page| page["segments"].as_array())
        .flatten()
        .collect();
    let spooled: Vec<_> = segments
        .iter()
        .filter(|segment| segment["type"] == "spooled")
        .collect();
    let segment = spooled.first().context("the query was not spooled")?;
    let url = segment["uri"]
        .as_str()
        .context("a spooled segment has no URI")?;
    let headers = headers(segment);
    let shown = format!(
        "{} segments, {} of them spooled; the first is at {}",
        segments.len(),
        spooled.len(),
        url.split('?').next().unwrap_or_default(),
    );
    if facts.mode != Some(Mode::Storage) {
        let way = through_coordinator(facts, url, &headers).await?;
        return Ok(format!("{shown}\n{way}"));
    }

    let authority = facts.storage_ca.as_deref();
    let get = async |url: &str, headers: &[(String, String)]| {
        send(Method::GET, url, headers, "", authority).await
    };
    let whole = get(url, &headers).await?;
    ensure!(
        whole.status == StatusCode::OK,
        "{} for who has the key",
        whole.status
    );
    let size = segment["metadata"]["segmentSize"]
        .as_u64()
        .unwrap_or_default();
    ensure!(
        whole.body.len() as u64 == size,
        "{} bytes of {size}",
        whole.body.len()
    );

    let mut ranged = headers.clone();
    ranged.push(("Range".to_owned(), "bytes=10-19".to_owned()));
    let part = get(url, &ranged).await?;
    ensure!(
        part.status == StatusCode::PARTIAL_CONTENT,
        "{} for a range",
        part.status
    );
    ensure!(part.body == whole.body[10..20], "the range has other bytes");

    let mut with_credentials = headers.clone();
    with_credentials.push((AUTHORIZATION.to_string(), "Basic bGFiOmxhYg==".to_owned()));
    let mut wrong_key = headers.clone();
    for (name, value) in &mut wrong_key {
        if name.to_lowercase().ends_with("customer-key") {
            *value = super::secret()?;
        }
    }
    let mut refusals = vec![
        (
            "a request with credentials too",
            url.to_owned(),
            with_credentials,
        ),
        (
            "a changed signature",
            changed_signature(url),
            headers.clone(),
        ),
        (
            "another object",
            url.replacen("/spooling/", "/spooling/x", 1),
            headers.clone(),
        ),
    ];
    if facts.encryption == Some(true) {
        ensure!(wrong_key != headers, "the segment has no key: {headers:?}");
        refusals.push(("a request without the key", url.to_owned(), Vec::new()));
        refusals.push(("a request with another key", url.to_owned(), wrong_key));
    }
    let mut words = vec![shown];
    for (what, url, headers) in refusals {
        let answer = get(&url, &headers).await?;
        if !answer.status.is_client_error() {
            bail!("storage answered {} to {what}", answer.status);
        }
        words.push(format!("{what} is refused with {}", answer.status));
    }
    if send(Method::GET, url, &headers, "", None).await.is_ok() {
        bail!("storage's certificate was trusted by who does not know its authority");
    }
    words.push("its certificate is not trusted without its authority".to_owned());
    Ok(words.join("\n"))
}

/// Fetches a segment that the coordinator brings or redirects to; says which way it went.
async fn through_coordinator(
    facts: &Facts,
    url: &str,
    headers: &[(String, String)],
) -> Result<String> {
    let mut asking = headers.to_vec();
    asking.extend(credentials(facts));
    let ca = facts.coordinator_ca.as_deref();
    let mut answer = send(Method::GET, url, &asking, "", ca).await?;
    let mut way = String::from("it comes from there");
    if let Some(location) = answer.headers.get(LOCATION) {
        let location = location.to_str()?;
        way = format!(
            "{} to {}",
            answer.status,
            location.split('?').next().unwrap_or_default()
        );
        // A redirect gets the segment's own headers and none of the coordinator's.
        let storage = facts
            .storage
            .as_ref()
            .is_some_and(|storage| location.starts_with(storage));
        let authority = if storage {
            facts.storage_ca.as_deref()
        } else {
            ca
        };
        answer = send(Method::GET, location, headers, "", authority).await?;
    }
    ensure!(answer.status == StatusCode::OK, "{way}: {}", answer.status);
    Ok(format!("{way}: {} bytes", answer.body.len()))
}

/// The URL with another first digit in its signature.
fn changed_signature(url: &str) -> String {
    let Some((before, signature)) = url.split_once("X-Amz-Signature=") else {
        return url.to_owned();
    };
    let digit = if signature.starts_with('0') { '1' } else { '0' };
    format!(
        "{before}X-Amz-Signature={digit}{}",
        signature.get(1..).unwrap_or_default()
    )
}

/// The headers that a segment wants on each request for it.
fn headers(segment: &Value) -> Vec<(String, String)> {
    let mut headers = Vec::new();
    for (name, values) in segment["headers"].as_object().into_iter().flatten() {
        for value in values
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            headers.push((name.clone(), value.to_owned()));
        }
    }
    headers
}
