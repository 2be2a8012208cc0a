//! Beta and gamma quantiles at the price of a polynomial.

use crate::math::{Tails, beta_density_term, exp, gamma_density_term, solve_beta, solve_gamma};

/// The family that a table is made for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Shape {
    Beta {
        alpha: f64,
        beta: f64,
    },
    /// Scale 1.
    Gamma {
        shape: f64,
    },
}

/// Coefficients kept for each node.
const ORDER: usize = 8;
/// Coefficients computed: the last two tell the error of leaving them out.
const TERMS: usize = ORDER + 2;
/// Normal scores covered, either way; beyond lies a probability of 1e-17.
const REACH: f64 = 8.5;
/// Largest relative error by the terms left out.
const TOLERANCE: f64 = 2e-11;
/// Nodes per unit of the normal score that are tried, in this order.
const DENSITIES: [u32; 5] = [8, 16, 32, 64, 128];
/// 1.5 · 2⁵²: adding it rounds to an integer, which then sits in the low bits of the sum.
const ROUNDER: f64 = 6_755_399_441_055_744.0;

/// `x(z) = F⁻¹(Φ(z))` as Taylor polynomials around equally spaced `z`.
///
/// The quantile function itself has infinite slopes at both ends; over the normal score it is
/// smooth, and obeys `x″ = x′(−z + x′ w(x))` with `w = −f′/f`, rational for both families. So each
/// polynomial follows from the exact value at its node alone.
#[derive(Clone, Debug)]
pub(super) struct Table {
    density: f64,
    /// Bits of [`ROUNDER`] plus the number of the first node.
    first: u64,
    nodes: Vec<[f64; ORDER]>,
}

impl Table {
    /// A table of `low + width · x(z)`, relative error of `x` below 1e-10; `None` where shapes are
    /// so extreme that no tried density reaches that.
    pub(super) fn new(shape: Shape, low: f64, width: f64) -> Option<Self> {
        DENSITIES
            .into_iter()
            .find_map(|density| Self::with_density(shape, low, width, density))
    }

    fn with_density(shape: Shape, low: f64, width: f64, density: u32) -> Option<Self> {
        let half = (REACH * f64::from(density)) as i32;
        let mut nodes = Vec::with_capacity(2 * half as usize + 1);
        let mut guess = None;
        for node in -half..=half {
            let z = f64::from(node) / f64::from(density);
            let point = shape.solve(Tails::of_normal(z), guess);
            let terms = shape.series(z, point, 1.0 / f64::from(density));
            let left_out = terms[ORDER].abs() / 256.0 + terms[ORDER + 1].abs() / 512.0;
            let is_precise = left_out <= TOLERANCE * terms[0].abs();
            if !is_precise {
                return None;
            }
            let step: f64 = terms[1..].iter().sum();
            guess = Some([point[0] + step, point[1] - step]);
            let mut node: [f64; ORDER] = std::array::from_fn(|k| width * terms[k]);
            node[0] += low;
            nodes.push(node);
        }
        let first = ROUNDER.to_bits() - half as u64;
        Some(Self {
            density: f64::from(density),
            first,
            nodes,
        })
    }

    /// The value at a normal score; scores beyond ±8.5 count as ±8.5.
    #[inline(always)]
    pub(super) fn at(&self, z: f64) -> f64 {
        let z = if z > REACH { REACH } else { z };
        let z = if z < -REACH { -REACH } else { z };
        let scaled = z * self.density;
        let rounded = scaled + ROUNDER;
        let d = scaled - (rounded - ROUNDER);
        let node = rounded.to_bits().wrapping_sub(self.first) as usize;
        // An early return keeps the compiler from gathering eight coefficients lane by lane, which
        // takes longer than loading a node at a time. Only NaN falls outside.
        let Some(&[c0, c1, c2, c3, c4, c5, c6, c7]) = self.nodes.get(node) else {
            return f64::NAN;
        };
        [c6, c5, c4, c3, c2, c1, c0]
            .iter()
            .fold(c7, |sum, &c| sum.mul_add(d, c))
    }
}

impl Shape {
    /// The value with the given tails.
    pub(super) fn quantile(self, at: Tails) -> f64 {
        self.solve(at, None)[0]
    }

    /// The value `x` with the given tails, and `1 − x`.
    fn solve(self, at: Tails, guess: Option<[f64; 2]>) -> [f64; 2] {
        match self {
            Self::Beta { alpha, beta } => solve_beta(alpha, beta, at, guess),
            Self::Gamma { shape } => {
                let x = solve_gamma(shape, at, guess.map(|[x, _]| x));
                [x, 1.0 - x]
            }
        }
    }

    /// `f(x)`, the density.
    fn density(self, [x, y]: [f64; 2]) -> f64 {
        match self {
            Self::Beta { alpha, beta } => beta_density_term(alpha, beta, x, y) / (x * y),
            Self::Gamma { shape } => gamma_density_term(shape, x) / x,
        }
    }

    /// `w = −f′/f = constant + at_x/x + at_y/(1 − x)`.
    fn score(self) -> [f64; 3] {
        match self {
            Self::Beta { alpha, beta } => [0.0, 1.0 - alpha, beta - 1.0],
            Self::Gamma { shape } => [1.0, 1.0 - shape, 0.0],
        }
    }

    /// Taylor coefficients of `x` around `z` in units of `step`, by power-series arithmetic on the
    /// differential equation.
    fn series(self, z: f64, [x0, y0]: [f64; 2], step: f64) -> [f64; TERMS] {
        let [constant, at_x, at_y] = self.score();
        let normal_density = exp(-0.5 * z * z) / std::f64::consts::TAU.sqrt();
        let mut x = [0.0; TERMS];
        // Slope v = x′, reciprocals of x and 1 − x, score w, and s = −z + v·w, so that v′ = v·s.
        let [mut v, mut over_x, mut over_y, mut w, mut s] = [[0.0; TERMS]; 5];
        x[0] = x0;
        v[0] = normal_density / self.density([x0, y0]);
        x[1] = v[0];
        for n in 0..TERMS - 2 {
            let convolve = |a: &[f64; TERMS], b: &[f64; TERMS], from: usize| -> f64 {
                (from..=n).map(|j| a[j] * b[n - j]).sum()
            };
            if n == 0 {
                (over_x[0], over_y[0]) = (1.0 / x0, 1.0 / y0);
            } else {
                over_x[n] = -convolve(&x, &over_x, 1) / x0;
                over_y[n] = convolve(&x, &over_y, 1) / y0;
            }
            w[n] = at_x * over_x[n] + at_y * over_y[n];
            let time = match n {
                0 => {
                    w[0] += constant;
                    z
                }
                1 => 1.0,
                _ => 0.0,
            };
            s[n] = convolve(&v, &w, 0) - time;
            v[n + 1] = convolve(&v, &s, 0) / (n + 1) as f64;
            x[n + 2] = v[n + 1] / (n + 2) as f64;
        }
        let mut scale = 1.0;
        x.map(|term| {
            let scaled = term * scale;
            scale *= step;
            scaled
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::math::{beta_quantile, ndtri};

    #[test]
    fn tables_meet_their_tolerance_from_end_to_end() {
        let shapes = [
            Shape::Beta {
                alpha: 2.6,
                beta: 3.4,
            },
            Shape::Beta {
                alpha: 1.0,
                beta: 5.0,
            },
            Shape::Beta {
                alpha: 5.0,
                beta: 1.0,
            },
            Shape::Beta {
                alpha: 0.5,
                beta: 0.5,
            },
            Shape::Beta {
                alpha: 8.0,
                beta: 2.0,
            },
            Shape::Beta {
                alpha: 900.0,
                beta: 40.0,
            },
            Shape::Gamma { shape: 0.7 },
            Shape::Gamma { shape: 3.0 },
            Shape::Gamma { shape: 5_000.0 },
        ];
        for shape in shapes {
            let table = Table::new(shape, 0.0, 1.0).expect("a table for a moderate shape");
            for i in -8_240..=8_240 {
                let z = f64::from(i) / 1000.0;
                let exact = shape.quantile(Tails::of_normal(z));
                let error = (table.at(z) / exact - 1.0).abs();
                assert!(
                    error < 1e-10,
                    "{shape:?} at {z}: {} not {exact}",
                    table.at(z)
                );
            }
        }
    }

    #[test]
    fn far_tails_agree_with_the_exact_inverse() {
        let shape = Shape::Beta {
            alpha: 2.6,
            beta: 3.4,
        };
        let table = Table::new(shape, 0.0, 1.0).expect("a table for a PERT");
        for u in [1e-12, 1.0 - 1e-12] {
            let exact = beta_quantile(2.6, 3.4, Tails::of_uniform(u));
            assert!((table.at(ndtri(u)) / exact - 1.0).abs() < 1e-10);
        }
    }

    #[test]
    fn shapes_without_a_table_say_so() {
        assert!(
            Table::new(
                Shape::Beta {
                    alpha: 0.01,
                    beta: 0.01
                },
                0.0,
                1.0
            )
            .is_none()
        );
    }

    #[test]
    fn nonsense_gives_no_panic() {
        let table = Table::new(Shape::Gamma { shape: 2.0 }, 0.0, 1.0).expect("a table");
        assert!(table.at(f64::NAN).is_nan());
        assert_eq!(table.at(f64::INFINITY), table.at(REACH));
    }
}
