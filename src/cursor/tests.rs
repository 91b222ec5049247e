use std::collections::VecDeque;
use std::sync::Arc;

use proptest::prelude::*;
use trino_client::columns::{Column, Values};
use trino_client::runtime::Wait;

use super::{Chunk, ChunkSource, Cursor, Error, Motion, Moved, StoreError, StoreLimits};

const NONE: [i64; 0] = [];

/// Gives chunks of these lengths, counting rows from 0; `None` is an interruption.
struct Script(VecDeque<Option<usize>>, i64);

impl ChunkSource for Script {
    type Error = ();
    type Wait = Wait;

    fn next(&mut self, _: &Wait) -> Result<Option<Arc<Chunk>>, ()> {
        let rows = match self.0.pop_front() {
            None => return Ok(None),
            Some(None) => return Err(()),
            Some(Some(rows)) => rows as i64,
        };
        let values = Values::Int64((self.1..self.1 + rows).collect());
        self.1 += rows;
        Ok(Some(Arc::new(
            Chunk::new(
                rows as usize,
                vec![Column {
                    values,
                    nulls: None,
                }],
            )
            .unwrap(),
        )))
    }
}

fn rows(cursor: &Cursor<()>) -> Vec<i64> {
    let rowset = cursor.rowset();
    (0..rowset.rows())
        .map(|row| {
            let (chunk, row) = rowset.locate(row).unwrap();
            match &chunk.columns()[0].values {
                Values::Int64(values) => values[row],
                _ => unreachable!(),
            }
        })
        .collect()
}

fn cursor(script: &[Option<usize>], limit: u64) -> Cursor<()> {
    Cursor::new(Box::new(Script(script.iter().copied().collect(), 0)), limit)
}

#[test]
fn a_rowset_spans_chunks_and_a_chunk_spans_rowsets() {
    let mut cursor = cursor(&[Some(3), Some(0), Some(1), Some(4)], 0);
    let mut seen = Vec::new();
    while cursor.advance(3, Wait::default).unwrap() > 0 {
        seen.push(rows(&cursor));
    }
    assert_eq!(seen, [vec![0, 1, 2], vec![3, 4, 5], vec![6, 7]]);
    assert_eq!(cursor.row_number(0), 0);
}

#[test]
fn an_interrupted_fetch_loses_no_row() {
    let mut cursor = cursor(&[Some(2), None, Some(2)], 0);
    assert!(cursor.advance(3, Wait::default).is_err());
    assert_eq!(cursor.advance(3, Wait::default).unwrap(), 3);
    assert_eq!(rows(&cursor), [0, 1, 2]);
    assert_eq!(cursor.row_number(2), 3);
    assert_eq!(cursor.advance(3, Wait::default).unwrap(), 1);
    assert_eq!(cursor.row_number(0), 4);
}

#[test]
fn rowsets_of_any_size_give_every_row_once() {
    for size in 1..12 {
        let mut cursor = cursor(&[Some(5), Some(1), None, Some(10), Some(3)], 0);
        let (mut given, mut ends) = (Vec::new(), 0);
        while ends < 1 {
            match cursor.advance(size, Wait::default) {
                Ok(0) => ends += 1,
                Ok(count) => {
                    assert_eq!(cursor.row_number(0), given.len() as u64 + 1);
                    assert_eq!(cursor.rowset().rows(), count);
                    given.extend(rows(&cursor));
                }
                // Interrupted: what was gathered comes with the next call.
                Err(_) => {}
            }
        }
        assert_eq!(given, (0..19).collect::<Vec<i64>>(), "size {size}");
    }
}

#[test]
fn the_limit_ends_the_result_early() {
    let mut cursor = cursor(&[Some(10)], 4);
    assert_eq!(cursor.advance(3, Wait::default).unwrap(), 3);
    assert_eq!(cursor.advance(3, Wait::default).unwrap(), 1);
    assert_eq!(cursor.advance(3, Wait::default).unwrap(), 0);
}

#[test]
fn a_forward_only_cursor_does_not_scroll_and_stays_where_it_is() {
    let mut cursor = cursor(&[Some(4)], 0);
    assert_eq!(cursor.advance(2, Wait::default).unwrap(), 2);
    for motion in [Motion::First, Motion::Prior, Motion::Absolute(1)] {
        let refused = cursor.scroll(motion, 2, Wait::default);
        assert!(matches!(refused, Err(Error::ForwardOnly)));
    }
    assert_eq!(rows(&cursor), [0, 1]);
    assert_eq!(cursor.advance(2, Wait::default).unwrap(), 2);
    assert_eq!(rows(&cursor), [2, 3]);
}

/// In memory as far as `memory` goes, and without a limit on disk.
fn room(memory: u64) -> StoreLimits {
    StoreLimits {
        memory,
        disk: u64::MAX,
        folder: None,
    }
}

fn scroll(cursor: &mut Cursor<()>, motion: Motion, size: usize) -> Vec<i64> {
    let moved = cursor.scroll(motion, size, Wait::default).unwrap();
    let given = rows(cursor);
    assert_eq!(moved.rows, given.len());
    if let Some(first) = given.first() {
        assert_eq!(cursor.row_number(0), *first as u64 + 1);
    }
    given
}

#[test]
fn a_scrollable_cursor_moves_anywhere_and_continues_there() {
    let script = [Some(3), Some(0), Some(1), Some(4), Some(2)];
    let mut cursor = cursor(&script, 0).scrollable(room(1 << 20));
    assert_eq!(cursor.advance(2, Wait::default).unwrap(), 2);
    assert_eq!(rows(&cursor), [0, 1]);
    assert_eq!(cursor.advance(2, Wait::default).unwrap(), 2);
    assert_eq!(rows(&cursor), [2, 3]);
    assert_eq!(scroll(&mut cursor, Motion::Prior, 2), [0, 1]);
    assert_eq!(scroll(&mut cursor, Motion::Absolute(6), 2), [5, 6]);
    assert_eq!(cursor.advance(2, Wait::default).unwrap(), 2);
    assert_eq!(rows(&cursor), [7, 8]);
    assert_eq!(scroll(&mut cursor, Motion::Last, 3), [7, 8, 9]);
    assert_eq!(cursor.advance(3, Wait::default).unwrap(), 0);
    assert_eq!(cursor.row_number(0), 0);
    assert_eq!(cursor.advance(3, Wait::default).unwrap(), 0);
    assert_eq!(scroll(&mut cursor, Motion::Prior, 4), [6, 7, 8, 9]);
    assert_eq!(scroll(&mut cursor, Motion::Relative(-1), 1), [5]);
    assert_eq!(scroll(&mut cursor, Motion::Absolute(0), 4), NONE);
    assert_eq!(scroll(&mut cursor, Motion::Prior, 4), NONE);
    assert_eq!(cursor.advance(4, Wait::default).unwrap(), 4);
    assert_eq!(rows(&cursor), [0, 1, 2, 3]);
}

#[test]
fn a_rowset_that_would_begin_before_the_start_is_the_first_one() {
    let mut cursor = cursor(&[Some(9)], 0).scrollable(room(1 << 20));
    assert_eq!(scroll(&mut cursor, Motion::Absolute(3), 4), [2, 3, 4, 5]);
    assert_eq!(
        cursor.scroll(Motion::Prior, 4, Wait::default).unwrap(),
        Moved {
            rows: 4,
            cut_at_start: true
        }
    );
    assert_eq!(rows(&cursor), [0, 1, 2, 3]);
}

#[test]
fn a_rowset_at_the_end_has_fewer_rows_and_its_size_may_change() {
    let mut cursor = cursor(&[Some(9)], 0).scrollable(room(1 << 20));
    assert_eq!(scroll(&mut cursor, Motion::Absolute(8), 4), [7, 8]);
    assert_eq!(scroll(&mut cursor, Motion::Prior, 3), [4, 5, 6]);
    assert_eq!(scroll(&mut cursor, Motion::Next, 1), [7]);
    assert_eq!(scroll(&mut cursor, Motion::Next, 5), [8]);
    assert_eq!(scroll(&mut cursor, Motion::Next, 5), NONE);
    assert_eq!(scroll(&mut cursor, Motion::Relative(-2), 5), [7, 8]);
}

#[test]
fn the_limit_of_rows_is_the_end_of_what_is_scrolled() {
    let mut cursor = cursor(&[Some(3), Some(7)], 5).scrollable(room(1 << 20));
    assert_eq!(scroll(&mut cursor, Motion::Last, 2), [3, 4]);
    assert_eq!(cursor.advance(2, Wait::default).unwrap(), 0);
    assert_eq!(
        scroll(&mut cursor, Motion::Absolute(-5), 9),
        [0, 1, 2, 3, 4]
    );
    assert_eq!(scroll(&mut cursor, Motion::Absolute(6), 1), NONE);
    assert_eq!(scroll(&mut cursor, Motion::First, 4), [0, 1, 2, 3]);
    assert_eq!(cursor.advance(4, Wait::default).unwrap(), 1);
}

#[test]
fn an_interrupted_scroll_leaves_the_cursor_and_loses_no_row() {
    let script = [Some(2), None, Some(2), None, Some(1)];
    let mut cursor = cursor(&script, 0).scrollable(room(1 << 20));
    assert_eq!(scroll(&mut cursor, Motion::Next, 2), [0, 1]);
    for motion in [Motion::Last, Motion::Absolute(5)] {
        assert!(cursor.scroll(motion, 2, Wait::default).is_err());
        assert_eq!(rows(&cursor), [0, 1]);
        assert_eq!(scroll(&mut cursor, Motion::Relative(0), 2), [0, 1]);
    }
    assert_eq!(scroll(&mut cursor, Motion::Next, 2), [2, 3]);
    assert_eq!(scroll(&mut cursor, Motion::Last, 2), [3, 4]);
    assert_eq!(scroll(&mut cursor, Motion::First, 9), [0, 1, 2, 3, 4]);
}

#[test]
fn an_empty_result_has_no_row_anywhere() {
    for motion in [
        Motion::Next,
        Motion::First,
        Motion::Last,
        Motion::Prior,
        Motion::Absolute(1),
        Motion::Absolute(-1),
        Motion::Relative(1),
    ] {
        let mut cursor = cursor(&[Some(0)], 0).scrollable(room(0));
        for _ in 0..2 {
            assert_eq!(scroll(&mut cursor, motion, 3), NONE, "{motion:?}");
        }
    }
}

#[test]
fn rows_beyond_the_memory_are_the_same_as_within() {
    let script: Vec<_> = (0..40).map(|n| Some(100 + n % 7)).collect();
    let count = (0..40).map(|n| 100 + n % 7).sum::<i64>();
    let mut cursor = cursor(&script, 0).scrollable(room(3000));
    let mut forward = Vec::new();
    while cursor.advance(37, Wait::default).unwrap() > 0 {
        forward.extend(rows(&cursor));
    }
    assert_eq!(forward, (0..count).collect::<Vec<_>>());
    let mut backward = Vec::new();
    loop {
        let mut given = scroll(&mut cursor, Motion::Prior, 41);
        let first = given.first().copied().unwrap_or(0);
        if given.is_empty() {
            break;
        }
        // The last step back is cut at the start, and gives some rows again.
        let known = backward.last().copied().unwrap_or(count);
        given.retain(|row| *row < known);
        backward.extend(given.into_iter().rev());
        assert_eq!(*backward.last().unwrap(), first);
    }
    assert_eq!(backward, (0..count).rev().collect::<Vec<_>>());
    let mut at = 1;
    for _ in 0..500 {
        at = at * 7919 % count;
        let rows: Vec<_> = (at..count.min(at + 150)).collect();
        assert_eq!(scroll(&mut cursor, Motion::Absolute(at + 1), 150), rows);
    }
}

#[test]
fn rows_for_which_there_is_no_room_are_an_error_and_those_before_stay() {
    let narrow = |disk| StoreLimits {
        memory: 3000,
        disk,
        folder: None,
    };
    for (room, wanted) in [
        (narrow(0), "Spill"),
        (narrow(4000), "SpillLimit"),
        (
            StoreLimits {
                folder: Some("/no/such/folder".into()),
                ..narrow(1 << 20)
            },
            "SpillPath",
        ),
    ] {
        let mut cursor = cursor(&[Some(100); 40], 0).scrollable(room);
        assert_eq!(scroll(&mut cursor, Motion::Next, 1), [0]);
        for _ in 0..2 {
            let error = cursor.scroll(Motion::Last, 1, Wait::default);
            let Err(Error::Store(error)) = error else {
                panic!("{error:?}");
            };
            assert!(error.to_string().contains(wanted), "{error}");
            assert_eq!(matches!(error, StoreError::Memory), wanted == "Spill");
        }
        assert_eq!(rows(&cursor), [0]);
        assert_eq!(scroll(&mut cursor, Motion::Absolute(201), 1), [200]);
        assert_eq!(scroll(&mut cursor, Motion::First, 1), [0]);
    }
}

fn motion() -> impl Strategy<Value = Motion> {
    prop_oneof![
        3 => Just(Motion::Next),
        2 => Just(Motion::Prior),
        1 => Just(Motion::First),
        1 => Just(Motion::Last),
        2 => (-60..60_i64).prop_map(Motion::Absolute),
        2 => (-60..60_i64).prop_map(Motion::Relative),
    ]
}

proptest! {
    #[test]
    fn any_way_through_a_result_gives_consecutive_rows_wherever_they_are_kept(
        chunks in prop::collection::vec(0..20_usize, 0..8),
        limit in 0..60_u64,
        memory in 0..2000_u64,
        steps in prop::collection::vec((motion(), 1..12_usize), 1..60),
    ) {
        let rows_there = chunks.iter().sum::<usize>() as u64;
        let last = if limit == 0 { rows_there } else { rows_there.min(limit) };
        // Every read of the source is interrupted once.
        let script: Vec<_> = chunks.iter().flat_map(|rows| [None, Some(*rows)]).collect();
        let mut narrow = cursor(&script, limit).scrollable(room(memory));
        let script: Vec<_> = chunks.iter().map(|rows| Some(*rows)).collect();
        let mut wide = cursor(&script, limit).scrollable(room(u64::MAX));
        for (motion, size) in steps {
            let moved = wide.scroll(motion, size, Wait::default).unwrap();
            let same = loop {
                match narrow.scroll(motion, size, Wait::default) {
                    Ok(moved) => break moved,
                    Err(error) => prop_assert!(matches!(error, Error::Source(()))),
                }
            };
            prop_assert_eq!(moved, same);
            let given = rows(&wide);
            prop_assert_eq!(&given, &rows(&narrow));
            if let Some(first) = given.first() {
                let end = (*first as u64 + size as u64).min(last) as i64;
                prop_assert_eq!(&given, &(*first..end).collect::<Vec<_>>());
            }
        }
    }
}

#[test]
fn rows_that_are_there_are_known() {
    let mut cursor = cursor(&[Some(5)], 0);
    assert!(!cursor.is_ready(1));
    assert_eq!(cursor.advance(3, Wait::default).unwrap(), 3);
    assert!(cursor.is_ready(2) && !cursor.is_ready(3));
    assert_eq!(cursor.advance(3, Wait::default).unwrap(), 2);
    assert!(cursor.is_ready(3));
}
