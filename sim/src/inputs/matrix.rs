//! The little linear algebra that inputs need, in an order of operations of its own.
//!
//! A general library may sum in another order, or with fused multiply-add, on another processor;
//! the bits of every draw hang on these matrices, so they are computed here.

#![expect(
    clippy::needless_range_loop,
    reason = "matrices are indexed as in their formulas"
)]

/// A square matrix by rows.
pub(super) type Matrix = Vec<Vec<f64>>;

/// Lower Cholesky factor, or the index of the row at which `matrix` proves not positive definite.
pub(super) fn cholesky(matrix: &[Vec<f64>]) -> Result<Matrix, usize> {
    let size = matrix.len();
    let mut factor = vec![vec![0.0; size]; size];
    for row in 0..size {
        for column in 0..=row {
            let known: f64 = (0..column)
                .map(|k| factor[row][k] * factor[column][k])
                .sum();
            let rest: f64 = matrix[row][column] - known;
            if row == column {
                // Below this the row is a combination of the earlier ones, up to rounding.
                let is_independent = rest > 1e-12 * matrix[row][row];
                if !is_independent {
                    return Err(row);
                }
                factor[row][row] = rest.sqrt();
            } else {
                factor[row][column] = rest / factor[column][column];
            }
        }
    }
    Ok(factor)
}

/// Eigenvalues and the matrix of eigenvectors (in columns) of a symmetric matrix, by cyclic Jacobi
/// rotations.
pub(super) fn eigen(matrix: &[Vec<f64>]) -> (Vec<f64>, Matrix) {
    let size = matrix.len();
    let mut a = matrix.to_vec();
    let mut v: Matrix = (0..size)
        .map(|i| (0..size).map(|j| f64::from(u8::from(i == j))).collect())
        .collect();
    for _ in 0..60 {
        let off: f64 = (0..size)
            .flat_map(|i| (0..i).map(move |j| (i, j)))
            .map(|(i, j)| a[i][j] * a[i][j])
            .sum();
        if off < 1e-30 {
            break;
        }
        for p in 0..size {
            for q in p + 1..size {
                if a[p][q] != 0.0 {
                    rotate(&mut a, &mut v, p, q);
                }
            }
        }
    }
    ((0..size).map(|i| a[i][i]).collect(), v)
}

/// One Jacobi rotation that makes `a[p][q]` zero.
fn rotate(a: &mut Matrix, v: &mut Matrix, p: usize, q: usize) {
    let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    let t = 1.0_f64.copysign(theta) / (theta.abs() + (theta * theta + 1.0).sqrt());
    let c = 1.0 / (t * t + 1.0).sqrt();
    let s = t * c;
    for row in a.iter_mut().chain(v.iter_mut()) {
        (row[p], row[q]) = (c * row[p] - s * row[q], s * row[p] + c * row[q]);
    }
    for k in 0..a.len() {
        (a[p][k], a[q][k]) = (c * a[p][k] - s * a[q][k], s * a[p][k] + c * a[q][k]);
    }
}

/// Solution of `matrix · x = right` by elimination with pivoting; `None` if singular.
pub(super) fn solve(mut matrix: Matrix, mut right: Vec<f64>) -> Option<Vec<f64>> {
    let size = right.len();
    for column in 0..size {
        let pivot = (column..size)
            .max_by(|&i, &j| matrix[i][column].abs().total_cmp(&matrix[j][column].abs()))?;
        matrix.swap(column, pivot);
        right.swap(column, pivot);
        let is_regular = matrix[column][column].abs() > 1e-12;
        if !is_regular {
            return None;
        }
        for row in column + 1..size {
            let factor = matrix[row][column] / matrix[column][column];
            for k in column..size {
                matrix[row][k] -= factor * matrix[column][k];
            }
            right[row] -= factor * right[column];
        }
    }
    for row in (0..size).rev() {
        let known: f64 = (row + 1..size).map(|k| matrix[row][k] * right[k]).sum();
        right[row] = (right[row] - known) / matrix[row][row];
    }
    Some(right)
}

/// Multiplies normals, one row per variable and one column per trial, by a lower factor in place.
///
/// A few trials at a time, so that their sums stay in registers.
#[inline(always)]
pub(super) fn multiply_lower<R: AsMut<[f64]>>(factor: &[Vec<f64>], rows: &mut [R]) {
    let trials = rows.first_mut().map_or(0, |row| row.as_mut().len());
    let mut normals = vec![[0.0; BLOCK]; rows.len()];
    for start in (0..trials).step_by(BLOCK) {
        for (block, row) in normals.iter_mut().zip(&mut *rows) {
            match row.as_mut()[start..].first_chunk() {
                Some(full) => *block = *full,
                None => block[..trials - start].copy_from_slice(&row.as_mut()[start..trials]),
            }
        }
        for (target, row) in rows.iter_mut().enumerate() {
            let mut sum = [0.0; BLOCK];
            for (coefficient, block) in factor[target][..=target].iter().zip(&normals) {
                for (lane, normal) in sum.iter_mut().zip(block) {
                    *lane = coefficient.mul_add(*normal, *lane);
                }
            }
            match row.as_mut()[start..].first_chunk_mut() {
                Some(full) => *full = sum,
                None => row.as_mut()[start..trials].copy_from_slice(&sum[..trials - start]),
            }
        }
    }
}

/// Trials multiplied together.
const BLOCK: usize = 32;

#[cfg(test)]
mod tests {
    use super::*;
    use nalgebra::{DMatrix, DVector, SymmetricEigen};
    use proptest::prelude::*;

    /// A positive definite matrix: `BBᵀ + I`.
    fn definite(size: usize, entries: &[f64]) -> Matrix {
        let b = DMatrix::from_row_slice(size, size, &entries[..size * size]);
        let product = &b * b.transpose() + DMatrix::identity(size, size);
        rows(&product)
    }

    fn rows(matrix: &DMatrix<f64>) -> Matrix {
        matrix
            .row_iter()
            .map(|row| row.iter().copied().collect())
            .collect()
    }

    fn dense(matrix: &[Vec<f64>]) -> DMatrix<f64> {
        DMatrix::from_fn(matrix.len(), matrix.len(), |i, j| matrix[i][j])
    }

    proptest! {
        /// Their own order of operations changes bits, never figures.
        #[test]
        fn decompositions_agree_with_a_general_library(
            size in 1_usize..7,
            entries in proptest::collection::vec(-2.0..2.0_f64, 36),
            right in proptest::collection::vec(-5.0..5.0_f64, 6),
        ) {
            let own = definite(size, &entries);
            let general = dense(&own);
            let factor = dense(&cholesky(&own).unwrap());
            let theirs = general.clone().cholesky().unwrap().l();
            prop_assert!((factor - theirs).amax() < 1e-12 * general.amax());
            let (mut values, vectors) = eigen(&own);
            let vectors = dense(&vectors);
            let scaled = &vectors * DMatrix::from_diagonal(&DVector::from_vec(values.clone()));
            prop_assert!((&general * &vectors - scaled).amax() < 1e-12 * general.amax());
            let mut theirs: Vec<f64> = SymmetricEigen::new(general.clone()).eigenvalues.iter().copied().collect();
            values.sort_by(f64::total_cmp);
            theirs.sort_by(f64::total_cmp);
            for (own, their) in values.iter().zip(&theirs) {
                prop_assert!((own - their).abs() < 1e-12 * general.amax(), "{own} {their}");
            }
            let right = &right[..size];
            let solved = solve(own, right.to_vec()).unwrap();
            let theirs = general.lu().solve(&DVector::from_row_slice(right)).unwrap();
            for (own, their) in solved.iter().zip(theirs.iter()) {
                prop_assert!((own - their).abs() < 1e-12 * (1.0 + their.abs()), "{own} {their}");
            }
        }
    }

    #[test]
    fn eigenvalues_are_those_of_a_known_matrix() {
        // Second differences of length 3: 2 − √2, 2, 2 + √2.
        let matrix = [[2.0, -1.0, 0.0], [-1.0, 2.0, -1.0], [0.0, -1.0, 2.0]].map(Vec::from);
        let (mut values, vectors) = eigen(&matrix);
        for (k, value) in values.iter().enumerate() {
            for i in 0..3 {
                let image: f64 = (0..3).map(|j| matrix[i][j] * vectors[j][k]).sum();
                assert!((image - value * vectors[i][k]).abs() < 1e-14);
            }
        }
        values.sort_by(f64::total_cmp);
        for (value, expected) in
            values
                .iter()
                .zip([2.0 - 2.0_f64.sqrt(), 2.0, 2.0 + 2.0_f64.sqrt()])
        {
            assert!((value - expected).abs() < 1e-14);
        }
    }

    #[test]
    fn elimination_pivots_and_refuses_singular_systems() {
        let solved = solve(vec![vec![0.0, 2.0], vec![4.0, 1.0]], vec![2.0, 9.0]);
        assert_eq!(solved, Some(vec![2.0, 1.0]));
        assert_eq!(
            solve(vec![vec![1.0, 2.0], vec![2.0, 4.0]], vec![1.0, 2.0]),
            None
        );
    }

    #[test]
    fn the_factor_is_multiplied_trial_by_trial() {
        let matrix = [[4.0, 2.0], [2.0, 10.0]].map(Vec::from);
        let factor = cholesky(&matrix).expect("positive definite");
        assert_eq!(factor, [[2.0, 0.0], [1.0, 3.0]].map(Vec::from));
        let mut rows = vec![vec![1.0; 300], vec![5.0; 300]];
        multiply_lower(&factor, &mut rows);
        assert_eq!(rows, vec![vec![2.0; 300], vec![16.0; 300]]);
        assert_eq!(cholesky(&[[1.0, 1.0], [1.0, 1.0]].map(Vec::from)), Err(1));
    }
}
