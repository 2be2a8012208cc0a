//! Independent uniforms from ChaCha8: the seed is the key, the input the stream, the trial the
//! position in it.

use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

/// What a key stream is for; streams of different purposes share no key.
#[derive(Clone, Copy)]
pub(super) enum Purpose {
    /// The uniforms themselves.
    Uniform,
    /// Keys of permutations.
    Permutation,
    /// Keys of scrambles.
    Scramble,
}

/// The generator of one purpose and input, at its start.
pub(super) fn generator(seed: u64, purpose: Purpose, input: usize) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8] = purpose as u8;
    key[16..].copy_from_slice(b"keepworth draws1");
    let mut generator = ChaCha8Rng::from_seed(key);
    generator.set_stream(input as u64);
    generator
}

/// The middle of one of 2⁵² equal parts of (0, 1), named by the upper bits of `bits`.
#[inline(always)]
pub(super) fn uniform(bits: u64) -> f64 {
    const ONE: u64 = 0x3FF0_0000_0000_0000;
    f64::from_bits(bits >> 12 | ONE) - (1.0 - f64::EPSILON / 2.0)
}

/// Fills `out` with the uniforms of consecutive trials.
pub(super) fn fill(seed: u64, first_trial: u64, input: usize, out: &mut [f64]) {
    let mut generator = generator(seed, Purpose::Uniform, input);
    generator.set_word_pos(2 * u128::from(first_trial));
    let mut bytes = [[0; 8]; 64];
    for lanes in out.chunks_mut(bytes.len()) {
        let bytes = &mut bytes[..lanes.len()];
        generator.fill_bytes(bytes.as_flattened_mut());
        for (lane, bytes) in lanes.iter_mut().zip(bytes) {
            *lane = uniform(u64::from_le_bytes(*bytes));
        }
    }
}
