//! `install`, `uninstall`, `list`: the driver's section of `odbcinst.ini`.

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use lexopt::ValueExt as _;
use serde_json::json;
use trinoodbc::platform::Ini;

use crate::Stop;
use crate::places::{self, File, Scope};

/// Registers the driver.
pub fn install(arguments: &mut lexopt::Parser) -> Result<ExitCode, Stop> {
    let mut scope = None;
    let mut library = None;
    let mut name = NAME.to_owned();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("library") => library = Some(PathBuf::from(arguments.value()?)),
            lexopt::Arg::Long("name") => name = arguments.value()?.string()?,
            lexopt::Arg::Long(option) if Scope::take_option(&mut scope, option) => {}
            other => return Err(other.unexpected().into()),
        }
    }
    let library = match library {
        Some(library) => library,
        None => beside_this_program().ok_or_else(|| {
            Stop::failed("cannot find the driver beside this program; specify it with --library")
        })?,
    };
    let library = library
        .canonicalize()
        .map_err(|error| Stop::failed(format!("{}: {error}", library.display())))?;
    let (path, mut file) = open(scope)?;
    let section = TEMPLATE
        .lines()
        .filter(|line| !line.starts_with(['#', '[']));
    let section = section.map(|line| line.replace("@DRIVER@", &library.to_string_lossy()));
    file.put(&name, section);
    places::write(&file, &path, false)?;
    println!(
        "Registered {name} in {}: {}",
        path.display(),
        library.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// Removes the registration.
pub fn uninstall(arguments: &mut lexopt::Parser) -> Result<ExitCode, Stop> {
    let mut scope = None;
    let mut name = NAME.to_owned();
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("name") => name = arguments.value()?.string()?,
            lexopt::Arg::Long(option) if Scope::take_option(&mut scope, option) => {}
            other => return Err(other.unexpected().into()),
        }
    }
    let (path, mut file) = open(scope)?;
    if !file.remove(&name) {
        return Err(Stop::failed(format!(
            "{name} is not registered in {}",
            path.display()
        )));
    }
    places::write(&file, &path, false)?;
    println!("Removed {name} from {}", path.display());
    Ok(ExitCode::SUCCESS)
}

/// Lists registered drivers, and data sources that use this one.
pub fn list(arguments: &mut lexopt::Parser) -> Result<ExitCode, Stop> {
    let mut as_json = false;
    while let Some(argument) = arguments.next()? {
        match argument {
            lexopt::Arg::Long("json") => as_json = true,
            other => return Err(other.unexpected().into()),
        }
    }
    let mut found = Vec::new();
    let mut ours = Vec::new();
    for scope in [Scope::User, Scope::System] {
        let path = places::file(File::Drivers, scope)?;
        let file = places::read(&path)?;
        for name in file.sections().filter(|name| *name != "ODBC") {
            let library = driver_of(&file, name);
            if is_ours(&library) {
                ours.push(name.to_ascii_lowercase());
            }
            found.push(json!({
                "kind": "driver", "name": name, "file": path, "library": library,
                "this_driver": is_ours(&library),
                "exists": Path::new(&library).is_file(),
            }));
        }
    }
    for scope in [Scope::User, Scope::System] {
        let path = places::file(File::DataSources, scope)?;
        let file = places::read(&path)?;
        for name in file.sections() {
            let driver = driver_of(&file, name);
            if ours.contains(&driver.to_ascii_lowercase()) || is_ours(&driver) {
                found.push(json!({
                    "kind": "data source", "name": name, "file": path, "driver": driver,
                }));
            }
        }
    }
    if as_json {
        println!("{}", json!(found));
        return Ok(ExitCode::SUCCESS);
    }
    if found.is_empty() {
        println!("No driver is registered.");
    }
    for one in found {
        let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        let note = match (one["this_driver"].as_bool(), one["exists"].as_bool()) {
            (Some(_), Some(false)) => "  (file not found)",
            (Some(true), _) => "  (this driver)",
            _ => "",
        };
        println!(
            "{:<12} {:<20} {}{note}  in {}",
            text("kind"),
            text("name"),
            text("library") + &text("driver"),
            text("file")
        );
    }
    Ok(ExitCode::SUCCESS)
}

fn driver_of(file: &Ini, section: &str) -> String {
    let entries = file.entries(section).unwrap_or_default();
    let driver = entries
        .into_iter()
        .find(|(key, _)| key.eq_ignore_ascii_case("Driver"));
    driver.map(|(_, value)| value).unwrap_or_default()
}

fn is_ours(library: &str) -> bool {
    let name = Path::new(library).file_name().unwrap_or_default();
    name.to_string_lossy().contains("trinoodbc")
}

/// The library in the folder of this program, or where an installation has it.
fn beside_this_program() -> Option<PathBuf> {
    let program = env::current_exe().ok()?;
    let folder = program.parent()?;
    let name = format!(
        "{}trinoodbc{}",
        env::consts::DLL_PREFIX,
        env::consts::DLL_SUFFIX
    );
    [".", "../lib", "../lib64", ".."]
        .into_iter()
        .map(|place| folder.join(place).join(&name))
        .find(|library| library.is_file())
}

fn open(scope: Option<Scope>) -> Result<(PathBuf, Ini), Stop> {
    let path = places::file(File::Drivers, scope.unwrap_or_else(Scope::usual))?;
    let file = places::read(&path)?;
    Ok((path, file))
}

/// Its name in connection strings: `DRIVER={Trino}`.
pub const NAME: &str = "Trino";

const TEMPLATE: &str = include_str!("../../installer/odbcinst.ini.in");
