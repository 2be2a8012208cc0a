//! What customers bring and what serving and winning them costs, in both worlds.

use super::Flows;
use crate::model::{Channel, LANES, Lane, Segment, Training};
use crate::scenario::Lever;
use crate::world::{Strengths, Worlds, reduction};

/// Adds a segment's difference in contribution, maintenance and acquisition.
#[inline(always)]
pub(super) fn earn(
    segment: &Segment,
    values: &[Lane],
    adopted: &[Vec<Lane>],
    strengths: &Strengths,
    worlds: &Worlds,
    flows: &mut Flows,
) {
    let revenue = segment.revenue.lane(values);
    let margin = segment.margin.lane(values);
    let overhead = segment.overhead.lane(values);
    let mut serve = overhead;
    for channel in &segment.channels {
        let cost = contact_cost(channel, values);
        for l in 0..LANES {
            serve[l] += cost[l];
        }
    }
    let mut unit = [0.0; LANES];
    for l in 0..LANES {
        unit[l] = revenue[l] * margin[l] - serve[l];
    }
    let mut customer_months = [0.0; LANES];
    for month in 0..worlds.programme.len() {
        let (without, with) = (&worlds.baseline[month], &worlds.programme[month]);
        let (benefit, baseline) = (&mut flows.benefit[month], &mut flows.baseline[month]);
        let programme = &mut flows.programme[month];
        for l in 0..LANES {
            benefit[l] += (with[l] - without[l]) * unit[l];
            baseline[l] += without[l];
            programme[l] += with[l];
            customer_months[l] += if month == 0 { 0.0 } else { with[l] };
        }
    }
    for l in 0..LANES {
        flows.customer_months[l] += customer_months[l];
        flows.serving_cost[l] += customer_months[l] * serve[l];
    }
    spend_more(
        segment, &revenue, &margin, adopted, strengths, worlds, flows,
    );
    serve_less(segment, values, adopted, strengths, worlds, flows);
    win(segment, values, adopted, strengths, worlds, flows);
}

/// More use earns the gross margin; a price premium is contribution in full.
#[inline(always)]
fn spend_more(
    segment: &Segment,
    revenue: &Lane,
    margin: &Lane,
    adopted: &[Vec<Lane>],
    strengths: &Strengths,
    worlds: &Worlds,
    flows: &mut Flows,
) {
    let (arpu, premium) = (
        segment.effects_on(Lever::Arpu),
        segment.effects_on(Lever::PricePremium),
    );
    if arpu.is_none() && premium.is_none() {
        return;
    }
    let none = Vec::new();
    let mut use_less = vec![[0.0; LANES]; flows.benefit.len()];
    let mut price_less = use_less.clone();
    let effects = &strengths.effects;
    reduction(
        arpu.unwrap_or(&none),
        f64::INFINITY,
        adopted,
        effects,
        &mut use_less,
    );
    reduction(
        premium.unwrap_or(&none),
        f64::INFINITY,
        adopted,
        effects,
        &mut price_less,
    );
    for month in 1..flows.benefit.len() {
        for l in 0..LANES {
            let (more, dearer) = (-use_less[month][l], -price_less[month][l]);
            let gain = revenue[l] * (more * margin[l] + (1.0 + more) * dearer);
            flows.benefit[month][l] += worlds.programme[month][l] * gain;
        }
    }
}

#[inline(always)]
fn contact_cost(channel: &Channel, values: &[Lane]) -> Lane {
    let (contacts, minutes) = (channel.contacts.lane(values), channel.minutes.lane(values));
    let mut cost = channel.cost_per_minute.lane(values);
    for l in 0..LANES {
        cost[l] *= contacts[l] * minutes[l];
    }
    cost
}

/// Fewer and shorter contacts: the two effects multiply, and only the avoidable share is saved.
#[inline(always)]
fn serve_less(
    segment: &Segment,
    values: &[Lane],
    adopted: &[Vec<Lane>],
    strengths: &Strengths,
    worlds: &Worlds,
    flows: &mut Flows,
) {
    for channel in &segment.channels {
        if channel.effects.is_empty() || channel.avoidable == 0.0 {
            continue;
        }
        let cost = contact_cost(channel, values);
        let mut less = vec![[0.0; LANES]; flows.benefit.len()];
        reduction(
            &channel.effects,
            1.0,
            adopted,
            &strengths.effects,
            &mut less,
        );
        for month in 1..flows.benefit.len() {
            for l in 0..LANES {
                let saving =
                    worlds.programme[month][l] * cost[l] * less[month][l] * channel.avoidable;
                flows.benefit[month][l] += saving;
                flows.serving_cost[l] -= saving;
            }
        }
    }
}

/// Customers won and what they cost; those recruited by customers cost nothing.
#[inline(always)]
fn win(
    segment: &Segment,
    values: &[Lane],
    adopted: &[Vec<Lane>],
    strengths: &Strengths,
    worlds: &Worlds,
    flows: &mut Flows,
) {
    let (won, cost) = (
        segment.won.lane(values),
        segment.acquisition_cost.lane(values),
    );
    let months = (flows.benefit.len() - 1) as f64;
    for l in 0..LANES {
        flows.won[l] += months * won[l];
        flows.acquisition_cost[l] += months * won[l] * cost[l];
    }
    for month in 1..flows.benefit.len() {
        for l in 0..LANES {
            let recruited = worlds
                .referrals
                .as_ref()
                .map_or(0.0, |rate| rate[month][l] * worlds.programme[month - 1][l]);
            flows.baseline_kept[month][l] += worlds.baseline[month][l] - won[l];
            flows.programme_kept[month][l] += worlds.programme[month][l] - won[l] - recruited;
        }
    }
    let Some(groups) = segment.effects_on(Lever::Cac) else {
        return;
    };
    let mut less = vec![[0.0; LANES]; flows.benefit.len()];
    reduction(groups, 1.0, adopted, &strengths.effects, &mut less);
    for month in 1..flows.benefit.len() {
        for l in 0..LANES {
            let saving = won[l] * cost[l] * less[month][l];
            flows.benefit[month][l] += saving;
            flows.acquisition_cost[l] -= saving;
        }
    }
}

/// Shorter training of new staff.
#[inline(always)]
pub(super) fn train(
    training: &Training,
    values: &[Lane],
    adopted: &[Vec<Lane>],
    strengths: &Strengths,
    flows: &mut Flows,
) {
    if training.effects.is_empty() {
        return;
    }
    let (hires, hours) = (training.hires.lane(values), training.hours.lane(values));
    let rate = training.rate.lane(values);
    let mut less = vec![[0.0; LANES]; flows.benefit.len()];
    reduction(
        &training.effects,
        1.0,
        adopted,
        &strengths.effects,
        &mut less,
    );
    for month in 1..flows.benefit.len() {
        for l in 0..LANES {
            let saving = hires[l] * hours[l] * rate[l] * less[month][l];
            flows.benefit[month][l] += saving * training.avoidable;
        }
    }
}
