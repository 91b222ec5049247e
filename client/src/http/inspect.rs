//! A look at a server before any request: its addresses, and from the TLS handshake its
//! certificates.
//!
//! For diagnosis: the handshake succeeds whatever the certificates are, and the verdict of the trust
//! is reported beside it. Nothing is sent over a connection that is made here.

use std::io;
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::ClientConnection;
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};

use super::certificate::Certificate;
use super::identity::Absent;
use super::tls::{self, TrustedBy, Verifier};
use super::{Domain, Error};
use crate::options::{Trust, Verification};

/// Where a server was reached.
#[derive(Debug)]
pub struct Address {
    /// The address and port.
    pub address: SocketAddr,
    /// How long it took.
    pub time: Duration,
    stream: TcpStream,
}

/// A TLS handshake.
#[derive(Debug)]
pub struct Handshake {
    /// Such as `TLSv1.3`.
    pub version: String,
    /// How long it took.
    pub time: Duration,
    /// The server's own certificate first.
    pub chain: Vec<Certificate>,
    /// Who makes the chain trusted, or why it is not.
    pub trusted: Result<TrustedBy, Error>,
}

/// Connects to the first address of `host` that answers. Blocks for `limit` an address.
pub fn connect(host: &str, port: u16, limit: Duration) -> Result<Address, Error> {
    let endpoint = format!("{host}:{port}");
    let addresses = (ascii(host).as_str(), port).to_socket_addrs();
    let addresses =
        addresses.map_err(|error| Error::unknown_host(endpoint.clone(), &error.to_string()))?;
    let mut last = None;
    for address in addresses {
        let started = Instant::now();
        match TcpStream::connect_timeout(&address, limit) {
            Ok(stream) => {
                return Ok(Address {
                    address,
                    time: started.elapsed(),
                    stream,
                });
            }
            Err(error) => last = Some(Error::of_io(endpoint.clone(), &error)),
        }
    }
    Err(last.unwrap_or_else(|| Error::unknown_host(endpoint, "it has no address")))
}

/// Greets the server at `address` over TLS, whatever its certificates are. Blocks for about
/// `limit`.
pub fn handshake(
    address: Address,
    host: &str,
    trust: &Trust,
    domain: Domain,
    limit: Duration,
) -> Result<Handshake, Error> {
    let endpoint = format!("{host}:{}", address.address.port());
    let started = Instant::now();
    let name = server_name(host, &endpoint)?;
    let unchecked = Trust {
        verification: Verification::None,
        ..trust.clone()
    };
    let configuration = tls::configuration(&unchecked, domain, Arc::new(Absent::default()))?;
    let mut connection = ClientConnection::new(Arc::new(configuration), name.clone())
        .map_err(|error| Error::trust(&error.to_string()))?;
    let mut stream = address.stream;
    let failed = |error: &io::Error| match error.kind() {
        // A server that does not speak TLS may wait for the rest of what it takes for a request.
        io::ErrorKind::WouldBlock => {
            Error::of_io(endpoint.clone(), &io::Error::from(io::ErrorKind::TimedOut))
        }
        _ => Error::of_io(endpoint.clone(), error),
    };
    let timed = stream
        .set_read_timeout(Some(limit))
        .and_then(|()| stream.set_write_timeout(Some(limit)));
    timed.map_err(|error| failed(&error))?;
    while connection.is_handshaking() {
        connection
            .complete_io(&mut stream)
            .map_err(|error| failed(&error))?;
    }
    let chain = connection.peer_certificates().unwrap_or_default();
    Ok(Handshake {
        version: connection
            .protocol_version()
            .and_then(|version| version.as_str())
            .unwrap_or("TLS")
            .replace('_', "."),
        time: started.elapsed(),
        trusted: trusted_by(trust, domain, chain, &name, &endpoint),
        chain: chain.iter().map(Certificate::read).collect(),
    })
}

/// The host as name servers know it, without brackets.
fn ascii(host: &str) -> String {
    let ascii = url::Host::parse(host).map_or_else(|_| host.to_owned(), |host| host.to_string());
    ascii
        .trim_start_matches('[')
        .trim_end_matches(']')
        .to_owned()
}

/// The host as TLS names it.
fn server_name(host: &str, endpoint: &str) -> Result<ServerName<'static>, Error> {
    ServerName::try_from(ascii(host)).map_err(|_| Error::no_tls_name(endpoint))
}

/// By which store the chain is trusted under that trust.
fn trusted_by(
    trust: &Trust,
    domain: Domain,
    chain: &[CertificateDer<'static>],
    name: &ServerName<'_>,
    endpoint: &str,
) -> Result<TrustedBy, Error> {
    if trust.verification == Verification::None {
        return Ok(TrustedBy::Unchecked);
    }
    let Some((leaf, authorities)) = chain.split_first() else {
        return Err(Error::trust("the server shows no certificate"));
    };
    Verifier::new(trust, domain)?
        .judge(leaf, authorities, name, &[], UnixTime::now())
        .map_err(|rejection| Error::rejected(endpoint.to_owned(), &rejection))
}

#[cfg(test)]
mod tests {
    use super::server_name;

    #[test]
    fn a_host_is_named_as_tls_does() {
        for (host, name) in [
            ("tr\u{fc}no.example", "xn--trno-1ra.example"),
            ("[::1]", "::1"),
            ("10.0.0.1", "10.0.0.1"),
        ] {
            assert_eq!(server_name(host, "e:1").unwrap().to_str(), name);
        }
        for host in ["tr-.example", "-tr.example"] {
            let error = server_name(host, "e:443").unwrap_err().to_string();
            assert!(error.contains("e:443") && error.contains("'-'"), "{error}");
        }
    }
}
