//! SQLGetFunctions tells what there is.

use std::collections::BTreeSet;
#[cfg(target_os = "linux")]
use std::process::Command;

use trinoodbc::abi::*;
use trinoodbc::ffi::*;
use trinoodbc::info::{self, Function, Support};

use crate::application::*;

fn supported(application: &Application) -> BTreeSet<u16> {
    let mut bits = [0_u16; 250];
    // SAFETY: the array has the size that this number asks for.
    let code = unsafe { SQLGetFunctions(application.connection, 999, bits.as_mut_ptr()) };
    assert_eq!(code, SQL_SUCCESS);
    (0..4000)
        .filter(|function| bits[usize::from(function / 16)] & (1 << (function % 16)) != 0)
        .collect()
}

#[test]
fn sqlgetfunctions_lists_every_export_and_nothing_else() {
    let application = Application::start();
    let exports: BTreeSet<u16> = FUNCTIONS.iter().copied().collect();
    assert_eq!(exports.len(), FUNCTIONS.len(), "a function is listed twice");
    assert_eq!(supported(&application), exports);
    // 0 and 999 ask for all at once.
    for function in (1..1100).filter(|function| *function != 999) {
        let mut one = 9;
        // SAFETY: a place for a word.
        let code = unsafe { SQLGetFunctions(application.connection, function, &mut one) };
        assert_eq!(code, SQL_SUCCESS);
        assert_eq!(one == 1, exports.contains(&function), "{function}");
    }
}

#[test]
fn the_table_of_functions_says_which_are_exported() {
    let exported = |name: &str| {
        let wide = format!("{name}W");
        EXPORTS
            .iter()
            .find(|(_, export)| *export == name || *export == wide)
    };
    for Function(number, name, support) in info::FUNCTIONS {
        match support {
            Support::Whole | Support::Partly(_) => {
                let (export, _) = exported(name).unwrap_or_else(|| panic!("{name} is no export"));
                assert_eq!(Some(*export), *number, "{name}");
            }
            Support::Manager(instead) => {
                assert!(exported(name).is_none(), "{name}");
                let known = info::FUNCTIONS.iter().any(|known| known.1 == *instead);
                assert!(instead.is_empty() || known, "{instead}");
            }
        }
    }
    for (_, export) in EXPORTS {
        let name = export.strip_suffix('W').unwrap_or(export);
        let rows = info::FUNCTIONS.iter().filter(|known| known.1 == name);
        assert_eq!(rows.count(), 1, "{name}");
    }
}

#[cfg(not(windows))]
#[test]
fn every_wide_function_has_a_narrow_form() {
    let wide = EXPORTS
        .iter()
        .filter_map(|(number, name)| Some((*number, name.strip_suffix('W')?)));
    assert_eq!(wide.collect::<Vec<_>>(), NARROW_EXPORTS);
}

#[test]
fn the_hundred_words_of_odbc_2_agree() {
    let application = Application::start();
    let mut words = [9_u16; 100];
    // SAFETY: the array has the size that this number asks for.
    let code = unsafe { SQLGetFunctions(application.connection, 0, words.as_mut_ptr()) };
    assert_eq!(code, SQL_SUCCESS);
    for (function, word) in words.iter().enumerate() {
        assert_eq!(
            *word == 1,
            FUNCTIONS.contains(&(function as u16)),
            "{function}"
        );
    }
}

#[cfg(target_os = "linux")]
#[test]
fn the_built_library_exports_the_functions_that_it_lists() {
    let Some(library) = std::env::var_os("TRINO_ODBC_LIBRARY") else {
        return scripted_trino::cannot_run("TRINO_ODBC_LIBRARY names no built driver");
    };
    let Ok(output) = Command::new("nm")
        .args(["-D", "--defined-only"])
        .arg(&library)
        .output()
    else {
        return scripted_trino::cannot_run("nm is not installed");
    };
    let text = String::from_utf8(output.stdout).unwrap();
    let exported: Vec<&str> = text
        .lines()
        .filter_map(|line| line.split_whitespace().nth(2))
        .collect();
    let exported: BTreeSet<&str> = exported.into_iter().collect();
    let told = EXPORTS.iter().chain(NARROW_EXPORTS);
    let told: BTreeSet<&str> = told.map(|(_, name)| *name).collect();
    assert_eq!(exported, told);
}
