//! Tab-separated values, in the form that COPY of PostgreSQL and LOAD DATA of MySQL read.

use std::io::{self, Write};

use trino_client::columns::ColumnInfo;

use super::cells::Cell;
use super::printer::Printer;

/// Tabs, line breaks and backslashes are printed as escapes, so that each line is a row.
pub struct Tsv {
    header: Option<Vec<String>>,
    null: String,
}

impl Tsv {
    pub fn new(columns: &[ColumnInfo], header: bool, null: Option<String>) -> Self {
        let names = columns.iter().map(|column| column.name.clone());
        Self {
            header: header.then(|| names.collect()),
            null: null.unwrap_or_else(|| NULL.to_owned()),
        }
    }

    fn header(&mut self, out: &mut dyn Write) -> io::Result<()> {
        match self.header.take() {
            Some(names) => line(names.iter().map(|name| escape(name)), out),
            None => Ok(()),
        }
    }
}

impl Printer for Tsv {
    fn row(&mut self, row: &[Cell], out: &mut dyn Write) -> io::Result<()> {
        self.header(out)?;
        let null = &self.null;
        let texts = row.iter().map(|cell| match cell.null {
            true => null.clone(),
            false => escape(&cell.text),
        });
        line(texts, out)
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.header(out)
    }
}

fn line(texts: impl Iterator<Item = String>, out: &mut dyn Write) -> io::Result<()> {
    for (index, text) in texts.enumerate() {
        if index > 0 {
            out.write_all(b"\t")?;
        }
        out.write_all(text.as_bytes())?;
    }
    out.write_all(b"\n")
}

fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            '\\' => escaped.push_str("\\\\"),
            '\t' => escaped.push_str("\\t"),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            character => escaped.push(character),
        }
    }
    escaped
}

const NULL: &str = "\\N";

#[cfg(test)]
mod tests {
    use trino_client::columns::Type;

    use super::super::cells::tests::{cells, columns, printed};
    use super::*;

    #[test]
    fn each_line_is_a_row_and_null_differs_from_every_text() {
        let columns = columns(&[("a\tb", Type::Json), ("c", Type::BigInt)]);
        let rows = [
            cells(&[Some("tab\there\r\nthere"), None]),
            cells(&[Some(""), Some("\\N")]),
        ];
        assert_eq!(
            printed(Tsv::new(&columns, true, None), &rows),
            "a\\tb\tc\ntab\\there\\r\\nthere\t\\N\n\t\\\\N\n"
        );
    }

    #[test]
    fn null_can_have_another_text() {
        let columns = columns(&[("a", Type::BigInt)]);
        let printer = Tsv::new(&columns, false, Some("NA".to_owned()));
        assert_eq!(printed(printer, &[cells(&[None])]), "NA\n");
    }
}
