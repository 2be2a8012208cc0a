//! The figures of one segment, or of the company.

mod billed;

use std::collections::BTreeMap;

use chrono::NaiveDate;
use keepworth_contract::baseline::{ChannelBaseline, Figure, SegmentBaseline};
use keepworth_contract::record::{LeavingCause, RevenueKind};
use keepworth_contract::{Currency, Money, Month};

use crate::cohort::Cohorts;
use crate::cost::{CostTable, SegmentCosts};
use crate::driver::Calendar;
use crate::figure::{Basis, COHORTS, EPISODES, EXPOSURES, REVENUES, figure};
use crate::hazard::{self, SegmentHazard};
use crate::interval::{poisson, ratio, student_t, wilson};
use crate::score;
use crate::sum::Moments;
use crate::tally::{Contacts, Tally};

/// What all segments share.
pub(crate) struct Company<'a> {
    pub(crate) currency: Currency,
    /// First day of the window.
    pub(crate) window_from: NaiveDate,
    /// Months of the window.
    pub(crate) window_months: f64,
    /// Whether everybody was observed for one quarter at most.
    pub(crate) is_quarter: bool,
    /// Names of the channels with contacts.
    pub(crate) channels: Vec<String>,
    pub(crate) costs: &'a CostTable,
    /// The months whose costs are rated.
    pub(crate) calendar: Calendar,
    /// The month of the day.
    pub(crate) now: Month,
}

/// What is known of one segment.
pub(crate) struct Segment<'a> {
    pub(crate) name: &'a str,
    pub(crate) tally: &'a Tally,
    pub(crate) cohorts: &'a Cohorts,
    pub(crate) costs: &'a SegmentCosts,
    pub(crate) hazard: SegmentHazard,
    /// Whether it is all of them.
    pub(crate) is_company: bool,
}

impl Segment<'_> {
    /// Its name; none of the company as a whole.
    fn own_name(&self) -> Option<&str> {
        (!self.is_company).then_some(self.name)
    }
}

impl Company<'_> {
    /// Minor units in a major one.
    fn minor_units(&self) -> f64 {
        10_f64.powi(self.currency.decimals().cast_signed())
    }

    fn per(&self, what: &str) -> String {
        format!("{} per {what}", self.currency)
    }
}

/// Builds the segment's part of the document.
pub(crate) fn describe(segment: &Segment<'_>, company: &Company<'_>) -> SegmentBaseline {
    let mut figures: BTreeMap<String, Figure> = score::figures(segment.tally).collect();
    let mut put = |name: &str, figure| figures.insert(name.to_owned(), figure);
    customers(segment, company, &mut put);
    leaving(segment, company, &mut put);
    revenue(segment, company, &mut put);
    billed::figures(segment, company, &mut put);
    let Segment {
        name,
        tally,
        cohorts,
        hazard,
        ..
    } = segment;
    SegmentBaseline {
        name: (*name).to_owned(),
        figures,
        customers_by_tenure: cohorts.active.clone(),
        hazard_bands: hazard.bands.clone(),
        hazard_fit: hazard.fit.clone(),
        left_by_cause: cohorts
            .left_by_cause
            .iter()
            .map(|(cause, left)| (cause.name().to_owned(), *left))
            .collect(),
        revenue_by_kind: revenue_by_kind(tally, company.currency),
        channels: company
            .channels
            .iter()
            .map(|name| channel(name, segment, company))
            .collect(),
        overhead_avoidable: company.costs.avoidable_overhead(
            segment.own_name(),
            segment.costs,
            company.now,
        ),
    }
}

fn customers(
    segment: &Segment<'_>,
    company: &Company<'_>,
    put: &mut impl FnMut(&str, Figure) -> Option<Figure>,
) {
    let Segment { tally, cohorts, .. } = segment;
    put(
        "customers",
        figure(
            "customers",
            "customers",
            Some(tally.active as f64),
            tally.active,
        )
        .over(COHORTS, cohorts.rows),
    );
    put(
        "customer_months",
        figure(
            "customer_months",
            "customer-months",
            Some(tally.months),
            tally.observed,
        )
        .over(EPISODES, tally.observed),
    );
    let won = tally.won_since(company.window_from);
    put(
        "won_per_month",
        figure(
            "won_per_month",
            "customers per month",
            Some(won as f64 / company.window_months),
            won,
        )
        .within(poisson(won, company.window_months))
        .over(EPISODES, tally.observed),
    );
}

fn leaving(
    segment: &Segment<'_>,
    company: &Company<'_>,
    put: &mut impl FnMut(&str, Figure) -> Option<Figure>,
) {
    let Segment {
        tally,
        cohorts,
        hazard,
        ..
    } = segment;
    let (months, left) = (cohorts.person_months(), cohorts.left());
    put(
        "person_months",
        figure(
            "person_months",
            "customer-months",
            Some(months),
            tally.observed,
        )
        .over(COHORTS, cohorts.rows),
    );
    put(
        "left",
        figure("left", "customers", Some(left as f64), left).over(COHORTS, cohorts.rows),
    );
    let rate = figure("hazard", "per month", Some(left as f64 / months), left)
        .within(poisson(left, months))
        .over(COHORTS, cohorts.rows);
    put(
        "hazard",
        hazard::flags(&hazard.bands)
            .into_iter()
            .fold(rate, |rate, flag| rate.flag_if(true, flag)),
    );
    if company.is_quarter {
        let share = left as f64 / tally.observed as f64;
        put(
            "quarterly_churn",
            figure("quarterly_churn", "share", Some(share), tally.observed)
                .within(wilson(left, tally.observed))
                .over(EPISODES, tally.observed),
        );
    }
    put("experience_share", experience_share(cohorts, left));
}

/// Share of leavers whose cause a better experience could have removed: the ceiling of any
/// programme.
fn experience_share(cohorts: &Cohorts, left: u64) -> Figure {
    let causes = &cohorts.left_by_cause;
    let of = |wanted: fn(LeavingCause) -> bool| -> u64 {
        let those = causes.iter().filter(|(cause, _)| wanted(**cause));
        those.map(|(_, left)| left).sum()
    };
    let experience = of(LeavingCause::is_experience);
    let named = left - of(|cause| cause == LeavingCause::Other);
    let share = (named > 0).then(|| experience as f64 / left as f64);
    figure("experience_share", "share", share, left)
        .within(wilson(experience, left))
        .over(COHORTS, cohorts.rows)
        .flag_if(left > 0 && named == 0, "causes_not_recorded")
}

fn revenue(
    segment: &Segment<'_>,
    company: &Company<'_>,
    put: &mut impl FnMut(&str, Figure) -> Option<Figure>,
) {
    let Segment { tally, .. } = segment;
    let mean = |name: &str, sample: &Moments| {
        let sample = sample.scaled(1.0 / company.minor_units());
        figure(
            name,
            company.per("customer-month"),
            sample.value(),
            sample.n,
        )
        .within(student_t(&sample))
        .over(REVENUES, tally.revenue_rows)
    };
    let without = tally.active.saturating_sub(tally.revenue.n);
    put(
        "revenue",
        mean("revenue", &tally.revenue).flag_if(
            without > 0,
            format!(
                "no_revenue_recorded: {without} of {} active customers",
                tally.active
            ),
        ),
    );
    put(
        "mean_recurring_charge",
        mean("mean_recurring_charge", &tally.recurring),
    );
}

fn revenue_by_kind(tally: &Tally, currency: Currency) -> BTreeMap<String, Money> {
    let minor = |kind: &str| tally.minor_by_kind.get(kind).copied().unwrap_or_default();
    let total = tally.minor_by_kind.values().sum();
    RevenueKind::ALL
        .map(|kind| (kind.name(), minor(kind.name())))
        .into_iter()
        .chain([("TOTAL", total)])
        .map(|(name, minor)| (name.to_owned(), Money::from_minor(minor, currency)))
        .collect()
}

fn channel(name: &str, segment: &Segment<'_>, company: &Company<'_>) -> ChannelBaseline {
    let tally = segment.tally;
    let none = Contacts::default();
    let contacts = tally.channels.get(name).unwrap_or(&none);
    let rate = tally.contacts_per_month(contacts);
    let minutes = contacts.minutes_per_contact();
    ChannelBaseline {
        name: name.to_owned(),
        contacts: figure(
            "contacts",
            "contacts per customer-month",
            rate.value(),
            contacts.count(),
        )
        .within(ratio(&rate))
        .over(EXPOSURES, tally.exposure_rows)
        .over(EPISODES, tally.observed),
        minutes: figure(
            "minutes",
            "minutes per contact",
            minutes.value(),
            contacts.count(),
        )
        .within(ratio(&minutes))
        .over(EXPOSURES, tally.exposure_rows),
        cost_per_minute: billed::cost_per_minute(name, segment, company),
        avoidable: company
            .costs
            .avoidable_contacts(segment.own_name(), name, company.now),
    }
}
