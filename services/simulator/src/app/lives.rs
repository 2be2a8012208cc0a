//! Customers with what they lived through, joined from the feeds in constant memory.

use chrono::NaiveDate;
use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::experience::ExposureRow;
use keepworth_contract::join::{Follower, Ordered};
use keepworth_contract::rows::FeedRows;
use keepworth_contract::simulator::baseline::FeedReference;
use keepworth_contract::{Flag, FlagCode};
use keepworth_verdict::figure::{EPISODES, EXPOSURES};

use crate::BuildError;
use crate::app::build::Sources;

/// What was read.
pub(super) struct Read {
    /// The feeds of customers and of what they lived through.
    pub(super) references: Vec<FeedReference>,
    /// That there are rows about customers whom nobody knows.
    pub(super) strangers: Option<Flag>,
}

/// Hands each customer, in the order of their keys, with their rows to `each`.
pub(super) async fn for_each_life<E: From<BuildError>>(
    sources: &Sources,
    as_of: NaiveDate,
    mut each: impl FnMut(&EpisodeRow, &[ExposureRow]) -> Result<(), E>,
) -> Result<Read, E> {
    let feeds = tokio::try_join!(
        sources.customers.feed("episodes", as_of),
        sources.experience.feed("exposures", as_of),
    );
    let (episodes, exposures) = feeds.map_err(BuildError::from)?;
    let episodes = FeedRows::<EpisodeRow>::new(episodes);
    let exposures = FeedRows::<ExposureRow>::new(exposures);
    let mut episodes = Ordered::single(EPISODES, episodes);
    let follower = Follower::start(Ordered::repeated(EXPOSURES, exposures)).await;
    let mut exposures = follower.map_err(BuildError::from)?;
    let mut theirs = Vec::new();
    while let Some(episode) = episodes.next().await.map_err(BuildError::from)? {
        let read = exposures.rows_of(&episode.customer, &mut theirs).await;
        read.map_err(BuildError::from)?;
        each(&episode, &theirs)?;
    }
    let (feed, strangers) = exposures.finish().await.map_err(BuildError::from)?;
    let references = [episodes.into_source().reference(), feed.reference()];
    Ok(Read {
        references: references.into_iter().flatten().collect(),
        strangers: strangers_flag(EXPOSURES, strangers),
    })
}

/// That so many rows of a feed are about customers whom nobody knows; none where there are none.
pub(super) fn strangers_flag(feed: &str, rows: u64) -> Option<Flag> {
    let detail = format!(
        "{rows} rows of {feed} are about customers that the customers service does not know, and are left out"
    );
    (rows > 0).then(|| Flag::new(FlagCode::UnknownCustomers, detail).about(feed))
}
