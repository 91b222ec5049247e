//! What differs by operating system: files without a name, private files, the browser, Kerberos, memory and open files,
//! signals, children of the process and its end.
#![allow(unsafe_code)]

mod browser;
mod negotiate;
mod private;
mod resources;
mod signals;
mod temporary;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub use browser::open_in_browser;
pub use negotiate::{Means, Negotiation, NegotiationError, negotiate};
pub use private::{cache_folder, create_private_folder, is_private};
pub use resources::{memory, open_files, thread_time};
pub use signals::{hold_signals, holding_signals};
pub use temporary::TemporaryFile;
#[cfg(unix)]
pub use unix::{at_exit, forks, stay_loaded};
#[cfg(windows)]
pub use windows::{at_exit, forks, stay_loaded};
