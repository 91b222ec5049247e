//! Keywords of the session with the server, and of the log.

use super::{Group, Id, Keyword, Kind, LOG_LEVELS, row};

/// In the order of the documentation.
pub(super) const ROWS: &[Keyword] = &[
    row(
        Id::SessionProperties,
        "SessionProperties",
        Kind::Pairs,
        Group::Session,
        "",
        "Session properties: `{name:value;catalog.name:value}`, or `name=value,name=value`.",
    )
    .aliases(&["SessionProperty"]),
    row(
        Id::Roles,
        "Roles",
        Kind::Pairs,
        Group::Session,
        "",
        "Role of each catalog: `{catalog:role;system:role}`. `all` and `none` stand for all roles and for none.",
    )
    .aliases(&["Role"]),
    row(
        Id::TimeZone,
        "TimeZone",
        Kind::Text,
        Group::Session,
        "the server's",
        "Time zone of the session: an IANA name or an offset.",
    )
    .aliases(&["TimeZoneID"]),
    row(
        Id::Path,
        "Path",
        Kind::Text,
        Group::Session,
        "",
        "Where functions without a catalog and schema are looked up: `catalog.schema`, with commas between.",
    ),
    row(
        Id::Source,
        "Source",
        Kind::Text,
        Group::Session,
        "`trino-odbc`",
        "Name of the application, as the server's resource groups and logs see it. `?` stands for characters beyond ISO 8859-1.",
    )
    .aliases(&["ApplicationName"]),
    row(
        Id::ClientInfo,
        "ClientInfo",
        Kind::Text,
        Group::Session,
        "",
        "Anything more about the client, for the server's logs. `?` stands for characters beyond ISO 8859-1.",
    ),
    row(
        Id::ClientTags,
        "ClientTags",
        Kind::List,
        Group::Session,
        "",
        "Tags for the server's resource groups, with commas between. `?` stands for characters beyond ISO 8859-1.",
    ),
    row(
        Id::TraceToken,
        "TraceToken",
        Kind::Text,
        Group::Session,
        "",
        "A token that the server writes to its logs with each query.",
    ),
    row(
        Id::ResourceEstimates,
        "ResourceEstimates",
        Kind::Pairs,
        Group::Session,
        "",
        "What queries will take, for the server's resource groups: `EXECUTION_TIME`, `CPU_TIME` and `PEAK_MEMORY`, as \
         `{CPU_TIME:5m;PEAK_MEMORY:2GB}`.",
    )
    .aliases(&["ResourceEstimate"]),
    row(
        Id::Language,
        "Language",
        Kind::Text,
        Group::Session,
        "the server's",
        "Language of the session, such as `de-AT`.",
    )
    .aliases(&["Locale"]),
    row(
        Id::ExtraHeaders,
        "ExtraHeaders",
        Kind::Pairs,
        Group::Session,
        "",
        "Headers of requests to the coordinator, for a gateway in front of it: `{name:value;name:value}`. Those that \
         the driver sends itself cannot be given. Storage never sees them.",
    )
    .aliases(&["ExtraHeader"])
    .secret(),
    row(
        Id::RoutingGroup,
        "RoutingGroup",
        Kind::Text,
        Group::Session,
        "the gateway's",
        "Routing group of Trino Gateway that runs the statements (`X-Trino-Routing-Group`). The connection attribute \
         `SQL_ATTR_TRINO_ROUTING_GROUP` changes it.",
    ),
    row(
        Id::Cookies,
        "Cookies",
        Kind::Boolean,
        Group::Session,
        "true",
        "Keep the cookies that a load balancer in front of the coordinator sets, in memory for as long as the \
         connection is open, and send them back to the coordinator only.",
    ),
    row(
        Id::Transactions,
        "Transactions",
        Kind::Boolean,
        Group::Session,
        "true",
        "Whether an application that turns off autocommit has transactions. When false, each statement commits by itself \
         all the same: for programs that insist, and catalogs that can only write so.",
    ),
    row(
        Id::FastInserts,
        "FastInserts",
        Kind::Boolean,
        Group::Session,
        "true",
        "Whether arrays of parameters are inserted many rows at a time: `INSERT INTO t VALUES (?, ?)` becomes few \
         statements with many rows each, and `DELETE … WHERE a = ?` few for many values. When false, each set of \
         parameters is a statement.",
    ),
    row(
        Id::QueryMaxLength,
        "QueryMaxLength",
        Kind::Integer {
            min: 1000,
            max: 1_000_000_000,
        },
        Group::Session,
        "1000000",
        "Characters that the server takes in one statement, its `query.max-length`. A lower limit is found out by itself.",
    ),
    row(
        Id::LogLevel,
        "LogLevel",
        Kind::Choice(LOG_LEVELS),
        Group::Log,
        "off",
        "What is logged: `off`, `error`, `warn`, `info`, `debug`, `trace`, or 0 to 6. The keywords of the log count in \
         the driver's own section of `odbcinst.ini` too, for all connections that do not say otherwise. The environment's `TRINO_ODBC_LOG_LEVEL` wins.",
    ),
    row(
        Id::LogPath,
        "LogPath",
        Kind::Path,
        Group::Log,
        "the folder of temporary files",
        "Log file, or a folder in which `trino-odbc-<process id>.log` is written. \
         The environment's `TRINO_ODBC_LOG_PATH` wins.",
    ),
    row(
        Id::LogFileSize,
        "LogFileSize",
        Kind::Bytes {
            min: 1 << 20,
            max: 1 << 40,
        },
        Group::Log,
        "20 MB",
        "Bytes of a log file. One that is full is kept with `.1` after its name, and a new one begun.",
    ),
    row(
        Id::LogFileCount,
        "LogFileCount",
        Kind::Integer { min: 1, max: 1000 },
        Group::Log,
        "10",
        "Log files that are kept, the one that is written included.",
    ),
];
