//! Segments: groups of customers that are modelled together.

use crate::Customers;
use crate::store::segment;
use crate::store::segment::SegmentRow;
pub use crate::store::segment::load_segments;
use keepworth_contract::customers::{Segment, SegmentInput};
use keepworth_intake::{Failure, fault};

impl From<SegmentRow> for Segment {
    fn from(row: SegmentRow) -> Self {
        Self {
            key: row.key,
            name: row.name,
            recorded_at: row.recorded_at.and_utc(),
        }
    }
}

/// Registers a segment, or renames it.
pub async fn put(app: &Customers, key: String, body: SegmentInput) -> Result<Segment, Failure> {
    let faults: Vec<_> = fault::text("key", &key, 128)
        .into_iter()
        .chain(fault::text("name", &body.name, 128))
        .collect();
    if !faults.is_empty() {
        return Err(Failure::invalid(faults));
    }
    let row = SegmentRow {
        key,
        name: body.name,
        recorded_at: keepworth_store::now().naive_utc(),
    };
    let stored = row.clone();
    app.db
        .write(move |conn| segment::upsert_segments(conn, &[stored]).map_err(Failure::from))
        .await?;
    Ok(row.into())
}
