//! One result between the pager and the reader: the tasks that carry out the window's decisions.
//!
//! [`Queue`] holds the segments and the window, [`Pools`] the memory that one segment leaves to the
//! next, and [`Flow`] the lock around both, the tasks, and the notifications between them.
//!
//! # The life of a segment
//!
//! Words in capitals are the window's actions ([`Action`](super::window::Action)). Each event below
//! ends with [`Flow::carry_out_actions`], which asks the window for the next one.
//!
//! ```text
//!  PageSender::send                                  the pager's task
//!        |
//!        | Queue::push
//!        v
//!   +---------+  SAVE: its URI ends soon, memory is full   +---------+
//!   | waiting | -----------------------------------------> | on disk |   disk.rs
//!   +---------+ <----------------------------------------- +---------+
//!     |  ^  ^       cannot be saved                             |
//!     |  |  |                                                   |
//!     |  |  +--------------------------------------------+      | LOAD
//!     |  |                                   RELEASE:    |      |
//!     |  | not fetched within the policy:    memory is   |      |
//!     |  | the result fails at this segment  short and   |      |
//!     |  |                                   the reader  |      |
//!     |  | fetch.rs                          is away     |      |
//!     v  |                                               |      |
//!   DOWNLOAD ------------------> bytes in memory --------+ <----+
//!     ^                            |  ^                  |
//!     | damaged, up to             |  | suspended:       |
//!     | three times       DECODE   |  | no memory for    |
//!     |                            v  | more chunks      |
//!     +------------------------- decoder                 |   decode.rs
//!                                  |                     |
//!                                  v                     |
//!                               chunks ------------------+
//!                                  |
//!                                  | Queue::turn, in the order of the result
//!                                  v
//!                        Feed::next                  the application's call
//!                                  |
//!                                  | the last row is read
//!                                  v
//!                             ACKNOWLEDGE -------> the server deletes it
//! ```
//!
//! Direct rows and inline segments begin as bytes in memory, and are neither fetched, saved,
//! released nor acknowledged. Small ones are decoded by the thread that adds them, so that a tiny
//! result never waits for another thread. If the application stops reading, every task ends, and
//! segments that were not read are acknowledged unread.
//!
//! # Locks
//!
//! One lock, `Flow::state`, guards the queue and the pools. It is held for bookkeeping only: never
//! across an `await`, decoding, file I/O, or a call of another task. The meter's lock may be taken
//! while it is held, and so may those of the account's budget that read shares
//! ([`Account::share`], [`Account::hold`]), which are atomics. The budget takes the lock of its
//! accounts first, drops it, and only then calls [`Holder::share_changed`](super::budget::Holder),
//! which locks the state. So no code path waits for one of these locks while it holds another one
//! that is taken in the reverse order.

mod chunk_pool;
mod decode;
mod disk;
mod fetch;
mod pools;
mod queue;
mod supply;

use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Weak};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

use super::error::Stopped;
use super::segment::{Segment, Source, Spooled};
use super::statistics::{Counters, add};
use super::unpack::Payload;
use super::window::{Id, Limits};
use super::{Error, Spool, Statistics};
use crate::columns::Type;
use crate::decode::Buffer;
use crate::options::Encoding;
use crate::protocol::{PageData, Warning};
use crate::spill::Spill;
use crate::spool::budget::Account;
use pools::Pools;
pub(super) use queue::Turn;
use queue::{Queue, Work};

/// One result on its way.
pub(super) struct Flow {
    spool: Arc<Spool>,
    runtime: Handle,
    types: Arc<[Type]>,
    query_id: String,
    /// Its part of the process's memory.
    account: Arc<Account>,
    state: Mutex<State>,
    /// The reader may find something new.
    readable: Notify,
    /// The pager may find that it is wanted.
    pageable: Notify,
    /// A segment may be urgent sooner than it was.
    watchful: Notify,
    /// The turn of the first segment may be over.
    turn_over: Notify,
    /// Ends everything that is under way.
    halt: CancellationToken,
    /// Ends the pager.
    unwanted: CancellationToken,
    /// Whether the rows could still be had without segments, as far as the reader knows.
    replaceable: AtomicBool,
    counters: Counters,
    started: Instant,
    /// The span of its events.
    span: Span,
}

/// Whether it is known that spooled segments can be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Availability {
    /// None is being fetched, so nothing is known.
    Unknown,
    /// The first are being fetched.
    Fetching,
    /// One was fetched, one cannot be fetched, or there is none.
    Known,
}

struct State {
    queue: Queue,
    pools: Pools,
    /// The result's file, once a segment went to disk.
    spill: Option<Arc<Spill>>,
    /// Whether a task watches over the life of URIs.
    watched: bool,
    /// Whether the first segment waits for its turn, or has it.
    in_line: bool,
    stopped: bool,
}

impl Flow {
    pub(super) fn new(
        spool: Arc<Spool>,
        runtime: Handle,
        types: Arc<[Type]>,
        query_id: &str,
    ) -> Arc<Self> {
        let kept = spool.spare() as u64;
        let cores = spool.budget.cores;
        let decoders = spool.capacity.decoders.min(cores);
        let limits = Limits {
            budget: spool.capacity.memory,
            inline: INLINE_AHEAD,
            downloads: spool.capacity.downloads,
            first_downloads: spool.capacity.first_downloads,
            decodes: spool.capacity.decoders,
            segments: SEGMENTS_AHEAD,
            disk: spool.disk,
        };
        let budget = Arc::clone(&spool.budget);
        let flow = Arc::new_cyclic(|flow: &Weak<Self>| Self {
            account: budget.open(spool.capacity.memory, flow.clone()),
            spool,
            runtime,
            types,
            query_id: query_id.to_owned(),
            state: Mutex::new(State {
                queue: Queue::new(limits),
                pools: Pools::new(kept),
                spill: None,
                watched: false,
                in_line: false,
                stopped: false,
            }),
            readable: Notify::new(),
            pageable: Notify::new(),
            watchful: Notify::new(),
            turn_over: Notify::new(),
            halt: CancellationToken::new(),
            unwanted: CancellationToken::new(),
            replaceable: AtomicBool::new(true),
            counters: Counters::new(decoders, cores),
            started: Instant::now(),
            span: tracing::error_span!("query", query_id),
        });
        budget.look();
        flow
    }

    /// Has a task done for the query, whose events say so.
    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        self.runtime.spawn(task.instrument(self.span.clone()));
    }

    /// Adds the segments of a page.
    pub(super) fn add(self: &Arc<Self>, data: PageData) {
        if data.is_none() {
            return;
        }
        let (segments, failure) = self.segments_of(data);
        let mut orphans = Vec::new();
        let mut is_due = false;
        {
            let mut state = self.state.lock();
            state.queue.window.page();
            for segment in segments {
                let due = match &segment.source {
                    Source::Spooled(spooled) if state.stopped => {
                        orphans.push(Arc::clone(spooled));
                        continue;
                    }
                    _ if state.stopped => continue,
                    Source::Spooled(spooled) if self.spool.disk > 0 => self.urgent_at(spooled),
                    _ => None,
                };
                is_due |= due.is_some();
                self.counters.found(&segment.source);
                state.queue.push(segment, due);
            }
        }
        if is_due {
            self.start_watch();
        }
        // The reader is gone, but these segments are still on the server.
        self.spool
            .acknowledger
            .unread(&self.runtime, &self.spool.hosts, orphans);
        if let Some(error) = failure {
            self.fail_rest(error);
        }
        self.carry_out_actions();
    }

    /// The segments of a page, up to the first that is not understood.
    fn segments_of(&self, data: PageData) -> (Vec<Segment>, Option<Error>) {
        let (encoding, segments) = match data {
            PageData::None => return (Vec::new(), None),
            PageData::Direct(rows) => return (vec![Segment::direct(rows)], None),
            PageData::Spooled { encoding, segments } => (encoding, segments),
        };
        let Some(encoding) = Encoding::from_name(&encoding) else {
            return (Vec::new(), Some(Error::Encoding { name: encoding }));
        };
        let _ = self.counters.encoding.set(encoding);
        let mut understood = Vec::with_capacity(segments.len());
        for segment in segments {
            match Segment::spooling(encoding, segment) {
                Ok(segment) => understood.push(segment),
                Err(error) => return (understood, Some(error)),
            }
        }
        (understood, None)
    }

    /// Resolves when the next page is wanted.
    pub(super) async fn wants_page(&self) -> Result<(), Stopped> {
        loop {
            {
                let state = self.state.lock();
                if state.stopped || state.queue.failure.is_some() {
                    return Err(Stopped);
                }
                if state.queue.window.wants_page() {
                    return Ok(());
                }
            }
            tokio::select! {
                () = self.pageable.notified() => {}
                () = self.unwanted.cancelled() => return Err(Stopped),
            }
        }
    }

    /// Resolves when no further page is wanted.
    pub(super) async fn unwanted(&self) {
        self.unwanted.cancelled().await;
    }

    /// Resolves when the reader may find something new.
    pub(super) async fn readable(&self) {
        self.readable.notified().await;
    }

    /// The result is complete.
    pub(super) fn finish(&self) {
        self.state.lock().queue.is_complete = true;
        self.readable.notify_one();
    }

    /// Nothing after the segments that are known can be had.
    pub(super) fn fail_rest(self: &Arc<Self>, error: Error) {
        let id = self.state.lock().queue.next_id();
        self.fail(id, error);
    }

    /// The reader's next turn. It releases the chunk that it took before.
    pub(super) fn take(self: &Arc<Self>) -> Turn {
        let turn = {
            let mut state = self.state.lock();
            let State { queue, pools, .. } = &mut *state;
            let in_hand = std::mem::take(&mut queue.in_hand);
            queue.window.released(in_hand);
            let turn = queue.turn();
            if let Turn::Chunk(chunk) = &turn {
                pools.chunks.put(Arc::clone(chunk), queue.in_hand);
            }
            turn
        };
        self.counters
            .meter()
            .came(matches!(turn, Turn::Chunk(_)), Instant::now());
        match turn {
            Turn::Chunk(_) => self.account.took(),
            Turn::Wait => self.account.waits(),
            Turn::Failed(_) => self.unwanted.cancel(),
            Turn::End => {}
        }
        self.carry_out_actions();
        self.pageable.notify_one();
        turn
    }

    /// Whether it is known that spooled segments can be fetched. News about it makes the flow
    /// readable.
    pub(super) fn availability(&self) -> Availability {
        let state = self.state.lock();
        let statistics = self.statistics_of(&state);
        let fetched = self.spool.has_served();
        // A server that sends rows by the direct protocol sends no segments.
        let direct = statistics.direct > 0;
        let complete = state.queue.is_complete;
        if fetched || direct || state.stopped || state.queue.failure.is_some() {
            Availability::Known
        } else if state.queue.window.is_downloading() {
            Availability::Fetching
        } else if complete {
            Availability::Known
        } else {
            Availability::Unknown
        }
    }

    /// Takes the error that the result will end with, if `which` accepts it.
    pub(super) fn take_failure(&self, which: impl FnOnce(&Error) -> bool) -> Option<Error> {
        let mut state = self.state.lock();
        let (_, error) = state.queue.failure.as_mut()?;
        error.take_if(|error| which(error))
    }

    /// The reader is gone.
    pub(super) fn stop(self: &Arc<Self>) {
        self.halt.cancel();
        self.unwanted.cancel();
        let unread = {
            let mut state = self.state.lock();
            if state.stopped {
                return;
            }
            state.stopped = true;
            state.pools = Pools::new(0);
            state.spill = None;
            state.queue.stop()
        };
        self.account.close();
        self.spool
            .acknowledger
            .unread(&self.runtime, &self.spool.hosts, unread);
        let statistics = self.statistics();
        tracing::info!(
            query_id = self.query_id,
            retrieval = statistics.mode(),
            encoding = statistics.encoding.map(Encoding::name),
            inline = statistics.inline,
            spooled = statistics.spooled,
            spilled = statistics.spilled,
            bytes = statistics.downloaded,
            rows = statistics.rows,
            retries = statistics.retries,
            peak_memory = statistics.peak_memory,
            ms = self.started.elapsed().as_millis() as u64,
            "query finished"
        );
    }

    pub(super) fn take_warning(&self) -> Option<Warning> {
        self.spool.take_warning()
    }

    pub(super) fn statistics(&self) -> Statistics {
        self.statistics_of(&self.state.lock())
    }

    fn statistics_of(&self, state: &State) -> Statistics {
        Statistics {
            peak_memory: state.queue.window.peak(),
            ..self.counters.read()
        }
    }

    /// Does what the window wants, until it wants nothing.
    fn carry_out_actions(self: &Arc<Self>) {
        loop {
            let mut state = self.state.lock();
            state.take_share(&self.account);
            let Some(work) = state.queue.next_work() else {
                self.account.hold(state.queue.window.held());
                self.request_turn(&mut state);
                return;
            };
            drop(state);
            let flow = Arc::clone(self);
            match work {
                Work::Download(id, spooled) => self.spawn(flow.download(id, spooled)),
                Work::Save(id, spooled) => self.spawn(flow.save(id, spooled)),
                Work::Load(id, spooled) => self.spawn(flow.load(id, spooled)),
                Work::DecodeHere(id) => self.span.in_scope(|| self.decode(id)),
                Work::DecodeElsewhere => self.spawn(flow.decode_elsewhere()),
                Work::Forget(released) => self.forget(released),
                Work::Acknowledge(spooled) => {
                    self.spool
                        .acknowledger
                        .read(&self.runtime, &self.spool.hosts, spooled);
                }
            }
        }
    }

    /// The bytes of a segment are there.
    fn arrived(self: &Arc<Self>, id: Id, bytes: Buffer) {
        {
            let mut state = self.state.lock();
            state.queue.window.downloaded(id, bytes.len() as u64);
            self.counters.meter().arrived(Instant::now());
            if let Some(held) = state.queue.held(id) {
                held.payload = Some(Payload::Downloaded(bytes));
            }
        }
        // Who waits only for this reads nothing, and so there may be no room to decode it.
        self.readable.notify_one();
        self.carry_out_actions();
    }

    /// Segment `id` cannot be had, and so none after it.
    fn fail(self: &Arc<Self>, id: Id, error: Error) {
        {
            let mut state = self.state.lock();
            if state.stopped {
                return;
            }
            let reason = error.to_string();
            if state.queue.fail(id, error) {
                tracing::debug!(
                    segment = id,
                    error = reason,
                    "the result ends before this segment"
                );
            }
        }
        self.unwanted.cancel();
        self.readable.notify_one();
        self.pageable.notify_one();
        self.carry_out_actions();
    }
}

impl fmt::Debug for Flow {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Flow")
            .field("query_id", &self.query_id)
            .finish_non_exhaustive()
    }
}

/// More than Trino puts inside of the pages of a spooled result, which is about a megabyte in all.
pub(super) const INLINE_AHEAD: u64 = 4 << 20;

/// Segments that are known and unread; a reference takes about a kilobyte.
pub(super) const SEGMENTS_AHEAD: usize = 4096;
