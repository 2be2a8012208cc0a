//! One customer's recurring revenue at the start and the end of a month.
//!
//! A charge for several months counts in equal parts in each of them; one whose days are known
//! counts by them, as [`run_rate`](crate::rule::revenue::run_rate) says, in each month whose last day it covers.
//! Amounts are in
//! [`MRR_SCALE`](crate::rule::revenue::movement::MRR_SCALE)ths of a minor unit of the reporting currency.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use keepworth_contract::{Currency, Month, Period};

use crate::rule::ledger::conversion::Factor;
use crate::rule::revenue::movement::{Cancellation, Change, Interval, monthly_recurring};
use crate::rule::revenue::run_rate::Dated;

/// A recurring charge, or what was given back of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charge {
    /// What it was charged in.
    pub currency: Currency,
    /// The last month it covers.
    pub month: Month,
    /// How many months it covers.
    pub months: i32,
    /// Minor units, for all of them; below zero what was given back.
    pub minor: i64,
    /// The days it covers, where they are known.
    pub period: Option<Period>,
    /// When it was decided that it is not renewed.
    pub cancelled_on: Option<NaiveDate>,
}

impl Charge {
    /// Whether it counts in a month: by days, when it covers the month's last one, and where decisions
    /// count, as long as none was made to end it.
    fn counts(&self, month: Month, cancellation: Cancellation) -> bool {
        let is_decided = |day: NaiveDate| day <= month.last_day();
        let over =
            cancellation == Cancellation::Decided && self.cancelled_on.is_some_and(is_decided);
        !over && self.covers(month)
    }

    fn covers(&self, month: Month) -> bool {
        match self.period {
            Some(period) => period.has(month.last_day()),
            None => self.month.plus(-self.months) < month && month <= self.month,
        }
    }

    /// The first and the last month that it can count in.
    fn months(&self) -> (Month, Month) {
        match self.period {
            Some(period) => (Month::of(period.from()), Month::of(period.until())),
            None => (self.month.plus(1 - self.months), self.month),
        }
    }

    fn dated(&self) -> Option<Dated> {
        let period = self.period?;
        Some(Dated {
            currency: self.currency,
            period,
            minor: self.minor,
        })
    }

    fn per_month(&self, dated: &[Dated]) -> Result<i64, RecurringError> {
        let rate = match self.dated() {
            Some(mine) => mine.run_rate(dated),
            None => {
                let months = u32::try_from(self.months).unwrap_or(0);
                monthly_recurring(self.minor, Interval::Month, months)
            }
        };
        rate.ok_or(RecurringError)
    }
}

/// Those of a customer's charges that are known by days.
fn dated(charges: &[Charge]) -> Vec<Dated> {
    charges.iter().filter_map(Charge::dated).collect()
}

/// Whether these are too few of a customer's charges to tell what each is a month.
#[must_use]
pub fn needs_all(charges: &[Charge]) -> bool {
    let dated = dated(charges);
    let open = |it: &Dated| it.depends_on_others() && !it.is_settled_by(&dated);
    dated.iter().any(open)
}

/// An amount that does not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a customer's recurring revenue exceeds 9·10¹⁴ minor units a month; correct the charge")]
pub struct RecurringError;

/// How a currency is converted; `None` is the reporting currency itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RatePair {
    /// At the end of the month before.
    pub opening: Option<Factor>,
    /// At the end of the month.
    pub closing: Option<Factor>,
}

/// Rates by currency code.
pub type Rates = BTreeMap<&'static str, RatePair>;

/// A customer's change over `month`, against the month before it. Charges in a currency that has
/// no rates are taken as they are.
///
/// # Errors
/// [`RecurringError`].
pub fn change(
    charges: &[Charge],
    month: Month,
    cancellation: Cancellation,
    rates: &Rates,
) -> Result<Change, RecurringError> {
    let mut by_currency: BTreeMap<&'static str, (i64, i64)> = BTreeMap::new();
    let dated = dated(charges);
    for charge in charges {
        let was = charge.counts(month.plus(-1), cancellation);
        let is = charge.counts(month, cancellation);
        if !was && !is {
            continue;
        }
        let (before, after) = by_currency.entry(charge.currency.code()).or_default();
        let amount = charge.per_month(&dated)?;
        if was {
            *before = before.checked_add(amount).ok_or(RecurringError)?;
        }
        if is {
            *after = after.checked_add(amount).ok_or(RecurringError)?;
        }
    }
    let mut change = Change::default();
    for (currency, (before, after)) in by_currency {
        let rate = rates.get(currency);
        let opening = rate.and_then(|pair| pair.opening);
        let closing = rate.and_then(|pair| pair.closing);
        add(&mut change.opening, opening, before)?;
        add(&mut change.opening_at_closing_rate, closing, before)?;
        add(&mut change.closing, closing, after)?;
    }
    Ok(change)
}

/// The months up to `last` in which a customer pays, ascending: what recurs in any currency is above zero.
///
/// # Errors
/// [`RecurringError`].
pub fn paying_months(
    charges: &[Charge],
    last: Month,
    cancellation: Cancellation,
) -> Result<Vec<Month>, RecurringError> {
    let mut amounts: BTreeMap<(Month, &'static str), i64> = BTreeMap::new();
    let dated = dated(charges);
    for charge in charges {
        let amount = charge.per_month(&dated)?;
        let (from, to) = charge.months();
        for index in from.index()..=to.min(last).index() {
            let month = Month::from_index(index);
            if charge.counts(month, cancellation) {
                let sum = amounts.entry((month, charge.currency.code())).or_default();
                *sum = sum.checked_add(amount).ok_or(RecurringError)?;
            }
        }
    }
    let paid = amounts.into_iter().filter(|(_, amount)| *amount > 0);
    let mut months: Vec<Month> = paid.map(|((month, _), _)| month).collect();
    months.dedup();
    Ok(months)
}

fn add(sum: &mut u64, rate: Option<Factor>, amount: i64) -> Result<(), RecurringError> {
    let converted = rate.map_or(Some(amount), |rate| rate.convert(amount));
    // More given back than charged is no recurring revenue.
    let converted = converted.and_then(|amount| u64::try_from(amount.max(0)).ok());
    *sum = converted
        .and_then(|amount| sum.checked_add(amount))
        .ok_or(RecurringError)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::rule::revenue::movement::{MRR_SCALE, MovementPolicy, Movements};

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    fn charge(currency: &str, last: &str, months: i32, minor: i64) -> Charge {
        Charge {
            currency: currency.parse().unwrap(),
            month: month(last),
            months,
            minor,
            period: None,
            cancelled_on: None,
        }
    }

    fn rate(value: &str) -> Option<Factor> {
        Some(Factor::quoted("USD", "EUR", value))
    }

    #[test]
    fn a_year_counts_a_twelfth_in_each_of_its_months() {
        let year = [charge("EUR", "2025-09", 12, 12_000)];
        let of = |text| change(&year, month(text), Cancellation::Effective, &Rates::new()).unwrap();
        let month = (1_000 * MRR_SCALE).unsigned_abs();
        let first = of("2024-10");
        assert_eq!((first.opening, first.closing), (0, month));
        let last = of("2025-09");
        assert_eq!((last.opening, last.closing), (month, month));
        let after = of("2025-10");
        assert_eq!((after.opening, after.closing), (month, 0));
        assert_eq!(of("2025-11"), Change::default());
    }

    #[test]
    fn who_cancels_leaves_when_it_takes_effect_or_is_decided() {
        let year = [Charge {
            cancelled_on: "2025-06-30".parse().ok(),
            ..charge("EUR", "2025-09", 12, 12_000)
        }];
        let left = |cancellation| {
            let mut months = (1..=12).map(|n| month(&format!("2025-{n:02}")));
            months.find(|it| {
                let change = change(&year, *it, cancellation, &Rates::new()).unwrap();
                change.opening > 0 && change.closing == 0
            })
        };
        assert_eq!(left(Cancellation::Effective), Some(month("2025-10")));
        assert_eq!(left(Cancellation::Decided), Some(month("2025-06")));
    }

    proptest! {
        /// A month is paid for where the movements close above zero.
        #[test]
        fn paying_months_are_those_of_the_movements(
            drawn in prop::collection::vec((0_i32..30, 1_i32..14, -50_i64..100, any::<bool>(), any::<bool>()), 0..8),
            decided in any::<bool>(),
        ) {
            let start = month("2024-01");
            let charge = |(at, months, minor, is_dollar, is_cancelled): (i32, i32, i64, bool, bool)| Charge {
                cancelled_on: is_cancelled.then(|| start.plus(at - 1).first_day()),
                ..charge(if is_dollar { "USD" } else { "EUR" }, &start.plus(at).to_string(), months, minor)
            };
            let charges: Vec<Charge> = drawn.into_iter().map(charge).collect();
            let rule = if decided { Cancellation::Decided } else { Cancellation::Effective };
            let last = start.plus(24);
            let found = paying_months(&charges, last, rule).unwrap();
            let months = (start.plus(-14).index()..=last.index()).map(Month::from_index);
            let expected = months.filter(|it| change(&charges, *it, rule, &Rates::new()).unwrap().closing > 0);
            prop_assert_eq!(found, Vec::from_iter(expected));
        }
    }

    #[test]
    fn rates_change_what_the_same_dollars_are_worth() {
        let pair = RatePair {
            opening: rate("0.90"),
            closing: rate("0.95"),
        };
        let charges = [
            charge("USD", "2025-09", 2, 2_000),
            charge("EUR", "2025-08", 1, 500),
        ];
        let rates = Rates::from([("USD", pair)]);
        let change = change(&charges, month("2025-09"), Cancellation::Effective, &rates).unwrap();
        let euro = |minor: i64| (minor * MRR_SCALE).unsigned_abs();
        assert_eq!(change.opening, euro(900 + 500));
        assert_eq!(change.opening_at_closing_rate, euro(950 + 500));
        assert_eq!(change.closing, euro(950));
    }

    proptest! {
        /// Whatever was charged in either currency, at whatever rates: what stands at both ends is what
        /// the amounts are worth there, and movements and exchange rates lead from one to the other.
        #[test]
        fn movements_and_exchange_rates_lead_from_one_end_to_the_other(
            customers in prop::collection::vec([0_i64..100_000, 0..100_000, 0..100_000, 0..100_000], 1..20),
            ends in [1_i64..5_000_000_000, 1..5_000_000_000],
        ) {
            let [before, after] = ends.map(|it| {
                Factor::quoted("USD", "EUR", &rust_decimal::Decimal::new(it, 9).to_string())
            });
            let pair = RatePair { opening: Some(before), closing: Some(after) };
            let rates = Rates::from([("USD", pair)]);
            let (mut opening, mut closing, mut changes) = (0_i128, 0_i128, Vec::new());
            for [dollars, dollars_after, euros, euros_after] in customers {
                let charges = [
                    charge("USD", "2025-08", 1, dollars),
                    charge("USD", "2025-09", 1, dollars_after),
                    charge("EUR", "2025-08", 1, euros),
                    charge("EUR", "2025-09", 1, euros_after),
                ];
                changes.push(change(&charges, month("2025-09"), Cancellation::Effective, &rates).unwrap());
                let worth = |factor: Factor, dollars: i64, euros: i64| {
                    i128::from(factor.convert(dollars * MRR_SCALE).unwrap() + euros * MRR_SCALE)
                };
                opening += worth(before, dollars, euros);
                closing += worth(after, dollars_after, euros_after);
            }
            let sums = Movements::of(changes, MovementPolicy::default());
            let more = sums.new + sums.reactivation + sums.expansion;
            let less = sums.contraction + sums.churn;
            prop_assert_eq!(sums.opening, opening);
            prop_assert_eq!(opening + more - less + sums.fx, closing);
        }
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let huge = [charge("EUR", "2025-09", 1, 9_000_000_000_000_000)];
        assert_eq!(
            change(
                &huge,
                month("2025-09"),
                Cancellation::Effective,
                &Rates::new()
            ),
            Err(RecurringError)
        );
    }
}
