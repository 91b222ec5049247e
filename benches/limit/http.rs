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

    /// The body of the answer to a GET.
    pub fn get(&mut self, uri: &str, headers: &str) -> Result<&[u8]> {
        self.send("GET", uri, headers, "")
    }

    /// The same, read straight into memory that is used again.
    pub fn get_into(&mut self, uri: &str, headers: &str, body: &mut Vec<u8>) -> Result<()> {
        self.request("GET", uri, headers, "")?;
        let (start, filled, length) = self.head()?;
        body.resize(length, 0);
        let (begun, rest) = body.split_at_mut((filled - start).min(length));
        begun.copy_from_slice(&self.received[start..start + begun.len()]);
        Ok(self.stream.read_exact(rest)?)
    }

    pub fn post(&mut self, path: &str, headers: &str, body: &str) -> Result<&[u8]> {
        self.send("POST", path, headers, body)
    }

    fn send(&mut self, method: &str, uri: &str, headers: &str, body: &str) -> Result<&[u8]> {
        self.request(method, uri, headers, body)?;
        let (start, filled, length) = self.head()?;
        if self.received.len() < start + length {
            self.received.resize(start + length, 0);
        }
        if filled < start + length {
            self.stream
                .read_exact(&mut self.received[filled..start + length])?;
        }
        Ok(&self.received[start..start + length])
    }

    fn request(&mut self, method: &str, uri: &str, headers: &str, body: &str) -> Result<()> {
        let path = match uri.split_once("://") {
            None => uri,
            Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        };
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {}\r\nContent-Length: {}\r\n{headers}\r\n{body}",
            self.address,
            body.len()
        );
        Ok(self.stream.write_all(request.as_bytes())?)
    }

    /// Receives an answer's head: where its body starts, how far was read, and the body's length.
    fn head(&mut self) -> Result<(usize, usize, usize)> {
        if self.received.len() < HEAD {
            self.received.resize(HEAD, 0);
        }
        let mut filled = 0;
        loop {
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
                    .map_or("0", |(_, length)| length.trim());
                return Ok((end + 4, filled, length.parse()?));
            }
        }
    }
}

/// A kept connection to each host.
#[derive(Default)]
pub struct Connections {
    open: Vec<Connection>,
}

impl Connections {
    /// The connection to the host of that URI.
    pub fn to(&mut self, uri: &str) -> Result<&mut Connection> {
        let host = uri.split_once("://").map_or(uri, |(_, rest)| rest);
        let host = host.split('/').next().unwrap_or_default();
        let known = self.open.iter().position(|open| open.address == host);
        let place = match known {
            Some(place) => place,
            None => {
                self.open.push(Connection::open(host)?);
                self.open.len() - 1
            }
        };
        Ok(&mut self.open[place])
    }
}

/// Room for the head of an answer.
const HEAD: usize = 64 << 10;
