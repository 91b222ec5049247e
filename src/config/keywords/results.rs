//! Keywords of how results and catalog functions are answered.

use super::{BIG_INTEGERS, Group, INTERVALS, Id, Keyword, Kind, NUMBERS, ZONED_TIMESTAMPS, row};

/// In the order of the documentation.
pub(super) const ROWS: &[Keyword] = &[
    row(
        Id::Encoding,
        "Encoding",
        Kind::List,
        Group::Results,
        "`auto`",
        "Encodings of spooled results, best first, as `json+zstd,json+lz4,json`. `auto` requests these three, `json+zstd` \
         first until large results show that another is faster: what the link and the cores were busy with decides, \
         for all connections of the process to a coordinator. `none` requests results through the coordinator only.",
    ),
    row(
        Id::ParallelDownloads,
        "ParallelDownloads",
        Kind::Integer { min: 1, max: 64 },
        Group::Results,
        "4 for each core, 16 to 32",
        "Segments that one statement downloads at the same time.",
    ),
    row(
        Id::DecodeThreads,
        "DecodeThreads",
        Kind::Integer { min: 1, max: 64 },
        Group::Results,
        "one for each core, at most 12",
        "Segments of one connection decoded at the same time. The cores are those that the process may use, in a container \
         too. Each takes about 40 MB of `MemoryLimit`; where that is less, fewer are decoded at the same time.",
    ),
    row(
        Id::MemoryLimit,
        "MemoryLimit",
        Kind::Bytes {
            min: 1 << 20,
            max: 1 << 40,
        },
        Group::Results,
        "40 MB and 56 MB for each core, at most 712 MB and three quarters of `ProcessMemoryLimit`",
        "Bytes of results that one statement holds: downloads under way, decoded rows that the application has not \
         read and, of a scrollable cursor, in one half of it, those that it may go back to. One segment is always \
         admitted.",
    ),
    row(
        Id::ProcessMemoryLimit,
        "ProcessMemoryLimit",
        Kind::Bytes {
            min: 8 << 20,
            max: 1 << 44,
        },
        Group::Results,
        "4 % of the memory, at least 96 MB",
        "Bytes of results that all statements of the process hold together; what counts as memory is the computer's, or \
         the container's. While it is short, statements that wait for rows share it alike, and what one holds that is \
         not read is fetched again later, or waits on disk. The connection that was opened last decides. The \
         driver's own section of `odbcinst.ini` takes this keyword too, for all connections that do not say otherwise. \
         The environment's `TRINO_ODBC_PROCESS_MEMORY_LIMIT` wins.",
    ),
    row(
        Id::Spill,
        "Spill",
        Kind::Boolean,
        Group::Results,
        "true",
        "Let data that does not fit into memory go to a temporary file: segments that would \
         otherwise expire, compressed as they came, and rows of scrollable cursors. The file is \
         encrypted with a key that only the process has, and deleted with the result.",
    ),
    row(
        Id::SpillLimit,
        "SpillLimit",
        Kind::Bytes {
            min: 1 << 20,
            max: 1 << 44,
        },
        Group::Results,
        "4 GB",
        "Bytes that one statement may have in temporary files.",
    ),
    row(
        Id::SpillPath,
        "SpillPath",
        Kind::Path,
        Group::Results,
        "the folder of temporary files",
        "Directory for temporary files.",
    ),
    row(
        Id::SpoolingFallback,
        "SpoolingFallback",
        Kind::Boolean,
        Group::Results,
        "true",
        "Run a query again through the direct protocol if its first segment cannot be fetched, or \
         if the server cannot write segments. Only queries that cannot change anything. What \
         makes segments unreachable is remembered for five minutes, across connections of the \
         process; what the server cannot write, for the statement.",
    ),
    row(
        Id::TextColumnLength,
        "TextColumnLength",
        Kind::Integer {
            min: 1,
            max: 0x7fff_ffff,
        },
        Group::Results,
        "32767",
        "Column size to report for unbounded `varchar` in SQLDescribeCol, SQLColumns and \
         SQLDescribeParam, in characters, and the maximum for any text column. Longer values are \
         delivered whole.",
    )
    .aliases(&["MaxVarcharColumnLength", "DefaultStringColumnLength"]),
    row(
        Id::ComplexColumnLength,
        "ComplexColumnLength",
        Kind::Integer {
            min: 1,
            max: 0x7fff_ffff,
        },
        Group::Results,
        "`TextColumnLength`",
        "The same for arrays, maps, rows, JSON and other types that are delivered as text.",
    )
    .aliases(&["MaxComplexTypeColumnLength"]),
    row(
        Id::MetadataCache,
        "MetadataCache",
        Kind::Seconds {
            min: 0,
            max: 86_400,
        },
        Group::Browsing,
        "0",
        "How long a connection keeps the answers of catalog functions, to give them again without asking the server; 0 \
         keeps none. It keeps 32 MB of them at most, and no answer that is larger. What the connection itself creates, \
         alters or drops makes it forget them all.",
    ),
    row(
        Id::NullCatalogIsCurrent,
        "NullCatalogIsCurrent",
        Kind::Boolean,
        Group::Browsing,
        "false",
        "Catalog functions treat a null catalog as the connection's catalog, not as all catalogs.",
    )
    .aliases(&["AssumeNullCatalogMeansCurrentCatalog"]),
    row(
        Id::LiteralUnderscore,
        "LiteralUnderscore",
        Kind::Boolean,
        Group::Browsing,
        "false",
        "Treat `_` in catalog function patterns literally, for applications that pass names \
         unescaped. `%` remains a wildcard.",
    )
    .aliases(&["AssumeLiteralUnderscoreInMetadataCallsForNonConformingClients"]),
    row(
        Id::TableRemarks,
        "TableRemarks",
        Kind::Boolean,
        Group::Browsing,
        "false",
        "Return the comments of all tables from SQLTables; some connectors must open each table \
         for that. Otherwise, only a table requested by name has its comment.",
    ),
    row(
        Id::TimestampWithTimeZone,
        "TimestampWithTimeZone",
        Kind::Choice(ZONED_TIMESTAMPS),
        Group::Results,
        "`Timestamp`",
        "How `timestamp with time zone` columns are described: as timestamps in the session's \
         `TimeZone` (each in its own zone if that is not set), or as text that ends with the \
         value's own zone.",
    ),
    row(
        Id::Interval,
        "Interval",
        Kind::Choice(INTERVALS),
        Group::Results,
        "`Text`",
        "How interval columns are described: as text, which every client can read, or as ODBC \
         intervals. Applications that bind interval structures get them either way.",
    ),
    row(
        Id::BigInt,
        "BigInt",
        Kind::Choice(BIG_INTEGERS),
        Group::Results,
        "`BigInt`",
        "How `bigint` columns are described: as such, as `Decimal` with 19 digits, or as `Text`, \
         for clients without 64-bit integers (MS Query, and Access without its Large Number \
         type).",
    ),
    row(
        Id::Number,
        "Number",
        Kind::Choice(NUMBERS),
        Group::Results,
        "`Decimal`",
        "How `number` columns (decimals of any precision and scale, from Trino 480) are \
         described: as `Decimal` with 38 digits, ten of them after the point, whose text has all \
         digits of the value; as `Double`; or as `Text`.",
    ),
];
