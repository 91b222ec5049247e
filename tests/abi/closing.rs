//! A balancer that closes connections whenever it likes: no statement is lost, and none is run twice.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use scripted_trino::{Answer, QueryState, Retrieval, Server};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;
use crate::front::{Does, Front, Request};

const READ: &str = "SELECT * FROM sequence 6000";
const WRITE: &str = "INSERT INTO t VALUES 1";

/// When the front closes a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    /// After each answer, before anything else is sent.
    Idle,
    /// When the next request on a kept connection arrives, which is lost.
    Reused,
    /// When the request was read and not handed on.
    Read,
    /// When the request was handed on and not answered.
    HandedOn,
    /// Within the head of the answer.
    InHead,
    /// Within the body of the answer.
    InBody,
}

const PHASES: [Phase; 6] = [
    Phase::Idle,
    Phase::Reused,
    Phase::Read,
    Phase::HandedOn,
    Phase::InHead,
    Phase::InBody,
];

impl Phase {
    /// What the front does with a request that it has not seen before.
    fn does(self, request: &Request) -> Does {
        match self {
            Self::Idle => Does::PassAndClose,
            Self::Reused if request.number == 1 => Does::Pass,
            Self::Reused | Self::Read => Does::Close,
            Self::HandedOn => Does::Swallow,
            Self::InHead => Does::Cut(20),
            Self::InBody => Does::Cut(250),
        }
    }
}

/// An application behind a front that closes each request's connection once, in that phase.
fn behind(phase: Phase, prefix: &'static str) -> (Application, Front) {
    let server = Server::builder()
        .retrieval(Retrieval::CoordinatorProxy)
        .start();
    server.on(WRITE, Answer::update("INSERT", 1).queued_polls(2));
    let met: Mutex<HashSet<String>> = Mutex::default();
    let front = Front::new(server.port(), move |request| {
        let line = request.head.lines().next().unwrap().to_owned();
        if !line.starts_with(prefix) {
            return Does::Pass;
        }
        // A statement that is sent again is the same request.
        let key = format!("{line} {}", String::from_utf8_lossy(&request.body));
        if phase != Phase::Idle && met.lock().unwrap().contains(&key) {
            return Does::Pass;
        }
        let does = phase.does(request);
        if !matches!(does, Does::Pass) {
            met.lock().unwrap().insert(key);
        }
        does
    });
    (Application::behind(server, front.port, ""), front)
}

/// The queries of that text which ran, as opposed to those that were only registered.
fn runs(application: &Application, sql: &str) -> usize {
    let queries = application.server.queries();
    let ran = |state| matches!(state, QueryState::Running | QueryState::Finished);
    let of_text = queries.iter().filter(|query| query.sql == sql);
    of_text.filter(|query| ran(query.state)).count()
}

fn close(application: &Application) {
    // SAFETY: the handle is ours.
    unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
}

#[test]
fn each_row_is_read_once_whenever_connections_are_closed() {
    for phase in PHASES {
        for prefix in [
            "POST",
            "GET /v1/statement/queued",
            "GET /v1/statement/executing",
            "GET /v1/spooled",
            "",
        ] {
            let (application, front) = behind(phase, prefix);
            for _ in 0..2 {
                let code = application.execute(READ);
                assert_eq!(
                    code,
                    SQL_SUCCESS,
                    "{phase:?} {prefix}: {}",
                    application.message()
                );
                let (numbers, end) = application.numbers();
                let message = application.message();
                assert_eq!(end, SQL_NO_DATA, "{phase:?} {prefix}: {message}");
                assert!(numbers.into_iter().eq(0..6000), "{phase:?} {prefix}");
                close(&application);
            }
            assert_eq!(runs(&application, READ), 2, "{phase:?} {prefix}");
            assert!(front.requests().len() > 4);
        }
    }
}

#[test]
fn each_write_runs_once_whenever_connections_are_closed() {
    for phase in PHASES {
        for prefix in [
            "POST",
            "GET /v1/statement/queued",
            "GET /v1/statement/executing",
            "",
        ] {
            let (application, _front) = behind(phase, prefix);
            for number in 1..=3 {
                let code = application.execute(WRITE);
                assert_eq!(
                    code,
                    SQL_SUCCESS,
                    "{phase:?} {prefix}: {}",
                    application.message()
                );
                let mut rows = 0;
                // SAFETY: a place for a number.
                unsafe { SQLRowCount(application.statement, &mut rows) };
                assert_eq!(rows, 1);
                close(&application);
                assert_eq!(runs(&application, WRITE), number, "{phase:?} {prefix}");
            }
        }
    }
}

#[test]
fn a_query_that_is_left_is_cancelled_whenever_connections_are_closed() {
    for phase in PHASES {
        let (application, _front) = behind(phase, "DELETE");
        let slow = Answer::rows(scripted_trino::columns![("n", "bigint")], vec![])
            .runs_for(Duration::from_secs(60));
        application.server.on("SELECT slowly", slow);
        application.set(SQL_ATTR_QUERY_TIMEOUT, 1);
        assert_eq!(application.execute("SELECT slowly"), SQL_ERROR);
        assert_eq!(application.state(), "HYT00");
        let cancelled = |server: &Server| {
            let queries = server.queries();
            queries
                .iter()
                .any(|query| query.state == QueryState::Cancelled)
        };
        assert!(
            application
                .server
                .wait_until(Duration::from_secs(5), cancelled),
            "{phase:?}"
        );
    }
}

#[test]
fn a_write_whose_outcome_cannot_be_known_is_an_error_that_is_not_sent_again() {
    let server = Server::start();
    server.on(WRITE, Answer::update("INSERT", 1));
    // From the first page on, nothing comes back.
    let is_gone = Arc::new(AtomicBool::new(false));
    let gone = Arc::clone(&is_gone);
    let front = Front::new(server.port(), move |request| {
        if request.is("GET", "/v1/statement/executing") {
            gone.store(true, Ordering::Relaxed);
            return Does::Swallow;
        }
        match gone.load(Ordering::Relaxed) {
            true => Does::Close,
            false => Does::Pass,
        }
    });
    let application = Application::behind(server, front.port, "");
    application.set(SQL_ATTR_QUERY_TIMEOUT, 2);
    let started = Instant::now();
    assert_eq!(application.execute(WRITE), SQL_ERROR);
    assert!(started.elapsed() < Duration::from_secs(4));
    assert!(is_gone.load(Ordering::Relaxed));
    assert_eq!(application.state(), "08S01");
    let message = application.message();
    assert!(message.contains("The connection to 127.0.0.1"), "{message}");
    assert!(message.contains("is not known"), "{message}");
    let posts = front.requests();
    assert_eq!(posts.iter().filter(|it| it.is("POST", "/")).count(), 1);
}
