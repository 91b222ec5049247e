//! The target of a command: a data source or a connection string, and a password from standard
//! input.

use std::io;

use lexopt::ValueExt as _;
use trinoodbc::config::{self, ConnectionString, Id, Options, Warning};
use trinoodbc::platform::InstalledDataSources;

use crate::Stop;

/// A data source or a connection string, as it was given.
#[derive(Debug, Default)]
pub struct Target {
    given: Option<ConnectionString>,
    password_from_stdin: bool,
}

impl Target {
    /// Reads the arguments of a command that takes only a target and `--json`, and whether the
    /// latter is set.
    pub fn read(arguments: &mut lexopt::Parser) -> Result<(Self, bool), Stop> {
        let mut target = Self::default();
        let mut as_json = false;
        while let Some(argument) = arguments.next()? {
            match argument {
                lexopt::Arg::Long("json") => as_json = true,
                lexopt::Arg::Long(option) if target.take_option(option) => {}
                lexopt::Arg::Value(value) => {
                    if let Some(more) = target.take(value.string()?)? {
                        return Err(Stop::Usage(format!("unexpected argument '{more}'")));
                    }
                }
                other => return Err(other.unexpected().into()),
            }
        }
        Ok((target, as_json))
    }

    /// Takes the text as the target; returns it if there is a target already.
    pub fn take(&mut self, text: String) -> Result<Option<String>, Stop> {
        if self.given.is_some() {
            return Ok(Some(text));
        }
        self.given = Some(if text.contains('=') {
            ConnectionString::parse(&text).map_err(Stop::failed)?
        } else {
            ConnectionString::from_pairs([(Id::Dsn.to_string(), text)])
        });
        Ok(None)
    }

    /// Takes the option, if it belongs to the target.
    pub fn take_option(&mut self, name: &str) -> bool {
        let ours = name == "password-stdin";
        self.password_from_stdin |= ours;
        ours
    }

    /// The connection string, with the password.
    pub fn connection_string(self) -> Result<ConnectionString, Stop> {
        let mut given = self.given.ok_or_else(|| {
            Stop::Usage("missing the name of a data source or a connection string".to_owned())
        })?;
        if self.password_from_stdin {
            let mut line = String::new();
            io::stdin().read_line(&mut line).map_err(Stop::failed)?;
            let password = line.trim_end_matches(['\n', '\r']).to_owned();
            given.extend(ConnectionString::from_pairs([(
                Id::Password.to_string(),
                password,
            )]));
        }
        Ok(given)
    }

    /// The options of its client.
    pub fn options(self) -> Result<(Options, Vec<Warning>), Stop> {
        let given = self.connection_string()?;
        let (settings, warnings) =
            config::parse(&given, &InstalledDataSources).map_err(Stop::failed)?;
        Ok((settings.client, warnings))
    }
}
