//! Client of Trino and Starburst, built around the spooling protocol: segments of a result are fetched from object
//! storage and decoded in parallel, ahead of the reader, with bounded memory.
//!
//! | Module | Holds |
//! |---|---|
//! | [`options`] | everything that a session is made from |
//! | [`session`] | a session with Trino: statements, transactions, results |
//! | [`columns`] | typed, immutable columns, and the source they come from |
//! | [`sql`] | SQL text: tokens, markers, quoting, rows of values |
//! | [`spool`] | segments fetched ahead of the reader |
//! | [`decode`] | from bytes to columns |
//! | [`protocol`] | the messages and rules of `/v1/statement` |
//! | [`http`], [`auth`] | requests, trust and credentials |
//! | [`spill`] | the encrypted file for what outgrows memory |
//! | [`latin1`] | the character set of headers |
//! | [`runtime`], [`os`] | threads, the operating system |
//!
//! # Who uses what
//!
//! The ODBC driver and its command use these items, and no others:
//!
//! - from [`auth`]: `Error`
//! - from [`columns`]: `AsText`, `BaseColumn`, `BigIntegers`, `Bitmap`, `Bytes`, `Chunk`,
//!   `ChunkSource`, `Column`, `ColumnInfo`, `Field`, `FixedRows`, `IntervalField`,
//!   `IntervalFields`, `NUMBER_SCALE`, `Numbers`, `Type`, `Values`, `Zones`, `civil`, `pack`,
//!   `tens`, `unpack`
//! - from [`http`]: `Certificate`, `ClientPool`, `Domain`, `Error`, `Handshake`, `Kind`,
//!   `Settings`, `TrustedBy`, `connect`, `handshake`
//! - from [`latin1`]: `unfit`
//! - from [`options`]: `Authentication`, `BearerToken`, `Encoding`, `Flow`, `Identity`,
//!   `InvalidLogin`, `Issuer`, `Kerberos`, `Login`, `OAuth2`, `Options`, `Proxy`, `ProxyServer`,
//!   `Secret`, `Show`, `SignInCallback`, `Spooling`, `StoredCertificate`, `TlsVersion`,
//!   `TokenCache`, `TokenSource`, `Trust`, `Verification`
//! - from [`os`]: `forks`, `protect`, `unprotect`
//! - from [`protocol`]: `Error`, `QueryError`, `ServerInfo`, `own_origin`
//! - from [`runtime`]: `Interrupted`, `Lease`, `SharedLease`, `Wait`, `spawn_blocking`
//! - from [`session`]: `Bounds`, `Completion`, `Error`, `Execution`, `Isolation`, `MetadataRows`,
//!   `Outcome`, `Output`, `Pool`, `Results`, `Session`, `Status`, `Transactions`, `Underway`,
//!   `Unlisted`, `from_display`
//! - from [`spill`]: `Spill`, `SpilledRange`
//! - from [`spool`]: `Error`, `Hop`, `Retrieval`, `Role`, `Statistics`, `Trace`
//! - from [`sql`]: `Bounded`, `Insert`, `Object`, `Output`, `Place`, `Rows`, `Slot`, `Statement`,
//!   `Token`, `TokenKind`, `Unnested`, `Verb`, `identifier`, `literal`, `places`, `tokens`,
//!   `unquoted`, `without_strings`
//!
//! A test of the driver holds that list.
#![deny(missing_docs)]
#![deny(unsafe_code, unsafe_op_in_unsafe_fn)]
#![deny(
    clippy::undocumented_unsafe_blocks,
    clippy::multiple_unsafe_ops_per_block
)]

pub mod auth;
pub mod columns;
pub mod decode;
pub mod http;
pub mod latin1;
pub mod options;
pub mod os;
pub mod protocol;
pub mod runtime;
pub mod session;
pub mod spill;
pub mod spool;
pub mod sql;
