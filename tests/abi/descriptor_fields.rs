//! Each field of a descriptor: where it is, where it can be set, and what follows from it.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetdescfield-function>

use std::ptr::null_mut;

use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

/// How wide a value is, and whether it is signed.
#[derive(Clone, Copy, PartialEq)]
enum Width {
    Small,
    Integer,
    Pointer,
    Text,
}

use Width::{Integer, Pointer, Small, Text};

/// A field, its width, how ARD, APD, IRD and IPD have it (`W` set, `R` read, `-` not at all), and a value to set.
type Field = (i16, Width, &'static str, usize);

const HEADER: &[Field] = &[
    (SQL_DESC_ALLOC_TYPE, Small, "RRRR", 1),
    (SQL_DESC_ARRAY_SIZE, Pointer, "WW--", 5),
    (SQL_DESC_ARRAY_STATUS_PTR, Pointer, "WWWW", 0x1000),
    (SQL_DESC_BIND_OFFSET_PTR, Pointer, "WW--", 0x2000),
    (SQL_DESC_BIND_TYPE, Integer, "WW--", 24),
    (SQL_DESC_COUNT, Small, "WWRW", 3),
    (SQL_DESC_ROWS_PROCESSED_PTR, Pointer, "--WW", 0x3000),
];

const RECORD: &[Field] = &[
    (SQL_DESC_AUTO_UNIQUE_VALUE, Integer, "--R-", 1),
    (SQL_DESC_BASE_COLUMN_NAME, Text, "--R-", 0),
    (SQL_DESC_BASE_TABLE_NAME, Text, "--R-", 0),
    (SQL_DESC_CASE_SENSITIVE, Integer, "--RR", 1),
    (SQL_DESC_CATALOG_NAME, Text, "--R-", 0),
    (SQL_DESC_CONCISE_TYPE, Small, "WWRW", 5),
    (SQL_DESC_DATA_PTR, Pointer, "WW-W", 0x4000),
    (SQL_DESC_DATETIME_INTERVAL_CODE, Small, "WWRW", 2),
    (SQL_DESC_DATETIME_INTERVAL_PRECISION, Integer, "WWRW", 3),
    (SQL_DESC_DISPLAY_SIZE, Pointer, "--R-", 1),
    (SQL_DESC_FIXED_PREC_SCALE, Small, "--RR", 1),
    (SQL_DESC_INDICATOR_PTR, Pointer, "WW--", 0x5000),
    (SQL_DESC_LABEL, Text, "--R-", 0),
    (SQL_DESC_LENGTH, Pointer, "WWRW", 7),
    (SQL_DESC_LITERAL_PREFIX, Text, "--R-", 0),
    (SQL_DESC_LITERAL_SUFFIX, Text, "--R-", 0),
    (SQL_DESC_LOCAL_TYPE_NAME, Text, "--RR", 0),
    (SQL_DESC_NAME, Text, "--RW", 0),
    (SQL_DESC_NULLABLE, Small, "--RR", 1),
    (SQL_DESC_NUM_PREC_RADIX, Integer, "WWRW", 10),
    (SQL_DESC_OCTET_LENGTH, Pointer, "WWRW", 9),
    (SQL_DESC_OCTET_LENGTH_PTR, Pointer, "WW--", 0x6000),
    (SQL_DESC_PARAMETER_TYPE, Small, "---W", 4),
    (SQL_DESC_PRECISION, Small, "WWRW", 4),
    (SQL_DESC_ROWVER, Small, "--RR", 1),
    (SQL_DESC_SCALE, Small, "WWRW", 2),
    (SQL_DESC_SCHEMA_NAME, Text, "--R-", 0),
    (SQL_DESC_SEARCHABLE, Small, "--R-", 1),
    (SQL_DESC_TABLE_NAME, Text, "--R-", 0),
    (SQL_DESC_TYPE, Small, "WWRW", 5),
    (SQL_DESC_TYPE_NAME, Text, "--RR", 0),
    (SQL_DESC_UNNAMED, Small, "--RW", 1),
    (SQL_DESC_UNSIGNED, Small, "--RR", 1),
    (SQL_DESC_UPDATABLE, Small, "--R-", 1),
];

const ROLES: [(&str, i32); 4] = [
    ("ARD", SQL_ATTR_APP_ROW_DESC),
    ("APD", SQL_ATTR_APP_PARAM_DESC),
    ("IRD", SQL_ATTR_IMP_ROW_DESC),
    ("IPD", SQL_ATTR_IMP_PARAM_DESC),
];

#[test]
fn each_field_is_there_where_the_standard_has_it() {
    let mut wrong = Vec::new();
    let fields = HEADER.iter().map(|field| (0, field));
    for (record, field) in fields.chain(RECORD.iter().map(|field| (1, field))) {
        let (number, width, access, value) = *field;
        for ((role, attribute), access) in ROLES.iter().zip(access.chars()) {
            let application = Application::start();
            assert_eq!(application.execute(THREE), SQL_SUCCESS);
            let descriptor = handle_of(&application, *attribute);
            if record == 1 && *role != "IRD" {
                // A record that is there, of a type that has a code.
                assert_eq!(set(descriptor, 1, SQL_DESC_TYPE, 9), SQL_SUCCESS);
                let code = set(descriptor, 1, SQL_DESC_DATETIME_INTERVAL_CODE, 3);
                assert_eq!(code, SQL_SUCCESS);
            }
            let (got, _) = get(descriptor, record, number, width);
            let state = state(SQL_HANDLE_DESC, descriptor);
            if (got, state.as_str()) != expected(access != '-', "HY091") {
                wrong.push(format!("getting {number} of the {role}: {got} {state}"));
            }
            let put = match width {
                Text => set_name(descriptor, record, number, "p1"),
                _ => set(descriptor, record, number, value),
            };
            let refusal = if *role == "IRD" { "HY016" } else { "HY091" };
            let state = crate::application::state(SQL_HANDLE_DESC, descriptor);
            if (put, state.as_str()) != expected(access == 'W', refusal) {
                wrong.push(format!("setting {number} of the {role}: {put} {state}"));
            }
            // In an IPD the data pointer only asks for the consistency check.
            let kept = *role != "IPD" || number != SQL_DESC_DATA_PTR;
            if put == SQL_SUCCESS && width != Text && kept {
                let (_, back) = get(descriptor, record, number, width);
                if back != value {
                    wrong.push(format!("{number} of the {role}: {back} instead of {value}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn expected(success: bool, refusal: &str) -> (SqlReturn, &str) {
    if success {
        (SQL_SUCCESS, "")
    } else {
        (SQL_ERROR, refusal)
    }
}

#[test]
fn unknown_fields_are_refused() {
    let application = Application::start();
    let ard = handle_of(&application, SQL_ATTR_APP_ROW_DESC);
    for field in [0, 3, 77, 1014, 5000] {
        assert_eq!(get(ard, 1, field, Small).0, SQL_ERROR);
        assert_eq!(state(SQL_HANDLE_DESC, ard), "HY091");
        assert_eq!(set(ard, 1, field, 1), SQL_ERROR);
        assert_eq!(state(SQL_HANDLE_DESC, ard), "HY091");
    }
    for (record, code) in [(0, SQL_ERROR), (-1, SQL_ERROR), (1, SQL_NO_DATA)] {
        assert_eq!(get(ard, record, SQL_DESC_TYPE, Small).0, code, "{record}");
    }
    assert_eq!(set(ard, 0, SQL_DESC_TYPE, 4), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DESC, ard), "07009");
    assert_eq!(set(ard, 0, SQL_DESC_COUNT, -1_isize as usize), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DESC, ard), "07009");
    // The record's number means nothing to a field of the header.
    assert_eq!(get(ard, -7, SQL_DESC_ARRAY_SIZE, Pointer), (SQL_SUCCESS, 1));
}

#[test]
fn new_descriptors_have_the_standards_defaults() {
    let application = Application::start();
    for (role, attribute) in ROLES {
        let descriptor = handle_of(&application, attribute);
        for (field, width, value) in [
            (SQL_DESC_ALLOC_TYPE, Small, SQL_DESC_ALLOC_AUTO as usize),
            (SQL_DESC_ARRAY_STATUS_PTR, Pointer, 0),
        ] {
            assert_eq!(
                get(descriptor, 0, field, width),
                (SQL_SUCCESS, value),
                "{role}"
            );
        }
    }
    for attribute in [SQL_ATTR_APP_ROW_DESC, SQL_ATTR_APP_PARAM_DESC] {
        let descriptor = handle_of(&application, attribute);
        assert_eq!(set(descriptor, 0, SQL_DESC_COUNT, 1), SQL_SUCCESS);
        for (record, field, width, value) in [
            (0, SQL_DESC_ARRAY_SIZE, Pointer, 1),
            (0, SQL_DESC_BIND_OFFSET_PTR, Pointer, 0),
            (0, SQL_DESC_BIND_TYPE, Integer, SQL_BIND_BY_COLUMN),
            (1, SQL_DESC_TYPE, Small, SQL_C_DEFAULT as usize),
            (1, SQL_DESC_CONCISE_TYPE, Small, SQL_C_DEFAULT as usize),
            (1, SQL_DESC_DATA_PTR, Pointer, 0),
            (1, SQL_DESC_INDICATOR_PTR, Pointer, 0),
            (1, SQL_DESC_OCTET_LENGTH_PTR, Pointer, 0),
        ] {
            assert_eq!(
                get(descriptor, record, field, width),
                (SQL_SUCCESS, value),
                "{field}"
            );
        }
    }
    let ipd = handle_of(&application, SQL_ATTR_IMP_PARAM_DESC);
    assert_eq!(get(ipd, 0, SQL_DESC_COUNT, Small), (SQL_SUCCESS, 0));
    assert_eq!(set(ipd, 0, SQL_DESC_COUNT, 1), SQL_SUCCESS);
    let input = SQL_PARAM_INPUT as usize;
    assert_eq!(
        get(ipd, 1, SQL_DESC_PARAMETER_TYPE, Small),
        (SQL_SUCCESS, input)
    );
}

#[test]
fn types_verbose_and_concise_and_their_codes_follow_each_other() {
    let application = Application::start();
    let ard = handle_of(&application, SQL_ATTR_APP_ROW_DESC);
    let all = || {
        [
            SQL_DESC_TYPE,
            SQL_DESC_CONCISE_TYPE,
            SQL_DESC_DATETIME_INTERVAL_CODE,
        ]
        .map(|field| get(ard, 1, field, Small).1 as i16)
    };
    for (concise, verbose, code) in [
        (SQL_C_CHAR, SQL_C_CHAR, 0),
        (SQL_C_SBIGINT, SQL_C_SBIGINT, 0),
        (SQL_C_TYPE_DATE, SQL_DATETIME, 1),
        (SQL_C_TYPE_TIME, SQL_DATETIME, 2),
        (SQL_C_TYPE_TIMESTAMP, SQL_DATETIME, 3),
        (SQL_C_INTERVAL_YEAR, SQL_INTERVAL, 1),
        (SQL_C_INTERVAL_DAY_TO_SECOND, SQL_INTERVAL, 10),
        (SQL_C_INTERVAL_MINUTE_TO_SECOND, SQL_INTERVAL, 13),
    ] {
        assert_eq!(
            set(ard, 1, SQL_DESC_CONCISE_TYPE, concise as usize),
            SQL_SUCCESS
        );
        assert_eq!(all(), [verbose, concise, code]);
        assert_eq!(set(ard, 1, SQL_DESC_TYPE, SQL_C_LONG as usize), SQL_SUCCESS);
        assert_eq!(set(ard, 1, SQL_DESC_TYPE, verbose as usize), SQL_SUCCESS);
        if code != 0 {
            let field = SQL_DESC_DATETIME_INTERVAL_CODE;
            assert_eq!(set(ard, 1, field, code as usize), SQL_SUCCESS);
        }
        assert_eq!(all(), [verbose, concise, code]);
    }
}

#[test]
fn a_type_sets_what_the_standard_says_follows_from_it() {
    let application = Application::start();
    for attribute in [SQL_ATTR_APP_ROW_DESC, SQL_ATTR_IMP_PARAM_DESC] {
        let descriptor = handle_of(&application, attribute);
        for (concise, field, width, value) in [
            (SQL_CHAR, SQL_DESC_LENGTH, Pointer, 1),
            (SQL_CHAR, SQL_DESC_PRECISION, Small, 0),
            (SQL_NUMERIC, SQL_DESC_PRECISION, Small, 38),
            (SQL_NUMERIC, SQL_DESC_SCALE, Small, 0),
            (SQL_TYPE_DATE, SQL_DESC_PRECISION, Small, 0),
            (SQL_TYPE_TIME, SQL_DESC_PRECISION, Small, 0),
            (SQL_TYPE_TIMESTAMP, SQL_DESC_PRECISION, Small, 6),
            (
                SQL_C_INTERVAL_DAY,
                SQL_DESC_DATETIME_INTERVAL_PRECISION,
                Integer,
                2,
            ),
            (
                SQL_INTERVAL_DAY_TO_SECOND,
                SQL_DESC_DATETIME_INTERVAL_PRECISION,
                Integer,
                2,
            ),
            (SQL_INTERVAL_DAY_TO_SECOND, SQL_DESC_PRECISION, Small, 6),
        ] {
            set(descriptor, 1, SQL_DESC_LENGTH, 99);
            set(descriptor, 1, SQL_DESC_PRECISION, 99);
            set(descriptor, 1, SQL_DESC_SCALE, 99);
            set(descriptor, 1, SQL_DESC_DATETIME_INTERVAL_PRECISION, 99);
            let code = set(descriptor, 1, SQL_DESC_CONCISE_TYPE, concise as usize);
            assert_eq!(code, SQL_SUCCESS);
            assert_eq!(
                get(descriptor, 1, field, width),
                (SQL_SUCCESS, value),
                "{concise}"
            );
        }
    }
}

/// Fields to set one after the other, and what the consistency check then says.
type Check = (&'static [(i16, i16)], &'static str);

const CHECKS: &[Check] = &[
    (&[(SQL_DESC_TYPE, SQL_C_CHAR)], ""),
    (&[(SQL_DESC_TYPE, SQL_C_DEFAULT)], ""),
    (&[(SQL_DESC_TYPE, 1234)], "HY021"),
    (&[(SQL_DESC_TYPE, SQL_VARCHAR)], "HY021"),
    (&[(SQL_DESC_CONCISE_TYPE, SQL_C_TYPE_TIMESTAMP)], ""),
    (&[(SQL_DESC_TYPE, SQL_C_TYPE_TIMESTAMP)], "set HY021"),
    (&[(SQL_DESC_TYPE, SQL_C_INTERVAL_DAY)], "set HY021"),
    (&[(SQL_DESC_TYPE, SQL_DATETIME)], "HY021"),
    (
        &[
            (SQL_DESC_TYPE, SQL_DATETIME),
            (SQL_DESC_DATETIME_INTERVAL_CODE, 3),
        ],
        "",
    ),
    (
        &[
            (SQL_DESC_TYPE, SQL_DATETIME),
            (SQL_DESC_DATETIME_INTERVAL_CODE, 4),
        ],
        "set HY021",
    ),
    (
        &[
            (SQL_DESC_TYPE, SQL_INTERVAL),
            (SQL_DESC_DATETIME_INTERVAL_CODE, 13),
        ],
        "",
    ),
    (
        &[
            (SQL_DESC_TYPE, SQL_INTERVAL),
            (SQL_DESC_DATETIME_INTERVAL_CODE, 14),
        ],
        "set HY021",
    ),
    (&[(SQL_DESC_TYPE, SQL_C_NUMERIC)], ""),
    (
        &[
            (SQL_DESC_TYPE, SQL_C_NUMERIC),
            (SQL_DESC_PRECISION, 10),
            (SQL_DESC_SCALE, 4),
        ],
        "",
    ),
    (
        &[(SQL_DESC_TYPE, SQL_C_NUMERIC), (SQL_DESC_PRECISION, 0)],
        "HY021",
    ),
    (
        &[(SQL_DESC_TYPE, SQL_C_NUMERIC), (SQL_DESC_PRECISION, 39)],
        "HY021",
    ),
    (
        &[(SQL_DESC_TYPE, SQL_C_NUMERIC), (SQL_DESC_SCALE, 39)],
        "HY021",
    ),
    (
        &[
            (SQL_DESC_CONCISE_TYPE, SQL_C_TYPE_TIMESTAMP),
            (SQL_DESC_PRECISION, 9),
        ],
        "",
    ),
    (
        &[
            (SQL_DESC_CONCISE_TYPE, SQL_C_TYPE_TIMESTAMP),
            (SQL_DESC_PRECISION, 10),
        ],
        "HY021",
    ),
    (
        &[
            (SQL_DESC_CONCISE_TYPE, SQL_C_TYPE_TIME),
            (SQL_DESC_PRECISION, -1),
        ],
        "HY021",
    ),
    (
        &[
            (SQL_DESC_CONCISE_TYPE, SQL_C_INTERVAL_SECOND),
            (SQL_DESC_PRECISION, 10),
        ],
        "HY021",
    ),
    (
        &[
            (SQL_DESC_CONCISE_TYPE, SQL_C_INTERVAL_HOUR),
            (SQL_DESC_PRECISION, 10),
        ],
        "",
    ),
    (
        &[
            (SQL_DESC_CONCISE_TYPE, SQL_C_INTERVAL_DAY),
            (SQL_DESC_DATETIME_INTERVAL_PRECISION, 0),
        ],
        "HY021",
    ),
];

#[test]
fn binding_checks_that_the_fields_go_together() {
    for (fields, wanted) in CHECKS {
        let application = Application::start();
        let ard = handle_of(&application, SQL_ATTR_APP_ROW_DESC);
        let (last, before) = fields.split_last().unwrap();
        for (field, value) in before {
            assert_eq!(
                set(ard, 1, *field, *value as usize),
                SQL_SUCCESS,
                "{fields:?}"
            );
        }
        let code = set(ard, 1, last.0, last.1 as usize);
        if let Some(wanted) = wanted.strip_prefix("set ") {
            assert_eq!(
                (code, state(SQL_HANDLE_DESC, ard).as_str()),
                (SQL_ERROR, wanted),
                "{fields:?}"
            );
            continue;
        }
        assert_eq!(code, SQL_SUCCESS, "{fields:?}");
        let code = set(ard, 1, SQL_DESC_DATA_PTR, 0x1000);
        let wanted_code = if wanted.is_empty() {
            SQL_SUCCESS
        } else {
            SQL_ERROR
        };
        assert_eq!(
            (code, state(SQL_HANDLE_DESC, ard).as_str()),
            (wanted_code, *wanted),
            "{fields:?}"
        );
    }
}

#[test]
fn a_change_of_type_or_length_unbinds_and_a_deferred_field_does_not() {
    let application = Application::start();
    let ard = handle_of(&application, SQL_ATTR_APP_ROW_DESC);
    for field in [
        SQL_DESC_CONCISE_TYPE,
        SQL_DESC_TYPE,
        SQL_DESC_LENGTH,
        SQL_DESC_OCTET_LENGTH,
        SQL_DESC_PRECISION,
        SQL_DESC_SCALE,
        SQL_DESC_NUM_PREC_RADIX,
        SQL_DESC_DATETIME_INTERVAL_PRECISION,
    ] {
        assert_eq!(set(ard, 1, SQL_DESC_TYPE, SQL_C_LONG as usize), SQL_SUCCESS);
        assert_eq!(set(ard, 1, SQL_DESC_DATA_PTR, 0x1000), SQL_SUCCESS);
        assert_eq!(set(ard, 1, field, 4), SQL_SUCCESS);
        assert_eq!(get(ard, 1, SQL_DESC_DATA_PTR, Pointer).1, 0, "{field}");
    }
    assert_eq!(set(ard, 1, SQL_DESC_DATA_PTR, 0x1000), SQL_SUCCESS);
    for field in [SQL_DESC_INDICATOR_PTR, SQL_DESC_OCTET_LENGTH_PTR] {
        assert_eq!(set(ard, 1, field, 0x2000), SQL_SUCCESS);
    }
    for field in [
        SQL_DESC_ARRAY_SIZE,
        SQL_DESC_BIND_TYPE,
        SQL_DESC_BIND_OFFSET_PTR,
    ] {
        assert_eq!(set(ard, 0, field, 8), SQL_SUCCESS);
    }
    assert_eq!(get(ard, 1, SQL_DESC_DATA_PTR, Pointer).1, 0x1000);
}

#[test]
fn a_parameter_has_a_name_and_a_direction() {
    let application = Application::start();
    let ipd = handle_of(&application, SQL_ATTR_IMP_PARAM_DESC);
    let unnamed = || get(ipd, 1, SQL_DESC_UNNAMED, Small).1 as i16;
    assert_eq!(set(ipd, 0, SQL_DESC_COUNT, 1), SQL_SUCCESS);
    assert_eq!(unnamed(), SQL_UNNAMED);
    assert_eq!(set_name(ipd, 1, SQL_DESC_NAME, "größe"), SQL_SUCCESS);
    assert_eq!(
        (text(ipd, 1, SQL_DESC_NAME), unnamed()),
        ("größe".to_owned(), SQL_NAMED)
    );
    assert_eq!(set(ipd, 1, SQL_DESC_UNNAMED, SQL_NAMED as usize), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DESC, ipd), "HY091");
    assert_eq!(
        set(ipd, 1, SQL_DESC_UNNAMED, SQL_UNNAMED as usize),
        SQL_SUCCESS
    );
    assert_eq!(
        (text(ipd, 1, SQL_DESC_NAME), unnamed()),
        (String::new(), SQL_UNNAMED)
    );
    assert_eq!(set_name(ipd, 1, SQL_DESC_NAME, &"n".repeat(129)), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DESC, ipd), "22001");
    for direction in [SQL_PARAM_INPUT, SQL_PARAM_INPUT_OUTPUT, SQL_PARAM_OUTPUT] {
        let code = set(ipd, 1, SQL_DESC_PARAMETER_TYPE, direction as usize);
        assert_eq!(code, SQL_SUCCESS);
    }
    assert_eq!(set(ipd, 1, SQL_DESC_PARAMETER_TYPE, 3), SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DESC, ipd), "HY105");
}

#[test]
fn the_columns_of_a_result_say_what_they_are() {
    let application = Application::start();
    assert_eq!(application.execute(THREE), SQL_SUCCESS);
    let ird = handle_of(&application, SQL_ATTR_IMP_ROW_DESC);
    for (record, name, type_name, length, radix) in [
        (1, "id", "integer", 10, 10),
        (2, "name", "varchar", 40, 0),
        (3, "x", "double", 15, 10),
    ] {
        assert_eq!(text(ird, record, SQL_DESC_NAME), name);
        assert_eq!(text(ird, record, SQL_DESC_LABEL), name);
        assert!(text(ird, record, SQL_DESC_TYPE_NAME).starts_with(type_name));
        assert_eq!(
            get(ird, record, SQL_DESC_NUM_PREC_RADIX, Integer).1,
            radix,
            "{name}"
        );
        assert_eq!(get(ird, record, SQL_DESC_UNNAMED, Small).1, 0);
        assert_eq!(
            get(ird, record, SQL_DESC_LENGTH, Pointer).1,
            length,
            "{name}"
        );
    }
    assert_eq!(get(ird, 4, SQL_DESC_TYPE, Small).0, SQL_NO_DATA);
}

fn handle_of(application: &Application, attribute: i32) -> Handle {
    std::ptr::with_exposed_provenance_mut(application.get(attribute))
}

/// Code and value of a field of that width; whether text is there, for text.
fn get(descriptor: Handle, record: i16, field: i16, width: Width) -> (SqlReturn, usize) {
    let mut value = [usize::MAX; 64];
    let capacity = size_of_val(&value) as i32;
    // SAFETY: the place is larger than any of these values.
    let code = unsafe {
        let place = value.as_mut_ptr().cast();
        SQLGetDescFieldW(descriptor, record, field, place, capacity, null_mut())
    };
    let value = value[0];
    let (value, rest) = match width {
        Small => (value & 0xFFFF, value >> 16 == usize::MAX >> 16),
        Integer => (
            value & 0xFFFF_FFFF,
            value as u64 >> 32 == usize::MAX as u64 >> 32,
        ),
        Pointer | Text => (value, true),
    };
    assert!(
        rest || code != SQL_SUCCESS,
        "field {field} is wider than it should be"
    );
    (code, value)
}

fn text(descriptor: Handle, record: i16, field: i16) -> String {
    let mut text = [0_u16; 64];
    let mut length = 0;
    // SAFETY: the buffer has the stated size, in bytes.
    let code = unsafe {
        let place = text.as_mut_ptr().cast();
        SQLGetDescFieldW(descriptor, record, field, place, 128, &mut length)
    };
    assert_eq!(code, SQL_SUCCESS);
    String::from_utf16(&text[..usize::try_from(length).unwrap() / 2]).unwrap()
}

fn set(descriptor: Handle, record: i16, field: i16, value: usize) -> SqlReturn {
    let value = std::ptr::with_exposed_provenance_mut(value);
    // SAFETY: numbers, and addresses that are not used.
    unsafe { SQLSetDescFieldW(descriptor, record, field, value, 0) }
}

fn set_name(descriptor: Handle, record: i16, field: i16, name: &str) -> SqlReturn {
    let name = wide(name);
    // SAFETY: the string ends with 0.
    unsafe {
        let place = name.as_ptr().cast_mut().cast();
        SQLSetDescFieldW(descriptor, record, field, place, SQL_NTS as i32)
    }
}
