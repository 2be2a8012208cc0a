//! Ledger entries.

use crate::Finance;
use crate::app::internal;
use crate::rule::ledger::ledger_entry::faults;
use crate::rule::ledger::period_close::fault as closed_fault;
use crate::store::ledger_entry::LedgerEntryRow;
pub use crate::store::ledger_entry::find_entry;
use crate::store::{ledger_entry, period_close};
use keepworth_contract::InvalidParam;
use keepworth_contract::batch::{BatchOptions, BatchReport};
use keepworth_contract::finance::{
    LedgerEntry, LedgerEntryInput, LedgerEntryPage, LedgerEntryQuery, LedgerEntryVersion,
    LedgerEntryVersionList,
};
use keepworth_intake::batch::{Identity, Plan};
use keepworth_intake::{Failure, batch, page};
use keepworth_store::{Conn, RecordId};
use std::collections::HashMap;
use uuid::Uuid;

impl From<LedgerEntryRow> for LedgerEntry {
    fn from(row: LedgerEntryRow) -> Self {
        Self {
            id: row.id.0,
            import_id: row.import_id.clone(),
            recorded_at: row.recorded_at.and_utc(),
            record: row.record(),
        }
    }
}

/// What is answered when no entry has an id.
pub fn unknown_entry(id: RecordId) -> Failure {
    Failure::not_found(format!("no ledger entry has the id {id}"))
}

/// Writes entries in one transaction; see [`batch_upsert_ledger_entries`].
pub fn upsert(
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
pub fn in_closed_months(
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

/// Lists ledger entries.
pub async fn list(app: &Finance, query: LedgerEntryQuery) -> Result<LedgerEntryPage, Failure> {
    page::check_text("segment", query.segment.as_deref())?;
    page::check_text("account", query.account.as_deref())?;
    page::check_days("posted", query.posted_from, query.posted_to)?;
    page::check_moment("recorded_since", query.recorded_since)?;
    page::list(&app.db, query, ledger_entry::list_entries, |row| row.id).await
}

/// Lists what an entry said before it was corrected, oldest first.
pub async fn list_versions(app: &Finance, id: Uuid) -> Result<LedgerEntryVersionList, Failure> {
    let id = RecordId(id);
    let rows = app
        .db
        .read(move |conn| {
            let now = ledger_entry::find_entry(conn, id)?;
            now.ok_or_else(|| unknown_entry(id))?;
            ledger_entry::load_versions(conn, id).map_err(Failure::from)
        })
        .await?;
    let version =
        |(superseded_at, row): (chrono::NaiveDateTime, LedgerEntryRow)| LedgerEntryVersion {
            entry: row.into(),
            superseded_at: superseded_at.and_utc(),
        };
    let items = rows.into_iter().map(version).collect();
    Ok(LedgerEntryVersionList { items })
}
