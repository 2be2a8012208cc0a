//! A run as a workbook.

use std::io::Write;

use anyhow::Context;
use keepworth_sim::{Model, RunOptions, RunResult};
use keepworth_verdict::{assumptions, finding, first_futures, middle_case, swings, told, weighing};
use keepworth_workbook::{Contents, Register, workbook};

use super::watch::Watch;

/// Writes a run of a scenario's text with its verdict in a sentence.
pub(super) fn write_workbook(
    (result, text): (&RunResult, &str),
    model: &Model,
    options: &RunOptions,
    watch: &Watch,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    watch.stage("writing the workbook");
    let finding = finding(result, model.currency(), model.horizon_months());
    let decision = finding.context("the run has no net present value")?;
    let weighing = weighing(options.threads);
    let bytes = workbook(Contents {
        result: &told(result)?,
        decision: &decision.to_string(),
        case: &middle_case(model, options)?,
        swings: swings(model, options)?.as_deref(),
        futures: &first_futures(model, options),
        register: Register {
            assumptions: &assumptions(model, text, &weighing)?,
            trials: weighing.trials,
            scenario: None,
        },
    })?;
    Ok(out.write_all(&bytes)?)
}
