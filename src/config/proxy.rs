//! The proxies to the coordinator and to storage.

use super::keyword_values::{KeywordValues, warn};
use super::keywords::Id;
use super::{Error, Proxy, ProxyServer, Secret, Warning, values};

/// The keywords of one proxy.
pub(super) struct ProxyKeywords {
    server: Id,
    socks: Option<Id>,
    parts: Option<PartKeywords>,
    user: Id,
    password: Id,
    exclusions: Id,
}

/// The keywords of a proxy in parts.
struct PartKeywords {
    used: Id,
    host: Id,
    port: Id,
}

/// What the keywords of a proxy in parts amount to.
enum ProxyInParts {
    Unset,
    Off,
    At(String),
}

pub(super) const COORDINATOR: ProxyKeywords = ProxyKeywords {
    server: Id::HttpProxy,
    socks: Some(Id::SocksProxy),
    parts: Some(PartKeywords {
        used: Id::UseProxy,
        host: Id::ProxyHost,
        port: Id::ProxyPort,
    }),
    user: Id::HttpProxyUser,
    password: Id::HttpProxyPassword,
    exclusions: Id::NoProxy,
};

pub(super) const STORAGE: ProxyKeywords = ProxyKeywords {
    server: Id::StorageProxy,
    socks: None,
    parts: None,
    user: Id::StorageProxyUser,
    password: Id::StorageProxyPassword,
    exclusions: Id::StorageProxyExclusions,
};

impl KeywordValues {
    /// The proxy that these keywords set.
    pub(super) fn proxy(
        &self,
        keywords: &ProxyKeywords,
        warnings: &mut Vec<Warning>,
    ) -> Result<Proxy, Error> {
        let server = self.text(keywords.server);
        let socks = keywords
            .socks
            .and_then(|id| self.text(id).map(|text| (id, text)));
        let parts = match &keywords.parts {
            Some(parts) => self.proxy_in_parts(
                parts,
                keywords.server,
                server.is_some() || socks.is_some(),
                warnings,
            )?,
            None => ProxyInParts::Unset,
        };
        match (server, socks, parts) {
            (Some(_), Some((socks, _)), _) => Err(self.must_be(
                socks,
                format!("left out if {} is set", self.name(keywords.server)),
            )),
            (Some(server), None, _) if server.eq_ignore_ascii_case("system") => {
                Ok(self.no_proxy(Proxy::System, keywords, warnings))
            }
            (Some(server), None, _) if server.eq_ignore_ascii_case("none") => {
                Ok(self.no_proxy(Proxy::Direct, keywords, warnings))
            }
            (Some(server), None, _) => self.proxy_server(keywords, keywords.server, server),
            (None, Some((id, address)), _) => {
                self.proxy_server(keywords, id, &format!("socks5h://{address}"))
            }
            (None, None, ProxyInParts::At(address)) => {
                let id = keywords
                    .parts
                    .as_ref()
                    .map_or(keywords.server, |parts| parts.host);
                self.proxy_server(keywords, id, &address)
            }
            (None, None, ProxyInParts::Off) => Ok(self.no_proxy(Proxy::Direct, keywords, warnings)),
            (None, None, ProxyInParts::Unset) => {
                Ok(self.no_proxy(Proxy::System, keywords, warnings))
            }
        }
    }

    /// Warns of credentials for a proxy that is not set.
    fn no_proxy(
        &self,
        proxy: Proxy,
        keywords: &ProxyKeywords,
        warnings: &mut Vec<Warning>,
    ) -> Proxy {
        for id in [keywords.user, keywords.password] {
            if self.text(id).is_some() {
                let keyword = self.name(id);
                let reason = "No proxy is set.";
                warn(warnings, Warning::Ignored { keyword, reason });
            }
        }
        proxy
    }

    /// The proxy at the address that keyword `id` holds.
    fn proxy_server(
        &self,
        keywords: &ProxyKeywords,
        id: Id,
        address: &str,
    ) -> Result<Proxy, Error> {
        let uri = values::proxy(address).ok_or_else(|| self.invalid(id))?;
        let password = self.secret(keywords.password)?;
        let user = self.line(keywords.user)?;
        if user.is_none() && password.is_some() {
            return Err(Error::Missing {
                keyword: keywords.user,
                reason: "The proxy's password requires it.",
            });
        }
        let exclusions = self.line(keywords.exclusions)?;
        Ok(Proxy::Server(Box::new(ProxyServer {
            uri: Secret::new(uri),
            credentials: user.map(|user| (user, password.unwrap_or_default())),
            exclusions: exclusions
                .map(|text| values::hosts(&text))
                .unwrap_or_default(),
        })))
    }

    /// The proxy in parts; `is_named` if `server` or its SOCKS form is set, which takes precedence.
    fn proxy_in_parts(
        &self,
        parts: &PartKeywords,
        server: Id,
        is_named: bool,
        warnings: &mut Vec<Warning>,
    ) -> Result<ProxyInParts, Error> {
        let host = self.text(parts.host);
        match self.given_boolean(parts.used)? {
            Some(true) if is_named => {
                let keyword = self.name(parts.used);
                let by = server.to_string();
                warn(warnings, Warning::Contradicted { keyword, by });
                Ok(ProxyInParts::Unset)
            }
            Some(true) => {
                let host = host.ok_or(Error::Missing {
                    keyword: parts.host,
                    reason: "UseProxy=true requires it.",
                })?;
                let port = self.number(parts.port)?;
                Ok(ProxyInParts::At(format!("{host}:{port}")))
            }
            Some(false) => Ok(ProxyInParts::Off),
            None => {
                if host.is_some() {
                    let keyword = self.name(parts.host);
                    let reason = "It requires UseProxy=true.";
                    warn(warnings, Warning::Ignored { keyword, reason });
                }
                Ok(ProxyInParts::Unset)
            }
        }
    }
}
