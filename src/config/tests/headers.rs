use super::super::{Error, Secret};
use super::{error, options};

#[test]
fn headers_are_separated_as_any_driver_documents_it() {
    for written in [
        "{X-Team:data, eng;X-Key:a=b}",
        "X-Team:data, eng,X-Key:a=b",
        "{X-Team:data, eng;X-Key:a=b;}",
    ] {
        let headers = options(&format!("Host=h;UID=u;ExtraHeaders={written}")).extra_headers;
        let expected = [("X-Team", "data, eng"), ("X-Key", "a=b")];
        let expected = expected.map(|(name, value)| (name.to_owned(), Secret::new(value)));
        assert_eq!(headers, expected, "{written}");
    }
    let headers = options("Host=h;UID=u;ExtraHeaders=X-Team=data,X-Key=b:c").extra_headers;
    assert_eq!(headers[1], ("X-Key".to_owned(), Secret::new("b:c")));
    let headers = options("Host=h;UID=u;ExtraHeaders={X-From:http://a,https://b}").extra_headers;
    assert_eq!(headers[0].1, Secret::new("http://a,https://b"));
}

#[test]
fn only_headers_that_the_driver_sends_are_refused_with_the_reason() {
    for allowed in [
        "X-Trino-Routing-Group",
        "X-Trino-External",
        "X-Presto-Foo",
        "X-Api-Key",
    ] {
        let headers = options(&format!("Host=h;UID=u;ExtraHeaders={allowed}:x")).extra_headers;
        assert_eq!(headers[0].0, allowed);
    }
    for (header, reason) in [
        ("X-Trino-User", "sends it itself"),
        ("x-presto-session", "sends it itself"),
        ("Authorization", "keywords"),
        ("Proxy-Authorization", "keywords"),
        ("cookie", "Cookies"),
        ("HOST", "Port"),
        ("Transfer-Encoding", "single connection"),
        ("Content-Length", "body"),
    ] {
        let error = error(&format!("Host=h;UID=u;ExtraHeaders={header}:secret")).to_string();
        assert!(error.contains(header) && error.contains(reason), "{error}");
        assert!(!error.contains("secret"), "{error}");
    }
}

#[test]
fn headers_estimates_and_language_are_read() {
    let message = options(
        "Host=h;UID=u;ExtraHeaders={X-Team:data;X-Key:a=b};ResourceEstimates=CPU_TIME=5m,EXECUTION_TIME=1h;\
         Locale=de_AT;SessionUser=bob",
    );
    assert_eq!(
        message.extra_headers[1],
        ("X-Key".to_owned(), Secret::new("a=b"))
    );
    assert_eq!(
        message.resource_estimates[0],
        ("CPU_TIME".to_owned(), "5m".to_owned())
    );
    assert_eq!(message.language.as_deref(), Some("de-AT"));
    assert_eq!(message.session_user.as_deref(), Some("bob"));
    for wrong in [
        "ExtraHeaders=a/b:x",
        "ExtraHeaders=X-Team",
        "ResourceEstimates=LUCK=1",
    ] {
        assert!(
            matches!(
                error(&format!("Host=h;UID=u;{wrong}")),
                Error::Invalid { .. }
            ),
            "{wrong}"
        );
    }
}
