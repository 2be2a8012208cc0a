//! Monte Carlo errors of figures that have no formula for theirs: from the scatter of groups.
//!
//! Trial `t` belongs to group `t % groups`. With `latin_hypercube` and `sobol` the groups are the
//! independent randomisations; with `random` any split into groups is one of independent trials.

use crate::summary::Estimate;

/// A figure of all rows, with the error `sd/√groups` of the same figure of each group.
///
/// For figures without noticeable bias in small samples.
pub(super) fn by_group(rows: usize, groups: usize, figure: impl Fn(&[usize]) -> f64) -> Estimate {
    let all: Vec<usize> = (0..rows).collect();
    let of_groups: Vec<f64> = (0..groups)
        .map(|group| {
            figure(
                &all[group..]
                    .iter()
                    .step_by(groups)
                    .copied()
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    Estimate {
        value: figure(&all),
        mc_error: (squares(&of_groups) / ((groups - 1) * groups) as f64).sqrt(),
    }
}

/// A figure of all rows, with the error by leaving out one group at a time (the delete-a-group
/// jackknife, B. Efron, "The Jackknife, the Bootstrap and Other Resampling Plans", 1982).
///
/// For figures that small samples would bias, such as the mean of a maximum or a ratio.
pub(super) fn by_jackknife(
    rows: usize,
    groups: usize,
    figure: impl Fn(&[usize]) -> f64,
) -> Estimate {
    let without: Vec<f64> = (0..groups)
        .map(|group| {
            figure(
                &(0..rows)
                    .filter(|row| row % groups != group)
                    .collect::<Vec<_>>(),
            )
        })
        .collect();
    Estimate {
        value: figure(&(0..rows).collect::<Vec<_>>()),
        mc_error: (squares(&without) * (groups - 1) as f64 / groups as f64).sqrt(),
    }
}

/// The named rows of a column.
pub(super) fn gather(column: &[f64], rows: &[usize]) -> Vec<f64> {
    rows.iter().map(|&row| column[row]).collect()
}

/// Mean; NaN of nothing.
pub(super) fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}

/// Sum of squared distances from the mean.
pub(super) fn squares(values: &[f64]) -> f64 {
    let mean = mean(values);
    values
        .iter()
        .map(|value| (value - mean) * (value - mean))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sampling::{Plan, Sampling};

    /// Both agree with the textbook error of a mean, `sd/√n`.
    #[test]
    fn errors_of_a_mean_are_those_of_the_textbook() {
        let rows = 64_000;
        let mut values = vec![0.0; rows];
        let plan = Plan {
            method: Sampling::Random,
            seed: 3,
            trials: rows as u64,
            inputs: 1,
            randomisations: 1,
        };
        plan.fill(0, 0, &mut values);
        let textbook = (1.0_f64 / 12.0 / rows as f64).sqrt();
        let figure = |rows: &[usize]| mean(&gather(&values, rows));
        for estimate in [by_group(rows, 64, figure), by_jackknife(rows, 64, figure)] {
            // The error of 64 groups' scatter is 1/√126 of itself.
            let ratio = estimate.mc_error / textbook;
            assert!((ratio - 1.0).abs() < 4.0 / 126.0_f64.sqrt(), "{ratio}");
            assert!((estimate.value - 0.5).abs() < 4.0 * textbook);
        }
    }
}
