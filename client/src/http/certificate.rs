//! What certificates state, for messages that explain why one is rejected.
//!
//! Nothing here decides whether a certificate is trusted.

use std::fmt;
use std::net::IpAddr;

use rustls::pki_types::{CertificateDer, UnixTime};
use x509_cert::certificate::{CertificateInner, Raw, Version};
use x509_cert::der::asn1::{AnyRef, ObjectIdentifier, UintRef};
use x509_cert::der::oid::db::DB;
use x509_cert::der::{Decode as _, Encode as _, Header, Reader as _, SliceReader, Tag};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{BasicConstraints, ExtendedKeyUsage, SubjectAltName};
use x509_cert::spki::AlgorithmIdentifierOwned;
use x509_cert::time::Time;

use super::pem::Block;

/// The facts of a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// The distinguished name of its owner.
    pub subject: String,
    /// The distinguished name of the authority that signed it.
    pub issuer: String,
    /// Hosts that it is for.
    pub names: Vec<String>,
    /// The first and the last moment at which it holds, as `2027-01-31 12:00:00 UTC`.
    pub valid_from: String,
    /// The end of its validity.
    pub valid_until: String,
}

impl Certificate {
    /// The facts of a certificate, as far as it can be parsed.
    pub(super) fn read(der: &CertificateDer<'_>) -> Self {
        let Some(facts) = Facts::of(der) else {
            return Self {
                subject: UNREADABLE.to_owned(),
                issuer: UNREADABLE.to_owned(),
                names: Vec::new(),
                valid_from: String::new(),
                valid_until: String::new(),
            };
        };
        Self {
            subject: facts.0.tbs_certificate().subject().to_string(),
            issuer: facts.0.tbs_certificate().issuer().to_string(),
            names: facts.names().unwrap_or_default(),
            valid_from: facts.valid_from().to_string(),
            valid_until: facts.valid_until().to_string(),
        }
    }

    /// Whether it vouches for itself.
    pub fn is_self_signed(&self) -> bool {
        self.subject == self.issuer
    }
}

/// Whether the bytes are a certificate of any version.
pub(super) fn is_one(certificate: &CertificateDer<'_>) -> bool {
    webpki::anchor_from_trusted_cert(certificate).is_ok()
}

/// Whether a file in DER is PKCS#7, which may hold certificates.
pub(super) fn is_pkcs7(bytes: &[u8]) -> bool {
    let start = bytes.get(..bytes.len().min(PKCS7_WITHIN)).unwrap_or(bytes);
    start.windows(PKCS7.len()).any(|window| window == PKCS7)
}

/// Whether a list of revoked certificates is of the version that does not say which one it is.
pub(super) fn is_list_of_version_1(list: &[u8]) -> bool {
    let first_field = || {
        let mut reader = SliceReader::new(list)?;
        Header::decode(&mut reader)?;
        Header::decode(&mut reader)?;
        Tag::peek(&reader)
    };
    first_field().is_ok_and(|tag: Tag| tag != Tag::Integer)
}

impl Block<'_> {
    /// The certificate in the block, `None` inside when it is damaged; `None` when the block is
    /// something else.
    pub(super) fn certificate(&self) -> Option<Option<CertificateDer<'static>>> {
        let bytes = self.bytes.as_deref();
        let certificate = match self.label {
            "CERTIFICATE" | "X509 CERTIFICATE" => bytes,
            // OpenSSL's own form: what the certificate is trusted for stands behind it.
            "TRUSTED CERTIFICATE" => bytes.and_then(first_value),
            _ => return None,
        };
        Some(certificate.map(|bytes| CertificateDer::from(bytes.to_vec())))
    }
}

/// The first element of DER bytes, with its tag and its length.
fn first_value(bytes: &[u8]) -> Option<&[u8]> {
    let mut reader = SliceReader::new(bytes).ok()?;
    reader.tlv_bytes().ok()
}

/// A certificate that can be read.
pub(super) struct Facts(CertificateInner<Raw>);

impl Facts {
    /// The facts of a certificate; `None` if it cannot be parsed.
    pub(super) fn of(der: &[u8]) -> Option<Self> {
        CertificateInner::from_der(der).ok().map(Self)
    }

    /// 1 to 3.
    pub(super) fn version(&self) -> u8 {
        match self.0.tbs_certificate().version() {
            Version::V1 => 1,
            Version::V2 => 2,
            Version::V3 => 3,
        }
    }

    /// Whom it is for, in short.
    pub(super) fn subject(&self) -> String {
        in_short(&self.0.tbs_certificate().subject().to_string())
    }

    /// Who signed it, in short.
    pub(super) fn issuer(&self) -> String {
        in_short(&self.0.tbs_certificate().issuer().to_string())
    }

    /// Whether `other` signed it, by its name.
    pub(super) fn is_signed_by(&self, other: &Self) -> bool {
        self.0.tbs_certificate().issuer() == other.0.tbs_certificate().subject()
    }

    /// The beginning of its validity.
    pub(super) fn valid_from(&self) -> Moment {
        Moment(self.0.tbs_certificate().validity().not_before)
    }

    /// The end of its validity.
    pub(super) fn valid_until(&self) -> Moment {
        Moment(self.0.tbs_certificate().validity().not_after)
    }

    /// The hosts that it is for; `None` when their list is damaged.
    pub(super) fn names(&self) -> Option<Vec<String>> {
        match self.0.tbs_certificate().get_extension::<SubjectAltName>() {
            Ok(Some((_, names))) => Some(names.0.iter().filter_map(host_of).collect()),
            Ok(None) => Some(Vec::new()),
            Err(_) => None,
        }
    }

    /// Its key: kind and size.
    pub(super) fn key(&self) -> String {
        let key = self.0.tbs_certificate().subject_public_key_info();
        match self.rsa_bits() {
            Some(bits) => format!("RSA of {bits} bits"),
            None => key_kind(&key.algorithm),
        }
    }

    /// The size of its key, when that is one of RSA.
    pub(super) fn rsa_bits(&self) -> Option<usize> {
        let key = self.0.tbs_certificate().subject_public_key_info();
        if !matches!(
            name_of(key.algorithm.oid).as_str(),
            "rsaEncryption" | "id-RSASSA-PSS"
        ) {
            return None;
        }
        let mut reader = SliceReader::new(key.subject_public_key.raw_bytes()).ok()?;
        let modulus = reader.sequence(|reader| {
            let modulus = UintRef::decode(reader)?;
            UintRef::decode(reader)?;
            Ok::<_, x509_cert::der::Error>(modulus)
        });
        let modulus = modulus.ok()?;
        let first = modulus.as_bytes().first()?;
        Some(modulus.as_bytes().len() * 8 - usize::try_from(first.leading_zeros()).ok()?)
    }

    /// The identifier of its key's algorithm, without its outer tag.
    pub(super) fn key_identifier(&self) -> Option<Vec<u8>> {
        let key = self.0.tbs_certificate().subject_public_key_info();
        let whole = key.algorithm.to_der().ok()?;
        whole.get(2..).map(<[u8]>::to_vec)
    }

    /// How it is signed.
    pub(super) fn signature(&self) -> String {
        name_of(self.0.signature_algorithm().oid)
    }

    /// Whether it is signed by the algorithm of that identifier, which is without its outer tag.
    pub(super) fn is_signed_with(&self, identifier: &[u8]) -> bool {
        let whole = self.0.signature_algorithm().to_der();
        whole.is_ok_and(|whole| whole.get(2..) == Some(identifier))
    }

    /// Its critical extensions that servers' certificates do not have.
    pub(super) fn odd_extensions(&self) -> Vec<String> {
        let extensions = self.0.tbs_certificate().extensions();
        let critical = extensions.into_iter().flatten().filter(|one| one.critical);
        critical
            .map(|extension| extension.extn_id)
            .filter(|id| !UNDERSTOOD.contains(id))
            .map(|id| match DB.by_oid(&id) {
                Some(name) => format!("{id} ({name})"),
                None => id.to_string(),
            })
            .collect()
    }

    /// The purposes that it may be used for, if it names any.
    pub(super) fn purposes(&self) -> Option<Vec<String>> {
        let found = self.0.tbs_certificate().get_extension::<ExtendedKeyUsage>();
        let (_, purposes) = found.ok().flatten()?;
        let names = purposes.0.into_iter().map(name_of);
        Some(
            names
                .map(|name| name.trim_start_matches("id-kp-").to_owned())
                .collect(),
        )
    }

    /// Whether it may be used for servers, as far as it says.
    pub(super) fn is_for_servers(&self) -> bool {
        self.purposes().is_none_or(|purposes| {
            purposes
                .iter()
                .any(|purpose| matches!(purpose.as_str(), "serverAuth" | "anyExtendedKeyUsage"))
        })
    }

    /// Whether it is an authority's.
    pub(super) fn is_authority(&self) -> bool {
        let found = self.0.tbs_certificate().get_extension::<BasicConstraints>();
        matches!(found, Ok(Some((_, constraints))) if constraints.ca)
    }
}

/// A moment as certificates write it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Moment(Time);

impl Moment {
    /// The same time, as rustls and webpki have it.
    pub(super) fn time(self) -> UnixTime {
        UnixTime::since_unix_epoch(self.0.to_unix_duration())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = self.0.to_date_time().to_string();
        f.write_str(&text.replace('T', " ").replace('Z', " UTC"))
    }
}

/// The kind of a key by its identifier, which is without its outer tag.
pub(super) fn key_kind_of(identifier: &[u8]) -> Option<String> {
    let mut reader = SliceReader::new(identifier).ok()?;
    let oid = ObjectIdentifier::decode(&mut reader).ok()?;
    let parameters = AnyRef::decode(&mut reader).ok();
    Some(key_kind(&AlgorithmIdentifierOwned {
        oid,
        parameters: parameters.map(Into::into),
    }))
}

/// The kind of a key by its algorithm, for messages.
fn key_kind(algorithm: &AlgorithmIdentifierOwned) -> String {
    let curve = || {
        let parameters = algorithm.parameters.as_ref()?;
        parameters.decode_as::<ObjectIdentifier>().ok()
    };
    match name_of(algorithm.oid).as_str() {
        "rsaEncryption" | "id-RSASSA-PSS" => "RSA".to_owned(),
        "id-ecPublicKey" => match curve().map(name_of).as_deref() {
            Some("secp256r1") => "P-256".to_owned(),
            Some("secp384r1") => "P-384".to_owned(),
            Some("secp521r1") => "P-521".to_owned(),
            Some("secp224r1") => "P-224".to_owned(),
            Some(curve) => format!("EC on {curve}"),
            None => "EC on an unnamed curve".to_owned(),
        },
        name => name.strip_prefix("id-").unwrap_or(name).to_owned(),
    }
}

/// The name of an object identifier, or its number.
fn name_of(id: ObjectIdentifier) -> String {
    let other = OTHER_NAMES.iter().find(|(known, _)| *known == id);
    let name = DB.by_oid(&id).or(other.map(|(_, name)| *name));
    name.map_or_else(|| id.to_string(), str::to_owned)
}

/// The common name in a distinguished name, or all of it.
fn in_short(name: &str) -> String {
    let mut parts = name.split(',').map(str::trim);
    let common = parts.find_map(|part| part.strip_prefix("CN="));
    in_bounds(common.unwrap_or(name))
}

/// A text of another's without what would spoil a message.
pub(super) fn in_bounds(text: &str) -> String {
    let text = text.chars().filter(|c| !c.is_control());
    text.take(LONGEST).collect()
}

/// The host or the address in a subject alternative name.
fn host_of(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(name.to_string()),
        GeneralName::IpAddress(address) => {
            let bytes = address.as_bytes();
            let four = <[u8; 4]>::try_from(bytes).map(IpAddr::from);
            let address = four.or_else(|_| <[u8; 16]>::try_from(bytes).map(IpAddr::from));
            address.ok().map(|address| address.to_string())
        }
        _ => None,
    }
}

/// In the place of a name that cannot be parsed.
const UNREADABLE: &str = "(unreadable)";

/// Characters of a text in a certificate that are shown.
const LONGEST: usize = 200;

/// Extensions that are understood when they are critical: key usage, names, basic constraints, name
/// constraints, distribution points, extended key usage.
const UNDERSTOOD: &[ObjectIdentifier] = &[
    ObjectIdentifier::new_unwrap("2.5.29.15"),
    ObjectIdentifier::new_unwrap("2.5.29.17"),
    ObjectIdentifier::new_unwrap("2.5.29.19"),
    ObjectIdentifier::new_unwrap("2.5.29.30"),
    ObjectIdentifier::new_unwrap("2.5.29.31"),
    ObjectIdentifier::new_unwrap("2.5.29.37"),
];

/// Names that the database of identifiers lacks.
const OTHER_NAMES: &[(ObjectIdentifier, &str)] = &[
    (
        ObjectIdentifier::new_unwrap("1.2.840.10045.4.1"),
        "ecdsa-with-SHA1",
    ),
    (ObjectIdentifier::new_unwrap("1.3.132.0.10"), "secp256k1"),
    (
        ObjectIdentifier::new_unwrap("1.2.156.10197.1.501"),
        "SM2-with-SM3",
    ),
];

/// The identifier that PKCS#7 begins with, and where it stands at the latest.
const PKCS7: &[u8] = b"\x06\x09\x2a\x86\x48\x86\xf7\x0d\x01\x07\x02";
/// Bytes within which the object identifier of PKCS#7 begins.
const PKCS7_WITHIN: usize = 24;
