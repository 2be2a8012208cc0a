//! What the engine makes of a grade of evidence.

use super::{Distribution, DistributionError};
use serde::{Deserialize, Serialize};

/// How good the evidence for an effect is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Grade {
    /// Randomised pilot.
    A,
    /// Controlled before–after comparison (difference-in-differences).
    B,
    /// Observational link on own data.
    C,
    /// Stated by a vendor or an expert, or unknown.
    D,
}

/// What a grade does to an effect.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradeRule {
    /// Factor on the effect's standard deviation about its mean; at least 1.
    pub sd_factor: f64,
    /// Share of the association that is causal, drawn in each trial and multiplied into the effect.
    pub causal_share: Distribution,
}

/// A rule put in place of a default, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GradeChange {
    /// The grade.
    pub grade: Grade,
    /// Its new rule.
    pub rule: GradeRule,
    /// Why; printed with every result.
    pub reason: String,
}

/// A change of a grade's rule that cannot be made.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum GradeError {
    /// No reason.
    #[error("the change of grade {0:?} has no reason; say why, it is printed with the results")]
    NoReason(Grade),
    /// Not a widening.
    #[error("sd_factor of grade {grade:?} is {value}; give a number from 1 to 100")]
    SdFactor {
        /// The grade.
        grade: Grade,
        /// The factor.
        value: f64,
    },
    /// Not a distribution.
    #[error("causal_share of grade {grade:?}: {source}")]
    CausalShare {
        /// The grade.
        grade: Grade,
        /// What is wrong.
        source: DistributionError,
    },
    /// A distribution that leaves 0 … 1.
    #[error(
        "causal_share of grade {grade:?} runs from {low} to {high}; give a distribution within 0 and 1"
    )]
    CausalShareRange {
        /// The grade.
        grade: Grade,
        /// Lower end.
        low: f64,
        /// Upper end.
        high: f64,
    },
}

/// The rules of all grades in force in a run; serialised with its results.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GradePolicy {
    rules: [GradeRule; 4],
    changes: Vec<GradeChange>,
}

impl Default for GradePolicy {
    /// | grade | sd factor | causal share |
    /// |---|---|---|
    /// | A | 1 | 1 |
    /// | B | 1.25 | Beta(8, 2) |
    /// | C | 1 | Beta(2, 2) |
    /// | D | 2 | Beta(2, 2) |
    fn default() -> Self {
        let rule = |sd_factor, causal_share| GradeRule {
            sd_factor,
            causal_share,
        };
        let share = |alpha, beta| Distribution::Beta {
            alpha,
            beta,
            low: 0.0,
            high: 1.0,
        };
        Self {
            rules: [
                rule(1.0, Distribution::Fixed(1.0)),
                rule(1.25, share(8.0, 2.0)),
                rule(1.0, share(2.0, 2.0)),
                rule(2.0, share(2.0, 2.0)),
            ],
            changes: Vec::new(),
        }
    }
}

impl GradePolicy {
    /// The defaults with some rules changed, each for a reason.
    ///
    /// # Errors
    /// The first change that has no reason or no possible rule.
    pub fn with_changes(changes: Vec<GradeChange>) -> Result<Self, GradeError> {
        let mut policy = Self::default();
        for change in &changes {
            change.validate()?;
            policy.rules[change.grade as usize] = change.rule.clone();
        }
        policy.changes = changes;
        Ok(policy)
    }

    /// The rule of a grade.
    pub fn rule(&self, grade: Grade) -> &GradeRule {
        &self.rules[grade as usize]
    }

    /// What was changed from the defaults.
    pub fn changes(&self) -> &[GradeChange] {
        &self.changes
    }
}

impl GradeChange {
    fn validate(&self) -> Result<(), GradeError> {
        let grade = self.grade;
        if self.reason.trim().is_empty() {
            return Err(GradeError::NoReason(grade));
        }
        let value = self.rule.sd_factor;
        if !(1.0..=100.0).contains(&value) {
            return Err(GradeError::SdFactor { grade, value });
        }
        let share = &self.rule.causal_share;
        share
            .validate()
            .map_err(|source| GradeError::CausalShare { grade, source })?;
        let [low, high] = share.support();
        if !(low >= 0.0 && high <= 1.0) {
            return Err(GradeError::CausalShareRange { grade, low, high });
        }
        Ok(())
    }
}
