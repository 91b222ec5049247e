//! Any order of events keeps the window's promises.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Action, Id, Limits, Sizes, Window};

mod cases;

#[derive(Debug, Clone, Copy)]
struct Plan {
    spooled: bool,
    sizes: Sizes,
    /// Columns that decoding makes, which may be more than was reserved.
    chunks: [u64; 2],
    /// Whether the URI ends soon.
    urgent: bool,
    /// Whether disk fails.
    unsaved: bool,
    /// How often the bytes come damaged.
    damaged: usize,
}

/// A pager, downloads, decoders and a reader that do what the window says, in an order given from
/// outside.
struct World {
    window: Window,
    limits: Limits,
    plans: Vec<Plan>,
    pages: std::vec::IntoIter<usize>,
    added: usize,
    downloading: BTreeSet<Id>,
    saving: BTreeSet<Id>,
    loading: BTreeSet<Id>,
    on_disk: BTreeSet<Id>,
    damages: BTreeMap<Id, usize>,
    decoding: BTreeMap<Id, usize>,
    unread: BTreeMap<Id, Vec<u64>>,
    finished: BTreeSet<Id>,
    in_hand: Option<u64>,
    read: Vec<(Id, usize)>,
    acknowledged: BTreeSet<Id>,
    reading: (Id, usize),
    /// Shares that the process will leave to the result and what it may take beyond them, and the
    /// most so far.
    shares: std::vec::IntoIter<(u64, u64)>,
    share: u64,
    waiting: bool,
    largest_page: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Page,
    Downloaded(Id),
    Saved(Id),
    Loaded(Id),
    Decoded(Id),
    Share,
    Read,
    Wait,
    Turn,
}

impl World {
    fn new(limits: Limits, plans: Vec<Plan>, page_lengths: &[usize]) -> Self {
        let mut pages = Vec::new();
        let mut left = plans.len();
        for length in page_lengths.iter().cycle() {
            if left == 0 {
                break;
            }
            let length = (*length).min(left);
            pages.push(length);
            left -= length;
        }
        let mut start = 0;
        let mut largest_page = 0;
        for length in &pages {
            let payload = plans[start..start + length]
                .iter()
                .filter(|plan| !plan.spooled)
                .map(|plan| plan.sizes.wire)
                .sum();
            largest_page = largest_page.max(payload);
            start += length;
        }
        Self {
            window: Window::new(limits),
            limits,
            plans,
            pages: pages.into_iter(),
            added: 0,
            downloading: BTreeSet::new(),
            saving: BTreeSet::new(),
            loading: BTreeSet::new(),
            on_disk: BTreeSet::new(),
            damages: BTreeMap::new(),
            decoding: BTreeMap::new(),
            unread: BTreeMap::new(),
            finished: BTreeSet::new(),
            in_hand: None,
            read: Vec::new(),
            acknowledged: BTreeSet::new(),
            reading: (0, 0),
            shares: Vec::new().into_iter(),
            share: u64::MAX,
            waiting: false,
            largest_page,
        }
    }

    /// The same, in a process that leaves it these shares one after the other.
    fn sharing(mut self, shares: Vec<(u64, u64)>) -> Self {
        self.shares = shares.into_iter();
        if self.shares.len() > 0 {
            self.share = 0;
            self.take_share();
        }
        self
    }

    fn take_share(&mut self) {
        let (share, room) = self.shares.next().unwrap();
        // With room beyond what is held, there is no bound but the window's own.
        let most = if room > 0 { u64::MAX } else { share };
        self.share = self.share.max(most);
        self.window.set_share(share, room);
    }

    fn possible(&self) -> Vec<Event> {
        let mut events = Vec::new();
        if self.window.wants_page() && self.pages.len() > 0 {
            events.push(Event::Page);
        }
        events.extend(self.downloading.iter().copied().map(Event::Downloaded));
        events.extend(self.saving.iter().copied().map(Event::Saved));
        events.extend(self.loading.iter().copied().map(Event::Loaded));
        events.extend(self.decoding.keys().copied().map(Event::Decoded));
        events.extend((self.shares.len() > 0).then_some(Event::Share));
        let first = self.window.first();
        if self.in_hand.is_some()
            || self
                .unread
                .get(&first)
                .is_some_and(|chunks| !chunks.is_empty())
            || self.finished.contains(&first)
        {
            events.push(Event::Read);
        } else if !self.waiting {
            events.push(Event::Wait);
        }
        events.extend(self.window.needs_turn().then_some(Event::Turn));
        events
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Page => {
                self.window.page();
                for _ in 0..self.pages.next().unwrap() {
                    let plan = self.plans[self.added];
                    let id = if plan.spooled {
                        self.window.found(plan.sizes)
                    } else {
                        self.window.came(plan.sizes)
                    };
                    assert_eq!(id, self.added as Id);
                    self.added += 1;
                    if plan.urgent {
                        assert_eq!(self.window.hurry(id), plan.spooled);
                    }
                }
            }
            Event::Downloaded(id) => {
                self.downloading.remove(&id);
                self.window.downloaded(id, self.plan(id).sizes.wire);
            }
            Event::Saved(id) => {
                self.saving.remove(&id);
                if self.plan(id).unsaved {
                    self.window.unsaved(id);
                } else {
                    self.on_disk.insert(id);
                    self.window.saved(id, self.plan(id).sizes.wire);
                }
            }
            Event::Loaded(id) => {
                self.loading.remove(&id);
                self.on_disk.remove(&id);
                self.window.downloaded(id, self.plan(id).sizes.wire);
            }
            // Damage shows before the first row, or the rows before it were not taken.
            Event::Decoded(id)
                if self.plan(id).spooled
                    && self.decoding[&id] == 0
                    && *self.damages.entry(id).or_default() < self.plan(id).damaged =>
            {
                *self.damages.entry(id).or_default() += 1;
                self.decoding.remove(&id);
                self.downloading.insert(id);
                self.window.again(id);
            }
            Event::Decoded(id) => {
                let done = self.decoding.get_mut(&id).unwrap();
                let size = self.plans[id as usize].chunks.get(*done).copied();
                let goes_on = size.is_none_or(|size| {
                    *done += 1;
                    self.unread.entry(id).or_default().push(size);
                    self.window.chunk(id, size)
                });
                if !goes_on {
                    assert!(self.plan(id).spooled);
                    self.decoding.remove(&id);
                    self.window.suspended(id);
                } else if self.decoding[&id] == 2 {
                    self.decoding.remove(&id);
                    self.finished.insert(id);
                    self.window.decoded(id);
                }
            }
            Event::Share => self.take_share(),
            Event::Read => self.read(),
            Event::Turn => {
                self.window.grant();
                assert!(self.window.has_turn());
            }
            Event::Wait => {
                self.waiting = true;
                self.window.wanted();
            }
        }
        self.act();
        self.check();
    }

    fn read(&mut self) {
        if let Some(size) = self.in_hand.take() {
            self.window.released(size);
        }
        let first = self.window.first();
        if let Some(chunks) = self
            .unread
            .get_mut(&first)
            .filter(|chunks| !chunks.is_empty())
        {
            let size = chunks.remove(0);
            self.waiting = false;
            self.window.taken(size);
            self.in_hand = Some(size);
            if self.reading.0 != first {
                self.reading = (first, 0);
            }
            self.read.push((first, self.reading.1));
            self.reading.1 += 1;
        } else if self.finished.contains(&first) {
            assert!(self.window.pass());
        }
    }

    /// Chunks of the segment that were read.
    fn given(&self, id: Id) -> usize {
        if self.reading.0 == id {
            self.reading.1
        } else {
            0
        }
    }

    fn act(&mut self) {
        while let Some(action) = self.window.poll() {
            match action {
                Action::Download(id) => {
                    assert!(self.plan(id).spooled, "an inline segment needs no download");
                    assert!(self.downloading.insert(id), "downloaded twice");
                }
                Action::Save(id) => {
                    assert!(self.plan(id).spooled && self.plan(id).urgent);
                    assert!(!self.downloading.contains(&id), "fetched twice at a time");
                    assert!(self.saving.insert(id), "saved twice at a time");
                }
                Action::Load(id) => {
                    assert!(self.on_disk.contains(&id), "read before it is on disk");
                    assert!(self.loading.insert(id), "read twice");
                }
                Action::Decode(id) => {
                    assert!(
                        !self.downloading.contains(&id) && !self.loading.contains(&id),
                        "decoded before it is there"
                    );
                    let unread = self.unread.get(&id).map_or(0, Vec::len);
                    let done = self.given(id) + unread;
                    assert!(self.decoding.insert(id, done).is_none(), "decoded twice");
                }
                Action::Release(id) => {
                    assert!(self.plan(id).spooled && self.limits.disk > 0);
                    assert!(!self.downloading.contains(&id) && !self.decoding.contains_key(&id));
                    self.unread.remove(&id);
                    self.finished.remove(&id);
                }
                Action::Acknowledge(id) => {
                    assert!(self.plan(id).spooled);
                    assert!(self.acknowledged.insert(id), "acknowledged twice");
                    assert!(
                        self.finished.contains(&id) && id < self.window.first(),
                        "acknowledged before its rows are read"
                    );
                }
            }
        }
    }

    fn check(&self) {
        let first = self.window.first();
        let cost = self.plans.get(first as usize).map_or(0, |plan| {
            plan.sizes.wire + plan.sizes.text + MOST_COLUMNS.max(plan.sizes.json * 32)
        });
        // What decoding takes is estimated: all that is being decoded may take more.
        let surplus = MOST_COLUMNS * (self.limits.decodes as u64 + 1);
        let passing = LARGEST_WIRE.max(self.limits.budget / 8);
        let bound = self.limits.budget.min(self.share)
            + cost
            + surplus
            + passing
            // Bytes of pages that come although memory is full.
            + self.limits.inline
            + self.in_hand.unwrap_or_default()
            + self.largest_page;
        assert!(
            self.window.held() <= bound,
            "{} held of {bound}",
            self.window.held()
        );
        let on_disk: u64 = self
            .on_disk
            .iter()
            .chain(&self.saving)
            .map(|id| self.plan(*id).sizes.wire)
            .sum();
        assert!(on_disk <= self.limits.disk, "{on_disk} on disk");
        assert!(self.saving.len() <= self.limits.downloads);
        let damages: usize = self.damages.values().sum();
        let fetching = self.downloading.len() + self.loading.len();
        assert!(fetching <= self.limits.downloads + 1 + damages);
        assert!(self.decoding.len() <= self.limits.decodes + 1);
    }

    fn plan(&self, id: Id) -> Plan {
        self.plans[id as usize]
    }
}

fn plan() -> impl Strategy<Value = Plan> {
    let sizes = (1..LARGEST_WIRE, 0..200u64, 0..400u64);
    let chunks = (0..=MOST_COLUMNS / 2, 0..=MOST_COLUMNS / 2);
    let fate = (any::<bool>(), prop::bool::weighted(0.2), 0..3usize);
    (any::<bool>(), sizes, chunks, fate).prop_map(
        |(spooled, (wire, text, json), (one, two), (urgent, unsaved, damaged))| Plan {
            spooled,
            sizes: Sizes { wire, text, json },
            chunks: [one, two],
            urgent,
            unsaved,
            damaged,
        },
    )
}

fn limits() -> impl Strategy<Value = Limits> {
    (
        (1..1500u64, 0..300u64),
        1..6usize,
        1..4usize,
        1..20usize,
        0..1000u64,
    )
        .prop_map(
            |((budget, inline), downloads, decodes, segments, disk)| Limits {
                budget,
                inline,
                downloads,
                first_downloads: downloads.div_ceil(2),
                decodes,
                segments,
                disk,
            },
        )
}

/// None at all, or several one after the other.
fn shares() -> impl Strategy<Value = Vec<(u64, u64)>> {
    let share = prop_oneof![Just(0), 0..500u64, Just(u64::MAX)];
    let room = prop_oneof![4 => Just(0), 1 => 0..200u64];
    vec((share, room), 0..6)
}

const LARGEST_WIRE: u64 = 200;
const MOST_COLUMNS: u64 = 400;
/// Many times what 40 segments take.
const MOST_STEPS: usize = 100_000;

proptest! {
    #[test]
    fn any_order_of_events_reads_each_chunk_once_in_order_within_budget(
        limits in limits(),
        plans in vec(plan(), 0..40),
        pages in vec(1..5usize, 1..5),
        shares in shares(),
        choices in vec(any::<prop::sample::Index>(), 0..300),
    ) {
        let count = plans.len() as Id;
        let spooled: BTreeSet<Id> =
            (0..).zip(&plans).filter(|(_, plan)| plan.spooled).map(|(id, _)| id).collect();
        let mut world = World::new(limits, plans, &pages).sharing(shares);
        let mut choices = choices.into_iter();
        for step in 0.. {
            let events = world.possible();
            if events.is_empty() {
                break;
            }
            prop_assert!(step < MOST_STEPS, "it does not end: {events:?}");
            let event = match choices.next() {
                Some(choice) => *choice.get(&events),
                // The reader comes last: everything else must not need it.
                None => events[0],
            };
            world.happen(event);
        }
        let expected: Vec<(Id, usize)> =
            (0..count).flat_map(|id| [(id, 0), (id, 1)]).collect();
        prop_assert_eq!(&world.read, &expected);
        prop_assert_eq!(&world.acknowledged, &spooled);
        prop_assert!(world.window.is_empty());
        prop_assert_eq!(world.window.under_way(), ([0, 0, 0], 0));
        prop_assert_eq!(world.window.held(), 0);
    }

    #[test]
    fn nothing_is_in_flight_after_a_stop(
        limits in limits(),
        plans in vec(plan(), 0..40),
        pages in vec(1..5usize, 1..5),
        shares in shares(),
        choices in vec(any::<prop::sample::Index>(), 0..60),
    ) {
        let mut world = World::new(limits, plans, &pages).sharing(shares);
        for choice in choices {
            let events = world.possible();
            if events.is_empty() {
                break;
            }
            world.happen(*choice.get(&events));
        }
        let late: Vec<Id> = world
            .downloading
            .iter()
            .chain(world.decoding.keys())
            .chain(&world.saving)
            .chain(&world.loading)
            .copied()
            .collect();
        world.window.stop();
        let mut acknowledged = world.acknowledged.clone();
        while let Some(action) = world.window.poll() {
            let Action::Acknowledge(id) = action else {
                panic!("{action:?} after the stop");
            };
            prop_assert!(acknowledged.insert(id), "acknowledged twice");
        }
        // What was under way reports late, and nothing comes of it.
        for id in late {
            world.window.saved(id, 10);
            world.window.unsaved(id);
            world.window.again(id);
            world.window.downloaded(id, 10);
            world.window.chunk(id, 10);
            world.window.suspended(id);
            world.window.decoded(id);
        }
        prop_assert_eq!(world.window.poll(), None);
        prop_assert_eq!(world.window.held(), 0);
        prop_assert!(!world.window.wants_page());
        prop_assert_eq!(world.window.under_way(), ([0, 0, 0], 0));
        let known: BTreeSet<Id> = (0..world.added as Id)
            .filter(|id| world.plan(*id).spooled)
            .collect();
        prop_assert_eq!(acknowledged, known);
    }

    #[test]
    fn a_failed_segment_leaves_the_rows_before_it_readable(
        limits in limits(),
        plans in vec(plan(), 1..30),
        failing in any::<prop::sample::Index>(),
        shares in shares(),
        choices in vec(any::<prop::sample::Index>(), 0..200),
    ) {
        let count = plans.len();
        let mut plans = plans;
        let failing = failing.index(count) as Id;
        plans[failing as usize].spooled = true;
        let mut world = World::new(limits, plans, &[count]).sharing(shares);
        let mut choices = choices.into_iter();
        for step in 0.. {
            let events: Vec<Event> = world.possible();
            prop_assert!(step < MOST_STEPS, "it does not end: {events:?}");
            let Some(event) = (match choices.next() {
                Some(choice) if !events.is_empty() => Some(*choice.get(&events)),
                _ => events.first().copied(),
            }) else {
                break;
            };
            let fails = [
                Event::Downloaded(failing),
                Event::Saved(failing),
                Event::Loaded(failing),
            ];
            if fails.contains(&event) {
                world.downloading.remove(&failing);
                world.saving.remove(&failing);
                world.loading.remove(&failing);
                world.window.fail(failing);
                world.act();
            } else {
                world.happen(event);
            }
        }
        let expected: Vec<(Id, usize)> =
            (0..failing).flat_map(|id| [(id, 0), (id, 1)]).collect();
        prop_assert_eq!(&world.read, &expected);
        prop_assert!(!world.window.wants_page());
    }
}
