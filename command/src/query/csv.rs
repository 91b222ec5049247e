//! Comma-separated values according to RFC 4180.

use std::io::{self, Write};

use trino_client::columns::ColumnInfo;

use super::cells::Cell;
use super::printer::Printer;

/// NULL is printed bare; text that would read as NULL is quoted, as are separators and quotes.
pub struct Csv {
    header: Option<Vec<String>>,
    null: String,
}

impl Csv {
    pub fn new(columns: &[ColumnInfo], header: bool, null: Option<String>) -> Self {
        let names = columns.iter().map(|column| column.name.clone());
        Self {
            header: header.then(|| names.collect()),
            null: null.unwrap_or_default(),
        }
    }

    fn header(&mut self, out: &mut dyn Write) -> io::Result<()> {
        let Some(names) = self.header.take() else {
            return Ok(());
        };
        for (index, name) in names.iter().enumerate() {
            separate(index, out)?;
            self.text(name, out)?;
        }
        out.write_all(b"\r\n")
    }

    fn text(&self, text: &str, out: &mut dyn Write) -> io::Result<()> {
        if text == self.null || text.contains([',', '"', '\n', '\r']) {
            write!(out, "\"{}\"", text.replace('"', "\"\""))
        } else {
            out.write_all(text.as_bytes())
        }
    }
}

impl Printer for Csv {
    fn row(&mut self, row: &[Cell], out: &mut dyn Write) -> io::Result<()> {
        self.header(out)?;
        for (index, cell) in row.iter().enumerate() {
            separate(index, out)?;
            if cell.null {
                out.write_all(self.null.as_bytes())?;
            } else {
                self.text(&cell.text, out)?;
            }
        }
        out.write_all(b"\r\n")
    }

    fn end(&mut self, out: &mut dyn Write) -> io::Result<()> {
        self.header(out)
    }
}

fn separate(index: usize, out: &mut dyn Write) -> io::Result<()> {
    match index {
        0 => Ok(()),
        _ => out.write_all(b","),
    }
}

#[cfg(test)]
mod tests {
    use trino_client::columns::Type;

    use super::super::cells::tests::{cells, columns, printed};
    use super::*;

    fn csv(header: bool, null: Option<&str>, rows: &[Vec<Cell>]) -> String {
        let columns = columns(&[("a,b", Type::Varchar { length: None }), ("c", Type::BigInt)]);
        printed(Csv::new(&columns, header, null.map(str::to_owned)), rows)
    }

    #[test]
    fn an_empty_string_is_quoted_and_null_is_empty() {
        let rows = [cells(&[Some(""), None]), cells(&[None, Some("1")])];
        assert_eq!(csv(true, None, &rows), "\"a,b\",c\r\n\"\",\r\n,1\r\n");
    }

    #[test]
    fn separators_quotes_and_line_breaks_are_quoted() {
        let rows = [
            cells(&[Some("say \"hi\", twice"), Some("1")]),
            cells(&[Some("two\nlines"), Some("carriage\rreturn")]),
        ];
        assert_eq!(
            csv(false, None, &rows),
            "\"say \"\"hi\"\", twice\",1\r\n\"two\nlines\",\"carriage\rreturn\"\r\n"
        );
    }

    #[test]
    fn text_that_equals_the_text_of_null_is_quoted() {
        let rows = [cells(&[Some("NULL"), None]), cells(&[Some(""), None])];
        let expected = "\"NULL\",NULL\r\n,NULL\r\n";
        assert_eq!(csv(false, Some("NULL"), &rows), expected);
    }

    #[test]
    fn a_result_without_rows_has_its_header() {
        assert_eq!(csv(true, None, &[]), "\"a,b\",c\r\n");
        assert_eq!(csv(false, None, &[]), "");
    }
}
