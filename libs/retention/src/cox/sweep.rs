use nalgebra::DVector;

use super::Ties;
use crate::survival::Observation;

/// Rows of one stratum in descending order of exit, with standardised covariates.
#[derive(Debug, Clone)]
pub(super) struct Stratum {
    /// Row-major covariates.
    pub x: Vec<f64>,
    pub observations: Vec<Observation>,
    /// Place of each row in the data as given.
    pub origin: Vec<usize>,
    /// Rows with a delayed entry in descending order of entry.
    by_entry: Vec<usize>,
    pub p: usize,
    ties: Ties,
}

impl Stratum {
    /// Sorts `(place in the data, observation)` and standardises through `row`.
    pub fn new(
        mut members: Vec<(usize, Observation)>,
        p: usize,
        ties: Ties,
        mut row: impl FnMut(usize, &mut Vec<f64>),
    ) -> Self {
        members.sort_by(|a, b| b.1.exit().total_cmp(&a.1.exit()));
        let mut x = Vec::with_capacity(members.len() * p);
        for (origin, _) in &members {
            row(*origin, &mut x);
        }
        let (origin, observations): (Vec<_>, Vec<Observation>) = members.into_iter().unzip();
        let mut by_entry: Vec<usize> = (0..observations.len())
            .filter(|&i| observations[i].entry() > 0.0)
            .collect();
        by_entry.sort_by(|&a, &b| observations[b].entry().total_cmp(&observations[a].entry()));
        Self {
            x,
            observations,
            origin,
            by_entry,
            p,
            ties,
        }
    }

    pub fn row(&self, i: usize) -> &[f64] {
        &self.x[i * self.p..(i + 1) * self.p]
    }

    /// Linear predictor of each row.
    pub fn predictors(&self, beta: &DVector<f64>) -> Vec<f64> {
        let beta = beta.as_slice();
        let dot = |row: &[f64]| row.iter().zip(beta).map(|(x, b)| x * b).sum();
        self.x.chunks_exact(self.p).map(dot).collect()
    }
}

/// `Σ w`, `Σ w·x` and, when asked for, the packed upper triangle of `Σ w·xx'`.
#[derive(Debug, Clone)]
pub(super) struct Sums {
    pub zero: f64,
    pub one: Vec<f64>,
    pub two: Vec<f64>,
    count: usize,
    second: bool,
}

impl Sums {
    fn new(p: usize, second: bool) -> Self {
        let packed = if second { p * (p + 1) / 2 } else { 0 };
        Self {
            zero: 0.0,
            one: vec![0.0; p],
            two: vec![0.0; packed],
            count: 0,
            second,
        }
    }

    fn add(&mut self, w: f64, x: &[f64]) {
        self.count += 1;
        self.accumulate(w, x);
    }

    fn remove(&mut self, w: f64, x: &[f64]) {
        self.count -= 1;
        if self.count == 0 {
            // Exactly nothing, whatever rounding left behind.
            *self = Self::new(x.len(), self.second);
        } else {
            self.accumulate(-w, x);
        }
    }

    fn accumulate(&mut self, w: f64, x: &[f64]) {
        self.zero += w;
        for (sum, xi) in self.one.iter_mut().zip(x) {
            *sum += w * xi;
        }
        if self.second {
            let mut packed = self.two.as_mut_slice();
            for (i, xi) in x.iter().enumerate() {
                let (row, rest) = packed.split_at_mut(x.len() - i);
                let scaled = w * xi;
                for (sum, xj) in row.iter_mut().zip(&x[i..]) {
                    *sum += scaled * xj;
                }
                packed = rest;
            }
        }
    }
}

/// Departures at one time and the risk set they left.
pub(super) struct Departure<'a> {
    pub t: f64,
    /// Rows of those who left, within their stratum.
    pub rows: &'a [usize],
    /// Sums over all at risk, each weighted by `w·exp(η)`.
    pub risk: &'a Sums,
    /// The same over those who left.
    pub left: &'a Sums,
    /// Mean case weight of those who left.
    pub mean_weight: f64,
    /// Sum of case weights at risk.
    pub at_risk: f64,
    ties: Ties,
}

impl Departure<'_> {
    /// The denominators of a tie: `(share, risk − share·left)` for the first, second, … of it by Efron,
    /// each with a share of 0 by Breslow.
    pub fn denominators(&self) -> impl Iterator<Item = (f64, f64)> + '_ {
        let d = self.rows.len() as f64;
        (0..self.rows.len()).map(move |l| {
            let share = match self.ties {
                Ties::Efron => l as f64 / d,
                Ties::Breslow => 0.0,
            };
            (share, self.risk.zero - share * self.left.zero)
        })
    }

    /// Mean covariate of the risk set with a share of the tie taken out.
    pub fn mean(&self, i: usize, share: f64, denominator: f64) -> f64 {
        (self.risk.one[i] - share * self.left.one[i]) / denominator
    }
}

/// Visits the times of departure of a stratum in descending order.
pub(super) fn sweep(
    stratum: &Stratum,
    predictors: &[f64],
    second: bool,
    mut visit: impl FnMut(&Departure<'_>),
) {
    let all = &stratum.observations;
    let weight: Vec<f64> = all
        .iter()
        .zip(predictors)
        .map(|(o, eta)| o.weight() * eta.exp())
        .collect();
    let mut risk = Sums::new(stratum.p, second);
    let (mut at_risk, mut i, mut removed) = (0.0, 0, 0);
    let mut rows = Vec::new();
    while i < all.len() {
        let t = all[i].exit();
        rows.clear();
        let mut left = Sums::new(stratum.p, second);
        let mut left_weight = 0.0;
        while i < all.len() && all[i].exit() == t {
            let x = stratum.row(i);
            risk.add(weight[i], x);
            at_risk += all[i].weight();
            if all[i].is_event() {
                left.add(weight[i], x);
                left_weight += all[i].weight();
                rows.push(i);
            }
            i += 1;
        }
        while let Some(&late) = stratum.by_entry.get(removed) {
            if all[late].entry() < t {
                break;
            }
            risk.remove(weight[late], stratum.row(late));
            at_risk -= all[late].weight();
            removed += 1;
        }
        if !rows.is_empty() {
            let mean_weight = left_weight / rows.len() as f64;
            visit(&Departure {
                t,
                rows: &rows,
                risk: &risk,
                left: &left,
                mean_weight,
                at_risk,
                ties: stratum.ties,
            });
        }
    }
}
