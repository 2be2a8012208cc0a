//! Placeholder while the rooms are laid out.

pub mod acquire_or_keep;
pub mod acquisition;
pub mod allocation;
pub mod definition;
pub mod maintenance;
pub mod movement;
pub mod programme;
pub mod ratio;
mod response_data;
pub mod response_fit;
mod scoring;
pub mod share;
