//! Segments that are damaged, or contradict their metadata.

use std::time::Duration;

use super::super::*;
use super::lab::{Act, Lab, attributes, json};
use crate::options::Spooling;
use crate::protocol::DataAttributes;

#[test]
fn a_segment_that_turns_out_damaged_late_is_fetched_again_and_repeats_no_row() {
    let good = json(0..400_000).into_bytes();
    let mut damaged = good.clone();
    let place = damaged.len() - 100;
    damaged[place] = b'x';
    for times in [1, 2, 3] {
        let lab = Lab::new();
        let (mut segment, _) = lab.segment("s", 0..1);
        *attributes(&mut segment) = DataAttributes {
            rows_count: Some(400_000),
            segment_size: Some(good.len() as u64),
            ..DataAttributes::default()
        };
        let mut acts = vec![Act::Body(damaged.clone()); times];
        acts.push(Act::Body(good.clone()));
        lab.on("/s", acts);
        // As many rows take a slow computer longer than the lab's patience.
        let patient = Spooling {
            retry_timeout: Some(Duration::from_secs(30)),
            ..Spooling::default()
        };
        let (rows, result, statistics) = lab.read_with(vec![segment], &patient);
        assert!(rows.iter().copied().eq(0..rows.len() as i64), "{times}");
        if times < 3 {
            result.unwrap();
            assert_eq!(rows.len(), 400_000);
            assert_eq!(statistics.rows, 400_000);
        } else {
            assert!(matches!(result, Err(Error::Decode { .. })), "{result:?}");
            assert!(rows.len() < 400_000);
        }
        assert_eq!(statistics.retries, times.min(2) as u64);
    }
}

#[test]
fn a_segment_that_comes_with_fewer_rows_than_were_read_of_it_is_an_error() {
    let first = json(0..400_000).into_bytes();
    let mut damaged = first;
    let place = damaged.len() - 100;
    damaged[place] = b'x';
    // On a busy computer the damage may show before the reader came to take a row.
    for _ in 0..20 {
        let lab = Lab::new();
        let (mut segment, _) = lab.segment("s", 0..1);
        *attributes(&mut segment) = DataAttributes::default();
        let short = json(0..1).into_bytes();
        lab.on("/s", vec![Act::Body(damaged.clone()), Act::Body(short)]);
        let (rows, result, _) = lab.read(vec![segment]);
        assert!(rows.iter().copied().eq(0..rows.len() as i64));
        if rows.len() > 1 {
            assert!(matches!(result, Err(Error::Changed { .. })), "{result:?}");
            return;
        }
    }
    panic!("the reader never came in time");
}

#[test]
fn the_metadata_of_a_segment_is_checked() {
    type Lie = fn(&mut DataAttributes);
    type Check = fn(&Error) -> bool;
    let lies: [(Lie, Check); 5] = [
        (
            |facts| facts.rows_count = Some(99),
            |error| matches!(error, Error::RowCount { .. }),
        ),
        (
            |facts| facts.rows_count = Some(101),
            |error| matches!(error, Error::RowCount { .. }),
        ),
        (
            |facts| facts.row_offset = Some(101),
            |error| matches!(error, Error::RowOffset { .. }),
        ),
        (
            |facts| facts.row_offset = Some(99),
            |error| matches!(error, Error::RowOffset { .. }),
        ),
        (
            |facts| facts.uncompressed_size = Some(9),
            |error| matches!(error, Error::Decode { .. }),
        ),
    ];
    for (lie, check) in lies {
        let lab = Lab::new();
        let (first, one) = lab.segment("a", 0..100);
        let (mut second, two) = lab.segment("b", 100..200);
        lie(attributes(&mut second));
        lab.on("/a", vec![Act::Body(one)]);
        lab.on("/b", vec![Act::Body(two)]);
        let (rows, result, _) = lab.read(vec![first, second]);
        let error = result.expect_err("a wrong result");
        assert!(check(&error), "{error:?}");
        // Rows that came before the lie is found may be read; they are the right ones.
        assert!((100..=200).contains(&rows.len()), "{error}");
        assert!(rows.iter().copied().eq(0..rows.len() as i64), "{error}");
    }
}

#[test]
fn a_segment_without_metadata_is_read() {
    let lab = Lab::new();
    let (mut segment, _) = lab.segment("s", 0..100);
    *attributes(&mut segment) = DataAttributes::default();
    lab.on("/s", vec![Act::Body(json(0..100).into_bytes())]);
    let (rows, result, _) = lab.read(vec![segment]);
    result.unwrap();
    assert_eq!(rows.len(), 100);
}
