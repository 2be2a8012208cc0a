//! Exponential, logarithm and powers.

use std::f64::consts::LOG2_E;

/// The upper bits of ln 2, with 21 trailing zeros, so that its product with an exponent is exact.
const LN_2_HIGH: f64 = f64::from_bits(0x3FE6_2E42_FEE0_0000);
/// ln 2 − [`LN_2_HIGH`].
const LN_2_LOW: f64 = f64::from_bits(0x3DEA_39EF_3579_3C76);
/// 1.5 · 2⁵²: adding it rounds to an integer, which then sits in the low bits of the sum.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// `Σ coefficients[i] · xⁱ`, their number a multiple of 4.
///
/// Fours by Estrin's rule, joined by Horner's: a processor finds several operations to do at once.
/// Multiplications and additions are fused, with the same bits everywhere; loops over many values
/// belong in a [kernel](crate::kernel), where a fusion is one instruction.
#[inline(always)]
pub(super) fn polynomial<const N: usize>(coefficients: &[f64; N], x: f64) -> f64 {
    let square = x * x;
    let fourth = square * square;
    let mut sum = 0.0;
    for i in (0..N / 4).rev() {
        let c = &coefficients[4 * i..4 * i + 4];
        let four = c[3].mul_add(x, c[2]).mul_add(square, c[1].mul_add(x, c[0]));
        sum = if i == N / 4 - 1 {
            four
        } else {
            sum.mul_add(fourth, four)
        };
    }
    sum
}

/// 2ᵏ for a whole `k` of −1022 … 1023 that was rounded by adding [`ROUNDER`].
#[inline(always)]
fn power_of_two(k_plus_rounder: f64) -> f64 {
    f64::from_bits(k_plus_rounder.to_bits().wrapping_add(1023) << 52)
}

/// `x = k·ln 2 + r` with whole `k`, `|r| ≤ ½ ln 2`: gives `(k, eʳ − 1)`.
///
/// Taylor's series to the 13th power; its remainder is below 2e-17 of the result.
#[inline(always)]
fn reduce(x: f64) -> (f64, f64) {
    const SERIES: [f64; 12] = [
        1.0 / 2.0,
        1.0 / 6.0,
        1.0 / 24.0,
        1.0 / 120.0,
        1.0 / 720.0,
        1.0 / 5_040.0,
        1.0 / 40_320.0,
        1.0 / 362_880.0,
        1.0 / 3_628_800.0,
        1.0 / 39_916_800.0,
        1.0 / 479_001_600.0,
        1.0 / 6_227_020_800.0,
    ];
    let k = (x * LOG2_E + ROUNDER) - ROUNDER;
    let r = (x - k * LN_2_HIGH) - k * LN_2_LOW;
    (k, (r * r).mul_add(polynomial(&SERIES, r), r))
}

/// `y · 2ᵏ` for whole `|k| ≤ 2000`, rounded once, through overflow and underflow.
#[inline(always)]
fn scale(y: f64, k: f64) -> f64 {
    let half = k * 0.5 + ROUNDER;
    let rest = (k - (half - ROUNDER)) + ROUNDER;
    y * power_of_two(half) * power_of_two(rest)
}

/// `eˣ`.
#[inline(always)]
pub fn exp(x: f64) -> f64 {
    let bounded = if x > 710.0 { 710.0 } else { x };
    let bounded = if bounded < -746.0 { -746.0 } else { bounded };
    let (k, y) = reduce(bounded);
    scale(1.0 + y, k)
}

/// `eˣ − 1`, without loss of digits near 0.
#[inline(always)]
pub fn exp_m1(x: f64) -> f64 {
    let bounded = if x > 710.0 { 710.0 } else { x };
    let bounded = if bounded < -40.0 { -40.0 } else { bounded };
    let (k, y) = reduce(bounded);
    let power = power_of_two(k + ROUNDER);
    let near = y * power + (power - 1.0);
    if x > 100.0 { scale(1.0 + y, k) } else { near }
}

/// Natural logarithm; −∞ at 0, NaN below.
///
/// `x = 2ᵏ·(1 + f)` with `√½ ≤ 1 + f < √2`, then `ln(1 + f) = 2 artanh(f/(2 + f))` by its series.
#[inline(always)]
pub fn ln(x: f64) -> f64 {
    const SERIES: [f64; 12] = [
        2.0 / 3.0,
        2.0 / 5.0,
        2.0 / 7.0,
        2.0 / 9.0,
        2.0 / 11.0,
        2.0 / 13.0,
        2.0 / 15.0,
        2.0 / 17.0,
        2.0 / 19.0,
        2.0 / 21.0,
        2.0 / 23.0,
        2.0 / 25.0,
    ];
    /// Bits of 1 less those of √½: moves the border between exponents from 1 to √½.
    const SHIFT: u64 = 0x3FF0_0000_0000_0000 - 0x3FE6_A09E_667F_3BCD;
    const TWO_52: u64 = 0x4330_0000_0000_0000;
    let subnormal = x < f64::MIN_POSITIVE;
    let bits = (if subnormal {
        x * 18_014_398_509_481_984.0
    } else {
        x
    })
    .to_bits();
    let exponent = bits.wrapping_add(SHIFT) >> 52;
    let mantissa = f64::from_bits(bits.wrapping_sub(exponent.wrapping_sub(1023) << 52));
    let bias = if subnormal {
        4_503_599_627_370_496.0 + 1077.0
    } else {
        4_503_599_627_370_496.0 + 1023.0
    };
    let k = f64::from_bits(exponent | TWO_52) - bias;
    let f = mantissa - 1.0;
    let s = f / (2.0 + f);
    let z = s * s;
    let half_square = 0.5 * f * f;
    let rest = z * polynomial(&SERIES, z);
    let y = k * LN_2_HIGH - ((half_square - (s * (half_square + rest) + k * LN_2_LOW)) - f);
    let y = if x < f64::INFINITY { y } else { x };
    let y = if x == 0.0 { f64::NEG_INFINITY } else { y };
    if x >= 0.0 { y } else { f64::NAN }
}

/// `ln(1 + x)`, without loss of digits near 0; −∞ at −1, NaN below.
#[inline(always)]
pub fn ln_1p(x: f64) -> f64 {
    let sum = 1.0 + x;
    // What rounding took from the sum, after D. Goldberg's and W. Kahan's correction.
    let lost = if x < 1.0 {
        x - (sum - 1.0)
    } else {
        1.0 - (sum - x)
    };
    let corrected = ln(sum) + lost / sum;
    if sum > 0.0 && sum < f64::INFINITY {
        corrected
    } else {
        ln(sum)
    }
}

/// `xʸ`. For a loop over lanes use `exp(y * ln(x))`, whose relative error grows with `|y ln x|`.
#[inline]
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}

/// Logarithm of the gamma function's absolute value.
#[inline]
pub fn ln_gamma(x: f64) -> f64 {
    libm::lgamma(x)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Error in units in the last place of the truth.
    fn ulps(found: f64, truth: f64) -> f64 {
        (found - truth).abs() / (truth.abs() * f64::EPSILON).max(f64::MIN_POSITIVE)
    }

    /// The largest error over `cases` steps from `low` to `high`, against `libm`, which is itself
    /// within 1 unit.
    fn worst(of: fn(f64) -> f64, truth: fn(f64) -> f64, low: f64, high: f64) -> f64 {
        let cases = 200_000;
        (0..=cases)
            .map(|i| low + (high - low) * f64::from(i) / f64::from(cases))
            .map(|x| ulps(of(x), truth(x)))
            .fold(0.0, f64::max)
    }

    #[test]
    fn agrees_with_libm_within_two_units() {
        for (low, high) in [(-700.0, 700.0), (-1.0, 1.0), (-1e-6, 1e-6)] {
            assert!(worst(exp, libm::exp, low, high) <= 1.5);
            assert!(worst(exp_m1, libm::expm1, low, high) <= 2.0);
        }
        for (low, high) in [
            (1e-300, 1e300),
            (1e-6, 0.5),
            (0.5, 2.0),
            (0.999_999, 1.000_001),
        ] {
            assert!(worst(ln, libm::log, low, high) <= 1.5);
        }
        for (low, high) in [(-0.999_999, 1.0), (-1e-6, 1e-6), (1.0, 1e6)] {
            assert!(worst(ln_1p, libm::log1p, low, high) <= 2.0);
        }
    }

    /// Constants to 17 digits from the DLMF's definitions, computed with mpmath at 60 digits.
    #[test]
    fn hits_published_constants() {
        assert!(ulps(exp(1.0), std::f64::consts::E) <= 1.0);
        assert!(ulps(ln(2.0), std::f64::consts::LN_2) <= 1.0);
        assert!(ulps(ln(10.0), std::f64::consts::LN_10) <= 1.0);
        assert!(ulps(exp_m1(1e-10), 1.000_000_000_05e-10) <= 1.0);
        assert!(ulps(ln_1p(1e-10), 9.999_999_999_5e-11) <= 1.0);
        assert!(ulps(ln_gamma(0.5), 0.572_364_942_924_700_1) <= 1.0);
    }

    #[test]
    fn reaches_the_ends_of_the_number_line() {
        assert_eq!(exp(-750.0), 0.0);
        assert_eq!(exp(-745.0), 5e-324);
        assert_eq!(exp(709.8), f64::INFINITY);
        assert!(ulps(exp(709.78), libm::exp(709.78)) <= 1.0);
        assert_eq!(exp(f64::NEG_INFINITY), 0.0);
        assert_eq!(exp_m1(f64::NEG_INFINITY), -1.0);
        assert_eq!(exp_m1(f64::INFINITY), f64::INFINITY);
        assert_eq!(ln(0.0), f64::NEG_INFINITY);
        assert_eq!(ln(f64::INFINITY), f64::INFINITY);
        assert!(ulps(ln(5e-324), libm::log(5e-324)) <= 1.0);
        assert!(ulps(ln(1e-310), libm::log(1e-310)) <= 1.0);
        assert_eq!(ln_1p(-1.0), f64::NEG_INFINITY);
        assert_eq!(ln_1p(f64::INFINITY), f64::INFINITY);
        for undefined in [
            ln(-1.0),
            ln(f64::NAN),
            exp(f64::NAN),
            exp_m1(f64::NAN),
            ln_1p(-2.0),
        ] {
            assert!(undefined.is_nan());
        }
    }

    /// The same bits on every machine: a change here changes every published run.
    #[test]
    fn values_are_stable() {
        let bits = [
            exp(-1.234),
            exp_m1(0.0123),
            ln(0.0321),
            ln_1p(0.07),
            pow(1.07, -1.0 / 12.0),
        ]
        .map(f64::to_bits);
        assert_eq!(
            bits,
            [
                4_598_916_075_061_400_673,
                4_578_287_874_745_247_895,
                13_838_298_168_342_627_354,
                4_589_539_740_088_045_948,
                4_607_131_777_121_311_837,
            ]
        );
    }
}
