//! Net scores: the share of positive answers less the share of negative ones, in points.

use keepworth_contract::statistic::Interval;

use super::interval::{LEVEL, Z, clamped};

/// Answers in three groups. For NPS: promoters (9–10), passives (7–8), detractors (0–6).
///
/// Only answers count: who saw the question and dismissed it belongs in no group.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NetScore {
    /// Promoters.
    pub positive: u64,
    /// Passives.
    pub neutral: u64,
    /// Detractors.
    pub negative: u64,
}

/// The ends of the scale, in points.
const SCALE: (f64, f64) = (-100.0, 100.0);

impl NetScore {
    /// Answers.
    #[must_use]
    pub fn n(self) -> u64 {
        self.positive + self.neutral + self.negative
    }

    /// `100·(p − d)`, in points from −100 to 100. Source: F. Reichheld, "The one number you need to
    /// grow", HBR (2003).
    #[must_use]
    pub fn value(self) -> Option<f64> {
        (self.n() > 0)
            .then(|| 100.0 * (self.positive as f64 - self.negative as f64) / self.n() as f64)
    }

    /// Variance of one answer scored −1, 0 or +1: `p + d − (p − d)²`. Source: CYBAEA Journal, "NPS
    /// confidence intervals" (2016).
    #[must_use]
    pub fn variance(self) -> Option<f64> {
        (self.n() > 0)
            .then(|| variance(self.positive as f64, self.negative as f64, self.n() as f64))
    }

    /// Standard error in points: `100·√(variance/n)`.
    #[must_use]
    pub fn standard_error(self) -> Option<f64> {
        Some(100.0 * (self.variance()? / self.n() as f64).sqrt())
    }

    /// Wald interval, in points. Leaves the scale for few answers and is of no width when all are
    /// alike: prefer [`adjusted_wald`](Self::adjusted_wald).
    #[must_use]
    pub fn wald(self) -> Option<Interval> {
        let (value, half) = (self.value()?, Z * self.standard_error()?);
        Some(Interval {
            low: value - half,
            high: value + half,
            level: LEVEL,
            method: "wald".to_owned(),
            freedom: None,
        })
    }

    /// Adjusted Wald interval, in points, cut to the scale: ¾ of a positive and ¾ of a negative
    /// answer in 3 answers are added first. Source: B. Rocks, "Interval estimation for the 'Net
    /// Promoter Score'", The American Statistician 70 (2016).
    #[must_use]
    pub fn adjusted_wald(self) -> Option<Interval> {
        if self.n() == 0 {
            return None;
        }
        let n = self.n() as f64 + 3.0;
        let (positive, negative) = (self.positive as f64 + 0.75, self.negative as f64 + 0.75);
        let centre = 100.0 * (positive - negative) / n;
        let half = 100.0 * Z * (variance(positive, negative, n) / n).sqrt();
        Some(clamped(centre, half, SCALE, "adjusted_wald"))
    }

    /// How the score changed to that of a later wave of other people. For the same people asked
    /// twice, paired differences are needed instead.
    #[must_use]
    pub fn change_to(self, later: Self) -> Option<Change> {
        Some(Change {
            value: later.value()? - self.value()?,
            standard_error: self.standard_error()?.hypot(later.standard_error()?),
        })
    }
}

fn variance(positive: f64, negative: f64, n: f64) -> f64 {
    let (p, d) = (positive / n, negative / n);
    p + d - (p - d) * (p - d)
}

/// A change between two independent waves.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Change {
    /// Later less earlier, in points.
    pub value: f64,
    /// `√(SE₁² + SE₂²)`, in points.
    pub standard_error: f64,
}

impl Change {
    /// Change over standard error; `None` when neither wave varies, where it says nothing.
    #[must_use]
    pub fn z(self) -> Option<f64> {
        (self.standard_error > 0.0).then(|| self.value / self.standard_error)
    }

    /// Whether the change is beyond what chance does once in twenty times.
    #[must_use]
    pub fn is_beyond_noise(self) -> bool {
        self.z().is_some_and(|z| z.abs() > Z)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn net(positive: u64, neutral: u64, negative: u64) -> NetScore {
        NetScore {
            positive,
            neutral,
            negative,
        }
    }

    fn near(found: Option<f64>, expected: f64, tolerance: f64) {
        let found = found.unwrap();
        assert!((found - expected).abs() < tolerance, "{found} ≠ {expected}");
    }

    fn spans(found: Option<Interval>, low: f64, high: f64) {
        near(found.clone().map(|it| it.low), low, 5.1e-5);
        near(found.map(|it| it.high), high, 5.1e-5);
    }

    /// Variance p + d − (p − d)²: CYBAEA (2016); adjusted Wald: Rocks (2016), by measuringu.com's
    /// report of it. Figures computed from these formulas.
    #[test]
    fn nps_of_known_counts() {
        let first = net(60, 25, 15);
        near(first.value(), 45.0, 1e-12);
        near(first.variance(), 0.5475, 1e-12);
        near(first.standard_error(), 7.3993, 5.1e-5);
        spans(first.wald(), 30.4976, 59.5024);
        spans(first.adjusted_wald(), 29.3431, 58.0355);

        let second = net(162, 108, 54);
        near(second.value(), 33.3333, 5.1e-5);
        near(second.variance(), 0.555_556, 5.1e-7);
        near(second.standard_error(), 4.1409, 5.1e-5);
        spans(second.wald(), 25.2174, 41.4493);

        let third = net(52, 28, 20);
        near(third.value(), 32.0, 1e-12);
        near(third.standard_error(), 7.8588, 5.1e-5);
        spans(third.wald(), 16.5971, 47.4029);
    }

    #[test]
    fn few_answers_leave_the_scale_by_wald_and_stay_on_it_adjusted() {
        let few = net(8, 1, 1);
        near(few.value(), 70.0, 1e-12);
        let wald = few.wald().unwrap();
        assert!((wald.low - 30.31).abs() < 5.1e-3 && (wald.high - 109.69).abs() < 5.1e-3);
        spans(few.adjusted_wald(), 14.7317, 92.9606);
    }

    #[test]
    fn unanimity_is_no_certainty() {
        let all = net(5, 0, 0);
        near(all.value(), 100.0, 1e-12);
        spans(all.wald(), 100.0, 100.0);
        spans(all.adjusted_wald(), 17.4915, 100.0);
    }

    /// The trap of counting who dismissed the question as an answer: 37.5 instead of 45.
    #[test]
    fn whoever_dismissed_the_question_is_no_passive() {
        near(net(60, 25, 15).value(), 45.0, 1e-12);
        near(net(60, 25 + 20, 15).value(), 37.5, 1e-12);
    }

    #[test]
    fn a_change_within_noise_is_called_so() {
        let change = net(60, 25, 15).change_to(net(52, 28, 20)).unwrap();
        near(Some(change.value), -13.0, 1e-12);
        near(Some(change.standard_error), 10.7940, 5.1e-5);
        near(change.z(), -1.2044, 5.1e-5);
        assert!(!change.is_beyond_noise());
        let real = net(600, 250, 150).change_to(net(520, 280, 200)).unwrap();
        assert!(
            real.is_beyond_noise(),
            "ten times the answers tell it apart"
        );
    }

    #[test]
    fn nothing_comes_of_nothing() {
        let none = net(0, 0, 0);
        assert_eq!(
            (none.value(), none.adjusted_wald(), none.wald()),
            (None, None, None)
        );
        assert_eq!(none.change_to(net(1, 0, 0)), None);
        assert_eq!(net(5, 0, 0).change_to(net(5, 0, 0)).unwrap().z(), None);
    }

    proptest! {
        #[test]
        fn the_variance_is_that_of_the_coded_answers(
            p in 0u64..200, m in 0u64..200, d in 1u64..200,
        ) {
            let score = net(p, m, d);
            let n = score.n() as f64;
            let mean = score.value().unwrap() / 100.0;
            let squares = p as f64 * (1.0 - mean).powi(2) + m as f64 * mean.powi(2)
                + d as f64 * (1.0 + mean).powi(2);
            prop_assert!((score.variance().unwrap() - squares / n).abs() < 1e-9);
            let interval = score.adjusted_wald().unwrap();
            prop_assert!(interval.low < interval.high);
            prop_assert!(-100.0 <= interval.low && interval.high <= 100.0);
        }
    }
}
