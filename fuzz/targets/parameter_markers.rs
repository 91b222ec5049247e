//! Any text is cut into tokens that make it up again, and markers are found only where values may stand.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trino_client::sql::{self, Statement};

fuzz_target!(|text: &str| {
    let again: String = sql::tokens(text).map(|token| token.text).collect();
    assert_eq!(again, text);
    let statement = Statement::parse(text);
    assert!(statement.parameters() <= text.matches('?').count());
    assert_eq!(Statement::parse(&sql::literal(text)).parameters(), 0);
    assert_eq!(Statement::parse(&sql::identifier(text)).parameters(), 0);

    // What surrounds a statement is cut off, and nothing else is touched.
    assert!(text.starts_with(&**statement.text()));
    assert_eq!(Statement::parse(statement.text()).text(), statement.text());
    if let Some(second) = statement.second() {
        assert!(text[..second].contains(';'));
    }
    if let Some(insert) = sql::Insert::parse(text) {
        assert_eq!(insert.places.len(), statement.parameters());
    }
});
