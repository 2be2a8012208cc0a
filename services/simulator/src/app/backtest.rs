//! Backtests: ordered, computed, kept, found.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use keepworth_contract::digest::hex;
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::{
    Backtest, BacktestInput, BacktestQuery, BacktestReport, BacktestSummary, BacktestSummaryPage,
};
use keepworth_contract::{FaultCode, Flag, FlagCode, InvalidParam, JobKind, Month, ProblemCode};
use keepworth_intake::fault::not_come_yet;
use keepworth_intake::{Failure, page, version};
use keepworth_jobs::{Job, Reason, Room, Task, Write, enqueue as enqueue_job};
use keepworth_sim::forecast::Shocks;
use keepworth_sim::version::VERSIONS;
use keepworth_store::{Conn, Db, RecordId, StoreError};
use keepworth_verdict::backtest::{History, Question, backtest};
use sha2::{Digest, Sha256};

use crate::app::baseline::Order;
use crate::app::build::{self, Sources};
use crate::app::document::write;
use crate::app::job::Product;
use crate::app::scenario::written;
use crate::store::backtest::{self as store, BacktestRow, BacktestSummaryRow};
use crate::store::baseline::{NewBaselineRow, insert_baseline};

/// Most months that are forecast: those of a feed of revenues.
const MOST_MONTHS: i32 = 12;
/// Futures that may be asked for: fewer tell no band of 95%.
const TRIALS: std::ops::RangeInclusive<u32> = 100..=20_000;

/// Checks an order and puts it into the queue.
pub fn enqueue(conn: &mut Conn, room: Room, order: &BacktestInput) -> Result<Job, Failure> {
    check(order, keepworth_store::now().date_naive())?;
    let input = serde_json::to_string(order).map_err(Failure::internal)?;
    enqueue_job(conn, JobKind::Backtest, room, input)
}

fn check(order: &BacktestInput, today: NaiveDate) -> Result<(), Failure> {
    let mut faults = Vec::new();
    let mut fault = |name: &str, code, reason: String| {
        faults.push(InvalidParam::new(name, code, reason));
    };
    for (name, day) in [("as_of", order.as_of), ("until", order.until)] {
        let month = Month::of(day);
        if let Some(why) = not_come_yet(day, today) {
            fault(name, FaultCode::InTheFuture, why);
        } else if day != month.last_day() {
            let before = month.plus(-1).last_day();
            let reason = format!(
                "{day} is not the last day of a month, and whole months are counted; give {before}"
            );
            fault(name, FaultCode::NotOver, reason);
        }
    }
    let first = Month::of(order.as_of);
    let months = Month::of(order.until).index() - first.index();
    if !(1..=MOST_MONTHS).contains(&months) {
        let [from, to] = [1, MOST_MONTHS].map(|it| first.plus(it).last_day());
        let reason = format!(
            "{} is {months} months after {}; give a day from {from} to {to}",
            order.until, order.as_of
        );
        fault("until", FaultCode::OutOfRange, reason);
    }
    if !TRIALS.contains(&order.trials) {
        let reason = format!(
            "is {}; give {} to {}",
            order.trials,
            TRIALS.start(),
            TRIALS.end()
        );
        fault("trials", FaultCode::OutOfRange, reason);
    }
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Failure::invalid(faults))
    }
}

/// Makes what a job orders.
pub async fn compute(sources: Sources, task: &Task) -> Result<Write, Failure> {
    let order: BacktestInput = serde_json::from_str(&task.job.input).map_err(Failure::internal)?;
    let work = async move {
        let then = build::records(&sources, &order_of(&order, order.as_of)).await?;
        let since = build::records(&sources, &order_of(&order, order.until)).await?;
        let made = tokio::task::spawn_blocking(move || hold(&order, then, &since)).await;
        made.map_err(Failure::internal)?
    };
    let (baseline, row) = task.apart(work).await?;
    Ok(Box::new(move |conn| keep(conn, &baseline, &row)))
}

/// The records as of a day, in the currency that the backtest is in.
fn order_of(order: &BacktestInput, as_of: NaiveDate) -> Order {
    Order {
        currency: order.currency,
        ..Order::of(as_of)
    }
}

/// Builds the baseline of the time, and holds it against what came.
fn hold(
    order: &BacktestInput,
    then: build::Records,
    since: &build::Records,
) -> Result<(NewBaselineRow, BacktestRow), Failure> {
    let first = Month::of(order.as_of).plus(1);
    if let Some((what, month)) = since
        .ends(first)
        .into_iter()
        .min_by_key(|(_, month)| *month)
    {
        let or_else = format!("take an earlier as_of than {}", month.last_day());
        return Err(too_short(order.as_of, what, month, Some(&or_else)));
    }
    let before = then.histories()?;
    let mut after = since.histories()?;
    let moved = changed_since(&before, &after, first.plus(-1));
    after.values_mut().for_each(|it| *it = it.split_off(&first));
    let months: Vec<Month> = (first.index()..=Month::of(order.until).index())
        .map(Month::from_index)
        .collect();
    let baseline = then.into_baseline()?;
    let question = Question {
        baseline: &baseline,
        before: &before,
        after: &after,
        months: &months,
        trials: order.trials,
        seed: order.seed,
        shocks: Shocks::default(),
    };
    let mut report = backtest(&question).map_err(written::failure)?;
    report.quality_flags.extend(moved);
    report.sources = since.references().to_vec();
    rows(order, baseline, &report)
}

/// Records that end before the forecast does would be taken for months in which nothing happened.
pub(crate) fn too_short(
    as_of: NaiveDate,
    what: &str,
    last: Month,
    or_else: Option<&str>,
) -> Failure {
    let day = last.last_day();
    let way_out = match or_else {
        _ if day > as_of => format!("give until {day}, or import what is missing"),
        Some(or_else) => format!("import what is missing, or {or_else}"),
        None => "import what is missing".to_owned(),
    };
    let reason = format!("{what} are recorded up to {last} only; {way_out}");
    Failure::conflict(ProblemCode::RecordsTooShort, reason)
}

/// Flags segments whose customers of the baseline's day are others by what is recorded as of a later one:
/// somebody was moved between segments, or observed from another day on.
fn changed_since(
    before: &BTreeMap<String, History>,
    after: &BTreeMap<String, History>,
    last: Month,
) -> Option<Flag> {
    let customers = |of: &BTreeMap<String, History>, name: &String| {
        let month = of.get(name).and_then(|it| it.get(&last));
        month.map(|it| it.customers)
    };
    let is_other = |name: &&String| {
        let (then, now) = (customers(before, name), customers(after, name));
        now.is_some_and(|now| then.unwrap_or_default() != now)
    };
    let names: Vec<&str> = after.keys().filter(is_other).map(String::as_str).collect();
    let detail = format!(
        "customers at the end of {last} are others in the later records, of {}: what came is counted by these",
        names.join(", ")
    );
    (!names.is_empty()).then(|| Flag::new(FlagCode::CustomersChangedSince, detail))
}

fn rows(
    order: &BacktestInput,
    baseline: Baseline,
    report: &BacktestReport,
) -> Result<(NewBaselineRow, BacktestRow), Failure> {
    let now = keepworth_store::now().naive_utc();
    let made_of = (
        &baseline.hash,
        &report.sources,
        VERSIONS.last().map(|it| it.name),
        order,
    );
    let input_hash = hex(&Sha256::digest(write(&made_of)?));
    let row = BacktestRow {
        id: RecordId::generate(),
        as_of: order.as_of,
        until_on: order.until,
        baseline_hash: baseline.hash.clone(),
        input_hash,
        report: write(report)?,
        created_at: now,
    };
    let baseline = NewBaselineRow {
        document: write(&baseline)?,
        id: RecordId::generate(),
        as_of: order.as_of,
        created_at: now,
        hash: baseline.hash,
        currency: baseline.currency,
    };
    Ok((baseline, row))
}

/// The baseline is kept too, so that its figures can be looked up.
fn keep(conn: &mut Conn, baseline: &NewBaselineRow, row: &BacktestRow) -> Result<String, Reason> {
    insert_baseline(conn, baseline).map_err(StoreError::from)?;
    store::insert_backtest(conn, row).map_err(StoreError::from)?;
    let product = Product::Backtest { id: row.id };
    Ok(product.write()?)
}

/// Lists backtests.
pub async fn list(db: &Db, query: BacktestQuery) -> Result<BacktestSummaryPage, Failure> {
    page::check_text("baseline_hash", query.baseline_hash.as_deref())?;
    page::check_moment("created_since", query.created_since)?;
    page::list(db, query, store::list_backtests, |row| row.id).await
}

/// One backtest.
pub fn load(conn: &mut Conn, id: RecordId) -> Result<Backtest, Failure> {
    let row = store::find_backtest(conn, id)?;
    row.ok_or_else(|| unknown(id))?.try_into()
}

/// Removes a backtest, in the caller's transaction.
pub fn remove(conn: &mut Conn, id: RecordId) -> Result<(), Failure> {
    version::note_change(Some(&load(conn, id)?), None)?;
    if store::delete_backtest(conn, id)? {
        Ok(())
    } else {
        Err(unknown(id))
    }
}

fn unknown(id: RecordId) -> Failure {
    Failure::not_found(format!(
        "no backtest has the id {id}; GET /v1/backtests lists them"
    ))
}

impl From<BacktestSummaryRow> for BacktestSummary {
    fn from(row: BacktestSummaryRow) -> Self {
        Self {
            id: row.id.0,
            as_of: row.as_of,
            until: row.until_on,
            baseline_hash: row.baseline_hash,
            input_hash: row.input_hash,
            created_at: row.created_at.and_utc(),
        }
    }
}

impl TryFrom<BacktestRow> for Backtest {
    type Error = Failure;

    fn try_from(row: BacktestRow) -> Result<Self, Failure> {
        let report = serde_json::from_str(&row.report).map_err(Failure::internal)?;
        let summary = BacktestSummaryRow {
            id: row.id,
            as_of: row.as_of,
            until_on: row.until_on,
            baseline_hash: row.baseline_hash,
            input_hash: row.input_hash,
            created_at: row.created_at,
        };
        Ok(Self {
            summary: summary.into(),
            report,
        })
    }
}
