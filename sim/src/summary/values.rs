//! Values of many trials where they lie, slice by slice: a copy of them would grow with trials.

/// One figure of many trials, in their order.
#[derive(Clone)]
pub(crate) struct Values<'a> {
    slices: Vec<&'a [f64]>,
    /// Only every `step`-th value counts, from the `first`.
    first: usize,
    step: usize,
}

impl<'a> Values<'a> {
    pub(crate) fn new(slices: impl Iterator<Item = &'a [f64]>) -> Self {
        Self {
            slices: slices.collect(),
            first: 0,
            step: 1,
        }
    }

    /// Every `step`-th value, from the `first`.
    pub(super) fn group(&self, first: usize, step: usize) -> Self {
        Self {
            slices: self.slices.clone(),
            first,
            step,
        }
    }

    /// How many there are.
    pub(super) fn count(&self) -> usize {
        let all: usize = self.slices.iter().map(|slice| slice.len()).sum();
        all.saturating_sub(self.first).div_ceil(self.step)
    }

    /// Shows all values, in slices.
    #[inline]
    pub(super) fn each(&self, mut show: impl FnMut(&[f64])) {
        if (self.first, self.step) == (0, 1) {
            return self.slices.iter().for_each(|slice| show(slice));
        }
        let (mut next, mut counted) = (self.first, Vec::new());
        for slice in &self.slices {
            counted.clear();
            counted.extend(slice.iter().skip(next).step_by(self.step));
            next = next + counted.len() * self.step - slice.len();
            show(&counted);
        }
    }

    /// `Σ of(value)`: eight sums side by side, because one alone waits for each addition.
    #[inline]
    pub(super) fn sum(&self, of: impl Fn(f64) -> f64) -> f64 {
        let (mut sums, mut rest) = ([0.0; 8], 0.0);
        self.each(|slice| {
            let (eights, others) = slice.as_chunks::<8>();
            for eight in eights {
                for (sum, &value) in sums.iter_mut().zip(eight) {
                    *sum += of(value);
                }
            }
            rest += others.iter().map(|&value| of(value)).sum::<f64>();
        });
        sums.iter().sum::<f64>() + rest
    }

    pub(super) fn mean(&self) -> f64 {
        self.sum(|value| value) / self.count() as f64
    }

    /// Standard deviation with `n − 1`, around their mean; 0 of a single value.
    pub(super) fn sd(&self, mean: f64) -> f64 {
        let squares = self.sum(|value| (value - mean) * (value - mean));
        (squares / (self.count().max(2) - 1) as f64).sqrt()
    }

    /// Share that satisfies a condition.
    pub(super) fn share(&self, holds: impl Fn(f64) -> bool) -> f64 {
        self.sum(|value| f64::from(u8::from(holds(value)))) / self.count() as f64
    }
}

impl<'a> From<&'a [f64]> for Values<'a> {
    fn from(values: &'a [f64]) -> Self {
        Self::new(std::iter::once(values))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn groups_are_every_so_many(
            values in prop::collection::vec(-9.0..9.0_f64, 0..60),
            length in 1_usize..9, first in 0_usize..5, step in 1_usize..9,
        ) {
            let group = Values::new(values.chunks(length)).group(first, step);
            let mut found = Vec::new();
            group.each(|slice| found.extend_from_slice(slice));
            let expected: Vec<f64> = values.iter().skip(first).step_by(step).copied().collect();
            prop_assert_eq!(group.count(), expected.len());
            prop_assert_eq!(found, expected);
        }

        #[test]
        fn sums_are_those_one_by_one(values in prop::collection::vec(0_u8..9, 1..60), length in 1_usize..20) {
            let values: Vec<f64> = values.into_iter().map(f64::from).collect();
            let parts = Values::new(values.chunks(length));
            prop_assert_eq!(parts.sum(|value| value * value), values.iter().map(|v| v * v).sum::<f64>());
        }
    }
}
