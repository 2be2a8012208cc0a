//! The three models behind one name.

use serde::{Deserialize, Serialize};

use crate::number::Number;
use crate::optimise::{ALIKE, Likelihood, NONE};

use super::beta_dropout::BetaDropout;
use super::gamma_dropout::GammaDropout;
use super::history::{History, Row};

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
}

impl Model {
    /// The name in the hand-over form.
    pub fn name(self) -> &'static str {
        match self {
            Self::BgNbd => "bg-nbd",
            Self::MbgNbd => "mbg-nbd",
            Self::ParetoNbd => "pareto-nbd",
        }
    }

    /// Names of the parameters, in the order of the fit.
    pub fn parameter_names(self) -> [&'static str; 4] {
        match self {
            Self::BgNbd | Self::MbgNbd => BetaLikelihood::NAMES,
            Self::ParetoNbd => GammaLikelihood::NAMES,
        }
    }

    /// The model with parameters.
    pub(super) fn with<D: Number>(self, parameters: [D; 4]) -> Process<D> {
        match self {
            Self::BgNbd => Process::Beta(beta(parameters, 0.0)),
            Self::MbgNbd => Process::Beta(beta(parameters, 1.0)),
            Self::ParetoNbd => Process::Gamma(gamma(parameters)),
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

/// A model with its parameters, as functions of history and time.
#[derive(Debug, Clone, Copy)]
pub(super) enum Process<D> {
    Beta(BetaDropout<D>),
    Gamma(GammaDropout<D>),
}

impl<D: Number> Process<D> {
    /// Probability of being active at the end of observation.
    pub fn alive(&self, history: History) -> D {
        match self {
            Self::Beta(model) => model.alive(history),
            Self::Gamma(model) => model.alive(history),
        }
    }

    /// Expected repeat purchases of a new customer up to age `t`.
    pub fn purchases(&self, t: f64) -> D {
        match self {
            Self::Beta(model) => model.purchases(t),
            Self::Gamma(model) => model.purchases(t),
        }
    }

    /// Expected purchases in the `t` after the end of observation.
    pub fn future_purchases(&self, history: History, t: f64) -> D {
        match self {
            Self::Beta(model) => model.future_purchases(history, t),
            Self::Gamma(model) => model.future_purchases(history, t),
        }
    }

    /// Share of new customers still active at age `t`.
    pub fn survival(&self, t: f64) -> D {
        match self {
            Self::Beta(model) => model.survival(t),
            Self::Gamma(model) => model.survival(t),
        }
    }
}

const ONE_RATE: &str = "customers do not differ in how often they buy: the one rate of all, purchases over time \
                        observed, tells as much";
const NOBODY_DROPS_OUT: &str =
    "nobody drops out: purchases go on at the rate observed, which needs no model";
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
            chance if chance > 1.0 - NONE => Some(
                "everybody drops out at the first chance: nobody goes on whose purchases could be told",
            ),
            _ if a > ALIKE => Some(ONE_DROPOUT),
            _ if a + b < NONE => Some(
                "some customers never drop out and the others do at once: fit those who stay apart",
            ),
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
