//! Text that the server takes for a value of another type: the literal that it is of that type.

use std::net::IpAddr;

use serde_json::value::RawValue;
use trino_client::columns::Type;

use super::source::Source;
use super::temporal::Moment;
use super::{ParameterError, ParameterType, write};
use crate::abi;
use crate::convert::{Error, literal};

/// The literal of `text` as a value of `kind`; `None` where text is what the server takes, or where nobody writes
/// literals of the type. A literal has the digits that the text has, whatever the type's precision.
pub fn expected_literal(text: &str, kind: &Type) -> Result<Option<String>, ParameterError> {
    let invalid = ParameterError::InvalidText;
    let sql_type = match kind {
        Type::Boolean => abi::SQL_BIT,
        Type::TinyInt => abi::SQL_TINYINT,
        Type::SmallInt => abi::SQL_SMALLINT,
        Type::Integer => abi::SQL_INTEGER,
        Type::BigInt => abi::SQL_BIGINT,
        Type::Real => abi::SQL_REAL,
        Type::Double => abi::SQL_DOUBLE,
        Type::Decimal { .. } => abi::SQL_DECIMAL,
        Type::Date => abi::SQL_TYPE_DATE,
        Type::Time { .. } | Type::TimeWithTimeZone { .. } => abi::SQL_TYPE_TIME,
        Type::Timestamp { .. } | Type::TimestampWithTimeZone { .. } => {
            // A time alone is one of today only where the application itself says that it is a timestamp.
            if Moment::parse(text)?.days.is_none() {
                return Err(invalid);
            }
            abi::SQL_TYPE_TIMESTAMP
        }
        Type::IntervalYearToMonth => abi::SQL_INTERVAL_YEAR_TO_MONTH,
        Type::IntervalDayToSecond => abi::SQL_INTERVAL_DAY_TO_SECOND,
        Type::Interval(fields) if fields.of_months() => abi::SQL_INTERVAL_YEAR_TO_MONTH,
        Type::Interval(_) => abi::SQL_INTERVAL_DAY_TO_SECOND,
        Type::Varbinary => abi::SQL_VARBINARY,
        Type::Uuid => abi::SQL_GUID,
        Type::Json | Type::Variant => {
            return match serde_json::from_str::<&RawValue>(text) {
                Ok(_) if *kind == Type::Json => Ok(Some(write::quoted("JSON ", text))),
                // Its own literal is a string, whatever is in it.
                Ok(_) => Ok(Some(format!(
                    "CAST({} AS variant)",
                    write::quoted("JSON ", text)
                ))),
                Err(_) => Err(invalid),
            };
        }
        Type::IpAddress => {
            return match text.trim().parse::<IpAddr>() {
                Ok(_) => Ok(Some(write::quoted("IPADDRESS ", text.trim()))),
                Err(_) => Err(invalid),
            };
        }
        Type::Number => {
            return match literal::double(text.as_bytes()) {
                // It has more room than a double.
                Ok(_) | Err(Error::NumericOutOfRange) => {
                    Ok(Some(write::quoted("NUMBER ", text.trim())))
                }
                Err(error) => Err(error.into()),
            };
        }
        Type::Varchar { .. }
        | Type::Char { .. }
        | Type::Array(_)
        | Type::Map(..)
        | Type::Row(_)
        | Type::Other(_)
        | Type::Unknown => return Ok(None),
    };
    let to = ParameterType {
        sql_type,
        size: 0,
        digits: 0,
    };
    // Nothing that is read here depends on the day.
    let (literal, _) = write::literal(Source::Text(text.into()), &to, || 0)?;
    Ok(Some(literal))
}

/// The literal of a number as it is written, for where several types of numbers are taken.
pub fn number_literal(text: &str) -> Option<String> {
    let text = text.trim();
    let number = literal::exact(text.as_bytes()).ok()?;
    let kind = if number.lost || text.contains(['e', 'E']) {
        Type::Double
    } else if number.scale > 0 {
        Type::Decimal {
            precision: 38,
            scale: number.scale,
        }
    } else if i32::try_from(number.unscaled).is_ok() {
        Type::Integer
    } else if i64::try_from(number.unscaled).is_ok() {
        Type::BigInt
    } else {
        Type::Decimal {
            precision: 38,
            scale: 0,
        }
    };
    expected_literal(text, &kind).ok().flatten()
}

#[cfg(test)]
mod tests {
    use trino_client::columns::Type;

    use super::{expected_literal, number_literal};

    #[test]
    fn text_becomes_the_literal_that_the_server_takes() {
        let decimal = Type::Decimal {
            precision: 4,
            scale: 1,
        };
        let zoned = Type::TimestampWithTimeZone { precision: 3 };
        for (text, kind, literal) in [
            ("5", Type::BigInt, "BIGINT '5'"),
            (" -5.0 ", Type::TinyInt, "TINYINT '-5'"),
            ("1.5", Type::Double, "DOUBLE '1.5'"),
            ("NaN", Type::Real, "REAL 'NaN'"),
            ("12345.678", decimal, "DECIMAL '12345.678'"),
            ("TRUE", Type::Boolean, "true"),
            ("0", Type::Boolean, "false"),
            ("2020-01-02", Type::Date, "DATE '2020-01-02'"),
            (
                "01:02:03.45",
                Type::Time { precision: 0 },
                "TIME '01:02:03.45'",
            ),
            (
                "01:02:03+01:00",
                Type::TimeWithTimeZone { precision: 0 },
                "TIME '01:02:03+01:00'",
            ),
            (
                "2020-01-02T03:04",
                Type::Timestamp { precision: 3 },
                "TIMESTAMP '2020-01-02 03:04:00'",
            ),
            (
                "2020-01-02 03:04:05.6 UTC",
                zoned,
                "TIMESTAMP '2020-01-02 03:04:05.6 UTC'",
            ),
            (
                "1-2",
                Type::IntervalYearToMonth,
                "INTERVAL '1-2' YEAR TO MONTH",
            ),
            ("00ff", Type::Varbinary, "X'00ff'"),
            (
                "12151FD2-7586-11e9-8f9e-2a86e4085a59",
                Type::Uuid,
                "UUID '12151fd2-7586-11e9-8f9e-2a86e4085a59'",
            ),
            (r#"{"a": "it's"}"#, Type::Json, r#"JSON '{"a": "it''s"}'"#),
            ("[1]", Type::Variant, "CAST(JSON '[1]' AS variant)"),
            ("::1", Type::IpAddress, "IPADDRESS '::1'"),
            ("1e400", Type::Number, "NUMBER '1e400'"),
        ] {
            assert_eq!(
                expected_literal(text, &kind),
                Ok(Some(literal.to_owned())),
                "{text}"
            );
        }
    }

    #[test]
    fn text_that_is_no_literal_of_the_type_is_refused() {
        for (text, kind) in [
            ("", Type::BigInt),
            ("five", Type::BigInt),
            ("4.5", Type::Integer),
            ("300", Type::TinyInt),
            ("1'; DROP", Type::Double),
            ("maybe", Type::Boolean),
            ("2020-13-01", Type::Date),
            ("2020-01-02 03:04:05", Type::Date),
            ("03:04:05", Type::Timestamp { precision: 0 }),
            ("0g", Type::Varbinary),
            ("{", Type::Json),
            ("x", Type::Variant),
            ("1.2.3", Type::IpAddress),
            ("x", Type::Number),
            ("x", Type::Uuid),
        ] {
            assert!(expected_literal(text, &kind).is_err(), "{text} {kind}");
        }
    }

    #[test]
    fn text_stays_text_where_it_is_taken_or_nothing_else_is_known() {
        for kind in [
            Type::Varchar { length: Some(1) },
            Type::Char { length: 1 },
            Type::Unknown,
            Type::Other("JsonPath".to_owned()),
            Type::Array(Box::new(Type::BigInt)),
        ] {
            assert_eq!(expected_literal("it's", &kind), Ok(None));
        }
    }

    #[test]
    fn a_number_has_the_type_that_it_is_written_as() {
        for (text, literal) in [
            ("500", "INTEGER '500'"),
            ("-3000000000", "BIGINT '-3000000000'"),
            ("1.50", "DECIMAL '1.50'"),
            ("99999999999999999999", "DECIMAL '99999999999999999999'"),
            ("1e3", "DOUBLE '1000.0'"),
        ] {
            assert_eq!(number_literal(text).as_deref(), Some(literal), "{text}");
        }
        assert_eq!(number_literal("five"), None);
    }
}
