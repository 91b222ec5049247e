//! A table for people.

use std::io::{self, Write};

use trino_client::columns::ColumnInfo;
use unicode_width::UnicodeWidthStr as _;

use super::cells::{Cell, is_number};
use super::printer::Printer;

/// Aligned columns. The first rows determine the widths.
pub struct Table {
    names: Vec<String>,
    header: bool,
    right: Vec<bool>,
    null: String,
    held: Vec<Vec<String>>,
    widths: Option<Vec<usize>>,
}

impl Table {
    pub fn new(columns: &[ColumnInfo], header: bool, null: Option<String>) -> Self {
        Self {
            names: columns.iter().map(|column| visible(&column.name)).collect(),
            header,
            right: columns
                .iter()
                .map(|column| is_number(&column.kind))
                .collect(),
            null: null.unwrap_or_else(|| NULL.to_owned()),
            held: Vec::new(),
            widths: None,
        }
    }

    /// Prints the header and the rows that were held back.
    fn begin(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let held = std::mem::take(&mut self.held);
        let mut widths: Vec<usize> = match self.header {
            true => self.names.iter().map(|name| name.width()).collect(),
            false => vec![0; self.names.len()],
        };
        for row in &held {
            for (widest, text) in widths.iter_mut().zip(row) {
                *widest = text.width().max(*widest);
            }
        }
        if self.header {
            self.line(&self.names, &widths, out)?;
            let rule: Vec<String> = widths.iter().map(|width| "-".repeat(*width)).collect();
            writeln!(out, "{}", rule.join("  "))?;
        }
        for row in &held {
            self.line(row, &widths, out)?;
        }
        self.widths = Some(widths);
        Ok(())
    }

    fn line(&self, row: &[String], widths: &[usize], out: &mut dyn Write) -> io::Result<()> {
        let mut line = String::new();
        for (column, text) in row.iter().enumerate() {
            let widest = widths.get(column).copied().unwrap_or_default();
            let space = " ".repeat(widest.saturating_sub(text.width()));
            if column > 0 {
                line.push_str("  ");
            }
            if self.right.get(column) == Some(&true) {
                line.push_str(&space);
                line.push_str(text);
            } else {
                line.push_str(text);
                line.push_str(&space);
            }
        }
        writeln!(out, "{}", line.trim_end())
    }
}

impl Printer for Table {
    fn row(&mut self, row: &[Cell], out: &mut dyn Write) -> io::Result<()> {
        let texts: Vec<String> = row
            .iter()
            .map(|cell| visible(cell.or(&self.null)))
            .collect();
        if let Some(widths) = &self.widths {
            return self.line(&texts, widths, out);
        }
        self.held.push(texts);
        match self.held.len() {
            HELD => self.begin(out),
            _ => Ok(()),
        }
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        match self.widths {
            Some(_) => Ok(()),
            None => self.begin(out),
        }
    }
}

/// The text with escapes for control characters, which would move the cursor of a terminal.
fn visible(text: &str) -> String {
    if !text.contains(char::is_control) {
        return text.to_owned();
    }
    let mut visible = String::new();
    for character in text.chars() {
        match character.is_control() {
            true => visible.extend(character.escape_default()),
            false => visible.push(character),
        }
    }
    visible
}

const NULL: &str = "NULL";

/// Rows that determine the widths.
const HELD: usize = 100;

#[cfg(test)]
mod tests {
    use trino_client::columns::Type;

    use super::super::cells::tests::{cells, columns, printed};
    use super::*;

    #[test]
    fn columns_are_aligned_by_what_a_terminal_shows() {
        let columns = columns(&[
            ("name", Type::Varchar { length: None }),
            ("n", Type::BigInt),
        ]);
        let rows = [
            cells(&[Some("日本"), Some("1")]),
            cells(&[None, Some("100")]),
        ];
        assert_eq!(
            printed(Table::new(&columns, true, None), &rows),
            "name    n\n----  ---\n日本    1\nNULL  100\n"
        );
    }

    #[test]
    fn control_characters_do_not_reach_the_terminal() {
        let columns = columns(&[("a", Type::Varchar { length: None })]);
        let rows = [cells(&[Some("\u{1b}[31mred\ttab\nline")])];
        assert_eq!(
            printed(Table::new(&columns, false, None), &rows),
            "\\u{1b}[31mred\\ttab\\nline\n"
        );
    }
}
