//! Why a request had no answer: the host, the cause and the remedy.
//!
//! A message has the form "host: cause; remedy". The cause is the innermost one of the chain that
//! hyper, rustls and the system report, in the driver's words where it is a known one ([`Kind`]), and
//! the remedy names the keyword of the [`Domain`] that the request belonged to. A proxy in between is
//! named, since connecting then means connecting to the proxy. Queries of URIs, which may be
//! signatures, are never part of a message.

use std::error::Error as _;
use std::io;
use std::path::Path;

use rustls::{AlertDescription, CertificateError, OtherError};

use super::Domain;
use super::proxy::ProxyInUse;
use super::rejection::Rejection;

/// A request that had no answer, or a client that could not be made.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Error {
    kind: Kind,
    endpoint: String,
    message: String,
}

/// The kind of the failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The host name does not resolve.
    UnknownHost,
    /// Nobody listens there.
    Refused,
    /// No connection within the time.
    ConnectTimeout,
    /// No progress within the time.
    ReadTimeout,
    /// No trusted authority signed the certificate.
    UnknownAuthority,
    /// The certificate is for another host.
    WrongName,
    /// The certificate is no longer, or not yet, valid.
    Expired,
    /// The certificate's authority has revoked it.
    Revoked,
    /// The certificate cannot be used for another reason, which the message names.
    BadCertificate,
    /// The system could not judge the certificate.
    Unverified,
    /// TLS failed for another reason.
    Tls,
    /// The server does not speak TLS.
    NotTls,
    /// The server does not speak HTTP.
    NotHttp,
    /// The connection broke before the answer was complete.
    Broken,
    /// A proxy stands between and does not let us through, or cannot be reached itself.
    Proxy,
    /// A trust store cannot be read.
    Store,
    /// The client certificate or its key cannot be used.
    Identity,
    /// The URI cannot be requested.
    InvalidUri,
    /// This process, or this computer, has no socket left for it.
    NoSocket,
    /// Anything else.
    Other,
}

impl Error {
    /// The error of a request outside of any domain.
    pub fn from_reqwest(error: &reqwest::Error) -> Self {
        let endpoint = error.url().map(endpoint_of).unwrap_or_default();
        Self::caused(endpoint, &classify(error), None)
    }

    /// The error of a request to that domain, through that proxy if there was one.
    pub(super) fn of_request(
        error: &reqwest::Error,
        proxy: Option<&ProxyInUse>,
        domain: Domain,
    ) -> Self {
        let endpoint = error.url().map(endpoint_of).unwrap_or_default();
        let cause = classify(error);
        match proxy {
            // With a proxy between, connecting means connecting to the proxy.
            Some(proxy) if error.is_connect() && is_about_the_way(cause.kind) => {
                let words = in_a_proxys_words(cause.kind, &cause.words, domain.proxy_keyword());
                Self::on_the_way(endpoint, proxy, &words, domain)
            }
            // The engine that fetches segments adds its own remedy for storage.
            _ if domain == Domain::Storage => Self::caused(endpoint, &cause, None),
            _ => {
                let remedy = remedy(&cause, domain);
                let mut told = Self::caused(endpoint, &cause, remedy.as_deref());
                match (cause.kind, domain) {
                    (Kind::NotTls, Domain::Coordinator) => {
                        told.advise("Set Port to the coordinator's https port, or SSL=false.");
                    }
                    (Kind::NotHttp, Domain::Coordinator) => told.advise("If so, set SSL=true."),
                    _ => {}
                }
                told
            }
        }
    }

    /// A proxy that wants other credentials before it passes on a request to `uri`.
    pub(super) fn refused_by_proxy(uri: &url::Url, proxy: &ProxyInUse, domain: Domain) -> Self {
        let cause = other_credentials(domain.proxy_keyword());
        Self::on_the_way(endpoint_of(uri), proxy, &cause, domain)
    }

    /// The error of a proxy in between.
    fn on_the_way(endpoint: String, proxy: &ProxyInUse, cause: &str, domain: Domain) -> Self {
        let (ProxyInUse { address, set_by }, keyword) = (proxy, domain.proxy_keyword());
        let remedy = match *set_by == keyword {
            true => String::new(),
            false => format!("; {keyword} sets another, or none"),
        };
        let message = format!(
            "Cannot reach {endpoint} through proxy {address}: {cause}. The proxy is set by {set_by}{remedy}."
        );
        Self {
            kind: Kind::Proxy,
            endpoint,
            message,
        }
    }

    /// A proxy that cannot be used as it is written.
    pub(super) fn unusable_proxy(keyword: &str) -> Self {
        Self {
            kind: Kind::Proxy,
            endpoint: String::new(),
            message: format!("The proxy set by {keyword} is not usable."),
        }
    }

    /// A trust store that cannot be used.
    pub(super) fn store(path: &Path, keyword: &str, cause: &str) -> Self {
        Self {
            kind: Kind::Store,
            endpoint: String::new(),
            message: format!(
                "Cannot use the trust store {} ({keyword}): {cause}.",
                path.display()
            ),
        }
    }

    /// A list of revoked certificates that cannot be used.
    pub(super) fn revocation_list(path: &Path, keyword: &str, cause: &str) -> Self {
        Self {
            kind: Kind::Store,
            endpoint: String::new(),
            message: format!(
                "Cannot use the revocation list {} ({keyword}): {cause}.",
                path.display()
            ),
        }
    }

    /// A client certificate or key that cannot be used.
    pub(super) fn identity(path: &Path, cause: &str) -> Self {
        Self {
            kind: Kind::Identity,
            endpoint: String::new(),
            message: format!(
                "Cannot sign in with the certificate or key in {}: {cause}.",
                path.display()
            ),
        }
    }

    /// A client certificate of a certificate store that cannot be used.
    pub(super) fn stored_identity(cause: &str) -> Self {
        Self {
            kind: Kind::Identity,
            endpoint: String::new(),
            message: format!(
                "Cannot sign in with the certificate in SSLClientCertificateInStore: {cause}."
            ),
        }
    }

    /// A trust that cannot be set up.
    pub(super) fn trust(cause: &str) -> Self {
        Self {
            kind: Kind::Store,
            endpoint: String::new(),
            message: format!("Cannot set up TLS: {cause}."),
        }
    }

    /// The error of a connection or a handshake with `endpoint`.
    pub(super) fn of_io(endpoint: String, error: &io::Error) -> Self {
        let cause = of_source(error).unwrap_or_else(|| {
            let kind = match error.kind() {
                io::ErrorKind::TimedOut => Kind::ConnectTimeout,
                _ => Kind::Other,
            };
            Cause::new(kind, error.to_string())
        });
        Self::caused(endpoint, &cause, None)
    }

    /// A certificate of `endpoint` that is rejected.
    pub(super) fn rejected(endpoint: String, rejection: &Rejection) -> Self {
        Self::of_kind(rejection.kind, endpoint, &rejection.what)
    }

    /// A host that does not resolve.
    pub(super) fn unknown_host(endpoint: String, cause: &str) -> Self {
        Self::of_kind(Kind::UnknownHost, endpoint, cause)
    }

    /// A server that speaks TLS where it was spoken to without, or the reverse.
    pub fn other_scheme(endpoint: &str, is_tls: bool) -> Self {
        let (kind, message) = match is_tls {
            false => (
                Kind::NotHttp,
                format!("{endpoint} speaks TLS (https), not plain HTTP. Set SSL=true."),
            ),
            true => (
                Kind::NotTls,
                format!(
                    "{endpoint} speaks plain HTTP, not TLS (https). Set Port to the coordinator's https port, or \
                     SSL=false."
                ),
            ),
        };
        Self {
            kind,
            endpoint: endpoint.to_owned(),
            message,
        }
    }

    /// A host whose name TLS does not take.
    pub(super) fn no_tls_name(endpoint: &str) -> Self {
        Self::of_kind(Kind::Tls, endpoint.to_owned(), NO_TLS_NAME)
    }

    /// Adds what a person can do about it.
    pub fn advise(&mut self, advice: &str) {
        self.message.push(' ');
        self.message.push_str(advice);
    }

    /// A server that was silent for too long.
    pub fn silent(endpoint: &str) -> Self {
        Self::of_kind(Kind::ReadTimeout, endpoint.to_owned(), "")
    }

    /// The kind of the failure.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// Host and port of the request; empty if there was no request.
    pub fn endpoint(&self) -> &str {
        &self.endpoint
    }

    /// Whether the certificate was the reason, so that another trust would help.
    pub fn is_about_trust(&self) -> bool {
        matches!(
            self.kind,
            Kind::UnknownAuthority
                | Kind::WrongName
                | Kind::Expired
                | Kind::Revoked
                | Kind::BadCertificate
                | Kind::Unverified
        )
    }

    /// Whether no connection came about, so that the server has seen nothing of the request.
    pub fn is_before_request(&self) -> bool {
        !matches!(
            self.kind,
            Kind::ReadTimeout | Kind::Broken | Kind::NotHttp | Kind::Other
        )
    }

    /// The error of a cause, with the remedy if there is one.
    fn caused(endpoint: String, cause: &Cause, remedy: Option<&str>) -> Self {
        match remedy {
            Some(remedy) => {
                let words = format!("{}; {remedy}", cause.words);
                Self::of_kind(cause.kind, endpoint, &words)
            }
            None => Self::of_kind(cause.kind, endpoint, &cause.words),
        }
    }

    /// The message of each kind of failure.
    fn of_kind(kind: Kind, endpoint: String, cause: &str) -> Self {
        let message = match kind {
            Kind::UnknownHost => format!("Cannot resolve the host of {endpoint}: {cause}."),
            Kind::Refused => {
                format!("{endpoint} refused the connection: no server is listening there.")
            }
            Kind::ConnectTimeout => {
                format!("{endpoint} does not answer: the connection timed out.")
            }
            Kind::ReadTimeout => format!("{endpoint} stopped answering: the request timed out."),
            Kind::UnknownAuthority
            | Kind::WrongName
            | Kind::Expired
            | Kind::Revoked
            | Kind::BadCertificate
            | Kind::Unverified => format!("The certificate of {endpoint} {cause}."),
            Kind::Tls => format!("TLS with {endpoint} failed: {cause}."),
            Kind::NotTls => format!("{endpoint} does not speak TLS (https)."),
            Kind::NotHttp => format!("{endpoint} does not speak plain HTTP; it may expect TLS."),
            Kind::Broken => format!("The connection to {endpoint} broke: {cause}."),
            Kind::InvalidUri => "The URI cannot be requested.".to_owned(),
            Kind::NoSocket => format!(
                "No socket is left to connect to {endpoint}: {cause}. Close connections or files, or raise the limit on \
                 open files (ulimit -n)."
            ),
            Kind::Proxy | Kind::Store | Kind::Identity | Kind::Other => {
                format!("The request to {endpoint} failed: {cause}.")
            }
        };
        Self {
            kind,
            endpoint,
            message,
        }
    }
}

/// Host and port of a URI, without anything that may be secret.
pub(crate) fn endpoint_of(uri: &url::Url) -> String {
    // A final dot says that the name is whole; it is the same host.
    let host = uri.host_str().unwrap_or_default().trim_end_matches('.');
    match uri.port_or_known_default() {
        Some(port) => format!("{host}:{port}"),
        None => host.to_owned(),
    }
}

/// Scheme, host and port of a URI, the same for each spelling of the host.
pub(crate) fn origin_of(uri: &url::Url) -> url::Origin {
    match uri.origin() {
        url::Origin::Tuple(scheme, url::Host::Domain(name), port) => {
            let name = name.trim_end_matches('.').to_owned();
            url::Origin::Tuple(scheme, url::Host::Domain(name), port)
        }
        other => other,
    }
}

/// Whether a failure may concern the proxy rather than the server behind it.
fn is_about_the_way(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::UnknownHost | Kind::Refused | Kind::ConnectTimeout | Kind::Broken | Kind::Other
    )
}

/// The cause of a failure between this computer and the proxy.
fn in_a_proxys_words(kind: Kind, cause: &str, keyword: &str) -> String {
    match kind {
        Kind::UnknownHost => "its host name cannot be resolved".to_owned(),
        Kind::Refused => "no server is listening there".to_owned(),
        Kind::ConnectTimeout => "it does not answer in time".to_owned(),
        // hyper distinguishes these only by their texts.
        _ if cause.contains("auth") || cause.contains("credential") => other_credentials(keyword),
        _ if cause.contains("tunnel error: unsuccessful") => "it refuses".to_owned(),
        _ => cause.to_owned(),
    }
}

/// The cause if a proxy does not accept the credentials.
fn other_credentials(keyword: &str) -> String {
    format!("it requires valid credentials in {keyword}User and {keyword}Password")
}

/// The kind of an error, the innermost cause in words, and what to do about it where that is known.
struct Cause {
    kind: Kind,
    words: String,
    remedy: Option<&'static str>,
}

impl Cause {
    fn new(kind: Kind, words: impl Into<String>) -> Self {
        Self {
            kind,
            words: words.into(),
            remedy: None,
        }
    }
}

/// The remedy for a cause, at a host of that domain.
fn remedy(cause: &Cause, domain: Domain) -> Option<String> {
    match cause.kind {
        Kind::UnknownAuthority => {
            let keyword = domain.store_keyword();
            Some(format!("set {keyword} to the authority's certificate"))
        }
        Kind::Unverified => {
            let keyword = domain.store_keyword();
            Some(format!(
                "let this computer reach the servers of the authority that the certificate names, or set {keyword} to \
                 the authority's certificate, which is then verified without them"
            ))
        }
        Kind::WrongName if domain == Domain::Coordinator => Some(
            "connect to a host that it names, or name one in SSLHostNameInCertificate".to_owned(),
        ),
        _ => cause.remedy.map(str::to_owned),
    }
}

/// The innermost known cause of a failed request, or else its kind by the outermost error.
fn classify(error: &reqwest::Error) -> Cause {
    let mut words = String::new();
    let mut source = error.source();
    while let Some(inner) = source {
        if let Some(found) = of_source(inner) {
            return found;
        }
        words = inner.to_string();
        source = inner.source();
    }
    // The outermost text would name the URI; the causes do not.
    let kind = match error {
        error if error.is_builder() => Kind::InvalidUri,
        // A resolver without a socket only says that the name is not known.
        error if error.is_dns() && !has_sockets() => Kind::NoSocket,
        error if error.is_timeout() && error.is_connect() => Kind::ConnectTimeout,
        error if error.is_timeout() => Kind::ReadTimeout,
        error if error.is_dns() => Kind::UnknownHost,
        error if error.is_connect() => Kind::Other,
        error if error.is_request() || error.is_body() || error.is_decode() => Kind::Broken,
        _ => Kind::Other,
    };
    Cause::new(kind, words.trim_end_matches('.'))
}

/// The cause in one error of the chain, if it is known.
fn of_source(source: &(dyn std::error::Error + 'static)) -> Option<Cause> {
    if let Some(tls) = source.downcast_ref::<rustls::Error>() {
        return Some(of_tls(tls));
    }
    if source.is::<rustls::pki_types::InvalidDnsNameError>() {
        return Some(Cause::new(Kind::Tls, NO_TLS_NAME));
    }
    if let Some(io) = source.downcast_ref::<io::Error>() {
        // An io error has its cause not as its source but inside, where another io error may be.
        if let Some(found) = io.get_ref().and_then(|inner| of_source(inner)) {
            return Some(found);
        }
        let kind = match io.kind() {
            _ if is_exhausted(io) => Kind::NoSocket,
            io::ErrorKind::ConnectionRefused => Kind::Refused,
            io::ErrorKind::ConnectionReset
            | io::ErrorKind::ConnectionAborted
            | io::ErrorKind::BrokenPipe
            | io::ErrorKind::UnexpectedEof => Kind::Broken,
            _ => return None,
        };
        return Some(Cause::new(kind, io.to_string().trim_end_matches('.')));
    }
    // hyper identifies an answer that is not HTTP only by its text.
    let text = source.to_string();
    (text.contains("invalid HTTP") || text.contains("HTTP/0.9"))
        .then(|| Cause::new(Kind::NotHttp, text))
}

/// Whether the process may open no more sockets, or the system has none.
fn is_exhausted(error: &io::Error) -> bool {
    #[cfg(unix)]
    let codes = [libc::EMFILE, libc::ENFILE, libc::ENOBUFS];
    // ERROR_TOO_MANY_OPEN_FILES, WSAEMFILE, WSAENOBUFS.
    #[cfg(windows)]
    let codes = [4, 10_024, 10_055];
    error
        .raw_os_error()
        .is_some_and(|code| codes.contains(&code))
}

/// Whether this process can have one more socket.
fn has_sockets() -> bool {
    let one = std::net::UdpSocket::bind((std::net::Ipv4Addr::LOCALHOST, 0));
    !one.is_err_and(|error| is_exhausted(&error))
}

/// The meaning of an alert by which the server ended the handshake.
fn of_alert(alert: AlertDescription) -> String {
    match alert {
        AlertDescription::CertificateRequired => {
            "the server requires a client certificate (SSLClientCertificate)".to_owned()
        }
        AlertDescription::UnknownCA
        | AlertDescription::BadCertificate
        | AlertDescription::CertificateUnknown => {
            "the server does not accept the certificate in SSLClientCertificate".to_owned()
        }
        AlertDescription::CertificateExpired => {
            "the certificate in SSLClientCertificate has expired".to_owned()
        }
        AlertDescription::CertificateRevoked => {
            "the certificate in SSLClientCertificate is revoked".to_owned()
        }
        AlertDescription::ProtocolVersion => {
            "the server supports only other versions of TLS (SSLMinVersion)".to_owned()
        }
        AlertDescription::HandshakeFailure | AlertDescription::InsufficientSecurity => {
            "the server and this driver have no cipher or no kind of certificate in common"
                .to_owned()
        }
        AlertDescription::UnrecognisedName => "the server knows no host of that name".to_owned(),
        AlertDescription::AccessDenied => "the server does not let this computer in".to_owned(),
        AlertDescription::InternalError => "the server reports an internal error".to_owned(),
        other => format!(
            "the server ended the handshake ({})",
            other.as_str().unwrap_or("unknown")
        ),
    }
}

/// The cause of a failed handshake.
fn of_tls(error: &rustls::Error) -> Cause {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(inner))) => {
            match inner.downcast_ref::<Rejection>() {
                Some(rejection) => Cause {
                    kind: rejection.kind,
                    words: rejection.what.clone(),
                    remedy: rejection.remedy,
                },
                None => Cause::new(Kind::BadCertificate, UNUSABLE),
            }
        }
        rustls::Error::InvalidCertificate(_) => Cause::new(Kind::BadCertificate, UNUSABLE),
        rustls::Error::AlertReceived(alert) => Cause::new(Kind::Tls, of_alert(*alert)),
        rustls::Error::InvalidMessage(_) => Cause::new(Kind::NotTls, ""),
        rustls::Error::PeerIncompatible(_) => Cause::new(
            Kind::Tls,
            "the server and this driver have no version or cipher of TLS in common",
        ),
        rustls::Error::NoCertificatesPresented => {
            Cause::new(Kind::Tls, "the server shows no certificate")
        }
        rustls::Error::DecryptError => {
            Cause::new(Kind::Tls, "what the server sends was changed on the way")
        }
        _ => Cause::new(Kind::Tls, "the server does not keep to the rules of TLS"),
    }
}

const UNUSABLE: &str = "cannot be used: it does not keep to the rules for certificates";

/// A host name that URIs take and TLS does not.
const NO_TLS_NAME: &str = "no part of a host name may begin or end with '-', or have more than 63 characters. Use \
    another name of the server or its address, and SSLHostNameInCertificate where its certificate is for another name";
