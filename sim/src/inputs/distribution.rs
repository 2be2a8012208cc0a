//! What a scenario may say about one uncertain number.

use super::interval::{self, Said};
use super::moment;
use super::quantile::Quantile;
use super::validation::{self, DistributionError};
use crate::math::Tails;
use serde::de::value::MapAccessDeserializer;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde::ser::Serializer;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The distribution of one uncertain number.
///
/// In TOML a plain number is certain, a text `"4% to 13%"` is a 90% interval, and a table names the
/// family: `{ pert = [0.02, 0.06, 0.12] }`, `{ normal = { mean = 1, sd = 0.1 } }`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(remote = "Self", rename_all = "snake_case", deny_unknown_fields)]
pub enum Distribution {
    /// Certain.
    Fixed(f64),
    /// 90% interval `[low, high]`, of a lognormal if both are positive and of a normal otherwise.
    Interval([f64; 2]),
    /// Equally likely between `[low, high]`.
    Uniform([f64; 2]),
    /// `[low, mode, high]`, density linear on either side of the mode.
    Triangular([f64; 3]),
    /// `[low, mode, high]`: a beta with mean `(low + 4·mode + high)/6`.
    Pert([f64; 3]),
    /// Normal.
    Normal {
        /// Mean.
        mean: f64,
        /// Standard deviation, above 0.
        sd: f64,
    },
    /// Normal given that it lies between `low` and `high`; `mean` and `sd` are those before.
    TruncatedNormal {
        /// Mean before truncation.
        mean: f64,
        /// Standard deviation before truncation, above 0.
        sd: f64,
        /// Lower bound, −∞ if absent.
        #[serde(default = "negative_infinity", skip_serializing_if = "is_infinite")]
        low: f64,
        /// Upper bound, ∞ if absent.
        #[serde(default = "infinity", skip_serializing_if = "is_infinite")]
        high: f64,
    },
    /// A variable whose logarithm is normal.
    Lognormal {
        /// Median, above 0.
        median: f64,
        /// Standard deviation of the logarithm, above 0.
        log_sd: f64,
    },
    /// Lognormal with the given 10th and 90th percentiles `[p10, p90]`.
    LognormalP10P90([f64; 2]),
    /// Beta, stretched over `low` to `high`.
    Beta {
        /// First shape, above 0.
        alpha: f64,
        /// Second shape, above 0.
        beta: f64,
        /// Lower end, 0 if absent.
        #[serde(default)]
        low: f64,
        /// Upper end, 1 if absent.
        #[serde(default = "one")]
        high: f64,
    },
    /// Gamma with mean `shape · scale`.
    Gamma {
        /// Shape, above 0.
        shape: f64,
        /// Scale, above 0.
        scale: f64,
    },
    /// 1 with the given probability, else 0.
    Bernoulli(f64),
    /// Values with probabilities in proportion to weights.
    Discrete {
        /// Values, any order.
        values: Vec<f64>,
        /// Weights, as many as values.
        weights: Vec<f64>,
    },
    /// One of the observed values, each equally likely.
    Empirical(Vec<f64>),
    /// A smooth distribution through quantiles `[probability, value]`.
    Metalog {
        /// Two to nine quantiles, probabilities and values increasing.
        quantiles: Vec<[f64; 2]>,
        /// Lower bound, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        low: Option<f64>,
        /// Upper bound, if any.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        high: Option<f64>,
    },
}

fn one() -> f64 {
    1.0
}

fn infinity() -> f64 {
    f64::INFINITY
}

fn negative_infinity() -> f64 {
    f64::NEG_INFINITY
}

#[expect(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde hands over a reference"
)]
fn is_infinite(bound: &f64) -> bool {
    bound.is_infinite()
}

impl Distribution {
    /// Checks the parameters.
    ///
    /// # Errors
    /// The first parameter at fault, with what would be accepted.
    pub fn validate(&self) -> Result<(), DistributionError> {
        validation::validate(self)
    }

    /// What its family is called.
    #[must_use]
    pub fn family(&self) -> &'static str {
        match self {
            Self::Fixed(_) => "certain",
            Self::Interval(_) => "90% interval",
            Self::Uniform(_) => "uniform",
            Self::Triangular(_) => "triangular",
            Self::Pert(_) => "PERT",
            Self::Normal { .. } => "normal",
            Self::TruncatedNormal { .. } => "truncated normal",
            Self::Lognormal { .. } | Self::LognormalP10P90(_) => "lognormal",
            Self::Beta { .. } => "beta",
            Self::Gamma { .. } => "gamma",
            Self::Bernoulli(_) => "0 or 1",
            Self::Discrete { .. } => "discrete",
            Self::Empirical(_) => "as observed",
            Self::Metalog { .. } => "metalog",
        }
    }

    /// Mean; ∞ where a metalog with one bound has none.
    pub fn mean(&self) -> f64 {
        moment::mean(self)
    }

    /// Variance; ∞ where a metalog with one bound has none.
    pub fn variance(&self) -> f64 {
        moment::variance(self)
    }

    /// The least and the greatest value that can be drawn.
    pub fn support(&self) -> [f64; 2] {
        Quantile::exact(self).support()
    }

    /// The value below which a share `u` of the distribution lies, exact but for rounding.
    pub fn quantile(&self, u: f64) -> f64 {
        Quantile::exact(self).at(Tails::of_uniform(u))
    }

    /// The quantile function, prepared for many draws.
    ///
    /// Parameters are taken as [valid](Self::validate); those that are not give NaN.
    pub fn prepare(&self) -> Quantile {
        Quantile::new(self)
    }
}

impl Serialize for Distribution {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Fixed(value) => serializer.serialize_f64(*value),
            _ => Self::serialize(self, serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Distribution {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyForm)
    }
}

/// Reads a number, a text or a table.
struct AnyForm;

impl<'de> Visitor<'de> for AnyForm {
    type Value = Distribution;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(
            "a number, a text like \"4% to 13%\", or a table like { pert = [0.02, 0.06, 0.12] }",
        )
    }

    fn visit_f64<E>(self, value: f64) -> Result<Distribution, E> {
        Ok(Distribution::Fixed(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Distribution, E> {
        Ok(Distribution::Fixed(value as f64))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Distribution, E> {
        Ok(Distribution::Fixed(value as f64))
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Distribution, E> {
        interval::parse(text)
            .map(|said| match said {
                Said::Interval(bounds) => Distribution::Interval(bounds),
                Said::Percent(value) => Distribution::Fixed(value),
            })
            .map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Distribution, A::Error> {
        Distribution::deserialize(MapAccessDeserializer::new(map))
    }
}
