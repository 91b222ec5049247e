//! Where ConfigDSN and ConfigDriver write.

use super::installer::{self, ConfigMode};
use super::registry::{Part, Registry, Scope, View};
use crate::setup::{Attributes, Store};

/// The registrations that this process sees, in the scope that the installer library selected.
///
/// The registry is written directly: SQLWriteDSNToIni and SQLRemoveDSNFromIni of some installer libraries ignore the
/// scope, and would write or remove the machine's data source instead of the user's.
#[derive(Debug, Clone, Copy, Default)]
pub struct InstallerStore;

impl InstallerStore {
    /// The place of the data source: the user's comes first where the installer did not choose.
    fn place_of(name: &str) -> Registry {
        let scope = match installer::config_mode() {
            ConfigMode::User => Scope::User,
            ConfigMode::System => Scope::Machine,
            ConfigMode::Both => {
                let user = data_sources(Scope::User);
                let machine = data_sources(Scope::Machine);
                if !has(&user, name) && has(&machine, name) {
                    Scope::Machine
                } else {
                    Scope::User
                }
            }
        };
        data_sources(scope)
    }
}

impl Store for InstallerStore {
    fn driver_file(&self, driver: &str) -> Option<String> {
        DRIVERS.entry(driver, "Driver").ok()?
    }

    fn set_driver_value(
        &self,
        driver: &str,
        name: &str,
        value: Option<&str>,
    ) -> Result<(), String> {
        DRIVERS
            .set(driver, name, value)
            .map_err(|error| error.to_string())
    }

    fn attributes(&self, name: &str) -> Option<Attributes> {
        let mut attributes = Self::place_of(name).entries(name).ok()??;
        attributes.retain(|(name, _)| !name.eq_ignore_ascii_case("Driver"));
        Some(attributes)
    }

    fn write(&self, name: &str, driver: &str, attributes: &Attributes) -> Result<(), String> {
        let file = self.driver_file(driver).unwrap_or_default();
        Self::place_of(name)
            .put_data_source(name, driver, file, attributes)
            .map_err(|error| error.to_string())
    }

    fn remove(&self, name: &str) -> Result<(), String> {
        Self::place_of(name)
            .remove(name)
            .map(drop)
            .map_err(|error| error.to_string())
    }
}

fn data_sources(scope: Scope) -> Registry {
    Registry {
        part: Part::DataSources,
        scope,
        view: View::Own,
    }
}

fn has(place: &Registry, name: &str) -> bool {
    matches!(place.entries(name), Ok(Some(_)))
}

const DRIVERS: Registry = Registry {
    part: Part::Drivers,
    scope: Scope::Machine,
    view: View::Own,
};
