//! The values of keywords, by keyword whatever names were used, and how each kind of value is read.

mod covering;
mod fitting;

use std::path::PathBuf;
use std::time::Duration;

use trino_client::latin1;

use super::keywords::{Id, KEYWORDS, Keyword, Kind, LOG_LEVELS};
use super::other_drivers::{OtherDriversKeyword, Support};
use super::{ConnectionString, Error, Secret, Warning, values};

/// The values of keywords, one place for each.
pub(super) struct KeywordValues {
    values: Vec<Option<Value>>,
}

/// A value, and the name by which it was given.
#[derive(Debug, Clone)]
pub(super) struct Value {
    pub(super) name: String,
    text: Secret,
    stronger: bool,
}

impl Default for KeywordValues {
    /// No value at all.
    fn default() -> Self {
        Self {
            values: vec![None; KEYWORDS.len()],
        }
    }
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

    /// Warns of a value that this one takes precedence over, if the two differ and have different
    /// names.
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

impl OtherDriversKeyword {
    /// The keyword of this driver and the value that it is the same as, if any.
    fn translate(
        &self,
        name: &str,
        text: &Secret,
        warnings: &mut Vec<Warning>,
    ) -> Option<(Id, Value)> {
        let keyword = name.to_owned();
        let text = text.reveal();
        match self.support {
            Support::Needless => {}
            Support::None => warn(warnings, Warning::Unsupported(keyword)),
            Support::Only(value, reason) => {
                let same = match values::boolean(value) {
                    None => text.eq_ignore_ascii_case(value),
                    on => values::boolean(text) == on,
                };
                if !same && !text.is_empty() {
                    warn(warnings, Warning::Ignored { keyword, reason });
                }
            }
            Support::Means(id, value) => match values::boolean(text) {
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
                    let reason = "It must be true or false.";
                    warn(warnings, Warning::Ignored { keyword, reason });
                }
            },
        }
        None
    }
}

impl KeywordValues {
    pub(super) fn read(pairs: &ConnectionString, warnings: &mut Vec<Warning>) -> Self {
        let mut given = Self::default();
        let mut translated = Vec::new();
        for (name, text) in pairs.pairs() {
            let Some(keyword) = Keyword::find(name) else {
                match OtherDriversKeyword::find(name) {
                    Some(known) => translated.extend(known.translate(name, text, warnings)),
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
        // The driver's own keyword is more exact than another driver's. Of the latter, the laxest
        // applies.
        translated.sort_by_key(|(_, value)| value.text.reveal() != "None");
        let own: Vec<Id> = translated
            .iter()
            .map(|(id, _)| *id)
            .filter(|id| given.value(*id).is_some())
            .collect();
        for (id, value) in translated {
            match given.place(id) {
                Some(before) if own.contains(&id) => {
                    before.overrule(value, Keyword::of(id), warnings);
                }
                Some(_) => {}
                place => *place = Some(value),
            }
        }
        given.split_host();
        given
    }

    /// Splits a host with scheme and port into three values, unless one of them would contradict
    /// another keyword.
    fn split_host(&mut self) {
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

    /// A boolean that was given.
    pub(super) fn given_boolean(&self, id: Id) -> Result<Option<bool>, Error> {
        self.text(id)
            .map(|text| values::boolean(text).ok_or_else(|| self.invalid(id)))
            .transpose()
    }

    /// A boolean, or the keyword's default.
    pub(super) fn boolean(&self, id: Id) -> Result<bool, Error> {
        let default = Keyword::of(id).default.boolean();
        Ok(self
            .given_boolean(id)?
            .unwrap_or_else(|| default.expect("the keyword has a default")))
    }

    /// A number that was given, which [`fit`](Self::fit) has brought within the bounds of the
    /// table.
    pub(super) fn given_number(&self, id: Id) -> Result<Option<u64>, Error> {
        let Some(text) = self.text(id) else {
            return Ok(None);
        };
        match (text.parse(), Keyword::of(id).kind) {
            (
                Ok(number),
                Kind::Integer { max, .. } | Kind::Bytes { max, .. } | Kind::Seconds { max, .. },
            ) if number <= max => Ok(Some(number)),
            _ => Err(self.invalid(id)),
        }
    }

    /// A number, or the keyword's default.
    pub(super) fn number(&self, id: Id) -> Result<u64, Error> {
        let default = Keyword::of(id).default.number();
        Ok(self
            .given_number(id)?
            .unwrap_or_else(|| default.expect("the keyword has a default")))
    }

    /// A count that was given.
    pub(super) fn given_count(&self, id: Id) -> Result<Option<usize>, Error> {
        let count = self.given_number(id)?.map(usize::try_from);
        count.transpose().map_err(|_| self.invalid(id))
    }

    /// A count, or the keyword's default.
    pub(super) fn count(&self, id: Id) -> Result<usize, Error> {
        usize::try_from(self.number(id)?).map_err(|_| self.invalid(id))
    }

    /// Seconds, or the keyword's default.
    pub(super) fn duration(&self, id: Id) -> Result<Duration, Error> {
        self.number(id).map(Duration::from_secs)
    }

    /// A time limit, or the keyword's default; 0 is no limit.
    pub(super) fn limit(&self, id: Id) -> Result<Option<Duration>, Error> {
        let limit = self.duration(id)?;
        Ok((!limit.is_zero()).then_some(limit))
    }

    /// One of a few values, or the keyword's default.
    pub(super) fn choice<T: Copy>(
        &self,
        id: Id,
        choices: &[(&'static str, T)],
    ) -> Result<T, Error> {
        let default = Keyword::of(id).default.text();
        let name = self
            .text(id)
            .unwrap_or_else(|| default.expect("the keyword has a default"));
        choices
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value)
            .ok_or_else(|| self.invalid(id))
    }

    /// A text of one line, or the keyword's default.
    pub(super) fn line_or_default(&self, id: Id) -> Result<String, Error> {
        let default = Keyword::of(id).default.text();
        Ok(self
            .line(id)?
            .unwrap_or_else(|| default.expect("the keyword has a default").to_owned()))
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

    /// Refuses a part of the keyword's value that goes into a header as it is and does not fit
    /// there.
    pub(super) fn check_fits(&self, id: Id, text: &str) -> Result<(), Error> {
        match latin1::unfit(text) {
            None => Ok(()),
            Some(_) => Err(self.unsendable(id, text)),
        }
    }

    /// The error for a part of the keyword's value that does not fit into a header.
    pub(super) fn unsendable(&self, id: Id, text: &str) -> Error {
        Error::Unsendable {
            keyword: id,
            name: self.name(id),
            character: latin1::unfit(text).filter(|_| !Keyword::of(id).secret),
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

    /// The name by which the keyword was given, else its own.
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
        self.must_be(id, allowed(Keyword::of(id)))
    }

    /// The error for a value that must be something else.
    pub(super) fn must_be(&self, id: Id, allowed: impl Into<String>) -> Error {
        let value = self.text(id).filter(|_| !Keyword::of(id).secret);
        Error::Invalid {
            keyword: id,
            name: self.name(id),
            value: value.map(|text| text.escape_debug().to_string()),
            allowed: allowed.into(),
        }
    }
}

/// What a value of the keyword must be, as the end of a sentence.
fn allowed(keyword: &Keyword) -> String {
    match keyword.id {
        Id::Host => {
            return "a host name or address, without a path, and with no scheme or port that contradicts SSL or Port"
                .to_owned();
        }
        Id::HttpProxy | Id::StorageProxy => {
            return "host:port, optionally after http://, https://, socks5:// or socks5h://, or none, or system"
                .to_owned();
        }
        Id::ProxyHost => return "a host name or address".to_owned(),
        Id::ResourceEstimates => {
            return "EXECUTION_TIME, CPU_TIME or PEAK_MEMORY with a value, as name:value;name:value".to_owned();
        }
        Id::ExtraHeaders => {
            return "name:value;name:value, without headers that the driver sends itself"
                .to_owned();
        }
        Id::SocksProxy => return "host:port".to_owned(),
        Id::AccessToken => {
            return "a token of visible ASCII characters, without blanks".to_owned();
        }
        Id::Encoding => return "auto, a list of json+zstd, json+lz4, json, or none".to_owned(),
        Id::OAuth2Issuer | Id::OAuth2TokenEndpoint => return "an https address".to_owned(),
        Id::OAuth2RedirectHandlers => return "a list of OPEN, PRINT, or ALL".to_owned(),
        Id::LogLevel => {
            return format!(
                "one of {}, or 0 to 6",
                LOG_LEVELS.map(|(name, _)| name).join(", ")
            );
        }
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
