//! Sobol points in natural order, their first digit in bit 0.

use super::MAX_SOBOL_INPUTS;
use sobol::SobolParams;
use sobol::params::JoeKuoD6;
use std::sync::LazyLock;

/// Binary digits of a point.
const DIGITS: usize = 32;

/// `STEPS[input][k]`: what changes between points `i` and `i + 1` of an input where `i` ends in
/// exactly `k` ones.
static STEPS: LazyLock<Vec<[u32; DIGITS]>> = LazyLock::new(|| {
    let parameters = JoeKuoD6::standard();
    (0..MAX_SOBOL_INPUTS)
        .map(|input| steps(&directions(&parameters, input)))
        .collect()
});

/// Direction numbers of an input, by the recurrence of P. Bratley and B. L. Fox, "Algorithm 659"
/// (1988), from the polynomials and initial numbers of S. Joe and F. Y. Kuo (2008).
fn directions(parameters: &JoeKuoD6, input: usize) -> [u32; DIGITS] {
    let mut v = [0; DIGITS];
    if input == 0 {
        return std::array::from_fn(|k| 1 << (DIGITS - 1 - k));
    }
    let dimension = parameters.get_dim(input + 1);
    let degree = dimension.s();
    for k in 0..DIGITS {
        v[k] = if k < degree {
            dimension.m(k) << (DIGITS - 1 - k)
        } else {
            (1..degree).fold(v[k - degree] ^ v[k - degree] >> degree, |sum, j| {
                sum ^ dimension.coefficient(degree - 1 - j) * v[k - j]
            })
        };
    }
    v
}

fn steps(directions: &[u32; DIGITS]) -> [u32; DIGITS] {
    let mut sum = 0;
    directions.map(|v| {
        sum ^= v.reverse_bits();
        sum
    })
}

/// Points `first`, `first + 1`, … of an input.
pub(super) fn points(input: usize, first: u32) -> impl Iterator<Item = (u32, u32)> {
    let steps = &STEPS[input];
    // Stepping over the ones of `first` by way of its digits.
    let mut point = (0..DIGITS)
        .filter(|&k| first >> k & 1 == 1)
        .fold(0, |sum, k| {
            sum ^ steps[k] ^ if k == 0 { 0 } else { steps[k - 1] }
        });
    let mut index = first;
    std::iter::from_fn(move || {
        let now = (index, point);
        point ^= steps[(index.trailing_ones() as usize).min(DIGITS - 1)];
        index = index.wrapping_add(1);
        Some(now)
    })
}
