//! Numbers the inputs of a model while its figures are resolved.

use std::collections::{BTreeMap, BTreeSet};

use super::{CorrelatedInputs, Draw, Input, Term};
use crate::inputs::{Copula, Distribution, Grade, Repair};
use crate::scenario::{Problem, Quantity, Scenario, ScenarioError};

/// The range that a figure must lie in, and what to write when it does not.
#[derive(Clone, Copy)]
pub(super) struct Range {
    pub(super) low: f64,
    pub(super) high: f64,
    pub(super) fix: &'static str,
}

impl Range {
    pub(super) const SHARE: Self = Self {
        low: 0.0,
        high: 1.0,
        fix: "give a share from 0 to 1",
    };
    pub(super) const AMOUNT: Self = Self {
        low: 0.0,
        high: 1e15,
        fix: "give an amount that is not negative",
    };
    pub(super) const HAZARD: Self = Self {
        low: 0.0,
        high: 20.0,
        fix: "give a monthly hazard, -ln(1 - churn probability)",
    };
}

/// What is known about an input beside its distribution.
#[derive(Clone, Copy, Default)]
pub(super) struct About<'a> {
    pub(super) unit: &'a str,
    pub(super) grade: Option<Grade>,
    pub(super) note: &'a str,
}

/// Inputs numbered so far.
#[derive(Default)]
pub(super) struct Builder {
    named: BTreeMap<String, Term>,
    distributions: BTreeMap<String, Distribution>,
    taken: BTreeSet<String>,
    pub(super) inputs: Vec<Input>,
    pub(super) flags: Vec<String>,
}

impl Builder {
    /// Numbers the named inputs of a scenario, in the order of their names.
    pub(super) fn new(scenario: &Scenario) -> Result<Self, ScenarioError> {
        let mut builder = Self::default();
        for (name, input) in &scenario.inputs {
            check(&input.distribution, &format!("inputs.{name}.distribution"))?;
            let about = About {
                unit: &input.unit,
                grade: input.grade,
                note: &input.note,
            };
            let term = builder.own(&input.distribution, name.clone(), about);
            builder.named.insert(name.clone(), term);
            builder
                .distributions
                .insert(name.clone(), input.distribution.clone());
        }
        Ok(builder)
    }

    /// Resolves a figure that must lie in `range`.
    pub(super) fn term(
        &mut self,
        quantity: &Quantity,
        name: String,
        about: About<'_>,
        path: &str,
        range: Range,
    ) -> Result<Term, ScenarioError> {
        let (term, distribution, scale) = match quantity {
            Quantity::Own(distribution) => {
                check(distribution, path)?;
                (self.own(distribution, name, about), distribution, 1.0)
            }
            Quantity::Shared(shared) => {
                Problem::unless_within(shared.scale, -1e15, 1e15, "give a number")
                    .map_err(|p| p.at(format!("{path}.scale")))?;
                let term = self.find_named(&shared.input, path)?;
                (
                    scaled(term, shared.scale),
                    &self.distributions[&shared.input],
                    shared.scale,
                )
            }
        };
        for end in likely_range(distribution) {
            Problem::unless_within(end * scale, range.low, range.high, range.fix)
                .map_err(|p| p.at(path))?;
        }
        Ok(term)
    }

    /// Adds a standard normal input.
    pub(super) fn normal(&mut self, name: String, note: &str) -> usize {
        let draw = Draw::Quantile(Distribution::Normal { mean: 0.0, sd: 1.0 });
        self.push(
            name,
            draw,
            About {
                unit: "standard deviations",
                grade: None,
                note,
            },
        )
    }

    /// Adds an input that is 1 with a probability.
    pub(super) fn success(&mut self, name: String, probability: f64) -> usize {
        self.push(
            name,
            Draw::Success(probability),
            About {
                unit: "1 is yes",
                ..About::default()
            },
        )
    }

    /// Mean of a figure.
    pub(super) fn mean(&self, quantity: &Quantity) -> f64 {
        match quantity {
            Quantity::Own(distribution) => distribution.mean(),
            Quantity::Shared(shared) => self
                .distributions
                .get(&shared.input)
                .map_or(0.0, |d| d.mean() * shared.scale),
        }
    }

    /// Least likely value of a figure.
    pub(super) fn likely_low(&self, quantity: &Quantity) -> f64 {
        self.likely(quantity).into_iter().fold(f64::MAX, f64::min)
    }

    /// Greatest likely value of a figure.
    pub(super) fn likely_high(&self, quantity: &Quantity) -> f64 {
        self.likely(quantity).into_iter().fold(f64::MIN, f64::max)
    }

    fn likely(&self, quantity: &Quantity) -> [f64; 2] {
        match quantity {
            Quantity::Own(distribution) => likely_range(distribution),
            Quantity::Shared(shared) => self
                .distributions
                .get(&shared.input)
                .map_or([0.0; 2], |d| likely_range(d).map(|end| end * shared.scale)),
        }
    }

    /// Ties the groups of correlated inputs together.
    pub(super) fn correlate(
        &mut self,
        scenario: &Scenario,
    ) -> Result<Vec<CorrelatedInputs>, ScenarioError> {
        let mut grouped = BTreeSet::new();
        let mut groups = Vec::new();
        for (i, group) in scenario.correlations.iter().enumerate() {
            let path = format!("correlations[{i}]");
            let mut members = Vec::new();
            for (j, name) in group.inputs.iter().enumerate() {
                let at = format!("{path}.inputs[{j}]");
                match self.find_named(name, &at)? {
                    Term::Input { index, .. } if grouped.insert(index) => members.push(index),
                    Term::Input { .. } => {
                        let what = "correlated input";
                        return Err(Problem::Duplicate {
                            what,
                            name: name.clone(),
                        }
                        .at(at));
                    }
                    Term::Fixed(_) => {
                        let problem = format!("\"{name}\" is certain; give it a distribution");
                        return Err(Problem::Correlation(problem).at(at));
                    }
                }
            }
            let (copula, repair) = Copula::new(group.inputs.clone(), &group.matrix, group.scale)
                .map_err(|e| Problem::Correlation(e.to_string()).at(format!("{path}.matrix")))?;
            if let Some(repair) = repair {
                self.flags.push(describe(&path, &repair));
            }
            groups.push(CorrelatedInputs { members, copula });
        }
        Ok(groups)
    }

    fn own(&mut self, distribution: &Distribution, name: String, about: About<'_>) -> Term {
        if let Distribution::Fixed(value) = distribution {
            return Term::Fixed(*value);
        }
        let index = self.push(name, Draw::Quantile(distribution.clone()), about);
        Term::Input { index, scale: 1.0 }
    }

    fn find_named(&self, name: &str, path: &str) -> Result<Term, ScenarioError> {
        self.named.get(name).copied().ok_or_else(|| {
            let known = self.named.keys().cloned().collect();
            Problem::Unknown {
                what: "input",
                name: name.to_owned(),
                known,
            }
            .at(path)
        })
    }

    fn push(&mut self, name: String, draw: Draw, about: About<'_>) -> usize {
        let name = self.unused(name);
        let stream = self.inputs.len();
        self.inputs.push(Input {
            name,
            unit: about.unit.to_owned(),
            grade: about.grade,
            note: about.note.to_owned(),
            draw,
            stream,
        });
        stream
    }

    /// The name, numbered if it is taken.
    fn unused(&mut self, name: String) -> String {
        let mut unused = name;
        let mut count = 1;
        while !self.taken.insert(unused.clone()) {
            count += 1;
            let stem = unused
                .strip_suffix(&format!(" ({})", count - 1))
                .unwrap_or(&unused);
            unused = format!("{stem} ({count})");
        }
        unused
    }
}

fn scaled(term: Term, factor: f64) -> Term {
    match term {
        Term::Fixed(value) => Term::Fixed(value * factor),
        Term::Input { index, scale } => Term::Input {
            index,
            scale: scale * factor,
        },
    }
}

/// What was done to a matrix that no inputs can have.
fn describe(path: &str, repair: &Repair) -> String {
    let pairs: Vec<String> = repair
        .moved
        .iter()
        .map(|m| {
            format!(
                "{} and {} from {} to {:.4}",
                m.inputs[0], m.inputs[1], m.asked, m.used
            )
        })
        .collect();
    format!(
        "{path}: no correlations can be these (smallest eigenvalue {:.4}); the nearest ones were \
         taken: {}",
        repair.smallest_eigenvalue,
        pairs.join("; ")
    )
}

fn check(distribution: &Distribution, path: &str) -> Result<(), ScenarioError> {
    distribution
        .validate()
        .map_err(|e| Problem::Distribution(e.to_string()).at(path))
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
