//! Pages that do not come, come broken, or come twice: which rows the application gets, and what ends them.

use std::time::{Duration, Instant};

use scripted_trino::{Answer, Endpoint, Fault, Planned, Server, Spooling, columns};
use serde_json::{Value, json};
use trinoodbc::abi::*;

use crate::application::*;

const QUERY: &str = "SELECT n FROM pages";

/// Ten rows on five pages, tokens 0 to 4; token 5 is the end.
fn ten() -> Answer {
    let rows = (0..10).map(|row| vec![json!(row)]).collect();
    Answer::rows(columns![("n", "bigint")], rows)
        .direct()
        .rows_per_page(2)
}

/// The same, spooled: each page refers to two segments of one row.
fn ten_spooled() -> Answer {
    let rows = (0..10).map(|row| vec![json!(row)]).collect();
    Answer::rows(columns![("n", "bigint")], rows).spooled(Spooling {
        rows_per_segment: 1,
        inline_first: 0,
        segments_per_page: 2,
        ..Spooling::default()
    })
}

/// What an application gets: the numbers, the code that ended them, SQLSTATE and message.
fn read(answer: Answer) -> (Vec<i64>, SqlReturn, String, String) {
    // What the answer itself says is looked at, and not what another one would.
    let application = Application::connected(Server::start(), "SpoolingFallback=false");
    application.server.on(QUERY, answer);
    let code = application.execute(QUERY);
    let (numbers, end) = match code {
        SQL_SUCCESS => application.numbers(),
        code => (Vec::new(), code),
    };
    let told = (application.state(), application.message());
    (numbers, end, told.0, told.1)
}

fn reads_all(answer: Answer) {
    let (numbers, end, state, message) = read(answer);
    assert_eq!(end, SQL_NO_DATA, "{state} {message}");
    assert_eq!(numbers, (0..10).collect::<Vec<_>>());
}

fn once(fault: Fault) -> Planned {
    fault.times(1)
}

#[test]
fn a_page_whose_connection_breaks_is_asked_for_again_and_its_rows_come_once() {
    for fault in [
        Fault::Refuse,
        Fault::ResetAfter(0),
        Fault::ResetAfter(200),
        Fault::CloseAfter(40),
    ] {
        for token in [0, 2, 5] {
            reads_all(ten().fault(Endpoint::Page(token), once(fault.clone())));
            reads_all(ten_spooled().fault(Endpoint::Page(token), once(fault.clone())));
        }
    }
}

#[test]
fn a_page_that_is_cut_is_asked_for_again_and_its_rows_come_once() {
    for length in [1, 40, 200] {
        reads_all(ten().fault(Endpoint::Page(2), Fault::Truncate(length).times(2)));
        reads_all(ten_spooled().fault(Endpoint::Page(2), Fault::Truncate(length).times(2)));
    }
}

#[test]
fn a_page_that_stays_cut_is_an_error_after_the_rows_before_it() {
    let (numbers, end, state, message) = read(ten().fault(Endpoint::Page(2), Fault::Truncate(200)));
    assert_eq!((numbers, end), (vec![0, 1, 2, 3], SQL_ERROR));
    assert_eq!(state, "08S01");
    assert!(message.contains("ends too early"), "{message}");
}

#[test]
fn a_page_of_someone_else_is_an_error_that_quotes_it() {
    let login = "<html><body><h1>Please log in</h1></body></html>".to_owned();
    let fault = Fault::Respond(200, Vec::new(), login);
    let (numbers, end, state, message) = read(ten().fault(Endpoint::Page(2), fault));
    assert_eq!((numbers, end), (vec![0, 1, 2, 3], SQL_ERROR));
    assert_eq!(state, "08S01");
    assert!(message.contains("Please log in"), "{message}");
}

#[test]
fn a_page_that_is_gone_is_an_error_after_the_rows_before_it() {
    for status in [404, 410, 500] {
        let answer = ten().fault(Endpoint::Page(2), Fault::Status(status));
        let (numbers, end, state, message) = read(answer);
        assert_eq!((numbers, end), (vec![0, 1, 2, 3], SQL_ERROR), "{status}");
        assert_eq!(state, "08S01");
        assert!(message.contains(&status.to_string()), "{message}");
    }
}

#[test]
fn a_busy_gateway_is_asked_for_the_page_again() {
    for status in [429, 502, 503, 504] {
        reads_all(ten().fault(Endpoint::Page(2), Fault::Status(status).times(3)));
    }
}

#[test]
fn a_page_is_asked_for_again_no_sooner_than_the_server_says() {
    for status in [429, 503] {
        let begun = Instant::now();
        reads_all(ten().fault(Endpoint::Page(2), Fault::RetryAfter(status, 1).times(1)));
        assert!(begun.elapsed() >= Duration::from_secs(1), "{status}");
    }
}

#[test]
fn a_busy_gateway_is_asked_again_to_take_the_statement() {
    let application = Application::start();
    let fault = Fault::RetryAfter(503, 1).times(1);
    application.server.fault(Endpoint::Submit, fault);
    application.server.on(QUERY, ten());
    let begun = Instant::now();
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    assert!(begun.elapsed() >= Duration::from_secs(1));
    assert_eq!(application.server.queries().len(), 1);
}

#[test]
fn a_page_that_says_what_an_earlier_one_said_is_an_error_and_no_row_comes_twice() {
    let (numbers, end, state, message) = read(ten_spooled().repeat_page(2));
    assert_eq!((numbers, end), ((0..6).collect(), SQL_ERROR));
    assert_eq!(state, "HY000");
    assert!(
        message.contains("rows are missing or repeated"),
        "{message}"
    );
}

#[test]
fn a_page_that_names_itself_as_the_next_is_an_error() {
    let answer = ten().edit_page(2, |page: &mut Value| {
        let next = page["nextUri"].as_str().unwrap();
        let own = next.strip_suffix('3').unwrap().to_owned() + "2";
        page["nextUri"] = json!(own);
    });
    let (numbers, end, state, message) = read(answer);
    assert_eq!((numbers, end), (vec![0, 1, 2, 3], SQL_ERROR));
    assert_eq!(state, "08S01");
    assert!(message.contains("names itself"), "{message}");
}

#[test]
fn a_slow_page_is_waited_for() {
    let delay = Fault::FirstByteDelay(Duration::from_millis(700));
    reads_all(ten().fault(Endpoint::Page(2), once(delay)));
    reads_all(ten().fault(Endpoint::Page(2), once(Fault::SlowBody(800))));
}

#[test]
fn figures_for_show_in_any_form_lose_no_row() {
    let forms = [
        "null",
        "\"\"",
        "\"NaN\"",
        "\"50.0\"",
        "-1",
        "1.5",
        "[]",
        "[1]",
        "{}",
        "{\"a\":1}",
    ];
    for form in forms {
        let form: Value = serde_json::from_str(form).unwrap();
        let edit = move |page: &mut Value| {
            for name in ["id", "infoUri", "partialCancelUri", "stats", "warnings"] {
                page[name] = form.clone();
            }
            page["columns"][0]["typeSignature"] = form.clone();
        };
        let edited = |answer: Answer| {
            (0..=5).fold(answer, |answer, token| {
                answer.edit_page(token, edit.clone())
            })
        };
        reads_all(edited(ten()));
        reads_all(edited(ten_spooled()));
    }
}

#[test]
fn what_a_segment_is_told_with_in_any_form_loses_no_row() {
    for form in ["null", "\"x\"", "7", "[]", "{}"] {
        let form: Value = serde_json::from_str(form).unwrap();
        let edit = move |segment: &mut Value| {
            segment["ackUri"] = form.clone();
            segment["metadata"]["expiresAt"] = form.clone();
        };
        let answer = (0..10).fold(ten_spooled(), |answer, segment| {
            answer.edit_segment(segment, edit.clone())
        });
        reads_all(answer);
    }
    let spooling = Spooling {
        sse_c: Some(false),
        rows_per_segment: 1,
        inline_first: 0,
        ..Spooling::default()
    };
    for form in [
        json!("text"),
        json!(7),
        json!({"x-a": "one", "x-b": [1, "two"], "x c": ["\n"]}),
    ] {
        let edit = move |segment: &mut Value| segment["headers"] = form.clone();
        let answer = (0..10).fold(
            ten_spooled().spooled(spooling.clone()),
            |answer, segment| answer.edit_segment(segment, edit.clone()),
        );
        reads_all(answer);
    }
}

#[test]
fn an_empty_inline_segment_has_no_rows_unless_it_promises_some() {
    let inline = || {
        ten_spooled().spooled(Spooling {
            rows_per_segment: 5,
            inline_first: 3,
            segments_per_page: 3,
            ..Spooling::default()
        })
    };
    // The second segment's rows are in the first, and it is left with nothing.
    let whole = |segment: &mut Value| {
        segment["data"] = json!("W1swXSxbMV0sWzJdLFszXSxbNF0sWzVdLFs2XSxbN10sWzhdLFs5XV0=");
        segment["metadata"] = json!({"rowOffset": 0, "rowsCount": 10});
    };
    for metadata in [
        json!({"rowOffset": 10, "rowsCount": 0, "segmentSize": 0}),
        json!({}),
        json!(null),
    ] {
        let empty = move |segment: &mut Value| {
            segment["data"] = json!("");
            segment["metadata"] = metadata.clone();
        };
        reads_all(inline().edit_segment(0, whole).edit_segment(1, empty));
    }
    let lost = |segment: &mut Value| segment["data"] = json!("");
    let (numbers, end, ..) = read(inline().edit_segment(1, lost));
    assert_eq!((numbers, end), ((0..5).collect(), SQL_ERROR));
}

#[test]
fn data_that_is_neither_rows_nor_segments_is_an_error_and_never_the_end() {
    for data in [
        json!("rows"),
        json!(7),
        json!(true),
        json!({"encoding": "json"}),
    ] {
        let edit = move |page: &mut Value| page["data"] = data.clone();
        let (numbers, end, state, message) = read(ten_spooled().edit_page(1, edit));
        assert_eq!((numbers, end), ((0..2).collect(), SQL_ERROR), "{message}");
        assert_eq!(state, "08S01", "{message}");
    }
}

#[test]
fn a_segment_of_an_unknown_kind_is_named_with_what_to_do() {
    let edit = |segment: &mut Value| segment["type"] = json!("flight");
    let (_, end, _, message) = read(ten_spooled().edit_segment(2, edit));
    assert_eq!(end, SQL_ERROR);
    assert!(
        message.contains("\"flight\"") && message.contains("Encoding=none"),
        "{message}"
    );
}

#[test]
fn a_servers_reason_is_told_in_whatever_form_it_comes() {
    let failed = |error: Value| {
        let edit = move |page: &mut Value| page["error"] = error.clone();
        read(ten().edit_page(0, edit)).3
    };
    for code in [
        json!("47"),
        json!(4_294_967_296_i64),
        json!([]),
        json!(null),
    ] {
        let message = failed(json!({"message": "no such column", "errorCode": code}));
        assert!(message.contains("no such column"), "{message}");
    }
    assert!(failed(json!("down for maintenance")).contains("down for maintenance"));
}

#[test]
fn half_a_surrogate_pair_in_a_page_is_a_replacement_character() {
    let body = r#"{"id":"q","stats":{"state":"\ud800"},
        "columns":[{"name":"a\ud800","type":"bigint"}],"data":[[1]],"infoUri":"\udc00"}"#;
    let fault = Fault::Respond(200, Vec::new(), body.to_owned());
    let (numbers, end, ..) = read(ten().fault(Endpoint::Page(0), fault));
    assert_eq!((numbers, end), (vec![1], SQL_NO_DATA));
    let body = r#"{"id":"q","error":{"message":"bad \ud800 text","errorName":"X"}}"#;
    let fault = Fault::Respond(200, Vec::new(), body.to_owned());
    let (.., message) = read(ten().fault(Endpoint::Page(0), fault));
    assert!(message.contains("bad \u{fffd} text"), "{message}");
}
