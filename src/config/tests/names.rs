use super::super::{Verification, Warning};
use super::{Demo, NONE, both, options, password};

#[test]
fn an_unknown_keyword_gives_a_warning_that_names_it() {
    let (_, warnings) = both("Host=h;UID=u;Colour=red;colour=blue", &NONE).unwrap();
    assert_eq!(warnings[0], Warning::UnknownKeyword("Colour".to_owned()));
}

#[test]
fn a_keyword_of_another_driver_that_has_no_effect_here_gives_a_warning() {
    let (_, warnings) = both("Host=h;UID=u;DnsResolver=1;AutoCommit=1", &NONE).unwrap();
    assert_eq!(warnings, [Warning::Unsupported("DnsResolver".to_owned())]);
}

#[test]
fn a_keyword_of_another_driver_warns_when_it_requests_more_than_is_done() {
    let (_, warnings) = both(
        "Host=h;UID=u;IgnoreBrokenCatalog=1;AutoIPD=0;CheckCertRevocation=0;UseWVarchar=true;HTTPLoggingLevel=none",
        &NONE,
    )
    .unwrap();
    assert_eq!(warnings, []);
    for asked in [
        "CheckCertRevocation=1",
        "AutoIPD=1",
        "UseUnicodeSqlCharacterTypes=0",
    ] {
        let (_, warnings) = both(&format!("Host=h;UID=u;{asked}"), &NONE).unwrap();
        assert!(
            matches!(warnings.as_slice(), [Warning::Ignored { keyword, .. }] if asked.starts_with(keyword)),
            "{warnings:?}"
        );
    }
}

#[test]
fn of_names_that_contradict_each_other_the_last_wins_with_a_warning() {
    let contradicted = |keyword: &str, by: &str| Warning::Contradicted {
        keyword: keyword.to_owned(),
        by: by.to_owned(),
    };
    let (options, warnings) = both(
        "Host=h;UID=u;Path=a;User=v;TimeZoneID=UTC;TimeZone=Asia/Tokyo",
        &NONE,
    )
    .unwrap();
    assert_eq!(options.user.as_deref(), Some("v"));
    assert_eq!(options.time_zone.as_deref(), Some("Asia/Tokyo"));
    assert_eq!(
        warnings,
        [
            contradicted("UID", "User"),
            contradicted("TimeZoneID", "TimeZone")
        ]
    );
    // A name that outranks the other does so from the left, too.
    let (options, warnings) = both("Server=a;Host=b;UID=u", &NONE).unwrap();
    assert_eq!(options.host, "a");
    assert_eq!(warnings, [contradicted("Host", "Server")]);
    // The same said twice, the same name twice, and a data source that is covered are no
    // contradiction.
    let source = Demo(&[("Host", "x"), ("Username", "y")]);
    for text in [
        "Host=h;UID=u;User=u;SSL=1;EnableSSL=true",
        "Host=h;UID=t;UID=u",
        "DSN=Demo;Server=h;UID=u",
    ] {
        assert_eq!(both(text, &source).unwrap().1, [], "{text}");
    }
}

#[test]
fn a_contradiction_of_secrets_shows_none() {
    let (options, warnings) =
        both("Host=h;UID=u;SSL=1;PWD=hunter2;Password=hunter3", &NONE).unwrap();
    assert_eq!(password(&options), "hunter3");
    let [warning] = warnings.as_slice() else {
        panic!("{warnings:?}");
    };
    assert!(!warning.to_string().contains("hunter"), "{warning}");
}

#[test]
fn server_wins_over_host_and_the_last_over_the_rest() {
    assert_eq!(options("Server=s;Host=h;UID=u").host, "s");
    assert_eq!(options("Host=a;host=b;UID=u").host, "b");
    assert_eq!(options("Host=h;User=a;UID=b").user.as_deref(), Some("b"));
    assert_eq!(
        options("Host=h;UID=u;Database=d;Catalog=c")
            .catalog
            .as_deref(),
        Some("d")
    );
}

#[test]
fn older_names_for_checking_less_are_understood() {
    let of = |text: &str| {
        let (options, warnings) = both(text, &NONE).unwrap();
        (options.trust.verification, warnings.len())
    };
    let base = "Host=h;UID=u;SSL=1";
    assert_eq!(
        of(&format!("{base};AllowHostNameCNMismatch=1")),
        (Verification::Ca, 0)
    );
    assert_eq!(
        of(&format!("{base};AllowSelfSignedServerCert=0")),
        (Verification::Full, 0)
    );
    assert_eq!(
        of(&format!(
            "{base};AllowHostNameCNMismatch=1;AllowSelfSignedServerCert=1"
        )),
        (Verification::None, 1)
    );
    assert_eq!(
        of(&format!(
            "{base};AllowSelfSignedServerCert=1;SSLVerification=Full"
        )),
        (Verification::Full, 1)
    );
}
