//! The gamma distribution, and what it shares with the beta distribution.

use super::Tails;
use super::elementary::{exp, ln, ln_gamma};
use std::f64::consts::TAU;

/// Error of Stirling's formula, `ln Γ(x) − ((x − ½) ln x − x + ½ ln 2π)`.
pub(super) fn stirling_error(x: f64) -> f64 {
    if x < 16.0 {
        return ln_gamma(x) - ((x - 0.5) * ln(x) - x + 0.5 * ln(TAU));
    }
    let square = x * x;
    (1.0 / 12.0
        - (1.0 / 360.0 - (1.0 / 1260.0 - (1.0 / 1680.0 - 1.0 / 1188.0 / square) / square) / square)
            / square)
        / x
}

/// `k ln(k/m) + m − k`, without cancellation where `k` is near `m`.
///
/// C. Loader, "Fast and Accurate Computation of Binomial Probabilities" (2000).
pub(super) fn deviance(k: f64, m: f64) -> f64 {
    let v = (k - m) / (k + m);
    if v.abs() >= 0.1 {
        return k * ln(k / m) + m - k;
    }
    let mut sum = (k - m) * v;
    let mut power = 2.0 * k * v;
    for odd in (3..).step_by(2) {
        power *= v * v;
        let next = sum + power / f64::from(odd);
        if next == sum {
            break;
        }
        sum = next;
    }
    sum
}

/// Root of an increasing function by Newton's method, kept inside a shrinking bracket.
///
/// `function` gives value and slope. Stops when a step no longer changes the argument by more than
/// a few units in the last place.
pub(super) fn root(start: f64, bracket: [f64; 2], function: impl Fn(f64) -> (f64, f64)) -> f64 {
    let [mut low, mut high] = bracket;
    let mut t = start.clamp(low, high);
    for _ in 0..200 {
        let (value, slope) = function(t);
        if value == 0.0 {
            break;
        }
        if value < 0.0 {
            low = t;
        } else {
            high = t;
        }
        let newton = t - value / slope;
        let next = if newton > low && newton < high {
            newton
        } else {
            0.5 * (low + high)
        };
        let step = (next - t).abs();
        t = next;
        if step <= 2.0 * f64::EPSILON * t.abs() {
            break;
        }
    }
    t
}

/// `xᵏ e⁻ˣ / Γ(k)`: the density times `x`.
pub(crate) fn gamma_density_term(shape: f64, x: f64) -> f64 {
    (shape / TAU).sqrt() * exp(-deviance(shape, x) - stirling_error(shape))
}

/// Probabilities below and above `x ≥ 0` of a gamma variable with scale 1, each without loss of
/// digits: the regularised incomplete gamma functions P and Q.
pub fn gamma_cdf(shape: f64, x: f64) -> Tails {
    if x <= 0.0 {
        return Tails {
            lower: 0.0,
            upper: 1.0,
        };
    }
    if x == f64::INFINITY {
        return Tails {
            lower: 1.0,
            upper: 0.0,
        };
    }
    let term = gamma_density_term(shape, x);
    if x < shape + 1.0 {
        let mut add = 1.0 / shape;
        let mut sum = add;
        let mut k = shape;
        while add > f64::EPSILON * 0.1 * sum {
            k += 1.0;
            add *= x / k;
            sum += add;
        }
        let lower = (term * sum).min(1.0);
        return Tails {
            lower,
            upper: 1.0 - lower,
        };
    }
    let upper = (term * gamma_fraction(shape, x)).min(1.0);
    Tails {
        lower: 1.0 - upper,
        upper,
    }
}

/// Legendre's continued fraction of `Γ(k, x) eˣ x⁻ᵏ` by Lentz's method.
fn gamma_fraction(shape: f64, x: f64) -> f64 {
    let mut b = x + 1.0 - shape;
    let mut c = f64::MAX;
    let mut d = 1.0 / b;
    let mut h = d;
    for i in 1..100_000 {
        let i = f64::from(i);
        let a = -i * (i - shape);
        b += 2.0;
        d = 1.0 / (a * d + b);
        c = b + a / c;
        h *= d * c;
        if (d * c - 1.0).abs() < f64::EPSILON {
            break;
        }
    }
    h
}

/// Quantile of a gamma variable with scale 1.
pub fn gamma_quantile(shape: f64, at: Tails) -> f64 {
    solve_gamma(shape, at, None)
}

/// The quantile, from a guess near it where there is one.
///
/// Solved over `ln x`, where the logarithm of either tail is close to a line or an exponential; by
/// way of the smaller tail, whose logarithm is known to more digits.
pub(crate) fn solve_gamma(shape: f64, at: Tails, guess: Option<f64>) -> f64 {
    if at.lower <= 0.0 {
        return 0.0;
    }
    if at.upper <= 0.0 {
        return f64::INFINITY;
    }
    let by_lower = at.lower <= at.upper;
    let target = ln(if by_lower { at.lower } else { at.upper });
    let start = match guess {
        Some(x) => ln(x.max(f64::MIN_POSITIVE)),
        None if by_lower => (target + ln_gamma(shape + 1.0)) / shape,
        None => ln(shape + 1.0),
    };
    exp(root(start, [-745.0, ln(shape + 1.0) + 12.0], |t| {
        let x = exp(t);
        let found = gamma_cdf(shape, x);
        let density = gamma_density_term(shape, x);
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

    /// Lower and upper tails computed with mpmath (those of 1e4 and 1e6 with SciPy).
    #[test]
    fn tails_are_good_to_1e_12() {
        for (k, x, lower, upper) in [
            (
                0.01,
                1e-20,
                0.634_557_920_548_996_7,
                0.365_442_079_451_003_27,
            ),
            (0.5, 0.3, 0.561_421_973_919_000_2, 0.438_578_026_080_999_9),
            (1.0, 20.0, 0.999_999_997_938_846_4, 2.061_153_622_438_558e-9),
            (2.5, 1e-8, 3.009_011_090_761_764e-21, 1.0),
            (2.5, 50.0, 1.0, 5.285_148_360_943_24e-20),
            (
                100.0,
                80.0,
                0.017_108_313_035_133_115,
                0.982_891_686_964_866_8,
            ),
            (3.0, 3.99, 0.760_427_777_162_634_8, 0.239_572_222_837_365_18),
            (
                1e4,
                10_300.0,
                0.998_529_505_103_614_3,
                0.001_470_494_896_385_681_3,
            ),
            (
                1e6,
                1e6,
                1.0 - 0.499_867_019_239_127_4,
                0.499_867_019_239_127_4,
            ),
        ] {
            let found = gamma_cdf(k, x);
            assert!(
                (found.lower / lower - 1.0).abs() < 2e-12,
                "{k} {x}: {found:?}"
            );
            assert!(
                (found.upper / upper - 1.0).abs() < 2e-12,
                "{k} {x}: {found:?}"
            );
        }
    }

    #[test]
    fn quantile_inverts_the_distribution_function() {
        for shape in [0.05, 0.5, 1.0, 2.5, 30.0, 1e5] {
            for z in [-7.0, -3.0, -1.0, 0.0, 0.5, 2.0, 6.0, 8.0] {
                let at = Tails::of_normal(z);
                let x = gamma_quantile(shape, at);
                if x < 1e-300 {
                    continue;
                }
                let found = gamma_cdf(shape, x);
                let error = if z < 0.0 {
                    found.lower / at.lower
                } else {
                    found.upper / at.upper
                } - 1.0;
                assert!(error.abs() < 1e-10, "{shape} {z}: {x} {found:?} {at:?}");
            }
        }
    }

    /// With shape 1 the gamma is the exponential.
    #[test]
    fn exponential_is_a_special_case() {
        let x = gamma_quantile(1.0, Tails::of_uniform(0.3));
        assert!((x + super::super::ln_1p(-0.3)).abs() < 1e-15);
    }
}
