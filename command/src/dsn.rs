//! `dsn`: data sources.

use std::process::ExitCode;

use serde_json::json;
use trinoodbc::config::{self, ConnectionString, NoDataSources};
use trinoodbc::setup;

use crate::Stop;
use crate::arguments::{Dsn, DsnAdd};
use crate::check::shown;
use crate::places::{Kind, Place, Scope, of_scopes};

/// Runs `dsn add`, `dsn show` or `dsn remove`.
pub fn run(command: Dsn) -> Result<ExitCode, Stop> {
    match command {
        Dsn::Add(arguments) => add(&arguments),
        Dsn::Show(arguments) => show(&arguments.name, arguments.json),
        Dsn::Remove(arguments) => remove(&arguments.name, arguments.scope.scope()),
    }
}

fn add(arguments: &DsnAdd) -> Result<ExitCode, Stop> {
    let DsnAdd { name, driver, .. } = arguments;
    setup::check_name(name).map_err(|failure| Stop::Usage(failure.message))?;
    let mut pairs = Vec::new();
    for pair in &arguments.keywords {
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
    let scope = arguments.scope.scope().unwrap_or(Scope::User);
    let mut places = Place::for_data_source(scope, driver)?;
    for place in &places {
        if place.entries(name)?.is_some() && !arguments.force {
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
