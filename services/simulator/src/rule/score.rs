//! Experience scores of a segment: each customer's last answer in the window.
//!
//! NPS is promoters (9, 10) less detractors (0 to 6) in points; CSAT the share of 4 and 5; CES and
//! RATING are means.

use keepworth_contract::{Flag, FlagCode, Word};
use std::collections::BTreeMap;

use keepworth_contract::experience::FeedbackKind;
use keepworth_contract::simulator::FigureName;
use keepworth_contract::simulator::baseline::Figure;

use crate::rule::sum::Moments;
use crate::rule::sum::student_t;
use crate::rule::tally::Tally;
use keepworth_verdict::figure::{Basis, EXPOSURES, figure};
use keepworth_verdict::interval::{net_points, wilson};

/// Fewer answers than this are too few to compare.
const FEW_ANSWERS: u64 = 30;

/// The name of a score's figure.
pub(crate) fn name(kind: FeedbackKind) -> FigureName {
    match kind {
        FeedbackKind::Nps => FigureName::Nps,
        FeedbackKind::Csat => FigureName::Csat,
        FeedbackKind::Ces => FigureName::Ces,
        FeedbackKind::Rating => FigureName::Rating,
    }
}

/// The figures of every kind that anybody answered.
pub(crate) fn figures(tally: &Tally) -> impl Iterator<Item = (FigureName, Figure)> + '_ {
    FeedbackKind::all().filter_map(|kind| {
        let counts = tally.scores.get(kind.name())?;
        let answers: u64 = counts.values().sum();
        let figure = of_kind(kind, counts, answers)
            .over(EXPOSURES, tally.exposure_rows)
            .flag_if(
                answers < FEW_ANSWERS,
                Flag::new(
                    FlagCode::FewAnswers,
                    format!("{answers} answers are too few to compare"),
                ),
            );
        Some((name(kind), figure))
    })
}

fn of_kind(kind: FeedbackKind, counts: &BTreeMap<i32, u64>, n: u64) -> Figure {
    let between = |low, high| counts.range(low..=high).map(|(_, n)| n).sum::<u64>();
    match kind {
        FeedbackKind::Nps => {
            let (promoters, detractors) = (between(9, 10), between(0, 6));
            let net = 100.0 * (promoters as f64 - detractors as f64) / n as f64;
            score(kind, Some(net), n).within(net_points(promoters, detractors, n))
        }
        FeedbackKind::Csat => {
            let satisfied = between(4, 5);
            let share = satisfied as f64 / n as f64;
            score(kind, Some(share), n).within(wilson(satisfied, n))
        }
        FeedbackKind::Ces | FeedbackKind::Rating => mean(kind, counts),
    }
}

fn mean(kind: FeedbackKind, counts: &BTreeMap<i32, u64>) -> Figure {
    let mut sample = Moments::default();
    for (score, customers) in counts {
        (0..*customers).for_each(|_| sample.add(f64::from(*score)));
    }
    score(kind, sample.value(), sample.n).within(student_t(&sample))
}

/// A score's figure, which is in no currency.
fn score(kind: FeedbackKind, value: Option<f64>, n: u64) -> Figure {
    figure(name(kind), "", value, n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn figure_of(kind: &str, counts: &[(i32, u64)]) -> Figure {
        let tally = Tally {
            scores: BTreeMap::from([(kind.to_owned(), counts.iter().copied().collect())]),
            ..Tally::default()
        };
        figures(&tally).next().unwrap().1
    }

    #[test]
    fn published_vectors() {
        assert_eq!(
            figure_of("NPS", &[(10, 60), (7, 25), (3, 15)]).value,
            Some(45.0)
        );
        let counts = [(1, 4), (2, 6), (3, 20), (4, 90), (5, 80)];
        assert_eq!(figure_of("CSAT", &counts).value, Some(0.85));
        let counts = [
            (1, 80),
            (2, 210),
            (3, 140),
            (4, 110),
            (5, 160),
            (6, 180),
            (7, 120),
        ];
        assert!((figure_of("CES", &counts).value.unwrap() - 4.08).abs() < 1e-12);
        let few = &figure_of("NPS", &[(10, 5)]).quality_flags[0];
        assert_eq!(few.code, FlagCode::FewAnswers);
    }
}
