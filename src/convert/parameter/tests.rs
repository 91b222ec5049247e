use crate::abi::{self, CType, Interval, WideUnit};
use crate::convert::{
    Form, Format, ParameterError, ParameterType, Warning, default_parameter_type, parameter,
    typed_null,
};

type Literal = Result<(String, Option<Warning>), ParameterError>;

fn typed(sql_type: i16, size: usize, digits: i16) -> ParameterType {
    ParameterType {
        sql_type,
        size,
        digits,
    }
}

fn of(bytes: &[u8], c_type: CType, to: ParameterType) -> Literal {
    parameter(bytes, c_type.into(), &to, &Format::default())
}

fn of_text(text: &str, sql_type: i16) -> Literal {
    of(text.as_bytes(), CType::Char, typed(sql_type, 0, 0))
}

fn exactly(literal: &str) -> Literal {
    Ok((literal.to_owned(), None))
}

#[test]
fn text_is_quoted_and_otherwise_as_it_is() {
    for (text, literal) in [
        ("", "''"),
        ("it's", "'it''s'"),
        ("''", "''''''"),
        ("\\ \" ? -- /*", "'\\ \" ? -- /*'"),
        ("Grüße,\0世界 🌍\n", "'Grüße,\0世界 🌍\n'"),
    ] {
        for sql_type in [
            abi::SQL_CHAR,
            abi::SQL_VARCHAR,
            abi::SQL_WCHAR,
            abi::SQL_WLONGVARCHAR,
        ] {
            assert_eq!(of_text(text, sql_type), exactly(literal), "{text}");
        }
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_ne_bytes).collect();
        let to = typed(abi::SQL_WVARCHAR, 0, 0);
        assert_eq!(of(&wide, CType::WChar, to), exactly(literal));
        let wide: Vec<u8> = text
            .chars()
            .flat_map(|c| u32::from(c).to_ne_bytes())
            .collect();
        let format = Format {
            wide: WideUnit::Utf32,
            ..Format::default()
        };
        let written = parameter(&wide, CType::WChar.into(), &to, &format);
        assert_eq!(written, exactly(literal));
    }
    assert_eq!(of_text("a ", abi::SQL_WCHAR), exactly("'a '"));
}

#[test]
fn malformed_text_is_refused() {
    let to = typed(abi::SQL_VARCHAR, 0, 0);
    let invalid = Err(ParameterError::InvalidText);
    assert_eq!(of(b"a\xff", CType::Char, to), invalid);
    assert_eq!(of(&0xD800_u16.to_ne_bytes(), CType::WChar, to), invalid);
    let odd = of(&[b'a', 0, b'b'], CType::WChar, to);
    assert_eq!(odd, Err(ParameterError::InvalidLength));
}

#[test]
fn integers_have_their_type_and_keep_to_its_range() {
    for (c_type, bytes, sql_type, literal) in [
        (
            CType::SLong,
            (-7_i32).to_ne_bytes().to_vec(),
            abi::SQL_INTEGER,
            "INTEGER '-7'",
        ),
        (
            CType::SBigInt,
            i64::MIN.to_ne_bytes().to_vec(),
            abi::SQL_BIGINT,
            "BIGINT '-9223372036854775808'",
        ),
        (
            CType::UShort,
            9_u16.to_ne_bytes().to_vec(),
            abi::SQL_SMALLINT,
            "SMALLINT '9'",
        ),
        (
            CType::STinyInt,
            vec![0x80],
            abi::SQL_TINYINT,
            "TINYINT '-128'",
        ),
        (CType::Bit, vec![1], abi::SQL_BIT, "true"),
        (
            CType::UBigInt,
            u64::MAX.to_ne_bytes().to_vec(),
            abi::SQL_DECIMAL,
            "DECIMAL '18446744073709551615'",
        ),
        (
            CType::SLong,
            5_i32.to_ne_bytes().to_vec(),
            abi::SQL_VARCHAR,
            "'5'",
        ),
    ] {
        let written = of(&bytes, c_type, typed(sql_type, 0, 0));
        assert_eq!(written, exactly(literal));
    }
    let beyond = of(
        &u64::MAX.to_ne_bytes(),
        CType::UBigInt,
        typed(abi::SQL_BIGINT, 0, 0),
    );
    assert_eq!(beyond, Err(ParameterError::NumericOutOfRange));
    assert_eq!(of_text(" 42 ", abi::SQL_INTEGER), exactly("INTEGER '42'"));
    for (text, error) in [
        ("4.2", ParameterError::Truncated),
        ("four", ParameterError::InvalidText),
        ("1'; DROP", ParameterError::InvalidText),
        ("2147483648", ParameterError::NumericOutOfRange),
    ] {
        assert_eq!(of_text(text, abi::SQL_INTEGER), Err(error), "{text}");
    }
}

#[test]
fn floating_numbers_come_back_bit_by_bit() {
    for (number, literal) in [
        (1.5, "DOUBLE '1.5'"),
        (-0.0, "DOUBLE '-0.0'"),
        (f64::MAX, "DOUBLE '1.7976931348623157E308'"),
        (5e-324, "DOUBLE '4.9E-324'"),
        (f64::NAN, "DOUBLE 'NaN'"),
        (f64::NEG_INFINITY, "DOUBLE '-Infinity'"),
    ] {
        let to = typed(abi::SQL_DOUBLE, 0, 0);
        let (written, _) = of(&number.to_ne_bytes(), CType::Double, to).unwrap();
        let text = written
            .trim_start_matches("DOUBLE '")
            .trim_end_matches('\'');
        if number.is_nan() || number == 1.5 || number.is_infinite() {
            assert_eq!(written, literal);
        } else {
            assert_eq!(text.parse::<f64>().unwrap().to_bits(), number.to_bits());
        }
    }
    let to = typed(abi::SQL_REAL, 0, 0);
    let written = of(&0.1_f32.to_ne_bytes(), CType::Float, to);
    assert_eq!(written, exactly("REAL '0.1'"));
    let beyond = of(&1e300_f64.to_ne_bytes(), CType::Double, to);
    assert_eq!(beyond, Err(ParameterError::NumericOutOfRange));
}

#[test]
fn decimals_keep_their_digits() {
    let digits = "12345678901234567890123456789012345678";
    for (text, literal) in [
        ("12.50", "DECIMAL '12.50'".to_owned()),
        ("-0.001", "DECIMAL '-0.001'".to_owned()),
        ("1e3", "DECIMAL '1000'".to_owned()),
        (digits, format!("DECIMAL '{digits}'")),
    ] {
        assert_eq!(of_text(text, abi::SQL_NUMERIC), exactly(&literal));
    }
    let to = typed(abi::SQL_DECIMAL, 5, 2);
    let text = |text: &str| of(text.as_bytes(), CType::Char, to);
    assert_eq!(text("123.40"), exactly("DECIMAL '123.40'"));
    assert_eq!(text("1.500"), exactly("DECIMAL '1.50'"));
    assert_eq!(text("1.555"), Err(ParameterError::Truncated));
    assert_eq!(text("1234"), Err(ParameterError::NumericOutOfRange));
    assert_eq!(
        of(&1.555_f64.to_ne_bytes(), CType::Double, to),
        Ok((
            "DECIMAL '1.55'".to_owned(),
            Some(Warning::FractionTruncated)
        ))
    );
    assert_eq!(
        of_text("NaN", abi::SQL_DECIMAL),
        Err(ParameterError::NumericOutOfRange)
    );
}

#[test]
fn a_numeric_struct_has_sign_and_scale() {
    let mut bytes = [0; 19];
    (bytes[0], bytes[1], bytes[2]) = (5, 2, 0);
    bytes[3..5].copy_from_slice(&12_345_u16.to_le_bytes());
    let to = typed(abi::SQL_NUMERIC, 0, 0);
    assert_eq!(of(&bytes, CType::Numeric, to), exactly("DECIMAL '-123.45'"));
    // The scale of the descriptor counts where the struct has none.
    (bytes[1], bytes[2]) = (0, 1);
    let form = Form {
        scale: 1,
        ..CType::Numeric.into()
    };
    let written = parameter(&bytes, form, &to, &Format::default());
    assert_eq!(written, exactly("DECIMAL '1234.5'"));
}

#[test]
fn a_numeric_struct_of_more_zeros_than_a_decimal_has_digits_is_out_of_range() {
    let mut bytes = [0; 19];
    (bytes[0], bytes[2], bytes[3]) = (1, 1, 7);
    let to = typed(abi::SQL_NUMERIC, 0, 0);
    for (scale, expected) in [
        (-2, exactly("DECIMAL '700'")),
        (-39, Err(ParameterError::NumericOutOfRange)),
        (-300, Err(ParameterError::NumericOutOfRange)),
    ] {
        let form = Form {
            scale,
            ..CType::Numeric.into()
        };
        let written = parameter(&bytes, form, &to, &Format::default());
        assert_eq!(written, expected, "{scale}");
    }
}

#[test]
fn bytes_are_hexadecimal() {
    let to = typed(abi::SQL_VARBINARY, 0, 0);
    assert_eq!(of(&[0, 255, 39], CType::Binary, to), exactly("X'00FF27'"));
    assert_eq!(of(&[], CType::Binary, to), exactly("X''"));
    assert_eq!(of(b"00fF", CType::Char, to), exactly("X'00fF'"));
    // As the standard says, the digit that has no other is left out.
    assert_eq!(of(b"00f", CType::Char, to), exactly("X'00'"));
    let wrong = of(b"0x", CType::Char, to);
    assert_eq!(wrong, Err(ParameterError::InvalidText));
}

fn timestamp(fields: [u16; 6], fraction: u32) -> Vec<u8> {
    let fields = fields.iter().flat_map(|field| field.to_ne_bytes());
    fields.chain(fraction.to_ne_bytes()).collect()
}

#[test]
fn dates_and_times_have_the_digits_that_they_need() {
    let at = typed(abi::SQL_TYPE_TIMESTAMP, 0, 9);
    for (fraction, literal) in [
        (0, "TIMESTAMP '2020-01-31 23:59:58'"),
        (120_000_000, "TIMESTAMP '2020-01-31 23:59:58.12'"),
        (1, "TIMESTAMP '2020-01-31 23:59:58.000000001'"),
    ] {
        let bytes = timestamp([2020, 1, 31, 23, 59, 58], fraction);
        assert_eq!(of(&bytes, CType::Timestamp, at), exactly(literal));
        let day = of(&bytes, CType::Timestamp, typed(abi::SQL_TYPE_DATE, 0, 0));
        assert_eq!(day, Err(ParameterError::DatetimeOverflow));
    }
    let bytes = timestamp([2020, 1, 31, 0, 0, 0], 0);
    let day = typed(abi::SQL_TYPE_DATE, 0, 0);
    assert_eq!(
        of(&bytes, CType::Timestamp, day),
        exactly("DATE '2020-01-31'")
    );
    assert_eq!(
        of(&bytes[..6], CType::Date, day),
        exactly("DATE '2020-01-31'")
    );
    let time = of(
        &[1, 0, 2, 0, 3, 0],
        CType::Time,
        typed(abi::SQL_TYPE_TIME, 0, 0),
    );
    assert_eq!(time, exactly("TIME '01:02:03'"));
    for fields in [[2023, 2, 29, 0, 0, 0], [2023, 1, 1, 24, 0, 0]] {
        let wrong = of(&timestamp(fields, 0), CType::Timestamp, at);
        assert_eq!(wrong, Err(ParameterError::InvalidDatetime));
    }
}

#[test]
fn text_of_dates_and_times_is_read_to_the_picosecond() {
    for (sql_type, text, literal) in [
        (abi::SQL_TYPE_DATE, "2020-1-2", "DATE '2020-01-02'"),
        (abi::SQL_TYPE_DATE, "{d '2020-01-02'}", "DATE '2020-01-02'"),
        (abi::SQL_TYPE_TIME, "01:02", "TIME '01:02:00'"),
        (
            abi::SQL_TYPE_TIME,
            "{ t '01:02:03.5' }",
            "TIME '01:02:03.5'",
        ),
        (
            abi::SQL_TYPE_TIMESTAMP,
            "2020-01-02T03:04:05.123456789012",
            "TIMESTAMP '2020-01-02 03:04:05.123456789012'",
        ),
        (
            abi::SQL_TYPE_TIMESTAMP,
            "{ts '2020-01-02 03:04:05'}",
            "TIMESTAMP '2020-01-02 03:04:05'",
        ),
        (
            abi::SQL_TYPE_TIMESTAMP,
            "2020-01-02 03:04:05 Europe/Berlin",
            "TIMESTAMP '2020-01-02 03:04:05 Europe/Berlin'",
        ),
        (
            abi::SQL_TYPE_TIMESTAMP,
            "2020-01-02",
            "TIMESTAMP '2020-01-02 00:00:00'",
        ),
    ] {
        assert_eq!(of_text(text, sql_type), exactly(literal), "{text}");
    }
    for (text, error) in [
        ("2020-01-02 03:04:05'--", ParameterError::InvalidText),
        (
            "2020-01-02 03:04:05.1234567890123",
            ParameterError::DatetimeOverflow,
        ),
        ("2020-13-02 03:04:05", ParameterError::InvalidText),
        ("yesterday", ParameterError::InvalidText),
        ("", ParameterError::InvalidText),
    ] {
        let written = of_text(text, abi::SQL_TYPE_TIMESTAMP);
        assert_eq!(written, Err(error), "{text}");
    }
}

#[test]
fn a_uuid_comes_as_struct_text_or_bytes() {
    let text = "12151fd2-7586-11e9-8f9e-2a86e4085a59";
    let literal = format!("UUID '{text}'");
    let to = typed(abi::SQL_GUID, 0, 0);
    let bytes = 0x1215_1FD2_7586_11E9_8F9E_2A86_E408_5A59_u128.to_be_bytes();
    assert_eq!(of(&bytes, CType::Binary, to), exactly(&literal));
    assert_eq!(of(text.as_bytes(), CType::Char, to), exactly(&literal));
    let mut guid = bytes;
    guid[..4].copy_from_slice(&0x1215_1FD2_u32.to_ne_bytes());
    guid[4..6].copy_from_slice(&0x7586_u16.to_ne_bytes());
    guid[6..8].copy_from_slice(&0x11E9_u16.to_ne_bytes());
    assert_eq!(of(&guid, CType::Guid, to), exactly(&literal));
}

fn interval(interval: Interval, negative: bool, fields: [u32; 5]) -> Literal {
    let mut bytes = vec![0; 8];
    bytes[4] = u8::from(negative);
    bytes.extend(fields.iter().flat_map(|field| field.to_ne_bytes()));
    let sql_type = match interval {
        Interval::YearToMonth => abi::SQL_INTERVAL_YEAR_TO_MONTH,
        _ => abi::SQL_INTERVAL_DAY_TO_SECOND,
    };
    of(&bytes, CType::Interval(interval), typed(sql_type, 0, 0))
}

#[test]
fn intervals_are_months_or_milliseconds() {
    assert_eq!(
        interval(Interval::YearToMonth, true, [3, 2, 0, 0, 0]),
        exactly("INTERVAL '-3-2' YEAR TO MONTH")
    );
    assert_eq!(
        interval(Interval::DayToSecond, false, [2, 3, 4, 5, 678_000]),
        exactly("INTERVAL '2 03:04:05.678' DAY TO SECOND")
    );
    assert_eq!(
        interval(Interval::Hour, false, [9, 51, 9, 9, 9]),
        exactly("INTERVAL '2 03:00:00.000' DAY TO SECOND")
    );
    assert_eq!(
        interval(Interval::Second, false, [0, 0, 0, 1, 1]),
        Err(ParameterError::IntervalOverflow)
    );
    assert_eq!(
        interval(Interval::DayToSecond, false, [0, 24, 0, 0, 0]),
        Err(ParameterError::IntervalOverflow)
    );
    assert_eq!(
        of_text("-2 03:04:05", abi::SQL_INTERVAL_DAY_TO_SECOND),
        exactly("INTERVAL '-2 03:04:05.000' DAY TO SECOND")
    );
    let days = typed(abi::SQL_C_INTERVAL_DAY, 0, 0);
    assert_eq!(
        of(&5_i32.to_ne_bytes(), CType::SLong, days),
        exactly("INTERVAL '5 00:00:00.000' DAY TO SECOND")
    );
    let months = typed(abi::SQL_INTERVAL_YEAR_TO_MONTH, 0, 0);
    assert_eq!(
        of(b"2 03:04:05", CType::Char, months),
        Err(ParameterError::InvalidText)
    );
}

#[test]
fn bits_are_true_or_false() {
    for (text, literal) in [
        ("1", exactly("true")),
        ("0", exactly("false")),
        ("True", exactly("true")),
        ("0.5", Err(ParameterError::Truncated)),
        ("2", Err(ParameterError::NumericOutOfRange)),
        ("-1", Err(ParameterError::NumericOutOfRange)),
        ("yes", Err(ParameterError::InvalidText)),
    ] {
        assert_eq!(of_text(text, abi::SQL_BIT), literal, "{text}");
    }
}

#[test]
fn nulls_at_the_end_of_text_are_no_part_of_it() {
    for text in ["12\0", "12\0\0\0"] {
        assert_eq!(of_text(text, abi::SQL_VARCHAR), exactly("'12'"));
        assert_eq!(of_text(text, abi::SQL_INTEGER), exactly("INTEGER '12'"));
        let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_ne_bytes).collect();
        let to = typed(abi::SQL_WVARCHAR, 2, 0);
        assert_eq!(of(&wide, CType::WChar, to), exactly("'12'"));
    }
    assert_eq!(of_text("\0", abi::SQL_CHAR), exactly("'\0'"));
    assert_eq!(of_text("\0a", abi::SQL_CHAR), exactly("'\0a'"));
    let bytes = of(b"a\0", CType::Binary, typed(abi::SQL_VARBINARY, 0, 0));
    assert_eq!(bytes, exactly("X'6100'"));
}

#[test]
fn null_has_the_type_that_it_is_bound_with_where_it_needs_one() {
    for (sql_type, literal) in [
        (abi::SQL_BIGINT, "CAST(NULL AS bigint)"),
        (abi::SQL_TYPE_TIMESTAMP, "CAST(NULL AS timestamp(0))"),
        (
            abi::SQL_INTERVAL_YEAR_TO_MONTH,
            "CAST(NULL AS interval year to month)",
        ),
        (abi::SQL_VARCHAR, "CAST(NULL AS varchar)"),
        (abi::SQL_DECIMAL, "CAST(NULL AS decimal(5,2))"),
        (abi::SQL_BINARY, "CAST(NULL AS varbinary)"),
    ] {
        assert_eq!(typed_null(&typed(sql_type, 5, 2)), literal);
    }
    let unsized_decimal = typed(abi::SQL_NUMERIC, 0, 0);
    assert_eq!(typed_null(&unsized_decimal), "CAST(NULL AS decimal(38,0))");
}

#[test]
fn every_value_of_a_wrong_size_is_refused_and_nothing_panics() {
    let sql_types = (-11..=12).chain(91..=93).chain(101..=113);
    for sql_type in sql_types {
        for c_type in (-28..=113).filter_map(CType::from_raw) {
            for length in [0, 1, 2, 3, 16, 19, 28] {
                for byte in [0, 1, b'1', 0xff] {
                    let bytes = vec![byte; length];
                    let _ = of(&bytes, c_type, typed(sql_type, 5, 7));
                    let _ = of(&bytes, c_type, typed(sql_type, 0, -1));
                }
            }
        }
        let _ = default_parameter_type(sql_type);
    }
}
