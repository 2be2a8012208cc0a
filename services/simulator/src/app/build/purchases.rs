//! What customers without a contract bought, read beside the other feeds.

use std::collections::BTreeMap;

use keepworth_contract::Currency;
use keepworth_contract::customers::{CustomersClient, EpisodeRow, SegmentKind};
use keepworth_contract::finance::{FinanceFeedQuery, PurchaseRow};
use keepworth_contract::join::{Follower, Ordered};
use keepworth_contract::rows::FeedRows;
use keepworth_contract::simulator::purchase::PurchaseBaseline;
use keepworth_verdict::figure::PURCHASES;

use super::{Records, Sources};
use crate::BuildError;
use crate::app::lives::strangers_flag;
use crate::rule::cohort::Cohorts;
use crate::rule::purchase::{Buyers, Requested, Split, UnusablePurchases, describe};

/// Customers of segments of kind `PURCHASES`.
#[derive(Default)]
pub(super) struct WithoutContract {
    /// Who bought, by segment.
    buyers: BTreeMap<String, Buyers>,
    /// Models that were asked for.
    pub(super) requested: Requested,
}

impl WithoutContract {
    /// Segments as they are, and the models that were asked for.
    pub(super) async fn read(sources: &Sources, requested: &Requested) -> Result<Self, BuildError> {
        let client = CustomersClient::over(sources.customers.clone());
        let segments = client.list_segments().await?.items.into_iter();
        let without = segments.filter(|it| it.kind == SegmentKind::Purchases);
        Ok(Self::of(without.map(|it| it.key), requested))
    }

    pub(super) fn of(segments: impl Iterator<Item = String>, requested: &Requested) -> Self {
        Self {
            buyers: segments.map(|key| (key, Buyers::default())).collect(),
            requested: requested.clone(),
        }
    }

    /// Whether a segment's customers have no contract.
    pub(super) fn has(&self, segment: &str) -> bool {
        self.buyers.contains_key(segment)
    }

    /// Whether there is any such segment.
    pub(super) fn is_any(&self) -> bool {
        !self.buyers.is_empty()
    }

    /// Starts reading what they bought; nothing where there are none of them.
    pub(super) async fn open(
        &self,
        sources: &Sources,
        amounts: &FinanceFeedQuery,
    ) -> Result<Option<Purchases>, BuildError> {
        if !self.is_any() {
            return Ok(None);
        }
        let feed = sources.finance.rows("purchases", amounts).await?;
        let follower = Follower::start(Ordered::single(PURCHASES, feed)).await?;
        Ok(Some(Purchases {
            follower,
            rows: Vec::new(),
        }))
    }
}

/// The feed of purchases, customer by customer.
pub(super) struct Purchases {
    follower: Follower<FeedRows<PurchaseRow>>,
    rows: Vec<PurchaseRow>,
}

impl Purchases {
    /// What a customer bought.
    pub(super) async fn of(
        &mut self,
        episode: &EpisodeRow,
    ) -> Result<Option<&PurchaseRow>, BuildError> {
        let is_theirs = |row: &PurchaseRow| row.customer == episode.customer;
        // One customer may have several episodes.
        if !self.rows.first().is_some_and(is_theirs) {
            let (follower, rows) = (&mut self.follower, &mut self.rows);
            follower.rows_of(&episode.customer, rows).await?;
        }
        Ok(self.rows.first())
    }
}

impl Records {
    /// Counts in what a customer without a contract bought.
    pub(super) fn add_purchases(
        &mut self,
        episode: &EpisodeRow,
        row: Option<&PurchaseRow>,
    ) -> Result<(), BuildError> {
        let Some(buyers) = self.without_contract.buyers.get_mut(&episode.segment) else {
            return Ok(());
        };
        let mut minor_units = 1.0;
        if let Some(row) = row.filter(|row| !row.currency.is_empty()) {
            let known = &mut self.tallies.currency;
            let known = known.get_or_insert_with(|| row.currency.clone());
            if *known != row.currency {
                return Err(BuildError::mixed(known, &row.currency));
            }
            let currency: Currency = row.currency.parse()?;
            minor_units = 10_f64.powi(currency.decimals().cast_signed());
        }
        let split = split(&self.cohorts, &episode.segment, self.window.as_of());
        let added = buyers.add(split, episode, row, minor_units);
        added.map_err(|why| BuildError::purchases(&episode.segment, why))
    }

    /// Reads the rest, which is about nobody who is known.
    pub(super) async fn finish_purchases(&mut self, read: Purchases) -> Result<(), BuildError> {
        let (feed, strangers) = read.follower.finish().await?;
        self.references.extend(feed.reference());
        self.flags.extend(strangers_flag(PURCHASES, strangers));
        Ok(())
    }

    /// Whether a model of leaving by tenure is asked for where nobody is seen to leave.
    pub(super) fn check_requested(&self) -> Result<(), BuildError> {
        let mut asked = self.requested.iter();
        asked
            .find(|(name, _)| self.without_contract.has(name))
            .map_or(Ok(()), |(name, model)| {
                let why = UnusablePurchases::Unseen { model: *model };
                Err(BuildError::purchases(name, why))
            })
    }

    /// What is said of each segment without a contract.
    ///
    /// # Errors
    /// Purchases that cannot be modelled; a model for a segment that is none of these.
    pub(super) fn purchases(
        &self,
        currency: Currency,
    ) -> Result<BTreeMap<String, PurchaseBaseline>, BuildError> {
        let WithoutContract { buyers, requested } = &self.without_contract;
        let present = |name: &String| self.tallies.segments.contains_key(name);
        let known: Vec<&String> = buyers.keys().filter(|name| present(name)).collect();
        if let Some(name) = requested.keys().find(|name| !known.contains(name)) {
            return Err(BuildError::NoPurchases {
                name: name.clone(),
                known: known.into_iter().cloned().collect(),
            });
        }
        let each = buyers.iter().filter(|(name, _)| present(name));
        let told = each.map(|(name, buyers)| {
            let split = split(&self.cohorts, name, self.window.as_of());
            let told = describe(buyers, split, requested.get(name).copied(), currency);
            let told = told.map_err(|why| BuildError::purchases(name, why))?;
            Ok((name.clone(), told))
        });
        told.collect()
    }
}

fn split(cohorts: &BTreeMap<String, Cohorts>, segment: &str, as_of: chrono::NaiveDate) -> Split {
    let longest = cohorts.get(segment).and_then(Cohorts::longest_tenure);
    Split::of(as_of, longest.unwrap_or_default())
}
