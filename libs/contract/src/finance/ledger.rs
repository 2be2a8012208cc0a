//! What is in the books.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Money, ProgrammeKey};

/// A cost in the general ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct LedgerEntryInput {
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
    #[schema(nullable = false)]
    pub segment: Option<String>,
    /// The channel it was spent on (of service, or of acquisition).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub channel: Option<String>,
    /// What exactly within the category; the category's usual component when left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub component: Option<CostComponent>,
    /// The account in the chart of accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub account: Option<String>,
    /// The cost centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub cost_center: Option<String>,
    /// The campaign it was spent on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub campaign: Option<String>,
    /// The programme (initiative) it was spent on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub programme: Option<ProgrammeKey>,
    /// The programme's kind of money; needs `programme`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub line: Option<ProgrammeLine>,
    /// The voucher that it was posted by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub voucher: Option<String>,
    /// Whether it bought an asset. Such money is no cost of its month: it comes back as
    /// depreciation, or as programme money.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schema(default = false)]
    pub capex: bool,
    /// Whether somebody paid this or assumes it.
    #[serde(default)]
    #[schema(default = "RECORDED")]
    pub basis: Basis,
    /// In the source's own words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub note: Option<String>,
}

/// What money is spent on.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
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

/// What exactly money is spent on, within a category.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
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

/// The kinds of money that a programme takes.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
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

/// Whether a figure was paid or is assumed.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum Basis {
    /// From the books.
    #[default]
    Recorded,
    /// Somebody's assumption: every figure made of it says so.
    Assumed,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_of_the_first_form_is_read_and_written_as_before() {
        let json = r#"{"source":"erp","external_id":"1","posted_on":"2025-09-30","category":"SERVICE","amount":{"amount":"12.50","currency":"EUR"},"basis":"RECORDED"}"#;
        let entry: LedgerEntryInput = serde_json::from_str(json).unwrap();
        assert_eq!(serde_json::to_string(&entry).unwrap(), json);
    }
}
