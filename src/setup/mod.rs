//! What installers and the ODBC Data Source Administrator call the driver for: ConfigDSN adds, changes and removes data
//! sources, ConfigDriver changes what applies to all of them. The dialog is the one that SQLDriverConnect prompts with.
//!
//! Nothing here is written before all of it was checked, by the rules that the driver connects by.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/setup-dll-api-reference>

mod attributes;
mod data_source;
#[cfg(windows)]
mod dialog;
mod driver;
#[cfg(any(windows, test))]
#[cfg_attr(
    not(windows),
    allow(dead_code, reason = "only Windows shows the dialog")
)]
mod form;
#[cfg(any(windows, test))]
#[cfg_attr(
    not(windows),
    allow(dead_code, reason = "only Windows shows the dialog")
)]
mod layout;
mod person;
#[cfg(windows)]
mod secrets;
mod trial;

pub use attributes::{Attributes, check, check_name, list};
pub use data_source::configure as configure_data_source;
pub use driver::configure as configure_driver;
pub use person::{DialogError, Purpose, Window, answer_at, can_edit, edit};
pub use trial::{Report, SAMPLE, SAMPLE_ROWS, test as test_connection};

use crate::abi::ODBC_ERROR_INVALID_NAME;

/// Why a request failed: an installer error, which the caller shows to the user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// One of the `ODBC_ERROR_` numbers.
    pub code: u32,
    pub message: String,
}

impl Failure {
    pub fn new(code: u32, message: impl Into<String>) -> Self {
        Self {
            code,
            message: message.into(),
        }
    }
}

fn require_driver(store: &dyn Store, driver: &str) -> Result<(), Failure> {
    match store.driver_file(driver) {
        Some(_) => Ok(()),
        None => Err(Failure::new(
            ODBC_ERROR_INVALID_NAME,
            format!("The driver {driver:?} is not registered."),
        )),
    }
}

/// Where registered drivers and data sources are kept, those of the scope that the installer selected.
pub trait Store {
    /// The file of a registered driver.
    fn driver_file(&self, driver: &str) -> Option<String>;

    /// Sets a value of a driver's registration, or removes it.
    fn set_driver_value(&self, driver: &str, name: &str, value: Option<&str>)
    -> Result<(), String>;

    /// The attributes of a data source, without `Driver`.
    fn attributes(&self, name: &str) -> Option<Attributes>;

    /// Writes a data source with these attributes and no others.
    fn write(&self, name: &str, driver: &str, attributes: &Attributes) -> Result<(), String>;

    /// Removes a data source.
    fn remove(&self, name: &str) -> Result<(), String>;
}

/// The questions to the user, where the caller gave a window for them.
pub trait Dialog {
    /// Lets the user edit a data source, whose name is the attribute `DSN`. `None` if the user cancels.
    fn edit(&self, attributes: Attributes, name: NameField) -> Result<Option<Attributes>, Failure>;

    /// Whether the user agrees that a data source of that name is replaced.
    fn may_replace(&self, name: &str) -> bool;
}

/// What the user may do with the name of a data source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NameField {
    Editable,
    Fixed,
}

#[cfg(test)]
mod tests;
