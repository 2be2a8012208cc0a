//! A run as a workbook.

use std::collections::BTreeMap;
use std::io::Write;

use keepworth_contract::Word;
use keepworth_contract::simulator::{InputSwing, OutcomeName};
use keepworth_sim::explain::{ExplainError, MOST_TRIALS, Trials, tornado};
use keepworth_sim::{Evaluator, Model, Outcome, RunOptions, RunResult, uniforms};
use keepworth_verdict::{told, told_case, told_swings};
use keepworth_workbook::{Contents, workbook};

use super::watch::Watch;

/// Futures that are told one by one: as many as people scroll through.
const FUTURES: u64 = 1_000;

/// Writes a run with its verdict in a sentence.
pub(super) fn write_workbook(
    (result, decision): (&RunResult, &str),
    model: &Model,
    options: &RunOptions,
    watch: &Watch,
    out: &mut (dyn Write + Send),
) -> anyhow::Result<()> {
    watch.stage("writing the workbook");
    let swings = swings(model, options)?;
    let bytes = workbook(Contents {
        result: &told(result)?,
        decision: decision.trim_end(),
        case: &told_case(&evaluator(model, options).middle())?,
        swings: swings.as_deref(),
        futures: &futures(model, options),
    })?;
    Ok(out.write_all(&bytes)?)
}

fn evaluator<'m>(model: &'m Model, options: &RunOptions) -> Evaluator<'m> {
    Evaluator::new(model).with_demography_seed(options.seed)
}

/// How far NPV swings with each input; none where the futures are too few to tell.
fn swings(model: &Model, options: &RunOptions) -> anyhow::Result<Option<Vec<InputSwing>>> {
    let options = RunOptions {
        trials: options.trials.min(MOST_TRIALS),
        ..options.clone()
    };
    match Trials::draw(model, &options) {
        Ok(trials) => Ok(Some(told_swings(&tornado(&trials, Outcome::Npv))?)),
        Err(ExplainError::TooFewTrials { .. }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// The run's first futures.
fn futures(model: &Model, options: &RunOptions) -> BTreeMap<OutcomeName, Vec<f64>> {
    let count = options.trials.min(FUTURES) as usize;
    let mut columns = uniforms(model, &options.plan(model), 0, count);
    let evaluator = evaluator(model, options);
    evaluator.draw(&mut columns);
    let outcomes = evaluator.outcomes(&columns);
    let columns = Outcome::ALL.map(|it| outcomes.outcome(it).to_vec());
    OutcomeName::all().zip(columns).collect()
}
