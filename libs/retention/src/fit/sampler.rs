use nalgebra::{DMatrix, DVector, SymmetricEigen};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};

use super::{Covariance, FitError};

/// A multivariate normal, factorised once.
///
/// The factor is `V·√Λ` of the eigen-decomposition, which unlike Cholesky also serves matrices
/// that are only semi-definite (a parameter held fixed, a pooled segment).
#[derive(Debug, Clone)]
pub struct Sampler {
    mean: DVector<f64>,
    factor: DMatrix<f64>,
}

impl Sampler {
    /// Factorises a covariance.
    ///
    /// # Errors
    /// When the covariance is malformed or has an eigenvalue below `−1e-6` of the
    /// largest, more than rounding explains.
    pub fn new(covariance: &Covariance) -> Result<Self, FitError> {
        covariance.check()?;
        let p = covariance.names.len();
        if p == 0 {
            return Ok(Self {
                mean: DVector::zeros(0),
                factor: DMatrix::zeros(0, 0),
            });
        }
        let matrix = DMatrix::from_fn(p, p, |i, j| covariance.matrix[i][j]);
        // Correlations first: parameters of very different size keep their small eigenvalues.
        let sd = DVector::from_fn(p, |i, _| covariance.se(i));
        let unit = |i: usize| if sd[i] > 0.0 { sd[i] } else { 1.0 };
        let eigen = SymmetricEigen::new(DMatrix::from_fn(p, p, |i, j| {
            matrix[(i, j)] / (unit(i) * unit(j))
        }));
        let largest = eigen.eigenvalues.iter().copied().fold(0.0, f64::max);
        let smallest = eigen.eigenvalues.iter().copied().fold(0.0, f64::min);
        if smallest < -1e-6 * largest.max(f64::MIN_POSITIVE) {
            return Err(FitError::NotSemiDefinite {
                eigenvalue: smallest,
            });
        }
        let factor = DMatrix::from_fn(p, p, |i, k| {
            unit(i) * eigen.eigenvectors[(i, k)] * eigen.eigenvalues[k].max(0.0).sqrt()
        });
        Ok(Self {
            mean: DVector::from_column_slice(&covariance.mean),
            factor,
        })
    }

    /// One draw on the fitting scale, in the order of the covariance's names.
    pub fn draw(&self, rng: &mut impl Rng) -> Vec<f64> {
        let z = DVector::from_fn(self.mean.len(), |_, _| -> f64 {
            StandardNormal.sample(&mut *rng)
        });
        (&self.mean + &self.factor * z).iter().copied().collect()
    }
}
