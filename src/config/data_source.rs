//! From a connection string and the data source it names to the options of a connection.
//!
//! What the connection string says covers what the data source says, keyword by keyword whatever names they use. An
//! empty value means the keyword's default, also where the data source says something.

#[path = "credentials.rs"]
mod credentials;

use std::path::PathBuf;
use std::time::Duration;

use super::given::{Given, warn};
use super::keywords::{
    BIG_INTEGERS, INTERVALS, Id, Keyword, Kind, NUMBERS, TLS_VERSIONS, VERIFICATIONS,
    ZONED_TIMESTAMPS,
};
use super::{
    ConnectionString, Encoding, Error, Identity, Lengths, LogOptions, Options, Proxy, ProxyServer,
    Refusal, Secret, TlsVersion, Trust, Verification, Warning, values,
};
use crate::columns::{AsText, BigIntegers, Numbers};

/// Where data sources are kept.
pub trait DataSources {
    /// The attributes of the data source, in their order; `None` when there is none of that name.
    fn attributes(&self, dsn: &str) -> Option<Vec<(String, String)>>;

    /// The settings of a driver's registration, by the name or the file that a connection asks for it by.
    fn driver(&self, _driver: &str) -> Option<Vec<(String, String)>> {
        None
    }
}

/// Reads the options that a connection string and the data source it names amount to (SQLDriverConnect).
pub fn parse(
    connection: &ConnectionString,
    data_sources: &dyn DataSources,
) -> Result<(Options, Vec<Warning>), Refusal> {
    let mut warnings = Vec::new();
    match options(connection, data_sources, &mut warnings) {
        Ok(options) => Ok((options, warnings)),
        Err(error) => Err(Refusal { error, warnings }),
    }
}

fn options(
    connection: &ConnectionString,
    data_sources: &dyn DataSources,
    warnings: &mut Vec<Warning>,
) -> Result<Options, Error> {
    let mut given = Given::read(connection, warnings);
    if let Some(dsn) = connection.data_source() {
        let attributes = data_sources
            .attributes(dsn)
            .ok_or_else(|| Error::DataSourceNotFound(dsn.to_owned()))?;
        let attributes = ConnectionString::from_attributes(attributes);
        given.cover(Given::read(&attributes, warnings));
    }
    let says_level = given.text(Id::LogLevel).is_some();
    if let Some(settings) = given
        .text(Id::Driver)
        .and_then(|name| data_sources.driver(name))
    {
        let is_driver_wide =
            |(name, _): &(String, String)| Keyword::find(name).is_some_and(Keyword::is_driver_wide);
        let settings =
            ConnectionString::from_attributes(settings.into_iter().filter(is_driver_wide));
        given.cover(Given::read(&settings, warnings));
    }
    given.fit(warnings);
    let mut options = given.options(warnings)?;
    options.log.driver_wide = options.log.is_given && !says_level;
    options.data_source = connection.data_source().map(str::to_owned);
    Ok(options)
}

/// Reads the options that a data source amounts to, with user and password beside it (SQLConnect).
pub fn from_data_source(
    dsn: &str,
    user: Option<&str>,
    password: Option<&str>,
    data_sources: &dyn DataSources,
) -> Result<(Options, Vec<Warning>), Refusal> {
    if dsn.is_empty() {
        return Err(Refusal {
            error: Error::DataSourceNotFound(String::new()),
            warnings: Vec::new(),
        });
    }
    let given = [("DSN", Some(dsn)), ("UID", user), ("PWD", password)];
    let pairs = given
        .into_iter()
        // Applications pass empty texts for "nothing", and must not unset what the data source says.
        .filter_map(|(name, value)| Some((name, value.filter(|value| !value.is_empty())?)))
        .map(|(name, value)| (name.to_owned(), value.to_owned()));
    parse(&ConnectionString::from_pairs(pairs), data_sources)
}

impl Given {
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
        let limit = |id, default| {
            Ok::<_, Error>(match self.number(id)? {
                None => default,
                Some(0) => None,
                Some(seconds) => Some(Duration::from_secs(seconds)),
            })
        };
        let count = |id| {
            let number = self.number(id)?.map(usize::try_from);
            number.transpose().map_err(|_| self.invalid(id))
        };
        let encodings = self.encodings()?;
        let spooling = super::Spooling {
            adaptive: encodings.is_none(),
            encodings: encodings.unwrap_or(defaults.spooling.encodings),
            downloads: count(Id::ParallelDownloads)?,
            decode_threads: count(Id::DecodeThreads)?,
            memory: self.number(Id::MemoryLimit)?,
            process_memory: process_memory_of_environment()
                .or(self.number(Id::ProcessMemoryLimit)?),
            spill: self.boolean(Id::Spill)?.unwrap_or(defaults.spooling.spill),
            spill_limit: self
                .number(Id::SpillLimit)?
                .unwrap_or(defaults.spooling.spill_limit),
            spill_path: self.text(Id::SpillPath).map(Into::into),
            fallback: self
                .boolean(Id::SpoolingFallback)?
                .unwrap_or(defaults.spooling.fallback),
            connect_timeout: limit(Id::StorageConnectTimeout, defaults.spooling.connect_timeout)?,
            retry_timeout: limit(Id::StorageRetryTimeout, defaults.spooling.retry_timeout)?,
        };
        let mut options = Options {
            host: self.host()?,
            port,
            tls,
            catalog: self.header(Id::Catalog)?,
            schema: self.header(Id::Schema)?,
            trust: self.trust(&COORDINATOR, tls)?,
            identity: self.identity()?,
            proxy: self.proxy(&COORDINATOR_PROXY, warnings)?,
            storage_trust: self.trust(&STORAGE, true)?,
            storage_proxy: self.proxy(&STORAGE_PROXY, warnings)?,
            spooling,
            browsing: self.browsing()?,
            lengths: self.lengths()?,
            source: self.line(Id::Source)?.unwrap_or(defaults.source),
            client_info: self.line(Id::ClientInfo)?,
            client_tags: self.list(Id::ClientTags)?,
            trace_token: self.header(Id::TraceToken)?,
            resource_estimates: self.resource_estimates()?,
            language: self.header(Id::Language)?.map(|tag| tag.replace('_', "-")),
            extra_headers: self.extra_headers()?,
            routing_group: self.header(Id::RoutingGroup)?,
            cookies: self.boolean(Id::Cookies)?.unwrap_or(defaults.cookies),
            path: self.header(Id::Path)?,
            session_properties: self.header_pairs(Id::SessionProperties)?,
            extra_credentials: self
                .header_pairs(Id::ExtraCredentials)?
                .into_iter()
                .map(|(name, value)| (name, Secret::new(value)))
                .collect(),
            roles: self.header_pairs(Id::Roles)?,
            time_zone: self.header(Id::TimeZone)?,
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
                intervals: self
                    .choice(Id::Interval, INTERVALS)?
                    .map_or(defaults.as_text.intervals, |choice| choice == "Text"),
                big_integers: match self.choice(Id::BigInt, BIG_INTEGERS)? {
                    Some("Decimal") => BigIntegers::Decimal,
                    Some("Text") => BigIntegers::Text,
                    _ => BigIntegers::BigInt,
                },
                numbers: match self.choice(Id::Number, NUMBERS)? {
                    Some("Double") => Numbers::Double,
                    Some("Text") => Numbers::Text,
                    _ => Numbers::Decimal,
                },
            },
            validate_connection: self
                .boolean(Id::ValidateConnection)?
                .unwrap_or(defaults.validate_connection),
            compression: self
                .boolean(Id::Compression)?
                .unwrap_or(defaults.compression),
            connect_timeout: limit(Id::ConnectTimeout, defaults.connect_timeout)?,
            read_timeout: limit(Id::ReadTimeout, defaults.read_timeout)?,
            log: self.log()?,
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
            expected_host: keys
                .host
                .map(|id| self.ascii_host(id))
                .transpose()?
                .flatten(),
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

    /// A host as certificates name it.
    fn ascii_host(&self, id: Id) -> Result<Option<String>, Error> {
        let ascii = |text: &str| {
            let host = url::Host::parse(text).ok()?.to_string();
            let address = host
                .strip_prefix('[')
                .and_then(|host| host.strip_suffix(']'));
            Some(address.unwrap_or(&host).to_owned())
        };
        self.text(id)
            .map(|text| ascii(text).ok_or_else(|| self.invalid(id)))
            .transpose()
    }

    /// What this side proves itself with.
    fn identity(&self) -> Result<Option<Identity>, Error> {
        let Some(certificate) = self.text(Id::SslClientCertificate) else {
            return Ok(None);
        };
        Ok(Some(Identity {
            certificate: certificate.into(),
            key: self.text(Id::SslClientKey).map(PathBuf::from),
            password: self.secret(Id::SslClientKeyPassword)?,
        }))
    }

    fn proxy(&self, keys: &ProxyKeys, warnings: &mut Vec<Warning>) -> Result<Proxy, Error> {
        let server = self.text(keys.server);
        let socks = keys.socks.filter(|socks| self.text(*socks).is_some());
        let parts = match &keys.parts {
            Some(parts) => {
                self.proxy_in_parts(parts, server.is_some() || socks.is_some(), warnings)?
            }
            None => None,
        };
        let none = match (server, socks) {
            (None, None) if parts.is_none() => Some(Proxy::System),
            (None, None) if parts == Some(None) => Some(Proxy::Direct),
            (Some(server), None) if server.eq_ignore_ascii_case("system") => Some(Proxy::System),
            (Some(server), None) if server.eq_ignore_ascii_case("none") => Some(Proxy::Direct),
            _ => None,
        };
        if let Some(none) = none {
            for id in [keys.user, keys.password] {
                if self.text(id).is_some() {
                    let keyword = self.name(id);
                    let why = "no proxy is named";
                    warn(warnings, Warning::Ignored { keyword, why });
                }
            }
            return Ok(none);
        }
        let (id, text) = match (server, socks, parts.flatten()) {
            (Some(_), Some(socks), _) => {
                return Err(Error::Invalid {
                    keyword: self.name(socks),
                    value: None,
                    allowed: format!("left out beside {}", self.name(keys.server)),
                });
            }
            (None, Some(socks), _) => {
                let server = self.text(socks).unwrap_or_default();
                (socks, format!("socks5h://{server}"))
            }
            (None, None, Some(parts)) => parts,
            (server, None, _) => (keys.server, server.unwrap_or_default().to_owned()),
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

    /// The keyword and the text of the proxy that stands in parts; none in `Some(None)`, and `None` when nothing is
    /// said so.
    fn proxy_in_parts(
        &self,
        parts: &ProxyParts,
        is_named: bool,
        warnings: &mut Vec<Warning>,
    ) -> Result<Option<Option<(Id, String)>>, Error> {
        let host = self.text(parts.host);
        match self.boolean(parts.used)? {
            Some(true) if is_named => {
                let keyword = self.name(parts.used);
                let by = Keyword::of(Id::HttpProxy).name.to_owned();
                warn(warnings, Warning::Contradicted { keyword, by });
                Ok(None)
            }
            Some(true) => {
                let host = host.ok_or(Error::Missing {
                    keyword: "ProxyHost",
                    why: ", and UseProxy needs it",
                })?;
                let port = self.number(parts.port)?.unwrap_or(8080);
                Ok(Some(Some((parts.host, format!("{host}:{port}")))))
            }
            Some(false) => Ok(Some(None)),
            None => {
                if host.is_some() {
                    let keyword = self.name(parts.host);
                    let why = "it counts with UseProxy=true only";
                    warn(warnings, Warning::Ignored { keyword, why });
                }
                Ok(None)
            }
        }
    }

    fn lengths(&self) -> Result<Lengths, Error> {
        let length = |id| {
            let number = self.number(id)?;
            Ok::<_, Error>(number.and_then(|number| usize::try_from(number).ok()))
        };
        let text = length(Id::TextColumnLength)?.unwrap_or(Lengths::default().text);
        Ok(Lengths {
            text,
            complex: length(Id::ComplexColumnLength)?.unwrap_or(text),
        })
    }

    fn resource_estimates(&self) -> Result<Vec<(String, String)>, Error> {
        let estimates = self.pairs(Id::ResourceEstimates)?.into_iter();
        estimates
            .map(|(name, value)| {
                let known = ESTIMATES
                    .iter()
                    .find(|known| known.eq_ignore_ascii_case(&name));
                let known = known.ok_or_else(|| self.invalid(Id::ResourceEstimates))?;
                Ok(((*known).to_owned(), value))
            })
            .collect()
    }

    fn extra_headers(&self) -> Result<Vec<(String, Secret)>, Error> {
        let Some(text) = self.text(Id::ExtraHeaders) else {
            return Ok(Vec::new());
        };
        let headers = values::headers(text).ok_or_else(|| self.invalid(Id::ExtraHeaders))?;
        if let Some((name, why)) = headers
            .iter()
            .find_map(|(name, _)| Some((name, values::reserved_header(name)?)))
        {
            return Err(Error::ReservedHeader {
                keyword: self.name(Id::ExtraHeaders),
                header: name.clone(),
                why,
            });
        }
        for (_, value) in &headers {
            self.check_fits(Id::ExtraHeaders, value)?;
        }
        let secret = |(name, value)| (name, Secret::new(value));
        Ok(headers.into_iter().map(secret).collect())
    }

    /// The encodings that a person chose.
    fn encodings(&self) -> Result<Option<Vec<Encoding>>, Error> {
        let text = self.text(Id::Encoding);
        let Some(text) = text.filter(|text| !text.eq_ignore_ascii_case("auto")) else {
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

    fn log(&self) -> Result<LogOptions, Error> {
        let defaults = LogOptions::default();
        let level = self.text(Id::LogLevel);
        Ok(LogOptions {
            is_given: level.is_some(),
            level: match level {
                None => None,
                Some(text) => {
                    LogOptions::level_from_name(text).ok_or_else(|| self.invalid(Id::LogLevel))?
                }
            },
            path: self.text(Id::LogPath).map(PathBuf::from),
            file_size: self.number(Id::LogFileSize)?.unwrap_or(defaults.file_size),
            files: self.number(Id::LogFileCount)?.unwrap_or(defaults.files),
            ..defaults
        })
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
    parts: Option<ProxyParts>,
    user: Id,
    password: Id,
    exclusions: Id,
}

/// The keywords that make up the address of a proxy in parts.
struct ProxyParts {
    used: Id,
    host: Id,
    port: Id,
}

const COORDINATOR_PROXY: ProxyKeys = ProxyKeys {
    server: Id::HttpProxy,
    socks: Some(Id::SocksProxy),
    parts: Some(ProxyParts {
        used: Id::UseProxy,
        host: Id::ProxyHost,
        port: Id::ProxyPort,
    }),
    user: Id::HttpProxyUser,
    password: Id::HttpProxyPassword,
    exclusions: Id::NoProxy,
};

const STORAGE_PROXY: ProxyKeys = ProxyKeys {
    server: Id::StorageProxy,
    socks: None,
    parts: None,
    user: Id::StorageProxyUser,
    password: Id::StorageProxyPassword,
    exclusions: Id::StorageProxyExclusions,
};

/// What the server can be told of a query beforehand.
const ESTIMATES: &[&str] = &["EXECUTION_TIME", "CPU_TIME", "PEAK_MEMORY"];

/// [`Id::ProcessMemoryLimit`] from the environment, which wins over every connection's.
fn process_memory_of_environment() -> Option<u64> {
    let text = std::env::var(PROCESS_MEMORY_VARIABLE).ok()?;
    let bytes = match (
        values::bytes(text.trim()),
        Keyword::of(Id::ProcessMemoryLimit).kind,
    ) {
        (Some(bytes), Kind::Bytes { min, max }) => Some(bytes.clamp(min, max)),
        _ => None,
    };
    if bytes.is_none() && !text.is_empty() {
        tracing::warn!(
            "{PROCESS_MEMORY_VARIABLE}={text} is not valid. It must be a number of bytes, or with KB, MB, GB."
        );
    }
    bytes
}

const PROCESS_MEMORY_VARIABLE: &str = "TRINO_ODBC_PROCESS_MEMORY_LIMIT";

#[cfg(test)]
#[path = "tests.rs"]
mod tests;
