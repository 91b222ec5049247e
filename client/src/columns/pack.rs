//! A chunk as bytes and back: for what waits on disk, in the process that wrote it.
//!
//! Vectors are written as they lie in memory, each after its length, so that both ways are nearly a copy. The bytes are
//! nobody's format: they are read only by the process that wrote them.

use super::{Bitmap, Bytes, Chunk, Column, Values, Zones};

/// Appends `chunk` to `out`.
pub fn pack(chunk: &Chunk, out: &mut Vec<u8>) {
    (chunk.rows() as u64).put(out);
    (chunk.columns().len() as u64).put(out);
    for column in chunk.columns() {
        match &column.nulls {
            Some(nulls) => {
                1_u8.put(out);
                put_all(nulls.words(), out);
            }
            None => 0_u8.put(out),
        }
        pack_values(&column.values, out);
    }
}

/// The chunk that [`pack`] wrote; `None` when these are other bytes.
pub fn unpack(bytes: &[u8]) -> Option<Chunk> {
    let mut reader = Reader(bytes);
    let rows = reader.length()?;
    let count = reader.length()?;
    let mut columns = Vec::new();
    for _ in 0..count {
        let nulls = match reader.one::<u8>()? {
            0 => None,
            _ => Some(Bitmap::from_words(reader.all()?)),
        };
        let values = reader.values()?;
        columns.push(Column { values, nulls });
    }
    reader.0.is_empty().then_some(())?;
    Chunk::new(rows, columns)
}

fn pack_values(values: &Values, out: &mut Vec<u8>) {
    let mut begin = |kind: Kind| out.push(kind as u8);
    match values {
        Values::Boolean(values) => {
            begin(Kind::Boolean);
            put_all(values, out);
        }
        Values::Int8(values) => {
            begin(Kind::Int8);
            put_all(values, out);
        }
        Values::Int16(values) => {
            begin(Kind::Int16);
            put_all(values, out);
        }
        Values::Int32(values) => {
            begin(Kind::Int32);
            put_all(values, out);
        }
        Values::Int64(values) => {
            begin(Kind::Int64);
            put_all(values, out);
        }
        Values::Float32(values) => {
            begin(Kind::Float32);
            put_all(values, out);
        }
        Values::Float64(values) => {
            begin(Kind::Float64);
            put_all(values, out);
        }
        Values::Decimal64 { unscaled, scale } => {
            begin(Kind::Decimal64);
            scale.put(out);
            put_all(unscaled, out);
        }
        Values::Decimal128 { unscaled, scale } => {
            begin(Kind::Decimal128);
            scale.put(out);
            put_all(unscaled, out);
        }
        Values::Text(text) => {
            begin(Kind::Text);
            put_bytes(text, out);
        }
        Values::Number(text) => {
            begin(Kind::Number);
            put_bytes(text, out);
        }
        Values::Binary(bytes) => {
            begin(Kind::Binary);
            put_bytes(bytes, out);
        }
        Values::Date(days) => {
            begin(Kind::Date);
            put_all(days, out);
        }
        Values::Time { picos, precision } => {
            begin(Kind::Time);
            precision.put(out);
            put_all(picos, out);
        }
        Values::TimeWithTimeZone {
            picos,
            offsets,
            precision,
        } => {
            begin(Kind::TimeWithTimeZone);
            precision.put(out);
            put_all(picos, out);
            put_all(offsets, out);
        }
        Values::Timestamp {
            micros,
            picos,
            precision,
        } => {
            begin(Kind::Timestamp);
            precision.put(out);
            put_all(micros, out);
            put_all(picos, out);
        }
        Values::TimestampWithTimeZone {
            micros,
            picos,
            zones,
            precision,
        } => {
            begin(Kind::TimestampWithTimeZone);
            precision.put(out);
            put_all(micros, out);
            put_all(picos, out);
            (zones.names.len() as u64).put(out);
            for name in &zones.names {
                put_all(name.as_bytes(), out);
            }
            put_all(&zones.indexes, out);
        }
        Values::IntervalYearToMonth(months) => {
            begin(Kind::IntervalYearToMonth);
            put_all(months, out);
        }
        Values::IntervalDayToSecond(millis) => {
            begin(Kind::IntervalDayToSecond);
            put_all(millis, out);
        }
        Values::FineInterval {
            micros,
            picos,
            precision,
        } => {
            begin(Kind::FineInterval);
            precision.put(out);
            put_all(micros, out);
            put_all(picos, out);
        }
        Values::Uuid(values) => {
            begin(Kind::Uuid);
            put_all(values, out);
        }
        Values::Null(rows) => {
            begin(Kind::Null);
            (*rows as u64).put(out);
        }
    }
}

/// What of the packed bytes is not read yet.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn values(&mut self) -> Option<Values> {
        let kind = self.one::<u8>()?;
        let kind = KINDS.iter().find(|known| **known as u8 == kind)?;
        Some(match kind {
            Kind::Boolean => Values::Boolean(self.all()?),
            Kind::Int8 => Values::Int8(self.all()?),
            Kind::Int16 => Values::Int16(self.all()?),
            Kind::Int32 => Values::Int32(self.all()?),
            Kind::Int64 => Values::Int64(self.all()?),
            Kind::Float32 => Values::Float32(self.all()?),
            Kind::Float64 => Values::Float64(self.all()?),
            Kind::Decimal64 => Values::Decimal64 {
                scale: self.one()?,
                unscaled: self.all()?,
            },
            Kind::Decimal128 => Values::Decimal128 {
                scale: self.one()?,
                unscaled: self.all()?,
            },
            Kind::Text => Values::Text(self.bytes()?),
            Kind::Number => Values::Number(self.bytes()?),
            Kind::Binary => Values::Binary(self.bytes()?),
            Kind::Date => Values::Date(self.all()?),
            Kind::Time => Values::Time {
                precision: self.one()?,
                picos: self.all()?,
            },
            Kind::TimeWithTimeZone => Values::TimeWithTimeZone {
                precision: self.one()?,
                picos: self.all()?,
                offsets: self.all()?,
            },
            Kind::Timestamp => Values::Timestamp {
                precision: self.one()?,
                micros: self.all()?,
                picos: self.all()?,
            },
            Kind::TimestampWithTimeZone => Values::TimestampWithTimeZone {
                precision: self.one()?,
                micros: self.all()?,
                picos: self.all()?,
                zones: self.zones()?,
            },
            Kind::IntervalYearToMonth => Values::IntervalYearToMonth(self.all()?),
            Kind::IntervalDayToSecond => Values::IntervalDayToSecond(self.all()?),
            Kind::FineInterval => Values::FineInterval {
                precision: self.one()?,
                micros: self.all()?,
                picos: self.all()?,
            },
            Kind::Uuid => Values::Uuid(self.all()?),
            Kind::Null => Values::Null(self.length()?),
        })
    }

    fn bytes(&mut self) -> Option<Bytes> {
        Some(Bytes {
            offsets: self.all()?,
            bytes: self.all()?,
        })
    }

    fn zones(&mut self) -> Option<Zones> {
        let count = self.length()?;
        let mut names = Vec::new();
        for _ in 0..count {
            names.push(String::from_utf8(self.all()?).ok()?.into());
        }
        Some(Zones {
            names,
            indexes: self.all()?,
        })
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.one::<u64>()?).ok()
    }

    fn one<T: Plain>(&mut self) -> Option<T> {
        let (value, rest) = self.0.split_at_checked(T::SIZE)?;
        self.0 = rest;
        Some(T::from_bytes(value))
    }

    fn all<T: Plain>(&mut self) -> Option<Vec<T>> {
        let size = self.length()?.checked_mul(T::SIZE)?;
        let (values, rest) = self.0.split_at_checked(size)?;
        self.0 = rest;
        Some(T::read_all(values))
    }
}

fn put_bytes(bytes: &Bytes, out: &mut Vec<u8>) {
    put_all(&bytes.offsets, out);
    put_all(&bytes.bytes, out);
}

fn put_all<T: Plain>(values: &[T], out: &mut Vec<u8>) {
    (values.len() as u64).put(out);
    T::write_all(values, out);
}

/// A value that is its bytes.
trait Plain: Copy {
    const SIZE: usize = size_of::<Self>();

    /// Writes the value to a cell of its size.
    fn write(self, cell: &mut [u8]);

    /// The value in a cell of its size.
    fn from_bytes(cell: &[u8]) -> Self;

    fn put(self, out: &mut Vec<u8>) {
        Self::write_all(&[self], out);
    }

    fn write_all(values: &[Self], out: &mut Vec<u8>) {
        let start = out.len();
        out.resize(start + size_of_val(values), 0);
        let room = out.get_mut(start..).unwrap_or_default();
        for (cell, value) in room.chunks_exact_mut(Self::SIZE).zip(values) {
            value.write(cell);
        }
    }

    fn read_all(cells: &[u8]) -> Vec<Self> {
        cells
            .chunks_exact(Self::SIZE)
            .map(Self::from_bytes)
            .collect()
    }
}

impl Plain for u8 {
    fn write(self, cell: &mut [u8]) {
        cell.fill(self);
    }

    fn from_bytes(cell: &[u8]) -> Self {
        cell.first().copied().unwrap_or_default()
    }

    fn write_all(values: &[Self], out: &mut Vec<u8>) {
        out.extend_from_slice(values);
    }

    fn read_all(cells: &[u8]) -> Vec<Self> {
        cells.to_vec()
    }
}

macro_rules! plain {
    ($($number:ty)*) => {$(
        impl Plain for $number {
            #[inline]
            fn write(self, cell: &mut [u8]) {
                cell.copy_from_slice(&self.to_ne_bytes());
            }

            #[inline]
            fn from_bytes(cell: &[u8]) -> Self {
                cell.try_into().map_or_else(|_| Self::default(), Self::from_ne_bytes)
            }
        }
    )*};
}

plain!(i8 u16 i16 u32 i32 u64 i64 i128 f32 f64);

impl Plain for [u8; 16] {
    #[inline]
    fn write(self, cell: &mut [u8]) {
        cell.copy_from_slice(&self);
    }

    #[inline]
    fn from_bytes(cell: &[u8]) -> Self {
        cell.try_into().unwrap_or_default()
    }
}

/// Which kind of values follows.
#[derive(Debug, Clone, Copy)]
#[repr(u8)]
enum Kind {
    Boolean,
    Int8,
    Int16,
    Int32,
    Int64,
    Float32,
    Float64,
    Decimal64,
    Decimal128,
    Text,
    Number,
    Binary,
    Date,
    Time,
    TimeWithTimeZone,
    Timestamp,
    TimestampWithTimeZone,
    IntervalYearToMonth,
    IntervalDayToSecond,
    FineInterval,
    Uuid,
    Null,
}

const KINDS: [Kind; 22] = [
    Kind::Boolean,
    Kind::Int8,
    Kind::Int16,
    Kind::Int32,
    Kind::Int64,
    Kind::Float32,
    Kind::Float64,
    Kind::Decimal64,
    Kind::Decimal128,
    Kind::Text,
    Kind::Number,
    Kind::Binary,
    Kind::Date,
    Kind::Time,
    Kind::TimeWithTimeZone,
    Kind::Timestamp,
    Kind::TimestampWithTimeZone,
    Kind::IntervalYearToMonth,
    Kind::IntervalDayToSecond,
    Kind::FineInterval,
    Kind::Uuid,
    Kind::Null,
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
