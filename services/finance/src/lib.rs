//! Placeholder while the rooms are laid out.

pub mod acquisition;
pub mod allocation;
pub mod definition;
pub mod maintenance;
pub mod movement;
pub mod programme;
pub mod ratio;
pub mod share;
