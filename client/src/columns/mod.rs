//! Decoded data: what a segment's rows are once they are out of JSON, and before anyone asked for a C type.
//!
//! This is the waist of the driver. Everything before it speaks HTTP and JSON, everything after it speaks ODBC, and
//! this module speaks neither. A [`Chunk`] is immutable; it is shared by `Arc` between the feed and a cursor.

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
