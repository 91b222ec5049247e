//! Requests on one kept connection, with nothing around them: the least that a query can take.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// A kept connection.
pub struct Connection {
    stream: BufReader<TcpStream>,
    address: String,
    /// The encoding that rows are wanted in, as a header.
    encoding: String,
}

impl Connection {
    /// Connects to `HOST:PORT`.
    pub fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address).with_context(|| address.to_owned())?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream: BufReader::new(stream),
            address: address.to_owned(),
            encoding: String::new(),
        })
    }

    /// Has rows come in segments of that encoding; in the answers without one.
    pub fn wants(&mut self, encoding: Option<&str>) {
        self.encoding = encoding.map_or_else(String::new, |encoding| {
            format!("X-Trino-Query-Data-Encoding: {encoding}\r\n")
        });
    }

    /// The JSON that a request is answered.
    pub fn exchange(&mut self, method: &str, path: &str, body: &str) -> Result<Value> {
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nX-Trino-User: bench\r\n{}Content-Length: {}\r\n\r\n{body}",
            self.address,
            self.encoding,
            body.len()
        );
        self.stream.get_mut().write_all(request.as_bytes())?;
        let mut line = String::new();
        self.stream.read_line(&mut line)?;
        if !line.contains(" 200 ") {
            bail!("{path}: {}", line.trim());
        }
        let (mut length, mut chunked) = (0, false);
        loop {
            line.clear();
            self.stream.read_line(&mut line)?;
            let Some((name, value)) = line.split_once(':') else {
                break;
            };
            if name.eq_ignore_ascii_case("content-length") {
                length = value.trim().parse()?;
            }
            chunked |= name.eq_ignore_ascii_case("transfer-encoding");
        }
        let mut text = vec![0; length];
        self.stream.read_exact(&mut text)?;
        while chunked {
            line.clear();
            self.stream.read_line(&mut line)?;
            let size = usize::from_str_radix(line.trim(), 16)?;
            let start = text.len();
            text.resize(start + size + 2, 0);
            self.stream.read_exact(&mut text[start..])?;
            text.truncate(start + size);
            chunked = size > 0;
        }
        Ok(serde_json::from_slice(&text)?)
    }

    /// How long a statement takes until its last answer.
    pub fn run(&mut self, sql: &str) -> Result<Duration> {
        Ok(self.read(sql)?.whole)
    }

    /// How long a statement takes, and until its first rows, and how many those are in all.
    pub fn read(&mut self, sql: &str) -> Result<Took> {
        let began = Instant::now();
        let mut page = self.exchange("POST", "/v1/statement", sql)?;
        let (mut first, mut rows) = (None, 0);
        loop {
            if let Some(data) = page.get("data") {
                first.get_or_insert_with(|| began.elapsed());
                // Segments are an object.
                rows += u32::try_from(data.as_array().map_or(0, Vec::len))?;
            }
            let Some(next) = page["nextUri"].as_str() else {
                break;
            };
            let path = next
                .split_once("://")
                .and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..]))
                .context("no path")?
                .to_owned();
            page = self.exchange("GET", &path, "")?;
        }
        if let Some(error) = page.get("error") {
            bail!("{error}");
        }
        let whole = began.elapsed();
        Ok(Took {
            first: first.unwrap_or(whole),
            whole,
            rows,
        })
    }
}

/// What a statement took.
#[derive(Debug, Clone, Copy)]
pub struct Took {
    pub first: Duration,
    pub whole: Duration,
    pub rows: u32,
}
