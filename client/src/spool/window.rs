//! The window of segments between the pager and the reader.
//!
//! Decides only: which segment to download, which to decode, which to acknowledge, and whether the
//! pager may go on. It does no I/O and reads no clock; what happened is told by methods, what to do
//! is asked by [`Window::poll`]. Segments may finish in any order and are read in order. The first
//! segment that is not read to its end is always admitted, whatever it costs; all others only
//! within the budget, so they can neither starve it nor outgrow memory. A segment that is urgent,
//! because its URI ends soon, and for which there is no room goes to disk as it is.
//!
//! Where the process has less memory than its results may hold together, the window gets a share of it
//! ([`Window::set_share`]). The first segment, when there is no room for it, is then admitted once the reader waits for it
//! and has its turn ([`Window::needs_turn`]), and decoded a part at a time. What the share has no room for is released, to
//! be fetched again: a segment is acknowledged no sooner than its last row is read.

use std::collections::{BTreeSet, VecDeque};

/// The number of a segment: its place in the result, from 0.
pub(super) type Id = u64;

/// What to do next.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Action {
    /// Fetch the segment; answer by [`Window::downloaded`] or [`Window::fail`].
    Download(Id),
    /// Fetch the segment and put it on disk; answer by [`Window::saved`], [`Window::unsaved`] or
    /// [`Window::fail`].
    Save(Id),
    /// Read the segment from disk; answer by [`Window::downloaded`] or [`Window::fail`].
    Load(Id),
    /// Turn the segment's bytes into chunks; answer by [`Window::chunk`] and [`Window::decoded`],
    /// or [`Window::suspended`], or [`Window::again`], or [`Window::fail`].
    Decode(Id),
    /// Forget the segment's bytes and its chunks that are not read. Nothing is answered; it is downloaded again in time.
    Release(Id),
    /// Tell the coordinator that the segment may be deleted. Nothing is answered.
    Acknowledge(Id),
}

/// What a segment is expected to take, in bytes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Sizes {
    /// The bytes as they come.
    pub(super) wire: u64,
    /// What decoding needs beside them until it ends: the text that they expand to.
    pub(super) text: u64,
    /// The length of their JSON, of which columns are made.
    pub(super) json: u64,
}

/// What bounds a window.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Bytes held at a time.
    pub(super) budget: u64,
    /// Bytes that pages may bring with them although the budget is used up.
    pub(super) inline: u64,
    /// Downloads at a time.
    pub(super) downloads: usize,
    /// The same before the first has ended. Each that ends is followed by two until there are as many as may be.
    pub(super) first_downloads: usize,
    /// Segments being decoded at a time.
    pub(super) decodes: usize,
    /// Segments known and not yet read.
    pub(super) segments: usize,
    /// Bytes on disk at a time; 0 when nothing may go there.
    pub(super) disk: u64,
}

/// Segments from the first that is not read to its end, and the memory they take.
#[derive(Debug)]
pub(super) struct Window {
    limits: Limits,
    /// Bytes that the process leaves to this result.
    share: u64,
    /// Bytes that it may take beyond them, because others leave them unused.
    room: u64,
    /// Whether the reader waits for rows, or was not there so far.
    wanted: bool,
    /// Whether the first segment may come although there is no room for it.
    turn: bool,
    entries: VecDeque<Entry>,
    /// The id of the first entry.
    first: Id,
    /// The first segment whose download has not been started.
    next_download: Id,
    /// The first segment that has not been reached by any download.
    reached: Id,
    /// Downloads that ended well.
    fetched: usize,
    /// All segments before this one are decoded, or are being decoded.
    next_decode: Id,
    /// Segments whose bytes are there and which wait to be decoded.
    arrived: BTreeSet<Id>,
    /// Segments that are not fetched and whose URIs end soon.
    urgent: BTreeSet<Id>,
    acknowledge: VecDeque<Id>,
    downloading: usize,
    saving: usize,
    decoding: usize,
    /// Bytes on the wire or arrived.
    compressed: u64,
    /// Bytes reserved by decoding, or decoded and not yet read.
    decoded: u64,
    /// Bytes on their way to disk.
    to_disk: u64,
    /// Bytes on disk.
    on_disk: u64,
    /// Bytes of the chunks that the reader has in hand.
    in_hand: u64,
    /// Bytes of columns that a thousand bytes of JSON make, learned from earlier segments.
    per_mille: u64,
    /// The length of the largest JSON that this was learned from.
    learned_from: u64,
    peak: u64,
    /// Whether the latest page brought bytes with it.
    payload: bool,
    /// Bytes that pages brought with them, of segments that are not read to their ends.
    inline: u64,
    /// The first segment that can never be read.
    failed: Option<Id>,
    stopped: bool,
}

#[derive(Debug)]
struct Entry {
    stage: Stage,
    spooled: bool,
    /// The bytes that came with the page.
    inline: u64,
    sizes: Sizes,
    /// What is left of the reservation for columns.
    reserved: u64,
    /// The text that is being decoded.
    text: u64,
    /// Bytes of all chunks that were made.
    made: u64,
    /// The same before the segment was last released.
    known: u64,
    /// Bytes of chunks that the reader has not taken.
    unread: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Waiting,
    Downloading,
    Saving,
    Saved,
    Loading,
    Arrived,
    Decoding,
    Decoded,
}

impl Window {
    /// An empty window.
    pub(super) fn new(limits: Limits) -> Self {
        Self {
            limits,
            share: u64::MAX,
            room: 0,
            wanted: true,
            turn: false,
            entries: VecDeque::new(),
            first: 0,
            next_download: 0,
            reached: 0,
            fetched: 0,
            next_decode: 0,
            arrived: BTreeSet::new(),
            urgent: BTreeSet::new(),
            acknowledge: VecDeque::new(),
            downloading: 0,
            saving: 0,
            decoding: 0,
            compressed: 0,
            decoded: 0,
            to_disk: 0,
            on_disk: 0,
            in_hand: 0,
            per_mille: FIRST_PER_MILLE,
            learned_from: 0,
            peak: 0,
            payload: false,
            inline: 0,
            failed: None,
            stopped: false,
        }
    }

    /// So many bytes are left to this result from now on, and `room` beyond them. Where there is none, what is held
    /// beyond the share is released.
    pub(super) fn set_share(&mut self, share: u64, room: u64) {
        (self.share, self.room) = (share, room);
    }

    /// The reader waits for rows.
    pub(super) fn wanted(&mut self) {
        self.wanted = true;
    }

    /// Whether the reader waits for a segment that only comes when it is its turn ([`Window::grant`]). To be looked at
    /// when there is nothing else to do.
    pub(super) fn needs_turn(&self) -> bool {
        let first = self.entries.front();
        let waits = first.is_some_and(|entry| {
            let stages = [Stage::Waiting, Stage::Saved, Stage::Arrived];
            entry.spooled && entry.unread == 0 && stages.contains(&entry.stage)
        });
        let failed = self.failed.is_some_and(|failed| failed <= self.first);
        waits && !failed && self.wanted && self.is_pressed() && !self.turn
    }

    /// It is the first segment's turn, until it is decoded, be it in part, or cannot be had.
    pub(super) fn grant(&mut self) {
        self.turn = self.needs_turn();
    }

    /// Whether the turn goes on.
    pub(super) fn has_turn(&self) -> bool {
        self.turn
    }

    /// A new page is about to be added.
    pub(super) fn page(&mut self) {
        self.payload = false;
    }

    /// Adds the next segment of the result, which must be downloaded.
    pub(super) fn found(&mut self, sizes: Sizes) -> Id {
        self.push(Stage::Waiting, true, sizes)
    }

    /// Adds the next segment of the result, whose bytes came with the page.
    pub(super) fn came(&mut self, sizes: Sizes) -> Id {
        self.payload = true;
        self.inline += sizes.wire;
        self.compressed += sizes.wire;
        let id = self.push(Stage::Arrived, false, sizes);
        self.arrived.insert(id);
        self.note_peak();
        id
    }

    /// The segment's URI ends soon; true when there is something to hurry for.
    pub(super) fn hurry(&mut self, id: Id) -> bool {
        let waits = entry(&mut self.entries, self.first, id)
            .is_some_and(|entry| entry.spooled && entry.stage == Stage::Waiting);
        waits && self.urgent.insert(id)
    }

    /// The segment's bytes are there, fetched or read from disk; `wire` of them.
    pub(super) fn downloaded(&mut self, id: Id, wire: u64) {
        let Some(entry) = entry(&mut self.entries, self.first, id) else {
            return;
        };
        match entry.stage {
            Stage::Downloading => {}
            Stage::Loading => self.on_disk -= entry.sizes.wire.min(self.on_disk),
            _ => return,
        }
        entry.stage = Stage::Arrived;
        self.compressed = self.compressed - entry.sizes.wire + wire;
        entry.sizes.wire = wire;
        self.downloading -= 1;
        self.fetched = self.fetched.saturating_add(1);
        self.arrived.insert(id);
        self.note_peak();
    }

    /// The segment's bytes are on disk; `wire` of them.
    pub(super) fn saved(&mut self, id: Id, wire: u64) {
        if let Some(entry) = entry(&mut self.entries, self.first, id)
            && entry.stage == Stage::Saving
        {
            entry.stage = Stage::Saved;
            self.to_disk -= entry.sizes.wire;
            entry.sizes.wire = wire;
            self.on_disk += wire;
            self.saving -= 1;
        }
    }

    /// The segment could not be put on disk; it is fetched when its turn comes.
    pub(super) fn unsaved(&mut self, id: Id) {
        if let Some(entry) = entry(&mut self.entries, self.first, id)
            && entry.stage == Stage::Saving
        {
            entry.stage = Stage::Waiting;
            self.to_disk -= entry.sizes.wire;
            self.saving -= 1;
        }
    }

    /// Nothing more can be put on disk.
    pub(super) fn disk_is_full(&mut self) {
        self.limits.disk = 0;
    }

    /// The segment's bytes are damaged: what was made of them counts no more, and they are being
    /// fetched again.
    pub(super) fn again(&mut self, id: Id) {
        let Some(entry) = entry(&mut self.entries, self.first, id) else {
            return;
        };
        if entry.stage != Stage::Decoding {
            return;
        }
        entry.stage = Stage::Downloading;
        self.decoded -= entry.give_back();
        self.decoded -= std::mem::take(&mut entry.unread).min(self.decoded);
        entry.made = 0;
        self.next_decode = self.next_decode.min(id);
        self.decoding -= 1;
        self.downloading += 1;
    }

    /// Some rows of the segment are decoded and take `bytes`. False when there is no memory for more: decoding is then to
    /// be ended by [`Window::suspended`].
    pub(super) fn chunk(&mut self, id: Id, bytes: u64) -> bool {
        let pressed = self.is_pressed();
        let (share, room) = (self.share, self.room);
        let Some(entry) = entry(&mut self.entries, self.first, id) else {
            return true;
        };
        if entry.stage != Stage::Decoding {
            return true;
        }
        let from_reserve = bytes.min(entry.reserved);
        entry.reserved -= from_reserve;
        entry.unread += bytes;
        entry.made += bytes;
        self.decoded += bytes - from_reserve;
        let part = share
            .saturating_sub(entry.sizes.wire)
            .max(entry.sizes.json / MOST_PARTS)
            .max(room);
        let goes_on = !pressed || !entry.spooled || entry.unread < part;
        self.note_peak();
        goes_on
    }

    /// Decoding ended before the last row of the segment, whose bytes are there still.
    pub(super) fn suspended(&mut self, id: Id) {
        let Some(entry) = entry(&mut self.entries, self.first, id) else {
            return;
        };
        if entry.stage != Stage::Decoding {
            return;
        }
        entry.stage = Stage::Arrived;
        self.next_decode = self.next_decode.min(id);
        self.decoding -= 1;
        self.decoded -= entry.give_back();
        self.arrived.insert(id);
        self.end_turn(id);
    }

    fn end_turn(&mut self, id: Id) {
        self.turn &= id != self.first;
    }

    /// All rows of the segment are decoded; its bytes are freed.
    pub(super) fn decoded(&mut self, id: Id) {
        let Some(entry) = entry(&mut self.entries, self.first, id) else {
            return;
        };
        if entry.stage != Stage::Decoding {
            return;
        }
        entry.stage = Stage::Decoded;
        self.decoding -= 1;
        self.decoded -= entry.give_back();
        // A segment that took more counts at once, those that took less bit by bit. What a small one takes says nothing of
        // large ones: its columns may be made in the memory of others.
        let json = entry.sizes.json;
        let actual = entry.made.saturating_mul(1000).checked_div(json);
        if let Some(actual) = actual.filter(|_| json.saturating_mul(4) >= self.learned_from) {
            self.learned_from = self.learned_from.max(json);
            self.per_mille = actual
                .max((self.per_mille * 3 + actual) / 4)
                .clamp(LEAST_PER_MILLE, MOST_PER_MILLE);
        }
        self.compressed -= entry.sizes.wire;
        self.end_turn(id);
    }

    /// The reader takes a chunk of the first segment.
    pub(super) fn taken(&mut self, bytes: u64) {
        self.wanted = false;
        if let Some(entry) = self.entries.front_mut() {
            entry.unread -= bytes.min(entry.unread);
            self.decoded -= bytes.min(self.decoded);
            self.in_hand += bytes;
        }
    }

    /// The reader lets go of a chunk that it took.
    pub(super) fn released(&mut self, bytes: u64) {
        self.in_hand -= bytes.min(self.in_hand);
    }

    /// The reader is done with the first segment, which can be acknowledged. False when that is not decoded to its end.
    pub(super) fn pass(&mut self) -> bool {
        if self
            .entries
            .front()
            .is_none_or(|entry| entry.stage != Stage::Decoded)
        {
            return false;
        }
        if let Some(entry) = self.entries.pop_front() {
            self.decoded -= entry.unread.min(self.decoded);
            self.inline -= entry.inline;
            if entry.spooled {
                self.acknowledge.push_back(self.first);
            }
            self.first += 1;
        }
        true
    }

    /// The segment can never be read: nothing from it on is started any more.
    pub(super) fn fail(&mut self, id: Id) {
        if let Some(entry) = entry(&mut self.entries, self.first, id) {
            match entry.stage {
                Stage::Downloading => self.downloading -= 1,
                Stage::Loading => {
                    self.downloading -= 1;
                    self.on_disk -= entry.sizes.wire.min(self.on_disk);
                }
                Stage::Saving => {
                    self.saving -= 1;
                    self.to_disk -= entry.sizes.wire;
                }
                Stage::Saved => self.on_disk -= entry.sizes.wire.min(self.on_disk),
                Stage::Decoding => self.decoding -= 1,
                Stage::Waiting | Stage::Arrived | Stage::Decoded => {}
            }
            self.compressed -= match entry.stage {
                Stage::Waiting | Stage::Saving | Stage::Saved | Stage::Decoded => 0,
                _ => entry.sizes.wire,
            };
            self.decoded -= entry.give_back();
            self.urgent.remove(&id);
            entry.stage = Stage::Waiting;
            self.arrived.remove(&id);
        }
        self.failed = Some(self.failed.map_or(id, |failed| failed.min(id)));
        self.end_turn(id);
    }

    /// Nobody reads any more: nothing is started, all memory counts as free, and what is left is
    /// acknowledged unread.
    pub(super) fn stop(&mut self) {
        if self.stopped {
            return;
        }
        self.stopped = true;
        for (id, entry) in (self.first..).zip(&self.entries) {
            if entry.spooled {
                self.acknowledge.push_back(id);
            }
        }
        self.entries.clear();
        self.turn = false;
        self.arrived.clear();
        self.urgent.clear();
        (self.downloading, self.saving, self.decoding) = (0, 0, 0);
        (self.compressed, self.decoded, self.in_hand) = (0, 0, 0);
        self.inline = 0;
        (self.to_disk, self.on_disk) = (0, 0);
    }

    /// What to do next; `None` when there is nothing to do until something happens.
    pub(super) fn poll(&mut self) -> Option<Action> {
        if let Some(id) = self.acknowledge.pop_front() {
            return Some(Action::Acknowledge(id));
        }
        if self.stopped {
            return None;
        }
        // Decoding comes first: it is what frees compressed bytes and feeds the reader.
        self.release()
            .or_else(|| self.start_decode())
            .or_else(|| self.start_download())
            .or_else(|| self.start_save())
    }

    /// Whether the pager may ask for the next page.
    pub(super) fn wants_page(&self) -> bool {
        !self.stopped
            && self.failed.is_none()
            && self.entries.len() < self.limits.segments
            // A page of bare references costs nothing, and draining them lets the coordinator
            // forget the query and shows in time which URIs end soon: they are signed when the
            // segment is written, not when its page is asked for. Little that comes inside of
            // pages must not keep the rest of them away.
            && (!self.payload
                || self.entries.is_empty()
                || self.held() < self.budget()
                || self.inline < self.limits.inline)
    }

    /// The id of the segment that is read now or next.
    pub(super) fn first(&self) -> Id {
        self.first
    }

    /// Whether a segment is being downloaded.
    pub(super) fn is_downloading(&self) -> bool {
        self.downloading > 0
    }

    /// Whether no segment is left to be read.
    #[cfg(test)]
    pub(super) fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// Downloads, saves and decodes under way, and bytes on disk or on their way to it.
    #[cfg(test)]
    pub(super) fn under_way(&self) -> ([usize; 3], u64) {
        let counts = [self.downloading, self.saving, self.decoding];
        (counts, self.to_disk + self.on_disk)
    }

    /// Bytes that are held now.
    pub(super) fn held(&self) -> u64 {
        self.compressed + self.decoded + self.to_disk + self.in_hand
    }

    /// The most bytes ever held.
    pub(super) fn peak(&self) -> u64 {
        self.peak
    }

    fn push(&mut self, stage: Stage, spooled: bool, sizes: Sizes) -> Id {
        let id = self.first + self.entries.len() as Id;
        self.entries.push_back(Entry {
            stage,
            spooled,
            inline: if spooled { 0 } else { sizes.wire },
            sizes,
            reserved: 0,
            text: 0,
            made: 0,
            known: 0,
            unread: 0,
        });
        id
    }

    fn start_decode(&mut self) -> Option<Action> {
        let id = *self.arrived.first()?;
        let is_first = id == self.first && self.admits_first();
        let fits = self.decoding < self.limits.decodes;
        let taken = self.held() + self.needs_before(id);
        let room = self.budget().saturating_sub(taken);
        let entry = entry(&mut self.entries, self.first, id)?;
        let columns = entry.columns(self.per_mille);
        let columns = columns.saturating_sub(entry.made);
        let fits = fits && entry.sizes.text + columns <= room;
        if self.failed.is_some_and(|failed| id >= failed) || !(is_first || fits) {
            return None;
        }
        entry.stage = Stage::Decoding;
        entry.reserved = columns;
        entry.text = entry.sizes.text;
        self.decoded += columns + entry.text;
        self.decoding += 1;
        self.arrived.remove(&id);
        self.note_peak();
        Some(Action::Decode(id))
    }

    /// What it takes to decode the segment that is read next of those that are not decoded, if it is not `id`. Without room
    /// for it when the reader comes to it, it would be held beyond the budget.
    fn needs_before(&mut self, id: Id) -> u64 {
        self.next_decode = self.next_decode.max(self.first);
        while self.next_decode < id {
            let next = entry(&mut self.entries, self.first, self.next_decode);
            match next.filter(|entry| !matches!(entry.stage, Stage::Decoding | Stage::Decoded)) {
                Some(entry) => {
                    let columns = entry.columns(self.per_mille);
                    return entry.sizes.text + columns.saturating_sub(entry.made);
                }
                None => self.next_decode += 1,
            }
        }
        0
    }

    fn start_download(&mut self) -> Option<Action> {
        let mut id = self.next_download.max(self.first);
        let (budget, admits_first) = (self.budget(), self.admits_first());
        let entry = loop {
            match entry(&mut self.entries, self.first, id) {
                Some(entry) if entry.stage == Stage::Waiting && entry.spooled => break entry,
                Some(entry) if matches!(entry.stage, Stage::Saving | Stage::Saved) => break entry,
                Some(_) => id += 1,
                None => {
                    self.next_download = id;
                    return None;
                }
            }
        };
        self.next_download = id;
        // On its way to disk it cannot be turned round; from there it is back soon.
        let saving = entry.stage == Stage::Saving;
        if saving || self.failed.is_some_and(|failed| id >= failed) {
            return None;
        }
        let wire = entry.sizes.wire;
        let held = self.compressed + self.decoded + self.to_disk + self.in_hand;
        // Some of the budget is kept for decoding: segments that only wait are of no use to the
        // reader.
        let columns = entry.columns(self.per_mille);
        let decoding = (entry.sizes.text + columns).saturating_mul(self.limits.decodes as u64);
        // And what is being read beside it.
        let decoding = decoding.saturating_add(columns);
        let ahead = budget - decoding.clamp(budget / 4, budget / 2);
        let downloads = self.limits.first_downloads.saturating_add(self.fetched);
        let fits = self.downloading < self.limits.downloads.min(downloads)
            && self.compressed + wire <= ahead
            && held + wire <= budget;
        if !(id == self.first && admits_first || fits) {
            return None;
        }
        let action = if entry.stage == Stage::Saved {
            entry.stage = Stage::Loading;
            Action::Load(id)
        } else {
            entry.stage = Stage::Downloading;
            Action::Download(id)
        };
        self.urgent.remove(&id);
        self.next_download = id + 1;
        self.reached = self.reached.max(id + 1);
        self.compressed += wire;
        self.downloading += 1;
        self.note_peak();
        Some(action)
    }

    /// What is urgent passes through memory one by one, or as many at a time as take little of it.
    fn start_save(&mut self) -> Option<Action> {
        let id = *self.urgent.first()?;
        let budget = self.budget();
        let entry = entry(&mut self.entries, self.first, id)?;
        let wire = entry.sizes.wire;
        let fits = self.saving == 0
            || (self.saving < self.limits.downloads && self.to_disk + wire <= budget / 8);
        if !fits
            || self.on_disk + self.to_disk + wire > self.limits.disk
            || self.failed.is_some_and(|failed| id >= failed)
        {
            return None;
        }
        entry.stage = Stage::Saving;
        self.urgent.remove(&id);
        self.to_disk += wire;
        self.saving += 1;
        self.note_peak();
        Some(Action::Save(id))
    }

    /// Whether the process leaves less to this result than its own limit does.
    pub(super) fn is_pressed(&self) -> bool {
        self.share < self.limits.budget
    }

    /// Bytes that may be held.
    fn budget(&self) -> u64 {
        let left = self.share.max(self.held().saturating_add(self.room));
        self.limits.budget.min(left)
    }

    /// Whether the first segment is admitted whatever it costs. What came with a page costs no more than it did.
    fn admits_first(&self) -> bool {
        let came = self.entries.front().is_some_and(|entry| !entry.spooled);
        !self.is_pressed() || self.turn || came && self.wanted
    }

    /// Lets go of a segment for which the share has no room, the last first. Some that is too much is left to a reader
    /// that is on its way through it, nothing to one that is away. Where nothing may go to disk, a segment might expire
    /// before it is fetched again, and is kept.
    fn release(&mut self) -> Option<Action> {
        let away = self.share == 0 && !self.wanted;
        let over = self.held() > self.share.saturating_mul(2);
        let short = self.is_pressed() && self.room == 0;
        if !short || self.limits.disk == 0 || !(away || over) {
            return None;
        }
        let end = self.first + self.entries.len() as Id;
        let kept = if away { self.first } else { self.first + 1 };
        let id = (kept..self.reached.min(end)).rev().find(|id| {
            let entry = entry(&mut self.entries, self.first, *id);
            entry.is_some_and(|entry| match entry.stage {
                Stage::Arrived => entry.spooled,
                Stage::Decoded => entry.spooled && entry.unread > 0,
                _ => false,
            })
        })?;
        let entry = entry(&mut self.entries, self.first, id)?;
        if entry.stage == Stage::Arrived {
            self.compressed -= entry.sizes.wire;
        }
        entry.stage = Stage::Waiting;
        // What it took counts from now on: decoded where as little room is left, it would be released again, and again.
        entry.known = entry.known.max(std::mem::take(&mut entry.made));
        self.decoded -= std::mem::take(&mut entry.unread).min(self.decoded);
        self.arrived.remove(&id);
        self.next_download = self.next_download.min(id);
        self.next_decode = self.next_decode.min(id);
        Some(Action::Release(id))
    }

    fn note_peak(&mut self) {
        self.peak = self.peak.max(self.held());
    }
}

impl Entry {
    /// Bytes that its columns are expected to take, when a thousand bytes of JSON make `per_mille`.
    fn columns(&self, per_mille: u64) -> u64 {
        let expected = self.sizes.json.saturating_mul(per_mille) / 1000;
        expected.max(self.known)
    }

    /// Ends the reservation for decoding; how many bytes it still was.
    fn give_back(&mut self) -> u64 {
        std::mem::take(&mut self.reserved) + std::mem::take(&mut self.text)
    }
}

fn entry(entries: &mut VecDeque<Entry>, first: Id, id: Id) -> Option<&mut Entry> {
    let index = usize::try_from(id.checked_sub(first)?).ok()?;
    entries.get_mut(index)
}

/// Columns are about as large as their JSON.
const FIRST_PER_MILLE: u64 = 1000;
const LEAST_PER_MILLE: u64 = 100;
const MOST_PER_MILLE: u64 = 32_000;

/// A segment is decoded in no more parts than that, however little the share is: each costs decompressing it again.
const MOST_PARTS: u64 = 8;

#[cfg(test)]
mod tests;
