//! What one customer was charged over a window, from sums by kind.

use std::collections::BTreeMap;

use keepworth_contract::feed::{CustomerKey, RevenueRow};
use keepworth_contract::record::RevenueKind;

/// One customer was charged in two currencies.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "customer `{external_id}` of `{source_name}` was charged in {first} and in {second}; import their revenue in one currency"
)]
pub struct MixedCurrencies {
    source_name: String,
    external_id: String,
    first: String,
    second: String,
}

/// Gathers sums that come in key order into one row per customer.
#[derive(Debug, Default)]
pub struct CustomerTotals {
    open: Option<RevenueRow>,
}

impl CustomerTotals {
    /// Counts a sum in, and answers the row of the customer before when it belongs to the next.
    ///
    /// Refunds count negative. Kinds are charged side by side for the same months, so a customer's
    /// months are the most that one kind covers; a refund covers none.
    ///
    /// # Errors
    /// [`MixedCurrencies`].
    pub fn add(
        &mut self,
        customer: CustomerKey,
        currency: &str,
        kind: RevenueKind,
        minor: i64,
        months: i64,
    ) -> Result<Option<RevenueRow>, MixedCurrencies> {
        let done = self.open.take_if(|row| row.customer != customer);
        let row = self.open.get_or_insert_with(|| RevenueRow {
            customer,
            currency: currency.to_owned(),
            minor_by_kind: BTreeMap::new(),
            months: 0,
        });
        if row.currency != currency {
            return Err(MixedCurrencies {
                source_name: row.customer.source.clone(),
                external_id: row.customer.external_id.clone(),
                first: row.currency.clone(),
                second: currency.to_owned(),
            });
        }
        row.minor_by_kind
            .insert(kind.name().to_owned(), kind.sign() * minor);
        if kind != RevenueKind::Refund {
            row.months = row.months.max(months);
        }
        Ok(done)
    }

    /// The row of the last customer.
    #[must_use]
    pub fn finish(self) -> Option<RevenueRow> {
        self.open
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

    #[test]
    fn kinds_of_one_customer_make_one_row() {
        use RevenueKind::{OneOff, Recurring, Refund};
        let mut totals = CustomerTotals::default();
        let mut rows = Vec::new();
        for (id, kind, minor, months) in [
            ("1", OneOff, 500, 2),
            ("1", Recurring, 12_000, 12),
            ("1", Refund, 100, 40),
            ("2", Recurring, 700, 1),
        ] {
            rows.extend(
                totals
                    .add(customer(id), "EUR", kind, minor, months)
                    .unwrap(),
            );
        }
        rows.extend(totals.finish());
        assert_eq!(rows.len(), 2);
        assert_eq!(rows[0].months, 12, "a refund covers no further month");
        let sums: Vec<_> = rows[0].minor_by_kind.values().copied().collect();
        assert_eq!(sums, [500, 12_000, -100], "ONE_OFF, RECURRING, REFUND");
        assert_eq!(rows[1].customer, customer("2"));
    }

    #[test]
    fn two_currencies_of_one_customer_are_named() {
        let mut totals = CustomerTotals::default();
        let kind = RevenueKind::Recurring;
        totals.add(customer("1"), "EUR", kind, 1, 1).unwrap();
        let error = totals.add(customer("1"), "USD", kind, 1, 1).unwrap_err();
        assert!(error.to_string().contains("in EUR and in USD"), "{error}");
    }
}
