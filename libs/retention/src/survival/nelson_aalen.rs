use serde::{Deserialize, Serialize};

use super::{Observation, RiskTable, SurvivalError};
use crate::fit::Z95;

/// One step of a cumulative hazard.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct HazardPoint {
    /// Time of the step.
    pub t: f64,
    /// Cumulative hazard just after `t`.
    pub value: f64,
    /// Standard error.
    pub se: f64,
    /// Lower 95% limit on the log scale.
    pub low: f64,
    /// Upper 95% limit on the log scale.
    pub high: f64,
}

/// Nelson–Aalen cumulative hazard under delayed entry and right censoring.
///
/// `H(t) = Σ d/n` over event times with variance `Σ d/n²`; the band is `H·exp(±z·se/H)` (Klein &
/// Moeschberger 2003, 4.2).
#[derive(Debug, Clone, PartialEq)]
pub struct NelsonAalen {
    points: Vec<HazardPoint>,
}

impl NelsonAalen {
    /// Estimates the cumulative hazard at all distinct times of exit.
    ///
    /// # Errors
    /// [`SurvivalError::Empty`] when no observation carries weight.
    pub fn new(observations: &[Observation]) -> Result<Self, SurvivalError> {
        Ok(Self::from_table(&RiskTable::new(observations)?))
    }

    /// The same from risk sets counted before.
    pub fn from_table(table: &RiskTable) -> Self {
        let (mut value, mut variance) = (0.0, 0.0);
        let points = table.rows().iter().map(|row| {
            if row.events > 0.0 {
                value += row.events / row.at_risk;
                variance += row.events / (row.at_risk * row.at_risk);
            }
            let se = f64::sqrt(variance);
            let factor = if value > 0.0 {
                (Z95 * se / value).exp()
            } else {
                1.0
            };
            HazardPoint {
                t: row.t,
                value,
                se,
                low: value / factor,
                high: value * factor,
            }
        });
        Self {
            points: points.collect(),
        }
    }

    /// Steps in time order.
    pub fn points(&self) -> &[HazardPoint] {
        &self.points
    }

    /// Cumulative hazard at time `t`, 0 before the first step.
    pub fn at(&self, t: f64) -> f64 {
        let after = self.points.partition_point(|point| point.t <= t);
        if after == 0 {
            0.0
        } else {
            self.points[after - 1].value
        }
    }
}
