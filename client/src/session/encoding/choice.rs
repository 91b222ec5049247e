//! Which encoding to request first, by what bound the results before.
//!
//! A result takes as long as the busiest of what works on it. For each byte of its JSON the link
//! takes the encoding's bytes divided by its rate; the decoders take the CPU time of decompressing
//! and of reading the JSON; and the cores take that and what the application does. Each result
//! shows some of these figures, and the encoding with the shortest predicted time is the best one.
//! zstd comes in fewer bytes, lz4 costs less CPU time. Plain JSON never comes first: it is faster
//! than lz4 only without a network, and storage would hold twice as much.
//!
//! Figures vary from result to result. A new one counts for a quarter, another encoding must take 7
//! % less time, and each change after the first needs twice as many results in a row that agree:
//! where both are as good, the choice stays. How much other work has the cores counts at once. It
//! reads no clock.

use std::fmt;

use crate::options::Encoding;
use crate::spool::{Load, Statistics};

/// The costs that the results of one host showed.
#[derive(Debug, Clone)]
pub(super) struct Choice {
    link: Option<Link>,
    /// CPU seconds of reading a byte of JSON.
    parsing: Option<f64>,
    /// Seconds that the application takes for a byte of JSON.
    reading: f64,
    /// How many times their CPU time decoders take: other work has the cores too.
    contention: f64,
    /// How many times longer a result takes than busy decoders would, as they wait for memory or
    /// for each other.
    slack: f64,
    zstd: Costs,
    lz4: Costs,
    first: Encoding,
    changes: u32,
    /// Results in a row that were for another encoding, and which.
    votes: (u32, Encoding),
}

/// How fast bytes come.
#[derive(Debug, Clone, Copy)]
struct Link {
    /// Bytes a second.
    rate: f64,
    /// Whether the link gives no more: decoders waited for it.
    bound: bool,
}

/// The costs of an encoding.
#[derive(Debug, Clone, Copy, Default)]
struct Costs {
    /// Its bytes for a byte of JSON.
    ratio: Option<f64>,
    /// CPU seconds of decompressing a byte of JSON.
    unpacking: Option<f64>,
}

/// The costs that one result showed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Sample {
    pub(super) encoding: Encoding,
    pub(super) bound: Bound,
    /// Bytes a second that came while something was being downloaded.
    pub(super) rate: f64,
    /// The same while most came.
    pub(super) best_rate: f64,
    /// All for a byte of JSON: bytes received, CPU seconds, and seconds.
    pub(super) ratio: f64,
    pub(super) unpacking: f64,
    pub(super) parsing: f64,
    pub(super) reading: f64,
    pub(super) decoding: f64,
    pub(super) elapsed: f64,
    pub(super) decoders: f64,
    pub(super) cores: f64,
}

/// The time of a core that a byte of JSON takes.
#[derive(Debug, Clone, Copy)]
struct Cpu {
    /// Bytes received.
    ratio: f64,
    /// Seconds.
    unpacking: f64,
    parsing: f64,
    reading: f64,
}

/// The resource that a result waited for most.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Bound {
    Link,
    Decoders,
    Application,
    /// Nothing was there to be downloaded.
    Server,
}

/// What a sample comes to.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Verdict {
    pub(super) first: Encoding,
    pub(super) changed: bool,
    /// The predicted time of `first` and of what was first before, for a byte of JSON.
    pub(super) seconds: (f64, f64),
}

impl Sample {
    /// What the result of these statistics showed, if it was large enough to show anything.
    pub(super) fn of(statistics: &Statistics) -> Option<Self> {
        let Load {
            wire,
            text,
            received,
            elapsed,
            downloading,
            ..
        } = statistics.load;
        let encoding = statistics.encoding?;
        if text < LEAST_TEXT || elapsed.is_zero() || downloading.is_zero() || statistics.retries > 0
        {
            return None;
        }
        let load = &statistics.load;
        let each = |amount: f64| amount / text as f64;
        let rate = received as f64 / downloading.as_secs_f64();
        Some(Self {
            encoding,
            bound: Bound::of(load),
            rate,
            best_rate: load.best_rate.max(rate),
            ratio: each(wire as f64),
            unpacking: each(load.unpacking.as_secs_f64()),
            parsing: each(load.parsing.as_secs_f64()),
            reading: each(load.reading.as_secs_f64()),
            decoding: each(load.decoding.as_secs_f64()),
            elapsed: each(elapsed.as_secs_f64()),
            decoders: load.decoders as f64,
            cores: load.cores as f64,
        })
    }

    /// How many times their CPU time the decoders took.
    fn contention(&self) -> f64 {
        let contention = self.decoding / (self.unpacking + self.parsing);
        contention.clamp(1.0, MOST_STRAIN)
    }

    /// Seconds of the decoders and the cores for these CPU seconds, where decoders take so many
    /// times theirs.
    fn work(&self, cpu: Cpu, contention: f64) -> f64 {
        let decoding = cpu.unpacking + cpu.parsing;
        let all = decoding + cpu.reading + cpu.ratio * RECEIVING;
        (decoding * contention / self.decoders).max(all / self.cores)
    }
}

impl Bound {
    fn of(load: &Load) -> Self {
        let part = |time: std::time::Duration| time.as_secs_f64() / load.elapsed.as_secs_f64();
        let (waiting, starved, unfed) = (part(load.waiting), part(load.starved), part(load.unfed));
        if waiting < LEAST_WAITING {
            return Self::Application;
        }
        let decoding = waiting - starved - unfed;
        if starved >= decoding && starved >= unfed {
            Self::Link
        } else if decoding >= unfed {
            Self::Decoders
        } else {
            Self::Server
        }
    }
}

impl Choice {
    /// The encoding to request first.
    pub(super) fn first(&self) -> Encoding {
        self.first
    }

    /// Learns from a result.
    pub(super) fn learn(&mut self, sample: &Sample) -> Verdict {
        self.note(sample);
        let before = self.seconds(self.first, sample);
        let (mut best, mut shortest) = (self.first, before);
        for encoding in [Encoding::JsonZstd, Encoding::JsonLz4] {
            let seconds = self.seconds(encoding, sample);
            if seconds <= shortest * WORTHWHILE {
                (best, shortest) = (encoding, seconds);
            }
        }
        let votes = match self.votes {
            // The server gave it what to do, and no encoding changes that.
            _ if sample.bound == Bound::Server || best == self.first => 0,
            (votes, encoding) if encoding == best => votes + 1,
            _ => 1,
        };
        self.votes = (votes, best);
        let changed = votes > 0 && votes >= 1 << self.changes.min(MOST_DOUBLINGS);
        if changed {
            self.first = best;
            self.changes += 1;
            self.votes = (0, best);
        }
        Verdict {
            first: self.first,
            changed,
            seconds: (self.seconds(self.first, sample), before),
        }
    }

    fn note(&mut self, sample: &Sample) {
        let is_bound = sample.bound == Bound::Link;
        self.link = Some(match self.link {
            Some(Link { rate, bound: true }) if is_bound => Link {
                rate: mean(Some(rate), sample.rate),
                bound: true,
            },
            _ if is_bound => Link {
                rate: sample.rate,
                bound: true,
            },
            // Much more than it gave once: it has become faster.
            Some(Link { rate, bound: true }) => Link {
                rate: match sample.best_rate > rate * FASTER {
                    true => mean(Some(rate), sample.best_rate),
                    false => rate,
                },
                bound: true,
            },
            link => Link {
                rate: link.map_or(0.0, |link| link.rate).max(sample.best_rate),
                bound: false,
            },
        });
        let (parsing, reading) = (sample.parsing, sample.reading);
        let known = self.parsing;
        let contention = sample.contention();
        if sample.bound == Bound::Decoders {
            let cpu = Cpu {
                ratio: sample.ratio,
                unpacking: sample.unpacking,
                parsing,
                reading,
            };
            let slack = sample.elapsed / sample.work(cpu, contention);
            let slack = slack.clamp(1.0, MOST_STRAIN);
            self.slack = mean(known.map(|_| self.slack), slack);
        }
        self.contention = known.map_or(contention, |_| (self.contention * contention).sqrt());
        self.reading = mean(known.map(|_| self.reading), reading);
        self.parsing = Some(mean(known, parsing));
        let costs = match sample.encoding {
            Encoding::JsonZstd => &mut self.zstd,
            Encoding::JsonLz4 => &mut self.lz4,
            Encoding::Json => return,
        };
        costs.ratio = Some(mean(costs.ratio, sample.ratio));
        costs.unpacking = Some(mean(costs.unpacking, sample.unpacking));
    }

    /// The predicted time for a byte of JSON, with the decoders and cores of `sample`.
    fn seconds(&self, encoding: Encoding, sample: &Sample) -> f64 {
        let (ratio, unpacking) = self.costs(encoding);
        let cpu = Cpu {
            ratio,
            unpacking,
            parsing: self.parsing.unwrap_or_default(),
            reading: self.reading,
        };
        let rate = self.link.map_or(f64::INFINITY, |link| link.rate);
        let work = sample.work(cpu, self.contention) * self.slack;
        (ratio / rate).max(work).max(self.reading)
    }

    /// Ratio and CPU seconds of an encoding; of one that was not seen, by the other.
    fn costs(&self, encoding: Encoding) -> (f64, f64) {
        let (zstd, lz4) = (self.zstd, self.lz4);
        match encoding {
            Encoding::Json => (1.0, 0.0),
            Encoding::JsonZstd => (
                (zstd.ratio)
                    .or(lz4.ratio.map(|ratio| ratio / LZ4_RATIO))
                    .unwrap_or(ZSTD_RATIO),
                (zstd.unpacking)
                    .or(lz4.unpacking.map(|time| time / LZ4_UNPACKING))
                    .unwrap_or(ZSTD_UNPACKING),
            ),
            Encoding::JsonLz4 => (
                lz4.ratio.unwrap_or_else(|| {
                    let zstd = zstd.ratio.unwrap_or(ZSTD_RATIO);
                    (zstd * LZ4_RATIO).clamp(LEAST_LZ4_RATIO, 1.0)
                }),
                lz4.unpacking
                    .unwrap_or_else(|| zstd.unpacking.unwrap_or(ZSTD_UNPACKING) * LZ4_UNPACKING),
            ),
        }
    }
}

impl Default for Choice {
    fn default() -> Self {
        Self {
            link: None,
            parsing: None,
            reading: 0.0,
            contention: 1.0,
            slack: 1.0,
            zstd: Costs::default(),
            lz4: Costs::default(),
            first: Encoding::JsonZstd,
            changes: 0,
            votes: (0, Encoding::JsonZstd),
        }
    }
}

impl fmt::Display for Sample {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.bound {
            Bound::Link => write!(f, "link-bound: {:.1} MB/s", self.rate / MEGABYTE),
            Bound::Decoders => {
                let rate = 1.0 / self.elapsed / MEGABYTE;
                write!(f, "decoder-bound: {rate:.0} MB/s of JSON")
            }
            Bound::Application => f.write_str("application-bound"),
            Bound::Server => f.write_str("server-bound"),
        }
    }
}

/// The mean of what was seen before, if anything, and a new figure. Figures are compared by their
/// quotient.
fn mean(before: Option<f64>, new: f64) -> f64 {
    match before {
        Some(before) if before > 0.0 && new > 0.0 => before * (new / before).powf(WEIGHT),
        _ => new,
    }
}

/// What one result counts.
const WEIGHT: f64 = 0.25;

/// Another encoding is worth a change when it takes no more than this part of the time.
const WORTHWHILE: f64 = 0.93;

/// A change needs at most 2 to the power of this results in a row.
const MOST_DOUBLINGS: u32 = 5;

/// A result with less JSON in segments of storage shows nothing: it is over before anything is
/// busy.
const LEAST_TEXT: u64 = 16 << 20;

/// The application is what takes the time when it waits for less than this part of it.
const LEAST_WAITING: f64 = 0.25;

/// A link that decoders waited for is taken for faster than it was when it gives so many times
/// more.
const FASTER: f64 = 1.5;

/// The most that is put down to contention, and to waiting for each other: beyond it, it was
/// something else.
const MOST_STRAIN: f64 = 4.0;

/// CPU seconds of receiving a byte, of the system and of copying: an encoding with more bytes has
/// some of them.
const RECEIVING: f64 = 0.75e-9;

/// Of six results of Trino 476 as text, numbers and times, zstd has a ratio of 0.27 to 0.36, lz4 of
/// 0.42 to 0.61, which is 1.57 to 1.78 times as much. Where zstd has much less, as of a column of
/// rising numbers (0.04), lz4 does not.
const ZSTD_RATIO: f64 = 0.3;
const LZ4_RATIO: f64 = 1.65;
const LEAST_LZ4_RATIO: f64 = 0.4;

/// CPU seconds of decompressing a byte of JSON on a computer of 2023, and the part of it that lz4
/// takes.
const ZSTD_UNPACKING: f64 = 1.8e-9;
const LZ4_UNPACKING: f64 = 0.27;

/// Bytes of a megabyte, for reports.
const MEGABYTE: f64 = 1e6;

#[cfg(test)]
mod tests;
