//! Value beyond the horizon, where it is asked for (`MODEL.md`, section 5).

use super::Flows;
use super::cost::Spending;
use crate::kernel::{LANES, Lane};
use crate::math::{exp, ln_1p};
use crate::model::Model;

/// The recurring flow of the last month for ever: `F·(1+g)/(r−g)` on monthly rates, discounted.
///
/// `F` is what comes back month after month, after tax: the difference in contribution, maintenance
/// and acquisition, less the lines without an end. What is spent once, capital, its write-off and
/// its tax shield never enter.
pub(super) fn perpetuity(spending: Spending<'_>, growth: f64, flows: &Flows) -> Lane {
    let model = spending.model;
    let horizon = model.horizon;
    let (benefit, endless) = (&flows.benefit[horizon], spending.endless(horizon));
    let recurring: Lane = std::array::from_fn(|l| benefit[l] - endless[l]);
    let monthly = |annual: f64| exp(ln_1p(annual) / 12.0) - 1.0;
    let growth = if growth > -1.0 { monthly(growth) } else { -1.0 };
    let mut value = [0.0; LANES];
    for l in 0..LANES {
        let flow = recurring[l] * (1.0 - model.tax_rate);
        // The scenario was refused if the rate can come within two points a year of the growth.
        let spread = monthly(flows.rate[l]) - growth;
        value[l] = flow * (1.0 + growth) / spread * flows.discount[horizon][l];
    }
    value
}

/// Present value of what a continuation brings after a month, after tax: the benefit less what is
/// still spent. Capital spent after it is relieved at once, like any cost.
pub(super) fn run_off(model: &Model, horizon: usize, beyond: &Flows) -> Lane {
    let mut value = [0.0; LANES];
    let taxed = 1.0 - model.tax_rate;
    for month in horizon + 1..beyond.benefit.len() {
        let (benefit, discount) = (&beyond.benefit[month], &beyond.discount[month]);
        let (operating, capital) = (&beyond.operating_cost[month], &beyond.capital_cost[month]);
        for l in 0..LANES {
            let flow = taxed * (benefit[l] - operating[l] - capital[l]);
            value[l] += flow * discount[l];
        }
    }
    value
}
