//! Who may hold how much of the memory that all share.

use std::time::Duration;

/// The demand of a result, by the state of its reader.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Reader {
    /// Bytes that it may hold by its own limit.
    pub(super) limit: u64,
    /// Bytes that it holds.
    pub(super) held: u64,
    /// Whether it waits for rows.
    pub(super) waiting: bool,
    /// Since when it has taken no rows.
    pub(super) moved: Duration,
    /// Since when it has not begun to wait.
    pub(super) waited: Duration,
}

/// The bytes that each may hold; without a bound where there is enough for all.
pub(super) fn shares(memory: u64, readers: &[Reader]) -> Vec<u64> {
    let limits = readers
        .iter()
        .fold(0_u64, |sum, reader| sum.saturating_add(reader.limit));
    if limits <= memory {
        return vec![u64::MAX; readers.len()];
    }
    // Results whose readers are away come first: their memory is released where that is possible,
    // and counts until then.
    let idle = readers.iter().filter(|reader| reader.is_away());
    let idle = idle.fold(0_u64, |sum, reader| sum.saturating_add(reader.held));
    let memory = memory.saturating_sub(idle);
    let is_short = readers.iter().any(Reader::is_hungry);
    let wishes: Vec<u64> = readers.iter().map(|reader| reader.wish(is_short)).collect();
    let level = level(memory, &wishes);
    wishes.into_iter().map(|wish| wish.min(level)).collect()
}

impl Reader {
    fn is_away(&self) -> bool {
        !self.waiting && self.moved >= AWAY
    }

    fn is_hungry(&self) -> bool {
        self.waiting || self.waited < HUNGRY
    }

    /// The bytes that it can use. One that finds its rows there gets no more while others wait.
    fn wish(&self, is_short: bool) -> u64 {
        if self.is_away() {
            0
        } else if self.is_hungry() || !is_short {
            self.limit
        } else {
            self.held.min(self.limit)
        }
    }
}

/// The level up to which all wishes can be met: those below it whole, those above it alike.
fn level(memory: u64, wishes: &[u64]) -> u64 {
    let mut wishes: Vec<u64> = wishes.iter().copied().filter(|wish| *wish > 0).collect();
    wishes.sort_unstable();
    let mut left = memory;
    let count = wishes.len() as u64;
    for (wish, others) in wishes.into_iter().zip((1..=count).rev()) {
        let even = left / others;
        if wish > even {
            return even;
        }
        left -= wish;
    }
    u64::MAX
}

/// Who takes no rows for so long is away: what is kept for it is fetched again when it comes back.
const AWAY: Duration = Duration::from_secs(3);

/// Who waited so lately wants more than it gets.
const HUNGRY: Duration = Duration::from_secs(2);

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    const LONG: Duration = Duration::from_secs(60);

    fn hungry(held: u64) -> Reader {
        Reader {
            limit: 96,
            held,
            waiting: true,
            moved: Duration::ZERO,
            waited: Duration::ZERO,
        }
    }

    fn content(held: u64) -> Reader {
        Reader {
            waiting: false,
            waited: LONG,
            ..hungry(held)
        }
    }

    fn away(held: u64) -> Reader {
        Reader {
            moved: LONG,
            ..content(held)
        }
    }

    #[test]
    fn no_result_is_bounded_while_all_limits_fit() {
        assert_eq!(shares(200, &[hungry(90), away(90)]), [u64::MAX; 2]);
    }

    #[test]
    fn readers_that_wait_get_the_same() {
        assert_eq!(shares(200, &[hungry(0), hungry(90), hungry(10)]), [66; 3]);
    }

    #[test]
    fn a_reader_that_finds_its_rows_leaves_the_rest_to_those_that_wait() {
        assert_eq!(shares(150, &[content(10), hungry(80)]), [10, 96]);
        assert_eq!(shares(150, &[content(96), hungry(0)]), [75, 75]);
    }

    #[test]
    fn readers_that_all_find_their_rows_share_alike() {
        assert_eq!(shares(100, &[content(10), content(90)]), [50, 50]);
    }

    #[test]
    fn a_reader_that_is_away_gives_back_and_counts_until_it_has() {
        assert_eq!(shares(150, &[away(90), hungry(0)]), [0, 60]);
        assert_eq!(shares(150, &[away(0), hungry(0)]), [0, 96]);
    }

    #[test]
    fn one_that_waits_is_not_away_however_long() {
        let slow = Reader {
            moved: LONG,
            waited: LONG,
            ..hungry(0)
        };
        assert_eq!(shares(100, &[slow, hungry(0)]), [50, 50]);
    }

    fn reader() -> impl Strategy<Value = Reader> {
        let times = (0..10_000u64, 0..10_000u64);
        (1..200u64, 0..300u64, any::<bool>(), times).prop_map(
            |(limit, held, waiting, (moved, waited))| Reader {
                limit,
                held,
                waiting,
                moved: Duration::from_millis(moved),
                waited: Duration::from_millis(waited),
            },
        )
    }

    proptest! {
        #[test]
        fn shares_never_exceed_the_memory_and_waste_none_that_is_wanted(
            memory in 0..2000u64,
            readers in vec(reader(), 1..30),
        ) {
            let limits: u64 = readers.iter().map(|reader| reader.limit).sum();
            let given = shares(memory, &readers);
            if limits <= memory {
                prop_assert!(given.iter().all(|share| *share == u64::MAX));
                return Ok(());
            }
            let idle: u64 = readers.iter().filter(|reader| reader.is_away()).map(|reader| reader.held).sum();
            let sum: u64 = given.iter().sum();
            prop_assert!(sum <= memory);
            for (reader, share) in readers.iter().zip(&given) {
                prop_assert!(*share <= reader.limit);
                prop_assert_eq!(reader.is_away() && *share > 0, false);
            }
            // Of two that are hungry, one gets less only because it may hold no more.
            let hungry: Vec<_> = readers.iter().zip(&given).filter(|(reader, _)| reader.is_hungry() && !reader.is_away()).collect();
            for (reader, share) in &hungry {
                for (_, other) in &hungry {
                    prop_assert!(share >= other || **share == reader.limit);
                }
                // What is left over is less than one byte for each, unless all have what they may
                // hold.
                if **share < reader.limit {
                    prop_assert!(sum + idle + readers.len() as u64 > memory);
                }
            }
        }
    }
}
