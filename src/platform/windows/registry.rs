//! Drivers and data sources in the registry, which has a view for 64-bit and one for 32-bit programs.
//!
//! The installer library reaches the view of its own process only.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/install/registry-entries-for-odbc-components>

use std::fmt;

use windows_registry::{CURRENT_USER, Key, LOCAL_MACHINE};
use windows_result::HRESULT;

/// Whose registrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    User,
    Machine,
}

/// The programs that see a registration. All see the user's data sources.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Programs as wide as this one.
    Own,
    Bits64,
    Bits32,
}

/// What a part of the registry lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    Drivers,
    DataSources,
}

/// Why the registry could not be read or changed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {reason}")]
pub struct RegistryError {
    place: String,
    reason: String,
}

/// The drivers or the data sources of a scope, by name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Registry {
    pub part: Part,
    pub scope: Scope,
    pub view: View,
}

impl Registry {
    /// The names of the sections, without the list of them.
    pub fn sections(&self) -> Result<Vec<String>, RegistryError> {
        let Some(key) = self.open("", Access::Read)? else {
            return Ok(Vec::new());
        };
        let names = key.keys().map_err(|error| self.failed("", &error))?;
        Ok(names.filter(|name| !self.is_reserved(name)).collect())
    }

    /// The entries of a section that are text or a number.
    pub fn entries(&self, section: &str) -> Result<Option<Vec<(String, String)>>, RegistryError> {
        if self.is_reserved(section) {
            return Ok(None);
        }
        let Some(key) = self.open(section, Access::Read)? else {
            return Ok(None);
        };
        let values = key
            .values()
            .map_err(|error| self.failed(section, &error))?
            .filter_map(|(name, value)| {
                let text = String::try_from(value.clone())
                    .or_else(|_| u32::try_from(value).map(|number| number.to_string()));
                Some((name, text.ok()?))
            });
        Ok(Some(values.collect()))
    }

    /// One entry of a section, whose name may be written in any case.
    pub fn entry(&self, section: &str, name: &str) -> Result<Option<String>, RegistryError> {
        let entries = self.entries(section)?.unwrap_or_default();
        let found = entries
            .into_iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        Ok(found.map(|(_, value)| value))
    }

    /// Writes a data source of a driver, whose file the Driver Manager expects among the entries.
    pub fn put_data_source(
        &self,
        name: &str,
        driver: &str,
        file: String,
        entries: &[(String, String)],
    ) -> Result<(), RegistryError> {
        let entries: Vec<_> = [("Driver".to_owned(), file)]
            .into_iter()
            .chain(entries.iter().cloned())
            .collect();
        self.put(name, driver, &entries)
    }

    /// Writes a section with these texts and no others, and lists it. Entries that are no text stay.
    pub fn put(
        &self,
        section: &str,
        listed: &str,
        entries: &[(String, String)],
    ) -> Result<(), RegistryError> {
        self.check(section)?;
        let failed = |error| self.failed(section, &error);
        let key = self.create(section)?;
        let stale: Vec<_> = key
            .values()
            .map_err(failed)?
            .filter(|(name, value)| {
                let is_kept = entries
                    .iter()
                    .any(|(kept, _)| kept.eq_ignore_ascii_case(name));
                !is_kept && String::try_from(value.clone()).is_ok()
            })
            .map(|(name, _)| name)
            .collect();
        for (name, value) in entries {
            key.set_string(name, value).map_err(failed)?;
        }
        for name in stale {
            key.remove_value(name).map_err(failed)?;
        }
        self.create(self.list())?
            .set_string(section, listed)
            .map_err(|error| self.failed(self.list(), &error))
    }

    /// Sets one entry of a section, or removes it.
    pub fn set(&self, section: &str, name: &str, value: Option<&str>) -> Result<(), RegistryError> {
        self.check(section)?;
        let key = self.create(section)?;
        let outcome = match value {
            Some(value) => key.set_string(name, value),
            None => key.remove_value(name).or_else(is_missing),
        };
        outcome.map_err(|error| self.failed(section, &error))
    }

    /// Sets one entry of a section to a number.
    pub fn set_number(&self, section: &str, name: &str, number: u32) -> Result<(), RegistryError> {
        self.check(section)?;
        let key = self.create(section)?;
        key.set_u32(name, number)
            .map_err(|error| self.failed(section, &error))
    }

    /// Removes a section; false if there is none.
    pub fn remove(&self, section: &str) -> Result<bool, RegistryError> {
        self.check(section)?;
        if self.open(section, Access::Read)?.is_none() {
            return Ok(false);
        }
        let Some(key) = self.open("", Access::Write)? else {
            return Ok(false);
        };
        key.remove_tree(section)
            .map_err(|error| self.failed(section, &error))?;
        if let Some(list) = self.open(self.list(), Access::Write)? {
            list.remove_value(section)
                .or_else(is_missing)
                .map_err(|error| self.failed(self.list(), &error))?;
        }
        Ok(true)
    }

    fn open(&self, section: &str, access: Access) -> Result<Option<Key>, RegistryError> {
        let root = self.root();
        let mut options = root.options();
        options.read().access(self.view_flag());
        if access == Access::Write {
            options.write();
        }
        match options.open(self.path(section)) {
            Ok(key) => Ok(Some(key)),
            Err(error) if error.code() == NOT_FOUND => Ok(None),
            Err(error) => Err(self.failed(section, &error)),
        }
    }

    fn create(&self, section: &str) -> Result<Key, RegistryError> {
        let root = self.root();
        let mut options = root.options();
        options.read().write().create().access(self.view_flag());
        options
            .open(self.path(section))
            .map_err(|error| self.failed(section, &error))
    }

    /// A section's name is one key, and not the list.
    fn check(&self, section: &str) -> Result<(), RegistryError> {
        if section.is_empty() || section.contains(['\\', '\0']) || self.is_reserved(section) {
            return Err(RegistryError {
                place: self.to_string(),
                reason: format!("{section:?} cannot be the name of an entry."),
            });
        }
        Ok(())
    }

    fn is_reserved(&self, section: &str) -> bool {
        [
            self.list(),
            "ODBC Core",
            "ODBC File DSN",
            "ODBC Translators",
        ]
        .iter()
        .any(|reserved| reserved.eq_ignore_ascii_case(section))
    }

    fn list(&self) -> &'static str {
        match self.part {
            Part::Drivers => "ODBC Drivers",
            Part::DataSources => "ODBC Data Sources",
        }
    }

    fn root(&self) -> &'static Key {
        match self.scope {
            Scope::User => CURRENT_USER,
            Scope::Machine => LOCAL_MACHINE,
        }
    }

    fn view_flag(&self) -> u32 {
        match (self.scope, self.view) {
            (Scope::User, _) | (_, View::Own) => 0,
            (_, View::Bits64) => KEY_WOW64_64KEY,
            (_, View::Bits32) => KEY_WOW64_32KEY,
        }
    }

    fn path(&self, section: &str) -> String {
        let file = match self.part {
            Part::Drivers => "ODBCINST.INI",
            Part::DataSources => "ODBC.INI",
        };
        match section {
            "" => format!("Software\\ODBC\\{file}"),
            section => format!("Software\\ODBC\\{file}\\{section}"),
        }
    }

    fn failed(&self, section: &str, error: &windows_result::Error) -> RegistryError {
        let mut place = self.to_string();
        if !section.is_empty() {
            place.push('\\');
            place.push_str(section);
        }
        let reason = match (error.code(), self.scope) {
            (DENIED, Scope::Machine) => {
                "Access is denied. Run the program as administrator.".to_owned()
            }
            _ => error.message(),
        };
        RegistryError { place, reason }
    }
}

/// The path of the key, as registry editors show it, and the view.
impl fmt::Display for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let root = match self.scope {
            Scope::User => "HKEY_CURRENT_USER",
            Scope::Machine => "HKEY_LOCAL_MACHINE",
        };
        write!(f, "{root}\\{}", self.path(""))?;
        match (self.scope, self.view) {
            (Scope::User, _) | (_, View::Own) => Ok(()),
            (_, View::Bits64) => f.write_str(" (64-bit)"),
            (_, View::Bits32) => f.write_str(" (32-bit)"),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
}

/// What is to be removed need not be there.
fn is_missing(error: windows_result::Error) -> windows_result::Result<()> {
    if error.code() == NOT_FOUND {
        Ok(())
    } else {
        Err(error)
    }
}

/// ERROR_FILE_NOT_FOUND.
const NOT_FOUND: HRESULT = HRESULT::from_win32(2);
/// ERROR_ACCESS_DENIED.
const DENIED: HRESULT = HRESULT::from_win32(5);

const KEY_WOW64_64KEY: u32 = 0x0100;
const KEY_WOW64_32KEY: u32 = 0x0200;

#[cfg(test)]
mod tests {
    use super::*;

    const SECTION: &str = "trino-odbc registry test";

    fn own(entries: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        entries.iter().map(own).collect()
    }

    #[test]
    fn a_section_is_written_in_one_view_listed_and_removed() {
        for (scope, view, other) in [
            (Scope::Machine, View::Bits64, Some(View::Bits32)),
            (Scope::Machine, View::Bits32, Some(View::Bits64)),
            (Scope::User, View::Own, None),
        ] {
            let place = Registry {
                part: Part::DataSources,
                scope,
                view,
            };
            place.remove(SECTION).unwrap();
            place
                .put(SECTION, "Trino", &own(&[("Driver", "a"), ("Host", "h")]))
                .unwrap();
            place.set_number(SECTION, "Count", 2).unwrap();
            place
                .put(SECTION, "Trino", &own(&[("host", "é😀"), ("Port", "1")]))
                .unwrap();
            place.set(SECTION, "Port", None).unwrap();
            place.set(SECTION, "Port", None).unwrap();
            let mut entries = place.entries(&SECTION.to_uppercase()).unwrap().unwrap();
            entries.sort();
            assert_eq!(entries, own(&[("Count", "2"), ("Host", "é😀")]));
            assert!(place.sections().unwrap().contains(&SECTION.to_owned()));
            let list = place.open(place.list(), Access::Read).unwrap().unwrap();
            assert_eq!(list.get_string(SECTION).unwrap(), "Trino");
            if let Some(view) = other {
                let other = Registry { view, ..place };
                assert_eq!(other.entries(SECTION).unwrap(), None);
            }
            assert!(place.remove(SECTION).unwrap());
            assert!(!place.remove(SECTION).unwrap());
            assert!(list.get_string(SECTION).is_err());
        }
    }

    #[test]
    fn neither_the_list_nor_a_deeper_key_is_a_section() {
        let place = Registry {
            part: Part::Drivers,
            scope: Scope::Machine,
            view: View::Own,
        };
        for name in ["", "odbc drivers", "a\\b", "a\0b"] {
            assert!(place.put(name, "Installed", &[]).is_err(), "{name}");
            assert!(place.remove(name).is_err(), "{name}");
        }
        assert_eq!(place.entries("ODBC Drivers").unwrap(), None);
    }
}
