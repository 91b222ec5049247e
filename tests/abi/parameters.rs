//! Parameters: what the server is told, and what the application is.

use std::ptr::null_mut;
use std::time::Duration;

use scripted_trino::{Answer, QueryError, Server, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

const ASKS: &str = "SELECT '?', a FROM t WHERE a = ? AND b < ?";
const INSERT: &str = "INSERT INTO t VALUES (?, ?)";

/// An application whose server answers each statement with parameters: queries with a row, others with one row changed.
/// Whatever has the word `bad` in it fails.
fn application() -> Application {
    on(Server::start())
}

fn on(server: Server) -> Application {
    server.on_matching(|sql| {
        if !sql.starts_with("EXECUTE") {
            return None;
        }
        if sql.contains("bad") {
            let message = "line 1:27: Column 'bad' cannot be resolved";
            return Some(Answer::error(QueryError::new(
                "COLUMN_NOT_FOUND",
                47,
                message,
            )));
        }
        Some(if sql.contains("INSERT") {
            Answer::update("INSERT", 1)
        } else {
            Answer::rows(columns![("n", "integer")], vec![vec![json!(5)]])
        })
    });
    Application::with(server)
}

/// A bound parameter.
struct Bound<'a, T> {
    c_type: i16,
    sql_type: i16,
    data: &'a [T],
    width: isize,
    lengths: &'a [isize],
}

impl<T> Bound<'_, T> {
    fn bind(&self, application: &Application, number: u16) -> SqlReturn {
        // SAFETY: what is bound outlives the executions of the test.
        unsafe {
            SQLBindParameter(
                application.statement,
                number,
                SQL_PARAM_INPUT,
                self.c_type,
                self.sql_type,
                0,
                0,
                self.data.as_ptr().cast_mut().cast(),
                self.width,
                if self.lengths.is_empty() {
                    null_mut()
                } else {
                    self.lengths.as_ptr().cast_mut()
                },
            )
        }
    }
}

fn number<'a>(data: &'a [i32], lengths: &'a [isize]) -> Bound<'a, i32> {
    Bound {
        c_type: C_SLONG,
        sql_type: SQL_INTEGER,
        data,
        width: 0,
        lengths,
    }
}

fn text<'a>(data: &'a [u8], width: isize, lengths: &'a [isize]) -> Bound<'a, u8> {
    Bound {
        c_type: C_CHAR,
        sql_type: SQL_VARCHAR,
        data,
        width,
        lengths,
    }
}

fn prepare(application: &Application, sql: &str) -> SqlReturn {
    let sql = wide(sql);
    // SAFETY: the string ends with 0.
    unsafe { SQLPrepareW(application.statement, sql.as_ptr(), SQL_NTS as i32) }
}

fn run(application: &Application) -> SqlReturn {
    // SAFETY: what is bound outlives the test's executions.
    unsafe { SQLExecute(application.statement) }
}

fn close(application: &Application) {
    // SAFETY: the handle is ours.
    assert_eq!(
        unsafe { SQLFreeStmt(application.statement, SQL_CLOSE) },
        SQL_SUCCESS
    );
}

fn row_count(application: &Application) -> isize {
    let mut count = 0;
    // SAFETY: a place for a number.
    assert_eq!(
        unsafe { SQLRowCount(application.statement, &mut count) },
        SQL_SUCCESS
    );
    count
}

/// What was submitted since the last call.
fn submitted(application: &Application) -> Vec<String> {
    let requests = application.server.requests();
    application.server.forget_requests();
    requests
        .into_iter()
        .filter(|request| request.method == "POST")
        .map(|request| request.body)
        .collect()
}

#[test]
fn values_travel_beside_the_text() {
    let application = application();
    let (numbers, name) = ([7], *b"it's ?\0");
    assert_eq!(number(&numbers, &[]).bind(&application, 1), SQL_SUCCESS);
    assert_eq!(text(&name, 7, &[]).bind(&application, 2), SQL_SUCCESS);
    assert_eq!(application.execute(ASKS), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(application.number(), 5);
    assert_eq!(
        submitted(&application),
        [
            "EXECUTE IMMEDIATE 'SELECT ''?'', a FROM t WHERE a = ? AND b < ?' USING INTEGER '7', 'it''s ?'"
        ]
    );
}

#[test]
fn older_servers_get_the_text_in_a_header() {
    let application = on(Server::builder().version("417").start());
    let numbers = [7, 8];
    assert_eq!(number(&numbers, &[]).bind(&application, 1), SQL_SUCCESS);
    assert_eq!(
        number(&numbers[1..], &[]).bind(&application, 2),
        SQL_SUCCESS
    );
    assert_eq!(application.execute(ASKS), SQL_SUCCESS);
    let requests = application.server.requests();
    let post = requests.iter().find(|it| it.method == "POST").unwrap();
    assert_eq!(
        post.body,
        "EXECUTE trino_odbc USING INTEGER '7', INTEGER '8'"
    );
    let prepared = post.header("x-trino-prepared-statement").unwrap();
    assert_eq!(
        prepared,
        "trino_odbc=SELECT+%27%3F%27%2C+a+FROM+t+WHERE+a+%3D+%3F+AND+b+%3C+%3F"
    );
    close(&application);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    let requests = application.server.requests();
    let last = requests.iter().rfind(|it| it.method == "POST").unwrap();
    assert_eq!(last.header("x-trino-prepared-statement"), None);
}

#[test]
fn values_are_read_when_the_statement_is_executed() {
    let application = application();
    assert_eq!(prepare(&application, "SELECT ?"), SQL_SUCCESS);
    let (data, lengths) = (&mut [1], &mut [0_isize]);
    let places = (data.as_mut_ptr(), lengths.as_mut_ptr());
    assert_eq!(number(data, lengths).bind(&application, 1), SQL_SUCCESS);
    for (value, length) in [(1, 0), (2, 0), (3, SQL_NULL_DATA)] {
        // SAFETY: the places are the test's own.
        unsafe {
            *places.0 = value;
            *places.1 = length;
        }
        assert_eq!(run(&application), SQL_SUCCESS);
        close(&application);
    }
    assert_eq!(
        submitted(&application),
        [
            "EXECUTE IMMEDIATE 'SELECT ?' USING INTEGER '1'",
            "EXECUTE IMMEDIATE 'SELECT ?' USING INTEGER '2'",
            "EXECUTE IMMEDIATE 'SELECT ?' USING CAST(NULL AS integer)",
        ]
    );
}

#[test]
fn every_parameter_must_be_bound() {
    let application = application();
    let numbers = [7];
    assert_eq!(number(&numbers, &[]).bind(&application, 2), SQL_SUCCESS);
    assert_eq!(application.execute(ASKS), SQL_ERROR);
    assert_eq!(application.state(), "07002");
    assert_eq!(number(&numbers, &[]).bind(&application, 1), SQL_SUCCESS);
    assert_eq!(application.execute(ASKS), SQL_SUCCESS);
    close(&application);
    // SAFETY: the handle is ours.
    assert_eq!(
        unsafe { SQLFreeStmt(application.statement, SQL_RESET_PARAMS) },
        SQL_SUCCESS
    );
    assert_eq!(application.execute(ASKS), SQL_ERROR);
    assert_eq!(application.state(), "07002");
    // What is bound beyond the statement's parameters is nobody's business.
    assert_eq!(number(&numbers, &[]).bind(&application, 1), SQL_SUCCESS);
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
}

#[test]
fn impossible_bindings_are_refused() {
    let application = application();
    let mut value = 0_i32;
    let data = (&raw mut value).cast();
    for (state, number, direction, c_type, sql_type, data, capacity) in [
        ("07009", 0, SQL_PARAM_INPUT, C_SLONG, SQL_INTEGER, data, 4),
        ("HYC00", 1, SQL_PARAM_OUTPUT, C_SLONG, SQL_INTEGER, data, 4),
        ("HY105", 1, 77, C_SLONG, SQL_INTEGER, data, 4),
        ("HY003", 1, SQL_PARAM_INPUT, 77, SQL_INTEGER, data, 4),
        ("HY004", 1, SQL_PARAM_INPUT, C_SLONG, 77, data, 4),
        ("HY090", 1, SQL_PARAM_INPUT, C_CHAR, SQL_VARCHAR, data, -1),
        (
            "HY009",
            1,
            SQL_PARAM_INPUT,
            C_SLONG,
            SQL_INTEGER,
            null_mut(),
            4,
        ),
    ] {
        // SAFETY: a place for a number.
        let code = unsafe {
            SQLBindParameter(
                application.statement,
                number,
                direction,
                c_type,
                sql_type,
                0,
                0,
                data,
                capacity,
                null_mut(),
            )
        };
        assert_eq!((code, application.state().as_str()), (SQL_ERROR, state));
    }
}

#[test]
fn a_value_that_does_not_fit_is_told_with_its_parameter() {
    let application = application();
    let (name, numbers) = (*b"four\0", [7]);
    let wrong = Bound {
        sql_type: SQL_INTEGER,
        ..text(&name, 5, &[])
    };
    assert_eq!(number(&numbers, &[]).bind(&application, 1), SQL_SUCCESS);
    assert_eq!(wrong.bind(&application, 2), SQL_SUCCESS);
    assert_eq!(application.execute(ASKS), SQL_ERROR);
    assert_eq!(application.state(), "22018");
    assert!(application.message().contains("Parameter 2"));
    assert!(!application.message().contains("four"));
    assert_eq!(submitted(&application), [""; 0]);
}

#[test]
fn an_error_is_placed_in_the_applications_text() {
    let application = application();
    assert_eq!(number(&[1], &[]).bind(&application, 1), SQL_SUCCESS);
    assert_eq!(application.execute("SELECT bad, ?"), SQL_ERROR);
    assert_eq!(application.state(), "42S22");
    assert!(application.message().contains("line 1:8: Column 'bad'"));
}

#[test]
fn parameters_are_counted_and_described() {
    let application = application();
    let statement = application.statement;
    let described = Answer::rows(
        columns![("Position", "integer"), ("Type", "varchar")],
        vec![
            vec![json!(0), json!("decimal(10,2)")],
            vec![json!(1), json!("unknown")],
        ],
    );
    application
        .server
        .on("DESCRIBE INPUT trino_odbc", described.direct());
    assert_eq!(prepare(&application, ASKS), SQL_SUCCESS);
    let mut count = 0;
    // SAFETY: a place for a number.
    assert_eq!(unsafe { SQLNumParams(statement, &mut count) }, SQL_SUCCESS);
    assert_eq!(count, 2);
    let describe = |number| {
        let (mut sql_type, mut size, mut digits, mut nullable) = (0, 0, 0, 0);
        // SAFETY: places for numbers.
        let code = unsafe {
            SQLDescribeParam(
                statement,
                number,
                &mut sql_type,
                &mut size,
                &mut digits,
                &mut nullable,
            )
        };
        (code, sql_type, size, digits, nullable)
    };
    let unknown = SQL_NULLABLE_UNKNOWN;
    assert_eq!(describe(1), (SQL_SUCCESS, SQL_DECIMAL, 10, 2, unknown));
    assert_eq!(describe(2), (SQL_SUCCESS, SQL_WVARCHAR, 32_767, 0, unknown));
    assert_eq!(describe(3).0, SQL_ERROR);
    assert_eq!(application.state(), "07009");
    assert_eq!(submitted(&application), ["DESCRIBE INPUT trino_odbc"]);
}

#[test]
fn values_to_insert_are_described_as_their_columns() {
    let application = application();
    let columns = columns![("b", "date"), ("a", "bigint")];
    application
        .server
        .on("SELECT b, a FROM t", Answer::rows(columns, Vec::new()));
    let mut types = [0_i16; 3];
    assert_eq!(
        prepare(&application, "INSERT INTO t (b, a) VALUES (?, ? + ?)"),
        SQL_SUCCESS
    );
    for (number, sql_type) in (1..).zip(&mut types) {
        // SAFETY: places for numbers, or null.
        let code = unsafe {
            SQLDescribeParam(
                application.statement,
                number,
                sql_type,
                null_mut(),
                null_mut(),
                null_mut(),
            )
        };
        assert_eq!(code, SQL_SUCCESS);
    }
    assert_eq!(types, [SQL_TYPE_DATE, SQL_WVARCHAR, SQL_WVARCHAR]);
    assert_eq!(
        submitted(&application),
        ["DESCRIBE INPUT trino_odbc", "DESCRIBE OUTPUT trino_odbc"]
    );
}

fn parameter_data(application: &Application) -> (SqlReturn, usize) {
    let mut token = null_mut();
    // SAFETY: a place for an address.
    let code = unsafe { SQLParamData(application.statement, &mut token) };
    (code, token.addr())
}

fn put(application: &Application, data: &[u8], length: isize) -> SqlReturn {
    // SAFETY: the data have the length that is told.
    unsafe {
        SQLPutData(
            application.statement,
            data.as_ptr().cast_mut().cast(),
            length,
        )
    }
}

/// Binds two parameters with data at execution, of text and of a number, by the addresses 11 and 22.
fn bind_for_later(application: &Application, lengths: &[isize; 2]) {
    for (number, c_type, sql_type) in [(1, C_CHAR, SQL_VARCHAR), (2, C_SLONG, SQL_INTEGER)] {
        let token = std::ptr::without_provenance_mut(usize::from(number) * 11);
        let length = &lengths[usize::from(number) - 1];
        // SAFETY: the lengths outlive the executions of the test.
        let code = unsafe {
            SQLBindParameter(
                application.statement,
                number,
                SQL_PARAM_INPUT,
                c_type,
                sql_type,
                0,
                0,
                token,
                0,
                std::ptr::from_ref(length).cast_mut(),
            )
        };
        assert_eq!(code, SQL_SUCCESS);
    }
}

#[test]
fn data_come_in_parts_while_executing() {
    let application = application();
    let lengths = [SQL_DATA_AT_EXEC, SQL_LEN_DATA_AT_EXEC_OFFSET - 4];
    bind_for_later(&application, &lengths);
    assert_eq!(application.execute(INSERT), SQL_NEED_DATA);
    assert_eq!(parameter_data(&application), (SQL_NEED_DATA, 11));
    // The é is cut in two.
    for part in [&b"it's caf\xc3"[..], b"\xa9", b""] {
        let length = part.len() as isize;
        assert_eq!(put(&application, part, length), SQL_SUCCESS);
    }
    assert_eq!(parameter_data(&application), (SQL_NEED_DATA, 22));
    let seven = 7_i32.to_ne_bytes();
    assert_eq!(put(&application, &seven, 0), SQL_SUCCESS);
    assert_eq!(put(&application, &seven, 0), SQL_ERROR);
    assert_eq!(application.state(), "HY019");
    assert_eq!(parameter_data(&application).0, SQL_SUCCESS);
    assert_eq!(row_count(&application), 1);
    assert_eq!(
        submitted(&application),
        ["EXECUTE IMMEDIATE 'INSERT INTO t VALUES (?, ?)' USING 'it''s café', INTEGER '7'"]
    );
}

#[test]
fn null_comes_whole() {
    let application = application();
    let lengths = [SQL_DATA_AT_EXEC, SQL_DATA_AT_EXEC];
    bind_for_later(&application, &lengths);
    assert_eq!(prepare(&application, INSERT), SQL_SUCCESS);
    assert_eq!(run(&application), SQL_NEED_DATA);
    assert_eq!(parameter_data(&application), (SQL_NEED_DATA, 11));
    assert_eq!(put(&application, b"a", 1), SQL_SUCCESS);
    assert_eq!(put(&application, b"", SQL_NULL_DATA), SQL_ERROR);
    assert_eq!(application.state(), "HY020");
    assert_eq!(parameter_data(&application), (SQL_NEED_DATA, 22));
    assert_eq!(put(&application, b"", SQL_NULL_DATA), SQL_SUCCESS);
    assert_eq!(parameter_data(&application).0, SQL_SUCCESS);
    assert_eq!(
        submitted(&application),
        ["EXECUTE IMMEDIATE 'INSERT INTO t VALUES (?, ?)' USING 'a', CAST(NULL AS integer)"]
    );
    // It is prepared still.
    assert_eq!(run(&application), SQL_NEED_DATA);
}

#[test]
fn while_data_are_awaited_nothing_else_is_done() {
    let application = application();
    let statement = application.statement;
    let lengths = [SQL_DATA_AT_EXEC, SQL_DATA_AT_EXEC];
    bind_for_later(&application, &lengths);
    for prepared in [false, true] {
        let begin = || {
            if prepared {
                assert_eq!(prepare(&application, INSERT), SQL_SUCCESS);
                run(&application)
            } else {
                application.execute(INSERT)
            }
        };
        // S8: SQLParamData comes first. S9: data. S10: more of them.
        for calls in 0..3 {
            assert_eq!(begin(), SQL_NEED_DATA);
            if calls > 0 {
                assert_eq!(parameter_data(&application).0, SQL_NEED_DATA);
                assert_eq!(parameter_data(&application).0, SQL_ERROR);
                assert_eq!(application.state(), "HY010");
            } else {
                assert_eq!(put(&application, b"a", 1), SQL_ERROR);
                assert_eq!(application.state(), "HY010");
            }
            if calls > 1 {
                assert_eq!(put(&application, b"a", 1), SQL_SUCCESS);
            }
            // SAFETY: places for numbers, or null.
            let refused = unsafe {
                [
                    SQLExecute(statement),
                    SQLFetch(statement),
                    SQLCloseCursor(statement),
                    SQLFreeStmt(statement, SQL_CLOSE),
                    SQLFreeStmt(statement, SQL_RESET_PARAMS),
                    SQLRowCount(statement, &mut 0),
                    SQLNumResultCols(statement, &mut 0),
                    SQLNumParams(statement, &mut 0),
                    SQLMoreResults(statement),
                    application.set(SQL_ATTR_QUERY_TIMEOUT, 7),
                    SQLGetTypeInfoW(statement, SQL_ALL_TYPES),
                    SQLFreeHandle(SQL_HANDLE_STMT, statement),
                ]
            };
            assert_eq!(refused, [SQL_ERROR; 12]);
            assert_eq!(application.state(), "HY010");
            // SAFETY: the handle is ours.
            assert_eq!(unsafe { SQLDisconnect(application.connection) }, SQL_ERROR);
            assert_eq!(state(SQL_HANDLE_DBC, application.connection), "HY010");
            // SAFETY: the handle is ours.
            assert_eq!(unsafe { SQLCancel(statement) }, SQL_SUCCESS);
            let code = run(&application);
            if prepared {
                assert_eq!(code, SQL_NEED_DATA);
                // SAFETY: the handle is ours.
                unsafe { SQLCancelHandle(SQL_HANDLE_STMT, statement) };
            } else {
                assert_eq!(code, SQL_ERROR);
                assert_eq!(application.state(), "HY010");
            }
        }
    }
    assert_eq!(submitted(&application), [""; 0]);
}

fn sets(application: &Application, count: usize, status: &mut [u16], processed: &mut usize) {
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
    let application = application();
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
    let application = application();
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
    let application = application();
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
    let application = application();
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
fn data_at_execution_are_asked_for_set_by_set() {
    let application = application();
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
