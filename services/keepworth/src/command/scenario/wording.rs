//! Scenarios in tables and words.

use keepworth_contract::Word;
use keepworth_contract::simulator::{LintFinding, ScenarioDiff, ScenarioSummary, ScenarioTemplate};

use crate::present::{Sheet, row};

/// Characters of a hash by which people tell baselines apart.
const SHORT: usize = 12;

/// Scenarios, each in its newest version.
pub(super) fn scenarios(items: Vec<ScenarioSummary>) -> Sheet {
    let header = "key | version | name | baseline | written | archived";
    let mut sheet = Sheet::new("Scenarios", header)
        .when_empty("No scenario is kept: `keepworth scenario put` keeps the first.");
    for it in items {
        row![sheet =>
            it.key, i64::from(it.version), it.name, short(&it.baseline_hash), it.recorded_at.date_naive(),
            it.archived.unwrap_or_default(),
        ];
    }
    sheet
}

/// The versions of one.
pub(super) fn versions(key: &str, items: Vec<ScenarioSummary>) -> Sheet {
    let header = "version | name | baseline | written | why | from";
    let mut sheet = Sheet::new(format!("Versions of {key}"), header);
    for it in items {
        let from = it
            .forked_from
            .map(|of| format!("{}, version {}", of.key, of.version));
        row![sheet =>
            i64::from(it.version), it.name, short(&it.baseline_hash), it.recorded_at.date_naive(),
            it.reason.unwrap_or_default(), from.unwrap_or_default(),
        ];
        if let Some(reason) = it.archived {
            sheet.note(format!("Archived: {reason}."));
        }
    }
    sheet
}

/// A version as it was written.
pub(super) fn one(it: &ScenarioSummary) -> Sheet {
    let mut sheet = Sheet::new(format!("{}, version {}", it.key, it.version), "what | says");
    row![sheet => "name", &it.name];
    row![sheet => "baseline", &it.baseline_hash];
    row![sheet => "text", &it.hash];
    let from = it
        .forked_from
        .as_ref()
        .map(|of| format!("{}, version {}", of.key, of.version));
    for (name, text) in [
        ("why", &it.reason),
        ("forked from", &from),
        ("archived", &it.archived),
    ] {
        if let Some(text) = text {
            row![sheet => name, text];
        }
    }
    sheet
}

/// What two versions say differently.
pub(super) fn diff(it: ScenarioDiff) -> Sheet {
    let title = format!("{}, from version {} to {}", it.key, it.from, it.to);
    let same = format!("{title}: both say the same.");
    let mut sheet = Sheet::new(title, "key | was | is").when_empty(same);
    for change in it.changes {
        row![sheet =>
            change.path, change.old.unwrap_or_default(), change.new.unwrap_or_default(),
        ];
    }
    sheet
}

/// What was found.
pub(super) fn findings(items: Vec<LintFinding>) -> Sheet {
    let mut sheet = Sheet::new(
        "Probably not meant",
        "severity | what | where | found | way out",
    )
    .when_empty("Nothing was found that is probably not meant.");
    for it in items {
        row![sheet =>
            plain(it.severity), plain(it.code), it.path, it.what, it.way_out,
        ];
    }
    sheet
}

/// What a scenario can begin with.
pub(super) fn templates(items: Vec<ScenarioTemplate>) -> Sheet {
    let mut sheet = Sheet::new("Scenarios to begin with", "template | about");
    for it in items {
        row![sheet => &it.key, it.about];
        for source in it.sources {
            sheet.note(format!("{}: {source}", it.key));
        }
    }
    sheet.note(
        "No template has a size of its own: fill in what a pilot, a link or the library of evidence says.",
    );
    sheet
}

fn short(hash: &str) -> String {
    hash.chars().take(SHORT).collect()
}

fn plain(word: impl Word) -> String {
    word.name().to_lowercase().replace('_', " ")
}
