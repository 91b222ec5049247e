//! Headers: the options of a connection, and the session's state, which the server keeps at the
//! client.
//!
//! Trino holds no session. The answer to `USE`, `SET SESSION`, `PREPARE` and the like has the change
//! in its headers, and every later statement must send the result again:
//!
//! | Statement | Answer has | Later statements send |
//! |---|---|---|
//! | `USE a.b` | `X-Trino-Set-Catalog`, `X-Trino-Set-Schema` | `X-Trino-Catalog`, `X-Trino-Schema` |
//! | `SET PATH` | `X-Trino-Set-Path` | `X-Trino-Path` |
//! | `SET SESSION`, `SET TIME ZONE` | `X-Trino-Set-Session` | `X-Trino-Session` |
//! | `RESET SESSION` | `X-Trino-Clear-Session` | the header without that property |
//! | `SET ROLE` | `X-Trino-Set-Role` | `X-Trino-Role` |
//! | `SET SESSION AUTHORIZATION` | `X-Trino-Set-Authorization-User` | `X-Trino-User`, with the connection's user in `X-Trino-Original-User` |
//! | `PREPARE` | `X-Trino-Added-Prepare` | `X-Trino-Prepared-Statement` |
//! | `DEALLOCATE PREPARE` | `X-Trino-Deallocated-Prepare` | the header without that statement |
//! | `START TRANSACTION` | `X-Trino-Started-Transaction-Id` | `X-Trino-Transaction-Id` |
//! | `COMMIT`, `ROLLBACK` | `X-Trino-Clear-Transaction-Id` | the header without an id |
//!
//! Changes are gathered over all pages of a statement ([`Changes`]) and applied when it has succeeded.
//! Of a statement that failed, only the end of the transaction counts. Names travel in ISO-8859-1;
//! values behind `=` are percent-encoded. Prepared statements are sent only with texts that may name
//! them, because they can be large.

use std::collections::{BTreeMap, HashSet};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::form_urlencoded;

use super::Error;
use crate::latin1;
use crate::options::{Encoding, Options};

/// The session's state, which each statement must send to the server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct SessionState {
    /// The current catalog.
    pub catalog: Option<String>,
    /// The current schema.
    pub schema: Option<String>,
    /// The SQL path.
    pub path: Option<String>,
    /// Session properties by name.
    pub properties: BTreeMap<String, String>,
    /// By catalog; values as the server writes them: `ROLE{x}`, `ALL`, `NONE`.
    pub roles: BTreeMap<String, String>,
    /// By name; values exactly as the server gave them: they may be compressed.
    pub prepared: BTreeMap<String, String>,
    /// The id of the open transaction.
    pub transaction: Option<String>,
    /// Who runs the statements since SET SESSION AUTHORIZATION.
    pub authorization_user: Option<String>,
    /// Roles of the connection's user, as headers have them, while another user is set.
    pub original_roles: Vec<String>,
}

/// The changes of a session in the headers of answers, gathered over the pages of one statement.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    changes: Vec<Change>,
    /// The same: answers repeat what earlier pages said already.
    known: HashSet<Change>,
}

/// One change of the session.
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

    /// Adds the state to the headers of the statement `sql`: of prepared statements those that it
    /// may name.
    pub(super) fn write(&self, sql: &str, headers: &mut HeaderMap) -> Result<(), Error> {
        if let Some(catalog) = &self.catalog {
            append(headers, CATALOG, catalog)?;
            // A schema without a catalog is refused by the server.
            if let Some(schema) = &self.schema {
                append(headers, SCHEMA, schema)?;
            }
        }
        if let Some(path) = &self.path {
            append(headers, PATH, path)?;
        }
        for (name, value) in &self.properties {
            append(headers, SESSION, &format!("{name}={}", encode(value)))?;
        }
        for (catalog, role) in &self.roles {
            append(headers, ROLE, &format!("{catalog}={}", encode(role)))?;
        }
        let named = NamedIn::new(sql);
        for (name, statement) in self.prepared.iter().filter(|(name, _)| named.may_be(name)) {
            append(
                headers,
                PREPARED,
                &format!("{}={}", encode(name), encode(statement)),
            )?;
        }
        for role in &self.original_roles {
            append(headers, ORIGINAL_ROLES, role)?;
        }
        // Without this header the server takes us for a client that knows no transactions.
        append(
            headers,
            TRANSACTION,
            self.transaction.as_deref().unwrap_or("NONE"),
        )
    }
}

/// Which prepared statements a statement may name.
enum NamedIn {
    None,
    /// Those whose name is a word of this text.
    Text(String),
}

impl NamedIn {
    fn new(sql: &str) -> Self {
        let text = sql.to_lowercase();
        let verbs = ["execute", "describe", "deallocate"];
        match verbs.iter().any(|verb| text.contains(verb)) {
            true => Self::Text(text),
            false => Self::None,
        }
    }

    fn may_be(&self, name: &str) -> bool {
        match self {
            Self::None => false,
            Self::Text(text) => {
                let name = name.to_lowercase().replace('"', "\"\"");
                text.match_indices(&name).any(|(at, _)| {
                    let before = text.get(..at).and_then(|text| text.chars().next_back());
                    let after = text.get(at + name.len()..);
                    let after = after.and_then(|text| text.chars().next());
                    !before.is_some_and(is_word) && !after.is_some_and(is_word)
                })
            }
        }
    }
}

impl Changes {
    /// Gathers what the headers of one more answer change.
    pub fn gather(&mut self, headers: &HeaderMap) {
        for (name, most, change) in READERS {
            for value in headers.get_all(*name) {
                for value in latin1::decode(value.as_bytes()).splitn(*most, ',') {
                    if let Some(change) = change(trimmed(value))
                        && !self.known.contains(&change)
                    {
                        self.known.insert(change.clone());
                        self.changes.push(change);
                    }
                }
            }
        }
    }

    /// Whether a catalog, a schema, a path or a user changes: names that headers carry as they are.
    pub fn has_names(&self) -> bool {
        self.changes.iter().any(|change| {
            matches!(
                change,
                Change::Catalog(_) | Change::Schema(_) | Change::Path(_) | Change::Authorize(_)
            )
        })
    }

    /// Only what ended a transaction: all that a failed statement changes.
    pub fn of_failure(&self) -> Self {
        let changes = self.changes.iter().cloned();
        Self {
            changes: changes
                .filter(|change| matches!(change, Change::ClearTransaction))
                .collect(),
            ..Self::default()
        }
    }

    /// Whether nothing changes.
    pub fn is_empty(&self) -> bool {
        self.changes.is_empty()
    }
}

/// Whether a character continues a name.
fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Adds a header, unless its value cannot be sent.
fn append(headers: &mut HeaderMap, name: &'static str, value: &str) -> Result<(), Error> {
    headers.append(HeaderName::from_static(name), header_value(name, value)?);
    Ok(())
}

/// The headers that are the same for all statements of a connection.
pub(super) fn constant(options: &Options) -> Result<HeaderMap, Error> {
    let mut headers = HeaderMap::new();
    append(&mut headers, "content-type", "text/plain; charset=utf-8")?;
    append(&mut headers, "x-trino-client-capabilities", CAPABILITIES)?;
    // These three are for display only; nothing depends on them.
    append(
        &mut headers,
        "x-trino-source",
        &latin1::fitted(&options.source),
    )?;
    if let Some(info) = &options.client_info {
        append(&mut headers, "x-trino-client-info", &latin1::fitted(info))?;
    }
    if !options.client_tags.is_empty() {
        let tags = options.client_tags.join(",");
        append(&mut headers, "x-trino-client-tags", &latin1::fitted(&tags))?;
    }
    if let Some(token) = &options.trace_token {
        append(&mut headers, "x-trino-trace-token", token)?;
    }
    if let Some(zone) = &options.time_zone {
        append(&mut headers, "x-trino-time-zone", zone)?;
    }
    if let Some(language) = &options.language {
        append(&mut headers, "x-trino-language", language)?;
    }
    for (name, value) in &options.resource_estimates {
        append(
            &mut headers,
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

/// All encodings, this one first.
pub(super) fn all_encodings(first: Encoding) -> &'static str {
    match first {
        Encoding::JsonZstd => "json+zstd,json+lz4,json",
        Encoding::JsonLz4 => "json+lz4,json+zstd,json",
        Encoding::Json => "json,json+lz4,json+zstd",
    }
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

/// Whether the driver sends a header of that name in each request, whatever the options are.
pub(super) fn is_drivers_own(name: &str) -> bool {
    matches!(
        name,
        "accept"
            | "accept-encoding"
            | "content-type"
            | "content-length"
            | "host"
            | "user-agent"
            | "x-trino-client-capabilities"
            | ENCODING
            | TRANSACTION
    )
}

/// The header that names the user, on every request.
pub(super) fn user(name: &str) -> Result<HeaderValue, Error> {
    header_value("UID", name)
}

/// The value of the header that names a gateway's routing group.
pub(super) fn routing_group(group: &str) -> Result<HeaderValue, Error> {
    header_value("RoutingGroup", group)
}

/// The headers that name the user.
pub(super) fn of_user(user: &HeaderValue) -> HeaderMap {
    HeaderMap::from_iter([(USER, user.clone()), (ORIGINAL_USER, user.clone())])
}

/// Text as it may stand after the `=` of a header.
pub(super) fn encode(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect()
}

/// Servers take 8 kB of headers in all, and encoding may triple a statement.
const COMPRESSED_FROM: usize = 2048;

pub(super) const USER: HeaderName = HeaderName::from_static("x-trino-user");
pub(super) const ORIGINAL_USER: HeaderName = HeaderName::from_static("x-trino-original-user");
pub(super) const ROUTING_GROUP: HeaderName = HeaderName::from_static("x-trino-routing-group");
pub(super) const QUERY_DATA_ENCODING: HeaderName = HeaderName::from_static(ENCODING);

/// Refuses `text`, a value of `what`, when no header can carry it as it is.
pub fn check_sendable(what: &'static str, text: &str) -> Result<(), Error> {
    header_value(what, text).map(drop)
}

/// Text that a header carries as it is.
fn header_value(what: &'static str, text: &str) -> Result<HeaderValue, Error> {
    latin1::encode(text)
        .and_then(|bytes| HeaderValue::try_from(bytes).ok())
        .ok_or(Error::Unsendable(what))
}

/// A header's text without the blanks around it, of which HTTP knows two.
fn trimmed(text: &str) -> &str {
    text.trim_matches([' ', '\t'])
}

/// The text of a percent-encoded value.
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

/// The name and the decoded value of `name=value`.
fn pair(text: &str) -> Option<(&str, String)> {
    let (name, value) = text.split_once('=')?;
    Some((trimmed(name), decode(trimmed(value))))
}

/// A role as the server writes it: as it is, or percent-encoded as other headers have roles.
fn original_role(text: &str) -> String {
    if text.starts_with("ROLE%7B") {
        decode(text)
    } else {
        text.to_owned()
    }
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

/// Reads the change in one value of a header.
type Reader = fn(&str) -> Option<Change>;

/// Values in one header: one, which may hold commas.
const ONE: usize = 1;
/// As many as something on the way has joined by commas.
const MANY: usize = usize::MAX;

/// The headers that change the session, in the order in which they take effect: the user, what is
/// set, what is cleared.
const READERS: &[(&str, usize, Reader)] = &[
    ("x-trino-set-authorization-user", ONE, |value| {
        Some(Change::Authorize(value.to_owned()))
    }),
    ("x-trino-reset-authorization-user", ONE, |value| {
        value
            .eq_ignore_ascii_case("true")
            .then_some(Change::ResetAuthorization)
    }),
    ("x-trino-set-original-roles", ONE, |value| {
        Some(Change::OriginalRole(original_role(value)))
    }),
    ("x-trino-set-catalog", ONE, |value| {
        Some(Change::Catalog(value.to_owned()))
    }),
    ("x-trino-set-schema", ONE, |value| {
        Some(Change::Schema(value.to_owned()))
    }),
    ("x-trino-set-path", ONE, |value| {
        Some(Change::Path(value.to_owned()))
    }),
    ("x-trino-set-session", MANY, |value| {
        pair(value).map(|(name, value)| Change::SetProperty(name.to_owned(), value))
    }),
    ("x-trino-set-role", MANY, |value| {
        pair(value).map(|(catalog, role)| Change::Role(catalog.to_owned(), role))
    }),
    ("x-trino-added-prepare", MANY, |value| {
        pair(value).map(|(name, value)| Change::AddPrepared(decode(name), value))
    }),
    ("x-trino-started-transaction-id", ONE, |value| {
        Some(Change::StartTransaction(value.to_owned()))
    }),
    ("x-trino-clear-session", MANY, |value| {
        Some(Change::ClearProperty(value.to_owned()))
    }),
    ("x-trino-deallocated-prepare", MANY, |value| {
        Some(Change::Deallocate(decode(value)))
    }),
    ("x-trino-clear-transaction-id", ONE, |value| {
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

/// Servers ignore capabilities that they do not know. Not VARIANT_BINARY: without it variants come as
/// JSON, which is what the driver shows.
const CAPABILITIES: &str =
    "PATH,PARAMETRIC_DATETIME,PARAMETRIC_INTERVAL,NUMBER,VARIANT,SESSION_AUTHORIZATION";

#[cfg(test)]
mod tests;
