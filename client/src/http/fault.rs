//! The faults of trust stores and key stores, in any form.

/// A fault of a store's bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Fault {
    #[error("it holds no certificate in PEM, DER, PKCS#12 or JKS form")]
    Empty,
    #[error("the password is wrong")]
    Password,
    #[error("it is damaged, or in a form that is not known")]
    Malformed,
    #[error("it is encrypted in a way that is not supported; convert it to PEM")]
    Encryption,
    #[error("the form JCEKS is not supported; convert it to PKCS#12 or PEM")]
    Jceks,
    #[error("the form PKCS#7 is not supported; convert it with openssl pkcs7 -print_certs")]
    Pkcs7,
}
