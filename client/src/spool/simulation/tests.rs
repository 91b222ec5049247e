use super::grid::{cases, usual_capacity};
use super::*;

fn case(cores: usize) -> Case {
    Case {
        rows: Rows::LINEITEM,
        encoding: Encoding::JsonZstd,
        segments: Segments::Usual,
        cores,
        network: Network::new(10.0, 100.0, 10.0),
        application: 13e6,
        capacity: usual_capacity(cores),
    }
}

#[test]
fn the_usual_capacity_reaches_what_the_binding_resource_allows() {
    for case in cases(Rows::LINEITEM, Encoding::JsonZstd)
        .iter()
        .step_by(193)
    {
        let outcome = case.run();
        assert!(outcome.share() >= ENOUGH, "{case:?}: {outcome:?}");
    }
}

#[test]
fn no_case_is_faster_than_the_binding_resource_allows() {
    for encoding in [Encoding::Json, Encoding::JsonLz4, Encoding::JsonZstd] {
        for case in cases(Rows::WIDE, encoding).iter().step_by(971) {
            let outcome = case.run();
            // Segments that were half there when the count began are the rest.
            assert!(outcome.share() <= 1.1, "{case:?}: {outcome:?}");
        }
    }
}

#[test]
fn a_case_comes_to_the_same_each_time() {
    assert_eq!(case(4).run(), case(4).run());
}

#[test]
fn a_second_core_is_of_use_only_with_memory_for_a_second_segment() {
    let speed = |decoders, memory| {
        let mut case = case(2);
        case.capacity.decoders = decoders;
        case.capacity.memory = memory;
        case.application = 100e6;
        case.run().rows_per_second
    };
    assert!(speed(2, 160 << 20) >= 1.6 * speed(1, 160 << 20));
    assert!(speed(2, 40 << 20) < 1.1 * speed(1, 40 << 20));
}

#[test]
fn memory_holds_what_the_capacity_says_while_segments_are_usual() {
    for cores in grid::CORES {
        let case = case(cores);
        let memory = case.capacity.memory;
        // The segment that is read next is decoded even if it comes when the rest is full.
        let peak = case.run().peak;
        assert!(peak <= memory + memory / 16, "{cores}: {peak}");
    }
}

#[test]
fn what_binds_is_what_allows_least() {
    let of = |change: fn(&mut Case)| {
        let mut case = case(2);
        change(&mut case);
        case.binding().0
    };
    assert_eq!(of(|_| ()), Resource::Cores);
    assert_eq!(of(|case| case.application = 1e6), Resource::Application);
    assert_eq!(of(|case| case.network.link = 10e6), Resource::Link);
    let slow = |case: &mut Case| case.network.connection = 1e6;
    assert_eq!(of(slow), Resource::Connections);
}
