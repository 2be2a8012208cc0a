//! The figures of one segment, or of the company.

mod billed;

use keepworth_contract::Word;
use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use keepworth_contract::simulator::FigureName;
use keepworth_contract::simulator::baseline::{ChannelBaseline, Figure, SegmentBaseline};
use keepworth_contract::simulator::purchase::PurchaseBaseline;
use keepworth_contract::{Currency, Flag, FlagCode, Month};

use crate::rule::cohort::Cohorts;
use crate::rule::correlation::correlations;
use crate::rule::cost::{CostTable, SegmentCosts};
use crate::rule::driver::Calendar;
use crate::rule::hazard::{self, SegmentHazard};
use crate::rule::issue::Issues;
use crate::rule::joint::student_t_log;
use crate::rule::joint::{Carriers, Place, Quotient};
use crate::rule::purchase;
use crate::rule::revenue;
use crate::rule::score;
use crate::rule::tally::{Contacts, Tally};
use crate::rule::window::{MONTHS, Window, months_between};
use keepworth_verdict::figure::{Basis, COHORTS, EPISODES, EXPOSURES, figure};
use keepworth_verdict::interval::{overdispersed_poisson, poisson, wilson};

/// What all segments share.
pub(crate) struct Company<'a> {
    pub(crate) currency: Currency,
    pub(crate) window: Window,
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
    /// Those of them who are seen to leave: of the company, who has a contract.
    pub(crate) leaving: &'a Cohorts,
    pub(crate) costs: &'a SegmentCosts,
    pub(crate) hazard: SegmentHazard,
    /// What is known of customers without a contract.
    pub(crate) purchases: Option<PurchaseBaseline>,
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
    pub(crate) fn minor_units(&self) -> f64 {
        10_f64.powi(self.currency.decimals().cast_signed())
    }

    /// That a few of the customers carry a figure, with what it would be had each of them as much as the next one.
    pub(crate) fn carried(
        &self,
        carriers: Carriers,
        customers: u64,
        verb: &str,
        figure: &Figure,
    ) -> Flag {
        let capped = carriers.capped * figure.value.unwrap_or_default();
        let decimals = if capped < 1.0 { 4 } else { 2 };
        let detail = format!(
            "it hangs on {} of {customers} customers, who {verb} {:.0}% of it; had each of them as much as the next one \
             below, it would be {capped:.decimals$} {}",
            carriers.customers,
            100.0 * carriers.share,
            figure.unit
        );
        Flag::new(FlagCode::FewCarryTheMean, detail)
    }

    /// A figure of `n` observations.
    pub(crate) fn figure(&self, name: FigureName, value: Option<f64>, n: u64) -> Figure {
        figure(name, self.currency.code(), value, n)
    }
}

/// Builds the segment's part of the document.
pub(crate) fn describe(segment: &Segment<'_>, company: &Company<'_>) -> SegmentBaseline {
    let mut figures: BTreeMap<FigureName, Figure> = score::figures(segment.tally).collect();
    let mut put = |name, figure| figures.insert(name, figure);
    customers(segment, company, &mut put);
    leaving(segment, company, &mut put);
    revenue::figures(segment, company, &mut put);
    billed::figures(segment, company, &mut put);
    let Segment {
        name,
        tally,
        cohorts,
        hazard,
        ..
    } = segment;
    let channels: Vec<ChannelBaseline> = company
        .channels
        .iter()
        .map(|name| channel(name, segment, company))
        .collect();
    SegmentBaseline {
        name: (*name).to_owned(),
        figures,
        customers_by_tenure: cohorts.active.clone(),
        hazard_bands: hazard.bands.clone(),
        hazard_fit: hazard.fit.clone(),
        hazard_choice: hazard.choice.clone(),
        purchases: segment.purchases.clone(),
        left_by_cause: cohorts
            .left_by_cause
            .iter()
            .map(|(cause, left)| (cause.name().to_owned(), *left))
            .chain((cohorts.left_unknown > 0).then(|| ("UNKNOWN".to_owned(), cohorts.left_unknown)))
            .collect(),
        revenue_by_kind: revenue::by_kind(tally, company.currency),
        correlations: correlations(segment, company, &channels),
        channels,
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
    put: &mut impl FnMut(FigureName, Figure) -> Option<Figure>,
) {
    let Segment { tally, cohorts, .. } = segment;
    put(
        FigureName::Customers,
        company
            .figure(
                FigureName::Customers,
                Some(tally.active as f64),
                tally.active,
            )
            .over(COHORTS, cohorts.rows),
    );
    put(
        FigureName::CustomerMonths,
        company
            .figure(
                FigureName::CustomerMonths,
                Some(tally.months()),
                tally.observed,
            )
            .over(EPISODES, tally.observed),
    );
    let won = tally.won_since(company.window_from);
    put(
        FigureName::WonPerMonth,
        company
            .figure(
                FigureName::WonPerMonth,
                Some(won as f64 / company.window_months),
                won,
            )
            .within(overdispersed_poisson(
                won,
                company.window_months,
                dispersion(tally, company),
            ))
            .over(EPISODES, tally.observed),
    );
}

/// How many times a Poisson count's variance customers won by month have, at least 1: Pearson's
/// statistic over its degrees of freedom.
fn dispersion(tally: &Tally, company: &Company<'_>) -> f64 {
    let after = company.window.as_of() + Days::new(1);
    let rate = tally.won_since(company.window_from) as f64 / company.window_months;
    let (mut statistic, mut months) = (0.0, 0.0);
    for place in 0..MONTHS {
        let month = company.window.month(place);
        let from = company.window_from.max(month.first_day());
        let to = after.min(month.plus(1).first_day());
        let expected = rate * months_between(from, to);
        if from < to && expected > 0.0 {
            let won: u64 = tally.won.range(from..to).map(|(_, won)| won).sum();
            statistic += (won as f64 - expected).powi(2) / expected;
            months += 1.0;
        }
    }
    (statistic / (months - 1.0_f64).max(1.0)).max(1.0)
}

fn leaving(
    segment: &Segment<'_>,
    company: &Company<'_>,
    put: &mut impl FnMut(FigureName, Figure) -> Option<Figure>,
) {
    let Segment {
        tally,
        leaving: cohorts,
        ..
    } = segment;
    let (months, left) = (cohorts.person_months(), cohorts.left());
    put(
        FigureName::PersonMonths,
        company
            .figure(FigureName::PersonMonths, Some(months), tally.observed)
            .over(COHORTS, cohorts.rows),
    );
    put(
        FigureName::Left,
        company
            .figure(FigureName::Left, Some(left as f64), left)
            .over(COHORTS, cohorts.rows),
    );
    put(FigureName::Hazard, hazard_figure(segment, company));
    if company.is_quarter {
        let share = left as f64 / tally.observed as f64;
        put(
            FigureName::QuarterlyChurn,
            company
                .figure(FigureName::QuarterlyChurn, Some(share), tally.observed)
                .within(wilson(left, tally.observed))
                .over(EPISODES, tally.observed),
        );
    }
    put(
        FigureName::ExperienceShare,
        experience_share(company, cohorts, left),
    );
}

/// Leavers over customer-months; none where nobody would see them leave.
fn hazard_figure(segment: &Segment<'_>, company: &Company<'_>) -> Figure {
    if let Some(purchases) = &segment.purchases {
        let unseen = company.figure(FigureName::Hazard, None, 0);
        return unseen.flag_if(true, purchase::flag(purchases));
    }
    let (cohorts, hazard) = (segment.leaving, &segment.hazard);
    let (months, left) = cohorts.between(hazard.record(), 0, None);
    let rate = company
        .figure(FigureName::Hazard, Some(left as f64 / months), left)
        .within(poisson(left, months))
        .over(COHORTS, cohorts.rows);
    let flags = hazard::flags(hazard).into_iter();
    let flags = flags.filter(|_| cohorts.rows > 0);
    flags.fold(rate, |rate, flag| rate.flag_if(true, flag))
}

/// Share of leavers for a known cause whose cause a better experience could have removed: the
/// ceiling of any programme. Who left for a cause that nobody recorded tells nothing about it.
fn experience_share(company: &Company<'_>, cohorts: &Cohorts, left: u64) -> Figure {
    let causes = &cohorts.left_by_cause;
    let known: u64 = causes.values().sum();
    let those = causes.iter().filter(|(cause, _)| cause.is_experience());
    let experience = those.map(|(_, left)| left).sum();
    let share = (known > 0).then(|| experience as f64 / known as f64);
    let unknown = cohorts.left_unknown;
    company
        .figure(FigureName::ExperienceShare, share, known)
        .within(wilson(experience, known))
        .over(COHORTS, cohorts.rows)
        .flag_if(
            left > 0 && known == 0,
            Flag::new(
                FlagCode::CausesNotRecorded,
                format!("no cause is recorded of {left} leavers"),
            ),
        )
        .flag_if(
            known > 0 && unknown > 0,
            Flag::new(
                FlagCode::CausesUnknown,
                format!(
                    "no cause is recorded of {unknown} of {left} leavers, left out of the share"
                ),
            ),
        )
}

/// Contacts of a channel per customer-month: those without any count with their months.
pub(crate) fn contacts_per_month(tally: &Tally, name: &str) -> Option<Quotient> {
    let [count, _] = tally.joint.find_channel(name)?;
    Some(Quotient {
        over: vec![count],
        under: (0..MONTHS).map(Place::exposure).collect(),
    })
}

/// Minutes of an employee per contact of a channel.
pub(crate) fn minutes_per_contact(tally: &Tally, name: &str) -> Option<Quotient> {
    let [count, minutes] = tally.joint.find_channel(name)?;
    Some(Quotient {
        over: vec![minutes],
        under: vec![count],
    })
}

fn channel(name: &str, segment: &Segment<'_>, company: &Company<'_>) -> ChannelBaseline {
    let tally = segment.tally;
    let contacts = tally.channels.get(name).copied().unwrap_or_default();
    ChannelBaseline {
        name: name.to_owned(),
        contacts: contacts_figure(company, tally, name, &contacts)
            .over(EXPOSURES, tally.exposure_rows)
            .over(EPISODES, tally.observed),
        minutes: minutes_figure(company, tally, name, &contacts)
            .over(EXPOSURES, tally.exposure_rows),
        cost_per_minute: billed::cost_per_minute(name, segment, company),
        avoidable: company
            .costs
            .avoidable_contacts(segment.own_name(), name, company.now),
        about: tally.issues.get(name).and_then(Issues::told),
    }
}

/// None at all is a rate of 0 where customers were under observation.
fn contacts_figure(
    company: &Company<'_>,
    tally: &Tally,
    name: &str,
    contacts: &Contacts,
) -> Figure {
    let quotient = contacts_per_month(tally, name);
    let estimate = quotient.as_ref().and_then(|it| tally.joint.estimate(it));
    let kurtosis = quotient.and_then(|it| tally.joint.contact_kurtosis(name, &it));
    let none = (tally.months() > 0.0).then_some(0.0);
    let value = estimate.map(|it| it.value).or(none);
    let made = company
        .figure(FigureName::Contacts, value, contacts.count)
        .within(estimate.and_then(|it| student_t_log(&it, kurtosis)));
    let carriers = tally.joint.contact_carriers(name, tally.present);
    let carried = carriers.map(|it| company.carried(it, tally.present, "make", &made));
    carried
        .into_iter()
        .fold(made, |made, flag| made.flag_if(true, flag))
}

fn minutes_figure(company: &Company<'_>, tally: &Tally, name: &str, contacts: &Contacts) -> Figure {
    let (joint, quotient) = (&tally.joint, minutes_per_contact(tally, name));
    let estimate = quotient.as_ref().and_then(|it| joint.estimate(it));
    let kurtosis = quotient.and_then(|it| joint.minutes_kurtosis(name, &it));
    let value = estimate.map(|it| it.value);
    company
        .figure(FigureName::Minutes, value, contacts.count)
        .within(estimate.and_then(|it| student_t_log(&it, kurtosis)))
}
