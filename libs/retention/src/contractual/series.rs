//! Sums of survival over an endless future.

use crate::number::Number;
use crate::quadrature::{Rule, gauss_legendre};

use super::BetaWeibull;

/// Terms added one by one; the rest is an integral.
const TERMS: u32 = 200;
/// Beyond `e⁴⁰` times the last term survival is a pure power.
const LONGEST: f64 = 40.0;

/// `Σ_{k≥1} S(age+k)/S(age) · (1+rate)^{−(k−1)}`, for `rate > 0` or `α·c > 1`.
///
/// The first 200 terms are added, the rest follows from the Euler–Maclaurin formula,
/// `Σ_{k≥N} g(k) = ∫_N^∞ g + g(N)/2 − g'(N)/12 + …`, which serves heavy tails that no number of
/// terms would reach.
pub(super) fn discounted_renewals<D: Number>(model: &BetaWeibull<D>, age: f64, rate: f64) -> D {
    let discount = rate.ln_1p();
    let alive = model.ln_survival(age);
    let ln_term = |k: f64| model.ln_survival(age + k) - alive - discount * (k - 1.0);
    let terms = (1..TERMS).map(|k| ln_term(f64::from(k)).exp());
    let last = f64::from(TERMS);
    let slope = ln_term(last + 0.5).exp() - ln_term(last - 0.5).exp();
    let added = terms.fold(D::from(0.0), |sum, term| sum + term);
    added + tail(model, &ln_term, last, discount) + ln_term(last).exp() * 0.5 - slope / 12.0
}

/// `∫_N^∞ g(k) dk` with `k = N·e^y`, in panels of `y`, and in closed form where `g` is a power.
fn tail<D: Number>(
    model: &BetaWeibull<D>,
    ln_term: &impl Fn(f64) -> D,
    last: f64,
    discount: f64,
) -> D {
    let reach = if discount > 0.0 {
        (1.0 + LONGEST / (discount * last)).ln()
    } else {
        LONGEST
    };
    let panels = (reach / 2.0).ceil();
    let width = reach / panels;
    let mut sum = D::from(0.0);
    for panel in 0..panels as u32 {
        let from = f64::from(panel) * width;
        for (y, weight) in gauss_legendre(Rule::Fine, from, from + width) {
            sum += (ln_term(last * y.exp()) + y).exp() * (weight * last);
        }
    }
    if discount > 0.0 {
        return sum;
    }
    let end = last * reach.exp();
    sum + ln_term(end).exp() * end / (model.alpha * model.c - 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn close(actual: f64, expected: f64, tolerance: f64) {
        assert!(
            (actual - expected).abs() <= tolerance * expected.abs(),
            "{actual} is not {expected}"
        );
    }

    /// For sBG the mean number of renewals after `n` is `E[(1−θ)/θ] = (β+n)/(α−1)`.
    #[test]
    fn undiscounted_renewals_have_their_closed_form() {
        for (alpha, beta, age) in [
            (1.05, 2.0, 0.0),
            (1.5, 3.0, 12.0),
            (4.0, 30.0, 3.0),
            (40.0, 400.0, 0.0),
        ] {
            let model: BetaWeibull = BetaWeibull {
                alpha,
                beta,
                c: 1.0,
            };
            close(
                discounted_renewals(&model, age, 0.0),
                (beta + age) / (alpha - 1.0),
                1e-9,
            );
        }
    }

    #[test]
    fn discounted_renewals_equal_a_long_sum() {
        for (c, rate) in [(1.0, 0.1), (1.283, 0.008), (0.7, 0.003)] {
            let model: BetaWeibull = BetaWeibull {
                alpha: 0.7,
                beta: 1.2,
                c,
            };
            let brute: f64 = (1..60_000)
                .map(|k| {
                    (model.ln_survival(4.0 + f64::from(k)) - model.ln_survival(4.0)).exp()
                        / (1.0_f64 + rate).powi(k - 1)
                })
                .sum();
            close(discounted_renewals(&model, 4.0, rate), brute, 1e-9);
        }
    }
}
