//! What the programme costs, and tax.

use std::ops::Range;

use pulp::Arch;

use super::Flows;
use crate::kernel::kernel;
use crate::kernel::{LANES, Lane, product};
use crate::model::{CostLine, Initiative, Model};
use crate::world::Strengths;

/// Costs that are the same in every trial, by month, and what is added to those that are not.
pub(super) struct CertainCosts {
    operating: Vec<f64>,
    capital: Vec<f64>,
    /// Whether no cost differs between trials.
    complete: bool,
    /// Factor of the risk adjustment.
    factor: f64,
}

impl CertainCosts {
    pub(super) fn new(model: &Model) -> Self {
        let months = vec![0.0; model.horizon + 1];
        let mut costs = Self {
            operating: months.clone(),
            capital: months,
            complete: true,
            factor: 1.0 + model.risk_adjustment.costs,
        };
        for initiative in model.initiatives.iter().filter(|i| i.active) {
            for line in &initiative.costs {
                costs.add(initiative, line);
            }
        }
        costs
    }

    fn add(&mut self, initiative: &Initiative, line: &CostLine) {
        let Some(amount) = certain(initiative, line) else {
            self.complete = false;
            return;
        };
        let book = if line.capex {
            &mut self.capital
        } else {
            &mut self.operating
        };
        let amount = amount * self.factor;
        let months = line.months(book.len());
        book[months].iter_mut().for_each(|month| *month += amount);
    }

    /// Books them.
    pub(super) fn book(&self, flows: &mut Flows) {
        spread(&self.operating, &mut flows.operating_cost);
        spread(&self.capital, &mut flows.capital_cost);
        total(flows);
    }
}

/// The amount of a line that is the same in every trial.
fn certain(initiative: &Initiative, line: &CostLine) -> Option<f64> {
    let is_decided = initiative.gate.is_some() || initiative.stop.is_some();
    line.amount.fixed().filter(|_| !is_decided)
}

/// Books the cost lines of every initiative that is done; certain ones are booked already where
/// there are no others.
pub(super) fn spend(
    arch: Arch,
    model: &Model,
    values: &[Lane],
    costs: &CertainCosts,
    strengths: &Strengths,
    flows: &mut Flows,
) {
    if costs.complete {
        return;
    }
    costs.book(flows);
    let decided = strengths.spent.iter().zip(&strengths.goes_on);
    for (initiative, (spent, goes_on)) in model.initiatives.iter().zip(decided) {
        let last = initiative.stop.as_ref().map_or(usize::MAX, |stop| stop.at);
        let uncertain = |line: &&CostLine| initiative.active && certain(initiative, line).is_none();
        for line in initiative.costs.iter().filter(uncertain) {
            let months = line.months(flows.cost.len());
            let amount = line.amount.lane(values);
            let amount = amount.map(|amount| amount * costs.factor);
            let book = if line.capex {
                &mut flows.capital_cost
            } else {
                &mut flows.operating_cost
            };
            let (until, after) = split(months, last);
            add(arch, &amount, spent, &mut book[until]);
            let spent = product(spent, goes_on);
            add(arch, &amount, &spent, &mut book[after]);
        }
    }
    total(flows);
}

/// Months up to a last one, and those after.
fn split(months: Range<usize>, last: usize) -> (Range<usize>, Range<usize>) {
    let cut = last.saturating_add(1).clamp(months.start, months.end);
    (months.start..cut, cut..months.end)
}

fn total(flows: &mut Flows) {
    let parts = flows.operating_cost.iter().zip(&*flows.capital_cost);
    for (cost, (operating, capital)) in flows.cost.iter_mut().zip(parts) {
        for l in 0..LANES {
            cost[l] = operating[l] + capital[l];
        }
    }
}

fn spread(amounts: &[f64], months: &mut [Lane]) {
    for (month, &amount) in months.iter_mut().zip(amounts) {
        *month = [amount; LANES];
    }
}

kernel! {
    fn add<'a>(amount: &'a Lane, spent: &'a Lane, months: &'a mut [Lane]) {
        let (amount, spent) = (*amount, *spent);
        for month in months {
            let mut sum = *month;
            for l in 0..LANES {
                sum[l] += amount[l] * spent[l];
            }
            *month = sum;
        }
    }
}

/// Tax on the difference: capital expenditure is deducted in a straight line from the month after
/// it is spent, and what is left of it at the horizon there. A loss is relieved at once, because
/// the company earns elsewhere.
pub(super) fn tax(model: &Model, flows: &mut Flows) {
    let (horizon, life) = (model.horizon, model.depreciation_months);
    for bought in 0..=horizon {
        let capital = flows.capital_cost[bought];
        if capital.iter().all(|&amount| amount == 0.0) {
            continue;
        }
        for (month, share) in depreciation(bought, life, horizon) {
            for l in 0..LANES {
                flows.net[month][l] += model.tax_rate * capital[l] * share;
            }
        }
    }
    for month in 0..=horizon {
        let (benefit, cost) = (&flows.benefit[month], &flows.operating_cost[month]);
        for l in 0..LANES {
            flows.net[month][l] -= model.tax_rate * (benefit[l] - cost[l]);
        }
    }
}

/// Months and shares of a straight-line depreciation; the shares sum to 1.
fn depreciation(bought: usize, life: usize, horizon: usize) -> impl Iterator<Item = (usize, f64)> {
    let first = (bought + 1).min(horizon);
    let last = (bought + life).min(horizon);
    let straight = 1.0 / life as f64;
    (first..=last.max(first)).map(move |month| {
        let left = 1.0 - (month - first) as f64 * straight;
        (
            month,
            if month == last.max(first) {
                left
            } else {
                straight
            },
        )
    })
}

#[cfg(test)]
mod tests {
    use super::depreciation;

    #[test]
    fn depreciation_is_complete_whenever_it_is_bought() {
        for (bought, life) in [(0, 36), (0, 60), (0, 100), (59, 12), (60, 12), (30, 1)] {
            let total: f64 = depreciation(bought, life, 60).map(|(_, share)| share).sum();
            assert!(
                (total - 1.0).abs() < 1e-12,
                "bought in {bought} over {life} months"
            );
        }
    }
}
