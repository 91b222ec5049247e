//! The challenges of `WWW-Authenticate`: the ways to authenticate that a server offers when it
//! refuses.
//!
//! <https://www.rfc-editor.org/rfc/rfc9110#section-11.6.1>

use std::fmt;

use reqwest::header::{HeaderMap, WWW_AUTHENTICATE};

use crate::latin1;

/// One way to authenticate, with its parameters.
#[derive(Clone, PartialEq, Eq)]
pub struct Challenge {
    scheme: String,
    parameters: Vec<(String, String)>,
}

impl Challenge {
    /// The challenges of a response, in their order. Malformed ones are left out.
    pub fn read(headers: &HeaderMap) -> Vec<Self> {
        let values = headers.get_all(WWW_AUTHENTICATE).iter();
        let texts = values.map(|value| latin1::decode(value.as_bytes()));
        texts.flat_map(|text| Self::parse(&text)).collect()
    }

    /// Whether it is of that scheme.
    pub fn is(&self, scheme: &str) -> bool {
        self.scheme.eq_ignore_ascii_case(scheme)
    }

    /// The scheme as the server spells it.
    pub fn scheme(&self) -> &str {
        &self.scheme
    }

    /// The value of a parameter.
    pub fn parameter(&self, name: &str) -> Option<&str> {
        self.parameters
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_str())
    }

    fn parse(text: &str) -> Vec<Self> {
        let mut challenges: Vec<Self> = Vec::new();
        let mut rest = text;
        loop {
            rest = rest.trim_start_matches(|c: char| c == ',' || c.is_ascii_whitespace());
            let (word, after) = split_token(rest);
            if word.is_empty() {
                // What follows cannot be separated any more.
                return challenges;
            }
            // Only a parameter is followed by `=`; a scheme by its first parameter, its token, or a
            // comma.
            if let (Some(value), Some(challenge)) =
                (after.trim_start().strip_prefix('='), challenges.last_mut())
            {
                let Some((value, after)) = split_value(value.trim_start()) else {
                    return challenges;
                };
                challenge.parameters.push((word.to_owned(), value));
                rest = after;
                continue;
            }
            challenges.push(Self {
                scheme: word.to_owned(),
                parameters: Vec::new(),
            });
            rest = skip_token68(after.trim_start_matches(' '));
        }
    }
}

impl fmt::Debug for Challenge {
    // Knowing the address of a token is enough to get it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.scheme)
    }
}

/// The token at the beginning of the text, and what follows it.
fn split_token(text: &str) -> (&str, &str) {
    let end = text.find(|c: char| !c.is_ascii_alphanumeric() && !"!#$%&'*+-.^_`|~".contains(c));
    text.split_at(end.unwrap_or(text.len()))
}

/// The token or quoted text at the beginning, and what follows it; `None` when there is neither.
fn split_value(text: &str) -> Option<(String, &str)> {
    let Some(quoted) = text.strip_prefix('"') else {
        let (token, after) = split_token(text);
        return (!token.is_empty()).then(|| (token.to_owned(), after));
    };
    let mut value = String::new();
    let mut characters = quoted.char_indices();
    while let Some((at, character)) = characters.next() {
        match character {
            '"' => return Some((value, quoted.get(at + 1..).unwrap_or_default())),
            '\\' => value.push(characters.next()?.1),
            character => value.push(character),
        }
    }
    None
}

/// Leaves out the data that stands behind a scheme in place of parameters.
fn skip_token68(text: &str) -> &str {
    let is_data = |c: char| c.is_ascii_alphanumeric() || "-._~+/".contains(c);
    let after = text.trim_start_matches(is_data).trim_start_matches('=');
    let ends = after.trim_start().is_empty() || after.trim_start().starts_with(',');
    if ends { after } else { text }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use reqwest::header::HeaderValue;

    use super::*;

    fn read(values: &[&'static str]) -> Vec<Challenge> {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(WWW_AUTHENTICATE, HeaderValue::from_static(value));
        }
        Challenge::read(&headers)
    }

    #[test]
    fn each_challenge_is_read_with_its_parameters() {
        let challenges = read(&[
            "Basic realm=\"Trino\"",
            "Bearer x_redirect_server=\"https://c/oauth2/token/initiate/a,b\", x_token_server = \"https://c/t?a=\\\"b\\\"\"",
        ]);
        assert_eq!(challenges.len(), 2);
        assert!(challenges[0].is("basic"));
        assert_eq!(challenges[0].parameter("REALM"), Some("Trino"));
        let of = |name| challenges[1].parameter(name);
        assert_eq!(
            of("x_redirect_server"),
            Some("https://c/oauth2/token/initiate/a,b")
        );
        assert_eq!(of("x_token_server"), Some("https://c/t?a=\"b\""));
        assert_eq!(of("x_other"), None);
    }

    #[test]
    fn a_proxy_may_join_them_in_one_header() {
        let challenges = read(&[
            "Negotiate, Negotiate YII=, Basic realm=x, charset=\"UTF-8\", Bearer token_type=JWT",
        ]);
        let schemes: Vec<_> = challenges.iter().map(Challenge::scheme).collect();
        assert_eq!(schemes, ["Negotiate", "Negotiate", "Basic", "Bearer"]);
        assert_eq!(challenges[2].parameter("charset"), Some("UTF-8"));
        assert_eq!(challenges[3].parameter("token_type"), Some("JWT"));
    }

    #[test]
    fn a_realm_beyond_ascii_hides_nothing() {
        let mut headers = HeaderMap::new();
        let joined = b"Basic realm=\"Gr\xf6\xdfe\", Bearer x_token_server=\"https://c/t\"";
        headers.append(WWW_AUTHENTICATE, HeaderValue::from_bytes(joined).unwrap());
        let challenges = Challenge::read(&headers);
        assert_eq!(challenges[0].parameter("realm"), Some("Größe"));
        assert_eq!(
            challenges[1].parameter("x_token_server"),
            Some("https://c/t")
        );
    }

    #[test]
    fn the_address_of_a_token_does_not_print() {
        let challenges = read(&["Bearer x_token_server=\"https://c/secret\""]);
        assert!(!format!("{challenges:?}").contains("secret"));
    }

    proptest! {
        #[test]
        fn any_text_is_read(text in "[a-zA-Z=\", \\\\/+.]{0,60}") {
            let _ = Challenge::parse(&text);
        }
    }
}
