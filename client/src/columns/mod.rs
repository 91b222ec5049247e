//! Decoded rows: typed columns, between the JSON of a segment and the C types of an application.
//!
//! Everything before this module speaks HTTP and JSON, everything after it speaks ODBC or another interface, and this
//! module speaks neither. A [`Chunk`] is immutable; it is shared by `Arc` between the feed and a cursor.
//!
//! ```text
//!  Chunk              some consecutive rows of a result
//!    └ Column         one for each column of the result
//!        ├ Values     the values by how they are stored; a row each, also where it is NULL
//!        └ Bitmap     which rows are NULL; absent when none is
//! ```
//!
//! [`Values::new`] says how each [`Type`] is stored. Values are exact: a decimal keeps its digits, a timestamp with time
//! zone its wall clock and its zone, a NUMBER its text. What an interface has no type for is converted when it is read.
//!
//! The memory of a column is that of Arrow's arrays where Arrow has the type (see `buffers`), with two differences:
//! a set bit of a [`Bitmap`] is a NULL, and offsets of [`Bytes`] have no sign, so that a column may have 4 GiB.

mod as_text;
mod bitmap;
mod buffers;
mod chunk;
pub mod civil;
mod column;
mod pack;
mod source;
pub mod tens;
mod types;

pub use as_text::{AsText, BigIntegers, NUMBER_DIGITS, NUMBER_SCALE, Numbers};
pub use bitmap::Bitmap;
pub use chunk::Chunk;
pub use column::{Bytes, Column, Values, Zones};
pub use pack::{pack, unpack};
pub use source::{ChunkSource, FixedRows};
pub use types::{BaseColumn, ColumnInfo, Field, IntervalField, IntervalFields, Type};
