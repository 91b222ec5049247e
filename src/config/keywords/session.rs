//! Keywords of the session with the server, and of the log.

use super::{DefaultValue, Group, Id, Keyword, Kind, LOG_LEVELS, NONE, names, row};

/// In the order of the documentation.
pub(super) const ROWS: &[Keyword] = &[
    row(
        Id::SessionProperties,
        "SessionProperties",
        Kind::Pairs,
        Group::Session,
        NONE,
        "Session properties: `{name:value;catalog.name:value}`, or `name=value,name=value`.",
    )
    .aliases(&["SessionProperty"]),
    row(
        Id::Roles,
        "Roles",
        Kind::Pairs,
        Group::Session,
        NONE,
        "Role per catalog: `{catalog:role;system:role}`. `all` and `none` select all roles or \
         none.",
    )
    .aliases(&["Role"]),
    row(
        Id::TimeZone,
        "TimeZone",
        Kind::Text,
        Group::Session,
        DefaultValue::Described("the server's"),
        "Time zone of the session: an IANA name or an offset.",
    )
    .aliases(&["TimeZoneID"]),
    row(
        Id::Path,
        "Path",
        Kind::Text,
        Group::Session,
        NONE,
        "Where functions without a catalog and schema are looked up: `catalog.schema`, separated \
         by commas.",
    ),
    row(
        Id::Source,
        "Source",
        Kind::Text,
        Group::Session,
        DefaultValue::Text("trino-odbc"),
        "Application name in the server's resource groups and logs. Characters outside ISO 8859-1 \
         are replaced by `?`.",
    )
    .aliases(&["ApplicationName"]),
    row(
        Id::ClientInfo,
        "ClientInfo",
        Kind::Text,
        Group::Session,
        NONE,
        "Additional client information for the server's logs. Characters outside ISO 8859-1 are \
         replaced by `?`.",
    ),
    row(
        Id::ClientTags,
        "ClientTags",
        Kind::List,
        Group::Session,
        NONE,
        "Tags for the server's resource groups, separated by commas. Characters outside ISO \
         8859-1 are replaced by `?`.",
    ),
    row(
        Id::TraceToken,
        "TraceToken",
        Kind::Text,
        Group::Session,
        NONE,
        "Token that the server logs with each query.",
    ),
    row(
        Id::ResourceEstimates,
        "ResourceEstimates",
        Kind::Pairs,
        Group::Session,
        NONE,
        "Estimated resources of queries, for the server's resource groups: `EXECUTION_TIME`, \
         `CPU_TIME` and `PEAK_MEMORY`, as `{CPU_TIME:5m;PEAK_MEMORY:2GB}`.",
    )
    .aliases(&["ResourceEstimate"]),
    row(
        Id::Language,
        "Language",
        Kind::Text,
        Group::Session,
        DefaultValue::Described("the server's"),
        "Language of the session, such as `de-AT`.",
    )
    .aliases(&["Locale"]),
    row(
        Id::ExtraHeaders,
        "ExtraHeaders",
        Kind::Pairs,
        Group::Session,
        NONE,
        "Additional headers for requests to the coordinator, for a gateway in front of it: \
         `{name:value;name:value}`. Headers that the driver sends itself cannot be set. Storage \
         never receives them.",
    )
    .aliases(&["ExtraHeader"])
    .secret(),
    row(
        Id::RoutingGroup,
        "RoutingGroup",
        Kind::Text,
        Group::Session,
        DefaultValue::Described("the gateway's"),
        "Routing group of Trino Gateway for the statements (`X-Trino-Routing-Group`). The connection attribute \
         `SQL_ATTR_TRINO_ROUTING_GROUP` changes it.",
    ),
    row(
        Id::Cookies,
        "Cookies",
        Kind::Boolean,
        Group::Session,
        DefaultValue::Boolean(true),
        "Keep cookies set by a load balancer in front of the coordinator, in memory while the \
         connection is open, and send them back to the coordinator only.",
    ),
    row(
        Id::Transactions,
        "Transactions",
        Kind::Boolean,
        Group::Session,
        DefaultValue::Boolean(true),
        "Use transactions when an application turns autocommit off. If false, each statement \
         commits by itself all the same: for programs that insist on transactions, and catalogs \
         that can only write in autocommit mode.",
    ),
    row(
        Id::FastInserts,
        "FastInserts",
        Kind::Boolean,
        Group::Session,
        DefaultValue::Boolean(true),
        "Insert arrays of parameters many rows at a time: `INSERT INTO t VALUES (?, ?)` becomes a few statements with \
         many rows each, and `DELETE … WHERE a = ?` a few with many values. If false, each set of parameters is a \
         statement.",
    ),
    row(
        Id::QueryMaxLength,
        "QueryMaxLength",
        Kind::Integer {
            min: 1000,
            max: 1_000_000_000,
        },
        Group::Session,
        DefaultValue::Integer(1_000_000),
        "Characters that the server accepts in a statement, its `query.max-length`. A lower limit \
         is detected automatically.",
    ),
    row(
        Id::LogLevel,
        "LogLevel",
        Kind::Choice(&names(&LOG_LEVELS)),
        Group::Log,
        DefaultValue::Text("off"),
        "What to log: `off`, `error`, `warn`, `info`, `debug`, `trace`, or 0 to 6. In the \
         driver's section of `odbcinst.ini`, the log keywords are defaults for all connections. \
         `TRINO_ODBC_LOG_LEVEL` in the environment takes precedence.",
    ),
    row(
        Id::LogPath,
        "LogPath",
        Kind::Path,
        Group::Log,
        DefaultValue::Described("the folder of temporary files"),
        "Log file, or a directory for `trino-odbc-<process id>.log`. `TRINO_ODBC_LOG_PATH` in the \
         environment takes precedence.",
    ),
    row(
        Id::LogFileSize,
        "LogFileSize",
        Kind::Bytes {
            min: 1 << 20,
            max: 1 << 40,
        },
        Group::Log,
        DefaultValue::Bytes(20 << 20),
        "Size at which a log file is rotated: it is renamed to `.1`, and a new one started.",
    ),
    row(
        Id::LogFileCount,
        "LogFileCount",
        Kind::Integer { min: 1, max: 1000 },
        Group::Log,
        DefaultValue::Integer(10),
        "Log files to keep, including the current one.",
    ),
];
