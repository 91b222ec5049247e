//! Timestamps with time zone: structs in the session's zone, text in the value's own, and what is described.

use std::ptr::null_mut;

use scripted_trino::{Answer, Server, columns};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::values::clock;
use super::{Day, time_struct, timestamp_struct};
use crate::application::*;

const QUERY: &str = "SELECT * FROM zoned";

pub(super) fn application(
    keywords: &str,
    kind: &str,
    value: impl Into<serde_json::Value>,
) -> Application {
    let application = Application::connected(Server::start(), keywords);
    // Twice, as one column is given once.
    let value = value.into();
    let rows = vec![vec![value.clone(), value]];
    let columns = columns![("a", kind), ("b", kind)];
    application.server.on(QUERY, Answer::rows(columns, rows));
    assert_eq!(application.execute(QUERY), SQL_SUCCESS);
    application
}

/// SQLGetData.
pub(super) fn get(application: &Application, column: u16, c_type: i16) -> (SqlReturn, Vec<u8>) {
    let (mut data, mut length) = (vec![0; 200], 0_isize);
    let place = data.as_mut_ptr().cast();
    // SAFETY: `data` has the stated size.
    let code = unsafe {
        SQLGetData(
            application.statement,
            column,
            c_type,
            place,
            200,
            &mut length,
        )
    };
    data.truncate(usize::try_from(length).unwrap_or_default());
    (code, data)
}

/// SQL type, column size and display size, as SQLDescribeCol and SQLColAttribute tell them.
pub(super) fn described(application: &Application) -> (i16, usize, isize) {
    let (mut sql_type, mut size, mut display) = (0, 0, 0_isize);
    // SAFETY: places for numbers; the others may be null.
    unsafe {
        SQLDescribeColW(
            application.statement,
            1,
            null_mut(),
            0,
            null_mut(),
            &mut sql_type,
            &mut size,
            null_mut(),
            null_mut(),
        );
    }
    let field = SQL_DESC_DISPLAY_SIZE as u16;
    // SAFETY: a place for a number.
    unsafe {
        SQLColAttributeW(
            application.statement,
            1,
            field,
            null_mut(),
            0,
            null_mut(),
            (&raw mut display).cast(),
        );
    }
    (sql_type, size, display)
}

#[test]
fn a_struct_has_the_sessions_wall_clock() {
    let kind = "timestamp(0) with time zone";
    for (value, day, hour, minute) in [
        ("2024-07-01 12:00:00 UTC", Day(2024, 7, 1), 14, 0),
        ("2024-01-15 12:00:00 UTC", Day(2024, 1, 15), 13, 0),
        ("2024-07-01 23:30:00 -05:00", Day(2024, 7, 2), 6, 30),
        ("2024-07-01 12:00:00 Asia/Kathmandu", Day(2024, 7, 1), 8, 15),
        // Clocks go forward: there is no 02:30 in Berlin.
        ("2024-03-31 00:59:00 UTC", Day(2024, 3, 31), 1, 59),
        ("2024-03-31 01:00:00 UTC", Day(2024, 3, 31), 3, 0),
        // And back: two instants are both 02:30.
        ("2024-10-27 00:30:00 UTC", Day(2024, 10, 27), 2, 30),
        ("2024-10-27 01:30:00 UTC", Day(2024, 10, 27), 2, 30),
        // The session's own zone needs no instant, and stays as it came.
        (
            "2024-10-27 02:30:00 Europe/Berlin",
            Day(2024, 10, 27),
            2,
            30,
        ),
        // The server does not say which of the two hours it means: it is the first, in summer time.
        (
            "2024-11-03 01:30:00 America/New_York",
            Day(2024, 11, 3),
            6,
            30,
        ),
        // An hour that this zone skips, by another database than the server's, counts from before.
        (
            "2024-03-10 02:30:00 America/New_York",
            Day(2024, 3, 10),
            8,
            30,
        ),
    ] {
        let application = application("TimeZone=Europe/Berlin", kind, value);
        assert_eq!(application.fetch(), SQL_SUCCESS);
        let (code, data) = get(&application, 1, SQL_C_TYPE_TIMESTAMP);
        assert_eq!(code, SQL_SUCCESS, "{value}");
        let expected = timestamp_struct(day, clock(hour, minute, 0, 0));
        assert_eq!(data, expected, "{value}");
        let (code, data) = get(&application, 2, SQL_C_CHAR);
        assert_eq!((code, data.as_slice()), (SQL_SUCCESS, value.as_bytes()));
    }
}

#[test]
fn without_a_zone_of_the_session_values_stay_in_their_own() {
    let value = "2024-07-01 12:00:00 Asia/Tokyo";
    let application = application("", "timestamp(0) with time zone", value);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    let expected = timestamp_struct(Day(2024, 7, 1), clock(12, 0, 0, 0));
    assert_eq!(
        get(&application, 1, SQL_C_TYPE_TIMESTAMP),
        (SQL_SUCCESS, expected)
    );
}

#[test]
fn a_time_with_an_offset_is_text_and_its_struct_has_its_own_wall_clock() {
    // Which offset the session's zone has depends on the date, and a time has none.
    let value = "01:02:03+05:30";
    let application = application("TimeZone=Europe/Berlin", "time(0) with time zone", value);
    assert_eq!(described(&application).0, SQL_WVARCHAR);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(
        get(&application, 1, SQL_C_CHAR),
        (SQL_SUCCESS, value.into())
    );
    let expected = time_struct(clock(1, 2, 3, 0));
    assert_eq!(
        get(&application, 2, SQL_C_TYPE_TIME),
        (SQL_SUCCESS, expected)
    );
}

#[test]
fn a_keyword_has_zoned_timestamps_described_as_text() {
    let (kind, value) = (
        "timestamp(3) with time zone",
        "2024-07-01 12:00:00.000 Asia/Tokyo",
    );
    let typed = application("TimeZone=UTC", kind, value);
    let (sql_type, size, display) = described(&typed);
    assert_eq!((sql_type, size), (SQL_TYPE_TIMESTAMP, 23));
    let shown = application("TimeZone=UTC;TimestampWithTimeZone=text", kind, value);
    assert_eq!(described(&shown), (SQL_WVARCHAR, display as usize, display));
    assert_eq!(shown.fetch(), SQL_SUCCESS);
    let wide: Vec<u8> = value.encode_utf16().flat_map(u16::to_ne_bytes).collect();
    assert_eq!(get(&shown, 1, SQL_C_DEFAULT), (SQL_SUCCESS, wide));
    // Who asks for a timestamp all the same gets one.
    let expected = timestamp_struct(Day(2024, 7, 1), clock(3, 0, 0, 0));
    assert_eq!(
        get(&shown, 2, SQL_C_TYPE_TIMESTAMP),
        (SQL_SUCCESS, expected)
    );
    let plain = application(
        "TimestampWithTimeZone=Text",
        "timestamp(3)",
        "2024-07-01 12:00:00.000",
    );
    assert_eq!(described(&plain).0, SQL_TYPE_TIMESTAMP);
}

#[test]
fn an_interval_is_the_same_structure_however_it_is_described() {
    for (kind, values, c_types) in [
        (
            "interval year to month",
            ["-178956970-8", "0-0", "3-2"].as_slice(),
            [101, 102, 107].as_slice(),
        ),
        (
            "interval day to second",
            &[
                "-106751991167 07:12:55.808",
                "0 00:00:00.001",
                "2 03:04:05.678",
            ],
            &[103, 104, 105, 106, 108, 109, 110, 111, 112, 113],
        ),
    ] {
        for value in values {
            for c_type in c_types {
                let [typed, shown, by_default] =
                    ["Interval=Interval", "Interval=Text", ""].map(|keywords| {
                        let application = application(keywords, kind, *value);
                        assert_eq!(application.fetch(), SQL_SUCCESS);
                        let (code, data) = get(&application, 1, *c_type);
                        (code, application.state(), data)
                    });
                assert_eq!(shown, typed, "{value} as {c_type}");
                assert_eq!(by_default, typed, "{value} as {c_type}");
            }
        }
    }
}

#[test]
fn a_keyword_has_intervals_described_as_text() {
    for (kind, value, sql_type) in [
        ("interval year to month", "-3-2", SQL_INTERVAL_YEAR_TO_MONTH),
        (
            "interval day to second",
            "2 03:04:05.678",
            SQL_INTERVAL_DAY_TO_SECOND,
        ),
    ] {
        assert_eq!(
            described(&application("Interval=Interval", kind, value)).0,
            sql_type
        );
        let shown = application("", kind, value);
        assert_eq!(described(&shown).0, SQL_WVARCHAR);
        assert_eq!(shown.fetch(), SQL_SUCCESS);
        let wide: Vec<u8> = value.encode_utf16().flat_map(u16::to_ne_bytes).collect();
        assert_eq!(get(&shown, 1, SQL_C_DEFAULT), (SQL_SUCCESS, wide));
        assert_eq!(get(&shown, 2, sql_type).0, SQL_SUCCESS);
    }
}
