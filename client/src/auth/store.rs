//! Tokens of people's sign-ins, in private files, for the user's next programs.
//!
//! Each sign-in has a file that only the user can read, and a lock file for the process that is
//! signing in, so that a person who starts ten programs signs in once. On Windows the content of the
//! file is encrypted for the user, too. A store that cannot be used is treated as empty.

use std::fs::{File, TryLockError};
use std::io::{self, Read as _, Write as _};
use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime};

use reqwest::header::HeaderValue;
use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use tokio::sync::OnceCell;
use zeroize::Zeroizing;

use super::Error;
use super::shared::Shared;
use super::token::Token;
use crate::options::{Flow, OAuth2, Options, Secret, TokenCache, Verification};
use crate::os;

/// The stored token of one sign-in.
#[derive(Debug)]
pub(super) struct Store {
    place: Place,
    /// Set once it was read.
    loaded: OnceCell<()>,
}

/// Where it is kept.
#[derive(Debug, Clone)]
struct Place {
    folder: PathBuf,
    name: String,
}

/// The turn of this process to sign in, until it is dropped.
#[derive(Debug)]
struct Turn {
    _lock: Option<File>,
}

/// The content of the file.
#[derive(Serialize, Deserialize)]
struct Kept {
    token: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    refresh: Option<String>,
    /// Seconds since 1970.
    #[serde(skip_serializing_if = "Option::is_none")]
    expires: Option<u64>,
}

impl Store {
    /// The place for these options' token; none if it is not to be stored, or if no person is
    /// needed to get another.
    pub(super) fn of(options: &Options, oauth2: &OAuth2) -> Option<Self> {
        if oauth2.cache != TokenCache::File || !oauth2.needs_a_person() {
            return None;
        }
        let Some(folder) = os::cache_folder() else {
            tracing::warn!("the user has no folder for tokens: they are cached in memory only");
            return None;
        };
        Some(Self {
            place: Place::of(folder.join("tokens"), options, &oauth2.flow),
            loaded: OnceCell::new(),
        })
    }

    /// Puts a stored token into `shared`, once, unless that holds one.
    pub(super) async fn load(&self, shared: &Shared) {
        let load = async || {
            if let Some(token) = self.read().await {
                let _ = shared.renew(None, async |_| Ok(token)).await;
            }
        };
        self.loaded.get_or_init(load).await;
    }

    /// A token other than `refused`: one that another process stored meanwhile, or the result of
    /// `get`, which takes the stored one. Waits at most `limit` for another process.
    pub(super) async fn renew(
        &self,
        refused: Option<&HeaderValue>,
        limit: Duration,
        get: impl AsyncFnOnce(Option<Token>) -> Result<Token, Error>,
    ) -> Result<Token, Error> {
        let _turn = self.turn(limit).await?;
        match self.read().await {
            Some(token) if Some(&token.value) != refused && token.is_fresh() => Ok(token),
            kept => {
                // A refused token is useless, unless it can be refreshed.
                let is_useless = kept.as_ref().is_some_and(|kept| kept.refresh.is_none());
                let got = get(kept).await;
                match &got {
                    Ok(token) => self.write(token).await,
                    Err(_) if is_useless => self.forget().await,
                    Err(_) => {}
                }
                got
            }
        }
    }

    /// Waits until no other process is signing in.
    async fn turn(&self, limit: Duration) -> Result<Turn, Error> {
        let started = Instant::now();
        loop {
            let place = self.place.clone();
            match in_background(move || place.try_lock()).await {
                Ok(Some(lock)) => return Ok(Turn { _lock: Some(lock) }),
                Ok(None) if started.elapsed() < limit => tokio::time::sleep(INTERVAL).await,
                Ok(None) => {
                    return Err(Error::Busy {
                        seconds: limit.as_secs(),
                    });
                }
                Err(error) => {
                    tracing::warn!(%error, "signing in without a turn");
                    return Ok(Turn { _lock: None });
                }
            }
        }
    }

    /// The stored token, if it has not expired or can be refreshed.
    async fn read(&self) -> Option<Token> {
        let place = self.place.clone();
        let read = in_background(move || place.read()).await;
        read.unwrap_or_else(|error| {
            tracing::warn!(%error, "the kept token cannot be read");
            None
        })
    }

    /// Removes the stored token.
    async fn forget(&self) {
        let path = self.place.path();
        let _ = in_background(move || std::fs::remove_file(path)).await;
    }

    /// Stores the token.
    async fn write(&self, token: &Token) {
        let (place, token) = (self.place.clone(), token.clone());
        if let Err(error) = in_background(move || place.write(&token)).await {
            tracing::warn!(%error, "the token cannot be kept");
        }
    }
}

impl Place {
    /// The place below `folder` for the token of these options.
    fn of(folder: PathBuf, options: &Options, flow: &Flow) -> Self {
        let issuer = match flow {
            Flow::Browser => None,
            Flow::ClientCredentials(issuer) | Flow::Device(issuer) => Some(issuer),
        };
        let mut parts = vec![
            options.host.to_ascii_lowercase(),
            options.port.to_string(),
            options.user.clone().unwrap_or_default(),
        ];
        match options.trust.verification {
            Verification::Full => {}
            Verification::Ca => parts.push("host not verified".to_owned()),
            Verification::None => parts.push("not verified".to_owned()),
        }
        if let Some(issuer) = issuer {
            parts.push(issuer.uri.clone().unwrap_or_default());
            parts.push(issuer.token_endpoint.clone().unwrap_or_default());
            parts.push(issuer.client_id.clone());
            parts.push(issuer.scope.clone().unwrap_or_default());
            parts.push(issuer.audience.clone().unwrap_or_default());
        }
        let digest = digest(&SHA256, parts.join("\n").as_bytes());
        let bytes = digest.as_ref().iter();
        let name = bytes.map(|byte| format!("{byte:02x}")).collect();
        Self { folder, name }
    }

    fn try_lock(&self) -> io::Result<Option<File>> {
        os::create_private_folder(&self.folder)?;
        let lock = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.folder.join(format!("{}.lock", self.name)))?;
        match lock.try_lock() {
            Ok(()) => Ok(Some(lock)),
            Err(TryLockError::WouldBlock) => Ok(None),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    fn read(&self) -> io::Result<Option<Token>> {
        let file = match File::open(self.path()) {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        if !os::is_private(&file)? {
            return Err(io::Error::other("others can read or write it"));
        }
        let mut text = Zeroizing::new(Vec::new());
        file.take(LONGEST).read_to_end(&mut text)?;
        let text = revealed(text)?;
        let mut kept: Kept =
            serde_json::from_slice(&text).map_err(|_| io::Error::other("it is damaged"))?;
        let token =
            Token::new(Secret::new(std::mem::take(&mut kept.token))).map_err(io::Error::other)?;
        let token = Token {
            expires: kept.expires.and_then(|seconds| {
                SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
            }),
            refresh: kept.refresh.take().map(Secret::new),
            ..token
        };
        Ok(Some(token).filter(|token| token.is_fresh() || token.refresh.is_some()))
    }

    fn write(&self, token: &Token) -> io::Result<()> {
        os::create_private_folder(&self.folder)?;
        let kept = Kept {
            token: token.text.secret().reveal().to_owned(),
            refresh: token.refresh.as_ref().map(|text| text.reveal().to_owned()),
            expires: token
                .expires
                .and_then(|end| end.duration_since(SystemTime::UNIX_EPOCH).ok())
                .map(|end| end.as_secs()),
        };
        let text = concealed(Zeroizing::new(serde_json::to_vec(&kept)?))?;
        // A temporary file is private, and replaces the old one atomically.
        let mut file = tempfile::NamedTempFile::new_in(&self.folder)?;
        file.write_all(&text)?;
        file.persist(self.path())?;
        Ok(())
    }

    fn path(&self) -> PathBuf {
        self.folder.join(format!("{}.json", self.name))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        use zeroize::Zeroize;
        self.token.zeroize();
        self.refresh.zeroize();
    }
}

/// The content of the file for this text: encrypted where the system does that.
fn concealed(text: Zeroizing<Vec<u8>>) -> io::Result<Zeroizing<Vec<u8>>> {
    if cfg!(windows) {
        os::protect(&text, PURPOSE).map(Zeroizing::new)
    } else {
        Ok(text)
    }
}

/// The text of a file with this content.
fn revealed(content: Zeroizing<Vec<u8>>) -> io::Result<Zeroizing<Vec<u8>>> {
    if cfg!(windows) {
        os::unprotect(&content, PURPOSE).map_err(|error| {
            io::Error::new(error.kind(), format!("Windows cannot decrypt it: {error}"))
        })
    } else {
        Ok(content)
    }
}

/// Runs work on the disk where it blocks no task.
async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> io::Result<T> + Send + 'static,
) -> io::Result<T> {
    tokio::task::spawn_blocking(work)
        .await
        .unwrap_or_else(|error| Err(io::Error::other(error)))
}

/// How often a process checks whether another one has signed in.
const INTERVAL: Duration = Duration::from_millis(200);
const LONGEST: u64 = 1 << 20;
const PURPOSE: &str = "trino-odbc token cache";

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;
    use crate::auth::tests::run;

    fn store(folder: &tempfile::TempDir, user: &str) -> Store {
        let options = Options {
            host: "trino.example".to_owned(),
            user: Some(user.to_owned()),
            ..Options::default()
        };
        Store {
            place: Place::of(folder.path().join("tokens"), &options, &Flow::Browser),
            loaded: OnceCell::new(),
        }
    }

    fn token(text: &str) -> Token {
        Token::new(Secret::new(text)).unwrap()
    }

    #[test]
    fn a_token_is_kept_for_its_user_and_host() {
        let folder = tempfile::tempdir().unwrap();
        let (ann, bob) = (store(&folder, "ann"), store(&folder, "bob"));
        assert!(run(ann.read()).is_none());
        run(ann.write(&Token {
            refresh: Some(Secret::new("again")),
            ..token("a.b.c")
        }));
        let kept = run(ann.read()).unwrap();
        assert_eq!(kept.value, "Bearer a.b.c");
        assert_eq!(kept.refresh.unwrap().reveal(), "again");
        assert!(run(bob.read()).is_none());
    }

    #[test]
    fn a_connection_that_does_not_verify_has_another_file() {
        let name = |verification| {
            let mut options = Options::default();
            options.trust.verification = verification;
            Place::of(PathBuf::new(), &options, &Flow::Browser).name
        };
        let full = name(Verification::Full);
        assert_ne!(full, name(Verification::None));
        assert_ne!(full, name(Verification::Ca));
        assert_ne!(name(Verification::Ca), name(Verification::None));
    }

    #[test]
    fn an_expired_token_is_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder, "ann");
        let ended = Token {
            expires: Some(SystemTime::UNIX_EPOCH),
            ..token("old")
        };
        run(store.write(&ended));
        assert!(run(store.read()).is_none());
    }

    #[test]
    #[cfg(unix)]
    fn nobody_else_can_read_it_and_a_file_that_others_can_write_is_ignored() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder, "ann");
        run(store.write(&token("t")));
        let mode = |path: &PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&store.place.path()), 0o600);
        assert_eq!(mode(&store.place.folder), 0o700);
        fs::set_permissions(store.place.path(), fs::Permissions::from_mode(0o660)).unwrap();
        assert!(run(store.read()).is_none());
    }

    #[test]
    fn one_process_signs_in_at_a_time() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder, "ann");
        let turn = run(store.turn(Duration::ZERO)).unwrap();
        assert!(matches!(
            run(store.turn(Duration::ZERO)),
            Err(Error::Busy { .. })
        ));
        drop(turn);
        run(store.turn(Duration::ZERO)).unwrap();
    }

    #[test]
    fn a_token_of_another_process_is_taken_and_a_refused_one_is_removed() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder, "ann");
        let renew = |refused: Option<Token>| {
            let refused = refused.map(|token| token.value);
            run(store.renew(refused.as_ref(), Duration::ZERO, async |_| {
                Err(Error::InvalidToken)
            }))
        };
        run(store.write(&token("theirs")));
        assert_eq!(renew(Some(token("mine"))).unwrap().value, "Bearer theirs");
        assert!(renew(Some(token("theirs"))).is_err());
        assert!(run(store.read()).is_none());
    }

    #[test]
    #[cfg(windows)]
    fn the_file_is_encrypted_and_one_in_plain_text_is_treated_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder, "ann");
        run(store.write(&token("a.secret.token")));
        let content = fs::read(store.place.path()).unwrap();
        let text = b"a.secret.token".as_slice();
        assert!(!content.windows(text.len()).any(|window| window == text));
        assert_eq!(run(store.read()).unwrap().value, "Bearer a.secret.token");
        fs::write(store.place.path(), r#"{"token":"a.secret.token"}"#).unwrap();
        assert!(run(store.read()).is_none());
        fs::write(store.place.path(), content).unwrap();
        assert!(run(store.read()).is_some());
    }

    #[test]
    fn a_damaged_file_is_treated_as_none() {
        let folder = tempfile::tempdir().unwrap();
        let store = store(&folder, "ann");
        run(store.write(&token("t")));
        fs::write(store.place.path(), "{\"token\":").unwrap();
        assert!(run(store.read()).is_none());
    }
}
