//! Which value of an input makes the result what it should be.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::goal::Goal;
use super::scatter::{by_group, gather};
use super::setting::Setting;
use super::trials::Trials;
use crate::inputs::Distribution;
use crate::model::{Draw, Term};
use crate::summary::Estimate;

/// Intervals that a range is searched in: roots closer together than one may be missed.
const INTERVALS: usize = 16;

/// What is turned until the goal is met.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Driver {
    /// An input, by its index in [`Model::inputs`](crate::Model::inputs).
    Input(usize),
    /// The causal share of every effect, the same for all.
    CausalShare,
    /// What the scenario chooses rather than draws.
    Setting(Setting),
}

/// Where a goal is met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct BreakEven {
    /// The input, "causal share", or what is chosen.
    pub driver: String,
    /// The goal.
    pub goal: Goal,
    /// The range that was searched.
    pub range: [f64; 2],
    /// The goal's figure at either end of the range.
    pub at_ends: [Estimate; 2],
    /// Values at which the goal is met, ascending; none when it is met nowhere in the range.
    pub values: Vec<Estimate>,
    /// Share of the trials in which the input lies below the first value, if it is an input.
    pub share_below: Option<f64>,
}

/// The range of an input that is searched unless told otherwise: all but a thousandth at each end.
///
/// `None` for an input that only works or does not.
pub fn likely_range(draw: &Draw) -> Option<[f64; 2]> {
    match draw {
        Draw::Quantile(Distribution::Bernoulli(_)) | Draw::Success(_) => None,
        Draw::Quantile(distribution) => Some([0.001, 0.999].map(|p| distribution.quantile(p))),
    }
}

/// The values at which a goal is met.
///
/// The input has the same value in every trial, all others stay as drawn, correlated ones too; so
/// the same draws serve at every value and a mean is a smooth function of it. Sixteen intervals
/// are searched for a change of sign, and each closed in on by the Illinois rule (M. Dowell and
/// P. Jarratt, 1971). A value's Monte Carlo error is that of the goal's figure there over its slope.
///
/// # Panics
/// If there is no such input, or the range is empty or not finite.
pub fn break_even(trials: &Trials<'_>, driver: Driver, range: [f64; 2], goal: Goal) -> BreakEven {
    let [low, high] = range;
    assert!(
        low < high && (high - low).is_finite(),
        "a range from low to high"
    );
    let at = |value: f64| excess(trials, driver, value, goal);
    let nodes: Vec<f64> = (0..=INTERVALS)
        .map(|i| low + (high - low) * i as f64 / INTERVALS as f64)
        .collect();
    let means: Vec<Estimate> = nodes.par_iter().map(|&value| at(value)).collect();
    let mut values = Vec::new();
    for (x, y) in nodes.windows(2).zip(means.windows(2)) {
        let ends = [(x[0], y[0].value), (x[1], y[1].value)];
        if y[0].value == 0.0 || y[0].value * y[1].value < 0.0 {
            let slope = (y[1].value - y[0].value) / (x[1] - x[0]);
            let value = match driver {
                Driver::Setting(Setting::Horizon) => first_month(ends, |value| at(value).value),
                _ => close_in(ends, (high - low) * 1e-9, |value| at(value).value),
            };
            let mc_error = (at(value).mc_error / slope).abs();
            values.push(Estimate { value, mc_error });
        }
    }
    let shift = |estimate: Estimate| Estimate {
        value: estimate.value + goal.target(),
        ..estimate
    };
    let (name, share_below) = match driver {
        Driver::CausalShare => ("causal share".to_owned(), None),
        Driver::Setting(setting) => (setting.name().to_owned(), None),
        Driver::Input(index) => {
            let drawn = trials.input(index);
            let below = |first: &Estimate| {
                drawn.iter().filter(|value| **value < first.value).count() as f64
                    / drawn.len() as f64
            };
            let name = trials.model().inputs()[index].name.clone();
            (name, values.first().map(below))
        }
    };
    BreakEven {
        driver: name,
        goal,
        range,
        at_ends: [shift(means[0]), shift(means[INTERVALS])],
        values,
        share_below,
    }
}

/// How far the goal's figure is above its target.
fn excess(trials: &Trials<'_>, driver: Driver, value: f64, goal: Goal) -> Estimate {
    let outcome = match driver {
        Driver::Input(index) => trials.outcome_with(index, value, goal.outcome()),
        Driver::Setting(setting) => {
            trials.outcome_of(&setting.of(trials.model(), value), goal.outcome())
        }
        Driver::CausalShare => {
            let mut model = trials.model().clone();
            for effect in &mut model.effects {
                effect.causal_share = Term::Fixed(value);
            }
            trials.outcome_of(&model, goal.outcome())
        }
    };
    by_group(trials.count(), trials.groups(), |rows| {
        goal.figure(&gather(&outcome, rows)) - goal.target()
    })
}

/// The first whole month that has the sign of the upper end.
fn first_month(ends: [(f64, f64); 2], f: impl Fn(f64) -> f64) -> f64 {
    let [(low, _), (high, at_high)] = ends;
    let (mut before, mut month) = (low.round(), high.round());
    while month - before > 1.0 {
        let middle = (0.5 * (before + month)).floor();
        if f(middle) * at_high > 0.0 {
            month = middle;
        } else {
            before = middle;
        }
    }
    month
}

/// A root between two points of different sign: regula falsi, halving the weight of an end that
/// stays.
fn close_in(ends: [(f64, f64); 2], tolerance: f64, f: impl Fn(f64) -> f64) -> f64 {
    let [mut a, mut b] = ends;
    if a.1 == 0.0 {
        return a.0;
    }
    for _ in 0..60 {
        let x = b.0 - b.1 * (b.0 - a.0) / (b.1 - a.1);
        let y = f(x);
        if y == 0.0 || (x - b.0).abs() < tolerance {
            return x;
        }
        if y * b.1 < 0.0 {
            a = b;
        } else {
            a.1 *= 0.5;
        }
        b = (x, y);
    }
    b.0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::scatter::mean;
    use crate::explain::tests::{PEOPLE, TECHNOLOGY, linear, model, sobol};
    use crate::outcome::Outcome;

    /// NPV is linear in each cost: the break-even cost is its mean plus E[NPV].
    #[test]
    fn linear_case_has_its_closed_form() {
        let model = linear();
        let trials = Trials::draw(&model, &sobol(4_096)).unwrap();
        let range = likely_range(&model.inputs()[PEOPLE].draw).unwrap();
        let found = break_even(&trials, Driver::Input(PEOPLE), range, Goal::BREAK_EVEN);
        let truth = 15_000.0 + mean(&trials.outcome(Outcome::Npv));
        let [value] = found.values[..] else {
            panic!("one value, not {found:?}");
        };
        assert!(
            (value.value - truth).abs() < 4.0 * value.mc_error,
            "{value:?} not {truth}"
        );
        // The mean of the people's own cost is no part of the error: it is set.
        assert!(value.mc_error < 20.0, "{value:?}");
        let z = (value.value - 15_000.0) / 3_000.0;
        let share = found.share_below.unwrap();
        assert!((share - crate::math::ndtr(z)).abs() < 0.01, "{share}");
    }

    #[test]
    fn none_in_the_range_is_an_answer() {
        let model = linear();
        let trials = Trials::draw(&model, &sobol(1_024)).unwrap();
        let driver = Driver::Input(PEOPLE);
        let found = break_even(&trials, driver, [20_000.0, 30_000.0], Goal::BREAK_EVEN);
        assert_eq!((&found.values[..], found.share_below), (&[][..], None));
        assert!(found.at_ends.iter().all(|end| end.value < 0.0));
    }

    /// Without other uncertainty the goal is met exactly, and the outcome there is the goal.
    #[test]
    fn any_outcome_can_be_sought() {
        let model = model(
            r#"
[[initiatives]]
name = "a"
reach = { one = 1.0 }
effects = [{ on = "hazard", size = { uniform = [0.0, 0.5] }, grade = "A" }]
costs = [{ type = "people", amount = 1000 }]
"#,
        );
        let trials = Trials::draw(&model, &sobol(160)).unwrap();
        let goal = Goal::Mean {
            outcome: Outcome::CustomersKept,
            value: 30.0,
        };
        let found = break_even(&trials, Driver::Input(0), [0.0, 0.5], goal);
        // 1000 (exp(−0.12 (1 − e)) − exp(−0.12)) = 30.
        let truth = 1.0 + (0.03 + (-0.12_f64).exp()).ln() / 0.12;
        assert!(
            (found.values[0].value - truth).abs() < 1e-6,
            "{found:?} not {truth}"
        );
    }

    /// With the one cost set, NPV is normal with the other's sd: it loses money in 1 of 10 trials
    /// where its mean is 1.2816 sd above 0.
    #[test]
    fn a_chance_of_loss_can_be_sought() {
        let model = linear();
        let trials = Trials::draw(&model, &sobol(16_384)).unwrap();
        let range = likely_range(&model.inputs()[PEOPLE].draw).unwrap();
        let goal = Goal::ChanceOfLoss(0.1);
        let found = break_even(&trials, Driver::Input(PEOPLE), range, goal);
        let technology = mean(&trials.input(TECHNOLOGY));
        let benefit = mean(&trials.outcome(Outcome::Npv)) + mean(&trials.outcome(Outcome::PvCosts));
        let truth = benefit - technology - 1.281_55 * 4_000.0;
        let value = found.values[0];
        assert!(
            (value.value - truth).abs() < 4.0 * value.mc_error,
            "{value:?} not {truth}"
        );
        assert!(value.mc_error < 200.0, "{value:?}");
        assert!(goal.is_met_by(found.at_ends[0].value) && !goal.is_met_by(found.at_ends[1].value));
    }

    /// Benefit is linear in the causal share, so it breaks even where it is cost over benefit.
    #[test]
    fn the_common_causal_share_breaks_even_where_benefit_meets_cost() {
        let model = linear();
        let trials = Trials::draw(&model, &sobol(4_096)).unwrap();
        let found = break_even(&trials, Driver::CausalShare, [0.0, 1.0], Goal::BREAK_EVEN);
        let cost = mean(&trials.outcome(Outcome::PvCosts));
        let benefit = mean(&trials.outcome(Outcome::Npv)) + cost;
        assert!(
            (found.values[0].value - cost / benefit).abs() < 1e-6,
            "{found:?}"
        );
        assert_eq!(found.share_below, None);
        assert!((found.at_ends[0].value + cost).abs() < 1e-6 * cost);
    }
}
