//! `evidence = "KEY"` in place of an effect's size and grade.

use keepworth_contract::FlagCode;
use keepworth_contract::finance::Grade;
use keepworth_contract::simulator::{Evidence, EvidenceLever, ReferenceKind, RunReference};
use keepworth_sim::inputs::{Distribution, Grade as EngineGrade};
use keepworth_sim::scenario::{Effect, Lever, Problem, Quantity};
use serde::Serialize;

use super::size::distribution;
use super::{Library, ReferError, at};

/// Characters of a hash by which people tell versions apart.
pub(super) const SHORT: usize = 12;

/// Evidence as a library has it.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundEvidence {
    /// Its key.
    pub key: String,
    /// Which version, from 1.
    pub version: u32,
    /// SHA-256 of what that version says.
    pub hash: String,
    /// What it is called.
    pub title: String,
    /// What it speaks of.
    pub lever: Lever,
    /// How large the effect is, as a fraction.
    pub size: Distribution,
    /// Its grade.
    pub grade: Grade,
    /// The day until which it was to be looked at again, where that day has passed.
    pub overdue_since: Option<chrono::NaiveDate>,
    /// Why it was withdrawn, if it was.
    pub withdrawn: Option<String>,
}

impl From<Evidence> for FoundEvidence {
    fn from(it: Evidence) -> Self {
        let mut flags = it.quality_flags.iter();
        let is_overdue = flags.any(|flag| flag.code == FlagCode::ReviewOverdue);
        Self {
            version: it.version,
            hash: it.hash,
            lever: lever(it.statement.lever),
            size: distribution(&it.statement.size),
            grade: it.grade,
            overdue_since: is_overdue.then_some(it.statement.review_on),
            withdrawn: it.withdrawn,
            key: it.statement.key,
            title: it.statement.title,
        }
    }
}

impl FoundEvidence {
    /// Its key and version, which lead to the same for ever.
    #[must_use]
    pub fn pinned(&self) -> String {
        format!("{}@{}", self.key, self.version)
    }

    fn in_words(&self) -> String {
        let size = written(&self.size);
        format!(
            "{size} of grade {:?}, by the evidence \"{}\"",
            self.grade, self.key
        )
    }

    /// What a reader of the result is told.
    fn note(&self) -> String {
        let short: String = self.hash.chars().take(SHORT).collect();
        let overdue = self
            .overdue_since
            .map_or_else(String::new, |day| format!("; was to be reviewed by {day}"));
        format!(
            "evidence {} ({short}): {}{overdue}",
            self.pinned(),
            self.title
        )
    }
}

/// Puts evidence in place of an effect's reference to it; answers what it came to, if there is one.
pub(super) fn refer<L: Library>(
    effect: &mut Effect,
    path: &str,
    library: &mut L,
) -> Result<Option<RunReference>, ReferError<L::Error>> {
    let Some(key) = effect.evidence.take() else {
        return Ok(None);
    };
    let refuse = |reason: String| at(format!("{path}.evidence"), Problem::Reference(reason));
    let found = library.evidence(&key).map_err(ReferError::Library)?;
    let found = found.ok_or_else(|| {
        refuse(format!(
            "no evidence has the key \"{key}\"; `keepworth evidence list` shows what there is, \
             `keepworth evidence add` adds to it"
        ))
    })?;
    if let Some(reason) = &found.withdrawn {
        let reason = format!(
            "the evidence \"{key}\" was withdrawn: {reason}; name other evidence, or write size \
             and grade here"
        );
        return Err(refuse(reason).into());
    }
    if found.lever != effect.on {
        let [theirs, ours] = [found.lever, effect.on].map(word);
        let reason = format!(
            "the evidence \"{key}\" speaks of {theirs}, the effect is on {ours}; name evidence of \
             {ours}, or say on = \"{theirs}\""
        );
        return Err(refuse(reason).into());
    }
    refuse_two_readings(effect, &found, path)?;
    effect.size = Some(Quantity::Own(found.size.clone()));
    effect.grade = Some(engine(found.grade));
    effect.note = match effect.note.as_str() {
        "" => found.note(),
        own => format!("{own} ({})", found.note()),
    };
    Ok(Some(RunReference {
        path: path.to_owned(),
        kind: ReferenceKind::Evidence,
        key: found.key.clone(),
        version: found.version,
        hash: found.hash.clone(),
        size: written(&found.size),
        grade: Some(found.grade),
        overdue_since: found.overdue_since,
        quality_flags: Vec::new(),
    }))
}

/// Size and grade are the evidence's or the scenario's: of both nobody would know which was meant.
fn refuse_two_readings<E>(
    effect: &Effect,
    found: &FoundEvidence,
    path: &str,
) -> Result<(), ReferError<E>> {
    let own = match (&effect.size, effect.grade) {
        (None, None) => return Ok(()),
        (Some(size), None) => format!("size = {}", written(size)),
        (None, Some(grade)) => format!("grade = \"{grade:?}\""),
        (Some(size), Some(grade)) => format!("size = {} and grade = \"{grade:?}\"", written(size)),
    };
    let reason = format!(
        "gives {own} beside evidence: it is either that, or {}; remove one of them",
        found.in_words()
    );
    Err(at(path.to_owned(), Problem::Conflict(reason)).into())
}

/// A grade in the engine's words.
pub(super) fn engine(grade: Grade) -> EngineGrade {
    match grade {
        Grade::A => EngineGrade::A,
        Grade::B => EngineGrade::B,
        Grade::C => EngineGrade::C,
        Grade::D => EngineGrade::D,
    }
}

/// A lever in the engine's words.
fn lever(lever: EvidenceLever) -> Lever {
    match lever {
        EvidenceLever::Hazard => Lever::Hazard,
        EvidenceLever::Contacts => Lever::Contacts,
        EvidenceLever::Minutes => Lever::Minutes,
        EvidenceLever::TrainingHours => Lever::TrainingHours,
        EvidenceLever::Arpu => Lever::Arpu,
        EvidenceLever::Referrals => Lever::Referrals,
        EvidenceLever::Cac => Lever::Cac,
        EvidenceLever::PricePremium => Lever::PricePremium,
    }
}

/// A lever as a scenario has it.
pub(crate) fn word(lever: Lever) -> String {
    written(&lever).trim_matches('"').to_owned()
}

/// As JSON, which is near enough to how a scenario has it.
pub(super) fn written(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
