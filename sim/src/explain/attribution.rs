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

/// What lies between the sum of every initiative alone and the whole: the last step of a waterfall that begins with
/// [`Contribution::alone`] and ends on E\[NPV\]. Below 0 where initiatives do the same thing, above it where one makes
/// another possible; future by future, so that its error is that of the difference.
pub fn overlap(choices: &Choices<'_, '_>) -> Estimate {
    /// Below this part of what it is the difference of, it is the rounding of sums.
    const ROUNDING: f64 = 1e-9;
    let trials = choices.trials();
    let alone = (0..trials.model().initiatives().len()).map(|it| choices.npv(1 << it));
    let alone: Vec<&[f64]> = alone.collect();
    let (nothing, everything) = (choices.npv(0), choices.npv(choices.count() - 1));
    let of_row = |row: usize| {
        let whole = everything[row] - nothing[row];
        let steps = alone.iter().map(|npv| npv[row] - nothing[row]);
        let left = steps.clone().fold(whole, |left, step| left - step);
        let size = steps.fold(whole.abs(), |size, step| size + step.abs());
        if left.abs() > ROUNDING * size {
            left
        } else {
            0.0
        }
    };
    let rows: Vec<f64> = (0..trials.count()).map(of_row).collect();
    by_group(trials.count(), trials.groups(), |of| {
        mean(&gather(&rows, of))
    })
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

    /// Two that save the same customers: what both save is `1 − (1 − a)(1 − b)` of leaving, not `a + b`, so that something is
    /// counted twice in the sum of each alone, and the step takes it off.
    #[test]
    fn a_waterfall_ends_on_the_whole() {
        let model = overlapping();
        let trials = Trials::draw(&model, &sobol(512)).unwrap();
        let choices = Choices::evaluate(&trials).unwrap();
        let alone: f64 = attribution(&choices).iter().map(|it| it.alone.value).sum();
        let (step, whole) = (overlap(&choices), mean(&trials.outcome(Outcome::Npv)));
        assert!((alone + step.value - whole).abs() < 0.005, "{step:?}");
        assert!(step.value < -100.0 && step.mc_error < 0.01 * step.value.abs());
        // In closed form of customers left: `Σ v(t)·30·1,000·(e^(−h(1−a)(1−b)t) − e^(−h(1−a)t) − e^(−h(1−b)t) + e^(−ht))`.
        let inputs = [trials.input(0), trials.input(1)];
        let of_month = |row: usize, t: f64| {
            let left = |share: f64| (-0.01 * share * t).exp();
            let [a, b] = inputs.each_ref().map(|it| 1.0 - it[row]);
            30_000.0 * 1.1_f64.powf(-t / 12.0) * (left(a * b) - left(a) - left(b) + left(1.0))
        };
        let months = |row: usize| (1..=12).map(|t| of_month(row, f64::from(t))).sum::<f64>();
        let truth = mean(&Vec::from_iter((0..trials.count()).map(months)));
        assert!(
            (step.value / truth - 1.0).abs() < 1e-9,
            "{step:?}, not {truth}"
        );
    }

    /// More use that is paid at a higher price, `u·p` of revenue, belongs to neither alone.
    #[test]
    fn what_one_makes_of_another_is_a_step_up() {
        let model = model(
            r#"
[[initiatives]]
name = "price"
reach = { one = 1.0 }
effects = [{ on = "price_premium", size = { uniform = [0.01, 0.07] }, grade = "A" }]
[[initiatives]]
name = "use"
reach = { one = 1.0 }
effects = [{ on = "arpu", size = { uniform = [0.01, 0.03] }, grade = "A" }]
"#,
        );
        let trials = Trials::draw(&model, &sobol(512)).unwrap();
        let found = overlap(&Choices::evaluate(&trials).unwrap());
        let month = |t: i32| (-0.01 * f64::from(t)).exp() * 1.1_f64.powf(-f64::from(t) / 12.0);
        let revenue: f64 = (1..=12).map(|t| 50_000.0 * month(t)).sum();
        let [price, more] = [0, 1].map(|it| trials.input(it));
        let both = price.iter().zip(&more).map(|(p, u)| p * u);
        let truth = revenue * both.sum::<f64>() / 512.0;
        assert!(
            (found.value / truth - 1.0).abs() < 1e-9,
            "{found:?}, not {truth}"
        );
    }

    /// A cost of one has nothing to do with the benefit of another.
    #[test]
    fn what_only_adds_up_does_not_overlap() {
        let model = model(
            r#"
[[initiatives]]
name = "a"
reach = { one = 1.0 }
effects = [{ on = "hazard", size = { uniform = [0.1, 0.7] }, grade = "A" }]
costs = [{ type = "people", amount = { normal = { mean = 1000, sd = 100 } } }]
[[initiatives]]
name = "b"
costs = [{ type = "people", amount = { normal = { mean = 50.1, sd = 5 } }, recurrence = "monthly" }]
"#,
        );
        let trials = Trials::draw(&model, &sobol(160)).unwrap();
        let found = overlap(&Choices::evaluate(&trials).unwrap());
        assert_eq!((found.value, found.mc_error), (0.0, 0.0));
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
