//! What contacts are about, where effects name it.

use std::collections::BTreeSet;

use super::builder::{About, Builder};
use super::division::{Counted, Division};
use super::initiative::Placement;
use super::range::Range;
use super::source::Source;
use super::{Segment, Term};
use crate::flag::{Flag, FlagCode};
use crate::scenario::{self, Channel, Issue, Lever, Problem, Scenario, ScenarioError};

/// Minutes a contact; only how they compare counts.
const MINUTES: Range = Range {
    low: 0.0,
    high: 1e6,
    fix: "give minutes of handling per contact, 0 or more",
};

/// Resolves the issues of the channels in which an effect names one.
pub(super) fn issues(
    scenario: &Scenario,
    sources: &[Source],
    segments: &mut [Segment],
    builder: &mut Builder,
) -> Result<(), ScenarioError> {
    let named = check_named(scenario, sources)?;
    for (source, segment) in sources.iter().zip(segments) {
        let written = source.figures.channels.iter().flatten();
        for ((i, written), channel) in written.enumerate().zip(&mut segment.channels) {
            let path = format!("{}.channels[{i}].issues", source.path);
            check_issues(&written.issues).map_err(|problem| problem.at(&path))?;
            if let Some(effect) = written.issues_design_effect {
                let path = format!("{path}_design_effect");
                if written.issues.is_empty() {
                    let problem = "no issues are told whose shares it could widen; give issues, or leave it out";
                    return Err(Problem::Conflict(problem.to_owned()).at(path));
                }
                let fix = "give how many times shares vary as much as those of contacts drawn by lots, 1 or more";
                Problem::unless_within(effect, 1.0, 1e6, fix)
                    .map_err(|problem| problem.at(path))?;
            }
            if named.contains(&(source.figures.name.clone(), written.name.clone())) {
                channel.issues = divide(&source.figures.name, written, &path, builder)?;
            }
        }
    }
    Ok(())
}

fn divide(
    segment: &str,
    channel: &Channel,
    path: &str,
    builder: &mut Builder,
) -> Result<Division, ScenarioError> {
    let effect = channel.issues_design_effect.unwrap_or(1.0);
    let note = |issue: &Issue| format!("counted in {} contacts", issue.contacts);
    let notes: Vec<String> = channel.issues.iter().map(note).collect();
    let mut counted = Vec::new();
    for (i, issue) in channel.issues.iter().enumerate() {
        let path = format!("{path}[{i}]");
        let input = format!("segments.{segment}.{}.issue {}", channel.name, issue.name);
        let minutes = About {
            unit: "minutes a contact",
            ..About::default()
        };
        let each = match &issue.minutes {
            Some(written) => {
                let path = format!("{path}.minutes");
                builder.term(written, format!("{input} minutes"), minutes, &path, MINUTES)?
            }
            None => Term::Fixed(1.0),
        };
        counted.push(Counted {
            name: &issue.name,
            count: issue.contacts as f64 / effect,
            each,
            input,
            about: About {
                unit: "weight among issues",
                note: &notes[i],
                ..About::default()
            },
            path,
        });
    }
    Division::of(counted, builder)
}

/// Refuses issues that are told twice, minutes of a part of them, and minutes that are none.
fn check_issues(issues: &[Issue]) -> Result<(), Problem> {
    let mut seen = BTreeSet::new();
    if let Some(twice) = issues.iter().find(|it| !seen.insert(&it.name)) {
        return Err(Problem::Duplicate {
            what: "issue",
            name: twice.name.clone(),
        });
    }
    let takes_none = |it: &Issue| it.minutes.as_ref().is_some_and(|it| *it == 0.0.into());
    if !issues.is_empty() && issues.iter().all(takes_none) {
        let problem = "no issue takes any minutes, so that none has a share of them; leave minutes out, and all take equally long";
        return Err(Problem::Conflict(problem.to_owned()));
    }
    let (with, without): (Vec<&Issue>, Vec<&Issue>) =
        issues.iter().partition(|it| it.minutes.is_some());
    match (with.first(), without.first()) {
        (Some(with), Some(without)) => Err(Problem::Conflict(format!(
            "\"{}\" says how many minutes its contacts take and \"{}\" does not; give minutes of all issues of the channel, \
             or of none",
            with.name, without.name
        ))),
        _ => Ok(()),
    }
}

/// The segments and channels in which an effect names an issue; refuses one that nobody had there.
fn check_named(
    scenario: &Scenario,
    sources: &[Source],
) -> Result<BTreeSet<(String, String)>, ScenarioError> {
    let mut named = BTreeSet::new();
    for (i, initiative) in scenario.initiatives.iter().enumerate() {
        for (j, effect) in initiative.effects.iter().enumerate() {
            let Some(issue) = &effect.issue else {
                continue;
            };
            let path = format!("initiatives[{i}].effects[{j}].issue");
            if !matches!(effect.on, Lever::Contacts | Lever::Minutes) {
                let problem = "an issue is what contacts are about: it belongs to an effect on contacts or minutes; leave it out";
                return Err(Problem::Conflict(problem.to_owned()).at(path));
            }
            for name in effect.acts_in(initiative) {
                let Some(source) = sources.iter().find(|it| it.figures.name == *name) else {
                    continue;
                };
                let touched = touched(&source.figures, effect);
                let having: Vec<&&Channel> = touched.iter().filter(|it| has(it, issue)).collect();
                if having.is_empty() {
                    return Err(nobody(&touched, name, issue).at(path));
                }
                let having = having.iter().map(|it| (name.clone(), it.name.clone()));
                named.extend(having);
            }
        }
    }
    Ok(named)
}

/// The channels of a segment that an effect may touch.
fn touched<'a>(segment: &'a scenario::Segment, effect: &scenario::Effect) -> Vec<&'a Channel> {
    let is_meant = |it: &&Channel| {
        let channel = effect.channel.as_ref();
        channel.is_none_or(|name| *name == it.name)
    };
    segment.channels.iter().flatten().filter(is_meant).collect()
}

/// Whether contacts of a channel were counted that were about an issue.
fn has(channel: &Channel, issue: &str) -> bool {
    let mut issues = channel.issues.iter();
    issues.any(|it| it.name == issue && it.contacts > 0)
}

fn nobody(channels: &[&Channel], segment: &str, issue: &str) -> Problem {
    let counted = channels.iter().flat_map(|channel| {
        let issues = channel.issues.iter().filter(|it| it.contacts > 0);
        issues.map(|it| format!("{} ({} by {})", it.name, it.contacts, channel.name))
    });
    let counted: Vec<String> = counted.collect();
    let counted = match counted.is_empty() {
        true => "no list of issues is told there (channels that a scenario writes bring their own `issues`, and a baseline tells \
                 none where agents typed more than a list)"
            .to_owned(),
        false => format!("told there: {}", counted.join(", ")),
    };
    Problem::Conflict(format!(
        "no contact of segment \"{segment}\" is told to be about \"{issue}\"; {counted}; name one of those, or leave issue out and \
         give the size as a share of all contacts"
    ))
}

/// Says which share of contacts an effect acts on.
pub(super) fn flags(
    placement: &Placement,
    sources: &[Source],
    segments: &[Segment],
    builder: &Builder,
) -> Vec<Flag> {
    let Some(issue) = placement.part.as_ref().filter(|_| placement.on_contacts()) else {
        return Vec::new();
    };
    let mut flags = Vec::new();
    for (source, segment) in sources.iter().zip(segments) {
        if placement
            .reach
            .get(&segment.name)
            .is_none_or(|it| *it == 0.0)
        {
            continue;
        }
        let written = source.figures.channels.iter().flatten();
        for (written, channel) in written.zip(&segment.channels) {
            if !placement.touches(channel) {
                continue;
            }
            let counted: u64 = written.issues.iter().map(|it| it.contacts).sum();
            let detail = format!(
                "{}: acts on {issue}, {:.0}% of the contacts of {} by {} (of {counted} of which it is known); its size is a share \
                 of that",
                placement.initiative,
                100.0 * channel.issues.mean_share(issue, builder),
                segment.name,
                channel.name
            );
            flags.push(Flag::new(
                FlagCode::ActsOnIssue,
                &placement.initiative,
                detail,
            ));
        }
    }
    flags
}
