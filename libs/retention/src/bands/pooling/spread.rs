//! How much segments differ: the posterior of both spreads on a grid that closes in on it.

use super::conditional::{Cells, Conditional};
use super::lens::Spread;

/// Points of each axis: of the levels' spread, of the bands'.
const POINTS: [usize; 2] = [8, 8];
/// Those of the whole range.
const WIDE: [usize; 2] = [13, 7];
/// Closing in stops after so many grids.
const GRIDS: usize = 3;
/// Log posterior below the highest at which a point no longer counts.
const DEPTH: f64 = 7.0;
/// Scale of the half-normal prior of the levels' spread: two segments then differ by a factor of 1.3
/// at the median, and by more than 4.7 in one pair of twenty. Where there are few units half-normal priors
/// of 0.5 are what C. Röver et al. ("On weakly informative prior distributions for the heterogeneity
/// parameter in Bayesian random-effects meta-analysis", Research Synthesis Methods 12, 2021) advise
/// for logarithms of ratios.
const LEVEL_SCALE: f64 = 0.5;
/// That of the bands around the level: whoever leaves more leaves more in every band.
const BAND_SCALE: f64 = 0.25;

/// A point of the posterior with its share.
pub(super) struct Node {
    pub weight: f64,
    /// Logarithm of the weight before it was normalised: small ones count once a segment is left
    /// out.
    pub log_weight: f64,
    pub at: Conditional,
}

impl Node {
    /// The only one.
    pub fn only(at: Conditional) -> Self {
        Self {
            weight: 1.0,
            log_weight: 0.0,
            at,
        }
    }
}

/// The posterior of the spreads, and of all log hazards given each.
pub(super) fn posterior(cells: &Cells) -> Vec<Node> {
    let mut axes = range(cells);
    let mut points = grid(cells, axes, POINTS);
    for _ in 1..GRIDS {
        let closer = closer(&points, axes);
        let area = |axes: [(f64, f64); 2]| (axes[0].1 - axes[0].0) * (axes[1].1 - axes[1].0);
        if area(closer) > 0.7 * area(axes) {
            break;
        }
        axes = closer;
        points = grid(cells, axes, POINTS);
    }
    let even = (points.len() as f64).recip();
    points.retain(|point| point.weight > even * (-DEPTH).exp());
    let mut found: Vec<Conditional> = Vec::with_capacity(points.len());
    for point in points {
        found.extend(point.at.converged(cells, found.last()));
    }
    weighted(found)
}

/// A first look at the posterior over the whole range, which also serves should a segment be left
/// out: one unlike the others moves the posterior far away from theirs.
pub(super) fn wide(cells: &Cells) -> Vec<Node> {
    grid(cells, range(cells), WIDE)
}

/// Least and greatest logarithms of both spreads.
fn range(cells: &Cells) -> [(f64, f64); 2] {
    // A spread far below the surest cell's error cannot be told from none.
    let events = cells.cells.iter().map(|cell| cell.events);
    let low = (0.2 / events.fold(1.0, f64::max).sqrt()).min(0.02).ln();
    [(low, 3.0_f64.ln()), (low, 1.5_f64.ln())]
}

/// Points of one axis, in the logarithm of the spread.
fn points((low, high): (f64, f64), count: usize) -> impl DoubleEndedIterator<Item = f64> + Clone {
    let step = (high - low) / (count - 1) as f64;
    (0..count).map(move |point| (low + step * point as f64).exp())
}

/// A first look at the posterior on a grid, walked back and forth so that neighbours follow each
/// other.
fn grid(cells: &Cells, axes: [(f64, f64); 2], counts: [usize; 2]) -> Vec<Node> {
    let mut found = Vec::with_capacity(counts[0] * counts[1]);
    for (row, level) in points(axes[0], counts[0]).rev().enumerate() {
        let mut bands: Vec<f64> = points(axes[1], counts[1]).rev().collect();
        if cells.bands == 1 {
            // One band's departure from the level is the level's.
            bands = vec![0.0];
        } else if row % 2 == 1 {
            bands.reverse();
        }
        found.extend(bands.into_iter().filter_map(|band| {
            let spread = Spread { level, band };
            Conditional::crude(cells, spread)
        }));
    }
    weighted(found)
}

/// Points with their shares of the posterior.
fn weighted(found: Vec<Conditional>) -> Vec<Node> {
    let logs: Vec<f64> = found.iter().map(log_posterior).collect();
    let highest = logs.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let total: f64 = logs.iter().map(|log| (log - highest).exp()).sum();
    let weighted = found.into_iter().zip(logs).map(|(at, log)| Node {
        weight: (log - highest).exp() / total,
        log_weight: log,
        at,
    });
    weighted.collect()
}

/// Per unit of the logarithms of the spreads.
fn log_posterior(at: &Conditional) -> f64 {
    let Spread { level, band } = at.spread;
    let prior = -0.5 * (level / LEVEL_SCALE).powi(2) - 0.5 * (band / BAND_SCALE).powi(2);
    let jacobian = level.ln() + if band > 0.0 { band.ln() } else { 0.0 };
    at.log_evidence + prior + jacobian
}

/// The axes around the points that count, one step more on either side.
fn closer(nodes: &[Node], axes: [(f64, f64); 2]) -> [(f64, f64); 2] {
    let most = nodes.iter().map(|node| node.weight).fold(0.0, f64::max);
    let counts = |node: &&Node| node.weight > most * (-DEPTH).exp();
    let around = |axis: usize, of: fn(Spread) -> f64| {
        let (low, high) = axes[axis];
        let step = (high - low) / (POINTS[axis] - 1) as f64;
        let logs = nodes
            .iter()
            .filter(counts)
            .map(|node| of(node.at.spread).ln());
        let (least, greatest) = logs.fold((f64::INFINITY, f64::NEG_INFINITY), |(a, b), log| {
            (a.min(log), b.max(log))
        });
        ((least - step).max(low), (greatest + step).min(high))
    };
    let band = if nodes.iter().all(|node| node.at.spread.band == 0.0) {
        axes[1]
    } else {
        around(1, |spread| spread.band)
    };
    [around(0, |spread| spread.level), band]
}
