//! Licences, sources and banned crates of the dependencies, by `deny.toml`.

use super::runner::{Ended, Stop, check};
use crate::tool;

/// Runs the checks that need nothing but the dependencies themselves. For advisories, which need the database of
/// RustSec, run `cargo deny check advisories`.
pub fn run() -> Ended {
    let mut command = Stop::unless(tool::CARGO_DENY.command())?;
    // Duplicates are warnings, with a tree each.
    command.args(["--locked", "--log-level", "error"]);
    command.args(["check", "bans", "licenses", "sources"]);
    Ok(check(&mut command)?)
}
