//! What happens between the two ends of a result: the window's decisions, carried out.
//!
//! One lock guards the state. Whoever reports an event asks the window what to do next and does it
//! after the lock is gone: tasks are spawned for downloads and large segments, small ones are
//! decoded on the spot, so that a tiny result never waits for another thread.

mod decode;
mod disk;
mod fetch;
mod spent;
mod supply;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::fmt;
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, Weak};
use std::time::Instant;

use parking_lot::Mutex;
use tokio::runtime::Handle;
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;
use tracing::{Instrument as _, Span};

use super::inlet::Stopped;
use super::segment::{Facts, Segment, Source, Spooled};
use super::statistics::{Counters, add};
use super::unpack::Payload;
use super::window::{Action, Id, Limits, Window};
use super::{Error, Spool, Statistics};
use crate::columns::{Chunk, Type};
use crate::decode::Buffer;
use crate::options::Encoding;
use crate::protocol::{PageData, Warning};
use crate::spill::{Spill, SpilledRange};
use crate::spool::budget::Account;
use spent::Spent;

/// One result on its way.
pub(super) struct Flow {
    spool: Arc<Spool>,
    runtime: Handle,
    types: Arc<[Type]>,
    query_id: String,
    /// What it takes of the process's memory.
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
    /// What its events have in common.
    span: Span,
}

/// What the reader finds.
pub(super) enum Turn {
    Chunk(Arc<Chunk>),
    End,
    Failed(Error),
    Wait,
}

/// What is known about whether spooled segments can be fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Prospect {
    /// Nothing: none is being fetched.
    Open,
    /// The first are being fetched.
    Fetching,
    /// One was, one cannot be, or there is none.
    Clear,
}

struct State {
    window: Window,
    /// Aligned with the window's segments: the first is the window's first.
    segments: VecDeque<Held>,
    /// Segments to be decoded; whoever gets a permit takes the first.
    to_decode: BTreeSet<Id>,
    /// Segments that the reader is past and that are not yet acknowledged.
    finished: BTreeMap<Id, Arc<Spooled>>,
    /// Size of the chunk that the reader has in hand.
    in_hand: u64,
    /// Rows handed to the reader.
    rows: u64,
    ending: Ending,
    /// The first segment that cannot be had, and why. The reason goes to the reader once.
    failure: Option<(Id, Option<Error>)>,
    /// Idle decoders.
    decoders: Vec<decode::Idle>,
    /// Chunks that the reader took.
    spent: Spent,
    /// The result's file, once something went to disk.
    spill: Option<Arc<Spill>>,
    /// Whether somebody watches over the life of URIs.
    watched: bool,
    /// Whether the first segment waits for its turn, or has it.
    in_line: bool,
    stopped: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ending {
    Open,
    Complete,
}

struct Held {
    facts: Facts,
    spooled: Option<Arc<Spooled>>,
    payload: Option<Payload>,
    chunks: VecDeque<(Arc<Chunk>, u64)>,
    offset_checked: bool,
    /// Where the bytes lie on disk.
    parked: Option<SpilledRange>,
    /// When its URI must have been used, unless that is no concern.
    due: Option<Instant>,
    /// The same, while it is still to be fetched.
    urgent_at: Option<Instant>,
    /// Rows that the reader took.
    given: u64,
    /// How often the bytes came damaged.
    damaged: u32,
    /// Why it is being fetched again.
    trouble: Option<String>,
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
        let window = Window::new(Limits {
            budget: spool.capacity.memory,
            inline: INLINE_AHEAD,
            downloads: spool.capacity.downloads,
            first_downloads: spool.capacity.first_downloads,
            decodes: spool.capacity.decoders,
            segments: SEGMENTS_AHEAD,
            disk: spool.disk,
        });
        let budget = Arc::clone(&spool.budget);
        let flow = Arc::new_cyclic(|flow: &Weak<Self>| Self {
            account: budget.open(spool.capacity.memory, flow.clone()),
            spool,
            runtime,
            types,
            query_id: query_id.to_owned(),
            state: Mutex::new(State {
                window,
                segments: VecDeque::new(),
                to_decode: BTreeSet::new(),
                finished: BTreeMap::new(),
                in_hand: 0,
                rows: 0,
                ending: Ending::Open,
                failure: None,
                decoders: Vec::new(),
                spent: Spent::new(kept),
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
        let (segments, failure) = match data {
            PageData::None => return,
            PageData::Direct(rows) => (vec![Segment::direct(rows)], None),
            PageData::Spooled { encoding, segments } => match Encoding::from_name(&encoding) {
                Some(encoding) => {
                    let _ = self.counters.encoding.set(encoding);
                    let mut kept = Vec::with_capacity(segments.len());
                    let mut failure = None;
                    for segment in segments {
                        match Segment::spooling(encoding, segment) {
                            Ok(segment) => kept.push(segment),
                            Err(error) => {
                                failure = Some(error);
                                break;
                            }
                        }
                    }
                    (kept, failure)
                }
                None => (Vec::new(), Some(Error::Encoding { name: encoding })),
            },
        };
        let mut orphans = Vec::new();
        let mut unwatched = false;
        {
            let mut state = self.state.lock();
            state.window.page();
            for segment in segments {
                let sizes = segment.sizes();
                let (spooled, payload) = match segment.source {
                    Source::Direct(rows) => (None, Some(Payload::Direct(rows))),
                    Source::Inline(data) => (None, Some(Payload::Inline(data))),
                    Source::Spooled(spooled) => (Some(spooled), None),
                };
                if state.stopped {
                    orphans.extend(spooled);
                    continue;
                }
                let urgent_at = spooled
                    .as_ref()
                    .filter(|_| self.spool.disk > 0)
                    .and_then(|spooled| self.urgent_at(spooled));
                unwatched |= urgent_at.is_some();
                if spooled.is_some() {
                    add(&self.counters.spooled, 1);
                    state.window.found(sizes);
                } else {
                    add(&self.counters.inline, 1);
                    let direct = matches!(payload, Some(Payload::Direct(_)));
                    add(&self.counters.direct, u64::from(direct));
                    state.window.came(sizes);
                }
                state.segments.push_back(Held {
                    facts: segment.facts,
                    spooled,
                    payload,
                    chunks: VecDeque::new(),
                    offset_checked: false,
                    parked: None,
                    due: urgent_at,
                    urgent_at,
                    given: 0,
                    damaged: 0,
                    trouble: None,
                });
            }
            unwatched &= !state.watched;
            state.watched |= unwatched;
        }
        if unwatched {
            self.spawn(Arc::clone(self).watch());
        }
        // The reader is gone, but these segments lie on the server.
        self.spool
            .acknowledger
            .unread(&self.runtime, &self.spool.hosts, orphans);
        if let Some(error) = failure {
            self.fail_rest(error);
        }
        self.carry_on();
    }

    /// Resolves when the next page is wanted.
    pub(super) async fn wants_page(&self) -> Result<(), Stopped> {
        loop {
            {
                let state = self.state.lock();
                if state.stopped || state.failure.is_some() {
                    return Err(Stopped);
                }
                if state.window.wants_page() {
                    return Ok(());
                }
            }
            tokio::select! {
                () = self.pageable.notified() => {}
                () = self.unwanted.cancelled() => return Err(Stopped),
            }
        }
    }

    /// Resolves when nobody wants further pages.
    pub(super) async fn unwanted(&self) {
        self.unwanted.cancelled().await;
    }

    /// Resolves when the reader may find something new.
    pub(super) async fn readable(&self) {
        self.readable.notified().await;
    }

    /// The result is complete.
    pub(super) fn finish(&self) {
        self.state.lock().ending = Ending::Complete;
        self.readable.notify_one();
    }

    /// Nothing after the segments that are known can be had.
    pub(super) fn fail_rest(self: &Arc<Self>, error: Error) {
        let id = {
            let state = self.state.lock();
            state.window.first() + state.segments.len() as Id
        };
        self.fail(id, error);
    }

    /// What the reader finds now. It lets go of the chunk that it took before.
    pub(super) fn take(self: &Arc<Self>) -> Turn {
        let turn = {
            let mut state = self.state.lock();
            let in_hand = std::mem::take(&mut state.in_hand);
            state.window.released(in_hand);
            state.turn()
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
        self.carry_on();
        self.pageable.notify_one();
        turn
    }

    /// What is known about whether spooled segments can be fetched. What is new about it makes the flow readable.
    pub(super) fn prospect(&self) -> Prospect {
        let state = self.state.lock();
        let statistics = self.statistics_of(&state);
        let fetched = self.spool.has_served();
        // A server that sends rows by the direct protocol sends no segments.
        let direct = statistics.direct > 0;
        let complete = state.ending == Ending::Complete;
        if fetched || direct || state.stopped || state.failure.is_some() {
            Prospect::Clear
        } else if state.window.is_downloading() {
            Prospect::Fetching
        } else if complete {
            Prospect::Clear
        } else {
            Prospect::Open
        }
    }

    /// The error that the result will end with, when `which` says so.
    pub(super) fn take_failure(&self, which: impl FnOnce(&Error) -> bool) -> Option<Error> {
        let mut state = self.state.lock();
        let (_, error) = state.failure.as_mut()?;
        error.take_if(|error| which(error))
    }

    /// Nobody reads any more.
    pub(super) fn stop(self: &Arc<Self>) {
        self.halt.cancel();
        self.unwanted.cancel();
        let unread = {
            let mut state = self.state.lock();
            if state.stopped {
                return;
            }
            state.stopped = true;
            state.window.stop();
            let mut unread = Vec::new();
            while let Some(action) = state.window.poll() {
                if let Action::Acknowledge(id) = action {
                    let finished = state.finished.remove(&id);
                    unread.extend(finished.or_else(|| state.spooled(id)));
                }
            }
            state.segments.clear();
            state.to_decode.clear();
            state.decoders.clear();
            state.spent = Spent::new(0);
            state.spill = None;
            unread
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
            peak_memory: state.window.peak(),
            ..self.counters.read()
        }
    }

    /// Does what the window wants, until it wants nothing.
    fn carry_on(self: &Arc<Self>) {
        loop {
            let (action, segment) = {
                let mut state = self.state.lock();
                state.take_share(&self.account);
                let Some(action) = state.window.poll() else {
                    self.account.hold(state.window.held());
                    self.ask_for_turn(&mut state);
                    return;
                };
                let id = match action {
                    Action::Download(id)
                    | Action::Save(id)
                    | Action::Load(id)
                    | Action::Decode(id)
                    | Action::Acknowledge(id) => id,
                    Action::Release(id) => {
                        self.release(state, id);
                        continue;
                    }
                };
                let small = matches!(action, Action::Decode(_)) && state.is_small(id);
                if matches!(action, Action::Decode(_)) && !small {
                    state.to_decode.insert(id);
                }
                let spooled = match action {
                    Action::Acknowledge(id) => state.finished.remove(&id),
                    _ => state.spooled(id),
                };
                (action, (spooled, small))
            };
            match (action, segment) {
                (Action::Download(id), (Some(spooled), _)) => {
                    self.spawn(Arc::clone(self).download(id, spooled));
                }
                (Action::Save(id), (Some(spooled), _)) => {
                    self.spawn(Arc::clone(self).save(id, spooled));
                }
                (Action::Load(id), (Some(spooled), _)) => {
                    self.spawn(Arc::clone(self).load(id, spooled));
                }
                (Action::Decode(id), (_, true)) => self.span.in_scope(|| self.decode(id)),
                (Action::Decode(_), (_, false)) => {
                    self.spawn(Arc::clone(self).decode_elsewhere());
                }
                (Action::Acknowledge(_), (Some(spooled), _)) => {
                    self.spool
                        .acknowledger
                        .read(&self.runtime, &self.spool.hosts, spooled);
                }
                (Action::Release(_), _) | (_, (None, _)) => {}
            }
        }
    }

    /// The bytes of a segment are there.
    fn arrived(self: &Arc<Self>, id: Id, bytes: Buffer) {
        {
            let mut state = self.state.lock();
            state.window.downloaded(id, bytes.len() as u64);
            self.counters.meter().arrived(Instant::now());
            if let Some(held) = state.held(id) {
                held.payload = Some(Payload::Downloaded(bytes));
            }
        }
        // Who waits only for this reads nothing, and so there may be no room to decode it.
        self.readable.notify_one();
        self.carry_on();
    }

    /// Segment `id` cannot be had, and so none after it.
    fn fail(self: &Arc<Self>, id: Id, error: Error) {
        {
            let mut state = self.state.lock();
            if state.stopped {
                return;
            }
            state.window.fail(id);
            match &state.failure {
                Some((failed, _)) if *failed <= id => {}
                _ => {
                    tracing::debug!(segment = id, %error, "the result ends before this segment");
                    state.failure = Some((id, Some(error)));
                }
            }
        }
        self.unwanted.cancel();
        self.readable.notify_one();
        self.pageable.notify_one();
        self.carry_on();
    }
}

impl State {
    fn held(&mut self, id: Id) -> Option<&mut Held> {
        let index = usize::try_from(id.checked_sub(self.window.first())?).ok()?;
        self.segments.get_mut(index)
    }

    fn spooled(&mut self, id: Id) -> Option<Arc<Spooled>> {
        self.held(id).and_then(|held| held.spooled.clone())
    }

    /// Whether decoding the segment takes less than handing it to another thread is worth.
    fn is_small(&mut self, id: Id) -> bool {
        self.held(id).is_some_and(|held| {
            let expanded = held.facts.uncompressed_size.unwrap_or_default();
            held.spooled.is_none()
                && expanded < SMALL as u64
                && held
                    .payload
                    .as_ref()
                    .is_some_and(|payload| payload.len() < SMALL)
        })
    }

    /// The next chunk in order, or why there is none.
    fn turn(&mut self) -> Turn {
        loop {
            let first = self.window.first();
            let rows = self.rows;
            let wrong_offset = self.segments.front_mut().and_then(|held| {
                let checked = std::mem::replace(&mut held.offset_checked, true);
                let offset = held.facts.row_offset.filter(|_| !checked)?;
                (offset != rows).then_some(offset)
            });
            if let Some(actual) = wrong_offset {
                let error = Error::RowOffset {
                    segment: first,
                    expected: rows,
                    actual,
                };
                self.window.fail(first);
                self.failure = Some((first, Some(error)));
            }
            // Chunks of a segment that failed later are sound: their rows were decoded before the
            // fault.
            let failed_here = matches!(&self.failure, Some((failed, _)) if *failed == first);
            let refused = failed_here && self.wrong_order(first);
            if let Some(held) = self.segments.front_mut().filter(|_| !refused)
                && let Some((chunk, size)) = held.chunks.pop_front()
            {
                held.given += chunk.rows() as u64;
                self.window.taken(size);
                self.in_hand = size;
                self.rows += chunk.rows() as u64;
                self.spent.put(Arc::clone(&chunk), size);
                return Turn::Chunk(chunk);
            }
            if failed_here {
                let error = self.failure.as_mut().and_then(|(_, error)| error.take());
                return Turn::Failed(error.unwrap_or(Error::Over));
            }
            if self.window.pass() {
                let spooled = self.segments.pop_front().and_then(|held| held.spooled);
                self.finished
                    .extend(spooled.map(|spooled| (first, spooled)));
                continue;
            }
            if self.ending == Ending::Complete && self.segments.is_empty() {
                return Turn::End;
            }
            self.window.wanted();
            return Turn::Wait;
        }
    }

    /// Whether the failure of segment `id` is about its place, so that none of its rows may be
    /// read.
    fn wrong_order(&self, id: Id) -> bool {
        matches!(&self.failure, Some((failed, Some(Error::RowOffset { .. }) | None)) if *failed == id)
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

/// Below this many bytes a segment is decoded where it is found.
const SMALL: usize = 64 << 10;
