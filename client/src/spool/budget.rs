//! The budget of the process, which all results share: memory, decoders and idle buffers.
//!
//! While the limits of all open results fit into the memory together, the budget has no effect.
//! Beyond that each gets a share of it, depending on its reader ([`shares`]):
//!
//! | The reader | Share |
//! |---|---|
//! | waits for rows, or waited within two seconds | as much as any other that waits, up to its limit |
//! | finds its rows there, while others wait | what it holds |
//! | finds its rows there, and none waits | as much as any other |
//! | has taken no rows for three seconds | nothing: what it holds is released where it can be fetched again |
//!
//! Shares are computed again when readers come, wait or continue, at most ten times a second, so that
//! nothing is paid for a cell or a row. A result with a share below its needs still makes progress: the
//! segment that is read next is admitted in turn ([`Budget::turns`]), whatever it takes.

mod pool;
mod shares;

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::sync::{Arc, Weak};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use tokio::sync::Semaphore;

pub(super) use pool::Pool;
use shares::{Reader, shares};

use super::capacity::Capacity;

/// The budget of the process, which all results share.
pub struct Budget {
    /// Bytes of results in memory.
    memory: AtomicU64,
    pub(super) cores: usize,
    /// Bytes that results hold together.
    held: AtomicU64,
    accounts: Mutex<Vec<Entry>>,
    /// One permit for each core.
    pub(super) decoders: Arc<Semaphore>,
    /// One permit for each segment that is fetched and decoded although there is no room for it.
    pub(super) turns: Arc<Semaphore>,
    /// Unused buffers for the bytes of segments.
    pub(super) wires: Pool,
    /// Unused buffers for the texts of segments.
    pub(super) texts: Pool,
    started: Instant,
    /// When the shares were looked at, in milliseconds since the start.
    looked_at: AtomicU64,
    /// Milliseconds by which a test has moved the clock on.
    #[cfg(test)]
    skipped: AtomicU64,
}

/// One result's part of the budget. Dropping it returns that.
pub(super) struct Account {
    budget: Arc<Budget>,
    /// Bytes that the result may hold by its own limit.
    limit: u64,
    held: AtomicU64,
    share: AtomicU64,
    /// Whether the reader waits for rows.
    waiting: AtomicBool,
    /// When the reader last took rows or began to wait, and when it last waited; in milliseconds of
    /// the budget.
    moved_at: AtomicU64,
    waited_at: AtomicU64,
}

/// A result whose share may change.
pub(super) trait Holder: Send + Sync {
    fn share_changed(self: Arc<Self>);
}

struct Entry {
    account: Weak<Account>,
    holder: Weak<dyn Holder>,
}

impl Budget {
    /// A budget of `memory` bytes for a computer with so many cores.
    pub fn new(memory: u64, cores: usize) -> Arc<Self> {
        Arc::new(Self {
            memory: AtomicU64::new(memory),
            cores: cores.max(1),
            held: AtomicU64::new(0),
            accounts: Mutex::default(),
            decoders: Arc::new(Semaphore::new(cores.max(1))),
            turns: Arc::new(Semaphore::new((4 * cores).clamp(LEAST_TURNS, MOST_TURNS))),
            wires: Pool::default(),
            texts: Pool::default(),
            started: Instant::now(),
            looked_at: AtomicU64::new(0),
            #[cfg(test)]
            skipped: AtomicU64::new(0),
        })
    }

    /// The default for all results together, on a computer with so much memory: rows that are read
    /// on need little, and what they leave is the application's.
    pub fn usual(memory: Option<u64>) -> u64 {
        memory
            .map_or(LEAST_USUAL, |memory| memory / 25)
            .max(LEAST_USUAL)
    }

    /// Bytes that results may hold together from now on.
    pub fn set_memory(&self, bytes: u64) {
        if self.memory.swap(bytes, Relaxed) != bytes {
            self.look();
        }
    }

    /// The default for one result.
    pub(super) fn usual_capacity(&self) -> Capacity {
        Capacity::usual(self.cores, self.memory.load(Relaxed))
    }

    /// Bytes that results hold together.
    pub fn held(&self) -> u64 {
        self.held.load(Relaxed)
    }

    /// Bytes that one result may take beyond its share: some of what the others leave unused. The
    /// last quarter of the memory is for those that have less than their shares.
    fn room(&self) -> u64 {
        let memory = self.memory.load(Relaxed);
        let left = (memory - memory / 4).saturating_sub(self.held());
        left / ROOM_PARTS
    }

    /// An account of a result that may hold `limit` bytes by itself; `holder` learns when its share
    /// changes.
    pub(super) fn open(self: &Arc<Self>, limit: u64, holder: Weak<dyn Holder>) -> Arc<Account> {
        let now = self.now();
        let account = Arc::new(Account {
            budget: Arc::clone(self),
            limit,
            held: AtomicU64::new(0),
            share: AtomicU64::new(u64::MAX),
            waiting: AtomicBool::new(false),
            moved_at: AtomicU64::new(now),
            waited_at: AtomicU64::new(now),
        });
        self.accounts.lock().push(Entry {
            account: Arc::downgrade(&account),
            holder,
        });
        account
    }

    /// Divides the memory again, and lets those know whose shares have changed.
    pub(super) fn look(&self) {
        let now = self.now();
        self.looked_at.store(now, Relaxed);
        let (accounts, holders) = self.open_accounts();
        let readers: Vec<Reader> = accounts.iter().map(|account| account.reader(now)).collect();
        let shares = shares(self.memory.load(Relaxed), &readers);
        let short = self.room() == 0;
        for ((account, share), holder) in accounts.iter().zip(shares).zip(holders) {
            let before = account.share.swap(share, Relaxed);
            let held = account.held.load(Relaxed);
            let matters = share > before || (share < before || short) && share < held;
            if matters && let Some(holder) = holder.upgrade() {
                holder.share_changed();
            }
        }
    }

    /// They go after the lock does, as closing the last one takes it.
    fn open_accounts(&self) -> (Vec<Arc<Account>>, Vec<Weak<dyn Holder>>) {
        let entries = self.accounts.lock();
        let open = entries.iter().filter_map(|entry| {
            let account = entry.account.upgrade()?;
            Some((account, Weak::clone(&entry.holder)))
        });
        open.unzip()
    }

    fn now(&self) -> u64 {
        let now = u64::try_from(self.started.elapsed().as_millis()).unwrap_or(u64::MAX);
        #[cfg(test)]
        let now = now + self.skipped.load(Relaxed);
        // More than no time: a budget that has just begun looks at once.
        now + INTERVAL
    }

    /// Lets `time` pass for the readers of all results.
    #[cfg(test)]
    pub(super) fn skip(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).expect("tests skip seconds");
        self.skipped.fetch_add(millis, Relaxed);
    }
}

impl Account {
    /// Bytes that the result may hold now.
    pub(super) fn share(&self) -> u64 {
        self.share.load(Relaxed)
    }

    /// Bytes that the result may take beyond its share.
    pub(super) fn room(&self) -> u64 {
        self.budget.room()
    }

    /// The result holds so many bytes now.
    pub(super) fn hold(&self, bytes: u64) {
        let before = self.held.swap(bytes, Relaxed);
        // Wraps where it shrinks.
        self.budget
            .held
            .fetch_add(bytes.wrapping_sub(before), Relaxed);
    }

    /// The reader took rows.
    pub(super) fn took(&self) {
        self.moved(false);
    }

    /// The reader waits for rows.
    pub(super) fn waits(&self) {
        self.moved(true);
    }

    fn moved(&self, waiting: bool) {
        let now = self.budget.now();
        self.moved_at.store(now, Relaxed);
        if waiting {
            self.waited_at.store(now, Relaxed);
        }
        self.waiting.store(waiting, Relaxed);
        let looked_at = &self.budget.looked_at;
        let before = looked_at.load(Relaxed);
        // One of those that come at the same time is enough.
        if now.saturating_sub(before) >= INTERVAL
            && looked_at
                .compare_exchange(before, now, Relaxed, Relaxed)
                .is_ok()
        {
            self.budget.look();
        }
    }

    fn reader(&self, now: u64) -> Reader {
        let since = |at: &AtomicU64| Duration::from_millis(now.saturating_sub(at.load(Relaxed)));
        Reader {
            limit: self.limit,
            held: self.held.load(Relaxed),
            waiting: self.waiting.load(Relaxed),
            moved: since(&self.moved_at),
            waited: since(&self.waited_at),
        }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.close();
    }
}

impl Account {
    /// Gives back what the result took, which takes nothing any more.
    pub(super) fn close(&self) {
        self.hold(0);
        let is_last = {
            let mut entries = self.budget.accounts.lock();
            let before = entries.len();
            entries.retain(|entry| !std::ptr::eq(entry.account.as_ptr(), self));
            entries.is_empty() && before > 0
        };
        if is_last {
            self.budget.wires.empty();
            self.budget.texts.empty();
        }
    }
}

impl fmt::Debug for Budget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Budget")
            .field("memory", &self.memory)
            .field("held", &self.held())
            .finish_non_exhaustive()
    }
}

/// Milliseconds for which shares stay.
const INTERVAL: u64 = 100;

/// One of so many results at a time may use what the others leave.
const ROOM_PARTS: u64 = 16;

/// As many as keep the cores busy while others are on the wire.
const LEAST_TURNS: usize = 16;
const MOST_TURNS: usize = 64;

/// One result of the default limit fits into it.
const LEAST_USUAL: u64 = 96 << 20;

#[cfg(test)]
mod tests;
