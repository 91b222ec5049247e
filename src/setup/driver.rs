//! ConfigDriver: what applies to all connections of the driver.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/configdriver-function>

use super::attributes::invalid;
use super::{Attributes, Failure, Store, check, list, require_driver};
use crate::abi::{
    ODBC_CONFIG_DRIVER, ODBC_ERROR_INVALID_REQUEST_TYPE, ODBC_ERROR_REQUEST_FAILED,
    ODBC_INSTALL_DRIVER, ODBC_REMOVE_DRIVER,
};
use crate::config::{Id, Keyword};

/// Carries out a request for a registered driver, with arguments such as `CPTimeout=60;LogLevel=info`. Installing and
/// removing need nothing beyond the registration, which is the installer's.
pub fn configure(
    request: u16,
    driver: &str,
    arguments: &str,
    store: &dyn Store,
) -> Result<(), Failure> {
    if !matches!(
        request,
        ODBC_INSTALL_DRIVER | ODBC_REMOVE_DRIVER | ODBC_CONFIG_DRIVER
    ) {
        return Err(Failure::new(
            ODBC_ERROR_INVALID_REQUEST_TYPE,
            format!("ConfigDriver has no request {request}."),
        ));
    }
    require_driver(store, driver)?;
    if request != ODBC_CONFIG_DRIVER {
        return Ok(());
    }
    if arguments.is_empty() {
        return Err(invalid(format!(
            "The request names no setting, such as {POOL_TIMEOUT}=60."
        )));
    }
    let settings = list([arguments])?
        .into_iter()
        .map(|(name, value)| setting(&name, value))
        .collect::<Result<Vec<_>, _>>()?;
    for (name, value) in settings {
        let value = (!value.is_empty()).then_some(value.as_str());
        store
            .set_driver_value(driver, &name, value)
            .map_err(|problem| Failure::new(ODBC_ERROR_REQUEST_FAILED, problem))?;
    }
    Ok(())
}

/// A setting under its own name, if it is one that a registration may have.
fn setting(name: &str, value: String) -> Result<(String, String), Failure> {
    if name.eq_ignore_ascii_case(POOL_TIMEOUT) {
        let valid = value.is_empty() || value == NOT_POOLED || value.parse::<u32>().is_ok();
        return match valid {
            true => Ok((POOL_TIMEOUT.to_owned(), value)),
            false => Err(invalid(format!(
                "{POOL_TIMEOUT}={} is not valid. It must be a number of seconds, or {NOT_POOLED}.",
                value.escape_debug()
            ))),
        };
    }
    let Some(keyword) = Keyword::find(name).filter(|keyword| keyword.is_driver_wide()) else {
        return Err(invalid(format!(
            "{name} is no setting of the driver. It must be {POOL_TIMEOUT}, or a keyword that a driver's registration may \
             set."
        )));
    };
    let beside = [(Id::Host, "h"), (Id::User, "u")];
    let mut attributes: Attributes = beside
        .into_iter()
        .map(|(id, value)| (id.to_string(), value.to_owned()))
        .collect();
    attributes.push((keyword.name.to_owned(), value.clone()));
    check(&attributes)?;
    Ok((keyword.name.to_owned(), value))
}

/// How many seconds the Driver Manager's pool keeps a connection.
const POOL_TIMEOUT: &str = "CPTimeout";

/// The value that switches pooling off.
const NOT_POOLED: &str = "<not pooled>";
