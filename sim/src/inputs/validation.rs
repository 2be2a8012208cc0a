//! Which parameters a family has.

use super::distribution::Distribution;
use super::metalog::Metalog;

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

type Checked = Result<(), DistributionError>;

/// Largest magnitude of a parameter, so that squares and products stay finite.
pub(super) const LARGEST: f64 = 1e100;
/// Smallest positive parameter.
const SMALLEST: f64 = 1e-100;

/// The first parameter of a distribution at fault.
pub(super) fn validate(distribution: &Distribution) -> Checked {
    match distribution {
        Distribution::Fixed(value) => Family("fixed").finite("value", *value),
        Distribution::Interval(bounds) => interval(*bounds),
        Distribution::Uniform(bounds) => Family("uniform").range(*bounds),
        Distribution::Triangular(points) => Family("triangular").mode(*points),
        Distribution::Pert(points) => Family("pert").mode(*points),
        Distribution::Normal { mean, sd } => {
            let family = Family("normal");
            family.finite("mean", *mean)?;
            family.positive("sd", *sd)
        }
        Distribution::TruncatedNormal {
            mean,
            sd,
            low,
            high,
        } => truncated_normal(*mean, *sd, [*low, *high]),
        Distribution::Lognormal { median, log_sd } => {
            let family = Family("lognormal");
            family.positive("median", *median)?;
            family.positive("log_sd", *log_sd)?;
            family.accept(
                *log_sd <= 10.0,
                "log_sd",
                *log_sd,
                "give a number of at most 10",
            )
        }
        Distribution::LognormalP10P90([p10, p90]) => {
            let family = Family("lognormal_p10_p90");
            family.positive("p10", *p10)?;
            family.positive("p90", *p90)?;
            family.accept(p10 < p90, "p90", *p90, "give a number above p10")?;
            family.ratio("p90", *p10, *p90)
        }
        Distribution::Beta {
            alpha,
            beta,
            low,
            high,
        } => {
            let family = Family("beta");
            family.shape("alpha", *alpha)?;
            family.shape("beta", *beta)?;
            family.range([*low, *high])
        }
        Distribution::Gamma { shape, scale } => {
            Family("gamma").shape("shape", *shape)?;
            Family("gamma").positive("scale", *scale)
        }
        Distribution::Bernoulli(p) => {
            let fix = "give a probability from 0 to 1";
            Family("bernoulli").accept((0.0..=1.0).contains(p), "probability", *p, fix)
        }
        Distribution::Discrete { values, weights } => discrete(values, weights),
        Distribution::Empirical(values) => Family("empirical").values(values),
        Distribution::Metalog {
            quantiles,
            low,
            high,
        } => Metalog::fit(quantiles, *low, *high).map(|_| ()),
    }
}

fn interval([low, high]: [f64; 2]) -> Checked {
    Family("interval").range([low, high])?;
    if low > 0.0 {
        Family("interval").ratio("high", low, high)
    } else {
        Ok(())
    }
}

fn truncated_normal(mean: f64, sd: f64, [low, high]: [f64; 2]) -> Checked {
    let family = Family("truncated_normal");
    family.finite("mean", mean)?;
    family.positive("sd", sd)?;
    family.accept(low < high, "high", high, "give a number above low")?;
    let fix = "give a number at least 1e-6 sd above low, or use uniform";
    family.accept(high - low >= 1e-6 * sd, "high", high, fix)?;
    let reach = 30.0 * sd;
    let fix = "give a number at most 30 sd above the mean";
    family.accept(low <= mean + reach, "low", low, fix)?;
    let fix = "give a number at most 30 sd below the mean";
    family.accept(high >= mean - reach, "high", high, fix)
}

fn discrete(values: &[f64], weights: &[f64]) -> Checked {
    let family = Family("discrete");
    family.values(values)?;
    let count = weights.len();
    let fix = "give as many weights as values";
    family.accept(count == values.len(), "weights", count as f64, fix)?;
    for &weight in weights {
        let fix = "give weights from 0 to 1e100";
        family.accept((0.0..=LARGEST).contains(&weight), "weights", weight, fix)?;
    }
    let sum = weights.iter().sum::<f64>();
    family.accept(
        sum >= SMALLEST,
        "weights",
        sum,
        "give at least one weight above 0",
    )
}

/// Checks that name the family, by its key in a scenario.
#[derive(Clone, Copy)]
struct Family(&'static str);

impl Family {
    /// Refuses a parameter unless `accepted`: NaN fails every comparison, and so is refused.
    fn accept(
        self,
        accepted: bool,
        parameter: &'static str,
        value: f64,
        fix: &'static str,
    ) -> Checked {
        let family = self.0;
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

    fn finite(self, parameter: &'static str, value: f64) -> Checked {
        self.accept(
            value.abs() <= LARGEST,
            parameter,
            value,
            "give a number within ±1e100",
        )
    }

    fn positive(self, parameter: &'static str, value: f64) -> Checked {
        self.finite(parameter, value)?;
        self.accept(value >= SMALLEST, parameter, value, "give a number above 0")
    }

    fn shape(self, parameter: &'static str, value: f64) -> Checked {
        let fix = "give a number from 0.001 to 1e6";
        self.accept((1e-3..=1e6).contains(&value), parameter, value, fix)
    }

    fn range(self, [low, high]: [f64; 2]) -> Checked {
        self.finite("low", low)?;
        self.finite("high", high)?;
        self.accept(low < high, "high", high, "give a number above low")
    }

    fn mode(self, [low, mode, high]: [f64; 3]) -> Checked {
        self.range([low, high])?;
        self.accept(
            low <= mode && mode <= high,
            "mode",
            mode,
            "give a number from low to high",
        )
    }

    /// Keeps the standard deviation of a lognormal's logarithm below 10.
    fn ratio(self, parameter: &'static str, low: f64, high: f64) -> Checked {
        let fix = "give a number of at most 1e11 times the lower one";
        self.accept(low >= SMALLEST && high / low <= 1e11, parameter, high, fix)
    }

    fn values(self, values: &[f64]) -> Checked {
        self.accept(!values.is_empty(), "values", 0.0, "give at least one value")?;
        values
            .iter()
            .try_for_each(|&value| self.finite("values", value))
    }
}
