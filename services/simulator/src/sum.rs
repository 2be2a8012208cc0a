//! Sums over customers that give means, ratios and their errors, and can be added up.

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

/// Sums of `y` and `x` over customers, for `Σy/Σx`.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub(crate) struct Ratio {
    /// Customers.
    pub(crate) n: u64,
    pub(crate) x: f64,
    pub(crate) y: f64,
    pub(crate) xx: f64,
    pub(crate) xy: f64,
    pub(crate) yy: f64,
}

impl Ratio {
    /// `Σy/Σx`, when there is any `x`.
    pub(crate) fn value(&self) -> Option<f64> {
        (self.x > 0.0).then(|| self.y / self.x)
    }

    /// `√(n/(n−1) · Σ(y − r·x)²)/Σx`; none for fewer than two customers.
    pub(crate) fn standard_error(&self) -> Option<f64> {
        let r = self.value().filter(|_| self.n > 1)?;
        let squares = (self.yy - 2.0 * r * self.xy + r * r * self.xx).max(0.0);
        let n = self.n as f64;
        Some((n / (n - 1.0) * squares).sqrt() / self.x)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

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

    #[test]
    fn a_ratio_that_holds_for_everybody_has_no_error() {
        let of = |n, x, y, xx, xy, yy| Ratio {
            n,
            x,
            y,
            xx,
            xy,
            yy,
        };
        let same = of(2, 3.0, 6.0, 5.0, 10.0, 20.0);
        assert_eq!(
            (same.value(), same.standard_error()),
            (Some(2.0), Some(0.0))
        );
        // x = 1, 2 and y = 0, 6: r = 2, residuals −2 and 2.
        let apart = of(2, 3.0, 6.0, 5.0, 12.0, 36.0);
        assert_eq!(apart.standard_error(), Some(4.0 / 3.0));
        assert_eq!(Ratio::default().value(), None);
    }
}
