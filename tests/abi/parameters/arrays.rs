//! Arrays of parameters, set by set.

use std::ptr::null_mut;
use std::time::Duration;

use scripted_trino::Answer;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::later::{parameter_data, put};
use super::{ASKS, INSERT, number, one_by_one, row_count, submitted, text};
use crate::application::*;

pub fn sets(application: &Application, count: usize, status: &mut [u16], processed: &mut usize) {
    let processed: *mut usize = processed;
    let places = [
        (SQL_ATTR_PARAMSET_SIZE, count),
        (
            SQL_ATTR_PARAM_STATUS_PTR,
            status.as_mut_ptr().expose_provenance(),
        ),
        (SQL_ATTR_PARAMS_PROCESSED_PTR, processed.expose_provenance()),
    ];
    for (attribute, value) in places {
        assert_eq!(application.set(attribute, value), SQL_SUCCESS);
    }
}

#[test]
fn an_array_is_executed_set_by_set() {
    let application = one_by_one();
    let (mut status, mut processed) = ([9; 4], 9);
    sets(&application, 4, &mut status, &mut processed);
    let operations = [
        SQL_PARAM_PROCEED,
        SQL_PARAM_IGNORE,
        SQL_PARAM_PROCEED,
        SQL_PARAM_PROCEED,
    ];
    let place = operations.as_ptr().expose_provenance();
    application.set(SQL_ATTR_PARAM_OPERATION_PTR, place);
    let (numbers, words) = ([1, 2, 3, 4], *b"one\0two\0thr\0bad\0");
    let lengths = [SQL_NTS, SQL_NTS, SQL_NULL_DATA, 3];
    number(&numbers, &[]).bind(&application, 1);
    text(&words, 4, &lengths).bind(&application, 2);
    assert_eq!(application.execute(INSERT), SQL_SUCCESS_WITH_INFO);
    assert_eq!(application.state(), "42S22");
    assert!(application.message().contains("Parameter set 4"));
    assert_eq!(row_count(&application), 2);
    assert_eq!(processed, 4);
    assert_eq!(
        status,
        [
            SQL_PARAM_SUCCESS,
            SQL_PARAM_UNUSED,
            SQL_PARAM_SUCCESS,
            SQL_PARAM_ERROR
        ]
    );
    assert_eq!(
        submitted(&application),
        [
            "EXECUTE IMMEDIATE 'INSERT INTO t VALUES (?, ?)' USING INTEGER '1', 'one'",
            "EXECUTE IMMEDIATE 'INSERT INTO t VALUES (?, ?)' USING INTEGER '3', NULL",
            "EXECUTE IMMEDIATE 'INSERT INTO t VALUES (?, ?)' USING INTEGER '4', 'bad'",
        ]
    );
}

#[test]
fn rows_of_parameters_lie_in_structures_at_an_offset() {
    #[repr(C)]
    struct Row {
        number: i32,
        word: [u8; 4],
        length: isize,
    }
    let row = |number, word: &[u8; 4]| Row {
        number,
        word: *word,
        length: 2,
    };
    let application = one_by_one();
    let rows = [row(1, b"aaaa"), row(2, b"bbbb"), row(3, b"cccc")];
    let (mut status, mut processed) = ([9; 2], 9);
    sets(&application, 2, &mut status, &mut processed);
    let offset = size_of::<Row>();
    application.set(SQL_ATTR_PARAM_BIND_TYPE, size_of::<Row>());
    let place = std::ptr::from_ref(&offset).expose_provenance();
    application.set(SQL_ATTR_PARAM_BIND_OFFSET_PTR, place);
    let first = &rows[0];
    let lengths = std::slice::from_ref(&first.length);
    number(std::slice::from_ref(&first.number), &[]).bind(&application, 1);
    text(&first.word, 4, lengths).bind(&application, 2);
    assert_eq!(application.execute(INSERT), SQL_SUCCESS);
    assert_eq!(row_count(&application), 2);
    assert_eq!((status, processed), ([SQL_PARAM_SUCCESS; 2], 2));
    assert_eq!(
        submitted(&application),
        [
            "EXECUTE IMMEDIATE 'INSERT INTO t VALUES (?, ?)' USING INTEGER '2', 'bb'",
            "EXECUTE IMMEDIATE 'INSERT INTO t VALUES (?, ?)' USING INTEGER '3', 'cc'",
        ]
    );
}

#[test]
fn an_array_of_which_nothing_succeeds_is_an_error() {
    let application = one_by_one();
    let (mut status, mut processed) = ([9; 2], 9);
    sets(&application, 2, &mut status, &mut processed);
    let words = *b"bad\0bad\0";
    number(&[1, 2], &[]).bind(&application, 1);
    text(&words, 4, &[]).bind(&application, 2);
    assert_eq!(application.execute(INSERT), SQL_ERROR);
    assert_eq!(application.state(), "42S22");
    assert_eq!((status, processed), ([SQL_PARAM_ERROR; 2], 2));
    assert_eq!(application.execute(ASKS), SQL_ERROR);
    assert_eq!(application.state(), "HYC00");
}

#[test]
fn a_timeout_ends_an_array() {
    let application = one_by_one();
    let (mut status, mut processed) = ([9; 3], 9);
    sets(&application, 3, &mut status, &mut processed);
    let words = *b"bad\0two\0thr\0";
    number(&[1, 2, 3], &[]).bind(&application, 1);
    text(&words, 4, &[]).bind(&application, 2);
    application.set(SQL_ATTR_QUERY_TIMEOUT, 1);
    application.server.on_matching(|sql| {
        let slow = || Answer::update("INSERT", 1).runs_for(Duration::from_secs(30));
        sql.contains("'two'").then(slow)
    });
    assert_eq!(application.execute(INSERT), SQL_ERROR);
    let mut states = [[0_u16; 6]; 2];
    for (number, state) in (1..).zip(&mut states) {
        // SAFETY: the state has room for five characters and a 0; the others may be null.
        unsafe {
            SQLGetDiagRecW(
                SQL_HANDLE_STMT,
                application.statement,
                number,
                state.as_mut_ptr(),
                null_mut(),
                null_mut(),
                0,
                null_mut(),
            )
        };
    }
    let mut states = states.map(|state| String::from_utf16(&state[..5]).unwrap());
    states.sort();
    assert_eq!(states, ["42S22", "HYT00"]);
    assert_eq!(processed, 2);
    assert_eq!(status, [SQL_PARAM_ERROR, SQL_PARAM_ERROR, SQL_PARAM_UNUSED]);
}

#[test]
fn data_at_execution_are_requested_set_by_set() {
    let application = one_by_one();
    let (mut status, mut processed) = ([9; 2], 9);
    sets(&application, 2, &mut status, &mut processed);
    let lengths = [SQL_DATA_AT_EXEC, SQL_DATA_AT_EXEC];
    let (numbers, words) = ([1, 2], *b"....");
    text(&words, 2, &lengths).bind(&application, 1);
    number(&numbers, &[]).bind(&application, 2);
    assert_eq!(application.execute(INSERT), SQL_NEED_DATA);
    let first = words.as_ptr().addr();
    assert_eq!(parameter_data(&application), (SQL_NEED_DATA, first));
    assert_eq!(put(&application, b"a", 1), SQL_SUCCESS);
    assert_eq!(parameter_data(&application), (SQL_NEED_DATA, first + 2));
    assert_eq!(put(&application, b"b", 1), SQL_SUCCESS);
    assert_eq!(parameter_data(&application).0, SQL_SUCCESS);
    assert_eq!(row_count(&application), 2);
    assert_eq!(
        submitted(&application),
        [
            "EXECUTE IMMEDIATE 'INSERT INTO t VALUES (?, ?)' USING 'a', INTEGER '1'",
            "EXECUTE IMMEDIATE 'INSERT INTO t VALUES (?, ?)' USING 'b', INTEGER '2'",
        ]
    );
}
