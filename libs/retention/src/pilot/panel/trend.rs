use serde::{Deserialize, Serialize};

use super::contrast::Contrast;
use super::{ErrorBasis, Panel, PilotError, Sides, mean, welch};
use crate::goodness::upper_tail;

/// Below this probability the sides went different ways before.
const BROKEN: f64 = 0.05;
/// How often a trend of the size called undetected is found.
const FOUND_USUALLY: f64 = 0.8;

/// Whether treated and comparison went the same way before the start, without which what they did
/// differently after it is no effect.
///
/// Tested is the difference of the groups' slopes, with the same error as the effect; for one group
/// against one that the distance between them stayed the same in all periods before (a chi-square
/// of their distances by the cells' errors, periods less one degrees of freedom).
///
/// A test that finds nothing does not prove parallel trends: `undetected` is the bias that it would
/// miss in one case of five (Roth, "Pretest with caution", AER: Insights 4(3), 2022). Hold it against
/// the effect.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct PreTrend {
    /// Cells before the start: groups times periods.
    pub n: usize,
    /// Difference of slopes by period, treated less comparison; none with one period before.
    pub slope: Option<f64>,
    /// Probability of such trends or more different ones if they are parallel.
    pub p: Option<f64>,
    /// Bias of the effect, had a difference of trends gone on that the test finds in 80% of cases.
    pub undetected: Option<f64>,
    /// What follows.
    pub verdict: PreTrendVerdict,
}

/// What the periods before say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PreTrendVerdict {
    /// Nothing speaks against parallel trends, `p ≥ 0.05`.
    Held,
    /// They were not parallel: the difference after is not the treatment's.
    Broken,
    /// With one period before nobody can tell.
    Untestable,
}

pub(super) fn before(panel: &Panel) -> Result<PreTrend, PilotError> {
    let n = panel.groups.len() * panel.start;
    if panel.start < 2 {
        return Ok(untestable(n));
    }
    let slope = panel.contrast(&slope_weights(panel))?;
    let p = match panel.basis {
        ErrorBasis::Cells => constant_distance(panel),
        ErrorBasis::Clusters | ErrorBasis::OneAgainstMany => slope.p(),
    };
    Ok(tested(n, &slope, p, panel.periods()))
}

/// With too little before, `n` cells.
pub(super) fn untestable(n: usize) -> PreTrend {
    PreTrend {
        n,
        slope: None,
        p: None,
        undetected: None,
        verdict: PreTrendVerdict::Untestable,
    }
}

/// Of one slope of each customer, by Welch's test. Where slopes have no spread, as of charges that never change, both
/// sides go the same way or they do not.
pub(super) fn of_customers(
    sides: &Sides,
    n: usize,
    periods: usize,
) -> Result<PreTrend, PilotError> {
    match welch(sides) {
        Ok(slope) => Ok(tested(n, &slope, slope.p(), periods)),
        Err(PilotError::NoSpread { .. }) => {
            let slope = mean(&sides.treated) - mean(&sides.control);
            let p = if slope == 0.0 { 1.0 } else { 0.0 };
            Ok(PreTrend {
                n,
                slope: Some(slope),
                p: Some(p),
                undetected: Some(0.0),
                verdict: verdict(p),
            })
        }
        Err(error) => Err(error),
    }
}

fn tested(n: usize, slope: &Contrast, p: f64, periods: usize) -> PreTrend {
    PreTrend {
        n,
        slope: Some(slope.value),
        p: Some(p),
        undetected: Some(undetected(slope, periods)),
        verdict: verdict(p),
    }
}

fn verdict(p: f64) -> PreTrendVerdict {
    if p < BROKEN {
        PreTrendVerdict::Broken
    } else {
        PreTrendVerdict::Held
    }
}

/// Weights that make the least-squares slope of the periods before.
fn slope_weights(panel: &Panel) -> Vec<f64> {
    let middle = (panel.start - 1) as f64 / 2.0;
    let squares: f64 = (0..panel.start).map(|t| (t as f64 - middle).powi(2)).sum();
    let weight = |t: usize| {
        if t < panel.start {
            (t as f64 - middle) / squares
        } else {
            0.0
        }
    };
    (0..panel.periods()).map(weight).collect()
}

/// From the middle of the periods before to the middle of those after lie half of all periods.
fn undetected(slope: &Contrast, periods: usize) -> f64 {
    let errors = slope.quantile(1.0 - BROKEN / 2.0) + slope.quantile(FOUND_USUALLY);
    errors * slope.se * periods as f64 / 2.0
}

fn constant_distance(panel: &Panel) -> f64 {
    let (first, second) = (&panel.groups[0], &panel.groups[1]);
    let [Some(a), Some(b)] = [&first.errors, &second.errors] else {
        return 1.0;
    };
    let distances: Vec<(f64, f64)> = (0..panel.start)
        .map(|t| {
            (
                first.means[t] - second.means[t],
                1.0 / (a[t] * a[t] + b[t] * b[t]),
            )
        })
        .collect();
    let weights: f64 = distances.iter().map(|(_, weight)| weight).sum();
    let centre = distances.iter().map(|(d, weight)| d * weight).sum::<f64>() / weights;
    let chi2 = distances
        .iter()
        .map(|(d, weight)| weight * (d - centre).powi(2))
        .sum();
    upper_tail(chi2, panel.start - 1)
}
