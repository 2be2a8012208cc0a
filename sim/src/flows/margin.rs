//! What customers bring and what serving and winning them costs, in both worlds.

use pulp::Arch;

use super::Flows;
use crate::kernel::{Months, Vector, kernel, parts};
use crate::model::{Channel, EffectGroup, LANES, Lane, Segment, Training};
use crate::scenario::Lever;
use crate::world::{Response, Worlds};

/// Books a batch of trials.
pub(super) struct Ledger<'a> {
    pub(super) arch: Arch,
    pub(super) values: &'a [Lane],
    pub(super) response: &'a Response,
    pub(super) worlds: &'a Worlds,
    pub(super) flows: &'a mut Flows,
}

impl Ledger<'_> {
    /// Books a segment's difference in contribution, maintenance and acquisition.
    pub(super) fn segment(&mut self, segment: &Segment) {
        let revenue = segment.revenue.lane(self.values);
        let mut margin = segment.margin.lane(self.values);
        for share in &mut margin {
            *share = share.clamp(0.0, 1.0);
        }
        let mut serve = segment.overhead.lane(self.values);
        for channel in &segment.channels {
            let cost = self.contact_cost(channel);
            for l in 0..LANES {
                serve[l] += cost[l];
            }
        }
        let unit = unit_contribution(self.arch, &revenue, &margin, &serve);
        let (without, with) = (&self.worlds.baseline, &self.worlds.programme);
        let customer_months =
            add_difference(self.arch, without, with, &unit, &mut self.flows.benefit);
        let last = without.len() - 1;
        let totals = &mut self.flows.totals;
        for l in 0..LANES {
            totals.final_baseline[l] += without[last][l];
            totals.final_programme[l] += with[last][l];
            totals.customer_months[l] += customer_months[l];
            totals.serving_cost[l] += customer_months[l] * serve[l];
        }
        self.spending(segment, &revenue, &margin);
        for channel in &segment.channels {
            self.contacts(channel);
        }
        self.acquisition(segment);
        self.customers(segment);
    }

    /// More use earns the gross margin; a price premium is contribution in full.
    fn spending(&mut self, segment: &Segment, revenue: &Lane, margin: &Lane) {
        let arpu = segment.effects_on(Lever::Arpu);
        let premium = segment.effects_on(Lever::PricePremium);
        if arpu.is_empty() && premium.is_empty() {
            return;
        }
        let price = self.reduction(premium, f64::INFINITY);
        let used = self.reduction(arpu, f64::INFINITY);
        for month in 1..used.len() {
            for l in 0..LANES {
                let (more, dearer) = (-used[month][l], -price[month][l]);
                let gain = revenue[l] * (more * margin[l] + (1.0 + more) * dearer);
                self.flows.benefit[month][l] += self.worlds.programme[month][l] * gain;
            }
        }
    }

    /// Fewer and shorter contacts: the two effects multiply, and only the avoidable share is saved.
    fn contacts(&mut self, channel: &Channel) {
        if channel.effects.is_empty() || channel.avoidable == 0.0 {
            return;
        }
        let cost = self.contact_cost(channel);
        let less = self.reduction(&channel.effects, 1.0);
        for month in 1..less.len() {
            for l in 0..LANES {
                let saved = cost[l] * less[month][l] * channel.avoidable;
                let saving = self.worlds.programme[month][l] * saved;
                self.flows.benefit[month][l] += saving;
                self.flows.totals.serving_cost[l] -= saving;
            }
        }
    }

    /// Customers won and what they cost; those recruited by customers cost nothing.
    fn acquisition(&mut self, segment: &Segment) {
        let (won, cost) = (
            segment.won.lane(self.values),
            segment.acquisition_cost.lane(self.values),
        );
        let months = (self.flows.benefit.len() - 1) as f64;
        for l in 0..LANES {
            self.flows.totals.won[l] += months * won[l];
            self.flows.totals.acquisition_cost[l] += months * won[l] * cost[l];
        }
        let cheaper = segment.effects_on(Lever::Cac);
        if cheaper.is_empty() {
            return;
        }
        let less = self.reduction(cheaper, 1.0);
        for month in 1..less.len() {
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
        let won = segment.won.lane(self.values);
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
        let less = self.reduction(&training.effects, 1.0);
        for month in 1..less.len() {
            for l in 0..LANES {
                let saving = hires[l] * hours[l] * rate[l] * less[month][l];
                self.flows.benefit[month][l] += saving * training.avoidable;
            }
        }
    }

    fn contact_cost(&self, channel: &Channel) -> Lane {
        let contacts = channel.contacts.lane(self.values);
        let minutes = channel.minutes.lane(self.values);
        let cost = channel.cost_per_minute.lane(self.values);
        std::array::from_fn(|l| cost[l] * (contacts[l] * minutes[l]))
    }

    /// The joint reduction of effects by month.
    fn reduction(&self, effects: &[EffectGroup], ceiling: f64) -> Months {
        let mut less = Months::new(self.flows.benefit.len() - 1);
        self.response
            .reduction(self.arch, effects, ceiling, &mut less);
        less
    }
}

kernel! {
    fn add<'a>(months: &'a [Lane], sums: &'a mut [Lane]) {
        for (sum, month) in sums.iter_mut().zip(months) {
            let (mut total, month) = (*sum, *month);
            for l in 0..LANES {
                total[l] += month[l];
            }
            *sum = total;
        }
    }
}

kernel! {
    /// Adds what the customers kept bring; returns the customer-months with the programme.
    fn add_difference<'a>(
        for S, simd;
        without: &'a [Lane],
        with: &'a [Lane],
        unit: &'a Lane,
        benefit: &'a mut [Lane],
    ) -> Lane {
        let mut customer_months = [0.0; LANES];
        for part in 0..parts::<S>() {
            let load = |lane: &Lane| Vector::load(simd, lane, part);
            let (unit, mut sum) = (load(unit), Vector::splat(simd, 0.0));
            let worlds = without[1..].iter().zip(&with[1..]);
            for (benefit, (without, with)) in benefit[1..].iter_mut().zip(worlds) {
                let with = load(with);
                (with - load(without)).mul_add(unit, load(benefit)).store(benefit, part);
                sum = sum + with;
            }
            sum.store(&mut customer_months, part);
        }
        customer_months
    }
}

kernel! {
    /// What a customer brings a month after the cost of serving it.
    fn unit_contribution<'a>(revenue: &'a Lane, margin: &'a Lane, serve: &'a Lane) -> Lane {
        let (mut unit, margin, serve) = (*revenue, *margin, *serve);
        for l in 0..LANES {
            unit[l] = unit[l].mul_add(margin[l], -serve[l]);
        }
        unit
    }
}
