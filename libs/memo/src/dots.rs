//! How likely a loss is, and how big: the futures as dots, each of them 2 in 100.

use keepworth_contract::simulator::OutcomeName;
use keepworth_verdict::words::chance;
use krilla::tagging::Tag;

use crate::axis::{Scale, Ticks, round_step, with_zero};
use crate::pen::{Anchor, Pen, Type};
use crate::words::number;
use crate::{Contents, LEFT, RIGHT, color};

/// How high the picture is, without its axis.
const HEIGHT: f32 = 112.0;
/// Columns of dots at most.
const COLUMNS: f64 = 32.0;
/// The largest dot.
const LARGEST: f32 = 6.5;

/// Dots in columns that are each as wide as a step.
struct Columns {
    step: f64,
    /// Which multiple of the step the first begins at.
    first: f64,
    heights: Vec<usize>,
}

impl Columns {
    fn of(values: &[f64]) -> Self {
        let low = values.iter().copied().fold(f64::INFINITY, f64::min);
        let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let step = round_step((high - low) / COLUMNS);
        // Zero is an edge between columns, so that none holds both losses and gains.
        let column = |value: f64| (value / step).floor();
        let first = column(low);
        let mut heights = vec![0; ((column(high) - first).max(0.0) as usize).min(100) + 1];
        let last = heights.len() - 1;
        for value in values {
            heights[((column(*value) - first).max(0.0) as usize).min(last)] += 1;
        }
        Self {
            step,
            first,
            heights,
        }
    }

    fn ends(&self) -> [f64; 2] {
        let count = self.heights.len() as f64;
        [self.first * self.step, (self.first + count) * self.step]
    }
}

/// The picture from a place on; answers where it ends.
pub(crate) fn dots(pen: &mut Pen<'_, '_>, contents: Contents<'_>, top: f32) -> f32 {
    let percentiles = contents.result.npv_percentiles.iter();
    let values: Vec<f64> = percentiles.copied().step_by(2).collect();
    if values.is_empty() {
        return top;
    }
    pen.picture(Tag::Figure(Some(spoken(contents))), |pen| {
        draw(pen, contents, &values, top);
    });
    top + HEIGHT + 36.0
}

/// The picture in words.
fn spoken(contents: Contents<'_>) -> String {
    format!(
        "Net present value of 100 futures as dots. They lose money: {}. They make money: {}.",
        lost(contents),
        made(contents)
    )
}

fn lost(contents: Contents<'_>) -> String {
    let share = contents.result.probabilities.npv_negative.value;
    chance(share, contents.result.trials)
}

fn made(contents: Contents<'_>) -> String {
    let share = contents.result.probabilities.npv_negative.value;
    chance(1.0 - share, contents.result.trials)
}

fn draw(pen: &mut Pen<'_, '_>, contents: Contents<'_>, values: &[f64], top: f32) {
    let columns = Columns::of(values);
    let ticks = Ticks::around(with_zero(columns.ends()), 9, contents.unit.resolution());
    let x = Scale {
        values: ticks.ends(),
        places: [LEFT + 16.0, RIGHT - 16.0],
    };
    let floor = top + HEIGHT;
    let [first, last] = x.places;
    let zero = x.at(0.0);
    pen.fill_box([first, top], [zero - first, HEIGHT], color::loss_ground());
    sides(pen, contents, (x, zero), top);
    stacks(pen, &columns, x, floor);
    let [low, high] = x.values;
    if low <= 0.0 && 0.0 <= high {
        pen.line_through(&[[zero, top], [zero, floor]], color::ink(), 0.9);
    }
    pen.line_through(&[[first, floor], [last, floor]], color::grey(), 0.6);
    let look = Type::regular(7.0, color::grey());
    for tick in &ticks.values {
        let at = x.at(*tick);
        pen.line_through(&[[at, floor], [at, floor + 3.0]], color::grey(), 0.5);
        let text = contents.round_money(*tick);
        pen.text([at, floor + 11.0], Anchor::Middle, look, &text);
    }
    interval(pen, contents, x, floor + 19.0);
}

/// What lies left and right of zero, each named on its own side where there is room.
fn sides(pen: &mut Pen<'_, '_>, contents: Contents<'_>, (x, zero): (Scale, f32), top: f32) {
    let [loss, gain] = [color::loss(), color::gain()].map(|it| Type::strong(8.0, it));
    let texts = [
        format!("Lose money: {}", lost(contents)),
        format!("Make money: {}", made(contents)),
    ];
    let y = top + 10.0;
    let widths = [pen.width(loss, &texts[0]), pen.width(gain, &texts[1])];
    let [left, right] = x.places;
    // Both stand together where one of them has no room on its side.
    let together = widths[0] + widths[1] + 22.0;
    let between = if zero - left < widths[0] + 6.0 {
        left + widths[0] + 10.0
    } else if right - zero < widths[1] + 6.0 {
        right - together + widths[0] + 12.0
    } else {
        zero
    };
    pen.text([between - 5.0, y], Anchor::End, loss, &texts[0]);
    pen.text([between + 5.0, y], Anchor::Start, gain, &texts[1]);
}

fn stacks(pen: &mut Pen<'_, '_>, columns: &Columns, x: Scale, floor: f32) {
    let tallest = columns.heights.iter().copied().max().unwrap_or(1);
    let width = x.length_of(columns.step);
    // Below the words at the top.
    let room = (HEIGHT - 16.0) / tallest as f32;
    let radius = (width.min(room) / 2.0 - 0.4).clamp(0.8, LARGEST);
    for (index, height) in columns.heights.iter().enumerate() {
        let start = (columns.first + index as f64) * columns.step;
        let is_gain = start >= 0.0;
        let color = if is_gain {
            color::gain()
        } else {
            color::loss()
        };
        let inner = if is_gain { radius } else { 0.9 * radius };
        for level in 0..*height {
            let y = floor - 2.0 - (2.0 * level as f32 + 1.0) * (radius + 0.3);
            pen.dot([x.at(start + columns.step / 2.0), y], inner, color, is_gain);
        }
    }
}

/// What 90 in 100 futures lie between, and the middle one.
fn interval(pen: &mut Pen<'_, '_>, contents: Contents<'_>, x: Scale, y: f32) {
    let Some(npv) = contents.result.outcomes.get(&OutcomeName::Npv) else {
        return;
    };
    let [low, middle, high] = [npv.p5, npv.p50, npv.p95].map(|it| number(it).unwrap_or(0.0));
    let [from, at, to] = [low, middle, high].map(|it| x.at(it));
    pen.line_through(&[[from, y], [to, y]], color::ink(), 0.8);
    for end in [from, to] {
        pen.line_through(&[[end, y - 2.5], [end, y + 2.5]], color::ink(), 0.8);
    }
    pen.dot([at, y], 2.4, color::ink(), false);
    let look = Type::regular(7.0, color::ink());
    let error = &npv.mc_error;
    let money = |amount: f64, error: Option<f64>| contents.money(amount, error.unwrap_or(0.0));
    let text = format!(
        "90 in 100 between {} and {}, the middle one {}",
        money(low, error.p5),
        money(high, error.p95),
        money(middle, error.p50)
    );
    let width = pen.width(look, &text);
    let [left, right] = x.places;
    let start = ((from + to - width) / 2.0).clamp(left, (right - width).max(left));
    pen.text([start, y + 11.0], Anchor::Start, look, &text);
}
