//! `dsn`: data sources in `odbc.ini`.

use std::path::PathBuf;
use std::process::ExitCode;

use lexopt::ValueExt as _;
use serde_json::json;
use trinoodbc::config::{self, ConnectionString, DataSources};

use crate::Stop;
use crate::check::shown;
use crate::places::{self, File, Scope};
use crate::register::NAME;

/// Runs `dsn add`, `dsn show` or `dsn remove`.
pub fn run(arguments: &mut lexopt::Parser) -> Result<ExitCode, Stop> {
    let mut words = Vec::new();
    let mut scope = None;
    let mut driver = NAME.to_owned();
    let (mut force, mut as_json) = (false, false);
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("driver") => driver = arguments.value()?.string()?,
            lexopt::Arg::Long("force") => force = true,
            lexopt::Arg::Long("json") => as_json = true,
            lexopt::Arg::Long(option) if Scope::take_option(&mut scope, option) => {}
            lexopt::Arg::Value(word) => words.push(word.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    let mut words = words.into_iter();
    let (Some(action), Some(name)) = (words.next(), words.next()) else {
        return Err(Stop::Usage(
            "dsn requires add, show or remove, and the name of a data source".to_owned(),
        ));
    };
    let rest: Vec<String> = words.collect();
    match action.as_str() {
        "add" => add(&name, &driver, &rest, scope, force),
        "show" if rest.is_empty() => show(&name, as_json),
        "remove" if rest.is_empty() => remove(&name, scope),
        _ => Err(Stop::Usage(format!("invalid arguments of dsn {action}"))),
    }
}

fn add(
    name: &str,
    driver: &str,
    given: &[String],
    scope: Option<Scope>,
    force: bool,
) -> Result<ExitCode, Stop> {
    if name.is_empty() || name.contains(['[', ']', ';', '=', '\\']) {
        return Err(Stop::Usage(format!("invalid data source name {name:?}")));
    }
    let mut pairs = Vec::new();
    for pair in given {
        let Some((keyword, value)) = pair.split_once('=') else {
            return Err(Stop::Usage(format!(
                "expected KEYWORD=VALUE, found '{pair}'"
            )));
        };
        if value.contains(['\n', '\r']) {
            return Err(Stop::Usage(format!(
                "the value of {keyword} contains a line break"
            )));
        }
        pairs.push((keyword.trim().to_owned(), value.to_owned()));
    }
    let path = places::file(File::DataSources, scope.unwrap_or(Scope::User))?;
    let mut file = places::read(&path)?;
    if file.entries(name).is_some() && !force {
        return Err(Stop::failed(format!(
            "data source {name} already exists in {}; use --force to replace it",
            path.display()
        )));
    }
    // A configuration that cannot be used is not written.
    let (_, warnings) = config::parse(
        &ConnectionString::from_attributes(pairs.clone()),
        &NoDataSources,
    )
    .map_err(Stop::failed)?;
    for warning in warnings {
        eprintln!("trino-odbc: {warning}");
    }
    let lines = [("Driver".to_owned(), driver.to_owned())]
        .into_iter()
        .chain(pairs);
    file.put(
        name,
        lines.map(|(keyword, value)| format!("{keyword} = {value}")),
    );
    file.set(LIST, name, driver);
    places::write(&file, &path, true)?;
    println!("Data source {name} was written to {}", path.display());
    Ok(ExitCode::SUCCESS)
}

fn show(name: &str, as_json: bool) -> Result<ExitCode, Stop> {
    for path in candidates(None)? {
        let Some(entries) = places::read(&path)?.entries(name) else {
            continue;
        };
        if as_json {
            let entries: serde_json::Map<_, _> = entries
                .into_iter()
                .map(|(key, value)| (key.clone(), json!(shown(&key, &value))))
                .collect();
            println!(
                "{}",
                json!({ "name": name, "file": path, "keywords": entries })
            );
        } else {
            println!("{name} in {}", path.display());
            for (key, value) in entries {
                println!("    {key} = {}", shown(&key, &value));
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    Err(Stop::failed(format!("data source {name} not found")))
}

fn remove(name: &str, scope: Option<Scope>) -> Result<ExitCode, Stop> {
    for path in candidates(scope)? {
        let mut file = places::read(&path)?;
        if file.remove(name) {
            file.unset(LIST, name);
            places::write(&file, &path, true)?;
            println!("Data source {name} was removed from {}", path.display());
            return Ok(ExitCode::SUCCESS);
        }
    }
    Err(Stop::failed(format!("data source {name} not found")))
}

/// The files to search, in order.
fn candidates(scope: Option<Scope>) -> Result<Vec<PathBuf>, Stop> {
    let scopes = match scope {
        Some(scope) => vec![scope],
        None => vec![Scope::User, Scope::System],
    };
    scopes
        .into_iter()
        .map(|scope| places::file(File::DataSources, scope))
        .collect()
}

/// A data source refers to no other.
struct NoDataSources;

impl DataSources for NoDataSources {
    fn attributes(&self, _: &str) -> Option<Vec<(String, String)>> {
        None
    }
}

/// The section that lists data sources, for managers that look there.
const LIST: &str = "ODBC Data Sources";
