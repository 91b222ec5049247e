//! What differs by operating system: files without a name, private files, secrets on disk, the browser, Kerberos, memory and open files,
//! signals, children of the process and its end.
#![allow(unsafe_code)]

mod browser;
mod negotiate;
mod private;
mod protect;
mod proxies;
mod resources;
mod signals;
mod temporary;
#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

pub(crate) use browser::open_in_browser;
pub(crate) use negotiate::{Means, Negotiation, negotiate};
pub(crate) use private::{cache_folder, create_private_folder, is_private};
pub use protect::{protect, unprotect};
pub(crate) use proxies::{ProxyList, ProxySettings, proxies_by_script, proxy_settings};
pub(crate) use resources::{memory, open_files, thread_time};
pub(crate) use signals::{hold_signals, holding_signals};
pub(crate) use temporary::TemporaryFile;
#[cfg(unix)]
pub use unix::forks;
#[cfg(unix)]
pub(crate) use unix::{at_exit, stay_loaded};
#[cfg(windows)]
pub use windows::forks;
#[cfg(windows)]
pub(crate) use windows::{at_exit, stay_loaded};
