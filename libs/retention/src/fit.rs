//! The hand-over form: one JSON shape for every fit of this crate.
//!
//! A [`Fit`] carries estimates on their natural scale with intervals, and, for the engine, the
//! means and the covariance of the parameters on the **fitting scale**, where the posterior is
//! closest to normal (`log` for positive parameters, `identity` for regression coefficients). The
//! engine draws from `Normal(mean, matrix)` and maps each draw back with [`Scale::natural`].
//!
//! ```
//! use keepworth_retention::fit::{Covariance, Fit, Scale};
//! use rand::SeedableRng;
//!
//! let covariance = Covariance::new(Scale::Log, &["alpha", "beta"],
//!     vec![-0.35, 0.17], vec![vec![0.009, 0.008], vec![0.008, 0.017]])?;
//! let fit = Fit::from_covariance("sbg", 1000.0, 707.0, covariance)?;
//! let mut rng = rand::rngs::ChaCha8Rng::seed_from_u64(1);
//! let draw = fit.draw(&mut rng)?; // fitting scale, in the order of `covariance.names`
//! assert!(draw.iter().all(|&x| Scale::Log.natural(x) > 0.0));
//! # Ok::<(), keepworth_retention::fit::FitError>(())
//! ```

use std::collections::BTreeMap;

use nalgebra::{DMatrix, DVector, SymmetricEigen};
use rand::Rng;
use rand_distr::{Distribution, StandardNormal};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Two-sided 95% normal quantile.
pub const Z95: f64 = 1.959_963_984_540_054;

/// Why a fit cannot be handed over or drawn from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FitError {
    /// Names, means and matrix disagree in size.
    #[error(
        "covariance has {names} names, {means} means and a {rows} x {columns} matrix: sizes must agree"
    )]
    Shape {
        /// Number of names.
        names: usize,
        /// Number of means.
        means: usize,
        /// Rows of the matrix.
        rows: usize,
        /// Columns of its widest row.
        columns: usize,
    },
    /// A mean or a covariance is NaN or infinite.
    #[error("{field} of {name} is {value}: it must be finite")]
    NotFinite {
        /// `mean` or `covariance`.
        field: &'static str,
        /// The parameter.
        name: String,
        /// The value found.
        value: f64,
    },
    /// The matrix is not symmetric.
    #[error("covariance of {first} and {second} differs between the two triangles of the matrix")]
    Asymmetric {
        /// Row parameter.
        first: String,
        /// Column parameter.
        second: String,
    },
    /// The matrix has a clearly negative eigenvalue.
    #[error("covariance has the negative eigenvalue {eigenvalue}: it is no covariance")]
    NotSemiDefinite {
        /// The smallest eigenvalue.
        eigenvalue: f64,
    },
    /// The fit carries no covariance, as a non-parametric curve does not.
    #[error("a {model} fit has no parameters to draw: use its curve")]
    NoParameters {
        /// The model's name.
        model: String,
    },
}

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

/// A number with its standard error and 95% interval, on its natural scale.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// Point estimate.
    pub value: f64,
    /// Standard error (delta method when the fitting scale differs).
    pub se: f64,
    /// Lower 95% limit, mapped from the fitting scale.
    pub low: f64,
    /// Upper 95% limit, mapped from the fitting scale.
    pub high: f64,
}

impl Estimate {
    /// Wald estimate from a mean and standard error on the fitting scale.
    pub fn wald(scale: Scale, mean: f64, se: f64) -> Self {
        Self {
            value: scale.natural(mean),
            se: scale.natural_se(mean, se),
            low: scale.natural(mean - Z95 * se),
            high: scale.natural(mean + Z95 * se),
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
    pub fn estimates(&self) -> BTreeMap<String, Estimate> {
        let each = self.names.iter().enumerate();
        each.map(|(i, name)| {
            (
                name.clone(),
                Estimate::wald(self.scale, self.mean[i], self.se(i)),
            )
        })
        .collect()
    }

    fn check(&self) -> Result<(), FitError> {
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

/// What the records allow to be said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// The data tell; use the estimate with its interval.
    Estimated,
    /// The data tell nothing beyond no effect.
    Null,
    /// An estimate exists, but a flag must be read before it is used.
    Warned,
    /// No estimate can be given; the reason says why.
    Refused,
}

/// A finding about data or fit that the reader must see.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Flag {
    /// Stable snake_case name, e.g. `few_events`.
    pub code: String,
    /// One sentence with the figures behind it.
    pub detail: String,
}

impl Flag {
    /// A flag from its stable code and a sentence.
    pub fn new(code: &str, detail: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            detail: detail.into(),
        }
    }
}

/// Any fit of this crate, ready to be stored, shown and drawn from.
///
/// The JSON form is this struct field by field; `rows` and `person_time` in `data` are always
/// present, other keys depend on the model and are named figures (counts or time units).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// Model name: `km`, `hazard`, `cox`, `bands`, `sbg`, `bdw`, `bg-nbd`, `link`, ….
    pub model: String,
    /// Customers (sum of weights).
    pub n: f64,
    /// Events among them (sum of weights): departures, or repeat purchases.
    pub events: f64,
    /// Estimates on the natural scale, by parameter.
    pub estimates: BTreeMap<String, Estimate>,
    /// What the engine draws from; absent for a non-parametric curve.
    #[serde(default)]
    pub covariance: Option<Covariance>,
    /// Log-likelihood at the estimates, without the prior; partial for Cox.
    #[serde(default)]
    pub loglik: Option<f64>,
    /// False when the optimiser stopped early; a flag then names the gradient that remains.
    pub converged: bool,
    /// Findings to read beside the estimates.
    pub flags: Vec<Flag>,
    /// What may be concluded.
    pub verdict: Verdict,
    /// Why, in one sentence; empty only when the verdict is `estimated` without remarks.
    #[serde(default)]
    pub reason: String,
    /// Named figures that describe the data.
    #[serde(default)]
    pub data: BTreeMap<String, f64>,
    /// SHA-256 of the input as the model saw it, `sha256:` and hex; empty until set.
    #[serde(default)]
    pub input_hash: String,
}

impl Fit {
    /// A converged fit without flags, its estimates derived from the covariance.
    ///
    /// # Errors
    /// When the covariance is malformed, see [`Covariance::new`], or not semi-definite.
    pub fn from_covariance(
        model: &str,
        n: f64,
        events: f64,
        covariance: Covariance,
    ) -> Result<Self, FitError> {
        Sampler::new(&covariance)?;
        let estimates = covariance.estimates();
        Ok(Self {
            covariance: Some(covariance),
            estimates,
            ..Self::curve(model, n, events)
        })
    }

    /// A fit without parameters, such as Kaplan–Meier.
    pub fn curve(model: &str, n: f64, events: f64) -> Self {
        Self {
            model: model.to_owned(),
            n,
            events,
            estimates: BTreeMap::new(),
            covariance: None,
            loglik: None,
            converged: true,
            flags: Vec::new(),
            verdict: Verdict::Estimated,
            reason: String::new(),
            data: BTreeMap::new(),
            input_hash: String::new(),
        }
    }

    /// Adds a flag and lowers an `estimated` verdict to `warned` with the flag as its reason.
    pub fn warn(&mut self, flag: Flag) {
        if self.verdict == Verdict::Estimated {
            self.verdict = Verdict::Warned;
            self.reason.clone_from(&flag.detail);
        }
        self.flags.push(flag);
    }

    /// Prepares repeated draws.
    ///
    /// # Errors
    /// [`FitError::NoParameters`] for a curve; the errors of [`Sampler::new`] otherwise.
    pub fn sampler(&self) -> Result<Sampler, FitError> {
        match &self.covariance {
            Some(covariance) => Sampler::new(covariance),
            None => Err(FitError::NoParameters {
                model: self.model.clone(),
            }),
        }
    }

    /// One draw of all parameters on the fitting scale; many draws are cheaper by [`Fit::sampler`].
    ///
    /// # Errors
    /// As [`Fit::sampler`].
    pub fn draw(&self, rng: &mut impl Rng) -> Result<Vec<f64>, FitError> {
        Ok(self.sampler()?.draw(rng))
    }
}

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
    /// When the covariance is malformed or has an eigenvalue below `−1e-9` of the largest.
    pub fn new(covariance: &Covariance) -> Result<Self, FitError> {
        covariance.check()?;
        let p = covariance.names.len();
        let matrix = DMatrix::from_fn(p, p, |i, j| covariance.matrix[i][j]);
        // Correlations first: parameters of very different size keep their small eigenvalues.
        let sd = DVector::from_fn(p, |i, _| covariance.se(i));
        let unit = |i: usize| if sd[i] > 0.0 { sd[i] } else { 1.0 };
        let eigen = SymmetricEigen::new(DMatrix::from_fn(p, p, |i, j| {
            matrix[(i, j)] / (unit(i) * unit(j))
        }));
        let largest = eigen.eigenvalues.iter().copied().fold(0.0, f64::max);
        let smallest = eigen.eigenvalues.iter().copied().fold(0.0, f64::min);
        if smallest < -1e-9 * largest.max(f64::MIN_POSITIVE) {
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

/// Hashes the input as a model sees it: names and numbers in order, independent of file format.
#[derive(Debug, Clone, Default)]
pub struct InputHash(Sha256);

impl InputHash {
    /// An empty hash.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a name; its length goes in too, so that `ab, c` differs from `a, bc`.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        self.0.update((text.len() as u64).to_le_bytes());
        self.0.update(text.as_bytes());
        self
    }

    /// Adds a sequence of numbers by their bits.
    #[must_use]
    pub fn numbers(mut self, numbers: impl IntoIterator<Item = f64>) -> Self {
        let mut count = 0_u64;
        for number in numbers {
            self.0.update(number.to_bits().to_le_bytes());
            count += 1;
        }
        self.0.update(count.to_le_bytes());
        self
    }

    /// `sha256:` and 64 hex digits.
    pub fn finish(self) -> String {
        let digest = self.0.finalize();
        let hex: String = digest.iter().map(|byte| format!("{byte:02x}")).collect();
        format!("sha256:{hex}")
    }
}

#[cfg(test)]
mod tests {
    use rand::SeedableRng;
    use rand::rngs::ChaCha8Rng;

    use super::*;

    fn sbg_like() -> Covariance {
        let matrix = vec![vec![0.008_7, 0.010_9], vec![0.010_9, 0.016_6]];
        Covariance::new(Scale::Log, &["alpha", "beta"], vec![-0.351, 0.167], matrix).unwrap()
    }

    /// Mean and covariance of many draws.
    fn moments(fit: &Fit, draws: usize) -> (DVector<f64>, DMatrix<f64>) {
        let sampler = fit.sampler().unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        let p = sampler.mean.len();
        let (mut sum, mut cross) = (DVector::zeros(p), DMatrix::zeros(p, p));
        for _ in 0..draws {
            let x = DVector::from_vec(sampler.draw(&mut rng));
            cross += &x * x.transpose();
            sum += x;
        }
        let mean = sum / draws as f64;
        let covariance = cross / draws as f64 - &mean * mean.transpose();
        (mean, covariance)
    }

    #[test]
    fn draws_follow_mean_and_covariance() {
        let fit = Fit::from_covariance("sbg", 1000.0, 707.0, sbg_like()).unwrap();
        let draws = 200_000;
        let (mean, covariance) = moments(&fit, draws);
        let wanted = fit.covariance.as_ref().unwrap();
        for i in 0..2 {
            let mc = wanted.se(i) / (draws as f64).sqrt();
            assert!((mean[i] - wanted.mean[i]).abs() < 5.0 * mc);
            for j in 0..2 {
                // The sampling error of a covariance is at most √2·sd·sd/√draws.
                let mc = wanted.se(i) * wanted.se(j) * (2.0 / draws as f64).sqrt();
                assert!((covariance[(i, j)] - wanted.matrix[i][j]).abs() < 5.0 * mc);
            }
        }
    }

    #[test]
    fn semi_definite_covariance_keeps_its_fixed_direction() {
        let matrix = vec![
            vec![0.04, 0.04, 0.0],
            vec![0.04, 0.04, 0.0],
            vec![0.0, 0.0, 0.0],
        ];
        let covariance = Covariance::new(
            Scale::Identity,
            &["a", "b", "c"],
            vec![1.0, 2.0, 3.0],
            matrix,
        )
        .unwrap();
        let fit = Fit::from_covariance("hazard", 10.0, 5.0, covariance).unwrap();
        let mut rng = ChaCha8Rng::seed_from_u64(1);
        for _ in 0..100 {
            let draw = fit.draw(&mut rng).unwrap();
            assert!((draw[1] - draw[0] - 1.0).abs() < 1e-7);
            assert_eq!(draw[2], 3.0);
        }
    }

    #[test]
    fn natural_estimates_come_from_the_fitting_scale() {
        let estimate = sbg_like().estimates()["alpha"];
        assert!((estimate.value - (-0.351_f64).exp()).abs() < 1e-12);
        assert!((estimate.se - estimate.value * 0.008_7_f64.sqrt()).abs() < 1e-12);
        assert!((estimate.low * estimate.high - estimate.value.powi(2)).abs() < 1e-12);
    }

    #[test]
    fn malformed_covariances_are_refused() {
        let new = |matrix| Covariance::new(Scale::Log, &["a", "b"], vec![0.0, 0.0], matrix);
        assert!(matches!(new(vec![vec![1.0]]), Err(FitError::Shape { .. })));
        let asymmetric = vec![vec![1.0, 0.5], vec![0.2, 1.0]];
        assert!(matches!(new(asymmetric), Err(FitError::Asymmetric { .. })));
        let nan = vec![vec![1.0, f64::NAN], vec![f64::NAN, 1.0]];
        assert!(matches!(new(nan), Err(FitError::NotFinite { .. })));
        let indefinite = new(vec![vec![1.0, 2.0], vec![2.0, 1.0]]).unwrap();
        let fit = Fit::from_covariance("cox", 1.0, 1.0, indefinite);
        assert!(matches!(fit, Err(FitError::NotSemiDefinite { .. })));
        let curve = Fit::curve("km", 1.0, 1.0);
        assert!(matches!(
            curve.sampler().err(),
            Some(FitError::NoParameters { .. })
        ));
    }

    #[test]
    fn json_form_is_stable_and_round_trips() {
        let mut fit = Fit::from_covariance("sbg", 1000.0, 707.0, sbg_like()).unwrap();
        fit.warn(Flag::new("few_events", "only 7 events"));
        fit.input_hash = InputHash::new()
            .text("survivors")
            .numbers([1000.0, 631.0])
            .finish();
        let json = serde_json::to_value(&fit).unwrap();
        assert_eq!(json["covariance"]["scale"], "log");
        assert_eq!(json["covariance"]["names"][1], "beta");
        assert_eq!(json["flags"][0]["code"], "few_events");
        assert_eq!(json["verdict"], "warned");
        assert!(json["estimates"]["alpha"]["high"].is_f64());
        assert_eq!(serde_json::from_value::<Fit>(json).unwrap(), fit);
    }

    #[test]
    fn input_hash_tells_inputs_apart() {
        let one = InputHash::new().text("ab").text("c").finish();
        let other = InputHash::new().text("a").text("bc").finish();
        assert_ne!(one, other);
        assert_eq!(one.len(), "sha256:".len() + 64);
        let split = InputHash::new().numbers([1.0]).numbers([2.0]).finish();
        assert_ne!(split, InputHash::new().numbers([1.0, 2.0]).finish());
    }
}
