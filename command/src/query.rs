//! `query`: runs a statement and prints its rows.

use std::fs::File;
use std::io::{self, BufWriter, IsTerminal as _, Read as _, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use lexopt::ValueExt as _;
use trino_client::columns::{AsText, Chunk, ChunkSource as _, Column, ColumnInfo};
use trino_client::runtime::Wait;
use trino_client::session::{Outcome, Pool, Results, Session};
use trinoodbc::abi::CType;
use trinoodbc::convert::{self, Form, Format, SessionZone};

use crate::Stop;
use crate::target::Target;

/// Runs `query`.
pub fn run(arguments: &mut lexopt::Parser) -> Result<ExitCode, Stop> {
    let mut target = Target::default();
    let mut sql = None;
    let mut style = None;
    let mut max_rows = u64::MAX;
    let mut output = None;
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("table") => style = Some(Style::Table),
            lexopt::Arg::Long("csv") => style = Some(Style::Csv),
            lexopt::Arg::Long("json") => style = Some(Style::Json),
            lexopt::Arg::Long("max-rows") => max_rows = arguments.value()?.parse()?,
            lexopt::Arg::Long("output") => output = Some(PathBuf::from(arguments.value()?)),
            lexopt::Arg::Long(option) if target.take_option(option) => {}
            lexopt::Arg::Value(value) => {
                if let Some(text) = target.take(value.string()?)?
                    && let Some(more) = sql.replace(text)
                {
                    return Err(Stop::Usage(format!("unexpected argument '{more}'")));
                }
            }
            other => return Err(other.unexpected().into()),
        }
    }
    // The password comes first if both are read from standard input.
    let (options, warnings) = target.options()?;
    for warning in warnings {
        eprintln!("trino-odbc: {warning}");
    }
    let sql = match sql {
        Some(sql) if sql != "-" => sql,
        _ => {
            let mut text = String::new();
            io::stdin()
                .read_to_string(&mut text)
                .map_err(Stop::failed)?;
            text
        }
    };
    let pool = Pool::of_process().map_err(Stop::failed)?;
    let wait = Wait::default();
    let cancel = wait.cancel.clone();
    pool.lease().handle().spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            cancel.cancel();
        }
    });
    let session = pool.open(None, options, &wait).map_err(Stop::failed)?;
    let ended = print(
        &session,
        trino_client::sql::Statement::parse(&sql).text(),
        style,
        max_rows,
        output,
        &wait,
    );
    session.close(CLOSE_LIMIT);
    ended.map(|()| ExitCode::SUCCESS)
}

fn print(
    session: &Arc<Session>,
    sql: &str,
    style: Option<Style>,
    max_rows: u64,
    output: Option<PathBuf>,
    wait: &Wait,
) -> Result<(), Stop> {
    let started = Instant::now();
    let execution = session.run(sql, wait).map_err(Stop::failed)?;
    for warning in &execution.warnings {
        eprintln!("trino-odbc: {} ({})", warning.message, warning.name);
    }
    let results = match execution.outcome {
        Outcome::Rows(results) => results,
        Outcome::Updated(count) => {
            let what = execution.update_type.unwrap_or_else(|| "done".to_owned());
            match count {
                Some(count) => eprintln!("{what}: {count} rows"),
                None => eprintln!("{what}"),
            }
            return Ok(());
        }
    };
    let to_terminal = output.is_none() && io::stdout().is_terminal();
    let sink: Box<dyn Write> = match &output {
        Some(path) => Box::new(
            File::create(path)
                .map_err(|error| Stop::failed(format!("{}: {error}", path.display())))?,
        ),
        None => Box::new(io::stdout()),
    };
    let style = style.unwrap_or(if to_terminal {
        Style::Table
    } else {
        Style::Csv
    });
    let mut printer = Printer::new(style, &execution.columns, BufWriter::new(sink));
    let zone = session.time_zone();
    let mut cells = Cells {
        format: Format {
            zone: zone.map_or_else(SessionZone::unknown, |zone| SessionZone::named(&zone)),
            ..Format::default()
        },
        buffer: vec![0; 1 << 12],
    };
    let mut progress = Progress::new(to_terminal);
    let rows = transfer(
        results,
        &mut printer,
        &mut cells,
        &mut progress,
        max_rows,
        wait,
    )?;
    printer.end().map_err(broken_pipe)?;
    progress.end();
    if to_terminal || output.is_some() {
        eprintln!(
            "{rows} rows in {:.1} s ({})",
            started.elapsed().as_secs_f64(),
            execution.query_id
        );
    }
    Ok(())
}

fn transfer(
    mut results: Results,
    printer: &mut Printer,
    cells: &mut Cells,
    progress: &mut Progress,
    max_rows: u64,
    wait: &Wait,
) -> Result<u64, Stop> {
    let status = results.status();
    let mut rows = 0;
    while rows < max_rows {
        let Some(chunk) = results.next(wait).map_err(Stop::failed)? else {
            break;
        };
        if let Some(notice) = status.take_notice() {
            eprintln!("trino-odbc: {notice}");
        }
        let left = usize::try_from(max_rows - rows).unwrap_or(usize::MAX);
        for row in 0..chunk.rows().min(left) {
            printer.row(cells.row(&chunk, row)?).map_err(broken_pipe)?;
            rows += 1;
        }
        progress.show(rows, &status.progress().state);
    }
    Ok(rows)
}

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    Table,
    Csv,
    /// An object a line.
    Json,
}

/// Cells as text.
struct Cells {
    format: Format,
    buffer: Vec<u8>,
}

impl Cells {
    fn row(&mut self, chunk: &Chunk, row: usize) -> Result<Vec<Option<String>>, Stop> {
        let columns = chunk.columns().iter();
        columns.map(|column| self.cell(column, row)).collect()
    }

    /// The text of a cell; `None` for NULL.
    fn cell(&mut self, column: &Column, row: usize) -> Result<Option<String>, Stop> {
        if column.is_null(row) {
            return Ok(None);
        }
        let mut text = Vec::new();
        let mut progress = convert::Progress::default();
        while !progress.finished() {
            let form = Form::from(CType::Char);
            let part = convert::part(
                column,
                row,
                form,
                &self.format,
                &mut progress,
                &mut self.buffer,
            );
            let part = part.map_err(Stop::failed)?;
            text.extend_from_slice(self.buffer.get(..part.written).unwrap_or_default());
        }
        Ok(Some(String::from_utf8_lossy(&text).into_owned()))
    }
}

/// The output of rows.
struct Printer {
    style: Style,
    names: Vec<String>,
    /// Whether values are aligned to the right.
    right: Vec<bool>,
    /// The first rows of a table, which determine its widths.
    held: Vec<Vec<Option<String>>>,
    widths: Vec<usize>,
    begun: bool,
    out: BufWriter<Box<dyn Write>>,
}

impl Printer {
    fn new(style: Style, columns: &[ColumnInfo], out: BufWriter<Box<dyn Write>>) -> Self {
        Self {
            style,
            names: columns.iter().map(|column| column.name.clone()).collect(),
            right: columns
                .iter()
                .map(|column| convert::default_c_type(&column.kind, AsText::default()))
                .map(|c_type| !matches!(c_type, CType::Char | CType::WChar | CType::Binary))
                .collect(),
            held: Vec::new(),
            widths: Vec::new(),
            begun: false,
            out,
        }
    }

    fn row(&mut self, row: Vec<Option<String>>) -> io::Result<()> {
        match self.style {
            Style::Csv => {
                self.begin_csv()?;
                self.csv(row.iter().map(|cell| cell.as_deref().unwrap_or_default()))
            }
            Style::Json => {
                let cells = row
                    .into_iter()
                    .map(|cell| cell.map_or(serde_json::Value::Null, Into::into));
                let object: serde_json::Map<_, _> = self.names.iter().cloned().zip(cells).collect();
                writeln!(self.out, "{}", serde_json::Value::Object(object))
            }
            Style::Table if self.begun => self.line(&row),
            Style::Table => {
                self.held.push(row);
                if self.held.len() == HELD {
                    self.begin_table()?;
                }
                Ok(())
            }
        }
    }

    fn end(&mut self) -> io::Result<()> {
        match self.style {
            Style::Table if !self.begun => self.begin_table()?,
            Style::Csv => self.begin_csv()?,
            Style::Table | Style::Json => {}
        }
        self.out.flush()
    }

    fn begin_csv(&mut self) -> io::Result<()> {
        if std::mem::replace(&mut self.begun, true) {
            return Ok(());
        }
        let names = std::mem::take(&mut self.names);
        self.csv(names.iter().map(String::as_str))
    }

    /// A line according to RFC 4180.
    fn csv<'a>(&mut self, cells: impl Iterator<Item = &'a str>) -> io::Result<()> {
        for (column, cell) in cells.enumerate() {
            if column > 0 {
                self.out.write_all(b",")?;
            }
            if cell.contains([',', '"', '\n', '\r']) {
                write!(self.out, "\"{}\"", cell.replace('"', "\"\""))?;
            } else {
                self.out.write_all(cell.as_bytes())?;
            }
        }
        self.out.write_all(b"\r\n")
    }

    fn begin_table(&mut self) -> io::Result<()> {
        self.begun = true;
        let held = std::mem::take(&mut self.held);
        self.widths = self.names.iter().map(|name| width(name)).collect();
        for row in &held {
            for (widest, cell) in self.widths.iter_mut().zip(row) {
                *widest = width(cell.as_deref().unwrap_or(NULL)).max(*widest);
            }
        }
        let names: Vec<_> = self.names.iter().cloned().map(Some).collect();
        self.line(&names)?;
        let rule: Vec<String> = self.widths.iter().map(|width| "-".repeat(*width)).collect();
        writeln!(self.out, "{}", rule.join("  "))?;
        held.iter().try_for_each(|row| self.line(row))
    }

    fn line(&mut self, row: &[Option<String>]) -> io::Result<()> {
        let mut line = String::new();
        for (column, cell) in row.iter().enumerate() {
            let text = cell.as_deref().unwrap_or(NULL);
            let widest = self.widths.get(column).copied().unwrap_or_default();
            let room = " ".repeat(widest.saturating_sub(width(text)));
            if column > 0 {
                line.push_str("  ");
            }
            if self.right.get(column) == Some(&true) {
                line.push_str(&room);
                line.push_str(text);
            } else {
                line.push_str(text);
                line.push_str(&room);
            }
        }
        writeln!(self.out, "{}", line.trim_end())
    }
}

/// The progress on the terminal while rows are written elsewhere.
struct Progress {
    shown: bool,
    wanted: bool,
    last: Instant,
}

impl Progress {
    fn new(rows_to_terminal: bool) -> Self {
        Self {
            shown: false,
            wanted: !rows_to_terminal && io::stderr().is_terminal(),
            last: Instant::now(),
        }
    }

    fn show(&mut self, rows: u64, state: &str) {
        if self.wanted && self.last.elapsed() > BETWEEN_SHOWS {
            self.last = Instant::now();
            self.shown = true;
            eprint!("\r{rows} rows, {state}        ");
        }
    }

    fn end(&self) {
        if self.shown {
            eprintln!();
        }
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

/// A reader that closes the pipe, such as `head`, is not a failure.
fn broken_pipe(error: io::Error) -> Stop {
    if error.kind() == io::ErrorKind::BrokenPipe {
        std::process::exit(0);
    }
    Stop::failed(error)
}

const NULL: &str = "NULL";

/// Rows that determine the widths of a table.
const HELD: usize = 100;

const BETWEEN_SHOWS: Duration = Duration::from_millis(300);

/// How long to wait for the server at the end.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);
