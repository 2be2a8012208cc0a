//! Uniforms addressed by (seed, trial, input).
//!
//! A [`Plan`] gives any run of consecutive trials of one input; the same address gives the same
//! bits in any order, on any thread, shard or machine.

mod owen;
mod permutation;
mod plan;
mod random;
mod sobol;

pub use plan::{MAX_SOBOL_INPUTS, Plan, PlanError, Sampling};

#[cfg(test)]
mod tests;
