//! `install`, `uninstall`, `list` and `dsn` on the registry of Windows.
#![cfg(windows)]

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Output};

use tempfile::TempDir;
use trinoodbc::platform::registry::{Part, Registry, Scope, View};

/// Libraries for 64-bit and 32-bit programs, and names that are removed at the end.
struct Machine {
    folder: TempDir,
    driver: String,
    source: String,
}

impl Machine {
    fn new(test: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, machine) in [("64", 0x8664_u16), ("32", 0x014c)] {
            let mut library = vec![0_u8; 128];
            library[..2].copy_from_slice(b"MZ");
            library[60] = 100;
            library[100..104].copy_from_slice(b"PE\0\0");
            library[104..106].copy_from_slice(&machine.to_le_bytes());
            fs::create_dir(folder.path().join(name)).unwrap();
            fs::write(folder.path().join(name).join("trinoodbc.dll"), library).unwrap();
        }
        let machine = Self {
            folder,
            driver: format!("Trino command {test}"),
            source: format!("tc {test}"),
        };
        machine.clean();
        machine
    }

    fn library(&self, bits: &str) -> String {
        let library = self.folder.path().join(bits).join("trinoodbc.dll");
        library.to_str().unwrap().to_owned()
    }

    fn install(&self, bits: &str) -> String {
        self.run(&[
            "install",
            "--name",
            &self.driver,
            "--library",
            &self.library(bits),
        ])
    }

    /// Runs the command; it must succeed. Gives what it prints.
    fn run(&self, arguments: &[&str]) -> String {
        let output = self.output(arguments);
        assert!(output.status.success(), "{output:?}");
        String::from_utf8_lossy(&output.stdout).into_owned()
    }

    fn output(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_trino-odbc"))
            .args(arguments)
            .output()
            .unwrap()
    }

    fn clean(&self) {
        for view in [View::Bits64, View::Bits32] {
            let _ = drivers(view).remove(&self.driver);
            let _ = sources(Scope::Machine, view).remove(&self.source);
        }
        let _ = sources(Scope::User, View::Own).remove(&self.source);
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        self.clean();
    }
}

#[test]
fn a_driver_is_registered_for_the_programs_that_can_load_it() {
    let machine = Machine::new("views");
    let printed = machine.install("64");
    assert!(printed.contains("(64-bit)"), "{printed}");
    assert_eq!(
        drivers(View::Bits32).entries(&machine.driver).unwrap(),
        None
    );
    machine.install("32");
    for (view, bits) in [(View::Bits64, "64"), (View::Bits32, "32")] {
        let entries = drivers(view).entries(&machine.driver).unwrap().unwrap();
        let value = |name: &str| {
            let found = entries.iter().find(|(known, _)| known == name);
            found.map(|(_, value)| value.clone()).unwrap_or_default()
        };
        let library = PathBuf::from(machine.library(bits)).canonicalize().unwrap();
        for name in ["Driver", "Setup"] {
            assert!(!value(name).starts_with(r"\\?\"), "{entries:?}");
            assert_eq!(PathBuf::from(value(name)).canonicalize().unwrap(), library);
        }
        for (name, expected) in [
            ("APILevel", "1"),
            ("ConnectFunctions", "YYY"),
            ("CPTimeout", "60"),
            ("DriverODBCVer", "03.80"),
            ("FileUsage", "0"),
            ("SQLLevel", "1"),
            ("UsageCount", "1"),
        ] {
            assert_eq!(value(name), expected, "{name}");
        }
    }
    let listed = machine.run(&["list"]);
    for part in ["(64-bit)", "(32-bit)", &machine.driver, "(this driver)"] {
        assert!(listed.contains(part), "{part}: {listed}");
    }
    machine.run(&["uninstall", "--name", &machine.driver]);
    for view in [View::Bits64, View::Bits32] {
        assert_eq!(drivers(view).entries(&machine.driver).unwrap(), None);
    }
    let again = machine.output(&["uninstall", "--name", &machine.driver]);
    assert_eq!(again.status.code(), Some(1), "{again:?}");
}

#[test]
fn a_driver_that_is_registered_again_keeps_its_count_and_settings() {
    let machine = Machine::new("again");
    machine.install("64");
    let place = drivers(View::Bits64);
    place.set(&machine.driver, "CPTimeout", Some("5")).unwrap();
    place
        .set(&machine.driver, "LogLevel", Some("info"))
        .unwrap();
    place.set_number(&machine.driver, "UsageCount", 2).unwrap();
    machine.install("64");
    let entries = place.entries(&machine.driver).unwrap().unwrap();
    for (name, value) in [
        ("CPTimeout", "5"),
        ("LogLevel", "info"),
        ("UsageCount", "2"),
    ] {
        assert!(
            entries.contains(&(name.to_owned(), value.to_owned())),
            "{entries:?}"
        );
    }
    // The other installation keeps it.
    machine.run(&["uninstall", "--name", &machine.driver]);
    assert!(place.entries(&machine.driver).unwrap().is_some());
    machine.run(&["uninstall", "--name", &machine.driver]);
    assert_eq!(place.entries(&machine.driver).unwrap(), None);
}

#[test]
fn what_cannot_be_registered_is_named_and_changes_nothing() {
    let machine = Machine::new("refused");
    let text = machine.folder.path().join("text.dll");
    fs::write(&text, "no library").unwrap();
    let text = text.to_str().unwrap();
    for (arguments, code, words) in [
        (
            &["install", "--library", "nowhere.dll"][..],
            1,
            "nowhere.dll",
        ),
        (&["install", "--library", text], 1, "no library of Windows"),
        (
            &["install", "--user", "--library", text],
            2,
            "for all users",
        ),
        (&["uninstall", "--user"], 2, "for all users"),
    ] {
        let output = machine.output(&[arguments, &["--name", &machine.driver]].concat());
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let printed = String::from_utf8_lossy(&output.stderr);
        assert!(printed.contains(words), "{printed}");
    }
    assert_eq!(
        drivers(View::Bits64).entries(&machine.driver).unwrap(),
        None
    );
}

#[test]
fn data_sources_are_kept_where_programs_of_both_widths_find_them() {
    let machine = Machine::new("sources");
    let add = [
        "dsn",
        "add",
        &machine.source,
        "Host=h",
        "UID=ann",
        "SSL=1",
        "PWD=hunter2",
        "--driver",
        &machine.driver,
    ];
    let early = machine.output(&add);
    assert_eq!(early.status.code(), Some(1), "{early:?}");
    assert!(String::from_utf8_lossy(&early.stderr).contains("is not registered"));
    machine.install("64");
    machine.install("32");

    machine.run(&add);
    let user = sources(Scope::User, View::Own);
    let entries = user.entries(&machine.source).unwrap().unwrap();
    assert!(entries.contains(&("Host".to_owned(), "h".to_owned())));
    let file = entries.iter().find(|(name, _)| name == "Driver").unwrap();
    assert!(file.1.contains(r"64\trinoodbc.dll"), "{file:?}");
    let shown = machine.run(&["dsn", "show", &machine.source.to_uppercase()]);
    assert!(
        shown.contains("Host = h") && !shown.contains("hunter2"),
        "{shown}"
    );
    assert!(machine.run(&["list"]).contains(&machine.source));
    let again = machine.output(&add);
    assert_eq!(again.status.code(), Some(1), "{again:?}");
    machine.run(&[&add[..], &["--force"]].concat());

    machine.run(&[&add[..], &["--system"]].concat());
    for (view, bits) in [(View::Bits64, "64"), (View::Bits32, "32")] {
        let entries = sources(Scope::Machine, view).entries(&machine.source);
        let entries = entries.unwrap().unwrap();
        let file = entries.iter().find(|(name, _)| name == "Driver").unwrap();
        assert!(
            file.1.contains(&format!(r"{bits}\trinoodbc.dll")),
            "{file:?}"
        );
    }
    machine.run(&["dsn", "remove", &machine.source]);
    assert_eq!(user.entries(&machine.source).unwrap(), None);
    machine.run(&["dsn", "remove", &machine.source]);
    for view in [View::Bits64, View::Bits32] {
        let entries = sources(Scope::Machine, view).entries(&machine.source);
        assert_eq!(entries.unwrap(), None);
    }
    let gone = machine.output(&["dsn", "show", &machine.source]);
    assert_eq!(gone.status.code(), Some(1), "{gone:?}");
}

fn drivers(view: View) -> Registry {
    Registry {
        part: Part::Drivers,
        scope: Scope::Machine,
        view,
    }
}

fn sources(scope: Scope, view: View) -> Registry {
    Registry {
        part: Part::DataSources,
        scope,
        view,
    }
}
