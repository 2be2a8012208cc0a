//! The likelihood of a calendar.

use nalgebra::{DMatrix, DVector};

use super::group::Group;
use crate::ascent::Evaluated;

/// Months that go together more than this cannot be told from a trend.
const MOST_TOGETHER: f64 = 0.9;

/// The conditional likelihood at one point.
pub(super) struct Point {
    objective: f64,
    gradient: DVector<f64>,
    information: DMatrix<f64>,
    /// What was counted in each month, and what is expected.
    by_month: Vec<(f64, f64)>,
    /// What scores move by where a month has more than is expected of it in all groups alike.
    moves: Vec<DVector<f64>>,
}

impl Point {
    pub(super) fn at(beta: &DVector<f64>, groups: &[Group], rows: &[DVector<f64>]) -> Self {
        let columns = beta.len();
        let weights: Vec<f64> = rows.iter().map(|x| x.dot(beta).exp()).collect();
        let mut point = Self {
            objective: 0.0,
            gradient: DVector::zeros(columns),
            information: DMatrix::zeros(columns, columns),
            by_month: vec![(0.0, 0.0); rows.len()],
            moves: vec![DVector::zeros(columns); rows.len()],
        };
        for group in groups.iter().filter(|it| it.total() > 0.0) {
            point.add(group, &weights, rows);
        }
        point
    }

    fn add(&mut self, group: &Group, weights: &[f64], rows: &[DVector<f64>]) {
        let total = group.total();
        let sum: f64 = group.exposure.iter().zip(weights).map(|(e, w)| e * w).sum();
        let mut mean = DVector::zeros(self.gradient.len());
        let months = group.exposure.iter().zip(&group.counted).zip(weights);
        for (month, ((exposure, counted), weight)) in months.enumerate() {
            let share = exposure * weight / sum;
            let expected = total * share;
            if *counted != 0.0 {
                self.objective += counted * share.ln();
            }
            let x = &rows[month];
            self.gradient.axpy(counted - expected, x, 1.0);
            self.information.ger(expected, x, x, 1.0);
            mean.axpy(share, x, 1.0);
            self.by_month[month].0 += counted;
            self.by_month[month].1 += expected;
        }
        self.information.ger(-total, &mean, &mean, 1.0);
        for (month, (exposure, weight)) in group.exposure.iter().zip(weights).enumerate() {
            let expected = total * exposure * weight / sum;
            self.moves[month].axpy(expected, &rows[month], 1.0);
            self.moves[month].axpy(-expected, &mean, 1.0);
        }
    }

    /// `Σ (counted − expected)²/expected` over months.
    pub(super) fn pearson(&self) -> f64 {
        self.residuals().iter().map(|it| it * it).sum()
    }

    /// `(counted − expected)/√expected` of each month, 0 where nothing is expected.
    fn residuals(&self) -> Vec<f64> {
        let residual = |(counted, expected): &(f64, f64)| match *expected > 0.0 {
            true => (counted - expected) / expected.sqrt(),
            false => 0.0,
        };
        self.by_month.iter().map(residual).collect()
    }

    /// What is counted of each month beyond what is expected.
    pub(super) fn off(&self) -> DVector<f64> {
        let off = self.by_month.iter();
        DVector::from_iterator(off.len(), off.map(|(counted, expected)| counted - expected))
    }

    /// What of [`pearson`](Self::pearson) comes of months' own variances.
    pub(super) fn by_chance(&self, variances: &DVector<f64>) -> f64 {
        let months = self.by_month.iter().zip(variances);
        let months = months.filter(|((_, expected), _)| *expected > 0.0);
        months
            .map(|((_, expected), variance)| variance / expected)
            .sum()
    }

    /// The first autocorrelation of the residuals, which fitting a level, a trend and a season biases downwards.
    pub(super) fn autocorrelation(&self, columns: usize) -> f64 {
        let residuals = self.residuals();
        let months = residuals.len() as f64;
        let together: f64 = residuals.windows(2).map(|pair| pair[0] * pair[1]).sum();
        let all: f64 = residuals.iter().map(|it| it * it).sum();
        if all <= 0.0 {
            return 0.0;
        }
        let lost = 1.0 + columns as f64;
        ((months * together / all + lost) / (months - 2.0 * lost)).clamp(0.0, MOST_TOGETHER)
    }

    /// What scores vary by where months go together as `ρ^|i − j|`; the information itself where they do not. What is
    /// added has the month's own part taken out of it, which is never more than the information: no variance is below 0.
    pub(super) fn meat(&self, autocorrelation: f64) -> DMatrix<f64> {
        let mut meat = self.information.clone();
        let months = self.moves.iter().zip(&self.by_month);
        // Of a month in which nobody was there nothing is expected, and nothing moves.
        let score = |(moves, (_, expected)): (&DVector<f64>, &(f64, f64))| match *expected > 0.0 {
            true => moves / expected.sqrt(),
            false => moves.clone(),
        };
        let scores: Vec<DVector<f64>> = months.map(score).collect();
        for (i, first) in scores.iter().enumerate() {
            for (j, second) in scores.iter().enumerate().filter(|(j, _)| *j != i) {
                let together = autocorrelation.powi(i.abs_diff(j) as i32);
                meat.ger(together, first, second, 1.0);
            }
        }
        meat
    }
}

impl Evaluated for Point {
    fn objective(&self) -> f64 {
        self.objective
    }

    fn gradient(&self) -> &DVector<f64> {
        &self.gradient
    }

    fn information(&self) -> &DMatrix<f64> {
        &self.information
    }
}
