//! Causes of leaving that effects name.

use std::collections::BTreeSet;

use super::builder::{About, Builder};
use super::division::{Counted, Division};
use super::source::Source;
use super::{Segment, Term};
use crate::flag::{Flag, FlagCode};
use crate::scenario::{self, Lever, Problem, Scenario, ScenarioError};

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
        let notes = source.figures.causes.iter().flatten();
        let notes: Vec<String> = notes
            .map(|written| format!("{} are known to have left for it", written.left))
            .collect();
        let mut counted = Vec::new();
        for (i, written) in source.figures.causes.iter().flatten().enumerate() {
            counted.push(Counted {
                name: &written.name,
                count: written.left as f64,
                each: Term::Fixed(1.0),
                input: format!("segments.{name}.cause {}", written.name),
                about: About {
                    unit: "weight among causes",
                    note: &notes[i],
                    ..About::default()
                },
                path: format!("{}.causes[{i}]", source.path),
            });
        }
        segment.causes = Division::of(counted, builder)?;
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
