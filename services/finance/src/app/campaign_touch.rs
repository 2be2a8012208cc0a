//! Who was reached by which campaign.

use crate::Finance;
use crate::rule::cost::campaign_touch::faults;
use crate::store::campaign_touch;
use crate::store::campaign_touch::CampaignTouchRow;
pub use crate::store::campaign_touch::find_touch;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::finance::{
    CampaignTouch, CampaignTouchInput, CampaignTouchPage, CampaignTouchQuery,
};
use keepworth_intake::{Failure, page};
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

/// Lists touches of campaigns.
pub async fn list(app: &Finance, query: CampaignTouchQuery) -> Result<CampaignTouchPage, Failure> {
    page::check_customer(
        query.customer_source.as_deref(),
        query.customer_external_id.as_deref(),
    )?;
    page::check_text("campaign", query.campaign.as_deref())?;
    page::check_days("touched", query.touched_from, query.touched_to)?;
    page::check_moment("recorded_since", query.recorded_since)?;
    page::list(&app.db, query, campaign_touch::list_touches, |row| row.id).await
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
