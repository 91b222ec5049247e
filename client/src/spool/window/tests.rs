//! Any order of events keeps the window's promises.

use std::collections::{BTreeMap, BTreeSet};

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Action, Id, Limits, Sizes, Window};

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
        loop {
            let events: Vec<Event> = world.possible();
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

#[test]
fn a_segment_larger_than_the_budget_is_admitted_alone() {
    let mut window = Window::new(Limits {
        budget: 10,
        inline: 0,
        downloads: 8,
        first_downloads: 8,
        decodes: 2,
        segments: 100,
        disk: 0,
    });
    let sizes = Sizes {
        wire: 1000,
        text: 2500,
        json: 2500,
    };
    window.page();
    window.found(sizes);
    window.found(sizes);
    assert_eq!(window.poll(), Some(Action::Download(0)));
    assert_eq!(window.poll(), None);
    window.downloaded(0, 1000);
    assert_eq!(window.poll(), Some(Action::Decode(0)));
    assert_eq!(window.poll(), None);
}

/// A window that has found so many segments of that size in a page.
fn of_a_page(limits: Limits, segments: usize, sizes: Sizes) -> Window {
    let mut window = Window::new(limits);
    window.page();
    for _ in 0..segments {
        window.found(sizes);
    }
    window
}

#[test]
fn downloads_run_ahead_up_to_their_number() {
    let limits = Limits {
        budget: 1 << 20,
        inline: 0,
        downloads: 3,
        first_downloads: 3,
        decodes: 2,
        segments: 100,
        disk: 0,
    };
    let sizes = Sizes {
        wire: 10,
        text: 0,
        json: 10,
    };
    let mut window = of_a_page(limits, 5, sizes);
    let started: Vec<Action> = std::iter::from_fn(|| window.poll()).collect();
    assert_eq!(started, [0, 1, 2].map(Action::Download));
    window.downloaded(1, 10);
    assert_eq!(window.poll(), Some(Action::Decode(1)));
    assert_eq!(window.poll(), Some(Action::Download(3)));
}

#[test]
fn more_is_downloaded_at_a_time_once_the_first_segments_came() {
    let limits = Limits {
        budget: 1 << 20,
        inline: 0,
        downloads: 16,
        first_downloads: 8,
        decodes: 1,
        segments: 100,
        disk: 0,
    };
    let sizes = Sizes {
        wire: 10,
        text: 10,
        json: 10,
    };
    let mut window = of_a_page(limits, 100, sizes);
    let mut started = || {
        let actions = std::iter::from_fn(|| window.poll());
        let count = actions.filter(|action| matches!(action, Action::Download(_)));
        let count = count.count();
        let under_way = window.under_way().0[0];
        let first = window.next_download - under_way as Id;
        window.downloaded(first, 10);
        (count, under_way)
    };
    assert_eq!(started(), (8, 8));
    assert_eq!(started(), (2, 9));
    for _ in 0..20 {
        started();
    }
    assert_eq!(started(), (1, 16));
}

#[test]
fn a_segment_that_comes_early_leaves_room_for_the_one_before_it() {
    let limits = Limits {
        budget: 120,
        inline: 0,
        downloads: 3,
        first_downloads: 3,
        decodes: 3,
        segments: 100,
        disk: 0,
    };
    let sizes = Sizes {
        wire: 10,
        text: 20,
        json: 20,
    };
    let mut window = of_a_page(limits, 3, sizes);
    let started: Vec<Action> = std::iter::from_fn(|| window.poll()).collect();
    assert_eq!(started, [0, 1, 2].map(Action::Download));
    window.downloaded(0, 10);
    assert_eq!(window.poll(), Some(Action::Decode(0)));
    window.downloaded(2, 10);
    assert_eq!(window.poll(), None, "there is room for one of two");
    window.downloaded(1, 10);
    assert_eq!(window.poll(), Some(Action::Decode(1)));
    assert_eq!(window.poll(), None);
    assert!(window.peak() <= 120);
}

#[test]
fn pages_of_references_are_drained_while_memory_is_full() {
    let mut window = Window::new(Limits {
        budget: 10,
        inline: 0,
        downloads: 1,
        first_downloads: 1,
        decodes: 1,
        segments: 3,
        disk: 0,
    });
    let sizes = Sizes {
        wire: 100,
        text: 0,
        json: 0,
    };
    window.page();
    window.found(sizes);
    while window.poll().is_some() {}
    assert!(window.wants_page());
    window.page();
    window.came(sizes);
    assert!(!window.wants_page(), "a page with bytes waits for memory");
    window.page();
    window.found(sizes);
    assert!(!window.wants_page(), "enough segments are known");
}

#[test]
fn little_that_comes_with_pages_does_not_keep_later_pages_away() {
    let mut window = Window::new(Limits {
        budget: 100,
        inline: 12,
        downloads: 1,
        first_downloads: 1,
        decodes: 1,
        segments: 9,
        disk: 0,
    });
    let large = Sizes {
        wire: 200,
        text: 0,
        json: 0,
    };
    window.page();
    window.found(large);
    window.came(Sizes { wire: 10, ..large });
    while window.poll().is_some() {}
    assert!(window.wants_page());
    window.page();
    window.came(Sizes { wire: 10, ..large });
    assert!(!window.wants_page());
    window.downloaded(0, 200);
    while window.poll().is_some() {}
    window.decoded(0);
    assert!(window.pass());
    assert!(window.wants_page());
}

#[test]
fn an_urgent_segment_without_room_goes_to_disk_and_comes_back_in_order() {
    let mut window = Window::new(Limits {
        budget: 100,
        inline: 12,
        downloads: 4,
        first_downloads: 4,
        decodes: 1,
        segments: 100,
        disk: 150,
    });
    let sizes = Sizes {
        wire: 60,
        text: 0,
        json: 60,
    };
    window.page();
    for _ in 0..5 {
        window.found(sizes);
    }
    assert_eq!(window.poll(), Some(Action::Download(0)));
    assert_eq!(window.poll(), None, "memory is full");
    assert!((1..5).all(|id| window.hurry(id)));
    assert_eq!(window.poll(), Some(Action::Save(1)));
    assert_eq!(window.poll(), None, "one at a time");
    window.saved(1, 60);
    assert_eq!(window.poll(), Some(Action::Save(2)));
    window.saved(2, 60);
    assert_eq!(window.poll(), None, "the disk is full");
    window.downloaded(0, 60);
    assert_eq!(window.poll(), Some(Action::Decode(0)));
    window.decoded(0);
    assert!(window.pass());
    assert_eq!(window.poll(), Some(Action::Acknowledge(0)));
    assert_eq!(window.poll(), Some(Action::Load(1)));
    window.downloaded(1, 60);
    assert_eq!(window.poll(), Some(Action::Decode(1)));
    assert_eq!(window.poll(), Some(Action::Save(3)), "there is room again");
}

/// A window with three segments, of which the reader is in the first and the second is decoded.
fn reading() -> Window {
    let mut window = Window::new(Limits {
        budget: 1000,
        inline: 0,
        downloads: 8,
        first_downloads: 8,
        decodes: 8,
        segments: 100,
        disk: 1000,
    });
    let sizes = Sizes {
        wire: 10,
        text: 0,
        json: 80,
    };
    window.page();
    for _ in 0..3 {
        window.found(sizes);
    }
    let started: Vec<Action> = std::iter::from_fn(|| window.poll()).collect();
    assert_eq!(started, [0, 1, 2].map(Action::Download));
    for id in [0, 1] {
        window.downloaded(id, 10);
        assert_eq!(window.poll(), Some(Action::Decode(id)));
        assert!(window.chunk(id, 40) && window.chunk(id, 40));
        window.decoded(id);
    }
    window.downloaded(2, 10);
    assert_eq!(window.poll(), Some(Action::Decode(2)));
    window.taken(40);
    window
}

#[test]
fn what_a_reader_that_is_away_has_not_read_is_released_and_fetched_when_it_comes_back() {
    let mut window = reading();
    assert_eq!(window.poll(), None);
    window.set_share(0, 0);
    assert_eq!(window.poll(), Some(Action::Release(1)), "the last first");
    assert_eq!(window.poll(), Some(Action::Release(0)));
    assert_eq!(window.poll(), None, "what is being decoded is not touched");
    assert!(!window.chunk(2, 40), "decoding ends early");
    window.suspended(2);
    assert_eq!(window.poll(), Some(Action::Release(2)));
    assert_eq!(window.poll(), None);
    assert_eq!(window.held(), 40, "the chunk in hand");
    window.released(40);
    window.wanted();
    assert_eq!(window.poll(), None);
    assert!(window.needs_turn());
    window.grant();
    assert_eq!(window.poll(), Some(Action::Download(0)));
    assert_eq!(window.poll(), None, "nothing else, until there is a share");
    window.set_share(u64::MAX, 0);
    let started: Vec<Action> = std::iter::from_fn(|| window.poll()).collect();
    assert_eq!(started, [1, 2].map(Action::Download));
}

#[test]
fn a_reader_on_its_way_keeps_its_segment_when_its_share_shrinks() {
    let mut window = reading();
    window.set_share(30, 0);
    assert_eq!(window.poll(), Some(Action::Release(1)));
    assert_eq!(window.poll(), None);
}

#[test]
fn nothing_is_released_while_others_leave_memory_unused() {
    let mut window = reading();
    window.set_share(0, 10);
    assert_eq!(window.poll(), None);
    window.set_share(0, 0);
    assert_eq!(window.poll(), Some(Action::Release(1)));
}

#[test]
fn what_others_leave_unused_is_taken_beyond_the_share() {
    let mut window = reading();
    window.set_share(0, 90);
    window.page();
    window.found(Sizes {
        wire: 10,
        text: 0,
        json: 80,
    });
    assert_eq!(window.poll(), Some(Action::Download(3)));
    window.set_share(0, 9);
    window.downloaded(3, 10);
    assert_eq!(window.poll(), None, "it takes more to decode it");
    window.set_share(0, 90);
    assert_eq!(window.poll(), Some(Action::Decode(3)));
}

#[test]
fn nothing_is_released_that_could_not_go_to_disk_before_it_expires() {
    let mut window = reading();
    window.disk_is_full();
    window.set_share(0, 0);
    assert_eq!(window.poll(), None);
}

#[test]
fn the_first_segment_is_decoded_in_parts_as_the_reader_asks_for_them_where_the_share_is_small() {
    let mut window = Window::new(Limits {
        budget: 1000,
        inline: 0,
        downloads: 8,
        first_downloads: 8,
        decodes: 8,
        segments: 100,
        disk: 1000,
    });
    window.set_share(100, 0);
    let sizes = Sizes {
        wire: 40,
        text: 400,
        json: 400,
    };
    window.page();
    window.found(sizes);
    window.found(sizes);
    assert_eq!(window.poll(), Some(Action::Download(0)));
    assert_eq!(
        window.poll(),
        None,
        "a second does not fit beside the first"
    );
    assert!(!window.needs_turn(), "there was room");
    window.downloaded(0, 40);
    assert_eq!(window.poll(), None);
    assert!(window.needs_turn());
    window.grant();
    assert_eq!(window.poll(), Some(Action::Decode(0)));
    assert!(window.chunk(0, 50));
    assert!(!window.chunk(0, 50), "60 are left beside the bytes");
    window.suspended(0);
    assert!(!window.has_turn() && !window.needs_turn());
    assert_eq!(window.held(), 140);
    for _ in 0..2 {
        window.taken(50);
        window.released(50);
        assert_eq!(window.poll(), None, "the reader does not wait");
    }
    assert!(!window.pass(), "more is to come");
    window.wanted();
    window.grant();
    assert_eq!(window.poll(), Some(Action::Decode(0)));
    // With more memory it goes on to the end.
    window.set_share(u64::MAX, 0);
    assert!((0..6).all(|_| window.chunk(0, 50)));
    window.decoded(0);
    for _ in 0..6 {
        window.taken(50);
        window.released(50);
    }
    assert!(window.pass());
    assert_eq!(window.poll(), Some(Action::Acknowledge(0)));
}

#[test]
fn what_a_small_segment_takes_says_nothing_of_large_ones() {
    let mut window = Window::new(Limits {
        budget: 1000,
        inline: 0,
        downloads: 8,
        first_downloads: 8,
        decodes: 8,
        segments: 100,
        disk: 0,
    });
    let sizes = |json| Sizes {
        wire: 1,
        text: 0,
        json,
    };
    window.page();
    for (id, json, made) in [(0, 200, 200), (1, 10, 100)] {
        window.came(sizes(json));
        assert_eq!(window.poll(), Some(Action::Decode(id)));
        window.chunk(id, made);
        window.decoded(id);
    }
    for id in [2, 3] {
        window.came(sizes(200));
        assert_eq!(
            window.poll(),
            Some(Action::Decode(id)),
            "300 are held, and 200 for each"
        );
    }
}

#[test]
fn what_decoding_takes_is_learned() {
    let mut window = Window::new(Limits {
        budget: 1000,
        inline: 0,
        downloads: 8,
        first_downloads: 8,
        decodes: 8,
        segments: 100,
        disk: 0,
    });
    let sizes = Sizes {
        wire: 1,
        text: 0,
        json: 100,
    };
    window.page();
    for _ in 0..9 {
        window.came(sizes);
    }
    assert_eq!(window.poll(), Some(Action::Decode(0)));
    window.chunk(0, 400);
    window.decoded(0);
    let started = std::iter::from_fn(|| window.poll()).count();
    assert_eq!(started, 1, "400 are held, 400 reserved, no third 400 fits");
}
