//! What a person configures: keywords, connection strings, data sources, and the options they amount to.

mod options;
mod secret;

pub use options::{Encoding, LogOptions, Options, Spooling, Trust, Verification};
pub use secret::Secret;
