//! SQLDriverConnect with a window: what is missing or refused is prompted for until the connection is open or the
//! person cancels.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqldriverconnect-function>

use super::{Attempt, Connection};
use crate::abi;
use crate::config::{self, ConnectionString, Id, Refusal, Settings, Warning};
use crate::diagnostics::{Error, SqlState};
use crate::platform::InstalledDataSources;
use crate::setup::{self, Purpose, Window};

/// The DriverCompletion of SQLDriverConnect, and the window to prompt at.
#[derive(Debug, Clone, Copy)]
pub struct Prompting {
    when: When,
    window: Option<Window>,
}

/// When to prompt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum When {
    Never,
    /// Something is missing or refused.
    Needed {
        only_required: bool,
    },
    Always,
}

/// What a connection string amounts to.
pub type Parsed = Result<(Settings, Vec<Warning>), Refusal>;

impl Prompting {
    /// Refuses what is no completion, and one that needs a window without any.
    pub fn new(completion: u16, window: Option<Window>) -> Result<Self, Error> {
        let when = match completion {
            abi::SQL_DRIVER_NOPROMPT => When::Never,
            abi::SQL_DRIVER_COMPLETE => When::Needed {
                only_required: false,
            },
            abi::SQL_DRIVER_COMPLETE_REQUIRED => When::Needed {
                only_required: true,
            },
            abi::SQL_DRIVER_PROMPT if window.is_none() => {
                return Err(Error::new(
                    SqlState::INVALID_ATTRIBUTE,
                    "SQL_DRIVER_PROMPT needs a window handle, and the application passed none.",
                ));
            }
            abi::SQL_DRIVER_PROMPT => When::Always,
            _ => {
                return Err(Error::new(
                    SqlState::INVALID_DRIVER_COMPLETION,
                    format!(
                        "The driver completion {completion} is not valid. It must be SQL_DRIVER_NOPROMPT, \
                         SQL_DRIVER_COMPLETE, SQL_DRIVER_COMPLETE_REQUIRED or SQL_DRIVER_PROMPT."
                    ),
                ));
            }
        };
        Ok(Self { when, window })
    }

    /// The window, if there may be a prompt for what is missing or refused.
    fn on_demand(self) -> Option<Window> {
        let window = self.window.filter(|_| self.when != When::Never);
        window.filter(|window| setup::can_edit(*window))
    }

    /// The error for a refusal that the person cannot correct.
    pub fn check(self, parsed: &Parsed) -> Result<(), Error> {
        match parsed {
            Err(refusal) if !self.can_correct(refusal) => Err(self.refuse(refusal)),
            _ => Ok(()),
        }
    }

    fn can_correct(self, refusal: &Refusal) -> bool {
        is_correctable(refusal) && (self.when == When::Always || self.on_demand().is_some())
    }

    fn refuse(self, refusal: &Refusal) -> Error {
        let error = Error::from(refusal.clone());
        if self.when == When::Never || !is_correctable(refusal) {
            return error;
        }
        error.followed_by(match self.window {
            None => " The driver cannot prompt for it because the application passed no window.",
            Some(_) => " The driver cannot prompt for it because it has no dialog on this system.",
        })
    }

    /// Has the person edit what is in force; `None` when that is cancelled.
    fn prompt(
        self,
        given: &mut ConnectionString,
        notice: Option<Notice>,
    ) -> Result<Option<Parsed>, Error> {
        let purpose = Purpose::Connect {
            notice,
            only_required: matches!(
                self.when,
                When::Needed {
                    only_required: true
                }
            ),
        };
        let shown = config::in_force(given, &InstalledDataSources);
        let Some(window) = self.window else {
            return Ok(None);
        };
        Ok(setup::edit(window, shown, &purpose)?.map(|edited| {
            config::set_in_force(given, &edited, &InstalledDataSources);
            config::parse(given, &InstalledDataSources)
        }))
    }
}

/// Whether other values of keywords would help.
fn is_correctable(refusal: &Refusal) -> bool {
    !matches!(
        refusal.error,
        config::Error::Syntax { .. } | config::Error::DataSourceNotFound(_)
    )
}

impl Connection {
    /// Opens the connection, and prompts as `prompting` says: the completed connection string, or `None` when the person
    /// cancels.
    pub fn complete(
        &mut self,
        mut given: ConnectionString,
        mut parsed: Parsed,
        prompting: Prompting,
        attempt: Attempt,
    ) -> Result<Option<String>, Error> {
        let mut prompted = prompting.when == When::Always;
        if prompted {
            parsed = match prompting.prompt(&mut given, None)? {
                Some(parsed) => parsed,
                None => return Ok(None),
            };
        }
        loop {
            let (error, keyword) = match parsed {
                Ok(settings) => {
                    let source = given.data_source().unwrap_or_default();
                    match self.open(source, settings, attempt.clone()) {
                        Ok(()) => return Ok(Some(given.completed())),
                        Err(error) => (error, None),
                    }
                }
                Err(refusal) if prompting.can_correct(&refusal) => {
                    let keyword = refusal.error.keyword();
                    (refusal.into(), keyword)
                }
                Err(refusal) => return Err(prompting.refuse(&refusal)),
            };
            // A person who has answered once can correct anything.
            let is_correctable = keyword.is_some()
                || error.state() == SqlState::INVALID_AUTHORIZATION
                || prompted && error.state() != SqlState::OPERATION_CANCELED;
            if prompting.on_demand().is_none() || !is_correctable {
                return Err(error);
            }
            self.diagnostics.clear();
            prompted = true;
            let notice = (error.record().message.clone(), keyword);
            parsed = match prompting.prompt(&mut given, Some(notice))? {
                Some(parsed) => parsed,
                None => return Ok(None),
            };
        }
    }
}

/// What is missing or was refused, and the keyword that it is about.
type Notice = (String, Option<Id>);
