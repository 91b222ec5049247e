//! Keywords of data sources, and of the connection to the coordinator.

use super::{DefaultValue, Group, Id, Keyword, Kind, NONE, row};

/// In the order of the documentation.
pub(super) const ROWS: &[Keyword] = &[
    row(
        Id::Dsn,
        "DSN",
        Kind::Manager,
        Group::DataSource,
        NONE,
        "Name of a data source, whose attributes apply where the connection string does not set \
         them.",
    ),
    row(
        Id::Driver,
        "DRIVER",
        Kind::Manager,
        Group::DataSource,
        NONE,
        "Name of the registered driver, or its file. If it stands before `DSN`, no data source is read.",
    ),
    row(
        Id::FileDsn,
        "FILEDSN",
        Kind::Manager,
        Group::DataSource,
        NONE,
        "A `.dsn` file, read by the Driver Manager.",
    ),
    row(
        Id::SaveFile,
        "SAVEFILE",
        Kind::Manager,
        Group::DataSource,
        NONE,
        "Where the Driver Manager writes a `.dsn` file.",
    ),
    row(
        Id::Description,
        "Description",
        Kind::Manager,
        Group::DataSource,
        NONE,
        "Description of the data source, shown in lists.",
    ),
    row(
        Id::Host,
        "Host",
        Kind::Text,
        Group::Coordinator,
        DefaultValue::Described("required"),
        "Host name or address of the coordinator, or of a gateway in front of it. `host:port` \
         also sets `Port`, and a URL (`https://host:port`) also `SSL`.",
    )
    .stronger("Server")
    .aliases(&["HostName"]),
    row(
        Id::Port,
        "Port",
        Kind::Integer { min: 1, max: 65535 },
        Group::Coordinator,
        DefaultValue::Described("443 with `SSL`, 8080 without"),
        "Port of the coordinator.",
    ),
    row(
        Id::Catalog,
        "Catalog",
        Kind::Text,
        Group::Coordinator,
        NONE,
        "Catalog for names without one.",
    )
    .stronger("Database"),
    row(
        Id::Schema,
        "Schema",
        Kind::Text,
        Group::Coordinator,
        NONE,
        "Schema for names without one. Requires `Catalog`.",
    ),
    row(
        Id::ConnectTimeout,
        "ConnectTimeout",
        Kind::Seconds { min: 0, max: 3600 },
        Group::Coordinator,
        DefaultValue::Seconds(30),
        "Time limit for establishing a connection, including TLS; 0 is no limit.",
    )
    .aliases(&["ConnectionTimeout", "LoginTimeout"]),
    row(
        Id::ReadTimeout,
        "ReadTimeout",
        Kind::Seconds { min: 0, max: 86400 },
        Group::Coordinator,
        DefaultValue::Seconds(60),
        "How long a request may make no progress; 0 is no limit. Does not limit how long a query \
         may run.",
    )
    .aliases(&["Timeout"]),
    row(
        Id::ValidateConnection,
        "ValidateConnection",
        Kind::Boolean,
        Group::Coordinator,
        DefaultValue::Boolean(true),
        "Check host, TLS and credentials with one request when connecting. No query is run.",
    )
    .aliases(&["TestConnection"]),
    row(
        Id::Compression,
        "Compression",
        Kind::Boolean,
        Group::Coordinator,
        DefaultValue::Boolean(true),
        "Let the coordinator compress its responses with gzip.",
    ),
    row(
        Id::HttpProxy,
        "HTTPProxy",
        Kind::Text,
        Group::Coordinator,
        DefaultValue::Text("system"),
        "Proxy to the coordinator: `host:port`, optionally with `http://`, `https://`, \
         `socks5://` or `socks5h://` (`socks5h` resolves the host name at the proxy). `none` \
         connects directly. `system` follows the environment (`HTTPS_PROXY`, `HTTP_PROXY`, \
         `ALL_PROXY`, `NO_PROXY`) and the system's settings, except for this computer itself. \
         Does not apply to storage.",
    )
    .aliases(&["Proxy"])
    .secret(),
    row(
        Id::SocksProxy,
        "SOCKSProxy",
        Kind::Text,
        Group::Coordinator,
        NONE,
        "`host:port` of a SOCKS5 proxy to the coordinator; same as \
         `HTTPProxy=socks5h://host:port`.",
    )
    .secret(),
    row(
        Id::HttpProxyUser,
        "HTTPProxyUser",
        Kind::Text,
        Group::Coordinator,
        NONE,
        "User name for `HTTPProxy`.",
    )
    .aliases(&["ProxyUID"]),
    row(
        Id::HttpProxyPassword,
        "HTTPProxyPassword",
        Kind::Text,
        Group::Coordinator,
        NONE,
        "Password for `HTTPProxyUser`.",
    )
    .aliases(&["ProxyPWD"])
    .secret(),
    row(
        Id::NoProxy,
        "NoProxy",
        Kind::List,
        Group::Coordinator,
        NONE,
        "Hosts to connect to without `HTTPProxy`: names, domains with everything below them, \
         addresses, networks (`10.0.0.0/8`), or `*`.",
    )
    .aliases(&["HTTPProxyExclusions", "ProxyExclusions"]),
    row(
        Id::UseProxy,
        "UseProxy",
        Kind::Boolean,
        Group::Coordinator,
        NONE,
        "The proxy in parts, as in Simba's drivers: true uses `ProxyHost` and `ProxyPort`, false \
         is the same as `HTTPProxy=none`. `HTTPProxy` takes precedence.",
    ),
    row(
        Id::ProxyHost,
        "ProxyHost",
        Kind::Text,
        Group::Coordinator,
        NONE,
        "Host of the proxy if `UseProxy=true`.",
    ),
    row(
        Id::ProxyPort,
        "ProxyPort",
        Kind::Integer { min: 1, max: 65535 },
        Group::Coordinator,
        DefaultValue::Integer(8_080),
        "Port of `ProxyHost`.",
    ),
];
