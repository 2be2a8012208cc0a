//! Curves held against a year that they have not seen.

use super::Counts;
use crate::goodness::{ChiSquareTest, FALSE_ALARMS, upper_tail};

/// Fewest leavers expected of a group of tenures whose count is compared.
const FEWEST: f64 = 10.0;
/// Log-likelihood by which a curve must be ahead of the bands before it takes their place: odds of twenty to one.
const ENOUGH: f64 = 3.0;
/// Standard errors by which it must be ahead.
const SURE: f64 = 2.0;

/// How well hazards foretold counts.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Score {
    /// `Σ d·ln h − E·h`.
    pub log_likelihood: f64,
    /// Leavers expected.
    pub expected: f64,
    /// Leavers counted.
    pub observed: f64,
    /// Pearson's test of leavers by groups of tenure with ten expected in each; none where there is no such group.
    pub calibration: Option<ChiSquareTest>,
}

/// Log-likelihood by which one is ahead of another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Lead {
    /// The difference.
    pub by: f64,
    /// Its standard error: leavers as Poisson counts.
    pub se: f64,
}

/// Holds hazards by completed month of tenure against counts that they were not fitted to.
pub fn score(counts: &Counts, hazard: impl Fn(u32) -> f64) -> Score {
    let (mut log_likelihood, mut expected, mut chi2, mut df) = (0.0, 0.0, 0.0, 0);
    let mut group = (0.0, 0.0);
    for (month, exposure, left) in counts.cells() {
        let hazard = hazard(month);
        expected += exposure * hazard;
        log_likelihood -= exposure * hazard;
        if left > 0.0 {
            log_likelihood += left * hazard.ln();
        }
        group = (group.0 + exposure * hazard, group.1 + left);
        if group.0 >= FEWEST {
            chi2 += (group.1 - group.0).powi(2) / group.0;
            df += 1;
            group = (0.0, 0.0);
        }
    }
    let test = || ChiSquareTest {
        chi2,
        df,
        p: upper_tail(chi2, df),
    };
    Score {
        log_likelihood,
        expected,
        observed: counts.left(),
        calibration: (df > 0).then(test),
    }
}

/// By how much log-likelihood `one` foretold counts better than `other`.
pub fn lead(counts: &Counts, one: impl Fn(u32) -> f64, other: impl Fn(u32) -> f64) -> Lead {
    let (mut by, mut variance) = (0.0, 0.0);
    for (month, exposure, left) in counts.cells() {
        let (one, other) = (one(month), other(month));
        let ratio = (one / other).ln();
        by += left * ratio - exposure * (one - other);
        // The count's variance: its mean, halfway between what both expect.
        variance += 0.5 * exposure * (one + other) * ratio * ratio;
    }
    Lead {
        by,
        se: variance.sqrt(),
    }
}

/// A curve that would take the place of the bands.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rival {
    /// How it did in the year that it had not seen.
    pub score: Score,
    /// How far it was ahead of the bands.
    pub lead: Lead,
}

/// What is used, and why.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Choice {
    /// The place of the rival that is used; none where bands are.
    pub rival: Option<usize>,
    /// Why.
    pub why: Why,
}

/// Why a curve is used, or bands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// No curve could be fitted.
    NoRival,
    /// None foretold the year better than chance would have it.
    NoneAhead,
    /// The one ahead is refuted by the year where bands are not.
    Refuted,
    /// It foretold the year better.
    Ahead,
}

/// Chooses by rule: the rival that foretold the year best, if it is ahead of the bands by 3 of log-likelihood and by
/// two standard errors, and the year does not refute it (p of its calibration below 0.01) more than the bands.
#[must_use]
pub fn choose(bands: &Score, rivals: &[Rival]) -> Choice {
    let best = rivals
        .iter()
        .enumerate()
        .max_by(|(_, a), (_, b)| a.lead.by.total_cmp(&b.lead.by));
    let Some((place, best)) = best else {
        return Choice {
            rival: None,
            why: Why::NoRival,
        };
    };
    let p = |score: &Score| score.calibration.map_or(1.0, |test| test.p);
    // Asked so that what is no number is not ahead.
    let is_ahead = best.lead.by >= ENOUGH && best.lead.by >= SURE * best.lead.se;
    let (rival, why) = if !is_ahead {
        (None, Why::NoneAhead)
    } else if p(&best.score) < FALSE_ALARMS && p(&best.score) < p(bands) {
        (None, Why::Refuted)
    } else {
        (Some(place), Why::Ahead)
    };
    Choice { rival, why }
}
