//! Acknowledgements, and segments that are acknowledged unread.

use std::time::{Duration, Instant};

use super::super::*;
use super::lab::{Act, Lab};
use crate::options::Spooling;
use crate::protocol::PageData;

#[test]
fn failing_acknowledgements_are_no_error() {
    let lab = Lab::new();
    let (segment, bytes) = lab.segment("s", 0..10);
    lab.on("/s", vec![Act::Body(bytes)]);
    lab.on("/v1/spooled/ack/s", vec![Act::Status(500, "")]);
    let (rows, result, _) = lab.read(vec![segment]);
    result.unwrap();
    assert_eq!(rows.len(), 10);
    assert_eq!(lab.count("/v1/spooled/ack/s"), 2);
}

#[test]
fn failing_acknowledgements_hold_no_others_up() {
    let lab = Lab::new();
    let segments = (0..60).map(|index| {
        let (segment, bytes) = lab.segment(&format!("s{index}"), index..index + 1);
        lab.on(&format!("/s{index}"), vec![Act::Body(bytes)]);
        let failing = vec![Act::Status(500, "")];
        lab.on(&format!("/v1/spooled/ack/s{index}"), failing);
        segment
    });
    let segments = segments.collect();
    let started = Instant::now();
    let (rows, result, _) = lab.read(segments);
    result.unwrap();
    assert_eq!(rows.len(), 60);
    // Four at a time, each with its pauses, would take three seconds.
    assert!(started.elapsed() < Duration::from_secs(2));
    // There is no second attempt once a run of segments has failed, which on a slow computer is
    // before the last ones are through.
    for index in 0..60 {
        let attempts = lab.count(&format!("/v1/spooled/ack/s{index}"));
        assert!((1..=2).contains(&attempts), "{attempts}");
    }
    assert_eq!(lab.count("/v1/spooled/ack/s0"), 2);
}

#[test]
fn dropping_the_feed_is_quick_stops_the_pager_and_acknowledges_what_is_unread() {
    let lab = Lab::new();
    let spool = lab.spool(&Spooling {
        downloads: Some(64),
        ..Spooling::default()
    });
    let handle = lab.runtime.handle();
    let (mut sender, feed) = open(&spool, handle, vec![Type::BigInt].into(), "q");
    let segments = (0..64)
        .map(|index| {
            lab.on(&format!("/s{index}"), vec![Act::Stall]);
            lab.segment(&format!("s{index}"), index..index + 1).0
        })
        .collect();
    let encoding = "json+lz4".to_owned();
    lab.runtime.block_on(async {
        sender
            .send(PageData::Spooled { encoding, segments })
            .await
            .unwrap();
    });
    std::thread::sleep(Duration::from_millis(50));
    let started = Instant::now();
    drop(feed);
    assert!(started.elapsed() < Duration::from_millis(200));
    lab.runtime.block_on(async {
        sender.stopped().await;
        assert!(sender.send(PageData::None).await.is_err());
        spool.idle().await;
    });
    for index in 0..64 {
        assert_eq!(lab.count(&format!("/v1/spooled/ack/s{index}")), 1);
    }
}
