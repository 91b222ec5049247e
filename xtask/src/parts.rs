//! The crates that are part of what users install: their licences, and the list of them; the checksums of a release.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Stdio;

use anyhow::{Context, Result, ensure};
use serde_json::{Value, json};

use crate::project;

/// A crate of a registry.
pub struct Part {
    name: String,
    version: String,
    licence: String,
    folder: PathBuf,
}

/// The crates that the libraries and the command link on any of the targets.
pub fn of_targets(triples: &[&str]) -> Result<Vec<Part>> {
    let mut found = BTreeMap::new();
    for triple in triples {
        let output = project::cargo()?
            .args([
                "metadata",
                "--format-version",
                "1",
                "--locked",
                "--filter-platform",
                triple,
            ])
            .stderr(Stdio::inherit())
            .output()?;
        ensure!(output.status.success(), "cargo metadata failed");
        let metadata: Value = serde_json::from_slice(&output.stdout).context("cargo metadata")?;
        collect(&metadata, &mut found)?;
    }
    Ok(found.into_values().collect())
}

fn collect(metadata: &Value, found: &mut BTreeMap<String, Part>) -> Result<()> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let packages = list(&metadata["packages"]);
    let by_id: BTreeMap<_, _> = packages.iter().map(|it| (it["id"].as_str(), it)).collect();
    let nodes = list(&metadata["resolve"]["nodes"]);
    let nodes: BTreeMap<_, _> = nodes.iter().map(|it| (it["id"].as_str(), it)).collect();
    let is_root = |package: &&Value| ROOTS.iter().any(|root| package["name"] == *root);
    let mut open: Vec<_> = packages
        .iter()
        .filter(is_root)
        .map(|it| it["id"].clone())
        .collect();
    ensure!(
        open.len() == ROOTS.len(),
        "cargo metadata lacks packages of the project"
    );
    let mut seen = Vec::new();
    while let Some(id) = open.pop() {
        if seen.contains(&id) {
            continue;
        }
        let package = by_id.get(&id.as_str()).context("a package without data")?;
        if !package["source"].is_null() {
            let text = |key: &str| package[key].as_str().unwrap_or_default().to_owned();
            let folder = PathBuf::from(text("manifest_path"));
            let part = Part {
                name: text("name"),
                version: text("version"),
                licence: text("license"),
                folder: folder
                    .parent()
                    .context("a manifest without a folder")?
                    .to_owned(),
            };
            found.insert(format!("{} {}", part.name, part.version), part);
        }
        let node = nodes
            .get(&id.as_str())
            .context("a package without dependencies")?;
        for dependency in list(&node["deps"]) {
            let is_linked = list(&dependency["dep_kinds"])
                .iter()
                .any(|kind| kind["kind"].is_null());
            if is_linked {
                open.push(dependency["pkg"].clone());
            }
        }
        seen.push(id);
    }
    Ok(())
}

/// The licence texts of all parts, each text once, in lines that end as given: the editors of Windows know only `\r\n` for
/// certain.
pub fn licences(parts: &[Part], line_end: &str) -> Result<String> {
    let mut texts: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut listed = String::from(
        "The ODBC driver for Trino contains these works, under the licences that follow.\n\n",
    );
    for part in parts {
        let title = format!("{} {}", part.name, part.version);
        writeln!(listed, "{title}: {}", part.licence)?;
        for entry in fs::read_dir(&part.folder)? {
            let path = entry?.path();
            let name = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .to_uppercase();
            let is_licence = FILES.iter().any(|start| name.starts_with(start));
            if is_licence && path.is_file() {
                let text = String::from_utf8_lossy(&fs::read(&path)?).replace("\r\n", "\n");
                let titles = texts.entry(text).or_default();
                if !titles.contains(&title) {
                    titles.push(title.clone());
                }
            }
        }
    }
    for (text, titles) in texts {
        write!(
            listed,
            "\n{}\n{}\n\n{}\n",
            "-".repeat(80),
            titles.join(", "),
            text.trim_end()
        )?;
    }
    Ok(listed.replace('\n', line_end))
}

/// The parts as CycloneDX has them.
pub fn bill_of_materials(parts: &[Part], version: &str) -> Result<String> {
    let components: Vec<_> = parts
        .iter()
        .map(|part| {
            let purl = format!("pkg:cargo/{}@{}", part.name, part.version);
            json!({
                "type": "library", "bom-ref": purl, "name": part.name, "version": part.version,
                "purl": purl, "licenses": [{ "expression": part.licence.replace('/', " OR ") }],
            })
        })
        .collect();
    let bill = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": { "component": {
            "type": "library", "name": "trino-odbc", "version": version,
            "licenses": [{ "expression": "Apache-2.0" }],
        } },
        "components": components,
    });
    Ok(serde_json::to_string_pretty(&bill)? + "\n")
}

/// Writes the checksums of all files of the folder into the file that `sha256sum --check` reads.
pub fn write_sums(folder: &Path) -> Result<()> {
    let mut names = Vec::new();
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_file() && name != SUMS {
            names.push(name);
        }
    }
    names.sort();
    let mut sums = String::new();
    for name in names {
        let bytes = fs::read(folder.join(&name))?;
        for byte in ring::digest::digest(&ring::digest::SHA256, &bytes).as_ref() {
            write!(sums, "{byte:02x}")?;
        }
        writeln!(sums, "  {name}")?;
    }
    fs::write(folder.join(SUMS), sums)?;
    Ok(())
}

const SUMS: &str = "SHA256SUMS";

/// What is installed.
const ROOTS: [&str; 2] = ["trino-odbc", "trino-odbc-command"];

/// How the names of files with licences begin.
const FILES: [&str; 5] = ["LICENSE", "LICENCE", "COPYING", "COPYRIGHT", "NOTICE"];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_what_is_linked_and_each_has_a_licence() {
        let parts = of_targets(&["x86_64-pc-windows-gnu"]).unwrap();
        let has = |name: &str| parts.iter().any(|part| part.name == name);
        assert!(has("tokio") && has("windows-registry"), "{}", parts.len());
        // Tests, and what writes a header at build time.
        assert!(!has("proptest") && !has("cbindgen") && !has("trino-client"));
        assert!(parts.iter().all(|part| !part.licence.is_empty()));
        let texts = licences(&parts, "\n").unwrap();
        assert!(texts.contains("Apache License") && texts.contains("tokio "));
        let bill: Value =
            serde_json::from_str(&bill_of_materials(&parts, "1.2.3").unwrap()).unwrap();
        assert_eq!(bill["components"].as_array().unwrap().len(), parts.len());
    }
}
