//! Powers of ten.

/// Ten to the power of `digits`, at most 38.
#[inline]
pub fn power(digits: u8) -> i128 {
    POWERS
        .get(usize::from(digits))
        .copied()
        .unwrap_or(POWERS[38])
}

/// Those that 64 bits hold.
pub const TENS: [u64; 20] = {
    let mut tens = [1; 20];
    let mut index = 1;
    while index < tens.len() {
        tens[index] = tens[index - 1] * 10;
        index += 1;
    }
    tens
};

static POWERS: [i128; 39] = {
    let mut powers = [1; 39];
    let mut index = 1;
    while index < powers.len() {
        powers[index] = powers[index - 1] * 10;
        index += 1;
    }
    powers
};
