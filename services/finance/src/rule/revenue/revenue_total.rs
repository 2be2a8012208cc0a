//! What one customer was charged over a window of calendar months.

use keepworth_contract::Word;
use std::collections::BTreeMap;

use keepworth_contract::Month;
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::finance::RevenueKind;
use keepworth_contract::finance::RevenueRow;

use crate::rule::revenue::span::Span;

/// Revenue that makes no row.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RevenueTotalError {
    /// One customer was charged in two currencies.
    #[error(
        "customer `{}` of `{}` was charged in {first} and in {second}; import their revenue in one currency",
        customer.external_id, customer.source
    )]
    MixedCurrencies {
        /// Who.
        customer: CustomerKey,
        /// One currency.
        first: String,
        /// The other.
        second: String,
    },
    /// A sum does not fit.
    #[error("customer `{}` of `{}` was charged more than 9·10¹⁸ minor units", .0.external_id, .0.source)]
    TooLarge(CustomerKey),
}

/// A charge as far as sums go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Charged<'a> {
    /// ISO 4217 code.
    pub currency: &'a str,
    /// What for.
    pub kind: RevenueKind,
    /// Minor units, refunds positive.
    pub minor: i64,
    /// The months that it is for.
    pub span: Span,
}

/// The calendar months that a feed sums up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Window {
    /// Index of the first month.
    first: i32,
    /// How many there are.
    months: usize,
}

impl Window {
    /// As many months up to `last`.
    #[must_use]
    pub fn ending(last: Month, months: u16) -> Self {
        Self {
            first: last.index() + 1 - i32::from(months),
            months: usize::from(months),
        }
    }

    /// The months of the window from `first` to `last`, as places from its first on.
    fn places(self, first: Month, last: Month) -> std::ops::Range<usize> {
        let place = |index: i32| (index - self.first).clamp(0, self.months as i32) as usize;
        place(first.index())..place(last.index() + 1)
    }
}

/// Gathers charges that come in key order into one row per customer.
#[derive(Debug)]
pub struct CustomerTotals {
    window: Window,
    open: Option<CustomerTotal>,
}

#[derive(Debug)]
struct CustomerTotal {
    customer: CustomerKey,
    currency: Option<String>,
    by_kind: BTreeMap<RevenueKind, KindTotal>,
    /// Minor units in each month of the window.
    by_month: Vec<i64>,
    /// The first month that any charge covers.
    billed_from: Option<Month>,
    /// Recurring charges: their months, amount, and how much of it lies in the window.
    recurring: Vec<(Span, i64, i64)>,
}

#[derive(Debug, Default)]
struct KindTotal {
    minor: i64,
    /// Which months of the window are covered.
    covered: Vec<bool>,
}

impl CustomerTotals {
    /// Nobody yet.
    #[must_use]
    pub fn new(window: Window) -> Self {
        Self { window, open: None }
    }

    /// Counts a charge in, and answers the row of the customer before when it belongs to the next.
    ///
    /// # Errors
    /// [`RevenueTotalError`].
    pub fn add(
        &mut self,
        customer: &CustomerKey,
        charged: Charged<'_>,
    ) -> Result<Option<RevenueRow>, RevenueTotalError> {
        let done = self.open.take_if(|total| total.customer != *customer);
        let months = self.window.months;
        let total = self.open.get_or_insert_with(|| CustomerTotal {
            customer: customer.clone(),
            currency: None,
            by_kind: BTreeMap::new(),
            by_month: vec![0; months],
            billed_from: None,
            recurring: Vec::new(),
        });
        total.add(charged, self.window)?;
        Ok(done.map(CustomerTotal::into_row))
    }

    /// The row of the last customer.
    #[must_use]
    pub fn finish(self) -> Option<RevenueRow> {
        self.open.map(CustomerTotal::into_row)
    }
}

impl CustomerTotal {
    fn add(&mut self, charged: Charged<'_>, window: Window) -> Result<(), RevenueTotalError> {
        let (first, last) = (charged.span.first(), charged.span.last());
        if charged.kind != RevenueKind::Refund {
            let earliest = self.billed_from.get_or_insert(first);
            *earliest = first.min(*earliest);
        }
        let places = window.places(first, last);
        if places.is_empty() {
            return Ok(());
        }
        self.check_currency(charged.currency)?;
        let too_large = || RevenueTotalError::TooLarge(self.customer.clone());
        let total = self.by_kind.entry(charged.kind).or_default();
        total.covered.resize(self.by_month.len(), false);
        let before = total.minor;
        for place in places {
            let month = Month::from_index(window.first + place as i32);
            let minor = charged.kind.sign() * charged.span.part(charged.minor, month);
            let sum = &mut self.by_month[place];
            *sum = sum.checked_add(minor).ok_or_else(too_large)?;
            total.minor = total.minor.checked_add(minor).ok_or_else(too_large)?;
            total.covered[place] = true;
        }
        if charged.kind == RevenueKind::Recurring && charged.minor > 0 {
            let within = total.minor - before;
            self.recurring.push((charged.span, charged.minor, within));
        }
        Ok(())
    }

    fn check_currency(&mut self, currency: &str) -> Result<(), RevenueTotalError> {
        let mine = self.currency.get_or_insert_with(|| currency.to_owned());
        if mine == currency {
            return Ok(());
        }
        Err(RevenueTotalError::MixedCurrencies {
            customer: self.customer.clone(),
            first: mine.clone(),
            second: currency.to_owned(),
        })
    }

    /// Kinds are charged side by side for the same months, so a customer's months are the most that
    /// one kind covers; a refund covers none.
    fn into_row(mut self) -> RevenueRow {
        self.recurring.sort_unstable();
        let pairs = self.recurring.windows(2);
        let repeated_minor = pairs
            .filter(|pair| pair[0] == pair[1])
            .map(|pair| pair[1].2)
            .sum();
        let covering = self
            .by_kind
            .iter()
            .filter(|(kind, _)| **kind != RevenueKind::Refund);
        let months = covering.map(|(_, total)| total.covered.iter().filter(|it| **it).count());
        let months = months.max().unwrap_or(0);
        let minor = |(kind, total): (RevenueKind, KindTotal)| (kind.name().to_owned(), total.minor);
        RevenueRow {
            customer: self.customer,
            currency: self.currency.unwrap_or_default(),
            months: months as i64,
            minor_by_kind: self.by_kind.into_iter().map(minor).collect(),
            minor_by_month: self.by_month,
            billed_from: self.billed_from.map(|month| month.to_string()),
            repeated_minor,
        }
    }
}

#[cfg(test)]
mod tests {
    use chrono::NaiveDate;
    use keepworth_contract::Period;

    use super::*;

    fn customer(external_id: &str) -> CustomerKey {
        CustomerKey {
            source: "crm".into(),
            external_id: external_id.into(),
        }
    }

    fn euros(kind: RevenueKind, minor: i64, last: &str, months: i32) -> Charged<'static> {
        Charged {
            currency: "EUR",
            kind,
            minor,
            span: Span::new(last.parse().unwrap(), months, None),
        }
    }

    fn span(first_day: &str, months: i32) -> Span {
        let from: NaiveDate = first_day.parse().unwrap();
        let period = Period::of_months(from, months).unwrap();
        Span::new(period.last_month(), months, Some(period))
    }

    fn year() -> CustomerTotals {
        CustomerTotals::new(Window::ending("2025-09".parse().unwrap(), 12))
    }

    #[test]
    fn charges_of_one_customer_make_one_row() {
        use RevenueKind::{OneOff, Recurring, Refund};
        let mut totals = year();
        let mut rows = Vec::new();
        for (id, charged) in [
            ("1", euros(OneOff, 500, "2025-09", 2)),
            ("1", euros(Recurring, 1_000, "2025-09", 1)),
            ("1", euros(Recurring, 11_000, "2025-08", 11)),
            ("1", euros(Recurring, 300, "2025-06", 3)),
            ("1", euros(Refund, 400, "2025-09", 40)),
            ("2", euros(Recurring, 700, "2024-09", 1)),
            ("3", euros(Refund, 7, "2025-09", 1)),
        ] {
            rows.extend(totals.add(&customer(id), charged).unwrap());
        }
        rows.extend(totals.finish());
        assert_eq!(rows.len(), 3);
        assert_eq!(
            rows[0].months, 12,
            "neither a refund nor a second charge for the same months covers further ones"
        );
        let sums: Vec<_> = rows[0].minor_by_kind.values().copied().collect();
        assert_eq!(
            sums,
            [500, 12_300, -120],
            "ONE_OFF, RECURRING, and 12 of 40 months of REFUND"
        );
        assert_eq!(rows[0].minor_by_month.iter().sum::<i64>(), 12_680);
        assert_eq!(rows[0].minor_by_month[10..], [1_240, 1_240]);
        assert_eq!(rows[0].minor_by_month[6], 1_000 + 100 - 10);
        assert_eq!(rows[0].billed_from.as_deref(), Some("2024-10"));
        assert_eq!(rows[1].customer, customer("2"));
        assert_eq!(rows[1].minor_by_month, [0; 12], "charged long ago");
        assert_eq!(rows[1].billed_from.as_deref(), Some("2024-09"));
        assert_eq!((rows[2].months, &rows[2].billed_from), (0, &None));
    }

    #[test]
    fn a_charge_that_names_its_days_is_spread_over_them() {
        let mut totals = year();
        let days = |from: &str, until: &str, minor| {
            let period = Period::new(from.parse().unwrap(), until.parse().unwrap());
            Charged {
                span: Span::new("2025-01".parse().unwrap(), 1, period.ok()),
                ..euros(RevenueKind::Recurring, minor, "2025-01", 1)
            }
        };
        for charged in [
            days("2024-12-02", "2025-01-01", 3_000),
            days("2025-01-01", "2025-01-31", 3_000),
            days("2025-01-31", "2025-03-02", 3_000),
            // Twelve of the 31 days lie in August; eleven after the window.
            days("2025-08-20", "2025-09-20", 3_100),
            days("2025-09-20", "2025-10-11", 2_100),
        ] {
            assert_eq!(totals.add(&customer("1"), charged), Ok(None));
        }
        let row = totals.finish().unwrap();
        // October 2024 to September 2025: 100 a day.
        assert_eq!(
            row.minor_by_month,
            [
                0,
                0,
                3_000,
                3_100,
                2_800,
                100,
                0,
                0,
                0,
                0,
                1_200,
                1_900 + 1_100
            ]
        );
        assert_eq!(row.billed_from.as_deref(), Some("2024-12"));
    }

    #[test]
    fn a_charge_is_spread_over_its_months_to_the_unit() {
        let mut totals = year();
        // A year in advance that ends seven months after the window: 5 of 12 months of 1,000.
        let ahead = euros(RevenueKind::Recurring, 1_000, "2026-04", 12);
        totals.add(&customer("1"), ahead).unwrap();
        let row = totals.finish().unwrap();
        assert_eq!(row.minor_by_month[7..], [83, 83, 84, 83, 83]);
        assert_eq!((row.months, row.minor_by_kind["RECURRING"]), (5, 416));
    }

    #[test]
    fn a_recurring_charge_under_a_second_id_is_seen() {
        use RevenueKind::{OneOff, Recurring};
        let mut totals = year();
        for charged in [
            euros(Recurring, 900, "2025-09", 1),
            euros(Recurring, 900, "2025-08", 1),
            euros(Recurring, 900, "2025-09", 1),
            euros(OneOff, 500, "2025-09", 1),
            euros(OneOff, 500, "2025-09", 1),
        ] {
            totals.add(&customer("1"), charged).unwrap();
        }
        assert_eq!(
            totals.finish().unwrap().repeated_minor,
            900,
            "two of the same goods are no copy"
        );
        // A plan by 30 days begins twice in some months.
        let mut totals = year();
        for day in ["2025-08-01", "2025-08-31"] {
            let charged = Charged {
                span: span(day, 1),
                ..euros(Recurring, 900, "2025-08", 1)
            };
            totals.add(&customer("1"), charged).unwrap();
        }
        assert_eq!(totals.finish().unwrap().repeated_minor, 0);
    }

    #[test]
    fn what_makes_no_row_is_named() {
        let mut totals = year();
        let charged = euros(RevenueKind::Recurring, i64::MAX, "2025-09", 1);
        totals.add(&customer("1"), charged).unwrap();
        let error = totals.add(&customer("1"), charged).unwrap_err();
        assert_eq!(error, RevenueTotalError::TooLarge(customer("1")));
        let dollars = Charged {
            currency: "USD",
            ..charged
        };
        let error = totals.add(&customer("1"), dollars).unwrap_err();
        assert!(error.to_string().contains("in EUR and in USD"), "{error}");
        let long_ago = Charged {
            span: Span::new("2020-01".parse().unwrap(), 1, None),
            ..dollars
        };
        assert!(
            totals.add(&customer("1"), long_ago).is_ok(),
            "outside the window nothing is mixed"
        );
    }
}
