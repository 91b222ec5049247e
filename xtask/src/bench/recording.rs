//! A recorded answer: what a real Trino said to one query in one encoding, without what was said only once.
//!
//! A recording is a folder: the manifest, and one file for the data of each segment or page. Where segments
//! lay, their keys and the ids of the query are not kept; a replay has its own.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::workload::{Encoding, Workload};
use crate::cache;

/// The manifest of a recording.
#[derive(Debug, Serialize, Deserialize)]
pub struct Recording {
    pub version: String,
    pub columns: Value,
    pub stats: Value,
    pub pages: Vec<Page>,
    pub rows: u64,
    /// Bytes of JSON rows.
    pub json: u64,
    /// Bytes of rows as they travel.
    pub wire: u64,
}

/// An answer of the coordinator that carried rows.
#[derive(Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Page {
    /// Rows in the answer itself: a file with the JSON array.
    Rows(String),
    Segments(Vec<Segment>),
}

/// A segment, named by its file: the bytes of a spooled one, the base64 of one in the answer.
#[derive(Debug, Serialize, Deserialize)]
pub struct Segment {
    pub file: String,
    pub inline: bool,
    pub rows: u64,
    /// Bytes on the way.
    pub size: u64,
    /// Bytes of JSON, if those on the way are compressed.
    pub plain: Option<u64>,
}

impl Recording {
    /// The recording in `folder`, if a whole one is there.
    pub fn read(folder: &Path) -> Result<Option<Self>> {
        let file = folder.join(MANIFEST);
        if !file.is_file() {
            return Ok(None);
        }
        let text = fs::read(&file).with_context(|| file.display().to_string())?;
        Ok(Some(serde_json::from_slice(&text).with_context(|| {
            format!("{} is no manifest", file.display())
        })?))
    }

    /// Completes the recording in `folder`: without a manifest there is none.
    pub fn write(&self, folder: &Path) -> Result<()> {
        let part = folder.join("part");
        fs::write(&part, serde_json::to_vec_pretty(self)?)?;
        fs::rename(&part, folder.join(MANIFEST))?;
        Ok(())
    }
}

/// Where the recording of that workload in that encoding is or will be.
pub fn folder(workload: &Workload, encoding: Encoding) -> Result<PathBuf> {
    Ok(cache::folder()?
        .join("bench")
        .join(workload.key())
        .join(encoding.name()))
}

const MANIFEST: &str = "manifest.json";
