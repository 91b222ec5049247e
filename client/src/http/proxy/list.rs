//! Lists of proxies and of hosts without one, as Windows and proxy scripts (PAC) write them.
//!
//! ```text
//!   PROXY a.example:3128; SOCKS b.example; DIRECT      the answer of a script: the next if one fails
//!   a.example:3128;b.example                           the same as WinHTTP passes it on
//!   http=a.example:80;https=b.example:80;socks=c:1080  settings by the scheme of the request
//!   *.example;10.*;<local>                             hosts without a proxy
//! ```

use url::Url;

/// The proxies of `list` for requests of that scheme, best first; `None` among them connects
/// directly. Empty if the list has none for the scheme.
pub(super) fn servers(list: &str, scheme: &str) -> Vec<Option<Url>> {
    let mut servers = Vec::new();
    let mut of_scheme = Vec::new();
    let mut socks = Vec::new();
    for entry in list.split(';').map(str::trim) {
        if entry.eq_ignore_ascii_case("DIRECT") {
            servers.push(None);
            continue;
        }
        let by_script = entry
            .split_once(char::is_whitespace)
            .and_then(|(kind, server)| Some((scheme_of(kind)?, server.trim())));
        if let Some((kind, server)) = by_script {
            servers.extend(server_of(kind, server).map(Some));
            continue;
        }
        for entry in entry.split_whitespace() {
            match entry.split_once('=') {
                None => servers.extend(server_of("http", entry).map(Some)),
                Some((of, server)) if of.eq_ignore_ascii_case(scheme) => {
                    of_scheme.extend(server_of("http", server).map(Some));
                }
                Some((of, server)) if of.eq_ignore_ascii_case("socks") => {
                    socks.extend(server_of("socks4", server).map(Some));
                }
                Some(_) => {}
            }
        }
    }
    [of_scheme, servers, socks]
        .into_iter()
        .find(|servers| !servers.is_empty())
        .unwrap_or_default()
}

/// The scheme of the proxies that a script introduces by that word.
fn scheme_of(kind: &str) -> Option<&'static str> {
    let known = [
        ("PROXY", "http"),
        ("HTTP", "http"),
        ("HTTPS", "https"),
        // Without a number, it is of version 4 in all browsers.
        ("SOCKS", "socks4"),
        ("SOCKS4", "socks4"),
        ("SOCKS5", "socks5h"),
    ];
    let mut known = known.into_iter();
    known.find_map(|(name, scheme)| name.eq_ignore_ascii_case(kind).then_some(scheme))
}

/// The proxy at `address`, which may name another scheme.
fn server_of(scheme: &str, address: &str) -> Option<Url> {
    let uri = match address.contains("://") {
        true => address.to_owned(),
        false => format!("{scheme}://{address}"),
    };
    Url::parse(&uri).ok().filter(Url::has_host)
}

/// Whether `uri` is requested without a proxy by that list of exclusions.
pub(super) fn is_excluded(uri: &Url, exclusions: &str) -> bool {
    let host = uri.host_str().unwrap_or_default().trim_end_matches('.');
    let port = uri.port_or_known_default();
    let mut entries = exclusions.split(|c: char| c == ';' || c == ',' || c.is_whitespace());
    entries.any(|entry| {
        if entry.eq_ignore_ascii_case("<local>") {
            return !host.contains(['.', ':']);
        }
        let entry = match entry.split_once("://") {
            Some((scheme, _)) if !scheme.eq_ignore_ascii_case(uri.scheme()) => return false,
            Some((_, rest)) => rest,
            None => entry,
        };
        // An address of IPv6 may have brackets, and then a port.
        let (pattern, of_port) = match entry.rsplit_once(':') {
            Some((pattern, of_port)) if !pattern.contains(':') || pattern.ends_with(']') => {
                match of_port.parse::<u16>() {
                    Ok(of_port) => (pattern, Some(of_port)),
                    Err(_) => (entry, None),
                }
            }
            _ => (entry, None),
        };
        let bare = |host: &str| host.trim_matches(['[', ']']).to_ascii_lowercase();
        !pattern.is_empty()
            && of_port.is_none_or(|of_port| Some(of_port) == port)
            && matches(bare(host).as_bytes(), bare(pattern).as_bytes())
    })
}

/// Whether `text` has the form of `pattern`, in which an asterisk is any number of characters.
fn matches(text: &[u8], pattern: &[u8]) -> bool {
    match (pattern.split_first(), text.split_first()) {
        (None, None) => true,
        (Some((b'*', rest)), None) => matches(text, rest),
        (Some((b'*', rest)), Some((_, shorter))) => {
            matches(text, rest) || matches(shorter, pattern)
        }
        (Some((expected, rest)), Some((found, shorter))) => {
            expected == found && matches(shorter, rest)
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &str, scheme: &str) -> Vec<String> {
        let text = |server: Option<Url>| server.map_or("direct".to_owned(), String::from);
        servers(list, scheme).into_iter().map(text).collect()
    }

    #[test]
    fn proxies_of_scripts_and_of_settings_are_read() {
        for (list, http, https) in [
            ("a:3128", "http://a:3128/", "http://a:3128/"),
            ("a:1;b", "http://a:1/ http://b/", "http://a:1/ http://b/"),
            (
                "a:1 b:2",
                "http://a:1/ http://b:2/",
                "http://a:1/ http://b:2/",
            ),
            (
                "PROXY a:1; SOCKS b:2; DIRECT",
                "http://a:1/ socks4://b:2 direct",
                "http://a:1/ socks4://b:2 direct",
            ),
            (
                "https a:1;SOCKS5 b:2",
                "https://a:1/ socks5h://b:2",
                "https://a:1/ socks5h://b:2",
            ),
            ("direct", "direct", "direct"),
            ("http=a:1;https=b:2", "http://a:1/", "http://b:2/"),
            ("http=a:1 https=b:2;ftp=c:3", "http://a:1/", "http://b:2/"),
            ("http=a:1;socks=c:3", "http://a:1/", "socks4://c:3"),
            ("https=https://a:1", "", "https://a:1/"),
            ("PROXY [::1]:8", "http://[::1]:8/", "http://[::1]:8/"),
            (";; ;=;PROXY :1", "", ""),
            ("", "", ""),
        ] {
            assert_eq!(texts(list, "http").join(" "), http, "{list}");
            assert_eq!(texts(list, "https").join(" "), https, "{list}");
        }
    }

    #[test]
    fn hosts_without_a_proxy_are_known_by_name_form_and_port() {
        let is_excluded = |uri: &str, list: &str| is_excluded(&Url::parse(uri).unwrap(), list);
        for (uri, list) in [
            ("https://trino/", "a.example;<local>"),
            ("https://a.EXAMPLE/", "A.example"),
            ("https://b.lake.example/", "*.example"),
            ("https://b.lake.example./", "*.lake.example"),
            ("http://10.1.2.3/", "10.*"),
            ("http://10.1.2.3:8080/", "10.*:8080"),
            ("https://a.example/", "https://a.*"),
            ("http://[fd00::1]/", "[fd00::1]"),
            ("http://[fd00::1]:8080/", "[fd00::*]:8080"),
            ("http://a.example/", "*"),
        ] {
            assert!(is_excluded(uri, list), "{uri} {list}");
        }
        for (uri, list) in [
            ("https://a.example/", "<local>"),
            ("http://[fd00::1]/", "<local>"),
            ("https://example/", "*.example"),
            ("https://notexample/", "example"),
            ("https://a.b.example/", "b.example"),
            ("http://10.1.2.3/", "10.*:8080"),
            ("http://a.example/", "https://a.*"),
            ("http://a.example/", ""),
            ("http://a.example/", " ; ;"),
        ] {
            assert!(!is_excluded(uri, list), "{uri} {list}");
        }
    }
}
