//! Programs in C: what an application meets that was compiled with the system's headers, through both Driver Managers
//! and through none.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use client_tests::driver;
use client_tests::registered::{Manager, Registered};
use scripted_trino::{Answer, QueryError, Server, Spooling, columns};
use serde_json::json;
use tempfile::TempDir;

/// unixODBC's manager.
const UNIXODBC: &[&str] = &["-lodbc"];
/// iODBC's, whose development files cannot be installed beside unixODBC's. Its wide characters are those of C.
const IODBC: &[&str] = &["-DSQL_WCHART_CONVERT", "-l:libiodbc.so.2"];

#[test]
fn wide_text_passes_through_unixodbc() {
    let server = wide_server();
    let text = program("wide.c", UNIXODBC).run(Manager::UnixOdbc, &server);
    assert!(text.contains("SQLWCHAR of 2 bytes: good"), "{text}");
}

#[test]
fn wide_text_passes_through_iodbc() {
    let server = wide_server();
    let text = program("wide.c", IODBC).run(Manager::Iodbc, &server);
    assert!(text.contains("SQLWCHAR of 4 bytes: good"), "{text}");
}

#[test]
fn an_application_of_odbc_2_is_served_by_unixodbc() {
    let server = odbc2_server();
    let text = program("odbc2.c", UNIXODBC).run(Manager::UnixOdbc, &server);
    assert!(text.contains("good"), "{text}");
}

#[test]
fn parameters_of_odbc_1_and_changes_without_rows_pass_through_unixodbc() {
    let text = program("parameters.c", UNIXODBC).run(Manager::UnixOdbc, &parameters_server());
    assert!(text.contains("good"), "{text}");
}

#[test]
fn parameters_of_odbc_1_and_changes_without_rows_pass_through_iodbc() {
    let text = program("parameters.c", IODBC).run(Manager::Iodbc, &parameters_server());
    assert!(text.contains("good"), "{text}");
}

#[test]
fn handlers_of_signals_run_in_the_applications_threads_only() {
    let server = whole_server();
    let flags = [UNIXODBC, &["-lpthread"]].concat();
    let text = program("signals.c", &flags).run(Manager::UnixOdbc, &server);
    assert!(text.contains("good"), "{text}");
}

#[test]
fn a_copied_descriptor_leaves_the_connection_to_all_threads() {
    let server = whole_server();
    let flags = [UNIXODBC, &["-lpthread"]].concat();
    let text = program("descriptors.c", &flags).run(Manager::UnixOdbc, &server);
    assert!(text.contains("good"), "{text}");
}

#[test]
fn a_long_connection_string_stays_within_the_managers_own_buffer() {
    for (manager, flags) in [(Manager::UnixOdbc, UNIXODBC), (Manager::Iodbc, IODBC)] {
        let server = whole_server();
        let text = program("long.c", flags).run(manager, &server);
        assert!(text.contains("good"), "{manager:?} {text}");
    }
}

#[test]
fn iodbcs_own_program_shows_a_result() {
    let server = wide_server();
    let registered = Registered::new();
    let mut command = Command::new("iodbctest");
    command.arg(driver::string(&server));
    registered.apply(Manager::Iodbc, &mut command);
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("iodbctest is installed");
    let input = "SELECT 'zażółć 😀 日本'\nSELECT missing\nquit\n";
    let mut typed = child.stdin.take().unwrap();
    typed.write_all(input.as_bytes()).unwrap();
    drop(typed);
    let text = said(&child.wait_with_output().unwrap());
    assert!(text.contains("result set 1 returned 3 rows"), "{text}");
    assert!(text.contains("zażółć 😀 日本"), "{text}");
    assert!(
        text.contains("42S02") && text.contains("'日本😀'"),
        "{text}"
    );
}

#[test]
fn the_whole_interface_is_clean_under_valgrind() {
    let server = whole_server();
    let program = program("whole.c", &driver_itself());
    let suppressions = format!("--suppressions={}", source("valgrind.supp").display());
    let mut command = Command::new("valgrind");
    command
        .args(["--quiet", "--leak-check=full", "--error-exitcode=99"])
        .arg("--errors-for-leak-kinds=definite,indirect,possible")
        .arg(suppressions)
        .arg(&program.path)
        .arg(driver::string(&server));
    let text = run(&mut command);
    assert!(text.contains("good"), "{text}");
}

#[test]
fn the_whole_interface_is_clean_under_the_address_sanitizer() {
    let server = whole_server();
    let mut flags = driver_itself();
    flags.push("-fsanitize=address,undefined".to_owned());
    flags.push("-fno-sanitize-recover=all".to_owned());
    let program = program("whole.c", &flags);
    let suppressions = format!("suppressions={}", source("lsan.supp").display());
    let mut command = Command::new(&program.path);
    command
        .arg(driver::string(&server))
        .env("LSAN_OPTIONS", suppressions)
        // The driver keeps no frame pointers, by which stacks would be read faster.
        .env("ASAN_OPTIONS", "fast_unwind_on_malloc=0");
    let text = run(&mut command);
    assert!(text.contains("good"), "{text}");
}

/// A compiled program.
struct Program {
    path: PathBuf,
    _folder: TempDir,
}

impl Program {
    /// Runs it with a connection to `server`; gives what it said.
    fn run(&self, manager: Manager, server: &Server) -> String {
        let registered = Registered::new();
        let mut command = Command::new(&self.path);
        command.arg(driver::string(server));
        registered.apply(manager, &mut command);
        run(&mut command)
    }
}

fn program<S: AsRef<str>>(name: &str, flags: &[S]) -> Program {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("program");
    let compiled = Command::new("cc")
        .args(["-std=c11", "-g", "-O1", "-Wall", "-Wextra", "-Werror", "-o"])
        .arg(&path)
        .arg("-I")
        .arg(source("../../include"))
        .arg(source(name))
        .args(flags.iter().map(AsRef::<str>::as_ref))
        .output()
        .expect("a C compiler is installed");
    assert!(compiled.status.success(), "{}", said(&compiled));
    Program {
        path,
        _folder: folder,
    }
}

/// A file beside the programs.
fn source(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../c")
        .join(name)
}

/// Links with the driver's library, wherever it is.
fn driver_itself() -> Vec<String> {
    let library = driver::library();
    let folder = library.parent().unwrap().display();
    vec![
        library.display().to_string(),
        format!("-Wl,-rpath,{folder}"),
    ]
}

fn run(command: &mut Command) -> String {
    let output = command.output().unwrap();
    let text = said(&output);
    assert!(output.status.success(), "{command:?}\n{text}");
    text
}

fn said(output: &Output) -> String {
    let [out, error] = [&output.stdout, &output.stderr].map(|text| String::from_utf8_lossy(text));
    format!("{out}{error}")
}

fn missing() -> Answer {
    let message = "line 1:15: Table '日本😀' does not exist";
    Answer::error(QueryError::new("TABLE_NOT_FOUND", 46, message))
}

fn wide_server() -> Server {
    let server = Server::start();
    let value = "zażółć 😀 日本";
    let rows = vec![vec![json!(value)]; 3];
    let answer = Answer::rows(columns![("naïve😀", "varchar")], rows);
    server.on(&format!("SELECT '{value}'"), answer);
    server.on("SELECT missing", missing());
    server
}

fn parameters_server() -> Server {
    let server = Server::start();
    server.on_matching(|sql| {
        if sql.ends_with("USING 'it''s', INTEGER '7'") {
            return Some(Answer::update("INSERT", 1));
        }
        let finds_none = sql.contains("UPDATE") && sql.ends_with("USING INTEGER '7'");
        finds_none.then(|| Answer::update("UPDATE", 0))
    });
    server
}

fn odbc2_server() -> Server {
    let server = Server::start();
    server.on("SELECT missing", missing());
    let columns = columns![
        ("d", "date"),
        ("t", "time(3)"),
        ("ts", "timestamp(3)"),
        ("n", "integer"),
    ];
    let row =
        |date, time, stamp, number| vec![json!(date), json!(time), json!(stamp), json!(number)];
    let rows = vec![
        row("2024-02-29", "12:34:56.000", "2024-02-29 12:34:56.789", 1),
        row("1969-12-31", "00:00:00.000", "1969-12-31 23:59:59.125", 2),
        row("2000-01-01", "23:59:59.000", "2000-01-01 00:00:00.000", 3),
    ];
    server.on("SELECT d, t, ts, n FROM times", Answer::rows(columns, rows));
    server
}

fn whole_server() -> Server {
    let server = Server::start();
    server.on("SELECT missing", missing());
    server.on("INSERT 4", Answer::update("INSERT", 4));
    let three = vec![
        vec![json!(1), json!("one")],
        vec![json!(2), json!("two, which is long")],
        vec![json!(3), json!(null)],
    ];
    let columns = columns![("id", "integer"), ("text", "varchar(20)")];
    server.on("SELECT three", Answer::rows(columns, three));
    let many = Answer::generated(&["bigint", "varchar"], 2_030, 1).spooled(Spooling {
        rows_per_segment: 500,
        ..Spooling::default()
    });
    server.on("SELECT many", many);
    server.on_matching(|sql| {
        let empty = || Answer::rows(columns![("a", "varchar")], Vec::new());
        sql.contains("system.jdbc").then(empty)
    });
    server
}
