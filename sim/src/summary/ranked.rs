//! Order statistics of many values without sorting them.

/// Values of which those ranks are in place that somebody looked at.
///
/// Looking at a rank parts the values between the two nearest ranks in place: about as many steps as
/// there are values for the first, and fewer for each that follows. The result is that of a full
/// sort.
pub(crate) struct Ranked {
    /// Integers in the order of the values, and as easily told apart as no floats are.
    keys: Vec<i64>,
    /// Ranks in place, in increasing order.
    placed: Vec<usize>,
}

impl Ranked {
    /// # Panics
    /// If there is no value.
    pub(crate) fn new(values: &[f64]) -> Self {
        assert!(!values.is_empty(), "a run has at least one trial");
        Self {
            keys: values.iter().map(|&value| key(value)).collect(),
            placed: Vec::new(),
        }
    }

    /// The value of a rank, 0 the lowest.
    pub(crate) fn at(&mut self, rank: usize) -> f64 {
        if let Err(place) = self.placed.binary_search(&rank) {
            let start = place
                .checked_sub(1)
                .map_or(0, |below| self.placed[below] + 1);
            let end = self.placed.get(place).copied().unwrap_or(self.keys.len());
            self.keys[start..end].select_nth_unstable(rank - start);
            self.placed.insert(place, rank);
        }
        value(self.keys[rank])
    }

    /// Quantile, linear between order statistics (type 7 of Hyndman and Fan).
    pub(super) fn quantile(&mut self, p: f64) -> f64 {
        let last = self.keys.len() - 1;
        let position = p.clamp(0.0, 1.0) * last as f64;
        let below = position.floor() as usize;
        let (low, high) = (self.at(below), self.at((below + 1).min(last)));
        low + (position - below as f64) * (high - low)
    }

    /// Quantiles at increasing probabilities; the middle one is looked at first, which halves what
    /// the others have to look at.
    pub(super) fn quantiles<const N: usize>(&mut self, probabilities: [f64; N]) -> [f64; N] {
        let mut quantiles = [0.0; N];
        self.fill(&probabilities, &mut quantiles);
        quantiles
    }

    fn fill(&mut self, probabilities: &[f64], quantiles: &mut [f64]) {
        if probabilities.is_empty() {
            return;
        }
        let middle = probabilities.len() / 2;
        quantiles[middle] = self.quantile(probabilities[middle]);
        self.fill(&probabilities[..middle], &mut quantiles[..middle]);
        self.fill(&probabilities[middle + 1..], &mut quantiles[middle + 1..]);
    }

    /// The lowest values, in no order.
    pub(super) fn lowest(&mut self, count: usize) -> Vec<f64> {
        self.at(count.max(1) - 1);
        self.keys[..count].iter().map(|&key| value(key)).collect()
    }
}

/// An integer with the place of `value` in the total order of IEEE 754.
fn key(value: f64) -> i64 {
    flip(value.to_bits().cast_signed())
}

/// The value of a key.
fn value(key: i64) -> f64 {
    f64::from_bits(flip(key).cast_unsigned())
}

/// Negative numbers grow with their magnitude as integers of a sign and a magnitude do; its own
/// inverse.
fn flip(bits: i64) -> i64 {
    bits ^ ((bits >> 63) & i64::MAX)
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
        fn quantiles_are_those_one_by_one(values in prop::collection::vec(-1e6..1e6_f64, 1..200)) {
            let probabilities = [0.0, 0.05, 0.3, 0.5, 0.7, 1.0];
            let one_by_one = probabilities.map(|p| Ranked::new(&values).quantile(p));
            prop_assert_eq!(Ranked::new(&values).quantiles(probabilities), one_by_one);
        }

        #[test]
        fn the_lowest_are_the_lowest(values in prop::collection::vec(0_u8..9, 1..200), share in 0.01..1.0) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let count = ((values.len() as f64 * share) as usize).max(1);
            let mut lowest = Ranked::new(&values).lowest(count);
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
