//! The definitions of figures, each with whose figure it reproduces, and exact quotients.

pub mod definition;
pub mod ratio;
pub(crate) mod registry;
