//! When a revenue record can be taken, and whose it is.

use chrono::NaiveDate;
use keepworth_contract::FaultCode;
use keepworth_contract::finance::RevenueInput;
use keepworth_contract::{InvalidParam, Month, Period};
use keepworth_intake::fault;
use rust_decimal::Decimal;

use crate::rule::ledger::amount;

/// The most months that one record covers: a century.
const MOST_MONTHS: i32 = 1_200;

/// Every field at fault, judged on `today`.
#[must_use]
pub fn faults(revenue: &RevenueInput, today: NaiveDate) -> Vec<InvalidParam> {
    [
        fault::text("source", &revenue.source, 64),
        fault::text("external_id", &revenue.external_id, 128),
        fault::text("customer_source", customer_source(revenue), 64),
        fault::text("customer_external_id", &revenue.customer_external_id, 128),
        amount::fault("amount", revenue.amount),
        negative_charge(revenue),
        months_fault(revenue, today),
        revenue
            .cancelled_on
            .and_then(|day| fault::past("cancelled_on", day, today)),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The system that knows the customer.
#[must_use]
pub fn customer_source(revenue: &RevenueInput) -> &str {
    revenue
        .customer_source
        .as_deref()
        .unwrap_or(&revenue.source)
}

fn negative_charge(revenue: &RevenueInput) -> Option<InvalidParam> {
    (revenue.amount.amount < Decimal::ZERO).then(|| {
        InvalidParam::new(
            "amount/amount",
            FaultCode::NegativeCharge,
            format!(
                "{} is negative; give what was charged, and what was given back as a positive amount of kind REFUND",
                revenue.amount
            ),
        )
    })
}

/// What a revenue covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Covered {
    /// The last month.
    pub last_month: Month,
    /// How many.
    pub months: i32,
    /// The days, where they are known.
    pub period: Option<Period>,
}

/// What a revenue without faults covers, in months and in days.
#[must_use]
pub fn covered(revenue: &RevenueInput) -> Covered {
    match (revenue.period(), revenue.month) {
        (Ok(Some(period)), _) => Covered {
            last_month: period.last_month(),
            months: period.nearest_months(),
            period: Some(period),
        },
        (_, month) => Covered {
            // Without a month there is a period, or the record is refused.
            last_month: month.unwrap_or(Month::from_index(0)),
            months: revenue.months,
            period: None,
        },
    }
}

fn months_fault(revenue: &RevenueInput, today: NaiveDate) -> Option<InvalidParam> {
    let months = revenue.months;
    if !(1..=MOST_MONTHS).contains(&months) {
        return Some(InvalidParam::new(
            "months",
            FaultCode::OutOfRange,
            format!("is {months}; give 1 to {MOST_MONTHS}"),
        ));
    }
    period_fault(revenue).or_else(|| future_fault(revenue, today))
}

/// Where the month, the days, or both of them are not to be understood.
fn period_fault(revenue: &RevenueInput) -> Option<InvalidParam> {
    let fault =
        |name: &str, code: FaultCode, reason: String| Some(InvalidParam::new(name, code, reason));
    if let Err(error) = revenue.period() {
        return fault(
            "until",
            FaultCode::DatesOutOfOrder,
            format!("{error}; correct one of them"),
        );
    }
    let Covered {
        last_month,
        months,
        period,
    } = covered(revenue);
    match (revenue.month, revenue.until, period) {
        (None, _, None) => fault(
            "month",
            FaultCode::Missing,
            "is missing; give the last month covered, or its days in `from` and `until`".to_owned(),
        ),
        (_, Some(until), None) => fault(
            "from",
            FaultCode::Missing,
            format!("is missing, and `until` is {until}; give the first day covered too"),
        ),
        (Some(month), _, Some(_)) if month != last_month => fault(
            "month",
            FaultCode::Contradiction,
            format!(
                "is {month}, and by its days the last month covered is {last_month}; leave one out"
            ),
        ),
        (_, Some(_), Some(_)) if revenue.months != 1 && revenue.months != months => fault(
            "months",
            FaultCode::Contradiction,
            format!(
                "is {}, and by its days {months}; leave one out",
                revenue.months
            ),
        ),
        _ => None,
    }
}

fn future_fault(revenue: &RevenueInput, today: NaiveDate) -> Option<InvalidParam> {
    // A year that is paid in advance ends in a month that has not come yet.
    let Covered {
        last_month,
        months,
        period,
    } = covered(revenue);
    let first = last_month.plus(1 - months);
    let name = if period.is_some() { "from" } else { "month" };
    (first > Month::of(today)).then(|| {
        InvalidParam::new(
            name,
            FaultCode::InTheFuture,
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
    use keepworth_contract::finance::RevenueKind;

    fn fault_of(change: impl FnOnce(&mut RevenueInput)) -> Vec<(String, String)> {
        let mut revenue = RevenueInput {
            source: "billing".into(),
            external_id: "1".into(),
            customer_source: Some("crm".into()),
            customer_external_id: "7".into(),
            month: "2025-10".parse().ok(),
            months: 12,
            from: None,
            until: None,
            cancelled_on: None,
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
        assert_eq!(fault_of(|r| r.month = "2026-10".parse().ok()), []);
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
            fault_of(|r| r.month = "2026-11".parse().ok()),
            one("month", "in_the_future")
        );
        assert_eq!(
            fault_of(|r| r.customer_source = Some(" ".into())),
            one("customer_source", "missing")
        );
    }
    #[test]
    fn days_say_what_the_months_are() {
        let year = |r: &mut RevenueInput| {
            (r.month, r.months) = (None, 1);
            r.from = "2025-01-01".parse().ok();
            r.until = "2026-01-01".parse().ok();
        };
        assert_eq!(fault_of(year), []);
        let anchored = |r: &mut RevenueInput| {
            year(r);
            (r.until, r.months) = (None, 12);
            let covered = covered(r);
            assert_eq!(covered.last_month.to_string(), "2025-12");
            assert_eq!(covered.period.unwrap().until().to_string(), "2026-01-01");
        };
        assert_eq!(fault_of(anchored), []);
        let with = |change: fn(&mut RevenueInput)| {
            fault_of(|r| {
                year(r);
                change(r);
            })
        };
        assert_eq!(with(|r| r.month = "2025-12".parse().ok()), []);
        assert_eq!(
            with(|r| r.month = "2025-01".parse().ok()),
            one("month", "contradiction")
        );
        assert_eq!(with(|r| r.months = 11), one("months", "contradiction"));
        assert_eq!(with(|r| r.from = None), one("month", "missing"));
        assert_eq!(
            with(|r| r.until = "2024-12-31".parse().ok()),
            one("until", "dates_out_of_order")
        );
        assert_eq!(
            with(|r| {
                r.from = "2025-12-01".parse().ok();
            }),
            one("from", "in_the_future")
        );
    }
}
