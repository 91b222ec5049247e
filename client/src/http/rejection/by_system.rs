//! Rejections by the operating system, which uses its own codes and words.
//!
//! The verifier of Windows reports most faults as text that ends in an error code. Known codes are
//! stated in the driver's words; for others the message has the words of the system.

use rustls::{CertificateError, OtherError};

use super::{Chain, Facts, Kind, Rejection, certificate};

/// The meaning of an error code of Windows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fault {
    /// A certificate between this one and its authority is missing, or the authority is unknown.
    Chain,
    /// It is revoked.
    Revoked,
    /// Its revocation status is unknown.
    RevocationUnknown,
    /// It, or its authority, is on the list of certificates that this computer must not trust.
    Blocked,
    /// It is not for servers.
    Purpose,
    /// It was signed by a certificate that is not an authority's.
    NoAuthority,
}

impl Rejection {
    /// The rejection of a chain for which the system reports `error`.
    pub(in crate::http) fn of_system(error: &rustls::Error, chain: Chain<'_>) -> Self {
        let leaf = Facts::of(chain.leaf);
        let error = match error {
            rustls::Error::InvalidCertificate(error) => error,
            rustls::Error::General(words) if SAYS_WHY => {
                return Self::unverified(&format!(
                    "the system cannot judge it: {}",
                    certificate::in_bounds(words)
                ));
            }
            // The system trusts no authority.
            _ => return Self::unknown_issuer(chain),
        };
        match error {
            CertificateError::UnknownIssuer => Self::unknown_issuer(chain),
            CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                Self::expired(chain, leaf.map(|leaf| leaf.valid_until().time()))
            }
            CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                Self::not_yet(chain, leaf.map(|leaf| leaf.valid_from().time()))
            }
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                Self::wrong_name(chain)
            }
            CertificateError::Revoked => Self::revoked(BY_AUTHORITY),
            CertificateError::Other(OtherError(words)) => Self::of_words(&words.to_string(), chain),
            _ if leaf.is_some_and(|leaf| !leaf.is_for_servers()) => Self::purpose(chain),
            _ => Self {
                kind: Kind::BadCertificate,
                what: "is refused by the system".to_owned(),
                remedy: Some("have it replaced"),
            },
        }
    }

    /// The rejection of a chain that the system refuses with that text.
    fn of_words(words: &str, chain: Chain<'_>) -> Self {
        match number(words).and_then(fault) {
            Some(Fault::Chain) => Self::incomplete(chain),
            Some(Fault::Revoked) => Self::revoked(BY_AUTHORITY),
            Some(Fault::RevocationUnknown) => Self::unverified(REVOCATION_UNKNOWN),
            Some(Fault::Blocked) => Self {
                kind: Kind::Revoked,
                what: "is not valid: it, or its authority's, is on this computer's list of certificates that must not \
                       be trusted"
                    .to_owned(),
                remedy: Some("have it replaced"),
            },
            Some(Fault::Purpose) => Self::purpose(chain),
            Some(Fault::NoAuthority) => Self::no_authority(chain),
            None => Self {
                kind: Kind::BadCertificate,
                what: format!(
                    "is refused by the system: {}",
                    certificate::in_bounds(&in_hexadecimal(words))
                ),
                remedy: Some("have it replaced"),
            },
        }
    }

    /// The same if the issuer is not among the authorities that can be read from the system's store,
    /// which decides only if the system reports no other fault.
    pub(in crate::http) fn with_unknown_issuer(self, chain: Chain<'_>) -> Self {
        if self.kind != Kind::Unverified {
            return self;
        }
        let mut rejection = Self::unknown_issuer(chain);
        let also = if self.what.contains(REVOCATION_UNKNOWN) {
            REVOCATION_UNKNOWN
        } else {
            "the system cannot judge it"
        };
        rejection.what.push_str(&format!(", and {also}"));
        rejection
    }

    /// No chain to a trusted authority can be built of the certificates that were sent.
    fn incomplete(chain: Chain<'_>) -> Self {
        let mut rejection = Self::unknown_issuer(chain);
        let is_self_signed = Facts::of(chain.leaf).is_some_and(|leaf| leaf.is_signed_by(&leaf));
        if chain.authorities.is_empty() && !is_self_signed {
            rejection
                .what
                .push_str(", and the server sends no intermediate certificate");
        }
        rejection
    }

    /// The system reached no verdict.
    fn unverified(cause: &str) -> Self {
        Self {
            kind: Kind::Unverified,
            what: format!("cannot be verified: {cause}"),
            remedy: None,
        }
    }
}

/// The error code at the end of a text such as `… (os error -2146762486)`.
fn number(words: &str) -> Option<u32> {
    let (_, end) = words.rsplit_once("(os error ")?;
    let number: i32 = end.strip_suffix(')')?.parse().ok()?;
    Some(number.cast_unsigned())
}

/// The text with its error code in hexadecimal, as manuals have it.
fn in_hexadecimal(words: &str) -> String {
    match (number(words), words.rsplit_once(" (os error ")) {
        (Some(number), Some((words, _))) => format!("{words} (0x{number:08X})"),
        _ => words.to_owned(),
    }
}

/// The fault that an error code of Windows (winerror.h) stands for.
fn fault(number: u32) -> Option<Fault> {
    Some(match number {
        // CERT_E_UNTRUSTEDROOT, CERT_E_CHAINING, CERT_E_UNTRUSTEDCA, CERT_E_UNTRUSTEDTESTROOT.
        0x800B_0109 | 0x800B_010A | 0x800B_0112 | 0x800B_010D => Fault::Chain,
        // CERT_E_REVOKED, CRYPT_E_REVOKED.
        0x800B_010C | 0x8009_2010 => Fault::Revoked,
        // CERT_E_REVOCATION_FAILURE, and CRYPT_E_NO_REVOCATION_DLL, CRYPT_E_NO_REVOCATION_CHECK,
        // CRYPT_E_REVOCATION_OFFLINE, CRYPT_E_NOT_IN_REVOCATION_DATABASE.
        0x800B_010E | 0x8009_2011..=0x8009_2014 => Fault::RevocationUnknown,
        // TRUST_E_EXPLICIT_DISTRUST.
        0x800B_0111 => Fault::Blocked,
        // CERT_E_PURPOSE, CERT_E_WRONG_USAGE.
        0x800B_0106 | 0x800B_0110 => Fault::Purpose,
        // CERT_E_ROLE, TRUST_E_BASIC_CONSTRAINTS.
        0x800B_0103 | 0x8009_6019 => Fault::NoAuthority,
        _ => return None,
    })
}

/// Whether the system says in words why it cannot judge; elsewhere it only lacks authorities.
const SAYS_WHY: bool = cfg!(any(windows, target_vendor = "apple"));

const BY_AUTHORITY: &str = "its authority has revoked it";

const REVOCATION_UNKNOWN: &str = "this computer cannot check whether it is revoked";

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rustls::pki_types::CertificateDer;

    use super::*;

    /// The rejection of a certificate that cannot be read, for that text of the system.
    fn of(words: &str) -> Rejection {
        let leaf = CertificateDer::from(Vec::new());
        let chain = Chain {
            leaf: &leaf,
            authorities: &[],
            trusted: &[],
        };
        let words = OtherError(Arc::from(Box::from(words.to_owned())));
        let error = rustls::Error::InvalidCertificate(CertificateError::Other(words));
        Rejection::of_system(&error, chain)
    }

    #[test]
    fn numbers_of_windows_are_stated_in_words() {
        for (number, kind, part) in [
            (0x800B_010A_u32, Kind::UnknownAuthority, "unknown authority"),
            (0x800B_010A, Kind::UnknownAuthority, "no intermediate"),
            (0x800B_0112, Kind::UnknownAuthority, "unknown authority"),
            (0x8009_2010, Kind::Revoked, "has revoked it"),
            (0x800B_010C, Kind::Revoked, "has revoked it"),
            (0x800B_0111, Kind::Revoked, "must not be trusted"),
            (0x8009_2012, Kind::Unverified, "whether it is revoked"),
            (0x8009_2013, Kind::Unverified, "whether it is revoked"),
            (0x800B_010E, Kind::Unverified, "whether it is revoked"),
            (0x800B_0106, Kind::BadCertificate, "not for servers"),
            (0x8009_6019, Kind::BadCertificate, "not an authority"),
        ] {
            // The words are in the language of the system.
            let number = number.cast_signed();
            let rejection = of(&format!("Fehler (1). (os error {number})"));
            assert_eq!(rejection.kind, kind, "{number:x} {rejection}");
            let message = rejection.to_string();
            assert!(message.contains(part), "{number:x} {message}");
            assert!(!message.contains("os error"), "{message}");
        }
    }

    #[test]
    fn an_unknown_number_keeps_the_words_of_the_system() {
        let rejection = of("The certificate has an invalid policy. (os error -2146762477)");
        let message = rejection.to_string();
        assert!(
            message.ends_with("has an invalid policy. (0x800B0113)"),
            "{message}"
        );
        assert_eq!(rejection.kind, Kind::BadCertificate);
        assert!(of("no number").to_string().ends_with("no number"));
        assert!(of("(os error one)").to_string().ends_with("one)"));
    }
}
