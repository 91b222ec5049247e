//! Keywords of results and catalog functions.

use super::{
    BIG_INTEGERS, DefaultValue, Group, INTERVALS, Id, Keyword, Kind, NUMBERS, ZONED_TIMESTAMPS,
    names, row,
};

/// In the order of the documentation.
pub(super) const ROWS: &[Keyword] = &[
    row(
        Id::Encoding,
        "Encoding",
        Kind::List,
        Group::Results,
        DefaultValue::Text("auto"),
        "Encodings of spooled results, best first, as `json+zstd,json+lz4,json`. `auto` requests these three, `json+zstd` \
         first until large results show that another one is faster, depending on the network and the cores, for all \
         connections of the process to a coordinator. `none` requests results through the coordinator only.",
    ),
    row(
        Id::ParallelDownloads,
        "ParallelDownloads",
        Kind::Integer { min: 1, max: 64 },
        Group::Results,
        DefaultValue::Described("4 for each core, 16 to 32"),
        "Segments that one statement downloads at the same time.",
    ),
    row(
        Id::DecodeThreads,
        "DecodeThreads",
        Kind::Integer { min: 1, max: 64 },
        Group::Results,
        DefaultValue::Described("one for each core, at most 12"),
        "Segments that one connection decodes at the same time. The cores are those that the process may use, in a \
         container too. Each segment takes about 40 MB of `MemoryLimit`; if that is smaller, fewer are decoded at the \
         same time.",
    ),
    row(
        Id::MemoryLimit,
        "MemoryLimit",
        Kind::Bytes {
            min: 1 << 20,
            max: 1 << 40,
        },
        Group::Results,
        DefaultValue::Described(
            "40 MB and 56 MB for each core, at most 712 MB and three quarters of `ProcessMemoryLimit`",
        ),
        "Bytes of results that one statement may hold: downloads in progress, decoded rows that the application has not \
         read and, in one half of it, rows that a scrollable cursor may return to. One segment is always admitted.",
    ),
    row(
        Id::ProcessMemoryLimit,
        "ProcessMemoryLimit",
        Kind::Bytes {
            min: 8 << 20,
            max: 1 << 44,
        },
        Group::Results,
        DefaultValue::Described("4 % of the memory, at least 96 MB"),
        "Bytes of results that all statements of the process may hold together, by default a share of the memory of the \
         computer or the container. If it runs short, waiting statements share it equally, and data that is not being \
         read is fetched again later, or spilled. The connection opened last decides. In the driver's section of \
         `odbcinst.ini`, it is the default for all connections. `TRINO_ODBC_PROCESS_MEMORY_LIMIT` in the environment \
         takes precedence.",
    ),
    row(
        Id::Spill,
        "Spill",
        Kind::Boolean,
        Group::Results,
        DefaultValue::Boolean(true),
        "Spill data that does not fit into memory to a temporary file: segments that would \
         otherwise expire, still compressed, and rows of scrollable cursors. The file is \
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
        DefaultValue::Bytes(4 << 30),
        "Bytes that one statement may have in temporary files.",
    ),
    row(
        Id::SpillPath,
        "SpillPath",
        Kind::Path,
        Group::Results,
        DefaultValue::Described("the folder of temporary files"),
        "Directory for temporary files.",
    ),
    row(
        Id::SpoolingFallback,
        "SpoolingFallback",
        Kind::Boolean,
        Group::Results,
        DefaultValue::Boolean(true),
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
        DefaultValue::Integer(32_767),
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
        DefaultValue::Described("`TextColumnLength`"),
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
        DefaultValue::Seconds(0),
        "How long a connection caches the results of catalog functions; 0 caches none. The cache holds at most 32 MB, and \
         is cleared when the connection creates, alters or drops anything.",
    ),
    row(
        Id::NullCatalogIsCurrent,
        "NullCatalogIsCurrent",
        Kind::Boolean,
        Group::Browsing,
        DefaultValue::Boolean(false),
        "Catalog functions treat a null catalog as the connection's catalog, not as all catalogs.",
    )
    .aliases(&["AssumeNullCatalogMeansCurrentCatalog"]),
    row(
        Id::LiteralUnderscore,
        "LiteralUnderscore",
        Kind::Boolean,
        Group::Browsing,
        DefaultValue::Boolean(false),
        "Treat `_` in catalog function patterns literally, for applications that pass names \
         unescaped. `%` remains a wildcard.",
    )
    .aliases(&["AssumeLiteralUnderscoreInMetadataCallsForNonConformingClients"]),
    row(
        Id::TableRemarks,
        "TableRemarks",
        Kind::Boolean,
        Group::Browsing,
        DefaultValue::Boolean(false),
        "Return the comments of all tables from SQLTables; some connectors must open each table \
         for that. Otherwise, only a table requested by name has its comment.",
    ),
    row(
        Id::TimestampWithTimeZone,
        "TimestampWithTimeZone",
        Kind::Choice(&names(&ZONED_TIMESTAMPS)),
        Group::Results,
        DefaultValue::Text("Timestamp"),
        "How `timestamp with time zone` columns are described: as timestamps in the session's \
         `TimeZone` (each in its own zone if that is not set), or as text that ends with the \
         value's own zone.",
    ),
    row(
        Id::Interval,
        "Interval",
        Kind::Choice(&names(&INTERVALS)),
        Group::Results,
        DefaultValue::Text("Text"),
        "How interval columns are described: as text, which every client can read, or as ODBC \
         intervals. Applications that bind interval structures get them either way.",
    ),
    row(
        Id::BigInt,
        "BigInt",
        Kind::Choice(&names(&BIG_INTEGERS)),
        Group::Results,
        DefaultValue::Text("BigInt"),
        "How `bigint` columns are described: as such, as `Decimal` with 19 digits, or as `Text`, \
         for clients without 64-bit integers (MS Query, and Access without its Large Number \
         type).",
    ),
    row(
        Id::Number,
        "Number",
        Kind::Choice(&names(&NUMBERS)),
        Group::Results,
        DefaultValue::Text("Decimal"),
        "How `number` columns (decimals of any precision and scale, from Trino 480) are \
         described: as `Decimal` with 38 digits, ten of them after the point, whose text has all \
         digits of the value; as `Double`; or as `Text`.",
    ),
];
