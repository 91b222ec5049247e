//! What a format of rows does.

use std::io::{self, Write};

use super::cells::Cell;

/// Prints rows in a format. The first rows may be held back until the end.
pub trait Printer {
    fn row(&mut self, row: &[Cell], out: &mut dyn Write) -> io::Result<()>;

    /// Prints what was held back, and the header of a result without rows.
    fn end(&mut self, out: &mut dyn Write) -> io::Result<()>;
}
