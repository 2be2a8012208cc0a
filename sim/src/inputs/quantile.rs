//! Quantile functions made ready for millions of draws.

use super::distribution::Distribution;
use super::metalog::Metalog;
use super::moment::p10_p90_normal;
use crate::math::{self, Tails, exp, ln, ndtri};

/// A quantile function prepared by [`Distribution::prepare`].
#[derive(Clone, Debug)]
pub struct Quantile {
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Fixed(f64),
    Uniform {
        low: f64,
        width: f64,
    },
    Triangular([f64; 3]),
    Normal {
        mean: f64,
        sd: f64,
    },
    Lognormal {
        mu: f64,
        sd: f64,
    },
    TruncatedNormal {
        mean: f64,
        sd: f64,
        low: Tails,
        high: Tails,
    },
    Beta {
        alpha: f64,
        beta: f64,
        low: f64,
        width: f64,
    },
    Gamma {
        shape: f64,
        scale: f64,
    },
    /// Values in increasing order, each with the probability up to and including it.
    Steps(Vec<(f64, f64)>),
    Metalog(Metalog),
    /// Parameters that no distribution has.
    Invalid,
}

/// Shapes of the beta that a PERT is, `λ = 4`.
pub(super) fn pert_shapes([low, mode, high]: [f64; 3]) -> [f64; 2] {
    let width = high - low;
    [
        1.0 + 4.0 * (mode - low) / width,
        1.0 + 4.0 * (high - mode) / width,
    ]
}

/// Mean and sd of the normal (of the logarithm, where both bounds are positive) with a 90% interval.
pub(super) fn interval_normal(low: f64, high: f64) -> [f64; 2] {
    let (low, high) = if low > 0.0 {
        (ln(low), ln(high))
    } else {
        (low, high)
    };
    [0.5 * (low + high), (high - low) / (2.0 * ndtri(0.95))]
}

impl Quantile {
    pub(super) fn new(distribution: &Distribution) -> Self {
        let form = if distribution.validate().is_ok() {
            form(distribution)
        } else {
            Form::Invalid
        };
        Self { form }
    }

    /// Replaces each uniform by the value below which that share of the distribution lies.
    pub fn apply(&self, uniforms: &mut [f64]) {
        for u in uniforms {
            *u = self.at(Tails::of_uniform(*u), || ndtri(*u));
        }
    }

    /// Replaces each standard normal by the value that has its rank: `Q(Φ(z))`.
    pub fn apply_normal(&self, normals: &mut [f64]) {
        for z in normals {
            *z = self.at(Tails::of_normal(*z), || *z);
        }
    }

    /// The ends of the distribution.
    pub(super) fn support(&self) -> [f64; 2] {
        match &self.form {
            Form::Metalog(metalog) => metalog.support(),
            _ => [0.0, 1.0].map(|u| self.exact(u)),
        }
    }

    /// The value at one uniform.
    pub(super) fn exact(&self, u: f64) -> f64 {
        self.at(Tails::of_uniform(u), || ndtri(u))
    }

    fn at(&self, at: Tails, normal: impl Fn() -> f64) -> f64 {
        match &self.form {
            Form::Fixed(value) => *value,
            Form::Uniform { low, width } => low + width * at.lower,
            Form::Triangular(points) => triangular(*points, at),
            Form::Normal { mean, sd } => mean + sd * normal(),
            Form::Lognormal { mu, sd } => exp(mu + sd * normal()),
            Form::TruncatedNormal {
                mean,
                sd,
                low,
                high,
            } => mean + sd * truncated(*low, *high, at),
            Form::Beta {
                alpha,
                beta,
                low,
                width,
            } => low + width * math::beta_quantile(*alpha, *beta, at),
            Form::Gamma { shape, scale } => scale * math::gamma_quantile(*shape, at),
            Form::Steps(steps) => {
                let step = steps.partition_point(|&(_, up_to)| up_to <= at.lower);
                steps[step.min(steps.len() - 1)].0
            }
            Form::Metalog(metalog) => metalog.quantile(at),
            Form::Invalid => f64::NAN,
        }
    }
}

fn form(distribution: &Distribution) -> Form {
    match distribution {
        Distribution::Fixed(value) => Form::Fixed(*value),
        Distribution::Interval([low, high]) => {
            let [mean, sd] = interval_normal(*low, *high);
            if *low > 0.0 {
                Form::Lognormal { mu: mean, sd }
            } else {
                Form::Normal { mean, sd }
            }
        }
        Distribution::Uniform([low, high]) => Form::Uniform {
            low: *low,
            width: high - low,
        },
        Distribution::Triangular(points) => Form::Triangular(*points),
        Distribution::Pert(points) => {
            let [alpha, beta] = pert_shapes(*points);
            Form::Beta {
                alpha,
                beta,
                low: points[0],
                width: points[2] - points[0],
            }
        }
        Distribution::Normal { mean, sd } => Form::Normal {
            mean: *mean,
            sd: *sd,
        },
        Distribution::TruncatedNormal {
            mean,
            sd,
            low,
            high,
        } => {
            let [low, high] = [low, high].map(|bound| Tails::of_normal((bound - mean) / sd));
            Form::TruncatedNormal {
                mean: *mean,
                sd: *sd,
                low,
                high,
            }
        }
        Distribution::Lognormal { median, log_sd } => Form::Lognormal {
            mu: ln(*median),
            sd: *log_sd,
        },
        Distribution::LognormalP10P90(bounds) => {
            let [mu, sd] = p10_p90_normal(*bounds);
            Form::Lognormal { mu, sd }
        }
        Distribution::Beta {
            alpha,
            beta,
            low,
            high,
        } => Form::Beta {
            alpha: *alpha,
            beta: *beta,
            low: *low,
            width: high - low,
        },
        Distribution::Gamma { shape, scale } => Form::Gamma {
            shape: *shape,
            scale: *scale,
        },
        Distribution::Bernoulli(p) => Form::Steps(vec![(0.0, 1.0 - p), (1.0, 1.0)]),
        Distribution::Discrete { values, weights } => steps(values, weights),
        Distribution::Empirical(values) => steps(values, &vec![1.0; values.len()]),
        Distribution::Metalog {
            quantiles,
            low,
            high,
        } => Metalog::fit(quantiles, *low, *high).map_or(Form::Invalid, Form::Metalog),
    }
}

fn steps(values: &[f64], weights: &[f64]) -> Form {
    let sum: f64 = weights.iter().sum();
    let mut steps: Vec<_> = values
        .iter()
        .copied()
        .zip(weights.iter().copied())
        .filter(|&(_, w)| w > 0.0)
        .collect();
    steps.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut up_to = 0.0;
    for (_, weight) in &mut steps {
        up_to += *weight / sum;
        *weight = up_to;
    }
    Form::Steps(steps)
}

fn triangular([low, mode, high]: [f64; 3], at: Tails) -> f64 {
    let width = high - low;
    if at.lower * width < mode - low {
        low + (at.lower * width * (mode - low)).sqrt()
    } else {
        high - (at.upper * width * (high - mode)).sqrt()
    }
}

/// Quantile of a standard normal between two bounds given by their tails.
fn truncated(low: Tails, high: Tails, at: Tails) -> f64 {
    // Mix the tails that are small on both sides, so that far bounds lose no digits.
    if low.lower <= high.upper {
        ndtri(at.upper * low.lower + at.lower * high.lower)
    } else {
        -ndtri(at.upper * low.upper + at.lower * high.upper)
    }
}
