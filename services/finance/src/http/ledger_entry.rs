//! Ledger entries.

use std::collections::HashMap;

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{get, post};
use chrono::{DateTime, Utc};
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::finance::{CostCategory, LedgerEntryInput};
use keepworth_contract::{InvalidParam, Month, PageQuery};
use keepworth_intake::batch::{Identity, Plan};
use keepworth_intake::{Failure, batch, page};
use keepworth_platform::{ApiResult, ReadProblems, Service, WriteProblems};
use keepworth_store::{Conn, RecordId};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{check_filter, internal};
use crate::Finance;
use crate::rule::ledger::ledger_entry::faults;
use crate::rule::ledger::period_close::fault as closed_fault;
use crate::store::ledger_entry::{self, EntryFilter, LedgerEntryRow};
use crate::store::period_close;

/// A cost in the general ledger, as it was last recorded.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerEntry {
    /// Identifier.
    pub id: Uuid,
    /// What the source said. It holds from `posted_on`.
    pub record: LedgerEntryInput,
    /// The import that wrote it.
    pub import_id: String,
    /// When this version was written: from when it was known.
    pub recorded_at: DateTime<Utc>,
}

impl TryFrom<LedgerEntryRow> for LedgerEntry {
    type Error = Failure;

    fn try_from(row: LedgerEntryRow) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id.0,
            import_id: row.import_id.clone(),
            recorded_at: row.recorded_at.and_utc(),
            record: row.record().map_err(internal)?,
        })
    }
}

/// A page of ledger entries.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerEntryPage {
    /// In id order.
    pub items: Vec<LedgerEntry>,
    /// Continues the list; null at its end.
    pub next_cursor: Option<String>,
}

/// Which ledger entries.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(deny_unknown_fields)]
pub struct LedgerEntryQuery {
    /// Items per page, 1 or more (default 50; more than 1,000 is cut to 1,000).
    #[param(minimum = 1)]
    pub page_size: Option<i64>,
    /// `next_cursor` of the page before; leave out for the first page.
    pub cursor: Option<String>,
    /// Only entries of this category.
    pub category: Option<CostCategory>,
    /// Only entries spent on this segment.
    pub segment: Option<String>,
    /// Only entries posted in this month.
    #[param(value_type = Option<String>, example = "2025-09")]
    pub month: Option<Month>,
    /// As it was known at this time (RFC 3339), before later corrections; now when left out.
    #[param(value_type = Option<String>, format = DateTime, example = "2025-10-15T00:00:00Z")]
    pub known_at: Option<DateTime<Utc>>,
}

/// Lists ledger entries in id order.
#[utoipa::path(operation_id = "list_ledger_entries", tag = "ledger", params(LedgerEntryQuery),
    responses((status = 200, body = LedgerEntryPage, description = "A page of entries"), ReadProblems))]
#[get("/ledger-entries")]
pub async fn list_ledger_entries(
    app: Data<Finance>,
    query: Query<LedgerEntryQuery>,
) -> ApiResult<LedgerEntryPage> {
    let LedgerEntryQuery {
        page_size,
        cursor,
        category,
        segment,
        month,
        known_at,
    } = query.into_inner();
    check_filter("segment", segment.as_deref())?;
    let query = PageQuery { page_size, cursor };
    let (after, limit) = (page::after(&query)?, query.limit());
    let filter = EntryFilter {
        category,
        segment,
        month,
        known_at: known_at.map(|at| at.naive_utc()),
    };
    let mut rows = app
        .db()
        .read(move |conn| {
            ledger_entry::entries_after(conn, after, &filter, limit + 1).map_err(Failure::from)
        })
        .await?;
    let next_cursor = page::split_next(&mut rows, limit, |row| row.id);
    let items = rows.into_iter().map(LedgerEntry::try_from);
    Ok(Json(LedgerEntryPage {
        items: items.collect::<Result<_, _>>()?,
        next_cursor,
    }))
}

/// One ledger entry by id.
#[utoipa::path(operation_id = "load_ledger_entry", tag = "ledger",
    params(("id" = Uuid, Path, description = "The entry's identifier")),
    responses((status = 200, body = LedgerEntry, description = "The entry"), ReadProblems))]
#[get("/ledger-entries/{id}")]
pub async fn load_ledger_entry(app: Data<Finance>, id: Path<Uuid>) -> ApiResult<LedgerEntry> {
    let id = RecordId(id.into_inner());
    let row = app
        .db()
        .read(move |conn| ledger_entry::find_entry(conn, id).map_err(Failure::from))
        .await?;
    let row = row.ok_or_else(|| unknown_entry(id))?;
    Ok(Json(row.try_into()?))
}

fn unknown_entry(id: RecordId) -> Failure {
    Failure::not_found(format!("no ledger entry has the id {id}"))
}

/// What an entry said before it was corrected.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerEntryVersion {
    /// What it said.
    pub entry: LedgerEntry,
    /// When it was corrected: until when this was held for true.
    pub superseded_at: DateTime<Utc>,
}

/// Every earlier version of one entry.
#[derive(Debug, Serialize, ToSchema)]
pub struct LedgerEntryVersionList {
    /// Oldest first; the present version is not among them.
    pub items: Vec<LedgerEntryVersion>,
}

/// Lists what an entry said before it was corrected, oldest first.
#[utoipa::path(operation_id = "list_ledger_entry_versions", tag = "ledger",
    params(("id" = Uuid, Path, description = "The entry's identifier")),
    responses((status = 200, body = LedgerEntryVersionList, description = "Earlier versions"), ReadProblems))]
#[get("/ledger-entries/{id}/versions")]
pub async fn list_ledger_entry_versions(
    app: Data<Finance>,
    id: Path<Uuid>,
) -> ApiResult<LedgerEntryVersionList> {
    let id = RecordId(id.into_inner());
    let rows = app
        .db()
        .read(move |conn| {
            let now = ledger_entry::find_entry(conn, id)?;
            now.ok_or_else(|| unknown_entry(id))?;
            ledger_entry::load_versions(conn, id).map_err(Failure::from)
        })
        .await?;
    let version = |(superseded_at, row): (chrono::NaiveDateTime, LedgerEntryRow)| {
        Ok::<_, Failure>(LedgerEntryVersion {
            entry: row.try_into()?,
            superseded_at: superseded_at.and_utc(),
        })
    };
    let items = rows.into_iter().map(version).collect::<Result<_, _>>()?;
    Ok(Json(LedgerEntryVersionList { items }))
}

/// Up to 5,000 ledger entries at once.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LedgerEntryBatch {
    /// How to treat the batch.
    #[serde(flatten)]
    pub options: BatchOptions,
    /// The entries.
    pub items: Vec<LedgerEntryInput>,
}

/// Writes up to 5,000 ledger entries; sending them again changes nothing.
///
/// An entry that comes with another content is a correction: the earlier version is kept, and
/// listed below `/v1/ledger-entries/{id}/versions`.
#[utoipa::path(operation_id = "batch_upsert_ledger_entries", tag = "ledger", request_body = LedgerEntryBatch,
    responses((status = 200, body = BatchReport, description = "What became of each row"), WriteProblems))]
#[post("/ledger-entries:batch_upsert")]
pub async fn batch_upsert_ledger_entries(
    app: Data<Finance>,
    body: Json<LedgerEntryBatch>,
) -> ApiResult<BatchReport> {
    let LedgerEntryBatch { options, items } = body.into_inner();
    Ok(Json(
        keepworth_intake::upsert(app.db(), options, items, upsert).await?,
    ))
}

/// Writes entries in one transaction; see [`batch_upsert_ledger_entries`].
pub(super) fn upsert(
    conn: &mut Conn,
    options: &BatchOptions,
    items: &[LedgerEntryInput],
) -> Result<BatchReport, Failure> {
    let now = keepworth_store::now();
    period_close::lock(conn)?;
    let faults = batch::faults(items, |item| faults(item, now.date_naive()));
    let table = &ledger_entry::LEDGER_ENTRIES;
    let plan = table.plan_unless(conn, items, options, faults, in_closed_months)?;
    table.write(conn, &plan, options, |planned| {
        LedgerEntryRow::planned(planned, &options.import_id, now.naive_utc()).map_err(internal)
    })?;
    plan.report(options)
}

/// Which entries of a plan must not be written, because the books of their month are closed. What
/// is there already, word for word, may come again at any time.
fn in_closed_months(
    conn: &mut Conn,
    plan: &Plan<'_, LedgerEntryInput>,
) -> Result<HashMap<Identity, InvalidParam>, Failure> {
    let Some(through) = period_close::find_closed_through(conn)? else {
        return Ok(HashMap::new());
    };
    let ids: Vec<RecordId> = plan.changed.iter().map(|planned| planned.id).collect();
    let stored = ledger_entry::load_months(conn, &ids)?;
    let refused = plan.new.iter().chain(&plan.changed).filter_map(|planned| {
        let stored = stored.get(&planned.id).copied();
        let fault = closed_fault(planned.record.posted_on, stored, through)?;
        Some((batch::identity(planned.record), fault))
    });
    Ok(refused.collect())
}
