//! Quantile functions made ready for millions of draws.

use super::distribution::Distribution;
use super::metalog::Metalog;
use super::moment::{interval_normal, p10_p90_normal, pert_shapes};
use super::table::{Shape, Table};
use super::truncated::Truncated;
use crate::math::{Tails, exp, ln, ndtr, ndtri, ndtri_each};

/// A quantile function prepared by [`Distribution::prepare`].
///
/// Preparing a PERT, beta or gamma takes about half a millisecond (a few with shapes in the
/// thousands) and a draw then a few nanoseconds. A beta or gamma with a shape below about 0.2, next
/// to which the quantile is too steep for a table, is solved anew for each draw: microseconds.
#[derive(Clone, Debug)]
pub struct Quantile {
    form: Form,
    table: Option<Table>,
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
    TruncatedNormal(Truncated),
    Shaped {
        shape: Shape,
        low: f64,
        width: f64,
    },
    /// Values in increasing order, each with the probability up to and including it.
    Steps(Vec<(f64, f64)>),
    Metalog(Metalog),
    /// Parameters that no distribution has.
    Invalid,
}

impl Quantile {
    /// Ready for many draws.
    pub(super) fn new(distribution: &Distribution) -> Self {
        let exact = Self::exact(distribution);
        let table = match exact.form {
            Form::Shaped { shape, low, width } => Table::new(shape, low, width),
            _ => None,
        };
        Self { table, ..exact }
    }

    /// Without tables, for a few values.
    pub(super) fn exact(distribution: &Distribution) -> Self {
        let valid = distribution.validate().is_ok();
        Self {
            form: if valid {
                form(distribution)
            } else {
                Form::Invalid
            },
            table: None,
        }
    }

    /// Replaces each uniform in (0, 1) by the value below which that share of the distribution
    /// lies.
    ///
    /// PERT, beta and gamma are within 1e-10 of the exact value, relative to its distance from the
    /// lower end; all others are exact but for rounding.
    #[inline(always)]
    pub fn apply(&self, uniforms: &mut [f64]) {
        if self.reads_normals() {
            ndtri_each(uniforms);
            self.replace_normals(uniforms);
        } else {
            self.replace_uniforms(uniforms);
        }
    }

    /// Replaces each standard normal by the value that has its rank, `F⁻¹(Φ(z))`.
    ///
    /// This is how an input that hangs on others by a [`Copula`](super::Copula) gets its value.
    /// PERT, beta and gamma take normals beyond ±8.5, which have a probability of 1e-17, as ±8.5;
    /// families other than these and the (log)normal go by way of `Φ(z)` and its rounding.
    #[inline(always)]
    pub fn apply_normal(&self, normals: &mut [f64]) {
        if self.reads_normals() {
            self.replace_normals(normals);
        } else {
            for z in &mut *normals {
                *z = uniform_of_normal(*z);
            }
            self.replace_uniforms(normals);
        }
    }

    /// Whether the value is computed from a normal rather than from a uniform.
    fn reads_normals(&self) -> bool {
        self.table.is_some() || matches!(self.form, Form::Normal { .. } | Form::Lognormal { .. })
    }

    #[inline(always)]
    fn replace_normals(&self, normals: &mut [f64]) {
        match (&self.form, &self.table) {
            (_, Some(table)) => each(normals, |z| table.at(z)),
            (Form::Normal { mean, sd }, _) => each(normals, |z| mean + sd * z),
            (Form::Lognormal { mu, sd }, _) => each(normals, |z| exp(mu + sd * z)),
            _ => each(normals, |z| self.at(Tails::of_normal(z))),
        }
    }

    #[inline(always)]
    fn replace_uniforms(&self, uniforms: &mut [f64]) {
        match &self.form {
            Form::Fixed(value) => uniforms.fill(*value),
            Form::Uniform { low, width } => each(uniforms, |u| low + width * u),
            Form::Triangular(points) => {
                each(uniforms, |u| triangular(*points, Tails::of_uniform(u)));
            }
            Form::TruncatedNormal(truncated) => truncated.apply(uniforms),
            Form::Metalog(metalog) => metalog.apply(uniforms),
            _ => each(uniforms, |u| self.at(Tails::of_uniform(u))),
        }
    }

    /// The least and the greatest value.
    pub(super) fn support(&self) -> [f64; 2] {
        match &self.form {
            Form::Metalog(metalog) => metalog.support(),
            _ => [0.0, 1.0].map(|u| self.at(Tails::of_uniform(u))),
        }
    }

    /// The value with the given tails, without tables.
    pub(super) fn at(&self, at: Tails) -> f64 {
        match &self.form {
            Form::Fixed(value) => *value,
            Form::Uniform { low, width } => low + width * at.lower,
            Form::Triangular(points) => triangular(*points, at),
            Form::Normal { mean, sd } => mean + sd * normal(at),
            Form::Lognormal { mu, sd } => exp(mu + sd * normal(at)),
            Form::TruncatedNormal(truncated) => truncated.at(at),
            Form::Shaped { shape, low, width } => low + width * shape.quantile(at),
            Form::Steps(steps) => {
                let step = steps.partition_point(|&(_, up_to)| up_to <= at.lower);
                steps[step.min(steps.len() - 1)].0
            }
            Form::Metalog(metalog) => metalog.quantile(at),
            Form::Invalid => f64::NAN,
        }
    }
}

/// Replaces each value in place; a loop that the caller's instruction set vectorises.
#[inline(always)]
fn each(values: &mut [f64], of: impl Fn(f64) -> f64) {
    for value in values {
        *value = of(*value);
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
            shaped(
                Shape::Beta { alpha, beta },
                points[0],
                points[2] - points[0],
            )
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
        } => Form::TruncatedNormal(Truncated::new(*mean, *sd, [*low, *high])),
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
        } => shaped(
            Shape::Beta {
                alpha: *alpha,
                beta: *beta,
            },
            *low,
            high - low,
        ),
        Distribution::Gamma { shape, scale } => shaped(Shape::Gamma { shape: *shape }, 0.0, *scale),
        Distribution::Bernoulli(p) => steps([(0.0, 1.0 - p), (1.0, *p)].to_vec()),
        Distribution::Discrete { values, weights } => steps(
            values
                .iter()
                .copied()
                .zip(weights.iter().copied())
                .collect(),
        ),
        Distribution::Empirical(values) => {
            steps(values.iter().map(|&value| (value, 1.0)).collect())
        }
        Distribution::Metalog {
            quantiles,
            low,
            high,
        } => Metalog::fit(quantiles, *low, *high).map_or(Form::Invalid, Form::Metalog),
    }
}

fn shaped(shape: Shape, low: f64, width: f64) -> Form {
    Form::Shaped { shape, low, width }
}

/// Steps of values with weights, weights replaced by probabilities up to and including each.
fn steps(mut steps: Vec<(f64, f64)>) -> Form {
    let sum: f64 = steps.iter().map(|step| step.1).sum();
    steps.retain(|step| step.1 > 0.0);
    steps.sort_by(|a, b| a.0.total_cmp(&b.0));
    let mut up_to = 0.0;
    for (_, weight) in &mut steps {
        up_to += *weight / sum;
        *weight = up_to;
    }
    Form::Steps(steps)
}

/// `Φ(z)`, kept as far inside (0, 1) as the uniforms that a run draws.
#[inline(always)]
fn uniform_of_normal(z: f64) -> f64 {
    let u = ndtr(z);
    let u = if u < f64::MIN_POSITIVE {
        f64::MIN_POSITIVE
    } else {
        u
    };
    if u > 1.0 - f64::EPSILON / 2.0 {
        1.0 - f64::EPSILON / 2.0
    } else {
        u
    }
}

/// The standard normal with the given tails.
fn normal(at: Tails) -> f64 {
    if at.lower <= at.upper {
        ndtri(at.lower)
    } else {
        -ndtri(at.upper)
    }
}

#[inline(always)]
fn triangular([low, mode, high]: [f64; 3], at: Tails) -> f64 {
    let width = high - low;
    let rising = low + (at.lower * (width * (mode - low))).sqrt();
    let falling = high - (at.upper * (width * (high - mode))).sqrt();
    if at.lower * width < mode - low {
        rising
    } else {
        falling
    }
}
