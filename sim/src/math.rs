//! Elementary and special functions whose bits are the same on every machine.
//!
//! `f64::exp`, `ln`, `powf` and the like call the platform's mathematical library, whose last bits
//! differ between operating systems and their versions. Everything here is built from `+ − × ÷`,
//! `sqrt` and bit operations, which IEEE 754 rounds exactly, without fused multiply-add (Rust never
//! contracts `a * b + c` on its own), or from the `libm` crate, which is pure Rust and held to the
//! same rule. So a result depends neither on the machine nor on the optimisation level nor on the
//! width of the vectors a loop was compiled to.
//!
//! | function | error, measured in this module's tests |
//! |---|---|
//! | [`exp`], [`ln`], [`exp_m1`], [`ln_1p`] | below 1.5 units in the last place, two for the last two |
//! | [`pow`], [`ln_gamma`] | those of `libm`: below 1 unit in the last place away from zeros |
//! | [`ndtri`] | relative 1e-14 |
//! | [`ndtr`] | relative 1e-14 down to −10 |
//! | [`beta_cdf`], [`gamma_cdf`] and their quantiles | relative 1e-12 |
//!
//! The functions of the hot path ([`exp`], [`ln`], [`exp_m1`], [`ln_1p`], [`ndtr`], [`ndtri_each`])
//! have no branches and no tables: a loop over a slice becomes vector code, and a caller that
//! compiles its loop for wider vectors gets them wider, because they are always inlined.

mod beta;
mod elementary;
mod gamma;
mod normal;
mod student;

pub use beta::{beta_cdf, beta_quantile};
pub(crate) use beta::{beta_density_term, solve_beta};
pub use elementary::{exp, exp_m1, ln, ln_1p, ln_gamma, pow};
pub use gamma::{gamma_cdf, gamma_quantile};
pub(crate) use gamma::{gamma_density_term, solve_gamma};
pub use normal::{ndtr, ndtri, ndtri_each};
pub use student::student_bound;

/// A lower tail probability together with its complement, so that neither loses digits.
///
/// `1 − 1e-20` is 1 in `f64`; a quantile that far out must be asked for by its upper tail.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tails {
    /// Probability below.
    pub lower: f64,
    /// Probability above.
    pub upper: f64,
}

impl Tails {
    /// Tails of the lower probability `u`.
    #[inline(always)]
    pub fn of_uniform(u: f64) -> Self {
        Self {
            lower: u,
            upper: 1.0 - u,
        }
    }

    /// Tails of the standard normal value `z`.
    #[inline(always)]
    pub fn of_normal(z: f64) -> Self {
        let smaller = normal::upper_tail(z.abs());
        let larger = 1.0 - smaller;
        let is_low = z < 0.0;
        Self {
            lower: if is_low { smaller } else { larger },
            upper: if is_low { larger } else { smaller },
        }
    }
}
