//! How fast a result comes, on computers and networks that are not at hand: the window's decisions
//! under a virtual clock.
//!
//! What decides is the engine's own (`Window` and `Capacity`). What happens is worked out:
//! requests take the latency, connections share the link, and decoders and the application share
//! the cores. Nothing is random, and nothing waits: a result of twenty million rows takes
//! milliseconds.
//!
//! What is left out: the server, which is taken to have everything written; acknowledgements, which
//! are beside the path of the rows; caches and memory bandwidth.

pub mod grid;
mod world;

pub use super::capacity::Capacity;
use super::statistics::Load;
use crate::options::Encoding;
use world::World;

/// A result, a computer and an application to be simulated.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Case {
    /// The rows of the result.
    pub rows: Rows,
    /// How segments are encoded.
    pub encoding: Encoding,
    /// How large segments are.
    pub segments: Segments,
    /// The cores of the computer.
    pub cores: usize,
    /// How bytes arrive.
    pub network: Network,
    /// Rows that the application takes in a second of one core.
    pub application: f64,
    /// The limits of the result.
    pub capacity: Capacity,
}

/// The cost of a row of one kind.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rows {
    /// A name for reports.
    pub name: &'static str,
    /// Bytes of JSON, and of columns.
    pub json: f64,
    /// Bytes of columns.
    pub columns: f64,
    /// Bytes on the wire: as they are, in lz4, in zstd.
    pub wire: [f64; 3],
    /// Seconds of a core to decompress them, in the same order.
    pub unpack: [f64; 3],
    /// Seconds of a core to make columns of the text.
    pub decode: f64,
}

/// How large segments are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Segments {
    /// As a server makes them by default: the first of 8 MB, the others of 16 MB.
    Usual,
    /// The same with one of 64 MB among them.
    OneLarge,
}

/// How fast bytes come.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Network {
    /// Bytes a second, of all connections together and of one.
    pub link: f64,
    /// Bytes a second of one connection.
    pub connection: f64,
    /// Seconds from a request to the first byte of its answer.
    pub latency: f64,
}

/// The resource that bounds the speed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Resource {
    /// The bytes a second of the network.
    Link,
    /// The bytes a second of the connections that there may be.
    Connections,
    /// The cores, for decoding and reading.
    Cores,
    /// The reader.
    Application,
}

/// Why the binding resource is not made use of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shortfall {
    /// What is on the wire and what is being decoded would take more than there is.
    Memory,
    /// One decoder is busy with the large segment while the others have no memory.
    LargeSegment,
    /// Another reason.
    Other,
}

/// The outcome of a case.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Outcome {
    /// Once the first quarter of the result is read.
    pub rows_per_second: f64,
    /// Seconds to the first row.
    pub first_row: f64,
    /// Bytes that the window held at most.
    pub peak: u64,
    /// The resource that would allow least, and what it would allow.
    pub binding: Resource,
    /// Rows a second that this resource would allow.
    pub allowed: f64,
    /// The load, as the meter measures it.
    pub load: Load,
}

impl Case {
    /// The outcome of the case.
    pub fn run(&self) -> Outcome {
        let seen = World::new(self).run();
        let (binding, allowed) = self.binding();
        Outcome {
            rows_per_second: seen.rows_per_second,
            first_row: seen.first_row,
            peak: seen.peak,
            binding,
            allowed,
            load: seen.load,
        }
    }

    /// The resource that bounds the speed, and the rows a second that it allows.
    pub fn binding(&self) -> (Resource, f64) {
        let wire = self.wire();
        let segment = USUAL_SEGMENT / self.rows.json * wire;
        let request = self.network.latency + segment / self.network.connection;
        let allowed = [
            (Resource::Link, self.network.link / wire),
            (
                Resource::Connections,
                self.capacity.downloads as f64 * segment / request / wire,
            ),
            (
                Resource::Cores,
                self.cores as f64 / (self.engine() + 1.0 / self.application),
            ),
            (Resource::Application, self.application),
        ];
        let least = allowed.into_iter().min_by(|a, b| a.1.total_cmp(&b.1));
        least.expect("there are four resources")
    }

    /// Seconds of a core that a row costs until it is there for the application.
    pub fn engine(&self) -> f64 {
        self.receive() + self.unpack() + self.rows.decode
    }

    /// Why the outcome falls short of what the binding resource allows, if it does: what has to be
    /// otherwise for it not to.
    pub fn shortfall(&self, outcome: &Outcome) -> Option<Shortfall> {
        if !outcome.is_short() {
            return None;
        }
        let mut without_large = *self;
        without_large.segments = Segments::Usual;
        let mut with_memory = *self;
        with_memory.capacity.memory *= 8;
        Some(if !without_large.run().is_short() {
            Shortfall::LargeSegment
        } else if !with_memory.run().is_short() {
            Shortfall::Memory
        } else {
            Shortfall::Other
        })
    }

    fn wire(&self) -> f64 {
        self.of_encoding(self.rows.wire)
    }

    fn unpack(&self) -> f64 {
        self.of_encoding(self.rows.unpack)
    }

    /// Seconds of a core to receive a row.
    fn receive(&self) -> f64 {
        self.wire() * RECEIVE
    }

    fn of_encoding(&self, [json, lz4, zstd]: [f64; 3]) -> f64 {
        match self.encoding {
            Encoding::Json => json,
            Encoding::JsonLz4 => lz4,
            Encoding::JsonZstd => zstd,
        }
    }
}

impl Outcome {
    /// The part of what the binding resource allows.
    pub fn share(&self) -> f64 {
        self.rows_per_second / self.allowed
    }

    /// Whether it falls short of what the binding resource allows.
    fn is_short(&self) -> bool {
        self.share() < ENOUGH
    }
}

impl Resource {
    /// All resources.
    pub const ALL: [Self; 4] = [
        Self::Link,
        Self::Connections,
        Self::Cores,
        Self::Application,
    ];

    /// The name for reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Link => "link",
            Self::Connections => "connections",
            Self::Cores => "cores",
            Self::Application => "application",
        }
    }
}

impl Shortfall {
    /// The name for reports.
    pub fn name(self) -> &'static str {
        match self {
            Self::Memory => "for want of memory",
            Self::LargeSegment => "for the large segment",
            Self::Other => "for another reason",
        }
    }
}

impl Network {
    /// Gigabits a second, megabytes a second of one connection, milliseconds.
    pub fn new(link: f64, connection: f64, latency: f64) -> Self {
        Self {
            link: link * 1e9 / 8.0,
            connection: connection * 1e6,
            latency: latency / 1e3,
        }
    }
}

impl Rows {
    /// 16 mixed columns of TPC-H.
    pub const LINEITEM: Self = Self {
        name: "lineitem",
        json: 144.1,
        columns: 142.0,
        wire: [144.1, 66.0, 40.6],
        unpack: [0.0, 45e-9, 135e-9],
        decode: 150e-9,
    };
    /// A `bigint` in a row.
    pub const NARROW: Self = Self {
        name: "narrow",
        json: 9.8,
        columns: 8.0,
        wire: [9.8, 4.5, 0.4],
        unpack: [0.0, 4e-9, 5e-9],
        decode: 8e-9,
    };
    /// Five texts of a hundred characters each.
    pub const WIDE: Self = Self {
        name: "wide",
        json: 522.7,
        columns: 530.0,
        wire: [522.7, 248.1, 139.8],
        unpack: [0.0, 150e-9, 450e-9],
        decode: 220e-9,
    };
}

/// Bytes of JSON in the segments of which most of a result is made.
const USUAL_SEGMENT: f64 = 16e6;

/// The part of what the binding resource allows that is to be reached.
pub const ENOUGH: f64 = 0.85;

/// Seconds of a core to receive a byte.
const RECEIVE: f64 = 0.4e-9;

#[cfg(test)]
mod tests;
