//! Whether the forecast was right, in a sentence that follows the figures shown.

use keepworth_contract::Month;
use keepworth_contract::simulator::{CountedFigure, Coverage, FigureScore};

/// What bands of 80% promise, in percent.
const PROMISED: f64 = 80.0;
/// So many percentage points off it is about as promised.
const ABOUT: f64 = 5.0;
/// A wider interval tells little.
const LITTLE: f64 = 0.3;

/// The sentence: how many bands held, what that says of them, and how far revenue was off.
pub(super) fn words(coverage: &[Coverage], figures: &[FigureScore], months: &[Month]) -> String {
    let (Some(eighty), [first, .., last] | [first @ last]) = (
        coverage.iter().find(|it| it.level == 0.8 && it.n > 0),
        months,
    ) else {
        return "Nothing was recorded that could be held against a forecast.".to_owned();
    };
    let shown = (100.0 * eighty.share).round();
    let judged = if shown < PROMISED - ABOUT {
        "fewer than promised: the forecast was surer than it should have been"
    } else if shown > PROMISED + ABOUT {
        "more than promised: the bands were wider than needed"
    } else {
        "about as many as promised"
    };
    let is_little = eighty
        .interval
        .as_ref()
        .is_none_or(|it| it.high - it.low > LITTLE);
    let little = if is_little {
        ". So few segments tell little of another year"
    } else {
        ""
    };
    let span = if first == last {
        format!("of {first}")
    } else {
        format!("from {first} to {last}")
    };
    format!(
        "Of {} figures {span}, {shown:.0}% lay within the bands that were to hold {PROMISED:.0}% of them: \
         {judged}{little}.{}",
        eighty.n,
        revenue(figures).unwrap_or_default()
    )
}

/// How far revenue was off.
fn revenue(figures: &[FigureScore]) -> Option<String> {
    let bias = figures
        .iter()
        .find(|it| it.figure == CountedFigure::Revenue)?
        .bias?;
    let shown = (1000.0 * bias).round() / 10.0;
    Some(match shown {
        0.0 => " Revenue came as expected, to a thousandth.".to_owned(),
        more if more > 0.0 => format!(" Revenue came to {more:.1}% more than expected."),
        less => format!(" Revenue came to {:.1}% less than expected.", -less),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(share: f64) -> String {
        let eighty = Coverage {
            level: 0.8,
            held: 0,
            n: 1000,
            share,
            interval: crate::interval::wilson_share(share, 1000.0, "w"),
        };
        words(
            &[eighty],
            &[],
            &["2025-01", "2025-12"].map(|it| it.parse().unwrap()),
        )
    }

    #[test]
    fn words_follow_the_figure_shown() {
        assert!(said(0.846).contains("85%") && said(0.846).contains("about as many"));
        assert!(said(0.855_1).contains("86%") && said(0.855_1).contains("wider than needed"));
        assert!(said(0.746).contains("75%") && said(0.746).contains("about as many"));
        assert!(said(0.74).contains("74%") && said(0.74).contains("surer"));
        assert!(said(0.8).contains("from 2025-01 to 2025-12") && !said(0.8).contains("little"));
    }
}
