//! S11 (still executing) and S12 (cancelled, its answer not given yet), by the calls of the statements' table.

use std::ptr::null_mut;
use std::time::{Duration, Instant};

use scripted_trino::{Answer, Endpoint, Fault, Spooling};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::statements::ROWS;
use crate::application::*;

/// What may be called, and what it answers; everything else answers HY010.
const ALLOWED: &[(&str, &str)] = &[
    ("SQLGetDiagField", "err"),
    ("SQLGetDiagRec", "nf"),
    ("SQLAllocHandle", "--"),
    ("SQLGetConnectAttr", "--"),
    ("SQLGetEnvAttr", "--"),
    ("SQLGetFunctions", "--"),
    ("SQLGetInfo", "--"),
    ("SQLNativeSql", "--"),
    ("SQLBrowseConnect", "08002"),
    ("SQLConnect", "08002"),
    ("SQLDriverConnect", "08002"),
    ("SQLSetEnvAttr", "HY011"),
];

#[test]
fn while_a_statement_executes_only_what_appendix_b_allows_is_done() {
    let application = executing();
    let mut wrong = Vec::new();
    for cancelled in [false, true] {
        if cancelled {
            // SAFETY: the handle is ours.
            assert_eq!(unsafe { SQLCancel(application.statement) }, SQL_SUCCESS);
        }
        // Handles of descriptors are attributes, and those cannot be asked for any more.
        let rows = ROWS.iter().filter(|row| !row.0.contains("Desc"));
        for (label, call, _) in rows.chain(describing()) {
            let name = label.split(' ').next().unwrap_or_default();
            // Those change the state.
            if matches!(name, "SQLCancel" | "SQLCancelHandle" | "SQLExecDirect") {
                continue;
            }
            // Records stay until the function is asked for again.
            if name == "SQLGetDiagRec" && cancelled {
                continue;
            }
            let allowed = ALLOWED.iter().find(|(allowed, _)| *allowed == name);
            let cell = allowed.map_or("HY010", |(_, cell)| cell);
            let answer = call(&application);
            wrong.extend(
                super::compare(cell, &answer, "S11", "S11").map(|it| format!("{label} in {it}")),
            );
            if !cancelled {
                assert_eq!(application.execute(ENDLESS), SQL_STILL_EXECUTING, "{label}");
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(finish(&application), SQL_ERROR);
    assert_eq!(application.state(), "HY008");
}

/// The calls of the table that describe a statement without a descriptor.
fn describing() -> impl Iterator<Item = &'static super::statements::Row> {
    let names = ["SQLDescribeCol", "SQLDescribeParam of none"];
    ROWS.iter().filter(move |row| names.contains(&row.0))
}

#[test]
fn descriptors_of_a_statement_that_executes_are_left_alone() {
    let application = Application::start();
    let descriptors = [
        SQL_ATTR_APP_ROW_DESC,
        SQL_ATTR_APP_PARAM_DESC,
        SQL_ATTR_IMP_ROW_DESC,
        SQL_ATTR_IMP_PARAM_DESC,
    ]
    .map(|attribute| std::ptr::with_exposed_provenance_mut(application.get(attribute)));
    let explicit = allocate(SQL_HANDLE_DESC, application.connection);
    begin(&application);
    for descriptor in descriptors {
        let n = null_mut();
        // SAFETY: the handles are ours, the places may be null.
        let codes = unsafe {
            [
                SQLGetDescFieldW(descriptor, 0, SQL_DESC_COUNT, null_mut(), 0, null_mut()),
                SQLGetDescRecW(descriptor, 1, null_mut(), 0, n, n, n, null_mut(), n, n, n),
                SQLSetDescFieldW(descriptor, 0, SQL_DESC_COUNT, null_mut(), 0),
                SQLSetDescRec(
                    descriptor,
                    1,
                    SQL_INTEGER,
                    0,
                    4,
                    0,
                    0,
                    null_mut(),
                    null_mut(),
                    null_mut(),
                ),
                SQLCopyDesc(explicit, descriptor),
            ]
        };
        assert_eq!(codes, [SQL_ERROR; 5]);
        assert_eq!(state(SQL_HANDLE_DESC, descriptor), "HY010");
    }
    // SAFETY: the handle is ours.
    unsafe { SQLCancel(application.statement) };
    finish(&application);
}

#[test]
fn a_waiting_fetch_does_not_block_reads_of_its_descriptors() {
    let application = Application::start();
    let ard = std::ptr::with_exposed_provenance_mut(application.get(SQL_ATTR_APP_ROW_DESC));
    let stalled = Answer::generated(&["bigint"], 100, 1)
        .spooled(Spooling {
            inline_first: 0,
            ..Spooling::default()
        })
        .fault(Endpoint::AnySegment, Fault::StallAfter(5));
    application.server.on("SELECT stalled", stalled);
    assert_eq!(application.execute("SELECT stalled"), SQL_SUCCESS);
    application.set(SQL_ATTR_ASYNC_ENABLE, SQL_ASYNC_ENABLE_ON);
    assert_eq!(application.fetch(), SQL_STILL_EXECUTING);
    std::thread::sleep(Duration::from_millis(100));
    let begun = Instant::now();
    let n = null_mut();
    // SAFETY: the handles are ours, the places may be null.
    let codes = unsafe {
        [
            SQLGetDescRecW(ard, 1, null_mut(), 0, n, n, n, null_mut(), n, n, n),
            SQLGetDescFieldW(ard, 1, SQL_DESC_TYPE, null_mut(), 0, null_mut()),
            SQLBindCol(
                application.statement,
                1,
                C_SBIGINT,
                null_mut(),
                0,
                null_mut(),
            ),
        ]
    };
    assert_eq!(codes, [SQL_ERROR; 3]);
    assert!(begun.elapsed() < Duration::from_millis(500));
    assert_eq!(state(SQL_HANDLE_DESC, ard), "HY010");
    // SAFETY: the handle is ours.
    unsafe { SQLCancel(application.statement) };
    while application.fetch() == SQL_STILL_EXECUTING {
        std::thread::sleep(Duration::from_millis(5));
    }
    assert_eq!(application.state(), "HY008");
}

#[test]
fn a_cancel_leads_to_s12_and_a_second_one_stays_there() {
    let application = executing();
    for _ in 0..2 {
        // SAFETY: the handle is ours.
        assert_eq!(unsafe { SQLCancel(application.statement) }, SQL_SUCCESS);
        assert_eq!(application.fetch(), SQL_ERROR);
        assert_eq!(application.state(), "HY010");
    }
    assert_eq!(finish(&application), SQL_ERROR);
    assert_eq!(application.state(), "HY008");
    // S1: nothing was prepared.
    // SAFETY: a place for a number.
    let code = unsafe { SQLNumResultCols(application.statement, &mut 0) };
    assert_eq!(code, SQL_ERROR);
    assert_eq!(application.state(), "HY010");
}

/// An application whose statement executes.
fn executing() -> Application {
    let application = Application::start();
    begin(&application);
    application
}

fn begin(application: &Application) {
    let endless = Answer::generated(&["bigint"], 1, 1).runs_for(Duration::from_secs(60));
    application.server.on(ENDLESS, endless);
    application.set(SQL_ATTR_ASYNC_ENABLE, SQL_ASYNC_ENABLE_ON);
    assert_eq!(application.execute(ENDLESS), SQL_STILL_EXECUTING);
}

/// The answer of the execution.
fn finish(application: &Application) -> SqlReturn {
    let begun = Instant::now();
    loop {
        match application.execute(ENDLESS) {
            SQL_STILL_EXECUTING if begun.elapsed() < Duration::from_secs(10) => {
                std::thread::sleep(Duration::from_millis(5));
            }
            answer => return answer,
        }
    }
}

const ENDLESS: &str = "SELECT n FROM endless";
