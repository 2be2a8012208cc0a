//! Uniforms addressed by (seed, trial, input).
//!
//! A [`Plan`] gives any run of consecutive trials of one input; the same address gives the same
//! bits in any order, on any thread, shard or machine, because nothing is carried from one draw to
//! the next: the seed is a ChaCha8 key, the input a stream of it, the trial a position in that
//! stream. A word of it is the first 32 binary digits of a uniform, as a Sobol point is; a hash fills
//! up the others. All but the last step is integer arithmetic, and that step is exact.
//!
//! | method | for | its promise |
//! |---|---|---|
//! | `random` | anything | errors shrink with the square root of trials |
//! | `latin_hypercube` | figures that are nearly a sum over inputs | never worse than `random` by more than one trial's worth |
//! | `sobol` | means of smooth figures: hundreds of times fewer trials; percentiles and probabilities gain little | every power of two of trials is stratified in each input and pairs of early inputs |
//!
//! ```
//! use keepworth_sim::sampling::{Plan, Sampling};
//!
//! let plan = Plan { method: Sampling::Sobol, seed: 7, trials: 4096, inputs: 25, randomisations: 8 };
//! plan.validate()?;
//! let (mut whole, mut shard) = ([0.0; 100], [0.0; 10]);
//! plan.fill(0, 24, &mut whole);
//! plan.fill(90, 24, &mut shard);
//! assert_eq!(whole[90..], shard);
//! # Ok::<(), keepworth_sim::sampling::PlanError>(())
//! ```

mod owen;
mod permutation;
mod plan;
mod random;
mod sobol;

pub use plan::{MAX_SOBOL_INPUTS, Plan, PlanError, Sampling};

#[cfg(test)]
mod tests;
