//! What knowing more before deciding is worth.
//!
//! The decision is to go or not; not going is worth 0. A pilot of an effect may also decide to go
//! without its initiative. Values are those of expected net present value (H. Raiffa and R. Schlaifer, "Applied Statistical Decision Theory", 1961).

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::regression::{Conditional, normal_scores, value_of_choice};
use super::scatter::{by_jackknife, gather, mean};
use super::trials::Trials;
use crate::model::InitiativeId;
use crate::outcome::Outcome;
use crate::scenario::Lever;
use crate::summary::Estimate;

/// What knowing one input is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct InputInformation {
    /// The input.
    pub input: String,
    /// Expected value of knowing it perfectly: the most that any study of it is worth.
    pub evppi: Estimate,
    /// Expected value of a study that is as informative as what is known now: half the variance
    /// remains.
    pub evsi_equal: Estimate,
}

/// What a pilot of one effect is worth.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EffectInformation {
    /// The initiative.
    pub initiative: String,
    /// What the effect is on.
    pub on: Lever,
    /// Expected value of a perfect pilot: of knowing the effect's size, how much of it is causal,
    /// and whether it works.
    pub evppi: Estimate,
    /// Expected value of a pilot as informative as what is known now: half the variance remains.
    pub evsi_equal: Estimate,
}

/// Expected value of perfect information: `E[max(0, NPV)] − max(0, E[NPV])`.
///
/// No study is worth more to the decision whether to go with the programme as a whole.
pub fn perfect_information(trials: &Trials<'_>) -> Estimate {
    let npv = trials.outcome(Outcome::Npv);
    by_jackknife(trials.count(), trials.groups(), |rows| {
        perfect_choice(&[gather(&npv, rows)])
    })
}

/// Value of choosing the best of several options, or none, in every trial on its own.
fn perfect_choice(options: &[Vec<f64>]) -> f64 {
    let best = |found: f64, it: f64| found.max(it);
    let planned = options.iter().map(|it| mean(it)).fold(0.0, best);
    let rows = options.first().map_or(0, Vec::len);
    let known = |row: usize| options.iter().map(|it| it[row]).fold(0.0, best);
    (0..rows).map(known).sum::<f64>() / rows.max(1) as f64 - planned
}

/// No reading is worth more than to know everything. A regression that strays beyond all results, as polynomials do at
/// the ends of a uniform input, would say so.
fn value_within(options: &[Conditional], share: f64, results: &[Vec<f64>]) -> f64 {
    value_of_choice(options, share).min(perfect_choice(results))
}

/// What knowing each input is worth, the most valuable first.
///
/// `EVPPI = E[max(0, E[NPV | X])] − max(0, E[NPV])`, the conditional mean by regression on
/// polynomials of the input's normal score (after M. Strong, J. Oakley and A. Brennan, 2014).
/// Correlated inputs tell of each other, and their values overlap.
pub fn input_information(trials: &Trials<'_>) -> Vec<InputInformation> {
    let inputs = trials.model().inputs();
    let npv = trials.outcome(Outcome::Npv);
    let mut values: Vec<InputInformation> = (0..inputs.len())
        .into_par_iter()
        .map(|index| {
            let [evppi, evsi_equal] = [1.0, 0.5]
                .map(|share| value_of_reading(trials, &trials.input(index), &[&npv], share));
            InputInformation {
                input: inputs[index].name.clone(),
                evppi,
                evsi_equal,
            }
        })
        .collect();
    values.sort_by(|a, b| b.evppi.value.total_cmp(&a.evppi.value));
    values
}

/// What knowing several inputs at once is worth: the most that a study of all of them is worth.
///
/// As [`input_information`], the conditional mean by regression on powers of the inputs' normal scores and on products of
/// two of them. Inputs that tell only together are worth more than the sum of each alone, and correlated ones less.
///
/// # Panics
/// If there is no such input.
pub fn group_information(trials: &Trials<'_>, inputs: &[usize]) -> Estimate {
    let npv = trials.outcome(Outcome::Npv);
    let scores = inputs.iter().map(|it| normal_scores(&trials.input(*it)));
    let scores: Vec<Vec<f64>> = scores.collect();
    by_jackknife(trials.count(), trials.groups(), |rows| {
        let scores: Vec<Vec<f64>> = scores.iter().map(|it| gather(it, rows)).collect();
        let results = [gather(&npv, rows)];
        let fit = Conditional::on_group(&scores, &results[0]);
        value_within(&[fit], 1.0, &results)
    })
}

/// What a pilot of each effect is worth, before its cost, the most valuable first.
///
/// A pilot reads what the effect comes to: size × causal share × realisation where the initiative
/// works, and 0 where it does not. It decides between the programme, the programme without that
/// initiative, and nothing, so it can be worth more than what only decides about the whole.
pub fn effect_information(trials: &Trials<'_>) -> Vec<EffectInformation> {
    let model = trials.model();
    let everything = trials.outcome(Outcome::Npv);
    let initiatives = (0..model.initiatives.len()).map(InitiativeId);
    let without: Vec<Vec<f64>> = initiatives.map(|it| npv_without(trials, it)).collect();
    let mut values: Vec<EffectInformation> = trials
        .strengths()
        .par_iter()
        .zip(&model.effects)
        .map(|(strength, effect)| {
            let options = [&everything[..], &without[effect.initiative.0]];
            let [evppi, evsi_equal] =
                [1.0, 0.5].map(|share| value_of_reading(trials, strength, &options, share));
            EffectInformation {
                initiative: model.initiatives[effect.initiative].name.clone(),
                on: effect.lever,
                evppi,
                evsi_equal,
            }
        })
        .collect();
    values.sort_by(|a, b| b.evppi.value.total_cmp(&a.evppi.value));
    values
}

/// Net present values of the programme without one initiative.
pub(super) fn npv_without(trials: &Trials<'_>, dropped: InitiativeId) -> Vec<f64> {
    let model = trials.model();
    let active: Vec<bool> = (0..model.initiatives.len())
        .map(|it| InitiativeId(it) != dropped)
        .collect();
    trials.outcome_of(&model.with_active(&active), Outcome::Npv)
}

/// Value of choosing among options after a reading that explains a share of a quantity's variance.
pub(super) fn value_of_reading(
    trials: &Trials<'_>,
    quantity: &[f64],
    options: &[&[f64]],
    share: f64,
) -> Estimate {
    let scores = normal_scores(quantity);
    by_jackknife(trials.count(), trials.groups(), |rows| {
        let scores = gather(&scores, rows);
        let results: Vec<Vec<f64>> = options.iter().map(|npv| gather(npv, rows)).collect();
        let fits = results.iter().map(|npv| Conditional::new(&scores, npv));
        value_within(&fits.collect::<Vec<_>>(), share, &results)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::{PEOPLE, TECHNOLOGY, gamble, linear, model, sobol};
    use crate::math::ndtr;

    /// `E[max(0, X)] − max(0, m)` of a normal with mean `m` and sd `s`: `s·φ(m/s) − |m|·Φ(−|m|/s)`,
    /// the unit normal loss integral.
    fn normal_loss(m: f64, s: f64) -> f64 {
        let u = m.abs() / s;
        s * (-0.5 * u * u).exp() / std::f64::consts::TAU.sqrt() - m.abs() * ndtr(-u)
    }

    fn assert_close(found: Estimate, truth: f64, slack: f64) {
        let allowed = 4.0 * found.mc_error + slack;
        assert!(
            (found.value - truth).abs() < allowed,
            "{found:?} not {truth}"
        );
        assert!(found.mc_error < 0.05 * truth, "{found:?} is not sharp");
    }

    /// NPV is normal, and linear in two independent normals: both values have closed forms.
    #[test]
    fn normal_linear_case_has_its_closed_form() {
        let model = linear();
        let trials = Trials::draw(&model, &sobol(16_384)).unwrap();
        let m = mean(&trials.outcome(Outcome::Npv));
        assert_close(perfect_information(&trials), normal_loss(m, 5_000.0), 0.0);
        for (input, sd) in [(PEOPLE, 3_000.0_f64), (TECHNOLOGY, 4_000.0)] {
            let name = &model.inputs()[input].name;
            let known = input_information(&trials);
            let it = known.iter().find(|it| it.input == *name).unwrap();
            assert_close(it.evppi, normal_loss(m, sd), 0.0);
            assert_close(it.evsi_equal, normal_loss(m, sd * 0.5_f64.sqrt()), 0.0);
        }
    }

    /// Both costs together are all that is uncertain; a group of one is worth what its input is.
    #[test]
    fn a_group_is_worth_what_its_inputs_tell_together() {
        let model = linear();
        let trials = Trials::draw(&model, &sobol(16_384)).unwrap();
        let m = mean(&trials.outcome(Outcome::Npv));
        let both = group_information(&trials, &[PEOPLE, TECHNOLOGY]);
        assert_close(both, normal_loss(m, 5_000.0), 0.0);
        let one = group_information(&trials, &[TECHNOLOGY]);
        assert_close(one, normal_loss(m, 4_000.0), 0.0);
        assert!(both.value > one.value);
    }

    /// A uniform cost that the benefit meets at its very end: a polynomial of its normal score overshoots there, and said that
    /// the cost alone is worth more than everything.
    #[test]
    fn no_input_is_worth_more_than_everything() {
        let model = model(
            r#"
[[initiatives]]
name = "a"
reach = { one = 1.0 }
effects = [{ on = "price_premium", size = { uniform = [0.0, 0.004] }, grade = "A" }]
costs = [{ type = "people", amount = { uniform = [0, 30000] } }]
"#,
        );
        let trials = Trials::draw(&model, &sobol(4_096)).unwrap();
        let all = perfect_information(&trials).value;
        assert!(all > 0.0);
        for it in input_information(&trials) {
            assert!(
                it.evppi.value <= all && it.evsi_equal.value <= all,
                "{it:?} of {all}"
            );
        }
        assert!(group_information(&trials, &[0, 1]).value <= all);
        assert!(
            effect_information(&trials)
                .iter()
                .all(|it| it.evppi.value <= all)
        );
    }

    /// Of a programme that works or does not, knowing which saves the cost of the failures.
    #[test]
    fn knowing_what_fails_saves_its_cost() {
        let model = gamble();
        let trials = Trials::draw(&model, &sobol(4_096)).unwrap();
        let npv = trials.outcome(Outcome::Npv);
        let saved = -npv.iter().map(|npv| npv.min(0.0)).sum::<f64>() / npv.len() as f64;
        assert!(
            mean(&npv) > 0.0 && (saved - 4_000.0).abs() < 50.0,
            "{saved}"
        );
        let found = [
            perfect_information(&trials),
            input_information(&trials)[0].evppi,
        ];
        for found in found {
            assert!(
                (found.value - saved).abs() < 1e-6 * saved,
                "{found:?} not {saved}"
            );
        }
    }

    /// A sure gain pays for both, so no reading stops the whole; a pilot stops the gamble alone.
    #[test]
    fn a_pilot_can_stop_its_own_initiative() {
        let model = model(
            r#"
[[initiatives]]
name = "sure"
reach = { one = 1.0 }
effects = [{ on = "price_premium", size = 0.10, grade = "A" }]
[[initiatives]]
name = "gamble"
reach = { one = 1.0 }
effects = [{ on = "arpu", size = 0.10, grade = "A" }]
success_probability = 0.6
costs = [{ type = "people", amount = 10000 }]
"#,
        );
        let trials = Trials::draw(&model, &sobol(4_096)).unwrap();
        assert_eq!(perfect_information(&trials).value, 0.0);
        assert!(
            input_information(&trials)
                .iter()
                .all(|it| it.evppi.value == 0.0)
        );
        let pilots = effect_information(&trials);
        // It saves the cost of the failures, 4 in 10 of 10,000.
        assert_eq!(pilots[0].initiative, "gamble");
        assert!((pilots[0].evppi.value - 4_000.0).abs() < 50.0, "{pilots:?}");
        assert_eq!(pilots[1].evppi.value, 0.0);
    }
}
