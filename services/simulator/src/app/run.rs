//! Runs: ordered, simulated, kept, found.

mod exchange;

use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::{
    EngineChange, Run, RunInput, RunQuery, RunReference, RunStatus, RunSummary, RunSummaryPage,
};
use keepworth_contract::{FaultCode, InvalidParam, JobKind};
use keepworth_intake::{Failure, fault, page, version};
use keepworth_jobs::{Job, Reason, Room, Task, Write, cancelled, enqueue as enqueue_job};
use keepworth_sim::version::changes_since;
use keepworth_sim::{Control, Flag, RunError, RunOptions, RunResult, Scenario};
use keepworth_store::{Conn, Db, Named, RecordId, StoreError};
use keepworth_verdict::{
    FoundRate, ReferError, Referred, SimulationError, WorldError, prepare, refer, simulate,
    simulate_with_ledger,
};
use serde::{Deserialize, Serialize};

pub use exchange::exchange_rates;

use crate::app::evidence::Shelf;
use crate::app::job::Product;
use crate::store::baseline;
use crate::store::reference::{self, ReferenceRow};
use crate::store::run::{self, RunRow, RunSummaryRow};

/// The most trials of one run: they are kept in memory until they are summarised.
const MOST_TRIALS: u64 = 1_000_000;
/// The longest scenario, in bytes.
const LONGEST_SCENARIO: usize = 1024 * 1024;
/// The most initiatives of a scenario.
const MOST_INITIATIVES: usize = 200;
/// The longest name of a scenario or an initiative, in characters.
const LONGEST_NAME: usize = 200;
/// The most threads of one run.
const MOST_THREADS: usize = 256;

/// What a job simulates: an order, and what its scenario referred to when it came. Whatever becomes of the library
/// until the job has its turn, the run is of what its caller saw.
#[derive(Debug, Serialize, Deserialize)]
struct Ordered {
    #[serde(flatten)]
    order: RunInput,
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
        resolved.map_or_else(|| scenario(&self.order), Ok)
    }
}

/// Checks an order as far as that goes without drawing a future, and puts it into the queue.
pub fn enqueue(
    conn: &mut Conn,
    room: Room,
    order: RunInput,
    rates: Result<Vec<FoundRate>, Failure>,
) -> Result<Job, Failure> {
    options(&order)?;
    let scenario = scenario(&order)?;
    refuse_oversize(&scenario)?;
    let baseline = load_baseline(conn, &order.baseline_hash)?;
    let rates = rates?;
    let mut shelf = Shelf {
        conn: &mut *conn,
        as_of: baseline.as_of,
        currency: &baseline.currency,
        rates: &rates,
    };
    let Referred {
        scenario,
        references,
        flags,
    } = refer(&scenario, &mut shelf).map_err(|error| match error {
        ReferError::Scenario(error) => scenario_fault(&error.path.clone(), &error),
        ReferError::Library(failure) => failure,
    })?;
    prepare(&scenario, &baseline).map_err(failure)?;
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
        Ok::<_, Failure>((row(ordered.order, &result)?, references))
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
    let options = options(&ordered.order)?;
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

fn row(order: RunInput, result: &RunResult) -> Result<RunRow, Failure> {
    Ok(RunRow {
        id: RecordId::generate(),
        scenario_name: result.scenario.clone(),
        baseline_hash: result.baseline_hash.clone().unwrap_or_default(),
        options: write(&keepworth_verdict::told_options(&options(&order)?))?,
        scenario: order.scenario,
        input_hash: result.input_hash.clone(),
        status: write(&RunStatus::Succeeded)?,
        result: write(result)?,
        created_at: keepworth_store::now().naive_utc(),
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
    version::note_change(Some(&load(conn, id)?), None)?;
    if run::delete_run(conn, id)? {
        Ok(())
    } else {
        Err(unknown(id))
    }
}

fn unknown(id: RecordId) -> Failure {
    Failure::not_found(format!("no run has the id {id}"))
}

/// The baseline that a request names.
pub(super) fn load_baseline(conn: &mut Conn, hash: &str) -> Result<Baseline, Failure> {
    let Some(document) = baseline::find_document(conn, hash)? else {
        let reason = format!("no baseline has the hash `{hash}`; POST /v1/baselines builds one");
        let (name, code) = ("baseline_hash", FaultCode::UnknownBaseline);
        return Err(Failure::invalid(vec![InvalidParam::new(
            name, code, reason,
        )]));
    };
    read(&document)
}

fn scenario(order: &RunInput) -> Result<Scenario, Failure> {
    Scenario::from_toml(&order.scenario)
        .map_err(|error| scenario_fault(&error.path.clone(), &error))
}

fn refuse_oversize(scenario: &Scenario) -> Result<(), Failure> {
    let mut faults = Vec::new();
    if scenario.initiatives.len() > MOST_INITIATIVES {
        let reason = format!(
            "are {}; give at most {MOST_INITIATIVES}, or split the programme",
            scenario.initiatives.len()
        );
        let name = "scenario/initiatives";
        faults.push(InvalidParam::new(name, FaultCode::TooMany, reason));
    }
    faults.extend(fault::text("scenario/name", &scenario.name, LONGEST_NAME));
    let names = scenario.initiatives.iter().enumerate();
    faults.extend(names.filter_map(|(index, it)| {
        let name = format!("scenario/initiatives/{index}/name");
        fault::text(&name, &it.name, LONGEST_NAME)
    }));
    if faults.is_empty() {
        Ok(())
    } else {
        Err(Failure::invalid(faults))
    }
}

fn options(order: &RunInput) -> Result<RunOptions, Failure> {
    let mut faults = Vec::new();
    if order.scenario.len() > LONGEST_SCENARIO {
        let reason = format!(
            "has {} bytes; give at most {LONGEST_SCENARIO}",
            order.scenario.len()
        );
        faults.push(InvalidParam::new("scenario", FaultCode::TooLong, reason));
    }
    if !(1..=MOST_TRIALS).contains(&order.trials) {
        let reason = format!(
            "is {}; give 1 to {MOST_TRIALS}, or run `keepworth simulate` for more",
            order.trials
        );
        faults.push(InvalidParam::new("trials", FaultCode::OutOfRange, reason));
    }
    if order
        .threads
        .is_some_and(|threads| !(1..=MOST_THREADS).contains(&threads))
    {
        let reason = format!("give 1 to {MOST_THREADS}, or leave it out for one per core");
        faults.push(InvalidParam::new("threads", FaultCode::OutOfRange, reason));
    }
    if faults.is_empty() {
        Ok(RunOptions {
            trials: order.trials,
            seed: order.seed,
            threads: order.threads,
            sampling: keepworth_verdict::sampling(order.sampling),
            ..RunOptions::default()
        })
    } else {
        Err(Failure::invalid(faults))
    }
}

pub(crate) fn failure(error: SimulationError) -> Failure {
    let invalid = |name: &str, code: FaultCode, reason: String| {
        Failure::invalid(vec![InvalidParam::new(name, code, reason)])
    };
    match error {
        SimulationError::Scenario(error) => scenario_fault(&error.path.clone(), &error),
        SimulationError::Baseline(error @ WorldError::Missing { .. }) => {
            invalid("scenario", FaultCode::FigureMissing, error.to_string())
        }
        SimulationError::Baseline(error) => invalid(
            "baseline_hash",
            FaultCode::UnusableBaseline,
            error.to_string(),
        ),
        SimulationError::Run(RunError::Plan(error)) => {
            invalid("sampling", FaultCode::CannotBeSampled, error.to_string())
        }
        SimulationError::Run(RunError::Cancelled { .. }) => cancelled(),
        SimulationError::Run(error) => Failure::internal(error),
    }
}

fn scenario_fault(path: &str, error: &keepworth_sim::ScenarioError) -> Failure {
    let name = if path.is_empty() {
        "scenario".to_owned()
    } else {
        format!("scenario/{path}")
    };
    Failure::invalid(vec![InvalidParam::new(
        name,
        FaultCode::InvalidScenario,
        error.to_string(),
    )])
}

impl TryFrom<RunSummaryRow> for RunSummary {
    type Error = Failure;

    fn try_from(row: RunSummaryRow) -> Result<Self, Failure> {
        Ok(Self {
            id: row.id.0,
            scenario_name: row.scenario_name,
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

fn read<T: for<'de> Deserialize<'de>>(json: &str) -> Result<T, Failure> {
    serde_json::from_str(json).map_err(Failure::internal)
}

fn write(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(Failure::internal)
}
