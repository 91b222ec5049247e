//! Which module may use which, and where unsafe code may stand.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

/// Each module of the crate and the modules it may name.
const EDGES: &[(&str, &[&str])] = &[
    // Numbers, data, settings: they know nothing of the rest.
    ("abi", &[]),
    ("columns", &[]),
    ("latin1", &[]),
    ("config", &["abi", "columns", "latin1"]),
    ("sql", &["abi", "columns"]),
    ("convert", &["abi", "columns"]),
    ("platform", &["abi", "config"]),
    ("log", &["abi", "config"]),
    ("runtime", &["abi", "config", "platform"]),
    ("spill", &["platform"]),
    // The Trino half: it speaks of HTTP, segments and queries, never of ODBC.
    ("decode", &["columns", "config"]),
    ("http", &["config", "runtime"]),
    ("auth", &["config", "http", "latin1", "platform"]),
    ("protocol", &["auth", "columns", "config", "http", "latin1"]),
    (
        "spool",
        &[
            "columns", "config", "decode", "http", "latin1", "platform", "protocol", "runtime",
            "spill",
        ],
    ),
    // The joint.
    (
        "session",
        &[
            "auth", "columns", "config", "decode", "http", "latin1", "platform", "protocol",
            "runtime", "spool", "sql",
        ],
    ),
    // The ODBC half: it speaks of buffers, cursors and SQLSTATEs, never of HTTP.
    ("bind", &["abi", "columns", "convert"]),
    ("cursor", &["columns", "runtime", "spill"]),
    (
        "descriptor",
        &["abi", "catalog", "columns", "diagnostics", "handle"],
    ),
    (
        "diagnostics",
        &[
            "abi", "auth", "config", "convert", "cursor", "http", "protocol", "runtime", "session",
            "spool", "sql",
        ],
    ),
    ("info", &["abi", "sql"]),
    ("catalog", &["abi", "columns", "info", "sql"]),
    (
        "statement",
        &[
            "abi",
            "bind",
            "catalog",
            "columns",
            "config",
            "convert",
            "cursor",
            "descriptor",
            "diagnostics",
            "handle",
            "runtime",
            "session",
            "sql",
        ],
    ),
    (
        "connection",
        &[
            "abi",
            "config",
            "descriptor",
            "diagnostics",
            "environment",
            "handle",
            "http",
            "runtime",
            "session",
            "sql",
            "statement",
        ],
    ),
    (
        "environment",
        &[
            "abi",
            "diagnostics",
            "handle",
            "http",
            "log",
            "platform",
            "runtime",
        ],
    ),
    ("handle", &["abi"]),
    // The command, a program of its own.
    (
        "bin",
        &[
            "abi", "columns", "config", "convert", "http", "platform", "protocol", "runtime",
            "session", "spool", "sql",
        ],
    ),
    // The C interface. Nobody names it.
    (
        "ffi",
        &[
            "abi",
            "bind",
            "catalog",
            "columns",
            "config",
            "connection",
            "convert",
            "cursor",
            "descriptor",
            "diagnostics",
            "environment",
            "handle",
            "info",
            "log",
            "platform",
            "runtime",
            "session",
            "sql",
            "statement",
        ],
    ),
];

/// Where unsafe code may stand.
const UNSAFE: &[&str] = &["src/ffi/", "src/bind/", "src/platform/"];

#[test]
fn modules_use_only_what_the_table_allows() {
    let mut wrong = BTreeSet::new();
    for (path, text) in sources() {
        let Some(module) = module(&path) else {
            continue;
        };
        let Some((_, allowed)) = EDGES.iter().find(|(name, _)| *name == module) else {
            wrong.insert(format!(
                "{module} is not in the table of tests/architecture.rs"
            ));
            continue;
        };
        // The command is a crate of its own, beside the library.
        let root = if module == "bin" {
            "trinoodbc::"
        } else {
            "crate::"
        };
        for used in used(&text, root) {
            if used != module && !allowed.contains(&used.as_str()) {
                wrong.insert(format!(
                    "{path} names crate::{used}, which {module} may not use"
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "Move the code to where it belongs, or argue for a new edge in tests/architecture.rs:\n{}",
        wrong.into_iter().collect::<Vec<_>>().join("\n")
    );
}

#[test]
fn the_table_names_modules_that_exist_and_none_of_them_uses_ffi() {
    for (module, allowed) in EDGES {
        for name in allowed.iter().chain([module]) {
            let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
            let exists = root.join(name).is_dir() || root.join(format!("{name}.rs")).is_file();
            assert!(
                exists,
                "the table names {name}, which is no module: take it out"
            );
        }
        assert!(!allowed.contains(&"ffi"), "{module} must not use ffi");
    }
}

#[test]
fn unsafe_stands_only_where_memory_is_not_ours() {
    let wrong: Vec<_> = sources()
        .into_iter()
        .filter(|(path, _)| !UNSAFE.iter().any(|allowed| path.starts_with(allowed)))
        .filter(|(_, text)| {
            text.lines().map(code).any(|line| {
                line.split(|c: char| !(c.is_alphanumeric() || c == '_'))
                    .any(|word| word == "unsafe")
                    || line.contains("allow(unsafe_code")
            })
        })
        .map(|(path, _)| path)
        .collect();
    assert!(
        wrong.is_empty(),
        "unsafe code stands in {wrong:?}: move it to one of {UNSAFE:?} behind a safe function"
    );
}

/// The modules that a source names, as `crate::name` or in `use crate::{name, ...}`, for `crate::` as root.
fn used(text: &str, root: &str) -> BTreeSet<String> {
    let text: String = text
        .lines()
        .map(code)
        .flat_map(|line| [line, "\n"])
        .collect();
    let word = |text: &str| -> String {
        text.chars()
            .take_while(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || *c == '_')
            .collect()
    };
    let mut names = BTreeSet::new();
    for rest in text.split(root).skip(1) {
        let Some(group) = rest.strip_prefix('{') else {
            names.insert(word(rest));
            continue;
        };
        // The names at the group's own level.
        let (mut depth, mut first) = (1, true);
        for (at, c) in group.char_indices() {
            if first && !c.is_whitespace() {
                names.insert(word(&group[at..]));
                first = false;
            }
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' => first = depth == 1,
                _ => {}
            }
            if depth == 0 {
                break;
            }
        }
    }
    names.retain(|name| !name.is_empty());
    names
}

/// The line without what follows a comment's slashes.
fn code(line: &str) -> &str {
    line.split("//").next().unwrap_or_default()
}

/// The top module that a path belongs to.
fn module(path: &str) -> Option<String> {
    let name = path.strip_prefix("src/")?.split('/').next()?;
    let name = name.strip_suffix(".rs").unwrap_or(name);
    (name != "lib").then(|| name.to_owned())
}

/// The library's sources: path from the package's root, and text.
fn sources() -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut folders: Vec<PathBuf> = vec![root.join("src")];
    let mut sources = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path
                    .strip_prefix(root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .replace('\\', "/");
                sources.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    sources
}

#[test]
fn imports_are_found_however_they_are_written() {
    let text = "use crate::abi::X;\nuse crate::{bind, config::{A, B},\n sql::Y}; // crate::ffi\nlet x = crate::http::z();";
    let names: Vec<_> = used(text, "crate::").into_iter().collect();
    assert_eq!(names, ["abi", "bind", "config", "http", "sql"]);
}
