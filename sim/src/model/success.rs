//! Whether initiatives work, alone or with others of one sponsor.

use super::InputId;
use super::gate::Gate;
use super::initiative::Programme;
use crate::kernel::{LANES, Lane};
use crate::math::ndtri;
use crate::scenario::{self, Problem, ScenarioError};

/// Correlation of the normals behind two initiatives of one sponsor, where none is written.
const OF_ONE_SPONSOR: f64 = 0.5;

/// Whether an initiative works.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Success {
    /// An input that is 1 where it works.
    Alone(InputId),
    /// It works where `loading·sponsor + √(1 − loading²)·own` lies above a threshold: standard normal inputs, of which
    /// one is common to all initiatives of the sponsor.
    Sponsored {
        own: InputId,
        sponsor: InputId,
        loading: f64,
        threshold: f64,
    },
}

impl Success {
    /// 1 where it works, else 0.
    #[inline(always)]
    pub(crate) fn works(&self, values: &[Lane]) -> Lane {
        match *self {
            Self::Alone(input) => values[input],
            Self::Sponsored {
                own,
                sponsor,
                loading,
                threshold,
            } => {
                let (own, sponsor) = (&values[own], &values[sponsor]);
                let rest = (1.0 - loading * loading).sqrt();
                let mut works = [0.0; LANES];
                for l in 0..LANES {
                    let drawn = loading * sponsor[l] + rest * own[l];
                    works[l] = if drawn > threshold { 1.0 } else { 0.0 };
                }
                works
            }
        }
    }
}

impl Programme<'_> {
    /// Whether an initiative works, with its pilot's draws where it is the same thing tried twice.
    pub(super) fn success(
        &mut self,
        written: &scenario::Initiative,
        probability: f64,
        gate: Option<&Gate>,
        path: &str,
    ) -> Result<Option<Success>, ScenarioError> {
        let of_pilot = gate.filter(|gate| gate.same);
        self.check_sponsor(written, of_pilot.is_some(), path)?;
        let loading = self.loading()?;
        if probability >= 1.0 {
            return Ok(None);
        }
        let of_pilot = of_pilot.and_then(|gate| self.initiatives[gate.pilot].success);
        let name = format!("initiatives.{}.success", written.name);
        let Some(sponsor) = written.sponsor.as_deref().filter(|_| loading > 0.0) else {
            let leader = match of_pilot {
                Some(Success::Alone(input)) => Some(input),
                _ => None,
            };
            let builder = self.builder.following(leader);
            return Ok(Some(Success::Alone(builder.success(name, probability))));
        };
        let own = match of_pilot {
            Some(Success::Sponsored { own, .. }) => own,
            _ => self.builder.normal(name, "whether it works, by itself"),
        };
        Ok(Some(Success::Sponsored {
            own,
            sponsor: self.sponsor(sponsor),
            loading,
            threshold: ndtri(1.0 - probability),
        }))
    }

    fn sponsor(&mut self, name: &str) -> InputId {
        if let Some(known) = self.sponsors.get(name) {
            return *known;
        }
        let note = "common to all initiatives of the sponsor";
        let input = self.builder.normal(format!("sponsor {name}"), note);
        self.sponsors.insert(name.to_owned(), input);
        input
    }

    /// The square root of the correlation.
    fn loading(&self) -> Result<f64, ScenarioError> {
        let correlation = self.scenario.sponsor_correlation.unwrap_or(OF_ONE_SPONSOR);
        let at = |problem: Problem| problem.at("sponsor_correlation");
        Problem::unless_within(correlation, 0.0, 1.0, "give a correlation from 0 to 1")
            .map_err(at)?;
        let mut initiatives = self.scenario.initiatives.iter();
        let is_used = initiatives.any(|it| it.sponsor.is_some());
        if self.scenario.sponsor_correlation.is_some() && !is_used {
            let problem = "no initiative names a sponsor; give those of one the same (sponsor = \"NAME\"), or leave it out";
            return Err(at(Problem::Conflict(problem.to_owned())));
        }
        Ok(correlation.sqrt())
    }

    /// A pilot and its roll-out are one thing, which one sponsor carries.
    fn check_sponsor(
        &self,
        written: &scenario::Initiative,
        is_of_pilot: bool,
        path: &str,
    ) -> Result<(), ScenarioError> {
        let pilot = written.gate.as_ref().filter(|_| is_of_pilot);
        let pilot = pilot.and_then(|gate| self.written_pilot(gate));
        match pilot {
            Some(pilot) if pilot.sponsor != written.sponsor => {
                let problem = format!(
                    "\"{}\" takes the draws of its pilot \"{}\", which {}; give both the same sponsor, or set draws = \
                     \"own\" in the gate",
                    written.name,
                    pilot.name,
                    pilot
                        .sponsor
                        .as_ref()
                        .map_or("has none".to_owned(), |it| format!("has \"{it}\"")),
                );
                Err(Problem::Conflict(problem).at(format!("{path}.sponsor")))
            }
            _ => Ok(()),
        }
    }
}
