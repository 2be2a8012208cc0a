//! Who can be in an arm: customers whom the customers service knows, and who had not left.

use std::collections::HashMap;

use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::rows::{FeedRows, Rows};
use keepworth_contract::simulator::PilotInput;
use keepworth_contract::{FaultCode, InvalidParam};
use keepworth_intake::Failure;

use crate::BuildError;
use crate::Simulator;
use crate::rule::pilot::faults;

/// Refuses a pilot that cannot be; whoever cannot be in it is named row by row.
pub async fn check(app: &Simulator, new: &PilotInput) -> Result<(), Failure> {
    let faults = faults(new);
    if !faults.is_empty() {
        return Err(Failure::invalid(faults));
    }
    let mut wanted: HashMap<&CustomerKey, (&str, usize)> = HashMap::new();
    for (arm, customers) in [("control", &new.control), ("treated", &new.treated)] {
        for (index, it) in customers.iter().enumerate() {
            wanted.insert(it, (arm, index));
        }
    }
    let mut faults = Vec::new();
    let today = keepworth_store::now().date_naive();
    let feed = app.sources().customers.feed("episodes", today).await;
    let mut episodes: FeedRows<EpisodeRow> = FeedRows::new(feed.map_err(BuildError::from)?);
    while let Some(it) = episodes.next().await.map_err(BuildError::from)? {
        let Some(place) = wanted.remove(&it.customer) else {
            continue;
        };
        if it.left && it.observed_to < new.starts_on {
            let reason = format!(
                "{} of {} left on {}, before the start: what became of them was known",
                it.customer.external_id, it.customer.source, it.observed_to
            );
            faults.push((place, FaultCode::Contradiction, reason));
        }
    }
    let unknown = wanted.into_iter().map(|(it, place)| {
        let reason = format!(
            "{} of {} is not known to the customers service; import them first, or leave them out",
            it.external_id, it.source
        );
        (place, FaultCode::UnknownCustomer, reason)
    });
    faults.extend(unknown);
    if faults.is_empty() {
        return Ok(());
    }
    faults.sort_by_key(|(place, ..)| *place);
    let named = faults.into_iter().map(|((arm, index), code, reason)| {
        InvalidParam::new(format!("{arm}/{index}"), code, reason)
    });
    Err(Failure::invalid(named.collect()))
}
