//! `query`: runs a statement and prints its rows.

mod cells;
mod csv;
mod json;
mod output;
mod printer;
mod table;
mod tsv;

use std::io::{self, Read as _};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use trino_client::columns::{ChunkSource as _, ColumnInfo};
use trino_client::runtime::{Interrupted, Wait};
use trino_client::session::{Error, Outcome, Pool, Results, Session};
use trino_client::sql::Statement;

use self::cells::Cells;
use self::output::Output;
use self::printer::Printer;
use crate::Stop;
use crate::arguments::{Format, Query};
use crate::progress::Progress;

/// Runs `query`.
pub fn run(arguments: Query) -> Result<ExitCode, Stop> {
    let options = Options {
        format: arguments.format(),
        header: !arguments.no_header,
        null: arguments.null,
        max_rows: arguments.max_rows.unwrap_or(u64::MAX),
    };
    // The password comes first if both are read from standard input.
    let (settings, warnings) = arguments.target.options()?;
    for warning in warnings {
        eprintln!("trino-odbc: {warning}");
    }
    let sql = match arguments.sql {
        Some(sql) if sql != "-" => sql,
        _ => {
            let mut text = String::new();
            io::stdin()
                .read_to_string(&mut text)
                .map_err(Stop::failed)?;
            text
        }
    };
    let output = match arguments.output {
        Some(path) => Output::file(&path)?,
        None => Output::standard(),
    };
    let pool = Pool::of_process().map_err(Stop::failed)?;
    let wait = Wait::default();
    let cancel = wait.cancel.clone();
    pool.lease().handle().spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            cancel.cancel();
        }
    });
    let progress = Progress::start();
    progress.step("connecting");
    let session = pool.open(None, settings, &wait).map_err(stop)?;
    progress.step("waiting for the query to start");
    let sql = Statement::parse(&sql);
    let ended = print(&session, sql.text(), options, output, &progress, &wait);
    progress.end();
    session.close(CLOSE_LIMIT);
    ended.map(|()| ExitCode::SUCCESS)
}

/// How the rows are printed.
struct Options {
    format: Option<Format>,
    header: bool,
    null: Option<String>,
    max_rows: u64,
}

impl Options {
    fn printer(&self, columns: &[ColumnInfo], default: Format) -> Box<dyn Printer> {
        let null = self.null.clone();
        match self.format.unwrap_or(default) {
            Format::Table => Box::new(table::Table::new(columns, self.header, null)),
            Format::Csv => Box::new(csv::Csv::new(columns, self.header, null)),
            Format::Tsv => Box::new(tsv::Tsv::new(columns, self.header, null)),
            Format::Json => Box::new(json::Json::new(columns)),
        }
    }
}

fn print(
    session: &Arc<Session>,
    sql: &str,
    options: Options,
    mut output: Output,
    progress: &Progress,
    wait: &Wait,
) -> Result<(), Stop> {
    let started = Instant::now();
    let execution = session.run(sql, wait).map_err(stop)?;
    for warning in &execution.warnings {
        progress.print(format_args!(
            "trino-odbc: {} ({})",
            warning.message, warning.name
        ));
    }
    let results = match execution.outcome {
        Outcome::Rows(results) => results,
        Outcome::Updated(count) => {
            progress.end();
            let what = execution.update_type.unwrap_or_else(|| "done".to_owned());
            match count {
                Some(count) => eprintln!("{what}: {count} rows"),
                None => eprintln!("{what}"),
            }
            return Ok(());
        }
    };
    let default = match output.is_terminal() {
        true => Format::Table,
        false => Format::Csv,
    };
    let mut printer = options.printer(&execution.columns, default);
    let mut cells = Cells::new(session.time_zone());
    let rows = transfer(
        results,
        printer.as_mut(),
        &mut cells,
        &mut output,
        options.max_rows,
        progress,
        wait,
    )?;
    let reports = output.is_terminal() || output.is_file();
    output.complete().map_err(Stop::unwritten)?;
    progress.end();
    if reports {
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
    printer: &mut dyn Printer,
    cells: &mut Cells,
    output: &mut Output,
    max_rows: u64,
    progress: &Progress,
    wait: &Wait,
) -> Result<u64, Stop> {
    let status = results.status();
    progress.query(&status);
    let mut rows = 0;
    while rows < max_rows {
        let Some(chunk) = results.next(wait).map_err(stop)? else {
            break;
        };
        if let Some(notice) = status.take_notice() {
            progress.print(format_args!("trino-odbc: {notice}"));
        }
        if output.is_terminal() {
            // The rows show by themselves how far they are.
            progress.end();
        }
        let left = usize::try_from(max_rows - rows).unwrap_or(usize::MAX);
        for row in 0..chunk.rows().min(left) {
            let row = cells.row(&chunk, row)?;
            printer.row(row, output).map_err(Stop::unwritten)?;
            rows += 1;
        }
        progress.rows(rows);
    }
    printer.end(output).map_err(Stop::unwritten)?;
    Ok(rows)
}

fn stop(error: Error) -> Stop {
    match error {
        Error::Interrupted {
            cause: Interrupted::Cancelled,
            ..
        } => Stop::Interrupted,
        error => Stop::failed(error),
    }
}

/// How long to wait for the server at the end.
const CLOSE_LIMIT: Duration = Duration::from_secs(2);
