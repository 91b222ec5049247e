//! The numbers in `src/abi` are those of the system's own ODBC headers.
//!
//! A C program made from the constants' names prints what the headers say. It needs a C compiler and `sqlext.h`.
#![cfg(not(windows))]

use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;

use trinoodbc::abi::{CType, Interval};

#[test]
fn constants_equal_the_systems_headers() {
    let ours = constants();
    assert!(ours.len() > 800, "only {} constants found", ours.len());
    let mut program = String::new();
    for name in ours.keys() {
        // The standard spells SQLULEN constants as unsigned long and masks as long: all fit a long long.
        let _ = write!(
            program,
            "#ifdef {name}\nprintf(\"{name} %lld\\n\", (long long)({name}));\n#endif\n"
        );
    }
    let Some(theirs) = run_with_headers(&program) else {
        return scripted_trino::cannot_run(NO_HEADERS);
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

#[test]
fn sizes_of_c_types_equal_the_systems_headers() {
    let structs = [
        ("SQL_NUMERIC_STRUCT", CType::Numeric),
        ("SQL_DATE_STRUCT", CType::Date),
        ("SQL_TIME_STRUCT", CType::Time),
        ("SQL_TIMESTAMP_STRUCT", CType::Timestamp),
        ("SQLGUID", CType::Guid),
        ("SQL_INTERVAL_STRUCT", CType::Interval(Interval::Day)),
        ("SQLBIGINT", CType::SBigInt),
        ("SQLINTEGER", CType::SLong),
        ("SQLSMALLINT", CType::SShort),
        ("SQLREAL", CType::Float),
        ("SQLDOUBLE", CType::Double),
    ];
    let program: String = structs
        .iter()
        .map(|(name, _)| format!("printf(\"{name} %zu\\n\", sizeof({name}));\n"))
        .collect();
    let Some(sizes) = run_with_headers(&program) else {
        return scripted_trino::cannot_run(NO_HEADERS);
    };
    for (name, c_type) in structs {
        let ours = c_type.size().map(|size| size as i64);
        assert_eq!(ours, sizes.get(name).copied(), "{name}");
    }
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

/// The names and numbers that a C program with these statements prints; `None` where it does not compile.
fn run_with_headers(statements: &str) -> Option<HashMap<String, i64>> {
    let program = format!(
        "#define ODBCVER 0x0380\n#include <stdio.h>\n#include <sql.h>\n#include <sqlext.h>\n\
         #include <sqlucode.h>\nint main(void) {{\n{statements}return 0;\n}}\n"
    );
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
    let printed = Command::new(&binary).output().expect("the program runs");
    let text = String::from_utf8(printed.stdout).expect("names and numbers");
    let pair = |line: &str| {
        let (name, value) = line.split_once(' ')?;
        Some((name.to_owned(), value.parse().ok()?))
    };
    let pairs: Option<_> = text.lines().map(pair).collect();
    Some(pairs.expect("a name and a number in each line"))
}

const NO_HEADERS: &str = "no C compiler or no sqlext.h (Debian, Ubuntu: gcc and unixodbc-dev)";
