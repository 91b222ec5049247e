//! The exchange with a coordinator: submit, ask for the next page, cancel, keep alive.
//!
//! Pages are followed literally, wherever they are; credentials go to the coordinator's own origin only.

mod exchange;

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use reqwest::{Method, RequestBuilder};
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::{Origin, Url};

use super::excerpt::excerpt;
use super::{Error, QueryResults, ServerInfo, SessionState, headers};
use crate::auth::Credentials;
use crate::config::Options;
use crate::http::{self, Answer, Client, Exchange, Failure, Retry};
pub use exchange::Trouble;

/// A coordinator, and who we are to it.
#[derive(Debug)]
pub struct Coordinator {
    client: Client,
    base: Url,
    /// Host and port, as URIs have them.
    endpoint: String,
    origin: Origin,
    /// Whether a request has succeeded.
    met: AtomicBool,
    credentials: Credentials,
    user: Option<HeaderValue>,
    /// Headers that every statement has.
    constant: HeaderMap,
    /// Seconds that it may be silent; 0 leaves that to the client.
    silence: AtomicU32,
    /// Whether it has ever answered.
    answered: AtomicBool,
    /// What a gateway before it wants of every request.
    gateway: HeaderMap,
}

/// One answer about a statement.
#[derive(Debug)]
pub struct Page {
    pub results: QueryResults,
    pub headers: HeaderMap,
}

/// Which side of a statement is described.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The columns that it returns.
    Output,
    /// The parameters that it takes.
    Input,
}

/// How the rows of a statement are to come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Delivery {
    /// As the server likes best, of what the options offer.
    Any,
    /// In the coordinator's own answers.
    Direct,
}

/// What became of a sign of life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beat {
    Noted,
    Failed,
    /// The server knows no such thing, or not that query; so may a gateway that errs.
    Unsupported,
}

impl Coordinator {
    /// The coordinator that `options` name. Sends nothing.
    pub fn new(client: Client, options: &Options, credentials: Credentials) -> Result<Self, Error> {
        let scheme = if options.tls { "https" } else { "http" };
        let bare = options.host.trim_start_matches('[').trim_end_matches(']');
        let host = if bare.contains(':') {
            format!("[{bare}]")
        } else {
            bare.to_owned()
        };
        let base = Url::parse(&format!("{scheme}://{host}:{}/", options.port))
            .ok()
            .filter(|base| base.path() == "/" && base.host_str().is_some_and(|h| !h.is_empty()))
            .filter(|base| base.username().is_empty() && base.query().is_none())
            .ok_or(Error::Unsendable("Host"))?;
        Ok(Self {
            client,
            endpoint: http::endpoint_of(&base),
            origin: http::origin_of(&base),
            met: AtomicBool::new(false),
            base,
            credentials,
            user: options
                .session_user
                .as_ref()
                .or(options.user.as_ref())
                .map(|user| headers::user(user))
                .transpose()?,
            constant: headers::constant(options)?,
            silence: AtomicU32::new(0),
            answered: AtomicBool::new(false),
            gateway: headers::of_gateway(options)?,
        })
    }

    /// Gives requests up when nothing is heard for so many seconds, however often they are sent; 0 sets no limit but the
    /// client's own.
    pub fn limit_silence(&self, seconds: u32) {
        self.silence.store(seconds, Ordering::Relaxed);
    }

    fn silence(&self) -> Option<Duration> {
        match self.silence.load(Ordering::Relaxed) {
            0 => None,
            seconds => Some(Duration::from_secs(seconds.into())),
        }
    }

    /// Host and port.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Scheme, host and port.
    pub fn origin(&self) -> Origin {
        self.origin.clone()
    }

    /// Proves host, TLS and credentials without a statement.
    pub async fn probe(&self) -> Result<(), Error> {
        let uri = self.uri("v1/statement");
        let answer = self
            .exchange(Exchange::Probe, &uri, || self.request(Method::HEAD, &uri))
            .await;
        match answer {
            // Servers and gateways that know no HEAD have at least answered; one that has no time has not.
            Err(Error::Status { status, .. })
                if matches!(status, 400..=499 | 501) && !matches!(status, 408 | 425 | 429) =>
            {
                Ok(())
            }
            answer => answer.map(drop).map_err(Error::of_probe),
        }
    }

    /// What the coordinator tells about itself.
    pub async fn info(&self) -> Result<ServerInfo, Error> {
        let uri = self.uri("v1/info");
        let answer = self
            .exchange(Exchange::Version, &uri, || self.request(Method::GET, &uri))
            .await?;
        ServerInfo::parse(&answer.body).ok_or_else(|| {
            let nameless = || Error::Malformed("it names no version".to_owned());
            self.not_trino(&answer.headers, &answer.body)
                .unwrap_or_else(nameless)
        })
    }

    /// Submits `sql`. Nothing runs until the page after the answer is asked for. Once `given_up` is fired, nobody is
    /// waited for to sign in; what was sent is still answered.
    pub async fn submit(
        &self,
        sql: &str,
        state: &SessionState,
        delivery: Delivery,
        given_up: &CancellationToken,
    ) -> Result<Page, Error> {
        let mut headers = self.statement_headers(state)?;
        if delivery == Delivery::Direct {
            headers.remove(headers::QUERY_DATA_ENCODING);
        }
        self.post(sql, headers, given_up).await
    }

    /// Submits a description of the prepared statement `name`, which runs nothing of it.
    pub async fn describe(
        &self,
        side: Side,
        name: &str,
        state: &SessionState,
    ) -> Result<Page, Error> {
        let mut headers = self.statement_headers(state)?;
        // The answer is a handful of rows, wanted here and now.
        headers.remove(headers::QUERY_DATA_ENCODING);
        let side = match side {
            Side::Output => "OUTPUT",
            Side::Input => "INPUT",
        };
        let sql = format!("DESCRIBE {side} {name}");
        self.post(&sql, headers, &CancellationToken::new()).await
    }

    /// The page at `uri`. Notes in `trouble` why it takes several attempts.
    pub async fn next(&self, uri: &str, trouble: &Trouble) -> Result<Page, Error> {
        self.check(uri)?;
        let request = || self.request(Method::GET, uri);
        let given_up = CancellationToken::new();
        let mut retry = Retry::new(Exchange::Poll);
        loop {
            let answer = self.exchange_unless(&given_up, trouble, Exchange::Poll, uri, request);
            let error = match self.page(answer.await?) {
                // Something between us and the server garbled it; the server repeats it word for word.
                Err(error @ Error::Malformed(_)) => error,
                page => return page,
            };
            let Some(pause) = retry.after(Failure::Damaged, None, Instant::now()) else {
                return Err(error);
            };
            tracing::debug!(%error, "requesting the page again");
            tokio::time::sleep(pause).await;
        }
    }

    /// Ends a query on the server. Whether that worked makes no difference to the caller.
    pub async fn cancel(&self, uri: &str) {
        if self.check(uri).is_err() {
            return;
        }
        let mut retry = Retry::new(Exchange::Cancel);
        loop {
            let request = self.at_once(Method::DELETE, uri).await;
            let failure = match request.timeout(CANCEL_LIMIT).send().await {
                Ok(answer) => Failure::Status(answer.status().as_u16()),
                Err(error) => Failure::of(&self.client.tell(&error)),
            };
            // A status that is no failure, or one that stays, needs no other attempt.
            let Some(pause) = retry.after(failure, None, Instant::now()) else {
                return;
            };
            tokio::time::sleep(pause).await;
        }
    }

    /// Tells the server that the query whose next page is `uri` is still wanted.
    pub async fn beat(&self, uri: &str) -> Beat {
        if self.check(uri).is_err() {
            return Beat::Unsupported;
        }
        match self
            .at_once(Method::HEAD, uri)
            .await
            .timeout(BEAT_LIMIT)
            .send()
            .await
        {
            Ok(answer) if answer.status().is_success() => Beat::Noted,
            Ok(answer) if matches!(answer.status().as_u16(), 404 | 405) => Beat::Unsupported,
            _ => Beat::Failed,
        }
    }

    async fn post(
        &self,
        sql: &str,
        headers: HeaderMap,
        given_up: &CancellationToken,
    ) -> Result<Page, Error> {
        let uri = self.uri("v1/statement");
        let body = Bytes::from(sql.to_owned());
        let request = || {
            self.client
                .request(Method::POST, &uri)
                .headers(headers.clone())
                .body(body.clone())
        };
        let answered = self.answered.load(Ordering::Relaxed);
        let (exchange, trouble) = (Exchange::Submit { answered }, Trouble::default());
        let answer = self.exchange_unless(given_up, &trouble, exchange, &uri, request);
        self.page(answer.await?)
    }

    fn page(&self, answer: Answer) -> Result<Page, Error> {
        match QueryResults::parse(&answer.body) {
            Ok(results) => Ok(Page {
                results,
                headers: answer.headers,
            }),
            Err(error) => Err(self
                .not_trino(&answer.headers, &answer.body)
                .unwrap_or(error)),
        }
    }

    /// A body that is not even JSON comes from someone else.
    fn not_trino(&self, headers: &HeaderMap, body: &[u8]) -> Option<Error> {
        let first = body.iter().find(|byte| !byte.is_ascii_whitespace());
        (first != Some(&b'{')).then(|| Error::NotTrino {
            endpoint: self.endpoint.clone(),
            excerpt: excerpt(headers, body)
                .unwrap_or_else(|| "it answers with nothing.".to_owned()),
        })
    }

    fn statement_headers(&self, state: &SessionState) -> Result<HeaderMap, Error> {
        let mut headers = self.constant.clone();
        headers.extend(self.gateway.clone());
        state.write(&mut headers)?;
        if let Some(user) = &self.user {
            headers.insert(headers::ORIGINAL_USER, user.clone());
        }
        match (&state.authorization_user, &self.user) {
            (Some(user), _) => headers.insert(headers::USER, headers::user(user)?),
            (None, Some(user)) => headers.insert(headers::USER, user.clone()),
            (None, None) => None,
        };
        Ok(headers)
    }

    /// A request about a statement that is under way, or about the coordinator itself; without credentials.
    fn request(&self, method: Method, uri: &str) -> RequestBuilder {
        let mut request = self.client.request(method, uri);
        if !self.gateway.is_empty() && self.is_own(uri) {
            request = request.headers(self.gateway.clone());
        }
        match &self.user {
            Some(user) => request
                .header(headers::USER, user.clone())
                .header(headers::ORIGINAL_USER, user.clone()),
            None => request,
        }
    }

    /// A request that nothing is waited for: it has the credentials that are at hand.
    async fn at_once(&self, method: Method, uri: &str) -> RequestBuilder {
        let shown = match self.is_own(uri) {
            true => self.credentials.at_hand().await,
            false => None,
        };
        authorized(self.request(method, uri), shown.as_ref())
    }

    /// Whether credentials may go there.
    fn is_own(&self, uri: &str) -> bool {
        Url::parse(uri).is_ok_and(|uri| http::origin_of(&uri) == self.origin)
    }

    /// Refuses a page that the result of an encrypted connection would travel from in the clear.
    fn check(&self, uri: &str) -> Result<(), Error> {
        let uri = Url::parse(uri)
            .map_err(|_| Error::Malformed("it names a next page that is no URI".to_owned()))?;
        if self.base.scheme() == "https" && uri.scheme() != "https" {
            return Err(Error::Downgraded {
                to: format!("{}://{}", uri.scheme(), http::endpoint_of(&uri)),
            });
        }
        Ok(())
    }

    fn uri(&self, path: &str) -> String {
        format!("{}{path}", self.base)
    }
}

fn authorized(request: RequestBuilder, shown: Option<&HeaderValue>) -> RequestBuilder {
    match shown {
        Some(value) => request.header(AUTHORIZATION, value.clone()),
        None => request,
    }
}

const CANCEL_LIMIT: Duration = Duration::from_secs(5);
const BEAT_LIMIT: Duration = Duration::from_secs(10);

#[cfg(test)]
mod tests {
    use reqwest::StatusCode;
    use reqwest::header::LOCATION;

    use super::*;
    use crate::config::{Secret, Trust};
    use crate::http::{Clients, Settings};

    fn coordinator(options: &Options) -> Result<Coordinator, Error> {
        let client = Client::new(&Settings {
            trust: Trust::default(),
            connect_timeout: Some(Duration::from_secs(1)),
            read_timeout: Some(Duration::from_secs(1)),
            ..Settings::default()
        })
        .unwrap();
        let credentials = Credentials::from_options(options, &client, &Clients::default()).unwrap();
        Coordinator::new(client, options, credentials)
    }

    fn secure() -> Options {
        Options {
            host: "trino.example".to_owned(),
            port: 443,
            tls: true,
            user: Some("alice".to_owned()),
            password: Some(Secret::new("söcret")),
            ..Options::default()
        }
    }

    fn authorization(coordinator: &Coordinator, uri: &str) -> bool {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        let request = runtime
            .unwrap()
            .block_on(coordinator.at_once(Method::GET, uri));
        request
            .build()
            .unwrap()
            .headers()
            .contains_key(AUTHORIZATION)
    }

    #[test]
    fn credentials_go_to_the_coordinators_own_origin_only() {
        let coordinator = coordinator(&secure()).unwrap();
        assert!(authorization(
            &coordinator,
            "https://trino.example/v1/statement/x"
        ));
        assert!(authorization(
            &coordinator,
            "https://trino.example:443/v1/statement/x"
        ));
        for spelling in ["https://Trino.EXAMPLE/v1", "https://trino.example.:443/v1"] {
            assert!(authorization(&coordinator, spelling), "{spelling}");
        }
        assert!(!authorization(
            &coordinator,
            "https://trino.example:8443/v1/statement/x"
        ));
        assert!(!authorization(
            &coordinator,
            "https://other.example/v1/statement/x"
        ));
        assert!(!authorization(
            &coordinator,
            "http://trino.example/v1/statement/x"
        ));
    }

    #[test]
    fn a_next_page_without_tls_is_refused() {
        let coordinator = coordinator(&secure()).unwrap();
        let error = coordinator
            .check("http://trino.example/v1?slug=secret")
            .unwrap_err();
        assert!(error.to_string().contains("process-forwarded"));
        assert!(!error.to_string().contains("secret"));
        assert!(coordinator.check("https://other.example/v1").is_ok());
    }

    #[test]
    fn hosts_are_names_and_addresses() {
        for (host, endpoint) in [
            ("a.b", "a.b:80"),
            ("A.b.", "a.b:80"),
            ("::1", "[::1]:80"),
            ("[::1]", "[::1]:80"),
        ] {
            let options = Options {
                host: host.to_owned(),
                port: 80,
                ..Options::default()
            };
            assert_eq!(coordinator(&options).unwrap().endpoint(), endpoint);
        }
        for host in ["", "a/b", "a?b", "user@a", "a b"] {
            let options = Options {
                host: host.to_owned(),
                ..Options::default()
            };
            assert!(coordinator(&options).is_err(), "{host}");
        }
    }

    #[test]
    fn nothing_of_the_credentials_prints() {
        let text = format!("{:?}", coordinator(&secure()).unwrap());
        assert!(
            text.contains("Sensitive") && !text.contains("YWxpY2U6"),
            "{text}"
        );
    }

    #[test]
    fn a_web_page_is_not_trino() {
        let coordinator = coordinator(&secure()).unwrap();
        let answer = Answer {
            status: StatusCode::OK,
            headers: HeaderMap::new(),
            body: Bytes::from_static(b"<html><h1>Welcome</h1></html>"),
        };
        let error = coordinator.page(answer).unwrap_err();
        assert_eq!(
            error.to_string(),
            "trino.example:443 does not answer like a Trino coordinator: Welcome"
        );
    }

    #[test]
    fn a_redirect_is_told_without_its_query() {
        let coordinator = coordinator(&secure()).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert(
            LOCATION,
            HeaderValue::from_static("https://login.example/x?token=1"),
        );
        let answer = Answer {
            status: StatusCode::FOUND,
            headers,
            body: Bytes::new(),
        };
        let error = coordinator.refused(&answer).to_string();
        assert!(error.contains("https://login.example:443") && !error.contains("token"));
    }

    #[test]
    fn another_user_runs_the_statements_after_set_session_authorization() {
        let coordinator = coordinator(&secure()).unwrap();
        let state = SessionState {
            authorization_user: Some("bob".to_owned()),
            ..SessionState::default()
        };
        let headers = coordinator.statement_headers(&state).unwrap();
        assert_eq!(headers["x-trino-user"], "bob");
        assert_eq!(headers["x-trino-original-user"], "alice");
    }
}
