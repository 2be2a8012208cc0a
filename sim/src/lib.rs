//! Placeholder while the rooms are laid out.

pub mod inputs;
pub mod math;
pub mod sampling;
