//! The reply of SQLBrowseConnect while something is missing: the keywords to prompt for.
//!
//! <https://learn.microsoft.com/sql/odbc/reference/syntax/sqlbrowseconnect-function>

use std::fmt::Write as _;

use super::ConnectionString;
use super::keywords::{Id, Keyword};

/// The keywords of [`PROMPTS`] that were not given, and `missing`; a star marks those that may be
/// left out.
pub fn browse_request(given: &ConnectionString, missing: Id) -> String {
    let mut text = String::new();
    for (id, label, values) in PROMPTS {
        if !is_given(given, *id) {
            let star = if *id == missing { "" } else { "*" };
            let name = id.to_string().to_uppercase();
            let _ = write!(text, "{star}{name}:{label}={values};");
        }
    }
    if !PROMPTS.iter().any(|(id, _, _)| *id == missing) {
        let name = missing.to_string();
        let _ = write!(text, "{}:{name}=?;", name.to_uppercase());
    }
    text
}

fn is_given(given: &ConnectionString, id: Id) -> bool {
    given.pairs().iter().any(|(name, value)| {
        Keyword::find(name).is_some_and(|known| known.id == id) && !value.reveal().is_empty()
    })
}

/// Keywords to prompt for, their labels, and their values.
const PROMPTS: &[(Id, &str, &str)] = &[
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
    use super::{ConnectionString, Id, browse_request};

    #[test]
    fn the_reply_prompts_for_keywords_that_are_missing_and_not_for_given_ones() {
        let given = ConnectionString::parse("Driver={Trino};Port=8080;SSL=").unwrap();
        assert_eq!(
            browse_request(&given, Id::Host),
            "HOST:Host=?;*SSL:TLS={true,false};*UID:User=?;*PWD:Password=?;*CATALOG:Catalog=?;*SCHEMA:Schema=?;"
        );
        let given =
            ConnectionString::parse("Host=h;Port=1;SSL=1;UID=u;Catalog=c;Schema=s").unwrap();
        assert_eq!(browse_request(&given, Id::Password), "PWD:Password=?;");
        assert_eq!(
            browse_request(&given, Id::AccessToken),
            "*PWD:Password=?;ACCESSTOKEN:AccessToken=?;"
        );
    }
}
