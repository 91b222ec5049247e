//! The committed C header says what the driver's constants say.

const COMMITTED: &str = include_str!("../include/trino_odbc.h");
const FRESH: &str = include_str!(concat!(env!("OUT_DIR"), "/trino_odbc.h"));

#[test]
fn the_committed_header_is_fresh() {
    assert!(
        COMMITTED.lines().eq(FRESH.lines()),
        "include/trino_odbc.h is stale. Run `TRINO_ODBC_WRITE_HEADER=1 cargo build` and commit it."
    );
}

#[test]
fn the_header_holds_each_attribute_once() {
    let count = |text: &str, pattern: &str| text.matches(pattern).count();
    let source = include_str!("../src/abi/driver_specific.rs");
    assert_eq!(
        count(COMMITTED, "#define SQL_ATTR_TRINO_"),
        count(source, "pub const SQL_ATTR_TRINO_")
    );
}
