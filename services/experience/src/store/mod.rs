//! Tables and queries: it alone knows Diesel.

pub mod exposure;
pub mod feedback;
pub mod interaction;
mod schema;

#[cfg(test)]
mod tests;
