//! A fitted model and what follows from it, each figure with its interval.

use nalgebra::Matrix3;
use num_dual::{DualNum, DualSVec64};
use serde::{Deserialize, Serialize};

use crate::fit::{Estimate, Fit, Flag, InputHash, Level};
use crate::mixture::{Law, Mixture};
use crate::optimise::{Range, derive, maximise};

use super::misfit::misfit;
use super::model::{BdwLikelihood, SbgLikelihood};
use super::series::discounted_renewals;
use super::{BetaWeibull, ContractualError, Model, SurvivorTable};

const CHURN: (&str, &str) = (
    "churn_chance",
    "probability that a customer leaves in the first period",
);

/// A fitted sBG or BdW model.
#[derive(Debug, Clone, PartialEq)]
pub struct ContractualFit {
    /// Which model.
    pub model: Model,
    /// Estimates; `c` is exactly 1 for sBG.
    pub parameters: BetaWeibull,
    /// Covariance of `ln α, ln β, ln c`; the last row is zero for sBG.
    covariance: Matrix3<f64>,
    hand_over: Fit,
}

/// Survival and retention rate of one period, projected from the start of a cohort.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct Projection {
    /// Tenure in whole periods.
    pub period: u32,
    /// Share of the cohort still there.
    pub survival: Estimate,
    /// Share of those there a period earlier who are still there.
    pub retention: Estimate,
}

/// An expected lifetime that may have no number.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ExpectedLifetime {
    /// It exists.
    Finite {
        /// Expected further periods.
        periods: Estimate,
        /// The interval of `α·c` reaches 1, so infinity cannot be excluded.
        may_be_infinite: bool,
    },
    /// `α·c ≤ 1`: enough customers never leave that the mean does not exist. Give a horizon or a
    /// discount rate.
    Infinite {
        /// `α·c`, the power with which survival falls.
        exponent: f64,
    },
}

/// Fits a model to survivor counts by maximum likelihood.
///
/// # Errors
/// When the likelihood has no maximum, as with fewer periods than parameters or with customers
/// who are all alike.
pub fn fit(model: Model, table: &SurvivorTable) -> Result<ContractualFit, ContractualError> {
    let (n, departures) = (table.customers(), table.departures());
    let share = (departures / table.exposure()).clamp(0.01, 0.99);
    let (scattered, alike) = ([share, 1.0 - share], [10.0 * share, 10.0 * (1.0 - share)]);
    let mut covariance = Matrix3::zeros();
    let (parameters, mut hand_over) = match model {
        Model::Sbg => {
            let best = maximise(&SbgLikelihood(table), n, &[scattered, alike])?;
            covariance
                .fixed_view_mut::<2, 2>(0, 0)
                .copy_from(&best.covariance);
            let [alpha, beta] = best.parameters;
            let names = ["alpha", "beta"];
            (
                [alpha, beta, 1.0],
                best.into_fit(model.name(), names, n, departures)?,
            )
        }
        Model::Bdw => {
            let starts = [scattered, alike].map(|[alpha, beta]| [alpha, beta, 1.0]);
            let best = maximise(&BdwLikelihood(table), n, &starts)?;
            covariance = best.covariance;
            let names = ["alpha", "beta", "c"];
            (
                best.parameters,
                best.into_fit(model.name(), names, n, departures)?,
            )
        }
    };
    let parameters = BetaWeibull::from_array(parameters);
    describe(&mut hand_over, &parameters, table);
    if let Some(flag) = misfit(model, &parameters, table) {
        hand_over.warn(flag);
    }
    Ok(ContractualFit {
        model,
        parameters,
        covariance,
        hand_over,
    })
}

fn describe(fit: &mut Fit, parameters: &BetaWeibull, table: &SurvivorTable) {
    fit.data.insert("rows".into(), table.rows().count() as f64);
    fit.data.insert("person_time".into(), table.exposure());
    fit.data.insert("periods".into(), table.periods() as f64);
    let cells = table
        .rows()
        .flat_map(|(t, entered, left, remained)| [t, entered, left, remained]);
    fit.input_hash = InputHash::new().text(&fit.model).numbers(cells).finish();
    if table.remaining() == 0.0 {
        let detail = "every customer left within the observation: the tail is pure extrapolation";
        fit.warn(Flag::new("all_events", detail));
    }
    let exponent = parameters.alpha * parameters.c;
    if exponent <= 1.0 {
        let detail = format!(
            "survival falls with the power {exponent:.3} of time: the undiscounted expected lifetime is infinite"
        );
        fit.flags.push(Flag::new("infinite_lifetime", detail));
    }
}

impl ContractualFit {
    /// The hand-over form for the engine: `ln α, ln β` (and `ln c`) with their covariance.
    pub fn hand_over(&self) -> &Fit {
        &self.hand_over
    }

    /// The same with intervals of another level.
    #[must_use]
    pub fn at(mut self, level: Level) -> Self {
        self.hand_over = self.hand_over.at(level);
        self
    }

    /// How customers differ in how likely they leave: of BdW, in the first period.
    pub fn mixture(&self) -> Mixture {
        let BetaWeibull { alpha, beta, .. } = self.parameters;
        let covariance = self.covariance.fixed_view::<2, 2>(0, 0).into_owned();
        let level = self.hand_over.level;
        Mixture::new(CHURN, Law::Beta, [alpha, beta], covariance, level)
    }

    /// Share of a cohort still there after `period` periods.
    pub fn survival(&self, period: u32) -> Estimate {
        self.derive(Range::Probability, |m| {
            m.ln_survival(f64::from(period)).exp()
        })
    }

    /// Survival and retention rate of each of the first `periods` periods.
    pub fn projection(&self, periods: u32) -> Vec<Projection> {
        let project = |period| Projection {
            period,
            survival: self.survival(period),
            retention: self.derive(Range::Probability, |m| {
                (m.ln_survival(f64::from(period)) - m.ln_survival(f64::from(period - 1))).exp()
            }),
        };
        (1..=periods).map(project).collect()
    }

    /// Cumulative hazards of the periods that start at tenure `0 … periods − 1`.
    pub fn hazards(&self, periods: u32) -> Vec<Estimate> {
        let hazard = |age: u32| {
            let age = f64::from(age);
            self.derive(Range::Positive, |m| {
                m.ln_survival(age) - m.ln_survival(age + 1.0)
            })
        };
        (0..periods).map(hazard).collect()
    }

    /// Expected number of further renewals, undiscounted, of a customer of tenure `tenure`.
    pub fn residual_lifetime(&self, tenure: u32) -> ExpectedLifetime {
        let exponent = self.derive(Range::Positive, |m| m.alpha * m.c);
        if exponent.value <= 1.0 {
            return ExpectedLifetime::Infinite {
                exponent: exponent.value,
            };
        }
        let age = f64::from(tenure);
        ExpectedLifetime::Finite {
            periods: self.derive(Range::Positive, |m| discounted_renewals(m, age, 0.0)),
            may_be_infinite: exponent.low <= 1.0,
        }
    }

    /// Discounted expected residual lifetime of a customer of tenure `tenure` who is about to
    /// renew or leave: `Σ_{k≥1} S(tenure+k)/S(tenure) · (1+rate)^{−(k−1)}`.
    ///
    /// Fader & Hardie (2010), "Customer-base valuation in a contractual setting", *Marketing
    /// Science* 29(1): the renewal that is due now is not discounted.
    ///
    /// # Errors
    /// [`ContractualError::Rate`] unless `rate`, per period, is greater than 0.
    pub fn discounted_residual_lifetime(
        &self,
        tenure: u32,
        rate: f64,
    ) -> Result<Estimate, ContractualError> {
        let rate = checked(rate)?;
        let age = f64::from(tenure);
        Ok(self.derive(Range::Positive, |m| discounted_renewals(m, age, rate)))
    }

    /// Discounted expected lifetime of a new customer, the first period included and undiscounted:
    /// `Σ_{t≥0} S(t)/(1+rate)ᵗ`. Times the margin per period it is the value of a new customer.
    ///
    /// # Errors
    /// [`ContractualError::Rate`] unless `rate`, per period, is greater than 0.
    pub fn discounted_lifetime(&self, rate: f64) -> Result<Estimate, ContractualError> {
        let rate = checked(rate)?;
        Ok(self.derive(Range::Positive, |m| {
            discounted_renewals(m, 0.0, rate) / (1.0 + rate) + 1.0
        }))
    }

    fn derive(
        &self,
        range: Range,
        figure: impl Fn(&BetaWeibull<DualSVec64<3>>) -> DualSVec64<3>,
    ) -> Estimate {
        let BetaWeibull { alpha, beta, c } = self.parameters;
        let form = (range, self.hand_over.level);
        derive(&[alpha, beta, c], &self.covariance, form, |parameters| {
            figure(&BetaWeibull::from_array(parameters))
        })
    }
}

fn checked(rate: f64) -> Result<f64, ContractualError> {
    if rate > 0.0 && rate.is_finite() {
        Ok(rate)
    } else {
        Err(ContractualError::Rate { rate })
    }
}
