//! Values of keywords, from text to types.
//!
//! Each reader returns `None` for text that is not allowed; the caller knows the keyword.

/// Removes blanks and one pair of quotes around a value.
pub(super) fn bare(text: &str) -> &str {
    let text = text.trim();
    ['"', '\'']
        .into_iter()
        .find_map(|quote| {
            let inner = text.strip_prefix(quote)?.strip_suffix(quote)?;
            (!inner.contains(quote)).then_some(inner.trim())
        })
        .unwrap_or(text)
}

/// Removes a comment at the end of a line, as iODBC does with the lines of `odbc.ini`, and unixODBC
/// does not.
pub(super) fn without_comment(text: &str) -> &str {
    let comment = text
        .match_indices([';', '#'])
        .find(|(at, _)| text[..*at].ends_with([' ', '\t']));
    comment.map_or(text, |(at, _)| text[..at].trim_end())
}

/// Reads a boolean in the words that data sources use.
pub fn boolean(text: &str) -> Option<bool> {
    match bare(text).to_ascii_lowercase().as_str() {
        // -1 is how Visual Basic writes true.
        "1" | "true" | "yes" | "on" | "y" | "t" | "enabled" | "enable" | "-1" => Some(true),
        "0" | "false" | "no" | "off" | "n" | "f" | "disabled" | "disable" => Some(false),
        _ => None,
    }
}

/// Reads a whole number. Beyond 64 bits it is the largest of them; -1, which means "none" to other
/// drivers, is 0.
pub(super) fn integer(text: &str) -> Option<u64> {
    let (number, unit) = measured(text)?;
    (unit.is_empty() && number.fraction == 0).then_some(number.whole)
}

/// Reads bytes, bare or with a unit of 1024 or its powers.
pub(super) fn bytes(text: &str) -> Option<u64> {
    let (number, unit) = measured(text)?;
    let unit = match unit.to_ascii_lowercase().as_str() {
        "" | "b" | "byte" | "bytes" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        "t" | "tb" | "tib" => 1 << 40,
        _ => return None,
    };
    Some(number.times(unit, 1))
}

/// Reads seconds, bare or with a unit, rounded up.
pub(super) fn seconds(text: &str) -> Option<u64> {
    let (number, unit) = measured(text)?;
    let (times, parts) = match unit.to_ascii_lowercase().as_str() {
        "ms" | "millis" | "milliseconds" => (1, 1000),
        "" | "s" | "sec" | "secs" | "second" | "seconds" => (1, 1),
        "m" | "min" | "mins" | "minute" | "minutes" => (60, 1),
        "h" | "hour" | "hours" => (3600, 1),
        "d" | "day" | "days" => (86_400, 1),
        _ => return None,
    };
    Some(number.times(times, parts))
}

/// Reads a version of TLS, or of the SSL before it, in tenths: 12 of `1.2`, `TLSv1.2` and `TLS1_2`.
pub(super) fn tls_version(text: &str) -> Option<u32> {
    let name: String = bare(text)
        .chars()
        .filter(|c| !" ._-vV".contains(*c))
        .map(|c| c.to_ascii_lowercase())
        .collect();
    match name.strip_prefix("tls").unwrap_or(&name) {
        "ssl2" | "ssl20" | "ssl3" | "ssl30" => Some(3),
        "1" | "10" => Some(10),
        "11" => Some(11),
        "12" => Some(12),
        "13" => Some(13),
        _ => None,
    }
}

/// A host, with the port and the scheme that may be written with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Address<'a> {
    pub(super) host: &'a str,
    pub(super) port: Option<u16>,
    pub(super) tls: Option<bool>,
}

/// Reads a host that may have `https://` or `http://` before it, and a port and a slash behind it.
pub(super) fn address(text: &str) -> Option<Address<'_>> {
    let text = bare(text);
    let (tls, rest) = match (after(text, "https://"), after(text, "http://")) {
        (Some(rest), _) => (Some(true), rest),
        (None, Some(rest)) => (Some(false), rest),
        (None, None) => (None, text),
    };
    let rest = rest.trim_end_matches('/');
    // Of colons an address of IPv6 has more than one, and a port behind it only when it is in
    // brackets.
    let colon = rest.rfind(':').filter(|at| {
        let host = &rest[..*at];
        host.ends_with(']') || !host.contains(':')
    });
    let (host, port) = match colon {
        Some(at) => (&rest[..at], Some(rest[at + 1..].parse().ok()?)),
        None => (rest, None),
    };
    (is_host(host) && port != Some(0)).then_some(Address { host, port, tls })
}

/// The text after `prefix`, in any case.
fn after<'a>(text: &'a str, prefix: &str) -> Option<&'a str> {
    let (begin, rest) = text.split_at_checked(prefix.len())?;
    begin.eq_ignore_ascii_case(prefix).then_some(rest)
}

/// Reads texts with commas between; none is empty.
pub(super) fn list(text: &str) -> Vec<String> {
    split(text, [','])
}

/// Reads paths with semicolons or bars between; none is empty.
pub(super) fn paths(text: &str) -> Vec<String> {
    let paths = split(text, [';', '|']).into_iter();
    paths.map(|path| bare(&path).to_owned()).collect()
}

/// Reads hosts with commas, semicolons or bars between; a domain may be written `*.domain`.
pub(super) fn hosts(text: &str) -> Vec<String> {
    let mut hosts = split(text, [',', ';', '|']);
    for host in &mut hosts {
        if host.starts_with("*.") {
            host.remove(0);
        }
    }
    hosts
}

/// Reads the address of a proxy: `host:port`, or with a scheme and credentials before it.
pub(super) fn proxy(text: &str) -> Option<String> {
    let text = if text.contains("://") {
        text.to_owned()
    } else {
        format!("http://{text}")
    };
    let uri = url::Url::parse(&text).ok()?;
    let known = matches!(
        uri.scheme(),
        "http" | "https" | "socks4" | "socks4a" | "socks5" | "socks5h"
    );
    let bare = matches!(uri.path(), "" | "/") && uri.query().is_none() && uri.fragment().is_none();
    (known && bare && uri.host_str().is_some_and(|host| !host.is_empty())).then_some(text)
}

/// Reads `name:value;name:value` or `name=value,name=value`.
///
/// The first separator decides which of the two it is, so a value may hold the separators of the
/// other.
pub(super) fn pairs(text: &str) -> Option<Vec<(String, String)>> {
    let separator = text.find([':', '=']).and_then(|at| text.get(at..=at))?;
    let between: &[char] = if separator == ":" {
        &[';']
    } else {
        &[',', ';']
    };
    text.split(between)
        .map(str::trim)
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once(separator)?;
            let (name, value) = (name.trim(), value.trim());
            is_name(name).then(|| (name.to_owned(), value.to_owned()))
        })
        .collect()
}

/// Whether the text can be sent in a header: it holds no control characters.
pub(super) fn is_line(text: &str) -> bool {
    !text.chars().any(char::is_control)
}

/// Reads `name:value;name:value`, `name=value,name=value` or `name:value,name:value` as headers.
///
/// A comma separates headers only where a name follows it, since values hold commas, and addresses
/// colons.
pub(super) fn headers(text: &str) -> Option<Vec<(String, String)>> {
    let has_colons = text.find([':', '=']).map(|at| text[at..].starts_with(':'));
    if has_colons != Some(true) || text.contains(';') {
        return pairs(text).filter(|pairs| pairs.iter().all(|(name, _)| is_header_name(name)));
    }
    let mut headers: Vec<String> = Vec::new();
    for part in text.split(',') {
        match headers.last_mut() {
            Some(last) if !begins_header(part) => {
                last.push(',');
                last.push_str(part);
            }
            _ => headers.push(part.to_owned()),
        }
    }
    let headers = headers.iter().filter(|header| !header.trim().is_empty());
    headers
        .map(|header| {
            let (name, value) = header.split_once(':')?;
            let (name, value) = (name.trim(), value.trim());
            is_header_name(name).then(|| (name.to_owned(), value.to_owned()))
        })
        .collect()
}

/// Whether the text begins with the name of a header and a colon, which is not the scheme of an
/// address.
fn begins_header(text: &str) -> bool {
    text.split_once(':')
        .is_some_and(|(name, value)| is_header_name(name.trim()) && !value.starts_with("//"))
}

/// Whether the text can be the name of a header.
fn is_header_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c))
}

/// Why a header of that name cannot be chosen freely; `None` where it can.
///
/// The names of the protocol are those that the driver sends, and no others with the same
/// beginning: gateways have some of their own.
pub(super) fn reserved_header(name: &str) -> Option<&'static str> {
    let name = name.to_ascii_lowercase();
    let of_trino = name
        .strip_prefix("x-trino-")
        .or_else(|| name.strip_prefix("x-presto-"));
    if of_trino.is_some_and(|rest| OF_PROTOCOL.contains(&rest)) {
        return Some("The driver sends it itself, as other keywords configure.");
    }
    match name.as_str() {
        "authorization" | "proxy-authorization" => Some("Use the keywords for credentials."),
        "cookie" => Some("The driver sends back the cookies that it received (Cookies)."),
        "host" => Some("It follows from Host and Port."),
        "accept-encoding" => Some("It follows from Compression."),
        "user-agent" => Some("It names the driver; Source names the application."),
        "connection" | "keep-alive" | "te" | "trailer" | "transfer-encoding" | "upgrade"
        | "expect" | "proxy-connection" | "proxy-authenticate" => {
            Some("It is about a single connection.")
        }
        name if name.starts_with("content-") => Some("It describes the body of a request."),
        _ => None,
    }
}

/// What follows `X-Trino-` in the headers that the driver sends.
const OF_PROTOCOL: [&str; 20] = [
    "user",
    "original-user",
    "original-roles",
    "source",
    "catalog",
    "schema",
    "path",
    "time-zone",
    "language",
    "trace-token",
    "session",
    "role",
    "prepared-statement",
    "transaction-id",
    "client-info",
    "client-tags",
    "client-capabilities",
    "resource-estimate",
    "extra-credential",
    "query-data-encoding",
];

/// Whether the text is a host name or an address, without scheme, user, port or path.
pub(super) fn is_host(text: &str) -> bool {
    let address = text
        .strip_prefix('[')
        .and_then(|text| text.strip_suffix(']'))
        .unwrap_or(text);
    if address.contains(':') {
        return address.parse::<std::net::Ipv6Addr>().is_ok();
    }
    !text.is_empty()
        && !text
            .contains(|c: char| c.is_whitespace() || c.is_control() || "/\\@[]?#%<>^|".contains(c))
}

/// Whether the text is an https address without credentials in it.
pub(super) fn is_secure_address(text: &str) -> bool {
    url::Url::parse(text).is_ok_and(|uri| {
        uri.scheme() == "https" && uri.username().is_empty() && uri.password().is_none()
    })
}

/// A name that can stand beside `=` and `,`.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && !name.contains(|c: char| c.is_control() || c.is_whitespace() || "=,;:".contains(c))
}

/// A number that is not negative, with what stood behind its point.
#[derive(Debug, Clone, Copy)]
struct Number {
    whole: u64,
    /// In billionths.
    fraction: u64,
}

impl Number {
    /// So many times a part of a unit, rounded up; the largest number there is where that is too
    /// much.
    fn times(self, unit: u64, parts: u64) -> u64 {
        const BILLION: u128 = 1_000_000_000;
        let billionths = u128::from(self.whole) * BILLION + u128::from(self.fraction);
        let product = billionths.saturating_mul(unit.into());
        let units = product.div_ceil(BILLION * u128::from(parts));
        u64::try_from(units).unwrap_or(u64::MAX)
    }
}

/// A number and the unit behind it. -1 is 0.
fn measured(text: &str) -> Option<(Number, &str)> {
    let text = bare(text);
    if text == "-1" {
        return Some((
            Number {
                whole: 0,
                fraction: 0,
            },
            "",
        ));
    }
    let text = text.strip_prefix('+').unwrap_or(text);
    let end = text
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() || fraction.contains('.') {
        return None;
    }
    let fraction = format!("{fraction:0<9}");
    let number = Number {
        // Only digits: what cannot be read is too large.
        whole: whole.parse().unwrap_or(u64::MAX),
        fraction: fraction.get(..9)?.parse().ok()?,
    };
    Some((number, unit.trim()))
}

fn split<const N: usize>(text: &str, separators: [char; N]) -> Vec<String> {
    text.split(separators)
        .map(str::trim)
        .filter(|part| !part.is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn own(pairs: &[(&str, &str)]) -> Option<Vec<(String, String)>> {
        let own = |(a, b): &(&str, &str)| ((*a).to_owned(), (*b).to_owned());
        Some(pairs.iter().map(own).collect())
    }

    #[test]
    fn both_ways_to_write_pairs_are_read() {
        assert_eq!(
            pairs("a:1;c.b: x=y,z "),
            own(&[("a", "1"), ("c.b", "x=y,z")])
        );
        assert_eq!(pairs("a=1, c.b=x:y"), own(&[("a", "1"), ("c.b", "x:y")]));
        assert_eq!(pairs("system=myrole"), own(&[("system", "myrole")]));
        for wrong in ["a", "=1", "a b=1", "a:1;b=2"] {
            assert_eq!(pairs(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn numbers_are_read_as_people_write_them() {
        for (text, number) in [
            ("8080", 8080),
            (" +8 ", 8),
            ("\"8080\"", 8080),
            ("'8'", 8),
            ("8.0", 8),
            ("-1", 0),
            ("99999999999999999999999", u64::MAX),
        ] {
            assert_eq!(integer(text), Some(number), "{text}");
        }
        for wrong in [
            "", "eight", "1.5", "-2", "8 MB", "1e3", "0x10", "1.2.3", ".5", "'8",
        ] {
            assert_eq!(integer(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn bytes_are_read_with_their_unit() {
        for (text, number) in [
            ("96 MB", 96 << 20),
            ("2g", 2 << 30),
            ("2097152", 2 << 20),
            ("1.5GB", 3 << 29),
            ("1 TiB", 1 << 40),
            ("99999999999999TB", u64::MAX),
        ] {
            assert_eq!(bytes(text), Some(number), "{text}");
        }
        for wrong in ["", "MB", "-2MB", "1TB!", "2 s"] {
            assert_eq!(bytes(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn seconds_are_read_with_their_unit() {
        for (text, number) in [
            ("30", 30),
            ("30s", 30),
            ("30.00 s", 30),
            ("2m", 120),
            ("1.5 hours", 5400),
            ("0", 0),
            ("-1", 0),
            ("500ms", 1),
            ("1500 ms", 2),
        ] {
            assert_eq!(seconds(text), Some(number), "{text}");
        }
        for wrong in ["", "s", "-30", "5 weeks", "30 MB"] {
            assert_eq!(seconds(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn booleans_are_read_in_the_words_of_other_drivers() {
        for text in [
            "1",
            "true",
            "YES",
            "On",
            "t",
            "y",
            "Enabled",
            "-1",
            " \"true\" ",
        ] {
            assert_eq!(boolean(text), Some(true), "{text}");
        }
        for text in ["0", "FALSE", "no", "off", "f", "n", "disabled", "'0'"] {
            assert_eq!(boolean(text), Some(false), "{text}");
        }
        for text in ["", "2", "maybe", "\"true"] {
            assert_eq!(boolean(text), None, "{text}");
        }
    }

    #[test]
    fn versions_of_tls_are_read_by_any_of_their_names() {
        for (text, tenths) in [
            ("1.2", 12),
            ("TLSv1.2", 12),
            ("TLS 1.3", 13),
            ("tls1_3", 13),
            ("1.0", 10),
            ("TLSv1", 10),
            ("1.1", 11),
            ("SSLv3", 3),
        ] {
            assert_eq!(tls_version(text), Some(tenths), "{text}");
        }
        for wrong in ["", "1.4", "3", "newest", "2.0"] {
            assert_eq!(tls_version(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_stands_round_a_value_is_taken_off() {
        for (text, inside) in [
            (" h ", "h"),
            ("\"h\"", "h"),
            ("' h '", "h"),
            ("\"a\",\"b\"", "\"a\",\"b\""),
            ("\"h", "\"h"),
            ("\"", "\""),
            ("\"'h'\"", "'h'"),
        ] {
            assert_eq!(bare(text), inside, "{text}");
        }
        for (line, value) in [
            ("8080 ; http", "8080"),
            ("true\t# for now", "true"),
            ("a;b", "a;b"),
            ("; all", "; all"),
            ("c#", "c#"),
        ] {
            assert_eq!(without_comment(line), value, "{line}");
        }
    }

    #[test]
    fn a_host_may_stand_in_an_address() {
        let of = |text| address(text).map(|it| (it.host, it.port, it.tls));
        for (text, host, port, tls) in [
            ("trino", "trino", None, None),
            ("trino:8443", "trino", Some(8443), None),
            (
                "https://trino.example.org:8443/",
                "trino.example.org",
                Some(8443),
                Some(true),
            ),
            ("HTTP://trino", "trino", None, Some(false)),
            ("\"trino.example.org.\"", "trino.example.org.", None, None),
            ("[::1]:8080", "[::1]", Some(8080), None),
            ("::1", "::1", None, None),
            ("https://[2001:db8::1]", "[2001:db8::1]", None, Some(true)),
            ("tr\u{fc}no_1.example", "tr\u{fc}no_1.example", None, None),
        ] {
            assert_eq!(of(text), Some((host, port, tls)), "{text}");
        }
        for wrong in [
            "",
            "https://",
            "https://u:p@trino",
            "trino/hive",
            "https://trino/ui",
            "trino:0",
            "trino:70000",
            "trino:http",
            "ftp://trino",
            "jdbc:trino://trino:443",
            "::1:80:90:zz",
            "trino?x",
        ] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_host_has_no_scheme_port_or_path() {
        for host in [
            "trino",
            "trino.example.org",
            "10.0.0.1",
            "::1",
            "[2001:db8::1]",
        ] {
            assert!(is_host(host), "{host}");
        }
        for wrong in ["", "https://trino", "trino:8080", "a b", "u@h", "h/", "[x]"] {
            assert!(!is_host(wrong), "{wrong}");
        }
    }

    #[test]
    fn a_proxy_is_a_host_with_or_without_scheme_and_port() {
        for (text, uri) in [
            ("proxy.example:3128", "http://proxy.example:3128"),
            (
                "http://u:p@proxy.example:3128",
                "http://u:p@proxy.example:3128",
            ),
            ("socks5h://10.0.0.1:1080", "socks5h://10.0.0.1:1080"),
            ("[::1]:3128", "http://[::1]:3128"),
        ] {
            assert_eq!(proxy(text).as_deref(), Some(uri));
        }
        for wrong in [
            "",
            ":3128",
            "ftp://x",
            "http://proxy/path",
            "a b",
            "proxy:port",
            "socks5://",
        ] {
            assert_eq!(proxy(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn hosts_and_paths_are_split_at_what_people_write_between() {
        assert_eq!(
            hosts("a, *.b.example|10.0.0.0/8;*"),
            ["a", ".b.example", "10.0.0.0/8", "*"]
        );
        assert_eq!(
            paths("/a.pem;\"/b c.p12\" | C:\\c.jks"),
            ["/a.pem", "/b c.p12", "C:\\c.jks"]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}|[0-9a-zA-Z:=;, ]{0,20}") {
            let _ = (boolean(&text), integer(&text), bytes(&text), seconds(&text));
            let _ = (tls_version(&text), address(&text), without_comment(bare(&text)));
            let _ = (list(&text), paths(&text), pairs(&text), is_host(&text));
            let _ = (hosts(&text), proxy(&text));
        }
    }
}
