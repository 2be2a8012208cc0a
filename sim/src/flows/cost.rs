//! What the programme costs, and tax.

use pulp::Arch;

use super::Flows;
use crate::kernel::kernel;
use crate::model::{CostLine, LANES, Lane, Model};
use crate::world::Strengths;

/// Books the cost lines of every initiative that is done.
pub(super) fn spend(
    arch: Arch,
    model: &Model,
    values: &[Lane],
    strengths: &Strengths,
    flows: &mut Flows,
) {
    // What is the same in every trial is summed once.
    let (mut operating, mut capital) = (vec![0.0; model.horizon + 1], vec![0.0; model.horizon + 1]);
    for (line, amount) in certain_lines(model) {
        let months = if line.capex {
            &mut capital
        } else {
            &mut operating
        };
        months[line.first..=line.last]
            .iter_mut()
            .for_each(|month| *month += amount);
    }
    spread(&operating, &mut flows.operating_cost);
    spread(&capital, &mut flows.capital_cost);
    for (initiative, spent) in model.initiatives.iter().zip(&strengths.spent) {
        for line in initiative.costs.iter().filter(|_| initiative.active) {
            if initiative.gate.is_some() || line.amount.fixed().is_none() {
                let (amount, months) = (line.amount.lane(values), line.first..=line.last);
                let book = if line.capex {
                    &mut flows.capital_cost
                } else {
                    &mut flows.operating_cost
                };
                add(arch, &amount, spent, &mut book[months]);
            }
        }
    }
}

/// Cost lines that are the same in every trial.
fn certain_lines(model: &Model) -> impl Iterator<Item = (&CostLine, f64)> {
    model
        .initiatives
        .iter()
        .filter(|initiative| initiative.active && initiative.gate.is_none())
        .flat_map(|initiative| &initiative.costs)
        .filter_map(|line| line.amount.fixed().map(|amount| (line, amount)))
}

fn spread(amounts: &[f64], months: &mut [Lane]) {
    for (month, &amount) in months.iter_mut().zip(amounts) {
        *month = [amount; LANES];
    }
}

kernel! {
    fn add<'a>(amount: &'a Lane, spent: &'a Lane, months: &'a mut [Lane]) {
        for month in months {
            for l in 0..LANES {
                month[l] += amount[l] * spent[l];
            }
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
