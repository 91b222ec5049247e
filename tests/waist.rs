//! What crosses the waist: the items of the client that the driver and its command name are those that the client's
//! documentation lists.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::{env, fs};

mod sources;

use sources::{code, expand, is_name, paths};

#[test]
fn the_client_documents_each_item_that_the_driver_and_the_command_name() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut waist: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (_, text) in sources::read(&["src", "command/src"]) {
        for (module, item) in crossing(&text) {
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
    let code = code(text);
    let mut paths = paths(&code, ROOT);
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

const ROOT: &str = "trino_client::";
const BEGIN: &str = "//! The ODBC driver and its command use these items, and no others:\n//!\n";
const END: &str = "//!\n//! A test of the driver holds that list.\n";
