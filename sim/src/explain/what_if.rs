//! The answer to a slider: what a run comes to and what it hangs on, from one evaluation of its trials.

use serde::{Deserialize, Serialize};

use super::ExplainError;
use super::tornado::{Swing, swings};
use super::trials::{FEWEST, groups};
use crate::model::Model;
use crate::run::{Control, on_threads, run_with_inputs};
use crate::summary::RunResult;
use crate::trials::RunOptions;

/// A run's result and the swings of its NPV, of the same trials.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WhatIf {
    /// The result of [`run`](crate::run), to the byte, but for what is told beside it: nobody asked, so it is of 0
    /// futures.
    pub result: RunResult,
    /// The swing of NPV with each input over all trials, as [`tornado`](super::tornado) has it, widest first.
    pub tornado: Vec<Swing>,
}

/// Runs a model and tells what its NPV hangs on. No trial is evaluated twice, and nothing is asked that a slider does
/// not show.
///
/// # Errors
/// As [`run`](crate::run); if there are too few trials to tell the error of a swing, or more than a block has.
pub fn what_if(
    model: &Model,
    options: &RunOptions,
    control: &Control<'_>,
) -> Result<WhatIf, ExplainError> {
    let (trials, fewest) = (options.trials, FEWEST);
    if trials < fewest {
        return Err(ExplainError::TooFewTrials { trials, fewest });
    }
    on_threads(options.threads, || {
        let (result, npv, tiles) = run_with_inputs(model, options, control)?;
        let input = |index| {
            let tiles = tiles.iter().flat_map(|tile| tile.column(index));
            tiles.copied().collect()
        };
        let tornado = swings(model, input, &npv, groups(options));
        Ok(WhatIf { result, tornado })
    })?
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::{linear, overlapping, sobol};
    use crate::explain::{Trials, tornado};
    use crate::outcome::Outcome;
    use crate::run::run;
    use crate::summary::Beside;

    /// What is shown while somebody drags is what the run that is kept will say.
    #[test]
    fn it_is_the_run_and_its_tornado_to_the_bit() {
        for (model, options) in [
            (linear(), RunOptions::default()),
            (overlapping(), sobol(2_500)),
        ] {
            let found = what_if(&model, &options, &Control::default()).unwrap();
            let run = run(&model, &options, &Control::default()).unwrap();
            assert!(run.beside.futures > 0 && found.result.beside.futures == 0);
            let beside = Beside::unasked();
            assert_eq!(found.result, RunResult { beside, ..run });
            let trials = Trials::draw(&model, &options).unwrap();
            assert_eq!(found.tornado, tornado(&trials, Outcome::Npv));
        }
    }

    #[test]
    fn more_trials_than_a_slider_shows_are_refused() {
        let with = |trials| {
            let options = RunOptions {
                trials,
                ..RunOptions::default()
            };
            let error = what_if(&linear(), &options, &Control::default()).unwrap_err();
            error.to_string()
        };
        assert!(with(70_000).contains("65536"), "{}", with(70_000));
        assert!(with(100).contains("give at least 160"), "{}", with(100));
    }
}
