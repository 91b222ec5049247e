//! `install`, `uninstall`, `list`: the driver's registration.

use std::env;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use serde_json::json;

use crate::Stop;
use crate::arguments::{Install, List, Uninstall};
use crate::places::{Kind, Place, entry, of_scopes};

/// Registers the driver.
pub fn install(arguments: Install) -> Result<ExitCode, Stop> {
    let library = match arguments.library {
        Some(library) => library,
        None => beside_this_program().ok_or_else(|| {
            Stop::failed("cannot find the driver beside this program; specify it with --library")
        })?,
    };
    let library = library
        .canonicalize()
        .map_err(|error| Stop::failed(format!("{}: {error}", library.display())))?;
    let text = library.to_string_lossy();
    // Programs that load the driver need not understand what `canonicalize` puts before a path of Windows.
    let text = text.strip_prefix(r"\\?\").unwrap_or(&text);
    let name = &arguments.name;
    check_name(name)?;
    let mut place = Place::for_driver(&library, arguments.scope.scope())?;
    place.put_driver(name, text)?;
    println!("Registered {name} in {place}: {text}");
    if name.to_ascii_lowercase().contains("starburst") {
        println!(
            "This is the open-source driver trino-odbc under that name, not Starburst's: its keywords and messages \
             apply."
        );
    }
    Ok(ExitCode::SUCCESS)
}

/// Removes the registration.
pub fn uninstall(arguments: Uninstall) -> Result<ExitCode, Stop> {
    let name = &arguments.name;
    let places = Place::of_driver(arguments.scope.scope())?;
    let mut searched = Vec::new();
    let mut removed = false;
    for mut place in places {
        if place.remove(name)? {
            removed = true;
            println!("Removed {name} from {place}");
        }
        searched.push(place.to_string());
    }
    if !removed {
        return Err(Stop::failed(format!(
            "{name} is not registered in {}",
            searched.join(" or ")
        )));
    }
    Ok(ExitCode::SUCCESS)
}

/// Lists registered drivers, and data sources that use this one.
pub fn list(arguments: &List) -> Result<ExitCode, Stop> {
    let mut found = Vec::new();
    let mut ours = Vec::new();
    for place in of_scopes(Kind::Drivers, None)? {
        for name in place.names()? {
            let library = driver_of(&place, &name)?;
            if is_ours(&library) {
                ours.push(name.to_ascii_lowercase());
            }
            found.push(json!({
                "kind": "driver", "name": name, "file": place.to_string(), "library": library,
                "this_driver": is_ours(&library),
                "exists": Path::new(&library).is_file(),
            }));
        }
    }
    for place in of_scopes(Kind::DataSources, None)? {
        for name in place.names()? {
            let driver = driver_of(&place, &name)?;
            if ours.contains(&driver.to_ascii_lowercase()) || is_ours(&driver) {
                found.push(json!({
                    "kind": "data source", "name": name, "file": place.to_string(), "driver": driver,
                }));
            }
        }
    }
    if arguments.json {
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

fn driver_of(place: &Place, name: &str) -> Result<String, Stop> {
    let entries = place.entries(name)?.unwrap_or_default();
    Ok(entry(&entries, "Driver").unwrap_or_default())
}

/// Refuses a name that connection strings could not hold, or that would be a path in the registry.
fn check_name(name: &str) -> Result<(), Stop> {
    let is_invalid = name.trim().is_empty() || name.contains(['[', ']', '{', '}', ';', '=', '\\']);
    if is_invalid || name.contains(char::is_control) {
        return Err(Stop::Usage(format!("invalid driver name {name:?}")));
    }
    Ok(())
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
    [".", "../lib", "../lib64", "..", DEBIAN]
        .into_iter()
        .map(|place| folder.join(place).join(&name))
        .find(|library| library.is_file())
}

/// Where Debian's packages have drivers, seen from their programs.
const DEBIAN: &str = if cfg!(target_arch = "aarch64") {
    "../lib/aarch64-linux-gnu/odbc"
} else {
    "../lib/x86_64-linux-gnu/odbc"
};

/// Its name in connection strings: `DRIVER={Trino}`.
pub const NAME: &str = "Trino";
