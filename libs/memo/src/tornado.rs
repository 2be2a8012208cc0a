//! What decides it: how far the mean NPV swings with each input.

use keepworth_contract::simulator::InputSwing;
use keepworth_verdict::Reasons;
use keepworth_verdict::number::significant;
use keepworth_verdict::words::input_name;
use krilla::tagging::Tag;

use crate::axis::{Scale, Ticks, with_zero};
use crate::pen::{Anchor, Pen, Type};
use crate::{Contents, LEFT, RIGHT, color};

/// Inputs that are shown: those with the widest swings.
const SHOWN: usize = 8;
/// From one input to the next.
const ROW: f32 = 18.0;
/// Room for the names of inputs, and for a value beside a bar.
const NAMES: f32 = 150.0;
const BESIDE: f32 = 44.0;

/// The picture from a place on; answers where it ends.
pub(crate) fn tornado(
    pen: &mut Pen<'_, '_>,
    contents: Contents<'_>,
    reasons: &Reasons,
    top: f32,
) -> f32 {
    let swings = &reasons.swings[..reasons.swings.len().min(SHOWN)];
    let alt = spoken(contents, swings);
    let mut bottom = top;
    pen.picture(Tag::Figure(Some(alt)), |pen| {
        bottom = draw(pen, contents, reasons, (swings, top));
    });
    bottom
}

/// The picture in words.
fn spoken(contents: Contents<'_>, swings: &[InputSwing]) -> String {
    let said = swings.iter().map(|it| {
        let [low, high] = [it.at_p10, it.at_p90].map(|it| contents.money(it.value, it.mc_error));
        format!("{}: from {low} to {high}", input_name(&it.input))
    });
    let said: Vec<String> = said.collect();
    format!(
        "Mean net present value with each input at its 10th and its 90th percentile, widest swing first. {}.",
        said.join("; ")
    )
}

fn draw(
    pen: &mut Pen<'_, '_>,
    contents: Contents<'_>,
    reasons: &Reasons,
    (swings, top): (&[InputSwing], f32),
) -> f32 {
    let mean = reasons.mean.value;
    let ends = swings
        .iter()
        .flat_map(|it| [it.at_p10.value, it.at_p90.value]);
    let low = ends.clone().fold(mean, f64::min);
    let high = ends.fold(mean, f64::max);
    let ticks = Ticks::around(with_zero([low, high]), 6, contents.unit.resolution());
    let x = Scale {
        values: ticks.ends(),
        places: [LEFT + NAMES + BESIDE, RIGHT - BESIDE],
    };
    let first = top + 30.0;
    let look = Type::regular(7.5, color::grey());
    let text = "Mean net present value of the futures with one input at its 10th, or its 90th percentile, and all else as drawn.";
    pen.text([LEFT, top], Anchor::Start, look, text);
    let bottom = first + ROW * swings.len() as f32;
    grid(pen, contents, &ticks, (x, [first, bottom]));
    for (index, swing) in swings.iter().enumerate() {
        bar(pen, swing, (x, mean), first + ROW * index as f32);
    }
    let at = x.at(mean);
    pen.dashed([[at, first - 2.0], [at, bottom]], color::ink(), 0.8);
    let text = format!(
        "mean of all futures: {}",
        contents.money(mean, reasons.mean.mc_error)
    );
    let look = Type::regular(7.0, color::ink());
    let half = pen.width(look, &text) / 2.0;
    let middle = at.clamp(LEFT + NAMES + half, RIGHT - half);
    pen.text([middle, first - 5.0], Anchor::Middle, look, &text);
    legend(pen, first - 5.0, low < 0.0);
    bottom + 12.0
}

fn grid(
    pen: &mut Pen<'_, '_>,
    contents: Contents<'_>,
    ticks: &Ticks,
    (x, [top, bottom]): (Scale, [f32; 2]),
) {
    let look = Type::regular(7.0, color::grey());
    for tick in &ticks.values {
        let at = x.at(*tick);
        let (shade, width) = if *tick == 0.0 {
            (color::ink(), 0.9)
        } else {
            (color::rule(), 0.5)
        };
        pen.line_through(&[[at, top], [at, bottom]], shade, width);
        let text = contents.round_money(*tick);
        pen.text([at, bottom + 10.0], Anchor::Middle, look, &text);
    }
}

/// Which end of an input is which color.
fn legend(pen: &mut Pen<'_, '_>, y: f32, has_losses: bool) {
    let look = Type::regular(7.0, color::grey());
    let mut x = LEFT;
    let losses = has_losses.then(|| (color::loss(), "below zero"));
    let ends = [
        (color::low(), "input at its P10"),
        (color::gain(), "at its P90"),
    ];
    for (shade, text) in ends.into_iter().chain(losses) {
        pen.fill_box([x, y - 5.5], [7.0, 6.0], shade);
        pen.text([x + 10.0, y], Anchor::Start, look, text);
        x += 18.0 + pen.width(look, text);
    }
}

fn bar(pen: &mut Pen<'_, '_>, swing: &InputSwing, (x, mean): (Scale, f64), top: f32) {
    let name = Type::strong(8.0, color::ink());
    let value = Type::regular(7.0, color::grey());
    let baseline = top + ROW / 2.0 + 3.0;
    let shown = pen.fitted(name, &input_name(&swing.input), NAMES - 6.0);
    pen.text([LEFT, baseline], Anchor::Start, name, &shown);
    let middle = x.at(mean);
    let ends = [
        (x.at(swing.at_p10.value), swing.p10, color::low()),
        (x.at(swing.at_p90.value), swing.p90, color::gain()),
    ];
    for (end, _, shade) in ends {
        let (from, to) = (middle.min(end), middle.max(end));
        pen.fill_box([from, top + 4.0], [to - from, ROW - 8.0], shade);
        let zero = x.at(0.0).min(to);
        if from < zero {
            pen.fill_box([from, top + ROW - 6.5], [zero - from, 2.5], color::loss());
        }
    }
    let [low, high] = ends.map(|(end, at, _)| (end, significant(at, 3)));
    // Where both ends are on one side, the values stand on both sides of the whole bar.
    let (left, right) = if low.0 <= high.0 {
        (low, high)
    } else {
        (high, low)
    };
    let (from, to) = (left.0.min(middle), right.0.max(middle));
    for ((_, text), place, anchor) in [
        (left, from - 4.0, Anchor::End),
        (right, to + 4.0, Anchor::Start),
    ] {
        let text = pen.fitted(value, &text, BESIDE - 4.0);
        pen.text([place, baseline], anchor, value, &text);
    }
    pen.line_through(&[[LEFT, top + ROW], [RIGHT, top + ROW]], color::rule(), 0.4);
}
