//! From a connection string and the data source it names to the settings of a connection.
//!
//! The connection string takes precedence over the data source, keyword by keyword whatever names
//! they use. An empty value means the keyword's default, even if the data source sets another.

use super::keyword_values::{KeywordValues, warn};
use super::keywords::{Id, Keyword};
use super::{ConnectionString, Error, Kind, Refusal, Settings, Warning, values};

/// Where data sources are kept.
pub trait DataSources {
    /// The attributes of the data source, in their order; `None` when there is none of that name.
    fn attributes(&self, dsn: &str) -> Option<Vec<(String, String)>>;

    /// The settings of a driver's registration, by its name or its file.
    fn driver(&self, _driver: &str) -> Option<Vec<(String, String)>> {
        None
    }

    /// A variable of the environment.
    fn variable(&self, _name: &str) -> Option<String> {
        None
    }
}

/// No data sources, for what is to be read by itself: a data source refers to no other.
#[derive(Debug, Clone, Copy)]
pub struct NoDataSources;

impl DataSources for NoDataSources {
    fn attributes(&self, _: &str) -> Option<Vec<(String, String)>> {
        None
    }
}

/// Reads the settings that a connection string and the data source it names amount to
/// (SQLDriverConnect).
pub fn parse(
    connection: &ConnectionString,
    data_sources: &dyn DataSources,
) -> Result<(Settings, Vec<Warning>), Refusal> {
    let mut warnings = Vec::new();
    match settings(connection, data_sources, &mut warnings) {
        Ok(settings) => Ok((settings, warnings)),
        Err(error) => Err(Refusal { error, warnings }),
    }
}

fn settings(
    connection: &ConnectionString,
    data_sources: &dyn DataSources,
    warnings: &mut Vec<Warning>,
) -> Result<Settings, Error> {
    let mut given = covered(connection, data_sources, warnings)?;
    let sets_level = given.text(Id::LogLevel).is_some();
    if let Some(settings) = given
        .text(Id::Driver)
        .and_then(|name| data_sources.driver(name))
    {
        let settings = settings
            .into_iter()
            .filter(|(name, _)| Keyword::find(name).is_some_and(Keyword::is_driver_wide));
        let settings = ConnectionString::from_attributes(settings);
        given.cover(KeywordValues::read(&settings, warnings));
    }
    given.fit(warnings);
    let mut client = given.client(warnings)?;
    if let Some(bytes) = process_memory(data_sources, warnings) {
        client.spooling.process_memory = Some(bytes);
    }
    Ok(Settings {
        client,
        data_source: connection.data_source().map(str::to_owned),
        presentation: given.presentation()?,
        log: given.log(!sets_level)?,
    })
}

/// The values of a connection string, and below them those of the data source it names.
pub(super) fn covered(
    connection: &ConnectionString,
    data_sources: &dyn DataSources,
    warnings: &mut Vec<Warning>,
) -> Result<KeywordValues, Error> {
    let mut given = KeywordValues::read(connection, warnings);
    given.cover_secrets(warnings)?;
    if let Some(dsn) = connection.data_source() {
        let attributes = data_sources
            .attributes(dsn)
            .ok_or_else(|| Error::DataSourceNotFound(dsn.to_owned()))?;
        let attributes = ConnectionString::from_attributes(attributes);
        let mut kept = KeywordValues::read(&attributes, warnings);
        if given.has_secret() {
            kept.cover_secrets(warnings).unwrap_or_else(|error| {
                let keyword = Id::ProtectedSecrets.to_string();
                let reason =
                    "It cannot be decrypted, and the connection string has a secret itself.";
                tracing::debug!(%error, "secrets of the data source ignored");
                warn(warnings, Warning::Ignored { keyword, reason });
            });
        } else {
            kept.cover_secrets(warnings)?;
        }
        given.cover(kept);
    }
    Ok(given)
}

/// Reads the settings that a data source amounts to, with user and password beside it (SQLConnect).
pub fn from_data_source(
    dsn: &str,
    user: Option<&str>,
    password: Option<&str>,
    data_sources: &dyn DataSources,
) -> Result<(Settings, Vec<Warning>), Refusal> {
    if dsn.is_empty() {
        return Err(Refusal {
            error: Error::DataSourceNotFound(String::new()),
            warnings: Vec::new(),
        });
    }
    let given = [
        (Id::Dsn, Some(dsn)),
        (Id::User, user),
        (Id::Password, password),
    ];
    let pairs = given.into_iter().filter_map(|(keyword, value)| {
        // Applications pass empty texts for "nothing", which must not unset what the data source
        // sets.
        let value = value.filter(|value| !value.is_empty())?;
        Some((keyword.to_string(), value.to_owned()))
    });
    parse(&ConnectionString::from_pairs(pairs), data_sources)
}

/// The limit that the environment sets for all connections.
fn process_memory(data_sources: &dyn DataSources, warnings: &mut Vec<Warning>) -> Option<u64> {
    let text = data_sources.variable(PROCESS_MEMORY_LIMIT)?;
    if text.is_empty() {
        return None;
    }
    let Kind::Bytes { min, max } = Keyword::of(Id::ProcessMemoryLimit).kind else {
        return None;
    };
    let bytes = values::bytes(text.trim()).map(|bytes| bytes.clamp(min, max));
    if bytes.is_none() {
        let keyword = PROCESS_MEMORY_LIMIT.to_owned();
        let reason = "It must be a number of bytes, or a number with KB, MB or GB.";
        warn(warnings, Warning::Ignored { keyword, reason });
    }
    bytes
}

/// The variable of the environment that takes precedence over `ProcessMemoryLimit`.
const PROCESS_MEMORY_LIMIT: &str = "TRINO_ODBC_PROCESS_MEMORY_LIMIT";
