//! Each message to people has one place in the sources that decides it.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

#[test]
fn no_message_stands_twice() {
    let mut places: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (path, source) in sources() {
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
    let source = source.split("#[cfg(test)]\nmod tests {").next().unwrap();
    let mut messages = Vec::new();
    for (at, text) in literals(source) {
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

/// The string literals of a source, without its comments, and where each begins.
fn literals(source: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(offset) = source[at..].find(['"', '\'', '/', 'r']) {
        let start = at + offset;
        let rest = &source[start..];
        let is_word = source[..start].ends_with(|c: char| c.is_alphanumeric() || c == '_');
        at = start
            + if rest.starts_with("//") {
                rest.find('\n').unwrap_or(rest.len())
            } else if let Some(text) = rest.strip_prefix('"') {
                let (text, length) = plain(text);
                found.push((start, text));
                length + 2
            } else if let Some((text, length)) = raw(rest).filter(|_| !is_word) {
                found.push((start, text));
                length
            } else if let Some(text) = rest.strip_prefix('\'') {
                character(text) + 1
            } else {
                1
            };
    }
    found
}

/// The length of the rest of a character literal; 0 for a lifetime.
fn character(text: &str) -> usize {
    let escape = usize::from(text.starts_with('\\'));
    let end = text.char_indices().nth(1 + escape);
    end.filter(|(_, c)| *c == '\'').map_or(0, |(at, _)| at + 1)
}

/// The text of a raw literal, and its length in the source.
fn raw(source: &str) -> Option<(String, usize)> {
    let text = source.strip_prefix('r')?;
    let hashes = text.len() - text.trim_start_matches('#').len();
    let text = text[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    let length = text.find(&end).expect("the end of a raw string");
    Some((text[..length].to_owned(), hashes + 2 + length + end.len()))
}

/// The text of a plain literal up to its quote, and its length in the source.
fn plain(source: &str) -> (String, usize) {
    let mut text = String::new();
    let mut characters = source.char_indices();
    while let Some((at, c)) = characters.next() {
        match c {
            '"' => return (text, at),
            '\\' => match characters.next() {
                // The line goes on, without the blanks that begin the next.
                Some((next, '\n')) => {
                    let skipped = source[next + 1..].chars();
                    let skipped = skipped.take_while(|c| c.is_whitespace()).count();
                    for _ in 0..skipped {
                        characters.next();
                    }
                }
                Some((_, c)) => text.push(c),
                None => {}
            },
            c => text.push(c),
        }
    }
    panic!("a literal without an end: {text}");
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

/// Every source of the driver, the client and the command that is not a test.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = ["src", "client/src", "command/src"]
        .map(|folder| root.join(folder))
        .into_iter()
        .filter(|folder| folder.exists())
        .collect();
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(root).unwrap().to_str().unwrap();
            let name = name.replace('\\', "/");
            if name.ends_with("/tests") || name.ends_with("tests.rs") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".rs") {
                sources.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    sources
}
