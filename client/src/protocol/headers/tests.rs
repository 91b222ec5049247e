use super::*;
use crate::options::{Secret, Spooling};

/// As the server's HTTP library writes it.
fn value_of(text: &str) -> HeaderValue {
    HeaderValue::from_bytes(&latin1::encode(text).unwrap()).unwrap()
}

fn answer(pairs: &[(&'static str, &str)]) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for (name, value) in pairs {
        headers.append(HeaderName::from_static(name), value_of(value));
    }
    headers
}

fn after(state: &SessionState, pairs: &[(&'static str, &str)]) -> SessionState {
    let mut changes = Changes::default();
    changes.gather(&answer(pairs));
    let mut state = state.clone();
    state.apply(&changes);
    state
}

fn sent(state: &SessionState) -> Vec<String> {
    let names: Vec<_> = state
        .prepared
        .keys()
        .map(|name| name.replace('"', "\"\""))
        .collect();
    sent_with(state, &format!("EXECUTE {}", names.join(" ")))
}

fn sent_with(state: &SessionState, sql: &str) -> Vec<String> {
    let mut headers = HeaderMap::new();
    state.write(sql, &mut headers).unwrap();
    let mut lines: Vec<_> = headers
        .iter()
        .map(|(name, value)| format!("{name}: {}", latin1::decode(value.as_bytes())))
        .collect();
    lines.sort();
    lines
}

#[test]
fn use_changes_catalog_and_schema() {
    let state = after(
        &SessionState::default(),
        &[
            ("x-trino-set-catalog", "hive"),
            ("x-trino-set-schema", "web"),
        ],
    );
    assert_eq!(
        sent(&state),
        [
            "x-trino-catalog: hive",
            "x-trino-schema: web",
            "x-trino-transaction-id: NONE"
        ]
    );
}

#[test]
fn a_schema_is_not_sent_without_a_catalog() {
    let state = SessionState {
        schema: Some("web".to_owned()),
        ..SessionState::default()
    };
    assert_eq!(sent(&state), ["x-trino-transaction-id: NONE"]);
}

#[test]
fn session_properties_are_set_and_cleared() {
    let set = after(
        &SessionState::default(),
        &[
            ("x-trino-set-session", "a=1%2C+2%3D3"),
            ("x-trino-set-session", "hive.b=x"),
        ],
    );
    assert_eq!(set.properties["a"], "1, 2=3");
    assert!(sent(&set).contains(&"x-trino-session: a=1%2C+2%3D3".to_owned()));
    let cleared = after(&set, &[("x-trino-clear-session", "a")]);
    assert_eq!(cleared.properties.keys().collect::<Vec<_>>(), ["hive.b"]);
}

#[test]
fn prepared_statements_are_repeated_word_for_word() {
    let added = after(
        &SessionState::default(),
        &[("x-trino-added-prepare", "my+name=%24zstd%3AKLUv%3D%3D")],
    );
    assert_eq!(added.prepared["my name"], "$zstd:KLUv==");
    assert!(
        sent(&added)
            .contains(&"x-trino-prepared-statement: my+name=%24zstd%3AKLUv%3D%3D".to_owned())
    );
    let gone = after(&added, &[("x-trino-deallocated-prepare", "my+name")]);
    assert!(gone.prepared.is_empty());
}

#[test]
fn a_transaction_starts_and_ends() {
    let started = after(
        &SessionState::default(),
        &[("x-trino-started-transaction-id", "t-1")],
    );
    assert_eq!(sent(&started), ["x-trino-transaction-id: t-1"]);
    let ended = after(&started, &[("x-trino-clear-transaction-id", "true")]);
    assert_eq!(ended.transaction, None);
}

#[test]
fn another_user_has_no_roles_of_the_first() {
    let options = Options {
        roles: vec![("system".to_owned(), "admin".to_owned())],
        ..Options::default()
    };
    let state = SessionState::new(&options);
    assert!(sent(&state).contains(&"x-trino-role: system=ROLE%7Badmin%7D".to_owned()));
    let other = after(
        &state,
        &[
            ("x-trino-set-original-roles", "ROLE%7Badmin%7D"),
            ("x-trino-set-authorization-user", "bob"),
        ],
    );
    assert_eq!(other.authorization_user.as_deref(), Some("bob"));
    assert!(other.roles.is_empty());
    assert_eq!(other.original_roles, ["ROLE{admin}"]);
    let back = after(&other, &[("x-trino-reset-authorization-user", "true")]);
    assert_eq!(back, SessionState::default());
}

#[test]
fn a_role_is_named_as_people_name_it() {
    assert_eq!(role_value("none"), "NONE");
    assert_eq!(role_value("All"), "ALL");
    assert_eq!(role_value("ROLE{x}"), "ROLE{x}");
    assert_eq!(role_value("x"), "ROLE{x}");
}

#[test]
fn a_failed_statement_changes_nothing_but_the_end_of_its_transaction() {
    let mut changes = Changes::default();
    changes.gather(&answer(&[
        ("x-trino-set-catalog", "hive"),
        ("x-trino-clear-transaction-id", "true"),
    ]));
    let mut state = SessionState {
        transaction: Some("t".to_owned()),
        ..SessionState::default()
    };
    state.apply(&changes.of_failure());
    assert_eq!(state, SessionState::default());
}

#[test]
fn pages_that_repeat_themselves_change_once() {
    let mut changes = Changes::default();
    for _ in 0..3 {
        changes.gather(&answer(&[("x-trino-set-catalog", "hive")]));
    }
    assert_eq!(changes.changes.len(), 1);
}

#[test]
fn nonsense_from_the_server_changes_nothing() {
    let state = after(
        &SessionState::default(),
        &[
            ("x-trino-set-session", "no equals sign"),
            ("x-trino-clear-transaction-id", "maybe"),
            ("x-trino-added-prepare", "%zz"),
        ],
    );
    assert_eq!(state, SessionState::default());
    assert_eq!(decode("a%2"), "a%2");
    assert_eq!(decode("%c3%a4%zz+"), "ä%zz ");
}

#[test]
fn options_become_headers() {
    let options = Options {
        client_tags: vec!["a".to_owned(), "b".to_owned()],
        time_zone: Some("Europe/Berlin".to_owned()),
        extra_credentials: vec![("k".to_owned(), Secret::new("a=b"))],
        ..Options::default()
    };
    let headers = constant(&options).unwrap();
    assert_eq!(headers["x-trino-client-tags"], "a,b");
    assert_eq!(
        headers["x-trino-query-data-encoding"],
        "json+zstd,json+lz4,json"
    );
    assert_eq!(headers["x-trino-extra-credential"], "k=a%3Db");
    assert!(headers["x-trino-extra-credential"].is_sensitive());
    assert_eq!(headers["x-trino-time-zone"], "Europe/Berlin");
    let direct = Options {
        spooling: Spooling {
            encodings: Vec::new(),
            ..Spooling::default()
        },
        ..Options::default()
    };
    assert!(!constant(&direct).unwrap().contains_key(ENCODING));
}

#[test]
fn what_no_header_can_carry_is_an_error_that_names_it() {
    let options = Options {
        source: "a\nb".to_owned(),
        ..Options::default()
    };
    assert!(
        constant(&options)
            .unwrap_err()
            .to_string()
            .contains("x-trino-source")
    );
}

#[test]
fn long_statements_are_described_compressed() {
    let short = "SELECT 1";
    assert_eq!(prepared_value(short), short);
    let long = "SELECT a FROM t WHERE ".repeat(500);
    let value = prepared_value(&long);
    let frame = URL_SAFE
        .decode(value.strip_prefix("$zstd:").unwrap())
        .unwrap();
    assert_eq!(
        zstd::bulk::decompress(&frame, 1 << 20).unwrap(),
        long.as_bytes()
    );
}

#[test]
fn text_beyond_ascii_is_latin_1_both_ways() {
    let state = after(
        &SessionState::default(),
        &[
            ("x-trino-set-catalog", "bücher"),
            ("x-trino-set-schema", "größe"),
            ("x-trino-set-path", "\"größe\".\u{a0}\u{85}"),
            ("x-trino-set-session", "bücher.x=%C3%BC"),
            ("x-trino-set-original-roles", "ROLE{é+%41}"),
        ],
    );
    assert_eq!(state.properties["bücher.x"], "ü");
    assert_eq!(state.path.as_deref(), Some("\"größe\".\u{a0}\u{85}"));
    let mut headers = HeaderMap::new();
    state.write("EXECUTE", &mut headers).unwrap();
    assert_eq!(headers["x-trino-schema"].as_bytes(), b"gr\xf6\xdfe");
    assert_eq!(
        headers["x-trino-path"].as_bytes(),
        b"\"gr\xf6\xdfe\".\xa0\x85"
    );
    assert_eq!(headers["x-trino-session"].as_bytes(), b"b\xfccher.x=%C3%BC");
    assert_eq!(
        headers["x-trino-original-roles"].as_bytes(),
        b"ROLE{\xe9+%41}"
    );
}

#[test]
fn values_that_a_proxy_joined_are_taken_apart_and_a_path_is_not() {
    let state = after(
        &SessionState::default(),
        &[
            ("x-trino-set-session", "a=1%2C2, b=3 ,c=4"),
            ("x-trino-clear-session", "b, c"),
            ("x-trino-set-path", "a.b, c.d"),
        ],
    );
    assert_eq!(state.properties["a"], "1,2");
    assert_eq!(state.properties.len(), 1);
    assert_eq!(state.path.as_deref(), Some("a.b, c.d"));
}

#[test]
fn a_name_that_does_not_fit_is_an_error_that_names_its_header() {
    let state = SessionState {
        catalog: Some("c".to_owned()),
        schema: Some("名".to_owned()),
        ..SessionState::default()
    };
    let error = state.write("EXECUTE", &mut HeaderMap::new()).unwrap_err();
    assert!(error.to_string().contains("x-trino-schema"), "{error}");
    assert!(check_sendable("x", "größe").is_ok());
    assert!(check_sendable("x", "a\nb").is_err());
}

#[test]
fn a_prepared_statement_travels_with_those_that_may_name_it() {
    let mut state = SessionState::default();
    for name in ["p", "Größe \"x\""] {
        state
            .prepared
            .insert(name.to_owned(), "SELECT 1".to_owned());
    }
    let count = |sql| {
        let sent = sent_with(&state, sql);
        let prepared = |line: &&String| line.starts_with("x-trino-prepared-statement");
        sent.iter().filter(prepared).count()
    };
    assert_eq!(count("EXECUTE p"), 1);
    assert_eq!(count("explain analyze execute P USING 1"), 1);
    assert_eq!(count("DEALLOCATE PREPARE p"), 1);
    assert_eq!(count("DESCRIBE INPUT \"Größe \"\"x\"\"\""), 1);
    assert_eq!(count("EXECUTE other"), 0);
    assert_eq!(count("SELECT p FROM t"), 0);
}
