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
    largest_page: u64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Event {
    Page,
    Downloaded(Id),
    Saved(Id),
    Loaded(Id),
    Decoded(Id),
    Read,
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
            largest_page,
        }
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
        let first = self.window.first();
        if self.in_hand.is_some()
            || self
                .unread
                .get(&first)
                .is_some_and(|chunks| !chunks.is_empty())
            || self.finished.contains(&first)
        {
            events.push(Event::Read);
        }
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
                let size = self.plans[id as usize].chunks[*done];
                *done += 1;
                self.unread.entry(id).or_default().push(size);
                self.window.chunk(id, size);
                if self.decoding[&id] == 2 {
                    self.decoding.remove(&id);
                    self.finished.insert(id);
                    self.window.decoded(id);
                }
            }
            Event::Read => self.read(),
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
                    assert!(self.decoding.insert(id, 0).is_none(), "decoded twice");
                }
                Action::Acknowledge(id) => {
                    assert!(self.plan(id).spooled);
                    assert!(self.acknowledged.insert(id), "acknowledged twice");
                    assert!(
                        self.finished.contains(&id),
                        "acknowledged before its rows are safe"
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
        let bound = self.limits.budget
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
                decodes,
                segments,
                disk,
            },
        )
}

const LARGEST_WIRE: u64 = 200;
const MOST_COLUMNS: u64 = 400;

proptest! {
    #[test]
    fn any_order_of_events_reads_each_chunk_once_in_order_within_budget(
        limits in limits(),
        plans in vec(plan(), 0..40),
        pages in vec(1..5usize, 1..5),
        choices in vec(any::<prop::sample::Index>(), 0..300),
    ) {
        let count = plans.len() as Id;
        let spooled: BTreeSet<Id> =
            (0..).zip(&plans).filter(|(_, plan)| plan.spooled).map(|(id, _)| id).collect();
        let mut world = World::new(limits, plans, &pages);
        let mut choices = choices.into_iter();
        loop {
            let events = world.possible();
            if events.is_empty() {
                break;
            }
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
        choices in vec(any::<prop::sample::Index>(), 0..60),
    ) {
        let mut world = World::new(limits, plans, &pages);
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
        choices in vec(any::<prop::sample::Index>(), 0..200),
    ) {
        let count = plans.len();
        let mut plans = plans;
        let failing = failing.index(count) as Id;
        plans[failing as usize].spooled = true;
        let mut world = World::new(limits, plans, &[count]);
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

#[test]
fn downloads_run_ahead_up_to_their_number() {
    let mut window = Window::new(Limits {
        budget: 1 << 20,
        inline: 0,
        downloads: 3,
        decodes: 2,
        segments: 100,
        disk: 0,
    });
    window.page();
    for _ in 0..5 {
        window.found(Sizes {
            wire: 10,
            text: 0,
            json: 10,
        });
    }
    let started: Vec<Action> = std::iter::from_fn(|| window.poll()).collect();
    assert_eq!(started, [0, 1, 2].map(Action::Download));
    window.downloaded(1, 10);
    assert_eq!(window.poll(), Some(Action::Decode(1)));
    assert_eq!(window.poll(), Some(Action::Download(3)));
}

#[test]
fn pages_of_references_are_drained_while_memory_is_full() {
    let mut window = Window::new(Limits {
        budget: 10,
        inline: 0,
        downloads: 1,
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
    assert_eq!(window.poll(), Some(Action::Acknowledge(0)));
    assert!(window.pass());
    assert_eq!(window.poll(), Some(Action::Load(1)));
    window.downloaded(1, 60);
    assert_eq!(window.poll(), Some(Action::Decode(1)));
    assert_eq!(window.poll(), Some(Action::Save(3)), "there is room again");
}

#[test]
fn what_decoding_takes_is_learned() {
    let mut window = Window::new(Limits {
        budget: 1000,
        inline: 0,
        downloads: 8,
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
