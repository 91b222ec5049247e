//! ODBC handles: tokens that an application holds instead of addresses.
//!
//! A token names a slot of a [`Table`] and the generation that the slot had when the token was given out, so a freed,
//! foreign or invented handle is recognised without touching memory that it might point to. Each kind of object has its
//! table beside it.

mod cancel;
mod children;
mod notification;
mod table;

pub use cancel::{Cancel, Waiting};
pub use children::{Children, OpenCursor};
pub use notification::Notification;
pub use table::{Kind, Table, Token};
