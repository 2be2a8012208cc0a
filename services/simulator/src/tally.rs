//! Counts customers into their segments, each with what the other services know of them.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use keepworth_contract::Month;
use keepworth_contract::feed::{ContactSum, EpisodeRow, ExposureRow, RevenueRow};
use keepworth_contract::record::RevenueKind;

use crate::BuildError;
use crate::sum::{Moments, Ratio};
use crate::window::Window;

/// Sums over the customers of a segment. Money is in minor units.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tally {
    /// Customers that were under observation at any time.
    pub(crate) observed: u64,
    /// Customers on the day.
    pub(crate) active: u64,
    /// Who left under observation.
    pub(crate) left: u64,
    /// Customers won by day, from the window's first day on.
    pub(crate) won: BTreeMap<NaiveDate, u64>,
    /// Customer-months under observation in the window.
    pub(crate) months: f64,
    pub(crate) months_squared: f64,
    /// Contacts in the window.
    pub(crate) channels: BTreeMap<String, Contacts>,
    /// Customers by the last score of each kind that they gave in the window.
    pub(crate) scores: BTreeMap<String, BTreeMap<i32, u64>>,
    /// Revenue per month of each active customer that has any.
    pub(crate) revenue: Moments,
    /// Recurring revenue per month of each customer that has any, active or not.
    pub(crate) recurring: Moments,
    /// Each customer's revenue per month times their months in the window.
    pub(crate) window_revenue: f64,
    /// Revenue by kind, refunds negative.
    pub(crate) minor_by_kind: BTreeMap<String, i64>,
    /// Rows of experience/exposures.
    pub(crate) exposure_rows: u64,
    /// Rows of finance/revenues.
    pub(crate) revenue_rows: u64,
}

/// Sums over customers of their contacts through one channel.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Contacts {
    /// Customers with any.
    customers: u64,
    count: u64,
    seconds: f64,
    count_squared: f64,
    seconds_squared: f64,
    count_seconds: f64,
    count_months: f64,
}

impl Contacts {
    fn add(&mut self, sum: ContactSum, months: f64) {
        let (count, seconds) = (sum.count as f64, sum.handle_seconds as f64);
        self.customers += 1;
        self.count += sum.count;
        self.seconds += seconds;
        self.count_squared += count * count;
        self.seconds_squared += seconds * seconds;
        self.count_seconds += count * seconds;
        self.count_months += count * months;
    }

    fn merge(&mut self, other: &Self) {
        self.customers += other.customers;
        self.count += other.count;
        self.seconds += other.seconds;
        self.count_squared += other.count_squared;
        self.seconds_squared += other.seconds_squared;
        self.count_seconds += other.count_seconds;
        self.count_months += other.count_months;
    }

    /// How many.
    pub(crate) fn count(&self) -> u64 {
        self.count
    }

    /// Minutes of employees' time in all of them.
    pub(crate) fn minutes(&self) -> f64 {
        self.seconds / 60.0
    }

    /// Minutes per contact.
    pub(crate) fn minutes_per_contact(&self) -> Ratio {
        Ratio {
            n: self.customers,
            x: self.count as f64,
            y: self.minutes(),
            xx: self.count_squared,
            xy: self.count_seconds / 60.0,
            yy: self.seconds_squared / 3600.0,
        }
    }
}

impl Tally {
    /// Contacts of a channel per customer-month; customers without any count with their months.
    pub(crate) fn contacts_per_month(&self, channel: &Contacts) -> Ratio {
        Ratio {
            n: self.observed,
            x: self.months,
            y: channel.count as f64,
            xx: self.months_squared,
            xy: channel.count_months,
            yy: channel.count_squared,
        }
    }

    /// Customers won from a day on.
    pub(crate) fn won_since(&self, day: NaiveDate) -> u64 {
        self.won.range(day..).map(|(_, won)| won).sum()
    }

    /// Adds another segment.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.observed += other.observed;
        self.active += other.active;
        self.left += other.left;
        self.months += other.months;
        self.months_squared += other.months_squared;
        self.window_revenue += other.window_revenue;
        self.exposure_rows += other.exposure_rows;
        self.revenue_rows += other.revenue_rows;
        self.revenue.merge(&other.revenue);
        self.recurring.merge(&other.recurring);
        for (day, won) in &other.won {
            *self.won.entry(*day).or_default() += won;
        }
        for (name, contacts) in &other.channels {
            self.channels
                .entry(name.clone())
                .or_default()
                .merge(contacts);
        }
        for (kind, minor) in &other.minor_by_kind {
            *self.minor_by_kind.entry(kind.clone()).or_default() += minor;
        }
        for (kind, counts) in &other.scores {
            let mine = self.scores.entry(kind.clone()).or_default();
            for (score, customers) in counts {
                *mine.entry(*score).or_default() += customers;
            }
        }
    }

    fn add_exposures(
        &mut self,
        episode: &EpisodeRow,
        rows: &[ExposureRow],
        window: Window,
    ) -> Result<(), BuildError> {
        let months = window.months_of(episode);
        let mut contacts: BTreeMap<&str, ContactSum> = BTreeMap::new();
        let mut scores: BTreeMap<&str, i32> = BTreeMap::new();
        for row in rows {
            let month: Month = row.month.parse()?;
            if !window.observes(episode, month) {
                continue;
            }
            self.exposure_rows += 1;
            for (channel, sum) in &row.contacts {
                let mine = contacts.entry(channel).or_default();
                mine.count += sum.count;
                mine.handle_seconds += sum.handle_seconds;
            }
            // Months ascend, so that the last score is the latest.
            scores.extend(
                row.scores
                    .iter()
                    .map(|(kind, score)| (kind.as_str(), *score)),
            );
        }
        for (channel, sum) in contacts {
            let mine = self.channels.entry(channel.to_owned()).or_default();
            mine.add(sum, months);
        }
        for (kind, score) in scores {
            let counts = self.scores.entry(kind.to_owned()).or_default();
            *counts.entry(score).or_default() += 1;
        }
        Ok(())
    }

    fn add_revenue(&mut self, row: &RevenueRow, months: f64, active: bool) {
        self.revenue_rows += 1;
        let covered = row.months.max(1) as f64;
        let per_month = row.minor_by_kind.values().sum::<i64>() as f64 / covered;
        if active {
            self.revenue.add(per_month);
        }
        self.window_revenue += per_month * months;
        if let Some(minor) = row.minor_by_kind.get(RevenueKind::Recurring.name()) {
            self.recurring.add(*minor as f64 / covered);
        }
        for (kind, minor) in &row.minor_by_kind {
            *self.minor_by_kind.entry(kind.clone()).or_default() += minor;
        }
    }
}

/// The segments of a company.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Tallies {
    window: Window,
    /// By segment.
    pub(crate) segments: BTreeMap<String, Tally>,
    /// ISO 4217 code of all revenue; none without revenue.
    pub(crate) currency: Option<String>,
    /// First day on which anybody was under observation.
    pub(crate) first_observed: Option<NaiveDate>,
}

impl Tallies {
    /// Nobody yet.
    pub(crate) fn new(window: Window) -> Self {
        Self {
            window,
            segments: BTreeMap::new(),
            currency: None,
            first_observed: None,
        }
    }

    /// Counts a customer in, with their rows of the other feeds.
    ///
    /// # Errors
    /// Revenue in a second currency; a month that is none.
    pub(crate) fn add(
        &mut self,
        episode: &EpisodeRow,
        exposures: &[ExposureRow],
        revenues: &[RevenueRow],
    ) -> Result<(), BuildError> {
        for row in revenues {
            let mine = self.currency.get_or_insert_with(|| row.currency.clone());
            if *mine != row.currency {
                return Err(BuildError::mixed(mine, &row.currency));
            }
        }
        let first = self.first_observed.get_or_insert(episode.observed_from);
        *first = episode.observed_from.min(*first);
        let window = self.window;
        let months = window.months_of(episode);
        let active = !episode.left && episode.observed_to == window.as_of();
        let tally = self.segments.entry(episode.segment.clone()).or_default();
        tally.observed += 1;
        tally.active += u64::from(active);
        tally.left += u64::from(episode.left);
        tally.months += months;
        tally.months_squared += months * months;
        if (window.first_day()..=window.as_of()).contains(&episode.acquired_on) {
            *tally.won.entry(episode.acquired_on).or_default() += 1;
        }
        for row in revenues {
            tally.add_revenue(row, months, active);
        }
        tally.add_exposures(episode, exposures, window)
    }

    /// The segments as one.
    pub(crate) fn company(&self) -> Tally {
        let mut company = Tally::default();
        self.segments
            .values()
            .for_each(|tally| company.merge(tally));
        company
    }
}

#[cfg(test)]
mod tests;
