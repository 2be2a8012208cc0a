//! What somebody wants of a programme.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::scatter::mean;
use crate::outcome::Outcome;

/// What somebody wants of a programme: written `npv = 100000`, `customers_kept = 500` or
/// `loss = 10%`.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// The mean of an outcome is so high. Rates of return are never averaged, so a goal for them has
    /// no meaning.
    Mean {
        /// The outcome.
        outcome: Outcome,
        /// Its mean.
        value: f64,
    },
    /// So small a share of trials loses money.
    ChanceOfLoss(f64),
}

/// A text that is no goal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is no goal; write OUTCOME = MEAN as in \"npv = 100000\", or the chance of a loss as in \"loss = 10%\""
)]
pub struct GoalError(String);

impl Goal {
    /// The programme is worth what it costs: E\[NPV\] = 0.
    pub const BREAK_EVEN: Self = Self::Mean {
        outcome: Outcome::Npv,
        value: 0.0,
    };

    /// The outcome that decides it.
    pub(super) fn outcome(self) -> Outcome {
        match self {
            Self::Mean { outcome, .. } => outcome,
            Self::ChanceOfLoss(_) => Outcome::Npv,
        }
    }

    /// The figure that should reach [`target`](Self::target), from the outcome's values.
    pub(super) fn figure(self, values: &[f64]) -> f64 {
        match self {
            Self::Mean { .. } => mean(values),
            Self::ChanceOfLoss(_) => {
                values.iter().filter(|npv| **npv < 0.0).count() as f64 / values.len() as f64
            }
        }
    }

    /// What the figure should be.
    pub fn target(self) -> f64 {
        match self {
            Self::Mean { value, .. } => value,
            Self::ChanceOfLoss(share) => share,
        }
    }

    /// Whether a figure is good enough: a mean high enough, or a chance of loss low enough.
    pub fn is_met_by(self, figure: f64) -> bool {
        match self {
            Self::Mean { value, .. } => figure >= value,
            Self::ChanceOfLoss(share) => figure <= share,
        }
    }
}

impl FromStr for Goal {
    type Err = GoalError;

    fn from_str(text: &str) -> Result<Self, GoalError> {
        parse(text).ok_or_else(|| GoalError(text.to_owned()))
    }
}

fn parse(text: &str) -> Option<Goal> {
    let (name, value) = text.split_once('=')?;
    let (name, value) = (name.trim(), value.trim());
    if name == "loss" {
        let percent: f64 = value.strip_suffix('%')?.trim().parse().ok()?;
        let within = (0.0..=100.0).contains(&percent);
        return within.then_some(Goal::ChanceOfLoss(percent / 100.0));
    }
    let outcome = Outcome::ALL.into_iter().find(|it| it.name() == name)?;
    let averaged = !matches!(outcome, Outcome::IrrAnnual | Outcome::MirrAnnual);
    let value: f64 = value.parse().ok()?;
    (averaged && value.is_finite()).then_some(Goal::Mean { outcome, value })
}

impl fmt::Display for Goal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Mean { outcome, value } => write!(f, "{} = {value}", outcome.name()),
            // Percent as they were written: 7%, not 7.000000000000001%.
            Self::ChanceOfLoss(share) => write!(f, "loss = {}%", (share * 1e8).round() / 1e6),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goals_are_read_and_written() {
        for text in ["npv = 100000", "customers_kept = -2.5", "loss = 10%"] {
            let goal: Goal = text.parse().unwrap();
            assert_eq!(goal.to_string(), text);
            let wire = serde_json::to_string(&goal).unwrap();
            assert_eq!(serde_json::from_str::<Goal>(&wire).unwrap(), goal);
        }
        assert_eq!("npv=0".parse(), Ok(Goal::BREAK_EVEN));
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "",
            "npv",
            "profit = 1",
            "npv = much",
            "loss = 0.1",
            "loss = 101%",
            "irr_annual = 0.1",
        ] {
            let error = text.parse::<Goal>().unwrap_err().to_string();
            assert!(error.contains("loss = 10%"), "{error}");
        }
    }
}
