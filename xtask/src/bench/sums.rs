//! What clients sum over the cells they read, and whether they read the same.

use serde::{Deserialize, Serialize};

/// Sums over all cells; each client leaves out what it cannot see.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Sums {
    pub rows: u64,
    pub cells: u64,
    /// Bytes of text in UTF-8.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bytes: Option<u64>,
    /// Units of text in UTF-16.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub units: Option<u64>,
    /// First bytes of the texts that begin with ASCII.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub heads: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub integers: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub doubles: Option<f64>,
    /// Days of the month of dates and timestamps.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub days: Option<u64>,
    /// Unscaled decimals, modulo 2 to the power of 64.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unscaled: Option<u64>,
    /// A hash of all cells as text.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub hash: Option<String>,
}

impl Sums {
    /// The sums of a result that is this one so many times over.
    pub fn times(&self, times: u32) -> Self {
        let factor = u64::from(times);
        let multiply = |sum: Option<u64>| sum.map(|sum| sum * factor);
        Self {
            rows: self.rows * factor,
            cells: self.cells * factor,
            bytes: multiply(self.bytes),
            units: multiply(self.units),
            heads: multiply(self.heads),
            integers: self.integers.map(|sum| sum.wrapping_mul(i64::from(times))),
            doubles: self.doubles.map(|sum| sum * f64::from(times)),
            days: multiply(self.days),
            unscaled: self.unscaled.map(|sum| sum.wrapping_mul(factor)),
            hash: None,
        }
    }

    /// What differs between the two, among what both report.
    pub fn differs(&self, other: &Self) -> Option<&'static str> {
        fn unequal<T: PartialEq>(one: &Option<T>, two: &Option<T>) -> bool {
            matches!((one, two), (Some(one), Some(two)) if one != two)
        }
        // The order of rows differs between encodings, and with it the last digits.
        let apart = |one: f64, two: f64| (one - two).abs() > one.abs().max(two.abs()) * 1e-9;
        let doubles = self.doubles.zip(other.doubles);
        [
            ("rows", self.rows != other.rows),
            ("cells that are not null", self.cells != other.cells),
            ("bytes of text", unequal(&self.bytes, &other.bytes)),
            ("units of text", unequal(&self.units, &other.units)),
            ("first characters", unequal(&self.heads, &other.heads)),
            (
                "the sum of integers",
                unequal(&self.integers, &other.integers),
            ),
            (
                "the sum of doubles",
                doubles.is_some_and(|(one, two)| apart(one, two)),
            ),
            ("days", unequal(&self.days, &other.days)),
            (
                "the sum of decimals",
                unequal(&self.unscaled, &other.unscaled),
            ),
            ("the text of cells", unequal(&self.hash, &other.hash)),
        ]
        .into_iter()
        .find_map(|(what, differs)| differs.then_some(what))
    }
}

#[cfg(test)]
mod tests {
    use super::Sums;

    #[test]
    fn what_only_one_client_tells_does_not_differ() {
        let one = Sums {
            rows: 2,
            bytes: Some(7),
            ..Sums::default()
        };
        let two = Sums {
            rows: 2,
            units: Some(5),
            ..Sums::default()
        };
        assert_eq!(one.differs(&two), None);
        assert_eq!(one.differs(&one.times(1)), None);
        assert_eq!(one.differs(&one.times(2)), Some("rows"));
    }

    #[test]
    fn doubles_may_differ_by_the_order_of_addition_only() {
        let sum = |doubles| Sums {
            doubles: Some(doubles),
            ..Sums::default()
        };
        assert_eq!(sum(1e9).differs(&sum(1e9 + 0.1)), None);
        assert_eq!(
            sum(1e9).differs(&sum(1e9 + 10.0)),
            Some("the sum of doubles")
        );
    }
}
