//! Executing and fetching.

use std::ptr::null_mut;
use std::time::{Duration, Instant};

use scripted_trino::{Answer, Endpoint, Fault, Server, Spooling, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::*;

#[test]
fn an_execution_goes_on_after_its_call() {
    let application = application();
    let (code, times) = poll(|| application.execute(SLOW));
    assert_eq!(code, SQL_SUCCESS, "{}", application.message());
    assert!(times > 3, "{times}");
    let mut numbers = Vec::new();
    loop {
        match answer(|| application.fetch()) {
            SQL_SUCCESS => numbers.push(application.number()),
            end => break assert_eq!(end, SQL_NO_DATA),
        }
    }
    assert_eq!(numbers, [1, 2, 3]);
    assert_eq!(application.server.queries().len(), 1);
}

#[test]
fn the_text_need_not_outlive_the_first_call() {
    let application = application();
    let mut sql = wide(SLOW);
    // SAFETY: the string ends with 0, here and below.
    let execute = || unsafe { SQLExecDirectW(application.statement, sql.as_ptr(), -3) };
    assert_eq!(execute(), SQL_STILL_EXECUTING);
    sql.fill(b'x'.into());
    sql.push(0);
    let execute = || unsafe { SQLExecDirectW(application.statement, sql.as_ptr(), -3) };
    assert_eq!(answer(execute), SQL_SUCCESS);
}

#[test]
fn rows_that_are_there_are_given_at_once() {
    let application = application();
    assert_eq!(
        answer(|| application.execute("SELECT * FROM sequence 100")),
        SQL_SUCCESS
    );
    assert_eq!(answer(|| application.fetch()), SQL_SUCCESS);
    for number in 1..100 {
        assert_eq!(application.fetch(), SQL_SUCCESS);
        assert_eq!(application.number(), number);
    }
    assert_eq!(answer(|| application.fetch()), SQL_NO_DATA);
}

#[test]
fn rows_that_come_later_are_written_by_the_time_of_the_answer() {
    let application = application();
    let pages = Answer::generated(&["bigint"], 40, 7)
        .direct()
        .rows_per_page(10)
        .page_delay(Duration::from_millis(100));
    application.server.on("SELECT pages", pages);
    let (mut data, mut lengths) = ([i64::MIN; 40], [0; 40]);
    application.bind(1, C_SBIGINT, &mut data, 8, &mut lengths);
    application.set(SQL_ATTR_ROW_ARRAY_SIZE, 40);
    let mut fetched = 0_usize;
    application.set(
        SQL_ATTR_ROWS_FETCHED_PTR,
        (&raw mut fetched).expose_provenance(),
    );
    assert_eq!(answer(|| application.execute("SELECT pages")), SQL_SUCCESS);
    let (code, times) = poll(|| application.fetch());
    assert_eq!(code, SQL_SUCCESS);
    assert!(times > 0);
    assert_eq!(fetched, 40);
    assert!(lengths.iter().all(|length| *length == 8 || *length == -1));
}

#[test]
fn an_error_is_told_once_with_the_answer() {
    let application = application();
    let (code, times) = poll(|| application.execute("SELECT nothing of the kind"));
    assert_eq!(code, SQL_ERROR);
    assert!(times > 0);
    assert_eq!(application.state(), "42000");
    assert!(application.message().contains("nothing is scripted"));
    // The same call is a new one now.
    assert_eq!(
        application.execute("SELECT nothing of the kind"),
        SQL_STILL_EXECUTING
    );
    assert_eq!(application.state(), "");
    let again = answer(|| application.execute("SELECT nothing of the kind"));
    assert_eq!(again, SQL_ERROR);
    assert_eq!(application.server.queries().len(), 2);
}

#[test]
fn a_call_that_is_wrong_from_the_start_fails_at_once() {
    let application = application();
    // SAFETY: no text is no text.
    let code = unsafe { SQLExecDirectW(application.statement, std::ptr::null(), 3) };
    assert_eq!(code, SQL_ERROR);
    assert_eq!(application.state(), "HY009");
    assert_eq!(application.fetch(), SQL_ERROR);
    assert_eq!(application.state(), "HY010");
    // SAFETY: the handle is ours.
    assert_eq!(unsafe { SQLExecute(application.statement) }, SQL_ERROR);
    assert_eq!(application.state(), "HY010");
}

#[test]
fn diagnostics_are_those_of_the_last_call() {
    let application = application();
    let return_code = || {
        let mut code = 99_i16;
        let place = (&raw mut code).cast();
        // SAFETY: a place for a code.
        let got = unsafe {
            SQLGetDiagFieldW(
                SQL_HANDLE_STMT,
                application.statement,
                0,
                SQL_DIAG_RETURNCODE,
                place,
                0,
                null_mut(),
            )
        };
        assert_eq!(got, SQL_SUCCESS);
        code
    };
    assert_eq!(application.execute(ENDLESS), SQL_STILL_EXECUTING);
    assert_eq!(return_code(), SQL_STILL_EXECUTING);
    assert_eq!(application.fetch(), SQL_ERROR);
    assert_eq!(return_code(), SQL_ERROR);
    assert_eq!(application.state(), "HY010");
    assert_eq!(
        application.message(),
        "[Trino][ODBC] SQLExecDirect is still executing."
    );
    assert_eq!(application.execute(ENDLESS), SQL_STILL_EXECUTING);
    assert_eq!(application.state(), "");
    cancel(application.statement);
    assert_eq!(answer(|| application.execute(ENDLESS)), SQL_ERROR);
    assert_eq!(return_code(), SQL_ERROR);
    assert_eq!(application.state(), "HY008");
}

#[test]
fn a_cancel_ends_an_execution() {
    let application = application();
    assert_eq!(application.execute(ENDLESS), SQL_STILL_EXECUTING);
    let running = |server: &Server| !server.running_queries().is_empty();
    assert!(application.server.wait_until(SOON, running));
    cancel(application.statement);
    assert_eq!(answer(|| application.execute(ENDLESS)), SQL_ERROR);
    assert_eq!(application.state(), "HY008");
    is_cancelled(&application.server);
    assert_eq!(answer(|| application.execute(THREE)), SQL_SUCCESS);
}

#[test]
fn a_cancel_that_comes_at_once_is_not_lost() {
    let application = application();
    for _ in 0..20 {
        assert_eq!(application.execute(ENDLESS), SQL_STILL_EXECUTING);
        cancel(application.statement);
        assert_eq!(answer(|| application.execute(ENDLESS)), SQL_ERROR);
        assert_eq!(application.state(), "HY008");
    }
}

#[test]
fn a_cancel_ends_a_fetch_that_waits_for_a_segment() {
    let application = application();
    let stalled = Answer::generated(&["bigint"], 1000, 3)
        .spooled(Spooling {
            inline_first: 0,
            ..Spooling::default()
        })
        .fault(Endpoint::AnySegment, Fault::StallAfter(5));
    application.server.on("SELECT stalled", stalled);
    assert_eq!(
        answer(|| application.execute("SELECT stalled")),
        SQL_SUCCESS
    );
    assert_eq!(application.fetch(), SQL_STILL_EXECUTING);
    let downloading = |server: &Server| server.concurrent_now() > 0;
    assert!(application.server.wait_until(SOON, downloading));
    // SAFETY: the handle is ours.
    let cancelled = unsafe { SQLCancelHandle(SQL_HANDLE_STMT, application.statement) };
    assert_eq!(cancelled, SQL_SUCCESS);
    assert_eq!(answer(|| application.fetch()), SQL_ERROR);
    assert_eq!(application.state(), "HY008");
    let over = |server: &Server| server.concurrent_now() == 0;
    assert!(application.server.wait_until(SOON, over));
}

#[test]
fn the_query_timeout_holds() {
    let application = application();
    assert_eq!(application.set(SQL_ATTR_QUERY_TIMEOUT, 1), SQL_SUCCESS);
    assert_eq!(answer(|| application.execute(ENDLESS)), SQL_ERROR);
    assert_eq!(application.state(), "HYT00");
    is_cancelled(&application.server);
}

#[test]
fn nothing_is_freed_while_it_executes() {
    let application = application();
    let statement = application.statement;
    let explicit = allocate(SQL_HANDLE_DESC, application.connection);
    assert_eq!(application.execute(ENDLESS), SQL_STILL_EXECUTING);
    // SAFETY: the handles are ours.
    let refused = unsafe {
        [
            SQLFreeHandle(SQL_HANDLE_STMT, statement),
            SQLFreeStmt(statement, SQL_DROP),
            SQLFreeStmt(statement, SQL_CLOSE),
            SQLDisconnect(application.connection),
            SQLFreeHandle(SQL_HANDLE_DBC, application.connection),
            SQLFreeHandle(SQL_HANDLE_ENV, application.environment),
            SQLFreeHandle(SQL_HANDLE_DESC, explicit),
        ]
    };
    assert_eq!(refused, [SQL_ERROR; 7]);
    assert_eq!(application.state(), "HY010");
    assert_eq!(state(SQL_HANDLE_DBC, application.connection), "HY010");
    assert_eq!(state(SQL_HANDLE_DESC, explicit), "HY010");
    cancel(statement);
    // It is not over before its answer was given.
    assert!(
        application
            .server
            .wait_until(SOON, |server| { server.running_queries().is_empty() })
    );
    // SAFETY: the handle is ours, here and below.
    let code = unsafe { SQLFreeHandle(SQL_HANDLE_STMT, statement) };
    assert_eq!(code, SQL_ERROR);
    assert_eq!(answer(|| application.execute(ENDLESS)), SQL_ERROR);
    let code = unsafe { SQLFreeHandle(SQL_HANDLE_STMT, statement) };
    assert_eq!(code, SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_INVALID_HANDLE);
    let code = unsafe { SQLFreeHandle(SQL_HANDLE_DESC, explicit) };
    assert_eq!(code, SQL_SUCCESS);
}

#[test]
fn statements_of_one_connection_execute_side_by_side() {
    let application = application();
    let statements: Vec<_> = (0..8)
        .map(|_| {
            let statement = allocate(SQL_HANDLE_STMT, application.connection);
            let on = std::ptr::without_provenance_mut(SQL_ASYNC_ENABLE_ON);
            // SAFETY: a number.
            let set = unsafe { SQLSetStmtAttrW(statement, SQL_ATTR_ASYNC_ENABLE, on, 0) };
            assert_eq!(set, SQL_SUCCESS);
            statement
        })
        .collect();
    let begun = Instant::now();
    for statement in &statements {
        assert_eq!(execute(*statement, SLOW), SQL_STILL_EXECUTING);
    }
    // A statement in between, without waiting for the others.
    application.set(SQL_ATTR_ASYNC_ENABLE, SQL_ASYNC_ENABLE_OFF);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    for statement in &statements {
        assert_eq!(answer(|| execute(*statement, SLOW)), SQL_SUCCESS);
        // SAFETY: nothing is bound.
        assert_eq!(answer(|| unsafe { SQLFetch(*statement) }), SQL_SUCCESS);
    }
    // One after the other, they would take four seconds.
    assert!(
        begun.elapsed() < Duration::from_secs(3),
        "{:?}",
        begun.elapsed()
    );
}

#[test]
fn another_thread_may_ask() {
    let application = application();
    assert_eq!(application.execute(SLOW), SQL_STILL_EXECUTING);
    let statement = address(application.statement);
    let asking = std::thread::spawn(move || {
        let statement = std::ptr::with_exposed_provenance_mut(statement);
        answer(|| execute(statement, SLOW))
    });
    assert_eq!(asking.join().unwrap(), SQL_SUCCESS);
    assert_eq!(answer(|| application.fetch()), SQL_SUCCESS);
    assert_eq!(application.number(), 1);
}

#[test]
fn one_of_many_threads_gets_the_answer() {
    let application = application();
    application.server.on(
        THREE,
        Answer::rows(columns![("n", "bigint")], vec![vec![json!(1)]])
            .runs_for(Duration::from_millis(5)),
    );
    let statement = address(application.statement);
    let poll = || {
        let statement = std::ptr::with_exposed_provenance_mut(statement);
        loop {
            match execute(statement, THREE) {
                SQL_STILL_EXECUTING => std::thread::yield_now(),
                code => break code,
            }
        }
    };
    for round in 1..=50 {
        assert_eq!(application.execute(THREE), SQL_STILL_EXECUTING);
        let mut answers = std::thread::scope(|scope| {
            let polling: Vec<_> = (0..8).map(|_| scope.spawn(poll)).collect();
            let answers = polling.into_iter().map(|thread| thread.join().unwrap());
            answers.collect::<Vec<_>>()
        });
        answers.sort_unstable();
        // A thread that came too late for the answer made a new call, with a cursor open.
        let mut expected = [SQL_ERROR; 8];
        expected[7] = SQL_SUCCESS;
        assert_eq!(answers, expected, "round {round}");
        assert_eq!(application.server.queries().len(), round);
        // SAFETY: the handle is ours.
        let closed = unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
        assert_eq!(closed, SQL_SUCCESS);
    }
}

#[test]
fn a_connection_says_what_its_statements_begin_with() {
    let application = application();
    let set = |value: usize| {
        let value = std::ptr::without_provenance_mut(value);
        // SAFETY: a number.
        unsafe { SQLSetConnectAttrW(application.connection, SQL_ATTR_ASYNC_ENABLE, value, 0) }
    };
    assert_eq!(set(SQL_ASYNC_ENABLE_ON), SQL_SUCCESS);
    let statement = allocate(SQL_HANDLE_STMT, application.connection);
    assert_eq!(execute(statement, SLOW), SQL_STILL_EXECUTING);
    assert_eq!(set(SQL_ASYNC_ENABLE_OFF), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DBC, application.connection), "HY010");
    assert_eq!(answer(|| execute(statement, SLOW)), SQL_SUCCESS);
    // With an active statement it can be turned off, but not on.
    assert_eq!(set(SQL_ASYNC_ENABLE_OFF), SQL_SUCCESS);
    assert_eq!(set(SQL_ASYNC_ENABLE_ON), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DBC, application.connection), "HY011");
    assert_eq!(set(7), SQL_ERROR);
    assert_eq!(application.set(SQL_ATTR_ASYNC_ENABLE, 7), SQL_ERROR);
    assert_eq!(application.state(), "HY024");
    assert_eq!(application.get(SQL_ATTR_ASYNC_ENABLE), SQL_ASYNC_ENABLE_ON);
}

#[test]
fn a_statement_waits_for_data_in_between() {
    let application = application();
    let statement = application.statement;
    let update = "INSERT INTO t VALUES (?)";
    application.server.on_matching(|sql| {
        let slow = || Answer::update("INSERT", 1).runs_for(Duration::from_millis(300));
        sql.starts_with("EXECUTE IMMEDIATE").then(slow)
    });
    let mut length = SQL_DATA_AT_EXEC;
    let asks = std::ptr::without_provenance_mut(77);
    // SAFETY: the length outlives the execution.
    let bound = unsafe {
        SQLBindParameter(
            statement,
            1,
            SQL_PARAM_INPUT,
            C_CHAR,
            SQL_VARCHAR,
            20,
            0,
            asks,
            0,
            &mut length,
        )
    };
    assert_eq!(bound, SQL_SUCCESS);
    assert_eq!(answer(|| application.execute(update)), SQL_NEED_DATA);
    let mut asked = null_mut();
    // SAFETY: a place for an address, here and below.
    assert_eq!(
        unsafe { SQLParamData(statement, &mut asked) },
        SQL_NEED_DATA
    );
    assert_eq!(asked.addr(), 77);
    // SAFETY: two bytes.
    let put = unsafe { SQLPutData(statement, b"ab".as_ptr().cast_mut().cast(), 2) };
    assert_eq!(put, SQL_SUCCESS);
    // SAFETY: a place for an address.
    let (code, times) = poll(|| unsafe { SQLParamData(statement, &mut asked) });
    assert_eq!(code, SQL_SUCCESS, "{}", application.message());
    assert!(times > 0);
}
