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
        for (first, row) in covariance.iter().enumerate() {
            for (second, &below) in row[..first].iter().enumerate() {
                let above = covariance[second][first];
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
    #[inline(always)]
    pub fn transform<R: AsMut<[f64]>>(&self, normals: &mut [R]) {
        matrix::multiply_lower(&self.factor, normals);
        for (row, mean) in normals.iter_mut().zip(&self.mean) {
            for lane in row.as_mut() {
                *lane += mean;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::ndtri_each;
    use crate::sampling::{Plan, Sampling};

    #[test]
    fn draws_have_the_mean_and_covariance_given() {
        let covariance = [[0.04, -0.01], [-0.01, 0.09]].map(Vec::from);
        let posterior = Posterior::new(vec![-3.0, 0.5], &covariance).expect("a posterior");
        let count = 40_000;
        let plan = Plan {
            method: Sampling::Random,
            seed: 8,
            trials: count as u64,
            inputs: 2,
            randomisations: 1,
        };
        let mut rows = vec![vec![0.0; count]; posterior.parameters()];
        for (input, row) in rows.iter_mut().enumerate() {
            plan.fill(0, input, row);
            ndtri_each(row);
        }
        posterior.transform(&mut rows);
        let average = |of: &dyn Fn(usize) -> f64| (0..count).map(of).sum::<f64>() / count as f64;
        let means = [0, 1].map(|i| average(&|trial| rows[i][trial]));
        assert!((means[0] + 3.0).abs() < 4.0 * 0.2 / 200.0);
        assert!((means[1] - 0.5).abs() < 4.0 * 0.3 / 200.0);
        let both = average(&|trial| (rows[0][trial] - means[0]) * (rows[1][trial] - means[1]));
        assert!((both + 0.01).abs() < 4.0 * 0.06 / 200.0, "{both}");
    }

    #[test]
    fn failed_fits_are_refused() {
        let refused = |mean: &[f64], rows: &[[f64; 2]]| {
            let covariance: Vec<_> = rows.iter().map(|row| row.to_vec()).collect();
            Posterior::new(mean.to_vec(), &covariance).expect_err("refused")
        };
        let mean = [0.0, 0.0];
        assert_eq!(
            refused(&mean, &[[1.0, 0.0]]),
            PosteriorError::NotSquare { expected: 2 }
        );
        assert_eq!(
            refused(&[0.0, f64::NAN], &[[1.0, 0.0], [0.0, 1.0]]),
            PosteriorError::NotFinite { parameter: 1 }
        );
        assert_eq!(
            refused(&mean, &[[1.0, 0.5], [0.4, 1.0]]),
            PosteriorError::NotSymmetric {
                first: 1,
                second: 0
            }
        );
        assert_eq!(
            refused(&mean, &[[1.0, 2.0], [2.0, 1.0]]),
            PosteriorError::NotPositiveDefinite { parameter: 1 }
        );
    }
}
