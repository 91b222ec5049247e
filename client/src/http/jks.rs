//! Trust stores in Java's own form (JKS).
//!
//! Certificates stand in it unencrypted; the password only proves that the file was not changed.
//! Private keys, which the form encrypts, are passed over.

use ring::digest::{Context, SHA1_FOR_LEGACY_USE_ONLY};
use rustls::pki_types::CertificateDer;

use super::fault::Fault;
use crate::options::Secret;

/// How a file in this form begins.
pub(super) const MAGIC: [u8; 4] = [0xFE, 0xED, 0xFE, 0xED];

/// All certificates of the file: those that are trusted, and those that go with its keys.
pub(super) fn certificates(
    bytes: &[u8],
    password: Option<&Secret>,
) -> Result<Vec<CertificateDer<'static>>, Fault> {
    let (content, proof) = bytes.split_last_chunk::<20>().ok_or(Fault::Malformed)?;
    // Java, too, takes a store without a password on trust.
    if let Some(password) = password
        && digest(content, password.reveal()) != *proof
    {
        return Err(Fault::Password);
    }
    read(content).ok_or(Fault::Malformed)
}

/// The certificates of a file without its digest; `None` if it is damaged.
fn read(content: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let mut reader = Reader(content);
    reader.take(MAGIC.len())?;
    let version = reader.number()?;
    let entries = reader.number()?;
    let mut certificates = Vec::new();
    for _ in 0..entries {
        let tag = reader.number()?;
        reader.text()?;
        reader.take(TIMESTAMP)?;
        let chain = match tag {
            KEY => {
                reader.block()?;
                reader.number()?
            }
            TRUSTED => 1,
            _ => return None,
        };
        for _ in 0..chain {
            // Version 1 knew one kind of certificate and did not name it.
            let kind = if version == 1 {
                &b"X.509"[..]
            } else {
                reader.text()?
            };
            let certificate = reader.block()?;
            if kind == b"X.509" {
                certificates.push(CertificateDer::from(certificate.to_vec()));
            }
        }
    }
    Some(certificates)
}

/// The digest at the end of the file, of its content and the password.
fn digest(content: &[u8], password: &str) -> [u8; 20] {
    let mut context = Context::new(&SHA1_FOR_LEGACY_USE_ONLY);
    for unit in password.encode_utf16() {
        context.update(&unit.to_be_bytes());
    }
    context.update(SALT);
    context.update(content);
    let mut digest = [0; 20];
    digest.copy_from_slice(context.finish().as_ref());
    digest
}

/// The rest of the file.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    /// The next bytes.
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    /// The next four bytes, as a number.
    fn number(&mut self) -> Option<u32> {
        let bytes = self.take(4)?;
        Some(u32::from_be_bytes(bytes.try_into().ok()?))
    }

    /// The next bytes, whose length comes first.
    fn block(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }

    /// The next text, whose length comes first.
    fn text(&mut self) -> Option<&'a [u8]> {
        let length = u16::from_be_bytes(self.take(2)?.try_into().ok()?);
        self.take(usize::from(length))
    }
}

/// The tag of an entry that has a key.
const KEY: u32 = 1;
/// The tag of an entry that is a trusted certificate.
const TRUSTED: u32 = 2;
/// Bytes of the time at which an entry was made.
const TIMESTAMP: usize = 8;
/// The text between the password and the content, in the digest.
const SALT: &[u8] = b"Mighty Aphrodite";

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn any_bytes_are_read_or_refused(tail in prop::collection::vec(any::<u8>(), 0..80), few in 0_u8..4) {
            let mut bytes = MAGIC.to_vec();
            bytes.extend([0, 0, 0, 2, 0, 0, 0, few, 0, 0, 0, 2]);
            bytes.extend(tail);
            let _ = certificates(&bytes, None);
            let _ = certificates(&bytes, Some(&Secret::new("x")));
        }
    }
}
