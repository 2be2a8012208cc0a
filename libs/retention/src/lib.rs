//! Retention, lifetime and the experience link, estimated from records with their uncertainty.

pub mod contractual;
pub mod fit;
mod number;
pub mod optimise;
mod quadrature;
pub mod survival;
