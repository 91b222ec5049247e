//! Types as Trino writes them: the `typeSignature` of a column, and display text as in `DESCRIBE`.
//!
//! A type that is not known keeps its display text; its values are shown as they come.
//!
//! <https://trino.io/docs/current/language/types.html>

use serde_json::value::RawValue;

use super::object::{self, Object};
use crate::columns::{Field, Type};

/// The type of a signature in JSON; `display` is its text, for types that are not known.
pub fn from_signature(signature: &str, display: &str) -> Type {
    let Ok(signature) = Object::parse(signature) else {
        return from_display(display);
    };
    let known = of_signature(&signature, 0);
    known.unwrap_or_else(|| match signature.text("rawType") {
        Some(name) if display.is_empty() => from_display(&name),
        _ => from_display(display),
    })
}

/// The type of a display text.
pub fn from_display(text: &str) -> Type {
    let mut parser = Parser {
        rest: text,
        depth: 0,
    };
    match parser.kind() {
        Some(kind) if parser.rest.trim_start().is_empty() => kind,
        _ => Type::Other(text.trim().to_owned()),
    }
}

/// The type of `typeSignature`. The form of arguments depends on their kind, and kinds have been renamed: each is tried as
/// what the type needs.
fn of_signature(signature: &Object<'_>, depth: usize) -> Option<Type> {
    if depth > DEEPEST {
        return None;
    }
    let raw_type = signature.text("rawType")?;
    let arguments = signature.array("arguments").unwrap_or_default();
    let nested = |argument: &RawValue| of_signature(&Object::of(value(argument)?)?, depth + 1);
    match raw_type.to_ascii_lowercase().as_str() {
        "array" => match arguments.as_slice() {
            [element] => Some(Type::Array(Box::new(nested(element)?))),
            _ => None,
        },
        "map" => match arguments.as_slice() {
            [key, value] => Some(Type::Map(Box::new(nested(key)?), Box::new(nested(value)?))),
            _ => None,
        },
        "row" => {
            let field = |argument: &&RawValue| {
                let value = Object::of(value(argument)?)?;
                Some(Field {
                    name: value.object("fieldName").and_then(|name| name.text("name")),
                    kind: of_signature(&value.object("typeSignature")?, depth + 1)?,
                })
            };
            arguments
                .iter()
                .map(field)
                .collect::<Option<_>>()
                .map(Type::Row)
        }
        name => {
            let numbers: Option<Vec<u64>> = arguments
                .iter()
                .map(|argument| object::count(value(argument)?))
                .collect();
            // Within a nested type an unknown one is unknown by itself; what is around it keeps its names.
            let unknown =
                || (depth > 0 || arguments.is_empty()).then(|| Type::Other(raw_type.clone()));
            numbers
                .and_then(|numbers| of_name(name, &numbers))
                .or_else(unknown)
        }
    }
}

fn value(argument: &RawValue) -> Option<&RawValue> {
    Object::of(argument)?.get("value")
}

/// A type without nested types, by its name in lower case.
fn of_name(name: &str, arguments: &[u64]) -> Option<Type> {
    let small = |index: usize, default| match arguments.get(index) {
        Some(number) => u8::try_from(*number).ok(),
        None => Some(default),
    };
    let fraction = || small(0, 3).filter(|precision| *precision <= 12);
    Some(match name {
        "boolean" => Type::Boolean,
        "tinyint" => Type::TinyInt,
        "smallint" => Type::SmallInt,
        "integer" | "int" => Type::Integer,
        "bigint" => Type::BigInt,
        "real" => Type::Real,
        "double" | "double precision" => Type::Double,
        "decimal" => {
            let (precision, scale) = (small(0, 38)?, small(1, 0)?);
            if precision > 38 || scale > precision {
                return None;
            }
            Type::Decimal { precision, scale }
        }
        "number" => Type::Number,
        "varchar" => {
            let length = arguments.first().filter(|length| **length < UNBOUNDED);
            Type::Varchar {
                length: length.and_then(|length| u32::try_from(*length).ok()),
            }
        }
        "char" => Type::Char {
            length: arguments
                .first()
                .map_or(Some(1), |it| u32::try_from(*it).ok())?,
        },
        "varbinary" => Type::Varbinary,
        "date" => Type::Date,
        "time" => Type::Time {
            precision: fraction()?,
        },
        "time with time zone" => Type::TimeWithTimeZone {
            precision: fraction()?,
        },
        "timestamp" => Type::Timestamp {
            precision: fraction()?,
        },
        "timestamp with time zone" => Type::TimestampWithTimeZone {
            precision: fraction()?,
        },
        "interval year to month" => Type::IntervalYearToMonth,
        "interval day to second" => Type::IntervalDayToSecond,
        "uuid" => Type::Uuid,
        "ipaddress" => Type::IpAddress,
        // The driver takes variants as JSON, and so the server calls them in results, though not in descriptions.
        "json" | "variant" => Type::Json,
        "unknown" => Type::Unknown,
        _ => return None,
    })
}

/// Reads display text from left to right.
struct Parser<'a> {
    rest: &'a str,
    depth: usize,
}

impl<'a> Parser<'a> {
    fn kind(&mut self) -> Option<Type> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return None;
        }
        let kind = self.kind_within();
        self.depth -= 1;
        kind
    }

    fn kind_within(&mut self) -> Option<Type> {
        let name = self.word()?.to_ascii_lowercase();
        match name.as_str() {
            "array" => {
                self.symbol('(')?;
                let element = self.kind_or_other()?;
                self.symbol(')')?;
                return Some(Type::Array(Box::new(element)));
            }
            "map" => {
                self.symbol('(')?;
                let key = self.kind_or_other()?;
                self.symbol(',')?;
                let value = self.kind_or_other()?;
                self.symbol(')')?;
                return Some(Type::Map(Box::new(key), Box::new(value)));
            }
            "row" => return self.row(),
            "interval" => return self.interval(),
            "double" => {
                self.keyword("precision");
                return Some(Type::Double);
            }
            _ => {}
        }
        let arguments = self.arguments()?;
        let zoned = matches!(name.as_str(), "time" | "timestamp") && self.keyword("with");
        if zoned {
            if !(self.keyword("time") && self.keyword("zone")) {
                return None;
            }
            return of_name(&format!("{name} with time zone"), &arguments);
        }
        let unzoned = matches!(name.as_str(), "time" | "timestamp") && self.keyword("without");
        if unzoned && !(self.keyword("time") && self.keyword("zone")) {
            return None;
        }
        of_name(&name, &arguments)
    }

    /// `day to second`, `day(9) to second(6)` or `hour`: what Trino keeps has only two forms.
    fn interval(&mut self) -> Option<Type> {
        let kind = self.interval_field()?;
        if self.keyword("to") && self.interval_field()? != kind {
            return None;
        }
        Some(kind)
    }

    /// A field of an interval, with its digits or without, as the type of intervals that have it.
    fn interval_field(&mut self) -> Option<Type> {
        let name = self.word()?.to_ascii_lowercase();
        self.arguments()?;
        match name.as_str() {
            "year" | "month" => Some(Type::IntervalYearToMonth),
            "day" | "hour" | "minute" | "second" => Some(Type::IntervalDayToSecond),
            _ => None,
        }
    }

    /// Numbers in parentheses; none where there are no parentheses.
    fn arguments(&mut self) -> Option<Vec<u64>> {
        let mut arguments = Vec::new();
        if self.symbol('(').is_some() {
            loop {
                arguments.push(self.number()?);
                if self.symbol(',').is_none() {
                    break;
                }
            }
            self.symbol(')')?;
        }
        Some(arguments)
    }

    fn row(&mut self) -> Option<Type> {
        self.symbol('(')?;
        let mut fields = Vec::new();
        loop {
            fields.push(self.field()?);
            if self.symbol(',').is_none() {
                break;
            }
        }
        self.symbol(')')?;
        Some(Type::Row(fields))
    }

    /// `"name" type`, `name type` or `type`: an unquoted name is told from a type by what follows it.
    fn field(&mut self) -> Option<Field> {
        if let Some(name) = self.quoted() {
            return Some(Field {
                name: Some(name),
                kind: self.kind_or_other()?,
            });
        }
        let start = self.rest;
        if let Some(kind) = self.kind()
            && matches!(self.peek(), Some(',' | ')'))
        {
            return Some(Field { name: None, kind });
        }
        self.rest = start;
        let name = self.word()?.to_owned();
        if matches!(self.peek(), Some(',' | ')')) {
            return Some(Field {
                name: None,
                kind: Type::Other(name),
            });
        }
        Some(Field {
            name: Some(name),
            kind: self.kind_or_other()?,
        })
    }

    /// A type within another: one that is not known has only its name, as in a signature.
    fn kind_or_other(&mut self) -> Option<Type> {
        let start = self.rest;
        if let Some(kind) = self.kind() {
            return Some(kind);
        }
        self.rest = start;
        let name = self.word()?;
        // These are known; what is in them cannot be read or is nested too deep.
        if ["array", "map", "row"].contains(&name.to_ascii_lowercase().as_str()) {
            return None;
        }
        if self.peek() == Some('(') {
            self.parentheses()?;
        }
        Some(Type::Other(name.to_owned()))
    }

    /// Passes over parentheses and all that is in them.
    fn parentheses(&mut self) -> Option<()> {
        let mut depth = 0_usize;
        let rest = self.rest;
        for (at, character) in rest.char_indices() {
            match character {
                '(' => depth += 1,
                ')' => depth = depth.checked_sub(1)?,
                _ => continue,
            }
            if depth == 0 {
                self.rest = rest.get(at + 1..)?;
                return Some(());
            }
        }
        None
    }

    fn quoted(&mut self) -> Option<String> {
        let mut rest = self.rest.trim_start().strip_prefix('"')?;
        let mut name = String::new();
        loop {
            let (part, after) = rest.split_once('"')?;
            name.push_str(part);
            match after.strip_prefix('"') {
                Some(more) => {
                    name.push('"');
                    rest = more;
                }
                None => {
                    self.rest = after;
                    return Some(name);
                }
            }
        }
    }

    fn word(&mut self) -> Option<&'a str> {
        let rest = self.rest.trim_start();
        let end = rest
            .find(|character: char| !(character.is_alphanumeric() || character == '_'))
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end)?;
        self.rest = after;
        (!word.is_empty()).then_some(word)
    }

    fn keyword(&mut self, keyword: &str) -> bool {
        let start = self.rest;
        let found = self
            .word()
            .is_some_and(|word| word.eq_ignore_ascii_case(keyword));
        if !found {
            self.rest = start;
        }
        found
    }

    fn number(&mut self) -> Option<u64> {
        self.word()?.parse().ok()
    }

    fn symbol(&mut self, symbol: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(symbol)?;
        Some(())
    }

    fn peek(&self) -> Option<char> {
        self.rest.trim_start().chars().next()
    }
}

/// Types nested deeper than this are shown as they come: reading them recurses.
const DEEPEST: usize = 64;

/// The length that Trino gives varchar without one.
const UNBOUNDED: u64 = 2_147_483_647;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{from_display, from_signature};
    use crate::columns::{Field, Type};

    #[test]
    fn signatures_of_each_form_are_read() {
        let row = r#"{"rawType":"row","arguments":[
            {"kind":"NAMED_TYPE","value":{"fieldName":{"name":"a"},"typeSignature":
                {"rawType":"decimal","arguments":[{"kind":"LONG","value":10},{"kind":"LONG","value":2}]}}},
            {"kind":"NAMED_TYPE_SIGNATURE","value":{"typeSignature":{"rawType":"map","arguments":[
                {"kind":"TYPE","value":{"rawType":"varchar","arguments":[{"kind":"LONG_LITERAL","value":2147483647}]}},
                {"kind":"TYPE","value":{"rawType":"timestamp with time zone","arguments":[]}}]}}}]}"#;
        assert_eq!(
            from_signature(row, "row(...)"),
            Type::Row(vec![
                Field {
                    name: Some("a".into()),
                    kind: Type::Decimal {
                        precision: 10,
                        scale: 2
                    }
                },
                Field {
                    name: None,
                    kind: Type::Map(
                        Box::new(Type::Varchar { length: None }),
                        Box::new(Type::TimestampWithTimeZone { precision: 3 })
                    )
                },
            ])
        );
        assert_eq!(
            from_signature(r#"{"rawType":"HyperLogLog","arguments":[]}"#, "HyperLogLog"),
            Type::Other("HyperLogLog".into())
        );
        assert_eq!(
            from_signature(
                r#"{"rawType":"qdigest","arguments":[{"kind":"TYPE","value":{"rawType":"bigint","arguments":[]}}]}"#,
                "qdigest(bigint)"
            ),
            Type::Other("qdigest(bigint)".into())
        );
        assert_eq!(
            from_signature(r#"{"rawType":"bigint"}"#, "bigint"),
            Type::BigInt
        );
    }

    #[test]
    fn display_text_of_each_form_is_read() {
        let named = |name: &str, kind| Field {
            name: Some(name.into()),
            kind,
        };
        let cases = [
            ("varchar", Type::Varchar { length: None }),
            ("VARCHAR(15)", Type::Varchar { length: Some(15) }),
            ("char", Type::Char { length: 1 }),
            (
                "timestamp(6) with time zone",
                Type::TimestampWithTimeZone { precision: 6 },
            ),
            (
                "timestamp with time zone",
                Type::TimestampWithTimeZone { precision: 3 },
            ),
            ("time(0)", Type::Time { precision: 0 }),
            ("interval day to second", Type::IntervalDayToSecond),
            ("interval day(9) to second(6)", Type::IntervalDayToSecond),
            ("interval year(4) to month", Type::IntervalYearToMonth),
            ("interval month", Type::IntervalYearToMonth),
            (
                "interval year to second",
                Type::Other("interval year to second".into()),
            ),
            ("variant", Type::Json),
            (
                "decimal(38, 10)",
                Type::Decimal {
                    precision: 38,
                    scale: 10,
                },
            ),
            ("decimal(39,10)", Type::Other("decimal(39,10)".into())),
            (
                "row(x integer, \"select \"\"y\" array(double))",
                Type::Row(vec![
                    named("x", Type::Integer),
                    named("select \"y", Type::Array(Box::new(Type::Double))),
                ]),
            ),
            (
                "row(time time(3) with time zone, bigint)",
                Type::Row(vec![
                    named("time", Type::TimeWithTimeZone { precision: 3 }),
                    Field {
                        name: None,
                        kind: Type::BigInt,
                    },
                ]),
            ),
            (
                "row(\"x\" Geometry, y Geometry)",
                Type::Row(vec![
                    named("x", Type::Other("Geometry".into())),
                    named("y", Type::Other("Geometry".into())),
                ]),
            ),
            ("qdigest(bigint)", Type::Other("qdigest(bigint)".into())),
            (
                "map(Color, array(qdigest(array(bigint))))",
                Type::Map(
                    Box::new(Type::Other("Color".into())),
                    Box::new(Type::Array(Box::new(Type::Other("qdigest".into())))),
                ),
            ),
            ("Geometry", Type::Other("Geometry".into())),
            ("", Type::Other(String::new())),
            ("array(", Type::Other("array(".into())),
        ];
        for (text, expected) in cases {
            assert_eq!(from_display(text), expected, "{text}");
        }
        let deep = "array(".repeat(10_000);
        assert_eq!(from_display(&deep), Type::Other(deep.clone()));
    }

    #[test]
    fn a_type_is_the_same_in_a_description_and_in_a_result() {
        // Descriptions name what the column is, results what the client gets: an older client has no variant and no
        // digits of an interval.
        let of = |raw: &str| format!(r#"{{"rawType":"{raw}","arguments":[]}}"#);
        let array = |element: &str| {
            let value = of(element);
            format!(r#"{{"rawType":"array","arguments":[{{"kind":"TYPE","value":{value}}}]}}"#)
        };
        for (described, in_result) in [
            ("number", of("number")),
            ("variant", of("json")),
            ("array(variant)", array("json")),
            ("array(Geometry)", array("Geometry")),
            ("array(qdigest(bigint))", array("qdigest")),
            ("interval day(9) to second(6)", of("interval day to second")),
        ] {
            assert_eq!(
                from_display(described),
                from_signature(&in_result, described),
                "{described}"
            );
        }
    }

    fn kinds() -> impl Strategy<Value = Type> {
        let leaf = prop_oneof![
            Just(Type::Boolean),
            Just(Type::BigInt),
            Just(Type::Double),
            Just(Type::IntervalYearToMonth),
            Just(Type::Json),
            (0u8..=12).prop_map(|precision| Type::Timestamp { precision }),
            (0u8..=12).prop_map(|precision| Type::TimeWithTimeZone { precision }),
            (1u8..=38).prop_flat_map(|precision| (0..=precision)
                .prop_map(move |scale| Type::Decimal { precision, scale })),
            proptest::option::of(1u32..1000).prop_map(|length| Type::Varchar { length }),
        ];
        leaf.prop_recursive(4, 24, 4, |inner| {
            prop_oneof![
                inner.clone().prop_map(|kind| Type::Array(Box::new(kind))),
                (inner.clone(), inner.clone())
                    .prop_map(|(key, value)| Type::Map(Box::new(key), Box::new(value))),
                proptest::collection::vec(
                    (proptest::option::of("[a-z \",()]{1,8}"), inner)
                        .prop_map(|(name, kind)| Field { name, kind }),
                    1..4
                )
                .prop_map(Type::Row),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(kind in kinds()) {
            prop_assert_eq!(from_display(&kind.to_string()), kind);
        }

        #[test]
        fn any_text_is_read_as_some_type(
            text in "\\PC{0,60}|(array|map|row|time|varchar|interval|with|zone|x|[ (),\"0-9])*"
        ) {
            let kind = from_display(&text);
            if let Type::Other(shown) = &kind {
                prop_assert_eq!(shown, text.trim());
            }
            prop_assert_eq!(from_display(&kind.to_string()), kind);
        }
    }
}
