//! The target of a command: a data source or a connection string, and a password from standard
//! input.

use std::io::{self, IsTerminal as _};

use clap::Args;
use trinoodbc::config::{self, ConnectionString, Id, Options, Warning};
use trinoodbc::platform::InstalledDataSources;

use crate::Stop;

/// A data source or a connection string, as it was given.
#[derive(Debug, Args)]
pub struct Target {
    /// The name of a data source, or a connection string (with =)
    #[arg(value_name = "TARGET")]
    given: String,
    /// Read the password (PWD) from the first line of standard input; a terminal does not show it
    #[arg(long)]
    password_stdin: bool,
}

/// The first line of standard input. A terminal does not show what is typed.
fn read_password() -> io::Result<String> {
    if io::stdin().is_terminal() {
        return rpassword::prompt_password("Password: ");
    }
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(line.trim_end_matches(['\n', '\r']).to_owned())
}

impl Target {
    /// The connection string, with the password.
    pub fn connection_string(self) -> Result<ConnectionString, Stop> {
        let mut given = if self.given.contains('=') {
            ConnectionString::parse(&self.given).map_err(Stop::failed)?
        } else {
            ConnectionString::from_pairs([(Id::Dsn.to_string(), self.given)])
        };
        if self.password_stdin {
            let password = read_password().map_err(Stop::failed)?;
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
