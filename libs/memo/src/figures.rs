//! The four figures that are read first, each with what it is an interval and a share of.

use keepworth_contract::simulator::{Level, NoLevel, OutcomeName, Statistics};
use keepworth_verdict::number::error as error_of;
use keepworth_verdict::words::chance;
use krilla::tagging::Tag;

use crate::pen::{Pen, Type};
use crate::words::{ends, hundredths, number, payback, rate};
use crate::{Contents, LEFT, RIGHT, WIDTH, color};

/// From a figure's text to the rule beside it.
const PADDING: f32 = 8.0;

/// A figure.
struct Figure {
    name: &'static str,
    value: String,
    /// Its interval, and what it rests on.
    basis: [String; 2],
}

/// The figures from a place on; answers where they end.
pub(crate) fn figures(pen: &mut Pen<'_, '_>, contents: Contents<'_>, top: f32) -> f32 {
    let figures = [
        npv(contents),
        loss(contents),
        pays_back(contents),
        roi(contents),
    ];
    let wide = WIDTH / figures.len() as f32;
    let [name, value, basis] = [
        Type::regular(7.5, color::grey()),
        Type::strong(15.0, color::ink()),
        Type::regular(7.0, color::grey()),
    ];
    let mut bottom = top;
    for (index, figure) in figures.iter().enumerate() {
        let x = LEFT + index as f32 * wide + if index == 0 { 0.0 } else { PADDING };
        let room = wide - PADDING - if index == 0 { 0.0 } else { PADDING };
        pen.paragraph(Tag::P, [x, top + 13.0], name, (figure.name, room, 1));
        // What is longer than a number still has to fit.
        let mut value = value;
        while pen.width(value, &figure.value) > room && value.size > 9.0 {
            value.size -= 0.5;
        }
        pen.paragraph(Tag::P, [x, top + 31.0], value, (&figure.value, room, 1));
        let mut y = top + 44.0;
        for text in &figure.basis {
            y = pen.paragraph(Tag::P, [x, y], basis, (text, room, 3));
        }
        bottom = bottom.max(y - 2.0);
    }
    for y in [top, bottom] {
        pen.line_through(&[[LEFT, y], [RIGHT, y]], color::rule(), 0.75);
    }
    for index in 1..figures.len() {
        let x = LEFT + index as f32 * wide;
        pen.line_through(&[[x, top], [x, bottom]], color::rule(), 0.75);
    }
    bottom
}

fn statistics(contents: Contents<'_>, name: OutcomeName) -> Option<&Statistics> {
    contents.result.outcomes.get(&name)
}

/// How far a figure would move with another seed.
fn simulated(error: &str) -> String {
    format!("±\u{a0}{error} (simulation)")
}

fn between(ends: [String; 2]) -> String {
    match ends {
        [low, high] if low == high => "the same in at least 90 in 100".to_owned(),
        [low, high] => format!("90 in 100 between {low} and {high}"),
    }
}

fn npv(contents: Contents<'_>) -> Figure {
    let name = "Net present value, median";
    let Some(it) = statistics(contents, OutcomeName::Npv) else {
        return Figure::none(name);
    };
    let error = &it.mc_error;
    let shown = |level: Level, error: Option<f64>| {
        let amount = number(level).unwrap_or(0.0);
        contents.money(amount, error.unwrap_or(0.0))
    };
    Figure {
        name,
        value: shown(it.p50, error.p50),
        basis: [
            between([shown(it.p5, error.p5), shown(it.p95, error.p95)]),
            simulated(&error_of(error.p50.unwrap_or(0.0))),
        ],
    }
}

fn loss(contents: Contents<'_>) -> Figure {
    let result = contents.result;
    let share = result.probabilities.npv_negative;
    let worst = contents.money(result.cvar5.value, result.cvar5.mc_error);
    Figure {
        name: "Chance of a loss",
        value: chance(share.value, result.trials),
        basis: [
            format!("the worst 5 in 100 are worth {worst} on average"),
            simulated(&hundredths(share.mc_error)),
        ],
    }
}

fn pays_back(contents: Contents<'_>) -> Figure {
    let name = "Payback, median";
    let Some(it) = statistics(contents, OutcomeName::PaybackMonth) else {
        return Figure::none(name);
    };
    let shown = |level| payback(level, contents.horizon());
    let never = contents.result.probabilities.no_payback;
    Figure {
        name,
        value: shown(it.p50),
        basis: [
            match ends(it) {
                [low @ Level::Number(_), Level::Word(NoLevel::Never)] => {
                    format!("5 in 100 by {}", shown(low))
                }
                ends => between(ends.map(shown)),
            },
            format!(
                "not within {} months: {} (±\u{a0}{})",
                contents.horizon(),
                chance(never.value, contents.result.trials),
                hundredths(never.mc_error)
            ),
        ],
    }
}

fn roi(contents: Contents<'_>) -> Figure {
    let name = "Return on its cost, median";
    let (Some(it), Some(cost)) = (
        statistics(contents, OutcomeName::Roi),
        statistics(contents, OutcomeName::PvCosts),
    ) else {
        return Figure::none(name);
    };
    let spent = number(cost.p50).unwrap_or(0.0);
    if spent == 0.0 && cost.mean.is_none_or(|mean| mean == 0.0) {
        return Figure {
            name,
            value: "no cost".to_owned(),
            basis: [
                "nothing is spent, so there is nothing to return".to_owned(),
                String::new(),
            ],
        };
    }
    let error = &it.mc_error;
    Figure {
        name,
        value: rate(it.p50, error.p50),
        basis: [
            between([rate(it.p5, error.p5), rate(it.p95, error.p95)]),
            format!(
                "of a cost of {} in present value",
                contents.money(spent, cost.mc_error.p50.unwrap_or(0.0))
            ),
        ],
    }
}

impl Figure {
    fn none(name: &'static str) -> Self {
        Self {
            name,
            value: "none".to_owned(),
            basis: [String::new(), String::new()],
        }
    }
}
