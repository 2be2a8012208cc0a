//! The inputs with their ranges, grades and sources: as many as there is room for, those that decide it first.

use keepworth_contract::simulator::CaseInput;
use keepworth_verdict::number::significant;
use keepworth_verdict::words::input_name;
use krilla::tagging::{TableHeaderScope, Tag};

use crate::pen::{Anchor, Pen, Type};
use crate::words::grade;
use crate::{Contents, LEFT, RIGHT, color};

/// From one row to the next.
const ROW: f32 = 12.5;

/// A column: its head, where it stands, how wide it is.
struct Column {
    head: &'static str,
    x: f32,
    width: f32,
    anchor: Anchor,
}

/// The columns; numbers end at their place, as numbers do.
const COLUMNS: [Column; 6] = [
    Column {
        head: "Input",
        x: LEFT,
        width: 132.0,
        anchor: Anchor::Start,
    },
    Column {
        head: "Median",
        x: LEFT + 176.0,
        width: 42.0,
        anchor: Anchor::End,
    },
    Column {
        head: "P10 to P90",
        x: LEFT + 254.0,
        width: 76.0,
        anchor: Anchor::End,
    },
    Column {
        head: "Unit",
        x: LEFT + 264.0,
        width: 88.0,
        anchor: Anchor::Start,
    },
    Column {
        head: "Grade",
        x: LEFT + 368.0,
        width: 28.0,
        anchor: Anchor::Middle,
    },
    Column {
        head: "Source",
        x: LEFT + 386.0,
        width: RIGHT - LEFT - 386.0,
        anchor: Anchor::Start,
    },
];

/// The table between two places; answers where it ends.
pub(crate) fn inputs(pen: &mut Pen<'_, '_>, contents: Contents<'_>, [top, end]: [f32; 2]) -> f32 {
    let inputs = ranked(contents);
    if inputs.is_empty() {
        let look = Type::regular(8.5, color::ink());
        let text =
            "Nothing is drawn: every figure of the scenario and its baseline is taken as certain.";
        return pen.paragraph(Tag::P, [LEFT, top], look, (text, RIGHT - LEFT, 2));
    }
    let room = (((end - top) / ROW).floor().max(2.0)) as usize - 1;
    // One row says what is left out.
    let shown = match inputs.len() {
        count if count <= room => count,
        _ => room.saturating_sub(1),
    };
    let mut y = top;
    pen.group(Tag::Table, |pen| {
        pen.group(Tag::THead, |pen| heads(pen, y));
        pen.group(Tag::TBody, |pen| {
            for input in &inputs[..shown] {
                y += ROW;
                row(pen, input, y);
            }
        });
    });
    if shown < inputs.len() {
        y += ROW;
        let text = format!(
            "and {} more, which move the result less: all are on the sheet \u{201c}Inputs\u{201d} of the workbook",
            inputs.len() - shown
        );
        let look = Type::regular(7.5, color::grey());
        pen.paragraph(Tag::P, [LEFT, y], look, (&text, RIGHT - LEFT, 1));
    }
    y + ROW
}

/// The inputs, the widest swing first; those without one come last, as they stand.
fn ranked(contents: Contents<'_>) -> Vec<&CaseInput> {
    let swings = contents.reasons.map_or(&[][..], |it| &it.swings);
    let rank = |input: &&CaseInput| {
        let place = swings.iter().position(|it| it.input == input.name);
        place.unwrap_or(swings.len())
    };
    let mut inputs: Vec<&CaseInput> = contents.case.inputs.iter().collect();
    inputs.sort_by_key(rank);
    inputs
}

fn heads(pen: &mut Pen<'_, '_>, y: f32) {
    let look = Type::regular(7.0, color::grey());
    pen.group(Tag::TR, |pen| {
        for it in &COLUMNS {
            pen.group(Tag::TH(TableHeaderScope::Column), |pen| {
                pen.text([it.x, y], it.anchor, look, it.head);
            });
        }
    });
    pen.line_through(&[[LEFT, y + 3.5], [RIGHT, y + 3.5]], color::rule(), 0.75);
}

fn row(pen: &mut Pen<'_, '_>, input: &CaseInput, y: f32) {
    let [name, look] = [
        Type::strong(7.5, color::ink()),
        Type::regular(7.5, color::ink()),
    ];
    let number = |value: f64| significant(value, 3);
    let cells = [
        input_name(&input.name),
        number(input.p50),
        format!("{} to {}", number(input.p10), number(input.p90)),
        input.unit.clone(),
        grade(input.grade).to_owned(),
        input.note.clone(),
    ];
    pen.group(Tag::TR, |pen| {
        for (index, (column, text)) in COLUMNS.iter().zip(&cells).enumerate() {
            let look = if index == 0 { name } else { look };
            let text = if text.trim().is_empty() {
                "\u{2013}"
            } else {
                text
            };
            let text = pen.fitted(look, text, column.width);
            pen.group(Tag::TD, |pen| {
                pen.text([column.x, y], column.anchor, look, &text);
            });
        }
    });
    pen.line_through(&[[LEFT, y + 3.5], [RIGHT, y + 3.5]], color::rule(), 0.3);
}
