//! Runs: a scenario simulated on a baseline.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::web::{Data, Json, Path, Query};
use actix_web::{HttpResponse, get, post};
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_contract::simulator::{Run, RunInput, RunStatus, RunSummary, RunSummaryPage};
use keepworth_contract::{InvalidParam, PageQuery, Problem};
use keepworth_intake::fault;
use keepworth_intake::{Failure, page};
use keepworth_platform::{ApiError, ApiResult, ReadProblems, Service, WriteProblems};
use keepworth_sim::{Control, RunError, RunOptions, RunResult, Scenario};
use keepworth_store::RecordId;
use serde::{Deserialize, Serialize};

use uuid::Uuid;

use crate::store::baseline;
use crate::store::run::{self, RunRow, RunSummaryRow};
use crate::{MOST_RUNS, Simulator};
use keepworth_verdict::WorldError;
use keepworth_verdict::{SimulationError, simulate};

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
        let result = read(&row.result)?;
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
            result,
        })
    }
}

fn read<T: for<'de> Deserialize<'de>>(json: &str) -> Result<T, Failure> {
    serde_json::from_str(json).map_err(Failure::internal)
}

fn write(value: &impl Serialize) -> Result<String, Failure> {
    serde_json::to_string(value).map_err(Failure::internal)
}

/// Simulates a scenario on a baseline, and answers when it is done.
#[utoipa::path(operation_id = "create_run", tag = "runs", request_body = RunInput,
    responses((status = 201, body = Run, description = "The run with its result"),
              (status = 429, body = Problem, content_type = "application/problem+json",
               description = "As many runs as may wait do; come again"), WriteProblems))]
#[post("/runs")]
pub async fn create_run(
    app: Data<Simulator>,
    body: Json<RunInput>,
) -> Result<HttpResponse, ApiError> {
    let _place = app.queue.try_acquire().map_err(|_| {
        let reason = format!("{MOST_RUNS} runs are in work or wait; come again when one is done");
        Failure::too_many(reason)
    })?;
    let order = body.into_inner();
    let options = options(&order)?;
    let scenario = Scenario::from_toml(&order.scenario)
        .map_err(|error| scenario_fault(&error.path.clone(), &error))?;
    refuse_oversize(&scenario)?;
    let baseline = load(&app, order.baseline_hash).await?;
    let result = compute(&app, scenario, baseline, options.clone()).await?;
    let row = RunRow {
        id: RecordId::generate(),
        scenario_name: result.scenario.clone(),
        scenario: order.scenario,
        baseline_hash: result.baseline_hash.clone().unwrap_or_default(),
        options: write(&keepworth_verdict::told_options(&options))?,
        input_hash: result.input_hash.clone(),
        status: write(&RunStatus::Succeeded)?,
        result: write(&result)?,
        created_at: keepworth_store::now().naive_utc(),
    };
    let kept = row.clone();
    app.db()
        .write(move |conn| run::insert_run(conn, &kept).map_err(Failure::from))
        .await?;
    Ok(HttpResponse::Created().json(Run::try_from(row)?))
}

fn refuse_oversize(scenario: &Scenario) -> Result<(), Failure> {
    let mut faults = Vec::new();
    if scenario.initiatives.len() > MOST_INITIATIVES {
        let reason = format!(
            "are {}; give at most {MOST_INITIATIVES}, or split the programme",
            scenario.initiatives.len()
        );
        let name = "scenario/initiatives";
        faults.push(InvalidParam::new(name, "too_many", reason));
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
        faults.push(InvalidParam::new("scenario", "too_long", reason));
    }
    if !(1..=MOST_TRIALS).contains(&order.trials) {
        let reason = format!(
            "is {}; give 1 to {MOST_TRIALS}, or run `keepworth simulate` for more",
            order.trials
        );
        faults.push(InvalidParam::new("trials", "out_of_range", reason));
    }
    if order
        .threads
        .is_some_and(|threads| !(1..=MOST_THREADS).contains(&threads))
    {
        let reason = format!("give 1 to {MOST_THREADS}, or leave it out for one per core");
        faults.push(InvalidParam::new("threads", "out_of_range", reason));
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

async fn load(app: &Simulator, hash: String) -> Result<Baseline, Failure> {
    let reason = format!("no baseline has the hash `{hash}`; POST /v1/baselines builds one");
    let document = app
        .db()
        .read(move |conn| baseline::find_document(conn, &hash).map_err(Failure::from))
        .await?;
    match document {
        Some(document) => read(&document),
        None => Err(Failure::invalid(vec![InvalidParam::new(
            "baseline_hash",
            "unknown_baseline",
            reason,
        )])),
    }
}

/// Stops the run when whoever waits for it is gone.
struct StopOnDrop(Arc<AtomicBool>);

impl Drop for StopOnDrop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// Runs off the threads that serve requests, one run at a time.
async fn compute(
    app: &Simulator,
    scenario: Scenario,
    baseline: Baseline,
    options: RunOptions,
) -> Result<RunResult, Failure> {
    let permit = Arc::clone(&app.gate)
        .acquire_owned()
        .await
        .map_err(Failure::internal)?;
    let cancel = Arc::new(AtomicBool::new(false));
    let _stop = StopOnDrop(Arc::clone(&cancel));
    let work = move || {
        let _permit = permit;
        let control = Control {
            cancel: Some(&cancel),
            ..Control::default()
        };
        simulate(&scenario, &baseline, &options, &control)
    };
    let result = tokio::task::spawn_blocking(work)
        .await
        .map_err(Failure::internal)?;
    result.map_err(fault)
}

fn fault(error: SimulationError) -> Failure {
    let invalid = |name: &str, code: &str, reason: String| {
        Failure::invalid(vec![InvalidParam::new(name, code, reason)])
    };
    match error {
        SimulationError::Scenario(error) => scenario_fault(&error.path.clone(), &error),
        SimulationError::Baseline(error @ WorldError::Missing { .. }) => {
            invalid("scenario", "figure_missing", error.to_string())
        }
        SimulationError::Baseline(error) => {
            invalid("baseline_hash", "unusable_baseline", error.to_string())
        }
        SimulationError::Run(RunError::Plan(error)) => {
            invalid("sampling", "cannot_be_sampled", error.to_string())
        }
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
        "invalid_scenario",
        error.to_string(),
    )])
}

/// Lists runs in the order of their making.
#[utoipa::path(operation_id = "list_runs", tag = "runs", params(PageQuery),
    responses((status = 200, body = RunSummaryPage, description = "A page of runs"), ReadProblems))]
#[get("/runs")]
pub async fn list_runs(app: Data<Simulator>, query: Query<PageQuery>) -> ApiResult<RunSummaryPage> {
    let (after, limit) = (page::after(&query)?, query.limit());
    let rows = app
        .db()
        .read(move |conn| run::runs_after(conn, after, limit + 1).map_err(Failure::from))
        .await?;
    Ok(Json(page::page(rows, limit, |row| row.id)?))
}

/// One run with its result.
#[utoipa::path(operation_id = "load_run", tag = "runs",
    params(("id" = Uuid, Path, description = "The run's identifier")),
    responses((status = 200, body = Run, description = "The run"), ReadProblems))]
#[get("/runs/{id}")]
pub async fn load_run(app: Data<Simulator>, id: Path<Uuid>) -> ApiResult<Run> {
    let id = RecordId(id.into_inner());
    let row = app
        .db()
        .read(move |conn| run::find_run(conn, id).map_err(Failure::from))
        .await?
        .ok_or_else(|| Failure::not_found(format!("no run has the id {id}")))?;
    Ok(Json(row.try_into()?))
}
