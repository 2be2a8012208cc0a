//! Numbers the inputs of a model while its figures are resolved.

mod correlate;
mod figure;

use std::collections::{BTreeMap, BTreeSet};

use super::range::Range;
use super::{Draw, Input, InputId, Term};
use crate::baseline::Baseline;
use crate::flag::Flag;
use crate::inputs::{Distribution, Grade};
use crate::scenario::{NamedInput, Problem, Quantity, Scenario, ScenarioError};

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
    pub(super) flags: Vec<Flag>,
    /// Inputs that a copula ties to others.
    grouped: BTreeSet<InputId>,
    /// Input whose draw the next figure takes.
    leader: Option<InputId>,
}

impl Builder {
    /// Numbers the named inputs of the records, then of a scenario, in the order of their names.
    pub(super) fn new(
        scenario: &Scenario,
        baseline: Option<&Baseline>,
    ) -> Result<Self, ScenarioError> {
        let mut builder = Self::default();
        if let Some(baseline) = baseline {
            builder.name_inputs(&baseline.inputs)?;
        }
        builder.name_inputs(&scenario.inputs)?;
        Ok(builder)
    }

    fn name_inputs(&mut self, inputs: &BTreeMap<String, NamedInput>) -> Result<(), ScenarioError> {
        for (name, input) in inputs {
            let path = format!("inputs.{name}");
            if self.named.contains_key(name) {
                let problem = "the baseline has an input of this name; give yours another";
                return Err(Problem::Conflict(problem.to_owned()).at(path));
            }
            check(&input.distribution, &format!("{path}.distribution"))?;
            let about = About {
                unit: &input.unit,
                grade: input.grade,
                note: &input.note,
            };
            let term = self.own(&input.distribution, name.clone(), about);
            self.named.insert(name.clone(), term);
            self.distributions
                .insert(name.clone(), input.distribution.clone());
        }
        Ok(())
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
        self.check_range(quantity, path, range)?;
        let leader = self.leader.take();
        match quantity {
            Quantity::Own(distribution) => match leader {
                Some(leader) => self.follow(leader, distribution, name, about, path),
                None => Ok(self.own(distribution, name, about)),
            },
            Quantity::Shared(shared) => {
                let term = self.find_named(&shared.input, path)?;
                Ok(term.scaled(shared.scale))
            }
        }
    }

    /// Refuses a figure that cannot be, or does not lie in `range`.
    pub(super) fn check_range(
        &self,
        quantity: &Quantity,
        path: &str,
        range: Range,
    ) -> Result<(), ScenarioError> {
        match quantity {
            Quantity::Own(distribution) => check(distribution, path)?,
            Quantity::Shared(shared) => {
                Problem::unless_within(shared.scale, -1e15, 1e15, "give a number")
                    .map_err(|p| p.at(format!("{path}.scale")))?;
                self.find_named(&shared.input, path)?;
            }
        }
        for end in self.likely(quantity) {
            Problem::unless_within(end, range.low, range.high, range.fix)
                .map_err(|p| p.at(path))?;
        }
        Ok(())
    }

    /// Makes the next figure the same draw as that of an input, each through its own distribution,
    /// unless it names an input itself.
    pub(super) fn following(&mut self, leader: Option<InputId>) -> &mut Self {
        self.leader = leader;
        self
    }

    fn follow(
        &mut self,
        leader: InputId,
        distribution: &Distribution,
        name: String,
        about: About<'_>,
        path: &str,
    ) -> Result<Term, ScenarioError> {
        let of_leader = &self.inputs[leader];
        if of_leader.draw == Draw::Quantile(distribution.clone()) {
            let (index, scale) = (leader, 1.0);
            return Ok(Term::Input { index, scale });
        }
        if self.grouped.contains(&leader) {
            let problem = format!(
                "the pilot's figure is the correlated input \"{}\", and this is another figure; name \
                 the same input, or set draws = \"own\" in the gate",
                of_leader.name
            );
            return Err(Problem::Conflict(problem).at(path));
        }
        let stream = of_leader.stream;
        let term = self.own(distribution, name, about);
        if let Term::Input { index, .. } = term {
            self.inputs[index].stream = stream;
        }
        Ok(term)
    }

    /// Adds a standard normal input.
    pub(super) fn normal(&mut self, name: String, note: &str) -> InputId {
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

    /// Adds an input that is 1 with a probability; where it follows another, both succeed together
    /// as far as their probabilities allow.
    pub(super) fn success(&mut self, name: String, probability: f64) -> InputId {
        let (draw, leader) = (Draw::Success(probability), self.leader.take());
        if let Some(leader) = leader.filter(|&leader| self.inputs[leader].draw == draw) {
            return leader;
        }
        let about = About {
            unit: "1 is yes",
            ..About::default()
        };
        let index = self.push(name, draw, about);
        if let Some(leader) = leader {
            self.inputs[index].stream = self.inputs[leader].stream;
        }
        index
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

    /// The named input that is a cause of errors.
    pub(super) fn standard_normal(&self, name: &str, path: &str) -> Result<InputId, ScenarioError> {
        let standard = Draw::Quantile(Distribution::Normal { mean: 0.0, sd: 1.0 });
        match self.find_named(name, path)? {
            Term::Input { index, .. } if self.inputs[index].draw == standard => Ok(index),
            _ => {
                let problem = format!(
                    "\"{name}\" is no standard normal; a cause is an input that is normal with mean 0 and sd 1"
                );
                Err(Problem::Conflict(problem).at(path))
            }
        }
    }

    fn push(&mut self, name: String, draw: Draw, about: About<'_>) -> InputId {
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
        InputId(stream)
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

fn check(distribution: &Distribution, path: &str) -> Result<(), ScenarioError> {
    distribution
        .validate()
        .map_err(|e| Problem::Distribution(e.to_string()).at(path))
}
