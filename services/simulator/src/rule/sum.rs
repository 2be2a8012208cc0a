//! Sums over customers that give means and their errors, and can be added up.

use keepworth_contract::statistic::Interval;
use keepworth_verdict::interval::student;

/// Number, mean and spread of a sample (Welford 1962; merging by Chan, Golub and LeVeque 1979).
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Moments {
    /// Observations.
    pub(crate) n: u64,
    /// Their mean.
    pub(crate) mean: f64,
    squares: f64,
}

impl Moments {
    /// Adds an observation.
    pub(crate) fn add(&mut self, value: f64) {
        self.n += 1;
        let step = value - self.mean;
        self.mean += step / self.n as f64;
        self.squares += step * (value - self.mean);
    }

    /// Adds another sample.
    pub(crate) fn merge(&mut self, other: &Self) {
        if other.n == 0 {
            return;
        }
        let (mine, theirs) = (self.n as f64, other.n as f64);
        let (total, step) = (mine + theirs, other.mean - self.mean);
        self.n += other.n;
        self.mean += step * theirs / total;
        self.squares += other.squares + step * step * mine * theirs / total;
    }

    /// The mean, when there is any observation.
    pub(crate) fn value(&self) -> Option<f64> {
        (self.n > 0).then_some(self.mean)
    }

    /// The sample of `factor` times each observation.
    pub(crate) fn scaled(&self, factor: f64) -> Self {
        Self {
            n: self.n,
            mean: self.mean * factor,
            squares: self.squares * factor * factor,
        }
    }

    /// `sd/√n`.
    pub(crate) fn standard_error(&self) -> f64 {
        let n = self.n as f64;
        (self.squares / (n - 1.0) / n).sqrt()
    }
}

/// Student's interval of a mean; none for fewer than two observations.
pub(crate) fn student_t(sample: &Moments) -> Option<Interval> {
    if sample.n < 2 {
        return None;
    }
    let freedom = (sample.n - 1) as f64;
    student(sample.mean, sample.standard_error(), freedom, "student_t")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_mean_of_one_has_no_interval() {
        let mut sample = Moments::default();
        sample.add(3.0);
        assert_eq!(student_t(&sample), None);
        [5.0, 7.0].into_iter().for_each(|value| sample.add(value));
        // 5 ± 4.302653 · 2/√3.
        let found = student_t(&sample).unwrap();
        assert!((found.low - 0.031_72).abs() < 5e-5 && (found.high - 9.968_28).abs() < 5e-5);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn parts_merge_to_the_whole(values in proptest::collection::vec(-1e6f64..1e6, 2..50), cut in 0usize..50) {
            let cut = cut.min(values.len());
            let sample = |values: &[f64]| {
                let mut sample = Moments::default();
                values.iter().for_each(|value| sample.add(*value));
                sample
            };
            let mut merged = sample(&values[..cut]);
            merged.merge(&sample(&values[cut..]));
            let n = values.len() as f64;
            let mean = values.iter().sum::<f64>() / n;
            let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0);
            prop_assert_eq!(merged.n, values.len() as u64);
            prop_assert!((merged.mean - mean).abs() < 1e-6);
            prop_assert!((merged.standard_error() - (variance / n).sqrt()).abs() < 1e-6 * (1.0 + variance.sqrt()));
        }
    }
}
