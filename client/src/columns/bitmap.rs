//! One bit a row: which values of a column are NULL.

/// Marks rows of a column; grows row by row while a column is built.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bitmap {
    /// The marks of 64 rows in each number, the first row's in its lowest bit, up to the last marked row.
    pub(super) words: Vec<u64>,
}

impl Bitmap {
    /// Marks `row`.
    pub fn set(&mut self, row: usize) {
        let word = row / 64;
        if word >= self.words.len() {
            self.words.resize(word + 1, 0);
        }
        if let Some(bits) = self.words.get_mut(word) {
            *bits |= 1 << (row % 64);
        }
    }

    /// Whether `row` is marked. Rows past the last marked one are not.
    #[inline]
    pub fn contains(&self, row: usize) -> bool {
        self.words
            .get(row / 64)
            .is_some_and(|bits| bits >> (row % 64) & 1 == 1)
    }

    /// How many rows are marked.
    pub fn count(&self) -> usize {
        self.words
            .iter()
            .map(|bits| bits.count_ones() as usize)
            .sum()
    }

    /// Bytes of memory held.
    pub fn size(&self) -> usize {
        self.words.capacity() * 8
    }
}

#[cfg(test)]
mod tests {
    use super::Bitmap;

    #[test]
    fn only_marked_rows_are_contained() {
        let mut bitmap = Bitmap::default();
        for row in [0, 63, 64, 1000] {
            bitmap.set(row);
        }
        let marked: Vec<usize> = (0..2000).filter(|row| bitmap.contains(*row)).collect();
        assert_eq!(marked, [0, 63, 64, 1000]);
        assert_eq!(bitmap.count(), 4);
    }
}
