//! Rowsets against memory laid out as applications do, and against single cells.

use std::ptr::null_mut;

use trino_client::columns::{Bitmap, Bytes, Chunk, Column, Values};

use super::{Address, CellIssue, Issues, Layout, RowState, Target, fill};
use crate::abi::CType;
use crate::convert::{self, Error, Form, Format, Issue, Progress, Warning, WideUnit};

fn column(values: Values, nulls: &[usize]) -> Column {
    let mut bitmap = Bitmap::default();
    nulls.iter().for_each(|row| bitmap.set(*row));
    Column {
        values,
        nulls: (!nulls.is_empty()).then_some(bitmap),
    }
}

fn chunk(columns: Vec<Column>) -> Chunk {
    let rows = columns.first().map_or(0, |column| column.values.len());
    Chunk::new(rows, columns).unwrap()
}

fn target<D, L>(c_type: CType, data: *mut D, capacity: usize, length: *mut L) -> Target {
    Target {
        column: 0,
        c_type,
        precision: Form::UNSET,
        scale: Form::UNSET,
        data: Address::of(data),
        capacity: capacity as isize,
        length: Address::of(length),
        indicator: Address::of(length),
    }
}

fn texts(texts: &[&str]) -> Values {
    Values::Text(texts.iter().copied().collect::<Bytes>())
}

fn filled(chunk: &Chunk, first: usize, target: Target, layout: Layout) -> Issues {
    let mut issues = Issues::default();
    let format = Format::default();
    let rows = 0..chunk.rows();
    fill(chunk, rows, first, &[target], &layout, &format, &mut issues);
    issues
}

#[test]
fn a_column_of_integers_is_copied() {
    let chunk = chunk(vec![column(Values::Int64(vec![1, -2, i64::MAX]), &[])]);
    let (mut data, mut lengths) = ([0i64; 3], [0isize; 3]);
    let target = target(CType::SBigInt, data.as_mut_ptr(), 0, lengths.as_mut_ptr());
    assert!(filled(&chunk, 0, target, Layout::default()).is_empty());
    assert_eq!(data, [1, -2, i64::MAX]);
    assert_eq!(lengths, [8; 3]);
}

#[test]
fn null_rows_leave_their_data_alone() {
    let chunk = chunk(vec![column(Values::Int32(vec![1, 0, 3]), &[1])]);
    let (mut data, mut lengths) = ([77i32; 3], [0isize; 3]);
    let target = target(CType::SLong, data.as_mut_ptr(), 0, lengths.as_mut_ptr());
    assert!(filled(&chunk, 0, target, Layout::default()).is_empty());
    assert_eq!(data, [1, 77, 3]);
    assert_eq!(lengths, [4, -1, 4]);
}

#[test]
fn one_bad_value_does_not_spoil_its_neighbours() {
    let values = Values::Int64(vec![1, 300, 2, -200, 3]);
    let chunk = chunk(vec![column(values, &[])]);
    let (mut data, mut lengths) = ([9i8; 5], [0isize; 5]);
    let target = target(CType::STinyInt, data.as_mut_ptr(), 0, lengths.as_mut_ptr());
    let issues = filled(&chunk, 0, target, Layout::default());
    assert_eq!(data, [1, 9, 2, 9, 3]);
    assert_eq!(lengths, [1, 0, 1, 0, 1]);
    let issue = Issue::Error(Error::NumericOutOfRange);
    let expected = [1, 3].map(|row| CellIssue {
        row,
        column: 0,
        issue,
    });
    assert_eq!(issues.cells(), expected);
    assert_eq!(issues.state(0), RowState::Success);
    assert_eq!(issues.state(3), RowState::Failed);
}

#[test]
fn row_wise_cells_are_a_structure_apart() {
    #[repr(C)]
    #[derive(Clone, Copy)]
    struct Row {
        before: u32,
        value: i32,
        length: isize,
        text: [u8; 8],
    }
    let blank = Row {
        before: 0xABAB_ABAB,
        value: 0,
        length: 0,
        text: [0xAA; 8],
    };
    let mut rows = [blank; 4];
    let numbers = chunk(vec![column(Values::Int32(vec![5, 6]), &[])]);
    let layout = Layout {
        row_size: size_of::<Row>(),
        offset: 0,
    };
    let base = rows.as_mut_ptr().cast::<u8>();
    let length = base.wrapping_add(std::mem::offset_of!(Row, length));
    let value = base.wrapping_add(std::mem::offset_of!(Row, value));
    assert!(filled(&numbers, 1, target(CType::SLong, value, 0, length), layout).is_empty());
    let strings = chunk(vec![column(texts(&["ab", "cd"]), &[])]);
    let text = base.wrapping_add(std::mem::offset_of!(Row, text));
    let bound = target(CType::Char, text, 8, length);
    assert!(filled(&strings, 1, bound, layout).is_empty());
    assert_eq!(rows.map(|row| row.value), [0, 5, 6, 0]);
    assert_eq!(rows.map(|row| row.length), [0, 2, 2, 0]);
    assert_eq!(rows[2].text[..3], *b"cd\0");
    assert_eq!(rows[3].text, [0xAA; 8]);
    assert!(rows.iter().all(|row| row.before == 0xABAB_ABAB));
}

#[test]
fn the_bind_offset_moves_every_address_but_null() {
    let chunk = chunk(vec![column(Values::Int32(vec![5]), &[])]);
    let mut data = [0i32; 4];
    let mut bound = target(CType::SLong, data.as_mut_ptr(), 0, null_mut::<isize>());
    let layout = Layout {
        row_size: 0,
        offset: 8,
    };
    assert!(filled(&chunk, 0, bound, layout).is_empty());
    assert_eq!(data, [0, 0, 5, 0]);
    bound.data = Address::NULL;
    assert!(filled(&chunk, 0, bound, layout).is_empty());
}

#[test]
fn a_rowset_spans_two_chunks() {
    let chunks = [
        chunk(vec![column(texts(&["a", "b"]), &[])]),
        chunk(vec![column(texts(&["c"]), &[])]),
    ];
    let (mut data, mut lengths) = ([[0u8; 2]; 3], [0isize; 3]);
    let bound = target(CType::Char, data.as_mut_ptr(), 2, lengths.as_mut_ptr());
    assert!(filled(&chunks[0], 0, bound, Layout::default()).is_empty());
    assert!(filled(&chunks[1], 2, bound, Layout::default()).is_empty());
    assert_eq!(data, [*b"a\0", *b"b\0", *b"c\0"]);
    assert_eq!(lengths, [1; 3]);
}

#[test]
fn length_and_indicator_may_be_apart() {
    let chunk = chunk(vec![column(texts(&["abc", ""]), &[1])]);
    let mut data = [[0u8; 3]; 2];
    let (mut lengths, mut indicators) = ([7isize; 2], [7isize; 2]);
    let mut bound = target(CType::Char, data.as_mut_ptr(), 3, lengths.as_mut_ptr());
    bound.indicator = Address::of(indicators.as_mut_ptr());
    let issues = filled(&chunk, 0, bound, Layout::default());
    assert_eq!(data[0], *b"ab\0");
    assert_eq!(lengths, [3, 7]);
    assert_eq!(indicators, [0, -1]);
    assert_eq!(issues.state(0), RowState::Warned);
    assert_eq!(
        issues.cells()[0].issue,
        Issue::Warning(Warning::StringTruncated)
    );
}

#[test]
fn null_without_an_indicator_fails() {
    let chunk = chunk(vec![column(Values::Int32(vec![1, 0]), &[1])]);
    let mut data = [0i32; 2];
    let bound = target(CType::SLong, data.as_mut_ptr(), 0, null_mut::<isize>());
    let issues = filled(&chunk, 0, bound, Layout::default());
    assert_eq!(
        issues.cells(),
        [CellIssue {
            row: 1,
            column: 0,
            issue: Issue::Error(Error::IndicatorRequired)
        }]
    );
    assert_eq!(data, [1, 0]);
}

#[test]
fn without_data_only_the_length_is_written() {
    let chunk = chunk(vec![column(texts(&["zażółć"]), &[])]);
    let mut lengths = [0isize; 1];
    let bound = target(CType::WChar, null_mut::<u8>(), 100, lengths.as_mut_ptr());
    assert!(filled(&chunk, 0, bound, Layout::default()).is_empty());
    assert_eq!(lengths, [12]);
}

#[test]
fn issues_beyond_the_limit_are_counted_and_every_row_has_its_state() {
    let rows = Issues::LIMIT + 5;
    let chunk = chunk(vec![column(texts(&vec!["long"; rows]), &[])]);
    let mut data = vec![0u8; rows * 2];
    let bound = target(CType::Char, data.as_mut_ptr(), 2, null_mut::<isize>());
    let mut issues = filled(&chunk, 0, bound, Layout::default());
    assert_eq!(issues.cells().len(), Issues::LIMIT);
    assert_eq!(issues.omitted(), 5);
    assert_eq!(issues.state(rows - 1), RowState::Warned);
    issues.clear();
    assert!(issues.is_empty());
    assert_eq!(issues.state(rows - 1), RowState::Success);
}

#[test]
fn a_rowset_gives_what_single_cells_give() {
    for column in convert::samples::columns() {
        for c_type in convert::samples::c_types() {
            for capacity in [0usize, 1, 2, 4, 7, 12, 20, 27, 64] {
                for wide in [WideUnit::Utf16, WideUnit::Utf32] {
                    compare(&column, c_type, capacity, wide);
                }
            }
        }
    }
}

/// Bytes before the terminator of a text that was cut; all bytes of anything else.
fn whole_characters(cell: &[u8], c_type: CType, wide: WideUnit) -> usize {
    let unit = match (c_type, wide) {
        (CType::Char, _) => 1,
        (CType::WChar, WideUnit::Utf16) => 2,
        (CType::WChar, WideUnit::Utf32) => 4,
        _ => return cell.len(),
    };
    let end = cell
        .chunks_exact(unit)
        .position(|unit| unit.iter().all(|byte| *byte == 0));
    end.map_or(0, |units| units * unit)
}

fn compare(column: &Column, c_type: CType, capacity: usize, wide: WideUnit) {
    let format = Format {
        wide,
        ..Format::default()
    };
    let rows = column.values.len();
    let size = c_type.size().unwrap_or(capacity);
    let whole = chunk(vec![column.clone()]);
    let (mut data, mut lengths) = (vec![0xAAu8; rows * size], vec![-99isize; rows]);
    let mut issues = Issues::default();
    // A dangling address is no buffer, and the vector's own is one even when it is empty.
    let bound = target(c_type, data.as_mut_ptr(), capacity, lengths.as_mut_ptr());
    let layout = Layout::default();
    fill(&whole, 0..rows, 0, &[bound], &layout, &format, &mut issues);
    for row in 0..rows {
        let context = format!("{:?} row {row} as {c_type:?}[{capacity}]", column.values);
        if column.is_null(row) {
            assert_eq!(lengths[row], -1, "{context}");
            continue;
        }
        let mut out = vec![0xAAu8; size];
        let mut progress = Progress::default();
        let form = Form::from(c_type);
        let part = convert::part(column, row, form, &format, &mut progress, &mut out);
        // Bytes of a struct may lack both a fraction and room; a single cell tells one of them.
        let found: Vec<Issue> = issues
            .cells()
            .iter()
            .filter(|cell| cell.row == row)
            .map(|cell| cell.issue)
            .collect();
        match part {
            Err(error) => assert!(found.contains(&Issue::Error(error)), "{context}"),
            Ok(part) => {
                match part.warning {
                    None => assert_eq!(found, [], "{context}"),
                    Some(warning) => {
                        assert!(found.contains(&Issue::Warning(warning)), "{context}");
                        assert!(!found.iter().any(|issue| matches!(issue, Issue::Error(_))));
                    }
                }
                let length = part.remaining.map(|length| length as isize);
                assert_eq!(length, Some(lengths[row]), "{context}");
                let cell = &data[row * size..(row + 1) * size];
                if part.complete {
                    assert_eq!(out, cell, "{context}");
                } else {
                    // A part fills its buffer and cuts a character if need be; a bound cell does
                    // not.
                    let whole = whole_characters(cell, c_type, wide);
                    assert!(part.written >= whole, "{context}");
                    assert_eq!(out[..whole], cell[..whole], "{context}");
                }
            }
        }
    }
}
