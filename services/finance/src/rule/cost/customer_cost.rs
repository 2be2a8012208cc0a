//! What each customer cost to keep: their days' part of what is spent regardless of use, and the
//! minutes of their contacts at each channel's rate.
//!
//! Who moved between segments bears each segment's part by the days in it, and is one customer of the company.
//!
//! Only numbers are kept of a customer (24 bytes a stay in a segment, and as much for each channel of contact), so that
//! a million of them fit where an average would hide that a few cost most.

use std::collections::BTreeMap;

use keepworth_contract::customers::{EpisodeRow, Stay};
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
    customers: usize,
    stays: Vec<StayUse>,
    contacts: Vec<ContactUse>,
}

/// A customer's days in one segment.
#[derive(Debug)]
struct StayUse {
    customer: usize,
    segment: usize,
    days: i64,
}

/// What one customer used of one channel while they were in a segment.
#[derive(Debug)]
struct ContactUse {
    stay: usize,
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
            customers: 0,
            stays: Vec::new(),
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
        let before = self.stays.len();
        for stay in episode.stays() {
            let from = stay.from.max(self.first.first_day());
            let to = stay.to.min(last_day(self.last));
            let days = (to - from).num_days() + 1;
            if days > 0 {
                self.add_stay(episode, &stay, days, exposures)?;
            }
        }
        self.customers += usize::from(self.stays.len() > before);
        Ok(())
    }

    fn add_stay(
        &mut self,
        episode: &EpisodeRow,
        stay: &Stay<'_>,
        days: i64,
        exposures: &[ExposureRow],
    ) -> Result<(), MonthError> {
        let mut seconds: BTreeMap<usize, i64> = BTreeMap::new();
        for exposure in exposures {
            let month: Month = exposure.month.parse()?;
            let is_theirs = || episode.stay_of(month).from == stay.from;
            if self.first <= month && month <= self.last && is_theirs() {
                for (channel, sum) in &exposure.contacts {
                    let channel = self.channels.place(channel);
                    *seconds.entry(channel).or_default() += sum.handle_seconds;
                }
            }
        }
        let place = self.stays.len();
        let contacts = seconds.into_iter().map(|(channel, seconds)| ContactUse {
            stay: place,
            channel,
            seconds,
        });
        self.contacts.extend(contacts);
        self.stays.push(StayUse {
            customer: self.customers,
            segment: self.segments.place(stay.segment),
            days,
        });
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
            let mut own = vec![0; self.stays.len()];
            for it in self.contacts.iter().filter(|it| it.channel == *place) {
                let cost = part(minor.into(), it.seconds, seconds[*place]);
                own[it.stay] = cost;
                costs[it.stay] += cost;
            }
            channels.insert(name.clone(), spread(self.by_customer(&own)));
        }
        let of_segment = |(name, place): (&String, &usize)| {
            let theirs = self.stays.iter().zip(&costs);
            let theirs = theirs.filter(|(it, _)| it.segment == *place);
            let stays = theirs.map(|(it, cost)| (it.customer, *cost));
            (name.clone(), spread(summed(stays)))
        };
        Spreads {
            segments: self.segments.places.iter().map(of_segment).collect(),
            company: spread(self.by_customer(&costs)),
            channels,
        }
    }

    /// What each customer's stays come to.
    fn by_customer(&self, costs: &[i64]) -> Vec<i64> {
        let stays = self.stays.iter().zip(costs);
        summed(stays.map(|(it, cost)| (it.customer, *cost)))
    }

    /// Seconds by channel.
    fn seconds(&self) -> Vec<i64> {
        let mut seconds = vec![0; self.channels.places.len()];
        for it in &self.contacts {
            seconds[it.channel] += it.seconds;
        }
        seconds
    }

    /// What each customer bears by their days, stay by stay.
    fn fixed(&self, pools: &Pools, shared: i128) -> Vec<i64> {
        let mut days = vec![0; self.segments.places.len()];
        for it in &self.stays {
            days[it.segment] += it.days;
        }
        let all: i64 = days.iter().sum();
        let mut own = vec![0; days.len()];
        for (name, minor) in &pools.fixed {
            if let Some(place) = self.segments.places.get(name) {
                own[*place] = *minor;
            }
        }
        let cost = |it: &StayUse| {
            part(own[it.segment].into(), it.days, days[it.segment]) + part(shared, it.days, all)
        };
        self.stays.iter().map(cost).collect()
    }
}

/// A part of an amount of minor units, in [`RATE_SCALE`]ths of one, half to even.
fn part(minor: i128, weight: i64, total: i64) -> i64 {
    let numerator = minor * i128::from(RATE_SCALE) * i128::from(weight);
    divide_half_even(numerator, total.into()).unwrap_or(0)
}

/// Sums of what follows one another of the same customer.
fn summed(stays: impl Iterator<Item = (usize, i64)>) -> Vec<i64> {
    let mut sums: Vec<(usize, i64)> = Vec::new();
    for (customer, cost) in stays {
        match sums.last_mut().filter(|(last, _)| *last == customer) {
            Some((_, sum)) => *sum += cost,
            None => sums.push((customer, cost)),
        }
    }
    sums.into_iter().map(|(_, cost)| cost).collect()
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
    use keepworth_contract::customers::EarlierSegment;
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
            earlier_segments: Vec::new(),
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
            issues: BTreeMap::new(),
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
    fn who_moved_bears_a_part_in_both_segments_and_is_one_customer() {
        let month = "2025-09".parse().unwrap();
        let mut uses = CustomerUses::new(month, month);
        let mut mover = episode("office", "2025-01-01");
        mover.earlier_segments = vec![EarlierSegment {
            segment: "home".into(),
            until: "2025-09-10".parse().unwrap(),
        }];
        let calls = [exposure("2025-09", "phone", 600)];
        uses.add(&mover, &calls).unwrap();
        uses.add(&episode("home", "2025-01-01"), &[]).unwrap();
        let pools = Pools {
            fixed: [("home".to_owned(), 4_000)].into(),
            shared: 600,
            consumption: [("phone".to_owned(), 900)].into(),
        };
        let spreads = uses.spread(&pools);
        // Ten of the 40 days in home, all 30 of 60 of the company; calls where most of the days were.
        assert_eq!(spreads.company.customers, 2);
        assert_eq!(spreads.company.minor, Some(5_500));
        let (home, office) = (&spreads.segments["home"], &spreads.segments["office"]);
        assert_eq!((home.customers, home.minor), (2, Some(4_000 + 100 + 300)));
        assert_eq!((office.customers, office.minor), (1, Some(200 + 900)));
    }

    #[test]
    fn nobody_bears_nothing() {
        let month = "2025-09".parse().unwrap();
        let spreads = CustomerUses::new(month, month).spread(&Pools::default());
        assert_eq!(spreads.company.concentration, None);
    }
}
