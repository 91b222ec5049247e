//! Rows to measure with: six results shaped like those that people read, and one of each type; and work of several sizes.
//!
//! Everything is computed from the row's number, so that every run and every machine measures the same bytes.
#![allow(dead_code, reason = "each benchmark uses what it needs")]

pub mod buffers;
mod cell;
pub mod growth;
pub mod opened;
pub mod statements;

use std::sync::Arc;

use cell::{Cell, Random};
use trino_client::columns::Type;

/// A result as a segment's text.
pub struct Workload {
    pub name: &'static str,
    pub types: Arc<[Type]>,
    pub rows: usize,
    pub json: Vec<u8>,
}

impl Workload {
    /// How many cells there are.
    pub fn cells(&self) -> usize {
        self.rows * self.types.len()
    }

    fn new(name: &'static str, rows: usize, cells: &[Cell]) -> Self {
        let mut json = vec![b'['];
        let mut random = Random::new(0);
        for row in 0..rows {
            json.extend_from_slice(if row == 0 { b"[" } else { b",[" });
            for (column, cell) in cells.iter().enumerate() {
                if column > 0 {
                    json.push(b',');
                }
                cell.write(row as u64, &mut random, &mut json);
            }
            json.push(b']');
        }
        json.push(b']');
        Self {
            name,
            types: cells.iter().map(Cell::kind).collect(),
            rows,
            json,
        }
    }
}

/// The six results, each of that many rows.
pub fn results(rows: usize) -> Vec<Workload> {
    use Cell::{BigInt, Date, Decimal, Double, Integer, Key, Text, Timestamp, Words, Zoned};
    let price = Double {
        decimals: 2,
        below: 10_000_000,
    };
    let share = Double {
        decimals: 2,
        below: 11,
    };
    let lineitem = [
        Key { step: 4 },
        BigInt { below: 200_000 },
        BigInt { below: 10_000 },
        Integer { below: 7 },
        Double {
            decimals: 0,
            below: 50,
        },
        price,
        share,
        share,
        Words(&["N", "R", "A"]),
        Words(&["O", "F"]),
        Date,
        Date,
        Date,
        Words(&[
            "DELIVER IN PERSON",
            "COLLECT COD",
            "NONE",
            "TAKE BACK RETURN",
        ]),
        Words(&["TRUCK", "MAIL", "REG AIR", "FOB", "AIR", "SHIP", "RAIL"]),
        Text {
            least: 10,
            most: 43,
            odd: 0,
        },
    ];
    let orders = [
        Key { step: 4 },
        BigInt { below: 150_000 },
        Words(&["O", "F", "P"]),
        Double {
            decimals: 2,
            below: 40_000_000,
        },
        Date,
        Words(&["1-URGENT", "2-HIGH", "3-MEDIUM", "4-NOT SPECIFIED", "5-LOW"]),
        Text {
            least: 15,
            most: 15,
            odd: 0,
        },
        Integer { below: 1 },
        Text {
            least: 19,
            most: 78,
            odd: 0,
        },
    ];
    let wide = [Text {
        least: 60,
        most: 140,
        odd: 10,
    }; 5];
    let dectime = [
        Decimal {
            precision: 12,
            scale: 2,
        },
        Decimal {
            precision: 18,
            scale: 4,
        },
        Decimal {
            precision: 38,
            scale: 10,
        },
        Timestamp { precision: 3 },
        Timestamp { precision: 6 },
        Zoned { precision: 3 },
        Date,
    ];
    let doubles = [
        Double {
            decimals: 2,
            below: 10_000_000,
        },
        Double {
            decimals: 4,
            below: 100_000_000,
        },
        Double {
            decimals: 0,
            below: 1000,
        },
        Double {
            decimals: 15,
            below: 1_000_000_000_000_000,
        },
        Double {
            decimals: 17,
            below: 100_000_000_000_000_000,
        },
        Double {
            decimals: 6,
            below: 1_000_000_000,
        },
        Double {
            decimals: 1,
            below: 100_000,
        },
        Double {
            decimals: 12,
            below: 1_000_000_000_000_000,
        },
    ];
    vec![
        Workload::new("lineitem", rows, &lineitem),
        Workload::new("orders", rows, &orders),
        Workload::new("narrow", rows, &[Key { step: 1 }]),
        Workload::new("wide", rows, &wide),
        Workload::new("dectime", rows, &dectime),
        Workload::new("doubles", rows, &doubles),
    ]
}

/// A result of one column for each type, each of that many rows.
pub fn types(rows: usize) -> Vec<Workload> {
    use Cell::{
        BigInt, Binary, Boolean, Date, Decimal, Double, Integer, Interval, Key, Months, Nested,
        Nullable, Text, Time, Timestamp, Uuid, Words, Zoned,
    };
    let cells = [
        ("boolean", Boolean),
        ("integer", Integer { below: 100_000 }),
        (
            "bigint",
            BigInt {
                below: u64::MAX >> 1,
            },
        ),
        ("bigint-null", Nullable),
        ("bigint-short", Key { step: 1 }),
        (
            "double-short",
            Double {
                decimals: 2,
                below: 10_000_000,
            },
        ),
        (
            "double-long",
            Double {
                decimals: 17,
                below: 100_000_000_000_000_000,
            },
        ),
        (
            "decimal-9",
            Decimal {
                precision: 9,
                scale: 2,
            },
        ),
        (
            "decimal-18",
            Decimal {
                precision: 18,
                scale: 4,
            },
        ),
        (
            "decimal-38",
            Decimal {
                precision: 38,
                scale: 10,
            },
        ),
        ("varchar-1", Words(&["N", "R", "A"])),
        (
            "varchar-15",
            Text {
                least: 15,
                most: 15,
                odd: 0,
            },
        ),
        (
            "varchar-100",
            Text {
                least: 60,
                most: 140,
                odd: 0,
            },
        ),
        (
            "varchar-odd",
            Text {
                least: 60,
                most: 140,
                odd: 100,
            },
        ),
        ("varbinary", Binary),
        ("date", Date),
        ("time-6", Time { precision: 6 }),
        ("timestamp-3", Timestamp { precision: 3 }),
        ("timestamp-6", Timestamp { precision: 6 }),
        ("timestamp-9", Timestamp { precision: 9 }),
        ("zoned-3", Zoned { precision: 3 }),
        ("months", Months),
        ("interval", Interval),
        ("uuid", Uuid),
        ("row", Nested),
    ];
    let cells = cells.iter();
    cells
        .map(|(name, cell)| Workload::new(name, rows, &[*cell]))
        .collect()
}
