//! A token in a file that another program keeps up to date.
//!
//! The file is checked again after a second at the earliest, and at once when the token was
//! refused. While it cannot be read, its last token is used.

use std::fs;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant, SystemTime};

use parking_lot::Mutex;
use reqwest::header::HeaderValue;

use super::{Error, bearer};
use crate::options::{BearerToken, Secret};

/// The file, and the token from when it was last read.
#[derive(Debug)]
pub struct TokenFile {
    path: Arc<Path>,
    read: Mutex<Option<Read>>,
}

#[derive(Debug, Clone)]
struct Read {
    value: HeaderValue,
    version: Version,
    looked: Instant,
}

impl Read {
    fn seen_again(self) -> Self {
        Self {
            looked: Instant::now(),
            ..self
        }
    }
}

/// When the file was changed, and its length.
type Version = (Option<SystemTime>, u64);

impl TokenFile {
    pub(super) fn new(path: &Path) -> Self {
        Self {
            path: path.into(),
            read: Mutex::new(None),
        }
    }

    pub(super) fn at_hand(&self) -> Option<HeaderValue> {
        self.read.lock().as_ref().map(|read| read.value.clone())
    }

    pub(super) async fn authorization(&self) -> Result<HeaderValue, Error> {
        let before = self.read.lock().clone();
        if let Some(read) = &before
            && read.looked.elapsed() < INTERVAL
        {
            return Ok(read.value.clone());
        }
        let known = before.as_ref().map(|read| read.version);
        let read = match (self.look(known).await, before) {
            (Ok(Some(read)), _) => read,
            (Ok(None), Some(before)) => before.seen_again(),
            (Err(error), Some(before)) => {
                tracing::warn!(%error, "using the last token");
                before.seen_again()
            }
            (Err(error), None) => return Err(error),
            (Ok(None), None) => return Err(self.error("the file no longer exists")),
        };
        let value = read.value.clone();
        *self.read.lock() = Some(read);
        Ok(value)
    }

    pub(super) async fn renew(&self, refused: Option<&HeaderValue>) -> Result<bool, Error> {
        // Two tokens can be of the same length, and of the same second.
        let read = self
            .look(None)
            .await?
            .ok_or_else(|| self.error("the file no longer exists"))?;
        let is_new = Some(&read.value) != refused;
        *self.read.lock() = Some(read);
        Ok(is_new)
    }

    /// Reads the file; `None` if it has not changed.
    async fn look(&self, known: Option<Version>) -> Result<Option<Read>, Error> {
        let path = Arc::clone(&self.path);
        // The file may be on a network drive.
        let look = tokio::task::spawn_blocking(move || read_changed(&path, known));
        let read = match look.await {
            Ok(read) => read.map_err(|error| self.error(&error.to_string()))?,
            Err(_) => return Err(self.error("reading was interrupted")),
        };
        let Some((text, version)) = read else {
            return Ok(None);
        };
        if text.reveal().is_empty() {
            return Err(self.error("the file is empty"));
        }
        let token = BearerToken::new(text)
            .ok_or_else(|| self.error("it holds something other than a token"))?;
        Ok(Some(Read {
            value: bearer::authorization(&token),
            version,
            looked: Instant::now(),
        }))
    }

    fn error(&self, cause: &str) -> Error {
        Error::TokenFile {
            path: self.path.display().to_string(),
            cause: cause.to_owned(),
        }
    }
}

/// The text of the file and its version, unless that is `known`.
fn read_changed(path: &Path, known: Option<Version>) -> io::Result<Option<(Secret, Version)>> {
    let facts = fs::metadata(path)?;
    let version = (facts.modified().ok(), facts.len());
    if known == Some(version) {
        return Ok(None);
    }
    if facts.len() > LONGEST {
        return Err(io::Error::other("the file is too long for a token"));
    }
    let text = zeroize::Zeroizing::new(fs::read_to_string(path)?);
    // Editors of Windows begin a file with a mark of its encoding.
    let token = text.trim_start_matches('\u{feff}').trim();
    Ok(Some((Secret::new(token), version)))
}

const INTERVAL: Duration = Duration::from_secs(1);
const LONGEST: u64 = 1 << 20;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::auth::tests::run;

    /// As if the file had last been looked at an interval ago.
    fn let_time_pass(file: &TokenFile) {
        let mut read = file.read.lock();
        let looked = &mut read.as_mut().unwrap().looked;
        *looked = looked.checked_sub(INTERVAL).unwrap();
    }

    #[test]
    fn the_file_is_read_again_when_it_has_changed() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "one\n").unwrap();
        let file = TokenFile::new(&path);
        assert_eq!(run(file.authorization()).unwrap(), "Bearer one");
        fs::write(&path, "second").unwrap();
        assert_eq!(run(file.authorization()).unwrap(), "Bearer one");
        let_time_pass(&file);
        assert_eq!(run(file.authorization()).unwrap(), "Bearer second");
        fs::remove_file(&path).unwrap();
        let_time_pass(&file);
        assert_eq!(run(file.authorization()).unwrap(), "Bearer second");
    }

    #[test]
    fn a_mark_of_the_encoding_is_no_part_of_the_token() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "\u{feff}one\r\n").unwrap();
        assert_eq!(
            run(TokenFile::new(&path).authorization()).unwrap(),
            "Bearer one"
        );
    }

    #[test]
    fn a_refused_token_is_read_again_at_once() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        fs::write(&path, "one").unwrap();
        let file = TokenFile::new(&path);
        let refused = run(file.authorization()).unwrap();
        assert_eq!(run(file.renew(Some(&refused))), Ok(false));
        fs::write(&path, "two").unwrap();
        assert_eq!(run(file.renew(Some(&refused))), Ok(true));
        assert_eq!(run(file.authorization()).unwrap(), "Bearer two");
    }

    #[test]
    fn a_file_that_holds_no_token_is_named_and_its_text_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("token");
        let message = || {
            run(TokenFile::new(&path).authorization())
                .unwrap_err()
                .to_string()
        };
        assert!(message().contains("token"), "{}", message());
        fs::write(&path, "  \n").unwrap();
        assert!(message().contains("empty"), "{}", message());
        fs::write(&path, "hunter two").unwrap();
        assert!(!message().contains("hunter"), "{}", message());
    }
}
