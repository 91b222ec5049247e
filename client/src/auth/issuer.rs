//! An issuer of OAuth 2.0 tokens: where its endpoints are, what it is sent, what it answers.
//!
//! It has a separate HTTP client, because it may have a separate trust store.

mod polling;

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bytes::Bytes;
use parking_lot::Mutex;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue};
use reqwest::{Method, RequestBuilder};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer};
use serde_json::Value;
use tokio::sync::OnceCell;
use tokio::time::Instant;
use url::{Url, form_urlencoded};
use zeroize::Zeroizing;

use super::token::Token;
use super::{Challenge, Error};
use crate::http::{self, Answer, Client, ClientPool, Domain, Exchange, Failure, Retry, Settings};
use crate::options::{self, Options, Secret};
use polling::Polling;

/// An issuer, and the client that this program is to it.
#[derive(Debug)]
pub(super) struct Issuer {
    http: Client,
    settings: options::Issuer,
    /// The host of the coordinator.
    host: String,
    endpoints: OnceCell<Endpoints>,
    named: Mutex<Named>,
}

/// What the coordinator says about the issuer when it refuses.
#[derive(Debug, Default, Clone)]
struct Named {
    token: Option<Url>,
    scope: Option<String>,
}

/// What a person enters, and the code to poll with until then.
pub(super) struct Grant {
    pub(super) address: String,
    /// Absent when the address holds it.
    pub(super) code: Option<String>,
    device_code: Secret,
    /// How long there is for it.
    pub(super) life: Duration,
    interval: Duration,
}

#[derive(Debug, Clone)]
struct Endpoints {
    token: Url,
    device: Option<Url>,
    /// Whether id and secret go into a header; else they are part of the form.
    basic: bool,
}

impl Issuer {
    /// The issuer of these settings. Sends nothing.
    pub(super) fn new(
        options: &Options,
        settings: &options::Issuer,
        clients: &ClientPool,
    ) -> Result<Self, Error> {
        let mut trusted = Settings::of(options, Domain::Issuer);
        if let Some(trust) = &settings.trust {
            trusted.trust = trust.clone();
        }
        let http = clients.get(trusted)?;
        Ok(Self {
            http,
            settings: settings.clone(),
            host: options.host.clone(),
            endpoints: OnceCell::new(),
            named: Mutex::default(),
        })
    }

    /// Whether the token endpoint is known: configured, or named by the coordinator.
    pub(super) fn is_known(&self) -> bool {
        self.is_configured() || self.named.lock().token.is_some()
    }

    fn is_configured(&self) -> bool {
        self.settings.uri.is_some() || self.settings.token_endpoint.is_some()
    }

    /// Takes the token endpoint and the scope from the coordinator's challenges, as far as neither
    /// is configured.
    ///
    /// An impostor of the coordinator must not be able to redirect the secret: the endpoint has to
    /// be https, on the coordinator's host or on one of `OAuth2TokenHosts`, and must not differ
    /// from a configured one.
    pub(super) fn learn(&self, challenges: &[Challenge]) -> Result<(), Error> {
        let named = challenges
            .iter()
            .filter(|challenge| challenge.is("Bearer"))
            .find_map(|challenge| Some((challenge, challenge.parameter("x_token_endpoint")?)));
        let Some((challenge, endpoint)) = named else {
            return Ok(());
        };
        let endpoint = secure(endpoint).map_err(|_| Error::InsecureEndpoint)?;
        if let Some(configured) = &self.settings.token_endpoint {
            if secure(configured)? != endpoint {
                return Err(Error::OtherEndpoint {
                    named: http::endpoint_of(&endpoint),
                });
            }
        } else if !self.is_configured() && !self.may_have_secret(&endpoint) {
            return Err(Error::StrangeEndpoint {
                host: endpoint.host_str().unwrap_or_default().to_owned(),
            });
        }
        *self.named.lock() = Named {
            token: (!self.is_configured()).then_some(endpoint),
            scope: challenge.parameter("scope").map(str::to_owned),
        };
        Ok(())
    }

    /// Whether the secret may be sent to an endpoint that the coordinator names.
    fn may_have_secret(&self, endpoint: &Url) -> bool {
        let Some(host) = endpoint.host_str() else {
            return false;
        };
        let port = endpoint.port_or_known_default().unwrap_or_default();
        let at_port = format!("{host}:{port}").to_ascii_lowercase();
        let is_named = |trusted: &String| {
            plain(trusted) == plain(host) || trusted.to_ascii_lowercase() == at_port
        };
        let has_name_in_it = !endpoint.username().is_empty() || endpoint.password().is_some();
        !has_name_in_it
            && (plain(&self.host) == plain(host) || self.settings.token_hosts.iter().any(is_named))
    }

    /// A token for this program itself.
    pub(super) async fn client_credentials(&self) -> Result<Token, Error> {
        let named = self.named.lock().scope.clone();
        let mut fields = vec![("grant_type", "client_credentials")];
        fields.extend(self.scope_and_audience());
        if self.settings.scope.is_none() {
            fields.extend(named.as_deref().map(|scope| ("scope", scope)));
        }
        self.token(&fields).await
    }

    /// The token after one that came with `refresh`.
    pub(super) async fn refresh(&self, refresh: &Secret) -> Result<Token, Error> {
        let mut fields = vec![
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.reveal()),
        ];
        fields.extend(self.settings.scope.as_deref().map(|scope| ("scope", scope)));
        let token = self.token(&fields).await?;
        Ok(Token {
            // An issuer that sends no new one continues to accept this one.
            refresh: token.refresh.or_else(|| Some(refresh.clone())),
            ..token
        })
    }

    /// Begins a sign-in on another device.
    pub(super) async fn begin(&self) -> Result<Grant, Error> {
        let endpoints = self.endpoints().await?;
        let address = endpoints.device.as_ref().ok_or_else(|| Error::Lacking {
            endpoint: http::endpoint_of(&endpoints.token),
            what: "device_authorization_endpoint",
            advice: "it does not support signing in on another device",
        })?;
        let fields: Vec<_> = self.scope_and_audience().collect();
        let answer: DeviceAnswer = match self.post(address, endpoints.basic, &fields).await? {
            Ok(answer) => answer,
            Err(refusal) => return Err(refusal.into_error(address)),
        };
        let whole = answer.verification_uri_complete;
        let code = whole.is_none().then_some(answer.user_code).flatten();
        Ok(Grant {
            address: whole
                .or(answer.verification_uri)
                .ok_or_else(|| not_an_issuer(address, "it has no sign-in address"))?,
            code,
            device_code: Secret::new(answer.device_code),
            life: answer.expires_in.unwrap_or(DEVICE_LIFE),
            interval: answer.interval.unwrap_or(DEVICE_INTERVAL),
        })
    }

    /// The token of a sign-in, once it has succeeded. The last request leaves time for a response
    /// before `end`.
    pub(super) async fn end(&self, grant: &Grant, end: Instant) -> Result<Token, Error> {
        let endpoints = self.endpoints().await?;
        let address = &endpoints.token;
        let fields = [
            ("grant_type", "urn:ietf:params:oauth:grant-type:device_code"),
            ("device_code", grant.device_code.reveal()),
        ];
        let request = self.form_of(address, endpoints.basic, &fields)?;
        let mut polling = Polling::new(grant.interval, end, Instant::now());
        loop {
            tokio::time::sleep(polling.pause).await;
            let answer = self.http.receive(request()).await;
            if let Some(answer) = polling.after(answer, address, Instant::now())? {
                return token_of(answer, address);
            }
        }
    }

    async fn token(&self, fields: &[(&str, &str)]) -> Result<Token, Error> {
        let endpoints = self.endpoints().await?;
        match self.post(&endpoints.token, endpoints.basic, fields).await? {
            Ok(answer) => token_of(answer, &endpoints.token),
            Err(refusal) => Err(refusal.into_error(&endpoints.token)),
        }
    }

    /// Scope and audience to request.
    fn scope_and_audience(&self) -> impl Iterator<Item = (&'static str, &str)> {
        [
            ("scope", &self.settings.scope),
            ("audience", &self.settings.audience),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((name, value.as_deref()?)))
    }

    async fn endpoints(&self) -> Result<Endpoints, Error> {
        if !self.is_configured() {
            let named = self.named.lock().token.clone();
            return Ok(Endpoints {
                token: named.ok_or(Error::NoEndpoint)?,
                device: None,
                basic: true,
            });
        }
        let endpoints = self.endpoints.get_or_try_init(|| self.discover()).await?;
        Ok(endpoints.clone())
    }

    async fn discover(&self) -> Result<Endpoints, Error> {
        let given = self
            .settings
            .token_endpoint
            .as_deref()
            .map(secure)
            .transpose()?;
        let Some(uri) = &self.settings.uri else {
            return Ok(Endpoints {
                token: given.ok_or(Error::InsecureLink)?,
                device: None,
                basic: true,
            });
        };
        let address = secure(&description_of(uri))?;
        let request = || self.http.get(address.as_str()).header(ACCEPT, JSON);
        let answer = self.exchange(request).await?;
        let status = answer.status;
        if !status.is_success() {
            let message = format!("HTTP status {} to {}", status.as_u16(), address.path());
            return Err(not_an_issuer(&address, &message));
        }
        let description: Description = read(&address, &answer.body)?;
        let methods = description.token_endpoint_auth_methods_supported;
        let endpoint = |endpoint: &str| {
            secure(endpoint)
                .map_err(|_| not_an_issuer(&address, "one of its endpoints is not https"))
        };
        Ok(Endpoints {
            token: match given {
                Some(given) => given,
                None => endpoint(&description.token_endpoint)?,
            },
            device: description
                .device_authorization_endpoint
                .as_deref()
                .map(endpoint)
                .transpose()?,
            basic: methods
                .is_none_or(|methods| methods.iter().any(|method| method == "client_secret_basic")),
        })
    }

    /// Sends a form as the client that this program is.
    async fn post<T: DeserializeOwned>(
        &self,
        address: &Url,
        basic: bool,
        fields: &[(&str, &str)],
    ) -> Result<Result<T, Refusal>, Error> {
        let request = self.form_of(address, basic, fields)?;
        answer_of(&self.exchange(request).await?, address)
    }

    /// Makes requests that send a form as the client that this program is.
    fn form_of(
        &self,
        address: &Url,
        basic: bool,
        fields: &[(&str, &str)],
    ) -> Result<impl Fn() -> RequestBuilder, Error> {
        let (body, authorization) = self.form(basic, fields)?;
        let (http, address) = (self.http.clone(), address.clone());
        Ok(move || {
            let request = http
                .request(Method::POST, address.as_str())
                .header(ACCEPT, JSON)
                .header(CONTENT_TYPE, FORM)
                .body(body.clone());
            match &authorization {
                Some(value) => request.header(AUTHORIZATION, value.clone()),
                None => request,
            }
        })
    }

    /// The fields as a body, and the header beside it.
    fn form(
        &self,
        basic: bool,
        fields: &[(&str, &str)],
    ) -> Result<(Bytes, Option<HeaderValue>), Error> {
        let mut form = form_urlencoded::Serializer::new(String::new());
        form.extend_pairs(fields);
        let id = self.settings.client_id.as_str();
        let mut authorization = None;
        match &self.settings.client_secret {
            Some(secret) if basic => authorization = Some(client(id, secret)?),
            Some(secret) => {
                form.append_pair("client_id", id);
                form.append_pair("client_secret", secret.reveal());
            }
            None => {
                form.append_pair("client_id", id);
            }
        }
        Ok((Bytes::from(form.finish()), authorization))
    }

    /// Sends a request until it has an answer or is not worth sending again.
    async fn exchange(&self, request: impl Fn() -> RequestBuilder) -> Result<Answer, Error> {
        let mut retry = Retry::new(Exchange::Probe, Instant::now());
        loop {
            let answer = self.http.receive(request()).await;
            let (failure, requested) = failure_of(&answer);
            match retry.after(failure, requested, Instant::now()) {
                Some(pause) => tokio::time::sleep(pause).await,
                None => return Ok(answer?),
            }
        }
    }
}

/// What the answer of `address` to a form is.
fn answer_of<T: DeserializeOwned>(
    answer: &Answer,
    address: &Url,
) -> Result<Result<T, Refusal>, Error> {
    let refusal = serde_json::from_slice::<Refusal>(&answer.body);
    if answer.status.is_success() {
        // Some refuse with a status of success.
        return match (read(address, &answer.body), refusal) {
            (Err(_), Ok(refusal)) => Ok(Err(refusal)),
            (answer, _) => answer.map(Ok),
        };
    }
    refusal.map(Err).map_err(|_| {
        let status = answer.status.as_u16();
        not_an_issuer(address, &format!("HTTP status {status}"))
    })
}

/// What an answer means for another attempt, and the pause that it requests.
fn failure_of(answer: &Result<Answer, http::Error>) -> (Failure, Option<Duration>) {
    match answer {
        Ok(answer) => (
            Failure::Status(answer.status.as_u16()),
            answer.retry_after(),
        ),
        Err(error) => (Failure::of(error), None),
    }
}

/// What an issuer says about itself.
#[derive(Deserialize)]
struct Description {
    token_endpoint: String,
    #[serde(default, deserialize_with = "text")]
    device_authorization_endpoint: Option<String>,
    #[serde(default, deserialize_with = "texts")]
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// A token, as an issuer gives it.
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<Duration>,
    #[serde(default, deserialize_with = "text")]
    refresh_token: Option<String>,
}

/// The beginning of a sign-in on another device.
#[derive(Deserialize)]
struct DeviceAnswer {
    device_code: String,
    #[serde(default, deserialize_with = "text")]
    user_code: Option<String>,
    #[serde(default, alias = "verification_url", deserialize_with = "text")]
    verification_uri: Option<String>,
    #[serde(default, deserialize_with = "text")]
    verification_uri_complete: Option<String>,
    #[serde(default, deserialize_with = "seconds")]
    expires_in: Option<Duration>,
    #[serde(default, deserialize_with = "interval")]
    interval: Option<Duration>,
}

/// An issuer's no.
#[derive(Deserialize)]
struct Refusal {
    error: String,
    #[serde(default, deserialize_with = "text")]
    error_description: Option<String>,
}

/// A text that may be absent; one that is empty, or of another form, counts as absent.
fn text<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<String>, D::Error> {
    Ok(match Value::deserialize(deserializer)? {
        Value::String(text) if !text.is_empty() => Some(text),
        _ => None,
    })
}

/// Texts, if they are there in the expected form.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Vec<String>>, D::Error> {
    let Value::Array(values) = Value::deserialize(deserializer)? else {
        return Ok(None);
    };
    let texts = values.into_iter().filter_map(|value| match value {
        Value::String(text) => Some(text),
        _ => None,
    });
    Ok(Some(texts.collect()))
}

/// A lifetime in seconds, which some issuers write as text. Zero and anything but a number count as
/// absent.
fn seconds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let life = interval(deserializer)?;
    Ok(life.filter(|life| life.as_secs() > 0))
}

/// An interval in seconds, which some issuers write as text.
fn interval<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<Duration>, D::Error> {
    let number = match Value::deserialize(deserializer)? {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    };
    Ok(number.and_then(|number| Duration::try_from_secs_f64(number).ok()))
}

impl Refusal {
    fn into_error(self, address: &Url) -> Error {
        let mut message = self.error;
        if let Some(description) = self.error_description {
            message = format!("{description} ({message})");
        }
        let message = message.chars().filter(|c| !c.is_control());
        Error::Refused {
            endpoint: http::endpoint_of(address),
            message: message.take(LONGEST_MESSAGE).collect(),
        }
    }
}

fn token_of(answer: TokenAnswer, address: &Url) -> Result<Token, Error> {
    let token = Token::new(Secret::new(answer.access_token))
        .map_err(|_| not_an_issuer(address, "its token has characters that no token has"))?;
    Ok(Token {
        refresh: answer.refresh_token.map(Secret::new),
        ..token.lasting(answer.expires_in)
    })
}

/// Where an issuer describes itself.
fn description_of(uri: &str) -> String {
    if uri.ends_with(DESCRIPTION) {
        uri.to_owned()
    } else {
        format!("{}{DESCRIPTION}", uri.trim_end_matches('/'))
    }
}

/// The client's id and secret as a header.
fn client(id: &str, secret: &Secret) -> Result<HeaderValue, Error> {
    let secret = Zeroizing::new(url_encoded(secret.reveal()));
    let pair = Zeroizing::new(format!("{}:{}", url_encoded(id), *secret));
    let text = Zeroizing::new(format!("Basic {}", STANDARD.encode(pair.as_bytes())));
    let mut value = HeaderValue::from_str(&text).map_err(|_| Error::InvalidToken)?;
    value.set_sensitive(true);
    Ok(value)
}

/// The host in lower case, and an address of IPv6 without brackets.
fn plain(host: &str) -> String {
    host.trim_matches(['[', ']']).to_ascii_lowercase()
}

fn url_encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

fn secure(address: &str) -> Result<Url, Error> {
    Url::parse(address)
        .ok()
        .filter(|address| address.scheme() == "https")
        .ok_or(Error::InsecureLink)
}

fn read<T: DeserializeOwned>(address: &Url, body: &[u8]) -> Result<T, Error> {
    // The parser's words may quote a value.
    serde_json::from_slice(body).map_err(|_| not_an_issuer(address, "its answer cannot be read"))
}

fn not_an_issuer(address: &Url, message: &str) -> Error {
    Error::NotAnIssuer {
        endpoint: http::endpoint_of(address),
        message: message.to_owned(),
    }
}

const DESCRIPTION: &str = "/.well-known/openid-configuration";
const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const LONGEST_MESSAGE: usize = 500;

/// What holds for a sign-in on another device when the issuer does not say it.
const DEVICE_LIFE: Duration = Duration::from_secs(600);
const DEVICE_INTERVAL: Duration = Duration::from_secs(5);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_issuer_is_found_by_its_name_or_by_its_description() {
        let whole = "https://i.example/realm/.well-known/openid-configuration";
        for uri in ["https://i.example/realm", "https://i.example/realm/", whole] {
            assert_eq!(description_of(uri), whole);
        }
    }

    fn life_of(text: &str) -> Option<Duration> {
        let answer = format!("{{\"access_token\":\"t\",\"expires_in\":{text}}}");
        serde_json::from_str::<TokenAnswer>(&answer)
            .unwrap()
            .expires_in
    }

    #[test]
    fn seconds_are_numbers_or_texts() {
        for text in ["3600", "\"3600\"", "3600.0", "\" 3600 \""] {
            assert_eq!(life_of(text), Some(Duration::from_secs(3600)), "{text}");
        }
    }

    #[test]
    fn only_the_token_has_to_be_of_a_known_form() {
        let address = Url::parse("https://i.example/token").unwrap();
        for more in [
            "",
            ",\"token_type\":\"bearer\"",
            ",\"token_type\":null,\"scope\":[\"a\"],\"x\":{}",
            ",\"refresh_token\":null",
            ",\"refresh_token\":7",
            ",\"refresh_token\":{}",
            ",\"refresh_token\":\"\"",
            ",\"expires_in\":\"3600.5\"",
            ",\"error\":null",
        ] {
            let answer = Answer {
                status: reqwest::StatusCode::OK,
                headers: reqwest::header::HeaderMap::new(),
                body: Bytes::from(format!("{{\"access_token\":\"t\"{more}}}")),
            };
            let Ok(Ok(answer)) = answer_of::<TokenAnswer>(&answer, &address) else {
                panic!("{more}");
            };
            let token = token_of(answer, &address).unwrap();
            assert!(
                token.value == "Bearer t" && token.refresh.is_none(),
                "{more}"
            );
        }
        let device = "{\"device_code\":\"d\",\"user_code\":5,\"verification_uri\":\"https://i\",\
                      \"verification_uri_complete\":null}";
        assert!(serde_json::from_str::<DeviceAnswer>(device).is_ok());
        let description = "{\"token_endpoint\":\"https://i/t\",\
                           \"device_authorization_endpoint\":false,\
                           \"token_endpoint_auth_methods_supported\":\"client_secret_basic\"}";
        assert!(serde_json::from_str::<Description>(description).is_ok());
        let refusal = "{\"error\":\"invalid_client\",\"error_description\":[1]}";
        assert!(serde_json::from_str::<Refusal>(refusal).is_ok());
    }

    #[test]
    fn an_impossible_lifetime_is_ignored() {
        for text in [
            "0",
            "0.0",
            "\"0\"",
            "-1",
            "\"-1\"",
            "\"never\"",
            "\"\"",
            "\"NaN\"",
            "\"inf\"",
            "1e300",
            "null",
            "true",
            "[]",
            "{}",
        ] {
            assert_eq!(life_of(text), None, "{text}");
            let device: DeviceAnswer = serde_json::from_str(&format!(
                "{{\"device_code\":\"d\",\"expires_in\":{text},\"interval\":{text}}}"
            ))
            .unwrap();
            assert_eq!(device.expires_in, None, "{text}");
            assert!(
                device.interval.is_none_or(|interval| interval.is_zero()),
                "{text}"
            );
        }
        let answer: TokenAnswer = serde_json::from_str("{\"access_token\":\"t\"}").unwrap();
        let token = token_of(answer, &Url::parse("https://i.example/token").unwrap()).unwrap();
        assert!(token.expires.is_none() && token.is_fresh());
    }

    #[test]
    fn id_and_secret_are_encoded_before_they_are_joined() {
        let value = client("a:b", &Secret::new("p w%")).unwrap();
        assert!(value.is_sensitive());
        let text = value.to_str().unwrap().strip_prefix("Basic ").unwrap();
        assert_eq!(STANDARD.decode(text).unwrap(), b"a%3Ab:p+w%25");
    }

    #[test]
    fn a_refusal_has_the_issuers_message() {
        let refusal: Refusal = serde_json::from_str(
            "{\"error\": \"invalid_client\", \"error_description\": \"Unknown\\nclient.\"}",
        )
        .unwrap();
        let error = refusal.into_error(&Url::parse("https://i.example/token?x=1").unwrap());
        assert_eq!(
            error.to_string(),
            "i.example:443 refused to issue a token: Unknownclient. (invalid_client)"
        );
    }
}
