//! Separation: directions of the covariates that tell leavers from stayers without error.
//!
//! If some `β` has `x'β ≥ 0` for all who left and `x'β ≤ 0` for all who stayed, the likelihood
//! grows without end along `β` (Albert & Anderson 1984): the "effect" is infinite, and in records
//! of experience it nearly always means that the exposure was measured after the outcome.
//!
//! With rows `z = x` for leavers and `−x` for stayers, a separating `β` with `β_j > 0` exists
//! exactly when no `λ ≥ 0` solves `Z'λ = −e_j` (Farkas). That linear feasibility problem is
//! settled by non-negative least squares (Lawson & Hanson 1974, algorithm NNLS): a residual above
//! zero is itself the separating direction, so every finding comes with its proof.

use std::cmp::Ordering;

use nalgebra::{DMatrix, DVector};

/// A column that takes part in a separating direction.
#[derive(Debug, Clone, PartialEq)]
pub struct SeparatingColumn {
    /// Index of the column.
    pub column: usize,
    /// True when larger values go with leaving.
    pub rises_with_leaving: bool,
    /// True when the column separates by itself, without the others.
    pub alone: bool,
}

/// Rows of one outcome problem: covariates of those who left and of those who stayed.
///
/// Columns must be linearly independent, together with an intercept: a redundant column counts as
/// separating, since nothing bounds its coefficient either.
#[derive(Debug, Clone, Default)]
pub struct Separation {
    /// Signed rows `z`, each of `1 + columns` values: the intercept first.
    signed: Vec<Vec<f64>>,
}

impl Separation {
    /// No rows yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds people alike: their covariates, and whether some left and some stayed.
    pub fn push(&mut self, covariates: &[f64], some_left: bool, some_stayed: bool) {
        for (present, sign) in [(some_left, 1.0), (some_stayed, -1.0)] {
            if present {
                let row = std::iter::once(sign).chain(covariates.iter().map(|x| sign * x));
                self.signed.push(row.collect());
            }
        }
    }

    /// Columns with which a separating direction exists, in column order; empty when none does.
    pub fn columns(&self) -> Vec<SeparatingColumn> {
        let Some(width) = self.signed.first().map(Vec::len) else {
            return Vec::new();
        };
        let all: Vec<usize> = (0..width).collect();
        let together = self.matrix(&all);
        let mut found = Vec::new();
        for column in 1..width {
            let alone = self.matrix(&[0, column]);
            for rises in [true, false] {
                let sign = if rises { -1.0 } else { 1.0 };
                if separates(&together, column, sign) {
                    found.push(SeparatingColumn {
                        column: column - 1,
                        rises_with_leaving: rises,
                        alone: separates(&alone, 1, sign),
                    });
                    break;
                }
            }
        }
        found
    }

    /// `Z'` for some columns, each scaled to length 1 per row; without repeated rows.
    fn matrix(&self, columns: &[usize]) -> DMatrix<f64> {
        let pick = |row: &Vec<f64>| columns.iter().map(|&c| row[c]).collect::<Vec<f64>>();
        let mut rows: Vec<Vec<f64>> = self.signed.iter().map(pick).collect();
        rows.sort_by(|a, b| a.partial_cmp(b).unwrap_or(Ordering::Equal));
        rows.dedup();
        let n = rows.len() as f64;
        let scale: Vec<f64> = (0..columns.len())
            .map(|c| (rows.iter().map(|row| row[c] * row[c]).sum::<f64>() / n).sqrt())
            .map(|length| if length > 0.0 { length } else { 1.0 })
            .collect();
        DMatrix::from_fn(columns.len(), rows.len(), |c, r| rows[r][c] / scale[c])
    }
}

/// True when `Z'λ = sign·e_column` has no solution with `λ ≥ 0`.
fn separates(z: &DMatrix<f64>, column: usize, sign: f64) -> bool {
    let mut target = DVector::zeros(z.nrows());
    target[column] = sign;
    non_negative_residual(z, &target).norm_squared() > 1e-8
}

/// Residual `b − Aλ` of the least squares over `λ ≥ 0`.
fn non_negative_residual(a: &DMatrix<f64>, b: &DVector<f64>) -> DVector<f64> {
    let mut lambda = DVector::<f64>::zeros(a.ncols());
    let mut passive: Vec<usize> = Vec::new();
    let mut residual = b.clone();
    // Each outer step lowers the residual; the bound only guards against rounding.
    for _ in 0..(10 * a.nrows() + 100) {
        let slope = a.tr_mul(&residual);
        let free = (0..a.ncols()).filter(|i| !passive.contains(i));
        let Some(best) = free.max_by(|&i, &j| slope[i].total_cmp(&slope[j])) else {
            break;
        };
        if slope[best] <= 1e-10 {
            break;
        }
        passive.push(best);
        descend(a, b, &mut lambda, &mut passive);
        residual = b - a * &lambda;
    }
    residual
}

/// Moves to the least squares over the passive set, dropping what would turn negative.
fn descend(
    a: &DMatrix<f64>,
    b: &DVector<f64>,
    lambda: &mut DVector<f64>,
    passive: &mut Vec<usize>,
) {
    while !passive.is_empty() {
        let columns = a.select_columns(passive.iter());
        let Ok(wanted) = columns.svd(true, true).solve(b, 1e-12) else {
            return;
        };
        let step = passive
            .iter()
            .zip(wanted.iter())
            .filter(|(_, value)| **value <= 0.0)
            .map(|(&i, value)| lambda[i] / (lambda[i] - value))
            .fold(1.0, f64::min);
        for (&i, value) in passive.iter().zip(wanted.iter()) {
            lambda[i] += step * (value - lambda[i]);
        }
        if step >= 1.0 {
            return;
        }
        passive.retain(|&i| {
            let keep = lambda[i] > 1e-14;
            if !keep {
                lambda[i] = 0.0;
            }
            keep
        });
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn separation(rows: &[(&[f64], bool)]) -> Vec<SeparatingColumn> {
        let mut problem = Separation::new();
        for (x, left) in rows {
            problem.push(x, *left, !*left);
        }
        problem.columns()
    }

    #[test]
    fn complete_and_quasi_complete_separation_are_found() {
        let complete: [(&[f64], bool); 4] = [
            (&[1.0], true),
            (&[2.0], true),
            (&[4.0], false),
            (&[5.0], false),
        ];
        let found = separation(&complete);
        let expected = SeparatingColumn {
            column: 0,
            rises_with_leaving: false,
            alone: true,
        };
        assert_eq!(found, std::slice::from_ref(&expected));
        // Both outcomes at 3: only quasi-complete, still without a finite estimate.
        let quasi: [(&[f64], bool); 4] = [
            (&[1.0], true),
            (&[3.0], true),
            (&[3.0], false),
            (&[5.0], false),
        ];
        assert_eq!(separation(&quasi), [expected]);
    }

    #[test]
    fn overlap_is_not_separation() {
        let rows: [(&[f64], bool); 4] = [
            (&[1.0], true),
            (&[4.0], true),
            (&[3.0], false),
            (&[5.0], false),
        ];
        assert!(separation(&rows).is_empty());
        assert!(Separation::new().columns().is_empty());
    }

    #[test]
    fn separation_by_two_columns_together_is_found() {
        // Neither column separates alone; their sum does.
        let rows: [(&[f64], bool); 6] = [
            (&[0.0, 3.0], true),
            (&[3.0, 0.0], true),
            (&[2.0, 2.0], true),
            (&[0.0, 1.0], false),
            (&[1.0, 0.0], false),
            (&[0.5, 0.5], false),
        ];
        let found = separation(&rows);
        assert_eq!(found.len(), 2);
        assert!(
            found
                .iter()
                .all(|column| column.rises_with_leaving && !column.alone)
        );
    }

    #[test]
    fn an_innocent_column_beside_a_separating_one_is_not_named() {
        let mut problem = Separation::new();
        for score in 1..=5 {
            for age in [30.0, 40.0, 50.0] {
                problem.push(&[f64::from(score), age], score <= 3, score >= 3);
            }
        }
        let found = problem.columns();
        assert_eq!(found.len(), 1);
        assert_eq!(found[0].column, 0);
    }

    proptest! {
        /// With one column, separation is an overlap of ranges and can be checked by eye.
        #[test]
        fn one_column_agrees_with_ranges(rows in prop::collection::vec((-5i8..6, any::<bool>()), 1..40)) {
            let mut problem = Separation::new();
            for (x, left) in &rows {
                problem.push(&[f64::from(*x)], *left, !*left);
            }
            let of = |left| rows.iter().filter(move |r| r.1 == left).map(|r| r.0);
            let (l, s) = ((of(true).min(), of(true).max()), (of(false).min(), of(false).max()));
            prop_assume!(rows.iter().any(|r| r.0 != rows[0].0));
            let apart = match (l, s) {
                ((Some(l0), Some(l1)), (Some(s0), Some(s1))) => l0 >= s1 || s0 >= l1,
                _ => true,
            };
            prop_assert_eq!(!problem.columns().is_empty(), apart);
        }
    }
}
