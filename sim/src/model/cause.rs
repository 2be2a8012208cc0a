//! Causes of leaving that effects name.

use std::collections::BTreeSet;

use super::builder::{About, Builder};
use super::range::Range;
use super::source::Source;
use super::{EffectGroups, Segment, Term};
use crate::flag::{Flag, FlagCode};
use crate::inputs::Distribution;
use crate::kernel::{LANES, Lane};
use crate::scenario::{self, Lever, Problem, Quantity, Scenario, ScenarioError};

/// What is added to each cause's count: Jeffreys' prior of shares.
const PRIOR: f64 = 0.5;

/// Leavers from whom on a share is as good as certain: more are told as so many.
const SURE: f64 = 5e5;

/// Causes of leaving in a segment that effects name there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Causes(Vec<Cause>);

/// A cause of leaving.
#[derive(Debug, Clone)]
pub(crate) struct Cause {
    pub(crate) name: String,
    /// Gamma variate: its share of them all is drawn as theirs are, from a Dirichlet.
    weight: Term,
    /// What acts on it.
    pub(crate) effects: EffectGroups,
}

impl Causes {
    /// Whether no effect names any.
    pub(crate) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Cause> {
        self.0.iter()
    }

    pub(crate) fn iter_mut(&mut self) -> impl Iterator<Item = &mut Cause> {
        self.0.iter_mut()
    }

    /// Those that something acts on, each with its share of what experience could remove.
    pub(crate) fn acted_on(&self, values: &[Lane]) -> impl Iterator<Item = (&Cause, Lane)> {
        let mut all = [0.0; LANES];
        for cause in &self.0 {
            let weight = cause.weight.lane(values);
            for l in 0..LANES {
                all[l] += weight[l];
            }
        }
        let acted_on = self.0.iter().filter(|cause| !cause.effects.is_empty());
        acted_on.map(move |cause| {
            let mut share = cause.weight.lane(values);
            for l in 0..LANES {
                share[l] /= all[l];
            }
            (cause, share)
        })
    }
}

impl Causes {
    /// The mean share of one among them.
    pub(super) fn mean_share(&self, name: &str, builder: &Builder) -> f64 {
        let weight = |cause: &Cause| builder.mean_of(cause.weight);
        let all: f64 = self.0.iter().map(weight).sum();
        let own: f64 = self.0.iter().filter(|it| it.name == name).map(weight).sum();
        own / all
    }
}

/// Resolves the causes of the segments in which an effect names one.
pub(super) fn causes(
    scenario: &Scenario,
    sources: &[Source],
    segments: &mut [Segment],
    builder: &mut Builder,
) -> Result<(), ScenarioError> {
    let reached = check_named(scenario, sources)?;
    for (source, segment) in sources.iter().zip(segments) {
        let name = &source.figures.name;
        if !reached.contains(name) {
            continue;
        }
        let counted = source.figures.causes.iter().flatten();
        let most = counted.map(|it| it.left).max().unwrap_or_default();
        let scale = f64::min(1.0, SURE / most.max(1) as f64);
        let mut causes = Vec::new();
        for (i, written) in source.figures.causes.iter().flatten().enumerate() {
            let gamma = Distribution::Gamma {
                shape: scale * written.left as f64 + PRIOR,
                scale: 1.0,
            };
            let note = format!("{} are known to have left for it", written.left);
            let about = About {
                unit: "weight among causes",
                note: &note,
                ..About::default()
            };
            let input = format!("segments.{name}.cause {}", written.name);
            let path = format!("{}.causes[{i}]", source.path);
            causes.push(Cause {
                name: written.name.clone(),
                weight: builder.term(&Quantity::Own(gamma), input, about, &path, Range::ANY)?,
                effects: Vec::new(),
            });
        }
        segment.causes = Causes(causes);
    }
    Ok(())
}

/// The segments in which an effect names a cause; refuses one that nobody left for there.
fn check_named(scenario: &Scenario, sources: &[Source]) -> Result<BTreeSet<String>, ScenarioError> {
    let mut reached = BTreeSet::new();
    for (i, initiative) in scenario.initiatives.iter().enumerate() {
        for (j, effect) in initiative.effects.iter().enumerate() {
            let Some(cause) = &effect.cause else {
                continue;
            };
            let path = format!("initiatives[{i}].effects[{j}].cause");
            if effect.on != Lever::Hazard {
                let problem =
                    "a cause is one of leaving: it belongs to an effect on hazard; leave it out";
                return Err(Problem::Conflict(problem.to_owned()).at(path));
            }
            for name in effect.acts_in(initiative) {
                let Some(source) = sources.iter().find(|it| it.figures.name == *name) else {
                    continue;
                };
                check_known(&source.figures, cause).map_err(|problem| problem.at(path.clone()))?;
                reached.insert(name.clone());
            }
        }
    }
    Ok(reached)
}

fn check_known(segment: &scenario::Segment, cause: &str) -> Result<(), Problem> {
    let all = || segment.causes.iter().flatten();
    let mut seen = BTreeSet::new();
    if let Some(twice) = all().find(|it| !seen.insert(&it.name)) {
        return Err(Problem::Duplicate {
            what: "cause",
            name: twice.name.clone(),
        });
    }
    if all().any(|it| it.name == cause && it.left > 0) {
        return Ok(());
    }
    let known: Vec<String> = all()
        .filter(|it| it.left > 0)
        .map(|it| format!("{} ({} left)", it.name, it.left))
        .collect();
    let known = match known.is_empty() {
        true => "no cause that experience could remove is recorded there".to_owned(),
        false => format!("recorded there: {}", known.join(", ")),
    };
    Err(Problem::Conflict(format!(
        "nobody is known to have left segment \"{}\" for \"{cause}\"; {known}; name one of those, or leave cause out and give \
         the size as a share of all leaving",
        segment.name
    )))
}

/// Says which share of leaving an effect acts on.
pub(super) fn flag(
    initiative: &str,
    cause: &str,
    source: &scenario::Segment,
    share: f64,
) -> Option<Flag> {
    let mut all = source.causes.iter().flatten();
    let left = all.find(|it| it.name == cause)?.left;
    let detail = format!(
        "{initiative}: acts on {cause}, {:.0}% of leaving in {} (of {left} who are known to have left for it); its size is a \
         share of that",
        100.0 * share,
        source.name
    );
    Some(Flag::new(FlagCode::ActsOnCause, initiative, detail))
}
