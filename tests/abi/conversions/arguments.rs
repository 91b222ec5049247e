//! C to SQL: each value as a parameter of each SQL type, and what the server gets.

use scripted_trino::{Answer, Server};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::columns::today;
use super::parameters::{Given, parameters};
use super::to_c::TODAY;
use super::to_sql::{Expected, Target, expect, targets};
use crate::application::*;

#[test]
fn every_parameter_converts_to_every_sql_type_as_appendix_d_says() {
    let server = Server::start();
    server.on_matching(|sql| {
        sql.starts_with("EXECUTE IMMEDIATE")
            .then(|| Answer::update("INSERT", 1))
    });
    let application = Application::connected(server, "TimeZone=UTC");
    let mut cells = 0;
    let mut wrong = Vec::new();
    for given in parameters() {
        for to in targets() {
            cells += 1;
            let expected = expect(&given, to);
            let before = today();
            let seen = send(&application, &given, to);
            let days = [before, today()];
            if !days.into_iter().any(|day| is(&seen, &expected, day)) {
                wrong.push(format!(
                    "C type {} {:?} as {to:?}: {seen:?}, not {expected:?}",
                    given.c_type, given.meaning
                ));
            }
        }
    }
    let count = wrong.len();
    wrong.truncate(40);
    assert!(
        wrong.is_empty(),
        "{count} of {cells} cells:\n{}",
        wrong.join("\n")
    );
    assert!(cells >= 7500, "{cells} cells");
}

/// What a call answered, and the literal that the server got.
#[derive(Debug)]
enum Seen {
    Unbound(String),
    Failed(String),
    Sent(String, String),
}

fn send(application: &Application, given: &Given, to: Target) -> Seen {
    let mut data = given.bytes.clone();
    let mut length = data.len() as isize;
    // SAFETY: what is bound lives till the parameters are reset.
    let code = unsafe {
        SQLBindParameter(
            application.statement,
            1,
            SQL_PARAM_INPUT,
            given.c_type,
            to.sql_type,
            to.size,
            to.digits,
            data.as_mut_ptr().cast(),
            length,
            &mut length,
        )
    };
    if code != SQL_SUCCESS {
        return Seen::Unbound(application.state());
    }
    let code = application.execute("INSERT INTO t VALUES (?)");
    let state = application.state();
    // SAFETY: the handle is ours.
    unsafe { SQLFreeStmt(application.statement, SQL_RESET_PARAMS) };
    let requests = application.server.requests();
    application.server.forget_requests();
    let mut statements = requests
        .into_iter()
        .filter(|request| request.method == "POST");
    match statements.next() {
        None => Seen::Failed(state),
        Some(request) => {
            assert_ne!(code, SQL_ERROR, "{state}");
            let (_, literal) = request.body.split_once(" USING ").unwrap();
            Seen::Sent(state, literal.to_owned())
        }
    }
}

fn is(seen: &Seen, expected: &Expected, today: super::Day) -> bool {
    match (seen, expected) {
        (Seen::Unbound(state), Expected::Unbindable) => state == "07006",
        (Seen::Failed(state), Expected::Error(expected)) => state == expected,
        (Seen::Sent(state, literal), Expected::Literal(expected, lost)) => {
            let date = |super::Day(year, month, day)| format!("{year:04}-{month:02}-{day:02}");
            let expected = expected.replace(&date(TODAY), &date(today));
            *literal == expected && state == if *lost { "01S07" } else { "" }
        }
        (Seen::Sent(state, literal), Expected::Number(name, number)) => {
            let text = literal
                .strip_prefix(name)
                .and_then(|rest| rest.strip_prefix(" '"))
                .and_then(|rest| rest.strip_suffix('\''));
            let Some(text) = text else {
                return false;
            };
            let read = match *name {
                "REAL" => text.parse::<f32>().map(f64::from),
                _ => text.parse(),
            };
            state.is_empty()
                && read.is_ok_and(|read| {
                    read.to_bits() == number.to_bits() || (read.is_nan() && number.is_nan())
                })
        }
        _ => false,
    }
}
