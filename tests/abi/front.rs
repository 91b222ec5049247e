//! A front between an application and a scripted coordinator: hands each request on, or does with it what a test says.

use std::io::{BufRead, BufReader, Read as _, Write as _};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;

/// A request as the front reads it.
#[derive(Debug, Clone)]
pub struct Request {
    /// Request line and headers, with the empty line after them.
    pub head: String,
    pub body: Vec<u8>,
    /// Counted on its connection from 1.
    pub number: usize,
}

impl Request {
    pub fn is(&self, method: &str, path: &str) -> bool {
        let mut words = self.head.split(' ');
        words.next() == Some(method) && words.next().is_some_and(|it| it.starts_with(path))
    }
}

/// What becomes of a request.
#[derive(Debug, Clone)]
pub enum Does {
    /// It is handed on, and its answer back.
    Pass,
    /// The same, and the connection is closed after the answer without a word of it.
    PassAndClose,
    /// This is the answer, and nobody else sees the request.
    Answer(String),
    /// The connection is closed, and nobody else sees the request.
    Close,
    /// It is handed on, and the connection closed without an answer.
    Swallow,
    /// It is handed on, and the connection closed after so many bytes of the answer.
    Cut(usize),
}

/// A front that listens, until the process ends.
pub struct Front {
    pub port: u16,
    seen: Arc<Mutex<Vec<Request>>>,
}

type Rule = dyn Fn(&Request) -> Does + Send + Sync;

impl Front {
    /// A front of the coordinator at `port`. `rule` is told each request.
    pub fn new(port: u16, rule: impl Fn(&Request) -> Does + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let front = Self {
            port: listener.local_addr().unwrap().port(),
            seen: Arc::default(),
        };
        let (seen, rule) = (Arc::clone(&front.seen), Arc::new(rule) as Arc<Rule>);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (seen, rule) = (Arc::clone(&seen), Arc::clone(&rule));
                thread::spawn(move || serve(&stream.unwrap(), port, &seen, &*rule));
            }
        });
        front
    }

    /// A front that answers with `refusal` where a request's headers have more than `most` bytes.
    pub fn narrow(port: u16, most: usize, refusal: Does) -> Self {
        Self::new(port, move |request| match request.head.len() > most {
            true => refusal.clone(),
            false => Does::Pass,
        })
    }

    /// The requests so far.
    pub fn requests(&self) -> Vec<Request> {
        self.seen.lock().unwrap().clone()
    }
}

/// A page with that title, as an answer.
pub fn page(status: &str, title: &str) -> Does {
    let body = format!(
        "<html><head><title>{title}</title></head><body><h1>{title}</h1><hr>nginx</body></html>"
    );
    Does::Answer(format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    ))
}

fn serve(mut client: &TcpStream, port: u16, seen: &Mutex<Vec<Request>>, rule: &Rule) {
    let _ = client.set_nodelay(true);
    let mut reader = BufReader::new(client);
    for number in 1.. {
        let Some((head, body)) = read(&mut reader) else {
            return;
        };
        let request = Request { head, body, number };
        let does = rule(&request);
        seen.lock().unwrap().push(request.clone());
        let answer = match &does {
            Does::Close => Vec::new(),
            Does::Answer(answer) => answer.clone().into_bytes(),
            _ => hand_on(&request, port),
        };
        let sent = match does {
            Does::Swallow => 0,
            Does::Cut(bytes) => bytes.min(answer.len()),
            _ => answer.len(),
        };
        if client.write_all(&answer[..sent]).is_err() {
            return;
        }
        if !matches!(does, Does::Pass | Does::Answer(_)) {
            let _ = client.shutdown(Shutdown::Both);
            return;
        }
    }
}

/// A request of a connection that is kept; `None` at its end.
fn read(reader: &mut impl BufRead) -> Option<(String, Vec<u8>)> {
    let mut head = String::new();
    while !head.ends_with("\r\n\r\n") {
        if reader.read_line(&mut head).ok()? == 0 {
            return None;
        }
    }
    let length = head.lines().find_map(|line| {
        let line = line.to_ascii_lowercase();
        line.strip_prefix("content-length:")?.trim().parse().ok()
    });
    let mut body = vec![0; length.unwrap_or(0)];
    reader.read_exact(&mut body).ok()?;
    Some((head, body))
}

/// The whole answer of the coordinator, as if it kept the connection.
fn hand_on(request: &Request, port: u16) -> Vec<u8> {
    let mut upstream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    let head = request.head.strip_suffix("\r\n").unwrap();
    let _ = write!(upstream, "{head}Connection: close\r\n\r\n");
    let _ = upstream.write_all(&request.body);
    let mut answer = Vec::new();
    let _ = upstream.read_to_end(&mut answer);
    let end = answer.windows(4).position(|bytes| bytes == b"\r\n\r\n");
    let Some(end) = end else {
        return answer;
    };
    let head = String::from_utf8_lossy(&answer[..end + 2]).into_owned();
    let kept = head
        .split_inclusive("\r\n")
        .filter(|line| !line.to_ascii_lowercase().starts_with("connection:"));
    let mut whole = kept.collect::<String>().into_bytes();
    whole.extend_from_slice(&answer[end + 2..]);
    whole
}
