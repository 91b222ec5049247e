use super::*;

fn parse(text: &str) -> QueryResults {
    QueryResults::parse(text.as_bytes()).unwrap()
}

#[test]
fn a_queued_statement_has_an_id_and_a_next_page() {
    let mut results = parse(
        r#"{"id":"20261122_1","infoUri":"http://c/ui","nextUri":"http://c/v1/statement/queued/1",
            "stats":{"state":"QUEUED","queued":true,"rootStage":null},"warnings":[],"brandNew":{"a":[1]}}"#,
    );
    assert_eq!(results.id, "20261122_1");
    assert_eq!(results.stats.state, "QUEUED");
    assert!(results.next_uri.is_some() && results.columns.is_none());
    assert!(results.take_data().unwrap().is_none() && results.take_error().is_none());
}

#[test]
fn null_is_absent() {
    let mut results = parse(
        r#"{"id":"1","nextUri":null,"columns":null,"data":null,"stats":null,"error":null,"warnings":null,
            "updateType":null,"updateCount":null}"#,
    );
    assert!(results.next_uri.is_none() && results.update_count.is_none());
    assert!(results.take_data().unwrap().is_none());
}

#[test]
fn an_array_is_rows_and_an_object_is_segments() {
    let mut direct = parse(r#"{"id":"1","data":[[1],[2]]}"#);
    assert!(matches!(direct.take_data(), Ok(PageData::Direct(rows)) if rows.get() == "[[1],[2]]"));
    let mut spooled = parse(
        r#"{"id":"1","data":{"encoding":"json+zstd","metadata":{},"segments":[
            {"type":"inline","data":"QQ==","metadata":{"rowOffset":0,"rowsCount":"2","segmentSize":1}},
            {"type":"spooled","uri":"https://s/a?X-Sig=b%2F","ackUri":"https://c/ack/1",
             "headers":{"x-key":["k"]},
             "metadata":{"rowOffset":2,"rowsCount":3,"segmentSize":9,"uncompressedSize":99,
                         "expiresAt":"2026-11-22T10:15:30.123"}}]}}"#,
    );
    let PageData::Spooled { encoding, segments } = spooled.take_data().unwrap() else {
        panic!("not spooled");
    };
    assert_eq!(encoding, "json+zstd");
    assert!(matches!(&segments[0], Segment::Inline { data, attributes }
        if data == "QQ==" && attributes.rows_count == Some(2) && attributes.uncompressed_size.is_none()));
    assert!(
        matches!(&segments[1], Segment::Spooled { uri, headers, attributes, .. }
        if uri == "https://s/a?X-Sig=b%2F" && headers[0].1.reveal() == "k"
            && attributes.uncompressed_size == Some(99))
    );
    assert!(!format!("{segments:?}").contains("\"k\""));
}

#[test]
fn segments_without_attributes_are_read() {
    let mut spooled = parse(
        r#"{"id":"1","data":{"encoding":"json","segments":[
            {"type":"spooled","uri":"https://s","ackUri":"https://c","headers":null,"metadata":null}]}}"#,
    );
    assert!(
        matches!(spooled.take_data().unwrap(), PageData::Spooled { segments, .. }
        if matches!(&segments[0], Segment::Spooled { attributes, .. } if *attributes == DataAttributes::default()))
    );
}

#[test]
fn a_failure_carries_its_query_id() {
    let mut results = parse(
        r#"{"id":"20261122_7","error":{"message":"line 1:8: Column 'x' cannot be resolved","sqlState":null,
            "errorCode":47,"errorName":"COLUMN_NOT_FOUND","errorType":"USER_ERROR",
            "failureInfo":{"type":"io.trino.X","stack":["a"]}}}"#,
    );
    let error = results.take_error().unwrap();
    assert_eq!((error.code, error.name.as_str()), (47, "COLUMN_NOT_FOUND"));
    assert_eq!(error.query_id.as_deref(), Some("20261122_7"));
}

#[test]
fn warnings_have_a_number_a_name_and_a_text() {
    let results = parse(
        r#"{"id":"1","warnings":[{"warningCode":{"code":3,"name":"DEPRECATED"},"message":"old"}],
            "updateType":"INSERT","updateCount":5}"#,
    );
    assert_eq!(results.warnings[0].name, "DEPRECATED");
    assert_eq!(results.update_count, Some(5));
}

#[test]
fn broken_utf_8_is_replaced() {
    let mut body = br#"{"id":"1","data":[[""#.to_vec();
    body.extend([0xff]);
    body.extend(br#""]]}"#);
    let data = QueryResults::parse(&body).unwrap().take_data().unwrap();
    assert!(matches!(data, PageData::Direct(rows) if rows.get() == "[[\"\u{fffd}\"]]"));
}

#[test]
fn what_is_no_message_is_an_error() {
    for text in ["", "<html>", "[]", "{}", r#"{"id":"1""#] {
        assert!(QueryResults::parse(text.as_bytes()).is_err());
    }
}

/// A page with all that a page can have, and its rows.
fn full(data: &str) -> serde_json::Value {
    let text = r#"{"id":"20261122_1","infoUri":"http://c/ui","partialCancelUri":"http://c/p",
        "columns":[{"name":"a","type":"bigint","typeSignature":{"rawType":"bigint","arguments":[]}}],
        "data":DATA,
        "stats":{"state":"RUNNING","queued":false,"progressPercentage":50.5,"totalSplits":3,"rootStage":{"subStages":[]}},
        "warnings":[{"warningCode":{"code":3,"name":"OLD"},"message":"old"}],
        "updateType":"INSERT","updateCount":1}"#;
    serde_json::from_str(&text.replace("DATA", data)).unwrap()
}

/// Every place in `value` outside of rows: the pointers of its fields and elements.
fn places(value: &serde_json::Value, at: &str, found: &mut Vec<String>) {
    let inner: Vec<(String, &serde_json::Value)> = match value {
        serde_json::Value::Object(fields) => {
            let field = |(name, value): (&String, _)| (name.clone(), value);
            fields.iter().map(field).collect()
        }
        serde_json::Value::Array(values) => values
            .iter()
            .enumerate()
            .map(|(index, value)| (index.to_string(), value))
            .collect(),
        _ => Vec::new(),
    };
    for (name, value) in inner {
        let place = format!("{at}/{name}");
        places(value, &place, found);
        found.push(place);
    }
}

/// `page` with each place of `meddled` in turn removed and of another form.
fn variants(page: &serde_json::Value, meddled: &[String]) -> Vec<(String, serde_json::Value)> {
    let mut variants = Vec::new();
    for place in meddled {
        let (parent, name) = place.rsplit_once('/').unwrap();
        let mut without = page.clone();
        match without.pointer_mut(parent).unwrap() {
            serde_json::Value::Object(fields) => drop(fields.remove(name)),
            serde_json::Value::Array(values) => drop(values.remove(name.parse().unwrap())),
            _ => unreachable!(),
        }
        variants.push((format!("{place} removed"), without));
        for form in [
            "null",
            "\"\"",
            "\"NaN\"",
            "\"50.0\"",
            "-1.5",
            "1e400",
            "99999999999999999999",
            "true",
            "[]",
            "[[1]]",
            "{}",
            r#"{"a":{"b":[]}}"#,
            r#""\ud800""#,
        ] {
            let mut other = page.clone();
            *other.pointer_mut(place).unwrap() = "\u{1}".into();
            let text = other.to_string().replace(r#""\u0001""#, form);
            // What serde_json itself cannot hold is tried as text.
            variants.push((
                format!("{place} is {form}"),
                serde_json::Value::String(text),
            ));
        }
    }
    variants
}

fn body(variant: &serde_json::Value) -> String {
    match variant {
        serde_json::Value::String(text) => text.clone(),
        page => page.to_string(),
    }
}

#[test]
fn no_field_beside_the_rows_makes_a_page_unreadable() {
    let page = full("[[7]]");
    let mut meddled = Vec::new();
    places(&page, "", &mut meddled);
    meddled.retain(|place| !place.starts_with("/data"));
    assert!(meddled.len() > 20);
    for (what, variant) in variants(&page, &meddled) {
        let mut results = parse(&body(&variant));
        let rows = results.take_data();
        assert!(
            matches!(&rows, Ok(PageData::Direct(rows)) if rows.get() == "[[7]]"),
            "{what}: {rows:?}"
        );
        assert!(results.take_error().is_none(), "{what}");
        if !what.starts_with("/columns ") && !what.starts_with("/columns/0 removed") {
            assert_eq!(results.column_infos().unwrap().len(), 1, "{what}");
        }
    }
}

#[test]
fn no_field_beside_its_rows_makes_a_segment_unreadable() {
    let page = full(
        r#"{"encoding":"json","metadata":{"a":1},"segments":[
            {"type":"inline","data":"W1s3XV0=","metadata":{"rowOffset":0,"rowsCount":1,"segmentSize":5}},
            {"type":"spooled","uri":"https://s","ackUri":"https://c","headers":{"x-key":["k","l"]},
             "metadata":{"rowOffset":1,"rowsCount":1,"segmentSize":5,"uncompressedSize":5,"expiresAt":"2026-11-22T10:15"}}]}"#,
    );
    let mut meddled = Vec::new();
    places(&page, "", &mut meddled);
    let rows = [
        "/type",
        "/data",
        "/uri",
        "/encoding",
        "/segments",
        "/segments/0",
        "/segments/1",
    ];
    meddled.retain(|place| {
        place.starts_with("/data/") && !rows.iter().any(|end| place.ends_with(end))
    });
    assert!(meddled.len() > 12, "{meddled:?}");
    for (what, variant) in variants(&page, &meddled) {
        let data = parse(&body(&variant)).take_data();
        let Ok(PageData::Spooled { segments, .. }) = &data else {
            panic!("{what}: {data:?}");
        };
        assert!(
            matches!(&segments[0], Segment::Inline { data, .. } if data == "W1s3XV0="),
            "{what}"
        );
        assert!(
            matches!(&segments[1], Segment::Spooled { uri, .. } if uri == "https://s"),
            "{what}"
        );
    }
}

#[test]
fn figures_in_odd_forms_are_read_where_they_can_be() {
    let progress = |text: &str| {
        let page = format!(r#"{{"id":7,"stats":{{"progressPercentage":{text}}}}}"#);
        let results = parse(&page);
        assert_eq!(results.id, "7");
        results.stats.progress_percentage
    };
    assert_eq!(progress("\"50.0\""), Some(50.0));
    for odd in ["\"NaN\"", "NaN", "-Infinity", "\"\"", "1e400", "[]", "null"] {
        assert_eq!(progress(odd), None, "{odd}");
    }
    let twice =
        parse(r#"{"id":"1","stats":{"state":"A"},"stats":{"state":"B","state":"C"},"id":"2"}"#);
    assert_eq!((twice.id.as_str(), twice.stats.state.as_str()), ("2", "C"));
    let nameless = parse(r#"{"nextUri":"http://c/v1/statement/executing/20261122_3/y1/2"}"#);
    assert_eq!(nameless.id, "20261122_3");
}

#[test]
fn rows_with_bare_numbers_that_json_lacks_come() {
    let rows = parse(r#"{"id":"1","data":[[NaN],[-Infinity]]}"#).take_data();
    assert!(
        matches!(rows, Ok(PageData::Direct(rows)) if rows.get() == r#"[["NaN"],["-Infinity"]]"#)
    );
}

#[test]
fn an_error_keeps_the_servers_reason_in_any_form() {
    for (error, message, code) in [
        (r#"{"message":"no","errorCode":"47"}"#, "no", 47),
        (r#"{"message":"no","errorCode":4294967296}"#, "no", i32::MAX),
        (
            r#"{"message":"no","errorCode":{},"errorName":5,"errorType":[]}"#,
            "no",
            0,
        ),
        (
            r#"{"message":"a\ud800b","errorLocation":7,"failureInfo":"x"}"#,
            "a\u{fffd}b",
            0,
        ),
        (
            r#"{"failureInfo":{"message":"deep"},"errorCode":1.0}"#,
            "deep",
            1,
        ),
        (r#"{"errorName":"BROKEN"}"#, "BROKEN", 0),
        (r#"{"message":{"text":"no"}}"#, r#"{"text":"no"}"#, 0),
        (r#""down for maintenance""#, "down for maintenance", 0),
        ("{}", "The server gave no reason.", 0),
        ("[]", "[]", 0),
    ] {
        let mut results = parse(&format!(r#"{{"id":"1","stats":{{}},"error":{error}}}"#));
        let read = results.take_error().unwrap();
        assert_eq!(
            (read.message.as_str(), read.code),
            (message, code),
            "{error}"
        );
    }
}

#[test]
fn what_rows_depend_on_is_an_error_in_another_form() {
    for data in ["7", "\"rows\"", "true"] {
        let error = parse(&format!(r#"{{"id":"1","data":{data}}}"#)).take_data();
        assert!(
            error
                .unwrap_err()
                .to_string()
                .contains("neither rows nor segments")
        );
    }
    assert!(QueryResults::parse(br#"{"id":"1","data":[[1]],"data":[[2]]}"#).is_err());
    for next in ["7", "[]", "{}", "true"] {
        assert!(
            QueryResults::parse(format!(r#"{{"id":"1","nextUri":{next}}}"#).as_bytes()).is_err()
        );
    }
    let spooled = |segment: &str| {
        let page = format!(r#"{{"id":"1","data":{{"encoding":"json","segments":[{segment}]}}}}"#);
        parse(&page).take_data().map_err(|error| error.to_string())
    };
    let told = spooled(r#"{"type":"arrow","uri":"https://s"}"#).unwrap_err();
    assert!(
        told.contains("\"arrow\"") && told.contains("Encoding=none"),
        "{told}"
    );
    for segment in [
        "7",
        r#"{"type":"inline"}"#,
        r#"{"type":"inline","data":7}"#,
        r#"{"type":"spooled","uri":null}"#,
    ] {
        assert!(spooled(segment).is_err(), "{segment}");
    }
    for data in [
        r#"{"segments":[]}"#,
        r#"{"encoding":"json"}"#,
        r#"{"encoding":"json","segments":7}"#,
    ] {
        assert!(
            parse(&format!(r#"{{"id":"1","data":{data}}}"#))
                .take_data()
                .is_err(),
            "{data}"
        );
    }
    assert!(spooled(r#"{"type":"inline","metadata":{"rowsCount":0}}"#).is_ok());
    assert!(spooled(r#"{"uri":"https://s"}"#).is_ok());
}

#[test]
fn a_type_nested_deeper_than_any_reader_goes_is_text() {
    let mut signature = r#"{"rawType":"bigint","arguments":[]}"#.to_owned();
    let mut display = "bigint".to_owned();
    for _ in 0..3000 {
        signature =
            format!(r#"{{"rawType":"array","arguments":[{{"kind":"TYPE","value":{signature}}}]}}"#);
        display = format!("array({display})");
    }
    let page = format!(
        r#"{{"id":"1","columns":[{{"name":"a\ud800","type":"{display}","typeSignature":{signature}}},{{"type":"bigint"}},7],"data":[]}}"#
    );
    let columns = parse(&page).column_infos().unwrap();
    assert_eq!(columns[0].kind, Type::Other(display));
    let names: Vec<_> = columns.iter().map(|column| column.name.as_str()).collect();
    assert_eq!(names, ["a\u{fffd}", "_col1", "_col2"]);
    assert_eq!(columns[1].kind, Type::BigInt);
}
