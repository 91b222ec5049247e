//! A bound on the requests that the process has under way to one host, and so on its sockets.
//!
//! A program with hundreds of results would otherwise use up all files that the process may open, and
//! then fail to open its own. Each kind of [`Traffic`] has its own bound, so that segments cannot
//! keep statements away. Requests beyond the bound wait, in the order in which they came; a request
//! that cancels a query never waits.

use std::collections::HashMap;
use std::sync::Arc;

use parking_lot::Mutex;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The purpose of a request. Each has its own bound, so that none keeps another away.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Traffic {
    /// A request to the coordinator, which may hold it for a second, or to a host that gets few
    /// requests.
    Exchange,
    /// A segment.
    Segment,
    /// That a segment may be deleted.
    Acknowledgement,
}

/// The turns of all hosts.
#[derive(Debug)]
pub(super) struct Sockets {
    exchanges: usize,
    segments: usize,
    turns: Mutex<HashMap<(Traffic, String), Arc<Semaphore>>>,
}

/// A turn, which ends when its last copy is dropped.
#[derive(Debug, Clone)]
pub(super) struct Turn(
    #[expect(dead_code, reason = "its end is what counts")] Arc<OwnedSemaphorePermit>,
);

impl Sockets {
    /// Of a process that may open so many files and sockets; `None` when nothing limits them.
    pub(super) fn new(open_files: Option<u64>) -> Self {
        let part = |parts: u64, least: usize, most: usize| {
            let part = open_files.map(|files| usize::try_from(files / parts).unwrap_or(most));
            part.unwrap_or(most).clamp(least, most)
        };
        Self {
            exchanges: part(4, 16, 512),
            segments: part(8, 8, 64),
            turns: Mutex::default(),
        }
    }

    /// Resolves when there may be one more request of that kind to that host.
    pub(super) async fn turn(&self, traffic: Traffic, host: String) -> Option<Turn> {
        let turns = {
            let mut turns = self.turns.lock();
            // Hosts change: those without a request are not kept.
            if turns.len() >= MANY_HOSTS {
                turns.retain(|_, turns| Arc::strong_count(turns) > 1);
            }
            let turns = turns.entry((traffic, host));
            Arc::clone(turns.or_insert_with(|| Arc::new(Semaphore::new(self.most(traffic)))))
        };
        let permit = turns.acquire_owned().await.ok()?;
        Some(Turn(Arc::new(permit)))
    }

    /// The bound of a kind of traffic to one host.
    fn most(&self, traffic: Traffic) -> usize {
        match traffic {
            Traffic::Exchange => self.exchanges,
            Traffic::Segment => self.segments,
            Traffic::Acknowledgement => ACKNOWLEDGEMENTS,
        }
    }
}

impl Default for Sockets {
    fn default() -> Self {
        Self::new(None)
    }
}

/// They take a moment each, and no caller waits for them.
const ACKNOWLEDGEMENTS: usize = 8;

/// Hosts beyond which those without a request are forgotten.
const MANY_HOSTS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    fn most(open_files: Option<u64>) -> [usize; 2] {
        let sockets = Sockets::new(open_files);
        [Traffic::Exchange, Traffic::Segment].map(|traffic| sockets.most(traffic))
    }

    #[test]
    fn most_of_what_a_process_may_open_is_left_to_the_program() {
        assert_eq!(most(None), [512, 64]);
        assert_eq!(most(Some(u64::MAX)), [512, 64]);
        assert_eq!(most(Some(1024)), [256, 64]);
        assert_eq!(most(Some(400)), [100, 50]);
        assert_eq!(most(Some(20)), [16, 8]);
    }

    #[tokio::test]
    async fn who_comes_too_late_waits_for_its_turn_at_that_host_only() {
        let sockets = Sockets::new(Some(0));
        let turn = |traffic, host: &str| sockets.turn(traffic, host.to_owned());
        let mut taken = Vec::new();
        for _ in 0..8 {
            taken.push(turn(Traffic::Segment, "one:80").await);
        }
        let late = turn(Traffic::Segment, "one:80");
        tokio::pin!(late);
        assert!(futures_now(&mut late).await.is_none());
        assert!(turn(Traffic::Segment, "two:80").await.is_some());
        assert!(turn(Traffic::Exchange, "one:80").await.is_some());
        taken.pop();
        assert!(late.await.is_some());
    }

    #[tokio::test]
    async fn hosts_without_requests_are_forgotten() {
        let sockets = Sockets::default();
        let kept = sockets.turn(Traffic::Exchange, "kept".to_owned()).await;
        for host in 0..1000 {
            drop(sockets.turn(Traffic::Exchange, host.to_string()).await);
        }
        let turns = sockets.turns.lock();
        assert!(turns.len() <= MANY_HOSTS);
        assert!(turns.contains_key(&(Traffic::Exchange, "kept".to_owned())));
        drop(kept);
    }

    /// The output of a future that is ready at once.
    async fn futures_now<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
        tokio::select! {
            biased;
            output = future => Some(output),
            () = tokio::task::yield_now() => None,
        }
    }
}
