//! Whether people get done what they came for, and whether those who answer stand for all.

use keepworth_contract::statistic::Statistic;

use super::{adjusted_wald, share, statistic};

/// Task completion: done over tried, with the adjusted Wald interval.
///
/// Source: J. Sauro, J. R. Lewis, "Estimating completion rates from small samples using binomial
/// confidence intervals", HFES (2005).
#[must_use]
pub fn task_completion(done: u64, tried: u64) -> Statistic {
    let (value, interval) = (share(done, tried), adjusted_wald(done, tried));
    statistic("task_completion", tried, value, interval)
}

/// Coverage by value: what those who answered stand for over what those who were asked stand for
/// (revenue, both in one unit). Below 0.5 the silent ones outweigh the answers.
///
/// `None` when nothing was at stake, or a part is negative, larger than the whole, or no number.
#[must_use]
pub fn coverage(answered: f64, asked: f64) -> Option<f64> {
    (asked > 0.0 && asked.is_finite() && (0.0..=asked).contains(&answered))
        .then(|| answered / asked)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::metric::wilson;

    /// 9 of 10 (Sauro and Lewis 2005): point 90%, adjusted Wald 57.40 to 100%, Wilson 59.58 to
    /// 98.21%.
    #[test]
    fn completion_of_known_counts() {
        let completion = task_completion(9, 10);
        assert_eq!(completion.value, Some(0.9));
        let adjusted = completion.interval.unwrap();
        assert!((adjusted.low - 0.5740).abs() < 5.1e-5 && (adjusted.high - 1.0).abs() < 1e-12);
        let wilson = wilson(9, 10).unwrap();
        assert!((wilson.low - 0.5958).abs() < 5.1e-5 && (wilson.high - 0.9821).abs() < 5.1e-5);
        // The centre before the upper end is cut: (9 + z²/2) / (10 + z²).
        let z2 = crate::rule::metric::Z.powi(2);
        assert!(((9.0 + z2 / 2.0) / (10.0 + z2) - 0.7890).abs() < 5.1e-5);
    }

    /// Promoters 600, passives 250, detractors 150, silent 400 thousand.
    #[test]
    fn coverage_of_known_revenue() {
        let answered = 600.0 + 250.0 + 150.0;
        assert!((coverage(answered, answered + 400.0).unwrap() - 0.714_286).abs() < 5.1e-7);
        assert_eq!(coverage(2.0, 1.0), None);
        assert_eq!(coverage(0.0, 0.0), None);
        assert_eq!(coverage(f64::NAN, 1.0), None);
    }
}
