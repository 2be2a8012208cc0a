use serde::{Deserialize, Serialize};

use super::{Observation, RiskTable, SurvivalError};
use crate::fit::Level;

/// One step of a cumulative incidence.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct IncidencePoint {
    /// Time of the step.
    pub t: f64,
    /// Customers at risk just before `t`.
    pub at_risk: f64,
    /// Departures at `t` for this cause.
    pub events: f64,
    /// Probability of having left for this cause by `t`, other causes in force.
    pub value: f64,
    /// Standard error.
    pub se: f64,
    /// Lower 95% log-log limit.
    pub low: f64,
    /// Upper 95% log-log limit.
    pub high: f64,
}

/// Aalen–Johansen cumulative incidence of one cause of leaving.
///
/// `F_k(t) = Σ S(t−)·d_k/n`. The variance follows the Greenwood-type recursion of Andersen,
/// Borgan, Gill & Keiding (1993), IV.4, for the pair `(S, F_k)`; with one cause it is Greenwood's.
#[derive(Debug, Clone, PartialEq)]
pub struct CumulativeIncidence {
    /// The cause.
    pub cause: u32,
    /// Steps at all distinct times of exit.
    pub points: Vec<IncidencePoint>,
}

impl CumulativeIncidence {
    /// One curve per cause that occurred, in ascending order of cause.
    ///
    /// # Errors
    /// [`SurvivalError::Empty`] when no observation carries weight.
    pub fn by_cause(observations: &[Observation]) -> Result<Vec<Self>, SurvivalError> {
        let table = RiskTable::new(observations)?;
        let of = |cause| {
            table.events_of(cause).map(|events| Self {
                cause,
                points: steps(&table, events),
            })
        };
        Ok(table.causes().filter_map(of).collect())
    }

    /// The same curve with bands of another level.
    #[must_use]
    pub fn with_level(mut self, level: Level) -> Self {
        for point in &mut self.points {
            (point.low, point.high) = band(point.value, point.se, level);
        }
        self
    }

    /// The probability of having left for this cause by `t`, 0 before the first step.
    pub fn at(&self, t: f64) -> f64 {
        let after = self.points.partition_point(|point| point.t <= t);
        if after == 0 {
            0.0
        } else {
            self.points[after - 1].value
        }
    }
}

fn steps(table: &RiskTable, of_cause: &[f64]) -> Vec<IncidencePoint> {
    let (mut s, mut f) = (1.0, 0.0);
    let (mut var_s, mut cov, mut var_f) = (0.0, 0.0, 0.0);
    let mut points = Vec::with_capacity(of_cause.len());
    for (row, &events) in table.rows().iter().zip(of_cause) {
        let n = row.at_risk;
        let (a, b) = if n > 0.0 {
            (row.events / n, events / n)
        } else {
            (0.0, 0.0)
        };
        if a > 0.0 {
            var_f += 2.0 * b * cov + b * b * var_s + s * s * b * (1.0 - b) / n;
            cov = (1.0 - a) * (cov + b * var_s) - s * s * b * (1.0 - a) / n;
            var_s = (1.0 - a) * (1.0 - a) * var_s + s * s * a * (1.0 - a) / n;
            f += s * b;
            s *= 1.0 - a;
        }
        let se = f64::max(var_f, 0.0).sqrt();
        let (low, high) = band(f, se, Level::USUAL);
        points.push(IncidencePoint {
            t: row.t,
            at_risk: n,
            events,
            value: f,
            se,
            low,
            high,
        });
    }
    points
}

/// `F^exp(±z·se/(F·|log F|))`, inside (0, 1).
fn band(value: f64, se: f64, level: Level) -> (f64, f64) {
    if value <= 0.0 || value >= 1.0 {
        return (value, value);
    }
    let log = value.ln();
    let shift = (level.z() * se / (value * -log)).exp();
    ((log * shift).exp(), (log / shift).exp())
}
