//! A proxy on loopback: forwards plain requests and tunnels, or refuses to.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A proxy that lets everything through, asks for credentials first, or refuses. It serves until the process ends.
pub struct Proxy {
    port: u16,
    asked: Arc<Mutex<Vec<String>>>,
}

#[derive(Debug, Clone)]
enum Manner {
    Open,
    /// The value of `Proxy-Authorization` that it wants.
    Asking(String),
    Refusing,
    Socks,
}

impl Proxy {
    /// Lets everything through.
    pub fn open() -> Self {
        Self::start(Manner::Open)
    }

    /// Lets through who sends this value as `Proxy-Authorization`.
    pub fn asking(authorization: &str) -> Self {
        Self::start(Manner::Asking(authorization.to_owned()))
    }

    /// Answers 403 to everything.
    pub fn refusing() -> Self {
        Self::start(Manner::Refusing)
    }

    /// Speaks SOCKS5 and lets everything through.
    pub fn socks() -> Self {
        Self::start(Manner::Socks)
    }

    /// Its `host:port`.
    pub fn authority(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// The hosts and ports that it was asked for, in order of arrival.
    pub fn asked(&self) -> Vec<String> {
        self.asked.lock().unwrap().clone()
    }

    fn start(manner: Manner) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = listener.local_addr().expect("a bound address").port();
        let asked = Arc::<Mutex<Vec<String>>>::default();
        let seen = Arc::clone(&asked);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (manner, seen) = (manner.clone(), Arc::clone(&seen));
                // A peer that leaves is no concern of ours.
                thread::spawn(move || drop(serve(stream, &manner, &seen)));
            }
        });
        Self { port, asked }
    }
}

/// Serves one request, after which the connection belongs to the peers.
fn serve(mut client: TcpStream, manner: &Manner, seen: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut reader = BufReader::new(client.try_clone()?);
    if matches!(manner, Manner::Socks) {
        let authority = greet(&mut reader, &mut client)?;
        seen.lock().unwrap().push(authority.clone());
        let server = TcpStream::connect(authority)?;
        client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
        return relay(reader, client, server);
    }
    let mut head = Vec::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        if line == "\r\n" {
            break;
        }
        head.push(line);
    }
    let first = head.first().cloned().unwrap_or_default();
    let mut words = first.split(' ');
    let (method, target) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
    let tunnel = method == "CONNECT";
    let rest = target.strip_prefix("http://").unwrap_or(target);
    let (authority, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    seen.lock().unwrap().push(authority.to_owned());
    let authorization = |line: &&String| {
        line.to_ascii_lowercase()
            .starts_with("proxy-authorization:")
    };
    let sent = head
        .iter()
        .find(authorization)
        .map(|line| line[20..].trim());
    let refusal = match manner {
        Manner::Refusing => Some("403 Forbidden"),
        Manner::Asking(wanted) if sent != Some(wanted.as_str()) => {
            Some("407 Proxy Authentication Required")
        }
        Manner::Open | Manner::Socks | Manner::Asking(_) => None,
    };
    if let Some(refusal) = refusal {
        let answer =
            format!("HTTP/1.1 {refusal}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
        return client.write_all(answer.as_bytes());
    }
    let mut server = TcpStream::connect(authority)?;
    if tunnel {
        client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n")?;
    } else {
        write!(server, "{method} {path} HTTP/1.1\r\n")?;
        // One request a connection: the next may be for another server.
        for line in head.iter().skip(1).filter(|line| !authorization(line)) {
            server.write_all(line.as_bytes())?;
        }
        server.write_all(b"Connection: close\r\n\r\n")?;
    }
    relay(reader, client, server)
}

/// Takes a SOCKS5 client's wishes; the host and port that it wants.
fn greet(reader: &mut impl Read, client: &mut TcpStream) -> io::Result<String> {
    let mut take = |count: usize| {
        let mut bytes = vec![0; count];
        reader.read_exact(&mut bytes).map(|()| bytes)
    };
    let methods = take(2)?[1];
    take(usize::from(methods))?;
    client.write_all(&[5, 0])?;
    let host = match take(4)?[3] {
        1 => {
            let bytes = take(4)?;
            std::net::Ipv4Addr::new(bytes[0], bytes[1], bytes[2], bytes[3]).to_string()
        }
        3 => {
            let length = take(1)?[0];
            String::from_utf8_lossy(&take(usize::from(length))?).into_owned()
        }
        _ => return Err(io::ErrorKind::Unsupported.into()),
    };
    let port = take(2)?;
    Ok(format!("{host}:{}", u16::from_be_bytes([port[0], port[1]])))
}

/// Passes bytes both ways until the server has said all.
fn relay(
    mut reader: BufReader<TcpStream>,
    mut client: TcpStream,
    mut server: TcpStream,
) -> io::Result<()> {
    let mut up = server.try_clone()?;
    thread::spawn(move || {
        let _ = io::copy(&mut reader, &mut up);
        let _ = up.shutdown(Shutdown::Write);
    });
    let mut buffer = [0; 16384];
    loop {
        match server.read(&mut buffer)? {
            0 => return client.shutdown(Shutdown::Both),
            count => client.write_all(&buffer[..count])?,
        }
    }
}
