//! From what customers lived through, month by month, to an experience link.
//!
//! `plan` says which months count, `history` what was known before each, `cells` counts alike months together,
//! `estimate` fits them, `told` says it in the contract's words.

pub(crate) mod cells;
pub(crate) mod estimate;
pub(crate) mod history;
pub(crate) mod plan;
#[cfg(test)]
mod tests;
pub(crate) mod told;
