//! HTTP on a socket that is kept.

use std::io::{Read, Write};
use std::net::TcpStream;

use crate::Result;

/// A kept connection, and the bytes of the last answer.
pub struct Connection {
    stream: TcpStream,
    address: String,
    received: Vec<u8>,
}

impl Connection {
    pub fn open(address: &str) -> Result<Self> {
        let stream = TcpStream::connect(address)?;
        stream.set_nodelay(true)?;
        Ok(Self {
            stream,
            address: address.to_owned(),
            received: Vec::new(),
        })
    }

    pub fn address(&self) -> &str {
        &self.address
    }

    /// The body of the answer to a GET.
    pub fn get(&mut self, uri: &str) -> Result<&[u8]> {
        self.send("GET", uri, "", "")
    }

    pub fn post(&mut self, path: &str, headers: &str, body: &str) -> Result<&[u8]> {
        self.send("POST", path, headers, body)
    }

    fn send(&mut self, method: &str, uri: &str, headers: &str, body: &str) -> Result<&[u8]> {
        let path = match uri.split_once("://") {
            None => uri,
            Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            self.address,
            body.len()
        );
        self.stream.write_all(request.as_bytes())?;
        self.receive()
    }

    fn receive(&mut self) -> Result<&[u8]> {
        if self.received.len() < HEAD {
            self.received.resize(HEAD, 0);
        }
        let mut filled = 0;
        let (start, length) = loop {
            let read = self.stream.read(&mut self.received[filled..HEAD])?;
            if read == 0 {
                return Err("the server closed the connection".into());
            }
            filled += read;
            if let Some(end) = memchr::memmem::find(&self.received[..filled], b"\r\n\r\n") {
                let head = str::from_utf8(&self.received[..end])?;
                if !head.starts_with("HTTP/1.1 2") {
                    return Err(head.into());
                }
                let length = head
                    .lines()
                    .filter_map(|line| line.split_once(':'))
                    .find(|(name, _)| name.eq_ignore_ascii_case("content-length"))
                    .ok_or("no length")?;
                break (end + 4, length.1.trim().parse::<usize>()?);
            }
        };
        if self.received.len() < start + length {
            self.received.resize(start + length, 0);
        }
        if filled < start + length {
            self.stream
                .read_exact(&mut self.received[filled..start + length])?;
        }
        Ok(&self.received[start..start + length])
    }
}

/// Room for the head of an answer.
const HEAD: usize = 64 << 10;
