//! `trino-odbc doctor` on set-ups that are broken in one way each: it names cause and cure. What it prints stands in
//! `docs/doctor.md`.

use std::fmt::Write as _;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, SystemTime};
use std::{env, fs};

use scripted_trino::{
    Answer, Builder, Endpoint, Fault, Identity, Proxy, Retrieval, Server, Spooling,
};

/// A set-up, and what the last sentence must say.
struct Case {
    title: &'static str,
    /// Cause and cure: each must be in the last line.
    verdict: &'static [&'static str],
    works: bool,
    run: fn() -> Run,
}

/// What was printed, with what differs from run to run replaced.
struct Run {
    target: String,
    output: String,
    code: Option<i32>,
}

#[test]
fn every_broken_set_up_is_reported_with_cause_and_cure() {
    let mut page = PAGE.to_owned();
    let mut wrong = Vec::new();
    for case in CASES {
        let run = (case.run)();
        let verdict = run.output.trim_end().lines().last().unwrap_or_default();
        for words in case.verdict {
            if !verdict.contains(words) {
                wrong.push(format!("{}: {words:?} is not in {verdict:?}", case.title));
            }
        }
        if (run.code == Some(0)) != case.works {
            wrong.push(format!("{}: it ended with {:?}", case.title, run.code));
        }
        let _ = write!(
            page,
            "\n## {}\n\n```console\n$ trino-odbc doctor '{}'\n{}\n```\n",
            case.title,
            run.target,
            run.output.trim_end()
        );
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    holds(&page);
}

#[test]
fn the_report_for_programs_says_the_same_and_no_secret() {
    let server = believed_server(Server::builder().password("ann", "hunter2"));
    let target = format!("{}PWD=wrong-secret;", believing(&server));
    let output = doctor(&[&target, "--json"]);
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(report["works"], false);
    assert!(report["verdict"].as_str().unwrap().contains("UID and PWD"));
    assert_eq!(report["steps"][0]["step"], "Configuration");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(!text.contains("wrong-secret"), "{text}");
}

#[test]
fn a_password_can_come_by_standard_input() {
    use std::io::Write as _;
    use std::process::Stdio;

    let server = believed_server(Server::builder().password("ann", "hunter2"));
    let mut command = Command::new(PROGRAM)
        .args(["doctor", "--password-stdin", &believing(&server)])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    command
        .stdin
        .take()
        .unwrap()
        .write_all(b"hunter2\n")
        .unwrap();
    let output = command.wait_with_output().unwrap();
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
}

const CASES: &[Case] = &[
    Case {
        title: "All is well",
        verdict: &["Works."],
        works: true,
        run: || {
            let server = believed_server(Server::builder().storage_tls(true));
            examine(&server, &believing(&server), &[])
        },
    },
    Case {
        title: "Wrong port",
        verdict: &["Nothing listens", "correct Port"],
        works: false,
        run: || run("Host=127.0.0.1;Port=1;UID=ann;", &[]),
    },
    Case {
        title: "http where the server wants https",
        verdict: &["expects TLS", "SSL=true"],
        works: false,
        run: || {
            let server = believed_server(Server::builder());
            examine(&server, &plainly(&server), &[])
        },
    },
    Case {
        title: "https where the server wants http",
        verdict: &["does not use TLS", "SSL=false"],
        works: false,
        run: || {
            let server = plain_server(Server::builder());
            examine(&server, &format!("{}SSL=1;", plainly(&server)), &[])
        },
    },
    Case {
        title: "A coordinator that an unknown authority signed",
        verdict: &["\"Scripted coordinator authority\"", "set SSLTrustStore"],
        works: false,
        run: || {
            let server = believed_server(Server::builder());
            examine(&server, &format!("{}SSL=1;", plainly(&server)), &[])
        },
    },
    Case {
        title: "A storage that an unknown authority signed",
        verdict: &[
            "\"Scripted storage authority\"",
            "neither the system nor StorageTrustStore trusts",
            "COORDINATOR_PROXY",
        ],
        works: false,
        run: || {
            let server = plain_server(Server::builder().storage_tls(true));
            examine(&server, &plainly(&server), &[])
        },
    },
    Case {
        title: "A certificate for another host",
        verdict: &["is for elsewhere.invalid", "set Host"],
        works: false,
        run: || {
            let builder = Server::builder().coordinator_identity(Some(Identity::WrongName));
            let server = plain_server(builder);
            examine(&server, &believing(&server), &[])
        },
    },
    Case {
        title: "A certificate that has expired",
        verdict: &["is not valid now", "renew it"],
        works: false,
        run: || {
            let builder = Server::builder().coordinator_identity(Some(Identity::Expired));
            let server = plain_server(builder);
            examine(&server, &believing(&server), &[])
        },
    },
    Case {
        title: "Wrong password",
        verdict: &["does not accept the credentials", "correct UID and PWD"],
        works: false,
        run: || {
            let server = believed_server(Server::builder().password("ann", "hunter2"));
            examine(&server, &format!("{}PWD=hunter3;", believing(&server)), &[])
        },
    },
    Case {
        title: "A user who is not let in (403)",
        verdict: &["refuses the user ann", "ask its administrator"],
        works: false,
        run: || {
            let server = believed_server(Server::builder());
            let body = "Access Denied: User robot cannot impersonate user ann";
            let refusal = Fault::Respond(403, Vec::new(), body.to_owned());
            server.fault(Endpoint::Submit, refusal);
            examine(&server, &believing(&server), &[])
        },
    },
    Case {
        title: "Storage behind a firewall",
        verdict: &["cannot reach the storage", "COORDINATOR_PROXY"],
        works: false,
        run: || {
            let server = plain_server(Server::builder().storage_authority("127.0.0.1:9"));
            examine(&server, &plainly(&server), &[])
        },
    },
    Case {
        title: "Workers that cannot be reached",
        verdict: &["The worker", "COORDINATOR_PROXY"],
        works: false,
        run: || {
            let server = plain_server(Server::builder().retrieval(Retrieval::WorkerProxy));
            let gone = "http://127.0.0.1:9/v1/spooled/download/gone".to_owned();
            server.fault(Endpoint::Download(0), Fault::RedirectTo(gone));
            examine(&server, &plainly(&server), &[])
        },
    },
    Case {
        title: "A proxy that refuses",
        verdict: &["through proxy", "Correct HTTPProxy"],
        works: false,
        run: || {
            let server = believed_server(Server::builder());
            let proxy = Proxy::refusing().authority();
            let target = format!("{}HTTPProxy={proxy};", believing(&server));
            examine(&server, &target, &[(&proxy, "proxy.example:3128")])
        },
    },
    Case {
        title: "A clock that is two hours off",
        verdict: &["The clocks disagree", "Set this computer's clock"],
        works: false,
        run: || {
            let server = plain_server(Server::builder());
            let date = || vec![("Date".to_owned(), in_two_hours())];
            let info = r#"{"nodeVersion":{"version":"476"},"starting":false}"#;
            let info = Fault::Respond(200, date(), info.to_owned());
            server.fault(Endpoint::Info, info);
            let skewed = "<Error><Code>RequestTimeTooSkewed</Code></Error>";
            let skewed = Fault::Respond(403, date(), skewed.to_owned());
            server.fault(Endpoint::AnySegment, skewed);
            examine(&server, &plainly(&server), &[])
        },
    },
    Case {
        title: "A gateway that lets nothing but statements through",
        verdict: &["does not let segments through", "extraWhitelistPaths"],
        works: false,
        run: || {
            let builder = Server::builder().retrieval(Retrieval::CoordinatorProxy);
            let server = plain_server(builder);
            server.fault(Endpoint::AnySegment, Fault::Status(404));
            examine(&server, &plainly(&server), &[])
        },
    },
    Case {
        title: "A gateway that keeps acknowledgements of segments away",
        verdict: &[
            "Works.",
            "acknowledgements",
            "/v1/spooled",
            "fs.segment.ttl",
        ],
        works: true,
        run: || {
            let server = plain_server(Server::builder());
            server.fault(Endpoint::AnyAck, Fault::Status(404));
            examine(&server, &plainly(&server), &[])
        },
    },
    Case {
        title: "A gateway that changes bytes",
        verdict: &["changes the bytes of segments", "Encoding=json"],
        works: false,
        run: || {
            let builder = Server::builder().retrieval(Retrieval::CoordinatorProxy);
            let server = plain_server(builder);
            server.fault(Endpoint::AnySegment, Fault::Extra(9));
            examine(&server, &plainly(&server), &[])
        },
    },
    Case {
        title: "A page to sign in at before segments",
        verdict: &["answers /v1/spooled with a web page"],
        works: false,
        run: || {
            let builder = Server::builder().retrieval(Retrieval::CoordinatorProxy);
            let server = plain_server(builder);
            server.fault(Endpoint::AnySegment, page());
            server.fault(Endpoint::Info, page());
            examine(&server, &plainly(&server), &[])
        },
    },
    Case {
        title: "A page to sign in at before everything",
        verdict: &["with a web page", "Sign in", "/v1/statement"],
        works: false,
        run: || {
            let server = plain_server(Server::builder());
            for endpoint in [Endpoint::Info, Endpoint::Validate, Endpoint::Submit] {
                server.fault(endpoint, page());
            }
            examine(&server, &plainly(&server), &[])
        },
    },
    Case {
        title: "A redirect to another host",
        verdict: &[
            "redirects to https://login.example:443",
            "set Host, Port and SSL",
        ],
        works: false,
        run: || {
            let server = plain_server(Server::builder());
            let to = (
                "Location".to_owned(),
                "https://login.example/?t=1".to_owned(),
            );
            for endpoint in [Endpoint::Info, Endpoint::Validate, Endpoint::Submit] {
                let redirect = Fault::Respond(302, vec![to.clone()], String::new());
                server.fault(endpoint, redirect);
            }
            examine(&server, &plainly(&server), &[])
        },
    },
    Case {
        title: "A gateway that wants a key",
        verdict: &["its own credentials", "set ExtraHeaders"],
        works: false,
        run: || {
            let server = plain_server(Server::builder());
            for endpoint in [Endpoint::Info, Endpoint::Validate, Endpoint::Submit] {
                server.fault(endpoint, Fault::Status(401));
            }
            examine(&server, &plainly(&server), &[])
        },
    },
    Case {
        title: "A firewall that refuses HEAD",
        verdict: &["Works.", "refuses HEAD", "ValidateConnection=false"],
        works: true,
        run: || {
            let server = plain_server(Server::builder());
            server.fault(Endpoint::Validate, Fault::Status(403));
            examine(&server, &plainly(&server), &[])
        },
    },
    Case {
        title: "A server that does not spool",
        verdict: &["Works.", "protocol.spooling.enabled=true"],
        works: true,
        run: || {
            let server = plain_server(Server::builder().spooling(false));
            examine(&server, &plainly(&server), &[])
        },
    },
    Case {
        title: "A keyword that is not right",
        verdict: &["Port", "trino-odbc check"],
        works: false,
        run: || run("Host=127.0.0.1;Port=many;UID=ann;", &[]),
    },
];

fn page() -> Fault {
    let kind = ("Content-Type".to_owned(), "text/html".to_owned());
    Fault::Respond(
        200,
        vec![kind],
        "<html><title>Sign in</title></html>".to_owned(),
    )
}

/// A server that has the rows the doctor asks for.
fn plain_server(builder: Builder) -> Server {
    let server = builder.start();
    let spooling = Spooling {
        rows_per_segment: 50_000,
        inline_first: 0,
        ..Spooling::default()
    };
    server.on_matching(move |sql| {
        let answer = Answer::generated(&["bigint", "varchar"], 1000, 1).repeat(100);
        sql.contains("sha256")
            .then(|| answer.spooled(spooling.clone()))
    });
    server
}

fn believed_server(builder: Builder) -> Server {
    plain_server(builder.coordinator_tls(true))
}

fn plainly(server: &Server) -> String {
    format!("Host=127.0.0.1;Port={};UID=ann;", server.port())
}

/// The keywords that make coordinator and storage be believed.
fn believing(server: &Server) -> String {
    format!(
        "{}SSL=1;SSLTrustStore={};StorageTrustStore={};",
        plainly(server),
        server.coordinator_ca_pem_path().display(),
        server.storage_ca_pem_path().display()
    )
}

fn examine(server: &Server, target: &str, named: &[(&str, &str)]) -> Run {
    let path = |path: &Path| path.display().to_string();
    let known = [
        (
            path(server.coordinator_ca_pem_path()),
            "/etc/ssl/company.pem",
        ),
        (path(server.storage_ca_pem_path()), "/etc/ssl/storage.pem"),
        (format!("127.0.0.1:{}", server.port()), "127.0.0.1:8443"),
        (format!("Port={}", server.port()), "Port=8443"),
        (
            format!("127.0.0.1:{}", server.storage_port()),
            "127.0.0.1:9000",
        ),
    ];
    let known: Vec<(&str, &str)> = named
        .iter()
        .copied()
        .chain(
            known
                .iter()
                .map(|(actual, shown)| (actual.as_str(), *shown)),
        )
        .collect();
    run(target, &known)
}

fn run(target: &str, known: &[(&str, &str)]) -> Run {
    let output = doctor(&[target]);
    let (mut target, mut text) = (
        target.to_owned(),
        String::from_utf8_lossy(&output.stdout).into_owned(),
    );
    for (actual, shown) in known {
        target = target.replace(actual, shown);
        text = text.replace(actual, shown);
    }
    Run {
        target: hide(&target),
        output: steady(&text),
        code: output.status.code(),
    }
}

fn doctor(arguments: &[&str]) -> std::process::Output {
    Command::new(PROGRAM)
        .arg("doctor")
        .args(arguments)
        .output()
        .unwrap()
}

/// Passwords in the page would be bad manners.
fn hide(target: &str) -> String {
    match target.split_once("PWD=") {
        Some((before, after)) => {
            let rest = after.split_once(';').map_or("", |(_, rest)| rest);
            format!("{before}PWD=...;{rest}")
        }
        None => target.to_owned(),
    }
}

/// The text with figures of one run replaced, and without what only Windows adds: that it looked
/// for a list of revoked certificates, of which these have none.
fn steady(text: &str) -> String {
    let text = text.replace(", and this computer cannot check whether it is revoked", "");
    let lines = text.lines().map(|line| {
        let words: Vec<_> = line.split(' ').collect();
        let mut steady: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        for (index, word) in words.iter().enumerate() {
            let bare = word.trim_end_matches([',', ')', ';', '.']);
            let counted = matches!(
                bare,
                "ms" | "MB/s" | "MB" | "rows/s" | "s" | "min" | "seconds"
            );
            if counted && let Some(figure) = index.checked_sub(1).and_then(|i| steady.get_mut(i)) {
                let open = figure.starts_with('(');
                *figure = if open { "(…" } else { "…" }.to_owned();
            }
        }
        steady.join(" ")
    });
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn in_two_hours() -> String {
    let time = SystemTime::now() + Duration::from_secs(7230);
    let zoned = jiff::Timestamp::try_from(time)
        .unwrap()
        .in_tz("UTC")
        .unwrap();
    zoned.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string()
}

/// Compares the page with the file, or writes it when asked to.
fn holds(page: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/doctor.md");
    let text = fs::read_to_string(&path)
        .unwrap_or_default()
        .replace("\r\n", "\n");
    if text != page && env::var_os("UPDATE_DOCS").is_some() {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, page).unwrap();
        return;
    }
    assert!(
        text == page,
        "docs/doctor.md is stale. Run `UPDATE_DOCS=1 cargo test --test doctor`."
    );
}

const PROGRAM: &str = env!("CARGO_BIN_EXE_trino-odbc");

const PAGE: &str = "\
# What `trino-odbc doctor` says

It goes the way of a connection step by step, stops at the first thing that is wrong, and ends in one sentence: it
works, or what to change. It ends with 0 when it works, with 1 when something is wrong. `--json` prints the same for
programs; `--password-stdin` reads the password from standard input.

Each of these was printed by a test with a server that is broken in that way; `…` stands for figures of the run.
";
