//! When the money comes back: the cumulative flow month by month, as bands that hold 50 and 90 in 100 futures.

use keepworth_contract::simulator::Bands;
use krilla::tagging::Tag;

use crate::axis::{Scale, Ticks, apart, month_step};
use crate::pen::{Anchor, Pen, Type};
use crate::{Contents, LEFT, RIGHT, color};

/// How high the picture is.
const HEIGHT: f32 = 160.0;
/// Room above it for the words of the mark.
const MARK: f32 = 15.0;
/// Room for amounts at the left, and for names of bands at the right.
const MARGINS: [f32; 2] = [52.0, 118.0];

/// The picture from a place on; answers where it ends.
pub(crate) fn fan(pen: &mut Pen<'_, '_>, contents: Contents<'_>, top: f32) -> f32 {
    let alt = spoken(contents);
    let mut bottom = top;
    pen.picture(Tag::Figure(Some(alt)), |pen| {
        bottom = draw(pen, contents, top);
    });
    bottom
}

fn bands(contents: Contents<'_>) -> &Bands {
    &contents.result.monthly.cumulative_discounted_flow
}

/// The picture in words.
fn spoken(contents: Contents<'_>) -> String {
    let last = |band: &[f64]| contents.unit.figure(band.last().copied().unwrap_or(0.0));
    let it = bands(contents);
    format!(
        "Cumulative discounted flow by month, in {}. At month {} half of the futures are above {}, and 90 in 100 lie \
         between {} and {}. {}",
        contents.case.currency,
        contents.horizon(),
        last(&it.p50),
        last(&it.p5),
        last(&it.p95),
        back(&it.p50).1,
    )
}

/// From which month on half of the futures are above zero, if from any, and that in words.
fn back(median: &[f64]) -> (Option<usize>, String) {
    let horizon = median.len().saturating_sub(1);
    match median.iter().rposition(|sum| *sum < 0.0) {
        None => (None, "Half of the futures are never below zero".to_owned()),
        Some(last) if last >= horizon => {
            let text = format!("Fewer than half of the futures are above zero by month {horizon}");
            (None, text)
        }
        Some(last) => {
            let month = last + 1;
            let text = format!("Half of the futures are above zero from month {month} on");
            (Some(month), text)
        }
    }
}

fn draw(pen: &mut Pen<'_, '_>, contents: Contents<'_>, top: f32) -> f32 {
    let it = bands(contents);
    let all = it.p5.iter().chain(&it.p95);
    let low = all.clone().fold(0.0_f64, |low, sum| low.min(*sum));
    let high = all.fold(0.0_f64, |high, sum| high.max(*sum));
    let ticks = Ticks::around([low, high], 7, contents.unit.resolution());
    let y = Scale {
        values: ticks.ends(),
        places: [top + HEIGHT, top + MARK],
    };
    let x = Scale {
        values: [0.0, contents.horizon().max(1) as f64],
        places: [LEFT + MARGINS[0], RIGHT - MARGINS[1]],
    };
    amounts(pen, contents, &ticks, (x, y));
    for ([below, above], ground) in [
        ([&it.p5, &it.p95], color::outer()),
        ([&it.p25, &it.p75], color::inner()),
    ] {
        pen.area(&band((x, y), below, above), ground);
    }
    let zero = y.at(0.0);
    pen.line_through(
        &[[x.places[0], zero], [x.places[1], zero]],
        color::ink(),
        0.75,
    );
    pen.line_through(&path((x, y), &it.p50), color::gain(), 1.5);
    names(pen, contents, it, (x, y));
    mark(pen, it, (x, y));
    months(pen, contents, it, x, top + HEIGHT)
}

fn path((x, y): (Scale, Scale), sums: &[f64]) -> Vec<[f32; 2]> {
    let months = sums.iter().enumerate();
    months
        .map(|(month, sum)| [x.at(month as f64), y.at(*sum)])
        .collect()
}

/// The edge of a band: its upper side, and back along its lower one.
fn band(scales: (Scale, Scale), below: &[f64], above: &[f64]) -> Vec<[f32; 2]> {
    let mut edge = path(scales, above);
    edge.extend(path(scales, below).into_iter().rev());
    edge
}

fn amounts(pen: &mut Pen<'_, '_>, contents: Contents<'_>, ticks: &Ticks, (x, y): (Scale, Scale)) {
    let look = Type::regular(7.0, color::grey());
    for tick in &ticks.values {
        let at = y.at(*tick);
        pen.line_through(&[[x.places[0], at], [x.places[1], at]], color::rule(), 0.5);
        let text = contents.round_money(*tick);
        let text = pen.fitted(look, &text, MARGINS[0] - 5.0);
        pen.text([x.places[0] - 5.0, at + 2.5], Anchor::End, look, &text);
    }
}

/// What each edge is, beside its end.
fn names(pen: &mut Pen<'_, '_>, contents: Contents<'_>, it: &Bands, (x, y): (Scale, Scale)) {
    let edges = [
        (&it.p95, "5 in 100 above"),
        (&it.p75, "25 in 100 above"),
        (&it.p50, "middle future"),
        (&it.p25, "25 in 100 below"),
        (&it.p5, "5 in 100 below"),
    ];
    let ends = edges.map(|(band, _)| band.last().copied().unwrap_or(0.0));
    let wanted = ends.map(|end| y.at(end));
    let places = apart(&wanted, 9.5, [y.places[1], y.places[0]]);
    let from = x.places[1];
    for (((_, name), end), (wanted, place)) in edges.iter().zip(ends).zip(wanted.iter().zip(places))
    {
        let is_middle = *name == "middle future";
        let (look, figure) = if is_middle {
            let look = Type::strong(7.5, color::gain());
            (look, look)
        } else {
            (
                Type::regular(7.0, color::grey()),
                Type::regular(7.0, color::ink()),
            )
        };
        let rule = [[from + 2.0, *wanted], [from + 8.0, place]];
        pen.line_through(&rule, color::grey(), 0.4);
        pen.text(
            [from + 46.0, place + 2.5],
            Anchor::End,
            figure,
            &contents.unit.figure(end),
        );
        pen.text([from + 51.0, place + 2.5], Anchor::Start, look, name);
    }
}

/// Where the middle of the futures crosses zero for good.
fn mark(pen: &mut Pen<'_, '_>, it: &Bands, (x, y): (Scale, Scale)) {
    let (month, text) = back(&it.p50);
    let look = Type::strong(7.5, color::ink());
    let room = y.places[1] - 7.0;
    let Some(month) = month else {
        return pen.text([x.places[0], room], Anchor::Start, look, &text);
    };
    let (at, zero) = (x.at(month as f64), y.at(0.0));
    pen.line_through(&[[at, room + 3.0], [at, zero]], color::ink(), 0.6);
    pen.dot([at, zero], 2.6, color::ink(), false);
    let width = pen.width(look, &text);
    let [left, right] = x.places;
    let start = (at - width / 2.0).clamp(left + 2.0, (right - width - 2.0).max(left + 2.0));
    pen.text([start, room], Anchor::Start, look, &text);
}

/// Months, and below them how many futures are above zero by then, as far as the bands tell; answers where they end.
fn months(pen: &mut Pen<'_, '_>, contents: Contents<'_>, it: &Bands, x: Scale, bottom: f32) -> f32 {
    let [look, strong] = [color::grey(), color::ink()].map(|it| Type::regular(7.0, it));
    let [y, shares] = [bottom + 11.0, bottom + 23.0];
    let step = month_step(contents.horizon());
    for month in (0..=contents.horizon()).step_by(step) {
        let at = x.at(month as f64);
        pen.line_through(&[[at, bottom], [at, bottom + 3.0]], color::grey(), 0.5);
        pen.text([at, y], Anchor::Middle, look, &month.to_string());
        pen.text([at, shares], Anchor::Middle, strong, above(it, month));
    }
    let beside = x.places[1] + 14.0;
    pen.text([beside, y], Anchor::Start, look, "month");
    pen.text(
        [beside, shares],
        Anchor::Start,
        look,
        "in 100 above zero by then",
    );
    shares
}

/// How many in 100 futures are above zero in a month: which bands lie there.
fn above(it: &Bands, month: usize) -> &'static str {
    let levels = [&it.p95, &it.p75, &it.p50, &it.p25, &it.p5];
    let are = levels.map(|band| band.get(month).is_some_and(|sum| *sum >= 0.0));
    match are.iter().filter(|it| **it).count() {
        0 => "< 5",
        1 => "5\u{2013}25",
        2 => "25\u{2013}50",
        3 => "50\u{2013}75",
        4 => "75\u{2013}95",
        _ => "> 95",
    }
}
