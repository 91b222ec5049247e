//! What the window does in single cases, step by step.

use super::*;

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
