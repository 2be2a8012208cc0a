//! Order statistics of many values without sorting them all.

/// Values in order of rank, sorted only where somebody looks.
///
/// Values are spread over bins of equal width, in one pass; a bin is sorted when a rank in it is
/// asked for. The result is that of a full sort.
pub(super) struct Ranked {
    values: Vec<f64>,
    /// First rank of each bin, and the number of values at the end.
    starts: Vec<usize>,
    in_order: Vec<bool>,
}

/// Values per bin, on average.
const CROWD: usize = 256;

impl Ranked {
    /// # Panics
    /// If there is no value.
    pub(super) fn new(values: &[f64]) -> Self {
        assert!(!values.is_empty(), "a run has at least one trial");
        let bins = values.len() / CROWD + 1;
        let (low, high) = values.iter().fold((f64::MAX, f64::MIN), |(low, high), &v| {
            (low.min(v), high.max(v))
        });
        let scale = if high > low {
            (bins - 1) as f64 / (high - low)
        } else {
            0.0
        };
        // Rounding keeps the order: a larger value never falls into a lower bin.
        let bin = |value: f64| ((value - low) * scale) as usize;
        let mut starts = vec![0; bins + 1];
        for &value in values {
            starts[bin(value) + 1] += 1;
        }
        for i in 0..bins {
            starts[i + 1] += starts[i];
        }
        let mut next = starts.clone();
        let mut spread = vec![0.0; values.len()];
        for &value in values {
            let slot = &mut next[bin(value)];
            spread[*slot] = value;
            *slot += 1;
        }
        Self {
            values: spread,
            starts,
            in_order: vec![false; bins],
        }
    }

    /// The value of a rank, 0 the lowest.
    pub(super) fn at(&mut self, rank: usize) -> f64 {
        self.sort_around(rank);
        self.values[rank]
    }

    /// Quantile, linear between order statistics (type 7 of Hyndman and Fan).
    pub(super) fn quantile(&mut self, p: f64) -> f64 {
        let last = self.values.len() - 1;
        let position = p.clamp(0.0, 1.0) * last as f64;
        let below = position.floor() as usize;
        let (low, high) = (self.at(below), self.at((below + 1).min(last)));
        low + (position - below as f64) * (high - low)
    }

    /// The lowest values, in no order.
    pub(super) fn lowest(&mut self, count: usize) -> &[f64] {
        self.sort_around(count.saturating_sub(1));
        &self.values[..count]
    }

    fn sort_around(&mut self, rank: usize) {
        let bin = self.starts.partition_point(|&start| start <= rank) - 1;
        if !self.in_order[bin] {
            let range = self.starts[bin]..self.starts[bin + 1];
            self.values[range].sort_unstable_by(f64::total_cmp);
            self.in_order[bin] = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Ranked;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn ranks_are_those_of_a_sort(mut values in prop::collection::vec(-1e6..1e6_f64, 1..200)) {
            let mut ranked = Ranked::new(&values);
            values.sort_unstable_by(f64::total_cmp);
            for rank in (0..values.len()).rev() {
                prop_assert_eq!(ranked.at(rank), values[rank]);
            }
        }

        #[test]
        fn the_lowest_are_the_lowest(values in prop::collection::vec(0_u8..9, 1..200), share in 0.01..1.0) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let count = ((values.len() as f64 * share) as usize).max(1);
            let mut lowest = Ranked::new(&values).lowest(count).to_vec();
            let mut sorted = values.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            lowest.sort_unstable_by(f64::total_cmp);
            prop_assert_eq!(&lowest, &sorted[..count]);
        }
    }

    #[test]
    fn quantiles_are_linear_between_ranks() {
        let mut ranked = Ranked::new(&[4.0, 1.0, 3.0, 2.0]);
        assert_eq!(ranked.quantile(0.5), 2.5);
        assert_eq!(ranked.quantile(0.0), 1.0);
        assert_eq!(ranked.quantile(1.0), 4.0);
    }
}
