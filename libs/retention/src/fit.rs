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

mod covariance;
mod hash;
mod level;
mod sampler;

use std::collections::BTreeMap;

use rand::Rng;
use serde::{Deserialize, Serialize};

pub use covariance::{Covariance, Estimate, Scale};
pub use hash::InputHash;
pub use level::Level;
pub use sampler::Sampler;

/// Two-sided 95% normal quantile.
pub const Z95: f64 = 1.959_963_984_540_054;

/// Why a fit cannot be handed over or drawn from.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum FitError {
    /// The level of an interval is no share.
    #[error("the level of intervals is {value}: give a share between 0 and 1, such as 0.95")]
    Level {
        /// The value found.
        value: f64,
    },
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
    /// Level of the intervals of this fit and of what is derived from it.
    #[serde(default)]
    pub level: Level,
    /// Estimates on the natural scale, by parameter.
    pub estimates: BTreeMap<String, Estimate>,
    /// What the engine draws from; absent for a non-parametric curve.
    #[serde(default)]
    pub covariance: Option<Covariance>,
    /// Log-likelihood at the estimates, without the prior; partial for Cox.
    #[serde(default)]
    pub loglik: Option<f64>,
    /// False when the optimiser stopped early; a flag then says how far, or at which edge of the model.
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
        let estimates = covariance.estimates(Level::USUAL);
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
            level: Level::USUAL,
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

    /// The same with intervals of another level; those of a curve are the curve's to give.
    #[must_use]
    pub fn at(mut self, level: Level) -> Self {
        if let Some(covariance) = &self.covariance {
            self.estimates.extend(covariance.estimates(level));
        }
        self.level = level;
        self
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

#[cfg(test)]
mod tests {
    use nalgebra::{DMatrix, DVector};
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
        let p = fit.covariance.as_ref().unwrap().names.len();
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
        let estimate = sbg_like().estimates(Level::USUAL)["alpha"];
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
