//! What is true of a company. Estimates are tested against these figures.
//!
//! - A customer's hazard of leaving in a month of tenure is their segment's, by band of tenure,
//!   times [`Truth::experience_hazard_ratio`] for each unresolved contact in the three months before
//!   (at most [`MOST_UNRESOLVED`] count), times what the [`Calendar`] does to everybody. That is the
//!   only effect of experience on leaving.
//! - Contacts come as a Poisson process at the customer's own rate; each is unresolved with
//!   probability [`UNRESOLVED`], independent of everything else. What a customer brings in a month,
//!   and how often they call, is theirs for life: gamma distributed about their segment's mean.
//! - Scores follow unresolved contacts, and do nothing by themselves.
//! - Customers are won evenly from [`Truth::won_from`] on. Who had left before the records begin is
//!   in no file (left truncation).
//! - A part of a month counts by its days: revenue, contacts and costs alike.

use chrono::{Datelike, Days, NaiveDate};
use clap::ValueEnum;
use keepworth_contract::Month;
use serde::Serialize;

use super::calendar::Calendar;

/// Kinds of companies.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ValueEnum)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Kind {
    /// One company with round figures, and an effect of experience on leaving that can be found.
    Sample,
    /// Drawn by the seed. What the estimators assume holds, but the records are as records are:
    /// segments of very different size, parts of months, books that are late, costs that scatter.
    InClass,
    /// As in-class, but hazards rise or fall with calendar time, and go on doing so.
    Drift,
    /// As in-class, but leaving and contacts have a season.
    Season,
    /// As in-class, but months bring shocks to leaving and contacts in all segments at once.
    Shock,
    /// Drift, seasons and shocks together.
    Mixed,
}

/// A company's truth. Money in EUR.
#[derive(Debug, Clone)]
pub(crate) struct Truth {
    pub(crate) kind: Kind,
    /// The day of the export: the last day whose facts are in the files.
    pub(crate) as_of: NaiveDate,
    /// First day of the records about customers.
    pub(crate) records_from: NaiveDate,
    /// The first customer was won on this day at the earliest.
    pub(crate) won_from: NaiveDate,
    /// First month of revenue and cost in the books.
    pub(crate) books_from: Month,
    /// Costs that are not in the books yet.
    pub(crate) late: Option<Late>,
    pub(crate) segments: Vec<Segment>,
    pub(crate) channels: Vec<Channel>,
    /// How each unresolved contact of the last three months multiplies the hazard.
    pub(crate) experience_hazard_ratio: f64,
    /// Spread of the logarithm of a contact's minutes.
    pub(crate) minutes_log_sd: f64,
    /// Spread of the logarithm of a month's cost about what it should be, line by line.
    pub(crate) cost_log_sd: f64,
    pub(crate) calendar: Calendar,
    pub(crate) programme: Programme,
}

/// The last months of a category of cost, not booked yet.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Late {
    pub(crate) category: &'static str,
    pub(crate) months: i32,
}

/// One segment's truth.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Segment {
    /// Its key.
    pub(crate) name: &'static str,
    /// Customers won a month, on average.
    pub(crate) won_per_month: f64,
    /// Cumulative hazard per month without unresolved contacts, by [`BANDS`] of tenure.
    pub(crate) hazard: [f64; 4],
    /// Mean revenue per customer-month.
    pub(crate) revenue: f64,
    /// Coefficient of variation between customers of what they bring.
    pub(crate) revenue_cv: f64,
    /// Cost of revenue as a share of revenue.
    pub(crate) cost_of_revenue: f64,
    /// Overhead per customer-month.
    pub(crate) overhead: f64,
    /// Cost of winning one customer.
    pub(crate) acquisition: f64,
    /// Contacts per customer-month.
    pub(crate) contacts: f64,
    /// Coefficient of variation between customers of how often they call.
    pub(crate) contacts_cv: f64,
    /// Share of leaving for reasons of experience where nothing went wrong.
    pub(crate) experience_share: f64,
}

/// One channel's truth.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Channel {
    /// Its name.
    pub(crate) name: &'static str,
    /// Share of contacts.
    pub(crate) share: f64,
    /// Median minutes of a contact; they are lognormal.
    pub(crate) median_minutes: f64,
    /// Cost of a minute.
    pub(crate) cost_per_minute: f64,
}

/// A programme whose effect is known: what the company's own future is with and without it.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Programme {
    /// Share by which every hazard falls, from the day after the export on.
    pub(crate) hazard_reduction: f64,
    /// What it costs, on the day of the export.
    pub(crate) cost: f64,
    /// Months looked ahead.
    pub(crate) horizon_months: u32,
    /// Rate a year at which flows are discounted, from each month's end.
    pub(crate) discount_rate: f64,
}

/// First months of tenure of the bands.
pub(crate) const BANDS: [u32; 4] = [0, 3, 12, 24];

/// Ways in which customers were won, with their shares, and what is paid for in each.
pub(crate) const ACQUISITION_CHANNELS: [(&str, f64, &str); 3] = [
    ("search", 0.5, "MEDIA"),
    ("partner", 0.3, "COMMISSIONS"),
    ("referral", 0.2, "OUTREACH"),
];

/// More unresolved contacts than this make no further difference.
pub(crate) const MOST_UNRESOLVED: u32 = 2;
/// Probability that a contact does not settle the matter.
pub(crate) const UNRESOLVED: f64 = 0.25;
/// Probability that a customer answers the quarterly survey.
pub(crate) const RESPONSE: f64 = 0.15;
/// Months of revenue and cost in the books.
pub(crate) const BOOKED_MONTHS: u32 = 12;
/// Months of a year over its mean days.
pub(crate) const MONTHS_A_DAY: f64 = 12.0 / 365.25;

/// The band of a month of tenure.
pub(crate) fn band_of(tenure_month: u32) -> usize {
    BANDS
        .iter()
        .rposition(|from| tenure_month >= *from)
        .unwrap_or(0)
}

/// Days from the morning of one day to the morning of another; 0 when it is not after.
pub(crate) fn days_between(from: NaiveDate, until: NaiveDate) -> f64 {
    f64::from((until.num_days_from_ce() - from.num_days_from_ce()).max(0))
}

/// Days of a month.
pub(crate) fn days_of(month: Month) -> f64 {
    days_between(month.first_day(), month.plus(1).first_day())
}

impl Truth {
    /// The first day that no file knows.
    pub(crate) fn end(&self) -> NaiveDate {
        self.as_of + Days::new(1)
    }

    /// What the hazard of a random customer-month comes to, unresolved contacts included: times the
    /// mean of the multiplier over a Poisson number of them in three months. In a customer's first
    /// months fewer contacts lie behind them, so that it is a little less.
    pub(crate) fn mean_hazard(&self, segment: &Segment, band: usize) -> f64 {
        let ratio = self.experience_hazard_ratio;
        let mean = 3.0 * segment.contacts * UNRESOLVED;
        let (none, one) = ((-mean).exp(), mean * (-mean).exp());
        segment.hazard[band] * (none + one * ratio + (1.0 - none - one) * ratio * ratio)
    }

    /// Mean minutes of a contact.
    pub(crate) fn mean_minutes(&self, channel: &Channel) -> f64 {
        channel.median_minutes * (self.minutes_log_sd * self.minutes_log_sd / 2.0).exp()
    }

    /// Cost of contacts per customer-month.
    pub(crate) fn contact_cost(&self, segment: &Segment) -> f64 {
        let cost = |it: &Channel| it.share * self.mean_minutes(it) * it.cost_per_minute;
        segment.contacts * self.channels.iter().map(cost).sum::<f64>()
    }

    /// Customers in the records for each customer won a month.
    pub(crate) fn known_per_won(&self, segment: &Segment) -> f64 {
        let before = days_between(self.won_from, self.records_from) as u32;
        let (mut survival, mut known) = (1.0, days_between(self.records_from, self.end()));
        for day in 0..before {
            let tenure = (f64::from(day) * MONTHS_A_DAY) as u32;
            survival *= (-self.mean_hazard(segment, band_of(tenure)) * MONTHS_A_DAY).exp();
            known += survival;
        }
        known * MONTHS_A_DAY
    }
}

impl std::fmt::Display for Kind {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let value = self.to_possible_value();
        f.write_str(value.as_ref().map_or("", |value| value.get_name()))
    }
}
