//! Statement attributes of integer value, as one table. Those that live in descriptors are not here.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlsetstmtattr-function>

use std::ops::RangeInclusive;

use trino_client::session::Bounds;

use crate::abi;
use crate::diagnostics::{Diagnostics, Error, SqlState};

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

/// An attribute of statements: its number, and its values.
struct Attribute(i32, Kind);

enum Kind {
    /// Any number: how it is read and set.
    Number(fn(&Attributes) -> usize, fn(&mut Attributes, usize)),
    /// A number in a range.
    Bounded(
        RangeInclusive<usize>,
        fn(&Attributes) -> usize,
        fn(&mut Attributes, usize),
    ),
    /// A limit of the statement; the connection's option holds while it is not set.
    Limit(RangeInclusive<usize>, fn(&mut Attributes, usize)),
    /// One value, and what other values would turn on.
    Fixed(usize, &'static str),
    /// A characteristic of cursors.
    Cursor,
}

/// Statement attributes of integer value.
const ATTRIBUTES: &[Attribute] = &[
    Attribute(
        abi::SQL_ATTR_ASYNC_ENABLE,
        Bounded(
            abi::SQL_ASYNC_ENABLE_OFF..=abi::SQL_ASYNC_ENABLE_ON,
            |a| usize::from(a.asynchronous),
            |a, value| a.asynchronous = value == abi::SQL_ASYNC_ENABLE_ON,
        ),
    ),
    Attribute(abi::SQL_ATTR_CONCURRENCY, Cursor),
    Attribute(abi::SQL_ATTR_CURSOR_SCROLLABLE, Cursor),
    Attribute(abi::SQL_ATTR_CURSOR_SENSITIVITY, Cursor),
    Attribute(abi::SQL_ATTR_CURSOR_TYPE, Cursor),
    Attribute(
        abi::SQL_ATTR_ENABLE_AUTO_IPD,
        Fixed(0, "Automatic parameter descriptions"),
    ),
    Attribute(
        abi::SQL_ATTR_KEYSET_SIZE,
        Number(|a| a.keyset_size, |a, value| a.keyset_size = value),
    ),
    Attribute(abi::SQL_ATTR_MAX_LENGTH, Fixed(0, "Shortened values")),
    Attribute(
        abi::SQL_ATTR_MAX_ROWS,
        Number(|a| a.max_rows, |a, value| a.max_rows = value),
    ),
    Attribute(
        abi::SQL_ATTR_METADATA_ID,
        Number(|a| a.metadata_id, |a, value| a.metadata_id = value),
    ),
    Attribute(
        abi::SQL_ATTR_NOSCAN,
        Number(|a| a.no_scan, |a, value| a.no_scan = value),
    ),
    Attribute(
        abi::SQL_ATTR_QUERY_TIMEOUT,
        Number(|a| a.query_timeout, |a, value| a.query_timeout = value),
    ),
    Attribute(
        abi::SQL_ATTR_RETRIEVE_DATA,
        Number(|a| a.retrieve_data, |a, value| a.retrieve_data = value),
    ),
    Attribute(
        abi::SQL_ATTR_SIMULATE_CURSOR,
        Fixed(abi::SQL_SC_NON_UNIQUE, "Positioned updates"),
    ),
    Attribute(
        abi::SQL_ATTR_TRINO_MEMORY_LIMIT,
        Limit(LEAST_MEMORY..=usize::MAX, |a, value| {
            a.bounds.memory = Some(value as u64);
        }),
    ),
    Attribute(
        abi::SQL_ATTR_TRINO_PARALLEL_DOWNLOADS,
        Limit(1..=64, |a, value| a.bounds.downloads = Some(value)),
    ),
    Attribute(
        abi::SQL_ATTR_USE_BOOKMARKS,
        Fixed(abi::SQL_UB_OFF, "Bookmarks"),
    ),
    Attribute(
        abi::SQL_ROWSET_SIZE,
        Bounded(
            1..=usize::MAX,
            |a| a.rowset_size,
            |a, value| a.rowset_size = value,
        ),
    ),
];

use Kind::{Bounded, Cursor, Fixed, Limit, Number};

/// The least that `MemoryLimit` takes.
const LEAST_MEMORY: usize = 1 << 20;

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

    /// Whether functions that wait for the server run asynchronously.
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

    /// Whether a connection has `attribute` too, for its later statements.
    pub fn knows(attribute: i32) -> bool {
        find(attribute).is_ok_and(|row| !matches!(row.1, Limit(..)))
    }

    /// Sets one. A value that Trino cannot give is replaced by the nearest, with 01S02.
    pub fn set(
        &mut self,
        attribute: i32,
        value: usize,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Error> {
        if attribute == abi::SQL_ATTR_ROW_NUMBER {
            return Err(Error::new(
                SqlState::INVALID_ATTRIBUTE,
                format!("Statement attribute {attribute} is read-only."),
            ));
        }
        match &find(attribute)?.1 {
            Number(_, set) => set(self, value),
            Bounded(range, ..) | Limit(range, _) if !range.contains(&value) => {
                return Err(out_of_range(attribute, value, range));
            }
            Bounded(_, _, set) | Limit(_, set) => set(self, value),
            Fixed(only, what) => warn_unless(value == *only, what, diagnostics),
            Cursor => self.set_cursor(attribute, value, diagnostics)?,
        }
        Ok(())
    }

    /// What characterizes a cursor changes together, by the standard's own rules.
    fn set_cursor(
        &mut self,
        attribute: i32,
        value: usize,
        diagnostics: &mut Diagnostics,
    ) -> Result<(), Error> {
        match (attribute, value) {
            (abi::SQL_ATTR_CURSOR_TYPE, abi::SQL_CURSOR_FORWARD_ONLY) => self.scrolls = false,
            (abi::SQL_ATTR_CURSOR_TYPE, abi::SQL_CURSOR_STATIC) => self.scrolls = true,
            (
                abi::SQL_ATTR_CURSOR_TYPE,
                abi::SQL_CURSOR_KEYSET_DRIVEN | abi::SQL_CURSOR_DYNAMIC,
            ) => {
                self.scrolls = true;
                diagnostics.warn(
                    SqlState::OPTION_VALUE_CHANGED,
                    "Cursors that see changes are not available; the cursor is static.",
                );
            }
            (abi::SQL_ATTR_CURSOR_SCROLLABLE, abi::SQL_NONSCROLLABLE) => self.scrolls = false,
            (abi::SQL_ATTR_CURSOR_SCROLLABLE, abi::SQL_SCROLLABLE) => self.scrolls = true,
            (abi::SQL_ATTR_CURSOR_SENSITIVITY, abi::SQL_UNSPECIFIED) => self.sensitivity = value,
            (abi::SQL_ATTR_CURSOR_SENSITIVITY, abi::SQL_INSENSITIVE) => self.scrolls = true,
            (abi::SQL_ATTR_CURSOR_SENSITIVITY, abi::SQL_SENSITIVE) => {
                warn_unless(false, "Cursors that see changes", diagnostics);
            }
            (abi::SQL_ATTR_CONCURRENCY, abi::SQL_CONCUR_READ_ONLY) => {
                self.sensitivity = abi::SQL_INSENSITIVE;
            }
            (
                abi::SQL_ATTR_CONCURRENCY,
                abi::SQL_CONCUR_LOCK | abi::SQL_CONCUR_ROWVER | abi::SQL_CONCUR_VALUES,
            ) => warn_unless(false, "Updatable cursors", diagnostics),
            _ => return Err(no_such_value(attribute, value)),
        }
        Ok(())
    }

    /// The value of one.
    pub fn get(&self, attribute: i32) -> Result<usize, Error> {
        Ok(match &find(attribute)?.1 {
            Number(get, _) | Bounded(_, get, _) => get(self),
            Limit(..) => return Err(unknown(attribute)),
            Fixed(only, _) => *only,
            Cursor => match attribute {
                abi::SQL_ATTR_CURSOR_TYPE if self.scrolls => abi::SQL_CURSOR_STATIC,
                abi::SQL_ATTR_CURSOR_TYPE => abi::SQL_CURSOR_FORWARD_ONLY,
                abi::SQL_ATTR_CURSOR_SCROLLABLE if self.scrolls => abi::SQL_SCROLLABLE,
                abi::SQL_ATTR_CURSOR_SCROLLABLE => abi::SQL_NONSCROLLABLE,
                abi::SQL_ATTR_CURSOR_SENSITIVITY if self.scrolls => abi::SQL_INSENSITIVE,
                abi::SQL_ATTR_CURSOR_SENSITIVITY => self.sensitivity,
                _ => abi::SQL_CONCUR_READ_ONLY,
            },
        })
    }
}

fn find(attribute: i32) -> Result<&'static Attribute, Error> {
    let found = ATTRIBUTES.iter().find(|row| row.0 == attribute);
    found.ok_or_else(|| unknown(attribute))
}

fn warn_unless(kept: bool, what: &str, diagnostics: &mut Diagnostics) {
    if !kept {
        diagnostics.warn(
            SqlState::OPTION_VALUE_CHANGED,
            format!("{what} are not available; the attribute keeps its value."),
        );
    }
}

fn out_of_range(attribute: i32, value: usize, range: &RangeInclusive<usize>) -> Error {
    let (least, most) = (range.start(), range.end());
    let expected = match *most {
        usize::MAX => format!("at least {least}"),
        most => format!("{least} to {most}"),
    };
    Error::new(
        SqlState::INVALID_ATTRIBUTE_VALUE,
        format!("Invalid value {value} of statement attribute {attribute}; expected {expected}."),
    )
}

fn no_such_value(attribute: i32, value: usize) -> Error {
    Error::new(
        SqlState::INVALID_ATTRIBUTE_VALUE,
        format!("Invalid value {value} of statement attribute {attribute}."),
    )
}

fn unknown(attribute: i32) -> Error {
    Error::new(
        SqlState::INVALID_ATTRIBUTE,
        format!("Unknown statement attribute {attribute}."),
    )
}
