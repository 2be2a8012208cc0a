//! The whole answer: should we, how sure, what decides it, what to pilot first.

use serde::{Deserialize, Serialize};

use super::scatter::{by_group, gather, mean};
use super::{
    BreakEven, Choices, Contribution, Driver, EffectInformation, ExplainError, Goal,
    InputInformation, RankCorrelation, SettingSwing, SobolIndex, Swing, Trials, attribution,
    break_even, effect_information, input_information, likely_range, perfect_information,
    rank_correlations, setting_swings, sobol_indices, tornado,
};
use crate::model::Model;
use crate::outcome::Outcome;
use crate::run::{Control, RunError, on_threads};
use crate::sampling::Sampling;
use crate::scenario::Idle;
use crate::summary::Estimate;
use crate::trials::RunOptions;

/// Trials explained at most: enough for figures of a few percent, few enough to evaluate often.
pub const MOST_TRIALS: u64 = 8_192;

/// Inputs whose break-even is sought: those with the widest swings.
const SOUGHT: usize = 5;

/// Why a result is what it is, and what to do next.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// Name of the scenario.
    pub scenario: String,
    /// Trials explained: the run's first ones, 8,192 at most.
    pub trials: u64,
    /// Seed of the trials.
    pub seed: u64,
    /// How the trials were sampled.
    pub sampling: Sampling,
    /// Why there is no verdict: of every initiative that is said to change something, nothing can come.
    /// Empty where something can.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub no_verdict: Vec<Idle>,
    /// Should we: E\[NPV\]; go if it is above 0.
    pub expected_npv: Estimate,
    /// How sure: share of trials that lose money.
    pub npv_negative: Estimate,
    /// Expected value of perfect information: what deciding now about the whole risks.
    pub evpi: Estimate,
    /// What decides it: the swing of NPV with each input, widest first.
    pub tornado: Vec<Swing>,
    /// How far the mean NPV swings with what the scenario chooses rather than draws, widest first: neither `evpi` nor
    /// the variance counts it.
    #[serde(default)]
    pub settings: Vec<SettingSwing>,
    /// How NPV moves with each input, strongest first.
    pub rank_correlations: Vec<RankCorrelation>,
    /// How the variance of NPV divides, largest total first.
    pub sobol_indices: Vec<SobolIndex>,
    /// Where E\[NPV\] is 0: the common causal share of all effects, then the inputs with the widest
    /// swings.
    pub break_even: Vec<BreakEven>,
    /// What knowing each input is worth, most first.
    pub information: Vec<InputInformation>,
    /// What to pilot first: what a pilot of each effect is worth, most first; it may also decide to
    /// go without its initiative.
    pub pilots: Vec<EffectInformation>,
    /// Which initiative earns it; absent with more than ten initiatives.
    pub attribution: Option<Vec<Contribution>>,
}

/// Explains the net present value of a model.
///
/// Progress is told after each part of the answer: trials evaluated, and to be evaluated by and large.
///
/// # Errors
/// If the trials cannot be drawn, or are too few to tell the error of a figure; if it is cancelled.
pub fn explain(
    model: &Model,
    options: &RunOptions,
    control: &Control<'_>,
) -> Result<Explanation, ExplainError> {
    let options = RunOptions {
        trials: options.trials.min(MOST_TRIALS),
        ..options.clone()
    };
    on_threads(options.threads, || explain_here(model, &options, control))?
}

fn explain_here(
    model: &Model,
    options: &RunOptions,
    control: &Control<'_>,
) -> Result<Explanation, ExplainError> {
    let mut progress = Progress::new(model, options.trials, control);
    let trials = Trials::draw(model, options)?;
    progress.done(Part::Draws)?;
    let npv = trials.outcome(Outcome::Npv);
    let figure = |of: fn(&[f64]) -> f64| {
        by_group(trials.count(), trials.groups(), |rows| {
            of(&gather(&npv, rows))
        })
    };
    let mut correlations = rank_correlations(&trials, Outcome::Npv);
    correlations.sort_by(|a, b| {
        b.correlation
            .value
            .abs()
            .total_cmp(&a.correlation.value.abs())
    });
    let tornado = tornado(&trials, Outcome::Npv);
    let attribution = match Choices::evaluate(&trials) {
        Ok(choices) => Some(attribution(&choices)),
        Err(ExplainError::TooManyInitiatives { .. }) => None,
        Err(error) => return Err(error),
    };
    progress.done(Part::Choices)?;
    let sobol_indices = sobol_indices(model, options, Outcome::Npv)?;
    progress.done(Part::Indices)?;
    let settings = setting_swings(&trials);
    let break_even = break_evens(&trials, &tornado, &settings);
    progress.done(Part::BreakEvens)?;
    let pilots = effect_information(&trials);
    progress.done(Part::Pilots)?;
    Ok(Explanation {
        scenario: model.name.clone(),
        trials: options.trials,
        seed: options.seed,
        sampling: options.sampling,
        no_verdict: model.no_verdict.clone(),
        expected_npv: figure(mean),
        npv_negative: figure(|npv| {
            npv.iter().filter(|npv| **npv < 0.0).count() as f64 / npv.len() as f64
        }),
        evpi: perfect_information(&trials),
        rank_correlations: correlations,
        sobol_indices,
        break_even,
        information: input_information(&trials),
        pilots,
        tornado,
        settings,
        attribution,
    })
}

/// Parts of an explanation that evaluate the model.
#[derive(Clone, Copy)]
enum Part {
    Draws,
    Choices,
    Indices,
    BreakEvens,
    Pilots,
}

/// How far an explanation has come, in trials evaluated.
struct Progress<'a> {
    control: &'a Control<'a>,
    /// Trials that each part evaluates, by and large.
    trials: [u64; 5],
    done: u64,
}

impl<'a> Progress<'a> {
    fn new(model: &Model, trials: u64, control: &'a Control<'a>) -> Self {
        /// Values tried for one break-even: the ends of its intervals, and some more to close in.
        const TRIED: usize = 25;
        let (inputs, initiatives) = (model.inputs.len(), model.initiatives.len());
        let evaluations = [
            1,
            1 << initiatives.min(10),
            inputs + 2,
            // Of what is chosen there are three at most, each tried at both ends first.
            TRIED * (4 + SOUGHT.min(inputs)) + 6,
            initiatives,
        ];
        Self {
            control,
            trials: evaluations.map(|times| times as u64 * trials),
            done: 0,
        }
    }

    fn done(&mut self, part: Part) -> Result<(), RunError> {
        self.done += self.trials[part as usize];
        let all = self.trials.iter().sum();
        self.control.report(self.done, all);
        self.control.check(self.done, all)
    }
}

fn break_evens(
    trials: &Trials<'_>,
    tornado: &[Swing],
    settings: &[SettingSwing],
) -> Vec<BreakEven> {
    let mut found = Vec::new();
    let effects = &trials.model().effects;
    // The common causal share of a single effect is its own.
    let said = match &effects[..] {
        [only] => only.causal_share.input(),
        _ => None,
    };
    if !effects.is_empty() {
        found.push(break_even(
            trials,
            Driver::CausalShare,
            [0.0, 1.0],
            Goal::BREAK_EVEN,
        ));
    }
    for it in settings {
        let driver = Driver::Setting(it.setting);
        found.push(break_even(
            trials,
            driver,
            [it.low, it.high],
            Goal::BREAK_EVEN,
        ));
    }
    let inputs = trials.model().inputs();
    let widest = tornado
        .iter()
        .take(SOUGHT)
        .filter(|swing| swing.width() != 0.0);
    let index = |swing: &Swing| inputs.iter().position(|it| it.name == swing.input);
    for index in widest
        .filter_map(index)
        .filter(|index| said.is_none_or(|said| said.0 != *index))
    {
        let range = likely_range(&inputs[index].draw).filter(|[low, high]| low < high);
        if let Some(range) = range {
            found.push(break_even(
                trials,
                Driver::Input(index),
                range,
                Goal::BREAK_EVEN,
            ));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::{gamble, linear, model, overlapping, sobol};
    use crate::run::run;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicBool, Ordering};

    /// Whatever the number of threads, the same bytes; and they survive the wire.
    #[test]
    fn an_explanation_is_reproducible_and_travels() {
        let model = overlapping();
        let options = sobol(512);
        let first = explain(
            &model,
            &RunOptions {
                threads: Some(1),
                ..options.clone()
            },
            &Control::default(),
        )
        .unwrap();
        let second = explain(
            &model,
            &RunOptions {
                threads: Some(3),
                ..options
            },
            &Control::default(),
        )
        .unwrap();
        let text = serde_json::to_string(&first).unwrap();
        assert_eq!(text, serde_json::to_string(&second).unwrap());
        assert_eq!(serde_json::from_str::<Explanation>(&text).unwrap(), second);
    }

    #[test]
    fn it_explains_the_run_that_it_stands_beside() {
        let model = linear();
        let options = RunOptions {
            trials: 4_000,
            ..RunOptions::default()
        };
        let result = run(&model, &options, &Control::default()).unwrap();
        let found = explain(&model, &options, &Control::default()).unwrap();
        let npv = &result.outcomes[&Outcome::Npv];
        let mean = npv.mean.unwrap();
        assert!((found.expected_npv.value - mean).abs() < 1e-9 * mean.abs());
        assert_eq!(
            found.npv_negative.value,
            result.probabilities.npv_negative.value
        );
        assert_eq!(found.tornado[0].input, model.inputs()[1].name);
        assert_eq!(found.break_even[0].driver, "causal share");
    }

    #[test]
    fn what_may_fail_is_what_to_pilot() {
        let found = explain(&gamble(), &sobol(1_024), &Control::default()).unwrap();
        assert_eq!(found.pilots[0].initiative, "a");
        assert!((found.pilots[0].evppi.value / found.evpi.value - 1.0).abs() < 1e-6);
    }

    #[test]
    fn what_is_certain_has_nothing_to_learn() {
        let sure = "[[initiatives]]\nname = \"a\"\ncosts = [{ type = \"people\", amount = 10 }]\n";
        let found = explain(&model(sure), &sobol(160), &Control::default()).unwrap();
        assert_eq!((found.evpi.value, found.tornado.len()), (0.0, 0));
        assert!(
            explain(&model(""), &sobol(160), &Control::default())
                .unwrap()
                .attribution
                .unwrap()
                .is_empty()
        );
        let none = RunOptions {
            threads: Some(0),
            ..sobol(160)
        };
        assert!(explain(&model(sure), &none, &Control::default()).is_err());
    }

    #[test]
    fn it_tells_how_far_it_is_and_stops_when_asked() {
        let seen = Mutex::new(Vec::new());
        let stop = AtomicBool::new(false);
        let progress = |done, all| {
            seen.lock().unwrap().push((done, all));
            stop.store(seen.lock().unwrap().len() == 3, Ordering::Relaxed);
        };
        let control = Control {
            progress: Some(&progress),
            cancel: Some(&stop),
        };
        let error = explain(&overlapping(), &sobol(160), &control).unwrap_err();
        let seen = seen.lock().unwrap().clone();
        assert!(seen.is_sorted() && seen[2].0 < seen[2].1, "{seen:?}");
        let (done, trials) = seen[2];
        assert_eq!(error, RunError::Cancelled { done, trials }.into());
        explain(
            &overlapping(),
            &sobol(160),
            &Control {
                cancel: None,
                ..control
            },
        )
        .unwrap();
    }
}
