//! A small OpenID provider: signs in everyone, for Trino, for a program, and for a person on another device.
//!
//! It keeps no users and asks for no password. What a sign-in brings is said by who plays the browser, in further
//! parameters of the address: `login` (who signs in), `deny`, `lifetime` (of the token, in seconds), `refresh=false`.
//! For tokens without a browser, words of the scope say the lifetime: `lifetime-3`.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, CONTENT_TYPE, LOCATION};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use ring::rand::SystemRandom;
use ring::signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, KeyPair};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio_rustls::TlsAcceptor;

use crate::body::Body;
use crate::certificate::{Authority, Identity};
use crate::listen;

/// The provider. It speaks https on loopback, and ends when it is dropped.
pub struct Issuer {
    state: Arc<State>,
    authority: Authority,
    _folder: TempDir,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// A client of the provider and its secret.
pub const PROGRAM: (&str, &str) = ("program", "secret-of-the-program");

/// Trino as a client of the provider, and its secret.
pub const SERVER: (&str, &str) = ("trino", "secret-of-the-server");

/// A client without a secret.
pub const PUBLIC: &str = "desktop";

impl Issuer {
    /// Panics when loopback has no free port.
    pub fn start() -> Self {
        let folder = TempDir::new().expect("a temporary folder");
        let authority = Authority::new("issuer", folder.path());
        let tls = authority.acceptor(Identity::Valid);
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .thread_name("issuer")
            .enable_all()
            .build()
            .expect("a runtime");
        let guard = runtime.enter();
        let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).expect("a free port");
        listener
            .set_nonblocking(true)
            .expect("a socket that does not block");
        let address = listener.local_addr().expect("a bound address");
        let listener = TcpListener::from_std(listener).expect("a listener");
        let state = Arc::new(State::new(address));
        runtime.spawn(serve(Arc::clone(&state), listener, tls));
        drop(guard);
        let (stop, stopped) = oneshot::channel::<()>();
        let thread = std::thread::spawn(move || {
            let _ = runtime.block_on(stopped);
            runtime.shutdown_background();
        });
        Self {
            state,
            authority,
            _folder: folder,
            stop: Some(stop),
            thread: Some(thread),
        }
    }

    /// The provider's name, which is its address.
    pub fn url(&self) -> String {
        self.state.url.clone()
    }

    /// The authority of its certificate, as PEM.
    pub fn ca_pem_path(&self) -> &Path {
        self.authority.pem_path()
    }

    /// A list of that authority's that revokes its certificate, as PEM.
    pub fn revocation_list(&self) -> String {
        self.authority.revocation_list()
    }

    /// Signs in on another device, as the person that the parameters say.
    pub fn activate(&self, code: &str, parameters: &str) {
        let parameters = form_urlencoded::parse(parameters.as_bytes()).into_owned();
        self.state.activate(code, &parameters.collect());
    }

    /// The grants that were asked for so far, by their types.
    pub fn grants(&self) -> Vec<String> {
        self.state.grants.lock().unwrap().clone()
    }

    /// Fails so many requests of a token with this status; one of a redirect leads back to the same address.
    pub fn fail(&self, count: u32, status: u16) {
        *self.state.failing.lock().unwrap() = (count, status);
    }

    /// Takes back the tokens that others are got with.
    pub fn revoke(&self) {
        self.state.refreshes.lock().unwrap().clear();
    }
}

impl Drop for Issuer {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

type Parameters = HashMap<String, String>;

struct State {
    url: String,
    key: EcdsaKeyPair,
    random: SystemRandom,
    /// What the holder of a code gets, by the code.
    codes: Mutex<HashMap<String, Person>>,
    /// The same for tokens that others are got with.
    refreshes: Mutex<HashMap<String, Person>>,
    /// Sign-ins on other devices: the code that the person enters, and what came of it.
    devices: Mutex<HashMap<String, Device>>,
    grants: Mutex<Vec<String>>,
    issued: Mutex<u64>,
    /// Requests of tokens that still fail, and with which status.
    failing: Mutex<(u32, u16)>,
}

/// Somebody who signed in.
#[derive(Debug, Clone)]
struct Person {
    name: String,
    lifetime: u64,
    refreshes: bool,
    nonce: Option<String>,
}

#[derive(Debug)]
struct Device {
    code: String,
    outcome: Option<Result<Person, ()>>,
    scope: String,
}

/// A status, and JSON or nothing.
type Reply = Result<Value, Value>;

impl State {
    fn new(address: SocketAddr) -> Self {
        let random = SystemRandom::new();
        let algorithm = &ECDSA_P256_SHA256_FIXED_SIGNING;
        let document = EcdsaKeyPair::generate_pkcs8(algorithm, &random).expect("a key");
        let key = EcdsaKeyPair::from_pkcs8(algorithm, document.as_ref(), &random);
        Self {
            url: format!("https://{address}"),
            key: key.expect("the key that was made"),
            random,
            codes: Mutex::default(),
            refreshes: Mutex::default(),
            devices: Mutex::default(),
            grants: Mutex::default(),
            issued: Mutex::default(),
            failing: Mutex::default(),
        }
    }

    fn respond(&self, path: &str, query: &str, headers: &HeaderMap, body: &[u8]) -> Response<Body> {
        let read = |text: &[u8]| {
            form_urlencoded::parse(text)
                .into_owned()
                .collect::<Parameters>()
        };
        if path == "/token"
            && let Some(status) = self.take_failure()
        {
            return Response::builder()
                .status(status)
                .header(LOCATION, format!("{}/token", self.url))
                .body(Body::text("scripted failure"))
                .expect("a valid status");
        }
        let reply = match path {
            "/.well-known/openid-configuration" => Ok(self.description()),
            "/jwks" => Ok(self.keys()),
            "/authorize" => return self.authorize(&read(query.as_bytes())),
            "/token" => self.token(&read(body), headers),
            "/device" => self.device(&read(body)),
            "/activate" => {
                let parameters = read(query.as_bytes());
                let code = parameters.get("user_code").cloned().unwrap_or_default();
                self.activate(&code, &parameters);
                Ok(json!("signed in"))
            }
            _ => Err(json!({"error": "not_found"})),
        };
        let (status, json) = match reply {
            Ok(json) => (StatusCode::OK, json),
            Err(json) => (StatusCode::BAD_REQUEST, json),
        };
        Response::builder()
            .status(status)
            .header(CONTENT_TYPE, "application/json")
            .body(Body::of(vec![Bytes::from(json.to_string())]))
            .expect("a valid response")
    }

    fn take_failure(&self) -> Option<u16> {
        let mut failing = self.failing.lock().unwrap();
        failing.0 = failing.0.checked_sub(1)?;
        Some(failing.1)
    }

    fn description(&self) -> Value {
        let at = |path: &str| format!("{}{path}", self.url);
        json!({
            "issuer": self.url,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "device_authorization_endpoint": at("/device"),
            "jwks_uri": at("/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "token_endpoint_auth_methods_supported": ["client_secret_basic", "client_secret_post"],
        })
    }

    fn keys(&self) -> Value {
        // A point without compression: 4, then both coordinates.
        let (x, y) = self.key.public_key().as_ref()[1..].split_at(32);
        json!({"keys": [{
            "kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": "1",
            "x": URL_SAFE_NO_PAD.encode(x), "y": URL_SAFE_NO_PAD.encode(y),
        }]})
    }

    /// Sends the browser back to the server, with a code or a refusal.
    fn authorize(&self, parameters: &Parameters) -> Response<Body> {
        let of = |name: &str| parameters.get(name).map_or("", String::as_str);
        let mut back = form_urlencoded::Serializer::new(String::new());
        back.append_pair("state", of("state"));
        match person(parameters, of("scope")) {
            Ok(person) => {
                let code = self.number("code");
                self.codes.lock().unwrap().insert(code.clone(), person);
                back.append_pair("code", &code);
            }
            Err(()) => {
                back.append_pair("error", "access_denied");
                back.append_pair("error_description", "The person said no.");
            }
        }
        Response::builder()
            .status(StatusCode::FOUND)
            .header(
                LOCATION,
                format!("{}?{}", of("redirect_uri"), back.finish()),
            )
            .body(Body::empty())
            .expect("a valid response")
    }

    fn token(&self, parameters: &Parameters, headers: &HeaderMap) -> Reply {
        let of = |name: &str| parameters.get(name).map_or("", String::as_str);
        self.grants
            .lock()
            .unwrap()
            .push(of("grant_type").to_owned());
        let client = client(parameters, headers)?;
        match of("grant_type") {
            "client_credentials" if client == PROGRAM.0 => {
                let person = Person {
                    name: client.clone(),
                    lifetime: lifetime_of(of("scope")),
                    refreshes: false,
                    nonce: None,
                };
                Ok(self.tokens(&client, &person, of("audience")))
            }
            "authorization_code" => {
                let person = self.codes.lock().unwrap().remove(of("code"));
                Ok(self.tokens(&client, &person.ok_or_else(|| no("invalid_grant"))?, ""))
            }
            "refresh_token" => {
                let person = self.refreshes.lock().unwrap().remove(of("refresh_token"));
                Ok(self.tokens(&client, &person.ok_or_else(|| no("invalid_grant"))?, ""))
            }
            DEVICE_GRANT => {
                let devices = self.devices.lock().unwrap();
                let device = devices
                    .values()
                    .find(|device| device.code == of("device_code"));
                match device.map(|device| &device.outcome) {
                    None => Err(no("expired_token")),
                    Some(None) => Err(no("authorization_pending")),
                    Some(Some(Err(()))) => Err(no("access_denied")),
                    Some(Some(Ok(person))) => Ok(self.tokens(&client, person, "")),
                }
            }
            _ => Err(no("unauthorized_client")),
        }
    }

    fn device(&self, parameters: &Parameters) -> Reply {
        let (code, user_code) = (self.number("device"), self.number("USER"));
        let device = Device {
            code: code.clone(),
            outcome: None,
            scope: parameters.get("scope").cloned().unwrap_or_default(),
        };
        self.devices
            .lock()
            .unwrap()
            .insert(user_code.clone(), device);
        Ok(json!({
            "device_code": code,
            "user_code": user_code,
            "verification_uri": format!("{}/activate", self.url),
            "expires_in": 60,
            "interval": 0,
        }))
    }

    fn activate(&self, code: &str, parameters: &Parameters) {
        if let Some(device) = self.devices.lock().unwrap().get_mut(code) {
            device.outcome = Some(person(parameters, &device.scope));
        }
    }

    /// The tokens of somebody who signed in at `client`.
    fn tokens(&self, client: &str, person: &Person, audience: &str) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH);
        let now = now.expect("it is after 1970").as_secs();
        let audience = if audience.is_empty() {
            client
        } else {
            audience
        };
        let mut claims = json!({
            "iss": self.url,
            "sub": person.name,
            "aud": audience,
            "iat": now,
            "exp": now + person.lifetime,
            // Two tokens of one second are two tokens.
            "jti": self.number("token"),
        });
        let mut answer = json!({
            "access_token": self.sign(&claims),
            "token_type": "Bearer",
            "expires_in": person.lifetime,
        });
        if let Some(nonce) = &person.nonce {
            claims["nonce"] = json!(nonce);
        }
        answer["id_token"] = json!(self.sign(&claims));
        if person.refreshes {
            let refresh = self.number("refresh");
            let next = Person {
                // What replaces a short-lived token lasts.
                lifetime: LIFETIME,
                nonce: None,
                ..person.clone()
            };
            self.refreshes.lock().unwrap().insert(refresh.clone(), next);
            answer["refresh_token"] = json!(refresh);
        }
        answer
    }

    /// A JWT.
    fn sign(&self, claims: &Value) -> String {
        let encode = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = encode(&json!({"alg": "ES256", "kid": "1", "typ": "JWT"}));
        let text = format!("{header}.{}", encode(claims));
        let signature = self.key.sign(&self.random, text.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature.expect("a signature"));
        format!("{text}.{signature}")
    }

    /// A text that no other one is.
    fn number(&self, kind: &str) -> String {
        let mut issued = self.issued.lock().unwrap();
        *issued += 1;
        format!("{kind}-{issued}")
    }
}

/// Who signs in with these parameters of the address.
fn person(parameters: &Parameters, scope: &str) -> Result<Person, ()> {
    if parameters.contains_key("deny") {
        return Err(());
    }
    let lifetime = parameters
        .get("lifetime")
        .and_then(|text| text.parse().ok());
    Ok(Person {
        name: parameters
            .get("login")
            .map_or("lab", String::as_str)
            .to_owned(),
        lifetime: lifetime.unwrap_or_else(|| lifetime_of(scope)),
        refreshes: parameters.get("refresh").is_none_or(|text| text != "false"),
        nonce: parameters.get("nonce").cloned(),
    })
}

/// The client that asks, if it is known and has its secret.
fn client(parameters: &Parameters, headers: &HeaderMap) -> Result<String, Value> {
    let shown = headers
        .get(AUTHORIZATION)
        .and_then(|value| value.to_str().ok())
        .and_then(|value| value.strip_prefix("Basic "))
        .and_then(|value| STANDARD.decode(value).ok())
        .and_then(|value| String::from_utf8(value).ok());
    let (id, secret) = match shown.as_deref().and_then(|pair| pair.split_once(':')) {
        Some((id, secret)) => (id, secret),
        None => {
            let of = |name: &str| parameters.get(name).map_or("", String::as_str);
            (of("client_id"), of("client_secret"))
        }
    };
    let known = [PROGRAM, SERVER, (PUBLIC, "")].contains(&(id, secret));
    known.then(|| id.to_owned()).ok_or_else(|| {
        json!({"error": "invalid_client", "error_description": "Unknown client or wrong secret."})
    })
}

fn lifetime_of(scope: &str) -> u64 {
    scope
        .split(' ')
        .find_map(|word| word.strip_prefix("lifetime-")?.parse().ok())
        .unwrap_or(LIFETIME)
}

fn no(error: &str) -> Value {
    json!({"error": error})
}

async fn serve(state: Arc<State>, listener: TcpListener, tls: TlsAcceptor) {
    while let Ok((stream, _)) = listener.accept().await {
        let (state, tls) = (Arc::clone(&state), tls.clone());
        tokio::spawn(async move {
            let Ok(stream) = tls.accept(stream).await else {
                return;
            };
            let service = service_fn(|request| answer(&state, request));
            let _ = http1::Builder::new()
                .serve_connection(TokioIo::new(stream), service)
                .await;
        });
    }
}

async fn answer(
    state: &State,
    request: Request<Incoming>,
) -> Result<Response<Body>, std::io::Error> {
    let (head, body) = request.into_parts();
    let body = listen::read(body).await.map_err(std::io::Error::other)?;
    let query = head.uri.query().unwrap_or_default();
    Ok(state.respond(head.uri.path(), query, &head.headers, &body))
}

const DEVICE_GRANT: &str = "urn:ietf:params:oauth:grant-type:device_code";

/// How long a token is good for, in seconds, unless asked otherwise.
const LIFETIME: u64 = 600;
