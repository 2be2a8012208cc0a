use serde::{Deserialize, Serialize};

use super::PilotError;
use crate::fit::{Estimate, Level, Scale};

/// Departures among customers in one period.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rate {
    events: f64,
    n: f64,
}

impl Rate {
    /// `events` of `n` left.
    ///
    /// # Errors
    /// [`PilotError::Count`] unless `0 < events < n` and both are finite.
    pub fn new(events: f64, n: f64) -> Result<Self, PilotError> {
        if events > 0.0 && events < n && n.is_finite() {
            Ok(Self { events, n })
        } else {
            Err(PilotError::Count { events, n })
        }
    }

    fn share(self) -> f64 {
        self.events / self.n
    }

    /// Log cumulative hazard and its variance.
    fn log_hazard(self) -> (f64, f64) {
        let p = self.share();
        let h = -(-p).ln_1p();
        (h.ln(), p / (self.n * (1.0 - p) * h * h))
    }
}

/// What a treated group changed beyond the change of its comparison group.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct DifferenceInDifferences {
    /// The difference of the two changes.
    pub effect: Estimate,
}

impl DifferenceInDifferences {
    /// Log hazard ratio beyond the comparison's, from four independent groups.
    pub fn of_log_hazards(treated: [Rate; 2], comparison: [Rate; 2]) -> Self {
        Self::of_four(treated, comparison, Rate::log_hazard)
    }

    /// Change of the churn probability beyond the comparison's, from four independent groups.
    pub fn of_probabilities(treated: [Rate; 2], comparison: [Rate; 2]) -> Self {
        Self::of_four(treated, comparison, |rate| {
            let p = rate.share();
            (p, p * (1.0 - p) / rate.n)
        })
    }

    fn of_four(treated: [Rate; 2], comparison: [Rate; 2], of: fn(Rate) -> (f64, f64)) -> Self {
        let [t0, t1, c0, c1] = [treated[0], treated[1], comparison[0], comparison[1]].map(of);
        let value = (t1.0 - t0.0) - (c1.0 - c0.0);
        let variance = t0.1 + t1.1 + c0.1 + c1.1;
        Self {
            effect: Estimate::wald(Scale::Identity, value, variance.sqrt(), Level::USUAL),
        }
    }

    /// From each customer's own change between two waves, which takes out what is constant in a
    /// customer; Welch's standard error.
    ///
    /// # Errors
    /// [`PilotError::Group`] for a group with fewer than two customers or values not finite.
    pub fn of_changes(treated: &[f64], comparison: &[f64]) -> Result<Self, PilotError> {
        let (t, c) = (
            moments("treated", treated)?,
            moments("comparison", comparison)?,
        );
        let effect = Estimate::wald(Scale::Identity, t.0 - c.0, (t.1 + c.1).sqrt(), Level::USUAL);
        Ok(Self { effect })
    }
}

/// Mean and squared standard error.
pub(super) fn moments(name: &'static str, values: &[f64]) -> Result<(f64, f64), PilotError> {
    let n = values.len() as f64;
    if n < 2.0 || values.iter().any(|value| !value.is_finite()) {
        return Err(PilotError::Group(name));
    }
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
    Ok((mean, variance / n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_both_groups_changed_is_no_effect() {
        let rate = |events| Rate::new(events, 1000.0).unwrap();
        let same = DifferenceInDifferences::of_log_hazards(
            [rate(100.0), rate(80.0)],
            [rate(100.0), rate(80.0)],
        );
        assert_eq!(same.effect.value, 0.0);
        // By hand: (80 − 100 − 90 + 100)/1000 with variance Σ p(1 − p)/n.
        let points = DifferenceInDifferences::of_probabilities(
            [rate(100.0), rate(80.0)],
            [rate(100.0), rate(90.0)],
        );
        assert!((points.effect.value + 0.01).abs() < 1e-12);
        let variance = (0.09 + 0.0736 + 0.09 + 0.0819) / 1000.0;
        assert!((points.effect.se - f64::sqrt(variance)).abs() < 1e-12);
        assert!(Rate::new(0.0, 10.0).is_err() && Rate::new(10.0, 10.0).is_err());
    }

    #[test]
    fn changes_are_compared_with_welch() {
        let did = DifferenceInDifferences::of_changes(&[1.0, 2.0, 3.0], &[0.0, 1.0]).unwrap();
        assert!((did.effect.value - 1.5).abs() < 1e-12);
        assert!((did.effect.se - (1.0_f64 / 3.0 + 0.25).sqrt()).abs() < 1e-12);
        assert!(DifferenceInDifferences::of_changes(&[1.0], &[0.0, 1.0]).is_err());
    }
}
