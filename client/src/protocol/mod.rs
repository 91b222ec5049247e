//! Trino's client protocol: the messages of `/v1/statement`, their headers, and the exchange.
//!
//! ```text
//!   POST /v1/statement            the text, and the session's state in headers
//!     -> page 0: id, nextUri      the server has registered the statement; nothing runs yet
//!   GET nextUri                   begins to run it; waits up to a second for something new
//!     -> page n: columns, data, nextUri, stats, warnings, error; headers that change the session
//!   ...
//!     -> last page: no nextUri
//!   HEAD nextUri                  a heartbeat, while the reader is slow
//!   DELETE nextUri                cancels the query
//! ```
//!
//! `QueryResults` is one page, `SessionState` is what each statement sends of the session and what
//! answers change of it, and `Coordinator` is the exchange, with retries, redirects and credentials.
//! Rows stay unparsed here: `PageData` passes them on as JSON text or as segments.
//!
//! Everything that the driver reads from the English of an error message stands in [`QueryError`]'s
//! methods, in the file `wording.rs`.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::panic,
        clippy::indexing_slicing,
        clippy::cast_possible_truncation,
        clippy::cast_possible_wrap,
        clippy::cast_sign_loss
    )
)]

mod error;
mod excerpt;
mod header_size;
mod headers;
mod info;
mod object;
mod results;
mod statement;
mod type_signature;
mod wording;

pub use error::{Error, QueryError};
pub(crate) use excerpt::{excerpt, is_web_page};
pub(crate) use headers::{Changes, SessionState, check_sendable};
pub use info::ServerInfo;
pub(crate) use results::{DataAttributes, PageData, QueryResults, Segment};
pub use results::{StatementStats, Warning};
pub use statement::own_origin;
pub(crate) use statement::{Coordinator, Delivery, Heartbeat, Page, Side, Trouble};
pub use type_signature::{from_display, from_signature};
pub(crate) use wording::{Place, syntax_error_in_header};
