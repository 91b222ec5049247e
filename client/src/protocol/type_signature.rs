//! Types as Trino writes them: the `typeSignature` of a column, and display text as in `DESCRIBE`.
//!
//! A type that is not known keeps its display text; its values are shown as they come.
//!
//! <https://trino.io/docs/current/language/types.html>

use serde_json::value::RawValue;

use super::object::{self, Object};
use crate::columns::{Field, IntervalField, IntervalFields, Type};

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
        attempts: MOST_ATTEMPTS,
    };
    match parser.kind() {
        Some(kind) if parser.rest.trim_start().is_empty() => kind,
        _ => Type::Other(text.trim().to_owned()),
    }
}

/// The type of `typeSignature`. The form of arguments depends on their kind, and kinds have been
/// renamed: each is tried as what the type needs.
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
            // Within a nested type an unknown one is unknown by itself; what is around it keeps its
            // names.
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
        "interval year to month" if arguments.is_empty() => Type::IntervalYearToMonth,
        "interval day to second" if arguments.is_empty() => Type::IntervalDayToSecond,
        "interval year to month" | "interval day to second" => {
            let field = |index| {
                let number = usize::try_from(*arguments.get(index)?).ok()?;
                IntervalField::ALL.get(number).copied()
            };
            let fields = IntervalFields::new(field(0)?, field(1)?, small(2, 0)?, small(3, 0)?)?;
            let months = name == "interval year to month";
            (fields.of_months() == months && arguments.len() <= 4)
                .then_some(Type::Interval(fields))?
        }
        "uuid" => Type::Uuid,
        "ipaddress" => Type::IpAddress,
        "json" => Type::Json,
        "variant" => Type::Variant,
        "unknown" => Type::Unknown,
        _ => return None,
    })
}

/// Reads display text from left to right.
struct Parser<'a> {
    rest: &'a str,
    depth: usize,
    /// How many more places may be tried for the end of a name.
    attempts: usize,
}

impl<'a> Parser<'a> {
    /// A type.
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

    /// `day to second`, `day(9) to second(6)`, `second(2, 6)` or `hour`. The standard's digits
    /// stand where none do: only the two types that older servers have say none.
    fn interval(&mut self) -> Option<Type> {
        let (first, digits) = self.interval_field()?;
        let (last, fraction) = if self.keyword("to") {
            let (last, fraction) = self.interval_field()?;
            (last, fraction.first().copied())
        } else {
            (first, digits.get(1).copied())
        };
        let leading = digits.first().copied();
        if leading.is_none() && fraction.is_none() {
            match (first, last) {
                (IntervalField::Year, IntervalField::Month) => {
                    return Some(Type::IntervalYearToMonth);
                }
                (IntervalField::Day, IntervalField::Second) => {
                    return Some(Type::IntervalDayToSecond);
                }
                _ => {}
            }
        }
        let default = if last == IntervalField::Second { 6 } else { 0 };
        let small =
            |digits: Option<u64>, default| digits.map_or(Some(default), |it| it.try_into().ok());
        IntervalFields::new(first, last, small(leading, 2)?, small(fraction, default)?)
            .map(Type::Interval)
    }

    /// A field of an interval, and the digits in parentheses after it.
    fn interval_field(&mut self) -> Option<(IntervalField, Vec<u64>)> {
        let name = self.word()?.to_ascii_lowercase();
        let field = IntervalField::ALL
            .into_iter()
            .find(|field| field.name() == name)?;
        Some((field, self.arguments()?))
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

    /// The fields of a row type.
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

    /// `"name" type`, `name type` or `type`: an unquoted name is distinguished from a type by what
    /// follows it. Servers before 483 quote no name, whatever is in it.
    fn field(&mut self) -> Option<Field> {
        let start = self.rest;
        if let Some(name) = self.quoted()
            && let Some(kind) = self.field_kind()
        {
            return Some(Field {
                name: Some(name),
                kind,
            });
        }
        self.rest = start;
        self.plain_field(start).or_else(|| self.spaced_field(start))
    }

    /// A name that is a word before its type, or a type alone.
    fn plain_field(&mut self, start: &'a str) -> Option<Field> {
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
            kind: self.field_kind()?,
        })
    }

    /// A name with blanks or signs in it before its type: the shortest that leaves a type that is
    /// known, or any.
    fn spaced_field(&mut self, start: &'a str) -> Option<Field> {
        let text = start.trim_start();
        let ends = || text.match_indices(' ').filter(|(end, _)| *end > 0);
        for known in [true, false] {
            for (end, _) in ends() {
                let (name, rest) = text.split_at_checked(end)?;
                self.attempts = self.attempts.checked_sub(1)?;
                self.rest = rest;
                let depth = self.depth;
                let kind = if known {
                    self.kind()
                } else {
                    self.kind_or_other()
                };
                self.depth = depth;
                if let Some(kind) = kind
                    && matches!(self.peek(), Some(',' | ')'))
                {
                    return Some(Field {
                        name: Some(name.to_owned()),
                        kind,
                    });
                }
                if name.contains([',', '(', ')']) {
                    break;
                }
            }
        }
        None
    }

    /// The type of a field, if the field ends after it.
    fn field_kind(&mut self) -> Option<Type> {
        let kind = self.kind_or_other()?;
        matches!(self.peek(), Some(',' | ')')).then_some(kind)
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

    /// A name in quotation marks.
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

    /// A name without quotation marks.
    fn word(&mut self) -> Option<&'a str> {
        let rest = self.rest.trim_start();
        let end = rest
            .find(|character: char| !(character.is_alphanumeric() || character == '_'))
            .unwrap_or(rest.len());
        let (word, after) = rest.split_at_checked(end)?;
        self.rest = after;
        (!word.is_empty()).then_some(word)
    }

    /// Skips a keyword, in any case of letters, if it comes next.
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

    /// A number.
    fn number(&mut self) -> Option<u64> {
        self.word()?.parse().ok()
    }

    /// That character, and no other.
    fn symbol(&mut self, symbol: char) -> Option<()> {
        self.rest = self.rest.trim_start().strip_prefix(symbol)?;
        Some(())
    }

    /// The next character.
    fn peek(&self) -> Option<char> {
        self.rest.trim_start().chars().next()
    }
}

/// Types nested deeper than this are shown as they come: reading them recurses.
const DEEPEST: usize = 64;

/// Names with blanks in nested rows multiply what there is to try.
const MOST_ATTEMPTS: usize = 1000;

/// The length that Trino gives varchar without one.
const UNBOUNDED: u64 = 2_147_483_647;

#[cfg(test)]
mod tests;
