//! The advice for each kind of failure.
//!
//! Which retrieval mode to ask an administrator for follows from the network: where clients reach
//! storage, STORAGE is fastest; where they do not, COORDINATOR_PROXY needs nothing of them, and
//! WORKER_PROXY spreads the load where they reach the workers.
//! <https://trino.io/docs/current/admin/properties-client-protocol.html>

use trino_client::http::{Certificate, Error, Handshake, Kind};
use trino_client::spool::{Retrieval, Role};

/// The issuer of a server's certificate, by the end of the chain that it presents.
pub fn signer(handshake: &Handshake) -> String {
    let last = handshake.chain.last();
    last.map_or_else(
        || "nobody".to_owned(),
        |last| format!("{:?}", common_name(&last.issuer)),
    )
}

/// The common name in a distinguished name, or all of it.
pub fn common_name(name: &str) -> &str {
    let part = name
        .split(',')
        .find_map(|part| part.trim().strip_prefix("CN="));
    part.unwrap_or(name)
}

/// The advice for a coordinator that cannot be connected to.
pub fn coordinator(error: &Error, tls: bool, handshake: Option<&Handshake>) -> String {
    let endpoint = error.endpoint();
    match error.kind() {
        Kind::UnknownHost => format!(
            "The host name of {endpoint} does not resolve: correct Host, or connect to the network (VPN) that knows it."
        ),
        Kind::Refused => format!(
            "Nothing listens at {endpoint}: correct Port (Trino's own are 8080 without TLS and 8443 or 443 with it), or \
             start the server."
        ),
        Kind::ConnectTimeout => format!(
            "{endpoint} does not answer: a firewall may block it, or Host or Port is wrong; if there is a proxy, set HTTPProxy."
        ),
        Kind::NotTls => format!(
            "{endpoint} does not use TLS: set SSL=false, or Port to the coordinator's https port."
        ),
        Kind::NotHttp => set_tls(&endpoint),
        Kind::UnknownAuthority => {
            let signer = handshake.map_or_else(|| "an authority".to_owned(), signer);
            format!(
                "The coordinator {endpoint} is signed by {signer}, which neither the system nor SSLTrustStore trusts: \
                 set SSLTrustStore to that authority's certificate."
            )
        }
        Kind::WrongName => format!(
            "The certificate of {endpoint} is for {}: set Host to one of these, or SSLVerification=CA if another name \
             is right.",
            names(handshake)
        ),
        Kind::Expired => renew_certificate(&endpoint, handshake),
        Kind::Proxy => format!("{error} Correct HTTPProxy, HTTPProxyUser and HTTPProxyPassword."),
        Kind::Revoked | Kind::BadCertificate => {
            format!("{error} Replace the server's certificate.")
        }
        Kind::Store | Kind::Identity | Kind::Unverified => error.to_string(),
        Kind::Broken | Kind::ReadTimeout if !tls => {
            format!(
                "{endpoint} does not answer to plain http: it may expect TLS (SSL=true), or not be Trino."
            )
        }
        _ => format!("{error} Correct Host and Port, or ask the administrator of the server."),
    }
}

/// The advice for a host of segments that cannot be connected to.
pub fn segments(
    error: &Error,
    role: Role,
    retrieval: Retrieval,
    handshake: Option<&Handshake>,
) -> String {
    let who = format!("{} {}", role.name(), error.endpoint());
    if role == Role::Worker {
        return match error.kind() {
            Kind::UnknownAuthority => format!(
                "The {who} is signed by {}, which neither the system nor SSLTrustStore trusts: set SSLTrustStore to \
                 that authority's certificate.",
                handshake.map_or_else(|| "an authority".to_owned(), signer)
            ),
            _ => format!(
                "The {who} cannot be reached from here: {error} Workers often are unreachable in Kubernetes: ask your \
                 administrator for protocol.spooling.retrieval-mode=COORDINATOR_PROXY."
            ),
        };
    }
    match error.kind() {
        Kind::UnknownAuthority => format!(
            "The {who} is signed by {}, which neither the system nor StorageTrustStore trusts: set StorageTrustStore to \
             that authority's certificate, or ask your administrator for COORDINATOR_PROXY.",
            handshake.map_or_else(|| "an authority".to_owned(), signer)
        ),
        Kind::WrongName => format!(
            "The certificate of {who} is for {}: correct the storage's certificate or address, or ask your \
             administrator for COORDINATOR_PROXY.",
            names(handshake)
        ),
        Kind::Expired => renew_certificate(&who, handshake),
        Kind::Proxy => format!(
            "{error} Correct StorageProxy, or exclude the storage with StorageProxyExclusions."
        ),
        Kind::UnknownHost | Kind::Refused | Kind::ConnectTimeout => format!(
            "This computer cannot reach the {who} ({}): open the firewall or set StorageProxy, or ask your \
             administrator for COORDINATOR_PROXY{}.",
            in_short(error.kind()),
            match retrieval {
                Retrieval::Storage | Retrieval::CoordinatorStorageRedirect =>
                    ", or WORKER_PROXY where workers can be reached",
                _ => "",
            }
        ),
        _ => format!(
            "{error} Ask your administrator for COORDINATOR_PROXY if the storage cannot be corrected."
        ),
    }
}

fn in_short(kind: Kind) -> &'static str {
    match kind {
        Kind::UnknownHost => "its name does not resolve",
        Kind::Refused => "it refuses the connection",
        _ => "it does not answer",
    }
}

fn names(handshake: Option<&Handshake>) -> String {
    let leaf = handshake.and_then(|handshake| handshake.chain.first());
    match leaf.map(|leaf| leaf.names.join(", ")) {
        Some(names) if !names.is_empty() => names,
        _ => "no host".to_owned(),
    }
}

/// For a server that expects TLS.
pub fn set_tls(endpoint: &impl std::fmt::Display) -> String {
    format!("{endpoint} expects TLS: set SSL=true.")
}

fn renew_certificate(server: &impl std::fmt::Display, handshake: Option<&Handshake>) -> String {
    format!(
        "The certificate of {server} is not valid now{}: renew it, unless this computer's clock is wrong.",
        period(handshake)
    )
}

fn period(handshake: Option<&Handshake>) -> String {
    let leaf: Option<&Certificate> = handshake.and_then(|handshake| handshake.chain.first());
    leaf.map_or_else(String::new, |leaf| {
        format!(
            " (it is valid from {} to {})",
            leaf.valid_from, leaf.valid_until
        )
    })
}

/// A remark about a mode that works.
pub fn mode(retrieval: Retrieval) -> Option<&'static str> {
    match retrieval {
        Retrieval::Storage | Retrieval::CoordinatorStorageRedirect => None,
        Retrieval::CoordinatorProxy => Some(
            "Segments come through the coordinator: if this computer can reach the storage, STORAGE is faster; if it can \
             reach the workers, WORKER_PROXY spreads the load.",
        ),
        Retrieval::WorkerProxy => Some(
            "Segments come through the workers: if this computer can reach the storage, STORAGE is faster.",
        ),
    }
}
