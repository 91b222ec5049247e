//! The certificate by which the client authenticates in a TLS handshake.

use std::fmt;
use std::path::PathBuf;

use super::Secret;

/// A client certificate and its key.
#[derive(Debug, Clone, PartialEq)]
pub enum Identity {
    /// In files.
    Files {
        /// The certificate and its intermediates as a PEM file, or a PKCS#12 file that includes
        /// the key.
        certificate: PathBuf,
        /// The key as a PEM file; it is in the certificate's file if absent.
        key: Option<PathBuf>,
        /// Password of the key, or of the PKCS#12 file.
        password: Option<Secret>,
    },
    /// In the certificate store of Windows, which may not give out the key.
    Stored(StoredCertificate),
}

/// A certificate in one of the stores named `My` of Windows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredCertificate {
    /// The store; either of them if absent.
    pub location: Option<StoreLocation>,
    /// The certificate there.
    pub selector: CertificateSelector,
}

/// Whose certificate store it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StoreLocation {
    /// That of the user.
    CurrentUser,
    /// That of the computer.
    LocalMachine,
}

/// What a certificate is recognized by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateSelector {
    /// The SHA-1 digest of the certificate.
    Thumbprint([u8; 20]),
    /// A part of its subject.
    Subject(String),
}

impl StoredCertificate {
    /// The certificate that `text` names: a thumbprint or a part of the subject, perhaps after
    /// `CurrentUser\My\` or `LocalMachine\My\`, of which `My\` may be left out.
    pub fn parse(text: &str) -> Option<Self> {
        let (location, rest) = match text.split_once(['\\', '/']) {
            Some((first, rest)) => match StoreLocation::from_name(first.trim()) {
                Some(location) => {
                    let store = rest.split_once(['\\', '/']);
                    let in_my = store.filter(|(store, _)| store.trim().eq_ignore_ascii_case("My"));
                    (Some(location), in_my.map_or(rest, |(_, rest)| rest))
                }
                None => (None, text),
            },
            None => (None, text),
        };
        let selector = match thumbprint(rest) {
            Some(thumbprint) => CertificateSelector::Thumbprint(thumbprint),
            None if rest.trim().is_empty() => return None,
            None => CertificateSelector::Subject(rest.trim().to_owned()),
        };
        Some(Self { location, selector })
    }
}

impl StoreLocation {
    fn from_name(name: &str) -> Option<Self> {
        let mut all = [Self::CurrentUser, Self::LocalMachine].into_iter();
        all.find(|location| location.to_string().eq_ignore_ascii_case(name))
    }
}

impl fmt::Display for StoreLocation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::CurrentUser => "CurrentUser",
            Self::LocalMachine => "LocalMachine",
        })
    }
}

/// The thumbprint in `text`. Windows shows it with spaces, and copies it with an invisible mark
/// before it.
fn thumbprint(text: &str) -> Option<[u8; 20]> {
    let is_filler = |c: char| c.is_whitespace() || c == ':' || c == '\u{200E}';
    let digits = text.chars().filter(|c| !is_filler(*c));
    let digits: Vec<_> = digits
        .map(|c| c.to_digit(16).and_then(|digit| u8::try_from(digit).ok()))
        .collect::<Option<_>>()?;
    let bytes = digits.chunks(2).map(|pair| match pair {
        [high, low] => Some(high << 4 | low),
        _ => None,
    });
    bytes.collect::<Option<Vec<_>>>()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_certificate_is_named_by_thumbprint_or_subject_and_perhaps_a_store() {
        let digest = [
            0x93, 0x4a, 0x7a, 0xc6, 0xf8, 0xa5, 0xd5, 0x79, 0x28, 0x5a, 0x74, 0xfa, 0x61, 0xe1,
            0x9f, 0x23, 0xdd, 0xfe, 0x8d, 0x7a,
        ];
        let by_digest = CertificateSelector::Thumbprint(digest);
        let subject = |text: &str| CertificateSelector::Subject(text.to_owned());
        let (user, machine) = (
            Some(StoreLocation::CurrentUser),
            Some(StoreLocation::LocalMachine),
        );
        for (text, location, selector) in [
            ("934a7ac6f8a5d579285a74fa61e19f23ddfe8d7a", None, &by_digest),
            (
                "\u{200E}93 4A 7A c6 f8 a5 d5 79 28 5a 74 fa 61 e1 9f 23 dd fe 8d 7a ",
                None,
                &by_digest,
            ),
            (
                r"CurrentUser\MY\93:4a:7a:c6:f8:a5:d5:79:28:5a:74:fa:61:e1:9f:23:dd:fe:8d:7a",
                user,
                &by_digest,
            ),
            (
                "localmachine/934a7ac6f8a5d579285a74fa61e19f23ddfe8d7a",
                machine,
                &by_digest,
            ),
            (r"LocalMachine\Ann", machine, &subject("Ann")),
            (r"CORP\Ann", None, &subject(r"CORP\Ann")),
            (" CN=Ann, O=Example ", None, &subject("CN=Ann, O=Example")),
            // One digit too few.
            (
                "934a7ac6f8a5d579285a74fa61e19f23ddfe8d7",
                None,
                &subject("934a7ac6f8a5d579285a74fa61e19f23ddfe8d7"),
            ),
        ] {
            let found = StoredCertificate::parse(text).unwrap();
            assert_eq!(found.location, location, "{text}");
            assert_eq!(found.selector, *selector, "{text}");
        }
        for text in ["", "  ", r"CurrentUser\", r"CurrentUser\My\"] {
            assert_eq!(StoredCertificate::parse(text), None, "{text}");
        }
    }
}
