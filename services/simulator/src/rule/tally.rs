//! Counts customers into their segments, each with what the other services know of them.

use keepworth_contract::Word;
use std::collections::BTreeMap;

use chrono::NaiveDate;
use keepworth_contract::Month;
use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::experience::{ContactSum, ExposureRow};
use keepworth_contract::finance::RevenueKind;
use keepworth_contract::finance::RevenueRow;

use crate::BuildError;
use crate::rule::course::CourseRecord;
use crate::rule::issue::Issues;
use crate::rule::joint::{Deeds, Joint, Place};
use crate::rule::sum::Moments;
use crate::rule::trend::LeavingByMonth;
use crate::rule::window::{ByMonth, Window};

pub(crate) use customer::Customer;
use parts::merge_contacts;
pub(crate) use parts::{Billing, Contacts, MonthSums, Stray};

/// Sums over the customers of a segment. Money is in minor units.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Tally {
    /// Customers that were under observation at any time, once for each stay in the segment.
    pub(crate) observed: u64,
    /// Of these stays, those that began with a move from another segment.
    pub(crate) moved_in: u64,
    /// Of these moves, those within the window.
    pub(crate) moved_in_window: u64,
    /// Customers that were under observation in the window.
    pub(crate) present: u64,
    /// Customers on the day.
    pub(crate) active: u64,
    /// Who left under observation.
    pub(crate) left: u64,
    /// Customers won by day, from the window's first day on.
    pub(crate) won: BTreeMap<NaiveDate, u64>,
    /// What belongs together of each customer's months, revenue and contacts in the window.
    pub(crate) joint: Joint,
    /// The same by calendar month.
    pub(crate) by_month: ByMonth<MonthSums>,
    /// Who left, by the months of the whole record. Of a segment only: levels differ, and a trend is told of each apart.
    pub(crate) leaving: LeavingByMonth,
    /// Contacts and revenue by the months of the whole record. Of a segment only, too.
    pub(crate) courses: CourseRecord,
    /// What contacts in the window were about, by channel.
    pub(crate) issues: BTreeMap<String, Issues>,
    /// Contacts in the window.
    pub(crate) channels: BTreeMap<String, Contacts>,
    /// Customers by the last score of each kind that they gave in the window.
    pub(crate) scores: BTreeMap<String, BTreeMap<i32, u64>>,
    /// Recurring revenue per month of each customer that has any, active or not.
    pub(crate) recurring: Moments,
    /// Who was not charged, and what was charged of others than those under observation.
    pub(crate) billing: Billing,
    /// Revenue by kind, refunds negative.
    pub(crate) minor_by_kind: BTreeMap<String, i64>,
    /// Rows of experience/exposures.
    pub(crate) exposure_rows: u64,
    /// Rows of finance/revenues.
    pub(crate) revenue_rows: u64,
}

impl Tally {
    /// Customer-months under observation in the window.
    pub(crate) fn months(&self) -> f64 {
        self.by_month.iter().map(|month| month.months).sum()
    }

    /// Customers won from a day on.
    pub(crate) fn won_since(&self, day: NaiveDate) -> u64 {
        self.won.range(day..).map(|(_, won)| won).sum()
    }

    /// Adds another segment.
    pub(crate) fn merge(&mut self, other: &Self) {
        self.observed += other.observed;
        self.moved_in += other.moved_in;
        self.moved_in_window += other.moved_in_window;
        self.present += other.present;
        self.active += other.active;
        self.left += other.left;
        self.exposure_rows += other.exposure_rows;
        self.revenue_rows += other.revenue_rows;
        self.joint.merge(&other.joint);
        self.recurring.merge(&other.recurring);
        self.billing.merge(&other.billing);
        for (day, won) in &other.won {
            *self.won.entry(*day).or_default() += won;
        }
        merge_contacts(&mut self.channels, &other.channels);
        for (channel, issues) in &other.issues {
            let mine = self.issues.entry(channel.clone()).or_default();
            mine.merge(issues);
        }
        for (mine, theirs) in self.by_month.iter_mut().zip(&other.by_month) {
            mine.months += theirs.months;
            mine.at_end += theirs.at_end;
            mine.left += theirs.left;
            mine.revenue_minor += theirs.revenue_minor;
            mine.payers += theirs.payers;
            merge_contacts(&mut mine.contacts, &theirs.contacts);
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

    fn add_months(&mut self, customer: &Customer<'_>, deeds: &mut Deeds) {
        let stay = customer.stay;
        let exposure = customer.window.exposure(stay.from, stay.to);
        for (place, months) in exposure.iter().enumerate() {
            self.by_month[place].months += months;
            deeds.note(Place::exposure(place), *months);
        }
        self.present += u64::from(exposure.iter().any(|months| *months > 0.0));
    }

    /// Whether they were there at the end of each month, and in which they left.
    fn add_ends(&mut self, customer: &Customer<'_>) {
        let Customer {
            window,
            episode,
            stay,
            ..
        } = *customer;
        for (place, month) in self.by_month.iter_mut().enumerate() {
            month.at_end += u64::from(window.is_there_at_end(episode, &stay, place));
        }
        if let Some(place) = window.place(Month::of(stay.to)) {
            self.by_month[place].left += u64::from(customer.has_left());
        }
    }

    fn add_exposures(
        &mut self,
        customer: &Customer<'_>,
        rows: &[ExposureRow],
        deeds: &mut Deeds,
    ) -> Result<(), BuildError> {
        let Customer {
            window, episode, ..
        } = *customer;
        let mut contacts: BTreeMap<&str, ContactSum> = BTreeMap::new();
        let mut scores: BTreeMap<&str, i32> = BTreeMap::new();
        let mut about: BTreeMap<&str, BTreeMap<&str, ContactSum>> = BTreeMap::new();
        for row in rows {
            let month: Month = row.month.parse()?;
            let Some(place) = window
                .place(month)
                .filter(|place| window.observes(episode, month) && customer.counts(*place))
            else {
                continue;
            };
            self.exposure_rows += 1;
            for (channel, sum) in &row.contacts {
                let mine = contacts.entry(channel).or_default();
                mine.count += sum.count;
                mine.handle_seconds += sum.handle_seconds;
                let by_month = &mut self.by_month[place].contacts;
                by_month.entry(channel.clone()).or_default().add(*sum);
            }
            for (channel, issues) in &row.issues {
                let mine = about.entry(channel).or_default();
                for (issue, sum) in issues {
                    let mine = mine.entry(issue).or_default();
                    mine.count += sum.count;
                    mine.handle_seconds += sum.handle_seconds;
                }
            }
            // Months ascend, so that the last score is the latest.
            scores.extend(
                row.scores
                    .iter()
                    .map(|(kind, score)| (kind.as_str(), *score)),
            );
        }
        for (channel, sum) in contacts {
            let about = about.remove(channel).unwrap_or_default();
            let issues = self.issues.entry(channel.to_owned()).or_default();
            issues.add(sum.count, &about);
            self.channels
                .entry(channel.to_owned())
                .or_default()
                .add(sum);
            let [count, minutes] = self.joint.channel(channel);
            deeds.note(count, sum.count as f64);
            deeds.note(minutes, sum.handle_seconds as f64 / 60.0);
        }
        for (kind, score) in scores {
            let counts = self.scores.entry(kind.to_owned()).or_default();
            *counts.entry(score).or_default() += 1;
        }
        Ok(())
    }

    fn add_revenues(
        &mut self,
        customer: &Customer<'_>,
        rows: &[RevenueRow],
        deeds: &mut Deeds,
    ) -> Result<(), BuildError> {
        let mut is_billed = [false; 2];
        for row in rows {
            is_billed[0] |= row.billed_from.is_some();
            is_billed[1] |= row.months > 0;
            self.add_revenue(customer, row, deeds)?;
            if customer.stay.is_last {
                self.add_charges(row);
            }
        }
        if customer.is_active() {
            self.billing.never += u64::from(!is_billed[0]);
            self.billing.not_in_window += u64::from(is_billed == [true, false]);
        }
        Ok(())
    }

    fn add_revenue(
        &mut self,
        customer: &Customer<'_>,
        row: &RevenueRow,
        deeds: &mut Deeds,
    ) -> Result<(), BuildError> {
        let Customer {
            window,
            episode,
            exposure,
            ..
        } = *customer;
        let minor: &ByMonth<i64> = row
            .minor_by_month
            .as_slice()
            .try_into()
            .map_err(|_| BuildError::RevenueMonths(row.minor_by_month.len()))?;
        let (mut after_leaving, mut unobserved) = (0, 0);
        let charged = minor.iter().enumerate();
        for (place, minor) in charged.filter(|(place, it)| **it != 0 && customer.counts(*place)) {
            if exposure[place] > 0.0 {
                let counted = *minor as f64 * window.charged_share(episode, window.month(place));
                self.by_month[place].revenue_minor += counted;
                self.by_month[place].payers += 1;
                deeds.note(Place::revenue(place), counted);
            } else if episode.left && window.month(place) > Month::of(episode.observed_to) {
                after_leaving += minor;
            } else {
                unobserved += minor;
            }
        }
        self.billing.after_leaving.add(after_leaving);
        self.billing.unobserved.add(unobserved);
        Ok(())
    }

    /// What is told of the twelve months as one counts in the customer's last segment.
    fn add_charges(&mut self, row: &RevenueRow) {
        self.revenue_rows += 1;
        self.billing.repeated.add(row.repeated_minor);
        if let Some(minor) = row.minor_by_kind.get(RevenueKind::Recurring.name()) {
            self.recurring.add(*minor as f64 / row.months.max(1) as f64);
        }
        for (kind, minor) in &row.minor_by_kind {
            *self.minor_by_kind.entry(kind.clone()).or_default() += minor;
        }
    }
}

/// The segments of a company.
#[derive(Debug)]
pub(crate) struct Tallies {
    window: Window,
    /// Room for what one customer did.
    deeds: Deeds,
    /// Customers so far.
    customers: usize,
    /// By segment.
    pub(crate) segments: BTreeMap<String, Tally>,
    /// ISO 4217 code of all revenue; none without revenue.
    pub(crate) currency: Option<String>,
    /// First day on which anybody was under observation.
    pub(crate) first_observed: Option<NaiveDate>,
    /// Moves within the window, by the segments that they led from and to.
    pub(crate) moves: BTreeMap<(String, String), u64>,
}

impl Tallies {
    /// Nobody yet.
    pub(crate) fn new(window: Window) -> Self {
        Self {
            window,
            deeds: Deeds::default(),
            customers: 0,
            segments: BTreeMap::new(),
            currency: None,
            first_observed: None,
            moves: BTreeMap::new(),
        }
    }

    /// Counts a customer in, with their rows of the other feeds.
    ///
    /// # Errors
    /// Revenue in a second currency, or of other than twelve months; a month that is none.
    pub(crate) fn add(
        &mut self,
        episode: &EpisodeRow,
        exposures: &[ExposureRow],
        revenues: &[RevenueRow],
    ) -> Result<(), BuildError> {
        for row in revenues.iter().filter(|row| !row.currency.is_empty()) {
            let mine = self.currency.get_or_insert_with(|| row.currency.clone());
            if *mine != row.currency {
                return Err(BuildError::mixed(mine, &row.currency));
            }
        }
        let first = self.first_observed.get_or_insert(episode.observed_from);
        *first = episode.observed_from.min(*first);
        let exposure = self
            .window
            .exposure(episode.observed_from, episode.observed_to);
        let mut from: Option<&str> = None;
        for stay in episode.stays() {
            let customer = Customer {
                window: self.window,
                episode,
                exposure: &exposure,
                stay,
                number: self.customers,
            };
            self.add_stay(&customer, from, exposures, revenues)?;
            from = Some(stay.segment);
        }
        self.customers += 1;
        Ok(())
    }

    /// Counts a customer into a segment, to which they may have moved from another.
    fn add_stay(
        &mut self,
        customer: &Customer<'_>,
        from: Option<&str>,
        exposures: &[ExposureRow],
        revenues: &[RevenueRow],
    ) -> Result<(), BuildError> {
        let Customer { window, stay, .. } = *customer;
        let days = window.first_day()..=window.as_of();
        let is_within = stay.from > window.first_day();
        if let Some(from) = from.filter(|_| is_within) {
            let move_of = (from.to_owned(), stay.segment.to_owned());
            *self.moves.entry(move_of).or_default() += 1;
        }
        let tally = self.segments.entry(stay.segment.to_owned()).or_default();
        tally.observed += 1;
        tally.moved_in += u64::from(from.is_some());
        tally.moved_in_window += u64::from(from.is_some() && is_within);
        tally.active += u64::from(customer.is_active());
        tally.left += u64::from(customer.has_left());
        let acquired_on = customer.episode.acquired_on;
        if from.is_none() && days.contains(&acquired_on) {
            *tally.won.entry(acquired_on).or_default() += 1;
        }
        let deeds = &mut self.deeds;
        deeds.clear();
        tally.add_months(customer, deeds);
        tally.add_ends(customer);
        let days = [customer.stay.from, customer.stay.to];
        tally
            .leaving
            .add(customer.episode, days, customer.has_left());
        tally.courses.add(customer, exposures, revenues)?;
        tally.add_revenues(customer, revenues, deeds)?;
        tally.add_exposures(customer, exposures, deeds)?;
        tally.joint.add(deeds);
        Ok(())
    }

    /// The segments as one: who moved is one customer.
    pub(crate) fn company(&self) -> Tally {
        let mut company = Tally::default();
        self.segments
            .values()
            .for_each(|tally| company.merge(tally));
        company.observed -= std::mem::take(&mut company.moved_in);
        company.present -= std::mem::take(&mut company.moved_in_window);
        company
    }
}

mod customer;
mod parts;
#[cfg(test)]
mod tests;
