//! What a result gives back to the process, and takes again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::MutexGuard;

use super::{Flow, Id, State};
use crate::decode::Buffer;
use crate::spool::budget::{Account, Holder};
use crate::spool::unpack::Payload;

impl Flow {
    /// Forgets the bytes of a segment and its rows that are not read.
    pub(super) fn release(self: &Arc<Self>, mut state: MutexGuard<'_, State>, id: Id) {
        let Some(held) = state.held(id) else { return };
        let (payload, chunks) = (held.payload.take(), std::mem::take(&mut held.chunks));
        // It may end up on disk before it is wanted again.
        held.urgent_at = held.due;
        let unwatched = held.due.is_some() && !state.watched;
        state.watched |= unwatched;
        drop(state);
        if matches!(payload, Some(Payload::Downloaded(_))) {
            self.counters.meter().left(Instant::now());
        }
        drop((payload, chunks));
        tracing::debug!(segment = id, "segment released, to be fetched again");
        if unwatched {
            self.spawn(Arc::clone(self).watch());
        } else {
            self.watchful.notify_one();
        }
    }

    /// Has the first segment wait for its turn where it needs one, and ends a turn that is over.
    pub(super) fn ask_for_turn(self: &Arc<Self>, state: &mut State) {
        if state.in_line {
            if !state.window.has_turn() {
                self.turn_over.notify_one();
            }
        } else if state.window.needs_turn() {
            state.in_line = true;
            self.spawn(Arc::clone(self).take_turn());
        }
    }

    async fn take_turn(self: Arc<Self>) {
        let turns = Arc::clone(&self.spool.budget.turns);
        let turn = tokio::select! {
            biased;
            () = self.halt.cancelled() => return,
            turn = turns.acquire_owned() => turn,
        };
        self.state.lock().window.grant();
        self.carry_on();
        let over = async {
            while self.state.lock().window.has_turn() {
                self.turn_over.notified().await;
            }
        };
        tokio::select! {
            biased;
            () = self.halt.cancelled() => return,
            () = over => {}
            // Storage that does not answer must not keep others away.
            () = tokio::time::sleep(LONGEST_TURN) => {}
        }
        drop(turn);
        self.state.lock().in_line = false;
        self.carry_on();
    }

    /// A buffer for the bytes of a segment.
    pub(super) fn wire(&self) -> Buffer {
        self.spool.budget.wires.take()
    }

    /// Leaves the buffer of a segment's bytes to whatever comes next.
    pub(super) fn give_wire(&self, buffer: Buffer) {
        self.spool.budget.wires.give(buffer, self.spool.spare());
    }

    /// Leaves the buffer of a segment's text, which counts as held still, to whatever comes next. Where memory is full of
    /// rows that are read slowly, one is enough.
    pub(super) fn give_text(&self, buffer: Buffer) {
        let held = self.state.lock().window.held();
        let left = self.spool.capacity.memory.saturating_sub(held);
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        let most = self.spool.spare().saturating_mul(4);
        let most = most.min(left.saturating_add(buffer.capacity()));
        self.spool.budget.texts.give(buffer, most);
    }
}

impl State {
    /// Lets the window know what it may hold: the share without what is kept of chunks that were read.
    pub(super) fn take_share(&mut self, account: &Account) {
        match account.share() {
            u64::MAX => self.window.set_share(u64::MAX, 0),
            share => self
                .window
                .set_share(share - share / SPENT_PART, account.room()),
        }
    }
}

const LONGEST_TURN: Duration = Duration::from_secs(2);

/// The part of a share that chunks which were read may take.
const SPENT_PART: u64 = 8;

impl Holder for Flow {
    fn share_changed(self: Arc<Self>) {
        let share = self.account.share();
        {
            let mut state = self.state.lock();
            if state.stopped {
                return;
            }
            let spare = self.spool.spare() as u64;
            state.spent.keep(spare.min(share / SPENT_PART));
            if share < spare {
                state.decoders.clear();
            }
        }
        self.carry_on();
        self.pageable.notify_one();
    }
}
