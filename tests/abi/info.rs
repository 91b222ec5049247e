//! SQLGetInfo: every type of information that the system's headers name, in the width that the reference gives it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use crate::application::*;

/// Those that the reference describes as a character string.
const TEXT: &[u16] = &[
    2, 6, 7, 10, 11, 13, 14, 16, 17, 18, 19, 20, 21, 25, 27, 29, 36, 37, 38, 39, 40, 41, 42, 45,
    47, 73, 77, 87, 89, 90, 94, 103, 111, 113, 10_000, 10_002, 10_003, 10_004,
];
/// Those that it describes as an SQLUSMALLINT. All others are an SQLUINTEGER.
const SMALL: &[u16] = &[
    0, 1, 9, 12, 15, 22, 23, 24, 28, 30, 31, 32, 33, 34, 35, 46, 74, 75, 84, 85, 88, 93, 97, 98,
    99, 100, 101, 106, 107, 114, 116, 10_005,
];
/// Those that the Driver Manager answers.
const MANAGERS: &[u16] = &[
    SQL_DRIVER_HDBC,
    SQL_DRIVER_HENV,
    SQL_DRIVER_HSTMT,
    SQL_DRIVER_HLIB,
    SQL_DRIVER_HDESC,
    SQL_DM_VER,
];

/// Names and numbers between two lines of a header; empty where there is no such header.
fn named(header: &str, from: &str, to: &str) -> BTreeMap<u16, String> {
    let folders = [
        "/usr/include",
        "/usr/local/include",
        "/opt/homebrew/include",
    ];
    let files = folders.map(|folder| Path::new(folder).join(header));
    let text = files.iter().find_map(|file| fs::read_to_string(file).ok());
    let text = text.unwrap_or_default();
    let lines = text.lines().skip_while(|line| !line.contains(from));
    lines
        .take_while(|line| !line.contains(to))
        .filter_map(|line| {
            let mut words = line.split_whitespace();
            let name = words
                .next()
                .filter(|word| *word == "#define")
                .and(words.next());
            let name = name.filter(|name| !name.starts_with("SQL_INFO_"))?;
            Some((words.next()?.parse().ok()?, name.to_owned()))
        })
        .collect()
}

#[test]
fn everything_that_the_headers_name_is_answered_in_its_own_width() {
    let mut types = named("sql.h", "Information requested by SQLGetInfo", "bitmasks");
    types.extend(named("sqlext.h", "SQL_INFO_FIRST", "bitmasks"));
    if types.is_empty() && cfg!(windows) {
        // Each compiler has its own folder of headers there.
        return;
    }
    if types.is_empty() {
        return scripted_trino::cannot_run("no sql.h (Debian, Ubuntu: unixodbc-dev)");
    }
    types.retain(|number, _| !MANAGERS.contains(number));
    assert!(types.len() > 160, "only {} types found", types.len());
    let application = Application::start();
    for (number, name) in types {
        let (mut value, mut length) = ([0xEEEE_u16; 512], -1);
        let (place, capacity) = (value.as_mut_ptr().cast(), size_of_val(&value) as i16);
        // SAFETY: the buffer is as long as said.
        let code =
            unsafe { SQLGetInfoW(application.connection, number, place, capacity, &mut length) };
        assert_eq!(code, SQL_SUCCESS, "{name}");
        let units = match number {
            _ if TEXT.contains(&number) => {
                let end = value.iter().position(|unit| *unit == 0);
                assert_eq!(
                    end.map(|end| end * 2),
                    usize::try_from(length).ok(),
                    "{name}"
                );
                continue;
            }
            _ if SMALL.contains(&number) => 1,
            _ => 2,
        };
        assert_eq!(length, units * 2, "{name}");
        assert_eq!(
            value[usize::try_from(units).unwrap()],
            0xEEEE,
            "{name} is too wide"
        );
    }
}

#[test]
fn text_that_is_cut_comes_with_its_full_length() {
    let application = Application::start();
    let (mut value, mut length) = ([0xEEEE_u16; 4], 0);
    let place = value.as_mut_ptr().cast();
    // SAFETY: the buffer has room for three units.
    let code = unsafe { SQLGetInfoW(application.connection, SQL_DBMS_NAME, place, 6, &mut length) };
    assert_eq!((code, length), (SQL_SUCCESS_WITH_INFO, 10));
    assert_eq!(state(SQL_HANDLE_DBC, application.connection), "01004");
    assert_eq!(value, [u16::from(b'T'), u16::from(b'r'), 0, 0xEEEE]);
}

#[test]
fn an_unknown_type_is_refused() {
    let application = Application::start();
    let mut value = 0_u32;
    let place = (&raw mut value).cast();
    // SAFETY: a place for a number.
    let code = unsafe { SQLGetInfoW(application.connection, 1000, place, 4, std::ptr::null_mut()) };
    assert_eq!(code, SQL_ERROR);
    assert_eq!(state(SQL_HANDLE_DBC, application.connection), "HY096");
}

/// The answers that differ from one release of the server to another.
const OF_THE_RELEASE: [u16; 9] = [
    SQL_DBMS_VER,
    SQL_ALTER_TABLE,
    SQL_CREATE_TABLE,
    SQL_DROP_SCHEMA,
    SQL_SQL92_PREDICATES,
    SQL_SQL92_RELATIONAL_JOIN_OPERATORS,
    SQL_SQL92_STRING_FUNCTIONS,
    SQL_CONVERT_CHAR,
    SQL_CONVERT_WCHAR,
];

#[test]
fn only_what_depends_on_the_release_looks_it_up_and_once() {
    let application = Application::start();
    let ask = |number| {
        let mut value = [0_u16; 512];
        let place = value.as_mut_ptr().cast();
        // SAFETY: the buffer is as long as said.
        unsafe {
            SQLGetInfoW(
                application.connection,
                number,
                place,
                1024,
                std::ptr::null_mut(),
            )
        }
    };
    application.server.forget_requests();
    for number in (0..200).filter(|number| !OF_THE_RELEASE.contains(number)) {
        ask(number);
    }
    assert_eq!(application.server.requests().len(), 0);
    for number in OF_THE_RELEASE {
        assert_eq!(ask(number), SQL_SUCCESS);
    }
    assert_eq!(application.server.requests().len(), 1);
    assert_eq!(application.server.queries().len(), 0, "it runs no query");
}
