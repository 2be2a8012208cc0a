//! Which initiative the value comes from.

use serde::{Deserialize, Serialize};

use super::scatter::{by_group, gather, mean};
use super::subset::Choices;
use crate::summary::Estimate;

/// An initiative's share of the expected net present value.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Contribution {
    /// The initiative.
    pub initiative: String,
    /// Its Shapley value; the values of all initiatives sum to E\[NPV\].
    pub value: Estimate,
    /// E\[NPV\] if it alone were done.
    pub alone: Estimate,
    /// What E\[NPV\] would lose without it.
    pub last: Estimate,
}

/// Shapley values of the initiatives: what each adds to E\[NPV\] on average over every order in
/// which they could be done (L. S. Shapley, "A Value for n-Person Games", 1953).
///
/// Initiatives that work on the same customers share what they save together; a pilot earns its
/// part of what it makes possible.
pub fn attribution(choices: &Choices<'_, '_>) -> Vec<Contribution> {
    let trials = choices.trials();
    let initiatives = trials.model().initiatives().len();
    let everything = choices.count() - 1;
    let weights = shapley_weights(initiatives);
    let estimate = |of: &dyn Fn(usize) -> f64| {
        by_group(trials.count(), trials.groups(), |rows| {
            rows.iter().map(|&row| of(row)).sum::<f64>() / rows.len() as f64
        })
    };
    trials
        .model()
        .initiatives()
        .enumerate()
        .map(|(i, name)| {
            let added = |without: usize, row: usize| {
                choices.npv(without | 1 << i)[row] - choices.npv(without)[row]
            };
            let shapley: Vec<f64> = (0..trials.count())
                .map(|row| {
                    let others = (0..choices.count()).filter(|choice| choice >> i & 1 == 0);
                    others
                        .map(|choice| weights[choice.count_ones() as usize] * added(choice, row))
                        .sum()
                })
                .collect();
            Contribution {
                initiative: name.to_owned(),
                value: by_group(trials.count(), trials.groups(), |rows| {
                    mean(&gather(&shapley, rows))
                }),
                alone: estimate(&|row| added(0, row)),
                last: estimate(&|row| added(everything & !(1 << i), row)),
            }
        })
        .collect()
}

/// Share of the orders of `n` in which a given set of `k` others comes before one:
/// `k! (n − 1 − k)! / n!`, by `k`.
fn shapley_weights(n: usize) -> Vec<f64> {
    let mut weights = Vec::with_capacity(n);
    let mut weight = 1.0 / n as f64;
    for k in 0..n {
        weights.push(weight);
        weight *= (k + 1) as f64 / (n - 1 - k).max(1) as f64;
    }
    weights
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::Trials;
    use crate::explain::tests::{model, overlapping, sobol};
    use crate::outcome::Outcome;

    #[test]
    fn weights_are_shapleys() {
        // n = 4: 0! 3!/4!, 1! 2!/4!, 2! 1!/4!, 3! 0!/4!.
        let expected = [6.0, 2.0, 2.0, 6.0].map(|f: f64| f / 24.0);
        for (found, truth) in shapley_weights(4).iter().zip(expected) {
            assert!((found - truth).abs() < 1e-15);
        }
    }

    /// Two initiatives that save the same customers: each gets its mean over both orders.
    #[test]
    fn parts_sum_to_the_whole_and_share_what_they_save_together() {
        let model = overlapping();
        let trials = Trials::draw(&model, &sobol(512)).unwrap();
        let choices = Choices::evaluate(&trials).unwrap();
        let parts = attribution(&choices);
        let whole = mean(&trials.outcome(Outcome::Npv));
        let sum: f64 = parts.iter().map(|part| part.value.value).sum();
        assert!(
            (sum - whole).abs() < 1e-9 * whole.abs(),
            "{sum} not {whole}"
        );
        for part in &parts {
            let middle = 0.5 * (part.alone.value + part.last.value);
            assert!(part.alone.value > part.last.value, "they overlap: {part:?}");
            assert!(
                (part.value.value - middle).abs() < 1e-9 * whole.abs(),
                "{part:?}"
            );
        }
    }

    /// An initiative that does nothing and costs nothing is worth exactly nothing.
    #[test]
    fn a_dummy_is_worth_nothing() {
        let model = model(
            r#"
[[initiatives]]
name = "a"
costs = [{ type = "people", amount = { normal = { mean = 1000, sd = 100 } } }]
[[initiatives]]
name = "dummy"
"#,
        );
        let trials = Trials::draw(&model, &sobol(160)).unwrap();
        let parts = attribution(&Choices::evaluate(&trials).unwrap());
        assert_eq!(parts[1].value.value, 0.0);
        assert_eq!(parts[0].value.value, parts[0].alone.value);
    }
}
