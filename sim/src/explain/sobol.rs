//! How the variance of a result divides among its inputs.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::ExplainError;
use super::scatter::{by_jackknife, mean, squares};
use super::trials::{GROUPS, TILE};
use crate::model::{CorrelatedInputs, InputId, Model};
use crate::outcome::Outcome;
use crate::run::RunError;
use crate::sampling::{Plan, Sampling};
use crate::summary::Estimate;
use crate::trials::{Columns, Evaluator, RunOptions};

/// How much of an outcome's variance a factor explains.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SobolIndex {
    /// The input; or the inputs of a correlated group, which count as one factor because the
    /// variance of a result does not divide among inputs that move together.
    pub inputs: Vec<String>,
    /// First-order index: share of the variance that goes with this factor alone.
    pub first_order: Estimate,
    /// Total index: share of the variance that this factor has any part in.
    pub total: Estimate,
}

/// Sobol indices of every factor of a model, the largest total first.
///
/// Two sets of uniforms are two sets of inputs of one plan. The model is evaluated
/// `trials × (factors + 2)` times.
///
/// # Errors
/// If the plan with twice the inputs cannot be sampled, or has one randomisation.
pub fn sobol_indices(
    model: &Model,
    options: &RunOptions,
    outcome: Outcome,
) -> Result<Vec<SobolIndex>, ExplainError> {
    let plan = Plan {
        inputs: 2 * options.plan(model).inputs,
        ..options.plan(model)
    };
    plan.validate().map_err(RunError::from)?;
    let groups = match options.sampling {
        Sampling::Random => GROUPS,
        _ if options.randomisations < 2 => return Err(RunError::OneRandomisation.into()),
        _ => options.randomisations as usize,
    };
    let factors = factors(model);
    let evaluator = Evaluator::new(model).with_demography_seed(options.seed);
    let tiles: Vec<Vec<Vec<f64>>> = (0..plan.trials.div_ceil(TILE))
        .into_par_iter()
        .map(|tile| evaluate_tile(&evaluator, &plan, tile * TILE, &factors, outcome))
        .collect();
    let column = |index: usize| -> Vec<f64> {
        tiles
            .iter()
            .flat_map(|tile| &tile[index])
            .copied()
            .collect()
    };
    let (a, b) = (column(0), column(1));
    let mut indices: Vec<SobolIndex> = factors
        .iter()
        .enumerate()
        .map(|(i, members)| {
            let (first_order, total) = jansen(&a, &b, &column(2 + i), groups);
            let name = |&member: &usize| model.inputs()[member].name.clone();
            SobolIndex {
                inputs: members.iter().map(name).collect(),
                first_order,
                total,
            }
        })
        .collect();
    indices.sort_by(|a, b| b.total.value.total_cmp(&a.total.value));
    Ok(indices)
}

/// Inputs that are swapped together: those of a copula, and those that take the same uniform.
fn factors(model: &Model) -> Vec<Vec<usize>> {
    let mut factors: Vec<Vec<usize>> = Vec::new();
    for (index, input) in model.inputs.iter().enumerate() {
        let tied = |&member: &usize| {
            let in_group = |group: &CorrelatedInputs| {
                [member, index]
                    .iter()
                    .all(|it| group.members.contains(&InputId(*it)))
            };
            model.inputs[member].stream == input.stream || model.groups.iter().any(in_group)
        };
        match factors.iter_mut().find(|members| members.iter().any(tied)) {
            Some(members) => members.push(index),
            None => factors.push(vec![index]),
        }
    }
    factors
}

/// An outcome from the first uniforms, from the second, and from the first with each factor's
/// taken from the second.
fn evaluate_tile(
    evaluator: &Evaluator<'_>,
    plan: &Plan,
    first: u64,
    factors: &[Vec<usize>],
    outcome: Outcome,
) -> Vec<Vec<f64>> {
    let streams = plan.inputs / 2;
    let model = evaluator.model();
    let count = TILE.min(plan.trials - first) as usize;
    // Values rather than uniforms are swapped: whole factors, so that copulas stay intact.
    let set = |offset: usize| {
        let mut columns = Columns::new(model.inputs.len(), count);
        for (index, input) in model.inputs.iter().enumerate() {
            plan.fill(first, offset + input.stream, columns.column_mut(index));
        }
        evaluator.draw(&mut columns);
        columns
    };
    let mut workspace = evaluator.workspace();
    let mut outcome = |columns: &Columns| {
        evaluator
            .evaluate(&mut workspace, columns, first, 0)
            .outcomes
            .outcome(outcome)
            .to_vec()
    };
    let (a, b) = (set(0), set(streams));
    let mut results = vec![outcome(&a), outcome(&b)];
    for members in factors {
        let mut mixed = a.clone();
        for &member in members {
            mixed.column_mut(member).copy_from_slice(b.column(member));
        }
        results.push(outcome(&mixed));
    }
    results
}

/// First-order and total index by Jansen's estimators:
/// `S = 1 − E[(f(B) − f(A_B))²]/2V` and `T = E[(f(A) − f(A_B))²]/2V`, where `A_B` is `A` with the
/// factor taken from `B` (M. J. W. Jansen, 1999; A. Saltelli et al., 2010, table 2).
///
/// Trial `t` belongs to group `t % groups`, and errors are those of a jackknife over groups. A
/// result that never varies has indices of 0.
pub fn jansen(a: &[f64], b: &[f64], mixed: &[f64], groups: usize) -> (Estimate, Estimate) {
    let index = |of: fn(f64) -> f64, from: &[f64]| {
        by_jackknife(a.len(), groups, |rows| {
            let both: Vec<f64> = rows.iter().flat_map(|&row| [a[row], b[row]]).collect();
            let variance = squares(&both) / both.len() as f64;
            let halves: Vec<f64> = rows
                .iter()
                .map(|&row| 0.5 * (from[row] - mixed[row]).powi(2))
                .collect();
            if variance > 0.0 {
                of(mean(&halves) / variance)
            } else {
                0.0
            }
        })
    };
    (index(|share| 1.0 - share, b), index(|share| share, a))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::{linear, model, sobol};

    /// Indices of a function of uniforms, by the same estimators.
    fn indices(inputs: usize, f: impl Fn(&[f64]) -> f64) -> Vec<(Estimate, Estimate)> {
        let plan = Plan {
            method: Sampling::Sobol,
            seed: 11,
            trials: 16 * 1_024,
            inputs: 2 * inputs,
            randomisations: 16,
        };
        let columns: Vec<Vec<f64>> = (0..2 * inputs)
            .map(|input| {
                let mut column = vec![0.0; plan.trials as usize];
                plan.fill(0, input, &mut column);
                column
            })
            .collect();
        let evaluate = |from_b: &dyn Fn(usize) -> bool| -> Vec<f64> {
            let column = |i: usize| &columns[if from_b(i) { inputs + i } else { i }];
            (0..plan.trials as usize)
                .map(|row| f(&(0..inputs).map(|i| column(i)[row]).collect::<Vec<_>>()))
                .collect()
        };
        let (a, b) = (evaluate(&|_| false), evaluate(&|_| true));
        (0..inputs)
            .map(|swapped| jansen(&a, &b, &evaluate(&|i| i == swapped), 16))
            .collect()
    }

    fn assert_indices(found: &[(Estimate, Estimate)], published: &[[f64; 2]]) {
        for ((first, total), truth) in found.iter().zip(published) {
            for (it, truth) in [(first, truth[0]), (total, truth[1])] {
                // Published figures have four decimals.
                assert!(
                    (it.value - truth).abs() < 4.0 * it.mc_error + 1e-4,
                    "{it:?} not {truth}"
                );
                assert!(it.mc_error < 0.01, "{it:?} is not sharp");
            }
        }
    }

    /// T. Ishigami and T. Homma (1990) with a = 7, b = 0.1; indices as in A. Saltelli et al.,
    /// "Global Sensitivity Analysis: The Primer", 2008.
    #[test]
    fn ishigami() {
        let found = indices(3, |u| {
            let x: Vec<f64> = u
                .iter()
                .map(|u| std::f64::consts::PI * (2.0 * u - 1.0))
                .collect();
            x[0].sin() + 7.0 * x[1].sin().powi(2) + 0.1 * x[2].powi(4) * x[0].sin()
        });
        assert_indices(&found, &[[0.3139, 0.5576], [0.4424, 0.4424], [0.0, 0.2437]]);
    }

    /// I. M. Sobol's g with a = (0, 1, 4.5, 9, 99, 99, 99, 99); indices as in A. Saltelli et al.
    /// (2008).
    #[test]
    fn sobol_g() {
        let a = [0.0, 1.0, 4.5, 9.0, 99.0, 99.0, 99.0, 99.0];
        let found = indices(8, |u| {
            u.iter()
                .zip(a)
                .map(|(u, a)| ((4.0 * u - 2.0).abs() + a) / (1.0 + a))
                .product()
        });
        let published = [
            [0.7165, 0.7871],
            [0.1791, 0.2422],
            [0.0237, 0.0343],
            [0.0072, 0.0105],
        ];
        assert_indices(&found, &published);
        assert_indices(&found[4..], &[[0.0001, 0.0001]; 4]);
    }

    /// Variances 3000² and 4000² of a sum: shares 0.36 and 0.64, no interaction.
    #[test]
    fn a_linear_model_divides_its_variance() {
        let found = sobol_indices(&linear(), &sobol(4_096), Outcome::Npv).unwrap();
        for (index, share) in found.iter().zip([0.64, 0.36]) {
            for it in [index.first_order, index.total] {
                assert!(
                    (it.value - share).abs() < 4.0 * it.mc_error + 1e-9,
                    "{index:?}"
                );
            }
        }
    }

    #[test]
    fn inputs_that_move_together_are_one_factor() {
        let model = model(
            r#"
[[initiatives]]
name = "a"
costs = [
    { type = "people", amount = { input = "wage" } },
    { type = "training", amount = { input = "rent" } },
]
[inputs]
wage = { distribution = { normal = { mean = 9000, sd = 1000 } } }
rent = { distribution = { normal = { mean = 9000, sd = 1000 } } }
[[correlations]]
inputs = ["wage", "rent"]
matrix = [[1, 0.5], [0.5, 1]]
"#,
        );
        let found = sobol_indices(&model, &sobol(1_024), Outcome::Npv).unwrap();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].inputs, ["rent", "wage"]);
        assert!((found[0].total.value - 1.0).abs() < 4.0 * found[0].total.mc_error + 1e-9);
    }
}
