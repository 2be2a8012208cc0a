//! Independent uniforms from ChaCha8: the seed is the key, the input the stream, the trial the
//! position in it.

use pulp::Arch;
use rand::rngs::ChaCha8Rng;
use rand::{Rng, SeedableRng};

use crate::kernel::kernel;

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

/// The middle of one of 2⁵² equal parts of (0, 1): its first 32 digits as given, the others a hash
/// (C. Wellons' "lowbias32"), which sets apart trials that share the first.
#[inline(always)]
pub(super) fn uniform(digits: u32, others: u32) -> f64 {
    const ONE: u64 = 0x3FF0_0000_0000_0000;
    let mut hash = others;
    hash = (hash ^ hash >> 16).wrapping_mul(0x7FEB_352D);
    hash = (hash ^ hash >> 15).wrapping_mul(0x846C_A68B);
    hash ^= hash >> 16;
    let bits = u64::from(digits) << 32 | u64::from(hash);
    f64::from_bits(bits >> 12 | ONE) - (1.0 - f64::EPSILON / 2.0)
}

/// Fills `out` with the uniforms of consecutive trials.
pub(super) fn fill(seed: u64, first_trial: u64, input: usize, out: &mut [f64]) {
    let arch = Arch::new();
    let mut generator = generator(seed, Purpose::Uniform, input);
    generator.set_word_pos(first_trial.into());
    let mut words = [[0; 4]; 128];
    let mut trial = first_trial;
    for lanes in out.chunks_mut(words.len()) {
        let words = &mut words[..lanes.len()];
        generator.fill_bytes(words.as_flattened_mut());
        uniforms(arch, words, trial, lanes);
        trial += lanes.len() as u64;
    }
}

kernel! {
    /// A word of the generator has the first 32 digits of a uniform.
    fn uniforms<'a>(words: &'a [[u8; 4]], first_trial: u64, out: &'a mut [f64]) {
        for (place, (out, word)) in out.iter_mut().zip(words).enumerate() {
            let trial = (first_trial as u32).wrapping_add(place as u32);
            let word = u32::from_le_bytes(*word);
            *out = uniform(word, word ^ trial);
        }
    }
}
