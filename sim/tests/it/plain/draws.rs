//! Values of a scenario's figures in one future.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::f64::consts::PI;

use keepworth_sim::Scenario;
use keepworth_sim::inputs::{CorrelationScale, Distribution};
use keepworth_sim::math::ndtri;
use keepworth_sim::scenario::{Channel, Effect, FactorSize, ModelError, Quantity, Unforeseen};

use super::effect::acts;

/// The named inputs of a future, and the uniforms of all other figures.
pub struct Draws<'a> {
    named: BTreeMap<&'a str, f64>,
    scenario: &'a Scenario,
    uniform: &'a dyn Fn(&str) -> f64,
    used: RefCell<BTreeMap<String, u32>>,
}

impl<'a> Draws<'a> {
    /// Draws the named inputs, those that are correlated together.
    pub fn new(scenario: &'a Scenario, uniform: &'a dyn Fn(&str) -> f64) -> Self {
        let mut named = BTreeMap::new();
        for (name, input) in &scenario.inputs {
            named.insert(name.as_str(), at(&input.distribution, uniform, name));
        }
        for group in &scenario.correlations {
            let normal = |rho: f64| match group.scale {
                CorrelationScale::Normal => rho,
                CorrelationScale::Rank => 2.0 * (PI * rho / 6.0).sin(),
            };
            let mut matrix = group.matrix.clone();
            for (i, row) in matrix.iter_mut().enumerate() {
                for (j, rho) in row.iter_mut().enumerate() {
                    *rho = if i == j { 1.0 } else { normal(*rho) };
                }
            }
            let own: Vec<f64> = group
                .inputs
                .iter()
                .map(|name| ndtri(uniform(name)))
                .collect();
            for (name, z) in group.inputs.iter().zip(joint(&matrix, &own)) {
                let mut value = [z];
                let distribution = &scenario.inputs[name].distribution;
                distribution.prepare().apply_normal(&mut value);
                named.insert(name.as_str(), value[0]);
            }
        }
        Self {
            named,
            scenario,
            uniform,
            used: RefCell::default(),
        }
    }

    /// The uniform of the next input called `name`: the second of a name is called "name (2)".
    pub fn uniform(&self, name: &str) -> f64 {
        let mut used = self.used.borrow_mut();
        let times = used.entry(name.to_owned()).or_default();
        *times += 1;
        match *times {
            1 => (self.uniform)(name),
            times => (self.uniform)(&format!("{name} ({times})")),
        }
    }

    /// The uniform of an input that is the same wherever it is named.
    pub fn common(&self, name: &str) -> f64 {
        (self.uniform)(name)
    }

    /// The value of a named input.
    pub fn named(&self, name: &str) -> f64 {
        self.named[name]
    }

    /// Whether an effect names a cause of leaving in a segment that its initiative reaches.
    pub fn names_causes_in(&self, segment: &str) -> bool {
        self.any_effect_in(segment, |it| it.cause.is_some())
    }

    /// Whether an effect names an issue of a channel in a segment that its initiative reaches.
    pub fn names_issues_of(&self, channel: &Channel, segment: &str) -> bool {
        self.any_effect_in(segment, |it| {
            let here = it.channel.is_none() || it.channel.as_ref() == Some(&channel.name);
            let mut issues = channel.issues.iter();
            here && issues.any(|issue| it.issue.as_ref() == Some(&issue.name))
        })
    }

    fn any_effect_in(&self, segment: &str, is_it: impl Fn(&Effect) -> bool) -> bool {
        self.scenario.initiatives.iter().any(|initiative| {
            let mut effects = initiative.effects.iter();
            initiative.reach.contains_key(segment)
                && effects.any(|it| acts(it, segment) && is_it(it))
        })
    }

    /// The uniform behind a figure, if it is uncertain: that of the named input, or its own.
    pub fn luck(&self, quantity: &Quantity, own: impl FnOnce() -> f64) -> Option<f64> {
        match quantity {
            _ if self.certain(quantity).is_some() => None,
            Quantity::Own(_) => Some(own()),
            Quantity::Shared(shared) => Some((self.uniform)(&shared.input)),
        }
    }

    /// A figure: known, drawn for itself under `name`, or that of a named input times a scale.
    pub fn figure(&self, quantity: &Quantity, name: &str) -> f64 {
        match quantity {
            Quantity::Own(distribution) => at(distribution, &|name| self.uniform(name), name),
            Quantity::Shared(shared) => shared.scale * self.named[shared.input.as_str()],
        }
    }

    /// The factor on a figure of a segment that nobody foresees: what is common to all, and its own.
    pub fn unforeseen(
        &self,
        size: fn(&Unforeseen) -> Option<FactorSize>,
        what: &str,
        segment: &str,
    ) -> f64 {
        let Some(ModelError::Unforeseen(written)) = &self.scenario.model_error else {
            return 1.0;
        };
        let size = size(written).unwrap_or_default();
        let part = |sd: f64, name: &str| match sd {
            0.0 => 0.0,
            sd => sd * ndtri((self.uniform)(name)),
        };
        let common = format!("model error of {what}");
        let own = format!("{common} in {segment}");
        (part(size.common, &common) + part(size.own, &own)).exp()
    }

    /// A figure that may be left out.
    pub fn or(&self, quantity: Option<&Quantity>, name: &str, absent: f64) -> f64 {
        quantity.map_or(absent, |quantity| self.figure(quantity, name))
    }

    /// What a figure is on average.
    pub fn mean(&self, quantity: &Quantity) -> f64 {
        match quantity {
            Quantity::Own(distribution) => distribution.mean(),
            Quantity::Shared(shared) => {
                shared.scale * self.scenario.inputs[&shared.input].distribution.mean()
            }
        }
    }

    /// The least that a figure can be.
    pub fn least(&self, quantity: &Quantity) -> f64 {
        match quantity {
            Quantity::Own(distribution) => distribution.support()[0],
            Quantity::Shared(shared) => {
                shared.scale * self.scenario.inputs[&shared.input].distribution.support()[0]
            }
        }
    }

    /// The number that a figure is for certain, if it is.
    pub fn certain(&self, quantity: &Quantity) -> Option<f64> {
        let (distribution, scale) = match quantity {
            Quantity::Own(distribution) => (distribution, 1.0),
            Quantity::Shared(shared) => (
                &self.scenario.inputs[&shared.input].distribution,
                shared.scale,
            ),
        };
        match distribution {
            Distribution::Fixed(value) => Some(scale * value),
            _ => None,
        }
    }
}

/// The quantile of a distribution at the uniform of `name`; a known number needs none.
pub fn at(distribution: &Distribution, uniform: &dyn Fn(&str) -> f64, name: &str) -> f64 {
    if let Distribution::Fixed(value) = distribution {
        return *value;
    }
    let mut value = [uniform(name)];
    distribution.prepare().apply(&mut value);
    value[0]
}

/// Normals with a covariance, from independent standard normals: the lower Cholesky factor's rows.
pub fn joint(covariance: &[Vec<f64>], own: &[f64]) -> Vec<f64> {
    let size = own.len();
    let mut factor = vec![vec![0.0_f64; size]; size];
    for i in 0..size {
        for j in 0..=i {
            let known: f64 = (0..j).map(|k| factor[i][k] * factor[j][k]).sum();
            let rest = covariance[i][j] - known;
            factor[i][j] = if i == j {
                rest.sqrt()
            } else {
                rest / factor[j][j]
            };
        }
    }
    let row = |i: usize| (0..=i).map(|j| factor[i][j] * own[j]).sum();
    (0..size).map(row).collect()
}
