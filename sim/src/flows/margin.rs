//! What customers bring and what serving and winning them costs, in both worlds.

use pulp::Arch;

use super::{Flows, Totals};
use crate::kernel::{LANES, Lane};
use crate::kernel::{Months, Vector, kernel, parts};
use crate::model::{Channel, Confirmed, EffectGroup, Segment, Training};
use crate::scenario::Lever;
use crate::world::{Response, Sums, Worlds};

/// Books a batch of trials.
pub(super) struct Ledger<'a> {
    pub(super) arch: Arch,
    pub(super) values: &'a [Lane],
    pub(super) response: &'a Response,
    pub(super) worlds: &'a Worlds,
    /// Last month in which anybody is won, recruited or hired.
    pub(super) last_entry: usize,
    pub(super) flows: &'a mut Flows,
}

/// What a customer of a segment brings and costs, in each trial.
#[derive(Clone, Copy, Default)]
pub(super) struct Economics {
    /// Cost of serving a month.
    serve: Lane,
    /// What is left a month.
    pub(super) unit: Lane,
    /// Customers won a month.
    pub(super) won: Lane,
    /// Cost of winning one.
    acquisition_cost: Lane,
}

kernel! {
    pub(super) fn draw<'a>(segment: &'a Segment, values: &'a [Lane], economics: &'a mut Economics) {
        let margin = gross_margin(segment, values);
        let mut serve = segment.overhead.lane(values);
        for channel in &segment.channels {
            let cost = contact_cost(segment, channel, values);
            for l in 0..LANES {
                serve[l] += cost[l];
            }
        }
        let mut unit = segment.revenue(values);
        for l in 0..LANES {
            unit[l] = unit[l].mul_add(margin[l], -serve[l]);
        }
        let won = segment.won(values);
        let acquisition_cost = segment.acquisition_cost.lane(values);
        *economics = Economics { serve, unit, won, acquisition_cost };
    }
}

/// Whether booking a segment needs the customers of every month, not only what they add up to.
pub(super) fn needs_months(segment: &Segment, flows: &Flows) -> bool {
    let spends = [Lever::Arpu, Lever::PricePremium].map(|lever| segment.effects_on(lever));
    flows.customers.is_some()
        || spends.iter().any(|effects| !effects.is_empty())
        || segment
            .channels
            .iter()
            .any(|channel| !channel.effects.is_empty())
        || !serves_at_full_cost(segment)
}

/// Whether each customer more costs what serving one costs, and there are never fewer.
fn serves_at_full_cost(segment: &Segment) -> bool {
    let channels = segment.channels.iter().map(|channel| &channel.avoidable);
    let unconfirmed = channels
        .chain([&segment.overhead_avoidable])
        .all(|avoidable| avoidable.0.is_none());
    unconfirmed && !segment.may_lose
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

#[inline(always)]
fn contact_cost(segment: &Segment, channel: &Channel, values: &[Lane]) -> Lane {
    let contacts = channel.contacts.lane(values);
    let minutes = channel.minutes.lane(values);
    let mut cost = channel.cost_per_minute.lane(values);
    for l in 0..LANES {
        cost[l] *= contacts[l] * minutes[l];
    }
    segment.unforeseen.service_cost.times(cost, values)
}

kernel! {
    /// Adds a segment to the totals.
    fn tally<'a>(
        economics: &'a Economics,
        sums: &'a Sums,
        lifetime: &'a Lane,
        months: f64,
        totals: &'a mut Totals,
    ) {
        let Sums { final_baseline, final_programme, customer_months } = *sums;
        let Economics { serve, unit, won, acquisition_cost } = *economics;
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

impl Ledger<'_> {
    /// Books what differs between the worlds besides the number of customers.
    pub(super) fn segment(
        &mut self,
        segment: &Segment,
        economics: &Economics,
        sums: &Sums,
        lifetime: &Lane,
    ) {
        let months = (self.flows.benefit.len() - 1) as f64;
        let totals = &mut self.flows.totals;
        tally(self.arch, economics, sums, lifetime, months, totals);
        self.spending(segment);
        for channel in &segment.channels {
            self.contacts(segment, channel);
        }
        if !serves_at_full_cost(segment) {
            self.serving(segment);
        }
        self.acquisition(segment, economics);
        self.customers(segment);
    }

    /// More use earns the gross margin; a price premium is contribution in full.
    fn spending(&mut self, segment: &Segment) {
        let arpu = segment.effects_on(Lever::Arpu);
        let premium = segment.effects_on(Lever::PricePremium);
        if arpu.is_empty() && premium.is_empty() {
            return;
        }
        let revenue = segment.revenue(self.values);
        let margin = gross_margin(segment, self.values);
        let price = self.reduction(premium);
        let used = self.reduction(arpu);
        let [_, with] = self.worlds.heads();
        for month in 1..used.len() {
            for l in 0..LANES {
                let (more, dearer) = (-used[month][l], -price[month][l]);
                let gain = revenue[l] * (more * margin[l] + (1.0 + more) * dearer);
                self.flows.benefit[month][l] += with[month][l] * gain;
            }
        }
    }

    /// Fewer and shorter contacts: the two effects multiply, and only the avoidable share is saved.
    fn contacts(&mut self, segment: &Segment, channel: &Channel) {
        if channel.effects.is_empty() {
            return;
        }
        let cost = contact_cost(segment, channel, self.values);
        let less = self.reduction(&channel.effects);
        let [_, with] = self.worlds.heads();
        for month in 1..less.len() {
            let (saved, spent) = (
                channel.avoidable.saved(month),
                channel.avoidable.spent(month),
            );
            for l in 0..LANES {
                let share = if less[month][l] < 0.0 { spent } else { saved };
                let saved = cost[l] * less[month][l] * share;
                let saving = with[month][l] * saved;
                self.flows.benefit[month][l] += saving;
                self.flows.totals.serving_cost[l] -= saving;
            }
        }
    }

    /// Customers more or less cost what enters or leaves the ledger, where the difference between the
    /// worlds was booked at their full cost.
    fn serving(&mut self, segment: &Segment) {
        let overhead = segment.overhead.lane(self.values);
        let channels = segment.channels.iter();
        let costs: Vec<(Lane, &Confirmed)> = channels
            .map(|channel| {
                (
                    contact_cost(segment, channel, self.values),
                    &channel.avoidable,
                )
            })
            .chain([(overhead, &segment.overhead_avoidable)])
            .collect();
        for month in 1..self.flows.benefit.len() {
            let (mut kept, mut lost) = ([0.0; LANES], [0.0; LANES]);
            for (cost, avoidable) in &costs {
                let (saved, spent) = (avoidable.saved(month), avoidable.spent(month));
                for l in 0..LANES {
                    kept[l] += cost[l] * (1.0 - spent);
                    lost[l] += cost[l] * (1.0 - saved);
                }
            }
            let [without, with] = self.worlds.heads().map(|heads| &heads[month]);
            let benefit = &mut self.flows.benefit[month];
            for l in 0..LANES {
                let more = with[l] - without[l];
                benefit[l] += more * if more < 0.0 { lost[l] } else { kept[l] };
            }
        }
    }

    /// Customers are won for less; those recruited by customers cost nothing.
    fn acquisition(&mut self, segment: &Segment, economics: &Economics) {
        let Economics {
            won,
            acquisition_cost: cost,
            ..
        } = economics;
        let cheaper = segment.effects_on(Lever::Cac);
        if cheaper.is_empty() {
            return;
        }
        let less = self.reduction(cheaper);
        for month in 1..less.len().min(self.last_entry + 1) {
            for l in 0..LANES {
                let saving = won[l] * cost[l] * less[month][l];
                self.flows.benefit[month][l] += saving;
                self.flows.totals.acquisition_cost[l] -= saving;
            }
        }
    }

    /// Customers by month, when asked for.
    fn customers(&mut self, segment: &Segment) {
        let Some(customers) = &mut self.flows.customers else {
            return;
        };
        let won = segment.won(self.values);
        for (sum, won) in customers.won.iter_mut().zip(won) {
            *sum += won;
        }
        let [without, with] = &mut customers.active;
        add(self.arch, &self.worlds.baseline, without);
        add(self.arch, &self.worlds.programme, with);
        for (month, rate) in self.worlds.referrals.iter().flatten().enumerate().skip(1) {
            for l in 0..LANES {
                customers.recruited[month][l] += rate[l] * self.worlds.programme[month - 1][l];
            }
        }
    }

    /// Shorter training of new staff.
    pub(super) fn training(&mut self, training: &Training) {
        if training.effects.is_empty() {
            return;
        }
        let (hires, hours) = (
            training.hires.lane(self.values),
            training.hours.lane(self.values),
        );
        let rate = training.rate.lane(self.values);
        let less = self.reduction(&training.effects);
        for month in 1..less.len().min(self.last_entry + 1) {
            let avoidable = &training.avoidable;
            let (saved, spent) = (avoidable.saved(month), avoidable.spent(month));
            for l in 0..LANES {
                let saving = hires[l] * hours[l] * rate[l] * less[month][l];
                let share = if saving < 0.0 { spent } else { saved };
                self.flows.benefit[month][l] += saving * share;
            }
        }
    }

    /// The joint reduction of effects by month.
    fn reduction(&self, effects: &[EffectGroup]) -> Months {
        let mut less = Months::new(self.flows.benefit.len() - 1);
        self.response.reduction(self.arch, effects, &mut less);
        less
    }
}

kernel! {
    fn add<'a>(for S, simd; months: &'a [Lane], sums: &'a mut [Lane]) {
        for (sum, month) in sums.iter_mut().zip(months) {
            for part in 0..parts::<S>() {
                let month = Vector::load(simd, month, part);
                (Vector::load(simd, sum, part) + month).store(sum, part);
            }
        }
    }
}
