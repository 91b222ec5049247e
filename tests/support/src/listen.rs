//! Sockets: accepts connections, reads requests, and hands them to whom they are for.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::task::{Context, Poll};
use std::time::Instant;

use hyper::body::Body as _;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

use crate::body::{Body, suffer};
use crate::record::{Party, Recorded, Texts};
use crate::server::State;
use crate::{coordinator, storage};

/// A request, read whole.
pub(crate) struct Incoming {
    pub(crate) party: Party,
    pub(crate) method: Method,
    /// Path and query, byte for byte.
    pub(crate) target: String,
    pub(crate) headers: HeaderMap,
    texts: Arc<Texts>,
    pub(crate) body: String,
    /// `http` or `https`.
    pub(crate) scheme: &'static str,
}

impl Incoming {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.texts.get(name).next()
    }

    /// Values of a header that may be repeated or joined by commas.
    pub(crate) fn list(&self, name: &str) -> impl Iterator<Item = &str> {
        self.texts
            .get(name)
            .flat_map(|value| value.split(','))
            .map(str::trim)
    }

    /// Scheme and authority as the client sees them.
    pub(crate) fn base(&self) -> String {
        format!(
            "{}://{}",
            self.scheme,
            self.header("host").unwrap_or("127.0.0.1")
        )
    }
}

/// Serves `listener` until the runtime ends.
pub(crate) async fn listen(
    state: Arc<State>,
    party: Party,
    listener: TcpListener,
    tls: Option<TlsAcceptor>,
) {
    while let Ok((stream, _)) = listener.accept().await {
        let _ = stream.set_nodelay(true);
        let connection = Connection {
            state: Arc::clone(&state),
            party,
            number: CONNECTIONS.fetch_add(1, Ordering::Relaxed),
            scheme: if tls.is_some() { "https" } else { "http" },
            reset: Arc::default(),
        };
        let socket = Socket {
            stream,
            reset: Arc::clone(&connection.reset),
        };
        match tls.clone() {
            None => drop(tokio::spawn(connection.serve(socket))),
            Some(tls) => drop(tokio::spawn(async move {
                if let Ok(stream) = tls.accept(socket).await {
                    connection.serve(stream).await;
                }
            })),
        }
    }
}

struct Connection {
    state: Arc<State>,
    party: Party,
    number: u64,
    scheme: &'static str,
    /// Set when the connection is to end by RST.
    reset: Arc<AtomicBool>,
}

impl Connection {
    async fn serve<S: AsyncRead + AsyncWrite + Unpin>(self, stream: S) {
        let service = service_fn(|request| self.exchange(request));
        // A client that leaves is no concern of ours, and a fault ends a connection on purpose.
        let _ = http1::Builder::new()
            .timer(TokioTimer::new())
            .max_buf_size(1 << 20)
            .serve_connection(TokioIo::new(stream), service)
            .await;
    }

    async fn exchange(
        &self,
        request: Request<hyper::body::Incoming>,
    ) -> io::Result<Response<Body>> {
        let (head, body) = request.into_parts();
        let body = read(body).await.map_err(io::Error::other)?;
        let target = head
            .uri
            .path_and_query()
            .map_or("/", |target| target.as_str())
            .to_owned();
        let request = Incoming {
            party: self.party,
            method: head.method,
            target,
            texts: Arc::new(Texts::of(&head.headers)),
            headers: head.headers,
            body: String::from_utf8_lossy(&body).into_owned(),
            scheme: self.scheme,
        };
        self.state.record(Recorded {
            party: self.party,
            method: request.method.clone(),
            path: request.target.clone(),
            headers: request.headers.clone(),
            texts: Arc::clone(&request.texts),
            body: request.body.clone(),
            at: Instant::now(),
            connection: self.number,
        });
        let is_download = request.target.starts_with("/spooling/")
            || request.target.starts_with("/v1/spooled/download/");
        let passage = is_download.then(|| self.state.gauge.enter());
        let (response, fault) = match self.party {
            Party::Storage => storage::respond(&self.state, &request),
            Party::Coordinator | Party::Worker => coordinator::respond(&self.state, &request).await,
        };
        let uri = format!("{}{}", request.base(), request.target);
        let response = suffer(response, fault, &uri, &self.reset).await?;
        Ok(match passage {
            Some(passage) => response.map(|body| body.during(passage)),
            None => response,
        })
    }
}

pub(crate) async fn read(mut body: hyper::body::Incoming) -> Result<Vec<u8>, hyper::Error> {
    let mut bytes = Vec::new();
    while let Some(frame) =
        std::future::poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await
    {
        if let Ok(data) = frame?.into_data() {
            bytes.extend_from_slice(&data);
        }
    }
    Ok(bytes)
}

/// A TCP stream that can end by RST instead of FIN.
struct Socket {
    stream: TcpStream,
    reset: Arc<AtomicBool>,
}

impl Drop for Socket {
    fn drop(&mut self) {
        if self.reset.load(Ordering::Relaxed) {
            let _ = self.stream.set_zero_linger();
        }
    }
}

impl AsyncRead for Socket {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, buffer)
    }
}

impl AsyncWrite for Socket {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, buffer)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffers: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write_vectored(context, buffers)
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.reset.load(Ordering::Relaxed) {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}

static CONNECTIONS: AtomicU64 = AtomicU64::new(1);
