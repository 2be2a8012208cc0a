//! The whole answer: should we, how sure, what decides it, what to pilot first.

use serde::{Deserialize, Serialize};

use super::part::{Part, Parts};
use super::{
    BreakEven, Contribution, EffectInformation, ExplainError, InputInformation, LifetimeEffect,
    RankCorrelation, SettingSwing, SobolIndex, Swing, input_information, perfect_information,
    rank_correlations, setting_swings, tornado,
};
use crate::model::Model;
use crate::outcome::Outcome;
use crate::run::{Control, on_threads};
use crate::sampling::Sampling;
use crate::scenario::Idle;
use crate::summary::Estimate;
use crate::trials::RunOptions;

/// Trials explained at most: enough for figures of a few percent, few enough to evaluate often.
pub const MOST_TRIALS: u64 = 8_192;

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
    /// What E\[NPV\] is beyond the sum of every initiative alone; absent with more than ten initiatives.
    #[serde(default)]
    pub overlap: Option<Estimate>,
    /// What it does to the lifetime value of a customer who is won; absent where nobody ever is.
    #[serde(default)]
    pub lifetime: Option<LifetimeEffect>,
}

/// What an explanation comes to on paper: what decides it, what must be true, what to pilot first. Each figure is that
/// of the [`Explanation`] of the same trials.
#[derive(Debug, Clone, PartialEq)]
pub struct Gist {
    /// Trials explained: the run's first ones, 8,192 at most.
    pub trials: u64,
    /// E\[NPV\], from which swings go either way.
    pub expected_npv: Estimate,
    /// Expected value of perfect information.
    pub evpi: Estimate,
    /// The swing of NPV with each input, widest first.
    pub tornado: Vec<Swing>,
    /// Where E\[NPV\] is 0.
    pub break_even: Vec<BreakEven>,
    /// What a pilot of each effect is worth, most first.
    pub pilots: Vec<EffectInformation>,
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
    on_threads(options.threads, || {
        explain_here(Parts::draw(model, &first(options), &Part::ALL, control)?)
    })?
}

/// Explains as much of it as paper has room for: without what divides the variance, without every choice of
/// initiatives, in the time that the rest takes.
///
/// # Errors
/// As [`explain`].
pub fn gist(
    model: &Model,
    options: &RunOptions,
    control: &Control<'_>,
) -> Result<Gist, ExplainError> {
    const ASKED: [Part; 3] = [Part::Draws, Part::BreakEvens, Part::Pilots];
    on_threads(options.threads, || {
        gist_here(Parts::draw(model, &first(options), &ASKED, control)?)
    })?
}

/// The run's first trials.
fn first(options: &RunOptions) -> RunOptions {
    RunOptions {
        trials: options.trials.min(MOST_TRIALS),
        ..options.clone()
    }
}

fn explain_here(mut parts: Parts<'_>) -> Result<Explanation, ExplainError> {
    let mut correlations = rank_correlations(parts.trials(), Outcome::Npv);
    correlations.sort_by(|a, b| {
        b.correlation
            .value
            .abs()
            .total_cmp(&a.correlation.value.abs())
    });
    let tornado = tornado(parts.trials(), Outcome::Npv);
    let (attribution, overlap) = parts.attribution()?.unzip();
    let sobol_indices = parts.sobol_indices()?;
    let settings = setting_swings(parts.trials());
    let break_even = parts.break_evens(&tornado, &settings)?;
    let pilots = parts.pilots()?;
    let lifetime = parts.lifetime()?;
    let trials = parts.trials();
    let (model, options) = (trials.model(), trials.options());
    Ok(Explanation {
        scenario: model.name.clone(),
        trials: options.trials,
        seed: options.seed,
        sampling: options.sampling,
        no_verdict: model.no_verdict.clone(),
        expected_npv: parts.expected_npv(),
        npv_negative: parts.npv_negative(),
        evpi: perfect_information(trials),
        rank_correlations: correlations,
        sobol_indices,
        break_even,
        information: input_information(trials),
        pilots,
        tornado,
        settings,
        attribution,
        overlap,
        lifetime,
    })
}

fn gist_here(mut parts: Parts<'_>) -> Result<Gist, ExplainError> {
    let tornado = tornado(parts.trials(), Outcome::Npv);
    let settings = setting_swings(parts.trials());
    let break_even = parts.break_evens(&tornado, &settings)?;
    let pilots = parts.pilots()?;
    Ok(Gist {
        trials: parts.trials().options().trials,
        expected_npv: parts.expected_npv(),
        evpi: perfect_information(parts.trials()),
        tornado,
        break_even,
        pilots,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::{gamble, linear, model, overlapping, sobol};
    use crate::run::{RunError, run};
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

    /// Asks with progress counted: the answer, and the trials that were to be evaluated for it.
    fn counted<T>(asked: impl FnOnce(&Control<'_>) -> Result<T, ExplainError>) -> (T, u64) {
        let all = Mutex::new(0);
        let progress = |done: u64, of: u64| {
            assert!(done <= of);
            *all.lock().unwrap() = of;
        };
        let found = asked(&Control {
            progress: Some(&progress),
            cancel: None,
        });
        (found.unwrap(), *all.lock().unwrap())
    }

    /// Whoever asks for less waits for less, and reads the same figures.
    #[test]
    fn the_gist_of_an_explanation_has_its_figures() {
        for model in [overlapping(), gamble(), linear()] {
            let options = sobol(512);
            let (whole, of_whole) = counted(|control| explain(&model, &options, control));
            let (gist, of_gist) = counted(|control| gist(&model, &options, control));
            let taken = Gist {
                trials: whole.trials,
                expected_npv: whole.expected_npv,
                evpi: whole.evpi,
                tornado: whole.tornado,
                break_even: whole.break_even,
                pilots: whole.pilots,
            };
            assert_eq!(gist, taken);
            assert!(0 < of_gist && of_gist < of_whole, "{of_gist} of {of_whole}");
        }
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
