//! `dsn`: data sources.

use std::process::ExitCode;

use lexopt::ValueExt as _;
use serde_json::json;
use trinoodbc::config::{self, ConnectionString, NoDataSources};
use trinoodbc::setup;

use crate::Stop;
use crate::check::shown;
use crate::places::{Kind, Place, Scope, of_scopes};
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
    setup::check_name(name).map_err(|failure| Stop::Usage(failure.message))?;
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
    let mut places = Place::for_data_source(scope.unwrap_or(Scope::User), driver)?;
    for place in &places {
        if place.entries(name)?.is_some() && !force {
            return Err(Stop::failed(format!(
                "data source {name} already exists in {place}; use --force to replace it"
            )));
        }
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
    for place in &mut places {
        place.put_data_source(name, driver, &pairs)?;
        println!("Data source {name} was written to {place}");
    }
    Ok(ExitCode::SUCCESS)
}

fn show(name: &str, as_json: bool) -> Result<ExitCode, Stop> {
    for place in of_scopes(Kind::DataSources, None)? {
        let Some(entries) = place.entries(name)? else {
            continue;
        };
        if as_json {
            let entries: serde_json::Map<_, _> = entries
                .into_iter()
                .map(|(key, value)| (key.clone(), json!(shown(&key, &value))))
                .collect();
            println!(
                "{}",
                json!({ "name": name, "file": place.to_string(), "keywords": entries })
            );
        } else {
            println!("{name} in {place}");
            for (key, value) in entries {
                println!("    {key} = {}", shown(&key, &value));
            }
        }
        return Ok(ExitCode::SUCCESS);
    }
    Err(Stop::failed(format!("data source {name} not found")))
}

/// Removes the first that is found, and the machine's from both views of the registry.
fn remove(name: &str, scope: Option<Scope>) -> Result<ExitCode, Stop> {
    let scopes = match scope {
        Some(scope) => vec![scope],
        None => vec![Scope::User, Scope::System],
    };
    for scope in scopes {
        let mut removed = false;
        for mut place in of_scopes(Kind::DataSources, Some(scope))? {
            if place.remove(name)? {
                removed = true;
                println!("Data source {name} was removed from {place}");
            }
        }
        if removed {
            return Ok(ExitCode::SUCCESS);
        }
    }
    Err(Stop::failed(format!("data source {name} not found")))
}
