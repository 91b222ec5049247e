//! The command that registers the driver, run in its own folders.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// A driver file, and folders for the system's and the user's configuration.
struct Machine {
    folder: TempDir,
}

impl Machine {
    fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder can be made");
        for name in ["system", "home"] {
            fs::create_dir(folder.path().join(name)).expect("a folder can be made");
        }
        fs::write(folder.path().join("libtrinoodbc.so"), "").expect("a file can be written");
        Self { folder }
    }

    fn with_others(others: &str) -> Self {
        let machine = Self::new();
        fs::write(machine.system_file(), others).expect("a file can be written");
        machine
    }

    fn library(&self) -> PathBuf {
        self.folder.path().join("libtrinoodbc.so")
    }

    fn system_file(&self) -> PathBuf {
        self.folder.path().join("system/odbcinst.ini")
    }

    fn user_file(&self) -> PathBuf {
        self.folder.path().join("home/.odbcinst.ini")
    }

    fn command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path().join("home"))
            .env("ODBCSYSINI", self.folder.path().join("system"))
            .env("ODBCINI", self.folder.path().join("home/.odbc.ini"))
            .env_remove("ODBCINSTINI");
        command
    }

    /// Runs the command; it must succeed. Gives what it prints.
    fn register(&self, arguments: &[&str]) -> String {
        let output = self.try_to_register(arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn try_to_register(&self, arguments: &[&str]) -> Output {
        let Some(program) = std::env::var_os("TRINO_ODBC_COMMAND") else {
            panic!("TRINO_ODBC_COMMAND names no command; run `cargo xtask test --only installer`");
        };
        self.command(Path::new(&program))
            .args(arguments)
            .output()
            .expect("the command runs")
    }

    /// What unixODBC itself says of our section.
    fn driver_manager_says(&self) -> String {
        let output = self
            .command(Path::new("odbcinst"))
            .args(["-q", "-d", "-n", "Trino"])
            .output()
            .expect("odbcinst runs");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_default()
}

#[test]
fn the_driver_manager_finds_a_registered_driver() {
    let machine = Machine::new();
    machine.register(&["install", "--system", "--library", "libtrinoodbc.so"]);
    let library = machine.library().canonicalize().expect("it is there");
    let said = machine.driver_manager_says();
    assert!(
        said.contains(&format!("Driver={}", library.display())),
        "{said}"
    );
    assert!(said.contains("Threading=0"), "{said}");
}

#[test]
fn a_driver_registered_twice_stands_there_once() {
    let machine = Machine::with_others(OTHERS);
    for _ in 0..2 {
        machine.register(&["install", "--system", "--library", "libtrinoodbc.so"]);
    }
    assert_eq!(
        read(&machine.system_file()).matches("[Trino]").count(),
        1,
        "{}",
        read(&machine.system_file())
    );
}

#[test]
fn coming_and_going_leaves_other_drivers_as_they_were() {
    let machine = Machine::with_others(OTHERS);
    machine.register(&["install", "--system", "--library", "libtrinoodbc.so"]);
    assert!(read(&machine.system_file()).starts_with(OTHERS));
    machine.register(&["uninstall", "--system"]);
    assert_eq!(read(&machine.system_file()), OTHERS);
}

#[test]
fn what_follows_our_section_stays() {
    let ours = "[trino]\nDriver = /old\n";
    let machine = Machine::with_others(&format!("{ours}\n{OTHERS}"));
    machine.register(&["uninstall", "--system"]);
    assert_eq!(read(&machine.system_file()).trim_start(), OTHERS);
}

#[test]
fn a_user_registers_in_the_home_folder() {
    let machine = Machine::with_others(OTHERS);
    machine.register(&["install", "--user", "--library", "libtrinoodbc.so"]);
    assert_eq!(read(&machine.system_file()), OTHERS);
    assert!(read(&machine.user_file()).contains("[Trino]"));
    assert!(machine.driver_manager_says().contains("libtrinoodbc.so"));
    machine.register(&["uninstall", "--user"]);
    assert_eq!(read(&machine.user_file()), "");
}

#[test]
fn a_missing_library_is_named_and_changes_nothing() {
    let machine = Machine::with_others(OTHERS);
    let output = machine.try_to_register(&["install", "--system", "--library", "nowhere.so"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere.so"));
    assert_eq!(read(&machine.system_file()), OTHERS);
}

#[test]
fn registered_drivers_and_their_data_sources_are_listed() {
    let machine = Machine::with_others(OTHERS);
    machine.register(&["install", "--system", "--library", "libtrinoodbc.so"]);
    machine.register(&[
        "dsn",
        "add",
        "Warehouse",
        "Host=h",
        "UID=ann",
        "SSL=1",
        "PWD=hunter2",
    ]);
    let listed = machine.register(&["list"]);
    for line in ["Trino", "(this driver)", "Other", "Warehouse"] {
        assert!(listed.contains(line), "{line}: {listed}");
    }
    let listed: serde_json::Value =
        serde_json::from_str(&machine.register(&["list", "--json"])).expect("it is JSON");
    assert_eq!(listed.as_array().map(Vec::len), Some(3), "{listed}");
}

#[test]
fn a_data_source_is_kept_where_the_driver_manager_finds_it() {
    let machine = Machine::new();
    machine.register(&[
        "dsn",
        "add",
        "Warehouse",
        "Host=h",
        "UID=ann",
        "SSL=1",
        "PWD=hunter2",
    ]);
    let output = machine
        .command(Path::new("odbcinst"))
        .args(["-q", "-s", "-n", "Warehouse"])
        .output()
        .expect("odbcinst runs");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        said.contains("Host=h") && said.contains("Driver=Trino"),
        "{said}"
    );
    let shown = machine.register(&["dsn", "show", "warehouse"]);
    assert!(
        shown.contains("Host = h") && !shown.contains("hunter2"),
        "{shown}"
    );
    let again = machine.try_to_register(&["dsn", "add", "Warehouse", "Host=other", "UID=ann"]);
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    machine.register(&[
        "dsn",
        "add",
        "Warehouse",
        "Host=other",
        "UID=ann",
        "--force",
    ]);
    assert!(
        machine
            .register(&["dsn", "show", "Warehouse"])
            .contains("Host = other")
    );
    machine.register(&["dsn", "remove", "Warehouse"]);
    let gone = machine.try_to_register(&["dsn", "show", "Warehouse"]);
    assert_eq!(gone.status.code(), Some(1), "{gone:?}");
}

#[test]
#[cfg(unix)]
fn a_file_of_data_sources_is_its_owners_only() {
    use std::os::unix::fs::PermissionsExt as _;

    let machine = Machine::new();
    machine.register(&["dsn", "add", "W", "Host=h", "UID=ann"]);
    let file = machine.folder.path().join("home/.odbc.ini");
    let mode = fs::metadata(file)
        .expect("it is there")
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn a_data_source_that_cannot_connect_is_refused_and_not_kept() {
    let machine = Machine::new();
    for (keywords, told) in [
        (&["Host=h", "UID=ann", "PWD=x"][..], "SSL=true"),
        (&["Host=h", "UID=ann", "Port=70000"], "1 to 65535"),
        (&["nonsense"], "KEYWORD=VALUE"),
    ] {
        let arguments = [&["dsn", "add", "W"], keywords].concat();
        let output = machine.try_to_register(&arguments);
        assert!(!output.status.success(), "{output:?}");
        let words = String::from_utf8_lossy(&output.stderr);
        assert!(words.contains(told), "{words}");
    }
    assert!(!machine.folder.path().join("home/.odbc.ini").exists());
}

const OTHERS: &str = "\
# By hand.
[ODBC]
Pooling = No

# The old one.
[Other]
Description = Another driver
Driver = /opt/other.so
UsageCount = 2
";
