//! Ledger entries.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};
use keepworth_contract::finance::{
    Basis, CostCategory, CostComponent, LedgerEntryInput, LedgerEntryQuery, ProgrammeLine,
};
use keepworth_contract::{Currency, Money, MoneyError, Month};
use keepworth_intake::RecordTable;
use keepworth_intake::batch::Planned;
use keepworth_store::{
    Conn, Named, PageRows, Place, RecordId, bulk_insert, delete_rows, on_conn, page_rows,
    select_rows, select_versions,
};
use serde::{Deserialize, Serialize};

use super::{InLedger, ledger_entries, ledger_entry_versions, on_entries};

/// A ledger entry as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(
    table_name = ledger_entries,
    treat_none_as_default_value = false,
    treat_none_as_null = true
)]
pub struct LedgerEntryRow {
    /// Identifier.
    pub id: RecordId,
    /// The system that the record comes from.
    pub source: String,
    /// The entry's id there.
    pub external_id: String,
    /// The day it was posted: from when it holds.
    pub posted_on: NaiveDate,
    /// Index of that day's [`Month`].
    pub month: i32,
    /// What was spent on.
    pub category: InLedger<CostCategory>,
    /// On what exactly.
    pub component: Option<InLedger<CostComponent>>,
    /// Minor units.
    pub minor: i64,
    /// The currency.
    pub currency: InLedger<Currency>,
    /// The segment it was spent on.
    pub segment: Option<String>,
    /// The channel it was spent on.
    pub channel: Option<String>,
    /// The account.
    pub account: Option<String>,
    /// The cost centre.
    pub cost_center: Option<String>,
    /// The campaign.
    pub campaign: Option<String>,
    /// The programme.
    pub programme: Option<String>,
    /// The kind of the programme's money.
    pub line: Option<InLedger<ProgrammeLine>>,
    /// The voucher.
    pub voucher: Option<String>,
    /// Whether it bought an asset.
    pub capex: bool,
    /// Whether somebody assumes it.
    pub assumed: bool,
    /// In the source's own words.
    pub note: Option<String>,
    /// Digest of the record's content.
    pub content_hash: Vec<u8>,
    /// The import that wrote it.
    pub import_id: String,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

/// Columns of [`LedgerEntryRow`].
const COLUMNS: usize = 23;

impl LedgerEntryRow {
    /// The row of a planned record.
    ///
    /// # Errors
    /// When the amount is no whole number of minor units, which the rules check before.
    pub fn planned(
        plan: &Planned<'_, LedgerEntryInput>,
        import_id: &str,
        now: NaiveDateTime,
    ) -> Result<Self, MoneyError> {
        let record = plan.record.clone();
        Ok(Self {
            id: plan.id,
            month: Month::of(record.posted_on).index(),
            posted_on: record.posted_on,
            category: record.category.into(),
            component: record.component.map(Named::new),
            minor: record.amount.minor_units()?,
            currency: record.amount.currency.into(),
            line: record.line.map(Named::new),
            assumed: record.basis == Basis::Assumed,
            content_hash: plan.content_hash.clone(),
            import_id: import_id.to_owned(),
            recorded_at: now,
            source: record.source,
            external_id: record.external_id,
            segment: record.segment,
            channel: record.channel,
            account: record.account,
            cost_center: record.cost_center,
            campaign: record.campaign,
            programme: record.programme.map(Into::into),
            voucher: record.voucher,
            capex: record.capex,
            note: record.note,
        })
    }

    /// The record that the row was made of.
    #[must_use]
    pub fn record(self) -> LedgerEntryInput {
        LedgerEntryInput {
            category: self.category.0,
            component: self.component.map(|it| it.0),
            line: self.line.map(|it| it.0),
            amount: Money::from_minor(self.minor, self.currency.0),
            basis: if self.assumed {
                Basis::Assumed
            } else {
                Basis::Recorded
            },
            source: self.source,
            external_id: self.external_id,
            posted_on: self.posted_on,
            segment: self.segment,
            channel: self.channel,
            account: self.account,
            cost_center: self.cost_center,
            campaign: self.campaign,
            programme: self.programme.map(Into::into),
            voucher: self.voucher,
            capex: self.capex,
            note: self.note,
        }
    }
}

/// Where ledger entries are kept.
pub const LEDGER_ENTRIES: RecordTable<LedgerEntryRow> = RecordTable {
    name: "ledger_entries",
    versions: |conn, source, ids| select_versions!(conn, ledger_entries, source, ids),
    insert: insert_entries,
    replace: correct_entries,
    load: |conn, ids| select_rows!(conn, ledger_entries, LedgerEntryRow, ids),
    remove: remove_entries,
    restore: |conn, mut rows, now| {
        // What was known meanwhile is history: it is known again from now on.
        rows.iter_mut().for_each(|row| row.recorded_at = now);
        correct_entries(conn, &rows)
    },
};

/// The months in which entries are stored.
///
/// # Errors
/// What the database answers.
pub fn load_months(conn: &mut Conn, ids: &[RecordId]) -> QueryResult<HashMap<RecordId, Month>> {
    let months: Vec<(RecordId, i32)> = on_conn!(conn, |c| ledger_entries::table
        .filter(ledger_entries::id.eq_any(ids))
        .select((ledger_entries::id, ledger_entries::month))
        .load(c))?;
    let month = |(id, index)| (id, Month::from_index(index));
    Ok(months.into_iter().map(month).collect())
}

/// Inserts new entries.
fn insert_entries(conn: &mut Conn, rows: &[LedgerEntryRow]) -> QueryResult<()> {
    bulk_insert!(conn, ledger_entries::table, rows, COLUMNS)
}

/// Replaces entries, and keeps what they said before.
fn correct_entries(conn: &mut Conn, rows: &[LedgerEntryRow]) -> QueryResult<()> {
    for row in rows {
        keep_version(conn, row.id, row.recorded_at)?;
        on_conn!(conn, |c| diesel::update(ledger_entries::table.find(row.id))
            .set(row)
            .execute(c))?;
    }
    Ok(())
}

/// Takes entries away, and keeps what they said.
fn remove_entries(conn: &mut Conn, ids: &[RecordId], now: NaiveDateTime) -> QueryResult<()> {
    for id in ids {
        keep_version(conn, *id, now)?;
    }
    delete_rows!(conn, ledger_entries, ids)
}

/// Copies an entry to the versions; their columns are in one order, after the time.
fn keep_version(conn: &mut Conn, id: RecordId, superseded_at: NaiveDateTime) -> QueryResult<()> {
    const COPY: &str = "INSERT INTO ledger_entry_versions \
        SELECT $1, ledger_entries.* FROM ledger_entries WHERE id = $2";
    on_conn!(conn, |c| diesel::sql_query(COPY)
        .bind::<Timestamp, _>(superseded_at)
        .bind::<Text, _>(id)
        .execute(c))
    .map(|_| ())
}

/// One entry by id, in its last version.
///
/// # Errors
/// What the database answers.
pub fn find_entry(conn: &mut Conn, id: RecordId) -> QueryResult<Option<LedgerEntryRow>> {
    on_conn!(conn, |c| ledger_entries::table
        .find(id)
        .select(LedgerEntryRow::as_select())
        .first(c)
        .optional())
}

/// The columns of a [`LedgerEntryRow`] in a table of entries or of versions.
macro_rules! columns {
    ($table:ident) => {
        (
            $table::id,
            $table::source,
            $table::external_id,
            $table::posted_on,
            $table::month,
            $table::category,
            $table::component,
            $table::minor,
            $table::currency,
            $table::segment,
            $table::channel,
            $table::account,
            $table::cost_center,
            $table::campaign,
            $table::programme,
            $table::line,
            $table::voucher,
            $table::capex,
            $table::assumed,
            $table::note,
            $table::content_hash,
            $table::import_id,
            $table::recorded_at,
        )
    };
}

/// What an entry said before, oldest first, each with the time it was corrected.
///
/// # Errors
/// What the database answers.
pub fn load_versions(
    conn: &mut Conn,
    id: RecordId,
) -> QueryResult<Vec<(NaiveDateTime, LedgerEntryRow)>> {
    use ledger_entry_versions as v;
    on_conn!(conn, |c| v::table
        .filter(v::id.eq(id))
        .order(v::recorded_at)
        .select((v::superseded_at, columns!(v)))
        .load(c))
}

/// A page of the entries that a query asks for, as they were known.
///
/// # Errors
/// What the database answers.
pub fn list_entries(
    conn: &mut Conn,
    place: &Place,
    query: &LedgerEntryQuery,
) -> QueryResult<PageRows<LedgerEntryRow>> {
    let known_at = query.known_at.map(|at| at.naive_utc());
    on_entries!(
        conn,
        known_at,
        |c, e, known| page_rows!(c, place, known, e::id, columns!(e), {
            query.category => |it| e::category.eq(InLedger::new(it)),
            &query.segment => |it| e::segment.eq(it),
            &query.account => |it| e::account.eq(it),
            query.month => |it| e::month.eq(it.index()),
            query.posted_from => |it| e::posted_on.ge(it),
            query.posted_to => |it| e::posted_on.le(it),
            query.recorded_since => |it| e::recorded_at.ge(it.naive_utc()),
        })
    )
}
