use statrs::distribution::{ContinuousCDF, StudentsT};

use super::reading::{Interval, Method};
use super::{Counts, Exposure, PilotError, Sums, Two};
use crate::fit::Level;

/// Newcombe's hybrid of two Wilson intervals (Statistics in Medicine 17, 1998, method 10).
pub(super) fn newcombe(arms: Two<Counts>, level: Level) -> Interval {
    let [treated, control] = [arms.treated, arms.control].map(|arm| wilson(arm, level.z()));
    let (p, q) = (arms.treated.share(), arms.control.share());
    Interval {
        method: Method::Newcombe,
        level,
        n: arms.map(|arm| arm.n),
        value: p - q,
        low: p - q - (p - treated[0]).hypot(control[1] - q),
        high: p - q + (treated[1] - p).hypot(q - control[0]),
    }
}

/// Wilson's score interval of one share (JASA 22, 1927).
fn wilson(arm: Counts, z: f64) -> [f64; 2] {
    let (p, n, z2) = (arm.share(), arm.n, z * z);
    let centre = p + z2 / (2.0 * n);
    let reach = z * (p * (1.0 - p) / n + z2 / (4.0 * n * n)).sqrt();
    [-1.0, 1.0].map(|side| ((centre + side * reach) / (1.0 + z2 / n)).clamp(0.0, 1.0))
}

/// Welch's interval of a difference of means (Biometrika 34, 1947).
pub(super) fn welch(arms: Two<Sums>, level: Level) -> Result<Interval, PilotError> {
    let error = arms.map(|arm| arm.variance() / arm.n);
    let value = arms.treated.mean() - arms.control.mean();
    let reach = welch_quantile(error, arms.map(|arm| arm.n), level)?
        * (error.control + error.treated).sqrt();
    Ok(Interval {
        method: Method::Welch,
        level,
        n: arms.map(|arm| arm.n),
        value,
        low: value - reach,
        high: value + reach,
    })
}

/// Student's quantile at Satterthwaite's degrees of freedom.
fn welch_quantile(error: Two<f64>, n: Two<f64>, level: Level) -> Result<f64, PilotError> {
    let df = satterthwaite(error, n).ok_or(PilotError::NoSpread { field: "values" })?;
    Ok(student(df).inverse_cdf(0.5 + 0.5 * level.share()))
}

/// Degrees of freedom of two squared standard errors (Satterthwaite 1946); none without spread.
pub(super) fn satterthwaite(error: Two<f64>, n: Two<f64>) -> Option<f64> {
    let of = |e: f64, n: f64| if e > 0.0 { e * e / (n - 1.0) } else { 0.0 };
    let (e, f) = (error.control, error.treated);
    let df = (e + f).powi(2) / (of(e, n.control) + of(f, n.treated));
    (df.is_finite() && df > 0.0).then_some(df)
}

/// Student's law; beyond a million degrees of freedom it is the normal one to six digits.
pub(super) fn student(df: f64) -> StudentsT {
    #[expect(
        clippy::expect_used,
        reason = "degrees are finite and above 0 wherever it is asked"
    )]
    StudentsT::new(0.0, 1.0, df.min(1e6)).expect("degrees of freedom above 0")
}

/// Wald's interval of a log rate ratio, standard error `√(1/d₁ + 1/d₀)` (Rothman & Greenland,
/// Modern Epidemiology, 3rd edition, chapter 14).
pub(super) fn rate_ratio(arms: Two<Exposure>, level: Level) -> Result<Interval, PilotError> {
    let events = events(arms)?;
    let value = log_ratio(arms, events);
    let reach = level.z() * (events.control.recip() + events.treated.recip()).sqrt();
    Ok(Interval {
        method: Method::WaldLogRateRatio,
        level,
        n: arms.map(|arm| arm.months),
        value,
        low: value - reach,
        high: value + reach,
    })
}

/// Events of both arms; where one has none, half an event is added to each (Haldane 1956), without
/// which no ratio could be told.
pub(super) fn events(arms: Two<Exposure>) -> Result<Two<f64>, PilotError> {
    let events = arms.map(|arm| arm.events);
    if events.control > 0.0 && events.treated > 0.0 {
        return Ok(events);
    }
    if events.control + events.treated > 0.0 {
        return Ok(events.map(|count| count + 0.5));
    }
    Err(PilotError::NoEvents)
}

fn log_ratio(arms: Two<Exposure>, events: Two<f64>) -> f64 {
    (events.treated / arms.treated.months).ln() - (events.control / arms.control.months).ln()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(treated: [u64; 2], control: [u64; 2]) -> Two<Counts> {
        Two {
            control: Counts::new(control[0], control[1]).unwrap(),
            treated: Counts::new(treated[0], treated[1]).unwrap(),
        }
    }

    /// Newcombe 1998, table II, method 10: columns (a), (b), (e) and (h).
    #[test]
    fn newcombe_as_published() {
        for (treated, control, low, high) in [
            ([56, 70], [48, 80], 0.0524, 0.3339),
            ([9, 10], [3, 10], 0.1705, 0.8090),
            ([5, 56], [0, 29], -0.0381, 0.1926),
            ([10, 10], [0, 10], 0.6075, 1.0),
        ] {
            let found = newcombe(counts(treated, control), Level::USUAL);
            assert!((found.low - low).abs() < 6e-5, "{found:?}");
            assert!((found.high - high).abs() < 6e-5, "{found:?}");
        }
    }

    /// Hormones and heart disease (Stampfer et al. 1985, by way of Modern Epidemiology): 30 cases in
    /// 54,308.7 years against 60 in 51,477.5, ratio 0.47 (0.31 to 0.73).
    #[test]
    fn rate_ratio_as_published() {
        let arms = Two {
            control: Exposure::new(60, 51_477.5).unwrap(),
            treated: Exposure::new(30, 54_308.7).unwrap(),
        };
        let found = rate_ratio(arms, Level::USUAL).unwrap();
        for (found, published) in [(found.value, 0.47), (found.low, 0.31), (found.high, 0.73)] {
            assert!((found.exp() - published).abs() < 0.005, "{found}");
        }
    }

    #[test]
    fn one_arm_without_events_has_a_ratio_two_have_none() {
        let arm = |events| Exposure::new(events, 100.0).unwrap();
        let arms = |control, treated| Two {
            control: arm(control),
            treated: arm(treated),
        };
        let found = rate_ratio(arms(8, 0), Level::USUAL).unwrap();
        assert!(found.low < -3.0 && found.high.is_finite());
        let none = rate_ratio(arms(0, 0), Level::USUAL);
        assert_eq!(none, Err(PilotError::NoEvents));
    }

    /// Two groups of three by hand: means 2 and 5, variances 1 and 1, so t of 4 degrees, 2.776.
    #[test]
    fn welch_by_hand() {
        let arms = Two {
            control: Sums::new(3, 6.0, 14.0).unwrap(),
            treated: Sums::new(3, 15.0, 77.0).unwrap(),
        };
        let found = welch(arms, Level::USUAL).unwrap();
        assert_eq!(found.value, 3.0);
        let reach = 2.776_445_105 * (2.0_f64 / 3.0).sqrt();
        assert!((found.high - 3.0 - reach).abs() < 1e-6, "{found:?}");
        let flat = Sums::new(3, 3.0, 3.0).unwrap();
        let flat = Two {
            control: flat,
            treated: flat,
        };
        assert!(welch(flat, Level::USUAL).is_err());
    }
}
