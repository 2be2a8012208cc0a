//! One actual and its forecast.

use std::borrow::Cow;

use keepworth_contract::Month;
use keepworth_contract::simulator::{BacktestCell, CountedFigure, ForecastBand};

use super::Segment;

/// Levels of bands.
pub(super) const LEVELS: [f64; 3] = [0.5, 0.8, 0.95];

/// A figure, the channel of contacts through one, and the figure in each future.
pub(super) type Drawn<'a> = (CountedFigure, Option<&'a str>, Cow<'a, [f64]>);

/// Each figure that is scored, its channel, and its draws in the month of a place.
pub(super) fn pairs<'a>(segment: &'a Segment<'_>, place: usize) -> Vec<Drawn<'a>> {
    let drawn = segment.drawn;
    let own = [
        (CountedFigure::Customers, &drawn.customers),
        (CountedFigure::Won, &drawn.won),
        (CountedFigure::Leavers, &drawn.leavers),
        (CountedFigure::Revenue, &drawn.revenue),
        (CountedFigure::ServiceCost, &drawn.service_cost),
        (CountedFigure::Cost, &drawn.cost),
    ];
    let own = own.map(|(figure, months)| (figure, None, Cow::Borrowed(&months[place][..])));
    let mut found = Vec::from(own);
    if segment.channels.is_empty() {
        return found;
    }
    let all = Cow::Owned(all_contacts(&drawn.contacts, place));
    found.push((CountedFigure::Contacts, None, all));
    if segment.channels.len() > 1 {
        for (name, months) in segment.channels.iter().zip(&drawn.contacts) {
            let draws = Cow::Borrowed(&months[place][..]);
            found.push((CountedFigure::Contacts, Some(*name), draws));
        }
    }
    found
}

/// Contacts through all channels in each future.
pub(super) fn all_contacts(contacts: &[Vec<Vec<f64>>], place: usize) -> Vec<f64> {
    let trials = contacts.first().map_or(0, |months| months[place].len());
    let sum = |trial: usize| contacts.iter().map(|months| months[place][trial]).sum();
    (0..trials).map(sum).collect()
}

/// Scores an actual by the draws of its forecast; whose it is, is left to the caller.
pub(super) fn cell(draws: &[f64], actual: f64) -> BacktestCell {
    let mut sorted = draws.to_vec();
    sorted.sort_by(f64::total_cmp);
    let band = |level: f64| ForecastBand {
        level,
        low: quantile(&sorted, (1.0 - level) / 2.0),
        high: quantile(&sorted, f64::midpoint(1.0, level)),
    };
    BacktestCell {
        segment: String::new(),
        month: Month::from_index(0),
        figure: CountedFigure::Customers,
        channel: None,
        actual,
        mean: sorted.iter().sum::<f64>() / sorted.len() as f64,
        median: quantile(&sorted, 0.5),
        bands: LEVELS.map(band).into(),
        crps: crps(&sorted, actual),
        last_value: None,
        last_year: None,
    }
}

/// The quantile of sorted draws, the k-th of n at (k − ½)/n (Hyndman and Fan 1996, definition 5).
pub(super) fn quantile(sorted: &[f64], p: f64) -> f64 {
    let place = (p * sorted.len() as f64 - 0.5).clamp(0.0, sorted.len() as f64 - 1.0);
    let (below, part) = (place.floor(), place.fract());
    let at = |place: f64| sorted[(place as usize).min(sorted.len() - 1)];
    at(below) + part * (at(below + 1.0) - at(below))
}

/// `E|X − y| − ½E|X − X′|` of sorted draws.
fn crps(sorted: &[f64], actual: f64) -> f64 {
    let n = sorted.len() as f64;
    let off: f64 = sorted.iter().map(|it| (it - actual).abs()).sum();
    let ranks = sorted
        .iter()
        .zip(1..)
        .map(|(it, rank)| it * f64::from(2 * rank - 1) - it * n);
    off / n - ranks.sum::<f64>() / (n * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_are_those_of_the_definition() {
        let draws = [3.0, 1.0, 4.0, 1.0, 5.0];
        let found = cell(&draws, 2.0);
        // Mean distance from 2: (1 + 1 + 2 + 1 + 3)/5; half the mean distance of pairs: 44/25/2.
        let pairs: f64 = draws
            .iter()
            .flat_map(|a| draws.map(|b| (a - b).abs()))
            .sum();
        assert!((found.crps - (8.0 / 5.0 - pairs / 50.0)).abs() < 1e-12);
        assert_eq!(found.median, 3.0);
        assert_eq!((found.bands[2].low, found.bands[2].high), (1.0, 5.0));
        let sure = cell(&[2.0; 4], 5.0);
        assert_eq!(sure.crps, 3.0, "one number: its distance");
    }

    #[test]
    fn a_normal_has_its_score() {
        // Of a standard normal and an actual of 0: (√2 − 1)/√π.
        let n = 20_000;
        let at = |k: i32| keepworth_sim::math::ndtri((f64::from(k) + 0.5) / f64::from(n));
        let found = cell(&(0..n).map(at).collect::<Vec<_>>(), 0.0);
        assert!((found.crps - (2_f64.sqrt() - 1.0) / std::f64::consts::PI.sqrt()).abs() < 1e-4);
        assert!((found.bands[1].high - 1.281_55).abs() < 1e-3);
    }
}
