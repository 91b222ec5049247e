//! What the dialog shows: pages, and the fields of each, with kinds, defaults and help from the table of keywords.

use crate::config::{self, DefaultValue, Id, KEYWORDS, Keyword, Kind, Method};

use super::layout::ROWS;
use super::{Attributes, NameField};

/// A page of the dialog.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Page {
    Connection,
    SignIn,
    Tls,
    Storage,
    Proxy,
    Results,
    Types,
    Log,
    /// Keywords that have no field, one a line.
    More,
}

/// One row of a page.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    pub keyword: &'static Keyword,
    /// Without mnemonic and colon.
    pub label: &'static str,
    pub control: Control,
}

/// How a value is edited.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    Text,
    Number,
    /// Shown as dots.
    Secret,
    /// A box to tick, with what applies when the keyword is absent.
    Tick(bool),
    /// One of these, or the default.
    Choice(&'static [&'static str]),
    File,
    /// Several files.
    Files,
    Folder,
}

/// The values that a person edits.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Form {
    /// What may be done with the name, if a data source is edited.
    name: Option<NameField>,
    fields: Vec<(Id, String)>,
    more: String,
}

impl Page {
    /// All pages, in their order.
    pub const ALL: [Self; 9] = [
        Self::Connection,
        Self::SignIn,
        Self::Tls,
        Self::Storage,
        Self::Proxy,
        Self::Results,
        Self::Types,
        Self::Log,
        Self::More,
    ];

    /// What its tab says.
    pub fn title(self) -> &'static str {
        match self {
            Self::Connection => "Connection",
            Self::SignIn => "Sign-in",
            Self::Tls => "TLS",
            Self::Storage => "Storage",
            Self::Proxy => "Proxy",
            Self::Results => "Results",
            Self::Types => "Types",
            Self::Log => "Log",
            Self::More => "More",
        }
    }

    /// Its keywords in the order of the fields, and their labels.
    fn keywords(self) -> &'static [(Id, &'static str)] {
        match self {
            Self::Connection => CONNECTION,
            Self::SignIn => SIGN_IN,
            Self::Tls => TLS,
            Self::Storage => STORAGE,
            Self::Proxy => PROXY,
            Self::Results => RESULTS,
            Self::Types => TYPES,
            Self::Log => LOG,
            Self::More => &[],
        }
    }

    /// The page with the field of a keyword.
    pub fn of(id: Id) -> Self {
        let is_its = |page: &Self| page.keywords().iter().any(|(known, _)| *known == id);
        Self::ALL.into_iter().find(is_its).unwrap_or(Self::More)
    }

    /// Whether a connection may need what the page has.
    pub fn is_required(self) -> bool {
        matches!(self, Self::Connection | Self::SignIn)
    }
}

impl Field {
    fn new(id: Id, label: &'static str) -> Self {
        let keyword = Keyword::of(id);
        let control = match (keyword.kind, keyword.default) {
            _ if id == Id::ProtectedSecrets => Control::Tick(false),
            // The address of a proxy is no secret, unless it has credentials.
            _ if keyword.secret && !ADDRESSES.contains(&id) => Control::Secret,
            (Kind::Boolean, DefaultValue::Boolean(default)) => Control::Tick(default),
            (Kind::Boolean, _) => Control::Choice(&["true", "false"]),
            (Kind::Choice(choices), _) => Control::Choice(choices),
            (Kind::Integer { .. } | Kind::Seconds { .. }, _) => Control::Number,
            (Kind::Path, _) if FOLDERS.contains(&id) => Control::Folder,
            (Kind::Path, _) => Control::File,
            (Kind::Paths, _) => Control::Files,
            _ => Control::Text,
        };
        Self {
            keyword,
            label,
            control,
        }
    }

    /// The field of a keyword, if it has one.
    pub fn of(id: Id) -> Option<Self> {
        let keywords = Page::of(id).keywords();
        let found = keywords.iter().find(|(known, _)| *known == id);
        found.map(|(_, label)| Self::new(id, label))
    }

    /// The name and the meaning of the keyword, and its default, for the help below the page.
    pub fn help(&self) -> String {
        let Keyword {
            name,
            meaning,
            default,
            ..
        } = self.keyword;
        let default = default.to_string();
        let mut help = format!("{name}: {meaning}");
        if !default.is_empty() {
            help.push_str(&format!(" Default: {default}."));
        }
        help.replace('`', "")
    }

    /// What applies while the field is empty, to show in it. A long text is left to the help.
    pub fn hint(&self) -> String {
        let hint = self.keyword.default.to_string().replace('`', "");
        match hint.len() > LONGEST_HINT {
            true => "default".to_owned(),
            false => hint,
        }
    }
}

impl Form {
    /// The form with these values. Those of keywords without a field, and of unknown ones, are in the text of "more
    /// keywords".
    pub fn new(attributes: Attributes, name: Option<NameField>) -> Self {
        let mut form = Self {
            name,
            ..Self::default()
        };
        for (name, value) in attributes {
            match Keyword::find(&name) {
                Some(keyword) if Page::of(keyword.id) != Page::More => {
                    form.set(keyword.id, usual(keyword, value));
                }
                _ => form.more.push_str(&format!("{name}={value}\r\n")),
            }
        }
        form
    }

    /// The value of a field; empty when there is none.
    pub fn get(&self, id: Id) -> &str {
        let found = self.fields.iter().find(|(known, _)| *known == id);
        found.map_or("", |(_, value)| value)
    }

    /// Sets the value of a field; an empty one removes it.
    pub fn set(&mut self, id: Id, value: String) {
        self.fields.retain(|(known, _)| *known != id);
        if !value.is_empty() {
            self.fields.push((id, value));
        }
    }

    /// The keywords without a field, one a line.
    pub fn more(&self) -> &str {
        &self.more
    }

    /// Sets the keywords without a field.
    pub fn set_more(&mut self, text: String) {
        self.more = text;
    }

    /// The fields of a page: those that fit the way to sign in, and those that have a value.
    pub fn fields(&self, page: Page) -> Vec<Field> {
        let method = Method::of_name(self.get(Id::AuthenticationType));
        let is_fitting = |id: Id| match id {
            Id::Dsn | Id::Description => self.name.is_some(),
            Id::ProtectedSecrets => self.name.is_some() && method != Some(Method::None),
            id => is_of(method, id),
        };
        let keywords = page.keywords();
        let fitting = keywords.iter().filter(|(id, _)| is_fitting(*id)).count();
        // Values for another way to sign in are kept where there is no room to show them.
        let mut room = ROWS.saturating_sub(fitting);
        let mut shown = Vec::new();
        for (id, label) in keywords {
            if !is_fitting(*id) {
                if room == 0 || self.get(*id).is_empty() {
                    continue;
                }
                room -= 1;
            }
            shown.push(Field::new(*id, label));
        }
        shown
    }

    /// Whether the value of a field can be changed.
    pub fn is_editable(&self, id: Id) -> bool {
        id != Id::Dsn || self.name == Some(NameField::Editable)
    }

    /// All values, in the order of the table; what is wrong with the text of "more keywords".
    pub fn attributes(&self) -> Result<Attributes, String> {
        let mut attributes: Attributes = KEYWORDS
            .iter()
            .map(|keyword| (keyword.name.to_owned(), self.get(keyword.id).to_owned()))
            .filter(|(_, value)| !value.is_empty())
            .collect();
        for line in self.more.lines().map(str::trim) {
            if line.is_empty() {
                continue;
            }
            let Some((name, value)) = line.split_once('=') else {
                let start = line.split_whitespace().next().unwrap_or_default();
                return Err(format!(
                    "A line under More has no '=': {start}. Write each keyword as keyword=value, on a line of its own."
                ));
            };
            let (name, value) = (name.trim(), value.trim());
            if let Some(keyword) = Keyword::find(name)
                && attributes.iter().any(|(known, _)| known == keyword.name)
            {
                return Err(format!(
                    "{name} stands under More and has a field on another page, too. Remove one of them."
                ));
            }
            attributes.push((name.to_owned(), value.to_owned()));
        }
        Ok(attributes)
    }
}

/// A value as the controls name it, where it has several names.
fn usual(keyword: &Keyword, value: String) -> String {
    let known = match keyword.kind {
        Kind::Boolean => config::boolean(&value).map(|on| if on { "true" } else { "false" }),
        Kind::Choice(_) if keyword.id == Id::AuthenticationType => {
            Method::of_name(&value).map(Method::name)
        }
        Kind::Choice(choices) => choices
            .iter()
            .copied()
            .find(|choice| choice.eq_ignore_ascii_case(&value)),
        _ => None,
    };
    known.map_or(value, str::to_owned)
}

/// Whether a way to sign in uses the keyword, as far as it is one of credentials.
fn is_of(method: Option<Method>, id: Id) -> bool {
    use Method::{Browser, Certificate, ClientCredentials, DeviceFlow, Kerberos, Password, Token};
    let methods: &[Method] = match id {
        // A password without a method means one.
        Id::Password if method.is_none() => return true,
        Id::Password => &[Password],
        Id::AccessToken | Id::AccessTokenFile => &[Token],
        Id::SslClientCertificate
        | Id::SslClientCertificateInStore
        | Id::SslClientKey
        | Id::SslClientKeyPassword => &[Certificate],
        Id::KerberosServiceName
        | Id::KerberosPrincipal
        | Id::KerberosPassword
        | Id::KerberosKeytab
        | Id::KerberosCredentialCache
        | Id::KerberosServicePrincipalPattern
        | Id::KerberosUseCanonicalHostname
        | Id::KerberosDelegation => &[Kerberos],
        Id::OAuth2Timeout => &[Browser, DeviceFlow],
        Id::OAuth2TokenCache | Id::OAuth2RedirectHandlers => &[Browser],
        Id::OAuth2TokenEndpoint => &[ClientCredentials],
        Id::OAuth2Issuer
        | Id::OAuth2ClientId
        | Id::OAuth2ClientSecret
        | Id::OAuth2Scope
        | Id::OAuth2Audience
        | Id::OAuth2TrustStore
        | Id::OAuth2TrustStorePassword => &[ClientCredentials, DeviceFlow],
        _ => return true,
    };
    method.is_some_and(|method| methods.contains(&method))
}

/// Labels with a mnemonic each: the first letter of a label that neither an earlier one nor `taken` has, preferably one
/// that begins a word.
pub fn mnemonics(labels: &[&str], taken: &str) -> Vec<String> {
    let mut taken: Vec<char> = taken.chars().collect();
    let with_mnemonic = |label: &&str| {
        let begins_word = |at: usize| at == 0 || label.as_bytes()[at - 1] == b' ';
        let letters = || {
            label
                .char_indices()
                .filter(|(_, letter)| letter.is_ascii_alphanumeric())
        };
        let is_free = |letter: char| !taken.contains(&letter.to_ascii_lowercase());
        let free = letters()
            .find(|(at, letter)| begins_word(*at) && is_free(*letter))
            .or_else(|| letters().find(|(_, letter)| is_free(*letter)));
        let Some((at, letter)) = free else {
            return (*label).to_owned();
        };
        taken.push(letter.to_ascii_lowercase());
        let (before, from) = label.split_at(at);
        format!("{before}&{from}")
    };
    labels.iter().map(with_mnemonic).collect()
}

const CONNECTION: &[(Id, &str)] = &[
    (Id::Dsn, "Name"),
    (Id::Description, "Description"),
    (Id::Host, "Host"),
    (Id::Port, "Port"),
    (Id::Ssl, "TLS"),
    (Id::Catalog, "Catalog"),
    (Id::Schema, "Schema"),
    (Id::TimeZone, "Time zone"),
    (Id::ConnectTimeout, "Connect timeout (s)"),
    (Id::ReadTimeout, "Read timeout (s)"),
    (Id::ExtraHeaders, "Extra headers"),
];

const SIGN_IN: &[(Id, &str)] = &[
    (Id::AuthenticationType, "Method"),
    (Id::User, "User"),
    (Id::Password, "Password"),
    (Id::AccessToken, "Access token"),
    (Id::AccessTokenFile, "File with token"),
    (Id::SslClientCertificate, "Certificate"),
    (Id::SslClientCertificateInStore, "Certificate in store"),
    (Id::SslClientKey, "Private key"),
    (Id::SslClientKeyPassword, "Passphrase of key"),
    (Id::KerberosServiceName, "Name of service"),
    (Id::KerberosPrincipal, "Principal"),
    (Id::KerberosPassword, "Password"),
    (Id::KerberosKeytab, "Keytab"),
    (Id::KerberosCredentialCache, "Ticket cache"),
    (Id::KerberosServicePrincipalPattern, "Service pattern"),
    (Id::KerberosUseCanonicalHostname, "Canonical host name"),
    (Id::KerberosDelegation, "Delegate the ticket"),
    (Id::OAuth2Issuer, "Issuer"),
    (Id::OAuth2TokenEndpoint, "Token endpoint"),
    (Id::OAuth2ClientId, "Client id"),
    (Id::OAuth2ClientSecret, "Client secret"),
    (Id::OAuth2Scope, "Scopes"),
    (Id::OAuth2Audience, "Audience"),
    (Id::OAuth2TrustStore, "Authorities of issuer"),
    (Id::OAuth2TrustStorePassword, "Password of file"),
    (Id::OAuth2TokenCache, "Token shared"),
    (Id::OAuth2Timeout, "Sign-in timeout (s)"),
    (Id::OAuth2RedirectHandlers, "Address shown by"),
    (Id::SessionUser, "Run queries as"),
    (Id::ExtraCredentials, "Extra credentials"),
    (
        Id::ProtectedSecrets,
        "Save passwords and tokens (encrypted)",
    ),
];

const TLS: &[(Id, &str)] = &[
    (Id::SslVerification, "Verify"),
    (Id::SslTrustStore, "Authorities"),
    (Id::SslTrustStorePassword, "Password of file"),
    (Id::SslUseSystemTrustStore, "Trust the system's authorities"),
    (Id::SslHostNameInCertificate, "Name in certificate"),
    (Id::SslMinVersion, "Oldest TLS"),
    (Id::SslRevocationList, "Revocation lists"),
];

const STORAGE: &[(Id, &str)] = &[
    (Id::StorageSslVerification, "Verify"),
    (Id::StorageTrustStore, "Authorities"),
    (Id::StorageTrustStorePassword, "Password of file"),
    (
        Id::StorageUseSystemTrustStore,
        "Trust the system's authorities",
    ),
    (Id::StorageSslMinVersion, "Oldest TLS"),
    (Id::StorageSslRevocationList, "Revocation lists"),
    (Id::StorageConnectTimeout, "Connect timeout (s)"),
    (Id::StorageRetryTimeout, "Retry for (s)"),
];

const PROXY: &[(Id, &str)] = &[
    (Id::HttpProxy, "Proxy"),
    (Id::HttpProxyUser, "User"),
    (Id::HttpProxyPassword, "Password"),
    (Id::NoProxy, "Not for hosts"),
    (Id::SocksProxy, "SOCKS proxy"),
    (Id::StorageProxy, "Storage proxy"),
    (Id::StorageProxyUser, "Storage proxy user"),
    (Id::StorageProxyPassword, "Storage proxy password"),
    (Id::StorageProxyExclusions, "Not for storage hosts"),
];

const RESULTS: &[(Id, &str)] = &[
    (Id::Encoding, "Encoding"),
    (Id::ParallelDownloads, "Downloads at a time"),
    (Id::DecodeThreads, "Decoding threads"),
    (Id::MemoryLimit, "Memory of statement"),
    (Id::ProcessMemoryLimit, "Memory of process"),
    (Id::Spill, "Spill to disk"),
    (Id::SpillLimit, "Limit on disk"),
    (Id::SpillPath, "Folder"),
    (Id::SpoolingFallback, "Fall back to the direct protocol"),
];

const TYPES: &[(Id, &str)] = &[
    (Id::TextColumnLength, "Length of text"),
    (Id::ComplexColumnLength, "Length of complex types"),
    (Id::TimestampWithTimeZone, "timestamp with time zone"),
    (Id::Interval, "interval"),
    (Id::BigInt, "bigint"),
    (Id::Number, "number"),
    (Id::MetadataCache, "Keep metadata (s)"),
    (Id::NullCatalogIsCurrent, "No catalog means the current one"),
    (Id::LiteralUnderscore, "Underscore is literal"),
    (Id::TableRemarks, "Comments of tables"),
];

const LOG: &[(Id, &str)] = &[
    (Id::LogLevel, "Level"),
    (Id::LogPath, "Folder"),
    (Id::LogFileSize, "Size of file"),
    (Id::LogFileCount, "Files"),
];

/// Bytes of a hint that a field has room for.
const LONGEST_HINT: usize = 40;

/// Keywords whose values are addresses that may have credentials.
const ADDRESSES: &[Id] = &[Id::HttpProxy, Id::SocksProxy, Id::StorageProxy];

/// Paths of folders.
const FOLDERS: &[Id] = &[Id::SpillPath, Id::LogPath];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::super::layout::TAKEN;
    use super::*;
    use crate::config::AUTHENTICATION_TYPES;

    const NAMED: Option<NameField> = Some(NameField::Editable);

    fn with_method(method: &str) -> Form {
        Form::new(
            vec![("AuthenticationType".to_owned(), method.to_owned())],
            NAMED,
        )
    }

    fn methods() -> impl Iterator<Item = &'static str> {
        let names = AUTHENTICATION_TYPES.iter().map(|(name, _)| *name);
        names.chain([""])
    }

    #[test]
    fn each_keyword_has_one_field_or_is_among_more_keywords_and_none_is_lost() {
        let on_pages: Vec<Id> = Page::ALL
            .into_iter()
            .flat_map(|page| page.keywords().iter().map(|(id, _)| *id))
            .collect();
        let once: HashSet<Id> = on_pages.iter().copied().collect();
        assert_eq!(once.len(), on_pages.len());
        for keyword in KEYWORDS {
            let given = vec![(keyword.name.to_owned(), "7".to_owned())];
            let form = Form::new(given.clone(), NAMED);
            let has_field = Page::ALL.into_iter().any(|page| {
                let fields = form.fields(page);
                fields.iter().any(|field| field.keyword.id == keyword.id)
            });
            let is_under_more = form.more().starts_with(keyword.name);
            assert!(has_field ^ is_under_more, "{}", keyword.name);
            assert_eq!(form.attributes().as_ref(), Ok(&given), "{}", keyword.name);
        }
    }

    #[test]
    fn no_secret_is_legible() {
        for keyword in KEYWORDS.iter().filter(|keyword| keyword.secret) {
            let form = Form::new(vec![(keyword.name.to_owned(), "x".to_owned())], NAMED);
            let page = Page::of(keyword.id);
            let fields = form.fields(page);
            let field = fields.iter().find(|field| field.keyword.id == keyword.id);
            let control = field.map(|field| field.control);
            assert!(
                control == Some(Control::Secret)
                    || ADDRESSES.contains(&keyword.id)
                    || keyword.id == Id::ProtectedSecrets,
                "{} is legible under {page:?}",
                keyword.name
            );
        }
    }

    #[test]
    fn each_method_shows_what_it_requires_and_no_other_credentials() {
        for (method, shown, hidden) in [
            ("", Id::Password, Id::AccessToken),
            ("Password", Id::Password, Id::KerberosKeytab),
            ("LDAP Authentication", Id::Password, Id::AccessToken),
            ("JWT", Id::AccessToken, Id::Password),
            ("Certificate", Id::SslClientCertificate, Id::Password),
            ("Kerberos", Id::KerberosPrincipal, Id::OAuth2ClientId),
            ("OAuth2", Id::OAuth2TokenCache, Id::OAuth2ClientSecret),
            ("ClientCredentials", Id::OAuth2ClientSecret, Id::Password),
            ("DeviceFlow", Id::OAuth2Issuer, Id::Password),
            ("None", Id::User, Id::Password),
        ] {
            let fields = with_method(method).fields(Page::SignIn);
            let has = |id| fields.iter().any(|field| field.keyword.id == id);
            assert!(has(shown) && !has(hidden) && has(Id::User), "{method}");
        }
    }

    #[test]
    fn each_method_has_fields_and_some_method_shows_each_field() {
        let mut seen = HashSet::new();
        for method in methods() {
            for field in with_method(method).fields(Page::SignIn) {
                seen.insert(field.keyword.id);
            }
        }
        assert_eq!(seen.len(), SIGN_IN.len());
    }

    #[test]
    fn a_page_is_no_longer_than_the_dialog_has_room_for() {
        for method in methods() {
            for page in Page::ALL {
                let mut form = with_method(method);
                for keyword in KEYWORDS {
                    if keyword.id != Id::AuthenticationType {
                        form.set(keyword.id, "7".to_owned());
                    }
                }
                let fields = form.fields(page);
                assert!(
                    fields.len() <= ROWS,
                    "{page:?} with {method}: {}",
                    fields.len()
                );
                let fitting = with_method(method).fields(page);
                let is_shown = |field: &Field| {
                    let mut ids = fields.iter().map(|field| field.keyword.id);
                    ids.any(|id| id == field.keyword.id)
                };
                assert!(fitting.iter().all(is_shown), "{page:?} with {method}");
            }
        }
    }

    #[test]
    fn mnemonics_are_unique_on_each_page() {
        for method in methods() {
            for page in Page::ALL {
                let fields = with_method(method).fields(page);
                let labels: Vec<_> = fields.iter().map(|field| field.label).collect();
                let mut seen: HashSet<char> = TAKEN.chars().collect();
                for label in mnemonics(&labels, TAKEN) {
                    let (_, after) = label.split_once('&').unwrap_or_else(|| panic!("{label}"));
                    let letter = after.chars().next().unwrap().to_ascii_lowercase();
                    assert!(seen.insert(letter), "{page:?} {method}: {label}");
                }
            }
        }
    }

    #[test]
    fn a_line_without_an_equals_sign_and_a_keyword_with_a_field_are_named() {
        let mut form = Form::new(vec![("Host".to_owned(), "h".to_owned())], None);
        form.set_more("Roles = {a:b} \r\n\r\nClientTags=x,y".to_owned());
        let attributes = form.attributes().unwrap();
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            attributes,
            [
                pair("Host", "h"),
                pair("Roles", "{a:b}"),
                pair("ClientTags", "x,y")
            ]
        );
        form.set_more("nonsense hunter2".to_owned());
        let problem = form.attributes().unwrap_err();
        assert!(
            problem.contains("nonsense") && !problem.contains("hunter2"),
            "{problem}"
        );
        form.set_more("Server=x".to_owned());
        assert!(form.attributes().unwrap_err().contains("Server"));
    }
}
