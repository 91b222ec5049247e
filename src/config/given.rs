//! What was given, keyword by keyword whatever names were used, and how each kind of value is read.

use std::path::PathBuf;

use super::foreign::{Foreign, Stance};
use super::keywords::{Id, KEYWORDS, Keyword, Kind, LOG_LEVELS, TLS_VERSIONS, VERIFICATIONS};
use super::{ConnectionString, Error, Secret, Warning, values};
use crate::latin1;

/// The values that were given, one place for each keyword.
pub(super) struct Given {
    values: Vec<Option<Value>>,
}

/// A value, and the name under which the person gave it.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub(super) name: String,
    text: Secret,
    stronger: bool,
}

impl Value {
    fn new(keyword: &Keyword, name: &str, text: &Secret) -> Self {
        let text = match keyword.kind {
            Kind::Path => Secret::new(values::bare(text.reveal())),
            _ if keyword.is_strict() => {
                Secret::new(values::bare(values::without_comment(text.reveal())))
            }
            _ => text.clone(),
        };
        Self {
            name: name.to_owned(),
            text,
            stronger: keyword.is_stronger(name),
        }
    }

    /// Warns of a value that does not count beside this one, if it says otherwise by another name.
    fn overrule(&self, weaker: Self, keyword: &Keyword, warnings: &mut Vec<Warning>) {
        let (one, other) = (self.text.reveal(), weaker.text.reveal());
        let same = match keyword.kind {
            Kind::Boolean => values::boolean(one) == values::boolean(other),
            Kind::Choice(_) => one.eq_ignore_ascii_case(other),
            _ => one == other,
        };
        if !same && !self.name.eq_ignore_ascii_case(&weaker.name) {
            let by = self.name.clone();
            let keyword = weaker.name;
            warn(warnings, Warning::Contradicted { keyword, by });
        }
    }
}

impl Foreign {
    /// The keyword of ours and the value that it stands for, if any.
    fn reading(
        &self,
        name: &str,
        text: &Secret,
        warnings: &mut Vec<Warning>,
    ) -> Option<(Id, Value)> {
        let keyword = name.to_owned();
        let text = text.reveal();
        match self.stance {
            Stance::Settled => {}
            Stance::Unsupported => warn(warnings, Warning::Unsupported(keyword)),
            Stance::Only(value, why) => {
                let same = match values::boolean(value) {
                    None => text.eq_ignore_ascii_case(value),
                    told => values::boolean(text) == told,
                };
                if !same && !text.is_empty() {
                    warn(warnings, Warning::Ignored { keyword, why });
                }
            }
            Stance::Means(id, value) => match values::boolean(text) {
                Some(true) => {
                    let value = Value {
                        name: keyword,
                        text: Secret::new(value),
                        stronger: false,
                    };
                    return Some((id, value));
                }
                Some(false) => {}
                None => {
                    let why = "it must be true or false";
                    warn(warnings, Warning::Ignored { keyword, why });
                }
            },
        }
        None
    }
}

impl Given {
    pub(super) fn read(pairs: &ConnectionString, warnings: &mut Vec<Warning>) -> Self {
        let mut given = Self {
            values: vec![None; KEYWORDS.len()],
        };
        let mut meant = Vec::new();
        for (name, text) in pairs.pairs() {
            let Some(keyword) = Keyword::find(name) else {
                match Foreign::find(name) {
                    Some(foreign) => meant.extend(foreign.reading(name, text, warnings)),
                    None => warn(warnings, Warning::UnknownKeyword(name.clone())),
                }
                continue;
            };
            let value = Value::new(keyword, name, text);
            let place = given.place(keyword.id);
            let weaker = match place.take() {
                None => {
                    *place = Some(value);
                    continue;
                }
                Some(before) if before.stronger && !value.stronger => {
                    *place = Some(before);
                    value
                }
                Some(before) => {
                    *place = Some(value);
                    before
                }
            };
            if let Some(value) = place {
                value.overrule(weaker, keyword, warnings);
            }
        }
        // Our own keyword says it more exactly than a foreign one. Of the foreign ones the laxest counts.
        meant.sort_by_key(|(_, value)| value.text.reveal() != "None");
        let own: Vec<Id> = meant
            .iter()
            .map(|(id, _)| *id)
            .filter(|id| given.value(*id).is_some())
            .collect();
        for (id, value) in meant {
            match given.place(id) {
                Some(before) if own.contains(&id) => {
                    before.overrule(value, Keyword::of(id), warnings);
                }
                Some(_) => {}
                place => *place = Some(value),
            }
        }
        given.take_apart();
        given
    }

    /// Makes of a host with scheme and port three values, unless that would contradict another one.
    fn take_apart(&mut self) {
        let Some(host) = self.value(Id::Host).cloned() else {
            return;
        };
        let Some(address) = values::address(host.text.reveal()) else {
            return;
        };
        let port = address.port.map(|port| port.to_string());
        let tls = address.tls.map(|tls| tls.to_string());
        let same = |id, text: &Option<String>| match (self.text(id), text) {
            (Some(given), Some(text)) => {
                given == text || values::boolean(given).is_some_and(|it| it.to_string() == *text)
            }
            _ => true,
        };
        if !same(Id::Port, &port) || !same(Id::Ssl, &tls) {
            return;
        }
        let bare = Some(address.host.to_owned());
        for (id, text) in [(Id::Host, bare), (Id::Port, port), (Id::Ssl, tls)] {
            if let Some(text) = text {
                *self.place(id) = Some(Value {
                    text: Secret::new(text),
                    ..host.clone()
                });
            }
        }
    }

    /// Takes from `below` what is not given here, without what belongs to something that is given otherwise here.
    pub(super) fn cover(&mut self, mut below: Self) {
        for (owners, owned) in BELONGING {
            let is_other = |id: &Id| match (self.value(*id), below.value(*id)) {
                (Some(above), Some(below)) => {
                    let (above, below) = (above.text.reveal(), below.text.reveal());
                    !above.eq_ignore_ascii_case(below)
                }
                (above, _) => above.is_some(),
            };
            if owners.iter().any(|id| below.value(*id).is_some()) && owners.iter().any(is_other) {
                owned.iter().for_each(|id| *below.place(*id) = None);
            }
        }
        for (chosen, others) in ALTERNATIVES {
            if self.text(*chosen).is_some() {
                others.iter().for_each(|id| *below.place(*id) = None);
            }
        }
        let in_parts = match self.text(Id::UseProxy).and_then(values::boolean) {
            Some(true) => self.text(Id::ProxyHost).is_some(),
            Some(false) => true,
            None => false,
        };
        if in_parts {
            for id in [Id::HttpProxy, Id::SocksProxy] {
                *below.place(id) = None;
            }
        }
        // Of several credentials one is chosen: what the upper says, unless the kind is said.
        let credentials = [Id::Password, Id::AccessToken, Id::AccessTokenFile];
        let is_said = [&*self, &below]
            .iter()
            .any(|given| given.text(Id::AuthenticationType).is_some());
        if !is_said && credentials.iter().any(|id| self.text(*id).is_some()) {
            credentials.iter().for_each(|id| *below.place(*id) = None);
        }
        for (value, below) in self.values.iter_mut().zip(below.values) {
            if value.is_none() {
                *value = below;
            }
        }
    }

    /// Brings numbers and versions within what the driver can do, and warns where that is something else.
    pub(super) fn fit(&mut self, warnings: &mut Vec<Warning>) {
        for keyword in KEYWORDS {
            let Some(text) = self.text(keyword.id) else {
                continue;
            };
            let fitted = match keyword.kind {
                Kind::Integer { min, max } => fitted(values::integer(text), min, max),
                Kind::Bytes { min, max } => fitted(values::bytes(text), min, max),
                Kind::Seconds { min, max } => fitted(values::seconds(text), min, max),
                Kind::Choice(TLS_VERSIONS) => match values::tls_version(text) {
                    Some(13) => Some(Fitted::Same("1.3".to_owned())),
                    Some(12) => Some(Fitted::Same("1.2".to_owned())),
                    Some(_) => Some(Fitted::Other("1.2".to_owned())),
                    None => None,
                },
                Kind::Choice(LOG_LEVELS) => values::integer(text)
                    .filter(|level| *level > FINEST)
                    .map(|_| Fitted::Other("trace".to_owned())),
                Kind::Choice(VERIFICATIONS) => values::boolean(text).map(|on| {
                    let name = if on { "Full" } else { "None" };
                    Fitted::Same(name.to_owned())
                }),
                _ => None,
            };
            let text = match fitted {
                // Another port is another server.
                None | Some(Fitted::Other(_)) if matches!(keyword.id, Id::Port | Id::ProxyPort) => {
                    continue;
                }
                None => continue,
                Some(Fitted::Same(text)) => text,
                Some(Fitted::Other(instead)) => {
                    let warning = Warning::Replaced {
                        keyword: self.name(keyword.id),
                        value: text.escape_debug().to_string(),
                        instead: instead.clone(),
                    };
                    warn(warnings, warning);
                    instead
                }
            };
            if let Some(value) = self.place(keyword.id) {
                value.text = Secret::new(text);
            }
        }
    }

    pub(super) fn boolean(&self, id: Id) -> Result<Option<bool>, Error> {
        self.text(id)
            .map(|text| values::boolean(text).ok_or_else(|| self.invalid(id)))
            .transpose()
    }

    /// An integer, bytes or seconds, which [`fit`](Self::fit) has brought within the bounds of the table.
    pub(super) fn number(&self, id: Id) -> Result<Option<u64>, Error> {
        let read = |text: &str| {
            let number = text.parse::<u64>().ok()?;
            let (Kind::Integer { max, .. } | Kind::Bytes { max, .. } | Kind::Seconds { max, .. }) =
                Keyword::of(id).kind
            else {
                return None;
            };
            (number <= max).then_some(number)
        };
        self.text(id)
            .map(|text| read(text).ok_or_else(|| self.invalid(id)))
            .transpose()
    }

    pub(super) fn choice(
        &self,
        id: Id,
        choices: &[&'static str],
    ) -> Result<Option<&'static str>, Error> {
        let find = |text: &str| {
            let found = choices
                .iter()
                .find(|choice| choice.eq_ignore_ascii_case(text));
            found.copied().ok_or_else(|| self.invalid(id))
        };
        self.text(id).map(find).transpose()
    }

    pub(super) fn list(&self, id: Id) -> Result<Vec<String>, Error> {
        Ok(self
            .line(id)?
            .map(|text| values::list(&text))
            .unwrap_or_default())
    }

    pub(super) fn paths(&self, id: Id) -> Vec<PathBuf> {
        let paths = self.text(id).map(values::paths).unwrap_or_default();
        paths.into_iter().map(PathBuf::from).collect()
    }

    pub(super) fn pairs(&self, id: Id) -> Result<Vec<(String, String)>, Error> {
        let Some(text) = self.text(id) else {
            return Ok(Vec::new());
        };
        values::pairs(text).ok_or_else(|| self.invalid(id))
    }

    /// A text of one line.
    pub(super) fn line(&self, id: Id) -> Result<Option<String>, Error> {
        match self.text(id) {
            Some(text) if !values::is_line(text) => Err(self.invalid(id)),
            text => Ok(text.map(str::to_owned)),
        }
    }

    /// A text of one line that goes into a header as it is.
    pub(super) fn header(&self, id: Id) -> Result<Option<String>, Error> {
        let text = self.line(id)?;
        if let Some(text) = &text {
            self.check_fits(id, text)?;
        }
        Ok(text)
    }

    /// Refuses a part of the keyword's value that goes into a header as it is and does not fit there.
    pub(super) fn check_fits(&self, id: Id, text: &str) -> Result<(), Error> {
        match latin1::unfit(text) {
            None => Ok(()),
            Some(character) => Err(Error::Unsendable {
                keyword: self.name(id),
                character: (!Keyword::of(id).secret).then_some(character),
            }),
        }
    }

    /// Pairs whose names go into headers as they are; values are encoded there.
    pub(super) fn header_pairs(&self, id: Id) -> Result<Vec<(String, String)>, Error> {
        let pairs = self.pairs(id)?;
        for (name, _) in &pairs {
            self.check_fits(id, name)?;
        }
        Ok(pairs)
    }

    pub(super) fn secret(&self, id: Id) -> Result<Option<Secret>, Error> {
        match self.text(id) {
            Some(text) if !values::is_line(text) => Err(self.invalid(id)),
            text => Ok(text.map(Secret::new)),
        }
    }

    /// The text of a value that is given and not empty.
    pub(super) fn text(&self, id: Id) -> Option<&str> {
        let text = self.value(id)?.text.reveal();
        (!text.is_empty()).then_some(text)
    }

    /// The name that the person used.
    pub(super) fn name(&self, id: Id) -> String {
        self.value(id).map_or_else(
            || Keyword::of(id).name.to_owned(),
            |value| value.name.clone(),
        )
    }

    pub(super) fn value(&self, id: Id) -> Option<&Value> {
        self.values.get(id as usize)?.as_ref()
    }

    fn place(&mut self, id: Id) -> &mut Option<Value> {
        self.values
            .get_mut(id as usize)
            .expect("a test holds that there are as many places as ids")
    }

    pub(super) fn invalid(&self, id: Id) -> Error {
        let keyword = Keyword::of(id);
        let value = self.text(id).filter(|_| !keyword.secret);
        Error::Invalid {
            keyword: self.name(id),
            value: value.map(|text| text.escape_debug().to_string()),
            allowed: allowed(keyword),
        }
    }
}

/// The largest number of a level of the log.
const FINEST: u64 = 6;

/// A value in the form that is read further.
enum Fitted {
    /// Which means the same.
    Same(String),
    /// The nearest that there is.
    Other(String),
}

/// The number within its bounds. 0 is the default where nothing so small makes sense, as in other drivers' manuals.
fn fitted(number: Option<u64>, min: u64, max: u64) -> Option<Fitted> {
    let number = number?;
    Some(match number {
        0 if min > 0 => Fitted::Same(String::new()),
        _ if number < min => Fitted::Other(min.to_string()),
        _ if number > max => Fitted::Other(max.to_string()),
        _ => Fitted::Same(number.to_string()),
    })
}

/// Keywords, and those that say more about the same thing and mean nothing to another one.
const BELONGING: &[(&[Id], &[Id])] = &[
    (&[Id::Catalog], &[Id::Schema]),
    (&[Id::OAuth2Issuer], &[Id::OAuth2TokenEndpoint]),
    (&[Id::OAuth2ClientId], &[Id::OAuth2ClientSecret]),
    (&[Id::KerberosPrincipal], &[Id::KerberosPassword]),
    (&[Id::SslTrustStore], &[Id::SslTrustStorePassword]),
    (&[Id::StorageTrustStore], &[Id::StorageTrustStorePassword]),
    (&[Id::OAuth2TrustStore], &[Id::OAuth2TrustStorePassword]),
    (
        &[Id::SslClientCertificate],
        &[Id::SslClientKey, Id::SslClientKeyPassword],
    ),
    (&[Id::SslClientKey], &[Id::SslClientKeyPassword]),
    (
        &[Id::HttpProxy, Id::SocksProxy, Id::ProxyHost],
        &[Id::HttpProxyUser, Id::HttpProxyPassword],
    ),
    (&[Id::HttpProxyUser], &[Id::HttpProxyPassword]),
    (
        &[Id::StorageProxy],
        &[Id::StorageProxyUser, Id::StorageProxyPassword],
    ),
    (&[Id::StorageProxyUser], &[Id::StorageProxyPassword]),
];

/// Keywords, and those that say the same thing in another way.
const ALTERNATIVES: &[(Id, &[Id])] = &[
    (Id::AccessToken, &[Id::AccessTokenFile]),
    (Id::AccessTokenFile, &[Id::AccessToken]),
    (
        Id::HttpProxy,
        &[Id::SocksProxy, Id::UseProxy, Id::ProxyHost, Id::ProxyPort],
    ),
    (
        Id::SocksProxy,
        &[Id::HttpProxy, Id::UseProxy, Id::ProxyHost, Id::ProxyPort],
    ),
];

/// What a value of the keyword must be, as the end of a sentence.
fn allowed(keyword: &Keyword) -> String {
    match keyword.id {
        Id::Host => {
            return "a host name or address, without a path, and without a scheme or port other than SSL and Port say"
                .to_owned();
        }
        Id::HttpProxy | Id::StorageProxy => {
            return "host:port, with http://, https://, socks5:// or socks5h:// before it or without, none, or system"
                .to_owned();
        }
        Id::ProxyHost => return "a host name or address".to_owned(),
        Id::ResourceEstimates => {
            return "EXECUTION_TIME, CPU_TIME or PEAK_MEMORY with a value, as name:value;name:value".to_owned();
        }
        Id::ExtraHeaders => {
            return "name:value;name:value, with names that are not of the protocol".to_owned();
        }
        Id::SocksProxy => return "host:port".to_owned(),
        Id::AccessToken => {
            return "a token: letters, digits and signs of ASCII, without blanks".to_owned();
        }
        Id::Encoding => return "auto, a list of json+zstd, json+lz4, json, or none".to_owned(),
        Id::OAuth2Issuer | Id::OAuth2TokenEndpoint => return "an https address".to_owned(),
        Id::OAuth2RedirectHandlers => return "a list of OPEN, PRINT, or ALL".to_owned(),
        Id::LogLevel => return format!("one of {}, or 0 to 6", LOG_LEVELS.join(", ")),
        _ => {}
    }
    match keyword.kind {
        Kind::Boolean => "true or false".to_owned(),
        Kind::Integer { min, max } => format!("a whole number from {min} to {max}"),
        Kind::Bytes { min, max } => {
            format!(
                "a number with KB, MB or GB, from {} MB to {} GB",
                min >> 20,
                max >> 30
            )
        }
        Kind::Seconds { min, max } => format!("seconds, from {min} to {max}"),
        Kind::Choice(choices) => format!("one of {}", choices.join(", ")),
        Kind::Pairs => "name:value;name:value or name=value,name=value".to_owned(),
        Kind::Manager | Kind::Text | Kind::List | Kind::Path | Kind::Paths => {
            "text without control characters".to_owned()
        }
    }
}

pub(super) fn warn(warnings: &mut Vec<Warning>, warning: Warning) {
    if !warnings.contains(&warning) {
        warnings.push(warning);
    }
}
