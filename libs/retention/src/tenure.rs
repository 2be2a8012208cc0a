//! Leaving by tenure under contract: which curve of the hazard, and does it hold in a year that it has not seen?
//!
//! A company's records are counts: customer-months under observation and leavers by completed month of tenure,
//! people entering when their observation begins. Three curves with few parameters rival the
//! [bands](crate::bands), which have one for each:
//!
//! | curve | says | cumulative hazard of month `a` |
//! |---|---|---|
//! | [`Form::Sbg`] | each customer's chance to leave is constant, customers differ | `ln S(a) − ln S(a+1)`, `S(t) = B(α, β+t)/B(α, β)` |
//! | [`Form::Bdw`] | customers differ, and each one's chance changes with tenure | the same with `tᶜ` for `t` |
//! | [`Form::Weibull`] | customers do not differ, and their chance changes with tenure | `λ·((a+1)ᵏ − aᵏ)` |
//!
//! sBG and BdW are those of [`contractual`](crate::contractual), from months at risk in place of a cohort's
//! survivors: the likelihood is `Σ d·ln h(a) − E·h(a)` of `d` leavers in `E` customer-months (leaving evenly through
//! the month, Holford, *Biometrics* 36, 1980).
//!
//! **Which one** is for [`choose`]: fitted to the record without its last year, each says what leaves in that year;
//! bands stay unless a curve foretold the year better than chance would have it. A curve says how leaving goes on at
//! a tenure that nobody has reached yet; bands say that it stays as it is at the longest.
//!
//! ```
//! use keepworth_retention::tenure::{Counts, Form, fit};
//!
//! let mut counts = Counts::default();
//! for (month, months_at_risk, left) in [(0, 1000.0, 90.0), (1, 900.0, 70.0), (6, 600.0, 25.0), (20, 300.0, 5.0)] {
//!     counts.push(month, months_at_risk, left)?;
//! }
//! let curve = fit(Form::Sbg, &counts)?;
//! assert!(curve.hazard(0) > curve.hazard(6) && curve.hazard(6) > curve.hazard(60));
//! # Ok::<(), keepworth_retention::tenure::TenureError>(())
//! ```

mod likelihood;
mod score;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use nalgebra::DMatrix;

use crate::contractual::BetaWeibull;
use crate::fit::{Fit, FitError, Flag, InputHash};
use crate::goodness::{ChiSquareTest, FALSE_ALARMS, upper_tail};
use crate::optimise::{OptimiseError, maximise};
use likelihood::{Bdw, Sbg, Weibull};

pub use score::{Choice, Lead, Rival, Score, Why, choose, lead, score};

/// Why a curve cannot be fitted.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum TenureError {
    /// Counts that cannot be.
    #[error(
        "{left} left in {exposure} customer-months of tenure month {month}: both must be finite and not negative, and \
         nobody leaves who is not there"
    )]
    Count {
        /// Completed months of tenure.
        month: u32,
        /// Customer-months under observation.
        exposure: f64,
        /// Leavers.
        left: f64,
    },
    /// The likelihood has no maximum.
    #[error(transparent)]
    Optimise(#[from] OptimiseError),
    /// The records do not tell the parameters: nothing could be drawn from them.
    #[error("{0}")]
    Undetermined(String),
    /// The fit cannot be handed over.
    #[error(transparent)]
    Fit(#[from] FitError),
}

/// Customer-months under observation and leavers by completed month of tenure.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Counts(BTreeMap<u32, (f64, f64)>);

impl Counts {
    /// Adds customer-months of a month of tenure, and who left in them.
    ///
    /// # Errors
    /// [`TenureError::Count`].
    pub fn push(&mut self, month: u32, exposure: f64, left: f64) -> Result<(), TenureError> {
        let possible = exposure.is_finite() && left.is_finite() && exposure >= 0.0 && left >= 0.0;
        if !possible || (exposure == 0.0 && left > 0.0) {
            return Err(TenureError::Count {
                month,
                exposure,
                left,
            });
        }
        if exposure > 0.0 {
            let cell = self.0.entry(month).or_default();
            cell.0 += exposure;
            cell.1 += left;
        }
        Ok(())
    }

    /// Month of tenure, customer-months and leavers, in the order of tenure.
    pub fn cells(&self) -> impl Iterator<Item = (u32, f64, f64)> {
        let cells = self.0.iter();
        cells.map(|(month, (exposure, left))| (*month, *exposure, *left))
    }

    /// All customer-months.
    #[must_use]
    pub fn exposure(&self) -> f64 {
        self.0.values().fold(0.0, |sum, cell| sum + cell.0)
    }

    /// All leavers.
    #[must_use]
    pub fn left(&self) -> f64 {
        self.0.values().fold(0.0, |sum, cell| sum + cell.1)
    }

    /// The longest tenure, in completed months, at which anybody was observed.
    #[must_use]
    pub fn longest(&self) -> Option<u32> {
        self.0.keys().next_back().copied()
    }
}

/// The form of a curve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// Shifted beta-geometric (Fader & Hardie 2007).
    Sbg,
    /// Beta-discrete-Weibull (Fader et al. 2018).
    Bdw,
    /// Weibull: a regression of the logarithm of the cumulative hazard on that of tenure.
    Weibull,
}

impl Form {
    /// Every form, the one with the fewest assumptions last.
    pub const ALL: [Self; 3] = [Self::Sbg, Self::Weibull, Self::Bdw];

    /// The name in the hand-over form.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sbg => "sbg",
            Self::Bdw => "bdw",
            Self::Weibull => "weibull",
        }
    }
}

/// A fitted curve.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    form: Form,
    hand_over: Fit,
    /// α, β, c; or λ, k.
    parameters: Vec<f64>,
    mean_tenure: u32,
}

/// Fits a curve by maximum likelihood.
///
/// # Errors
/// When the likelihood has no maximum or the records hardly tell a parameter, as with customers who are all alike for
/// sBG, or few leavers.
pub fn fit(form: Form, counts: &Counts) -> Result<Curve, TenureError> {
    let (exposure, left) = (counts.exposure(), counts.left());
    let share = (left / exposure).clamp(1e-4, 0.99);
    let (scattered, alike) = ([share, 1.0 - share], [10.0 * share, 10.0 * (1.0 - share)]);
    let with_shape = |[alpha, beta]: [f64; 2]| [alpha, beta, 1.0];
    let (parameters, mut hand_over) = match form {
        Form::Sbg => {
            let best = maximise(&Sbg(counts), exposure, &[scattered, alike])?;
            let fit = best.into_fit(form.name(), ["alpha", "beta"], exposure, left)?;
            (best.parameters.to_vec(), fit)
        }
        Form::Bdw => {
            let best = maximise(&Bdw(counts), exposure, &[scattered, alike].map(with_shape))?;
            let fit = best.into_fit(form.name(), ["alpha", "beta", "c"], exposure, left)?;
            (best.parameters.to_vec(), fit)
        }
        Form::Weibull => {
            let best = maximise(&Weibull(counts), exposure, &[[share, 1.0]])?;
            let fit = best.into_fit(form.name(), ["rate", "shape"], exposure, left)?;
            (best.parameters.to_vec(), fit)
        }
    };
    // Whatever the search says of itself here (an edge, a parameter that may be anything) forbids drawing from it.
    if let Some(flag) = hand_over.flags.first() {
        return Err(TenureError::Undetermined(flag.detail.clone()));
    }
    let cells = counts.cells();
    let cells = cells.flat_map(|(month, exposure, left)| [f64::from(month), exposure, left]);
    hand_over.input_hash = InputHash::new().text(form.name()).numbers(cells).finish();
    hand_over.data.insert("person_time".to_owned(), exposure);
    let tenures = counts
        .cells()
        .map(|(month, _, left)| f64::from(month) * left);
    let mut curve = Curve {
        form,
        hand_over,
        parameters,
        mean_tenure: (tenures.sum::<f64>() / left).round() as u32,
    };
    if let Some(flag) = misfit(&curve, counts) {
        curve.hand_over.warn(flag);
    }
    Ok(curve)
}

/// What to say of a curve that the counts it was fitted to refute.
fn misfit(curve: &Curve, counts: &Counts) -> Option<Flag> {
    let test = score(counts, |month| curve.hazard(month)).calibration?;
    let df = test.df.checked_sub(curve.parameters.len())?;
    let test = ChiSquareTest {
        df,
        p: upper_tail(test.chi2, df),
        ..test
    };
    let detail = format!("customers did not leave by tenure as the curve says: {test}");
    (df > 0 && test.p < FALSE_ALARMS).then(|| Flag::new("misfit", detail))
}

impl Curve {
    /// Its form.
    #[must_use]
    pub fn form(&self) -> Form {
        self.form
    }

    /// Cumulative hazard over the month that begins with so many completed months of tenure.
    #[must_use]
    pub fn hazard(&self, month: u32) -> f64 {
        let from = f64::from(month);
        match self.parameters[..] {
            [rate, shape] if self.form == Form::Weibull => {
                rate * ((from + 1.0).powf(shape) - from.powf(shape))
            }
            [alpha, beta] => BetaWeibull {
                alpha,
                beta,
                c: 1.0,
            }
            .hazard(from),
            [alpha, beta, c] => BetaWeibull { alpha, beta, c }.hazard(from),
            _ => f64::NAN,
        }
    }

    /// Completed months of tenure at which its leavers left in the mean.
    #[must_use]
    pub fn mean_tenure_of_leavers(&self) -> u32 {
        self.mean_tenure
    }

    /// The hand-over form: logarithms of the parameters with their covariance.
    #[must_use]
    pub fn hand_over(&self) -> &Fit {
        &self.hand_over
    }

    /// Standard deviation of the logarithm of the hazard at a month of tenure, by the delta method.
    #[must_use]
    pub fn log_sd(&self, month: u32) -> f64 {
        const STEP: f64 = 1e-5;
        let Some(covariance) = &self.hand_over.covariance else {
            return 0.0;
        };
        let size = self.parameters.len();
        let shifted = |index: usize, by: f64| {
            let mut moved = self.clone();
            moved.parameters[index] *= by.exp();
            moved.hazard(month).ln()
        };
        let slope = |index| (shifted(index, STEP) - shifted(index, -STEP)) / (2.0 * STEP);
        let slopes = nalgebra::DVector::from_iterator(size, (0..size).map(slope));
        let matrix = DMatrix::from_fn(size, size, |i, j| covariance.matrix[i][j]);
        (slopes.transpose() * matrix * &slopes)[0].max(0.0).sqrt()
    }
}
