use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector};
use serde::{Deserialize, Serialize};

use super::{FitError, Level};

/// How a parameter on the fitting scale maps to its natural scale.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scale {
    /// Used as it is, e.g. a log hazard ratio.
    Identity,
    /// Natural logarithm of a positive parameter.
    Log,
}

impl Scale {
    /// Maps a value from the fitting scale to the natural scale.
    pub fn natural(self, value: f64) -> f64 {
        match self {
            Self::Identity => value,
            Self::Log => value.exp(),
        }
    }

    /// Standard error on the natural scale by the delta method.
    fn natural_se(self, mean: f64, se: f64) -> f64 {
        match self {
            Self::Identity => se,
            Self::Log => mean.exp() * se,
        }
    }
}

/// A number with its standard error and interval, on its natural scale; the level is that of the fit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Point estimate.
    pub value: f64,
    /// Standard error (delta method when the fitting scale differs).
    pub se: f64,
    /// Lower limit, mapped from the fitting scale.
    pub low: f64,
    /// Upper limit, mapped from the fitting scale.
    pub high: f64,
}

impl Estimate {
    /// Wald estimate from a mean and standard error on the fitting scale. An interval without an upper end ends at the
    /// largest number that there is: JSON has no infinity.
    pub fn wald(scale: Scale, mean: f64, se: f64, level: Level) -> Self {
        let reach = level.z() * se;
        Self {
            value: scale.natural(mean),
            se: scale.natural_se(mean, se),
            low: scale.natural(mean - reach),
            high: scale.natural(mean + reach).min(f64::MAX),
        }
    }
}

/// Means and covariance of the parameters on the fitting scale.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Covariance {
    /// The fitting scale, the same for all parameters.
    pub scale: Scale,
    /// Parameter names in the order of `mean` and of the matrix.
    pub names: Vec<String>,
    /// Estimates on the fitting scale.
    pub mean: Vec<f64>,
    /// Symmetric positive semi-definite matrix, rows in the order of `names`.
    pub matrix: Vec<Vec<f64>>,
}

impl Covariance {
    /// Checks sizes, finiteness and symmetry.
    ///
    /// # Errors
    /// [`FitError::Shape`], [`FitError::NotFinite`] or [`FitError::Asymmetric`].
    pub fn new(
        scale: Scale,
        names: &[impl AsRef<str>],
        mean: Vec<f64>,
        matrix: Vec<Vec<f64>>,
    ) -> Result<Self, FitError> {
        let names = names.iter().map(|n| n.as_ref().to_owned()).collect();
        let covariance = Self {
            scale,
            names,
            mean,
            matrix,
        };
        covariance.check()?;
        Ok(covariance)
    }

    /// The same from a matrix of nalgebra.
    ///
    /// # Errors
    /// As [`Covariance::new`].
    pub fn from_matrix(
        scale: Scale,
        names: &[impl AsRef<str>],
        mean: &DVector<f64>,
        matrix: &DMatrix<f64>,
    ) -> Result<Self, FitError> {
        let rows = matrix
            .row_iter()
            .map(|row| row.iter().copied().collect())
            .collect();
        Self::new(scale, names, mean.iter().copied().collect(), rows)
    }

    /// Standard error of parameter `index` on the fitting scale.
    pub fn se(&self, index: usize) -> f64 {
        self.matrix[index][index].max(0.0).sqrt()
    }

    /// Estimates on the natural scale with Wald intervals mapped from the fitting scale.
    pub fn estimates(&self, level: Level) -> BTreeMap<String, Estimate> {
        let each = self.names.iter().enumerate();
        each.map(|(i, name)| {
            (
                name.clone(),
                Estimate::wald(self.scale, self.mean[i], self.se(i), level),
            )
        })
        .collect()
    }

    pub(super) fn check(&self) -> Result<(), FitError> {
        let p = self.names.len();
        let columns = self.matrix.iter().map(Vec::len).max().unwrap_or(0);
        if self.mean.len() != p
            || self.matrix.len() != p
            || self.matrix.iter().any(|row| row.len() != p)
        {
            return Err(FitError::Shape {
                names: p,
                means: self.mean.len(),
                rows: self.matrix.len(),
                columns,
            });
        }
        for (i, name) in self.names.iter().enumerate() {
            finite("mean", name, self.mean[i])?;
            for j in 0..p {
                let (here, there) = (self.matrix[i][j], self.matrix[j][i]);
                finite("covariance", name, here)?;
                if (here - there).abs() > 1e-9 * (here.abs() + there.abs()) + f64::MIN_POSITIVE {
                    return Err(FitError::Asymmetric {
                        first: name.clone(),
                        second: self.names[j].clone(),
                    });
                }
            }
        }
        Ok(())
    }
}

fn finite(field: &'static str, name: &str, value: f64) -> Result<(), FitError> {
    if value.is_finite() {
        Ok(())
    } else {
        Err(FitError::NotFinite {
            field,
            name: name.to_owned(),
            value,
        })
    }
}
