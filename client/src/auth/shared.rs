//! A token that several connections use: one of them gets it, and the others wait.
//!
//! A failed attempt fails for all that waited for it, so that a person who declines is not prompted
//! once per connection. If an attempt is cancelled, the next in line takes its turn.

use std::sync::Arc;

use parking_lot::Mutex;
use reqwest::header::HeaderValue;

use super::Error;
use super::token::Token;
use crate::options::{Flow, OAuth2, Options, TokenCache, Verification};
use crate::os;

/// A token, and the turn to get the next one.
#[derive(Debug, Default)]
pub(super) struct Shared {
    held: Mutex<Held>,
    turn: tokio::sync::Mutex<()>,
}

#[derive(Debug, Default)]
struct Held {
    token: Option<Token>,
    /// Attempts that have succeeded or failed.
    ended: u64,
    /// Why the last one of them failed.
    failure: Option<Error>,
}

impl Shared {
    /// The shared token of these options; a new one if it is not to be shared.
    pub(super) fn of(options: &Options, oauth2: &OAuth2) -> Arc<Self> {
        if oauth2.cache == TokenCache::None {
            return Arc::default();
        }
        SHARED.lock().get(Key {
            host: options.host.to_ascii_lowercase(),
            port: options.port,
            user: options.user.clone(),
            verification: options.trust.verification,
            flow: oauth2.flow.clone(),
        })
    }

    /// The token that is held.
    pub(super) fn current(&self) -> Option<Token> {
        self.held.lock().token.clone()
    }

    /// The token that is held, unless it has expired.
    pub(super) fn fresh(&self) -> Option<HeaderValue> {
        let held = self.held.lock();
        let token = held.token.as_ref().filter(|token| token.is_fresh());
        token.map(|token| token.value.clone())
    }

    /// A token other than `refused`: the one that another connection got meanwhile, or the result
    /// of `get`, which takes the one that was held so far.
    pub(super) async fn renew(
        &self,
        refused: Option<&HeaderValue>,
        get: impl AsyncFnOnce(Option<Token>) -> Result<Token, Error>,
    ) -> Result<HeaderValue, Error> {
        let ended = self.held.lock().ended;
        let _turn = self.turn.lock().await;
        let before = {
            let held = self.held.lock();
            match (&held.token, &held.failure) {
                (Some(token), _) if Some(&token.value) != refused && token.is_fresh() => {
                    return Ok(token.value.clone());
                }
                (_, Some(failure)) if held.ended != ended => return Err(failure.clone()),
                (before, _) => before.clone(),
            }
        };
        let got = get(before).await;
        let mut held = self.held.lock();
        held.ended += 1;
        match got {
            Ok(token) => {
                held.failure = None;
                Ok(held.token.insert(token).value.clone())
            }
            Err(error) => {
                // A refused token is useless, unless it can be refreshed when the issuer is back.
                held.token.take_if(|token| token.refresh.is_none());
                held.failure = Some(error.clone());
                Err(error)
            }
        }
    }

    /// What a child process takes over after a fork: the token, with nobody's turn.
    fn inherited(&self) -> Arc<Self> {
        let token = self.held.try_lock().and_then(|held| held.token.clone());
        Arc::new(Self {
            held: Mutex::new(Held {
                token,
                ..Held::default()
            }),
            ..Self::default()
        })
    }
}

/// Connections with equal keys share a token.
#[derive(Debug, PartialEq, Eq)]
struct Key {
    host: String,
    port: u16,
    user: Option<String>,
    /// A token from an unverified server must not be used by connections that verify.
    verification: Verification,
    /// With the client's secret: a connection that does not know it must not get its token.
    flow: Flow,
}

/// The shared tokens of the process.
struct Registry {
    forks: u32,
    entries: Vec<(Key, Arc<Shared>)>,
}

impl Registry {
    fn get(&mut self, key: Key) -> Arc<Shared> {
        let forks = os::forks();
        if self.forks != forks {
            // In the parent, a thread that does not exist here may have had its turn.
            for (_, shared) in &mut self.entries {
                let inherited = shared.inherited();
                std::mem::forget(std::mem::replace(shared, inherited));
            }
            self.forks = forks;
        }
        if let Some((_, shared)) = self.entries.iter().find(|(known, _)| *known == key) {
            return Arc::clone(shared);
        }
        if self.entries.len() >= MOST {
            self.entries
                .retain(|(_, shared)| Arc::strong_count(shared) > 1);
        }
        let shared = Arc::default();
        self.entries.push((key, Arc::clone(&shared)));
        shared
    }
}

static SHARED: Mutex<Registry> = Mutex::new(Registry {
    forks: 0,
    entries: Vec::new(),
});

/// Tokens that are kept for connections to come.
const MOST: usize = 256;

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::auth::tests::run;
    use crate::options::Secret;

    fn token(text: &str) -> Token {
        Token::new(Secret::new(text)).unwrap()
    }

    fn denied() -> Error {
        Error::Denied {
            message: "no".to_owned(),
        }
    }

    #[test]
    fn waiting_connections_get_the_token_of_the_first() {
        let (shared, calls) = (Shared::default(), AtomicU32::new(0));
        let renew = || {
            shared.renew(None, async |_| {
                calls.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(10)).await;
                Ok(token("a"))
            })
        };
        let (a, b, c) = run(async { tokio::join!(renew(), renew(), renew()) });
        assert!(a.is_ok() && b.is_ok() && c.is_ok());
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        assert_eq!(shared.fresh().unwrap(), "Bearer a");
    }

    #[test]
    fn waiting_connections_share_a_failure_and_a_later_one_tries_again() {
        let (shared, calls) = (Shared::default(), AtomicU32::new(0));
        let renew = || {
            shared.renew(None, async |_| {
                calls.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(Duration::from_millis(10)).await;
                Err(denied())
            })
        };
        let (a, b) = run(async { tokio::join!(renew(), renew()) });
        assert_eq!((a, b), (Err(denied()), Err(denied())));
        assert_eq!(calls.load(Ordering::Relaxed), 1);
        assert_eq!(run(renew()), Err(denied()));
        assert_eq!(calls.load(Ordering::Relaxed), 2);
    }

    #[test]
    fn a_cancelled_attempt_leaves_its_turn_to_the_next() {
        let shared = Shared::default();
        let gives_up = Duration::from_millis(10);
        let (given_up, got) = run(async {
            tokio::join!(
                tokio::time::timeout(
                    gives_up,
                    shared.renew(None, async |_| {
                        std::future::pending::<Result<Token, Error>>().await
                    })
                ),
                shared.renew(None, async |_| Ok(token("b")))
            )
        });
        assert!(given_up.is_err() && got.is_ok());
        assert_eq!(shared.fresh().unwrap(), "Bearer b");
    }

    #[test]
    fn a_refused_token_is_replaced_and_another_one_is_not() {
        let shared = Shared::default();
        run(shared.renew(None, async |_| Ok(token("a")))).unwrap();
        let refused = token("a").value;
        run(shared.renew(Some(&refused), async |before| {
            assert_eq!(before.unwrap().value, "Bearer a");
            Ok(token("b"))
        }))
        .unwrap();
        run(shared.renew(Some(&refused), async |_| panic!("there is b"))).unwrap();
        assert_eq!(shared.fresh().unwrap(), "Bearer b");
    }

    #[test]
    fn the_same_host_user_and_verification_share_and_others_do_not() {
        let oauth2 = OAuth2 {
            flow: Flow::Browser,
            show: crate::options::Show::default(),
            timeout: Duration::from_secs(1),
            cache: TokenCache::Memory,
        };
        let options = |host: &str, user: &str| Options {
            host: host.to_owned(),
            user: Some(user.to_owned()),
            ..Options::default()
        };
        let of = |host, user| Shared::of(&options(host, user), &oauth2);
        let one = of("shared.example", "ann");
        assert!(Arc::ptr_eq(&one, &of("Shared.example", "ann")));
        assert!(!Arc::ptr_eq(&one, &of("shared.example", "bob")));
        assert!(!Arc::ptr_eq(&one, &of("other.example", "ann")));
        let mut unverified = options("shared.example", "ann");
        for verification in [Verification::Ca, Verification::None] {
            unverified.trust.verification = verification;
            assert!(!Arc::ptr_eq(&one, &Shared::of(&unverified, &oauth2)));
        }
        let apart = OAuth2 {
            cache: TokenCache::None,
            ..oauth2
        };
        let own = Shared::of(&options("shared.example", "ann"), &apart);
        assert!(!Arc::ptr_eq(&one, &own));
    }

    #[test]
    fn a_child_process_has_the_token_and_waits_for_nobody() {
        let shared = Shared::default();
        run(shared.renew(None, async |_| Ok(token("a")))).unwrap();
        let _turn = shared.turn.try_lock().unwrap();
        let child = shared.inherited();
        assert_eq!(child.fresh().unwrap(), "Bearer a");
        assert!(child.turn.try_lock().is_ok());
    }
}
