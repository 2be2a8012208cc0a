//! How the treated of a pilot are held against others.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// How the treated are held against others.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    ToSchema,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
#[strum(serialize_all = "SCREAMING_SNAKE_CASE")]
pub enum PilotDesign {
    /// Lots decided who is treated: both arms are held against each other since the start.
    #[default]
    Randomised,
    /// No lots: `control` are customers who can be compared with the treated. Each is held against their own months
    /// before the start (difference-in-differences), and the ways of both sides before it against each other. Not of
    /// `LEAVING`: nobody who is named has left before the start, so that there is no change.
    Compared,
}
