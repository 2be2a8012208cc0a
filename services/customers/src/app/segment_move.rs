//! Moves between segments: those that are sent, and those that are seen when a customer comes with another segment.

use std::collections::HashMap;

use chrono::NaiveDate;
use keepworth_contract::batch::BatchOptions;
use keepworth_contract::customers::{CustomerInput, LifecycleEventInput, LifecycleKind};
use keepworth_intake::Failure;
use keepworth_intake::batch::{Identity, Plan, Planned};
use keepworth_store::{Conn, RecordId};

use crate::app::lifecycle_event::{self, customer_identity};
use crate::store::customer::{self, CUSTOMERS, CustomerRow};
use crate::store::lifecycle_event::LIFECYCLE_EVENTS;
use crate::store::segment_move::moves_of;

/// The source of moves that nobody sent: Keepworth saw them.
const SEEN_BY: &str = "keepworth";

/// The segments that moves name.
pub(crate) fn named<'a>(events: &'a [&'a LifecycleEventInput]) -> impl Iterator<Item = &'a String> {
    let both = events.iter().flat_map(|it| [&it.segment, &it.from_segment]);
    both.flatten()
}

/// The day of each customer's first move, in the records or among the events.
pub(crate) fn first_moves(
    conn: &mut Conn,
    events: &[&LifecycleEventInput],
    customers: &HashMap<Identity, CustomerRow>,
) -> Result<HashMap<Identity, NaiveDate>, Failure> {
    let moves = events.iter().filter(|it| it.kind == LifecycleKind::Moved);
    let mut first: HashMap<Identity, NaiveDate> = HashMap::new();
    let mut ids = Vec::new();
    for event in moves {
        let identity = customer_identity(event);
        ids.extend(customers.get(&identity).map(|row| row.id));
        let day = first.entry(identity).or_insert(event.occurred_on);
        *day = event.occurred_on.min(*day);
    }
    let stored = moves_of(conn, &ids)?;
    for (identity, day) in &mut first {
        let theirs = customers.get(identity).and_then(|row| stored.get(&row.id));
        if let Some(earliest) = theirs.and_then(|moves| moves.first()) {
            *day = earliest.on.min(*day);
        }
    }
    Ok(first)
}

/// Puts customers of whom moves were written into the segment that their last move led to.
pub(crate) fn place_customers(
    conn: &mut Conn,
    plan: &Plan<'_, LifecycleEventInput>,
    customers: &HashMap<Identity, CustomerRow>,
) -> Result<(), Failure> {
    let written = plan.new.iter().chain(&plan.changed);
    let moved = written.filter(|it| it.record.kind == LifecycleKind::Moved);
    let rows = moved.filter_map(|it| customers.get(&customer_identity(it.record)));
    let segments: HashMap<RecordId, &String> = rows.map(|row| (row.id, &row.segment)).collect();
    let ids: Vec<RecordId> = segments.keys().copied().collect();
    for (id, moves) in moves_of(conn, &ids)? {
        let last = moves.into_iter().next_back();
        if let Some(last) = last.filter(|it| segments[&id] != &it.segment) {
            customer::update_segment(conn, id, &last.segment)?;
        }
    }
    Ok(())
}

/// A customer who comes with another segment than before.
pub(crate) struct Seen<'a> {
    customer: &'a CustomerInput,
    before: CustomerRow,
}

/// Who comes with another segment than before, and is a customer still: of who had left it is a correction.
pub(crate) fn seen<'a>(
    conn: &mut Conn,
    changed: &[Planned<'a, CustomerInput>],
    today: NaiveDate,
) -> Result<Vec<Seen<'a>>, Failure> {
    let ids: Vec<RecordId> = changed.iter().map(|it| it.id).collect();
    let before = (CUSTOMERS.load)(conn, &ids)?.into_iter();
    let mut before: HashMap<RecordId, CustomerRow> = before.map(|row| (row.id, row)).collect();
    let seen = changed.iter().filter_map(|it| {
        let (customer, before) = (it.record, before.remove(&it.id)?);
        let left_on = customer.left_on.or(before.left_on);
        let is_there = left_on.is_none_or(|left_on| left_on >= today);
        (is_there && customer.segment != before.segment).then_some(Seen { customer, before })
    });
    Ok(seen.collect())
}

/// The ids of moves that were seen on a day of these customers.
pub(crate) fn seen_on(
    conn: &mut Conn,
    customers: &[RecordId],
    today: NaiveDate,
) -> Result<Vec<RecordId>, Failure> {
    let names = customers.iter().map(|id| name(*id, today)).collect();
    let found = (LIFECYCLE_EVENTS.versions)(conn, SEEN_BY, names)?;
    Ok(found.into_iter().map(|it| it.0).collect())
}

fn name(customer: RecordId, today: NaiveDate) -> String {
    format!("{customer}/{today}")
}

/// Writes down the moves that were seen, as of the day.
pub(crate) fn write_seen(
    conn: &mut Conn,
    options: &BatchOptions,
    seen: &[Seen<'_>],
    today: NaiveDate,
) -> Result<(), Failure> {
    if seen.is_empty() {
        return Ok(());
    }
    let ids: Vec<RecordId> = seen.iter().map(|it| it.before.id).collect();
    let earlier = seen_on(conn, &ids, today)?;
    let earlier = (LIFECYCLE_EVENTS.load)(conn, &earlier)?.into_iter();
    // Who changes twice on a day was in the morning where the first change found them.
    let mut from: HashMap<RecordId, Option<String>> = earlier
        .map(|row| (row.customer_id, row.from_segment))
        .collect();
    let event = |it: &Seen<'_>| LifecycleEventInput {
        source: SEEN_BY.to_owned(),
        external_id: name(it.before.id, today),
        customer_source: Some(it.before.source.clone()),
        customer_external_id: it.before.external_id.clone(),
        kind: LifecycleKind::Moved,
        occurred_on: today,
        cause: None,
        segment: Some(it.customer.segment.clone()),
        from_segment: from
            .remove(&it.before.id)
            .unwrap_or_else(|| Some(it.before.segment.clone())),
        detail: None,
    };
    let events: Vec<LifecycleEventInput> = seen.iter().map(event).collect();
    let report = lifecycle_event::upsert(conn, options, &events)?;
    match report.rejected.first() {
        None => Ok(()),
        Some(row) => Err(Failure::internal(format!(
            "a move that was seen is refused: {row:?}"
        ))),
    }
}
