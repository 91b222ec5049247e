//! What a call costs that is made for every row or every cell: SQLFetch of one row, SQLGetData.

mod workload;

use criterion::{Criterion, criterion_group, criterion_main};
use trinoodbc::abi::*;
use trinoodbc::ffi::*;
use workload::opened;

fn get_data(criterion: &mut Criterion) {
    let statement = opened::type_info();
    // SAFETY: nothing is bound.
    assert_eq!(unsafe { SQLFetch(statement) }, SQL_SUCCESS);
    let (mut name, mut kind, mut length) = ([0_u8; 128], 0_i16, 0_isize);
    let mut group = criterion.benchmark_group("call");
    // Each call gets another column than the one before: a second one for the same cell finds nothing more to get.
    group.bench_function("get-data-char-and-short", |bencher| {
        bencher.iter(|| {
            // SAFETY: the buffers outlive the calls, and have the stated sizes.
            let text = unsafe {
                let name = (&raw mut name).cast();
                SQLGetData(statement, 1, SQL_C_CHAR, name, 128, &mut length)
            };
            // SAFETY: as above.
            let number = unsafe {
                let kind = (&raw mut kind).cast();
                SQLGetData(statement, 2, SQL_C_SSHORT, kind, 2, &mut length)
            };
            assert_eq!((text, number), (SQL_SUCCESS, SQL_SUCCESS));
        });
    });
    group.bench_function("bind-column", |bencher| {
        bencher.iter(|| {
            // SAFETY: nothing is fetched into it.
            let code = unsafe {
                let kind = (&raw mut kind).cast();
                SQLBindCol(statement, 2, SQL_C_SSHORT, kind, 2, &mut length)
            };
            assert_eq!(code, SQL_SUCCESS);
        });
    });
    group.finish();
}

fn fetch(criterion: &mut Criterion) {
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
    let mut group = criterion.benchmark_group("call");
    // Some twenty rows, so that most of it is fetching.
    group.bench_function("type-info-with-its-fetches", |bencher| {
        bencher.iter(|| {
            // SAFETY: as above.
            while unsafe { SQLFetch(statement) } == SQL_SUCCESS {}
            // SAFETY: a handle and numbers.
            unsafe { SQLFreeStmt(statement, SQL_CLOSE) };
            // SAFETY: as above.
            let code = unsafe { SQLGetTypeInfoW(statement, SQL_ALL_TYPES) };
            assert_eq!(code, SQL_SUCCESS);
        });
    });
    group.finish();
}

criterion_group!(benches, get_data, fetch);
criterion_main!(benches);
