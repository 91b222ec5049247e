//! SQL text as far as the driver must understand it: where tokens begin and end, and how names and values are quoted.
//!
//! Nothing here knows Trino's grammar. The lexer is total: any text, complete or not, becomes tokens that make up the
//! text again.

mod extent;
mod insert;
mod lexer;
mod marker;
mod parameter;
mod quote;
mod rows;
mod shown;
mod statement;
mod subquery;
mod typed;
mod unnested;
mod verb;
mod wrapped;

pub use insert::Insert;
pub use lexer::{Token, TokenKind, tokens};
pub(crate) use marker::with_text_markers;
pub use marker::{Output, Place, places};
pub(crate) use parameter::{execute, execute_immediate, nulls};
pub use quote::{identifier, literal};
pub use rows::Rows;
pub use shown::without_strings;
pub use statement::Statement;
pub(crate) use subquery::Subquery;
pub use unnested::{Bounded, Slot, Unnested};
pub use verb::{Object, Verb};
pub use wrapped::unquoted;
pub(crate) use wrapped::{Executed, Explain, table_query};
