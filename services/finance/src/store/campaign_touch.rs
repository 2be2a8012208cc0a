//! Campaigns' touches.

use std::collections::BTreeMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::connection::DefaultLoadingMode;
use diesel::dsl::min;
use diesel::prelude::*;
use keepworth_contract::Month;
use keepworth_contract::feed::CustomerKey;
use keepworth_contract::finance::{CampaignTouchInput, CampaignTouchQuery, RevenueKind};
use keepworth_intake::RecordTable;
use keepworth_intake::batch::Planned;
use keepworth_store::{
    Conn, PageRows, Place, RecordId, bulk_insert, delete_rows, on_conn, page_rows, select_rows,
    select_versions,
};
use serde::{Deserialize, Serialize};

use super::{InRevenue, campaign_touches, revenues};
use crate::rule::cost::campaign_touch::{Touched, customer_source};

/// A touch as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = campaign_touches, treat_none_as_default_value = false)]
pub struct CampaignTouchRow {
    /// Identifier.
    pub id: RecordId,
    /// The system that the record comes from.
    pub source: String,
    /// The touch's id there.
    pub external_id: String,
    /// The system that knows the customer.
    pub customer_source: String,
    /// The customer's id there.
    pub customer_external_id: String,
    /// The campaign.
    pub campaign: String,
    /// The day.
    pub touched_on: NaiveDate,
    /// Digest of the record's content.
    pub content_hash: Vec<u8>,
    /// The import that wrote it.
    pub import_id: String,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

/// Columns of [`CampaignTouchRow`].
const COLUMNS: usize = 10;

impl CampaignTouchRow {
    /// The row of a planned record.
    #[must_use]
    pub fn planned(
        plan: &Planned<'_, CampaignTouchInput>,
        import_id: &str,
        now: NaiveDateTime,
    ) -> Self {
        let record = plan.record.clone();
        Self {
            id: plan.id,
            customer_source: customer_source(&record).to_owned(),
            source: record.source,
            external_id: record.external_id,
            customer_external_id: record.customer_external_id,
            campaign: record.campaign,
            touched_on: record.touched_on,
            content_hash: plan.content_hash.clone(),
            import_id: import_id.to_owned(),
            recorded_at: now,
        }
    }
}

impl From<CampaignTouchRow> for CampaignTouchInput {
    fn from(row: CampaignTouchRow) -> Self {
        Self {
            source: row.source,
            external_id: row.external_id,
            customer_source: Some(row.customer_source),
            customer_external_id: row.customer_external_id,
            campaign: row.campaign,
            touched_on: row.touched_on,
        }
    }
}

/// Where touches are kept.
pub const CAMPAIGN_TOUCHES: RecordTable<CampaignTouchRow> = RecordTable {
    name: "campaign_touches",
    versions: |conn, source, ids| select_versions!(conn, campaign_touches, source, ids),
    insert: insert_touches,
    replace: update_touches,
    load: |conn, ids| select_rows!(conn, campaign_touches, CampaignTouchRow, ids),
    remove: |conn, ids, _| delete_rows!(conn, campaign_touches, ids),
    restore: |conn, rows, _| {
        let ids: Vec<RecordId> = rows.iter().map(|row| row.id).collect();
        delete_rows!(conn, campaign_touches, ids)?;
        insert_touches(conn, &rows)
    },
};

/// Inserts new touches.
fn insert_touches(conn: &mut Conn, rows: &[CampaignTouchRow]) -> QueryResult<()> {
    bulk_insert!(conn, campaign_touches::table, rows, COLUMNS)
}

/// Replaces touches.
fn update_touches(conn: &mut Conn, rows: &[CampaignTouchRow]) -> QueryResult<()> {
    for row in rows {
        on_conn!(conn, |c| diesel::update(
            campaign_touches::table.find(row.id)
        )
        .set(row)
        .execute(c))?;
    }
    Ok(())
}

/// A page of the touches that a query asks for.
///
/// # Errors
/// What the database answers.
pub fn list_touches(
    conn: &mut Conn,
    place: &Place,
    query: &CampaignTouchQuery,
) -> QueryResult<PageRows<CampaignTouchRow>> {
    use campaign_touches as t;
    on_conn!(
        conn,
        |c| page_rows!(c, place, t::table, t::id, CampaignTouchRow::as_select(), {
            &query.customer_source => |it| t::customer_source.eq(it),
            &query.customer_external_id => |it| t::customer_external_id.eq(it),
            &query.campaign => |it| t::campaign.eq(it),
            query.touched_from => |it| t::touched_on.ge(it),
            query.touched_to => |it| t::touched_on.le(it),
            query.recorded_since => |it| t::recorded_at.ge(it.naive_utc()),
        })
    )
}

/// Hands the touched to `each`, customer by customer, each with all touches in time order.
///
/// # Errors
/// What the database answers.
pub fn for_each_touched(conn: &mut Conn, mut each: impl FnMut(Touched)) -> QueryResult<()> {
    use campaign_touches as t;
    type Row = (String, String, NaiveDate, String);
    let mut open: Option<Touched> = None;
    on_conn!(conn, |c| {
        let rows = t::table
            .order((
                t::customer_source,
                t::customer_external_id,
                t::touched_on,
                t::id,
            ))
            .select((
                t::customer_source,
                t::customer_external_id,
                t::touched_on,
                t::campaign,
            ))
            .load_iter::<Row, DefaultLoadingMode>(c)?;
        for row in rows {
            let (source, external_id, day, campaign) = row?;
            let customer = CustomerKey {
                source,
                external_id,
            };
            if let Some(done) = open.take_if(|open| open.customer != customer) {
                each(done);
            }
            let open = open.get_or_insert_with(|| Touched {
                customer,
                touches: Vec::new(),
            });
            open.touches.push((day, campaign));
        }
    });
    open.into_iter().for_each(each);
    Ok(())
}

/// Customers that are looked up at once.
pub const CHUNK: usize = 1_000;

/// The first month that any charge above zero of each of these customers covers.
///
/// # Errors
/// What the database answers.
pub fn load_first_paid(
    conn: &mut Conn,
    touched: &[Touched],
) -> QueryResult<BTreeMap<CustomerKey, Month>> {
    use revenues as r;
    let mut by_source: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for it in touched {
        let ids = by_source.entry(&it.customer.source).or_default();
        ids.push(&it.customer.external_id);
    }
    let mut first_paid = BTreeMap::new();
    for (source, ids) in by_source {
        let rows: Vec<(String, Option<i32>)> = on_conn!(conn, |c| r::table
            .filter(r::customer_source.eq(source))
            .filter(r::customer_external_id.eq_any(ids))
            .filter(r::kind.ne(InRevenue::new(RevenueKind::Refund)))
            .filter(r::minor.gt(0))
            .group_by(r::customer_external_id)
            .select((r::customer_external_id, min(r::month - r::months)))
            .load(c))?;
        for (external_id, before) in rows {
            let source = source.to_owned();
            let customer = CustomerKey {
                source,
                external_id,
            };
            first_paid.extend(before.map(|it| (customer, Month::from_index(it + 1))));
        }
    }
    Ok(first_paid)
}

/// The campaign touch by its id.
///
/// # Errors
/// What the database answers.
pub fn find_touch(conn: &mut Conn, id: RecordId) -> QueryResult<Option<CampaignTouchRow>> {
    on_conn!(conn, |c| campaign_touches::table
        .find(id)
        .select(CampaignTouchRow::as_select())
        .first(c)
        .optional())
}
