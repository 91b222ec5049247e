//! JSON objects of which each field is read by itself, in whatever form it comes.
//!
//! Servers and gateways of many versions speak here. A message is its few fields that rows depend
//! on; every other one is for show, and must not make the message unreadable. So an object is split
//! into its fields without looking into them. Nothing recurses on the way, a name that comes twice
//! counts as it came last, and absent and null are the same.

use serde::de::{self, DeserializeOwned, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

/// The fields of an object, unread.
pub(super) struct Object<'a> {
    fields: Vec<(String, &'a RawValue)>,
}

impl<'a> Object<'a> {
    /// The object that `json` is.
    pub(super) fn parse(json: &'a str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// The object that a field is.
    pub(super) fn of(field: &'a RawValue) -> Option<Self> {
        Self::parse(field.get()).ok()
    }

    /// A field that is there, in any form.
    pub(super) fn get(&self, name: &str) -> Option<&'a RawValue> {
        let (_, field) = self.fields.iter().rfind(|(known, _)| known == name)?;
        (field.get() != "null").then_some(*field)
    }

    /// Whether a name comes twice.
    pub(super) fn repeats(&self, name: &str) -> bool {
        self.fields
            .iter()
            .filter(|(known, _)| known == name)
            .count()
            > 1
    }

    /// A field that is an object.
    pub(super) fn object(&self, name: &str) -> Option<Self> {
        Self::of(self.get(name)?)
    }

    /// The elements of a field that is an array.
    pub(super) fn array(&self, name: &str) -> Option<Vec<&'a RawValue>> {
        array(self.get(name)?)
    }

    /// A field that is text.
    pub(super) fn text(&self, name: &str) -> Option<String> {
        text(self.get(name)?)
    }

    /// A field in words, whatever it is.
    pub(super) fn shown(&self, name: &str) -> Option<String> {
        self.get(name).map(shown)
    }

    /// A field that is a number, or text of one.
    pub(super) fn count(&self, name: &str) -> Option<u64> {
        count(self.get(name)?)
    }

    /// All fields that are there.
    pub(super) fn into_fields(self) -> impl Iterator<Item = (String, &'a RawValue)> {
        self.fields
            .into_iter()
            .filter(|(_, field)| field.get() != "null")
    }
}

impl<'de> Deserialize<'de> for Object<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Fields;
        impl<'de> Visitor<'de> for Fields {
            type Value = Object<'de>;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Object<'de>, A::Error> {
                let mut fields = Vec::new();
                while let Some(Text(name)) = map.next_key()? {
                    fields.push((name, map.next_value()?));
                }
                Ok(Object { fields })
            }
        }
        deserializer.deserialize_map(Fields)
    }
}

/// The elements of an array.
pub(super) fn array(field: &RawValue) -> Option<Vec<&RawValue>> {
    serde_json::from_str(field.get()).ok()
}

/// The text that a field is; U+FFFD stands for half a surrogate pair.
pub(super) fn text(field: &RawValue) -> Option<String> {
    read::<Text>(field).map(|Text(text)| text)
}

/// The text that a field is, or the number in words.
pub(super) fn scalar(field: &RawValue) -> Option<String> {
    let json = field.get();
    let is_number = json.starts_with(|c: char| c == '-' || c.is_ascii_digit());
    text(field).or_else(|| is_number.then(|| json.to_owned()))
}

/// A field in words: its text, or else its JSON.
pub(super) fn shown(field: &RawValue) -> String {
    text(field).unwrap_or_else(|| field.get().to_owned())
}

/// The number that a field is, be it written as text; none that a count cannot be.
pub(super) fn count(field: &RawValue) -> Option<u64> {
    let shown = shown(field);
    let shown = shown.trim();
    shown.parse().ok().or_else(|| {
        let number: f64 = shown.parse().ok()?;
        // Beyond 2^53 a float is no count any more.
        let whole = number.fract() == 0.0 && (0.0..=9_007_199_254_740_992.0).contains(&number);
        whole.then(|| format!("{number:.0}").parse().ok())?
    })
}

/// The finite number that a field is, be it written as text.
pub(super) fn number(field: &RawValue) -> Option<f64> {
    let number: f64 = shown(field).trim().parse().ok()?;
    number.is_finite().then_some(number)
}

/// `json` with quotes around NaN and the infinities: no JSON when they stand bare, as some
/// libraries write them. Trino writes such numbers as text.
pub(super) fn with_quoted_numbers(json: &str) -> String {
    let mut quoted = String::with_capacity(json.len() + 16);
    let mut rest = json;
    while let Some((before, found)) = rest
        .find(['"', 'N', 'I', '-'])
        .and_then(|at| rest.split_at_checked(at))
    {
        quoted.push_str(before);
        let bare = ["NaN", "Infinity", "-Infinity"]
            .into_iter()
            .find(|word| found.starts_with(word));
        let length = match bare {
            Some(word) => word.len(),
            None if found.starts_with('"') => string_length(found),
            None => 1,
        };
        let (token, after) = found.split_at_checked(length).unwrap_or((found, ""));
        let quote = if bare.is_some() { "\"" } else { "" };
        quoted.extend([quote, token, quote]);
        rest = after;
    }
    quoted + rest
}

/// Bytes of the string that `json` begins with.
fn string_length(json: &str) -> usize {
    let mut bytes = json.bytes().enumerate().skip(1);
    while let Some((at, byte)) = bytes.next() {
        match byte {
            b'"' => return at + 1,
            b'\\' => drop(bytes.next()),
            _ => {}
        }
    }
    json.len()
}

fn read<T: DeserializeOwned>(field: &RawValue) -> Option<T> {
    serde_json::from_str(field.get()).ok()
}

/// Text of which half a surrogate pair is no fault: as bytes, it comes in three of which the second
/// is A0 or more.
struct Text(String);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Text;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("text")
            }

            fn visit_bytes<E: de::Error>(self, bytes: &[u8]) -> Result<Text, E> {
                let mut bytes = bytes.to_vec();
                if std::str::from_utf8(&bytes).is_err() {
                    let mut rest = bytes.as_mut_slice();
                    while let Some((first, tail)) = rest.split_first_mut() {
                        if let (0xED, [second, third, ..]) = (*first, &mut *tail)
                            && *second >= 0xA0
                        {
                            (*first, *second, *third) = (0xEF, 0xBF, 0xBD);
                        }
                        rest = tail;
                    }
                }
                String::from_utf8(bytes).map(Text).map_err(E::custom)
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn object(json: &str) -> Object<'_> {
        Object::parse(json).unwrap()
    }

    #[test]
    fn a_field_is_read_in_any_form_or_not_at_all() {
        let fields = object(
            r#"{"a":"5","b":5.0,"c":null,"d":[5],"e":{"f":true},"g":1e400,"h":-1,"i":18446744073709551616}"#,
        );
        assert_eq!((fields.count("a"), fields.count("b")), (Some(5), Some(5)));
        for name in ["c", "d", "e", "g", "h", "i", "z"] {
            assert_eq!(fields.count(name), None, "{name}");
        }
        assert_eq!(fields.shown("e").as_deref(), Some(r#"{"f":true}"#));
        assert_eq!((fields.text("b"), fields.shown("c")), (None, None));
        let one = fields.array("d").unwrap();
        assert_eq!(number(one[0]), Some(5.0));
    }

    #[test]
    fn of_a_name_that_comes_twice_the_last_counts() {
        assert_eq!(object(r#"{"a":1,"\u0061":2}"#).count("a"), Some(2));
    }

    #[test]
    fn half_a_surrogate_pair_is_one_replacement_character() {
        let fields =
            object(r#"{"\ud800":1,"a":"x\ud800y","b":"\ude00\ud83d","c":"\ud83d\ude00\ud7ff"}"#);
        assert_eq!(fields.count("\u{fffd}"), Some(1));
        assert_eq!(fields.text("a").as_deref(), Some("x\u{fffd}y"));
        assert_eq!(fields.text("b").as_deref(), Some("\u{fffd}\u{fffd}"));
        assert_eq!(fields.text("c").as_deref(), Some("😀\u{d7ff}"));
    }

    #[test]
    fn no_depth_is_too_deep() {
        let deep = format!("{{\"a\":{}{}}}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(object(&deep).array("a").is_some());
    }

    #[test]
    fn numbers_that_json_lacks_are_quoted_outside_of_text() {
        assert_eq!(
            with_quoted_numbers(r#"{"NaN \" NaN":NaN,"a":[-Infinity,Infinity,-1],"b":"NaN"}"#),
            r#"{"NaN \" NaN":"NaN","a":["-Infinity","Infinity",-1],"b":"NaN"}"#
        );
        assert_eq!(with_quoted_numbers("\"é\\"), "\"é\\");
    }
}
