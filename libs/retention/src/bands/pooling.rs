//! Segments as draws from a company: how much they differ is estimated, not given.
//!
//! A segment's log hazards are `λ_b = μ_b + u + v_b`, its departures Poisson around
//! `exposure·exp(λ_b)`. The company's bands `μ` are integrated out under a flat prior, so that the
//! likelihood of the spreads `τ` (of levels `u`) and `ω` (of bands `v`) is the restricted one
//! (Patterson & Thompson, Biometrika 58, 1971); the spreads have half-normal priors and are
//! integrated over on a grid. What comes out per segment are mean and covariance of its log
//! hazards over all of it.

mod conditional;
mod lens;
mod predictive;
mod site;
mod spread;

use nalgebra::{DMatrix, DVector};

use self::conditional::{Cells, Conditional};
use self::lens::{Lens, Spread};
use self::site::Cell;
use self::spread::Node;
use super::Crude;

/// Share of the posterior predictive in which a record is called unlike the others.
const OUTER: f64 = 0.05;

/// What pooling says of a segment.
pub(super) struct Pooled {
    /// Probability of a record further out in what the others' pool predicts.
    pub tail: f64,
    /// Whether it is estimated alone for that.
    pub is_let_go: bool,
    pub log_hazards: Shrunk,
}

/// Log hazards of a segment.
pub(super) struct Shrunk {
    pub mean: DVector<f64>,
    pub covariance: DMatrix<f64>,
    /// Share of each band's precision that its own record does not give.
    pub borrowed: Vec<f64>,
}

/// The pool.
pub(super) struct Pool {
    pub segments: Vec<Pooled>,
    /// Posterior mean of the sd of the segments' levels on the log scale.
    pub level_sd: f64,
    /// That of the bands around their segment's level.
    pub band_sd: f64,
}

/// Pools two or more segments of `(at risk, departures)` by band; `None` only where counts are beyond
/// reckoning.
///
/// A segment whose record lies in the outer part of what the others predict is let go. It leaves
/// the others' pool only where its record lies in the outer part of what the **furthest** of so
/// many segments would show (Šidák, JASA 62, 1967): one in twenty segments that are like the others
/// is let go, and a pool without its tails would take segments for more alike than they are.
pub(super) fn pool(segments: &[Vec<(f64, f64)>]) -> Option<Pool> {
    let cells: Vec<Vec<Cell>> = segments.iter().map(|bands| row(bands)).collect();
    let wide = spread::wide(&flat(&cells, |_| true)?);
    let each = cells.iter().enumerate();
    let tails: Vec<f64> = each
        .map(|(index, cells)| predictive::tail(&wide, index, cells))
        .collect();
    let furthest = 1.0 - (1.0 - OUTER).powf((cells.len() as f64).recip());
    let is_in = |index: usize| tails[index] > furthest;
    let nodes = match (0..cells.len()).filter(|&index| is_in(index)).count() {
        // Nobody is left to pool with.
        0 | 1 => Vec::new(),
        _ => spread::posterior(&flat(&cells, is_in)?),
    };
    let mut place = 0;
    let mut pooled = Vec::with_capacity(cells.len());
    for (index, (own, &tail)) in cells.iter().zip(&tails).enumerate() {
        let is_let_go = tail <= OUTER || nodes.is_empty();
        let log_hazards = if is_let_go {
            alone(own)?
        } else {
            mixture(&nodes, place, own.len())
        };
        place += usize::from(is_in(index));
        pooled.push(Pooled {
            tail,
            is_let_go,
            log_hazards,
        });
    }
    let mean = |of: fn(&Node) -> f64| nodes.iter().map(|node| node.weight * of(node)).sum();
    pooled.iter().all(is_sound).then(|| Pool {
        segments: pooled,
        level_sd: mean(|node| node.at.spread.level),
        band_sd: mean(|node| node.at.spread.band),
    })
}

fn is_sound(segment: &Pooled) -> bool {
    let Shrunk {
        mean, covariance, ..
    } = &segment.log_hazards;
    let mut numbers = mean.iter().chain(covariance.iter());
    segment.tail.is_finite()
        && covariance.diagonal().min() > 0.0
        && numbers.all(|number| number.is_finite())
}

/// A segment by itself. What is assumed of a company's bands before the records are seen keeps
/// bands with few or no departures, or nobody at risk, within reason.
fn alone(own: &[Cell]) -> Option<Shrunk> {
    let cells = Cells {
        bands: own.len(),
        cells: own.to_vec(),
    };
    let none = Spread {
        level: 0.0,
        band: 0.0,
    };
    let at = Conditional::crude(&cells, none)?.converged(&cells, None)?;
    Some(mixture(&[Node::only(at)], 0, own.len()))
}

fn row(bands: &[(f64, f64)]) -> Vec<Cell> {
    let each = bands.iter().map(|&(at_risk, events)| {
        let exposure = if at_risk > 0.0 {
            Crude::new(at_risk, events).exposure
        } else {
            0.0
        };
        Cell { events, exposure }
    });
    each.collect()
}

/// The cells of the segments that are wanted, in one row.
fn flat(cells: &[Vec<Cell>], is_wanted: impl Fn(usize) -> bool) -> Option<Cells> {
    let wanted = cells
        .iter()
        .enumerate()
        .filter(|(index, _)| is_wanted(*index));
    Some(Cells {
        bands: cells.first()?.len(),
        cells: wanted.flat_map(|(_, row)| row.iter().copied()).collect(),
    })
}

/// Mean and covariance of a segment's log hazards over the posterior of the spreads.
fn mixture(nodes: &[Node], index: usize, bands: usize) -> Shrunk {
    let mut mean = DVector::zeros(bands);
    let mut square = DMatrix::zeros(bands, bands);
    let mut own = vec![0.0; bands];
    // Around the first point's mean, so that squares do not drown the covariance.
    let mut origin: Option<DVector<f64>> = None;
    for node in nodes {
        let sites = &node.at.sites[index * bands..][..bands];
        let lens = Lens::new(node.at.spread, sites);
        for (own, site) in own.iter_mut().zip(sites) {
            *own += node.weight * site.precision;
        }
        let here = lens.mean(&node.at.whole);
        let origin = origin.get_or_insert_with(|| here.clone());
        let off = here - &*origin;
        let covariance = lens.covariance(&node.at.whole);
        square +=
            node.weight * (DMatrix::from_fn(bands, bands, covariance) + &off * off.transpose());
        mean += node.weight * off;
    }
    let covariance = square - &mean * mean.transpose();
    let borrowed = own.iter().enumerate();
    let borrowed = borrowed.map(|(b, own)| (1.0 - own * covariance[(b, b)]).clamp(0.0, 1.0));
    Shrunk {
        borrowed: borrowed.collect(),
        mean: mean + origin.unwrap_or_else(|| DVector::zeros(bands)),
        covariance,
    }
}

#[cfg(test)]
mod tests;
