//! The person who answers at a window, or what answers instead in a test.

use std::ffi::c_void;
use std::ptr::NonNull;
use std::sync::Arc;

use parking_lot::Mutex;
use thiserror::Error;

use super::{Attributes, NameField};
use crate::config::Id;

/// What attributes are edited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Purpose {
    /// A data source, which has a name and a description.
    DataSource(NameField),
    /// One connection.
    Connect {
        /// What is missing or was refused, and the keyword that it is about.
        notice: Option<(String, Option<Id>)>,
        /// Whether only what a connection needs can be edited (SQL_DRIVER_COMPLETE_REQUIRED).
        only_required: bool,
    },
}

/// Why no dialog was shown.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum DialogError {
    #[error(
        "The driver has no dialog on this system. Put all keywords into the connection string or the data source."
    )]
    None,
    #[error("The driver's dialog could not be shown: {0}.")]
    Failed(String),
}

/// The handle of a window of the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window(usize);

impl Window {
    /// The window of that handle; `None` for null.
    pub fn from_ptr(window: *mut c_void) -> Option<Self> {
        NonNull::new(window).map(|window| Self(window.as_ptr().expose_provenance()))
    }

    /// Its handle.
    pub fn as_ptr(self) -> *mut c_void {
        std::ptr::with_exposed_provenance_mut(self.0)
    }
}

/// Whether a person can edit attributes at the window.
pub fn can_edit(window: Window) -> bool {
    cfg!(windows) || stand_in(window).is_some()
}

/// Shows the attributes at the window until the person confirms or cancels: `None` when cancelled.
pub fn edit(
    window: Window,
    attributes: Attributes,
    purpose: &Purpose,
) -> Result<Option<Attributes>, DialogError> {
    if let Some(answer) = stand_in(window) {
        return Ok(answer(attributes, purpose));
    }
    #[cfg(windows)]
    {
        let is_kept = matches!(purpose, Purpose::DataSource(_));
        let attributes = match is_kept {
            true => super::secrets::open(attributes),
            false => attributes,
        };
        super::dialog::edit(window, attributes, purpose)
    }
    #[cfg(not(windows))]
    Err(DialogError::None)
}

/// Answers instead of a person at a window that no system gave out, for tests.
pub fn answer_at(
    window: Window,
    answer: impl Fn(Attributes, &Purpose) -> Option<Attributes> + Send + Sync + 'static,
) {
    let mut stand_ins = STAND_INS.lock();
    stand_ins.retain(|(known, _)| *known != window);
    stand_ins.push((window, Arc::new(answer)));
}

fn stand_in(window: Window) -> Option<Arc<Answer>> {
    let stand_ins = STAND_INS.lock();
    let found = stand_ins.iter().find(|(known, _)| *known == window);
    found.map(|(_, answer)| Arc::clone(answer))
}

type Answer = dyn Fn(Attributes, &Purpose) -> Option<Attributes> + Send + Sync;

/// What answers instead of a person.
static STAND_INS: Mutex<Vec<(Window, Arc<Answer>)>> = Mutex::new(Vec::new());
