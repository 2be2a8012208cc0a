//! The one factorisation that both regressions rest on.

use nalgebra::{Cholesky, DMatrix, Dyn};

/// Cholesky factor of an information matrix; `None` when a column keeps less than 1e-12 of its
/// information once the columns before it are known, which rounding alone can leave.
pub(crate) fn factorise(information: &DMatrix<f64>) -> Option<Cholesky<f64, Dyn>> {
    let factor = Cholesky::new(information.clone())?;
    let lower = factor.l_dirty();
    let identified = |j: usize| lower[(j, j)].powi(2) > 1e-12 * information[(j, j)];
    (0..information.nrows()).all(identified).then_some(factor)
}
