//! What a scenario may say about one uncertain number.

use super::metalog::Metalog;
use super::quantile::Quantile;
use super::{interval, moment};
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

/// A parameter that no distribution of its family has.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{family}.{parameter} is {value}; {fix}")]
pub struct DistributionError {
    /// The family, by its key in a scenario.
    pub family: &'static str,
    /// The parameter at fault.
    pub parameter: &'static str,
    /// Its value.
    pub value: f64,
    /// What would be accepted.
    pub fix: &'static str,
}

/// Refuses a parameter unless `accepted`; NaN fails every comparison and so is refused.
fn check(
    accepted: bool,
    family: &'static str,
    parameter: &'static str,
    value: f64,
    fix: &'static str,
) -> Result<(), DistributionError> {
    if accepted {
        Ok(())
    } else {
        Err(DistributionError {
            family,
            parameter,
            value,
            fix,
        })
    }
}

fn check_finite(
    family: &'static str,
    named: &[(&'static str, f64)],
) -> Result<(), DistributionError> {
    named.iter().try_for_each(|&(parameter, value)| {
        check(
            value.abs() <= LARGEST,
            family,
            parameter,
            value,
            "give a number within ±1e100",
        )
    })
}

fn check_positive(
    family: &'static str,
    named: &[(&'static str, f64)],
) -> Result<(), DistributionError> {
    check_finite(family, named)?;
    named.iter().try_for_each(|&(parameter, value)| {
        check(
            value >= SMALLEST,
            family,
            parameter,
            value,
            "give a number above 0",
        )
    })
}

fn check_range(family: &'static str, low: f64, high: f64) -> Result<(), DistributionError> {
    check_finite(family, &[("low", low), ("high", high)])?;
    check(low < high, family, "high", high, "give a number above low")
}

/// Keeps the standard deviation of a lognormal's logarithm below 10.
fn check_ratio(
    family: &'static str,
    parameter: &'static str,
    low: f64,
    high: f64,
) -> Result<(), DistributionError> {
    let fix = "give a number of at most 1e11 times the lower one";
    check(
        low >= SMALLEST && high / low <= 1e11,
        family,
        parameter,
        high,
        fix,
    )
}

fn check_mode(family: &'static str, [low, mode, high]: [f64; 3]) -> Result<(), DistributionError> {
    check_range(family, low, high)?;
    check(
        low <= mode && mode <= high,
        family,
        "mode",
        mode,
        "give a number from low to high",
    )
}

/// Largest magnitude of a parameter, so that squares and products stay finite.
const LARGEST: f64 = 1e100;
/// Smallest positive parameter.
const SMALLEST: f64 = 1e-100;

impl Distribution {
    /// Checks the parameters.
    ///
    /// # Errors
    /// The first parameter at fault, with what would be accepted.
    pub fn validate(&self) -> Result<(), DistributionError> {
        match self {
            Self::Fixed(value) => check_finite("fixed", &[("value", *value)]),
            Self::Interval([low, high]) => {
                check_range("interval", *low, *high)?;
                if *low > 0.0 {
                    check_ratio("interval", "high", *low, *high)
                } else {
                    Ok(())
                }
            }
            Self::Uniform([low, high]) => check_range("uniform", *low, *high),
            Self::Triangular(points) => check_mode("triangular", *points),
            Self::Pert(points) => check_mode("pert", *points),
            Self::Normal { mean, sd } => {
                check_finite("normal", &[("mean", *mean)])?;
                check_positive("normal", &[("sd", *sd)])
            }
            Self::TruncatedNormal {
                mean,
                sd,
                low,
                high,
            } => check_truncated(*mean, *sd, *low, *high),
            Self::Lognormal { median, log_sd } => {
                check_positive("lognormal", &[("median", *median), ("log_sd", *log_sd)])?;
                let fix = "give a number of at most 10";
                check(*log_sd <= 10.0, "lognormal", "log_sd", *log_sd, fix)
            }
            Self::LognormalP10P90([p10, p90]) => {
                let family = "lognormal_p10_p90";
                check_positive(family, &[("p10", *p10), ("p90", *p90)])?;
                check(p10 < p90, family, "p90", *p90, "give a number above p10")?;
                check_ratio(family, "p90", *p10, *p90)
            }
            Self::Beta {
                alpha,
                beta,
                low,
                high,
            } => {
                check_positive("beta", &[("alpha", *alpha), ("beta", *beta)])?;
                check_shape("beta", "alpha", *alpha)?;
                check_shape("beta", "beta", *beta)?;
                check_range("beta", *low, *high)
            }
            Self::Gamma { shape, scale } => {
                check_positive("gamma", &[("shape", *shape), ("scale", *scale)])?;
                check_shape("gamma", "shape", *shape)
            }
            Self::Bernoulli(p) => {
                let fix = "give a probability from 0 to 1";
                check((0.0..=1.0).contains(p), "bernoulli", "probability", *p, fix)
            }
            Self::Discrete { values, weights } => check_discrete(values, weights),
            Self::Empirical(values) => check_values("empirical", values),
            Self::Metalog {
                quantiles,
                low,
                high,
            } => Metalog::fit(quantiles, *low, *high).map(|_| ()),
        }
    }

    /// Mean.
    pub fn mean(&self) -> f64 {
        moment::mean(self)
    }

    /// Variance.
    pub fn variance(&self) -> f64 {
        moment::variance(self)
    }

    /// The least and the greatest value that can be drawn.
    pub fn support(&self) -> [f64; 2] {
        Quantile::exact(self).support()
    }

    /// The value below which a share `u` of the distribution lies.
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

fn check_shape(
    family: &'static str,
    parameter: &'static str,
    value: f64,
) -> Result<(), DistributionError> {
    let fix = "give a number from 0.001 to 1e6";
    check((1e-3..=1e6).contains(&value), family, parameter, value, fix)
}

fn check_truncated(mean: f64, sd: f64, low: f64, high: f64) -> Result<(), DistributionError> {
    let family = "truncated_normal";
    check_finite(family, &[("mean", mean)])?;
    check_positive(family, &[("sd", sd)])?;
    check(low < high, family, "high", high, "give a number above low")?;
    let fix = "give a number at least 1e-6 sd above low, or use uniform";
    check(high - low >= 1e-6 * sd, family, "high", high, fix)?;
    let reach = 30.0 * sd;
    check(
        low <= mean + reach,
        family,
        "low",
        low,
        "give a number within 30 sd above the mean",
    )?;
    check(
        high >= mean - reach,
        family,
        "high",
        high,
        "give a number within 30 sd below the mean",
    )
}

fn check_values(family: &'static str, values: &[f64]) -> Result<(), DistributionError> {
    check(
        !values.is_empty(),
        family,
        "values",
        0.0,
        "give at least one value",
    )?;
    values
        .iter()
        .try_for_each(|&value| check_finite(family, &[("values", value)]))
}

fn check_discrete(values: &[f64], weights: &[f64]) -> Result<(), DistributionError> {
    let family = "discrete";
    check_values(family, values)?;
    let count = weights.len();
    let fix = "give as many weights as values";
    check(count == values.len(), family, "weights", count as f64, fix)?;
    for &weight in weights {
        let fix = "give weights from 0 to 1e100";
        check(
            (0.0..=LARGEST).contains(&weight),
            family,
            "weights",
            weight,
            fix,
        )?;
    }
    let sum = weights.iter().sum::<f64>();
    check(
        sum >= SMALLEST,
        family,
        "weights",
        sum,
        "give at least one weight above 0",
    )
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
            .map(Distribution::Interval)
            .map_err(E::custom)
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<Distribution, A::Error> {
        Distribution::deserialize(MapAccessDeserializer::new(map))
    }
}
