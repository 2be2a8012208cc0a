use serde::{Deserialize, Serialize};

use super::{Observation, RiskTable, SurvivalError};
use crate::fit::{Estimate, Fit, Flag, Level, Scale};

/// One step of a survival curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct SurvivalPoint {
    /// Time of the step.
    pub t: f64,
    /// Customers at risk just before `t`.
    pub at_risk: f64,
    /// Departures at `t`.
    pub events: f64,
    /// Survival just after `t`.
    pub value: f64,
    /// Greenwood's standard error; 0 where survival is 0 or 1.
    pub se: f64,
    /// Lower 95% log-log limit.
    pub low: f64,
    /// Upper 95% log-log limit; where survival is 0 that of the last step above 0.
    pub high: f64,
}

/// A quantile with its 95% interval; `None` where the curve or band never falls that far.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Quantile {
    /// First time at which survival is at or below `1 − p`.
    pub value: Option<f64>,
    /// The same on the lower band.
    pub low: Option<f64>,
    /// The same on the upper band.
    pub high: Option<f64>,
}

/// Expected time up to a horizon, the area under the curve.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct RestrictedMean {
    /// The horizon actually used: never beyond the last observed time.
    pub horizon: f64,
    /// Mean with a normal 95% interval.
    pub estimate: Estimate,
}

/// Kaplan–Meier survival under delayed entry and right censoring.
///
/// `S(t) = Π (1 − d/n)` over event times; Greenwood's variance `S² Σ d/(n(n − d))`; the band is
/// `S^exp(±z·se(log(−log S)))`, which stays inside (0, 1) (Kalbfleisch & Prentice 1980, 1.3).
/// With delayed entry `S` is conditional on having survived to the first entry.
#[derive(Debug, Clone, PartialEq)]
pub struct KaplanMeier {
    points: Vec<SurvivalPoint>,
    table: RiskTable,
    level: Level,
}

impl KaplanMeier {
    /// Estimates the curve; its steps are all distinct times of exit.
    ///
    /// # Errors
    /// [`SurvivalError::Empty`] when no observation carries weight.
    pub fn new(observations: &[Observation]) -> Result<Self, SurvivalError> {
        Ok(Self::from_table(RiskTable::new(observations)?))
    }

    /// The same from risk sets counted before.
    pub fn from_table(table: RiskTable) -> Self {
        Self::banded(table, Level::USUAL)
    }

    /// The same curve with bands of another level.
    #[must_use]
    pub fn with_level(self, level: Level) -> Self {
        Self::banded(self.table, level)
    }

    fn banded(table: RiskTable, level: Level) -> Self {
        let (mut value, mut greenwood, mut high) = (1.0, 0.0, 1.0);
        let mut points = Vec::with_capacity(table.rows().len());
        for row in table.rows() {
            let stayed = row.at_risk - row.events;
            if row.events > 0.0 {
                value *= stayed / row.at_risk;
                greenwood += row.events / (row.at_risk * stayed);
            }
            let point = if value > 0.0 {
                let (low, upper) = log_log_band(value, greenwood.sqrt(), level);
                high = upper;
                (value * greenwood.sqrt(), low)
            } else {
                (0.0, 0.0)
            };
            let (t, at_risk, events) = (row.t, row.at_risk, row.events);
            points.push(SurvivalPoint {
                t,
                at_risk,
                events,
                value,
                se: point.0,
                low: point.1,
                high,
            });
        }
        Self {
            points,
            table,
            level,
        }
    }

    /// Steps in time order.
    pub fn points(&self) -> &[SurvivalPoint] {
        &self.points
    }

    /// The risk sets behind the curve.
    pub fn table(&self) -> &RiskTable {
        &self.table
    }

    /// The step in force at time `t`; before the first step survival is 1.
    pub fn at(&self, t: f64) -> SurvivalPoint {
        match self.points.partition_point(|point| point.t <= t) {
            0 => SurvivalPoint {
                t: 0.0,
                at_risk: self.at_risk(t),
                events: 0.0,
                value: 1.0,
                se: 0.0,
                low: 1.0,
                high: 1.0,
            },
            after => self.points[after - 1],
        }
    }

    /// Customers at risk at the first step at or after `t`, 0 after the last.
    pub fn at_risk(&self, t: f64) -> f64 {
        let next = self.points.partition_point(|point| point.t < t);
        self.points.get(next).map_or(0.0, |point| point.at_risk)
    }

    /// The time by which a share `p` has left, with the interval read off the bands
    /// (Brookmeyer & Crowley 1982).
    ///
    /// # Errors
    /// [`SurvivalError::Probability`] when `p` is outside (0, 1).
    pub fn quantile(&self, p: f64) -> Result<Quantile, SurvivalError> {
        if !(p > 0.0 && p < 1.0) {
            return Err(SurvivalError::Probability(p));
        }
        Ok(self.crossing(1.0 - p))
    }

    /// The time by which half have left.
    pub fn median(&self) -> Quantile {
        self.crossing(0.5)
    }

    fn crossing(&self, level: f64) -> Quantile {
        // Products of fractions may miss a level such as 1/2 by a few units in the last place.
        let level = level + 1e-12;
        let first = |curve: fn(&SurvivalPoint) -> f64| {
            self.points
                .iter()
                .find(|point| curve(point) <= level)
                .map(|point| point.t)
        };
        Quantile {
            value: first(|p| p.value),
            low: first(|p| p.low),
            high: first(|p| p.high),
        }
    }

    /// Area under the curve from 0 to `horizon` (or the last observed time if that is earlier),
    /// variance `Σ A² d/(n(n − d))` with `A` the area still to come (Klein & Moeschberger, 4.5).
    ///
    /// # Errors
    /// [`SurvivalError::Invalid`] when the horizon is negative or NaN.
    pub fn restricted_mean(&self, horizon: f64) -> Result<RestrictedMean, SurvivalError> {
        if horizon.is_nan() || horizon < 0.0 {
            return Err(SurvivalError::Invalid {
                field: "horizon",
                value: horizon,
            });
        }
        let last = self.points.last().map_or(0.0, |point| point.t);
        let horizon = horizon.min(last);
        let (mut area, mut variance, mut right) = (0.0, 0.0, horizon);
        for point in self.points.iter().rev().filter(|point| point.t < horizon) {
            area += point.value * (right - point.t);
            let stayed = point.at_risk - point.events;
            if point.events > 0.0 && stayed > 0.0 {
                variance += area * area * point.events / (point.at_risk * stayed);
            }
            right = point.t;
        }
        let estimate = Estimate::wald(Scale::Identity, area + right, variance.sqrt(), self.level);
        Ok(RestrictedMean { horizon, estimate })
    }

    /// The hand-over form: the restricted mean to the last observed time and what to mind.
    pub fn hand_over(&self) -> Fit {
        let mut fit = Fit::curve("km", self.table.n(), self.table.events()).at(self.level);
        fit.data
            .insert("person_time".into(), self.table.person_time());
        fit.data.insert("rows".into(), self.points.len() as f64);
        if let Ok(mean) = self.restricted_mean(f64::INFINITY) {
            fit.data
                .insert("restricted_mean_horizon".into(), mean.horizon);
            fit.estimates
                .insert("restricted_mean".into(), mean.estimate);
        }
        for flag in self.flags() {
            fit.warn(flag);
        }
        fit
    }

    fn flags(&self) -> Vec<Flag> {
        let mut flags = Vec::new();
        if self.table.events() == 0.0 {
            flags.push(Flag::new(
                "no_events",
                "nobody left while observed: survival stays at 1",
            ));
        }
        let zero = self.points.iter().position(|point| point.value == 0.0);
        if let Some(step) = zero.filter(|&step| step + 1 < self.points.len()) {
            let t = self.points[step].t;
            flags.push(Flag::new(
                "early_zero",
                format!("everyone at risk at {t} left, though others were seen later: start the curve after it"),
            ));
        }
        if let Some(point) = self.early_thin_step() {
            flags.push(Flag::new(
                "thin_risk_set",
                format!(
                    "only {} at risk at {}, and all that follows is a multiple of that step",
                    point.at_risk, point.t
                ),
            ));
        }
        flags
    }
}

impl KaplanMeier {
    /// With delayed entry few may be watched early, though many are later.
    fn early_thin_step(&self) -> Option<&SurvivalPoint> {
        let many = self
            .points
            .iter()
            .rposition(|point| point.at_risk >= 30.0)?;
        self.points[..many]
            .iter()
            .find(|point| point.events > 0.0 && point.at_risk < 5.0)
    }
}

/// `S^exp(±z·σ/|log S|)` with `σ² = Σ d/(n(n − d))`.
fn log_log_band(value: f64, sigma: f64, level: Level) -> (f64, f64) {
    let log = value.ln();
    if log == 0.0 {
        return (1.0, 1.0);
    }
    let shift = (level.z() * sigma / -log).exp();
    ((log * shift).exp(), (log / shift).exp())
}
