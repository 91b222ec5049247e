//! From columns to an application's row arrays: six results, and each type by itself, in three styles of binding.

mod workload;

use std::hint::black_box;
use std::sync::Arc;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trino_client::decode::RowDecoder;
use workload::Workload;
use workload::buffers::{Buffers, Style};

fn results(criterion: &mut Criterion) {
    measure(criterion, "convert", workload::results(ROWS));
}

fn types(criterion: &mut Criterion) {
    measure(criterion, "convert-type", workload::types(ROWS));
}

/// Time for each row.
fn measure(criterion: &mut Criterion, name: &str, workloads: Vec<Workload>) {
    let mut group = criterion.benchmark_group(name);
    for workload in workloads {
        group.throughput(Throughput::Elements(workload.rows as u64));
        let mut decoder = RowDecoder::new(Arc::clone(&workload.types));
        let chunk = decoder.decode(&workload.json, workload.rows);
        let chunk = chunk.expect("the rows are right");
        for style in Style::ALL {
            let mut buffers = Buffers::new(&workload.types, style);
            group.bench_function(format!("{}/{}", workload.name, style.name()), |bencher| {
                bencher.iter(|| buffers.read(black_box(&chunk)));
            });
        }
    }
    group.finish();
}

/// About a chunk of them.
const ROWS: usize = 8000;

criterion_group!(benches, results, types);
criterion_main!(benches);
