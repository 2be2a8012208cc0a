//! What is wrong with a programme as it is written.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use keepworth_contract::simulator::{
    InitiativeReadiness, ProgrammeGateInput, ProgrammeInitiative, ProgrammeInput, ProgrammeRisk,
};
use keepworth_contract::{FaultCode, InvalidParam, ProgrammeKey};
use keepworth_intake::fault;

/// The most initiatives of a programme: those that a scenario may have.
const MOST_INITIATIVES: usize = 200;
/// The most gates, and the most risks.
const MOST: usize = 100;
/// The longest name of something or somebody, in characters.
const NAME: usize = 200;
/// The longest sentence.
const SENTENCE: usize = 1_000;
/// The longest note.
const NOTE: usize = 4_000;

/// What other services know by name; nothing of what was not asked for.
#[derive(Debug, Clone, Default)]
pub(crate) struct Known {
    pub(crate) segments: BTreeSet<String>,
    pub(crate) phases: BTreeSet<String>,
}

/// Everything that is wrong with a programme, judged on `today`.
pub(crate) fn faults(new: &ProgrammeInput, known: &Known, today: NaiveDate) -> Vec<InvalidParam> {
    let mut faults = Vec::new();
    faults.extend(key("key", &new.key));
    faults.extend(fault::text("name", &new.name, NAME));
    faults.extend(optional("sponsor", new.sponsor.as_ref(), NAME));
    faults.extend(optional("owner", new.owner.as_ref(), NAME));
    faults.extend(optional("note", new.note.as_ref(), NOTE));
    for (name, count, most) in [
        ("initiatives", new.initiatives.len(), MOST_INITIATIVES),
        ("gates", new.gates.len(), MOST),
        ("risks", new.risks.len(), MOST),
    ] {
        faults.extend(many(name, count, most));
    }
    faults.extend(twice(new));
    faults.extend(named_twice(new));
    for (i, it) in new.initiatives.iter().enumerate() {
        faults.extend(initiative(&format!("initiatives/{i}"), it, known, today));
    }
    for (i, it) in new.gates.iter().enumerate() {
        faults.extend(gate(&format!("gates/{i}"), it, &new.gates[..i]));
    }
    for (i, it) in new.risks.iter().enumerate() {
        faults.extend(risk(&format!("risks/{i}"), it));
    }
    faults
}

/// Keys that are another programme's, as its own or as that of an initiative; `owners` says whose keys are.
pub(crate) fn taken(new: &ProgrammeInput, owners: &BTreeMap<String, String>) -> Vec<InvalidParam> {
    let fault = |(place, key): (String, &ProgrammeKey)| {
        let owner = owners
            .get(key.as_str())
            .filter(|it| *it != new.key.as_str())?;
        let reason = format!(
            "`{key}` belongs to the programme `{owner}`; take another key, or take it out of that one first: money \
             is counted once"
        );
        Some(InvalidParam::new(place, FaultCode::Duplicate, reason))
    };
    keys(new).filter_map(fault).collect()
}

/// Every key with its place.
fn keys(new: &ProgrammeInput) -> impl Iterator<Item = (String, &ProgrammeKey)> {
    let initiatives = new.initiatives.iter().enumerate();
    let initiatives = initiatives.map(|(i, it)| (format!("initiatives/{i}/key"), &it.key));
    [("key".to_owned(), &new.key)]
        .into_iter()
        .chain(initiatives)
}

fn twice(new: &ProgrammeInput) -> Vec<InvalidParam> {
    let mut seen = BTreeSet::new();
    let again = keys(new).filter(|(_, key)| !seen.insert(*key));
    let fault = |(place, key): (String, &ProgrammeKey)| {
        let reason = format!(
            "`{key}` is there twice; give the programme and each initiative a key of its own: money is counted once"
        );
        InvalidParam::new(place, FaultCode::Duplicate, reason)
    };
    again.map(fault).collect()
}

/// Scenarios tell initiatives apart by their names.
fn named_twice(new: &ProgrammeInput) -> Vec<InvalidParam> {
    let mut seen = BTreeSet::new();
    let names = new.initiatives.iter().enumerate();
    let again = names.filter(|(_, it)| !seen.insert(&it.name));
    let fault = |(i, it): (usize, &ProgrammeInitiative)| {
        let reason = format!(
            "`{}` is there twice; name each initiative by itself",
            it.name
        );
        InvalidParam::new(
            format!("initiatives/{i}/name"),
            FaultCode::Duplicate,
            reason,
        )
    };
    again.map(fault).collect()
}

fn initiative(
    at: &str,
    it: &ProgrammeInitiative,
    known: &Known,
    today: NaiveDate,
) -> Vec<InvalidParam> {
    let name = |field: &str| format!("{at}/{field}");
    let mut faults = Vec::new();
    faults.extend(key(&name("key"), &it.key));
    faults.extend(fault::text(&name("name"), &it.name, NAME));
    faults.extend(optional(&name("sponsor"), it.sponsor.as_ref(), NAME));
    let process_owner = it.process_owner.as_ref();
    faults.extend(optional(&name("process_owner"), process_owner, NAME));
    faults.extend(optional(&name("note"), it.note.as_ref(), NOTE));
    let (phases, segments) = (name("phases"), name("segments"));
    let phase = (
        FaultCode::UnknownValue,
        "no answer and no contact names this phase; leave it out until one does",
    );
    let segment = (FaultCode::UnknownSegment, "no segment has this key");
    // A company whose records name no phase at all may have any.
    if !known.phases.is_empty() {
        faults.extend(unknown(&phases, &it.phases, &known.phases, phase));
    }
    faults.extend(unknown(&segments, &it.segments, &known.segments, segment));
    if let Some(it) = &it.readiness {
        faults.extend(readiness(&name("readiness"), it, today));
    }
    faults
}

fn unknown(
    at: &str,
    names: &[String],
    known: &BTreeSet<String>,
    (code, what): (FaultCode, &str),
) -> Vec<InvalidParam> {
    let names = names.iter().enumerate();
    let fault = |(i, name): (usize, &String)| {
        let there = Vec::from_iter(known.iter().map(String::as_str));
        let there = if there.is_empty() {
            "none".to_owned()
        } else {
            there.join(", ")
        };
        let reason = format!("`{name}`: {what}; known: {there}");
        InvalidParam::new(format!("{at}/{i}"), code, reason)
    };
    names
        .filter(|(_, name)| !known.contains(*name))
        .map(fault)
        .collect()
}

fn readiness(at: &str, it: &InitiativeReadiness, today: NaiveDate) -> Vec<InvalidParam> {
    let mut faults = Vec::new();
    for (part, score) in [
        ("people", &it.people),
        ("process", &it.process),
        ("politics", &it.politics),
    ] {
        let name = |field: &str| format!("{at}/{part}/{field}");
        if !(0.0..=5.0).contains(&score.score) {
            let reason = format!("is {}; give 0 (nothing) to 5 (all in place)", score.score);
            faults.push(InvalidParam::new(
                name("score"),
                FaultCode::OutOfRange,
                reason,
            ));
        }
        faults.extend(fault::text(&name("evidence"), &score.evidence, SENTENCE));
        faults.extend(fault::past(&name("seen_on"), score.seen_on, today));
    }
    faults
}

fn gate(at: &str, it: &ProgrammeGateInput, before: &[ProgrammeGateInput]) -> Vec<InvalidParam> {
    let mut faults = Vec::new();
    faults.extend(fault::text(&format!("{at}/name"), &it.name, 100));
    let criterion = format!("{at}/criterion");
    faults.extend(fault::text(&criterion, &it.criterion, SENTENCE));
    if before.iter().any(|other| other.name == it.name) {
        let reason = format!("`{}` is there twice; name each gate by itself", it.name);
        let place = format!("{at}/name");
        faults.push(InvalidParam::new(place, FaultCode::Duplicate, reason));
    }
    faults
}

fn risk(at: &str, it: &ProgrammeRisk) -> Vec<InvalidParam> {
    let text =
        |field: &str, text: &str, longest| fault::text(&format!("{at}/{field}"), text, longest);
    let all = [
        text("text", &it.text, SENTENCE),
        text("response", &it.response, SENTENCE),
        text("owner", &it.owner, NAME),
    ];
    all.into_iter().flatten().collect()
}

fn key(at: &str, key: &ProgrammeKey) -> Option<InvalidParam> {
    fault::text(at, key.as_str(), ProgrammeKey::LONGEST)
}

fn optional(at: &str, value: Option<&String>, longest: usize) -> Option<InvalidParam> {
    value.and_then(|it| fault::text(at, it, longest))
}

fn many(name: &str, count: usize, most: usize) -> Option<InvalidParam> {
    (count > most).then(|| {
        let reason = format!("are {count}; give at most {most}");
        InvalidParam::new(name, FaultCode::TooMany, reason)
    })
}
