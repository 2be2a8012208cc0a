//! Owen's nested uniform scrambling of Sobol points by hashing.

use super::Plan;
use super::random::{Purpose, generator, uniform};
use super::sobol;
use rand::Rng;

/// The keys of one randomisation of one input.
#[derive(Clone, Copy, Default)]
struct Scramble {
    addend: u32,
    factor: u32,
    tail: u32,
}

impl Scramble {
    /// Flips each digit of a point by a hash of the digits before it.
    ///
    /// Digits run from bit 0 up, and every step carries upwards only: so a digit's flip depends
    /// on the earlier digits alone, which is Owen's scrambling with a hash in place of a random
    /// tree. S. Laine and T. Karras, "Stratified sampling for stochastic transparency" (2011), with
    /// the steps of N. Vegdahl, "Building a better LK hash" (2021).
    #[inline(always)]
    fn digits(self, point: u32) -> u32 {
        let mut x = point;
        x ^= x.wrapping_mul(0x3D20_ADEA);
        x = x.wrapping_add(self.addend);
        x = x.wrapping_mul(self.factor);
        x ^= x.wrapping_mul(0x0552_6C56);
        x ^= x.wrapping_mul(0x53A2_2864);
        x.reverse_bits()
    }

    /// Digits past the 32nd. No two points of a randomisation share the first 32, so Owen's
    /// scrambling makes these independent of everything; a hash of the index stands in for it.
    #[inline(always)]
    fn tail(self, index: u32) -> u32 {
        let mut x = index ^ self.tail;
        x = (x ^ x >> 16).wrapping_mul(0x7FEB_352D);
        x = (x ^ x >> 15).wrapping_mul(0x846C_A68B);
        x ^ x >> 16
    }

    #[inline(always)]
    fn uniform(self, index: u32, point: u32) -> f64 {
        uniform(u64::from(self.digits(point)) << 32 | u64::from(self.tail(index)))
    }
}

/// Fills `out` with the scrambled points of consecutive trials.
pub(super) fn fill(plan: &Plan, first_trial: u64, input: usize, out: &mut [f64]) {
    let mut keys = generator(plan.seed, Purpose::Scramble, input);
    let scrambles: Vec<_> = (0..plan.randomisations)
        .map(|_| Scramble {
            addend: keys.next_u32(),
            factor: keys.next_u32() | 1,
            tail: keys.next_u32(),
        })
        .collect();
    let count = u64::from(plan.randomisations);
    let mut scrambles_left = &scrambles[(first_trial % count) as usize..];
    let mut rest = out;
    for (index, point) in sobol::points(input, (first_trial / count) as u32) {
        let take = rest.len().min(scrambles_left.len());
        let (now, later) = rest.split_at_mut(take);
        for (u, scramble) in now.iter_mut().zip(scrambles_left) {
            *u = scramble.uniform(index, point);
        }
        rest = later;
        if rest.is_empty() {
            break;
        }
        scrambles_left = &scrambles;
    }
}
