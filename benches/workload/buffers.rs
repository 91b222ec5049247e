//! An application's buffers: an array for each column, of as many rows as it fetches at once.

use std::ops::Range;

use trino_client::columns::{AsText, Chunk, Type};
use trinoodbc::abi::CType;
use trinoodbc::bind::{self, Address, Issues, Layout, Target};
use trinoodbc::convert::{Form, Format};

/// Rows that are fetched at once.
pub const ROWSET: usize = 1000;

/// How an application binds what it reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Style {
    /// Numbers, dates and timestamps as what they are, the rest as SQL_C_CHAR.
    Typed,
    /// Everything as SQL_C_CHAR.
    Char,
    /// Everything as SQL_C_WCHAR.
    Wide,
}

impl Style {
    pub const ALL: [Self; 3] = [Self::Typed, Self::Char, Self::Wide];

    pub fn name(self) -> &'static str {
        match self {
            Self::Typed => "typed",
            Self::Char => "char",
            Self::Wide => "wide",
        }
    }

    /// The C type for a column of this type.
    pub fn c_type(self, kind: &Type) -> CType {
        match self {
            Self::Char => CType::Char,
            Self::Wide => CType::WChar,
            Self::Typed => match trinoodbc::convert::default_c_type(kind, AsText::default()) {
                CType::WChar => CType::Char,
                // The struct has no fraction, and each value would leave a warning.
                CType::Time => CType::Char,
                c_type => c_type,
            },
        }
    }
}

/// Bound buffers.
pub struct Buffers {
    targets: Vec<Target>,
    issues: Issues,
    format: Format,
    _cells: Vec<Vec<u8>>,
    _lengths: Vec<Vec<isize>>,
}

impl Buffers {
    /// Buffers for columns of these types.
    pub fn new(types: &[Type], style: Style) -> Self {
        let (mut targets, mut all_cells, mut all_lengths) = (Vec::new(), Vec::new(), Vec::new());
        for (column, kind) in types.iter().enumerate() {
            let c_type = style.c_type(kind);
            let capacity = match (style, c_type.size()) {
                (_, Some(size)) => size,
                (Style::Wide, None) => 2 * room(kind),
                (_, None) => room(kind),
            };
            let mut cells = vec![0_u8; capacity * ROWSET];
            let mut lengths = vec![0_isize; ROWSET];
            targets.push(Target {
                column,
                c_type,
                precision: Form::UNSET,
                scale: Form::UNSET,
                data: Address::of(cells.as_mut_ptr()),
                capacity: capacity as isize,
                length: Address::of(lengths.as_mut_ptr()),
                indicator: Address::of(lengths.as_mut_ptr()),
            });
            all_cells.push(cells);
            all_lengths.push(lengths);
        }
        Self {
            targets,
            issues: Issues::default(),
            format: Format::default(),
            _cells: all_cells,
            _lengths: all_lengths,
        }
    }

    /// Fills them with these rows.
    pub fn fill(&mut self, chunk: &Chunk, rows: Range<usize>) {
        self.issues.clear();
        bind::fill(
            chunk,
            rows,
            0,
            &self.targets,
            &Layout::default(),
            &self.format,
            &mut self.issues,
        );
        assert!(self.issues.is_empty(), "{:?}", self.issues.cells().first());
    }

    /// Fills them with a whole chunk, a rowset after the other.
    pub fn read(&mut self, chunk: &Chunk) {
        let mut first = 0;
        while first < chunk.rows() {
            let end = (first + ROWSET).min(chunk.rows());
            self.fill(chunk, first..end);
            first = end;
        }
    }
}

/// Characters of a cell's buffer.
fn room(kind: &Type) -> usize {
    match kind {
        Type::Varchar {
            length: Some(length),
        } => *length as usize * 2 + 1,
        Type::Varbinary => 300,
        _ => 80,
    }
}
