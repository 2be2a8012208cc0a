use statrs::distribution::{ContinuousCDF, Normal};

use super::super::single_look::student;
use super::{PilotError, Sides, mean, scatter};

/// Treated less comparison in one number of each group, with its error.
pub(super) struct Contrast {
    pub(super) value: f64,
    pub(super) se: f64,
    pub(super) df: Option<f64>,
    pub(super) clustered_se: f64,
}

impl Contrast {
    pub(super) fn new(sides: &Sides, se: f64, df: Option<f64>) -> Result<Self, PilotError> {
        let field = "changes of the groups";
        if se == 0.0 {
            return Err(PilotError::NoSpread { field });
        }
        let value = mean(&sides.treated) - mean(&sides.control);
        if !(value.is_finite() && se.is_finite()) {
            return Err(PilotError::Overflow { field });
        }
        let groups = (sides.control.len() + sides.treated.len()) as f64;
        let of = |side: &[f64]| scatter(side) / (side.len() as f64).powi(2);
        let scores = of(&sides.control) + of(&sides.treated);
        Ok(Self {
            value,
            se,
            df,
            clustered_se: (scores * groups / (groups - 1.0)).sqrt(),
        })
    }

    pub(super) fn quantile(&self, p: f64) -> f64 {
        match self.df {
            Some(df) => student(df).inverse_cdf(p),
            None => Normal::standard().inverse_cdf(p),
        }
    }

    /// Probability of such a contrast or a larger one where there is none.
    pub(super) fn p(&self) -> f64 {
        let size = (self.value / self.se).abs();
        2.0 * match self.df {
            Some(df) => student(df).sf(size),
            None => Normal::standard().sf(size),
        }
    }
}
