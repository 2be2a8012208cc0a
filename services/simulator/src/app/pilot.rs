//! Pilots: their arms named, found again, and made evidence of.

mod arms;
mod charges;
mod conclude;
mod reading;

use std::collections::HashMap;

use keepworth_contract::feed::CustomerKey;
use keepworth_contract::simulator::{Pilot, PilotInput, PilotPage, PilotQuery};
use keepworth_contract::{Flag, FlagCode, ProblemCode};
use keepworth_intake::{Failure, page};
use keepworth_retention::pilot::{PilotError, Two};
use keepworth_store::{Conn, Db, Named, RecordId};

use crate::rule::pilot::{Design, Side, is_before_last};
use crate::store::pilot::{self, MemberRow, PilotRow};

pub use arms::{Arms, arms};
pub use conclude::conclude;
pub use reading::{compute, enqueue, list_readings, load_reading};

/// Who is in a pilot, and where.
type Members = HashMap<CustomerKey, Side>;

/// Keeps a pilot with its [`arms`], in the caller's transaction.
pub fn create(conn: &mut Conn, new: &PilotInput, arms: &Arms) -> Result<Pilot, Failure> {
    let treated = arms
        .0
        .iter()
        .filter(|(_, side)| is_before_last(new, *side))
        .count();
    let sizes = Two {
        control: arms.0.len() - treated,
        treated,
    };
    let design = Design::new(new, sizes);
    design.power().map_err(unreadable)?;
    conn.lock_source("pilots", &new.key)?;
    if pilot::find_pilot(conn, &new.key)?.is_some() {
        let detail = format!(
            "a pilot has the key `{}` already; take another: who was in one is not changed afterwards",
            new.key
        );
        return Err(Failure::conflict(ProblemCode::Duplicate, detail));
    }
    let row = PilotRow {
        id: RecordId::generate(),
        key: new.key.clone(),
        outcome: Named::new(new.outcome),
        design: serde_json::to_string(&design).map_err(Failure::internal)?,
        recorded_at: keepworth_store::now().naive_utc(),
    };
    let member = |(it, side): &(CustomerKey, Side)| MemberRow {
        pilot_id: row.id,
        source: it.source.clone(),
        external_id: it.external_id.clone(),
        is_treated: is_before_last(new, *side),
        wave: match side {
            Side::Wave(wave) => i32::try_from(*wave).ok(),
            Side::Control | Side::Treated => None,
        },
    };
    let members = Vec::from_iter(arms.0.iter().map(member));
    pilot::insert_pilot(conn, &row, &members)?;
    told(row)
}

/// Lists pilots in the order of their making.
pub async fn list(db: &Db, query: PilotQuery) -> Result<PilotPage, Failure> {
    page::list_told(db, query, pilot::list_pilots, |row| row.id, told).await
}

/// One pilot by its key.
pub fn load(conn: &mut Conn, key: &str) -> Result<Pilot, Failure> {
    told(find(conn, key)?.0)
}

/// A pilot and its plan.
fn find(conn: &mut Conn, key: &str) -> Result<(PilotRow, Design), Failure> {
    page::check_text("key", Some(key))?;
    let row = pilot::find_pilot(conn, key)?.ok_or_else(|| {
        Failure::not_found(format!(
            "no pilot has the key `{key}`; GET /v1/pilots lists them"
        ))
    })?;
    let design = serde_json::from_str(&row.design).map_err(Failure::internal)?;
    Ok((row, design))
}

fn told(row: PilotRow) -> Result<Pilot, Failure> {
    let design: Design = serde_json::from_str(&row.design).map_err(Failure::internal)?;
    let late = is_named_late(&row, &design).then(|| {
        let detail = format!(
            "its arms were named on {}, after it had begun on {}: outcomes could be known",
            row.recorded_at.date(),
            design.starts_on
        );
        Flag::new(FlagCode::NamedLate, detail)
    });
    Ok(Pilot {
        id: row.id.0,
        power: design.power().map_err(unreadable)?,
        key: row.key,
        title: design.title,
        outcome: design.outcome,
        design: design.design,
        months_before: (design.months_before > 0).then_some(design.months_before),
        picked_for_bad_scores: design.picked_for_bad_scores,
        score: design.score,
        currency: design.currency,
        starts_on: design.starts_on,
        ends_on: design.ends_on,
        smallest_effect: design.smallest_effect,
        planned_treated_share: design.planned_treated_share,
        assign: design.assign,
        waves: design.waves,
        waves_by_lot: design.waves_by_lot,
        control: design.control,
        treated: design.treated,
        quality_flags: late.into_iter().collect(),
        recorded_at: row.recorded_at.and_utc(),
    })
}

/// Whether outcomes could be known when the arms were named.
fn is_named_late(row: &PilotRow, design: &Design) -> bool {
    row.recorded_at.date() > design.starts_on
}

fn unreadable(error: PilotError) -> Failure {
    Failure::conflict(ProblemCode::PilotUnreadable, error.to_string())
}
