//! Values of each Trino type, as the server sends them, with their text and what they mean.

use serde_json::{Value, json};

use super::{Clock, Day, ten};

/// A value of a column.
pub struct Sql {
    pub kind: &'static str,
    pub json: Value,
    /// What SQL_C_CHAR gives.
    pub shown: String,
    pub meaning: Meaning,
}

/// What a value is, apart from how it is written.
#[derive(Debug, Clone, PartialEq)]
pub enum Meaning {
    Bit(bool),
    /// An integer or a decimal, by its unscaled value and its scale.
    Exact(i128, u32),
    Real(f32),
    Double(f64),
    Text(Reads),
    Bytes(Vec<u8>),
    Date(Day),
    Time(Clock),
    Timestamp(Day, Clock),
    Months(i128),
    Millis(i128),
    Guid(u128),
}

/// What a text is when it is read as something else; `None` where it is no literal of that.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Reads {
    /// Unscaled value and scale of a number.
    pub number: Option<(i128, u32)>,
    /// NaN and the infinities.
    pub special: Option<f64>,
    pub day: Option<Day>,
    pub clock: Option<Clock>,
    pub guid: Option<u128>,
    /// By interval type: the sign, the fields, and whether something is lost.
    pub intervals: Vec<(i16, bool, [u32; 5], bool)>,
}

pub fn clock(hour: u16, minute: u16, second: u16, nanos: u32) -> Clock {
    Clock {
        hour,
        minute,
        second,
        nanos,
        finer: false,
    }
}

fn finer(clock: Clock) -> Clock {
    Clock {
        finer: true,
        ..clock
    }
}

fn sql(kind: &'static str, json: Value, shown: &str, meaning: Meaning) -> Sql {
    Sql {
        kind,
        json,
        shown: shown.to_owned(),
        meaning,
    }
}

fn exact(kind: &'static str, text: &str, unscaled: i128, scale: u32) -> Sql {
    let json = match kind {
        _ if kind.starts_with("decimal") => json!(text),
        _ => json!(text.parse::<i64>().unwrap()),
    };
    sql(kind, json, text, Meaning::Exact(unscaled, scale))
}

fn whole(kind: &'static str, value: i64) -> Sql {
    exact(kind, &value.to_string(), value.into(), 0)
}

fn double(shown: &str, value: f64) -> Sql {
    let json = if value.is_finite() {
        json!(value)
    } else {
        json!(shown)
    };
    sql("double", json, shown, Meaning::Double(value))
}

fn real(shown: &str, value: f32) -> Sql {
    let json = if value.is_finite() {
        serde_json::from_str(&value.to_string()).unwrap()
    } else {
        json!(shown)
    };
    sql("real", json, shown, Meaning::Real(value))
}

/// Sent, shown and meant the same.
fn plain(kind: &'static str, text: &str, meaning: Meaning) -> Sql {
    sql(kind, json!(text), text, meaning)
}

fn text(text: &str, reads: Reads) -> Sql {
    plain("varchar", text, Meaning::Text(reads))
}

/// A text that is a number.
fn number(literal: &str, unscaled: i128, scale: u32) -> Sql {
    let digits = literal.trim();
    let reads = Reads {
        number: Some((unscaled, scale)),
        intervals: of_number(digits, unscaled, scale),
        ..Reads::default()
    };
    text(literal, reads)
}

/// What a plain number is as an interval: that many of the only field there is, and seconds may have a fraction.
fn of_number(digits: &str, unscaled: i128, scale: u32) -> Vec<(i16, bool, [u32; 5], bool)> {
    let unsigned = digits.trim_start_matches(['-', '+']);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || whole.len() > 9 || !all_digits(whole) || !all_digits(fraction) {
        return Vec::new();
    }
    let size = unscaled.unsigned_abs() as i128;
    let field = u32::try_from(size / ten(scale)).unwrap();
    let rest = size % ten(scale) * ten(6);
    let micros = u32::try_from(rest / ten(scale)).unwrap();
    let negative = digits.starts_with('-');
    let mut all = vec![(
        106,
        negative,
        [0, 0, 0, field, micros],
        rest % ten(scale) != 0,
    )];
    if !unsigned.contains('.') {
        for (interval, place) in [(101, 0), (102, 1), (103, 0), (104, 1), (105, 2)] {
            let mut fields = [0; 5];
            fields[place] = field;
            all.push((interval, negative, fields, false));
        }
    }
    all
}

fn day(literal: &str, day: Day) -> Sql {
    let reads = Reads {
        day: Some(day),
        ..Reads::default()
    };
    text(literal, reads)
}

fn time(literal: &str, clock: Clock) -> Sql {
    let reads = Reads {
        clock: Some(clock),
        // A time is an interval of hours as well.
        intervals: of_millis(clock),
        ..Reads::default()
    };
    text(literal, reads)
}

fn of_millis(clock: Clock) -> Vec<(i16, bool, [u32; 5], bool)> {
    let [h, m, s] = [clock.hour, clock.minute, clock.second].map(u32::from);
    let micros = clock.nanos / 1000;
    let lost = clock.finer || !clock.nanos.is_multiple_of(1000);
    let beyond =
        |parts: &[u32]| parts.iter().any(|part| *part != 0) || clock.nanos != 0 || clock.finer;
    let days = (h / 24, h % 24);
    vec![
        (103, false, [days.0, 0, 0, 0, 0], beyond(&[days.1, m, s])),
        (104, false, [0, h, 0, 0, 0], beyond(&[m, s])),
        (105, false, [0, 0, h * 60 + m, 0, 0], beyond(&[s])),
        (106, false, [0, 0, 0, (h * 60 + m) * 60 + s, micros], lost),
        (108, false, [days.0, days.1, 0, 0, 0], beyond(&[m, s])),
        (109, false, [days.0, days.1, m, 0, 0], beyond(&[s])),
        (110, false, [days.0, days.1, m, s, micros], lost),
        (111, false, [0, h, m, 0, 0], beyond(&[s])),
        (112, false, [0, h, m, s, micros], lost),
        (113, false, [0, 0, h * 60 + m, s, micros], lost),
    ]
}

fn moment(literal: &str, day: Day, clock: Clock) -> Sql {
    let reads = Reads {
        day: Some(day),
        clock: Some(clock),
        ..Reads::default()
    };
    text(literal, reads)
}

fn months(literal: &str, negative: bool, years: u32, rest: u32) -> Sql {
    let intervals = vec![
        (101, negative, [years, 0, 0, 0, 0], rest != 0),
        (102, negative, [0, years * 12 + rest, 0, 0, 0], false),
        (107, negative, [years, rest, 0, 0, 0], false),
    ];
    let reads = Reads {
        intervals,
        ..Reads::default()
    };
    text(literal, reads)
}

/// A text of days and a time.
fn days(literal: &str, negative: bool, days: u16, clock: Clock) -> Sql {
    let mut intervals = of_millis(Clock {
        hour: days * 24 + clock.hour,
        ..clock
    });
    for interval in &mut intervals {
        interval.1 = negative;
    }
    let reads = Reads {
        intervals,
        ..Reads::default()
    };
    text(literal, reads)
}

/// All values.
pub fn values() -> Vec<Sql> {
    let guid = 0x1215_1FD2_7586_11E9_8F9E_2A86_E408_5A59;
    let guid_text = "12151fd2-7586-11e9-8f9e-2a86e4085a59";
    let nines = "9".repeat(38);
    let mut all = vec![
        sql("boolean", json!(true), "1", Meaning::Bit(true)),
        sql("boolean", json!(false), "0", Meaning::Bit(false)),
        double("0.0", 0.0),
        double("1.0", 1.0),
        double("-0.5", -0.5),
        double("1.5", 1.5),
        double("255.9", 255.9),
        double("-128.75", -128.75),
        double("1.0E10", 1e10),
        double("9.3E18", 9.3e18),
        double("9.223372036854775E18", 9_223_372_036_854_774_784.0),
        double("-9.223372036854776E18", -9_223_372_036_854_775_808.0),
        double("1.0E23", 1e23),
        double("1.0E300", 1e300),
        double("-2.5E-300", -2.5e-300),
        double("NaN", f64::NAN),
        double("Infinity", f64::INFINITY),
        double("-Infinity", f64::NEG_INFINITY),
        real("0.0", 0.0),
        real("-1.25", -1.25),
        real("1.9", 1.9),
        real("1.2345679E8", 123_456_792.0),
        real("3.4028235E38", f32::MAX),
        real("NaN", f32::NAN),
        real("-Infinity", f32::NEG_INFINITY),
        exact("decimal(10,2)", "0.00", 0, 2),
        exact("decimal(10,2)", "-0.50", -50, 2),
        exact("decimal(10,2)", "1.00", 100, 2),
        exact("decimal(10,2)", "1.99", 199, 2),
        exact("decimal(10,2)", "1234.56", 123_456, 2),
        exact("decimal(10,2)", "-32768.99", -3_276_899, 2),
        exact(
            "decimal(18,18)",
            "0.123456789012345678",
            123_456_789_012_345_678,
            18,
        ),
        exact("decimal(12,0)", "4294967296", 4_294_967_296, 0),
        exact("decimal(38,0)", &nines, ten(38) - 1, 0),
        exact("decimal(38,0)", &format!("-{nines}"), 1 - ten(38), 0),
        exact("decimal(38,38)", &format!("0.{nines}"), ten(38) - 1, 38),
        exact(
            "decimal(38,10)",
            "18446744073709551615.9999999999",
            184_467_440_737_095_516_159_999_999_999,
            10,
        ),
        plain("date", "2024-02-29", Meaning::Date(Day(2024, 2, 29))),
        plain("date", "0001-01-01", Meaning::Date(Day(1, 1, 1))),
        plain("date", "9999-12-31", Meaning::Date(Day(9999, 12, 31))),
        sql(
            "date",
            json!("+10000-01-31"),
            "+10000-01-31",
            Meaning::Date(Day(10_000, 1, 31)),
        ),
        sql(
            "date",
            json!("-0044-03-15"),
            "-0044-03-15",
            Meaning::Date(Day(-44, 3, 15)),
        ),
        sql(
            "date",
            json!("+32768-01-01"),
            "+32768-01-01",
            Meaning::Date(Day(32_768, 1, 1)),
        ),
        plain("time(0)", "00:00:00", Meaning::Time(clock(0, 0, 0, 0))),
        plain(
            "time(3)",
            "23:59:58.000",
            Meaning::Time(clock(23, 59, 58, 0)),
        ),
        plain(
            "time(3)",
            "23:59:58.120",
            Meaning::Time(clock(23, 59, 58, 120_000_000)),
        ),
        plain(
            "time(9)",
            "01:02:03.000000001",
            Meaning::Time(clock(1, 2, 3, 1)),
        ),
        plain(
            "time(12)",
            "01:02:03.123456789012",
            Meaning::Time(finer(clock(1, 2, 3, 123_456_789))),
        ),
        plain(
            "timestamp(0)",
            "2024-02-29 00:00:00",
            Meaning::Timestamp(Day(2024, 2, 29), clock(0, 0, 0, 0)),
        ),
        plain(
            "timestamp(3)",
            "1992-12-31 23:45:55.120",
            Meaning::Timestamp(Day(1992, 12, 31), clock(23, 45, 55, 120_000_000)),
        ),
        plain(
            "timestamp(6)",
            "1969-12-31 23:59:59.999999",
            Meaning::Timestamp(Day(1969, 12, 31), clock(23, 59, 59, 999_999_000)),
        ),
        plain(
            "timestamp(9)",
            "0001-01-01 00:00:00.000000001",
            Meaning::Timestamp(Day(1, 1, 1), clock(0, 0, 0, 1)),
        ),
        plain(
            "timestamp(12)",
            "2024-02-29 12:00:00.123456789012",
            Meaning::Timestamp(Day(2024, 2, 29), finer(clock(12, 0, 0, 123_456_789))),
        ),
        plain(
            "timestamp(0)",
            "+10000-01-31 01:02:03",
            Meaning::Timestamp(Day(10_000, 1, 31), clock(1, 2, 3, 0)),
        ),
        plain(
            "timestamp(0)",
            "-0044-03-15 01:02:03",
            Meaning::Timestamp(Day(-44, 3, 15), clock(1, 2, 3, 0)),
        ),
        plain(
            "timestamp(0)",
            "+32768-01-31 01:02:03",
            Meaning::Timestamp(Day(32_768, 1, 31), clock(1, 2, 3, 0)),
        ),
        // The session is in UTC.
        plain(
            "timestamp(3) with time zone",
            "2024-07-01 12:00:00.500 UTC",
            Meaning::Timestamp(Day(2024, 7, 1), clock(12, 0, 0, 500_000_000)),
        ),
        plain(
            "timestamp(0) with time zone",
            "2024-07-01 01:30:00 Asia/Tokyo",
            Meaning::Timestamp(Day(2024, 6, 30), clock(16, 30, 0, 0)),
        ),
        plain("interval year to month", "0-0", Meaning::Months(0)),
        plain("interval year to month", "3-2", Meaning::Months(38)),
        plain("interval year to month", "-3-0", Meaning::Months(-36)),
        plain(
            "interval year to month",
            "178956970-7",
            Meaning::Months(2_147_483_647),
        ),
        plain(
            "interval day to second",
            "0 00:00:00.000",
            Meaning::Millis(0),
        ),
        plain(
            "interval day to second",
            "2 03:04:05.678",
            Meaning::Millis(183_845_678),
        ),
        plain(
            "interval day to second",
            "-2 00:00:00.000",
            Meaning::Millis(-172_800_000),
        ),
        plain(
            "interval day to second",
            "100 00:00:01.000",
            Meaning::Millis(8_640_001_000),
        ),
        plain(
            "interval day to second",
            "106751991167 07:12:55.807",
            Meaning::Millis(9_223_372_036_854_775_807),
        ),
        plain("uuid", guid_text, Meaning::Guid(guid)),
        plain(
            "uuid",
            "00000000-0000-0000-0000-000000000000",
            Meaning::Guid(0),
        ),
        sql("varbinary", json!(""), "", Meaning::Bytes(vec![])),
        sql(
            "varbinary",
            json!("AB//"),
            "001FFF",
            Meaning::Bytes(vec![0, 0x1F, 0xFF]),
        ),
        sql("varbinary", json!("AQ=="), "01", Meaning::Bytes(vec![1])),
    ];
    for value in [i64::from(i8::MIN), -1, 0, 1, i64::from(i8::MAX)] {
        all.push(whole("tinyint", value));
    }
    for value in [i64::from(i16::MIN), 256, i64::from(i16::MAX)] {
        all.push(whole("smallint", value));
    }
    for value in [i64::from(i32::MIN), -129, 2, 65_536, i64::from(i32::MAX)] {
        all.push(whole("integer", value));
    }
    for value in [i64::MIN, -2_147_483_649, 4_294_967_295, i64::MAX] {
        all.push(whole("bigint", value));
    }
    all.extend(texts(guid_text, guid));
    all
}

fn texts(guid_text: &str, guid: u128) -> Vec<Sql> {
    let guid_reads = || Reads {
        guid: Some(guid),
        ..Reads::default()
    };
    let special = |value| Reads {
        special: Some(value),
        ..Reads::default()
    };
    let five = clock(3, 4, 5, 0);
    vec![
        text("", Reads::default()),
        text("abcdef", Reads::default()),
        text("zażółć 😀 gęślą", Reads::default()),
        text("😀😀😀", Reads::default()),
        text("日本語", Reads::default()),
        text("1.2.3", Reads::default()),
        text("0x10", Reads::default()),
        text("--1", Reads::default()),
        text("1e", Reads::default()),
        text("NaN", special(f64::NAN)),
        text("-Infinity", special(f64::NEG_INFINITY)),
        number("0", 0, 0),
        number(" 1 ", 1, 0),
        number("1.5", 15, 1),
        number("-0.5", -5, 1),
        number("2", 2, 0),
        number("255", 255, 0),
        number("-129", -129, 0),
        number("65535.99", 6_553_599, 2),
        number("+7", 7, 0),
        number("12.", 12, 0),
        number("1e3", 1000, 0),
        number("1.5E-2", 15, 3),
        number("-9223372036854775808", -9_223_372_036_854_775_808, 0),
        number("18446744073709551616", 18_446_744_073_709_551_616, 0),
        number("123456789.1234567891", 1_234_567_891_234_567_891, 10),
        day("2024-02-29", Day(2024, 2, 29)),
        day(" 1999-12-31 ", Day(1999, 12, 31)),
        text("2023-02-29", Reads::default()),
        text("2023-13-01", Reads::default()),
        text("yesterday", Reads::default()),
        time("23:59:58", clock(23, 59, 58, 0)),
        time("01:02:03.5", clock(1, 2, 3, 500_000_000)),
        text("2024-02-29 24:00:00", Reads::default()),
        text("2024-02-29 01:02:03 noon", Reads::default()),
        moment("2024-02-29 00:00:00", Day(2024, 2, 29), clock(0, 0, 0, 0)),
        moment(
            "1992-12-31 23:45:55",
            Day(1992, 12, 31),
            clock(23, 45, 55, 0),
        ),
        moment(
            "1992-12-31 23:45:55.12",
            Day(1992, 12, 31),
            clock(23, 45, 55, 120_000_000),
        ),
        moment(
            "1992-12-31 23:45:55.1234567891",
            Day(1992, 12, 31),
            finer(clock(23, 45, 55, 123_456_789)),
        ),
        text(guid_text, guid_reads()),
        text(&format!(" {{{}}} ", guid_text.to_uppercase()), guid_reads()),
        text(&guid_text[1..], Reads::default()),
        months("3-2", false, 3, 2),
        months("-0-1", true, 0, 1),
        months("INTERVAL '163-11' YEAR(3) TO MONTH", false, 163, 11),
        months("{INTERVAL -'326' MONTH(3)}", true, 27, 2),
        text("3-12", Reads::default()),
        days("2 03:04:05", false, 2, five),
        days("-2 03:04:05.000", true, 2, five),
        days(
            "INTERVAL '2 03:04' DAY TO MINUTE",
            false,
            2,
            clock(3, 4, 0, 0),
        ),
        days("INTERVAL -'27:04:05' HOUR TO SECOND", true, 1, five),
        text("INTERVAL '163' HOUR(2)", Reads::default()),
        text("INTERVAL '1' FORTNIGHT", Reads::default()),
    ]
}

/// Values with a zone or an offset that are text. The session is in UTC.
pub fn zoned() -> Vec<Sql> {
    let clocked = |clock| Reads {
        clock: Some(clock),
        ..Reads::default()
    };
    vec![
        // ODBC has no type for it.
        plain(
            "time(3) with time zone",
            "01:02:03.456+05:30",
            Meaning::Text(clocked(clock(1, 2, 3, 456_000_000))),
        ),
        moment(
            "2024-07-01 01:30:00.5 Asia/Tokyo",
            Day(2024, 6, 30),
            clock(16, 30, 0, 500_000_000),
        ),
        moment(
            "2024-07-01T01:30:00+05:30",
            Day(2024, 6, 30),
            clock(20, 0, 0, 0),
        ),
        moment("2024-07-01T01:30:00Z", Day(2024, 7, 1), clock(1, 30, 0, 0)),
        text("01:02:03+05:30", clocked(clock(1, 2, 3, 0))),
        text("01:02:03 Asia/Tokyo", Reads::default()),
    ]
}
