//! Columns as the coordinator describes them: a name, and a type as text and as signature.
//!
//! A type is written as Trino shows it, `map(varchar,decimal(10,2))`; the signature that the protocol
//! carries beside the text is derived from it.

use serde_json::{Value, json};

/// One column of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct Column {
    pub name: String,
    pub type_text: String,
    pub signature: Signature,
}

impl Column {
    /// Panics when `type_text` is not a type: scripts are written by hand.
    pub fn new(name: &str, type_text: &str) -> Self {
        Self {
            name: name.to_owned(),
            type_text: type_text.to_owned(),
            signature: Signature::parse(type_text),
        }
    }

    pub(crate) fn json(&self) -> Value {
        json!({
            "name": self.name,
            "type": self.type_text,
            "typeSignature": self.signature.json(),
        })
    }
}

/// Builds columns from `("name", "type")` pairs.
#[macro_export]
macro_rules! columns {
    ($(($name:expr, $type_text:expr)),* $(,)?) => {
        vec![$($crate::Column::new($name, $type_text)),*]
    };
}

/// The columns that the driver reads of `system.jdbc.columns`.
pub fn columns_of_jdbc_columns() -> Vec<Column> {
    columns![
        ("table_cat", "varchar"),
        ("table_schem", "varchar"),
        ("table_name", "varchar"),
        ("column_name", "varchar"),
        ("type_name", "varchar"),
        ("remarks", "varchar"),
        ("column_def", "varchar"),
        ("ordinal_position", "integer"),
        ("is_nullable", "varchar"),
    ]
}

/// The columns that the driver reads of `system.jdbc.tables`.
pub fn columns_of_jdbc_tables() -> Vec<Column> {
    columns![
        ("table_cat", "varchar"),
        ("table_schem", "varchar"),
        ("table_name", "varchar"),
        ("table_type", "varchar"),
        ("remarks", "varchar"),
    ]
}

/// A type as the protocol's `typeSignature`.
#[derive(Debug, Clone, PartialEq)]
pub struct Signature {
    pub raw_type: String,
    pub arguments: Vec<Argument>,
}

/// An argument of a type.
#[derive(Debug, Clone, PartialEq)]
pub enum Argument {
    Long(i64),
    Type(Signature),
    Field(Option<String>, Signature),
}

impl Signature {
    pub fn parse(text: &str) -> Self {
        let text = text.trim();
        if let Some(interval) = interval(text) {
            return interval;
        }
        let Some(open) = text.find('(') else {
            return Self::plain(text);
        };
        let close = matching(text, open);
        let inside = &text[open + 1..close];
        let base = text[..open].trim();
        let raw_type = format!("{base}{}", &text[close + 1..]);
        let arguments = split(inside)
            .into_iter()
            .map(|argument| match argument.parse() {
                Ok(number) => Argument::Long(number),
                Err(_) if base.eq_ignore_ascii_case("row") => field(argument),
                Err(_) => Argument::Type(Self::parse(argument)),
            })
            .collect();
        Self {
            raw_type,
            arguments,
        }
    }

    /// The `index`th numeric argument.
    pub(crate) fn long(&self, index: usize) -> Option<i64> {
        match self.arguments.get(index) {
            Some(Argument::Long(number)) => Some(*number),
            _ => None,
        }
    }

    pub(crate) fn nested(&self, index: usize) -> &Self {
        match &self.arguments[index] {
            Argument::Type(signature) | Argument::Field(_, signature) => signature,
            Argument::Long(_) => panic!("{} takes types", self.raw_type),
        }
    }

    fn plain(name: &str) -> Self {
        // The server never leaves these arguments out.
        let arguments = match name {
            "varchar" => vec![Argument::Long(2_147_483_647)],
            "char" => vec![Argument::Long(1)],
            "decimal" => vec![Argument::Long(38), Argument::Long(0)],
            "time" | "time with time zone" | "timestamp" | "timestamp with time zone" => {
                vec![Argument::Long(3)]
            }
            _ => Vec::new(),
        };
        Self {
            raw_type: name.to_owned(),
            arguments,
        }
    }

    fn json(&self) -> Value {
        let arguments: Vec<Value> = self
            .arguments
            .iter()
            .map(|argument| match argument {
                Argument::Long(number) => json!({"kind": "LONG", "value": number}),
                Argument::Type(signature) => json!({"kind": "TYPE", "value": signature.json()}),
                Argument::Field(None, signature) => {
                    json!({"kind": "NAMED_TYPE", "value": {"typeSignature": signature.json()}})
                }
                Argument::Field(Some(name), signature) => json!({
                    "kind": "NAMED_TYPE",
                    "value": {"fieldName": {"name": name}, "typeSignature": signature.json()},
                }),
            })
            .collect();
        json!({"rawType": self.raw_type, "arguments": arguments})
    }
}

/// An interval that states its digits: `interval day(9) to second(6)`, `interval second(2, 12)`, `interval year(4)`. Its
/// arguments are the first and the last field, counted from 0, and the digits.
fn interval(text: &str) -> Option<Signature> {
    let fields = text
        .strip_prefix("interval ")
        .filter(|_| text.contains('('))?;
    let (first, last) = match fields.split_once(" to ") {
        Some((first, last)) => (first, Some(last)),
        None => (fields, None),
    };
    let read = |field: &str| {
        let (name, digits) = field.split_once('(').unwrap_or((field, ""));
        let names = ["year", "month", "day", "hour", "minute", "second"];
        let place = names.iter().position(|known| *known == name)?;
        let digits = digits.trim_end_matches(')').split(',').map(str::trim);
        let digits: Vec<i64> = digits.filter_map(|digits| digits.parse().ok()).collect();
        Some((place as i64, digits))
    };
    let (start, mut digits) = read(first)?;
    let mut end = start;
    if let Some((place, fraction)) = last.and_then(read) {
        end = place;
        digits.extend(fraction);
    }
    let raw_type = if start < 2 {
        "interval year to month"
    } else {
        "interval day to second"
    };
    let arguments = [start, end].into_iter().chain(digits);
    Some(Signature {
        raw_type: raw_type.to_owned(),
        arguments: arguments.map(Argument::Long).collect(),
    })
}

/// A row's field: `name type`, `"quoted name" type`, or a type alone.
fn field(text: &str) -> Argument {
    if let Some(rest) = text.strip_prefix('"')
        && let Some((name, type_text)) = rest.split_once('"')
    {
        return Argument::Field(Some(name.to_owned()), Signature::parse(type_text));
    }
    match text.split_once(' ') {
        Some((name, rest))
            if !name.contains('(')
                && !["with time zone", "day to second", "year to month"].contains(&rest) =>
        {
            Argument::Field(Some(name.to_owned()), Signature::parse(rest))
        }
        _ => Argument::Field(None, Signature::parse(text)),
    }
}

fn matching(text: &str, open: usize) -> usize {
    let mut depth = 0;
    for (at, byte) in text.bytes().enumerate().skip(open) {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at;
        }
    }
    panic!("unbalanced type {text}");
}

fn split(text: &str) -> Vec<&str> {
    let (mut depth, mut start, mut parts) = (0, 0, Vec::new());
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'(' => depth += 1,
            b')' => depth -= 1,
            b',' if depth == 0 => {
                parts.push(text[start..at].trim());
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[start..].trim());
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_suffix_after_the_arguments_belongs_to_the_raw_type() {
        let signature = Signature::parse("timestamp(6) with time zone");
        assert_eq!(signature.raw_type, "timestamp with time zone");
        assert_eq!(signature.arguments, [Argument::Long(6)]);
    }

    #[test]
    fn intervals_state_their_fields_by_number() {
        for (text, raw_type, arguments) in [
            (
                "interval day(9) to second(6)",
                "interval day to second",
                vec![2, 5, 9, 6],
            ),
            (
                "interval second(2, 12)",
                "interval day to second",
                vec![5, 5, 2, 12],
            ),
            (
                "interval hour(2) to minute",
                "interval day to second",
                vec![3, 4, 2],
            ),
            ("interval year(4)", "interval year to month", vec![0, 0, 4]),
            ("interval day to second", "interval day to second", vec![]),
        ] {
            let signature = Signature::parse(text);
            assert_eq!(signature.raw_type, raw_type, "{text}");
            let arguments: Vec<_> = arguments.into_iter().map(Argument::Long).collect();
            assert_eq!(signature.arguments, arguments, "{text}");
        }
    }

    #[test]
    fn fields_of_a_row_may_be_named_quoted_or_anonymous() {
        let signature =
            Signature::parse("row(a array(decimal(3,1)),\"b c\" varchar,time with time zone)");
        let names: Vec<_> = signature
            .arguments
            .iter()
            .map(|argument| match argument {
                Argument::Field(name, signature) => (name.as_deref(), signature.raw_type.as_str()),
                _ => panic!("not a field"),
            })
            .collect();
        assert_eq!(
            names,
            [
                (Some("a"), "array"),
                (Some("b c"), "varchar"),
                (None, "time with time zone")
            ]
        );
    }

    #[test]
    fn an_unbounded_varchar_has_the_largest_length() {
        assert_eq!(Signature::parse("varchar").long(0), Some(2_147_483_647));
    }
}
