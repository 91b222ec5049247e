use std::sync::Arc;

use trino_client::columns::{Chunk, Column, Values};

use super::{ChunkStore, OVERHEAD, StoreLimits};

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

/// A store of that many chunks, with room for `held` of them in memory.
fn store(chunks: u64, held: u64) -> ChunkStore {
    let mut store = ChunkStore::new(StoreLimits {
        memory: held * CHUNK,
        disk: u64::MAX,
        folder: None,
    });
    for index in 0..chunks {
        store.make_room().unwrap();
        store.add(chunk(index * ROWS));
        assert!(store.held <= (held + 1) * CHUNK);
    }
    store.make_room().unwrap();
    store
}

fn value(store: &mut ChunkStore, row: u64) -> i64 {
    let (chunk, at) = store.find(row).unwrap().unwrap();
    match &chunk.columns()[0].values {
        Values::Int64(values) => values[at],
        _ => unreachable!(),
    }
}

#[test]
fn what_is_in_memory_stays_within_the_limit() {
    let mut store = store(20, 3);
    assert_eq!((store.rows(), store.held), (20 * ROWS, 3 * CHUNK));
    assert!(store.find(20 * ROWS).unwrap().is_none());
    for step in 0..200 {
        let row = step * 7919 % (20 * ROWS);
        assert_eq!(value(&mut store, row), row as i64);
        assert!(store.held <= 3 * CHUNK);
        assert_eq!(store.used.len(), 3);
    }
}

#[test]
fn a_chunk_is_written_once_and_what_was_used_last_stays_in_memory() {
    let mut store = store(4, 2);
    let spilled = |store: &ChunkStore| {
        let spilled = store.slots.iter().map(|slot| slot.spilled.is_some());
        spilled.collect::<Vec<_>>()
    };
    let held = |store: &ChunkStore| {
        let held = store.slots.iter().map(|slot| slot.chunk.is_some());
        held.collect::<Vec<_>>()
    };
    assert_eq!(spilled(&store), [true, true, false, false]);
    assert_eq!(held(&store), [false, false, true, true]);
    value(&mut store, 2 * ROWS);
    value(&mut store, 0);
    assert_eq!(held(&store), [true, false, true, false]);
    assert_eq!(spilled(&store), [true, true, false, true]);
    let written = store.spilled;
    value(&mut store, 3 * ROWS);
    value(&mut store, ROWS);
    value(&mut store, 0);
    assert_eq!(spilled(&store), [true; 4]);
    assert!(store.spilled - written < CHUNK + 100);
    let written = store.spilled;
    for row in 0..4 * ROWS {
        assert_eq!(value(&mut store, row), row as i64);
    }
    assert_eq!(store.spilled, written);
}

#[test]
fn one_chunk_is_admitted_however_large_it_is() {
    let mut store = store(1, 0);
    assert_eq!(value(&mut store, 7), 7);
    assert!(store.file.is_none());
}

#[test]
#[should_panic(expected = "a chunk that is not in memory was spilled")]
fn a_lost_chunk_is_no_end_of_the_result() {
    let mut store = store(3, 3);
    store.release(1);
    let _ = store.find(ROWS);
}
