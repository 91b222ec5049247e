//! What travels in headers: the options of a connection, and the session state that the server keeps at the client.
//!
//! Trino holds no session. What `USE`, `SET SESSION`, `PREPARE` and the like change comes back in headers of the answer,
//! and must be said again with every later statement.

use std::collections::{BTreeMap, HashSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::form_urlencoded;

use super::Error;
use crate::config::Options;

/// What the next statement must tell the server again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionState {
    pub catalog: Option<String>,
    pub schema: Option<String>,
    pub path: Option<String>,
    pub properties: BTreeMap<String, String>,
    /// By catalog; values as the server writes them: `ROLE{x}`, `ALL`, `NONE`.
    pub roles: BTreeMap<String, String>,
    /// By name; values exactly as the server gave them: they may be compressed.
    pub prepared: BTreeMap<String, String>,
    pub transaction: Option<String>,
    /// Who runs the statements since SET SESSION AUTHORIZATION.
    pub authorization_user: Option<String>,
    pub original_roles: Vec<String>,
}

/// What the headers of answers change, gathered over the pages of one statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    changes: Vec<Change>,
    /// The same: answers repeat what earlier pages said already.
    known: HashSet<Change>,
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Change {
    Catalog(String),
    Schema(String),
    Path(String),
    SetProperty(String, String),
    ClearProperty(String),
    Role(String, String),
    AddPrepared(String, String),
    Deallocate(String),
    StartTransaction(String),
    ClearTransaction,
    Authorize(String),
    ResetAuthorization,
    OriginalRole(String),
}

impl SessionState {
    /// The state that a connection begins with.
    pub fn new(options: &Options) -> Self {
        Self {
            catalog: options.catalog.clone(),
            schema: options.schema.clone(),
            path: options.path.clone(),
            properties: options.session_properties.iter().cloned().collect(),
            roles: options
                .roles
                .iter()
                .map(|(catalog, role)| (catalog.clone(), role_value(role)))
                .collect(),
            ..Self::default()
        }
    }

    /// Puts in the statement that the driver itself prepares, for one request.
    pub fn prepare_own(&mut self, sql: &str) {
        let name = Self::OWN_STATEMENT.to_owned();
        self.prepared.insert(name, prepared_value(sql));
    }

    /// The name of that statement.
    pub const OWN_STATEMENT: &str = "trino_odbc";

    /// Takes over what a statement changed.
    pub fn apply(&mut self, changes: &Changes) {
        for change in &changes.changes {
            match change.clone() {
                Change::Catalog(catalog) => self.catalog = Some(catalog),
                Change::Schema(schema) => self.schema = Some(schema),
                Change::Path(path) => self.path = (!path.is_empty()).then_some(path),
                Change::SetProperty(name, value) => {
                    self.properties.insert(name, value);
                }
                Change::ClearProperty(name) => {
                    self.properties.remove(&name);
                }
                Change::Role(catalog, role) => {
                    self.roles.insert(catalog, role);
                }
                Change::AddPrepared(name, statement) => {
                    self.prepared.insert(name, statement);
                }
                Change::Deallocate(name) => {
                    self.prepared.remove(&name);
                }
                Change::StartTransaction(id) => self.transaction = Some(id),
                Change::ClearTransaction => self.transaction = None,
                Change::Authorize(user) => {
                    self.authorization_user = Some(user);
                    self.roles.clear();
                }
                Change::ResetAuthorization => {
                    self.authorization_user = None;
                    self.roles.clear();
                    self.original_roles.clear();
                }
                Change::OriginalRole(role) => {
                    if !self.original_roles.contains(&role) {
                        self.original_roles.push(role);
                    }
                }
            }
        }
    }

    /// Adds the state to the headers of a statement.
    pub(super) fn write(&self, headers: &mut HeaderMap) -> Result<(), Error> {
        let mut put = |name: &'static str, value: &str| -> Result<(), Error> {
            headers.append(HeaderName::from_static(name), header_value(name, value)?);
            Ok(())
        };
        if let Some(catalog) = &self.catalog {
            put(CATALOG, catalog)?;
            // A schema without a catalog is refused by the server.
            if let Some(schema) = &self.schema {
                put(SCHEMA, schema)?;
            }
        }
        if let Some(path) = &self.path {
            put(PATH, path)?;
        }
        for (name, value) in &self.properties {
            put(SESSION, &format!("{name}={}", encode(value)))?;
        }
        for (catalog, role) in &self.roles {
            put(ROLE, &format!("{catalog}={}", encode(role)))?;
        }
        for (name, statement) in &self.prepared {
            put(PREPARED, &format!("{}={}", encode(name), encode(statement)))?;
        }
        for role in &self.original_roles {
            put(ORIGINAL_ROLES, role)?;
        }
        // Without this header the server takes us for a client that knows no transactions.
        put(TRANSACTION, self.transaction.as_deref().unwrap_or("NONE"))
    }
}

impl Changes {
    /// Gathers what the headers of one more answer change.
    pub fn gather(&mut self, headers: &HeaderMap) {
        for (name, change) in READERS {
            for value in headers.get_all(*name) {
                let value = String::from_utf8_lossy(value.as_bytes());
                let value = value.trim();
                if let Some(change) = change(value)
                    && !self.known.contains(&change)
                {
                    self.known.insert(change.clone());
                    self.changes.push(change);
                }
            }
        }
    }

    /// Only what ended a transaction: all that a failed statement changes.
    pub fn of_failure(&self) -> Self {
        let ended = |change: &&Change| matches!(change, Change::ClearTransaction);
        Self {
            changes: self.changes.iter().filter(ended).cloned().collect(),
            ..Self::default()
        }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// The headers that are the same for all statements of a connection.
pub(super) fn constant(options: &Options) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    let mut put = |name: &'static str, value: &str| -> Result<(), Error> {
        headers.append(HeaderName::from_static(name), header_value(name, value)?);
        Ok(())
    };
    put("content-type", "text/plain; charset=utf-8")?;
    put("x-trino-client-capabilities", CAPABILITIES)?;
    put("x-trino-source", &options.source)?;
    if let Some(info) = &options.client_info {
        put("x-trino-client-info", info)?;
    }
    if !options.client_tags.is_empty() {
        put("x-trino-client-tags", &options.client_tags.join(","))?;
    }
    if let Some(token) = &options.trace_token {
        put("x-trino-trace-token", token)?;
    }
    if let Some(zone) = &options.time_zone {
        put("x-trino-time-zone", zone)?;
    }
    if let Some(language) = &options.language {
        put("x-trino-language", language)?;
    }
    for (name, value) in &options.resource_estimates {
        put(
            "x-trino-resource-estimate",
            &format!("{name}={}", encode(value)),
        )?;
    }
    for (name, secret) in &options.extra_credentials {
        let mut value = header_value(
            "ExtraCredentials",
            &format!("{name}={}", encode(secret.reveal())),
        )?;
        value.set_sensitive(true);
        headers.append(HeaderName::from_static("x-trino-extra-credential"), value);
    }
    if !options.spooling.encodings.is_empty() {
        let names: Vec<_> = options
            .spooling
            .encodings
            .iter()
            .map(|encoding| encoding.name())
            .collect();
        let value = header_value("Encoding", &names.join(","))?;
        headers.insert(HeaderName::from_static(ENCODING), value);
    }
    Ok(headers)
}

/// The headers that a gateway before the coordinator wants on every request.
pub(super) fn of_gateway(options: &Options) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    for (name, secret) in &options.extra_headers {
        let name = HeaderName::from_bytes(name.as_bytes())
            .map_err(|_| Error::Unsendable("ExtraHeaders"))?;
        let mut value = header_value("ExtraHeaders", secret.reveal())?;
        value.set_sensitive(true);
        headers.append(name, value);
    }
    Ok(headers)
}

/// A statement as the server keeps it: long ones compressed, because headers are narrow.
fn prepared_value(sql: &str) -> String {
    if sql.len() >= COMPRESSED_FROM
        && let Ok(frame) = zstd::bulk::compress(sql.as_bytes(), 3)
    {
        let text = format!("$zstd:{}", URL_SAFE.encode(frame));
        if text.len() < sql.len() {
            return text;
        }
    }
    sql.to_owned()
}

/// The header that names the user, on every request.
pub(super) fn user(name: &str) -> Result<HeaderValue, Error> {
    header_value("UID", name)
}

/// Text as it may stand after the `=` of a header.
pub(super) fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Servers take 8 kB of headers in all, and encoding may triple a statement.
const COMPRESSED_FROM: usize = 2048;

pub(super) const USER: HeaderName = HeaderName::from_static("x-trino-user");
pub(super) const ORIGINAL_USER: HeaderName = HeaderName::from_static("x-trino-original-user");
pub(super) const QUERY_DATA_ENCODING: HeaderName = HeaderName::from_static(ENCODING);

fn header_value(what: &'static str, text: &str) -> Result<HeaderValue, Error> {
    HeaderValue::from_bytes(text.as_bytes()).map_err(|_| Error::Unsendable(what))
}

fn decode(text: &str) -> String {
    let plain = text.replace('+', " ");
    percent_decode(plain.as_bytes())
}

/// Undoes `%xx`; what is no such thing stays as it is.
fn percent_decode(bytes: &[u8]) -> String {
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes;
    while let Some((&byte, tail)) = rest.split_first() {
        let code = (byte == b'%')
            .then(|| tail.get(..2))
            .flatten()
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u8::from_str_radix(digits, 16).ok());
        match code {
            Some(code) => {
                decoded.push(code);
                rest = tail.get(2..).unwrap_or_default();
            }
            None => {
                decoded.push(byte);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn pair(text: &str) -> Option<(&str, String)> {
    let (name, value) = text.split_once('=')?;
    Some((name.trim(), decode(value.trim())))
}

/// A role as the server writes it.
fn role_value(role: &str) -> String {
    match role {
        role if role.eq_ignore_ascii_case("all") => "ALL".to_owned(),
        role if role.eq_ignore_ascii_case("none") => "NONE".to_owned(),
        role if role.starts_with("ROLE{") && role.ends_with('}') => role.to_owned(),
        role => format!("ROLE{{{role}}}"),
    }
}

type Reader = fn(&str) -> Option<Change>;

/// The headers that change the session, in the order in which they take effect: who runs, what is set, what is cleared.
const READERS: &[(&str, Reader)] = &[
    ("x-trino-set-authorization-user", |value| {
        Some(Change::Authorize(value.to_owned()))
    }),
    ("x-trino-reset-authorization-user", |value| {
        value
            .eq_ignore_ascii_case("true")
            .then_some(Change::ResetAuthorization)
    }),
    ("x-trino-set-original-roles", |value| {
        Some(Change::OriginalRole(decode(value)))
    }),
    ("x-trino-set-catalog", |value| {
        Some(Change::Catalog(value.to_owned()))
    }),
    ("x-trino-set-schema", |value| {
        Some(Change::Schema(value.to_owned()))
    }),
    ("x-trino-set-path", |value| {
        Some(Change::Path(value.to_owned()))
    }),
    ("x-trino-set-session", |value| {
        pair(value).map(|(name, value)| Change::SetProperty(name.to_owned(), value))
    }),
    ("x-trino-set-role", |value| {
        pair(value).map(|(catalog, role)| Change::Role(catalog.to_owned(), role))
    }),
    ("x-trino-added-prepare", |value| {
        pair(value).map(|(name, value)| Change::AddPrepared(decode(name), value))
    }),
    ("x-trino-started-transaction-id", |value| {
        Some(Change::StartTransaction(value.to_owned()))
    }),
    ("x-trino-clear-session", |value| {
        Some(Change::ClearProperty(value.to_owned()))
    }),
    ("x-trino-deallocated-prepare", |value| {
        Some(Change::Deallocate(decode(value)))
    }),
    ("x-trino-clear-transaction-id", |value| {
        value
            .eq_ignore_ascii_case("true")
            .then_some(Change::ClearTransaction)
    }),
];

const CATALOG: &str = "x-trino-catalog";
const SCHEMA: &str = "x-trino-schema";
const PATH: &str = "x-trino-path";
const SESSION: &str = "x-trino-session";
const ROLE: &str = "x-trino-role";
const PREPARED: &str = "x-trino-prepared-statement";
const ORIGINAL_ROLES: &str = "x-trino-original-roles";
const TRANSACTION: &str = "x-trino-transaction-id";
const ENCODING: &str = "x-trino-query-data-encoding";

/// Not VARIANT: without it the server sends variants as JSON text, which is what ODBC can show.
const CAPABILITIES: &str = "PATH,PARAMETRIC_DATETIME,NUMBER,SESSION_AUTHORIZATION";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Secret, Spooling};

    fn answer(pairs: &[(&'static str, &str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(HeaderName::from_static(name), value.parse().unwrap());
        }
        headers
    }

    fn after(state: &SessionState, pairs: &[(&'static str, &str)]) -> SessionState {
        let mut changes = Changes::default();
        changes.gather(&answer(pairs));
        let mut state = state.clone();
        state.apply(&changes);
        state
    }

    fn sent(state: &SessionState) -> Vec<String> {
        let mut headers = HeaderMap::new();
        state.write(&mut headers).unwrap();
        let mut lines: Vec<_> = headers
            .iter()
            .map(|(name, value)| format!("{name}: {}", value.to_str().unwrap()))
            .collect();
        lines.sort();
        lines
    }

    #[test]
    fn use_changes_catalog_and_schema() {
        let state = after(
            &SessionState::default(),
            &[
                ("x-trino-set-catalog", "hive"),
                ("x-trino-set-schema", "web"),
            ],
        );
        assert_eq!(
            sent(&state),
            [
                "x-trino-catalog: hive",
                "x-trino-schema: web",
                "x-trino-transaction-id: NONE"
            ]
        );
    }

    #[test]
    fn a_schema_is_not_sent_without_a_catalog() {
        let state = SessionState {
            schema: Some("web".to_owned()),
            ..SessionState::default()
        };
        assert_eq!(sent(&state), ["x-trino-transaction-id: NONE"]);
    }

    #[test]
    fn session_properties_are_set_and_cleared() {
        let set = after(
            &SessionState::default(),
            &[
                ("x-trino-set-session", "a=1%2C+2%3D3"),
                ("x-trino-set-session", "hive.b=x"),
            ],
        );
        assert_eq!(set.properties["a"], "1, 2=3");
        assert!(sent(&set).contains(&"x-trino-session: a=1%2C+2%3D3".to_owned()));
        let cleared = after(&set, &[("x-trino-clear-session", "a")]);
        assert_eq!(cleared.properties.keys().collect::<Vec<_>>(), ["hive.b"]);
    }

    #[test]
    fn prepared_statements_are_repeated_word_for_word() {
        let added = after(
            &SessionState::default(),
            &[("x-trino-added-prepare", "my+name=%24zstd%3AKLUv%3D%3D")],
        );
        assert_eq!(added.prepared["my name"], "$zstd:KLUv==");
        assert!(
            sent(&added)
                .contains(&"x-trino-prepared-statement: my+name=%24zstd%3AKLUv%3D%3D".to_owned())
        );
        let gone = after(&added, &[("x-trino-deallocated-prepare", "my+name")]);
        assert!(gone.prepared.is_empty());
    }

    #[test]
    fn a_transaction_starts_and_ends() {
        let started = after(
            &SessionState::default(),
            &[("x-trino-started-transaction-id", "t-1")],
        );
        assert_eq!(sent(&started), ["x-trino-transaction-id: t-1"]);
        let ended = after(&started, &[("x-trino-clear-transaction-id", "true")]);
        assert_eq!(ended.transaction, None);
    }

    #[test]
    fn another_user_has_no_roles_of_the_first() {
        let options = Options {
            roles: vec![("system".to_owned(), "admin".to_owned())],
            ..Options::default()
        };
        let state = SessionState::new(&options);
        assert!(sent(&state).contains(&"x-trino-role: system=ROLE%7Badmin%7D".to_owned()));
        let other = after(
            &state,
            &[
                ("x-trino-set-original-roles", "ROLE%7Badmin%7D"),
                ("x-trino-set-authorization-user", "bob"),
            ],
        );
        assert_eq!(other.authorization_user.as_deref(), Some("bob"));
        assert!(other.roles.is_empty());
        assert_eq!(other.original_roles, ["ROLE{admin}"]);
        let back = after(&other, &[("x-trino-reset-authorization-user", "true")]);
        assert_eq!(back, SessionState::default());
    }

    #[test]
    fn a_role_is_named_as_people_name_it() {
        assert_eq!(role_value("none"), "NONE");
        assert_eq!(role_value("All"), "ALL");
        assert_eq!(role_value("ROLE{x}"), "ROLE{x}");
        assert_eq!(role_value("x"), "ROLE{x}");
    }

    #[test]
    fn a_failed_statement_changes_nothing_but_the_end_of_its_transaction() {
        let mut changes = Changes::default();
        changes.gather(&answer(&[
            ("x-trino-set-catalog", "hive"),
            ("x-trino-clear-transaction-id", "true"),
        ]));
        let mut state = SessionState {
            transaction: Some("t".to_owned()),
            ..SessionState::default()
        };
        state.apply(&changes.of_failure());
        assert_eq!(state, SessionState::default());
    }

    #[test]
    fn pages_that_repeat_themselves_change_once() {
        let mut changes = Changes::default();
        for _ in 0..3 {
            changes.gather(&answer(&[("x-trino-set-catalog", "hive")]));
        }
        assert_eq!(changes.changes.len(), 1);
    }

    #[test]
    fn nonsense_from_the_server_changes_nothing() {
        let state = after(
            &SessionState::default(),
            &[
                ("x-trino-set-session", "no equals sign"),
                ("x-trino-clear-transaction-id", "maybe"),
                ("x-trino-added-prepare", "%zz"),
            ],
        );
        assert_eq!(state, SessionState::default());
        assert_eq!(decode("a%2"), "a%2");
        assert_eq!(decode("%c3%a4%zz+"), "ä%zz ");
    }

    #[test]
    fn options_become_headers() {
        let options = Options {
            client_tags: vec!["a".to_owned(), "b".to_owned()],
            time_zone: Some("Europe/Berlin".to_owned()),
            extra_credentials: vec![("k".to_owned(), Secret::new("a=b"))],
            ..Options::default()
        };
        let headers = constant(&options).unwrap();
        assert_eq!(headers["x-trino-client-tags"], "a,b");
        assert_eq!(
            headers["x-trino-query-data-encoding"],
            "json+zstd,json+lz4,json"
        );
        assert_eq!(headers["x-trino-extra-credential"], "k=a%3Db");
        assert!(headers["x-trino-extra-credential"].is_sensitive());
        assert_eq!(headers["x-trino-time-zone"], "Europe/Berlin");
        let direct = Options {
            spooling: Spooling {
                encodings: Vec::new(),
                ..Spooling::default()
            },
            ..Options::default()
        };
        assert!(!constant(&direct).unwrap().contains_key(ENCODING));
    }

    #[test]
    fn what_no_header_can_carry_is_an_error_that_names_it() {
        let options = Options {
            source: "a\nb".to_owned(),
            ..Options::default()
        };
        assert!(
            constant(&options)
                .unwrap_err()
                .to_string()
                .contains("x-trino-source")
        );
    }

    #[test]
    fn long_statements_are_described_compressed() {
        let short = "SELECT 1";
        assert_eq!(prepared_value(short), short);
        let long = "SELECT a FROM t WHERE ".repeat(500);
        let value = prepared_value(&long);
        let frame = URL_SAFE
            .decode(value.strip_prefix("$zstd:").unwrap())
            .unwrap();
        assert_eq!(
            zstd::bulk::decompress(&frame, 1 << 20).unwrap(),
            long.as_bytes()
        );
    }
}
