//! What each customer cost to keep: their days' part of what is spent regardless of use, and the
//! minutes of their contacts at each channel's rate.
//!
//! Only numbers are kept of a customer (16 bytes, and as much for each channel of contact), so that
//! a million of them fit where an average would hide that a few cost most.

use std::collections::BTreeMap;

use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::experience::ExposureRow;
use keepworth_contract::{Month, MonthError};

use crate::rule::cost::maintenance::{Concentration, RATE_SCALE, concentration};
use crate::rule::metric::ratio::divide_half_even;
use crate::rule::revenue::segment_count::last_day;

/// What the customers of a period used.
#[derive(Debug)]
pub struct CustomerUses {
    first: Month,
    last: Month,
    segments: Names,
    channels: Names,
    customers: Vec<CustomerUse>,
    contacts: Vec<ContactUse>,
}

#[derive(Debug)]
struct CustomerUse {
    segment: usize,
    days: i64,
}

/// What one customer used of one channel.
#[derive(Debug)]
struct ContactUse {
    customer: usize,
    channel: usize,
    seconds: i64,
}

/// Names in the order in which they were met.
#[derive(Debug, Default)]
struct Names {
    places: BTreeMap<String, usize>,
}

impl Names {
    fn place(&mut self, name: &str) -> usize {
        if let Some(place) = self.places.get(name) {
            return *place;
        }
        let place = self.places.len();
        self.places.insert(name.to_owned(), place);
        place
    }
}

/// What is to be borne, in minor units.
#[derive(Debug, Default)]
pub struct Pools {
    /// Spent regardless of use, by the segment that bears it.
    pub fixed: BTreeMap<String, i64>,
    /// Borne by all customers alike.
    pub shared: i64,
    /// Spent on contacts, by channel.
    pub consumption: BTreeMap<String, i64>,
}

/// A group's customers and how their cost is concentrated.
#[derive(Debug, PartialEq)]
pub struct Spread {
    /// Customers, those without cost too.
    pub customers: usize,
    /// What they cost, minor units.
    pub minor: Option<i64>,
    /// The part of it that the costliest 1%, 5% and 20% bear; none without cost.
    pub concentration: Option<[Concentration; 3]>,
}

/// How costs are spread over customers.
#[derive(Debug, PartialEq)]
pub struct Spreads {
    /// Over all of them.
    pub company: Spread,
    /// Over those of each segment.
    pub segments: BTreeMap<String, Spread>,
    /// The cost of contacts through each channel, over all customers.
    pub channels: BTreeMap<String, Spread>,
}

impl CustomerUses {
    /// Nobody has used anything yet.
    #[must_use]
    pub fn new(first: Month, last: Month) -> Self {
        Self {
            first,
            last,
            segments: Names::default(),
            channels: Names::default(),
            customers: Vec::new(),
            contacts: Vec::new(),
        }
    }

    /// Counts a customer in, unless they were not under observation on any day.
    ///
    /// # Errors
    /// [`MonthError`] when an exposure's month is none.
    pub fn add(
        &mut self,
        episode: &EpisodeRow,
        exposures: &[ExposureRow],
    ) -> Result<(), MonthError> {
        let from = episode.observed_from.max(self.first.first_day());
        let to = episode.observed_to.min(last_day(self.last));
        let days = (to - from).num_days() + 1;
        if days <= 0 {
            return Ok(());
        }
        let mut seconds: BTreeMap<usize, i64> = BTreeMap::new();
        for exposure in exposures {
            let month: Month = exposure.month.parse()?;
            if self.first <= month && month <= self.last {
                for (channel, sum) in &exposure.contacts {
                    let channel = self.channels.place(channel);
                    *seconds.entry(channel).or_default() += sum.handle_seconds;
                }
            }
        }
        let customer = self.customers.len();
        let contacts = seconds.into_iter().map(|(channel, seconds)| ContactUse {
            customer,
            channel,
            seconds,
        });
        self.contacts.extend(contacts);
        let segment = self.segments.place(&episode.segment);
        self.customers.push(CustomerUse { segment, days });
        Ok(())
    }

    /// Lays the pools on the customers. What nobody can bear (a segment without customers, a channel
    /// without minutes) is borne by all alike.
    #[must_use]
    pub fn spread(&self, pools: &Pools) -> Spreads {
        let seconds = self.seconds();
        let mut shared = i128::from(pools.shared);
        let is_borne = |name: &str| {
            self.channels
                .places
                .get(name)
                .is_some_and(|it| seconds[*it] > 0)
        };
        for (channel, minor) in &pools.consumption {
            shared += if is_borne(channel) {
                0
            } else {
                i128::from(*minor)
            };
        }
        for (segment, minor) in &pools.fixed {
            let is_borne = self.segments.places.contains_key(segment);
            shared += if is_borne { 0 } else { i128::from(*minor) };
        }
        let mut costs = self.fixed(pools, shared);
        let mut channels = BTreeMap::new();
        for (name, place) in &self.channels.places {
            let minor = pools.consumption.get(name).copied().unwrap_or(0);
            let mut own = vec![0; self.customers.len()];
            for it in self.contacts.iter().filter(|it| it.channel == *place) {
                let cost = part(minor.into(), it.seconds, seconds[*place]);
                own[it.customer] = cost;
                costs[it.customer] += cost;
            }
            channels.insert(name.clone(), spread(own));
        }
        let of_segment = |(name, place): (&String, &usize)| {
            let theirs = self.customers.iter().zip(&costs);
            let theirs = theirs.filter(|(it, _)| it.segment == *place);
            (
                name.clone(),
                spread(theirs.map(|(_, cost)| *cost).collect()),
            )
        };
        Spreads {
            segments: self.segments.places.iter().map(of_segment).collect(),
            company: spread(costs),
            channels,
        }
    }

    /// Seconds by channel.
    fn seconds(&self) -> Vec<i64> {
        let mut seconds = vec![0; self.channels.places.len()];
        for it in &self.contacts {
            seconds[it.channel] += it.seconds;
        }
        seconds
    }

    /// What each customer bears by their days.
    fn fixed(&self, pools: &Pools, shared: i128) -> Vec<i64> {
        let mut days = vec![0; self.segments.places.len()];
        for it in &self.customers {
            days[it.segment] += it.days;
        }
        let all: i64 = days.iter().sum();
        let mut own = vec![0; days.len()];
        for (name, minor) in &pools.fixed {
            if let Some(place) = self.segments.places.get(name) {
                own[*place] = *minor;
            }
        }
        let cost = |it: &CustomerUse| {
            part(own[it.segment].into(), it.days, days[it.segment]) + part(shared, it.days, all)
        };
        self.customers.iter().map(cost).collect()
    }
}

/// A part of an amount of minor units, in [`RATE_SCALE`]ths of one, half to even.
fn part(minor: i128, weight: i64, total: i64) -> i64 {
    let numerator = minor * i128::from(RATE_SCALE) * i128::from(weight);
    divide_half_even(numerator, total.into()).unwrap_or(0)
}

fn spread(mut costs: Vec<i64>) -> Spread {
    let sum: i128 = costs.iter().map(|cost| i128::from(*cost)).sum();
    Spread {
        customers: costs.len(),
        minor: divide_half_even(sum, RATE_SCALE.into()),
        concentration: concentration(&mut costs),
    }
}

#[cfg(test)]
mod tests {
    use keepworth_contract::experience::ContactSum;
    use keepworth_contract::feed::CustomerKey;

    use super::*;

    fn episode(segment: &str, from: &str) -> EpisodeRow {
        EpisodeRow {
            customer: CustomerKey {
                source: "crm".into(),
                external_id: "1".into(),
            },
            segment: segment.into(),
            acquired_on: from.parse().unwrap(),
            acquisition_channel: None,
            observed_from: from.parse().unwrap(),
            observed_to: "2025-09-30".parse().unwrap(),
            left: false,
            cause: None,
        }
    }

    fn exposure(month: &str, channel: &str, handle_seconds: i64) -> ExposureRow {
        let sum = ContactSum {
            count: 1,
            handle_seconds,
        };
        ExposureRow {
            customer: episode("home", "2025-09-01").customer,
            month: month.into(),
            contacts: [(channel.to_owned(), sum)].into(),
            unresolved: 0,
            abandoned: 0,
            scores: BTreeMap::new(),
        }
    }

    /// Home: ten customers, one of them for half of the month, one with all the calls. Office: one.
    fn uses() -> CustomerUses {
        let month = "2025-09".parse().unwrap();
        let mut uses = CustomerUses::new(month, month);
        let calls = [
            exposure("2025-08", "phone", 9_999),
            exposure("2025-09", "phone", 600),
        ];
        uses.add(&episode("home", "2025-01-01"), &calls).unwrap();
        for _ in 0..8 {
            uses.add(&episode("home", "2025-01-01"), &[]).unwrap();
        }
        uses.add(&episode("home", "2025-09-16"), &[]).unwrap();
        uses.add(&episode("office", "2025-09-01"), &[]).unwrap();
        uses.add(&episode("office", "2025-10-01"), &[]).unwrap();
        uses
    }

    #[test]
    fn who_uses_more_costs_more_and_nothing_is_lost() {
        let pools = Pools {
            fixed: [("home", 9_500), ("office", 500), ("gone", 1_050)]
                .map(|(name, minor)| (name.to_owned(), minor))
                .into(),
            shared: 1_050,
            consumption: [("phone", 8_000), ("fax", 0)]
                .map(|(name, minor)| (name.to_owned(), minor))
                .into(),
        };
        let spreads = uses().spread(&pools);
        assert_eq!(spreads.company.customers, 11);
        assert_eq!(
            spreads.company.minor,
            Some(9_500 + 500 + 1_050 + 1_050 + 8_000)
        );
        let home = &spreads.segments["home"];
        // 1,000 a month each, 200 shared; half of both for half of the month.
        assert_eq!(home.minor, Some(9_500 + 9 * 200 + 100 + 8_000));
        let [one, five, twenty] = home.concentration.unwrap();
        assert_eq!((one.customers, five.customers, twenty.customers), (1, 1, 2));
        assert!((one.cost_share - 9_200.0 / 19_400.0).abs() < 1e-9);
        assert!((twenty.cost_share - 10_400.0 / 19_400.0).abs() < 1e-9);
        let phone = spreads.channels["phone"].concentration.unwrap();
        assert_eq!(phone[0].cost_share, 1.0, "one customer has all the calls");
        assert!(!spreads.segments.contains_key("gone"));
    }

    #[test]
    fn nobody_bears_nothing() {
        let month = "2025-09".parse().unwrap();
        let spreads = CustomerUses::new(month, month).spread(&Pools::default());
        assert_eq!(spreads.company.concentration, None);
    }
}
