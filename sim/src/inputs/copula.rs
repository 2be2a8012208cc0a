//! Dependence between inputs.

use super::matrix::{self, Matrix};
use serde::{Deserialize, Serialize};
use std::fmt;

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

/// A Gaussian copula: joint normals that, through their distribution function, drive the inputs.
#[derive(Clone, Debug, PartialEq)]
pub struct Copula {
    names: Vec<String>,
    correlations: Matrix,
    factor: Matrix,
}

/// A correlation matrix that no inputs can have, replaced by the nearest one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Repair {
    /// The smallest eigenvalue before, at most 0.
    pub smallest_eigenvalue: f64,
    /// Pairs whose correlation moved by more than 0.00005, most moved first.
    pub moved: Vec<Moved>,
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "no inputs can have these correlations (smallest eigenvalue {:.4}); the nearest possible ones are used instead",
            self.smallest_eigenvalue
        )?;
        for (
            i,
            Moved {
                inputs: [first, second],
                asked,
                used,
            },
        ) in self.moved.iter().enumerate()
        {
            let separator = if i == 0 { ':' } else { ',' };
            write!(
                f,
                "{separator} {first} with {second} {asked:.3} became {used:.3}"
            )?;
        }
        Ok(())
    }
}

/// One correlation moved by a [`Repair`], on the normal scale.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// The two inputs.
    pub inputs: [String; 2],
    /// The correlation asked for.
    pub asked: f64,
    /// The correlation used.
    pub used: f64,
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
    /// (N. J. Higham, "Computing the nearest correlation matrix", 2002).
    ///
    /// # Errors
    /// A matrix that is not square, symmetric, within −1 … 1 with ones on its diagonal.
    pub fn new(
        names: Vec<String>,
        correlations: &[Vec<f64>],
        scale: CorrelationScale,
    ) -> Result<(Self, Option<Repair>), CopulaError> {
        check(&names, correlations)?;
        let asked: Matrix = match scale {
            CorrelationScale::Normal => correlations.to_vec(),
            CorrelationScale::Rank => correlations
                .iter()
                .map(|row| row.iter().map(|&rank| normal_of_rank(rank)).collect())
                .collect(),
        };
        if let Ok(factor) = matrix::cholesky(&asked) {
            return Ok((
                Self {
                    names,
                    correlations: asked,
                    factor,
                },
                None,
            ));
        }
        let used = nearest_correlation(&asked);
        let factor = matrix::cholesky(&used).expect("eigenvalues were raised above the tolerance");
        let repair = report(&names, &asked, &used);
        Ok((
            Self {
                names,
                correlations: used,
                factor,
            },
            Some(repair),
        ))
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
    pub fn transform<R: AsMut<[f64]>>(&self, normals: &mut [R]) {
        matrix::multiply_lower(&self.factor, normals);
    }
}

/// The normal correlation that gives Spearman's `rank` correlation, `2 sin(π ρ/6)`.
fn normal_of_rank(rank: f64) -> f64 {
    if rank.abs() == 1.0 {
        rank
    } else {
        2.0 * libm::sin(std::f64::consts::PI * rank / 6.0)
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
        if !(value.abs() <= 1.0) {
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

/// Smallest eigenvalue of a repaired matrix.
const SMALLEST_EIGENVALUE: f64 = 1e-8;

/// The nearest correlation matrix by Higham's alternating projections with Dykstra's correction.
fn nearest_correlation(asked: &[Vec<f64>]) -> Matrix {
    let size = asked.len();
    let mut x = asked.to_vec();
    let mut correction = vec![vec![0.0; size]; size];
    for _ in 0..1000 {
        let before = x.clone();
        for i in 0..size {
            for j in 0..size {
                x[i][j] -= correction[i][j];
            }
        }
        let positive = positive_part(&x);
        let mut change = 0.0_f64;
        for i in 0..size {
            for j in 0..size {
                correction[i][j] = positive[i][j] - x[i][j];
                x[i][j] = if i == j { 1.0 } else { positive[i][j] };
                change = change.max((x[i][j] - before[i][j]).abs());
            }
        }
        if change < 1e-12 {
            break;
        }
    }
    // Unit diagonal and positive definite at once, by rescaling the last projection.
    let positive = positive_part(&x);
    (0..size)
        .map(|i| {
            (0..size)
                .map(|j| {
                    if i == j {
                        1.0
                    } else {
                        positive[i][j] / (positive[i][i] * positive[j][j]).sqrt()
                    }
                })
                .collect()
        })
        .collect()
}

/// The nearest symmetric matrix whose eigenvalues are at least [`SMALLEST_EIGENVALUE`].
fn positive_part(symmetric: &[Vec<f64>]) -> Matrix {
    let (values, vectors) = matrix::eigen(symmetric);
    let raised: Vec<f64> = values
        .iter()
        .map(|&value| value.max(SMALLEST_EIGENVALUE))
        .collect();
    let size = raised.len();
    let entry = |i: usize, j: usize| {
        (0..size)
            .map(|k| vectors[i][k] * raised[k] * vectors[j][k])
            .sum::<f64>()
    };
    let mut part = vec![vec![0.0; size]; size];
    for i in 0..size {
        for j in 0..=i {
            part[i][j] = entry(i, j);
            part[j][i] = part[i][j];
        }
    }
    part
}

fn report(names: &[String], asked: &[Vec<f64>], used: &[Vec<f64>]) -> Repair {
    let (values, _) = matrix::eigen(asked);
    let mut moved: Vec<Moved> = Vec::new();
    for i in 0..names.len() {
        for j in 0..i {
            let (asked, used) = (asked[i][j], used[i][j]);
            if (asked - used).abs() > 5e-5 {
                moved.push(Moved {
                    inputs: [names[j].clone(), names[i].clone()],
                    asked,
                    used,
                });
            }
        }
    }
    moved.sort_by(|a, b| {
        (b.asked - b.used)
            .abs()
            .total_cmp(&(a.asked - a.used).abs())
    });
    Repair {
        smallest_eigenvalue: values.into_iter().fold(f64::INFINITY, f64::min),
        moved,
    }
}
