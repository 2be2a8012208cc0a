//! What a customer of a segment brings and costs at the date, before any calendar.

use super::{Totals, line};
use crate::kernel::kernel;
use crate::kernel::{LANES, Lane, product};
use crate::model::{Channel, Segment};
use crate::world::Sums;

/// What a customer of a segment brings and costs at the date, in each trial.
#[derive(Clone, Copy, Default)]
pub(super) struct Economics {
    /// Cost of serving a month, but for seats.
    pub(super) serve: Lane,
    /// What is left a month, but for seats.
    pub(super) unit: Lane,
    /// The same after what the minutes of seats cost.
    pub(super) lifetime_unit: Lane,
    /// Customers won a month.
    pub(super) won: Lane,
    /// Cost of winning one.
    pub(super) acquisition_cost: Lane,
}

kernel! {
    pub(super) fn draw<'a>(segment: &'a Segment, values: &'a [Lane], economics: &'a mut Economics) {
        let margin = gross_margin(segment, values);
        let mut serve = segment.overhead.lane(values);
        let mut seated = [0.0; LANES];
        for channel in &segment.channels {
            let cost = contact_cost(segment, channel, values);
            let sum = if channel.pool.is_some() { &mut seated } else { &mut serve };
            line::add(sum, &cost);
        }
        let mut unit = segment.revenue(values);
        let mut lifetime_unit = unit;
        for l in 0..LANES {
            unit[l] = unit[l].mul_add(margin[l], -serve[l]);
            lifetime_unit[l] = unit[l] - seated[l];
        }
        let won = segment.won(values);
        let acquisition_cost = segment.acquisition_cost.lane(values);
        *economics = Economics { serve, unit, lifetime_unit, won, acquisition_cost };
    }
}

/// What a month's revenue of a customer costs to sell.
pub(super) fn cost_of_revenue(segment: &Segment, values: &[Lane]) -> Lane {
    let (revenue, margin) = (segment.revenue(values), gross_margin(segment, values));
    std::array::from_fn(|l| revenue[l] * (1.0 - margin[l]))
}

/// Gross margin, a share of revenue.
#[inline(always)]
fn gross_margin(segment: &Segment, values: &[Lane]) -> Lane {
    let mut margin = segment.margin.lane(values);
    for share in &mut margin {
        *share = share.min(1.0);
    }
    margin
}

/// Cost of a channel per customer-month.
#[inline(always)]
pub(super) fn contact_cost(segment: &Segment, channel: &Channel, values: &[Lane]) -> Lane {
    let price = channel.cost_per_minute.lane(values);
    product(&segment.minutes(channel, values), &price)
}

kernel! {
    /// Adds a segment to the totals.
    pub(super) fn tally<'a>(
        economics: &'a Economics,
        sums: &'a Sums,
        lifetime: &'a Lane,
        months: f64,
        totals: &'a mut Totals,
    ) {
        let Sums { final_baseline, final_programme, customer_months } = *sums;
        let Economics { serve, lifetime_unit: unit, won, acquisition_cost, .. } = *economics;
        let (lifetime, mut sum) = (*lifetime, *totals);
        for l in 0..LANES {
            sum.final_baseline[l] += final_baseline[l];
            sum.final_programme[l] += final_programme[l];
            sum.customer_months[l] += customer_months[l];
            sum.serving_cost[l] += customer_months[l] * serve[l];
            sum.won[l] += months * won[l];
            sum.acquisition_cost[l] += months * won[l] * acquisition_cost[l];
            sum.lifetime_value[l] += months * won[l] * (unit[l] * lifetime[l]);
        }
        *totals = sum;
    }
}
