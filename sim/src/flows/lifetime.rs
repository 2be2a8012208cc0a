//! What the programme adds to what a customer who is won brings.

use super::economics::{Economics, contact_cost, cost_of_revenue};
use crate::kernel::{LANES, Lane, Months};
use crate::model::EffectGroup;
use crate::scenario::Lever;
use crate::world::{Batch, Discount, Drawn};

/// Present value of a customer won at the decision with the programme, less that as things are: within the horizon, at the
/// figures and prices of the date, after serving it and before winning it, as CLV is.
///
/// Each month has the programme's effects of that month on leaving, on revenue, on contacts and on minutes, the latter at their
/// full price, as CLV has them. What the programme costs is not in it, and neither are those whom the customer recruits.
pub(super) fn gain(
    batch: Batch<'_>,
    drawn: &Drawn,
    economics: &Economics,
    discount: Discount<'_>,
) -> Lane {
    let factors = discount.factors;
    let mut with = more(batch, factors.len() - 1);
    let mut without = Months::new(factors.len() - 1);
    let unit = &economics.lifetime_unit;
    for (month, factor) in factors.iter().enumerate() {
        for l in 0..LANES {
            with[month][l] = (unit[l] + with[month][l]) * factor[l];
            without[month][l] = unit[l] * factor[l];
        }
    }
    let [as_is, with] = drawn.lifetime_values(batch, [&without, &with]);
    std::array::from_fn(|l| with[l] - as_is[l])
}

/// What a customer brings more in each month, or costs less.
fn more(batch: Batch<'_>, horizon: usize) -> Months {
    let Batch {
        arch,
        segment,
        values,
        response,
        ..
    } = batch;
    let reduction = |effects: &[EffectGroup]| {
        let mut less = Months::new(horizon);
        response.reduction(arch, effects, &mut less);
        less
    };
    let [used, dearer] =
        [Lever::Arpu, Lever::PricePremium].map(|it| reduction(segment.effects_on(it)));
    let (revenue, sold) = (segment.revenue(values), cost_of_revenue(segment, values));
    let mut more = Months::new(horizon);
    for month in 1..=horizon {
        for l in 0..LANES {
            // Increases are negative reductions.
            let (used, dearer) = (-used[month][l], -dearer[month][l]);
            more[month][l] = revenue[l] * (used + (1.0 + used) * dearer) - sold[l] * used;
        }
    }
    for channel in &segment.channels {
        let cost = contact_cost(segment, channel, values);
        let mut less = reduction(&channel.effects);
        response.also_reduce_parts(arch, &channel.issues, None, values, &mut less);
        for month in 1..=horizon {
            for l in 0..LANES {
                more[month][l] += cost[l] * less[month][l];
            }
        }
    }
    more
}
