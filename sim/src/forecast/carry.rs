//! Customers of one future, counted month by month.

use std::collections::VecDeque;

use super::chance::Chance;
use super::is_even;
use crate::baseline::Heads;
use crate::math::{exp, ln_gamma, pow};
use crate::model::Hazard;

/// The hazard over the next month by completed months of tenure. Of customers who differ it is that of
/// those who are left, which is exact as long as nothing is done.
pub(super) fn hazards(hazard: &Hazard, parameters: &[f64], ages: usize) -> Vec<f64> {
    match hazard {
        Hazard::Constant(_) => vec![parameters[0]; ages],
        Hazard::Bands(starts, _) | Hazard::Mixture(starts, _) => {
            let band = |age: usize| starts.partition_point(|start| *start <= age) - 1;
            (0..ages).map(|age| parameters[band(age)]).collect()
        }
        Hazard::Heterogeneous(_) => {
            let (alpha, beta) = (parameters[0], parameters[1]);
            let shape = parameters.get(2).copied().unwrap_or(1.0);
            let left = |age: usize| {
                let time = beta + pow(age as f64, shape);
                ln_gamma(time) - ln_gamma(alpha + time)
            };
            (0..ages).map(|age| left(age) - left(age + 1)).collect()
        }
    }
}

/// What a month did.
pub(super) struct Flow {
    pub(super) leavers: f64,
    pub(super) customer_months: f64,
}

/// Customers by completed months of tenure. Their number is whole; who of one hazard left is spread over
/// the ages that have it, which only moves when the others come to another one.
pub(super) struct Carried {
    customers: VecDeque<f64>,
    /// Over the next month of those who are of an age.
    hazards: Vec<f64>,
    /// Over the half of a month that those won have behind them at its end; none where they come at its end.
    entering: Option<f64>,
}

impl Carried {
    pub(super) fn new(customers: &[f64], hazards: &[f64], heads: Heads) -> Self {
        let entering = is_even(heads).then(|| hazards[0] / 2.0);
        let through = |pair: &[f64]| {
            if is_even(heads) {
                (pair[0] + pair[1]) / 2.0
            } else {
                pair[0]
            }
        };
        Self {
            customers: customers.iter().copied().collect(),
            hazards: hazards.windows(2).map(through).collect(),
            entering,
        }
    }

    /// Customers now.
    pub(super) fn total(&self) -> f64 {
        self.customers.iter().sum::<f64>().round()
    }

    /// Carries them through a month in which `won` come and hazards are `factor` times what they are.
    pub(super) fn month(&mut self, won: f64, factor: f64, chance: &mut Chance) -> Flow {
        let before = self.total();
        let mut leavers = 0.0;
        let mut from = 0;
        while from < self.customers.len() {
            let hazard = self.hazards[from];
            let same = |age: &usize| self.hazards[*age] != hazard;
            let to = (from..self.customers.len())
                .find(same)
                .unwrap_or(self.customers.len());
            let here: f64 = self.customers.range(from..to).sum();
            let gone = chance.leavers(here, 1.0 - exp(-hazard * factor));
            let stay = if here > 0.0 { 1.0 - gone / here } else { 1.0 };
            self.customers
                .range_mut(from..to)
                .for_each(|count| *count *= stay);
            leavers += gone;
            from = to;
        }
        let gone = self
            .entering
            .map_or(0.0, |half| chance.leavers(won, 1.0 - exp(-half * factor)));
        self.customers.push_front(won - gone);
        let after = self.total();
        let customer_months = match self.entering {
            Some(_) => (before + after) / 2.0,
            None => after,
        };
        Flow {
            leavers: (leavers + gone).round(),
            customer_months,
        }
    }
}
