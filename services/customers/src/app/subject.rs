//! What this service holds of one customer: all of it can go.

use keepworth_contract::subject::{Subject, SubjectErasure, TableExport};
use keepworth_erasure::{Holds, Mention, Tally, TextColumn, exported};
use keepworth_intake::Failure;
use keepworth_store::{Conn, RecordId};

use crate::store::customer::{self, CUSTOMERS};
use crate::store::lifecycle_event::LIFECYCLE_EVENTS;
use crate::store::subject;

/// Where customers are held.
pub(crate) struct Held;

impl Holds for Held {
    fn erase(
        &self,
        conn: &mut Conn,
        order: &SubjectErasure,
        mention: &Mention,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        let Subject {
            source,
            external_id,
        } = &order.subject;
        let mut records = Vec::new();
        if let Some(row) = customer::find_by_external_id(conn, source, external_id)? {
            let events = subject::load_events(conn, row.id)?;
            let events = Vec::from_iter(events.iter().map(|row| row.id));
            subject::delete(conn, row.id, &events)?;
            tally.erased(CUSTOMERS.name, 1);
            tally.erased(LIFECYCLE_EVENTS.name, events.len() as u64);
            let keys = |ids: &[RecordId]| Vec::from_iter(ids.iter().map(ToString::to_string));
            records.push((CUSTOMERS.name, keys(&[row.id])));
            records.push((LIFECYCLE_EVENTS.name, keys(&events)));
        }
        keepworth_imports::erase(conn, mention, &records, tally)
    }

    fn export(&self, conn: &mut Conn, subject: &Subject) -> Result<Vec<TableExport>, Failure> {
        let row = customer::find_by_external_id(conn, &subject.source, &subject.external_id)?;
        let events = match &row {
            Some(row) => subject::load_events(conn, row.id)?,
            None => Vec::new(),
        };
        let row = Vec::from_iter(row);
        Ok(vec![
            exported(CUSTOMERS.name, &row)?,
            exported(LIFECYCLE_EVENTS.name, &events)?,
        ])
    }

    fn everybody(&self, conn: &mut Conn) -> Result<Vec<Subject>, Failure> {
        let all = subject::everybody(conn)?.into_iter();
        let subject = |(source, external_id)| Subject {
            source,
            external_id,
        };
        Ok(all.map(subject).collect())
    }

    fn texts(&self) -> &'static [TextColumn] {
        const TEXTS: &[TextColumn] = &[TextColumn {
            table: "lifecycle_events",
            column: "detail",
        }];
        TEXTS
    }
}
