//! Readiness: what people, process and politics make of an initiative.

use super::belief::percent;
use super::initiative::Programme;
use super::raise::{HIGHEST, P, Raised, Ready};
use crate::flag::{Flag, FlagCode};
use crate::scenario::{self, Problem, ScenarioError};

/// What readiness makes of an initiative.
pub(super) struct Outlook {
    pub(super) probability: Ready,
    pub(super) delay: Ready,
    pub(super) realisation: Ready,
}

impl Programme<'_> {
    /// From readiness by the scenario's mapping, or from a stated probability of success.
    pub(super) fn readiness(
        &self,
        written: &scenario::Initiative,
        path: &str,
    ) -> Result<Outlook, ScenarioError> {
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
                Ok(Outlook {
                    probability: Ready::as_written(probability),
                    delay: Ready::as_written(0.0),
                    realisation: Ready::as_written(1.0),
                })
            }
            (Some(scores), None) => {
                let mapping = &self.scenario.readiness_mapping;
                let ready = |p: P, score: f64, ends: [f64; 2]| {
                    Problem::unless_within(score, 0.0, HIGHEST, "give a score from 0 to 5")
                        .map_err(|problem| problem.at(format!("{path}.readiness.{}", p.name())))?;
                    Ok(self.ready(written, p, score, ends))
                };
                Ok(Outlook {
                    realisation: ready(P::People, scores.people, mapping.realisation)?,
                    delay: ready(P::Process, scores.process, mapping.delay_months)?,
                    probability: ready(P::Politics, scores.politics, mapping.success_probability)?,
                })
            }
        }
    }

    fn ready(
        &self,
        initiative: &scenario::Initiative,
        p: P,
        score: f64,
        [low, high]: [f64; 2],
    ) -> Ready {
        let at = |score: f64| low + (high - low) * score / HIGHEST;
        let raised = self.raised(initiative, p).map(|(by, points)| Raised {
            by,
            to: at((score + points).min(HIGHEST)),
        });
        Ready {
            written: at(score),
            raised,
        }
    }

    /// What a reader must know where scores set it: what they come to, and what they rest on.
    pub(super) fn flag_readiness(
        &self,
        written: &scenario::Initiative,
        outlook: &Outlook,
    ) -> Option<Flag> {
        let evidence = match written.readiness.as_ref()?.evidence.as_str() {
            "" => "nothing that is stated",
            evidence => evidence,
        };
        let told = |ready: Ready, in_words: fn(f64) -> String| {
            let raised = ready.raised.map(|raised| {
                let by = &self.initiatives[raised.by].name;
                format!(" ({} where {by} works)", in_words(raised.to))
            });
            in_words(ready.written) + &raised.unwrap_or_default()
        };
        let months = |months: f64| format!("{months:.1} months");
        let detail = format!(
            "{}: by its readiness it works in {} of futures, {} late, with {} of its effect; \
             the scores rest on: {evidence}",
            written.name,
            told(outlook.probability, percent),
            told(outlook.delay, months),
            told(outlook.realisation, percent)
        );
        Some(Flag::new(FlagCode::Readiness, &written.name, detail))
    }
}
