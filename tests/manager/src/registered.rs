//! Files of both Driver Managers that know the driver, for programs that are started.

use std::fs;
use std::process::Command;

use tempfile::TempDir;

use crate::driver;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manager {
    UnixOdbc,
    Iodbc,
}

/// A folder with the driver's registration, as the installer writes it, and perhaps a data source.
#[derive(Debug)]
pub struct Registered(TempDir);

impl Registered {
    /// The driver alone.
    pub fn new() -> Self {
        Self::with_source("")
    }

    /// With a data source called [`SOURCE`] that has these keywords.
    pub fn with_source(attributes: &str) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let library = driver::library().display().to_string();
        let drivers = TEMPLATE.replace("@DRIVER@", &library);
        let lines = attributes.replace(';', "\n");
        let sources = format!("[{SOURCE}]\nDriver = {}\n{lines}\n", driver::NAME);
        for (name, text) in [("odbcinst.ini", drivers), ("odbc.ini", sources)] {
            fs::write(folder.path().join(name), text).expect("the folder is ours");
        }
        Self(folder)
    }

    /// Sets the files in that command's environment, and a locale with all characters.
    pub fn apply(&self, manager: Manager, command: &mut Command) {
        let folder = self.0.path();
        command
            .env("ODBCINI", folder.join("odbc.ini"))
            .env("LC_ALL", "C.UTF-8");
        match manager {
            Manager::UnixOdbc => command.env("ODBCSYSINI", folder),
            // The same name means a file to iODBC, and a file's name to unixODBC.
            Manager::Iodbc => command.env("ODBCINSTINI", folder.join("odbcinst.ini")),
        };
    }
}

impl Default for Registered {
    fn default() -> Self {
        Self::new()
    }
}

/// The data source's name.
pub const SOURCE: &str = "registered";

const TEMPLATE: &str = include_str!("../../../installer/odbcinst.ini.in");
