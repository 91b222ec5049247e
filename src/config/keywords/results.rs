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
        "Whether what has no room in memory may go to a temporary file: segments that would expire before there is \
         room for them, compressed as they came, and the rows of a scrollable cursor. The file is encrypted with a key \
         that only the process has, and gone with the result.",
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
        "Folder of the temporary files.",
    ),
    row(
        Id::SpoolingFallback,
        "SpoolingFallback",
        Kind::Boolean,
        Group::Results,
        "true",
        "Whether a query whose first segment cannot be fetched, or that the server cannot write to segments, is run again \
         with its rows through the coordinator. Only queries that cannot change anything are. What keeps segments away \
         is remembered for five minutes, for later connections of the process too; what the server cannot write, for \
         the statement.",
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
        "Characters that applications are told an unbounded `varchar` has, by SQLDescribeCol, SQLColumns and \
         SQLDescribeParam, and the most that they are told of any text. A value that is longer arrives all the same.",
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
        "The same of arrays, maps, rows, JSON and other types that are shown as text.",
    )
    .aliases(&["MaxComplexTypeColumnLength"]),
    row(
        Id::MetadataCache,
        "MetadataCache",
        Kind::Seconds { min: 0, max: 86_400 },
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
        "Whether a catalog function whose catalog is a null pointer looks into the connection's own catalog only, and \
         not into all.",
    )
    .aliases(&["AssumeNullCatalogMeansCurrentCatalog"]),
    row(
        Id::LiteralUnderscore,
        "LiteralUnderscore",
        Kind::Boolean,
        Group::Browsing,
        "false",
        "Whether `_` in the pattern of a catalog function stands for itself and not for any character, for \
         applications that pass names as they are. `%` stays a wildcard.",
    )
    .aliases(&["AssumeLiteralUnderscoreInMetadataCallsForNonConformingClients"]),
    row(
        Id::TableRemarks,
        "TableRemarks",
        Kind::Boolean,
        Group::Browsing,
        "false",
        "Whether SQLTables tells the comments of all tables that it lists; some connectors must open each table for \
         that. Without, it tells the comment of a table that is asked for by its name.",
    ),
    row(
        Id::TimestampWithTimeZone,
        "TimestampWithTimeZone",
        Kind::Choice(ZONED_TIMESTAMPS),
        Group::Results,
        "`Timestamp`",
        "How columns of `timestamp with time zone` are described: as timestamps, told in the session's `TimeZone` \
         (each in its own zone when that is not set), or as text that ends with the value's own zone.",
    ),
    row(
        Id::Interval,
        "Interval",
        Kind::Choice(INTERVALS),
        Group::Results,
        "`Text`",
        "How columns of both interval types are described: as text, which every client reads, or as ODBC's intervals. \
         Either way an application that binds an interval structure gets one.",
    ),
    row(
        Id::BigInt,
        "BigInt",
        Kind::Choice(BIG_INTEGERS),
        Group::Results,
        "`BigInt`",
        "How columns of `bigint` are described: as they are, as `Decimal` of 19 digits, or as `Text`, for clients that have \
         no integers of 64 bits (MS Query, and Access without its Large Number type).",
    ),
    row(
        Id::Number,
        "Number",
        Kind::Choice(NUMBERS),
        Group::Results,
        "`Decimal`",
        "How columns of `number` are described, decimals of any precision and scale that the servers from 480 on have: as \
         `Decimal` of 38 digits, ten of them after the point, whose text has all digits of the value; as `Double`; or as \
         `Text`.",
    ),
];
