//! Any text is some type: one that is not known keeps its text, one that is known is read again as it is written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trino_client::columns::Type;
use trino_client::protocol::{from_display, from_signature};

fuzz_target!(|text: &str| {
    let kind = from_display(text);
    if let Type::Other(shown) = &kind {
        assert_eq!(shown, text.trim());
    }
    assert_eq!(from_display(&kind.to_string()), kind);
    let _ = from_signature(text, text);
});
