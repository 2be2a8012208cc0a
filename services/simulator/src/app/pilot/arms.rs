//! Who can be in an arm: customers whom the customers service knows, and who had not left.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::rows::{FeedRows, Rows};
use keepworth_contract::simulator::{PilotAssignment, PilotInput};
use keepworth_contract::{FaultCode, InvalidParam};
use keepworth_intake::Failure;
use keepworth_retention::pilot::Two;

use crate::BuildError;
use crate::Simulator;
use crate::rule::pilot::{Eligible, faults, why_not};

/// The customers of both arms.
pub type Arms = Two<Vec<CustomerKey>>;

/// The arms of a pilot, named or drawn by its rule. A pilot that cannot be is refused; whoever cannot be in it is named
/// row by row.
pub async fn arms(app: &Simulator, new: &PilotInput) -> Result<Arms, Failure> {
    let faults = faults(new);
    if !faults.is_empty() {
        return Err(Failure::invalid(faults));
    }
    match &new.assign {
        Some(rule) => drawn(app, rule, new.starts_on).await,
        None => named(app, new).await,
    }
}

async fn episodes(app: &Simulator, as_of: NaiveDate) -> Result<FeedRows<EpisodeRow>, BuildError> {
    let feed = app.sources().customers.feed("episodes", as_of).await?;
    Ok(FeedRows::new(feed))
}

/// Draws the lots of a rule among who is under observation in its segments on the day before the start.
async fn drawn(
    app: &Simulator,
    rule: &PilotAssignment,
    starts_on: NaiveDate,
) -> Result<Arms, Failure> {
    let today = keepworth_store::now().date_naive();
    let day = (starts_on - Days::new(1)).min(today);
    let mut eligible = Eligible::new(rule, day);
    let mut episodes = episodes(app, day).await?;
    while let Some(it) = episodes.next().await.map_err(BuildError::from)? {
        eligible.add(it);
    }
    eligible.arms().map_err(Failure::invalid)
}

async fn named(app: &Simulator, new: &PilotInput) -> Result<Arms, Failure> {
    let mut wanted: HashMap<&CustomerKey, (&str, usize)> = HashMap::new();
    for (arm, customers) in [("control", &new.control), ("treated", &new.treated)] {
        for (index, it) in customers.iter().enumerate() {
            wanted.insert(it, (arm, index));
        }
    }
    let mut faults = Vec::new();
    let today = keepworth_store::now().date_naive();
    let mut episodes = episodes(app, today).await?;
    while let Some(it) = episodes.next().await.map_err(BuildError::from)? {
        let Some(place) = wanted.remove(&it.customer) else {
            continue;
        };
        if let Some(reason) = why_not(new, &it) {
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
        let (control, treated) = (new.control.clone(), new.treated.clone());
        return Ok(Two { control, treated });
    }
    faults.sort_by_key(|(place, ..)| *place);
    let named = faults.into_iter().map(|((arm, index), code, reason)| {
        InvalidParam::new(format!("{arm}/{index}"), code, reason)
    });
    Err(Failure::invalid(named.collect()))
}
