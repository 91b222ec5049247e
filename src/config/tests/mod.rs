//! The way from text to settings, by noun.

mod client;
mod data_source;
mod headers;
mod messages;
mod names;
mod proxy;

use proptest::prelude::*;

use super::{
    Authentication, ConnectionString, DataSources, Error, Options, Settings, Warning, parse,
};

/// One data source, `Demo`.
struct Demo(&'static [(&'static str, &'static str)]);

impl DataSources for Demo {
    fn attributes(&self, dsn: &str) -> Option<Vec<(String, String)>> {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        (dsn == "Demo").then(|| self.0.iter().map(own).collect())
    }
}

const NONE: Demo = Demo(&[]);

fn all(text: &str, sources: &Demo) -> Result<(Settings, Vec<Warning>), Error> {
    parse(&ConnectionString::parse(text)?, sources).map_err(|refusal| refusal.error)
}

fn both(text: &str, sources: &Demo) -> Result<(Options, Vec<Warning>), Error> {
    let (settings, warnings) = all(text, sources)?;
    Ok((settings.client, warnings))
}

fn settings(text: &str) -> Settings {
    all(text, &NONE).unwrap().0
}

fn options(text: &str) -> Options {
    settings(text).client
}

fn password(options: &Options) -> &str {
    match &options.authentication {
        Authentication::Password(login) => login.password().reveal(),
        other => panic!("{other:?}"),
    }
}

fn error(text: &str) -> Error {
    both(text, &NONE).unwrap_err()
}

proptest! {
    #[test]
    fn any_values_are_read_or_refused(
        index in 0..super::KEYWORDS.len(),
        value in ".{0,20}|[0-9]{1,20}|[a-z:=,;]{0,12}"
    ) {
        let pairs = [
            ("Host".to_owned(), "h".to_owned()),
            (super::KEYWORDS[index].name.to_owned(), value),
        ];
        let _ = parse(&ConnectionString::from_pairs(pairs), &NONE);
    }
}
