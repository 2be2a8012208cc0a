//! Segments: groups of customers that are modelled together.

use crate::store::segment::SegmentRow;
use keepworth_contract::customers::Segment;

impl From<SegmentRow> for Segment {
    fn from(row: SegmentRow) -> Self {
        Self {
            key: row.key,
            name: row.name,
            recorded_at: row.recorded_at.and_utc(),
        }
    }
}
