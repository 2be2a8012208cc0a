//! What is held of one customer.

use diesel::prelude::*;
use diesel::sql_query;
use diesel::sql_types::Text;
use keepworth_contract::subject::Subject;
use keepworth_store::{Conn, RecordId, delete_rows, on_conn};

use super::campaign_touch::CampaignTouchRow;
use super::revenue::{self, RevenueRecordRow};
use super::{campaign_touches, revenues};

/// The touches of a customer.
///
/// # Errors
/// What the database answers.
pub fn load_touches(conn: &mut Conn, subject: &Subject) -> QueryResult<Vec<CampaignTouchRow>> {
    on_conn!(conn, |c| campaign_touches::table
        .filter(campaign_touches::customer_source.eq(&subject.source))
        .filter(campaign_touches::customer_external_id.eq(&subject.external_id))
        .order(campaign_touches::id)
        .select(CampaignTouchRow::as_select())
        .load(c))
}

/// Removes touches.
///
/// # Errors
/// What the database answers.
pub fn delete_touches(conn: &mut Conn, ids: &[RecordId]) -> QueryResult<()> {
    delete_rows!(conn, campaign_touches, ids)
}

/// The revenues of a customer.
///
/// # Errors
/// What the database answers.
pub fn load_revenues(conn: &mut Conn, subject: &Subject) -> QueryResult<Vec<RevenueRecordRow>> {
    on_conn!(conn, |c| revenues::table
        .filter(revenues::customer_source.eq(&subject.source))
        .filter(revenues::customer_external_id.eq(&subject.external_id))
        .order(revenues::id)
        .select(RevenueRecordRow::as_select())
        .load(c))
}

/// What revenues of a customer said before.
///
/// # Errors
/// What the database answers.
pub fn load_versions(conn: &mut Conn, subject: &Subject) -> QueryResult<Vec<RevenueRecordRow>> {
    revenue::load_versions_of(conn, &subject.source, &subject.external_id)
}

/// Puts a pseudonym in the place of a customer in a table of revenues, and of what leads back to them: the ids of
/// their lines, and the digests of what these said. Months and money stay. Answers how many rows there were.
///
/// # Errors
/// What the database answers.
pub fn restrict(
    conn: &mut Conn,
    table: RevenueTable,
    subject: &Subject,
    pseudonym: &str,
) -> QueryResult<u64> {
    let empty = match conn {
        Conn::Sqlite(_) => "x''",
        Conn::Pg(_) => "''",
    };
    let update = format!(
        "UPDATE {} SET customer_external_id = $1, external_id = 'erased-' || id, content_hash = {empty} \
         WHERE customer_source = $2 AND customer_external_id = $3",
        table.name()
    );
    let rows = on_conn!(conn, |c| sql_query(&update)
        .bind::<Text, _>(pseudonym)
        .bind::<Text, _>(&subject.source)
        .bind::<Text, _>(&subject.external_id)
        .execute(c))?;
    Ok(rows as u64)
}

/// A table of revenues.
#[derive(Debug, Clone, Copy)]
pub enum RevenueTable {
    /// As they are.
    Present,
    /// What they said before.
    Past,
}

impl RevenueTable {
    /// Its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Present => "revenues",
            Self::Past => "revenue_versions",
        }
    }
}

#[derive(QueryableByName)]
struct Named {
    #[diesel(sql_type = Text)]
    source: String,
    #[diesel(sql_type = Text)]
    external_id: String,
}

/// Everybody of whom something is held.
///
/// # Errors
/// What the database answers.
pub fn everybody(conn: &mut Conn) -> QueryResult<Vec<(String, String)>> {
    const ALL: &str = "SELECT customer_source AS source, customer_external_id AS external_id FROM revenues \
        UNION SELECT customer_source, customer_external_id FROM revenue_versions \
        UNION SELECT customer_source, customer_external_id FROM campaign_touches";
    let all: Vec<Named> = on_conn!(conn, |c| sql_query(ALL).load(c))?;
    Ok(all
        .into_iter()
        .map(|it| (it.source, it.external_id))
        .collect())
}
