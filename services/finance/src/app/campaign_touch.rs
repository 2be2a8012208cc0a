//! Who was reached by which campaign.

use crate::rule::cost::campaign_touch::faults;
use crate::store::campaign_touch;
use crate::store::campaign_touch::CampaignTouchRow;
pub use crate::store::campaign_touch::{find_touch, touches_after};
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::finance::{CampaignTouch, CampaignTouchInput};
use keepworth_intake::Failure;
use keepworth_store::{Conn, now};

impl From<CampaignTouchRow> for CampaignTouch {
    fn from(row: CampaignTouchRow) -> Self {
        Self {
            id: row.id.0,
            import_id: row.import_id.clone(),
            recorded_at: row.recorded_at.and_utc(),
            record: row.into(),
        }
    }
}

/// Writes a batch, in the caller's transaction; sending it again changes nothing.
pub fn upsert(
    conn: &mut Conn,
    options: &BatchOptions,
    items: &[CampaignTouchInput],
) -> Result<BatchReport, Failure> {
    let now = now();
    let faults = |item: &_| faults(item, now.date_naive());
    campaign_touch::CAMPAIGN_TOUCHES.upsert(conn, options, items, faults, |planned| {
        CampaignTouchRow::planned(planned, &options.import_id, now.naive_utc())
    })
}
