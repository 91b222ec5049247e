//! Which module may use which, and where unsafe code may stand.

use std::collections::BTreeSet;
use std::path::Path;

mod sources;

use sources::{code, paths};

/// Each module of the client and of the driver, and the modules that it may name.
const EDGES: &[(&str, &[&str])] = &[
    // The client: it speaks of HTTP, segments and queries, never of ODBC. Cargo keeps the driver out of it.
    ("columns", &[]),
    ("latin1", &[]),
    ("os", &["options"]),
    ("options", &["latin1"]),
    ("sql", &[]),
    ("runtime", &["os"]),
    ("spill", &["os"]),
    ("decode", &["columns", "options"]),
    ("http", &["options", "os", "runtime"]),
    ("auth", &["http", "latin1", "options", "os"]),
    (
        "protocol",
        &["auth", "columns", "http", "latin1", "options"],
    ),
    (
        "spool",
        &[
            "columns", "decode", "http", "latin1", "options", "os", "protocol", "spill",
        ],
    ),
    (
        "session",
        &[
            "auth", "columns", "http", "latin1", "options", "os", "protocol", "runtime", "spool",
            "sql",
        ],
    ),
    // The driver: numbers, data, settings know nothing of the rest.
    ("abi", &[]),
    ("config", &["columns", "latin1", "options", "os"]),
    ("convert", &["abi", "columns"]),
    ("escape", &["abi", "sql"]),
    ("platform", &["abi", "config", "setup"]),
    ("log", &["config"]),
    (
        "setup",
        &["abi", "columns", "config", "platform", "runtime", "session"],
    ),
    // It speaks of buffers, cursors and SQLSTATEs.
    ("bind", &["abi", "columns", "convert"]),
    ("cursor", &["columns", "runtime", "spill"]),
    (
        "descriptor",
        &["abi", "bind", "catalog", "columns", "diagnostics", "handle"],
    ),
    (
        "diagnostics",
        &[
            "auth", "config", "convert", "cursor", "escape", "http", "protocol", "runtime",
            "session", "setup", "spool",
        ],
    ),
    ("info", &["abi", "escape"]),
    ("catalog", &["abi", "columns", "sql"]),
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
            "escape",
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
            "escape",
            "handle",
            "info",
            "log",
            "platform",
            "runtime",
            "session",
            "setup",
            "statement",
        ],
    ),
    (
        "environment",
        &["abi", "diagnostics", "handle", "log", "session"],
    ),
    ("handle", &[]),
    // The C interface. Nobody names it.
    (
        "ffi",
        &[
            "abi",
            "bind",
            "catalog",
            "config",
            "connection",
            "descriptor",
            "diagnostics",
            "environment",
            "handle",
            "info",
            "log",
            "os",
            "platform",
            "runtime",
            "session",
            "setup",
            "sql",
            "statement",
        ],
    ),
];

/// Where unsafe code may stand.
const UNSAFE: &[&str] = &[
    "client/src/os/",
    "src/ffi/",
    "src/bind/",
    "src/platform/",
    "src/setup/dialog/",
];

#[test]
fn modules_use_only_what_the_table_allows() {
    let mut wrong = BTreeSet::new();
    for (path, text) in sources::read(FOLDERS) {
        let Some(module) = module(&path) else {
            continue;
        };
        let Some((_, allowed)) = EDGES.iter().find(|(name, _)| *name == module) else {
            wrong.insert(format!(
                "{module} is not in the table of tests/architecture.rs"
            ));
            continue;
        };
        for used in used(&text) {
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
fn every_allowed_use_happens() {
    let mut unused: BTreeSet<_> = EDGES
        .iter()
        .flat_map(|(module, allowed)| allowed.iter().map(move |used| (*module, *used)))
        .collect();
    for (path, text) in sources::read(FOLDERS) {
        let Some(module) = module(&path) else {
            continue;
        };
        let names = used(&text);
        unused.retain(|(user, name)| *user != module || !names.contains(*name));
    }
    assert!(unused.is_empty(), "take out of the table: {unused:?}");
}

#[test]
fn the_table_names_modules_that_exist_and_none_of_them_uses_ffi() {
    for (module, allowed) in EDGES {
        for name in allowed.iter().chain([module]) {
            let root = Path::new(env!("CARGO_MANIFEST_DIR"));
            let exists = FOLDERS.iter().any(|folder| {
                let folder = root.join(folder);
                folder.join(name).is_dir() || folder.join(format!("{name}.rs")).is_file()
            });
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
    let wrong: Vec<_> = sources::read(FOLDERS)
        .into_iter()
        .filter(|(path, _)| !UNSAFE.iter().any(|allowed| path.starts_with(allowed)))
        .filter(|(_, text)| {
            code(text).lines().any(|line| {
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

/// A function that a block of ours imports from a library of Windows has a decorated name on 32-bit Windows, where no
/// library exports that.
#[test]
fn functions_of_windows_come_from_windows_sys_or_windows_link() {
    let wrong: Vec<_> = sources::read(FOLDERS)
        .into_iter()
        .filter(|(_, text)| code(text).contains("link(name"))
        .map(|(path, _)| path)
        .collect();
    assert!(
        wrong.is_empty(),
        "import them by windows-sys, or by windows_link::link!: {wrong:?}"
    );
}

/// The modules that a source names, as `crate::name` or in `use crate::{name, ...}`, and those of the client in the
/// same forms.
fn used(text: &str) -> BTreeSet<String> {
    let code = code(text);
    ["crate::", "trino_client::"]
        .into_iter()
        .flat_map(|root| paths(&code, root))
        .filter_map(|path| path.split("::").next().map(str::to_owned))
        .filter(|name| name.starts_with(|c: char| c.is_ascii_lowercase()))
        .collect()
}

/// The top module that a path belongs to.
fn module(path: &str) -> Option<String> {
    let folder = FOLDERS.iter().find(|folder| path.starts_with(**folder))?;
    let name = path[folder.len()..]
        .trim_start_matches('/')
        .split('/')
        .next()?;
    let name = name.strip_suffix(".rs").unwrap_or(name);
    (name != "lib").then(|| name.to_owned())
}

/// Where the sources of the client and of the driver are.
const FOLDERS: &[&str] = &["client/src", "src"];

#[test]
fn imports_are_found_however_they_are_written() {
    let text = "use crate::abi::X;\nuse crate::{bind, config::{A, B},\n sql::Y}; // crate::ffi\nlet x = trino_client::http::z();";
    let names: Vec<_> = used(text).into_iter().collect();
    assert_eq!(names, ["abi", "bind", "config", "http", "sql"]);
}
