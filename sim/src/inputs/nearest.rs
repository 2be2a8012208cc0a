//! The nearest correlation matrix to an impossible one.

use super::matrix::{self, Matrix};
use serde::{Deserialize, Serialize};
use std::fmt;

/// A correlation matrix that no inputs can have, replaced by the nearest one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Repair {
    /// The smallest eigenvalue of the correlations asked for, on the normal scale; at most 0.
    pub smallest_eigenvalue: f64,
    /// Pairs whose correlation moved by more than 0.00005, most moved first.
    pub moved: Vec<Moved>,
}

impl Repair {
    /// What moved between the correlations `asked` and `used`, on the scale they were asked for.
    pub(super) fn new(
        names: &[String],
        normal: &[Vec<f64>],
        asked: &[Vec<f64>],
        used: &[Vec<f64>],
    ) -> Self {
        let (eigenvalues, _) = matrix::eigen(normal);
        let smallest_eigenvalue = eigenvalues.into_iter().fold(f64::INFINITY, f64::min);
        let mut moved: Vec<Moved> = Vec::new();
        for (i, second) in names.iter().enumerate() {
            for (j, first) in names[..i].iter().enumerate() {
                let (asked, used) = (asked[i][j], used[i][j]);
                if (asked - used).abs() > 5e-5 {
                    moved.push(Moved {
                        inputs: [first.clone(), second.clone()],
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
        Self {
            smallest_eigenvalue,
            moved,
        }
    }
}

impl fmt::Display for Repair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let eigenvalue = self.smallest_eigenvalue;
        write!(
            f,
            "no inputs can have these correlations (smallest eigenvalue {eigenvalue:.4}); "
        )?;
        f.write_str("the nearest possible ones are used instead")?;
        for (
            i,
            Moved {
                inputs,
                asked,
                used,
            },
        ) in self.moved.iter().enumerate()
        {
            let separator = if i == 0 { ':' } else { ',' };
            let [first, second] = inputs;
            write!(
                f,
                "{separator} {first} with {second} {asked:.3} became {used:.3}"
            )?;
        }
        Ok(())
    }
}

/// One correlation moved by a [`Repair`], on the scale that was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    /// The two inputs.
    pub inputs: [String; 2],
    /// The correlation asked for.
    pub asked: f64,
    /// The correlation used.
    pub used: f64,
}

/// Smallest eigenvalue of a repaired matrix.
const SMALLEST_EIGENVALUE: f64 = 1e-8;

/// The nearest correlation matrix by Higham's alternating projections with Dykstra's correction.
pub(super) fn nearest_correlation(asked: &[Vec<f64>]) -> Matrix {
    let size = asked.len();
    let mut x = asked.to_vec();
    let mut correction = vec![vec![0.0; size]; size];
    for _ in 0..500 {
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
        if change < 1e-10 {
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
    let roots: Vec<f64> = values
        .iter()
        .map(|value| value.max(SMALLEST_EIGENVALUE).sqrt())
        .collect();
    let scaled: Matrix = vectors
        .iter()
        .map(|row| {
            row.iter()
                .zip(&roots)
                .map(|(entry, root)| entry * root)
                .collect()
        })
        .collect();
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum();
    scaled
        .iter()
        .map(|a| scaled.iter().map(|b| product(a, b)).collect())
        .collect()
}

#[cfg(test)]
mod tests {
    use crate::inputs::{Copula, CorrelationScale};

    /// The example of Higham (2002), section 5, in its four published digits.
    #[test]
    fn impossible_matrices_are_repaired_to_the_nearest() {
        let matrix = [[1.0, 1.0, 0.0], [1.0, 1.0, 1.0], [0.0, 1.0, 1.0]].map(Vec::from);
        let names = (0..3).map(|i| format!("input {i}")).collect();
        let (copula, repair) =
            Copula::new(names, &matrix, CorrelationScale::Normal).expect("a correlation matrix");
        for (i, j, expected) in [(0, 1, 0.7607), (0, 2, 0.1573), (1, 2, 0.7607)] {
            assert!((copula.correlations()[i][j] - expected).abs() < 5e-5);
        }
        let repair = repair.expect("a report");
        assert!((repair.smallest_eigenvalue - (1.0 - 2.0_f64.sqrt())).abs() < 1e-12);
        assert_eq!(repair.moved.len(), 3);
        assert_eq!(
            repair.moved[2].inputs,
            ["input 0", "input 2"].map(str::to_owned)
        );
        assert!(
            repair
                .to_string()
                .contains("input 0 with input 2 0.000 became 0.157")
        );
    }
}
