//! Values of keywords, from the text a person wrote to what the driver holds.
//!
//! Each reader answers `None` for a text that its kind of keyword does not allow; who calls knows the keyword's name.

/// Reads a boolean in the words that data sources use.
pub(super) fn boolean(text: &str) -> Option<bool> {
    let is = |words: &[&str]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    if is(&["1", "true", "yes", "on", "y", "t"]) {
        Some(true)
    } else if is(&["0", "false", "no", "off", "n", "f"]) {
        Some(false)
    } else {
        None
    }
}

/// Reads a number within bounds.
pub(super) fn integer(text: &str, min: u64, max: u64) -> Option<u64> {
    text.parse()
        .ok()
        .filter(|number| (min..=max).contains(number))
}

/// Reads bytes within bounds, in bytes or with a unit of 1024 or its powers.
pub(super) fn bytes(text: &str, min: u64, max: u64) -> Option<u64> {
    let (number, unit) = measured(text)?;
    let unit = match unit.to_ascii_lowercase().as_str() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return None,
    };
    number
        .checked_mul(unit)
        .filter(|bytes| (min..=max).contains(bytes))
}

/// Reads whole seconds within bounds, bare or with a unit.
pub(super) fn seconds(text: &str, min: u64, max: u64) -> Option<u64> {
    let (number, unit) = measured(text)?;
    let unit = match unit.to_ascii_lowercase().as_str() {
        "" | "s" => 1,
        "m" => 60,
        "h" => 3600,
        _ => return None,
    };
    number
        .checked_mul(unit)
        .filter(|seconds| (min..=max).contains(seconds))
}

/// Reads texts with commas between; none is empty.
pub(super) fn list(text: &str) -> Vec<String> {
    split(text, [','])
}

/// Reads paths with semicolons or bars between; none is empty.
pub(super) fn paths(text: &str) -> Vec<String> {
    split(text, [';', '|'])
}

/// Reads hosts with commas, semicolons or bars between; a domain may be written `*.domain`.
pub(super) fn hosts(text: &str) -> Vec<String> {
    let plain = |host: String| {
        host.strip_prefix('*')
            .map(str::to_owned)
            .filter(|rest| rest.starts_with('.'))
            .unwrap_or(host)
    };
    split(text, [',', ';', '|'])
        .into_iter()
        .map(plain)
        .collect()
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
/// The first separator decides which of the two it is, so a value may hold the separators of the other.
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

/// Whether the text is the name of a header that is left to others: neither the protocol's nor the connection's.
pub(super) fn is_own_header(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    let is_token = |c: char| c.is_ascii_alphanumeric() || "!#$%&'*+-.^_`|~".contains(c);
    let of_the_protocol = ["x-trino-", "x-presto-", "proxy-", "content-"];
    let of_the_connection = [
        "authorization",
        "accept-encoding",
        "connection",
        "cookie",
        "expect",
        "host",
        "keep-alive",
        "te",
        "trailer",
        "transfer-encoding",
        "upgrade",
    ];
    !name.is_empty()
        && name.chars().all(is_token)
        && !of_the_protocol.iter().any(|begin| name.starts_with(begin))
        && !of_the_connection.contains(&name.as_str())
}

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

/// A name that headers can carry beside `=` and `,`.
fn is_name(name: &str) -> bool {
    !name.is_empty()
        && name
            .bytes()
            .all(|b| b.is_ascii_graphic() && !b"=,;:".contains(&b))
}

fn measured(text: &str) -> Option<(u64, &str)> {
    let end = text
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    Some((number.parse().ok()?, unit.trim()))
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
    fn bytes_are_read_with_their_unit_and_within_bounds() {
        let read = |text| bytes(text, 1 << 20, 1 << 40);
        assert_eq!(read("96 MB"), Some(96 << 20));
        assert_eq!(read("2g"), Some(2 << 30));
        assert_eq!(read("2097152"), Some(2 << 20));
        for wrong in ["", "MB", "1", "1.5GB", "99999999999GB", "-1MB", "1TB!"] {
            assert_eq!(read(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn seconds_are_read_with_their_unit() {
        assert_eq!(seconds("30", 1, 3600), Some(30));
        assert_eq!(seconds("2m", 1, 3600), Some(120));
        assert_eq!(seconds("0", 1, 3600), None);
        assert_eq!(seconds("500ms", 1, 3600), None);
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
            paths("/a.pem;/b.p12 | C:\\c.jks"),
            ["/a.pem", "/b.p12", "C:\\c.jks"]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in ".{0,40}|[0-9a-zA-Z:=;, ]{0,20}") {
            let _ = (boolean(&text), integer(&text, 1, 9), bytes(&text, 1, 9), seconds(&text, 1, 9));
            let _ = (list(&text), paths(&text), pairs(&text), is_host(&text));
            let _ = (hosts(&text), proxy(&text));
        }
    }
}
