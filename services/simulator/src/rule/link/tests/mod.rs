//! Links of companies whose truth is known, drawn here without anything that estimates.

mod company;
mod guards;
mod moved;
mod recovery;
mod twin;

use keepworth_contract::customers::EpisodeRow;
use keepworth_contract::experience::ExposureRow;
use keepworth_contract::simulator::{Link, LinkExposure, LinkInput};

use super::cells::LinkCells;
use super::estimate::{EstimateError, estimate};
use super::plan::{Plan, Recorded};
use super::told::told;

/// The last day of the records.
const AS_OF: &str = "2025-06-30";

/// Customers with what they lived through.
type Records = Vec<(EpisodeRow, Vec<ExposureRow>)>;

fn order(exposure: LinkExposure) -> LinkInput {
    let exposure = serde_json::to_value(exposure).unwrap();
    serde_json::from_value(serde_json::json!({"exposure": exposure, "as_of": AS_OF})).unwrap()
}

fn recorded(records: &Records) -> Recorded {
    let mut recorded = Recorded::default();
    let rows = records.iter().flat_map(|(_, rows)| rows);
    rows.for_each(|row| recorded.add(row).unwrap());
    recorded
}

fn counted(order: &LinkInput, records: &Records) -> LinkCells {
    let plan = Plan::new(order, &recorded(records)).unwrap();
    let mut cells = LinkCells::new(plan, &order.confounders, &order.control_causes);
    for (episode, rows) in records {
        cells.add(episode, rows).unwrap();
    }
    cells
}

fn try_link(order: &LinkInput, records: &Records) -> Result<Link, EstimateError> {
    let cells = counted(order, records);
    let (id, now) = (uuid::Uuid::nil(), keepworth_store::now());
    let estimated = estimate(&cells)?;
    Ok(told(
        id,
        &cells,
        &order.control_causes,
        estimated,
        Vec::new(),
        now,
    ))
}

fn link(order: &LinkInput, records: &Records) -> Link {
    try_link(order, records).unwrap()
}
