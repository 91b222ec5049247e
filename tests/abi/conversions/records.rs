//! What a descriptor's record says of a conversion: precision and scale, where a NULL is told, and what SQLBindCol and
//! SQLGetData refuse before there is a value.

use std::ptr::null_mut;

use scripted_trino::{Answer, columns};
use serde_json::json;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;

use super::{interval_struct, numeric_struct, ten};
use crate::application::*;

/// An application with a row for each number of `count`, of three columns of one value.
fn rows(kind: &str, value: &serde_json::Value, count: usize) -> Application {
    let application = Application::start();
    let rows = vec![vec![value.clone(), value.clone(), value.clone()]; count];
    let answer = Answer::rows(columns![("a", kind), ("b", kind), ("c", kind)], rows);
    application.server.on("SELECT a, b, c FROM t", answer);
    assert_eq!(application.execute("SELECT a, b, c FROM t"), SQL_SUCCESS);
    application
}

/// SQLGetData of a value of `size` bytes: state and bytes.
fn got(application: &Application, column: u16, c_type: i16, size: usize) -> (String, Vec<u8>) {
    let (mut bytes, mut length) = (vec![0; size], 0);
    let place = bytes.as_mut_ptr().cast();
    // SAFETY: `bytes` has the size of the C type.
    let code = unsafe { SQLGetData(application.statement, column, c_type, place, 0, &mut length) };
    assert!(code == SQL_ERROR || length == size as isize);
    (application.state(), bytes)
}

/// A column's record in the ARD.
struct Record<'a> {
    application: &'a Application,
    number: i16,
}

impl Record<'_> {
    fn set(&self, field: i16, value: usize) -> SqlReturn {
        let ard = self.application.get(SQL_ATTR_APP_ROW_DESC);
        let (ard, value) = (
            std::ptr::with_exposed_provenance_mut(ard),
            std::ptr::with_exposed_provenance_mut(value),
        );
        // SAFETY: numbers, and addresses of what outlives the test's fetches.
        unsafe { SQLSetDescFieldW(ard, self.number, field, value, 0) }
    }

    /// Binds a value of 19 or 28 bytes after its type, precision, and scale or leading precision.
    fn bind(&self, fields: &[(i16, i16)], data: &mut [u8], length: &mut isize) {
        for (field, value) in fields {
            let value = isize::from(*value) as usize;
            assert_eq!(self.set(*field, value), SQL_SUCCESS, "{field}");
        }
        let length = std::ptr::from_mut(length).expose_provenance();
        assert_eq!(self.set(SQL_DESC_OCTET_LENGTH_PTR, length), SQL_SUCCESS);
        assert_eq!(self.set(SQL_DESC_INDICATOR_PTR, length), SQL_SUCCESS);
        let data = data.as_mut_ptr().expose_provenance();
        assert_eq!(self.set(SQL_DESC_DATA_PTR, data), SQL_SUCCESS);
    }
}

/// Fetches into the first column's record, and gets the others by their own, of which `c_type` is the type: the second by
/// SQL_ARD_TYPE, the third by the type itself. State and bytes of each.
fn all(
    application: &Application,
    c_type: i16,
    fields: &[(i16, i16)],
    size: usize,
) -> [(String, Vec<u8>); 3] {
    let (mut bound, mut unused, mut length) = (vec![0; size], vec![0; size], 0);
    let record = |number| Record {
        application,
        number,
    };
    record(1).bind(fields, &mut bound, &mut length);
    let code = application.fetch();
    let first = application.state();
    assert!(code == SQL_ERROR || length == size as isize);
    record(2).bind(fields, &mut unused, &mut length);
    record(3).bind(fields, &mut unused, &mut length);
    let second = got(application, 2, SQL_ARD_TYPE, size);
    let third = got(application, 3, c_type, size);
    // SAFETY: the handle is ours.
    unsafe { SQLFreeStmt(application.statement, SQL_UNBIND) };
    [(first, bound), second, third]
}

#[test]
fn sql_c_numeric_has_the_precision_and_scale_of_its_record() {
    let mut cells = 0;
    for (kind, text, unscaled, scale) in [
        ("decimal(10,2)", "1234.56", 123_456, 2),
        ("decimal(10,2)", "-0.01", -1, 2),
        ("decimal(10,2)", "0.00", 0, 2),
        ("decimal(10,2)", "-1200.00", -120_000, 2),
        ("decimal(38,0)", &"9".repeat(38), ten(38) - 1, 0),
        (
            "decimal(38,38)",
            &format!("-0.{}", "9".repeat(38)),
            1 - ten(38),
            38,
        ),
        ("varchar", "12.345", 12_345, 3),
    ] {
        let asked: Vec<(i16, i16)> = [1, 4, 6, 10, 38]
            .iter()
            .flat_map(|precision| [-2, 0, 1, 2, 5, 38].map(|scale| (*precision, scale)))
            .collect();
        let application = rows(kind, &json!(text), asked.len());
        for (precision, wanted) in asked {
            cells += 1;
            let expected = rescaled(unscaled, scale, precision, wanted);
            let fields = [
                (SQL_DESC_TYPE, SQL_C_NUMERIC),
                (SQL_DESC_PRECISION, precision),
                (SQL_DESC_SCALE, wanted),
            ];
            for (state, bytes) in all(&application, SQL_C_NUMERIC, &fields, 19) {
                let seen = match state.as_str() {
                    "22003" => None,
                    "" => Some((bytes, false)),
                    "01S07" => Some((bytes, true)),
                    other => panic!("{text}: {other}"),
                };
                assert_eq!(seen, expected, "{text} as numeric({precision},{wanted})");
            }
        }
    }
    assert_eq!(cells, 210);
}

/// SQL_NUMERIC_STRUCT of a number with another precision and scale, and whether its fraction was cut; `None` when
/// whole digits would be.
fn rescaled(unscaled: i128, scale: u32, precision: i16, wanted: i16) -> Option<(Vec<u8>, bool)> {
    let (whole, fraction) = (unscaled / ten(scale), unscaled % ten(scale));
    let up = |shift: u32| unscaled.checked_mul(10_i128.checked_pow(shift)?);
    let (value, lost) = match wanted - scale as i16 {
        shift @ 0.. => (up(shift as u32), false),
        _ if wanted < 0 => {
            let unit = ten(wanted.unsigned_abs().into());
            ((whole % unit == 0).then_some(whole / unit), fraction != 0)
        }
        shift => {
            let unit = ten(shift.unsigned_abs().into());
            (Some(unscaled / unit), unscaled % unit != 0)
        }
    };
    // Zero has as many digits as are wanted.
    let value = if unscaled == 0 { 0 } else { value? };
    let fits = value.abs() < ten(precision as u32);
    fits.then(|| (numeric_struct(precision as u8, wanted as i8, value), lost))
}

#[test]
fn an_interval_has_the_precisions_that_the_application_sets() {
    let application = rows("interval day to second", &json!("100 00:00:01.678"), 6);
    let told = |leading, seconds| {
        [
            (SQL_DESC_CONCISE_TYPE, 110),
            (SQL_DESC_DATETIME_INTERVAL_PRECISION, leading),
            (SQL_DESC_PRECISION, seconds),
        ]
    };
    for (leading, seconds, fraction, state) in [
        (3, 3, 678, ""),
        (9, 9, 678_000_000, ""),
        (3, 1, 6, "01S07"),
        (3, 0, 0, "01S07"),
    ] {
        let expected = interval_struct(110, false, [100, 0, 0, 1, fraction]);
        for seen in all(&application, 110, &told(leading, seconds), 28) {
            assert_eq!(seen, (state.to_owned(), expected.clone()));
        }
    }
    for (state, _) in all(&application, 110, &told(2, 3), 28) {
        assert_eq!(state, "22015");
    }
    // Two digits are the standard's default, which nobody has asked for.
    for (state, _) in all(&application, 110, &[(SQL_DESC_CONCISE_TYPE, 110)], 28) {
        assert_eq!(state, "");
    }
}

/// Values with the precision and scale that they have where no record says otherwise.
fn own_scales() -> Vec<(&'static str, serde_json::Value, Vec<u8>)> {
    let mut all = Vec::new();
    for (kind, value, precision, scale, unscaled) in [
        ("decimal(3,2)", json!("1.50"), 3, 2, 150),
        ("decimal(10,2)", json!("-0.01"), 10, 2, -1),
        (
            "decimal(38,38)",
            json!(format!("0.{}", "9".repeat(38))),
            38,
            38,
            ten(38) - 1,
        ),
        ("decimal(38,0)", json!("9".repeat(38)), 38, 0, ten(38) - 1),
        ("boolean", json!(true), 1, 0, 1),
        ("tinyint", json!(-128), 3, 0, -128),
        ("smallint", json!(32_767), 5, 0, 32_767),
        ("integer", json!(i32::MIN), 10, 0, i32::MIN.into()),
        ("bigint", json!(i64::MIN), 19, 0, i64::MIN.into()),
        // Where the type has none, those of the value.
        ("double", json!(1.5), 38, 1, 15),
        ("double", json!(0.1), 38, 1, 1),
        ("double", json!(100.0), 38, 0, 100),
        (
            "double",
            json!(9_223_372_036_854_774_784_i64),
            38,
            0,
            9_223_372_036_854_774_784,
        ),
        ("real", json!(1.1), 38, 1, 11),
        ("real", json!(16_777_216.0), 38, 0, 16_777_216),
        ("varchar", json!("12.340"), 38, 3, 12_340),
        ("char(5)", json!("-1.5 "), 38, 1, -15),
        ("number", json!("1234567890.25"), 38, 2, 123_456_789_025),
    ] {
        all.push((kind, value, numeric_struct(precision, scale, unscaled)));
    }
    all
}

#[test]
fn numbers_keep_their_fraction_where_no_record_cuts_it() {
    for (kind, value, expected) in own_scales() {
        let application = rows(kind, &value, 3);
        let wanted = (String::new(), expected.clone());
        // Neither SQLBindCol nor a type says anything of a scale.
        let (mut bound, mut lengths) = (vec![0; 19], [0]);
        application.bind(1, SQL_C_NUMERIC, &mut bound, 19, &mut lengths);
        assert_eq!(application.fetch(), SQL_SUCCESS, "{kind}");
        assert_eq!((bound, lengths), (expected.clone(), [19]), "{kind} {value}");
        assert_eq!(got(&application, 2, SQL_C_NUMERIC, 19), wanted, "{kind}");
        // SAFETY: the handle is ours.
        unsafe { SQLFreeStmt(application.statement, SQL_UNBIND) };
        let fields = [(SQL_DESC_TYPE, SQL_C_NUMERIC)];
        for seen in all(&application, SQL_C_NUMERIC, &fields, 19) {
            assert_eq!(seen, wanted, "{kind} {value}");
        }
        // In a row array.
        let (mut block, mut lengths) = ([[0_u8; 19]; 2], [0; 2]);
        application.set(SQL_ATTR_ROW_ARRAY_SIZE, 2);
        application.bind(1, SQL_C_NUMERIC, &mut block, 19, &mut lengths);
        assert_eq!(application.fetch(), SQL_SUCCESS, "{kind}");
        assert_eq!(block[0], expected[..], "{kind}");
    }
}

#[test]
fn decimals_as_bytes_are_what_sql_c_numeric_gives() {
    for (kind, value, expected) in own_scales() {
        if kind.starts_with("decimal") {
            let application = rows(kind, &value, 1);
            assert_eq!(application.fetch(), SQL_SUCCESS);
            let (mut bytes, mut length) = (vec![0; 19], 0);
            let place = bytes.as_mut_ptr().cast();
            // SAFETY: the buffer has the stated size.
            let code = unsafe {
                SQLGetData(
                    application.statement,
                    1,
                    SQL_C_BINARY,
                    place,
                    19,
                    &mut length,
                )
            };
            assert_eq!((code, bytes), (SQL_SUCCESS, expected), "{kind}");
        }
    }
}

#[test]
fn a_record_counts_for_numbers_only_where_the_application_has_set_it() {
    let own = numeric_struct(10, 2, 1234);
    let one_digit = ("01S07".to_owned(), numeric_struct(38, 1, 123));
    let application = rows("decimal(10,2)", &json!("12.34"), 20);
    let record = Record {
        application: &application,
        number: 1,
    };
    let fetched = |expected: &(String, Vec<u8>)| {
        assert_eq!(application.fetch(), SQL_SUCCESS);
        assert_eq!(&got(&application, 1, SQL_C_NUMERIC, 19), expected);
    };
    let own = (String::new(), own);
    let scale = |scale: usize| assert_eq!(record.set(SQL_DESC_SCALE, scale), SQL_SUCCESS);
    let kind = |c_type: i16| {
        let c_type = isize::from(c_type) as usize;
        assert_eq!(record.set(SQL_DESC_CONCISE_TYPE, c_type), SQL_SUCCESS);
    };
    let unbind = || {
        // SAFETY: the handle is ours.
        unsafe { SQLFreeStmt(application.statement, SQL_UNBIND) };
    };
    // A scale without a type is one for whatever number is got.
    scale(1);
    fetched(&one_digit);
    // A type has its defaults again.
    kind(SQL_C_NUMERIC);
    fetched(&own);
    scale(1);
    fetched(&one_digit);
    // Its own precision, with the column's scale.
    kind(SQL_C_NUMERIC);
    assert_eq!(record.set(SQL_DESC_PRECISION, 4), SQL_SUCCESS);
    fetched(&(String::new(), numeric_struct(4, 2, 1234)));
    assert_eq!(record.set(SQL_DESC_PRECISION, 3), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(got(&application, 1, SQL_C_NUMERIC, 19).0, "22003");
    // A scale that the column's own precision has no room for.
    unbind();
    kind(SQL_C_NUMERIC);
    scale(12);
    fetched(&(String::new(), numeric_struct(38, 12, 1234 * ten(10))));
    // SQLBindCol forgets what was set before.
    let (mut bytes, mut lengths) = ([[0_u8; 19]; 1], [0]);
    application.bind(1, SQL_C_NUMERIC, &mut bytes, 19, &mut lengths);
    assert_eq!(application.fetch(), SQL_SUCCESS);
    assert_eq!(bytes[0], own.1[..]);
    // What is set after it counts, though it takes the buffer away.
    scale(1);
    let place = bytes.as_mut_ptr().expose_provenance();
    assert_eq!(record.set(SQL_DESC_DATA_PTR, place), SQL_SUCCESS);
    assert_eq!(application.fetch(), SQL_SUCCESS_WITH_INFO);
    assert_eq!(application.state(), "01S07");
    assert_eq!(bytes[0], one_digit.1[..]);
    unbind();
    // A record of another type says nothing of numbers.
    kind(SQL_C_TYPE_TIMESTAMP);
    scale(1);
    fetched(&own);
    // Nor does one that is gone.
    kind(SQL_C_NUMERIC);
    scale(1);
    unbind();
    fetched(&own);
    // SQLSetDescRec sets both.
    let ard = std::ptr::with_exposed_provenance_mut(application.get(SQL_ATTR_APP_ROW_DESC));
    let n: *mut isize = null_mut();
    // SAFETY: nothing is bound.
    let code = unsafe { SQLSetDescRec(ard, 1, SQL_C_NUMERIC, 0, 19, 38, 1, n.cast(), n, n) };
    assert_eq!(code, SQL_SUCCESS);
    fetched(&one_digit);
}

#[test]
fn a_double_is_one_number_as_integer_and_as_decimal() {
    for value in [
        9.223372036854775e18,
        -9_007_199_254_740_993.0,
        1e18,
        4_503_599_627_370_497.5,
    ] {
        let application = rows("double", &json!(value), 1);
        assert_eq!(application.fetch(), SQL_SUCCESS);
        let (_, integer) = got(&application, 1, SQL_C_SBIGINT, 8);
        let integer = i64::from_ne_bytes(integer.try_into().unwrap());
        let (state, numeric) = got(&application, 2, SQL_C_NUMERIC, 19);
        assert_eq!(state, "");
        let magnitude = u128::from_le_bytes(numeric[3..].try_into().unwrap());
        let whole = magnitude / 10_u128.pow(numeric[1].into());
        assert_eq!(integer, value as i64);
        assert_eq!(u128::from(integer.unsigned_abs()), whole);
        // The text is the shortest that reads back as the same double.
        let (mut text, mut length) = ([0_u8; 40], 0);
        let place = text.as_mut_ptr().cast();
        // SAFETY: the buffer has the stated size.
        unsafe { SQLGetData(application.statement, 3, SQL_C_CHAR, place, 40, &mut length) };
        let text = std::str::from_utf8(&text[..length as usize]).unwrap();
        assert_eq!(text.parse::<f64>().unwrap(), value);
    }
}

#[test]
fn a_null_needs_an_indicator() {
    for c_type in [1, -8, -2, 99, -16, 8, 2, 91, 110, -11] {
        let application = rows("unknown", &json!(null), 3);
        let mut data = [0_u8; 40];
        let place = data.as_mut_ptr().cast();
        // SAFETY: `data` is as long as any C type.
        unsafe { SQLBindCol(application.statement, 1, c_type, place, 40, null_mut()) };
        assert_eq!(application.fetch(), SQL_ERROR, "{c_type}");
        assert_eq!(application.state(), "22002");
        // SAFETY: as above.
        let code = unsafe { SQLGetData(application.statement, 2, c_type, place, 40, null_mut()) };
        assert_eq!((code, application.state()), (SQL_ERROR, "22002".to_owned()));
        // A place for the length alone is none.
        let mut length = -77_isize;
        let record = Record {
            application: &application,
            number: 1,
        };
        let address = (&raw mut length).expose_provenance();
        assert_eq!(record.set(SQL_DESC_OCTET_LENGTH_PTR, address), SQL_SUCCESS);
        assert_eq!(application.fetch(), SQL_ERROR, "{c_type}");
        assert_eq!((application.state(), length), ("22002".to_owned(), -77));
        assert_eq!(record.set(SQL_DESC_INDICATOR_PTR, address), SQL_SUCCESS);
        assert_eq!(application.fetch(), SQL_SUCCESS);
        assert_eq!(length, SQL_NULL_DATA);
    }
}

#[test]
fn buffers_that_cannot_be_are_refused_before_there_is_a_value() {
    let application = rows("integer", &json!(1), 1);
    let (mut data, mut length) = ([0_u8; 40], 0_isize);
    let place = data.as_mut_ptr().cast();
    for (c_type, capacity, state) in [
        (77, 40, "HY003"),
        (0, 40, "HY003"),
        (114, 40, "HY003"),
        (1, -1, "HY090"),
        (-2, isize::MIN, "HY090"),
    ] {
        // SAFETY: nothing is written to a buffer that is refused.
        let code = unsafe {
            SQLBindCol(
                application.statement,
                1,
                c_type,
                place,
                capacity,
                &mut length,
            )
        };
        assert_eq!((code, application.state().as_str()), (SQL_ERROR, state));
    }
    assert_eq!(application.fetch(), SQL_SUCCESS);
    for (c_type, capacity, state) in [(77, 40, "HY003"), (1, -1, "HY090"), (91, 40, "07006")] {
        // SAFETY: as above.
        let code = unsafe {
            SQLGetData(
                application.statement,
                1,
                c_type,
                place,
                capacity,
                &mut length,
            )
        };
        assert_eq!((code, application.state().as_str()), (SQL_ERROR, state));
    }
    for (c_type, sql_type, capacity, data, state) in [
        (77, SQL_INTEGER, 40, place, "HY003"),
        (1, 77, 40, place, "HY004"),
        (1, SQL_INTEGER, -1, place, "HY090"),
        (91, SQL_INTEGER, 40, place, "07006"),
        (1, SQL_INTEGER, 40, null_mut(), "HY009"),
    ] {
        // SAFETY: a parameter that is refused is never read.
        let code = unsafe {
            SQLBindParameter(
                application.statement,
                1,
                SQL_PARAM_INPUT,
                c_type,
                sql_type,
                0,
                0,
                data,
                capacity,
                null_mut(),
            )
        };
        assert_eq!((code, application.state().as_str()), (SQL_ERROR, state));
    }
}
