//! Programs of other makers, through both Driver Managers, against a real Trino.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use client_tests::lab::Lab;
use client_tests::registered::{Manager, Registered, SOURCE};

/// A query with as many rows as a person would hardly read.
const MANY: &str = "SELECT orderkey, comment FROM tpch.sf1.orders WHERE orderkey <= 480000";

#[test]
fn isql_reads_what_trino_has() {
    let text = run(Manager::UnixOdbc, "isql", &[SOURCE, "-b", "-d|"], MANY);
    assert_eq!(sum(&text, '|'), expected());
}

#[test]
fn iusql_reads_what_trino_has() {
    let text = run(Manager::UnixOdbc, "iusql", &[SOURCE, "-b", "-d|"], MANY);
    assert_eq!(sum(&text, '|'), expected());
}

#[test]
fn iodbctest_reads_what_trino_has() {
    let source = format!("DSN={SOURCE}");
    let text = run(Manager::Iodbc, "iodbctest", &[&source], MANY);
    let (rows, sum) = sum(&text, '|');
    assert_eq!((rows, sum), expected());
    assert!(text.contains(&format!("returned {rows} rows")));
}

#[test]
fn perl_reads_and_writes_what_trino_has() {
    assert_eq!(of_script("perl", "narrow.pl"), expected());
}

#[test]
fn php_reads_and_writes_what_trino_has() {
    assert_eq!(of_script("php", "narrow.php"), expected());
}

/// What a script of `tests/programs` counted, in a locale that knows ASCII alone.
fn of_script(program: &str, script: &str) -> (usize, i64) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../programs");
    let path = path.join(script).display().to_string();
    let table = format!("memory.default.tools_{program}_{}", std::process::id());
    let arguments = ["LC_ALL=C", program, &path, SOURCE, &table, MANY];
    let text = run(Manager::UnixOdbc, "env", &arguments, "");
    let line = text.lines().last().unwrap_or_default();
    let counted = line
        .split_once(',')
        .and_then(|(rows, sum)| Some((rows.parse().ok()?, sum.parse().ok()?)));
    counted.unwrap_or_else(|| panic!("{text}"))
}

/// The output of a program that reaches the lab by a data source, with `input` typed into it.
fn run(manager: Manager, program: &str, arguments: &[&str], input: &str) -> String {
    let registered = Registered::with_source(&Lab::get().attributes());
    let mut command = Command::new(program);
    registered.apply(manager, &mut command);
    let mut child = command
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program}: {error}"));
    let mut typed = child.stdin.take().expect("its input is ours");
    // One that ends early has said why.
    let _ = writeln!(typed, "{input}\n");
    drop(typed);
    let output = child.wait_with_output().expect("it ends");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        output.status.success(),
        "{program}: {}\n{text}",
        output.status
    );
    text
}

/// Count of the lines that begin with a number, and the sum of these.
fn sum(text: &str, separator: char) -> (usize, i64) {
    let first = |line: &str| line.split(separator).next()?.trim().parse::<i64>().ok();
    text.lines()
        .filter_map(first)
        .fold((0, 0), |(rows, sum), number| (rows + 1, sum + number))
}

/// The same of all rows, as Trino says it without the driver.
fn expected() -> (usize, i64) {
    let sql = format!("SELECT count(*), sum(orderkey) FROM ({MANY})");
    let table = Lab::get().read(&sql);
    let number = |column: usize| {
        table.rows[0][column]
            .get()
            .parse::<i64>()
            .expect("a number")
    };
    let rows = usize::try_from(number(0)).expect("a count");
    assert!(rows >= 100_000, "{rows}");
    (rows, number(1))
}
