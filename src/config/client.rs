//! The options of the client that keywords set.

use super::keyword_values::{KeywordValues, warn};
use super::keywords::Id;
use super::{
    Encoding, Error, Options, Secret, Spooling, Verification, Warning, proxy, trust, values,
};

impl KeywordValues {
    /// What these keywords set of the client's options.
    pub(super) fn client(&self, warnings: &mut Vec<Warning>) -> Result<Options, Error> {
        let (port, tls) = self.port_and_tls()?;
        let mut options = Options {
            host: self.host()?,
            port,
            tls,
            catalog: self.header(Id::Catalog)?,
            schema: self.header(Id::Schema)?,
            trust: self.trust(&trust::COORDINATOR, tls)?,
            identity: self.identity()?,
            proxy: self.proxy(&proxy::COORDINATOR, warnings)?,
            storage_trust: self.trust(&trust::STORAGE, true)?,
            storage_proxy: self.proxy(&proxy::STORAGE, warnings)?,
            spooling: self.spooling()?,
            source: self.line_or_default(Id::Source)?,
            client_info: self.line(Id::ClientInfo)?,
            client_tags: self.list(Id::ClientTags)?,
            trace_token: self.header(Id::TraceToken)?,
            resource_estimates: self.resource_estimates()?,
            language: self.header(Id::Language)?.map(|tag| tag.replace('_', "-")),
            extra_headers: self.extra_headers()?,
            routing_group: self.header(Id::RoutingGroup)?,
            cookies: self.boolean(Id::Cookies)?,
            path: self.header(Id::Path)?,
            session_properties: self.header_pairs(Id::SessionProperties)?,
            extra_credentials: self
                .header_pairs(Id::ExtraCredentials)?
                .into_iter()
                .map(|(name, value)| (name, Secret::new(value)))
                .collect(),
            roles: self.header_pairs(Id::Roles)?,
            time_zone: self.header(Id::TimeZone)?,
            query_max_length: self.count(Id::QueryMaxLength)?,
            metadata_cache: self.duration(Id::MetadataCache)?,
            validate_connection: self.boolean(Id::ValidateConnection)?,
            compression: self.boolean(Id::Compression)?,
            connect_timeout: self.limit(Id::ConnectTimeout)?,
            read_timeout: self.limit(Id::ReadTimeout)?,
            ..Options::default()
        };
        if options.schema.is_some() && options.catalog.is_none() {
            return Err(Error::Missing {
                keyword: Id::Catalog,
                reason: "Schema requires it.",
            });
        }
        if options.trust.verification == Verification::None
            && tls
            && let Some(value) = self.value(Id::SslVerification)
        {
            let keyword = value.name.clone();
            warn(warnings, Warning::Unverified { keyword });
        }
        self.credentials(&mut options, warnings)?;
        Ok(options)
    }

    /// Each of the two decides the other's default.
    fn port_and_tls(&self) -> Result<(u16, bool), Error> {
        let port = self.given_number(Id::Port)?.map(u16::try_from);
        let port = port.transpose().map_err(|_| self.invalid(Id::Port))?;
        let tls = self.given_boolean(Id::Ssl)?.unwrap_or(port == Some(443));
        let default = if tls { 443 } else { Options::default().port };
        Ok((port.unwrap_or(default), tls))
    }

    fn host(&self) -> Result<String, Error> {
        let host = self.line(Id::Host)?.ok_or(Error::Missing {
            keyword: Id::Host,
            reason: "It names the coordinator.",
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

    fn spooling(&self) -> Result<Spooling, Error> {
        let encodings = self.encodings()?;
        Ok(Spooling {
            adaptive: encodings.is_none(),
            encodings: encodings.unwrap_or(Spooling::default().encodings),
            downloads: self.given_count(Id::ParallelDownloads)?,
            decode_threads: self.given_count(Id::DecodeThreads)?,
            memory: self.given_number(Id::MemoryLimit)?,
            process_memory: self.given_number(Id::ProcessMemoryLimit)?,
            spill: self.boolean(Id::Spill)?,
            spill_limit: self.number(Id::SpillLimit)?,
            spill_path: self.text(Id::SpillPath).map(Into::into),
            fallback: self.boolean(Id::SpoolingFallback)?,
            connect_timeout: self.limit(Id::StorageConnectTimeout)?,
            retry_timeout: self.limit(Id::StorageRetryTimeout)?,
        })
    }

    /// The encodings that were given; `None` if they adapt.
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
        for (name, value) in &headers {
            if let Some(reason) = values::reserved_header(name) {
                return Err(Error::ReservedHeader {
                    name: self.name(Id::ExtraHeaders),
                    header: name.clone(),
                    reason,
                });
            }
            self.check_fits(Id::ExtraHeaders, value)?;
        }
        Ok(headers
            .into_iter()
            .map(|(name, value)| (name, Secret::new(value)))
            .collect())
    }
}

/// The resources of a query that can be estimated for the server.
const ESTIMATES: &[&str] = &["EXECUTION_TIME", "CPU_TIME", "PEAK_MEMORY"];
