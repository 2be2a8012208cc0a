//! Whether a segment's record is one that the others' pool could have given.

use nalgebra::{DMatrix, DVector};
use statrs::distribution::{ChiSquared, ContinuousCDF, Normal as Standard};

use super::lens::{Lens, Whole};
use super::site::{Cell, Normal};
use super::spread::Node;

/// Weight below which a point of the posterior is left out.
const NEGLIGIBLE: f64 = 1e-4;

/// What the pool without the segment expects of it at one point of the posterior.
struct Expected {
    weight: f64,
    mean: DVector<f64>,
    covariance: DMatrix<f64>,
}

/// Probability of a record further out than that of segment `index`, under the posterior predictive
/// of the pool without it.
///
/// Band by band the record's place in its predictive distribution, given the bands before it, is
/// turned into a standard normal; the sum of their squares is `χ²` (Rosenblatt, Annals of
/// Mathematical Statistics 23, 1952; halves of a tie count on either side). Not a number where
/// counts are beyond reckoning.
pub(super) fn tail(nodes: &[Node], index: usize, cells: &[Cell]) -> f64 {
    let mut expected = expectations(nodes, index, cells.len());
    let standard = Standard::standard();
    let (mut square, mut freedom) = (0.0, 0.0);
    for (b, cell) in cells.iter().enumerate() {
        if cell.exposure <= 0.0 {
            continue;
        }
        let below: f64 = expected
            .iter()
            .map(|it| it.weight * cell.mid_tail(it.at(b)))
            .sum();
        if below.is_nan() {
            return below;
        }
        square += standard
            .inverse_cdf(below.clamp(1e-12, 1.0 - 1e-12))
            .powi(2);
        freedom += 1.0;
        learn(&mut expected, b, *cell);
    }
    ChiSquared::new(freedom).map_or(1.0, |law| law.sf(square))
}

/// What each point of the posterior expects once the segment is taken out of the pool.
fn expectations(nodes: &[Node], index: usize, bands: usize) -> Vec<Expected> {
    let without = nodes.iter().filter_map(|node| {
        let at = &node.at;
        let own = Lens::new(at.spread, &at.sites[index * bands..][..bands]);
        let (mut precision, mut shift) = (at.precision.clone(), at.shift.clone());
        own.add_to(&mut precision, &mut shift, -1.0);
        let whole = Whole::new(precision, &shift)?;
        let log = node.log_weight + whole.log_mass - at.whole.log_mass - own.log_mass();
        let (level, band) = (at.spread.level.powi(2), at.spread.band.powi(2));
        let mut covariance = whole.covariance.add_scalar(level);
        for b in 0..bands {
            covariance[(b, b)] += band;
        }
        let mean = whole.mean;
        Some(Expected {
            weight: log,
            mean,
            covariance,
        })
    });
    let mut all: Vec<Expected> = without.collect();
    normalise(&mut all);
    all.retain(|it| it.weight > NEGLIGIBLE);
    all
}

/// Turns logarithms of weights into shares.
fn normalise(all: &mut [Expected]) {
    let highest = all
        .iter()
        .map(|it| it.weight)
        .fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = all.iter().map(|it| (it.weight - highest).exp()).sum();
    for it in all {
        it.weight = (it.weight - highest).exp() / total;
    }
}

/// Takes band `b` as known.
fn learn(all: &mut [Expected], b: usize, cell: Cell) {
    for it in &mut *all {
        let before = it.at(b);
        let (log_mass, after) = cell.tilt(before);
        let along = it.covariance.column(b) / before.variance;
        it.mean += &along * (after.mean - before.mean);
        it.covariance -= &along * along.transpose() * (before.variance - after.variance);
        it.weight = it.weight.ln() + log_mass;
    }
    normalise(all);
}

impl Expected {
    fn at(&self, b: usize) -> Normal {
        Normal {
            mean: self.mean[b],
            variance: self.covariance[(b, b)],
        }
    }
}
