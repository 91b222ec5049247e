//! What a value of Trino is as text in ODBC.
//!
//! [`expected`] makes the text from the value's JSON on the wire, [`canonical`] brings what the
//! driver gave into a form that compares: two spellings of one floating-point number, or of one
//! JSON value, are the same value.

use base64_text::decode;
use scripted_trino::{Argument, Signature};
use serde_json::{Map, Value};

/// The text of a cell whose JSON is `cell`; `None` for NULL.
pub fn expected(signature: &Signature, cell: &str) -> Option<String> {
    // Floating-point numbers are taken as they are written: JSON readers may be an ulp off.
    if matches!(signature.raw_type.as_str(), "real" | "double") && cell != "null" {
        return Some(canonical(signature, cell.trim_matches('"')));
    }
    let value: Value = serde_json::from_str(cell).expect("a cell is JSON");
    let text = match &value {
        Value::Null => return None,
        Value::Bool(value) => if *value { "1" } else { "0" }.to_owned(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if signature.raw_type == "varbinary" => {
            let bytes = decode(text);
            bytes.iter().map(|byte| format!("{byte:02X}")).collect()
        }
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => named(signature, &value).to_string(),
    };
    Some(canonical(signature, &text))
}

/// The same text for the same value.
pub fn canonical(signature: &Signature, text: &str) -> String {
    let number = |text: &str| text.parse::<f64>().map(|number| format!("{number:?}"));
    match signature.raw_type.as_str() {
        "real" => text.parse::<f32>().map_or_else(
            |_| format!("not a number: {text}"),
            |number| format!("{number:?}"),
        ),
        "double" => number(text).unwrap_or_else(|_| format!("not a number: {text}")),
        "array" | "map" | "row" => serde_json::from_str::<Value>(text).map_or_else(
            |error| format!("not JSON: {text}: {error}"),
            |value| value.to_string(),
        ),
        _ => text.to_owned(),
    }
}

/// A nested value as ODBC shows it: rows are objects.
fn named(signature: &Signature, value: &Value) -> Value {
    let nested = |index: usize| match &signature.arguments[index] {
        Argument::Type(nested) | Argument::Field(_, nested) => nested,
        Argument::Long(_) => panic!("{} takes types", signature.raw_type),
    };
    match (signature.raw_type.as_str(), value) {
        ("array", Value::Array(items)) => items.iter().map(|item| named(nested(0), item)).collect(),
        ("map", Value::Object(entries)) => {
            let entries = entries
                .iter()
                .map(|(key, value)| (key.clone(), named(nested(1), value)));
            Value::Object(entries.collect())
        }
        ("row", Value::Array(fields)) => {
            let mut object = Map::new();
            for (index, field) in fields.iter().enumerate() {
                let name = match &signature.arguments[index] {
                    Argument::Field(Some(name), _) => name.clone(),
                    _ => format!("field{index}"),
                };
                object.insert(name, named(nested(index), field));
            }
            Value::Object(object)
        }
        _ => value.clone(),
    }
}

mod base64_text {
    /// The bytes of base64 with padding.
    pub fn decode(text: &str) -> Vec<u8> {
        let mut bytes = Vec::new();
        let (mut held, mut bits) = (0_u32, 0);
        for symbol in text.bytes().filter(|symbol| *symbol != b'=') {
            let six = match symbol {
                b'A'..=b'Z' => symbol - b'A',
                b'a'..=b'z' => symbol - b'a' + 26,
                b'0'..=b'9' => symbol - b'0' + 52,
                b'+' => 62,
                _ => 63,
            };
            held = held << 6 | u32::from(six);
            bits += 6;
            if bits >= 8 {
                bits -= 8;
                bytes.push((held >> bits) as u8);
            }
        }
        bytes
    }
}
