//! The mean of a result given an input, by regression.

use super::rank::ranks;
use super::scatter::{mean, squares};
use crate::math::ndtri;

/// Highest power of the input's normal score.
const DEGREE: usize = 5;

/// Least square of a coefficient over its error: three standard errors.
const EVIDENCE: f64 = 9.0;

/// Normal scores: the standard normal quantiles of the ranks (B. L. van der Waerden, 1952).
pub(super) fn normal_scores(values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    ranks(values)
        .into_iter()
        .map(|rank| ndtri((rank - 0.5) / n))
        .collect()
}

/// `E[result | input]` at every trial.
pub(super) struct Conditional {
    mean: f64,
    /// The part of each power, uncorrelated with every other; none where it shows no evidence.
    terms: Vec<Option<Vec<f64>>>,
}

impl Conditional {
    /// Regresses results on polynomials of normal scores that are orthogonal over the trials
    /// (G. E. Forsythe, 1957). Parts within three standard errors of nothing are left out: an
    /// input that does not matter has exactly no effect, instead of the noise of five coefficients.
    pub(super) fn new(scores: &[f64], results: &[f64]) -> Self {
        let centre = mean(results);
        let n = results.len();
        let mut left = squares(results);
        let mut terms = Vec::new();
        let (mut before, mut polynomial) = (vec![0.0; n], vec![1.0; n]);
        let mut weight_before = 1.0;
        for degree in 0..=DEGREE {
            let weight: f64 = polynomial.iter().map(|p| p * p).sum();
            // An input with few values has few powers.
            if weight < 1e-9 * n as f64 {
                break;
            }
            if degree > 0 {
                let sum: f64 = polynomial
                    .iter()
                    .zip(results)
                    .map(|(p, y)| p * (y - centre))
                    .sum();
                let coefficient = sum / weight;
                let explained = coefficient * sum;
                left = (left - explained).max(0.0);
                let noise = left / (n - degree - 1).max(1) as f64;
                terms.push(
                    (explained > EVIDENCE * noise)
                        .then(|| polynomial.iter().map(|p| coefficient * p).collect()),
                );
            }
            let shift = polynomial
                .iter()
                .zip(scores)
                .map(|(p, z)| p * p * z)
                .sum::<f64>()
                / weight;
            let scale = if degree > 0 {
                weight / weight_before
            } else {
                0.0
            };
            let next = (0..n)
                .map(|i| (scores[i] - shift) * polynomial[i] - scale * before[i])
                .collect();
            before = std::mem::replace(&mut polynomial, next);
            weight_before = weight;
        }
        Self {
            mean: centre,
            terms,
        }
    }

    /// Regresses results on several inputs at once: powers of each normal score up to the third, and products of two, each
    /// made uncorrelated with those before it (modified Gram–Schmidt). What shows no evidence is left out, as of one input.
    ///
    /// Only of a perfect reading: parts are not sorted by power.
    pub(super) fn on_group(scores: &[Vec<f64>], results: &[f64]) -> Self {
        let centre = mean(results);
        let n = results.len();
        let mut left = squares(results);
        let mut basis: Vec<Vec<f64>> = vec![vec![1.0 / (n as f64).sqrt(); n]];
        let mut terms = Vec::new();
        for mut column in columns(scores) {
            let whole = dot(&column, &column);
            for before in &basis {
                let part = dot(&column, before);
                column
                    .iter_mut()
                    .zip(before)
                    .for_each(|(x, b)| *x -= part * b);
            }
            let own = dot(&column, &column);
            // What the parts before it say already.
            if own < 1e-9 * whole.max(1.0) {
                continue;
            }
            column.iter_mut().for_each(|x| *x /= own.sqrt());
            let coefficient = dot(&column, results);
            left = (left - coefficient * coefficient).max(0.0);
            let noise = left / n.saturating_sub(basis.len() + 1).max(1) as f64;
            if coefficient * coefficient > EVIDENCE * noise {
                terms.push(Some(column.iter().map(|x| coefficient * x).collect()));
            }
            basis.push(column);
        }
        Self {
            mean: centre,
            terms,
        }
    }

    /// The conditional means when the input is read with an error, so that the readings explain
    /// `share` of its variance; 1 is a perfect reading.
    ///
    /// Of a normal input read with normal error, the part of power `k` shrinks by `share^(k/2)`
    /// (F. G. Mehler, 1866); other inputs are treated as their normal scores.
    pub(super) fn read_with(&self, share: f64) -> Vec<f64> {
        let mut means = Vec::new();
        let mut factor = 1.0;
        for term in &self.terms {
            factor *= share.sqrt();
            let Some(term) = term else { continue };
            means.resize(term.len(), self.mean);
            means
                .iter_mut()
                .zip(term)
                .for_each(|(mean, part)| *mean += factor * part);
        }
        means
    }

    /// The mean of all results.
    pub(super) fn mean(&self) -> f64 {
        self.mean
    }
}

/// What results are regressed on of a group.
fn columns(scores: &[Vec<f64>]) -> impl Iterator<Item = Vec<f64>> {
    let powers = (1..=3).flat_map(move |power| {
        let of = move |score: &Vec<f64>| score.iter().map(|z| z.powi(power)).collect();
        scores.iter().map(of)
    });
    let pairs = scores.iter().enumerate().flat_map(move |(place, one)| {
        let with = |other: &Vec<f64>| one.iter().zip(other).map(|(x, y)| x * y).collect();
        scores[..place].iter().map(with).collect::<Vec<_>>()
    });
    powers.chain(pairs)
}

fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(x, y)| x * y).sum()
}

/// Value of choosing the best of several options, or none, after a reading instead of before it.
pub(super) fn value_of_choice(options: &[Conditional], share: f64) -> f64 {
    let best = |means: &mut dyn Iterator<Item = f64>| means.fold(0.0, f64::max);
    let before = best(&mut options.iter().map(Conditional::mean));
    // What would be chosen without the reading, to count only what another choice gains: exactly
    // nothing where the reading changes no choice.
    let planned = options.iter().position(|option| option.mean == before);
    let read: Vec<Vec<f64>> = options
        .iter()
        .map(|option| option.read_with(share))
        .collect();
    let rows = read.iter().map(Vec::len).max().unwrap_or(0);
    let at = |option: usize, row: usize| {
        read[option]
            .get(row)
            .copied()
            .unwrap_or(options[option].mean)
    };
    let gain = |row: usize| {
        let best = best(&mut (0..options.len()).map(|option| at(option, row)));
        best - planned.map_or(0.0, |option| at(option, row))
    };
    (0..rows).map(gain).sum::<f64>() / rows.max(1) as f64
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::{Plan, Sampling};

    fn draws(trials: u64) -> [Vec<f64>; 2] {
        let plan = Plan {
            method: Sampling::LatinHypercube,
            seed: 5,
            trials,
            inputs: 2,
            randomisations: 1,
        };
        [0, 1].map(|input| {
            let mut column = vec![0.0; trials as usize];
            plan.fill(0, input, &mut column);
            crate::math::ndtri_each(&mut column);
            column
        })
    }

    /// `y = 2 + z² + noise`: read with a share `Q` of the variance, the mean is `2 + 1 + Q(z² − 1)`.
    #[test]
    fn curvature_is_found_and_shrinks_as_mehler_showed() {
        let [input, noise] = draws(20_000);
        let results: Vec<f64> = input
            .iter()
            .zip(&noise)
            .map(|(z, e)| 2.0 + z * z + 0.5 * e)
            .collect();
        let fit = Conditional::new(&normal_scores(&input), &results);
        for share in [1.0, 0.25] {
            let means = fit.read_with(share);
            for (mean, z) in means.iter().zip(&input).filter(|(_, z)| z.abs() < 2.0) {
                let truth = 3.0 + share * (z * z - 1.0);
                assert!((mean - truth).abs() < 0.1, "{mean} not {truth} at {z}");
            }
        }
    }

    #[test]
    fn an_input_that_does_not_matter_has_no_part() {
        let [input, noise] = draws(20_000);
        let fit = Conditional::new(&normal_scores(&input), &noise);
        assert!(fit.read_with(1.0).is_empty());
        assert_eq!(value_of_choice(&[fit], 1.0), 0.0);
    }

    /// Of an input with two values the conditional means are the means of two groups.
    #[test]
    fn an_input_of_two_values_has_two_means() {
        let [input, noise] = draws(1_000);
        let success: Vec<f64> = input.iter().map(|z| f64::from(*z > 0.3)).collect();
        let results: Vec<f64> = success
            .iter()
            .zip(&noise)
            .map(|(s, e)| 4.0 * s + e)
            .collect();
        let means = Conditional::new(&normal_scores(&success), &results).read_with(1.0);
        for value in [0.0, 1.0] {
            let group: Vec<usize> = (0..1_000).filter(|&i| success[i] == value).collect();
            let truth = group.iter().map(|&i| results[i]).sum::<f64>() / group.len() as f64;
            assert!(group.iter().all(|&i| (means[i] - truth).abs() < 1e-9));
        }
    }

    /// `y = a·b + noise`: neither tells anything alone, and both together tell the product.
    #[test]
    fn what_two_inputs_say_only_together_is_found() {
        let [a, b] = draws(20_000);
        let results: Vec<f64> = a.iter().zip(&b).map(|(a, b)| 1.0 + a * b).collect();
        let scores = [&a, &b].map(|it| normal_scores(it));
        let alone = Conditional::on_group(&scores[..1], &results);
        assert!(alone.read_with(1.0).iter().all(|it| (it - 1.0).abs() < 0.2));
        let means = Conditional::on_group(&scores, &results).read_with(1.0);
        for place in (0..20_000).filter(|it| a[*it].abs().max(b[*it].abs()) < 2.0) {
            let truth = 1.0 + a[place] * b[place];
            assert!(
                (means[place] - truth).abs() < 0.1,
                "{} not {truth}",
                means[place]
            );
        }
    }

    #[test]
    fn a_group_of_one_says_what_it_says_alone() {
        let [input, noise] = draws(4_000);
        let results: Vec<f64> = input.iter().zip(&noise).map(|(z, e)| z * z + e).collect();
        let scores = normal_scores(&input);
        let alone = Conditional::new(&scores, &results).read_with(1.0);
        let group = Conditional::on_group(&[scores], &results).read_with(1.0);
        let off = alone.iter().zip(&group).map(|(a, b)| (a - b).abs());
        assert!(off.fold(0.0, f64::max) < 1e-9);
    }

    #[test]
    fn an_input_that_never_varies_has_no_part() {
        let fit = Conditional::new(&normal_scores(&[7.0; 50]), &draws(50)[0]);
        assert!(fit.read_with(1.0).is_empty());
    }
}
