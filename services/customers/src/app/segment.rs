//! Segments: groups of customers that are modelled together.

use crate::Customers;
use crate::store::segment::SegmentRow;
pub use crate::store::segment::load_segments;
use crate::store::{customer, segment};
use keepworth_contract::ProblemCode;
use keepworth_contract::customers::{Segment, SegmentInput};
use keepworth_intake::{Failure, fault, version};
use keepworth_store::Conn;

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

fn find(conn: &mut Conn, key: &str) -> Result<Option<Segment>, Failure> {
    let rows = segment::find_segments(conn, &[key.to_owned()])?;
    Ok(rows.into_iter().next().map(Segment::from))
}

/// Removes a segment that no customer is in, in the caller's transaction.
pub fn remove(conn: &mut Conn, key: &str) -> Result<(), Failure> {
    if !segment::hold_alone(conn, key)? {
        return Err(unknown(key));
    }
    let customers = customer::count_in(conn, key)?;
    if customers > 0 {
        return Err(Failure::conflict(
            ProblemCode::InUse,
            format!(
                "the segment `{key}` has {customers} customers; send them with another segment first"
            ),
        ));
    }
    version::note_change(find(conn, key)?.as_ref(), None)?;
    Ok(segment::delete_segment(conn, key)?)
}

/// What is answered when no segment has a key.
pub fn unknown(key: &str) -> Failure {
    Failure::not_found(format!("no segment has the key `{key}`"))
}
