//! Customers of every segment, month by month, as things are and with the programme.

use keepworth_sim::Scenario;
use keepworth_sim::scenario::{Lever, Segment};

use super::cohort::{Cohort, Leaving};
use super::draws::Draws;
use super::effect::Programme;

/// Both worlds, segment by segment.
pub struct Worlds {
    pub segments: Vec<Pair>,
}

/// One segment in both worlds: customers at the end of each month from 0.
pub struct Pair {
    pub as_is: Vec<f64>,
    pub with: Vec<f64>,
    pub won: f64,
    /// Share of those who were just won that is still there after each month, as things are.
    pub survival: Vec<f64>,
}

impl Worlds {
    pub fn new(scenario: &Scenario, draws: &Draws<'_>, programme: &Programme<'_>) -> Self {
        let pair = |segment| pair(scenario, draws, programme, segment);
        Self {
            segments: scenario.segments.iter().map(pair).collect(),
        }
    }

    /// Customers at the horizon, as things are and with the programme.
    pub fn at_the_end(&self) -> (f64, f64) {
        let last = |world: &[f64]| *world.last().unwrap();
        (
            self.segments.iter().map(|pair| last(&pair.as_is)).sum(),
            self.segments.iter().map(|pair| last(&pair.with)).sum(),
        )
    }
}

fn pair(
    scenario: &Scenario,
    draws: &Draws<'_>,
    programme: &Programme<'_>,
    segment: &Segment,
) -> Pair {
    let name = &segment.name;
    let figure = |part: &str| format!("segments.{name}.{part}");
    let leaving = Leaving::new(draws, segment.hazard.as_ref().unwrap(), name);
    let won = draws.or(
        segment.won_per_month.as_ref(),
        &figure("won_per_month"),
        0.0,
    );
    let ceiling = draws.or(
        segment.experience_share.as_ref(),
        &figure("experience_share"),
        1.0,
    );
    let reduction = |month| {
        let joint = 1.0 - programme.left(Lever::Hazard, None, name, month);
        joint.min(ceiling)
    };
    let mut as_is = Book::new(segment);
    let mut with = Book::new(segment);
    let mut new = Cohort::new(1.0, 0.0);
    let mut survival = vec![1.0];
    for month in 1..=scenario.horizon_months {
        as_is.pass(&leaving, 1.0);
        as_is.enter(won);
        let referred: f64 = programme
            .pulls(Lever::Referrals, None, name, month)
            .iter()
            .sum();
        let recruits = referred * with.customers();
        with.pass(&leaving, 1.0 - reduction(month));
        with.enter(won + recruits);
        new.pass(&leaving, 1.0);
        survival.push(new.left);
    }
    Pair {
        as_is: as_is.counted,
        with: with.counted,
        won,
        survival,
    }
}

/// Customers at month 0 by completed months of tenure.
pub fn customers_by_tenure(segment: &Segment) -> Vec<f64> {
    let mut by_tenure = segment.customers_by_tenure.clone().unwrap_or(vec![1.0]);
    if let Some(customers) = segment.customers {
        let profile: f64 = by_tenure.iter().sum();
        by_tenure.iter_mut().for_each(|n| *n *= customers / profile);
    }
    by_tenure
}

/// The customers of a segment in one world.
struct Book {
    cohorts: Vec<Cohort>,
    counted: Vec<f64>,
}

impl Book {
    fn new(segment: &Segment) -> Self {
        let by_tenure = customers_by_tenure(segment);
        let cohort = |(age, n): (usize, &f64)| Cohort::new(*n, age as f64);
        let cohorts: Vec<Cohort> = by_tenure.iter().enumerate().map(cohort).collect();
        let customers = by_tenure.iter().sum();
        Self {
            cohorts,
            counted: vec![customers],
        }
    }

    fn customers(&self) -> f64 {
        self.cohorts.iter().map(|cohort| cohort.left).sum()
    }

    /// A month passes, in which hazards are multiplied by `factor`.
    fn pass(&mut self, leaving: &Leaving, factor: f64) {
        for cohort in &mut self.cohorts {
            cohort.pass(leaving, factor);
        }
    }

    /// New customers come at the month's end.
    fn enter(&mut self, customers: f64) {
        self.cohorts.push(Cohort::new(customers, 0.0));
        self.counted.push(self.customers());
    }
}
