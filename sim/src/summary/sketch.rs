//! Quantiles of more values than can be kept.
//!
//! Values are counted rounded to [`BITS`] binary digits, so a quantile is within one part in 4,096
//! (0.025%) of the exact one, and whole numbers up to 4,096 stay exact. Counts are integers: they
//! merge in any order to the same bytes, unlike sketches that bound their size by collapsing bins.
//! A bin's edges come from a number's own digits, unlike those of DDSketch (C. Masson et al., 2019),
//! so that no platform's logarithm has a part in them.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// Significant binary digits that are kept of a value.
const BITS: u32 = 12;

/// Digits of an `f64` that are rounded away; its first digit is not stored.
const DROPPED: u32 = f64::MANTISSA_DIGITS - BITS;

/// Counts of values by their first digits.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sketch {
    /// By key: keys are in the order of the values.
    counts: BTreeMap<i32, u64>,
}

fn key(value: f64) -> i32 {
    let digits = (value.abs().to_bits() + (1 << (DROPPED - 1))) >> DROPPED;
    if value < 0.0 {
        -(digits as i32)
    } else {
        digits as i32
    }
}

fn value(key: i32) -> f64 {
    let size = f64::from_bits(u64::from(key.unsigned_abs()) << DROPPED);
    if key < 0 { -size } else { size }
}

impl Sketch {
    pub(crate) fn add(&mut self, values: &[f64]) {
        let mut keys: Vec<i32> = values.iter().map(|&value| key(value)).collect();
        // Sorting is quicker than looking up each.
        keys.sort_unstable();
        for equal in keys.chunk_by(|a, b| a == b) {
            *self.counts.entry(equal[0]).or_default() += equal.len() as u64;
        }
    }

    pub(crate) fn merge(&mut self, other: &Self) {
        for (&key, count) in &other.counts {
            *self.counts.entry(key).or_default() += count;
        }
    }

    /// Number of values.
    pub(super) fn count(&self) -> u64 {
        self.counts.values().sum()
    }

    /// Number of values that satisfy a condition, which rounding must not change.
    pub(super) fn count_where(&self, holds: impl Fn(f64) -> bool) -> u64 {
        let counts = self.counts.iter().filter(|(key, _)| holds(value(**key)));
        counts.map(|(_, count)| count).sum()
    }

    /// Mean of a function of the values.
    pub(super) fn mean_of(&self, of: impl Fn(f64) -> f64) -> f64 {
        let sums = self
            .counts
            .iter()
            .map(|(key, count)| of(value(*key)) * *count as f64);
        sums.sum::<f64>() / self.count() as f64
    }

    /// Quantiles at increasing probabilities: the value of the nearest rank.
    pub(super) fn quantiles<const N: usize>(&self, probabilities: [f64; N]) -> [f64; N] {
        let last = self.count().saturating_sub(1);
        let mut bins = self.counts.iter();
        let (mut below, mut at) = (0, 0.0);
        probabilities.map(|p| {
            let rank = (p.clamp(0.0, 1.0) * last as f64).round() as u64;
            while below <= rank {
                let Some((&key, count)) = bins.next() else {
                    break;
                };
                (below, at) = (below + count, value(key));
            }
            at
        })
    }

    /// Mean and variance of the lowest values.
    pub(super) fn lowest(&self, count: u64) -> (f64, f64) {
        let mut left = count;
        let lowest: Vec<(f64, f64)> = self
            .counts
            .iter()
            .map_while(|(&key, &count)| {
                let taken = count.min(left);
                left -= taken;
                (taken > 0).then_some((value(key), taken as f64))
            })
            .collect();
        let n = count as f64;
        let mean = lowest
            .iter()
            .map(|(value, count)| value * count)
            .sum::<f64>()
            / n;
        let squares = lowest
            .iter()
            .map(|(value, count)| (value - mean).powi(2) * count);
        (mean, squares.sum::<f64>() / (n - 1.0).max(1.0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::summary::{Ranks, Values};
    use proptest::prelude::*;

    fn sketch(values: &[f64]) -> Sketch {
        let mut sketch = Sketch::default();
        sketch.add(values);
        sketch
    }

    #[test]
    fn whole_numbers_and_zero_are_exact() {
        for number in [0.0, 1.0, -1.0, 61.0, 601.0, 4_095.0] {
            assert_eq!(value(key(number)), number);
        }
        assert_eq!(key(-0.0), key(0.0));
    }

    proptest! {
        #[test]
        fn quantiles_are_within_the_stated_error(
            values in prop::collection::vec(prop_oneof![-1e9..1e9_f64, -1.0..1.0_f64], 1..300),
            p in 0.0..1.0_f64,
        ) {
            let last = (values.len() - 1) as f64;
            let rank = (p * last).round() as usize;
            let exact = Ranks::find(&Values::from(&*values), [rank]).at(rank);
            let [found] = sketch(&values).quantiles([p]);
            prop_assert!((found - exact).abs() <= exact.abs() / 4_096.0, "{} is not {}", found, exact);
        }

        #[test]
        fn parts_merge_in_any_order(values in prop::collection::vec(-1e6..1e6_f64, 2..100), at in 0.0..1.0_f64) {
            let (a, b) = values.split_at((at * values.len() as f64) as usize);
            let (mut ab, mut ba) = (sketch(a), sketch(b));
            ab.merge(&sketch(b));
            ba.merge(&sketch(a));
            prop_assert_eq!(&ab, &ba);
            prop_assert_eq!(ab, sketch(&values));
        }

        #[test]
        fn the_lowest_have_their_mean(values in prop::collection::vec(1.0..1e6_f64, 20..100)) {
            let mut sorted = values.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            let exact = sorted[..7].iter().sum::<f64>() / 7.0;
            let (found, _) = sketch(&values).lowest(7);
            prop_assert!((found / exact - 1.0).abs() <= 1.0 / 4_096.0);
        }
    }
}
