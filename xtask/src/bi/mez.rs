//! The connector for Power BI as a .mez file: an archive of its sources, resources and icons.

use std::fs;
use std::io::{Cursor, Write as _};

use anyhow::{Context, Result};
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use super::icon;
use crate::project;

/// The archive: the same bytes from the same sources.
pub fn build() -> Result<Vec<u8>> {
    // Neither the time nor this machine's permissions; stored, as it is small.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Stored)
        .last_modified_time(zip::DateTime::default())
        .unix_permissions(0o644);
    let folder = project::root()?.join("installer/powerbi");
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    for name in SOURCES {
        let path = folder.join(name);
        let text = fs::read(&path).with_context(|| path.display().to_string())?;
        archive.start_file(name, options)?;
        archive.write_all(&text)?;
    }
    for size in icon::SIZES {
        archive.start_file(format!("TrinoOdbc{size}.png"), options)?;
        archive.write_all(&icon::png(size)?)?;
    }
    Ok(archive.finish()?.into_inner())
}

const SOURCES: [&str; 2] = ["TrinoOdbc.pq", "resources.resx"];

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use zip::ZipArchive;

    use super::*;

    #[test]
    fn the_archive_holds_what_the_connector_loads_and_is_the_same_each_time() {
        let bytes = build().unwrap();
        assert_eq!(bytes, build().unwrap());
        let mut archive = ZipArchive::new(Cursor::new(bytes)).unwrap();
        let mut source = String::new();
        archive
            .by_name("TrinoOdbc.pq")
            .unwrap()
            .read_to_string(&mut source)
            .unwrap();
        // Icons are named by their sizes.
        for list in source.split("List.Transform({").skip(1) {
            let Some((sizes, _)) = list.split_once("}, Icon)") else {
                continue;
            };
            for size in sizes.split(", ") {
                let icon = archive.by_name(&format!("TrinoOdbc{size}.png")).unwrap();
                assert!(icon.size() > 0);
            }
        }
        assert_eq!(archive.len(), SOURCES.len() + icon::SIZES.len());
    }
}
