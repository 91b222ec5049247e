//! From a query to its segments, in their order: one after another, or downloaded ahead by several threads.

use std::collections::BTreeMap;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde::Deserialize;

use crate::Result;
use crate::columns::Column;
use crate::http::{Connection, Connections};

/// A query whose pages are still to be read.
pub struct Query<'a> {
    coordinator: &'a mut Connection,
    next: Option<String>,
}

/// A segment, downloaded.
pub struct Segment {
    pub payload: Payload,
    /// Bytes of JSON, if the payload is compressed.
    pub plain: Option<usize>,
    types: Arc<Vec<String>>,
}

pub struct Payload {
    pub bytes: Vec<u8>,
    pub encoding: &'static str,
}

impl Segment {
    /// Empty columns of the result's types.
    pub fn columns(&self) -> Result<Vec<Column>> {
        self.types.iter().map(|name| Column::new(name)).collect()
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page<'a> {
    #[serde(borrow)]
    next_uri: Option<&'a str>,
    #[serde(default, borrow)]
    columns: Vec<Named<'a>>,
    #[serde(borrow)]
    data: Option<Data<'a>>,
}

#[derive(Deserialize)]
struct Named<'a> {
    #[serde(rename = "type")]
    name: &'a str,
}

#[derive(Deserialize)]
struct Data<'a> {
    encoding: &'a str,
    #[serde(borrow)]
    segments: Vec<Described<'a>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Described<'a> {
    data: Option<&'a str>,
    uri: Option<&'a str>,
    ack_uri: Option<&'a str>,
    metadata: Metadata,
    #[serde(default)]
    headers: BTreeMap<String, Vec<String>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Metadata {
    uncompressed_size: Option<usize>,
}

/// A segment to be downloaded, unless it came with the page.
struct Task {
    segment: Segment,
    uri: Option<(String, String)>,
    /// What its requests must carry.
    headers: String,
}

impl<'a> Query<'a> {
    /// Submits a query.
    pub fn submit(coordinator: &'a mut Connection, sql: &str, encoding: &str) -> Result<Self> {
        let headers = format!("X-Trino-User: limit\r\nX-Trino-Query-Data-Encoding: {encoding}\r\n");
        let body = coordinator.post("/v1/statement", &headers, sql)?;
        let page: Page = serde_json::from_slice(body)?;
        let next = page.next_uri.map(str::to_owned);
        Ok(Self { coordinator, next })
    }

    /// Gives each segment to `read`, in order.
    pub fn each(
        mut self,
        connections: usize,
        mut read: impl FnMut(&Segment) -> Result<()>,
    ) -> Result<()> {
        if connections > 1 {
            return self.each_ahead(connections, read);
        }
        let mut storage = Connections::default();
        let mut spare = Vec::new();
        while let Some(tasks) = self.page()? {
            for task in tasks {
                let segment = task.download(&mut storage, std::mem::take(&mut spare))?;
                read(&segment)?;
                spare = segment.payload.bytes;
            }
        }
        Ok(())
    }

    /// The same with threads that download ahead.
    fn each_ahead(
        mut self,
        connections: usize,
        mut read: impl FnMut(&Segment) -> Result<()>,
    ) -> Result<()> {
        let window = Window::default();
        let (task_sender, tasks) = mpsc::sync_channel(connections);
        let tasks = Mutex::new(tasks);
        let (sender, results) = mpsc::sync_channel(connections * 2);
        thread::scope(|scope| {
            for _ in 0..connections {
                let (tasks, sender) = (&tasks, sender.clone());
                scope.spawn(move || download_all(tasks, &sender));
            }
            drop(sender);
            let window = &window;
            scope.spawn(move || {
                let mut number = 0;
                // An end, or an error that the reader notices by what is missing.
                while let Ok(Some(tasks)) = self.page() {
                    for task in tasks {
                        window.wait(number, connections * 2);
                        if task_sender.send((number, task)).is_err() {
                            return;
                        }
                        number += 1;
                    }
                }
            });
            let mut early = BTreeMap::new();
            let mut next = 0;
            for (number, segment) in results {
                early.insert(number, segment?);
                while let Some(segment) = early.remove(&next) {
                    read(&segment)?;
                    next += 1;
                    window.deliver(next);
                }
            }
            Ok(())
        })
    }

    /// The segments of the next page, if there is one.
    fn page(&mut self) -> Result<Option<Vec<Task>>> {
        let Some(uri) = self.next.take() else {
            return Ok(None);
        };
        let page: Page = serde_json::from_slice(self.coordinator.get(&uri, "")?)?;
        self.next = page.next_uri.map(str::to_owned);
        let types: Vec<_> = page.columns.iter().map(|c| c.name.to_owned()).collect();
        let types = Arc::new(types);
        let Some(data) = page.data else {
            return Ok(Some(Vec::new()));
        };
        let encoding = match data.encoding {
            "json+lz4" => "json+lz4",
            _ => "json+zstd",
        };
        let task = |segment: &Described| -> Result<Task> {
            let bytes = match segment.data {
                Some(data) => STANDARD.decode(data)?,
                None => Vec::new(),
            };
            let uri = segment.uri.zip(segment.ack_uri);
            let mut headers = String::new();
            for (name, values) in &segment.headers {
                for value in values {
                    headers += &format!("{name}: {value}\r\n");
                }
            }
            Ok(Task {
                segment: Segment {
                    payload: Payload { bytes, encoding },
                    plain: segment.metadata.uncompressed_size,
                    types: Arc::clone(&types),
                },
                uri: uri.map(|(uri, ack)| (uri.to_owned(), ack.to_owned())),
                headers,
            })
        };
        Ok(Some(data.segments.iter().map(task).collect::<Result<_>>()?))
    }
}

impl Task {
    /// Downloads the segment, into `memory` if it is not there already.
    fn download(mut self, storage: &mut Connections, memory: Vec<u8>) -> Result<Segment> {
        if let Some((uri, acknowledge)) = &self.uri {
            self.segment.payload.bytes = memory;
            let body = &mut self.segment.payload.bytes;
            storage.to(uri)?.get_into(uri, &self.headers, body)?;
            storage.to(acknowledge)?.get(acknowledge, &self.headers)?;
        }
        Ok(self.segment)
    }
}

type Numbered<T> = (usize, T);

fn download_all(
    tasks: &Mutex<Receiver<Numbered<Task>>>,
    results: &SyncSender<Numbered<Result<Segment>>>,
) {
    let mut storage = Connections::default();
    loop {
        let task = match tasks.lock() {
            Ok(tasks) => tasks.recv(),
            Err(_) => return,
        };
        let Ok((number, task)) = task else { return };
        let segment = task.download(&mut storage, Vec::new());
        if results.send((number, segment)).is_err() {
            return;
        }
    }
}

/// How far downloads may run ahead of the reader.
#[derive(Default)]
struct Window {
    delivered: Mutex<usize>,
    moved: Condvar,
}

impl Window {
    fn wait(&self, number: usize, ahead: usize) {
        let Ok(delivered) = self.delivered.lock() else {
            return;
        };
        let _guard = self
            .moved
            .wait_while(delivered, |delivered| number >= *delivered + ahead);
    }

    fn deliver(&self, next: usize) {
        if let Ok(mut delivered) = self.delivered.lock() {
            *delivered = next;
        }
        self.moved.notify_all();
    }
}
