//! `ProtectedSecrets`: keywords with secrets, as a connection string that the system has encrypted for its user.

use std::io;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use trino_client::os;

use super::ConnectionString;

/// Encrypts these keywords for this user.
#[cfg(windows)]
pub fn protect(secrets: Vec<(String, String)>) -> io::Result<String> {
    let text = ConnectionString::from_pairs(secrets).completed();
    Ok(STANDARD.encode(os::protect(text.as_bytes(), PURPOSE)?))
}

/// Decrypts what [`protect`] encrypted for this user; the reason why not.
pub fn unprotect(text: &str) -> Result<ConnectionString, String> {
    let bytes = STANDARD
        .decode(text.trim())
        .map_err(|_| "it is not what the setup dialog wrote".to_owned())?;
    let bytes = os::unprotect(&bytes, PURPOSE).map_err(|error| match error.kind() {
        io::ErrorKind::Unsupported => "only Windows can decrypt it".to_owned(),
        _ => error.to_string().trim_end_matches('.').to_owned(),
    })?;
    let text = std::str::from_utf8(&bytes).map_err(|_| "it is damaged".to_owned())?;
    ConnectionString::parse(text).map_err(|_| "it is damaged".to_owned())
}

/// What the encryption is bound to.
const PURPOSE: &str = "trino-odbc data source";

#[cfg(test)]
mod tests {
    #[cfg(windows)]
    use super::super::{ConnectionString, parse};
    use super::super::{DataSources, Error, from_data_source};

    struct Kept(String);

    impl DataSources for Kept {
        fn attributes(&self, _: &str) -> Option<Vec<(String, String)>> {
            let kept = [
                ("Host", "h"),
                ("SSL", "1"),
                ("UID", "ann"),
                ("ProtectedSecrets", self.0.as_str()),
            ];
            let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
            Some(kept.into_iter().map(pair).collect())
        }
    }

    #[test]
    fn secrets_that_cannot_be_decrypted_are_an_error_unless_the_connection_string_has_one() {
        for damaged in ["AAAA", "not base64!"] {
            let kept = Kept(damaged.to_owned());
            let refusal = from_data_source("d", None, None, &kept).unwrap_err();
            assert!(
                matches!(&refusal.error, Error::Undecipherable { .. }),
                "{refusal}"
            );
            assert!(!refusal.to_string().contains(damaged), "{refusal}");
            let (_, warnings) = from_data_source("d", None, Some("p"), &kept).unwrap();
            assert!(
                warnings
                    .iter()
                    .any(|it| it.to_string().contains("ProtectedSecrets"))
            );
        }
    }

    #[cfg(not(windows))]
    #[test]
    fn other_systems_than_windows_say_that_they_cannot_decrypt() {
        let kept = Kept("AAAA".to_owned());
        let refusal = from_data_source("d", None, None, &kept).unwrap_err();
        assert!(refusal.to_string().contains("only Windows"), "{refusal}");
    }

    #[cfg(windows)]
    #[test]
    fn what_was_protected_signs_in_and_a_keyword_beside_it_takes_precedence() {
        use super::super::{Authentication, protect};
        let secrets = vec![("PWD".to_owned(), "p;w}d".to_owned())];
        let kept = Kept(protect(secrets).unwrap());
        assert!(!kept.0.contains("p;w"));
        for (text, password) in [("DSN=d", "p;w}d"), ("DSN=d;PWD=q", "q")] {
            let given = ConnectionString::parse(text).unwrap();
            let (settings, _) = parse(&given, &kept).unwrap();
            match settings.client.authentication {
                Authentication::Password(login) => assert_eq!(login.password().reveal(), password),
                other => panic!("{other:?}"),
            }
        }
    }
}
