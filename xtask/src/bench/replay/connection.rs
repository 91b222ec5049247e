//! One connection: requests in, answers out, at full speed or shaped.

use std::io::{self, BufRead, BufReader, IoSlice, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use super::answer::{Answer, Piece, Request, answer};
use super::{Kind, Replay, Shape};

/// Serves a connection to its end.
pub fn serve(replay: &Replay, socket: TcpStream, tls: Option<Arc<ServerConfig>>, shape: &Shape) {
    let _ = socket.set_nodelay(true);
    replay.count(Kind::Connection);
    // A client that leaves is no concern of ours.
    let _ = match tls {
        None => exchange(replay, socket, "http", shape),
        Some(config) => match ServerConnection::new(config) {
            Ok(session) => exchange(replay, StreamOwned::new(session, socket), "https", shape),
            Err(_) => Ok(()),
        },
    };
}

fn exchange<S: Read + Write>(
    replay: &Replay,
    stream: S,
    scheme: &str,
    shape: &Shape,
) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    while let Some(request) = read(&mut stream, scheme)? {
        let answer = answer(replay, &request);
        let head = request.method == "HEAD";
        send(stream.get_mut(), &answer, head, shape)?;
        if request.last {
            break;
        }
    }
    Ok(())
}

/// The next request, if there is one.
fn read(stream: &mut impl BufRead, scheme: &str) -> io::Result<Option<Request>> {
    let mut line = String::new();
    if stream.read_line(&mut line)? == 0 {
        return Ok(None);
    }
    let mut words = line.split_whitespace();
    let mut request = Request {
        method: words.next().unwrap_or_default().to_owned(),
        target: words.next().unwrap_or_default().to_owned(),
        ..Request::default()
    };
    let mut length = 0;
    loop {
        line.clear();
        stream.read_line(&mut line)?;
        let Some((name, value)) = line.split_once(':') else {
            break;
        };
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "host" => request.base = format!("{scheme}://{value}"),
            "content-length" => length = value.parse().unwrap_or(0),
            "x-trino-query-data-encoding" => value.clone_into(&mut request.encodings),
            "connection" => request.last = value.eq_ignore_ascii_case("close"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    stream.read_exact(&mut body)?;
    request.body = String::from_utf8_lossy(&body).into_owned();
    Ok(Some(request))
}

fn send(stream: &mut impl Write, answer: &Answer, head: bool, shape: &Shape) -> io::Result<()> {
    let length: usize = answer.body.iter().map(|piece| piece.bytes().len()).sum();
    let start = format!(
        "HTTP/1.1 {}\r\nContent-Type: {}\r\nContent-Length: {length}\r\n\r\n",
        answer.status, answer.kind
    );
    if head {
        stream.write_all(start.as_bytes())?;
        return stream.flush();
    }
    let pieces = |size| {
        answer
            .body
            .iter()
            .flat_map(move |piece| piece.bytes().chunks(size))
    };
    match shape {
        Shape::Link(link) => {
            link.pass(start.len());
            stream.write_all(start.as_bytes())?;
            for piece in pieces(link.piece()) {
                link.pass(piece.len());
                stream.write_all(piece)?;
            }
            return stream.flush();
        }
        Shape::Storage if answer.storage => {
            thread::sleep(FIRST_BYTE);
            stream.write_all(start.as_bytes())?;
            let began = Instant::now();
            let mut sent = 0;
            for piece in pieces(CHUNK) {
                let due = Duration::from_secs_f64(sent as f64 / SPEED);
                thread::sleep(due.saturating_sub(began.elapsed()));
                stream.write_all(piece)?;
                stream.flush()?;
                sent += piece.len();
            }
            return Ok(());
        }
        Shape::Storage | Shape::Free => {}
    }
    let mut slices = vec![IoSlice::new(start.as_bytes())];
    slices.extend(answer.body.iter().map(Piece::bytes).map(IoSlice::new));
    write_all(stream, &mut slices)?;
    stream.flush()
}

/// Writes all slices, in as few calls as the system takes.
fn write_all(stream: &mut impl Write, mut slices: &mut [IoSlice<'_>]) -> io::Result<()> {
    IoSlice::advance_slices(&mut slices, 0);
    while !slices.is_empty() {
        match stream.write_vectored(slices) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => IoSlice::advance_slices(&mut slices, written),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

/// Time to a segment's first byte, when shaped.
pub const FIRST_BYTE: Duration = Duration::from_millis(30);
/// Bytes a second of one connection, when shaped.
pub const SPEED: f64 = 50e6;
const CHUNK: usize = 128 << 10;
