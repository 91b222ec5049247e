//! The command line: parsing, `--help`, the manual pages and the completions of shells come from
//! this description.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::places::Scope;
use crate::register::NAME;
use crate::target::Target;

/// Registers the ODBC driver for Trino, manages data sources, diagnoses connections and runs queries
#[derive(Debug, Parser)]
#[command(
    name = "trino-odbc",
    version,
    arg_required_else_help = true,
    disable_help_subcommand = true,
    after_help = "\
Exit codes:
  0    success
  1    the command failed: a connection does not work, a statement failed
  2    the command line is wrong
  130  interrupted by Ctrl-C

Colours and progress appear on terminals only; NO_COLOR or TERM=dumb turns them off."
)]
pub struct Arguments {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Install(Install),
    Uninstall(Uninstall),
    List(List),
    #[command(subcommand)]
    Dsn(Dsn),
    Check(Examine),
    #[command(name = "doctor")]
    Doctor(Diagnose),
    Query(Query),
    Man(Man),
    Completions(Completions),
}

/// Register the driver with the Driver Manager
///
/// Registers for this user, or for all users with the rights of an administrator. Windows keeps
/// drivers for all users only.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trino-odbc install
  sudo trino-odbc install --system
  trino-odbc install --user --library ~/lib/libtrinoodbc.so --name \"Trino test\"")]
pub struct Install {
    #[command(flatten)]
    pub scope: ScopeOptions,
    /// The driver; by default the one beside this program or in the lib folder next to it
    #[arg(long, value_name = "FILE")]
    pub library: Option<PathBuf>,
    /// The name to register: DRIVER={NAME} in connection strings
    #[arg(long, default_value = NAME)]
    pub name: String,
}

/// Remove the driver's registration
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trino-odbc uninstall
  sudo trino-odbc uninstall --system --name \"Starburst ODBC Driver\"")]
pub struct Uninstall {
    #[command(flatten)]
    pub scope: ScopeOptions,
    /// The name that it was registered with
    #[arg(long, default_value = NAME)]
    pub name: String,
}

/// List registered drivers, and the data sources that use this one
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trino-odbc list
  trino-odbc list --json")]
pub struct List {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Create, show and remove data sources
#[derive(Debug, Subcommand)]
pub enum Dsn {
    Add(DsnAdd),
    Show(DsnShow),
    Remove(DsnRemove),
}

/// Create a data source
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trino-odbc dsn add Warehouse Host=trino.example.org SSL=true UID=ann
  trino-odbc dsn add Warehouse --force Host=trino.example.org Catalog=sales Schema=public
  sudo trino-odbc dsn add Reports --system Host=trino.example.org SSL=true")]
pub struct DsnAdd {
    /// The name of the data source
    pub name: String,
    /// Keywords of the connection string and their values
    #[arg(value_name = "KEYWORD=VALUE")]
    pub keywords: Vec<String>,
    #[command(flatten)]
    pub scope: ScopeOptions,
    /// The name that the driver is registered with
    #[arg(long, value_name = "NAME", default_value = NAME)]
    pub driver: String,
    /// Replace a data source of that name
    #[arg(long)]
    pub force: bool,
}

/// Show the keywords of a data source, without secrets
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trino-odbc dsn show Warehouse
  trino-odbc dsn show Warehouse --json")]
pub struct DsnShow {
    /// The name of the data source
    pub name: String,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Remove a data source
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trino-odbc dsn remove Warehouse
  sudo trino-odbc dsn remove Reports --system")]
pub struct DsnRemove {
    /// The name of the data source
    pub name: String,
    #[command(flatten)]
    pub scope: ScopeOptions,
}

/// Show how the driver reads each keyword, without connecting
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trino-odbc check Warehouse
  trino-odbc check 'Host=trino.example.org;AuthenticationType=LDAP Authentication;UID=ann' --json")]
pub struct Examine {
    #[command(flatten)]
    pub target: Target,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Connect step by step, and report what works and what to change
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trino-odbc doctor Warehouse
  trino-odbc doctor 'Host=trino.example.org;SSL=true;UID=ann' --password-stdin < password.txt
  trino-odbc doctor Warehouse --json | jq -r .verdict

The exit code is 1 if a step failed.")]
pub struct Diagnose {
    #[command(flatten)]
    pub target: Target,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Run a statement and print its rows
///
/// Rows are printed as a table on a terminal, and as CSV elsewhere.
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trino-odbc query Warehouse 'SELECT * FROM nation' --max-rows 10
  trino-odbc query Warehouse 'SELECT * FROM orders' --output orders.csv
  trino-odbc query Warehouse 'SELECT * FROM nation' --format json | jq .name
  trino-odbc query Warehouse - --format tsv --no-header < report.sql

Formats:
  table  aligned columns; control characters are printed as escapes
  csv    RFC 4180: NULL is empty, and an empty string is \"\"
  tsv    a tab between values; \\t, \\n, \\r and \\\\ within them; NULL is \\N
  json   one object per line; numbers, booleans, arrays, maps and rows as JSON, decimals as strings

A file appears under its name once it is complete: a query that fails or is interrupted leaves the
former file as it was.")]
pub struct Query {
    #[command(flatten)]
    pub target: Target,
    /// The statement; - or nothing reads it from standard input
    #[arg(value_name = "SQL")]
    pub sql: Option<String>,
    /// How rows are printed [default: table on a terminal, else csv]
    #[arg(long, short = 'f', value_enum, conflicts_with_all = ["table", "csv", "json"])]
    pub format: Option<Format>,
    /// The same as --format table
    #[arg(long, conflicts_with_all = ["csv", "json"])]
    pub table: bool,
    /// The same as --format csv
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
    /// The same as --format json
    #[arg(long)]
    pub json: bool,
    /// Leave out the line of column names
    #[arg(long)]
    pub no_header: bool,
    /// Print NULL as TEXT in tables, CSV and TSV
    #[arg(long, value_name = "TEXT")]
    pub null: Option<String>,
    /// Stop after N rows
    #[arg(long, value_name = "N")]
    pub max_rows: Option<u64>,
    /// Write the rows to FILE
    #[arg(long, short, value_name = "FILE")]
    pub output: Option<PathBuf>,
}

impl Query {
    /// The format that the options name.
    pub fn format(&self) -> Option<Format> {
        match self {
            Self { table: true, .. } => Some(Format::Table),
            Self { csv: true, .. } => Some(Format::Csv),
            Self { json: true, .. } => Some(Format::Json),
            _ => self.format,
        }
    }
}

/// How rows are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Table,
    Csv,
    Tsv,
    Json,
}

/// Print the manual page
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trino-odbc man | man -l -
  trino-odbc man --output /usr/local/share/man/man1")]
pub struct Man {
    /// Write the page of the program and one of each command to the folder DIR
    #[arg(long, value_name = "DIR")]
    pub output: Option<PathBuf>,
}

/// Print the completions of a shell
#[derive(Debug, Args)]
#[command(after_help = "\
Examples:
  trino-odbc completions bash > /usr/share/bash-completion/completions/trino-odbc
  trino-odbc completions zsh > /usr/share/zsh/site-functions/_trino-odbc
  trino-odbc completions fish > ~/.config/fish/completions/trino-odbc.fish
  trino-odbc completions powershell >> $PROFILE")]
pub struct Completions {
    /// The shell
    #[arg(value_enum)]
    pub shell: clap_complete::Shell,
}

/// The users that a registration or a data source is for.
#[derive(Debug, Args)]
pub struct ScopeOptions {
    /// For this user
    #[arg(long, conflicts_with = "system")]
    user: bool,
    /// For all users
    #[arg(long)]
    system: bool,
}

impl ScopeOptions {
    pub fn scope(&self) -> Option<Scope> {
        match (self.user, self.system) {
            (_, true) => Some(Scope::System),
            (true, false) => Some(Scope::User),
            (false, false) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_description_has_no_contradictions() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn the_help_of_every_command_has_examples() {
        fn check(command: &clap::Command, without: &mut Vec<String>) {
            let help = command.get_after_help().map(ToString::to_string);
            let has_own = !command.has_subcommands();
            if has_own && !help.is_some_and(|help| help.contains("Examples:\n  ")) {
                without.push(command.get_name().to_owned());
            }
            for subcommand in command.get_subcommands() {
                check(subcommand, without);
            }
        }
        let mut without = Vec::new();
        check(&Arguments::command(), &mut without);
        assert!(without.is_empty(), "{without:?}");
    }

    /// Arguments are split at spaces; single quotes keep words together.
    #[test]
    fn every_example_of_this_program_parses() {
        fn examples(command: &clap::Command, found: &mut Vec<String>) {
            let help = command.get_after_help().map(ToString::to_string);
            let lines = help.iter().flat_map(|help| help.lines());
            found.extend(lines.filter_map(|line| {
                let begin = line.strip_prefix("  ")?;
                let begin = begin.strip_prefix("sudo ").unwrap_or(begin);
                begin.strip_prefix("trino-odbc ").map(str::to_owned)
            }));
            for subcommand in command.get_subcommands() {
                examples(subcommand, found);
            }
        }
        let mut found = Vec::new();
        examples(&Arguments::command(), &mut found);
        assert!(found.len() > 20, "{found:?}");
        for example in found {
            let mut words = vec!["trino-odbc".to_owned()];
            for (index, part) in example.split(['\'', '"']).enumerate() {
                if index % 2 == 1 {
                    words.push(part.to_owned());
                    continue;
                }
                let own = part.split(['|', '<', '>']).next().unwrap_or_default();
                words.extend(own.split_whitespace().map(str::to_owned));
                if own.len() < part.len() {
                    break;
                }
            }
            let parsed = Arguments::try_parse_from(&words);
            assert!(parsed.is_ok(), "{example}: {}", parsed.unwrap_err());
        }
    }
}
