//! The work of which `cargo xtask test --only instructions` counts the instructions: time is not stable in CI, they are.
//!
//! Run by itself with the name of a case, it does that case's work twice: once to be warm, and once inside of
//! [`counted`], which is all that Callgrind looks at. Decompression is left out, as its C code depends on who compiled it.

mod workload;

use std::hint::black_box;
use std::process::ExitCode;
use std::sync::Arc;

use trino_client::decode::RowDecoder;
use trinoodbc::abi::*;
use trinoodbc::ffi::*;
use workload::buffers::{Buffers, Style};
use workload::growth::Work;
use workload::{Workload, growth, opened, statements};

fn main() -> ExitCode {
    let argument = std::env::args().nth(1).unwrap_or_default();
    match argument.as_str() {
        "--list" => {
            for case in cases() {
                println!("{}", case.name);
            }
        }
        // What `cargo bench` gives to each of its programs.
        "" | "--bench" => println!("counted by cargo xtask test --only instructions"),
        name => match cases().into_iter().find(|case| case.name == name) {
            Some(case) => println!("units {}", (case.run)()),
            None => {
                eprintln!("there is no case {name}");
                return ExitCode::FAILURE;
            }
        },
    }
    ExitCode::SUCCESS
}

/// Something to count.
struct Case {
    name: String,
    /// Does the work and returns how many cells, rows or calls it was.
    run: Box<dyn FnOnce() -> usize>,
}

fn cases() -> Vec<Case> {
    let mut cases = Vec::new();
    for workload in workload::results(ROWS) {
        let workload = Arc::new(workload);
        let name = workload.name;
        for style in Style::ALL {
            let workload = Arc::clone(&workload);
            cases.push(Case {
                name: format!("convert-{name}-{}", style.name()),
                run: Box::new(move || convert(&workload, style)),
            });
        }
        cases.push(Case {
            name: format!("decode-{name}"),
            run: Box::new(move || decode(&workload)),
        });
    }
    for workload in workload::types(ROWS) {
        cases.push(Case {
            name: format!("decode-type-{}", workload.name),
            run: Box::new(move || decode(&workload)),
        });
    }
    cases.push(Case {
        name: "fetch-row".to_owned(),
        run: Box::new(fetch_rows),
    });
    cases.push(Case {
        name: "get-data".to_owned(),
        run: Box::new(get_data),
    });
    cases.push(Case {
        name: "statement-select-1".to_owned(),
        run: Box::new(|| second_time(statements::select_one())),
    });
    cases.push(Case {
        name: "statement-thousand".to_owned(),
        run: Box::new(|| second_time(statements::thousand())),
    });
    for growth in growth::all() {
        for size in growth::SIZES {
            let name = format!("grow-{}-{size}", growth.name);
            cases.push(Case {
                name,
                run: Box::new(move || second_time(growth.of_size(size))),
            });
        }
    }
    cases.sort_by(|a, b| a.name.cmp(&b.name));
    cases
}

/// Does a piece of work twice, of which the second time counts.
fn second_time(mut work: Work) -> usize {
    (work.run)();
    counted(&mut work.run);
    work.units
}

/// Decodes a whole text; the unit is a cell.
fn decode(workload: &Workload) -> usize {
    let mut decoder = RowDecoder::new(Arc::clone(&workload.types));
    let mut work = || {
        let chunk = decoder.decode(black_box(&workload.json), workload.rows);
        drop(black_box(chunk.expect("the rows are right")));
    };
    work();
    counted(&mut work);
    workload.cells()
}

/// Fills row arrays; the unit is a cell.
fn convert(workload: &Workload, style: Style) -> usize {
    let mut decoder = RowDecoder::new(Arc::clone(&workload.types));
    let chunk = decoder.decode(&workload.json, workload.rows);
    let chunk = chunk.expect("the rows are right");
    let mut buffers = Buffers::new(&workload.types, style);
    let mut work = || buffers.read(black_box(&chunk));
    work();
    counted(&mut work);
    workload.cells()
}

/// Fetches rows one by one, with two columns bound; the unit is a call.
fn fetch_rows() -> usize {
    let statement = opened::type_info();
    let (mut name, mut kind, mut lengths) = ([0_u8; 128], 0_i16, [0_isize; 2]);
    let [name_length, kind_length] = &mut lengths;
    // SAFETY: the buffers outlive the fetches.
    let code = unsafe {
        let name = (&raw mut name).cast();
        SQLBindCol(statement, 1, SQL_C_CHAR, name, 128, name_length)
    };
    assert_eq!(code, SQL_SUCCESS);
    // SAFETY: as above.
    let code = unsafe {
        let kind = (&raw mut kind).cast();
        SQLBindCol(statement, 2, SQL_C_SSHORT, kind, 2, kind_length)
    };
    assert_eq!(code, SQL_SUCCESS);
    // SAFETY: as above.
    assert_eq!(unsafe { SQLFetch(statement) }, SQL_SUCCESS);
    let mut calls = 0;
    counted(&mut || {
        // SAFETY: as above.
        while calls < 10 && unsafe { SQLFetch(statement) } == SQL_SUCCESS {
            calls += 1;
        }
    });
    assert_eq!(calls, 10);
    calls
}

/// Gets the cells of a row one by one, as text and as number; the unit is a call.
fn get_data() -> usize {
    let statement = opened::type_info();
    // SAFETY: nothing is bound.
    assert_eq!(unsafe { SQLFetch(statement) }, SQL_SUCCESS);
    let (mut name, mut kind, mut length) = ([0_u8; 128], 0_i16, 0_isize);
    let mut get = |turns: usize| {
        for _ in 0..turns {
            // SAFETY: the buffers outlive the calls, and have the stated sizes.
            let code = unsafe {
                let name = (&raw mut name).cast();
                SQLGetData(statement, 1, SQL_C_CHAR, name, 128, &mut length)
            };
            assert_eq!(code, SQL_SUCCESS);
            // SAFETY: as above.
            let code = unsafe {
                let kind = (&raw mut kind).cast();
                SQLGetData(statement, 2, SQL_C_SSHORT, kind, 2, &mut length)
            };
            assert_eq!(code, SQL_SUCCESS);
        }
    };
    get(1);
    counted(&mut || get(50));
    100
}

/// The code that is counted. Callgrind finds it by name.
#[unsafe(no_mangle)]
#[inline(never)]
fn counted(work: &mut dyn FnMut()) {
    work();
    // Without something to do afterwards the call above would be a jump, and this function never be left.
    black_box(());
}

/// Two rowsets of them.
const ROWS: usize = 2000;
