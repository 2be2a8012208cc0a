//! Which records come in files, and what taking them in touches.

use keepworth_contract::Month;
use keepworth_contract::finance::{CampaignTouchInput, LedgerEntryInput, RevenueInput};
use keepworth_imports::{Change, Held, RecordKind, Takes, name, rows_of};
use keepworth_intake::Failure;
use keepworth_store::Conn;
use serde_json::Value;

use crate::app;
use crate::store::campaign_touch::CAMPAIGN_TOUCHES;
use crate::store::ledger_entry::LEDGER_ENTRIES;
use crate::store::period_close;
use crate::store::revenue::REVENUES;

/// Every kind.
pub(crate) const KINDS: &[&dyn Takes] = &[&ENTRY_KIND, &REVENUE_KIND, &TOUCH_KIND];

const ENTRY_KIND: RecordKind<LedgerEntryInput> = RecordKind {
    name: "ledger-entries",
    upsert: app::ledger_entry::upsert,
    touched: |conn, items| Ok(vec![rows_of(&LEDGER_ENTRIES, conn, items)?]),
    tables: &[&LEDGER_ENTRIES],
    hold: |conn| Ok(period_close::lock(conn)?),
    held: held_by_closes,
};

const REVENUE_KIND: RecordKind<RevenueInput> = RecordKind {
    name: "revenues",
    upsert: app::revenue::upsert,
    touched: |conn, items| Ok(vec![rows_of(&REVENUES, conn, items)?]),
    tables: &[&REVENUES],
    hold: |conn| Ok(period_close::lock(conn)?),
    held: held_by_closes,
};

const TOUCH_KIND: RecordKind<CampaignTouchInput> = RecordKind {
    name: "campaign-touches",
    upsert: app::campaign_touch::upsert,
    touched: |conn, items| Ok(vec![rows_of(&CAMPAIGN_TOUCHES, conn, items)?]),
    tables: &[&CAMPAIGN_TOUCHES],
    hold: |_| Ok(()),
    held: |_, _| Ok(Vec::new()),
};

/// What belongs to a month whose books are closed, or would belong to it again, stays as it is.
fn held_by_closes(conn: &mut Conn, changes: &[Change]) -> Result<Vec<Held>, Failure> {
    let Some(through) = period_close::find_closed_through(conn)? else {
        return Ok(Vec::new());
    };
    let held = changes.iter().filter_map(|change| {
        let months = [Some(&change.after), change.before.as_ref()];
        let months = months.into_iter().flatten().filter_map(month);
        let closed = months.filter(|month| *month <= through).min()?;
        Some(Held {
            key: change.key.clone(),
            reason: format!(
                "{} belongs to {closed}, which is closed (through {through})",
                name(&change.after)
            ),
            is_closed: true,
        })
    });
    Ok(held.collect())
}

fn month(row: &Value) -> Option<Month> {
    let index = i32::try_from(row["month"].as_i64()?).ok()?;
    Some(Month::from_index(index))
}
