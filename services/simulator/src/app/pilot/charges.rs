//! What the customers of a pilot were charged, from finance.

use std::collections::HashMap;

use chrono::NaiveDate;
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::finance::{ConversionRate, FinanceFeedQuery, RevenueRow};
use keepworth_contract::rows::{FeedRows, Rows};
use keepworth_contract::{Currency, Month};

use super::Members;
use crate::BuildError;
use crate::app::build::{Rates, Sources};
use crate::rule::pilot::Charges;
use crate::rule::window::MONTHS;

/// Revenue of customers by month, and its currency, where any is recorded.
#[derive(Default)]
pub(super) struct Charged {
    pub(super) currency: Option<Currency>,
    /// The rates by which charges in other currencies were converted, by currency and month.
    pub(super) rates: Vec<ConversionRate>,
    of: HashMap<CustomerKey, Charges>,
    nothing: Charges,
}

impl Charged {
    /// Reads the feed of revenues once for each twelve months, which it tells of, back to the month `from`.
    pub(super) async fn read(
        sources: &Sources,
        members: &Members,
        currency: Option<Currency>,
        from: Month,
        until: NaiveDate,
    ) -> Result<Self, BuildError> {
        let mut charged = Self::default();
        let mut as_of = until;
        while Month::of(as_of) >= from {
            let amounts = FinanceFeedQuery { as_of, currency };
            let rates = rates(sources, &amounts).await?;
            let feed = sources.finance.rows("revenues", &amounts).await?;
            charged.add(feed, members, Month::of(as_of)).await?;
            // A rate that was written meanwhile may have converted what is not said to be converted by it.
            if !rates.is_empty() && self::rates(sources, &amounts).await? != rates {
                return Err(BuildError::RatesChanged);
            }
            charged.rates.extend(rates);
            as_of = Month::of(as_of).plus(-(MONTHS as i32)).last_day();
        }
        charged.rates.retain(|rate| rate.month >= from);
        charged
            .rates
            .sort_by_key(|rate| (rate.base.code(), rate.month));
        Ok(charged)
    }

    /// What a customer was charged.
    pub(super) fn of(&self, customer: &CustomerKey) -> &Charges {
        self.of.get(customer).unwrap_or(&self.nothing)
    }

    async fn add(
        &mut self,
        mut feed: FeedRows<RevenueRow>,
        members: &Members,
        last: Month,
    ) -> Result<(), BuildError> {
        while let Some(row) = feed.next().await? {
            if !members.contains_key(&row.customer) || row.minor_by_month.iter().all(|it| *it == 0)
            {
                continue;
            }
            let months = row.minor_by_month.len();
            if months != MONTHS {
                return Err(BuildError::RevenueMonths(months));
            }
            let currency = self.take_currency(&row.currency)?;
            let units = 10_f64.powi(currency.decimals().cast_signed());
            let first = last.plus(1 - MONTHS as i32).index();
            let amounts = (first..).zip(row.minor_by_month);
            let charges = amounts.map(|(month, minor)| (month, minor as f64 / units));
            self.of.entry(row.customer).or_default().extend(charges);
        }
        Ok(())
    }

    /// The one currency that all amounts are of.
    fn take_currency(&mut self, code: &str) -> Result<Currency, BuildError> {
        let currency: Currency = code.parse()?;
        let known = *self.currency.get_or_insert(currency);
        if known == currency {
            Ok(known)
        } else {
            Err(BuildError::mixed(known.code(), code))
        }
    }
}

/// The rates of the twelve months that a feed of revenues tells of; none where nothing is converted.
async fn rates(
    sources: &Sources,
    amounts: &FinanceFeedQuery,
) -> Result<Vec<ConversionRate>, BuildError> {
    match amounts.currency {
        Some(currency) => Rates::of_revenue(sources, amounts.as_of, currency).await,
        None => Ok(Vec::new()),
    }
}
