//! The simulator service: baselines, and runs of scenarios on them.

pub mod baseline;
