//! Checks of the connectors by other makers' programs: Microsoft's parser of M, a JavaScript engine, XML schemas.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, ensure};

use crate::test::{Count, check};
use crate::{npm, program, project, registration};

/// Node.js, and the parser in the user's cache.
pub fn require() -> Result<PathBuf> {
    npm::modules("tests/bi")
}

/// Parses the connector for Power BI, and runs the script of Tableau's.
pub fn run_all(modules: &Path) -> Result<Count> {
    let root = project::root()?;
    let mut power_query = Vec::new();
    for folder in [
        "installer/powerbi",
        "installer/powerbi/tests",
        "installer/powerbi/tests/Sanity",
    ] {
        for entry in fs::read_dir(root.join(folder))? {
            let path = entry?.path();
            let is_power_query = path
                .extension()
                .is_some_and(|extension| extension == "pq" || extension == "pqout");
            power_query.extend(is_power_query.then_some(path));
        }
    }
    power_query.sort();
    let node = |script: &str| {
        let mut command = Command::new("node");
        command
            .arg(root.join("tests/bi").join(script))
            .env("NODE_PATH", modules)
            .current_dir(&root);
        command
    };
    let mut total = check(node("power_query.js").args(&power_query))?;
    total += check(node("tableau.js").arg(root.join(CONNECTOR).join("connectionBuilder.js")))?;
    Ok(total)
}

/// Validates the files of Tableau's connector by Tableau's schemas in that folder.
pub fn schemas(folder: &Path) -> Result<()> {
    registration::require_installed(&[("xmllint", "libxml2-utils")])?;
    let connector = project::root()?.join(CONNECTOR);
    for (file, schema) in SCHEMAS {
        let schema = folder.join(schema);
        ensure!(schema.is_file(), "there is no {}", schema.display());
        program::run_quietly(
            Command::new("xmllint")
                .args(["--noout", "--nonet", "--schema"])
                .arg(schema)
                .arg(connector.join(file)),
        )?;
        println!("{file}: valid");
    }
    Ok(())
}

const CONNECTOR: &str = "installer/tableau/trino_odbc";

/// Which schema is for which file.
const SCHEMAS: [(&str, &str); 5] = [
    ("manifest.xml", "connector_plugin_manifest_latest.xsd"),
    ("connectionFields.xml", "connection_fields.xsd"),
    ("connectionMetadata.xml", "connector_plugin_metadata.xsd"),
    ("connectionResolver.tdr", "tdr_latest.xsd"),
    ("dialect.tdd", "tdd_latest.xsd"),
];
