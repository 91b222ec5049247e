//! Results that share the memory of the process.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::super::*;
use super::lab::{Act, Lab, drain, numbers};
use crate::options::Spooling;
use crate::protocol::{PageData, Segment};

/// Results of that many segments of 2,000 rows each, in the same lab.
fn results(lab: &Lab, count: i64, segments: i64) -> Vec<Vec<Segment>> {
    let result = |result: i64| {
        let segment = |index: i64| {
            let rows = index * 2000..(index + 1) * 2000;
            let (segment, bytes) = lab.segment(&format!("r{result}-{index}"), rows);
            lab.on(&format!("/r{result}-{index}"), vec![Act::Body(bytes)]);
            segment
        };
        (0..segments).map(segment).collect()
    };
    (0..count).map(result).collect()
}

impl Lab {
    /// The reader's end of a result of these segments.
    fn feed(&self, spool: &Arc<Spool>, segments: Vec<Segment>) -> Feed {
        let handle = self.runtime.handle();
        let (mut sender, feed) = open(spool, handle, vec![Type::BigInt].into(), "q");
        handle.spawn(async move {
            let page = PageData::Spooled {
                encoding: "json+lz4".to_owned(),
                segments,
            };
            if sender.send(page).await.is_ok() {
                sender.finish();
            }
        });
        feed
    }

    /// The rows that come next; none at the end.
    fn next(&self, feed: &mut Feed) -> Vec<i64> {
        let chunk = self.runtime.block_on(async {
            let next = feed.next();
            tokio::time::timeout(Duration::from_secs(20), next).await
        });
        chunk
            .expect("hangs")
            .unwrap()
            .map_or_else(Vec::new, |chunk| numbers(&chunk))
    }
}

#[test]
fn results_that_one_thread_reads_in_turn_all_end_in_a_memory_that_has_room_for_none() {
    let lab = Lab::new();
    lab.budget.set_memory(1000);
    let spool = lab.spool(&Spooling::default());
    let mut feeds: Vec<_> = results(&lab, 20, 4)
        .into_iter()
        .map(|segments| (lab.feed(&spool, segments), Vec::new()))
        .collect();
    let mut most = 0;
    while feeds.iter().any(|(_, rows)| rows.len() < 8000) {
        for (feed, rows) in &mut feeds {
            rows.extend(lab.next(feed));
            most = most.max(lab.budget.held());
        }
    }
    for (feed, rows) in &mut feeds {
        assert_eq!(*rows, (0..8000).collect::<Vec<_>>());
        assert!(lab.next(feed).is_empty());
    }
    // Of each a segment: its bytes, its text and its rows, while it is decoded.
    assert!(most < 20 * 60_000, "{most}");
}

#[test]
fn what_a_result_holds_is_given_back_when_it_ends_fails_or_is_closed() {
    let lab = Lab::new();
    let spool = lab.spool(&Spooling {
        retry_timeout: Some(Duration::ZERO),
        ..Spooling::default()
    });
    let mut given = results(&lab, 3, 4);
    lab.on("/r1-1", vec![Act::Status(404, "")]);
    let mut feeds: Vec<_> = given
        .drain(..)
        .map(|segments| lab.feed(&spool, segments))
        .collect();
    for feed in &mut feeds {
        assert_eq!(lab.next(feed).len(), 2000);
    }
    let mut closed = feeds.remove(0);
    assert_eq!(lab.next(&mut closed).len(), 2000);
    drop(closed);
    let (_, result) = lab.runtime.block_on(drain(&mut feeds[0]));
    assert!(matches!(result, Err(Error::Gone { .. })), "{result:?}");
    drop(feeds.remove(0));
    let (rows, result) = lab.runtime.block_on(drain(&mut feeds[0]));
    assert_eq!((rows.len(), result.is_ok()), (6000, true));
    let deadline = Instant::now() + Duration::from_secs(5);
    while lab.budget.held() > 0 {
        assert!(Instant::now() < deadline, "{} held", lab.budget.held());
        std::thread::sleep(Duration::from_millis(5));
    }
}

#[test]
fn a_result_that_is_not_read_releases_its_memory_and_continues_later() {
    let lab = Lab::new();
    let spool = lab.spool(&Spooling::default());
    let mut given = results(&lab, 2, 4);
    let (read, left) = (given.remove(0), given.remove(0));
    let mut left = lab.feed(&spool, left);
    let mut rows = lab.next(&mut left);
    // It has all its segments by now.
    while left.statistics().rows < 8000 {
        std::thread::sleep(Duration::from_millis(5));
    }
    let held = lab.budget.held();
    lab.budget.skip(Duration::from_millis(3100));
    lab.budget.set_memory(1000);
    let mut read = lab.feed(&spool, read);
    let deadline = Instant::now() + Duration::from_secs(10);
    let mut others = lab.next(&mut read);
    while lab.budget.held() > held / 2 {
        assert!(Instant::now() < deadline, "{} held", lab.budget.held());
        std::thread::sleep(Duration::from_millis(5));
    }
    others.extend(lab.runtime.block_on(drain(&mut read)).0);
    assert_eq!(others, (0..8000).collect::<Vec<_>>());
    assert_eq!(lab.count("/v1/spooled/ack/r1-1"), 0);
    rows.extend(lab.runtime.block_on(drain(&mut left)).0);
    assert_eq!(rows, (0..8000).collect::<Vec<_>>());
    assert!(lab.count("/r1-1") > 1, "it was fetched again");
    drop(left);
    lab.runtime.block_on(spool.idle());
    assert_eq!(lab.count("/v1/spooled/ack/r1-1"), 1);
}
