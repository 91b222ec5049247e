//! From a segment's text to columns: six results, and each type by itself.

mod workload;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trino_client::decode::RowDecoder;
use workload::Workload;

fn results(criterion: &mut Criterion) {
    measure(criterion, "decode", workload::results(ROWS));
}

fn types(criterion: &mut Criterion) {
    measure(criterion, "decode-type", workload::types(ROWS));
}

/// Time for each row.
fn measure(criterion: &mut Criterion, name: &str, workloads: Vec<Workload>) {
    let mut group = criterion.benchmark_group(name);
    for workload in workloads {
        group.throughput(Throughput::Elements(workload.rows as u64));
        group.bench_function(workload.name, |bencher| {
            let mut decoder = RowDecoder::new(Arc::clone(&workload.types));
            bencher.iter(|| {
                let chunk = decoder.decode(black_box(&workload.json), workload.rows);
                black_box(chunk.expect("the rows are right"))
            });
        });
    }
    group.finish();
}

/// About a chunk of them.
const ROWS: usize = 8000;

criterion_group!(benches, results, types);
criterion_main!(benches);
