//! Numbers the inputs of a model while its figures are resolved.

use std::collections::{BTreeMap, BTreeSet};

use super::{CorrelatedInputs, Draw, Input, Term};
use crate::baseline::Baseline;
use crate::flag::{Flag, FlagCode};
use crate::inputs::{Copula, Distribution, Grade, Repair};
use crate::scenario::{NamedInput, Problem, Quantity, Scenario, ScenarioError};

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
    /// Checked elsewhere.
    pub(super) const ANY: Self = Self {
        low: f64::NEG_INFINITY,
        high: f64::INFINITY,
        fix: "",
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
    pub(super) flags: Vec<Flag>,
    /// Inputs that a copula ties to others.
    grouped: BTreeSet<usize>,
    /// Input whose draw the next figure takes.
    leader: Option<usize>,
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
                Ok(scaled(term, shared.scale))
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
    pub(super) fn following(&mut self, leader: Option<usize>) -> &mut Self {
        self.leader = leader;
        self
    }

    fn follow(
        &mut self,
        leader: usize,
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

    /// Adds an input that is 1 with a probability; where it follows another, both succeed together
    /// as far as their probabilities allow.
    pub(super) fn success(&mut self, name: String, probability: f64) -> usize {
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

    /// Mean of a figure.
    pub(super) fn mean(&self, quantity: &Quantity) -> f64 {
        let distribution = self.distribution(quantity);
        distribution.map_or(0.0, |(distribution, scale)| distribution.mean() * scale)
    }

    /// The figure, if it is certain.
    pub(super) fn certain(&self, quantity: &Quantity) -> Option<f64> {
        let (distribution, scale) = self.distribution(quantity)?;
        match distribution {
            Distribution::Fixed(value) => Some(value * scale),
            _ => None,
        }
    }

    /// The least and the greatest value that a figure can have.
    pub(super) fn support(&self, quantity: &Quantity) -> [f64; 2] {
        let Some((distribution, scale)) = self.distribution(quantity) else {
            return [0.0; 2];
        };
        let [a, b] = distribution.support().map(|end| end * scale);
        [a.min(b), a.max(b)]
    }

    /// The value below which a share `u` of a figure's values lies.
    pub(super) fn quantile(&self, quantity: &Quantity, u: f64) -> f64 {
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
    pub(super) fn least(&self, term: Term) -> f64 {
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
    pub(super) fn mean_of(&self, term: Term) -> f64 {
        match term {
            Term::Fixed(value) => value,
            Term::Input { index, scale } => match &self.inputs[index].draw {
                Draw::Quantile(distribution) => distribution.mean() * scale,
                Draw::Success(probability) => probability * scale,
            },
        }
    }

    /// Greatest likely value of a figure.
    pub(super) fn likely_high(&self, quantity: &Quantity) -> f64 {
        self.likely(quantity).into_iter().fold(f64::MIN, f64::max)
    }

    fn likely(&self, quantity: &Quantity) -> [f64; 2] {
        let distribution = self.distribution(quantity);
        distribution.map_or([0.0; 2], |(distribution, scale)| {
            likely_range(distribution).map(|end| end * scale)
        })
    }

    /// Ties the groups of correlated inputs together: the records' and the scenario's.
    pub(super) fn correlate(
        &mut self,
        scenario: &Scenario,
        baseline: Option<&Baseline>,
    ) -> Result<Vec<CorrelatedInputs>, ScenarioError> {
        let mut groups = Vec::new();
        let of_records = baseline.map_or(&[][..], |baseline| &baseline.correlations);
        let of_records = of_records
            .iter()
            .zip(0..)
            .map(|(group, i)| ("baseline.", i, group));
        let written = scenario
            .correlations
            .iter()
            .zip(0..)
            .map(|(group, i)| ("", i, group));
        for (whose, i, group) in of_records.chain(written) {
            let i: usize = i;
            let path = format!("{whose}correlations[{i}]");
            let mut members = Vec::new();
            for (j, name) in group.inputs.iter().enumerate() {
                let at = format!("{path}.inputs[{j}]");
                match self.find_named(name, &at)? {
                    Term::Input { index, .. } if self.grouped.insert(index) => members.push(index),
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
fn describe(path: &str, repair: &Repair) -> Flag {
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
    let detail = format!(
        "{path}: no correlations can be these (smallest eigenvalue {:.4}); the nearest ones were \
         taken: {}",
        repair.smallest_eigenvalue,
        pairs.join("; ")
    );
    Flag::new(FlagCode::CorrelationsMoved, path, detail)
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
