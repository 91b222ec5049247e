//! Memory that the decoding of one segment leaves to the next: idle decoders, and chunks that the
//! reader is done with.

use crate::decode::RowDecoder;

use super::chunk_pool::ChunkPool;
use crate::spool::segment::SMALL;

/// Memory that one result keeps for itself. None of it counts as held by the result.
pub(super) struct Pools {
    decoders: Vec<IdleDecoder>,
    pub(super) chunks: ChunkPool,
}

struct IdleDecoder {
    decoder: RowDecoder,
    /// Bytes of the used chunk that it has.
    kept: u64,
}

impl Pools {
    /// Keeps no more than about `most` bytes of chunks.
    pub(super) fn new(most: u64) -> Self {
        Self {
            decoders: Vec::new(),
            chunks: ChunkPool::new(most),
        }
    }

    /// An idle decoder for so much text. One with the memory of a large chunk is dropped for a
    /// small segment: the chunk would hold many times what its rows take, and the window would
    /// expect that of those that follow.
    pub(super) fn take_decoder(&mut self, text: u64) -> Option<RowDecoder> {
        let idle = self.decoders.pop()?;
        let suits = idle.kept <= text.saturating_mul(2).max(SMALL as u64);
        suits.then_some(idle.decoder)
    }

    /// Keeps a decoder, which has a used chunk of so many bytes.
    pub(super) fn give_decoder(&mut self, decoder: RowDecoder, kept: u64) {
        self.decoders.push(IdleDecoder { decoder, kept });
    }

    /// Keeps no more than about `most` bytes of chunks from now on, and drops the idle decoders if
    /// memory `is_short`.
    pub(super) fn shrink(&mut self, most: u64, is_short: bool) {
        self.chunks.keep(most);
        if is_short {
            self.decoders.clear();
        }
    }
}
