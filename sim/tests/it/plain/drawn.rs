//! Customers one by one: who leaves and who comes is drawn.

use keepworth_sim::Heads;
use keepworth_sim::Scenario;
use keepworth_sim::scenario::{Lever, Segment};

use super::calendar::Calendar;
use super::cohort::Cohort;
use super::draws::Draws;
use super::effect::Programme;
use super::world::{Pair, Worlds, customers_by_tenure};

/// Worlds whose customers leave by lot: `lot` gives uniforms.
pub fn worlds(
    scenario: &Scenario,
    calendar: &Calendar,
    draws: &Draws<'_>,
    programme: &Programme<'_>,
    lot: &mut dyn FnMut() -> f64,
) -> Worlds {
    let mut worlds = Worlds::new(scenario, Heads::MonthEnd, calendar, draws, programme);
    for (segment, pair) in scenario.segments.iter().zip(&mut worlds.segments) {
        let mut crowds = crowds(segment);
        let count = |pair: &mut Pair, crowds: &[Crowd], month: usize| {
            pair.as_is[month] = crowds.iter().map(|it| f64::from(it.both + it.as_is)).sum();
            pair.with[month] = crowds.iter().map(|it| f64::from(it.both + it.with)).sum();
        };
        count(pair, &crowds, 0);
        for month in 1..=scenario.horizon_months {
            let calendar = pair.outlook.at(month);
            let kept = 1.0 - pair.reduction(programme, &segment.name, month);
            let referrals = programme.pulls(Lever::Referrals, None, &segment.name, month);
            let recruiting = referrals.iter().sum::<f64>() * pair.with[month as usize - 1];
            for crowd in &mut crowds {
                let stay = [calendar, calendar * kept];
                crowd.pass(pair, stay, lot);
            }
            let mut new = Crowd::new(0, 0.0);
            new.both = poisson(pair.won, lot);
            new.with = poisson(recruiting, lot);
            crowds.push(new);
            count(pair, &crowds, month as usize);
        }
    }
    worlds
}

fn crowds(segment: &Segment) -> Vec<Crowd> {
    let by_tenure = customers_by_tenure(segment);
    let crowd = |(age, n): (usize, &f64)| Crowd::new(n.round() as u32, age as f64);
    by_tenure.iter().enumerate().map(crowd).collect()
}

/// Customers who entered together: those in both worlds, and those left in one only.
struct Crowd {
    both: u32,
    as_is: u32,
    with: u32,
    /// One customer's chances so far, in either world.
    chances: [Cohort; 2],
}

impl Crowd {
    fn new(customers: u32, age: f64) -> Self {
        Self {
            both: customers,
            as_is: 0,
            with: 0,
            chances: [Cohort::new(1.0, age), Cohort::new(1.0, age)],
        }
    }

    /// A month passes. A customer of both worlds has one lot in both, so that whoever is kept is one
    /// who would have left.
    fn pass(&mut self, pair: &Pair, factors: [f64; 2], lot: &mut dyn FnMut() -> f64) {
        let mut stays = |world: usize| {
            let before = self.chances[world].left;
            self.chances[world].pass(&pair.leaving, factors[world]);
            self.chances[world].left / before
        };
        let (as_is, with) = (stays(0), stays(1));
        for _ in 0..self.as_is {
            self.as_is -= u32::from(lot() >= as_is);
        }
        for _ in 0..self.with {
            self.with -= u32::from(lot() >= with);
        }
        for _ in 0..self.both {
            let lot = lot();
            match (lot < as_is, lot < with) {
                (true, true) => {}
                (stays_as_is, stays_with) => {
                    self.both -= 1;
                    self.as_is += u32::from(stays_as_is);
                    self.with += u32::from(stays_with);
                }
            }
        }
    }
}

/// A Poisson count (D. Knuth): how many uniforms are multiplied until they fall below `exp(−mean)`.
fn poisson(mean: f64, lot: &mut dyn FnMut() -> f64) -> u32 {
    let (mut count, mut product) = (0, lot());
    while product > (-mean).exp() {
        product *= lot();
        count += 1;
    }
    count
}
