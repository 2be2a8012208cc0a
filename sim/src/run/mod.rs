//! Many trials: blocks of them, in any order, on any number of threads or machines.

mod beside;
mod compare;
mod ledger;
mod partial;
mod thread;
mod until;

use std::ops::Range;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use rayon::prelude::*;

pub use compare::{Comparison, Difference, compare, compare_without_gates};
pub use ledger::ledger;
pub use partial::Partial;
pub use thread::on_threads;
pub use until::{Figure, HalfWidth, Until, UntilError, run_until};

use crate::model::Model;
use crate::outcome::Outcome;
use crate::sampling::{Plan, PlanError, Sampling};
use crate::summary::{Beside, RunResult, summarise};
use crate::trials::{
    BLOCK_TRIALS, Block, Columns, Evaluation, Evaluator, MONTHLY_TRIALS, RunOptions,
};

/// Trials in a tile, the unit of work that is shared between threads.
const TILE_TRIALS: u64 = 1024;

/// Why a run gave no result.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum RunError {
    /// The trials cannot be sampled.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// More trials than are kept, where each is needed.
    #[error(
        "{trials} trials are more than the {most_kept} that can be compared, explained or kept in a ledger; ask for fewer"
    )]
    TooManyTrials {
        /// Trials asked for.
        trials: u64,
        /// Most trials that are kept.
        most_kept: u64,
    },
    /// Trials that depend on each other, without another set to tell the error by.
    #[error("randomisations is 1; give at least 2, whose scatter tells the error")]
    OneRandomisation,
    /// No thread.
    #[error("threads is 0; give at least 1, or leave it out for one per core")]
    NoThreads,
    /// The threads could not be started.
    #[error("cannot start {threads} threads: {reason}")]
    Threads {
        /// Threads asked for.
        threads: usize,
        /// What the operating system said.
        reason: String,
    },
    /// Stopping early needs a run that contains the shorter one.
    #[error(
        "latin_hypercube cannot stop early, its longer runs do not contain the shorter ones; use random or sobol"
    )]
    CannotStopEarly,
    /// The caller cancelled it.
    #[error("cancelled after {done} of {trials} trials")]
    Cancelled {
        /// Trials done.
        done: u64,
        /// Trials asked for.
        trials: u64,
    },
    /// Blocks are missing or were merged twice.
    #[error("block {block} of {blocks} is {fault}; merge each block of the run once")]
    Blocks {
        /// The block.
        block: u64,
        /// Number of blocks of the run.
        blocks: u64,
        /// "missing" or "there twice".
        fault: &'static str,
    },
    /// Partial results of different runs.
    #[error("partial results of different runs cannot be merged")]
    DifferentRuns,
}

/// What watches a run: told of progress, asked whether to stop.
#[derive(Default)]
pub struct Control<'a> {
    /// Called with the trials evaluated and the trials to evaluate, from any thread.
    pub progress: Option<&'a (dyn Fn(u64, u64) + Sync)>,
    /// Set to true to stop the run soon.
    pub cancel: Option<&'a AtomicBool>,
}

impl Control<'_> {
    /// Tells of progress.
    pub(crate) fn report(&self, done: u64, trials: u64) {
        if let Some(progress) = self.progress {
            progress(done, trials);
        }
    }

    /// Refuses to go on when the caller has cancelled.
    pub(crate) fn check(&self, done: u64, trials: u64) -> Result<(), RunError> {
        match self.cancel {
            Some(flag) if flag.load(Ordering::Relaxed) => Err(RunError::Cancelled { done, trials }),
            _ => Ok(()),
        }
    }
}

/// Runs a model.
///
/// # Errors
/// If the options cannot be sampled, or the run is cancelled.
pub fn run(
    model: &Model,
    options: &RunOptions,
    control: &Control<'_>,
) -> Result<RunResult, RunError> {
    on_threads(options.threads, || {
        evaluate_blocks(model, options, 0..options.blocks(), control)?.finish(model)
    })?
}

/// Runs some blocks of a run: a shard. Shards [merge](Partial::merge) to the bytes of one run.
///
/// # Errors
/// If the options cannot be sampled, or the run is cancelled.
pub fn run_blocks(
    model: &Model,
    options: &RunOptions,
    blocks: Range<u64>,
    control: &Control<'_>,
) -> Result<Partial, RunError> {
    on_threads(options.threads, || {
        evaluate_blocks(model, options, blocks, control)
    })?
}

/// [`run_blocks`] on the threads of the caller's pool.
fn evaluate_blocks(
    model: &Model,
    options: &RunOptions,
    blocks: Range<u64>,
    control: &Control<'_>,
) -> Result<Partial, RunError> {
    let plan = checked_plan(model, options)?;
    let done = AtomicU64::new(0);
    let evaluator = Evaluator::new(model).with_demography_seed(plan.seed);
    let mut partial = Partial::new(model, options);
    for block in blocks.start..blocks.end.min(options.blocks()) {
        partial.insert(block, run_block(&evaluator, &plan, block, &done, control)?);
    }
    Ok(partial)
}

fn run_block(
    evaluator: &Evaluator<'_>,
    plan: &Plan,
    block: u64,
    done: &AtomicU64,
    control: &Control<'_>,
) -> Result<Block, RunError> {
    let tiles = run_tiles(evaluator, plan, block, done, control, |evaluation, _| {
        evaluation
    });
    Ok(Block::new(tiles?))
}

/// The tiles of a block in the order of their trials, each as `keep` makes it of what it came to and of its input values.
fn run_tiles<T: Send>(
    evaluator: &Evaluator<'_>,
    plan: &Plan,
    block: u64,
    done: &AtomicU64,
    control: &Control<'_>,
    keep: impl Fn(Evaluation, &Columns) -> T + Sync,
) -> Result<Vec<T>, RunError> {
    let first = block * BLOCK_TRIALS;
    let end = plan.trials.min(first + BLOCK_TRIALS);
    let model = evaluator.model();
    let tiles: Vec<u64> = (first..end).step_by(TILE_TRIALS as usize).collect();
    tiles
        .into_par_iter()
        .map_init(
            || (evaluator.workspace(), Columns::new(model.inputs.len(), 0)),
            |(workspace, columns), start| {
                control.check(done.load(Ordering::Relaxed), plan.trials)?;
                let count = TILE_TRIALS.min(end - start);
                columns.resize(count as usize);
                fill_uniforms(model, plan, start, columns);
                evaluator.draw(columns);
                let monthly = MONTHLY_TRIALS.saturating_sub(start).min(count);
                let result = evaluator.evaluate(workspace, columns, start, monthly as usize);
                let done = done.fetch_add(count, Ordering::Relaxed) + count;
                control.report(done, plan.trials);
                Ok(keep(result, columns))
            },
        )
        .collect()
}

/// A run whose input values are kept, tile by tile, and beside whose result nothing is told.
///
/// # Errors
/// As [`run`]; more trials than a block has.
pub(crate) fn run_with_inputs(
    model: &Model,
    options: &RunOptions,
    control: &Control<'_>,
) -> Result<(RunResult, Vec<f64>, Vec<Columns>), RunError> {
    let most_kept = BLOCK_TRIALS;
    if options.trials > most_kept {
        let trials = options.trials;
        return Err(RunError::TooManyTrials { trials, most_kept });
    }
    let plan = checked_plan(model, options)?;
    let evaluator = Evaluator::new(model).with_demography_seed(plan.seed);
    let keep = |evaluation, columns: &Columns| (evaluation, columns.clone());
    let tiles = run_tiles(&evaluator, &plan, 0, &AtomicU64::new(0), control, keep)?;
    let (evaluations, inputs): (Vec<_>, Vec<_>) = tiles.into_iter().unzip();
    let block = [Block::new(evaluations)];
    let npv = block[0].outcome(Outcome::Npv).flatten().copied().collect();
    let result = summarise(model, options, &block, Beside::unasked());
    Ok((result, npv, inputs))
}

/// The uniforms of consecutive trials, a column for each input of the model.
pub fn uniforms(model: &Model, plan: &Plan, first_trial: u64, trials: usize) -> Columns {
    let mut columns = Columns::new(model.inputs.len(), trials);
    fill_uniforms(model, plan, first_trial, &mut columns);
    columns
}

fn fill_uniforms(model: &Model, plan: &Plan, first_trial: u64, columns: &mut Columns) {
    for (index, input) in model.inputs.iter().enumerate() {
        plan.fill(first_trial, input.stream, columns.column_mut(index));
    }
}

/// How the trials of a run are sampled.
///
/// # Errors
/// If they cannot be, or no error could be told of a figure.
pub(crate) fn checked_plan(model: &Model, options: &RunOptions) -> Result<Plan, RunError> {
    let plan = options.plan(model);
    plan.validate()?;
    if options.sampling != Sampling::Random && options.randomisations < 2 {
        return Err(RunError::OneRandomisation);
    }
    Ok(plan)
}

/// Refuses more trials than are kept.
pub(crate) fn check_kept(options: &RunOptions) -> Result<(), RunError> {
    let (trials, most_kept) = (options.trials, options.most_kept);
    if trials > most_kept {
        return Err(RunError::TooManyTrials { trials, most_kept });
    }
    Ok(())
}
