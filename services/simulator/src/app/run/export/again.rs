//! A kept run that is run again, and handed out only where it comes to the same.

use std::io::Write;
use std::sync::atomic::AtomicBool;

use keepworth_contract::ProblemCode;
use keepworth_contract::simulator as wire;
use keepworth_contract::simulator::baseline::Baseline;
use keepworth_intake::Failure;
use keepworth_intake::feed::no_room;
use keepworth_jobs::cancelled;
use keepworth_memo::memo;
use keepworth_sim::version::changes_since;
use keepworth_sim::{Control, Model, RunError, RunOptions, RunResult, Scenario, run};
use keepworth_store::{Conn, RecordId};
use keepworth_trials::{TrialsError, write_trials};
use keepworth_verdict::{
    Finding, Reasons, RetoldError, explained, finding, first_futures, middle_case, prepare, swings,
    told, unit_of,
};
use keepworth_workbook::workbook;

use super::Form;
use crate::app::run::{read, unknown};
use crate::app::scenario::written::load_baseline;
use crate::rule::reproduced::difference;
use crate::store::reference::count_references;
use crate::store::run::{self, RunRow};

/// All that it takes to run a kept run again.
pub(super) struct Again {
    id: RecordId,
    kept: wire::RunResult,
    scenario: Scenario,
    baseline: Baseline,
    options: RunOptions,
}

impl Again {
    /// Finds it.
    ///
    /// # Errors
    /// No such run; one of another engine, or of which what it referred to was not kept.
    pub(super) fn load(conn: &mut Conn, id: RecordId) -> Result<Self, Failure> {
        let row = run::find_run(conn, id)?.ok_or_else(|| unknown(id))?;
        let kept: wire::RunResult = read(&row.result)?;
        check_engine(&kept)?;
        let has_references = count_references(conn, id)? > 0;
        Ok(Self {
            id,
            scenario: scenario(&row, has_references)?,
            baseline: load_baseline(conn, &row.baseline_hash)?,
            options: options(&read(&row.options)?),
            kept,
        })
    }

    pub(super) fn id(&self) -> RecordId {
        self.id
    }

    pub(super) fn name(&self) -> &str {
        &self.kept.scenario
    }

    /// Runs it again and writes it in a form.
    pub(super) fn write(
        &self,
        form: Form,
        is_left: &AtomicBool,
        out: &mut (dyn Write + Send),
    ) -> Result<(), Failure> {
        let control = Control {
            progress: None,
            cancel: Some(is_left),
        };
        let model = prepare(&self.scenario, &self.baseline);
        let model = model.map_err(|error| irreproducible(&error.to_string()))?;
        let result = run(&model, &self.options, &control).map_err(|error| not_run(&error))?;
        let again = told(&result).map_err(Failure::internal)?;
        if let Some(part) = difference(&self.kept, &again) {
            return Err(irreproducible(&format!(
                "its {part} came to something else"
            )));
        }
        let bytes = match form {
            Form::Workbook => self.workbook(&model, &result)?,
            Form::Memo => self.memo(&model, &result, &control)?,
            Form::Csv => return self.futures(&model, keepworth_trials::Form::Csv, &control, out),
            Form::Parquet => {
                return self.futures(&model, keepworth_trials::Form::Parquet, &control, out);
            }
        };
        out.write_all(&bytes).map_err(no_room)
    }

    fn workbook(&self, model: &Model, result: &RunResult) -> Result<Vec<u8>, Failure> {
        let swings = swings(model, &self.options).map_err(|it| not_told(&it))?;
        let written = workbook(keepworth_workbook::Contents {
            result: &self.kept,
            decision: &found(model, result)?.to_string(),
            case: &middle_case(model, &self.options).map_err(|it| not_told(&it))?,
            swings: swings.as_deref(),
            futures: &first_futures(model, &self.options),
        });
        written.map_err(Failure::internal)
    }

    fn memo(
        &self,
        model: &Model,
        result: &RunResult,
        control: &Control<'_>,
    ) -> Result<Vec<u8>, Failure> {
        let explained = explained(model, &self.options, control).map_err(|it| not_told(&it))?;
        let reasons = explained.as_ref().map(Reasons::new).transpose();
        let reasons = reasons.map_err(Failure::internal)?;
        let written = memo(keepworth_memo::Contents {
            result: &self.kept,
            finding: &found(model, result)?,
            unit: unit_of(result),
            case: &middle_case(model, &self.options).map_err(|it| not_told(&it))?,
            reasons: reasons.as_ref(),
            as_of: Some(self.baseline.as_of),
            run: Some(&self.id.to_string()),
        });
        written.map_err(Failure::internal)
    }

    fn futures(
        &self,
        model: &Model,
        form: keepworth_trials::Form,
        control: &Control<'_>,
        out: &mut (dyn Write + Send),
    ) -> Result<(), Failure> {
        let written = write_trials(model, &self.options, form, control, out);
        written.map_err(|error| match error {
            TrialsError::Run(error) => not_run(&error),
            TrialsError::Csv(error) => no_room(error.into()),
            TrialsError::Parquet(error) => no_room(std::io::Error::other(error)),
        })
    }
}

fn found(model: &Model, result: &RunResult) -> Result<Finding, Failure> {
    let finding = finding(result, model.currency(), model.horizon_months());
    finding.ok_or_else(|| Failure::internal("a run without a net present value"))
}

/// What was simulated.
fn scenario(row: &RunRow, has_references: bool) -> Result<Scenario, Failure> {
    match &row.resolved_scenario {
        Some(resolved) => read(resolved),
        None if has_references => Err(irreproducible(
            "it was kept by a release that did not keep what its scenario referred to",
        )),
        None => Scenario::from_toml(&row.scenario).map_err(|it| irreproducible(&it.to_string())),
    }
}

fn options(kept: &wire::RunOptions) -> RunOptions {
    RunOptions {
        trials: kept.trials,
        seed: kept.seed,
        threads: kept.threads,
        sampling: keepworth_verdict::sampling(kept.sampling),
        randomisations: kept.randomisations,
        most_kept: kept.most_kept,
    }
}

/// Other figures under the name of a run would be worse than none.
fn check_engine(kept: &wire::RunResult) -> Result<(), Failure> {
    let changes = changes_since(&kept.engine_version);
    let Some(newest) = changes.last() else {
        return Ok(());
    };
    Err(irreproducible(&format!(
        "it is of engine {} and this is {}, which comes to other figures (`engine_changes` of GET /v1/runs/ID says why)",
        kept.engine_version, newest.name
    )))
}

fn irreproducible(why: &str) -> Failure {
    let reason = format!(
        "the run cannot be made again as it was kept: {why}; order its scenario anew with POST /v1/runs and take that \
         away, or read what was kept with GET /v1/runs/ID"
    );
    Failure::conflict(ProblemCode::RunNotReproducible, reason)
}

fn not_run(error: &RunError) -> Failure {
    match error {
        RunError::Cancelled { .. } => cancelled(),
        error => Failure::internal(error),
    }
}

fn not_told(error: &RetoldError) -> Failure {
    use keepworth_sim::explain::ExplainError;
    match error {
        RetoldError::Explain(ExplainError::Run(error)) => not_run(error),
        error => Failure::internal(error),
    }
}
