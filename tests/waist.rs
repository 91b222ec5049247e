//! What crosses the waist: the items of the client that the driver and its command name are those that the client's
//! documentation lists.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::{env, fs};

#[test]
fn the_client_documents_each_item_that_the_driver_and_the_command_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut waist: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in sources(&[root.join("src"), root.join("command/src")]) {
        for (module, item) in crossing(&fs::read_to_string(path).unwrap()) {
            waist.entry(module).or_default().insert(item);
        }
    }
    let list: String = waist
        .iter()
        .map(|(module, items)| {
            let items: Vec<_> = items.iter().map(|item| format!("`{item}`")).collect();
            wrapped(&format!("- from [`{module}`]: {}", items.join(", ")))
        })
        .collect();
    let file = root.join("client/src/lib.rs");
    let text = fs::read_to_string(&file).unwrap();
    let (before, rest) = text.split_once(BEGIN).expect("the list has a beginning");
    let (_, after) = rest.split_once(END).expect("the list has an end");
    let fresh = format!("{before}{BEGIN}{list}{END}{after}");
    if env::var_os("UPDATE_DOCS").is_some() {
        fs::write(&file, &fresh).unwrap();
    }
    assert!(
        fs::read_to_string(&file).unwrap() == fresh,
        "The list in client/src/lib.rs is stale. If what crosses the waist should, run \
         `UPDATE_DOCS=1 cargo test --test waist`."
    );
}

#[test]
fn paths_are_found_however_they_are_written() {
    let text = "use trino_client::columns::{self, Chunk, Type as T};\nuse trino_client::{http::Kind, sql};\n\
                fn f() { sql::tokens(); columns::columns(); trino_client::os::forks(); other::sql::no(); } // sql::x()";
    let found: Vec<_> = crossing(text)
        .into_iter()
        .map(|(module, item)| format!("{module}::{item}"))
        .collect();
    let expected = "columns::Chunk columns::Type columns::columns http::Kind os::forks sql::tokens";
    assert_eq!(found.join(" "), expected);
}

/// Module and item of each path into the client.
fn crossing(text: &str) -> BTreeSet<(String, String)> {
    let code: String = text
        .lines()
        .flat_map(|line| [without_comment(line), "\n"])
        .collect();
    let mut paths = Vec::new();
    for (at, root) in code.match_indices(ROOT) {
        expand("", &code[at + root.len()..], &mut paths);
    }
    let modules: BTreeSet<String> = paths
        .iter()
        .filter(|path| !path.contains("::"))
        .cloned()
        .collect();
    for module in modules {
        let prefix = format!("{module}::");
        for (at, _) in code.match_indices(&prefix) {
            // Neither a longer name nor the end of a longer path.
            if !code[..at].ends_with(|c: char| is_name(c) || c == ':') {
                expand(&prefix, &code[at + prefix.len()..], &mut paths);
            }
        }
    }
    paths
        .iter()
        .filter_map(|path| {
            let mut parts = path.split("::");
            let (module, item) = (parts.next()?, parts.next()?);
            Some((module.to_owned(), item.to_owned()))
        })
        .collect()
}

/// The paths that begin with `prefix` and go on as `text` does, with all branches of a tree in braces.
fn expand(prefix: &str, text: &str, paths: &mut Vec<String>) {
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

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

fn without_comment(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// The list's entry as lines of a comment.
fn wrapped(entry: &str) -> String {
    let mut lines = String::new();
    let mut line = "//!".to_owned();
    for word in entry.split(' ') {
        if line.len() + 1 + word.len() > 100 {
            lines += &format!("{line}\n");
            line = "//!  ".to_owned();
        }
        line += &format!(" {word}");
    }
    lines + &format!("{line}\n")
}

fn sources(folders: &[PathBuf]) -> Vec<PathBuf> {
    let mut folders = folders.to_vec();
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                sources.push(path);
            }
        }
    }
    sources
}

const ROOT: &str = "trino_client::";
const BEGIN: &str = "//! The ODBC driver and its command use these items, and no others:\n//!\n";
const END: &str = "//!\n//! A test of the driver holds that list.\n";
