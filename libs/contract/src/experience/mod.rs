//! The experience service: what customers answered when asked, and every contact with them.

mod feed;
mod record;

pub use feed::{ContactSum, ExposureRow, MetricRow};
pub use record::{FeedbackInput, FeedbackKind, InteractionInput, Outcome};
