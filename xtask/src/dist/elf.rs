//! What a built file needs of the system that runs it.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};
use object::Endianness;
use object::elf::{DT_NEEDED, FileHeader64};
use object::read::elf::{Dyn as _, FileHeader as _};

/// What the dynamic section of a file names.
#[derive(Debug, Default)]
struct Needs {
    libraries: Vec<String>,
    /// The versions of symbols.
    versions: BTreeSet<String>,
}

/// Fails if the file needs a newer glibc, or a library that is not part of the C library.
pub fn check(file: &Path, glibc: &str) -> Result<()> {
    let data = fs::read(file).with_context(|| file.display().to_string())?;
    let needs = needs(&data).with_context(|| format!("cannot read {}", file.display()))?;
    judge(&needs, glibc).with_context(|| file.display().to_string())
}

fn needs(data: &[u8]) -> Result<Needs> {
    let header = FileHeader64::<Endianness>::parse(data)?;
    let endian = header.endian()?;
    let sections = header.sections(endian, data)?;
    let (entries, link) = sections
        .dynamic(endian, data)?
        .context("it has no dynamic section")?;
    let strings = sections.strings(endian, data, link)?;
    let mut needs = Needs::default();
    for entry in entries {
        if entry.tag(endian) == DT_NEEDED {
            let name = entry.string(endian, strings)?;
            needs
                .libraries
                .push(String::from_utf8_lossy(name).into_owned());
        }
    }
    let (mut files, link) = sections
        .gnu_verneed(endian, data)?
        .context("its symbols have no versions")?;
    let strings = sections.strings(endian, data, link)?;
    while let Some((_, mut versions)) = files.next()? {
        while let Some(version) = versions.next()? {
            let name = version.name(endian, strings)?;
            needs
                .versions
                .insert(String::from_utf8_lossy(name).into_owned());
        }
    }
    Ok(needs)
}

fn judge(needs: &Needs, glibc: &str) -> Result<()> {
    for library in &needs.libraries {
        ensure!(
            C_LIBRARY.iter().any(|name| library.starts_with(name)),
            "it needs {library}, which is no part of the C library"
        );
    }
    let newest = numbers(glibc);
    let mut seen = false;
    for version in &needs.versions {
        let version = version
            .strip_prefix("GLIBC_")
            .with_context(|| format!("it needs symbols of version {version}"))?;
        ensure!(
            numbers(version) <= newest,
            "it needs glibc {version}, newer than {glibc}"
        );
        seen = true;
    }
    ensure!(seen, "it names no version of glibc");
    Ok(())
}

fn numbers(version: &str) -> Vec<u32> {
    version
        .split('.')
        .map(|part| part.parse().unwrap_or(u32::MAX))
        .collect()
}

const C_LIBRARY: [&str; 7] = [
    "libc.so.",
    "libm.so.",
    "libpthread.so.",
    "libdl.so.",
    "librt.so.",
    "libresolv.so.",
    "ld-linux",
];

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(libraries: &[&str], versions: &[&str]) -> Result<()> {
        let own = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let needs = Needs {
            libraries: own(libraries),
            versions: versions.iter().map(|text| (*text).to_owned()).collect(),
        };
        judge(&needs, "2.28")
    }

    #[test]
    fn an_old_glibc_alone_is_accepted() {
        judged(
            &["libc.so.6", "ld-linux-x86-64.so.2"],
            &["GLIBC_2.2.5", "GLIBC_2.28"],
        )
        .unwrap();
    }

    #[test]
    fn a_newer_glibc_and_other_libraries_are_refused() {
        let said = |result: Result<()>| result.unwrap_err().to_string();
        assert!(said(judged(&["libc.so.6"], &["GLIBC_2.4", "GLIBC_2.29"])).contains("2.29"));
        assert!(said(judged(&["libssl.so.3"], &["GLIBC_2.4"])).contains("libssl"));
        assert!(said(judged(&["libc.so.6"], &["GCC_3.0"])).contains("GCC_3.0"));
        assert!(judged(&["libc.so.6"], &[]).is_err());
    }

    #[test]
    fn the_needs_of_a_program_are_read() {
        let program = std::env::current_exe().unwrap();
        let needs = needs(&fs::read(program).unwrap()).unwrap();
        assert!(
            needs.libraries.iter().any(|name| name == "libc.so.6"),
            "{needs:?}"
        );
        assert!(needs.versions.iter().any(|name| name.starts_with("GLIBC_")));
    }
}
