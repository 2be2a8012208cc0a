//! What the programme costs, and tax.

use super::Flows;
use crate::model::{CostLine, LANES, Lane, Model};
use crate::world::Strengths;

/// Adds the cost lines of every initiative that is done.
#[inline(always)]
pub(super) fn spend(model: &Model, values: &[Lane], strengths: &Strengths, flows: &mut Flows) {
    for (initiative, spent) in model.initiatives.iter().zip(&strengths.spent) {
        if !initiative.active {
            continue;
        }
        for line in &initiative.costs {
            add(line, values, spent, flows);
        }
    }
}

#[inline(always)]
fn add(line: &CostLine, values: &[Lane], spent: &Lane, flows: &mut Flows) {
    let mut amount = line.amount.lane(values);
    for l in 0..LANES {
        amount[l] *= spent[l];
    }
    let months = if line.capex {
        &mut flows.capital_cost
    } else {
        &mut flows.operating_cost
    };
    for month in &mut months[line.first..=line.last] {
        for l in 0..LANES {
            month[l] += amount[l];
        }
    }
}

/// Tax on the difference: capital expenditure is deducted in a straight line, what is left of it
/// at the horizon there. A loss is relieved at once: the company earns elsewhere.
#[inline(always)]
pub(super) fn tax(model: &Model, flows: &mut Flows) {
    let horizon = model.horizon;
    let life = model.depreciation_months;
    for bought in 0..=horizon {
        let capital = flows.capital_cost[bought];
        if capital.iter().all(|&c| c == 0.0) {
            continue;
        }
        // What is bought in month t is first used in the month after.
        let last = (bought + life).min(horizon).max(bought);
        for month in (bought + 1).min(last)..=last {
            let share = if month == horizon {
                1.0 - (month.saturating_sub(bought + 1)) as f64 / life as f64
            } else {
                1.0 / life as f64
            };
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
