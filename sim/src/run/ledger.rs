//! The ledger of a run, line by line and month by month.

use std::sync::atomic::{AtomicU64, Ordering};

use rayon::prelude::*;

use super::{Control, RunError, TILE_TRIALS, check_kept, checked_plan, fill_uniforms, on_threads};
use crate::model::Model;
use crate::summary::{LedgerTile, MonthlyLedger};
use crate::trials::{Columns, Evaluator, RunOptions};

/// The ledger of the futures of [`run`](crate::run) with the same options.
///
/// # Errors
/// If the options cannot be sampled, are too many to keep, or the run is cancelled.
pub fn ledger(
    model: &Model,
    options: &RunOptions,
    control: &Control<'_>,
) -> Result<MonthlyLedger, RunError> {
    on_threads(options.threads, || keep(model, options, control))?
}

/// [`ledger`] on the threads of the caller's pool.
fn keep(
    model: &Model,
    options: &RunOptions,
    control: &Control<'_>,
) -> Result<MonthlyLedger, RunError> {
    let plan = checked_plan(model, options)?;
    check_kept(options)?;
    let evaluator = Evaluator::new(model).with_demography_seed(plan.seed);
    let done = AtomicU64::new(0);
    let firsts: Vec<u64> = (0..plan.trials).step_by(TILE_TRIALS as usize).collect();
    let tiles: Result<Vec<LedgerTile>, RunError> = firsts
        .into_par_iter()
        .map(|first| {
            control.check(done.load(Ordering::Relaxed), plan.trials)?;
            let count = TILE_TRIALS.min(plan.trials - first);
            let mut columns = Columns::new(model.inputs.len(), count as usize);
            fill_uniforms(model, &plan, first, &mut columns);
            evaluator.draw(&mut columns);
            let tile = evaluator.ledger_tile(&columns, first);
            let done = done.fetch_add(count, Ordering::Relaxed) + count;
            control.report(done, plan.trials);
            Ok(tile)
        })
        .collect();
    Ok(MonthlyLedger::new(options, &tiles?))
}
