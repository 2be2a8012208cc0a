//! How many actuals lay within their bands, and what that tells of other years.
//!
//! Months and figures of a segment share its errors. So they are taken as clusters: their share's variance
//! is that between segments, `k/(k−1) · Σ(held − p·n)²/(Σn)²` (Cochran, Sampling Techniques, 1977, section
//! 9A), and Wilson's interval is of as many actuals as would have that variance if they were independent. Of
//! fewer than [`FEW`] segments the variance between them is not known either: each then counts as one.

use std::collections::BTreeMap;

use keepworth_contract::simulator::{BacktestCell, Coverage};
use keepworth_contract::statistic::Interval;

use super::cell::LEVELS;
use crate::interval::wilson_share;

/// Fewer segments tell little.
pub(super) const FEW: usize = 10;

/// Coverage of each level over some cells.
pub(super) fn coverage<'a>(
    cells: &(impl Iterator<Item = &'a BacktestCell> + Clone),
) -> Vec<Coverage> {
    let of = |(place, level): (usize, f64)| {
        let mut segments: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
        for cell in cells.clone() {
            let counts = segments.entry(&cell.segment).or_default();
            counts.0 += u64::from(holds(cell, place));
            counts.1 += 1;
        }
        one(level, &segments.into_values().collect::<Vec<_>>())
    };
    LEVELS.into_iter().enumerate().map(of).collect()
}

/// Whether an actual lies in its band of a level.
fn holds(cell: &BacktestCell, place: usize) -> bool {
    let band = &cell.bands[place];
    (band.low..=band.high).contains(&cell.actual)
}

fn one(level: f64, segments: &[(u64, u64)]) -> Coverage {
    let (held, n) = segments
        .iter()
        .fold((0, 0), |it, segment| (it.0 + segment.0, it.1 + segment.1));
    let share = held as f64 / n as f64;
    Coverage {
        level,
        held,
        n,
        share,
        interval: interval(share, n as f64, segments),
    }
}

fn interval(share: f64, n: f64, segments: &[(u64, u64)]) -> Option<Interval> {
    let k = segments.len() as f64;
    if segments.len() < FEW {
        return wilson_share(share, k, "wilson_segments");
    }
    let off = |(held, of): &(u64, u64)| (*held as f64 - share * *of as f64).powi(2);
    let variance = k / (k - 1.0) * segments.iter().map(off).sum::<f64>() / (n * n);
    let worth = share * (1.0 - share) / variance;
    // All or none held: nothing is known of how segments differ.
    let worth = if worth.is_nan() { k } else { worth.clamp(k, n) };
    wilson_share(share, worth, "wilson_clustered_by_segment")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn segments_that_hold_all_or_nothing_count_as_one_each() {
        let all_or_nothing: Vec<(u64, u64)> = (0..20)
            .map(|it| if it < 16 { (12, 12) } else { (0, 12) })
            .collect();
        let found = one(0.8, &all_or_nothing);
        assert_eq!((found.held, found.n, found.share), (192, 240, 0.8));
        let of_twenty = wilson_share(0.8, 20.0, "").unwrap();
        let interval = found.interval.unwrap();
        assert!((interval.low - of_twenty.low).abs() < 0.01, "{interval:?}");
        let alike = one(0.8, &[(8, 10); 20]).interval.unwrap();
        assert!(alike.low > interval.low, "worth no less than as many");
        let few = one(0.8, &[(12, 12), (12, 12), (12, 12)]).interval.unwrap();
        assert!(
            few.low < 0.5 && few.high == 1.0,
            "three segments tell little: {few:?}"
        );
    }
}
