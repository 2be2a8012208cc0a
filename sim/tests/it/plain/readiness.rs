//! How ready the organisation is for an initiative, and what comes of it.

use keepworth_sim::Scenario;
use keepworth_sim::math::ndtri;
use keepworth_sim::scenario::{GateDraws, Initiative, Readiness};

use super::draws::Draws;

/// Readiness where those work of whom `is_raising` says so.
pub fn raised(
    scenario: &Scenario,
    initiative: &Initiative,
    is_raising: &dyn Fn(&str) -> bool,
) -> Option<Readiness> {
    let mut it = initiative.readiness.clone()?;
    let raisers = scenario.initiatives.iter();
    for raiser in raisers.filter(|raiser| may_raise(raiser, initiative)) {
        let Some(points) = raiser.raises.as_ref().filter(|_| is_raising(&raiser.name)) else {
            continue;
        };
        let more = |score: f64, points: f64| (score + points).min(5.0);
        it.people = more(it.people, points.people);
        it.process = more(it.process, points.process);
        it.politics = more(it.politics, points.politics);
    }
    Some(it)
}

fn may_raise(raiser: &Initiative, raised: &Initiative) -> bool {
    raiser.raises.as_ref().is_some_and(|it| {
        let starts_later = raised.start_month >= raiser.start_month + it.after_months;
        let meant = it.of.is_empty() || it.of.contains(&raised.name);
        raised.readiness.is_some() && starts_later && meant
    })
}

/// Months by which all of its adoption comes later.
pub fn delay(scenario: &Scenario, readiness: Option<&Readiness>) -> f64 {
    let months = scenario.readiness_mapping.delay_months;
    readiness.map_or(0.0, |it| between(months, it.process))
}

/// The share of its effect that is realised.
pub fn realisation(scenario: &Scenario, readiness: Option<&Readiness>) -> f64 {
    let shares = scenario.readiness_mapping.realisation;
    readiness.map_or(1.0, |it| between(shares, it.people))
}

fn probability(scenario: &Scenario, it: &Initiative, readiness: Option<&Readiness>) -> f64 {
    let probabilities = scenario.readiness_mapping.success_probability;
    let by_readiness = || readiness.map_or(1.0, |it| between(probabilities, it.politics));
    it.success_probability.unwrap_or_else(by_readiness)
}

/// What lies between the values of score 0 and score 5.
fn between([low, high]: [f64; 2], score: f64) -> f64 {
    low + (high - low) * score / 5.0
}

/// The pilot that an initiative works like.
pub fn takes_draws_of(initiative: &Initiative) -> Option<&str> {
    let gate = initiative.gate.as_ref();
    let shares = gate.filter(|gate| gate.draws == GateDraws::Shared);
    shares.map(|gate| gate.pilot.as_str())
}

/// Whether an initiative works.
pub struct Success<'a> {
    scenario: &'a Scenario,
    initiative: &'a Initiative,
    /// In this future.
    probability: f64,
}

impl<'a> Success<'a> {
    pub fn new(
        scenario: &'a Scenario,
        initiative: &'a Initiative,
        readiness: Option<&Readiness>,
    ) -> Self {
        Self {
            scenario,
            initiative,
            probability: probability(scenario, initiative, readiness),
        }
    }

    /// Whether there is a future in which it may fail.
    pub fn is_drawn(&self) -> bool {
        [false, true].into_iter().any(|all_raise| {
            let readiness = raised(self.scenario, self.initiative, &|_| all_raise);
            probability(self.scenario, self.initiative, readiness.as_ref()) < 1.0
        })
    }

    /// Whether it works, given its uniform. What is raised or carried by a sponsor works where a standard normal is
    /// low, all else where the uniform is.
    pub fn comes(&self, draws: &Draws<'_>, uniform: f64) -> bool {
        if self.probability >= 1.0 {
            return true;
        }
        let correlation = self.scenario.sponsor_correlation.unwrap_or(0.5);
        let sponsor = self.initiative.sponsor.as_ref();
        let sponsor = sponsor.filter(|_| correlation > 0.0);
        if sponsor.is_none() && !self.may_be_raised() {
            return uniform < self.probability;
        }
        let mut luck = ndtri(uniform);
        if let Some(sponsor) = sponsor {
            let common = ndtri(draws.common(&format!("sponsor {sponsor}")));
            luck = correlation.sqrt() * common + (1.0 - correlation).sqrt() * luck;
        }
        luck < ndtri(self.probability)
    }

    /// Whether anybody raises it, or one that takes the same draws.
    fn may_be_raised(&self) -> bool {
        let all = &self.scenario.initiatives;
        let first = |it: &'a Initiative| {
            let mut first = it;
            while let Some(pilot) = takes_draws_of(first) {
                first = all.iter().find(|it| it.name == pilot).unwrap();
            }
            &first.name
        };
        let mut alike = all.iter().filter(|it| first(it) == first(self.initiative));
        alike.any(|it| all.iter().any(|raiser| may_raise(raiser, it)))
    }
}
