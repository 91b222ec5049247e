//! Rowsets: the same rows whatever their size and however they travel.

use client_tests::driver;
use client_tests::value::{canonical, expected};
use odbc_api::buffers::TextRowSet;
use odbc_api::{ConnectionOptions, Cursor, Environment};
use scripted_trino::{Answer, EVERY_TYPE, Encoding, Generated, Server, Spooling};

const SQL: &str = "SELECT * FROM generated";
const ROWS: usize = 3300;
const SEED: u64 = 11;

fn environment() -> &'static Environment {
    driver::register();
    odbc_api::environment().unwrap()
}

/// The generated rows as text.
fn wanted(generated: &Generated) -> Vec<Vec<Option<String>>> {
    let row = |row| {
        let cells = generated.columns.iter().enumerate();
        cells
            .map(|(at, column)| expected(&column.signature, &generated.cell_text(row, at)))
            .collect()
    };
    (0..generated.rows).map(row).collect()
}

/// The rows as the driver gives them in rowsets of `size`, through bound text buffers.
fn fetched(text: &str, generated: &Generated, size: usize) -> Vec<Vec<Option<String>>> {
    let connection = environment()
        .connect_with_connection_string(text, ConnectionOptions::default())
        .unwrap();
    let cursor = connection.execute(SQL, (), None).unwrap().expect("rows");
    let widths = generated.columns.iter().map(|_| 600);
    let buffer = TextRowSet::from_max_str_lens(size, widths).unwrap();
    let mut cursor = cursor.bind_buffer(buffer).unwrap();
    let mut rows = Vec::new();
    while let Some(batch) = cursor.fetch_with_truncation_check(true).unwrap() {
        for row in 0..batch.num_rows() {
            let cells = generated.columns.iter().enumerate().map(|(at, column)| {
                let text = batch.at_as_str(at, row).expect("UTF-8")?;
                Some(canonical(&column.signature, text))
            });
            rows.push(cells.collect());
        }
    }
    rows
}

fn assert_same(
    context: &str,
    generated: &Generated,
    rows: &[Vec<Option<String>>],
    wanted: &[Vec<Option<String>>],
) {
    assert_eq!(rows.len(), wanted.len(), "{context}");
    for (number, (row, wanted)) in rows.iter().zip(wanted).enumerate() {
        for (at, (cell, wanted)) in row.iter().zip(wanted).enumerate() {
            let kind = &generated.columns[at].type_text;
            assert_eq!(cell, wanted, "{context}, row {number}, column {at}, {kind}");
        }
    }
}

/// All rows in rowsets of 1, 7 and 1000, with what is particular to a way of delivery.
fn every_rowset_size_is_right(context: &str, encoding: &str, spooling: Spooling) {
    let generated = Generated::new(EVERY_TYPE, ROWS, SEED);
    let server = Server::builder().storage_tls(true).start();
    let answer = Answer::from_generated(generated.clone()).rows_per_page(700);
    server.on(SQL, answer.spooled(spooling));
    let wanted = wanted(&generated);
    let text = format!("{}Encoding={encoding};", driver::string(&server));
    for size in [1, 7, 1000] {
        let rows = fetched(&text, &generated, size);
        assert_same(
            &format!("{context}, rowsets of {size}"),
            &generated,
            &rows,
            &wanted,
        );
    }
    assert_eq!(server.leaks().len(), 0);
    let downloads = server.storage_requests().len();
    match (encoding, context.starts_with("spooled")) {
        ("none", _) | (_, false) => assert_eq!(downloads, 0, "{context}"),
        (_, true) => assert!(downloads > 0, "{context}"),
    }
}

fn spooled() -> Spooling {
    Spooling {
        rows_per_segment: 450,
        inline_first: 0,
        ..Spooling::default()
    }
}

fn inline() -> Spooling {
    Spooling {
        rows_per_segment: 450,
        inline_first: usize::MAX,
        ..Spooling::default()
    }
}

#[test]
fn rows_are_right_over_the_direct_protocol() {
    every_rowset_size_is_right("direct", "none", spooled());
}

#[test]
fn rows_are_right_inline() {
    for encoding in Encoding::ALL {
        every_rowset_size_is_right("inline", encoding.name(), inline());
    }
}

#[test]
fn rows_are_right_spooled_as_json() {
    every_rowset_size_is_right("spooled json", "json", spooled());
}

#[test]
fn rows_are_right_spooled_as_zstd() {
    every_rowset_size_is_right("spooled zstd", "json+zstd", spooled());
}

#[test]
fn rows_are_right_spooled_as_lz4() {
    every_rowset_size_is_right("spooled lz4", "json+lz4", spooled());
}

#[test]
fn a_rowset_spans_segments_and_pages() {
    let server = Server::start();
    let spooling = Spooling {
        rows_per_segment: 3,
        inline_first: 5,
        segments_per_page: 2,
        ..Spooling::default()
    };
    let generated = Generated {
        nulls: false,
        ..Generated::new(&["bigint"], 100, 5)
    };
    server.on(
        SQL,
        Answer::from_generated(generated.clone()).spooled(spooling),
    );
    let rows = fetched(&driver::string(&server), &generated, 64);
    assert_same("mixed", &generated, &rows, &wanted(&generated));
}
