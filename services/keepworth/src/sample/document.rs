//! The truth as JSON, so that any tool can be measured on the records.

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use serde::Serialize;

use super::customer::Life;
use super::future::{Future, Profile, lifetime_value, present_value, project};
use super::truth::{BANDS, MOST_UNRESOLVED, Segment, Truth, UNRESOLVED, days_between};

/// What became of the customers of a segment until the day of the export.
#[derive(Debug, Clone, Default)]
pub(crate) struct Observed {
    /// Customers in the records.
    known: u64,
    /// Customers on the day.
    active: Profile,
    /// Months under observation by month of tenure.
    exposure: Vec<f64>,
}

impl Observed {
    pub(crate) fn add(&mut self, truth: &Truth, life: &Life<'_>) {
        self.known += 1;
        if life.left.is_none() {
            *self.active.entry(life.acquired_on).or_default() += 1;
        }
        let until = life.until(truth.end());
        for tenure in 0.. {
            let day = |tenure| life.acquired_on + Months::new(tenure);
            let (began, next) = (day(tenure), day(tenure + 1));
            if began >= until {
                return;
            }
            let days = days_between(began.max(life.observed_from), next.min(until));
            let index = tenure as usize;
            self.exposure
                .resize(self.exposure.len().max(index + 1), 0.0);
            self.exposure[index] += days / days_between(began, next);
        }
    }
}

/// The document.
#[derive(Debug, Serialize)]
pub(crate) struct Document {
    #[serde(flatten)]
    company: serde_json::Value,
    segments: Vec<SegmentTruth>,
    /// All segments.
    future: Both,
    npv: f64,
    /// The mean over those won.
    lifetime_value: f64,
}

#[derive(Debug, Serialize)]
struct SegmentTruth {
    name: &'static str,
    /// By band of tenure, with what experience does to it; on the day of the export.
    hazard: [f64; 4],
    hazard_without_unresolved_contacts: [f64; 4],
    revenue: f64,
    gross_margin: f64,
    overhead: f64,
    acquisition_cost: f64,
    won_per_month: f64,
    experience_share: f64,
    contacts: f64,
    channels: Vec<ChannelTruth>,
    customers_in_records: u64,
    customers: u64,
    months_observed_by_tenure: Vec<f64>,
    lifetime_value: f64,
    future: Both,
}

#[derive(Debug, Serialize)]
struct ChannelTruth {
    name: &'static str,
    contacts: f64,
    minutes: f64,
    cost_per_minute: f64,
}

#[derive(Debug, Default, Serialize)]
struct Both {
    without_programme: Future,
    with_programme: Future,
}

/// The truth about a company and the future of those observed.
pub(crate) fn document(truth: &Truth, observed: &BTreeMap<&str, Observed>) -> Document {
    let none = Observed::default();
    let segments: Vec<SegmentTruth> = truth
        .segments
        .iter()
        .map(|it| segment(truth, it, observed.get(it.name).unwrap_or(&none)))
        .collect();
    let mut future = Both::default();
    for it in &segments {
        future.without_programme.add(&it.future.without_programme);
        future.with_programme.add(&it.future.with_programme);
    }
    let flows = future.with_programme.cash_flow.iter();
    let flows = flows.zip(&future.without_programme.cash_flow);
    let difference: Vec<f64> = flows.map(|(with, without)| with - without).collect();
    let won: f64 = segments.iter().map(|it| it.won_per_month).sum();
    let worth = segments
        .iter()
        .map(|it| it.won_per_month * it.lifetime_value);
    Document {
        company: company(truth),
        npv: present_value(truth, &difference) - truth.programme.cost,
        lifetime_value: worth.sum::<f64>() / won,
        future,
        segments,
    }
}

fn company(truth: &Truth) -> serde_json::Value {
    let day = |day: NaiveDate| day.to_string();
    serde_json::json!({
        "company": truth.kind,
        "currency": "EUR",
        "as_of": day(truth.as_of),
        "records_from": day(truth.records_from),
        "won_from": day(truth.won_from),
        "books_from": truth.books_from,
        "late_books": truth.late,
        "tenure_bands_from_month": BANDS,
        "experience_hazard_ratio_per_unresolved_contact_in_3_months": truth.experience_hazard_ratio,
        "most_unresolved_contacts_that_count": MOST_UNRESOLVED,
        "unresolved_share_of_contacts": UNRESOLVED,
        "channels": truth.channels,
        "minutes_log_sd": truth.minutes_log_sd,
        "cost_log_sd": truth.cost_log_sd,
        "calendar": truth.calendar,
        "programme": truth.programme,
    })
}

fn segment(truth: &Truth, segment: &Segment, observed: &Observed) -> SegmentTruth {
    let future = |reduction| project(truth, segment, &observed.active, reduction);
    SegmentTruth {
        name: segment.name,
        hazard: std::array::from_fn(|band| truth.mean_hazard(segment, band)),
        hazard_without_unresolved_contacts: segment.hazard,
        revenue: segment.revenue,
        gross_margin: 1.0 - segment.cost_of_revenue,
        overhead: segment.overhead,
        acquisition_cost: segment.acquisition,
        won_per_month: segment.won_per_month,
        experience_share: segment.experience_share,
        contacts: segment.contacts,
        channels: truth
            .channels
            .iter()
            .map(|channel| ChannelTruth {
                name: channel.name,
                contacts: segment.contacts * channel.share,
                minutes: truth.mean_minutes(channel),
                cost_per_minute: channel.cost_per_minute,
            })
            .collect(),
        customers_in_records: observed.known,
        customers: observed.active.values().sum(),
        months_observed_by_tenure: observed.exposure.clone(),
        lifetime_value: lifetime_value(truth, segment),
        future: Both {
            without_programme: future(0.0),
            with_programme: future(truth.programme.hazard_reduction),
        },
    }
}

impl Future {
    fn add(&mut self, other: &Self) {
        let add = |mine: &mut Vec<f64>, theirs: &[f64]| {
            mine.resize(theirs.len(), 0.0);
            mine.iter_mut()
                .zip(theirs)
                .for_each(|(mine, theirs)| *mine += theirs);
        };
        self.months.clone_from(&other.months);
        add(&mut self.customers, &other.customers);
        add(&mut self.customer_months, &other.customer_months);
        add(&mut self.won, &other.won);
        add(&mut self.contribution, &other.contribution);
        add(&mut self.cash_flow, &other.cash_flow);
    }
}
