use super::super::{Authentication, ConnectionString, Error, Id, Kerberos, Warning, parse};
use super::{NONE, both, error, options};

#[test]
fn a_secret_is_refused_without_tls() {
    assert_eq!(
        error("Host=h;UID=u;PWD=p"),
        Error::Insecure {
            keyword: Id::Password,
            value: None
        }
    );
    assert_eq!(
        error("Host=h;AccessToken=t"),
        Error::Insecure {
            keyword: Id::AccessToken,
            value: None
        }
    );
}

#[test]
fn an_invalid_value_is_named_with_what_is_allowed() {
    let message = error("Host=h;UID=u;port=70000").to_string();
    assert_eq!(
        message,
        "port=70000 is not valid. It must be a whole number from 1 to 65535."
    );
    for text in [
        "Host=https://h/ui;UID=u",
        "Host=h:1;Port=2;UID=u",
        "Host=https://h;SSL=0;UID=u",
        "Host=h;UID=u;SSL=maybe",
        "Host=h;UID=u;SSLVerification=Half",
        "Host=h;UID=u;Encoding=arrow",
        "Host=h;UID=u;Encoding=auto,json",
        "Host=h;UID=u;ParallelDownloads=-5",
        "Host=h;UID=u;MemoryLimit=much",
        "Host=h;UID=u;SSLMinVersion=1.4",
        "Host=h;UID=u;LogLevel=loud",
        "Host=h;UID=u;SessionProperties=nothing",
        "Host=h;UID={u\nX-Trino-Role: x}",
        "Host=h;UID=a:b;PWD=p;SSL=1",
        "Host=h;UID=u;AuthenticationType=Magic",
    ] {
        assert!(
            matches!(error(text), Error::Invalid { value: Some(_), .. }),
            "{text}"
        );
    }
}

#[test]
fn no_message_shows_a_secret() {
    for text in [
        "Host=h;UID=u;SSL=1;PWD={hunter2\n}",
        "Host=h;SSL=1;AccessToken={hunter2\n}",
        "Host=h;UID=u;ExtraCredentials=hunter2",
    ] {
        let error = error(text);
        assert!(!format!("{error} {error:?}").contains("hunter2"), "{error}");
    }
    let options = options("Host=h;UID=u;SSL=1;PWD=hunter2;ExtraCredentials=k:hunter2");
    assert!(!format!("{options:?}").contains("hunter2"));
}

#[test]
fn what_is_missing_is_named() {
    for (text, name) in [
        ("UID=u", "Host"),
        ("Host=h", "UID"),
        ("Host=h;UID=u;Schema=s", "Catalog"),
        (
            "Host=h;UID=u;SSL=1;AuthenticationType=LDAP Authentication",
            "PWD",
        ),
        ("Host=h;UID=u;SSL=1;AuthenticationType=JWT", "AccessToken"),
    ] {
        assert!(
            matches!(error(text), Error::Missing { keyword, .. } if keyword.to_string() == name),
            "{text}"
        );
    }
}

#[test]
fn kerberos_is_selected_by_its_type_or_by_its_service() {
    for asked in [
        "AuthenticationType=Kerberos Authentication;KrbServiceName=trino",
        "KerberosRemoteServiceName=trino",
    ] {
        let (options, warnings) = both(&format!("Host=h;SSL=1;{asked}"), &NONE).unwrap();
        let Authentication::Kerberos(kerberos) = options.authentication else {
            panic!("{:?}", options.authentication);
        };
        assert_eq!(kerberos.service, "trino");
        assert_eq!(warnings, []);
    }
    for (asked, wanted) in [
        ("Host=h;KerberosServiceName=a", "SSL=true"),
        (
            "Host=h;SSL=1;KerberosServiceName=a;KerberosPassword=p",
            "KerberosPrincipal",
        ),
    ] {
        assert!(error(asked).to_string().contains(wanted), "{asked}");
    }
}

#[test]
fn kerberos_without_other_keywords_has_the_defaults_of_the_client() {
    let options = options("Host=h;SSL=1;AuthenticationType=Kerberos");
    assert!(matches!(
        options.authentication,
        Authentication::Kerberos(kerberos) if kerberos == Kerberos::default()
    ));
}

#[test]
fn secrets_that_are_not_used_are_named() {
    let (options, warnings) = both(
        "Host=h;UID=u;PWD=p;AuthenticationType=No Authentication",
        &NONE,
    )
    .unwrap();
    assert!(matches!(options.authentication, Authentication::None));
    assert!(matches!(&warnings[..], [Warning::Ignored { keyword, .. }] if keyword == "PWD"));
}

#[test]
fn a_misspelt_keyword_is_named_beside_the_missing_one() {
    let message = |text: &str| {
        let refusal = parse(&ConnectionString::parse(text).unwrap(), &NONE).unwrap_err();
        refusal.to_string()
    };
    assert_eq!(
        message("Host=h;UserID=ann"),
        "UID is missing. It names the user that runs the queries. UserID is not a known keyword; did you mean UID?"
    );
    assert_eq!(
        message("Adress=h;UID=u"),
        "Host is missing. It names the coordinator. Adress is not a known keyword."
    );
    assert!(
        message("Host=h;UID=u;PWD=p;UseTls=1").contains("UseTls"),
        "any error names them"
    );
}
