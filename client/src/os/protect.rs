//! Secrets on disk or in the registry, encrypted by the system so that only their user can read them: DPAPI on Windows.
//!
//! Other systems have nothing like it that is always there; files that only their user can read take its place.

use std::io;

use zeroize::Zeroizing;

/// Encrypts a secret for this user. `purpose` is no secret: what was encrypted for one purpose is decrypted for the same
/// only. [`io::ErrorKind::Unsupported`] where the system does not encrypt.
pub fn protect(secret: &[u8], purpose: &str) -> io::Result<Vec<u8>> {
    #[cfg(windows)]
    return dpapi::protect(secret, purpose);
    #[cfg(not(windows))]
    {
        let _ = (secret, purpose);
        Err(io::ErrorKind::Unsupported.into())
    }
}

/// Decrypts what [`protect`] encrypted for this user and this purpose.
pub fn unprotect(protected: &[u8], purpose: &str) -> io::Result<Zeroizing<Vec<u8>>> {
    #[cfg(windows)]
    return dpapi::unprotect(protected, purpose);
    #[cfg(not(windows))]
    {
        let _ = (protected, purpose);
        Err(io::ErrorKind::Unsupported.into())
    }
}

#[cfg(windows)]
mod dpapi {
    use std::io;
    use std::ptr::{null, null_mut};

    use windows_sys::Win32::Foundation::LocalFree;
    use windows_sys::Win32::Security::Cryptography::{
        CRYPT_INTEGER_BLOB, CRYPTPROTECT_UI_FORBIDDEN, CryptProtectData, CryptUnprotectData,
    };
    use zeroize::{Zeroize as _, Zeroizing};

    pub(super) fn protect(secret: &[u8], purpose: &str) -> io::Result<Vec<u8>> {
        let (secret, purpose) = (blob(secret)?, blob(purpose.as_bytes())?);
        let mut output = empty();
        // SAFETY: both inputs outlive the call, `output` is a place for the result, and what is null may be.
        let done = unsafe {
            CryptProtectData(
                &secret,
                null(),
                &purpose,
                null(),
                null(),
                CRYPTPROTECT_UI_FORBIDDEN,
                &mut output,
            )
        };
        take(done, &mut output).map(|mut bytes| std::mem::take(&mut *bytes))
    }

    pub(super) fn unprotect(protected: &[u8], purpose: &str) -> io::Result<Zeroizing<Vec<u8>>> {
        let (protected, purpose) = (blob(protected)?, blob(purpose.as_bytes())?);
        let mut output = empty();
        // SAFETY: both inputs outlive the call, `output` is a place for the result, and what is null may be.
        let done = unsafe {
            CryptUnprotectData(
                &protected,
                null_mut(),
                &purpose,
                null(),
                null(),
                CRYPTPROTECT_UI_FORBIDDEN,
                &mut output,
            )
        };
        take(done, &mut output)
    }

    /// The bytes that Windows allocated, which are wiped and freed.
    fn take(done: i32, output: &mut CRYPT_INTEGER_BLOB) -> io::Result<Zeroizing<Vec<u8>>> {
        if done == 0 {
            return Err(io::Error::last_os_error());
        }
        if output.pbData.is_null() {
            return Ok(Zeroizing::default());
        }
        // SAFETY: Windows says that so many bytes are there, and nobody else has them.
        let bytes =
            unsafe { std::slice::from_raw_parts_mut(output.pbData, output.cbData as usize) };
        let copy = Zeroizing::new(bytes.to_vec());
        bytes.zeroize();
        // SAFETY: Windows allocated it for the caller to free, which happens once.
        unsafe { LocalFree(output.pbData.cast()) };
        Ok(copy)
    }

    fn blob(bytes: &[u8]) -> io::Result<CRYPT_INTEGER_BLOB> {
        Ok(CRYPT_INTEGER_BLOB {
            cbData: u32::try_from(bytes.len()).map_err(io::Error::other)?,
            // Inputs are only read.
            pbData: bytes.as_ptr().cast_mut(),
        })
    }

    fn empty() -> CRYPT_INTEGER_BLOB {
        CRYPT_INTEGER_BLOB {
            cbData: 0,
            pbData: null_mut(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(windows)]
    fn a_secret_is_encrypted_and_decrypted_for_its_purpose_only() {
        for secret in ["", "pass\u{1F511}word"] {
            let protected = protect(secret.as_bytes(), "trino-odbc test").unwrap();
            let has = |text: &str| {
                let mut windows = protected.windows(text.len().max(1));
                windows.any(|window| window == text.as_bytes())
            };
            assert!(!has(secret));
            let back = unprotect(&protected, "trino-odbc test").unwrap();
            assert_eq!(back.as_slice(), secret.as_bytes());
            assert!(unprotect(&protected, "another purpose").is_err());
            let cut = &protected[..protected.len() - 1];
            assert!(unprotect(cut, "trino-odbc test").is_err());
        }
        assert!(unprotect(b"no such thing", "trino-odbc test").is_err());
    }

    #[test]
    #[cfg(not(windows))]
    fn a_system_that_does_not_encrypt_refuses() {
        let refused = [
            protect(b"s", "test").map(|_| ()),
            unprotect(b"s", "test").map(|_| ()),
        ];
        for result in refused {
            assert_eq!(result.unwrap_err().kind(), io::ErrorKind::Unsupported);
        }
    }
}
