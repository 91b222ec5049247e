//! ODBC's own numbers: constants spelled as in the standard's headers, so that a search in the ODBC reference finds them.
//!
//! Values are plain integers of the width that the C interface has. A number from an application becomes one of our own
//! types only through a checked conversion such as [`CType::from_raw`].

mod attributes;
mod c_types;
mod driver_specific;
mod functions;
mod info_types;
mod info_values;
mod installer;
mod sql_types;
mod types;

pub use attributes::*;
pub use c_types::*;
pub use driver_specific::*;
pub use functions::*;
pub use info_types::*;
pub use info_values::*;
pub use installer::*;
pub use sql_types::*;
pub use types::*;
