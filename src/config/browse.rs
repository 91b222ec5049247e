//! What SQLBrowseConnect answers while something is missing: the keywords to ask the user for.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlbrowseconnect-function>

use std::fmt::Write as _;

use super::ConnectionString;
use super::keywords::{Id, Keyword};

/// The keywords that are worth asking for and were not given, and `missing`; those that may be left out have a star.
pub fn browse_request(given: &ConnectionString, missing: &str) -> String {
    let is_given = |keyword: &Keyword| {
        given.pairs().iter().any(|(name, value)| {
            Keyword::find(name).is_some_and(|known| known.id == keyword.id)
                && !value.reveal().is_empty()
        })
    };
    let mut text = String::new();
    let mut ask = |keyword: &Keyword, label: &str, values: &str| {
        let star = if keyword.name == missing { "" } else { "*" };
        let name = keyword.name.to_uppercase();
        let _ = write!(text, "{star}{name}:{label}={values};");
    };
    let mut asked = false;
    for (id, label, values) in ASKED {
        let keyword = Keyword::of(*id);
        if !is_given(keyword) {
            asked |= keyword.name == missing;
            ask(keyword, label, values);
        }
    }
    if !asked && let Some(keyword) = Keyword::find(missing) {
        ask(keyword, keyword.name, "?");
    }
    text
}

/// Keywords, how people call them, and what they can be.
const ASKED: &[(Id, &str, &str)] = &[
    (Id::Host, "Host", "?"),
    (Id::Port, "Port", "?"),
    (Id::Ssl, "TLS", "{true,false}"),
    (Id::User, "User", "?"),
    (Id::Password, "Password", "?"),
    (Id::Catalog, "Catalog", "?"),
    (Id::Schema, "Schema", "?"),
];

#[cfg(test)]
mod tests {
    use super::{ConnectionString, browse_request};

    #[test]
    fn what_is_missing_is_asked_for_and_what_is_given_is_not() {
        let given = ConnectionString::parse("Driver={Trino};Port=8080;SSL=").unwrap();
        assert_eq!(
            browse_request(&given, "Host"),
            "HOST:Host=?;*SSL:TLS={true,false};*UID:User=?;*PWD:Password=?;*CATALOG:Catalog=?;*SCHEMA:Schema=?;"
        );
        let given =
            ConnectionString::parse("Host=h;Port=1;SSL=1;UID=u;Catalog=c;Schema=s").unwrap();
        assert_eq!(browse_request(&given, "PWD"), "PWD:Password=?;");
        assert_eq!(
            browse_request(&given, "AccessToken"),
            "*PWD:Password=?;ACCESSTOKEN:AccessToken=?;"
        );
    }
}
