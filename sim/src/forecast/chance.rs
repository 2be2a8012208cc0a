//! What is random about records: streams of their own, beside those of the inputs.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

use super::Spread;
use crate::math::{exp, ln_1p, ndtri};
use crate::world::{binomial_quantile, poisson_quantile};

/// Words that one future of a segment may use of its stream.
const WORDS: u128 = 1 << 24;
/// The stream of what segments share.
const COMMON: u64 = u64::MAX;
/// The stream of the company as a whole.
const COMPANY: u64 = u64::MAX - 1;
/// The streams of turns begin here and go down.
const LED: u64 = u64::MAX - 2;

/// Chances of one future of a segment.
pub(super) struct Chance(ChaCha8Rng);

impl Chance {
    pub(super) fn new(seed: u64, segment: usize, trial: usize) -> Self {
        Self::of(seed, segment as u64, trial)
    }

    /// What happens to all segments of a future alike.
    pub(super) fn common(seed: u64, trial: usize) -> Self {
        Self::of(seed, COMMON, trial)
    }

    /// What happens in a future of the company as a whole.
    pub(super) fn company(seed: u64, trial: usize) -> Self {
        Self::of(seed, COMPANY, trial)
    }

    /// What leads a future in a turn.
    pub(super) fn led(seed: u64, turn: usize, future: usize) -> Self {
        Self::of(seed, LED - turn as u64, future)
    }

    fn of(seed: u64, stream: u64, trial: usize) -> Self {
        let mut key = [0; 32];
        key[..8].copy_from_slice(&seed.to_le_bytes());
        key[16..].copy_from_slice(b"keepworth counts");
        let mut generator = ChaCha8Rng::from_seed(key);
        generator.set_stream(stream);
        generator.set_word_pos(trial as u128 * WORDS);
        Self(generator)
    }

    /// The middle of one of 2⁵² equal parts of (0, 1).
    pub(super) fn uniform(&mut self) -> f64 {
        ((self.0.next_u64() >> 12) as f64 + 0.5) / (1_u64 << 52) as f64
    }

    /// A standard normal.
    pub(super) fn normal(&mut self) -> f64 {
        ndtri(self.uniform())
    }

    /// A Poisson count.
    pub(super) fn poisson(&mut self, mean: f64) -> f64 {
        poisson_quantile(mean, self.uniform())
    }

    /// How many of `n`, rounded to whole ones by chance, leave.
    pub(super) fn leavers(&mut self, n: f64, leave: f64) -> f64 {
        let n = n.max(0.0);
        let whole = n.floor() + f64::from(self.uniform() < n - n.floor());
        binomial_quantile(whole, leave, self.uniform()).min(n)
    }
}

/// The least that a variance told from few months is drawn as, of what was told.
const NARROWEST: f64 = 0.02;

/// The largest variance of a month's logarithm: in 19 of 20 months a figure is a twelfth to four times of what it is on
/// average. Months that scatter by more tell of records that are kept by the quarter, and a share of customers that cannot
/// exceed all of them would lose its mean.
const WIDEST: f64 = 1.0;

/// A factor of mean 1 that scatters so: lognormal, its variance drawn as well as so many months know it, which makes
/// the logarithm Student's t. The mean is 1 for each variance that is drawn, and so for all of them.
pub(super) fn factor(spread: Spread, chance: &mut Chance) -> f64 {
    let [z, of_variance] = [chance.normal(), chance.normal()];
    if spread.variation <= 0.0 {
        return 1.0;
    }
    let told = ln_1p(spread.variation * spread.variation);
    let known = chi_square_over(spread.freedom.max(1.0), of_variance);
    let variance = (told / known.max(NARROWEST)).min(WIDEST);
    exp(variance.sqrt() * z - variance / 2.0)
}

/// A chi-square variable over its degrees of freedom, as far above its middle as a standard normal is above 0: the cube
/// root of it is nearly normal (Wilson and Hilferty, PNAS 17, 1931).
fn chi_square_over(freedom: f64, z: f64) -> f64 {
    let variance = 2.0 / (9.0 * freedom);
    (1.0 - variance + z * variance.sqrt()).max(0.0).powi(3)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Months that were told from few others come to what is expected on average, and scatter as Student's t does.
    #[test]
    fn a_factor_has_mean_1_however_little_is_known_of_its_spread() {
        for (variation, freedom) in [(0.3, 2.0), (0.5, 3.0), (0.4, 11.0), (0.2, 1e6)] {
            let spread = Spread { variation, freedom };
            let mut chance = Chance::company(1, 0);
            let drawn = Vec::from_iter((0..200_000).map(|_| factor(spread, &mut chance)));
            let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
            let square = drawn.iter().map(|it| (it - mean).powi(2)).sum::<f64>();
            let error = square.sqrt() / drawn.len() as f64;
            assert!(
                (mean - 1.0).abs() < 4.0 * error,
                "{mean} ± {error} of {spread:?}"
            );
        }
    }

    #[test]
    fn its_logarithm_is_as_wide_as_students_t() {
        // 97.5% of Student's t with 2, 5 and 11 degrees of freedom: published tables.
        for (freedom, t) in [(2.0, 4.303), (5.0, 2.571), (11.0, 2.201)] {
            let spread = Spread {
                variation: 0.01,
                freedom,
            };
            let mut chance = Chance::company(2, 0);
            let mut drawn = Vec::from_iter((0..200_000).map(|_| factor(spread, &mut chance).ln()));
            drawn.sort_by(f64::total_cmp);
            let found = (drawn[195_000] - drawn[4999]) / 2.0 / 0.01;
            assert!(
                (found / t - 1.0).abs() < 0.05,
                "{found}, not {t}, of {freedom}"
            );
        }
    }
}
