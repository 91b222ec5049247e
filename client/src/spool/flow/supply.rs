//! Memory that a result returns to the process, and takes again.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::queue::Released;
use super::{Flow, State};
use crate::decode::Buffer;
use crate::spool::budget::{Account, Holder};
use crate::spool::unpack::Payload;

impl Flow {
    /// Drops what was released of a segment.
    pub(super) fn forget(self: &Arc<Self>, released: Released) {
        if matches!(released.payload, Some(Payload::Downloaded(_))) {
            self.counters.meter().left(Instant::now());
        }
        tracing::debug!(
            segment = released.id,
            chunks = released.chunks.len(),
            "segment released, to be fetched again"
        );
        let is_due = released.is_due;
        drop(released);
        if is_due {
            self.watch_over_uris();
        }
    }

    /// Has the first segment wait for its turn where it needs one, and ends a turn that is over.
    pub(super) fn request_turn(self: &Arc<Self>, state: &mut State) {
        if state.in_line {
            if !state.queue.window.has_turn() {
                self.turn_over.notify_one();
            }
        } else if state.queue.window.needs_turn() {
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
        self.state.lock().queue.window.grant();
        self.carry_out_actions();
        let over = async {
            while self.state.lock().queue.window.has_turn() {
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
        self.carry_out_actions();
    }

    /// A buffer for the bytes of a segment.
    pub(super) fn wire(&self) -> Buffer {
        self.spool.budget.wires.take()
    }

    /// Leaves the buffer of a segment's bytes to whatever comes next.
    pub(super) fn give_wire(&self, buffer: Buffer) {
        self.spool.budget.wires.give(buffer, self.spool.spare());
    }

    /// Leaves the buffer of a segment's text, which counts as held still, to whatever comes next.
    /// Where memory is full of rows that are read slowly, one is enough.
    pub(super) fn give_text(&self, buffer: Buffer) {
        let held = self.state.lock().queue.window.held();
        let left = self.spool.capacity.memory.saturating_sub(held);
        let left = usize::try_from(left).unwrap_or(usize::MAX);
        let most = self.spool.spare().saturating_mul(4);
        let most = most.min(left.saturating_add(buffer.capacity()));
        self.spool.budget.texts.give(buffer, most);
    }
}

impl State {
    /// Lets the window know what it may hold: the share without what is kept of chunks that were
    /// read.
    pub(super) fn take_share(&mut self, account: &Account) {
        match account.share() {
            u64::MAX => self.queue.window.set_share(u64::MAX, 0),
            share => {
                let share = share - share / POOLED_PART;
                self.queue.window.set_share(share, account.room());
            }
        }
    }
}

const LONGEST_TURN: Duration = Duration::from_secs(2);

/// The part of a share that chunks which were read may take.
const POOLED_PART: u64 = 8;

impl Holder for Flow {
    fn share_changed(self: Arc<Self>) {
        let share = self.account.share();
        {
            let mut state = self.state.lock();
            if state.stopped {
                return;
            }
            let spare = self.spool.spare() as u64;
            let most = spare.min(share / POOLED_PART);
            state.pools.shrink(most, share < spare);
        }
        self.carry_out_actions();
        self.pageable.notify_one();
    }
}
