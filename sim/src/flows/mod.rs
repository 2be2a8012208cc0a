//! Money month by month: what the programme adds to contribution, and what it costs.

mod cost;
mod margin;

use crate::model::{LANES, Lane, Model};
use crate::scenario::Timing;
use crate::world::{Worlds, adoption, strengths};

/// The money of a batch of trials, by month from 0 to the horizon.
pub(crate) struct Flows {
    /// Difference in contribution, maintenance and acquisition.
    pub(crate) benefit: Vec<Lane>,
    /// Programme cost that is not capital expenditure.
    pub(crate) operating_cost: Vec<Lane>,
    /// Capital expenditure.
    pub(crate) capital_cost: Vec<Lane>,
    /// After-tax difference: what NPV discounts.
    pub(crate) net: Vec<Lane>,
    /// Factor to present value.
    pub(crate) discount: Vec<Lane>,
    /// Customers of all segments, as things are.
    pub(crate) baseline: Vec<Lane>,
    /// Customers of all segments with the programme.
    pub(crate) programme: Vec<Lane>,
    /// Customers of the month before who stay, as things are.
    pub(crate) baseline_kept: Vec<Lane>,
    /// Customers of the month before who stay with the programme.
    pub(crate) programme_kept: Vec<Lane>,
    /// Customer-months with the programme.
    pub(crate) customer_months: Lane,
    /// Cost of serving them.
    pub(crate) serving_cost: Lane,
    /// Customers won through acquisition.
    pub(crate) won: Lane,
    /// Cost of winning them.
    pub(crate) acquisition_cost: Lane,
    /// Discount rate a year.
    pub(crate) rate: Lane,
}

impl Flows {
    fn new(model: &Model, values: &[Lane]) -> Self {
        let months = vec![[0.0; LANES]; model.horizon + 1];
        Self {
            benefit: months.clone(),
            operating_cost: months.clone(),
            capital_cost: months.clone(),
            net: months.clone(),
            discount: months.clone(),
            baseline: months.clone(),
            programme: months.clone(),
            baseline_kept: months.clone(),
            programme_kept: months,
            customer_months: [0.0; LANES],
            serving_cost: [0.0; LANES],
            won: [0.0; LANES],
            acquisition_cost: [0.0; LANES],
            rate: model.rate.lane(values),
        }
    }
}

/// The flows of a batch of trials, from the values of their inputs.
#[inline(always)]
pub(crate) fn flows(model: &Model, values: &[Lane]) -> Flows {
    let months = model.horizon + 1;
    let mut flows = Flows::new(model, values);
    let strengths = strengths(model, values);
    let mut adopted = vec![vec![[0.0; LANES]; months]; model.curves.len()];
    for (curve, out) in model.curves.iter().zip(&mut adopted) {
        adoption(curve, values, out);
    }
    let mut worlds = Worlds::new(model.horizon);
    for segment in &model.segments {
        worlds.carry(segment, values, &adopted, &strengths);
        margin::earn(segment, values, &adopted, &strengths, &worlds, &mut flows);
    }
    if let Some(training) = &model.training {
        margin::train(training, values, &adopted, &strengths, &mut flows);
    }
    cost::spend(model, values, &strengths, &mut flows);
    discount(model, &mut flows);
    net(model, &mut flows);
    flows
}

/// Factors to present value, by the timing convention.
#[inline(always)]
fn discount(model: &Model, flows: &mut Flows) {
    let mut monthly = [0.0; LANES];
    let mut lead = [0.0; LANES];
    for l in 0..LANES {
        let log_rate = crate::math::ln_1p(flows.rate[l]);
        monthly[l] = crate::math::exp(-log_rate / 12.0);
        lead[l] = match model.timing {
            Timing::End => 1.0,
            Timing::Mid => crate::math::exp(log_rate / 24.0),
            Timing::Tei => crate::math::exp(-log_rate),
        };
    }
    flows.discount[0] = [1.0; LANES];
    let mut factor = [1.0; LANES];
    for month in 1..flows.discount.len() {
        let lane = &mut flows.discount[month];
        if model.timing == Timing::Tei {
            for l in 0..LANES {
                factor[l] *= if month % 12 == 1 { lead[l] } else { 1.0 };
                lane[l] = factor[l];
            }
        } else {
            for l in 0..LANES {
                factor[l] *= monthly[l];
                lane[l] = factor[l] * lead[l];
            }
        }
    }
}

/// What is left after cost and tax: depreciation shields capital expenditure.
#[inline(always)]
fn net(model: &Model, flows: &mut Flows) {
    let adjustment = &model.risk_adjustment;
    if adjustment.benefits != 0.0 || adjustment.costs != 0.0 {
        let (less, more) = (1.0 - adjustment.benefits, 1.0 + adjustment.costs);
        scale(&mut flows.benefit, less);
        scale(&mut flows.operating_cost, more);
        scale(&mut flows.capital_cost, more);
    }
    for month in 0..flows.net.len() {
        let (operating, capital) = (&flows.operating_cost[month], &flows.capital_cost[month]);
        for l in 0..LANES {
            flows.net[month][l] = flows.benefit[month][l] - operating[l] - capital[l];
        }
    }
    if model.tax_rate > 0.0 {
        cost::tax(model, flows);
    }
}

#[inline(always)]
fn scale(months: &mut [Lane], factor: f64) {
    for lane in months {
        for value in lane {
            *value *= factor;
        }
    }
}
