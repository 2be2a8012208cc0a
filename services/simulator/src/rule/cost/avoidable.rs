//! What finance confirmed to be avoidable of a segment's costs, step by step.

use std::collections::{BTreeMap, BTreeSet};

use keepworth_contract::Month;
use keepworth_contract::finance::avoidable::{ConfirmedShare, Place, WHOLE, share_in_force};
use keepworth_contract::simulator::baseline::AvoidableStep;

use super::line::Component;
use super::{CONSUMPTION, CostTable, SegmentCosts};

impl CostTable {
    /// The steps of one channel's contact cost. Without a `segment`: of all of them.
    pub(crate) fn avoidable_contacts(
        &self,
        segment: Option<&str>,
        channel: &str,
        now: Month,
    ) -> Vec<AvoidableStep> {
        let component = (CONSUMPTION.to_owned(), Some(channel.to_owned()));
        self.steps(segment, &BTreeMap::from([(component, 1.0)]), now)
    }

    /// The steps of overhead: its components' shares weighed by their cost.
    pub(crate) fn avoidable_overhead(
        &self,
        segment: Option<&str>,
        costs: &SegmentCosts,
        now: Month,
    ) -> Vec<AvoidableStep> {
        let components = &costs.overhead.components;
        if components.values().any(|minor| *minor > 0.0) {
            self.steps(segment, components, now)
        } else {
            let overhead = ("OVERHEAD".to_owned(), None);
            self.steps(segment, &BTreeMap::from([(overhead, 1.0)]), now)
        }
    }

    /// A step for this month and for each later one in which a share begins to hold, as far as
    /// anything is confirmed then and has changed.
    fn steps(
        &self,
        segment: Option<&str>,
        components: &BTreeMap<Component, f64>,
        now: Month,
    ) -> Vec<AvoidableStep> {
        let later = self.shares.iter().map(|share| share.from);
        let months: BTreeSet<Month> = later.filter(|from| *from > now).chain([now]).collect();
        let mut steps: Vec<AvoidableStep> = Vec::new();
        for from in months {
            let step = self.step(segment, components, from);
            let before = steps.last().map_or(&[][..], |step| &step.confirmed);
            if before != step.confirmed {
                steps.push(step);
            }
        }
        steps
    }

    fn step(
        &self,
        segment: Option<&str>,
        components: &BTreeMap<Component, f64>,
        from: Month,
    ) -> AvoidableStep {
        let mut confirmed: Vec<ConfirmedShare> = Vec::new();
        let (mut cost, mut known, mut avoidable) = (0.0, 0.0, 0.0);
        for ((component, channel), minor) in components {
            // Credits that outweigh a component are no weight.
            let minor = minor.max(0.0);
            cost += minor;
            let place = Place {
                segment,
                channel: channel.as_deref(),
            };
            if let Some(share) = share_in_force(&self.shares, component, place, from) {
                known += minor;
                avoidable += minor * f64::from(share.basis_points) / f64::from(WHOLE);
                if !confirmed.contains(share) {
                    confirmed.push(share.clone());
                }
            }
        }
        let part = |of: f64, all: f64| if all > 0.0 { of / all } else { 0.0 };
        // One share is what was confirmed, to the last digit, whatever it is weighed by.
        let share = match &confirmed[..] {
            [only] if known > 0.0 => f64::from(only.basis_points) / f64::from(WHOLE),
            _ => part(avoidable, known),
        };
        AvoidableStep {
            from,
            share,
            confirmed_part: part(known, cost),
            confirmed,
        }
    }

    /// Segments and channels that confirmed shares name and that are none.
    pub(crate) fn shares_of_nothing(
        &self,
        is_segment: impl Fn(&str) -> bool,
        is_channel: impl Fn(&str) -> bool,
    ) -> Vec<String> {
        let strange = |share: &&ConfirmedShare| {
            let is_strange = |name: &Option<String>, known: &dyn Fn(&str) -> bool| {
                name.as_deref().is_some_and(|name| !known(name))
            };
            is_strange(&share.segment, &is_segment) || is_strange(&share.channel, &is_channel)
        };
        let words = |share: &ConfirmedShare| {
            let all = || "all".to_owned();
            format!(
                "{} of segment {}, channel {}, from {}",
                share.component,
                share.segment.clone().unwrap_or_else(all),
                share.channel.clone().unwrap_or_else(all),
                share.from
            )
        };
        self.shares.iter().filter(strange).map(words).collect()
    }
}
