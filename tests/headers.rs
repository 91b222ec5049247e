//! The numbers in `src/abi` are those of the system's own ODBC headers.
//!
//! A C program made from the constants' names prints what the headers say. Where there is no C compiler or no
//! `sqlext.h`, there is nothing to compare with.

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

#[test]
fn constants_equal_the_systems_headers() {
    let ours = constants();
    assert!(ours.len() > 800, "only {} constants found", ours.len());
    let Some(theirs) = ask_the_headers(ours.keys()) else {
        eprintln!("no C compiler or no sqlext.h: not compared");
        return;
    };
    assert!(theirs.len() > 700, "only {} constants known", theirs.len());
    let mut differing: Vec<_> = theirs
        .iter()
        .filter(|(name, value)| ours.get(*name) != Some(*value))
        .map(|(name, value)| format!("{name}: {value}, not {:?}", ours.get(name)))
        .collect();
    differing.sort();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

/// Every `pub const SQL_…: … = number;` of `src/abi`.
fn constants() -> HashMap<String, i64> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/abi");
    let mut found = HashMap::new();
    for entry in std::fs::read_dir(folder).expect("src/abi is a folder") {
        let path = entry.expect("src/abi can be listed").path();
        if path
            .file_stem()
            .is_some_and(|stem| stem == "driver_specific")
        {
            continue;
        }
        let text = std::fs::read_to_string(path).expect("sources are text");
        for line in text.lines() {
            if let Some((name, value)) = constant(line) {
                found.insert(name, value);
            }
        }
    }
    found
}

fn constant(line: &str) -> Option<(String, i64)> {
    let rest = line.trim().strip_prefix("pub const SQL_")?;
    let (name, rest) = rest.split_once(':')?;
    let (_, value) = rest.split_once('=')?;
    let value = value.trim().strip_suffix(';')?.replace('_', "");
    let value = match value.strip_prefix("0x") {
        Some(hex) => i64::from_str_radix(hex, 16).ok()?,
        None => value.parse().ok()?,
    };
    Some((format!("SQL_{name}"), value))
}

fn ask_the_headers<'a>(names: impl Iterator<Item = &'a String>) -> Option<HashMap<String, i64>> {
    let mut program = String::from(
        "#define ODBCVER 0x0380\n#include <stdio.h>\n#include <sql.h>\n#include <sqlext.h>\n\
         #include <sqlucode.h>\nint main(void) {\n",
    );
    for name in names {
        // The standard spells SQLULEN constants as unsigned long and masks as long: all fit a long long.
        let _ = write!(
            program,
            "#ifdef {name}\nprintf(\"{name} %lld\\n\", (long long)({name}));\n#endif\n"
        );
    }
    program.push_str("return 0;\n}\n");
    let folder = tempfile::tempdir().expect("a temporary folder");
    let source = folder.path().join("constants.c");
    let binary = folder.path().join("constants");
    std::fs::write(&source, program).expect("the temporary folder is writable");
    let compiled = Command::new("cc")
        .arg("-o")
        .arg(&binary)
        .arg(&source)
        .output()
        .ok()?;
    if !compiled.status.success() {
        return None;
    }
    let printed = Command::new(&binary).output().ok()?;
    let text = String::from_utf8(printed.stdout).ok()?;
    text.lines()
        .map(|line| {
            let (name, value) = line.split_once(' ')?;
            Some((name.to_owned(), value.parse().ok()?))
        })
        .collect()
}
