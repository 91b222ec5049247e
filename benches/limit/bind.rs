//! The buffers of an application that binds a thousand rows, and the copy into them.

use crate::columns::{Column, Date, NULL, Timestamp, Values};
use crate::sums::Sums;

/// One buffer a column.
pub struct Rowset {
    buffers: Vec<Buffer>,
}

struct Buffer {
    cells: Cells,
    lengths: Vec<i64>,
}

enum Cells {
    Long(Vec<i64>),
    Integer(Vec<i32>),
    Double { cells: Vec<f64>, sum: usize },
    Date(Vec<Date>),
    Timestamp(Vec<Timestamp>),
    Numeric(Vec<Numeric>),
    Text { cells: Vec<u8>, width: usize },
}

/// `SQL_NUMERIC_STRUCT`.
#[derive(Clone, Copy, Default)]
#[repr(C)]
pub struct Numeric {
    pub precision: u8,
    pub scale: i8,
    /// One when it is not negative.
    pub sign: u8,
    pub value: [u8; 16],
}

impl Rowset {
    pub fn new(columns: &[Column]) -> Self {
        let mut doubles = 0;
        let buffers = columns
            .iter()
            .map(|column| Buffer {
                cells: match &column.values {
                    Values::Long(_) => Cells::Long(vec![0; ROWS]),
                    Values::Integer(_) => Cells::Integer(vec![0; ROWS]),
                    Values::Double(_) => {
                        doubles += 1;
                        Cells::Double {
                            cells: vec![0.0; ROWS],
                            sum: doubles - 1,
                        }
                    }
                    Values::Date(_) => Cells::Date(vec![Date::default(); ROWS]),
                    Values::Timestamp(_) => Cells::Timestamp(vec![Timestamp::default(); ROWS]),
                    Values::Decimal(_) => Cells::Numeric(vec![Numeric::default(); ROWS]),
                    Values::Text(_) => Cells::Text {
                        cells: vec![0; (column.width + 1) * ROWS],
                        width: column.width + 1,
                    },
                },
                lengths: vec![0; ROWS],
            })
            .collect();
        Self { buffers }
    }

    /// Copies `count` rows from `start` into the buffers.
    pub fn fill(&mut self, columns: &[Column], start: usize, count: usize) {
        for (buffer, column) in self.buffers.iter_mut().zip(columns) {
            let rows = start..start + count;
            let lengths = &mut buffer.lengths[..count];
            match (&mut buffer.cells, &column.values) {
                (Cells::Long(cells), Values::Long(values)) => {
                    cells[..count].copy_from_slice(&values[rows]);
                    lengths.fill(8);
                }
                (Cells::Integer(cells), Values::Integer(values)) => {
                    cells[..count].copy_from_slice(&values[rows]);
                    lengths.fill(4);
                }
                (Cells::Double { cells, .. }, Values::Double(values)) => {
                    cells[..count].copy_from_slice(&values[rows]);
                    lengths.fill(8);
                }
                (Cells::Date(cells), Values::Date(values)) => {
                    cells[..count].copy_from_slice(&values[rows]);
                    lengths.fill(6);
                }
                (Cells::Timestamp(cells), Values::Timestamp(values)) => {
                    cells[..count].copy_from_slice(&values[rows]);
                    lengths.fill(16);
                }
                (Cells::Numeric(cells), Values::Decimal(values)) => {
                    for (cell, value) in cells.iter_mut().zip(&values[rows]) {
                        cell.sign = u8::from(*value >= 0);
                        cell.value = value.unsigned_abs().to_le_bytes();
                    }
                    lengths.fill(19);
                }
                (Cells::Text { cells, width }, Values::Text(text)) => {
                    let mut from = start.checked_sub(1).map_or(0, |before| text.ends[before]);
                    let ends = &text.ends[rows];
                    for ((cell, length), end) in
                        cells.chunks_exact_mut(*width).zip(lengths).zip(ends)
                    {
                        let bytes = &text.bytes[from..*end];
                        cell[..bytes.len()].copy_from_slice(bytes);
                        cell[bytes.len()] = 0;
                        *length = bytes.len() as i64;
                        from = *end;
                    }
                }
                _ => unreachable!("buffers are made for their columns"),
            }
            let first = column.nulls.partition_point(|row| *row < start);
            for row in &column.nulls[first..] {
                match buffer.lengths[..count].get_mut(row - start) {
                    Some(length) => *length = NULL,
                    None => break,
                }
            }
        }
    }

    /// Sums what stands in the buffers, as the readers of all clients do.
    pub fn sum(&self, count: usize, sums: &mut Sums, check: bool) {
        sums.rows += count as u64;
        for buffer in &self.buffers {
            let lengths = &buffer.lengths[..count];
            match &buffer.cells {
                Cells::Long(cells) => {
                    sums.each(cells, lengths, |sums, value| sums.integers += value);
                }
                Cells::Integer(cells) => {
                    sums.each(cells, lengths, |sums, value| {
                        sums.integers += i64::from(*value);
                    });
                }
                Cells::Double { cells, sum } => {
                    let mut total = sums.doubles[*sum];
                    sums.each(cells, lengths, |_, value| total += value);
                    sums.doubles[*sum] = total;
                }
                Cells::Date(cells) => {
                    sums.each(cells, lengths, |sums, value| {
                        sums.days += u64::from(value.day);
                    });
                }
                Cells::Timestamp(cells) => sums.each(cells, lengths, |sums, value| {
                    sums.days += u64::from(value.date.day);
                }),
                Cells::Numeric(cells) => sums.each(cells, lengths, |sums, value| {
                    let low = u128::from_le_bytes(value.value) as u64;
                    let low = if value.sign == 1 {
                        low
                    } else {
                        low.wrapping_neg()
                    };
                    sums.unscaled = sums.unscaled.wrapping_add(low);
                }),
                Cells::Text { cells, width } => {
                    for (cell, length) in cells.chunks_exact(*width).zip(lengths) {
                        if *length == NULL {
                            continue;
                        }
                        sums.cells += 1;
                        sums.bytes += length.unsigned_abs();
                        if *length > 0 && cell[0] < 0x80 {
                            sums.heads += u64::from(cell[0]);
                        }
                        if check {
                            sums.units += units(&cell[..length.unsigned_abs() as usize]);
                        }
                    }
                }
            }
        }
    }
}

/// UTF-16 units of UTF-8 text.
fn units(text: &[u8]) -> u64 {
    let characters = text.iter().filter(|byte| **byte & 0xc0 != 0x80).count();
    let pairs = text.iter().filter(|byte| **byte >= 0xf0).count();
    (characters + pairs) as u64
}

/// Rows that the application binds.
pub const ROWS: usize = 1000;
