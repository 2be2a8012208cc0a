use super::HazardError;

/// What is believed of a coefficient beforehand, per standard deviation of its covariate.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Prior {
    /// Nothing: maximum likelihood.
    Flat,
    /// Normal (ridge around `mean`).
    Normal {
        /// Centre.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// Cauchy around 0: weakly informative, tames separation but leaves large effects alone
    /// (Gelman, Jakulin, Pittau & Su 2008 propose 2.5 per two standard deviations).
    Cauchy {
        /// Half width at half maximum.
        scale: f64,
    },
}

impl Prior {
    /// The weakly informative default for a coefficient: Cauchy with scale 1.25 per sd.
    pub const WEAK: Self = Self::Cauchy { scale: 1.25 };
    /// The weakly informative default for a baseline, after centring the covariates.
    pub(super) const WEAK_BASELINE: Self = Self::Cauchy { scale: 10.0 };

    pub(super) fn check(self) -> Result<(), HazardError> {
        let (centre, scale) = match self {
            Self::Flat => (0.0, 1.0),
            Self::Normal { mean, sd } => (mean, sd),
            Self::Cauchy { scale } => (0.0, scale),
        };
        if scale > 0.0 && scale.is_finite() && centre.is_finite() {
            Ok(())
        } else {
            Err(HazardError::PriorScale(scale))
        }
    }

    /// Log density, up to a constant.
    pub(super) fn log_density(self, beta: f64) -> f64 {
        match self {
            Self::Flat => 0.0,
            Self::Normal { mean, sd } => -0.5 * ((beta - mean) / sd).powi(2),
            Self::Cauchy { scale } => -(beta / scale).powi(2).ln_1p(),
        }
    }

    /// Gradient of the log density and the precision of the normal that touches it at `beta`.
    /// For the Cauchy that is the EM (majorising) normal, whose precision is never negative.
    pub(super) fn derivatives(self, beta: f64) -> (f64, f64) {
        match self {
            Self::Flat => (0.0, 0.0),
            Self::Normal { mean, sd } => ((mean - beta) / (sd * sd), 1.0 / (sd * sd)),
            Self::Cauchy { scale } => {
                let precision = 2.0 / (scale * scale + beta * beta);
                (-beta * precision, precision)
            }
        }
    }
}
