//! What this service holds of one customer. The books stay: what was charged remains to the cent, without whom it was
//! charged to.

use keepworth_contract::subject::{Subject, SubjectErasure, TableExport};
use keepworth_erasure::{Holds, Mention, Tally, TextColumn, exported};
use keepworth_intake::Failure;
use keepworth_store::{Conn, RecordId};

use crate::store::campaign_touch::CAMPAIGN_TOUCHES;
use crate::store::general_ledger_file;
use crate::store::revenue::REVENUES;
use crate::store::subject::{self, RevenueTable};

/// Where customers are held.
pub(crate) struct Held;

/// Why revenues stay.
const BOOKS: &str = "restricted: books are kept as long as tax and commercial law demand (GDPR Art. 17(3)(b)); who it \
    was charged to is gone";

/// Texts in which people write, or other systems do.
const TEXTS: &[TextColumn] = &[
    text("ledger_entries", "external_id"),
    text("ledger_entries", "campaign"),
    text("ledger_entries", "voucher"),
    text("ledger_entries", "note"),
    text("ledger_entry_versions", "external_id"),
    text("ledger_entry_versions", "campaign"),
    text("ledger_entry_versions", "voucher"),
    text("ledger_entry_versions", "note"),
    text("response_histories", "evidence"),
    text("response_histories", "reason"),
    text("allocation_rules", "reason"),
    text("avoidable_shares", "reason"),
    text("budgets", "reason"),
    text("period_closes", "reason"),
];

const fn text(table: &'static str, column: &'static str) -> TextColumn {
    TextColumn { table, column }
}

/// A general ledger that waits for its job is read after the erasure, and names nobody then.
fn waiting_ledgers(conn: &mut Conn, mention: &Mention, tally: &mut Tally) -> Result<(), Failure> {
    let mut files = 0;
    for (job, content) in general_ledger_file::load_all(conn)? {
        let text = std::str::from_utf8(&content).unwrap_or_default();
        if mention.is_in(text) {
            general_ledger_file::replace(conn, job, mention.replaced(text).as_bytes())?;
            files += 1;
        }
    }
    tally.pseudonymised("general_ledger_files", files, BOOKS);
    Ok(())
}

impl Holds for Held {
    fn erase(
        &self,
        conn: &mut Conn,
        order: &SubjectErasure,
        mention: &Mention,
        tally: &mut Tally,
    ) -> Result<(), Failure> {
        let keys = |ids: &[RecordId]| Vec::from_iter(ids.iter().map(ToString::to_string));
        let mut revenues = subject::load_revenues(conn, &order.subject)?;
        revenues.extend(subject::load_versions(conn, &order.subject)?);
        let revenues = Vec::from_iter(revenues.iter().map(|row| row.id));
        for table in [RevenueTable::Present, RevenueTable::Past] {
            let rows = subject::restrict(conn, table, &order.subject, mention.pseudonym())?;
            tally.pseudonymised(table.name(), rows, BOOKS);
        }
        let touches = subject::load_touches(conn, &order.subject)?;
        let touches = Vec::from_iter(touches.iter().map(|row| row.id));
        subject::delete_touches(conn, &touches)?;
        tally.erased(CAMPAIGN_TOUCHES.name, touches.len() as u64);
        let records = [
            (REVENUES.name, keys(&revenues)),
            (CAMPAIGN_TOUCHES.name, keys(&touches)),
        ];
        waiting_ledgers(conn, mention, tally)?;
        keepworth_imports::erase(conn, mention, &records, tally)
    }

    fn export(&self, conn: &mut Conn, subject: &Subject) -> Result<Vec<TableExport>, Failure> {
        Ok(vec![
            exported(
                RevenueTable::Present.name(),
                &subject::load_revenues(conn, subject)?,
            )?,
            exported(
                RevenueTable::Past.name(),
                &subject::load_versions(conn, subject)?,
            )?,
            exported(
                CAMPAIGN_TOUCHES.name,
                &subject::load_touches(conn, subject)?,
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
        TEXTS
    }
}
