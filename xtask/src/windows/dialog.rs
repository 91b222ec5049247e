//! The setup dialog, used by the keyboard alone on a display without a screen, at two resolutions.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use super::target::Target;
use super::wine::{self, Prefix};
use crate::project;
use crate::test::Count;

/// Adds a data source by the dialog at each resolution; pictures of its pages stay in the folder of the build.
pub fn test() -> Result<Count> {
    let driver = Target::X64.driver()?;
    let mut total = Count::default();
    for resolution in RESOLUTIONS {
        let pictures = Target::X64.folder()?.join(format!("dialog-{resolution}"));
        let ended = add_data_source(&driver, resolution, &pictures);
        match &ended {
            Ok(()) => println!(
                "dialog at {resolution} dpi: ok, pictures in {}",
                pictures.display()
            ),
            Err(error) => println!("dialog at {resolution} dpi: FAILED: {error:#}"),
        }
        total += if ended.is_ok() {
            Count::PASSED
        } else {
            Count::FAILED
        };
    }
    Ok(total)
}

fn add_data_source(driver: &Path, resolution: u32, pictures: &Path) -> Result<()> {
    let folder = tempfile::Builder::new()
        .prefix("trino-odbc-dialog-")
        .tempdir()?;
    let prefix = Prefix::new(folder.path())?;
    prepare(&prefix, driver, resolution, folder.path())?;
    use_dialog(&prefix, folder.path(), pictures)
}

/// Sets the resolution, registers the driver and compiles the program that opens the dialog.
fn prepare(prefix: &Prefix, driver: &Path, resolution: u32, folder: &Path) -> Result<()> {
    let resolution = resolution.to_string();
    let driver = wine::path(driver);
    for (key, value, kind, data) in [
        (
            r"HKCU\Control Panel\Desktop",
            "LogPixels",
            "REG_DWORD",
            resolution.as_str(),
        ),
        (DRIVERS, NAME, "REG_SZ", "Installed"),
        (DRIVER, "Driver", "REG_SZ", &driver),
        (DRIVER, "Setup", "REG_SZ", &driver),
    ] {
        let words = ["reg", "add", key, "/v", value, "/t", kind, "/d", data, "/f"];
        prefix.succeed(Target::X64, &words)?;
    }
    // The resolution is read when Wine's server starts.
    prefix.end();
    let status = Command::new(Target::X64.linker())
        .args(["-municode", "-O1", "-Wall", "-Werror", "-o"])
        .arg(folder.join("dialog.exe"))
        .arg(project::root()?.join("tests/c/dialog_windows.c"))
        .args(["-lodbccp32", "-lgdi32", "-luser32"])
        .status()?;
    ensure!(status.success(), "the program does not build");
    Ok(())
}

/// Types a data source into the dialog, takes a picture of each page, confirms, and looks for it in the registry.
fn use_dialog(prefix: &Prefix, folder: &Path, pictures: &Path) -> Result<()> {
    let _ = fs::remove_dir_all(pictures);
    fs::create_dir_all(pictures)?;
    let script = folder.join("keys.sh");
    fs::write(&script, KEYS)?;
    let words = [
        "timeout".as_ref(),
        "200".as_ref(),
        "sh".as_ref(),
        script.as_os_str(),
        wine::loader(Target::X64).as_ref(),
        NAME.as_ref(),
        pictures.as_os_str(),
    ];
    let output = prefix.inside(&words)?.output()?;
    ensure!(
        output.status.success(),
        "the dialog was not confirmed: {}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
    let source = prefix.succeed(Target::X64, &["reg", "query", SOURCE])?;
    let source = String::from_utf8_lossy(&source.stdout).into_owned();
    let values: Vec<Vec<_>> = source
        .lines()
        .map(|line| line.split_whitespace().collect())
        .collect();
    for (name, value) in [
        ("Host", "trino.example.org"),
        ("UID", "ann"),
        ("SSL", "true"),
    ] {
        let found = values.iter().any(|line| *line == [name, "REG_SZ", value]);
        ensure!(found, "{name}={value} is missing in:\n{source}");
    }
    ensure!(
        source.contains("ProtectedSecrets") && !source.contains("open sesame"),
        "the password is not encrypted:\n{source}"
    );
    let pages = fs::read_dir(pictures).context("pictures")?;
    let pages = pages.filter(|entry| {
        entry
            .as_ref()
            .is_ok_and(|entry| entry.path().extension().is_some_and(|it| it == "png"))
    });
    ensure!(pages.count() >= PAGES, "pictures are missing");
    Ok(())
}

/// Dots an inch: of common screens, and of those that are set to 150 %.
const RESOLUTIONS: [u32; 2] = [96, 144];

const NAME: &str = "Dialog";
const DRIVERS: &str = r"HKLM\SOFTWARE\ODBC\ODBCINST.INI\ODBC Drivers";
const DRIVER: &str = r"HKLM\SOFTWARE\ODBC\ODBCINST.INI\Dialog";
const SOURCE: &str = r"HKCU\SOFTWARE\ODBC\ODBC.INI\Typed";

/// How many pages the dialog has.
const PAGES: usize = 9;

/// Starts a display and the program, and types: the name, the host, TLS and the sign-in, then a look at the other pages.
const KEYS: &str = r#"
set -eu
loader=$1 driver=$2 pictures=$3
Xvfb -displayfd 3 -screen 0 1600x1300x24 -nolisten tcp 3>"$pictures/display" 2>"$pictures/xvfb.log" &
server=$!
trap 'kill $server' EXIT
until [ -s "$pictures/display" ]; do sleep 0.1; done
DISPLAY=:$(cat "$pictures/display")
export DISPLAY
"$loader" dialog.exe "$driver" >"$pictures/program.txt" 2>&1 &
program=$!
window=$(timeout 60 xdotool search --sync --onlyvisible --name '^Trino data source$' | head -n 1)
sleep 1

page=0
picture() {
    sleep 0.5
    page=$((page + 1))
    import -window "$window" "$pictures/page-$page.png"
}
press() { xdotool key --delay 60 "$@"; sleep 0.2; }
fill() { xdotool type --delay 30 "$1"; }

fill Typed
press alt+h
fill trino.example.org
press alt+l
press Down
picture
press ctrl+Next
press alt+u
fill ann
press alt+p
fill 'open sesame'
press alt+s
picture
for _ in 3 4 5 6 7 8 9; do
    press ctrl+Next
    picture
done
# The last page has a text of several lines, which takes Return for itself.
press ctrl+Prior
press Return
wait $program
cat "$pictures/program.txt"
"#;
