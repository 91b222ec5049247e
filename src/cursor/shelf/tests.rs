use std::sync::Arc;

use super::{OVERHEAD, Room, Shelf};
use crate::columns::{Chunk, Column, Values};

const ROWS: u64 = 1000;
const CHUNK: u64 = ROWS * 8 + OVERHEAD as u64;

fn chunk(first: u64) -> Arc<Chunk> {
    let values = Values::Int64((first as i64..(first + ROWS) as i64).collect());
    let column = Column {
        values,
        nulls: None,
    };
    Arc::new(Chunk::new(ROWS as usize, vec![column]).unwrap())
}

/// A shelf of that many chunks, with room for `held` of them in memory.
fn shelf(chunks: u64, held: u64) -> Shelf {
    let mut shelf = Shelf::new(Room {
        memory: held * CHUNK,
        disk: u64::MAX,
        folder: None,
    });
    for index in 0..chunks {
        shelf.make_room().unwrap();
        shelf.add(chunk(index * ROWS));
        assert!(shelf.held <= (held + 1) * CHUNK);
    }
    shelf.make_room().unwrap();
    shelf
}

fn value(shelf: &mut Shelf, row: u64) -> i64 {
    let (chunk, at) = shelf.find(row).unwrap().unwrap();
    match &chunk.columns()[0].values {
        Values::Int64(values) => values[at],
        _ => unreachable!(),
    }
}

#[test]
fn what_is_in_memory_stays_within_the_limit() {
    let mut shelf = shelf(20, 3);
    assert_eq!((shelf.rows(), shelf.held), (20 * ROWS, 3 * CHUNK));
    assert!(shelf.find(20 * ROWS).unwrap().is_none());
    for step in 0..200 {
        let row = step * 7919 % (20 * ROWS);
        assert_eq!(value(&mut shelf, row), row as i64);
        assert!(shelf.held <= 3 * CHUNK);
        assert_eq!(shelf.used.len(), 3);
    }
}

#[test]
fn a_chunk_is_written_once_and_what_was_used_last_stays_in_memory() {
    let mut shelf = shelf(4, 2);
    let parked = |shelf: &Shelf| {
        let parked = shelf.slots.iter().map(|slot| slot.parked.is_some());
        parked.collect::<Vec<_>>()
    };
    let held = |shelf: &Shelf| {
        let held = shelf.slots.iter().map(|slot| slot.chunk.is_some());
        held.collect::<Vec<_>>()
    };
    assert_eq!(parked(&shelf), [true, true, false, false]);
    assert_eq!(held(&shelf), [false, false, true, true]);
    value(&mut shelf, 2 * ROWS);
    value(&mut shelf, 0);
    assert_eq!(held(&shelf), [true, false, true, false]);
    assert_eq!(parked(&shelf), [true, true, false, true]);
    let written = shelf.parked;
    value(&mut shelf, 3 * ROWS);
    value(&mut shelf, ROWS);
    value(&mut shelf, 0);
    assert_eq!(parked(&shelf), [true; 4]);
    assert!(shelf.parked - written < CHUNK + 100);
    let written = shelf.parked;
    for row in 0..4 * ROWS {
        assert_eq!(value(&mut shelf, row), row as i64);
    }
    assert_eq!(shelf.parked, written);
}

#[test]
fn one_chunk_is_admitted_however_large_it_is() {
    let mut shelf = shelf(1, 0);
    assert_eq!(value(&mut shelf, 7), 7);
    assert!(shelf.file.is_none());
}
