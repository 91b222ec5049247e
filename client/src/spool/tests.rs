//! Results from end to end, against a small server that misbehaves.

mod acknowledgements;
mod damage;
mod lab;
mod sharing;

use std::time::{Duration, Instant};

use base64::Engine as _;
use serde_json::value::RawValue;

use super::*;
use crate::options::{Secret, Spooling};
use crate::protocol::{DataAttributes, PageData, Segment};
use lab::{Act, Lab, attributes, drain, encode, json};

#[test]
fn segments_are_read_in_order_and_acknowledged_with_their_headers() {
    let lab = Lab::new();
    let mut segments = Vec::new();
    for index in 0..20 {
        let name = format!("/s{index}");
        let (segment, bytes) = lab.segment(&name[1..], index * 1000..(index + 1) * 1000);
        lab.on(&name, vec![Act::Body(bytes)]);
        segments.push(segment);
    }
    let (rows, result, statistics) = lab.read(segments);
    result.unwrap();
    assert_eq!(rows, (0..20_000).collect::<Vec<_>>());
    assert_eq!((statistics.spooled, statistics.rows), (20, 20_000));
    assert_eq!(statistics.retrieval, Some(Retrieval::Storage));
    let seen = lab.script.seen.lock();
    assert_eq!(seen.len(), 40);
    for seen in seen.iter() {
        assert_eq!(seen.headers["x-key"], "k3y", "{}", seen.path);
        assert!(!seen.headers.contains_key("authorization"));
    }
    for index in 0..20 {
        let acknowledged = format!("/v1/spooled/ack/s{index}");
        assert_eq!(
            seen.iter().filter(|seen| seen.path == acknowledged).count(),
            1
        );
    }
}

#[test]
fn direct_rows_and_inline_segments_need_no_other_thread() {
    let lab = Lab::new();
    let spool = lab.spool(&Spooling::default());
    let idle = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let (mut sender, mut feed) = open(&spool, idle.handle(), vec![Type::BigInt].into(), "q");
    idle.block_on(async {
        let rows = RawValue::from_string(json(0..3)).unwrap();
        sender.send(PageData::Direct(rows)).await.unwrap();
        let (bytes, mut attributes) = encode(3..6);
        attributes.row_offset = Some(3);
        let data = base64::engine::general_purpose::STANDARD.encode(bytes);
        let segments = vec![Segment::Inline { data, attributes }];
        let encoding = "json+lz4".to_owned();
        sender
            .send(PageData::Spooled { encoding, segments })
            .await
            .unwrap();
        sender.finish();
        let (rows, result) = drain(&mut feed).await;
        result.unwrap();
        assert_eq!(rows, [0, 1, 2, 3, 4, 5]);
        let statistics = feed.statistics();
        assert_eq!((statistics.inline, statistics.direct), (2, 1));
        assert_eq!(statistics.mode(), "DIRECT");
    });
}

#[test]
fn transient_failures_are_retried() {
    let lab = Lab::new();
    let (segment, bytes) = lab.segment("s", 0..5000);
    let acts = vec![
        Act::Status(503, ""),
        Act::RetryAfter(429, 0),
        Act::Cut(bytes.clone(), 100),
        Act::Stall,
        Act::Body(bytes[..bytes.len() - 1].to_vec()),
        Act::Body(bytes),
    ];
    lab.on("/s", acts);
    let (rows, result, statistics) = lab.read(vec![segment]);
    result.unwrap();
    assert_eq!(rows.len(), 5000);
    assert_eq!(statistics.retries, 5);
    assert_eq!(lab.count("/s"), 6);
}

#[test]
fn a_broken_download_resumes_where_the_server_honours_it() {
    let lab = Lab::new();
    let (segment, bytes) = lab.segment("s", 0..5000);
    let length = bytes.len() as u64;
    lab.on(
        "/s",
        vec![Act::Cut(bytes.clone(), 1000), Act::Ranged(bytes)],
    );
    let (rows, result, statistics) = lab.read(vec![segment]);
    result.unwrap();
    assert_eq!(rows, (0..5000).collect::<Vec<_>>());
    assert_eq!(statistics.downloaded, length, "no byte came twice");
}

#[test]
fn a_segment_that_is_there_is_known_to_be_even_without_room_to_decode_it() {
    let lab = Lab::new();
    let spool = lab.spool(&Spooling {
        memory: Some(200_000),
        ..Spooling::default()
    });
    let text = format!("[{}[1]]", "[1],".repeat(50_000));
    let bytes = lz4_flex::block::compress(text.as_bytes());
    let attributes = DataAttributes {
        segment_size: Some(bytes.len() as u64),
        uncompressed_size: Some(text.len() as u64),
        ..DataAttributes::default()
    };
    let (mut segment, _) = lab.segment("s", 0..1);
    *self::attributes(&mut segment) = attributes;
    // Long enough for the rows before it to be decoded.
    let late = Act::Late(Duration::from_millis(100), bytes);
    lab.on("/s", vec![late]);
    let (mut sender, mut feed) = open(&spool, lab.runtime.handle(), vec![Type::BigInt].into(), "q");
    lab.runtime.block_on(async {
        let inline = Segment::Inline {
            data: base64::engine::general_purpose::STANDARD.encode(json(0..10_000)),
            attributes: DataAttributes::default(),
        };
        let page = PageData::Spooled {
            encoding: "json+lz4".to_owned(),
            segments: vec![inline],
        };
        sender.send(page).await.unwrap();
        let page = PageData::Spooled {
            encoding: "json+lz4".to_owned(),
            segments: vec![segment],
        };
        sender.send(page).await.unwrap();
        sender.finish();
        let known = feed.availability(Duration::from_secs(60));
        let known = tokio::time::timeout(Duration::from_secs(10), known).await;
        known.expect("hangs");
        let (rows, result) = drain(&mut feed).await;
        result.unwrap();
        assert_eq!(rows.len(), 10_000 + 50_001);
    });
}

#[test]
fn rows_of_the_direct_protocol_are_not_held_back_for_segments() {
    let lab = Lab::new();
    let spool = lab.spool(&Spooling::default());
    let (mut sender, mut feed) = open(&spool, lab.runtime.handle(), vec![Type::BigInt].into(), "q");
    lab.runtime.block_on(async {
        let hour = Duration::from_secs(3600);
        let early = tokio::time::timeout(Duration::from_millis(20), feed.availability(hour)).await;
        assert!(early.is_err(), "nothing is known before rows came");
        let rows = RawValue::from_string(json(0..10)).unwrap();
        sender.send(PageData::Direct(rows)).await.unwrap();
        let known = tokio::time::timeout(Duration::from_secs(10), feed.availability(hour)).await;
        known.expect("the rows are held back");
    });
}

#[test]
fn an_urgent_segment_that_cannot_be_fetched_for_a_while_is_tried_again() {
    let lab = Lab::new();
    let (first, one) = lab.segment("a", 0..5000);
    let (mut second, two) = lab.segment("b", 5000..9000);
    if let Segment::Spooled { uri, .. } = &mut second {
        uri.push_str("&X-Amz-Date=20260102T030405Z&X-Amz-Expires=0");
    }
    lab.on("/a", vec![Act::Body(one)]);
    let mut acts = vec![Act::Status(503, ""); 6];
    acts.extend([Act::Body(two), Act::Status(404, "")]);
    lab.on("/b", acts);
    // Over before the failures are.
    let spool = lab.spool(&Spooling {
        memory: Some(1),
        retry_timeout: Some(Duration::from_millis(10)),
        ..Spooling::default()
    });
    let (mut sender, mut feed) = open(&spool, lab.runtime.handle(), vec![Type::BigInt].into(), "q");
    lab.runtime.block_on(async {
        let page = PageData::Spooled {
            encoding: "json+lz4".to_owned(),
            segments: vec![first, second],
        };
        sender.send(page).await.unwrap();
        sender.finish();
        let started = Instant::now();
        while feed.statistics().spilled == 0 {
            assert!(started.elapsed() < Duration::from_secs(10));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        let (rows, result) = drain(&mut feed).await;
        result.unwrap();
        assert_eq!(rows, (0..9000).collect::<Vec<_>>());
    });
    assert_eq!(lab.count("/b"), 7);
}

#[test]
fn a_segment_that_cannot_be_had_fails_after_the_rows_before_it() {
    let expired = "<Error><Code>AccessDenied</Code><Message>Request has expired</Message></Error>";
    let skewed = "<Error><Code>RequestTimeTooSkewed</Code></Error>";
    type Check = fn(&Error) -> bool;
    // Tries, where they are counted.
    let cases: [(Act, Option<usize>, Check); 7] = [
        (Act::Status(403, expired), Some(1), |error| {
            matches!(error, Error::Expired { .. })
        }),
        (Act::Status(403, skewed), Some(1), |error| {
            matches!(error, Error::ClockSkew { .. })
        }),
        (Act::Status(403, ""), Some(1), |error| {
            matches!(error, Error::Refused { status: 403, .. })
        }),
        (Act::Status(404, ""), Some(1), |error| {
            matches!(error, Error::Gone { .. })
        }),
        (Act::Status(503, ""), None, |error| {
            matches!(error, Error::Refused { status: 503, .. })
        }),
        (Act::Body(vec![b'x'; 100_000]), Some(3), |error| {
            matches!(error, Error::Length { .. })
        }),
        (Act::NoLocation, Some(1), |error| {
            matches!(
                error,
                Error::Redirect {
                    fault: RedirectFault::NoLocation,
                    ..
                }
            )
        }),
    ];
    for (act, tries, check) in cases {
        let lab = Lab::new();
        let (first, bytes) = lab.segment("a", 0..100);
        let (second, _) = lab.segment("b", 100..200);
        lab.on("/a", vec![Act::Body(bytes)]);
        lab.on("/b", vec![act.clone()]);
        let (rows, result, _) = lab.read(vec![first, second]);
        let error = result.expect_err("a short result");
        assert!(check(&error), "{act:?}: {error:?}");
        assert!(!error.to_string().contains("signature"), "{error}");
        assert_eq!(rows, (0..100).collect::<Vec<_>>(), "{act:?}");
        match tries {
            Some(tries) => assert_eq!(lab.count("/b"), tries, "{act:?}"),
            None => assert!(lab.count("/b") > 2, "{act:?}"),
        }
    }
}

#[test]
fn redirects_keep_the_headers_and_show_the_retrieval_mode() {
    let lab = Lab::new();
    let (_, bytes) = lab.segment("s", 0..10);
    let through = |name: &str| {
        let (_, attributes) = encode(0..10);
        Segment::Spooled {
            uri: format!("http://{}/v1/spooled/download/{name}", lab.coordinator),
            ack_uri: Some(format!("http://{}/v1/spooled/ack/{name}", lab.coordinator)),
            headers: vec![("x-key".to_owned(), Secret::new("k3y"))],
            attributes,
        }
    };
    let path = |name: &str| format!("/v1/spooled/download/{name}");
    lab.on("/object", vec![Act::Body(bytes.clone())]);
    lab.on(
        &path("redirect"),
        vec![Act::Redirect(format!(
            "http://{}/object?signature=1",
            lab.storage
        ))],
    );
    lab.on(
        &path("worker"),
        vec![
            Act::Redirect(format!("http://{}{}", lab.storage, path("worker"))),
            Act::Body(bytes.clone()),
        ],
    );
    lab.on(&path("proxy"), vec![Act::Body(bytes)]);
    lab.on(&path("loop"), vec![Act::Redirect(path("loop"))]);
    for (name, mode) in [
        ("redirect", Retrieval::CoordinatorStorageRedirect),
        ("worker", Retrieval::WorkerProxy),
        ("proxy", Retrieval::CoordinatorProxy),
    ] {
        let (rows, result, statistics) = lab.read(vec![through(name)]);
        result.unwrap();
        assert_eq!(rows.len(), 10);
        assert_eq!(statistics.retrieval, Some(mode));
    }
    let (_, result, _) = lab.read(vec![through("loop")]);
    let fault = RedirectFault::TooMany;
    assert!(matches!(result, Err(Error::Redirect { fault: found, .. }) if found == fault));
    assert_eq!(lab.count(&path("loop")), 6);
    assert!(
        lab.script
            .seen
            .lock()
            .iter()
            .all(|seen| seen.headers["x-key"] == "k3y")
    );
}

#[test]
fn a_page_sender_dropped_before_the_end_is_an_error() {
    let lab = Lab::new();
    let spool = lab.spool(&Spooling::default());
    let (sender, mut feed) = open(&spool, lab.runtime.handle(), vec![Type::BigInt].into(), "q");
    drop(sender);
    lab.runtime.block_on(async {
        assert!(matches!(feed.next().await, Err(Error::Abandoned)));
        assert!(matches!(feed.next().await, Err(Error::Over)));
    });
}

#[test]
fn an_unknown_encoding_is_an_error() {
    let lab = Lab::new();
    let spool = lab.spool(&Spooling::default());
    let (mut sender, mut feed) = open(&spool, lab.runtime.handle(), vec![Type::BigInt].into(), "q");
    lab.runtime.block_on(async {
        let encoding = "arrow".to_owned();
        let page = PageData::Spooled {
            encoding,
            segments: Vec::new(),
        };
        assert!(sender.send(page).await.is_err());
        assert!(matches!(feed.next().await, Err(Error::Encoding { .. })));
    });
}

#[test]
fn storage_that_refuses_connections_is_distinguished_from_the_cluster() {
    let lab = Lab::new();
    let (mut segment, _) = lab.segment("s", 0..1);
    if let Segment::Spooled { uri, .. } = &mut segment {
        *uri = "http://127.0.0.1:1/s?signature=1".to_owned();
    }
    let (_, result, statistics) = lab.read(vec![segment]);
    let error = result.expect_err("nobody listens");
    assert!(error.is_about_segment("coordinator:8080"), "{error:?}");
    assert!(error.to_string().contains("127.0.0.1:1"), "{error}");
    assert!(!error.to_string().contains("signature"), "{error}");
    assert_eq!(statistics.retries, 2);
}

#[test]
fn storage_that_is_away_for_a_while_is_waited_for_once_it_gave_something() {
    let lab = Lab::new();
    let (first, one) = lab.segment("a", 0..100);
    let (second, two) = lab.segment("b", 100..5000);
    lab.on("/a", vec![Act::Body(one)]);
    let mut acts = vec![Act::Status(503, ""); 4];
    acts.extend(vec![Act::RetryAfter(503, 0); 3]);
    acts.push(Act::Cut(two.clone(), 50));
    acts.push(Act::Body(two));
    lab.on("/b", acts);
    let spool = lab.spool(&Spooling::default());
    let (mut sender, mut feed) = open(&spool, lab.runtime.handle(), vec![Type::BigInt].into(), "q");
    lab.runtime.block_on(async {
        let page = |segment| PageData::Spooled {
            encoding: "json+lz4".to_owned(),
            segments: vec![segment],
        };
        sender.send(page(first)).await.unwrap();
        assert_eq!(feed.next().await.unwrap().unwrap().rows(), 100);
        sender.send(page(second)).await.unwrap();
        sender.finish();
        let (rows, result) = drain(&mut feed).await;
        result.unwrap();
        assert_eq!(rows, (100..5000).collect::<Vec<_>>());
        assert_eq!(feed.trouble(), None);
    });
    assert_eq!(lab.count("/b"), 9);
}

#[test]
fn the_reason_of_a_retry_can_be_read() {
    let lab = Lab::new();
    let (segment, _) = lab.segment("a", 0..100);
    lab.on("/a", vec![Act::Status(503, "")]);
    let spool = lab.spool(&Spooling::default());
    let (mut sender, feed) = open(&spool, lab.runtime.handle(), vec![Type::BigInt].into(), "q");
    feed.rely_on_segments();
    lab.runtime.block_on(async {
        let page = PageData::Spooled {
            encoding: "json+lz4".to_owned(),
            segments: vec![segment],
        };
        sender.send(page).await.unwrap();
        while feed.trouble().is_none() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let trouble = feed.trouble().unwrap();
    assert!(trouble.contains("HTTP status 503"), "{trouble}");
    drop(feed);
}

#[test]
fn the_default_capacity_is_the_usual_one_of_the_computer() {
    let lab = Lab {
        budget: Budget::new(1 << 30, 4),
        ..Lab::new()
    };
    let usual = Capacity::usual(4, 1 << 30);
    assert_eq!(lab.spool(&Spooling::default()).capacity(), usual);
    let said = lab.spool(&Spooling {
        downloads: Some(3),
        decode_threads: Some(2),
        memory: Some(1 << 20),
        ..Spooling::default()
    });
    let expected = Capacity {
        memory: 1 << 20,
        decoders: 2,
        downloads: 3,
        first_downloads: 3,
    };
    assert_eq!(said.capacity(), expected);
}

#[test]
fn a_small_segment_takes_no_memory_of_a_large_one() {
    let lab = Lab::new();
    let mut segments = Vec::new();
    let mut start = 0;
    for (index, rows) in [100_000, 10].into_iter().cycle().take(8).enumerate() {
        let (segment, bytes) = lab.segment(&format!("s{index}"), start..start + rows);
        lab.on(&format!("/s{index}"), vec![Act::Body(bytes)]);
        segments.push(segment);
        start += rows;
    }
    let spool = lab.spool(&Spooling {
        decode_threads: Some(1),
        ..Spooling::default()
    });
    let handle = lab.runtime.handle();
    let (mut sender, mut feed) = open(&spool, handle, vec![Type::BigInt].into(), "q");
    handle.spawn(async move {
        let encoding = "json+lz4".to_owned();
        let page = PageData::Spooled { encoding, segments };
        if sender.send(page).await.is_ok() {
            sender.finish();
        }
    });
    let (mut rows, mut small) = (0, 0);
    while let Some(chunk) = lab.runtime.block_on(feed.next()).unwrap() {
        rows += chunk.rows() as i64;
        if chunk.rows() == 10 {
            assert!(chunk.size() < 64 << 10, "{} bytes", chunk.size());
            small += 1;
        }
    }
    assert_eq!((rows, small), (start, 4));
}

#[test]
fn a_slow_reader_keeps_memory_within_the_budget() {
    let lab = Lab::new();
    let mut segments = Vec::new();
    for index in 0..40 {
        let (segment, bytes) = lab.segment(&format!("s{index}"), index * 5000..(index + 1) * 5000);
        lab.on(&format!("/s{index}"), vec![Act::Body(bytes)]);
        segments.push(segment);
    }
    let memory = 1 << 20;
    let options = Spooling {
        memory: Some(memory),
        ..Spooling::default()
    };
    let (rows, result, statistics) = lab.read_with(segments, &options);
    result.unwrap();
    assert_eq!(rows, (0..200_000).collect::<Vec<_>>());
    assert!(
        statistics.peak_memory <= memory + (300 << 10),
        "{statistics:?}"
    );
}

#[test]
fn segments_that_are_slow_to_come_starve_the_decoders() {
    let lab = Lab::new();
    let late = Duration::from_millis(150);
    let segments = (0..3).map(|n| {
        let name = format!("late-{n}");
        let (segment, bytes) = lab.segment(&name, n * 1000..(n + 1) * 1000);
        lab.on(&format!("/{name}"), vec![Act::Late(late, bytes)]);
        segment
    });
    let (rows, result, statistics) = lab.read(segments.collect());
    result.unwrap();
    assert_eq!(rows.len(), 3000);
    assert_eq!(statistics.encoding, Some(options::Encoding::JsonLz4));
    let load = statistics.load;
    assert_eq!(load.text, statistics.decoded);
    assert_eq!(
        (load.wire, load.received),
        (statistics.downloaded, statistics.downloaded)
    );
    assert!(load.downloading >= late, "{load:?}");
    assert!(load.starved > load.elapsed / 2, "{load:?}");
    // Windows counts CPU time in ticks, one of which may end in the shorter part.
    assert!(cfg!(windows) || load.decoding > load.unpacking, "{load:?}");
}
