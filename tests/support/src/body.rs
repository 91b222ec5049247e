//! Response bodies, faultless or not.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use hyper::body::Frame;
use hyper::header::{CONTENT_LENGTH, HeaderValue, LOCATION, RETRY_AFTER};
use hyper::{Response, StatusCode};
use tokio::time::Sleep;

use crate::fault::Fault;
use crate::gauge::Passage;

/// A body in pieces, with the way it ends.
pub(crate) struct Body {
    pieces: VecDeque<Bytes>,
    end: End,
    /// Pieces a second, when the body is slow.
    pause: Option<Duration>,
    sleeping: Option<Pin<Box<Sleep>>>,
    /// Counted as in progress until the last piece goes to the wire: later, a client that has the
    /// whole body may begin its next download while this one still counts.
    passage: Option<Passage>,
}

enum End {
    Complete,
    Close,
    Reset(Arc<AtomicBool>),
    Stall,
}

impl Body {
    pub(crate) fn empty() -> Self {
        Self::of(Vec::new())
    }

    pub(crate) fn of(pieces: Vec<Bytes>) -> Self {
        Self {
            pieces: pieces.into(),
            end: End::Complete,
            pause: None,
            sleeping: None,
            passage: None,
        }
    }

    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::of(vec![Bytes::from(text.into())])
    }

    pub(crate) fn len(&self) -> usize {
        self.pieces.iter().map(Bytes::len).sum()
    }

    pub(crate) fn during(mut self, passage: Passage) -> Self {
        self.passage = (!self.is_sent()).then_some(passage);
        self
    }

    /// Whether nothing is left that a client would wait for.
    fn is_sent(&self) -> bool {
        self.pieces.is_empty() && matches!(self.end, End::Complete)
    }

    fn cut(&mut self, length: usize) {
        let mut left = length;
        self.pieces.retain_mut(|piece| {
            piece.truncate(left);
            left -= piece.len();
            !piece.is_empty()
        });
    }

    fn corrupt(&mut self, at: usize) {
        let mut before = 0;
        for piece in &mut self.pieces {
            if (before..before + piece.len()).contains(&at) {
                let mut bytes = piece.to_vec();
                bytes[at - before] ^= 0x55;
                *piece = Bytes::from(bytes);
                return;
            }
            before += piece.len();
        }
    }

    fn slow(&mut self, bytes_per_second: usize) {
        let pause = Duration::from_millis(20);
        let size = (bytes_per_second / 50).max(1);
        let whole = std::mem::take(&mut self.pieces);
        for mut piece in whole {
            while !piece.is_empty() {
                self.pieces.push_back(piece.split_to(size.min(piece.len())));
            }
        }
        self.pause = Some(pause);
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(sleeping) = &mut self.sleeping {
            std::task::ready!(sleeping.as_mut().poll(context));
            self.sleeping = None;
            if self.pieces.is_empty() && !matches!(self.end, End::Complete) {
                if let End::Reset(flag) = &self.end {
                    flag.store(true, Ordering::Relaxed);
                }
                return Poll::Ready(Some(Err(io::ErrorKind::ConnectionReset.into())));
            }
        }
        match self.pieces.pop_front() {
            Some(piece) => {
                self.sleeping = self.pause.map(|pause| Box::pin(tokio::time::sleep(pause)));
                if self.is_sent() {
                    self.passage = None;
                }
                Poll::Ready(Some(Ok(Frame::data(piece))))
            }
            None => match self.end {
                End::Complete => Poll::Ready(None),
                // Dropped with the connection.
                End::Stall => Poll::Pending,
                End::Close | End::Reset(_) => {
                    // Lets what was promised reach the wire first.
                    self.sleeping = Some(Box::pin(tokio::time::sleep(Duration::from_millis(15))));
                    self.poll_frame(context)
                }
            },
        }
    }

    fn is_end_stream(&self) -> bool {
        self.is_sent()
    }
}

/// Lets `fault` happen to `response`. `Err` means that there is to be no response at all.
pub(crate) async fn suffer(
    mut response: Response<Body>,
    fault: Option<Fault>,
    uri: &str,
    reset: &Arc<AtomicBool>,
) -> io::Result<Response<Body>> {
    let promised = response.body().len();
    let body = response.body_mut();
    match fault {
        None => {}
        Some(Fault::Status(status)) => response = failed(status),
        Some(Fault::RetryAfter(status, seconds)) => {
            response = failed(status);
            response
                .headers_mut()
                .insert(RETRY_AFTER, HeaderValue::from(seconds));
        }
        Some(Fault::Respond(status, headers, text)) => {
            let mut builder = Response::builder().status(status);
            for (name, value) in headers {
                builder = builder.header(name, value);
            }
            response = builder.body(Body::text(text)).expect("a valid fault");
        }
        Some(Fault::Refuse) => {
            reset.store(true, Ordering::Relaxed);
            return Err(io::ErrorKind::ConnectionReset.into());
        }
        Some(Fault::ResetAfter(length)) => {
            body.cut(length);
            body.end = End::Reset(Arc::clone(reset));
            return Ok(with_length(response, promised));
        }
        Some(Fault::CloseAfter(length)) => {
            body.cut(length);
            body.end = End::Close;
            return Ok(with_length(response, promised));
        }
        Some(Fault::StallAfter(length)) => {
            body.cut(length);
            body.end = End::Stall;
            return Ok(with_length(response, promised));
        }
        Some(Fault::FirstByteDelay(time)) => tokio::time::sleep(time).await,
        Some(Fault::SlowBody(bytes_per_second)) => body.slow(bytes_per_second),
        Some(Fault::Truncate(length)) => body.cut(length),
        Some(Fault::Extra(length)) => body.pieces.push_back(Bytes::from(vec![b' '; length])),
        Some(Fault::CorruptByte(at)) => body.corrupt(at),
        Some(Fault::RedirectLoop) => response = redirect(Some(uri)),
        Some(Fault::RedirectWithoutLocation) => response = redirect(None),
        Some(Fault::RedirectTo(target)) => response = redirect(Some(&target)),
    }
    let length = response.body().len();
    Ok(with_length(response, length))
}

pub(crate) fn redirect(location: Option<&str>) -> Response<Body> {
    let mut builder = Response::builder().status(StatusCode::SEE_OTHER);
    if let Some(location) = location {
        builder = builder.header(LOCATION, location);
    }
    builder.body(Body::empty()).expect("a valid location")
}

fn failed(status: u16) -> Response<Body> {
    Response::builder()
        .status(status)
        .header("Content-Type", "text/plain")
        .body(Body::text(format!("scripted failure {status}")))
        .expect("a valid status")
}

fn with_length(mut response: Response<Body>, length: usize) -> Response<Body> {
    if response.status() != StatusCode::NO_CONTENT {
        response
            .headers_mut()
            .insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    response
}
