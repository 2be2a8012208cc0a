//! The experience link: does better experience go with staying, and may one believe it?
//!
//! Checks come before estimates. Exposure must be known **before** the time at risk; what
//! separates leavers from stayers without error is nearly always a consequence of leaving, and is
//! refused with the reason. Every answer carries a verdict:
//!
//! | verdict | when |
//! |---|---|
//! | `estimated` | the interval excludes no effect and nothing speaks against it |
//! | `null` | the interval includes no effect |
//! | `warned` | an estimate whose flags must be read: sign against the prior, duplicates, thin cells, few events, a negative control that reacts |
//! | `refused` | separation, leakage, reversed time |
//!
//! The estimate is a discrete-time hazard regression (complementary log-log) with tenure bands and
//! named confounders, per standard deviation of the exposure, under a sceptical prior
//! `log HR ~ N(∓0.10, 0.10)` that the caller can see and change. It is an association: how far it
//! is a cause is for its [`Grade`] and for the causal share that the simulation draws.
//!
//! ```
//! use keepworth_retention::covariate::Covariates;
//! use keepworth_retention::fit::Verdict;
//! use keepworth_retention::hazard::TenureGrid;
//! use keepworth_retention::link::LinkModel;
//! use keepworth_retention::survival::Observation;
//!
//! // All who scored 1 or 2 left, none who scored 4 or 5: no estimate, but an explanation.
//! let scores = [1.0, 2.0, 2.0, 4.0, 5.0, 4.0];
//! let observations: Vec<Observation> = scores.iter()
//!     .map(|&score| Observation::new(0.0, 3.0, score < 3.0)).collect::<Result<_, _>>()?;
//! let confounders = Covariates::new(scores.len());
//! let grid = TenureGrid::new(1.0, &[0])?;
//! let report = LinkModel::new("score", &scores, &observations, &confounders, &grid)?.fit()?;
//! assert_eq!(report.fit.verdict, Verdict::Refused);
//! assert!(report.fit.reason.contains("without error"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```

mod association;
#[cfg(test)]
mod behaviour;
mod control;
mod evalue;
mod grade;
mod guard;
mod report;

pub use association::{Confounding, ScepticalPrior};
pub use control::NegativeControl;
pub use evalue::{EValue, e_value};
pub use grade::{Evidence, Grade};
pub use guard::Level;
pub use report::{LinkEvidence, LinkReport};

use crate::covariate::{CovariateError, Covariates};
use crate::fit::{self, FitError};
use crate::hazard::{HazardError, TenureGrid};
use crate::survival::Observation;

/// Why no answer can be given at all; what the data themselves forbid is a verdict instead.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum LinkError {
    /// Columns of different length.
    #[error("{field} has {found} rows where the observations have {expected}")]
    Length {
        /// What differs.
        field: &'static str,
        /// Its rows.
        found: usize,
        /// Number of observations.
        expected: usize,
    },
    /// A confounder or the exposure cannot enter a model.
    #[error(transparent)]
    Covariate(#[from] CovariateError),
    /// The hazard cannot be fitted.
    #[error(transparent)]
    Hazard(#[from] HazardError),
    /// A prior that is no distribution.
    #[error("sceptical prior has mean {mean} and sd {sd}: both must be finite, the sd above 0")]
    Prior {
        /// Mean of the log hazard ratio.
        mean: f64,
        /// Its standard deviation.
        sd: f64,
    },
    /// A time of measurement that is not a number.
    #[error("exposure is known at {value} in row {row}: give a finite time")]
    KnownAt {
        /// The row, from 0.
        row: usize,
        /// The value found.
        value: f64,
    },
    /// Malformed covariance.
    #[error(transparent)]
    Fit(#[from] FitError),
}

/// Which way the exposure is expected to work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// More is better: scores, sentiment, completions.
    HigherIsBetter,
    /// More is worse: contacts, unfinished tasks.
    HigherIsWorse,
}

impl Direction {
    /// Sign of the log hazard ratio that better experience would have.
    fn sign(self) -> f64 {
        match self {
            Self::HigherIsBetter => 1.0,
            Self::HigherIsWorse => -1.0,
        }
    }
}

/// An exposure, the time at risk after it, and what else may explain leaving.
#[derive(Debug, Clone)]
pub struct LinkModel<'a> {
    name: String,
    exposure: &'a [f64],
    observations: &'a [Observation],
    confounders: &'a Covariates,
    grid: &'a TenureGrid,
    direction: Direction,
    prior: ScepticalPrior,
    customers: Option<&'a [u64]>,
    known_at: Option<&'a [f64]>,
    control: Option<&'a [bool]>,
    last: Option<&'a [bool]>,
    level: fit::Level,
}

impl<'a> LinkModel<'a> {
    /// One row per customer, or per stretch of a customer's time with constant exposure. Higher is
    /// better unless said otherwise.
    ///
    /// # Errors
    /// Columns of different length, an exposure that is not finite or never varies.
    pub fn new(
        name: &str,
        exposure: &'a [f64],
        observations: &'a [Observation],
        confounders: &'a Covariates,
        grid: &'a TenureGrid,
    ) -> Result<Self, LinkError> {
        length("exposure", exposure.len(), observations.len())?;
        if !confounders.names().is_empty() {
            length("confounders", confounders.rows(), observations.len())?;
        }
        Covariates::new(exposure.len()).push_number(name, exposure.to_vec())?;
        if confounders.find_column(name).is_some() {
            return Err(CovariateError::Duplicate(name.to_owned()).into());
        }
        Ok(Self {
            name: name.to_owned(),
            exposure,
            observations,
            confounders,
            grid,
            direction: Direction::HigherIsBetter,
            prior: ScepticalPrior::default(),
            customers: None,
            known_at: None,
            control: None,
            last: None,
            level: fit::Level::USUAL,
        })
    }

    /// Which way the exposure is expected to work.
    #[must_use]
    pub fn with_direction(mut self, direction: Direction) -> Self {
        self.direction = direction;
        self
    }

    /// Another level of the intervals, which say too whether an effect can be told from none.
    #[must_use]
    pub fn with_level(mut self, level: fit::Level) -> Self {
        self.level = level;
        self
    }

    /// Another prior, for the effect of one sd of **better** experience.
    ///
    /// # Errors
    /// [`LinkError::Prior`] unless both are finite and the sd is above 0.
    pub fn with_prior(mut self, prior: ScepticalPrior) -> Result<Self, LinkError> {
        let ScepticalPrior { mean, sd } = prior;
        if !(mean.is_finite() && sd.is_finite() && sd > 0.0) {
            return Err(LinkError::Prior { mean, sd });
        }
        self.prior = prior;
        Ok(self)
    }

    /// Whose row it is: duplicates are found and errors are robust by customer.
    ///
    /// # Errors
    /// [`LinkError::Length`].
    pub fn with_customers(mut self, customers: &'a [u64]) -> Result<Self, LinkError> {
        length("customers", customers.len(), self.observations.len())?;
        self.customers = Some(customers);
        Ok(self)
    }

    /// When the exposure was known, on the time scale of the observations.
    ///
    /// # Errors
    /// [`LinkError::Length`], or [`LinkError::KnownAt`] for a time that is not finite.
    pub fn with_known_at(mut self, known_at: &'a [f64]) -> Result<Self, LinkError> {
        length("known_at", known_at.len(), self.observations.len())?;
        if let Some(row) = known_at.iter().position(|t| !t.is_finite()) {
            return Err(LinkError::KnownAt {
                row,
                value: known_at[row],
            });
        }
        self.known_at = Some(known_at);
        Ok(self)
    }

    /// Rows whose departure experience cannot have caused (moved away, died).
    ///
    /// # Errors
    /// [`LinkError::Length`].
    pub fn with_negative_control(mut self, control: &'a [bool]) -> Result<Self, LinkError> {
        length("negative control", control.len(), self.observations.len())?;
        self.control = Some(control);
        Ok(self)
    }

    /// Which rows end what is known of their customers, where rows are months that many customers share: what
    /// all but decides the outcome is looked for among these, one for each customer, and customers are counted
    /// by them. Months before the last are survived by everybody and would hide it.
    ///
    /// # Errors
    /// [`LinkError::Length`].
    pub fn with_last(mut self, last: &'a [bool]) -> Result<Self, LinkError> {
        length("last", last.len(), self.observations.len())?;
        self.last = Some(last);
        Ok(self)
    }

    /// Rows that say what became of a customer: all, unless some are known not to be the last.
    fn is_final(&self, index: usize) -> bool {
        self.last.is_none_or(|last| last[index])
    }

    /// The exposure, then the confounders, of row `index`.
    fn copy_row(&self, index: usize, row: &mut Vec<f64>) {
        self.confounders.copy_row(index, row);
        row.insert(0, self.exposure[index]);
    }

    /// Checks, then estimates.
    ///
    /// # Errors
    /// Nobody left, constant or collinear confounders. What the data forbid is a verdict.
    pub fn fit(&self) -> Result<LinkReport, LinkError> {
        report::report(self)
    }
}

fn length(field: &'static str, found: usize, expected: usize) -> Result<(), LinkError> {
    if found == expected {
        Ok(())
    } else {
        Err(LinkError::Length {
            field,
            found,
            expected,
        })
    }
}
