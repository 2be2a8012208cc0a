//! What the engine makes of a grade of evidence.

use super::{Distribution, DistributionError};
use serde::{Deserialize, Serialize, Serializer};

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
    /// Share of the association that is causal, drawn in each trial and multiplied into the effect
    /// unless its mean is harm.
    pub causal_share: Distribution,
    /// Standard deviation of an effect that is a bare number, as a share of it, instead of the
    /// factor; 0 takes the number as it is.
    #[serde(default)]
    pub bare_sd: f64,
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
    /// Not a spread.
    #[error("bare_sd of grade {grade:?} is {value}; give a share of the number from 0 to 100")]
    BareSd {
        /// The grade.
        grade: Grade,
        /// The share.
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

impl Grade {
    /// All grades, best first.
    pub const ALL: [Self; 4] = [Self::A, Self::B, Self::C, Self::D];
}

/// The rules of all grades in force in a run; serialised with its results.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct GradePolicy {
    #[serde(serialize_with = "by_grade")]
    rules: [GradeRule; 4],
    changes: Vec<GradeChange>,
}

fn by_grade<S: Serializer>(rules: &[GradeRule; 4], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(Grade::ALL.into_iter().zip(rules))
}

/// The standard normal's 95% quantile.
const NORMAL_95: f64 = 1.644_853_626_951_472_2;

impl Default for GradePolicy {
    /// | grade | sd factor | causal share | a bare number `x` |
    /// |---|---|---|---|
    /// | A | 1 | 1 | as it is |
    /// | B | 1.25 | Beta(8, 2) | as it is |
    /// | C | 1 | Beta(2, 2) | as it is |
    /// | D | 2 | Beta(1, 3) | normal, 5% at 0 and 95% at `2x` |
    ///
    /// C is not widened, because its posterior comes out of a sceptical prior already. A claim of
    /// grade D has seen no data: it is believed less causal than a link in one's own, and twice as
    /// wide, so that the customary 90% interval of a vendor becomes about a 59% one. A claim without
    /// any interval is never believed more than one with (`MODEL.md`, evidence).
    fn default() -> Self {
        let rule = |sd_factor, causal_share| GradeRule {
            sd_factor,
            causal_share,
            bare_sd: 0.0,
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
                GradeRule {
                    bare_sd: 1.0 / NORMAL_95,
                    ..rule(2.0, share(1.0, 3.0))
                },
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
        let value = self.rule.bare_sd;
        if !(0.0..=100.0).contains(&value) {
            return Err(GradeError::BareSd { grade, value });
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn better_evidence_never_counts_less() {
        let policy = GradePolicy::default();
        let shares = Grade::ALL.map(|grade| policy.rule(grade).causal_share.mean());
        assert_eq!(shares[0], 1.0);
        assert!((shares[1] - 0.8).abs() < 1e-15);
        assert_eq!(shares[2..], [0.5, 0.25]);
        assert_eq!(policy.rule(Grade::B).sd_factor, 1.25);
    }

    #[test]
    fn changes_carry_their_reason_into_the_results() {
        let rule = GradeRule {
            sd_factor: 1.5,
            causal_share: Distribution::Fixed(0.7),
            bare_sd: 0.0,
        };
        let reason = "audited by the controller".to_owned();
        let change = GradeChange {
            grade: Grade::C,
            rule: rule.clone(),
            reason,
        };
        let policy = GradePolicy::with_changes(vec![change]).expect("a possible change");
        assert_eq!(policy.rule(Grade::C), &rule);
        assert_eq!(policy.rule(Grade::D), GradePolicy::default().rule(Grade::D));
        let printed = serde_json::to_string(&policy).expect("a policy has a JSON form");
        assert!(printed.contains("audited by the controller"), "{printed}");
        assert!(
            printed.contains(r#""C":{"sd_factor":1.5,"causal_share":0.7,"bare_sd":0.0}"#),
            "{printed}"
        );
    }

    #[test]
    fn changes_without_reason_or_sense_are_refused() {
        let refused = |sd_factor, causal_share, reason: &str| {
            let rule = GradeRule {
                sd_factor,
                causal_share,
                bare_sd: 0.0,
            };
            let change = GradeChange {
                grade: Grade::D,
                rule,
                reason: reason.to_owned(),
            };
            GradePolicy::with_changes(vec![change]).expect_err("refused")
        };
        let half = || Distribution::Fixed(0.5);
        assert_eq!(refused(1.0, half(), " "), GradeError::NoReason(Grade::D));
        assert!(matches!(
            refused(f64::NAN, half(), "why"),
            GradeError::SdFactor { .. }
        ));
        assert!(matches!(
            refused(0.5, half(), "why"),
            GradeError::SdFactor { .. }
        ));
        let nan = Distribution::Fixed(f64::NAN);
        assert!(matches!(
            refused(1.0, nan, "why"),
            GradeError::CausalShare { .. }
        ));
        let beyond = Distribution::Uniform([0.5, 1.5]);
        assert!(matches!(
            refused(1.0, beyond, "why"),
            GradeError::CausalShareRange { .. }
        ));
    }
}
