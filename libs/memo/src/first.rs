//! The first page: the question, the answer, and how sure it is.

use std::num::NonZeroU16;

use keepworth_contract::finance::Grade;
use keepworth_verdict::number::whole;
use krilla::tagging::kind::Hn;
use krilla::tagging::{ArtifactType, Tag};

use crate::dots::dots;
use crate::fan::fan;
use crate::figures::figures;
use crate::pen::{Anchor, Pen, Type};
use crate::{Contents, LEFT, PAPER, RIGHT, WIDTH, color};

/// Where the first baseline of a page stands.
pub(crate) const TOP: f32 = 62.0;
/// Where text ends, above the foot.
pub(crate) const BOTTOM: f32 = PAPER[1] - 66.0;
/// Lines that one thing to know has at most.
const LINES_OF_ONE: usize = 2;

/// Draws it.
pub(crate) fn page(pen: &mut Pen<'_, '_>, contents: Contents<'_>) {
    let look = Type::strong(19.0, color::ink());
    let question = (contents.finding.question.as_str(), WIDTH, 3);
    let y = pen.paragraph(
        heading(1, &contents.finding.question),
        [LEFT, TOP + 6.0],
        look,
        question,
    );
    let look = Type::regular(11.0, color::grey());
    let answer = contents.unbroken(&contents.finding.answer);
    let answer = (answer.as_str(), WIDTH, 4);
    let y = pen.paragraph(Tag::P, [LEFT, y - 4.0], look, answer);
    let y = figures(pen, contents, y - 4.0);
    let y = basis(pen, contents, y + 11.0);
    let y = section(pen, y + 15.0, "When does the money come back?");
    let look = Type::regular(7.5, color::grey());
    let text = format!(
        "What has come in less what was spent, discounted, by month. The dark band holds 50, the light one 90 in 100 of {} futures.",
        whole(contents.result.monthly.trials as f64)
    );
    let y = pen.paragraph(Tag::P, [LEFT, y - 3.0], look, (&text, WIDTH, 2));
    let y = fan(pen, contents, y + 2.0);
    let y = section(pen, y + 25.0, "How likely is a loss, and how big?");
    let text = "Net present value: each dot is 2 in 100 futures.";
    let y = pen.paragraph(Tag::P, [LEFT, y - 3.0], look, (text, WIDTH, 1));
    let y = dots(pen, contents, y);
    known(pen, contents, y + 22.0);
    foot(pen, contents, 1);
}

/// A heading's tag.
fn heading(level: u16, text: &str) -> Tag<Hn> {
    let level = NonZeroU16::new(level).unwrap_or(NonZeroU16::MIN);
    Tag::Hn(level, Some(text.to_owned()))
}

/// A heading; answers the baseline below it.
pub(crate) fn section(pen: &mut Pen<'_, '_>, y: f32, text: &str) -> f32 {
    let look = Type::strong(11.5, color::ink());
    pen.paragraph(heading(2, text), [LEFT, y], look, (text, WIDTH, 1))
}

/// What the figures rest on.
fn basis(pen: &mut Pen<'_, '_>, contents: Contents<'_>, y: f32) -> f32 {
    let inputs = &contents.case.inputs;
    let graded = inputs.iter().filter(|it| it.grade.is_some()).count();
    let is_measured = |grade| matches!(grade, Some(Grade::A | Grade::B));
    let measured = inputs.iter().filter(|it| is_measured(it.grade));
    let evidence = match (inputs.len(), graded) {
        (0, _) => "nothing is drawn".to_owned(),
        (all, 0) => format!("of {all} uncertain inputs none has a grade of evidence"),
        (all, _) => {
            let measured = match measured.count() {
                0 => "none rests".to_owned(),
                1 => "1 rests".to_owned(),
                several => format!("{several} rest"),
            };
            format!(
                "of {all} uncertain inputs {measured} on an experiment or a controlled comparison (grade A or B)"
            )
        }
    };
    let text = format!(
        "Over {} futures of {} months; {evidence}. ± is how far a figure would move with another seed: it says nothing of whether the inputs are right.",
        whole(contents.result.trials as f64),
        contents.horizon(),
    );
    let look = Type::regular(7.5, color::grey());
    pen.paragraph(Tag::P, [LEFT, y], look, (&text, WIDTH, 2))
}

/// What a reader must know, as far as there is room.
fn known(pen: &mut Pen<'_, '_>, contents: Contents<'_>, y: f32) {
    let look = Type::regular(7.5, color::ink());
    let mut details: Vec<&str> = Vec::new();
    for flag in &contents.result.flags {
        if !details.contains(&flag.detail.as_str()) {
            details.push(&flag.detail);
        }
    }
    let room = ((BOTTOM - y) / look.leading()).floor() as usize;
    if details.is_empty() || room < 3 {
        return;
    }
    let mut y = section(pen, y, "To know before using it") - 2.0;
    // The heading has a line, and so has what is left out.
    let mut room = room - 2;
    let mut shown = 0;
    for detail in &details {
        let lines = pen.lines(look, detail, WIDTH, LINES_OF_ONE).len();
        if lines > room {
            break;
        }
        room -= lines;
        shown += 1;
        y = pen.paragraph(Tag::P, [LEFT, y], look, (detail, WIDTH, LINES_OF_ONE));
    }
    if shown < details.len() {
        let left = details.len() - shown;
        let text =
            format!("and {left} more: they are on the sheet \u{201c}Audit\u{201d} of the workbook");
        let look = Type::regular(7.5, color::grey());
        pen.paragraph(Tag::P, [LEFT, y], look, (&text, WIDTH, 1));
    }
}

/// What stands at the foot of both pages: of which run this is, so that it can be drawn again.
pub(crate) fn foot(pen: &mut Pen<'_, '_>, contents: Contents<'_>, page: usize) {
    let result = contents.result;
    let short = |hash: &str| hash.chars().take(12).collect::<String>();
    let run = contents.run.map_or_else(
        || format!("Input {}", short(&result.input_hash)),
        |run| format!("Run {run}"),
    );
    let baseline = match (&result.baseline_hash, contents.as_of) {
        (Some(hash), Some(day)) => format!("baseline {} of {day}", short(hash)),
        (Some(hash), None) => format!("baseline {}", short(hash)),
        (None, _) => "no baseline".to_owned(),
    };
    let text = format!(
        "{run}, seed {}, engine {}, {baseline}",
        result.seed, result.engine_version
    );
    let look = Type::regular(7.0, color::grey());
    let y = PAPER[1] - 40.0;
    pen.aside(ArtifactType::Footer, |pen| {
        pen.line_through(&[[LEFT, y - 11.0], [RIGHT, y - 11.0]], color::rule(), 0.5);
        let text = pen.fitted(look, &text, WIDTH - 60.0);
        pen.text([LEFT, y], Anchor::Start, look, &text);
        pen.text([RIGHT, y], Anchor::End, look, &format!("Page {page} of 2"));
    });
}
