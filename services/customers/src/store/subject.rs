//! What is held of one customer.

use diesel::prelude::*;
use keepworth_store::{Conn, RecordId, delete_rows, on_conn};

use super::lifecycle_event::LifecycleEventRow;
use super::{customers, lifecycle_events};

/// What happened in a customer's life.
///
/// # Errors
/// What the database answers.
pub fn load_events(conn: &mut Conn, customer: RecordId) -> QueryResult<Vec<LifecycleEventRow>> {
    on_conn!(conn, |c| lifecycle_events::table
        .filter(lifecycle_events::customer_id.eq(customer))
        .order(lifecycle_events::id)
        .select(LifecycleEventRow::as_select())
        .load(c))
}

/// Removes a customer with what happened in their life.
///
/// # Errors
/// What the database answers.
pub fn delete(conn: &mut Conn, customer: RecordId, events: &[RecordId]) -> QueryResult<()> {
    delete_rows!(conn, lifecycle_events, events)?;
    delete_rows!(conn, customers, [customer])
}

/// Everybody.
///
/// # Errors
/// What the database answers.
pub fn everybody(conn: &mut Conn) -> QueryResult<Vec<(String, String)>> {
    on_conn!(conn, |c| customers::table
        .select((customers::source, customers::external_id))
        .load(c))
}
