//! Retention, lifetime and the experience link, estimated from records with their uncertainty.

pub mod fit;
mod number;
pub mod optimise;
pub mod survival;
