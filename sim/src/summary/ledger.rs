//! The ledger by line and month, over futures.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::ranked::quantiles;
use super::statistic::{Sample, Statistics};
use super::values::Values;
use crate::flows::Line;
use crate::trials::RunOptions;

/// The ledger of a run by line and month: as things are, with the programme, and the difference between them.
///
/// Lines are signed as they move the net flow. Means are over all futures, so that the means of the lines' present
/// values add up to the mean NPV within the horizon; percentiles do not add up.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct MonthlyLedger {
    /// Futures behind the means.
    pub futures: u64,
    /// Futures behind the percentiles by month: the run's first ones.
    pub band_futures: u64,
    /// Every line.
    pub lines: BTreeMap<Line, LedgerLine>,
    /// What the lines add up to, future by future.
    pub net: LedgerLine,
}

/// A line of the ledger, by month from month 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct LedgerLine {
    /// As things are.
    pub as_is: ByMonth,
    /// With the programme.
    pub programme: ByMonth,
    /// What the programme adds.
    pub difference: ByMonth,
    /// Present value of the difference, over all futures.
    pub present_value: Statistics,
}

/// An amount over futures, by month from month 0.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "each percentile is named after itself")]
pub struct ByMonth {
    /// Mean over all futures.
    pub mean: Vec<f64>,
    pub p5: Vec<f64>,
    pub p50: Vec<f64>,
    pub p95: Vec<f64>,
}

/// Lines and, last, what they add up to.
const ROWS: usize = Line::ALL.len() + 1;

/// What is as things are, and what the programme adds.
type Amount = [f64; 2];

/// The ledger of consecutive futures.
pub(crate) struct LedgerTile {
    months: usize,
    rows: Vec<Row>,
    /// Whether each future's own months are kept.
    keeps: bool,
}

/// A row of a ledger in the futures of a tile.
#[derive(Clone)]
struct Row {
    /// Sums over futures, by month.
    sums: Vec<Amount>,
    /// Present values of the difference, by future.
    present: Vec<f64>,
    /// Months of one future after the other, where they are kept.
    kept: Vec<Amount>,
}

impl LedgerTile {
    /// Room for futures of so many months.
    pub(crate) fn new(months: usize, keeps: bool) -> Self {
        let row = Row {
            sums: vec![[0.0; 2]; months],
            present: Vec::new(),
            kept: Vec::new(),
        };
        Self {
            months,
            rows: vec![row; ROWS],
            keeps,
        }
    }

    /// Adds a future: what a line comes to in a month, and the factor of the month to present value.
    pub(crate) fn add(
        &mut self,
        amount: impl Fn(Line, usize) -> Amount,
        discount: impl Fn(usize) -> f64,
    ) {
        let Some((last, lines)) = self.rows.split_last_mut() else {
            return;
        };
        let mut net = vec![[0.0; 2]; self.months];
        for (line, row) in Line::ALL.into_iter().zip(lines) {
            let months: Vec<Amount> = (0..self.months).map(|month| amount(line, month)).collect();
            for (net, month) in net.iter_mut().zip(&months) {
                *net = sum(*net, *month);
            }
            row.add(months, &discount, self.keeps);
        }
        last.add(net, &discount, self.keeps);
    }
}

impl Row {
    fn add(&mut self, months: Vec<Amount>, discount: &impl Fn(usize) -> f64, keeps: bool) {
        let present = months
            .iter()
            .enumerate()
            .map(|(month, [_, more])| more * discount(month));
        self.present.push(present.sum());
        for (sum_of, month) in self.sums.iter_mut().zip(&months) {
            *sum_of = sum(*sum_of, *month);
        }
        if keeps {
            self.kept.extend(months);
        }
    }
}

fn sum([a, b]: Amount, [c, d]: Amount) -> Amount {
    [a + c, b + d]
}

impl MonthlyLedger {
    /// Of tiles in the order of their futures.
    pub(crate) fn new(options: &RunOptions, tiles: &[LedgerTile]) -> Self {
        let months = tiles.first().map_or(0, |tile| tile.months);
        let line = |row: usize| {
            let rows: Vec<&Row> = tiles.iter().map(|tile| &tile.rows[row]).collect();
            LedgerLine::new(options, &rows, months)
        };
        let lines = Line::ALL.into_iter().enumerate();
        let kept = tiles.iter().map(|tile| tile.rows[0].kept.len());
        Self {
            futures: options.trials,
            band_futures: kept.sum::<usize>() as u64 / months.max(1) as u64,
            lines: lines.map(|(row, it)| (it, line(row))).collect(),
            net: line(ROWS - 1),
        }
    }
}

impl LedgerLine {
    fn new(options: &RunOptions, rows: &[&Row], months: usize) -> Self {
        let mut sums = vec![[0.0; 2]; months];
        for row in rows {
            for (all, of_row) in sums.iter_mut().zip(&row.sums) {
                *all = sum(*all, *of_row);
            }
        }
        let futures = options.trials as f64;
        let column = |of: fn(Amount) -> f64| {
            let mean = sums.iter().map(|&month| of(month) / futures).collect();
            ByMonth::new(mean, rows, months, of)
        };
        let present = Values::new(rows.iter().map(|row| row.present.as_slice()));
        Self {
            as_is: column(|[as_is, _]| as_is),
            programme: column(|[as_is, more]| as_is + more),
            difference: column(|[_, more]| more),
            present_value: Sample::new(options).statistics(&present),
        }
    }
}

impl ByMonth {
    fn new(mean: Vec<f64>, rows: &[&Row], months: usize, of: fn(Amount) -> f64) -> Self {
        let bands: Vec<[f64; 3]> = (0..months)
            .map(|month| {
                let kept = rows
                    .iter()
                    .flat_map(|row| row.kept.iter().skip(month).step_by(months));
                let values: Vec<f64> = kept.map(|amount| of(*amount)).collect();
                quantiles(&Values::from(&*values), [0.05, 0.5, 0.95])
            })
            .collect();
        let band = |place: usize| bands.iter().map(|month| month[place]).collect();
        Self {
            mean,
            p5: band(0),
            p50: band(1),
            p95: band(2),
        }
    }
}
