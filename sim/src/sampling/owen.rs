//! Owen's nested uniform scrambling of Sobol points by hashing.

use super::Plan;
use super::random::{Purpose, generator, uniform};
use super::sobol;
use pulp::{Arch, NullaryFnOnce};
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

    /// No two points of a randomisation share the first 32 digits, so Owen's scrambling makes those
    /// past them independent of everything; a hash of the index stands in for it.
    #[inline(always)]
    fn uniform(self, index: u32, point: u32) -> f64 {
        uniform(self.digits(point), index ^ self.tail)
    }
}

/// Fills `out` with the scrambled points of consecutive trials.
pub(super) fn fill(plan: &Plan, first_trial: u64, input: usize, out: &mut [f64]) {
    Arch::new().dispatch(Fill {
        plan,
        first_trial,
        input,
        out,
    });
}

/// The filling, compiled once for each width of vectors; integers have the same bits in all.
struct Fill<'a> {
    plan: &'a Plan,
    first_trial: u64,
    input: usize,
    out: &'a mut [f64],
}

/// Trials scrambled together.
const CHUNK: usize = 64;

impl NullaryFnOnce for Fill<'_> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        let count = self.plan.randomisations as usize;
        let scrambles = scrambles(self.plan, self.input, count + CHUNK);
        let first_index = (self.first_trial / count as u64) as u32;
        let mut randomisation = (self.first_trial % count as u64) as usize;
        let mut points = sobol::points(self.input, first_index)
            .flat_map(|point| std::iter::repeat_n(point, count))
            .skip(randomisation);
        for lanes in self.out.chunks_mut(CHUNK) {
            let mut chunk = [(0, 0); CHUNK];
            for (slot, point) in chunk.iter_mut().zip(points.by_ref().take(lanes.len())) {
                *slot = point;
            }
            let scrambles = &scrambles[randomisation..randomisation + CHUNK];
            for ((u, &(index, point)), scramble) in lanes.iter_mut().zip(&chunk).zip(scrambles) {
                *u = scramble.uniform(index, point);
            }
            randomisation = (randomisation + CHUNK) % count;
        }
    }
}

/// The scrambles of an input's randomisations, over and over up to `length`, so that any run of
/// consecutive trials finds its own in a row.
fn scrambles(plan: &Plan, input: usize, length: usize) -> Vec<Scramble> {
    let mut keys = generator(plan.seed, Purpose::Scramble, input);
    let mut scrambles = Vec::with_capacity(length);
    scrambles.extend((0..plan.randomisations).map(|_| Scramble {
        addend: keys.next_u32(),
        factor: keys.next_u32() | 1,
        tail: keys.next_u32(),
    }));
    for i in 0..length - scrambles.len() {
        scrambles.push(scrambles[i]);
    }
    scrambles
}
