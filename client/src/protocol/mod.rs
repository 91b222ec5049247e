//! Trino's client protocol: the messages of `/v1/statement`, their headers, and the exchange.
//!
//! [`results`](QueryResults) is the server's answer, [`SessionState`] what the client must send
//! with each statement, and [`Coordinator`] the exchange itself. Rows stay unparsed here.
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
pub use wording::{Place, syntax_error_in_header};
