//! Values that the server takes for another type than they are bound with.

use std::ptr::null_mut;

use scripted_trino::{Answer, QueryError, Server, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::arrays::sets;
use super::{Bound, close, number, prepare, row_count, run, submitted, text};
use crate::application::*;

const BY_KEY: &str = "SELECT name FROM t WHERE key = ?";
const ASK: &str = "DESCRIBE INPUT trino_odbc";

/// An application whose server takes a marker of `types` for each, as its description says, and refuses statements with
/// a value that begins with `refused` among them.
fn application(types: &[&str], refused: &'static str) -> Application {
    application_with(
        types,
        refused,
        "TYPE_MISMATCH",
        "line 1:50: Cannot apply operator",
    )
}

fn application_with(
    types: &[&str],
    refused: &'static str,
    name: &'static str,
    message: &'static str,
) -> Application {
    let server = Server::start();
    server.on_matching(move |sql| {
        let (_, values) = sql.split_once(" USING ")?;
        if values.split(", ").any(|value| value.starts_with(refused)) {
            return Some(Answer::error(QueryError::new(name, 58, message)));
        }
        Some(if sql.contains("INSERT") {
            Answer::update("INSERT", 1)
        } else {
            Answer::rows(columns![("n", "integer")], vec![vec![json!(5)]])
        })
    });
    let rows = types.iter().enumerate();
    let rows = rows.map(|(position, kind)| vec![json!(position), json!(kind)]);
    let columns = columns![("Position", "integer"), ("Type", "varchar")];
    server.on(ASK, Answer::rows(columns, rows.collect()).direct());
    Application::with(server)
}

fn immediate(sql: &str, values: &str) -> String {
    format!("EXECUTE IMMEDIATE '{sql}' USING {values}")
}

fn describe(application: &Application, number: u16) -> (SqlReturn, i16) {
    let mut sql_type = 0;
    let size = null_mut();
    // SAFETY: a place for a number; the others may be null.
    let code = unsafe {
        SQLDescribeParam(
            application.statement,
            number,
            &mut sql_type,
            size,
            null_mut(),
            null_mut(),
        )
    };
    (code, sql_type)
}

#[test]
fn text_is_sent_as_the_type_that_the_server_takes_it_for() {
    let application = application(&["bigint"], "'5'");
    assert_eq!(text(b"5\0", 2, &[]).bind(&application, 1), SQL_SUCCESS);
    assert_eq!(prepare(&application, BY_KEY), SQL_SUCCESS);
    assert_eq!(run(&application), SQL_SUCCESS);
    close(&application);
    assert_eq!(
        submitted(&application),
        [
            immediate(BY_KEY, "'5'"),
            ASK.to_owned(),
            immediate(BY_KEY, "BIGINT '5'")
        ]
    );
    // What was learned holds for what was prepared.
    assert_eq!(text(b"6\0", 2, &[]).bind(&application, 1), SQL_SUCCESS);
    assert_eq!(run(&application), SQL_SUCCESS);
    assert_eq!(submitted(&application), [immediate(BY_KEY, "BIGINT '6'")]);
}

#[test]
fn a_double_is_sent_as_the_number_that_the_server_takes_it_for() {
    for (kind, literal) in [("number", "NUMBER '1.5'"), ("bigint", "DOUBLE '1.5'")] {
        let application = application(&[kind], "DOUBLE '1.5'");
        let bound = Bound {
            c_type: SQL_C_DOUBLE,
            sql_type: SQL_DOUBLE,
            data: &[1.5],
            width: 0,
            lengths: &[],
        };
        assert_eq!(bound.bind(&application, 1), SQL_SUCCESS);
        assert_eq!(prepare(&application, BY_KEY), SQL_SUCCESS);
        let taken = kind == "number";
        let expected = if taken { SQL_SUCCESS } else { SQL_ERROR };
        assert_eq!(run(&application), expected);
        let sent = submitted(&application);
        assert_eq!(
            sent[..2],
            [immediate(BY_KEY, "DOUBLE '1.5'"), ASK.to_owned()]
        );
        assert_eq!(
            sent.get(2),
            taken.then(|| immediate(BY_KEY, literal)).as_ref()
        );
        if taken {
            close(&application);
            assert_eq!(run(&application), SQL_SUCCESS);
            assert_eq!(submitted(&application), [immediate(BY_KEY, literal)]);
        }
    }
}

#[test]
fn the_size_of_a_number_limits_no_value() {
    // More digits after the point than the ten that it is described with.
    let value = b"0.12345678901234567890\0";
    for (kind, expected) in [("number", SQL_SUCCESS), ("decimal(38,10)", SQL_ERROR)] {
        let application = application(&[kind], "nothing");
        assert_eq!(prepare(&application, BY_KEY), SQL_SUCCESS);
        assert_eq!(describe(&application, 1), (SQL_SUCCESS, SQL_DECIMAL));
        // SAFETY: the value outlives the execution.
        let code = unsafe {
            SQLBindParameter(
                application.statement,
                1,
                SQL_PARAM_INPUT,
                SQL_C_CHAR,
                SQL_DECIMAL,
                38,
                10,
                value.as_ptr().cast_mut().cast(),
                0,
                null_mut(),
            )
        };
        assert_eq!(code, SQL_SUCCESS);
        assert_eq!(run(&application), expected, "{kind}");
    }
}

#[test]
fn what_was_learned_holds_for_the_same_text() {
    let application = application(&["bigint"], "'5'");
    text(b"5\0", 2, &[]).bind(&application, 1);
    for requests in [3, 1] {
        assert_eq!(application.execute(BY_KEY), SQL_SUCCESS);
        assert_eq!(submitted(&application).len(), requests);
        close(&application);
    }
    let other = "SELECT name FROM u WHERE key = ?";
    assert_eq!(application.execute(other), SQL_SUCCESS);
    assert_eq!(submitted(&application).len(), 3);
}

#[test]
fn what_was_learned_is_forgotten_when_it_is_refused() {
    let application = application(&["bigint"], "'5'");
    text(b"5\0", 2, &[]).bind(&application, 1);
    assert_eq!(prepare(&application, BY_KEY), SQL_SUCCESS);
    assert_eq!(run(&application), SQL_SUCCESS);
    close(&application);
    // The table is another now.
    let columns = columns![("Position", "integer"), ("Type", "varchar")];
    let rows = vec![vec![json!(0), json!("double")]];
    application
        .server
        .on(ASK, Answer::rows(columns, rows).direct());
    application.server.on_matching(|sql| {
        let error = QueryError::new("TYPE_MISMATCH", 58, "line 1:50: Cannot apply operator");
        sql.contains("BIGINT").then(|| Answer::error(error))
    });
    assert_eq!(run(&application), SQL_ERROR);
    assert_eq!(run(&application), SQL_SUCCESS);
    let sent = submitted(&application);
    assert_eq!(sent.last(), Some(&immediate(BY_KEY, "DOUBLE '5.0'")));
}

#[test]
fn types_that_agree_cost_no_request() {
    let application = application(&["varchar"], "BIGINT");
    assert_eq!(text(b"5\0", 2, &[]).bind(&application, 1), SQL_SUCCESS);
    assert_eq!(application.execute(BY_KEY), SQL_SUCCESS);
    assert_eq!(submitted(&application), [immediate(BY_KEY, "'5'")]);
}

#[test]
fn types_from_sqldescribeparam_are_used_at_once() {
    let application = application(&["bigint"], "'5'");
    assert_eq!(text(b"5\0", 2, &[]).bind(&application, 1), SQL_SUCCESS);
    assert_eq!(prepare(&application, BY_KEY), SQL_SUCCESS);
    assert_eq!(describe(&application, 1), (SQL_SUCCESS, SQL_BIGINT));
    assert_eq!(run(&application), SQL_SUCCESS);
    assert_eq!(
        submitted(&application),
        [ASK.to_owned(), immediate(BY_KEY, "BIGINT '5'")]
    );
}

#[test]
fn text_that_is_no_literal_of_the_type_names_the_parameter() {
    for described in [false, true] {
        let application = application(&["varchar", "date"], "'someday'");
        let sql = "SELECT 1 FROM t WHERE a = ? AND b = ?";
        text(b"a\0", 2, &[]).bind(&application, 1);
        text(b"someday\0", 8, &[]).bind(&application, 2);
        assert_eq!(prepare(&application, sql), SQL_SUCCESS);
        if described {
            assert_eq!(describe(&application, 2), (SQL_SUCCESS, SQL_TYPE_DATE));
        }
        assert_eq!(run(&application), SQL_ERROR);
        assert_eq!(application.state(), "22018");
        let message = application.message();
        assert!(message.contains("Parameter 2") && message.contains("date"));
        assert!(!message.contains("someday"));
        let sent = usize::from(!described);
        assert_eq!(submitted(&application).len(), sent + 1);
    }
}

#[test]
fn what_the_server_does_not_type_is_its_own_error() {
    for types in [&["unknown"][..], &[]] {
        let application = application(types, "'5'");
        text(b"5\0", 2, &[]).bind(&application, 1);
        assert_eq!(application.execute(BY_KEY), SQL_ERROR);
        assert_eq!(application.state(), "42000");
        assert!(application.message().contains("Cannot apply operator"));
        assert_eq!(
            submitted(&application),
            [immediate(BY_KEY, "'5'"), ASK.to_owned()]
        );
    }
}

#[test]
fn a_description_that_fails_leaves_the_first_error() {
    let application = application(&["bigint"], "'5'");
    let error = QueryError::new("COLUMN_NOT_FOUND", 47, "line 1:8: Column 'x'");
    application.server.on(ASK, Answer::error(error));
    text(b"5\0", 2, &[]).bind(&application, 1);
    assert_eq!(application.execute(BY_KEY), SQL_ERROR);
    assert!(application.message().contains("Cannot apply operator"));
}

#[test]
fn an_error_of_a_statement_that_may_have_run_is_not_answered_by_another_try() {
    let (name, message) = ("TYPE_MISMATCH", "cannot write the type");
    let application = application_with(&["bigint"], "'5'", name, message);
    text(b"5\0", 2, &[]).bind(&application, 1);
    assert_eq!(application.execute(BY_KEY), SQL_ERROR);
    assert_eq!(submitted(&application).len(), 1);
}

#[test]
fn an_error_about_a_value_that_is_not_text_sends_no_request() {
    let application = application(&["varchar"], "INTEGER");
    number(&[5], &[]).bind(&application, 1);
    assert_eq!(application.execute(BY_KEY), SQL_ERROR);
    assert_eq!(application.state(), "42000");
    assert_eq!(submitted(&application).len(), 1);
}

#[test]
fn an_argument_is_what_the_application_says_until_the_server_refuses_it() {
    // Which of several functions is meant is known only with its arguments.
    let sql = "SELECT length(?)";
    let accepting = application(&["varbinary"], "X");
    text(b"five\0", 5, &[]).bind(&accepting, 1);
    assert_eq!(prepare(&accepting, sql), SQL_SUCCESS);
    assert_eq!(describe(&accepting, 1).0, SQL_SUCCESS);
    assert_eq!(run(&accepting), SQL_SUCCESS);
    assert_eq!(submitted(&accepting)[1..], [immediate(sql, "'five'")]);
    let sql = "SELECT abs(?)";
    let message = "line 1:27: Unexpected parameters (varchar(3)) for function abs";
    let refusing = application_with(&["tinyint"], "'500'", "FUNCTION_NOT_FOUND", message);
    text(b"500\0", 4, &[]).bind(&refusing, 1);
    assert_eq!(refusing.execute(sql), SQL_SUCCESS);
    assert_eq!(submitted(&refusing)[2..], [immediate(sql, "INTEGER '500'")]);
}

#[test]
fn values_that_came_in_parts_are_fitted_too() {
    let application = application(&["bigint"], "'57'");
    let later = [SQL_DATA_AT_EXEC];
    text(b"", 0, &later).bind(&application, 1);
    assert_eq!(application.execute(BY_KEY), SQL_NEED_DATA);
    assert_eq!(super::later::parameter_data(&application).0, SQL_NEED_DATA);
    for part in [b"5", b"7"] {
        assert_eq!(super::later::put(&application, part, 1), SQL_SUCCESS);
    }
    assert_eq!(super::later::parameter_data(&application).0, SQL_SUCCESS);
    assert_eq!(
        submitted(&application)[2..],
        [immediate(BY_KEY, "BIGINT '57'")]
    );
}

#[test]
fn wide_text_is_char_only_where_the_server_says_so() {
    let units: Vec<u16> = "ab".encode_utf16().collect();
    let lengths = [4];
    for (sql_type, kind, literal) in [
        (SQL_WCHAR, "char(5)", "CHAR 'ab'"),
        (SQL_WCHAR, "varchar(5)", "'ab'"),
        (SQL_WCHAR, "unknown", "'ab'"),
        (SQL_WVARCHAR, "char(5)", "'ab'"),
    ] {
        let application = application(&[kind], "nothing");
        let bound = Bound {
            c_type: C_WCHAR,
            sql_type,
            data: &units,
            width: 4,
            lengths: &lengths,
        };
        assert_eq!(bound.bind(&application, 1), SQL_SUCCESS);
        assert_eq!(application.execute(BY_KEY), SQL_SUCCESS);
        close(&application);
        assert_eq!(submitted(&application), [immediate(BY_KEY, "'ab'")]);
        assert_eq!(prepare(&application, BY_KEY), SQL_SUCCESS);
        assert_eq!(describe(&application, 1).0, SQL_SUCCESS);
        assert_eq!(run(&application), SQL_SUCCESS);
        let sent = submitted(&application);
        assert_eq!(sent[1..], [immediate(BY_KEY, literal)], "{kind}");
    }
}

#[test]
fn null_is_untyped_unless_it_needs_a_type() {
    let null = [SQL_NULL_DATA];
    for (sql, sql_type, literal) in [
        (BY_KEY, SQL_INTEGER, "NULL"),
        ("INSERT INTO t VALUES (?)", SQL_INTEGER, "NULL"),
        ("INSERT INTO t SELECT ?", SQL_TYPE_DATE, "NULL"),
        ("UPDATE t SET a = ?", SQL_BIT, "NULL"),
        ("SELECT a FROM t WHERE b LIKE ?", SQL_GUID, "NULL"),
        ("SELECT ?", SQL_INTEGER, "CAST(NULL AS integer)"),
        ("SELECT ? AS a FROM t", SQL_VARCHAR, "CAST(NULL AS varchar)"),
        ("SELECT ? + 1", SQL_DOUBLE, "CAST(NULL AS double)"),
        ("SELECT a || ? FROM t", SQL_VARCHAR, "NULL"),
        ("VALUES (1, ?)", SQL_TYPE_DATE, "CAST(NULL AS date)"),
        (
            "CREATE TABLE u AS SELECT ? AS a",
            SQL_BIGINT,
            "CAST(NULL AS bigint)",
        ),
    ] {
        let application = application(&[], "nothing");
        let bound = Bound {
            sql_type,
            ..number(&[0], &null)
        };
        bound.bind(&application, 1);
        let bound = Bound {
            c_type: SQL_C_DEFAULT,
            ..bound
        };
        assert_eq!(bound.bind(&application, 1), SQL_SUCCESS);
        assert_eq!(application.execute(sql), SQL_SUCCESS, "{sql}");
        assert_eq!(submitted(&application), [immediate(sql, literal)]);
    }
}

#[test]
fn null_loses_its_type_where_the_server_takes_another() {
    let sql = "SELECT coalesce(?, name) FROM t";
    let application = application(&["varchar"], "CAST");
    number(&[0], &[SQL_NULL_DATA]).bind(&application, 1);
    assert_eq!(application.execute(sql), SQL_SUCCESS);
    assert_eq!(submitted(&application)[2..], [immediate(sql, "NULL")]);
}

#[test]
fn null_loses_its_type_where_the_server_cannot_say_which_it_takes() {
    let sql = "SELECT day FROM t UNION SELECT ?";
    let application = application(&["unknown"], "CAST");
    number(&[0], &[SQL_NULL_DATA]).bind(&application, 1);
    assert_eq!(application.execute(sql), SQL_SUCCESS);
    assert_eq!(
        submitted(&application).last(),
        Some(&immediate(sql, "NULL"))
    );
}

#[test]
fn null_gets_its_type_where_the_server_needs_one() {
    let sql = "SELECT 1 FROM t WHERE a > -?";
    let (name, message) = (
        "AMBIGUOUS_FUNCTION_CALL",
        "Could not choose a best candidate operator.",
    );
    let application = application_with(&[], "USING NULL", name, message);
    application.server.on_matching(move |sql| {
        let error = QueryError::new(name, 1, message);
        sql.ends_with("USING NULL").then(|| Answer::error(error))
    });
    number(&[0], &[SQL_NULL_DATA]).bind(&application, 1);
    assert_eq!(application.execute(sql), SQL_SUCCESS);
    assert_eq!(
        submitted(&application),
        [
            immediate(sql, "NULL"),
            immediate(sql, "CAST(NULL AS integer)")
        ]
    );
}

/// An application whose table has a column of numbers and one of text, and which inserts many rows at once.
fn inserting() -> Application {
    let server = Server::start();
    server.on_matching(|sql| {
        let rows = sql.strip_prefix("INSERT INTO t VALUES ")?;
        if rows.contains("('") {
            let message = "line 1:1: Insert query has mismatched column types";
            return Some(Answer::error(QueryError::new("TYPE_MISMATCH", 58, message)));
        }
        Some(Answer::update("INSERT", rows.matches('(').count() as u64))
    });
    let columns = columns![("Position", "integer"), ("Type", "varchar")];
    let unknown = |position| vec![json!(position), json!("unknown")];
    server.on(
        ASK,
        Answer::rows(columns, (0..2).map(unknown).collect()).direct(),
    );
    let columns = columns![("a", "bigint"), ("b", "varchar(5)")];
    server.on("SELECT * FROM t", Answer::rows(columns, Vec::new()));
    Application::with(server)
}

#[test]
fn an_array_of_text_is_inserted_as_the_columns_of_the_table() {
    let application = inserting();
    let (mut status, mut processed) = ([9; 4], 9);
    sets(&application, 4, &mut status, &mut processed);
    let lengths = [SQL_NTS, SQL_NTS, SQL_NULL_DATA, SQL_NTS];
    text(b"1\0  2\0  x\0  two\0", 4, &lengths).bind(&application, 1);
    text(b"aa\0 bb\0 cc\0 dd\0 ", 4, &[]).bind(&application, 2);
    assert_eq!(
        application.execute("INSERT INTO t VALUES (?, ?)"),
        SQL_SUCCESS_WITH_INFO
    );
    assert_eq!(application.state(), "22018");
    assert!(
        application
            .message()
            .contains("Parameter set 4: Parameter 1")
    );
    assert_eq!((row_count(&application), processed), (3, 4));
    let done = SQL_PARAM_SUCCESS;
    assert_eq!(status, [done, done, done, SQL_PARAM_ERROR]);
    let sent = submitted(&application);
    assert_eq!(sent[1..3], [ASK, "DESCRIBE OUTPUT trino_odbc"]);
    assert_eq!(
        sent[3..],
        ["INSERT INTO t VALUES (BIGINT '1', 'aa'), (BIGINT '2', 'bb'), (NULL, 'cc')"]
    );
}

#[test]
fn rows_beyond_a_statement_are_inserted_as_the_columns_of_the_table_too() {
    let application = inserting();
    application.server.on_matching(|sql| {
        let message = "Query text length (101) exceeds the maximum length (100)";
        let error = QueryError::new("QUERY_TEXT_TOO_LARGE", 40, message);
        (sql.len() > 100).then(|| Answer::error(error))
    });
    let (mut status, mut processed) = ([9; 9], 9);
    sets(&application, 9, &mut status, &mut processed);
    text(b"123456789", 1, &[1; 9]).bind(&application, 1);
    text(b"abcdefghi", 1, &[1; 9]).bind(&application, 2);
    assert_eq!(
        application.execute("INSERT INTO t VALUES (?, ?)"),
        SQL_SUCCESS
    );
    assert_eq!((row_count(&application), processed), (9, 9));
    assert_eq!(status, [SQL_PARAM_SUCCESS; 9]);
    let sent = submitted(&application);
    let inserted = sent
        .iter()
        .filter(|sql| sql.len() <= 100 && !sql.contains("('"));
    let inserted: Vec<_> = inserted.map(String::as_str).collect();
    let inserted = inserted.join("\n");
    for row in 1..=9 {
        let times = inserted.matches(&format!("BIGINT '{row}'")).count();
        assert_eq!(times, 1, "{sent:?}");
    }
    assert_eq!(sent.iter().filter(|sql| *sql == ASK).count(), 1);
}

#[test]
fn a_transaction_with_changes_is_not_put_at_risk() {
    let application = application(&["bigint"], "'5'");
    let off = null_mut();
    // SAFETY: the value of the attribute is a number.
    let code = unsafe { SQLSetConnectAttrW(application.connection, SQL_ATTR_AUTOCOMMIT, off, 0) };
    assert_eq!(code, SQL_SUCCESS);
    assert_eq!(application.execute(UPDATE), SQL_SUCCESS);
    submitted(&application);
    text(b"5\0", 2, &[]).bind(&application, 1);
    assert_eq!(application.execute(BY_KEY), SQL_SUCCESS);
    assert_eq!(
        submitted(&application),
        [ASK.to_owned(), immediate(BY_KEY, "BIGINT '5'")]
    );
}

#[test]
fn a_change_that_was_refused_for_its_types_is_made_in_a_new_transaction() {
    let sql = "INSERT INTO t SELECT a FROM u WHERE b = ?";
    let application = application(&["bigint"], "'5'");
    let off = null_mut();
    // SAFETY: the value of the attribute is a number.
    let code = unsafe { SQLSetConnectAttrW(application.connection, SQL_ATTR_AUTOCOMMIT, off, 0) };
    assert_eq!(code, SQL_SUCCESS);
    let aborted = QueryError::new("TRANSACTION_ALREADY_ABORTED", 22, "aborted");
    let answer = Answer::error(aborted);
    let mut first = true;
    let refused = std::sync::Mutex::new(move |sql: &str| {
        let refuses = sql.contains("BIGINT '5'") && std::mem::take(&mut first);
        refuses.then(|| answer.clone())
    });
    application
        .server
        .on_matching(move |sql| refused.lock().unwrap()(sql));
    text(b"5\0", 2, &[]).bind(&application, 1);
    assert_eq!(application.execute(sql), SQL_SUCCESS);
    assert_eq!(row_count(&application), 1);
    assert_eq!(
        submitted(&application),
        [
            "START TRANSACTION".to_owned(),
            immediate(sql, "'5'"),
            ASK.to_owned(),
            immediate(sql, "BIGINT '5'"),
            "ROLLBACK".to_owned(),
            "START TRANSACTION".to_owned(),
            immediate(sql, "BIGINT '5'"),
        ]
    );
}
