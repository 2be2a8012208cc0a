//! Runs: ordered, simulated, kept, found.

pub mod export;
pub(crate) mod kept;
mod order;
mod same;

use keepworth_contract::JobKind;
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::{
    EngineChange, Run, RunQuery, RunReference, RunStatus, RunSummary, RunSummaryPage,
    ScenarioReference,
};
use keepworth_intake::{Failure, page, version};
use keepworth_jobs::{Job, Reason, Room, Task, Write, enqueue as enqueue_job};
use keepworth_sim::version::changes_since;
use keepworth_sim::{Control, Flag, RunResult, Scenario};
use keepworth_store::{Conn, Db, Named, RecordId, StoreError};
use keepworth_verdict::{Referred, simulate, simulate_with_ledger};
use serde::{Deserialize, Serialize};

pub use order::{Taken, take};

use crate::app::approval::refuse_decided;
use crate::app::document::{read, write};
use crate::app::job::Product;
use crate::app::scenario::written::{failure, load_baseline};
use crate::store::reference::{self, ReferenceRow};
use crate::store::run::{self, RunRow, RunSummaryRow};
pub(super) use order::Order;

/// What a job simulates: an order, and what its scenario referred to when it came. Whatever becomes of the library
/// until the job has its turn, the run is of what its caller saw.
#[derive(Debug, Serialize, Deserialize)]
struct Ordered {
    #[serde(flatten)]
    order: Order,
    /// The scenario with figures in place of its references; none where it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    resolved: Option<Scenario>,
    #[serde(default)]
    references: Vec<RunReference>,
    /// What a reader of the result must know of what the scenario refers to, or might.
    #[serde(default)]
    flags: Vec<Flag>,
}

impl Ordered {
    fn scenario(&self) -> Result<Scenario, Failure> {
        let resolved = self.resolved.clone();
        resolved.map_or_else(|| self.order.written().read(), Ok)
    }
}

/// The run that an order would come to once more: of the same version of a kept scenario, with the same futures and seed,
/// by the same engine. It has the same figures, and is not drawn again.
pub async fn find_same(db: &Db, taken: &Result<Taken, Failure>) -> Result<Option<Run>, Failure> {
    let Ok(taken) = taken.clone() else {
        return Ok(None);
    };
    db.read(move |conn| same::find(conn, &taken)).await
}

/// Checks an order that was taken as far as that goes without drawing a future, and puts it into the queue.
pub fn enqueue(conn: &mut Conn, room: Room, taken: Result<Taken, Failure>) -> Result<Job, Failure> {
    let Taken { order, rates } = taken?;
    let Referred {
        scenario,
        references,
        flags,
    } = order.written().on_baseline(conn, &rates)?;
    let ordered = Ordered {
        order,
        resolved: (!references.is_empty()).then_some(scenario),
        references,
        flags,
    };
    enqueue_job(conn, JobKind::Run, room, write(&ordered)?)
}

/// Simulates what a job orders, off the threads that wait for something.
pub async fn compute(db: &Db, task: &Task) -> Result<Write, Failure> {
    let ordered: Ordered = read(&task.job.input)?;
    let hash = ordered.order.baseline_hash.clone();
    let baseline = db.read(move |conn| load_baseline(conn, &hash)).await?;
    let task = task.clone();
    let work = move || {
        let result = draw(&ordered, &baseline, &task)?;
        let references = ordered.references;
        let mut row = row(ordered.order, &result)?;
        row.resolved_scenario = ordered.resolved.as_ref().map(write).transpose()?;
        Ok::<_, Failure>((row, references))
    };
    let done = tokio::task::spawn_blocking(work).await;
    let (row, references) = done.map_err(Failure::internal)??;
    Ok(Box::new(move |conn| keep(conn, &row, &references)))
}

fn draw(ordered: &Ordered, baseline: &Baseline, task: &Task) -> Result<RunResult, Failure> {
    let control = Control {
        progress: Some(&|done, trials| task.report(done, trials)),
        cancel: Some(task.stop_flag()),
    };
    let options = ordered.order.options();
    let scenario = ordered.scenario()?;
    let done = if ordered.order.ledger {
        simulate_with_ledger(&scenario, baseline, &options, &control)
    } else {
        simulate(&scenario, baseline, &options, &control)
    };
    let mut result = done.map_err(failure)?;
    result.flags.extend(ordered.flags.iter().cloned());
    Ok(result)
}

fn row(order: Order, result: &RunResult) -> Result<RunRow, Failure> {
    Ok(RunRow {
        id: RecordId::generate(),
        scenario_name: result.scenario.clone(),
        baseline_hash: result.baseline_hash.clone().unwrap_or_default(),
        options: write(&keepworth_verdict::told_options(&order.options()))?,
        scenario: order.scenario,
        input_hash: result.input_hash.clone(),
        status: write(&RunStatus::Succeeded)?,
        result: write(result)?,
        created_at: keepworth_store::now().naive_utc(),
        scenario_version: order.scenario_version,
        scenario_key: order.scenario_key,
        resolved_scenario: None,
    })
}

fn keep(conn: &mut Conn, row: &RunRow, references: &[RunReference]) -> Result<String, Reason> {
    run::insert_run(conn, row).map_err(StoreError::from)?;
    let mut rows = Vec::new();
    for (position, it) in references.iter().enumerate() {
        rows.push(ReferenceRow {
            run_id: row.id,
            position: position as i32,
            kind: Named::new(it.kind),
            key: it.key.clone(),
            reference: write(it)?,
        });
    }
    reference::insert_references(conn, &rows).map_err(StoreError::from)?;
    let product = Product::Run { id: row.id };
    Ok(product.write()?)
}

/// Lists runs.
pub async fn list(db: &Db, query: RunQuery) -> Result<RunSummaryPage, Failure> {
    page::check_text("baseline_hash", query.baseline_hash.as_deref())?;
    page::check_text("scenario_key", query.scenario_key.as_deref())?;
    page::check_text("evidence_key", query.evidence_key.as_deref())?;
    page::check_moment("created_since", query.created_since)?;
    page::list(db, query, run::list_runs, |row| row.id).await
}

/// One run with its result.
pub fn load(conn: &mut Conn, id: RecordId) -> Result<Run, Failure> {
    let row = run::find_run(conn, id)?;
    let mut run: Run = row.ok_or_else(|| unknown(id))?.try_into()?;
    let references = reference::load_references(conn, id)?;
    run.references = references
        .iter()
        .map(|it| read(it))
        .collect::<Result<_, _>>()?;
    Ok(run)
}

/// Removes a run, in the caller's transaction.
pub fn remove(conn: &mut Conn, id: RecordId) -> Result<(), Failure> {
    let run = load(conn, id)?;
    refuse_decided(conn, id)?;
    version::note_change(Some(&run), None)?;
    if run::delete_run(conn, id)? {
        Ok(())
    } else {
        Err(unknown(id))
    }
}

fn unknown(id: RecordId) -> Failure {
    Failure::not_found(format!("no run has the id {id}"))
}

impl TryFrom<RunSummaryRow> for RunSummary {
    type Error = Failure;

    fn try_from(row: RunSummaryRow) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id.0,
            scenario_name: row.scenario_name,
            scenario_version: row
                .scenario_key
                .zip(row.scenario_version)
                .map(|(key, version)| reference_to(key, version))
                .transpose()?,
            baseline_hash: row.baseline_hash,
            options: read(&row.options)?,
            input_hash: row.input_hash,
            status: read(&row.status)?,
            created_at: row.created_at.and_utc(),
        })
    }
}

impl TryFrom<RunRow> for Run {
    type Error = Failure;

    fn try_from(row: RunRow) -> Result<Self, Failure> {
        let result: keepworth_contract::simulator::RunResult = read(&row.result)?;
        let engine_changes = changes_since(&result.engine_version);
        let engine_changes = engine_changes.iter().map(|it| EngineChange {
            version: it.name.to_owned(),
            changes: it.changes.to_owned(),
        });
        let scenario = row.scenario;
        let summary = RunSummaryRow {
            id: row.id,
            scenario_name: row.scenario_name,
            baseline_hash: row.baseline_hash,
            options: row.options,
            input_hash: row.input_hash,
            status: row.status,
            created_at: row.created_at,
            scenario_key: row.scenario_key,
            scenario_version: row.scenario_version,
        };
        Ok(Self {
            summary: summary.try_into()?,
            scenario,
            references: Vec::new(),
            result,
            engine_changes: engine_changes.collect(),
        })
    }
}

/// A version of a kept scenario, from its columns.
pub(super) fn reference_to(key: String, version: i32) -> Result<ScenarioReference, Failure> {
    let version = u32::try_from(version).map_err(Failure::internal)?;
    Ok(ScenarioReference { key, version })
}
