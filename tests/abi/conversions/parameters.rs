//! Values of each C type, with what they mean.

use super::values::{Meaning, Reads, clock, values};
use super::{
    Clock, Day, date_struct, guid_struct, interval_struct, numeric_struct, ten, time_struct,
    timestamp_struct,
};

/// A value of an application.
pub struct Given {
    pub c_type: i16,
    pub bytes: Vec<u8>,
    pub meaning: Is,
}

/// What a C value is.
#[derive(Debug, Clone, PartialEq)]
pub enum Is {
    Text(String, Reads),
    /// An integer or a decimal, by its unscaled value and its scale.
    Exact(i128, u32),
    Bit(u8),
    /// A number and its text.
    Floating(f64, &'static str),
    Bytes,
    /// Of these three `None` is a date or time that does not exist.
    Date(Option<Day>),
    Time(Option<Clock>),
    Timestamp(Option<(Day, Clock)>),
    Guid(u128),
    /// Sign and fields; `None` when a field is out of range.
    Interval(Option<(bool, [u32; 5])>),
}

/// All values.
pub fn parameters() -> Vec<Given> {
    let mut all = Vec::new();
    let mut give = |c_type, bytes: &[u8], meaning| {
        all.push(Given {
            c_type,
            bytes: bytes.to_vec(),
            meaning,
        });
    };
    for (index, sql) in values().into_iter().enumerate() {
        // The server says itself which zones there are.
        if let Meaning::Text(reads) = sql.meaning
            && !sql.shown.ends_with("noon")
        {
            let text = Is::Text(sql.shown.clone(), reads);
            give(1, sql.shown.as_bytes(), text.clone());
            if index % 4 == 0 {
                let wide: Vec<u8> = sql
                    .shown
                    .encode_utf16()
                    .flat_map(u16::to_ne_bytes)
                    .collect();
                give(-8, &wide, text);
            }
        }
    }

    macro_rules! integers {
        ($($c_type:literal: $kind:ty = $($value:expr),+;)+) => {$($(
            let value: $kind = $value;
            give($c_type, &value.to_ne_bytes(), Is::Exact(i128::from(value), 0));
        )+)+};
    }
    integers! {
        -26: i8 = -5, 1;
        -28: u8 = 200, 0;
        -6: i8 = i8::MIN;
        -15: i16 = -300;
        5: i16 = i16::MAX;
        -17: u16 = u16::MAX;
        -16: i32 = 7, i32::MIN;
        4: i32 = 2;
        -18: u32 = u32::MAX;
        -25: i64 = i64::MIN, 12;
        -27: u64 = u64::MAX, 1;
    }
    for (unscaled, scale) in [
        (12_345, 2),
        (-1, 0),
        (ten(38) - 1, 0),
        (5, 1),
        (1500, 3),
        (15_001, 4),
        (0, 0),
    ] {
        let bytes = numeric_struct(38, scale as i8, unscaled);
        give(2, &bytes, Is::Exact(unscaled, scale));
    }
    give(2, &numeric_struct(10, -2, 12), Is::Exact(1200, 0));
    for (number, shown) in [
        (0.0, "0.0"),
        (1.0, "1.0"),
        (1.5, "1.5"),
        (-0.5, "-0.5"),
        (1e10, "1.0E10"),
        (f64::NAN, "NaN"),
        (f64::NEG_INFINITY, "-Infinity"),
    ] {
        give(8, &number.to_ne_bytes(), Is::Floating(number, shown));
        give(
            7,
            &(number as f32).to_ne_bytes(),
            Is::Floating(number, shown),
        );
    }
    give(8, &1e300_f64.to_ne_bytes(), Is::Floating(1e300, "1.0E300"));
    give(-7, &[0], Is::Bit(0));
    give(-7, &[1], Is::Bit(1));

    let leap = Day(2024, 2, 29);
    let at = clock(1, 2, 3, 0);
    give(-2, b"AB", Is::Bytes);
    give(-2, b"", Is::Bytes);
    give(-2, &[0xFF], Is::Bytes);
    give(-2, &[1], Is::Bytes);
    give(-2, &7_i32.to_ne_bytes(), Is::Bytes);
    give(-2, &date_struct(leap), Is::Bytes);
    give(-2, &timestamp_struct(leap, at), Is::Bytes);
    give(-2, &numeric_struct(5, 2, -12_345), Is::Bytes);

    give(91, &date_struct(leap), Is::Date(Some(leap)));
    give(9, &date_struct(leap), Is::Date(Some(leap)));
    give(91, &date_struct(Day(2023, 2, 29)), Is::Date(None));
    for (clock, exists) in [(clock(23, 59, 58, 0), true), (clock(24, 0, 0, 0), false)] {
        let bytes = time_struct(clock);
        give(92, &bytes, Is::Time(exists.then_some(clock)));
        give(10, &bytes, Is::Time(exists.then_some(clock)));
    }
    for (day, clock, exists) in [
        (Day(1992, 12, 31), clock(23, 45, 55, 120_000_000), true),
        (leap, clock(0, 0, 0, 0), true),
        (leap, clock(1, 2, 3, 1), true),
        (Day(2024, 13, 1), at, false),
        (leap, clock(1, 2, 60, 0), false),
        (leap, clock(1, 2, 3, 1_000_000_000), false),
    ] {
        let bytes = timestamp_struct(day, clock);
        give(93, &bytes, Is::Timestamp(exists.then_some((day, clock))));
        give(11, &bytes, Is::Timestamp(exists.then_some((day, clock))));
    }
    for guid in [0x1215_1FD2_7586_11E9_8F9E_2A86_E408_5A59, 0] {
        give(-11, &guid_struct(guid), Is::Guid(guid));
    }
    for (c_type, negative, fields, exists) in [
        (101, false, [3, 0, 0, 0, 0], true),
        (102, true, [0, 38, 0, 0, 0], true),
        (107, true, [3, 2, 0, 0, 0], true),
        (107, false, [3, 12, 0, 0, 0], false),
        (103, false, [2, 0, 0, 0, 0], true),
        (104, false, [0, 51, 0, 0, 0], true),
        (105, true, [0, 0, 90, 0, 0], true),
        (106, false, [0, 0, 0, 5, 678_000], true),
        (106, false, [0, 0, 0, 5, 1], true),
        (106, false, [0, 0, 0, 5, 1_000_000], false),
        (108, false, [2, 3, 0, 0, 0], true),
        (108, false, [2, 24, 0, 0, 0], false),
        (109, false, [2, 3, 4, 0, 0], true),
        (110, true, [154, 22, 44, 10, 500_000], true),
        (110, false, [2, 0, 0, 0, 0], true),
        (111, false, [0, 163, 39, 0, 0], true),
        (112, false, [0, 163, 39, 59, 163_000], true),
        (113, false, [0, 0, 163, 59, 0], true),
        (113, false, [0, 0, 163, 60, 0], false),
    ] {
        let bytes = interval_struct(c_type, negative, fields);
        give(
            c_type,
            &bytes,
            Is::Interval(exists.then_some((negative, fields))),
        );
    }
    all
}
