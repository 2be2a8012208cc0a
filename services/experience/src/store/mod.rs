//! Tables and queries: it alone knows Diesel.

pub mod exposure;
pub mod feedback;
pub mod interaction;
mod schema;
pub mod subject;

#[cfg(test)]
mod tests;
