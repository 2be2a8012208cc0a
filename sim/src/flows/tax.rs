//! Tax on the difference (`MODEL.md`, section 5).

use super::Flows;
use crate::kernel::{LANES, Lane};
use crate::model::{Model, YEAR};
use crate::scenario::Losses;

/// Tax by month: capital expenditure is deducted in a straight line from the month after it is spent, and
/// what is left of it at the horizon there.
pub(super) fn tax(model: &Model, flows: &mut Flows) {
    taxable(model, flows);
    match model.losses {
        Losses::RelievedAtOnce => {
            for value in flows.tax.as_flattened_mut() {
                *value *= model.tax_rate;
            }
        }
        Losses::CarriedForward => carry_forward(model.tax_rate, &mut flows.tax),
    }
}

/// Profit that is taxed, by month: written where the tax is to be.
fn taxable(model: &Model, flows: &mut Flows) {
    let (horizon, life) = (model.horizon, model.depreciation_months);
    for month in 0..=horizon {
        let (benefit, cost) = (&flows.benefit[month], &flows.operating_cost[month]);
        for l in 0..LANES {
            flows.tax[month][l] = benefit[l] - cost[l];
        }
    }
    for bought in 0..=horizon {
        let capital = flows.capital_cost[bought];
        if capital.iter().all(|&amount| amount == 0.0) {
            continue;
        }
        for (month, share) in depreciation(bought, life, horizon) {
            for l in 0..LANES {
                flows.tax[month][l] -= capital[l] * share;
            }
        }
    }
}

/// From taxable profit to tax, where a loss is taken off what is earned in later years: a month pays what the tax of
/// the year to date rises by.
fn carry_forward(rate: f64, months: &mut [Lane]) {
    let zero: Lane = [0.0; LANES];
    let (mut losses, mut year, mut paid) = (zero, zero, zero);
    for (month, tax) in months.iter_mut().enumerate() {
        // The first year has month 0 too.
        let begins = month % YEAR == 1 && month > 1;
        for l in 0..LANES {
            if begins {
                losses[l] = (losses[l] - year[l]).max(0.0);
                (year[l], paid[l]) = (0.0, 0.0);
            }
            year[l] += tax[l];
            let due = rate * (year[l] - losses[l]).max(0.0);
            tax[l] = due - paid[l];
            paid[l] = due;
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
