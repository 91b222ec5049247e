//! The double nearest to a number of decimal digits, without reading the digits a second time.
//!
//! The method is Lemire's ("Number Parsing at a Gigabyte per Second", 2021): the digits as one 64-bit integer, times a
//! 128-bit approximation of the power of ten, give 64 bits or more of the binary number. The method notices when these
//! bits do not decide which of two doubles is nearer; the standard library reads such a number then.

/// `digits` of which the last `decimals` follow the point, correctly rounded. `None` where this module cannot decide.
#[inline]
pub(super) fn fraction(digits: u64, decimals: usize) -> Option<f64> {
    match DOUBLE_TENS.get(decimals) {
        // Both operands are exact, so that the one operation rounds once.
        #[expect(clippy::cast_precision_loss, reason = "at most 2^53")]
        Some(power) if digits <= MOST_EXACT => Some(digits as f64 / power),
        _ => approximate(digits, -i32::try_from(decimals).ok()?),
    }
}

/// `digits` times ten to the power of `exponent`, as [`fraction`].
pub(super) fn double(digits: u64, exponent: i32) -> Option<f64> {
    match DOUBLE_TENS.get(exponent.unsigned_abs() as usize) {
        #[expect(clippy::cast_precision_loss, reason = "at most 2^53")]
        Some(power) if exponent > 0 && digits <= MOST_EXACT => Some(digits as f64 * power),
        Some(_) if exponent <= 0 => fraction(digits, exponent.unsigned_abs() as usize),
        _ => approximate(digits, exponent),
    }
}

/// As [`double`], for numbers that one operation on doubles would round twice.
#[inline(never)]
fn approximate(digits: u64, exponent: i32) -> Option<f64> {
    if digits == 0 {
        return Some(0.0);
    }
    let (five_high, five_low) = *FIVES.get(usize::try_from(exponent - LEAST).ok()?)?;
    let zeros = digits.leading_zeros();
    let digits = digits << zeros;
    let (mut high, mut low) = product(digits, five_high);
    if high & BELOW == BELOW {
        // A carry out of the lower half could reach the bits that count.
        let (carry, _) = product(digits, five_low);
        let (sum, overflow) = low.overflowing_add(carry);
        low = sum;
        high += u64::from(overflow);
    }
    if low == u64::MAX && !EXACT_ENOUGH.contains(&exponent) {
        return None;
    }
    // The first bit is one of the two highest. One bit more than a double has is kept, to round by.
    let top = (high >> 63) as u32;
    let shift = top + u64::BITS - f64::MANTISSA_DIGITS - 2;
    let mut mantissa = high >> shift;
    let is_tie = low <= 1 && TIES.contains(&exponent) && mantissa << shift == high;
    if is_tie && mantissa & 3 == 1 {
        // Half way, and the double below is the even one.
        mantissa -= 1;
    }
    mantissa = (mantissa + (mantissa & 1)) >> 1;
    // The power of two of a product's highest bit: 217706 / 2^16 is the binary logarithm of ten.
    let binary = ((exponent * 217_706) >> 16) + 63 + (top.cast_signed() - zeros.cast_signed());
    // Rounding up to the next power of two adds one to the exponent, as the bits are added.
    let biased = u64::try_from(binary + f64::MAX_EXP - 1).ok()?;
    let hidden = 1 << (f64::MANTISSA_DIGITS - 1);
    Some(f64::from_bits(
        (biased << (f64::MANTISSA_DIGITS - 1)) + (mantissa - hidden),
    ))
}

/// The upper and the lower half of a product.
#[inline]
fn product(a: u64, b: u64) -> (u64, u64) {
    halves(u128::from(a) * u128::from(b))
}

#[expect(clippy::cast_possible_truncation, reason = "they are halves")]
const fn halves(whole: u128) -> (u64, u64) {
    ((whole >> 64) as u64, whole as u64)
}

/// Bits of the upper half that lie below a double's and the two of rounding.
const BELOW: u64 = u64::MAX >> (f64::MANTISSA_DIGITS + 2);

/// Exponents whose power of five, or its reciprocal, is known so well that every product decides.
const EXACT_ENOUGH: std::ops::RangeInclusive<i32> = -27..=55;

/// Exponents of which a number of 64 bits may lie exactly between two doubles.
const TIES: std::ops::RangeInclusive<i32> = -4..=23;

/// Every integer up to this one is a double.
const MOST_EXACT: u64 = 1 << f64::MANTISSA_DIGITS;

/// The least exponent in [`FIVES`].
const LEAST: i32 = -54;

/// Powers of ten that a double holds exactly.
const DOUBLE_TENS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16,
    1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
];

/// The first 128 bits of the powers of five from 5^-54 to 5^55, upper half first. Products of doubles' digits with
/// other powers are rare in data.
static FIVES: [(u64, u64); 110] = {
    let mut fives = [(0, 0); 110];
    let mut exponent = LEAST;
    while exponent <= 55 {
        let power = 5_u128.pow(exponent.unsigned_abs());
        let bits = if exponent >= 0 {
            power << power.leading_zeros()
        } else {
            reciprocal(power) + if exponent >= -27 { 1 } else { 0 }
        };
        #[expect(clippy::indexing_slicing, reason = "checked while compiling")]
        {
            fives[exponent.abs_diff(LEAST) as usize] = halves(bits);
        }
        exponent += 1;
    }
    fives
};

/// The first 128 bits of `1 / divisor`, cut off.
const fn reciprocal(divisor: u128) -> u128 {
    let mut rest: u128 = 1 << (u128::BITS - 1 - divisor.leading_zeros());
    let (mut quotient, mut bit) = (0, 0);
    while bit < u128::BITS {
        rest <<= 1;
        quotient <<= 1;
        if rest >= divisor {
            rest -= divisor;
            quotient |= 1;
        }
        bit += 1;
    }
    quotient
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::{approximate, double};

    fn expected(digits: u64, exponent: i32) -> f64 {
        format!("{digits}e{exponent}").parse().unwrap()
    }

    #[test]
    fn numbers_half_way_between_two_doubles_round_to_the_even_one() {
        for digits in [
            (1 << 53) + 1,
            (1 << 53) + 3,
            (1 << 54) + 2,
            (1 << 54) + 6,
            u64::MAX,
            u64::MAX - 1023,
            u64::MAX - 1024,
            1 << 63,
        ] {
            for exponent in -10..=25 {
                let value = double(digits, exponent).unwrap();
                assert_eq!(
                    value.to_bits(),
                    expected(digits, exponent).to_bits(),
                    "{digits}e{exponent}"
                );
            }
        }
        // 5^23 and its like times what makes a tie of a power of ten.
        for (digits, exponent) in [(9_007_199_254_740_993, 0), (9_007_199_254_740_993, 23)] {
            assert_eq!(
                approximate(digits, exponent),
                Some(expected(digits, exponent))
            );
        }
        assert_eq!(double(0, -54), Some(0.0));
        assert_eq!(double(u64::MAX, 56), None);
        assert_eq!(double(u64::MAX, -55), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn a_double_is_the_one_that_the_standard_library_reads(
            digits in any::<u64>(), shift in 0..64, exponent in -54..=55
        ) {
            let digits = digits >> shift;
            if let Some(value) = approximate(digits, exponent) {
                prop_assert_eq!(value.to_bits(), expected(digits, exponent).to_bits());
            }
        }

        #[test]
        fn a_double_comes_back_from_its_shortest_digits(
            mantissa in 0..1_u64 << 52, exponent in 923_u64..1189
        ) {
            let value = f64::from_bits(exponent << 52 | mantissa);
            let text = format!("{value:e}");
            let (digits, exponent) = text.split_once('e').unwrap();
            let decimals = digits.len().saturating_sub(2);
            let digits: u64 = digits.replace('.', "").parse().unwrap();
            let exponent = exponent.parse::<i32>().unwrap() - i32::try_from(decimals).unwrap();
            prop_assert_eq!(double(digits, exponent).map(f64::to_bits), Some(value.to_bits()));
        }
    }
}
