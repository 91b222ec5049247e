//! Any text is cut into tokens that make it up again, and markers are found only where values may stand.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trinoodbc::sql;

fuzz_target!(|text: &str| {
    let again: String = sql::tokens(text).map(|token| token.text).collect();
    assert_eq!(again, text);
    assert!(sql::parameter_count(text) <= text.matches('?').count());
    assert_eq!(sql::parameter_count(&sql::literal(text)), 0);
    assert_eq!(sql::parameter_count(&sql::identifier(text)), 0);

    // What surrounds a statement is cut off, and nothing else is touched.
    let statement = sql::statement_text(text);
    assert!(text.starts_with(statement));
    assert_eq!(sql::statement_text(statement), statement);
    if let Some(second) = sql::second_statement(text) {
        assert!(text[..second].contains(';'));
    }
    if let Some(insert) = sql::Insert::parse(text) {
        assert_eq!(insert.places.len(), sql::parameter_count(text));
    }
});
