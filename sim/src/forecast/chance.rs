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

/// A factor of mean 1 that scatters so: lognormal, wider by as much as Student's t is where its
/// variation is known from few months only (Cornish and Fisher's first term, Abramowitz and Stegun
/// 26.7.5).
pub(super) fn factor(spread: Spread, chance: &mut Chance) -> f64 {
    let z = chance.normal();
    if spread.variation <= 0.0 {
        return 1.0;
    }
    let variance = ln_1p(spread.variation * spread.variation);
    let t = z + (z * z * z + z) / (4.0 * spread.freedom.max(1.0));
    exp(variance.sqrt() * t.clamp(-8.0, 8.0) - variance / 2.0)
}
