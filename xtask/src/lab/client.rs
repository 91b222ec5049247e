//! Just enough of an HTTP client, and of Trino's protocol, to wait for a lab and to prove it.

use std::sync::Arc;
use std::time::Duration;

use anyhow::{Context, Result, bail};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::header::{AUTHORIZATION, HOST};
use hyper::{HeaderMap, Method, Request, StatusCode, Uri};
use hyper_util::rt::TokioIo;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use serde_json::Value;
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use super::Facts;
use super::certificates::Certificate;

/// An answer, whole.
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Sends one request on its own connection; `authority` is the only one trusted.
pub async fn send(
    method: Method,
    url: &str,
    headers: &[(String, String)],
    body: impl Into<Bytes>,
    authority: Option<&std::path::Path>,
) -> Result<Answer> {
    let uri: Uri = url.parse().with_context(|| format!("{url} is not a URL"))?;
    let host = uri.host().context("no host")?.to_owned();
    let https = uri.scheme_str() == Some("https");
    let port = uri.port_u16().unwrap_or(if https { 443 } else { 80 });
    let path = uri
        .path_and_query()
        .map_or("/", |path| path.as_str())
        .to_owned();
    let mut request = Request::builder().method(method).uri(path);
    request = request.header(HOST, uri.authority().context("no authority")?.as_str());
    for (name, value) in headers {
        request = request.header(name, value);
    }
    let request = request.body(Full::new(body.into()))?;

    let exchange = async {
        let socket = TcpStream::connect((host.as_str(), port)).await?;
        let response = if https {
            let connector = TlsConnector::from(Arc::new(client_config(authority)?));
            let stream = connector
                .connect(ServerName::try_from(host.clone())?, socket)
                .await?;
            exchange(TokioIo::new(stream), request).await?
        } else {
            exchange(TokioIo::new(socket), request).await?
        };
        anyhow::Ok(response)
    };
    timeout(PATIENCE, exchange)
        .await
        .context("no answer")?
        .with_context(|| host.clone())
}

async fn exchange<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Answer>
where
    S: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static,
{
    let (mut sender, connection) = hyper::client::conn::http1::handshake(stream).await?;
    let connection = tokio::spawn(connection);
    let response = sender.send_request(request).await?;
    let (head, body) = response.into_parts();
    let body = body.collect().await?.to_bytes();
    drop(sender);
    connection.abort();
    Ok(Answer {
        status: head.status,
        headers: head.headers,
        body,
    })
}

/// Runs a statement to its end and returns the pages that carried data.
pub async fn query(facts: &Facts, sql: &str, headers: &[(&str, &str)]) -> Result<Vec<Value>> {
    let mut all = credentials(facts);
    all.extend(
        headers
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned())),
    );
    let authority = facts.coordinator_ca.as_deref();
    let mut answer = send(
        Method::POST,
        &format!("{}/v1/statement", facts.url),
        &all,
        sql.to_owned(),
        authority,
    )
    .await?;
    let mut pages = Vec::new();
    loop {
        if !answer.status.is_success() {
            bail!(
                "{} {}",
                answer.status,
                String::from_utf8_lossy(&answer.body)
            );
        }
        let mut page: Value = serde_json::from_slice(&answer.body)?;
        if let Some(error) = page.get("error") {
            bail!("{}", error["message"].as_str().unwrap_or("query failed"));
        }
        let next = page["nextUri"].as_str().map(str::to_owned);
        if !page["data"].is_null() {
            pages.push(page["data"].take());
        }
        let Some(next) = next else { return Ok(pages) };
        answer = send(Method::GET, &next, &all, "", authority).await?;
    }
}

/// The headers that say who asks.
pub fn credentials(facts: &Facts) -> Vec<(String, String)> {
    let mut headers = vec![
        ("X-Trino-User".to_owned(), facts.user.clone()),
        ("X-Trino-Source".to_owned(), "xtask".to_owned()),
    ];
    if let Some(password) = &facts.password {
        let token = STANDARD.encode(format!("{}:{password}", facts.user));
        headers.push((AUTHORIZATION.to_string(), format!("Basic {token}")));
    }
    headers
}

fn client_config(authority: Option<&std::path::Path>) -> Result<rustls::ClientConfig> {
    let mut roots = rustls::RootCertStore::empty();
    if let Some(authority) = authority {
        for certificate in CertificateDer::pem_file_iter(authority)? {
            roots.add(certificate?)?;
        }
    }
    Ok(rustls::ClientConfig::builder()
        .with_root_certificates(roots)
        .with_no_client_auth())
}

/// TLS as a server with that certificate.
pub fn server_config(certificate: &Certificate) -> Result<rustls::ServerConfig> {
    let chain = CertificateDer::pem_slice_iter(certificate.chain.as_bytes())
        .collect::<Result<Vec<_>, _>>()?;
    let key = PrivateKeyDer::from_pem_slice(certificate.key.as_bytes())?;
    Ok(rustls::ServerConfig::builder()
        .with_no_client_auth()
        .with_single_cert(chain, key)?)
}

/// How long one answer may take.
const PATIENCE: Duration = Duration::from_secs(30);
