//! What a company's books say: revenue by customer, costs by month.

use std::collections::BTreeMap;

use keepworth_contract::Month;
use rand::Rng;
use rand_distr::{Distribution, LogNormal};

use super::customer::Life;
use super::truth::{Truth, days_between, days_of};

/// A line of the general ledger.
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
    cents: BTreeMap<Line, f64>,
}

impl Ledger {
    /// Books a customer's costs, and answers their months of revenue with the cents of each.
    pub(crate) fn book(&mut self, truth: &Truth, life: &Life<'_>) -> Vec<(Month, i64)> {
        let segment = life.segment;
        let mut revenue = Vec::new();
        for index in truth.books_from.index()..=Month::of(truth.as_of).index() {
            let month = Month::from_index(index);
            let share = present(truth, life, month);
            if Month::of(life.acquired_on) == month {
                let component = life.acquisition_component;
                let line = line(
                    month,
                    "ACQUISITION",
                    component,
                    life,
                    life.acquisition_channel,
                );
                self.add(line, segment.acquisition);
            }
            let charged = (life.revenue * share * 100.0).round();
            if share > 0.0 {
                let cost = charged / 100.0 * segment.cost_of_revenue;
                self.add(line(month, "COST_OF_REVENUE", "", life, ""), cost);
                self.add(
                    line(month, "OVERHEAD", "", life, ""),
                    segment.overhead * share,
                );
            }
            if charged > 0.0 {
                revenue.push((month, charged as i64));
            }
        }
        for contact in &life.contacts {
            let month = Month::of(contact.on);
            if month >= truth.books_from {
                let channel = &truth.channels[contact.channel];
                let cost = contact.handle_seconds as f64 / 60.0 * channel.cost_per_minute;
                self.add(line(month, "SERVICE", "", life, channel.name), cost);
            }
        }
        revenue
    }

    fn add(&mut self, line: Line, amount: f64) {
        *self.cents.entry(line).or_default() += amount * 100.0;
    }

    /// The lines that are booked, with their cents: each month's cost scatters about what it should
    /// be, and what is late is left out.
    pub(crate) fn close(self, truth: &Truth, rng: &mut impl Rng) -> Vec<(Line, i64)> {
        let (sd, last) = (truth.cost_log_sd, Month::of(truth.as_of));
        let mut scatter = || LogNormal::new(-sd * sd / 2.0, sd).map_or(1.0, |it| it.sample(rng));
        let is_late = |line: &Line| {
            truth.late.is_some_and(|late| {
                line.category == late.category && line.month > last.plus(-late.months)
            })
        };
        let lines = self.cents.into_iter();
        let lines = lines.map(|(line, cents)| (line, (cents * scatter()).round() as i64));
        lines.filter(|(line, _)| !is_late(line)).collect()
    }
}

fn line(
    month: Month,
    category: &'static str,
    component: &'static str,
    life: &Life<'_>,
    channel: &'static str,
) -> Line {
    Line {
        month,
        category,
        component,
        segment: life.segment.name,
        channel,
    }
}

/// The part of a month during which somebody was a customer, until the day of the export.
pub(crate) fn present(truth: &Truth, life: &Life<'_>, month: Month) -> f64 {
    let from = life.acquired_on.max(month.first_day());
    let until = life.until(truth.end()).min(month.plus(1).first_day());
    days_between(from, until) / days_of(month)
}
