//! The registry. Drivers are registered for all users, once for 64-bit and once for 32-bit programs.

use std::fmt;
use std::path::Path;

use trinoodbc::platform::registry::{Part, Registry, RegistryError, Scope as RegistryScope, View};

use super::width::{Width, width};
use super::{Kind, Scope};
use crate::Stop;

/// The drivers or data sources of one scope and view.
pub struct Place {
    registry: Registry,
}

impl Place {
    /// The place for a driver with that library, which decides the view.
    pub fn for_driver(library: &Path, scope: Option<Scope>) -> Result<Self, Stop> {
        refuse_user(scope)?;
        let view = match width(library) {
            Ok(Width::Bits64) => View::Bits64,
            Ok(Width::Bits32) => View::Bits32,
            Err(error) => {
                return Err(Stop::failed(format!("{}: {error}", library.display())));
            }
        };
        Ok(drivers(view))
    }

    /// The places to write a data source to. All programs see the user's; the machine's has to be in the views that have
    /// the driver.
    pub fn for_data_source(scope: Scope, driver: &str) -> Result<Vec<Self>, Stop> {
        let mut found = Vec::new();
        for view in VIEWS {
            if drivers(view).registry.entries(driver)?.is_some() {
                found.push(data_sources(RegistryScope::Machine, view));
            }
        }
        match scope {
            Scope::System if found.is_empty() => Err(not_registered(driver)),
            Scope::System => Ok(found),
            Scope::User => places(Kind::DataSources, Scope::User),
        }
    }

    /// The places to remove a driver from.
    pub fn of_driver(scope: Option<Scope>) -> Result<Vec<Self>, Stop> {
        refuse_user(scope)?;
        places(Kind::Drivers, Scope::System)
    }

    /// The names of drivers or data sources.
    pub fn names(&self) -> Result<Vec<String>, Stop> {
        Ok(self.registry.sections()?)
    }

    /// The entries of a driver or data source of that name, in any case.
    pub fn entries(&self, name: &str) -> Result<Option<Vec<(String, String)>>, Stop> {
        Ok(self.registry.entries(name)?)
    }

    /// Registers a driver. Its count of users and its settings stay if it was registered before.
    pub fn put_driver(&mut self, name: &str, library: &str) -> Result<(), Stop> {
        let old = self.entries(name)?.unwrap_or_default();
        let is_new = |wanted: &str| {
            !old.iter()
                .any(|(name, _)| name.eq_ignore_ascii_case(wanted))
        };
        let mut entries = vec![
            ("Driver".to_owned(), library.to_owned()),
            ("Setup".to_owned(), library.to_owned()),
        ];
        let fixed = REGISTRATION.iter();
        entries.extend(fixed.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let kept = old.iter().filter(|(name, _)| {
            let is_written = |(written, _): &(String, String)| written.eq_ignore_ascii_case(name);
            !entries.iter().any(is_written) && !name.eq_ignore_ascii_case(USERS)
        });
        let kept: Vec<_> = kept.cloned().collect();
        entries.extend(kept);
        if is_new(POOL_TIMEOUT) {
            entries.push((POOL_TIMEOUT.to_owned(), "60".to_owned()));
        }
        self.registry.put(name, "Installed", &entries)?;
        if is_new(USERS) {
            self.registry.set_number(name, USERS, 1)?;
        }
        Ok(())
    }

    /// Writes a data source, with the driver's file as the Driver Manager expects it.
    pub fn put_data_source(
        &mut self,
        name: &str,
        driver: &str,
        entries: &[(String, String)],
    ) -> Result<(), Stop> {
        let views = match self.registry.scope {
            RegistryScope::Machine => &[self.registry.view][..],
            RegistryScope::User => &VIEWS,
        };
        let mut file = None;
        for view in views {
            file = file.or(drivers(*view).registry.entry(driver, "Driver")?);
        }
        let file = file.ok_or_else(|| not_registered(driver))?;
        Ok(self.registry.put_data_source(name, driver, file, entries)?)
    }

    /// Removes a driver or data source; false if there is none. A driver that others installed, too, stays for them.
    pub fn remove(&mut self, name: &str) -> Result<bool, Stop> {
        if self.registry.part == Part::Drivers
            && let Some(entries) = self.registry.entries(name)?
        {
            let users = super::entry(&entries, USERS).and_then(|count| count.parse::<u32>().ok());
            if let Some(users @ 2..) = users {
                self.registry.set_number(name, USERS, users - 1)?;
                return Ok(true);
            }
        }
        Ok(self.registry.remove(name)?)
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.registry.fmt(f)
    }
}

impl From<RegistryError> for Stop {
    fn from(error: RegistryError) -> Self {
        Self::failed(error)
    }
}

/// The places of that scope. No driver is registered for one user.
pub fn places(kind: Kind, scope: Scope) -> Result<Vec<Place>, Stop> {
    Ok(match (kind, scope) {
        (Kind::Drivers, Scope::User) => Vec::new(),
        (Kind::Drivers, Scope::System) => VIEWS.map(drivers).into(),
        (Kind::DataSources, Scope::User) => vec![data_sources(RegistryScope::User, View::Own)],
        (Kind::DataSources, Scope::System) => VIEWS
            .map(|view| data_sources(RegistryScope::Machine, view))
            .into(),
    })
}

fn not_registered(driver: &str) -> Stop {
    Stop::failed(format!(
        "the driver {driver} is not registered; run trino-odbc install first"
    ))
}

fn refuse_user(scope: Option<Scope>) -> Result<(), Stop> {
    if scope == Some(Scope::User) {
        return Err(Stop::Usage(
            "on Windows, drivers are registered for all users; leave out --user and run the command as administrator"
                .to_owned(),
        ));
    }
    Ok(())
}

fn drivers(view: View) -> Place {
    Place {
        registry: Registry {
            part: Part::Drivers,
            scope: RegistryScope::Machine,
            view,
        },
    }
}

fn data_sources(scope: RegistryScope, view: View) -> Place {
    Place {
        registry: Registry {
            part: Part::DataSources,
            scope,
            view,
        },
    }
}

const VIEWS: [View; 2] = [View::Bits64, View::Bits32];

/// What the registration says of the driver, as SQLGetInfo does. The installer package writes the same.
const REGISTRATION: &[(&str, &str)] = &[
    ("APILevel", "1"),
    ("ConnectFunctions", "YYY"),
    ("DriverODBCVer", "03.80"),
    ("FileUsage", "0"),
    ("SQLLevel", "1"),
];

/// How many seconds the pool of the Driver Manager keeps a connection.
const POOL_TIMEOUT: &str = "CPTimeout";

/// How many installations use the registration.
const USERS: &str = "UsageCount";
