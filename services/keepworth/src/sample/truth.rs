//! What is true of the sample company. Estimates are tested against these figures.
//!
//! - A customer's hazard of leaving in a month of tenure is their segment's, by band of tenure,
//!   times `EXPERIENCE_HAZARD_RATIO` for each unresolved contact in the three months before (at
//!   most [`MOST_UNRESOLVED`] count). That is the only effect of experience on leaving.
//! - Contacts come as a Poisson process; each is unresolved with probability [`UNRESOLVED`],
//!   independent of everything else.
//! - Scores follow unresolved contacts, and do nothing by themselves.
//! - Records begin [`RECORDED_MONTHS`] months before the day of the export; who had left before is
//!   in no file (left truncation). Customers were won evenly over [`COMPANY_MONTHS`] months.

use chrono::NaiveDate;
use serde::Serialize;

/// One segment's truth. Money in EUR.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Segment {
    /// Its key.
    pub(crate) name: &'static str,
    /// Share of customers won.
    pub(crate) share: f64,
    /// Cumulative hazard per month without unresolved contacts, by [`BANDS`] of tenure.
    pub(crate) hazard: [f64; 4],
    /// Mean revenue per customer-month.
    pub(crate) revenue: f64,
    /// Cost of revenue as a share of revenue.
    pub(crate) cost_of_revenue: f64,
    /// Overhead per customer-month.
    pub(crate) overhead: f64,
    /// Cost of winning one customer.
    pub(crate) acquisition: f64,
    /// Contacts per customer-month.
    pub(crate) contacts: f64,
}

/// One channel's truth.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Channel {
    /// Its name.
    pub(crate) name: &'static str,
    /// Share of contacts.
    pub(crate) share: f64,
    /// Median minutes of a contact; they are lognormal with a log-sd of [`MINUTES_LOG_SD`].
    pub(crate) median_minutes: f64,
    /// Cost of a minute.
    pub(crate) cost_per_minute: f64,
}

/// First months of tenure of the bands.
pub(crate) const BANDS: [u32; 4] = [0, 3, 12, 24];

/// The segments.
pub(crate) const SEGMENTS: [Segment; 3] = [
    Segment {
        name: "starter",
        share: 0.60,
        hazard: [0.060, 0.035, 0.022, 0.015],
        revenue: 79.0,
        cost_of_revenue: 0.35,
        overhead: 6.0,
        acquisition: 180.0,
        contacts: 0.40,
    },
    Segment {
        name: "business",
        share: 0.30,
        hazard: [0.035, 0.020, 0.014, 0.010],
        revenue: 290.0,
        cost_of_revenue: 0.30,
        overhead: 20.0,
        acquisition: 900.0,
        contacts: 0.60,
    },
    Segment {
        name: "enterprise",
        share: 0.10,
        hazard: [0.012, 0.009, 0.007, 0.005],
        revenue: 1_900.0,
        cost_of_revenue: 0.25,
        overhead: 110.0,
        acquisition: 11_000.0,
        contacts: 1.20,
    },
];

/// The channels.
pub(crate) const CHANNELS: [Channel; 3] = [
    Channel {
        name: "phone",
        share: 0.55,
        median_minutes: 8.0,
        cost_per_minute: 0.90,
    },
    Channel {
        name: "chat",
        share: 0.30,
        median_minutes: 6.0,
        cost_per_minute: 0.55,
    },
    Channel {
        name: "email",
        share: 0.15,
        median_minutes: 4.0,
        cost_per_minute: 0.40,
    },
];

/// Ways in which customers were won, with their shares, and what is paid for in each.
pub(crate) const ACQUISITION_CHANNELS: [(&str, f64, &str); 3] = [
    ("search", 0.5, "MEDIA"),
    ("partner", 0.3, "COMMISSIONS"),
    ("referral", 0.2, "OUTREACH"),
];

/// How each unresolved contact of the last three months multiplies the hazard.
pub(crate) const EXPERIENCE_HAZARD_RATIO: f64 = 1.35;
/// More unresolved contacts than this make no further difference.
pub(crate) const MOST_UNRESOLVED: u32 = 2;
/// Probability that a contact does not settle the matter.
pub(crate) const UNRESOLVED: f64 = 0.25;
/// Share of leaving for reasons of experience where nothing went wrong.
pub(crate) const BASE_EXPERIENCE_SHARE: f64 = 0.15;
/// Spread of the logarithm of a contact's minutes.
pub(crate) const MINUTES_LOG_SD: f64 = 0.5;
/// Spread of the logarithm of customers' revenue about their segment's.
pub(crate) const REVENUE_LOG_SD: f64 = 0.25;
/// Probability that a customer answers the quarterly survey.
pub(crate) const RESPONSE: f64 = 0.15;
/// Months over which customers were won.
pub(crate) const COMPANY_MONTHS: u32 = 60;
/// Months of records before the day of the export.
pub(crate) const RECORDED_MONTHS: u32 = 36;
/// Months of revenue and cost in the books.
pub(crate) const BOOKED_MONTHS: u32 = 12;

/// The day of the export: the last day whose facts are in the files.
pub(crate) fn as_of() -> NaiveDate {
    NaiveDate::from_ymd_opt(2025, 12, 31).unwrap_or_default()
}

/// All of it, for the file that goes with the records.
pub(crate) fn document() -> serde_json::Value {
    serde_json::json!({
        "as_of": as_of(),
        "segments": SEGMENTS,
        "channels": CHANNELS,
        "tenure_bands_from_month": BANDS,
        "experience_hazard_ratio_per_unresolved_contact_in_3_months": EXPERIENCE_HAZARD_RATIO,
        "most_unresolved_contacts_that_count": MOST_UNRESOLVED,
        "unresolved_share_of_contacts": UNRESOLVED,
        "recorded_months": RECORDED_MONTHS,
    })
}

impl Segment {
    /// The hazard in a month of tenure, without unresolved contacts.
    pub(crate) fn hazard_at(&self, tenure_month: u32) -> f64 {
        let band = BANDS
            .iter()
            .rposition(|from| tenure_month >= *from)
            .unwrap_or(0);
        self.hazard[band]
    }

    /// What the hazard of a random customer-month comes to, unresolved contacts included: the
    /// mean of the multiplier over a Poisson number of them in three months.
    #[cfg(test)]
    pub(crate) fn mean_multiplier(&self) -> f64 {
        let mean = 3.0 * self.contacts * UNRESOLVED;
        let (none, one) = ((-mean).exp(), mean * (-mean).exp());
        let ratio = EXPERIENCE_HAZARD_RATIO;
        none + one * ratio + (1.0 - none - one) * ratio * ratio
    }
}
