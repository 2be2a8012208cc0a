//! Gauss's hypergeometric function ₂F₁ for real arguments below 1.

use crate::number::Number;

/// Beyond this the series around 0 is left for Taylor steps towards 1.
const SERIES_LIMIT: f64 = 0.6;
/// From this excess `c−a−b` the series around 0 converges fast up to 1, where Taylor steps would
/// carry the rounding error of the other solution, `(1−z)^(c−a−b)`.
const FAST_EXCESS: f64 = 10.0;
/// More terms than any of the sums here needs.
const MOST_TERMS: u32 = 2_000;

/// `₂F₁(a, b; c; z)` for `z < 1` and `c > 0`; NaN elsewhere.
///
/// Up to 0.6, or where `c−a−b` is large, the power series; below 0 after Pfaff's transformation `z → z/(z−1)`; above 0.6 the
/// solution of the hypergeometric equation is carried towards 1 in Taylor steps, each half the way
/// to the singularity, so that the cost grows with `−ln(1−z)` and no parameter is exceptional
/// (the textbook reflection `z → 1−z` fails when `c−a−b` is a whole number). Relative error below
/// 1e-13 where terms do not cancel, as for the parameters of the purchase models after Euler's
/// transformation.
pub(crate) fn gauss_2f1<D: Number>(a: D, b: D, c: D, z: D) -> D {
    let at = z.re();
    if !(at < 1.0 && c.re() > 0.0) {
        return D::from(f64::NAN);
    }
    if at < 0.0 {
        let mapped = z / (z - 1.0);
        return gauss_2f1(a, c - b, c, mapped) / (a * (-z).ln_1p()).exp();
    }
    if at <= SERIES_LIMIT || (c - a - b).re() > FAST_EXCESS {
        return series(a, b, c, z).0;
    }
    continued(a, b, c, z)
}

/// `₂F₁(1, b; c; z)` for `0 ≤ z < 1` and `c ≥ b > 0` of any size, by Gauss's continued fraction, whose
/// elements are positive (<https://dlmf.nist.gov/15.7>).
///
/// Its elements tend to ¼, where each step leaves `(1−s)/(1+s)` of the error, `s = √(1−z)`. Relative
/// error below 1e-11 for `1−z` of 1e-5, near 1e-15 for 0.1.
pub(crate) fn unit_2f1<D: Number>(b: D, c: D, z: f64) -> D {
    let s = (1.0 - z).sqrt();
    let steps = 20.0 + 40.0 / ((1.0 + s) / (1.0 - s)).ln();
    let mut rest = D::from(1.0);
    for step in (2..=steps as u32).rev() {
        let n = f64::from(step / 2);
        let element = if step % 2 == 0 {
            (c - b + (n - 1.0)) * n / ((c + (2.0 * n - 2.0)) * (c + (2.0 * n - 1.0)))
        } else {
            (c + (n - 1.0)) * (b + n) / ((c + (2.0 * n - 1.0)) * (c + 2.0 * n))
        };
        rest = -element * z / rest + 1.0;
    }
    (-(b / c) * z / rest + 1.0).recip()
}

/// Value and derivative with respect to `z` from the power series around 0.
fn series<D: Number>(a: D, b: D, c: D, z: D) -> (D, D) {
    let (mut term, mut value, mut slope) = (D::from(1.0), D::from(1.0), D::from(0.0));
    for n in 0..MOST_TERMS {
        let n = f64::from(n);
        let factor = (a + n) * (b + n) / ((c + n) * (n + 1.0));
        slope += term * factor * (n + 1.0);
        term = term * factor * z;
        value += term;
        if negligible(&term, &value) && n > a.re().abs().max(b.re().abs()) {
            break;
        }
    }
    (value, slope)
}

/// Carries value and slope from 1/2 to `z` by Taylor steps.
fn continued<D: Number>(a: D, b: D, c: D, z: D) -> D {
    let mut centre = 0.5;
    let (mut value, mut slope) = series(a, b, c, D::from(centre));
    while z.re() - centre > 0.5 * (1.0 - centre) {
        let step = 0.5 * (1.0 - centre);
        (value, slope) = taylor(a, b, c, centre, (value, slope), D::from(step));
        centre += step;
    }
    let step = z - centre;
    if step.re() == 0.0 {
        return value + slope * step;
    }
    taylor(a, b, c, centre, (value, slope), step).0
}

/// Value and slope at `centre + step` from those at `centre`.
///
/// The terms `gₙ = fₙ·stepⁿ` follow from `z(1−z)F'' + (c − (a+b+1)z)F' − abF = 0`:
/// `z(1−z)(n+2)(n+1)·gₙ₊₂ = (n+a)(n+b)·step²·gₙ − (n+1)((1−2z)n + c − (a+b+1)z)·step·gₙ₊₁`.
fn taylor<D: Number>(a: D, b: D, c: D, centre: f64, start: (D, D), step: D) -> (D, D) {
    let (mut low, mut high) = (start.0, start.1 * step);
    let (mut value, mut scaled_slope) = (low + high, high);
    let spread = step / (centre * (1.0 - centre));
    let drift = c - (a + b + 1.0) * centre;
    for n in 0..MOST_TERMS {
        let n = f64::from(n);
        let pull = (drift + (1.0 - 2.0 * centre) * n) * high * (n + 1.0);
        let gain = (a + n) * (b + n) * low * step - pull;
        (low, high) = (high, gain * spread / ((n + 2.0) * (n + 1.0)));
        value += high;
        scaled_slope += high * (n + 2.0);
        if negligible(&high, &value) && n > 8.0 {
            break;
        }
    }
    (value, scaled_slope / step)
}

/// Whether a term, its derivatives included, can no longer change the sum.
fn negligible<D: Number>(term: &D, sum: &D) -> bool {
    // Derivatives shrink as n·rⁿ where the term shrinks as rⁿ: two more digits cover them.
    term.re().abs() <= 1e-18 * sum.re().abs()
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_dual::first_derivative;
    use std::f64::consts::PI;

    fn close(actual: f64, expected: f64, tolerance: f64) {
        let error = (actual - expected).abs() / expected.abs();
        assert!(
            error < tolerance,
            "{actual} is not {expected}: relative error {error:e}"
        );
    }

    #[test]
    fn elementary_cases() {
        for z in [
            -250.0_f64,
            -3.0,
            -0.4,
            0.1,
            0.59,
            0.61,
            0.9,
            0.999,
            1.0 - 1e-9,
        ] {
            close(gauss_2f1(1.0, 1.0, 2.0, z), -(-z).ln_1p() / z, 1e-13);
            close(gauss_2f1(0.7, 2.3, 2.3, z), (1.0 - z).powf(-0.7), 1e-12);
        }
        for z in [0.2_f64, 0.8, 0.999] {
            close(gauss_2f1(0.5, 0.5, 1.5, z * z), z.asin() / z, 1e-13);
            close(gauss_2f1(0.5, 1.0, 1.5, -z * z), z.atan() / z, 1e-13);
        }
    }

    /// Complete elliptic integrals, `K(m) = π/2·₂F₁(½, ½; 1; m)` (Abramowitz & Stegun, table
    /// 17.1), where `c−a−b = 0` is the exceptional case of the reflection formula.
    #[test]
    fn elliptic_integrals() {
        for (m, k) in [
            (0.5, 1.854_074_677_301_371_9),
            (0.9, 2.578_092_113_348_173),
            (0.99, 3.695_637_362_989_875),
        ] {
            close(gauss_2f1(0.5, 0.5, 1.0, m) * PI / 2.0, k, 1e-13);
        }
    }

    /// Gauss's theorem gives the limit at 1 when `c > a + b`.
    #[test]
    fn approaches_gauss_theorem() {
        let (a, b, c) = (0.3, 0.4, 1.9_f64);
        let gamma = statrs::function::gamma::gamma;
        let limit = gamma(c) * gamma(c - a - b) / (gamma(c - a) * gamma(c - b));
        close(gauss_2f1(a, b, c, 1.0 - 1e-13), limit, 1e-11);
    }

    /// Euler's transformation relates two different sums.
    #[test]
    fn euler_transformation_holds() {
        for (a, b, c, z) in [
            (2.6, -0.2, 3.2, 0.95),
            (0.25, 3.4, 4.2, 0.7),
            (1.9, -0.1, 60.0, 0.99),
        ] {
            let direct: f64 = gauss_2f1(a, b, c, z);
            let other = (1.0_f64 - z).powf(c - a - b) * gauss_2f1(c - a, c - b, c, z);
            close(direct, other, 1e-11);
        }
    }

    /// Sums of 20,000 terms in 50 decimal digits.
    #[test]
    fn long_sums() {
        close(
            gauss_2f1(1.9, -0.1, 60.0, 0.99),
            0.996_795_825_900_163_4,
            1e-13,
        );
        close(
            gauss_2f1(2.6, -0.2, 3.2, 0.95),
            0.709_081_654_069_745_6,
            1e-12,
        );
        close(gauss_2f1(0.25, 3.4, 4.2, 0.7), 1.245_635_774_629_343, 1e-13);
    }

    /// `F' = ab/c·₂F₁(a+1, b+1; c+1; z)`, through each of the three ways.
    #[test]
    fn derivatives_are_carried() {
        let (a, b, c) = (0.8, 1.7, 2.9);
        for z in [-2.0, 0.4, 0.93] {
            let (_, slope) = first_derivative(|z| gauss_2f1(a.into(), b.into(), c.into(), z), z);
            close(
                slope,
                a * b / c * gauss_2f1(a + 1.0, b + 1.0, c + 1.0, z),
                1e-12,
            );
        }
    }

    /// Sums of up to ten million terms, added exactly.
    #[test]
    fn a_first_parameter_of_one() {
        for (b, c, z, told) in [
            (1.5, 2.2, 1.0 / 1.1, 4.095_982_411_314_085),
            (246.0, 247.0, 1.0 / 1.001, 333.083_443_067_328_1),
            (10.0, 10.02, 1.0 / 1.001, 921.999_332_863_864_5),
            (1_000.0, 1_400.0, 1.0 / 1.001, 3.497_486_864_996_493_4),
            (1e5, 1e5 + 0.5, 1.0 / 1.1, 10.999_450_085_227_72),
            (1.001, 1.5, 1.0 / (1.0 + 1e-5), 500.793_000_903_532_5),
        ] {
            close(unit_2f1(b, c, z), told, 1e-11);
            if b < 5.0 {
                close(unit_2f1(b, c, z), gauss_2f1(1.0, b, c, z), 1e-11);
            }
        }
        close(unit_2f1(3.0, 5.0, 0.0), 1.0, 1e-15);
    }

    #[test]
    fn outside_its_domain_is_nan() {
        assert!(gauss_2f1(1.0, 1.0, 2.0, 1.0_f64).is_nan());
        assert!(gauss_2f1(1.0, 1.0, 2.0, f64::NAN).is_nan());
        assert!(gauss_2f1(1.0, 1.0, -0.5, 0.3_f64).is_nan());
    }
}
