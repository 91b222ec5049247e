//! Attributes of connections and statements that only this driver has; `include/trino_odbc.h` is generated from this file.
//!
//! The numbers stand in the range that ODBC 3.8 leaves to drivers. They are part of the interface: none is ever reused.

/// Text (SQLWCHAR). The id of the last query that the statement ran; empty before.
/// Read with SQLGetStmtAttrW; the buffer length is in bytes.
pub const SQL_ATTR_TRINO_QUERY_ID: i32 = 0x4000;

/// Text (SQLWCHAR). The state of that query as the coordinator last reported it, for example RUNNING or FINISHED.
pub const SQL_ATTR_TRINO_QUERY_STATE: i32 = 0x4001;

/// Unsigned 64-bit integer. How far the query has come, in percent from 0 to 100; SQL_NO_TOTAL (-4, as 64 bits) while
/// the coordinator does not say.
pub const SQL_ATTR_TRINO_PROGRESS: i32 = 0x4002;

/// Text (SQLWCHAR). Where the segments came from, as observed: DIRECT, INLINE, STORAGE, COORDINATOR_STORAGE_REDIRECT,
/// COORDINATOR_PROXY or WORKER_PROXY; empty while nothing was fetched.
pub const SQL_ATTR_TRINO_RETRIEVAL_MODE: i32 = 0x4003;

/// Unsigned 64-bit integer. Segments of the result that came inside the coordinator's answers.
pub const SQL_ATTR_TRINO_SEGMENTS_INLINE: i32 = 0x4004;

/// Unsigned 64-bit integer. Segments of the result that were downloaded.
pub const SQL_ATTR_TRINO_SEGMENTS_SPOOLED: i32 = 0x4005;

/// Unsigned 64-bit integer. Bytes of the result as they came over the network, after TLS, still compressed.
pub const SQL_ATTR_TRINO_BYTES_DOWNLOADED: i32 = 0x4006;

/// Unsigned 64-bit integer. Bytes of the result after decompression.
pub const SQL_ATTR_TRINO_BYTES_DECODED: i32 = 0x4007;

/// Unsigned 64-bit integer. Requests of the result that were made again.
pub const SQL_ATTR_TRINO_RETRIES: i32 = 0x4008;

/// Unsigned 64-bit integer. The most bytes that the statement held at one time, of those that
/// SQL_ATTR_TRINO_MEMORY_LIMIT counts, without the rows that a static cursor keeps.
pub const SQL_ATTR_TRINO_PEAK_MEMORY: i32 = 0x4009;

/// Unsigned 64-bit integer. Segments of the result that waited on disk, because their addresses would have expired
/// before there was memory for them.
pub const SQL_ATTR_TRINO_SEGMENTS_SPILLED: i32 = 0x400A;

/// Unsigned 64-bit integer. Bytes of those segments.
pub const SQL_ATTR_TRINO_BYTES_SPILLED: i32 = 0x400B;

/// Text (SQLWCHAR). How the segments of the result are encoded: json+zstd, json+lz4 or json; empty while there was none,
/// and for a result of the direct protocol.
pub const SQL_ATTR_TRINO_ENCODING: i32 = 0x400C;

/// Unsigned 64-bit integer, may be set before the statement is executed. Segments downloaded at the same time, from 1
/// to 64; the keyword ParallelDownloads until it is set.
pub const SQL_ATTR_TRINO_PARALLEL_DOWNLOADS: i32 = 0x4100;

/// Unsigned 64-bit integer, may be set before the statement is executed. Bytes that the statement holds ahead of the
/// application, or half of them behind it for a static cursor; the keyword MemoryLimit until it is set.
pub const SQL_ATTR_TRINO_MEMORY_LIMIT: i32 = 0x4101;

/// Address of a function, SQL_TRINO_SIGN_IN_CALLBACK, of a connection; may be set before it is opened, with
/// SQL_IS_POINTER as the length. With AuthenticationType=OAuth2 or DeviceFlow, the function receives the address where a
/// person has to sign in, and the driver opens and prints nothing itself. It is called on the thread that waits for the person, in
/// the middle of a call of ODBC; it should return soon and must not use the connection.
pub const SQL_ATTR_TRINO_SIGN_IN_CALLBACK: i32 = 0x4200;

/// A pointer of a connection, which that function gets as its first argument; it must be good for as long as the
/// connection is open.
pub const SQL_ATTR_TRINO_SIGN_IN_CONTEXT: i32 = 0x4201;

/// Text (SQLWCHAR) of a connection; may be set before it is opened and while it is open, with SQL_NTS or the bytes as the
/// length. The routing group of Trino Gateway for later requests (X-Trino-Routing-Group); the keyword RoutingGroup until
/// it is set and after SQL_ATTR_RESET_CONNECTION. Empty leaves the group to the gateway.
pub const SQL_ATTR_TRINO_ROUTING_GROUP: i32 = 0x4202;
