//! Chooses a certificate among those of a store, or explains why there is none.

use ring::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use rustls::pki_types::UnixTime;

use crate::http::certificate::{Certificate, Facts};
use crate::options::{CertificateSelector, StoreLocation, StoredCertificate};

/// The index of the certificate that `wanted` names, or the reason that there is none.
pub(super) fn choose(
    wanted: &StoredCertificate,
    candidates: &[(StoreLocation, Vec<u8>)],
    now: UnixTime,
) -> Result<usize, String> {
    let mut matching: Vec<(usize, &[u8])> = Vec::new();
    for (index, (location, der)) in candidates.iter().enumerate() {
        // The same certificate may be in both stores.
        if wanted.location.is_none_or(|only| only == *location)
            && wanted.selector.matches(der)
            && matching.iter().all(|(_, other)| other != der)
        {
            matching.push((index, der));
        }
    }
    let valid: Vec<_> = matching
        .iter()
        .filter(|(_, der)| fault_of_time(der, now).is_none())
        .collect();
    match (valid.as_slice(), matching.as_slice()) {
        ([(index, _)], _) => Ok(*index),
        ([], []) => {
            let stores = match wanted.location {
                Some(location) => format!(r"{location}\My"),
                None => r"CurrentUser\My and LocalMachine\My".to_owned(),
            };
            Err(format!(
                "no certificate in {stores} has {}",
                wanted.selector.shown()
            ))
        }
        ([], [(_, first), ..]) => {
            let fault = fault_of_time(first, now).unwrap_or_default();
            let others = match matching.len() {
                1 => "",
                _ => ", and no other with it is valid",
            };
            Err(format!("the certificate {} {fault}{others}", shown(first)))
        }
        (several, _) => {
            let shown: Vec<_> = several
                .iter()
                .take(MOST_SHOWN)
                .map(|(_, der)| shown(der))
                .collect();
            Err(format!(
                "{} certificates have {}; set the thumbprint of one: {}",
                several.len(),
                wanted.selector.shown(),
                shown.join(", ")
            ))
        }
    }
}

impl CertificateSelector {
    /// Whether the certificate is the one, or one of those, that are looked for.
    fn matches(&self, der: &[u8]) -> bool {
        match self {
            Self::Thumbprint(thumbprint) => thumbprint_of(der) == *thumbprint,
            Self::Subject(part) => {
                let subject = Certificate::read(&der.into()).subject.to_lowercase();
                subject.contains(&part.to_lowercase().replace(", ", ","))
            }
        }
    }

    /// What is looked for, in words.
    fn shown(&self) -> String {
        match self {
            Self::Thumbprint(thumbprint) => format!("the thumbprint {}", hexadecimal(thumbprint)),
            Self::Subject(part) => format!("{part:?} in its subject"),
        }
    }
}

/// Why the certificate is not valid at `now`.
fn fault_of_time(der: &[u8], now: UnixTime) -> Option<String> {
    let facts = Facts::of(der)?;
    if now > facts.valid_until().time() {
        return Some(format!("expired on {}", facts.valid_until()));
    }
    (now < facts.valid_from().time()).then(|| format!("is not valid before {}", facts.valid_from()))
}

/// The certificate as a message shows it.
fn shown(der: &[u8]) -> String {
    let subject = Facts::of(der).map(|facts| facts.subject());
    format!(
        "{:?} ({})",
        subject.unwrap_or_default(),
        hexadecimal(&thumbprint_of(der))
    )
}

fn thumbprint_of(der: &[u8]) -> [u8; 20] {
    let mut thumbprint = [0; 20];
    thumbprint.copy_from_slice(digest(&SHA1_FOR_LEGACY_USE_ONLY, der).as_ref());
    thumbprint
}

fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Why a key cannot be had, by the error code of Windows (winerror.h).
pub(super) fn key_fault(code: Option<u32>) -> String {
    match code {
        // CRYPT_E_NO_KEY_PROPERTY, NTE_NO_KEY, NTE_BAD_KEYSET.
        Some(0x8009_200B | 0x8009_000D | 0x8009_0016) => {
            "the store has no private key for it".to_owned()
        }
        // NTE_PERM, E_ACCESSDENIED.
        Some(0x8009_0010 | 0x8007_0005) => {
            "this user may not use its private key (Manage Private Keys in certlm.msc)".to_owned()
        }
        // NTE_SILENT_CONTEXT.
        Some(0x8009_0022) => {
            "its private key requires a PIN or a confirmation, which is not supported".to_owned()
        }
        Some(code) => format!("its private key cannot be used (0x{code:08X})"),
        None => "its private key cannot be used".to_owned(),
    }
}

/// Certificates that a message shows.
const MOST_SHOWN: usize = 4;

#[cfg(test)]
mod tests {
    use rcgen::{CertificateParams, DnType, KeyPair, date_time_ymd};

    use super::*;

    fn certificate(name: &str, from: i32, until: i32) -> Vec<u8> {
        let mut params = CertificateParams::new(Vec::new()).unwrap();
        params.distinguished_name = rcgen::DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params
            .distinguished_name
            .push(DnType::OrganizationName, "Example");
        params.not_before = date_time_ymd(from, 1, 1);
        params.not_after = date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        params.self_signed(&key).unwrap().der().to_vec()
    }

    #[test]
    fn one_valid_certificate_is_chosen_and_else_the_reason_is_stated() {
        let (user, machine) = (StoreLocation::CurrentUser, StoreLocation::LocalMachine);
        let (ann, old, bob) = (
            certificate("Ann", 2020, 2500),
            certificate("Ann", 2000, 2010),
            certificate("Bob", 2020, 2500),
        );
        let (bob_2, carl, dora) = (
            certificate("Bob", 2021, 2500),
            certificate("Carl", 2000, 2010),
            certificate("Dora", 2400, 2500),
        );
        let candidates = [
            (user, old),
            (user, ann.clone()),
            (machine, ann.clone()),
            (machine, bob.clone()),
            (user, bob_2),
            (user, carl),
            (user, dora),
        ];
        let now = UnixTime::now();
        let choose =
            |text: &str| choose(&StoredCertificate::parse(text).unwrap(), &candidates, now);
        let digest = hexadecimal(&thumbprint_of(&ann));
        assert_eq!(choose(&digest), Ok(1));
        assert_eq!(choose(&format!(r"LocalMachine\My\{digest}")), Ok(2));
        assert_eq!(choose("ann"), Ok(1));
        assert_eq!(choose("CN=Ann"), Ok(1));
        assert_eq!(choose(r"LocalMachine\Bob"), Ok(3));
        let bobs = hexadecimal(&thumbprint_of(&bob));
        for (text, parts) in [
            (
                "Bob",
                &["2 certificates", "\"Bob\"", "thumbprint", bobs.as_str()][..],
            ),
            ("Carl", &["\"Carl\"", "expired on 2010"]),
            ("Dora", &["\"Dora\"", "not valid before 2400"]),
            (
                "Eve",
                &["no certificate", "CurrentUser", "LocalMachine", "\"Eve\""],
            ),
            (r"CurrentUser\Eve", &[r"in CurrentUser\My has"]),
            (
                "00 11 22 33 44 55 66 77 88 99 00 11 22 33 44 55 66 77 88 99",
                &["no certificate", "0011"],
            ),
        ] {
            let message = choose(text).unwrap_err();
            for part in parts {
                assert!(message.contains(part), "{part} is not in {message}");
            }
        }
    }

    #[test]
    fn a_key_that_cannot_be_had_is_explained() {
        for (code, part) in [
            (0x8009_200B, "no private key"),
            (0x8009_0010, "may not use"),
            (0x8009_0022, "PIN"),
            (0x8009_0029, "0x80090029"),
        ] {
            let message = key_fault(Some(code));
            assert!(message.contains(part), "{message}");
        }
    }
}
