//! The rates by which finance converts amounts for a baseline.

use chrono::NaiveDate;
use keepworth_contract::Currency;
use keepworth_contract::finance::{ConversionRate, RateFeedQuery};
use keepworth_contract::rows::{FeedRows, Rows};
use keepworth_contract::simulator::baseline::FeedReference;

use super::Sources;
use crate::BuildError;

/// The rates of a currency, as finance will convert by them.
pub(crate) struct Rates {
    /// Into which amounts are converted.
    pub(super) currency: Currency,
    /// One of each currency and month that has amounts.
    pub(super) items: Vec<ConversionRate>,
    /// The feed that told them.
    pub(super) reference: Option<FeedReference>,
}

impl Rates {
    /// Reads them from finance, which names every pair and month without a rate; those of purchases are of all months.
    pub(super) async fn read(
        sources: &Sources,
        as_of: NaiveDate,
        currency: Currency,
        purchases: bool,
    ) -> Result<Self, BuildError> {
        let query = RateFeedQuery {
            as_of,
            currency,
            purchases,
            costs: true,
        };
        Self::ask(sources, &query).await
    }

    /// Those of revenue alone.
    pub(crate) async fn of_revenue(
        sources: &Sources,
        as_of: NaiveDate,
        currency: Currency,
    ) -> Result<Vec<ConversionRate>, BuildError> {
        let query = RateFeedQuery {
            as_of,
            currency,
            purchases: false,
            costs: false,
        };
        Ok(Self::ask(sources, &query).await?.items)
    }

    async fn ask(sources: &Sources, query: &RateFeedQuery) -> Result<Self, BuildError> {
        let currency = query.currency;
        let mut feed: FeedRows<ConversionRate> = sources.finance.rows("rates", query).await?;
        let mut items = Vec::new();
        while let Some(rate) = feed.next().await? {
            items.push(rate);
        }
        let reference = feed.reference();
        Ok(Self {
            currency,
            items,
            reference,
        })
    }
}
