//! Links.

use chrono::{NaiveDate, NaiveDateTime};
use diesel::prelude::*;
use keepworth_contract::simulator::{LinkExposure, LinkQuery, LinkVerdict};
use keepworth_store::{Conn, Named, PageRows, Place, RecordId, on_conn, page_rows};

use super::links;

/// What a link is of, as stored.
pub type Exposure = Named<LinkExposure, links::table>;
/// What may be done with it, as stored.
pub type Verdict = Named<LinkVerdict, links::table>;

/// A link as stored.
#[derive(Debug, Clone, Insertable)]
#[diesel(table_name = links)]
pub struct LinkRow {
    /// Identifier.
    pub id: RecordId,
    /// What customers lived through.
    pub exposure: Exposure,
    /// What may be done with it.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: String,
    /// The last day whose facts counted.
    pub as_of: NaiveDate,
    /// The link with its evidence, as JSON.
    pub document: String,
    /// When it was estimated.
    pub created_at: NaiveDateTime,
}

/// A link without its evidence.
#[derive(Debug, Clone, Queryable, Selectable)]
#[diesel(table_name = links)]
pub struct LinkSummaryRow {
    /// Identifier.
    pub id: RecordId,
    /// What customers lived through.
    pub exposure: Exposure,
    /// What may be done with it.
    pub verdict: Verdict,
    /// Why, in one sentence.
    pub reason: String,
    /// The last day whose facts counted.
    pub as_of: NaiveDate,
    /// When it was estimated.
    pub created_at: NaiveDateTime,
}

/// Keeps a link.
///
/// # Errors
/// What the database answers.
pub fn insert_link(conn: &mut Conn, row: &LinkRow) -> QueryResult<()> {
    on_conn!(conn, |c| diesel::insert_into(links::table)
        .values(row)
        .execute(c))
    .map(|_| ())
}

/// A link with its evidence, as JSON.
///
/// # Errors
/// What the database answers.
pub fn find_document(conn: &mut Conn, id: RecordId) -> QueryResult<Option<String>> {
    on_conn!(conn, |c| links::table
        .find(id)
        .select(links::document)
        .first(c)
        .optional())
}

/// Removes a link; answers whether it was there.
///
/// # Errors
/// What the database answers.
pub fn delete_link(conn: &mut Conn, id: RecordId) -> QueryResult<bool> {
    on_conn!(conn, |c| diesel::delete(links::table.find(id)).execute(c)).map(|removed| removed > 0)
}

/// A page of the links that a query asks for.
///
/// # Errors
/// What the database answers.
pub fn list_links(
    conn: &mut Conn,
    place: &Place,
    query: &LinkQuery,
) -> QueryResult<PageRows<LinkSummaryRow>> {
    use links as l;
    let (exposure, verdict) = (
        query.exposure.map(Exposure::from),
        query.verdict.map(Verdict::from),
    );
    on_conn!(
        conn,
        |c| page_rows!(c, place, l::table, l::id, LinkSummaryRow::as_select(), {
            exposure => |it| l::exposure.eq(it),
            verdict => |it| l::verdict.eq(it),
            query.created_since => |it| l::created_at.ge(it.naive_utc()),
        })
    )
}
