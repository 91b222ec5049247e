//! Limits of one result; the defaults depend on the cores and the memory of the computer.
//!
//! A segment that is being decoded takes its bytes, its text and the columns that come of it, some
//! 36 MB of a usual result, and those that are on the wire wait beside it. The simulation
//! ([`super::simulation`]) shows what less costs, and that more gains nothing.

/// The limits of each result of a connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capacity {
    /// Bytes held at a time.
    pub memory: u64,
    /// Segments decoded at a time.
    pub decoders: usize,
    /// Segments downloaded at a time.
    pub downloads: usize,
    /// The same until the first ones came. On a thin link all that are under way take their time
    /// from the first, which the reader waits for.
    pub first_downloads: usize,
}

impl Capacity {
    /// The usual one on a computer with so many cores, where all results of a process may hold so
    /// many bytes together.
    pub fn usual(cores: usize, process_memory: u64) -> Self {
        // More decoders than cores would only wait for each other.
        let decoders = cores.clamp(1, MOST_DECODERS);
        let memory = MEMORY + MEMORY_OF_DECODER * decoders as u64;
        // The rest is what buffers and allocators take beside it, and another result's.
        let most = (process_memory - process_memory / 4).max(process_memory.min(LEAST_MEMORY));
        Self {
            memory: memory.min(most).max(1),
            decoders,
            downloads: (DOWNLOADS_OF_DECODER * decoders).clamp(LEAST_DOWNLOADS, MOST_USUAL),
            first_downloads: FIRST_DOWNLOADS,
        }
    }

    /// The same with configured bytes or downloads.
    pub(super) fn within(self, memory: Option<u64>, downloads: Option<usize>) -> Self {
        let said = downloads.map(|downloads| downloads.clamp(1, MOST_DOWNLOADS));
        Self {
            memory: memory.unwrap_or(self.memory).max(1),
            downloads: said.unwrap_or(self.downloads),
            first_downloads: said.unwrap_or(self.first_downloads),
            ..self
        }
    }
}

/// One application reads the rows of a result, and no more decoders than this keep the fastest
/// busy.
const MOST_DECODERS: usize = 12;

/// Bytes for what is on the wire and in the application's hands, and for each segment that is being
/// decoded.
const MEMORY: u64 = 40 << 20;
const MEMORY_OF_DECODER: u64 = 56 << 20;
/// Two usual segments: one that is being decoded, and those that are on the wire.
const LEAST_MEMORY: u64 = 96 << 20;

/// A connection of object storage brings 30 to 200 MB a second, and a decoder takes as much.
const DOWNLOADS_OF_DECODER: usize = 4;
/// Where the first byte takes a tenth of a second, fewer leave a link of 1 Gbit/s idle.
const LEAST_DOWNLOADS: usize = 16;
const MOST_USUAL: usize = 32;
const FIRST_DOWNLOADS: usize = 8;

const MOST_DOWNLOADS: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    const MB: u64 = 1 << 20;

    fn usual(cores: usize, process_memory: u64) -> (u64, usize, usize) {
        let capacity = Capacity::usual(cores, process_memory * MB);
        (capacity.memory / MB, capacity.decoders, capacity.downloads)
    }

    #[test]
    fn the_usual_capacity_follows_the_cores() {
        assert_eq!(usual(1, 10_000), (96, 1, 16));
        assert_eq!(usual(2, 10_000), (152, 2, 16));
        assert_eq!(usual(8, 10_000), (488, 8, 32));
        assert_eq!(usual(64, 10_000), (712, 12, 32));
        assert_eq!(usual(0, 10_000), (96, 1, 16));
    }

    #[test]
    fn one_result_takes_no_more_than_all_may() {
        assert_eq!(usual(8, 96), (96, 8, 32));
        assert_eq!(usual(64, 400), (300, 12, 32));
        assert_eq!(usual(2, 163), (122, 2, 16), "a computer of 4 GB");
        assert_eq!(usual(2, 64), (64, 2, 16));
    }

    #[test]
    fn what_somebody_says_counts_within_reason() {
        let usual = Capacity::usual(2, 1000 * MB);
        let said = usual.within(Some(0), Some(1000));
        assert_eq!((said.memory, said.decoders, said.downloads), (1, 2, 64));
        assert_eq!(usual.within(None, None), usual);
        assert_eq!(usual.within(None, Some(0)).downloads, 1);
        assert_eq!((usual.first_downloads, said.first_downloads), (8, 64));
    }
}
