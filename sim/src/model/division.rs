//! A whole that is divided into what effects name: leaving into its causes, contacts into what they are about.

use super::builder::{About, Builder};
use super::range::Range;
use super::{EffectGroups, Term};
use crate::inputs::Distribution;
use crate::kernel::{LANES, Lane};
use crate::scenario::{Quantity, ScenarioError};

/// What is added to each part's count: Jeffreys' prior of shares.
const PRIOR: f64 = 0.5;

/// A count from which on a share is as good as certain: more are told as so many.
const SURE: f64 = 5e5;

/// The parts of a whole; none where no effect names any.
#[derive(Debug, Clone, Default)]
pub(crate) struct Division(Vec<Part>);

/// A part of a whole.
#[derive(Debug, Clone)]
pub(crate) struct Part {
    pub(crate) name: String,
    /// Gamma variate: its share of them all is drawn as theirs are, from a Dirichlet.
    weight: Term,
    /// How much each of its cases counts.
    each: Term,
    /// What acts on it.
    pub(crate) effects: EffectGroups,
}

/// A part as it was counted.
pub(super) struct Counted<'a> {
    pub(super) name: &'a str,
    /// As many cases drawn by lots would tell as much.
    pub(super) count: f64,
    /// How much each case counts.
    pub(super) each: Term,
    /// Name of the input that its share is drawn by.
    pub(super) input: String,
    pub(super) about: About<'a>,
    /// Where it is written.
    pub(super) path: String,
}

impl Division {
    /// Of parts that were counted.
    pub(super) fn of(
        counted: Vec<Counted<'_>>,
        builder: &mut Builder,
    ) -> Result<Self, ScenarioError> {
        let most = counted.iter().map(|it| it.count).fold(1.0, f64::max);
        let scale = f64::min(1.0, SURE / most);
        let mut parts = Vec::new();
        for part in counted {
            let gamma = Distribution::Gamma {
                shape: scale * part.count + PRIOR,
                scale: 1.0,
            };
            let weight = Quantity::Own(gamma);
            parts.push(Part {
                name: part.name.to_owned(),
                weight: builder.term(&weight, part.input, part.about, &part.path, Range::ANY)?,
                each: part.each,
                effects: Vec::new(),
            });
        }
        Ok(Self(parts))
    }

    /// Whether no effect names any part.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Part> {
        self.0.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Part> {
        self.0.iter_mut()
    }

    /// What acts on each part.
    pub(crate) fn effect_groups(&self) -> impl Iterator<Item = &EffectGroups> {
        self.0.iter().map(|part| &part.effects)
    }

    /// The same, to be changed.
    pub(crate) fn effect_groups_mut(&mut self) -> impl Iterator<Item = &mut EffectGroups> {
        self.0.iter_mut().map(|part| &mut part.effects)
    }

    /// Those parts that something acts on, each with its share of the whole.
    pub(crate) fn acted_on(&self, values: &[Lane]) -> impl Iterator<Item = (&Part, Lane)> {
        let mut all = [0.0; LANES];
        for part in &self.0 {
            let size = part.size(values);
            for l in 0..LANES {
                all[l] += size[l];
            }
        }
        let acted_on = self.0.iter().filter(|part| !part.effects.is_empty());
        acted_on.map(move |part| {
            let mut share = part.size(values);
            for l in 0..LANES {
                // Where nothing counts, no part of it does.
                share[l] = if all[l] > 0.0 { share[l] / all[l] } else { 0.0 };
            }
            (part, share)
        })
    }

    /// One part's mean share of cases.
    pub(super) fn mean_share(&self, name: &str, builder: &Builder) -> f64 {
        let weight = |part: &Part| builder.mean_of(part.weight);
        let all: f64 = self.0.iter().map(weight).sum();
        let own: f64 = self.0.iter().filter(|it| it.name == name).map(weight).sum();
        if own > 0.0 { own / all } else { 0.0 }
    }
}

impl Part {
    fn size(&self, values: &[Lane]) -> Lane {
        let mut size = self.weight.lane(values);
        if self.each != Term::Fixed(1.0) {
            let each = self.each.lane(values);
            for l in 0..LANES {
                size[l] *= each[l].max(0.0);
            }
        }
        size
    }
}
