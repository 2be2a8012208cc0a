//! Moves between segments: lifecycle events of their kind.

use std::collections::HashMap;

use chrono::NaiveDate;
use diesel::prelude::*;
use keepworth_contract::customers::LifecycleKind;
use keepworth_store::{Conn, Named, RecordId, on_conn};

use super::{customers, lifecycle_events};
use crate::rule::history::SegmentMove;

/// A move as it is read.
type Found = (RecordId, NaiveDate, Option<String>, Option<String>);

fn moved() -> Named<LifecycleKind, lifecycle_events::table> {
    Named::new(LifecycleKind::Moved)
}

/// By customer, in the order in which they were read.
fn by_customer(found: Vec<Found>) -> HashMap<RecordId, Vec<SegmentMove>> {
    let mut moves: HashMap<_, Vec<_>> = HashMap::new();
    for (customer, on, segment, from) in found {
        // A move without a segment is refused, so that there is none.
        let Some(segment) = segment else { continue };
        let it = SegmentMove { on, segment, from };
        moves.entry(customer).or_default().push(it);
    }
    moves
}

/// The moves of one source's customers with ids after one up to another, in the order of time.
///
/// # Errors
/// What the database answers.
pub fn moves_between(
    conn: &mut Conn,
    source: &str,
    after: &str,
    last: &str,
) -> QueryResult<HashMap<RecordId, Vec<SegmentMove>>> {
    use lifecycle_events as e;
    let found = on_conn!(conn, |c| e::table
        .inner_join(customers::table)
        .filter(e::kind.eq(moved()))
        .filter(customers::source.eq(source))
        .filter(customers::external_id.gt(after))
        .filter(customers::external_id.le(last))
        .order((e::occurred_on, e::id))
        .select((e::customer_id, e::occurred_on, e::segment, e::from_segment))
        .load(c))?;
    Ok(by_customer(found))
}

/// The moves of customers, in the order of time.
///
/// # Errors
/// What the database answers.
pub fn moves_of(
    conn: &mut Conn,
    customers: &[RecordId],
) -> QueryResult<HashMap<RecordId, Vec<SegmentMove>>> {
    use lifecycle_events as e;
    let found = on_conn!(conn, |c| e::table
        .filter(e::kind.eq(moved()))
        .filter(e::customer_id.eq_any(customers))
        .order((e::occurred_on, e::id))
        .select((e::customer_id, e::occurred_on, e::segment, e::from_segment))
        .load(c))?;
    Ok(by_customer(found))
}

/// How many moves lead into a segment or out of it.
///
/// # Errors
/// What the database answers.
pub fn count_moves(conn: &mut Conn, segment: &str) -> QueryResult<i64> {
    use lifecycle_events as e;
    on_conn!(conn, |c| e::table
        .filter(e::segment.eq(segment).or(e::from_segment.eq(segment)))
        .count()
        .get_result(c))
}
