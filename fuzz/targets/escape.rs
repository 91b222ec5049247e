//! Any text is translated or refused; without escapes it stays byte by byte, and markers keep their number.
#![no_main]

use std::borrow::Cow;

use libfuzzer_sys::fuzz_target;
use trino_client::sql::{self, Statement};

fuzz_target!(|text: &str| {
    match trinoodbc::escape::translate(text) {
        Ok(Cow::Borrowed(same)) => assert_eq!(same, text),
        Ok(Cow::Owned(native)) => {
            assert!(text.contains('{'));
            // In a row pattern a question mark is no marker, and an escape has no place there.
            if !text.to_ascii_uppercase().contains("DEFINE") {
                let count = |text: &str| Statement::parse(text).parameters();
                assert_eq!(count(&native), count(text));
            }
        }
        Err(error) => assert!(text.contains('{') && error.line >= 1 && error.column >= 1),
    }

    // Quoted, the same text is left alone, and so it is beside an escape.
    let quoted = format!("SELECT {}, {}", sql::literal(text), sql::identifier(text));
    assert!(matches!(trinoodbc::escape::translate(&quoted), Ok(Cow::Borrowed(same)) if same == quoted));
    let beside = trinoodbc::escape::translate(&format!("{{fn PI()}}, {quoted}")).map(Cow::into_owned);
    assert_eq!(beside, Ok(format!("pi(), {quoted}")));
});
