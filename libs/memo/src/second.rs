//! The second page: what decides it, what would change our mind, what it rests on, who answers for it.

use std::collections::BTreeSet;

use keepworth_verdict::Reasons;
use keepworth_verdict::number::{exact_percent, whole};
use krilla::tagging::Tag;

use crate::first::{BOTTOM, TOP, foot, section};
use crate::inputs::inputs;
use crate::pen::{Anchor, Pen, Type};
use crate::tornado::tornado;
use crate::words::sampling;
use crate::{Contents, LEFT, RIGHT, WIDTH, color};

/// What the method takes of the page, and what the signatures take below it.
const METHOD: f32 = 92.0;
const SIGNATURES: f32 = 62.0;
/// Conditions and pilots that are told.
const MOST_CONDITIONS: usize = 4;
const MOST_PILOTS: usize = 2;

/// Draws it.
pub(crate) fn page(pen: &mut Pen<'_, '_>, contents: Contents<'_>) {
    let y = section(pen, TOP, "What decides it?");
    let y = match contents.reasons {
        Some(reasons) if !reasons.swings.is_empty() => tornado(pen, contents, reasons, y - 3.0),
        Some(_) => say(
            pen,
            y - 2.0,
            "Nothing is uncertain, so nothing decides it but the plan itself.",
        ),
        None => say(pen, y - 2.0, TOO_FEW),
    };
    let y = section(pen, y + 24.0, "What would change our mind?") - 2.0;
    let y = match contents.reasons {
        Some(reasons) => changes(pen, contents, reasons, y),
        None => say(pen, y, TOO_FEW),
    };
    let y = section(pen, y + 16.0, "What it rests on") - 2.0;
    let below = BOTTOM - METHOD - SIGNATURES;
    let y = inputs(pen, contents, [y, below - 8.0]);
    let y = section(pen, y + 18.0, "How it was worked out") - 2.0;
    method(pen, contents, y);
    signatures(pen, BOTTOM - SIGNATURES + 22.0);
    foot(pen, contents, 2);
}

const TOO_FEW: &str = "The futures are too few to tell; simulate more.";

/// A sentence; answers the baseline below it.
fn say(pen: &mut Pen<'_, '_>, y: f32, text: &str) -> f32 {
    let look = Type::regular(8.5, color::ink());
    pen.paragraph(Tag::P, [LEFT, y], look, (text, WIDTH, 2))
}

/// What must be true for it to pay, and what more knowledge is worth.
fn changes(pen: &mut Pen<'_, '_>, contents: Contents<'_>, reasons: &Reasons, y: f32) -> f32 {
    let mut y = y;
    if !reasons.conditions.is_empty() {
        y = say(
            pen,
            y,
            "It pays on average if, all else as drawn, any one of these holds:",
        );
        for condition in reasons.conditions.iter().take(MOST_CONDITIONS) {
            let text = format!("{} {}", named(pen, &condition.driver), condition.holds);
            y = listed(pen, y, &text);
        }
    }
    if !reasons.powerless.is_empty() {
        let which = reasons.powerless.join("; ");
        let text =
            format!("No likely value of one of these alone changes whether it pays: {which}.");
        y = say(pen, y, &text);
    }
    let text = format!(
        "Deciding now instead of knowing all that is drawn costs {} on average: no study is worth more.",
        contents.estimate(reasons.information)
    );
    y = say(pen, y, &text);
    if reasons.pilots.is_empty() {
        return say(pen, y, "No pilot of an effect would change the decision.");
    }
    for pilot in reasons.pilots.iter().take(MOST_PILOTS) {
        let text = format!(
            "A pilot of {} is worth at most {}, and {} if it halves the variance.",
            named(pen, &pilot.effect),
            contents.estimate(pilot.perfect),
            contents.estimate(pilot.halving)
        );
        y = say(pen, y, &text);
    }
    y
}

/// A name no longer than half a line, so that what is said of it has room.
fn named(pen: &Pen<'_, '_>, name: &str) -> String {
    pen.fitted(Type::regular(8.5, color::ink()), name, WIDTH / 2.0)
}

/// An item; answers the baseline below it.
fn listed(pen: &mut Pen<'_, '_>, y: f32, text: &str) -> f32 {
    let look = Type::regular(8.5, color::ink());
    let text = format!("\u{2022}\u{a0}{text}");
    pen.paragraph(Tag::P, [LEFT + 8.0, y], look, (&text, WIDTH - 8.0, 2))
}

/// The method in four sentences, and what could not be printed.
fn method(pen: &mut Pen<'_, '_>, contents: Contents<'_>, y: f32) {
    let (result, case) = (contents.result, contents.case);
    let records = match (&result.baseline_hash, contents.as_of) {
        (Some(_), Some(day)) => format!("the company's records as of {day}"),
        (Some(_), None) => "the company's frozen records".to_owned(),
        (None, _) => "the scenario's own figures".to_owned(),
    };
    let text = format!(
        "Each of {} futures, drawn {}, is lived twice with the same luck, once as things are and once with the programme; \
         the difference month by month is what the programme is worth. What today looks like is taken from {records}, and \
         what is not known is drawn anew in each future from the ranges above. Amounts are in {}, after tax, discounted at \
         {} a year over {} months. The same inputs, seed and engine give the same figures on any machine, and the workbook \
         of the run shows one future in formulas.{}",
        whole(result.trials as f64),
        sampling(result.sampling),
        case.currency,
        exact_percent(case.discount_rate),
        contents.horizon(),
        unprinted(pen, contents),
    );
    let look = Type::regular(8.0, color::ink());
    pen.paragraph(Tag::P, [LEFT, y], look, (&text, WIDTH, 6));
}

/// Which characters stand as a mark.
fn unprinted(pen: &Pen<'_, '_>, contents: Contents<'_>) -> String {
    let case = contents.case.inputs.iter();
    let texts = case.flat_map(|it| [&it.name, &it.note, &it.unit]);
    let reasons = contents.reasons.into_iter();
    let reasons = reasons.flat_map(|it| {
        let drivers = it.conditions.iter().map(|it| &it.driver);
        drivers
            .chain(&it.powerless)
            .chain(it.pilots.iter().map(|it| &it.effect))
    });
    let flags = contents.result.flags.iter().map(|it| &it.detail);
    let texts = texts
        .chain(reasons)
        .chain(flags)
        .chain([&contents.finding.question]);
    let unknown: BTreeSet<char> = texts
        .flat_map(|text| text.chars())
        .filter(|it| pen.fonts().is_unknown(*it))
        .collect();
    if unknown.is_empty() {
        return String::new();
    }
    let codes = unknown
        .iter()
        .take(6)
        .map(|it| format!("U+{:04X}", *it as u32));
    let codes: Vec<String> = codes.collect();
    let more = if unknown.len() > codes.len() {
        " and others"
    } else {
        ""
    };
    format!(
        " \u{25a1} stands for what this font does not have: {}{more}.",
        codes.join(", ")
    )
}

/// Who answers for it: lines to be signed.
fn signatures(pen: &mut Pen<'_, '_>, y: f32) {
    let look = Type::regular(7.5, color::grey());
    let half = (RIGHT - LEFT - 24.0) / 2.0;
    for (index, role) in ["Author", "Approver"].into_iter().enumerate() {
        let x = LEFT + index as f32 * (half + 24.0);
        let [name, date] = [half * 0.66, half * 0.3];
        let line = y + 14.0;
        pen.line_through(&[[x, line], [x + name, line]], color::grey(), 0.6);
        let from = x + half - date;
        pen.line_through(&[[from, line], [x + half, line]], color::grey(), 0.6);
        pen.group(Tag::P, |pen| {
            pen.text(
                [x, line + 10.0],
                Anchor::Start,
                look,
                &format!("{role}, name and signature "),
            );
            pen.text([from, line + 10.0], Anchor::Start, look, "Date");
        });
    }
}
