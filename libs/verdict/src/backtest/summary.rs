//! What cells come to, by figure and by segment.

use std::collections::{BTreeMap, BTreeSet};

use keepworth_contract::simulator::{
    BacktestCell, CountedFigure, Coverage, FigureScore, SegmentBias,
};

use super::coverage::coverage;
use super::shock::independent;
use crate::interval::student;

/// Which of a cell's bands is that of 80%.
const EIGHTY: usize = 1;
/// Fewer months have no interval.
const FEWEST: usize = 3;

/// How many segments there are.
pub(super) fn segments(cells: &[BacktestCell]) -> usize {
    let names: BTreeSet<&str> = cells.iter().map(|it| it.segment.as_str()).collect();
    names.len()
}

/// Over all figures; contacts of one channel are among those of all.
pub(super) fn coverage_of_all(cells: &[BacktestCell]) -> Vec<Coverage> {
    coverage(&cells.iter().filter(|it| it.channel.is_none()))
}

/// By figure.
pub(super) fn figures(cells: &[BacktestCell], currency: &str) -> Vec<FigureScore> {
    let mut by_figure: BTreeMap<(CountedFigure, Option<&str>), Vec<&BacktestCell>> =
        BTreeMap::new();
    for cell in cells {
        let key = (cell.figure, cell.channel.as_deref());
        by_figure.entry(key).or_default().push(cell);
    }
    let score =
        |((figure, channel), cells): ((CountedFigure, Option<&str>), Vec<&BacktestCell>)| {
            let with_last_year = |it: &&BacktestCell| it.last_year.is_some();
            let last_year: Vec<&BacktestCell> =
                cells.iter().copied().filter(with_last_year).collect();
            let (actual, expected) = cells
                .iter()
                .fold((0.0, 0.0), |sum, it| (sum.0 + it.actual, sum.1 + it.mean));
            FigureScore {
                figure,
                channel: channel.map(str::to_owned),
                unit: figure.unit(currency).to_owned(),
                coverage: coverage(&cells.iter().copied()),
                crps: mean(cells.iter().map(|it| it.crps)).unwrap_or_default(),
                crps_last_value: distance(&cells, |it| it.last_value),
                crps_last_year: distance(&last_year, |it| it.last_year),
                crps_where_last_year: mean(last_year.iter().map(|it| it.crps)),
                bias: (expected > 0.0).then(|| actual / expected - 1.0),
                width_factor: width_factor(&cells),
            }
        };
    by_figure.into_iter().map(score).collect()
}

/// Mean distance of the actuals from a forecast that is one number.
fn distance(cells: &[&BacktestCell], naive: impl Fn(&BacktestCell) -> Option<f64>) -> Option<f64> {
    mean(
        cells
            .iter()
            .filter_map(|it| Some((it.actual - naive(it)?).abs())),
    )
}

fn mean(values: impl Iterator<Item = f64>) -> Option<f64> {
    let (n, sum) = values.fold((0.0, 0.0), |(n, sum), value| (n + 1.0, sum + value));
    (n > 0.0).then(|| sum / n)
}

/// The least factor on the halves of bands of 80% with which 80% of them hold; none where more than a fifth
/// missed a band of no width.
fn width_factor(cells: &[&BacktestCell]) -> Option<f64> {
    let off = |it: &&BacktestCell| {
        let band = &it.bands[EIGHTY];
        let half = if it.actual < it.median {
            it.median - band.low
        } else {
            band.high - it.median
        };
        let off = (it.actual - it.median).abs();
        if off > 0.0 { off / half } else { 0.0 }
    };
    let mut factors: Vec<f64> = cells.iter().map(off).collect();
    factors.sort_by(f64::total_cmp);
    let place = (0.8 * factors.len() as f64).ceil() as usize;
    let found = factors.get(place.max(1) - 1).copied();
    found.filter(|it| it.is_finite())
}

/// By segment and figure, contacts of all channels together.
pub(super) fn biases(cells: &[BacktestCell]) -> Vec<SegmentBias> {
    let mut by_segment: BTreeMap<(&str, CountedFigure), Vec<f64>> = BTreeMap::new();
    for cell in cells
        .iter()
        .filter(|it| it.channel.is_none() && it.mean > 0.0)
    {
        let key = (cell.segment.as_str(), cell.figure);
        by_segment
            .entry(key)
            .or_default()
            .push(cell.actual / cell.mean - 1.0);
    }
    let bias = |((segment, figure), off): ((&str, CountedFigure), Vec<f64>)| {
        let centre = mean(off.iter().copied()).unwrap_or_default();
        let n = off.len() as f64;
        let squares: f64 = off.iter().map(|it| (it - centre).powi(2)).sum();
        // Months that follow each other are off together: no fewer than two are worth an interval.
        let worth = independent(&off, centre).max(2.0);
        let error = (squares / (n - 1.0) / worth).sqrt();
        let interval = student(
            centre,
            error,
            worth - 1.0,
            "student_t_of_independent_months",
        );
        SegmentBias {
            segment: segment.to_owned(),
            figure,
            bias: centre,
            interval: interval.filter(|_| off.len() >= FEWEST),
            n: off.len() as u64,
        }
    };
    by_segment.into_iter().map(bias).collect()
}
