//! Data sources and settings in a store that can fail.

use std::cell::{Cell, RefCell};

use super::*;
use crate::abi::*;

const DRIVER: &str = "Trino";

/// Data sources in memory. Writing fails from the given write on, having written half.
#[derive(Default)]
struct Memory {
    sources: RefCell<Vec<(String, Attributes)>>,
    settings: RefCell<Attributes>,
    writes: Cell<usize>,
    fails_at: Option<usize>,
    keeps: Option<&'static str>,
}

impl Memory {
    fn with(sources: &[(&str, &[(&str, &str)])]) -> Self {
        let sources = sources
            .iter()
            .map(|(name, attributes)| ((*name).to_owned(), own(attributes)));
        Self {
            sources: RefCell::new(sources.collect()),
            ..Self::default()
        }
    }

    fn all(&self) -> Vec<(String, Attributes)> {
        self.sources.borrow().clone()
    }
}

impl Store for Memory {
    fn driver_file(&self, driver: &str) -> Option<String> {
        (driver == DRIVER).then(|| "C:\\trinoodbc.dll".to_owned())
    }

    fn set_driver_value(&self, _: &str, name: &str, value: Option<&str>) -> Result<(), String> {
        let mut settings = self.settings.borrow_mut();
        settings.retain(|(known, _)| known != name);
        settings.extend(value.map(|value| (name.to_owned(), value.to_owned())));
        Ok(())
    }

    fn attributes(&self, name: &str) -> Option<Attributes> {
        let sources = self.sources.borrow();
        let found = sources
            .iter()
            .find(|(known, _)| known.eq_ignore_ascii_case(name));
        found.map(|(_, attributes)| attributes.clone())
    }

    fn write(&self, name: &str, _: &str, attributes: &Attributes) -> Result<(), String> {
        let write = self.writes.replace(self.writes.get() + 1);
        let mut sources = self.sources.borrow_mut();
        let fails = self.fails_at == Some(write);
        let kept = if fails { 1 } else { attributes.len() };
        let written: Attributes = attributes.iter().take(kept).cloned().collect();
        match sources
            .iter_mut()
            .find(|(known, _)| known.eq_ignore_ascii_case(name))
        {
            Some(found) => found.1 = written,
            None => sources.push((name.to_owned(), written)),
        }
        if fails {
            return Err("Access is denied.".to_owned());
        }
        Ok(())
    }

    fn remove(&self, name: &str) -> Result<(), String> {
        if self.keeps == Some(name) {
            return Err("Access is denied.".to_owned());
        }
        let mut sources = self.sources.borrow_mut();
        sources.retain(|(known, _)| !known.eq_ignore_ascii_case(name));
        Ok(())
    }
}

/// A user who enters these attributes, or cancels.
struct User {
    enters: Option<&'static [(&'static str, &'static str)]>,
    agrees: bool,
    shown: RefCell<Vec<(Attributes, NameField)>>,
}

impl User {
    fn entering(enters: &'static [(&'static str, &'static str)]) -> Self {
        Self {
            enters: Some(enters),
            agrees: true,
            shown: RefCell::default(),
        }
    }
}

impl Dialog for User {
    fn edit(&self, attributes: Attributes, name: NameField) -> Result<Option<Attributes>, Failure> {
        self.shown.borrow_mut().push((attributes, name));
        Ok(self.enters.map(own))
    }

    fn may_replace(&self, _: &str) -> bool {
        self.agrees
    }
}

fn own(attributes: &[(&str, &str)]) -> Attributes {
    let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
    attributes.iter().map(own).collect()
}

fn configure(request: u16, texts: &[&str], store: &Memory) -> Result<(), Failure> {
    let attributes = list(texts.iter().copied())?;
    configure_data_source(request, DRIVER, attributes, store, None)
}

fn with_dialog(request: u16, texts: &[&str], store: &Memory, user: &User) -> Result<(), Failure> {
    let attributes = list(texts.iter().copied())?;
    configure_data_source(request, DRIVER, attributes, store, Some(user))
}

#[test]
fn a_data_source_is_added_changed_and_removed() {
    let store = Memory::default();
    let add = [
        "DSN=W",
        "Host=h",
        "Catalog=c",
        "Description=Warehouse",
        "Schema=",
    ];
    configure(ODBC_ADD_DSN, &add, &store).unwrap();
    let added = [
        ("Host", "h"),
        ("Catalog", "c"),
        ("Description", "Warehouse"),
    ];
    assert_eq!(store.all(), [("W".to_owned(), own(&added))]);

    let change = ["dsn=w", "Port=8443", "ssl=1", "CATALOG="];
    configure(ODBC_CONFIG_DSN, &change, &store).unwrap();
    let changed = [
        ("Host", "h"),
        ("Description", "Warehouse"),
        ("Port", "8443"),
        ("ssl", "1"),
    ];
    assert_eq!(store.attributes("W"), Some(own(&changed)));

    configure(ODBC_REMOVE_DSN, &["DSN=W"], &store).unwrap();
    assert_eq!(store.all(), []);
}

#[test]
fn an_attribute_replaces_the_one_that_was_set_by_another_name() {
    let store = Memory::with(&[("W", &[("Server", "old"), ("HostName", "older")])]);
    configure(ODBC_CONFIG_DSN, &["DSN=W", "Host=new"], &store).unwrap();
    assert_eq!(store.attributes("W"), Some(own(&[("Host", "new")])));
}

#[test]
fn a_data_source_that_is_added_again_is_replaced_whole() {
    let store = Memory::with(&[("W", &[("Host", "old"), ("Catalog", "c")])]);
    configure(ODBC_ADD_DSN, &["DSN=W", "Driver=other", "Host=new"], &store).unwrap();
    assert_eq!(store.attributes("W"), Some(own(&[("Host", "new")])));
}

#[test]
fn attributes_may_come_as_one_connection_string() {
    let store = Memory::default();
    configure(
        ODBC_ADD_DSN,
        &["DSN=W;Host=h;PWD={a;b};SSL=1;UID=ann"],
        &store,
    )
    .unwrap();
    let written = [("Host", "h"), ("PWD", "a;b"), ("SSL", "1"), ("UID", "ann")];
    assert_eq!(store.attributes("W"), Some(own(&written)));
}

#[test]
fn what_is_refused_has_its_code_and_sentence_and_writes_nothing() {
    for (request, texts, code, words) in [
        (
            ODBC_ADD_DSN,
            &["DSN=W", "Host=h", "Port=70000"][..],
            ODBC_ERROR_INVALID_KEYWORD_VALUE,
            "1 to 65535",
        ),
        (
            ODBC_ADD_DSN,
            &["DSN=W", "Hots=h"],
            ODBC_ERROR_INVALID_KEYWORD_VALUE,
            "did you mean Host?",
        ),
        (
            ODBC_ADD_DSN,
            &["DSN=W", "Host=h", "hunter2"],
            ODBC_ERROR_INVALID_KEYWORD_VALUE,
            "Attribute 3",
        ),
        (
            ODBC_ADD_DSN,
            &["DSN=W", "=h"],
            ODBC_ERROR_INVALID_KEYWORD_VALUE,
            "no keyword",
        ),
        (
            ODBC_ADD_DSN,
            &["DSN=W", "Host=h", "PWD=hunter2"],
            ODBC_ERROR_INVALID_KEYWORD_VALUE,
            "SSL=true",
        ),
        (
            ODBC_ADD_DSN,
            &["Host=h"],
            ODBC_ERROR_INVALID_DSN,
            "DSN is missing",
        ),
        (
            ODBC_ADD_DSN,
            &["DSN=a\\b", "Host=h"],
            ODBC_ERROR_INVALID_DSN,
            "[]{}(),;?*=!@\\",
        ),
        (
            ODBC_ADD_DSN,
            &["DSN=123456789012345678901234567890123", "Host=h"],
            ODBC_ERROR_INVALID_DSN,
            "32",
        ),
        (
            ODBC_ADD_DSN,
            &["DSN=odbc data sources", "Host=h"],
            ODBC_ERROR_INVALID_DSN,
            "lists",
        ),
        (
            ODBC_CONFIG_DSN,
            &["DSN=None"],
            ODBC_ERROR_INVALID_DSN,
            "not found",
        ),
        (
            ODBC_CONFIG_DSN,
            &["DSN=Old", "Host="],
            ODBC_ERROR_INVALID_KEYWORD_VALUE,
            "Host is missing",
        ),
        (
            ODBC_CONFIG_DSN,
            &["DSN=Old", "SSL=perhaps"],
            ODBC_ERROR_INVALID_KEYWORD_VALUE,
            "true or false",
        ),
        (
            ODBC_REMOVE_DSN,
            &["DSN=None"],
            ODBC_ERROR_INVALID_DSN,
            "not found",
        ),
        (
            4,
            &["DSN=Old"],
            ODBC_ERROR_INVALID_REQUEST_TYPE,
            "request 4",
        ),
    ] {
        let store = Memory::with(&[("Old", &[("Host", "h")])]);
        let before = store.all();
        let failure = configure(request, texts, &store).unwrap_err();
        assert_eq!(failure.code, code, "{failure}");
        assert!(failure.message.contains(words), "{failure}");
        assert!(!failure.message.contains("hunter2"), "{failure}");
        assert_eq!(store.all(), before);
    }
}

#[test]
fn user_and_secrets_may_be_left_to_the_application() {
    for texts in [
        &["DSN=W", "Host=h"][..],
        &["DSN=W", "Host=h", "SSL=1", "AuthenticationType=Password"],
        &["DSN=W", "Host=h", "SSL=1", "AuthenticationType=JWT"],
    ] {
        let store = Memory::default();
        configure(ODBC_ADD_DSN, texts, &store).unwrap();
        assert_eq!(
            store.attributes("W").map(|it| it.len()),
            Some(texts.len() - 1)
        );
    }
}

#[test]
fn a_driver_that_is_not_registered_gets_no_data_source() {
    let store = Memory::default();
    let attributes = own(&[("DSN", "W"), ("Host", "h")]);
    let failure =
        configure_data_source(ODBC_ADD_DSN, "Other", attributes, &store, None).unwrap_err();
    assert_eq!(failure.code, ODBC_ERROR_INVALID_NAME);
    assert_eq!(store.all(), []);
}

#[test]
fn what_could_not_be_written_whole_is_as_it_was() {
    for old in [&[][..], &[("W", &[("Host", "old"), ("Catalog", "c")][..])]] {
        let store = Memory {
            fails_at: Some(0),
            ..Memory::with(old)
        };
        let before = store.all();
        let texts = ["DSN=W", "Host=h", "Port=1", "Catalog=d"];
        let failure = configure(ODBC_ADD_DSN, &texts, &store).unwrap_err();
        assert_eq!(failure.code, ODBC_ERROR_REQUEST_FAILED);
        assert_eq!(failure.message, "Access is denied.");
        assert_eq!(store.all(), before);
    }
}

#[test]
fn the_dialog_opens_when_the_attributes_do_not_suffice() {
    let store = Memory::default();
    let user = User::entering(&[("DSN", " New "), ("Host", "h"), ("Catalog", "")]);
    with_dialog(ODBC_ADD_DSN, &["Catalog=c"], &store, &user).unwrap();
    let shown = user.shown.borrow();
    assert_eq!(*shown, [(own(&[("Catalog", "c")]), NameField::Editable)]);
    assert_eq!(store.all(), [("New".to_owned(), own(&[("Host", "h")]))]);

    // A name that the caller chose stays.
    let user = User::entering(&[("DSN", "Other"), ("Host", "h")]);
    with_dialog(ODBC_ADD_DSN, &["DSN=Named"], &store, &user).unwrap();
    assert_eq!(user.shown.borrow()[0].1, NameField::Fixed);
    assert!(store.attributes("Named").is_some() && store.attributes("Other").is_none());

    let user = User::entering(&[]);
    with_dialog(ODBC_ADD_DSN, &["DSN=Whole", "Host=h"], &store, &user).unwrap();
    assert!(user.shown.borrow().is_empty() && store.attributes("Whole").is_some());
}

#[test]
fn a_data_source_takes_the_name_that_the_user_enters() {
    for name in ["Second", "FIRST"] {
        let store = Memory::with(&[("First", &[("Host", "h"), ("Catalog", "c")])]);
        let user = User {
            enters: None,
            ..User::entering(&[])
        };
        let canceled = with_dialog(ODBC_CONFIG_DSN, &["DSN=First"], &store, &user).unwrap_err();
        assert_eq!(canceled.code, ODBC_ERROR_USER_CANCELED);
        let shown = own(&[("DSN", "First"), ("Host", "h"), ("Catalog", "c")]);
        assert_eq!(user.shown.borrow()[0].0, shown);
        assert_eq!(store.all()[0].0, "First");

        let user = match name {
            "Second" => User::entering(&[("DSN", "Second"), ("Host", "h2")]),
            _ => User::entering(&[("DSN", "FIRST"), ("Host", "h2")]),
        };
        with_dialog(ODBC_CONFIG_DSN, &["DSN=First"], &store, &user).unwrap();
        assert_eq!(store.all(), [(name.to_owned(), own(&[("Host", "h2")]))]);
    }
}

#[test]
fn a_data_source_that_cannot_be_renamed_keeps_its_name() {
    let old: (&str, &[(&str, &str)]) = ("First", &[("Host", "h"), ("Catalog", "c")]);
    for (fails_at, keeps, enters) in [
        (Some(0), None, &[("DSN", "Second"), ("Host", "h2")]),
        (None, Some("First"), &[("DSN", "Second"), ("Host", "h2")]),
        (Some(0), None, &[("DSN", "FIRST"), ("Host", "h2")]),
    ] {
        let store = Memory {
            fails_at,
            keeps,
            ..Memory::with(&[old])
        };
        let before = store.all();
        let user = User::entering(enters);
        let failure = with_dialog(ODBC_CONFIG_DSN, &["DSN=First"], &store, &user).unwrap_err();
        assert_eq!(failure.code, ODBC_ERROR_REQUEST_FAILED);
        assert_eq!(store.all(), before);
    }
}

#[test]
fn another_data_source_is_replaced_only_if_the_user_agrees() {
    let sources: &[(&str, &[(&str, &str)])] =
        &[("First", &[("Host", "h")]), ("Second", &[("Host", "s")])];
    for (request, texts) in [
        (ODBC_CONFIG_DSN, &["DSN=First"][..]),
        (ODBC_ADD_DSN, &["DSN=Second", "Host=h2"]),
    ] {
        let mut user = User::entering(&[("DSN", "Second"), ("Host", "h2")]);
        user.agrees = false;
        let store = Memory::with(sources);
        let before = store.all();
        let failure = with_dialog(request, texts, &store, &user).unwrap_err();
        assert_eq!(failure.code, ODBC_ERROR_USER_CANCELED);
        assert_eq!(store.all(), before);
        user.agrees = true;
        with_dialog(request, texts, &store, &user).unwrap();
        assert_eq!(store.attributes("Second"), Some(own(&[("Host", "h2")])));
    }
}

#[test]
fn settings_of_the_driver_are_checked_and_written() {
    let store = Memory::default();
    let set = |text: &str| configure_driver(ODBC_CONFIG_DRIVER, DRIVER, text, &store);
    set("cptimeout=60;loglevel=debug").unwrap();
    let written = own(&[("CPTimeout", "60"), ("LogLevel", "debug")]);
    assert_eq!(*store.settings.borrow(), written);
    set("CPTimeout=<not pooled>;LogLevel=").unwrap();
    assert_eq!(
        *store.settings.borrow(),
        own(&[("CPTimeout", "<not pooled>")])
    );
    for (text, words) in [
        ("CPTimeout=soon", "number of seconds"),
        ("LogLevel=loud", "LogLevel=loud"),
        ("Host=h", "Host is no setting"),
        ("", "names no setting"),
        ("LogLevel=trace;CPTimeout=-1", "CPTimeout=-1"),
    ] {
        let failure = set(text).unwrap_err();
        assert_eq!(failure.code, ODBC_ERROR_INVALID_KEYWORD_VALUE, "{failure}");
        assert!(failure.message.contains(words), "{failure}");
    }
    assert_eq!(
        *store.settings.borrow(),
        own(&[("CPTimeout", "<not pooled>")])
    );
    for request in [ODBC_INSTALL_DRIVER, ODBC_REMOVE_DRIVER] {
        configure_driver(request, DRIVER, "", &store).unwrap();
    }
    let code = |request, driver| {
        configure_driver(request, driver, "", &store)
            .unwrap_err()
            .code
    };
    assert_eq!(code(101, DRIVER), ODBC_ERROR_INVALID_REQUEST_TYPE);
    assert_eq!(code(ODBC_INSTALL_DRIVER, "Other"), ODBC_ERROR_INVALID_NAME);
}
