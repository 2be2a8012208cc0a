//! Looks at a pilot: each is a job, and each is kept.

use chrono::NaiveDate;
use keepworth_contract::simulator::{
    PilotOutcome, PilotReading, PilotReadingInput, PilotReadingPage, PilotReadingQuery,
};
use keepworth_contract::{FaultCode, InvalidParam, JobKind};
use keepworth_intake::fault::not_come_yet;
use keepworth_intake::{Failure, page};
use keepworth_jobs::{Job, Room, Task, Write, enqueue as enqueue_job};
use keepworth_store::{Conn, Db, RecordId, StoreError};
use serde::{Deserialize, Serialize};

use super::charges::Charged;
use super::conclude::study_of;
use super::{Members, find, unreadable};
use crate::BuildError;
use crate::app::build::Sources;
use crate::app::job::Product;
use crate::app::lives::for_each_life;
use crate::rule::evidence::grade_of;
use crate::rule::pilot::{
    Design, Measured, Records, Side, Tally, lever_effect, measure, wrong_day,
};
use crate::store::pilot::{self, PilotRow, ReadingRow};

/// Which pilot to read, until when.
#[derive(Debug, Serialize, Deserialize)]
struct Order {
    key: String,
    as_of: NaiveDate,
}

/// Checks an order and puts it into the queue.
pub fn enqueue(
    conn: &mut Conn,
    room: Room,
    key: &str,
    order: &PilotReadingInput,
) -> Result<Job, Failure> {
    let (_, design) = find(conn, key)?;
    let as_of = order.as_of;
    let today = keepworth_store::now().date_naive();
    let late = not_come_yet(as_of, today)
        .map(|why| InvalidParam::new("as_of", FaultCode::InTheFuture, why));
    let early = (as_of < design.starts_on).then(|| {
        let reason = format!("{as_of} is before the start, {}", design.starts_on);
        InvalidParam::new("as_of", FaultCode::DatesOutOfOrder, reason)
    });
    let cut = wrong_day("as_of", design.outcome, as_of.min(design.ends_on));
    if let Some(fault) = late.or(early).or(cut) {
        return Err(Failure::invalid(vec![fault]));
    }
    let order = Order {
        key: key.to_owned(),
        as_of,
    };
    let input = serde_json::to_string(&order).map_err(Failure::internal)?;
    enqueue_job(conn, JobKind::PilotReading, room, input)
}

/// Reads what a job orders.
pub async fn compute(db: &Db, sources: Sources, task: &Task) -> Result<Write, Failure> {
    let order: Order = serde_json::from_str(&task.job.input).map_err(Failure::internal)?;
    let (key, as_of) = (order.key.clone(), order.as_of);
    let load = move |conn: &mut Conn| {
        let (row, design) = find(conn, &key)?;
        let members = pilot::load_members(conn, row.id)?;
        let member = |it: pilot::MemberRow| {
            let key = keepworth_contract::feed::CustomerKey {
                source: it.source,
                external_id: it.external_id,
            };
            let wave = it.wave.and_then(|wave| usize::try_from(wave).ok());
            let arm = if it.is_treated {
                Side::Treated
            } else {
                Side::Control
            };
            (key, wave.map_or(arm, Side::Wave))
        };
        Ok::<_, Failure>((row, design, members.into_iter().map(member).collect()))
    };
    let (row, design, members): (PilotRow, Design, Members) = db.read(load).await?;
    let read = async move {
        let (measured, charged) = measured(&sources, &design, &members, as_of).await?;
        reading(&row, &design, as_of, measured, charged)
    };
    let (key, row) = task.apart(read).await?;
    Ok(Box::new(move |conn| {
        pilot::insert_reading(conn, &row).map_err(StoreError::from)?;
        let product = Product::PilotReading { key, id: row.id };
        Ok(product.write()?)
    }))
}

/// Joins the customers of both arms with what they lived through, in the order of their keys; answers what they were
/// charged too.
async fn measured(
    sources: &Sources,
    design: &Design,
    members: &Members,
    as_of: NaiveDate,
) -> Result<(Measured, Charged), Failure> {
    let until = as_of.min(design.ends_on);
    let charged = match design.outcome {
        PilotOutcome::Revenue => {
            let from = design.first_month();
            Charged::read(sources, members, design.currency, from, until).await?
        }
        _ => Charged::default(),
    };
    let mut tally = Tally::new(design, as_of);
    for_each_life(sources, as_of, |episode, exposures| {
        let arm = members.get(&episode.customer);
        let records = Records {
            episode,
            exposures,
            charges: charged.of(&episode.customer),
        };
        let added = arm.map(|side| tally.add(*side, records));
        Ok::<_, BuildError>(added.transpose().map(|_| ())?)
    })
    .await?;
    let measured = measure(design, &tally).map_err(unreadable)?;
    Ok((measured, charged))
}

/// A look as it is kept.
fn reading(
    row: &PilotRow,
    design: &Design,
    as_of: NaiveDate,
    it: Measured,
    charged: Charged,
) -> Result<(String, ReadingRow), Failure> {
    let (id, now) = (RecordId::generate(), keepworth_store::now());
    let mut reading = PilotReading {
        id: id.0,
        pilot_key: row.key.clone(),
        as_of: as_of.min(design.ends_on),
        control: it.arms.control,
        treated: it.arms.treated,
        sample_ratio: it.sample_ratio,
        pre_trend: it.pre_trend,
        balances: it.balances,
        regression: it.regression,
        effect: it.effect,
        always_valid: it.always_valid,
        information: it.information,
        single_look: it.single_look,
        relative_fall: it.relative_fall,
        lever_effect: lever_effect(design.outcome, it.relative_fall),
        currency: charged.currency,
        rates: charged.rates,
        grade: keepworth_contract::finance::Grade::D,
        reasons: Vec::new(),
        recorded_at: now,
    };
    let graded = grade_of(&study_of(row, design, &reading));
    (reading.grade, reading.reasons) = (graded.grade, graded.reasons);
    let kept = ReadingRow {
        id,
        pilot_id: row.id,
        reading: serde_json::to_string(&reading).map_err(Failure::internal)?,
        recorded_at: now.naive_utc(),
    };
    Ok((row.key.clone(), kept))
}

/// Lists the looks at a pilot.
pub async fn list_readings(
    db: &Db,
    key: String,
    query: PilotReadingQuery,
) -> Result<PilotReadingPage, Failure> {
    let id = db.read(move |conn| Ok::<_, Failure>(find(conn, &key)?.0.id));
    let id = id.await?;
    let read = move |conn: &mut Conn, place: &_, _: &_| pilot::list_readings(conn, place, id);
    page::list_told(db, query, read, |row| row.id, |row| told(&row)).await
}

/// One look at a pilot.
pub fn load_reading(conn: &mut Conn, key: &str, id: RecordId) -> Result<PilotReading, Failure> {
    let (pilot, _) = find(conn, key)?;
    let row = pilot::find_reading(conn, pilot.id, id)?;
    let unknown = || Failure::not_found(format!("the pilot `{key}` has no reading {id}"));
    told(&row.ok_or_else(unknown)?)
}

pub(super) fn told(row: &ReadingRow) -> Result<PilotReading, Failure> {
    serde_json::from_str(&row.reading).map_err(Failure::internal)
}
