//! Programmes in tables and words.

use keepworth_contract::Word;
use keepworth_contract::simulator::{Programme, ProgrammeInitiative, ReadinessScore};

use crate::present::{Cell, Sheet, row};

/// Programmes, each in its newest version.
pub(super) fn programmes(items: Vec<Programme>) -> Sheet {
    let header = "key | name | state | version | sponsor | owner | initiatives | open gates";
    let mut sheet = Sheet::new("Programmes", header)
        .when_empty("No programme is kept: `keepworth programme put` keeps the first.");
    for it in items {
        let open = open_gates(&it);
        let statement = it.statement;
        row![sheet =>
            statement.key.to_string(), statement.name, plain(it.state), i64::from(it.version),
            statement.sponsor.unwrap_or_default(), statement.owner.unwrap_or_default(),
            statement.initiatives.len() as i64, open,
        ];
    }
    sheet
}

/// What was done to one.
pub(super) fn versions(key: &str, items: Vec<Programme>) -> Sheet {
    let header = "version | what | state | by | on | why";
    let mut sheet = Sheet::new(format!("Versions of {key}"), header);
    for it in items {
        row![sheet =>
            i64::from(it.version), plain(it.step), plain(it.state), it.by.subject,
            it.recorded_at.date_naive(), it.reason.unwrap_or_default(),
        ];
    }
    sheet
}

/// Everything that one is.
pub(super) fn one(it: &Programme) -> Vec<Sheet> {
    let sheets = [
        head(it),
        initiatives(it),
        readiness(it),
        gates(it),
        risks(it),
    ];
    let filled = sheets.into_iter().filter(|it| !it.is_empty());
    filled.collect()
}

fn head(it: &Programme) -> Sheet {
    let statement = &it.statement;
    let title = format!("{}, version {}", statement.key, it.version);
    let mut sheet = Sheet::new(title, "what | says");
    row![sheet => "name", &statement.name];
    row![sheet => "state", plain(it.state)];
    for (name, text) in [
        ("sponsor", &statement.sponsor),
        ("owner", &statement.owner),
        ("note", &statement.note),
        ("why this version", &it.reason),
    ] {
        if let Some(text) = text {
            row![sheet => name, text];
        }
    }
    sheet
}

fn initiatives(it: &Programme) -> Sheet {
    let header = "key | initiative | sponsor | process owner | segments | phases | note";
    let mut sheet = Sheet::new("Initiatives", header);
    let statement = &it.statement;
    for it in &statement.initiatives {
        let sponsor = it.sponsor.as_ref().or(statement.sponsor.as_ref());
        row![sheet =>
            it.key.to_string(), &it.name, sponsor.cloned().unwrap_or_default(),
            it.process_owner.clone().unwrap_or_default(), touched(&it.segments),
            it.phases.join(", "), it.note.clone().unwrap_or_default(),
        ];
    }
    sheet
}

fn touched(segments: &[String]) -> String {
    if segments.is_empty() {
        "all".to_owned()
    } else {
        segments.join(", ")
    }
}

fn readiness(it: &Programme) -> Sheet {
    let header = "key | readiness of | 0 to 5 | rests on | seen on";
    let mut sheet = Sheet::new("Readiness", header);
    for it in &it.statement.initiatives {
        for (part, score) in parts(it) {
            row![sheet =>
                it.key.to_string(), part, Cell::places(score.score, 1), &score.evidence, score.seen_on,
            ];
        }
    }
    sheet
}

fn parts(it: &ProgrammeInitiative) -> Vec<(&'static str, &ReadinessScore)> {
    let parts = it.readiness.as_ref().map(|it| {
        vec![
            ("people", &it.people),
            ("process", &it.process),
            ("politics", &it.politics),
        ]
    });
    parts.unwrap_or_default()
}

fn gates(it: &Programme) -> Sheet {
    let header = "gate | due | criterion | outcome | why | by | on";
    let mut sheet = Sheet::new("Gates", header);
    for it in &it.gates {
        let by = it.decided_by.as_ref().map(|by| by.subject.clone());
        let on = it.decided_at.map(|at| at.date_naive().to_string());
        row![sheet =>
            &it.name, it.due, &it.criterion, plain(it.outcome), it.reason.clone().unwrap_or_default(),
            by.unwrap_or_default(), on.unwrap_or_default(),
        ];
    }
    sheet
}

fn risks(it: &Programme) -> Sheet {
    let mut sheet = Sheet::new("Risks", "risk | likelihood | response | owner");
    for it in &it.statement.risks {
        row![sheet => &it.text, plain(it.likelihood), &it.response, &it.owner];
    }
    sheet
}

fn open_gates(it: &Programme) -> String {
    use keepworth_contract::simulator::GateOutcome;
    let open = it.gates.iter().filter(|it| it.outcome == GateOutcome::Open);
    let named = open.map(|it| format!("{} (due {})", it.name, it.due));
    Vec::from_iter(named).join(", ")
}

fn plain(word: impl Word) -> String {
    word.name().to_lowercase().replace('_', " ")
}
