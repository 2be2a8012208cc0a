//! Whether initiatives work, alone or with others of one sponsor.

use super::InputId;
use super::gate::Gate;
use super::initiative::Programme;
use super::raise::{Raised, Ready, raisers};
use crate::kernel::{LANES, Lane};
use crate::math::ndtri;
use crate::scenario::{self, GateDraws, Problem, ScenarioError};

/// Correlation of the normals behind two initiatives of one sponsor, where none is written.
const OF_ONE_SPONSOR: f64 = 0.5;

/// Whether an initiative works.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Success {
    /// An input that is 1 where it works.
    Alone(InputId),
    /// It works where a standard normal lies below a threshold.
    Drawn {
        /// Standard normal input of its own.
        own: InputId,
        /// One that is common to all initiatives of the sponsor, with its loading: the normal is
        /// `loading·sponsor + √(1 − loading²)·own`.
        sponsor: Option<(InputId, f64)>,
        threshold: Ready,
    },
}

impl Success {
    /// Whether other initiatives have no say in it.
    pub(crate) fn is_by_itself(&self) -> bool {
        match self {
            Self::Alone(_) => true,
            Self::Drawn { threshold, .. } => threshold.raised.is_none(),
        }
    }

    /// The input that decides it first.
    pub(crate) fn input(&self) -> InputId {
        match *self {
            Self::Alone(input) => input,
            Self::Drawn { own, .. } => own,
        }
    }

    /// 1 where it works, else 0, from what is drawn and the initiatives that raise others.
    #[inline(always)]
    pub(crate) fn works(&self, values: &[Lane], raised: &[Lane]) -> Lane {
        match *self {
            Self::Alone(input) => values[input],
            Self::Drawn {
                own,
                sponsor,
                threshold,
            } => {
                let mut drawn = values[own];
                if let Some((sponsor, loading)) = sponsor {
                    let rest = (1.0 - loading * loading).sqrt();
                    let sponsor = &values[sponsor];
                    for l in 0..LANES {
                        drawn[l] = loading * sponsor[l] + rest * drawn[l];
                    }
                }
                let mut thresholds = [threshold.written; LANES];
                if let Some(raise) = threshold.raised {
                    for l in 0..LANES {
                        if raised[raise.by][l] > 0.0 {
                            thresholds[l] = raise.to;
                        }
                    }
                }
                let mut works = [0.0; LANES];
                for l in 0..LANES {
                    works[l] = if drawn[l] < thresholds[l] { 1.0 } else { 0.0 };
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
        probability: Ready,
        gate: Option<&Gate>,
        path: &str,
    ) -> Result<Option<Success>, ScenarioError> {
        let of_pilot = gate.filter(|gate| gate.same);
        self.check_sponsor(written, of_pilot.is_some(), path)?;
        let loading = self.loading()?;
        let Ready { written: p, raised } = probability;
        if p >= 1.0 && raised.is_none_or(|it| it.to >= 1.0) {
            return Ok(None);
        }
        let piloted = of_pilot.and_then(|gate| self.initiatives[gate.pilot].success);
        let name = format!("initiatives.{}.success", written.name);
        let sponsor = written.sponsor.as_deref().filter(|_| loading > 0.0);
        if sponsor.is_none() && !self.may_be_raised(written) {
            let leader = match piloted {
                Some(Success::Alone(input)) => Some(input),
                _ => None,
            };
            let builder = self.builder.following(leader);
            return Ok(Some(Success::Alone(builder.success(name, p))));
        }
        let own = match piloted {
            Some(Success::Drawn { own, .. }) => own,
            _ => self.builder.normal(name, "whether it works, by itself"),
        };

        Ok(Some(Success::Drawn {
            own,
            sponsor: sponsor.map(|name| (self.sponsor(name), loading)),
            threshold: Ready {
                written: ndtri(p),
                raised: raised.map(|it| Raised {
                    to: ndtri(it.to),
                    ..it
                }),
            },
        }))
    }

    /// Whether its readiness may be raised, or that of a pilot or a roll-out with which it shares its draws.
    fn may_be_raised(&self, written: &scenario::Initiative) -> bool {
        let all = &self.scenario.initiatives;
        let mut first = written;
        while let Some(pilot) = shared_pilot(all, first) {
            first = pilot;
        }
        let mut same = Some(first);
        while let Some(initiative) = same {
            if raisers(all, initiative).next().is_some() {
                return true;
            }
            let follows = |it: &&scenario::Initiative| {
                shared_pilot(all, it).is_some_and(|pilot| pilot.name == initiative.name)
            };
            same = all.iter().find(follows);
        }
        false
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

/// The pilot whose draws an initiative takes.
fn shared_pilot<'a>(
    all: &'a [scenario::Initiative],
    roll_out: &scenario::Initiative,
) -> Option<&'a scenario::Initiative> {
    let gate = roll_out.gate.as_ref();
    let gate = gate.filter(|gate| gate.draws == GateDraws::Shared)?;
    all.iter().find(|it| it.name == gate.pilot)
}
