//! The customers who have the most of a sum, on whom its mean may hang.

/// Whoever has this share of a sum or more …
const SHARE: f64 = 0.05;
/// … and so many times what a customer has on average, carries its mean.
const TIMES_THE_MEAN: f64 = 10.0;
/// As many as can have that share each, and the next one below.
const KEPT: usize = 21;

/// The largest values, in falling order.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Largest(Vec<f64>);

/// A few customers without whom a mean would be another.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Carriers {
    /// How many they are.
    pub(crate) customers: usize,
    /// Their share of the sum.
    pub(crate) share: f64,
    /// What the sum would be, as a share of what it is, had each of them as much as the next one below: the mean
    /// winsorised above.
    pub(crate) capped: f64,
}

impl Largest {
    pub(super) fn add(&mut self, value: f64) {
        let place = self.0.partition_point(|it| *it >= value);
        if value > 0.0 && place < KEPT {
            self.0.insert(place, value);
            self.0.truncate(KEPT);
        }
    }

    pub(super) fn merge(&mut self, other: &Self) {
        other.0.iter().for_each(|value| self.add(*value));
    }

    /// Those of `customers` who carry the mean of a sum; none where nobody does.
    pub(super) fn carriers(&self, sum: f64, customers: u64) -> Option<Carriers> {
        let least = sum * SHARE.max(TIMES_THE_MEAN / customers as f64);
        let count = self.0.iter().take_while(|it| **it >= least).count();
        let theirs: f64 = self.0.iter().take(count).sum();
        let next = self.0.get(count).copied().unwrap_or_default();
        (sum > 0.0 && count > 0).then(|| Carriers {
            customers: count,
            share: theirs / sum,
            capped: 1.0 - (theirs - count as f64 * next) / sum,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: impl IntoIterator<Item = f64>) -> Largest {
        let mut largest = Largest::default();
        values.into_iter().for_each(|value| largest.add(value));
        largest
    }

    #[test]
    fn a_few_who_have_much_are_found_and_capped() {
        // 198 customers with 1, one with 40, one with 62: 300 in all, 1.5 each.
        let usual = std::iter::repeat_n(1.0, 198);
        let mut largest = of(usual.clone().chain([40.0]));
        largest.merge(&of([62.0]));
        let found = largest.carriers(300.0, 200).unwrap();
        assert_eq!((found.customers, found.share), (2, 102.0 / 300.0));
        assert!((found.capped - 200.0 / 300.0).abs() < 1e-12);
        assert_eq!(of(usual).carriers(198.0, 198), None);
        assert_eq!(of([]).carriers(0.0, 10), None);
    }

    #[test]
    fn among_ten_customers_each_has_a_tenth_and_nobody_carries_them() {
        assert_eq!(of([1.0; 10]).carriers(10.0, 10), None);
        // One of ten can have ten times the mean only by having all of it.
        assert!(of([10.0]).carriers(10.0, 10).is_some());
    }
}
