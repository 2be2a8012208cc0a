//! Discrete-time hazard regression: who leaves in which period, given tenure and covariates.
//!
//! Time is cut into periods (usually months) and periods into **tenure bands**; each band has its
//! own baseline. A customer at risk in a period leaves with probability `p`, where
//! `g(p) = baseline(band) + x'β`:
//!
//! - [`Link::Cloglog`]: `p = 1 − exp(−h)`, `h = exp(η)` the cumulative hazard over the period.
//!   Coefficients are log hazard ratios of the grouped-time Cox model, whatever the period length.
//! - [`Link::Logit`]: coefficients are log odds ratios per period.
//!
//! **How fast.** A million customers over three years, on two busy cores: 0.11 s with covariates
//! constant per customer, 2 to 2.6 s with 30 million customer-months of changing ones
//! (`cargo bench -p keepworth-retention --bench hazard`); statsmodels' GLM takes 20 s for a tenth
//! of those months on the same machine.
//!
//! Histories are streamed into [`Cells`], counts per covariate pattern and band, so that memory
//! and time per iteration grow with the number of distinct patterns, not with customers.
//!
//! ```
//! use keepworth_retention::hazard::{Cells, HazardModel, Link, TenureGrid};
//! use keepworth_retention::survival::Observation;
//!
//! let grid = TenureGrid::new(1.0, &[0, 12])?; // months; bands 0-11 and 12+
//! let mut cells = Cells::new(grid, &["discount"])?;
//! for (entry, exit, left, discount) in [
//!     (0.0, 5.0, true, 0.0), (0.0, 24.0, false, 0.0), (9.0, 14.0, true, 0.0),
//!     (0.0, 20.0, true, 1.0), (3.0, 30.0, false, 1.0), (0.0, 8.0, true, 1.0),
//! ] {
//!     cells.push(&Observation::new(entry, exit, left)?, &[discount])?;
//! }
//! let fit = HazardModel::new(Link::Cloglog).fit(&cells)?;
//! let handed_over = fit.hand_over()?;
//! assert_eq!(handed_over.events, 4.0);
//! assert!(handed_over.estimates["discount"].value < 0.0);
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod calibration;
mod cells;
mod cluster;
mod fitted;
mod irls;
mod link;
mod model;
mod prior;
mod tenure;

pub use calibration::{CalibrationRow, Concordance};
pub use cells::Cells;
pub use cluster::ClusterScores;
pub use fitted::{HazardFit, LikelihoodRatio};
pub use link::Link;
pub use model::HazardModel;
pub use prior::Prior;
pub use tenure::TenureGrid;

use crate::covariate::CovariateError;
use crate::fit::FitError;

/// Why a hazard regression cannot be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum HazardError {
    /// A period that is not a positive number.
    #[error("period is {0}: it must be a finite length above 0")]
    Period(f64),
    /// Band edges that do not start at 0 or do not ascend.
    #[error("tenure band edges {0:?} must start at 0 and ascend")]
    Bands(Vec<u32>),
    /// A covariate that cannot enter the model.
    #[error(transparent)]
    Covariate(#[from] CovariateError),
    /// A row with the wrong number of covariates.
    #[error("{found} covariates given where the cells have {expected}")]
    Width {
        /// Values given.
        found: usize,
        /// Names of the cells.
        expected: usize,
    },
    /// Nobody was at risk.
    #[error("no customer was at risk in any period: there is nothing to fit")]
    Empty,
    /// Nobody left.
    #[error("nobody left in {person_periods} person-periods: a hazard needs events")]
    NoEvents {
        /// Time at risk, in periods.
        person_periods: f64,
    },
    /// Everybody left in the first period at risk.
    #[error("all {events} customers left in their first period: no hazard ratio can be told")]
    AllEvents {
        /// Departures.
        events: f64,
    },
    /// The likelihood has no maximum because something predicts leaving perfectly.
    #[error(
        "{} separates those who left from those who stayed without error, so its estimate is \
         infinite: leave it out, merge it with a neighbour, or give it a prior",
        names.join(", ")
    )]
    Separated {
        /// Bands or covariates that take part.
        names: Vec<String>,
    },
    /// A prior whose scale is not positive.
    #[error("prior scale is {0}: it must be finite and above 0")]
    PriorScale(f64),
    /// Likelihoods that cannot be compared.
    #[error("a likelihood ratio needs two unpenalised fits of the same data, one within the other")]
    NotNested,
    /// The information matrix could not be inverted.
    #[error("the information matrix is singular at the estimates: a coefficient is not identified")]
    Singular,
    /// Malformed covariance.
    #[error(transparent)]
    Fit(#[from] FitError),
}
