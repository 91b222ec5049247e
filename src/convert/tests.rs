//! Appendix D as tables: value, C type and capacity against bytes, indicator and SQLSTATE.

use trino_client::columns::{AsText, Bytes, Column, Values, Zones};

use super::{
    Error, Form, Format, Part, Progress, SessionZone, Warning, default_c_type, part, samples,
    supported,
};
use crate::abi::CType;

type Given = Result<(Vec<u8>, Option<usize>, Option<Warning>), Error>;

fn give(values: Values, form: impl Into<Form>, capacity: usize) -> Given {
    give_in(&Format::default(), values, form, capacity)
}

fn give_in(format: &Format, values: Values, form: impl Into<Form>, capacity: usize) -> Given {
    let column = Column {
        values,
        nulls: None,
    };
    let form = form.into();
    let mut out = vec![0xAA; form.c_type.size().unwrap_or(capacity)];
    let progress = &mut Progress::default();
    let part = part(&column, 0, form, format, progress, &mut out)?;
    out.truncate(part.written);
    Ok((out, part.remaining, part.warning))
}

fn text(text: &str) -> Values {
    Values::Text([text].into_iter().collect::<Bytes>())
}

/// Text of a value with room enough.
fn shown(values: Values) -> String {
    let (bytes, ..) = give(values, CType::Char, 100).unwrap();
    String::from_utf8(bytes).unwrap()
}

#[test]
fn exactly_the_supported_pairs_convert() {
    for (kind, values) in samples::values() {
        for c_type in samples::c_types() {
            let refused = (0..values.len()).any(|row| {
                let column = Column {
                    values: values.clone(),
                    nulls: None,
                };
                let mut out = [0; 256];
                let (form, format) = (Form::from(c_type), Format::default());
                let part = part(
                    &column,
                    row,
                    form,
                    &format,
                    &mut Progress::default(),
                    &mut out,
                );
                part == Err(Error::RestrictedType)
            });
            assert_eq!(supported(&kind, c_type), !refused, "{kind} as {c_type:?}");
        }
        assert!(
            supported(&kind, default_c_type(&kind, AsText::default())),
            "{kind}"
        );
    }
}

#[test]
fn the_length_of_every_value_is_known_before_its_first_part() {
    for (kind, values) in samples::values() {
        for c_type in samples::c_types() {
            for row in 0..values.len() {
                let column = Column {
                    values: values.clone(),
                    nulls: None,
                };
                let mut out = [0; 256];
                let (form, format) = (Form::from(c_type), Format::default());
                let progress = &mut Progress::default();
                if let Ok(part) = part(&column, row, form, &format, progress, &mut out) {
                    let length = part.remaining.expect("a length");
                    assert!(length >= part.written, "{kind} as {c_type:?}");
                }
            }
        }
    }
}

#[test]
fn every_type_has_its_text() {
    let precision = 3;
    for (values, expected) in [
        (Values::Boolean(vec![1]), "1"),
        (Values::Int8(vec![-5]), "-5"),
        (Values::Int64(vec![i64::MIN]), "-9223372036854775808"),
        (Values::Float32(vec![1.1]), "1.1"),
        (Values::Float64(vec![1e10]), "1.0E10"),
        (Values::Float64(vec![f64::NAN]), "NaN"),
        (
            Values::Decimal64 {
                unscaled: vec![-50],
                scale: 2,
            },
            "-0.50",
        ),
        (text("zażółć"), "zażółć"),
        (Values::Binary([[0x0A, 0xFF]].into_iter().collect()), "0AFF"),
        (Values::Date(vec![19_782]), "2024-02-29"),
        (
            Values::Time {
                picos: vec![3_723_004_000_000_000],
                precision,
            },
            "01:02:03.004",
        ),
        (
            Values::TimeWithTimeZone {
                picos: vec![0],
                offsets: vec![-330],
                precision: 0,
            },
            "00:00:00-05:30",
        ),
        (
            Values::Timestamp {
                micros: vec![-1],
                picos: vec![999_999],
                precision: 12,
            },
            "1969-12-31 23:59:59.999999999999",
        ),
        (
            Values::TimestampWithTimeZone {
                micros: vec![0],
                picos: Vec::new(),
                zones: Zones {
                    names: vec!["America/New_York".into()],
                    indexes: vec![0],
                },
                precision,
            },
            "1970-01-01 00:00:00.000 America/New_York",
        ),
        (Values::IntervalYearToMonth(vec![-38]), "-3-2"),
        (
            Values::IntervalDayToSecond(vec![183_845_678]),
            "2 03:04:05.678",
        ),
    ] {
        assert_eq!(shown(values), expected);
    }
}

#[test]
fn text_that_does_not_fit_is_cut_with_a_terminator() {
    let warning = Some(Warning::StringTruncated);
    for (capacity, bytes, warning) in [
        (7, "abcdef", None),
        (6, "abcde", warning),
        (1, "", warning),
        (0, "", warning),
    ] {
        let expected = Ok((bytes.as_bytes().to_vec(), Some(6), warning));
        assert_eq!(give(text("abcdef"), CType::Char, capacity), expected);
    }
}

#[test]
fn whole_digits_are_never_cut_but_a_fraction_may_be() {
    let out_of_range = Err(Error::NumericOutOfRange);
    let cut = |bytes: &str, length| {
        let warning = Some(Warning::StringTruncated);
        Ok((bytes.as_bytes().to_vec(), Some(length), warning))
    };
    let decimal = || Values::Decimal64 {
        unscaled: vec![-12345],
        scale: 2,
    };
    assert_eq!(give(decimal(), CType::Char, 4), out_of_range);
    assert_eq!(give(decimal(), CType::Char, 5), cut("-123", 7));
    assert_eq!(give(decimal(), CType::Char, 7), cut("-123.4", 7));
    assert_eq!(
        give(Values::Int32(vec![1000]), CType::Char, 4),
        out_of_range
    );
    assert_eq!(
        give(Values::Float64(vec![1.5e10]), CType::Char, 5),
        out_of_range
    );
    assert_eq!(give(Values::Date(vec![0]), CType::WChar, 20), out_of_range);
    let timestamp = || Values::Timestamp {
        micros: vec![1000],
        picos: Vec::new(),
        precision: 3,
    };
    assert_eq!(give(timestamp(), CType::Char, 19), out_of_range);
    assert_eq!(
        give(timestamp(), CType::Char, 20),
        cut("1970-01-01 00:00:00", 23)
    );
    // Without a buffer an application learns the length.
    assert_eq!(give(decimal(), CType::Char, 0), cut("", 7));
}

#[test]
fn numbers_keep_to_the_range_of_the_c_type() {
    let lost = Some(Warning::FractionTruncated);
    let out_of_range = Err(Error::NumericOutOfRange);
    let one = |value: u8, warning| Ok((vec![value], Some(1), warning));
    let double = |value| Values::Float64(vec![value]);
    assert_eq!(give(double(1.9), CType::UTinyInt, 0), one(1, lost));
    assert_eq!(give(double(255.9), CType::UTinyInt, 0), one(255, lost));
    assert_eq!(give(double(256.0), CType::UTinyInt, 0), out_of_range);
    assert_eq!(give(double(-0.5), CType::UTinyInt, 0), one(0, lost));
    assert_eq!(give(double(-0.5), CType::Bit, 0), out_of_range);
    assert_eq!(give(double(1.5), CType::Bit, 0), one(1, lost));
    assert_eq!(give(double(2.0), CType::Bit, 0), out_of_range);
    assert_eq!(give(double(f64::NAN), CType::SBigInt, 0), out_of_range);
    assert_eq!(give(double(9.3e18), CType::SBigInt, 0), out_of_range);
    assert_eq!(give(double(1e39), CType::Float, 0), out_of_range);
    assert!(give(double(f64::INFINITY), CType::Float, 0).is_ok());
    assert_eq!(
        give(Values::Int8(vec![-1]), CType::UBigInt, 0),
        out_of_range
    );
    assert_eq!(give(text(" 12.0 "), CType::STinyInt, 0), one(12, None));
    assert_eq!(give(text("12.5"), CType::STinyInt, 0), one(12, lost));
    assert_eq!(give(text("128"), CType::STinyInt, 0), out_of_range);
    assert_eq!(
        give(text("12a"), CType::STinyInt, 0),
        Err(Error::InvalidText)
    );
}

#[test]
fn digits_beyond_the_ninth_are_lost_to_a_struct() {
    let (bytes, _, warning) = give(
        Values::Timestamp {
            micros: vec![123_456],
            picos: vec![789_012],
            precision: 12,
        },
        CType::Timestamp,
        0,
    )
    .unwrap();
    assert_eq!(bytes[12..], 123_456_789u32.to_ne_bytes());
    assert_eq!(warning, Some(Warning::FractionTruncated));
    let date = give(Values::Date(vec![i32::MAX]), CType::Date, 0);
    assert_eq!(date, Err(Error::DatetimeOverflow));
}

#[test]
fn a_struct_has_the_sessions_wall_clock_and_text_the_values_own() {
    let format = Format {
        zone: SessionZone::named("Asia/Tokyo"),
        ..Format::default()
    };
    let values = || Values::TimestampWithTimeZone {
        micros: vec![1_719_835_200_000_000],
        picos: Vec::new(),
        zones: Zones {
            names: vec!["UTC".into()],
            indexes: vec![0],
        },
        precision: 0,
    };
    let (bytes, ..) = give_in(&format, values(), CType::Timestamp, 0).unwrap();
    // 2024-07-01 21:00:00
    assert_eq!(bytes[..8], [0xE8, 7, 7, 0, 1, 0, 21, 0]);
    let (bytes, ..) = give_in(&format, values(), CType::Char, 64).unwrap();
    assert_eq!(bytes, b"2024-07-01 12:00:00 UTC");
}

#[test]
fn binary_is_all_or_nothing_for_values_of_fixed_length() {
    let value = || Values::Int32(vec![0x0102_0304]);
    let bytes = 0x0102_0304_i32.to_ne_bytes().to_vec();
    assert_eq!(give(value(), CType::Binary, 4), Ok((bytes, Some(4), None)));
    assert_eq!(
        give(value(), CType::Binary, 3),
        Err(Error::NumericOutOfRange)
    );
    let uuid = [7; 16];
    assert_eq!(
        give(Values::Uuid(vec![uuid]), CType::Binary, 16),
        Ok((uuid.to_vec(), Some(16), None))
    );
}

#[test]
fn parts_put_together_are_the_whole() {
    let source = "zażółć 😀 gęślą jaźń, i jeszcze trochę 日本語";
    let column = Column {
        values: text(source),
        nulls: None,
    };
    let utf16: Vec<u8> = source.encode_utf16().flat_map(u16::to_ne_bytes).collect();
    for (c_type, whole) in [
        (CType::Char, source.as_bytes()),
        (CType::Binary, source.as_bytes()),
        (CType::WChar, utf16.as_slice()),
    ] {
        for capacity in 6..40 {
            let mut progress = Progress::default();
            let (mut given, mut last) = (Vec::new(), Part::default());
            while !progress.finished() {
                let mut out = vec![0; capacity];
                let (form, format) = (c_type.into(), Format::default());
                last = part(&column, 0, form, &format, &mut progress, &mut out).unwrap();
                assert_eq!(last.remaining, Some(whole.len() - given.len()));
                assert_eq!(last.complete, last.warning.is_none());
                given.extend_from_slice(&out[..last.written]);
            }
            assert_eq!(given, whole, "{c_type:?} in {capacity}");
            assert!(last.complete);
        }
    }
}

#[test]
fn a_part_that_failed_can_be_read_again() {
    let column = Column {
        values: Values::Int32(vec![123_456]),
        nulls: None,
    };
    let (form, format) = (CType::Char.into(), Format::default());
    let mut progress = Progress::default();
    let small = part(&column, 0, form, &format, &mut progress, &mut [0; 4]);
    assert_eq!(small, Err(Error::NumericOutOfRange));
    let mut out = [0; 8];
    let large = part(&column, 0, form, &format, &mut progress, &mut out).unwrap();
    assert_eq!(&out[..large.written], b"123456");
    assert!(progress.finished());
}
