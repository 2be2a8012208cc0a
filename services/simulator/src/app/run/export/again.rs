//! A kept run that is run again, and handed out only where it comes to the same.

use std::io::Write;
use std::sync::atomic::AtomicBool;

use keepworth_intake::Failure;
use keepworth_intake::feed::no_room;
use keepworth_jobs::cancelled;
use keepworth_memo::memo;
use keepworth_sim::{Control, Model, RunError, RunResult, run};
use keepworth_trials::{TrialsError, write_trials};
use keepworth_verdict::{
    Finding, Reasons, RetoldError, assumptions, explained, finding, first_futures, middle_case,
    swings, told, unit_of, weighing,
};
use keepworth_workbook::{Register, workbook};

use super::Form;
use crate::app::assumption::{Checks, checked};
use crate::app::run::kept::{KeptRun, irreproducible};
use crate::rule::reproduced::difference;

impl KeptRun {
    /// Runs it again and writes it in a form.
    pub(super) fn write(
        &self,
        form: Form,
        checks: Checks,
        is_left: &AtomicBool,
        out: &mut (dyn Write + Send),
    ) -> Result<(), Failure> {
        let control = Control {
            progress: None,
            cancel: Some(is_left),
        };
        let model = self.model()?;
        let result = run(&model, &self.options, &control).map_err(|error| not_run(&error))?;
        let again = told(&result).map_err(Failure::internal)?;
        if let Some(part) = difference(&self.result, &again) {
            return Err(irreproducible(&format!(
                "its {part} came to something else"
            )));
        }
        let bytes = match form {
            Form::Workbook => self.workbook(&model, &result, checks)?,
            Form::Memo => self.memo(&model, &result, &control)?,
            Form::Csv => return self.futures(&model, keepworth_trials::Form::Csv, &control, out),
            Form::Parquet => {
                return self.futures(&model, keepworth_trials::Form::Parquet, &control, out);
            }
        };
        out.write_all(&bytes).map_err(no_room)
    }

    fn workbook(
        &self,
        model: &Model,
        result: &RunResult,
        checks: Checks,
    ) -> Result<Vec<u8>, Failure> {
        let swings = swings(model, &self.options).map_err(|it| not_told(&it))?;
        let weighing = weighing(self.options.threads);
        let assumed = assumptions(model, &self.text, &weighing).map_err(Failure::internal)?;
        let written = workbook(keepworth_workbook::Contents {
            result: &self.result,
            decision: &found(model, result)?.to_string(),
            case: &middle_case(model, &self.options).map_err(|it| not_told(&it))?,
            swings: swings.as_deref(),
            futures: &first_futures(model, &self.options),
            register: Register {
                assumptions: &Vec::from_iter(checked(assumed, checks)),
                trials: weighing.trials,
                scenario: self.key.as_deref(),
            },
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
            result: &self.result,
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
