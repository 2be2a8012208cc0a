//! The models of purchases behind one name.

use serde::{Deserialize, Serialize};

use crate::number::Number;
use crate::optimise::{ALIKE, Likelihood, NONE};

use super::beta_dropout::BetaDropout;
use super::gamma_dropout::GammaDropout;
use super::history::{History, Row};
use super::opportunity::Opportunities;
use super::{PurchaseError, measured};

/// Periods of one customer are counted at most this far.
const MOST_PERIODS: f64 = 10_000.0;

/// Which model of purchases and dropout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Model {
    /// Dropout after repeat purchases; parameters `r, alpha, a, b`.
    BgNbd,
    /// Dropout after any purchase, the first included; parameters `r, alpha, a, b`.
    MbgNbd,
    /// Dropout at any time; parameters `r, alpha, s, beta`.
    ParetoNbd,
    /// Purchases at opportunities, at most one a period, dropout before any of them; parameters
    /// `alpha, beta, gamma, delta`. All times are whole numbers of periods.
    BgBb,
}

impl Model {
    /// The name in the hand-over form.
    pub fn name(self) -> &'static str {
        match self {
            Self::BgNbd => "bg-nbd",
            Self::MbgNbd => "mbg-nbd",
            Self::ParetoNbd => "pareto-nbd",
            Self::BgBb => "bg-bb",
        }
    }

    /// Names of the parameters, in the order of the fit.
    pub fn parameter_names(self) -> [&'static str; 4] {
        match self {
            Self::BgNbd | Self::MbgNbd => BetaLikelihood::NAMES,
            Self::ParetoNbd => GammaLikelihood::NAMES,
            Self::BgBb => OpportunityLikelihood::NAMES,
        }
    }

    /// Whether time goes in whole periods.
    pub fn counts_periods(self) -> bool {
        self == Self::BgBb
    }

    /// A time that the model can tell of.
    pub(super) fn time(self, field: &'static str, t: f64) -> Result<f64, PurchaseError> {
        let t = measured(field, t)?;
        if self.counts_periods() && (t.fract() != 0.0 || t > MOST_PERIODS) {
            return Err(PurchaseError::NotAPeriod {
                field,
                value: t,
                most: MOST_PERIODS,
            });
        }
        Ok(t)
    }

    /// Whether the model can have brought about a history.
    pub(super) fn check(self, history: &History) -> Result<(), PurchaseError> {
        if !self.counts_periods() {
            return Ok(());
        }
        self.time("T", history.age())?;
        let (x, t_x) = (history.purchases(), self.time("t_x", history.recency())?);
        if x > t_x {
            return Err(PurchaseError::MoreThanOpportunities { x, t_x });
        }
        Ok(())
    }

    /// The model with parameters.
    pub(super) fn with<D: Number>(self, parameters: [D; 4]) -> Process<D> {
        match self {
            Self::BgNbd => Process::Beta(beta(parameters, 0.0)),
            Self::MbgNbd => Process::Beta(beta(parameters, 1.0)),
            Self::ParetoNbd => Process::Gamma(gamma(parameters)),
            Self::BgBb => Process::Opportunities(opportunities(parameters)),
        }
    }
}

fn beta<D>([r, alpha, a, b]: [D; 4], first_tosses: f64) -> BetaDropout<D> {
    BetaDropout {
        r,
        alpha,
        a,
        b,
        first_tosses,
    }
}

fn gamma<D>([r, alpha, s, beta]: [D; 4]) -> GammaDropout<D> {
    GammaDropout { r, alpha, s, beta }
}

/// BG/BB with parameters.
pub(super) fn opportunities<D>([alpha, beta, gamma, delta]: [D; 4]) -> Opportunities<D> {
    Opportunities {
        alpha,
        beta,
        gamma,
        delta,
    }
}

/// A model with its parameters, as functions of history and time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Process<D> {
    Beta(BetaDropout<D>),
    Gamma(GammaDropout<D>),
    Opportunities(Opportunities<D>),
}

impl<D: Number> Process<D> {
    /// Probability of being active at the end of observation, or at the opportunity after it.
    pub fn alive(&self, history: History) -> D {
        match self {
            Self::Beta(model) => model.alive(history),
            Self::Gamma(model) => model.alive(history),
            Self::Opportunities(model) => model.alive(history),
        }
    }

    /// Expected repeat purchases of a new customer up to age `t`.
    pub fn purchases(&self, t: f64) -> D {
        match self {
            Self::Beta(model) => model.purchases(t),
            Self::Gamma(model) => model.purchases(t),
            Self::Opportunities(model) => model.purchases(t),
        }
    }

    /// Expected purchases in the `t` after the end of observation.
    pub fn future_purchases(&self, history: History, t: f64) -> D {
        match self {
            Self::Beta(model) => model.future_purchases(history, t),
            Self::Gamma(model) => model.future_purchases(history, t),
            Self::Opportunities(model) => model.future_purchases(history, t),
        }
    }

    /// Purchases per time unit, `t` ahead, of a customer who is active now, with `x` repeat purchases by `age`; none
    /// where purchases come once a period.
    pub fn rate_while_active(&self, x: f64, age: f64, t: f64) -> Option<D> {
        match self {
            Self::Beta(model) => Some(model.rate_while_active(x, age, t)),
            Self::Gamma(model) => Some(model.rate_while_active(x, age, t)),
            Self::Opportunities(_) => None,
        }
    }

    /// Log-likelihood of rows sorted by `x`.
    pub fn ln_likelihood(&self, rows: &[Row]) -> D {
        match self {
            Self::Beta(model) => model.ln_likelihood(rows),
            Self::Gamma(model) => model.ln_likelihood(rows),
            Self::Opportunities(model) => model.ln_likelihood(rows),
        }
    }

    /// The most repeat purchases up to age `t`, where there is a most.
    pub fn most_purchases(&self, t: f64) -> Option<f64> {
        matches!(self, Self::Opportunities(_)).then_some(t)
    }

    /// Share of new customers still active at age `t`.
    pub fn survival(&self, t: f64) -> D {
        match self {
            Self::Beta(model) => model.survival(t),
            Self::Gamma(model) => model.survival(t),
            Self::Opportunities(model) => model.survival(t),
        }
    }
}

const ONE_RATE: &str = "customers do not differ in how often they buy: the one rate of all, purchases over time \
                        observed, tells as much";
const NOBODY_DROPS_OUT: &str =
    "nobody drops out: purchases go on at the rate observed, which needs no model";
const EVERYBODY_DROPS_OUT: &str =
    "everybody drops out at the first chance: nobody goes on whose purchases could be told";
const SOME_STAY_FOR_EVER: &str =
    "some customers never drop out and the others do at once: fit those who stay apart";
const ONE_DROPOUT: &str = "customers do not differ in how likely they drop out";

/// Likelihood of BG/NBD and MBG/NBD.
pub(super) struct BetaLikelihood<'a> {
    pub rows: &'a [Row],
    pub first_tosses: f64,
}

impl Likelihood<4> for BetaLikelihood<'_> {
    const NAMES: [&'static str; 4] = ["r", "alpha", "a", "b"];

    fn ln_likelihood<D: Number>(&self, parameters: [D; 4]) -> D {
        beta(parameters, self.first_tosses).ln_likelihood(self.rows)
    }

    fn edge([r, _, a, b]: [f64; 4]) -> Option<&'static str> {
        match a / (a + b) {
            _ if r > ALIKE => Some(ONE_RATE),
            chance if chance < NONE => Some(NOBODY_DROPS_OUT),
            chance if chance > 1.0 - NONE => Some(EVERYBODY_DROPS_OUT),
            _ if a > ALIKE => Some(ONE_DROPOUT),
            _ if a + b < NONE => Some(SOME_STAY_FOR_EVER),
            _ => None,
        }
    }
}

/// Likelihood of Pareto/NBD.
pub(super) struct GammaLikelihood<'a> {
    pub rows: &'a [Row],
}

impl Likelihood<4> for GammaLikelihood<'_> {
    const NAMES: [&'static str; 4] = ["r", "alpha", "s", "beta"];

    fn ln_likelihood<D: Number>(&self, parameters: [D; 4]) -> D {
        gamma(parameters).ln_likelihood(self.rows)
    }

    fn edge([r, alpha, s, beta]: [f64; 4]) -> Option<&'static str> {
        let dropouts_per_purchase = (s / beta) / (r / alpha);
        if r > ALIKE {
            Some(ONE_RATE)
        } else if dropouts_per_purchase < NONE {
            Some(NOBODY_DROPS_OUT)
        } else {
            (s > ALIKE).then_some(ONE_DROPOUT)
        }
    }
}

/// Likelihood of BG/BB.
pub(super) struct OpportunityLikelihood<'a> {
    pub rows: &'a [Row],
}

impl Likelihood<4> for OpportunityLikelihood<'_> {
    const NAMES: [&'static str; 4] = ["alpha", "beta", "gamma", "delta"];

    fn ln_likelihood<D: Number>(&self, parameters: [D; 4]) -> D {
        opportunities(parameters).ln_likelihood(self.rows)
    }

    fn edge([alpha, beta, gamma, delta]: [f64; 4]) -> Option<&'static str> {
        match gamma / (gamma + delta) {
            _ if alpha + beta < NONE => Some(
                "some customers buy at every opportunity and the others at none: fit those who buy apart",
            ),
            _ if alpha / (alpha + beta) > 1.0 - NONE => Some(
                "customers buy at every opportunity until they drop out: survivors by period tell as much",
            ),
            _ if alpha > ALIKE => Some(
                "customers do not differ in how often they buy: the one share of all, purchases per \
                 opportunity, tells as much",
            ),
            chance if chance < NONE => Some(NOBODY_DROPS_OUT),
            chance if chance > 1.0 - NONE => Some(EVERYBODY_DROPS_OUT),
            _ if gamma > ALIKE => Some(ONE_DROPOUT),
            _ if gamma + delta < NONE => Some(SOME_STAY_FOR_EVER),
            _ => None,
        }
    }
}
