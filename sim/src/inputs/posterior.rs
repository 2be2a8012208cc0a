//! A fitted model's parameters, drawn together.

use super::matrix::{self, Matrix};

/// A multivariate normal posterior: mean and covariance of parameters on their fitting scale.
#[derive(Clone, Debug, PartialEq)]
pub struct Posterior {
    mean: Vec<f64>,
    factor: Matrix,
}

/// A mean and covariance that no normal distribution has.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
pub enum PosteriorError {
    /// Sizes differ.
    #[error(
        "the covariance is not {expected} by {expected}; give one row and column per parameter"
    )]
    NotSquare {
        /// Number of parameters.
        expected: usize,
    },
    /// A number that is not finite.
    #[error("parameter {parameter} has a mean or covariance that is not finite; refit the model")]
    NotFinite {
        /// Index of the parameter.
        parameter: usize,
    },
    /// Not symmetric.
    #[error(
        "the covariance of parameters {first} and {second} differs above and below the diagonal; give one number"
    )]
    NotSymmetric {
        /// Row.
        first: usize,
        /// Column.
        second: usize,
    },
    /// Not positive definite.
    #[error(
        "the covariance is not positive definite at parameter {parameter}; drop a parameter that the others determine"
    )]
    NotPositiveDefinite {
        /// Index of the parameter.
        parameter: usize,
    },
}

impl Posterior {
    /// The posterior with the given mean and covariance.
    ///
    /// # Errors
    /// A covariance that is not square, finite, symmetric (to 1e-9 of its entries) and positive
    /// definite. It is not repaired: a fit that gives such a matrix has failed.
    pub fn new(mean: Vec<f64>, covariance: &[Vec<f64>]) -> Result<Self, PosteriorError> {
        let expected = mean.len();
        if covariance.len() != expected || covariance.iter().any(|row| row.len() != expected) {
            return Err(PosteriorError::NotSquare { expected });
        }
        for (parameter, row) in covariance.iter().enumerate() {
            if !mean[parameter].is_finite() || row.iter().any(|value| !value.is_finite()) {
                return Err(PosteriorError::NotFinite { parameter });
            }
        }
        for first in 0..expected {
            for second in 0..first {
                let (below, above) = (covariance[first][second], covariance[second][first]);
                if (below - above).abs() > 1e-9 * (below.abs() + above.abs()) {
                    return Err(PosteriorError::NotSymmetric { first, second });
                }
            }
        }
        let factor = matrix::cholesky(covariance)
            .map_err(|parameter| PosteriorError::NotPositiveDefinite { parameter })?;
        Ok(Self { mean, factor })
    }

    /// Number of parameters.
    pub fn parameters(&self) -> usize {
        self.mean.len()
    }

    /// Turns independent standard normals into draws, in place: one row per parameter.
    pub fn transform<R: AsMut<[f64]>>(&self, normals: &mut [R]) {
        matrix::multiply_lower(&self.factor, normals);
        for (row, mean) in normals.iter_mut().zip(&self.mean) {
            for lane in row.as_mut() {
                *lane += mean;
            }
        }
    }
}
