//! Single values that are given as they are stored: what SQLGetData is called for most, without a run's loop.

use trino_client::columns::{Column, Values};

use super::WideUnit;
use super::civil::{Moment, date, moment};
use super::text::{Encoding, Narrow, Wide16, Wide32};
use crate::abi::CType;

/// Writes the value at `row`, which is not NULL, in a C type that holds all of its column's values, and returns its
/// length in bytes. `None` where it does not fit `cell`, or where there is more to convert: [`super::part()`] does all of them.
// Inlined, as the call would cost as much as the work for a number.
#[inline(always)]
pub fn stored(
    column: &Column,
    row: usize,
    c_type: CType,
    wide: WideUnit,
    cell: &mut [u8],
) -> Option<usize> {
    match (&column.values, c_type) {
        (Values::Text(bytes), CType::Char) => text::<Narrow>(bytes.get(row), cell),
        (Values::Text(bytes), CType::WChar) => match wide {
            WideUnit::Utf16 => text::<Wide16>(bytes.get(row), cell),
            WideUnit::Utf32 => text::<Wide32>(bytes.get(row), cell),
        },
        (Values::Boolean(values), CType::Bit) => put([*values.get(row)?], cell),
        (Values::Int8(values), CType::STinyInt) => put(values.get(row)?.to_ne_bytes(), cell),
        (Values::Int8(values), CType::SLong) => {
            put(i32::from(*values.get(row)?).to_ne_bytes(), cell)
        }
        (Values::Int16(values), CType::SShort) => put(values.get(row)?.to_ne_bytes(), cell),
        (Values::Int16(values), CType::SLong) => {
            put(i32::from(*values.get(row)?).to_ne_bytes(), cell)
        }
        (Values::Int32(values), CType::SLong) => put(values.get(row)?.to_ne_bytes(), cell),
        (Values::Int64(values), CType::SBigInt) => put(values.get(row)?.to_ne_bytes(), cell),
        (Values::Float32(values), CType::Float) => put(values.get(row)?.to_ne_bytes(), cell),
        (Values::Float64(values), CType::Double) => put(values.get(row)?.to_ne_bytes(), cell),
        (Values::Date(values), CType::Date) => put(date(i64::from(*values.get(row)?)).ok()?, cell),
        // pyodbc reads dates so.
        (Values::Date(values), CType::Timestamp) => {
            let (days, nanos) = (i64::from(*values.get(row)?), 0);
            put(Moment { days, nanos }.timestamp().ok()?, cell)
        }
        (Values::Timestamp { micros, picos, .. }, CType::Timestamp) if picos.is_empty() => {
            put(moment(*micros.get(row)?, 0).timestamp().ok()?, cell)
        }
        _ => None,
    }
}

/// The whole text with its terminator.
#[inline]
fn text<E: Encoding>(source: &[u8], cell: &mut [u8]) -> Option<usize> {
    // No encoding makes more of a character than of as many ASCII characters as it has bytes.
    let fits = source
        .len()
        .checked_mul(E::WIDTH)?
        .checked_add(E::TERMINATOR)?
        <= cell.len();
    if !fits {
        return None;
    }
    let written = E::encode(source, cell);
    (written.source == source.len()).then_some(written.bytes)
}

#[inline]
fn put<const N: usize>(value: [u8; N], cell: &mut [u8]) -> Option<usize> {
    *cell.first_chunk_mut()? = value;
    Some(N)
}

#[cfg(test)]
mod tests {
    use trino_client::columns::{Column, Values};

    use super::super::{Form, Format, Progress, part, samples};
    use super::stored;
    use crate::abi::{CType, WideUnit};

    #[test]
    fn what_is_given_as_stored_is_what_a_run_gives() {
        let mut given = 0;
        for (kind, values) in samples::values() {
            let rows = values.len();
            let column = Column {
                values,
                nulls: None,
            };
            for wide in [WideUnit::Utf16, WideUnit::Utf32] {
                let format = Format {
                    wide,
                    ..Format::default()
                };
                for c_type in samples::c_types() {
                    for (row, room) in (0..rows).flat_map(|row| (0..70).map(move |n| (row, n))) {
                        let room = c_type.size().unwrap_or(room);
                        let (mut own, mut whole) = ([0xAA; 70], [0xAA; 70]);
                        let (Some(own_cell), Some(cell)) =
                            (own.get_mut(..room), whole.get_mut(..room))
                        else {
                            continue;
                        };
                        let Some(length) = stored(&column, row, c_type, wide, own_cell) else {
                            continue;
                        };
                        given += 1;
                        let (form, progress) = (Form::from(c_type), &mut Progress::default());
                        let part = part(&column, row, form, &format, progress, cell).unwrap();
                        let place = format!("{kind} as {c_type:?} in {room} bytes");
                        assert_eq!(part.remaining, Some(length), "{place}");
                        assert_eq!((part.complete, part.warning), (true, None), "{place}");
                        assert_eq!(own, whole, "{place}");
                    }
                }
            }
        }
        assert!(given > 1000, "{given}");
    }

    #[test]
    fn values_that_do_not_fit_are_left_to_parts() {
        let text = Column {
            values: Values::Text(["zażółć"].into_iter().collect()),
            nulls: None,
        };
        let mut cell = [0xAA; 40];
        let mut give =
            |c_type, room: usize| stored(&text, 0, c_type, WideUnit::Utf16, &mut cell[..room]);
        // Ten bytes of UTF-8 and a null.
        assert_eq!(give(CType::Char, 10), None);
        assert_eq!(give(CType::Char, 11), Some(10));
        assert_eq!(give(CType::WChar, 0), None);
        assert_eq!(give(CType::WChar, 22), Some(12));
        assert_eq!(give(CType::Binary, 40), None);
    }
}
