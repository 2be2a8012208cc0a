//! The beta distribution.

use super::Tails;
use super::elementary::{exp, exp_m1, ln, ln_gamma};
use super::gamma::{deviance, root, stirling_error};
use std::f64::consts::TAU;

/// `xᵃ(1 − x)ᵇ / B(a, b)`, the density times `x y`, with `y = 1 − x`.
pub(crate) fn beta_density_term(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    let stirling = stirling_error(n) - stirling_error(a) - stirling_error(b);
    (a * b / (TAU * n)).sqrt() * exp(stirling - deviance(a, n * x) - deviance(b, n * y))
}

/// `I_x(a, b)` where its continued fraction (DLMF 8.17.22) converges fast, `x < (a + 1)/(a + b + 2)`.
fn beta_fraction(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let mut c = 1.0;
    let mut d = 1.0 / (1.0 - (a + b) * x / (a + 1.0));
    let mut h = d;
    for m in 1..100_000 {
        let m = f64::from(m);
        let even = m * (b - m) * x / ((a + 2.0 * m - 1.0) * (a + 2.0 * m));
        d = 1.0 / (1.0 + even * d);
        c = 1.0 + even / c;
        h *= d * c;
        let odd = -(a + m) * (a + b + m) * x / ((a + 2.0 * m) * (a + 2.0 * m + 1.0));
        d = 1.0 / (1.0 + odd * d);
        c = 1.0 + odd / c;
        h *= d * c;
        if (d * c - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    (beta_density_term(a, b, x, y) * h / a).min(1.0)
}

/// Both tails at `x = 1 − y`.
fn tails(a: f64, b: f64, x: f64, y: f64) -> Tails {
    if x <= 0.0 {
        Tails {
            lower: 0.0,
            upper: 1.0,
        }
    } else if y <= 0.0 {
        Tails {
            lower: 1.0,
            upper: 0.0,
        }
    } else if x < (a + 1.0) / (a + b + 2.0) {
        let lower = beta_fraction(a, b, x, y);
        Tails {
            lower,
            upper: 1.0 - lower,
        }
    } else {
        let upper = beta_fraction(b, a, y, x);
        Tails {
            lower: 1.0 - upper,
            upper,
        }
    }
}

/// Probabilities below and above `x` of a beta variable, each without loss of digits: the
/// regularised incomplete beta functions `I_x(a, b)` and `I_{1−x}(b, a)`.
pub fn beta_cdf(a: f64, b: f64, x: f64) -> Tails {
    tails(a, b, x, 1.0 - x)
}

/// Quantile of a beta variable.
pub fn beta_quantile(a: f64, b: f64, at: Tails) -> f64 {
    solve_beta(a, b, at, None)[0]
}

/// The `x` with the given tails and `1 − x`, both to full precision; `guess` is a pair near them.
///
/// What is solved for is the distance to the nearer end, because the other loses digits.
pub(crate) fn solve_beta(a: f64, b: f64, at: Tails, guess: Option<[f64; 2]>) -> [f64; 2] {
    if at.lower <= 0.0 || at.upper <= 0.0 {
        return if at.lower <= 0.0 {
            [0.0, 1.0]
        } else {
            [1.0, 0.0]
        };
    }
    let below_half = guess.map_or_else(
        || {
            let half = beta_cdf(a, b, 0.5);
            if at.lower <= at.upper {
                at.lower <= half.lower
            } else {
                at.upper >= half.upper
            }
        },
        |[x, y]| x <= y,
    );
    if below_half {
        let x = solve_below_half(a, b, at, guess.map(|[x, _]| x));
        [x, 1.0 - x]
    } else {
        let mirrored = Tails {
            lower: at.upper,
            upper: at.lower,
        };
        let y = solve_below_half(b, a, mirrored, guess.map(|[_, y]| y));
        [1.0 - y, y]
    }
}

/// A quantile below ½, solved over `ln x`, where the logarithm of the lower tail is nearly linear;
/// by way of the smaller tail, whose logarithm is known to more digits.
fn solve_below_half(a: f64, b: f64, at: Tails, guess: Option<f64>) -> f64 {
    let by_lower = at.lower <= at.upper;
    let target = ln(if by_lower { at.lower } else { at.upper });
    let start = guess.map_or_else(
        || (ln(at.lower) + ln(a) + ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b)) / a,
        |x| ln(x.max(f64::MIN_POSITIVE)),
    );
    exp(root(start, [-745.0, 0.0], |t| {
        let x = exp(t);
        let y = -exp_m1(t);
        let found = tails(a, b, x, y);
        let density = beta_density_term(a, b, x, y) / y;
        if by_lower {
            (ln(found.lower) - target, density / found.lower)
        } else {
            (target - ln(found.upper), density / found.upper)
        }
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Lower and upper tails computed with mpmath (the last with SciPy).
    #[test]
    fn tails_are_good_to_1e_12() {
        for (a, b, x, lower, upper) in [
            (
                2.6,
                3.4,
                0.25,
                0.183_930_911_710_256_47,
                0.816_069_088_289_743_6,
            ),
            (1.0, 5.0, 1e-9, 4.999_999_99e-9, 0.999_999_995),
            (
                0.5,
                0.5,
                0.3,
                0.369_010_119_565_545_36,
                0.630_989_880_434_454_6,
            ),
            (
                5.0,
                1.0,
                0.999,
                0.995_009_990_004_999,
                0.004_990_009_995_001_004_4,
            ),
            (
                80.0,
                900.0,
                0.1,
                0.977_514_614_040_165_8,
                0.022_485_385_959_834_153,
            ),
            (
                2.6,
                3.4,
                1e-6,
                2.720_151_521_724_112_7e-15,
                0.999_999_999_999_997_2,
            ),
            (
                0.3,
                200.0,
                0.02,
                0.998_053_668_347_076_3,
                0.001_946_331_652_923_694,
            ),
            (
                30_000.0,
                20_000.0,
                0.601,
                0.675_787_710_095_509,
                0.324_212_289_904_491_1,
            ),
        ] {
            let found = beta_cdf(a, b, x);
            assert!(
                (found.lower / lower - 1.0).abs() < 1e-12,
                "{a} {b} {x}: {found:?}"
            );
            assert!(
                (found.upper / upper - 1.0).abs() < 1e-12,
                "{a} {b} {x}: {found:?}"
            );
        }
    }

    /// Computed with mpmath; PERT shapes and a Jeffreys prior.
    #[test]
    fn quantiles_are_good_to_1e_12() {
        for (a, b, u, x) in [
            (2.6, 3.4, 1e-12, 9.698_341_697_557_247e-6),
            (2.6, 3.4, 0.5, 0.425_470_802_002_299_7),
            (1.0, 5.0, 1e-12, 2.000_000_000_000_8e-13),
            (7.0 / 3.0, 11.0 / 3.0, 0.975, 0.767_199_727_579_224),
            (2.0, 2.0, 0.01, 0.058_903_135_778_195_254),
        ] {
            let found = beta_quantile(a, b, Tails::of_uniform(u));
            assert!(
                (found / x - 1.0).abs() < 1e-12,
                "{a} {b} {u}: {found} not {x}"
            );
        }
    }

    #[test]
    fn quantile_inverts_the_distribution_function() {
        for a in [0.01, 0.3, 1.0, 2.5, 40.0, 3_000.0] {
            for b in [0.01, 0.7, 1.0, 3.5, 60.0, 10_000.0] {
                for z in [-7.0, -3.0, -1.0, 0.0, 0.5, 2.0, 6.0] {
                    let at = Tails::of_normal(z);
                    let x = beta_quantile(a, b, at);
                    // Next to 1 the spacing of numbers, not the method, bounds what can be hit.
                    if !(1e-300..=0.999).contains(&x) {
                        continue;
                    }
                    let found = beta_cdf(a, b, x);
                    let error = (found.lower / at.lower - 1.0)
                        .abs()
                        .min((found.upper / at.upper - 1.0).abs());
                    assert!(error < 1e-10, "{a} {b} {z}: {x} {found:?} {at:?}");
                }
            }
        }
    }
}
