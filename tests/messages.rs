//! Each message to people has one place in the sources that decides it.

use std::collections::BTreeMap;

mod sources;

#[test]
fn no_message_stands_twice() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, source) in sources::without_tests() {
        for (line, message) in messages(&source) {
            let place = format!("{path}:{line}");
            places.entry(message).or_default().push(place);
        }
    }
    assert!(places.len() > 300, "only {} messages found", places.len());
    places.retain(|_, places| places.len() > 1);
    assert!(
        places.is_empty(),
        "give each message one constructor that its places call: {places:#?}"
    );
}

#[test]
fn messages_are_found_however_they_are_written() {
    let source = concat!(
        "/// \"In a comment it is none.\"\n",
        "fn f(c: char) { if c == '\"' { warn(\"Not a word of it.\") } }\n",
        "let two = \"One line \\\n    and {more:?} of {a}.\";\n",
        "#[error(\"lower case counts here\")]\n",
        "let none = [\"select it from a table\", \"Two words.\", \"No. 1 {}\"];\n",
        "let raw = r#\"A \"raw\" string is one, too.\"#;\n",
        "#[cfg(test)]\nmod tests { \"A test is not a place.\" }\n",
    );
    assert_eq!(
        messages(source),
        [
            (2, "Not a word of it.".to_owned()),
            (3, "One line and {} of {}.".to_owned()),
            (5, "lower case counts here".to_owned()),
            (7, "A \"raw\" string is one, too.".to_owned()),
        ]
    );
}

/// The messages of a source and their lines, with `{}` for each value. A message is a whole
/// sentence, or what `#[error]` makes of an error.
fn messages(source: &str) -> Vec<(usize, String)> {
    let source = sources::before_tests(source);
    let mut messages = Vec::new();
    for (at, text) in sources::literals(source) {
        let before = source[..at].trim_end();
        let text = without_values(&text);
        let words = text.split_whitespace();
        let words = words.filter(|word| word.chars().any(char::is_alphabetic));
        let is_sentence = text.starts_with(|c: char| c.is_uppercase() || c == '{')
            && text.ends_with(['.', ':', '?', '!']);
        if words.count() >= 3 && (is_sentence || before.ends_with("#[error(")) {
            messages.push((source[..at].lines().count(), text));
        }
    }
    messages
}

/// The text with `{}` in the place of each `{value}`.
fn without_values(text: &str) -> String {
    let mut parts = text.split('{');
    let mut result = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        result.push('{');
        let end = part.find('}').unwrap_or(0);
        result.push_str(&part[end..]);
    }
    result
}
