//! A run as a workbook.

use std::io::Write;

use anyhow::Context;
use keepworth_sim::{Model, RunOptions, RunResult};
use keepworth_verdict::{finding, first_futures, middle_case, swings, told};
use keepworth_workbook::{Contents, workbook};

use super::watch::Watch;

/// Writes a run with its verdict in a sentence.
pub(super) fn write_workbook(
    result: &RunResult,
    model: &Model,
    options: &RunOptions,
    watch: &Watch,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    watch.stage("writing the workbook");
    let finding = finding(result, model.currency(), model.horizon_months());
    let decision = finding.context("the run has no net present value")?;
    let bytes = workbook(Contents {
        result: &told(result)?,
        decision: &decision.to_string(),
        case: &middle_case(model, options)?,
        swings: swings(model, options)?.as_deref(),
        futures: &first_futures(model, options),
    })?;
    Ok(out.write_all(&bytes)?)
}
