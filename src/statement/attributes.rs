//! Statement attributes of integer value. Those that live in descriptors are not here.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetstmtattr-function>

use crate::abi;
use crate::diagnostics::{Diagnostics, Error, SqlState};
use crate::session::Bounds;

/// What an application sets on a statement, or on a connection for all statements allocated later.
#[derive(Debug, Clone)]
pub struct Attributes {
    query_timeout: usize,
    max_rows: usize,
    no_scan: usize,
    retrieve_data: usize,
    metadata_id: usize,
    /// SQL_ROWSET_SIZE: the rowset of SQLExtendedFetch.
    rowset_size: usize,
    keyset_size: usize,
    /// Whether cursors are static: they go back to rows that they have given. Else they are
    /// forward-only.
    scrolls: bool,
    /// SQL_ATTR_CURSOR_SENSITIVITY of a forward-only cursor.
    sensitivity: usize,
    asynchronous: bool,
    /// What the driver's own attributes set; the connection's options hold for what is absent.
    bounds: Bounds,
}

impl Default for Attributes {
    fn default() -> Self {
        Self {
            query_timeout: 0,
            max_rows: 0,
            no_scan: abi::SQL_NOSCAN_OFF,
            retrieve_data: abi::SQL_RD_ON,
            metadata_id: 0,
            rowset_size: 1,
            keyset_size: 0,
            scrolls: false,
            sensitivity: abi::SQL_UNSPECIFIED,
            asynchronous: false,
            bounds: Bounds::default(),
        }
    }
}

impl Attributes {
    /// Seconds that a call may wait for the server; 0 for no limit.
    pub fn query_timeout(&self) -> usize {
        self.query_timeout
    }

    /// Rows that a result has at most; 0 for no limit.
    pub fn max_rows(&self) -> u64 {
        self.max_rows as u64
    }

    /// Whether cursors can go back to rows that they have given.
    pub fn scrolls(&self) -> bool {
        self.scrolls
    }

    /// Whether a fetch writes to bound columns.
    pub fn retrieves_data(&self) -> bool {
        self.retrieve_data != abi::SQL_RD_OFF
    }

    /// Whether statements are searched for escape sequences.
    pub fn scans_escapes(&self) -> bool {
        self.no_scan == abi::SQL_NOSCAN_OFF
    }

    /// Whether arguments of catalog functions are identifiers, not patterns.
    pub fn metadata_id(&self) -> bool {
        self.metadata_id != 0
    }

    /// Whether functions that have to wait go on after their call.
    #[inline]
    pub fn is_asynchronous(&self) -> bool {
        self.asynchronous
    }

    /// What bounds the fetching of rows, where it was set.
    pub fn bounds(&self) -> Bounds {
        self.bounds
    }

    /// The rowset of SQLExtendedFetch.
    pub fn rowset_size(&self) -> usize {
        self.rowset_size
    }

    /// Whether `attribute` is one of these.
    pub fn knows(attribute: i32) -> bool {
        Self::default().get(attribute).is_ok()
    }

    /// Sets one. A value that Trino cannot give is replaced by the nearest, with 01S02.
    pub fn set(
        &mut self,
        attribute: i32,
        value: usize,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Error> {
        let mut only = |wanted: usize, what: &str| {
            if value != wanted {
                diagnostics.warn(
                    SqlState::OPTION_VALUE_CHANGED,
                    format!("{what} are not available; the attribute keeps its value."),
                );
            }
        };
        match attribute {
            abi::SQL_ATTR_QUERY_TIMEOUT => self.query_timeout = value,
            abi::SQL_ATTR_MAX_ROWS => self.max_rows = value,
            abi::SQL_ATTR_MAX_LENGTH => only(0, "Shortened values"),
            abi::SQL_ATTR_NOSCAN => self.no_scan = value,
            abi::SQL_ATTR_RETRIEVE_DATA => self.retrieve_data = value,
            abi::SQL_ATTR_METADATA_ID => self.metadata_id = value,
            abi::SQL_ATTR_KEYSET_SIZE => self.keyset_size = value,
            abi::SQL_ROWSET_SIZE if value == 0 => {
                return Err(Error::new(
                    SqlState::INVALID_ATTRIBUTE_VALUE,
                    "A rowset has at least one row.",
                ));
            }
            abi::SQL_ROWSET_SIZE => self.rowset_size = value,
            abi::SQL_ATTR_TRINO_PARALLEL_DOWNLOADS if !(1..=64).contains(&value) => {
                return Err(Error::new(
                    SqlState::INVALID_ATTRIBUTE_VALUE,
                    "From 1 to 64 segments can be downloaded at the same time.",
                ));
            }
            abi::SQL_ATTR_TRINO_PARALLEL_DOWNLOADS => self.bounds.downloads = Some(value),
            abi::SQL_ATTR_TRINO_MEMORY_LIMIT if value < LEAST_MEMORY => {
                return Err(Error::new(
                    SqlState::INVALID_ATTRIBUTE_VALUE,
                    "The memory limit is 1 MB at least.",
                ));
            }
            abi::SQL_ATTR_TRINO_MEMORY_LIMIT => self.bounds.memory = Some(value as u64),
            // What characterizes a cursor changes together, by the standard's own rules.
            abi::SQL_ATTR_CURSOR_TYPE => match value {
                abi::SQL_CURSOR_FORWARD_ONLY => self.scrolls = false,
                abi::SQL_CURSOR_STATIC => self.scrolls = true,
                abi::SQL_CURSOR_KEYSET_DRIVEN | abi::SQL_CURSOR_DYNAMIC => {
                    self.scrolls = true;
                    diagnostics.warn(
                        SqlState::OPTION_VALUE_CHANGED,
                        "Cursors that see changes are not available; the cursor is static.",
                    );
                }
                _ => return Err(no_such_value(attribute, value)),
            },
            abi::SQL_ATTR_CURSOR_SCROLLABLE => match value {
                abi::SQL_NONSCROLLABLE => self.scrolls = false,
                abi::SQL_SCROLLABLE => self.scrolls = true,
                _ => return Err(no_such_value(attribute, value)),
            },
            abi::SQL_ATTR_CURSOR_SENSITIVITY => match value {
                abi::SQL_UNSPECIFIED => self.sensitivity = value,
                abi::SQL_INSENSITIVE => self.scrolls = true,
                abi::SQL_SENSITIVE => only(abi::SQL_UNSPECIFIED, "Cursors that see changes"),
                _ => return Err(no_such_value(attribute, value)),
            },
            abi::SQL_ATTR_CONCURRENCY => match value {
                abi::SQL_CONCUR_READ_ONLY => self.sensitivity = abi::SQL_INSENSITIVE,
                abi::SQL_CONCUR_LOCK | abi::SQL_CONCUR_ROWVER | abi::SQL_CONCUR_VALUES => {
                    only(abi::SQL_CONCUR_READ_ONLY, "Updatable cursors");
                }
                _ => return Err(no_such_value(attribute, value)),
            },
            abi::SQL_ATTR_SIMULATE_CURSOR => only(abi::SQL_SC_NON_UNIQUE, "Positioned updates"),
            abi::SQL_ATTR_USE_BOOKMARKS => only(abi::SQL_UB_OFF, "Bookmarks"),
            abi::SQL_ATTR_ENABLE_AUTO_IPD => only(0, "Automatic parameter descriptions"),
            abi::SQL_ATTR_ASYNC_ENABLE => {
                self.asynchronous = match value {
                    abi::SQL_ASYNC_ENABLE_OFF => false,
                    abi::SQL_ASYNC_ENABLE_ON => true,
                    _ => {
                        return Err(Error::new(
                            SqlState::INVALID_ATTRIBUTE_VALUE,
                            "Asynchronous execution is either off (0) or on (1).",
                        ));
                    }
                };
            }
            abi::SQL_ATTR_ROW_NUMBER => return Err(read_only(attribute)),
            _ => return Err(unknown(attribute)),
        }
        Ok(())
    }

    /// The value of one.
    pub fn get(&self, attribute: i32) -> Result<usize, Error> {
        Ok(match attribute {
            abi::SQL_ATTR_QUERY_TIMEOUT => self.query_timeout,
            abi::SQL_ATTR_MAX_ROWS => self.max_rows,
            abi::SQL_ATTR_MAX_LENGTH => 0,
            abi::SQL_ATTR_NOSCAN => self.no_scan,
            abi::SQL_ATTR_RETRIEVE_DATA => self.retrieve_data,
            abi::SQL_ATTR_METADATA_ID => self.metadata_id,
            abi::SQL_ATTR_KEYSET_SIZE => self.keyset_size,
            abi::SQL_ROWSET_SIZE => self.rowset_size,
            abi::SQL_ATTR_CURSOR_TYPE if self.scrolls => abi::SQL_CURSOR_STATIC,
            abi::SQL_ATTR_CURSOR_TYPE => abi::SQL_CURSOR_FORWARD_ONLY,
            abi::SQL_ATTR_CURSOR_SCROLLABLE if self.scrolls => abi::SQL_SCROLLABLE,
            abi::SQL_ATTR_CURSOR_SCROLLABLE => abi::SQL_NONSCROLLABLE,
            abi::SQL_ATTR_CURSOR_SENSITIVITY if self.scrolls => abi::SQL_INSENSITIVE,
            abi::SQL_ATTR_CURSOR_SENSITIVITY => self.sensitivity,
            abi::SQL_ATTR_CONCURRENCY => abi::SQL_CONCUR_READ_ONLY,
            abi::SQL_ATTR_SIMULATE_CURSOR => abi::SQL_SC_NON_UNIQUE,
            abi::SQL_ATTR_USE_BOOKMARKS => abi::SQL_UB_OFF,
            abi::SQL_ATTR_ENABLE_AUTO_IPD => 0,
            abi::SQL_ATTR_ASYNC_ENABLE => usize::from(self.asynchronous),
            _ => return Err(unknown(attribute)),
        })
    }
}

/// What `MemoryLimit` takes at least.
const LEAST_MEMORY: usize = 1 << 20;

fn no_such_value(attribute: i32, value: usize) -> Error {
    Error::new(
        SqlState::INVALID_ATTRIBUTE_VALUE,
        format!("Statement attribute {attribute} has no value {value}."),
    )
}

fn unknown(attribute: i32) -> Error {
    Error::new(
        SqlState::INVALID_ATTRIBUTE,
        format!("Statements have no attribute {attribute}."),
    )
}

fn read_only(attribute: i32) -> Error {
    Error::new(
        SqlState::INVALID_ATTRIBUTE,
        format!("Statement attribute {attribute} can only be read."),
    )
}
