//! What is expected of the months to come, as records would count it: when nothing is done, and with a programme.
//!
//! A run tells what a programme changes, by expectations. Here the question is what will be **counted**, so
//! that it can be held against what was: each future draws the parameters of a run (the same inputs,
//! posteriors and copulas), and then what is random about the records themselves. Those who leave and
//! those who are won are counts; contacts are counts; revenue and costs of a month scatter about their
//! rate as they did from month to month in the [`Scatter`] that the caller gives.

mod alarm;
mod carry;
mod chance;
mod posterior;
mod programme;

use crate::baseline::Heads;
use crate::model::{Model, Parameters, Segment};
use crate::run::uniforms;
use crate::sampling::{Plan, Sampling};
use crate::trials::{Columns, Evaluator};

pub use posterior::{
    Belief, CountedMonth, Posterior, Updated, UpdatedEffect, UpdatedSuccess, posterior,
};
pub use programme::{Figure, LEVELS, Levels, WithProgramme, with_programme};

use carry::Carried;
use chance::{Chance, factor};

/// How far a figure of one month lies off its expectation, beyond what the chance of counts explains.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Spread {
    /// Coefficient of variation from month to month, 0 or more.
    pub variation: f64,
    /// Months less one that it was told from; it is the less known, the fewer.
    pub freedom: f64,
}

/// How the months of a segment scatter about their rates, or with one spread of all contacts those of a company.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Scatter<Contacts = Vec<Spread>> {
    /// Of the hazard, beyond the chance of who leaves.
    pub leaving: Spread,
    /// Of customers won, beyond a Poisson count.
    pub won: Spread,
    /// Of revenue per customer-month.
    pub revenue: Spread,
    /// Of contacts per customer-month beyond a Poisson count: by channel, in the order of the model's.
    pub contacts: Contacts,
    /// Of service cost per customer-month.
    pub service_cost: Spread,
    /// Of all costs per customer-month.
    pub cost: Spread,
}

/// How the months of a company scatter about their rates, contacts of all channels together.
pub type CompanyScatter = Scatter<Spread>;

/// A factor that nobody foresaw, by the standard deviation of its logarithm, which holds through all months.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Shock {
    /// Common to all segments.
    pub common: f64,
    /// Of each segment alone.
    pub own: f64,
}

/// What may come that nobody foresaw.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Shocks {
    /// On hazards.
    pub leaving: Shock,
    /// On customers won.
    pub won: Shock,
    /// On revenue per customer-month.
    pub revenue: Shock,
    /// On contacts per customer-month.
    pub contacts: Shock,
    /// On service cost per customer-month.
    pub service_cost: Shock,
    /// On all costs per customer-month.
    pub cost: Shock,
}

/// A figure by month, from the first to come, and in each the futures in order.
pub type ByMonth = Vec<Vec<f64>>;

/// What records of a segment would count.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counted {
    /// Customers at the month's end.
    pub customers: ByMonth,
    /// Customers won in it.
    pub won: ByMonth,
    /// Who left in it.
    pub leavers: ByMonth,
    /// Customer-months in it.
    pub customer_months: ByMonth,
    /// Revenue of it.
    pub revenue: ByMonth,
    /// Contacts in it, by channel in the order of the model's.
    pub contacts: Vec<ByMonth>,
    /// Cost of contacts.
    pub service_cost: ByMonth,
    /// Cost of what was sold, of serving and of winning customers; without programmes.
    pub cost: ByMonth,
}

/// Futures of a model in which nothing is done, with their parameters drawn.
pub struct Forecast<'m> {
    model: &'m Model,
    values: Columns,
    seed: u64,
}

impl<'m> Forecast<'m> {
    /// Draws the parameters of so many futures. The same seed gives the same futures.
    pub fn draw(model: &'m Model, trials: u32, seed: u64) -> Self {
        let plan = Plan {
            method: Sampling::Random,
            seed,
            trials: trials.into(),
            inputs: model.inputs.len(),
            randomisations: 1,
        };
        let mut values = uniforms(model, &plan, 0, trials as usize);
        Evaluator::new(model).draw(&mut values);
        Self {
            model,
            values,
            seed,
        }
    }

    /// Names of the channels of a segment, in the order of its contacts.
    pub fn channels(&self, segment: usize) -> Vec<&str> {
        let channels = self.model.segments[segment].channels.iter();
        channels.map(|it| it.name.as_str()).collect()
    }

    /// What the records of a segment would count in the months of the model's horizon.
    ///
    /// # Panics
    /// If the model has no such segment, or `scatter` not as many channels as it.
    pub fn segment(&self, segment: usize, scatter: &Scatter, shocks: &Shocks) -> Counted {
        let own = &self.model.segments[segment];
        assert_eq!(own.channels.len(), scatter.contacts.len());
        let (months, trials) = (self.model.horizon, self.values.trials());
        let mut counted = Counted::new(months, trials, own.channels.len());
        for trial in 0..trials {
            let chance = Chance::new(self.seed, segment, trial);
            let future = Future {
                model: self.model,
                segment: own,
                values: &self.values,
                trial,
                scatter,
            };
            future.count(
                Foreseen::draw(self.seed, trial, chance, shocks),
                &mut counted,
            );
        }
        counted
    }
}

impl Counted {
    fn new(months: usize, trials: usize, channels: usize) -> Self {
        let room = || vec![Vec::with_capacity(trials); months];
        Self {
            customers: room(),
            won: room(),
            leavers: room(),
            customer_months: room(),
            revenue: room(),
            contacts: (0..channels).map(|_| room()).collect(),
            service_cost: room(),
            cost: room(),
        }
    }
}

/// The shocks of one future of a segment, and where its chances come from.
struct Foreseen {
    chance: Chance,
    leaving: f64,
    won: f64,
    revenue: f64,
    contacts: f64,
    service_cost: f64,
    cost: f64,
}

impl Foreseen {
    fn draw(seed: u64, trial: usize, mut chance: Chance, shocks: &Shocks) -> Self {
        let mut common = Chance::common(seed, trial);
        let mut draw = |shock: Shock| {
            let (all, own) = (common.normal(), chance.normal());
            crate::math::exp(shock.common * all + shock.own * own)
        };
        let [leaving, won, revenue] = [shocks.leaving, shocks.won, shocks.revenue].map(&mut draw);
        let [contacts, service_cost, cost] =
            [shocks.contacts, shocks.service_cost, shocks.cost].map(&mut draw);
        Self {
            chance,
            leaving,
            won,
            revenue,
            contacts,
            service_cost,
            cost,
        }
    }
}

/// A future of a segment.
struct Future<'a> {
    model: &'a Model,
    segment: &'a Segment,
    values: &'a Columns,
    trial: usize,
    scatter: &'a Scatter,
}

impl Future<'_> {
    fn count(&self, mut foreseen: Foreseen, counted: &mut Counted) {
        let (segment, scatter) = (self.segment, self.scatter);
        let months = self.model.horizon;
        let of = |term: crate::model::Term| term.at(self.values, self.trial).max(0.0);
        let hazards = carry::hazards(
            &segment.hazard,
            &self.parameters(),
            segment.customers.len() + months + 1,
        );
        let mut carried = Carried::new(&segment.customers, &hazards, self.model.heads);
        let (won, revenue) = (of(segment.won), of(segment.revenue));
        let margin = segment.margin.at(self.values, self.trial).min(1.0);
        let contacts: Vec<f64> = segment.channels.iter().map(|it| of(it.contacts)).collect();
        let per_contact = segment
            .channels
            .iter()
            .map(|it| of(it.minutes) * of(it.cost_per_minute));
        let serve: f64 = contacts
            .iter()
            .zip(per_contact)
            .map(|(n, cost)| n * cost)
            .sum();
        let keep = revenue * (1.0 - margin) + of(segment.overhead) + serve;
        let win = of(segment.acquisition_cost);
        for month in 0..months {
            let chance = &mut foreseen.chance;
            let hazard = foreseen.leaving * factor(scatter.leaving, chance);
            let expected = won * foreseen.won * factor(scatter.won, chance);
            let entering = chance.poisson(expected);
            let flow = carried.month(entering, hazard, chance);
            let heads = flow.customer_months;
            counted.customers[month].push(carried.total());
            counted.won[month].push(entering);
            counted.leavers[month].push(flow.leavers);
            counted.customer_months[month].push(heads);
            let earned = heads * revenue * foreseen.revenue;
            counted.revenue[month].push(earned * factor(scatter.revenue, chance));
            for (channel, rate) in contacts.iter().enumerate() {
                let expected = heads * rate * foreseen.contacts;
                let expected = expected * factor(scatter.contacts[channel], chance);
                counted.contacts[channel][month].push(chance.poisson(expected));
            }
            // The shock of a cost is that of all it is made of: revenue's and contacts' would count twice.
            let service = heads * serve * foreseen.service_cost;
            counted.service_cost[month].push(service * factor(scatter.service_cost, chance));
            let cost = (heads * keep + won * win) * foreseen.cost;
            counted.cost[month].push(cost * factor(scatter.cost, chance));
        }
    }

    /// The parameters of the hazard in this future.
    fn parameters(&self) -> Vec<f64> {
        let value = |term: crate::model::Term| term.at(self.values, self.trial).max(0.0);
        match self.segment.hazard.parameters() {
            Parameters::Terms(terms) => terms.iter().map(|term| value(*term)).collect(),
            Parameters::Posterior { posterior, normals } => {
                let of = |input: &crate::model::InputId| [self.values.column(input.0)[self.trial]];
                let mut logs: Vec<[f64; 1]> = normals.iter().map(of).collect();
                posterior.transform(&mut logs);
                logs.into_iter()
                    .map(|[log]| crate::math::exp(log))
                    .collect()
            }
            Parameters::Scaled {
                hazards,
                log_sd,
                normal,
            } => {
                let factor = crate::math::exp(log_sd * self.values.column(normal.0)[self.trial]);
                hazards.iter().map(|hazard| hazard * factor).collect()
            }
            Parameters::Loaded {
                hazards,
                loadings,
                normals,
            } => {
                let each = hazards.iter().zip(loadings);
                let moved = each.map(|(hazard, loadings)| {
                    let terms = loadings.iter().zip(normals);
                    let log: f64 = terms
                        .map(|(load, normal)| load * self.values.column(normal.0)[self.trial])
                        .sum();
                    hazard * crate::math::exp(log)
                });
                moved.collect()
            }
        }
    }
}

/// Whether customers come and go through months.
fn is_even(heads: Heads) -> bool {
    heads == Heads::ThroughMonth
}

#[cfg(test)]
mod tests;
