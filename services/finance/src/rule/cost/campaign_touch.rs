//! When a campaign's touch can be taken, and whom it is credited with.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use keepworth_contract::InvalidParam;
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::finance::CampaignTouchInput;
use keepworth_intake::fault;

use crate::rule::cost::overlap::credit;
use crate::rule::ledger::date;
use crate::rule::ledger::share::AllocationError;
use keepworth_contract::finance::OverlapRule;

/// Every field at fault, judged on `today`.
#[must_use]
pub fn faults(touch: &CampaignTouchInput, today: NaiveDate) -> Vec<InvalidParam> {
    [
        fault::text("source", &touch.source, 64),
        fault::text("external_id", &touch.external_id, 128),
        fault::text("customer_source", customer_source(touch), 64),
        fault::text("customer_external_id", &touch.customer_external_id, 128),
        fault::text("campaign", &touch.campaign, 128),
        date::fault("touched_on", touch.touched_on, today),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The system that knows the customer.
#[must_use]
pub fn customer_source(touch: &CampaignTouchInput) -> &str {
    touch.customer_source.as_deref().unwrap_or(&touch.source)
}

/// All touches of one customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Touched {
    /// Who.
    pub customer: CustomerKey,
    /// The days and campaigns, in time order.
    pub touches: Vec<(NaiveDate, String)>,
}

/// How many new customers each campaign is credited with, in
/// [`CREDIT`](crate::rule::cost::overlap::CREDIT)ths of one. `paid_until` tells of those who paid first in the
/// period until which day they did; touches after it won nobody.
///
/// # Errors
/// [`AllocationError`], which whole touches never give.
pub fn credits(
    touched: &[Touched],
    paid_until: &BTreeMap<CustomerKey, NaiveDate>,
    rule: OverlapRule,
) -> Result<BTreeMap<String, i64>, AllocationError> {
    let before = |it: &Touched| {
        let until = paid_until.get(&it.customer)?;
        let touches = it.touches.iter().filter(|(day, _)| day <= until);
        let campaigns: Vec<String> = touches.map(|(_, campaign)| campaign.clone()).collect();
        (!campaigns.is_empty()).then_some(campaigns)
    };
    let prospects: Vec<Vec<String>> = touched.iter().filter_map(before).collect();
    credit(prospects.iter().map(Vec::as_slice), rule)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::cost::overlap::CREDIT;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn touched(id: &str, touches: &[(&str, &str)]) -> Touched {
        let touch = |(on, campaign): &(&str, &str)| (day(on), (*campaign).to_owned());
        Touched {
            customer: CustomerKey {
                source: "crm".into(),
                external_id: id.into(),
            },
            touches: touches.iter().map(touch).collect(),
        }
    }

    #[test]
    fn only_touches_before_the_first_payment_win_a_customer() {
        let touched = [
            touched(
                "1",
                &[
                    ("2025-08-01", "fair"),
                    ("2025-09-30", "mail"),
                    ("2025-10-01", "web"),
                ],
            ),
            touched("2", &[("2025-08-01", "fair")]),
            touched("3", &[("2025-10-02", "web")]),
        ];
        let paid = [&touched[0], &touched[2]]
            .map(|it| (it.customer.clone(), day("2025-09-30")))
            .into();
        let credited = |rule| credits(&touched, &paid, rule).unwrap();
        assert_eq!(
            credited(OverlapRule::Last),
            [("mail".to_owned(), CREDIT)].into()
        );
        let halves = ["fair", "mail"].map(|name| (name.to_owned(), CREDIT / 2));
        assert_eq!(credited(OverlapRule::Even), halves.into());
    }

    #[test]
    fn each_bad_field_is_named() {
        let touch = CampaignTouchInput {
            source: "crm".into(),
            external_id: String::new(),
            customer_source: None,
            customer_external_id: "1".into(),
            campaign: " ".into(),
            touched_on: day("2025-11-02"),
        };
        let faults = faults(&touch, day("2025-11-01"));
        let names: Vec<&str> = faults.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["external_id", "campaign", "touched_on"]);
    }
}
