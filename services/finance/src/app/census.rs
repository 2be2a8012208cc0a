//! Reads what the other services know of the customers, and joins it with what they were charged.

use crate::rule::cost::customer_cost::CustomerUses;
use crate::rule::revenue::earned_growth::EarnedGrowth;
use crate::rule::revenue::segment_count::{CustomerCharge, SegmentCounts, last_day};
use chrono::NaiveDate;
use keepworth_contract::client::{Client, ClientError};
use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::experience::ExposureRow;
use keepworth_contract::join::{Follower, JoinError, Ordered};
use keepworth_contract::rows::{FeedRows, Rows};
use keepworth_contract::simulator::baseline::FeedReference;
use keepworth_contract::{Month, MonthError};
use tokio::sync::mpsc;

/// Clients of the services that give feeds.
#[derive(Clone)]
pub struct Sources {
    pub customers: Client,
    pub experience: Client,
}

/// Why nothing can be counted.
#[derive(Debug, thiserror::Error)]
pub enum CensusError {
    /// Feeds that cannot be read or joined.
    #[error(transparent)]
    Join(#[from] JoinError),
    /// A month that is none.
    #[error("a feed holds a month that is none: {0}")]
    Month(#[from] MonthError),
    /// A month whose facts are not all there yet.
    #[error("month: {0} is not over yet; ask for a month that is")]
    NotOver(Month),
    /// Nobody was under observation.
    #[error(
        "the customers service knows nobody who was under observation until {0}; import customers first"
    )]
    NoCustomers(Month),
}

impl From<ClientError> for CensusError {
    fn from(error: ClientError) -> Self {
        Self::Join(error.into())
    }
}

/// The day as of which the facts of a month are asked for.
fn day_of(month: Month) -> Result<NaiveDate, CensusError> {
    let day = last_day(month);
    if day > keepworth_store::now().date_naive() {
        return Err(CensusError::NotOver(month));
    }
    Ok(day)
}

/// Charges that wait for the feeds, at most.
pub const CHARGES_AHEAD: usize = 4_096;

/// Charges in key order, as the database hands them over.
pub struct Charges(pub mpsc::Receiver<CustomerCharge>);

impl Rows for Charges {
    type Row = CustomerCharge;

    async fn next(&mut self) -> Result<Option<CustomerCharge>, ClientError> {
        Ok(self.0.recv().await)
    }
}

/// What was counted, and from what.
#[derive(Debug)]
pub struct Census {
    pub counts: SegmentCounts,
    pub feeds: Vec<FeedReference>,
    /// Rows of experience that are about nobody the customers service knows.
    pub unknown_exposures: u64,
    /// Charges that are.
    pub unknown_charges: u64,
}

/// What the customers of a period used, as of its last day.
pub async fn uses(
    sources: &Sources,
    first: Month,
    last: Month,
) -> Result<CustomerUses, CensusError> {
    let as_of = day_of(last)?;
    let episodes: FeedRows<EpisodeRow> =
        FeedRows::new(sources.customers.feed("episodes", as_of).await?);
    let exposures: FeedRows<ExposureRow> =
        FeedRows::new(sources.experience.feed("exposures", as_of).await?);
    let mut episodes = Ordered::single("episodes", episodes);
    let mut exposures = Follower::start(Ordered::repeated("exposures", exposures)).await?;
    let (mut uses, mut theirs) = (CustomerUses::new(first, last), Vec::new());
    while let Some(episode) = episodes.next().await? {
        exposures.rows_of(&episode.customer, &mut theirs).await?;
        uses.add(&episode, &theirs)?;
    }
    exposures.finish().await?;
    Ok(uses)
}

/// Counts customers into `growth` as of the last day of `last`; answers how many charges are about
/// nobody that the customers service knows.
pub async fn grow(
    sources: &Sources,
    charges: Charges,
    growth: &mut EarnedGrowth,
    last: Month,
) -> Result<u64, CensusError> {
    let episodes = sources.customers.feed("episodes", day_of(last)?).await?;
    let mut episodes = Ordered::single("episodes", FeedRows::<EpisodeRow>::new(episodes));
    let mut charges = Follower::start(Ordered::repeated("charges", charges)).await?;
    let mut theirs = Vec::new();
    while let Some(episode) = episodes.next().await? {
        charges.rows_of(&episode.customer, &mut theirs).await?;
        growth.add(episode.acquisition_channel.as_deref(), &theirs);
    }
    Ok(charges.finish().await?.1)
}

/// Counts customers into `counts` as of the last day of `last`, in memory that does not grow with them.
pub async fn count(
    sources: &Sources,
    charges: Charges,
    mut counts: SegmentCounts,
    last: Month,
) -> Result<Census, CensusError> {
    let as_of = day_of(last)?;
    let episodes: FeedRows<EpisodeRow> =
        FeedRows::new(sources.customers.feed("episodes", as_of).await?);
    let exposures: FeedRows<ExposureRow> =
        FeedRows::new(sources.experience.feed("exposures", as_of).await?);
    let mut episodes = Ordered::single("episodes", episodes);
    let mut exposures = Follower::start(Ordered::repeated("exposures", exposures)).await?;
    let mut charges = Follower::start(Ordered::repeated("charges", charges)).await?;
    let (mut their_exposures, mut their_charges) = (Vec::new(), Vec::new());
    while let Some(episode) = episodes.next().await? {
        let customer = &episode.customer;
        exposures.rows_of(customer, &mut their_exposures).await?;
        charges.rows_of(customer, &mut their_charges).await?;
        counts.add(&episode, &their_exposures, &their_charges)?;
    }
    if counts.customers == 0 {
        return Err(CensusError::NoCustomers(last));
    }
    let (exposures, unknown_exposures) = exposures.finish().await?;
    let (_, unknown_charges) = charges.finish().await?;
    let feeds = [episodes.into_source().reference(), exposures.reference()];
    Ok(Census {
        counts,
        feeds: feeds.into_iter().flatten().collect(),
        unknown_exposures,
        unknown_charges,
    })
}
