//! ODBC handles: tokens that an application holds instead of addresses.
//!
//! A token names a slot of a [`Table`] and the generation that the slot had when the token was given out, so a freed,
//! foreign or invented handle is recognised without touching memory that it might point to.

mod cancel;
mod table;

pub use cancel::Cancel;
pub use table::{Kind, Table, Token};

use crate::connection::Connection;
use crate::descriptor::DescriptorHandle;
use crate::environment::Environment;
use crate::statement::Statement;

/// SQL_HANDLE_ENV.
pub static ENVIRONMENTS: Table<Environment> = Table::new(Kind::Environment);
/// SQL_HANDLE_DBC.
pub static CONNECTIONS: Table<Connection> = Table::new(Kind::Connection);
/// SQL_HANDLE_STMT.
pub static STATEMENTS: Table<Statement> = Table::new(Kind::Statement);
/// SQL_HANDLE_DESC, implicit and explicit ones.
pub static DESCRIPTORS: Table<DescriptorHandle> = Table::new(Kind::Descriptor);
