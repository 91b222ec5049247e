//! A result on its way in virtual time: what the window wants is done, and takes as long as it
//! would.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::{Duration, Instant};

use super::super::capacity::Capacity;
use super::super::flow::{INLINE_AHEAD, SEGMENTS_AHEAD};
use super::super::meter::Meter;
use super::super::statistics::Load;
use super::super::unpack::{Unpacked, rows_per_chunk};
use super::super::window::{Action, Id, Limits, Sizes, Window};
use super::{Case, Segments, USUAL_SEGMENT};

pub(super) struct World<'a> {
    case: &'a Case,
    window: Window,
    meter: Meter,
    began: Instant,
    now: f64,
    /// When the next page comes, while one is under way.
    page: Option<f64>,
    segments: Vec<Segment>,
    /// How many of them the window knows.
    known: usize,
    transfers: Vec<Transfer>,
    to_decode: BTreeSet<Id>,
    decoders: Vec<Decoder>,
    /// Rows of each chunk that the application has not taken.
    chunks: BTreeMap<Id, VecDeque<f64>>,
    application: Application,
    read: f64,
    first_row: Option<f64>,
    /// When the first quarter was read, and how much that was.
    settled: Option<(f64, f64)>,
}

/// The outcome of a result.
#[derive(Debug, Clone, Copy)]
pub(super) struct Seen {
    pub(super) rows_per_second: f64,
    pub(super) first_row: f64,
    pub(super) peak: u64,
    pub(super) load: Load,
}

struct Segment {
    rows: f64,
    sizes: Sizes,
}

struct Transfer {
    id: Id,
    /// When the first byte comes.
    begins: f64,
    left: f64,
    /// How fast its connection is, beside the others.
    pace: f64,
}

struct Decoder {
    id: Id,
    began: f64,
    /// Seconds of a core that the step takes still.
    left: f64,
    /// Rows of the step; none while the segment is decompressed.
    rows: f64,
    /// Rows after the step.
    after: f64,
}

enum Application {
    Waits,
    /// Seconds of a core that the chunk takes still, its rows and its bytes.
    Reads {
        left: f64,
        rows: f64,
        bytes: u64,
    },
    Done,
}

impl<'a> World<'a> {
    pub(super) fn new(case: &'a Case) -> Self {
        let Capacity {
            memory,
            decoders,
            downloads,
            first_downloads,
        } = case.capacity;
        let window = Window::new(Limits {
            budget: memory,
            inline: INLINE_AHEAD,
            downloads,
            first_downloads,
            decodes: decoders,
            segments: SEGMENTS_AHEAD,
            disk: 0,
        });
        Self {
            case,
            window,
            meter: Meter::new(decoders.min(case.cores), case.cores),
            began: Instant::now(),
            now: 0.0,
            page: Some(case.network.latency),
            segments: segments(case),
            known: 0,
            transfers: Vec::new(),
            to_decode: BTreeSet::new(),
            decoders: Vec::new(),
            chunks: BTreeMap::new(),
            application: Application::Waits,
            read: 0.0,
            first_row: None,
            settled: None,
        }
    }

    /// Has the whole result read.
    pub(super) fn run(mut self) -> Seen {
        let total: f64 = self.segments.iter().map(|segment| segment.rows).sum();
        while !matches!(self.application, Application::Done) {
            self.decide();
            if !matches!(self.application, Application::Done) {
                self.pass_time();
            }
            if self.settled.is_none() && self.read * 4.0 >= total {
                self.settled = Some((self.now, self.read));
            }
        }
        let (since, before) = self.settled.unwrap_or_default();
        Seen {
            rows_per_second: (self.read - before) / (self.now - since),
            first_row: self.first_row.unwrap_or(self.now),
            peak: self.window.peak(),
            load: self.meter.load(),
        }
    }

    /// Starts all that is to be started now.
    fn decide(&mut self) {
        loop {
            self.read();
            let Some(action) = self.window.poll() else {
                break;
            };
            match action {
                Action::Download(id) | Action::Load(id) | Action::Save(id) => {
                    self.meter.download_began(self.instant());
                    let pace = PACES[id as usize % PACES.len()];
                    self.transfers.push(Transfer {
                        id,
                        begins: self.now + self.case.network.latency / pace,
                        left: self.segment(id).sizes.wire as f64,
                        pace,
                    });
                }
                Action::Decode(id) => {
                    self.to_decode.insert(id);
                }
                Action::Release(_) | Action::Acknowledge(_) => {}
            }
        }
        while self.decoders.len() < self.case.capacity.decoders {
            let Some(id) = self.to_decode.pop_first() else {
                break;
            };
            let rows = self.segment(id).rows;
            self.decoders.push(Decoder {
                id,
                began: self.now,
                left: rows * (self.case.receive() + self.case.unpack()),
                rows: 0.0,
                after: rows,
            });
        }
        if self.page.is_none() && self.known < self.segments.len() && self.window.wants_page() {
            self.page = Some(self.now + self.case.network.latency);
        }
    }

    /// The application takes the next rows, if it has nothing to do.
    fn read(&mut self) {
        while matches!(self.application, Application::Waits) {
            let first = self.window.first();
            let chunk = self.chunks.get_mut(&first).and_then(VecDeque::pop_front);
            self.meter.came(chunk.is_some(), self.instant());
            if let Some(rows) = chunk {
                let bytes = (rows * self.case.rows.columns) as u64;
                self.window.taken(bytes);
                self.first_row.get_or_insert(self.now);
                self.application = Application::Reads {
                    left: rows / self.case.application,
                    rows,
                    bytes,
                };
            } else if self.window.pass() {
                self.chunks.remove(&first);
            } else if first as usize == self.segments.len() {
                self.application = Application::Done;
            } else {
                self.window.wanted();
                return;
            }
        }
    }

    /// Goes on to the next moment at which something ends.
    fn pass_time(&mut self) {
        let speed = self.speed();
        let rate = self.rate();
        let now = self.now;
        let busy = match self.application {
            Application::Reads { left, .. } => Some(left / speed),
            _ => None,
        };
        let decoders = self.decoders.iter().map(|decoder| decoder.left / speed);
        let transfers = self
            .transfers
            .iter()
            .map(|transfer| match transfer.begins - now {
                wait if wait > 0.0 => wait,
                _ => transfer.left / (rate * transfer.pace),
            });
        let page = self.page.map(|page| page - now);
        let step = decoders
            .chain(transfers)
            .chain(busy)
            .chain(page)
            .fold(f64::INFINITY, f64::min)
            .max(0.0);
        assert!(step.is_finite(), "nothing happens any more");
        let mut received = 0.0;
        for transfer in &mut self.transfers {
            if transfer.begins <= now {
                let bytes = step * rate * transfer.pace;
                transfer.left -= bytes;
                received += bytes;
            }
        }
        for decoder in &mut self.decoders {
            decoder.left -= step * speed;
        }
        if let Application::Reads { left, .. } = &mut self.application {
            *left -= step * speed;
        }
        self.now += step;
        self.meter.received(received as usize, self.instant());
        self.end_what_is_over();
    }

    fn end_what_is_over(&mut self) {
        if self.page.is_some_and(|page| page <= self.now + INSTANT) {
            self.page = None;
            self.window.page();
            let end = (self.known + SEGMENTS_OF_A_PAGE).min(self.segments.len());
            for segment in self.segments.get(self.known..end).unwrap_or_default() {
                self.window.found(segment.sizes);
            }
            self.known = end;
        }
        if let Application::Reads { left, rows, bytes } = self.application
            && left <= INSTANT
        {
            self.read += rows;
            self.window.released(bytes);
            self.application = Application::Waits;
        }
        let mut transfers = std::mem::take(&mut self.transfers);
        transfers.retain(|transfer| {
            let over = transfer.left < 1.0;
            if over {
                let wire = self.segment(transfer.id).sizes.wire;
                self.window.downloaded(transfer.id, wire);
                self.meter.arrived(self.instant());
                self.meter.download_ended(self.instant());
            }
            !over
        });
        self.transfers = transfers;
        let mut decoders = std::mem::take(&mut self.decoders);
        decoders.retain_mut(|decoder| decoder.left > INSTANT || self.next_step(decoder));
        self.decoders = decoders;
    }

    /// Ends a decoder's step and begins the next; false when the segment is done.
    fn next_step(&mut self, decoder: &mut Decoder) -> bool {
        if decoder.rows > 0.0 {
            let bytes = (decoder.rows * self.case.rows.columns) as u64;
            self.window.chunk(decoder.id, bytes);
            let chunks = self.chunks.entry(decoder.id).or_default();
            chunks.push_back(decoder.rows);
        }
        if decoder.after < 0.5 {
            self.window.decoded(decoder.id);
            self.note_decoded(decoder);
            return false;
        }
        let segment = self.segment(decoder.id);
        let chunk = rows_per_chunk(Some(segment.rows as u64), segment.sizes.json as usize) as f64;
        decoder.rows = decoder.after.min(chunk);
        decoder.after -= decoder.rows;
        decoder.left = decoder.rows * self.case.rows.decode;
        true
    }

    fn note_decoded(&mut self, decoder: &Decoder) {
        let Segment { rows, sizes } = *self.segment(decoder.id);
        let cores = |seconds: f64| Duration::from_secs_f64(rows * seconds);
        let unpacked = Unpacked {
            rows: rows as u64,
            text: sizes.json,
            unpacking: cores(self.case.unpack()),
            parsing: cores(self.case.rows.decode),
        };
        let time = Duration::from_secs_f64(self.now - decoder.began);
        self.meter.left(self.instant());
        self.meter.decoded(sizes.wire as usize, &unpacked, time);
    }

    /// Now, on the clock of the meter.
    fn instant(&self) -> Instant {
        self.began + Duration::from_secs_f64(self.now)
    }

    /// The part of a core that each that is busy has.
    fn speed(&self) -> f64 {
        let reads = matches!(self.application, Application::Reads { .. });
        let busy = self.decoders.len() + usize::from(reads);
        (self.case.cores as f64 / busy.max(1) as f64).min(1.0)
    }

    /// Bytes a second of a connection that receives, at the usual pace.
    fn rate(&self) -> f64 {
        let receiving = self
            .transfers
            .iter()
            .filter(|transfer| transfer.begins <= self.now);
        let paces: f64 = receiving.map(|transfer| transfer.pace).sum();
        let network = &self.case.network;
        network.connection.min(network.link / paces.max(0.1))
    }

    fn segment(&self, id: Id) -> &Segment {
        &self.segments[id as usize]
    }
}

/// The segments of the result.
fn segments(case: &Case) -> Vec<Segment> {
    let mut segments = Vec::new();
    let mut left = bytes_of_result(case);
    while left > 0.0 {
        let json = match (case.segments, segments.len()) {
            (_, 0) => USUAL_SEGMENT / 2.0,
            (Segments::OneLarge, LARGE_AT) => USUAL_SEGMENT * 4.0,
            (_, at) => USUAL_SEGMENT * PARTS[at % PARTS.len()],
        };
        left -= json;
        let rows = (json / case.rows.json).round();
        let json = (rows * case.rows.json) as u64;
        let wire = (rows * case.wire()) as u64;
        let text = if case.unpack() > 0.0 { json } else { 0 };
        segments.push(Segment {
            rows,
            sizes: Sizes { wire, text, json },
        });
    }
    segments
}

/// So much that the beginning does not count: three hundred segments, and more where many are read
/// at a time.
fn bytes_of_result(case: &Case) -> f64 {
    let at_a_time = case.capacity.downloads.max(case.capacity.decoders) as f64;
    USUAL_SEGMENT * (20.0 * at_a_time).max(300.0)
}

/// Which of the segments is the large one, well after the first quarter of the result.
const LARGE_AT: usize = 170;

/// How full segments are: the last of a task is what is left.
const PARTS: [f64; 6] = [1.0, 0.99, 1.0, 0.85, 0.99, 1.0];

/// The segments in one page of a server that has written them all.
const SEGMENTS_OF_A_PAGE: usize = 32;

/// No connection is as fast as the next, so that segments come out of order. As long on average as
/// if all were.
const PACES: [f64; 8] = [1.1, 0.7, 1.2, 1.4, 0.9, 0.8, 1.3, 1.0];

/// Seconds that are none.
const INSTANT: f64 = 1e-12;
