//! What is held of one customer.

use diesel::prelude::*;
use keepworth_contract::subject::Subject;
use keepworth_store::{Conn, RecordId, delete_rows, on_conn};

use super::feedback::FeedbackRow;
use super::interaction::InteractionRow;
use super::schema::{feedback, interactions};

/// Functions that load and find the rows of a customer in a table.
macro_rules! of_customer {
    ($load:ident, $table:ident, $row:ty) => {
        /// The rows of a customer.
        ///
        /// # Errors
        /// What the database answers.
        pub fn $load(conn: &mut Conn, subject: &Subject) -> QueryResult<Vec<$row>> {
            on_conn!(conn, |c| $table::table
                .filter($table::customer_source.eq(&subject.source))
                .filter($table::customer_external_id.eq(&subject.external_id))
                .order($table::id)
                .select(<$row>::as_select())
                .load(c))
        }
    };
}

of_customer!(load_feedback, feedback, FeedbackRow);
of_customer!(load_interactions, interactions, InteractionRow);

/// Removes answers.
///
/// # Errors
/// What the database answers.
pub fn delete_feedback(conn: &mut Conn, ids: &[RecordId]) -> QueryResult<()> {
    delete_rows!(conn, feedback, ids)
}

/// Removes contacts.
///
/// # Errors
/// What the database answers.
pub fn delete_interactions(conn: &mut Conn, ids: &[RecordId]) -> QueryResult<()> {
    delete_rows!(conn, interactions, ids)
}

/// Everybody of whom something is held.
///
/// # Errors
/// What the database answers.
pub fn everybody(conn: &mut Conn) -> QueryResult<Vec<(String, String)>> {
    use feedback as f;
    use interactions as i;
    let mut all: Vec<(String, String)> = on_conn!(conn, |c| f::table
        .select((f::customer_source, f::customer_external_id))
        .distinct()
        .load(c))?;
    all.extend(on_conn!(conn, |c| i::table
        .select((i::customer_source, i::customer_external_id))
        .distinct()
        .load::<(String, String)>(c))?);
    all.sort_unstable();
    all.dedup();
    Ok(all)
}
