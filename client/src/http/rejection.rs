//! Why a server's certificate is rejected: the fault and the remedy.

mod by_system;

use rustls::pki_types::{CertificateDer, SignatureVerificationAlgorithm, UnixTime};
use webpki::Error;

use super::Kind;
use super::certificate::{self, Facts};

/// A certificate that is rejected. Its text continues "The certificate of host".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{what}")]
pub(super) struct Rejection {
    pub(super) kind: Kind,
    pub(super) what: String,
    /// The remedy; absent if it depends on the domain.
    pub(super) remedy: Option<&'static str>,
}

/// The certificates of a handshake: the server's own, and those of authorities.
#[derive(Clone, Copy)]
pub(super) struct Chain<'a> {
    pub(super) leaf: &'a CertificateDer<'a>,
    pub(super) authorities: &'a [CertificateDer<'a>],
    /// The authorities that the person named.
    pub(super) trusted: &'a [CertificateDer<'static>],
}

impl Chain<'_> {
    /// Those that can be read, the server's own first.
    fn facts(self) -> impl Iterator<Item = (Whose, Facts)> {
        let own = Facts::of(self.leaf).map(|facts| (Whose::Servers, facts));
        let others = self.authorities.iter().filter_map(|der| Facts::of(der));
        let others = others.map(|facts| (Whose::Authoritys(facts.subject()), facts));
        own.into_iter().chain(others)
    }

    /// The first certificate of the chain that has a property, and whose it is.
    fn find(self, is_it: impl Fn(&Facts) -> bool) -> Option<(Whose, Facts)> {
        self.facts().find(|(_, facts)| is_it(facts))
    }
}

/// Whose certificate is odd.
#[derive(Debug, PartialEq, Eq)]
enum Whose {
    Servers,
    Authoritys(String),
}

impl std::fmt::Display for Whose {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Servers => f.write_str("it"),
            Self::Authoritys(name) => write!(f, "the certificate of its authority {name:?}"),
        }
    }
}

impl Rejection {
    /// The rejection of a chain for which webpki reports `error`.
    pub(super) fn of(error: &Error, chain: Chain<'_>) -> Self {
        match error {
            Error::UnknownIssuer => Self::unknown_issuer(chain),
            Error::CertExpired { not_after, .. } => Self::expired(chain, Some(*not_after)),
            Error::CertNotValidYet { not_before, .. } => Self::not_yet(chain, Some(*not_before)),
            Error::InvalidCertValidity => Self::unusable(
                "it ends before it begins to be valid",
                "have it issued again",
            ),
            Error::CertNotValidForName(_) => Self::wrong_name(chain),
            Error::CertRevoked => {
                Self::revoked("its authority, or that authority's own, has revoked it")
            }
            Error::UnsupportedCertVersion => Self::version(chain),
            Error::UnsupportedCriticalExtension => Self::extension(chain),
            Error::RequiredEkuNotFoundContext(_) | Error::EmptyEkuExtension => Self::purpose(chain),
            Error::UnsupportedSignatureAlgorithmContext(context) => {
                Self::signature(chain, &context.signature_algorithm_id)
            }
            Error::UnsupportedSignatureAlgorithmForPublicKeyContext(context) => {
                let key = certificate::key_kind_of(&context.public_key_algorithm_id);
                Self::authoritys_key(chain, &context.signature_algorithm_id, key)
            }
            Error::InvalidSignatureForPublicKey => Self::not_signed(chain),
            Error::SignatureAlgorithmMismatch => Self::unusable(
                "it names two algorithms for its one signature",
                "have it issued again",
            ),
            // As openssl req -x509 makes them.
            Error::CaUsedAsEndEntity
                if Facts::of(chain.leaf).is_some_and(|leaf| leaf.is_signed_by(&leaf)) =>
            {
                Self::unknown_issuer(chain)
            }
            Error::CaUsedAsEndEntity => Self::unusable(
                "it is an authority's certificate (CA:TRUE), not a server's",
                "have one issued for the server, or trust this very one by naming it as a trust store",
            ),
            Error::EndEntityUsedAsCa => Self::no_authority(chain),
            Error::NameConstraintViolation => Self::constrained(chain),
            Error::PathLenConstraintViolated => Self::unusable(
                "there are more authorities between than one of them allows (path length)",
                "have it issued by another authority",
            ),
            Error::MaximumPathDepthExceeded
            | Error::MaximumPathBuildCallsExceeded
            | Error::MaximumSignatureChecksExceeded
            | Error::MaximumNameConstraintComparisonsExceeded => Self::unusable(
                "the server sends too many certificates of authorities with it",
                "have only those sent that lead to the root",
            ),
            Error::IssuerNotCrlSigner => Self::unusable(
                "its authority may not sign lists of revoked certificates (key usage cRLSign)",
                "have the authority's certificate or the list issued again",
            ),
            Error::InvalidCrlSignatureForPublicKey
            | Error::UnsupportedCrlSignatureAlgorithmContext(_)
            | Error::UnsupportedCrlSignatureAlgorithmForPublicKeyContext(_) => Self::unusable(
                "the list of revoked certificates of its authority is not signed by that authority, or in a way that \
                 cannot be checked",
                "have the list issued again",
            ),
            Error::MalformedNameConstraint
            | Error::InvalidNetworkMaskConstraint
            | Error::UnsupportedNameType => Self::unusable(
                "the names that its authority may sign for (name constraints) cannot be read",
                "have the authority's certificate issued again",
            ),
            Error::MalformedDnsIdentifier => Self::damaged_names(),
            // The remaining errors concern the encoding of the certificate.
            _ => match chain.find(|facts| facts.names().is_none()) {
                Some((Whose::Servers, _)) => Self::damaged_names(),
                _ => Self::unusable(
                    "it, or one of its authorities' certificates, is damaged",
                    "have it issued again",
                ),
            },
        }
    }

    /// The rejection of the server's own key if none of these algorithms can check its signatures.
    pub(super) fn of_key(
        leaf: &CertificateDer<'_>,
        algorithms: &[&dyn SignatureVerificationAlgorithm],
    ) -> Option<Self> {
        let leaf = Facts::of(leaf)?;
        let identifier = leaf.key_identifier()?;
        let is_known = algorithms
            .iter()
            .any(|algorithm| *algorithm.public_key_alg_id() == *identifier);
        let has_odd_size = leaf
            .rsa_bits()
            .is_some_and(|bits| !RSA_BITS.contains(&bits));
        (!is_known || has_odd_size).then(|| {
            let key = leaf.key();
            Self::unusable(
                &format!("its key is {key}, which is not accepted"),
                ANOTHER_KEY,
            )
        })
    }

    /// A signature of the handshake that the certificate's key does not make good.
    pub(super) fn of_handshake(leaf: &CertificateDer<'_>) -> Self {
        let key = Facts::of(leaf).map_or_else(|| "unreadable".to_owned(), |leaf| leaf.key());
        Self::unusable(
            &format!(
                "the server does not prove that it has its key ({key}), or in a way that cannot be checked"
            ),
            "have the server's key and certificate replaced",
        )
    }

    /// The same, with what else stands in the way of finding its authority.
    pub(super) fn with_damaged(mut self, damaged: &[String]) -> Self {
        if self.kind == Kind::UnknownAuthority && !damaged.is_empty() {
            self.what.push_str(&format!(" ({})", damaged.join(", ")));
        }
        self
    }

    /// No trusted authority signed the chain.
    fn unknown_issuer(chain: Chain<'_>) -> Self {
        let mut facts = chain.facts().map(|(_, facts)| facts);
        let what = match facts.next() {
            None => "is signed by an unknown authority".to_owned(),
            Some(leaf) if leaf.is_signed_by(&leaf) => {
                "is self-signed, and so signed by an unknown authority".to_owned()
            }
            Some(leaf) => {
                let others: Vec<_> = facts.collect();
                let mut last = &leaf;
                // Two authorities may have signed one another.
                for _ in 0..others.len() {
                    match others.iter().find(|other| last.is_signed_by(other)) {
                        Some(next) if !last.is_signed_by(last) => last = next,
                        _ => break,
                    }
                }
                format!("is signed by an unknown authority, {:?}", last.issuer())
            }
        };
        Self {
            kind: Kind::UnknownAuthority,
            what,
            remedy: None,
        }
    }

    /// A certificate of the chain is past its validity.
    fn expired(chain: Chain<'_>, end: Option<UnixTime>) -> Self {
        let ends_then = |facts: &Facts| Some(facts.valid_until().time()) == end;
        let what = match chain.find(ends_then) {
            Some((whose, facts)) => format!("{whose} expired on {}", facts.valid_until()),
            None => "it has expired".to_owned(),
        };
        Self::out_of_time(&what)
    }

    /// A certificate of the chain is before its validity.
    fn not_yet(chain: Chain<'_>, begin: Option<UnixTime>) -> Self {
        let begins_then = |facts: &Facts| Some(facts.valid_from().time()) == begin;
        let what = match chain.find(begins_then) {
            Some((whose, facts)) => format!("{whose} is not valid before {}", facts.valid_from()),
            None => "it is not valid yet".to_owned(),
        };
        Self::out_of_time(&what)
    }

    /// A certificate outside of its validity.
    fn out_of_time(what: &str) -> Self {
        Self {
            kind: Kind::Expired,
            what: format!("is not valid now: {what}"),
            remedy: Some("have it renewed, unless this computer's clock is wrong"),
        }
    }

    /// A certificate that its authority has revoked.
    pub(super) fn revoked(what: &str) -> Self {
        Self {
            kind: Kind::Revoked,
            what: format!("is not valid: {what}"),
            remedy: Some("have it replaced"),
        }
    }

    /// The certificate has other host names.
    fn wrong_name(chain: Chain<'_>) -> Self {
        let leaf = Facts::of(chain.leaf);
        let names = leaf.as_ref().and_then(Facts::names).unwrap_or_default();
        let what = match names.len() {
            0 => match leaf {
                Some(leaf) => format!(
                    "it names no host as a subject alternative name, and its common name, {:?}, does not count",
                    leaf.subject()
                ),
                None => "it names no host".to_owned(),
            },
            count => {
                let mut shown = names
                    .iter()
                    .take(MOST_NAMES)
                    .cloned()
                    .collect::<Vec<_>>()
                    .join(", ");
                if count > MOST_NAMES {
                    shown.push_str(&format!(" and {} more", count - MOST_NAMES));
                }
                format!("it names {}", certificate::in_bounds(&shown))
            }
        };
        Self {
            kind: Kind::WrongName,
            what: format!("is for another host: {what}"),
            remedy: None,
        }
    }

    /// A certificate whose host names cannot be read.
    fn damaged_names() -> Self {
        Self::unusable(
            "the list of hosts that it is for (subject alternative names) is damaged",
            "have it issued again",
        )
    }

    /// A certificate of a version other than 3.
    fn version(chain: Chain<'_>) -> Self {
        let (whose, version) = match chain.find(|facts| facts.version() != 3) {
            Some((whose, facts)) => (whose, facts.version()),
            // A version that does not exist is not read either.
            None => {
                return Self::unusable(
                    "its version does not exist",
                    "have one of version 3 issued",
                );
            }
        };
        Self::unusable(
            &format!("{whose} is of version {version}"),
            "have one of version 3 issued",
        )
    }

    /// A certificate with a critical extension that is not supported.
    fn extension(chain: Chain<'_>) -> Self {
        let Some((whose, facts)) = chain.find(|facts| !facts.odd_extensions().is_empty()) else {
            return Self::unusable(
                "it has a critical extension that is not known",
                "have it issued without",
            );
        };
        let extensions = facts.odd_extensions().join(", ");
        Self::unusable(
            &format!("{whose} has the critical extension {extensions}, which is not known"),
            "have it issued without, or as one that is not critical",
        )
    }

    /// A certificate that is not for servers.
    fn purpose(chain: Chain<'_>) -> Self {
        let found = chain.find(|facts| !facts.is_for_servers());
        let Some((whose, purposes)) =
            found.and_then(|(whose, facts)| Some((whose, facts.purposes()?)))
        else {
            return Self::unusable(
                "it is not for servers (extended key usage)",
                "have one issued with serverAuth",
            );
        };
        let purposes = match purposes.as_slice() {
            [] => "nothing".to_owned(),
            purposes => purposes.join(", "),
        };
        Self::unusable(
            &format!("{whose} is for {purposes} only (extended key usage), and not for servers"),
            "have one issued with serverAuth",
        )
    }

    /// A certificate whose signature algorithm is not supported.
    fn signature(chain: Chain<'_>, identifier: &[u8]) -> Self {
        let what = match chain.find(|facts| facts.is_signed_with(identifier)) {
            Some((whose, facts)) => format!("{whose} is signed with {}", facts.signature()),
            None => "it is signed with an algorithm".to_owned(),
        };
        Self::unusable(
            &format!("{what}, which is not accepted"),
            "have it signed with SHA-256 and RSA or ECDSA",
        )
    }

    /// A signature by a key of the authority that is not supported.
    fn authoritys_key(chain: Chain<'_>, signed_with: &[u8], key: Option<String>) -> Self {
        let what = match (chain.find(|facts| facts.is_signed_with(signed_with)), key) {
            (Some((whose, facts)), Some(key)) => format!(
                "{whose} is signed with {} by a key of the kind {key}, which is not accepted",
                facts.signature()
            ),
            _ => "it is signed by a key of a kind that is not accepted".to_owned(),
        };
        Self::unusable(&what, ANOTHER_AUTHORITY)
    }

    /// A signature that does not match the authority's key.
    fn not_signed(chain: Chain<'_>) -> Self {
        // Keys of RSA that are too short or too long verify nothing.
        let authorities = chain.authorities.iter().chain(chain.trusted);
        let odd = authorities
            .filter_map(|der| Facts::of(der))
            .find(|authority| {
                authority
                    .rsa_bits()
                    .is_some_and(|bits| !RSA_BITS.contains(&bits))
                    && chain
                        .facts()
                        .any(|(_, facts)| facts.is_signed_by(authority))
            });
        if let Some(authority) = odd {
            let (name, key) = (authority.subject(), authority.key());
            let what = format!("the key of its authority {name:?} is {key}");
            return Self::unusable(&what, ANOTHER_AUTHORITY);
        }
        Self::unusable(
            "its signature is not that of its authority: it is damaged, or another authority has the same name",
            "have it issued again",
        )
    }

    /// A certificate that was signed by one that is not an authority.
    fn no_authority(chain: Chain<'_>) -> Self {
        let signer = Facts::of(chain.leaf).map(|leaf| leaf.issuer());
        let found = chain
            .facts()
            .skip(1)
            .find(|(_, facts)| !facts.is_authority());
        let name = found.map(|(_, facts)| facts.subject()).or(signer);
        Self::unusable(
            &format!(
                "it is signed by {:?}, which is not an authority (its certificate lacks CA:TRUE)",
                name.unwrap_or_default()
            ),
            "have it issued by an authority",
        )
    }

    /// An authority that may not sign for these names.
    fn constrained(chain: Chain<'_>) -> Self {
        let names = Facts::of(chain.leaf).and_then(|leaf| leaf.names());
        let names = match names.unwrap_or_default() {
            names if names.is_empty() => "its names".to_owned(),
            names => certificate::in_bounds(&names.join(", ")),
        };
        Self::unusable(
            &format!("one of its authorities may not sign for {names} (name constraints)"),
            "have it issued by another authority, or for other names",
        )
    }

    /// A certificate that is damaged or violates a rule.
    fn unusable(what: &str, remedy: &'static str) -> Self {
        Self {
            kind: Kind::BadCertificate,
            what: format!("cannot be used: {what}"),
            remedy: Some(remedy),
        }
    }
}

/// Sizes of keys of RSA that are accepted.
const RSA_BITS: std::ops::RangeInclusive<usize> = 2048..=8192;
/// The remedy for a key that is not supported.
const ANOTHER_KEY: &str = "have one issued for a key of RSA with 2048 to 8192 bits, P-256 or P-384";
/// The remedy for an authority's key that is not supported.
const ANOTHER_AUTHORITY: &str = "have it issued by an authority with another key";

/// Names of a certificate that a message shows.
const MOST_NAMES: usize = 10;
