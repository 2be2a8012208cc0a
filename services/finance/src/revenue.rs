//! When a revenue record can be taken, and whose it is.

use chrono::NaiveDate;
use keepworth_contract::record::NewRevenue;
use keepworth_contract::{InvalidParam, Month};
use keepworth_platform::batch::fault;
use rust_decimal::Decimal;

use crate::amount;

/// The most months that one record covers: a century.
const MOST_MONTHS: i32 = 1_200;

/// Every field at fault, judged on `today`.
#[must_use]
pub fn faults(revenue: &NewRevenue, today: NaiveDate) -> Vec<InvalidParam> {
    [
        fault::text("source", &revenue.source, 64),
        fault::text("external_id", &revenue.external_id, 128),
        fault::text("customer_source", customer_source(revenue), 64),
        fault::text("customer_external_id", &revenue.customer_external_id, 128),
        amount::fault("amount", revenue.amount),
        negative_charge(revenue),
        months_fault(revenue, today),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The system that knows the customer.
#[must_use]
pub fn customer_source(revenue: &NewRevenue) -> &str {
    revenue
        .customer_source
        .as_deref()
        .unwrap_or(&revenue.source)
}

fn negative_charge(revenue: &NewRevenue) -> Option<InvalidParam> {
    (revenue.amount.amount < Decimal::ZERO).then(|| {
        InvalidParam::new(
            "amount/amount",
            "negative_charge",
            format!(
                "{} is negative; give what was charged, and what was given back as a positive amount of kind REFUND",
                revenue.amount
            ),
        )
    })
}

fn months_fault(revenue: &NewRevenue, today: NaiveDate) -> Option<InvalidParam> {
    let months = revenue.months;
    if !(1..=MOST_MONTHS).contains(&months) {
        return Some(InvalidParam::new(
            "months",
            "out_of_range",
            format!("is {months}; give 1 to {MOST_MONTHS}"),
        ));
    }
    // A year that is paid in advance ends in a month that has not come yet.
    let first = revenue.month.plus(1 - months);
    (first > Month::of(today)).then(|| {
        InvalidParam::new(
            "month",
            "in_the_future",
            format!(
                "{first}, the first month covered, has not come yet (today is {today}); \
                 records say what happened"
            ),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use keepworth_contract::record::RevenueKind;

    fn fault_of(change: impl FnOnce(&mut NewRevenue)) -> Vec<(String, String)> {
        let mut revenue = NewRevenue {
            source: "billing".into(),
            external_id: "1".into(),
            customer_source: Some("crm".into()),
            customer_external_id: "7".into(),
            month: "2025-10".parse().unwrap(),
            months: 12,
            amount: "120 EUR".parse().unwrap(),
            kind: RevenueKind::Recurring,
        };
        change(&mut revenue);
        let faults = faults(&revenue, "2025-11-01".parse().unwrap());
        faults
            .into_iter()
            .map(|fault| (fault.name, fault.code))
            .collect()
    }

    fn one(name: &str, code: &str) -> Vec<(String, String)> {
        vec![(name.to_owned(), code.to_owned())]
    }

    #[test]
    fn a_year_paid_in_advance_has_no_fault() {
        assert_eq!(fault_of(|_| ()), []);
        assert_eq!(fault_of(|r| r.month = "2026-10".parse().unwrap()), []);
    }

    #[test]
    fn each_bad_field_is_named() {
        assert_eq!(
            fault_of(|r| r.amount = "-1 EUR".parse().unwrap()),
            one("amount/amount", "negative_charge")
        );
        assert_eq!(
            fault_of(|r| r.amount.amount = "1.005".parse().unwrap()),
            one("amount/amount", "too_many_decimals")
        );
        assert_eq!(fault_of(|r| r.months = 0), one("months", "out_of_range"));
        assert_eq!(
            fault_of(|r| r.months = 1_201),
            one("months", "out_of_range")
        );
        assert_eq!(
            fault_of(|r| r.month = "2026-11".parse().unwrap()),
            one("month", "in_the_future")
        );
        assert_eq!(
            fault_of(|r| r.customer_source = Some(" ".into())),
            one("customer_source", "missing")
        );
    }
}
