//! Feeds to the other services.

use crate::rule::cohort::CohortTable;
use crate::store::customer::for_each_in_key_order;
use chrono::NaiveDate;
use keepworth_intake::Failure;
use keepworth_intake::feed::FeedSink;
use keepworth_store::Conn;

/// Writes who was at risk of leaving at which tenure, and who left, as known on a day.
pub fn write_cohorts(
    conn: &mut Conn,
    as_of: NaiveDate,
    sink: &mut FeedSink,
) -> Result<(), Failure> {
    let mut table = CohortTable::new(as_of);
    for_each_in_key_order(conn, |history| {
        if let Some(episode) = history.known_on(as_of) {
            table.add(&episode);
        }
        Ok::<_, Failure>(())
    })?;
    table.into_rows().try_for_each(|row| sink.push(&row))
}

/// Writes what is known of each customer on a day, in key order.
pub fn write_episodes(
    conn: &mut Conn,
    as_of: NaiveDate,
    sink: &mut FeedSink,
) -> Result<(), Failure> {
    for_each_in_key_order(conn, |history| match history.known_on(as_of) {
        Some(episode) => sink.push(&episode),
        None => Ok(()),
    })
}
