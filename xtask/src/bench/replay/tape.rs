//! A recording in memory, ready to be sent.

use std::fs;
use std::sync::Arc;

use anyhow::{Context, Result};
use serde_json::{Value, json};

use crate::bench::recording::{self, Page, Recording};
use crate::bench::workload::{Encoding, Workload};

/// Bytes that are shared by all who send them.
pub type Shared = Arc<[u8]>;

/// A recording in memory.
pub struct Tape {
    pub encoding: Encoding,
    pub columns: String,
    pub stats: String,
    pub pages: Vec<Sheet>,
    /// Rows of one time over.
    pub rows: u64,
    /// The bytes of spooled segments, by their number.
    pub spooled: Vec<Shared>,
}

/// One page.
pub enum Sheet {
    Rows(Shared),
    Segments(Vec<Cut>),
}

/// One segment as a page shows it.
pub struct Cut {
    /// Rows before it, in one time over.
    pub before: u64,
    pub rows: u64,
    pub size: u64,
    pub plain: Option<u64>,
    pub data: Data,
}

pub enum Data {
    Inline(Shared),
    /// The number of its bytes in [`Tape::spooled`].
    Spooled(usize),
}

impl Tape {
    pub fn load(workload: &Workload, encoding: Encoding) -> Result<Self> {
        let folder = recording::folder(workload, encoding)?;
        let recording = Recording::read(&folder)?
            .with_context(|| format!("no recording in {}", folder.display()))?;
        let read = |file: &str| -> Result<Shared> {
            let path = folder.join(file);
            Ok(fs::read(&path)
                .with_context(|| path.display().to_string())?
                .into())
        };
        let mut spooled = Vec::new();
        let mut before = 0;
        let mut pages = Vec::new();
        for page in &recording.pages {
            pages.push(match page {
                Page::Rows(file) => Sheet::Rows(read(file)?),
                Page::Segments(segments) => {
                    let mut cuts = Vec::new();
                    for segment in segments {
                        let bytes = read(&segment.file)?;
                        let data = if segment.inline {
                            Data::Inline(bytes)
                        } else {
                            spooled.push(bytes);
                            Data::Spooled(spooled.len() - 1)
                        };
                        cuts.push(Cut {
                            before,
                            rows: segment.rows,
                            size: segment.size,
                            plain: segment.plain,
                            data,
                        });
                        before += segment.rows;
                    }
                    Sheet::Segments(cuts)
                }
            });
        }
        Ok(Self {
            encoding,
            columns: recording.columns.to_string(),
            stats: stats(recording.stats).to_string(),
            pages,
            rows: recording.rows,
            spooled,
        })
    }
}

/// The recorded statistics without the tree of stages, which only costs to send.
fn stats(mut stats: Value) -> Value {
    if let Some(fields) = stats.as_object_mut() {
        fields.remove("rootStage");
        fields.insert("state".to_owned(), json!("RUNNING"));
    }
    stats
}
