//! SQLDriverConnect's completion: a person at a window is prompted for what is missing or refused.

use std::ptr::{null_mut, without_provenance_mut};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use scripted_trino::{Answer, Server, columns};
use serde_json::json;
use tokio_util::sync::CancellationToken;
use trinoodbc::abi::*;
use trinoodbc::config::{ConnectionString, Id};
use trinoodbc::ffi::*;
use trinoodbc::setup::{Attributes, Purpose, Window, answer_at, test_connection};

use crate::application::*;

/// A window of its own, and somebody who fills in `answers`, one after the other, and then cancels.
struct Prompted {
    window: Handle,
    seen: Arc<Mutex<Vec<(Attributes, Purpose)>>>,
}

impl Prompted {
    fn with(answers: &[&'static [(&'static str, &'static str)]]) -> Self {
        static WINDOWS: AtomicUsize = AtomicUsize::new(1);
        let window = without_provenance_mut(WINDOWS.fetch_add(1, Ordering::Relaxed));
        let seen: Arc<Mutex<Vec<(Attributes, Purpose)>>> = Arc::default();
        let (record, answers) = (Arc::clone(&seen), answers.to_vec());
        answer_at(
            Window::from_ptr(window).unwrap(),
            move |mut attributes, purpose| {
                let mut seen = record.lock().unwrap();
                let answer = answers.get(seen.len());
                seen.push((attributes.clone(), purpose.clone()));
                for (name, value) in *answer? {
                    attributes.retain(|(known, _)| known != name);
                    attributes.push(((*name).to_owned(), (*value).to_owned()));
                }
                Some(attributes)
            },
        );
        Self { window, seen }
    }

    /// Somebody who confirms what is shown.
    fn confirming() -> Self {
        Self::with(&[&[]])
    }

    fn times(&self) -> usize {
        self.seen.lock().unwrap().len()
    }

    /// The notice of the prompt of that number.
    fn notice(&self, number: usize) -> Option<(String, Option<Id>)> {
        match &self.seen.lock().unwrap()[number].1 {
            Purpose::Connect { notice, .. } => notice.clone(),
            Purpose::DataSource(_) => panic!("a data source is edited"),
        }
    }
}

/// Return code, SQLSTATE and message, and completed string of one call.
struct Outcome {
    code: SqlReturn,
    state: String,
    message: String,
    completed: String,
}

fn complete(text: &str, window: Handle, completion: u16) -> Outcome {
    let environment = environment();
    let connection = allocate(SQL_HANDLE_DBC, environment);
    let text = wide(text);
    let mut out = [0_u16; 500];
    // SAFETY: the string ends with 0, and the buffer has the stated size.
    let code = unsafe {
        SQLDriverConnectW(
            connection,
            window,
            text.as_ptr().cast(),
            SQL_NTS as i16,
            out.as_mut_ptr().cast(),
            500,
            null_mut(),
            completion,
        )
    };
    let end = out.iter().position(|unit| *unit == 0).unwrap();
    let outcome = Outcome {
        code,
        state: state(SQL_HANDLE_DBC, connection),
        message: message(SQL_HANDLE_DBC, connection),
        completed: String::from_utf16(&out[..end]).unwrap(),
    };
    // SAFETY: each handle is freed once.
    unsafe {
        SQLDisconnect(connection);
        SQLFreeHandle(SQL_HANDLE_DBC, connection);
        SQLFreeHandle(SQL_HANDLE_ENV, environment);
    }
    outcome
}

fn to(server: &Server, keywords: &str) -> String {
    let port = server.port();
    format!("Host=127.0.0.1;Port={port};ValidateConnection=0;{keywords}")
}

const ALL: [u16; 4] = [
    SQL_DRIVER_NOPROMPT,
    SQL_DRIVER_COMPLETE,
    SQL_DRIVER_COMPLETE_REQUIRED,
    SQL_DRIVER_PROMPT,
];

#[test]
fn nobody_is_prompted_when_nothing_is_missing() {
    let server = Server::start();
    let text = to(&server, "UID=ann");
    for completion in [
        SQL_DRIVER_NOPROMPT,
        SQL_DRIVER_COMPLETE,
        SQL_DRIVER_COMPLETE_REQUIRED,
    ] {
        let person = Prompted::confirming();
        for window in [null_mut(), person.window] {
            let outcome = complete(&text, window, completion);
            assert_eq!(outcome.code, SQL_SUCCESS, "{}", outcome.message);
            assert_eq!(outcome.completed, format!("{text};"));
        }
        assert_eq!(person.times(), 0);
    }
}

#[test]
fn what_is_missing_is_prompted_for_and_what_was_typed_is_in_the_completed_string() {
    let server = Server::start();
    let text = to(&server, "");
    for (completion, only_required) in [
        (SQL_DRIVER_COMPLETE, false),
        (SQL_DRIVER_COMPLETE_REQUIRED, true),
    ] {
        let person = Prompted::with(&[&[("UID", "ann")]]);
        let outcome = complete(&text, person.window, completion);
        assert_eq!(outcome.code, SQL_SUCCESS, "{}", outcome.message);
        assert_eq!(outcome.completed, format!("{text}UID=ann;"));
        let (notice, about) = person.notice(0).unwrap();
        assert!(notice.starts_with("UID is missing."), "{notice}");
        assert_eq!(about, Some(Id::User));
        let seen = person.seen.lock().unwrap();
        let (shown, purpose) = &seen[0];
        assert!(shown.contains(&("Host".to_owned(), "127.0.0.1".to_owned())));
        assert!(
            matches!(purpose, Purpose::Connect { only_required: it, .. } if *it == only_required)
        );
    }
}

#[test]
fn what_is_invalid_is_prompted_for_too_until_it_is_valid() {
    let server = Server::start();
    let text = to(&server, "UID=ann;SSLVerification=Perhaps");
    let person = Prompted::with(&[&[], &[("SSLVerification", "")]]);
    let outcome = complete(&text, person.window, SQL_DRIVER_COMPLETE);
    assert_eq!(outcome.code, SQL_SUCCESS, "{}", outcome.message);
    assert_eq!(person.times(), 2);
    assert_eq!(person.notice(1).unwrap().1, Some(Id::SslVerification));
}

#[test]
fn a_prompt_that_was_requested_comes_although_nothing_is_missing() {
    let server = Server::start();
    let text = to(&server, "UID=ann");
    let person = Prompted::with(&[&[("Catalog", "tpch")]]);
    let outcome = complete(&text, person.window, SQL_DRIVER_PROMPT);
    assert_eq!(outcome.code, SQL_SUCCESS, "{}", outcome.message);
    assert_eq!(outcome.completed, format!("{text};Catalog=tpch;"));
    assert_eq!(person.notice(0), None);
}

#[test]
fn cancelling_is_no_data_without_a_record() {
    let server = Server::start();
    for (keywords, completion) in [
        ("", SQL_DRIVER_COMPLETE),
        ("", SQL_DRIVER_COMPLETE_REQUIRED),
        ("UID=ann", SQL_DRIVER_PROMPT),
    ] {
        let person = Prompted::with(&[]);
        let outcome = complete(&to(&server, keywords), person.window, completion);
        assert_eq!(outcome.code, SQL_NO_DATA);
        assert_eq!(
            (outcome.state.as_str(), outcome.completed.as_str()),
            ("", "")
        );
        assert_eq!(person.times(), 1);
    }
}

#[test]
fn a_refused_password_is_prompted_for_again() {
    let server = Server::builder()
        .coordinator_tls(true)
        .password("ann", "right")
        .start();
    let port = server.port();
    let ca = server.coordinator_ca_pem_path().display();
    let text = format!("Host=localhost;Port={port};SSL=1;SSLTrustStore={ca};UID=ann;PWD=wrong");
    let person = Prompted::with(&[&[("PWD", "mistyped")], &[("PWD", "right")]]);
    let outcome = complete(&text, person.window, SQL_DRIVER_COMPLETE);
    assert_eq!(outcome.code, SQL_SUCCESS, "{}", outcome.message);
    assert!(outcome.completed.ends_with("UID=ann;PWD=right;"));
    assert_eq!(person.times(), 2);
    for number in 0..2 {
        let (notice, _) = person.notice(number).unwrap();
        assert!(
            !notice.contains("wrong") && !notice.contains("mistyped"),
            "{notice}"
        );
    }

    for (window, completion) in [
        (null_mut(), SQL_DRIVER_COMPLETE),
        (person.window, SQL_DRIVER_NOPROMPT),
    ] {
        let outcome = complete(&text, window, completion);
        assert_eq!((outcome.code, outcome.state.as_str()), (SQL_ERROR, "28000"));
    }
}

#[test]
fn a_person_who_was_prompted_can_correct_a_host_that_does_not_answer() {
    let server = Server::start();
    let text = to(&server, "UID=ann;ValidateConnection=1");
    let person = Prompted::with(&[&[("Port", "1")]]);
    let outcome = complete(&text, person.window, SQL_DRIVER_PROMPT);
    assert_eq!(outcome.code, SQL_NO_DATA);
    assert_eq!(person.times(), 2);

    let unreachable = "Host=127.0.0.1;Port=1;UID=ann";
    let person = Prompted::confirming();
    let outcome = complete(unreachable, person.window, SQL_DRIVER_COMPLETE);
    assert_eq!(outcome.code, SQL_ERROR);
    assert_eq!(person.times(), 0);
}

#[test]
fn without_a_window_what_is_missing_is_an_error_that_says_so() {
    for (completion, window) in [
        (SQL_DRIVER_COMPLETE, null_mut()),
        (SQL_DRIVER_COMPLETE_REQUIRED, null_mut()),
    ] {
        let outcome = complete("Host=h", window, completion);
        assert_eq!((outcome.code, outcome.state.as_str()), (SQL_ERROR, "28000"));
        assert!(
            outcome.message.contains("UID is missing."),
            "{}",
            outcome.message
        );
        assert!(outcome.message.contains("no window"), "{}", outcome.message);
    }
    let outcome = complete("Host=h", null_mut(), SQL_DRIVER_NOPROMPT);
    assert!(!outcome.message.contains("window"), "{}", outcome.message);
    let outcome = complete("Host=h;UID=u", null_mut(), SQL_DRIVER_PROMPT);
    assert_eq!((outcome.code, outcome.state.as_str()), (SQL_ERROR, "HY092"));
}

#[cfg(not(windows))]
#[test]
fn a_system_without_a_dialog_says_so() {
    let window = without_provenance_mut(0xffff);
    let outcome = complete("Host=h;UID=u", window, SQL_DRIVER_PROMPT);
    assert_eq!((outcome.code, outcome.state.as_str()), (SQL_ERROR, "IM008"));
    let outcome = complete("Host=h", window, SQL_DRIVER_COMPLETE);
    assert_eq!((outcome.code, outcome.state.as_str()), (SQL_ERROR, "28000"));
    assert!(outcome.message.contains("no dialog"), "{}", outcome.message);
}

#[test]
fn no_prompt_mends_a_malformed_string_or_an_unknown_completion() {
    for completion in ALL {
        let person = Prompted::confirming();
        let outcome = complete("Host=h;UID", person.window, completion);
        assert_eq!(outcome.code, SQL_ERROR);
        assert_eq!(person.times(), 0);
        let outcome = complete("DSN=NoSuchSource", person.window, completion);
        assert_eq!((outcome.code, outcome.state.as_str()), (SQL_ERROR, "IM002"));
        assert_eq!(person.times(), 0);
    }
    let outcome = complete("Host=h;UID=u", null_mut(), 4);
    assert_eq!((outcome.code, outcome.state.as_str()), (SQL_ERROR, "HY110"));
}

#[test]
fn a_test_of_a_connection_reports_what_it_read_or_why_it_failed() {
    let server = Server::start();
    server.on_matching(|sql| {
        let rows = vec![vec![json!(1)], vec![json!(2)]];
        sql.contains("sha256")
            .then(|| Answer::rows(columns![("n", "integer")], rows))
    });
    let text = to(&server, "UID=ann");
    let report = test_connection(
        &ConnectionString::parse(&text).unwrap(),
        CancellationToken::new(),
    );
    assert!(report.works, "{:?}", report.lines);
    assert_eq!(report.lines[0], "The connection works.");
    let has = |part: &str| report.lines.iter().any(|line| line.contains(part));
    assert!(
        has("as ann") && has("SELECT 1: ") && has("2 rows: "),
        "{:?}",
        report.lines
    );

    for (text, problem) in [
        ("Host=127.0.0.1;Port=1;UID=ann", "127.0.0.1:1"),
        ("Host=127.0.0.1;Port=1", "UID is missing."),
    ] {
        let given = ConnectionString::parse(text).unwrap();
        let report = test_connection(&given, CancellationToken::new());
        assert!(
            !report.works && report.lines[0].contains(problem),
            "{:?}",
            report.lines
        );
    }
}
