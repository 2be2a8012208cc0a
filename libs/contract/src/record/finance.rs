//! The records of money: what was spent, and what customers were charged.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Money, Month, Period, PeriodError};

/// A cost in the general ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewLedgerEntry {
    /// The system that the record comes from.
    #[schema(min_length = 1, max_length = 64)]
    pub source: String,
    /// The entry's id in that system.
    #[schema(min_length = 1, max_length = 128)]
    pub external_id: String,
    /// The day it was posted.
    pub posted_on: NaiveDate,
    /// What the money was spent on.
    pub category: CostCategory,
    /// How much; a credit note is negative.
    pub amount: Money,
    /// The segment it was spent on; left out, it is shared by all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment: Option<String>,
    /// The channel it was spent on (of service, or of acquisition).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub channel: Option<String>,
    /// What exactly within the category; the category's usual component when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub component: Option<CostComponent>,
    /// The account in the chart of accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The cost centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_center: Option<String>,
    /// The campaign it was spent on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub campaign: Option<String>,
    /// The programme (initiative) it was spent on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub programme: Option<String>,
    /// The programme's kind of money; needs `programme`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<ProgrammeLine>,
    /// The voucher that it was posted by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub voucher: Option<String>,
    /// Whether it bought an asset. Such money is no cost of its month: it comes back as
    /// depreciation, or as programme money.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub capex: bool,
    /// Whether somebody paid this or assumes it.
    #[serde(default)]
    pub basis: Basis,
    /// In the source's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
}

/// What money is spent on.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CostCategory {
    /// Varies with what is sold: revenue less this is the gross margin.
    CostOfRevenue,
    /// Winning customers: leads, outreach, campaigns, sales.
    Acquisition,
    /// Serving customers: agents' time, by channel.
    Service,
    /// Keeping the lights on for customers: billing, systems, premises.
    Overhead,
    /// Training those who serve.
    Training,
    /// Retention marketing and loyalty rewards.
    Retention,
    /// The experience programme itself.
    Programme,
}

impl CostCategory {
    /// Every category.
    pub const ALL: [Self; 7] = [
        Self::CostOfRevenue,
        Self::Acquisition,
        Self::Service,
        Self::Overhead,
        Self::Training,
        Self::Retention,
        Self::Programme,
    ];

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::CostOfRevenue => "COST_OF_REVENUE",
            Self::Acquisition => "ACQUISITION",
            Self::Service => "SERVICE",
            Self::Overhead => "OVERHEAD",
            Self::Training => "TRAINING",
            Self::Retention => "RETENTION",
            Self::Programme => "PROGRAMME",
        }
    }

    /// The category of a [`name`](Self::name).
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|category| category.name() == name)
    }
}

/// What exactly money is spent on, within a category.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum CostComponent {
    /// Advertising space.
    Media,
    /// Agencies.
    Agency,
    /// Bought or generated leads.
    Leads,
    /// Reaching out to prospects.
    Outreach,
    /// Salaries and benefits of sales and marketing.
    Salaries,
    /// Commissions.
    Commissions,
    /// Systems for selling, and their customisation.
    Tools,
    /// Fairs and events.
    Events,
    /// Training.
    Training,
    /// What is spent regardless of use.
    Overhead,
    /// Bringing a new customer into use.
    Onboarding,
    /// Contacts.
    Contacts,
    /// Account management and customer success.
    AccountManagement,
    /// Marketing to customers.
    RetentionMarketing,
    /// Loyalty rewards.
    Loyalty,
    /// Billing and collections.
    Billing,
}

impl CostComponent {
    /// Every component.
    pub const ALL: [Self; 16] = [
        Self::Media,
        Self::Agency,
        Self::Leads,
        Self::Outreach,
        Self::Salaries,
        Self::Commissions,
        Self::Tools,
        Self::Events,
        Self::Training,
        Self::Overhead,
        Self::Onboarding,
        Self::Contacts,
        Self::AccountManagement,
        Self::RetentionMarketing,
        Self::Loyalty,
        Self::Billing,
    ];

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Media => "MEDIA",
            Self::Agency => "AGENCY",
            Self::Leads => "LEADS",
            Self::Outreach => "OUTREACH",
            Self::Salaries => "SALARIES",
            Self::Commissions => "COMMISSIONS",
            Self::Tools => "TOOLS",
            Self::Events => "EVENTS",
            Self::Training => "TRAINING",
            Self::Overhead => "OVERHEAD",
            Self::Onboarding => "ONBOARDING",
            Self::Contacts => "CONTACTS",
            Self::AccountManagement => "ACCOUNT_MANAGEMENT",
            Self::RetentionMarketing => "RETENTION_MARKETING",
            Self::Loyalty => "LOYALTY",
            Self::Billing => "BILLING",
        }
    }

    /// The component of a [`name`](Self::name).
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|component| component.name() == name)
    }
}

/// The kinds of money that a programme takes.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ProgrammeLine {
    /// Staff and their time.
    People,
    /// Redesign of how work is done.
    Process,
    /// The change-management work that gets an organisation to move.
    Politics,
    /// Systems.
    Technology,
    /// Training.
    Training,
    /// What customers are given.
    Treatment,
}

impl ProgrammeLine {
    /// Every line.
    pub const ALL: [Self; 6] = [
        Self::People,
        Self::Process,
        Self::Politics,
        Self::Technology,
        Self::Training,
        Self::Treatment,
    ];

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::People => "PEOPLE",
            Self::Process => "PROCESS",
            Self::Politics => "POLITICS",
            Self::Technology => "TECHNOLOGY",
            Self::Training => "TRAINING",
            Self::Treatment => "TREATMENT",
        }
    }

    /// The line of a [`name`](Self::name).
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|line| line.name() == name)
    }
}

/// Whether a figure was paid or is assumed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Basis {
    /// From the books.
    #[default]
    Recorded,
    /// Somebody's assumption: every figure made of it says so.
    Assumed,
}

/// What a customer was charged over one or more months.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRevenue {
    /// The system that the record comes from.
    #[schema(min_length = 1, max_length = 64)]
    pub source: String,
    /// The line's id in that system.
    #[schema(min_length = 1, max_length = 128)]
    pub external_id: String,
    /// The system that knows the customer; `source` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer_source: Option<String>,
    /// The customer's id there.
    #[schema(min_length = 1, max_length = 128)]
    pub customer_external_id: String,
    /// The last of the months it is for. A year from January 2025 is for 2025-12, or is given by
    /// `from`. One of both is needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, pattern = r"^\d{4}-\d{2}$", example = "2025-09")]
    pub month: Option<Month>,
    /// How many months it covers: those up to `month`, or from `from` on.
    #[serde(default = "one")]
    #[schema(minimum = 1, maximum = 1200)]
    pub months: i32,
    /// The first day it is for, where days are known: recurring revenue is then counted by days,
    /// and a refund takes it back from these days on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<NaiveDate>,
    /// The day after the last one it is for: January ends on the 1st of February. `months` after
    /// `from` when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<NaiveDate>,
    /// The day on which it was decided that it is not renewed, where that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cancelled_on: Option<NaiveDate>,
    /// What was charged; never negative.
    pub amount: Money,
    /// What for.
    #[serde(default)]
    pub kind: RevenueKind,
}

fn one() -> i32 {
    1
}

impl NewRevenue {
    /// The days it is for, where it names them.
    ///
    /// # Errors
    /// [`PeriodError`].
    pub fn period(&self) -> Result<Option<Period>, PeriodError> {
        match (self.from, self.until) {
            (None, _) => Ok(None),
            (Some(from), Some(until)) => Period::new(from, until).map(Some),
            (Some(from), None) => Ok(Period::of_months(from, self.months)),
        }
    }
}

/// Kinds of revenue.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum RevenueKind {
    /// Charged every month.
    #[default]
    Recurring,
    /// Charged by use.
    Usage,
    /// Charged once.
    OneOff,
    /// Given back: counts against the others.
    Refund,
}

impl RevenueKind {
    /// Every kind.
    pub const ALL: [Self; 4] = [Self::Recurring, Self::Usage, Self::OneOff, Self::Refund];

    /// Its name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Recurring => "RECURRING",
            Self::Usage => "USAGE",
            Self::OneOff => "ONE_OFF",
            Self::Refund => "REFUND",
        }
    }

    /// The kind of a [`name`](Self::name).
    #[must_use]
    pub fn find(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }

    /// +1 for what comes in, −1 for what is given back.
    #[must_use]
    pub fn sign(self) -> i64 {
        if self == Self::Refund { -1 } else { 1 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_of_the_wire() {
        let wire = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
        for component in CostComponent::ALL {
            let name = wire(serde_json::to_value(component).unwrap());
            assert_eq!(CostComponent::find(&name), Some(component));
        }
        for line in ProgrammeLine::ALL {
            let name = wire(serde_json::to_value(line).unwrap());
            assert_eq!(ProgrammeLine::find(&name), Some(line));
        }
        for kind in RevenueKind::ALL {
            let name = wire(serde_json::to_value(kind).unwrap());
            assert_eq!(RevenueKind::find(&name), Some(kind));
        }
    }

    #[test]
    fn an_entry_of_the_first_form_is_read_and_written_as_before() {
        let json = r#"{"source":"erp","external_id":"1","posted_on":"2025-09-30","category":"SERVICE","amount":{"amount":"12.50","currency":"EUR"},"basis":"RECORDED"}"#;
        let entry: NewLedgerEntry = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&entry).unwrap(), json);
    }
}
