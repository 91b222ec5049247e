//! The least that reading a result can cost: what a driver is measured against.
//!
//! A program made by hand for one purpose, without a driver and without the Driver Manager: HTTP on a socket,
//! one decompression, one pass from JSON to typed columns, a copy into the buffers that an application would
//! bind for a thousand rows, and the sums that the readers of all clients make. One thread does everything;
//! with more than one connection, segments are downloaded by their own threads.
//!
//! `limit HOST:PORT SQL ENCODING ITERATIONS CONNECTIONS`, as `cargo xtask bench` runs it.

mod bind;
mod columns;
mod http;
mod parse;
mod segments;
mod sums;

use std::time::Instant;

use bind::Rowset;
use columns::Column;
use segments::Query;
use sums::Sums;

type Result<T, E = Box<dyn std::error::Error + Send + Sync>> = std::result::Result<T, E>;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    // `cargo bench` and `cargo test` run it with other arguments, or none.
    let [address, sql, encoding, iterations, connections] = arguments.as_slice() else {
        println!("limit HOST:PORT SQL ENCODING ITERATIONS CONNECTIONS");
        return Ok(());
    };
    let check = std::env::var_os("READER_CHECK").is_some();
    let connections: usize = connections.parse()?;
    let mut limit = Limit::new(address, encoding, check)?;
    for _ in 0..iterations.parse()? {
        let (before, began) = (sums::cpu(), Instant::now());
        let first = limit.read(sql, connections)?;
        let wall = began.elapsed().as_secs_f64();
        let cpu = sums::cpu() - before;
        let first = first.map_or(wall, |first| (first - began).as_secs_f64());
        limit.sums.print(check, cpu, wall, first);
    }
    Ok(())
}

/// What is kept from one result to the next, to be used again.
struct Limit {
    coordinator: http::Connection,
    encoding: String,
    plain: Plain,
    sums: Sums,
    check: bool,
    columns_only: bool,
}

impl Limit {
    fn new(address: &str, encoding: &str, check: bool) -> Result<Self> {
        Ok(Self {
            coordinator: http::Connection::open(address)?,
            encoding: encoding.to_owned(),
            plain: Plain::new()?,
            sums: Sums::default(),
            check,
            columns_only: std::env::var_os("LIMIT_COLUMNS_ONLY").is_some(),
        })
    }

    /// Reads one result; when the first rows stood in the application's buffers.
    fn read(&mut self, sql: &str, connections: usize) -> Result<Option<Instant>> {
        self.sums = Sums::default();
        let (mut columns, mut rowset, mut first) = (Vec::new(), None, None);
        let (plain, sums, check) = (&mut self.plain, &mut self.sums, self.check);
        let columns_only = self.columns_only;
        let query = Query::submit(&mut self.coordinator, sql, &self.encoding)?;
        query.each(connections, |segment| {
            if columns.is_empty() {
                columns = segment.columns()?;
            }
            let text = plain.text(&segment.payload, segment.plain)?;
            columns.iter_mut().for_each(Column::clear);
            let rows = parse::rows(text, &mut columns)?;
            if columns_only {
                sums.rows += rows as u64;
                return Ok(());
            }
            let rowset = rowset.get_or_insert_with(|| Rowset::new(&columns));
            for start in (0..rows).step_by(bind::ROWS) {
                let count = bind::ROWS.min(rows - start);
                rowset.fill(&columns, start, count);
                first.get_or_insert_with(Instant::now);
                rowset.sum(count, sums, check);
            }
            Ok(())
        })?;
        Ok(first)
    }
}

/// The text of a segment, in memory that is used for each one.
struct Plain {
    zstd: zstd::bulk::Decompressor<'static>,
    text: Vec<u8>,
}

impl Plain {
    fn new() -> Result<Self> {
        Ok(Self {
            zstd: zstd::bulk::Decompressor::new()?,
            text: Vec::new(),
        })
    }

    /// The JSON of a payload, with some zeros behind it so that eight bytes can always be read.
    fn text(&mut self, payload: &segments::Payload, size: Option<usize>) -> Result<&[u8]> {
        let needed = size.unwrap_or(payload.bytes.len()) + PADDING;
        if self.text.len() < needed {
            self.text.resize(needed, 0);
        }
        let length = match (size, payload.encoding) {
            (None, _) => {
                let length = payload.bytes.len();
                self.text[..length].copy_from_slice(&payload.bytes);
                length
            }
            (Some(size), "json+lz4") => {
                lz4_flex::block::decompress_into(&payload.bytes, &mut self.text[..size])?
            }
            (Some(size), _) => self
                .zstd
                .decompress_to_buffer(&payload.bytes, &mut self.text[..size])?,
        };
        self.text[length..length + PADDING].fill(0);
        Ok(&self.text[..length + PADDING])
    }
}

/// More than any step of the parser reads ahead.
const PADDING: usize = 64;
