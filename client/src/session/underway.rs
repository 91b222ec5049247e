//! A statement that runs on the server while its caller does something else.
//!
//! Only its caller runs it on this side, by advancing it now and then: what it holds of the session
//! is dropped where the caller drops it, never on a thread of the runtime.

use std::fmt;
use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::{Arc, OnceLock};
use std::task::Poll;

use super::parameters::Text;
use super::{Bounds, Error, Execution, Session};
use crate::protocol;
use crate::runtime::Wait;
use crate::sql::Statement;

/// A statement that was begun. Dropping it ends it, on the server too.
pub struct Underway {
    session: Arc<Session>,
    wait: Wait,
    id: Arc<OnceLock<String>>,
    progress: Progress,
}

/// How far a statement is.
enum Progress {
    Running(Work),
    Ended(Result<Execution, Error>),
    Over,
}

type Work = Pin<Box<dyn Future<Output = Result<Execution, protocol::Error>> + Send>>;

impl Session {
    /// Begins a statement of the application's, which may take as long as `wait` allows from now
    /// on.
    pub fn begin(self: &Arc<Self>, sql: Statement, bounds: Bounds, wait: Wait) -> Underway {
        let id = Arc::new(OnceLock::new());
        let work = {
            let (session, id) = (Arc::clone(self), Arc::clone(&id));
            async move { session.start(&Text::plain(&sql), bounds, &id).await }
        };
        let mut underway = Underway {
            session: Arc::clone(self),
            wait,
            id,
            progress: Progress::Running(Box::pin(work)),
        };
        underway.advance();
        underway
    }
}

impl Underway {
    /// Does what can be done for the statement without waiting.
    pub fn advance(&mut self) {
        let Progress::Running(work) = &mut self.progress else {
            return;
        };
        let session = &self.session;
        if !session.lease.is_ours() {
            self.progress = Progress::Ended(Err(Error::Forked));
            return;
        }
        let closing = session.shared.closing.is_cancelled();
        let polled = self.wait.block_on(
            session.lease.handle(),
            poll_fn(|context| {
                Poll::Ready(match work.as_mut().poll(context) {
                    Poll::Ready(ended) => Some(Some(ended)),
                    Poll::Pending => closing.then_some(None),
                })
            }),
        );
        let ended = match polled {
            Ok(None) => return,
            Ok(Some(ended)) => Ok(ended),
            Err(cause) => Err(cause),
        };
        self.progress = Progress::Ended(session.ended(ended, Some(&self.id)));
    }

    /// Waits for the end of the statement.
    pub fn finish(mut self) -> Result<Execution, Error> {
        let result = match std::mem::replace(&mut self.progress, Progress::Over) {
            Progress::Running(work) => self.session.call(&self.wait, Some(&self.id), work),
            Progress::Ended(result) => result,
            Progress::Over => Err(Error::Closed),
        };
        result.inspect_err(|error| self.session.note_limit(error))
    }
}

impl fmt::Debug for Underway {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Underway")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
