//! What is random in a soak, all of it from one seed: answers and their faults.

use std::time::Duration;

use scripted_trino::{Answer, Endpoint, Fault, QueryError, Spooling, columns};

/// xorshift64*: the same everywhere.
#[derive(Debug, Clone)]
pub struct Chance(u64);

impl Chance {
    pub fn new(seed: u64) -> Self {
        Self(seed.wrapping_mul(0x2545_F491_4F6C_DD1D) | 1)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) >> 11
    }

    /// A number below `limit`.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit.max(1) as u64) as usize
    }

    pub fn one_in(&mut self, many: usize) -> bool {
        self.below(many) == 0
    }

    pub fn of<T: Copy>(&mut self, items: &[T]) -> T {
        items[self.below(items.len())]
    }

    /// Another source, for another thread.
    pub fn fork(&mut self) -> Self {
        Self::new(self.next())
    }
}

/// A result of the soak: its size, and how it is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shape {
    pub rows: usize,
    pub per_segment: usize,
    /// Characters of the second column.
    pub width: usize,
}

pub const SHAPES: [Shape; 6] = [
    Shape::new(0, 10, 10),
    Shape::new(7, 10, 10),
    Shape::new(1_000, 50, 30),
    Shape::new(6_000, 250, 100),
    Shape::new(20_000, 2_000, 60),
    Shape::new(900, 60, 5_000),
];

impl Shape {
    const fn new(rows: usize, per_segment: usize, width: usize) -> Self {
        Self {
            rows,
            per_segment,
            width,
        }
    }

    /// The second column of a row.
    pub fn text(self, row: usize) -> String {
        let mut text = format!("{row}:");
        while text.len() < self.width {
            text.push((b'a' + (text.len() * 7 + row) as u8 % 26) as char);
        }
        text
    }

    fn answer(self) -> Answer {
        let row = |row| format!("[{row},\"{}\"]", self.text(row));
        let rows: Vec<String> = (0..self.rows).map(row).collect();
        Answer::raw_rows(columns![("n", "bigint"), ("t", "varchar")], rows)
            .rows_per_page(self.per_segment)
            .spooled(self.spooling())
    }

    fn spooling(self) -> Spooling {
        Spooling {
            rows_per_segment: self.per_segment,
            ..Spooling::default()
        }
    }
}

/// The statement whose answer has that shape, and faults when `seed` is not 0.
pub fn statement(shape: usize, seed: u64) -> String {
    format!("SELECT soak {shape} {seed}")
}

/// The answers without faults. Clones of one share its encoded bytes.
pub fn answers() -> Vec<Answer> {
    SHAPES.iter().map(|shape| shape.answer()).collect()
}

/// The answer to a [`statement`].
pub fn answer(answers: &[Answer], sql: &str) -> Option<Answer> {
    let (shape, seed) = sql.strip_prefix("SELECT soak ")?.split_once(' ')?;
    let shape: usize = shape.parse().ok()?;
    let answer = answers.get(shape)?.clone();
    Some(match seed.parse().ok()? {
        0 => answer,
        seed => with_faults(answer, SHAPES[shape], &mut Chance::new(seed)),
    })
}

fn with_faults(mut answer: Answer, shape: Shape, chance: &mut Chance) -> Answer {
    for _ in 0..=chance.below(3) {
        let segments = shape.rows / shape.per_segment + 1;
        let segment = chance.below(segments);
        let endpoint = match chance.below(12) {
            0 => Endpoint::AnySegment,
            1..=4 => Endpoint::Segment(segment),
            5 => Endpoint::Download(segment),
            6 => Endpoint::AnyPage,
            7 | 8 => Endpoint::Page(chance.below(6) as u64),
            9 => Endpoint::Ack(segment),
            10 => Endpoint::AnyAck,
            _ => Endpoint::Queued,
        };
        answer = match chance.below(12) {
            // What does not pass.
            0 => answer.fault(endpoint, Fault::Status(chance.of(&[400, 403, 404, 410]))),
            1 => answer.fault(endpoint, Fault::RedirectLoop),
            // What passes sooner or later.
            _ => answer.fault(endpoint, passing(chance).times(1 + chance.below(3) as u32)),
        };
    }
    if chance.one_in(8) {
        // What is not fetched early waits too long.
        answer = answer.spooled(Spooling {
            direct_ttl: Duration::from_secs(1 + chance.below(5) as u64),
            ..shape.spooling()
        });
    }
    if chance.one_in(8) {
        answer = answer.page_delay(Duration::from_millis(chance.below(150) as u64));
    }
    if chance.one_in(12) {
        answer = answer.runs_for(Duration::from_millis(chance.below(2500) as u64));
    }
    if chance.one_in(12) {
        answer = answer.then_error(QueryError::new("GENERIC_INTERNAL_ERROR", 65_536, "soaked"));
    }
    answer
}

/// A fault of one request. None that changes bytes: not every encoding would notice.
fn passing(chance: &mut Chance) -> Fault {
    let bytes = chance.below(20_000);
    match chance.below(11) {
        0 => Fault::Status(chance.of(&[408, 429, 500, 502, 503, 504])),
        1 => Fault::RetryAfter(503, chance.below(2) as u64),
        2 => Fault::Refuse,
        3 => Fault::ResetAfter(bytes),
        4 => Fault::CloseAfter(bytes),
        5 => Fault::StallAfter(bytes),
        6 => Fault::FirstByteDelay(Duration::from_millis(chance.below(800) as u64)),
        7 => Fault::SlowBody(20_000 + chance.below(200_000)),
        8 => Fault::Truncate(bytes),
        9 => Fault::Extra(1 + chance.below(20)),
        _ => Fault::RedirectWithoutLocation,
    }
}
