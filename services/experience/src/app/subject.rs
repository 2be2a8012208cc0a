//! What this service holds of one customer: all of it can go.

use keepworth_contract::subject::{Subject, SubjectErasure, TableExport};
use keepworth_erasure::{Holds, Mention, Tally, TextColumn, exported};
use keepworth_intake::Failure;
use keepworth_store::Conn;

use crate::store::feedback::FEEDBACK;
use crate::store::interaction::INTERACTIONS;
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
        let feedback = subject::load_feedback(conn, &order.subject)?;
        let interactions = subject::load_interactions(conn, &order.subject)?;
        let feedback = Vec::from_iter(feedback.iter().map(|row| row.id));
        let interactions = Vec::from_iter(interactions.iter().map(|row| row.id));
        subject::delete_feedback(conn, &feedback)?;
        tally.erased(FEEDBACK.name, feedback.len() as u64);
        subject::delete_interactions(conn, &interactions)?;
        tally.erased(INTERACTIONS.name, interactions.len() as u64);
        let keys = |ids: &[_]| Vec::from_iter(ids.iter().map(ToString::to_string));
        let records = [
            (FEEDBACK.name, keys(&feedback)),
            (INTERACTIONS.name, keys(&interactions)),
        ];
        keepworth_imports::erase(conn, mention, &records, tally)
    }

    fn export(&self, conn: &mut Conn, subject: &Subject) -> Result<Vec<TableExport>, Failure> {
        Ok(vec![
            exported(FEEDBACK.name, &subject::load_feedback(conn, subject)?)?,
            exported(
                INTERACTIONS.name,
                &subject::load_interactions(conn, subject)?,
            )?,
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
            table: "interactions",
            column: "issue",
        }];
        TEXTS
    }
}
