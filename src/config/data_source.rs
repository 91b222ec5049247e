//! From a connection string and the data source it names to the options of a connection.
//!
//! What the connection string says covers what the data source says, keyword by keyword whatever names they use. An
//! empty value means the keyword's default, also where the data source says something.

#[path = "credentials.rs"]
mod credentials;

use std::path::PathBuf;
use std::time::Duration;

use super::foreign::{Foreign, Stance};
use super::keywords::{
    INTERVALS, Id, KEYWORDS, Keyword, Kind, LOG_LEVELS, TLS_VERSIONS, VERIFICATIONS,
    ZONED_TIMESTAMPS,
};
use super::{
    ConnectionString, Encoding, Error, Identity, LogOptions, Options, Proxy, ProxyServer, Secret,
    TlsVersion, Trust, Verification, Warning, values,
};
use crate::columns::AsText;

/// Where data sources are kept.
pub trait DataSources {
    /// The attributes of the data source, in their order; `None` when there is none of that name.
    fn attributes(&self, dsn: &str) -> Option<Vec<(String, String)>>;
}

/// Reads the options that a connection string and the data source it names amount to (SQLDriverConnect).
pub fn parse(
    connection: &ConnectionString,
    data_sources: &dyn DataSources,
) -> Result<(Options, Vec<Warning>), Error> {
    let mut warnings = Vec::new();
    let mut given = Given::read(connection, &mut warnings);
    if let Some(dsn) = connection.data_source() {
        let attributes = data_sources
            .attributes(dsn)
            .ok_or_else(|| Error::DataSourceNotFound(dsn.to_owned()))?;
        let attributes = ConnectionString::from_pairs(attributes);
        given.cover(Given::read(&attributes, &mut warnings));
    }
    let mut options = given.options(&mut warnings)?;
    options.data_source = connection.data_source().map(str::to_owned);
    Ok((options, warnings))
}

/// Reads the options that a data source amounts to, with user and password beside it (SQLConnect).
pub fn from_data_source(
    dsn: &str,
    user: Option<&str>,
    password: Option<&str>,
    data_sources: &dyn DataSources,
) -> Result<(Options, Vec<Warning>), Error> {
    if dsn.is_empty() {
        return Err(Error::DataSourceNotFound(String::new()));
    }
    let given = [("DSN", Some(dsn)), ("UID", user), ("PWD", password)];
    let pairs = given
        .into_iter()
        // Applications pass empty texts for "nothing", and must not unset what the data source says.
        .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)))
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    parse(&ConnectionString::from_pairs(pairs), data_sources)
}

/// The values that were given, one place for each keyword.
struct Given {
    values: Vec<Option<Value>>,
}

/// A value, and the name under which the person gave it.
#[derive(Debug, Clone)]
struct Value {
    name: String,
    text: Secret,
    stronger: bool,
}

impl Given {
    fn read(pairs: &ConnectionString, warnings: &mut Vec<Warning>) -> Self {
        let mut given = Self {
            values: vec![None; KEYWORDS.len()],
        };
        let mut meant = Vec::new();
        for (name, text) in pairs.pairs() {
            if let Some(keyword) = Keyword::find(name) {
                let stronger = keyword.is_stronger(name);
                let place = given.place(keyword.id);
                if stronger || !place.as_ref().is_some_and(|value| value.stronger) {
                    *place = Some(Value {
                        name: name.clone(),
                        text: text.clone(),
                        stronger,
                    });
                }
                continue;
            }
            match Foreign::find(name).map(|foreign| foreign.stance) {
                Some(Stance::Settled) => {}
                Some(Stance::Unsupported) => warn(warnings, Warning::Unsupported(name.clone())),
                Some(Stance::Means(id, value)) => match values::boolean(text.reveal()) {
                    Some(true) => meant.push((id, name, value)),
                    Some(false) => {}
                    None => warn(
                        warnings,
                        Warning::Ignored {
                            keyword: name.clone(),
                            why: "it must be true or false",
                        },
                    ),
                },
                None => warn(warnings, Warning::UnknownKeyword(name.clone())),
            }
        }
        // Our own keyword says it more exactly than a foreign one. Of the foreign ones the laxest counts.
        meant.sort_by_key(|(_, _, value)| *value != "None");
        for (id, name, value) in meant {
            given.place(id).get_or_insert_with(|| Value {
                name: name.clone(),
                text: Secret::new(value),
                stronger: false,
            });
        }
        given
    }

    /// Takes from `below` what is not given here.
    fn cover(&mut self, below: Self) {
        for (value, below) in self.values.iter_mut().zip(below.values) {
            if value.is_none() {
                *value = below;
            }
        }
    }

    fn options(&self, warnings: &mut Vec<Warning>) -> Result<Options, Error> {
        let defaults = Options::default();
        let port = self.number(Id::Port)?;
        let tls = match self.boolean(Id::Ssl)? {
            Some(tls) => tls,
            None => port == Some(443),
        };
        let port = match port {
            Some(port) => u16::try_from(port).map_err(|_| self.invalid(Id::Port))?,
            None if tls => 443,
            None => defaults.port,
        };
        let duration = |id, default| {
            let seconds = self.number(id)?;
            Ok::<_, Error>(seconds.map_or(default, Duration::from_secs))
        };
        let spooling = super::Spooling {
            encodings: self.encodings()?.unwrap_or(defaults.spooling.encodings),
            downloads: match self.number(Id::ParallelDownloads)? {
                Some(number) => {
                    usize::try_from(number).map_err(|_| self.invalid(Id::ParallelDownloads))?
                }
                None => defaults.spooling.downloads,
            },
            decode_threads: self
                .number(Id::DecodeThreads)?
                .map(|number| usize::try_from(number).map_err(|_| self.invalid(Id::DecodeThreads)))
                .transpose()?,
            memory: self
                .number(Id::MemoryLimit)?
                .unwrap_or(defaults.spooling.memory),
            spill: self.boolean(Id::Spill)?.unwrap_or(defaults.spooling.spill),
            spill_limit: self
                .number(Id::SpillLimit)?
                .unwrap_or(defaults.spooling.spill_limit),
            spill_path: self.text(Id::SpillPath).map(Into::into),
            fallback: self
                .boolean(Id::SpoolingFallback)?
                .unwrap_or(defaults.spooling.fallback),
            connect_timeout: duration(
                Id::StorageConnectTimeout,
                defaults.spooling.connect_timeout,
            )?,
        };
        let mut options = Options {
            host: self.host()?,
            port,
            tls,
            catalog: self.line(Id::Catalog)?,
            schema: self.line(Id::Schema)?,
            trust: self.trust(&COORDINATOR, tls)?,
            identity: self.identity()?,
            proxy: self.proxy(&COORDINATOR_PROXY)?,
            storage_trust: self.trust(&STORAGE, true)?,
            storage_proxy: self.proxy(&STORAGE_PROXY)?,
            spooling,
            browsing: self.browsing()?,
            source: self.line(Id::Source)?.unwrap_or(defaults.source),
            client_info: self.line(Id::ClientInfo)?,
            client_tags: self.list(Id::ClientTags)?,
            trace_token: self.line(Id::TraceToken)?,
            path: self.line(Id::Path)?,
            session_properties: self.pairs(Id::SessionProperties)?,
            extra_credentials: self
                .pairs(Id::ExtraCredentials)?
                .into_iter()
                .map(|(name, value)| (name, Secret::new(value)))
                .collect(),
            roles: self.pairs(Id::Roles)?,
            time_zone: self.line(Id::TimeZone)?,
            fast_inserts: self
                .boolean(Id::FastInserts)?
                .unwrap_or(defaults.fast_inserts),
            query_max_length: self
                .number(Id::QueryMaxLength)?
                .and_then(|number| usize::try_from(number).ok())
                .unwrap_or(defaults.query_max_length),
            transactions: self
                .boolean(Id::Transactions)?
                .unwrap_or(defaults.transactions),
            as_text: AsText {
                zoned_timestamps: self.choice(Id::TimestampWithTimeZone, ZONED_TIMESTAMPS)?
                    == Some("Text"),
                intervals: self.choice(Id::Interval, INTERVALS)? == Some("Text"),
            },
            validate_connection: self
                .boolean(Id::ValidateConnection)?
                .unwrap_or(defaults.validate_connection),
            compression: self
                .boolean(Id::Compression)?
                .unwrap_or(defaults.compression),
            connect_timeout: duration(Id::ConnectTimeout, defaults.connect_timeout)?,
            read_timeout: duration(Id::ReadTimeout, defaults.read_timeout)?,
            log: LogOptions {
                level: self.log_level()?,
                path: self.text(Id::LogPath).map(PathBuf::from),
            },
            ..defaults
        };
        if options.schema.is_some() && options.catalog.is_none() {
            return Err(Error::Missing {
                keyword: "Catalog",
                why: ", and Schema needs it",
            });
        }
        if options.trust.verification == Verification::None
            && tls
            && let Some(value) = self.value(Id::SslVerification)
        {
            warn(
                warnings,
                Warning::Unverified {
                    keyword: value.name.clone(),
                },
            );
        }
        self.credentials(&mut options, warnings)?;
        Ok(options)
    }

    fn host(&self) -> Result<String, Error> {
        let host = self.line(Id::Host)?.ok_or(Error::Missing {
            keyword: "Host",
            why: ": it names the coordinator",
        })?;
        if !values::is_host(&host) {
            return Err(self.invalid(Id::Host));
        }
        // In a URI an address of IPv6 stands in brackets, a name does not.
        Ok(if host.contains(':') && !host.starts_with('[') {
            format!("[{host}]")
        } else {
            host
        })
    }

    fn trust(&self, keys: &TrustKeys, tls: bool) -> Result<Trust, Error> {
        let verification = match self.choice(keys.verification, VERIFICATIONS)? {
            Some("CA") => Verification::Ca,
            Some("None") => Verification::None,
            _ => Verification::Full,
        };
        let trust = Trust {
            verification,
            stores: self.paths(keys.store),
            store_password: self.secret(keys.password)?,
            system: self.boolean(keys.system)?.unwrap_or(true),
            expected_host: keys.host.and_then(|id| self.text(id)).map(str::to_owned),
            oldest: match self.choice(keys.oldest, TLS_VERSIONS)? {
                Some("1.3") => TlsVersion::Tls13,
                _ => TlsVersion::Tls12,
            },
            revoked: self.paths(keys.revoked),
        };
        if tls && !trust.system && trust.stores.is_empty() && verification != Verification::None {
            return Err(Error::NothingTrusted {
                system: Keyword::of(keys.system).name,
                store: Keyword::of(keys.store).name,
            });
        }
        Ok(trust)
    }

    /// What this side proves itself with.
    fn identity(&self) -> Result<Option<Identity>, Error> {
        let key = self.text(Id::SslClientKey);
        match self.text(Id::SslClientCertificate) {
            None if key.is_some() => Err(Error::Missing {
                keyword: "SSLClientCertificate",
                why: ", and SSLClientKey needs it",
            }),
            None => Ok(None),
            Some(certificate) => Ok(Some(Identity {
                certificate: certificate.into(),
                key: key.map(PathBuf::from),
                password: self.secret(Id::SslClientKeyPassword)?,
            })),
        }
    }

    fn paths(&self, id: Id) -> Vec<PathBuf> {
        let paths = self.text(id).map(values::paths).unwrap_or_default();
        paths.into_iter().map(PathBuf::from).collect()
    }

    fn proxy(&self, keys: &ProxyKeys) -> Result<Proxy, Error> {
        let server = self.text(keys.server);
        let socks = keys.socks.filter(|socks| self.text(*socks).is_some());
        let (id, text) = match (server, socks) {
            (None, None) => return Ok(Proxy::System),
            (Some(server), None) if server.eq_ignore_ascii_case("system") => {
                return Ok(Proxy::System);
            }
            (Some(server), None) if server.eq_ignore_ascii_case("none") => {
                return Ok(Proxy::Direct);
            }
            (Some(server), None) => (keys.server, server.to_owned()),
            (None, Some(socks)) => {
                let server = self.text(socks).unwrap_or_default();
                (socks, format!("socks5h://{server}"))
            }
            (Some(_), Some(socks)) => {
                return Err(Error::Invalid {
                    keyword: self.name(socks),
                    value: None,
                    allowed: format!("left out beside {}", self.name(keys.server)),
                });
            }
        };
        let uri = values::proxy(&text).ok_or_else(|| self.invalid(id))?;
        let password = self.secret(keys.password)?;
        let user = self.line(keys.user)?;
        if user.is_none() && password.is_some() {
            return Err(Error::Missing {
                keyword: Keyword::of(keys.user).name,
                why: ", and its password is given",
            });
        }
        Ok(Proxy::Server(Box::new(ProxyServer {
            uri: Secret::new(uri),
            credentials: user.map(|user| (user, password.unwrap_or_default())),
            exclusions: self
                .line(keys.exclusions)?
                .map(|text| values::hosts(&text))
                .unwrap_or_default(),
        })))
    }

    fn encodings(&self) -> Result<Option<Vec<Encoding>>, Error> {
        let Some(text) = self.text(Id::Encoding) else {
            return Ok(None);
        };
        if text.eq_ignore_ascii_case("none") {
            return Ok(Some(Vec::new()));
        }
        let mut encodings = Vec::new();
        for name in values::list(text) {
            let encoding = Encoding::from_name(&name).ok_or_else(|| self.invalid(Id::Encoding))?;
            if !encodings.contains(&encoding) {
                encodings.push(encoding);
            }
        }
        if encodings.is_empty() {
            return Err(self.invalid(Id::Encoding));
        }
        Ok(Some(encodings))
    }

    fn log_level(&self) -> Result<Option<tracing::Level>, Error> {
        match self.text(Id::LogLevel) {
            None => Ok(None),
            Some(text) => {
                LogOptions::level_from_name(text).ok_or_else(|| self.invalid(Id::LogLevel))
            }
        }
    }

    fn browsing(&self) -> Result<super::Browsing, Error> {
        let is_set = |id| Ok::<_, Error>(self.boolean(id)?.unwrap_or(false));
        Ok(super::Browsing {
            cache: Duration::from_secs(self.number(Id::MetadataCache)?.unwrap_or(0)),
            null_catalog_is_current: is_set(Id::NullCatalogIsCurrent)?,
            literal_underscore: is_set(Id::LiteralUnderscore)?,
            table_remarks: is_set(Id::TableRemarks)?,
        })
    }

    fn boolean(&self, id: Id) -> Result<Option<bool>, Error> {
        self.text(id)
            .map(|text| values::boolean(text).ok_or_else(|| self.invalid(id)))
            .transpose()
    }

    /// An integer, bytes or seconds, within the bounds of the table.
    fn number(&self, id: Id) -> Result<Option<u64>, Error> {
        let read = |text| match Keyword::of(id).kind {
            Kind::Integer { min, max } => values::integer(text, min, max),
            Kind::Bytes { min, max } => values::bytes(text, min, max),
            Kind::Seconds { min, max } => values::seconds(text, min, max),
            _ => None,
        };
        self.text(id)
            .map(|text| read(text).ok_or_else(|| self.invalid(id)))
            .transpose()
    }

    fn choice(&self, id: Id, choices: &[&'static str]) -> Result<Option<&'static str>, Error> {
        let find = |text: &str| {
            let found = choices
                .iter()
                .find(|choice| choice.eq_ignore_ascii_case(text));
            found.copied().ok_or_else(|| self.invalid(id))
        };
        self.text(id).map(find).transpose()
    }

    fn list(&self, id: Id) -> Result<Vec<String>, Error> {
        Ok(self
            .line(id)?
            .map(|text| values::list(&text))
            .unwrap_or_default())
    }

    fn pairs(&self, id: Id) -> Result<Vec<(String, String)>, Error> {
        let Some(text) = self.text(id) else {
            return Ok(Vec::new());
        };
        values::pairs(text).ok_or_else(|| self.invalid(id))
    }

    /// A text that goes into a header.
    fn line(&self, id: Id) -> Result<Option<String>, Error> {
        match self.text(id) {
            Some(text) if !values::is_line(text) => Err(self.invalid(id)),
            text => Ok(text.map(str::to_owned)),
        }
    }

    fn secret(&self, id: Id) -> Result<Option<Secret>, Error> {
        match self.text(id) {
            Some(text) if !values::is_line(text) => Err(self.invalid(id)),
            text => Ok(text.map(Secret::new)),
        }
    }

    /// The text of a value that is given and not empty.
    fn text(&self, id: Id) -> Option<&str> {
        let text = self.value(id)?.text.reveal();
        (!text.is_empty()).then_some(text)
    }

    /// The name that the person used.
    fn name(&self, id: Id) -> String {
        self.value(id).map_or_else(
            || Keyword::of(id).name.to_owned(),
            |value| value.name.clone(),
        )
    }

    fn value(&self, id: Id) -> Option<&Value> {
        self.values.get(id as usize)?.as_ref()
    }

    fn place(&mut self, id: Id) -> &mut Option<Value> {
        self.values
            .get_mut(id as usize)
            .expect("a test holds that there are as many places as ids")
    }

    fn invalid(&self, id: Id) -> Error {
        let keyword = Keyword::of(id);
        let value = self.text(id).filter(|_| !keyword.secret);
        Error::Invalid {
            keyword: self.name(id),
            value: value.map(|text| text.escape_debug().to_string()),
            allowed: allowed(keyword),
        }
    }
}

/// The keywords that make up one trust.
struct TrustKeys {
    verification: Id,
    store: Id,
    password: Id,
    system: Id,
    host: Option<Id>,
    oldest: Id,
    revoked: Id,
}

const COORDINATOR: TrustKeys = TrustKeys {
    verification: Id::SslVerification,
    store: Id::SslTrustStore,
    password: Id::SslTrustStorePassword,
    system: Id::SslUseSystemTrustStore,
    host: Some(Id::SslHostNameInCertificate),
    oldest: Id::SslMinVersion,
    revoked: Id::SslRevocationList,
};

const STORAGE: TrustKeys = TrustKeys {
    verification: Id::StorageSslVerification,
    store: Id::StorageTrustStore,
    password: Id::StorageTrustStorePassword,
    system: Id::StorageUseSystemTrustStore,
    // Storage may be many hosts.
    host: None,
    oldest: Id::StorageSslMinVersion,
    revoked: Id::StorageSslRevocationList,
};

/// The keywords that make up one proxy.
struct ProxyKeys {
    server: Id,
    socks: Option<Id>,
    user: Id,
    password: Id,
    exclusions: Id,
}

const COORDINATOR_PROXY: ProxyKeys = ProxyKeys {
    server: Id::HttpProxy,
    socks: Some(Id::SocksProxy),
    user: Id::HttpProxyUser,
    password: Id::HttpProxyPassword,
    exclusions: Id::NoProxy,
};

const STORAGE_PROXY: ProxyKeys = ProxyKeys {
    server: Id::StorageProxy,
    socks: None,
    user: Id::StorageProxyUser,
    password: Id::StorageProxyPassword,
    exclusions: Id::StorageProxyExclusions,
};

/// What a value of the keyword must be, as the end of a sentence.
fn allowed(keyword: &Keyword) -> String {
    match keyword.id {
        Id::Host => return "a host name or address, without scheme, port or path".to_owned(),
        Id::HttpProxy | Id::StorageProxy => {
            return "host:port, with http://, https://, socks5:// or socks5h:// before it or without, none, or system"
                .to_owned();
        }
        Id::SocksProxy => return "host:port".to_owned(),
        Id::Encoding => return "a list of json+zstd, json+lz4, json, or none".to_owned(),
        Id::OAuth2Issuer | Id::OAuth2TokenEndpoint => return "an https address".to_owned(),
        Id::OAuth2RedirectHandlers => return "a list of OPEN, PRINT, or ALL".to_owned(),
        Id::LogLevel => return format!("one of {}, or 0 to 6", LOG_LEVELS.join(", ")),
        _ => {}
    }
    match keyword.kind {
        Kind::Boolean => "true or false".to_owned(),
        Kind::Integer { min, max } => format!("a whole number from {min} to {max}"),
        Kind::Bytes { min, max } => {
            format!(
                "a number with KB, MB or GB, from {} MB to {} GB",
                min >> 20,
                max >> 30
            )
        }
        Kind::Seconds { min, max } => format!("seconds, from {min} to {max}"),
        Kind::Choice(choices) => format!("one of {}", choices.join(", ")),
        Kind::Pairs => "name:value;name:value or name=value,name=value".to_owned(),
        Kind::Manager | Kind::Text | Kind::List | Kind::Path | Kind::Paths => {
            "text without control characters".to_owned()
        }
    }
}

fn warn(warnings: &mut Vec<Warning>, warning: Warning) {
    if !warnings.contains(&warning) {
        warnings.push(warning);
    }
}

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
