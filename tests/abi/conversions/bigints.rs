//! BIGINT for clients without integers of 64 bits: described as a decimal or as text, and read as anything all the same.

use trinoodbc::abi::*;

use super::zones::{application, described, get};

const LEAST: &str = "-9223372036854775808";

#[test]
fn a_keyword_has_bigints_described_as_decimals_or_text() {
    let wide: Vec<u8> = LEAST.encode_utf16().flat_map(u16::to_ne_bytes).collect();
    let number = i64::MIN.to_ne_bytes().to_vec();
    for (keywords, told, by_default) in [
        ("", (SQL_BIGINT, 19, 20), number.clone()),
        ("BigInt=BigInt", (SQL_BIGINT, 19, 20), number.clone()),
        (
            "BigInt=decimal",
            (SQL_DECIMAL, 19, 21),
            LEAST.as_bytes().to_vec(),
        ),
        ("BigInt=Text", (SQL_WVARCHAR, 20, 20), wide),
    ] {
        let shown = application(keywords, "bigint", i64::MIN);
        assert_eq!(described(&shown), told, "{keywords}");
        assert_eq!(shown.fetch(), SQL_SUCCESS);
        assert_eq!(
            get(&shown, 1, SQL_C_DEFAULT),
            (SQL_SUCCESS, by_default),
            "{keywords}"
        );
        // Who asks for 64 bits all the same gets them.
        let read = get(&shown, 2, SQL_C_SBIGINT);
        assert_eq!(read, (SQL_SUCCESS, number.clone()), "{keywords}");
    }
    // As text it arrives in parts.
    let shown = application("BigInt=Text", "bigint", i64::MIN);
    assert_eq!(shown.fetch(), SQL_SUCCESS);
    assert_eq!(
        get(&shown, 1, SQL_C_BINARY),
        (SQL_SUCCESS, LEAST.as_bytes().to_vec())
    );
    let smaller = application("BigInt=Text", "integer", 7);
    assert_eq!(described(&smaller).0, SQL_INTEGER);
}
