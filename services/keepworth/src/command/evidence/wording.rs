//! Evidence in tables and words.

use keepworth_contract::Word;
use keepworth_contract::simulator::{Evidence, EvidenceSize, EvidenceStudy, RunSummary};

use crate::present::number::percent;
use crate::present::{Sheet, row};

/// The library.
pub(super) fn library(items: Vec<Evidence>) -> Sheet {
    let header = "key | version | on | size | grade | why | owner | review by | title";
    let mut sheet = Sheet::new("What is known of what changes do", header)
        .when_empty("The library is empty: `keepworth evidence add` puts the first in.");
    for it in items {
        let why = it.reasons.last().map_or("", |reason| reason.code.name());
        let said = &it.statement;
        row![sheet =>
            &said.key, i64::from(it.version), plain(said.lever), size(&said.size), format!("{:?}", it.grade),
            plain_text(why), &said.owner, said.review_on, &said.title,
        ];
        for flag in &it.quality_flags {
            sheet.note(format!("Note: {}: {flag}.", said.key));
        }
        if it.withdrawn.is_some() {
            sheet.note(format!("{}: withdrawn.", said.key));
        }
    }
    sheet
}

/// One piece of evidence, with the reasons of its grade.
pub(crate) fn one(it: &Evidence) -> Sheet {
    let said = &it.statement;
    let title = format!("{}@{}: {}", said.key, it.version, said.title);
    let mut sheet = Sheet::new(title, "what | says");
    row![sheet => "lever", plain(said.lever)];
    row![sheet => "size", size(&said.size)];
    row![sheet => "kind", kind(&said.study)];
    row![sheet => "grade", format!("{:?}", it.grade)];
    for reason in &it.reasons {
        row![sheet => "because", &reason.detail];
    }
    for (name, text) in [
        ("method", &said.method),
        ("source", &said.source),
        ("note", &said.note),
        ("withdrawn", &it.withdrawn),
    ] {
        if let Some(text) = text {
            row![sheet => name, text];
        }
    }
    if let Some(n) = said.n {
        row![sheet => "learnt from", format!("{n} customers")];
    }
    row![sheet => "owner", &said.owner];
    row![sheet => "review by", said.review_on];
    row![sheet => "hash", &it.hash];
    for flag in &it.quality_flags {
        sheet.note(format!("Note: {flag}."));
    }
    if it.withdrawn.is_none() {
        let lever = plain(said.lever).replace(' ', "_");
        sheet.note(format!(
            "In a scenario: on = \"{lever}\", evidence = \"{}\"; this version for ever: evidence = \"{0}@{}\".",
            said.key, it.version
        ));
    }
    sheet
}

/// The runs that refer to it.
pub(super) fn runs(used_in: Vec<RunSummary>) -> Sheet {
    let mut sheet = Sheet::new("Used in", "run | scenario | baseline | finished")
        .when_empty("No run refers to it.");
    for run in used_in {
        row![sheet =>
            run.id.to_string(), run.scenario_name, run.baseline_hash, run.created_at.date_naive(),
        ];
    }
    sheet
}

fn size(size: &EvidenceSize) -> String {
    let share = |value: f64| percent(value, 2);
    match *size {
        EvidenceSize::MeanSd { mean, sd } => format!("{} ± {} (sd)", share(mean), share(sd)),
        EvidenceSize::Interval { low, high, level } => format!(
            "{} to {} ({} interval)",
            share(low),
            share(high),
            percent(level, 0)
        ),
        EvidenceSize::Number { value } => format!("{}, no interval", share(value)),
    }
}

fn kind(study: &EvidenceStudy) -> &'static str {
    match study {
        EvidenceStudy::Link => "link on own records",
        EvidenceStudy::Pilot(_) => "pilot",
        EvidenceStudy::DifferenceInDifferences(_) => "difference in differences",
        EvidenceStudy::PublishedStudy => "published study",
        EvidenceStudy::VendorStatement => "vendor's statement",
        EvidenceStudy::ExpertStatement => "expert's statement",
    }
}

fn plain(word: impl Word) -> String {
    plain_text(word.name())
}

fn plain_text(name: &str) -> String {
    name.to_lowercase().replace('_', " ")
}
