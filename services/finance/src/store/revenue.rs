//! Revenues.

use std::collections::HashMap;

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use diesel::sql_types::{Text, Timestamp};
use keepworth_contract::finance::{RevenueInput, RevenueKind, RevenueQuery};
use keepworth_contract::{Currency, Money, MoneyError, Month, Period};
use keepworth_intake::RecordTable;
use keepworth_intake::batch::Planned;
use keepworth_store::{
    Conn, PageRows, Place, RecordId, bulk_insert, delete_rows, on_conn, page_rows, select_rows,
    select_versions,
};
use serde::{Deserialize, Serialize};

use super::{InRevenue, revenue_history, revenues};
use crate::rule::revenue::charge::{covered, customer_source};

/// A revenue as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = revenues, treat_none_as_default_value = false)]
pub struct RevenueRecordRow {
    /// Identifier.
    pub id: RecordId,
    /// The system that the record comes from.
    pub source: String,
    /// The line's id there.
    pub external_id: String,
    /// The system that knows the customer.
    pub customer_source: String,
    /// The customer's id there.
    pub customer_external_id: String,
    /// Index of the last [`Month`] covered.
    pub month: i32,
    /// Months covered.
    pub months: i32,
    /// Minor units, refunds positive.
    pub minor: i64,
    /// The currency.
    pub currency: InRevenue<Currency>,
    /// What it was charged for.
    pub kind: InRevenue<RevenueKind>,
    /// Digest of the record's content.
    pub content_hash: Vec<u8>,
    /// The import that wrote it.
    pub import_id: String,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
    /// The first day covered, where days are known.
    pub from_on: Option<NaiveDate>,
    /// The day after the last one covered.
    pub until_on: Option<NaiveDate>,
    /// The day on which it was decided that it is not renewed.
    pub cancelled_on: Option<NaiveDate>,
}

/// Columns of [`RevenueRecordRow`].
const COLUMNS: usize = 16;

impl RevenueRecordRow {
    /// The row of a planned record.
    ///
    /// # Errors
    /// When the amount is no whole number of minor units, which the rules check before.
    pub fn planned(
        plan: &Planned<'_, RevenueInput>,
        import_id: &str,
        now: NaiveDateTime,
    ) -> Result<Self, MoneyError> {
        let record = plan.record;
        let covered = covered(record);
        Ok(Self {
            id: plan.id,
            source: record.source.clone(),
            external_id: record.external_id.clone(),
            customer_source: customer_source(record).to_owned(),
            customer_external_id: record.customer_external_id.clone(),
            month: covered.last_month.index(),
            months: covered.months,
            minor: record.amount.minor_units()?,
            currency: record.amount.currency.into(),
            kind: record.kind.into(),
            content_hash: plan.content_hash.clone(),
            import_id: import_id.to_owned(),
            recorded_at: now,
            from_on: covered.period.map(Period::from),
            until_on: covered.period.map(Period::until),
            cancelled_on: record.cancelled_on,
        })
    }

    /// The record that the row was made of.
    #[must_use]
    pub fn record(self) -> RevenueInput {
        RevenueInput {
            amount: Money::from_minor(self.minor, self.currency.0),
            kind: self.kind.0,
            source: self.source,
            external_id: self.external_id,
            customer_source: Some(self.customer_source),
            customer_external_id: self.customer_external_id,
            month: Some(Month::from_index(self.month)),
            months: self.months,
            from: self.from_on,
            until: self.until_on,
            cancelled_on: self.cancelled_on,
        }
    }
}

/// Where revenues are kept.
pub const REVENUES: RecordTable<RevenueRecordRow> = RecordTable {
    name: "revenues",
    versions: |conn, source, ids| select_versions!(conn, revenues, source, ids),
    insert: insert_revenues,
    replace: correct_revenues,
    load: |conn, ids| select_rows!(conn, revenues, RevenueRecordRow, ids),
    remove: remove_revenues,
    restore: restore_revenues,
};

/// Inserts new revenues.
fn insert_revenues(conn: &mut Conn, rows: &[RevenueRecordRow]) -> QueryResult<()> {
    bulk_insert!(conn, revenues::table, rows, COLUMNS)
}

/// The months of stored revenues.
///
/// # Errors
/// What the database answers.
pub fn load_months(conn: &mut Conn, ids: &[RecordId]) -> QueryResult<HashMap<RecordId, Month>> {
    let months: Vec<(RecordId, i32)> = on_conn!(conn, |c| revenues::table
        .filter(revenues::id.eq_any(ids))
        .select((revenues::id, revenues::month))
        .load(c))?;
    let month = |(id, index)| (id, Month::from_index(index));
    Ok(months.into_iter().map(month).collect())
}

/// Replaces revenues, and keeps what they said before.
fn correct_revenues(conn: &mut Conn, rows: &[RevenueRecordRow]) -> QueryResult<()> {
    for row in rows {
        keep_version(conn, row.id, row.recorded_at)?;
        on_conn!(conn, |c| diesel::update(revenues::table.find(row.id))
            .set(row)
            .execute(c))?;
    }
    Ok(())
}

/// Copies a revenue to the versions; their columns are in one order, after the time.
fn keep_version(conn: &mut Conn, id: RecordId, superseded_at: NaiveDateTime) -> QueryResult<()> {
    const COPY: &str =
        "INSERT INTO revenue_versions SELECT $1, revenues.* FROM revenues WHERE id = $2";
    on_conn!(conn, |c| diesel::sql_query(COPY)
        .bind::<Timestamp, _>(superseded_at)
        .bind::<Text, _>(id)
        .execute(c))
    .map(|_| ())
}

/// Takes revenues away, and keeps what they said.
fn remove_revenues(conn: &mut Conn, ids: &[RecordId], now: NaiveDateTime) -> QueryResult<()> {
    for id in ids {
        keep_version(conn, *id, now)?;
    }
    delete_rows!(conn, revenues, ids)
}

/// Puts revenues back to what they were, with the days that they did not have then. What was known
/// meanwhile is history: it is known again from now on.
fn restore_revenues(
    conn: &mut Conn,
    mut rows: Vec<RevenueRecordRow>,
    now: NaiveDateTime,
) -> QueryResult<()> {
    rows.iter_mut().for_each(|row| row.recorded_at = now);
    correct_revenues(conn, &rows)?;
    for row in &rows {
        on_conn!(conn, |c| diesel::update(revenues::table.find(row.id))
            .set((
                revenues::from_on.eq(row.from_on),
                revenues::until_on.eq(row.until_on),
                revenues::cancelled_on.eq(row.cancelled_on),
            ))
            .execute(c))?;
    }
    Ok(())
}

/// The columns of a [`RevenueRecordRow`] in a table of revenues or of what they said.
macro_rules! columns {
    ($table:ident) => {
        (
            $table::id,
            $table::source,
            $table::external_id,
            $table::customer_source,
            $table::customer_external_id,
            $table::month,
            $table::months,
            $table::minor,
            $table::currency,
            $table::kind,
            $table::content_hash,
            $table::import_id,
            $table::recorded_at,
            $table::from_on,
            $table::until_on,
            $table::cancelled_on,
        )
    };
}

/// A page of the revenues that a query asks for, from a table of revenues or of what they said.
macro_rules! list_from {
    ($conn:expr, $place:expr, $query:expr, $table:ident, $from:expr) => {
        on_conn!($conn, |c| page_rows!(c, $place, $from, $table::id, columns!($table), {
            &$query.customer_source => |it| $table::customer_source.eq(it),
            &$query.customer_external_id => |it| $table::customer_external_id.eq(it),
            $query.kind => |it| $table::kind.eq(InRevenue::new(it)),
            $query.month_from => |it| $table::month.ge(it.index()),
            $query.month_to => |it| $table::month.le(it.index()),
            $query.recorded_since => |it| $table::recorded_at.ge(it.naive_utc()),
        }))
    };
}

/// A page of the revenues that a query asks for, as they were known.
///
/// # Errors
/// What the database answers.
pub fn list_revenues(
    conn: &mut Conn,
    place: &Place,
    query: &RevenueQuery,
) -> QueryResult<PageRows<RevenueRecordRow>> {
    use revenue_history as h;
    let Some(moment) = query.known_at.map(|at| at.naive_utc()) else {
        return list_from!(conn, place, query, revenues, revenues::table);
    };
    let known = h::table
        .filter(h::recorded_at.le(moment))
        .filter(h::superseded_at.gt(moment));
    list_from!(conn, place, query, h, known)
}

/// What revenues of a customer said before.
///
/// # Errors
/// What the database answers.
pub fn load_versions_of(
    conn: &mut Conn,
    source: &str,
    external_id: &str,
) -> QueryResult<Vec<RevenueRecordRow>> {
    use revenue_history as h;
    let never = NaiveDate::from_ymd_opt(9999, 12, 30).unwrap_or(NaiveDate::MAX);
    on_conn!(conn, |c| h::table
        .filter(h::customer_source.eq(source))
        .filter(h::customer_external_id.eq(external_id))
        .filter(h::superseded_at.lt(never.and_time(chrono::NaiveTime::MIN)))
        .order((h::id, h::recorded_at))
        .select(columns!(h))
        .load(c))
}

/// The revenue by its id.
///
/// # Errors
/// What the database answers.
pub fn find_revenue(conn: &mut Conn, id: RecordId) -> QueryResult<Option<RevenueRecordRow>> {
    on_conn!(conn, |c| revenues::table
        .find(id)
        .select(RevenueRecordRow::as_select())
        .first(c)
        .optional())
}
