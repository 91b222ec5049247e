//! Records what a real Trino answers: a lab is started once, when a recording is missing.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail, ensure};
use bytes::Bytes;
use hyper::Method;
use serde_json::Value;
use serde_json::value::RawValue;

use super::recording::{self, Page, Recording, Segment};
use super::workload::{Encoding, Workload};
use crate::lab::{self, Facts, Lab, client};
use crate::progress::Step;

/// Makes sure that each of these workloads is recorded in each encoding.
pub fn ensure(workloads: &[&Workload]) -> Result<()> {
    let mut missing = Vec::new();
    for workload in workloads {
        for encoding in Encoding::ALL {
            if Recording::read(&recording::folder(workload, encoding)?)?.is_none() {
                missing.push((*workload, encoding));
            }
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let step = Step::start("A real Trino, to record its answers (once)");
    let lab = Lab::start(&lab::Options::default(), &|line| eprintln!("  {line}"))?;
    drop(step);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    for (workload, encoding) in missing {
        let name = format!("recording {} in {}", workload.name, encoding.name());
        let _step = Step::start(&name);
        runtime
            .block_on(record(&lab.facts, workload, encoding))
            .with_context(|| name.clone())?;
    }
    Ok(())
}

async fn record(facts: &Facts, workload: &Workload, encoding: Encoding) -> Result<()> {
    let folder = recording::folder(workload, encoding)?;
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).with_context(|| folder.display().to_string())?;
    let mut tape = Tape {
        folder: &folder,
        facts,
        files: 0,
        recording: Recording {
            version: lab::VERSION.to_string(),
            columns: Value::Null,
            stats: Value::Null,
            pages: Vec::new(),
            rows: 0,
            json: 0,
            wire: 0,
        },
    };

    let mut headers = client::credentials(facts);
    headers.push((
        "X-Trino-Client-Capabilities".to_owned(),
        "PATH,PARAMETRIC_DATETIME".to_owned(),
    ));
    headers.push(("X-Trino-Time-Zone".to_owned(), "UTC".to_owned()));
    if let Some(name) = encoding.header() {
        headers.push(("X-Trino-Query-Data-Encoding".to_owned(), name.to_owned()));
    }
    let authority = facts.coordinator_ca.as_deref();
    let statement = format!("{}/v1/statement", facts.url);
    let sql = workload.sql.to_owned();
    let mut answer = client::send(Method::POST, &statement, &headers, sql, authority).await?;
    loop {
        ensure!(answer.status.is_success(), "{}", answer.status);
        let page: Results = serde_json::from_slice(&answer.body)?;
        if let Some(error) = page.error {
            bail!("{}", error["message"].as_str().unwrap_or("query failed"));
        }
        if let Some(columns) = page.columns {
            tape.recording.columns = columns;
        }
        tape.recording.stats = page.stats;
        if let Some(data) = page.data {
            tape.take(data).await?;
        }
        let Some(next) = page.next_uri else { break };
        answer = client::send(Method::GET, &next, &headers, "", authority).await?;
    }
    let recording = tape.recording;
    ensure!(recording.rows > 0, "no rows");
    if encoding != Encoding::Direct {
        let all = |page: &Page| matches!(page, Page::Segments(_));
        ensure!(
            recording.pages.iter().all(all),
            "rows came without segments"
        );
    }
    recording.write(&folder)
}

#[derive(serde::Deserialize)]
#[serde(rename_all = "camelCase")]
struct Results<'a> {
    next_uri: Option<String>,
    columns: Option<Value>,
    #[serde(borrow)]
    data: Option<&'a RawValue>,
    stats: Value,
    error: Option<Value>,
}

/// What has been recorded so far.
struct Tape<'a> {
    folder: &'a Path,
    facts: &'a Facts,
    files: usize,
    recording: Recording,
}

impl Tape<'_> {
    async fn take(&mut self, data: &RawValue) -> Result<()> {
        let text = data.get();
        if text.starts_with('[') {
            let rows: Vec<&RawValue> = serde_json::from_str(text)?;
            let bytes = text.len() as u64;
            self.recording.rows += rows.len() as u64;
            self.recording.json += bytes;
            self.recording.wire += bytes;
            let file = self.keep(text.as_bytes())?;
            self.recording.pages.push(Page::Rows(file));
            return Ok(());
        }
        let data: Value = serde_json::from_str(text)?;
        let mut segments = Vec::new();
        for segment in data["segments"].as_array().context("no segments")? {
            segments.push(self.segment(segment).await?);
        }
        self.recording.pages.push(Page::Segments(segments));
        Ok(())
    }

    async fn segment(&mut self, segment: &Value) -> Result<Segment> {
        let number = |name: &str| segment["metadata"][name].as_u64();
        let inline = segment["type"] == "inline";
        let file = if inline {
            let data = segment["data"]
                .as_str()
                .context("an inline segment without data")?;
            self.keep(data.as_bytes())?
        } else {
            let bytes = self.fetch(segment).await?;
            self.keep(&bytes)?
        };
        let kept = Segment {
            file,
            inline,
            rows: number("rowsCount").context("no rowsCount")?,
            size: number("segmentSize").context("no segmentSize")?,
            plain: number("uncompressedSize"),
        };
        self.recording.rows += kept.rows;
        self.recording.json += kept.plain.unwrap_or(kept.size);
        self.recording.wire += kept.size;
        Ok(kept)
    }

    /// Downloads a spooled segment, and acknowledges it to the coordinator.
    async fn fetch(&self, segment: &Value) -> Result<Bytes> {
        let mut headers = Vec::new();
        for (name, values) in segment["headers"].as_object().into_iter().flatten() {
            for value in values.as_array().into_iter().flatten() {
                let value = value.as_str().context("a header that is no text")?;
                headers.push((name.clone(), value.to_owned()));
            }
        }
        let uri = segment["uri"].as_str().context("no uri")?;
        let storage = self.facts.storage_ca.as_deref();
        let answer = client::send(Method::GET, uri, &headers, "", storage).await?;
        ensure!(answer.status.is_success(), "storage says {}", answer.status);
        let acknowledge = segment["ackUri"].as_str().context("no ackUri")?;
        let coordinator = self.facts.coordinator_ca.as_deref();
        client::send(Method::GET, acknowledge, &headers, "", coordinator).await?;
        Ok(answer.body)
    }

    fn keep(&mut self, bytes: &[u8]) -> Result<String> {
        let file = format!("{:05}", self.files);
        self.files += 1;
        fs::write(self.folder.join(&file), bytes)?;
        Ok(file)
    }
}
