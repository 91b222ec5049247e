//! The command line of `trino-odbc`: help, exit codes, manual pages and completions. `docs/command.md` holds the help.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Output};
use std::{env, fs};

use scripted_trino::Server;

#[test]
fn the_book_holds_the_help_of_every_command() {
    let mut text = String::new();
    for command in COMMANDS {
        let title = command.join(" ");
        let arguments: Vec<&str> = command.iter().copied().chain(["--help"]).collect();
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(0));
        let _ = write!(
            text,
            "\n### trino-odbc {title}\n\n```text\n{}\n```\n",
            printed(&output).trim_end()
        );
    }
    holds("help", &text);
}

#[test]
fn the_exit_code_tells_a_failure_from_a_wrong_command_line() {
    let server = Server::builder().start();
    let target = format!(
        "Host=127.0.0.1;Port={};UID=ann;SpoolingFallback=false",
        server.port()
    );
    assert_eq!(run(&["query", &target, "SELECT 1"]).status.code(), Some(0));
    assert_eq!(
        run(&["query", &target, "SELECT nothing"]).status.code(),
        Some(1)
    );
    for wrong in [
        &["query"][..],
        &["query", &target, "SELECT 1", "--format", "xlsx"],
        &["query", &target, "SELECT 1", "--csv", "--json"],
        &["dsn", "add", "a", "no pair"],
        &["frobnicate"],
        &[],
    ] {
        let output = run(wrong);
        assert_eq!(output.status.code(), Some(2), "{wrong:?}");
        assert!(output.stdout.is_empty());
        assert!(!output.stderr.is_empty());
    }
}

#[test]
fn nothing_that_is_not_a_terminal_gets_an_escape_code() {
    for arguments in [
        &["--help"][..],
        &["query", "--help"],
        &["frobnicate"],
        &["doctor", "Host=127.0.0.1;Port=1"],
    ] {
        let output = run(arguments);
        let text = [output.stdout, output.stderr].concat();
        assert!(!text.is_empty());
        assert!(!text.contains(&0x1b), "{arguments:?}");
    }
}

#[test]
fn the_manual_has_a_page_of_each_command() {
    let page = printed(&run(&["man"]));
    assert!(page.contains(".TH trino-odbc 1"), "{page}");
    assert!(page.contains("NO_COLOR"), "{page}");
    let folder = tempfile::tempdir().unwrap();
    assert!(
        run(&["man", "--output", folder.path().to_str().unwrap()])
            .status
            .success()
    );
    let query = fs::read_to_string(folder.path().join("trino-odbc-query.1")).unwrap();
    assert!(query.contains("max\\-rows"), "{query}");
    for command in COMMANDS {
        let name = format!("trino-odbc-{}.1", command.join("-"));
        assert!(folder.path().join(&name).exists(), "{name}");
    }
}

#[test]
fn each_shell_completes_the_commands_and_their_options() {
    for (shell, words) in [
        ("bash", "--max-rows"),
        ("zsh", "--max-rows"),
        ("fish", "-l max-rows"),
        ("powershell", "--max-rows"),
    ] {
        let script = printed(&run(&["completions", shell]));
        assert!(script.contains(words), "{shell}");
        assert!(script.contains("doctor"), "{shell}");
    }
}

/// Shells parse their completions, where the machine has them.
#[cfg(unix)]
#[test]
fn shells_parse_their_completions() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("completions");
    for shell in ["bash", "zsh", "fish"] {
        fs::write(&file, run(&["completions", shell]).stdout).unwrap();
        if let Ok(parsed) = Command::new(shell).arg("-n").arg(&file).output() {
            assert!(parsed.status.success(), "{shell}: {parsed:?}");
            assert!(parsed.stderr.is_empty(), "{shell}: {parsed:?}");
        }
    }
}

#[test]
fn a_failed_query_leaves_the_file_as_it_was() {
    let server = Server::builder().start();
    let target = format!("Host=127.0.0.1;Port={};UID=ann", server.port());
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("rows.csv");
    let name = file.to_str().unwrap();
    let output = run(&["query", &target, "SELECT 1", "--output", name]);
    assert!(output.status.success(), "{output:?}");
    let rows = fs::read_to_string(&file).unwrap();
    let output = run(&["query", &target, "SELECT nothing", "--output", name]);
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(fs::read_to_string(&file).unwrap(), rows);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

fn run(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_trino-odbc"))
        .args(arguments)
        .env("COLUMNS", "100")
        .output()
        .unwrap()
}

fn printed(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stdout);
    text.replace("\r\n", "\n")
        .replace("trino-odbc.exe", "trino-odbc")
}

/// Compares what stands between the marks of that name in the page with `text`, or puts it there when asked to.
fn holds(name: &str, text: &str) {
    let (begin, end) = (
        format!("<!-- {name}: begin -->\n"),
        format!("<!-- {name}: end -->"),
    );
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/command.md");
    let page = fs::read_to_string(&path).unwrap().replace("\r\n", "\n");
    let (before, rest) = page.split_once(&begin).unwrap();
    let (there, after) = rest.split_once(&end).unwrap();
    if env::var_os("UPDATE_DOCS").is_some() {
        let page = format!("{before}{begin}{text}\n{end}{after}");
        fs::write(&path, page).unwrap();
    } else {
        assert!(
            there.trim() == text.trim(),
            "docs/command.md differs from the help: UPDATE_DOCS=1 cargo test -p trino-odbc-command --test command_line"
        );
    }
}

const COMMANDS: &[&[&str]] = &[
    &["install"],
    &["uninstall"],
    &["list"],
    &["dsn", "add"],
    &["dsn", "show"],
    &["dsn", "remove"],
    &["check"],
    &["doctor"],
    &["query"],
    &["man"],
    &["completions"],
];
