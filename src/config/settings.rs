//! What the driver itself reads of a data source, beside the options of its client.

use std::path::PathBuf;

use tracing::level_filters::LevelFilter;
use trino_client::columns::AsText;

use super::keyword_values::KeywordValues;
use super::keywords::{BIG_INTEGERS, INTERVALS, Id, LOG_LEVELS, NUMBERS, ZONED_TIMESTAMPS};
use super::{Error, Options};

/// What a connection string and its data source amount to.
#[derive(Debug, Clone)]
pub struct Settings {
    /// What the session is made from.
    pub client: Options,
    /// Name of the data source that this was read from.
    pub data_source: Option<String>,
    pub presentation: Presentation,
    pub log: LogOptions,
}

/// How results, parameters and catalogs appear to the application.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Presentation {
    pub browsing: Browsing,
    pub lengths: Lengths,
    /// Types that are described as text.
    pub as_text: AsText,
    /// Whether arrays of parameters are inserted many rows at a time.
    pub fast_inserts: bool,
    /// Whether an application may turn off autocommit.
    pub transactions: bool,
}

/// How catalog functions are answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Browsing {
    /// Whether no catalog means the current one, and not all.
    pub null_catalog_is_current: bool,
    /// Whether `_` in patterns stands for itself.
    pub literal_underscore: bool,
    /// Whether lists of tables come with the tables' comments.
    pub table_remarks: bool,
}

/// Lengths to report for columns without a limit, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lengths {
    /// Of unbounded text.
    pub text: usize,
    /// Of arrays, rows and other types that are shown as text.
    pub complex: usize,
}

/// What is logged, and where.
#[derive(Debug, Clone)]
pub struct LogOptions {
    /// The level, if one was configured.
    pub level: Option<LevelFilter>,
    /// Whether the level was configured for the driver, not for the connection.
    pub driver_wide: bool,
    pub path: Option<PathBuf>,
    /// Bytes of one file.
    pub file_size: u64,
    /// Files to keep, including the current one.
    pub files: u64,
}

impl LogOptions {
    /// The level of that name or number, in any case; `None` if there is no such level.
    ///
    /// The numbers are those of other drivers: 0 is off, 1 fatal, then error, warning, info, debug
    /// and trace.
    pub fn level_from_name(name: &str) -> Option<LevelFilter> {
        let name = name.trim().to_ascii_lowercase();
        let name = match name.as_str() {
            "none" | "0" => "off",
            "fatal" | "1" | "2" => "error",
            "warning" | "3" => "warn",
            "4" => "info",
            "5" => "debug",
            "6" => "trace",
            name => name,
        };
        let level = LOG_LEVELS.iter().find(|(known, _)| *known == name);
        level.map(|(_, level)| *level)
    }
}

/// As a connection string without keywords has it.
impl Default for Presentation {
    fn default() -> Self {
        let presentation = KeywordValues::default().presentation();
        presentation.expect("a test holds that the defaults are valid")
    }
}

/// As a connection string without keywords has it.
impl Default for LogOptions {
    fn default() -> Self {
        let log = KeywordValues::default().log(false);
        log.expect("a test holds that the defaults are valid")
    }
}

impl KeywordValues {
    /// What these keywords set of the presentation.
    pub(super) fn presentation(&self) -> Result<Presentation, Error> {
        Ok(Presentation {
            browsing: Browsing {
                null_catalog_is_current: self.boolean(Id::NullCatalogIsCurrent)?,
                literal_underscore: self.boolean(Id::LiteralUnderscore)?,
                table_remarks: self.boolean(Id::TableRemarks)?,
            },
            lengths: self.lengths()?,
            as_text: AsText {
                zoned_timestamps: self.choice(Id::TimestampWithTimeZone, &ZONED_TIMESTAMPS)?,
                intervals: self.choice(Id::Interval, &INTERVALS)?,
                big_integers: self.choice(Id::BigInt, &BIG_INTEGERS)?,
                numbers: self.choice(Id::Number, &NUMBERS)?,
            },
            fast_inserts: self.boolean(Id::FastInserts)?,
            transactions: self.boolean(Id::Transactions)?,
        })
    }

    fn lengths(&self) -> Result<Lengths, Error> {
        let text = self.count(Id::TextColumnLength)?;
        let complex = self.given_count(Id::ComplexColumnLength)?;
        Ok(Lengths {
            text,
            complex: complex.unwrap_or(text),
        })
    }

    /// What these keywords set of the log; `driver_wide` if the level was configured for the
    /// driver.
    pub(super) fn log(&self, driver_wide: bool) -> Result<LogOptions, Error> {
        let level = match self.text(Id::LogLevel) {
            None => None,
            Some(text) => {
                let level = LogOptions::level_from_name(text);
                Some(level.ok_or_else(|| self.invalid(Id::LogLevel))?)
            }
        };
        Ok(LogOptions {
            driver_wide: driver_wide && level.is_some(),
            level,
            path: self.text(Id::LogPath).map(PathBuf::from),
            file_size: self.number(Id::LogFileSize)?,
            files: self.number(Id::LogFileCount)?,
        })
    }
}
