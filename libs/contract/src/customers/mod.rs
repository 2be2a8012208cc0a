//! The customers service: who they are, in which segment, since when, and whether they left.

mod feed;
mod record;

pub use feed::{CohortRow, EpisodeRow};
pub use record::{CustomerInput, LeavingCause, LifecycleEventInput, LifecycleKind};
