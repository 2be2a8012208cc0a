//! What a change of an experience makes of leaving, where both the change and what it does are uncertain.
//!
//! A change `Δ` under a log hazard ratio `β` per unit takes `1 − exp(βΔ)` off the hazard. With `β ~ N(b, s)` the
//! product is, given `Δ`, normal with mean `bΔ` and sd `s|Δ|`: over `Δ` a mixture of normals, whose quantiles are
//! found by halving. The engine draws one of them, each equally likely.

use keepworth_sim::inputs::Distribution;
use statrs::distribution::{ContinuousCDF, Normal};

/// Values of the change by which its distribution is told, and of the effect.
const POINTS: usize = 200;
/// Halvings of an interval: to the last digit.
const HALVINGS: usize = 60;
/// No quantile of the middle of a two-hundredth is further out.
const SDS: f64 = 4.0;

/// The effect on the hazard of a change under a coefficient with mean and sd.
pub(super) fn effect(change: &Distribution, mean: f64, sd: f64) -> Distribution {
    let changes: Vec<f64> = match change {
        Distribution::Fixed(change) => vec![*change],
        other => middles().map(|u| other.quantile(u)).collect(),
    };
    let parts: Vec<(f64, f64)> = changes.iter().map(|x| (mean * x, sd * x.abs())).collect();
    if parts.iter().all(|part| *part == (0.0, 0.0)) {
        return Distribution::Fixed(0.0);
    }
    let lowest = |sign: f64| {
        let ends = parts.iter().map(|(mean, sd)| mean + sign * SDS * sd);
        ends.fold(
            f64::NAN,
            |a, b| if sign < 0.0 { a.min(b) } else { a.max(b) },
        )
    };
    let range = (lowest(-1.0), lowest(1.0));
    // Large log ratios are small effects.
    let sizes = middles()
        .rev()
        .map(|u| -quantile(&parts, range, u).exp_m1());
    Distribution::Empirical(sizes.map(rounded).collect())
}

/// Six figures: more are noise, and a scenario is read by people.
fn rounded(size: f64) -> f64 {
    (size * 1e6).round() / 1e6 + 0.0
}

fn middles() -> impl DoubleEndedIterator<Item = f64> {
    (0..POINTS).map(|i| (i as f64 + 0.5) / POINTS as f64)
}

fn quantile(parts: &[(f64, f64)], (mut low, mut high): (f64, f64), u: f64) -> f64 {
    for _ in 0..HALVINGS {
        let middle = 0.5 * (low + high);
        if below(parts, middle) < u {
            low = middle;
        } else {
            high = middle;
        }
    }
    0.5 * (low + high)
}

/// Share of the mixture below a value.
fn below(parts: &[(f64, f64)], value: f64) -> f64 {
    let each = parts.iter().map(|(mean, sd)| {
        if *sd > 0.0 {
            Normal::standard().cdf((value - mean) / sd)
        } else {
            f64::from(u8::from(*mean <= value))
        }
    });
    each.sum::<f64>() / parts.len() as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Halton points, which know nothing of quantiles of products.
    fn halton(index: u32, base: u32) -> f64 {
        let (mut left, mut place, mut found) = (index, 1.0, 0.0);
        while left > 0 {
            place /= f64::from(base);
            found += place * f64::from(left % base);
            left /= base;
        }
        found
    }

    #[test]
    fn the_product_is_drawn_as_it_is() {
        for (change, mean, sd) in [
            (Distribution::Interval([-0.6, -0.2]), 0.25, 0.08),
            (Distribution::Interval([-0.5, 0.1]), 0.3, 0.3),
            (Distribution::Fixed(0.4), -0.2, 0.1),
        ] {
            let Distribution::Empirical(found) = effect(&change, mean, sd) else {
                panic!("no quantiles");
            };
            let mut drawn: Vec<f64> = (1..100_000)
                .map(|i| {
                    let beta = mean + sd * Normal::standard().inverse_cdf(halton(i, 2));
                    1.0 - (beta * change.quantile(halton(i, 3))).exp()
                })
                .collect();
            drawn.sort_by(f64::total_cmp);
            assert!(found.is_sorted() && found.len() == POINTS);
            let moments = |values: &[f64]| {
                let n = values.len() as f64;
                let mean = values.iter().sum::<f64>() / n;
                let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
                (mean, variance.sqrt())
            };
            let ((m, s), (em, es)) = (moments(&found), moments(&drawn));
            assert!((m - em).abs() < 0.01 * es, "{change:?}: mean {m} {em}");
            assert!((s / es - 1.0).abs() < 0.02, "{change:?}: sd {s} {es}");
            for u in [0.05, 0.5, 0.95] {
                let of = |values: &[f64]| values[(u * values.len() as f64) as usize];
                let off = (of(&found) - of(&drawn)).abs();
                assert!(off < 0.05 * es, "{change:?} {u}: {off} of {es}");
            }
        }
    }

    #[test]
    fn no_change_is_no_effect() {
        let none = effect(&Distribution::Fixed(0.0), 0.3, 0.1);
        assert_eq!(none, Distribution::Fixed(0.0));
    }
}
