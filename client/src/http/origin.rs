//! The coordinator's own origin, and what requests to it carry: the user's headers and the cookies
//! of balancers.
//!
//! A balancer in front of several coordinators keeps a query on one of them by a cookie, so cookies
//! go with every request to the coordinator's origin: statements, pages, segments that the
//! coordinator hands out, sign-ins. No other host ever sees them, nor the user's headers; neither
//! is ever logged.

use std::fmt;

use cookie_store::{Cookie, CookieStore};
use parking_lot::{Mutex, RwLock};
use reqwest::RequestBuilder;
use reqwest::header::{COOKIE, HeaderMap, HeaderName, HeaderValue, SET_COOKIE};
use url::Url;

/// The coordinator's origin with its headers and cookies, for one connection.
pub struct OwnOrigin {
    /// Where the coordinator is reached: a redirect to TLS moves it.
    base: RwLock<Url>,
    headers: RwLock<HeaderMap>,
    /// The headers that the connection was opened with.
    first_headers: HeaderMap,
    cookies: Option<Mutex<CookieStore>>,
}

impl OwnOrigin {
    /// The origin of `base`, whose requests carry `headers`, and cookies if `keeps_cookies`.
    pub fn new(base: Url, headers: HeaderMap, keeps_cookies: bool) -> Self {
        Self {
            base: RwLock::new(base),
            headers: RwLock::new(headers.clone()),
            first_headers: headers,
            cookies: keeps_cookies.then(|| Mutex::new(CookieStore::default())),
        }
    }

    /// The root of the origin.
    pub fn base(&self) -> Url {
        self.base.read().clone()
    }

    /// Whether `uri` lies within the origin.
    pub fn contains(&self, uri: &Url) -> bool {
        super::origin_of(uri) == super::origin_of(&self.base.read())
    }

    /// Whether `uri` lacks the TLS that the origin has.
    pub fn is_downgrade(&self, uri: &Url) -> bool {
        uri.scheme() == "http" && self.base.read().scheme() == "https"
    }

    /// The same path and query within the origin.
    pub fn within(&self, uri: &Url) -> Url {
        let mut own = self.base();
        own.set_path(uri.path());
        own.set_query(uri.query());
        own
    }

    /// Reaches the coordinator at the origin of `base` from now on. Cookies stay: they have rules
    /// of their own.
    pub fn move_to(&self, base: Url) {
        *self.base.write() = base;
    }

    /// The value that requests within the origin carry for `name`.
    pub fn header(&self, name: &HeaderName) -> Option<HeaderValue> {
        self.headers.read().get(name).cloned()
    }

    /// Has later requests carry `value` for `name`, or no such header.
    pub fn set_header(&self, name: HeaderName, value: Option<HeaderValue>) {
        let mut headers = self.headers.write();
        match value {
            Some(value) => drop(headers.insert(name, value)),
            None => drop(headers.remove(name)),
        }
    }

    /// Has later requests carry the headers that the connection was opened with.
    pub fn reset_headers(&self) {
        self.headers.write().clone_from(&self.first_headers);
    }

    /// Adds headers and cookies to a request of `uri`, if that lies within the origin.
    pub fn apply(&self, uri: &Url, request: RequestBuilder) -> RequestBuilder {
        if !self.contains(uri) {
            return request;
        }
        let request = request.headers(self.headers.read().clone());
        match self.cookie(uri) {
            Some(cookie) => request.header(COOKIE, cookie),
            None => request,
        }
    }

    /// Keeps the cookies that an answer from `uri` sets, if that lies within the origin.
    pub fn keep_cookies(&self, uri: &Url, answer: &HeaderMap) {
        let Some(cookies) = &self.cookies else {
            return;
        };
        if !answer.contains_key(SET_COOKIE) || !self.contains(uri) {
            return;
        }
        let mut cookies = cookies.lock();
        for value in answer.get_all(SET_COOKIE) {
            let Some(cookie) = readable(value, uri) else {
                tracing::debug!(
                    "a cookie is ignored: it is malformed, too long or for another host"
                );
                continue;
            };
            let is_known = cookies.iter_unexpired().any(|c| c.name() == cookie.name());
            if !is_known && cookies.iter_unexpired().count() >= MOST_COOKIES {
                tracing::debug!("a cookie is ignored: {MOST_COOKIES} are kept already");
                continue;
            }
            let _ = cookies.insert(cookie, uri);
        }
    }

    /// The value of `Cookie` for a request of `uri`.
    fn cookie(&self, uri: &Url) -> Option<HeaderValue> {
        let cookies = self.cookies.as_ref()?.lock();
        let mut text = String::new();
        for (name, value) in cookies.get_request_values(uri) {
            if !text.is_empty() {
                text += "; ";
            }
            text.push_str(name);
            text.push('=');
            text.push_str(value);
        }
        drop(cookies);
        if text.is_empty() {
            return None;
        }
        let mut value = HeaderValue::from_str(&text).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// A cookie that can be sent back as it came, for the host of `uri`.
fn readable(value: &HeaderValue, uri: &Url) -> Option<Cookie<'static>> {
    let text = value.to_str().ok()?;
    if text.len() > LONGEST_COOKIE {
        return None;
    }
    Cookie::parse(text.to_owned(), uri).ok()
}

impl fmt::Debug for OwnOrigin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("OwnOrigin")
    }
}

/// Cookies that are kept at a time. Balancers and gateways set one or two; proxies take 8 KB of
/// headers in all.
const MOST_COOKIES: usize = 20;

/// Bytes of one cookie with its attributes, as browsers limit it.
const LONGEST_COOKIE: usize = 4096;

#[cfg(test)]
mod tests {
    use super::*;
    use crate::http::{Client, Settings};

    fn origin(base: &str) -> OwnOrigin {
        let mut headers = HeaderMap::new();
        headers.insert("x-api-key", HeaderValue::from_static("k"));
        OwnOrigin::new(uri(base), headers, true)
    }

    fn uri(text: &str) -> Url {
        Url::parse(text).unwrap()
    }

    fn set(origin: &OwnOrigin, from: &str, cookies: &[&str]) {
        let mut answer = HeaderMap::new();
        for cookie in cookies {
            answer.append(SET_COOKIE, cookie.parse().unwrap());
        }
        origin.keep_cookies(&uri(from), &answer);
    }

    fn sent(origin: &OwnOrigin, to: &str, name: HeaderName) -> Option<String> {
        let request = Client::new(&Settings::default()).unwrap().get(to);
        let request = origin.apply(&uri(to), request).build().unwrap();
        let value = request.headers().get(name)?;
        assert!(value.is_sensitive() || value == "k");
        Some(value.to_str().unwrap().to_owned())
    }

    fn cookies(origin: &OwnOrigin, to: &str) -> Option<String> {
        let cookies = sent(origin, to, COOKIE)?;
        let mut cookies: Vec<_> = cookies.split("; ").collect();
        cookies.sort_unstable();
        Some(cookies.join("; "))
    }

    #[test]
    fn headers_and_cookies_go_to_the_own_origin_only() {
        let origin = origin("https://trino.example/");
        set(
            &origin,
            "https://trino.example/v1/statement",
            &["AWSALB=abc; Path=/", "SRV=a1; Secure; HttpOnly; Path=/"],
        );
        let own = "https://trino.example/v1/spooled/x";
        assert_eq!(cookies(&origin, own).as_deref(), Some("AWSALB=abc; SRV=a1"));
        let key = HeaderName::from_static("x-api-key");
        assert_eq!(sent(&origin, own, key.clone()).as_deref(), Some("k"));
        for foreign in [
            "https://storage.example/v1/spooled/x",
            "https://trino.example:8443/v1/statement",
            "http://trino.example/v1/statement",
            "https://sub.trino.example/v1/statement",
        ] {
            assert_eq!(cookies(&origin, foreign), None, "{foreign}");
            assert_eq!(sent(&origin, foreign, key.clone()), None, "{foreign}");
        }
    }

    #[test]
    fn cookies_of_other_origins_are_not_kept() {
        let origin = origin("https://trino.example/");
        set(&origin, "https://storage.example/x", &["a=1"]);
        set(
            &origin,
            "https://trino.example/x",
            &["b=1; Domain=other.example"],
        );
        assert_eq!(cookies(&origin, "https://trino.example/x"), None);
    }

    #[test]
    fn path_age_and_security_of_a_cookie_are_honoured() {
        let origin = origin("http://trino.example/");
        let from = "http://trino.example/v1/statement";
        set(
            &origin,
            from,
            &["p=1; Path=/v1", "q=1; Path=/other", "s=1; Secure; Path=/"],
        );
        assert_eq!(cookies(&origin, from).as_deref(), Some("p=1"));
        assert_eq!(cookies(&origin, "http://trino.example/"), None);
        set(&origin, from, &["p=2; Path=/v1"]);
        assert_eq!(cookies(&origin, from).as_deref(), Some("p=2"));
        set(&origin, from, &["p=; Path=/v1; Max-Age=0"]);
        assert_eq!(cookies(&origin, from), None);
    }

    #[test]
    fn cookies_are_bounded_in_size_and_number() {
        let origin = origin("http://trino.example/");
        let from = "http://trino.example/";
        let long = format!("long={}", "x".repeat(LONGEST_COOKIE));
        set(&origin, from, &[&long, "broken", "=", "good=1"]);
        assert_eq!(cookies(&origin, from).as_deref(), Some("good=1"));
        for number in 0..100 {
            set(&origin, from, &[&format!("c{number}=1")]);
        }
        let sent = cookies(&origin, from).unwrap();
        assert_eq!(sent.split("; ").count(), MOST_COOKIES);
        // One that is kept can still change.
        set(&origin, from, &["good=2"]);
        assert!(cookies(&origin, from).unwrap().contains("good=2"));
    }

    #[test]
    fn without_a_jar_no_cookie_is_sent() {
        let origin = OwnOrigin::new(uri("http://trino.example/"), HeaderMap::new(), false);
        set(&origin, "http://trino.example/", &["a=1"]);
        assert_eq!(cookies(&origin, "http://trino.example/"), None);
    }

    #[test]
    fn nothing_of_it_prints() {
        let origin = origin("http://trino.example/");
        set(&origin, "http://trino.example/", &["a=secret"]);
        assert_eq!(format!("{origin:?}"), "OwnOrigin");
    }

    #[test]
    fn a_path_is_requested_at_the_own_origin() {
        let origin = origin("https://trino.example:8443/");
        let upstream = uri("http://upstream:8080/v1/statement/executing/x?a=b");
        assert_eq!(
            origin.within(&upstream).as_str(),
            "https://trino.example:8443/v1/statement/executing/x?a=b"
        );
    }
}
