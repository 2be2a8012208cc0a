//! Who can be in an arm: customers whom the customers service knows, and who had not left.

use std::collections::HashMap;

use chrono::{Days, NaiveDate};
use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::rows::{FeedRows, Rows};
use keepworth_contract::simulator::{PilotAssignment, PilotInput};
use keepworth_contract::{FaultCode, InvalidParam};
use keepworth_intake::Failure;

use crate::BuildError;
use crate::Simulator;
use crate::rule::pilot::{Eligible, Side, faults, why_not};

/// Who is in a pilot, and where.
#[derive(Debug)]
pub struct Arms(pub(super) Vec<(CustomerKey, Side)>);

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
    let arms = eligible.arms().map_err(Failure::invalid)?;
    let control = arms.control.into_iter().map(|it| (it, Side::Control));
    let treated = arms.treated.into_iter().map(|it| (it, Side::Treated));
    Ok(Arms(control.chain(treated).collect()))
}

async fn named(app: &Simulator, new: &PilotInput) -> Result<Arms, Failure> {
    let lists = lists(new);
    let mut wanted: HashMap<&CustomerKey, (usize, usize)> = HashMap::new();
    for (list, (_, _, customers)) in lists.iter().enumerate() {
        wanted.extend((0..).zip(*customers).map(|(index, it)| (it, (list, index))));
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
        let all = lists
            .into_iter()
            .flat_map(|(_, side, customers)| customers.iter().map(move |it| (it.clone(), side)));
        return Ok(Arms(all.collect()));
    }
    faults.sort_by_key(|(place, ..)| *place);
    let named = faults.into_iter().map(|((list, index), code, reason)| {
        InvalidParam::new(format!("{}/{index}", lists[list].0), code, reason)
    });
    Err(Failure::invalid(named.collect()))
}

/// The lists of customers of a pilot, each with its place in the request.
fn lists(new: &PilotInput) -> Vec<(String, Side, &Vec<CustomerKey>)> {
    let waves = new.waves.iter().enumerate();
    let waves = waves.map(|(wave, it)| {
        let name = format!("waves/{wave}/customers");
        (name, Side::Wave(wave), &it.customers)
    });
    let arms = [
        ("control".to_owned(), Side::Control, &new.control),
        ("treated".to_owned(), Side::Treated, &new.treated),
    ];
    arms.into_iter().chain(waves).collect()
}
