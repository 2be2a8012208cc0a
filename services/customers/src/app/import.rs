//! Which records come in files, and what taking them in touches.

use std::collections::BTreeSet;

use chrono::NaiveDateTime;
use keepworth_contract::customers::{CustomerInput, LifecycleEventInput};
use keepworth_imports::{Change, Held, Kept, RecordKind, Rows, Takes, Touched, name, rows_of};
use keepworth_intake::Failure;
use keepworth_store::{Conn, RecordId};
use serde_json::Value;

use crate::app;
use crate::app::segment_move;
use crate::rule::lifecycle_event::customer_source;
use crate::store::customer::{self, CUSTOMERS};
use crate::store::lifecycle_event::LIFECYCLE_EVENTS;
use crate::store::segment::{self, SegmentRow};

/// Every kind.
pub(crate) const KINDS: &[&dyn Takes] = &[&CUSTOMER_KIND, &EVENT_KIND];

const CUSTOMER_KIND: RecordKind<CustomerInput> = RecordKind {
    name: "customers",
    upsert: app::customer::upsert,
    touched: touched_by_customers,
    tables: &[&LIFECYCLE_EVENTS, &CUSTOMERS, &Segments],
    hold: |_| Ok(()),
    held: held_by_events,
};

const EVENT_KIND: RecordKind<LifecycleEventInput> = RecordKind {
    name: "lifecycle-events",
    upsert: app::lifecycle_event::upsert,
    touched: touched_by_events,
    tables: &[&LIFECYCLE_EVENTS, &CUSTOMERS, &Segments],
    hold: |_| Ok(()),
    held: |_, _| Ok(Vec::new()),
};

fn touched_by_customers(conn: &mut Conn, items: &[CustomerInput]) -> Result<Touched, Failure> {
    let segments: BTreeSet<&String> = items.iter().map(|item| &item.segment).collect();
    let segments = segments.into_iter().cloned().collect();
    let customers = CUSTOMERS.find(conn, items)?;
    let moves = segment_move::seen_on(conn, &customers, keepworth_store::now().date_naive())?;
    let keys = |ids: Vec<RecordId>| ids.iter().map(ToString::to_string).collect();
    Ok(vec![
        (&LIFECYCLE_EVENTS, keys(moves)),
        (&CUSTOMERS, keys(customers)),
        (&Segments, segments),
    ])
}

/// An event of leaving ends its customer, a move places them.
fn touched_by_events(conn: &mut Conn, items: &[LifecycleEventInput]) -> Result<Touched, Failure> {
    let sources = items.iter().map(customer_source);
    keepworth_intake::lock_sources(conn, CUSTOMERS.name, sources)?;
    let items_of = items.iter().collect::<Vec<_>>();
    let customers = app::lifecycle_event::load_customers(conn, &items_of)?;
    let customers = customers.values().map(|row| row.id.to_string()).collect();
    let segments: BTreeSet<&String> = segment_move::named(&items_of).collect();
    let segments = segments.into_iter().cloned().collect();
    Ok(vec![
        (&CUSTOMERS, customers),
        rows_of(&LIFECYCLE_EVENTS, conn, items)?,
        (&Segments, segments),
    ])
}

/// A customer of whom something happened cannot be taken away.
fn held_by_events(conn: &mut Conn, changes: &[Change]) -> Result<Vec<Held>, Failure> {
    let is_created = |it: &&Change| it.table == CUSTOMERS.name && it.before.is_none();
    let created = changes.iter().filter(is_created);
    let ids = created.filter_map(|it| serde_json::from_value(it.after["id"].clone()).ok());
    let ids: Vec<RecordId> = ids.collect();
    let held = customer::find_with_events(conn, &ids)?;
    let held: BTreeSet<String> = held.iter().map(ToString::to_string).collect();
    let held = changes.iter().filter(|it| held.contains(&it.key));
    let reason = |it: &Change| Held {
        key: it.key.clone(),
        reason: format!(
            "{} has lifecycle events; undo their import first",
            name(&it.after)
        ),
        is_closed: false,
    };
    Ok(held.map(reason).collect())
}

/// Segments, as an import registers them.
struct Segments;

impl Kept for Segments {
    fn name(&self) -> &'static str {
        "segments"
    }

    fn load(&self, conn: &mut Conn, keys: &[String]) -> Result<Rows, Failure> {
        let rows = segment::find_segments(conn, keys)?;
        let keyed = |row: SegmentRow| {
            let value = serde_json::to_value(&row).map_err(Failure::internal)?;
            Ok((row.key, value))
        };
        rows.into_iter().map(keyed).collect()
    }

    /// One that customers of others are in stays.
    fn remove(&self, conn: &mut Conn, keys: &[String], _: NaiveDateTime) -> Result<(), Failure> {
        Ok(segment::remove_unused(conn, keys)?)
    }

    fn restore(&self, conn: &mut Conn, rows: Vec<Value>, _: NaiveDateTime) -> Result<(), Failure> {
        let rows = rows.into_iter().map(serde_json::from_value);
        let rows: Vec<SegmentRow> = rows.collect::<Result<_, _>>().map_err(Failure::internal)?;
        Ok(segment::upsert_segments(conn, &rows)?)
    }
}
