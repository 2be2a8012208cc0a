//! Special functions over plain and dual numbers.
//!
//! Every likelihood here is written once, over [`Number`]. Evaluated with `f64` it is the value;
//! with dual numbers the same text gives exact first and second derivatives, so that a gradient
//! cannot drift from its formula.

use num_dual::DualNum;
use statrs::function::gamma;

/// A real number that may carry derivatives up to the second order.
pub trait Number: DualNum<Primitive = f64, InnerDual = f64> + Copy {}

impl<D: DualNum<Primitive = f64, InnerDual = f64> + Copy> Number for D {}

/// `ln Γ(x)` for `x > 0`.
///
/// Written as the Taylor polynomial `f + f'·δ + f''·δ²/2` around the real part: `δ` is nilpotent,
/// so the polynomial is exact for derivatives up to the second order.
pub(crate) fn ln_gamma<D: Number>(x: D) -> D {
    let at = x.re();
    if D::NDERIV == 0 {
        return D::from(gamma::ln_gamma(at));
    }
    let delta = x - at;
    let slope = delta * (delta * (0.5 * trigamma(at)) + gamma::digamma(at));
    slope + gamma::ln_gamma(at)
}

/// `ln Γ(z) − ln Γ(z + a)` for `z, a > 0`.
///
/// From 20 upwards by the difference of the two Stirling series, which does not cancel however
/// large `z` is.
pub(crate) fn ln_gamma_ratio<D: Number>(z: D, a: D) -> D {
    if z.re() < 20.0 {
        return ln_gamma(z) - ln_gamma(z + a);
    }
    let leading = a - a * z.ln() - (z + a - 0.5) * (a / z).ln_1p();
    leading + stirling_remainder(z) - stirling_remainder(z + a)
}

/// `ln Γ(z) − ln Γ(z + k)` for a count `k ≥ 0`.
pub(crate) fn ln_rising<D: Number>(z: D, k: f64) -> D {
    if k == 0.0 {
        return D::from(0.0);
    }
    ln_gamma_ratio(z, D::from(k))
}

/// `ln Γ(z) − [(z − ½) ln z − z + ½ ln 2π]`, below 1e-16 off for `z ≥ 20`.
fn stirling_remainder<D: Number>(z: D) -> D {
    let inverse = z.recip();
    let square = inverse * inverse;
    let series = square * (square * (square * (-1.0 / 1680.0) + 1.0 / 1260.0) - 1.0 / 360.0);
    inverse * (series + 1.0 / 12.0)
}

/// `ln B(a, b) = ln Γ(a) + ln Γ(b) − ln Γ(a + b)`, without cancellation when one is large.
pub(crate) fn ln_beta<D: Number>(a: D, b: D) -> D {
    let (small, large) = if a.re() <= b.re() { (a, b) } else { (b, a) };
    ln_gamma(small) + ln_gamma_ratio(large, small)
}

/// `ln(eᵃ + eᵇ)` without overflow.
pub(crate) fn ln_add_exp<D: Number>(a: D, b: D) -> D {
    let (high, low) = if a.re() >= b.re() { (a, b) } else { (b, a) };
    high + (low - high).exp().ln_1p()
}

/// `ln(eᵃ − eᵇ)` for `a > b` without overflow or cancellation.
pub(crate) fn ln_sub_exp<D: Number>(a: D, b: D) -> D {
    a + (-(b - a).exp_m1()).ln()
}

/// `(1 − e^(−εy)) / ε`, continued by its limit `y` at `ε = 0`.
pub(crate) fn scaled_exp_m1<D: Number>(epsilon: D, y: D) -> D {
    let z = epsilon * y;
    if z.re().abs() > 1e-3 {
        return -(-z).exp_m1() / epsilon;
    }
    // Four terms of the series leave less than 1e-14 here, and no division by a vanishing ε.
    y * (-z * (-z * (-z * (-z / 120.0 + 1.0 / 24.0) + 1.0 / 6.0) + 0.5) + 1.0)
}

/// The trigamma function `ψ'(x)`, `x > 0`: recurrence up to 12, then the asymptotic series
/// (Abramowitz & Stegun 6.4.6 and 6.4.12).
pub(crate) fn trigamma(x: f64) -> f64 {
    const BERNOULLI: [f64; 6] = [
        1.0 / 6.0,
        -1.0 / 30.0,
        1.0 / 42.0,
        -1.0 / 30.0,
        5.0 / 66.0,
        -691.0 / 2730.0,
    ];
    let (mut sum, mut z) = (0.0, x);
    while z < 12.0 {
        sum += 1.0 / (z * z);
        z += 1.0;
    }
    let square = 1.0 / (z * z);
    let series = BERNOULLI.iter().rev().fold(0.0, |s, b| (s + b) * square);
    sum + 1.0 / z + 0.5 * square + series / z
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_dual::second_derivative;
    use std::f64::consts::PI;

    fn close(actual: f64, expected: f64, tolerance: f64) {
        let error = (actual - expected).abs() / expected.abs().max(1e-300);
        assert!(
            error < tolerance,
            "{actual} is not {expected}: relative error {error:e}"
        );
    }

    #[test]
    fn trigamma_has_its_known_values() {
        close(trigamma(1.0), PI * PI / 6.0, 1e-14);
        close(trigamma(0.5), PI * PI / 2.0, 1e-14);
        close(trigamma(2.5), PI * PI / 2.0 - 4.0 - 4.0 / 9.0, 1e-13);
        close(trigamma(1e6), 1e-6 + 0.5e-12, 1e-12);
    }

    #[test]
    fn ln_gamma_carries_digamma_and_trigamma() {
        let (value, first, second) = second_derivative(ln_gamma, 0.5_f64);
        close(value, 0.5 * PI.ln(), 1e-14);
        close(first, -0.577_215_664_901_532_9 - 2.0 * 2.0_f64.ln(), 1e-13);
        close(second, PI * PI / 2.0, 1e-14);
    }

    #[test]
    fn gamma_ratios_keep_their_digits() {
        // Γ(z)/Γ(z+2) = 1/(z(z+1)), on both sides of the switch and far out.
        for z in [0.3, 5.0, 19.999, 20.0, 47.0, 1e5, 1e12, 1e30] {
            close(ln_gamma_ratio(z, 2.0), -(z.ln() + (z + 1.0).ln()), 2e-14);
        }
        close(ln_beta(2.0, 3.0), -(12.0_f64).ln(), 1e-14);
        close(ln_beta(1e9, 1.0), -(1e9_f64).ln(), 1e-14);
    }

    #[test]
    fn scaled_exp_m1_is_continuous_through_zero() {
        close(scaled_exp_m1(0.0, 3.0), 3.0, 1e-15);
        for epsilon in [-9.9e-4, -1e-9, 1e-9, 9.9e-4] {
            let exact = -(-epsilon * 1.0_f64).exp_m1() / epsilon;
            close(scaled_exp_m1(epsilon, 1.0), exact, 1e-13);
        }
        close(
            scaled_exp_m1(2.0, 1.0),
            (1.0 - (-2.0_f64).exp()) / 2.0,
            1e-15,
        );
    }

    #[test]
    fn log_sums_survive_extremes() {
        close(ln_add_exp(-2000.0, -2000.0), -2000.0 + 2.0_f64.ln(), 1e-15);
        close(ln_add_exp(-1e300, 5.0), 5.0, 1e-15);
        close(
            ln_sub_exp(-1000.0, -1001.0),
            -1000.0 + (1.0 - (-1.0_f64).exp()).ln(),
            1e-14,
        );
    }
}
