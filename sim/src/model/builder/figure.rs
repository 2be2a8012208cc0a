//! What is known of figures before any is drawn.

use super::super::{Draw, Term};
use super::Builder;
use crate::inputs::Distribution;
use crate::scenario::Quantity;

impl Builder {
    /// Mean of a figure.
    pub(in crate::model) fn mean(&self, quantity: &Quantity) -> f64 {
        let distribution = self.distribution(quantity);
        distribution.map_or(0.0, |(distribution, scale)| distribution.mean() * scale)
    }

    /// The figure, if it is certain.
    pub(in crate::model) fn certain(&self, quantity: &Quantity) -> Option<f64> {
        let (distribution, scale) = self.distribution(quantity)?;
        match distribution {
            Distribution::Fixed(value) => Some(value * scale),
            _ => None,
        }
    }

    /// The least and the greatest value that a figure can have.
    pub(in crate::model) fn support(&self, quantity: &Quantity) -> [f64; 2] {
        let Some((distribution, scale)) = self.distribution(quantity) else {
            return [0.0; 2];
        };
        let [a, b] = distribution.support().map(|end| end * scale);
        [a.min(b), a.max(b)]
    }

    /// The value below which a share `u` of a figure's values lies.
    pub(in crate::model) fn quantile(&self, quantity: &Quantity, u: f64) -> f64 {
        self.distribution(quantity)
            .map_or(0.0, |(distribution, scale)| {
                let u = if scale < 0.0 { 1.0 - u } else { u };
                distribution.quantile(u) * scale
            })
    }

    /// A figure's distribution, and the factor on its values.
    fn distribution<'a>(&'a self, quantity: &'a Quantity) -> Option<(&'a Distribution, f64)> {
        match quantity {
            Quantity::Own(distribution) => Some((distribution, 1.0)),
            Quantity::Shared(shared) => {
                let named = self.distributions.get(&shared.input)?;
                Some((named, shared.scale))
            }
        }
    }

    /// Least likely value of a figure that is resolved.
    pub(in crate::model) fn least(&self, term: Term) -> f64 {
        match term {
            Term::Fixed(value) => value,
            Term::Input { index, scale } => match &self.inputs[index].draw {
                Draw::Quantile(distribution) => {
                    let ends = likely_range(distribution).map(|end| end * scale);
                    ends[0].min(ends[1])
                }
                Draw::Success(_) => 0.0,
            },
        }
    }

    /// Mean of a figure that is resolved.
    pub(in crate::model) fn mean_of(&self, term: Term) -> f64 {
        match term {
            Term::Fixed(value) => value,
            Term::Input { index, scale } => match &self.inputs[index].draw {
                Draw::Quantile(distribution) => distribution.mean() * scale,
                Draw::Success(probability) => probability * scale,
            },
        }
    }

    /// Greatest likely value of a figure.
    pub(in crate::model) fn likely_high(&self, quantity: &Quantity) -> f64 {
        self.likely(quantity).into_iter().fold(f64::MIN, f64::max)
    }

    pub(super) fn likely(&self, quantity: &Quantity) -> [f64; 2] {
        let distribution = self.distribution(quantity);
        distribution.map_or([0.0; 2], |(distribution, scale)| {
            likely_range(distribution).map(|end| end * scale)
        })
    }
}

/// The ends of a bounded distribution, the central 90% of any other: its tails are cut where they
/// are used.
fn likely_range(distribution: &Distribution) -> [f64; 2] {
    match distribution {
        Distribution::Fixed(value) => [*value, *value],
        Distribution::Uniform([low, high])
        | Distribution::Triangular([low, _, high])
        | Distribution::Pert([low, _, high])
        | Distribution::Beta { low, high, .. } => [*low, *high],
        other => [other.quantile(0.05), other.quantile(0.95)],
    }
}
