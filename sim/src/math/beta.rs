//! The beta distribution.

use super::Tails;
use super::elementary::{exp, ln, ln_gamma};
use super::gamma::{deviance, root, stirling_error};
use std::f64::consts::TAU;

/// `xᵃ(1 − x)ᵇ / B(a, b)`, with `y = 1 − x`.
fn beta_term(a: f64, b: f64, x: f64, y: f64) -> f64 {
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
    (beta_term(a, b, x, y) * h / a).min(1.0)
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
    if at.lower <= at.upper {
        lower_quantile(a, b, at.lower)
    } else {
        1.0 - lower_quantile(b, a, at.upper)
    }
}

/// `x` with `I_x(a, b) = p`, solved over `ln x`, where `ln I` is nearly linear in the tail.
fn lower_quantile(a: f64, b: f64, p: f64) -> f64 {
    if p <= 0.0 {
        return 0.0;
    }
    let target = ln(p);
    let ln_beta = ln_gamma(a) + ln_gamma(b) - ln_gamma(a + b);
    let start = (target + ln(a) + ln_beta) / a;
    exp(root(start, [-745.0, 0.0], |t| {
        let x = exp(t);
        let y = -super::exp_m1(t);
        let p = tails(a, b, x, y).lower;
        (ln(p) - target, beta_term(a, b, x, y) / (y * p))
    }))
}
