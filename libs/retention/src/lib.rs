//! Retention, lifetime and the experience link, estimated from records with their uncertainty.

pub mod bands;
pub mod contractual;
pub mod covariate;
pub mod cox;
mod expansion;
pub mod fit;
pub mod hazard;
mod hypergeometric;
mod linear;
pub mod link;
mod number;
pub mod optimise;
pub mod purchase;
mod quadrature;
pub mod separation;
pub mod survival;

#[cfg(test)]
mod property;
