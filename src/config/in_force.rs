//! The values of keywords that apply to a connection, and how an edit of them changes its connection string.

use super::data_source::covered;
use super::keywords::{KEYWORDS, Keyword, Kind};
use super::{ConnectionString, DataSources};

/// The value of each keyword that a connection string or its data source sets, by the keyword's own name. Unknown
/// keywords are not among them.
pub fn in_force(
    connection: &ConnectionString,
    data_sources: &dyn DataSources,
) -> Vec<(String, String)> {
    let Ok(values) = covered(connection, data_sources, &mut Vec::new()) else {
        return Vec::new();
    };
    let values = KEYWORDS
        .iter()
        .filter(|keyword| keyword.kind != Kind::Manager)
        .filter_map(|keyword| Some((keyword.name.to_owned(), values.text(keyword.id)?.to_owned())));
    values.collect()
}

/// Changes the connection string so that exactly `edited` is in force. What the data source sets to the same is not
/// added.
pub fn set_in_force(
    connection: &mut ConnectionString,
    edited: &[(String, String)],
    data_sources: &dyn DataSources,
) {
    let before = in_force(connection, data_sources);
    for (name, _) in &before {
        if value(edited, name).is_none() {
            connection.set(name, "");
        }
    }
    for (name, text) in edited {
        if value(&before, name) != Some(text) {
            connection.set(name, text);
        }
    }
    // Another value of one keyword may have unset those of the data source that belong to it. A secret belongs to the
    // name it was saved with.
    let after = in_force(connection, data_sources);
    for (name, text) in edited {
        let is_secret = Keyword::find(name).is_some_and(|keyword| keyword.secret);
        if !is_secret && value(&after, name) != Some(text) {
            connection.set(name, text);
        }
    }
}

fn value<'a>(attributes: &'a [(String, String)], name: &str) -> Option<&'a String> {
    let found = attributes
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    found
        .map(|(_, value)| value)
        .filter(|value| !value.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{ConnectionString, DataSources, in_force, set_in_force};

    struct Kept;

    impl DataSources for Kept {
        fn attributes(&self, dsn: &str) -> Option<Vec<(String, String)>> {
            let kept = [
                ("Server", "h"),
                ("Catalog", "a"),
                ("Schema", "s"),
                ("UID", "ann"),
                ("PWD", "kept"),
            ];
            let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
            (dsn == "kept").then(|| kept.into_iter().map(pair).collect())
        }
    }

    fn after(given: &str, change: impl FnOnce(&mut Vec<(String, String)>)) -> String {
        let mut connection = ConnectionString::parse(given).unwrap();
        let mut edited = in_force(&connection, &Kept);
        change(&mut edited);
        set_in_force(&mut connection, &edited, &Kept);
        assert_eq!(in_force(&connection, &Kept), edited, "{given}");
        connection.completed()
    }

    fn set(edited: &mut [(String, String)], name: &str, value: &str) {
        let (_, text) = edited.iter_mut().find(|(known, _)| known == name).unwrap();
        *text = value.to_owned();
    }

    #[test]
    fn what_was_not_changed_is_not_added_and_secrets_stay_in_the_data_source() {
        assert_eq!(after("DSN=kept", |_| {}), "DSN=kept;");
        assert_eq!(
            after("DSN=kept;User=bob", |edited| set(edited, "UID", "eve")),
            "DSN=kept;UID=eve;"
        );
    }

    #[test]
    fn a_changed_value_keeps_what_belongs_to_it_as_it_was_shown() {
        assert_eq!(
            after("DSN=kept", |edited| set(edited, "Catalog", "b")),
            "DSN=kept;Catalog=b;Schema=s;"
        );
    }

    #[test]
    fn a_changed_value_replaces_names_that_would_take_precedence() {
        assert_eq!(
            after("Server=x;Host=y;UID=u", |edited| set(edited, "Host", "z")),
            "UID=u;Host=z;"
        );
    }

    #[test]
    fn a_cleared_value_is_cleared_in_the_data_source_too() {
        assert_eq!(
            after("DSN=kept", |edited| edited
                .retain(|(name, _)| name != "Schema")),
            "DSN=kept;Schema=;"
        );
    }
}
