//! What a scenario referred to, as a run found it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Flag;
use crate::finance::Grade;

/// A place of a scenario that refers to figures kept elsewhere, and what stood there when the run was ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RunReference {
    /// Where in the scenario.
    #[schema(example = "initiatives[0].effects[0]")]
    pub path: String,
    /// To what it refers.
    pub kind: ReferenceKind,
    /// The key under which that is kept; of a link or a backtest its id, of a rate of exchange both codes.
    #[schema(example = "call-backs")]
    pub key: String,
    /// Its version when the run was ordered; links, backtests and rates have one. `evidence = "KEY@VERSION"` refers to this one for ever.
    #[schema(minimum = 1)]
    pub version: u32,
    /// SHA-256 of what that version says; of a backtest, of what it was made of; of a rate, of what finance said.
    pub hash: String,
    /// The size that it gave, the factors of a backtest, or the rate, as a scenario would have it, in JSON.
    #[schema(example = "{\"normal\":{\"mean\":0.08,\"sd\":0.02}}")]
    pub size: String,
    /// The grade that it gave; backtests and rates give none.
    pub grade: Option<Grade>,
    /// The day by which it was to be reviewed, where that had passed when the run was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(nullable = false)]
    pub overdue_since: Option<NaiveDate>,
    /// What must be read before it is believed, such as that a link moves nothing.
    #[serde(default)]
    #[schema(required = true)]
    pub quality_flags: Vec<Flag>,
}

/// To what a scenario refers.
#[derive(
    Debug,
    Clone,
    Copy,
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
pub enum ReferenceKind {
    /// Evidence of the library.
    Evidence,
    /// An experience link.
    Link,
    /// A backtest, whose widening the run draws.
    Backtest,
    /// What finance says that a currency is worth, and how far that moves.
    ExchangeRate,
}
