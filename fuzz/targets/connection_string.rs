//! Any text is a connection string or refused, and the completed string says the same.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trinoodbc::config::ConnectionString;

fuzz_target!(|text: &str| {
    let Ok(given) = ConnectionString::parse(text) else {
        return;
    };
    let completed = given.completed();
    let again = ConnectionString::parse(&completed).expect("what the driver writes can be read");
    assert_eq!(again.completed(), completed);
    for (keyword, value) in again.pairs() {
        let last = given
            .pairs()
            .iter()
            .rev()
            .find(|(known, _)| known.eq_ignore_ascii_case(keyword));
        assert_eq!(last.map(|(_, value)| value.reveal()), Some(value.reveal()));
    }
    assert_eq!(again.data_source(), given.data_source());
});
