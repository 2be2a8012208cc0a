//! Intervals of 95 percent.

use keepworth_contract::statistic::Interval;
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Level of every interval.
pub const LEVEL: f64 = 0.95;
/// The standard normal quantile of a two-sided [`LEVEL`].
pub const Z: f64 = 1.959_963_984_540_054;

/// `centre ± half`, cut to what is possible.
pub(super) fn clamped(centre: f64, half: f64, (low, high): (f64, f64), method: &str) -> Interval {
    Interval {
        low: (centre - half).max(low),
        high: (centre + half).min(high),
        level: LEVEL,
        method: method.to_owned(),
        freedom: None,
    }
}

/// Wilson's score interval of a share: `(p + z²/2n ± z·√(p(1−p)/n + z²/4n²)) / (1 + z²/n)`.
///
/// Source: E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
/// JASA 22 (1927). `None` without trials.
#[must_use]
pub fn wilson(successes: u64, trials: u64) -> Option<Interval> {
    let p = super::share(successes, trials)?;
    let n = trials as f64;
    let shrink = 1.0 + Z * Z / n;
    let centre = (p + Z * Z / (2.0 * n)) / shrink;
    let half = Z * (p * (1.0 - p) / n + Z * Z / (4.0 * n * n)).sqrt() / shrink;
    Some(clamped(centre, half, (0.0, 1.0), "wilson"))
}

/// Adjusted Wald interval of a share: `z²/2` successes in `z²` trials are added first.
///
/// Source: A. Agresti, B. A. Coull, "Approximate is better than 'exact' for interval estimation of
/// binomial proportions", The American Statistician 52 (1998). `None` without trials.
#[must_use]
pub fn adjusted_wald(successes: u64, trials: u64) -> Option<Interval> {
    if trials == 0 {
        return None;
    }
    let n = trials as f64 + Z * Z;
    let p = (successes as f64 + Z * Z / 2.0) / n;
    let half = Z * (p * (1.0 - p) / n).sqrt();
    Some(clamped(p, half, (0.0, 1.0), "adjusted_wald"))
}

/// Student's interval of a mean, cut to the `scale`: `mean ± t·sd/√n` with `n − 1` degrees of
/// freedom; `sd` is the sample's (divided by `n − 1`).
///
/// `None` for fewer than two observations, and when they are all the same: a width of zero would
/// be false certainty.
#[must_use]
pub fn student_t(n: u64, mean: f64, sd: f64, scale: (f64, f64)) -> Option<Interval> {
    if n < 2 || sd.is_nan() || sd <= 0.0 {
        return None;
    }
    let t = StudentsT::new(0.0, 1.0, (n - 1) as f64)
        .ok()?
        .inverse_cdf(f64::midpoint(1.0, LEVEL));
    Some(clamped(
        mean,
        t * sd / (n as f64).sqrt(),
        scale,
        "student_t",
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn students_quantiles_are_the_printed_ones() {
        // t(0.975) of the usual printed table: 12.706, 2.228 and 1.984 for 1, 10, 100 degrees.
        for (n, t) in [(2, 12.706), (11, 2.228), (101, 1.984)] {
            let interval = student_t(n, 0.0, (n as f64).sqrt(), (-100.0, 100.0)).unwrap();
            assert!((interval.high - t).abs() < 5e-4, "{n}: {}", interval.high);
        }
    }

    #[test]
    fn no_spread_is_no_certainty() {
        assert_eq!(student_t(50, 5.0, 0.0, (1.0, 5.0)), None);
        assert_eq!(student_t(1, 5.0, 1.0, (1.0, 5.0)), None);
        assert_eq!(wilson(0, 0), None);
        assert_eq!(adjusted_wald(0, 0), None);
    }

    proptest! {
        #[test]
        fn shares_stay_within_their_intervals(trials in 1u64..10_000, part in 0.0f64..=1.0) {
            let successes = (trials as f64 * part) as u64;
            let p = successes as f64 / trials as f64;
            for interval in [wilson(successes, trials), adjusted_wald(successes, trials)] {
                let interval = interval.unwrap();
                prop_assert!(0.0 <= interval.low && interval.high <= 1.0);
                prop_assert!(interval.low <= p + 1e-12 && p <= interval.high + 1e-12);
                prop_assert!(interval.low < interval.high);
            }
        }
    }
}
