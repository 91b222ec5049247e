//! What goes wrong, where, and how often.
//!
//! A fault is tied to one endpoint. Those of an answer count anew with each query that gets the
//! answer; those given to the server count over all queries, and only they can meet requests that
//! belong to no query yet: `Submit`, `Validate`, `Info`.

use std::sync::Mutex;
use std::time::{Duration, Instant};

/// Something that a request may be aimed at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Endpoint {
    /// `POST /v1/statement`.
    Submit,
    /// `HEAD /v1/statement`.
    Validate,
    /// `GET /v1/info`.
    Info,
    /// `GET` of the address where a token will be.
    Token,
    /// `GET` of the queued URI.
    Queued,
    /// `GET` of the executing URI with this token.
    Page(u64),
    AnyPage,
    /// `HEAD` of the executing URI.
    Heartbeat,
    /// `DELETE` of either URI.
    Cancel,
    /// `GET` of a segment's URI at the coordinator (not in retrieval mode STORAGE).
    Download(usize),
    /// `GET` of a segment's bytes: from storage, or from coordinator or worker where they proxy.
    Segment(usize),
    AnySegment,
    /// `GET` of a segment's acknowledgement URI.
    Ack(usize),
    AnyAck,
}

impl Endpoint {
    fn covers(self, hit: Self) -> bool {
        self == hit
            || matches!(
                (self, hit),
                (Self::AnyPage, Self::Page(_))
                    | (Self::AnySegment, Self::Segment(_))
                    | (Self::AnyAck, Self::Ack(_))
            )
    }
}

/// One way to fail. Byte counts are of the response's body.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// This status, with a line of text.
    Status(u16),
    /// This status, with `Retry-After` in seconds.
    RetryAfter(u16, u64),
    /// This status, these headers, this body.
    Respond(u16, Vec<(String, String)>, String),
    /// The connection is reset before the response begins.
    Refuse,
    /// The connection is reset (RST) after so many bytes.
    ResetAfter(usize),
    /// The connection ends in good order (FIN) after so many bytes of a longer body.
    CloseAfter(usize),
    /// After so many bytes nothing more comes; the connection stays open.
    StallAfter(usize),
    /// The response begins only after this time.
    FirstByteDelay(Duration),
    /// The body comes at this many bytes a second.
    SlowBody(usize),
    /// A complete response whose body is cut to so many bytes.
    Truncate(usize),
    /// A complete response with so many bytes more than there are.
    Extra(usize),
    /// One byte is another.
    CorruptByte(usize),
    /// 303 to the same URI, for ever.
    RedirectLoop,
    /// 303 without `Location`.
    RedirectWithoutLocation,
    /// 303 to this URI.
    RedirectTo(String),
}

impl Fault {
    /// This fault for the first `count` requests, then no more.
    pub fn times(self, count: u32) -> Planned {
        Planned {
            left: Some(count),
            ..self.into()
        }
    }

    /// This fault for so long, counted from the first request that it meets.
    pub fn during(self, time: Duration) -> Planned {
        Planned {
            during: Some(time),
            ..self.into()
        }
    }

    /// Whether nothing of the true response is left.
    pub(crate) fn replaces_response(&self) -> bool {
        matches!(
            self,
            Self::Status(_)
                | Self::RetryAfter(..)
                | Self::Respond(..)
                | Self::Refuse
                | Self::RedirectLoop
                | Self::RedirectWithoutLocation
                | Self::RedirectTo(_)
        )
    }
}

/// A fault, and how long it lasts: for good unless something else is said.
#[derive(Debug, Clone, PartialEq)]
pub struct Planned {
    fault: Fault,
    /// Requests that it still meets.
    left: Option<u32>,
    /// Time from the first request on.
    during: Option<Duration>,
    since: Option<Instant>,
}

impl Planned {
    fn is_over(&self) -> bool {
        self.left == Some(0)
            || matches!((self.since, self.during), (Some(since), Some(time)) if since.elapsed() > time)
    }
}

impl From<Fault> for Planned {
    fn from(fault: Fault) -> Self {
        Self {
            fault,
            left: None,
            during: None,
            since: None,
        }
    }
}

/// Faults in the order in which they were given; the first that is left for an endpoint meets the
/// request.
#[derive(Debug, Default)]
pub(crate) struct Faults(Mutex<Vec<(Endpoint, Planned)>>);

impl Faults {
    pub(crate) fn new(plan: Vec<(Endpoint, Planned)>) -> Self {
        Self(Mutex::new(plan))
    }

    pub(crate) fn add(&self, endpoint: Endpoint, planned: Planned) {
        self.0.lock().unwrap().push((endpoint, planned));
    }

    pub(crate) fn clear(&self) {
        self.0.lock().unwrap().clear();
    }

    pub(crate) fn take(&self, hit: Endpoint) -> Option<Fault> {
        let mut plan = self.0.lock().unwrap();
        let (_, planned) = plan
            .iter_mut()
            .find(|(endpoint, planned)| endpoint.covers(hit) && !planned.is_over())?;
        planned.since.get_or_insert_with(Instant::now);
        if let Some(left) = &mut planned.left {
            *left -= 1;
        }
        Some(planned.fault.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_lasts_from_the_first_request_that_it_meets() {
        let time = Duration::from_millis(50);
        let faults = Faults::new(vec![(Endpoint::AnyAck, Fault::Refuse.during(time))]);
        std::thread::sleep(time);
        assert_eq!(faults.take(Endpoint::Ack(1)), Some(Fault::Refuse));
        assert_eq!(faults.take(Endpoint::Ack(2)), Some(Fault::Refuse));
        std::thread::sleep(time);
        assert_eq!(faults.take(Endpoint::Ack(1)), None);
    }

    #[test]
    fn faults_of_one_endpoint_follow_each_other() {
        let faults = Faults::new(vec![
            (Endpoint::Segment(1), Fault::Status(503).times(2)),
            (Endpoint::AnySegment, Fault::Refuse.times(1)),
        ]);
        assert_eq!(faults.take(Endpoint::Page(1)), None);
        assert_eq!(faults.take(Endpoint::Segment(1)), Some(Fault::Status(503)));
        assert_eq!(faults.take(Endpoint::Segment(1)), Some(Fault::Status(503)));
        assert_eq!(faults.take(Endpoint::Segment(1)), Some(Fault::Refuse));
        assert_eq!(faults.take(Endpoint::Segment(1)), None);
    }
}
