//! `through = "link/ID"` with `change = { EXPOSURE = … }` in place of an effect's size and grade.

use std::collections::BTreeMap;

use keepworth_contract::finance::Grade;
use keepworth_contract::simulator::{Link, LinkSegment, LinkVerdict, ReferenceKind, RunReference};
use keepworth_contract::{Flag, FlagCode, Word};
use keepworth_sim::inputs::Distribution;
use keepworth_sim::scenario::{Effect, Lever, Problem, Quantity};

use super::evidence::{engine, written};
use super::product;
use super::{Library, ReferError, at};

/// What a scenario may do with a link.
#[derive(Debug, Clone, PartialEq)]
pub enum LinkUse {
    /// Draw from its coefficient: mean and standard deviation of the log hazard ratio per unit.
    Draw {
        /// Mean.
        mean: f64,
        /// Standard deviation.
        sd: f64,
    },
    /// Go through it and move nothing.
    Nothing,
    /// Not go through it.
    Refused,
}

/// A link as it is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundLink {
    /// Its id.
    pub id: String,
    /// The exposure as scenarios name it, such as `repeat_contacts`.
    pub exposure: String,
    /// What may be done with it.
    pub usable: LinkUse,
    /// Why, in one sentence.
    pub reason: String,
    /// Its grade.
    pub grade: Grade,
    /// The exposure by segment.
    pub segments: Vec<LinkSegment>,
    /// Digest of the data that it was estimated from.
    pub hash: String,
    /// What must be read before it is believed.
    pub flags: Vec<Flag>,
}

impl From<Link> for FoundLink {
    fn from(it: Link) -> Self {
        let usable = match (it.verdict, it.coefficient) {
            (LinkVerdict::Estimated | LinkVerdict::Warned, Some(coefficient)) => LinkUse::Draw {
                mean: coefficient.per_unit.value,
                sd: coefficient.per_unit.se,
            },
            (LinkVerdict::Null, _) => LinkUse::Nothing,
            _ => LinkUse::Refused,
        };
        Self {
            id: it.id.to_string(),
            exposure: it.definition.exposure.name().to_lowercase(),
            usable,
            reason: it.reason,
            grade: it.grade,
            segments: it.segments,
            hash: it.data_hash,
            flags: it.quality_flags,
        }
    }
}

/// Puts what a link says in place of an effect's reference to it; answers what it came to, if there is one.
pub(super) fn refer<L: Library>(
    effect: &mut Effect,
    reach: &BTreeMap<String, f64>,
    path: &str,
    library: &mut L,
) -> Result<Option<RunReference>, ReferError<L::Error>> {
    let Some(through) = effect.through.take() else {
        return Ok(None);
    };
    let refuse = |reason: String| at(format!("{path}.through"), Problem::Reference(reason));
    let id = through.strip_prefix("link/").ok_or_else(|| {
        refuse(format!(
            "is \"{through}\"; write \"link/ID\" with an id that `keepworth link list` shows"
        ))
    })?;
    let found = library.link(id).map_err(ReferError::Library)?;
    let found = found.ok_or_else(|| {
        refuse(format!(
            "no link has the id \"{id}\"; `keepworth link list` shows what there is, `keepworth link fit` estimates one"
        ))
    })?;
    refuse_misuse(effect, path)?;
    if found.usable == LinkUse::Refused {
        let reason = format!(
            "the link {id} was refused: {}; no scenario can go through it: estimate another, or write size and grade \
             here",
            found.reason
        );
        return Err(refuse(reason).into());
    }
    let change = change(effect, &found, reach, path)?;
    let (size, grade, flags) = figures(&found, &change);
    effect.size = Some(Quantity::Own(size.clone()));
    effect.grade = Some(engine(grade));
    let note = format!(
        "through the link {id} of {}: {}",
        found.exposure, found.reason
    );
    effect.note = match effect.note.as_str() {
        "" => note,
        own => format!("{own} ({note})"),
    };
    Ok(Some(RunReference {
        path: path.to_owned(),
        kind: ReferenceKind::Link,
        key: found.id,
        version: 1,
        hash: found.hash,
        size: written(&size),
        grade: Some(grade),
        overdue_since: None,
        quality_flags: flags,
    }))
}

/// Size, grade and what must be said of a change through a link.
fn figures(found: &FoundLink, change: &Distribution) -> (Distribution, Grade, Vec<Flag>) {
    match found.usable {
        LinkUse::Draw { mean, sd } => {
            let size = product::effect(change, mean, sd);
            (size, found.grade, found.flags.clone())
        }
        LinkUse::Nothing | LinkUse::Refused => {
            let detail = format!(
                "the link {} of {} moves nothing: {}",
                found.id, found.exposure, found.reason
            );
            let flag = Flag::new(FlagCode::LinkMovesNothing, detail);
            let flags = std::iter::once(flag).chain(found.flags.iter().cloned());
            (Distribution::Fixed(0.0), Grade::D, flags.collect())
        }
    }
}

/// A link speaks of leaving, and says size and grade itself.
fn refuse_misuse<E>(effect: &Effect, path: &str) -> Result<(), ReferError<E>> {
    let refuse = |reason: &str| {
        let problem = Problem::Conflict(reason.to_owned());
        Err(at(path.to_owned(), problem).into())
    };
    if effect.on != Lever::Hazard {
        return refuse("goes through a link, which speaks of leaving alone; say on = \"hazard\"");
    }
    if effect.size.is_some() || effect.grade.is_some() || effect.evidence.is_some() {
        return refuse(
            "gives size, grade or evidence beside through: the link says size and grade; remove one of them",
        );
    }
    Ok(())
}

/// The change of the exposure in its own unit.
fn change<E>(
    effect: &mut Effect,
    found: &FoundLink,
    reach: &BTreeMap<String, f64>,
    path: &str,
) -> Result<Distribution, ReferError<E>> {
    let refuse =
        |field: &str, reason: String| at(format!("{path}{field}"), Problem::Reference(reason));
    let (relative, absolute) = (
        std::mem::take(&mut effect.change),
        std::mem::take(&mut effect.change_by),
    );
    let all: Vec<_> = (relative.into_iter().map(|it| (it, true)))
        .chain(absolute.into_iter().map(|it| (it, false)))
        .collect();
    let exposure = &found.exposure;
    let [((named, quantity), is_relative)] = &all[..] else {
        let reason = format!(
            "goes through a link of {exposure} and gives {} changes; give one: change = {{ {exposure} = \"-30% to \
             -10%\" }}, or change_by for points or contacts",
            all.len()
        );
        return Err(refuse("", reason).into());
    };
    let field = if *is_relative {
        ".change"
    } else {
        ".change_by"
    };
    if named != exposure {
        let reason = format!(
            "changes {named}, and the link is of {exposure}; change that, or take another link"
        );
        return Err(refuse(field, reason).into());
    }
    let Quantity::Own(distribution) = quantity else {
        let reason = "names an input; write the change of an experience here".to_owned();
        return Err(refuse(field, reason).into());
    };
    let distribution = ordered(distribution);
    if let Err(error) = distribution.validate() {
        return Err(refuse(field, error.to_string()).into());
    }
    if !is_relative {
        return Ok(distribution);
    }
    let mean = mean(found, reach).map_err(|reason| refuse(".through", reason))?;
    Ok(scaled(&distribution, mean))
}

/// "-10% to -30%" is what people say of less.
fn ordered(distribution: &Distribution) -> Distribution {
    match distribution {
        Distribution::Interval([a, b]) if a > b => Distribution::Interval([*b, *a]),
        other => other.clone(),
    }
}

/// The distribution times a factor that is not negative.
fn scaled(distribution: &Distribution, factor: f64) -> Distribution {
    match distribution {
        Distribution::Fixed(value) => Distribution::Fixed(value * factor),
        _ if factor == 0.0 => Distribution::Fixed(0.0),
        Distribution::Interval(bounds) => Distribution::Interval(bounds.map(|it| it * factor)),
        other => {
            let points =
                (0..1_000).map(|i| other.quantile((f64::from(i) + 0.5) / 1_000.0) * factor);
            Distribution::Empirical(points.collect())
        }
    }
}

/// Mean exposure of those reached: customer-months of each segment times its reach.
fn mean(found: &FoundLink, reach: &BTreeMap<String, f64>) -> Result<f64, String> {
    let (mut months, mut sum) = (0.0, 0.0);
    for (segment, share) in reach.iter().filter(|(_, share)| **share > 0.0) {
        let known = found.segments.iter().find(|it| it.segment == *segment);
        let known = known.ok_or_else(|| {
            let names: Vec<&str> = found.segments.iter().map(|it| it.segment.as_str()).collect();
            format!(
                "the link {} knows nothing of the segment `{segment}`, which the initiative reaches; it knows {}: \
                 reach these alone, or say by how much it changes (change_by)",
                found.id,
                names.join(", ")
            )
        })?;
        let weight = share * known.customer_months as f64;
        months += weight;
        sum += weight * known.mean;
    }
    Ok(if months > 0.0 { sum / months } else { 0.0 })
}

#[cfg(test)]
mod tests;
