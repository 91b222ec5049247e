//! Keywords of data sources, and of the way to the coordinator.

use super::{Group, Id, Keyword, Kind, row};

/// In the order of the documentation.
pub(super) const ROWS: &[Keyword] = &[
    row(
        Id::Dsn,
        "DSN",
        Kind::Manager,
        Group::DataSource,
        "",
        "Name of a data source whose attributes stand in for what the connection string does not say.",
    ),
    row(
        Id::Driver,
        "DRIVER",
        Kind::Manager,
        Group::DataSource,
        "",
        "Name of the registered driver, or its file. If it stands before `DSN`, no data source is read.",
    ),
    row(
        Id::FileDsn,
        "FILEDSN",
        Kind::Manager,
        Group::DataSource,
        "",
        "A `.dsn` file, read by the Driver Manager.",
    ),
    row(
        Id::SaveFile,
        "SAVEFILE",
        Kind::Manager,
        Group::DataSource,
        "",
        "Where the Driver Manager writes a `.dsn` file.",
    ),
    row(
        Id::Description,
        "Description",
        Kind::Manager,
        Group::DataSource,
        "",
        "What the data source is, for the people who choose it from a list.",
    ),
    row(
        Id::Host,
        "Host",
        Kind::Text,
        Group::Coordinator,
        "required",
        "Host name or address of the coordinator, or of the gateway before it. With a port (`host:port`) it says `Port` too, \
         and as an address (`https://host:port`) `SSL` as well.",
    )
    .stronger("Server")
    .aliases(&["HostName"]),
    row(
        Id::Port,
        "Port",
        Kind::Integer { min: 1, max: 65535 },
        Group::Coordinator,
        "443 with `SSL`, 8080 without",
        "Port of the coordinator.",
    ),
    row(
        Id::Catalog,
        "Catalog",
        Kind::Text,
        Group::Coordinator,
        "",
        "Catalog of names that do not say theirs.",
    )
    .stronger("Database"),
    row(
        Id::Schema,
        "Schema",
        Kind::Text,
        Group::Coordinator,
        "",
        "Schema of names that do not say theirs. Needs `Catalog`.",
    ),
    row(
        Id::ConnectTimeout,
        "ConnectTimeout",
        Kind::Seconds { min: 0, max: 3600 },
        Group::Coordinator,
        "30",
        "Longest wait for a connection to be established, TLS included; 0 sets no limit.",
    )
    .aliases(&["ConnectionTimeout", "LoginTimeout"]),
    row(
        Id::ReadTimeout,
        "ReadTimeout",
        Kind::Seconds { min: 0, max: 86400 },
        Group::Coordinator,
        "60",
        "Longest time without any progress on a request that was sent; 0 sets no limit. It does not limit how long a query may run.",
    )
    .aliases(&["Timeout"]),
    row(
        Id::ValidateConnection,
        "ValidateConnection",
        Kind::Boolean,
        Group::Coordinator,
        "true",
        "Whether connecting proves host, TLS and credentials with one request. No query is run.",
    )
    .aliases(&["TestConnection"]),
    row(
        Id::Compression,
        "Compression",
        Kind::Boolean,
        Group::Coordinator,
        "true",
        "Whether the coordinator may compress its answers with gzip.",
    ),
    row(
        Id::HttpProxy,
        "HTTPProxy",
        Kind::Text,
        Group::Coordinator,
        "`system`",
        "Proxy to the coordinator: `host:port`, or with `http://`, `https://`, `socks5://` or `socks5h://` before it \
         (`socks5h` lets the proxy look up the host). `none` uses no proxy; `system` follows the environment \
         (`HTTPS_PROXY`, `HTTP_PROXY`, `ALL_PROXY`, `NO_PROXY`) and the system, but never to this computer itself. \
         It has no effect on storage.",
    )
    .aliases(&["Proxy"])
    .secret(),
    row(
        Id::SocksProxy,
        "SOCKSProxy",
        Kind::Text,
        Group::Coordinator,
        "",
        "`host:port` of a SOCKS5 proxy to the coordinator; the same as `HTTPProxy=socks5h://host:port`.",
    )
    .secret(),
    row(
        Id::HttpProxyUser,
        "HTTPProxyUser",
        Kind::Text,
        Group::Coordinator,
        "",
        "User name at `HTTPProxy`.",
    )
    .aliases(&["ProxyUID"]),
    row(
        Id::HttpProxyPassword,
        "HTTPProxyPassword",
        Kind::Text,
        Group::Coordinator,
        "",
        "Password of `HTTPProxyUser`.",
    )
    .aliases(&["ProxyPWD"])
    .secret(),
    row(
        Id::NoProxy,
        "NoProxy",
        Kind::List,
        Group::Coordinator,
        "",
        "Hosts that `HTTPProxy` is not used for: names, domains with all below them, addresses, networks \
         (`10.0.0.0/8`), or `*`.",
    )
    .aliases(&["HTTPProxyExclusions", "ProxyExclusions"]),
    row(
        Id::UseProxy,
        "UseProxy",
        Kind::Boolean,
        Group::Coordinator,
        "",
        "The proxy in parts, as Simba's drivers have it: true takes `ProxyHost` and `ProxyPort`, false is the same as \
         `HTTPProxy=none`. `HTTPProxy` wins.",
    ),
    row(
        Id::ProxyHost,
        "ProxyHost",
        Kind::Text,
        Group::Coordinator,
        "",
        "Host of the proxy, with `UseProxy=true`.",
    ),
    row(
        Id::ProxyPort,
        "ProxyPort",
        Kind::Integer { min: 1, max: 65535 },
        Group::Coordinator,
        "8080",
        "Port of `ProxyHost`.",
    ),
];
