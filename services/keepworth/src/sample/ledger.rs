//! What the sample company's books say: revenue by customer, costs by month.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use keepworth_contract::Month;

use super::customer::Life;
use super::truth::{BOOKED_MONTHS, CHANNELS, as_of};

/// A line of the general ledger; amounts in cents.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Line {
    pub(crate) month: Month,
    pub(crate) category: &'static str,
    pub(crate) component: &'static str,
    pub(crate) segment: &'static str,
    pub(crate) channel: &'static str,
}

/// Sums in cents by line; grows with months, not with customers.
#[derive(Default)]
pub(crate) struct Ledger {
    pub(crate) cents: BTreeMap<Line, f64>,
}

impl Ledger {
    /// Books a customer's costs, and answers their months of revenue with the cents of each.
    pub(crate) fn book(&mut self, life: &Life) -> Vec<(Month, i64)> {
        let last = Month::of(as_of());
        let mut revenue = Vec::new();
        for back in (0..BOOKED_MONTHS.cast_signed()).rev() {
            let month = last.plus(-back);
            let share = present(life, month);
            if Month::of(life.acquired_on) == month {
                self.add(
                    month,
                    ["ACQUISITION", life.acquisition_component],
                    life,
                    life.acquisition_channel,
                    life.segment.acquisition,
                );
            }
            let charged = (life.revenue * share * 100.0).round();
            if charged > 0.0 {
                let cost = charged / 100.0 * life.segment.cost_of_revenue;
                self.add(month, ["COST_OF_REVENUE", ""], life, "", cost);
                self.add(
                    month,
                    ["OVERHEAD", ""],
                    life,
                    "",
                    life.segment.overhead * share,
                );
                revenue.push((month, charged as i64));
            }
        }
        for contact in &life.contacts {
            let month = Month::of(contact.on);
            if month > last.plus(-BOOKED_MONTHS.cast_signed()) {
                let channel = &CHANNELS[contact.channel];
                let cost = contact.handle_seconds as f64 / 60.0 * channel.cost_per_minute;
                self.add(month, ["SERVICE", ""], life, channel.name, cost);
            }
        }
        revenue
    }

    fn add(
        &mut self,
        month: Month,
        [category, component]: [&'static str; 2],
        life: &Life,
        channel: &'static str,
        amount: f64,
    ) {
        let line = Line {
            month,
            category,
            component,
            segment: life.segment.name,
            channel,
        };
        *self.cents.entry(line).or_default() += amount * 100.0;
    }
}

/// The part of a month during which somebody was a customer.
fn present(life: &Life, month: Month) -> f64 {
    let (first, end) = (month.first_day(), month.plus(1).first_day());
    let from = life.acquired_on.max(life.observed_from).max(first);
    let until = life
        .left
        .map_or(end, |(left_on, _)| left_on.succ_opt().unwrap_or(left_on))
        .min(end);
    days(from, until) / days(first, end)
}

fn days(from: NaiveDate, until: NaiveDate) -> f64 {
    f64::from((until.num_days_from_ce() - from.num_days_from_ce()).max(0))
}
