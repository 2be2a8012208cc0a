//! Latin hypercubes: a keyed permutation of strata, addressed without building it.

use super::Plan;
use super::random::{self, Purpose, generator};
use rand::Rng;

const ROUNDS: usize = 6;

/// A keyed permutation of `0 … size − 1`.
///
/// Rounds of multiplication by an odd key, addition and a shift are one-to-one on the integers
/// below a power of two; a value that falls outside `size` is sent through again ("cycle
/// walking"), which keeps the map one-to-one on the integers below `size`.
struct Permutation {
    size: u64,
    mask: u64,
    shift: u32,
    keys: [[u64; 2]; ROUNDS],
}

impl Permutation {
    /// The permutation of one randomisation and input.
    fn new(seed: u64, randomisation: u32, input: usize, size: u64) -> Self {
        let mut generator = generator(seed, Purpose::Permutation, input);
        generator.set_block_pos(4 * u64::from(randomisation));
        let mask = size.next_power_of_two() - 1;
        let keys = std::array::from_fn(|_| [generator.next_u64() | 1, generator.next_u64()]);
        Self {
            size,
            mask,
            shift: mask.count_ones().div_ceil(2),
            keys,
        }
    }

    fn apply(&self, index: u64) -> u64 {
        let mut x = index;
        loop {
            for [factor, addend] in self.keys {
                x = x.wrapping_mul(factor).wrapping_add(addend) & self.mask;
                x ^= x >> self.shift;
            }
            if x < self.size {
                return x;
            }
        }
    }
}

/// Fills `out` with a uniform of the stratum of each trial.
pub(super) fn fill(plan: &Plan, first_trial: u64, input: usize, out: &mut [f64]) {
    // Past the last stratum a permutation has no value to give.
    assert!(
        first_trial + out.len() as u64 <= plan.trials,
        "trials {first_trial} and {} more exceed the plan's {}",
        out.len(),
        plan.trials
    );
    let count = u64::from(plan.randomisations);
    let permutations: Vec<_> = (0..plan.randomisations)
        .map(|r| {
            let points = (plan.trials + count - 1 - u64::from(r)) / count;
            Permutation::new(plan.seed, r, input, points.max(1))
        })
        .collect();
    random::fill(plan.seed, first_trial, input, out);
    let mut index = first_trial / count;
    let mut left = &permutations[(first_trial % count) as usize..];
    let mut rest = out;
    while !rest.is_empty() {
        let (now, later) = rest.split_at_mut(rest.len().min(left.len()));
        for (u, permutation) in now.iter_mut().zip(left) {
            let stratum = permutation.apply(index) as f64;
            *u = ((stratum + *u) / permutation.size as f64).min(1.0 - f64::EPSILON / 2.0);
        }
        (rest, left) = (later, &permutations);
        index += 1;
    }
}
