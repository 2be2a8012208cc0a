//! What one customer was charged over a window.

use std::collections::BTreeMap;

use keepworth_contract::Month;
use keepworth_contract::feed::{CustomerKey, RevenueRow};
use keepworth_contract::record::RevenueKind;

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
    /// The last month covered.
    pub month: Month,
    /// Months covered.
    pub months: i32,
}

/// Gathers charges that come in key order into one row per customer.
#[derive(Debug, Default)]
pub struct CustomerTotals {
    open: Option<CustomerTotal>,
}

#[derive(Debug)]
struct CustomerTotal {
    customer: CustomerKey,
    currency: String,
    by_kind: BTreeMap<RevenueKind, KindTotal>,
}

#[derive(Debug, Default)]
struct KindTotal {
    minor: i64,
    /// Indices of the first month covered and of the one after the last, for each charge.
    covered: Vec<(i32, i32)>,
}

impl KindTotal {
    /// How many different months are covered: two charges for the same month are one month.
    fn months(&mut self) -> i64 {
        self.covered.sort_unstable();
        let (mut months, mut until) = (0, i32::MIN);
        for (first, end) in &self.covered {
            months += i64::from((*end - until.max(*first)).max(0));
            until = until.max(*end);
        }
        months
    }
}

impl CustomerTotals {
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
        let total = self.open.get_or_insert_with(|| CustomerTotal {
            customer: customer.clone(),
            currency: charged.currency.to_owned(),
            by_kind: BTreeMap::new(),
        });
        total.add(charged)?;
        Ok(done.map(CustomerTotal::into_row))
    }

    /// The row of the last customer.
    #[must_use]
    pub fn finish(self) -> Option<RevenueRow> {
        self.open.map(CustomerTotal::into_row)
    }
}

impl CustomerTotal {
    fn add(&mut self, charged: Charged<'_>) -> Result<(), RevenueTotalError> {
        if self.currency != charged.currency {
            return Err(RevenueTotalError::MixedCurrencies {
                customer: self.customer.clone(),
                first: self.currency.clone(),
                second: charged.currency.to_owned(),
            });
        }
        let total = self.by_kind.entry(charged.kind).or_default();
        total.minor = (charged.kind.sign() * charged.minor)
            .checked_add(total.minor)
            .ok_or_else(|| RevenueTotalError::TooLarge(self.customer.clone()))?;
        let end = charged.month.index() + 1;
        total.covered.push((end - charged.months, end));
        Ok(())
    }

    /// Kinds are charged side by side for the same months, so a customer's months are the most that
    /// one kind covers; a refund covers none.
    fn into_row(mut self) -> RevenueRow {
        let covering = self
            .by_kind
            .iter_mut()
            .filter(|(kind, _)| **kind != RevenueKind::Refund);
        let months = covering.map(|(_, total)| total.months()).max();
        let minor = |(kind, total): (RevenueKind, KindTotal)| (kind.name().to_owned(), total.minor);
        RevenueRow {
            customer: self.customer,
            currency: self.currency,
            months: months.unwrap_or(0),
            minor_by_kind: self.by_kind.into_iter().map(minor).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
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
            month: last.parse().unwrap(),
            months,
        }
    }

    #[test]
    fn charges_of_one_customer_make_one_row() {
        use RevenueKind::{OneOff, Recurring, Refund};
        let mut totals = CustomerTotals::default();
        let mut rows = Vec::new();
        for (id, charged) in [
            ("1", euros(OneOff, 500, "2025-09", 2)),
            ("1", euros(Recurring, 1_000, "2025-09", 1)),
            ("1", euros(Recurring, 11_000, "2025-08", 11)),
            ("1", euros(Recurring, 300, "2025-06", 3)),
            ("1", euros(Refund, 100, "2025-09", 40)),
            ("2", euros(Recurring, 700, "2025-09", 1)),
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
        assert_eq!(sums, [500, 12_300, -100], "ONE_OFF, RECURRING, REFUND");
        assert_eq!(rows[1].customer, customer("2"));
        assert_eq!(rows[2].months, 0);
    }

    #[test]
    fn what_makes_no_row_is_named() {
        let mut totals = CustomerTotals::default();
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
    }
}
