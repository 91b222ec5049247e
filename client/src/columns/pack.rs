//! A chunk as bytes and back: for what waits on disk, in the process that wrote it.
//!
//! Buffers are written as they lie in memory, each after its length, so that both ways are nearly a copy. Only the
//! process that wrote the bytes reads them; they are no format for others.

use std::mem::discriminant;

use super::buffers::Buffer;
use super::{Bitmap, Bytes, Chunk, Column, Values, Zones};

/// Appends `chunk` to `out`.
pub fn pack(chunk: &Chunk, out: &mut Vec<u8>) {
    chunk.rows().pack(out);
    chunk.columns().len().pack(out);
    for column in chunk.columns() {
        out.push(u8::from(column.nulls.is_some()));
        if let Some(nulls) = &column.nulls {
            nulls.words.pack(out);
        }
        let kind = discriminant(&column.values);
        let kind = (0_u8..)
            .zip(KINDS)
            .find(|(_, empty)| discriminant(&empty(0)) == kind);
        let (kind, _) = kind.expect("KINDS has every kind of values");
        out.extend_from_slice(&[kind, column.values.digits()]);
        column.values.buffers(|buffer| buffer.pack(out));
    }
}

/// The chunk that [`pack`] wrote; `None` when these are other bytes.
pub fn unpack(bytes: &[u8]) -> Option<Chunk> {
    let mut packed = Reader(bytes);
    let rows = packed.length()?;
    let count = packed.length()?;
    let mut columns = Vec::new();
    for _ in 0..count {
        let mut nulls = (packed.byte()? != 0).then(Bitmap::default);
        if let Some(nulls) = &mut nulls {
            nulls.words.unpack(&mut packed)?;
        }
        let empty = KINDS.get(usize::from(packed.byte()?))?;
        let mut values = empty(packed.byte()?);
        let mut read = Some(());
        values.buffers_mut(|buffer| read = read.and_then(|()| buffer.unpack(&mut packed)));
        read?;
        columns.push(Column { values, nulls });
    }
    packed.0.is_empty().then_some(())?;
    Chunk::new(rows, columns)
}

/// What of the packed bytes is not read yet.
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) fn length(&mut self) -> Option<usize> {
        let (length, rest) = self.0.split_first_chunk()?;
        self.0 = rest;
        usize::try_from(u64::from_ne_bytes(*length)).ok()
    }

    pub(super) fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn byte(&mut self) -> Option<u8> {
        let (byte, rest) = self.0.split_first()?;
        self.0 = rest;
        Some(*byte)
    }
}

impl Values {
    /// Digits after the point that the type states, and that its values are stored with.
    fn digits(&self) -> u8 {
        match self {
            Self::Decimal64 { scale: digits, .. }
            | Self::Decimal128 { scale: digits, .. }
            | Self::Time {
                precision: digits, ..
            }
            | Self::TimeWithTimeZone {
                precision: digits, ..
            }
            | Self::Timestamp {
                precision: digits, ..
            }
            | Self::TimestampWithTimeZone {
                precision: digits, ..
            }
            | Self::FineInterval {
                precision: digits, ..
            } => *digits,
            _ => 0,
        }
    }
}

/// Every kind of values without rows, from the digits after its point; packed as its place here.
const KINDS: [fn(u8) -> Values; 22] = [
    |_| Values::Boolean(Vec::new()),
    |_| Values::Int8(Vec::new()),
    |_| Values::Int16(Vec::new()),
    |_| Values::Int32(Vec::new()),
    |_| Values::Int64(Vec::new()),
    |_| Values::Float32(Vec::new()),
    |_| Values::Float64(Vec::new()),
    |scale| Values::Decimal64 {
        unscaled: Vec::new(),
        scale,
    },
    |scale| Values::Decimal128 {
        unscaled: Vec::new(),
        scale,
    },
    |_| Values::Text(Bytes::default()),
    |_| Values::Number(Bytes::default()),
    |_| Values::Binary(Bytes::default()),
    |_| Values::Date(Vec::new()),
    |precision| Values::Time {
        picos: Vec::new(),
        precision,
    },
    |precision| Values::TimeWithTimeZone {
        picos: Vec::new(),
        offsets: Vec::new(),
        precision,
    },
    |precision| Values::Timestamp {
        micros: Vec::new(),
        picos: Vec::new(),
        precision,
    },
    |precision| Values::TimestampWithTimeZone {
        micros: Vec::new(),
        picos: Vec::new(),
        zones: Zones::default(),
        precision,
    },
    |_| Values::IntervalYearToMonth(Vec::new()),
    |_| Values::IntervalDayToSecond(Vec::new()),
    |precision| Values::FineInterval {
        micros: Vec::new(),
        picos: Vec::new(),
        precision,
    },
    |_| Values::Uuid(Vec::new()),
    |_| Values::Null(0),
];

#[cfg(test)]
mod tests {
    use super::*;

    fn every_kind() -> Chunk {
        let bytes = || Bytes::from_iter(["a", "", "ä\0c"]);
        let values = vec![
            Values::Boolean(vec![0, 1, 1]),
            Values::Int8(vec![-1, 0, i8::MAX]),
            Values::Int16(vec![i16::MIN, 0, 7]),
            Values::Int32(vec![i32::MIN, 0, 7]),
            Values::Int64(vec![i64::MIN, 0, i64::MAX]),
            Values::Float32(vec![0.5, f32::INFINITY, -0.0]),
            Values::Float64(vec![0.5, f64::NEG_INFINITY, -0.0]),
            Values::Decimal64 {
                unscaled: vec![-5, 0, 12345],
                scale: 2,
            },
            Values::Decimal128 {
                unscaled: vec![i128::MIN, 0, i128::MAX],
                scale: 38,
            },
            Values::Text(bytes()),
            Values::Number(bytes()),
            Values::Binary(bytes()),
            Values::Date(vec![-1, 0, 20_000]),
            Values::Time {
                picos: vec![1, 2, 3],
                precision: 12,
            },
            Values::TimeWithTimeZone {
                picos: vec![1, 2, 3],
                offsets: vec![-720, 0, 840],
                precision: 3,
            },
            Values::Timestamp {
                micros: vec![-1, 2, 3],
                picos: Vec::new(),
                precision: 6,
            },
            Values::TimestampWithTimeZone {
                micros: vec![-1, 2, 3],
                picos: vec![999_999, 0, 1],
                zones: Zones {
                    names: vec!["UTC".into(), "Europe/Berlin".into()],
                    indexes: vec![1, 0, 1],
                },
                precision: 12,
            },
            Values::IntervalYearToMonth(vec![-13, 0, 13]),
            Values::IntervalDayToSecond(vec![-86_400_001, 0, 1]),
            Values::FineInterval {
                micros: vec![-1, 0, i64::MAX],
                picos: vec![999_999, 0, 1],
                precision: 12,
            },
            Values::Uuid(vec![[0; 16], [255; 16], [7; 16]]),
            Values::Null(3),
        ];
        assert_eq!(values.len(), KINDS.len());
        let mut nulls = Bitmap::default();
        nulls.set(1);
        let columns = values
            .into_iter()
            .enumerate()
            .map(|(index, values)| Column {
                values,
                nulls: (index % 2 == 0).then(|| nulls.clone()),
            });
        Chunk::new(3, columns.collect()).unwrap()
    }

    #[test]
    fn values_of_every_kind_come_back_as_they_were() {
        let chunk = every_kind();
        let mut packed = Vec::new();
        pack(&chunk, &mut packed);
        assert_eq!(unpack(&packed), Some(chunk));
        let empty = Chunk::new(2, Vec::new()).unwrap();
        packed.clear();
        pack(&empty, &mut packed);
        assert_eq!(unpack(&packed), Some(empty));
    }

    #[test]
    fn other_bytes_are_no_chunk() {
        let mut packed = Vec::new();
        pack(&every_kind(), &mut packed);
        for end in 0..packed.len() {
            assert_eq!(unpack(&packed[..end]), None, "cut at {end}");
        }
        packed.push(0);
        assert_eq!(unpack(&packed), None);
        assert_eq!(unpack(&[0xFF; 64]), None);
    }
}
