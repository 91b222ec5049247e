//! Sizes that parameters are bound with: whose they are, and what is longer.

use std::ptr::null_mut;

use scripted_trino::{Answer, Server, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::{prepare, run};
use crate::application::*;

/// Binds `length` letters with a column size; the outcome of executing `SELECT … ?`.
fn send(
    application: &Application,
    (c_type, sql_type): (i16, i16),
    size: usize,
    length: usize,
) -> String {
    let data = vec![b'1'; length];
    let length = length as isize;
    // SAFETY: the data and the length outlive the execution.
    let bound = unsafe {
        SQLBindParameter(
            application.statement,
            1,
            SQL_PARAM_INPUT,
            c_type,
            sql_type,
            size,
            0,
            data.as_ptr().cast_mut().cast(),
            length,
            std::ptr::from_ref(&length).cast_mut(),
        )
    };
    assert_eq!(bound, SQL_SUCCESS);
    let code = run(application);
    // SAFETY: the handle is ours.
    let state = match code {
        SQL_SUCCESS => String::new(),
        _ => application.state(),
    };
    // SAFETY: as above.
    unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) };
    state
}

fn described(application: &Application) -> usize {
    let mut size = 0;
    // SAFETY: a place for a number; the others may be null.
    let code = unsafe {
        SQLDescribeParam(
            application.statement,
            1,
            null_mut(),
            &mut size,
            null_mut(),
            null_mut(),
        )
    };
    assert_eq!(code, SQL_SUCCESS);
    size
}

const COMPARE: &str = "SELECT a FROM t WHERE b = ?";
const INSERT_ONE: &str = "INSERT INTO t VALUES (?)";

fn application(kind: &str, keywords: &str) -> Application {
    application_of(COMPARE, kind, keywords)
}

fn application_of(sql: &str, kind: &str, keywords: &str) -> Application {
    let server = Server::start();
    server.on_matching(|sql| {
        let rows = || Answer::rows(columns![("n", "integer")], vec![vec![json!(5)]]);
        sql.starts_with("EXECUTE").then(rows)
    });
    let columns = columns![("Position", "integer"), ("Type", "varchar")];
    let rows = vec![vec![json!(0), json!(kind)]];
    server.on(
        "DESCRIBE INPUT trino_odbc",
        Answer::rows(columns, rows).direct(),
    );
    let application = Application::connected(server, keywords);
    assert_eq!(prepare(&application, sql), SQL_SUCCESS);
    application
}

const C_BINARY: i16 = -2;
const TEXT: (i16, i16) = (C_CHAR, SQL_WVARCHAR);
const BYTES: (i16, i16) = (C_BINARY, SQL_VARBINARY);

#[test]
fn a_size_that_the_driver_made_up_is_no_limit() {
    for (kind, types) in [
        ("varchar", TEXT),
        ("json", TEXT),
        ("varbinary", BYTES),
        ("array(bigint)", TEXT),
        ("unknown", TEXT),
        ("varchar(0)", TEXT),
        ("time(3) with time zone", TEXT),
    ] {
        for keywords in ["", "TextColumnLength=255;ComplexColumnLength=300"] {
            // Numbers are JSON; a time with a zone is not, and the server's own affair.
            let application = application(kind, keywords);
            let size = described(&application);
            let state = send(&application, types, size, size + 1);
            let refused = if kind.starts_with("time") {
                "22018"
            } else {
                ""
            };
            assert_eq!(state, refused, "{kind} {keywords}");
        }
    }
}

#[test]
fn a_size_from_another_description_is_no_limit_either() {
    for (keywords, types, size) in [
        ("", TEXT, 32_767),
        ("TextColumnLength=255", TEXT, 255),
        ("TextColumnLength=255", (C_CHAR, SQL_CHAR), 255),
        ("", BYTES, 32_767),
        ("", (C_BINARY, SQL_LONGVARBINARY), 65_534),
    ] {
        let application = application("unknown", keywords);
        assert_eq!(send(&application, types, size, size + 1), "");
    }
}

#[test]
fn the_applications_own_limit_and_the_types_are_held() {
    for types in [TEXT, BYTES, (C_CHAR, SQL_CHAR)] {
        let unknown = application("unknown", "");
        assert_eq!(send(&unknown, types, 10, 11), "22001");
        assert_eq!(send(&unknown, types, 10, 10), "");
        assert_eq!(send(&unknown, types, 0, 40_000), "");
    }
    for kind in ["varchar(255)", "char(255)"] {
        let limited = application_of(INSERT_ONE, kind, "TextColumnLength=255");
        assert_eq!(described(&limited), 255);
        assert_eq!(send(&limited, TEXT, 255, 255), "");
        assert_eq!(send(&limited, TEXT, 255, 256), "22001", "{kind}");
    }
}

#[test]
fn what_is_compared_may_be_longer_than_its_partner() {
    for kind in ["varchar(5)", "char(5)"] {
        let application = application(kind, "");
        let size = described(&application);
        assert_eq!(send(&application, TEXT, size, size + 1), "", "{kind}");
    }
}

#[test]
fn a_terminator_that_is_counted_takes_no_room() {
    let application = application("varchar(3)", "");
    let (data, length) = (*b"abc\0", 4_isize);
    // SAFETY: the data and the length outlive the execution.
    unsafe {
        SQLBindParameter(
            application.statement,
            1,
            SQL_PARAM_INPUT,
            C_CHAR,
            SQL_VARCHAR,
            3,
            0,
            data.as_ptr().cast_mut().cast(),
            4,
            std::ptr::from_ref(&length).cast_mut(),
        )
    };
    assert_eq!(run(&application), SQL_SUCCESS);
    let requests = application.server.requests();
    assert!(
        requests
            .iter()
            .any(|request| request.body.ends_with("USING 'abc'"))
    );
}

#[test]
fn a_parameter_of_an_odbc_1_application_is_an_input() {
    let application = application("unknown", "");
    let values = *b"ab\0cd\0";
    let lengths = [SQL_NTS; 2];
    // What a manager makes of SQLSetParam.
    // SAFETY: the data and the lengths outlive the execution.
    let bound = unsafe {
        SQLBindParameter(
            application.statement,
            1,
            SQL_PARAM_INPUT_OUTPUT,
            C_CHAR,
            SQL_VARCHAR,
            3,
            0,
            values.as_ptr().cast_mut().cast(),
            SQL_SETPARAM_VALUE_MAX,
            lengths.as_ptr().cast_mut(),
        )
    };
    assert_eq!(bound, SQL_SUCCESS);
    assert_eq!(run(&application), SQL_SUCCESS);
    let last = application.server.requests().pop().unwrap();
    assert!(
        application
            .server
            .requests()
            .iter()
            .any(|it| it.body.ends_with("USING 'ab'")),
        "{}",
        last.body
    );
    assert_eq!(values, *b"ab\0cd\0");
}
