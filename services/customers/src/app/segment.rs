//! Segments: groups of customers that are modelled together.

use crate::Customers;
use crate::store::segment::SegmentRow;
pub use crate::store::segment::load_segments;
use crate::store::segment_move::count_moves;
use crate::store::{customer, segment};
use chrono::NaiveDateTime;
use keepworth_contract::ProblemCode;
use keepworth_contract::batch::BatchOptions;
use keepworth_contract::customers::{Segment, SegmentInput, SegmentKind};
use keepworth_intake::{Failure, fault, version};
use keepworth_store::Conn;
use std::collections::{BTreeSet, HashSet};

impl From<SegmentRow> for Segment {
    fn from(row: SegmentRow) -> Self {
        Self {
            key: row.key,
            name: row.name,
            kind: row.kind.0,
            recorded_at: row.recorded_at.and_utc(),
        }
    }
}

/// Registers a segment, or changes its name and kind.
pub async fn put(app: &Customers, key: String, body: SegmentInput) -> Result<Segment, Failure> {
    let faults: Vec<_> = fault::text("key", &key, 128)
        .into_iter()
        .chain(fault::text("name", &body.name, 128))
        .collect();
    if !faults.is_empty() {
        return Err(Failure::invalid(faults));
    }
    let recorded_at = keepworth_store::now().naive_utc();
    let work = move |conn: &mut Conn| {
        let before = find(conn, &key)?;
        let known = before.as_ref().map(|segment| segment.kind);
        let row = SegmentRow {
            key: key.clone(),
            name: body.name.clone(),
            recorded_at,
            kind: body.kind.or(known).unwrap_or_default().into(),
        };
        segment::upsert_segments(conn, std::slice::from_ref(&row))?;
        // A new name leaves the moment of registration as it was.
        let put = find(conn, &row.key)?;
        version::note_change(before.as_ref(), put.as_ref())?;
        put.ok_or_else(|| unknown(&row.key))
    };
    app.db().write(work).await
}

/// The segments that records of a batch may name; none can be removed before the transaction ends.
pub(crate) struct Nameable {
    /// Their keys.
    pub(crate) keys: HashSet<String>,
    registered: HashSet<String>,
}

impl Nameable {
    /// Those that are registered, and those that records name where the batch is to register them.
    pub(crate) fn of<'a>(
        conn: &mut Conn,
        options: &BatchOptions,
        named: impl Iterator<Item = &'a String>,
    ) -> Result<Self, Failure> {
        let registered = segment::hold_keys(conn)?;
        let mut keys = registered.clone();
        if options.create_segments {
            keys.extend(named.cloned());
        }
        Ok(Self { keys, registered })
    }

    /// Registers those that sound records name.
    pub(crate) fn register<'a>(
        &self,
        conn: &mut Conn,
        named: impl Iterator<Item = &'a String>,
        recorded_at: NaiveDateTime,
    ) -> Result<(), Failure> {
        let named: BTreeSet<&String> = named.collect();
        let new = named
            .into_iter()
            .filter(|key| !self.registered.contains(*key));
        let row = |key: &String| SegmentRow {
            name: key.clone(),
            key: key.clone(),
            recorded_at,
            kind: SegmentKind::Contract.into(),
        };
        let rows: Vec<SegmentRow> = new.map(row).collect();
        Ok(segment::upsert_segments(conn, &rows)?)
    }
}

fn find(conn: &mut Conn, key: &str) -> Result<Option<Segment>, Failure> {
    let rows = segment::find_segments(conn, &[key.to_owned()])?;
    Ok(rows.into_iter().next().map(Segment::from))
}

/// Removes a segment that no customer is or was in, in the caller's transaction.
pub fn remove(conn: &mut Conn, key: &str) -> Result<(), Failure> {
    if !segment::hold_alone(conn, key)? {
        return Err(unknown(key));
    }
    let customers = customer::count_in(conn, key)?;
    if customers > 0 {
        let reason = format!(
            "the segment `{key}` has {customers} customers; send them with another segment first"
        );
        return Err(Failure::conflict(ProblemCode::InUse, reason));
    }
    let moves = count_moves(conn, key)?;
    if moves > 0 {
        let reason = format!(
            "{moves} moves of customers lead into the segment `{key}` or out of it; it is kept with them"
        );
        return Err(Failure::conflict(ProblemCode::InUse, reason));
    }
    version::note_change(find(conn, key)?.as_ref(), None)?;
    Ok(segment::delete_segment(conn, key)?)
}

/// What is answered when no segment has a key.
pub fn unknown(key: &str) -> Failure {
    Failure::not_found(format!("no segment has the key `{key}`"))
}
