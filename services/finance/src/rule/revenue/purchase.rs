//! What one customer bought, day by day, net of what was given back.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use keepworth_contract::Month;
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::finance::{PurchaseDay, PurchaseRow, RevenueKind};

use crate::rule::ledger::conversion::Exact;
use crate::rule::revenue::revenue_total::{Conversion, RevenueTotalError};

/// A charge as far as purchases go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bought {
    /// ISO 4217 code.
    pub currency: &'static str,
    /// What for.
    pub kind: RevenueKind,
    /// Minor units, refunds positive.
    pub minor: i64,
    /// The day, where it is known.
    pub on: Option<NaiveDate>,
    /// The last month that it is for.
    pub month: Month,
}

/// Gathers charges that come in key order into one row per customer.
#[derive(Debug)]
pub struct Purchases {
    as_of: NaiveDate,
    conversion: Option<Conversion>,
    open: Option<Customer>,
}

#[derive(Debug)]
struct Customer {
    key: CustomerKey,
    currency: Option<&'static str>,
    bought: BTreeMap<NaiveDate, Exact>,
    given_back: BTreeMap<NaiveDate, Exact>,
    undated: u64,
}

impl Purchases {
    /// Nobody yet; amounts stay in the currency that they were charged in, unless they are converted.
    #[must_use]
    pub fn new(as_of: NaiveDate, conversion: Option<Conversion>) -> Self {
        Self {
            as_of,
            conversion,
            open: None,
        }
    }

    /// Counts a charge in, and answers the row of the customer before when it belongs to the next.
    ///
    /// # Errors
    /// One customer who bought in two currencies; a sum that does not fit.
    pub fn add(
        &mut self,
        customer: &CustomerKey,
        bought: Bought,
    ) -> Result<Option<PurchaseRow>, RevenueTotalError> {
        if bought.kind == RevenueKind::Recurring {
            return Ok(None);
        }
        let done = self.open.take_if(|open| open.key != *customer);
        let open = self.open.get_or_insert_with(|| Customer {
            key: customer.clone(),
            currency: None,
            bought: BTreeMap::new(),
            given_back: BTreeMap::new(),
            undated: 0,
        });
        open.add(bought, self.as_of, self.conversion.as_ref())?;
        done.map_or(Ok(None), Customer::into_row)
    }

    /// The row of the last customer.
    ///
    /// # Errors
    /// As [`add`](Self::add).
    pub fn finish(self) -> Result<Option<PurchaseRow>, RevenueTotalError> {
        self.open.map_or(Ok(None), Customer::into_row)
    }
}

impl Customer {
    fn add(
        &mut self,
        bought: Bought,
        as_of: NaiveDate,
        conversion: Option<&Conversion>,
    ) -> Result<(), RevenueTotalError> {
        let is_refund = bought.kind == RevenueKind::Refund;
        let Some(on) = bought.on.or(is_refund.then(|| bought.month.last_day())) else {
            self.undated += 1;
            return Ok(());
        };
        // What was given back by the month is known at its end.
        if on > as_of {
            return Ok(());
        }
        self.check_currency(conversion.map_or(bought.currency, |it| it.currency.code()))?;
        let factor = conversion.and_then(|it| it.factor(bought.currency, Month::of(on)));
        let days = if is_refund {
            &mut self.given_back
        } else {
            &mut self.bought
        };
        let sum = days.entry(on).or_default();
        let added = sum.add(bought.minor, factor);
        *sum = added.ok_or_else(|| RevenueTotalError::TooLarge(self.key.clone()))?;
        Ok(())
    }

    fn check_currency(&mut self, currency: &'static str) -> Result<(), RevenueTotalError> {
        let mine = *self.currency.get_or_insert(currency);
        if mine == currency {
            return Ok(());
        }
        Err(RevenueTotalError::MixedCurrencies {
            customer: self.key.clone(),
            first: mine,
            second: currency,
        })
    }

    /// None of who never bought anything and was given nothing back.
    fn into_row(self) -> Result<Option<PurchaseRow>, RevenueTotalError> {
        let too_large = || RevenueTotalError::TooLarge(self.key.clone());
        let minor = |(day, sum): (&NaiveDate, &Exact)| Some((*day, sum.minor()?));
        let days = |sums: &BTreeMap<NaiveDate, Exact>| -> Option<BTreeMap<NaiveDate, i64>> {
            sums.iter().map(minor).collect()
        };
        let mut bought = days(&self.bought).ok_or_else(too_large)?;
        let given_back = days(&self.given_back).ok_or_else(too_large)?;
        if bought.is_empty() && given_back.is_empty() && self.undated == 0 {
            return Ok(None);
        }
        let excess_refund_minor = take_off(&mut bought, &given_back);
        Ok(Some(PurchaseRow {
            purchases: bought
                .into_iter()
                .map(|(on, minor)| PurchaseDay { on, minor })
                .collect(),
            customer: self.key,
            currency: self.currency.unwrap_or_default().to_owned(),
            undated: self.undated,
            excess_refund_minor,
        }))
    }
}

/// Takes what was given back off what was bought on its day or before, the latest first; what was given back whole is
/// no purchase, what cost nothing is one. Answers what is left over.
fn take_off(bought: &mut BTreeMap<NaiveDate, i64>, given_back: &BTreeMap<NaiveDate, i64>) -> i64 {
    let mut excess: i64 = 0;
    for (day, minor) in given_back {
        let mut left = *minor;
        let paid = bought.range(..=day).filter(|(_, sum)| **sum > 0);
        let days: Vec<NaiveDate> = paid.map(|(day, _)| *day).rev().collect();
        for day in days {
            let sum = bought.remove(&day).unwrap_or_default();
            let taken = left.min(sum);
            left -= taken;
            if sum > taken {
                bought.insert(day, sum - taken);
            }
        }
        excess = excess.saturating_add(left);
    }
    excess
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(id: &str) -> CustomerKey {
        CustomerKey {
            source: "crm".to_owned(),
            external_id: id.to_owned(),
        }
    }

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn charge(kind: RevenueKind, on: Option<&str>, minor: i64) -> Bought {
        Bought {
            currency: "EUR",
            kind,
            minor,
            on: on.map(day),
            month: Month::of(on.map_or(day("2025-03-31"), day)),
        }
    }

    fn row(charges: &[Bought]) -> Option<PurchaseRow> {
        let mut purchases = Purchases::new(day("2025-06-30"), None);
        for bought in charges {
            assert_eq!(purchases.add(&key("1"), *bought).unwrap(), None);
        }
        purchases.finish().unwrap()
    }

    fn told(row: &PurchaseRow) -> Vec<(String, i64)> {
        let days = row.purchases.iter();
        days.map(|it| (it.on.to_string(), it.minor)).collect()
    }

    #[test]
    fn a_day_is_one_purchase_and_later_ones_are_not_known_yet() {
        use RevenueKind::{OneOff, Recurring, Usage};
        let found = row(&[
            charge(OneOff, Some("2025-03-02"), 700),
            charge(Usage, Some("2025-03-02"), 300),
            charge(OneOff, Some("2025-01-05"), 500),
            charge(OneOff, Some("2025-07-01"), 900),
            charge(OneOff, Some("2025-04-01"), 0),
            charge(OneOff, None, 100),
            charge(Recurring, Some("2025-02-01"), 100),
        ]);
        let found = found.unwrap();
        let days = [
            ("2025-01-05", 500),
            ("2025-03-02", 1_000),
            ("2025-04-01", 0),
        ];
        assert_eq!(told(&found), days.map(|(on, minor)| (on.to_owned(), minor)));
        assert_eq!((found.undated, found.excess_refund_minor), (1, 0));
        assert_eq!(row(&[charge(Recurring, Some("2025-02-01"), 100)]), None);
    }

    #[test]
    fn what_was_given_back_is_taken_off_its_day_then_off_those_before() {
        use RevenueKind::{OneOff, Refund};
        let bought = [
            charge(OneOff, Some("2025-01-05"), 500),
            charge(OneOff, Some("2025-03-02"), 700),
            charge(OneOff, Some("2025-05-02"), 900),
        ];
        let with = |refund: Bought| row(&[&bought[..], &[refund]].concat()).unwrap();
        // A day's purchase that was given back whole is none.
        let whole = with(charge(Refund, Some("2025-03-02"), 700));
        assert_eq!(told(&whole).len(), 2);
        // By the month: off what March had, then off January; May came later.
        let part = with(charge(Refund, None, 900));
        let days = [("2025-01-05", 300), ("2025-05-02", 900)];
        assert_eq!(told(&part), days.map(|(on, minor)| (on.to_owned(), minor)));
        let beyond = with(charge(Refund, Some("2025-03-02"), 2_000));
        assert_eq!(told(&beyond), [("2025-05-02".to_owned(), 900)]);
        assert_eq!(beyond.excess_refund_minor, 800);
    }

    #[test]
    fn two_currencies_of_one_customer_are_refused() {
        let mut purchases = Purchases::new(day("2025-06-30"), None);
        let euros = charge(RevenueKind::OneOff, Some("2025-01-05"), 500);
        purchases.add(&key("1"), euros).unwrap();
        let dollars = Bought {
            currency: "USD",
            ..euros
        };
        let next = purchases.add(&key("2"), dollars).unwrap().unwrap();
        assert_eq!((next.currency.as_str(), next.purchases.len()), ("EUR", 1));
        let error = purchases.add(&key("2"), euros).unwrap_err().to_string();
        assert!(error.contains("currency=USD"), "{error}");
    }
}
