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
            (1..degree).fold(v[k - degree] ^ (v[k - degree] >> degree), |sum, j| {
                sum ^ (dimension.coefficient(degree - 1 - j) * v[k - j])
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

#[cfg(test)]
mod tests {
    use super::*;

    const PUBLISHED: [(usize, [f64; 5]); 9] = [
        (0, [0.5, 0.75, 0.25, 0.6875, 0.219_726_562_5]),
        (1, [0.5, 0.25, 0.75, 0.8125, 0.096_679_687_5]),
        (2, [0.5, 0.25, 0.75, 0.4375, 0.518_554_687_5]),
        (3, [0.5, 0.25, 0.75, 0.9375, 0.676_757_812_5]),
        (6, [0.5, 0.25, 0.75, 0.9375, 0.045_898_437_5]),
        (24, [0.5, 0.25, 0.75, 0.9375, 0.583_007_812_5]),
        (99, [0.5, 0.75, 0.25, 0.4375, 0.186_523_437_5]),
        (255, [0.5, 0.75, 0.25, 0.9375, 0.249_023_437_5]),
        (999, [0.5, 0.75, 0.25, 0.4375, 0.200_195_312_5]),
    ];

    /// Unscrambled points 1, 2, 3, 9 and 1000 in Gray-code order, as SciPy 1.x's `qmc.Sobol`
    /// gives them, for inputs from the first to the last.
    #[test]
    fn points_are_those_of_joe_and_kuo() {
        for (input, expected) in PUBLISHED {
            for (n, value) in [1_u32, 2, 3, 9, 1000].into_iter().zip(expected) {
                let (_, point) = points(input, n ^ n >> 1).next().expect("points never end");
                let found = f64::from(point.reverse_bits()) / 4_294_967_296.0;
                assert_eq!(found, value, "point {n} of input {input}");
            }
        }
    }

    #[test]
    fn stepping_and_starting_anywhere_agree() {
        for input in [0, 1, 24, MAX_SOBOL_INPUTS - 1] {
            for (index, point) in points(input, 0).take(300) {
                assert_eq!(points(input, index).next(), Some((index, point)));
            }
        }
    }

    /// In every input, any 2ᵏ points that start at a multiple of 2ᵏ fall one into each of 2ᵏ parts.
    #[test]
    fn every_input_is_stratified() {
        for input in 0..MAX_SOBOL_INPUTS {
            let mut parts: Vec<u32> = points(input, 3 * 64)
                .take(64)
                .map(|(_, point)| point & 63)
                .collect();
            parts.sort_unstable();
            assert!(parts.into_iter().eq(0..64), "input {input}");
        }
    }
}
