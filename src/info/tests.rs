use std::cell::Cell;

use super::{Facts, Value, bitmap, is_known_before_connecting, lookup};
use crate::abi::*;

fn ask(info_type: u16) -> Option<Value> {
    of_release(info_type, Some(476))
}

/// The answer for a server of that release.
fn of_release(info_type: u16, release: Option<u32>) -> Option<Value> {
    let version = || Some("476-e.3".to_owned());
    lookup(
        info_type,
        &Facts {
            data_source: "lake",
            server: "trino.corp",
            user: "ada".to_owned(),
            catalog: "tpch".to_owned(),
            read_only: false,
            transactions: true,
            version: &version,
            release: &|| release,
        },
    )
}

fn text(info_type: u16) -> String {
    match ask(info_type) {
        Some(Value::Text(text)) => text.into_owned(),
        other => panic!("{info_type}: {other:?}"),
    }
}

#[test]
fn names_are_the_connections() {
    assert_eq!(text(SQL_DATA_SOURCE_NAME), "lake");
    assert_eq!(text(SQL_SERVER_NAME), "trino.corp");
    assert_eq!(text(SQL_USER_NAME), "ada");
    assert_eq!(text(SQL_DATABASE_NAME), "tpch");
    assert_eq!(text(SQL_DBMS_NAME), "Trino");
    assert_eq!(text(SQL_DATA_SOURCE_READ_ONLY), "N");
}

#[test]
fn versions_begin_as_the_standard_wants_them() {
    assert_eq!(text(SQL_DRIVER_ODBC_VER), "03.80");
    assert_eq!(text(SQL_DBMS_VER), "476.00.0000 476-e.3");
    let driver = text(SQL_DRIVER_VER);
    assert_eq!(driver.len(), 10, "{driver}");
    assert_eq!(driver.matches('.').count(), 2, "{driver}");
}

#[test]
fn the_server_version_is_looked_up_only_when_needed() {
    let asked = Cell::new(false);
    let facts = Facts {
        data_source: "",
        server: "",
        user: String::new(),
        catalog: String::new(),
        read_only: true,
        transactions: true,
        version: &|| {
            asked.set(true);
            None
        },
        release: &|| {
            asked.set(true);
            None
        },
    };
    assert_eq!(
        lookup(SQL_DBMS_VER, &facts),
        Some(Value::Text("00.00.0000".into()))
    );
    // What Driver Managers want to know of each connection.
    let of_managers = [
        SQL_DATA_SOURCE_READ_ONLY,
        SQL_CURSOR_COMMIT_BEHAVIOR,
        SQL_CURSOR_ROLLBACK_BEHAVIOR,
        SQL_GETDATA_EXTENSIONS,
        SQL_ASYNC_MODE,
        SQL_TXN_CAPABLE,
    ];
    let asking = (0..=u16::MAX).filter(|info_type| {
        asked.set(false);
        lookup(*info_type, &facts);
        asked.get()
    });
    let asking = asking.collect::<Vec<_>>();
    assert_eq!(asking.len(), 9, "{asking:?}");
    for info_type in asking {
        assert!(!is_known_before_connecting(info_type), "{info_type}");
        assert!(!of_managers.contains(&info_type), "{info_type}");
    }
}

/// As tests/python tries on servers of several releases.
#[test]
fn what_a_release_brought_is_claimed_from_it_on() {
    let defaults = SQL_AT_SET_COLUMN_DEFAULT | SQL_AT_DROP_COLUMN_DEFAULT;
    let matches = SQL_SP_MATCH_FULL
        | SQL_SP_MATCH_PARTIAL
        | SQL_SP_MATCH_UNIQUE_FULL
        | SQL_SP_MATCH_UNIQUE_PARTIAL;
    for (release, info_type, bits) in [
        (377, SQL_SQL92_STRING_FUNCTIONS, 0xe0),
        (423, SQL_DROP_SCHEMA, SQL_DS_CASCADE),
        (475, SQL_SQL92_RELATIONAL_JOIN_OPERATORS, 1),
        (477, SQL_ALTER_TABLE, SQL_AT_ADD_COLUMN_DEFAULT),
        (477, SQL_CREATE_TABLE, SQL_CT_COLUMN_DEFAULT),
        (479, SQL_ALTER_TABLE, defaults),
        (482, SQL_SQL92_PREDICATES, matches | SQL_SP_UNIQUE),
        (482, SQL_CONVERT_CHAR, 0x2_f8f8),
        (482, SQL_CONVERT_WCHAR, 0x2_f8f8),
    ] {
        let claimed = |release| match of_release(info_type, release) {
            Some(Value::U32(mask)) => mask & bits,
            other => panic!("{info_type}: {other:?}"),
        };
        assert_eq!(claimed(Some(release)), bits, "{info_type} of {release}");
        assert_eq!(
            claimed(Some(release - 1)),
            0,
            "{info_type} before {release}"
        );
        assert_eq!(claimed(None), 0, "{info_type} of an unknown release");
    }
}

#[test]
fn the_dialect_is_trinos() {
    for (info_type, expected) in [
        (SQL_IDENTIFIER_QUOTE_CHAR, "\""),
        (SQL_CATALOG_NAME_SEPARATOR, "."),
        (SQL_CATALOG_TERM, "catalog"),
        (SQL_SCHEMA_TERM, "schema"),
        (SQL_SEARCH_PATTERN_ESCAPE, "\\"),
        (SQL_CATALOG_NAME, "Y"),
        (SQL_COLUMN_ALIAS, "Y"),
        (SQL_ORDER_BY_COLUMNS_IN_SELECT, "N"),
    ] {
        assert_eq!(text(info_type), expected, "{info_type}");
    }
    for (info_type, expected) in [
        (SQL_IDENTIFIER_CASE, SQL_IC_LOWER),
        (SQL_QUOTED_IDENTIFIER_CASE, SQL_IC_LOWER),
        (SQL_NULL_COLLATION, SQL_NC_END),
        (SQL_CATALOG_LOCATION, SQL_CL_START),
        (SQL_CORRELATION_NAME, SQL_CN_ANY),
        (SQL_TXN_CAPABLE, SQL_TC_ALL),
        (SQL_GROUP_BY, SQL_GB_GROUP_BY_CONTAINS_SELECT),
    ] {
        assert_eq!(ask(info_type), Some(Value::U16(expected)), "{info_type}");
    }
    for (info_type, expected) in [
        (SQL_SQL_CONFORMANCE, SQL_SC_SQL92_FULL),
        (SQL_AGGREGATE_FUNCTIONS, 0x7f),
        (SQL_SQL92_VALUE_EXPRESSIONS, 0xf),
        (SQL_SQL92_PREDICATES, 0x3e07),
        (SQL_OJ_CAPABILITIES, 0x7f),
        (SQL_SUBQUERIES, 0x1f),
        (SQL_UNION, 3),
        (SQL_CONVERT_FUNCTIONS, SQL_FN_CVT_CAST | SQL_FN_CVT_CONVERT),
        (SQL_GETDATA_EXTENSIONS, 0xf),
        (SQL_POS_OPERATIONS, SQL_POS_POSITION | SQL_POS_REFRESH),
        (SQL_FORWARD_ONLY_CURSOR_ATTRIBUTES1, 0x1241),
        (SQL_STATIC_CURSOR_ATTRIBUTES1, 0x1247),
        (SQL_STATIC_CURSOR_ATTRIBUTES2, 0x0881),
        (SQL_SCROLL_OPTIONS, 0x11),
        (SQL_CATALOG_USAGE, 0x15),
        (SQL_SCHEMA_USAGE, 0x15),
    ] {
        assert_eq!(ask(info_type), Some(Value::U32(expected)), "{info_type}");
    }
}

#[test]
fn every_scalar_function_of_the_standard_is_there() {
    for (info_type, mask) in [
        (SQL_STRING_FUNCTIONS, 0x00ff_ffff),
        (SQL_NUMERIC_FUNCTIONS, 0x00ff_ffff),
        (SQL_TIMEDATE_FUNCTIONS, 0x001f_ffff),
        (SQL_SYSTEM_FUNCTIONS, 0x7),
        (SQL_TIMEDATE_ADD_INTERVALS, 0x1ff),
        (SQL_TIMEDATE_DIFF_INTERVALS, 0x1ff),
    ] {
        assert_eq!(ask(info_type), Some(Value::U32(mask)), "{info_type}");
    }
    assert_eq!(text(SQL_LIKE_ESCAPE_CLAUSE), "Y");
}

#[test]
fn casts_are_reported_for_each_type() {
    assert_eq!(
        ask(SQL_CONVERT_DATE),
        Some(Value::U32(
            SQL_CVT_DATE | SQL_CVT_TIMESTAMP | SQL_CVT_VARCHAR | SQL_CVT_WVARCHAR
        ))
    );
    let Some(Value::U32(from_text)) = ask(SQL_CONVERT_WVARCHAR) else {
        panic!("no mask");
    };
    assert_ne!(from_text & SQL_CVT_DOUBLE, 0);
    assert_eq!(ask(SQL_CONVERT_LONGVARCHAR), Some(Value::U32(0)));
}

/// Every number that the standard has, save those of the Driver Manager's own handles and version.
#[test]
fn every_info_type_of_odbc_3_8_has_an_answer() {
    let managers = [
        SQL_DRIVER_HDBC,
        SQL_DRIVER_HENV,
        SQL_DRIVER_HSTMT,
        SQL_DRIVER_HDESC,
        SQL_DRIVER_HLIB,
        SQL_DM_VER,
    ];
    let source = include_str!("../abi/info_types.rs");
    let mut seen = 0;
    for line in source
        .lines()
        .filter(|line| line.starts_with("pub const SQL_"))
    {
        let number = line
            .rsplit_once("= ")
            .and_then(|(_, value)| value.trim_end_matches(';').replace('_', "").parse().ok())
            .expect("a number ends the line");
        seen += 1;
        assert_eq!(ask(number).is_none(), managers.contains(&number), "{line}");
    }
    assert!(seen > 170, "{seen}");
}

#[test]
fn an_unknown_type_has_no_answer() {
    for info_type in [182, 1000, 20_000, u16::MAX] {
        assert_eq!(ask(info_type), None);
    }
    assert_eq!(ask(SQL_RETURN_ESCAPE_CLAUSE), Some(Value::U32(0)));
}

#[test]
fn each_exported_function_has_its_bit() {
    let words = bitmap(&[SQL_API_SQLBINDCOL, SQL_API_SQLFETCHSCROLL, u16::MAX]);
    let exists = |function: u16| words[usize::from(function >> 4)] & (1 << (function & 0xf)) != 0;
    assert!(exists(SQL_API_SQLBINDCOL));
    assert!(exists(SQL_API_SQLFETCHSCROLL));
    assert!(!exists(SQL_API_SQLFETCH));
    assert_eq!(words.iter().map(|word| word.count_ones()).sum::<u32>(), 2);
}

#[test]
fn a_connection_without_transactions_says_so() {
    let facts = Facts {
        data_source: "",
        server: "",
        user: String::new(),
        catalog: String::new(),
        read_only: false,
        transactions: false,
        version: &|| None,
        release: &|| None,
    };
    let ask = |info_type| lookup(info_type, &facts);
    assert_eq!(ask(SQL_TXN_CAPABLE), Some(Value::U16(SQL_TC_NONE)));
    assert_eq!(ask(SQL_TXN_ISOLATION_OPTION), Some(Value::U32(0)));
    assert_eq!(ask(SQL_DEFAULT_TXN_ISOLATION), Some(Value::U32(0)));
    assert_eq!(
        ask(SQL_CURSOR_COMMIT_BEHAVIOR),
        Some(Value::U16(SQL_CB_PRESERVE))
    );
    let facts = Facts {
        transactions: true,
        ..facts
    };
    assert_eq!(
        lookup(SQL_CURSOR_ROLLBACK_BEHAVIOR, &facts),
        Some(Value::U16(SQL_CB_CLOSE))
    );
    assert_eq!(
        lookup(SQL_TXN_ISOLATION_OPTION, &facts),
        Some(Value::U32(0xf))
    );
}

#[test]
fn names_have_room_and_cursors_their_limit() {
    for (info_type, expected) in [
        (SQL_MAX_CATALOG_NAME_LEN, 1024),
        (SQL_MAX_SCHEMA_NAME_LEN, 1024),
        (SQL_MAX_TABLE_NAME_LEN, 1024),
        (SQL_MAX_COLUMN_NAME_LEN, 1024),
        (SQL_MAX_IDENTIFIER_LEN, 1024),
        (SQL_MAX_CURSOR_NAME_LEN, 128),
    ] {
        assert_eq!(ask(info_type), Some(Value::U16(expected)), "{info_type}");
    }
}
