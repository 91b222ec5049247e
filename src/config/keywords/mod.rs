//! The table of keywords of connection strings and data sources.
//!
//! Everything that must agree about keywords reads this table: the parser, which takes defaults
//! from it, the messages, and the table in the book.

mod choices;
mod coordinator;
mod credentials;
mod default;
mod id;
mod results;
mod session;
mod storage;
mod trust;

use choices::names;
pub use choices::{
    AUTHENTICATION_TYPES, BIG_INTEGERS, INTERVALS, LOG_LEVELS, Method, NUMBERS, TLS_VERSIONS,
    TOKEN_CACHES, VERIFICATIONS, ZONED_TIMESTAMPS,
};
pub use default::DefaultValue;
pub use id::Id;

/// One keyword of connection strings and data sources.
#[derive(Debug, Clone, Copy)]
pub struct Keyword {
    pub id: Id,
    /// The name in the documentation.
    pub name: &'static str,
    /// A name that takes precedence over all others of this keyword.
    pub stronger: Option<&'static str>,
    /// Names that other drivers use for the same.
    pub aliases: &'static [&'static str],
    pub kind: Kind,
    /// What applies when it is absent or empty.
    pub default: DefaultValue,
    /// A sentence or two, with unit and range where there are any.
    pub meaning: &'static str,
    /// Whether its value must never be shown.
    pub secret: bool,
    pub group: Group,
}

/// What a value must look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Read by the Driver Manager; the driver's own parser ignores it.
    Manager,
    Text,
    Boolean,
    Integer {
        min: u64,
        max: u64,
    },
    /// Bytes, with or without a unit.
    Bytes {
        min: u64,
        max: u64,
    },
    /// Seconds, or with a unit.
    Seconds {
        min: u64,
        max: u64,
    },
    /// One of these, in any case.
    Choice(&'static [&'static str]),
    /// Texts with commas between.
    List,
    /// `name:value;name:value` or `name=value,name=value`.
    Pairs,
    /// A file or folder.
    Path,
    /// Files or folders with semicolons or bars between.
    Paths,
}

/// The heading under which a keyword is documented.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Group {
    DataSource,
    Coordinator,
    Credentials,
    OAuth2,
    Kerberos,
    Tls,
    Storage,
    Results,
    Browsing,
    Session,
    Log,
}

impl Keyword {
    /// The keyword of that name or alias, in any case.
    pub fn find(name: &str) -> Option<&'static Self> {
        KEYWORDS.iter().find(|keyword| {
            keyword
                .names()
                .any(|known| known.eq_ignore_ascii_case(name))
        })
    }

    /// The keyword of that id.
    pub fn of(id: Id) -> &'static Self {
        KEYWORDS
            .iter()
            .find(|keyword| keyword.id == id)
            .expect("a test holds that each id has its row")
    }

    /// All its names, its own first.
    pub fn names(&self) -> impl Iterator<Item = &'static str> {
        [self.name]
            .into_iter()
            .chain(self.stronger)
            .chain(self.aliases.iter().copied())
    }

    /// Whether the driver's own registration may set it, for all connections.
    pub fn is_driver_wide(&self) -> bool {
        self.group == Group::Log || self.id == Id::ProcessMemoryLimit
    }

    /// Whether blanks, quotes and a comment at the ends of a value can never belong to it.
    pub(super) fn is_strict(&self) -> bool {
        match self.kind {
            Kind::Boolean
            | Kind::Integer { .. }
            | Kind::Bytes { .. }
            | Kind::Seconds { .. }
            | Kind::Choice(_) => true,
            _ => matches!(
                self.id,
                Id::Host
                    | Id::Catalog
                    | Id::Schema
                    | Id::TimeZone
                    | Id::Language
                    | Id::Encoding
                    | Id::HttpProxy
                    | Id::SocksProxy
                    | Id::ProxyHost
                    | Id::StorageProxy
                    | Id::SslHostNameInCertificate
                    | Id::OAuth2Issuer
                    | Id::OAuth2TokenEndpoint
            ),
        }
    }

    /// The documented name that is nearest to `name`, if one is near.
    pub fn nearest(name: &str) -> Option<&'static str> {
        let wanted = plain(name);
        KEYWORDS
            .iter()
            .flat_map(|keyword| {
                keyword
                    .names()
                    .map(move |known| (keyword.name, plain(known)))
            })
            .filter_map(|(name, known)| {
                let distance = strsim::damerau_levenshtein(&wanted, &known);
                // A third of the letters at most, so that short names are not near to everything.
                let is_near = distance * 3 <= wanted.len().min(known.len());
                is_near.then_some((distance, name))
            })
            .min_by_key(|(distance, _)| *distance)
            .map(|(_, name)| name)
    }

    /// Whether the name outranks other names of this keyword.
    pub fn is_stronger(&self, name: &str) -> bool {
        self.stronger
            .is_some_and(|stronger| stronger.eq_ignore_ascii_case(name))
    }

    const fn secret(mut self) -> Self {
        self.secret = true;
        self
    }

    const fn stronger(mut self, name: &'static str) -> Self {
        self.stronger = Some(name);
        self
    }

    const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }
}

impl Group {
    /// All groups, in the order of the documentation.
    pub const ALL: [Self; 11] = [
        Self::DataSource,
        Self::Coordinator,
        Self::Credentials,
        Self::OAuth2,
        Self::Kerberos,
        Self::Tls,
        Self::Storage,
        Self::Results,
        Self::Browsing,
        Self::Session,
        Self::Log,
    ];

    /// Its heading.
    pub fn title(self) -> &'static str {
        match self {
            Self::DataSource => "Data source",
            Self::Coordinator => "Coordinator",
            Self::Credentials => "Credentials",
            Self::OAuth2 => "OAuth 2.0",
            Self::Kerberos => "Kerberos",
            Self::Tls => "TLS to the coordinator",
            Self::Storage => "Storage",
            Self::Results => "Results",
            Self::Browsing => "Catalog functions",
            Self::Session => "Session",
            Self::Log => "Log",
        }
    }
}

/// The default of a keyword that does nothing when it is absent.
const NONE: DefaultValue = DefaultValue::Described("");

/// Every keyword, in the order of the documentation.
pub static KEYWORDS: &[Keyword] = &joined();

const PARTS: &[&[Keyword]] = &[
    coordinator::ROWS,
    credentials::ROWS,
    trust::ROWS,
    storage::ROWS,
    results::ROWS,
    session::ROWS,
];

const fn joined() -> [Keyword; count()] {
    let mut rows = [coordinator::ROWS[0]; count()];
    let (mut part, mut at) = (0, 0);
    while part < PARTS.len() {
        let mut row = 0;
        while row < PARTS[part].len() {
            rows[at] = PARTS[part][row];
            row += 1;
            at += 1;
        }
        part += 1;
    }
    rows
}

const fn count() -> usize {
    let (mut part, mut count) = (0, 0);
    while part < PARTS.len() {
        count += PARTS[part].len();
        part += 1;
    }
    count
}

/// The letters and digits of a name, in lower case.
fn plain(name: &str) -> String {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    letters.map(|c| c.to_ascii_lowercase()).collect()
}

const fn row(
    id: Id,
    name: &'static str,
    kind: Kind,
    group: Group,
    default: DefaultValue,
    meaning: &'static str,
) -> Keyword {
    Keyword {
        id,
        name,
        stronger: None,
        aliases: &[],
        kind,
        default,
        meaning,
        secret: false,
        group,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::other_drivers::OTHER_DRIVERS;
    use super::{DefaultValue, Group, Id, KEYWORDS, Keyword, Kind};

    #[test]
    fn no_name_stands_twice() {
        let mut seen = HashSet::new();
        let names = KEYWORDS.iter().flat_map(Keyword::names);
        for name in names.chain(OTHER_DRIVERS.iter().map(|other| other.name)) {
            assert!(
                seen.insert(name.to_ascii_lowercase()),
                "{name} stands twice"
            );
        }
    }

    #[test]
    fn each_id_has_its_row() {
        // The enum is a dense run that ends with LogFileCount.
        assert_eq!(KEYWORDS.len(), Id::LogFileCount as usize + 1);
        let ids: HashSet<_> = KEYWORDS.iter().map(|keyword| keyword.id).collect();
        assert_eq!(ids.len(), KEYWORDS.len());
    }

    #[test]
    fn each_keyword_is_explained_in_sentences_under_a_listed_group() {
        for keyword in KEYWORDS {
            assert!(keyword.meaning.ends_with('.'), "{}", keyword.name);
            assert!(Group::ALL.contains(&keyword.group), "{}", keyword.name);
        }
    }

    #[test]
    fn each_default_is_of_its_keywords_kind() {
        for keyword in KEYWORDS {
            let fits = match (keyword.kind, keyword.default) {
                (_, DefaultValue::Described(_)) => true,
                (Kind::Boolean, DefaultValue::Boolean(_)) => true,
                (Kind::Integer { min, max }, DefaultValue::Integer(number))
                | (Kind::Bytes { min, max }, DefaultValue::Bytes(number))
                | (Kind::Seconds { min, max }, DefaultValue::Seconds(number)) => {
                    (min..=max).contains(&number)
                }
                (Kind::Choice(choices), DefaultValue::Text(name)) => choices.contains(&name),
                (Kind::Text | Kind::List, DefaultValue::Text(_)) => true,
                _ => false,
            };
            assert!(fits, "{}", keyword.name);
        }
    }

    #[test]
    fn a_misspelt_name_is_near_to_the_one_that_was_meant() {
        for (name, meant) in [
            ("UserID", "UID"),
            ("User_Name", "UID"),
            ("Passwrod", "PWD"),
            ("Hots", "Host"),
            ("Catlog", "Catalog"),
            ("SSL_Verification", "SSLVerification"),
            ("SSLTruststor", "SSLTrustStore"),
            ("AuthenticationTyp", "AuthenticationType"),
        ] {
            assert_eq!(Keyword::nearest(name), Some(meant), "{name}");
        }
        for name in ["Colour", "", "\u{e4}", "x", "NoSuchThing"] {
            assert_eq!(Keyword::nearest(name), None, "{name}");
        }
    }

    #[test]
    fn names_are_found_in_any_case() {
        for name in [
            "uid",
            "USER",
            "sessionProperties",
            "timezoneid",
            "TRUSTEDCERTS",
        ] {
            assert!(Keyword::find(name).is_some(), "{name}");
        }
        assert!(Keyword::find("Nonsense").is_none());
    }
}
