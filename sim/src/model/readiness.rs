//! Readiness: what people, process and politics make of an initiative.

use super::belief::percent;
use crate::flag::{Flag, FlagCode};
use crate::scenario::{self, Problem, ScenarioError};

/// What readiness makes of an initiative.
pub(super) struct Outlook {
    pub(super) probability: f64,
    pub(super) delay: f64,
    pub(super) realisation: f64,
}

impl Outlook {
    /// From readiness by the scenario's mapping, or from a stated probability of success.
    pub(super) fn new(
        written: &scenario::Initiative,
        mapping: &scenario::ReadinessMapping,
        path: &str,
    ) -> Result<Self, ScenarioError> {
        match (&written.readiness, written.success_probability) {
            (Some(_), Some(_)) => {
                let problem = "readiness and success_probability are both given; readiness sets \
                               the probability, so keep one";
                Err(Problem::Conflict(problem.to_owned()).at(format!("{path}.readiness")))
            }
            (None, probability) => {
                let probability = probability.unwrap_or(1.0);
                Problem::unless_within(probability, 0.0, 1.0, "give a probability from 0 to 1")
                    .map_err(|p| p.at(format!("{path}.success_probability")))?;
                Ok(Self {
                    probability,
                    delay: 0.0,
                    realisation: 1.0,
                })
            }
            (Some(scores), None) => {
                for (field, score) in [
                    ("people", scores.people),
                    ("process", scores.process),
                    ("politics", scores.politics),
                ] {
                    Problem::unless_within(score, 0.0, 5.0, "give a score from 0 to 5")
                        .map_err(|p| p.at(format!("{path}.readiness.{field}")))?;
                }
                let between = |[low, high]: [f64; 2], score: f64| low + (high - low) * score / 5.0;
                Ok(Self {
                    probability: between(mapping.success_probability, scores.politics),
                    delay: between(mapping.delay_months, scores.process),
                    realisation: between(mapping.realisation, scores.people),
                })
            }
        }
    }

    /// What a reader must know where scores set it: what they come to, and what they rest on.
    pub(super) fn flag(&self, written: &scenario::Initiative) -> Option<Flag> {
        let evidence = match written.readiness.as_ref()?.evidence.as_str() {
            "" => "nothing that is stated",
            evidence => evidence,
        };
        let detail = format!(
            "{}: by its readiness it works in {} of futures, {:.1} months late, with {} of its effect; \
             the scores rest on: {evidence}",
            written.name,
            percent(self.probability),
            self.delay,
            percent(self.realisation)
        );
        Some(Flag::new(FlagCode::Readiness, &written.name, detail))
    }
}
