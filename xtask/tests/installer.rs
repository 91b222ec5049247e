//! The script that registers the driver, run in folders of its own.

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
            .env_remove("ODBCINSTINI");
        command
    }

    /// Runs the script; it must succeed.
    fn register(&self, arguments: &[&str]) {
        let output = self.try_to_register(arguments);
        assert!(output.status.success(), "{output:?}");
    }

    fn try_to_register(&self, arguments: &[&str]) -> Output {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../installer/register.sh");
        self.command(&script)
            .args(arguments)
            .output()
            .expect("the script runs")
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
    machine.register(&["--system", "--library", "libtrinoodbc.so"]);
    let library = machine.library().canonicalize().expect("it is there");
    let said = machine.driver_manager_says();
    assert!(
        said.contains(&format!("Driver={}", library.display())),
        "{said}"
    );
    assert!(said.contains("Threading=1"), "{said}");
}

#[test]
fn a_driver_registered_twice_stands_there_once() {
    let machine = Machine::with_others(OTHERS);
    for _ in 0..2 {
        machine.register(&["--system", "--library", "libtrinoodbc.so"]);
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
    machine.register(&["--system", "--library", "libtrinoodbc.so"]);
    assert!(read(&machine.system_file()).starts_with(OTHERS));
    machine.register(&["--system", "--uninstall"]);
    assert_eq!(read(&machine.system_file()), OTHERS);
}

#[test]
fn what_follows_our_section_stays() {
    let ours = "[trino]\nDriver = /old\n";
    let machine = Machine::with_others(&format!("{ours}\n{OTHERS}"));
    machine.register(&["--system", "--uninstall"]);
    assert_eq!(read(&machine.system_file()).trim_start(), OTHERS);
}

#[test]
fn a_user_registers_in_the_home_folder() {
    let machine = Machine::with_others(OTHERS);
    machine.register(&["--user", "--library", "libtrinoodbc.so"]);
    assert_eq!(read(&machine.system_file()), OTHERS);
    assert!(read(&machine.user_file()).contains("[Trino]"));
    assert!(machine.driver_manager_says().contains("libtrinoodbc.so"));
    machine.register(&["--user", "--uninstall"]);
    assert_eq!(read(&machine.user_file()), "");
}

#[test]
fn a_missing_library_is_named_and_changes_nothing() {
    let machine = Machine::with_others(OTHERS);
    let output = machine.try_to_register(&["--system", "--library", "nowhere.so"]);
    assert!(!output.status.success());
    assert!(String::from_utf8_lossy(&output.stderr).contains("nowhere.so"));
    assert_eq!(read(&machine.system_file()), OTHERS);
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
