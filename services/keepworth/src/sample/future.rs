//! A company's own future: what the truth makes of the customers of the day, expected.
//!
//! In days, and apart from the engine: each customer goes through their months of tenure from the day
//! they were won, each day of a month of tenure with an equal part of its hazard; new customers come
//! every day at the true rate, and a part of a month counts by its days. What the calendar does to
//! everybody goes on: drift and season as they were, shocks as they may come.
//!
//! A month of the future begins on the day of the month after the export's. Each customer brings and
//! calls as their segment does on average: how this one differs is in no figure of a segment.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use keepworth_contract::Month;
use serde::Serialize;

use super::customer::stretches;
use super::truth::{MONTHS_A_DAY, Segment, Truth, band_of, days_between, days_of};

/// Customers on the day of the export by the day they were won.
pub(crate) type Profile = BTreeMap<NaiveDate, u64>;

/// A segment's months, from the first after the export on.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Future {
    /// Customers at the month's end.
    pub(crate) customers: Vec<f64>,
    /// Length of the months, each day its share of its calendar month.
    pub(crate) months: Vec<f64>,
    /// Time as a customer, in such months.
    pub(crate) customer_months: Vec<f64>,
    /// Customers won.
    pub(crate) won: Vec<f64>,
    /// Revenue less its cost, overhead and the cost of contacts.
    pub(crate) contribution: Vec<f64>,
    /// Contribution less the cost of winning customers.
    pub(crate) cash_flow: Vec<f64>,
}

/// Where a customer's way is cut: everything is even between two cuts.
struct Cohort {
    acquired_on: NaiveDate,
    from: NaiveDate,
    customers: f64,
}

/// Carries cohorts through the months.
struct Walk<'a> {
    truth: &'a Truth,
    segment: &'a Segment,
    /// Share of the hazard that is left.
    kept: f64,
    /// The mornings on which months begin, and that after the last.
    starts: Vec<NaiveDate>,
    shocks: Vec<(f64, f64)>,
    customers: Vec<f64>,
    customer_months: Vec<f64>,
    /// As customer-months, weighted with what the calendar does to contacts.
    contact_months: Vec<f64>,
}

/// A segment's expected future, its hazards reduced by a share from the first day on.
pub(crate) fn project(
    truth: &Truth,
    segment: &Segment,
    profile: &Profile,
    reduction: f64,
) -> Future {
    let months = truth.programme.horizon_months;
    let mut walk = Walk::new(truth, segment, reduction, months);
    for (acquired_on, customers) in profile {
        walk.carry(&Cohort {
            acquired_on: *acquired_on,
            from: truth.end(),
            customers: *customers as f64,
        });
    }
    let a_day = segment.won_per_month * MONTHS_A_DAY;
    let mut won = vec![0.0; months as usize];
    for (month, won) in won.iter_mut().enumerate() {
        let (first, end) = (walk.starts[month], walk.starts[month + 1]);
        for day in first.iter_days().take_while(|day| *day < end) {
            *won += a_day;
            walk.carry(&Cohort {
                acquired_on: day,
                from: day,
                customers: a_day,
            });
        }
    }
    walk.into_future(won)
}

/// Present value, when they are won, of what a customer brings within the horizon.
pub(crate) fn lifetime_value(truth: &Truth, segment: &Segment) -> f64 {
    let mut walk = Walk::new(truth, segment, 0.0, truth.programme.horizon_months);
    let day = truth.end();
    walk.carry(&Cohort {
        acquired_on: day,
        from: day,
        customers: 1.0,
    });
    let months = vec![0.0; walk.customers.len()];
    present_value(truth, &walk.into_future(months).contribution)
}

/// Flows of the months discounted from each month's end.
pub(crate) fn present_value(truth: &Truth, flows: &[f64]) -> f64 {
    let factor = (1.0 + truth.programme.discount_rate).powf(-1.0 / 12.0);
    let flows = flows.iter().zip(1..);
    flows.map(|(flow, month)| flow * factor.powi(month)).sum()
}

impl<'a> Walk<'a> {
    fn new(truth: &'a Truth, segment: &'a Segment, reduction: f64, months: u32) -> Self {
        let zero = vec![0.0; months as usize];
        Self {
            truth,
            segment,
            kept: 1.0 - reduction,
            starts: (0..=months)
                .map(|month| truth.end() + Months::new(month))
                .collect(),
            shocks: truth.calendar.possible_shocks(),
            customers: zero.clone(),
            customer_months: zero.clone(),
            contact_months: zero,
        }
    }

    /// Carries a cohort to the end. Shocks of a month meet all of it alike, so that what is left of the
    /// cohort is followed shock by shock within a calendar month and averaged at its end.
    fn carry(&mut self, cohort: &Cohort) {
        let mut day = cohort.from;
        let mut alive = vec![cohort.customers; self.shocks.len()];
        let mut month = self.starts.partition_point(|start| *start <= day) - 1;
        let mut tenure = (0..)
            .find(|tenure| cohort.acquired_on + Months::new(tenure + 1) > day)
            .unwrap_or(0);
        while month < self.customers.len() {
            let began = cohort.acquired_on + Months::new(tenure);
            let next_tenure = cohort.acquired_on + Months::new(tenure + 1);
            let calendar = Month::of(day);
            let next_calendar = calendar.plus(1).first_day();
            let until = next_tenure.min(self.starts[month + 1]).min(next_calendar);
            let hazard = self.truth.mean_hazard(self.segment, band_of(tenure))
                * self.kept
                * self.truth.calendar.hazard_trend(calendar)
                / days_between(began, next_tenure);
            self.live(
                &mut alive,
                month,
                calendar,
                hazard,
                days_between(day, until),
            );
            day = until;
            if day == next_tenure {
                tenure += 1;
            }
            if day == next_calendar {
                let mean = self.expected(&alive);
                alive.fill(mean);
            }
            if day == self.starts[month + 1] {
                self.customers[month] += self.expected(&alive);
                month += 1;
            }
        }
    }

    fn expected(&self, alive: &[f64]) -> f64 {
        let shocks = self.shocks.iter().zip(alive);
        shocks.map(|((_, weight), alive)| weight * alive).sum()
    }

    /// Some days of one calendar month under one hazard a day. Who leaves on a day is a customer on it.
    fn live(&mut self, alive: &mut [f64], month: usize, calendar: Month, hazard: f64, days: f64) {
        for ((shock, weight), alive) in self.shocks.iter().zip(alive) {
            let hazard = hazard * shock;
            let left = -(-hazard * days).exp_m1();
            let present = if hazard > 0.0 {
                left / -(-hazard).exp_m1()
            } else {
                days
            };
            let months = weight * *alive * present / days_of(calendar);
            self.customer_months[month] += months;
            self.contact_months[month] +=
                months * shock * self.truth.calendar.season_factor(calendar);
            *alive *= 1.0 - left;
        }
    }

    fn lengths(&self) -> Vec<f64> {
        let length = |ends: &[NaiveDate]| {
            stretches(ends[0], ends[1])
                .map(|it| days_between(it.from, it.until) / days_of(it.month))
                .sum()
        };
        self.starts.windows(2).map(length).collect()
    }

    fn into_future(self, won: Vec<f64>) -> Future {
        let Segment {
            revenue,
            cost_of_revenue,
            overhead,
            acquisition,
            ..
        } = self.segment;
        let a_month = revenue * (1.0 - cost_of_revenue) - overhead;
        let contacts = self.truth.contact_cost(self.segment);
        let months = self.customer_months.iter().zip(&self.contact_months);
        let contribution: Vec<f64> = months
            .map(|(months, called)| months * a_month - called * contacts)
            .collect();
        let flows = contribution.iter().zip(&won);
        Future {
            cash_flow: flows
                .map(|(earned, won)| earned - won * acquisition)
                .collect(),
            months: self.lengths(),
            customers: self.customers,
            customer_months: self.customer_months,
            contribution,
            won,
        }
    }
}

#[cfg(test)]
mod tests;
