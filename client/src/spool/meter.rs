//! Where the time of a result goes: to the link, the decoders, or the application.
//!
//! It reads no clock: events come with their time.

use std::time::{Duration, Instant};

use super::statistics::Load;
use super::unpack::Unpacked;

/// Sums over the time since the first download.
#[derive(Debug)]
pub(super) struct Meter {
    /// When the latest event was, once there was a download.
    latest: Option<Instant>,
    downloads: usize,
    /// Segments that came and are not decoded.
    backlog: usize,
    /// Whether the reader waits for rows.
    waits: bool,
    /// When the reader took the rows that it has in hand.
    took: Option<Instant>,
    load: Load,
    /// The part of the downloads that is being timed, for the best rate.
    sample: Sample,
}

#[derive(Debug, Default)]
struct Sample {
    time: Duration,
    bytes: u64,
}

impl Meter {
    pub(super) fn new(decoders: usize, cores: usize) -> Self {
        Self {
            latest: None,
            downloads: 0,
            backlog: 0,
            waits: true,
            took: None,
            load: Load {
                decoders: decoders.max(1),
                cores,
                ..Load::default()
            },
            sample: Sample::default(),
        }
    }

    pub(super) fn download_began(&mut self, now: Instant) {
        self.latest.get_or_insert(now);
        self.advance(now);
        self.downloads += 1;
    }

    pub(super) fn download_ended(&mut self, now: Instant) {
        self.advance(now);
        self.downloads = self.downloads.saturating_sub(1);
    }

    /// Bytes of a segment came.
    pub(super) fn received(&mut self, bytes: usize, now: Instant) {
        self.advance(now);
        self.load.received += bytes as u64;
        self.sample.bytes += bytes as u64;
        if self.sample.time >= SAMPLE_TIME && self.sample.bytes >= SAMPLE_BYTES {
            let rate = self.sample.bytes as f64 / self.sample.time.as_secs_f64();
            self.load.best_rate = self.load.best_rate.max(rate);
            self.sample = Sample::default();
        }
    }

    /// A segment is there to be decoded.
    pub(super) fn arrived(&mut self, now: Instant) {
        self.advance(now);
        self.backlog += 1;
    }

    /// A segment that was there is decoded, or given up.
    pub(super) fn left(&mut self, now: Instant) {
        self.advance(now);
        self.backlog = self.backlog.saturating_sub(1);
    }

    /// A segment of storage, of so many bytes, was decoded in that time.
    pub(super) fn decoded(&mut self, wire: usize, unpacked: &Unpacked, time: Duration) {
        self.load.decoding += time;
        self.load.wire += wire as u64;
        self.load.text += unpacked.text;
        self.load.unpacking += unpacked.unpacking;
        self.load.parsing += unpacked.parsing;
    }

    /// The reader comes for rows, and finds some or waits.
    pub(super) fn came(&mut self, finds: bool, now: Instant) {
        self.advance(now);
        if let Some(took) = self.took.take().filter(|_| self.latest.is_some()) {
            self.load.reading += now.saturating_duration_since(took);
        }
        self.took = finds.then_some(now);
        self.waits = !finds;
    }

    pub(super) fn load(&self) -> Load {
        self.load
    }

    /// Counts the time since the latest event for what was going on meanwhile.
    fn advance(&mut self, now: Instant) {
        let Some(latest) = &mut self.latest else {
            return;
        };
        let time = now.saturating_duration_since(*latest);
        *latest = now.max(*latest);
        let load = &mut self.load;
        load.elapsed += time;
        if self.downloads > 0 {
            load.downloading += time;
            self.sample.time += time;
        }
        if !self.waits {
            return;
        }
        load.waiting += time;
        let idle = load.decoders.saturating_sub(self.backlog);
        let idle = time.mul_f64(idle as f64 / load.decoders as f64);
        if self.downloads > 0 {
            load.starved += idle;
        } else {
            load.unfed += idle;
        }
    }
}

/// A rate counts when bytes came for so long: pauses of a thread or of the network do not make it
/// another.
const SAMPLE_TIME: Duration = Duration::from_millis(200);

/// A rate counts when so many bytes came: what lay in the buffers of sockets does not make it
/// another.
const SAMPLE_BYTES: u64 = 4 << 20;

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs through events at so many milliseconds.
    fn load(events: impl FnOnce(&mut Meter, &dyn Fn(u64) -> Instant)) -> Load {
        let start = Instant::now();
        let mut meter = Meter::new(2, 2);
        events(&mut meter, &|ms| start + Duration::from_millis(ms));
        meter.load()
    }

    fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn decoders_without_work_wait_for_the_link() {
        let load = load(|meter, at| {
            meter.came(false, at(0));
            meter.download_began(at(100));
            meter.arrived(at(200));
            meter.download_ended(at(200));
            // One decoder works, the other has nothing to do.
            meter.download_began(at(300));
            meter.left(at(400));
        });
        assert_eq!(load.elapsed, ms(300));
        assert_eq!(load.downloading, ms(200));
        assert_eq!(load.waiting, ms(300));
        assert_eq!(load.starved, ms(100) + ms(50));
        assert_eq!(load.unfed, ms(50));
    }

    #[test]
    fn the_time_of_a_busy_application_is_no_waiting() {
        let load = load(|meter, at| {
            meter.came(false, at(0));
            meter.download_began(at(0));
            meter.download_ended(at(100));
            meter.came(true, at(100));
            meter.came(true, at(400));
            meter.came(false, at(600));
            meter.came(false, at(700));
        });
        assert_eq!(load.reading, ms(500));
        assert_eq!(load.waiting, ms(200));
        assert_eq!(load.elapsed, ms(700));
    }

    #[test]
    fn the_best_rate_leaves_out_pauses_between_downloads() {
        let load = load(|meter, at| {
            for n in 0..20 {
                meter.download_began(at(1000 * n));
                meter.received(1 << 20, at(1000 * n + 20));
                meter.download_ended(at(1000 * n + 20));
            }
            meter.download_began(at(20_000));
            meter.received(1 << 20, at(25_000));
            meter.download_ended(at(25_000));
        });
        assert_eq!(load.received, 21 << 20);
        assert_eq!(load.downloading, ms(5400));
        let expected = f64::from(1 << 20) / 0.02;
        assert!((load.best_rate / expected - 1.0).abs() < 0.01, "{load:?}");
    }

    #[test]
    fn a_result_without_downloads_takes_no_time() {
        let load = load(|meter, at| {
            meter.came(true, at(0));
            meter.came(true, at(100));
            meter.came(false, at(300));
        });
        assert_eq!(load.elapsed, ms(0));
        assert_eq!((load.reading, load.waiting), (ms(0), ms(0)));
    }
}
