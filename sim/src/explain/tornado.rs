//! How far the result swings with each input.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::scatter::{mean, squares};
use super::trials::Trials;
use crate::model::Model;
use crate::outcome::Outcome;
use crate::summary::{Estimate, Ranks, Values};

/// Ranks on either side of a percentile that count as being at it.
const WINDOW: f64 = 0.05;

/// Mean of an outcome where an input is low and where it is high.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Swing {
    /// The input.
    pub input: String,
    /// The input's 10th percentile.
    pub p10: f64,
    /// The input's 90th percentile.
    pub p90: f64,
    /// Mean of the outcome around the input's 10th percentile.
    pub at_p10: Estimate,
    /// Mean of the outcome around the input's 90th percentile.
    pub at_p90: Estimate,
}

impl Swing {
    /// From the mean at the 10th percentile to that at the 90th: negative where more is worse.
    pub fn width(&self) -> f64 {
        self.at_p90.value - self.at_p10.value
    }
}

/// The swing of an outcome with each input, widest first.
///
/// "At" a percentile means within five percentiles of it: the mean is that of the trials whose
/// input lies between its 5th and 15th, or its 85th and 95th percentile. All other inputs are
/// free, those that correlate with it move along, and no trial is evaluated again.
pub fn tornado(trials: &Trials<'_>, outcome: Outcome) -> Vec<Swing> {
    let result = trials.outcome(outcome);
    swings(
        trials.model(),
        |index| trials.input(index),
        &result,
        trials.groups(),
    )
}

/// The swing of results with each input of a model, whose values come in the order of the results.
pub(super) fn swings(
    model: &Model,
    input: impl Fn(usize) -> Vec<f64> + Sync,
    result: &[f64],
    groups: usize,
) -> Vec<Swing> {
    let inputs = model.inputs();
    let mut swings: Vec<Swing> = (0..inputs.len())
        .into_par_iter()
        .map(|index| {
            let input = input(index);
            let last = (input.len() - 1) as f64;
            let windows = [0.1, 0.9].map(|p| [p - WINDOW, p, p + WINDOW]);
            let ranks = windows.map(|window| window.map(|p| (last * p).round() as usize));
            let found = Ranks::find(&Values::from(&*input), ranks.into_iter().flatten());
            let [[low, p10, middle], [upper, p90, high]] =
                ranks.map(|window| window.map(|rank| found.at(rank)));
            let within = |window| mean_within(&input, result, window, groups);
            let [at_p10, at_p90] = [[low, middle], [upper, high]].map(within);
            Swing {
                input: inputs[index].name.clone(),
                p10,
                p90,
                at_p10,
                at_p90,
            }
        })
        .collect();
    swings.sort_by(|a, b| b.width().abs().total_cmp(&a.width().abs()));
    swings
}

/// Mean of results whose input lies in a range, with the error by the scatter of groups; of all
/// results of a group where none does.
fn mean_within(input: &[f64], result: &[f64], [low, high]: [f64; 2], groups: usize) -> Estimate {
    let mut sums = vec![[0.0; 2]; groups];
    for (inputs, results) in input.chunks(groups).zip(result.chunks(groups)) {
        for ((sum, input), result) in sums.iter_mut().zip(inputs).zip(results) {
            let within = f64::from((low <= *input) & (*input <= high));
            sum[0] += within * result;
            sum[1] += within;
        }
    }
    let means: Vec<f64> = (0..groups)
        .map(|group| match sums[group] {
            [_, 0.0] => mean(
                &result
                    .iter()
                    .skip(group)
                    .step_by(groups)
                    .copied()
                    .collect::<Vec<_>>(),
            ),
            [sum, count] => sum / count,
        })
        .collect();
    let [sum, count] = sums
        .iter()
        .fold([0.0; 2], |all, of| [all[0] + of[0], all[1] + of[1]]);
    Estimate {
        value: sum / count,
        mc_error: (squares(&means) / ((groups - 1) * groups) as f64).sqrt(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::{PEOPLE, TECHNOLOGY, gamble, linear, sobol};
    use crate::math::ndtri;

    /// NPV falls by one for each unit of either cost, so a swing is minus the distance between the
    /// mean normal scores of the two windows: `2 (φ(z₀.₀₅) − φ(z₀.₁₅))/0.1` standard deviations.
    #[test]
    fn normal_case_has_its_closed_form() {
        let model = linear();
        let trials = Trials::draw(&model, &sobol(16_384)).unwrap();
        let swings = tornado(&trials, Outcome::Npv);
        let density = |z: f64| (-0.5 * z * z).exp() / std::f64::consts::TAU.sqrt();
        let score = (density(ndtri(0.15)) - density(ndtri(0.05))) / 0.1;
        let names: Vec<&str> = swings.iter().map(|swing| swing.input.as_str()).collect();
        let inputs = model.inputs();
        assert_eq!(names, [&inputs[TECHNOLOGY].name, &inputs[PEOPLE].name]);
        for (swing, sd) in swings.iter().zip([4_000.0, 3_000.0]) {
            let error = swing.at_p10.mc_error.hypot(swing.at_p90.mc_error);
            let truth = -2.0 * score * sd;
            assert!(
                (swing.width() - truth).abs() < 4.0 * error,
                "{swing:?} not {truth}"
            );
        }
    }

    /// Of an input that is 0 or 1, low and high are the two cases.
    #[test]
    fn an_input_of_two_values_swings_between_them() {
        let model = gamble();
        let trials = Trials::draw(&model, &sobol(4_096)).unwrap();
        let swing = &tornado(&trials, Outcome::Npv)[0];
        assert_eq!((swing.p10, swing.p90), (0.0, 1.0));
        let npv = trials.outcome(Outcome::Npv);
        let (worst, best) = npv
            .iter()
            .fold((f64::MAX, f64::MIN), |(low, high), &value| {
                (low.min(value), high.max(value))
            });
        assert!((swing.at_p10.value - worst).abs() < 1e-6 * best);
        assert!((swing.at_p90.value - best).abs() < 1e-6 * best);
    }
}
