//! The experience service: what customers answered when asked, and every contact with them.

mod client;
mod feed;
mod feedback;
mod interaction;
mod metric;
mod record;

pub use client::ExperienceClient;
pub use feed::{ContactSum, ExposureRow, MetricRow};
pub use feedback::{Feedback, FeedbackQuery};
pub use interaction::{Interaction, InteractionQuery};
pub use metric::{MetricList, MetricQuery, Phase, PhaseList};
pub use record::{FeedbackInput, FeedbackKind, InteractionInput, Outcome};

use crate::Page;
use crate::batch::Batch;

/// Up to 5,000 records at once.
pub type FeedbackBatch = Batch<FeedbackInput>;
/// A page of a list.
pub type FeedbackPage = Page<Feedback>;
/// Up to 5,000 records at once.
pub type InteractionBatch = Batch<InteractionInput>;
/// A page of a list.
pub type InteractionPage = Page<Interaction>;
/// A page of a feed.
pub type MetricFeedPage = crate::feed::FeedPage<MetricRow>;
/// A page of a feed.
pub type ExposureFeedPage = crate::feed::FeedPage<ExposureRow>;
