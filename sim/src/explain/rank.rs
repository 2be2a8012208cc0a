//! Which inputs move with the result.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::scatter::{by_group, gather, mean};
use super::trials::Trials;
use crate::outcome::Outcome;
use crate::summary::Estimate;

/// How an outcome moves with an input.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RankCorrelation {
    /// The input.
    pub input: String,
    /// Spearman's rank correlation, −1 to 1; 0 for an input that never varies.
    pub correlation: Estimate,
}

/// Spearman's rank correlation of each input with an outcome, in the order of the inputs.
///
/// It includes what correlated inputs do: an input without any effect of its own correlates when
/// it moves together with one that has.
pub fn rank_correlations(trials: &Trials<'_>, outcome: Outcome) -> Vec<RankCorrelation> {
    let result = trials.outcome(outcome);
    let inputs = trials.model().inputs();
    (0..inputs.len())
        .into_par_iter()
        .map(|index| {
            let input = trials.input(index);
            let correlation = by_group(trials.count(), trials.groups(), |rows| {
                rank_correlation(&gather(&input, rows), &gather(&result, rows))
            });
            RankCorrelation {
                input: inputs[index].name.clone(),
                correlation,
            }
        })
        .collect()
}

/// Spearman's rank correlation: Pearson's correlation of the ranks, ties sharing their mean rank
/// (C. Spearman, 1904); 0 where one side never varies.
pub fn rank_correlation(a: &[f64], b: &[f64]) -> f64 {
    let (a, b) = (ranks(a), ranks(b));
    let middle = mean(&a);
    let products = |x: &[f64], y: &[f64]| -> f64 {
        x.iter()
            .zip(y)
            .map(|(x, y)| (x - middle) * (y - middle))
            .sum()
    };
    let scale = (products(&a, &a) * products(&b, &b)).sqrt();
    if scale > 0.0 {
        products(&a, &b) / scale
    } else {
        0.0
    }
}

/// Ranks from 1; ties share their mean rank.
pub(super) fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_unstable_by(|&i, &j| values[i].total_cmp(&values[j]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for tied in order.chunk_by(|&i, &j| values[i] == values[j]) {
        let rank = first as f64 + (tied.len() + 1) as f64 / 2.0;
        tied.iter().for_each(|&i| ranks[i] = rank);
        first += tied.len();
    }
    ranks
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::explain::tests::{PEOPLE, TECHNOLOGY, linear, sobol};

    /// IQ and hours of television, the worked example of Wikipedia's "Spearman's rank correlation
    /// coefficient": −29/165.
    #[test]
    fn published_example() {
        let iq = [
            106.0, 100.0, 86.0, 101.0, 99.0, 103.0, 97.0, 113.0, 112.0, 110.0,
        ];
        let hours = [7.0, 27.0, 2.0, 50.0, 28.0, 29.0, 20.0, 12.0, 6.0, 17.0];
        assert!((rank_correlation(&iq, &hours) + 29.0 / 165.0).abs() < 1e-15);
    }

    #[test]
    fn ties_share_a_rank_and_constants_correlate_with_nothing() {
        assert_eq!(ranks(&[3.0, 1.0, 3.0, 2.0]), [3.5, 1.0, 3.5, 2.0]);
        let found = rank_correlation(&[1.0, 2.0, 2.0, 3.0], &[1.0, 2.0, 3.0, 4.0]);
        assert!((found - 0.9_f64.sqrt()).abs() < 1e-15);
        assert_eq!(rank_correlation(&[5.0; 4], &[1.0, 2.0, 3.0, 4.0]), 0.0);
    }

    /// NPV is a constant minus two independent normals, sd 3 and 4: Pearson's correlations are
    /// −0.6 and −0.8, and Spearman's `6/π asin(ρ/2)`.
    #[test]
    fn normal_case_has_its_closed_form() {
        let model = linear();
        let trials = Trials::draw(&model, &sobol(16_384)).unwrap();
        let found = rank_correlations(&trials, Outcome::Npv);
        for (input, pearson) in [(PEOPLE, -0.6_f64), (TECHNOLOGY, -0.8)] {
            let truth = 6.0 / std::f64::consts::PI * (pearson / 2.0).asin();
            let it = &found[input].correlation;
            assert!(it.mc_error > 0.0 && it.mc_error < 0.005, "{it:?}");
            assert!(
                (it.value - truth).abs() < 4.0 * it.mc_error + 1e-4,
                "{it:?} not {truth}"
            );
        }
    }
}
