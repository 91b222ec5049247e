//! Sources as text: their files, their code without comments, paths to modules, string literals.
#![allow(dead_code, reason = "no test uses all of it")]

use std::fs;
use std::path::Path;

/// The sources below these folders: path from the workspace's root, and text.
pub fn read(folders: &[&str]) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<_> = folders.iter().map(|folder| root.join(folder)).collect();
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root).unwrap().to_str().unwrap();
                let text = fs::read_to_string(&path).unwrap();
                sources.push((name.replace('\\', "/"), text));
            }
        }
    }
    sources
}

/// The sources of the driver, the client and the command that are not tests.
pub fn without_tests() -> Vec<(String, String)> {
    let mut sources = read(&["src", "client/src", "command/src"]);
    sources.retain(|(path, _)| !path.contains("/tests/") && !path.ends_with("/tests.rs"));
    sources
}

/// A source up to its unit tests.
pub fn before_tests(source: &str) -> &str {
    let end = source.find("#[cfg(test)]\nmod tests {");
    &source[..end.unwrap_or(source.len())]
}

/// A source without what follows the slashes of comments.
pub fn code(text: &str) -> String {
    text.lines()
        .flat_map(|line| [line.split("//").next().unwrap_or_default(), "\n"])
        .collect()
}

/// The paths in code that begin with `root`, without it.
pub fn paths(code: &str, root: &str) -> Vec<String> {
    let mut paths = Vec::new();
    for (at, _) in code.match_indices(root) {
        expand("", &code[at + root.len()..], &mut paths);
    }
    paths
}

/// The paths that begin with `prefix` and go on as `text` does, with all branches of a tree in braces.
pub fn expand(prefix: &str, text: &str, paths: &mut Vec<String>) {
    let text = text.trim_start();
    if let Some(mut rest) = text.strip_prefix('{') {
        loop {
            expand(prefix, rest, paths);
            let Some(next) = next_branch(rest) else {
                return;
            };
            rest = next;
        }
    }
    let name: String = text.chars().take_while(|c| is_name(*c)).collect();
    match text[name.len()..].strip_prefix("::") {
        Some(rest) => expand(&format!("{prefix}{name}::"), rest, paths),
        None if name == "self" => paths.push(prefix.trim_end_matches("::").to_owned()),
        None if !name.is_empty() => paths.push(format!("{prefix}{name}")),
        None if text.starts_with('*') => paths.push(format!("{prefix}*")),
        None => {}
    }
}

/// What follows the comma after this branch of a tree; `None` after the last one.
fn next_branch(text: &str) -> Option<&str> {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => return None,
            '}' => depth -= 1,
            ',' if depth == 0 => return Some(&text[at + 1..]),
            _ => {}
        }
    }
    None
}

pub fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The string literals of a source, without its comments, and where each begins.
pub fn literals(source: &str) -> Vec<(usize, String)> {
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
                Some((_, 'n' | 'r' | 't')) => text.push(' '),
                Some((_, c)) => text.push(c),
                None => {}
            },
            c => text.push(c),
        }
    }
    panic!("a literal without an end: {text}");
}
