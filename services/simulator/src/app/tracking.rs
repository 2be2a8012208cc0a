//! Tracking: a frozen forecast is held against what the three services have on record since.

mod actual;
mod next;
mod spending;

use chrono::NaiveDate;
use keepworth_access::RequestIds;
use keepworth_contract::event::EventType;
use keepworth_contract::simulator::{
    ForecastName, Learnt, ScenarioForecast, ScenarioReference, Tracking, TrackingInput,
    TrackingQuery, TrackingReport, TrackingSummary, TrackingSummaryPage,
};
use keepworth_contract::{
    FaultCode, Flag, FlagCode, InvalidParam, JobKind, Month, ProblemCode, ProgrammeKey,
};
use keepworth_intake::fault::{self, not_come_yet};
use keepworth_intake::{Failure, page};
use keepworth_jobs::{Job, Reason, Room, Task, Write, enqueue as enqueue_job};
use keepworth_sim::{Control, version};
use keepworth_store::{Conn, Db, RecordId, StoreError};
use keepworth_verdict::tracking::{Approved, Question, learn, track};
use serde::{Deserialize, Serialize};
use spending::Keys;

pub use next::{Next, begin};

use crate::app::approval::load_forecast;
use crate::app::build::Sources;
use crate::app::document::{read, write};
use crate::app::job::Product;
use crate::app::run::kept::KeptRun;
use crate::app::scenario::load as load_scenario;
use crate::app::scenario::written::failure;
use crate::store::tracking::{self as store, TrackingRow, TrackingSummaryRow};

/// Most programmes of one tracking.
const MOST_PROGRAMMES: usize = 50;

/// What a job is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Order {
    scenario: ScenarioReference,
    input: TrackingInput,
}

/// Checks an order and puts it into the queue.
pub fn enqueue(
    conn: &mut Conn,
    room: Room,
    key: &str,
    input: TrackingInput,
) -> Result<Job, Failure> {
    check(&input, keepworth_store::now().date_naive())?;
    let forecast = load_forecast(conn, key, input.version)?;
    check_until(&forecast, input.until)?;
    let scenario = forecast.scenario;
    enqueue_job(
        conn,
        JobKind::Tracking,
        room,
        write(&Order { scenario, input })?,
    )
}

fn check(input: &TrackingInput, today: NaiveDate) -> Result<(), Failure> {
    let mut faults = Vec::from_iter(until_fault(input.until, today));
    if !(1..=12).contains(&input.year_begins) {
        let reason = format!("{} is no month; give 1 to 12", input.year_begins);
        faults.push(InvalidParam::new(
            "year_begins",
            FaultCode::OutOfRange,
            reason,
        ));
    }
    faults.extend(key_faults(&input.programmes));
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Failure::invalid(faults))
    }
}

fn until_fault(until: NaiveDate, today: NaiveDate) -> Option<InvalidParam> {
    let month = Month::of(until);
    let (code, reason) = if let Some(why) = not_come_yet(until, today) {
        (FaultCode::InTheFuture, why)
    } else if until != month.last_day() {
        let before = month.plus(-1).last_day();
        let reason = format!(
            "{until} is not the last day of a month, and whole months are counted; give {before}"
        );
        (FaultCode::NotOver, reason)
    } else {
        return None;
    };
    Some(InvalidParam::new("until", code, reason))
}

fn key_faults(keys: &[ProgrammeKey]) -> Vec<InvalidParam> {
    if keys.len() > MOST_PROGRAMMES {
        let reason = format!("names {}; give up to {MOST_PROGRAMMES}", keys.len());
        return vec![InvalidParam::new("programmes", FaultCode::TooMany, reason)];
    }
    let mut faults = Vec::new();
    for (place, key) in keys.iter().enumerate() {
        let name = format!("programmes/{place}");
        if keys[..place].contains(key) {
            let reason = format!("`{key}` is named twice, and would count twice");
            faults.push(InvalidParam::new(&name, FaultCode::Duplicate, reason));
        }
        faults.extend(fault::text(&name, key.as_str(), ProgrammeKey::LONGEST));
    }
    faults
}

/// That something of the forecast has come.
fn check_until(forecast: &ScenarioForecast, until: NaiveDate) -> Result<(), Failure> {
    let (first, last) = (first(forecast), last(forecast));
    let month = Month::of(until);
    if (first.index()..=last.index()).contains(&month.index()) {
        return Ok(());
    }
    let reason = format!(
        "{month} was not forecast, but {first} to {last} were, of version {} of `{}` on the baseline of {}; give a day from \
         {} to {}",
        forecast.scenario.version,
        forecast.scenario.key,
        forecast.as_of,
        first.last_day(),
        last.last_day()
    );
    Err(Failure::invalid(vec![InvalidParam::new(
        "until",
        FaultCode::OutOfRange,
        reason,
    )]))
}

/// The first month in which something is counted.
fn first(forecast: &ScenarioForecast) -> Month {
    Month::of(forecast.as_of).plus(1)
}

fn last(forecast: &ScenarioForecast) -> Month {
    let figures = forecast.figures.iter();
    let mut customers = figures.filter(|it| it.figure == ForecastName::Customers);
    let months = customers.next().map(|it| it.months.len());
    let months = months.and_then(|it| i32::try_from(it).ok());
    Month::of(forecast.as_of).plus(months.unwrap_or(1) - 1)
}

/// Makes what a job orders.
pub(crate) async fn compute(db: &Db, sources: Sources, task: &Task) -> Result<Write, Failure> {
    let order: Order = read(&task.job.input)?;
    let of = order.scenario.clone();
    let find = move |conn: &mut Conn| load_forecast(conn, &of.key, Some(of.version));
    let forecast = db.read(find).await?;
    let run = RecordId(forecast.run_id);
    // A run that cannot be drawn again still has its forecast, and teaches nothing.
    let load =
        move |conn: &mut Conn| Ok::<_, Failure>(KeptRun::of_any_engine(conn, run).map(Box::new));
    let kept = db.read(load).await?;
    // On the heap: a job's layers would carry what is awaited many times over on their stack.
    let holding = Box::pin(hold(
        sources,
        forecast,
        kept,
        order.input.clone(),
        task.clone(),
    ));
    let report = task.apart(holding).await?;
    let row = row(&order, &report)?;
    Ok(Box::new(move |conn| keep(conn, &row)))
}

/// Reads what came, and holds it against the forecast.
async fn hold(
    sources: Sources,
    forecast: ScenarioForecast,
    run: Result<Box<KeptRun>, Failure>,
    input: TrackingInput,
    task: Task,
) -> Result<TrackingReport, Failure> {
    // A key that finance does not know is told before everything is read.
    let (keys, to) = (keys(&input, &run), Month::of(input.until));
    let spent = spending::read(&sources, &forecast, &keys, to).await?;
    let actual = actual::read(&sources, &forecast, input.until).await?;
    let question = Question {
        forecast: &forecast,
        company: &actual.company,
        to,
        spent: spent.by_month(),
        spending: spent.told.clone(),
        year_begins: input.year_begins,
    };
    let by_another = run.as_deref().ok().and_then(drawn_by_another);
    let learnt = learnt(run, &question, &task)?;
    let by_another = by_another.filter(|_| learnt.is_ok());
    let mut report = track(&question, learnt);
    report
        .quality_flags
        .extend(spent.flag().into_iter().chain(by_another));
    report.sources = actual.sources;
    Ok(report)
}

/// Nothing is typed in that the approved scenario says already.
fn keys(input: &TrackingInput, run: &Result<Box<KeptRun>, Failure>) -> Keys {
    if !input.programmes.is_empty() {
        return Keys::Asked(input.programmes.clone());
    }
    let initiatives = run.iter().flat_map(|it| &it.scenario.initiatives);
    let keys = initiatives.filter_map(|it| it.key.clone());
    let mut keys: Vec<ProgrammeKey> = keys.map(Into::into).collect();
    keys.sort();
    keys.dedup();
    Keys::OfScenario(keys)
}

/// That what the months tell is worked out by another engine than the forecast was. A forecast is tracked for years: what it
/// taught would end with the next release.
fn drawn_by_another(run: &KeptRun) -> Option<Flag> {
    let (then, now) = (&run.result.engine_version, version::current());
    (then != now).then(|| {
        let detail = format!(
            "the forecast was frozen by engine {then}, and what the months tell is worked out by engine {now}"
        );
        Flag::new(FlagCode::OtherEngine, detail)
    })
}

/// What the months tell of what was run, or why they tell nothing.
fn learnt(
    run: Result<Box<KeptRun>, Failure>,
    question: &Question<'_>,
    task: &Task,
) -> Result<Result<Learnt, Flag>, Failure> {
    let run = match run {
        Ok(run) => run,
        Err(failure) => return Ok(Err(Flag::new(FlagCode::NotLearnt, failure.to_string()))),
    };
    let approved = Approved {
        baseline: &run.baseline,
        model: &run.model()?,
        options: &run.options,
    };
    let control = Control {
        progress: Some(&|done, futures| task.report(done, futures)),
        cancel: Some(task.stop_flag()),
    };
    learn(&approved, question.company, question.to, &control).map_err(|error| failure(error.into()))
}

fn row(order: &Order, report: &TrackingReport) -> Result<TrackingRow, Failure> {
    Ok(TrackingRow {
        id: RecordId::generate(),
        scenario_key: order.scenario.key.clone(),
        scenario_version: i32::try_from(order.scenario.version).map_err(Failure::internal)?,
        until_on: order.input.until,
        has_drifted: report.figures.iter().any(|it| it.drifted_since.is_some()),
        report: write(report)?,
        created_at: keepworth_store::now().naive_utc(),
    })
}

/// Keeps it; others hear of it when a forecast is found off for the first time.
fn keep(conn: &mut Conn, row: &TrackingRow) -> Result<String, Reason> {
    let [_, drifted] = store::count_trackings(conn, &row.scenario_key, row.scenario_version)
        .map_err(StoreError::from)?;
    store::insert_tracking(conn, row).map_err(StoreError::from)?;
    if row.has_drifted && drifted == 0 {
        let subject = format!("/v1/trackings/{}", row.id);
        let ids = RequestIds::current();
        keepworth_outbox::put(conn, EventType::ForecastDrifted, &subject, ids.as_ref())
            .map_err(StoreError::from)?;
    }
    let product = Product::Tracking { id: row.id };
    Ok(product.write()?)
}

/// Lists a scenario's trackings.
pub async fn list(
    db: &Db,
    key: String,
    query: TrackingQuery,
) -> Result<TrackingSummaryPage, Failure> {
    let (of, version) = (key.clone(), query.version);
    db.read(move |conn| load_scenario(conn, &of, version))
        .await?;
    let version = version
        .map(i32::try_from)
        .transpose()
        .map_err(Failure::internal)?;
    let load =
        move |conn: &mut Conn, place: &_, _: &_| store::list_trackings(conn, place, &key, version);
    page::list(db, query, load, |row| row.id).await
}

/// One tracking.
pub fn load(conn: &mut Conn, id: RecordId) -> Result<Tracking, Failure> {
    let row = store::find_tracking(conn, id)?.ok_or_else(|| {
        Failure::not_found(format!(
            "no tracking has the id {id}; GET /v1/scenarios/KEY/trackings lists a scenario's"
        ))
    })?;
    let report = read(&row.report)?;
    let summary = TrackingSummaryRow {
        id: row.id,
        scenario_key: row.scenario_key,
        scenario_version: row.scenario_version,
        until_on: row.until_on,
        has_drifted: row.has_drifted,
        created_at: row.created_at,
    };
    Ok(Tracking {
        summary: summary.into(),
        report,
    })
}

/// That something was measured of a version before it is closed: what was learnt without looking is a guess.
pub(crate) fn refuse_unmeasured(conn: &mut Conn, key: &str, version: i32) -> Result<(), Failure> {
    let [measured, _] = store::count_trackings(conn, key, version)?;
    if measured > 0 {
        return Ok(());
    }
    let detail = format!(
        "version {version} of `{key}` was approved, and nothing of it was ever held against its forecast; order that with \
         POST /v1/scenarios/{key}/trackings (`keepworth track {key}@{version}`), and close it then"
    );
    Err(Failure::conflict(ProblemCode::NotMeasured, detail))
}

impl From<TrackingSummaryRow> for TrackingSummary {
    fn from(row: TrackingSummaryRow) -> Self {
        Self {
            id: row.id.0,
            scenario: ScenarioReference {
                key: row.scenario_key,
                version: row.scenario_version.cast_unsigned(),
            },
            until: row.until_on,
            has_drifted: row.has_drifted,
            created_at: row.created_at.and_utc(),
        }
    }
}
