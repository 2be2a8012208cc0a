//! Dependence between inputs.

use super::matrix::{self, Matrix};
use super::nearest::{Repair, nearest_correlation};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

/// What a correlation between two inputs means.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CorrelationScale {
    /// Spearman's rank correlation of the inputs themselves.
    #[default]
    Rank,
    /// Pearson's correlation of the normals behind the inputs.
    Normal,
}

impl CorrelationScale {
    /// The correlation of the normals behind inputs with the given correlation.
    fn normal_of(self, value: f64) -> f64 {
        match self {
            Self::Normal => value,
            // Exactly ±1 stays so.
            Self::Rank if value.abs() == 1.0 => value,
            Self::Rank => 2.0 * libm::sin(PI * value / 6.0),
        }
    }

    /// The inverse of [`normal_of`](Self::normal_of).
    fn of_normal(self, value: f64) -> f64 {
        match self {
            Self::Normal => value,
            Self::Rank => 6.0 / PI * libm::asin(value / 2.0),
        }
    }
}

fn map(matrix: &[Vec<f64>], of: impl Fn(f64) -> f64) -> Matrix {
    matrix
        .iter()
        .map(|row| row.iter().map(|&value| of(value)).collect())
        .collect()
}

/// A Gaussian copula: joint normals that, through their distribution function, drive the inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Copula {
    names: Vec<String>,
    correlations: Matrix,
    factor: Matrix,
}

/// A correlation matrix that cannot be read as one.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum CopulaError {
    /// Fewer or more rows or columns than inputs.
    #[error(
        "the correlation matrix has {found} entries in {place} and {expected} inputs; make it square"
    )]
    NotSquare {
        /// "its rows" or the row at fault.
        place: String,
        /// Entries found.
        found: usize,
        /// Number of inputs.
        expected: usize,
    },
    /// A name given twice.
    #[error("input {name:?} is named twice; name each correlated input once")]
    RepeatedName {
        /// The name.
        name: String,
    },
    /// A number outside −1 … 1, or NaN.
    #[error("the correlation of {first:?} with {second:?} is {value}; give a number from -1 to 1")]
    OutOfRange {
        /// Row.
        first: String,
        /// Column.
        second: String,
        /// Value.
        value: f64,
    },
    /// An input's correlation with itself is not 1.
    #[error("the correlation of {name:?} with itself is {value}; it must be 1")]
    NotUnitDiagonal {
        /// The input.
        name: String,
        /// Value.
        value: f64,
    },
    /// Two numbers for one pair.
    #[error("the correlation of {first:?} with {second:?} is {above} and {below}; give one number")]
    NotSymmetric {
        /// Row.
        first: String,
        /// Column.
        second: String,
        /// Entry above the diagonal.
        above: f64,
        /// Entry below the diagonal.
        below: f64,
    },
}

impl Copula {
    /// The copula of `names` with a full correlation matrix, and what had to be repaired.
    ///
    /// On the rank scale each correlation becomes `2 sin(π ρ/6)`, which gives exactly that
    /// Spearman correlation between continuous inputs (K. Pearson, 1907). A matrix that is not
    /// positive definite is replaced by the nearest that is, in the sum of squared changes
    /// (N. J. Higham, "Computing the nearest correlation matrix", 2002); nothing is reported where
    /// that moves no correlation by more than 0.00005, as for inputs that move as one.
    ///
    /// # Errors
    /// A matrix that is not square, symmetric, within −1 … 1 with ones on its diagonal.
    pub fn new(
        names: Vec<String>,
        correlations: &[Vec<f64>],
        scale: CorrelationScale,
    ) -> Result<(Self, Option<Repair>), CopulaError> {
        check(&names, correlations)?;
        let normal = map(correlations, |value| scale.normal_of(value));
        if let Ok(factor) = matrix::cholesky(&normal) {
            return Ok((
                Self {
                    names,
                    correlations: normal,
                    factor,
                },
                None,
            ));
        }
        let nearest = nearest_correlation(&normal);
        let factor =
            matrix::cholesky(&nearest).expect("eigenvalues were raised above the tolerance");
        let used = map(&nearest, |value| scale.of_normal(value));
        let repair = Repair::new(&names, &normal, correlations, &used);
        let copula = Self {
            names,
            correlations: nearest,
            factor,
        };
        Ok((copula, (!repair.moved.is_empty()).then_some(repair)))
    }

    /// The inputs, in the order of rows.
    pub fn names(&self) -> &[String] {
        &self.names
    }

    /// The correlations used, on the normal scale, by rows.
    pub fn correlations(&self) -> &[Vec<f64>] {
        &self.correlations
    }

    /// Turns independent standard normals into correlated ones, in place.
    ///
    /// One row per input in the order of [`names`](Self::names), each with the same number of
    /// trials.
    ///
    /// # Panics
    /// If there are fewer rows than inputs, or rows differ in length.
    #[inline(always)]
    pub fn transform<R: AsMut<[f64]>>(&self, normals: &mut [R]) {
        matrix::multiply_lower(&self.factor, normals);
    }
}

fn check(names: &[String], correlations: &[Vec<f64>]) -> Result<(), CopulaError> {
    let expected = names.len();
    let not_square = |place: String, found| {
        Err(CopulaError::NotSquare {
            place,
            found,
            expected,
        })
    };
    for (i, name) in names.iter().enumerate() {
        if names[..i].contains(name) {
            return Err(CopulaError::RepeatedName { name: name.clone() });
        }
    }
    if correlations.len() != expected {
        return not_square("its rows".to_owned(), correlations.len());
    }
    for (row, name) in correlations.iter().zip(names) {
        if row.len() != expected {
            return not_square(format!("the row of {name:?}"), row.len());
        }
    }
    for i in 0..expected {
        for j in 0..=i {
            check_pair(names, correlations, i, j)?;
        }
    }
    Ok(())
}

fn check_pair(
    names: &[String],
    correlations: &[Vec<f64>],
    i: usize,
    j: usize,
) -> Result<(), CopulaError> {
    let (below, above) = (correlations[i][j], correlations[j][i]);
    let (first, second) = (names[j].clone(), names[i].clone());
    for value in [above, below] {
        if !(-1.0..=1.0).contains(&value) {
            return Err(CopulaError::OutOfRange {
                first,
                second,
                value,
            });
        }
    }
    if i == j && below != 1.0 {
        return Err(CopulaError::NotUnitDiagonal {
            name: first,
            value: below,
        });
    }
    if above != below {
        return Err(CopulaError::NotSymmetric {
            first,
            second,
            above,
            below,
        });
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inputs::{Distribution, Moved};
    use crate::math::ndtri_each;
    use crate::sampling::{Plan, Sampling};
    use proptest::prelude::*;

    fn names(count: usize) -> Vec<String> {
        (0..count).map(|i| format!("input {i}")).collect()
    }

    fn copula(matrix: &[Vec<f64>], scale: CorrelationScale) -> (Copula, Option<Repair>) {
        Copula::new(names(matrix.len()), matrix, scale).expect("a correlation matrix")
    }

    /// Spearman's correlation of two columns without ties.
    fn spearman(a: &[f64], b: &[f64]) -> f64 {
        let ranks = |values: &[f64]| {
            let mut order: Vec<usize> = (0..values.len()).collect();
            order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
            let mut ranks = vec![0.0; values.len()];
            order
                .iter()
                .enumerate()
                .for_each(|(rank, &i)| ranks[i] = rank as f64);
            ranks
        };
        let n = a.len() as f64;
        let squares: f64 = ranks(a)
            .iter()
            .zip(ranks(b))
            .map(|(a, b)| (a - b) * (a - b))
            .sum();
        1.0 - 6.0 * squares / (n * (n * n - 1.0))
    }

    #[test]
    fn draws_have_the_rank_correlations_asked_for() {
        let matrix = [[1.0, 0.5, -0.3], [0.5, 1.0, 0.2], [-0.3, 0.2, 1.0]].map(Vec::from);
        let (copula, repair) = copula(&matrix, CorrelationScale::Rank);
        assert_eq!(repair, None);
        let count = 40_000;
        let plan = Plan {
            method: Sampling::Random,
            seed: 4,
            trials: count as u64,
            inputs: 3,
            randomisations: 1,
        };
        let mut rows = vec![vec![0.0; count]; 3];
        for (input, row) in rows.iter_mut().enumerate() {
            plan.fill(0, input, row);
            ndtri_each(row);
        }
        copula.transform(&mut rows);
        let families = [
            Distribution::Pert([0.0, 1.0, 9.0]),
            Distribution::Lognormal {
                median: 1.0,
                log_sd: 2.0,
            },
            Distribution::Uniform([0.0, 1.0]),
        ];
        for (row, family) in rows.iter_mut().zip(families) {
            family.prepare().apply_normal(row);
        }
        for (i, j) in [(0, 1), (0, 2), (1, 2)] {
            let found = spearman(&rows[i], &rows[j]);
            assert!(
                (found - matrix[i][j]).abs() < 4.0 / (count as f64).sqrt(),
                "{i} {j}: {found}"
            );
        }
    }

    #[test]
    fn scales_differ_as_pearson_showed() {
        let matrix = [[1.0, 0.5], [0.5, 1.0]].map(Vec::from);
        let (rank, _) = copula(&matrix, CorrelationScale::Rank);
        assert!((rank.correlations()[0][1] - 0.517_638_090_205_041_5).abs() < 1e-15);
        let (normal, _) = copula(&matrix, CorrelationScale::Normal);
        assert_eq!(normal.correlations()[0][1], 0.5);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(300))]

        #[test]
        fn any_symmetric_matrix_is_used_or_repaired(
            size in 1_usize..9,
            entries in prop::collection::vec(
                prop_oneof![-1.0..=1.0_f64, Just(1.0), Just(-1.0), Just(0.0)], 64),
            rank: bool,
        ) {
            let entry = |i: usize, j: usize| if i == j { 1.0 } else { entries[i.max(j) * 8 + i.min(j)] };
            let matrix: Vec<Vec<f64>> =
                (0..size).map(|i| (0..size).map(|j| entry(i, j)).collect()).collect();
            let scale = if rank { CorrelationScale::Rank } else { CorrelationScale::Normal };
            let (copula, repair) = copula(&matrix, scale);
            let (again, unmoved) =
                Copula::new(names(size), copula.correlations(), CorrelationScale::Normal)
                    .expect("a repaired matrix is a correlation matrix");
            prop_assert_eq!(again, copula);
            prop_assert_eq!(unmoved, None);
            for Moved { asked, used, .. } in repair.into_iter().flat_map(|repair| repair.moved) {
                prop_assert!((-1.0..=1.0).contains(&used) && (asked - used).abs() > 5e-5);
            }
        }
    }

    #[test]
    fn inputs_may_move_as_one() {
        let (copula, repair) = copula(
            &[[1.0, 1.0], [1.0, 1.0]].map(Vec::from),
            CorrelationScale::Rank,
        );
        assert_eq!(repair, None);
        let mut rows = [[1.5], [-0.7]];
        copula.transform(&mut rows);
        assert!((rows[0][0] - rows[1][0]).abs() < 1e-3);
    }

    #[test]
    fn what_is_no_correlation_matrix_is_named() {
        let refused = |matrix: &[Vec<f64>]| {
            Copula::new(names(2), matrix, CorrelationScale::Rank)
                .expect_err("refused")
                .to_string()
        };
        for (matrix, said) in [
            (vec![vec![1.0, 0.0]], "1 entries in its rows and 2 inputs"),
            (
                vec![vec![1.0, 0.0], vec![0.0]],
                "1 entries in the row of \"input 1\"",
            ),
            (
                vec![vec![1.0, 1.5], vec![1.5, 1.0]],
                "is 1.5; give a number from -1 to 1",
            ),
            (
                vec![vec![1.0, f64::NAN], vec![0.0, 1.0]],
                "is NaN; give a number from -1 to 1",
            ),
            (
                vec![vec![1.0, 0.5], vec![0.4, 1.0]],
                "is 0.5 and 0.4; give one number",
            ),
            (
                vec![vec![0.9, 0.5], vec![0.5, 1.0]],
                "with itself is 0.9; it must be 1",
            ),
        ] {
            assert!(refused(&matrix).contains(said), "{}", refused(&matrix));
        }
        let twice = vec!["a".to_owned(), "a".to_owned()];
        let identity = [[1.0, 0.0], [0.0, 1.0]].map(Vec::from);
        let error = Copula::new(twice, &identity, CorrelationScale::Rank).expect_err("refused");
        assert_eq!(
            error,
            CopulaError::RepeatedName {
                name: "a".to_owned()
            }
        );
    }
}
