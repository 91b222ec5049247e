//! Ways to decompress segments one after the other: what it saves to keep the context and the buffer.

mod workload;

use std::hint::black_box;
use std::io::Read as _;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use trino_client::decode::{Buffer, decompress};
use trinoodbc::config::Encoding;

fn zstd_segments(criterion: &mut Criterion) {
    // An inline segment of some ten kilobytes, and one of storage.
    for rows in [100, 20_000] {
        let workloads = workload::results(rows);
        let Some(lineitem) = workloads
            .iter()
            .find(|workload| workload.name == "lineitem")
        else {
            continue;
        };
        let size = lineitem.json.len();
        let packed = zstd::bulk::compress(&lineitem.json, 3).expect("it can be packed");
        let mut group = criterion.benchmark_group(format!("zstd-{rows}-rows"));
        group.throughput(Throughput::Bytes(size as u64));
        group.bench_function("as-the-driver-does", |bencher| {
            let mut text = Buffer::new();
            bencher.iter(|| {
                let expected = Some(size as u64);
                decompress(Encoding::JsonZstd, black_box(&packed), expected, &mut text)
            });
        });
        group.bench_function("new-buffer", |bencher| {
            bencher.iter(|| {
                let mut text = Buffer::new();
                let expected = Some(size as u64);
                decompress(Encoding::JsonZstd, black_box(&packed), expected, &mut text)
            });
        });
        group.bench_function("new-context", |bencher| {
            let mut text = Vec::with_capacity(size);
            bencher.iter(|| {
                text.clear();
                let mut context = zstd::bulk::Decompressor::new().expect("there is memory");
                context.decompress_to_buffer(black_box(&packed), &mut text)
            });
        });
        group.bench_function("streamed-by-64-kb", |bencher| {
            let mut piece = vec![0; 64 << 10];
            bencher.iter(|| {
                let stream = zstd::stream::read::Decoder::with_buffer(black_box(&*packed));
                let mut stream = stream.expect("there is memory");
                let mut total = 0;
                loop {
                    match stream.read(&mut piece).expect("it is whole") {
                        0 => break total,
                        count => total += count,
                    }
                }
            });
        });
        group.finish();
    }
}

criterion_group!(benches, zstd_segments);
criterion_main!(benches);
