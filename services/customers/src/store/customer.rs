//! Customers.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use keepworth_contract::customers::{CustomerInput, CustomerQuery, CustomerStatus, LeavingCause};
use keepworth_contract::feed::CustomerKey;
use keepworth_intake::RecordTable;
use keepworth_intake::batch::Planned;
use keepworth_store::{
    Conn, Named, PageRows, Place, RecordId, StoreError, bulk_insert, delete_rows, on_conn,
    page_rows, select_rows, select_versions,
};
use serde::{Deserialize, Serialize};

use super::customers;
use super::segment_move::moves_between;
use crate::rule::history::{CustomerHistory, SegmentMove};

/// A customer as stored.
#[derive(Debug, Clone, Queryable, Selectable, Insertable, AsChangeset, Serialize, Deserialize)]
#[diesel(table_name = customers, treat_none_as_default_value = false)]
pub struct CustomerRow {
    /// Identifier.
    pub id: RecordId,
    /// The system that the record comes from.
    pub source: String,
    /// The customer's id there.
    pub external_id: String,
    /// The segment's key.
    pub segment: String,
    /// The day they became a customer.
    pub acquired_on: NaiveDate,
    /// How they were won.
    pub acquisition_channel: Option<String>,
    /// First day under observation.
    pub observed_from: NaiveDate,
    /// Last day under observation; open when `None`.
    pub observed_to: Option<NaiveDate>,
    /// The last day as a customer, when they left.
    pub left_on: Option<NaiveDate>,
    /// Why, where it is known.
    pub leaving_cause: Option<Named<LeavingCause, customers::table>>,
    /// Digest of the record's content.
    pub content_hash: Vec<u8>,
    /// The import that wrote it.
    pub import_id: String,
    /// When it was written.
    pub recorded_at: NaiveDateTime,
}

/// Columns of [`CustomerRow`].
const COLUMNS: usize = 13;
/// Rows that are read at once for feeds.
const CHUNK: i64 = 10_000;

impl CustomerRow {
    /// The row of a planned record.
    #[must_use]
    pub fn planned(plan: &Planned<'_, CustomerInput>, import_id: &str, now: NaiveDateTime) -> Self {
        let record = plan.record;
        Self {
            id: plan.id,
            source: record.source.clone(),
            external_id: record.external_id.clone(),
            segment: record.segment.clone(),
            acquired_on: record.acquired_on,
            acquisition_channel: record.acquisition_channel.clone(),
            observed_from: record.observed_from.unwrap_or(record.acquired_on),
            observed_to: record.observed_to,
            left_on: record.left_on,
            leaving_cause: record.leaving_cause.map(Named::new),
            content_hash: plan.content_hash.clone(),
            import_id: import_id.to_owned(),
            recorded_at: now,
        }
    }

    /// The customer's dates and segments, with their moves in the order of time.
    #[must_use]
    pub fn history(self, moves: Vec<SegmentMove>) -> CustomerHistory {
        CustomerHistory {
            customer: CustomerKey {
                source: self.source,
                external_id: self.external_id,
            },
            segment: self.segment,
            moves,
            acquired_on: self.acquired_on,
            acquisition_channel: self.acquisition_channel,
            observed_from: self.observed_from,
            observed_to: self.observed_to,
            left_on: self.left_on,
            leaving_cause: self.leaving_cause.map(|it| it.0),
        }
    }
}

/// Where customers are kept.
pub const CUSTOMERS: RecordTable<CustomerRow> = RecordTable {
    name: "customers",
    versions: |conn, source, ids| select_versions!(conn, customers, source, ids),
    insert: insert_customers,
    replace: update_customers,
    load: |conn, ids| select_rows!(conn, customers, CustomerRow, ids),
    remove: |conn, ids, _| delete_rows!(conn, customers, ids),
    restore: |conn, rows, _| restore_customers(conn, &rows),
};

/// Inserts new customers.
fn insert_customers(conn: &mut Conn, rows: &[CustomerRow]) -> QueryResult<()> {
    bulk_insert!(conn, customers::table, rows, COLUMNS)
}

/// Replaces customers. What a new version leaves out stays as it was.
fn update_customers(conn: &mut Conn, rows: &[CustomerRow]) -> QueryResult<()> {
    for row in rows {
        on_conn!(conn, |c| diesel::update(customers::table.find(row.id))
            .set(row)
            .execute(c))?;
    }
    Ok(())
}

/// Puts customers back to what they were, with what they did not have then.
fn restore_customers(conn: &mut Conn, rows: &[CustomerRow]) -> QueryResult<()> {
    update_customers(conn, rows)?;
    for row in rows {
        on_conn!(conn, |c| diesel::update(customers::table.find(row.id))
            .set((
                customers::acquisition_channel.eq(&row.acquisition_channel),
                customers::observed_to.eq(row.observed_to),
                customers::left_on.eq(row.left_on),
                customers::leaving_cause.eq(&row.leaving_cause),
            ))
            .execute(c))?;
    }
    Ok(())
}

/// Those of the customers of whom something happened.
///
/// # Errors
/// What the database answers.
pub fn find_with_events(conn: &mut Conn, ids: &[RecordId]) -> QueryResult<Vec<RecordId>> {
    use super::lifecycle_events as e;
    on_conn!(conn, |c| e::table
        .filter(e::customer_id.eq_any(ids))
        .select(e::customer_id)
        .distinct()
        .load(c))
}

/// Writes that a customer left, and why where it is known: what was known before stays.
///
/// # Errors
/// What the database answers.
pub fn update_left(
    conn: &mut Conn,
    id: RecordId,
    left_on: NaiveDate,
    cause: Option<LeavingCause>,
) -> QueryResult<()> {
    type Cause = Named<LeavingCause, customers::table>;
    let cause = cause.map(|cause| customers::leaving_cause.eq(Cause::new(cause)));
    on_conn!(conn, |c| diesel::update(customers::table.find(id))
        .set((customers::left_on.eq(left_on), cause))
        .execute(c))
    .map(|_| ())
}

/// Writes in which segment a customer is.
///
/// # Errors
/// What the database answers.
pub fn update_segment(conn: &mut Conn, id: RecordId, segment: &str) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::update(customers::table.find(id))
        .set(customers::segment.eq(segment))
        .execute(c))
    .map(|_| ())
}

/// One customer by id.
///
/// # Errors
/// What the database answers.
pub fn find_customer(conn: &mut Conn, id: RecordId) -> QueryResult<Option<CustomerRow>> {
    on_conn!(conn, |c| customers::table
        .find(id)
        .select(CustomerRow::as_select())
        .first(c)
        .optional())
}

/// One customer by source and id there.
///
/// # Errors
/// What the database answers.
pub fn find_by_external_id(
    conn: &mut Conn,
    source: &str,
    external_id: &str,
) -> QueryResult<Option<CustomerRow>> {
    on_conn!(conn, |c| customers::table
        .filter(customers::source.eq(source))
        .filter(customers::external_id.eq(external_id))
        .select(CustomerRow::as_select())
        .first(c)
        .optional())
}

/// The customers of one source with these ids, by id there.
///
/// # Errors
/// What the database answers.
pub fn find_many(
    conn: &mut Conn,
    source: &str,
    external_ids: &[String],
) -> QueryResult<Vec<CustomerRow>> {
    on_conn!(conn, |c| customers::table
        .filter(customers::source.eq(source))
        .filter(customers::external_id.eq_any(external_ids))
        .select(CustomerRow::as_select())
        .load(c))
}

/// A page of the customers that a query asks for.
///
/// # Errors
/// What the database answers.
pub fn list_customers(
    conn: &mut Conn,
    place: &Place,
    query: &CustomerQuery,
) -> QueryResult<PageRows<CustomerRow>> {
    let has_left = query.status.map(|status| status == CustomerStatus::Left);
    on_conn!(
        conn,
        |c| page_rows!(c, place, customers::table, customers::id, CustomerRow::as_select(), {
            &query.segment => |it| customers::segment.eq(it),
            query.acquired_from => |it| customers::acquired_on.ge(it),
            query.acquired_to => |it| customers::acquired_on.le(it),
            query.recorded_since => |it| customers::recorded_at.ge(it.naive_utc()),
            has_left => |it| customers::left_on.is_not_null().eq(it),
        })
    )
}

/// How many customers are in a segment.
///
/// # Errors
/// What the database answers.
pub fn count_in(conn: &mut Conn, segment: &str) -> QueryResult<i64> {
    on_conn!(conn, |c| customers::table
        .filter(customers::segment.eq(segment))
        .count()
        .get_result(c))
}

/// Hands every customer with their moves to `each`, in key order, in constant memory.
///
/// Source by source: one comparison on both columns would walk a source from its start for every
/// chunk.
///
/// # Errors
/// What the database or `each` answers.
pub fn for_each_in_key_order<E: From<StoreError>>(
    conn: &mut Conn,
    mut each: impl FnMut(CustomerHistory) -> Result<(), E>,
) -> Result<(), E> {
    let mut source = String::new();
    while let Some(next) = source_after(conn, &source).map_err(StoreError::from)? {
        source = next;
        let mut external_id = String::new();
        loop {
            let rows = chunk_after(conn, &source, &external_id).map_err(StoreError::from)?;
            let Some(last) = rows.last() else { break };
            let last = last.external_id.clone();
            let moves = moves_between(conn, &source, &external_id, &last);
            let mut moves = moves.map_err(StoreError::from)?;
            external_id = last;
            let with_moves = |row: CustomerRow| {
                let theirs = moves.remove(&row.id).unwrap_or_default();
                row.history(theirs)
            };
            rows.into_iter().map(with_moves).try_for_each(&mut each)?;
        }
    }
    Ok(())
}

fn source_after(conn: &mut Conn, source: &str) -> QueryResult<Option<String>> {
    on_conn!(conn, |c| customers::table
        .filter(customers::source.gt(source))
        .order(customers::source)
        .select(customers::source)
        .first(c)
        .optional())
}

fn chunk_after(conn: &mut Conn, source: &str, external_id: &str) -> QueryResult<Vec<CustomerRow>> {
    on_conn!(conn, |c| customers::table
        .filter(customers::source.eq(source))
        .filter(customers::external_id.gt(external_id))
        .order(customers::external_id)
        .limit(CHUNK)
        .select(CustomerRow::as_select())
        .load(c))
}
