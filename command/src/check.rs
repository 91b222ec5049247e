//! `check`: how the driver reads each keyword, without connecting.

use std::process::ExitCode;

use serde_json::{Value, json};
use trinoodbc::config::{
    self, ConnectionString, DataSources as _, Keyword, OtherDriversKeyword, Support,
};
use trinoodbc::platform::InstalledDataSources;

use crate::Stop;
use crate::arguments::Examine;

/// Runs `check`.
pub fn run(arguments: Examine) -> Result<ExitCode, Stop> {
    let given = arguments.target.connection_string()?;
    let mut lines = readings("connection string", &given);
    if let Some(name) = given.data_source()
        && let Some(attributes) = InstalledDataSources.attributes(name)
    {
        let place = format!("data source {name}");
        lines.extend(readings(
            &place,
            &ConnectionString::from_attributes(attributes),
        ));
    }
    let (warnings, error) = match config::parse(&given, &InstalledDataSources) {
        Ok((_, warnings)) => (warnings, None),
        Err(error) => (Vec::new(), Some(error.to_string())),
    };
    let warnings: Vec<String> = warnings.iter().map(ToString::to_string).collect();
    if arguments.json {
        let lines: Vec<Value> = lines.iter().map(Reading::json).collect();
        println!(
            "{}",
            json!({ "keywords": lines, "warnings": warnings, "error": error })
        );
    } else {
        let width = |of: fn(&Reading) -> usize| lines.iter().map(of).max().unwrap_or_default();
        let (names, values) = (
            width(|line| line.name.len()),
            width(|line| line.value.len()).min(40),
        );
        let mut place = "";
        for line in &lines {
            if line.place != place {
                place = &line.place;
                println!("{place}");
            }
            println!(
                "    {:names$}  {:values$}  {}",
                line.name, line.value, line.note
            );
        }
        for warning in &warnings {
            println!("warning: {warning}");
        }
        match &error {
            Some(error) => println!("error: {error}"),
            None if warnings.is_empty() => println!("No problems found."),
            None => println!("The configuration can be used."),
        }
    }
    Ok(if error.is_none() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// How one keyword is read.
struct Reading {
    place: String,
    name: String,
    value: String,
    note: String,
}

impl Reading {
    fn json(&self) -> Value {
        json!({ "place": self.place, "keyword": self.name, "value": self.value, "note": self.note })
    }
}

fn readings(place: &str, given: &ConnectionString) -> Vec<Reading> {
    let pairs = given.pairs();
    let mut readings = Vec::new();
    for (index, (name, value)) in pairs.iter().enumerate() {
        let known = Keyword::find(name);
        let again = known.and_then(|known| {
            let rest = pairs.get(index + 1..).unwrap_or_default();
            rest.iter()
                .find(|(later, _)| Keyword::find(later).is_some_and(|later| later.id == known.id))
        });
        let note = match (known, again) {
            (Some(known), Some((later, other))) if other.reveal() != value.reveal() => {
                format!("conflicts with {later}, which also sets {}", known.name)
            }
            (Some(_), Some((later, _))) => format!("repeated by {later}"),
            (Some(known), None) if known.name.eq_ignore_ascii_case(name) => String::new(),
            (Some(known), None) => format!("another name of {}", known.name),
            (None, _) => of_another_driver(name),
        };
        readings.push(Reading {
            place: place.to_owned(),
            name: name.clone(),
            value: shown(name, value.reveal()),
            note,
        });
    }
    readings
}

fn of_another_driver(name: &str) -> String {
    match OtherDriversKeyword::find(name).map(|known| known.support) {
        Some(Support::Needless) => "keyword of another driver; not needed".to_owned(),
        Some(Support::Only(value, _)) => {
            format!("keyword of another driver; this one always behaves as with {value}")
        }
        Some(Support::None) => "keyword of another driver; ignored".to_owned(),
        Some(Support::Means(id, value)) => {
            format!("keyword of another driver; true means {id}={value}")
        }
        None => match Keyword::nearest(name) {
            Some(meant) => format!("unknown; ignored; did you mean {meant}?"),
            None => "unknown; ignored".to_owned(),
        },
    }
}

/// The value of a keyword, unless it is secret.
pub fn shown(name: &str, value: &str) -> String {
    let secret = match Keyword::find(name) {
        Some(keyword) => keyword.secret,
        // Misspelt keywords, and those of other drivers.
        None => {
            let name = name.to_ascii_lowercase();
            ["pwd", "pass", "secret", "token", "key", "credential"]
                .iter()
                .any(|part| name.contains(part))
        }
    };
    match (secret, value.is_empty()) {
        (true, false) => "(hidden)".to_owned(),
        _ => value.to_owned(),
    }
}
