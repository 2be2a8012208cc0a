//! A run as a memo.

use std::io::Write;

use anyhow::Context;
use chrono::NaiveDate;
use keepworth_memo::{Contents, memo};
use keepworth_sim::{Model, RunOptions, RunResult};
use keepworth_verdict::{Reasons, explained, finding, middle_case, told, unit_of};

use super::watch::Watch;

/// Writes a run on a baseline of a day as a memo of two pages.
pub(super) fn write_memo(
    (result, as_of): (&RunResult, Option<NaiveDate>),
    model: &Model,
    options: &RunOptions,
    watch: &Watch,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    let explained = watch.futures("explaining", |control| explained(model, options, control))?;
    watch.stage("writing the memo");
    let finding = finding(result, model.currency(), model.horizon_months());
    let bytes = memo(Contents {
        result: &told(result)?,
        finding: &finding.context("the run has no net present value")?,
        unit: unit_of(result),
        case: &middle_case(model, options)?,
        reasons: explained.as_ref().map(Reasons::new).transpose()?.as_ref(),
        as_of,
        run: None,
    })?;
    Ok(out.write_all(&bytes)?)
}
