//! Small statements on a scripted server: what they cost is calls and requests, not rows.

use std::ffi::c_void;

use scripted_trino::{Answer, Column, Server};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::growth::Work;
use super::opened;

/// `SELECT 1`, prepared, executed and read; the unit is a statement.
pub fn select_one() -> Work {
    work(vec![wide("SELECT 1"); 100], |statement, text| {
        // SAFETY: the text ends with a null.
        let code = unsafe { SQLPrepareW(statement, text.as_ptr().cast(), SQL_NTS as i32) };
        assert_eq!(code, SQL_SUCCESS);
        // SAFETY: a handle.
        assert_eq!(unsafe { SQLExecute(statement) }, SQL_SUCCESS);
    })
}

/// A thousand statements of several kinds, executed once each and read; the unit is a statement.
pub fn thousand() -> Work {
    let texts = (0..1000)
        .map(|number| wide(&KINDS[number % KINDS.len()].replace('#', &number.to_string())));
    work(texts.collect(), |statement, text| {
        // SAFETY: the text ends with a null.
        let code = unsafe { SQLExecDirectW(statement, text.as_ptr().cast(), SQL_NTS as i32) };
        assert_eq!(code, SQL_SUCCESS);
    })
}

fn work(texts: Vec<Vec<u16>>, execute: impl Fn(*mut c_void, &[u16]) + 'static) -> Work {
    let server = Server::start();
    server.on_matching(answer);
    let statement = opened::allocate(SQL_HANDLE_STMT, opened::connection_to(server.port()));
    Work {
        units: texts.len(),
        run: Box::new(move || {
            // The server is there as long as its statements.
            let _ = &server;
            for text in &texts {
                execute(statement, text);
                // SAFETY: nothing is bound.
                while unsafe { SQLFetch(statement) } == SQL_SUCCESS {}
                // SAFETY: a handle and a number.
                assert_eq!(unsafe { SQLFreeStmt(statement, SQL_CLOSE) }, SQL_SUCCESS);
            }
        }),
    }
}

/// A row for a query, and a row changed by anything else.
fn answer(sql: &str) -> Option<Answer> {
    if sql.starts_with("INSERT") {
        return Some(Answer::update("INSERT", 1));
    }
    let columns = vec![Column::new("a", "integer")];
    Some(Answer::rows(columns, vec![vec![json!(1)]]).direct())
}

fn wide(text: &str) -> Vec<u16> {
    text.encode_utf16().chain([0]).collect()
}

/// `#` is a number.
const KINDS: [&str; 5] = [
    "SELECT # AS a",
    "SELECT name, price * 1.19 FROM shop.public.goods WHERE id = # AND name <> 'it''s' ORDER BY 2;",
    "WITH recent AS (SELECT * FROM orders WHERE day > DATE '2024-01-01') SELECT count(*) FROM recent WHERE customer = #",
    "INSERT INTO shop.public.visits (customer, page) VALUES (#, '/index.html')",
    "-- dashboard, tile #\nSELECT region, sum(amount) FROM sales s JOIN regions r ON s.region_id = r.id GROUP BY 1 LIMIT 10",
];
